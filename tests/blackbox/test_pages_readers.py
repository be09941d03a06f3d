# SPDX-License-Identifier: AGPL-3.0-or-later
"""What programs that read pages find: feeds, previews, oEmbed, the manifest and the sitemap."""

import xml.etree.ElementTree

import pytest

from harness import media
from harness.api import Api, schema_problems
from harness.browser import Browser

ATOM = "{http://www.w3.org/2005/Atom}"
HOSTILE = "<b>&\"' ]]> \x0b "


@pytest.fixture(scope="module")
def site(shared_site):
    return shared_site


@pytest.fixture(scope="module")
def api(site):
    return Api(site, "toroa@kea.test")


@pytest.fixture(scope="module")
def nobody(site):
    return site.client("kea.test")


def feed(client, path, kind):
    answer = client.get(path)
    assert answer.status_code == 200 and kind in answer.headers["content-type"], answer.text[:500]
    return xml.etree.ElementTree.fromstring(answer.content)


def test_feeds_of_people(site, api, nobody):
    shown = api.post("/api/v1/statuses", status=f"hello {HOSTILE} #Kaka", visibility="public",
                     media_ids=[media.ready(api, media.png(20, 20), description=HOSTILE)["id"]])
    warned = api.post("/api/v1/statuses", status="the end", spoiler_text=HOSTILE)
    for visibility in ("private", "direct"):
        api.post("/api/v1/statuses", status=f"for few: {visibility}", visibility=visibility)
    site.stator.drain()
    rss = feed(nobody, "/@toroa/feed.rss", "application/rss+xml")
    items = rss.findall("channel/item")
    assert [one.findtext("link") for one in items] == [warned["url"], shown["url"]]
    assert "hello" in items[1].findtext("description") and items[1].find("enclosure").get("type") == "image/png"
    atom = feed(nobody, "/@toroa/feed.atom", "application/atom+xml")
    entries = atom.findall(f"{ATOM}entry")
    assert [one.findtext(f"{ATOM}id") for one in entries] == [warned["url"], shown["url"]]
    tagged = feed(nobody, "/tags/kaka/feed.rss", "application/rss+xml").findall("channel/item")
    assert [one.findtext("link") for one in tagged] == [shown["url"]]
    feed(nobody, "/tags/kaka/feed.atom", "application/atom+xml")
    for path in ("/@nobody/feed.rss", "/@toroa@weka.test/feed.rss", "/@ruru@weka.test/feed.atom",
                 "/tags/%21/feed.rss"):
        assert nobody.get(path).status_code == 404, path
    again = nobody.get("/@toroa/feed.rss")
    assert nobody.get("/@toroa/feed.rss", headers={"If-None-Match": again.headers["etag"]}).status_code == 304


def test_heads_name_them(site, api):
    status = api.post("/api/v1/statuses", status="see", media_ids=[media.ready(api, media.png(20, 20))["id"]])
    stranger = Browser(site, "kea.test")
    page = stranger.get(f"/@toroa/posts/{status['id']}/")
    metas = {one.get("property") or one.get("name"): one.get("content") for tag, one in page.tags if tag == "meta"}
    assert metas["twitter:card"] == "summary_large_image" and "/media/" in metas["og:image"]
    links = {one.get("type"): one["href"] for tag, one in page.tags if tag == "link"}
    assert stranger.client.get(links["application/json+oembed"]).status_code == 200
    assert stranger.client.get(next(one["href"] for tag, one in page.tags if one.get("rel") == "manifest")).json()
    for path in ("/@toroa/", "/tags/kaka/"):
        links = {one.get("type"): one["href"] for tag, one in stranger.get(path).tags if tag == "link"}
        assert links["application/rss+xml"] == f"{path}feed.rss"
        assert links["application/atom+xml"] == f"{path}feed.atom"


def test_oembed(site, api, nobody):
    status = api.post("/api/v1/statuses", status=f"embed {HOSTILE}")
    for url in (status["url"], status["uri"]):
        answer = nobody.get("/api/oembed", params={"url": url, "maxwidth": "500"})
        assert answer.status_code == 200, answer.text
        document = answer.json()
        assert schema_problems("OEmbedResponse", document) == []
        assert document["type"] == "rich" and document["width"] == 500 and "embed" in document["html"]
        assert "<b>" not in document["html"] and "<script" not in document["html"]
    warned = api.post("/api/v1/statuses", status="the end", spoiler_text="<careful>")
    markup = nobody.get("/api/oembed", params={"url": warned["url"]}).json()["html"]
    assert "&lt;careful&gt;" in markup and "the end" not in markup
    private = api.post("/api/v1/statuses", status="for few", visibility="private")
    for url in (private["url"], "", "x", "https://evil.test/@a/posts/1/", "https://kea.test/",
                "https://kea.test/@toroa/", "https://kea.test.evil.test/", "https://kea.test/" + "a" * 5000):
        assert nobody.get("/api/oembed", params={"url": url}).status_code == 404, url
    assert site.client("weka.test").get("/api/oembed", params={"url": status["url"]}).status_code == 404
    assert nobody.get("/api/oembed").status_code == 404
    assert nobody.get("/api/oembed", params={"url": status["url"], "maxwidth": "x"}).status_code in (200, 422)


def test_manifest_sitemap_robots(site, nobody):
    manifest = nobody.get("/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    assert manifest.json()["start_url"] == "/" and manifest.json()["icons"]
    site.sql("update identities set discoverable = (username = 'toroa') where domain_id is not null")
    tree = xml.etree.ElementTree.fromstring(nobody.get("/sitemap.xml").content)
    urls = [one.text for one in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert urls == ["https://kea.test/about/", "https://kea.test/@toroa/"]
    assert "Sitemap: https://kea.test/sitemap.xml" in nobody.get("/robots.txt").text

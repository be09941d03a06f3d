# SPDX-License-Identifier: AGPL-3.0-or-later
"""Custom emoji: what a tenant offers, and what stands in texts of its own people and of other servers'."""

import hashlib
import re
import struct
import zlib

import pytest

from harness import activity, news, work
from harness.api import Api
from harness.peer import Peer
from harness.world import World


@pytest.fixture(scope="module")
def world(shared_site):
    with Peer("peer1.test", tls=True) as peer:
        yield World(shared_site, peer)


@pytest.fixture(scope="module")
def site(world):
    return world.site


@pytest.fixture(scope="module")
def ruru(site):
    return Api(site, "ruru@kea.test")


def add(site, domain, shortcode, **more):
    site.sql("delete from emojis where shortcode = %s and domain_id = (select id from domains where name = %s)",
             shortcode, domain)
    file = hashlib.sha256(f"{shortcode}{next(news.numbers)}".encode()).hexdigest() + ".png"
    site.sql("insert into media_files (name, media_type, size, state_next_attempt) values (%s, 'image/png', 10, "
             "now() + interval '1 day')", file)
    columns = {"file": file, "file_static": file, "media_type": "image/png", **more}
    site.sql(f"insert into emojis (domain_id, shortcode, {', '.join(columns)}) select id, %s, "
             f"{', '.join(['%s'] * len(columns))} from domains where name = %s", shortcode, *columns.values(), domain)


def tag(name, peer, **more):
    return {"type": "Emoji", "id": f"{peer.origin}/emojis/{name}", "name": f":{name}:",
            "updated": "2024-01-01T00:00:00Z",
            "icon": {"type": "Image", "mediaType": "image/png", "url": f"{peer.origin}/pictures/{name}.png"}, **more}


def codes(entity):
    return [one["shortcode"] for one in entity["emojis"]]


def test_each_tenant_offers_its_own(site, ruru):
    add(site, "kea.test", "kea_flying", category="Birds")
    add(site, "kea.test", "secret", visible=False)
    add(site, "kea.test", "gone", disabled=True)
    add(site, "weka.test", "weka_walking")
    offered = {one["shortcode"]: one for one in Api(site, "kea.test").get("/api/v1/custom_emojis")}
    assert set(offered) == {"kea_flying", "secret"}
    assert offered["kea_flying"]["category"] == "Birds" and offered["secret"]["category"] is None
    assert not offered["secret"]["visible_in_picker"]
    assert offered["kea_flying"]["url"].startswith("https://kea.test/")
    assert [one["shortcode"] for one in Api(site, "weka.test").get("/api/v1/custom_emojis")] == ["weka_walking"]
    assert {one["shortcode"] for one in ruru.get("/api/v1/custom_emojis")} == {"kea_flying", "secret"}


def test_in_posts_and_names(site, ruru):
    add(site, "kea.test", "kea_flying")
    add(site, "kea.test", "tui")
    add(site, "kea.test", "gone", disabled=True)
    add(site, "weka.test", "elsewhere")
    site.sql("update identities set name = 'Ruru :tui:', fields = %s where id = %s",
             '[{"name": "bird", "value": ":kea_flying:"}]', int(ruru.id))
    post = news.post(site, "ruru@kea.test", "look :kea_flying: and :gone: :nothing: :elsewhere: 12:30:45 :kea_flying:",
                     summary=":tui:")
    status = ruru.get(f"/api/v1/statuses/{post}")
    assert codes(status) == ["kea_flying", "tui"]
    assert codes(status["account"]) == ["tui", "kea_flying"]
    # Read on another tenant it is still an emoji of its author's.
    foreign = Api(site, "ruru@weka.test").get(f"/api/v1/statuses/{post}")
    assert codes(foreign) == ["kea_flying", "tui"]
    assert foreign["emojis"][0]["url"].startswith("https://kea.test/")
    site.sql("update identities set name = '', fields = '[]' where id = %s", int(ruru.id))


def test_in_polls(world, site, ruru):
    add(site, "kea.test", "tui")
    made = ruru.post("/api/v1/statuses", status="which?", poll={"options": [":tui:", "none"], "expires_in": 600})
    assert codes(made) == [] and codes(made["poll"]) == ["tui"]
    document = site.object(made["uri"])
    assert [one["name"] for one in document["tag"] if one["type"] == "Emoji"] == [":tui:"]
    world.settle()


def test_those_of_other_servers_are_learned(world, site, ruru):
    star = world.followed(world.ruru)
    note = activity.note(star, "shiny :blob_cat: :unknown:",
                         tag=[tag("blob_cat", world.peer), tag("other", world.peer)])
    world.deliver(star, activity.create(star, note))
    status = ruru.get(f"/api/v1/statuses/{world.post(note)['id']}")
    assert codes(status) == ["blob_cat"]
    # What one server calls so is nothing on another, nor of ours.
    add(site, "kea.test", "other")
    mine = news.post(site, "ruru@kea.test", ":blob_cat:")
    assert codes(ruru.get(f"/api/v1/statuses/{mine}")) == []
    stranger = news.post(site, news.remote(site), ":blob_cat: :other:")
    assert codes(ruru.get(f"/api/v1/statuses/{stranger}")) == []
    again = activity.note(star, ":blob_cat:", tag=[tag("blob_cat", world.peer, icon={
        "type": "Image", "url": f"{world.peer.origin}/pictures/new.png"})])
    world.deliver(star, activity.create(star, again))
    rows = site.sql("select url from remote_emojis where shortcode = 'blob_cat'")
    assert [row["url"] for row in rows] == [f"{world.peer.origin}/pictures/new.png"]


def test_those_of_actors_are_learned(world, ruru):
    actor = world.peer.actor("named", tag=[tag("blob_dog", world.peer)], **{"summary": "Ana :blob_dog:"})
    world.follow(world.ruru, actor)
    found = ruru.get(f"/api/v1/accounts/{world.identity(actor.id)['id']}")
    assert codes(found) == ["blob_dog"]


def test_hostile_tags(world, site):
    star = world.followed(world.ruru)
    tags = [{"type": "Emoji", "name": name, "icon": {"type": "Image", "url": url}} for name, url in (
        (":<script>:", "https://peer1.test/x.png"), (":ok:", "javascript:alert(1)"),
        (":" + "a" * 5000 + ":", "https://x/"), ("", "https://peer1.test/x.png"),
        (":fine:", "https://peer1.test/" + "x" * 5000), (7, 8))]
    note = activity.note(star, "hello :ok: :fine:", tag=[*tags, tag("good_one", world.peer), {"type": "Emoji"}])
    sent = world.deliver(star, activity.create(star, note))
    assert world.verdict(sent) == "processed"
    known = {row["shortcode"] for row in site.sql("select shortcode from remote_emojis")}
    assert "good_one" in known and not known & {"ok", "fine", "", "<script>"}


def test_they_go_out_as_tags(world, site):
    add(site, "kea.test", "tui")
    fan = world.follower(world.ruru)
    world.ruru.write("a :tui: sings")
    world.settle()
    [created] = [one for one in world.arrived("Create") if "tui" in one["object"]["content"]]
    [sent] = [one for one in created["object"]["tag"] if one["type"] == "Emoji"]
    assert sent["name"] == ":tui:" and sent["icon"]["url"].startswith("https://kea.test/")
    site.sql("update identities set name = 'R :tui:' where id = %s", work.identity(site, "ruru@kea.test")["id"])
    named = fan.fetch(site, sent["id"])
    assert named.status_code == 200 and named.json()["name"] == ":tui:" and named.json()["id"] == sent["id"]
    assert site.get("https://weka.test" + sent["id"].removeprefix("https://kea.test")).status_code == 404
    assert site.get("https://kea.test/emojis/nothing/").status_code == 404
    document = fan.fetch(site, world.ruru.uri).json()
    assert [one["name"] for one in document["tag"]] == [":tui:"]
    site.sql("update identities set name = ''")


def test_a_page_takes_one_statement_for_all_emoji(site, ruru):
    servers = [news.remote(site, host=f"far{n}.test", name=f"a{n}") for n in range(6)]
    for author in servers:
        site.sql("insert into remote_emojis (server_id, shortcode, url) select server_id, 'star', "
                 "'https://x.test/s.png' from identities where id = %s", author)
        site.sql("update identities set name = 'Far :star:' where id = %s", author)
    posts = [news.post(site, author, ":star:") for author in servers]

    def home(count):
        site.sql("delete from home_timeline where identity_id = %s", int(ruru.id))
        for post in posts[:count]:
            site.sql("insert into home_timeline (identity_id, entry_id, post_id, domain_id) values (%s, %s, %s, %s)",
                     int(ruru.id), post, post, work.identity(site, "ruru@kea.test")["domain_id"])
        page = ruru.get("/api/v1/timelines/home")
        assert len(page) == count and all(codes(one) == ["star"] == codes(one["account"]) for one in page)
        return news.cost(site, lambda: ruru.get("/api/v1/timelines/home"))

    assert home(1) == home(6)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


PNG = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 16, 16, 8, 2, 0, 0, 0))
       + chunk(b"IDAT", zlib.compress((b"\0" + b"\x20\x80\x60" * 16) * 16)) + chunk(b"IEND", b""))


def test_the_operator_adds_and_removes_them(site, tmp_path):
    picture = tmp_path / "bird.png"
    picture.write_bytes(PNG)
    added = site.rookery("emoji", "add", "weka.test", "bird", picture, "--category=Birds")
    assert added["url"].startswith("https://weka.test/media/")
    offered = {one["shortcode"]: one for one in Api(site, "weka.test").get("/api/v1/custom_emojis")}
    assert offered["bird"]["category"] == "Birds"
    assert site.get(offered["bird"]["url"]).status_code == 200
    assert "bird" in [one["shortcode"] for one in site.rookery("emoji", "list", "weka.test")["emoji"]]
    site.rookery("emoji", "remove", "weka.test", "bird")
    assert "bird" not in [one["shortcode"] for one in Api(site, "weka.test").get("/api/v1/custom_emojis")]
    assert site.run("rookery", "emoji", "remove", "weka.test", "bird").returncode == 3
    picture.write_bytes(b"no picture")
    for shortcode in ("bird", "b", "two birds", "x" * 65):
        assert site.run("rookery", "emoji", "add", "weka.test", shortcode, picture).returncode != 0


def test_pages_draw_them(world):
    """In names, biographies, fields and texts, by our proxy; where nothing is drawn the shortcode stays."""
    actor = world.peer.actor("drawn", summary="<p>Bio :blob_sun: <code>:blob_sun:</code></p>",
                             tag=[tag("blob_sun", world.peer)],
                             attachment=[{"type": "PropertyValue", "name": "At :blob_sun:",
                                          "value": "home :blob_sun:"}])
    actor.overrides["name"] = "Ana :blob_sun:"
    asked = world.follow(world.ruru, actor)
    world.deliver(actor, activity.accept(actor, asked))
    note = activity.note(actor, '<p>shiny :blob_sun: :nothing: <a href="https://x.test/:blob_sun:">x</a></p>',
                         summary="careful :blob_sun:", tag=[tag("blob_sun", world.peer)])
    world.deliver(actor, activity.create(actor, note))
    drawn = 'alt=":blob_sun:" title=":blob_sun:" loading="lazy">'
    home = world.ruru.enter().get("/").text
    assert home.count(drawn) == 3  # name, warning, text
    assert ":nothing:" in home and 'href="https://x.test/:blob_sun:"' in home
    [url] = set(re.findall(r'<img class="emoji" src="([^"]+)" alt=":blob_sun:"', home))
    assert url.startswith("https://kea.test/proxy/") and "(prefers-reduced-motion: reduce)" in home
    profile = world.ruru.get(f"/@drawn@{world.peer.authority}/").text
    header = profile[profile.index("<h1>"):profile.index('class="counts"')]
    assert header.count(drawn) == 4  # name, biography, a field's name and value
    assert "<code>:blob_sun:</code>" in header
    assert "<title>Ana :blob_sun:" in profile

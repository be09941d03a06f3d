# SPDX-License-Identifier: AGPL-3.0-or-later
"""What leads people here and away: sharing, following and answering from other places (FEP-3b86); the directory."""

import re
import urllib.parse

import pytest

from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.peer import Peer

SUBSCRIBE = "http://ostatus.org/schema/1.0/subscribe"
BASE = "https://w3id.org/fep/3b86/"


@pytest.fixture(scope="module")
def site(shared_site):
    return shared_site


@pytest.fixture
def ruru(site):
    browser = Browser(site, "kea.test")
    browser.log_in("ruru@example.org", PASSWORD)
    return browser


@pytest.fixture
def stranger(site):
    return Browser(site, "kea.test")


@pytest.fixture
def peer():
    with Peer("peer1.test", tls=True) as found:
        yield found


def links_of(site, name="ruru"):
    document = site.client("kea.test").get("/.well-known/webfinger", params={"resource": f"acct:{name}@kea.test"})
    return {one["rel"]: one["template"] for one in document.json()["links"] if "template" in one}


def test_webfinger_says_where_intents_lead(site):
    links = links_of(site)
    kinds = ("Follow", "Like", "Announce", "Object", "Create")
    assert set(links) == {SUBSCRIBE, *(BASE + kind for kind in kinds)}
    for rel, template in links.items():
        assert template.startswith(("https://kea.test/", "http://kea.test")), rel
    assert "{object}" in links[BASE + "Follow"] and "{uri}" in links[SUBSCRIBE]
    assert "{content}" in links[BASE + "Create"]


def test_sharing_fills_the_form_and_writes_nothing(site, ruru, stranger):
    query = urllib.parse.urlencode({"title": "Eggs", "text": "<b>Fresh</b> & good",
                                    "url": "https://far.example/?a=1&b=2"})
    before = site.value("select count(*) from posts")
    page = ruru.get(f"/share?{query}")
    said = "Eggs\n\n<b>Fresh</b> & good\n\nhttps://far.example/?a=1&b=2"
    assert page.form("/compose/").fields["text"] == said
    assert site.value("select count(*) from posts") == before
    assert ruru.get("/share").form("/compose/").fields["text"] == ""
    assert ruru.get("/share?text=%ff%fe").form("/compose/").fields["text"] == ""
    assert ruru.get("/share?text=" + "a" * 3000).form("/compose/").fields["text"] == "a" * 3000
    # Who is not logged in comes to the same after logging in.
    page = stranger.get(f"/share?{query}").form("/auth/login/").press(email="ruru@example.org", password=PASSWORD)
    assert page.form("/compose/").fields["text"].startswith("Eggs\n\n<b>Fresh</b>")


def test_an_address_leads_to_whom_or_what_it_is_about(site, ruru, peer):
    ana = peer.actor("ana")
    post = Api(site, "toroa@kea.test").post("/api/v1/statuses", status="Look, an egg")
    site.stator.drain()
    page = ruru.get(f"/authorize_interaction?uri={urllib.parse.quote(ana.id, safe='')}")
    assert "Ana" in page.text and page.forms_to("/@ana@peer1.test/follow/")
    assert site.value("select count(*) from follows") == 0, "an address alone follows nobody"
    page.form("/@ana@peer1.test/follow/").press()
    assert site.value("select count(*) from follows") == 1
    assert ruru.get("/authorize_interaction?uri=acct:toroa@kea.test").forms_to("/@toroa/follow/")
    page = ruru.get(f"/authorize_interaction?uri={urllib.parse.quote(post['url'], safe='')}")
    assert page.path == f"/@toroa/posts/{post['id']}/"
    page = ruru.get(f"/share?in_reply_to={urllib.parse.quote(post['uri'], safe='')}")
    assert page.form("/compose/").fields["text"].startswith("@toroa")


@pytest.mark.parametrize("uri", ["javascript:alert(1)", "data:text/html,x", "//evil.example/", "http://127.0.0.1/",
                                 "https://user:pw@evil.example/", "", "acct:", "@", "\\\\evil", "https://[::1]/x",
                                 "http://169.254.169.254/latest/meta-data/"])
def test_hostile_addresses_lead_nowhere(site, ruru, stranger, uri):
    quoted = urllib.parse.quote(uri, safe="")
    answer = ruru.client.get(f"/authorize_interaction?uri={quoted}")
    assert answer.status_code == 200 and "location" not in answer.headers
    leads = re.findall('(?:href|src|action)="([^"]*)"', answer.text)
    assert not [one for one in leads if "evil" in one or "script:" in one]
    assert ruru.client.get(f"/share?in_reply_to={quoted}").status_code in (200, 400, 403, 404, 422, 502)
    assert stranger.client.get(f"/elsewhere/?uri={quoted}").status_code in (400, 404)


def ask(stranger, handle, status=200, uri="https://kea.test/@ruru/"):
    page = stranger.get(f"/elsewhere/?uri={urllib.parse.quote(uri, safe='')}")
    return page.form("/elsewhere/").press(status=status, handle=handle)


def away(page):
    return [one for one in page.links() if urllib.parse.urlsplit(one).netloc not in ("", "kea.test")]


def offer(peer, template, name="ana"):
    actor = peer.actor(name)
    document = actor.webfinger()
    document["links"].append({"rel": SUBSCRIBE, "template": template})
    actor.webfinger = lambda: document
    return f"@{name}@peer1.test"


@pytest.fixture
def address(site):
    """What the pages call ruru's address."""
    return site.value("select actor_uri from identities where username = 'ruru' and domain_id = "
                      "(select id from domains where name = 'kea.test')")


def test_readers_of_other_servers_find_the_way(site, stranger, peer, address):
    profile = stranger.get("/@ruru/")
    [link] = [one for one in profile.links() if one.startswith("/elsewhere/")]
    page = stranger.get(link)
    assert "Follow" in page.text
    handle = offer(peer, "https://peer1.test/authorize?from=kea&uri={uri}")
    page = page.form("/elsewhere/").press(status=200, handle=handle)
    assert away(page) == [f"https://peer1.test/authorize?from=kea&uri={urllib.parse.quote(address, safe='')}"]
    assert "peer1.test" in page.text and "location" not in page.answer.headers
    # Those of another community of the same installation come to its own page, and nobody is asked.
    page = ask(stranger, "@ruru@weka.test")
    assert [urllib.parse.urlsplit(one).path for one in away(page)] == ["/authorize_interaction"]


def test_posts_are_answered_from_elsewhere(site, stranger, peer):
    post = Api(site, "toroa@kea.test").post("/api/v1/statuses", status="Answer me")
    hidden = Api(site, "toroa@kea.test").post("/api/v1/statuses", status="Secret", visibility="private")
    site.stator.drain()
    handle = offer(peer, "https://peer1.test/x?u={uri}")
    [link] = [one for one in stranger.get(f"/@toroa/posts/{post['id']}/").links() if one.startswith("/elsewhere/")]
    page = stranger.get(link)
    assert "Answer me" in page.text
    page = page.form("/elsewhere/").press(status=200, handle=handle)
    assert len(away(page)) == 1 and away(page)[0].startswith("https://peer1.test/x?u=https%3A%2F%2Fkea.test%2F")
    for gone in (hidden["url"], hidden["uri"], "https://kea.test/@nobody/", "https://kea.test/", "x"):
        answer = stranger.client.get("/elsewhere/", params={"uri": gone})
        assert answer.status_code == 404 and "Secret" not in answer.text, gone


@pytest.mark.parametrize("pattern", ["javascript:alert('{uri}')", "data:text/html,{uri}", "//evil.example/{uri}",
                                      "/here?uri={uri}", "https://evil.example/", "ftp://evil.example/{uri}",
                                      "https://evil.example\\@peer1.test\n/{uri}", "{uri}javascript:",
                                      "https://" + "a" * 3000 + "/{uri}", ""], ids=range(10))
def test_templates_of_others_are_not_trusted(stranger, peer, pattern):
    page = ask(stranger, offer(peer, pattern), status=404)
    assert away(page) == [] and "no page for this" in page.text


def test_where_it_leads_is_said(stranger, peer):
    """A name before an @, or another host than the handle's, hides nothing."""
    page = ask(stranger, offer(peer, "https://other.example/?u={uri}"))
    assert "other.example" in page.text and len(away(page)) == 1
    page = ask(stranger, offer(peer, "https://kea.test:pw@evil.example/?u={uri}", "bob"), status=404)
    assert away(page) == []


@pytest.mark.parametrize("handle", ["", "ana", "@ana", "@ana@", "@ana@127.0.0.1", "@ana@[::1]", "@ana@localhost",
                                    "@ana@169.254.169.254", "@ana@10.0.0.1", "@ana@peer1.test/../x",
                                    "@ana@peer1.test:22", "https://peer1.test/ana", "@a\r\nb@peer1.test"])
def test_handles_are_handles_and_private_places_are_not_asked(site, stranger, handle):
    page = stranger.get("/elsewhere/?uri=https%3A%2F%2Fkea.test%2F%40ruru%2F")
    form = page.form("/elsewhere/")
    answer = stranger.client.post(form.action, data={**form.fields, "handle": handle},
                                  headers={"Origin": "https://kea.test"})
    assert 400 <= answer.status_code < 600 and "location" not in answer.headers, answer.status_code
    assert answer.status_code != 500, answer.text


def test_strangers_do_not_make_us_ask_without_end(site, stranger, peer):
    handle = offer(peer, "https://peer1.test/x?u={uri}")
    site.sql("delete from throttles")
    statuses = []
    for _ in range(22):
        page = stranger.get("/elsewhere/?uri=https%3A%2F%2Fkea.test%2F%40ruru%2F")
        form = page.form("/elsewhere/")
        statuses.append(stranger.client.post(form.action, data={**form.fields, "handle": handle},
                                             headers={"Origin": "https://kea.test"}).status_code)
    assert statuses[0] == 200 and statuses[-1] == 429
    site.sql("delete from throttles")


def people(page):
    return [one["href"] for tag, one in page.tags if tag == "a" and one.get("class") == "person-link"]


def test_directory(site, ruru, stranger):
    site.sql("update identities set discoverable = (username = 'toroa') where not is_system")
    for browser in (ruru, stranger):
        page = browser.get("/directory/")
        assert people(page) == ["/@toroa/"]
    site.sql("update identities set discoverable = true where not is_system")
    for order in ("", "?order=new", "?order=x&page=-1", "?page=999999999999999999999", "?page=250"):
        stranger.get(f"/directory/{order}")
    assert people(stranger.get("/directory/?order=new")) == ["/@toroa/", "/@ruru/"]
    assert "/directory/" in stranger.get("/about/").links()


def test_papers_are_linked_at_the_foot(site, stranger):
    papers = {"/privacy/", "/terms/", "/imprint/"}
    assert not papers & set(stranger.get("/directory/").links())
    site.rookery("domain", "set", "kea.test", "privacy_policy", "We keep little.")
    site.rookery("domain", "set", "kea.test", "imprint", "Ruru, a tree")
    site.run("rookery", "terms", "set", "kea.test", "2026-01-01", stdin="Be kind.")
    site.run("rookery", "terms", "set", "kea.test", "2099-01-01", stdin="Be kinder.")
    assert papers <= set(stranger.get("/directory/").links())
    assert not papers & set(Browser(site, "weka.test").get("/directory/").links())

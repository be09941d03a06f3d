# SPDX-License-Identifier: AGPL-3.0-or-later
"""Answers that strangers share: whom they are given to, what they cost, and when they end."""

import re

import pytest

from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.wait import wait_for

LONG = pytest.mark.options(remember_seconds=60)
HTML = {"Accept": "text/html"}
ACTIVITY = {"Accept": "application/activity+json"}


def remembered(site):
    """How many answers were given from memory."""
    text = site.admin().get("/metrics").text
    return int(re.search(r"^rookery_http_remembered_total (\d+)$", text, re.M).group(1))


class Reader:
    """Asks, and knows whether the answer was remembered."""

    def __init__(self, site, domain="kea.test", **more):
        self.site, self.client = site, site.client(domain, **more)

    def ask(self, path, **headers):
        before = remembered(self.site)
        answer = self.client.get(path, headers={**HTML, **headers})
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer, remembered(self.site) > before


@pytest.fixture
def ruru(site):
    browser = Browser(site, "kea.test")
    browser.log_in("ruru@example.org", PASSWORD)
    return browser


@LONG
def test_strangers_share_answers(site, ruru):
    post = ruru.compose("hello all")
    first, second = Reader(site), Reader(site)
    paths = ["/", "/local/", "/about/", "/directory/", "/@ruru/", "/@ruru/replies/", "/@ruru/media/",
             f"/@ruru/posts/{post}/", "/@ruru/followers/", "/@ruru/feed.rss", "/@ruru/feed.atom",
             "/.well-known/webfinger?resource=acct:ruru@kea.test", "/actor/"]
    for path in paths:
        made, known = first.ask(path)
        assert not known, path
        again, known = second.ask(path)
        assert known, path
        assert again.content == made.content, path
        kept = {name: value for name, value in made.headers.items() if name not in ("date", "x-request-id")}
        assert {name: again.headers.get(name) for name in kept} == kept, path


@LONG
def test_what_an_answer_depends_on_is_kept_apart(site):
    reader = Reader(site)

    def are_kept_apart(word):
        """False when it had to forget in between, as it does when the tenants are loaded again at its start."""
        path = f"/@ruru/?{word}"
        variants = [(path, {}), (path, {"Accept-Language": "de"}), (f"{path}&limit=1", {}), (path, ACTIVITY)]
        assert not [variant for variant in variants if reader.ask(variant[0], **variant[1])[1]]
        return all(reader.ask(path, **headers)[1] for path, headers in variants)

    assert any(are_kept_apart(word) for word in ("a", "b", "c"))
    assert not Reader(site, "weka.test").ask("/about/")[1]
    assert not reader.ask("/about/")[1]
    assert not Reader(site, scheme="http").ask("/about/")[1]
    german = reader.ask("/@ruru/", **{"Accept-Language": "de"})[0].text
    assert 'lang="de"' in german


@LONG
def test_who_says_who_they_are_is_answered_alone(site, ruru):
    reader = Reader(site)
    for _ in range(2):
        assert not reader.ask("/@ruru/", Cookie="session=" + "x" * 43)[1]
        assert not reader.ask("/@ruru/", Cookie="device=x")[1]
        assert not reader.ask("/@ruru/", Authorization="Bearer x")[1]
        assert not reader.ask("/@ruru/", Range="bytes=0-9")[1]
        assert not reader.ask("/@ruru/", **ACTIVITY, Signature='keyId="https://far.test/#key"')[1]
    before = remembered(site)
    ruru.get("/@ruru/")
    assert "ruru" in reader.ask("/@ruru/")[0].text and remembered(site) == before
    assert "/auth/logout/" in ruru.get("/@ruru/").markup
    assert "/auth/logout/" not in reader.ask("/@ruru/")[0].text


@LONG
def test_a_page_with_a_form_of_its_own_is_made_for_each(site):
    """Two who got one copy of it would be one who sends it twice."""
    reader = Reader(site)
    words = set()
    for _ in range(2):
        page, known = reader.ask("/notice/")
        assert not known
        words.add(re.search(r'name="form_once" value="([^"]+)"', page.text).group(1))
    assert len(words) == 2


@LONG
def test_errors_and_other_ways_are_not_remembered(site):
    client = site.client("kea.test")
    before = remembered(site)
    for _ in range(2):
        assert client.get("/@nobody/", headers=HTML).status_code == 404
        assert client.get("/@ruru", headers=HTML).status_code == 301
    assert remembered(site) == before


@LONG
def test_what_a_member_changes_is_seen_at_once(site, ruru):
    reader = Reader(site)
    post = ruru.compose("a word")
    path = f"/@ruru/posts/{post}/"
    reader.ask(path)
    assert reader.ask(path)[1]
    ruru.get(path)
    ruru.send("POST", f"/@ruru/posts/{post}/delete/", {ruru.token()[0]: ruru.token()[1]}, 303)
    assert site.client("kea.test").get(path, headers=HTML).status_code in (404, 410)
    # Others' pages stay what they are.
    other = Reader(site, "weka.test")
    other.ask("/about/")
    ruru.compose("another")
    assert other.ask("/about/")[1]


@LONG
def test_settings_of_a_community_are_seen_at_once(site):
    reader = Reader(site)
    reader.ask("/about/")
    site.rookery("domain", "set", "kea.test", "title", "Birds of the South")
    wait_for(lambda: "Birds of the South" in reader.ask("/about/")[0].text, what="the new title")
    site.rookery("domain", "suspend", "kea.test")
    wait_for(lambda: site.client("kea.test").get("/about/", headers=HTML).status_code == 403, what="the suspension")


@pytest.mark.options(remember_seconds=1)
def test_what_others_change_is_seen_a_moment_later(site, ruru):
    ruru.compose("soon gone")
    reader = Reader(site)
    assert "soon gone" in reader.ask("/@ruru/")[0].text
    site.sql("update posts set deleted = now() where content like '%soon gone%'")
    wait_for(lambda: "soon gone" not in reader.ask("/@ruru/")[0].text, what="the end of the moment")


@pytest.mark.options(remember_seconds=0)
def test_nothing_is_remembered_when_it_is_off(site):
    reader = Reader(site)
    for _ in range(3):
        assert not reader.ask("/@ruru/")[1]


@LONG
def test_memory_is_bounded(site):
    """More addresses than are kept, and none is answered with another's."""
    reader = Reader(site).client
    for n in range(300):
        page = reader.get(f"/tags/bird{n}/", headers=HTML)
        assert page.status_code == 200 and f"bird{n}" in page.text.lower()
    assert f"bird{299}" in reader.get("/tags/bird299/", headers=HTML).text.lower()

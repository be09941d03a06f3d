# SPDX-License-Identifier: AGPL-3.0-or-later
"""Announcements: told to a tenant's own people, dismissed, reacted to."""

import hashlib

import pytest

from harness import news
from harness.api import Api

RURU, TOROA, OTHER = "ruru@kea.test", "toroa@kea.test", "ruru@weka.test"


@pytest.fixture(scope="module")
def site(shared_site):
    return shared_site


@pytest.fixture(scope="module")
def ruru(site):
    return Api(site, RURU)


@pytest.fixture
def hello(site):
    """One announcement on kea.test."""
    site.sql("delete from announcements")
    text = "Hello all, see #kea and @ruru\n\n:tui: :nothing:"
    return str(site.rookery("announcement", "add", "kea.test", text)["id"])


def test_told_to_one_tenant(site, ruru, hello):
    [one] = ruru.get("/api/v1/announcements")
    assert one["id"] == hello and one["content"].startswith("<p>Hello all")
    assert "https://kea.test/tags/kea" in one["content"]
    assert (one["read"], one["reactions"], one["starts_at"], one["all_day"]) == (False, [], None, False)
    assert Api(site, OTHER).get("/api/v1/announcements") == []
    assert site.rookery("announcement", "list", "weka.test")["announcements"] == []
    listed = site.rookery("announcement", "list", "kea.test")["announcements"]
    assert [str(one["id"]) for one in listed] == [hello]


def test_dismissed(site, ruru, hello):
    assert ruru.post(f"/api/v1/announcements/{hello}/dismiss") == {}
    assert ruru.post(f"/api/v1/announcements/{hello}/dismiss") == {}
    assert ruru.get("/api/v1/announcements") == []
    [one] = ruru.get("/api/v1/announcements", with_dismissed="true")
    assert one["read"] is True
    assert len(Api(site, TOROA).get("/api/v1/announcements")) == 1
    ruru.refused(404, "POST", "/api/v1/announcements/9999/dismiss")
    Api(site, OTHER).refused(404, "POST", f"/api/v1/announcements/{hello}/dismiss")


def test_reactions(site, ruru, hello):
    file = hashlib.sha256(b"tui").hexdigest() + ".png"
    site.sql("insert into media_files (name, media_type, size, state_next_attempt) values (%s, 'image/png', 10, "
             "now() + interval '1 day')", file)
    site.sql("insert into emojis (domain_id, shortcode, file, file_static, media_type) select id, 'tui', %s, %s, "
             "'image/png' from domains where name = 'kea.test'", file, file)
    toroa = Api(site, TOROA)
    for name in ("\U0001f426", "tui", "\u2764\ufe0f"):
        assert ruru.put(f"/api/v1/announcements/{hello}/reactions/{name}") == {}
    toroa.put(f"/api/v1/announcements/{hello}/reactions/tui")
    [one] = toroa.get("/api/v1/announcements")
    assert [(two["name"], two["count"], two["me"]) for two in one["reactions"]] == [
        ("\U0001f426", 1, False), ("tui", 2, True), ("\u2764\ufe0f", 1, False)]
    assert one["reactions"][1]["url"].startswith("https://kea.test/media/")
    assert [two["shortcode"] for two in one["emojis"]] == ["tui"]
    assert ruru.delete(f"/api/v1/announcements/{hello}/reactions/tui") == {}
    left = {two["name"]: two for two in ruru.get("/api/v1/announcements")[0]["reactions"]}
    assert (left["tui"]["count"], left["tui"]["me"]) == (1, False)
    for name in ("nonsense", "ab", "1", "é", "x" * 100, "%20", "<b>"):
        ruru.refused(422, "PUT", f"/api/v1/announcements/{hello}/reactions/{name}")
    Api(site, OTHER).refused(404, "PUT", f"/api/v1/announcements/{hello}/reactions/\U0001f426")


def test_only_so_many_different_reactions(ruru, hello):
    birds = [chr(0x1f400 + n) for n in range(9)]
    for name in birds[:8]:
        ruru.put(f"/api/v1/announcements/{hello}/reactions/{name}")
    ruru.refused(422, "PUT", f"/api/v1/announcements/{hello}/reactions/{birds[8]}")
    assert len(ruru.get("/api/v1/announcements")[0]["reactions"]) == 8


def test_times(site, ruru, hello):
    added = site.rookery("announcement", "add", "kea.test", "Party", "--starts=2100-01-01", "--ends=2100-01-02",
                         "--all-day")
    assert ruru.get("/api/v1/announcements")[0]["starts_at"] == "2100-01-01T00:00:00.000Z"
    site.sql("update announcements set starts = null, ends = now() - interval '1 second' where id = %s", added["id"])
    assert [one["id"] for one in ruru.get("/api/v1/announcements")] == [hello]
    for options in (("--starts=soon",), ("--starts=2100-01-02", "--ends=2100-01-01")):
        assert site.run("rookery", "announcement", "add", "kea.test", "x", *options).returncode != 0
    assert site.rookery("announcement", "remove", "kea.test", hello)["removed"] is True
    assert site.run("rookery", "announcement", "remove", "kea.test", hello).returncode == 3
    assert ruru.get("/api/v1/announcements") == []


def test_a_page_costs_the_same_however_full(site, ruru, hello):
    def cost():
        return news.cost(site, lambda: ruru.get("/api/v1/announcements"))

    ruru.put(f"/api/v1/announcements/{hello}/reactions/\U0001f426")
    one = cost()
    for n in range(5):
        more = site.rookery("announcement", "add", "kea.test", f"more {n} :tui:")["id"]
        ruru.put(f"/api/v1/announcements/{more}/reactions/\U0001f426")
    assert cost() == one


ROUTES = (("GET", "/api/v1/announcements"), ("POST", "/api/v1/announcements/1/dismiss"),
          ("PUT", "/api/v1/announcements/1/reactions/x"), ("DELETE", "/api/v1/announcements/1/reactions/x"))


def test_tokens_and_scopes(site):
    nobody, short = Api(site, "kea.test"), Api(site, RURU, ["read:statuses"])
    for method, path in ROUTES:
        nobody.refused(401, method, path)
        if method != "GET":
            short.refused(403, method, path)


@pytest.mark.parametrize("value", ("0", "-1", "x", "9" * 30, "%00", "'%20drop", "1" * 18, "%F0%9F%90%A6"))
def test_hostile_parameters(ruru, hello, value):
    for method, path in ROUTES:
        ruru.ask(method, path.replace("/1", f"/{value}"), params={"with_dismissed": value})
        ruru.ask(method, path.replace("/1", f"/{hello}").replace("/x", f"/{value}"))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Filters of the client API, in both versions, and what they say of statuses."""

import datetime
import json
import re

import pytest

from harness.api import Api
from harness.peer import Peer
from harness.world import World

ROUTES = (("GET", "/api/v2/filters"), ("POST", "/api/v2/filters"), ("GET", "/api/v2/filters/1"),
          ("PUT", "/api/v2/filters/1"), ("DELETE", "/api/v2/filters/1"), ("GET", "/api/v2/filters/1/keywords"),
          ("POST", "/api/v2/filters/1/keywords"), ("GET", "/api/v2/filters/keywords/1"),
          ("PUT", "/api/v2/filters/keywords/1"), ("DELETE", "/api/v2/filters/keywords/1"),
          ("GET", "/api/v2/filters/1/statuses"), ("POST", "/api/v2/filters/1/statuses"),
          ("GET", "/api/v2/filters/statuses/1"), ("DELETE", "/api/v2/filters/statuses/1"), ("GET", "/api/v1/filters"),
          ("POST", "/api/v1/filters"), ("GET", "/api/v1/filters/1"), ("PUT", "/api/v1/filters/1"),
          ("DELETE", "/api/v1/filters/1"))


@pytest.fixture(scope="module")
def world(shared_site):
    with Peer("peer1.test", tls=True) as peer:
        yield World(shared_site, peer)


@pytest.fixture(scope="module")
def ruru(world):
    return Api(world.site, "ruru@kea.test")


@pytest.fixture(scope="module")
def toroa(world):
    return Api(world.site, "toroa@kea.test")


@pytest.fixture(autouse=True)
def clean(world):
    yield
    world.site.sql("delete from filters")


def filtered(api, post):
    """What the filters of somebody say of a post: titles, with the keywords that fit."""
    said = api.get(f"/api/v1/statuses/{post}")["filtered"]
    return {one["filter"]["title"]: one["keyword_matches"] + one["status_matches"] for one in said}


def write(api, text, **more):
    return api.post("/api/v1/statuses", status=text, **more)["id"]


@pytest.mark.parametrize("method, path", ROUTES)
def test_tokens_scopes_and_owners(world, ruru, method, path):
    Api(world.site, "kea.test").refused(401, method, path)
    Api(world.site, "ruru@kea.test", ["read" if method != "GET" else "write"]).refused(403, method, path)
    if "/1" in path:
        ruru.refused(404, method, path, **({"json": {"keyword": "x", "status_id": "1"}} if method != "GET" else {}))


def test_a_filter_from_beginning_to_end(world, ruru, toroa):
    made = ruru.post("/api/v2/filters", title="Birds", context=["home", "public"], filter_action="hide",
                     expires_in=3600, keywords_attributes=[{"keyword": "kea", "whole_word": False}, {"keyword": "moa"}])
    assert (made["title"], made["context"], made["filter_action"]) == ("Birds", ["home", "public"], "hide")
    assert [(k["keyword"], k["whole_word"]) for k in made["keywords"]] == [("kea", False), ("moa", True)]
    ends = datetime.datetime.fromisoformat(made["expires_at"].replace("Z", "+00:00"))
    assert datetime.timedelta(minutes=50) < ends - datetime.datetime.now(datetime.timezone.utc)
    assert made["statuses"] == [] and ruru.get(f"/api/v2/filters/{made['id']}") == made
    assert ruru.get("/api/v2/filters") == [made] and toroa.get("/api/v2/filters") == []
    first, second = (k["id"] for k in made["keywords"])
    changed = ruru.put(f"/api/v2/filters/{made['id']}", title="More birds", keywords_attributes=[
        {"id": first, "_destroy": True}, {"id": second, "keyword": "weka"}, {"keyword": "tui", "whole_word": False}])
    assert changed["title"] == "More birds" and changed["filter_action"] == "hide"
    assert changed["expires_at"] == made["expires_at"]
    assert [(k["keyword"], k["whole_word"]) for k in changed["keywords"]] == [("weka", True), ("tui", False)]
    toroa.refused(404, "GET", f"/api/v2/filters/{made['id']}")
    toroa.refused(404, "PUT", f"/api/v2/filters/{made['id']}", json={"title": "mine"})
    toroa.refused(404, "DELETE", f"/api/v2/filters/{made['id']}")
    ruru.delete(f"/api/v2/filters/{made['id']}")
    assert ruru.get("/api/v2/filters") == []


@pytest.mark.parametrize("form", ["json", "data", "params"])
def test_bodies_of_all_kinds(ruru, form):
    if form == "json":
        fields = {"title": "t", "context": ["home", "thread"],
                  "keywords_attributes": [{"keyword": "a"}, {"keyword": "b"}]}
    else:
        fields = {"title": "t", "context[]": ["home", "thread"], "keywords_attributes[0][keyword]": "a",
                  "keywords_attributes[1][keyword]": "b"}
    made = ruru.ask("POST", "/api/v2/filters", **{form: fields}).json()
    assert made["context"] == ["home", "thread"] and [k["keyword"] for k in made["keywords"]] == ["a", "b"]
    assert made["filter_action"] == "warn" and made["expires_at"] is None


@pytest.mark.parametrize("fields", [
    {}, {"title": "t"}, {"context": ["home"]}, {"title": " ", "context": ["home"]},
    {"title": "t", "context": ["kitchen"]}, {"title": "t", "context": ["home", ""]},
    {"title": "t", "context": ["home"], "filter_action": "shout"},
    {"title": "t" * 600, "context": ["home"]}, {"title": "t", "context": ["home"], "expires_in": "soon"},
    {"title": "t", "context": ["home"], "expires_in": -1},
    {"title": "t", "context": ["home"], "expires_in": 10 ** 17},
    {"title": "t", "context": ["home"], "keywords_attributes": [{"keyword": ""}]},
    {"title": "t", "context": ["home"], "keywords_attributes": [{"keyword": "k" * 600}]}])
def test_what_is_no_filter(ruru, fields):
    ruru.refused(422, "POST", "/api/v2/filters", json=fields)
    assert ruru.get("/api/v2/filters") == []


def test_the_end_can_be_taken_away(ruru):
    made = ruru.post("/api/v2/filters", title="t", context=["home"], expires_in=60)
    assert made["expires_at"]
    path = f"/api/v2/filters/{made['id']}"
    assert ruru.put(path, title="u")["expires_at"] == made["expires_at"]
    assert ruru.put(path, expires_in=None)["expires_at"] is None
    ruru.put(path, expires_in=60)
    assert ruru.put(path, expires_in="")["expires_at"] is None


def test_keywords_alone(ruru, toroa):
    made = ruru.post("/api/v2/filters", title="t", context=["home"])
    path = f"/api/v2/filters/{made['id']}/keywords"
    word = ruru.post(path, keyword="kea", whole_word=False)
    assert ruru.get(path) == [word] and ruru.get(f"/api/v2/filters/keywords/{word['id']}") == word
    changed = ruru.put(f"/api/v2/filters/keywords/{word['id']}", keyword="weka")
    assert (changed["keyword"], changed["whole_word"]) == ("weka", False)
    for method in ("GET", "PUT", "DELETE"):
        body = {} if method == "GET" else {"json": {}}
        toroa.refused(404, method, f"/api/v2/filters/keywords/{word['id']}", **body)
    ruru.refused(422, "POST", path, json={"keyword": "  "})
    ruru.delete(f"/api/v2/filters/keywords/{word['id']}")
    assert ruru.get(path) == []


def test_posts_of_a_filter(world, ruru, toroa):
    post = write(toroa, "whatever it says")
    made = ruru.post("/api/v2/filters", title="that one", context=["home"])
    path = f"/api/v2/filters/{made['id']}/statuses"
    held = ruru.post(path, status_id=post)
    assert held["status_id"] == post and ruru.post(path, status_id=post) == held
    assert ruru.get(path) == [held] and ruru.get(f"/api/v2/filters/statuses/{held['id']}") == held
    assert filtered(ruru, post) == {"that one": [post]} and filtered(toroa, post) == {}
    secret = write(toroa, "for nobody", visibility="direct")
    ruru.refused(404, "POST", path, json={"status_id": secret})
    toroa.refused(404, "DELETE", f"/api/v2/filters/statuses/{held['id']}")
    ruru.delete(f"/api/v2/filters/statuses/{held['id']}")
    assert filtered(ruru, post) == {}


@pytest.mark.parametrize("keyword, whole, text, fits", [
    ("kea", True, "A KEA, of course", True), ("kea", True, "keas", False), ("kea", False, "keas", True),
    ("#kea", True, "see #kea", True), ("#kea", True, "see #keas", False), ("old kea", True, "an old  kea", True),
    ("old kea", True, "an old kea", True), ("ära", True, "ÄRA", True), ("ära", True, "Kamera", False),
    ("жук", True, "ЖУК!", True), ("鳥", False, "小鳥", True), ("<b>", False, "a <b> c", True),
    ("&amp;", False, "a & c", False), ("(", False, "smile :(", True), ("a.c", False, "abc", False)])
def test_words(world, ruru, toroa, keyword, whole, text, fits):
    ruru.post("/api/v2/filters", title="t", context=["home"], keywords_attributes=[
        {"keyword": keyword, "whole_word": whole}])
    assert filtered(ruru, write(toroa, text)) == ({"t": [keyword]} if fits else {})


def test_all_that_a_reader_sees_is_looked_at(world, ruru, toroa):
    ruru.post("/api/v2/filters", title="t", context=["home"], keywords_attributes=[
        {"keyword": word} for word in ("warned", "chosen", "described")])
    assert filtered(ruru, write(toroa, "x", spoiler_text="you were warned")) == {"t": ["warned"]}
    poll = {"options": ["chosen", "other"], "expires_in": 3600}
    assert filtered(ruru, write(toroa, "x", poll=poll)) == {"t": ["chosen"]}
    post = write(toroa, "x")
    world.site.sql("insert into attachments (post_id, domain_id, author_id, media_type, remote_url, description) "
                   "select id, domain_id, author_id, 'image/png', 'https://x.test/a.png', 'as described' from posts "
                   "where id = %s", int(post))
    assert filtered(ruru, post) == {"t": ["described"]}


def test_results_are_in_every_list_and_in_what_a_boost_brings(world, ruru, toroa):
    ruru.post("/api/v2/filters", title="hidden", context=["home"], filter_action="hide",
              keywords_attributes=[{"keyword": "gadfly"}])
    ruru.post("/api/v2/filters", title="blurred", context=["home"], filter_action="blur",
              keywords_attributes=[{"keyword": "gadfly"}])
    post = write(toroa, "a gadfly")
    toroa.post(f"/api/v1/statuses/{post}/reblog")
    world.settle()
    boost, first = ruru.get(f"/api/v1/accounts/{toroa.id}/statuses")[:2]
    for one in (boost["reblog"], boost, first,
                ruru.get("/api/v1/timelines/public", local=True)[0]):
        assert [(r["filter"]["title"], r["filter"]["filter_action"]) for r in one["filtered"]] == [
            ("hidden", "hide"), ("blurred", "blur")]
        assert all("keywords" not in r["filter"] for r in one["filtered"])
    assert "filtered" not in Api(world.site, "kea.test").get(f"/api/v1/statuses/{post}")


def test_a_filter_that_ended_says_nothing(world, ruru, toroa):
    post = write(toroa, "a takahe")
    made = ruru.post("/api/v2/filters", title="t", context=["home"], expires_in=60,
                     keywords_attributes=[{"keyword": "takahe"}])
    assert filtered(ruru, post) == {"t": ["takahe"]}
    world.site.sql("update filters set expires = now() where id = %s", int(made["id"]))
    assert filtered(ruru, post) == {} and len(ruru.get("/api/v2/filters")) == 1


def test_the_first_version(ruru, toroa):
    made = ruru.post("/api/v1/filters", phrase="kea", context=["home"], irreversible=True, whole_word=True)
    assert (made["phrase"], made["context"], made["irreversible"], made["whole_word"]) == ("kea", ["home"], True, True)
    [whole] = ruru.get("/api/v2/filters")
    assert whole["filter_action"] == "hide" and whole["title"] == "kea"
    assert ruru.get("/api/v1/filters") == [made] and toroa.get("/api/v1/filters") == []
    changed = ruru.put(f"/api/v1/filters/{made['id']}", phrase="weka", context=["public"], irreversible=False)
    assert (changed["phrase"], changed["context"], changed["irreversible"]) == ("weka", ["public"], False)
    assert changed["id"] == made["id"] and ruru.get(f"/api/v1/filters/{made['id']}") == changed
    ruru.post(f"/api/v2/filters/{whole['id']}/keywords", keyword="tui")
    ruru.refused(422, "PUT", f"/api/v1/filters/{made['id']}", json={"context": ["home"]})
    assert ruru.put(f"/api/v1/filters/{made['id']}", phrase="moa")["phrase"] == "moa"
    assert len(ruru.get("/api/v1/filters")) == 2
    for one in ruru.get("/api/v1/filters"):
        toroa.refused(404, "GET", f"/api/v1/filters/{one['id']}")
        ruru.delete(f"/api/v1/filters/{one['id']}")
    assert ruru.get("/api/v2/filters") == []
    ruru.refused(422, "POST", "/api/v1/filters", json={"phrase": "x"})


def test_limits(world, ruru):
    me = int(ruru.id)
    world.site.sql("insert into filters (domain_id, identity_id, title, contexts) select domain_id, id, 't', '{home}' "
                   "from identities, generate_series(1, 200) where id = %s", me)
    ruru.refused(422, "POST", "/api/v2/filters", json={"title": "t", "context": ["home"]})
    [first] = ruru.get("/api/v2/filters")[:1]
    world.site.sql("insert into filter_keywords (domain_id, filter_id, keyword) select domain_id, id, 'k' "
                   "from filters, generate_series(1, 2000) where id = %s", int(first["id"]))
    ruru.refused(422, "POST", f"/api/v2/filters/{first['id']}/keywords", json={"keyword": "x"})


def test_the_number_of_statements_does_not_grow(world, ruru, toroa):
    def cost():
        text = world.site.admin().get("/metrics").text
        before = int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1))
        ruru.get("/api/v2/filters")
        ruru.get("/api/v1/timelines/public", local=True)
        text = world.site.admin().get("/metrics").text
        return int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1)) - before

    write(toroa, "a kokako")
    world.settle()
    ruru.post("/api/v2/filters", title="t", context=["home"], keywords_attributes=[{"keyword": "kokako"}])
    before = cost()
    for n in range(5):
        ruru.post("/api/v2/filters", title=f"t{n}", context=["home"], keywords_attributes=[{"keyword": "kokako"}] * 3)
    assert cost() == before


@pytest.mark.parametrize("body", [
    b"", b"{", b"[]", b'{"context": {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}}', b'{"title": 1, "context": "home"}',
    b'{"title": "\xff"}', json.dumps({"title": "t", "context": ["home"] * 500}).encode(),
    json.dumps({"title": "t", "context": ["home"], "keywords_attributes": [{"id": "-1", "keyword": "x"}]}).encode(),
    json.dumps({"title": "t", "context": ["home"], "keywords_attributes": [{"id": "99", "keyword": "x"}]}).encode(),
    json.dumps({"title": "t\u0000", "context": ["home"], "keywords_attributes": "x"}).encode()])
def test_hostile_bodies(ruru, body):
    made = ruru.post("/api/v2/filters", title="t", context=["home"], keywords_attributes=[{"keyword": "x"}])
    for method, path in ROUTES:
        if method in ("POST", "PUT"):
            answer = ruru.client.request(method, path.replace("/1", f"/{made['id']}"), content=body,
                                         headers={"Content-Type": "application/json"})
            assert answer.status_code < 500, (method, path, answer.text)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people show on their pages and keep for their programs: featured hashtags and accounts, collections,
suggestions, markers."""

import re

import pytest

from harness import work
from harness.api import Api, schema_problems
from harness.world import world_of


@pytest.fixture(scope="module", name="world")
def fixture_world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(name="ruru")
def fixture_ruru(world):
    for table in ("follows", "endorsements", "featured_tags", "featured_collections", "markers",
                  "suggestion_dismissals", "blocks"):
        world.site.sql(f"delete from {table}")
    world.site.sql("update identities set discoverable = true where not is_system")
    return Api(world.site, "ruru@kea.test")


@pytest.fixture(name="toroa")
def fixture_toroa(world):
    return Api(world.site, "toroa@kea.test")


@pytest.fixture(name="weka")
def fixture_weka(world):
    return Api(world.site, "ruru@weka.test")


@pytest.fixture(name="nobody")
def fixture_nobody(world):
    return Api(world.site, "kea.test")


def accts(found):
    return [one["acct"] for one in found]


# Hashtags


def test_a_featured_hashtag_is_shown_to_all_with_its_use(world, ruru, nobody):
    made = ruru.post("/api/v1/featured_tags", name="#Birds")
    assert (made["name"], made["statuses_count"], made["last_status_at"]) == ("birds", "0", None)
    assert made["url"] == "https://kea.test/tags/birds/"
    world.ruru.write("look, #birds")
    world.ruru.write("secret #birds", visibility="followers")
    world.settle()
    for api in (nobody, Api(world.site, "ruru@weka.test")):
        [shown] = api.get(f"/api/v1/accounts/{ruru.id}/featured_tags")
        assert (shown["id"], shown["statuses_count"]) == (made["id"], "1")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", shown["last_status_at"])
    assert [one["name"] for one in ruru.get("/api/v1/featured_tags")] == ["birds"]
    assert ruru.post("/api/v1/featured_tags", name="BIRDS")["id"] == made["id"]
    assert [one["name"] for one in ruru.get("/api/v1/profile")["featured_tags"]] == ["birds"]
    assert ruru.delete(f"/api/v1/featured_tags/{made['id']}") == {}
    ruru.refused(404, "DELETE", f"/api/v1/featured_tags/{made['id']}")
    assert ruru.get("/api/v1/featured_tags") == []


@pytest.mark.parametrize("name", ("", "#", "two words", "a#b", "x" * 200, "12345", "<b>", "\x01", "emoji😀"))
def test_what_is_no_hashtag_cannot_be_featured(ruru, name):
    ruru.refused(422, "POST", "/api/v1/featured_tags", json={"name": name})


def test_nobody_features_more_than_ten_hashtags(ruru):
    for n in range(10):
        ruru.post("/api/v1/featured_tags", name=f"tag{n}x")
    ruru.refused(422, "POST", "/api/v1/featured_tags", json={"name": "onemore"})
    assert ruru.post("/api/v1/featured_tags", name="tag3x")["name"] == "tag3x"


def test_hashtags_that_one_uses_are_suggested(world, ruru, toroa):
    for text in ("#kiwi #owl", "#owl"):
        world.ruru.write(text)
    world.settle()
    found = ruru.get("/api/v1/featured_tags/suggestions")
    assert [one["name"] for one in found][0] in ("owl", "birds") and "kiwi" in [one["name"] for one in found]
    owl = next(one for one in found if one["name"] == "owl")
    assert len(owl["history"]) == 7 and owl["history"][0]["uses"] == "2" and owl["history"][0]["accounts"] == "1"
    assert owl["history"][1]["uses"] == "0" and int(owl["history"][0]["day"]) % 86400 == 0
    ruru.post("/api/v1/featured_tags", name="owl")
    assert "owl" not in [one["name"] for one in ruru.get("/api/v1/featured_tags/suggestions")]
    assert toroa.get("/api/v1/featured_tags/suggestions") == []


def test_anothers_featured_hashtag_stays(ruru, toroa, weka):
    made = ruru.post("/api/v1/featured_tags", name="mine")
    for api in (toroa, weka):
        api.refused(404, "DELETE", f"/api/v1/featured_tags/{made['id']}")
    assert len(ruru.get("/api/v1/featured_tags")) == 1


# Accounts


def test_who_is_followed_can_be_featured(world, ruru, toroa, nobody):
    for verb in ("endorse", "pin"):
        ruru.refused(422, "POST", f"/api/v1/accounts/{toroa.id}/{verb}")
    ruru.post(f"/api/v1/accounts/{toroa.id}/follow")
    assert ruru.post(f"/api/v1/accounts/{toroa.id}/pin")["endorsed"]
    assert ruru.post(f"/api/v1/accounts/{toroa.id}/endorse")["endorsed"]
    assert accts(ruru.get("/api/v1/endorsements")) == ["toroa"]
    assert accts(nobody.get(f"/api/v1/accounts/{ruru.id}/endorsements")) == ["toroa"]
    there = Api(world.site, "ruru@weka.test").get(f"/api/v1/accounts/{ruru.id}/endorsements")
    assert accts(there) == ["toroa@kea.test"]
    assert toroa.get("/api/v1/endorsements") == []
    assert not ruru.post(f"/api/v1/accounts/{toroa.id}/unpin")["endorsed"]
    assert not ruru.post(f"/api/v1/accounts/{toroa.id}/unendorse")["endorsed"]
    ruru.post(f"/api/v1/accounts/{toroa.id}/endorse")
    ruru.post(f"/api/v1/accounts/{toroa.id}/unfollow")
    assert ruru.get("/api/v1/endorsements") == []


def test_suggestions_begin_with_friends_of_friends(world, ruru, toroa, weka):
    found = ruru.get("/api/v2/suggestions")
    assert [(one["account"]["acct"], one["sources"]) for one in found] == [("toroa", ["most_followed"])]
    ruru.post(f"/api/v1/accounts/{toroa.id}/follow")
    toroa.post(f"/api/v1/accounts/{weka.id}/follow")
    world.settle()
    found = ruru.get("/api/v2/suggestions")
    assert [(one["account"]["acct"], one["sources"]) for one in found] == [("ruru@weka.test", ["friends_of_friends"])]
    assert accts(ruru.get("/api/v1/suggestions")) == ["ruru@weka.test"]
    assert ruru.delete(f"/api/v1/suggestions/{weka.id}") == {} and ruru.get("/api/v1/suggestions") == []
    assert ruru.delete(f"/api/v1/suggestions/{weka.id}") == {} and ruru.delete("/api/v1/suggestions/1") == {}
    world.site.sql("delete from suggestion_dismissals")
    world.site.sql("update identities set discoverable = false where id = %s", int(weka.id))
    assert ruru.get("/api/v1/suggestions") == []


# Markers


def test_markers_are_kept_for_all_programs(world, ruru, toroa, weka):
    assert ruru.get("/api/v1/markers", **{"timeline[]": ["home", "notifications"]}) == {}
    made = ruru.post("/api/v1/markers", home={"last_read_id": "103206604258487607"})
    assert (made["home"]["last_read_id"], made["home"]["version"]) == ("103206604258487607", 1)
    made = ruru.ask("POST", "/api/v1/markers", data={"home[last_read_id]": "5",
                                                     "notifications[last_read_id]": "7"}).json()
    assert (made["home"]["version"], made["notifications"]["version"]) == (2, 1)
    assert ruru.get("/api/v1/markers", **{"timeline[]": ["home", "notifications", "x"]}) == made
    assert ruru.get("/api/v1/markers", **{"timeline[]": "home"}) == {"home": made["home"]}
    assert ruru.get("/api/v1/markers") == {} and ruru.post("/api/v1/markers") == {}
    for api in (toroa, weka):
        assert api.get("/api/v1/markers", **{"timeline[]": ["home", "notifications"]}) == {}
    for wrong in ("x", "-1", "1.5", "9" * 30):
        ruru.refused(422, "POST", "/api/v1/markers", json={"home": {"last_read_id": wrong}})


def test_a_program_that_knows_another_version_changes_nothing(ruru):
    ruru.post("/api/v1/markers", home={"last_read_id": "1"}, notifications={"last_read_id": "1"})
    ruru.post("/api/v1/markers", home={"last_read_id": "2", "version": 1})
    ruru.refused(409, "POST", "/api/v1/markers", json={"notifications": {"last_read_id": "9", "version": 1},
                                                       "home": {"last_read_id": "3", "version": 1}})
    found = ruru.get("/api/v1/markers", **{"timeline[]": ["home", "notifications"]})
    assert (found["home"]["last_read_id"], found["notifications"]["last_read_id"]) == ("2", "1")


# Collections


def good(schema, document):
    assert schema_problems(schema, document) == [], document
    return document


def collect(api, **fields):
    return good("Collection", api.post("/api/v1/collections", **{"name": "Birders", **fields})["collection"])


def test_a_collection_is_made_shown_changed_and_forgotten(world, ruru, toroa, weka, nobody):
    made = collect(ruru, description="who know", language="en", tag_name="#Birding", sensitive=False,
                   account_ids=[toroa.id, weka.id])
    assert [one["account_id"] for one in made["items"]] == [toroa.id, weka.id] and made["item_count"] == 2
    assert {one["state"] for one in made["items"]} == {"accepted"}
    assert made["tag"] == {"name": "birding", "url": "https://kea.test/tags/birding/"}
    assert made["local"] is True and made["discoverable"] is True
    path = f"/api/v1/collections/{made['id']}"
    shown = nobody.get(path)
    assert shown["collection"] == made and accts(shown["accounts"]) == ["ruru", "toroa", "ruru@weka.test"]
    there = weka.get(path)
    assert accts(there["accounts"]) == ["ruru@kea.test", "toroa@kea.test", "ruru"]
    assert there["collection"]["local"] is False
    changed = good("Collection", ruru.patch(path, name="Owlers", discoverable=False, tag_name="")["collection"])
    assert (changed["name"], changed["description"], changed["tag"], changed["discoverable"]) == (
        "Owlers", "who know", None, False)
    assert changed["item_count"] == 2
    assert ruru.delete(path) == {}
    for method in ("GET", "PATCH", "DELETE"):
        ruru.refused(404, method, path)


def test_lists_of_collections(world, ruru, toroa, weka, nobody):
    open_one = collect(ruru, name="open", account_ids=[toroa.id])
    hidden = collect(ruru, name="hidden", discoverable=False, account_ids=[toroa.id])

    def names(api, tail, **params):
        found = api.get(f"/api/v1/accounts/{tail}", **params)["collections"]
        return [good("Collection", one)["name"] for one in found]

    assert names(ruru, f"{ruru.id}/collections") == ["hidden", "open"]
    assert names(nobody, f"{ruru.id}/collections") == names(weka, f"{ruru.id}/collections") == ["open"]
    assert names(toroa, f"{toroa.id}/in_collections") == ["hidden", "open"]
    assert names(nobody, f"{toroa.id}/in_collections") == ["open"]
    assert names(weka, f"{weka.id}/in_collections") == []
    page = ruru.ask("GET", f"/api/v1/accounts/{ruru.id}/collections?limit=1")
    assert [one["id"] for one in page.json()["collections"]] == [hidden["id"]]
    page = ruru.ask("GET", page.links["next"]["url"])
    assert [one["id"] for one in page.json()["collections"]] == [open_one["id"]] and "prev" in page.links
    assert nobody.get(f"/api/v1/collections/{hidden['id']}")["collection"]["name"] == "hidden"


def test_nobody_is_in_a_collection_who_does_not_want_to(world, ruru, toroa, weka):
    far = work.remote(world.site, world.peer, "uncollected")
    made = collect(ruru)
    path = f"/api/v1/collections/{made['id']}/items"
    for one in (str(far), "1", "x", ""):
        ruru.refused(422, "POST", path, json={"account_id": one})
    assert ruru.get(f"/api/v1/accounts/{far}")["feature_approval"]["current_user"] == "missing"
    ruru.refused(422, "POST", "/api/v1/collections", json={"name": "x", "account_ids": [weka.id, str(far)]})
    assert len(ruru.get(f"/api/v1/accounts/{ruru.id}/collections")["collections"]) == 1
    item = good("CollectionItem", ruru.post(path, account_id=weka.id)["collection_item"])
    assert (item["state"], item["account_id"]) == ("accepted", weka.id)
    ruru.refused(422, "POST", path, json={"account_id": weka.id})
    weka.post(f"/api/v1/accounts/{ruru.id}/block")
    other = collect(ruru, name="other")
    ruru.refused(422, "POST", f"/api/v1/collections/{other['id']}/items", json={"account_id": weka.id})


def test_who_does_not_want_to_be_found_is_asked(world, ruru, toroa, weka, nobody):
    made = collect(ruru)
    path = f"/api/v1/collections/{made['id']}"
    assert ruru.get(f"/api/v1/accounts/{toroa.id}")["feature_approval"]["current_user"] == "automatic"
    world.site.sql("update identities set discoverable = false where id in (%s, %s)", int(toroa.id), int(weka.id))
    assert ruru.get(f"/api/v1/accounts/{toroa.id}")["feature_approval"]["current_user"] == "manual"
    asked, other = (good("CollectionItem", ruru.post(f"{path}/items", account_id=one.id)["collection_item"])
                    for one in (weka, toroa))
    assert asked["state"] == other["state"] == "pending"

    def items(api):
        return [(one["account_id"], one["state"]) for one in api.get(path)["collection"]["items"]]

    assert items(ruru) == [(weka.id, "pending"), (toroa.id, "pending")]
    assert items(nobody) == [] and items(weka) == [(weka.id, "pending")]
    assert [one["id"] for one in weka.get(f"/api/v1/accounts/{weka.id}/in_collections")["collections"]] == [made["id"]]
    assert nobody.get(f"/api/v1/accounts/{weka.id}/in_collections")["collections"] == []
    for api in (toroa, ruru):
        api.refused(404, "POST", f"{path}/items/{asked['id']}/accept")
    assert weka.post(f"{path}/items/{asked['id']}/accept") == {}
    assert toroa.post(f"{path}/items/{other['id']}/revoke") == {}
    toroa.refused(404, "POST", f"{path}/items/{other['id']}/accept")
    assert items(nobody) == items(ruru) == [(weka.id, "accepted")]
    ruru.refused(422, "POST", f"{path}/items", json={"account_id": toroa.id})


def test_who_is_in_a_collection_can_leave_for_good(ruru, toroa, weka):
    made = collect(ruru, account_ids=[weka.id, toroa.id])
    first, second = (one["id"] for one in made["items"])
    path = f"/api/v1/collections/{made['id']}/items"
    toroa.refused(404, "POST", f"{path}/{first}/revoke")
    assert weka.post(f"{path}/{first}/revoke") == {}
    assert [one["id"] for one in ruru.get(f"/api/v1/collections/{made['id']}")["collection"]["items"]] == [second]
    ruru.refused(422, "POST", path, json={"account_id": weka.id})
    toroa.refused(403, "DELETE", f"{path}/{second}")
    assert ruru.delete(f"{path}/{second}") == {}
    ruru.refused(404, "DELETE", f"{path}/{second}")
    assert ruru.post(path, account_id=toroa.id)["collection_item"]["state"] == "accepted"


def test_anothers_collection_is_not_changed(ruru, toroa, weka):
    made = collect(ruru, account_ids=[toroa.id])
    path = f"/api/v1/collections/{made['id']}"
    for api in (toroa, weka):
        api.refused(403, "PATCH", path, json={"name": "mine"})
        api.refused(403, "DELETE", path)
        api.refused(403, "POST", path + "/items", json={"account_id": api.id})
    assert ruru.get(path)["collection"] == made


@pytest.mark.parametrize("fields", ({"name": ""}, {"name": "x" * 41}, {"description": "x" * 101},
                                    {"language": "no language"}, {"tag_name": "two words"}, {"account_ids": ["1"]}))
def test_what_no_collection_can_be(ruru, fields):
    ruru.refused(422, "POST", "/api/v1/collections", json={"name": "x", **fields})
    assert ruru.get(f"/api/v1/accounts/{ruru.id}/collections") == {"collections": []}


def test_limits_of_collections(world, ruru):
    for n in range(10):
        collect(ruru, name=f"c{n}")
    ruru.refused(422, "POST", "/api/v1/collections", json={"name": "one more"})
    made = ruru.get(f"/api/v1/accounts/{ruru.id}/collections")["collections"][0]
    world.site.sql("insert into featured_collection_items (collection_id, owner_id, target_id, domain_id, state) "
                   "select %s, o.id, u, o.domain_id, 'accepted' from identities o, unnest(%s::bigint[]) u "
                   "where o.id = %s",
                   int(made["id"]),
                   [work.remote(world.site, world.peer, f"item{n}") for n in range(25)],
                   int(ruru.id))
    ruru.refused(422, "POST", f"/api/v1/collections/{made['id']}/items",
                 json={"account_id": Api(world.site, "toroa@kea.test").id})


SCOPES = (
    ("GET", "/api/v1/featured_tags", "read:accounts", "read:statuses"),
    ("POST", "/api/v1/featured_tags", "write:accounts", "read"),
    ("DELETE", "/api/v1/featured_tags/1", "write:accounts", "read"),
    ("GET", "/api/v1/featured_tags/suggestions", "read:accounts", "write"),
    ("GET", "/api/v1/endorsements", "read:accounts", "follow"),
    ("GET", "/api/v1/suggestions", "read", "write"),
    ("GET", "/api/v2/suggestions", "read", "follow"),
    ("DELETE", "/api/v1/suggestions/1", "write", "read"),
    ("GET", "/api/v1/markers", "read:statuses", "read:accounts"),
    ("POST", "/api/v1/markers", "write:statuses", "read:statuses"),
    ("POST", "/api/v1/collections", "write:collections", "read:collections"),
    ("PATCH", "/api/v1/collections/1", "write:collections", "write:accounts"),
    ("DELETE", "/api/v1/collections/1", "write", "read"),
    ("POST", "/api/v1/collections/1/items", "write", "write:lists"),
    ("DELETE", "/api/v1/collections/1/items/1", "write", "read"),
    ("POST", "/api/v1/collections/1/items/1/revoke", "write", "read"),
    ("POST", "/api/v1/collections/1/items/1/accept", "write", "read"),
)


@pytest.mark.parametrize("method, path, enough, little", SCOPES, ids=[f"{one[0]} {one[1]}" for one in SCOPES])
def test_scopes(world, ruru, nobody, method, path, enough, little):
    assert Api(world.site, "ruru@kea.test", [enough]).ask(method, path).status_code in (200, 404, 422)
    Api(world.site, "ruru@kea.test", [little]).refused(403, method, path)
    nobody.refused(401, method, path)


def test_hostile_ids_and_bodies(ruru):
    for name in ("0", "x", "9" * 30, "%00", "%F0%28"):
        for method, path in (("GET", f"collections/{name}"), ("PATCH", f"collections/{name}"),
                             ("POST", f"collections/{name}/items"), ("DELETE", f"collections/1/items/{name}"),
                             ("POST", f"collections/{name}/items/{name}/revoke"), ("DELETE", f"featured_tags/{name}"),
                             ("DELETE", f"suggestions/{name}")):
            assert ruru.ask(method, f"/api/v1/{path}").status_code in (404, 422), (method, path)
    for body in (b"[", b'{"name":{"a":1}}', b'{"account_ids":{"x":[1,2]},"name":"n"}', b'{"home":[]}', b'{"home":5}',
                 b'{"home":{"last_read_id":{"$gt":0}}}'):
        for path in ("collections", "featured_tags", "markers"):
            answer = ruru.client.post(f"/api/v1/{path}", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code in (200, 422), (path, body, answer.text)

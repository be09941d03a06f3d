# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of the client API, and what exclusive ones do to the home page."""

import pytest

from harness import work
from harness.api import Api
from harness.world import world_of


@pytest.fixture(scope="module", name="world")
def fixture_world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(name="ruru")
def fixture_ruru(world):
    for table in ("lists", "follows", "home_timeline"):
        world.site.sql(f"delete from {table}")
    return Api(world.site, "ruru@kea.test")


@pytest.fixture(name="toroa")
def fixture_toroa(world):
    return Api(world.site, "toroa@kea.test")


def titles(api, path="/api/v1/lists"):
    return [one["title"] for one in api.get(path)]


def members(api, made, **params):
    return [one["acct"] for one in api.get(f"/api/v1/lists/{made['id']}/accounts", **params)]


def test_a_list_is_made_changed_and_forgotten(ruru):
    made = ruru.post("/api/v1/lists", title=" birds ")
    assert (made["title"], made["replies_policy"], made["exclusive"]) == ("birds", "list", False)
    path = f"/api/v1/lists/{made['id']}"
    assert ruru.get(path) == made and ruru.get("/api/v1/lists") == [made]
    changed = ruru.put(path, title="owls", replies_policy="none", exclusive=True)
    assert changed == {**made, "title": "owls", "replies_policy": "none", "exclusive": True}
    assert ruru.put(path, exclusive="false") == {**changed, "exclusive": False}
    assert ruru.delete(path) == {} and titles(ruru) == []
    for method in ("GET", "PUT", "DELETE"):
        ruru.refused(404, method, path)


@pytest.mark.parametrize("fields", ({}, {"title": ""}, {"title": "  "}, {"title": "x" * 256},
                                    {"title": "x", "replies_policy": "all"}))
def test_a_list_needs_a_name_and_a_policy(ruru, fields):
    ruru.refused(422, "POST", "/api/v1/lists", data=fields)


def test_nobody_has_more_than_fifty_lists(world, ruru):
    world.site.sql("insert into lists (domain_id, identity_id, title) select domain_id, id, 'l' || n from identities, "
                   "generate_series(1, 50) n where id = %s", int(ruru.id))
    ruru.refused(422, "POST", "/api/v1/lists", json={"title": "one more"})


def test_members_are_followed(world, ruru, toroa):
    made = ruru.post("/api/v1/lists", title="birds")
    path = f"/api/v1/lists/{made['id']}/accounts"
    ruru.refused(404, "POST", path, json={"account_ids": [toroa.id]})
    ruru.post(f"/api/v1/accounts/{toroa.id}/follow")
    assert ruru.post(path, account_ids=[toroa.id]) == {}
    assert members(ruru, made) == ["toroa"]
    ruru.refused(422, "POST", path, json={"account_ids": [toroa.id]})
    assert titles(ruru, f"/api/v1/accounts/{toroa.id}/lists") == ["birds"]
    assert titles(toroa, f"/api/v1/accounts/{ruru.id}/lists") == []
    assert ruru.delete(path, account_ids=[toroa.id]) == {} and members(ruru, made) == []
    assert ruru.delete(path, account_ids=[toroa.id]) == {}
    ruru.post(path, account_ids=[toroa.id, ruru.id])
    assert sorted(members(ruru, made, limit=0)) == ["ruru", "toroa"]


def test_all_or_none_get_on_a_list(ruru, toroa):
    made = ruru.post("/api/v1/lists", title="birds")
    path = f"/api/v1/lists/{made['id']}/accounts"
    ruru.post(f"/api/v1/accounts/{toroa.id}/follow")
    for stranger in ("1", "x", "9" * 30):
        ruru.refused(404, "POST", path, json={"account_ids": [toroa.id, stranger]})
    assert members(ruru, made) == []
    ruru.refused(422, "POST", path, json={"account_ids": ["\0"]})
    assert ruru.post(path) == {}


def test_who_is_followed_no_longer_leaves_the_lists(world, ruru, toroa):
    made = ruru.post("/api/v1/lists", title="birds")
    ruru.post(f"/api/v1/accounts/{toroa.id}/follow")
    ruru.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[toroa.id])
    toroa.post(f"/api/v1/accounts/{ruru.id}/remove_from_followers")
    assert members(ruru, made) == []


def test_members_come_in_pages(world, ruru):
    made = ruru.post("/api/v1/lists", title="many")
    ids = [work.remote(world.site, world.peer, f"bird{n}") for n in range(5)]
    world.site.sql("insert into follows (source_id, target_id, domain_id, uri, state) "
                   "select %s, u, d.id, 'https://x/' || u, 'accepted' from unnest(%s::bigint[]) u, domains d "
                   "where d.name = 'kea.test'", int(ruru.id), ids)
    for one in ids:
        ruru.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[str(one)])
    whole = members(ruru, made)
    first = ruru.ask("GET", f"/api/v1/lists/{made['id']}/accounts?limit=2")
    second = ruru.ask("GET", first.links["next"]["url"])
    third = ruru.ask("GET", second.links["next"]["url"])
    assert [one["acct"] for page in (first, second, third) for one in page.json()] == whole
    assert len(whole) == 5 and "next" not in third.links


def test_an_exclusive_list_keeps_its_members_off_the_home_page(world, ruru, toroa):
    ruru.post(f"/api/v1/accounts/{toroa.id}/follow")
    world.settle()
    made = ruru.post("/api/v1/lists", title="apart")
    ruru.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[toroa.id])
    world.toroa.write("before")
    world.settle()
    assert [one["content"] for one in ruru.get("/api/v1/timelines/home")][0] == "<p>before</p>"
    ruru.put(f"/api/v1/lists/{made['id']}", exclusive=True)
    assert ruru.get("/api/v1/timelines/home") == []
    world.toroa.write("meanwhile")
    mine = world.ruru.write("mine")
    world.settle()
    assert [one["id"] for one in ruru.get("/api/v1/timelines/home")] == [str(mine["id"])]
    world.toroa.react("ruru", mine["id"], "boost")
    world.settle()
    assert len(ruru.get("/api/v1/timelines/home")) == 1
    ruru.put(f"/api/v1/lists/{made['id']}", exclusive=False)
    world.toroa.write("after")
    world.settle()
    assert ruru.get("/api/v1/timelines/home")[0]["content"] == "<p>after</p>"


def test_anothers_list_is_not_there(world, ruru, toroa):
    made = ruru.post("/api/v1/lists", title="mine")
    for api in (toroa, Api(world.site, "ruru@weka.test")):
        for method, tail in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/accounts"), ("POST", "/accounts"),
                             ("DELETE", "/accounts")):
            api.refused(404, method, f"/api/v1/lists/{made['id']}{tail}", params={"account_ids[]": ruru.id,
                                                                                  "title": "theirs"})
        assert titles(api) == []
    assert titles(ruru) == ["mine"]


@pytest.mark.parametrize("name", ("0", "x", "-1", "9" * 30, "1%00", "%F0"))
def test_what_is_no_list_is_404(ruru, name):
    for method, tail in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/accounts"), ("POST", "/accounts")):
        assert ruru.ask(method, f"/api/v1/lists/{name}{tail}").status_code in (404, 422)


def test_scopes(world, ruru):
    reader, writer = (Api(world.site, "ruru@kea.test", [f"{verb}:lists"]) for verb in ("read", "write"))
    made = writer.post("/api/v1/lists", title="x")
    path = f"/api/v1/lists/{made['id']}"
    for method, where in (("GET", "/api/v1/lists"), ("GET", path), ("GET", path + "/accounts"),
                          ("GET", f"/api/v1/accounts/{ruru.id}/lists")):
        assert reader.ask(method, where).status_code == 200
        writer.refused(403, method, where)
        Api(world.site, "kea.test").refused(401, method, where)
    for method, where in (("POST", "/api/v1/lists"), ("PUT", path), ("DELETE", path), ("POST", path + "/accounts"),
                          ("DELETE", path + "/accounts")):
        reader.refused(403, method, where)
        Api(world.site, "kea.test").refused(401, method, where)

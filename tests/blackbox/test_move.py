# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accounts that move, between tenants and servers, only when each names the other; and one that goes."""

import pytest

from harness import activity
from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.world import KEA, World, world_of

MOVE, ALIASES, DELETE = "/settings/move/", "/settings/move/aliases/", "/settings/delete/"


@pytest.fixture
def world(site):
    yield from world_of(site)


def enter(site, name="ruru", domain="kea.test"):
    browser = Browser(site, domain)
    browser.log_in(f"{name}@example.org", PASSWORD)
    return browser


def act(browser, path, status=303, **fields):
    name, value = browser.token()
    return browser.send("POST", path, {name: value, **fields}, status)


def move(browser, target, status=303, password=PASSWORD):
    return act(browser, MOVE, status, target=target, password=password)


def following(world: World, source):
    return {row["actor_uri"] for row in world.site.sql(
        "select t.actor_uri from follows f join identities s on s.id = f.source_id join identities t "
        "on t.id = f.target_id "
        "where s.actor_uri = %s and f.state in ('unrequested', 'pending_approval', 'accepting', 'accepted')", source)}


def test_followers_here_follow_an_actor_that_moved(world):
    old = world.followed(world.ruru, world.toroa)
    new, thief = world.actor("new"), world.actor("thief")
    api = Api(world.site, "ruru@kea.test")
    made = api.post("/api/v1/lists", title="birds")["id"]
    account = api.get("/api/v1/accounts/lookup", acct=old.handle.lstrip("@"))["id"]
    api.post(f"/api/v1/accounts/{account}/follow", reblogs=False, notify=True)
    api.post(f"/api/v1/lists/{made}/accounts", account_ids=[account])
    # The new one names nobody: nobody is led to it.
    old.overrides["movedTo"] = thief.id
    world.deliver(old, activity.move(old, thief))
    assert following(world, world.ruru.uri) == {old.id}
    # The new one names the old one, which does not say that it moved there.
    new.overrides["alsoKnownAs"] = [old.id]
    world.deliver(old, activity.move(old, new))
    assert following(world, world.ruru.uri) == {old.id}
    # Somebody else says it.
    assert thief.send(world.site, KEA, activity.move(old, new)).status_code == 401
    assert following(world, world.ruru.uri) == {old.id}
    old.overrides["movedTo"] = new.id
    world.deliver(old, activity.move(old, new, id=f"{old.id}#move2"))
    for person in (world.ruru, world.toroa):
        assert following(world, person.uri) == {new.id}
        assert [one["object"] for one in world.arrived("Follow", new.inbox) if one["actor"] == person.uri] == [new.id]
        assert [one for one in world.arrived("Undo", old.inbox) if one["actor"] == person.uri] != []
    row = world.site.sql("select boosts, notify from follows f join identities t on t.id = f.target_id where "
                         "t.actor_uri = %s and f.source_id = %s", new.id, world.ruru.id)[0]
    assert (row["boosts"], row["notify"]) == (False, True)
    assert [one["acct"] for one in api.get(f"/api/v1/lists/{made}/accounts")] == [new.handle.lstrip("@")]
    assert api.get(f"/api/v1/accounts/{account}")["moved"]["acct"] == new.handle.lstrip("@")


def test_moving_away(world):
    site = world.site
    fan, new = world.follower(world.ruru), world.actor("new")
    for person in (world.toroa, world.weka_ruru):
        person.about("@ruru@kea.test", "follow")
    world.settle()
    ruru = enter(site)
    assert "does not name this one" in move(ruru, new.handle, 422).text
    new.overrides["alsoKnownAs"] = [world.ruru.uri]
    assert "password is wrong" in move(ruru, new.handle, 422, "wrong").text
    assert "this very account" in move(ruru, "@ruru", 422).text
    move(ruru, "@nobody@kea.test", 404)
    ruru.send("POST", MOVE, {"target": new.handle, "password": PASSWORD}, 403)
    assert world.identity(world.ruru.uri)["moved_to_uri"] == ""
    page = move(ruru, new.handle)
    assert f"has moved to @{new.handle}" in page.text
    world.settle()
    moves = world.arrived("Move", fan.shared_inbox)
    assert [(one["actor"], one["object"], one["target"]) for one in moves] == [
        (world.ruru.uri, world.ruru.uri, new.id)]
    told = world.arrived("Update")[-1]["object"]
    assert told["movedTo"] == new.id
    for person in (world.toroa, world.weka_ruru):
        assert following(world, person.uri) == {new.id}, person
    # What it looks like: nobody follows it any more, it writes no more, it says where it went.
    stranger = Browser(site, "kea.test")
    assert new.handle in stranger.get("/@ruru/").text
    api = Api(site, "ruru@kea.test")
    assert api.get("/api/v1/accounts/verify_credentials")["moved"]["acct"] == new.handle.lstrip("@")
    assert api.ask("POST", "/api/v1/statuses", json={"status": "still here"}).status_code == 403
    assert "has moved" in ruru.get("/compose/").form("compose/").press(text="still here", status=403).text
    act(enter(site, "toroa"), "/@ruru/follow/", 403)
    # Back, and not away again so soon.
    page = act(ruru, MOVE, undo="1")
    assert "It can move again" in page.text and world.identity(world.ruru.uri)["moved_to_uri"] == ""
    api.post("/api/v1/statuses", status="here again")
    world.settle()
    assert "movedTo" not in world.arrived("Update")[-1]["object"]
    move(ruru, new.handle, 429)
    site.sql("update moves set created = created - interval '31 days'")
    move(ruru, new.handle)


def test_moving_between_tenants(world):
    """ruru@weka.test says that ruru@kea.test is its own; the followers of all tenants go over."""
    site = world.site
    world.toroa.about("@ruru@kea.test", "follow")
    world.settle()
    kea, weka = enter(site), enter(site, "ruru", "weka.test")
    assert "does not name this one" in move(kea, "@ruru@weka.test", 422).text
    page = act(weka, ALIASES, alias="@ruru@kea.test")
    assert "@ruru@kea.test" in page.text
    document = site.object(world.weka_ruru.uri)
    assert document["alsoKnownAs"] in (world.ruru.uri, [world.ruru.uri])
    move(kea, "@ruru@weka.test")
    world.settle()
    assert following(world, world.toroa.uri) == {world.weka_ruru.uri}
    page = act(weka, ALIASES, remove=world.ruru.uri)
    assert world.identity(world.weka_ruru.uri)["also_known_as"] == []
    assert "this very account" in act(weka, ALIASES, 422, alias="@ruru@weka.test").text
    act(weka, ALIASES, 404, alias="@nobody@kea.test")
    weka.send("POST", ALIASES, {"alias": "@ruru@kea.test"}, 403)
    for n in range(10):
        act(weka, ALIASES, alias=world.actor().handle)
    assert "more than 10" in act(weka, ALIASES, 422, alias=world.actor().handle).text


def test_deleting_ones_own_account(world):
    site = world.site
    fan = world.follower(world.ruru)
    ruru, api = enter(site), Api(site, "ruru@kea.test")
    post = api.post("/api/v1/statuses", status="gone with me")
    assert "not the name" in act(ruru, DELETE, 422, name="toroa", password=PASSWORD).text
    assert "password is wrong" in act(ruru, DELETE, 422, name="ruru", password="wrong").text
    ruru.send("POST", DELETE, {"name": "ruru", "password": PASSWORD}, 403)
    assert world.identity(world.ruru.uri)["deleted"] is None
    page = ruru.get(DELETE).form(DELETE).press(name="@Ruru", password=PASSWORD)
    assert page.path == "/auth/left/" and "was deleted" in page.text
    assert ruru.get(MOVE, 303).answer.headers["location"].startswith("/auth/login/")
    api.refused(401, "GET", "/api/v1/accounts/verify_credentials")
    world.settle()
    assert [one["object"] for one in world.arrived("Delete")] == [world.ruru.uri] and fan
    assert Browser(site, "kea.test").client.get("/@ruru/").status_code in (404, 410)
    assert site.client("kea.test").get(post["uri"]).status_code in (404, 410)
    # The same log-in's account on another tenant is none of this one's business.
    assert enter(site, "ruru", "weka.test").get("/settings/profile/").status == 200

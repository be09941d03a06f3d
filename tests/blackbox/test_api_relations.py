# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people do about each other through the client API: follows, blocks, mutes, notes, requests, blocked domains."""

import pytest

from harness import activity, work
from harness.api import Api
from harness.world import world_of


@pytest.fixture(scope="module", name="world")
def fixture_world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(name="ruru")
def fixture_ruru(world):
    """Nobody follows or blocks anybody, and no profile is locked."""
    for table in ("follows", "blocks", "identity_domain_blocks", "identity_notes", "notifications", "home_timeline"):
        world.site.sql(f"delete from {table}")
    world.site.sql("update identities set locked = false, show_follows = true, moved_to_uri = '', following_count = 0 "
                   "where domain_id is not null")
    return Api(world.site, "ruru@kea.test")


@pytest.fixture(name="toroa")
def fixture_toroa(world):
    return Api(world.site, "toroa@kea.test")


@pytest.fixture(name="weka")
def fixture_weka(world):
    return Api(world.site, "ruru@weka.test")


def act(api, other, verb, **fields):
    return api.post(f"/api/v1/accounts/{getattr(other, 'id', other)}/{verb}", **fields)


def relation(api, other):
    return api.get("/api/v1/accounts/relationships", **{"id[]": getattr(other, "id", other)})[0]


def accts(api, path, **params):
    return [one["acct"] for one in api.get(path, **params)]


def test_a_follow_of_somebody_here_is_one_at_once(world, ruru, toroa):
    answer = act(ruru, toroa, "follow")
    assert answer["following"] and answer["showing_reblogs"] and not answer["requested"] and not answer["notifying"]
    assert answer["languages"] is None
    assert relation(toroa, ruru)["followed_by"]
    world.settle()
    assert relation(ruru, toroa)["following"]
    assert accts(ruru, f"/api/v1/accounts/{toroa.id}/followers") == ["ruru"]
    assert accts(toroa, f"/api/v1/accounts/{ruru.id}/following") == ["toroa"]
    assert ruru.get(f"/api/v1/accounts/{toroa.id}")["followers_count"] == 1
    assert not act(ruru, toroa, "unfollow")["following"]
    world.settle()
    assert accts(ruru, f"/api/v1/accounts/{toroa.id}/followers") == []


def test_a_follow_is_wanted_as_its_owner_says(ruru, toroa):
    answer = act(ruru, toroa, "follow", reblogs=False, notify=True, languages=["en", "mi"])
    assert (answer["showing_reblogs"], answer["notifying"], answer["languages"]) == (False, True, ["en", "mi"])
    answer = act(ruru, toroa, "follow", reblogs=True)
    assert (answer["showing_reblogs"], answer["notifying"], answer["languages"]) == (True, True, ["en", "mi"])
    answer = ruru.ask("POST", f"/api/v1/accounts/{toroa.id}/follow", data={"languages[]": ""}).json()
    assert answer["languages"] is None
    ruru.refused(422, "POST", f"/api/v1/accounts/{toroa.id}/follow", json={"languages": ["no language at all"]})


def test_a_follow_of_a_locked_account_waits(world, ruru, toroa):
    world.site.sql("update identities set locked = true where id = %s", int(toroa.id))
    answer = act(ruru, toroa, "follow")
    assert answer["requested"] and not answer["following"]
    world.settle()
    assert relation(toroa, ruru)["requested_by"]
    assert accts(toroa, "/api/v1/follow_requests") == ["ruru"]
    assert toroa.get("/api/v1/accounts/verify_credentials")["source"]["follow_requests_count"] == 1
    answer = toroa.post(f"/api/v1/follow_requests/{ruru.id}/authorize")
    assert answer["followed_by"] and not answer["requested_by"]
    world.settle()
    assert relation(ruru, toroa)["following"] and accts(toroa, "/api/v1/follow_requests") == []
    toroa.refused(404, "POST", f"/api/v1/follow_requests/{ruru.id}/authorize")


def test_a_request_can_be_rejected_and_a_follower_removed(world, ruru, toroa):
    world.site.sql("update identities set locked = true where id = %s", int(toroa.id))
    act(ruru, toroa, "follow")
    world.settle()
    assert not toroa.post(f"/api/v1/follow_requests/{ruru.id}/reject")["requested_by"]
    world.settle()
    assert not relation(ruru, toroa)["requested"]
    world.site.sql("update identities set locked = false where id = %s", int(toroa.id))
    assert act(ruru, toroa, "follow")["following"]
    assert not act(toroa, ruru, "remove_from_followers")["followed_by"]
    assert not relation(ruru, toroa)["following"]
    assert not act(toroa, ruru, "remove_from_followers")["followed_by"]


def test_a_follow_of_a_remote_account_is_asked_for(world, ruru):
    actor = world.actor("star")
    world.site.sql("delete from throttles")
    [found] = ruru.get("/api/v1/accounts/search", q=actor.handle, resolve="true")
    assert found["acct"] == actor.handle.lstrip("@")
    answer = act(ruru, found["id"], "follow")
    assert answer["requested"] and not answer["following"]
    world.settle()
    assert world.arrived("Follow", actor.inbox)[-1]["object"] == actor.id
    assert not act(ruru, found["id"], "unfollow")["requested"]
    world.settle()
    assert world.arrived("Undo", actor.inbox)[-1]["object"]["type"] == "Follow"


def test_nobody_does_anything_to_themselves(ruru):
    for verb in ("follow", "block", "mute", "endorse", "remove_from_followers"):
        ruru.refused(403, "POST", f"/api/v1/accounts/{ruru.id}/{verb}")


def test_a_block_ends_follows_and_stands_between(world, ruru, toroa):
    act(ruru, toroa, "follow")
    act(toroa, ruru, "follow")
    answer = act(toroa, ruru, "block")
    assert answer["blocking"] and not answer["following"] and not answer["followed_by"]
    assert relation(ruru, toroa)["blocked_by"] and not relation(ruru, toroa)["following"]
    assert accts(toroa, "/api/v1/blocks") == ["ruru"]
    ruru.refused(403, "POST", f"/api/v1/accounts/{toroa.id}/follow")
    toroa.refused(403, "POST", f"/api/v1/accounts/{ruru.id}/follow")
    world.settle()
    assert not act(toroa, ruru, "unblock")["blocking"]
    world.settle()
    assert accts(toroa, "/api/v1/blocks") == []
    assert act(ruru, toroa, "follow")["following"]


def test_a_mute_hides_and_expires(world, ruru, toroa):
    act(ruru, toroa, "follow")
    answer = act(ruru, toroa, "mute", notifications=False, duration=3600)
    assert answer["muting"] and not answer["muting_notifications"] and answer["muting_expires_at"]
    [muted] = ruru.get("/api/v1/mutes")
    assert muted["acct"] == "toroa" and muted["mute_expires_at"]
    world.toroa.write("not for ruru's eyes")
    world.settle()
    assert ruru.get("/api/v1/timelines/home") == []
    world.site.sql("update blocks set expires = now() - interval '1 second'")
    assert not relation(ruru, toroa)["muting"] and ruru.get("/api/v1/mutes") == []
    answer = act(ruru, toroa, "mute")
    assert answer["muting"] and answer["muting_notifications"] and answer["muting_expires_at"] is None
    assert ruru.get("/api/v1/mutes")[0]["mute_expires_at"] is None
    assert not act(ruru, toroa, "unmute")["muting"]
    for duration in ("x", "-1", str(2 ** 62), str(2 ** 70)):
        ruru.refused(422, "POST", f"/api/v1/accounts/{toroa.id}/mute", data={"duration": duration})


def test_a_note_is_its_owners_alone(ruru, toroa, weka):
    assert act(ruru, toroa, "note", comment="owes me a <fish>")["note"] == "owes me a <fish>"
    assert relation(weka, toroa)["note"] == "" and relation(toroa, ruru)["note"] == ""
    ruru.refused(422, "POST", f"/api/v1/accounts/{toroa.id}/note", json={"comment": "x" * 2001})
    assert len(act(ruru, toroa, "note", comment="x" * 2000)["note"]) == 2000
    assert act(ruru, toroa, "note", comment="")["note"] == ""
    assert act(ruru, toroa, "note")["note"] == ""


def test_relationships_come_as_they_were_asked_for(world, ruru, toroa, weka):
    gone = work.remote(world.site, world.peer, "gone")
    world.site.sql("update identities set deleted = now() where id = %s", gone)
    ids = [weka.id, toroa.id, str(gone), "1", "nonsense", ruru.id]
    found = ruru.get("/api/v1/accounts/relationships", **{"id[]": ids})
    assert [one["id"] for one in found] == [weka.id, toroa.id, ruru.id]
    found = ruru.get("/api/v1/accounts/relationships", **{"id[]": ids, "with_suspended": "true"})
    assert [one["id"] for one in found] == [weka.id, toroa.id, str(gone), ruru.id]
    assert ruru.get("/api/v1/accounts/relationships") == []
    assert [one["id"] for one in ruru.get("/api/v1/accounts/relationships", id=toroa.id)] == [toroa.id]


def test_whom_the_tenant_suspended_is_out_of_reach(world, ruru, toroa, weka):
    world.site.sql("insert into identity_limits (domain_id, identity_id, suspended) select domain_id, %s, now() from "
                   "identities where id = %s", int(weka.id), int(ruru.id))
    world.site.sql("update identities set name = 'Weka', summary = '<p>x</p>' where id = %s", int(weka.id))
    shown = ruru.get(f"/api/v1/accounts/{weka.id}")
    assert (shown["suspended"], shown["display_name"], shown["note"], shown["username"]) == (True, "", "", "ruru")
    assert toroa.get("/api/v1/accounts/relationships", id=weka.id) == []
    assert len(toroa.get("/api/v1/accounts/relationships", id=weka.id, with_suspended="true")) == 1
    ruru.refused(404, "POST", f"/api/v1/accounts/{weka.id}/follow")
    assert not act(weka, ruru, "follow")["following"]
    world.settle()
    assert not relation(weka, ruru)["following"] and not relation(weka, ruru)["requested"]
    world.site.sql("delete from identity_limits")
    assert weka.get(f"/api/v1/accounts/{weka.id}")["display_name"] == "Weka"


def test_a_blocked_domain_is_out_of_sight(world, ruru, weka):
    act(ruru, weka, "follow")
    act(weka, ruru, "follow")
    world.settle()
    world.weka_ruru.write("from next door")
    world.settle()
    assert len(ruru.get("/api/v1/timelines/home")) == 1
    assert ruru.post("/api/v1/domain_blocks", domain=" WEKA.test ") == {}
    assert ruru.get("/api/v1/domain_blocks") == ["weka.test"] and weka.get("/api/v1/domain_blocks") == []
    here = relation(ruru, weka)
    assert here["domain_blocking"] and not here["following"] and not here["followed_by"]
    assert ruru.get("/api/v1/timelines/home") == []
    told = ruru.get("/api/v1/notifications", **{"types[]": "severed_relationships"})
    assert [(one["event"]["type"], one["event"]["target_name"], one["event"]["followers_count"],
             one["event"]["following_count"]) for one in told] == [("user_domain_block", "weka.test", 1, 1)]
    assert not relation(weka, ruru)["following"]
    ruru.refused(403, "POST", f"/api/v1/accounts/{weka.id}/follow")
    world.settle()
    act(weka, ruru, "follow")
    world.settle()
    assert not relation(weka, ruru)["following"]
    world.weka_ruru.write("still @ruru@kea.test")
    world.settle()
    assert ruru.get("/api/v1/timelines/home") == []
    assert ruru.delete("/api/v1/domain_blocks", domain="weka.test") == {}
    assert ruru.get("/api/v1/domain_blocks") == [] and not relation(ruru, weka)["domain_blocking"]


def test_a_follow_from_a_blocked_domain_is_turned_away(world, ruru):
    ruru.post("/api/v1/domain_blocks", domain=world.peer.authority)
    actor = world.actor("far")
    world.deliver(actor, activity.follow(actor, world.ruru.uri))
    assert world.follow_state(actor.id, world.ruru.uri) in (None, "removed", "rejecting")


@pytest.mark.parametrize("domain", ("", "kea.test", "not a domain", "a/b", "x" * 300, "ü..test"))
def test_what_is_no_foreign_domain_cannot_be_blocked(ruru, domain):
    ruru.refused(422, "POST", "/api/v1/domain_blocks", json={"domain": domain})


def test_pages_of_followers_have_no_gaps(world, ruru, toroa):
    for n in range(7):
        work.follow(world.site, work.remote(world.site, world.peer, f"fan{n}"), "ruru@kea.test")
    path = f"/api/v1/accounts/{ruru.id}/followers"
    whole = accts(toroa, path)
    assert len(whole) == 7
    first = toroa.ask("GET", f"{path}?limit=3")
    second = toroa.ask("GET", first.links["next"]["url"])
    third = toroa.ask("GET", second.links["next"]["url"])
    walked = [one["acct"] for page in (first, second, third) for one in page.json()]
    assert walked == whole and "next" not in third.links
    back = toroa.ask("GET", third.links["prev"]["url"])
    assert [one["acct"] for one in back.json()] == whole[3:6]
    assert accts(toroa, path, limit=0) == whole and accts(toroa, path, limit="x", max_id="y") == whole


def test_whoever_hides_their_follows_shows_them_to_nobody_else(world, ruru, toroa):
    act(toroa, ruru, "follow")
    world.settle()
    world.site.sql("update identities set show_follows = false where id in (%s, %s)", int(ruru.id), int(toroa.id))
    assert accts(toroa, f"/api/v1/accounts/{ruru.id}/followers") == []
    assert accts(ruru, f"/api/v1/accounts/{toroa.id}/following") == []
    assert accts(ruru, f"/api/v1/accounts/{ruru.id}/followers") == ["toroa"]
    assert ruru.get(f"/api/v1/accounts/{toroa.id}")["hide_collections"] is True


def test_familiar_followers_are_those_whom_one_follows(world, ruru, toroa, weka):
    act(ruru, toroa, "follow")
    act(toroa, weka, "follow")
    world.settle()
    found = ruru.get("/api/v1/accounts/familiar_followers", **{"id[]": [weka.id, toroa.id]})
    assert [(one["id"], [who["acct"] for who in one["accounts"]]) for one in found] == [
        (weka.id, ["toroa"]), (toroa.id, [])]
    assert ruru.get("/api/v1/accounts/familiar_followers") == []


def test_languages_of_a_follow_choose_its_posts(world, ruru, toroa):
    act(ruru, toroa, "follow", languages=["mi"])
    world.settle()
    for number, language in enumerate(("mi", "en", "", "mi-NZ")):
        world.site.sql("insert into posts (domain_id, author_id, object_uri, visibility, content, language, state, "
                       "state_lane) select domain_id, id, actor_uri || 'posts/l' || %s || '/', 'public', %s, %s, "
                       "'new', domain_id from identities where id = %s", number, f"in {language}", language,
                       int(toroa.id))
    world.settle()
    shown = {one["content"] for one in ruru.get("/api/v1/timelines/home")}
    assert {"in mi", "in ", "in mi-NZ"} <= shown and "in en" not in shown


SCOPES = (
    ("GET", "/api/v1/blocks", ("read", "read:blocks", "follow"), ("read:mutes", "write:blocks")),
    ("GET", "/api/v1/mutes", ("read", "read:mutes", "follow"), ("read:blocks", "write")),
    ("GET", "/api/v1/domain_blocks", ("read:blocks", "follow"), ("read:follows",)),
    ("GET", "/api/v1/follow_requests", ("read:follows", "follow"), ("read:blocks",)),
    ("GET", "/api/v1/accounts/relationships", ("read", "read:follows"), ("write:follows", "read:accounts")),
    ("GET", "/api/v1/accounts/familiar_followers", ("read:follows",), ("read:accounts",)),
    ("POST", "/api/v1/accounts/{}/follow", ("write", "write:follows", "follow"), ("read", "write:blocks")),
    ("POST", "/api/v1/accounts/{}/unfollow", ("write:follows", "follow"), ("read",)),
    ("POST", "/api/v1/accounts/{}/block", ("write:blocks", "follow"), ("write:follows",)),
    ("POST", "/api/v1/accounts/{}/unblock", ("write:blocks", "follow"), ("read:blocks",)),
    ("POST", "/api/v1/accounts/{}/mute", ("write:mutes", "follow"), ("write:blocks",)),
    ("POST", "/api/v1/accounts/{}/unmute", ("write:mutes", "follow"), ("read",)),
    ("POST", "/api/v1/accounts/{}/note", ("write", "write:accounts"), ("follow", "write:follows")),
)


@pytest.mark.parametrize("method, path, enough, little", SCOPES, ids=[one[1] for one in SCOPES])
def test_scopes(world, ruru, toroa, method, path, enough, little):
    path = path.format(toroa.id)
    for scope in enough:
        assert Api(world.site, "ruru@kea.test", [scope]).ask(method, path).status_code == 200, scope
    for scope in little:
        Api(world.site, "ruru@kea.test", [scope]).refused(403, method, path)
    Api(world.site, "kea.test").refused(401, method, path)
    Api(world.site, "kea.test", token=ruru.token + "x").refused(401, method, path)


@pytest.mark.parametrize("name", ("0", "-1", "x", "1", "9" * 30, "%00", "a%2Fb", "%F0%28", "1;drop"))
@pytest.mark.parametrize("verb", ("follow", "block", "mute", "note", "endorse", "remove_from_followers"))
def test_what_is_no_account_is_404(ruru, name, verb):
    assert ruru.ask("POST", f"/api/v1/accounts/{name}/{verb}").status_code in (404, 422)


@pytest.mark.parametrize("body", (b"{", b"[]", b"null", b'{"comment": {"a": [1]}}', b'{"comment": 5}', b"\xff\xfe",
                                  b'{"comment":"\\ud800"}', b"{" * 2000))
def test_hostile_bodies(ruru, toroa, body):
    for verb in ("note", "follow", "mute"):
        answer = ruru.client.post(f"/api/v1/accounts/{toroa.id}/{verb}", content=body,
                                  headers={"Content-Type": "application/json"})
        assert answer.status_code < 500, (verb, answer.text)


def test_the_other_tenant_sees_nothing_of_it(world, ruru, toroa, weka):
    act(ruru, toroa, "mute")
    act(ruru, toroa, "note", comment="private")
    act(ruru, weka, "block")
    assert weka.get("/api/v1/mutes") == [] and weka.get("/api/v1/blocks") == []
    there = relation(weka, ruru)
    assert there["blocked_by"] and not there["blocking"] and there["note"] == ""
    stranger = Api(world.site, "weka.test", token=ruru.token)
    stranger.refused(401, "GET", "/api/v1/mutes")

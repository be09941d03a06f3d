# SPDX-License-Identifier: AGPL-3.0-or-later
"""Conversations of the client API: posts for mentioned people alone, by thread and by reader."""

import re

import pytest

from harness import activity
from harness.api import Api
from harness.peer import Peer
from harness.world import World

PATH = "/api/v1/conversations"


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


@pytest.fixture(scope="module")
def weka(world):
    return Api(world.site, "ruru@weka.test")


@pytest.fixture(autouse=True)
def clean(world):
    yield
    world.site.sql("delete from conversations")


def say(world, api, text, **more):
    post = api.post("/api/v1/statuses", status=text, visibility="direct", **more)["id"]
    world.settle()
    return post


def test_tokens_and_scopes(world, ruru):
    for method, path in (("GET", PATH), ("POST", f"{PATH}/1/read"), ("POST", f"{PATH}/1/unread"),
                         ("DELETE", f"{PATH}/1")):
        Api(world.site, "kea.test").refused(401, method, path)
        Api(world.site, "ruru@kea.test", ["write" if method == "GET" else "read"]).refused(403, method, path)
        if method != "GET":
            ruru.refused(404, method, path)


def test_a_conversation_from_both_sides(world, ruru, toroa):
    first = say(world, ruru, "@toroa hello")
    [mine], [theirs] = ruru.get(PATH), toroa.get(PATH)
    assert mine["last_status"]["id"] == theirs["last_status"]["id"] == first
    assert [one["acct"] for one in mine["accounts"]] == ["toroa"] and not mine["unread"]
    assert [one["acct"] for one in theirs["accounts"]] == ["ruru"] and theirs["unread"]
    answer = say(world, toroa, "@ruru hello yourself", in_reply_to_id=first)
    [mine], [theirs] = ruru.get(PATH), toroa.get(PATH)
    assert mine["last_status"]["id"] == theirs["last_status"]["id"] == answer
    assert mine["unread"] and not theirs["unread"]
    assert not ruru.post(f"{PATH}/{mine['id']}/read")["unread"] and not ruru.get(PATH)[0]["unread"]
    assert ruru.post(f"{PATH}/{mine['id']}/unread")["unread"] and ruru.get(PATH)[0]["unread"]
    for method, path in (("POST", "/read"), ("POST", "/unread"), ("DELETE", "")):
        toroa.refused(404, method, f"{PATH}/{mine['id']}{path}")
    ruru.delete(f"{PATH}/{mine['id']}")
    assert ruru.get(PATH) == [] and toroa.get(PATH) == [theirs]


def test_a_deleted_post_leaves_the_one_before(world, ruru, toroa):
    first = say(world, ruru, "@toroa one")
    second = say(world, ruru, "@toroa two", in_reply_to_id=first)
    assert toroa.get(PATH)[0]["last_status"]["id"] == second
    for left in ([first], []):
        newest = toroa.get(PATH)[0]["last_status"]["id"]
        assert ruru.client.delete(f"/api/v1/statuses/{newest}").status_code == 200
        world.settle()
        assert [one["last_status"]["id"] for one in toroa.get(PATH)] == left
        assert [one["last_status"]["id"] for one in ruru.get(PATH)] == left


def test_between_tenants_and_servers(world, ruru, weka):
    say(world, ruru, "@ruru@weka.test over there")
    assert [one["acct"] for one in weka.get(PATH)[0]["accounts"]] == ["ruru@kea.test"]
    star = world.actor("bird")
    note = activity.note(star, "<p>hi</p>", to=world.ruru.uri, cc=[], tag=[activity.mention(world.ruru.uri)])
    world.deliver(star, activity.create(star, note))
    newest = ruru.get(PATH)[0]
    assert newest["unread"] and newest["last_status"]["content"] == "<p>hi</p>"
    assert len(weka.get(PATH)) == 1
    # Only the two tenants have rows, each its own.
    assert world.site.value("select count(distinct domain_id) from conversations") == 2


def test_who_is_blocked_begins_none(world, ruru, toroa):
    ruru.post(f"/api/v1/accounts/{toroa.id}/mute")
    world.settle()
    say(world, toroa, "@ruru are you there")
    assert ruru.get(PATH) == [] and len(toroa.get(PATH)) == 1
    ruru.post(f"/api/v1/accounts/{toroa.id}/unmute")
    world.settle()


def test_pages(world, ruru, toroa):
    posts = [say(world, ruru, f"@toroa {n}") for n in range(7)]
    posts.reverse()

    def lasts(answer):
        return [one["last_status"]["id"] for one in answer.json()]

    answer = toroa.ask("GET", PATH, params={"limit": 3})
    assert lasts(answer) == posts[:3]
    older = toroa.ask("GET", answer.links["next"]["url"])
    assert lasts(older) == posts[3:6]
    last = toroa.ask("GET", older.links["next"]["url"])
    assert lasts(last) == posts[6:] and "next" not in last.links
    assert lasts(toroa.ask("GET", last.links["prev"]["url"])) == posts[3:6]
    assert lasts(toroa.ask("GET", PATH, params={"since_id": posts[4], "limit": 2})) == posts[:2]


def test_the_number_of_statements_does_not_grow(world, ruru, toroa):
    def cost():
        text = world.site.admin().get("/metrics").text
        before = int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1))
        toroa.get(PATH)
        text = world.site.admin().get("/metrics").text
        return int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1)) - before

    say(world, ruru, "@toroa one")
    before = cost()
    for n in range(4):
        say(world, ruru, f"@toroa more {n}")
    assert cost() == before


@pytest.mark.parametrize("value", ["0", "-1", "99999999999999999999", "x", "1'", "%2500"])
def test_hostile_parameters(ruru, value):
    for method, path in (("POST", f"{PATH}/{value}/read"), ("DELETE", f"{PATH}/{value}")):
        assert ruru.client.request(method, path).status_code in (400, 404)
    for name in ("max_id", "min_id", "since_id", "limit"):
        ruru.get(PATH, **{name: value})

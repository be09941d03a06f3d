# SPDX-License-Identifier: AGPL-3.0-or-later
"""Looking at a remote thread brings the replies that nobody sent here, and says when it is done."""

import re

import pytest

from harness import activity
from harness.api import Api
from harness.peer import Peer
from harness.world import world_of


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(scope="module")
def other():
    """A second server with people who answer."""
    with Peer("peer2.test", tls=True) as peer:
        yield peer


@pytest.fixture(scope="module")
def ruru(world):
    return Api(world.site, "ruru@kea.test")


def reply(peer, actor, parent, text="an answer", **more):
    return peer.publish(activity.note(actor, f"<p>{text}</p>", inReplyTo=activity.id_of(parent), **more))


def collection(peer, uri, *pages):
    """Serves a collection of replies in pages; gives its first page's address."""
    for n, items in enumerate(pages, 1):
        following = {"next": f"{uri}/{n + 1}"} if n < len(pages) else {}
        peer.publish({"@context": activity.CONTEXT, "id": f"{uri}/{n}", "type": "CollectionPage", "partOf": uri,
                      "items": [activity.id_of(one) for one in items], **following})
    return {"id": uri, "type": "Collection", "first": f"{uri}/1"}


def received(world, star, **more):
    """A post that came, with what its server says of it now."""
    note = activity.note(star, "<p>discuss</p>", **more)
    world.deliver(star, activity.create(star, note))
    return note, str(world.post(note)["id"])


def refreshed(world, api, post_id):
    """Looks at a thread until what goes on behind it has ended; gives the replies below."""
    answer = api.ask("GET", f"/api/v1/statuses/{post_id}/context")
    [(refresh, retry)] = re.findall(r'^id="(\d+)", retry=(\d+), result_count=\d+$',
                                    answer.headers["mastodon-async-refresh"])
    assert retry == "3"
    world.settle()
    state = api.get(f"/api/v1_alpha/async_refreshes/{refresh}")["async_refresh"]
    assert state["status"] == "finished"
    context = api.ask("GET", f"/api/v1/statuses/{post_id}/context")
    assert "mastodon-async-refresh" not in context.headers
    assert state["result_count"] == len(context.json()["descendants"]), context.json()
    return [one["content"] for one in context.json()["descendants"]]


def test_replies_of_all_pages_and_levels_come(world, other, ruru):
    star, ana, ben = world.followed(world.ruru), other.actor("ana1"), other.actor("ben1")
    note, post_id = received(world, star)
    first, second = reply(other, ana, note, "first"), reply(other, ben, note, "second")
    deeper = reply(other, ben, first, "deeper")
    other.publish({**first, "replies": collection(other, f"{first['id']}/replies", [deeper])})
    world.peer.publish({**note, "@context": activity.CONTEXT,
                        "replies": collection(world.peer, f"{note['id']}/replies", [first], [second])})
    assert refreshed(world, ruru, post_id) == ["<p>first</p>", "<p>deeper</p>", "<p>second</p>"]


def test_what_is_no_answer_is_left_out(world, other, ruru):
    star, ana = world.followed(world.ruru), other.actor("ana2")
    note, post_id = received(world, star)
    good = reply(other, ana, note, "good")
    elsewhere = other.publish(activity.note(ana, "<p>of something else</p>"))
    private = reply(other, ana, note, "private", to=[f"{ana.id}/followers"], cc=[])
    items = [elsewhere, private, "https://peer2.test/nothing", "https://kea.test/@ruru@kea.test/posts/1/",
             "http://127.0.0.1/x", "nonsense", good]
    world.peer.publish({**note, "@context": activity.CONTEXT,
                        "replies": collection(world.peer, f"{note['id']}/replies", items)})
    assert refreshed(world, ruru, post_id) == ["<p>good</p>"]
    assert world.post(elsewhere) is None and world.post(private) is None


def test_endless_collections_end(world, other, ruru):
    star = world.followed(world.ruru)
    note, post_id = received(world, star)
    uri = f"{note['id']}/replies"
    world.peer.publish({"@context": activity.CONTEXT, "id": f"{uri}/1", "type": "CollectionPage", "partOf": uri,
                        "items": [f"https://peer2.test/missing/{n}" for n in range(150)], "next": f"{uri}/1"})
    world.peer.publish({**note, "@context": activity.CONTEXT, "replies": f"{uri}/1"})
    assert refreshed(world, ruru, post_id) == []
    assert len(other.requests("GET", "/missing/*")) < 60


def test_a_server_that_is_away_ends_nothing(world, ruru):
    star = world.followed(world.ruru)
    _, post_id = received(world, star)
    assert refreshed(world, ruru, post_id) == []


def test_it_is_not_asked_again_and_again_nor_for_anybody(world, ruru):
    star = world.followed(world.ruru)
    note, post_id = received(world, star)
    nobody = Api(world.site, "kea.test")
    assert "mastodon-async-refresh" not in nobody.ask("GET", f"/api/v1/statuses/{post_id}/context").headers
    world.peer.publish({**note, "@context": activity.CONTEXT})
    refreshed(world, ruru, post_id)
    assert "mastodon-async-refresh" not in ruru.ask("GET", f"/api/v1/statuses/{post_id}/context").headers
    world.site.sql("update thread_fetches set state_changed = now() - interval '1 hour' where id = %s", int(post_id))
    assert "mastodon-async-refresh" in ruru.ask("GET", f"/api/v1/statuses/{post_id}/context").headers
    own = ruru.post("/api/v1/statuses", status="ours")
    assert "mastodon-async-refresh" not in ruru.ask("GET", f"/api/v1/statuses/{own['id']}/context").headers
    world.settle()


def test_tokens_and_nonsense(world, ruru):
    for asked in ("0", "-1", "nonsense", "99999999999999999999"):
        ruru.refused(404, "GET", f"/api/v1_alpha/async_refreshes/{asked}")
    Api(world.site, "kea.test").refused(401, "GET", "/api/v1_alpha/async_refreshes/1")
    Api(world.site, "ruru@kea.test", ["write"]).refused(403, "GET", "/api/v1_alpha/async_refreshes/1")

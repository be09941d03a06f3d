# SPDX-License-Identifier: AGPL-3.0-or-later
"""Statuses with media: attached, described, taken off, kept for a new draft, and in what was before."""

import datetime

import pytest

from harness import media
from harness.api import Api
from harness.world import world_of


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(scope="module")
def ruru(world):
    return Api(world.site, "ruru@kea.test")


@pytest.fixture(scope="module")
def toroa(world):
    return Api(world.site, "toroa@kea.test")


def pictures(api, count):
    """Ids of new uploads."""
    return [media.ready(api, media.png(10 + n, 20))["id"] for n in range(count)]


def shown(status):
    return [one["id"] for one in status["media_attachments"]]


def test_media_stand_in_the_order_that_was_asked_for(world, ruru):
    fan = world.follower(world.ruru)
    ids = pictures(ruru, 3)[::-1]
    made = ruru.post("/api/v1/statuses", media_ids=ids, sensitive=True)
    assert shown(made) == ids and made["content"] == "" and made["sensitive"] is True
    world.settle()
    sent = next(one["object"] for one in world.arrived("Create", fan.shared_inbox)
                if one["object"]["id"] == made["uri"])
    assert len(sent["attachment"]) == 3 and sent["attachment"][0]["url"].startswith("https://kea.test/")
    ruru.refused(422, "POST", "/api/v1/statuses", json={"status": "again", "media_ids": ids[:1]})


def test_a_poll_has_media_too(ruru):
    made = ruru.post("/api/v1/statuses", status="which?", media_ids=pictures(ruru, 1),
                     poll={"options": ["a", "b"], "expires_in": 600})
    assert len(made["media_attachments"]) == 1 and made["poll"]["options"]


def test_media_of_others_and_too_many(ruru, toroa):
    ids = pictures(toroa, 5)
    for asked, api in ((ids[:1], ruru), (ids, toroa), (["1", "nonsense"], toroa)):
        api.refused(422, "POST", "/api/v1/statuses", json={"status": "x", "media_ids": asked})
    assert shown(toroa.post("/api/v1/statuses", media_ids=ids[:4])) == ids[:4]


def test_an_edit_describes_adds_and_takes_off(ruru):
    first, second = pictures(ruru, 2)
    made = ruru.post("/api/v1/statuses", status="one", media_ids=[first])
    changed = ruru.put(f"/api/v1/statuses/{made['id']}", status="two", media_ids=[second, first], media_attributes=[
        {"id": first, "description": "what it shows", "focus": "0.5,-0.5"}, {"id": "nonsense"}, {}])
    assert shown(changed) == [second, first]
    described = changed["media_attachments"][1]
    assert described["description"] == "what it shows" and described["meta"]["focus"] == {"x": 0.5, "y": -0.5}
    left = ruru.put(f"/api/v1/statuses/{made['id']}", status="three", media_ids=[second])
    assert shown(left) == [second]
    history = ruru.get(f"/api/v1/statuses/{made['id']}/history")
    assert [one["content"] for one in history] == ["<p>one</p>", "<p>two</p>", "<p>three</p>"]
    assert [[m["id"] for m in one["media_attachments"]] for one in history] == [[], [second], [second]]


def test_nobody_else_describes_them(ruru, toroa):
    [mine] = pictures(ruru, 1)
    theirs = toroa.post("/api/v1/statuses", status="theirs")
    toroa.put(f"/api/v1/statuses/{theirs['id']}", status="x", media_attributes=[{"id": mine, "description": "ha"}])
    assert ruru.get(f"/api/v1/media/{mine}")["description"] in (None, "")


def test_a_deleted_status_leaves_its_media_for_a_new_one(world, ruru):
    ids = pictures(ruru, 2)
    made = ruru.post("/api/v1/statuses", status="draft", media_ids=ids)
    gone = ruru.delete(f"/api/v1/statuses/{made['id']}")
    assert shown(gone) == ids
    world.settle()
    again = ruru.post("/api/v1/statuses", status="better", media_ids=ids)
    assert shown(again) == ids
    ruru.ask("DELETE", f"/api/v1/statuses/{again['id']}?delete_media=true")
    world.settle()
    ruru.refused(422, "POST", "/api/v1/statuses", json={"status": "x", "media_ids": ids})


def test_a_post_for_later_keeps_its_media(world, ruru):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    ids = pictures(ruru, 2)
    plan = ruru.post("/api/v1/statuses", status="later", media_ids=ids, scheduled_at=moment.isoformat())
    assert shown(plan) == ids and plan["params"]["media_ids"] == ids
    ruru.refused(404, "GET", "/api/v1/scheduled_statuses/0")
    world.site.sql("update scheduled_posts set due = now(), state_next_attempt = now(), state = state where id = %s",
                   int(plan["id"]))
    world.settle()
    [post] = world.site.sql("select id from posts where source = 'later'")
    assert shown(ruru.get(f"/api/v1/statuses/{post['id']}")) == ids
    other = pictures(ruru, 1)
    plan = ruru.post("/api/v1/statuses", status="never", media_ids=other, scheduled_at=moment.isoformat())
    ruru.delete(f"/api/v1/scheduled_statuses/{plan['id']}")
    assert shown(ruru.post("/api/v1/statuses", status="now", media_ids=other)) == other


def test_a_page_edits_the_text_and_leaves_the_media(world, ruru):
    ids = pictures(ruru, 1)
    made = ruru.post("/api/v1/statuses", status="from a program", media_ids=ids,
                     poll={"options": ["a", "b"], "expires_in": 600})
    world.ruru.edit({"id": int(made["id"])}, "from a page")
    shown_now = ruru.get(f"/api/v1/statuses/{made['id']}")
    assert shown_now["content"] == "<p>from a page</p>" and shown(shown_now) == ids and shown_now["poll"]

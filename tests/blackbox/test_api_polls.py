# SPDX-License-Identifier: AGPL-3.0-or-later
"""Polls in the client API and between servers."""

import pytest

from harness import activity
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


@pytest.fixture(scope="module")
def stranger(world):
    return Api(world.site, "ruru@weka.test")


@pytest.fixture(scope="module")
def nobody(world):
    return Api(world.site, "kea.test")


def ask(api, *options, **more):
    """A status with a poll."""
    poll = {"options": list(options or ("yes", "no")), "expires_in": 3600, **more}
    return api.post("/api/v1/statuses", status="well?", poll=poll)


def counts(poll):
    return [one["votes_count"] for one in poll["options"]]


def end(world, poll_id):
    """The poll's time has come."""
    world.site.sql("update polls set expires = now() - interval '1 second', state_next_attempt = now() where id = %s",
                   int(poll_id))
    world.site.sql("update polls set state = state where id = %s", int(poll_id))
    world.settle()


def question(actor, *options, **more):
    """A remote poll."""
    made = activity.note(actor, "<p>which?</p>", **more)
    return {**made, "type": "Question", "endTime": "2099-01-01T00:00:00Z", "votersCount": 0,
            "oneOf": [{"type": "Note", "name": one, "replies": {"type": "Collection", "totalItems": 0}}
                      for one in options]}


def vote(actor, uri, name):
    return activity.create(actor, {"id": f"{actor.id}/votes/{next(activity.numbers)}", "type": "Note",
                                   "attributedTo": actor.id, "to": [uri.partition("/posts/")[0]], "name": name,
                                   "inReplyTo": uri})


def test_people_vote_once_and_see_it(world, ruru, toroa, stranger, nobody):
    status = ask(ruru, "tea", "coffee", "water")
    poll = status["poll"]
    assert counts(poll) == [0, 0, 0] and poll["expired"] is False and poll["multiple"] is False
    assert poll["voted"] is True and poll["own_votes"] == []  # one does not vote in one's own
    voted = toroa.post(f"/api/v1/polls/{poll['id']}/votes", choices=[1])
    assert counts(voted) == [0, 1, 0] and voted["voted"] is True and voted["own_votes"] == [1]
    assert voted["votes_count"] == 1 and voted["voters_count"] == 1
    stranger.post(f"/api/v1/polls/{poll['id']}/votes", choices=["1"])
    shown = nobody.get(f"/api/v1/polls/{poll['id']}")
    assert counts(shown) == [0, 2, 0] and "voted" not in shown
    assert counts(nobody.get(f"/api/v1/statuses/{status['id']}")["poll"]) == [0, 2, 0]
    toroa.refused(422, "POST", f"/api/v1/polls/{poll['id']}/votes", json={"choices": [0]})
    assert counts(nobody.get(f"/api/v1/polls/{poll['id']}")) == [0, 2, 0]


@pytest.mark.parametrize("choices", [[], [0, 1], [3], [-1], ["x"], [2**63], None])
def test_a_choice_that_is_none(ruru, toroa, choices):
    poll = ask(ruru)["poll"]
    toroa.refused(422, "POST", f"/api/v1/polls/{poll['id']}/votes", json={"choices": choices})


def test_several_choices(ruru, toroa):
    poll = ask(ruru, "a", "b", "c", multiple=True)["poll"]
    voted = toroa.post(f"/api/v1/polls/{poll['id']}/votes", choices=[0, 2, 2])
    assert counts(voted) == [1, 0, 1] and voted["own_votes"] == [0, 2] and voted["voters_count"] == 1
    ruru.refused(422, "POST", f"/api/v1/polls/{poll['id']}/votes", json={"choices": [0]})


@pytest.mark.parametrize("poll", [
    {"options": ["one"], "expires_in": 3600}, {"options": ["a", "b"]}, {"options": ["a", "b"], "expires_in": 10},
    {"options": ["a", "b"], "expires_in": 10**9}, {"options": ["a", "b"], "expires_in": "soon"},
    {"options": ["a", "a"], "expires_in": 3600}, {"options": ["a", "x" * 51], "expires_in": 3600},
    {"options": list("abcde"), "expires_in": 3600}, {"options": ["", " ", "a"], "expires_in": 3600}])
def test_polls_that_cannot_be(ruru, poll):
    ruru.refused(422, "POST", "/api/v1/statuses", json={"status": "well?", "poll": poll})


def test_forms_ask_too(ruru):
    answer = ruru.client.post("/api/v1/statuses", data={
        "status": "form", "poll[options][]": ["a", "b"], "poll[expires_in]": "600", "poll[multiple]": "true"})
    assert answer.status_code == 200 and answer.json()["poll"]["multiple"] is True


def test_hidden_counts_are_shown_at_the_end(world, ruru, toroa):
    poll = ask(ruru, hide_totals=True)["poll"]
    voted = toroa.post(f"/api/v1/polls/{poll['id']}/votes", choices=[0])
    assert counts(voted) == [None, None] and voted["votes_count"] == 1
    end(world, poll["id"])
    assert counts(toroa.get(f"/api/v1/polls/{poll['id']}")) == [1, 0]


def test_the_end_is_told_to_all_who_voted(world, ruru, toroa, stranger):
    status = ask(ruru)
    for api in (toroa, stranger):
        api.post(f"/api/v1/polls/{status['id']}/votes", choices=[0])
    end(world, status["id"])
    told = [person.told("poll") for person in (world.ruru, world.toroa, world.weka_ruru)]
    assert all(("poll", "ruru") in one for one in told), told
    assert toroa.get(f"/api/v1/polls/{status['id']}")["expired"] is True
    ruru_too = Api(world.site, "toroa@kea.test")
    ruru_too.refused(422, "POST", f"/api/v1/polls/{status['id']}/votes", json={"choices": [1]})


def test_edits_of_a_poll(world, ruru, toroa, nobody):
    status = ask(ruru)
    toroa.post(f"/api/v1/polls/{status['id']}/votes", choices=[0])
    same = {"options": ["yes", "no"], "expires_in": 7200}
    kept = ruru.put(f"/api/v1/statuses/{status['id']}", status="well??", poll=same)
    assert counts(kept["poll"]) == [1, 0]
    other = ruru.put(f"/api/v1/statuses/{status['id']}", status="well??", poll={**same, "options": ["yes", "never"]})
    assert counts(other["poll"]) == [0, 0]
    assert toroa.get(f"/api/v1/polls/{status['id']}")["voted"] is False
    history = nobody.get(f"/api/v1/statuses/{status['id']}/history")
    assert [[o["title"] for o in one["poll"]["options"]] for one in history] == [
        ["yes", "no"], ["yes", "no"], ["yes", "never"]]
    assert ruru.put(f"/api/v1/statuses/{status['id']}", status="no poll")["poll"] is None


def test_polls_of_posts_that_are_not_for_all(world, ruru, toroa, stranger, nobody):
    status = ruru.post("/api/v1/statuses", status="among us", visibility="local",
                       poll={"options": ["a", "b"], "expires_in": 600})
    for api in (stranger, nobody):
        api.refused(404, "GET", f"/api/v1/polls/{status['id']}")
    stranger.refused(404, "POST", f"/api/v1/polls/{status['id']}/votes", json={"choices": [0]})
    nobody.refused(401, "POST", f"/api/v1/polls/{status['id']}/votes", json={"choices": [0]})
    toroa.post(f"/api/v1/polls/{status['id']}/votes", choices=[0])
    plain = ruru.post("/api/v1/statuses", status="no poll")
    ruru.refused(404, "GET", f"/api/v1/polls/{plain['id']}")
    narrow = Api(world.site, "toroa@kea.test", ["read"])
    narrow.refused(403, "POST", f"/api/v1/polls/{status['id']}/votes", json={"choices": [0]})


def test_a_local_poll_is_a_question_to_others_and_their_votes_count(world, ruru, nobody):
    fan = world.follower(world.ruru)
    other = world.actor("ben")
    status = ask(ruru, "tea", "coffee")
    world.settle()
    [sent] = [one["object"] for one in world.arrived("Create") if one["object"]["id"] == status["uri"]]
    assert sent["type"] == "Question" and [one["name"] for one in sent["oneOf"]] == ["tea", "coffee"]
    assert sent["endTime"] and sent["votersCount"] == 0 and "closed" not in sent
    first = world.deliver(fan, vote(fan, status["uri"], "coffee"))
    assert world.verdict(first) == "processed"
    for refused in (vote(fan, status["uri"], "tea"), vote(other, status["uri"], "juice")):
        world.deliver(other if refused["actor"] == other.id else fan, refused)
        assert world.verdict(refused) == "refused"
    world.deliver(other, vote(other, status["uri"], "tea"))
    assert counts(nobody.get(f"/api/v1/polls/{status['id']}")) == [1, 1]
    # The counts go to followers and to who voted, within minutes.
    world.site.sql("update polls set state_next_attempt = now(), state = state where id = %s", int(status["id"]))
    world.settle()
    updates = [one["object"] for one in world.arrived("Update") if one["object"]["id"] == status["uri"]]
    assert [one["replies"]["totalItems"] for one in updates[-1]["oneOf"]] == [1, 1]
    assert updates[-1]["votersCount"] == 2 and "updated" not in updates[-1]
    end(world, status["id"])
    closed = [one["object"] for one in world.arrived("Update") if one["object"]["id"] == status["uri"]][-1]
    assert closed["closed"]
    late = world.deliver(other, vote(other, status["uri"], "coffee"))
    assert world.verdict(late) == "refused"


def test_votes_in_a_remote_poll_go_to_its_author(world, ruru, nobody):
    star = world.followed(world.ruru)
    note = question(star, "red", "blue")
    world.deliver(star, activity.create(star, note))
    post = world.post(note)
    poll = ruru.post(f"/api/v1/polls/{post['id']}/votes", choices=[1])
    assert counts(poll) == [0, 1] and poll["voters_count"] == 1 and poll["own_votes"] == [1]
    world.settle()
    [sent] = [one["object"] for one in world.arrived("Create", star.inbox) if one["object"].get("name")]
    assert sent["name"] == "blue" and sent["inReplyTo"] == note["id"] and sent["attributedTo"] == world.ruru.uri
    assert "content" not in sent and sent["to"] == [star.id]
    # What its server says is what counts.
    for option, n in zip(note["oneOf"], (7, 3)):
        option["replies"]["totalItems"] = n
    world.deliver(star, activity.update(star, {**note, "votersCount": 10}))
    shown = nobody.get(f"/api/v1/polls/{post['id']}")
    assert counts(shown) == [7, 3] and shown["voters_count"] == 10
    assert nobody.get(f"/api/v1/statuses/{post['id']}")["edited_at"] is None
    # At the end it is asked once more, and we are told.
    note["oneOf"][0]["replies"]["totalItems"] = 9
    world.peer.publish({**note, "@context": activity.CONTEXT, "endTime": "2020-01-01T00:00:00Z"})
    end(world, post["id"])
    assert counts(nobody.get(f"/api/v1/polls/{post['id']}")) == [9, 3]
    assert ("poll", star.name) in world.ruru.told("poll")


def test_a_page_shows_the_poll(world, ruru, toroa):
    status = ask(ruru, "tea", "coffee")
    toroa.post(f"/api/v1/polls/{status['id']}/votes", choices=[0])
    page = world.toroa.enter().get(f"/@ruru/posts/{status['id']}/").text
    assert "tea" in page and "100" in page and "chosen" in page

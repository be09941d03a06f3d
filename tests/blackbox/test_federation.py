# SPDX-License-Identifier: AGPL-3.0-or-later
"""Actors and each other, over the wire: follows with their answers both ways, blocks, complaints,
moves, edits and deletions of actors. The peer is scripted; what we send it verifies."""

import json

import pytest

from harness import activity, signature
from harness.world import KEA, WEKA, world_of


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


# Somebody follows us

@pytest.mark.parametrize("form", signature.FORMS)
def test_a_follow_is_accepted_and_the_answer_signed(world, form):
    ana = world.actor()
    follow = world.deliver(ana, activity.follow(ana, world.ruru.uri), form=form)
    assert world.follow_state(ana, world.ruru.uri) == "accepted"
    [accept] = [one for one in world.peer.inbox("Accept") if one.request.url == ana.inbox]
    assert accept.json["actor"] == world.ruru.uri
    assert accept.json["object"] == {"id": follow["id"], "type": "Follow", "actor": ana.id, "object": world.ruru.uri}
    assert accept.verify(world.site).key_id == f"{world.ruru.uri}#main-key"
    assert accept.request.header("content-type") == "application/activity+json"
    assert ("follow", ana.name) in world.ruru.told()
    assert world.site.object(f"{world.ruru.uri}followers/?page=1")["orderedItems"][0] == ana.id


def test_a_repeated_follow_is_answered_again_and_told_once(world):
    ana = world.follower(world.ruru)
    world.deliver(ana, activity.follow(ana, world.ruru.uri))
    assert len(world.arrived("Accept", ana.inbox)) == 2
    assert world.ruru.told("follow").count(("follow", ana.name)) == 1


@pytest.mark.parametrize("verb, kind, state", [("accept", "Accept", "accepted"), ("reject", "Reject", "removed")])
def test_a_locked_account_decides_for_itself(world, verb, kind, state):
    world.site.sql("update identities set locked = true where id = %s", world.toroa.id)
    ana = world.actor()
    follow = world.deliver(ana, activity.follow(ana, world.toroa.uri))
    assert world.follow_state(ana, world.toroa.uri) == "pending_approval"
    assert world.arrived(inbox=ana.inbox) == []
    assert world.toroa.told()[-1] == ("follow_request", ana.name)
    world.toroa.about(ana.handle, verb)
    world.settle()
    assert world.follow_state(ana, world.toroa.uri) == state
    [answer] = world.arrived(inbox=ana.inbox)
    assert (answer["type"], answer["object"]["id"]) == (kind, follow["id"])
    assert ("follow_request", ana.name) not in world.toroa.told()
    world.site.sql("update identities set locked = false where id = %s", world.toroa.id)


def test_a_pending_follower_gets_and_reads_nothing_private(world, peers):
    world.site.sql("update identities set locked = true where id = %s", world.toroa.id)
    ana = world.actor(peer=peers("peer2.test", tls=True))
    world.deliver(ana, activity.follow(ana, world.toroa.uri))
    post = world.toroa.write("for followers", "followers")
    world.settle()
    assert world.arrived(peer=ana.peer) == []
    assert ana.fetch(world.site, post["object_uri"]).status_code == 404
    world.toroa.about(ana.handle, "accept")
    world.settle()
    assert ana.fetch(world.site, post["object_uri"]).status_code == 200
    world.site.sql("update identities set locked = false where id = %s", world.toroa.id)


@pytest.mark.parametrize("how", ["object", "id", "object without id"])
def test_an_undone_follow_is_gone(world, how):
    ana = world.actor()
    follow = world.deliver(ana, activity.follow(ana, world.ruru.uri))
    what = {"object": follow, "id": follow["id"],
            "object without id": {"type": "Follow", "actor": ana.id, "object": world.ruru.uri}}[how]
    world.deliver(ana, activity.undo(ana, what))
    assert world.follow_state(ana, world.ruru.uri) == "removed"
    assert ("follow", ana.name) not in world.ruru.told()
    world.deliver(ana, activity.follow(ana, world.ruru.uri))
    assert world.follow_state(ana, world.ruru.uri) == "accepted"


def test_nobody_undoes_the_follow_of_another(world):
    ana, eve = world.actor(), world.actor("eve")
    follow = world.deliver(ana, activity.follow(ana, world.ruru.uri))
    for what in (follow, follow["id"]):
        world.deliver(eve, activity.undo(eve, what))
    assert world.follow_state(ana, world.ruru.uri) == "accepted"


@pytest.mark.parametrize("target", ["https://kea.test/actor/", "https://kea.test/@nobody@kea.test/",
                                    "https://moa.test/users/x"])
def test_who_cannot_be_followed_is_not(world, target):
    ana = world.actor()
    thing = world.deliver(ana, activity.follow(ana, target))
    assert world.verdict(thing) == "refused"
    assert world.site.sql("select 1 from follows where source_id = %s", world.identity(ana)["id"]) == []


# We follow somebody

@pytest.mark.parametrize("how", ["object", "id", "object without id"])
def test_our_follow_is_accepted(world, how):
    star = world.actor("star")
    follow = world.follow(world.ruru, star)
    [request] = [one for one in world.peer.inbox("Follow") if one.request.url == star.inbox]
    assert request.verify(world.site).key_id == f"{world.ruru.uri}#main-key"
    assert (follow["actor"], follow["object"]) == (world.ruru.uri, star.id)
    assert world.follow_state(world.ruru.uri, star) == "pending_approval"
    what = {"object": follow, "id": follow["id"],
            "object without id": {"type": "Follow", "actor": world.ruru.uri, "object": star.id}}[how]
    world.deliver(star, activity.accept(star, what))
    assert world.follow_state(world.ruru.uri, star) == "accepted"
    assert world.site.object(f"{world.ruru.uri}following/?page=1")["orderedItems"][0] == star.id


def test_only_who_is_followed_can_answer(world):
    star, eve = world.actor("star"), world.actor("eve")
    follow = world.follow(world.ruru, star)
    for what in (follow, follow["id"]):
        for answer in (activity.accept, activity.reject):
            world.deliver(eve, answer(eve, what))
    assert world.follow_state(world.ruru.uri, star) == "pending_approval"


@pytest.mark.parametrize("before", [False, True])
def test_our_follow_is_rejected_before_or_after_it_was_accepted(world, before):
    star = world.actor("star")
    follow = world.follow(world.ruru, star)
    if before:
        world.deliver(star, activity.accept(star, follow))
        note = activity.note(star, "soon forgotten")
        world.deliver(star, activity.create(star, note))
        assert world.post(note)["id"] in world.ruru.home()
    world.deliver(star, activity.reject(star, follow))
    assert world.follow_state(world.ruru.uri, star) == "removed"
    if before:
        assert world.post(note)["id"] not in world.ruru.home()


def test_we_take_a_follow_back(world):
    star = world.followed(world.ruru)
    [follow] = world.arrived("Follow", star.inbox)
    world.ruru.about(star.handle, "unfollow")
    world.settle()
    [undo] = world.arrived("Undo", star.inbox)
    assert (undo["object"]["type"], undo["object"]["id"]) == ("Follow", follow["id"])
    assert world.follow_state(world.ruru.uri, star) == "removed"


def test_a_follow_made_again_is_another_one(world):
    star = world.followed(world.ruru)
    world.ruru.about(star.handle, "unfollow")
    world.settle()
    world.follow(world.ruru, star)
    first, second = world.arrived("Follow", star.inbox)
    assert first["id"] != second["id"]


# Blocks

def test_a_block_of_ours_is_told_and_ends_follows(world):
    ana = world.followed(world.ruru)
    world.deliver(ana, activity.follow(ana, world.ruru.uri))
    world.ruru.about(ana.handle, "block")
    world.settle()
    kinds = [one["type"] for one in world.arrived(inbox=ana.inbox)]
    assert {"Block", "Undo", "Reject"} <= set(kinds)
    assert world.follow_state(ana, world.ruru.uri) == world.follow_state(world.ruru.uri, ana) == "removed"
    world.deliver(ana, activity.follow(ana, world.ruru.uri))
    assert world.follow_state(ana, world.ruru.uri) == "removed"
    note = activity.note(ana, "let me in", cc=[world.ruru.uri], tag=[activity.mention(world.ruru.uri)])
    told = world.ruru.told()
    world.deliver(ana, activity.create(ana, note))
    assert world.ruru.told() == told and (not world.post(note) or world.post(note)["id"] not in world.ruru.home())
    world.ruru.about(ana.handle, "unblock")
    world.settle()
    undo = world.arrived("Undo", ana.inbox)[-1]
    assert undo["object"]["type"] == "Block" and undo["object"]["object"] == ana.id


@pytest.mark.parametrize("how", ["object", "id"])
def test_a_block_by_others_is_obeyed_and_taken_back(world, how):
    ana = world.followed(world.ruru)
    block = world.deliver(ana, activity.block(ana, world.ruru.uri))
    assert world.follow_state(world.ruru.uri, ana) == "removed"
    post = world.ruru.write("not for ana")
    assert ana.fetch(world.site, post["object_uri"]).status_code in (200, 404)  # anybody may read what is public
    assert world.ruru.submit(f"/@{ana.handle}/follow/").status_code == 403
    world.deliver(ana, activity.undo(ana, block if how == "object" else block["id"]))
    assert world.site.value("select state from blocks where uri = %s", block["id"]) == "removed"
    assert world.ruru.submit(f"/@{ana.handle}/follow/").status_code == 303


# Complaints

def test_a_complaint_is_kept_for_the_tenant_that_it_concerns(world):
    ana = world.actor()
    post = world.ruru.write("provocative")
    flag = world.deliver(ana, activity.flag(ana, [world.ruru.uri, post["object_uri"]], "he <b>said</b> it"), WEKA)
    world.deliver(ana, flag)
    rows = world.site.sql("select r.*, d.name from reports r join domains d on d.id = r.domain_id where r.uri = %s",
                          flag["id"])
    assert [(row["name"], row["subject_id"], row["post_ids"], row["comment"]) for row in rows] == [
        ("kea.test", world.ruru.id, [post["id"]], "he said it")]


def test_a_complaint_about_nobody_here_is_refused(world):
    ana = world.actor()
    assert world.verdict(world.deliver(ana, activity.flag(ana, ["https://peer9.test/x"]))) == "refused"


# Edited, moved and deleted actors

def test_an_edited_actor_is_asked_for_anew(world):
    ana = world.followed(world.ruru)
    ana.overrides.update(name="Ana II", summary='<p onclick="x">new</p><script>alert(1)</script>',
                         manuallyApprovesFollowers=True,
                         attachment=[{"type": "PropertyValue", "name": "n", "value": "<a href='javascript:x'>v</a>"}])
    world.deliver(ana, activity.update(ana, {**ana.document(), "name": "Not what the document says"}))
    row = world.identity(ana)
    assert (row["name"], row["summary"], row["locked"]) == ("Ana II", "<p>new</p>", True)
    assert "javascript" not in row["fields"][0]["value"]


def test_nobody_edits_another_actor(world):
    ana, eve = world.followed(world.ruru), world.actor("eve")
    thing = world.deliver(eve, {**activity.update(eve, {**ana.document(), "name": "owned"})})
    assert world.verdict(thing) == "refused" and world.identity(ana)["name"] != "owned"


def test_a_move_is_kept_as_the_actors_own_document_has_it(world):
    old, new = world.followed(world.ruru), world.actor("new")
    thing = world.deliver(old, activity.move(old, new))
    assert world.verdict(thing) == "processed" and world.identity(old)["moved_to_uri"] == ""
    old.overrides["movedTo"] = new.id
    world.deliver(old, activity.move(old, new))
    assert world.identity(old)["moved_to_uri"] == new.id


def test_a_deleted_actor_leaves_nothing(world):
    ana = world.followed(world.ruru)
    world.deliver(ana, activity.follow(ana, world.ruru.uri))
    note = activity.note(ana, "the last words", cc=[world.ruru.uri], tag=[activity.mention(world.ruru.uri)])
    world.deliver(ana, activity.create(ana, note))
    ours = world.ruru.write("liked by one who leaves")
    world.deliver(ana, activity.like(ana, ours["object_uri"]))
    assert world.reactions(ours, "like") == [ana.id]
    world.peer.answer(f"/users/{ana.name}", status=410)
    world.deliver(ana, activity.delete(ana, ana))
    row, post = world.identity(ana), world.post(note)
    assert row["state"] == "gone" and row["deleted"] and row["name"] == ""
    assert post["content"] == "" and post["deleted"] and post["id"] not in world.ruru.home()
    assert world.reactions(ours, "like") == []
    assert all(name != ana.name for _, name in world.ruru.told())
    assert world.follow_state(world.ruru.uri, ana) in (None, "removed")
    assert world.follow_state(ana, world.ruru.uri) in (None, "removed")


def test_a_profile_edited_here_is_told_to_followers(world):
    fan = world.follower(world.toroa)
    world.toroa.do("/settings/profile/", name="Toroa", bio="New words", discoverable="1", show_follows="1")
    world.settle()
    update = [one for one in world.arrived("Update") if one["object"]["id"] == world.toroa.uri][-1]
    assert "New words" in update["object"]["summary"] and update["actor"] == world.toroa.uri
    assert world.arrived("Update", fan.shared_inbox)


def test_an_identity_deleted_here_is_told_to_followers(world):
    world.site.rookery("identity", "add", "huia@kea.test")
    uri = "https://kea.test/@huia@kea.test/"
    fan = world.actor("fan")
    world.deliver(fan, activity.follow(fan, uri))
    world.site.rookery("identity", "delete", "huia@kea.test", "--yes")
    world.settle()
    [delete] = [one for one in world.peer.inbox("Delete") if one.json["actor"] == uri]
    assert delete.json["object"] == uri
    assert delete.json["to"] == [activity.PUBLIC]
    assert world.follow_state(fan, uri) == "removed"
    assert world.verdict(world.deliver(fan, activity.follow(fan, uri), KEA)) == "refused"


# Strange things

KINDS = ("Accept", "Add", "Announce", "Block", "Create", "Delete", "Flag", "Follow", "Like", "Move", "Reject", "Remove",
         "Undo", "Update", "EmojiReact", "Arrive", ["Follow", "Like"], "https://www.w3.org/ns/activitystreams#Follow")
NAMELESS = ({}, {"type": "Person"}, {"type": "Note"}, {"type": "Note", "content": "x"}, [{}], {"id": 7}, {"id": None},
            {"id": ""}, {"type": "Follow"}, {"type": "Like", "actor": "ME"},
            {"type": "Follow", "actor": "ME", "object": {}},
            {"type": "Announce", "actor": "ME", "object": [{}, {"id": []}]},
            {"type": ["Note"], "id": {}},
            {"type": "Undo", "actor": "ME", "object": {"type": "Undo", "object": {}}}, "ME", "", 7, None, [[]])


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_objects_without_a_name_break_nothing(world, kind):
    """What the handlers look up may be missing at every depth: each is refused or does nothing."""
    ana = world.actor()
    for n, thing in enumerate(NAMELESS):
        raw = json.dumps({"id": f"{ana.id}/{n}", "type": kind, "actor": ana.id, "object": thing})
        raw = raw.replace('"ME"', f'"{ana.id}"')
        assert ana.send(world.site, KEA, json.loads(raw)).status_code in (202, 400, 401), raw  # it may delete itself
        more = {"target": [{}, 7][n % 2], "to": {"id": {}}, "cc": [None], "content": 7, "id": None}
        assert ana.send(world.site, KEA, {**json.loads(raw), **more}).status_code in (202, 400, 401), raw
    world.settle()
    assert world.site.sql("select 1 from inbox_messages where state = 'received'") == []
    assert world.site.sql("select 1 from posts where author_id = %s", world.identity(ana)["id"]) == []

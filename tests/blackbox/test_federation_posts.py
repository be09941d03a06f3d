# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posts over the wire: what arrives is stored for those that it is for and shown to nobody else; what
is written here reaches everybody that it should, signed, once per server."""

import datetime

import pytest

from harness import activity, signature
from harness.activity import PUBLIC
from harness.world import KEA, WEKA, world_of


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


def create(world, author, content="hello", inbox=KEA, **more):
    note = activity.note(author, content, **more)
    world.deliver(author, activity.create(author, note), inbox)
    return note


# What arrives

def audiences(star, ruru):
    """Of each kind of post: how it is addressed, what it is stored as, and whether followers have it at home."""
    followers = f"{star.id}/followers"
    tag = [activity.mention(ruru.uri)]
    return {
        "public": ({}, "public", True),
        "public, written as:Public": ({"to": ["as:Public"]}, "public", True),
        "unlisted": ({"to": [followers], "cc": [PUBLIC]}, "unlisted", True),
        "followers": ({"to": [followers], "cc": []}, "followers", True),
        "mentioned": ({"to": [ruru.uri], "cc": [], "tag": tag}, "mentioned", True),
        "mentioned without a tag": ({"to": [ruru.uri], "cc": []}, "mentioned", True),
        "to nobody here": ({"to": ["https://peer9.test/x"], "cc": []}, None, False),
    }


@pytest.mark.parametrize("kind", ["public", "public, written as:Public", "unlisted", "followers", "mentioned",
                                  "mentioned without a tag", "to nobody here"])
def test_a_note_is_stored_for_its_audience(world, kind):
    star = world.followed(world.ruru)
    how, visibility, at_home = audiences(star, world.ruru)[kind]
    note = create(world, star, "<p>hello <script>x</script>there</p>", **how)
    post = world.post(note)
    if visibility is None:
        assert post is None
        return
    assert (post["visibility"], post["content"], post["state"]) == (visibility, "<p>hello there</p>", "fanned_out")
    assert (post["id"] in world.ruru.home()) == at_home
    assert world.readers(post) == (set() if visibility in ("public", "unlisted") else {"kea.test"})
    assert (("mention", star.name) in world.ruru.told()) == ("mentioned" in kind)
    assert world.post(note)["id"] not in world.toroa.home()


def test_a_mention_is_told_whoever_follows(world):
    ana = world.actor()
    note = create(world, ana, "hey", cc=[world.ruru.uri], tag=[activity.mention(world.ruru.uri, "@ruru@kea.test")])
    assert world.ruru.told()[-1] == ("mention", ana.name)
    assert world.post(note)["id"] not in world.ruru.home()


def test_a_post_that_concerns_nobody_here_is_not_kept(world):
    ana = world.actor()
    assert world.post(create(world, ana)) is None


def test_a_private_post_is_read_by_its_addressee_alone(world):
    star = world.followed(world.ruru)
    note = create(world, star, "for your eyes", to=[world.ruru.uri], cc=[], tag=[activity.mention(world.ruru.uri)])
    path = f"/@{star.handle}/posts/{world.post(note)['id']}/"
    assert "for your eyes" in world.ruru.get(path).text
    for other in (world.toroa, world.weka_ruru):
        answer = other.enter().get(path)
        assert answer.status_code == 404 and "for your eyes" not in answer.text
    assert "for your eyes" not in world.site.get(f"https://kea.test{path}").text


def test_the_same_post_twice_is_one(world):
    star = world.followed(world.ruru)
    note = create(world, star)
    before = world.post(note)
    world.deliver(star, activity.create(star, {**note, "content": "another text"}))
    assert world.post(note) == before and world.ruru.home().count(before["id"]) == 1


def test_an_old_post_is_stored_and_not_shown_as_news(world):
    star = world.followed(world.ruru)
    note = create(world, star, published="2020-05-06T07:08:09Z")
    post = world.post(note)
    assert post["published"] == datetime.datetime(2020, 5, 6, 7, 8, 9, tzinfo=datetime.timezone.utc)
    assert post["id"] not in world.ruru.home()


TYPES = {
    "Article": {"name": "A title", "content": "<h2>Chapter</h2><p>text</p>", "summary": "about"},
    "Question": {"content": "Which?", "oneOf": [{"type": "Note", "name": "x" * 200, "replies": {"totalItems": 3}},
                                                {"type": "Note", "name": "no"}], "endTime": "2030-01-01T00:00:00Z"},
    "Page": {"name": "A link", "content": "", "attachment": [
        {"type": "Link", "href": "https://example.org/" + "x" * 900}]},
    "Video": {"name": "Film", "mediaType": "text/markdown", "content": "**bold**",
              "url": [{"type": "Link", "mediaType": "text/html", "href": "https://peer1.test/w/1"},
                      {"type": "Link", "mediaType": "video/mp4", "height": 720, "href": "https://peer1.test/1.mp4"}]},
    "Image": {"name": "Photo", "url": [
        {"type": "Link", "mediaType": "image/jpeg", "href": "https://peer1.test/1.jpg"}]},
    "Event": {"name": "Party", "content": "come", "startTime": "2030-01-01T20:00:00Z",
              "location": {"type": "Place", "name": "Wellington"}},
    "Audio": {"name": "Song", "url": {"type": "Link", "mediaType": "audio/ogg", "href": "https://peer1.test/1.ogg"}},
}


@pytest.mark.parametrize("kind", TYPES)
def test_other_types_are_posts_too(world, kind):
    star = world.followed(world.ruru)
    thing = create(world, star, **{"type": kind, **TYPES[kind]})
    post = world.post(thing)
    assert post["type"] == kind and post["id"] in world.ruru.home()
    assert post["detail"].get("name") == TYPES[kind].get("name")
    page = world.ruru.get(f"/@{star.handle}/posts/{post['id']}/")
    assert page.status_code == 200
    media = [row["remote_url"] for row in
             world.site.sql("select remote_url from attachments where post_id = %s", post["id"])]
    assert len(media) == (kind in ("Page", "Video", "Image", "Audio"))
    if kind == "Question":
        assert world.site.value("select votes from polls where id = %s", post["id"]) == [3, 0]
    if kind == "Event":
        assert post["detail"]["location"] == "Wellington"
    if kind == "Video":
        assert "<strong>" not in post["content"] and "bold" in post["content"]


@pytest.mark.parametrize("form", signature.FORMS)
def test_an_update_changes_the_post_of_its_author(world, form):
    star = world.followed(world.ruru)
    note = create(world, star, "first #one", tag=[{"type": "Hashtag", "name": "#one"}],
                  attachment=[{"type": "Document", "mediaType": "image/png", "url": "https://peer1.test/a.png"}])
    new = {**note, "content": "second", "updated": activity.now(), "tag": [], "summary": "cw", "sensitive": True,
           "attachment": [], "to": [world.toroa.uri], "cc": []}
    world.deliver(star, activity.update(star, new), form=form)
    post = world.post(note)
    assert (post["content"], post["summary"], post["sensitive"]) == ("second", "cw", True) and post["edited"]
    assert post["visibility"] == "public"  # it was read already
    assert world.site.sql("select 1 from attachments where post_id = %s", post["id"]) == []
    assert world.site.sql("select 1 from post_hashtags where post_id = %s", post["id"]) == []


def test_an_update_of_what_is_not_here_is_received(world):
    star = world.followed(world.ruru)
    note = activity.note(star, "only the edited one came")
    world.deliver(star, activity.update(star, note))
    assert world.post(note)["id"] in world.ruru.home()


def test_nobody_changes_or_deletes_the_post_of_another(world):
    star, eve = world.followed(world.ruru), world.followed(world.ruru, name="eve")
    note = create(world, star, "mine")
    for spoilt in ({**note, "content": "owned"}, {**note, "content": "owned", "attributedTo": eve.id}):
        assert world.verdict(world.deliver(eve, activity.update(eve, spoilt))) == "refused"
    for what in (note, note["id"]):
        thing = world.deliver(eve, {**activity.delete(eve, note), "object": what})
        assert world.verdict(thing) == "refused"
    ours = world.ruru.write("mine too")
    world.settle()
    for thing in (activity.update(eve, {**activity.note(eve, "owned"), "id": ours["object_uri"]}),
                  activity.update(eve, {**activity.note(eve, "owned"), "id": ours["object_uri"],
                                        "attributedTo": world.ruru.uri}),
                  activity.delete(eve, ours["object_uri"]),
                  activity.create(eve, {**activity.note(eve, "owned"), "id": ours["object_uri"] + "x"}),
                  activity.create(eve, {**activity.note(eve, "owned"), "attributedTo": star.id})):
        assert world.verdict(world.deliver(eve, thing)) == "refused"
    assert world.post(note)["content"] == "mine" and world.post(note)["author_id"] == world.identity(star)["id"]
    assert "owned" not in world.post(ours["object_uri"])["content"]


@pytest.mark.parametrize("how", ["object", "tombstone", "id"])
@pytest.mark.parametrize("visibility", ["public", "followers"])
def test_a_deleted_post_leaves_a_tombstone(world, how, visibility):
    star = world.followed(world.ruru)
    followers = f"{star.id}/followers"
    note = create(world, star, to=[PUBLIC] if visibility == "public" else [followers], cc=[world.ruru.uri],
                  tag=[activity.mention(world.ruru.uri)])
    thing = activity.delete(star, note)
    thing["object"] = {"object": note, "tombstone": thing["object"], "id": note["id"]}[how]
    world.deliver(star, thing)
    post = world.post(note)
    assert post["content"] == "" and post["state"] == "gone"
    assert post["id"] not in world.ruru.home() and ("mention", star.name) not in world.ruru.told()
    world.deliver(star, activity.create(star, note))
    assert world.post(note)["content"] == ""


# Likes, boosts, pins

@pytest.mark.parametrize("kind, make", [("like", activity.like), ("boost", activity.announce)])
@pytest.mark.parametrize("how", ["object", "id", "object with another id"])
def test_reactions_are_told_counted_and_taken_back(world, kind, make, how):
    ana = world.actor()
    post = world.ruru.write("react to this")
    world.settle()
    thing = world.deliver(ana, make(ana, post["object_uri"]))
    world.deliver(ana, make(ana, post["object_uri"]))
    assert world.reactions(post, kind) == [ana.id]
    assert world.ruru.told()[-1] == (kind, ana.name) and world.ruru.told().count((kind, ana.name)) == 1
    assert world.post(post["object_uri"])[f"{kind}s_count"] == 1
    what = {"object": thing, "id": thing["id"], "object with another id": {**thing, "id": thing["id"] + "0"}}[how]
    world.deliver(ana, activity.undo(ana, what))
    assert world.reactions(post, kind) == [] and (kind, ana.name) not in world.ruru.told()
    assert world.post(post["object_uri"])[f"{kind}s_count"] == 0


def test_nobody_takes_back_the_like_of_another(world):
    ana, eve = world.actor(), world.actor("eve")
    post = world.ruru.write("like me")
    world.settle()
    like = world.deliver(ana, activity.like(ana, post["object_uri"]))
    for what in (like, like["id"], {**like, "actor": eve.id}):
        world.deliver(eve, activity.undo(eve, what))
    assert world.reactions(post, "like") == [ana.id]


@pytest.mark.parametrize("visibility", ["followers", "mentioned", "local"])
def test_what_an_actor_may_not_read_it_cannot_react_to(world, visibility):
    ana = world.actor()
    post = world.ruru.write("private", visibility)
    world.settle()
    for make in (activity.like, activity.announce):
        world.deliver(ana, make(ana, post["object_uri"]))
    assert world.reactions(post, "like") == world.reactions(post, "boost") == []
    assert all(name != ana.name for _, name in world.ruru.told())


def test_followers_may_like_but_not_boost_what_is_for_followers(world):
    fan = world.follower(world.ruru)
    post = world.ruru.write("for followers", "followers")
    world.settle()
    world.deliver(fan, activity.like(fan, post["object_uri"]))
    assert world.verdict(world.deliver(fan, activity.announce(fan, post["object_uri"]))) == "refused"
    assert world.reactions(post, "like") == [fan.id] and world.reactions(post, "boost") == []


def test_a_boost_of_an_unknown_post_fetches_it_for_followers(world):
    star, ana = world.followed(world.ruru), world.actor()
    note = world.peer.publish(activity.note(ana, "worth a look"))
    boost = world.deliver(star, activity.announce(star, note))
    post = world.post(note)
    assert post["id"] in world.ruru.home() and post["content"] == "worth a look"
    [fetched] = world.peer.requests("GET", note["id"].removeprefix(world.peer.origin))
    assert fetched.verify(world.site).key_id.endswith("/actor/#main-key")
    world.deliver(star, activity.undo(star, boost))
    assert post["id"] not in world.ruru.home()


def test_a_boost_by_somebody_without_followers_here_fetches_nothing(world):
    ana, ben = world.actor(), world.actor("ben")
    note = world.peer.publish(activity.note(ana, "nobody asked"))
    world.deliver(ben, activity.announce(ben, note))
    assert world.post(note) is None and world.peer.requests("GET", note["id"].removeprefix(world.peer.origin)) == []


def test_pins_are_the_actors_own(world):
    featured = "https://peer1.test/featured"
    star, eve = world.followed(world.ruru), world.followed(world.ruru, name="eve")
    for one in (star, eve):
        one.overrides["featured"] = f"{one.id}/featured"
        world.deliver(one, activity.update(one, one.document()))
    note = create(world, star, "pin me")
    post = world.post(note)
    world.deliver(eve, activity.add(eve, note, f"{star.id}/featured"))
    world.deliver(eve, activity.add(eve, note, f"{eve.id}/featured"))
    world.deliver(star, activity.add(star, note, featured))
    assert world.reactions(post, "pin") == []
    world.deliver(star, activity.add(star, note, f"{star.id}/featured"))
    assert world.reactions(post, "pin") == [star.id]
    world.deliver(star, activity.remove(star, note, f"{star.id}/featured"))
    assert world.reactions(post, "pin") == []


# Threads

def test_parents_are_fetched_to_a_limit(world):
    star, ana = world.followed(world.ruru), world.actor()
    chain = [world.peer.publish(activity.note(ana, "0"))]
    for n in range(1, 26):
        chain.append(world.peer.publish(activity.note(ana, str(n), inReplyTo=chain[-1]["id"])))
    reply = create(world, star, "the newest", inReplyTo=chain[-1]["id"])
    stored = [note for note in chain if world.post(note)]
    assert 10 <= len(stored) <= 20 and stored == chain[-len(stored):]
    for child, parent in zip([reply, *reversed(stored)], reversed(stored)):
        assert world.post(child)["in_reply_to_id"] == world.post(parent)["id"]
    assert all(world.post(note)["id"] not in world.ruru.home() for note in stored)


def test_a_parent_that_cannot_be_had_keeps_no_reply_away(world):
    star = world.followed(world.ruru)
    for parent in ("https://peer1.test/nothing/1", "https://peer98.test/1", "https://kea.test/@ruru@kea.test/posts/1/"):
        note = create(world, star, "a reply", inReplyTo=parent)
        assert world.post(note)["in_reply_to_uri"] == parent and world.post(note)["in_reply_to_id"] is None


def test_a_reply_to_us_is_kept_counted_and_told(world):
    ana = world.actor()
    post = world.ruru.write("what do you think?")
    world.settle()
    note = create(world, ana, "I agree", inReplyTo=post["object_uri"], cc=[world.ruru.uri],
                  tag=[activity.mention(world.ruru.uri)])
    assert world.post(note)["in_reply_to_id"] == post["id"]
    assert world.post(post["object_uri"])["replies_count"] == 1 and world.ruru.told()[-1] == ("mention", ana.name)
    assert "I agree" in world.site.get(post["url"]).text
    assert world.site.object(f"{post['object_uri']}replies/?page=1")["items"] == [note["id"]]


def test_a_reply_that_came_before_its_parent_finds_it_later(world):
    star, ana = world.followed(world.ruru), world.followed(world.ruru)
    parent = activity.note(ana, "slow")
    reply = create(world, star, "quick", inReplyTo=parent["id"])
    assert world.post(reply)["in_reply_to_id"] is None
    world.deliver(ana, activity.create(ana, parent))
    assert world.post(reply)["in_reply_to_id"] == world.post(parent)["id"]


def test_a_post_by_its_id_alone_is_fetched_from_its_own_server(world, peers):
    star, eve = world.followed(world.ruru), world.followed(world.ruru, name="eve")
    note = world.peer.publish(activity.note(star, "fetch me"))
    world.deliver(star, {**activity.create(star, note), "object": note["id"]})
    assert world.post(note)["id"] in world.ruru.home()
    other = peers("peer2.test", tls=True)
    bait = other.publish(activity.note(other.actor("bob"), "elsewhere"))
    assert world.verdict(world.deliver(eve, {**activity.create(eve, bait), "object": bait["id"]})) == "refused"
    assert other.requests() == [] and world.post(bait) is None


# What we send

def test_a_post_of_ours_reaches_each_server_once(world, peers):
    one, two = world.follower(world.ruru), world.follower(world.ruru)
    far = world.actor("far", peer=peers("peer2.test", tls=True))
    post = world.ruru.write(f"hello @{far.name}@peer2.test and everybody")
    world.settle()
    arrived = [one for one in world.peer.inbox("Create") if one.json["object"]["id"] == post["object_uri"]]
    assert [received.request.url for received in arrived] == [one.shared_inbox] == [two.shared_inbox]
    arrived += far.peer.inbox("Create")
    assert len(arrived) == 2
    for received in arrived:
        assert received.verify(world.site).key_id == f"{world.ruru.uri}#main-key"
        note = received.json["object"]
        assert received.json["to"] == note["to"] == [PUBLIC]
        assert received.json["cc"] == note["cc"] == [f"{world.ruru.uri}followers/", far.id]
        assert {"type": "Mention", "href": far.id, "name": f"@{far.handle}"} in note["tag"]
        assert note["attributedTo"] == received.json["actor"] == world.ruru.uri
        assert far.id in note["content"] or f"/@{far.name}" in note["content"]


@pytest.mark.parametrize("visibility, to_followers", [("public", True), ("unlisted", True), ("followers", True),
                                                      ("mentioned", False), ("local", False)])
def test_who_gets_a_post_of_ours(world, peers, visibility, to_followers):
    fan = world.follower(world.ruru)
    named = world.actor("named", peer=peers("peer2.test", tls=True))
    post = world.ruru.write(f"psst @{named.handle}", visibility)
    world.settle()
    def got(peer):
        return [one for one in world.arrived("Create", peer=peer) if one["object"]["id"] == post["object_uri"]]
    assert len(got(fan.peer)) == to_followers
    assert len(got(named.peer)) == (visibility != "local")
    assert (post["id"] in world.ruru.home()) and world.readers(post) == set()
    assert PUBLIC not in str(got(named.peer)) or visibility in ("public", "unlisted")


def test_an_edit_and_a_deletion_of_ours_follow_the_post(world):
    world.follower(world.ruru)
    post = world.ruru.write("first words")
    world.settle()
    world.ruru.edit(post, "better words")
    world.settle()
    world.ruru.delete(post)
    world.settle()
    mine = [one for one in world.arrived() if post["object_uri"] in str(one.get("object"))]
    assert [one["type"] for one in mine] == ["Create", "Update", "Delete"]
    assert "better words" in mine[1]["object"]["content"] and mine[1]["object"]["updated"]
    assert mine[2]["object"]["type"] == "Tombstone" and len({one["id"] for one in mine}) == 3
    assert all(one["to"] == [PUBLIC] for one in mine)


def test_our_likes_and_boosts_go_out_and_come_back(world):
    star = world.followed(world.ruru)
    world.follower(world.ruru)
    note = create(world, star, "nice")
    post = world.post(note)
    for verb in ("like", "boost", "unlike", "unboost"):
        world.ruru.react(star.handle, post["id"], verb)
        world.settle()
    mine = [one for one in world.arrived() if one["actor"] == world.ruru.uri and note["id"] in str(one["object"])]
    assert [one["type"] for one in mine] == ["Like", "Announce", "Undo", "Undo"]
    assert mine[0]["object"] == mine[1]["object"] == note["id"]
    assert mine[1]["to"] == [PUBLIC] and f"{world.ruru.uri}followers/" in mine[1]["cc"]
    assert [one["object"]["id"] for one in mine[2:]] == [mine[0]["id"], mine[1]["id"]]
    assert world.post(note)["likes_count"] == world.post(note)["boosts_count"] == 0


# Two tenants at once

def test_what_two_tenants_get_is_stored_once_for_both(world):
    star = world.followed(world.ruru, world.weka_ruru)
    note = activity.note(star, "to all of you", to=[f"{star.id}/followers"], cc=[])
    thing = activity.create(star, note)
    for inbox in (KEA, WEKA):
        assert star.send(world.site, inbox, thing).status_code == 202
    world.settle()
    [row] = world.site.sql("select domain_ids, state from inbox_messages where actor_uri = %s and "
                           "type = 'Create'", star.id)
    assert len(row["domain_ids"]) == 2 and row["state"] == "processed"
    post = world.post(note)
    assert world.readers(post) == {"kea.test", "weka.test"}
    for person in (world.ruru, world.weka_ruru):
        assert person.home().count(post["id"]) == 1
    world.deliver(star, activity.delete(star, note))
    assert post["id"] not in world.ruru.home() and post["id"] not in world.weka_ruru.home()


def test_what_one_tenant_blocks_reaches_the_other(world, peers):
    mal = world.actor("mal", peer=peers("peer3.test", tls=True))
    kea = world.site.value("select id from domains where name = 'kea.test'")
    for person in (world.ruru, world.weka_ruru):
        world.follow(person, mal)
        world.deliver(mal, activity.accept(mal, activity.follow(person.uri, mal.id)), f"https://{person.domain}/inbox/")
    ours = world.ruru.write("something to like")
    world.site.sql("insert into server_limits (domain_id, host, severity) values (%s, 'peer3.test', 'block')", kea)
    try:
        for how in ({}, {"to": [f"{mal.id}/followers"], "cc": [world.ruru.uri, world.weka_ruru.uri]}):
            note = create(world, mal, "hello", WEKA, tag=[activity.mention(world.ruru.uri), activity.mention(
                world.weka_ruru.uri)], **how)
            post = world.post(note)
            assert post["id"] in world.weka_ruru.home() and post["id"] not in world.ruru.home()
            assert world.readers(post) <= {"weka.test"}
        assert ("mention", mal.name) in world.weka_ruru.told() and ("mention", mal.name) not in world.ruru.told()
        for thing in (activity.like(mal, ours["object_uri"]), activity.follow(mal, world.ruru.uri),
                      activity.flag(mal, [world.ruru.uri], "spite")):
            world.deliver(mal, thing, WEKA)
        assert world.reactions(ours, "like") == [] and world.follow_state(mal, world.ruru.uri) is None
        assert world.site.sql("select 1 from reports where source_id = %s", world.identity(mal)["id"]) == []
    finally:
        world.site.sql("delete from server_limits")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fedify, a server that nobody of this project wrote, federates with two of our domains at once.
Every test runs with both forms of signature that Fedify can begin with, and has an actor there of
its own."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.fixtures import DOMAINS
from harness.programs import Fedify
from installation import Installation, follow_by_handle

ACTORS = ("anna", "bert", "carl", "dora", "emil", "fritz", "gerda", "hanna", "ida", "jonas", "klara", "lena")
FIRST_KNOCKS = ("rfc9421", "draft-cavage-http-signatures-12")
GONE = ("undone", "gone")


@pytest.fixture(scope="module")
def ours(module_database, tmp_path_factory):
    with Installation(module_database, tmp_path_factory.mktemp("site"), DOMAINS) as made:
        yield made


@pytest.fixture(scope="module", params=FIRST_KNOCKS)
def fedify(request, ours, tmp_path_factory):
    name = ("fedify.test", "fedify2.test")[FIRST_KNOCKS.index(request.param)]
    made = Fedify(tmp_path_factory.mktemp("fedify"), name=name, actors=ACTORS, first_knock=request.param)
    yield made
    made.close()
    assert "event=inbox_refused" not in ours.site.server.log()


@pytest.fixture(scope="module")
def kea(ours):
    return ours.person("ruru", "kea.test")


@pytest.fixture(scope="module")
def weka(ours):
    return ours.person("ruru", "weka.test")


class Theirs:
    """One of Fedify's actors."""

    def __init__(self, fedify, name):
        self.fedify, self.name = fedify, name
        self.id, self.handle = fedify.id(name), fedify.handle(name)

    def do(self, command, **parameters):
        return self.fedify.do(command, self.name, **parameters)

    def follow(self, ours, person):
        """Follows one of ours; gives the Follow when it was accepted."""
        sent = self.do("follow", to=f"@{person.handle}")
        ours.will("the Accept", lambda: [one for one in self.received("Accept", person)
                                         if object_id(one) == sent["id"]])
        return sent

    def followed_by(self, ours, *people):
        for person in people:
            follow_by_handle(person, self.handle)
        for person in people:
            ours.will("their Accept", lambda: ours.follow_state(person.uri, self.id) == "accepted")

    def received(self, kind, person):
        return [one for one in self.fedify.received(kind) if one["actor"] == person.uri]

    def note(self, ours, to="followers", **more):
        """A note that is stored here."""
        made = self.do("note", to=to, **more)["object"]
        ours.will("the note", lambda: ours.post(made["id"]))
        return made


@pytest.fixture
def theirs(request, fedify):
    """An actor that no other test uses."""
    tests = [name for name in globals() if name.startswith("test_")]
    return Theirs(fedify, ACTORS[tests.index(request.node.originalname)])


def object_id(activity):
    found = activity["object"]
    return found["id"] if isinstance(found, dict) else found


def about(activities, uri):
    return [one for one in activities if object_id(one) == uri]


def undone(activities, kind, uri):
    """Undos of an activity of this type about this object."""
    return [one for one in activities if one["object"]["type"] == kind and object_id(one["object"]) == uri]


def test_it_follows_two_domains_at_once(ours, theirs, kea, weka):
    found = theirs.do("lookup", name=f"@{kea.handle}")
    assert (found["type"], found["id"]) == ("Person", kea.uri)
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(theirs.follow, ours, person) for person in (kea, weka)]:
            done.result()
    for person in (kea, weka):
        ours.will("the follow", lambda: ours.follow_state(theirs.id, person.uri) == "accepted")
        assert ("follow", theirs.name) in person.told("follow")
        listed = theirs.do("lookup", name=f"{person.uri}followers/")["document"]
        assert listed["totalItems"] >= 1
    follow = theirs.received("Accept", weka)[-1]["object"]
    theirs.do("undo", to=f"@{weka.handle}", activity=object_id({"object": follow}))
    ours.will("the end of the follow", lambda: ours.follow_state(theirs.id, weka.uri) in ("removed", "undone", None))
    assert ours.follow_state(theirs.id, kea.uri) == "accepted"


@pytest.mark.parametrize("form", ("cavage", "rfc9421"))
def test_it_gets_posts_their_edits_and_their_end(ours, theirs, kea, form):
    theirs.follow(ours, kea)
    ours.site.sql("update servers set signature_form = %s where host = %s", form, theirs.fedify.name)
    post = kea.write(f"A kea walks into a bar, said @{theirs.handle} #birds", summary="an old one")
    uri = post["object_uri"]
    created = ours.will("the Create", lambda: about(theirs.received("Create", kea), uri))[0]
    note = created["object"]
    assert (note["type"], note["attributedTo"], note["summary"]) == ("Note", kea.uri, "an old one")
    assert "walks into a bar" in note["content"]
    tags = note["tag"]
    assert {tag["type"]: tag["name"] for tag in tags} == {"Mention": f"@{theirs.handle}", "Hashtag": "#birds"}
    assert theirs.do("lookup", name=uri)["document"]["content"] == note["content"]

    kea.edit(post, "A kea flies into a bar", summary="an old one")
    updated = ours.will("the Update", lambda: about(theirs.received("Update", kea), uri))[0]
    assert "flies into a bar" in updated["object"]["content"] and updated["object"]["updated"]

    kea.delete(post)
    deleted = ours.will("the Delete", lambda: about(theirs.received("Delete", kea), uri))[0]
    assert deleted["object"]["type"] == "Tombstone"
    assert ours.site.value("select signature_form from servers where host = %s", theirs.fedify.name) == form
    assert len(about(theirs.received("Create", kea), uri)) == 1


def test_it_hears_of_likes_and_boosts_and_their_end(ours, theirs, kea):
    theirs.followed_by(ours, kea)
    note = theirs.note(ours, content="<p>Hello from <b>Fedify</b></p>")
    row = ours.post(note["id"])
    for verb, kind in (("like", "Like"), ("boost", "Announce")):
        kea.react(theirs.handle, row["id"], verb)
        ours.will(kind, lambda: about(theirs.received(kind, kea), note["id"]))
        kea.react(theirs.handle, row["id"], f"un{verb}")
        ours.will(f"Undo of {kind}", lambda: undone(theirs.received("Undo", kea), kind, note["id"]))


def test_its_notes_come_to_two_domains_at_once(ours, theirs, kea, weka):
    theirs.followed_by(ours, kea, weka)
    note = theirs.note(ours, content="<p>For <i>both</i> of you</p>")
    for person in (kea, weka):
        ours.will("the note on the home page", lambda: ours.post(note["id"])["id"] in person.home())
        assert "<em>both</em>" in person.get("/home/").text or "<i>both</i>" in person.get("/home/").text
    theirs.do("update", to="followers", note=note["id"], content="<p>Better</p>")
    ours.will("the edit", lambda: ours.post(note["id"])["content"] == "<p>Better</p>")
    assert ours.post(note["id"])["edited"]
    theirs.do("delete", to="followers", note=note["id"])
    ours.will("the deletion", lambda: ours.post(note["id"])["deleted"])
    for person in (kea, weka):
        ours.will("the empty place", lambda: ours.post(note["id"])["id"] not in person.home())


def test_it_likes_and_boosts_and_takes_it_back(ours, theirs, kea):
    post = kea.write("Please like and share")
    uri = post["object_uri"]
    for command, kind in (("like", "like"), ("announce", "boost")):
        done = theirs.do(command, to=f"@{kea.handle}", object=uri)
        ours.will(command, lambda: ours.reaction_state(kind, theirs.id, uri) == "fanned_out")
        ours.will("the number", lambda: ours.post(uri)[f"{kind}s_count"] == 1)
        assert (kind, theirs.name) in kea.told(kind)
        theirs.do("undo", to=f"@{kea.handle}", activity=done["id"])
        ours.will(f"the end of {command}", lambda: ours.reaction_state(kind, theirs.id, uri) in GONE)
        ours.will("the number", lambda: ours.post(uri)[f"{kind}s_count"] == 0)
        assert (kind, theirs.name) not in kea.told(kind)


def test_its_boost_of_another_post_brings_that_post(ours, theirs, kea):
    other = Theirs(theirs.fedify, "anna")
    note = other.do("note", to=theirs.id, content="<p>Seldom heard</p>")["object"]
    theirs.followed_by(ours, kea)
    theirs.do("announce", to="followers", object=note["id"])
    ours.will("the boosted note", lambda: ours.post(note["id"]))
    ours.will("the boost on the home page", lambda: ours.post(note["id"])["id"] in kea.home())
    assert "Seldom heard" in kea.get("/home/").text


def test_a_conversation(ours, theirs, kea):
    first = theirs.note(ours, to=f"@{kea.handle}", content="<p>Are you there?</p>", mention=f"@{kea.handle}")
    ours.will("the mention", lambda: ("mention", theirs.name) in kea.told("mention"))
    answer = kea.write(f"@{theirs.handle} I am", in_reply_to=str(ours.post(first["id"])["id"]))
    created = ours.will("the answer", lambda: about(theirs.received("Create", kea), answer["object_uri"]))[0]
    assert created["object"]["inReplyTo"] == first["id"]
    last = theirs.note(ours, to=f"@{kea.handle}", content="<p>Good</p>", inReplyTo=answer["object_uri"])
    assert ours.post(last["id"])["in_reply_to_id"] == answer["id"]
    page = kea.get(f"/@{theirs.handle}/posts/{ours.post(first['id'])['id']}/").text
    assert page.index("Are you there?") < page.index("I am") < page.index("Good")


def test_a_direct_note_is_for_one_alone(ours, theirs, kea, weka):
    note = theirs.note(ours, to=f"@{kea.handle}", content="<p>psst</p>", mention=f"@{kea.handle}", direct=True)
    row = ours.post(note["id"])
    assert row["visibility"] == "mentioned"
    path = f"/@{theirs.handle}/posts/{row['id']}/"
    assert "psst" in kea.get(path).text
    assert weka.get(path).status_code == 404
    answer = kea.write(f"@{theirs.handle} yes?", "mentioned", in_reply_to=str(row["id"]))
    created = ours.will("the answer", lambda: about(theirs.received("Create", kea), answer["object_uri"]))[0]
    assert created["to"] == theirs.id or created["to"] == [theirs.id]


def test_it_turns_a_follow_away(ours, theirs, kea):
    theirs.do("follows", accepts=False)
    follow_by_handle(kea, theirs.handle)
    ours.will("the Follow", lambda: theirs.received("Follow", kea))
    ours.will("the Reject", lambda: ours.follow_state(kea.uri, theirs.id) in ("removed", "rejecting"))
    theirs.do("follows", accepts=True)
    theirs.followed_by(ours, kea)
    kea.about(theirs.handle, "unfollow")
    ours.will("our Undo", lambda: undone(theirs.received("Undo", kea), "Follow", theirs.id))
    assert theirs.fedify.state()[theirs.name]["followers"] == []


def test_blocks_both_ways(ours, theirs, kea):
    theirs.follow(ours, kea)
    kea.about(theirs.handle, "block")
    ours.will("our Block", lambda: about(theirs.received("Block", kea), theirs.id))
    ours.will("the end of the follow", lambda: theirs.received("Reject", kea))
    kea.about(theirs.handle, "unblock")
    ours.will("its Undo", lambda: undone(theirs.received("Undo", kea), "Block", theirs.id))
    theirs.do("block", to=f"@{kea.handle}", object=kea.uri)
    ours.will("their block", lambda: ours.value(
        "select b.state from blocks b join identities i on i.id = b.source_id where i.actor_uri = %s",
        theirs.id) == "sent")
    assert kea.submit(f"/@{theirs.handle}/follow/").status_code == 403


def test_new_keys_are_fetched(ours, theirs, kea):
    theirs.followed_by(ours, kea)
    theirs.note(ours, content="<p>Signed with the old key</p>")
    theirs.do("rotate_keys")
    theirs.note(ours, content="<p>Signed with the new key</p>")


def test_profiles_change_both_ways(ours, theirs, weka):
    theirs.followed_by(ours, weka)
    theirs.follow(ours, weka)
    theirs.do("update_profile", to="followers", displayName="Lena the Second")
    ours.will("their new name", lambda: ours.value("select name from identities where actor_uri = %s", theirs.id)
              == "Lena the Second")
    weka.do("/settings/profile/", name=f"Ruru for {theirs.fedify.name}", bio="A small owl", discoverable="1",
            show_follows="1")
    updated = ours.will("our Update", lambda: [one for one in about(theirs.received("Update", weka), weka.uri) if
                                               one["object"]["name"] == f"Ruru for {theirs.fedify.name}"])[0]
    assert "A small owl" in updated["object"]["summary"]

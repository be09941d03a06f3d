# SPDX-License-Identifier: AGPL-3.0-or-later
"""snac2, an everyday peer in C that nobody of this project wrote. It answers 202 before it looks at
what it got and works through a queue in steps of about two seconds, so every test lets both sides act
at once and then waits."""

import pytest

from harness import keys
from harness.fixtures import DOMAINS
from harness.programs import Snac
from installation import Installation, follow_by_handle

PATIENCE = 40
GONE = ("undone", "gone")
ENDED = ("undone", "removed", None)


@pytest.fixture(scope="module")
def ours(module_database, tmp_path_factory):
    with Installation(module_database, tmp_path_factory.mktemp("site"), DOMAINS) as made:
        yield made
        assert "event=inbox_refused" not in made.site.server.log()


@pytest.fixture(scope="module")
def snac(ours, tmp_path_factory):
    made = Snac(tmp_path_factory.mktemp("snac"), users=["tara", "kuri"])
    yield made
    made.close()


@pytest.fixture(scope="module")
def kea(ours):
    return ours.person("ruru", "kea.test")


@pytest.fixture(scope="module")
def weka(ours):
    return ours.person("ruru", "weka.test")


@pytest.fixture(scope="module")
def friends(ours, snac, kea, weka):
    """tara follows one of ours on each domain, and they follow tara."""
    for person in (kea, weka):
        snac.do("follow", "tara", person.handle)
        follow_by_handle(person, snac.handle())
    for person in (kea, weka):
        ours.will("snac's follow", lambda: ours.follow_state(snac.id(), person.uri) == "accepted", PATIENCE)
        ours.will("snac's Accept", lambda: ours.follow_state(person.uri, snac.id()) == "accepted", PATIENCE)
    ours.will("our Accepts", lambda: len(snac.following()) == 2, PATIENCE)
    ours.will("snac's list", lambda: snac.followers() == sorted([kea.uri, weka.uri]), PATIENCE)
    return snac


def note_of(snac, words):
    """A note at snac by words in it."""
    return next((one for one in snac.objects("Note") if words in (one.get("content") or "")), None)


def post_of(ours, words):
    """A post here by words in it, once it was shown to everybody whom it is for."""
    rows = ours.site.sql("select * from posts where content like %s and state = 'fanned_out'", f"%{words}%")
    return rows[0] if rows else None


def exchange(ours, snac, person, words):
    """Both write a note with these words; the two as the other side has them."""
    posted = person.write(f"Ours: {words}")
    snac.do("note", "tara", f"Theirs: {words}")
    came = ours.will("snac's note", lambda: post_of(ours, f"Theirs: {words}"), PATIENCE)
    note = ours.will("our note", lambda: note_of(snac, f"Ours: {words}"), PATIENCE)
    assert note["id"] == posted["object_uri"] and note["attributedTo"] == person.uri
    return posted, came


def test_notes_both_ways(ours, friends, kea, weka):
    _, came = exchange(ours, friends, kea, "good morning")
    for person in (kea, weka):
        assert came["id"] in person.home()


def test_likes_and_boosts_and_their_end_both_ways(ours, friends, kea):
    posted, came = exchange(ours, friends, kea, "like and share")
    mine, hers = posted["object_uri"], came["object_uri"]
    for verb in ("like", "boost"):
        friends.press(verb.capitalize(), "tara", mine, kea.uri)
        kea.react(friends.handle(), came["id"], verb)
    for kind in ("like", "boost"):
        ours.will(f"snac's {kind}", lambda: ours.reaction_state(kind, friends.id(), mine) == "fanned_out", PATIENCE)
        assert (kind, "tara") in kea.told(kind)
    ours.will("our like", lambda: friends.likes(hers, kea.uri), PATIENCE)
    ours.will("our boost", lambda: friends.boosts(hers, kea.uri), PATIENCE)

    for verb in ("like", "boost"):
        friends.press(f"Un{verb}", "tara", mine, kea.uri)
        kea.react(friends.handle(), came["id"], f"un{verb}")
    for kind in ("like", "boost"):
        ours.will(f"the end of snac's {kind}", lambda: ours.reaction_state(kind, friends.id(), mine) in GONE, PATIENCE)
        ours.will("the number", lambda: ours.post(mine)[f"{kind}s_count"] == 0)
    ours.will("the end of our like", lambda: not friends.likes(hers, kea.uri), PATIENCE)
    # It takes notice of the end of a boost, and keeps showing it on purpose.
    ours.will("the end of our boost", lambda: f"Unboost for {hers} 200" in friends.log(), PATIENCE)


def test_edits_and_deletions_both_ways(ours, friends, kea):
    posted, came = exchange(ours, friends, kea, "first try")
    kea.edit(posted, "Ours: second try")
    friends.send("tara", "note", content="Theirs: second try", edit_id=came["object_uri"])
    ours.will("snac's edit", lambda: "second try" in ours.post(came["object_uri"])["content"], PATIENCE)
    ours.will("our edit", lambda: note_of(friends, "Ours: second try"), PATIENCE)
    kea.delete(posted)
    friends.press("Delete", "tara", came["object_uri"], friends.id())
    ours.will("snac's deletion", lambda: ours.post(came["object_uri"])["state"] == "gone", PATIENCE)
    ours.will("our deletion", lambda: note_of(friends, "Ours: second try") is None, PATIENCE)
    assert came["id"] not in kea.home()


def test_conversations_both_ways(ours, friends, kea):
    friends.do("note_mention", "tara", f"@{kea.handle} psst")
    asked = ours.will("snac's direct note", lambda: post_of(ours, "psst"), PATIENCE)
    assert asked["visibility"] == "mentioned" and ("mention", "tara") in kea.told("mention")
    answer = kea.write(f"@{friends.handle()} what is it?", "mentioned", in_reply_to=str(asked["id"]))
    note = ours.will("our direct answer", lambda: note_of(friends, "what is it?"), PATIENCE)
    assert note["inReplyTo"] == asked["object_uri"]
    friends.send("tara", "note", content=f"@{kea.handle} nothing", in_reply_to=answer["object_uri"])
    last = ours.will("snac's answer", lambda: post_of(ours, "nothing"), PATIENCE)
    assert last["in_reply_to_id"] == answer["id"]


def test_new_keys_both_ways(ours, friends, weka):
    key = keys.new()
    friends.replace_key("tara", keys.private_pem(key), keys.public_pem(key))
    key = keys.new()
    ours.site.sql("update identity_keys set private_der = %s where identity_id = %s", keys.private_der(key), weka.id)
    ours.site.sql("update public_keys set public_der = %s where identity_id = %s", keys.public_der(key), weka.id)
    # We read a key anew as soon as a signature does not fit; snac when what it holds is some days old,
    # and what made it look is lost.
    friends.make_old(weka.uri)
    weka.write("Is anybody there?")
    ours.will("the look", lambda: f"actor_refresh {weka.uri} 200" in friends.log(), PATIENCE)
    exchange(ours, friends, weka, "with the new keys")


def test_follows_end_both_ways(ours, friends, kea, weka):
    friends.do("unfollow", "tara", kea.uri)
    weka.about(friends.handle(), "unfollow")
    ours.will("snac's Undo", lambda: ours.follow_state(friends.id(), kea.uri) in ENDED, PATIENCE)
    ours.will("our Undo", lambda: friends.followers() == [kea.uri], PATIENCE)
    assert ours.follow_state(friends.id(), weka.uri) == "accepted"

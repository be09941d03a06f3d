# SPDX-License-Identifier: AGPL-3.0-or-later
"""Documents of many servers and of the standard (tests/vectors/ap-docs), delivered by a peer that signs
them: each ends as the row that it should, or is refused. Hosts are rewritten to the peer's, the actor
to one of its actors whom somebody here follows, and what is followed, liked or boosted to what is ours.
A document that is no activity comes in a Create; one that is an actor is followed up by a Follow."""

import hashlib
import itertools
import json
import re

import pytest

from harness import activity, lab
from harness.world import KEA, world_of

DOCUMENTS = lab.ROOT / "tests" / "vectors" / "ap-docs" / "permissive"
EXPECTED = lab.ROOT / "tests" / "golden" / "vectors" / "ap-docs.txt"
ACTORS = ("Person", "Service", "Group", "Organization", "Application")
POINTING = ("Follow", "Like", "Announce", "Block")
ACTIVITIES = ("Accept", "Add", "Announce", "Block", "Create", "Delete", "Flag", "Follow", "Like", "Move", "Reject",
              "Remove", "Undo", "Update")
# Members that the peer's actor has of its own.
REPLACED = ("@context", "id", "publicKey", "inbox", "endpoints", "preferredUsername", "outbox", "followers",
            "following")
numbers = itertools.count(1)
VOCABULARIES = re.compile(r"https?://(www\.)?(w3\.org|w3id\.org|schema\.org|joinmastodon\.org|purl\.org)\b")


def expected():
    """What becomes of each document, a line a document: name, tab, outcome."""
    return dict(line.split("\t") for line in EXPECTED.read_text().splitlines() if not line.startswith("#"))


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(scope="module")
def ours(world):
    return world.ruru.write("what others point at")


@pytest.fixture(scope="module")
def known(world):
    """The actor that delivers: somebody here follows it."""
    return world.followed(world.ruru)


@pytest.fixture
def star(world, known):
    """The same, with nothing done yet."""
    who = world.identity(known)["id"]
    world.site.sql("update posts set deleted = now(), state = 'gone' where author_id = %s", who)
    for table, column in (("interactions", "identity_id"), ("follows", "source_id"), ("blocks", "source_id"),
                          ("reports", "source_id")):
        world.site.sql(f"delete from {table} where {column} = %s", who)
    world.site.sql("update follows set state = 'accepted' where target_id = %s", who)
    return known


def rewritten(thing, place, old=None, new=None):
    """All of it, its hosts a place of the peer's, one URI replaced by another; the context stays as it is."""
    if isinstance(thing, list):
        return [rewritten(one, place, old, new) for one in thing]
    if isinstance(thing, dict):
        return {name: value if name == "@context" else rewritten(value, place, old, new)
                for name, value in thing.items()}
    if not isinstance(thing, str) or VOCABULARIES.match(thing):
        return thing
    return new if thing == old else re.sub(r"^https?://[^/\s]+", place, thing)


def aimed(thing, ours, ruru):
    """Follows, likes and the like, also inside of another activity, at what is here."""
    inner = thing.get("object")
    kind = thing.get("type")
    if kind in POINTING:
        return {**thing, "object": ruru.uri if kind in ("Follow", "Block") else ours["object_uri"]}
    return {**thing, "object": aimed(inner, ours, ruru)} if isinstance(inner, dict) else thing


def author_of(thing):
    """The one who acts or wrote."""
    for name in ("actor", "attributedTo", "author"):
        one = thing.get(name)
        one = one[0] if isinstance(one, list) and one else one
        one = one.get("id") if isinstance(one, dict) else one
        if isinstance(one, str):
            return one
    inner = thing.get("object")
    return author_of(inner) if isinstance(inner, dict) else None


def snapshot(world, star):
    """What the actor has caused, in words."""
    who = world.identity(star)["id"]
    words = [f"{row['visibility']} {row['type']}" for row in world.site.sql(
        "select * from posts where author_id = %s and deleted is null order by id", who)]
    words += [row["kind"] for row in world.site.sql("select kind from interactions where identity_id = %s and state in "
                                                    "('new', 'fanned_out') order by id", who)]
    words += [f"follow {row['state']}" for row in world.site.sql("select state from follows where source_id = %s", who)]
    words += [f"block {row['state']}" for row in world.site.sql("select state from blocks where source_id = %s", who)]
    words += ["report"] * world.site.value("select count(*) from reports where source_id = %s", who)
    return sorted(words)


def deliver(world, star, thing):
    """The outcome of one activity: HTTP status, or its verdict and what was caused."""
    # Each to an address of its own: the same bytes signed twice in one second would be a replay.
    answer = star.send(world.site, f"{KEA}?{next(numbers)}", thing)
    if answer.status_code != 202:
        assert answer.status_code in (400, 401) and answer.json()["error"]
        return f"{answer.status_code}"
    world.settle()
    digest = hashlib.sha256(json.dumps(thing).encode()).digest()
    verdict = world.site.value("select state from inbox_messages where digest = %s", digest)
    assert verdict in ("processed", "refused")
    return ", ".join([verdict, *snapshot(world, star)])


def adopted(world, document):
    """The outcome of an actor's document: it is served, and its actor follows somebody here."""
    made = world.actor("actor")
    made.overrides.update({name: value for name, value in rewritten(document, world.peer.origin).items()
                           if name not in REPLACED})
    answer = made.send(world.site, KEA, activity.follow(made, world.ruru.uri))
    assert answer.status_code == 202, answer.text
    world.settle()
    return ", ".join([world.identity(made)["actor_type"], *snapshot(world, made)])


def outcome(world, ours, star, document):
    if document.get("type") in ACTORS:
        return adopted(world, document)
    thing = rewritten(document, f"{world.peer.origin}/{next(numbers)}", author_of(document), star.id)
    if "object" not in thing and document.get("type") not in ACTIVITIES:
        thing = activity.create(star, {"attributedTo": star.id, "to": [activity.PUBLIC], **thing})
    return deliver(world, star, aimed({**thing, "actor": star.id}, ours, world.ruru))


def documents():
    return sorted(str(path.relative_to(DOCUMENTS)) for path in DOCUMENTS.rglob("*.json"))


def test_every_document_has_its_outcome():
    assert sorted(expected()) == documents()


@pytest.mark.parametrize("name", documents())
def test_a_document_ends_as_it_should(world, ours, star, name):
    found = outcome(world, ours, star, json.loads((DOCUMENTS / name).read_text()))
    assert f"{name}\t{found}" == f"{name}\t{expected().get(name)}"

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Documents of many servers and of the standard (tests/vectors/ap-docs), delivered by a peer that signs
them: each ends as the row that it should, or is refused. Hosts are rewritten to the peer's, the actor
to one of its actors whom somebody here follows, and what is followed, liked or boosted to what is ours.
A document that is no activity comes in a Create; one that is an actor is followed up by a Follow."""

import hashlib
import json
import pathlib
import re

import pytest

from harness import activity, lab
from harness.peer import Peer
from harness.world import KEA, World

DOCUMENTS = lab.ROOT / "tests" / "vectors" / "ap-docs" / "permissive"
EXPECTED = lab.ROOT / "tests" / "golden" / "vectors" / "ap-docs.txt"
ACTORS = ("Person", "Service", "Group", "Organization", "Application")
POINTING = ("Follow", "Like", "Announce", "Block")
VOCABULARIES = re.compile(r"https?://(www\.)?(w3\.org|w3id\.org|schema\.org|joinmastodon\.org|purl\.org)\b")


def expected():
    """What becomes of each document, a line a document: name, tab, outcome."""
    return dict(line.split("\t") for line in EXPECTED.read_text().splitlines() if not line.startswith("#"))


@pytest.fixture(scope="module")
def world(shared_site):
    with Peer("peer1.test", tls=True) as peer:
        yield World(shared_site, peer)


@pytest.fixture(scope="module")
def ours(world):
    return world.ruru.write("what others point at")


def rewritten(thing, old, new):
    """All of it, its hosts the peer's, one URI replaced by another; the context stays as it is."""
    if isinstance(thing, list):
        return [rewritten(one, old, new) for one in thing]
    if isinstance(thing, dict):
        return {name: value if name == "@context" else rewritten(value, old, new) for name, value in thing.items()}
    if not isinstance(thing, str) or VOCABULARIES.match(thing):
        return thing
    return new if thing == old else re.sub(r"^https?://[^/\s]+", "https://peer1.test", thing)


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
    answer = star.send(world.site, KEA, thing)
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
    made = world.actor("actor", **{name: value for name, value in rewritten(document, None, None).items()
                                   if name not in ("id", "publicKey", "inbox", "endpoints", "@context",
                                                   "preferredUsername", "outbox", "followers", "following")})
    answer = made.send(world.site, KEA, activity.follow(made, world.ruru.uri))
    if answer.status_code != 202:
        assert answer.status_code in (400, 401) and answer.json()["error"]
        return f"{answer.status_code}"
    world.settle()
    row = world.identity(made)
    return f"{row['actor_type']}, " + ", ".join(snapshot(world, made))


def outcome(world, ours, document):
    if not isinstance(document, dict):
        return deliver(world, world.followed(world.ruru), document)
    if document.get("type") in ACTORS:
        return adopted(world, document)
    star = world.followed(world.ruru)
    thing = rewritten(document, author_of(document), star.id)
    if "object" not in thing:
        thing = activity.create(star, {"attributedTo": star.id, "to": [activity.PUBLIC], **thing})
    return deliver(world, star, aimed({**thing, "actor": star.id}, ours, world.ruru))


def documents():
    return sorted(str(path.relative_to(DOCUMENTS)) for path in pathlib.Path(DOCUMENTS).rglob("*.json"))


def test_every_document_has_its_outcome():
    assert sorted(expected()) == documents()


@pytest.mark.parametrize("name", documents())
def test_a_document_ends_as_it_should(world, ours, name):
    document = json.loads((DOCUMENTS / name).read_text())
    found = outcome(world, ours, document)
    assert f"{name}\t{found}" == f"{name}\t{expected().get(name)}"
    assert world.site.get("https://kea.test/about/").status_code == 200

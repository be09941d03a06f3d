# SPDX-License-Identifier: AGPL-3.0-or-later
"""ActivityPub objects as plain dicts. An id is minted under the actor that the object belongs to."""

import datetime
import itertools

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CONTEXT = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"]
numbers = itertools.count(1)


def id_of(thing):
    """The id of an actor, of an object, or of what is an id already."""
    if isinstance(thing, str):
        return thing
    return thing["id"] if isinstance(thing, dict) else thing.id


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _mint(actor, kind):
    return f"{id_of(actor)}/{kind}/{next(numbers)}"


def _activity(kind, actor, thing, **more):
    return {"@context": CONTEXT, "id": _mint(actor, kind.lower()), "type": kind, "actor": id_of(actor),
            "object": thing, **more}


def note(actor, content, to=PUBLIC, cc=None, **more):
    """A public note by default; tags, inReplyTo and the rest come as keywords."""
    cc = [f"{id_of(actor)}/followers"] if cc is None else cc
    new = {"id": _mint(actor, "notes"), "type": "Note", "attributedTo": id_of(actor), "content": content,
           "published": now(), "to": [to] if isinstance(to, str) else to, "cc": cc}
    new.setdefault("url", new["id"])
    return {**new, **more}


def mention(thing, name=None):
    """A tag for note(tag=[...])."""
    return {"type": "Mention", "href": id_of(thing), **({"name": name} if name else {})}


def create(actor, thing, **more):
    return _activity("Create", actor, thing, to=thing.get("to"), cc=thing.get("cc"), **more)


def update(actor, thing, **more):
    return _activity("Update", actor, thing, to=thing.get("to", [PUBLIC]), **more)


def delete(actor, thing, **more):
    """Of an object: a Tombstone. Of the actor itself: its id."""
    same = id_of(thing) == id_of(actor)
    gone = id_of(thing) if same else {"id": id_of(thing), "type": "Tombstone"}
    return _activity("Delete", actor, gone, to=[PUBLIC], **more)


def follow(actor, whom, **more):
    return _activity("Follow", actor, id_of(whom), **more)


def accept(actor, what, **more):
    return _activity("Accept", actor, what, **more)


def reject(actor, what, **more):
    return _activity("Reject", actor, what, **more)


def undo(actor, what, **more):
    return _activity("Undo", actor, what, **more)


def like(actor, thing, **more):
    return _activity("Like", actor, id_of(thing), **more)


def announce(actor, thing, **more):
    return _activity("Announce", actor, id_of(thing), published=now(), to=[PUBLIC],
                     cc=[f"{id_of(actor)}/followers"], **more)


def add(actor, thing, target, **more):
    return _activity("Add", actor, id_of(thing), target=target, **more)


def remove(actor, thing, target, **more):
    return _activity("Remove", actor, id_of(thing), target=target, **more)


def block(actor, whom, **more):
    return _activity("Block", actor, id_of(whom), **more)


def flag(actor, things, content="", **more):
    return _activity("Flag", actor, [id_of(thing) for thing in things], content=content, **more)


def move(actor, target, **more):
    return _activity("Move", actor, id_of(actor), target=id_of(target), **more)

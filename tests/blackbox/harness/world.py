# SPDX-License-Identifier: AGPL-3.0-or-later
"""A site and a peer at work together: what most tests of federation say again and again."""

import hashlib
import itertools
import json

from . import activity
from .peer import Peer
from .person import Person

KEA, WEKA = "https://kea.test/inbox/", "https://weka.test/inbox/"
numbers = itertools.count(1)


def world_of(site):
    """For a fixture: a world with a peer of its own, in whose logs nothing may have broken at the end."""
    with Peer("peer1.test", tls=True) as peer:
        made = World(site, peer)
        yield made
        for daemon in (site.server, *site.stator.daemons):
            broken = [line for line in daemon.log().splitlines() if line.startswith("<3>")]
            assert broken == [], (daemon.name, broken[:3])


class World:
    """One site with its people and a running stator, and one scripted peer with as many actors as are asked for."""

    def __init__(self, site, peer):
        self.site, self.peer = site, peer
        site.stator.start()
        self.ruru, self.toroa = Person(site), Person(site, "toroa")
        self.weka_ruru = Person(site, "ruru", "weka.test")

    def settle(self):
        self.site.stator.settle()

    def actor(self, name="ana", peer=None, **more):
        """A fresh actor that nobody met yet."""
        return (peer or self.peer).actor(f"{name}{next(numbers)}", **more)

    def deliver(self, actor, thing, inbox=KEA, **how):
        """The actor's server sends it, and everything that follows from it happens."""
        answer = actor.send(self.site, inbox, thing, **how)
        assert answer.status_code == 202, answer.text
        self.settle()
        return thing

    def follower(self, *people, name="fan"):
        """An actor that follows these people."""
        made = self.actor(name)
        for person in people:
            self.deliver(made, activity.follow(made, person.uri), f"https://{person.domain}/inbox/")
            assert self.follow_state(made.id, person.uri) == "accepted"
        return made

    def followed(self, *people, name="star"):
        """An actor whom these people follow."""
        made = self.actor(name)
        for person in people:
            self.follow(person, made)
            self.deliver(made, activity.accept(made, activity.follow(person.uri, made.id)),
                         f"https://{person.domain}/inbox/")
            assert self.follow_state(person.uri, made.id) == "accepted"
        return made

    def follow(self, person, actor):
        """Somebody here finds the actor by its handle and asks to follow it; gives the Follow that arrives."""
        self.site.sql("delete from throttles")  # a whole module asks for more than one person may
        found = person.enter().get("/search/", params={"q": actor.handle})
        assert actor.name in found.text, found.text[-2000:]
        person.about(actor.handle, "follow")
        self.settle()
        return [one for one in self.arrived("Follow", actor.inbox, actor.peer) if one["actor"] == person.uri][-1]

    def arrived(self, kind=None, inbox=None, peer=None):
        """Activities that the peer took, perhaps of one type and one inbox."""
        return [one.json for one in (peer or self.peer).inbox(kind) if inbox in (None, self._url(one))]

    @staticmethod
    def _url(received):
        return received.request.url

    def identity(self, uri):
        return self.site.sql("select * from identities where actor_uri = %s", activity.id_of(uri))[0]

    def follow_state(self, source, target):
        """State of the follow between two actors; None when there is none."""
        rows = self.site.sql("select f.state from follows f join identities s on s.id = f.source_id join identities t "
                             "on t.id = f.target_id where s.actor_uri = %s and t.actor_uri = %s",
                             activity.id_of(source), activity.id_of(target))
        return rows[0]["state"] if rows else None

    def post(self, thing):
        """The row of a post; None when there is none."""
        rows = self.site.sql("select * from posts where object_uri = %s", activity.id_of(thing))
        return rows[0] if rows else None

    def verdict(self, thing):
        """What became of a delivered activity: received, processed or refused."""
        digest = hashlib.sha256(json.dumps(thing).encode()).digest()
        return self.site.value("select state from inbox_messages where digest = %s", digest)

    def readers(self, post):
        """Names of the tenants that a private post was admitted to."""
        return {row["name"] for row in self.site.sql(
            "select d.name from post_audience a join domains d on d.id = a.domain_id where a.post_id = %s", post["id"])}

    def reactions(self, post, kind):
        """URIs of the actors whose reactions of a kind stand."""
        return [row["actor_uri"] for row in self.site.sql(
            "select i.actor_uri from interactions x join identities i on i.id = x.identity_id where x.post_id = %s and "
            "x.kind = %s and x.state in ('new', 'fanned_out') order by x.id", post["id"], kind)]

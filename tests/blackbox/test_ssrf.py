# SPDX-License-Identifier: AGPL-3.0-or-later
"""Peers can make us fetch: actors, keys, parents, boosted posts, collections, what a redirect leads to;
and deliver to inboxes that they name. None of it reaches an address that is not the public internet
(here: the lab's own network on its web ports). Traps listen on such addresses and must stay empty."""

import contextlib
import select
import socket
import subprocess
from urllib.parse import urlsplit

import pytest

from harness import activity, lab
from harness.peer import ACTIVITY
from harness.world import KEA, world_of

# Addresses that the lab's loopback interface gets beside its own; a user who may not add them tests without.
MORE = ("169.254.169.254", "192.168.77.7", "172.16.77.7", "100.64.77.7", "192.0.2.77", "198.18.77.7")
# Names in tests/lab/hosts that lead to such addresses.
NAMES = ("loopback.test", "private.test", "metadata.test", "loopback6.test", "mapped.test", "nat64.test")

TARGETS = [
    "http://127.0.0.1/x", "https://127.0.0.1/x", "http://127.0.0.1:8000/x", "http://[::1]/x", "http://localhost/x",
    "http://127.1/x", "http://0x7f000001/x", "http://2130706433/x", "http://0177.0.0.1/x", "http://0.0.0.0/x",
    "http://[::]/x", "http://[::ffff:127.0.0.1]/x", "http://[::ffff:7f00:1]/x", "http://[64:ff9b::7f00:1]/x",
    *(f"{scheme}://{name}/x" for scheme in ("http", "https") for name in NAMES),
    *(f"http://{address}/x" for address in MORE), "http://peer1.test:8000/x", "http://x@127.0.0.1/x",
]
STRANGE = ["file:///etc/passwd", "gopher://127.0.0.1:80/_x", "ftp://127.0.0.1/x", "dict://127.0.0.1:80/x",
           "http://", "http:///x", "//127.0.0.1/x", "http://127.0.0.1:99999/x", "data:application/json,{}"]


class Traps:
    """Sockets that nobody may connect to."""

    def __init__(self):
        self.listening = []
        for address in MORE:
            subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=False, capture_output=True)
        for address in ("127.0.0.1", "::1", lab.address("peer1.test"), *MORE):
            for port in (8000,) if address.startswith("10.7.") else (80, 443, 8000):
                with contextlib.suppress(OSError):
                    self.listening.append(socket.create_server(
                        (address, port), family=socket.AF_INET6 if ":" in address else socket.AF_INET))

    def caught(self):
        """Addresses that somebody connected to since the last look."""
        ready = select.select(self.listening, [], [], 0)[0]
        for one in ready:
            one.accept()[0].close()
        return [one.getsockname()[:2] for one in ready]

    def close(self):
        for one in self.listening:
            one.close()


@pytest.fixture(scope="module")
def traps():
    made = Traps()
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(shared_site, traps):
    yield from world_of(shared_site)


@pytest.fixture(scope="module")
def star(world):
    return world.followed(world.ruru)


@pytest.fixture(autouse=True)
def nothing_is_caught(world, traps):
    yield
    world.settle()
    assert traps.caught() == []


def test_the_traps_catch(traps):
    for one in traps.listening:
        socket.create_connection(one.getsockname()[:2]).close()
    assert len(traps.caught()) == len(traps.listening) >= 7


def send(world, actor, *things):
    """Delivers what may or may not be taken; nobody waits for what follows."""
    answers = [actor.send(world.site, KEA, thing).status_code for thing in things]
    assert set(answers) <= {202, 400, 401}, answers


def test_actors_and_keys(world):
    ana = world.actor()
    for target in (*TARGETS, *STRANGE):
        theirs = {**activity.follow(ana, world.ruru.uri), "actor": target, "id": None}
        for thing, key_id in ((theirs, target), (theirs, f"{target}#main-key"),
                              (activity.follow(ana, world.ruru.uri), target)):
            answer = ana.send(world.site, KEA, thing, key_id=key_id)
            assert answer.status_code in (400, 401), (target, thing, key_id, answer.text)
    assert world.site.sql("select 1 from identities where actor_uri = any(%s)", TARGETS + STRANGE) == []


def test_what_posts_name(world, star):
    """Parents, boosted posts, authors of fetched posts, and every other link of a post."""
    for target in (*TARGETS, *STRANGE):
        everywhere = {"inReplyTo": target, "url": target, "quoteUrl": target, "replies": target, "likes": target,
                      "attachment": [{"type": "Image", "mediaType": "image/png", "url": target}], "tag": [
                          {"type": "Mention", "href": target},
                          {"type": "Emoji", "name": ":x:", "icon": {"url": target}}]}
        bait = world.peer.publish(activity.note(star, "bait", attributedTo=target))
        send(world, star, activity.create(star, activity.note(star, "look", **everywhere)),
             activity.announce(star, target), activity.announce(star, bait))
    world.settle()
    stored = world.site.sql("select content, in_reply_to_id from posts where author_id = %s",
                            world.identity(star)["id"])
    assert {(row["content"], row["in_reply_to_id"]) for row in stored} == {("look", None)}
    assert len(stored) == len(TARGETS) + len(STRANGE)


@pytest.mark.parametrize("status", [301, 307])
def test_redirects(world, star, status):
    for n, target in enumerate(TARGETS):
        for path in (f"/moved/{n}", f"/users/moved{status}{n}"):
            world.peer.answer(path, status=status, headers={"Location": target})
        send(world, star, activity.announce(star, f"{world.peer.origin}/moved/{n}"))
        ana = world.peer.actor(f"moved{status}{n}", key=star.key)
        assert ana.send(world.site, KEA, activity.follow(ana, world.ruru.uri)).status_code in (401, 503)
    world.settle()
    assert world.site.sql("select 1 from identities where username like 'moved%%'") == []
    assert len(world.peer.requests(path="/moved/*")) >= len(TARGETS)


def test_redirects_without_end(world):
    ana = world.actor("loop")
    path = urlsplit(ana.id).path
    world.peer.answer(path, status=302, headers={"Location": ana.id})
    assert ana.send(world.site, KEA, activity.follow(ana, world.ruru.uri)).status_code in (401, 503)
    assert len(world.peer.requests("GET", path)) <= 12


def test_inboxes(world, star):
    """An Accept, or a post for followers, that would have to go to such an inbox is not sent."""
    for target in (*TARGETS, *STRANGE):
        for members in ({"inbox": target}, {"endpoints": {"sharedInbox": target}}):
            ana = world.actor("inbox", key=star.key, **members)
            send(world, ana, activity.follow(ana, world.ruru.uri))
    world.settle()
    world.ruru.write("hello")
    world.settle()
    assert world.site.sql("select inbox_uri from deliveries where inbox_uri = any(%s) and state = 'sent'",
                          TARGETS + STRANGE) == []


def test_the_search_box_and_mentions(world):
    for target in (*TARGETS, *STRANGE):
        host = target.split("/")[2] if target.count("/") > 1 else target
        world.site.sql("delete from throttles")
        for words in (target, f"@x@{host}", f"x@{host}"):
            answer = world.ruru.enter().get("/search/", params={"q": words})
            assert answer.status_code in (200, 400, 404, 422), words
    hosts = {target.split("/")[2] for target in TARGETS}
    world.ruru.write(" ".join(f"@x@{host}" for host in hosts))


@pytest.mark.parametrize("target", TARGETS[:3])
def test_webfinger_and_nodeinfo(world, peers, target):
    other = peers("peer2.test", tls=True)
    other.answer("/.well-known/webfinger", status=302, headers={"Location": target})
    other.answer("/.well-known/host-meta", body='<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">'
                 f'<Link rel="lrdd" template="{target}?r={{uri}}"/></XRD>',
                 headers={"Content-Type": "application/xrd+xml"})
    other.serve("/.well-known/nodeinfo", '{"links":[{"rel":"http://nodeinfo.diaspora.software/ns/schema/2.0","href":"'
                + target + '"}]}', "application/json")
    world.site.sql("delete from throttles")
    assert "bob" not in world.ruru.enter().get("/search/", params={"q": "@nob@peer2.test"}).text
    ana = other.actor("ana")
    world.deliver(ana, activity.follow(ana, world.ruru.uri))
    world.site.sql("update servers set state = 'outdated', state_next_attempt = now() where host = 'peer2.test'")
    world.settle()
    assert other.requests(path="/.well-known/nodeinfo")


def test_only_activitypub_is_read_as_an_object(world, star):
    """An upload that looks like a document is none: the media type decides."""
    for n, kind in enumerate(("text/html", "text/plain", "application/json", "application/octet-stream", "image/png",
                              "")):
        note = activity.note(star, f"upload {n}")
        world.peer.publish(note, kind)
        world.deliver(star, activity.announce(star, note))
        assert world.post(note) is None, kind
    note = world.peer.publish(activity.note(star, "real"), f'application/ld+json; profile="{activity.CONTEXT[0]}"')
    world.deliver(star, activity.announce(star, note))
    assert world.post(note)["content"] == "real"


@pytest.mark.parametrize("answer", [{"body": b"{" + b" " * 3_000_000 + b"}"}, {"body": b"x" * 1000, "cut": True},
                                    {"headers": {"Content-Encoding": "gzip"}, "body": b"\x1f\x8b garbage"}])
def test_endless_and_broken_answers_end(world, answer):
    ana = world.actor("heavy")
    answer.setdefault("headers", {}).setdefault("Content-Type", ACTIVITY)
    rule = world.peer.answer(urlsplit(ana.id).path, **answer)
    assert ana.send(world.site, KEA, activity.follow(ana, world.ruru.uri)).status_code in (401, 503)
    assert world.site.get("https://kea.test/about/").status_code == 200
    world.peer.forget(rule)

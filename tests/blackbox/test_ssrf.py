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
from harness.peer import ACTIVITY, Peer
from harness.world import KEA, World

# Addresses that the lab's loopback interface gets beside its own; a user who may not add them tests without.
MORE = ("169.254.169.254", "192.168.77.7", "172.16.77.7", "100.64.77.7", "192.0.2.77", "198.18.77.7")
NAME = "inside.test"  # leads to 127.0.0.1

TARGETS = [
    "http://127.0.0.1/x", "https://127.0.0.1/x", "http://127.0.0.1:8000/x", "http://[::1]/x", "http://localhost/x",
    "http://127.1/x", "http://0x7f000001/x", "http://2130706433/x", "http://0177.0.0.1/x", "http://0.0.0.0/x",
    "http://[::]/x", "http://[::ffff:127.0.0.1]/x", "http://[::ffff:7f00:1]/x", "http://[64:ff9b::7f00:1]/x",
    f"http://{NAME}/x", f"https://{NAME}/x", "http://peer1.test:8000/x", "http://x@127.0.0.1/x",
    *(f"http://{address}/x" for address in MORE), "http://169.254.169.254/latest/meta-data/",
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
    with open(lab.directory() / "hosts", "a", encoding="utf-8") as hosts:
        hosts.write(f"127.0.0.1 {NAME}\n")
    made = Traps()
    yield made
    made.close()


@pytest.fixture(scope="module")
def world(shared_site, traps):
    with Peer("peer1.test", tls=True) as peer:
        yield World(shared_site, peer)


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


def test_the_name_inside_leads_inside(traps):
    assert socket.gethostbyname(NAME) == "127.0.0.1"


@pytest.mark.parametrize("target", [*TARGETS, *STRANGE])
def test_actors_and_keys(world, target):
    ana = world.actor()
    for thing, key_id in (
            ({**activity.follow(ana, world.ruru.uri), "actor": target, "id": None}, target),
            ({**activity.follow(ana, world.ruru.uri), "actor": target, "id": None}, f"{target}#main-key"),
            (activity.follow(ana, world.ruru.uri), target)):
        answer = ana.send(world.site, KEA, thing, key_id=key_id)
        assert answer.status_code in (400, 401), (thing, key_id, answer.text)
    assert world.site.sql("select 1 from identities where actor_uri = %s", target) == []


@pytest.mark.parametrize("target", [*TARGETS, *STRANGE])
def test_what_posts_name(world, star, target):
    """Parents, boosted posts, authors of fetched posts, and every other link of a post."""
    everywhere = {"inReplyTo": target, "url": target, "quoteUrl": target, "replies": target, "likes": target,
                  "attachment": [{"type": "Image", "mediaType": "image/png", "url": target}],
                  "tag": [{"type": "Mention", "href": target}, {"type": "Emoji", "name": ":x:", "icon": {"url": target}}]}
    note = activity.note(star, "look", **everywhere)
    world.deliver(star, activity.create(star, note))
    assert world.post(note)["in_reply_to_id"] is None
    world.deliver(star, activity.announce(star, target))
    bait = world.peer.publish(activity.note(star, "bait", attributedTo=target))
    world.deliver(star, activity.announce(star, bait))
    assert world.post(bait) is None


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("status", [301, 307])
def test_redirects(world, star, target, status):
    moved = f"{world.peer.origin}/moved"
    world.peer.answer("/moved", status=status, headers={"Location": target}, times=2)
    world.deliver(star, activity.announce(star, moved))
    ana = world.actor("moved")
    world.peer.answer(urlsplit(ana.id).path, status=status, headers={"Location": target})
    assert ana.send(world.site, KEA, activity.follow(ana, world.ruru.uri)).status_code in (401, 503)
    assert world.site.sql("select 1 from identities where actor_uri = any(%s)", [ana.id, target]) == []


def test_redirects_without_end(world):
    ana = world.actor("loop")
    path = urlsplit(ana.id).path
    world.peer.answer(path, status=302, headers={"Location": ana.id})
    assert ana.send(world.site, KEA, activity.follow(ana, world.ruru.uri)).status_code in (401, 503)
    assert len(world.peer.requests("GET", path)) <= 12


@pytest.mark.parametrize("target", [*TARGETS, *STRANGE])
def test_inboxes(world, target):
    """An Accept that has to go to such an inbox is not sent."""
    for members in ({"inbox": target}, {"endpoints": {"sharedInbox": target}}):
        ana = world.actor("inbox", **members)
        if ana.send(world.site, KEA, activity.follow(ana, world.ruru.uri)).status_code == 202:
            world.settle()
            world.ruru.write("hello")
            world.settle()
            assert world.site.sql("select 1 from deliveries where inbox_uri = %s and state = 'sent'", target) == []
            world.deliver(ana, activity.delete(ana, ana))


@pytest.mark.parametrize("target", [*TARGETS, *STRANGE])
def test_the_search_box(world, target):
    world.site.sql("delete from throttles")
    answer = world.ruru.enter().get("/search/", params={"q": target})
    assert answer.status_code in (200, 400, 404, 422)
    host = target.split("/")[2] if target.count("/") > 1 else target
    for handle in (f"@x@{host}", f"x@{host}"):
        assert world.ruru.get("/search/", params={"q": handle}).status_code in (200, 400, 404, 422)
        assert world.ruru.submit("/compose/", text=f"hello {handle}", visibility="public").status_code == 303


@pytest.mark.parametrize("target", TARGETS[:6])
def test_webfinger_and_nodeinfo(world, peers, target):
    other = peers("peer2.test", tls=True)
    other.answer("/.well-known/webfinger", status=302, headers={"Location": target})
    other.answer("/.well-known/host-meta", body=f'<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0"><Link rel="lrdd" '
                 f'template="{target}?r={{uri}}"/></XRD>', headers={"Content-Type": "application/xrd+xml"})
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
    for n, kind in enumerate(("text/html", "text/plain", "application/json", "application/octet-stream", "image/png", "")):
        note = activity.note(star, f"upload {n}")
        world.peer.publish(note, kind)
        world.deliver(star, activity.announce(star, note))
        assert world.post(note) is None, kind
    note = world.peer.publish(activity.note(star, "real"), f'application/ld+json; profile="{activity.CONTEXT[0]}"')
    world.deliver(star, activity.announce(star, note))
    assert world.post(note)["content"] == "real"


@pytest.mark.parametrize("answer", [{"body": b"{" + b" " * 3_000_000 + b"}"}, {"silent": True}, {"body": b"x" * 1000, "cut": True},
                                    {"headers": {"Content-Encoding": "gzip"}, "body": b"\x1f\x8b garbage"}])
def test_endless_and_broken_answers_end(world, answer):
    ana = world.actor("heavy")
    answer.setdefault("headers", {}).setdefault("Content-Type", ACTIVITY)
    rule = world.peer.answer(urlsplit(ana.id).path, **answer)
    assert ana.send(world.site, KEA, activity.follow(ana, world.ruru.uri)).status_code in (401, 503)
    assert world.site.get("https://kea.test/about/").status_code == 200
    world.peer.forget(rule)

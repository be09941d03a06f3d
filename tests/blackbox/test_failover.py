# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two servers and two stators on a primary and a replica, by TLS, with files in an S3-compatible store. The primary
is killed under load, the replica takes its place: what was acknowledged is there, what was accepted is sent once, and
nobody has to restart anything."""

import collections
import contextlib
import threading

import httpx
import pytest

from harness import activity, lab, media
from harness.api import Api, token_for
from harness.fixtures import DOMAINS
from harness.objects import ObjectStore
from harness.pair import Pair
from harness.peer import SilentHosts
from harness.site import Site
from harness.wait import wait_for


@pytest.fixture
def pair():
    made = Pair()
    try:
        yield made.start()
    finally:
        made.remove()


@pytest.fixture
def store():
    made = ObjectStore("peer7.test")
    yield made
    made.close()
    assert made.problems == []


@pytest.fixture
def sites(pair, store, tmp_path):
    """Two machines of one installation: each a server, a stator and a courier, with directories of its own."""
    made = []
    for name in ("one", "two"):
        directory = tmp_path / name
        directory.mkdir()
        made.append(Site(pair, directory, **store.options()))
    assert made[0].run("rookery", "migrate").returncode == 0
    pair.replicate()
    try:
        for site in made:
            site.start()
            site.stator.start_courier()
            site.stator.start()
        yield made
    finally:
        for site in made:
            with contextlib.suppress(AssertionError):
                site.stop()


class Writer(threading.Thread):
    """Writes posts at one server until it is told to stop. One that was not acknowledged is asked for again under the
    same key, as programs do it."""

    def __init__(self, site, token, name):
        super().__init__(daemon=True)
        self.api = Api(site, token=token)
        self.name, self.acknowledged, self.refused = name, [], 0
        self.ending = threading.Event()
        self.start()

    def ask(self, text):
        try:
            answer = self.api.client.post("/api/v1/statuses", data={"status": text},
                                          headers={"Idempotency-Key": f"key {text}"})
        except httpx.HTTPError:
            return None
        assert answer.status_code in (200, 503), (answer.status_code, answer.text)
        return answer.json() if answer.status_code == 200 else None

    def run(self):
        while not self.ending.is_set():
            text = f"{self.name} {len(self.acknowledged)}"
            while not (made := self.ask(text)):
                self.refused += 1
                if self.ending.wait(0.05):
                    return
            self.acknowledged.append((text, made["id"], made["uri"]))

    def wait(self, count):
        wanted = len(self.acknowledged) + count
        wait_for(lambda: len(self.acknowledged) >= wanted or not self.is_alive(), 60, f"post {wanted} of {self.name}")
        assert self.is_alive()

    def stop(self):
        self.ending.set()
        self.join(60 * lab.PATIENCE)
        assert not self.is_alive()


def followed_by(sites, peer):
    """A follower on the peer, so that every post is delivered."""
    ruru = sites[0].value("select actor_uri from identities where username = 'ruru' and domain_id = 1")
    fan = peer.actor("fan")
    assert fan.send(sites[0], "https://kea.test/inbox/", activity.follow(fan, ruru)).status_code == 202
    peer.wait(lambda: peer.inbox("Accept"))


def share_a_picture(one, other, colour):
    """What is uploaded at one machine is there at the other; the address on which it is."""
    url = media.ready(Api(one), media.png(40, 30, colour=colour))["url"]
    found = [site.get(url) for site in (one, other)]
    assert [answer.status_code for answer in found] == [200, 200] and found[0].content == found[1].content
    return url


def copies(peer):
    """How often each object was accepted from us."""
    return collections.Counter(one.json["object"]["id"] for one in peer.inbox("Create"))


@pytest.mark.parametrize("how", ["kill", "quit"])
def test_the_replica_takes_over_under_load(pair, sites, peers, how):
    with peers("peer1.test", tls=True) as peer:
        followed_by(sites, peer)
        token = token_for(sites[0], "ruru@kea.test")
        picture = share_a_picture(*sites, colour=(1, 2, 3))
        writers = [Writer(site, token, f"writer{number}") for number, site in enumerate(sites)]
        for writer in writers:
            writer.wait(15)
        processes = [each.child.pid for site in sites for each in (site.server, site.stator.daemon)]
        pair.close()
        getattr(pair.first, how)()
        seen = [writer.refused for writer in writers]
        wait_for(lambda: all(writer.refused > before for writer, before in zip(writers, seen)), 60,
                 "the absence of a primary")
        pair.promote()
        for writer in writers:
            writer.wait(15)
        for writer in writers:
            writer.stop()
        assert [site.get(picture).status_code for site in sites] == [200, 200]
        share_a_picture(*reversed(sites), colour=(4, 5, 6))
        acknowledged = sum((writer.acknowledged for writer in writers), [])
        stored = {str(row["id"]): row["object_uri"] for row in
                  pair.sql("select id, object_uri from posts where domain_id = 1")}
        assert [(number, uri) for _, number, uri in acknowledged if stored.get(number) != uri] == []
        # No text is there twice, though some had to be asked for again.
        texts = collections.Counter(row["content"] for row in pair.sql("select content from posts where domain_id = 1"))
        assert max(texts.values()) == 1

        def all_sent():
            sites[0].run("rookery", "stator", "retry", "delivery")
            sites[0].run("rookery", "stator", "retry", "post")
            return set(stored.values()) <= set(copies(peer))

        wait_for(all_sent, 90, "the deliveries")
        for site in sites:
            site.stator.settle(30)
        assert {uri: n for uri, n in copies(peer).items() if n != 1} == {}
        assert processes == [each.child.pid for site in sites for each in (site.server, site.stator.daemon)]
        # They listen again: what changes is known everywhere at once.
        sites[1].rookery("maintenance", "on")
        for site in sites:
            wait_for(lambda site=site: site.get("https://kea.test/about/").status_code == 503, what="the notice")
        sites[0].rookery("maintenance", "off")
        for site in sites:
            wait_for(lambda site=site: site.get("https://kea.test/about/").status_code == 200, what="the end")
            assert site.admin().get("/readyz").status_code == 200


def test_a_standby_is_never_written_to(pair, sites):
    """With both there the order of the hosts says nothing; and a standby alone is no database."""
    site = sites[0]
    turned = pair.conninfo.replace("db1.test,db2.test", "db2.test,db1.test")
    site.options["database"] = turned
    assert [one["name"] for one in site.rookery("domain", "list")["domains"]] == list(DOMAINS)
    site.options["database"] = pair.conninfo.replace("db1.test,", "")
    done = site.run("rookery", "domain", "list")
    assert done.returncode == 5 and "read-only" in done.stderr
    # A name that the certificate does not have is somebody else's.
    site.options["database"] = pair.conninfo.replace("db1.test,db2.test", "peer1.test") + " hostaddr=10.7.3.1"
    done = site.run("rookery", "domain", "list")
    assert done.returncode == 5 and "does not match host name" in done.stderr


def test_a_primary_that_takes_no_writes_is_left(pair, sites):
    """As one that was demoted, before its sessions end."""
    site = sites[0]
    ruru = Api(site)
    assert ruru.ask("POST", "/api/v1/statuses", data={"status": "before"}).status_code == 200
    pair.sql("alter system set default_transaction_read_only = on")
    pair.sql("select pg_reload_conf()")
    wait_for(lambda: ruru.ask("POST", "/api/v1/statuses", data={"status": "x"}).status_code == 503,
             what="the end of writes")
    pair.sql("set default_transaction_read_only = off")
    pair.sql("alter system reset default_transaction_read_only")
    pair.sql("select pg_reload_conf()")
    wait_for(lambda: ruru.ask("POST", "/api/v1/statuses", data={"status": "after"}).status_code == 200,
             what="writes again")


def test_a_silent_host_hides_nobody(furnished_database, tmp_path):
    """It takes the connection and says nothing."""
    socket = furnished_database.conninfo.split()[0].partition("=")[2]
    site = Site(furnished_database, tmp_path)
    site.options["database"] = f"host=peer20.test,{socket} port=5432 dbname={furnished_database.name} sslmode=disable"
    silent = SilentHosts(["peer20.test"], port=5432)
    try:
        assert [one["name"] for one in site.rookery("domain", "list")["domains"]] == list(DOMAINS)
    finally:
        silent.close()
        furnished_database.close()

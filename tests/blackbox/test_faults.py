# SPDX-License-Identifier: AGPL-3.0-or-later
"""Faults on purpose: processes killed at random moments, silent servers, a database that goes away, and
restarts under load. What was acknowledged is there afterwards, and what was accepted is not sent again."""

import base64
import concurrent.futures
import contextlib
import os
import random
import re
import signal
import socket
import threading
import time
import types

import httpx
import pytest

from harness import activity, lab, work
from harness.peer import Actor, Answer, Peer, send
from harness.process import Daemon
from harness.site import Site
from harness.wait import wait_for

KEA = "ruru@kea.test"


@pytest.fixture
def hosts(peers):
    return lambda n: [peers(f"peer{number}.test") for number in range(1, n + 1)]


def scaled(number):
    return max(number // lab.SLOWNESS, 10)


def states(site, table="deliveries"):
    rows = site.sql(f"select state, count(*) from {table} group by state")
    return {row["state"]: row["count"] for row in rows}


class Worker(threading.Thread):
    """Calls step(number) again and again until it is stopped; keeps what it gave and what it threw."""

    def __init__(self, step):
        super().__init__(daemon=True)
        self.step, self.results, self.errors = step, [], []
        self.ending = threading.Event()
        self.start()

    def run(self):
        while not self.ending.is_set():
            try:
                self.results.append(self.step(len(self.results)))
            except Exception as error:  # pylint: disable=broad-except
                self.errors.append(error)

    def stop(self):
        self.ending.set()
        self.join(60 * lab.PATIENCE)
        assert not self.is_alive()

    def wait(self, count, timeout=30):
        """Until that many more came."""
        count += len(self.results)
        wait_for(lambda: len(self.results) >= count, timeout, f"result {count} after {self.errors[-3:]}")


# Stators that are killed

class MoodyPeer(Peer):
    """Fails at random: errors, resets and slow answers between those that accept."""

    MOODS = ((0.12, Answer(500)), (0.16, Answer(503)), (0.18, Answer(reset=True)), (0.20, Answer(202, delay=0.5)),
             (0.24, Answer(202, body="x" * 5000, cut=True)), (1, Answer(202, delay=0.01)))

    def answer_for(self, received):
        chance = random.random()
        return next(answer for limit, answer in self.MOODS if chance < limit)

    def copies(self):
        """Ids that came again after they were accepted, or were accepted twice."""
        accepted, bad = {}, []
        for one in sorted(self.requests("POST"), key=lambda one: one.at):
            name = one.json["id"]
            if name in accepted and (one.at > accepted[name] or one.status == 202):
                bad.append(name)
            if one.status == 202:
                accepted[name] = min(one.answered, accepted.get(name, one.answered))
        return bad


@pytest.fixture
def moody_peers():
    made = [MoodyPeer(f"peer{number}.test") for number in range(1, 9)]
    yield made
    for one in made:
        one.close()


def kill_again_and_again(site, peers, total, most):
    """Starts a stator and kills it at a random moment, until all that many are sent; how often. A moment is when some
    more arrived, at most so many, or when nothing does for a while, since the peers have their bad days."""
    kills, until = 0, time.monotonic() + 120 * lab.PATIENCE
    while states(site) != {"sent": total}:
        assert time.monotonic() < until, states(site)
        site.rookery("stator", "retry", "delivery")
        enough = arrived(peers) + random.randint(1, most)
        site.stator.start()
        moment = time.monotonic() + random.uniform(0.1, 0.5) * lab.PATIENCE
        while arrived(peers) < enough and time.monotonic() < moment and states(site) != {"sent": total}:
            time.sleep(random.uniform(0, 0.01))
        site.stator.kill()
        kills += 1
    return kills


def arrived(peers):
    return sum(len(peer.received) for peer in peers)


def test_killed_stators_lose_nothing_and_double_nothing(quiet_site, moody_peers):
    site, total = quiet_site, 8 * scaled(250)
    site.stator.start_courier()
    ids = work.deliveries(site, moody_peers, count=total // 8)
    assert len(ids) == total
    assert kill_again_and_again(site, moody_peers, total, total // 5) >= 3
    came = [{one.json["id"] for one in peer.inbox()} for peer in moody_peers]
    assert [len(one) for one in came] == [total // 8] * 8
    assert [peer.copies() for peer in moody_peers] == [[]] * 8
    failed = [one.status for peer in moody_peers for one in peer.requests("POST") if one.status != 202]
    assert len(failed) > total // 20


def test_two_stators_one_killed_again_and_again(quiet_site, moody_peers):
    """The other goes on meanwhile, on the same courier."""
    site, total = quiet_site, 8 * scaled(60)
    site.stator.start_courier()
    site.stator.start()
    work.deliveries(site, moody_peers, count=total // 8)
    kill_again_and_again(site, moody_peers, total, total // 5)
    assert [peer.copies() for peer in moody_peers] == [[]] * 8


# A server that is killed

def test_what_was_answered_202_is_stored_when_the_server_is_killed(quiet_site, peer):
    site, total = quiet_site, scaled(400)
    site.start()
    ana = peer.actor("ana")
    inbox = f"{work.identity(site, KEA)['actor_uri']}inbox/"
    mention = activity.mention(work.identity(site, KEA)["actor_uri"], f"@{KEA}")
    things = [activity.create(ana, activity.note(ana, f"number {number}", tag=[mention]))
              for number in range(total + 40)]
    accepted, enough = set(), threading.Event()

    def deliver(thing):
        with contextlib.suppress(httpx.HTTPError):
            if ana.send(site, inbox, thing).status_code == 202:
                accepted.add(thing["id"])
                if len(accepted) >= total:
                    enough.set()

    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        for thing in things:
            pool.submit(deliver, thing)
        assert enough.wait(60 * lab.PATIENCE)
        site.server.kill()
    stored = {row["id"] for row in site.sql("select body::json->>'id' as id from inbox_messages")}
    assert len(accepted) >= total and accepted - stored == set()
    site.server.start()
    site.stator.drain()
    posts = {row["object_uri"] for row in site.sql("select object_uri from posts where domain_id is null")}
    assert {thing["object"]["id"] for thing in things if thing["id"] in accepted} - posts == set()


def test_signatures_with_a_nul_are_no_replays_of_each_other(quiet_site, peer):
    """One signature in 256 begins with that byte; the second of them was once taken for the first."""
    site, found = quiet_site, []
    site.start()
    ana, inbox = peer.actor("ana"), f"{work.identity(quiet_site, KEA)['actor_uri']}inbox/"
    while len(found) < 2:
        thing = activity.like(ana, inbox)
        request = ana.signed("POST", inbox, thing)
        if base64.b64decode(re.search('signature="([^"]+)"', request.header("signature"))[1])[0] == 0:
            found.append(thing["id"])
            assert send(site, request).status_code == 202
    assert {row["id"] for row in site.sql("select body::json->>'id' as id from inbox_messages")} == set(found)


# Silent servers

@pytest.mark.options(fetch_timeout=300)
def test_silent_hosts_delay_nobody(quiet_site, hosts, silent_hosts):
    """Sixty that accept and do not answer stand first in line, for deliveries and as signers of what comes in. In the
    end they hang up: test_stator.py has one whose time runs out."""
    site = quiet_site
    names = [f"peer{number}.test" for number in range(20, 80)]
    silent = silent_hosts(names)
    work.deliveries(site, [(name, f"http://{name}/inbox") for name in names], count=5)
    well = hosts(10)
    work.deliveries(site, well, count=5)
    site.start()
    inbox = f"{work.identity(site, KEA)['actor_uri']}inbox/"
    asking = [ask_by_stranger(site, name, inbox) for name in names]
    site.stator.start()
    for one in well:
        one.wait(lambda one=one: len(one.inbox()) == 5)
    page = f"https://kea.test/@{KEA.split('@', maxsplit=1)[0]}/"
    for accept in ("text/html", "application/activity+json") * 20:
        assert site.get(page, headers={"Accept": accept}).status_code == 200
    # Until here not one exchange with a silent one came to its end.
    left = site.sql("select d.state, d.state_attempts as attempts, s.failures from deliveries d "
                    "join servers s on s.id = d.server_id where s.host = any (%s)", names)
    assert len(left) == 300 and {tuple(row.values()) for row in left} == {("waiting", 0, 0)}
    assert [said for said in map(what_it_said, asking) if said is not None] == []
    for one in asking:
        one.close()
    silent.close()
    # Each was tried once, and the rest waits for its breaker.
    wait_for(lambda: site.value("select sum(state_attempts)::int from deliveries where state = 'waiting'") == 60)
    assert site.value("select count(*) from servers where failures = 1") == 60


def ask_by_stranger(site, name, inbox):
    """Sends an activity that is signed by somebody at that host, and does not wait for the answer."""
    ghost = Actor(types.SimpleNamespace(origin=f"http://{name}", authority=name), "ghost")
    request = ghost.signed("POST", inbox, activity.create(ghost, activity.note(ghost, "boo")))
    lines = [f"POST {inbox.removeprefix('https://kea.test')} HTTP/1.1", "X-Forwarded-Proto: https",
             f"Content-Length: {len(request.body)}", *(f"{key}: {value}" for key, value in request.headers.items())]
    connection = socket.create_connection(("127.0.0.1", site.port))
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + request.body)
    return connection


def what_it_said(connection):
    """What came on it; None while nothing does."""
    connection.setblocking(False)
    try:
        return connection.recv(4096)
    except BlockingIOError:
        return None


# A database that goes away

def make_durable(site):
    """The cluster of tests gives that up for speed; here it is what is tested."""
    site.sql(f"alter database {site.database.name} set synchronous_commit = on")
    site.sql("truncate seen_signatures")  # a copied database has no way back for its unlogged tables yet
    site.sql("checkpoint")
    site.database.close()


def has_answer(answer):
    """Served, or told to come again."""
    if answer.status_code == 503:
        return answer.headers.get("retry-after", "").isdigit()
    return answer.status_code in (200, 202)


def has_failed(worker):
    """Whether it was told to come again."""
    return any(answer.status_code == 503 for answer in worker.results)


@pytest.mark.parametrize("how", [(), ("--immediate",)])
def test_the_database_restarts_under_load(cluster, quiet_site, peer, how):
    site = quiet_site
    make_durable(site)
    ana, uri = peer.actor("ana"), work.identity(site, KEA)["actor_uri"]
    site.start()
    site.stator.start()
    accepted = set()

    def read(number):
        paths = (uri, "https://kea.test/.well-known/webfinger?resource=acct:ruru@kea.test", "https://kea.test/")
        accept = "application/activity+json" if number % 3 == 0 else "*/*"
        return site.get(paths[number % 3], headers={"Accept": accept})

    def write(number):
        thing = activity.create(ana, activity.note(ana, f"{number}", tag=[activity.mention(uri)]))
        answer = ana.send(site, f"{uri}inbox/", thing)
        if answer.status_code == 202:
            accepted.add((thing["id"], thing["object"]["id"]))
        return answer

    load = [Worker(read), Worker(read), Worker(write), Worker(write)]
    load[2].wait(10)
    for how_long in (lambda: True, lambda: all(has_failed(one) for one in load)):
        site.database.close()
        cluster.stop(*how)
        wait_for(how_long)
        cluster.start()
        for one in load:
            one.wait(8)
    for one in load:
        one.stop()
    assert [one.errors for one in load] == [[]] * 4
    bad = [(answer.status_code, answer.text[:200]) for one in load for answer in one.results if not has_answer(answer)]
    assert bad == []
    stored = {row["id"] for row in site.sql("select body::json->>'id' as id from inbox_messages")}
    assert {name for name, _ in accepted} - stored == set()
    # Nobody had to be restarted, and what failed meanwhile has its next attempt.
    wait_for(lambda: not site.sql("select id from inbox_messages where state = 'received' and state_attempts = 0"))
    site.rookery("stator", "retry", "inbox")
    wait_for(lambda: "received" not in states(site, "inbox_messages"))
    posts = {row["object_uri"] for row in site.sql("select object_uri from posts where domain_id is null")}
    assert {name for _, name in accepted} - posts == set()
    work.deliveries(site, [peer])
    peer.wait(lambda: peer.inbox("Create"))
    assert site.server.is_alive() and site.stator.daemon.is_alive()


def test_deliveries_go_on_when_the_database_was_away(cluster, quiet_site, moody_peers):
    """Results that could not be written are written later, and nothing is sent twice for it."""
    site, total = quiet_site, 8 * scaled(60)
    make_durable(site)
    site.stator.start_courier()
    ids = work.deliveries(site, moody_peers, count=total // 8)
    site.stator.start()
    for part in (8, 4, 2):
        wait_for(lambda part=part: arrived(moody_peers) >= total // part)
        site.database.close()
        cluster.stop("--immediate")
        time.sleep(0.3)  # what is under way ends, and its results cannot be written
        cluster.start()

    def all_sent():
        site.rookery("stator", "retry", "delivery")
        return states(site) == {"sent": len(ids)}

    wait_for(all_sent, 60)
    assert [peer.copies() for peer in moody_peers] == [[]] * 8
    assert site.stator.daemon.is_alive()


# Restarts

class Held:
    """The server as systemd starts it: on a socket that stays when the process goes."""

    def __init__(self, site):
        self.site = site
        self.socket = socket.create_server(("127.0.0.1", site.port), backlog=512)
        self.fd = self.socket.fileno()
        script = f'LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=http exec "$0" 3<&{self.fd} {self.fd}<&-'
        env = site.environment(listen=None)
        self.daemon = Daemon(["/bin/bash", "-c", script, lab.PROGRAMS / "rookery-server"], env, site.directory)

    def start(self):
        self.daemon.start(pass_fds=(self.fd,))

    def stop(self):
        self.daemon.stop()


def test_a_restart_drops_no_connection(quiet_site, peer):
    site, held = quiet_site, Held(quiet_site)
    uri = work.identity(site, KEA)["actor_uri"]
    ana = peer.actor("ana")
    held.start()

    def read(_):
        return site.get(uri, headers={"Accept": "application/activity+json"}).status_code

    def write(_):
        return ana.send(site, f"{uri}inbox/", activity.like(ana, uri)).status_code

    kept = site.client("kea.test")

    def read_kept(_):
        """An idle connection may be closed at any time, so who keeps one tries anew (RFC 9112, 9.3.1)."""
        try:
            return kept.get(uri, headers={"Accept": "application/activity+json"}).status_code
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            return kept.get(uri, headers={"Accept": "application/activity+json"}).status_code

    load = [Worker(read) for _ in range(3)] + [Worker(read_kept), Worker(write)]
    for _ in range(6):
        for one in load:
            one.wait(5)
        held.stop()
        held.start()
    for one in load:
        one.wait(5)
        one.stop()
    held.stop()
    held.socket.close()
    assert [one.errors for one in load] == [[]] * 5
    assert {status for one in load[:4] for status in one.results} == {200}
    assert set(load[4].results) <= {202}


def test_who_was_accepted_before_a_stop_is_heard(quiet_site, manager):
    """With one request to come, or with half of it there."""
    site = quiet_site
    site.options["server_threads"] = 1
    daemon = manager.spawn(Daemon(site.server.argv, site.environment(), site.directory))
    manager.wait("READY=1")
    early = [socket.create_connection(("127.0.0.1", site.port)) for _ in range(5)]
    head = b"GET /.well-known/nodeinfo HTTP/1.1\r\n", b"Host: kea.test\r\nX-Forwarded-Proto: https\r\n\r\n"
    early[0].sendall(head[0])
    # They are accepted in order, so when the last one has its answer, all are.
    assert site.get("https://kea.test/.well-known/nodeinfo").status_code == 200
    daemon.signal(signal.SIGTERM)
    manager.wait("STOPPING=1")
    for one in early:
        one.sendall(head[1] if one is early[0] else b"".join(head))
    for one in early:
        with one, one.makefile("rb") as answer:
            assert answer.readline().startswith(b"HTTP/1.1 200 ")
            assert b"nodeinfo/2.1" in answer.read()
    daemon.stop()


# The service manager

class Manager:
    """What systemd sees of a daemon."""

    def __init__(self, directory):
        self.path = directory / "manager"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.seen = []

    def spawn(self, daemon, watchdog=0.5):
        daemon.env = {**daemon.env, "NOTIFY_SOCKET": str(self.path), "WATCHDOG_USEC": str(int(watchdog * 1e6))}
        return daemon.spawn()

    def wait(self, word, count=1):
        """Until the daemon said it that often since the last time; gives what else it said then."""
        self.socket.settimeout(20 * lab.PATIENCE)
        found = []
        while len(found) < count:
            said = self.socket.recv(4096).decode().splitlines()
            self.seen += said
            if word in said:
                found.append(said)
        return found[-1]

    def close(self):
        self.socket.close()


@pytest.fixture
def manager(tmp_path):
    made = Manager(tmp_path)
    yield made
    made.close()


def test_the_server_tells_the_service_manager(quiet_site, manager):
    daemon = manager.spawn(quiet_site.server)
    manager.wait("READY=1")
    assert quiet_site.get("https://kea.test/.well-known/nodeinfo").status_code == 200
    manager.wait("WATCHDOG=1", 3)
    daemon.signal(signal.SIGHUP)
    said = manager.wait("RELOADING=1")
    assert any(line.startswith("MONOTONIC_USEC=") for line in said)
    manager.wait("READY=1")
    daemon.signal(signal.SIGTERM)
    manager.wait("STOPPING=1")
    daemon.stop()
    assert any(line.startswith("STATUS=") for line in manager.seen)


@contextlib.contextmanager
def tenants_held(site):
    """Nobody can load them until somebody lets go, and the given call says whether somebody tries."""
    with site.database.connect() as session, session.transaction():
        session.execute("lock table domains in access exclusive mode")
        with site.database.connect() as other:
            yield lambda: other.execute("select 1 from pg_locks where not granted and relation = 'domains'::regclass"
                                        " and database = (select oid from pg_database where"
                                        " datname = current_database())").fetchone()


def test_a_reload_is_waited_for_at_the_end(quiet_site, manager):
    """And the manager is not told of it any more."""
    daemon = manager.spawn(quiet_site.server)
    manager.wait("READY=1")
    with tenants_held(quiet_site) as tried:
        daemon.signal(signal.SIGHUP)
        manager.wait("RELOADING=1")
        wait_for(tried, what="the reload")
        daemon.signal(signal.SIGTERM)
        manager.wait("STOPPING=1")
        daemon.signal(signal.SIGHUP)
        time.sleep(1)
        assert daemon.is_alive()
        del manager.seen[:]
    daemon.stop()
    manager.socket.settimeout(0.2)
    with contextlib.suppress(TimeoutError):
        while True:
            manager.seen += manager.socket.recv(4096).decode().splitlines()
    assert not [word for word in manager.seen if word.startswith(("READY", "RELOADING"))]


def test_a_reload_while_it_starts_changes_nothing(quiet_site, manager):
    with tenants_held(quiet_site) as tried:
        daemon = manager.spawn(quiet_site.server)
        wait_for(tried, what="the start")
        daemon.signal(signal.SIGHUP)
        manager.socket.settimeout(0.1)
        until = time.monotonic() + 1
        while time.monotonic() < until:
            with contextlib.suppress(TimeoutError):
                assert manager.socket.recv(4096) == b"WATCHDOG=1"
    manager.wait("READY=1")
    daemon.stop()


@pytest.mark.parametrize("argument", [(), ("--courier",)])
def test_stator_and_courier_tell_the_service_manager(quiet_site, manager, argument, tmp_path):
    site = quiet_site
    env = site.environment(**({"courier": "@rookery-faults"} if argument else {}))
    daemon = manager.spawn(Daemon([lab.PROGRAMS / "rookery-stator", *argument], env, tmp_path))
    manager.wait("READY=1")
    manager.wait("WATCHDOG=1", 3)
    daemon.signal(signal.SIGHUP)  # there is nothing to read again, and it is no reason to end
    manager.wait("WATCHDOG=1", 2)
    daemon.signal(signal.SIGTERM)
    manager.wait("STOPPING=1")
    daemon.stop()
    if not argument:
        assert any(line.startswith("STATUS=") for line in manager.seen)


def test_a_stuck_process_does_not_ping(quiet_site, manager):
    """The pings come from the loop itself."""
    daemon = manager.spawn(quiet_site.server)
    manager.wait("READY=1")
    manager.wait("WATCHDOG=1", 2)
    os.kill(daemon.child.pid, signal.SIGSTOP)
    manager.socket.settimeout(1.5)
    with pytest.raises(TimeoutError):
        while True:
            manager.socket.recv(4096)
    os.kill(daemon.child.pid, signal.SIGCONT)
    manager.wait("WATCHDOG=1")
    daemon.stop()

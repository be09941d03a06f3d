# SPDX-License-Identifier: AGPL-3.0-or-later
"""Prints what each path costs, as a ratio to the machine's RSA rate, beside its target; never fails
because of a number. Run it by make bench, or for some paths alone:

    tools/lab --disk /usr/bin/python3 tests/bench/bench.py [--crowd USERS,POSTS] [PATH...]

With a crowd, the installation holds so many people and posts besides those that each path needs.

R is the number of RSA-2048 signatures that one core makes in a second, measured right before each
path; S is the time of one. A rate is operations per second of processor time of our processes and
their PostgreSQL backends together. Where a processor has vector instructions for RSA, R is two or
three times what it is elsewhere and nothing else is: the second column is the ratio to an R without
them. Every run is added to build/bench/history.tsv."""

import argparse
import dataclasses
import datetime
import json
import pathlib
import statistics
import subprocess
import sys
import time
from urllib.parse import urlsplit

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))

from harness import activity, lab  # noqa: E402  pylint: disable=wrong-import-position
from harness.api import token_for  # noqa: E402  pylint: disable=wrong-import-position
from harness.media import png  # noqa: E402  pylint: disable=wrong-import-position
from harness.peer import Peer  # noqa: E402  pylint: disable=wrong-import-position
from harness.streaming import Events  # noqa: E402  pylint: disable=wrong-import-position

import crowd  # noqa: E402  pylint: disable=wrong-import-position
import load  # noqa: E402  pylint: disable=wrong-import-position
import meter  # noqa: E402  pylint: disable=wrong-import-position
from world import EMAIL, HOSTS, Sink, World  # noqa: E402  pylint: disable=wrong-import-position

HISTORY = ROOT / "build" / "bench" / "history.tsv"
ACTIVITY = {"Accept": "application/activity+json"}
HTML = {"Accept": "text/html"}
IDLE_SECONDS = 20


@dataclasses.dataclass
class Result:
    """value in the unit of its row; more: what it is made of."""

    value: float
    more: str = ""
    statements: float | None = None


def rate(operations, used, rsa, statements=None):
    """Ratio to R, from the processor time of a number of operations."""
    each = used.total / operations
    more = f"{each * 1e6:.0f} us ({used.ours / operations * 1e6:.0f} ours)"
    return Result(1 / each / rsa, more, statements)


def get_pages(world, rsa, path, headers, number):
    """Many GETs of one page; the first of them warm what can be warmed."""
    raw = load.request("GET", "kea.test", path, headers)
    assert set(load.run(world.site.port, [raw] * 100)) == {200}, path
    before = world.metric("rookery_statements_total")
    with meter.Meter(world.pids("server")) as used:
        statuses = load.run(world.site.port, [raw] * number)
    assert set(statuses) == {200}, statuses
    statements = (world.metric("rookery_statements_total") - before) / number
    return rate(number, used, rsa, statements)


def actor(world, rsa):
    return get_pages(world, rsa, "/@ruru@kea.test/", ACTIVITY, 4000)


def actor_remembered(world, rsa):
    with world.remembering():
        return actor(world, rsa)


def webfinger(world, rsa):
    return get_pages(world, rsa, "/.well-known/webfinger?resource=acct:ruru@kea.test", {}, 4000)


def home(world, rsa):
    return get_pages(world, rsa, "/home/", {**HTML, "Cookie": world.session()}, 1000)


def profile(world, rsa):
    return get_pages(world, rsa, "/@ruru/?limit=40", HTML, 1000)


def profile_remembered(world, rsa):
    with world.remembering():
        return profile(world, rsa)


def front(world, rsa):
    return get_pages(world, rsa, "/", HTML, 1000)


def local(world, rsa):
    return get_pages(world, rsa, "/local/", HTML, 1000)


def post(world, rsa):
    """Signed out, with the answers that api_context makes or has made."""
    parent = world.value("select max(id) from posts where author_id = %s", world.kaka)
    return get_pages(world, rsa, f"/@kaka/posts/{parent}/", HTML, 1000)


def staff_queue(world, rsa):
    """The first page of two hundred complaints, as the tenant's owner."""
    world.site.rookery("user", "grant", EMAIL, "owner", "kea.test")
    world.sql("insert into reports (domain_id, uri, source_id, subject_id, comment) select %s, 'urn:bench:' || n, %s, "
              "%s, 'It is about birds' from generate_series(1, 200) n on conflict do nothing", world.kea, world.ruru,
              world.kaka)
    return get_pages(world, rsa, "/staff/reports/", {**HTML, "Cookie": world.session()}, 500)


# The client API

def bearer(world, who="ruru@kea.test"):
    return {"Authorization": f"Bearer {token_for(world.site, who)}"}


def get_api(world, rsa, path, number=1000):
    return get_pages(world, rsa, path, bearer(world), number)


def api_home(world, rsa):
    return get_api(world, rsa, "/api/v1/timelines/home?limit=20")


def api_public(world, rsa):
    return get_api(world, rsa, "/api/v1/timelines/public?local=true&limit=20")


def api_account(world, rsa):
    return get_api(world, rsa, f"/api/v1/accounts/{world.kaka}/statuses?limit=20")


def api_notifications(world, rsa):
    """Twenty, of likes by as many people."""
    world.sql("with people as (insert into identities (actor_uri, username, host, state, state_next_attempt) "
              "select 'https://peer98.test/' || n, 'n' || n, 'peer98.test', 'updated', now() + interval '9 days' "
              "from generate_series(1, 20) n on conflict do nothing returning id) "
              "insert into notifications (domain_id, identity_id, kind, actor_id, post_id) select %s, %s, 'like', id, "
              "(select max(id) from posts where author_id = %s) from people on conflict do nothing",
              world.kea, world.ruru, world.ruru)
    return get_api(world, rsa, "/api/v2/notifications?limit=20")


def api_context(world, rsa):
    """A post with twenty replies."""
    parent = world.value("select max(id) from posts where author_id = %s", world.kaka)
    world.sql("update posts set in_reply_to_id = %s where id in (select id from posts where author_id = %s "
              "order by id desc limit 20)", parent, world.ruru)
    return get_api(world, rsa, f"/api/v1/statuses/{parent}/context")


def api_search(world, rsa):
    world.sql("update identities set indexable = true where id = %s", world.kaka)
    return get_api(world, rsa, "/api/v2/search?q=birds&type=statuses&limit=20")


def api_post(world, rsa):
    number = 300
    headers = {**bearer(world, "toroa@kea.test"), "Content-Type": "application/json"}
    requests = [load.request("POST", "kea.test", "/api/v1/statuses", headers,
                             json.dumps({"status": f"A word or two about #birds, {n}"}).encode())
                for n in range(number)]
    with meter.Meter(world.pids("server")) as used:
        statuses = load.run(world.site.port, requests)
    assert set(statuses) == {200}, statuses
    world.hold("posts")
    return rate(number, used, rsa)


def api_upload(world, rsa):
    """Pictures of 1200 x 900, each another; the processor time of the workers is in it."""
    number = 40
    headers = {**bearer(world), "Content-Type": "multipart/form-data; boundary=edge"}
    parts = [b'--edge\r\nContent-Disposition: form-data; name="file"; filename="bird.png"\r\n'
             b"Content-Type: image/png\r\n\r\n" + png(1200, 900, (n, 90, 120)) + b"\r\n--edge--\r\n"
             for n in range(number)]
    requests = [load.request("POST", "kea.test", "/api/v2/media", headers, part) for part in parts]
    with meter.Meter(world.pids("server")) as used:
        statuses = load.run(world.site.port, requests, connections=2)
    assert set(statuses) == {200}, statuses
    return rate(number, used, rsa)


class Sender:
    """Notes of an actor elsewhere that ruru follows, signed beforehand."""

    def __init__(self, world, peer):
        self.world, self.actor = world, peer.actor("ana")
        first = self.actor.send(world.site, self._inbox(), self._create())
        assert first.status_code == 202, first.text
        author = world.value("select id from identities where actor_uri = %s", self.actor.id)
        world.sql("insert into follows (source_id, target_id, domain_id, uri, state) values (%s, %s, %s, 'urn:bench', "
                  "'accepted') on conflict do nothing", world.ruru, author, world.kea)

    @staticmethod
    def _inbox():
        return "https://kea.test/@ruru@kea.test/inbox/"

    def _create(self):
        return activity.create(self.actor, activity.note(self.actor, "<p>" + "A few words. " * 20 + "</p>"))

    def requests(self, number):
        made = []
        for _ in range(number):
            signed = self.actor.signed("POST", self._inbox(), self._create())
            headers = {name: value for name, value in signed.headers.items() if name != "Host"}
            made.append(load.request("POST", "kea.test", urlsplit(signed.url).path, headers, signed.body))
        return made


def inbox(world, rsa):
    """Leaves its messages to inbox_processed."""
    number = 1500
    with Peer("peer60.test") as peer:
        sender = Sender(world, peer)
        load.run(world.site.port, sender.requests(50))
        requests = sender.requests(number)
        before = world.metric("rookery_statements_total")
        with meter.Meter(world.pids("server")) as used:
            statuses = load.run(world.site.port, requests, connections=16)
        assert set(statuses) == {202}, statuses
        stored = world.value("select count(*) from inbox_messages where state = 'received'")
        assert stored >= number, stored
        return rate(number, used, rsa, (world.metric("rookery_statements_total") - before) / number)


def inbox_processed(world, rsa):
    """With the fan-out of what was stored to the one follower."""
    world.hold("inbox_messages")
    number = world.value("select count(*) from inbox_messages where state = 'received'")
    assert number, "inbox comes first"
    world.start_stator()
    with meter.Meter(world.pids("stator")) as used:
        world.release("inbox_messages")
        world.wait("select count(*) from inbox_messages where state = 'received'")
        world.wait("select count(*) from posts where state = 'new'")
    world.stop_stator()
    refused = world.value("select count(*) from inbox_messages where state = 'refused'")
    assert refused == 0, refused
    return rate(number, used, rsa)


def deliver(world, rsa, hosts, each, scheme="http", warm_up=4, with_courier=True):
    """each deliveries to every host, after a few that open connections and load the key."""
    world.servers(hosts, scheme)
    world.start_stator(with_courier)
    if warm_up:
        world.deliveries(hosts, warm_up, scheme)
        world.release("deliveries")
        world.wait("select count(*) from deliveries where state = 'waiting'")
    world.deliveries(hosts, each, scheme)
    with meter.Meter(world.pids("stator")) as used:
        world.release("deliveries")
        world.wait("select count(*) from deliveries where state = 'waiting'")
    world.stop_stator()
    failed = world.value("select count(*) from deliveries where state not in ('waiting', 'sent')")
    assert failed == 0, failed
    return rate(each * len(hosts), used, rsa)


def delivery(world, rsa):
    with Sink(HOSTS):
        return deliver(world, rsa, HOSTS, 40)


def delivery_alone(world, rsa):
    with Sink(HOSTS):
        return deliver(world, rsa, HOSTS, 40, with_courier=False)


def delivery_cold(world, rsa):
    """The sink ends every connection after its answer."""
    hosts = [f"peer{n}.test" for n in range(61, 91)]
    with Sink(hosts, lab.certificate(*hosts)):
        return deliver(world, rsa, hosts, 20, scheme="https", warm_up=1)


def first_byte(world, _rsa):
    host = "peer55.test"
    delays = []
    world.servers([host])
    world.sql("insert into follows (source_id, target_id, target_domain_id, uri, state) select id, %s, %s, "
              "'urn:bench:' || host, 'accepted' from identities where host = %s", world.toroa, world.kea, host)
    with Sink([host]) as sink:
        world.start_stator()
        for _ in range(24):
            world.write_posts(world.toroa, 1, "new")
            committed = time.monotonic()
            delays.append(sink.times.get(timeout=30) - committed)
            world.wait("select count(*) from posts where state = 'new'")
        world.stop_stator()
    world.sql("delete from follows where uri = 'urn:bench:' || %s", host)
    delays = sorted(delays[4:])
    return Result(statistics.median(delays) * 1e3, f"worst {delays[-1] * 1e3:.1f} ms")


def fan_out(world, rsa):
    posts = 20
    world.sql("insert into identities (domain_id, actor_uri, username, host, state, state_next_attempt) select %s, "
              "'https://kea.test/@fan' || n || '@kea.test/', 'fan' || n, 'kea.test', 'updated', "
              "now() + interval '7 days' from generate_series(1, 1000) n on conflict do nothing", world.kea)
    world.sql("insert into follows (source_id, target_id, domain_id, target_domain_id, uri, state) "
              "select id, %s, %s, %s, actor_uri || '#follow', 'accepted' from identities "
              "where username like 'fan%%' and host = 'kea.test' on conflict do nothing",
              world.toroa, world.kea, world.kea)
    world.sql("analyze identities, follows")
    world.start_stator()
    world.write_posts(world.toroa, 2, "new")
    world.wait("select count(*) from posts where state = 'new'")
    with meter.Meter(world.pids("stator")) as used:
        world.write_posts(world.toroa, posts, "new")
        world.wait("select count(*) from posts where state = 'new'")
    world.stop_stator()
    reached = world.value("select count(*) from home_timeline h join posts p on p.id = h.post_id "
                          "where p.author_id = %s", world.toroa)
    assert reached >= 1000 * posts, reached
    each = used.total / posts
    return Result(each * rsa, f"{each * 1e3:.1f} ms, {each * 1e3:.0f} us a row")


def streams(world, rsa):
    """Posts told to readers of the public timeline, who share what is rendered; per post and reader."""
    posts, number = 40, 400
    tokens = [token_for(world.site, "kaka@kea.test") for _ in range(number // 16 + 1)]
    readers = [Events(world.site, "kea.test", "/public", tokens[n // 16], address=f"203.0.113.{n // 4}")
               for n in range(number)]
    world.write_posts(world.toroa, 1, "fanned_out")
    for reader in readers:
        reader.next("update")
    with meter.Meter(world.pids("server")) as used:
        for _ in range(posts):
            world.write_posts(world.toroa, 1, "fanned_out")
            for reader in readers:
                reader.until(b"\n\n")
    for reader in readers:
        reader.close()
    return rate(posts * number, used, rsa)


def claim(world, rsa):
    """Unreachable actors that nobody here knows: each is claimed and finished twice, with one look."""
    number = 5000
    server = world.value("insert into servers (host, state, state_next_attempt) values ('peer99.test', 'updated', "
                         "now() + interval '9 days') on conflict (host) do update set failures = 0 returning id")
    world.sql("insert into identities (server_id, actor_uri, username, host, state, state_next_attempt, state_lane) "
              "select %s, 'https://peer99.test/' || n, 'n' || n, 'peer99.test', 'unreachable', "
              "now() + interval '1 hour', %s + n %% 20 from generate_series(1, %s) n", server, server, number)
    world.sql("analyze identities")
    world.start_stator()
    with meter.Meter(world.pids("stator")) as used:
        world.sql("update identities set state = state, state_next_attempt = now() where server_id = %s", server)
        world.wait("select count(*) from identities where state <> 'updated' and host = 'peer99.test'")
    world.stop_stator()
    world.sql("delete from identities where server_id = %s", server)
    return rate(2 * number, used, rsa)


def resident(world):
    return meter.resident(world.pids("server", "stator")) / 2**20


def memory_idle(world, _rsa):
    world.site.restart()
    world.start_stator()
    time.sleep(1)
    each = [meter.resident([pid]) / 2**20 for pid in world.pids("server", "stator")]
    return Result(resident(world), "server, stator, courier alone: " + ", ".join(f"{one:.1f}" for one in each))


def memory_busy(world, _rsa):
    """Goes on from memory_idle."""
    raw = load.request("GET", "kea.test", "/@ruru/", HTML)
    connections = [load.Connection(world.site.port) for _ in range(500)]
    for connection in connections:
        assert connection.exchange(raw)[0] == 200
    held = resident(world)
    for connection in connections:
        connection.close()
    world.stop_stator()
    return Result(held)


def cold_start(world, _rsa):
    """The slower of the two daemons."""
    starts = {"server": [], "stator": []}
    for _ in range(5):
        world.site.server.stop()
        began = time.monotonic()
        world.site.server.start()
        starts["server"].append(time.monotonic() - began)
        began = time.monotonic()
        world.start_stator(with_courier=False)
        starts["stator"].append(time.monotonic() - began)
        world.stop_stator()
    medians = {name: statistics.median(times) for name, times in starts.items()}
    return Result(max(medians.values()), ", ".join(f"{name} {value * 1e3:.0f} ms" for name, value in medians.items()))


def idle(world, _rsa):
    """Percent of one core, with 100 tenants and 5,000 accounts."""
    world.sql("insert into domains (name, service_name, verify_token, verified, verified_by, state, "
              "state_next_attempt) select 'd' || n || '.test', 'd' || n || '.test', 'x' || n, now(), 'operator', "
              "'active', now() + interval '1 day' from generate_series(1, 98) n")
    world.sql("insert into domain_names (name, domain_id) select name, id from domains on conflict do nothing")
    world.sql("insert into identities (domain_id, actor_uri, username, host, state, state_next_attempt, state_lane) "
              "select d.id, 'https://' || d.name || '/@i' || n || '/', 'i' || n, d.name, 'updated', "
              "now() + interval '7 days', d.id from domains d cross join generate_series(1, 50) n")
    world.start_stator()
    time.sleep(5)
    pids = world.pids("server", "stator")
    with meter.Meter(pids) as used:
        time.sleep(IDLE_SECONDS)
    world.stop_stator()
    return Result(used.total / IDLE_SECONDS * 100, f"{used.ours / IDLE_SECONDS * 100:.3f} % ours")


@dataclasses.dataclass
class Row:
    run: object
    what: str
    target: float
    unit: str = "R"
    at_least: bool = True

    def is_met(self, value):
        return value >= self.target if self.at_least else value <= self.target


ROWS = [
    Row(delivery, "signed deliveries, warm connections, 50 hosts", 0.75),
    Row(delivery_alone, "  the same without the courier", 0.75),
    Row(delivery_cold, "signed deliveries, cold TLS", 0.22),
    Row(inbox, "inbox POST verified and durable", 3),
    Row(inbox_processed, "inbox message processed by the stator", 1),
    Row(actor, "actor document, uncached", 7),
    Row(actor_remembered, "  the same, remembered", 35),
    Row(webfinger, "WebFinger, uncached", 7),
    Row(home, "home timeline of 20, HTML", 1.6),
    Row(profile, "profile page of 40 posts, HTML, signed out", 3),
    Row(profile_remembered, "  the same, remembered", 25),
    Row(front, "front page of a tenant, HTML, signed out", 1.6),
    Row(local, "local timeline of 20, HTML, signed out", 1.6),
    Row(post, "page of a post, HTML, signed out", 3),
    Row(staff_queue, "queue of the staff's cases, HTML", 1.6),
    Row(api_home, "home timeline of 20, JSON", 1.6),
    Row(api_public, "local timeline of 20, JSON", 1.6),
    Row(api_account, "statuses of an account, 20, JSON", 1.6),
    Row(api_notifications, "notifications in groups, 20 likes, JSON", 3),
    Row(api_context, "context with 20 replies, JSON", 1.6),
    Row(api_search, "search of a word in posts, 20, JSON", 1.2),
    Row(api_post, "status posted and answered", 1),
    Row(api_upload, "picture of 1 MP uploaded and ready", 0.02),
    Row(first_byte, "commit of a post to first byte of its delivery", 20, "ms", False),
    Row(fan_out, "local fan-out of a post to 1000 followers", 20, "S", False),
    Row(streams, "event told to a reader, of 400", 30),
    Row(claim, "claim + finish, with one look-up", 15),
    Row(memory_idle, "memory of server, stator and courier, idle", 15, "MiB", False),
    Row(memory_busy, "the same at 500 connections", 64, "MiB", False),
    Row(cold_start, "cold start of each daemon", 0.1, "s", False),
    Row(idle, "idle: 100 tenants, 5,000 accounts", 0.1, "%", False),
]


def commit():
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, text=True, capture_output=True,
                          check=False)
    return done.stdout.strip() if done.returncode == 0 else "-"


def remember(row, result, rsa, plain):
    HISTORY.parent.mkdir(parents=True, exist_ok=True)
    if not HISTORY.exists():
        HISTORY.write_text("time\tcommit\tpath\tvalue\tunit\ttarget\tR\tplain R\tmore\n", encoding="utf-8")
    at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    fields = [at, commit(), row.run.__name__, f"{result.value:.4g}", row.unit, f"{row.target:g}", f"{rsa:.0f}",
              f"{plain:.0f}", json.dumps(result.more)]
    with open(HISTORY, "a", encoding="utf-8") as file:
        file.write("\t".join(fields) + "\n")


def in_plain(row, value, rsa, plain):
    """The value as it would be on a processor that signs more slowly; only ratios change."""
    if row.unit not in ("R", "S"):
        return value
    return value * rsa / plain if row.unit == "R" else value * plain / rsa


def show(row, result, other):
    sign = ">=" if row.at_least else "<="
    second = f"({other:.3g})" if row.unit in ("R", "S") else ""
    statements = "" if result.statements is None else f"{result.statements:.1f}"
    missed = "" if row.is_met(result.value) else "  MISSED" if not row.is_met(other) else "  missed by R"
    print(f"{row.what:46} {result.value:7.3g} {second:>8} {row.unit:3} {sign} {row.target:<5g} {statements:>5}  "
          f"{result.more}{missed}", flush=True)


def arguments():
    names = [row.run.__name__ for row in ROWS]
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--crowd", metavar="USERS,POSTS", type=lambda word: tuple(map(int, word.split(","))))
    parser.add_argument("paths", metavar="PATH", nargs="*", help=" ".join(names))
    given = parser.parse_args()
    unknown = set(given.paths) - set(names)
    if unknown:
        parser.error(f"no path {' '.join(sorted(unknown))}; there are: {' '.join(names)}")
    return given


def main():
    given = arguments()
    world = World()
    try:
        if given.crowd:
            users, posts = given.crowd
            crowd.Crowd(world, users).grow(posts)
        print(f"{'path':46} {'value':>7} {'plain':>8}     {'target':8} {'stmts':>5}  processor time of one")
        for row in ROWS:
            if not given.paths or row.run.__name__ in given.paths:
                measure(world, row)
    finally:
        world.close()


def measure(world, row):
    rsa, plain = meter.rsa_rate(), meter.rsa_rate(**meter.PLAIN)
    result = row.run(world, rsa)
    show(row, result, in_plain(row, result.value, rsa, plain))
    remember(row, result, rsa, plain)


if __name__ == "__main__":
    main()

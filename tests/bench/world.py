# SPDX-License-Identifier: AGPL-3.0-or-later
"""The installation that is measured, with as much in it as each path needs."""

import contextlib
import pathlib
import queue
import subprocess
import sys
import threading
import time

from harness import lab, process
from harness.cluster import Cluster, Database
from harness.site import Site

HERE = pathlib.Path(__file__).resolve().parent
PASSWORD = "correct horse battery staple"
EMAIL = "ruru@example.org"
HOSTS = [f"peer{n}.test" for n in range(1, 51)]
HOUR = "interval '1 hour'"


class DurableCluster(Cluster):
    """As an installation has it: what is committed is on the disk."""

    def start(self):
        self._tool("start")


class World:
    """Two domains; ruru@kea.test with 40 posts, reader of 40 posts of others; sinks on demand."""

    def __init__(self):
        self.cluster = DurableCluster(lab.directory() / "postgres")
        self.cluster.start()
        self.database = Database(self.cluster, "rookery")
        self.site = Site(self.database, lab.directory(), log_level="info", server_threads=None, offload_threads=None)
        self.courier_path = lab.directory() / "courier.sock"
        self.courier = None
        self._furnish()
        self.site.start()

    def close(self):
        self.stop_stator()
        self.site.stop()
        self.cluster.stop()

    def sql(self, statement, *args):
        return self.site.sql(statement, *args)

    def value(self, statement, *args):
        return self.site.value(statement, *args)

    def _furnish(self):
        self.site.rookery("migrate")
        for domain in ("kea.test", "weka.test"):
            self.site.rookery("domain", "add", domain, "--active")
        self.site.rookery("user", "add", EMAIL, "--password-stdin", stdin=PASSWORD + "\n")
        for handle in ("ruru@kea.test", "toroa@kea.test", "kaka@kea.test"):
            self.site.rookery("identity", "add", handle, "--user", EMAIL)
        self.ruru, self.toroa, self.kaka = (
            self.value("select id from identities where username = %s", name) for name in ("ruru", "toroa", "kaka"))
        self.kea = self.value("select id from domains where name = 'kea.test'")
        self.write_posts(self.ruru, 40, "fanned_out")
        self.write_posts(self.kaka, 40, "fanned_out")
        self.sql("insert into home_timeline (identity_id, entry_id, post_id, domain_id) "
                 "select %s, id, id, domain_id from posts", self.ruru)
        self.sql("insert into public_timeline (domain_id, channel, post_id) select domain_id, 0, id from posts")
        self.sql("update identities set posts_count = 40 where id in (%s, %s)", self.ruru, self.kaka)
        self.sql("analyze")

    def write_posts(self, author, number, state):
        """Posts as post_create leaves them; in the state new the stators are told."""
        self.sql(
            "insert into posts (id, domain_id, author_id, object_uri, url, visibility, content, source, state, "
            "state_lane) select p.id, i.domain_id, i.id, i.actor_uri || 'posts/' || p.id || '/', "
            "i.actor_uri || 'posts/' || p.id || '/', 'public', '<p>' || p.text || '</p>', p.text, %s, i.domain_id "
            "from identities i cross join (select snowflake(0) as id, repeat('A word or two about birds. ', 8) || n "
            "as text from generate_series(1, %s) n) p where i.id = %s", state, number, author)

    @contextlib.contextmanager
    def remembering(self):
        """The server shares answers between strangers meanwhile, as an installation's does."""
        self._serve(remember_seconds=5)
        try:
            yield
        finally:
            self._serve()

    def _serve(self, **options):
        self.site.server.stop()
        self.site.server.env = self.site.environment(**options)
        self.site.server.start()

    # Daemons

    def start_stator(self, with_courier=True):
        more = {}
        if with_courier:
            more["courier"] = self.courier_path
            directory = lab.directory() / f"courier{time.monotonic_ns()}"
            directory.mkdir()
            self.courier = process.Daemon([lab.PROGRAMS / "rookery-stator", "--courier"],
                                          self.site.environment(**more), directory).start()
        self.site.stator.start(**more)

    def stop_stator(self):
        self.site.stator.stop()
        if self.courier:
            self.courier.stop()
            self.courier = None

    def pids(self, *names):
        """Of the daemons "server", "stator" (with its courier)."""
        found = []
        if "server" in names:
            found.append(self.site.server.child.pid)
        if "stator" in names:
            found.append(self.site.stator.daemon.child.pid)
            found += [self.courier.child.pid] if self.courier else []
        return found

    def wait(self, statement, timeout=120):
        """Until the statement counts nothing any more."""
        until = time.monotonic() + timeout
        while self.value(statement):
            if time.monotonic() > until:
                raise AssertionError(f"still there after {timeout} s: {statement}")
            time.sleep(0.02)

    def hold(self, table):
        """Nothing of the table is due for an hour."""
        self.sql(f"update {table} set state_next_attempt = now() + {HOUR}")

    def release(self, table):
        """All of the table is due, and the stators hear of it."""
        self.sql(f"update {table} set state = state, state_next_attempt = now() where state_next_attempt > now() "
                 f"and state_next_attempt < now() + 2 * {HOUR}")

    def metric(self, name):
        text = self.site.admin().get("/metrics").text
        [line] = [line for line in text.splitlines() if line.startswith(name + " ")]
        return float(line.split()[1])

    def session(self):
        """The cookie of ruru, logged in."""
        client = self.site.client("kea.test")
        answer = client.post("/auth/login/", data={"email": EMAIL, "password": PASSWORD})
        assert answer.status_code == 303, answer.text[:500]
        return f"session={answer.cookies['session']}"

    # Other servers

    def servers(self, hosts, scheme="http"):
        """Rows of hosts, each with an actor whose inbox is the sink's."""
        for host in hosts:
            server = self.value("insert into servers (host, state, state_next_attempt, last_success) "
                                "values (%s, 'updated', now() + interval '9 days', now()) "
                                "on conflict (host) do update set retry_after = null returning id", host)
            self.sql("insert into identities (server_id, actor_uri, username, host, inbox_uri, shared_inbox_uri, "
                     "followers_uri, state, state_next_attempt) values (%s, %s, 'ana', %s, %s, %s, %s, "
                     "'updated', now() + interval '9 days') on conflict do nothing", server,
                     f"{scheme}://{host}/users/ana", host, f"{scheme}://{host}/users/ana/inbox",
                     f"{scheme}://{host}/inbox", f"{scheme}://{host}/users/ana/followers")

    def deliveries(self, hosts, number, scheme="http"):
        """Activities of ruru, and one delivery of each to every host; held back."""
        self.sql("with made as (insert into activities (domain_id, identity_id, uri, type, body) "
                 "select i.domain_id, i.id, i.actor_uri || '#bench/' || gen_random_uuid(), 'Create', "
                 "jsonb_build_object('type', 'Create', 'actor', i.actor_uri, 'object', repeat('x', 1500))::text "
                 "from identities i cross join generate_series(1, %s) where i.id = %s returning id, domain_id) "
                 "insert into deliveries (domain_id, activity_id, server_id, inbox_uri, state_next_attempt, "
                 f"state_lane) select a.domain_id, a.id, s.id, %s || s.host || '/inbox', now() + {HOUR}, "
                 "(s.id << 16) | (a.domain_id & 65535) from made a cross join servers s where s.host = any (%s)",
                 number, self.ruru, f"{scheme}://", list(hosts))


class Sink:
    """sink.py as a process, with the moments at which requests came to it."""

    def __init__(self, hosts, certificate=None):
        env = {"PATH": "/usr/bin:/bin"}
        if certificate:
            env.update(CERTIFICATE=str(certificate[0]), KEY=str(certificate[1]))
        self.child = subprocess.Popen([sys.executable, HERE / "sink.py", *hosts], stdout=subprocess.PIPE, text=True,
                                      env=env)
        assert self.child.stdout.readline() == "ready\n"
        self.times = queue.SimpleQueue()
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        for line in self.child.stdout:
            self.times.put(float(line))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()
        self.reader.join()
        self.child.stdout.close()

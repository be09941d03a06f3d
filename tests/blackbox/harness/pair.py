# SPDX-License-Identifier: AGPL-3.0-or-later
"""A primary and a streaming replica of one database, reached by TLS under two names, and what may happen to them."""

import contextlib
import pathlib
import shutil
import signal
import subprocess
import tempfile

import psycopg
from psycopg.rows import dict_row

from . import lab
from .fixtures import furnished_cluster
from .wait import wait_for

PORT = 5432
HBA = "local all all trust\nhostssl all all 10.7.0.0/16 trust\nhostssl replication all 10.7.0.0/16 trust\n"


def programs():
    return max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def as_owner(program, *args, **more):
    """PostgreSQL refuses to run as root."""
    return subprocess.run(["runuser", "-u", "postgres", "--", programs() / program, *map(str, args)], cwd="/",
                          text=True, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, **more)


class Node:
    """One server: its directory, its name, its address."""

    def __init__(self, place, name):
        self.name, self.address = name, lab.address(name)
        self.data = place / name
        self.sockets = place / f"sockets-{name}"
        self.sockets.mkdir()
        shutil.chown(self.sockets, "postgres", "postgres")
        self.log = place / f"{name}.log"

    def configure(self, **more):
        """The certificate, and what differs from the usual."""
        for made, to in zip(lab.certificate(self.name), ("server.crt", "server.key")):
            shutil.copy(made, self.data / to)
            shutil.chown(self.data / to, "postgres", "postgres")
            (self.data / to).chmod(0o600)
        options = {"listen_addresses": self.address, "port": PORT, "unix_socket_directories": str(self.sockets),
                   "ssl": "on", "max_connections": 200, "wal_level": "replica", "hot_standby": "on", "fsync": "off",
                   "shared_buffers": "32MB", "synchronous_commit": "on", "lc_messages": "C.UTF-8", "jit": "off",
                   "wal_receiver_status_interval": "1s", **more}
        (self.data / "postgresql.conf").write_text("".join(f"{name} = '{value}'\n" for name, value in options.items()))
        (self.data / "pg_hba.conf").write_text(HBA)

    def start(self):
        try:
            as_owner("pg_ctl", "-D", self.data, "-l", self.log, "-w", "-t", 300, "-s", "start")
        except subprocess.CalledProcessError:
            raise AssertionError(self.log.read_text()[-4000:]) from None

    def processes(self):
        main = int((self.data / "postmaster.pid").read_text().split()[0])
        children = pathlib.Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]

    def kill(self):
        """As a power cut would."""
        for process in self.processes():
            with contextlib.suppress(ProcessLookupError):
                subprocess.run(["kill", "-9", str(process)], check=False, stderr=subprocess.DEVNULL)

    def quit(self):
        subprocess.run(["kill", f"-{signal.SIGQUIT.value}", str(self.processes()[0])], check=True)

    def stop(self):
        with contextlib.suppress(subprocess.CalledProcessError, FileNotFoundError):
            as_owner("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "-s", "stop", stderr=subprocess.DEVNULL)

    def promote(self):
        as_owner("pg_ctl", "-D", self.data, "-w", "-t", 300, "-s", "promote")

    def connect(self, database="postgres", user="postgres"):
        return psycopg.connect(host=str(self.sockets), port=PORT, dbname=database, user=user, autocommit=True,
                               row_factory=dict_row)


class Pair:
    """db1.test, which is the primary, and db2.test. It is also what a Site takes for its database."""

    def __init__(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="pair-"))
        shutil.chown(self.place, "postgres", "postgres")
        self.first, self.second = Node(self.place, "db1.test"), Node(self.place, "db2.test")
        self.primary = self.first
        self.name = "rookery"
        self.conninfo = (f"host=db1.test,db2.test port={PORT} dbname=rookery sslmode=verify-full "
                         f"sslrootcert={lab.directory() / 'ca.crt'}")
        self.session = None

    def start(self):
        subprocess.run(["cp", "-a", furnished_cluster() / "data", self.first.data], check=True)
        self.first.configure()
        self.first.start()
        return self

    def replicate(self):
        """The replica, from which on nothing is acknowledged that it does not have."""
        authority = lab.directory() / "ca.crt"
        shutil.copy(authority, self.place / "ca.crt")
        (self.place / "ca.crt").chmod(0o644)
        source = (f"host=db1.test port={PORT} user=postgres sslmode=verify-full sslrootcert={self.place / 'ca.crt'} "
                  "application_name=second")
        as_owner("pg_basebackup", "-d", source, "-D", self.second.data, "-X", "stream", "-R", "-c", "fast")
        # pg_basebackup -R writes the connection string into postgresql.auto.conf.
        self.second.configure()
        self.second.start()
        self.sql("alter system set synchronous_standby_names = 'second'")
        self.sql("select pg_reload_conf()")
        wait_for(lambda: self.sql("select 1 from pg_stat_replication where sync_state = 'sync'"), what="the replica")

    def promote(self):
        self.close()
        self.second.promote()
        self.primary = self.second

    def sql(self, statement, *args):
        if self.session is None or self.session.broken or self.session.closed:
            self.session = self.primary.connect("rookery")
        cursor = self.session.execute(statement, args or None)
        return cursor.fetchall() if cursor.description else []

    def value(self, statement, *args):
        rows = self.sql(statement, *args)
        assert len(rows) == 1 and len(rows[0]) == 1, rows
        return next(iter(rows[0].values()))

    def close(self):
        if self.session is not None:
            self.session.close()
            self.session = None

    def remove(self):
        self.close()
        self.second.stop()
        self.first.stop()
        shutil.rmtree(self.place, ignore_errors=True)

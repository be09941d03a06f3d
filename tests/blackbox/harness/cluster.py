# SPDX-License-Identifier: AGPL-3.0-or-later
"""The private PostgreSQL cluster of a test process and the databases in it."""

import contextlib
import functools
import itertools
import subprocess

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from . import lab


class Cluster:
    """Made by tools/cluster; a database costs about 0.05 s to copy from a template."""

    def __init__(self, directory):
        self.directory = directory
        self.numbers = itertools.count(1)

    def _tool(self, command, *args):
        done = subprocess.run([lab.ROOT / "tools/cluster", command, self.directory, *args], text=True,
                              check=True, stdout=subprocess.PIPE)
        return done.stdout.strip()

    def start(self, fast=True):
        """fast: without durability and without a log that could be archived or sent."""
        self._tool("start", *(["--fast"] if fast else []))

    def remove(self):
        self._tool("remove")

    def stop(self, *how):
        """how: "--immediate" for a crash."""
        self._tool("stop", *how)

    @functools.cached_property
    def _host(self):
        """Asked for once: the tool costs more than a connection."""
        return self._tool("conninfo").split()[0]

    def conninfo(self, database):
        return f"{self._host} dbname={database}"

    def connect(self, database="postgres", role="postgres", **options):
        return psycopg.connect(self.conninfo(database), user=role, autocommit=True,
                               row_factory=dict_row, **options)

    def _admin(self, statement):
        with contextlib.closing(self.connect()) as session:
            session.execute(statement)

    def create(self, name, template="template1"):
        """A new database; the template must have no sessions. Without fsync, copying files costs a quarter of what
        writing them to the log does."""
        self._admin(sql.SQL("create database {} owner rookery_owner template {} strategy file_copy").format(
            sql.Identifier(name), sql.Identifier(template)))
        return Database(self, name)

    def create_numbered(self, template):
        return self.create(f"test_{next(self.numbers)}", template)

    def drop(self, name):
        self._admin(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


class Database:
    """One database: its connection string, and SQL as the superuser for what tests want to see."""

    def __init__(self, cluster, name):
        self.cluster, self.name = cluster, name
        self.conninfo = cluster.conninfo(name)
        self.session = None

    def sql(self, statement, *args):
        """Runs one statement and gives its rows as dicts."""
        if self.session is None:
            self.session = self.cluster.connect(self.name)
        cursor = self.session.execute(statement, args or None)
        return cursor.fetchall() if cursor.description else []

    def value(self, statement, *args):
        """The one value of the one row."""
        rows = self.sql(statement, *args)
        assert len(rows) == 1 and len(rows[0]) == 1, rows
        return next(iter(rows[0].values()))

    def connect(self, role="postgres", **options):
        return self.cluster.connect(self.name, role, **options)

    def close(self):
        if self.session is not None:
            self.session.close()
            self.session = None

    def drop(self):
        self.close()
        self.cluster.drop(self.name)

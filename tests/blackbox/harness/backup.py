# SPDX-License-Identifier: AGPL-3.0-or-later
"""An installation that is backed up: a PostgreSQL cluster of its own that archives its log, since that is
set for a whole cluster, a repository, and the site on it."""

import contextlib
import json
import pathlib
import shutil
import subprocess
import tempfile

from . import lab, options, restic
from .cluster import Cluster, Database
from .fixtures import furnished_cluster
from .process import check_log
from .site import Site
from .wait import wait_for

PASSPHRASE = "kakapo-kiwi-tui-weka-moa-hihi"

# What it starts it calls started, as a unit is whose PostgreSQL lets in while it reads its log and ends later.
MANAGER = """#!/bin/sh
echo "$*" >>{place}/manager.log
pg() {{ runuser -u postgres -- {pg_ctl} -D {data} -w -s -l {place}/pg/log "$1"; }}
case "$*" in
"start pg.service") pg start ;;
"stop pg.service") ! pg status || pg stop || exit 1 ;;
"show "*) pg status >&2 && echo NRestarts=0 || echo NRestarts=3 ;;
esac
exit 0
"""


def hand_over(path):
    """To the user that PostgreSQL runs as."""
    shutil.chown(path, "postgres", "postgres")
    return path


def processes():
    """Arguments and environment of all that run in the lab, as (arguments, environment)."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            found.append(((entry / "cmdline").read_bytes(), (entry / "environ").read_bytes()))
        except OSError:
            pass
    return found


def wait_program(name, word="backup"):
    """Until a program of that name, as rookery calls them, makes a backup; word: an argument that it then has."""
    wait_for(lambda: any(argv.split(b"\0")[0].endswith(name.encode()) and f"{word}\0".encode() in argv
                         for argv, _ in processes()), what=name)


@contextlib.contextmanager
def managed(vault):
    """A service manager for this lab alone, which has none: it minds PostgreSQL as pg.service, and writes what it is
    told into the file that this gives."""
    script = vault.place / "systemctl"
    pg_ctl = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))[-1]
    script.write_text(MANAGER.format(place=vault.place, pg_ctl=pg_ctl, data=vault.data))
    script.chmod(0o755)
    subprocess.run(["mount", "--bind", script, "/usr/bin/systemctl"], check=True)
    vault.options["backup_unit"] = "pg.service"
    try:
        yield vault.place / "manager.log"
    finally:
        subprocess.run(["umount", "/usr/bin/systemctl"], check=True)


class Vaulted:
    """A directory with everything; more: options of the programs."""

    def __init__(self, **more):
        # Short, for the socket's address; every user of the lab has to get in.
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="backup-"))
        self.place.chmod(0o755)
        self.cluster = Cluster(self.place / "pg")
        self.repository = hand_over(self._directory("repository", 0o750))
        self.secrets = self._directory("secrets", 0o700)
        self.scratch = self._directory("scratch", 0o755)
        self.media = self._directory("media", 0o755)
        self.file = self.place / "rookery.conf"
        self.options = {
            "backup_repository": str(self.repository), "secrets_path": str(self.secrets),
            "backup_run": str(self.place / "run"), "backup_unit": "", "backup_configuration": "",
            "media_path": str(self.media), **more}
        self.secret("backup_passphrase", PASSPHRASE)
        self.database = self.site = None

    def _directory(self, name, mode):
        made = self.place / name
        made.mkdir()
        made.chmod(mode)
        return made

    def secret(self, name, text):
        path = self.secrets / f"rookery.{name}"
        path.write_text(text)
        path.chmod(0o600)

    @property
    def data(self):
        return self.place / "pg" / "data"

    def start(self, archive=True):
        """The cluster with its schema, tenants and people; a repository on this machine was begun as well."""
        subprocess.run(["cp", "-a", furnished_cluster(), self.place / "pg"], check=True)
        if archive:
            self.options["backup_cluster"] = str(self.data)
            self.options["backup_socket"] = str(self.place / "pg" / "socket")
        with open(self.data / "postgresql.conf", "a") as conf:
            command = (f"{lab.PROGRAMS}/rookery --config={self.file} backup archive %p "
                       f"--backup_run={self.options['backup_run']} # pgbackrest")
            conf.write(f"unix_socket_directories = '{self.place}/pg/socket'\nfsync = off\nsynchronous_commit = off\n"
                       "autovacuum_naptime = 1h\n")  # it would be a change that nobody made
            if archive:
                conf.write(f"archive_mode = on\narchive_command = '{command}'\n")
        self.options["database"] = self.cluster.conninfo("rookery")
        self.write_file()
        if self.options["backup_repository"] == str(self.repository):
            restic.repository(self.repository / "media", PASSPHRASE, "postgres")
        self.cluster.start(fast=False)
        return self

    def write_file(self):
        """What the archive command reads."""
        self.file.write_text("".join(f'{name} = {json.dumps(value)};\n' for name, value in self.options.items()))
        self.file.chmod(0o644)

    def serve(self):
        """Starts the site."""
        directory = self.place / "site"
        directory.mkdir(exist_ok=True)
        self.database = Database(self.cluster, "rookery")
        self.site = Site(self.database, directory, **{
            name: value for name, value in self.options.items() if name != "database"})
        self.site.start()
        return self.site

    def halt(self):
        if self.site:
            self.site.stop()
            self.site = None

    def _arguments(self, args, more):
        given = {"ca_file": str(lab.directory() / "ca.crt"), **self.options, **more}
        return [lab.PROGRAMS / "rookery", *map(str, args)], options.environment(given)

    def begin(self, *args, **more):
        """Starts rookery and leaves it alone."""
        argv, env = self._arguments(args, more)
        return subprocess.Popen(argv, env=env, cwd=lab.ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)

    def restic(self, *args, stdin=None):
        """restic on the repository, as its owner. stdin: text, or a file that is open."""
        (self.place / "run" / "passphrase").chmod(0o600)
        done = subprocess.run(["runuser", "-u", "postgres", "--", "restic", "--no-cache", "--repo",
                               self.repository / "media", "--password-file", self.place / "run/passphrase", *args],
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True, cwd="/",
                              **{"input" if stdin is None or isinstance(stdin, str) else "stdin": stdin})
        return done.stdout

    def manifest(self):
        return json.loads(self.restic("dump", "--tag", "manifest", "latest", "/manifest.json"))

    def store_manifest(self, manifest):
        self.restic("backup", "--quiet", "--host", "rookery", "--tag", "manifest", "--stdin", "--stdin-filename",
                    "manifest.json", stdin=json.dumps(manifest))

    def attempt(self, *args, stdin="", env=None, wrap=None, **more):
        """Runs rookery, however it ends; wrap: another command with its settings."""
        argv, given = self._arguments(args, more)
        argv = wrap or argv
        done = subprocess.run(argv, input=stdin, text=True, cwd=lab.ROOT, env={**given, **(env or {})},
                              capture_output=True, check=False)
        check_log("rookery", done.stderr)
        return done

    def run(self, *args, **more):
        done = self.attempt(*args, "--json", **more)
        assert done.returncode == 0, f"rookery {args}: {done.returncode}: {done.stderr[-3000:]}{done.stdout[-2000:]}"
        return json.loads(done.stdout)

    def findings(self, *args):
        """What a drill finds wrong."""
        done = self.attempt("backup", "verify", f"--scratch={self.scratch}", *args, "--json")
        found = json.loads(done.stdout)
        assert "findings" in found, (done.stdout, done.stderr)
        wrong = [(f["check"], f["says"]) for f in found["findings"] if not f["well"]]
        assert done.returncode == (1 if wrong else 0)
        assert list(self.scratch.iterdir()) == []
        return wrong

    def count(self):
        """Rows of every table, as the superuser sees them."""
        with self.cluster.connect("rookery") as session:
            tables = [row["tablename"] for row in session.execute(
                "select tablename from pg_tables where schemaname = 'public' and tablename not in "
                "('backups', 'usage_requests')").fetchall()]  # which a server writes while it ends
            return {name: session.execute(f"select count(*) as n from {name}").fetchone()["n"] for name in tables}

    def close(self):
        self.halt()
        if self.data.exists():
            self.cluster.stop("--immediate")  # its log has nowhere to go any more
        self.cluster.remove()
        shutil.rmtree(self.place)

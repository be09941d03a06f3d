# SPDX-License-Identifier: AGPL-3.0-or-later
"""Restores that do not go straight: a dump older than the schema, a moment that another restore left, a log that
ends too early, machines that go on writing, and files that are somewhere else. With the real programs."""

import datetime
import json
import pathlib
import shutil
import subprocess
import tempfile
import time

import pytest

from harness import lab, media
from harness.api import Api
from harness.backup import Vaulted, managed


@pytest.fixture
def vault():
    made = Vaulted()
    try:
        yield made.start()
    finally:
        made.close()


@pytest.fixture
def dumped():
    made = Vaulted()
    try:
        yield made.start(archive=False)
    finally:
        made.close()


def now():
    """This moment, as an option; what comes next is later."""
    said = datetime.datetime.now(datetime.timezone.utc).isoformat()
    time.sleep(0.01)
    return f"--at={said}"


def ask(vault, statement):
    with vault.cluster.connect("rookery") as session:
        cursor = session.execute(statement)
        return [next(iter(row.values())) for row in cursor.fetchall()] if cursor.description else []


def numbers(vault):
    """Which of the tenants are there that tests add one after the other."""
    return sorted(ask(vault, "select name from domains where name like 'number-%'"))


def add(vault, number):
    vault.run("domain", "add", f"number-{number}.test")


def restore(vault, *args):
    """What it answers, and what it told people."""
    done = vault.attempt("restore", "--yes", "--json", *args)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def picture(vault):
    """A site with one, which is let go of again; its address."""
    site = vault.serve()
    entity = media.ready(Api(site), media.png(30, 20))
    Api(site).post("/api/v1/statuses", status="with a picture", media_ids=[entity["id"]])
    vault.halt()
    return entity["url"]


def kept(vault):
    return ask(vault, "select count(*) from media_files where state = 'kept'")[0]


def test_a_dump_under_a_newer_schema(dumped):
    """What was made after the dump goes aside with all that is ours; what others made stays."""
    with dumped.cluster.connect("rookery") as session:
        session.execute("create schema others")
        session.execute("create extension pg_trgm")
        session.execute("create function others.theirs() returns event_trigger language plpgsql as 'begin end'")
        session.execute("create event trigger theirs on ddl_command_start execute function others.theirs()")
        session.execute("create publication theirs for table domains")
    add(dumped, 1)
    dumped.run("backup")
    counts = dumped.count()
    rights = ask(dumped, "select defaclacl::text from pg_default_acl order by 1")
    add(dumped, 2)
    with dumped.cluster.connect("rookery", "rookery_owner") as session:
        session.execute("create table newer (domain_id bigint not null references domains (id), about post_visibility)")
        session.execute("create function newer(domains) returns bigint language sql as 'select $1.id'")
        session.execute("alter table posts add column newer bigint default newer(null)")
        session.execute("insert into newer select id from domains")
    said, _ = restore(dumped)
    aside = said["old_database"]
    assert dumped.count() == counts and numbers(dumped) == ["number-1.test"]
    assert ask(dumped, f"select count(*) from {aside}.newer") == ask(dumped, f"select count(*) from {aside}.domains")
    assert ask(dumped, "select count(*) from pg_extension e join pg_namespace n on n.oid = e.extnamespace "
               "where extname = 'pg_trgm' and nspname = 'public'") == [1]
    assert ask(dumped, "select defaclacl::text from pg_default_acl order by 1") == rights
    for role in ("rookery_server", "rookery_stator", "rookery_host"):
        assert ask(dumped, f"select has_schema_privilege('{role}', 'public', 'usage') and "
                   f"not has_schema_privilege('{role}', '{aside}', 'usage')") == [True]
    # What was moved aside is in no dump; the next restore may drop what it finds.
    dumped.run("backup")
    add(dumped, 3)
    said, _ = restore(dumped, "--in-place")
    assert "old_database" not in said and numbers(dumped) == ["number-1.test"]
    assert ask(dumped, "select nspname from pg_namespace where nspname like 'before%'") == [aside]
    assert dumped.findings() == []


def tool(name):
    """Of the newest PostgreSQL."""
    return max(pathlib.Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[-3]))


def make_old(vault, newest):
    """A database of the schema as it was then, with one tenant, and a dump of it in the repository."""
    with vault.cluster.connect() as session:
        session.execute("create database old owner rookery_owner")
    with vault.cluster.connect("old", "rookery_owner") as session:
        session.execute("create table schema_migrations (version bigint primary key, name text not null, "
                        "applied timestamptz not null default now(), oldest bigint not null default 0)")
        for file in sorted((lab.ROOT / "sql/schema").glob("*.sql")):
            version, _, name = file.stem.partition("_")
            if int(version) <= newest:
                with session.transaction():
                    session.execute(file.read_text())
                session.execute("insert into schema_migrations values (%s, %s)", (int(version), name))
        session.execute("insert into domains (name, service_name, verify_token) "
                        "values ('number-0.test', 'number-0.test', 'x')")
    with tempfile.TemporaryFile() as file:
        subprocess.run([tool("pg_dump"), "--format=custom", "--enable-row-security", "--username=rookery_owner",
                        f"--dbname={vault.cluster.conninfo('old')}"], stdout=file, check=True)
        file.seek(0)
        vault.restic("backup", "--quiet", "--host", "rookery", "--tag", "database", "--stdin", "--stdin-filename",
                     "database.dump", stdin=file)


def test_a_dump_of_an_old_schema(dumped):
    """It is migrated while what there was is beside it, with triggers of the same names."""
    dumped.run("backup")
    make_old(dumped, 53)
    said, _ = restore(dumped)
    aside = said["old_database"]
    assert numbers(dumped) == ["number-0.test"]
    guarded = ("select count(*) from pg_trigger where tgrelid = '{}.posts'::regclass "
               "and pg_get_triggerdef(oid) like '%rookery_mover%'")
    assert ask(dumped, guarded.format("public")) == ask(dumped, guarded.format(aside)) != [0]
    dumped.run("backup")
    assert dumped.findings() == []


def test_a_dump_that_cannot_be_put_back(dumped):
    """Then all stays as it was."""
    dumped.run("backup")
    add(dumped, 1)
    ask(dumped, "alter table bookmarks owner to postgres")
    done = dumped.attempt("restore", "--yes", "--json")
    assert done.returncode != 0 and "bookmarks" in done.stderr, done.stderr
    assert numbers(dumped) == ["number-1.test"]
    assert ask(dumped, "select nspname from pg_namespace where nspname like 'before%'") == []
    ask(dumped, "alter table bookmarks owner to rookery_owner")
    restore(dumped)
    assert numbers(dumped) == []


def test_other_machines_that_go_on(dumped):
    """Nobody may write while a dump is put back; who does is named."""
    dumped.run("backup")
    add(dumped, 1)
    dumped.serve()
    done = dumped.attempt("restore", "--yes", "--json")
    assert done.returncode == 4 and "sessions from" in done.stderr and "rookery.target" in done.stderr, done.stderr
    ask(dumped, "grant pg_read_all_stats to rookery_owner")
    assert "sessions from this machine)" in dumped.attempt("restore", "--yes", "--json").stderr
    assert numbers(dumped) == ["number-1.test"]
    dumped.halt()
    restore(dumped)
    assert numbers(dumped) == []


def test_after_the_last_change(vault):
    """PostgreSQL ends when its log does not reach the moment, and its manager starts it for ever."""
    vault.run("backup")
    add(vault, 1)
    at = now()
    with managed(vault) as told:
        said, words = restore(vault, at, "--in-place")
    assert "nothing was changed after that moment" in words and numbers(vault) == ["number-1.test"]
    assert told.read_text().splitlines().count("start pg.service") == 2
    assert f"--at={said['as_of']}" <= at


def test_later_after_all(vault):
    """A restore that went too far back, and one to a moment that it left; what it began is left by that in turn."""
    vault.run("backup")
    moments = []
    for number in (1, 2, 3):
        add(vault, number)
        moments.append(now())
    time.sleep(1.1)  # the repository knows seconds
    _, words = restore(vault, moments[0])
    assert numbers(vault) == ["number-1.test"] and "was left by a restore" not in words
    add(vault, 4)
    vault.run("backup", "--full")  # which leads nowhere, seen from the others
    for moment, found in ((moments[1], 2), (moments[2], 3), (None, 3)):
        _, words = restore(vault, *([moment] if moment else []))
        assert numbers(vault) == [f"number-{number}.test" for number in range(1, found + 1)]
        assert ("was left by a restore" in words) == bool(moment)


def test_a_store_that_is_another_one(dumped):
    """Nothing at all is there: the files are rather somewhere else than lost."""
    url = picture(dumped)
    dumped.run("backup", backup_media=False)
    n = kept(dumped)
    away = dumped.place / "away"
    dumped.media.rename(away)
    dumped.media.mkdir()
    done = dumped.attempt("restore", "--yes", "--json")
    assert done.returncode == 4 and "media_s3" in done.stderr and "--without-files" in done.stderr, done.stderr
    assert kept(dumped) == n
    said, words = restore(dumped, "--without-files")
    assert said["lost_files"] == 0 and "left alone" in words and kept(dumped) == n
    shutil.rmtree(dumped.media)
    away.rename(dumped.media)
    assert restore(dumped)[0]["lost_files"] == 0
    assert dumped.serve().get(url).status_code == 200
    dumped.halt()
    shutil.rmtree(dumped.media)
    dumped.media.mkdir()
    assert restore(dumped, "--lose-files")[0]["lost_files"] == n and kept(dumped) == 0


def snapshots(vault, tag):
    return sorted(json.loads(vault.restic("snapshots", "--json", "--tag", tag)), key=lambda row: row["time"])


def test_a_snapshot_that_is_not_whole(dumped):
    """The first one after the moment has less than it should: the next one has it."""
    picture(dumped)
    dumped.run("backup")
    first = snapshots(dumped, "media")[0]
    time.sleep(2.1)
    dumped.run("backup", "--media")
    dumped.restic("forget", first["id"])
    taken = datetime.datetime.fromisoformat(snapshots(dumped, "database")[0]["time"][:19])
    dumped.restic("backup", "--quiet", "--host", "rookery", "--tag", "media", "--stdin", "--stdin-filename", "part",
                  "--time", str(taken + datetime.timedelta(seconds=1)), stdin="part")
    assert len(snapshots(dumped, "media")[0]["paths"]) == 1 and len(snapshots(dumped, "media")) == 2
    for path in dumped.media.iterdir():
        shutil.rmtree(path)
    assert restore(dumped)[0]["lost_files"] == 0


def test_a_moment_before_every_change(vault):
    """Nothing is replayed, so nobody says which moment it is: it is the one that was asked for."""
    picture(vault)
    vault.run("backup")
    subprocess.run(["runuser", "-u", "postgres", "--", "pgbackrest", f"--config={vault.place}/run/pgbackrest.conf",
                    "--stanza=rookery", "backup", "--type=full"], check=True, capture_output=True, cwd="/")
    time.sleep(1)
    at = now()
    vault.run("backup", "--media")
    for path in vault.media.iterdir():
        shutil.rmtree(path)
    for number in (1, 2):
        (vault.media / "other").write_text(f"{number}")
        vault.run("backup", "--media")
    said, _ = restore(vault, at)
    assert said["as_of"] is None and said["lost_files"] == 0

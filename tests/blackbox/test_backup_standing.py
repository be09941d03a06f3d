# SPDX-License-Identifier: AGPL-3.0-or-later
"""Backups: who makes them when, what becomes of the log meanwhile, what a drill says of each tenant, and how
all of that is told. With the real pgBackRest, restic and PostgreSQL."""

import contextlib
import datetime
import fcntl
import json
import shutil
import subprocess
import time

import pytest

from harness.backup import wait_program
from harness.fixtures import DOMAINS
from harness.pair import Pair
from harness.site import Site
from harness.wait import wait_for
from test_backup import backups, picture, vaulted, write


@pytest.fixture
def vault():
    yield from vaulted()


@pytest.fixture
def dumped():
    yield from vaulted(archive=False)


@pytest.fixture
def app_node(tmp_path):
    """A machine whose database is on another one: from there it is seen at an address of its own."""
    pair = Pair()
    way = ["local", pair.first.address, "dev", "lo", "table", "local", "src", "10.7.9.9"]
    subprocess.run(["ip", "route", "add", *way], check=True)
    try:
        made = Site(pair.start(), tmp_path)
        assert made.run("rookery", "migrate").returncode == 0
        yield made
        made.stop()
    finally:
        subprocess.run(["ip", "route", "del", *way], check=True)
        pair.remove()


def told(site):
    """What the doctor says of backups, with whether it is well, and what the status has of them."""
    answers = {name: json.loads(site.run("rookery", name, "--json").stdout) for name in ("doctor", "status")}
    return [(one["says"], one["well"]) for one in answers["doctor"]["findings"] if one["check"] == "backup"], \
        answers["status"].get("backups")


def lacks_backups_alone(site, tls_front):
    tls_front({name: site.port for name in DOMAINS})
    site.options["smtp_server"], site.options["mail_from"] = "smtp+plain://127.0.0.1:9", "post@kea.test"
    site.rookery("user", "add", "keeper@example.org")
    site.rookery("operator", "add", "keeper@example.org")
    for name in DOMAINS:
        site.rookery("identity", "add", f"keeper@{name}", "--user", "keeper@example.org")


def test_an_app_node_knows_who_makes_them(app_node, tls_front):
    [(says, well)], status = told(app_node)
    assert well and says == "the database's machine makes them, and made none yet" and status is None
    lacks_backups_alone(app_node.start(), tls_front)
    assert app_node.rookery("status", "--screen")["next"].startswith("let the database's machine make backups")
    app_node.sql("insert into backups (kind, started, finished, result, verified) values ('full', now(), now(), 'done',"
                 " now()), ('verify', now(), now(), 'done', null)")
    found, status = told(app_node)
    assert [well for _, well in found] == [True] * 3 and found[0][0].startswith("the database's machine makes them")
    assert found[1][0].startswith("the last backup ended at ") and found[2][0].startswith("the last drill ended at ")
    assert set(status) == {"seconds_since_backup", "seconds_since_drill"} and max(status.values()) < 600
    # That machine may be what does not run any more.
    app_node.sql("update backups set finished = now() - interval '2 days' where kind = 'full'")
    found, status = told(app_node)
    assert [well for _, well in found] == [True, False, True] and status["seconds_since_backup"] > 86400
    # One that makes them itself is told of them as ever.
    app_node.options["backup_repository"] = "/nonexistent"
    assert not [says for says, _ in told(app_node)[0] if "database's machine" in says]


@pytest.fixture(scope="module")
def shared():
    """One that was backed up once, with a picture in a post."""
    for made in vaulted():
        made.picture = picture(made.serve(), 40, 30)
        made.run("backup")
        yield made


def as_before(before, after):
    """The later one's backup, with what was counted for the earlier one."""
    return {**after, **{name: before[name] for name in ("rows", "tally")}}


def test_a_drill_finds_rows_that_changed_or_went_to_another_tenant(shared):
    """No count of a table says it."""
    database = shared.database
    kea, weka = (database.value("select id from domains where name = %s", name) for name in ("kea.test", "weka.test"))
    database.sql("insert into usage_requests (domain_id, day, requests) values (%s, '2001-01-01', 7), "
                 "(%s, '2001-01-02', 7)", kea, weka)
    shared.halt()  # nothing else changes
    shared.run("backup")
    before = shared.manifest()
    database.sql("update usage_requests set domain_id = %s where domain_id = %s and day = '2001-01-01'", weka, kea)
    shared.run("backup")
    after = shared.manifest()
    had, has = ({name: tally[0] for name, tally in one["tally"]["tenants"].items()} for one in (before, after))
    assert had["kea.test"] == has["kea.test"] + 1 and had["weka.test"] == has["weka.test"] - 1
    shared.store_manifest(as_before(before, after))
    found = shared.findings()
    assert ("content", "usage_requests has rows that are not as they were") in found
    for name in ("kea.test", "weka.test"):
        assert ("tenant", f"{name} has {has[name]} rows, and had {had[name]}") in found
    assert "rows" not in {check for check, says in found if "usage_requests" in says}
    assert database.value("select bool_or(whole) from backup_tenants") is False

    database.sql("update usage_requests set requests = 8 where domain_id = %s and day = '2001-01-02'", weka)
    shared.run("backup")
    shared.store_manifest(as_before(after, shared.manifest()))
    found = shared.findings()
    assert ("tenant", "weka.test has rows that are not as they were") in found
    assert not [says for check, says in found if check == "tenant" and "kea.test" in says]
    shared.serve()
    assert tenant_gauge(shared, "failed") == {"kea.test": "0", "weka.test": "1"}

    shared.run("backup")
    said = shared.run("backup", "verify", f"--scratch={shared.scratch}")
    assert {one["name"]: one["well"] for one in said["tenants"]} == {"kea.test": True, "weka.test": True}
    assert tenant_gauge(shared, "failed") == {"kea.test": "0", "weka.test": "0"}
    assert int(tenant_gauge(shared, "last_success_timestamp_seconds")["weka.test"]) > time.time() - 3600
    assert int(tenant_gauge(shared, "rows")["weka.test"]) == [one["rows"] for one in said["tenants"]
                                                             if one["name"] == "weka.test"][0]


def tenant_gauge(vault, name):
    head = f'rookery_backup_tenant_verify_{name}{{tenant="'
    return dict(line[len(head):].split('"} ') for line in vault.site.admin().get("/metrics").text.splitlines()
                if line.startswith(head))


RESTIC = """#!/bin/sh
case " $* " in
*configuration*) exec {real} "$@" ;;
*" snapshots "*) all=$({real} "$@") || exit; printf '['; cat {old}; printf '%s\\n' "${{all#[}}" ;;
*) exec {real} "$@" ;;
esac
"""


@pytest.fixture
def years_of_snapshots(shared):
    """A restic that tells of half a year of files, twice an hour, before those that are there."""
    real, old, script = (shared.place / name for name in ("restic-itself", "old", "restic-of-years"))
    shutil.copy("/usr/bin/restic", real)
    begin = datetime.datetime(2020, 1, 1)
    old.write_text("".join(json.dumps({
        "time": f"{begin + datetime.timedelta(minutes=30 * number):%Y-%m-%dT%H:%M:%S}.123456789Z", "tree": "7" * 64,
        "paths": ['/a "{ file'], "hostname": "rookery", "username": "postgres", "uid": 0, "gid": 0, "tags": ["media"],
        "summary": {"files_new": number, "data_added": 12345678, "total_bytes_processed": 12345678},
        "program_version": "restic 0.18.0", "id": f"{number:064x}", "short_id": f"{number:08x}"}) + ","
        for number in range(10000)))
    assert old.stat().st_size > 4 * 1024 * 1024
    script.write_text(RESTIC.format(real=real, old=old))
    for path in (real, script):
        path.chmod(0o755)
    subprocess.run(["mount", "--bind", script, "/usr/bin/restic"], check=True)
    yield
    subprocess.run(["umount", "/usr/bin/restic"], check=True)


def test_a_long_list_of_snapshots(shared, years_of_snapshots):
    assert shared.findings() == []
    done = shared.attempt("restore", "--json")
    assert done.returncode == 2 and "--yes" in done.stderr, done.stderr


def test_the_repository_tells_nothing(shared):
    """Neither what people wrote nor what the database is made of, in the part of pgBackRest as in that of restic."""
    word = "kotukutuku-at-the-river"
    write(shared.site, f"{word} " * 50)
    shared.run("backup", "--full")
    every = [path for path in shared.repository.rglob("*") if path.is_file()]
    words = (word, "PG_VERSION", "START WAL LOCATION", "backrest-format", shared.picture["url"].rsplit("/", 1)[1])
    for path in every:
        content = path.read_bytes()
        assert not [one for one in words if one.encode() in content], path
        if "database" in path.parts:
            assert content.startswith(b"Salted__"), path
    assert [path for path in every if "bundle" in path.parts] and [path for path in every if "archive" in path.parts]
    argv = ["runuser", "-u", "postgres", "--", "pgbackrest", f"--config={shared.place}/run/pgbackrest.conf", "info"]
    said = subprocess.run(argv, text=True, capture_output=True, check=True, cwd="/").stdout
    assert "cipher: aes-256-cbc" in said


@contextlib.contextmanager
def another_at(vault, turn):
    """Another command of this machine that is at it."""
    with open(vault.place / "run" / turn, "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def test_one_at_a_time(shared):
    """Files and the database do not wait for each other, and timers wait for what others began."""
    child = shared.begin("backup", "--full")
    wait_program("pgbackrest")
    done = shared.attempt("backup", "--json")
    assert done.returncode == 5 and "under way" in done.stderr
    assert shared.run("backup", "--media")["media"]
    assert child.poll() is None and child.wait() == 0
    assert not [row for row in shared.run("backup", "list")["backups"] if row["message"] == "it did not end"]
    with another_at(shared, "files"):
        assert shared.attempt("backup", "--media", "--json").returncode == 5
        child = shared.begin("backup", "--media", "--scheduled")
        # A backup of the database that finds files busy leaves them to those that are at them.
        done = shared.attempt("backup", "--scheduled", "--json")
        assert done.returncode == 0 and json.loads(done.stdout)["media"] == "" and "files:" in done.stderr
        assert child.poll() is None
        # A restore waits for nobody.
        done = shared.attempt("restore", "--yes", "--json")
        assert done.returncode == 5 and "under way" in done.stderr
    assert child.wait() == 0
    assert shared.findings() == []
    with another_at(shared, "lock"):
        child = shared.begin("backup", "--scheduled")
        time.sleep(0.5)
        assert child.poll() is None
    assert child.wait() == 0


def test_one_machine_at_a_time(dumped):
    """Of several whose database is elsewhere."""
    dumped.serve()
    for turn, args in (("database", ()), ("files", ("--media",)), ("drill", ("verify",))):
        with dumped.cluster.connect("rookery") as other:
            other.execute("begin")
            other.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"backup: {turn}",))
            done = dumped.attempt("backup", *args, "--json")
            assert done.returncode == 5 and "another machine is at it" in done.stderr, done.stderr
            # A directory is this machine's own, and nobody else backs it up.
            if turn == "files":
                child = dumped.begin("backup", *args, "--scheduled")
                wait_for(lambda: dumped.database.value("select count(*) from pg_locks where locktype = 'advisory' "
                                                       "and not granted"), what="waiting")
                other.execute("rollback")
                assert child.wait() == 0
            else:
                assert dumped.run("backup", *args, "--scheduled") == {"kind": "none",
                                                                      "reason": "another machine is at it"}
                other.execute("rollback")
    made = dumped.run("backup", "--scheduled")
    assert made["kind"] == "dump"
    assert dumped.run("backup", "--scheduled")["reason"] == "another machine has just made it"
    assert dumped.run("backup")["label"] != made["label"]
    assert dumped.run("backup", "--media", "--scheduled")["kind"] == "media"
    assert dumped.findings() == []
    assert dumped.run("backup", "verify", "--scheduled")["reason"] == "another machine has just made it"
    dumped.site.sql("update backups set finished = finished - interval '3 hours'")
    assert dumped.run("backup", "--scheduled")["kind"] == "dump"


def test_doctor_tells_which_failed_and_why(shared):
    shared.run("backup")
    with shared.cluster.connect("rookery") as session:
        session.execute("begin")
        for kind, message in (("media", "no room for files"), ("full", "no room for pages"),
                              ("verify", "a row is missing")):
            session.execute("insert into backups (kind, finished, result, message) values "
                            "(%s, clock_timestamp(), 'failed', %s)", (kind, message))
        session.execute("commit")
    try:
        wrong = " ".join(says for says, well in backups(shared).items() if not well)
        for words in ("backup failed at", "backup of files failed at", "drill failed at"):
            assert words in wrong
        for what, why in (("backup", "no room for pages"), ("backup of files", "no room for files"),
                          ("drill", "a row is missing")):
            assert [says for says in backups(shared)
                    if says.startswith(f"the last {what} failed") and says.endswith(why)]
        lines = shared.site.admin().get("/metrics").text.splitlines()
        assert {f"rookery_backup_{name} 1" for name in ("failed", "media_failed", "verify_failed")} <= set(lines)
        shown = shared.run("status", "--screen")
        assert {"failed", "files_failed", "verify_failed"} <= set(shown["backup"])
        assert "the last drill failed" in shared.attempt("status", "--screen").stdout
    finally:
        shared.site.sql("delete from backups where result = 'failed' and message ~ 'room|row is'")


def test_settings_that_do_not_open_stop_nothing(vault):
    """No pgbackrest.conf was ever written: the log waits up to its limit, and the database goes on."""
    site = vault.serve()
    vault.options["backup_queue"] = 64
    vault.write_file()
    site.sql("select pg_switch_wal()")
    wait_for(lambda: site.value("select failed_count > 0 from pg_stat_archiver"), what="a failure")
    for number in range(6):
        write(site, f"while it does not open {number}")
        site.sql("select pg_switch_wal()")
    site.sql("select pg_reload_conf()")
    wait_for(lambda: site.value("select archived_count > 0 from pg_stat_archiver"), timeout=60, what="giving up")
    waiting = [path for path in (vault.data / "pg_wal" / "archive_status").iterdir() if path.suffix == ".ready"]
    assert len(waiting) < 8
    assert "is given up" in (vault.place / "pg" / "log").read_text()
    wait_for(lambda: [says for says, well in backups(vault).items() if not well and "the log has a gap" in says],
             what="the doctor")
    assert "rookery_backup_log_lost 1" in site.admin().get("/metrics").text.splitlines()
    vault.run("backup")
    assert not [says for says in backups(vault) if "gap" in says]
    assert vault.findings() == []


def test_the_log_goes_on_while_the_configuration_cannot_be_read(vault):
    """Where it went before; what is wrong is said in words."""
    site = vault.serve()
    vault.run("backup")
    good = vault.file.read_text()
    failed = site.value("select failed_count from pg_stat_archiver")
    wrong = f"{vault.file}:{good.count(chr(10)) + 1}: "
    for line, words in (("backup_queue = ;", "syntax error"),
                        ("backup_quueue = 64;", "there is no option backup_quueue")):
        vault.file.write_text(f"{good}{line}\n")
        before = site.value("select archived_count from pg_stat_archiver")
        write(site, line)
        site.sql("select pg_switch_wal()")
        wait_for(lambda count=before: site.value("select archived_count > %s from pg_stat_archiver", count))
        log = (vault.place / "pg" / "log").read_text()
        assert wrong + words in log and "the last settings that could be read" in log
        done = vault.attempt("doctor", f"--config={vault.file}")
        assert done.returncode == 2 and done.stderr == f"rookery: {wrong}{words}\n"
    assert site.value("select failed_count from pg_stat_archiver") == failed
    vault.file.write_text(good)
    vault.halt()
    assert vault.findings() == []


def test_a_repository_that_is_full_stops_nothing(vault):
    """The log waits, the doctor says so, and over the limit it is given up."""
    site = vault.serve()
    vault.run("backup")
    archive = vault.repository / "database" / "archive"
    away = archive.with_name("away")
    archive.rename(away)
    archive.write_text("nothing can be written below a file")
    def switch():
        site.sql("select pg_switch_wal()")
    write(site, "while it is away")
    switch()
    wait_for(lambda: site.value("select failed_count > 0 from pg_stat_archiver"), what="a failure")
    assert [says for says, well in backups(vault).items() if not well and "piece of the log failed" in says]
    assert vault.attempt("backup", "--json").returncode == 5
    # A limit of a few segments, and more than that waiting.
    vault.options["backup_queue"] = 64
    vault.write_file()
    for number in range(6):
        write(site, f"while it is full {number}")
        switch()
    site.sql("select pg_reload_conf()")
    wait_for(lambda: site.value("select last_archived_time > last_failed_time from pg_stat_archiver"), timeout=60,
             what="giving up")
    wait_for(lambda: [says for says in backups(vault) if "the log has a gap" in says], what="the doctor")
    archive.unlink()
    away.rename(archive)
    vault.run("backup", "--full")
    vault.halt()
    assert vault.findings() == []

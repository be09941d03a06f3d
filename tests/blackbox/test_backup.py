# SPDX-License-Identifier: AGPL-3.0-or-later
"""Backups: made, restored to a minute and from nothing, tried in a drill that finds what is wrong, and let
go of. With the real pgBackRest, restic and PostgreSQL."""

import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import time

import pytest

from harness import installed, lab, media
from harness.api import Api
from harness.backup import PASSPHRASE, Vaulted, hand_over, managed, processes, wait_program
from harness.wait import wait_for


def vaulted(archive=True, **more):
    made = Vaulted(**more)
    try:
        yield made.start(archive)
    finally:
        made.close()


@pytest.fixture
def vault():
    yield from vaulted()


@pytest.fixture
def dumped():
    yield from vaulted(archive=False)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def files(vault):
    return {path.name for path in vault.media.rglob("*.*")}


def write(site, text, **more):
    return Api(site).post("/api/v1/statuses", status=text, **more)


def picture(site, *size):
    return media.ready(Api(site), media.png(*size))


def texts(vault):
    with vault.cluster.connect("rookery") as session:
        return {row["content"] for row in session.execute("select content from posts").fetchall()}


def test_back_to_a_minute_and_back_from_nothing(vault):
    site = vault.serve()
    first = picture(site, 30, 20)
    write(site, "before", media_ids=[first["id"]])
    made = vault.run("backup")
    assert made["kind"] == "full" and made["exact"] and made["media"]
    write(site, "between", media_ids=[picture(site, 31, 21)["id"]])
    vault.run("backup", "--media")
    then, counts, had = now(), vault.count(), files(vault)
    time.sleep(0.01)
    write(site, "after")
    site.sql("delete from posts where content like '%before%'")
    vault.run("backup")
    vault.halt()

    said = vault.run("restore", "--yes", f"--at={then.isoformat()}")
    assert said["as_of"] <= then.isoformat().replace("+00:00", "Z") and said["lost_files"] == 0
    assert pathlib.Path(said["old_database"]).is_dir()
    assert any("between" in text for text in texts(vault)) and not any("after" in text for text in texts(vault))
    assert vault.count() == counts
    # The newest backup is of the history that was given up: a drill reads that one to where it was counted.
    assert vault.findings() == []
    rows = vault.run("backup", "list")["backups"]
    assert [row["label"] for row in rows if row["kind"] == "full"] == [made["label"]]
    assert all(row["result"] == "done" for row in rows), rows
    assert not any("failed" in says for says in backups(vault)), backups(vault)

    # The whole machine is lost but the repository and the passphrase.
    shutil.rmtree(said["old_database"])
    vault.cluster.stop()
    shutil.rmtree(vault.data)
    shutil.rmtree(vault.place / "run")
    for path in vault.media.iterdir():
        shutil.rmtree(path)
    said = vault.run("restore", "--yes", f"--at={then.isoformat()}")
    assert vault.count() == counts and files(vault) == had and said["lost_files"] == 0
    site = vault.serve()
    assert site.get(first["url"]).status_code == 200
    assert vault.run("backup")["kind"] in ("full", "differential")
    assert vault.findings() == []


def test_a_database_that_is_not_ours_is_dumped(dumped):
    site = dumped.serve()
    first = picture(site, 30, 20)
    write(site, "before", media_ids=[first["id"]])
    counts = dumped.count()
    done = dumped.attempt("backup", "--json")
    assert done.returncode == 0 and "not on this machine" in done.stderr, done.stderr
    write(site, "after")
    dumped.halt()
    assert dumped.findings() == []
    for path in dumped.media.iterdir():
        shutil.rmtree(path)
    done = dumped.attempt("restore", "--yes", "--json")
    assert done.returncode == 0 and "what came later is not in the repository" in done.stderr, done.stderr
    assert dumped.count() == counts
    assert not any("after" in text for text in texts(dumped))
    assert not any("failed" in says for says in backups(dumped)), backups(dumped)
    assert dumped.serve().get(first["url"]).status_code == 200


def test_a_dump_on_an_empty_cluster(dumped):
    """And in a repository that nobody began."""
    shutil.rmtree(dumped.repository / "media")
    site = dumped.serve()
    write(site, "before")
    dumped.run("backup")
    counts = dumped.count()
    dumped.halt()
    with dumped.cluster.connect() as session:
        session.execute("drop database rookery")
        session.execute("create database rookery owner rookery_owner")
    dumped.run("restore", "--yes")
    assert dumped.count() == counts
    dumped.serve().get("https://kea.test/about/")


@pytest.fixture(scope="module")
def shared():
    """One that was backed up once, with a picture in a post, for tests that take nothing away."""
    for made in vaulted():
        site = made.serve()
        made.picture = picture(site, 40, 30)
        write(site, "shared", media_ids=[made.picture["id"]])
        made.said = made.attempt("backup")
        assert made.said.returncode == 0, made.said.stderr
        yield made


def packs(vault):
    """The repository's files of restic that hold bytes."""
    return sorted((vault.repository / "media" / "data").rglob("*/*"))


def broken(path):
    """Its bytes with one changed in the middle, and what it was."""
    was = path.read_bytes()
    changed = bytearray(was)
    changed[len(was) // 2] ^= 0x55
    path.chmod(0o600)
    path.write_bytes(changed)
    return was


def test_a_drill_finds_damage_of_files(shared):
    was = {path: broken(path) for path in packs(shared)}
    try:
        assert "repository" in {check for check, _ in shared.findings("--all")}
    finally:
        for path, content in was.items():
            path.write_bytes(content)


def test_a_drill_finds_damage_of_the_base_backup(shared):
    bundles = [path for path in (shared.repository / "database" / "backup").rglob("*") if "bundle" in path.parts
               and path.is_file()]
    was = {path: broken(path) for path in bundles}
    try:
        found = shared.findings()
        assert [check for check, _ in found] == ["restore"], found
    finally:
        for path, content in was.items():
            path.write_bytes(content)
    assert shared.findings() == []
    kinds = [(row["kind"], row["result"]) for row in shared.run("backup", "list")["backups"]]
    assert kinds[:2] == [("verify", "done"), ("verify", "failed")]
    assert [row for row in shared.run("backup", "list")["backups"] if row["kind"] == "full"][0]["verified"]


def test_a_drill_finds_a_file_that_is_missing_or_not_itself(vault):
    site = vault.serve()
    gone, changed = (picture(site, size, size)["url"].rsplit("/", 1)[1] for size in (21, 22))
    (vault.media / gone[:2] / gone[2:4] / gone).unlink()
    path = vault.media / changed[:2] / changed[2:4] / changed
    path.write_bytes(b"x" * path.stat().st_size)
    vault.run("backup")
    says = " ".join(f"{check} {said}\n" for check, said in vault.findings("--all"))
    assert f"files {gone} is not in the backup" in says
    assert f"files {changed} has other bytes than its name says" in says
    assert "rows" not in says


def test_a_drill_finds_rows_that_are_missing(shared):
    manifest = shared.manifest()
    assert manifest["exact"] and manifest["rows"]["users"] == 2
    shared.store_manifest({**manifest, "rows": {**manifest["rows"], "users": 3, "feathers": 1}})
    try:
        assert sorted(shared.findings()) == [("rows", "feathers has -1 rows, and had 1"),
                                             ("rows", "users has 2 rows, and had 3")]
    finally:
        shared.store_manifest(manifest)
    assert shared.findings() == []


def test_units_are_stopped_and_started(vault):
    vault.run("backup")
    with managed(vault) as told:
        vault.run("restore", "--yes", "--in-place")
        assert told.read_text().splitlines() == ["stop rookery.target", "stop pg.service", "reset-failed pg.service",
                                                 "start pg.service", "start rookery.target"]
    assert not list(vault.data.parent.glob("data.before-*"))


def test_what_is_older_than_wanted_goes(vault):
    vault.options["backup_fulls"] = "2"
    labels = [vault.run("backup", "--full")["label"] for _ in range(3)]
    kept = {path.name for path in (vault.repository / "database" / "backup" / "rookery").iterdir()}
    assert labels[0] not in kept and {labels[1], labels[2]} <= kept
    said = vault.run("restore", "--yes")
    assert said["from"] == labels[2]


def test_days_that_can_be_gone_back(dumped):
    """Snapshots that were taken at other times, as restic says: those of days that are wanted stay."""
    dumped.options["backup_days"] = "3"
    dumped.run("backup")
    sources = {"database": "dump", "manifest": "manifest.json", "media": "file"}
    for days in (40, 4, 2):
        when = (now() - datetime.timedelta(days=days)).strftime("%Y-%m-%d %H:%M:%S")
        for tag, name in sources.items():
            dumped.restic("backup", "--quiet", "--host", "rookery", "--tag", tag, "--time", when, "--stdin",
                          "--stdin-filename", name, stdin=f"{tag} of {days} days ago")
    dumped.run("backup")

    def ages(tag):
        rows = json.loads(dumped.restic("snapshots", "--json", "--tag", tag))
        # restic writes nanoseconds, which Python does not read.
        return sorted((now() - datetime.datetime.fromisoformat(row["time"][:19] + "+00:00")).days for row in rows)

    # Files and counts are wanted for as long as the oldest dump may ask for them, and somewhat longer.
    assert ages("database")[-1] == 2 and set(ages("database")) == {0, 2}
    assert ages("manifest")[-1] <= 4 and 40 not in ages("manifest") and 2 in ages("manifest")
    assert ages("media")[-1] <= 4 and 40 not in ages("media") and 2 in ages("media")
    # pgBackRest knows the days by its own file, which a machine with a cluster of its own has.
    dumped.options["backup_cluster"] = str(dumped.data)
    dumped.run("backup", "prepare")
    said = (dumped.place / "run" / "pgbackrest.conf").read_text()
    assert "repo1-retention-full-type=time\nrepo1-retention-full=3\n" in said
    dumped.options["backup_fulls"] = "5"
    dumped.run("backup", "prepare")
    said = (dumped.place / "run" / "pgbackrest.conf").read_text()
    assert "repo1-retention-full-type=count\nrepo1-retention-full=5\n" in said


def test_a_backup_that_was_killed(vault):
    vault.serve()
    vault.run("backup")
    for program in (("pgbackrest",), ("restic", "media")):
        child = vault.begin("backup", "--full")
        wait_program(*program)
        child.kill()
        child.wait()
        made = vault.run("backup")
        assert made["exact"]
    assert vault.findings() == []
    killed = [row for row in vault.run("backup", "list")["backups"] if row["message"] == "it did not end"]
    assert len(killed) == 2 and all(row["result"] == "failed" for row in killed)


def test_what_is_nowhere_is_not_shown(vault):
    """An upload after the last backup of files, on a machine that is lost."""
    site = vault.serve()
    kept = picture(site, 30, 20)
    write(site, "kept", media_ids=[kept["id"]])
    vault.run("backup")
    lost = picture(site, 33, 23)
    post = write(site, "lost", media_ids=[lost["id"]])
    vault.halt()
    vault.cluster.stop()  # what is left of the log goes into the repository
    for path in vault.media.iterdir():
        shutil.rmtree(path)
    done = vault.attempt("restore", "--yes", "--json")
    assert done.returncode == 0 and "posts lose them" in done.stderr
    site = vault.serve()
    shown = Api(site).get(f"/api/v1/statuses/{post['id']}")
    assert "lost" in shown["content"] and shown["media_attachments"] == []
    assert json.loads(done.stdout)["lost_files"] > 0
    assert site.get(kept["url"]).status_code == 200
    for row in site.sql("select name from media_files where state = 'kept'"):
        assert site.get(f"https://kea.test/media/{row['name']}").status_code == 200
    media_status = site.rookery("media", "status")
    assert all(t["files"] == t["counted_files"] for t in media_status["tenants"])


def test_secrets_are_nowhere(shared):
    """While a backup runs, in arguments and environments of everything; afterwards in files that others can read."""
    child = shared.begin("backup")
    seen = set()
    while child.poll() is None:
        for argv, env in processes():
            assert PASSPHRASE.encode() not in argv and PASSPHRASE.encode() not in env
            seen.add(argv.split(b"\0")[0].rsplit(b"/", 1)[-1])
    assert child.returncode == 0 and {b"pgbackrest", b"restic"} <= seen
    assert PASSPHRASE not in shared.said.stdout + shared.said.stderr
    holders = [path for path in shared.place.rglob("*") if path.is_file() and not path.is_symlink()
               and PASSPHRASE.encode() in path.read_bytes()]
    assert {path.parent.name for path in holders} == {"run", "secrets"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in holders)
    assert shared.database.value("select count(*) from backups where row_to_json(backups)::text like %s",
                                 f"%{PASSPHRASE}%") == 0


def test_a_restore_says_what_it_cannot_do(shared):
    for args, status, word in (((), 2, "--yes"), (("--yes", "--at=2099-01-01T00:00:00Z"), 2, "in the future"),
                               (("--yes", "--at=2020-01-01T00:00:00Z"), 2, "the earliest moment"),
                               (("--yes", "--at=yesterday"), 2, "--at takes a time")):
        done = shared.attempt("restore", *args, "--json")
        assert done.returncode == status and word in done.stderr, (args, done.stderr)
    shared.site.get(shared.picture["url"])  # nothing was stopped


def test_settings_that_do_not_do(shared):
    for value in ("backup", "sftp://store.example/x", "ftp://x/y", "https://user@s3.example/b", "/a/../b", "/x y",
                  "sftp://-oProxyCommand=x@h/y", "https://s3.example/b\n[global]"):
        done = shared.attempt("backup", "--json", backup_repository=value)
        assert done.returncode == 2 and "backup_repository" in done.stderr, (value, done.stderr)
    done = shared.attempt("backup", "--json", backup_repository="sftp://a@store.example/x")
    assert done.returncode != 0
    assert shared.run("backup", "--scheduled", backup_repository="")["kind"] == "none"
    assert shared.attempt("backup", "--json", backup_repository="").returncode == 2


def test_another_passphrase_reads_nothing(shared):
    shared.secret("backup_passphrase", "another-one-that-is-long-enough")
    try:
        done = shared.attempt("restore", "--yes", "--json")
        assert done.returncode == 1 and "the passphrase is not the one" in done.stderr
        assert shared.attempt("backup", "--json").returncode != 0
        shared.secret("backup_passphrase", "short")
        assert shared.attempt("backup", "--json").returncode == 2
    finally:
        shared.secret("backup_passphrase", PASSPHRASE)
        shared.run("backup", "prepare")


def test_the_passphrase_is_shown_once(shared):
    said = shared.run("backup", "key")
    assert said["passphrase"] == PASSPHRASE and "somewhere else" in said["advice"]
    assert shared.attempt("backup", "key", "--json").returncode == 4
    assert shared.run("backup", "key", "--again")["passphrase"] == PASSPHRASE
    empty = shared.place / "credstore"
    made = shared.run("backup", "key", "--make", secrets_path=empty)
    path = empty / "rookery.backup_passphrase"
    assert made == {"made": True} and path.stat().st_mode & 0o077 == 0
    words = path.read_text().split("-")
    assert len(words) == 8 and all(len(word) == 5 and word.isalnum() for word in words)
    assert shared.run("backup", "key", "--again", secrets_path=empty)["passphrase"] == path.read_text()


def backups(vault):
    """What the doctor says of them: whether it is well, by its words."""
    done = vault.attempt("doctor", "--json")
    return {f["says"]: f["well"] for f in json.loads(done.stdout)["findings"] if f["check"] == "backup"}


def test_doctor_and_metrics_know_how_backups_stand(shared):
    shared.run("backup")
    shared.run("backup", "key", "--again")
    assert shared.findings() == []
    assert all(backups(shared).values()), backups(shared)
    text = shared.site.admin().get("/metrics").text
    values = dict(line.rsplit(" ", 1) for line in text.splitlines() if line.startswith("rookery_backup_"))
    for name in ("last_success", "media_last_success", "verify_last_success", "log_archived"):
        assert abs(int(values[f"rookery_backup_{name}_timestamp_seconds"]) - time.time()) < 3600
    assert [values[f"rookery_backup_{name}"] for name in ("failed", "verify_failed", "log_failed")] == ["0"] * 3
    shared.site.sql("update backups set finished = now() - interval '2 days' where kind <> 'key'")
    assert [well for says, well in backups(shared).items() if "backup ended" in says] == [False]
    assert shared.attempt("doctor", backup_repository="").stdout.count("none are made") == 1


def test_the_units_may_do_what_they_do(shared, tmp_path_factory):
    """As PostgreSQL's user, with the secret as a credential, under the filters of the units."""
    root = installed.install(tmp_path_factory.mktemp("root"))
    credentials = shared.place / "credentials"
    credentials.mkdir()
    (credentials / "backup_passphrase").write_text(PASSPHRASE)
    for path in (credentials, credentials / "backup_passphrase"):
        hand_over(path)
    for path in (shared.media, *shared.media.rglob("*")):
        hand_over(path)  # as the group of the units reads them
    for name, args in (("rookery-backup-prepare", ("prepare", "--scheduled")), ("rookery-backup", ("--scheduled",)),
                       ("rookery-backup-media", ("--media", "--scheduled")),
                       ("rookery-backup-verify", ("verify", "--scheduled"))):
        unit = shared.place / f"{name}.service"
        shutil.copy(installed.unit(root, f"{name}.service"), unit)
        argv = [sys.executable, "-m", "harness.unit_exec", "--user=postgres", unit, lab.PROGRAMS / "rookery",
                "backup", *args, "--json"]
        done = shared.attempt("backup", wrap=["env", f"PYTHONPATH={lab.ROOT / 'tests/blackbox'}",
                                              f"CREDENTIALS_DIRECTORY={credentials}", "PYTHONDONTWRITEBYTECODE=1",
                                              *argv], secrets_path="/nowhere")
        assert done.returncode == 0, (name, done.stderr, done.stdout)
        if name == "rookery-backup-verify":
            assert all(f["well"] for f in json.loads(done.stdout)["findings"])

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The machine's own configuration: into the repository, proved by a drill, and back without harm to what is there. With
the real restic and tar."""

import contextlib
import datetime
import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

import pytest

from harness import installed, lab
from harness.backup import PASSPHRASE, Vaulted, hand_over

OLD_KEY, NEW_KEY = "ssh-ed25519 AAAAold operator", "ssh-ed25519 AAAAnew operator"
NETWORK = "[Network]\nAddress=192.0.2.7/24\n"


def write(path, text, mode=0o640, owner="root"):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    shutil.chown(path, "root", owner)


def furnish(etc):
    """As an operator left it."""
    write(etc / "rookery/rookery.conf", "media_cache_size = 77;\n", 0o644)
    write(etc / "rookery/operator.keys", OLD_KEY + "\n", 0o600)
    write(etc / "rookery/role", "all\n")
    write(etc / "rookery/notices/settings", "a mistake\n")
    write(etc / "rookery/app.settings", "password=x\n", 0o600)
    write(etc / "rookery/offer/server.key", "a key\n", owner="postgres")
    (etc / "rookery/offer").chmod(0o750)
    write(etc / "caddy/certificates/kea.test.key", "another key\n", owner="postgres")
    write(etc / "caddy/sites.d/kea.test.conf", "kea.test {\n}\n", 0o644)
    write(etc / "caddy/Caddyfile", "of the image\n", 0o644)
    write(etc / "systemd/network/70-settings.network", NETWORK, 0o644)
    (etc / "rookery/link").symlink_to("../caddy")
    os.mkfifo(etc / "rookery/pipe")


@pytest.fixture
def vault():
    made = Vaulted()
    made.etc = made.place / "etc"
    furnish(made.etc)
    made.options["backup_configuration"] = " ".join(str(made.etc / name) for name in ("rookery", "caddy", "systemd"))
    made.options["notices_path"] = str(made.etc / "rookery/notices")
    made.into = made._directory("into", 0o755)  # pylint: disable=protected-access
    try:
        yield made.start(archive=False)
    finally:
        made.close()


def snapshots(vault):
    return json.loads(vault.restic("snapshots", "--json", "--tag", "configuration"))


def names(vault):
    """What the newest archive has, without folders, below etc."""
    with subprocess.Popen(["tar", "--list"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as tar:
        (vault.place / "run/passphrase").chmod(0o600)
        subprocess.run(["restic", "--no-cache", "--repo", vault.repository / "media", "--password-file",
                        vault.place / "run/passphrase", "dump", "--tag", "configuration", "latest",
                        "/configuration.tar"], stdout=tar.stdin, check=True)
        said = tar.communicate()[0]
    prefix = str(vault.etc)[1:] + "/"
    return {line.removeprefix(prefix) for line in said.splitlines() if not line.endswith("/")}


def restore(vault, *args):
    return vault.run("restore", "configuration", "--yes", f"--into={vault.into}", *args)


def states(vault, said):
    """What is said of each file."""
    return {row["file"].removeprefix(f"{vault.etc}/"): row["state"] for row in said["files"]}


def findings(vault):
    done = vault.attempt("backup", "verify", f"--scratch={vault.scratch}", "--json")
    return [f for f in json.loads(done.stdout)["findings"] if f["check"] == "configuration"]


def test_what_is_in_it(vault):
    vault.secret("media_s3_secret", "x")
    write(vault.etc / "rookery/rookery.conf.before", "of before\n")
    write(vault.etc / "rookery/ssh_host_ed25519_key", "a machine's own\n", 0o600)
    vault.options["backup_configuration"] += f" {vault.secrets} {vault.etc}/nowhere"
    vault.run("backup")
    assert names(vault) == {
        "secrets", "rookery/rookery.conf", "rookery/operator.keys", "rookery/role", "rookery/offer/server.key",
        "rookery/link", "caddy/certificates/kea.test.key", "caddy/sites.d/kea.test.conf", "caddy/Caddyfile",
        "systemd/network/70-settings.network"}
    found = findings(vault)
    assert [f["well"] for f in found] == [True] and "files and folders" in found[0]["says"], found
    assert standing(vault) == ["done"]


def test_only_changes_are_stored_twice_an_hour(vault):
    vault.run("backup", "--media")
    assert snapshots(vault) == []  # it may be a machine that waits for its restore
    vault.run("backup")
    vault.run("backup", "--media")
    assert len(snapshots(vault)) == 1
    write(vault.etc / "rookery/rookery.conf", "media_cache_size = 78;\n", 0o644)
    vault.run("backup", "--media")
    assert len(snapshots(vault)) == 2


def lose(vault):
    """The machine; what comes in its place has settings of its own."""
    shutil.rmtree(vault.etc)
    write(vault.etc / "rookery/rookery.conf", "media_cache_size = 1;\n", 0o644)
    write(vault.etc / "rookery/operator.keys", NEW_KEY, 0o600)
    write(vault.etc / "rookery/role", "all\n")
    write(vault.etc / "caddy/Caddyfile", "of a newer image\n", 0o644)


def test_back_onto_another_machine(vault):
    vault.secret("media_s3_secret", "x")
    vault.run("backup")
    lose(vault)
    (vault.secrets / "rookery.media_s3_secret").unlink()
    said = restore(vault)
    told = states(vault, said)
    assert {name for name, state in told.items() if state.startswith("was put in place")} == {
        "rookery/rookery.conf", "rookery/offer/server.key", "rookery/link", "caddy/certificates/kea.test.key",
        "caddy/sites.d/kea.test.conf"}
    assert {name for name, state in told.items() if state.startswith("was left alone")} == {
        "caddy/Caddyfile", "systemd/network/70-settings.network"}
    assert said["missing_secrets"] == ["rookery.media_s3_secret"] and said["same"] == 1
    etc = vault.etc
    assert (etc / "rookery/rookery.conf").read_text() == "media_cache_size = 77;\n"
    assert (etc / "rookery/rookery.conf.before").read_text() == "media_cache_size = 1;\n"
    assert (etc / "rookery/operator.keys").read_text().splitlines() == [NEW_KEY, OLD_KEY]
    assert (etc / "rookery/link").readlink().as_posix() == "../caddy"
    key = etc / "rookery/offer/server.key"
    assert (key.group(), key.stat().st_mode & 0o777, key.parent.stat().st_mode & 0o777) == ("postgres", 0o640, 0o750)
    assert (etc / "caddy/Caddyfile").read_text() == "of a newer image\n"
    laid = pathlib.Path(said["laid_into"] + str(etc))
    assert (laid / "systemd/network/70-settings.network").read_text() == NETWORK
    assert pathlib.Path(said["laid_into"]).stat().st_mode & 0o077 == 0
    # Again: what was put is as it was, and what was there at first stays beside it.
    said = restore(vault)
    assert set(states(vault, said)) == {"rookery/operator.keys", "caddy/Caddyfile",
                                        "systemd/network/70-settings.network"}
    assert (etc / "rookery/rookery.conf.before").read_text() == "media_cache_size = 1;\n"


def test_a_restore_lays_it_beside(vault):
    vault.run("backup")
    write(vault.etc / "rookery/rookery.conf", "media_cache_size = 1;\n", 0o644)
    said = vault.run("restore", "--yes", f"--into={vault.into}")
    assert said["from"] and states(vault, said["configuration"]) == {"rookery/rookery.conf": "differs"}
    assert (vault.etc / "rookery/rookery.conf").read_text() == "media_cache_size = 1;\n"
    laid = pathlib.Path(said["configuration"]["laid_into"] + str(vault.etc))
    assert (laid / "rookery/rookery.conf").read_text() == "media_cache_size = 77;\n"
    shutil.rmtree(said["configuration"]["laid_into"])
    write(vault.etc / "rookery/rookery.conf", "media_cache_size = 77;\n", 0o644)
    said = vault.run("restore", "--yes", f"--into={vault.into}")
    assert said["configuration"]["files"] == [] and list(vault.into.iterdir()) == []
    # And gets its database back when that cannot be done.
    done = vault.attempt("restore", "--yes", "--into=/nowhere", "--json")
    assert done.returncode == 0 and "/nowhere" in done.stderr and "configuration" not in json.loads(done.stdout)


def test_what_would_stop_the_programs_is_left(vault):
    for text, why in (("no_such_option = 1;\n", "these programs refuse it"),
                      ('backup_repository = "/elsewhere";\n', "its backup_repository is another one")):
        write(vault.etc / "rookery/rookery.conf", text, 0o644)
        vault.run("backup")
        write(vault.etc / "rookery/rookery.conf", "media_cache_size = 1;\n", 0o644)
        vault.write_file()
        argv = [lab.PROGRAMS / "rookery", f"--config={vault.file}", "restore", "configuration", "--yes",
                f"--into={vault.into}", "--json"]
        done = vault.attempt("restore", wrap=["env", "-i", f"PATH={os.environ['PATH']}", *argv])
        assert done.returncode == 0, done.stderr
        assert why in states(vault, json.loads(done.stdout))["rookery/rookery.conf"]
        assert (vault.etc / "rookery/rookery.conf").read_text() == "media_cache_size = 1;\n"
        shutil.rmtree(json.loads(done.stdout)["laid_into"])


def test_another_role_is_another_machine(vault):
    vault.run("backup")
    lose(vault)
    write(vault.etc / "rookery/role", "app\n")
    done = vault.attempt("restore", "configuration", "--yes", f"--into={vault.into}", "--json")
    assert done.returncode == 4 and "role" in done.stderr
    write(vault.etc / "rookery/role", "all\n")
    done = vault.attempt("restore", "configuration", f"--into={vault.into}", "--json")
    assert done.returncode == 2 and "rookery.conf differs" in done.stderr and "--yes" in done.stderr
    assert (vault.etc / "rookery/rookery.conf").read_text() == "media_cache_size = 1;\n"


def test_nothing_is_guessed_between_machines(vault):
    """One that was set up in the place of another has the same name."""
    vault.run("backup")
    (mine,) = {row["hostname"] for row in snapshots(vault)}
    with tempfile.TemporaryFile() as file:
        subprocess.run(["tar", "--create", "--directory", vault.etc, "rookery/role"], stdout=file, check=True)
        file.seek(0)
        vault.restic("backup", "--quiet", "--host", "other-12345678", "--tag", "configuration", "--stdin",
                     "--stdin-filename", "configuration.tar", stdin=file)
    done = vault.attempt("restore", "configuration", "--yes", f"--into={vault.into}", "--json")
    assert done.returncode == 4 and f"{mine} (this one)" in done.stderr and "other-12345678" in done.stderr
    assert restore(vault, f"--machine={mine}")["same"] == 9
    assert len(findings(vault)) == 2
    # Each machine's last one stays.
    vault.options["backup_days"] = "1"
    vault.restic("forget", "--tag", "configuration", "--host", mine, "--keep-last", "1")
    vault.run("backup")
    assert {row["hostname"] for row in snapshots(vault)} == {mine, "other-12345678"}


def test_a_moment(vault):
    vault.run("backup")
    then = datetime.datetime.now(datetime.timezone.utc).isoformat()
    time.sleep(1)
    write(vault.etc / "rookery/rookery.conf", "media_cache_size = 78;\n", 0o644)
    vault.run("backup", "--media")
    assert restore(vault)["files"] == []
    assert states(vault, restore(vault, f"--at={then}")) == {
        "rookery/rookery.conf": "was put in place; what was here is its .before"}
    assert (vault.etc / "rookery/rookery.conf").read_text() == "media_cache_size = 77;\n"


def standing(vault):
    return [row["result"] for row in vault.run("backup", "list")["backups"] if row["kind"] == "configuration"]


def test_too_much_is_said_and_keeps_nobody_from_the_rest(vault):
    write(vault.etc / "rookery/film", "")
    with (vault.etc / "rookery/film").open("wb") as file:
        file.truncate(17 << 20)
    done = vault.attempt("backup", "--json")
    assert done.returncode != 0 and "more than 16 MiB" in done.stderr and str(vault.etc / "rookery/film") in done.stderr
    assert {row["kind"]: row["result"] for row in vault.run("backup", "list")["backups"]} == {
        "dump": "done", "media": "done", "configuration": "failed"}
    assert [f["well"] for f in findings(vault)] == [False]
    doctor = json.loads(vault.attempt("doctor", "--json").stdout)["findings"]
    assert any("configuration failed" in f["says"] and "16 MiB" in f["says"] for f in doctor if not f["well"]), doctor
    (vault.etc / "rookery/film").unlink()
    vault.run("backup")
    assert standing(vault) == ["done", "failed"] and [f["well"] for f in findings(vault)] == [True]


@contextlib.contextmanager
def unit(vault, root):
    """systemd's part of the socket: whoever calls it gets the program of the unit, under its filters."""
    listener = socket.socket(socket.AF_UNIX)
    (vault.place / "run").mkdir(exist_ok=True)
    path = vault.place / "run/configuration.sock"
    listener.bind(str(path))
    path.chmod(0o666)
    listener.listen()
    service = installed.unit(root, "rookery-backup-configuration@.service")
    _, given = vault._arguments([], {})  # pylint: disable=protected-access
    argv = [sys.executable, "-m", "harness.unit_exec", service, lab.PROGRAMS / "rookery", "backup", "configuration"]

    def serve():
        with contextlib.suppress(OSError):
            while True:
                caller, _ = listener.accept()
                with caller:
                    subprocess.run(argv, stdin=caller, stdout=caller, check=False, cwd=lab.ROOT, env={
                        **given, "PYTHONPATH": str(lab.ROOT / "tests/blackbox"), "PYTHONDONTWRITEBYTECODE": "1"})

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def test_a_backup_that_is_not_root_is_handed_it(vault, tmp_path_factory):
    """As PostgreSQL's user under the filters of its unit, who may not read any of it."""
    root = installed.install(tmp_path_factory.mktemp("root"))
    copied = vault.place / "rookery-backup.service"
    shutil.copy(installed.unit(root, "rookery-backup.service"), copied)
    credentials = hand_over(vault._directory("credentials", 0o700))  # pylint: disable=protected-access
    (credentials / "backup_passphrase").write_text(PASSPHRASE)
    hand_over(credentials / "backup_passphrase")
    hand_over(vault._directory("run", 0o700))  # pylint: disable=protected-access

    def attempt():
        return vault.attempt("backup", wrap=[
            "env", f"PYTHONPATH={lab.ROOT / 'tests/blackbox'}", f"CREDENTIALS_DIRECTORY={credentials}",
            "PYTHONDONTWRITEBYTECODE=1", sys.executable, "-m", "harness.unit_exec", "--user=postgres", copied,
            lab.PROGRAMS / "rookery", "backup", "--scheduled", "--json"], secrets_path="/nowhere")

    write(vault.etc / "rookery/operator.keys", OLD_KEY + "\n", 0o600)
    done = attempt()
    assert done.returncode != 0 and "rookery-backup-configuration.socket" in done.stderr, done.stderr
    with unit(vault, root):
        done = attempt()
    assert done.returncode == 0, done.stderr
    assert {"rookery/operator.keys", "caddy/certificates/kea.test.key"} <= names(vault)


def test_half_an_archive_is_none(vault):
    """Whoever hands it over ends too early."""
    listener = socket.socket(socket.AF_UNIX)
    path = hand_over(vault._directory("run", 0o700)) / "configuration.sock"  # pylint: disable=protected-access
    listener.bind(str(path))
    path.chmod(0o666)
    listener.listen()

    def serve():
        caller, _ = listener.accept()
        done = subprocess.run(["tar", "--create", vault.etc], capture_output=True, check=True)
        with caller:
            caller.sendall(done.stdout[:5 * 512])

    threading.Thread(target=serve, daemon=True).start()
    credentials = hand_over(vault._directory("credentials", 0o700))  # pylint: disable=protected-access
    (credentials / "backup_passphrase").write_text(PASSPHRASE)
    hand_over(credentials / "backup_passphrase")
    done = vault.attempt("backup", wrap=[
        "runuser", "-u", "postgres", "--", "env", f"CREDENTIALS_DIRECTORY={credentials}", lab.PROGRAMS / "rookery",
        "backup", "--json"], secrets_path="/nowhere")
    listener.close()
    assert done.returncode != 0 and "not handed over to its end" in done.stderr, done.stderr
    assert snapshots(vault) == []

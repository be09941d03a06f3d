# SPDX-License-Identifier: AGPL-3.0-or-later
"""Secrets of the machine: encrypted by systemd-creds with a key of this test, told to units by drop-ins, and lost at no
moment. The units are the installed ones; what they do with it under a systemd is a test of the image."""

import json
import os
import pathlib
import shlex
import signal
import subprocess
import tempfile
import time

import pytest

from harness import installed, lab

OK, FAILED, USAGE, NOT_FOUND, CONFLICT = range(5)
TAKERS = {  # of the secret: units with the name that each knows it by
    "smtp_password": {"rookery-stator@.service": "smtp_password", "rookery-notify@.service": "smtp_password",
                      "rookery-doctor.service": "smtp_password", "rookery-operator.service": "smtp_password"},
    "database.server": {"rookery-server.service": "database"},
    "backup_ssh_key": {f"rookery-backup{name}.service": "backup_ssh_key"
                       for name in ("", "-media", "-prepare", "-verify")},
}
KEY = "-----BEGIN KEY-----\nfirst\nlast\n-----END KEY-----\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return installed.install(tmp_path_factory.mktemp("root"))


class Keeper:
    """A machine's directories, and the command."""

    def __init__(self, place, root, disk):
        self.plain, self.sealed, self.own, self.notices = [place / name for name in
                                                           ("plain", "sealed", "own", "notices")]
        self.notices.mkdir()
        self.own.mkdir()
        self.key = disk / "key"
        self.units = root / installed.PREFIX / "lib/systemd/system"
        self.conf = place / "rookery.conf"
        self.env = {**os.environ, "SYSTEMD_CREDENTIAL_SECRET": str(self.key)}
        self.conf.write_text("".join(f'{name} = "{value}";\n' for name, value in {
            "secrets_path": self.plain, "sealed_path": self.sealed, "units_path": f"{self.own}:{self.units}",
            "notices_path": self.notices}.items()))

    def argv(self, *args):
        return [str(lab.PROGRAMS / "rookery"), f"--config={self.conf}", *args]

    def run(self, *args, text="", path=""):
        env = self.env | ({"PATH": f"{path}:{self.env['PATH']}"} if path else {})
        return subprocess.run(self.argv(*args, "--json"), input=text, text=True, capture_output=True, check=False,
                              env=env)

    def secret(self, *args, text="", status=OK, path=""):
        done = self.run("secret", *args, text=text, path=path)
        assert done.returncode == status, done.stdout + done.stderr
        return json.loads(done.stdout)

    def value(self, name):
        return self.secret("show", name)["value"]

    def stored(self, name):
        return {one["name"]: one["stored"] for one in json.loads(self.run("secret", "list").stdout)["secrets"]}[name]

    def put(self, name, text):
        """As an operator would, by hand."""
        self.plain.mkdir(mode=0o700, exist_ok=True)
        path = self.plain / f"rookery.{name}"
        path.write_text(text)
        path.chmod(0o600)

    def given(self):
        """What systemd gives to each unit: by unit and name, opened as systemd does."""
        found = {}
        for path in self.own.glob("*/*.conf"):
            for line in path.read_text().splitlines():
                if line.startswith("SetCredentialEncrypted="):
                    name, text = line.split("=", 1)[1].split(":", 1)
                    done = subprocess.run(["systemd-creds", "decrypt", f"--name={name}", "-", "-"], input=text,
                                          text=True, capture_output=True, check=True, env=self.env)
                    found[path.parent.name.removesuffix(".d"), name] = done.stdout
        return found

    def files(self):
        return {path.name for folder in (self.plain, self.sealed) if folder.exists() for path in folder.iterdir()}


@pytest.fixture
def keeper(tmp_path, root):
    """systemd-creds seals nothing by a key that is in memory alone, where a lab may be."""
    with tempfile.TemporaryDirectory(dir=lab.ROOT / "build") as disk:
        yield Keeper(tmp_path, root, pathlib.Path(disk))


def expected(**values):
    return {(unit, known): value for name, value in values.items() for unit, known in TAKERS[name].items()}


def test_what_is_set_is_sealed_and_given_to_those_who_take_it(keeper):
    said = keeper.secret("set", "smtp_password", text="hush hush\n")
    assert said["stored"].startswith("sealed")
    assert keeper.files() == {"rookery.smtp_password"} and not list(keeper.plain.iterdir())
    [path] = keeper.sealed.iterdir()
    assert path.stat().st_mode & 0o777 == 0o600 and "hush" not in path.read_text()
    assert keeper.given() == expected(smtp_password="hush hush")
    assert keeper.value("smtp_password") == "hush hush"
    assert subprocess.run(keeper.argv("secret", "show", "smtp_password"), text=True, capture_output=True, check=True,
                          env=keeper.env).stdout == "hush hush\n"


def test_one_more_and_one_less_leave_the_others_alone(keeper):
    keeper.secret("set", "smtp_password", text="one")
    keeper.secret("set", "backup_ssh_key", text=KEY)
    keeper.secret("set", "smtp_password", text="two")
    assert keeper.given() == expected(smtp_password="two", backup_ssh_key=KEY)
    keeper.secret("remove", "smtp_password", status=CONFLICT)
    assert keeper.value("smtp_password") == "two"
    keeper.secret("remove", "smtp_password", "--yes")
    assert keeper.given() == expected(backup_ssh_key=KEY)
    keeper.secret("show", "smtp_password", status=NOT_FOUND)
    keeper.secret("remove", "smtp_password", "--yes", status=NOT_FOUND)


def test_systemd_can_read_what_units_are_told(keeper):
    keeper.secret("set", "database.server", text="host=db.example password=hush")
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", "rookery-server.service"], text=True,
                          capture_output=True, check=False,
                          env={**os.environ, "SYSTEMD_UNIT_PATH": f"{keeper.own}:{keeper.units}:"})
    assert "SetCredential" not in done.stderr and "50-rookery-secrets.conf" not in done.stderr, done.stderr


@pytest.mark.parametrize("args, text, status", [(("nobodys",), "x", NOT_FOUND), (("../x",), "x", NOT_FOUND),
                                                (("smtp_password",), "", USAGE), (("smtp_password",), "\n", USAGE),
                                                (("smtp_password",), "x" * 16385, USAGE)])
def test_what_is_no_secret_is_refused(keeper, args, text, status):
    keeper.secret("set", *args, text=text, status=status)
    assert keeper.files() == set() and not list(keeper.own.iterdir())


def test_a_plain_file_goes_before_and_is_sealed_at_the_next_start(keeper):
    keeper.secret("set", "smtp_password", text="old")
    keeper.put("smtp_password", "new")
    keeper.put("backup_ssh_key", KEY)
    keeper.put("something.else", "of nobody")
    assert keeper.secret("seal", "--units")["sealed"] == 0 and keeper.stored("smtp_password") == "plain"
    assert keeper.value("smtp_password") == "new" and keeper.stored("smtp_password") == "plain"
    assert keeper.secret("seal")["sealed"] == 2
    assert keeper.given() == expected(smtp_password="new", backup_ssh_key=KEY)
    assert {path.name for path in keeper.plain.iterdir()} == {"rookery.something.else"}
    assert keeper.secret("seal")["sealed"] == 0
    keeper.secret("set", "smtp_password", "--plain", text="plain")
    assert keeper.stored("smtp_password") == "plain" and keeper.value("smtp_password") == "plain"


def test_another_machine_runs_without_and_says_so(keeper):
    """A service whose secret cannot be opened would not start at all."""
    keeper.secret("set", "smtp_password", text="hush")
    keeper.secret("set", "backup_passphrase", text="kakapo-kiwi-tui-weka")
    aside = keeper.key.rename(keeper.key.with_suffix(".old"))
    keeper.secret("set", "database.server", text="host=db.example")
    broken = keeper.secret("seal", status=FAILED)["broken"]
    assert broken == "backup_passphrase smtp_password"
    assert keeper.given() == expected(**{"database.server": "host=db.example"})
    assert "smtp_password" in (keeper.notices / "secrets").read_text()
    assert "cannot open" in keeper.stored("smtp_password")
    assert keeper.run("secret", "list").returncode == FAILED
    # Backups need the one that they were made with: another one is not made by itself.
    assert keeper.run("backup", "key", "--make").returncode == FAILED
    keeper.secret("show", "smtp_password", status=FAILED)
    keeper.secret("unseal", status=FAILED)
    keeper.secret("set", "smtp_password", text="again")
    assert keeper.secret("seal", status=FAILED)["broken"] == "backup_passphrase"
    # What it was sealed by is back.
    keeper.key.unlink()
    aside.rename(keeper.key)
    keeper.secret("set", "database.server", text="host=other.example")
    assert keeper.value("backup_passphrase") == "kakapo-kiwi-tui-weka"
    keeper.secret("set", "smtp_password", text="third")
    assert not (keeper.notices / "secrets").exists()


def test_the_doctor_tells_of_what_cannot_be_opened(keeper):
    """Also the one of the timer, who is not root."""
    keeper.secret("set", "smtp_password", text="hush")
    keeper.key.unlink()
    keeper.secret("seal", status=FAILED)
    assert (keeper.notices / "secrets").stat().st_mode & 0o777 == 0o644
    said = [one["says"] for one in json.loads(keeper.run("doctor").stdout)["findings"] if one["check"] == "start"]
    assert len(said) == 1 and "smtp_password" in said[0] and "rookery secret set" in said[0]
    assert "ecryption failed" in said[0] or "key" in said[0]


def test_another_value_is_kept_when_it_is_replaced(keeper):
    """A passphrase that is lost takes all backups along."""
    for value in ("kakapo-kiwi-tui-weka", "kakapo-kiwi-tui-weka", "moa-hihi-ruru-kea"):
        keeper.secret("set", "backup_passphrase", text=value)
    kept = keeper.sealed / "rookery.backup_passphrase.before"
    done = subprocess.run(["systemd-creds", "decrypt", "--name=", kept, "-"], text=True, capture_output=True,
                          check=True, env=keeper.env)
    assert done.stdout == "kakapo-kiwi-tui-weka" and keeper.value("backup_passphrase") == "moa-hihi-ruru-kea"
    keeper.put("backup_passphrase", "")
    assert "no secret" in keeper.secret("seal", status=FAILED)["left_plain"]
    (keeper.plain / "rookery.backup_passphrase").unlink()
    assert keeper.value("backup_passphrase") == "moa-hihi-ruru-kea"
    # What is removed is there no more in any form.
    keeper.secret("remove", "backup_passphrase", "--yes")
    assert keeper.files() == set() and keeper.given() == {}


def test_two_at_once_wait_for_each_other(keeper):
    """Whatever is said to be stored is what there is."""
    programs = [subprocess.Popen(keeper.argv("secret", *args), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                                 text=True, env=keeper.env)
                for args in (("set", "smtp_password"), ("set", "database.server"), ("set", "backup_ssh_key"),
                             ("seal",), ("seal",))]
    for number, program in enumerate(programs):
        program.stdin.write(f"secret {number}")
        program.stdin.close()
    assert [program.wait() for program in programs] == [OK] * len(programs)
    assert keeper.given() == expected(smtp_password="secret 0", backup_ssh_key="secret 2",
                                      **{"database.server": "secret 1"})


def test_only_who_may_is_told(keeper):
    keeper.secret("set", "smtp_password", text="hush")
    for path in (keeper.conf, *keeper.conf.parents, *keeper.units.parents, keeper.key, keeper.key.parent):
        path.chmod(path.stat().st_mode | (0o444 if path.is_file() else 0o555))
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    done = subprocess.run([*nobody, *keeper.argv("secret", "list")], text=True, capture_output=True, check=False,
                          env=keeper.env)
    assert done.returncode == FAILED and "Permission denied" in done.stderr


@pytest.mark.parametrize("name, words", [("database.host", "rookery-server"), ("smtp_password", "'rookery-stator@*'"),
                                         ("backup_passphrase", "rookery-backup-prepare"), ("database.owner", None)])
def test_only_what_stays_has_to_be_started_again(keeper, name, words):
    """Never a backup that runs."""
    said = keeper.secret("set", name, text="kakapo-kiwi-tui-weka").get("next")
    assert said == (words and f"so that they take it: systemctl try-restart {words}")


def test_they_become_plain_again_before_a_machine_moves(keeper):
    keeper.secret("set", "smtp_password", text="hush")
    keeper.secret("set", "backup_ssh_key", text=KEY)
    assert keeper.secret("unseal") == {"plain": 2}
    keeper.key.unlink()
    assert keeper.given() == {} and not list(keeper.sealed.iterdir())
    assert (keeper.plain / "rookery.smtp_password").stat().st_mode & 0o777 == 0o600
    assert keeper.value("smtp_password") == "hush" and keeper.value("backup_ssh_key") == KEY


def stand_in(place, body):
    """A systemd-creds that does something else."""
    place.mkdir()
    program = place / "systemd-creds"
    program.write_text(f"#!/bin/sh\n{body}\n")
    program.chmod(0o755)
    return place


@pytest.mark.parametrize("body", ["echo no >&2; exit 1", '[ "$1" = encrypt ] && echo c2VhbGVk || echo other',
                                  '[ "$1" = encrypt ] && echo c2VhbGVk || exit 1'])
def test_what_could_not_be_sealed_stays_as_it_was(keeper, tmp_path, body):
    keeper.put("smtp_password", "hush")
    path = stand_in(tmp_path / "bin", body)
    said = keeper.secret("seal", status=FAILED, path=path)
    assert said["sealed"] == 0 and said["left_plain"]
    assert (keeper.plain / "rookery.smtp_password").read_text() == "hush" and keeper.given() == {}
    assert "not encrypted" in (keeper.notices / "secrets").read_text()
    keeper.secret("seal")
    assert keeper.given() == expected(smtp_password="hush") and not (keeper.notices / "secrets").exists()


def test_nothing_is_lost_by_killing(keeper):
    """At some moment of the many of which sealing consists."""
    for i in range(30):
        value = f"secret {i}"
        keeper.put("smtp_password", value)
        with subprocess.Popen(keeper.argv("secret", "seal"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              env=keeper.env) as program:
            time.sleep(0.003 * i)
            program.send_signal(signal.SIGKILL)
        assert keeper.value("smtp_password") == value
    keeper.secret("seal")
    assert keeper.given() == expected(smtp_password="secret 29")
    assert keeper.files() == {"rookery.smtp_password", "rookery.smtp_password.before"}


@pytest.mark.parametrize("there", [None, {}, {"database": "host=x", "smtp_password": "a b"}])
def test_the_unit_leaves_commands_what_there_is(tmp_path, root, there):
    """Its line, as systemd runs it: without credentials there is a name of a directory that does not exist."""
    [line] = installed.settings(installed.unit(root, "rookery-operator.service"), "ExecStart")
    given, left = tmp_path / "given", tmp_path / "left"
    left.mkdir()
    if there is not None:
        given.mkdir()
        for name, text in there.items():
            (given / name).write_text(text)
    subprocess.run(shlex.split(line), check=True, env={"CREDENTIALS_DIRECTORY": str(given), "PATH": "/usr/bin:/bin",
                                                       "RUNTIME_DIRECTORY": str(left)})
    assert {path.name: path.read_text() for path in left.iterdir()} == (there or {})


def test_commands_take_what_systemd_keeps_for_them(tmp_path):
    """In memory that only root reads: rookery-operator.service."""
    conf = tmp_path / "rookery.conf"
    conf.write_text("")
    script = ('mount -t tmpfs tmpfs /run && place=/run/rookery-operator && mkdir -p $place && '
              'echo "host=/nowhere dbname=rookery" >$place/database && exec "$@"')
    done = subprocess.run(["unshare", "--mount", "sh", "-euc", script, "sh", str(lab.PROGRAMS / "rookery"), "domain",
                           "list", f"--config={conf}"], text=True, capture_output=True, check=False)
    assert done.returncode != OK and "/nowhere" in done.stderr

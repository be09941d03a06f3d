# SPDX-License-Identifier: AGPL-3.0-or-later
"""What failed comes to the operators as a letter: once a day, with what to do, and without anybody's data."""

import re

import pytest

from harness import installed, lab
from harness.mail import MailServer

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")
USER = "ruru@example.org"
DOCTOR = """ok    server: the private socket answers
WRONG disk: media on /var/lib/rookery/media: 96 % used, 12 MiB left
      nothing is written until there is room
note  memory: 3 of 100 MiB are available
      the machine is short of memory
WRONG dns kea.test: 203.0.113.9 is not this machine
      point its name here
"""


@pytest.fixture
def mail_server(site):
    server = MailServer()
    server.use(site)
    site.restart()
    yield server
    server.close()


@pytest.fixture
def journal(tmp_path, monkeypatch):
    """Says what the journal has; gives what it was asked for."""
    def say(text):
        (tmp_path / "says").write_text(text)
        fake = tmp_path / "journalctl"
        fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{tmp_path}/asked\ncat {tmp_path}/says\n')
        fake.chmod(0o755)
        environment = site_environment["of"]
        monkeypatch.setattr(environment, "environment", lambda *args, old=environment.environment, **more: {
            **old(*args, **more), "PATH": f"{tmp_path}:/usr/bin:/bin", "MONITOR_SERVICE_RESULT": "exit-code",
            "MONITOR_INVOCATION_ID": "0123456789abcdef0123456789abcdef"})
        return tmp_path / "asked"

    site_environment = {}
    say.on = lambda site: site_environment.update(of=site) or say
    return say


def test_a_failure_is_told_once_a_day(site, mail_server, journal):
    asked = journal.on(site)(DOCTOR)
    site.rookery("operator", "add", USER)
    said = site.rookery("notify", "rookery-doctor")
    assert (said["about"], said["letters"], said["sent"]) == ("rookery-doctor: disk, dns", 1, 1)
    assert {"--unit=rookery-doctor", "_SYSTEMD_INVOCATION_ID=0123456789abcdef0123456789abcdef"} <= set(
        asked.read_text().splitlines())
    [letter] = mail_server.take()  # at once: no stator ran
    assert letter.to == USER and "rookery-doctor: disk, dns" in letter.subject
    assert "96 % used" in letter.text and "until there is room" in letter.text and "rookery doctor" in letter.text
    assert "memory" not in letter.text and "203.0.113.9" not in letter.text
    site.stator.drain()
    assert mail_server.letters == [] and site.value("select body from mails") == ""
    assert site.rookery("notify", "rookery-doctor")["letters"] == 0
    # Something else that is wrong is told, and the same on another day.
    journal.on(site)(DOCTOR.replace("WRONG dns", "note  dns"))
    assert site.rookery("notify", "rookery-doctor")["letters"] == 1
    site.sql("update mails set created = now() - interval '25 hours'")
    assert site.rookery("notify", "rookery-doctor")["letters"] == 1
    mail_server.take(2)


def test_what_is_told_of_a_backup_is_nobodys(site, mail_server, journal):
    journal.on(site)("event=backup domain=1 name=\"Ruru\" error=5 message=\"of ruru@example.org\"\n"
                     "rookery: restic: s3://bucket.example/secret: kea.test ruru@example.org 203.0.113.9 denied\n")
    site.rookery("operator", "add", USER)
    for unit, words in (("rookery-backup", "systemctl start rookery-backup"),
                        ("rookery-backup-verify", "docs/backup.md"), ("rookery-healthy", "rookery rollback"),
                        ("rookery-stator@1", "systemctl status")):
        assert site.rookery("notify", unit)["about"] == f"{unit}: exit-code"
        [letter] = mail_server.take()
        assert words in letter.text and "denied" in letter.text and "<tenant>" in letter.text
        assert not any(word in letter.text for word in (USER, "203.0.113.9", "bucket", "Ruru"))


def test_who_cannot_be_told_is_no_failure(site, journal):
    journal.on(site)("")
    assert "no mail server" in site.rookery("notify", "rookery-doctor")["why"]
    assert site.value("select count(*) from mails") == 0
    for wrong in ("x", "rookery-$(reboot)", "sshd", "--unit=x"):
        assert site.run("rookery", "notify", wrong).returncode == 2


def test_a_letter_that_does_not_go_is_the_stators(site, mail_server, journal):
    journal.on(site)("")
    assert "told of it" in site.rookery("notify", "rookery-backup")["why"]  # nobody is an operator
    site.rookery("operator", "add", USER)
    mail_server.answers[:] = ["451 later"]
    said = site.rookery("notify", "rookery-backup")
    assert (said["letters"], said["sent"]) == (1, 0) and "later" in said["error"]
    site.sql("update mails set state_next_attempt = now()")
    site.stator.drain()
    [letter] = mail_server.take()
    assert letter.to == USER


def test_units_that_fail_are_told_of():
    """By the unit that runs this command."""
    units = [*(lab.ROOT / f"systemd/rookery-{name}.service.in" for name in (
        "doctor", "backup", "backup-media", "backup-verify")),
        lab.ROOT / "image/extra/usr/lib/systemd/system/rookery-healthy.service"]
    for unit in units:
        assert "rookery-notify@%N.service" in " ".join(installed.settings(unit, "OnFailure")).split()
    assert re.search(r"^ExecStart=@bindir@/rookery notify %i$",
                     (lab.ROOT / "systemd/rookery-notify@.service.in").read_text(), re.MULTILINE)

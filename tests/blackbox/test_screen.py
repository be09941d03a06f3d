# SPDX-License-Identifier: AGPL-3.0-or-later
"""The machine's own screen: rookery status --screen, and rookery console on a terminal that knows nothing."""

import os
import re
import subprocess

import pytest

from harness import lab
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.terminal import Terminal

MENU = "Press Enter for the menu."
ASKS = "Enter alone leads back: "
ROOKERY = lab.PROGRAMS / "rookery"


@pytest.fixture
def bin_path(tmp_path):
    """Where this machine's programs are stood in for: what was asked of systemd is written down."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "systemctl"
    program.write_text(f"""#!/bin/sh
echo "$*" >>{tmp_path}/asked
case $1 in
show) printf 'Id=postgresql.service\\nLoadState=loaded\\nActiveState=active\\n\\nId=caddy.service\\nLoadState=loaded\\n'
      printf 'ActiveState=failed\\n\\nId=ssh.service\\nLoadState=not-found\\nActiveState=inactive\\n' ;;
list-units) cat {tmp_path}/failed 2>/dev/null ;;
esac
""")
    program.chmod(0o755)
    for name, does in (("hostnamectl", f'echo "hostnamectl $*" >>{tmp_path}/asked'),
                       ("ssh-keygen", "echo '256 SHA256:Qy4xk9 root@host (ED25519)'")):
        (folder / name).write_text(f"#!/bin/sh\n{does}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.fixture
def fresh(site, bin_path):
    site.sql("delete from staff_grants where domain_id is null")
    return site


def environment(site, bin_path, **more):
    return {**site.environment(), "PATH": f"{bin_path}:/usr/bin:/bin", "TERM": "dumb", **more}


@pytest.fixture
def screen(fresh, bin_path):
    made = Terminal(ROOKERY, "console", env=environment(fresh, bin_path))
    yield made
    made.close()


def asked(tmp_path):
    """Without how services do, which is looked at again and again."""
    path = tmp_path / "asked"
    lines = path.read_text().splitlines() if path.exists() else []
    return [line for line in lines if not line.startswith(("show ", "list-units "))]


def open_menu(screen):
    screen.wait_for(MENU)
    screen.type("")
    return screen.wait_for(ASKS)


def test_status_on_the_screen(fresh, bin_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{bin_path}:{os.environ['PATH']}")
    shown = fresh.rookery("status", "--screen")
    assert shown["database"] == "ready" and not shown["operator"] and not shown["setup_open"]
    assert {(one["unit"], one["state"]) for one in shown["services"]} == {("postgresql.service", "active"),
                                                                          ("caddy.service", "failed")}
    assert shown["disk_mib"] >= shown["disk_free_mib"] > 0 and shown["host"] and shown["addresses"]
    assert shown["backup"] == {} and "set-up" in shown["next"] and shown["console"] == "https://console.test"
    fresh.rookery("user", "add", "keeper@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    fresh.rookery("operator", "add", "keeper@example.org")
    fresh.rookery("domain", "add", "soon.example")
    shown = fresh.rookery("status", "--screen")
    tenants = {one["name"]: one for one in shown["tenants"]}
    assert tenants["kea.test"]["missing"] == "" and tenants["soon.example"]["missing"] == "its ownership is not proved"
    assert "rookery domain show" in shown["next"]
    fresh.rookery("domain", "delete", "soon.example", "--yes")
    assert "mail server" in fresh.rookery("status", "--screen")["next"]
    people = fresh.run("rookery", "status", "--screen").stdout
    assert "kea.test" in people and "caddy.service" in people and "next: " in people
    assert max(map(len, people.splitlines())) < 120
    assert fresh.run("rookery", "console", "--once").stdout.splitlines()[-1] == people.splitlines()[-1]
    assert fresh.rookery("console")["database"] == fresh.rookery("console", "--once")["database"] == "ready"


def operated(fresh):
    fresh.rookery("user", "add", "keeper@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    fresh.rookery("operator", "add", "keeper@example.org")


def test_what_does_not_run_comes_first(fresh, bin_path, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{bin_path}:{os.environ['PATH']}")
    operated(fresh)
    failed = tmp_path / "failed"
    failed.write_text("rookery-doctor.service loaded failed failed Checks\n")
    assert "rookery doctor" in fresh.rookery("status", "--screen")["next"]
    failed.write_text("rookery-doctor.service loaded failed failed Checks\ncaddy.service loaded failed failed Proxy\n")
    shown = fresh.rookery("status", "--screen")
    assert shown["next"].endswith("systemctl status caddy.service")
    assert shown["failed"] == ["rookery-doctor.service", "caddy.service"]
    assert "failed:    caddy.service\n" in fresh.run("rookery", "status", "--screen").stdout


@pytest.mark.parametrize("name, what", [("lost.example", "its name leads nowhere"),
                                        ("bare.test", "its certificate is not good")])
def test_a_community_that_the_world_does_not_find(fresh, name, what):
    """Found by looking, without a visit and before letters and backups are spoken of."""
    operated(fresh)
    fresh.rookery("domain", "add", name, "--active")
    fresh.rookery("identity", "add", f"a@{name}")
    shown = fresh.rookery("status", "--screen")
    missing = {one["name"]: one["missing"] for one in shown["tenants"]}
    assert missing[name] == what and missing["weka.test"] in ("", "nobody is there")
    assert "rookery domain show" in shown["next"]


def test_what_went_wrong_at_the_start_is_shown(fresh, bin_path, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{bin_path}:{os.environ['PATH']}")
    notices = tmp_path / "notices"
    notices.mkdir()
    fresh.options["notices_path"] = str(notices)
    operated(fresh)
    assert fresh.rookery("status", "--screen")["notices"] == []
    (notices / "settings").write_text("line 3: there is no setting hostname\n\n" + "x" * 3000 + "\n")
    (notices / "first-domain").write_text("a b was not added: no name\n")
    shown = fresh.rookery("status", "--screen")
    assert shown["notices"][:2] == ["first-domain: a b was not added: no name",
                                    "settings: line 3: there is no setting hostname"]
    assert len(shown["notices"]) <= 20 and "/etc/rookery/notices" in shown["next"]
    assert "start:     settings: line 3" in fresh.run("rookery", "status", "--screen").stdout
    found = fresh.run("rookery", "doctor", "--json").stdout
    assert "there is no setting hostname" in found


def test_the_keys_of_the_machine_are_shown(fresh, bin_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{bin_path}:{os.environ['PATH']}")
    assert fresh.rookery("status", "--screen")["ssh"][0] == {"fingerprint": "SHA256:Qy4xk9", "kind": "(ED25519)"}
    assert "ssh key:   SHA256:Qy4xk9 (ED25519)\n" in fresh.run("rookery", "status", "--screen").stdout


def test_the_machine_is_named(fresh, screen, tmp_path):
    assert "Name this machine" in open_menu(screen)
    for name in ("", "host.example.org"):
        screen.type("h")
        screen.wait_for("(host.example.org): ")
        screen.type(name)
        screen.wait_for("Press Enter to go on.")
        screen.type("")
        screen.wait_for(ASKS)
    assert asked(tmp_path)[:1] == ["hostnamectl hostname -- host.example.org"]


def test_it_is_there_when_the_database_is_not(fresh, bin_path):
    env = environment(fresh, bin_path, ROOKERY_DATABASE="host=/nonexistent dbname=rookery")
    screen = Terminal(ROOKERY, "console", env=env)
    try:
        shown = screen.wait_for(MENU)
        assert "database:" in shown and "ready" not in shown and "journalctl" in shown and "code:" not in shown
        screen.type("")
        assert "Restart the services" in screen.wait_for(ASKS)
    finally:
        screen.close()


def test_a_code_is_shown_while_nobody_is_an_operator(fresh, screen):
    shown = screen.wait_for(MENU)
    [code] = re.findall(r"^code: +([A-Z2-9-]{14})$", shown, re.M)
    assert "https://console.test/setup/" in shown and ":8443/setup/" in shown
    browser = Browser(fresh, "console.test")
    assert browser.get("/").form("/setup/").press(code=code).path == "/setup/operator/"
    browser.get("/setup/operator/").form("/setup/operator/").press(email="keeper@example.org", password=PASSWORD)
    # The next look shows none any more.
    screen.type("")
    screen.wait_for(ASKS)
    screen.type("")
    assert "code:" not in screen.wait_for(MENU)
    assert fresh.value("select count(*) from setup_codes") == 0


def test_add_a_community_and_serve_it(fresh, screen):
    assert "Add a community" in open_menu(screen)
    screen.type("1")
    screen.wait_for("(example.org): ")
    screen.type("pukeko.example")
    shown = screen.wait_for("Press Enter to go on.")
    assert "_rookery.pukeko.example" in shown and "A or AAAA" in shown
    screen.type("")
    screen.wait_for(ASKS)
    screen.type("3")
    screen.wait_for("Domain: ")
    screen.type("pukeko.example")
    screen.wait_for("(yes/no)? ")
    screen.type("no")
    screen.wait_for("Press Enter to go on.")
    screen.type("")
    assert fresh.value("select state from domains where name = 'pukeko.example'") == "pending"
    screen.wait_for(ASKS)
    screen.type("3")
    screen.wait_for("Domain: ")
    screen.type("pukeko.example")
    screen.wait_for("(yes/no)? ")
    screen.type("yes")
    screen.wait_for("Press Enter to go on.")
    assert fresh.value("select state from domains where name = 'pukeko.example'") == "active"


def test_an_operator_is_let_in_with_a_password_that_is_not_shown(fresh, screen):
    for email, password, again in (("keeper@example.org", PASSWORD, PASSWORD), ("keeper@example.org", "x", "y"),
                                   ("keeper@example.org", PASSWORD + "2", PASSWORD + "2")):
        open_menu(screen)
        screen.type("5")
        screen.wait_for("operator: ")
        screen.type(email)
        screen.wait_for("New password: ")
        screen.type(password)
        screen.wait_for("Once more: ")
        screen.type(again)
        shown = screen.wait_for("Press Enter to go on.")
        assert password not in shown.split() and ("differ" in shown) == (password != again)
        screen.type("")
        screen.wait_for(ASKS)
        screen.type("")
    assert [one["email"] for one in fresh.rookery("operator", "list")["operators"]] == ["keeper@example.org"]
    Browser(fresh, "console.test").get("/login/").form("/login/").press(email="keeper@example.org",
                                                                        password=PASSWORD + "2")


def test_what_ends_something_is_asked_for(fresh, screen, tmp_path):
    open_menu(screen)
    for key, words in (("r", "restart rookery-server.service"), ("t", "reboot"), ("p", "poweroff")):
        for answer in ("", "y", "no", "yes"):
            before = asked(tmp_path)
            screen.type(key)
            screen.wait_for("(yes/no)? ")
            screen.type(answer)
            screen.wait_for("Press Enter to go on.")
            assert len(asked(tmp_path)) == len(before) + (answer == "yes"), (key, answer)
            screen.type("")
            screen.wait_for(ASKS)
        assert asked(tmp_path)[-1].startswith(words)


def test_nothing_typed_is_more_than_a_word(fresh, screen, tmp_path):
    open_menu(screen)
    for typed in ("--by=operator", "$(touch /tmp/x)", "a;reboot", "x" * 2000, "\x1b[2J", "..", "'"):
        screen.type("2")
        screen.wait_for("Domain: ")
        screen.type(typed)
        screen.wait_for("Press Enter to go on.")
        screen.type("")
        screen.wait_for(ASKS)
    assert asked(tmp_path) == []
    # Keys that end programs do not end this one; nor does what is no choice.
    screen.keys(b"\x03\x1a\x1c")
    screen.type("nothing")
    screen.wait_for("no such thing")
    screen.wait_for(ASKS)
    assert screen.is_alive()


def test_a_title_cannot_command_the_terminal(fresh, bin_path):
    fresh.sql("update domains set title = %s, suspended_reason = %s where name = 'kea.test'",
              "Kea\x1b[2J\x07", "\x9b2J \x1b]0;x\x07")
    screen = Terminal(ROOKERY, "console", env=environment(fresh, bin_path))
    try:
        open_menu(screen)
        screen.type("2")
        screen.wait_for("Domain: ")
        screen.type("kea.test")
        shown = screen.wait_for("Press Enter to go on.")
        assert "Kea?[2J?" in shown and not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
    finally:
        screen.close()


def test_the_end_of_the_line_ends_it(fresh, bin_path):
    screen = Terminal(ROOKERY, "console", env=environment(fresh, bin_path))
    screen.wait_for(MENU)
    screen.keys(b"\x04")
    while screen.read(5):
        pass
    assert os.waitpid(screen.pid, 0)[1] == 0
    os.close(screen.fd)


@pytest.mark.parametrize("host, written, later", [
    ("host.example", "host.example", "host.example"), ("rookery", "console.internal", "other.example"),
    ("", "console.internal", "other.example"), ('a.b"; x', "console.internal", "other.example"),
    ("..", "console.internal", "other.example"),
])
def test_the_console_of_an_image_has_the_machines_name(tmp_path, host, written, later):
    """Once it has one; a name that leads somewhere stays."""
    script = lab.ROOT / "image/extra/usr/lib/rookery/console-host"
    conf, name = tmp_path / "rookery.conf", tmp_path / "hostname"
    conf.write_text('# console_host = "";\nlog_level = "info";\n\n')
    for machine, console in ((host, written), (host, written), ("other.example", later), ("third.example", later)):
        name.write_text(machine + "\n")
        subprocess.run(["sh", script, conf, name], check=True)
        assert [line for line in conf.read_text().splitlines() if line.startswith("console_host")] == [
            f'console_host = "{console}";']
    assert conf.read_text().startswith('# console_host = "";\nlog_level = "info";\n')
    assert conf.read_text().count("# Made at") == 1
    assert [one.name for one in tmp_path.glob("rookery.conf*")] == ["rookery.conf"]


def test_the_console_that_the_operator_named_stays(tmp_path):
    script = lab.ROOT / "image/extra/usr/lib/rookery/console-host"
    conf, name = tmp_path / "rookery.conf", tmp_path / "hostname"
    name.write_text("host.example\n")
    for text in ('console_host = "console.internal";\n', 'console_host = "mine.example";\nlog_level = "info";\n'):
        conf.write_text(text)
        subprocess.run(["sh", script, conf, name], check=True)
        assert conf.read_text() == text

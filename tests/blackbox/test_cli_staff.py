# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a domain's staff does, on the operator's word: members, blocks, emoji by the dozen; and docs/tootctl.md."""

import ast
import re

import pytest

from harness import lab, media
from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD

USAGE, NOT_FOUND, CONFLICT = 2, 3, 4


def wait(site, handle):
    """Somebody who signed up and waits."""
    name, domain = handle.split("@")
    site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    site.rookery("identity", "add", handle, "--user", f"{name}@example.org")
    site.sql("insert into identity_limits (domain_id, identity_id, pending, reason) select i.domain_id, i.id, now(), "
             "'birds' from identities i join domains d on d.id = i.domain_id where i.username = %s and d.name = %s",
             name, domain)


def flags(account):
    return {name for name in ("pending", "disabled", "silenced", "suspended", "sensitive", "held") if account[name]}


def actions(site):
    return [row["action"] for row in site.sql("select action from audit_log where user_id is null order by id")]


def test_who_waits_is_let_in_or_not(site):
    for handle in ("kaka@kea.test", "ruru2@kea.test"):
        wait(site, handle)
    waiting = site.rookery("account", "list", "kea.test", "--status=pending")["accounts"]
    assert {one["handle"] for one in waiting} == {"kaka@kea.test", "ruru2@kea.test"}
    assert {one["reason"] for one in waiting} == {"birds"}
    assert site.rookery("account", "list", "weka.test", "--status=pending") == {"accounts": []}
    assert flags(site.rookery("account", "approve", "kaka@kea.test")) == set()
    Browser(site, "kea.test").log_in("kaka@example.org", PASSWORD)
    assert site.rookery("account", "reject", "ruru2@kea.test")["rejected"]
    assert site.rookery("account", "list", "kea.test", "--status=pending") == {"accounts": []}
    # Nobody waits twice.
    for verb in ("approve", "reject"):
        assert site.run("rookery", "account", verb, "kaka@kea.test").returncode != 0
        assert site.run("rookery", "account", verb, "nobody@kea.test").returncode == NOT_FOUND
    assert {"account.approve", "account.reject"} <= set(actions(site))


@pytest.mark.parametrize("action, is_then, back", [
    ("silence", "silenced", "silenced"), ("sensitive", "sensitive", "sensitive"), ("disable", "disabled", "disabled"),
    ("suspend", "suspended", "suspended"), ("hold", "held", "held"),
])
def test_decisions_and_taking_them_back(site, action, is_then, back):
    program = Api(site, "ruru@kea.test")
    assert flags(site.rookery("account", "act", "ruru@kea.test", action, "--text=Be kind.")) == {is_then}
    [listed] = [one for one in site.rookery("account", "list", "kea.test")["accounts"]
                if one["handle"] == "ruru@kea.test"]
    assert flags(listed) == {is_then}
    status = program.client.get("/api/v1/accounts/verify_credentials").status_code
    assert (status == 200) == (action not in ("disable", "suspend"))
    assert flags(site.rookery("account", "undo", "ruru@kea.test", back)) == set()
    assert site.run("rookery", "account", "act", "ruru@kea.test", "nothing").returncode != 0
    assert site.run("rookery", "account", "undo", "ruru@kea.test", "nothing").returncode != 0


def test_staff_is_not_safe_from_the_operator_and_members_are_from_everybody_else(site):
    site.rookery("user", "grant", "ruru@example.org", "owner", "kea.test")
    assert flags(site.rookery("account", "act", "ruru@kea.test", "disable")) == {"disabled"}
    site.rookery("account", "undo", "ruru@kea.test", "disabled")
    browser = Browser(site, "kea.test")
    browser.log_in("ruru@example.org", PASSWORD)
    site.rookery("account", "log-out", "ruru@kea.test")
    assert browser.client.get("/home/").status_code == 303
    # The rule that the command line may is the database role's: the server's has no such right.
    with site.database.connect("rookery_server") as server:
        assert server.execute("select current_user = 'rookery_host' as host").fetchone()["host"] is False


def test_blocks(site):
    made = {
        "mail-host": site.rookery("block", "add", "kea.test", "mail-host", "Spam.example"),
        "address": site.rookery("block", "add", "kea.test", "address", "pest@example.org"),
        "network": site.rookery("block", "add", "kea.test", "network", "203.0.113.0/24", "--severity=no_access",
                                "--comment=a botnet"),
    }
    assert made["mail-host"]["what"] == "spam.example" and made["network"]["severity"] == "no_access"
    assert "pest" not in made["address"]["what"]
    listed = site.rookery("block", "list", "kea.test")["blocks"]
    assert {one["kind"]: one["id"] for one in listed} == {kind: one["id"] for kind, one in made.items()}
    assert site.rookery("block", "list", "weka.test") == {"blocks": []}
    for args in (("kea.test", "nothing", "x"), ("kea.test", "mail-host", "no host"), ("kea.test", "network", "x"),
                 ("kea.test", "network", "203.0.113.0/24", "--severity=x"), ("nowhere.test", "network", "203.0.113.1")):
        assert site.run("rookery", "block", "add", *args).returncode != 0, args
    for kind, one in made.items():
        assert site.run("rookery", "block", "remove", "weka.test", kind, one["id"]).returncode == NOT_FOUND
        assert site.rookery("block", "remove", "kea.test", kind, one["id"])["removed"]
        assert site.run("rookery", "block", "remove", "kea.test", kind, "x").returncode == USAGE
    assert site.rookery("block", "list", "kea.test") == {"blocks": []}


def test_emoji_by_the_dozen(site, tmp_path):
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    out.mkdir()
    (folder / "wave.png").write_bytes(media.png(20, 20))
    (folder / "bird_2.png").write_bytes(media.png(30, 30))
    (folder / "notes.txt").write_text("not one")
    assert site.rookery("emoji", "import", "kea.test", folder, "--category=Birds") == {"added": 2, "refused": []}
    (folder / "broken.png").write_text("no picture")
    (folder / "a b.png").write_bytes(media.png(20, 20))
    done = site.run("rookery", "emoji", "import", "kea.test", folder)
    assert done.returncode == 1 and "broken.png" in done.stdout and "a b.png" in done.stdout
    listed = {one["shortcode"]: one["category"] for one in site.rookery("emoji", "list", "kea.test")["emoji"]}
    assert set(listed) == {"wave", "bird_2"}
    assert site.rookery("emoji", "export", "kea.test", out) == {"written": 2}
    names = sorted(one.name for one in out.iterdir())
    assert [name.split(".")[0] for name in names] == ["bird_2", "wave"]
    assert all((out / name).stat().st_size for name in names)
    # What was written is taken again, elsewhere; and nothing is written over.
    assert site.rookery("emoji", "import", "weka.test", out)["added"] == 2
    assert site.run("rookery", "emoji", "export", "kea.test", out).returncode == CONFLICT
    for verb in ("import", "export"):
        assert site.run("rookery", "emoji", verb, "kea.test", tmp_path / "none").returncode in (USAGE, CONFLICT)


def test_another_password(site):
    """What an operator sets ends what the old one opened."""
    browser = Browser(site, "kea.test")
    browser.log_in("ruru@example.org", PASSWORD)
    made = site.rookery("user", "password", "ruru@example.org")["password"]
    assert browser.get("/settings/sessions/").form("login/")
    Browser(site, "kea.test").log_in("ruru@example.org", PASSWORD, status=422)
    Browser(site, "kea.test").log_in("ruru@example.org", made)
    assert "password" not in site.rookery("user", "password", "ruru@example.org", "--password-stdin",
                                          stdin=PASSWORD + "\n")
    Browser(site, "kea.test").log_in("ruru@example.org", PASSWORD)


def test_a_server_is_shut_out(site):
    known = site.value("select count(*) from posts")
    site.rookery("floor", "set", "bad.test", "block", "--reason=spam")
    [rule] = site.rookery("floor", "list")["floor"]
    assert (rule["host"], rule["severity"]) == ("bad.test", "block")
    assert site.run("rookery", "floor", "set", "kea.test", "block").returncode != 0
    site.rookery("floor", "remove", "bad.test")
    assert site.value("select count(*) from posts") == known


def functions(path):
    """The tests of a file: their text by name."""
    text = path.read_text()
    lines = text.splitlines()
    return {node.name: "\n".join(lines[node.lineno - 1:node.end_lineno]) for node in ast.parse(text).body
            if isinstance(node, ast.FunctionDef)}


def test_the_table_of_commands_is_true(site):
    """docs/tootctl.md: every command that it names is one, and a test that it names runs it."""
    text = (lab.ROOT / "docs/tootctl.md").read_text()
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) > 25 and "not yet" not in text
    for row in rows:
        _, ours, test = [cell.strip() for cell in row.strip("|").split("|")]
        named = [functions(lab.ROOT / "tests/blackbox" / path)[name]
                 for path, name in re.findall(r"`(test_\w+\.py)::(\w+)`", test)]
        assert len(named) == len(re.findall(r"`test_", test)), row
        for words in re.findall(r"`rookery ([a-z-]+)(?: ([a-z-]+))?", ours):
            words = [word for word in words if word]
            assert site.run("rookery", "help", *words).returncode == 0, row
            said = re.compile(r",\s*".join(f'"{word}"' for word in words))
            assert any(said.search(each) for each in named), (words, row)


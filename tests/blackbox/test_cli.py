# SPDX-License-Identifier: AGPL-3.0-or-later
"""rookery: one JSON document on standard output, exit codes, and what each command does."""

import http.server
import json
import re
import subprocess
import threading

import pytest

from harness import lab, options
from harness.dns import Resolver
from harness.fixtures import PASSWORD
from harness.site import Site
from harness.wait import wait_for

OK, FAILED, USAGE, NOT_FOUND, CONFLICT, LATER = range(6)


class Cli:
    """Runs rookery against a database without a server."""

    def __init__(self, database):
        self.database = database

    def run(self, *args, stdin="", under=(), **more):
        env = options.environment({"database": self.database.conninfo, "fetch_allow": "10.7.0.0/16:443",
                                   "ca_file": lab.directory() / "ca.crt", **more})
        return subprocess.run([*under, lab.PROGRAMS / "rookery", *map(str, args)], env=env, input=stdin,
                              text=True, capture_output=True, check=False, timeout=60 * lab.PATIENCE)

    def __call__(self, *args, status=OK, **more):
        done = self.run(*args, "--json", **more)
        assert done.returncode == status, (done.returncode, done.stdout, done.stderr)
        assert done.stdout.count("\n") == 1
        return json.loads(done.stdout)


@pytest.fixture
def cli(database):
    return Cli(database)


def error(answer):
    assert list(answer) == ["error"] and answer["error"]["message"]
    return answer["error"]["code"]


def test_life_of_a_domain(cli):
    made = cli("domain", "add", "Kea.test", "--service-name=social.kea.test", "--title", "Kea", "--sign-up=open")
    assert (made["name"], made["service_name"], made["state"]) == ("kea.test", "social.kea.test", "pending")
    assert made["proof"]["txt_name"] == "_rookery.kea.test" and len(made["proof"]["token"]) > 20
    for name in ("kea.test", "social.kea.test"):
        assert error(cli("domain", "add", name, status=CONFLICT)) == "conflict"
    assert "not proved" in cli("domain", "activate", "kea.test", status=CONFLICT)["error"]["message"]
    assert cli("domain", "verify", "kea.test", "--by=operator")["state"] == "verified"
    assert cli("domain", "activate", "social.kea.test")["state"] == "active"
    assert cli("domain", "suspend", "kea.test", "--reason=spam")["suspended_reason"] == "spam"
    cli("domain", "activate", "kea.test", status=CONFLICT)
    resumed = cli("domain", "resume", "kea.test")
    assert (resumed["state"], resumed["suspended_reason"]) == ("active", "")
    cli("domain", "delete", "kea.test", status=USAGE)
    assert cli("domain", "delete", "kea.test", "--yes")["state"] == "deleting"
    actions = [row["action"] for row in cli.database.sql("select action from audit_log order by id")]
    assert actions == ["domain.add", "domain.verify", "domain.activate", "domain.suspend", "domain.resume",
                       "domain.delete"]
    assert cli.database.value("select count(*) from identities where is_system") == 1


@pytest.mark.parametrize("args, status", [
    ((), USAGE),
    (("nothing",), USAGE),
    (("domain",), USAGE),
    (("domain", "nothing"), USAGE),
    (("domain", "add"), USAGE),
    (("domain", "add", "kea.test", "--nothing"), USAGE),
    (("domain", "add", "not a name"), USAGE),
    (("domain", "add", "10.7.0.1"), USAGE),
    (("domain", "add", "kea.test:8080"), USAGE),
    (("domain", "add", "kea.test", "--sign-up=perhaps"), USAGE),
    (("domain", "show", "weka.test"), NOT_FOUND),
    (("user", "show", "nobody@example.org"), NOT_FOUND),
    (("user", "add", "nobody"), USAGE),
    (("identity", "add", "ruru@weka.test"), NOT_FOUND),
    (("identity", "add", "ruru"), USAGE),
    (("invite", "add", "weka.test"), NOT_FOUND),
    (("stator", "explain", "domain", "77"), NOT_FOUND),
    (("stator", "explain", "nothing", "77"), USAGE),
])
def test_what_is_wrong_is_said(cli, args, status):
    error(cli(*args, status=status))
    assert cli.run(*args).stdout == ""


def test_each_command_answers_with_one_document(cli, tmp_path, monkeypatch):
    """--json: whether it works, lacks an argument, gets a wrong one, or finds no database."""
    monkeypatch.chdir(tmp_path)  # where the report of rookery support goes
    named = [(noun, verb) if verb else (noun,) for noun, verb, _ in commands(cli)]
    assert len(named) > 90 and ("stator", "list") in named and ("doctor",) in named
    away = {"database": "host=/nonexistent dbname=rookery"}
    for words in named:
        for more, where in (((), {}), (("--nothing",), {}), (("a", "b", "c", "d", "e"), {}), ((), away)):
            done = cli.run(*words, *more, "--json", **where)
            said = (*words, *more, done.stdout[:300], done.stderr[-300:])
            assert done.returncode in (OK, FAILED, USAGE, NOT_FOUND, CONFLICT, LATER), said
            document = json.loads(done.stdout or "null")
            assert isinstance(document, dict) and ("error" in document) <= (done.returncode != OK), said


def test_a_database_that_is_away_is_not_now(cli):
    assert error(cli("domain", "list", status=LATER, database="host=/nonexistent dbname=rookery")) == "later"


def test_an_old_schema_is_named(cli, cluster):
    empty = cluster.create("empty_for_cli")
    try:
        old = Cli(empty)
        done = old.run("domain", "list")
        assert done.returncode != OK and "rookery migrate" in done.stderr
        finding = old("doctor", status=FAILED)["findings"][-1]
        assert finding["check"] == "schema" and "rookery migrate" in finding["advice"]
        assert len(old("migrate")["applied"]) > 5
        assert old("migrate")["applied"] == []
        assert old("domain", "list") == {"domains": []}
    finally:
        empty.drop()


def test_people(cli):
    cli("domain", "add", "kea.test", "--active")
    typed = cli("user", "add", "ruru@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    assert "password" not in typed
    assert cli.database.value("select password from users").startswith("$y$")
    cli("user", "add", "Ruru@Example.org", status=CONFLICT)
    assert len(cli("user", "add", "toroa@example.org")["password"]) >= 16
    cli("user", "add", "kaka@example.org", "--password-stdin", stdin="short\n", status=USAGE)
    cli("user", "add", "kaka@example.org", "--password-stdin", stdin="", status=USAGE)

    assert cli("identity", "add", "ruru@kea.test", "--user=ruru@example.org")["handle"] == "ruru@kea.test"
    cli("identity", "add", "ruru@kea.test", status=CONFLICT)
    cli("identity", "add", "Admin@kea.test", status=USAGE)
    cli("identity", "add", "kaka@kea.test", "--user", "kaka@example.org", status=NOT_FOUND)
    assert [each["handle"] for each in cli("identity", "list")["identities"]] == ["ruru@kea.test"]
    assert [each["email"] for each in cli("user", "list", "kea.test")["users"]] == ["ruru@example.org"]

    cli("user", "grant", "ruru@example.org", "owner", "kea.test")
    cli("user", "grant", "ruru@example.org", "admin", "host", "--days=7")
    shown = cli("user", "show", "ruru@example.org")
    assert [(each["role"], each["where"], bool(each["until"])) for each in shown["grants"]] == [
        ("admin", "host", True), ("owner", "kea.test", False)]
    assert shown["identities"] == ["ruru@kea.test"]
    cli("user", "grant", "ruru@example.org", "king", "kea.test", status=USAGE)
    cli("user", "revoke", "ruru@example.org", "owner", "kea.test")
    cli("user", "revoke", "ruru@example.org", "owner", "kea.test", status=NOT_FOUND)
    assert cli("user", "ban", "ruru@example.org")["banned"] is True
    assert cli("user", "unban", str(shown["id"]))["banned"] is False
    cli("identity", "delete", "ruru@kea.test", status=USAGE)
    assert cli("identity", "delete", "ruru@kea.test", "--yes")["state"] == "deleted"
    cli("identity", "add", "ruru@kea.test", status=CONFLICT)


def test_invitations(cli):
    cli("domain", "add", "kea.test", "--active")
    once = cli("invite", "add", "kea.test", "--note=for Ana")
    assert once["url"].startswith("https://kea.test/") and once["url"].endswith(once["token"])
    assert once["uses_left"] == 1 and once["expires"]
    free = cli("invite", "add", "kea.test", "--uses=0", "--days=0")
    assert free["uses_left"] is None and free["expires"] is None
    assert [each["id"] for each in cli("invite", "list", "kea.test")["invites"]] == [free["id"], once["id"]]
    cli("invite", "withdraw", "kea.test", once["id"])
    cli("invite", "withdraw", "kea.test", once["id"], status=NOT_FOUND)


def test_work(cli):
    cli("domain", "add", "kea.test")
    standing = cli("stator", "explain", "domain", "kea.test")
    assert standing["state"] == "pending" and "verified" in standing["may_become"]
    assert cli("stator", "retry", "domain", "kea.test")["made_due"] == 1
    assert cli("stator", "retry", "domain")["made_due"] == 0
    [state] = cli("stator", "status")["states"]
    assert (state["type"], state["state"], state["ready"]) == ("domain", "pending", 1)


def test_a_claimed_domain_may_be_given_up(cli):
    cli("domain", "add", "kea.test")
    cli("domain", "delete", "kea.test", "--yes")
    env = options.environment({"database": cli.database.conninfo})
    subprocess.run([lab.PROGRAMS / "rookery-stator", "--once"], env=env, check=True, timeout=60 * lab.PATIENCE)
    assert cli("domain", "show", "kea.test")["state"] == "deleted"
    assert cli("domain", "add", "kea.test")["state"] == "pending"


class Page(http.server.BaseHTTPRequestHandler):
    """Answers every GET with the server's page: (status, text)."""

    def do_GET(self):
        status, text = self.server.page
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


@pytest.fixture
def page(tls_front):
    """What https://kea.test shows under any path."""
    with http.server.HTTPServer(("127.0.0.1", 0), Page) as server:
        server.page = (404, "")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        tls_front({"kea.test": server.server_port})
        yield server
        server.shutdown()
        thread.join()


def test_ownership_by_http(cli, page):
    """A proof that is missing or wrong fails; what could not be asked is not now, and changes nothing."""
    token = cli("domain", "add", "kea.test")["proof"]["token"]
    for status, text, wanted in [(404, token, FAILED), (200, "another text", FAILED), (503, token, LATER)]:
        page.page = (status, text)
        cli("domain", "verify", "kea.test", "--by=http", status=wanted)
        assert cli("domain", "show", "kea.test")["state"] == "pending"
    page.page = (200, token + "\n")
    proved = cli("domain", "verify", "kea.test", "--by=http")
    assert (proved["state"], proved["verified_by"]) == ("verified", "http")


@pytest.fixture
def resolver(tmp_path):
    with Resolver(tmp_path) as made:
        yield made


DNS_ANSWERS = {
    "right": (lambda token: (0, [[token]]), OK),
    "in two strings": (lambda token: (0, [["another"], [token[:7], token[7:]]]), OK),
    "wrong": (lambda token: (0, [[token + "x"], [token[:-1]], [""]]), FAILED),
    "no record": (lambda token: (0, []), FAILED),
    "no such name": (lambda token: (3, []), FAILED),
    "server failure": (lambda token: (2, []), LATER),
    "silence": (lambda token: None, LATER),
}


@pytest.mark.parametrize("what", DNS_ANSWERS)
def test_ownership_by_dns(cli, resolver, what):
    answer, wanted = DNS_ANSWERS[what]
    made = cli("domain", "add", "kea.test")
    resolver.says = answer(made["proof"]["token"])
    cli("domain", "verify", "kea.test", "--by=dns", status=wanted, under=resolver.under)
    assert b"\x08_rookery\x03kea\x04test\0" in resolver.asked[0]
    assert cli("domain", "show", "kea.test")["state"] == ("verified" if wanted == OK else "pending")


def test_both_names_have_to_be_proved(cli, page):
    token = cli("domain", "add", "kea.test", "--service-name=weka.test")["proof"]["token"]
    page.page = (200, token)
    cli("domain", "verify", "kea.test", "--by=http", status=LATER)
    assert cli("domain", "show", "kea.test")["state"] == "pending"


def test_a_name_that_leads_here_proves_itself(site, tls_front):
    """The server shows the token of a pending name, and the stator finds it."""
    tls_front({"tui.test": site.port})
    site.rookery("domain", "add", "tui.test")
    site.rookery("stator", "retry", "domain", "tui.test")
    wait_for(lambda: site.get("https://tui.test/.well-known/rookery-domain").status_code == 200,
             what="the notice of a new tenant")
    site.stator.drain()
    shown = site.rookery("domain", "show", "tui.test")
    assert (shown["state"], shown["verified_by"]) == ("verified", "http")
    assert site.get("https://tui.test/").status_code == 421
    site.rookery("domain", "activate", "tui.test")
    wait_for(lambda: site.get("https://tui.test/about/").status_code == 200, what="the first page of a tenant")


def test_text_for_people(cli):
    done = cli.run("domain", "add", "kea.test", "--active")
    assert done.returncode == OK and "state: active\n" in done.stdout and done.stderr == ""
    table = cli.run("domain", "list").stdout.splitlines()
    assert table[0].split()[:2] == ["id", "name"] and "kea.test" in table[1]
    assert cli.run("--version").stdout.startswith("rookery ")
    assert "rookery domain add NAME" in cli.run("help").stdout
    assert "--service-name=NAME" in cli.run("domain", "add", "--help").stdout
    assert cli.run("domain", "show", "weka.test").stderr == "rookery: there is no domain weka.test\n"


def complete(script, *words):
    line = " ".join(f"'{word}'" for word in words)
    program = f'{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _rookery; echo "${{COMPREPLY[@]}}"'
    return subprocess.run(["bash", "-c", program], text=True, capture_output=True, check=True).stdout.split()


def commands(cli):
    """Every command as its help has it: noun, verb or nothing, options."""
    for line in cli.run("help").stdout.split("\nFor all of them:")[0].splitlines():
        if line.startswith("  rookery "):
            words = line.split()[1:]
            noun, *rest = words
            verb = rest[0] if rest and re.fullmatch("[a-z][a-z-]*", rest[0]) else ""
            yield noun, verb, set(re.findall(r"\[(--[a-z-]+=?)", line))


def test_completion_and_help_know_every_command(cli):
    script = cli.run("completion", "bash").stdout
    manual = (lab.ROOT / "man/rookery.1").read_text()
    seen = list(commands(cli))
    assert len(seen) > 60 and len(set(seen_names := [(noun, verb) for noun, verb, _ in seen])) == len(seen_names)
    for noun, verb, options in seen:
        assert noun in complete(script, "rookery", noun[:2]), noun
        words = [verb] if verb else []
        if verb:
            assert verb in complete(script, "rookery", noun, verb[:1]), (noun, verb)
        for option in options:
            assert option in complete(script, "rookery", noun, *words, "--"), (noun, verb, option)
        one = cli.run("help", noun, *words)
        assert one.returncode == OK and " ".join(["rookery", noun, *words]) in one.stdout, (noun, verb)
        assert cli("help", noun, *words)["text"] == one.stdout
        # The manual has each with its options.
        named = f".It Nm Cm {noun}" + (f" {verb}" if verb else "")
        assert any(line == named or line.startswith(named + " ") for line in manual.splitlines()), (noun, verb)
    # One command has its options explained, a noun its verbs, and what is none is said.
    assert "name of the community" in cli.run("help", "domain", "add").stdout
    assert "rookery domain suspend" in cli.run("help", "domain").stdout
    assert cli.run("help", "nothing").returncode == cli.run("help", "domain", "nothing").returncode == NOT_FOUND


def test_completion(cli):
    script = cli.run("completion", "bash").stdout
    assert complete(script, "rookery", "do") == ["domain", "doctor"]
    assert complete(script, "rookery", "domain", "su") == ["suspend"]
    assert complete(script, "rookery", "domain", "add", "--a") == ["--active"]


def findings(answer):
    return {each["check"]: each["well"] for each in answer["findings"]}


def test_check_and_doctor(site, tls_front):
    tls_front({"kea.test": site.port, "weka.test": site.port})
    checked = site.rookery("domain", "check", "kea.test")
    assert findings(checked) == {check: True for check in
                                 ("dns", "webfinger", "host-meta", "nodeinfo", "actor", "inbox")}
    site.stator.start()
    seen = findings(site.rookery("doctor"))
    assert all(seen.values()) and {"server", "database", "clock", "roles", "stator", "work"} <= set(seen)


def test_show_tells_of_each_name(site, tls_front):
    tls_front({"kea.test": site.port})
    shown = site.rookery("domain", "show", "kea.test")
    [seen] = shown["names"]
    assert seen["addresses"] == ["10.7.0.1"] and seen["issuer"] and not seen["certificate"]
    assert seen["expires"] > "2026" and seen["last_error"] == ""
    # The lab's addresses are of no interface but loopback: somebody else's, or behind a router.
    assert not seen["here"] and "none of these addresses is this machine's" in seen["todo"]
    assert shown["verified_by"] == "operator" and "proof" not in shown
    # Nothing answers for that name there.
    [other] = site.rookery("domain", "show", "weka.test")["names"]
    assert other["certificate"] and other["todo"] and "expires" not in other or other["expires"] is None
    site.rookery("domain", "add", "gone.example", "--active")
    [gone] = site.rookery("domain", "show", "gone.example")["names"]
    assert gone["addresses"] == [] and gone["dns"] and "A or AAAA" in gone["todo"]
    # A pending one is told what to publish, and nobody is asked when nobody shall be.
    site.rookery("domain", "add", "soon.example", "--service-name=social.soon.example")
    soon = site.rookery("domain", "show", "soon.example")
    assert [one["name"] for one in soon["names"]] == ["soon.example", "social.soon.example"]
    assert soon["proof"]["txt_name"] == "_rookery.soon.example" and soon["records"]
    assert "names" not in site.rookery("domain", "show", "soon.example", "--quick")
    people = site.run("rookery", "domain", "show", "soon.example").stdout
    assert "social.soon.example" in people and "A or AAAA" in people


def test_check_of_a_name_that_leads_elsewhere(cli, page):
    page.page = (200, "welcome to another server")
    cli("domain", "add", "kea.test", "--active")
    checked = cli("domain", "check", "kea.test", status=FAILED)
    assert findings(checked) == {"dns": True, "webfinger": False, "host-meta": False, "nodeinfo": False,
                                 "actor": False, "inbox": False}
    assert all(each["advice"] for each in checked["findings"] if not each["well"])
    cli("domain", "suspend", "kea.test")
    done = cli.run("domain", "check", "kea.test")
    assert done.returncode == FAILED and "WRONG state kea.test" in done.stdout


def test_webhooks(cli):
    cli("domain", "add", "kea.test", "--active")
    cli("domain", "add", "weka.test", "--active")
    made = cli("webhook", "add", "kea.test", "https://hooks.example/x", "--events=report.created, account.created")
    assert len(made["secret"]) > 20 and made["events"] == ["report.created", "account.created"]
    for wrong in (("ftp://hooks.example/", "--events=report.created"), ("https://hooks.example/",),
                  ("https://hooks.example/", "--events=nothing"),
                  ("https://hooks.example/", "--events=report.created", "--template=no json")):
        assert error(cli("webhook", "add", "kea.test", *wrong, status=USAGE)) == "invalid"
    [listed] = cli("webhook", "list", "kea.test")["webhooks"]
    assert listed["id"] == made["id"] and "secret" not in listed
    assert cli("webhook", "list", "weka.test") == {"webhooks": []}
    # Another domain's is none of it.
    for verb in ("show", "test", "remove"):
        cli("webhook", verb, "weka.test", made["id"], status=NOT_FOUND)
        cli("webhook", verb, "kea.test", "x", status=USAGE)
    [told] = cli("webhook", "test", "kea.test", made["id"])["calls"]
    assert told["event"] == "test"
    assert cli("webhook", "show", "kea.test", made["id"])["calls"] == [told]
    assert cli("webhook", "remove", "kea.test", made["id"])["removed"]
    assert cli("webhook", "list", "kea.test") == {"webhooks": []}
    actions = [row["action"] for row in cli.database.sql("select action from audit_log order by id")]
    assert actions[-3:] == ["webhook.add", "webhook.test", "webhook.remove"]


# Credentials of the service manager

def with_credentials(cli, directory):
    return cli.run("domain", "list", under=["/usr/bin/env", f"CREDENTIALS_DIRECTORY={directory}"])


def test_a_credential_goes_before_the_option(cli, tmp_path):
    assert with_credentials(cli, tmp_path).returncode == OK  # none is there
    (tmp_path / "database").write_text("host=/nowhere dbname=rookery\n")
    done = with_credentials(cli, tmp_path)
    assert done.returncode != OK and "/nowhere" in done.stderr


def test_a_credential_that_cannot_be_read_is_no_default(cli, tmp_path):
    (tmp_path / "database").mkdir()
    done = with_credentials(cli, tmp_path)
    assert done.returncode == USAGE and "credential database" in done.stderr


def test_check_of_a_demo_with_a_port(cluster, template, tmp_path):
    """As "make run" has them: plain http, and a port in the name."""
    database = cluster.create_numbered(template)
    site = Site(database, tmp_path, development="true")
    site.options["fetch_allow"] = f"127.0.0.1:{site.port}"
    name = f"kea.localhost:{site.port}"
    try:
        site.rookery("domain", "add", name, "--active")
        site.rookery("identity", "add", f"ruru@{name}")
        site.start()
        checked = site.rookery("domain", "check", name)
        assert findings(checked) == {check: True for check in
                                     ("dns", "webfinger", "host-meta", "nodeinfo", "actor", "inbox")}
        [seen] = site.rookery("domain", "show", name)["names"]
        assert seen["name"] == name and seen["certificate"] == ""
    finally:
        site.stop()
        database.drop()


@pytest.mark.parametrize("options, named", [({}, []), ({"smtp_password": "hush"}, ["smtp_password"]),
                                            ({"media_s3_secret": "hush"}, ["media_s3_secret"])])
def test_the_doctor_names_secrets_that_are_not_put_away(site, options, named):
    site.options.update(options)
    done = site.run("rookery", "doctor", "--json")
    said = [found for found in json.loads(done.stdout)["findings"] if found["check"] == "secrets"]
    assert [found["says"].split()[0] for found in said] == named
    assert all("rookery secret set" in found["advice"] for found in said) and "hush" not in done.stdout


def test_the_doctor_names_a_password_of_the_database(site):
    site.options["database"] += " password=hush"
    done = site.run("rookery", "doctor", "--json")
    [found] = [found for found in json.loads(done.stdout)["findings"] if found["check"] == "secrets"]
    assert found["says"].startswith("database ") and "hush" not in done.stdout

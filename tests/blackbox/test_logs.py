# SPDX-License-Identifier: AGPL-3.0-or-later
"""One id from a request through the rows that it makes to what stators do with them, and no private data on the way."""

import json
import re
import subprocess

import pytest

from harness import activity, lab, media
from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.journal import Journal
from harness.objects import ObjectStore
from harness.wait import wait_for
from harness.world import world_of


@pytest.fixture
def world(site):
    yield from world_of(site)


def files(site):
    site.options["log_files"] = " ".join(str(daemon.log_path) for daemon in (site.server, *site.stator.daemons))


def request_id(answer):
    number = answer.headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{16}", number)
    return number


def test_from_a_request_to_its_deliveries(site, world):
    world.follower(world.ruru)
    answer = Api(site).ask("POST", "/api/v1/statuses", data={"status": "a hidden kakapo"})
    number = request_id(answer)
    world.peer.wait(lambda: world.peer.inbox("Create"))
    world.settle()
    work = site.rookery("stator", "trace", number)["work"]
    assert ("post", answer.json()["id"], "fanned_out") in [(one["type"], one["id"], one["state"]) for one in work]
    [delivery] = [one for one in work if one["type"] == "delivery"]
    assert delivery["state"] == "sent" and delivery["attempts"] == 0
    assert site.rookery("stator", "explain", "delivery", delivery["id"])["request"] == number
    files(site)
    lines = site.rookery("logs", f"--request={number}")["lines"]
    said = [(one["unit"].rsplit("/", 1)[1], one["message"]) for one in lines]
    assert [text for unit, text in said if unit == "rookery-server.log" and "event=request method=POST "
            "route=\"/api/v1/statuses\" status=200" in text]
    jobs = [text for unit, text in said if unit == "rookery-stator.log"]
    assert any("type=post" in text for text in jobs) and any("type=delivery" in text for text in jobs)
    # All of it is one tree.
    spans = [spans_of(text) for _, text in said]
    assert {own for own, _ in spans if own == number} and all(parent == ("" if own == number else number)
                                                              for own, parent in spans)
    # Another request is another unit, with work of its own.
    other = request_id(Api(site).ask("POST", "/api/v1/statuses", data={"status": "second"}))
    assert other != number
    assert delivery["id"] not in [one["id"] for one in site.rookery("stator", "trace", other)["work"]]


def spans_of(line):
    """The span that a line is of, and the one above it."""
    found = re.match(r"(?:<.>)?req=[0-9a-f]{16} span_id=([0-9a-f]{16}) (?:parent_span_id=([0-9a-f]{16}) )?(?!p)", line)
    return found[1], found[2] or ""


def test_what_came_in_is_followed_as_well(site, world):
    fan = world.actor("fan")
    answer = fan.send(site, "https://kea.test/inbox/", activity.follow(fan, world.ruru.uri))
    world.settle()
    types = {one["type"] for one in site.rookery("stator", "trace", request_id(answer))["work"]}
    assert {"inbox", "follow"} <= types


def test_nobody_outside_says_which_id(site):
    given = {"X-Request-Id": "0123456789abcdef", "traceparent": TRACE}
    assert request_id(site.get("https://kea.test/about/", headers=given)) != "0123456789abcdef"


TRACE = "00-" + "a" * 16 + "0123456789abcdef-1111111111111111-01"


@pytest.mark.options(traceparent="true")
def test_the_proxys_span_is_above_the_request(site):
    def spans(value):
        number = request_id(site.get("https://kea.test/about/", headers={"traceparent": value}))
        [line] = [line for line in site.server.log().splitlines() if f"req={number} " in line and "event=req" in line]
        own, parent = spans_of(line)
        assert own == number
        return parent

    assert spans(TRACE) == "1111111111111111"
    for number, wrong in enumerate(("", "111111111111111", "1" * 17, "x" * 16, "0" * 16)):
        assert spans(TRACE.replace("1" * 16, wrong).replace("0123", f"{number:04x}")) == ""


@pytest.mark.options(traceparent="true")
def test_nobody_else_gets_an_id(site, world):
    """Other servers could see by it whose posts were made together, and who reads what."""
    store = ObjectStore("peer7.test")
    site.options.update(store.options())
    site.server.env = site.environment()
    site.restart()
    site.stator.stop()
    site.stator.start()
    world.follower(world.ruru)
    world.peer.clear()
    ruru = Api(site)
    ids = [request_id(ruru.ask("POST", "/api/v1/statuses", headers={"traceparent": TRACE},
                               data={"status": "for everybody"}))]
    assert ids == ["0123456789abcdef"]
    upload = media.upload(ruru, media.png(4, 4))
    ids.append(request_id(upload))
    ids.append(request_id(ruru.ask("GET", "/api/v2/search", params={"q": "@nobody@peer1.test", "resolve": "true"})))
    world.peer.wait(lambda: world.peer.inbox("Create") and world.peer.requests("GET"))
    world.settle()
    spans = set(ids) | set(re.findall(r"(?:span_id|req)=([0-9a-f]{16})", site.server.log() + site.stator.daemon.log()))
    heads = [one.request.headers for one in world.peer.requests()] + store.heads
    store.close()
    assert store.heads and len(heads) > len(store.heads) + 1
    for head in heads:
        assert not {name.lower() for name in head} & {"traceparent", "tracestate", "x-request-id", "baggage"}
        text = json.dumps(head)
        assert not [number for number in spans if number in text], text


@pytest.mark.options(traceparent="true")
def test_the_proxy_may_say_it(site):
    def ask(value, **more):
        return request_id(site.get("https://kea.test/about/", headers={"traceparent": value}, **more))

    assert ask(TRACE) == "0123456789abcdef"
    for wrong in ("00-0123456789abcdef-1111111111111111-01", TRACE.upper(), TRACE.replace("f-", "x-"), "", "-" * 55,
                  "00-" + "0" * 32 + "-1111111111111111-01"):
        assert ask(wrong) not in ("0123456789abcdef", "0" * 16)


def test_logs_of_a_tenant(site):
    Browser(site, "kea.test").log_in("ruru@example.org", PASSWORD)
    Browser(site, "weka.test").log_in("ruru@example.org", PASSWORD)
    files(site)
    ids = {row["name"]: row["id"] for row in site.sql("select id, name from domains")}
    lines = site.rookery("logs", "--tenant=weka.test")["lines"]
    assert lines and all(f"domain={ids['weka.test']} " in one["message"] for one in lines)
    assert len(site.rookery("logs", "--lines=1")["lines"]) == 1
    text = site.run("rookery", "logs", "--tenant", "weka.test").stdout
    assert "rookery-server.log: req=" in text
    for wrong in (["--request=x"], ["--lines=0"], ["--lines=99999"]):
        assert site.run("rookery", "logs", *wrong).returncode == 2
    assert site.run("rookery", "logs", "--tenant=nobody.test").returncode == 3


def test_logs_are_followed(site):
    files(site)
    with subprocess.Popen([lab.PROGRAMS / "rookery", "logs", "--follow"], env=site.environment(), text=True,
                          stdout=subprocess.PIPE) as child:
        lines = []

        def one_more():
            lines.append(Browser(site, "kea.test").log_in("ruru@example.org", PASSWORD))
            return child.poll() is None and len(lines) > 2

        wait_for(one_more, what="some log-ins")
        assert "event=request" in child.stdout.readline()
        child.kill()


def with_journal(site, tmp_path, entry, *args):
    """A machine with systemd, as far as the command sees; the file argv has what its journal was asked."""
    (tmp_path / "bin").mkdir(exist_ok=True)
    fake = tmp_path / "bin" / "journalctl"
    fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/argv\necho \'{json.dumps(entry)}\'\n')
    fake.chmod(0o755)
    script = 'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && exec "$@"'
    env = {**site.environment(database=site.database.conninfo), "PATH": f"{tmp_path}/bin:/usr/bin:/bin"}
    return subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", lab.PROGRAMS / "rookery", *args], env=env,
                          text=True, capture_output=True, check=True, timeout=60 * lab.PATIENCE)


def test_what_is_given_away_has_no_lines_of_others(site, tmp_path):
    """The proxy's have addresses of visitors, the database's what statements held."""
    entry = {"_SYSTEMD_UNIT": "rookery-server.service", "PRIORITY": "6", "MESSAGE": "event=start threads=7"}
    with_journal(site, tmp_path, entry, "support", f"--output={tmp_path}/bundle.json")
    assert "threads=7" in (tmp_path / "bundle.json").read_text()
    units = [arg for arg in (tmp_path / "argv").read_text().splitlines() if arg.startswith("--unit")]
    assert units == ["--unit=rookery-*"]


def test_the_journal_is_asked_with_what_was_typed(site, tmp_path):
    entry = {"__REALTIME_TIMESTAMP": "1798761600000000", "_SYSTEMD_UNIT": "rookery-server.service", "PRIORITY": "6",
             "MESSAGE": "req=0123456789abcdef domain=1 event=request"}
    done = with_journal(site, tmp_path, entry, "logs", "--json", "--request=0123456789abcdef", "--tenant=kea.test",
                        "--since=1 hour ago; reboot")
    [line] = json.loads(done.stdout)["lines"]
    assert line == {"time": "2027-01-01T00:00:00.000Z", "unit": "rookery-server.service", "priority": "6",
                    "message": entry["MESSAGE"]}
    argv = (tmp_path / "argv").read_text().splitlines()
    assert "--since=1 hour ago; reboot" in argv
    assert {"--unit=rookery-*", "--unit=caddy.service", "--unit=postgresql*"} <= set(argv)
    assert "REQUEST_ID=0123456789abcdef" in argv
    assert any(re.fullmatch(r"TENANT=\d+", arg) for arg in argv)


def test_what_journalctl_refuses_is_said(site, tmp_path):
    (tmp_path / "bin").mkdir()
    for name, says in (("journalctl", "Failed to parse timestamp: nonsense"),
                       ("systemctl", "Failed to connect to bus")):
        (tmp_path / "bin" / name).write_text(f'#!/bin/sh\necho "{says}" >&2\nexit 1\n')
        (tmp_path / "bin" / name).chmod(0o755)
    script = 'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && exec "$@"'
    env = {**site.environment(), "PATH": f"{tmp_path}/bin:/usr/bin:/bin"}

    def run(*words):
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", lab.PROGRAMS / "rookery", *words, "--json"],
                              env=env, text=True, capture_output=True, check=False, timeout=60 * lab.PATIENCE)
        return done.returncode, json.loads(done.stdout)

    status, answer = run("logs", "--since=nonsense")
    assert status == 1 and answer["error"]["message"] == "journalctl: Failed to parse timestamp: nonsense"
    [units] = [one for one in run("doctor")[1]["findings"] if one["check"] == "units"]
    assert units["advice"] and "Failed to connect to bus" in units["says"]


@pytest.fixture
def journal():
    made = Journal()
    yield made
    made.close()


def test_fields_in_the_journal(site, journal):
    """With a real journald: what a request did, in the server and in a stator, is found by fields."""
    site.server.stop()
    site.server.argv = journal.wrap(*site.server.argv)
    before = site.server.log()
    site.options["log_level"] = "debug"
    site.server.env = site.environment()
    site.server.start()
    site.stator.wrap = journal.wrap
    site.stator.start()
    answer = Api(site).ask("POST", "/api/v1/statuses", data={"status": "a hidden kakapo"})
    number = request_id(answer)
    site.stator.settle()
    [row] = site.sql("select domain_id, author_id from posts where id = %s", answer.json()["id"])
    [said] = [one for one in journal.entries(f"REQUEST_ID={number}", "SYSLOG_IDENTIFIER=rookery-server")
              if "event=request" in one["MESSAGE"]]
    assert said["_TRANSPORT"] == "journal" and said["PRIORITY"] == "6"
    assert (said["TENANT"], said["IDENTITY"]) == (str(row["domain_id"]), str(row["author_id"]))
    assert said["MESSAGE"].startswith(f"req={number} span_id={number} domain={row['domain_id']} ")
    assert (said["TRACE_ID"], said["SPAN_ID"]) == ("0" * 16 + number, number)
    assert not {"JOB_TYPE", "PARENT_SPAN_ID"} & set(said)
    jobs = journal.entries(f"REQUEST_ID={number}", "SYSLOG_IDENTIFIER=rookery-stator")
    assert ("post", answer.json()["id"]) in {(one.get("JOB_TYPE"), one.get("JOB_ID")) for one in jobs}
    assert {(one["TRACE_ID"], one["PARENT_SPAN_ID"]) for one in jobs} == {("0" * 16 + number, number)}
    # Each attempt has a span of its own, and what was said of it has the same.
    attempts = {(one["JOB_TYPE"], one["JOB_ID"], one["SPAN_ID"]) for one in jobs}
    assert len({span for _, _, span in attempts} | {number}) == len(attempts) + 1
    [span] = [span for kind, _, span in attempts if kind == "post"]
    assert len(journal.entries("JOB_TYPE=post", f"SPAN_ID={span}")) > 1
    [one] = [one for one in journal.entries("JOB_TYPE=post", f"JOB_ID={answer.json()['id']}")
             if "event=job_begin" in one["MESSAGE"]][:1]
    assert one["PRIORITY"] == "7" and one["TENANT"] == str(row["domain_id"])
    names = {name for entry in journal.entries() for name in entry
             if entry["SYSLOG_IDENTIFIER"].startswith("rookery-")}
    assert {name for name in names if not name.startswith("_")} <= {
        "MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "REQUEST_ID", "TRACE_ID", "SPAN_ID", "PARENT_SPAN_ID", "TENANT",
        "IDENTITY", "JOB_TYPE", "JOB_ID"}
    assert not any("kakapo" in str(entry) for entry in journal.entries())
    assert site.server.log() == before


@pytest.mark.options(log_level="info")
def test_a_requests_work_is_told_at_the_usual_level(site, world):
    """One line when a job ends and one when its attempt fails; none of work that no request made."""
    world.follower(world.ruru)
    world.peer.answer("/inbox", status=503)
    number = request_id(Api(site).ask("POST", "/api/v1/statuses", data={"status": "a hidden kakapo"}))
    site.sql("insert into hashtags (name) values ('birds')")
    world.settle()
    lines = [line for line in site.stator.daemon.log().splitlines() if "event=job" in line]
    told = [line for line in lines if f"req={number} " in line]
    [post] = [line for line in told if "type=post" in line]
    assert "event=job_end" in post and "state=new next=fanned_out ms=" in post
    [failed] = [line for line in told if "type=delivery" in line]
    assert "event=job_failed" in failed and "state=waiting error=" in failed and " ms=" in failed
    assert not [line for line in lines if "type=hashtag" in line] and "kakapo" not in "".join(lines)


def test_another_stream_gets_lines(site, journal):
    """Standard error was led elsewhere than JOURNAL_STREAM says: lines with their priority, as without a journal."""
    site.server.stop()
    site.server.argv = journal.wrap(*site.server.argv, stream="1:2")
    site.server.start()
    site.server.stop()
    [said] = [one for one in journal.entries() if "event=start" in one["MESSAGE"]]
    assert said["_TRANSPORT"] == "stdout" and said["PRIORITY"] == "6" and said["MESSAGE"].startswith("event=start ")


def test_logs_tell_nothing_private(site, world):
    """At the level that tells most: neither words nor addresses nor secrets."""
    ruru = Api(site)
    ruru.post("/api/v1/statuses", status="a secret kakapo", visibility="direct")
    browser = Browser(site, "kea.test")
    browser.log_in("ruru@example.org", PASSWORD)
    site.get("https://kea.test/auth/reset/verysecrettoken/?token=alsosecret")
    site.get("https://kea.test/search/?q=whatisearch", headers={"Accept": "text/html"})
    media.upload(ruru, media.png(4, 4))
    world.settle()
    text = site.server.log() + site.stator.daemon.log()
    for secret in ("kakapo", "ruru@example.org", PASSWORD, "verysecrettoken", "alsosecret", "whatisearch", ruru.token,
                   "203.0.113.7"):
        assert secret not in text, secret

# SPDX-License-Identifier: AGPL-3.0-or-later
"""By the keyboard alone, without scripts: logging in, writing, answering, reporting. What has the focus shows it."""

import json
import subprocess

import pytest

from harness import lab, news
from harness.api import Api
from harness.fixtures import PASSWORD
from harness.front import TlsFront
from harness.programs import node


def walk(site, steps):
    """What keys.mjs says of these steps."""
    with TlsFront({"kea.test": site.port}):
        done = subprocess.run([node(), lab.ROOT / "tests/browser/keys.mjs", "https://kea.test", json.dumps(steps)],
                              text=True, capture_output=True, check=False, timeout=300 * lab.PATIENCE)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def log_in(email):
    return ["/auth/login/", ["a.skip", ""], ["#email", email], ["#password", PASSWORD], ["main button", "Enter"]]


@pytest.fixture
def walked(site):
    post = Api(site, "toroa@kea.test").post("/api/v1/statuses", status="Buy eggs")["id"]
    site.stator.drain()
    steps = [
        log_in("ruru@example.org"),
        ["/compose/", ["#compose-text", "By keys alone"], ["main .send button", "Enter"]],
        ["/local/", [f"a.action.reply[href$='={post}']", "Enter"], ["#compose-text", "No thanks"],
         ["main .send button", "Enter"]],
        [f"/@toroa/report/?post={post}", ["#comment", "It sells"], ["main .ends button", "Enter"]],
    ]
    return walk(site, steps)


def test_everything_is_reached_and_shows_it(site, walked):
    steps = [one for one in walked if "selector" in one]
    assert [one for one in steps if one["tabs"] < 0 or not one["seen"]] == []
    assert steps[0]["tabs"] == 1, "the first Tab leads to the link past the menu"
    texts = [one["text"] for one in walked if "at" in one]
    assert "By keys alone" in texts[1] and "No thanks" in texts[2] and "Thank you" in texts[3]
    assert site.value("select comment from reports") == "It sells"


def test_staff_deals_with_a_report(site):
    """From the overview to the decision: taken on, noted, decided. No page of the staff keeps the focus."""
    site.rookery("user", "add", "boss@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    site.rookery("identity", "add", "boss@kea.test", "--user", "boss@example.org")
    news.grant(site, "boss@example.org", "kea.test", "owner")
    Api(site, "ruru@kea.test").post("/api/v1/reports", account_id=Api(site, "toroa@kea.test").id, comment="It sells")
    case = f"/staff/reports/{site.value('select id from reports')}/"
    pages = ["/staff/", case, "/staff/people/", "/staff/branding/", "/staff/servers/", "/staff/audit/"]
    walked = walk(site, [
        log_in("boss@example.org"),
        *([page, ["around", ""]] for page in pages),
        ["/staff/", ["a.skip", "Enter"], [".tiles a[href='/staff/reports/']", "Enter"],
         ["main table a", "Enter"]],
        [case, ["form[action$='/claim/'] button", "Enter"]],
        [case, ["#note", "Seen by keys"], ["form[action$='/note/'] .ends button", "Enter"]],
        [case, ["#action", "W"], ["#text", "Please sell no eggs."], ["form[action$='/act/'] .ends button", "Enter"]],
    ])
    steps = [one for one in walked if "selector" in one]
    assert [one for one in steps if one["tabs"] < 0 or not one["seen"]] == []
    rounds = [one for one in walked if "around" in one]
    assert [one["around"] for one in rounds] == pages
    assert [one for one in rounds if one["dull"] or not one["ends"] or one["stops"] < 10] == []
    assert [one["at"] for one in walked if "at" in one][len(pages) + 1] == case
    assert site.value("select count(*) from warnings where text = 'Please sell no eggs.'") == 1
    assert site.value("select count(*) from case_events where kind = 'claim'") == 1
    assert site.value("select count(*) from reports where resolved is not null") == 1

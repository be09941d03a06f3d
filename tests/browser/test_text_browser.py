# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody with a text browser (w3m), which knows no styles and runs no scripts: joins, writes, and reports; deals
with a report as staff. What is to be read is read as w3m shows it, and each form is sent as its page has it, with what
w3m keeps as cookies."""

import subprocess
import urllib.parse

import pytest

from harness import lab, news
from harness.api import Api
from harness.browser import Page
from harness.fixtures import PASSWORD
from harness.front import TlsFront
from harness.wait import wait_for

ORIGIN = "https://kea.test"


class Answer:
    """What Page needs of an answer."""

    def __init__(self, path, text):
        self.url, self.text, self.status_code = ORIGIN + path, text, 200
        self.headers = {"content-type": "text/html"}


class W3m:
    def __init__(self, directory):
        self.directory = directory
        (directory / ".w3m").mkdir()

    def _run(self, how, path, *more):
        options = {"ssl_ca_file": lab.directory() / "ca.crt", "ssl_verify_server": 1, "accept_cookie": 1,
                   "use_cookie": 1}
        argv = ["w3m", how, "-cols", "100", *(word for name, value in options.items()
                                              for word in ("-o", f"{name}={value}")), *more, ORIGIN + path]
        done = subprocess.run(argv, env={"HOME": str(self.directory), "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
                              capture_output=True, text=True, check=False, timeout=60 * lab.PATIENCE,
                              stdin=subprocess.DEVNULL)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def read(self, path):
        """A page as it is read."""
        return " ".join(self._run("-dump", path).split())

    def source(self, path, *more):
        """A page as it came, with the forms that are on it."""
        return Page(None, Answer(path, self._run("-dump_source", path, *more)))

    def send(self, page, form, **typed):
        """Fills in a form of a page and sends it; gives the page that comes."""
        found = page.form_of(form)
        body = self.directory / "form"
        body.write_text(urllib.parse.urlencode({**found.fields, **typed}))
        return self.source(urllib.parse.urljoin(page.url, found.action).removeprefix(ORIGIN), "-post", str(body))


@pytest.fixture
def w3m(site, tmp_path):
    site.rookery("domain", "set", "kea.test", "sign_up", "open")
    with TlsFront({"kea.test": site.port}):
        yield W3m(tmp_path)


def test_joins_writes_and_reports(site, w3m):
    eggs = Api(site, "toroa@kea.test").post("/api/v1/statuses", status="Buy eggs")["id"]
    site.stator.drain()
    page = w3m.read("/auth/signup/")
    for words in ("Join kea.test", "User name", "E-mail address", "Password", "At least 10 characters"):
        assert words in page
    typed = {"username": "moa", "email": "moa@example.org", "password": "correct horse battery"}
    answer = w3m.source("/auth/signup/")

    def press():
        nonlocal answer
        answer = w3m.send(answer, "/auth/signup/", **typed)
        return "once more" not in answer.text  # who is quick is asked whether it was meant so

    wait_for(press, what="joining")
    assert "It is quiet here" in w3m.read("/"), answer.text

    for words in ("Text of the post", "Up to 5000 characters", "Who may see it"):
        assert words in w3m.read("/compose/")
    assert "From a terminal" in w3m.send(w3m.source("/compose/"), "/compose/", text="From a terminal").text
    assert site.value("select count(*) from posts where content like '%%From a terminal%%'") == 1

    assert "Buy eggs" in w3m.read("/local/")
    page = f"/@toroa/report/?post={eggs}"
    for words in ("Report toroa", "What is wrong?", "What else should we know?"):
        assert words in w3m.read(page)
    answer = w3m.send(w3m.source(page), "/@toroa/report/", comment="It sells", category="spam")
    assert "Thank you" in answer.text
    assert site.value("select comment from reports") == "It sells"


def test_staff_deals_with_a_report_and_changes_a_rule(site, w3m):
    site.rookery("user", "add", "boss@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    site.rookery("identity", "add", "boss@kea.test", "--user", "boss@example.org")
    news.grant(site, "boss@example.org", "kea.test", "owner")
    Api(site, "ruru@kea.test").post("/api/v1/reports", account_id=Api(site, "toroa@kea.test").id, comment="It sells")
    w3m.send(w3m.source("/auth/login/"), "/auth/login/", email="boss@example.org", password=PASSWORD)
    report = site.value("select id from reports")
    assert "It sells" in w3m.read("/staff/reports/") + w3m.read(f"/staff/reports/{report}/")
    w3m.send(w3m.source(f"/staff/reports/{report}/"), f"/staff/reports/{report}/resolve/")
    assert site.value("select count(*) from reports where resolved is not null") == 1

    page = w3m.source("/staff/rules/")
    page.forms = page.forms_to("/staff/rules/")[-1:]
    w3m.send(page, "/staff/rules/", text="Be kind")
    rule = site.value("select max(id) from rules")
    page = w3m.source(f"/staff/rules/{rule}/")
    page.forms = [form for form in page.forms if form.fields.get("text") == "Be kind"]
    w3m.send(page, f"/staff/rules/{rule}/", text="Be very kind")
    assert "Be very kind" in w3m.read("/about/")


def test_an_owner_runs_a_community(site, w3m):
    """Its name, an invitation, a blocked server and a decision about somebody: all from a terminal."""
    site.rookery("user", "add", "boss@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    site.rookery("identity", "add", "boss@kea.test", "--user", "boss@example.org")
    news.grant(site, "boss@example.org", "kea.test", "owner")
    w3m.send(w3m.source("/auth/login/"), "/auth/login/", email="boss@example.org", password=PASSWORD)

    for words in ("Name", "In one sentence", "What strangers see first"):
        assert words in w3m.read("/staff/branding/")
    w3m.send(w3m.source("/staff/branding/"), "/staff/branding/", title="Kea Nest", description="Birds of the south")
    wait_for(lambda: "Kea Nest" in w3m.read("/about/"), what="the new name")
    assert "Birds of the south" in w3m.read("/about/")

    page = w3m.source("/staff/invites/")
    page.forms = [form for form in page.forms if "uses" in form.fields]
    assert "For a friend" in w3m.send(page, "/staff/invites/", note="For a friend", uses="1").text
    assert site.value("select uses_left from invites where note = 'For a friend'") == 1

    page = w3m.source("/staff/servers/at/bad.test/")
    page.forms = [form for form in page.forms if "public_comment" in form.fields]
    w3m.send(page, "/staff/servers/at/bad.test/", severity="block", reason="Spam")
    assert "bad.test" in w3m.read("/staff/servers/")
    assert site.value("select severity from server_limits where host = 'bad.test'") == "block"

    toroa = site.value("select id from identities where username = 'toroa' order by id limit 1")
    page = w3m.source(f"/staff/people/{toroa}/")
    w3m.send(page, f"/staff/people/{toroa}/act/", action="silence", text="Too loud at night.")
    assert "Too loud at night." in w3m.read(f"/staff/people/{toroa}/")
    assert "Limited" in w3m.read(f"/staff/people/{toroa}/")

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Joining by pages and by programs: who may, what is asked, the letter that confirms an address, what nobody learns."""

import datetime
import re

import pytest

from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.join import stamp
from harness.mail import MailServer
from harness.oauth import Program
from harness.wait import wait_for

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")
KNOWN = "ruru@example.org"
ADDRESS = "kaka@example.org"


def mode(site, what, domain="kea.test"):
    site.rookery("domain", "set", domain, "sign_up", what)
    site.restart()


@pytest.fixture
def server(site):
    made = MailServer()
    made.use(site)
    mode(site, "open")
    yield made
    made.close()


def browser(site, domain="kea.test"):
    return Browser(site, domain)


def join(site, domain="kea.test", status=303, **fields):
    """The page after the form of somebody who took their time."""
    form = browser(site, domain).get("/auth/signup/").form("signup/")
    return form.press(**{"username": "kaka", "email": ADDRESS, "password": PASSWORD, "stamp": stamp(site, domain),
                         "status": status, **fields})


def letter(site, server, n=1):
    site.stator.drain()
    taken = server.take(n)
    return taken[0] if n == 1 else taken


def path_of(link):
    return re.sub(r"https://[^/]+", "", link)


def log_in(site, email=ADDRESS, password=PASSWORD, status=303, domain="kea.test"):
    return browser(site, domain).log_in(email, password, status=status)


def identity(site, name):
    return site.sql("select i.id from identities i where i.username = %s and i.deleted is null", name)


def test_an_address_is_confirmed_by_a_button(site, server):
    page = join(site)
    assert page.path == "/auth/confirm/" and "letter" in page.text
    came = letter(site, server)
    assert came.to == ADDRESS and came.recipients == [ADDRESS]
    link = path_of(came.link("/auth/confirm/?token="))
    assert "not confirmed" in log_in(site, status=403).text
    # Programs that look at links of letters confirm nothing.
    stranger = browser(site)
    for _ in range(2):
        page = stranger.get(link)
        assert site.value("select confirmed from users where email = %s", ADDRESS) is None
    assert "no-store" in page.answer.headers["cache-control"]
    done = page.form("confirm/").press()
    assert done.path == "/auth/confirmed/"
    assert "@kaka@kea.test" in log_in(site).text
    # It works once.
    stranger.send("POST", "/auth/confirm/", {"token": link.split("=")[1]}, 404)
    assert browser(site).get(link, 404).forms_to("confirm/") == []


def test_the_link_is_stored_as_a_hash_and_the_letter_forgets_it(site, server):
    join(site)
    secret = site.value("select secret from mails")
    assert secret
    token = letter(site, server).link("/auth/confirm/").split("=")[1]
    assert token == secret and site.value("select secret from mails") == ""
    assert token not in str(site.sql("select * from mail_links")) + str(site.sql("select * from mails"))


def test_a_link_ends_by_itself_and_is_of_its_tenant_and_purpose(site, server):
    join(site)
    link = path_of(letter(site, server).link("/auth/confirm/"))
    token = link.split("=")[1]
    weka = browser(site, "weka.test")
    weka.get(link, 404)
    weka.send("POST", "/auth/confirm/", {"token": token}, 404)
    browser(site).send("POST", "/auth/reset/", {"token": token, "password": PASSWORD}, 404)
    browser(site).send("POST", "/auth/change/", {"token": token}, 404)
    site.sql("update mail_links set expires = now() - interval '1 second'")
    browser(site).send("POST", "/auth/confirm/", {"token": token}, 404)
    assert site.value("select confirmed from users where email = %s", ADDRESS) is None


def test_what_was_not_confirmed_is_removed_and_its_name_is_free(site, server):
    join(site)
    letter(site, server)
    site.stator.drain()
    assert identity(site, "kaka")
    site.sql("update identity_limits set unconfirmed = unconfirmed - interval '3 days'")
    site.stator.drain()
    assert identity(site, "kaka") == []
    join(site, email="other@example.org")
    link = path_of(letter(site, server).link("/auth/confirm/"))
    browser(site).get(link).form("confirm/").press()
    site.sql("update identity_limits set unconfirmed = unconfirmed - interval '3 days'")
    site.stator.drain()
    assert identity(site, "kaka")


def without_fields(page):
    return re.sub(r'value="[^"]*"', "", page.markup)


def test_nobody_learns_who_has_an_account(site, server):
    """A taken address answers as a new one does; its owner hears of it, and nothing of theirs changes."""
    before = site.sql("select id, email, password, confirmed from users order by id")
    new, taken = (join(site, username=name, email=email, password="another password")
                  for name, email in (("one", ADDRESS), ("two", KNOWN)))
    assert (new.status, new.path, without_fields(new)) == (taken.status, taken.path, without_fields(taken))
    letters = {one.to: one for one in letter(site, server, 2)}
    assert "Confirm" in letters[ADDRESS].subject
    owner = letters[KNOWN]
    assert "already" in owner.text and not [link for link in owner.links if "token" in link]
    assert site.sql("select id, email, password, confirmed from users order by id")[:len(before)] == before
    again = [browser(site).get("/auth/confirm/").form("again/").press(email=email)
             for email in (ADDRESS, KNOWN, "nobody@example.org")]
    assert len({(page.status, page.path, without_fields(page)) for page in again}) == 1
    assert {one.to for one in letter(site, server, 2)} == {ADDRESS, KNOWN}
    asked = [browser(site).get("/auth/reset/").form("reset/").press(email=email)
             for email in (KNOWN, "nobody@example.org")]
    assert len({(page.status, page.path, without_fields(page)) for page in asked}) == 1
    assert letter(site, server).to == KNOWN


def test_letters_that_a_stranger_asks_for_come_to_an_end(site, server):
    join(site)
    for _ in range(6):
        browser(site).get("/auth/confirm/").form("again/").press(email=ADDRESS)
        site.stator.drain()
    assert 1 < len(server.letters) < 5
    # Only the last link works.
    links = [path_of(one.link("/auth/confirm/")) for one in server.letters]
    assert [browser(site).client.get(link).status_code for link in links] == [404] * (len(links) - 1) + [200]
    for _ in range(20):
        answer = browser(site).client.post("/auth/confirm/again/", data={"email": "x@example.org"})
    assert answer.status_code == 429


def test_programs_that_fill_in_forms_get_nowhere(site, server):
    form = browser(site).get("/auth/signup/").form("signup/")
    fields = {"username": "kaka", "email": ADDRESS, "password": PASSWORD}
    quick = form.press(**fields, status=422)
    assert "quick" in quick.text and quick.form("signup/").fields["username"] == "kaka"
    for bad in ("", "1.x", stamp(site, "weka.test"), stamp(site, "kea.test", age=2 * 86400),
                stamp(site, "kea.test", age=-99)):
        form.press(**fields, stamp=bad, status=422)
    assert form.press(**fields, stamp=stamp(site, "kea.test"), website="https://buy.example/").path == "/auth/confirm/"
    assert identity(site, "kaka") == []
    # Somebody who types fast loses nothing: the next press works.
    again = quick.form("signup/")
    client = again.page.browser.client
    wait_for(lambda: client.post("/auth/signup/", data={**again.fields, **fields}).status_code == 303)
    assert identity(site, "kaka")


def test_approval(site, server):
    mode(site, "approval")
    page = join(site, reason="", status=422)
    assert "why" in page.text
    join(site, reason="I like birds")
    came = letter(site, server)
    done = browser(site).get(path_of(came.link("/auth/confirm/"))).form("confirm/").press()
    assert done.path == "/auth/pending/"
    assert "approval" in log_in(site, status=403).text
    [row] = site.sql("select reason, pending, unconfirmed from identity_limits")
    assert row["reason"] == "I like birds" and row["pending"] and not row["unconfirmed"]


def test_whether_a_reason_is_asked_for(site, server):
    """Staff says so: of pages and programs alike."""
    def reason_is(how):
        site.rookery("domain", "set", "kea.test", "sign_up_reason", how)
        return site.client("kea.test").get("/api/v2/instance").json()["registrations"]["reason_required"]

    mode(site, "approval")
    program = Program(site, scopes="read write").own_token("read write")
    for how, required in (("required", True), ("optional", False), ("none", False), ("", True)):
        assert reason_is(how) is required
        form = browser(site).get("/auth/signup/").form("signup/")
        assert ("reason" in form.fields) == (how != "none"), how
        name = f"kaka_{how or 'otherwise'}"
        answer = program.ask("POST", "/api/v1/accounts", data={
            "username": name, "email": f"{name}@example.org", "password": PASSWORD, "agreement": "true", "reason": " "})
        assert answer.status_code == (422 if required else 200), answer.text
        if required:
            assert [e["error"] for e in answer.json()["details"]["reason"]] == ["ERR_BLANK"]
            assert "why" in join(site, reason="", status=422).text
    join(site, reason="I like birds")
    mode(site, "open")
    assert reason_is("required") is False
    assert join(site, username="weka", email="weka@example.org").path == "/auth/confirm/"


def test_age_is_asked_and_not_kept(site, server):
    site.rookery("domain", "set", "kea.test", "min_age", "16")
    today = datetime.datetime.now(datetime.timezone.utc).date()
    day = today.replace(year=today.year - 16, day=min(today.day, 28))
    young = (day + datetime.timedelta(days=40)).isoformat()
    for born, words in (("", "born"), ("yesterday", "not a day"), (young, "too young")):
        page = join(site, date_of_birth=born, status=422)
        assert words in page.text and page.form("signup/").fields["date_of_birth"] == born
    old = day.replace(day=1).replace(year=day.year - 20).isoformat()
    join(site, date_of_birth=old)
    for table in ("users", "identities", "identity_limits", "mails", "audit_log"):
        assert old not in str(site.sql(f"select t::text from {table} t"))


def test_rules_are_agreed_to(site, server):
    site.rookery("rule", "add", "kea.test", "Be kind")
    page = join(site, status=422)
    assert "Be kind" in page.text and "agree" in page.text.lower()
    assert join(site, agreement="1").path == "/auth/confirm/"


def test_limits_of_a_tenant(site, server):
    site.rookery("domain", "set", "kea.test", "max_users", "3")
    join(site)
    assert "full" in join(site, username="kaka2", email="k2@example.org", status=403).text
    site.rookery("domain", "set", "kea.test", "max_users", "")
    site.rookery("domain", "set", "kea.test", "sign_ups_a_day", "1")
    assert "tomorrow" in join(site, username="kaka2", email="k2@example.org", status=403).text
    # Another tenant has its own.
    mode(site, "open", "weka.test")
    join(site, "weka.test", username="kaka2", email="k2@example.org")


def test_blocks_of_the_tenant_hold_on_pages(site, server):
    kea = site.value("select id from domains where name = 'kea.test'")
    site.sql("insert into email_domain_blocks (domain_id, host) values (%s, 'spam.test')", kea)
    join(site, email="a@spam.test", status=403)
    join(site, email="a@sub.spam.test", status=403)
    site.sql("insert into ip_blocks (domain_id, range, severity) values (%s, '203.0.113.0/24', 'sign_up_block')", kea)
    join(site, status=403)
    site.sql("update ip_blocks set severity = 'sign_up_requires_approval'")
    join(site)
    assert site.value("select pending is not null from identity_limits")
    assert [one.to for one in [letter(site, server)]] == [ADDRESS]


def test_a_program_signs_somebody_up(site, server):
    own = Program(site, scopes="read write").own_token("read write")
    token = own.post("/api/v1/accounts", username="kaka", email="wrong@example.org", password=PASSWORD,
                     agreement=True)["access_token"]
    api = Api(site, "kea.test", token=token)
    assert api.get("/api/v1/emails/check_confirmation") is False
    for path in ("/api/v1/accounts/verify_credentials", "/api/v1/timelines/home"):
        assert api.ask("GET", path).status_code == 403
    assert api.ask("POST", "/api/v1/statuses", json={"status": "hello"}).status_code == 403
    assert letter(site, server).to == "wrong@example.org"
    assert api.post("/api/v1/emails/confirmations", email=ADDRESS) == {}
    came = letter(site, server)
    assert came.to == ADDRESS
    browser(site).get(path_of(came.link("/auth/confirm/"))).form("confirm/").press()
    assert api.get("/api/v1/emails/check_confirmation") is True
    assert api.get("/api/v1/accounts/verify_credentials")["username"] == "kaka"
    api.refused(403, "POST", "/api/v1/emails/confirmations", json={})


def test_without_a_mail_server_all_works_as_it_can(site):
    mode(site, "open")
    assert "@kaka@kea.test" in join(site).text
    assert "no letters" in browser(site).get("/auth/reset/").text
    assert site.sql("select * from mails") == []
    assert "letter" not in browser(site).get("/auth/login/").text


def test_each_tenant_confirms_in_its_own_name(site, server):
    """One address on two tenants: two letters, each with its own link, and the second one finds the address taken."""
    mode(site, "open", "weka.test")
    site.rookery("domain", "set", "weka.test", "mail_name", "Weka Post")
    join(site, "kea.test", username="kea1", password="the first password")
    join(site, "weka.test", username="weka1", password="the second password")
    by_name = {one.origin[0]: one for one in letter(site, server, 2)}
    kea, weka = by_name["kea.test"].link("/auth/confirm/"), by_name["Weka Post"].link("/auth/confirm/")
    assert kea.startswith("https://kea.test/") and weka.startswith("https://weka.test/")
    browser(site, "weka.test").get(path_of(kea), 404)
    browser(site, "kea.test").get(path_of(kea)).form("confirm/").press()
    page = browser(site, "weka.test").get(path_of(weka)).form("confirm/").press(status=409)
    assert "another log-in" in page.text
    log_in(site, password="the first password")
    log_in(site, password="the second password", domain="weka.test", status=403)


def test_an_invitation_opens_the_form_and_is_used_once(site, server):
    mode(site, "invite")
    token = site.rookery("invite", "add", "kea.test", "--uses=1")["token"]
    page = browser(site).get(f"/auth/signup/?invite={token}")
    assert page.form("signup/").fields["invite"] == token
    join(site, status=403)
    join(site, invite="forged", status=404)
    join(site, invite=token)
    join(site, username="kaka2", email="k2@example.org", invite=token, status=404)
    came = letter(site, server)
    browser(site).get(path_of(came.link("/auth/confirm/"))).form("confirm/").press()
    log_in(site)


@pytest.mark.parametrize("email", ["a@example.org\r\nBcc: b@example.org", "a@example.org,b@example.org", "<a@x.test>",
                                   "a b@example.org", "a@example.org>", "\"a\"@example.org", "a@", "@example.org",
                                   "a" * 300 + "@example.org", "a@[127.0.0.1]"])
def test_what_is_no_address_gets_no_letter(site, server, email):
    """The first of these is two lines, of which a form's field has none: it is one line that is no address."""
    join(site, email=email, status=422)
    for path in ("/auth/reset/", "/auth/confirm/again/"):
        assert browser(site).client.post(path, data={"email": email}).status_code == 422
    assert site.sql("select * from mails") == []

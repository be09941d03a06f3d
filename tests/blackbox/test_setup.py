# SPDX-License-Identifier: AGPL-3.0-or-later
"""The set-up in the browser: a one-time code opens it, it ends with an operator and a community, and then it is closed.
By the console's name, and by an address of the machine as long as somebody may set up."""

import re

import psycopg
import pytest

from harness.browser import Browser
from harness.factors import totp
from harness.fixtures import PASSWORD
from harness.mail import MailServer
from harness.wait import wait_for

HOST = "console.test"
STEPS = ("/setup/", "/setup/operator/", "/setup/domain/", "/setup/mail/", "/setup/done/")


@pytest.fixture
def fresh(site):
    site.sql("delete from staff_grants where domain_id is null")
    return site


def code(site, *options):
    return site.rookery("operator", "code", *options)["code"]


def enter(site, host=HOST, **more):
    made, browser = code(site), Browser(site, host, **more)
    page = browser.get("/").form("/setup/").press(code=made)
    assert page.path == "/setup/operator/"
    return browser, page


def make_operator(page, email="keeper@example.org", password=PASSWORD):
    page = page.form("/setup/operator/").press(email=email, password=password)
    assert page.path == "/second/"
    [secret] = re.findall(r'class="secret">([A-Z2-7 ]+)<', page.markup)
    return page.form("/second/").press(code=totp(secret))


def test_without_a_code_there_is_nothing(fresh):
    browser = Browser(fresh, HOST)
    for path in STEPS[:2]:
        browser.get(path, 404)
    for path in STEPS[2:]:
        assert browser.get(path).path == "/login/"
    for path in STEPS[:2]:
        assert browser.client.post(path, data={"code": "x", "email": "a@example.org",
                                               "password": PASSWORD}).status_code == 404
    assert fresh.value("select count(*) from setup_visits") == 0
    assert browser.get("/").path == "/login/"


def test_a_code_is_kept_as_a_hash_and_works_once(fresh):
    made = fresh.rookery("operator", "code")
    assert re.fullmatch(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){2}", made["code"]) and made["url"] == f"https://{HOST}/setup/"
    rows = fresh.sql("select * from setup_codes")
    assert len(rows) == 1 and made["code"] not in str(rows) and made["code"].replace("-", "") not in str(rows)
    another = code(fresh)
    first, second = Browser(fresh, HOST), Browser(fresh, HOST, client_address="203.0.113.8")
    # As people type it.
    form = second.get("/setup/").form("/setup/")
    assert first.get("/setup/").form("/setup/").press(
        code=made["code"].lower().replace("-", " ")).path == "/setup/operator/"
    # It is used, and with it all others are.
    for spent in (made["code"], another):
        form.press(code=spent, status=422)
    # Who did not bring it has no part in the set-up.
    assert second.get("/setup/operator/").path == "/setup/"


def test_codes_end_by_themselves_and_by_too_many_tries(fresh):
    late = code(fresh, "--minutes=5")
    browser = Browser(fresh, HOST)
    form = browser.get("/setup/").form("/setup/")
    fresh.sql("update setup_codes set expires = now()")
    form.press(code=late, status=404)
    good = code(fresh)
    for _ in range(10):
        form.press(code="AAAA-BBBB-CCCC", status=422)
    # That address waits, with the right code as well; another does not.
    form.press(code=good, status=429)
    assert Browser(fresh, HOST, client_address="198.51.100.1").get("/setup/").status == 200
    fresh.sql("update setup_codes set tries = 99")
    other = Browser(fresh, HOST, client_address="198.51.100.2").get("/setup/").form("/setup/")
    other.press(code="AAAA-BBBB-CCCC", status=422)
    other.press(code=good, status=404)
    for wrong in ("0", "999999", "x"):
        assert fresh.run("rookery", "operator", "code", "--minutes", wrong).returncode == 2


def test_the_first_hour(fresh):
    browser, page = enter(fresh)
    page.form("/setup/operator/").press(email="keeper@example.org", password="short", status=422)
    page.form("/setup/operator/").press(email="nobody", password=PASSWORD, status=422)
    page = make_operator(page)
    assert page.path == "/setup/domain/"
    assert fresh.rookery("operator", "list")["operators"][0]["email"] == "keeper@example.org"
    page.form("/setup/domain/").press("add", name="no name", title="", status=422)
    page = page.form("/setup/domain/").press("add", name="titipounamu.test", title="Tui")
    assert "_rookery.titipounamu.test" in page.text and "A or AAAA record" in page.text
    token = fresh.value("select verify_token from domains where name = 'titipounamu.test'")
    assert token in page.text
    # The proof is not there; the word of who owns the machine is.
    refused = page.forms_to("/setup/domain/")[-1].press("verify", status=503)
    assert "titipounamu.test" in refused.text
    page = page.forms_to("/setup/domain/")[-1].press("vouch")
    assert fresh.value("select state from domains where name = 'titipounamu.test'") == "active"
    page.forms_to("/setup/domain/")[-1].press("join", username="no name", status=422)
    page = page.forms_to("/setup/domain/")[-1].press("join", username="kaka")
    assert page.path == "/setup/mail/" and "Skip" in page.text
    page = browser.get("/setup/done/")
    assert "titipounamu.test" in page.text and "/setup/mail/" in page.links()
    assert fresh.rookery("user", "show", "keeper@example.org")["identities"] == ["kaka@titipounamu.test"]
    grants = fresh.rookery("user", "show", "keeper@example.org")["grants"]
    assert {(grant["role"], grant["where"]) for grant in grants} == {("admin", "host"), ("owner", "titipounamu.test")}
    assert page.form("/setup/done/").press().path == "/tenants/"
    # Closed for everybody, the operator too.
    for path in STEPS[2:]:
        browser.get(path, 404)
    for path in STEPS[:2]:
        Browser(fresh, HOST).get(path, 404)
    acts = browser.get("/acts/").text
    for act in ("setup.code", "setup.begin", "setup.end"):
        assert act in acts
    # A log-in of the community, with the same password.
    owner = Browser(fresh, "titipounamu.test")
    owner.log_in("keeper@example.org", PASSWORD)
    # ... until there is a new code.
    code(fresh)
    assert Browser(fresh, HOST).get("/").path == "/setup/"


def save(page, server, status=200, **fields):
    """The form of the mail server as somebody fills it in."""
    form = [one for one in page.forms_to(page.path) if "host" in one.fields][0]
    typed = {"host": server.name, "port": str(server.port), "user": "rookery", "password": "a secret",
             "way": "starttls", "sender": "letters@titipounamu.test", **fields}
    return form.press("save", **typed, **({} if status == 200 else {"status": status}))


def attempt(page, address="keeper@example.org", status=200):
    form = [one for one in page.forms_to(page.path) if "address" in one.fields][0]
    return form.press("try", address=address, status=status)


def test_the_mail_server_is_named_and_tried(fresh):
    """By a connection to one that wants TLS and a password; every process sends by it without a restart."""
    server = MailServer(tls="starttls", users={"rookery": "a secret"})
    try:
        browser, page = enter(fresh)
        make_operator(page)
        page = browser.get("/setup/mail/")
        assert not [one for one in page.forms_to("/setup/mail/") if "address" in one.fields]
        for field, wrong, words in (("host", "no name", "no name of a server"), ("host", "x/y", "no name of a server"),
                                    ("port", "70000", "from 1 to 65535"), ("way", "magic", "no such way"),
                                    ("sender", "nobody", "no e-mail address"), ("user", "x" * 501, "at most 500")):
            assert words in save(page, server, 422, **{field: wrong}).text, field
        assert fresh.value("select count(*) from mail_relay") == 0
        page = save(page, server)
        assert page.path == "/setup/mail/" and "a secret" not in page.markup and server.name in page.markup
        assert "no e-mail address" in attempt(page, "nobody", 422).text
        page = attempt(page)
        assert "The server took a letter to keeper@example.org." in page.text
        [came] = server.take()
        assert came.to == "keeper@example.org" and came.origin[1] == "letters@titipounamu.test"
        # Once more without the password: it is the stored one. With another user or server it is not.
        page = save(browser.get("/setup/mail/"), server, password="")
        assert "took a letter" in attempt(page).text and server.take()
        page = save(browser.get("/setup/mail/"), server, password="", user="somebody")
        refused = attempt(page, status=503)
        assert server.letters == [] and "took a letter" not in refused.text
        page = save(browser.get("/setup/mail/"), server)
        assert "Letters are sent" in browser.get("/setup/done/").text
        # The stator sends by it as well.
        fresh.run("rookery", "domain", "set", "kea.test", "sign_up", "open")
        wait_for(lambda: "letter" in Browser(fresh, "kea.test").get("/auth/reset/").form("reset/").press(
            email="ruru@example.org").text and fresh.value("select count(*) from mails") >= 1, what="a letter")
        fresh.stator.drain()
        assert server.take()[0].to == "ruru@example.org"
        assert fresh.rookery("mail", "test", "ann@example.org")["taken"] is True and server.take()
        # Who serves pages does not read the password; the log does not have it.
        url = f"smtp://{server.name}:{server.port}"
        with fresh.database.connect("rookery_server") as bound:
            assert bound.execute("select url from mail_relay").fetchone()["url"] == url
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                bound.execute("select password from mail_relay")
        assert "a secret" not in str(fresh.sql("select * from audit_log"))
        assert fresh.value("select subject from audit_log where action = 'mail.relay' limit 1") == url
        # Later the console has the same page, and can stop it all.
        browser.get("/setup/done/").form("/setup/done/").press()
        browser.get("/setup/mail/", 404)
        page = browser.get("/mail/")
        stop = [one for one in page.forms_to("/mail/") if any("remove" in str(b) for b in one.buttons)][0]
        page = stop.press("remove")
        assert fresh.value("select count(*) from mail_relay") == 0
        assert not [one for one in page.forms_to("/mail/") if "address" in one.fields]
    finally:
        server.close()


def test_a_configured_mail_server_is_only_looked_at(fresh):
    server = MailServer()
    try:
        server.use(fresh)
        browser, page = enter(fresh)
        make_operator(page)
        page = browser.get("/setup/mail/")
        assert "The configuration file names it" in page.text and server.url in page.text
        assert "took a letter" in attempt(page).text and server.take()
        fields = page.forms_to("/setup/mail/")[0].fields
        answer = browser.client.post("/setup/mail/", data={**fields, "do": "save", "host": "x.test", "port": "25",
                                                           "way": "plain", "sender": "a@x.test", "user": ""})
        assert answer.status_code == 409 and fresh.value("select count(*) from mail_relay") == 0
    finally:
        server.close()


def test_an_operator_who_lost_the_way_in_begins_again(fresh):
    _, page = enter(fresh)
    make_operator(page)
    fresh.sql("delete from setup_visits")
    _, page = enter(fresh)
    assert make_operator(page, password=PASSWORD + "2").path == "/setup/domain/"
    Browser(fresh, HOST).get("/login/").form("/login/").press(email="keeper@example.org", password=PASSWORD, status=422)
    # Nobody else's log-in is taken over.
    fresh.rookery("user", "add", "member@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    fresh.sql("delete from setup_visits")
    _, page = enter(fresh)
    refused = page.form("/setup/operator/").press(email="member@example.org", password=PASSWORD, status=409)
    assert "log-in already" in refused.text
    assert len(fresh.rookery("operator", "list")["operators"]) == 1


def test_what_was_skipped_is_said(fresh):
    _, page = enter(fresh)
    page = make_operator(page)
    done = page.browser.get("/setup/done/")
    assert "Add a community" in done.text
    done.form("/setup/done/").press()


def test_by_an_address_only_while_somebody_may_set_up(fresh):
    for host in ("192.0.2.7", "[2001:db8::7]:8443"):
        assert fresh.client(host).get("/setup/").status_code == 421
    for host in ("192.0.2.7", "[2001:db8::7]:8443", "192.0.2.7:8443"):
        browser, page = enter(fresh, host)
        page = make_operator(page)
        assert page.path == "/setup/domain/"
        [cookie] = [one for one in browser.client.cookies.jar if one.name == "__Host-console"]
        assert cookie.secure
        done = browser.get("/setup/done/")
        answer = browser.client.post("/setup/done/", data=done.form("/setup/done/").fields,
                                     headers={"Origin": f"https://{host}"})
        assert (answer.status_code, answer.headers["location"]) == (303, f"https://{HOST}/tenants/")
        assert f"form-action 'self' https://{HOST}" in done.answer.headers["content-security-policy"]
        assert fresh.client(host).get("/setup/").status_code == 421
    # Names are no addresses, and forms of elsewhere are refused.
    code(fresh)
    for host in ("192.0.2", "0x7f.0.0.1", "strange.test", "192.0.2.7.test"):
        assert fresh.client(host).get("/setup/").status_code == 421, host
    assert fresh.client("192.0.2.7").post("/setup/", data={"code": "x"},
                                          headers={"Origin": f"https://{HOST}"}).status_code == 403


def test_the_proxy_may_have_a_certificate_for_the_console(fresh):
    assert fresh.admin().get("/certificate", params={"domain": HOST}).status_code == 200
    assert fresh.admin().get("/certificate", params={"domain": "192.0.2.7"}).status_code == 404
    code(fresh)
    assert fresh.admin().get("/certificate", params={"domain": "192.0.2.7"}).status_code == 200
    assert fresh.admin().get("/certificate", params={"domain": "2001:db8::7"}).status_code == 200
    for name in ("nothing.test", "192.0.2.7.test", "::1::", "192.0.2"):
        assert fresh.admin().get("/certificate", params={"domain": name}).status_code == 404, name

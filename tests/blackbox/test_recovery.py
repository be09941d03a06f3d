# SPDX-License-Identifier: AGPL-3.0-or-later
"""A new password by mail, changes of password and address, and what one is told of by mail."""

import re

import pytest

from harness.api import Api, token_for
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.mail import MailServer

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH")
RURU, TOROA = "ruru@example.org", "toroa@example.org"
NEW = "a new password of mine"


@pytest.fixture
def server(site):
    made = MailServer()
    made.use(site)
    yield made
    made.close()


def enter(site, email=RURU, password=PASSWORD, domain="kea.test", status=303, address="203.0.113.7"):
    made = Browser(site, domain, client_address=address)
    made.log_in(email, password, status=status)
    return made


def is_in(browser):
    return browser.client.get("/settings/account/").status_code == 200


def letter(site, server, n=1):
    site.stator.drain()
    taken = server.take(n)
    return taken[0] if n == 1 else taken


def path_of(link):
    return re.sub(r"https://[^/]+", "", link)


def ask(site, email=RURU, domain="kea.test"):
    return Browser(site, domain).get("/auth/reset/").form("reset/").press(email=email)


def test_a_new_password(site, server):
    here, there = enter(site), enter(site, domain="weka.test")
    tokens = [token_for(site, "ruru@kea.test"), token_for(site, "ruru@weka.test")]
    assert ask(site, email=" RURU@example.ORG ").path == "/auth/asked/"
    link = path_of(letter(site, server).link("/auth/reset/?token="))
    stranger = Browser(site, "kea.test")
    page = stranger.get(link)
    again = page.form("reset/").press(password="short", status=422)
    assert "10 characters" in again.text
    assert again.form("reset/").press(password=NEW).path == "/auth/done/"
    assert "changed" in letter(site, server).subject
    assert not is_in(here) and not is_in(there)
    for token, domain in zip(tokens, ("kea.test", "weka.test")):
        assert Api(site, domain, token=token).ask("GET", "/api/v1/accounts/verify_credentials").status_code == 401
    enter(site, status=422)
    enter(site, password=NEW)
    # It works once.
    stranger.get(link, 404)
    stranger.send("POST", "/auth/reset/", {"token": link.split("=")[1], "password": PASSWORD}, 404)
    enter(site, password=NEW)


def test_only_the_last_link_works_and_not_for_long(site, server):
    ask(site)
    first = path_of(letter(site, server).link("/auth/reset/?token="))
    ask(site)
    second = path_of(letter(site, server).link("/auth/reset/?token="))
    assert Browser(site, "kea.test").client.get(first).status_code == 404
    assert Browser(site, "weka.test").client.get(second).status_code == 404
    site.sql("update mail_links set expires = expires - interval '3 hours'")
    page = Browser(site, "kea.test").get(second, 404)
    assert page.form("reset/").fields.get("token") is None
    ask(site)
    site.sql("update mail_links set expires = expires - interval '3 hours'")
    site.stator.drain()
    assert server.letters == [] and site.value("select state from mails order by id desc limit 1") == "dropped"


def test_who_has_no_account_here_gets_no_letter(site, server):
    for email, domain in (("nobody@example.org", "kea.test"), (TOROA, "weka.test")):
        assert ask(site, email, domain).path == "/auth/asked/"
    site.rookery("user", "ban", TOROA)
    ask(site, TOROA)
    site.stator.drain()
    assert server.letters == []


def test_a_password_is_changed_with_the_old_one(site, server):
    browser, other = enter(site), enter(site)
    token = token_for(site, "ruru@kea.test")
    form = browser.get("/settings/account/").form("password/")
    assert "wrong" in form.press(old_password="wrong", password=NEW, status=422).text
    assert "10 characters" in form.press(old_password=PASSWORD, password="short", status=422).text
    done = form.press(old_password=PASSWORD, password=NEW)
    assert done.path == "/settings/account/" and "was changed" in done.text
    assert is_in(browser) and not is_in(other)
    assert Api(site, "kea.test", token=token).get("/api/v1/accounts/verify_credentials")["username"] == "ruru"
    assert letter(site, server).to == RURU
    enter(site, status=422)
    for _ in range(12):
        answer = browser.client.post("/settings/account/password/", data={**form.fields, "old_password": "x",
                                                                          "password": NEW})
    assert answer.status_code == 429


def test_an_address_is_changed_by_a_letter_to_the_new_one(site, server):
    browser = enter(site)
    form = browser.get("/settings/account/").form("address/")
    assert "wrong" in form.press(email="new@example.org", password="wrong", status=422).text
    assert "no e-mail address" in form.press(email="new", password=PASSWORD, status=422).text
    assert "your address already" in form.press(email="Ruru@Example.org", password=PASSWORD, status=422).text
    page = form.press(email="new@example.org", password=PASSWORD)
    assert "on its way" in page.text and RURU in page.text
    came = letter(site, server)
    assert came.to == "new@example.org"
    link = path_of(came.link("/auth/change/?token="))
    stranger = Browser(site, "kea.test")
    page = stranger.get(link)
    assert site.value("select email from users where email = %s", RURU)
    assert page.form("change/").press().path == "/auth/moved/"
    told = letter(site, server)
    assert told.to == RURU and "new@example.org" in told.text
    enter(site, "new@example.org")
    enter(site, status=422)
    stranger.get(link, 404)


def test_an_address_of_somebody_else_is_not_taken(site, server):
    browser = enter(site)
    form = browser.get("/settings/account/").form("address/")
    free, taken = (form.press(email=email, password=PASSWORD) for email in ("free@example.org", TOROA))
    assert free.text == taken.text
    letters = {one.to: one for one in letter(site, server, 2)}
    assert not [link for link in letters[TOROA].links if "token" in link]
    # Between letter and button the address becomes another's.
    site.rookery("user", "add", "free@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    link = path_of(letters["free@example.org"].link("/auth/change/"))
    page = Browser(site, "kea.test").get(link)
    assert "another log-in" in page.form("change/").press(status=409).text
    assert site.value("select count(*) from users where email = 'free@example.org'") == 1


def test_a_log_in_from_a_new_place_is_told(site, server):
    enter(site)
    enter(site, address="203.0.113.99")
    site.stator.drain()
    assert server.letters == []
    enter(site, address="198.51.100.4")
    came = letter(site, server)
    assert "198.51.100.4" in came.text and "Firefox on Linux" in came.text
    enter(site, address="198.51.100.4")
    browser = enter(site, address="2001:db8::1")
    assert "2001:db8::1" in letter(site, server).text
    form = browser.get("/settings/account/").form("mail/")
    assert form.fields["log_ins"] == "1"
    form.press(log_ins=None)
    enter(site, address="192.0.2.1")
    site.stator.drain()
    assert server.letters == []


def notify(site, kind="follow", age="1 hour"):
    return site.value(
        "insert into notifications (domain_id, identity_id, kind, actor_id, created) "
        "select d.id, r.id, %s, t.id, now() - %s::interval from domains d, identities r, identities t "
        "where d.name = 'kea.test' and r.username = 'ruru' and r.domain_id = d.id and t.username = 'toroa' "
        "returning id", kind, age)


def test_a_digest_of_what_one_missed(site, server):
    notify(site)
    notify(site, kind="mention")
    notify(site, kind="like")
    came = letter(site, server)
    assert came.to == RURU and "2 things" in came.subject
    assert "@toroa@kea.test follows you" in came.text and "mentioned you" in came.text and "likes" not in came.text
    # Not more than one a day.
    notify(site, kind="follow_request", age="40 minutes")
    site.stator.drain()
    assert server.letters == []
    site.sql("update mail_wishes set last_digest = now() - interval '25 hours'")
    site.stator.drain()
    server.take()


@pytest.mark.parametrize("why", ["young", "seen", "active", "unwanted", "unconfirmed"])
def test_no_digest_of_what_needs_none(site, server, why):
    notification = notify(site, age="1 minute" if why == "young" else "1 hour")
    if why == "seen":
        site.sql("update notifications set seen = true where id = %s", notification)
    if why == "active":
        enter(site)
    if why == "unwanted":
        browser = enter(site)
        form = browser.get("/settings/account/").form("mail/")
        assert {"mention", "follow", "follow_request"} <= set(form.fields) and "like" not in form.fields
        assert "Saved" in form.press(follow=None, like="1").text
        site.sql("update sessions set last_seen = now() - interval '1 day'")
    if why == "unconfirmed":
        site.sql("update users set confirmed = null")
    site.stator.drain()
    assert server.letters == []


def test_one_press_ends_digests(site, server):
    notify(site)
    came = letter(site, server)
    header = str(came.parsed["List-Unsubscribe"])
    link = re.fullmatch(r"<(https://kea\.test/auth/unsubscribe/[^>]+)>", header)[1]
    assert str(came.parsed["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click" and link in came.links
    page = Browser(site, "kea.test").get(path_of(link))
    assert site.value("select kinds from mail_wishes") == ["mention", "follow", "follow_request"]
    for forged in (link.replace("code=", "code=x"), re.sub(r"user=\d+", "user=2", link)):
        assert site.request("POST", forged, data={"List-Unsubscribe": "One-Click"}).status_code == 404
    # As a mail program presses it: no cookie, no origin, no form of ours.
    assert site.request("POST", link, data={"List-Unsubscribe": "One-Click"}).status_code == 303
    assert site.value("select kinds from mail_wishes") == []
    assert page.forms_to(path_of(link))[0].press().path == "/auth/unsubscribed/"


def test_without_a_mail_server(site):
    browser = enter(site)
    page = browser.get("/settings/account/")
    assert "sends no letters" in page.text and page.forms_to("mail/") == []
    token = page.form("password/").fields["form_token"]
    browser.send("POST", "/settings/account/address/", {"form_token": token, "email": "n@example.org",
                                                        "password": PASSWORD}, 422)
    page.form("password/").press(old_password=PASSWORD, password=NEW)
    enter(site, password=NEW)
    Browser(site, "kea.test").send("POST", "/auth/reset/", {"email": RURU}, 422)
    assert site.sql("select * from mails") == []

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Log-ins of browsers: what a cookie opens, and what ends it at once, on the pages of a running server."""

import hashlib
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from harness.fixtures import PASSWORD
from harness.join import stamp
from harness.wait import wait_for

EMAIL = "ruru@example.org"
OWN_PAGE = "/settings/sessions/"


def log_in(client, email=EMAIL, password=PASSWORD):
    return client.post("/auth/login/", data={"email": email, "password": password})


def sign_up(site, client, **form):
    return client.post("/auth/signup/", data={"email": "kaka@example.org", "password": PASSWORD, "username": "kaka",
                                              "stamp": stamp(site, client.base_url.host), **form})


def is_in(client):
    answer = client.get(OWN_PAGE)
    assert answer.status_code == 200 or answer.headers["location"].startswith("/auth/login/")
    return answer.status_code == 200


def row(site, client):
    """The session of a client's cookie, which is stored as its hash only."""
    digest = hashlib.sha256(client.cookies["session"].encode()).digest()
    [found] = site.sql("select * from sessions where token_hash = %s", digest)
    return found


def send(site, client, path, **form):
    """Sends a form with the token of the session."""
    return client.post(path, data={"form_token": row(site, client)["csrf_token"], **form})


@pytest.fixture
def client(site):
    """A browser that is logged in on kea.test."""
    made = site.client("kea.test", headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64)"})
    assert log_in(made).status_code == 303
    return made


def test_log_in_and_out(site):
    client = site.client("kea.test")
    assert not is_in(client)
    answer = log_in(client, email=" Ruru@Example.org ")
    assert answer.status_code == 303
    attributes = answer.headers["set-cookie"].lower()
    assert all(word in attributes for word in ("httponly", "secure", "samesite=lax", "path=/"))
    assert "domain=" not in attributes
    session = row(site, client)
    assert session["address"] == "203.0.113.7"
    assert is_in(client)
    cookie = client.cookies["session"]
    assert send(site, client, "/auth/logout/").status_code == 303
    client.cookies.set("session", cookie, domain="kea.test")
    assert not is_in(client)


def test_a_cookie_of_another_tenant_opens_nothing(site, client):
    other = site.client("weka.test", cookies={"session": client.cookies["session"]})
    assert not is_in(other)


def without_fields(page):
    return re.sub(r'(value|data-challenge)="[^"]*"', "", page)


def test_nothing_tells_whether_an_address_is_known(site):
    site.rookery("user", "ban", "toroa@example.org")
    client = site.client("kea.test")
    answers = [log_in(client, password="wrong"), log_in(client, email="nobody@example.org"),
               log_in(client, email="toroa@example.org"), log_in(client, email="")]
    assert {answer.status_code for answer in answers} == {422}
    assert len({without_fields(answer.text) for answer in answers}) == 1
    assert not any("set-cookie" in answer.headers for answer in answers)


def test_attempts_are_counted(site):
    client = site.client("kea.test")
    for _ in range(10):
        assert log_in(client, password="wrong").status_code == 422
    assert log_in(client).status_code == 429
    assert log_in(client, email="toroa@example.org").status_code == 303


def test_who_tries_passwords_locks_nobody_else_out(site, client):
    """Neither somebody at another address, nor, when all the world tries, a browser that was in before."""
    for network in range(9):
        stranger = site.client("kea.test", client_address=f"198.51.100.{network}")
        for _ in range(10):
            assert log_in(stranger, password="wrong").status_code == 422
        assert log_in(stranger).status_code == 429
        if not network:
            assert log_in(site.client("kea.test", client_address="192.0.2.77")).status_code == 303
    stranger = site.client("kea.test", client_address="192.0.2.78")
    for _ in range(8):
        assert log_in(stranger, password="wrong").status_code == 422
    assert log_in(site.client("kea.test", client_address="192.0.2.79")).status_code == 429
    client.cookies.delete("session")
    assert log_in(client).status_code == 303
    client.cookies.delete("session")
    for _ in range(10):
        assert log_in(client, password="wrong").status_code == 422
    assert log_in(client).status_code == 429
    stolen = site.client("kea.test", cookies={"device": client.cookies["device"] + "x"}, client_address="192.0.2.79")
    assert log_in(stolen, email="toroa@example.org").status_code == 303


def test_a_session_is_revoked_from_another(site, client):
    other = site.client("kea.test", client_address="198.51.100.9")
    log_in(other)
    assert "198.51.100.9" in client.get(OWN_PAGE).text
    assert send(site, client, OWN_PAGE, session=row(site, other)["id"]).status_code == 303
    assert not is_in(other) and is_in(client)


def test_a_session_of_somebody_else_is_not_revoked(site, client):
    other = site.client("kea.test")
    log_in(other, email="toroa@example.org")
    assert send(site, client, OWN_PAGE, session=row(site, other)["id"]).status_code == 404
    assert is_in(other)


CUTS = {
    "ban": ("user", "ban", EMAIL),
    "password": ("user", "password", EMAIL),
    "identity": ("identity", "delete", "ruru@kea.test", "--yes"),
}


@pytest.mark.parametrize("what", CUTS)
def test_cut_at_once(site, client, what):
    assert is_in(client)
    site.rookery(*CUTS[what])
    assert not is_in(client)


def test_another_password_ends_sessions_on_all_tenants(site, client):
    """Also when it is set by a page, which works in the role of its tenant."""
    other = site.client("weka.test")
    log_in(other)
    assert is_in(client) and is_in(other)
    with site.database.connect("rookery_server") as bound, bound.transaction():
        bound.execute("select set_config('rookery.domain', id::text, true) from domains where name = 'kea.test'")
        bound.execute("update users set password = password || 'x' where email = %s", (EMAIL,))
    assert is_in(client) and not is_in(other)


def test_what_ended_is_forgotten(site, client):
    """Sessions and tickets that are over, and who holds no identity any more, after a month."""
    send(site, client, "/switch/", identity=identity_id(site, "ruru@weka.test"))
    site.sql("update session_handoffs set expires = now()")
    kept = row(site, client)["id"]
    log_in(site.client("kea.test"))
    site.sql("update sessions set expires = now() where id <> %s", kept)
    for name in ("new", "old", "staff"):
        site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD)
    site.rookery("user", "grant", "staff@example.org", "moderator", "kea.test")
    site.rookery("identity", "delete", "toroa@kea.test", "--yes")
    old = "update users set alone = alone - interval '31 days' where email = any (%s)"
    site.sql(old, ["old@example.org", "staff@example.org", EMAIL])
    site.stator.drain()
    assert [one["id"] for one in site.sql("select id from sessions")] == [kept]
    assert site.value("select count(*) from session_handoffs") == 0
    assert {one["email"] for one in site.sql("select email from users")} == {
        EMAIL, "new@example.org", "staff@example.org", "toroa@example.org"}
    site.sql(old, ["toroa@example.org"])
    site.stator.drain()
    assert site.value("select count(*) from users where email = 'toroa@example.org'") == 0


def test_an_old_session_ends(site, client):
    site.sql("update sessions set expires = now() - interval '1 second'")
    assert not is_in(client)


def test_use_is_noted_now_and_then(site, client):
    before = row(site, client)["last_seen"]
    assert is_in(client) and row(site, client)["last_seen"] == before
    site.sql("update sessions set last_seen = last_seen - interval '6 minutes'")
    assert is_in(client) and row(site, client)["last_seen"] >= before


def identity_id(site, handle):
    name, host = handle.split("@")
    return site.value("select id from identities where username = %s and host = %s", name, host)


def ticket_form(address):
    """What the page of a ticket sends when its button is pressed."""
    return {"ticket": parse_qs(urlsplit(address).query)["ticket"][0], "next": "/"}


def test_another_tenant_is_entered_by_a_ticket_once(site, client):
    answer = send(site, client, "/switch/", identity=identity_id(site, "ruru@weka.test"))
    ticket = answer.headers["location"]
    assert answer.status_code == 303 and ticket.startswith("https://weka.test/auth/ticket/?ticket=")
    lost = site.client("kea.test")
    assert lost.get(ticket.replace("weka.test", "kea.test")).status_code == 404
    other = site.client("weka.test")
    shown = other.get(ticket)
    assert shown.status_code == 200 and "@ruru@weka.test" in shown.text and not is_in(other)
    elsewhere = other.post("/auth/ticket/", data=ticket_form(ticket), headers={"Origin": "https://evil.test"})
    assert elsewhere.status_code == 403 and not is_in(other)
    assert other.post("/auth/ticket/", data=ticket_form(ticket)).status_code == 303 and is_in(other)
    assert row(site, other)["identity_id"] == identity_id(site, "ruru@weka.test")
    thief = site.client("weka.test")
    assert thief.get(ticket).status_code == 404 and not is_in(thief)
    assert thief.post("/auth/ticket/", data=ticket_form(ticket)).status_code == 404 and not is_in(thief)
    assert is_in(client)


def test_an_old_ticket_is_refused(site, client):
    ticket = send(site, client, "/switch/", identity=identity_id(site, "ruru@weka.test")).headers["location"]
    site.sql("update session_handoffs set expires = now()")
    assert site.client("weka.test").get(ticket).status_code == 404


def test_somebody_elses_identity_is_not_taken(site, client):
    answer = send(site, client, "/switch/", identity=identity_id(site, "toroa@kea.test"))
    assert answer.status_code == 404
    assert row(site, client)["identity_id"] == identity_id(site, "ruru@kea.test")


def test_sign_up_by_invitation(site):
    client = site.client("kea.test")
    assert sign_up(site, client).status_code == 403
    assert sign_up(site, client, invite="forged").status_code == 404
    token = site.rookery("invite", "add", "kea.test")["token"]
    assert sign_up(site, client, invite=token, password="short").status_code == 422
    assert sign_up(site, client, invite=token, username="ruru").status_code == 409
    assert sign_up(site, client, invite=token).status_code == 303 and is_in(client)
    assert site.object("https://kea.test/@kaka@kea.test/")["preferredUsername"] == "kaka"
    assert sign_up(site, site.client("kea.test"), invite=token, username="kaka2").status_code == 404


def new_tenant(site, mode):
    """A client of tui.test, when the server has heard of it."""
    site.rookery("domain", "add", "tui.test", f"--sign-up={mode}", "--active")
    client = site.client("tui.test")
    wait_for(lambda: client.get("/about/").status_code == 200, what="the first page of a tenant")
    return client


@pytest.mark.parametrize("mode, status", [("open", 303), ("closed", 403)])
def test_sign_up_modes(site, mode, status):
    client = new_tenant(site, mode)
    assert sign_up(site, client).status_code == status


def test_one_person_joins_a_second_tenant(site):
    """The same address with its password is the same log-in; with another one it is somebody new."""
    client, stranger = new_tenant(site, "open"), site.client("tui.test")
    assert sign_up(site, client, email=EMAIL, username="ruru").status_code == 303
    assert sign_up(site, stranger, email=EMAIL, username="stranger", password="another password").status_code == 303
    known = site.value("select id from users where confirmed is not null and email = %s", EMAIL)
    assert row(site, client)["user_id"] == known
    assert row(site, stranger)["user_id"] != known

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passkeys on the pages of a running server, by an authenticator of our own that can lie: what it may not get away
with. That browsers understand the pages is shown in tests/browser."""

import hmac
import os
import struct
import time

import pytest

from harness import factors
from harness.browser import Browser
from harness.factors import KEY, PRESENT, VERIFIED, Authenticator
from harness.fixtures import PASSWORD

EMAIL, OTHER = "ruru@example.org", "toroa@example.org"
SECURITY = "/settings/security/"


def log_in(site, email=EMAIL, domain="kea.test"):
    made = Browser(site, domain)
    made.log_in(email, PASSWORD)
    return made


def asked(page):
    """The form of a passkey, and its data as a script reads them."""
    [data] = [attributes for tag, attributes in page.tags if tag == "form" and "data-passkey" in attributes]
    return page.form(data["action"]), data


def add(browser, key, name="My key", status=303, **wrong):
    form, data = asked(browser.get(SECURITY))
    return form.press(name=name, status=status, **key.create(data, **wrong))


@pytest.fixture
def browser(site):
    return log_in(site)


@pytest.fixture
def key(site, browser):
    """A passkey of ruru on kea.test."""
    made = Authenticator()
    add(browser, made, status=200)
    return made


def enter(site, key, status=303, domain="kea.test", **wrong):
    """Log-in by the passkey alone."""
    made = Browser(site, domain)
    form, data = asked(made.get("/auth/login/?next=/settings/sessions/"))
    return form.press(status=status, **key.get(data, **wrong))


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_log_in_by_a_passkey_alone(site, browser, algorithm):
    key = Authenticator(algorithm)
    page = add(browser, key, "Pocket <key>", status=200)
    assert "Recovery codes" in page.text
    assert "Pocket <key>" in browser.get(SECURITY).text
    assert enter(site, key).path == "/settings/sessions/"
    assert enter(site, key).path == "/settings/sessions/"


def test_a_passkey_is_a_second_factor(site, browser, key):
    other = Browser(site, "kea.test")
    page = other.log_in(EMAIL, PASSWORD)
    assert page.path == "/auth/second/"
    form, data = asked(page)
    assert data["data-known"] == factors.text(key.id)
    planted = other.client.cookies["session"]
    assert form.press(**key.get(data)).path == "/"
    assert other.get("/settings/sessions/").path == "/settings/sessions/"
    assert other.client.cookies["session"] != planted


def test_it_proves_who_somebody_is_again(site, browser, key):
    site.sql("update sessions set proved = now() - interval '1 hour'")
    form, data = asked(browser.get(SECURITY))
    assert data["action"] == "/auth/prove/passkey/"
    form.press(status=422, **key.get(data, flags=PRESENT))
    form, data = asked(browser.get(SECURITY))
    assert form.press(**key.get(data)).path == SECURITY


LIES = {
    "origin": {"origin": "https://evil.test"},
    "plain origin": {"origin": "http://kea.test"},
    "other tenant's origin": {"origin": "https://weka.test"},
    "host name": {"rp": "weka.test"},
    "nobody there": {"flags": VERIFIED},
    "not verified": {"flags": PRESENT},
    "kind": {"kind": "webauthn.create"},
    "frame of another site": {"crossOrigin": True},
    "challenge": {"challenge": factors.text(b"x" * 56)},
    "empty challenge": {"challenge": ""},
    "somebody else": {"handle": b"somebody else entirely, 32 bytes"},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_lets_nobody_in(site, key, lie):
    enter(site, key, status=422, **LIES[lie])
    assert enter(site, key).path == "/settings/sessions/"


@pytest.mark.parametrize("lie, wrong", [
    ("origin", {"origin": "https://evil.test"}), ("host name", {"rp": "weka.test"}),
    ("not verified", {"flags": PRESENT | KEY}), ("no key", {"flags": PRESENT | VERIFIED}),
    ("kind", {"kind": "webauthn.get"}), ("challenge", {"challenge": factors.text(b"x" * 56)})])
def test_a_lie_adds_no_key(site, browser, lie, wrong):
    add(browser, Authenticator(), status=422, **wrong)
    assert site.value("select count(*) from passkeys") == 0, lie


def test_a_challenge_is_answered_once(site, key):
    first = Browser(site, "kea.test")
    form, data = asked(first.get("/auth/login/"))
    answer = key.get(data)
    assert form.press(**answer).path == "/"
    thief = Browser(site, "kea.test")
    thief.send("POST", "/auth/login/passkey/", answer, status=422)
    # A new signature does not help either.
    thief.send("POST", "/auth/login/passkey/", key.get(data), status=422)


def test_a_challenge_is_for_one_purpose_and_session(site, browser, key):
    _, to_enter = asked(Browser(site, "kea.test").get("/auth/login/"))
    other = Browser(site, "kea.test")
    other.log_in(EMAIL, PASSWORD)
    form, second = asked(other.get("/auth/second/"))
    form.press(status=422, **key.get(second, challenge=to_enter["data-challenge"]))
    twin = Browser(site, "kea.test")
    twin.log_in(EMAIL, PASSWORD)
    _, of_twin = asked(twin.get("/auth/second/"))
    form.press(status=422, **key.get(second, challenge=of_twin["data-challenge"]))
    enter(site, key, status=422, challenge=second["data-challenge"])
    _, of_weka = asked(Browser(site, "weka.test").get("/auth/login/"))
    enter(site, key, status=422, challenge=of_weka["data-challenge"])
    # Nor is one of log-in good for adding a key.
    add(browser, Authenticator(), status=422, challenge=to_enter["data-challenge"])
    assert form.press(**key.get(second)).path == "/"


def minted(site, ends):
    """A challenge for log-in as the server makes them, with another end; purpose 1, no session."""
    secret = bytes(site.value("select private_der from push_keys"))
    domain = site.value("select id from domains where name = 'kea.test'")
    inner = hmac.digest(secret, b"challenges of passkeys", "sha256")
    raw = os.urandom(16) + struct.pack(">q", int(ends * 1e6))
    return factors.text(raw + hmac.digest(inner, f"1 {domain} 0 {raw.hex()}".encode(), "sha256"))


def test_an_old_challenge_is_refused(site, key):
    """Its end is part of what is signed: moved, it is none of ours."""
    assert enter(site, key, challenge=minted(site, time.time() + 60)).path == "/settings/sessions/"
    enter(site, key, status=422, challenge=minted(site, time.time() - 1))
    _, data = asked(Browser(site, "kea.test").get("/auth/login/"))
    raw = bytearray(factors.data(data["data-challenge"]))
    raw[20] ^= 1
    enter(site, key, status=422, challenge=factors.text(bytes(raw)))


def test_the_key_of_somebody_else(site, browser, key):
    """It neither finishes another's log-in nor can be claimed by another."""
    other = log_in(site, OTHER)
    add(other, Authenticator(), status=200)
    step = Browser(site, "kea.test")
    step.log_in(OTHER, PASSWORD)
    form, data = asked(step.get("/auth/second/"))
    form.press(status=422, **key.get(data, handle=b""))
    add(other, key, status=409)
    mine = site.value("select id from passkeys where credential_id = %s", key.id)
    other.send("POST", SECURITY + "passkeys/remove/", {**dict([other.token()]), "passkey": str(mine)}, status=404)
    assert site.value("select count(*) from passkeys") == 2


def test_a_counter_that_goes_back(site, key):
    """A copy of the authenticator shows when both are used."""
    for _ in range(3):
        enter(site, key)
    enter(site, key, status=422, count=2)
    enter(site, key, status=422, count=3)
    enter(site, key, status=422, count=0)
    assert enter(site, key, count=4).path == "/settings/sessions/"


def test_authenticators_without_a_counter(site, key):
    for _ in range(2):
        assert enter(site, key, count=0).path == "/settings/sessions/"


def test_a_wrong_signature(site, key):
    forged = Authenticator()
    forged.id, forged.handle = key.id, key.handle
    enter(site, forged, status=422)


@pytest.mark.parametrize("field", ["id", "client_data", "authenticator_data", "signature"])
@pytest.mark.parametrize("value", ["", "!", "AA", "A" * 20000])
def test_nonsense(site, key, field, value):
    form, data = asked(Browser(site, "kea.test").get("/auth/login/"))
    form.press(status=422, **{**key.get(data), field: value})


def test_a_passkey_is_for_one_domain(site, key):
    enter(site, key, status=422, domain="weka.test")
    assert Browser(site, "weka.test").log_in(EMAIL, PASSWORD).path == "/"


def test_a_removed_passkey_opens_nothing(site, browser, key):
    browser.get(SECURITY).form("passkeys/remove/").press(button=str(site.value("select id from passkeys")))
    enter(site, key, status=422)
    assert Browser(site, "kea.test").log_in(EMAIL, PASSWORD).path == "/"


def test_a_ban_is_obeyed(site, key):
    site.rookery("user", "ban", EMAIL)
    enter(site, key, status=422)


def test_passkeys_are_added_by_who_just_proved_who_they_are(site, browser):
    form, data = asked(browser.get(SECURITY))
    site.sql("update sessions set proved = null")
    assert form.press(**Authenticator().create(data)).path == "/auth/prove/"
    assert site.value("select count(*) from passkeys") == 0


def test_pages_say_so_without_scripts(browser):
    page = browser.get(SECURITY)
    assert "needs JavaScript" in page.text
    [script] = [attributes for tag, attributes in page.tags if tag == "script" and "passkey" in attributes["src"]]
    assert script["integrity"].startswith("sha256-")
    assert "passkey.js" not in browser.get("/about/").markup


def test_script_is_what_its_digest_says(site, browser):
    page = browser.get(SECURITY)
    [script] = [attributes for tag, attributes in page.tags if tag == "script" and "passkey" in attributes["src"]]
    content = browser.client.get(script["src"]).content
    digest = factors.base64.b64encode(factors.hashlib.sha256(content).digest()).decode()
    assert script["integrity"] == "sha256-" + digest and len(content) < 15 * 1024

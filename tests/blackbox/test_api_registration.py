# SPDX-License-Identifier: AGPL-3.0-or-later
"""Signing up by a program, by each tenant's own rules."""

import datetime
import itertools

import pytest

from harness.api import Api, schema_problems, token_for
from harness.fixtures import PASSWORD
from harness.oauth import Program
from harness.wait import wait_for

numbers = itertools.count(1)


def set_mode(site, domain, mode):
    """Returns when the server knows it."""
    known = {"closed": (False, False), "invite": (False, True), "open": (True, True)}[mode]
    site.rookery("domain", "set", domain, "sign_up", mode)

    def is_known():
        seen = Api(site, domain).get("/api/v1/instance")
        return (seen["registrations"], seen["invites_enabled"]) == known

    wait_for(is_known, what=f"the mode {mode}")


@pytest.fixture(scope="module")
def site(shared_site):
    for domain in ("kea.test", "weka.test"):
        set_mode(shared_site, domain, "open")
    return shared_site


@pytest.fixture(autouse=True)
def patience(site):
    site.sql("delete from throttles")


@pytest.fixture(scope="module")
def program(site):
    return Program(site, scopes="read write")


@pytest.fixture(scope="module")
def own(program):
    return program.own_token("read write")


@pytest.fixture
def closed(site):
    """Sets the mode of kea.test for one test."""
    yield lambda mode: set_mode(site, "kea.test", mode)
    set_mode(site, "kea.test", "open")


def form(**changes):
    name = f"new{next(numbers)}"
    fields = {"username": name, "email": f"{name}@example.org", "password": PASSWORD, "agreement": "true",
              "locale": "en", "reason": "because", **changes}
    return {key: value for key, value in fields.items() if value is not None}


def test_somebody_is_signed_up(site, own):
    fields = form()
    token = own.post("/api/v1/accounts", **{**fields, "agreement": True})
    assert token["scope"] == "read write" and token["token_type"] == "Bearer"
    api = Api(site, "kea.test", token=token["access_token"])
    assert api.get("/api/v1/accounts/verify_credentials")["username"] == fields["username"]
    assert api.ask("GET", "/api/v1/emails/check_confirmation").json() is True
    api.refused(403, "POST", "/api/v1/emails/confirmations", json={"email": "x@example.org"})
    other = form()
    answer = own.ask("POST", "/api/v1/accounts", files={key: (None, value) for key, value in other.items()})
    assert answer.status_code == 200
    browser = Program(site).browser(other["username"])
    assert f"as @{other['username']}" in browser.get("/settings/applications/").text


@pytest.mark.parametrize("change, field, code", [
    ({"username": "ruru"}, "username", "ERR_TAKEN"), ({"username": "RURU"}, "username", "ERR_TAKEN"),
    ({"username": None}, "username", "ERR_BLANK"), ({"username": "a b"}, "username", "ERR_INVALID"),
    ({"username": "x" * 31}, "username", "ERR_INVALID"), ({"username": "admin"}, "username", "ERR_INVALID"),
    ({"username": "<b>"}, "username", "ERR_INVALID"), ({"email": None}, "email", "ERR_BLANK"),
    ({"email": "x"}, "email", "ERR_INVALID"), ({"email": "x@y@z"}, "email", "ERR_INVALID"),
    ({"password": None}, "password", "ERR_BLANK"), ({"password": "short"}, "password", "ERR_TOO_SHORT"),
    ({"password": "x" * 300}, "password", "ERR_TOO_LONG"), ({"agreement": "false"}, "agreement", "ERR_ACCEPTED"),
    ({"agreement": None}, "agreement", "ERR_ACCEPTED")])
def test_what_is_wrong_is_told_by_field(own, change, field, code):
    answer = own.ask("POST", "/api/v1/accounts", data=form(**change))
    assert answer.status_code == 422 and schema_problems("ValidationError", answer.json()) == []
    assert list(answer.json()["details"]) == [field] and answer.json()["details"][field][0]["error"] == code
    assert answer.json()["error"].startswith("Validation failed: ")


def test_all_that_is_wrong_is_told_at_once(own):
    details = own.ask("POST", "/api/v1/accounts").json()["details"]
    assert sorted(details) == ["agreement", "email", "password", "username"]


def test_a_known_address_is_told_nobody(site, own):
    known, unknown = (own.ask("POST", "/api/v1/accounts", data=form(email=email, password="another password"))
                      for email in ("ruru@example.org", "nobody@example.org"))
    assert known.status_code == unknown.status_code == 200
    assert set(known.json()) == set(unknown.json())


def test_one_log_in_joins_two_tenants(site, own):
    fields = form()
    own.post("/api/v1/accounts", **{**fields, "agreement": True})
    elsewhere = Program(site, "weka.test", scopes="read write").own_token("read write")
    elsewhere.post("/api/v1/accounts", **{**fields, "agreement": True})
    assert site.value("select count(*) from users where email = %s", fields["email"]) == 1


def test_each_tenants_mode_is_honoured(site, own, closed):
    closed("closed")
    own.refused(403, "POST", "/api/v1/accounts", data=form())
    Program(site, "weka.test", scopes="write").own_token("write").post("/api/v1/accounts", **form())
    closed("invite")
    own.refused(403, "POST", "/api/v1/accounts", data=form())
    own.refused(403, "POST", "/api/v1/accounts", data=form(invite_code="nonsense"))
    invite = site.rookery("invite", "add", "kea.test", "--uses=1")["token"]
    own.post("/api/v1/accounts", **form(invite_code=invite))
    own.refused(403, "POST", "/api/v1/accounts", data=form(invite_code=invite))


def test_an_age_can_be_asked_for(site, own):
    site.rookery("domain", "set", "kea.test", "min_age", "16")
    today = datetime.datetime.now(datetime.timezone.utc).date()
    try:
        for born, code in ((None, "ERR_BLANK"), ("yesterday", "ERR_INVALID"), ("2001-13-01", "ERR_INVALID"),
                           (f"{today.year - 10}-01-01", "ERR_BELOW_LIMIT")):
            details = own.ask("POST", "/api/v1/accounts", data=form(date_of_birth=born)).json()["details"]
            assert details["date_of_birth"][0]["error"] == code, born
        own.post("/api/v1/accounts", **form(date_of_birth="1990-02-28"))
        assert own.get("/api/v2/instance")["registrations"]["min_age"] == 16
    finally:
        site.rookery("domain", "set", "kea.test", "min_age", "")


def test_who_may_sign_up_whom(site, program):
    Api(site, "kea.test").refused(401, "POST", "/api/v1/accounts", data=form())
    program.own_token("read").refused(403, "POST", "/api/v1/accounts", data=form())
    Api(site, "kea.test", token=token_for(site, "weka.test")).refused(401, "POST", "/api/v1/accounts", data=form())
    Api(site, "ruru@kea.test").refused(403, "POST", "/api/v1/accounts", data=form())


def test_too_many_are_refused(site, own):
    for _ in range(10):
        own.ask("POST", "/api/v1/accounts", data=form(email="many@example.org"))
    answer = own.ask("POST", "/api/v1/accounts", data=form(email="many@example.org"))
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 0

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Bytes that no program sends, on every route by which programs get in: never a 500, never somebody's code or token."""

import itertools

import pytest

from harness.api import Api
from harness.oauth import Program

VALUES = ("", "\x00", "'\"<>&;--", "\u202e\ud7ff\U0001f600", "x" * 500, "99999999999999999999", "\r\nX-Evil: 1",
          "javascript:alert(1)", "https://app.test\\@evil.test/")
FIELDS = ("client_id", "client_secret", "client_name", "redirect_uri", "redirect_uris", "redirect_uris[]", "website",
          "scope", "scopes", "response_type", "grant_type", "code", "code_verifier", "code_challenge",
          "code_challenge_method", "state", "token", "username", "email", "password", "agreement", "locale", "reason",
          "invite_code", "date_of_birth", "force_login", "lang", "again", "next")
FORMS = ("/api/v1/apps", "/oauth/token", "/oauth/revoke", "/oauth/userinfo", "/api/v1/accounts",
         "/api/v1/emails/confirmations")
PAGES = ("/oauth/authorize", "/oauth/authorize/native", "/auth/login/", "/privacy/", "/terms/")
DOCUMENTS = ("/api/v1/instance", "/api/v2/instance", "/api/v1/instance/rules", "/api/v1/instance/peers",
             "/api/v1/instance/activity", "/api/v1/instance/domain_blocks", "/api/v1/instance/extended_description",
             "/api/v1/instance/privacy_policy", "/api/v1/instance/languages", "/api/v1/instance/terms_of_service",
             "/api/v1/instance/translation_languages", "/.well-known/oauth-authorization-server", "/health",
             "/api/v1/apps/verify_credentials", "/api/v1/emails/check_confirmation")


@pytest.fixture(scope="module")
def program(shared_site):
    return Program(shared_site)


@pytest.fixture(scope="module")
def askers(program):
    """Somebody's token, and the program's own, which is asked for by most routes."""
    return [Api(program.site, "ruru@kea.test").client, program.own_token("write").client]


def harmless(answer):
    assert answer.status_code < 500, (answer.request.method, str(answer.url)[:200], answer.text[:500])
    assert "x-evil" not in answer.headers
    assert not answer.headers.get("location", "").startswith(("http", "javascript", "//")), answer.headers["location"]


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_forms(askers, value):
    fields = {name: value for name in FIELDS}
    for client, path in itertools.product(askers, FORMS):
        for more in ({"data": fields}, {"json": fields}, {"json": {name: [value, {"a": value}] for name in FIELDS}},
                     {"files": {name: (None, value.encode("utf-8")) for name in FIELDS}}, {"params": fields}):
            harmless(client.post(path, **more))


@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_pages_and_documents(program, askers, value):
    fields = {name: value for name in FIELDS}
    browser = program.browser()
    known = {**fields, "client_id": program.id}
    trusted = {**known, "redirect_uri": "urn:ietf:wg:oauth:2.0:oob"}
    for query in (fields, known, trusted):
        for path in PAGES:
            harmless(browser.client.get(path, params=query))
        pressed = {**fields, "identity": value, "decision": "allow", **dict([browser.token()])}
        harmless(browser.client.post("/oauth/authorize", params=query, data=pressed))
    for client, path in itertools.product(askers, DOCUMENTS):
        harmless(client.get(path, params=fields))


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"a":' * 80, b"a=%ff", b"&&&===",
                                  b"x" * 70000])
def test_bodies(askers, body):
    types = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain")
    for path, kind in itertools.product(FORMS, types):
        harmless(askers[1].post(path, content=body, headers={"content-type": kind}))


@pytest.mark.parametrize("header", ["Basic", "Basic ====", "Basic /w==", "Basic Og==", "Basic " + "QQ" * 4000,
                                    "Bearer " + "x" * 8000, "Digest x", "\x80"])
def test_authorization(program, header):
    client = program.api.client
    for path in (*FORMS, "/api/v1/apps/verify_credentials"):
        method = "GET" if path.endswith("credentials") else "POST"
        answer = client.request(method, path, headers=[(b"authorization", header.encode("latin-1"))])
        harmless(answer)
        assert answer.status_code >= 400

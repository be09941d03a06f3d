# SPDX-License-Identifier: AGPL-3.0-or-later
"""Second factors on the pages of a running server: codes of a program and on paper, log-in in two steps, proofs in
between, and a community that asks its staff for one."""

import re

import httpx
import pytest

from harness import factors
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.wait import wait_for

EMAIL, OTHER = "ruru@example.org", "toroa@example.org"
SECURITY = "/settings/security/"


@pytest.fixture
def browser(site):
    made = Browser(site, "kea.test")
    made.log_in(EMAIL, PASSWORD)
    return made


def secret_on(page):
    return re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.markup)[1].replace(" ", "")


def codes_on(page):
    return re.findall(r'<code class="secret">([A-Z2-7-]+)</code>', page.markup)


def set_up(browser):
    """Codes of a program from now on: the secret, and what is on paper. The code of this interval is used up."""
    page = browser.get(SECURITY + "totp/")
    secret = secret_on(page)
    return secret, codes_on(page.form("totp/").press(code=factors.totp(secret), status=200))


def first_step(site, email=EMAIL, **more):
    made = Browser(site, "kea.test", **more)
    return made, made.log_in(email, PASSWORD)


def is_in(browser):
    return browser.get("/settings/sessions/").path == "/settings/sessions/"


def forget_time(site):
    """As if the codes of this moment had not been used."""
    site.sql("update user_totps set last_step = last_step - 10")


def test_a_secret_counts_when_a_code_confirmed_it(site, browser):
    page = browser.get(SECURITY + "totp/")
    secret = secret_on(page)
    assert len(secret) == 32 and secret_on(browser.get(SECURITY + "totp/")) == secret
    assert first_step(site)[1].path == "/"
    assert page.form("totp/").press(code="000000", status=422).path == SECURITY + "totp/"
    shown = page.form("totp/").press(code=factors.totp(secret), status=200)
    assert len(set(codes_on(shown))) == 10
    assert first_step(site)[1].path == "/auth/second/"
    assert is_in(browser)
    assert browser.get(SECURITY + "totp/", status=409)


def test_the_secret_is_stored_sealed(site, browser):
    secret, paper = set_up(browser)
    raw = factors.base64.b32decode(secret)
    stored = site.value("select secret from user_totps")
    assert raw not in bytes(stored) and secret.encode() not in bytes(stored)
    hashed = [bytes(one["code_hash"]) for one in site.sql("select code_hash from recovery_codes")]
    assert len(hashed) == 10 and all(len(one) == 32 for one in hashed)
    assert not {one.encode() for one in paper} & set(hashed)


def test_the_picture_is_for_its_owner_alone(site, browser):
    browser.get(SECURITY + "totp/")
    answer = browser.client.get(SECURITY + "totp/picture")
    assert answer.headers["content-type"] == "image/svg+xml" and answer.text.startswith("<svg")
    assert answer.headers["cache-control"] == "no-store"
    assert Browser(site, "kea.test").client.get(SECURITY + "totp/picture").status_code == 303
    site.sql("update sessions set proved = now() - interval '1 hour'")
    assert browser.client.get(SECURITY + "totp/picture").status_code == 403


def test_log_in_in_two_steps(site, browser):
    secret, _ = set_up(browser)
    forget_time(site)
    made, page = first_step(site)
    planted = made.client.cookies["session"]
    assert page.path == "/auth/second/" and made.get("/settings/sessions/").path == "/auth/second/"
    assert made.get("/").text == Browser(site, "kea.test").get("/").text
    assert made.client.post("/compose/", data={"text": "x"}).status_code == 401
    page = made.get("/settings/profile/").form("second/").press(code=factors.totp(secret))
    assert page.path == "/settings/profile/"
    assert is_in(made)
    # Who planted the cookie of the first step has nothing.
    assert made.client.cookies["session"] != planted
    thief = Browser(site, "kea.test")
    thief.client.cookies.set("session", planted, domain="kea.test")
    assert not is_in(thief)


def test_a_code_is_taken_once_and_in_its_time(site, browser):
    secret, _ = set_up(browser)
    form = first_step(site)[1].form("second/")
    assert form.press(code=factors.totp(secret), status=422).path == "/auth/second/"
    assert form.press(code=factors.totp(secret, 1)).path == "/"
    forget_time(site)
    for shift in (-3, 3):
        assert first_step(site)[1].form("second/").press(code=factors.totp(secret, shift), status=422)
    assert first_step(site)[1].form("second/").press(code=factors.totp(secret, -1)).path == "/"


def test_wrong_codes_are_counted_and_paper_gets_by(site, browser):
    secret, paper = set_up(browser)
    forget_time(site)
    _, page = first_step(site, client_address="198.51.100.1")
    for _ in range(10):
        page.form("second/").press(code="123456", status=422)
    page.form("second/").press(code=factors.totp(secret), status=429)
    # Nobody else is locked out by that.
    _, page = first_step(site, client_address="198.51.100.2")
    assert page.form("second/").press(code=factors.totp(secret)).path == "/"
    site.sql("update throttles set hits = 1000 where key like 'factor_program:%%'")
    forget_time(site)
    _, page = first_step(site, client_address="198.51.100.3")
    page.form("second/").press(code=factors.totp(secret), status=429)
    assert page.form("second/").press(code=paper[0]).path == "/"


def test_recovery_codes_work_once_each(site, browser):
    _, paper = set_up(browser)
    made, page = first_step(site)
    assert page.form("second/").press(code=paper[3].lower().replace("-", " ")).path == "/"
    assert is_in(made)
    _, page = first_step(site)
    page.form("second/").press(code=paper[3], status=422)
    fresh = codes_on(browser.get(SECURITY).form("recovery/").press(status=200))
    assert len(fresh) == 10 and not set(fresh) & set(paper)
    page.form("second/").press(code=paper[4], status=422)
    assert page.form("second/").press(code=fresh[0]).path == "/"


def test_the_codes_of_somebody_else_do_nothing(site, browser):
    _, paper = set_up(browser)
    other = Browser(site, "kea.test")
    other.log_in(OTHER, PASSWORD)
    set_up(other)
    _, page = first_step(site, OTHER)
    page.form("second/").press(code=paper[0], status=422)


def test_a_program_is_removed(site, browser):
    set_up(browser)
    browser.get(SECURITY).form("totp/remove/").press()
    assert first_step(site)[1].path == "/"


def test_the_second_step_ends(site, browser):
    secret, _ = set_up(browser)
    forget_time(site)
    made, page = first_step(site)
    site.sql("update sessions set expires = now() where waiting")
    assert page.form("second/").press(code=factors.totp(secret)).path == "/auth/login/"
    assert not is_in(made)
    made, page = first_step(site)
    site.rookery("user", "ban", EMAIL)
    assert page.form("second/").press(code=factors.totp(secret)).path == "/auth/login/"


def test_another_tenant_asks_as_well(site, browser):
    """A ticket carries what was proved, and no more."""
    weak = Browser(site, "weka.test")
    weak.log_in(EMAIL, PASSWORD)
    set_up(browser)
    kea = site.value("select id from identities where username = 'ruru' and host = 'kea.test'")
    weka = site.value("select id from identities where username = 'ruru' and host = 'weka.test'")
    page = weak.send("POST", "/switch/", dict([weak.token()], identity=str(kea))).form("ticket/").press()
    assert page.path == "/auth/second/"
    page = browser.send("POST", "/switch/", dict([browser.token()], identity=str(weka))).form("ticket/").press()
    assert page.path == "/" and page.url.startswith("https://weka.test/")
    # It came by a ticket: what is sensitive asks for the password.
    assert browser.get("https://weka.test" + SECURITY).path == "/auth/prove/"


def test_an_application_is_let_in_after_both_steps(site, browser):
    secret, _ = set_up(browser)
    forget_time(site)
    client = site.client("kea.test")
    app = client.post("/api/v1/apps", data={"client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}).json()
    path = ("/oauth/authorize?response_type=code&redirect_uri=urn:ietf:wg:oauth:2.0:oob&client_id=" + app["client_id"])
    made = Browser(site, "kea.test")
    page = made.get(path).form("login/").press(email=EMAIL, password=PASSWORD)
    assert page.path == "/auth/second/" and made.get(path).path == "/auth/second/"
    assert page.form("second/").press(code=factors.totp(secret)).path == "/oauth/authorize"


def test_joining_another_tenant_asks_for_it(site):
    """Neither the page nor a program gets in with the password alone."""
    site.rookery("domain", "add", "tui.test", "--sign-up=open", "--active")
    tui = Browser(site, "tui.test")
    wait_for(lambda: tui.client.get("/about/").status_code == 200, what="the first page of a tenant")
    browser = Browser(site, "kea.test")
    browser.log_in(EMAIL, PASSWORD)
    set_up(browser)
    form = tui.get("/auth/signup/").form("signup/")
    fields = {**form.fields, "email": EMAIL, "password": PASSWORD, "username": "ruru"}
    # A form that is sent at once is refused: people take longer.
    wait_for(lambda: tui.client.post("/auth/signup/", data=fields).status_code == 303, what="a sign-up")
    assert tui.get("/settings/sessions/").path == "/auth/second/"
    client = site.client("tui.test")
    app = client.post("/api/v1/apps", data={"client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob",
                                            "scopes": "read write"}).json()
    token = client.post("/oauth/token", data={"grant_type": "client_credentials", "client_id": app["client_id"],
                                              "client_secret": app["client_secret"], "scope": "read write"}).json()
    answer = client.post("/api/v1/accounts", headers={"Authorization": "Bearer " + token["access_token"]}, data={
        "username": "ruru2", "email": EMAIL, "password": PASSWORD, "agreement": "true", "locale": "en"})
    assert answer.status_code == 403, answer.text


def test_sensitive_pages_ask_again_after_a_while(site, browser):
    assert browser.get(SECURITY).path == SECURITY
    form = browser.get(SECURITY).form("recovery/")
    site.sql("update sessions set proved = now() - interval '11 minutes'")
    assert form.press().path == "/auth/prove/" and site.value("select count(*) from recovery_codes") == 0
    page = browser.get(SECURITY)
    assert page.path == "/auth/prove/"
    assert page.form("prove/").press(password="wrong", status=422).path == "/auth/prove/"
    assert page.form("prove/").press(password=PASSWORD).path == SECURITY
    for _ in range(10):
        page.form("prove/").press(password="wrong", status=422)
    page.form("prove/").press(password=PASSWORD, status=429)


def api_of(site, browser, scope="read admin:read"):
    client = site.client("kea.test")
    app = client.post("/api/v1/apps", data={"client_name": "x", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob",
                                            "scopes": scope}).json()
    query = httpx.QueryParams(response_type="code", redirect_uri="urn:ietf:wg:oauth:2.0:oob", scope=scope,
                              client_id=app["client_id"])
    page = browser.get(f"/oauth/authorize?{query}").form_of("/oauth/authorize").press("allow")
    code = re.search(r"code=([\w-]+)", page.url)[1]
    token = client.post("/oauth/token", data={
        "grant_type": "authorization_code", "code": code, "client_id": app["client_id"],
        "client_secret": app["client_secret"], "redirect_uri": "urn:ietf:wg:oauth:2.0:oob"}).json()["access_token"]
    client.headers["Authorization"] = "Bearer " + token
    return client


def test_a_community_asks_its_staff_for_one(site, browser):
    site.rookery("user", "grant", EMAIL, "admin", "kea.test")
    staff = api_of(site, browser)
    assert staff.get("/api/v1/admin/accounts").status_code == 200
    site.rookery("domain", "set", "kea.test", "staff_second_factor", "true")
    assert staff.get("/api/v1/admin/accounts").status_code == 403
    assert staff.get("/api/v1/accounts/verify_credentials").status_code == 200
    page = browser.get("/compose/")
    assert page.path == SECURITY and "asks its staff" in page.text
    assert browser.get("/").path == SECURITY
    browser.send("POST", "/compose/", {**page.form("recovery/").fields, "text": "x"}, status=403)
    # Others are not concerned.
    other = Browser(site, "kea.test")
    assert other.log_in(OTHER, PASSWORD).path == "/" and is_in(other)
    set_up(browser)
    assert browser.get("/compose/").path == "/compose/"
    assert staff.get("/api/v1/admin/accounts").status_code == 200


def test_the_operator_takes_factors_away(site, browser):
    set_up(browser)
    shown = site.rookery("user", "factors", EMAIL)
    assert shown["totp"] and shown["recovery_codes"] == 10 and shown["passkeys"] == 0
    assert site.rookery("user", "factors", EMAIL, "--reset")["totp"] is None
    assert not is_in(browser)
    assert first_step(site)[1].path == "/"
    assert site.value("select count(*) from audit_log where action = 'user.factors_reset' and subject = %s", EMAIL) == 1

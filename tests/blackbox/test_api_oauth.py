# SPDX-License-Identifier: AGPL-3.0-or-later
"""How programs get their tokens: registration, the page on which people let them in, codes, proof keys, giving
up; and everything that somebody could try who is not meant."""

import base64
import hashlib
import json
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from harness import work
from harness.api import Api, schema_problems, specification, token_for
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.oauth import OOB, REDIRECT, Program, answer_of, challenge_of
from harness.wait import wait_for

VERIFY = "/api/v1/accounts/verify_credentials"


@pytest.fixture(scope="module")
def site(shared_site):
    return shared_site


@pytest.fixture(scope="module")
def program(site):
    return Program(site)


@pytest.fixture(scope="module")
def browser(program):
    return program.browser()


# Registration


def test_an_application_is_registered_by_form_json_and_multipart(site):
    client = Api(site, "kea.test").client
    fields = {"client_name": "App", "redirect_uris": f"{REDIRECT}\napp.test:/done  {OOB}", "scopes": "read write:media",
              "website": "https://app.test/"}
    for more in ({"data": fields}, {"json": fields}, {"files": {name: (None, value) for name, value in fields.items()}},
                 {"json": {**fields, "redirect_uris": fields["redirect_uris"].split()}},
                 {"data": {**fields, "redirect_uris": None, "redirect_uris[]": fields["redirect_uris"].split()}}):
        answer = client.post("/api/v1/apps", **more)
        assert answer.status_code == 200, answer.text
        made = answer.json()
        assert schema_problems("CredentialApplication", made) == []
        assert made["redirect_uris"] == [REDIRECT, "app.test:/done", OOB]
        assert made["redirect_uri"] == "\n".join(made["redirect_uris"])
        assert (made["name"], made["website"], made["scopes"]) == ("App", "https://app.test/", ["read", "write:media"])
        assert made["client_secret_expires_at"] == 0 and answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("change", [
    {"client_name": ""}, {"client_name": None}, {"client_name": "x" * 61}, {"redirect_uris": None},
    {"redirect_uris": " "},
    {"redirect_uris": "/relative"}, {"redirect_uris": "javascript:alert(1)"}, {"redirect_uris": "JAVASCRIPT:alert(1)"},
    {"redirect_uris": "data:text/html,x"}, {"redirect_uris": "https://app.test/#fragment"},
    {"redirect_uris": "https://user:secret@app.test/"}, {"redirect_uris": "https:app.test"},
    {"redirect_uris": "https://"},
    {"redirect_uris": "http://a\u00e4.test/"}, {"redirect_uris": "x y"}, {"redirect_uris": "1a:/x"},
    {"redirect_uris": " ".join(f"https://app.test/{n}" for n in range(21))},
    {"redirect_uris": "https://app.test/" + "x" * 2000}, {"scopes": "read nonsense"}, {"scopes": "write:"},
    {"website": "javascript:alert(1)"}, {"website": "x"},
])
def test_what_cannot_be_registered_is_422(site, change):
    fields = {"client_name": "App", "redirect_uris": OOB, "scopes": "read", **change}
    fields = {name: value for name, value in fields.items() if value is not None}
    Api(site, "kea.test").refused(422, "POST", "/api/v1/apps", data=fields)


def test_without_scopes_it_may_read(site):
    made = Api(site, "kea.test").post("/api/v1/apps", client_name="App", redirect_uris=OOB)
    assert made["scopes"] == ["read"]


def test_an_application_sees_itself(program):
    seen = program.own_token().get("/api/v1/apps/verify_credentials")
    assert seen["name"] == "Program" and "client_secret" not in seen
    assert program.let_in().get("/api/v1/apps/verify_credentials") == seen
    program.api.refused(401, "GET", "/api/v1/apps/verify_credentials")


def test_secrets_are_hashed_at_rest(site, program):
    token = program.own_token().token
    stored = json.dumps([[repr(value) for row in site.sql(f"select * from {table}") for value in row.values()]
                         for table in ("applications", "tokens", "oauth_codes")])
    assert token not in stored and program.secret not in stored
    assert site.value("select count(*) from tokens where token_hash = %s", hashlib.sha256(token.encode()).digest()) == 1


# The way of a code


def test_a_person_lets_a_program_in(program, browser):
    page = browser.get(program.address())
    assert "Program" in page.text and "app.test" in page.text and "write posts as you" in page.text
    policy = page.answer.headers["content-security-policy"]
    assert "https://app.test;" in policy and "frame-ancestors 'none'" in policy
    brought = answer_of(program.decide(browser))
    assert brought["state"] == "s & t" and brought["from"] == "kea"
    token = program.token(code=brought["code"])
    assert (token["token_type"], token["scope"]) == ("Bearer", "read write follow push")
    assert Api(program.site, "kea.test", token=token["access_token"]).get(VERIFY)["acct"] == "ruru"


def test_who_is_not_logged_in_logs_in_first(program):
    browser = Browser(program.site, "kea.test")
    page = browser.get(program.address(force_login="false", lang="de"))
    assert page.path == "/auth/login/"
    page = page.form("login/").press(email="ruru@example.org", password=PASSWORD)
    assert page.path == "/oauth/authorize" and "Program" in page.text


def test_force_login_asks_again_and_only_once(program, browser):
    page = browser.get(program.address(force_login="true"))
    assert page.path == "/auth/login/"
    other = Browser(program.site, "kea.test")
    other.log_in("ruru@example.org", PASSWORD)
    page = other.get(program.address(force_login="true")).form("login/").press(email="toroa@example.org",
                                                                              password=PASSWORD)
    assert page.path == "/oauth/authorize" and "@toroa" in page.text


def test_one_of_several_identities_is_chosen(site, program):
    site.rookery("identity", "add", "ruru2@kea.test", "--user", "ruru@example.org")
    browser = program.browser()
    page = browser.get(program.address())
    offered = {one["value"] for tag, one in page.tags if tag == "input" and one["name"] == "identity"}
    assert offered == {str(work.identity(site, f"{name}@kea.test")["id"]) for name in ("ruru", "ruru2")}
    chosen = work.identity(site, "ruru2@kea.test")["id"]
    code = answer_of(program.decide(browser, identity=str(chosen)))["code"]
    api = Api(site, "kea.test", token=program.token(code=code)["access_token"])
    assert api.get(VERIFY)["username"] == "ruru2"


@pytest.mark.parametrize("handle", ["toroa@kea.test", "ruru@weka.test"])
def test_nobody_elses_identity_can_be_chosen(site, program, browser, handle):
    answer = program.decide(browser, identity=str(work.identity(site, handle)["id"]))
    assert answer.status_code == 404 and "location" not in answer.headers


def test_no_is_an_answer(program, browser):
    for decision in ("deny", "", "nonsense"):
        brought = answer_of(program.decide(browser, decision))
        assert (brought["error"], brought["state"]) == ("access_denied", "s & t") and "code" not in brought


def test_without_a_state_none_comes_back(program, browser):
    assert set(answer_of(program.decide(browser, address=program.address(state=None)))) == {"from", "code"}
    assert answer_of(program.decide(browser, address=program.address(state="")))["state"] == ""


@pytest.mark.parametrize("redirect, source", [
    ("mastodon-android-auth://callback", "mastodon-android-auth:"), ("com.app:/oauth", "com.app:"),
    ("http://127.0.0.1:4711/x", "http://127.0.0.1:4711"), ("http://[::1]:4711/x", "http:"),
    ("https://app.test:8443/", "https://app.test:8443")])
def test_redirects_of_all_kinds(site, browser, redirect, source):
    program = Program(site, redirects=[redirect])
    policy = browser.get(program.address()).answer.headers["content-security-policy"]
    assert source in policy.split("form-action ")[1].split(";")[0].split()
    code = answer_of(program.decide(browser), redirect)["code"]
    assert program.token(code=code)


def test_a_code_is_shown_when_it_cannot_be_sent(program, browser):
    page = browser.get(program.address(redirect_uri=OOB)).form_of("/oauth/authorize").press("allow")
    assert page.path == "/oauth/authorize/native"
    code = parse_qs(urlsplit(page.url).query)["code"][0]
    assert code in page.markup
    assert program.token(code=code, redirect_uri=OOB)
    for nonsense in ("", "x", "<b>" + "x" * 40, "x" * 44):
        assert browser.client.get("/oauth/authorize/native", params={"code": nonsense}).status_code == 400


def test_no_to_a_code_that_is_shown(program, browser):
    answer = program.decide(browser, "deny", address=program.address(redirect_uri=OOB))
    assert answer.status_code == 400 and "denied" in answer.text


# What the page refuses


@pytest.mark.parametrize("redirect", [
    REDIRECT + "&x=1", REDIRECT[:-1], "https://app.test/", "https://app.test/callback",
    "https://app.test.evil.test/callback?from=kea", "https://evil.test/callback?from=kea",
    REDIRECT.replace("https", "http"), REDIRECT.upper(), REDIRECT + "/../x", REDIRECT + "#x",
    "https://app.test@evil.test/callback?from=kea", " " + REDIRECT, REDIRECT + "\n", "//app.test/callback", "", None])
def test_nothing_goes_to_an_address_that_is_not_the_programs(program, browser, redirect):
    for client in (browser.client, Browser(program.site, "kea.test").client):
        answer = client.get(program.address(redirect_uri=redirect, scope="nonsense"))
        assert answer.status_code == 400 and "location" not in answer.headers
    form = browser.get(program.address()).form_of("/oauth/authorize")
    answer = browser.client.post(program.address(redirect_uri=redirect), data={**form.fields, "decision": "allow"})
    assert answer.status_code == 400 and "location" not in answer.headers


def test_an_application_of_another_tenant_is_none_here(site, program):
    elsewhere = Program(site, "weka.test")
    answer = program.browser().client.get(elsewhere.address())
    assert answer.status_code == 400 and "not known" in answer.text
    answer = program.ask_token(client_id=elsewhere.id, client_secret=elsewhere.secret, grant_type="client_credentials")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize("change, error", [
    ({"response_type": "token"}, "unsupported_response_type"), ({"response_type": None}, "unsupported_response_type"),
    ({"scope": "nonsense"}, "invalid_scope"), ({"scope": "read admin:read"}, "invalid_scope"),
    ({"scope": "read write writer"}, "invalid_scope"), ({"code_challenge_method": "plain"}, "invalid_request"),
    ({"code_challenge_method": None}, "invalid_request"), ({"code_challenge": None}, "invalid_request"),
    ({"code_challenge": "short"}, "invalid_request"), ({"code_challenge": "=" * 43}, "invalid_request"),
    ({"code_challenge_method": "s256"}, "invalid_request")])
def test_what_is_wrong_is_told_to_the_program(program, browser, change, error):
    brought = answer_of(browser.client.get(program.address(**change)))
    assert (brought["error"], brought["state"]) == (error, "s & t") and brought["error_description"]
    assert browser.client.get(program.address(redirect_uri=OOB, **change)).status_code == 400


def test_what_is_too_long_is_refused(program):
    client = Browser(program.site, "kea.test").client
    assert client.get(program.address(state="x" * 2049)).status_code == 400
    assert client.get(program.address(state="&" * 1500)).status_code == 413


def test_a_narrower_scope_is_granted_as_asked(program, browser):
    code = program.code(browser, scope="read:statuses write:media read:statuses")
    assert program.token(code=code, scope="read write")["scope"] == "read:statuses write:media"


def test_a_form_of_another_site_lets_nobody_in(program, browser):
    form = browser.get(program.address()).form_of("/oauth/authorize")
    allow = {**form.fields, "decision": "allow"}
    foreign = browser.client.post(form.action, data=allow, headers={"Origin": "https://evil.test"})
    blind = browser.client.post(form.action, data={"decision": "allow"})
    guessed = browser.client.post(form.action, data={**allow, "form_token": "x" * 32})
    for answer in (foreign, blind, guessed):
        assert answer.status_code == 403 and "location" not in answer.headers
    stranger = program.site.client("kea.test").post(form.action, data=allow)
    assert stranger.headers["location"].startswith("/auth/login/")


def test_what_a_program_says_of_itself_is_text(site, browser):
    program = Program(site, redirects=["x-app:/"], website="https://app.test/?a=<b>")
    site.sql("update applications set name = %s where client_id = %s", "<script>x</script>", program.id)
    page = browser.get(program.address(state="\"><script>y</script>"))
    assert "<script>" not in page.markup and "<script>x</script>" in page.text


# What the token endpoint refuses


def test_a_code_works_once_and_a_second_use_ends_the_token(program, browser):
    code = program.code(browser)
    token = program.token(code=code)["access_token"]
    api = Api(program.site, "kea.test", token=token)
    api.get(VERIFY)
    program.refused(400, "invalid_grant", code=code)
    api.refused(401, "GET", VERIFY)
    program.refused(400, "invalid_grant", code=code)


def test_a_code_is_for_one_program_one_address_and_one_key(program, browser):
    code = program.code(browser)
    thief = Program(program.site)
    thief.refused(400, "invalid_grant", code=code, code_verifier=program.verifier)
    for change in ({"redirect_uri": OOB}, {"redirect_uri": None}, {"redirect_uri": REDIRECT + "x"},
                   {"code_verifier": None}, {"code_verifier": "x" * 43}, {"code_verifier": "x"},
                   {"code_verifier": challenge_of(program.verifier)},
                   {"code": code[:-1]}, {"code": code + "x"}, {"code": "x" * 43}):
        program.refused(400, "invalid_grant", **{"code": code, **change})
    program.refused(400, "invalid_request", code=None)
    assert program.token(code=code)


def test_a_challenge_that_was_taken_away_is_noticed(program, browser):
    code = program.code(browser, code_challenge=None, code_challenge_method=None)
    program.refused(400, "invalid_grant", code=code)
    assert program.token(code=code, code_verifier=None)


def test_a_code_of_another_tenant_is_none_here(site, program):
    elsewhere = Program(site, "weka.test")
    code = elsewhere.code(elsewhere.browser())
    program.refused(400, "invalid_grant", code=code, code_verifier=elsewhere.verifier)


def test_a_code_ends(site, program, browser):
    code = program.code(browser)
    hashed = hashlib.sha256(code.encode()).digest()
    left = site.value("select extract(epoch from expires - now())::int from oauth_codes where code_hash = %s", hashed)
    assert 500 < left <= 600
    site.sql("update oauth_codes set expires = now() - interval '1 second' where code_hash = %s", hashed)
    program.refused(400, "invalid_grant", code=code)


def test_clients_say_who_they_are_in_several_ways(program):
    fields = {"grant_type": "client_credentials", "scope": "read"}
    own = {"client_id": program.id, "client_secret": program.secret}
    basic = (quote(program.id, safe=""), quote(program.secret, safe=""))
    client = program.api.client
    for more in ({"data": {**fields, **own}}, {"json": {**fields, **own}}, {"data": fields, "auth": basic},
                 {"files": {name: (None, value) for name, value in {**fields, **own}.items()}},
                 {"json": fields, "auth": basic}, {"data": {**fields, "client_id": program.id}, "auth": basic}):
        answer = client.post("/oauth/token", **more)
        assert answer.status_code == 200 and schema_problems("Token", answer.json()) == [], answer.text
        assert answer.headers["access-control-allow-origin"] == "*"


def test_who_does_not_know_the_secret_gets_nothing(program):
    client = program.api.client
    fields = {"grant_type": "client_credentials"}
    wrong = [{"data": {**fields, "client_id": program.id, "client_secret": "x"}},
             {"data": {**fields, "client_id": program.id}},
             {"data": {**fields, "client_id": "x", "client_secret": program.secret}}, {"data": fields},
             {"data": fields, "auth": (program.id, "x")}, {"data": fields, "auth": (program.id, "")},
             {"data": {**fields, "client_id": "%", "client_secret": "\u00e4"}}]
    for more in wrong:
        answer = client.post("/oauth/token", **more)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text
        assert answer.headers["www-authenticate"].startswith("Basic")
    for more in ({"headers": {"Authorization": "Basic !"}},
                 {"headers": {"Authorization": "Basic " + base64.b64encode(b"x").decode()}},
                 {"data": {**fields, "client_id": "other"}, "auth": (program.id, program.secret)}):
        answer = client.post("/oauth/token", **{"data": fields, **more})
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), answer.text


def test_other_grants_are_refused(program):
    program.refused(400, "unsupported_grant_type", grant_type="password", username="ruru@example.org",
                    password=PASSWORD)
    program.refused(400, "unsupported_grant_type", grant_type="refresh_token")
    program.refused(400, "invalid_request", grant_type="")
    assert program.ask_token(grant_type=None).json()["error"] == "invalid_request"
    broken = program.api.client.post("/oauth/token", content=b"{", headers={"content-type": "application/json"})
    assert broken.status_code == 400 and broken.json()["error"]
    assert program.api.client.get("/oauth/token").status_code == 405


def test_a_token_never_gets_more_than_its_application_registered(site):
    program = Program(site, scopes="read:statuses write")
    for scope in ("read", "read:accounts", "follow", "admin:write", "write read"):
        program.refused(400, "invalid_scope", grant_type="client_credentials", scope=scope)
    api = program.own_token("write:media read:statuses")
    assert site.value("select scopes from tokens where token_hash = %s",
                      hashlib.sha256(api.token.encode()).digest()) == ["write:media", "read:statuses"]


def test_every_scope_of_the_description_is_there(site, program):
    scopes = specification()["components"]["schemas"]["OAuthScope"]["enum"]
    offered = program.api.get("/.well-known/oauth-authorization-server")["scopes_supported"]
    assert sorted(offered) == sorted(scopes)
    made = Program(site, scopes=" ".join(scopes))
    assert made.entity["scopes"] == scopes


# Giving up, and being shut out


def test_a_program_gives_a_token_up(program):
    api = program.let_in()
    fields = {"client_id": program.id, "client_secret": program.secret, "token": api.token}
    client = program.api.client
    assert client.post("/oauth/revoke", data={**fields, "client_secret": "x"}).json()["error"] == "invalid_client"
    api.get(VERIFY)
    thief = Program(program.site)
    other = client.post("/oauth/revoke", data={**fields, "client_id": thief.id, "client_secret": thief.secret})
    assert (other.status_code, other.json()["error"]) == (403, "unauthorized_client")
    assert client.post("/oauth/revoke", data={**fields, "token": ""}).json()["error"] == "invalid_request"
    api.get(VERIFY)
    for _ in range(2):
        done = client.post("/oauth/revoke", json=fields)
        assert (done.status_code, done.json()) == (200, {})
    api.refused(401, "GET", VERIFY)


def test_a_person_sees_and_shuts_out_programs(site):
    program = Program(site, website="https://app.test/about")
    api = program.let_in("toroa")
    browser = program.browser("toroa")
    page = browser.get("/settings/applications/")
    assert "Program as @toroa" in page.text and "https://app.test/about" in page.links()
    other = program.browser("ruru")
    [form] = page.forms_to("applications/")
    value = form.buttons[0]["application"]
    foreign = other.client.post("/settings/applications/", data=dict([other.token()], application=value))
    assert foreign.status_code == 404
    api.get(VERIFY)
    page = form.press(value)
    assert page.path == "/settings/applications/" and "no application" in page.text
    api.refused(401, "GET", VERIFY)


def test_whoever_may_not_any_more_is_out_at_once(site):
    program = Program(site)
    api, own = program.let_in("toroa"), program.own_token()
    domain = work.identity(site, "toroa@kea.test")["domain_id"]
    cut = [("update users set banned = %s where email = 'toroa@example.org'", True, False),
           ("update identities set deleted = case when %s then now() end where id = "
            + str(work.identity(site, "toroa@kea.test")["id"]), True, False)]
    for statement, on, off in cut:
        site.sql(statement, on)
        api.refused(401, "GET", VERIFY)
        site.sql(statement, off)
        api.get(VERIFY)
    held = site.sql("delete from identity_users where identity_id = %s returning *",
                    work.identity(site, "toroa@kea.test")["id"])[0]
    api.refused(401, "GET", VERIFY)
    site.sql("insert into identity_users (identity_id, user_id, domain_id) values (%s, %s, %s)",
             held["identity_id"], held["user_id"], domain)
    api.get(VERIFY)
    own.get("/api/v1/apps/verify_credentials")
    site.rookery("domain", "suspend", "kea.test")
    try:
        wait_for(lambda: api.client.get("/about/").status_code == 403, what="the suspension")
        for one in (api, own):
            assert one.client.get(VERIFY).status_code == 403
        assert program.api.client.post("/oauth/token", data={"grant_type": "client_credentials"}).status_code == 403
    finally:
        site.rookery("domain", "resume", "kea.test")
    wait_for(lambda: api.client.get("/about/").status_code == 200, what="its end")
    api.get(VERIFY)


def test_a_token_in_the_address_works_on_its_own_tenant_only(site):
    token = token_for(site, "ruru@weka.test")
    assert site.client("weka.test").get(VERIFY, params={"access_token": token}).status_code == 200
    assert site.client("kea.test").get(VERIFY, params={"access_token": token}).status_code == 401


# Who it is, and where things are


def test_userinfo_says_who_it_is(site, program):
    api = program.let_in(scope="read:accounts")
    ruru = work.identity(site, "ruru@kea.test")["actor_uri"]
    for method in ("GET", "POST"):
        info = api.ask(method, "/oauth/userinfo").json()
        assert (info["iss"], info["sub"], info["preferred_username"]) == ("https://kea.test", ruru, "ruru")
        assert info["name"] and info["profile"].startswith("https://kea.test/")
    Api(site, "ruru@kea.test", ["profile"]).ask("GET", "/oauth/userinfo").raise_for_status()
    Api(site, "ruru@kea.test", ["write"]).refused(403, "GET", "/oauth/userinfo")
    Api(site, "kea.test").refused(401, "GET", "/oauth/userinfo")
    Api(site, "kea.test", token=token_for(site, "ruru@weka.test")).refused(401, "GET", "/oauth/userinfo")


@pytest.mark.parametrize("domain", ["kea.test", "weka.test"])
def test_each_tenant_is_an_issuer_of_its_own(site, domain):
    found = Api(site, domain).get("/.well-known/oauth-authorization-server")
    assert found["issuer"] == f"https://{domain}"
    for member in ("authorization_endpoint", "token_endpoint", "revocation_endpoint", "userinfo_endpoint"):
        assert found[member].startswith(f"https://{domain}/oauth/")
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert found["grant_types_supported"] == ["authorization_code", "client_credentials"]


# Keeping house


def test_what_nobody_uses_goes(site):
    old, used, fresh = Program(site), Program(site), Program(site)
    used.let_in()
    stale = old.own_token()
    gone = fresh.code(fresh.browser())
    for one in (old, used):
        site.sql("update applications set created = now() - interval '8 days' where client_id = %s", one.id)
    site.sql("update tokens set created = now() - interval '91 days', last_used = null where token_hash = %s",
             hashlib.sha256(stale.token.encode()).digest())
    site.sql("update oauth_codes set expires = now() - interval '2 days' where code_hash = %s",
             hashlib.sha256(gone.encode()).digest())
    site.stator.drain()
    left = {row["client_id"] for row in site.sql("select client_id from applications")}
    assert old.id not in left and used.id in left and fresh.id in left
    assert site.value("select count(*) from oauth_codes where code_hash = %s",
                      hashlib.sha256(gone.encode()).digest()) == 0

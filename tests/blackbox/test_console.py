# SPDX-License-Identifier: AGPL-3.0-or-later
"""The host's console under its own name: who gets in, what each page does, and that nothing of it is open to anybody of
a tenant; without scripts."""

import json
import re
import subprocess

import pytest

from harness import lab, news
from harness.api import Api
from harness.browser import Browser
from harness.factors import totp
from harness.fixtures import PASSWORD

HOST = "console.test"
PAGES = ("/tenants/", "/tenants/kea.test/", "/floor/", "/work/", "/work/explain/", "/peers/", "/house/", "/acts/")
SETUP = ("/setup/domain/", "/setup/done/")
FORMS = ("/tenants/", "/tenants/kea.test/", "/floor/", "/work/", "/peers/")


@pytest.fixture(scope="module")
def site(shared_site):
    for name in ("keeper", "chief"):
        shared_site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    shared_site.rookery("operator", "add", "keeper@example.org")
    shared_site.rookery("identity", "add", "chief@kea.test", "--user", "chief@example.org")
    news.grant(shared_site, "chief@example.org", "kea.test", "owner")
    return shared_site


def begin(site, email, status=303):
    browser = Browser(site, HOST)
    return browser, browser.get("/login/").form("/login/").press(email=email, password=PASSWORD, status=status)


@pytest.fixture(scope="module")
def keeper(site):
    browser, page = begin(site, "keeper@example.org")
    assert page.path == "/second/" and "Operators need a second factor" in page.text
    secret = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.markup)[1]
    # Until then nothing else opens.
    assert browser.get("/tenants/").path == "/second/"
    assert browser.client.get("/second/picture").headers["content-type"] == "image/svg+xml"
    assert page.form("/second/").press(code=totp(secret)).path == "/tenants/"
    return browser


def do(browser, path, what, status=303, **fields):
    token = browser.get("/tenants/").form("/logout/").fields["form_token"]
    return browser.send("POST", path, {"form_token": token, "do": what, **fields}, status)


def test_who_is_no_operator_hears_the_same_as_who_is_wrong(site, keeper):
    _, refused = begin(site, "chief@example.org", 422)
    _, unknown = begin(site, "nobody@example.org", 422)
    assert "is wrong" in refused.text and refused.text == unknown.text.replace("nobody", "chief")
    site.sql("delete from throttles")


def test_a_password_alone_opens_nothing(site, keeper):
    browser, page = begin(site, "keeper@example.org")
    assert page.path == "/second/" and 'class="secret"' not in page.markup
    for path in PAGES:
        assert browser.get(path).path == "/second/"
    assert browser.client.get("/second/picture").status_code == 404
    page.form("/second/").press(code="000000", status=422)
    for path in FORMS:
        assert browser.client.post(path, data=page.form("/second/").fields).status_code == 401


def test_routes_are_the_operators_alone(site, keeper):
    """Every route of the console, asked as everybody."""
    listed = json.loads(subprocess.run([lab.PROGRAMS / "rookery-server", "--routes"], capture_output=True, check=True,
                                       text=True).stdout)
    own = [(method, one["pattern"].replace(":", "kea.test")) for one in listed if one["socket"] == "console"
           for method in one["methods"] if one["access"] == "login"]
    assert {path for _, path in own} == set(PAGES) | set(SETUP)
    chief, anybody = Browser(site, "kea.test"), Browser(site, HOST)
    chief.log_in("chief@example.org", PASSWORD)
    stolen = Browser(site, HOST)
    for cookie in chief.client.cookies.jar:
        for name in (cookie.name, "__Host-console", "console"):
            stolen.client.cookies.set(name, cookie.value, domain=HOST)
    for method, path in own:
        for browser in (anybody, stolen):
            answer = browser.client.request(method, path)
            assert (answer.status_code, answer.headers.get("location")) in ((303, "/login/"), (401, None)), path
        # A tenant has no such pages, not even for its owner.
        assert chief.client.request(method, path).status_code in (403, 404), path
        if method == "GET":
            # Nobody is setting up.
            assert keeper.client.get(path).status_code == (404 if path in SETUP else 200), path


def test_an_operators_cookie_is_nothing_on_a_tenant(site, keeper):
    browser = Browser(site, "kea.test")
    [cookie] = [one for one in keeper.client.cookies.jar if one.name == "__Host-console"]
    assert cookie.secure and not cookie.domain_specified
    for name in ("session", "__Host-console"):
        browser.client.cookies.set(name, cookie.value, domain="kea.test")
    assert browser.client.get("/home/").status_code == 303
    assert browser.client.get("/staff/").status_code == 303


def test_nothing_of_a_tenant_is_served_here_and_strange_names_are_refused(site, keeper):
    client = site.client(HOST)
    for path in ("/@ruru/", "/.well-known/webfinger?resource=acct:ruru@kea.test", "/api/v2/instance", "/about/",
                 "/auth/login/", "/nodeinfo/2.0"):
        assert client.get(path).status_code == 404, path
    assert site.client("strange.test").get("/").status_code == 421
    assert site.run("rookery", "domain", "add", HOST).returncode != 0


def test_forms_want_their_token(site, keeper):
    for path in FORMS:
        assert keeper.client.post(path, data={"do": "x", "form_token": "wrong"}).status_code == 403
        fields = {"form_token": keeper.get("/tenants/").form("/logout/").fields["form_token"]}
        assert keeper.client.post(path, data=fields, headers={"Origin": "https://kea.test"}).status_code == 403


def test_the_life_of_a_community(site, keeper):
    page = keeper.get("/tenants/").form("/tenants/").press(name="tui.test", title="Tui")
    assert page.path == "/tenants/tui.test/" and "_rookery.tui.test" in page.text
    assert "Wrong:" in keeper.get("/tenants/tui.test/?check=1").text
    do(keeper, "/tenants/tui.test/", "activate", 409)
    do(keeper, "/tenants/tui.test/", "vouch")
    do(keeper, "/tenants/tui.test/", "activate")
    assert site.value("select state from domains where name = 'tui.test'") == "active"
    do(keeper, "/tenants/tui.test/", "suspend", reason="the bill <b>")
    assert "the bill <b>" in keeper.get("/tenants/tui.test/").text
    do(keeper, "/tenants/tui.test/", "resume")
    do(keeper, "/tenants/tui.test/", "quota", quota="7")
    assert site.rookery("media", "quota", "tui.test")["quota"] == 7 << 20
    do(keeper, "/tenants/tui.test/", "quota", 422, quota="-1")
    do(keeper, "/tenants/tui.test/", "caps", max_users="3", sign_ups="2")
    assert site.value("select value #>> '{}' from domain_settings s join domains d on d.id = s.domain_id "
                      "where d.name = 'tui.test' and s.key = 'max_users'") == "3"
    keeper.get("/tenants/").form("/tenants/").press(name="tui.test", status=409)
    keeper.get("/tenants/").form("/tenants/").press(name="no name", status=422)
    keeper.get("/tenants/nowhere.test/", 404)
    acts = keeper.get("/acts/").text
    for act in ("domain.add", "domain.verify", "domain.activate", "domain.suspend", "domain.resume",
                "domain.media_quota", "operator.log_in"):
        assert act in acts
    assert "keeper@example.org" in acts


def test_the_floor_is_the_operators_and_holds_for_all(site, keeper):
    do(keeper, "/floor/", "set", host="bad.test", severity="block", comment="spam")
    do(keeper, "/floor/", "set", 422, host="bad.test", severity="none")
    do(keeper, "/floor/", "set", 422, host="kea.test", severity="block")
    assert "bad.test" in keeper.get("/floor/").text
    # It is told to a tenant's staff as the host's.
    chief = Browser(site, "kea.test")
    chief.log_in("chief@example.org", PASSWORD)
    assert "bad.test" in chief.get("/staff/servers/at/bad.test/").text
    assert "Blocked" in keeper.get("/floor/").text
    do(keeper, "/floor/", "remove", host="bad.test")
    assert site.value("select count(*) from server_limits where domain_id is null") == 0
    do(keeper, "/floor/", "quota", quota="512")
    assert site.value("select value #>> '{}' from host_settings where key = 'media_quota'") == str(512 << 20)
    do(keeper, "/floor/", "quota", 422, quota="x")
    site.sql("delete from host_settings where key = 'media_quota'")


def test_work_rests_while_it_is_paused(site, keeper):
    site.stator.drain()
    do(keeper, "/work/", "pause", type="post", state="new")
    do(keeper, "/work/", "pause", 422, type="post", state="nonsense")
    do(keeper, "/work/", "pause", 422, type="nonsense")
    post = Api(site, "ruru@kea.test").post("/api/v1/statuses", status="rests")["id"]
    site.stator.drain()
    assert site.value("select state from posts where id = %s", int(post)) == "new"
    page = keeper.get("/work/")
    assert "Paused" in page.text
    page = keeper.get(f"/work/explain/?type=post&id={post}")
    assert "kea.test" in page.text and "it is due" in page.text
    keeper.get("/work/explain/?type=post&id=1", 404)
    do(keeper, "/work/", "resume", type="post", state="new")
    do(keeper, "/work/", "resume", 409, type="post", state="new")
    site.stator.drain()
    assert site.value("select state from posts where id = %s", int(post)) != "new"
    # A whole type, on the command line.
    site.rookery("stator", "pause", "post")
    later = Api(site, "ruru@kea.test").post("/api/v1/statuses", status="rests too")["id"]
    site.stator.drain()
    assert site.value("select state from posts where id = %s", int(later)) == "new"
    site.rookery("stator", "resume", "post")
    site.stator.drain()
    assert site.value("select state from posts where id = %s", int(later)) != "new"


def test_what_is_given_up_goes_where_time_would_lead_it(site, keeper):
    site.rookery("stator", "pause", "inbox")
    row = site.value("insert into inbox_messages (digest, actor_uri, signer_id, type, domain_ids, body) "
                     "select '\\x01', 'https://far.test/a', min(i.id), 'Like', '{}', '{}' "
                     "from identities i returning id")
    do(keeper, "/work/", "drop", type="inbox", state="received")
    assert site.value("select state from inbox_messages where id = %s", row) == "refused"
    do(keeper, "/work/", "retry", type="inbox")
    do(keeper, "/work/", "drop", 409, type="domain", state="active")
    site.rookery("stator", "resume", "inbox")


def test_the_breaker_of_a_peer_is_closed(site, keeper):
    site.sql("insert into servers (host, failures, retry_after) values ('weary.test', 9, now() + interval '1 hour')")
    page = keeper.get("/peers/?name=weary")
    assert "weary.test" in page.text and "Open for" in page.text
    [form] = [one for one in page.forms if one.method == "POST" and one.action == "/peers/"]
    form.press()
    row = site.sql("select failures, retry_after from servers where host = 'weary.test'")
    assert row == [{"failures": 0, "retry_after": None}]
    do(keeper, "/peers/", "", 404, id="999999")


def test_the_house_says_what_runs(site, keeper):
    text = keeper.get("/house/").text
    for word in ("Database", "PostgreSQL", "Schema", "posts", "free for media"):
        assert word in text, word


def test_help_only_while_the_staff_wants_it(site, keeper):
    chief = Browser(site, "kea.test")
    chief.log_in("chief@example.org", PASSWORD)
    assert "did not ask for help" in keeper.get("/tenants/kea.test/").text
    assert do(keeper, "/tenants/kea.test/", "enter", 403)
    chief.get("/staff/help/").form("/staff/help/").press("allow", hours="0", status=422)
    chief.get("/staff/help/").form("/staff/help/").press("allow", role="admin", hours="2")
    page = keeper.get("/tenants/kea.test/")
    [form] = [one for one in page.forms if {"do": "enter"} in one.buttons]
    page = form.press("enter")
    assert page.url.startswith("https://kea.test/auth/ticket/")
    helper = page.browser
    answer = helper.client.post("https://kea.test/auth/ticket/", data=page.form("/auth/ticket/").fields,
                                headers={"Origin": "https://kea.test"})
    assert answer.headers["location"] == "/staff/"
    # On the pages of the staff, and nowhere else.
    assert helper.client.get("https://kea.test/staff/reports/").status_code == 200
    for path in ("/home/", "/notifications/", "/compose/", "/settings/security/", "/conversations/"):
        assert helper.client.get(f"https://kea.test{path}").status_code == 403, path
    token = re.search(r'name="form_token" value="([^"]+)"', helper.client.get("https://kea.test/staff/rules/").text)[1]
    answer = helper.client.post("https://kea.test/staff/rules/", data={"form_token": token, "text": "Help", "hint": ""})
    assert answer.status_code == 303
    assert helper.client.post("https://kea.test/staff/help/", data={"form_token": token, "do": "allow", "role": "admin",
                                                                    "hours": "5"}).status_code == 403
    assert "keeper@example.org" in chief.get("/staff/audit/?action=rule").text
    # The other tenant is closed to them.
    assert helper.client.get("https://weka.test/staff/").status_code == 303
    chief.get("/staff/help/").form("/staff/help/").press("revoke")
    assert helper.client.get("https://kea.test/staff/reports/").status_code == 303
    do(keeper, "/tenants/kea.test/", "enter", 403)
    assert site.value("select count(*) from staff_grants g join users u on u.id = g.user_id "
                      "where u.email = 'keeper@example.org' and g.domain_id is not null") == 0


def test_who_is_no_operator_any_more_is_out_at_once(site, keeper):
    site.rookery("user", "add", "short@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    site.rookery("operator", "add", "short@example.org")
    browser, page = begin(site, "short@example.org")
    secret = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.markup)[1]
    page.form("/second/").press(code=totp(secret))
    assert browser.client.get("/tenants/").status_code == 200
    site.rookery("operator", "remove", "short@example.org")
    assert browser.client.get("/tenants/").headers["location"] == "/login/"
    assert site.run("rookery", "operator", "remove", "short@example.org").returncode == 3


def test_what_operators_did_cannot_be_taken_back(site, keeper):
    assert not site.value("select has_table_privilege('rookery_host', 'audit_log', 'delete')")
    assert not site.value("select has_table_privilege('rookery_host', 'audit_log', 'update')")
    for role in ("rookery_server", "rookery_stator"):
        assert not site.value("select has_table_privilege(%s, 'operator_sessions', 'select')", role)


def test_going_out_ends_it(site, keeper):
    keeper.get("/tenants/").form("/logout/").press()
    assert keeper.client.get("/tenants/").headers["location"] == "/login/"

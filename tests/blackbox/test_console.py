# SPDX-License-Identifier: AGPL-3.0-or-later
"""The host's console under its own name: who gets in, what each page does, and that nothing of it is open to anybody of
a tenant; without scripts."""

import json
import platform
import re
import subprocess

import pytest

from harness import lab, news
from harness.api import Api
from harness.browser import Browser
from harness.factors import Authenticator, totp
from harness.fixtures import PASSWORD

HOST = "console.test"
PAGES = ("/tenants/", "/tenants/kea.test/", "/floor/", "/policies/", "/policies/1/", "/mail/", "/work/",
         "/work/explain/", "/peers/", "/house/", "/acts/", "/keys/")
SETUP = ("/setup/domain/", "/setup/mail/", "/setup/done/")
FORMS = ("/tenants/", "/tenants/kea.test/", "/floor/", "/policies/", "/policies/1/", "/mail/", "/work/", "/peers/",
         "/keys/")


@pytest.fixture(scope="module")
def site(shared_site):
    for name in ("keeper", "chief"):
        shared_site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    shared_site.rookery("operator", "add", "keeper@example.org")
    shared_site.rookery("identity", "add", "chief@kea.test", "--user", "chief@example.org")
    news.grant(shared_site, "chief@example.org", "kea.test", "owner")
    first = shared_site.value("insert into policies (title, action, media) values ('first', 'hold', true) returning id")
    assert first == 1
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


def staff_of(site):
    browser = Browser(site, "kea.test")
    browser.log_in("chief@example.org", PASSWORD)
    return browser


def test_the_hosts_rules_about_posts(site, keeper):
    """Written, changed and removed on the console; staff of every community sees those that are on."""
    def press(path, status=200, **fields):
        answer = keeper.client.post(path, data={**keeper.get("/policies/").forms_to("/policies/")[-1].fields, **fields})
        assert answer.status_code == (303 if status == 200 else status), answer.text[-900:]
        return answer

    assert "A rule needs a condition." in press("/policies/", 422, title="Kept", state="on", action="remove").text
    press("/policies/", title="No <b>lotteries", state="on", action="remove", phrases="lottery", note="spam")
    [row] = site.sql("select * from policies where title like 'No %'")
    assert (row["domain_id"], row["state"], row["phrases"]) == (None, "on", ["lottery"])
    path = f"/policies/{row['id']}/"
    assert "No <b>lotteries" in keeper.get(path).text and "spam" in keeper.get("/policies/").text
    assert "No <b>lotteries" in staff_of(site).get("/staff/policies/").text
    press(path, 422, title="", state="on", action="remove", phrases="lottery")
    press(path, title="No lotteries", state="off", action="remove", phrases="lottery")
    assert "No lotteries" not in staff_of(site).get("/staff/policies/").text
    press(path, delete="1")
    keeper.get(path, 404)
    keeper.get("/policies/x/", 404)
    kea = site.value("insert into policies (domain_id, title, action, media) select id, 'kea alone', 'hold', true "
                     "from domains where name = 'kea.test' returning id")
    assert "kea alone" not in keeper.get("/policies/").text
    keeper.get(f"/policies/{kea}/", 404)
    press(f"/policies/{kea}/", 404, delete="1")
    acts = keeper.get("/acts/").text
    assert all(f"policy.{verb}" in acts for verb in ("add", "change", "remove"))


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
    own = [(method, one["pattern"].replace("policies/:", "policies/1").replace(":", "kea.test"))
           for one in listed if one["socket"] == "console"
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


def test_what_new_communities_begin_with(site, keeper):
    usual = {"quota": "512", "sign_up": "closed", "max_users": "30", "sign_ups": "4",
             "rules": "Be kind\n\n  No <spam>  \n"}
    for wrong in ({"rules": "x" * 501}, {"rules": "x\n" * 201}, {"quota": "x"}, {"quota": "0"}, {"sign_up": "x"},
                  {"max_users": "x"}, {"sign_ups": "-1"}):
        do(keeper, "/floor/", "defaults", 422, **{**usual, **wrong})
    assert site.value("select count(*) from host_settings") == 0
    do(keeper, "/floor/", "defaults", **usual)
    assert site.value("select value #>> '{}' from host_settings where key = 'media_quota'") == str(512 << 20)
    page = keeper.get("/floor/")
    kept = {**usual, "rules": "Be kind\nNo <spam>"}
    assert {**page.forms_to("/floor/")[-1].fields, **kept} == page.forms_to("/floor/")[-1].fields
    site.rookery("domain", "add", "one.example")
    keeper.get("/tenants/").form("/tenants/").press(name="two.example", title="")
    site.rookery("domain", "add", "three.example", "--sign-up=open")
    rows = site.sql("select d.name, d.sign_up, s.key, s.value #>> '{}' as value from domains d "
                    "left join domain_settings s on s.domain_id = d.id where d.name like '%.example' order by 1, 3")
    assert [(row["name"], row["sign_up"], row["key"], row["value"]) for row in rows] == [
        (name, mode, key, value) for name, mode in (("one.example", "closed"), ("three.example", "open"),
                                                    ("two.example", "closed"))
        for key, value in (("max_users", "30"), ("sign_ups_a_day", "4"))]
    rules = site.sql("select d.name, r.text from rules r join domains d on d.id = r.domain_id "
                     "where d.name like '%.example' order by 1, r.position")
    assert [(row["name"], row["text"]) for row in rules] == [
        (name, text) for name in ("one.example", "three.example", "two.example") for text in ("Be kind", "No <spam>")]
    site.rookery("rule", "add", "one.example", "A third")
    listed = site.rookery("rule", "list", "one.example")["rules"]
    assert [one["text"] for one in listed] == ["Be kind", "No <spam>", "A third"]
    # Those that there are stay as they are.
    assert site.value("select count(*) from domain_settings s join domains d on d.id = s.domain_id "
                      "where d.name = 'kea.test' and s.key = 'max_users'") == 0
    do(keeper, "/floor/", "defaults", quota="512", sign_up="invite", max_users="", sign_ups="", rules="")
    site.rookery("domain", "add", "four.example")
    assert site.rookery("rule", "list", "four.example")["rules"] == []
    assert site.value("select count(*) from domain_settings s join domains d on d.id = s.domain_id "
                      "where d.name = 'four.example'") == 0
    assert "host.defaults" in keeper.get("/acts/").text
    site.sql("delete from host_settings")


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
    assert "kea.test" in page.text and "post new is paused since 2" in page.text
    assert page.text.count("by keeper@example.org; it goes on after: rookery stator resume post new") == 1
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


def test_the_work_of_one_tenant_is_seen_and_rests(site, keeper):
    site.stator.drain()
    do(keeper, "/work/", "pause", type="post", state="new", tenant="kea.test")
    do(keeper, "/work/", "pause", 404, type="post", state="new", tenant="nobody.test")
    post = Api(site, "ruru@kea.test").post("/api/v1/statuses", status="rests")["id"]
    site.sql("update posts set state_attempts = 2, state_error = 'why <b>' where id = %s", int(post))
    site.stator.drain()
    assert site.value("select state from posts where id = %s", int(post)) == "new"
    page = keeper.get("/work/explain/?type=post&state=new&tenant=kea.test&failing=1")
    assert f"/work/explain/?type=post&id={post}" in page.links() and "why <b>" in page.text
    assert post not in keeper.get("/work/explain/?type=post&tenant=weka.test").text
    [form] = [one for one in page.forms if {"do": "resume"} in one.buttons]
    assert {"do": "drop"} not in form.buttons  # that wants a second look
    [listed] = [one for one in keeper.get("/work/").forms if one.fields.get("tenant") == "kea.test"]
    assert {"do": "resume"} in listed.buttons
    form.press("retry")
    assert site.value("select state_next_attempt <= now() from posts where id = %s", int(post))
    form.press("resume")
    site.stator.drain()
    assert site.value("select state from posts where id = %s", int(post)) != "new"


def test_what_is_given_up_goes_where_time_would_lead_it(site, keeper):
    site.rookery("stator", "pause", "inbox")
    row = site.value("insert into inbox_messages (digest, actor_uri, signer_id, type, domain_ids, body) "
                     "select '\\x01', 'https://far.test/a', min(i.id), 'Like', '{}', '{}' "
                     "from identities i returning id")
    page = keeper.get("/work/")
    [form] = [one for one in page.forms if {"do": "drop"} in one.buttons and one.fields["type"] == "inbox"]
    assert "That cannot be undone" in page.text and len(form.buttons) == 1
    form.press("drop")
    assert site.value("select state from inbox_messages where id = %s", row) == "refused"
    do(keeper, "/work/", "retry", type="inbox")
    do(keeper, "/work/", "drop", 409, type="domain", state="active")
    site.rookery("stator", "resume", "inbox")


def test_one_is_given_up_where_the_operator_saw_it(site, keeper):
    site.rookery("stator", "pause", "inbox")
    ids = [row["id"] for row in site.sql(
        "insert into inbox_messages (digest, actor_uri, signer_id, type, domain_ids, body) "
        "select ('\\x0' || n)::bytea, 'https://far.test/a', (select min(id) from identities), 'Like', '{}', '{}' "
        "from generate_series(2, 4) n returning id")]
    page = keeper.get(f"/work/explain/?type=inbox&id={ids[0]}")
    [form] = [one for one in page.forms if {"do": "drop_one"} in one.buttons]
    assert "It moves to refused" in page.text
    form.press("drop_one")
    assert site.value("select state from inbox_messages where id = %s", ids[0]) == "refused"
    # It stands elsewhere by now; and what rests has nothing to be given up.
    form.press("drop_one", status=409)
    assert not [one for one in keeper.get(f"/work/explain/?type=inbox&id={ids[0]}").forms
                if {"do": "drop_one"} in one.buttons]
    site.rookery("stator", "drop", "inbox", "received", ids[1])
    assert [row["state"] for row in site.sql("select state from inbox_messages where id = any(%s) order by id", ids)] \
        == ["refused", "refused", "received"]
    assert site.run("rookery", "stator", "drop", "inbox", "received", ids[1]).returncode == 4
    assert site.run("rookery", "stator", "drop", "inbox", "received", "x").returncode == 2
    assert site.run("rookery", "stator", "drop", "domain", "active", 1).returncode == 4
    # Nor what a stator holds.
    site.sql("update inbox_messages set state_locked_by = 'somebody' where id = %s", ids[2])
    do(keeper, "/work/", "drop_one", 409, type="inbox", state="received", id=str(ids[2]))
    site.sql("delete from inbox_messages where id = any(%s)", ids)
    site.rookery("stator", "resume", "inbox")
    assert "stator.drop" in keeper.get("/acts/").text


def passkey_form(page):
    [data] = [attributes for tag, attributes in page.tags if tag == "form" and "data-passkey" in attributes]
    [form] = [one for one in page.forms if one.action == data["action"] and "client_data" in one.fields]
    return form, data


def press(page, key, status=303, name="My key", **wrong):
    form, data = passkey_form(page)
    made = key.create(data, **wrong) if data["data-passkey"] == "create" else key.get(data, **wrong)
    return form.press(status=status, **({"name": name} if data["data-passkey"] == "create" else {}), **made)


def test_passkeys_of_operators(site, keeper):
    site.rookery("user", "add", "key@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    site.rookery("operator", "add", "key@example.org")
    # The first proof of who has none may be one.
    browser, page = begin(site, "key@example.org")
    key = Authenticator()
    press(page, key, 422, origin="https://kea.test")
    press(page, key, 422, rp="kea.test")
    assert press(page, key).path == "/tenants/"
    [listed] = [one for one in site.rookery("operator", "list")["operators"] if one["email"] == "key@example.org"]
    assert listed["second_factor"]
    # Then it is asked for after the password, and a program's code cannot be set up beside it there.
    second, page = begin(site, "key@example.org")
    assert 'class="secret"' not in page.markup and passkey_form(page)[1]["data-passkey"] == "get"
    assert second.client.get("/second/picture").status_code == 404
    press(page, Authenticator("EdDSA"), 422)
    form, data = passkey_form(page)
    proof = key.get(data)
    assert form.press(**proof).path == "/tenants/"
    # A challenge is answered once.
    third, page = begin(site, "key@example.org")
    passkey_form(page)[0].press(status=422, **proof)
    # Alone it is enough.
    alone = Browser(site, HOST)
    assert press(alone.get("/login/"), key).path == "/tenants/"
    press(Browser(site, HOST).get("/login/"), Authenticator(), 422)
    # The last proof stays, others go.
    remove = [one for one in alone.get("/keys/").forms_to("/keys/") if one.fields.get("do") == "remove"]
    assert len(remove) == 1
    remove[0].press(remove[0].buttons[0]["passkey"], status=404)
    other = Authenticator("RS256")
    assert "Second" in press(alone.get("/keys/"), other, name="Second").text
    press(alone.get("/keys/"), other, 409)
    [form] = [one for one in alone.get("/keys/").forms_to("/keys/") if one.fields.get("do") == "remove"][:1]
    form.press(form.buttons[0]["passkey"])
    press(Browser(site, HOST).get("/login/"), key, 422)
    assert press(Browser(site, HOST).get("/login/"), other).path == "/tenants/"
    # Another operator cannot take it away.
    left = site.value("select id from operator_passkeys")
    token = keeper.get("/tenants/").form("/logout/").fields["form_token"]
    keeper.send("POST", "/keys/", {"form_token": token, "do": "remove", "passkey": str(left)}, 404)
    # It is nothing on a tenant, and nothing for who is no operator any more.
    refused, _ = passkey_form(Browser(site, "kea.test").get("/auth/login/"))
    refused.press(status=422, **other.get(passkey_form(Browser(site, "kea.test").get("/auth/login/"))[1]))
    site.rookery("operator", "remove", "key@example.org")
    press(Browser(site, HOST).get("/login/"), other, 422)
    acts = keeper.get("/acts/").text
    assert "operator.passkey_add" in acts and "operator.passkey_remove" in acts
    site.rookery("user", "factors", "key@example.org", "--reset")
    assert site.value("select count(*) from operator_passkeys") == 0


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
    for word in ("Database", "PostgreSQL", "Schema", "posts", "free for media", "libpq", "libcurl", "OpenSSL",
                 "libmicrohttpd", "jansson", "Linux", platform.release()):
        assert word in text, word


def test_the_house_says_how_backups_stand(site, keeper):
    """Of a week of daily backups and one drill, with no repository set on this machine."""
    assert "No backup yet" in keeper.get("/house/").text
    assert "rookery_backup_" not in site.admin().get("/metrics").text

    def record(kind, result, finished, message=""):
        site.sql("insert into backups (kind, result, started, finished, message) values (%s, %s, %s, %s, %s)",
                 kind, result, finished, finished, message)
    record("full", "done", "2026-03-01 05:06:07+00")
    record("verify", "done", "2026-03-01 06:06:07+00")
    record("differential", "done", "2026-03-04 05:06:07+00")
    text = keeper.get("/house/").markup
    assert "The last one was finished on" in text and "differential" in text and "2026-03-04T05:06:07" in text
    assert "restored in a drill on" in text and "2026-03-01T06:06:07" in text and "failed" not in text
    shown = site.rookery("status", "--screen")["backup"]
    assert shown["finished"].startswith("2026-03-04") and shown["verified"].startswith("2026-03-01")
    assert "verify_failed" not in shown
    lines = site.admin().get("/metrics").text.splitlines()
    assert "rookery_backup_verify_failed 0" in lines
    record("verify", "failed", "2026-03-05 05:06:07+00", "rows: kea.test has 1 & no more")
    record("full", "failed", "2026-03-06 05:06:07+00")
    text = keeper.get("/house/").markup
    for words in ("The last drill failed on", "kea.test has 1 &amp; no more", "The last one failed on"):
        assert words in text
    assert "rookery_backup_verify_failed 1" in site.admin().get("/metrics").text.splitlines()
    shown = site.rookery("status", "--screen")["backup"]
    assert shown["verify_failed"].startswith("2026-03-05") and shown["failed"].startswith("2026-03-06")


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

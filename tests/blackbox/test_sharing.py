# SPDX-License-Identifier: AGPL-3.0-or-later
"""Several identities of a log-in: the switch on every page, further ones, and one that several people hold."""

import pytest

from harness.browser import Browser
from harness.fixtures import PASSWORD

EMAIL, OTHER = "ruru@example.org", "toroa@example.org"


def log_in(site, email=EMAIL, domain="kea.test"):
    made = Browser(site, domain)
    made.log_in(email, PASSWORD)
    return made


def identity_id(site, handle):
    name, host = handle.split("@")
    return site.value("select id from identities where username = %s and host = %s", name, host)


def acts_as(site, browser):
    [row] = site.sql("select i.username, i.host from sessions s join identities i on i.id = s.identity_id "
                     "order by s.last_seen desc, s.id desc limit 1")
    assert browser.get("/settings/profile/").path == "/settings/profile/"
    return f"{row['username']}@{row['host']}"


@pytest.fixture
def ruru(site):
    return log_in(site)


@pytest.fixture
def toroa(site):
    return log_in(site, OTHER)


def make(browser, name, status=303):
    return browser.get("/settings/identities/new/").form("identities/new/").press(username=name, status=status)


def people(site, handle="club@kea.test"):
    return f"/settings/identities/{identity_id(site, handle)}/"


def ask_form(page):
    [form] = [form for form in page.forms if form.fields.get("do") == "ask"]
    return form


def share(site, holder, guest, **more):
    """The club is shared."""
    ask_form(holder.get(people(site))).press(handle="@toroa", **more)
    return guest.get("/switch/").form("answer/").press(button="accept")


def switch_form(page, identity):
    [form] = [form for form in page.forms_to("/switch/")
              if any(str(identity) == button.get("identity") for button in form.buttons)]
    return form


def test_a_switch_comes_back_to_where_one_was(site, ruru):
    make(ruru, "club")
    target = identity_id(site, "ruru@kea.test")
    page = switch_form(ruru.get("/search/?q=x"), target).press(button=str(target))
    assert page.url == "https://kea.test/search/?q=x"
    target = identity_id(site, "ruru@weka.test")
    page = switch_form(ruru.get("/notifications/"), target).press(button=str(target))
    page = page.form("ticket/").press()
    assert page.url == "https://weka.test/notifications/"


def test_a_switch_leads_nowhere_else(site, ruru):
    weka = identity_id(site, "ruru@weka.test")
    for back in ("https://evil.test/", "//evil.test/", "/settings/identities/1/", "/@toroa/"):
        answer = ruru.client.post("/switch/", data=dict([ruru.token()], identity=weka, back=back),
                                  headers={"Origin": "https://kea.test"})
        assert answer.headers["location"].startswith("https://weka.test/auth/ticket/?ticket=")
        assert answer.headers["location"].endswith("&next=%2F"), back


def test_further_identities_within_the_cap(site, ruru):
    assert make(ruru, "club").path == "/settings/profile/"
    assert site.object("https://kea.test/@club@kea.test/")["preferredUsername"] == "club"
    assert acts_as(site, ruru) == "club@kea.test"
    make(ruru, "club", status=409)
    make(ruru, "not a name", status=422)
    site.rookery("domain", "set", "kea.test", "identities_per_user", "3")
    make(ruru, "club2")
    page = make(ruru, "club3", status=422)
    assert "no more" in page.text and 'value="club3"' in page.markup
    assert site.value("select count(*) from identities where username = 'club3'") == 0


def test_an_identity_is_shared(site, ruru, toroa):
    make(ruru, "club")
    share(site, ruru, toroa)
    club = identity_id(site, "club@kea.test")
    switch_form(toroa.get("/"), club).press(button=str(club))
    post = toroa.compose("from the club")
    assert site.value("select author_id from posts where id = %s", int(post)) == identity_id(site, "club@kea.test")
    assert "@toroa" in ruru.get(people(site)).text and "@ruru" in toroa.get(people(site)).text


def test_members_do_not_decide_who_else(site, ruru, toroa):
    make(ruru, "club")
    share(site, ruru, toroa)
    page = toroa.get(people(site))
    assert [form for form in page.forms if form.fields.get("do") == "ask"] == []
    owner = site.value("select id from users where email = %s", EMAIL)
    for fields in ({"do": "ask", "handle": "@ruru"}, {"do": "remove", "user": str(owner)},
                   {"do": "withdraw", "guest": str(identity_id(site, "ruru@kea.test"))}):
        toroa.send("POST", people(site), dict([toroa.token()], **fields), status=403)
    club = identity_id(site, "club@kea.test")
    assert site.value("select count(*) from identity_users where identity_id = %s", club) == 2


def test_strangers_see_nothing_of_it(site, ruru, toroa):
    make(ruru, "club")
    toroa.get(people(site), status=404)
    toroa.send("POST", people(site), dict([toroa.token()], do="ask", handle="@toroa"), status=404)
    fields = dict([toroa.token()], identity=str(identity_id(site, "club@kea.test")),
                  guest=str(identity_id(site, "toroa@kea.test")), answer="accept")
    toroa.send("POST", "/settings/identities/answer/", fields, status=404)


def test_an_invitation_is_for_whom_it_names(site, ruru, toroa):
    make(ruru, "club")
    ask_form(ruru.get(people(site))).press(handle="@toroa")
    fields = dict(identity=str(identity_id(site, "club@kea.test")), guest=str(identity_id(site, "toroa@kea.test")),
                  answer="accept")
    # Ruru cannot accept in their place, and an old one is none.
    ruru.send("POST", "/settings/identities/answer/", {**fields, **dict([ruru.token()])}, status=404)
    site.sql("update identity_invitations set expires = now()")
    toroa.send("POST", "/settings/identities/answer/", {**fields, **dict([toroa.token()])}, status=404)
    ask_form(ruru.get(people(site))).press(handle="@toroa")
    toroa.get("/switch/").form("answer/").press(button="decline")
    toroa.send("POST", "/settings/identities/answer/", {**fields, **dict([toroa.token()])}, status=404)
    for handle in ("@nobody", "ruru@weka.test", "x@far.test", "@ruru"):
        status = 409 if handle == "@ruru" else 404
        ask_form(ruru.get(people(site))).press(handle=handle, status=status)


def test_an_invitation_is_taken_back(site, ruru, toroa):
    make(ruru, "club")
    page = ask_form(ruru.get(people(site))).press(handle="@toroa")
    [form] = [one for one in page.forms if one.fields.get("do") == "withdraw"]
    form.press(button=str(identity_id(site, "toroa@kea.test")))
    assert toroa.get("/switch/").forms_to("answer/") == []


def test_who_is_removed_acts_as_it_no_longer(site, ruru, toroa):
    make(ruru, "club")
    share(site, ruru, toroa)
    club = identity_id(site, "club@kea.test")
    switch_form(toroa.get("/"), club).press(button=str(club))
    user = site.value("select id from users where email = %s", OTHER)
    application = site.value("insert into applications (domain_id, client_id, client_secret_hash, name, redirect_uris, "
                             "scopes) select domain_id, 'c', '', 'n', '{}', '{}' from identities where id = %s "
                             "returning id", club)
    site.sql("insert into tokens (domain_id, application_id, user_id, identity_id, token_hash, scopes) select "
             "domain_id, %s, %s, id, sha256('t'), '{read}' from identities where id = %s", application, user, club)
    token = site.client("kea.test", headers={"Authorization": "Bearer t"})
    assert token.get("/api/v1/accounts/verify_credentials").json()["username"] == "club"
    page = ruru.get(people(site))
    [form] = [one for one in page.forms if {"user": str(user)} in one.buttons]
    form.press(button=str(user))
    assert toroa.get("/settings/profile/").path == "/auth/login/"
    assert token.get("/api/v1/accounts/verify_credentials").status_code == 401
    assert log_in(site, OTHER).get("/switch/").text.count("@club") == 0


def test_a_member_leaves_and_the_last_owner_stays(site, ruru, toroa):
    make(ruru, "club")
    share(site, ruru, toroa, owner="1")
    club, owner = identity_id(site, "club@kea.test"), site.value("select id from users where email = %s", EMAIL)
    page = ruru.get(people(site))
    [form] = [one for one in page.forms if {"user": str(owner)} in one.buttons]
    # They act as it now, and go on as themselves.
    assert form.press(button=str(owner)).path == "/switch/"
    assert ruru.get(people(site), status=404)
    user = site.value("select id from users where email = %s", OTHER)
    [form] = [one for one in toroa.get(people(site)).forms if {"user": str(user)} in one.buttons]
    assert "at least one owner" in form.press(button=str(user), status=409).text
    assert site.value("select count(*) from identity_users where identity_id = %s", club) == 1


def test_sharing_asks_who_it_is(site, ruru):
    make(ruru, "club")
    form = ask_form(ruru.get(people(site)))
    site.sql("update sessions set proved = null")
    assert form.press(handle="@toroa").path == "/auth/prove/"
    assert site.value("select count(*) from identity_invitations") == 0


def test_a_disabled_identity_is_nobodys_to_act_as(site, ruru):
    make(ruru, "club")
    club = identity_id(site, "club@kea.test")
    site.sql("insert into identity_limits (domain_id, identity_id, disabled) select domain_id, id, now() "
             "from identities where id = %s", club)
    assert ruru.get("/settings/profile/").path == "/auth/login/"
    again = log_in(site)
    assert again.send("POST", "/switch/", dict([again.token()], identity=str(club)), status=404)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The staff's pages: who sees them, and what is done on them, on one tenant alone."""

import pytest

from harness import news, work
from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.join import stamp
from harness.mail import MailServer

RURU, TOROA, OTHER = "ruru@kea.test", "toroa@kea.test", "ruru@weka.test"


def enter(site, name, domain="kea.test", status=303):
    browser = Browser(site, domain)
    browser.log_in(f"{name}@example.org", PASSWORD, status)
    return browser


def member(site, name, domain="kea.test"):
    """Somebody new, for a test that does something to them."""
    site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    site.rookery("identity", "add", f"{name}@{domain}", "--user", f"{name}@example.org")
    return work.identity(site, f"{name}@{domain}")["id"]


@pytest.fixture(scope="module")
def site(shared_site):
    """kea.test has an owner and a moderator, weka.test an owner of its own; ruru and toroa are plain members."""
    for name, tenant, role in (("owner", "kea.test", "owner"), ("helper", "kea.test", "moderator"),
                               ("wekaboss", "weka.test", "owner")):
        member(shared_site, name, tenant)
        news.grant(shared_site, f"{name}@example.org", tenant, role)
    return shared_site


@pytest.fixture(scope="module")
def owner(site):
    return enter(site, "owner")


@pytest.fixture(scope="module")
def helper(site):
    return enter(site, "helper")


@pytest.fixture(scope="module")
def weka(site):
    return enter(site, "wekaboss", "weka.test")


@pytest.fixture(autouse=True)
def unthrottled(site):
    yield
    site.sql("delete from throttles")


def act(browser, path, status=303, **fields):
    name, value = browser.token()
    return browser.send("POST", path, {name: value, **fields}, status)


def complain(site, about, comment="they are rude", by=RURU, **more):
    return int(Api(site, by).post("/api/v1/reports", account_id=str(about), comment=comment, **more)["id"])


def actions(site, n=1):
    return [row["action"] for row in site.sql("select action from audit_log order by id desc limit %s", n)]


@pytest.fixture
def mail(site):
    """A mail server, and a site that uses it while the test lasts."""
    made = MailServer()
    made.use(site)
    site.restart()
    yield made
    made.close()
    site.options.pop("smtp_server")
    site.restart()


def test_staff_alone_sees_the_menu_and_the_pages(site, owner, helper):
    toroa = enter(site, "toroa")
    assert "/staff/" in owner.get("/").links()
    assert "/staff/" not in toroa.get("/").links()
    toroa.get("/staff/", 403)
    led = Browser(site, "kea.test").get("/staff/", 303).answer.headers["location"]
    assert led == "/auth/login/?next=%2Fstaff%2F"
    # The menu is what the role allows.
    assert "/staff/blocks/" in owner.get("/staff/").links()
    assert "/staff/blocks/" not in helper.get("/staff/").links()
    helper.get("/staff/blocks/", 403)


def test_what_waits_is_of_this_tenant(site, owner, weka):
    report = complain(site, work.identity(site, TOROA)["id"])
    assert "Nothing waits here." not in owner.get("/staff/").text
    assert "Nothing waits here." in weka.get("/staff/").text
    weka.get(f"/staff/reports/{report}/", 404)
    for verb in ("claim", "release", "note", "act", "resolve", "reopen", "answer"):
        act(weka, f"/staff/reports/{report}/{verb}/", 404, action="suspend", note="x", answer="x")
    assert site.value("select count(*) from case_events where report_id = %s", report) == 0


def test_a_case_from_claim_to_answer(site, owner, helper):
    """A claim with a lease, notes, a decision that cites a rule, the outcome for who reported, a history."""
    bad = member(site, "badone")
    post = Api(site, "badone@kea.test").post("/api/v1/statuses", status="something nasty", spoiler_text="careful")
    rule = site.value("insert into rules (domain_id, text, position) select domain_id, 'Be kind', 1 "
                      "from identities where id = %s returning id", bad)
    report = complain(site, bad, status_ids=[post["id"]], rule_ids=[str(rule)])
    queue = helper.get("/staff/reports/")
    assert f"/staff/reports/{report}/" in queue.links() and "@badone" in queue.text
    path = f"/staff/reports/{report}/"
    case = helper.get(path)
    assert "something nasty" in case.text and "careful" in case.text and "@ruru@kea.test" in case.text
    # Taken on: nobody else takes it, until the lease ends.
    assert "Taken on by helper" in case.form("claim/").press().text
    assert report in [int(link.split("/")[3]) for link in helper.get("/staff/reports/?state=mine").links()
                      if link.startswith("/staff/reports/6")]
    assert f"/staff/reports/{report}/" not in owner.get("/staff/reports/?state=mine").links()
    assert "claim/" not in [form.action.split("/", 4)[-1] for form in owner.get(path).forms]
    page = act(owner, f"{path}claim/", 409)
    assert "Somebody else deals with this report." in page.text
    site.sql("update reports set assigned_until = now() - interval '1 second' where id = %s", report)
    assert f"/staff/reports/{report}/" in helper.get("/staff/reports/?state=unassigned").links()
    owner.get(path).form("claim/").press()
    # A note, and one that is too long is kept.
    helper.get(path).form("note/").press(note="seen before")
    page = act(helper, f"{path}note/", 422, note="x" * 2001)
    assert page.form(f"{report}/note/").fields["note"] == "x" * 2001
    # A decision.
    page = owner.get(path).form("act/").press(action="silence", rule=str(rule), text="Please be kind.")
    assert "Resolved" in page.text and "Please be kind." in page.text and "Be kind" in page.text
    assert act(owner, f"{path}act/", 409, action="suspend").status == 409
    [limits] = site.sql("select silenced, suspended from identity_limits where identity_id = %s", bad)
    assert limits["silenced"] and not limits["suspended"]
    # The answer, which who reported sees, and nobody else.
    owner.get(path).form("answer/").press(answer="We have limited them.")
    assert "We have limited them." in enter(site, "ruru").get("/settings/reports/").text
    assert "We have limited them." not in enter(site, "toroa").get("/settings/reports/").text
    kinds = [row["kind"] for row in site.sql("select kind from case_events where report_id = %s order by id", report)]
    assert kinds == ["claim", "claim", "note", "act", "resolve", "answer"]
    assert {"account.silence", "report.answer", "report.resolve", "report.assign"} <= set(actions(site, 9))


def test_reports_are_filtered(site, helper):
    one = complain(site, work.identity(site, TOROA)["id"], "about toroa", category="spam")
    far = news.remote(site, host="loud.test")
    two = complain(site, far, "about far", category="other")
    links = helper.get("/staff/reports/?category=spam").links()
    assert f"/staff/reports/{one}/" in links and f"/staff/reports/{two}/" not in links
    links = helper.get("/staff/reports/?target=@toroa").links()
    assert f"/staff/reports/{one}/" in links and f"/staff/reports/{two}/" not in links
    assert f"/staff/reports/{two}/" in helper.get("/staff/reports/?origin=local").links()
    assert f"/staff/reports/{two}/" not in helper.get("/staff/reports/?origin=remote").links()
    site.sql("update reports set source_id = %s where id = %s", news.remote(site, host="hidden.test"), two)
    page = helper.get(f"/staff/reports/{two}/")
    assert "somebody on hidden.test" in page.text and page.forms_to("answer/") == []
    helper.get("/staff/reports/?target=nobody&state=%27&category=%27&origin=x&max_id=x")


def test_forms_need_their_token_and_the_role(site, owner, helper):
    toroa = enter(site, "toroa")
    bad = member(site, "tokenless")
    for path in (f"/staff/people/{bad}/act/", f"/staff/people/{bad}/note/", "/staff/sign-ups/", "/staff/held/",
                 "/staff/templates/", "/staff/blocks/", f"/staff/people/{bad}/role/", f"/staff/people/{bad}/delete/"):
        owner.send("POST", path, {"action": "suspend", "note": "x", "id": str(bad), "do": "refuse"}, 403)
        act(toroa, path, 403, action="suspend", note="x", id=str(bad), do="refuse")
        Browser(site, "kea.test").send("POST", path, {"action": "suspend"}, 401)
    for path in (f"/staff/people/{bad}/role/", f"/staff/people/{bad}/delete/", "/staff/blocks/"):
        act(helper, path, 403, role="owner", what="x.test")
    assert not site.sql("select from identity_limits where identity_id = %s", bad)


def test_people_are_found_and_addresses_are_for_those_who_may(site, owner, helper, weka):
    page = owner.get("/staff/people/?name=toroa")
    assert "@toroa@kea.test" in page.text and "toroa@example.org" in page.text and "@ruru@kea.test" not in page.text
    assert "toroa@example.org" not in helper.get("/staff/people/?name=toroa").text
    helper.get("/staff/people/?email=toroa", 403)
    assert "@toroa@kea.test" in owner.get("/staff/people/?email=toroa@").text
    assert "@owner@kea.test" in owner.get("/staff/people/?status=staff").text
    toroa = work.identity(site, TOROA)["id"]
    assert "toroa@example.org" in owner.get(f"/staff/people/{toroa}/").text
    assert "toroa@example.org" not in helper.get(f"/staff/people/{toroa}/").text
    assert Api(site, "helper@kea.test").get(f"/api/v1/admin/accounts/{toroa}")["email"] == ""
    # To another tenant's staff they are somebody from elsewhere.
    far = weka.get(f"/staff/people/{toroa}/")
    assert "toroa@example.org" not in far.text and far.forms_to("role/") == [] == far.forms_to("log-out/")
    act(weka, f"/staff/people/{toroa}/role/", 422, role="owner")
    act(weka, f"/staff/people/{toroa}/act/", 422, action="disable")
    act(weka, f"/staff/people/{toroa}/delete/", 403)
    owner.get("/staff/people/12345/", 404)
    owner.get("/staff/people/x/", 404)


def test_limits_are_set_and_taken_back(site, owner):
    bad = member(site, "ups")
    path = f"/staff/people/{bad}/"
    for action, what in (("silence", "silenced"), ("sensitive", "sensitive"), ("hold", "held"), ("disable", "disabled"),
                         ("suspend", "suspended")):
        page = owner.get(path).form("act/").press(action=action, text=f"because of {action}")
        assert f"because of {action}" in page.text
        assert site.value(f"select {what} is not null from identity_limits where identity_id = %s", bad)
        act(owner, f"{path}undo/", what=what)
        assert site.value(f"select {what} is null from identity_limits where identity_id = %s", bad)
    act(owner, f"{path}undo/", 422, what="x'; --")
    page = act(owner, f"{path}act/", 422, action="explode", text="kept")
    assert page.form("act/").fields["text"] == "kept"
    act(owner, f"{path}act/", 422, action="delete_statuses")
    # Not about oneself, nor about one's equals.
    own = work.identity(site, "owner@kea.test")["id"]
    act(owner, f"/staff/people/{own}/act/", 403, action="silence")
    act(enter(site, "helper"), f"/staff/people/{own}/act/", 403, action="silence")


@pytest.mark.parametrize("action, what", [("suspend", "suspended"), ("disable", "disabled")])
def test_who_is_shut_out_reads_why_and_appeals(site, owner, action, what):
    """Nothing else is open to them: the log-in leads to the decisions, and no route knows who they are."""
    name = f"shut{action}"
    shut = member(site, name)
    before = enter(site, name)
    owner.get(f"/staff/people/{shut}/").form("act/").press(action=action, text="because of noise")
    assert before.get("/settings/strikes/").path == "/auth/login/", "sessions end"
    browser = Browser(site, "kea.test")
    page = browser.log_in(f"{name}@example.org", PASSWORD)
    assert page.path == "/appeal/" and "because of noise" in page.text and "@" + name not in page.text
    for path in ("/settings/account/", "/compose/", "/notifications/", "/settings/strikes/", "/switch/"):
        assert browser.get(path).path == "/auth/login/", path
    answer = browser.client.post("/compose/", data={"text": "I am back", "form_token": page.form_of("/auth/logout/")
                                                    .fields["form_token"]}, headers={"Origin": "https://kea.test"})
    assert answer.status_code == 401
    [form] = [one for one in page.forms if one.action.startswith("/appeal/")]
    assert browser.client.post(form.action, data={"text": "x"}).status_code == 403
    assert "Say why" in form.press(status=422, text=" ").text
    other = site.value("select max(id) from warnings where identity_id <> %s", shut)
    if other:
        fields = {**form.fields, "text": "x"}
        assert browser.client.post(f"/appeal/{other}/", data=fields).status_code == 404
    page = form.press(text="It was the wind.")
    assert page.path == "/appeal/" and "It was the wind." in page.text
    assert not [one for one in page.forms if one.action.startswith("/appeal/")]
    form = next(one for one in owner.get("/staff/appeals/").forms if one.action.startswith("/staff/appeals/"))
    form.press("accept")
    assert site.value(f"select {what} is null from identity_limits where identity_id = %s", shut)
    # Free again, the same session is an ordinary one.
    assert browser.get("/settings/strikes/").path == "/settings/strikes/"
    assert browser.get("/appeal/").path == "/settings/strikes/"


def test_held_posts_appear_when_staff_accepts_them(site, owner, weka):
    """Invisible until approved, to everybody but their author and staff."""
    held = member(site, "slow")
    site.sql("insert into follows (source_id, target_id, domain_id, target_domain_id, uri, state) select a.id, b.id, "
             "a.domain_id, b.domain_id, 'x', 'accepted' from identities a, identities b where a.id = %s and b.id = %s",
             work.identity(site, OTHER)["id"], held)
    act(owner, f"/staff/people/{held}/act/", action="hold", text="")
    author, stranger, other = Api(site, "slow@kea.test"), Browser(site, "kea.test"), Api(site, OTHER)
    made = [author.post("/api/v1/statuses", status=f"slow words {n} @ruru@weka.test @toroa #slowly") for n in range(2)]
    site.stator.drain()

    def sees(text):
        return [place for place, shown in (
            ("page", lambda: stranger.get("/@slow/").text), ("local", lambda: stranger.get("/local/").text),
            ("tag", lambda: stranger.get("/tags/slowly/").text),
            ("home", lambda: str(other.get("/api/v1/timelines/home"))),
            ("told", lambda: str(Api(site, TOROA).get("/api/v1/notifications"))),
            ("feed", lambda: stranger.client.get("/@slow/feed.rss").text),
            ("next door", lambda: str(other.get("/api/v1/timelines/public"))),
            ("search", lambda: str(other.get("/api/v2/search", q="slow words")))) if text in shown()]

    assert sees("slow words") == []
    stranger.get(f"/@slow/posts/{made[0]['id']}/", 404)
    assert "slow words 0" in enter(site, "slow").get("/@slow/").text
    author.put(f"/api/v1/statuses/{made[0]['id']}", status="slow words 0, edited @toroa #slowly")
    author.refused(422, "POST", "/api/v1/statuses", json={"status": "q", "quoted_status_id": made[0]["id"]})
    site.stator.drain()
    assert sees("slow words") == []
    page = owner.get("/staff/held/")
    assert "slow words 0, edited" in page.text and "slow words 1" in page.text
    for what in ("accept", "refuse"):
        act(weka, "/staff/held/", 404, **{what: made[0]["id"]})
    assert "slow words" not in weka.get("/staff/held/").text
    act(owner, "/staff/held/", accept=made[0]["id"])
    act(owner, "/staff/held/", 404, accept=made[0]["id"])
    act(owner, "/staff/held/", refuse=made[1]["id"])
    act(owner, "/staff/held/", 404, refuse=made[1]["id"])
    site.stator.drain()
    assert {"page", "local", "tag", "home", "told", "feed"} <= set(sees("slow words 0, edited"))
    assert sees("slow words 1") == []
    author.refused(404, "GET", f"/api/v1/statuses/{made[1]['id']}")
    assert actions(site, 2) == ["post.refuse", "post.accept"]


def test_posts_of_a_case_are_deleted_or_covered(site, owner):
    bad = member(site, "poster")
    api = Api(site, "poster@kea.test")
    for action in ("mark_statuses_as_sensitive", "delete_statuses"):
        post = api.post("/api/v1/statuses", status=f"bad {action}")
        report = complain(site, bad, status_ids=[post["id"]])
        owner.get(f"/staff/reports/{report}/").form("act/").press(action=action)
        if action == "delete_statuses":
            api.refused(404, "GET", f"/api/v1/statuses/{post['id']}")
        else:
            assert api.get(f"/api/v1/statuses/{post['id']}")["sensitive"] is True


def test_sign_ups_are_let_in_or_refused(site, owner, weka):
    waiting = [member(site, f"wait{n}") for n in range(3)]
    for one in waiting:
        site.sql("insert into identity_limits (domain_id, identity_id, pending, reason) select domain_id, id, now(), "
                 "'I like birds' from identities where id = %s", one)
    page = owner.get("/staff/sign-ups/")
    assert "@wait0@kea.test" in page.text and "I like birds" in page.text
    assert "@wait0" not in weka.get("/staff/sign-ups/").text
    act(weka, "/staff/sign-ups/", 403, id=str(waiting[0]), do="approve")
    page.form("sign-ups/").press("refuse", 422)
    act(owner, "/staff/sign-ups/", id=[str(waiting[0]), str(waiting[1])], do="approve")
    act(owner, "/staff/sign-ups/", id=str(waiting[2]), do="refuse")
    act(owner, "/staff/sign-ups/", 403, id=str(waiting[0]), do="refuse")
    assert "wait" not in owner.get("/staff/sign-ups/").text.replace("Nothing waits here.", "")
    enter(site, "wait0")
    assert site.value("select deleted is not null from identities where id = %s", waiting[2])


def test_from_where_somebody_joined_is_kept_for_a_time(site, owner):
    site.rookery("domain", "set", "kea.test", "sign_up", "open")
    joining = Browser(site, "kea.test", client_address="198.51.100.9")
    joining.get("/auth/signup/").form("signup/").press(email="joined@example.org", username="joined", password=PASSWORD,
                                                       stamp=stamp(site, "kea.test"), agreement="1")
    new = work.identity(site, "joined@kea.test")["id"]
    assert "198.51.100.9" in owner.get(f"/staff/people/{new}/").text
    site.sql("update sign_up_addresses set created = now() - interval '91 days'")
    site.sql("select sign_up_addresses_forget()")
    assert site.value("select count(*) from sign_up_addresses") == 0


def test_roles_are_given_below_ones_own(site, owner):
    rising = member(site, "rising")
    second = member(site, "second")
    news.grant(site, "second@example.org", "kea.test", "admin")
    admin = enter(site, "second")
    path = f"/staff/people/{rising}/role/"
    act(admin, path, role="moderator")
    assert "/staff/" in enter(site, "rising").get("/").links()
    act(admin, path, 403, role="admin")
    act(admin, path, 403, role="owner")
    act(admin, f"/staff/people/{second}/role/", 403, role="owner")
    act(owner, path, role="admin")
    act(admin, path, 403, role="")
    act(owner, path, 400, role="emperor")
    act(owner, path, role="")
    enter(site, "rising").get("/staff/", 403)
    assert {"staff.grant", "staff.revoke"} == set(actions(site, 4))


def test_sessions_end_and_accounts_are_deleted(site, owner):
    gone = member(site, "goner")
    browser = enter(site, "goner")
    act(owner, f"/staff/people/{gone}/log-out/")
    browser.get("/home/", 303)
    act(owner, f"/staff/people/{gone}/delete/", 403)
    act(owner, f"/staff/people/{gone}/act/", action="suspend", text="")
    page = owner.get(f"/staff/people/{gone}/")
    assert page.form("delete/").press().path == "/staff/people/"
    owner.get(f"/staff/people/{gone}/", 404)


def test_decisions_are_appealed_against(site, owner, weka):
    """A statement of reasons, an appeal, and a decision about it."""
    member(site, "accused")
    accused = work.identity(site, "accused@kea.test")["id"]
    act(owner, f"/staff/people/{accused}/act/", action="silence", text="You were loud.")
    own = enter(site, "accused")
    page = own.get("/settings/strikes/")
    assert "You were loud." in page.text and "Limited" in page.text
    [form] = [one for one in page.forms if one.action.startswith("/settings/strikes/")]
    assert "Say why" in form.press(text=" ", status=422).text
    form.press(text="I was not.")
    act(own, form.action, 409, text="Again.")
    strike = int(form.action.split("/")[3])
    act(enter(site, "toroa"), form.action, 404, text="Not mine.")
    act(weka, f"/staff/appeals/{strike}/", 404, do="accept")
    act(owner, f"/staff/appeals/{strike}/", 400, do="perhaps")
    page = owner.get("/staff/appeals/")
    assert "I was not." in page.text
    page.form(f"appeals/{strike}/").press("accept")
    assert site.value("select silenced is null from identity_limits where identity_id = %s", accused)
    assert "Taken back" in own.get("/settings/strikes/").text
    act(owner, f"/staff/appeals/{strike}/", 404, do="refuse")
    # One that is old cannot be appealed against.
    act(owner, f"/staff/people/{accused}/act/", action="none", text="Second.")
    site.sql("update warnings set created = now() - interval '61 days' where text = 'Second.'")
    late = site.value("select id from warnings where text = 'Second.'")
    act(own, f"/settings/strikes/{late}/", 409, text="Late.")
    assert "Second." in owner.get("/staff/appeals/?all=1").text


def test_templates_are_texts_to_send(site, helper, weka):
    form = [one for one in helper.get("/staff/templates/").forms if "title" in one.fields][-1]
    assert "template has a name" in form.press(title="", text="kept", status=422).text
    form.press(title="Rudeness", text="Please be polite.")
    assert "Rudeness" not in weka.get("/staff/templates/").text
    template = site.value("select id from warning_templates")
    act(weka, "/staff/templates/", 404, id=str(template), title="x", text="y")
    act(weka, "/staff/templates/", 404, remove=str(template))
    someone = member(site, "impolite")
    page = act(helper, f"/staff/people/{someone}/act/", action="none", template=str(template), text="Really.")
    assert "Please be polite. Really." in page.text
    act(helper, "/staff/templates/", id=str(template), title="Rudeness", text="Be polite!")
    assert "Be polite!" in helper.get("/staff/templates/").text
    act(helper, "/staff/templates/", remove=str(template))
    assert "Rudeness" not in helper.get("/staff/templates/").text


@pytest.mark.parametrize("path, good, bad", [
    ("/staff/blocks/", "spam.test", ""), ("/staff/blocks/emails/", "evil@example.org", "no address"),
    ("/staff/blocks/networks/", "192.0.2.0/24", "not a network")])
def test_blocks_are_added_once_and_removed(site, owner, weka, path, good, bad):
    add = [one for one in owner.get(path).forms if "what" in one.fields][-1]
    shown = add.press(what=bad, status=422, comment="kept")
    assert [one.fields["what"] for one in shown.forms if "what" in one.fields] == [bad]
    page = add.press(what=good, severity="no_access", days="3")
    [button] = [button for form in page.forms for button in form.buttons if "remove" in button]
    assert add.press(what=good, severity="no_access", status=422).status == 422
    assert f'value="{button["remove"]}"' not in weka.get(path).markup
    act(weka, path, 404, remove=button["remove"])
    act(owner, path, remove=button["remove"])
    act(owner, path, 404, remove=button["remove"])


def test_notices_of_people_without_an_account(site, owner, weka):
    """A form for everybody (Regulation (EU) 2022/2065, article 16) that becomes a report."""
    post = Api(site, TOROA).post("/api/v1/statuses", status="something illegal")
    stranger = Browser(site, "kea.test")
    form = stranger.get("/notice/").form("notice/")
    fields = {"addresses": post["url"], "name": "Ann Other", "email": "ann@example.net", "law": "Some law",
              "comment": "It is mine.", "good_faith": "1"}
    for missing in ("addresses", "name", "email", "comment", "good_faith"):
        page = form.press(**{**fields, missing: None}, status=422)
        assert page.form("notice/").fields.get("comment", "") == ("" if missing == "comment" else "It is mine.")
    form.press(**{**fields, "addresses": "https://elsewhere.test/1"}, status=422)
    done = form.press(**fields)
    number = int("".join(filter(str.isdigit, done.url.split("done=")[1])))
    assert str(number) in done.text
    page = owner.get(f"/staff/reports/{number}/")
    assert "Ann Other" in page.text and "ann@example.net" in page.text and "something illegal" in page.text
    assert f"/staff/reports/{number}/" in owner.get("/staff/reports/?origin=notice").links()
    weka.get(f"/staff/reports/{number}/", 404)
    page.form("answer/").press(answer="It is gone.")
    assert site.value("select answer from reports where id = %s", number) == "It is gone."
    site.sql("delete from throttles")
    for _ in range(10):
        stranger.get("/notice/").form("notice/").press(**fields)
    form = stranger.get("/notice/").form("notice/")
    assert "kept" in form.press(**{**fields, "comment": "kept"}, status=429).form("notice/").fields["comment"]


def test_what_the_staff_did_is_listed_and_exported(site, owner, helper, weka):
    someone = member(site, "listed")
    act(helper, f"/staff/people/{someone}/act/", action="silence", text="")
    assert "account.silence" in owner.get("/staff/audit/?who=@helper&action=account&subject=listed").text
    assert "account.silence" not in owner.get("/staff/audit/?who=owner&subject=listed").text
    assert "listed" not in weka.get("/staff/audit/").text
    answer = owner.client.get("/staff/audit.csv?subject=listed")
    assert answer.headers["content-type"].startswith("text/csv")
    lines = answer.text.strip().split("\r\n")
    assert lines[0] == "when,who,action,subject,detail"
    assert '"helper","account.silence","\'@listed@kea.test"' in lines[1]
    assert "listed" not in weka.client.get("/staff/audit.csv").text


def test_what_people_are_told_by_mail(site, owner, mail):
    someone = member(site, "lettered")
    complaint = complain(site, someone)
    act(owner, f"/staff/people/{someone}/act/", action="silence", text="You were loud.")
    own = enter(site, "lettered")
    [form] = [one for one in own.get("/settings/strikes/").forms if one.action.startswith("/settings/strikes/")]
    form.press(text="No.")
    act(owner, f"/staff/appeals/{form.action.split('/')[3]}/", do="accept", text="You are right.")
    act(owner, f"/staff/reports/{complaint}/answer/", answer="We looked at it.")
    act(owner, f"/staff/people/{someone}/reset/")
    far = complain(site, news.remote(site, host="mail.test"))
    site.sql("update reports set source_id = %s where id = %s", news.remote(site, host="mailed.test"), far)
    act(owner, f"/staff/reports/{far}/answer/", answer="Nobody gets this.")
    Browser(site, "kea.test").get("/notice/").form("notice/").press(
        addresses="https://kea.test/@lettered/", name="Ann", email="ann@example.net", comment="Mine.", good_faith="1")
    site.stator.drain()
    came = sorted((letter.to, letter.text.replace("\n", " ")) for letter in mail.take(5))
    assert [to for to, _ in came] == ["ann@example.net", *["lettered@example.org"] * 3, "ruru@example.org"]
    assert "We looked at it." in came[4][1]
    assert any("You were loud." in text for _, text in came) and any("You are right." in text for _, text in came)
    assert any("/auth/reset/?token=" in text for _, text in came)

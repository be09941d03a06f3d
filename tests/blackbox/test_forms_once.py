# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms that create something: sent twice, also at once, they make one thing and lead to it."""

import pathlib
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import news
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.join import stamp


def enter(site, name, domain="kea.test"):
    browser = Browser(site, domain)
    browser.log_in(f"{name}@example.org", PASSWORD)
    return browser


@pytest.fixture(scope="module")
def site(shared_site):
    shared_site.rookery("user", "add", "boss@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    shared_site.rookery("identity", "add", "boss@kea.test", "--user", "boss@example.org")
    shared_site.rookery("domain", "set", "kea.test", "sign_up", "open")
    shared_site.restart()
    news.grant(shared_site, "boss@example.org", "kea.test", "owner")
    return shared_site


@pytest.fixture(scope="module")
def people(site):
    return {"stranger": Browser(site, "kea.test"), "member": enter(site, "ruru"), "staff": enter(site, "boss")}


# Who, the page, where its form leads to, what is typed, the table with what is made.
FORMS = [
    ("member", "/compose/", "compose/", {"text": "twice"}, "posts"),
    ("member", "/compose/", "compose/", {"text": "poll", "option_1": "a", "option_2": "b", "poll_seconds": "3600"},
     "polls"),
    ("member", "/@toroa/report/", "report/", {"comment": "twice"}, "reports"),
    ("member", "/lists/", "lists/", {"title": "Twice"}, "lists"),
    ("member", "/collections/", "collections/", {"name": "Twice"}, "featured_collections"),
    ("member", "/filters/new/", "new/", {"title": "Twice", "keywords": "cats"}, "filters"),
    ("staff", "/staff/invites/", "invites/", {"note": "twice"}, "invites"),
    ("staff", "/staff/announcements/", "announcements/", {"text": "Twice", "do": "publish"}, "announcements"),
    ("staff", "/staff/rules/", "rules/", {"text": "Twice"}, "rules"),
    ("staff", "/staff/templates/", "templates/", {"title": "Twice", "text": "twice"}, "warning_templates"),
    ("staff", "/staff/webhooks/", "webhooks/", {"url": "https://hook.test/", "event": "report.created"}, "webhooks"),
    ("staff", "/staff/blocks/emails/", "emails/", {"what": "troll@example.org"}, "email_blocks"),
    ("staff", "/staff/blocks/networks/", "networks/", {"what": "198.51.100.0/24", "severity": "no_access"},
     "ip_blocks"),
    ("staff", "/staff/texts/terms/", "terms/", {"day": "2031-01-01", "text": "twice", "do": "save"}, "terms"),
    ("staff", "/staff/help/", "help/", {"hours": "2", "role": "moderator", "do": "allow"}, "help_consents"),
    ("stranger", "/notice/", "notice/", {"addresses": "https://kea.test/@ruru", "comment": "why", "name": "Me",
                                         "email": "me@example.org", "good_faith": "1"}, "reports"),
    ("stranger", "/auth/signup/", "signup/", {"username": "twice", "email": "twice@example.org", "password": PASSWORD,
                                              "agreement": "1"}, "users"),
]


def count(site, table):
    return site.value(f"select count(*) from {table}")


def post(browser, form, fields):
    return browser.client.post(form.action, data={**form.fields, **fields}, headers={"Origin": "https://kea.test"})


@pytest.mark.parametrize("who, path, end, typed, table", FORMS, ids=[f"{one[1]}{one[4]}" for one in FORMS])
def test_sent_twice_makes_one(site, people, who, path, end, typed, table):
    browser = people[who]
    if who == "stranger":
        typed = {**typed, "stamp": stamp(site, "kea.test")}
    before = count(site, table)
    form = next(one for one in reversed(browser.get(path).forms_to(end)) if set(one.fields) & {"form_once", "once"})
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: post(browser, form, typed), range(2)))
    answers.append(post(browser, form, typed))
    assert all(one.status_code in (200, 303) for one in answers), [(one.status_code, one.text[-900:])
                                                                  for one in answers]
    assert count(site, table) == before + 1
    places = {one.headers["location"] for one in answers if one.status_code == 303} - {"/auth/login/", "/"}
    assert len(places) <= 1, places


def test_a_form_that_failed_may_be_sent_again_and_other_words_make_another(site, people):
    browser = people["member"]
    before = count(site, "lists")
    form = browser.get("/lists/").form("lists/")
    assert form.fields["form_once"]
    for title, status in (("", 422), ("", 422), ("One", 303), ("One", 303), ("Other", 303)):
        assert post(browser, form, {"title": title}).status_code == status
    assert count(site, "lists") == before + 2
    assert form.fields["form_once"] != browser.get("/lists/").form("lists/").fields["form_once"]


def test_who_died_over_a_form_holds_it_for_a_minute_only(site, people):
    browser = people["member"]
    form = browser.get("/lists/").form("lists/")
    assert post(browser, form, {"title": "Dead"}).status_code == 303
    before = count(site, "lists")
    site.sql("update form_submissions set location = null, created = now() - interval '2 minutes'")
    assert post(browser, form, {"title": "Dead"}).status_code == 303
    assert count(site, "lists") == before + 1


def test_a_decision_and_the_appeal_against_it(site, people):
    own = people["member"]
    subject = site.value("select id from identities where username = 'ruru' order by id limit 1")
    for browser, path, end, typed, table in (
            (people["staff"], f"/staff/people/{subject}/", "act/", {"action": "none", "text": "Too loud."}, "warnings"),
            (own, "/settings/strikes/", "/", {"text": "It was the wind."}, "appeals")):
        before = count(site, table)
        form = next(one for one in browser.get(path).forms_to(end) if "form_once" in one.fields)
        assert [post(browser, form, typed).status_code for _ in range(2)] == [303, 303]
        assert count(site, table) == before + 1


# Forms that set what there is, or take something away: twice is once. Those of the host's console are no tenant's.
TWICE_IS_ONCE = {
    "settings": {"/settings/account/password/", "/settings/account/mail/", "/settings/profile/", "/settings/look/",
                 "/settings/posting/", "/settings/applications/", "/settings/sessions/", "/settings/delete/",
                 "/settings/import/…/", "/settings/archive/bring/", "/settings/move/aliases/",
                 "/settings/identities/…/",
                 "/settings/identities/answer/", "/settings/security/totp/", "/settings/security/totp/remove/",
                 "/settings/security/passkeys/remove/", "/filters/…/", "/lists/…/edit/", "/collections/…/",
                 "…lists/", "/tags/",
                 "/scheduled/", "/drafts/", "/conversations/", "/requests/posts/", "/switch/"},
    "codes that are shown once": {"/settings/security/recovery/"},
    "log-in": {"/auth/login/", "/auth/logout/", "/auth/second/", "/auth/prove/", "/auth/ticket/", "/auth/confirm/",
               "/auth/change/", "/auth/reset/", "/auth/unsubscribe/?user=…&amp;code=…", "/oauth/authorize?…",
               "/elsewhere/"},
    "relations": {"…follow/", "…unfollow/", "…unblock/", "…block/", "…mute/", "…unmute/", "…accept/", "…reject/"},
    "posts": {"…boost/", "…like/", "…bookmark/", "…pin/", "…refuse/", "…delete/"},
    "staff": {"/staff/announcements/…/", "/staff/branding/", "/staff/branding/style/", "/staff/emoji/of/…/",
              "/staff/hashtags/", "/staff/held/", "/staff/help/", "/staff/invites/", "/staff/reports/…/claim/",
              "/staff/reports/…/release/", "/staff/reports/…/resolve/", "/staff/reports/…/reopen/", "/staff/rules/",
              "/staff/rules/…/", "/staff/signup/", "/staff/templates/", "/staff/texts/", "/staff/trends/",
              "/staff/people/…/undo/", "/staff/people/…/log-out/", "/staff/people/…/role/",
              "/staff/people/…/delete/", "/staff/posts/…/", "/staff/policies/at/…/", "/staff/webhooks/…/",
              "/staff/servers/import/", "…"},
}


def test_every_form_is_taken_once_or_may_come_twice():
    """All forms of all templates: a new one that makes or sends something has its token."""
    lacking, whole = set(), set().union(*TWICE_IS_ONCE.values())
    for path in pathlib.Path("templates").rglob("*.html"):
        if path.name.startswith("console_"):
            continue
        forms = re.findall(r"<form((?:\{%.*?%\}|\{\{.*?\}\}|[^>])*)>(.*?)</form>", path.read_text(), re.DOTALL)
        for tag, inside in forms:
            if 'method="post"' in tag and "part/once" not in inside and 'name="once"' not in inside:
                action = re.search(r'action="([^"]*)"', tag)[1]
                action = re.sub(r"(?:\{%.*?%\}un\{%.*?%\}|\{\{.*?\}\})+", "…", action)
                lacking.add((action, path.name))
    assert {one for one in lacking if one[0] not in whole} == set()
    assert whole - {action for action, _ in lacking} == set()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Forms: what is wrong stands beside its field, what was typed stays."""

import re

import pytest

from harness import news
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.join import stamp
from harness.media import png

LONG = "x" * 6000


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


def element(markup, id_):
    """The tag that has the id, and the text up to the next tag."""
    found = re.findall(r'<(?:[^<>]*\s)?id="%s"[^<>]*>([^<]*)' % re.escape(id_), markup)
    assert len(found) == 1, (id_, found)
    return found[0]


def look_for_error(page, field):
    """A summary that leads to the field, which says that it is wrong, and why."""
    wrong = [attributes for _, attributes in page.tags if attributes.get("aria-invalid") == "true"]
    assert [one["name"] for one in wrong] == [field], (page.path, wrong, page.text[-800:])
    [(link, summary)] = re.findall(r'<p class="flash bad" role="alert"><a href="#([^"]+)">([^<]+)</a></p>', page.markup)
    assert link == wrong[0]["id"]
    said = [element(page.markup, one) for one in wrong[0]["aria-describedby"].split()]
    assert said[-1] == summary and len(summary) > 5, said


# Who, the page, where its form leads to, what is typed, which field is wrong.
FORMS = [
    ("stranger", "/auth/login/", "login/", {"email": "a@example.org", "password": "nonsense word"}, "password"),
    ("stranger", "/notice/", "notice/", {"addresses": ""}, "addresses"),
    ("stranger", "/notice/", "notice/", {"addresses": "https://kea.test/@ruru", "comment": ""}, "comment"),
    ("stranger", "/notice/", "notice/", {"addresses": "https://kea.test/@ruru", "comment": "why", "name": "Me",
                                         "email": "none", "good_faith": "1"}, "email"),
    ("stranger", "/notice/", "notice/", {"addresses": "https://kea.test/@ruru", "comment": "why", "name": "Me",
                                         "email": "me@example.org"}, "good_faith"),
    ("stranger", "/notice/", "notice/", {"addresses": "https://nowhere.test/", "comment": "why", "name": "Me",
                                         "email": "me@example.org", "good_faith": "1"}, "addresses"),
    ("member", "/compose/", "compose/", {"text": LONG}, "text"),
    ("member", "/compose/", "compose/", {"text": ""}, "text"),
    ("member", "/compose/", "compose/", {"text": "words", "language": "no language"}, "language"),
    ("member", "/compose/", "compose/", {"text": "words", "due": "some day"}, "due"),
    ("member", "/compose/", "compose/", {"text": "words", "option_1": "one"}, "option_1"),
    ("member", "/settings/profile/", "profile/", {"name": LONG, "bio": "kept"}, "name"),
    ("member", "/settings/profile/", "profile/", {"name": "Ruru", "bio": LONG}, "bio"),
    ("member", "/settings/profile/", "profile/", {"field_value_2": LONG, "bio": "kept"}, "field_value_2"),
    ("member", "/settings/account/", "password/", {"old_password": "nonsense word", "password": "x" * 12},
     "old_password"),
    ("member", "/filters/new/", "new/", {"title": "", "keywords": "cats"}, "title"),
    ("member", "/filters/new/", "new/", {"title": "Pets", "keywords": LONG}, "keywords"),
    ("member", "/filters/new/", "new/", {"title": "Pets", "keywords": "cats", "home": None, "notifications": None,
                                         "public": None, "thread": None, "account": None}, "home"),
    ("member", "/lists/", "lists/", {"title": ""}, "title"),
    ("member", "/lists/", "lists/", {"title": LONG}, "title"),
    ("member", "/collections/", "collections/", {"name": ""}, "name"),
    ("member", "/collections/", "collections/", {"name": LONG}, "name"),
    ("member", "/tags/", "tags/", {"follow": "!!"}, "follow"),
    ("member", "/follow/?handle=none%20such", "", {}, "handle"),
    ("member", "/@toroa/report/", "report/", {"comment": LONG}, "comment"),
    ("staff", "/staff/servers/at/elsewhere.test/", "elsewhere.test/", {"severity": "limit", "public_comment": LONG},
     "public_comment"),
    ("staff", "/staff/rules/", "rules/", {"text": "", "hint": "kept"}, "text"),
    ("staff", "/staff/announcements/", "announcements/", {"text": "", "starts": "2026-01-01T10:00"}, "text"),
    ("staff", "/staff/announcements/", "announcements/", {"text": "News", "ends": "never"}, "ends"),
    ("staff", "/staff/invites/", "invites/", {"note": "kept", "uses": "many"}, "uses"),
    ("staff", "/staff/invites/", "invites/", {"note": "kept", "days": "many"}, "days"),
    ("staff", "/staff/webhooks/", "webhooks/", {"url": "nonsense"}, "url"),
    ("staff", "/staff/branding/", "branding/", {"title": "Kea", "accent": "pink"}, "accent"),
    ("staff", "/staff/branding/", "branding/", {"title": "Kea", "language": "x"}, "language"),
    ("staff", "/staff/branding/", "style/", {"style": "a { nonsense"}, "style"),
    ("staff", "/staff/texts/", "texts/", {"contact_email": "none", "imprint": "kept"}, "contact_email"),
    ("staff", "/staff/texts/", "texts/", {"status_url": "none", "imprint": "kept"}, "status_url"),
    ("staff", "/staff/texts/terms/", "terms/", {"day": "some day", "text": "kept"}, "day"),
    ("staff", "/staff/signup/", "signup/", {"min_age": "old", "max_users": "7"}, "min_age"),
    ("staff", "/staff/signup/", "signup/", {"max_users": "all"}, "max_users"),
    ("staff", "/staff/templates/", "templates/", {"title": "", "text": "kept"}, "title"),
    ("staff", "/staff/templates/", "templates/", {"title": "kept", "text": ""}, "text"),
    ("staff", "/staff/blocks/emails/", "emails/", {"what": "nonsense"}, "what"),
    ("staff", "/staff/blocks/networks/", "networks/", {"what": "nonsense", "comment": "kept"}, "what"),
]


@pytest.mark.parametrize("who, path, end, typed, field", FORMS,
                         ids=[f"{path}{field}-{n}" for n, (_, path, _, _, field) in enumerate(FORMS)])
def test_what_is_wrong_stands_beside_its_field(people, who, path, end, typed, field):
    page = people[who].get(path)
    if end:
        form = next(one for one in page.forms_to(end) if field in page.markup and one.method == "POST")
        page = form.press(status=422, **typed)
        again = [one for one in page.forms_to(end) if set(typed) & set(one.fields)]
        for name, value in typed.items():
            if value is not None and name in page.markup and "password" not in name:
                assert any(one.fields.get(name) == value for one in again) or value in page.markup, name
    look_for_error(page, field)


@pytest.mark.parametrize("who, path, field", [
    ("member", "/settings/look/", "language"), ("member", "/settings/look/", "theme"),
    ("member", "/settings/look/", "size"), ("staff", "/staff/servers/at/elsewhere.test/", "severity"),
])
def test_a_choice_that_there_is_not(people, who, path, field):
    form = next(one for one in people[who].get(path).forms_to(path) if field in one.fields)
    look_for_error(form.press(status=422, **{field: "nonsense"}), field)


def test_a_file_or_its_words(people):
    form = people["member"].get("/compose/").form("compose/")
    page = form.press(status=422, text="words", files={"file_3": ("a.png", b"no picture", "image/png")})
    look_for_error(page, "file_3")
    picture = {"file_2": ("a.png", png(8, 8), "image/png")}
    page = form.press(status=422, text="words", description_2=LONG * 2, files=picture)
    look_for_error(page, "description_2")


def test_options_of_a_poll(people):
    form = people["member"].get("/compose/").form("compose/")
    page = form.press(status=422, text="words", option_1="one", option_3="two", option_4="one")
    look_for_error(page, "option_3")
    assert page.form("compose/").fields["option_2"] == "two"


def test_a_list_of_people_whom_one_does_not_follow(people):
    people["member"].get("/lists/").form("lists/").press(title="Birds")
    form = people["member"].get("/@toroa/lists/").form("lists/")
    look_for_error(form.press(status=422, list=re.search(r'name="list" value="(\d+)"', form.page.markup)[1]), "list")


def test_a_decision_about_one_of_several(people):
    """Beside the one that was edited, which stands open with what was typed."""
    page = people["staff"].get("/staff/templates/")
    for title in ("First", "Second"):
        page = page.forms_to("templates/")[-1].press(title=title, text="Words.")
    form = next(one for one in page.forms_to("templates/") if one.fields.get("title") == "First")
    page = form.press(status=422, title="Kept", text="")
    look_for_error(page, "text")
    assert [one.fields["title"] for one in page.forms_to("templates/")] == ["Kept", "Second", ""]


@pytest.mark.parametrize("field, typed", [
    ("username", "no name"), ("username", "admin"), ("username", "ruru"), ("email", "none"), ("password", "short"),
])
def test_signing_up(site, people, field, typed):
    form = people["stranger"].get("/auth/signup/").form("signup/")
    fields = {"username": "newbie", "email": "newbie@example.org", "password": PASSWORD,
              "stamp": stamp(site, "kea.test"), "agreement": "1"}
    page = form.press(status=422 if typed != "ruru" else 409, **{**fields, field: typed})
    look_for_error(page, field)
    kept = page.form("signup/").fields
    for name in ("username", "email"):
        assert kept[name] == {**fields, field: typed}[name]


def test_nothing_is_marked_where_nothing_is_wrong(people):
    for who, path, _, _, _ in FORMS:
        if "?" not in path:
            assert "aria-invalid" not in people[who].get(path).markup, path

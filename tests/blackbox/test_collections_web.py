# SPDX-License-Identifier: AGPL-3.0-or-later
"""Collections of accounts on pages: their owner makes, fills, changes and deletes them; others see what they may."""

import re

import pytest

from harness.browser import Browser
from harness.fixtures import PASSWORD


@pytest.fixture
def ruru(shared_site):
    browser = Browser(shared_site, "kea.test")
    browser.log_in("ruru@example.org", PASSWORD)
    yield browser
    shared_site.sql("delete from featured_collections")
    shared_site.sql("update identities set discoverable = false")


@pytest.fixture
def made(ruru, shared_site):
    """A collection that was just made: the page on which it is edited."""
    shared_site.sql("update identities set discoverable = true where username = 'toroa'")
    page = ruru.get("/@ruru/collections/")
    assert "/collections/" in page.links()
    page = ruru.get("/collections/").form_of("/collections/").press(name="  Counters of swifts ")
    assert re.fullmatch(r"/collections/\d+/", page.path)
    return page


def form_with(page, field):
    [found] = [form for form in page.forms if field in form.fields]
    return found


def button(page, name):
    """The one form that has a button of that name, and the button's value."""
    [found] = [(form, one[name]) for form in page.forms for one in form.buttons if name in one]
    return found


def shown(site, path="/@ruru/collections/"):
    return Browser(site, "kea.test").get(path)


def test_it_is_made_changed_and_deleted(shared_site, ruru, made):
    assert "Counters of swifts" in shown(shared_site).text
    page = form_with(made, "description").press(name="Owls", description="They see at night.", tag="#owls",
                                                discoverable="1", sensitive="1")
    assert form_with(page, "description").fields["tag"] == "owls"
    text = shown(shared_site).text
    assert "Owls" in text and "They see at night." in text and "#owls" in text and "swifts" not in text
    # Without the mark it is for those who have its address.
    page = form_with(page, "description").press(discoverable=None)
    assert "Owls" not in shown(shared_site).text
    assert "Owls" in shown(shared_site, f"/@ruru{page.path}").text
    assert "/collections/" in ruru.get(f"/@ruru{page.path}").markup
    form, value = button(page, "delete")
    assert form.press(value).path == "/collections/"
    assert shared_site.value("select count(*) from featured_collections") == 0


def test_people_are_put_in_and_taken_out(shared_site, made):
    page = form_with(made, "handle").press("1", handle="@toroa@kea.test")
    assert page.path == made.path and "toroa" in page.text and "did not agree yet" not in page.text
    assert "toroa" in shown(shared_site).text
    again = form_with(page, "handle").press("1", status=422, handle="@toroa")
    assert 'aria-invalid="true"' in again.markup and form_with(again, "handle").fields["handle"] == "@toroa"
    form, value = button(page, "remove")
    page = form.press(value)
    assert "Nobody is in it yet." in page.text
    assert "toroa" not in shown(shared_site).text


def test_who_is_asked_waits(shared_site, made):
    shared_site.sql("update identities set discoverable = false where username = 'toroa'")
    page = form_with(made, "handle").press("1", handle="@toroa")
    assert "did not agree yet" in page.text
    assert "toroa" not in shown(shared_site).text


@pytest.mark.parametrize("handle", ["@nobody@kea.test", "", "x" * 3000], ids=["unknown", "empty", "long"])
def test_who_is_nobody_is_not_put_in(made, handle):
    answer = made.browser.client.post(made.path,
                                      data={**form_with(made, "handle").fields, "add": "1", "handle": handle})
    assert answer.status_code in (404, 422) and 'aria-invalid="true"' in answer.text


def test_what_is_wrong_stands_at_its_field(made):
    for field, value in (("name", "x" * 41), ("name", " "), ("description", "x" * 101), ("tag", "no tag")):
        wrong = form_with(made, "description").press(status=422, **{field: value})
        assert re.search(rf'id="{field}" name="{field}" aria-invalid="true"', wrong.markup), (field, value)
        assert form_with(wrong, "description").fields[field] == value.strip()


def test_those_of_others_are_not_there(shared_site, made):
    for email, host in (("toroa@example.org", "kea.test"), ("ruru@example.org", "weka.test")):
        other = Browser(shared_site, host)
        other.log_in(email, PASSWORD)
        other.get(made.path, 404)
        for fields in ({"name": "Mine"}, {"delete": "1"}, {"add": "1", "handle": "@ruru"}, {"remove": "1"}):
            other.send("POST", made.path, {**dict([other.token()]), **fields}, 404)
        assert "Counters of swifts" not in other.get("/collections/").text
    assert shared_site.value("select name from featured_collections") == "Counters of swifts"
    assert shown(shared_site, "/collections/").path == "/auth/login/"

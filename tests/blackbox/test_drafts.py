# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posts that somebody begins and goes on with, and how one looks before it is written."""

import re

import pytest

from harness import media
from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD


def enter(site, name="ruru", domain="kea.test"):
    browser = Browser(site, domain)
    browser.log_in(f"{name}@example.org", PASSWORD)
    return browser


@pytest.fixture
def ruru(site):
    return enter(site)


def form(browser, path="/compose/"):
    return browser.get(path).form("/compose/")


def last(site):
    return site.value("select max(id) from drafts")


def posts(site):
    return site.value("select count(*) from posts")


def test_a_draft_is_kept_continued_and_posted(site, ruru):
    parent = Api(site, "toroa@kea.test").post("/api/v1/statuses", status="to be answered")["id"]
    files = {"file_1": ("a.png", media.png(40, 30), "image/png")}
    page = form(ruru, f"/compose/?reply_to={parent}").press(
        "draft", files=files, text="half a thought", summary="careful", visibility="unlisted", language="mi",
        sensitive="1", option_1="yes", description_1="a square", due="2099-01-01T10:00")
    assert page.path == "/drafts/" and "careful" in page.text and posts(site) == 1
    draft = last(site)
    before = form(ruru, f"/compose/?draft={draft}")
    said = before.fields
    assert (said["text"], said["summary"], said["visibility"], said["language"], said["due"], said["in_reply_to"]) == (
        "half a thought", "careful", "unlisted", "mi", "2099-01-01T10:00", parent)
    assert said["option_1"] == "yes" and said["description_1"] == "a square" and said["media_1"] != "0"
    # Saved again it is the same draft; a day later its files are there still.
    before.press("draft", text="the thought goes on")
    assert last(site) == draft and site.value("select count(*) from drafts") == 1
    site.sql("update attachments set state_changed = now() - interval '40 days'")
    site.stator.drain()
    page = form(ruru, f"/compose/?draft={draft}").press(text="the whole thought", option_1="", due="")
    assert "the whole thought" in page.text and site.value("select count(*) from drafts") == 0
    row = site.sql("select visibility, summary, language, in_reply_to_id from posts order by id desc limit 1")[0]
    assert (row["visibility"], row["summary"], row["language"], str(row["in_reply_to_id"])) == (
        "unlisted", "careful", "mi", parent)
    assert site.value("select count(*) from attachments where post_id is not null and state = 'ready'") == 1


def test_deleted_drafts_leave_their_files(site, ruru):
    files = {"file_1": ("a.png", media.png(40, 30), "image/png")}
    page = form(ruru).press("draft", files=files)
    assert "Without words" in page.text
    page.form("/drafts/").press(str(last(site)))
    assert site.value("select count(*) from drafts") == 0
    assert site.value("select state from attachments") == "unattached"
    page = form(ruru).press("draft", text="with another", files=files)
    kept = form(ruru, f"/compose/?draft={last(site)}")
    kept.press("draft", remove_1="1")
    assert site.value("select cardinality(attachment_ids) from drafts") == 0
    assert site.value("select count(*) from attachments where state = 'unattached'") == 2


def test_drafts_are_ones_own(site, ruru):
    form(ruru).press("draft", text="nobody else's")
    draft = last(site)
    for other in (enter(site, "toroa"), enter(site, "ruru", "weka.test")):
        assert "nobody else" not in other.get("/drafts/").text
        other.get(f"/compose/?draft={draft}", 404)
        name, value = other.token()
        other.send("POST", "/drafts/", {name: value, "delete": draft}, 404)
        # In the place of one that is another's comes a new one; and posting does not delete it.
        other.send("POST", "/compose/", {name: value, "do": "draft", "draft": draft, "text": "mine"})
        other.send("POST", "/compose/", {name: value, "draft": draft, "text": "mine", "visibility": "public"})
    ruru.send("POST", "/drafts/", {"delete": draft}, 403)
    ruru.send("POST", "/compose/", {"do": "draft", "text": "x"}, 403)
    assert "nobody else's" in ruru.get("/drafts/").text
    for number in ("0", "x", "-1", "99999999999999999999"):
        name, value = ruru.token()
        ruru.send("POST", "/drafts/", {name: value, "delete": number}, 404)


def test_drafts_have_a_limit(site, ruru):
    for n in range(49):
        form(ruru).press("draft", text=f"draft {n}")
    form(ruru).press("draft", text="<script>x</script> & 'last'")
    page = form(ruru).press("draft", text="one too many", status=422)
    assert "more than 50 drafts" in page.text and page.form("/compose/").fields["text"] == "one too many"
    assert "<script>x" not in ruru.get("/drafts/").markup and "&lt;script&gt;" in ruru.get("/drafts/").markup
    form(ruru, f"/compose/?draft={last(site)}").press("draft", text="changed", status=303)


def test_preview(site, ruru):
    files = {"file_1": ("a.png", media.png(40, 30), "image/png")}
    page = form(ruru).press("preview", status=200, files=files, summary="careful", description_1="a square",
                            text="see https://peer1.test/x #birds @toroa <b>no</b>", visibility="followers")
    assert posts(site) == 0 and site.value("select count(*) from drafts") == 0
    shown = page.markup[page.markup.index('id="preview-heading"'):page.markup.index('action="/compose/"')]
    assert "How it would look" in shown and "careful" in shown and 'href="https://peer1.test/x"' in shown
    assert re.search(r'href="[^"]*/@toroa[^"]*"', shown) and "&lt;b&gt;no" in shown and 'alt="a square"' in shown
    said = page.form("/compose/").fields
    assert said["summary"] == "careful" and said["visibility"] == "followers" and said["media_1"] != "0"
    assert "see" in page.form("/compose/").press().text and posts(site) == 1
    assert site.value("select count(*) from attachments where post_id is not null") == 1
    assert "blank" in form(ruru).press("preview", status=422, text=" ").text
    page = form(ruru).press("preview", status=200, text="which?", option_1="yes", option_2="no")
    assert "yes" in page.text[page.text.index("How it would look"):] and posts(site) == 1

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may answer, and what waits for the person's decision, on pages."""

import pytest

from harness.browser import Browser
from harness.fixtures import PASSWORD


def enter(site, name, domain="kea.test"):
    browser = Browser(site, domain)
    browser.log_in(f"{name}@example.org", PASSWORD)
    return browser


@pytest.fixture(scope="module")
def site(shared_site):
    return shared_site


@pytest.fixture(scope="module")
def ruru(site):
    return enter(site, "ruru")


@pytest.fixture(scope="module")
def toroa(site):
    return enter(site, "toroa")


@pytest.fixture(scope="module")
def stranger(site):
    return Browser(site, "kea.test")


def write(site, browser, text, query="", **fields):
    path = browser.get(f"/compose/{query}").form("compose/").press(text=text, **fields).path
    site.stator.drain()
    return path, path.rstrip("/").rsplit("/", 1)[-1]


def decide(page, verb):
    """The newest request's button."""
    form = page.forms_to("/requests/posts/")[0]
    [number] = [one[verb] for one in form.buttons if verb in one]
    return form.press(**{verb: number})


def test_an_answer_waits_is_accepted_and_taken_back(site, ruru, toroa, stranger):
    path, post = write(site, ruru, "ask before you answer", reply_policy="ask")
    answer, _ = write(site, toroa, "may I say something", f"?reply_to={post}")
    assert "Waits for the consent" in toroa.get(answer).text
    assert "may I say something" not in stranger.get(path).text
    stranger.get(answer, 404)
    assert "asks to answer your post" in ruru.get("/notifications/").text
    page = ruru.get("/requests/posts/")
    assert "wants to answer your post" in page.text and "may I say something" in page.text
    toroa.send("POST", "/requests/posts/", {"accept": "1"}, 403)
    assert "Nothing waits" in decide(page, "accept").text
    site.stator.drain()
    assert "may I say something" in stranger.get(path).text
    assert "Waits for the consent" not in toroa.get(answer).text
    assert not toroa.get(answer).forms_to("refuse/")
    ruru.get(answer).form("refuse/").press()
    site.stator.drain()
    assert "may I say something" not in stranger.get(path).text
    stranger.get(answer, 410)


def test_a_refused_answer_is_its_authors_alone(site, ruru, toroa, stranger):
    path, post = write(site, ruru, "ask me first", reply_policy="ask")
    answer, _ = write(site, toroa, "I only wanted to say", f"?reply_to={post}")
    decide(ruru.get("/requests/posts/"), "refuse")
    site.stator.drain()
    for one in (ruru, stranger):
        one.get(answer, 404)
        assert "I only wanted to say" not in one.get(path).text
    assert "Was refused" in toroa.get(answer).text


def test_an_answer_that_is_not_wanted_is_not_written(site, ruru, toroa):
    _, post = write(site, ruru, "no answers", reply_policy="nobody")
    form = toroa.get("/compose/", params={"reply_to": post}).form("compose/")
    again = form.press(text="but still", status=403)
    assert "but still" in again.text and "does not let you" in again.text


def test_how_one_usually_posts(site, ruru, toroa):
    page = toroa.get("/settings/posting/")
    done = page.form("settings/posting/").press(replies="following", likes="ask", quotes="ask", visibility="unlisted")
    assert "Saved." in done.text
    again = toroa.get("/settings/posting/").form("settings/posting/").fields
    assert (again["replies"], again["likes"], again["boosts"], again["quotes"], again["visibility"]) == (
        "following", "ask", "public", "ask", "unlisted")
    fields = toroa.get("/compose/").form("compose/").fields
    assert (fields["reply_policy"], fields["quote_policy"]) == ("following", "ask")
    _, post = write(site, toroa, "as usual")
    row = site.sql("select reply_automatic, like_automatic, like_manual, quote_manual from posts where id = %s",
                   int(post))[0]
    assert list(row.values()) == [["following"], [], ["public"], ["public"]]
    toroa.send("POST", "/settings/posting/", {**again, "replies": "friends"}, 400)
    form = toroa.get("/settings/posting/").form("settings/posting/")
    form.press(replies="public", likes="public", quotes="public", visibility="public")
    assert toroa.get("/compose/").form("compose/").fields["reply_policy"] == "public"

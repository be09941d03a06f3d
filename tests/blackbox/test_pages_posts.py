# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people do with posts on pages: vote, keep, pin, and read what was there before and what is linked."""

import pytest

from harness import media
from harness.api import Api
from harness.person import Person
from harness.visitors import elsewhere, ruru, site, stranger, toroa  # noqa: F401  pylint: disable=unused-import


@pytest.fixture(scope="module")
def api(site):
    return Api(site, "toroa@kea.test")


def path_of(status):
    return f"/@toroa/posts/{status['id']}/"


def ask(api, **more):
    return api.post("/api/v1/statuses", status="which?",
                    poll={"options": ["tea", "coffee", "water"], "expires_in": 3600, **more})


def votes(site, status):
    return site.value("select votes from polls where id = %s", int(status["id"]))


def test_a_vote_shows_how_it_stands(site, api, ruru, toroa, stranger):
    status = ask(api)
    path = path_of(status)
    for one in (toroa, stranger):
        page = one.get(path)
        assert page.forms_to("vote/") == [] and "coffee" in page.text and "0%" in page.text
    form = ruru.get(path).form("vote/")
    page = form.press(choice="1")
    assert page.path == path and page.forms_to("vote/") == [] and "Your choice" in page.text and "100%" in page.text
    assert votes(site, status) == [0, 1, 0]
    again = form.press(choice="2", status=422)
    assert 'role="alert"' in again.markup and votes(site, status) == [0, 1, 0]


def test_votes_that_are_none(site, api, ruru, toroa, stranger):
    status = ask(api)
    form = ruru.get(path_of(status)).form("vote/")
    for choice in (None, "3", "-1", "x", "99999999999999999999", ["0", "1"]):
        page = form.press(choice=choice, status=422)
        assert 'role="alert"' in page.markup and page.form("vote/"), choice
    assert votes(site, status) == [0, 0, 0]
    name, value = toroa.token()
    toroa.send("POST", form.action, {name: value, "choice": "0"}, 422)
    stranger.send("POST", form.action, {"choice": "0"}, 401)
    ruru.send("POST", form.action, {"choice": "0"}, 403)
    plain = api.post("/api/v1/statuses", status="no poll")
    name, value = ruru.token()
    assert ruru.client.post(f"{path_of(plain)}vote/", data={name: value, "choice": "0"}).status_code in (404, 422)
    assert votes(site, status) == [0, 0, 0]


def test_several_choices_and_another_tenant(site, api, ruru, elsewhere):
    status = ask(api, multiple=True)
    far = f"/@toroa@kea.test/posts/{status['id']}/"
    form = elsewhere.get(far).form("vote/")
    assert "Choose one answer or more" in elsewhere.get(far).text
    page = form.press(choice=["0", "2"])
    assert page.text.count("Your choice") == 2
    site.stator.drain()
    assert votes(site, status) == [1, 0, 1]
    private = api.post("/api/v1/statuses", status="ours?", visibility="private",
                       poll={"options": ["a", "b"], "expires_in": 3600})
    name, value = ruru.token()
    ruru.send("POST", f"{path_of(private)}vote/", {name: value, "choice": "0"}, 404)
    name, value = elsewhere.token()
    elsewhere.send("POST", f"/@toroa@kea.test/posts/{private['id']}/vote/", {name: value, "choice": "0"}, 404)


def test_bookmarks(site, api, ruru, stranger, elsewhere):
    status = api.post("/api/v1/statuses", status="keep me")
    path = path_of(status)
    page = ruru.get(path).form("/bookmark/").press()
    assert page.path == path and page.forms_to("/unbookmark/")
    assert Api(site, "ruru@kea.test").get("/api/v1/bookmarks")[0]["id"] == status["id"]
    assert elsewhere.get(f"/@toroa@kea.test/posts/{status['id']}/").forms_to("/bookmark/")
    assert page.form("/unbookmark/").press().forms_to("/bookmark/")
    assert Api(site, "ruru@kea.test").get("/api/v1/bookmarks") == []
    stranger.send("POST", f"{path}bookmark/", {}, 401)
    private = api.post("/api/v1/statuses", status="not yours", visibility="direct")
    name, value = ruru.token()
    for act in ("bookmark", "unbookmark", "pin", "vote"):
        ruru.send("POST", f"{path_of(private)}{act}/", {name: value}, 404)


def test_pins(site, api, ruru, toroa, stranger):
    status = api.post("/api/v1/statuses", status="on top")
    path = path_of(status)
    page = toroa.get(path).form("/pin/").press()
    assert page.forms_to("/unpin/") and "Pinned" in stranger.get("/@toroa/").text
    assert ruru.get(path).forms_to("/pin/") == []
    name, value = ruru.token()
    assert ruru.client.post(f"{path}pin/", data={name: value}).status_code in (403, 422)
    page.form("/unpin/").press()
    assert "Pinned" not in stranger.get("/@toroa/").text


def test_what_was_there_before(site, api, ruru, stranger, elsewhere):
    toroa = Person(site, "toroa")
    post = toroa.write("first words", summary="a warning")
    path = f"/@toroa/posts/{post['id']}/"
    assert stranger.get(f"{path}history/").text.count("first words") == 1
    toroa.edit(post, "second words")
    page = ruru.get(path)
    assert f"{path}history/" in page.links()
    for one, where in ((stranger, path), (ruru, path), (elsewhere, f"/@toroa@kea.test/posts/{post['id']}/")):
        page = one.get(f"{where}history/")
        assert page.text.index("second words") < page.text.index("first words")
        assert "Present" in page.text and "a warning" in page.text and 'content="noindex"' in page.markup
    hidden = api.post("/api/v1/statuses", status="for few", visibility="private")
    for one in (ruru, stranger):
        one.get(f"{path_of(hidden)}history/", 404)
    stranger.get("/@ruru/posts/1/history/", 404)


def test_media_are_described(api, stranger):
    described = media.ready(api, media.png(30, 20), description='a "red" <field>')
    plain = media.ready(api, media.png(20, 30))
    status = api.post("/api/v1/statuses", status="look", media_ids=[described["id"], plain["id"]])
    page = stranger.get(path_of(status))
    pictures = [attributes for tag, attributes in page.tags if tag == "img" and "/media/" in attributes["src"]]
    assert [one["alt"] for one in pictures] == ['a "red" <field>', "Image without a description"]
    assert page.text.count("ALT") == 1 and page.markup.count("<figure>") == 2


def test_the_page_that_a_post_links_to(site, api, stranger):
    status = api.post("/api/v1/statuses", status="read https://example.org/nests")
    card = site.value("insert into cards (url, title, description, site) values ('https://example.org/nests', "
                      "'Of <nests>', 'seven steps', 'Birds') on conflict (url) do update set title = excluded.title, "
                      "description = excluded.description returning id")
    site.sql("update posts set card_id = %s where id = %s", card, int(status["id"]))
    shown = stranger.get(path_of(status))
    assert "Of <nests>" in shown.text and "seven steps" in shown.text
    assert shown.links().count("https://example.org/nests") == 2

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Writing on pages with all that a post can have: files, polls, a time, what it quotes."""

import pytest

from harness import media
from harness.api import Api
from harness.visitors import elsewhere, ruru, site, stranger, toroa  # noqa: F401  pylint: disable=unused-import


@pytest.fixture(scope="module")
def api(site):
    return Api(site, "ruru@kea.test")


def count(site):
    return site.value("select count(*) from posts")


def send(browser, form, files=(), status=303, **fields):
    """As browsers send files; empty places too."""
    parts = {f"file_{n}": ("", b"", "application/octet-stream") for n in range(1, 5)}
    parts.update(files)
    fields = {name: value for name, value in {**form.fields, **fields}.items() if not name.startswith("file_")}
    answer = browser.client.post(form.action, data=fields, files=parts, headers={"Origin": "https://kea.test"})
    assert answer.status_code == status, answer.text[-1500:]
    return browser._arrive(answer, status if status != 303 else 200)


def test_pictures_with_descriptions(site, ruru, api):
    form = ruru.get("/compose/").form("compose/")
    page = send(ruru, form, {"file_1": ("a.png", media.png(30, 20), "image/png"),
                             "file_3": ("b.png", media.png(20, 30), "image/png")},
                text="", description_1="a \"kea\" <here>", description_3="")
    shown = api.get(f"/api/v1/statuses/{page.path.rstrip('/').rsplit('/', 1)[-1]}")
    assert [one["description"] for one in shown["media_attachments"]] in (['a "kea" <here>', None],
                                                                          ['a "kea" <here>', ""])
    assert 'a "kea" <here>' in [attributes.get("alt") for tag, attributes in page.tags if tag == "img"]


def test_files_stay_when_something_is_wrong(site, ruru, toroa):
    before = count(site)
    form = ruru.get("/compose/").form("compose/")
    page = send(ruru, form, {"file_1": ("a.png", media.png(30, 20), "image/png"),
                             "file_2": ("b.png", b"no picture at all", "image/png")},
                status=422, text="look", description_1="one", description_2="two")
    again = page.form("compose/")
    assert again.fields["media_1"] and "media_2" not in again.fields and 'role="alert"' in page.markup
    assert again.fields["description_1"] == "one" and again.fields["description_2"] == "two"
    page = send(ruru, again, status=422, text="x" * 5001, description_1="a better word")
    again = page.form("compose/")
    assert again.fields["media_1"] and again.fields["description_1"] == "a better word"
    # Nobody else gets at the file.
    theirs = send(toroa, toroa.get("/compose/").form("compose/"), status=404, text="mine?",
                  media_1=again.fields["media_1"])
    assert "media_1" not in theirs.form("compose/").fields
    done = send(ruru, again, text="look at last")
    assert "a better word" in done.markup and count(site) == before + 1


def test_a_file_is_left_out(site, ruru):
    form = ruru.get("/compose/").form("compose/")
    page = send(ruru, form, {"file_1": ("a.png", media.png(30, 20), "image/png")}, status=422, text="x" * 5001)
    done = send(ruru, page.form("compose/"), text="without", remove_1="1")
    assert "<figure>" not in done.markup


def test_files_need_a_log_in_and_the_token(site, ruru, stranger):
    form = ruru.get("/compose/").form("compose/")
    big = {"file_1": ("a.png", media.png(900, 900), "image/png"), "file_2": ("b.bin", b"x" * 2_000_000, "image/png")}
    before = site.value("select count(*) from attachments"), count(site)
    answer = stranger.client.post("/compose/", data=form.fields, files={"file_1": big["file_1"]},
                                  headers={"Origin": "https://kea.test"})
    assert answer.status_code == 401
    answer = ruru.client.post("/compose/", data={"text": "x", "visibility": "public"}, files=big,
                              headers={"Origin": "https://kea.test"})
    assert answer.status_code == 403
    assert (site.value("select count(*) from attachments"), count(site)) == before


def test_polls(site, ruru, toroa):
    form = ruru.get("/compose/").form("compose/")
    assert form.fields["poll_seconds"] == "86400"
    page = form.press(text="which?", option_1="tea", option_3="coffee", poll_seconds="3600", poll_multiple="1")
    [row] = site.sql("select * from polls order by id desc limit 1")
    assert row["options"] == ["tea", "coffee"] and row["multiple"]
    ballot = toroa.get(page.path).form("vote/")
    assert ballot.press(choice=["0", "1"]).text.count("Your choice") == 2
    before = count(site)
    for wrong in ({"option_1": "alone"}, {"option_1": "same", "option_2": "same"},
                  {"option_1": "a", "option_2": "b" * 51}, {"option_1": "a", "option_2": "b", "poll_seconds": "1"},
                  {"option_1": "a", "option_2": "b", "poll_seconds": "99999999999999999999"}):
        again = form.press(text="which now?", status=422, **wrong)
        assert 'role="alert"' in again.markup
        fields = again.form("compose/").fields
        assert {name: fields.get(name) for name in wrong if name != "poll_seconds"} == {
            name: value for name, value in wrong.items() if name != "poll_seconds"}
    assert count(site) == before


def test_a_form_that_comes_twice_is_one_post(site, ruru):
    form = ruru.get("/compose/").form("compose/")
    before = count(site)
    first = form.press(text="once")
    assert form.press(text="once").path == first.path and count(site) == before + 1
    assert form.press(text="something else").path != first.path and count(site) == before + 2
    for _ in range(2):
        later = form.press(text="later", due="2099-01-02T03:04")
        assert later.path == "/scheduled/" and len(later.forms_to("/scheduled/")) == 2
    withdraw = later.forms_to("/scheduled/")[1]
    assert "Nothing waits" in withdraw.press(withdraw.buttons[0]["withdraw"]).text


def test_posts_for_later(site, ruru, toroa, elsewhere, stranger, api):
    form = ruru.get("/compose/").form("compose/")
    for due in ("2001-01-01T00:00", "soon", "2099-13-01T00:00"):
        again = form.press(text="too soon", due=due, status=422)
        assert again.form("compose/").fields["due"] == due and 'role="alert"' in again.markup
    form.press(text="new <year>", due="2099-12-31T23:59", option_1="yes", option_2="no", visibility="unlisted")
    page = ruru.get("/scheduled/")
    assert "new <year>" in page.text and "31 December 2099, 23:59 UTC" in page.text and "poll" in page.text
    [row] = api.get("/api/v1/scheduled_statuses")
    assert row["params"]["visibility"] == "unlisted"
    move, withdraw = page.forms_to("/scheduled/")
    assert "1 January 2098, 10:00 UTC" in move.press(row["id"], due="2098-01-01T10:00").text
    wrong = move.press(row["id"], due="2001-01-01T10:00", status=422)
    assert wrong.forms_to("/scheduled/")[0].fields["due"] == "2001-01-01T10:00" and 'role="alert"' in wrong.markup
    for other in (toroa, elsewhere):
        assert "new <year>" not in other.get("/scheduled/").text
        name, value = other.token()
        other.send("POST", "/scheduled/", {name: value, "withdraw": row["id"]}, 404)
        other.send("POST", "/scheduled/", {name: value, "move": row["id"], "due": "2098-01-01T10:00"}, 404)
    assert stranger.get("/scheduled/", 303) and stranger.send("POST", "/scheduled/", {"withdraw": row["id"]}, 401)
    ruru.send("POST", "/scheduled/", {"withdraw": row["id"]}, 403)
    assert "Nothing waits" in withdraw.press(row["id"]).text
    assert api.get("/api/v1/scheduled_statuses") == []


def test_quotes(site, ruru, toroa, elsewhere):
    original = ruru.get("/compose/").form("compose/").press(text="quote me").path
    site.stator.drain()
    assert any(link.startswith("/compose/?quote=") for link in toroa.get(original).links())
    post_id = original.rstrip("/").rsplit("/", 1)[-1]
    form = toroa.get("/compose/", params={"quote": post_id}).form("compose/")
    again = form.press(text="x" * 5001, status=422)
    assert "quote me" in again.text and again.form("compose/").fields["quotes"] == post_id
    form.press(text="hear, hear")
    site.stator.drain()
    assert "quote me" in toroa.get("/@toroa/").text and "hear, hear" in ruru.get("/@toroa/").text
    closed = ruru.get("/compose/").form("compose/").press(text="do not quote", quote_policy="nobody").path
    closed_id = closed.rstrip("/").rsplit("/", 1)[-1]
    site.stator.drain()
    assert f"/compose/?quote={closed_id}" not in toroa.get(closed).links()
    toroa.get("/compose/", 403, params={"quote": closed_id})
    private = ruru.get("/compose/").form("compose/").press(text="for few", visibility="mentioned").path
    private_id = private.rstrip("/").rsplit("/", 1)[-1]
    for one in (toroa, elsewhere):
        one.get("/compose/", 404, params={"quote": private_id})
    before = count(site)
    for refused in (closed_id, private_id, "1"):
        toroa.get("/compose/").form("compose/").press(text="still", quotes=refused, status=404)
    assert count(site) == before


def test_how_one_usually_writes(site, ruru, api, toroa):
    api.patch("/api/v1/accounts/update_credentials", source={"privacy": "unlisted", "language": "mi"})
    fields = ruru.get("/compose/").form("compose/").fields
    assert fields["visibility"] == "unlisted" and fields["language"] == "mi"
    assert toroa.get("/compose/").form("compose/").fields["visibility"] == "public"
    api.patch("/api/v1/accounts/update_credentials", source={"privacy": "public", "language": ""})


def test_previews_are_allowed_where_one_writes(ruru, api):
    """The script shows a picture before it is sent; other pages let no blob: in."""
    post = api.post("/api/v1/statuses", status="with an answer below")
    for path, allowed in (("/compose/", True), ("/", True), (f"/@ruru/posts/{post['id']}/", True),
                          ("/settings/", False), ("/about/", False)):
        policy = ruru.client.get("https://kea.test" + path).headers["content-security-policy"]
        assert ("img-src 'self' blob: ;" in policy) is allowed, path
        assert ("blob:" in policy) is allowed, path

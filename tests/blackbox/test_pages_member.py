# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members have on pages for themselves: bookmarks, favourites, conversations, requests, blocks, mutes, search."""

import re

import pytest

from harness import media
from harness.api import Api
from harness.visitors import elsewhere, ruru, site, stranger, toroa  # noqa: F401  pylint: disable=unused-import

OWN = ("/bookmarks/", "/favourites/", "/conversations/", "/requests/", "/blocks/", "/mutes/")


@pytest.fixture(scope="module")
def api(site):
    return Api(site, "toroa@kea.test")


def path_of(status):
    return f"/@toroa/posts/{status['id']}/"


def statements(site):
    text = site.admin().get("/metrics").text
    return int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1))


def act(browser, path, status=303, **fields):
    name, value = browser.token()
    return browser.send("POST", path, {name: value, **fields}, status)


def test_pages_of_ones_own_need_a_log_in(ruru, stranger):
    for path in OWN:
        assert ruru.get(path).status == 200
        led = stranger.get(path, 303).answer.headers["location"]
        assert led.startswith("/auth/login/?next=%2F"), led
        ruru.get(path, params={"max_id": "x'\"<"})
    stranger.send("POST", "/conversations/", {"read": "1"}, 401)
    ruru.send("POST", "/conversations/", {"read": "1"}, 403)


@pytest.mark.parametrize("path, verb", [("/bookmarks/", "bookmark"), ("/favourites/", "like")])
def test_what_one_keeps(site, api, ruru, elsewhere, path, verb):
    kept = [api.post("/api/v1/statuses", status=f"keep {n}") for n in range(23)]
    for status in kept:
        act(ruru, f"{path_of(status)}{verb}/")
    page = ruru.get(path)
    assert page.posts()[0] == kept[-1]["id"] or len(page.posts()) == 20
    older = next(attributes["href"] for tag, attributes in page.tags if attributes.get("rel") == "next")
    rest = ruru.get(older)
    assert len(page.posts()) == 20 and len(rest.posts()) == 3 and "keep 0" in rest.text
    assert "keep" not in elsewhere.get(path).text
    for status in kept:
        act(ruru, f"{path_of(status)}un{verb}/")
    assert ruru.get(path).posts() == []


def test_conversations(site, ruru, toroa, elsewhere):
    toroa.get("/compose/").form("compose/").press(text="@ruru between us", visibility="mentioned")
    site.stator.drain()
    page = ruru.get("/conversations/")
    assert "between us" in page.text and "Mark as read" in page.text
    assert "between us" not in elsewhere.get("/conversations/").text
    form = page.form("/conversations/")
    talk = form.buttons[0]["read"]
    for other in (toroa, elsewhere):
        for what in ("read", "delete"):
            act(other, "/conversations/", 404, **{what: talk})
    assert "Mark as read" not in form.press(**{"read": talk}).text
    gone = ruru.get("/conversations/").form("/conversations/").press(delete=talk)
    assert "between us" not in gone.text and "between us" in toroa.get("/conversations/").text
    act(ruru, "/conversations/", 404, delete=talk)
    act(ruru, "/conversations/", 404)


def test_requests_blocks_and_mutes(site, ruru, toroa, elsewhere):
    toroa.get("/settings/profile/").form("/settings/profile/").press(locked="1")
    act(ruru, "/@toroa/follow/")
    act(elsewhere, "/@toroa@kea.test/follow/")
    site.stator.drain()
    page = toroa.get("/requests/")
    assert "@ruru@weka.test" in page.text and len(page.forms_to("accept/")) == 2
    assert page.form("/@ruru/accept/").press().path == "/requests/"
    page = toroa.get("/requests/").form("/@ruru@weka.test/reject/").press()
    assert page.forms_to("accept/") == [] and "Nobody yet" in page.text
    assert ruru.get("/requests/").forms_to("accept/") == []
    for verb, path in (("mute", "/mutes/"), ("block", "/blocks/")):
        act(toroa, f"/@ruru/{verb}/")
        page = toroa.get(path)
        assert "@ruru" in page.text and elsewhere.get(path).forms_to(f"un{verb}/") == []
        assert page.form(f"/@ruru/un{verb}/").press().path == path
        assert toroa.get(path).forms_to(f"un{verb}/") == []
    toroa.get("/settings/profile/").form("/settings/profile/").press(locked=None)


def test_media_of_a_profile(site, api, stranger):
    shown = api.post("/api/v1/statuses", status="look", media_ids=[media.ready(api, media.png(20, 20))["id"]])
    api.post("/api/v1/statuses", status="only words")
    assert stranger.get("/@toroa/media/").posts() == [shown["id"]]
    assert "/@toroa/media/" in stranger.get("/@toroa/").links()
    stranger.get("/@nobody/media/", 404)


def test_search_finds_words_in_posts(site, ruru, toroa, elsewhere, stranger):
    for n in range(22):
        toroa.get("/compose/").form("compose/").press(text=f"a kaleidoscope {n}")
    toroa.get("/compose/").form("compose/").press(text="a secret kaleidoscope", visibility="mentioned")
    site.stator.drain()
    site.sql("update identities set indexable = true where username = 'toroa'")
    page = ruru.get("/search/", params={"q": "kaleidoscope"})
    own = toroa.get("/search/", params={"q": "from:me kaleidoscope"})
    assert len(own.posts()) == 20 and "secret" not in page.text
    older = next(attributes["href"] for tag, attributes in own.tags if attributes.get("rel") == "next")
    assert len(toroa.get(older).posts()) == 3
    for nobody in (stranger.get("/search/", params={"q": "kaleidoscope"}),
                   elsewhere.get("/search/", params={"q": "secret kaleidoscope"})):
        assert nobody.posts() == []
    for hostile in ("from:", "\"", "before:x", "-", "'; select", "has:<b>"):
        assert toroa.get("/search/", params={"q": hostile}).form("/search/").fields["q"] == hostile


def list_of(browser, title):
    """Makes a list; gives the page on which it is edited."""
    page = browser.get("/lists/").forms_to("/lists/")[0].press(title=title)
    assert page.path.endswith("/edit/")
    return page


def test_lists(site, api, ruru, toroa, elsewhere, stranger):
    wrong = ruru.get("/lists/").forms_to("/lists/")[0].press(title="x" * 256, status=422)
    assert wrong.form("/lists/").fields["title"] == "x" * 256 and 'role="alert"' in wrong.markup
    act(ruru, "/@toroa/unfollow/")
    page = list_of(ruru, "Birds & <bees>")
    path = page.path.removesuffix("edit/")
    choice = ruru.get("/@toroa/lists/").form("/@toroa/lists/")
    list_id = path.split("/")[2]
    refused = choice.press(list=list_id, status=422)
    assert 'role="alert"' in refused.markup and "checked" in refused.markup
    act(ruru, "/@toroa/follow/")
    site.stator.drain()
    assert choice.press(list=list_id).path == "/@toroa/"
    assert "checked" in ruru.get("/@toroa/lists/").markup and "/@toroa/lists/" in ruru.get("/@toroa/").links()
    status = api.post("/api/v1/statuses", status="on the list")
    site.stator.drain()
    assert status["id"] in ruru.get(path).posts() and "Birds & <bees>" in ruru.get(path).text
    form = ruru.get(f"{path}edit/").forms_to("/edit/")[0]
    wrong = form.press(title=" ", status=422)
    assert 'role="alert"' in wrong.markup
    assert form.press(title="Bees", replies="none", exclusive="1").path == path
    fields = ruru.get(f"{path}edit/").forms_to("/edit/")[0].fields
    assert fields["title"] == "Bees" and fields["replies"] == "none" and fields["exclusive"] == "1"
    form.press(title="Bees", replies="nonsense", status=422)
    for other in (toroa, elsewhere):
        assert "Bees" not in other.get("/lists/").text
        for where in (path, f"{path}edit/"):
            other.get(where, 404)
        act(other, f"{path}edit/", 404, delete="1")
        act(other, f"{path}edit/", 404, title="mine")
    assert stranger.get(path, 303) and stranger.send("POST", f"{path}edit/", {"delete": "1"}, 401)
    ruru.send("POST", f"{path}edit/", {"delete": "1"}, 403)
    for nothing in ("/lists/999999/", "/lists/x/", "/lists/99999999999999999999/edit/"):
        ruru.get(nothing, 404)
    taken = ruru.get(f"{path}edit/").forms_to("/edit/")[1]
    assert "Nobody is on it" in taken.press(taken.buttons[0]["remove"]).text
    gone = ruru.get(f"{path}edit/").forms_to("/edit/")[-1]
    assert "No lists yet" in gone.press("1").text
    ruru.get(path, 404)


def test_hashtags_are_followed_and_shown(site, ruru, toroa, elsewhere, stranger):
    form = ruru.get("/tags/").forms_to("/tags/")[0]
    for wrong in ("no tag!", "#", "<b>"):
        again = form.press(follow=wrong, status=422)
        assert again.forms_to("/tags/")[0].fields["follow"] == wrong and 'role="alert"' in again.markup
    page = form.press(follow="#Moa")
    assert "#moa" in page.text.lower() and "moa" not in elsewhere.get("/tags/").text.lower()
    toroa.get("/compose/").form("compose/").press(text="the #moa is gone")
    site.stator.drain()
    assert "moa is gone" in ruru.get("/").text
    shown = ruru.get("/tags/moa/").form("/tags/")
    assert shown.buttons[0] == {"unfollow": "moa"} and shown.press(feature="moa")
    for one, where in ((stranger, "/@ruru/"), (elsewhere, "/@ruru@kea.test/")):
        assert "/tags/moa/" in one.get(where).links()
    page = ruru.get("/tags/")
    last = page.forms_to("/tags/")[-1]
    assert last.buttons == [{"unfeature": "moa"}]
    last.press("moa")
    assert "/tags/moa/" not in stranger.get("/@ruru/").links()
    act(ruru, "/tags/", unfollow="moa")
    assert "You follow no hashtags" in ruru.get("/tags/").text
    act(ruru, "/tags/", 422)
    assert stranger.get("/tags/", 303) and stranger.send("POST", "/tags/", {"follow": "moa"}, 401)
    assert stranger.get("/tags/moa/").forms_to("/tags/") == []
    ruru.send("POST", "/tags/", {"follow": "moa"}, 403)
    stranger.get("/tags/%21/", 404)


def test_filters(site, api, ruru, toroa, elsewhere, stranger):
    act(ruru, "/@toroa/follow/")
    site.stator.drain()
    form = ruru.get("/filters/new/").form("/filters/new/")
    for wrong in ({"title": " "}, {"title": "x" * 513}, {"keywords": "y" * 513},
                  dict.fromkeys(("home", "notifications", "public", "thread", "account"))):
        again = form.press(status=422, **{"title": "T", "keywords": "w", **wrong})
        fields = again.form("/filters/new/").fields
        assert 'role="alert"' in again.markup and fields["keywords"].strip() == wrong.get("keywords", "w")
    page = form.press(title="Wet <things>", keywords="rain\nhigh water\n\n", thread=None, lasts="86400")
    assert page.path == "/filters/" and "Wet <things>" in page.text and "high water" in page.text
    path = next(link for link in page.links() if link.startswith("/filters/") and link != "/filters/new/"
                and link != "/filters/")
    status = api.post("/api/v1/statuses", status="a lot of rain today")
    site.stator.drain()
    for where in ("/", "/local/", "/@toroa/"):
        assert "Filtered: Wet <things>" in ruru.get(where).text, where
    assert "Filtered" not in toroa.get("/@toroa/").text and "Filtered" not in stranger.get("/@toroa/").text
    edit = ruru.get(path).forms_to(path)[0]
    assert edit.fields["keywords"] == "rain\nhigh water" and edit.fields["lasts"] == "-1"
    assert "thread" not in edit.fields and "hides" not in edit.fields
    edit.press(title="Wet", keywords="rain", hides="1", lasts="0", thread="1")
    path_here = ruru.get("/compose/").form("compose/").press(text="how is it?").path
    toroa.get("/compose/", params={"reply_to": path_here.rstrip("/").rsplit("/", 1)[-1]}).form("compose/").press(
        text="@ruru rain again")
    site.stator.drain()
    assert "rain again" in toroa.get(path_here).text
    for where in (path_here, "/notifications/"):
        assert "rain again" not in ruru.get(where).text, where
    assert status["id"] not in ruru.get("/local/").posts() and status["id"] in toroa.get("/local/").posts()
    edit = ruru.get(path).forms_to(path)[0]
    assert edit.fields["keywords"] == "rain" and edit.fields["lasts"] == "0" and edit.fields["hides"] == "1"
    for other in (toroa, elsewhere):
        assert "Wet" not in other.get("/filters/").text
        other.get(path, 404)
        act(other, path, 404, delete="1")
    assert stranger.get(path, 303) and stranger.get("/filters/", 303)
    stranger.send("POST", path, {"delete": "1"}, 401)
    ruru.send("POST", path, {"delete": "1"}, 403)
    ruru.get("/filters/x/", 404)
    assert "No filters yet" in ruru.get(path).forms_to(path)[1].press("1").text
    assert status["id"] in ruru.get("/local/").posts()


def test_reports(site, api, ruru, elsewhere, stranger):
    rule = site.value("insert into rules (domain_id, text, position) select id, 'Be <kind>', 1 from domains "
                      "where name = 'kea.test' returning id")
    status = api.post("/api/v1/statuses", status="something rude")
    path = f"/@toroa/report/?post={status['id']}"
    assert path in ruru.get(path_of(status)).links() and "/@toroa/report/" in ruru.get("/@toroa/").links()
    page = ruru.get(path)
    assert "something rude" in page.text and "Be <kind>" in page.text
    form = page.form("/report/")
    wrong = form.press(category="violation", comment="x" * 1001, rule=str(rule), status=422)
    assert wrong.form("/report/").fields["comment"] == "x" * 1001 and 'role="alert"' in wrong.markup
    assert wrong.form("/report/").fields["category"] == "violation"
    done = form.press(category="violation", comment="it hurts", rule=str(rule))
    assert "Thank you" in done.text and done.path == "/@toroa/report/"
    [row] = site.sql("select * from reports")
    assert row["comment"] == "it hurts" and row["post_ids"] == [int(status["id"])] and row["rule_ids"] == [rule]
    elsewhere.get("/@toroa@kea.test/report/").form("/report/").press(comment="from afar", forward="1")
    assert site.value("select count(*) from reports where comment = 'from afar'") == 2  # and the copy
    private = api.post("/api/v1/statuses", status="for few", visibility="direct")
    assert "for few" not in ruru.get(f"/@toroa/report/?post={private['id']}").text
    stranger.get("/@toroa/report/", 303)
    stranger.send("POST", "/@toroa/report/", {"comment": "x"}, 401)
    ruru.send("POST", "/@toroa/report/", {"comment": "x"}, 403)
    ruru.get("/@ruru/report/", 403)
    ruru.get("/@nobody/report/", 404)


def test_statements_do_not_grow_with_the_page(site, api, ruru):
    def count():
        found = {}
        for path in ("/bookmarks/", "/favourites/", "/conversations/", "/lists/", "/tags/", "/filters/",
                     "/@toroa/media/", "/@toroa/feed.rss"):
            before = statements(site)
            ruru.client.get(path)
            found[path] = statements(site) - before
        return found

    def add(n):
        status = api.post("/api/v1/statuses", status=f"number {n}",
                          media_ids=[media.ready(api, media.png(20, 20))["id"]])
        for verb in ("bookmark", "like"):
            act(ruru, f"{path_of(status)}{verb}/")
        api.post("/api/v1/statuses", status=f"@ruru talk {n}", visibility="direct")
        act(ruru, "/lists/", title=f"list {n}")
        act(ruru, "/tags/", follow=f"tag{n}")
        act(ruru, "/filters/new/", title=f"filter {n}", keywords=f"word{n}", home="1")

    add(1)
    site.stator.drain()
    counts = count()
    for n in range(2, 8):
        add(n)
    site.stator.drain()
    assert count() == counts and max(counts.values()) <= 32, counts

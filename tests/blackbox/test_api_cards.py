# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links are shown as cards: what a page says of itself, as text."""

import itertools

import pytest

from harness import activity
from harness.api import Api
from harness.world import world_of

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(scope="module")
def ruru(world):
    return Api(world.site, "ruru@kea.test")


def article(world, head, body="<p>text</p>", media_type="text/html; charset=utf-8"):
    """Serves a page; gives its address."""
    path = f"/articles/{next(numbers)}"
    world.peer.serve(path, f"<!doctype html><html lang='en'><head>{head}</head><body>{body}</body></html>", media_type)
    return f"https://peer1.test{path}"


def card(world, api, text, **fields):
    made = api.post("/api/v1/statuses", status=text, **fields)
    assert made["card"] is None
    world.settle()
    return api.get(f"/api/v1/statuses/{made['id']}")["card"]


def test_a_page_describes_itself(world, ruru):
    address = article(world, """<title>plain</title><meta name="description" content="plain too">
        <meta property="og:title" content="Kea &amp; weka"><meta property="og:description" content='About "birds"'>
        <meta property=og:site_name content=Birds><meta name="author" content="A. Writer">
        <meta property="og:image" content="/picture.png"><meta property="og:image:alt" content="a kea">
        <meta property="og:image:width" content="640"><meta property="og:image:height" content="480">
        <meta property="article:published_time" content="2026-01-02T03:04:05Z">""")
    shown = card(world, ruru, f"read {address} now")
    assert (shown["url"], shown["title"], shown["description"]) == (address, "Kea & weka", 'About "birds"')
    assert (shown["provider_name"], shown["author_name"], shown["language"]) == ("Birds", "A. Writer", "en")
    assert (shown["type"], shown["html"], shown["width"], shown["height"]) == ("link", "", 640, 480)
    assert shown["image"].startswith("https://kea.test/") and shown["image_description"] == "a kea"
    assert shown["published_at"] == "2026-01-02T03:04:05.000Z" and shown["authors"][0]["name"] == "A. Writer"


def test_a_plain_page_and_one_for_two_posts(world, ruru):
    address = article(world, "<TITLE>\n Just  a title\n</TITLE>")
    assert card(world, ruru, address)["title"] == "Just a title"
    second = ruru.post("/api/v1/statuses", status=f"again {address}")
    world.settle()
    assert ruru.get(f"/api/v1/statuses/{second['id']}")["card"]["title"] == "Just a title"
    assert len(world.peer.requests("GET", address.removeprefix("https://peer1.test"))) == 1


def test_markup_of_a_page_is_text(world, ruru):
    address = article(world, """<script>"<meta property='og:title' content='script'>"</script><!-- <title>no</title> -->
        <meta property="og:title" content="<b onclick=x>bold</b> &lt;i&gt;">""",
                      "<meta property='og:description' content='in the body'>")
    shown = card(world, ruru, address)
    assert shown["title"] == "bold <i>" and shown["description"] == ""


@pytest.mark.parametrize("head, media_type", [
    ("", "text/html"), ("<title></title>", "text/html"), ("<title>picture</title>", "image/png"),
    ("<title>json</title>", "application/json"), ("<title>" + "x" * 3000000 + "</title>", "text/html"),
    ("<meta property='og:title' content='open", "text/html"), ("<meta " * 5000, "text/html")])
def test_pages_that_say_nothing_of_use(world, ruru, head, media_type):
    assert card(world, ruru, article(world, head, media_type=media_type)) is None


@pytest.mark.parametrize("address", [
    "https://peer1.test/nothing-there", "http://127.0.0.1/admin", "http://[::1]/", "https://kea.test/@ruru/",
    "https://peer1.test:9/", "ftp://peer1.test/x"])
def test_addresses_without_a_card(world, ruru, address):
    assert card(world, ruru, f"see {address}") is None


def test_posts_with_something_else_have_none(world, ruru):
    address = article(world, "<title>A title</title>")
    quoted = ruru.post("/api/v1/statuses", status="quoted")
    assert card(world, ruru, address, quoted_status_id=quoted["id"]) is None
    assert card(world, ruru, "only @toroa and #tags") is None


def test_an_edit_changes_the_card(world, ruru):
    address = article(world, "<title>Old</title>")
    made = ruru.post("/api/v1/statuses", status=address)
    world.settle()
    other = article(world, "<title>New</title>")
    ruru.put(f"/api/v1/statuses/{made['id']}", status=other)
    world.settle()
    assert ruru.get(f"/api/v1/statuses/{made['id']}")["card"]["title"] == "New"
    ruru.put(f"/api/v1/statuses/{made['id']}", status="no link")
    world.settle()
    assert ruru.get(f"/api/v1/statuses/{made['id']}")["card"] is None


def test_posts_of_others_have_cards_too(world, ruru):
    star = world.followed(world.ruru)
    address = article(world, "<title>Theirs</title>")
    note = activity.note(star, f'<p><a href="{star.id}" class="u-url mention">@x</a> <a href="{address}">see</a></p>')
    world.deliver(star, activity.create(star, note))
    assert ruru.get(f"/api/v1/statuses/{world.post(note)['id']}")["card"]["title"] == "Theirs"

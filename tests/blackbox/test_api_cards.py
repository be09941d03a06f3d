# SPDX-License-Identifier: AGPL-3.0-or-later
"""Links are shown as cards: what a page says of itself, as text."""

import itertools
import json

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


def oembed(world, answer, media_type="application/json"):
    """Serves a description; gives the link to it for a head."""
    path = f"/oembed/{next(numbers)}"
    world.peer.serve(path, answer if isinstance(answer, str) else json.dumps(answer), media_type)
    return f'<link rel="alternate" type="application/json+oembed" href="https://peer1.test{path}">'


FRAME = "<script>x()</script><iframe onload='x()' width=9 src='https://peer1.test/player?a=1&amp;b=%22'></iframe>"


@pytest.mark.parametrize("kind", ["video", "rich"])
def test_a_player_is_told_of_by_oembed(world, ruru, kind):
    said = {"version": "1.0", "type": kind, "title": "A film", "author_name": "Ana",
            "author_url": "https://peer1.test/ana", "provider_name": "Films",
            "provider_url": "https://peer1.test/", "html": FRAME, "width": 640, "height": "360",
            "thumbnail_url": "https://peer1.test/film.png"}
    shown = card(world, ruru, article(world, "<title>Plain</title>" + oembed(world, said)))
    assert (shown["type"], shown["title"], shown["provider_name"]) == (kind, "A film", "Films")
    assert (shown["author_name"], shown["author_url"], shown["provider_url"]) == (
        "Ana", "https://peer1.test/ana", "https://peer1.test/")
    assert shown["authors"] == [{"name": "Ana", "url": "https://peer1.test/ana", "account": None}]
    assert (shown["width"], shown["height"]) == (640, 360)
    assert shown["embed_url"] == 'https://peer1.test/player?a=1&b=%22'
    assert shown["html"].startswith('<iframe src="https://peer1.test/player?a=1&amp;b=%22" width="640" height="360" ')
    assert shown["html"].count("<") == 2 and "onload" not in shown["html"] and 'sandbox="' in shown["html"]
    assert shown["image"].startswith("https://kea.test/proxy/")


def test_a_photo_by_oembed_comes_from_our_proxy(world, ruru):
    said = {"version": "1.0", "type": "photo", "title": "A kea", "url": "https://peer1.test/kea.jpg",
            "width": 800, "height": 600}
    shown = card(world, ruru, article(world, oembed(world, said)))
    assert (shown["type"], shown["title"], shown["html"]) == ("photo", "A kea", "")
    assert shown["embed_url"].startswith("https://kea.test/proxy/") and (shown["width"], shown["height"]) == (800, 600)


@pytest.mark.parametrize("said", [
    {"type": "video", "html": "<iframe src='http://peer1.test/x'></iframe>"},
    {"type": "video", "html": "<iframe src='https://127.0.0.1/x'></iframe>"},
    {"type": "rich", "html": "<script src='https://peer1.test/x'></script>"},
    {"type": "video", "html": "<iframe src='javascript:x()'></iframe>", "author_url": "javascript:x()"},
    {"type": "photo", "url": "http://peer1.test/x.png"}, {"type": "link"}, {"type": ["video"]}, [], 7,
    "no json", '{"type":"video"', "x" * 300000])
def test_what_says_nothing_of_use_is_a_link(world, ruru, said):
    shown = card(world, ruru, article(world, "<title>Plain</title>" + oembed(world, said)))
    assert (shown["type"], shown["title"], shown["html"], shown["embed_url"], shown["author_url"]) == (
        "link", "Plain", "", "", "")


@pytest.mark.parametrize("domains, names", [
    (["PEER1.test"], True), (["other.test"], False), ([], False), (["test"], True)])
def test_the_author_of_a_page_has_to_name_its_site(world, ruru, domains, names):
    writer = world.actor("writer", attributionDomains=domains)
    world.follow(world.ruru, writer)
    shown = card(world, ruru, article(world, '<title>T</title><meta name="author" content="A. Writer">'
                                      f'<meta name="fediverse:creator" content="@{writer.handle}">'))
    [author] = shown["authors"]
    assert author["name"] == "A. Writer"
    assert (author["account"] is not None) == names
    if names:
        assert author["account"]["acct"] == writer.handle


def test_posts_of_others_have_cards_too(world, ruru):
    star = world.followed(world.ruru)
    address = article(world, "<title>Theirs</title>")
    note = activity.note(star, f'<p><a href="{star.id}" class="u-url mention">@x</a> <a href="{address}">see</a></p>')
    world.deliver(star, activity.create(star, note))
    assert ruru.get(f"/api/v1/statuses/{world.post(note)['id']}")["card"]["title"] == "Theirs"

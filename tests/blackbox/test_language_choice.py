# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which language a page has, what is kept of how it looks, and what caches are told of pages."""

import re

import pytest

from harness.browser import Browser
from harness.fixtures import PASSWORD

GERMAN, FRENCH = {"Accept-Language": "de-AT, en;q=0.5"}, {"Accept-Language": "fr"}
UNKNOWN = {"Accept-Language": "tlh"}


@pytest.fixture
def ruru(site):
    browser = Browser(site, "kea.test")
    browser.log_in("ruru@example.org", PASSWORD)
    return browser


def language(page):
    return re.search(r'<html[^>]* lang="([^"]*)"', page.markup).group(1)


def test_setting_then_browser_then_tenant(site, ruru):
    stranger = Browser(site, "kea.test")
    assert language(stranger.get("/about/", headers=UNKNOWN)) == "en"
    assert language(stranger.get("/about/", headers=GERMAN)) == "de"
    site.rookery("domain", "set", "kea.test", "languages", "fr en")
    site.restart()
    assert language(stranger.get("/about/", headers=UNKNOWN)) == "fr"
    assert language(stranger.get("/about/", headers=GERMAN)) == "de"
    assert language(ruru.get("/about/", headers=GERMAN)) == "de"
    ruru.get("/settings/look/").form("/look/").press(language="es")
    for headers in (UNKNOWN, GERMAN, FRENCH):
        assert language(ruru.get("/about/", headers=headers)) == "es"
    ruru.get("/settings/look/").form("/look/").press(language="")
    assert language(ruru.get("/about/", headers=GERMAN)) == "de"


def test_a_program_says_the_language_of_its_page(site, ruru):
    ruru.get("/settings/look/").form("/look/").press(language="es")
    for path, expected in (("/oauth/authorize?lang=fr", "fr"), ("/oauth/authorize?lang=tlh", "es"),
                           ("/oauth/authorize", "es"), ("/about/?lang=fr", "es")):
        answer = ruru.client.get(path, headers=GERMAN)
        assert f' lang="{expected}"' in re.search("<html[^>]*>", answer.text).group(), path


def test_looks_are_kept_and_others_refused(ruru):
    page = ruru.get("/settings/look/").form("/look/").press(
        language="de", theme="contrast", size="largest", still="1", shortcuts=None)
    kept = page.form("/look/").fields
    assert {name: kept.get(name) for name in ("language", "theme", "size", "still", "shortcuts")} == {
        "language": "de", "theme": "contrast", "size": "largest", "still": "1", "shortcuts": None}
    for wrong in ({"language": "tlh"}, {"theme": "pink"}, {"size": "huge"}):
        page.form("/look/").press(status=422, **wrong)
    assert ruru.get("/settings/look/").form("/look/").fields == {**kept, "back": "/settings/look/"}


def test_caches_tell_languages_and_people_apart(site, ruru):
    stranger = Browser(site, "kea.test")
    for browser, path in ((stranger, "/about/"), (stranger, "/local/"), (stranger, "/@toroa/"), (ruru, "/home/"),
                          (ruru, "/about/"), (ruru, "/settings/look/"), (ruru, "/notifications/")):
        headers = browser.get(path).answer.headers
        assert {"Accept-Language", "Cookie"} <= set(headers["vary"].split(", ")), path
        assert "public" not in headers["cache-control"], path
        if browser is ruru:
            assert re.search("no-store|private", headers["cache-control"]), (path, headers["cache-control"])

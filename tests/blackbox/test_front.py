# SPDX-License-Identifier: AGPL-3.0-or-later
"""What strangers see first: the newest posts of the community that are for everybody, beside a few words about it."""

import pytest

from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.wait import wait_for


@pytest.fixture(scope="module")
def site(shared_site):
    ruru = Api(shared_site, "ruru@kea.test")
    for visibility in ("public", "unlisted", "private", "direct"):
        ruru.post("/api/v1/statuses", status=f"{visibility} nest", visibility=visibility)
    browser = Browser(shared_site, "kea.test")
    browser.log_in("ruru@example.org", PASSWORD)
    browser.compose("local nest", visibility="local")
    shared_site.stator.drain()
    return shared_site


def test_posts_for_everybody_and_no_others(site):
    page = Browser(site, "kea.test").get("/")
    assert "public nest" in page.text
    assert not [word for word in ("unlisted", "private", "direct", "local") if f"{word} nest" in page.text]
    assert {"/auth/login/", "/about/"} <= set(page.links())
    assert "public nest" not in Browser(site, "weka.test").get("/").text, "another community's"


def test_the_way_in_is_there_when_it_is_open(site):
    stranger = Browser(site, "kea.test")
    for mode, shown in (("closed", 0), ("open", 2), ("approval", 2)):
        site.rookery("domain", "set", "kea.test", "sign_up", mode)
        wait_for(lambda: stranger.get("/").links().count("/auth/signup/") == shown)
    assert "public nest" in stranger.get("/").text


def test_the_community_may_want_to_be_told_about_first(site):
    site.rookery("domain", "set", "kea.test", "front_page", "about")
    page = Browser(site, "kea.test").get("/")
    assert 'class="front"' not in page.markup and 'class="about"' in page.markup
    assert site.run("rookery", "domain", "set", "kea.test", "front_page", "nothing").returncode == 2
    site.rookery("domain", "set", "kea.test", "front_page", "")
    assert 'class="front"' in Browser(site, "kea.test").get("/").markup

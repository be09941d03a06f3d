# SPDX-License-Identifier: AGPL-3.0-or-later
"""The frame of the staff's pages: who sees them, and what waits."""

import pytest

from harness import news
from harness.browser import Browser
from harness.fixtures import PASSWORD


def enter(site, name, domain="kea.test"):
    browser = Browser(site, domain)
    browser.log_in(f"{name}@example.org", PASSWORD)
    return browser


@pytest.fixture(scope="module")
def site(shared_site):
    """kea.test has an owner and a moderator, weka.test an owner of its own; ruru and toroa are plain members."""
    for name, tenant, role in (("owner", "kea.test", "owner"), ("helper", "kea.test", "moderator"),
                               ("wekaboss", "weka.test", "owner")):
        shared_site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
        shared_site.rookery("identity", "add", f"{name}@{tenant}", "--user", f"{name}@example.org")
        news.grant(shared_site, f"{name}@example.org", tenant, role)
    return shared_site


def test_staff_alone_sees_the_menu_and_the_pages(site):
    owner, member = enter(site, "owner"), enter(site, "toroa")
    assert "/staff/" in owner.get("/").links()
    assert "/staff/" not in member.get("/").links()
    assert "Nothing waits here." in owner.get("/staff/").text
    member.get("/staff/", 403)
    led = Browser(site, "kea.test").get("/staff/", 303).answer.headers["location"]
    assert led == "/auth/login/?next=%2Fstaff%2F"

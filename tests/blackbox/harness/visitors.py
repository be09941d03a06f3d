# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who looks at pages: fixtures that files of tests import by name."""

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
def elsewhere(site):
    return enter(site, "ruru", "weka.test")


@pytest.fixture(scope="module")
def stranger(site):
    return Browser(site, "kea.test")

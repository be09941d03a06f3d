# SPDX-License-Identifier: AGPL-3.0-or-later
"""The pages of a running server in a real browser, without JavaScript: they can be used, fit a phone and a desktop,
follow the colours that people chose, and break none of their own rules."""

import json
import subprocess

import pytest

from harness import lab
from harness.fixtures import PASSWORD
from harness.front import TlsFront
from harness.programs import node

PATHS = ("/", "/about/", "/compose/", "/notifications/", "/search/?q=nobody", "/settings/profile/",
         "/settings/sessions/", "/settings/account/", "/@ruru/", "/@ruru/media/", "/bookmarks/", "/conversations/",
         "/lists/", "/tags/", "/filters/new/", "/scheduled/", "/requests/", "/mutes/", "post")


@pytest.fixture(scope="module", params=["kea.test", "weka.test"])
def seen(request, shared_site):
    """What was seen on one of the two domains."""
    with TlsFront({request.param: shared_site.port}):
        done = subprocess.run([node(), lab.ROOT / "tests/browser/look.mjs", f"https://{request.param}",
                               "ruru@example.org", PASSWORD, *PATHS], text=True, capture_output=True, check=False,
                              timeout=120 * lab.PATIENCE)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def test_pages_fit_and_break_no_rule(seen):
    assert len(seen) == 4 * len(PATHS)
    assert [one for one in seen if one["status"] != 200 or not one["heading"]] == []
    assert [one for one in seen if one["overflow"] > 0] == []
    assert [one for one in seen if one["problems"]] == []


def test_colours_are_those_that_people_chose(seen):
    colours = {scheme: {one["background"] for one in seen if one["scheme"] == scheme} for scheme in ("light", "dark")}
    assert len(colours["light"]) == len(colours["dark"]) == 1 and colours["light"] != colours["dark"]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""On paper: what was written, black on white whatever the screen is, with where links lead to, and nothing to press."""

import json
import subprocess

import pytest

from harness import lab
from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.front import TlsFront
from harness.programs import node

FOLDER = lab.ROOT / "build" / "browser" / "paper"
LINK = "https://example.org/a/page"


@pytest.fixture(scope="module")
def printed(shared_site):
    api = Api(shared_site, "ruru@kea.test")
    post = api.post("/api/v1/statuses", status=f"See {LINK} and @toroa #birds")["id"]
    api.post("/api/v1/statuses", status="Behind a warning", spoiler_text="Eggs")
    browser = Browser(shared_site, "kea.test")
    browser.log_in("ruru@example.org", PASSWORD)
    browser.get("/settings/profile/").form("profile/").press(
        name="Ruru", bio="Owls.", field_name_1="Home", field_value_1=LINK)
    shared_site.stator.drain()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with TlsFront({"kea.test": shared_site.port}):
        done = subprocess.run([node(), lab.ROOT / "tests/browser/print.mjs", "https://kea.test", FOLDER,
                               f"/@ruru/posts/{post}/", "/@ruru/"], text=True, capture_output=True, check=False,
                              timeout=240 * lab.PATIENCE)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def test_nothing_to_press_and_no_way_around(printed):
    assert [one["shown"] for one in printed] == [[], []]


def test_it_can_be_read(printed):
    for one in printed:
        assert (one["ink"], one["paper"]) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)"), one["page"]
        assert one["size"] >= 12 and one["wide"] <= 0 and one["pages"] == 1, one
    assert "example.org/a/page" in printed[0]["text"] and "@toroa #birds" in printed[0]["text"]
    assert "Ruru" in printed[1]["text"] and "Behind a warning" in printed[1]["text"], "what is folded is opened"


def test_links_say_where_they_lead(printed):
    for one in printed:
        shown = {words: after for words, after in one["after"]}
        assert f'" (" "{LINK}" ")"' in shown.values() or f'" ({LINK})"' in shown.values(), one["after"]
    [mention] = [after for words, after in printed[0]["after"] if "toroa" in words]
    assert mention == "none"

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the script of the pages adds, each in Chromium; without it everything is done by the pages alone."""

import json
import pathlib
import subprocess

import pytest

from harness import lab
from harness.api import Api
from harness.fixtures import PASSWORD
from harness.front import TlsFront
from harness.media import png
from harness.programs import node

SCRIPT = pathlib.Path("templates/assets/app.js")


@pytest.fixture(scope="module")
def seen(shared_site, tmp_path_factory):
    picture = tmp_path_factory.mktemp("script") / "square.png"
    picture.write_bytes(png(12, 12))
    for name in ("ruru", "toroa"):
        api = Api(shared_site, f"{name}@kea.test")
        for number in range(2):
            api.post("/api/v1/statuses", status=f"{name} writes {number}")
    shared_site.stator.drain()
    with TlsFront({"kea.test": shared_site.port}):
        done = subprocess.run([node(), lab.ROOT / "tests/browser/script.mjs", "https://kea.test", "ruru@example.org",
                               PASSWORD, picture], text=True, capture_output=True, check=False,
                              timeout=300 * lab.PATIENCE)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def test_it_is_small_and_says_nothing_in_the_console(seen):
    assert len(SCRIPT.read_bytes()) < 15 * 1024
    assert seen["problems"] == []


def test_a_text_area_is_as_high_as_its_text(seen):
    small, high, again = seen["autosize"]
    assert high > small * 2 and again < high


def test_characters_are_counted_as_the_server_counts_them(seen):
    limit, counter = seen["limit"], seen["counter"]
    left = f"{limit:d}"
    assert left in counter["usual"].replace(",", "") and "left" not in counter["usual"]
    for name, length in (("word", 3), ("emoji", 2), ("address", 23)):
        assert counter[name] == f"{limit - length} characters left", name
    assert seen["near"] == "40 characters left" and seen["far"] == "", "ears are told near the end only"
    assert seen["over"] == {"says": "7 characters too many", "told": "7 characters too many", "invalid": "true",
                            "marked": True, "again": None}


def test_a_picture_is_shown_before_it_is_sent(seen):
    assert seen["preview"] == {"alt": "A square", "width": 12}
    assert seen["previewGone"] == 0


def test_who_leaves_with_a_text_is_asked(seen):
    assert seen["leaving"] == "beforeunload" and seen["leavingEmpty"] == "nothing"


def test_pressed_twice_is_sent_once(shared_site, seen):
    assert seen["sent"] == 1
    assert shared_site.value("select count(*) from posts where content like '%Pressed twice%'") == 1


def test_a_page_says_that_there_is_more(seen):
    assert seen["before"] == 0
    assert seen["news"] == {"says": "New posts: show them", "leads": "/local/"}
    assert seen["loaded"] == {"path": "/local/", "news": 0}
    assert seen["missed"] == {"says": "New posts: show them", "leads": "/home/"}


def test_a_page_listens_while_somebody_looks(seen):
    listening, closed = 1, 2
    assert (seen["hidden"], seen["shown"], seen["told"]) == ([closed], [closed, listening], [closed, closed])


def test_single_keys(seen):
    assert seen["posts"] >= 4 and seen["moves"] == [0, 1, 0, 0]
    assert (seen["help"], seen["helpGone"]) == (1, 0)
    assert seen["keys"]["f"] >= 1 and seen["keys"]["b"] >= 1
    assert seen["keys"]["r"].startswith("/compose/?reply_to=")
    assert "/posts/" in seen["keys"]["o"] and seen["keys"]["n"] == "/compose/"
    assert seen["typed"] == "jkn?", "who types, types"
    assert seen["off"] == [-1, 0]


def test_without_scripts_nothing_is_missing(seen):
    bare = seen["bare"]
    assert bare["counter"] == seen["counter"]["usual"] and bare["left"] == 0
    assert bare["buttons"] == 3 and bare["written"]

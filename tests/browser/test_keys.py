# SPDX-License-Identifier: AGPL-3.0-or-later
"""By the keyboard alone, without scripts: logging in, writing, answering, reporting. What has the focus shows it."""

import json
import subprocess

import pytest

from harness import lab
from harness.api import Api
from harness.fixtures import PASSWORD
from harness.front import TlsFront
from harness.programs import node


@pytest.fixture
def walked(site):
    post = Api(site, "toroa@kea.test").post("/api/v1/statuses", status="Buy eggs")["id"]
    site.stator.drain()
    steps = [
        ["/auth/login/", ["a.skip", ""], ["#email", "ruru@example.org"], ["#password", PASSWORD],
         ["main button", "Enter"]],
        ["/compose/", ["#compose-text", "By keys alone"], ["main .send button", "Enter"]],
        ["/local/", [f"a.action.reply[href$='={post}']", "Enter"], ["#compose-text", "No thanks"],
         ["main .send button", "Enter"]],
        [f"/@toroa/report/?post={post}", ["#comment", "It sells"], ["main .ends button", "Enter"]],
    ]
    with TlsFront({"kea.test": site.port}):
        done = subprocess.run([node(), lab.ROOT / "tests/browser/keys.mjs", "https://kea.test", json.dumps(steps)],
                              text=True, capture_output=True, check=False, timeout=300 * lab.PATIENCE)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def test_everything_is_reached_and_shows_it(site, walked):
    steps = [one for one in walked if "selector" in one]
    assert [one for one in steps if one["tabs"] < 0 or not one["seen"]] == []
    assert steps[0]["tabs"] == 1, "the first Tab leads to the link past the menu"
    texts = [one["text"] for one in walked if "at" in one]
    assert "By keys alone" in texts[1] and "No thanks" in texts[2] and "Thank you" in texts[3]
    assert site.value("select comment from reports") == "It sells"

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The page that all see while the installation rests, in Chromium: it is sound, and looks like its community."""

import json
import subprocess

import pytest

import pages
from harness import lab
from harness.front import TlsFront
from harness.programs import node
from harness.wait import wait_for

pytestmark = pytest.mark.options(development="true")


@pytest.fixture(scope="module")
def resting(shared_site):
    """While it rests, and its name leads there."""
    said = shared_site.rookery("maintenance", "on", "--message=A new disk goes in.", "--until=2099-01-01T18:00:00Z")
    assert said["maintenance"] is True
    wait_for(lambda: shared_site.get("https://kea.test/about/", headers={"Accept": "text/html"}).status_code == 503,
             what="the notice of maintenance")
    with TlsFront({"kea.test": shared_site.port}):
        yield shared_site


@pytest.mark.parametrize("language, heading", [("en", "We will be back"), ("de", "Wir sind bald zurück"),
                                               ("en-XB", None)])
@pytest.mark.parametrize("script", [False, True], ids=["without scripts", "with scripts"])
@pytest.mark.usefixtures("resting")
def test_the_page_of_maintenance_is_sound(script, language, heading):
    order = {"origin": "https://kea.test", "cookies": {}, "script": script, "language": language, "status": 503,
             "pages": ["/", "/@ruru/", "/auth/login/"],
             "pictures": None if script else pages.pictures(f"rests-{language}")}
    done = subprocess.run([node(), lab.ROOT / "tests/browser/walk.mjs"], input=json.dumps(order), text=True,
                          capture_output=True, check=False, timeout=300 * lab.PATIENCE)
    assert done.returncode == 0, done.stderr[-4000:]
    seen = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["status"] for one in seen] == [503, 503, 503]
    assert [(one["problems"], one["overflow"]) for one in seen] == [([], [])] * 3
    assert heading is None or {one["heading"] for one in seen} == {heading}
    assert {(one["lang"], one["dir"]) for one in seen} == {(language, "rtl" if language == "en-XB" else "ltr")}

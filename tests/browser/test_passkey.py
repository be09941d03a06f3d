# SPDX-License-Identifier: AGPL-3.0-or-later
"""Passkeys in a real browser with a virtual authenticator, on the pages of a running server."""

import json
import os
import pathlib
import subprocess

import pytest

from harness import lab
from harness.fixtures import PASSWORD
from harness.front import TlsFront
from harness.programs import node


@pytest.fixture(scope="module")
def seen(shared_site, tmp_path_factory):
    folder = pathlib.Path(os.environ.get("ROOKERY_PICTURES") or tmp_path_factory.mktemp("pictures"))
    with TlsFront({"kea.test": shared_site.port}):
        done = subprocess.run([node(), lab.ROOT / "tests/browser/passkey.mjs", "https://kea.test", "ruru@example.org",
                               PASSWORD, folder], text=True, capture_output=True, check=False,
                              timeout=240 * lab.PATIENCE)
    assert done.returncode == 0, done.stderr[-4000:]
    return json.loads(done.stdout)


def test_a_passkey_is_made_and_kept_by_the_authenticator(seen):
    assert seen["credentials"] == [{"rpId": "kea.test", "resident": True}]
    assert seen["named"] and seen["codes"] == 10


def test_it_logs_in_alone_as_a_second_step_and_to_confirm(seen):
    assert seen["alone"] == "/settings/sessions/"
    assert seen["second"] == "/"
    assert seen["confirmed"] == "/settings/security/"


def test_the_page_says_when_it_did_not_work(seen):
    assert seen["failed"] == "/auth/login/"


def test_no_policy_is_broken(seen):
    assert seen["problems"] == []


def test_without_scripts_the_page_offers_the_other_ways(seen):
    assert seen["bare"] == {"hidden": True, "says": True}

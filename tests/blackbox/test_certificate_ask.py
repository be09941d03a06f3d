# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the proxy is told before it gets a certificate: for which names, and how often."""

import json
import time

import httpx
import pytest

from harness.wait import wait_for

TOGETHER = 3  # seconds: questions of one try (server/vouch.c)


def asks(site, name, **more):
    return site.admin().get("/certificate", params={"domain": name, **more})


def answer(site, name, **more):
    return asks(site, name, **more).status_code


def becomes(site, name, status):
    """The server hears of changes a moment later; looking counts nothing."""
    wait_for(lambda: answer(site, name, look="1") == status, what=f"{status} for {name}")


def add(site, name, *options):
    site.rookery("domain", "add", name, *options)
    return name


def leave(site, tmp_path, name):
    site.rookery("domain", "move-out", add(site, name, "--active"), f"--output={tmp_path}/{name}.tar")
    return name


def test_by_what_a_tenant_is(site, tmp_path):
    """Who answers anything by TLS under its name may have a certificate, if only to say that it is suspended."""
    add(site, "pending.test")
    add(site, "verified.test", "--verified")
    add(site, "active.test", "--active")
    site.rookery("domain", "suspend", add(site, "suspended.test", "--active"), "--reason=late")
    leave(site, tmp_path, "leaving.test")
    site.rookery("domain", "move-out", leave(site, tmp_path, "moved.test"), "--final", "--yes")
    site.rookery("domain", "delete", add(site, "deleted.test", "--active"), "--yes")
    add(site, "served.test", "--service-name=social.served.test", "--active")
    becomes(site, "social.served.test", 200)
    for name, status in {
            "kea.test": 200, "active.test": 200, "suspended.test": 200, "served.test": 200, "social.served.test": 200,
            "pending.test": 404, "verified.test": 404, "leaving.test": 404, "moved.test": 404, "deleted.test": 404,
            "unknown.test": 404, "other.served.test": 404, "KEA.test": 200, "kea.test.": 404, "": 404, " kea.test": 404,
            "kea.test:443": 404, "192.0.2.7": 404, "x" * 5000: 404}.items():
        assert answer(site, name) == status, name[:80]
    assert site.admin().get("/certificate").status_code == 404
    site.rookery("domain", "resume", "suspended.test")
    site.rookery("domain", "verify", "pending.test", "--by=operator")
    site.rookery("domain", "activate", "pending.test")
    becomes(site, "pending.test", 200)


def test_a_suspended_one_says_so_by_tls(site):
    site.rookery("domain", "suspend", "kea.test")
    wait_for(lambda: site.get("https://kea.test/").status_code == 403)
    assert answer(site, "kea.test") == 200


def test_nobody_else_is_told(site):
    assert site.get("https://kea.test/certificate?domain=kea.test").status_code == 404
    with httpx.Client() as client:
        assert client.get(f"http://127.0.0.1:{site.port}/certificate?domain=kea.test").status_code == 421


def use_up(site, name):
    """Two tries at once, and then none."""
    assert answer(site, name) == 200
    time.sleep(TOGETHER + 1)
    assert answer(site, name) == 200
    time.sleep(TOGETHER + 1)
    refused = asks(site, name)
    assert refused.status_code == 429 and 0 < int(refused.headers["retry-after"]) <= 300
    assert "led to no visit" in refused.text
    return refused


def test_a_name_that_nobody_gets_through_to_waits(site):
    use_up(site, "kea.test")
    assert answer(site, "KEA.TEST") == 429
    # Nobody else waits, and neither does who is heard without TLS, or elsewhere, mend anything.
    assert answer(site, "weka.test") == 200
    site.get("http://kea.test/")
    site.get("https://weka.test/")
    assert answer(site, "kea.test") == 429
    # The first request that came by TLS shows that there is a certificate; whatever it asked for.
    site.get("https://kea.test/nothing-of-the-kind")
    for _ in range(20):
        assert answer(site, "kea.test") == 200
        site.get("https://kea.test:443/about/")


@pytest.mark.parametrize("path", ["/metrics", "/metrics/process"])
def test_who_reads_the_numbers_got_through_as_well(site, path):
    """On a machine whose name nobody else may visit."""
    use_up(site, "kea.test")
    for scheme, status in (("http", 429), ("https", 200)):
        site.admin().get(path, headers={"Host": "kea.test:9180", "X-Forwarded-Proto": scheme})
        assert answer(site, "kea.test") == status


@pytest.mark.options(trusted_proxy="")
def test_a_stranger_does_not_say_that_it_came_by_tls(site):
    use_up(site, "kea.test")
    site.get("https://kea.test/")
    assert answer(site, "kea.test") == 429


def asking(site):
    done = site.run("rookery", "doctor", "--json")
    return [one for one in json.loads(done.stdout)["findings"]
            if one["check"] == "certificate" and "kea.test: a certificate " in one["says"]]


def test_the_doctor_uses_up_no_try(site):
    for _ in range(3):
        [found] = asking(site)
        assert found["well"] and "may be asked for" in found["says"]
        time.sleep(TOGETHER)
    use_up(site, "kea.test")
    [found] = asking(site)
    assert not found["well"] and "in vain" in found["says"] and "rookery domain show" in found["advice"]

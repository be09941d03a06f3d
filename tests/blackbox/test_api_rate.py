# SPDX-License-Identifier: AGPL-3.0-or-later
"""How often programs may ask, and how they are told. The limits are a few percent of the usual, so that a test meets
them soon. Windows begin when the clock says so: a test during which a new one began is done again."""

import datetime
import functools
import time

import pytest

from harness.api import Api, token_for
from harness.oauth import OOB

VERIFY = "/api/v1/accounts/verify_credentials"
APPS = {"client_name": "App", "redirect_uris": OOB}


def in_one_window(test):
    """Does it once more when a window of five minutes began meanwhile."""
    @functools.wraps(test)
    def run(site):
        began = time.time() // 300
        try:
            test(site)
        except AssertionError:
            if time.time() // 300 == began:
                raise
            test(site)
    return run


def ask_until(api, status, most, path=VERIFY, method="GET", **more):
    """Answers until one has that status; fails when none of so many has."""
    answers = []
    while not answers or answers[-1].status_code != status:
        assert len(answers) < most, answers[-1].headers
        answers.append(api.client.request(method, path, **more))
    return answers


def check_limited(answer):
    assert answer.json() and "error" in answer.json() and answer.headers["access-control-allow-origin"] == "*"
    reset = datetime.datetime.fromisoformat(answer.headers["x-ratelimit-reset"].replace("Z", "+00:00"))
    left = (reset - datetime.datetime.now(datetime.timezone.utc)).total_seconds()
    assert answer.headers["x-ratelimit-remaining"] == "0" and -60 < left <= 1800
    assert 0 < int(answer.headers["retry-after"]) <= 1800


@pytest.mark.options(rate_limits=5)
@in_one_window
def test_a_token_may_ask_so_often(site):
    api = Api(site, "ruru@kea.test")
    answers = ask_until(api, 429, 17)
    assert [int(one.headers["x-ratelimit-remaining"]) for one in answers] == [*range(14, -1, -1), 0]
    assert answers[0].headers["x-ratelimit-limit"] == "15"
    check_limited(answers[-1])
    # Another token and another tenant are not meant, nor is who has none.
    Api(site, "ruru@kea.test").get(VERIFY)
    Api(site, "toroa@kea.test").get(VERIFY)
    Api(site, "ruru@weka.test").get(VERIFY)
    Api(site, "kea.test").get("/api/v2/instance")


@pytest.mark.options(rate_limits=1)
@in_one_window
def test_an_address_may_ask_so_often_with_whatever_tokens(site):
    strangers = Api(site, "kea.test")
    answers = ask_until(strangers, 429, 77, "/api/v1/instance/rules")
    assert answers[0].headers["x-ratelimit-limit"] == "75" and len(answers) == 76
    check_limited(answers[-1])
    assert Api(site, "ruru@kea.test").client.get(VERIFY).status_code == 429
    elsewhere = site.client("kea.test", client_address="203.0.113.8")
    assert elsewhere.get("/api/v1/instance/rules").status_code == 200
    # Pages are not programs' business.
    assert strangers.client.get("/about/").status_code == 200


@pytest.mark.options(rate_limits=1)
@in_one_window
def test_a_network_of_ipv6_is_one_address(site):
    def ask(address):
        return site.client("kea.test", client_address=address).get("/api/v1/instance/rules").status_code

    while ask("2001:db8:1:2::3") == 200:
        pass
    assert ask("2001:db8:1:2:ffff::9") == 429 and ask("2001:db8:1:3::3") == 200


@pytest.mark.options(rate_limits=20)
def test_registrations_are_counted_for_all_servers(site):
    api = Api(site, "kea.test")
    answers = ask_until(api, 429, 12, "/api/v1/apps", method="POST", data=APPS)
    assert len(answers) == 6 and answers[0].headers["x-ratelimit-limit"] == "5"
    check_limited(answers[-1])
    assert site.value("select count(*) from applications") == 5
    site.restart()
    assert api.client.post("/api/v1/apps", data=APPS).status_code == 429
    assert Api(site, "weka.test").client.post("/api/v1/apps", data=APPS).status_code == 200
    site.sql("update throttles set resets = now()")
    assert api.client.post("/api/v1/apps", data=APPS).status_code == 200


@pytest.mark.options(rate_limits=5)
def test_tokens_cannot_be_tried_without_end(site):
    api = Api(site, "kea.test")
    answers = ask_until(api, 429, 12, "/oauth/token", method="POST",
                        data={"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"})
    assert {one.status_code for one in answers[:-1]} == {401}
    assert answers[-1].json()["error"] == "temporarily_unavailable"
    check_limited(answers[-1])


@pytest.mark.options(rate_limits=100)
@in_one_window
def test_the_usual_limits(site):
    api = Api(site, "kea.test", token=token_for(site, "ruru@kea.test"))
    headers = api.client.get(VERIFY).headers
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("300", "299")
    assert Api(site, "kea.test").client.get("/api/v2/instance").headers["x-ratelimit-limit"] == "7500"
    for method, path in (("DELETE", "/api/v1/statuses/1"), ("POST", "/api/v1/media"), ("POST", "/api/v2/media")):
        assert api.client.request(method, path).headers["x-ratelimit-limit"] == "30", path
    assert "x-ratelimit-limit" in api.client.get(VERIFY, headers={"Authorization": "Bearer x"}).headers
    exposed = headers["access-control-expose-headers"]
    assert all(f"X-RateLimit-{name}" in exposed for name in ("Limit", "Remaining", "Reset"))


def test_limits_can_be_off(site):
    assert "x-ratelimit-limit" not in Api(site, "ruru@kea.test").client.get(VERIFY).headers

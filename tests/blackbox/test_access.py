# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who gets at which route: every route of the program, asked as everybody, against the one table in access.txt. A route
that is not in the table fails."""

import json
import re
import subprocess

import pytest

from harness import lab, news
from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD

# Each may what those before it may.
ROLES = ("anybody", "member", "moderator", "admin")
LINE = re.compile(r"(GET|POST|PUT|DELETE|PATCH) (/\S*) (anybody|member|moderator|admin|host|operator|peer|holder)$")
# These end the session that asks, so they are asked last.
LAST = ("/oauth/revoke", "/settings/sessions/", "/auth/logout/")


def table():
    found = {}
    for line in (lab.ROOT / "tests/blackbox/access.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            method, pattern, role = LINE.match(line).groups()
            assert (method, pattern) not in found, line
            found[method, pattern] = role
    return found


def routes():
    listed = json.loads(subprocess.run([lab.PROGRAMS / "rookery-server", "--routes"], capture_output=True, check=True,
                                       text=True).stdout)
    # Files of pages are served under the console's name as well.
    return {(method, route["pattern"]): route for route in reversed(listed) for method in route["methods"]}


TABLE, ROUTES = table(), routes()


def test_every_route_is_in_the_table_and_the_other_way_round():
    assert sorted(set(ROUTES) - set(TABLE)) == [] == sorted(set(TABLE) - set(ROUTES))


def test_the_table_says_what_the_routes_do():
    for key, route in ROUTES.items():
        if route["staff"] and key in TABLE:
            assert TABLE[key] in ("moderator", "admin"), key
        if route["socket"] == "private" and key in TABLE:
            assert TABLE[key] == "host", key
        if key in TABLE:
            assert (route["socket"] == "console") == (TABLE[key] == "operator"), key


@pytest.fixture(scope="module")
def site(shared_site):
    for name, tenant, role in (("chief", "kea.test", "admin"), ("warden", "kea.test", "moderator"),
                               ("boss", "weka.test", "owner")):
        shared_site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
        shared_site.rookery("identity", "add", f"{name}@{tenant}", "--user", f"{name}@example.org")
        news.grant(shared_site, f"{name}@example.org", tenant, role)
    shared_site.rookery("domain", "set", "kea.test", "sign_up", "open")
    return shared_site


class Caller:
    """Somebody with a browser and with a program, who asks kea.test."""

    def __init__(self, site, role, name=None, home="kea.test"):
        self.role, self.site = role, site
        self.browser = Browser(site, home)
        self.token = {}
        self.program = Api(site, "kea.test").client
        if name:
            self.browser.log_in(f"{name}@example.org", PASSWORD)
            self.token = dict([self.browser.token()])
            program = Api(site, f"{name}@{home}")
            # What is another tenant's is sent here as well: it has to count for nothing.
            self.program = Api(site, "kea.test", token=program.token).client
        if home != "kea.test":
            cookies = dict(self.browser.client.cookies)
            self.browser = Browser(site, "kea.test")
            self.browser.client.cookies.update(cookies)

    def ask(self, method, pattern, route):
        """What comes of it: "log in", "not you", or "served", which says nothing of how the request fared."""
        path = pattern.replace(":", "1")
        client = self.program if route["access"].startswith("token") else self.browser.client
        fields = {"data": self.token} if method == "POST" and route["form"] else {}
        with client.stream(method, path, **fields) as answer:
            status, led = answer.status_code, answer.headers.get("location", "")
        assert status < 500 and status != 429, (method, path, status)
        if status == 401 or (status == 303 and led.startswith("/auth/login/?")):
            return "log in"
        return "not you" if status == 403 else "served"


def expected(role, needed):
    """What a role is told where the table wants another one."""
    if needed in ("peer", "holder"):
        return "refused"
    if ROLES.index(role) >= ROLES.index(needed):
        return "served"
    return "log in" if role == "anybody" else "not you"


@pytest.mark.parametrize("role, name, home", [
    ("anybody", None, "kea.test"), ("member", "ruru", "kea.test"), ("moderator", "warden", "kea.test"),
    ("admin", "chief", "kea.test"), ("anybody", "boss", "weka.test")])
def test_routes_serve_whom_the_table_says(site, role, name, home):
    caller = Caller(site, role, name, home)
    wrong = []
    for key in sorted(ROUTES, key=lambda one: (LAST.index(one[1]) if one[1] in LAST else -1, one)):
        if TABLE.get(key, "host") in ("host", "operator"):
            continue
        site.sql("delete from throttles")
        said, wanted = caller.ask(*key, ROUTES[key]), expected(role, TABLE[key])
        # A token that is another tenant's is none, where a program without one is served.
        strange = home != "kea.test" and ROUTES[key]["access"].startswith("token") and said == "log in"
        if said != wanted and not strange and not (wanted == "refused" and said != "served"):
            wrong.append((*key, TABLE[key], said))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_is_for_the_host_is_not_on_the_public_socket(site):
    admin = Caller(site, "admin", "chief")
    shown = {pattern for _, pattern in ROUTES}
    for method, pattern in (key for key, role in TABLE.items() if role in ("host", "operator")):
        answer = admin.browser.client.request(method, pattern.replace(":", "1"))
        assert answer.status_code == 404 or pattern in shown and answer.status_code == 403, (method, pattern)

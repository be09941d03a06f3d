# SPDX-License-Identifier: AGPL-3.0-or-later
"""OAuth with clients that nobody of this project wrote: oauth4webapi, which takes RFC 6749, 7009, 7636 and 8414 by
their words, and toot, a client for the command line, which has its code typed in."""

import http.server
import json
import os
import re
import subprocess
import threading
from urllib.parse import parse_qs, urlsplit

import pytest

from harness import lab
from harness.browser import Browser
from harness.fixtures import DOMAINS, PASSWORD
from harness.oauth import OOB, Program
from harness.programs import PEERS, node
from installation import Installation

REDIRECT = "http://127.0.0.1:4711/callback"


@pytest.fixture(scope="module")
def ours(module_database, tmp_path_factory):
    with Installation(module_database, tmp_path_factory.mktemp("site"), DOMAINS) as made:
        yield made


def allow(ours, domain, address):
    """What the browser of somebody who says yes is led to."""
    browser = Browser(ours.site, domain)
    browser.log_in("ruru@example.org", PASSWORD)
    form = browser.get(address).form_of("/oauth/authorize")
    answer = browser.client.post(form.action, data={**form.fields, "decision": "allow"})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@pytest.mark.parametrize("domain", ["kea.test", "weka.test"])
@pytest.mark.parametrize("method", ["basic", "post"])
def test_a_strict_client(ours, domain, method):
    with subprocess.Popen([node(), PEERS / "oauth_client.mjs", f"https://{domain}", REDIRECT, method], text=True,
                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as program:
        asked = json.loads(program.stdout.readline() or "null")
        assert asked, program.stderr.read()
        assert asked["address"].startswith(f"https://{domain}/oauth/authorize?")
        said, wrong = program.communicate(allow(ours, domain, asked["address"]) + "\n", timeout=60 * lab.PATIENCE)
    assert program.returncode == 0, wrong
    found = json.loads(said)
    assert found["issuer"] == f"https://{domain}" and found["info"]["iss"] == found["issuer"]
    assert found["info"]["sub"] == f"https://{domain}/@ruru@{domain}/" and found["username"] == "ruru"
    assert found["token"]["scope"] == "profile read write:statuses" and found["own"]["scope"] == "read"
    assert (found["after"], found["replay"]) == (401, "invalid_grant")


class Thanks(http.server.BaseHTTPRequestHandler):
    """What a program on the person's own machine says when the browser brings the code."""

    def do_GET(self):  # noqa: N802 (the library's name)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>thanks</title>")

    def log_message(self, *_):
        pass


@pytest.fixture
def callback():
    """The address of such a program."""
    server = http.server.HTTPServer(("127.0.0.1", 0), Thanks)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/callback"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_browser_is_led_back(ours, callback):
    """The content security policy of the page must not stand in the way, which only a browser can say."""
    program = Program(ours.site, redirects=[callback, OOB])
    for redirect, end in ((callback, f"{callback}?code="), (OOB, "https://kea.test/oauth/authorize/native?code=")):
        address = "https://kea.test" + program.address(redirect_uri=redirect)
        done = subprocess.run([node(), PEERS / "oauth_browser.mjs", address, "ruru@example.org", PASSWORD, end],
                              text=True, capture_output=True, timeout=120 * lab.PATIENCE, check=False)
        assert done.returncode == 0, done.stderr
        code = parse_qs(urlsplit(done.stdout.strip()).query)["code"][0]
        assert program.token(code=code, redirect_uri=redirect)["access_token"]


class Toot:
    """toot with a home of its own, so that it knows nobody yet."""

    def __init__(self, home):
        self.environment = {**os.environ, "XDG_CONFIG_HOME": str(home), "HOME": str(home), "BROWSER": "true",
                            "REQUESTS_CA_BUNDLE": str(lab.directory() / "ca.crt"), "NO_COLOR": "1"}

    def start(self, *args):
        return subprocess.Popen(["toot", *args], env=self.environment, text=True, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def run(self, *args):
        done = subprocess.run(["toot", *args], env=self.environment, text=True, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=60 * lab.PATIENCE, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def read_until(stream, pattern):
    """What a program says up to something, which may end within a line."""
    said = ""
    while not re.search(pattern, said):
        one = stream.read(1)
        assert one, said
        said += one
    return said


def test_toot_logs_in_with_a_code(ours, tmp_path):
    toot = Toot(tmp_path)
    with toot.start("login", "--instance", "kea.test") as program:
        said = read_until(program.stdout, r"https://kea\.test/oauth/authorize\S*\s")
        address = re.search(r"https://kea\.test/oauth/authorize\S*", said)[0]
        shown = allow(ours, "kea.test", address)
        assert shown.startswith("/oauth/authorize/native?code=")
        program.stdin.write("\n" + shown.partition("=")[2] + "\n")
        program.stdin.close()
        rest = program.stdout.read()
    assert program.returncode == 0, said + rest
    assert "ruru@kea.test" in toot.run("auth")
    assert "@ruru" in toot.run("whoami")
    assert "Rookery" in toot.run("instance")

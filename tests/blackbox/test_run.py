# SPDX-License-Identifier: AGPL-3.0-or-later
"""make run: two domains with one command, everything found again, nothing left running."""

import os
import re
import signal
import subprocess

import httpx
import pytest

from harness import lab

PORT = 8790


class Run:
    """tools/run with its state in a directory of the test's own."""

    def __init__(self, var):
        self.var = var
        self.env = {**os.environ, "ROOKERY_VAR": str(var), "PORT": str(PORT), "VARIANT": lab.VARIANT}
        self.child = None
        self.lines = []

    def start(self):
        self.child = subprocess.Popen([lab.ROOT / "tools/run"], env=self.env, text=True,
                                      stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True)
        self.lines = []
        for line in self.child.stderr:
            self.lines.append(line)
            if "Ctrl-C stops" in line:
                return self
        raise AssertionError("".join(self.lines))

    def login(self):
        return re.search(r"log in as (\S+) with the password (\S+)", "".join(self.lines)).groups()

    def interrupt(self):
        """Ctrl-C: the terminal signals the whole group."""
        os.killpg(self.child.pid, signal.SIGINT)
        rest = self.child.stderr.read()
        self.child.stderr.close()
        return self.child.wait(30 * lab.PATIENCE), rest

    def left(self):
        """Processes whose command line or environment names the directory."""
        found = []
        for name in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{name}/environ", "rb") as environ, open(f"/proc/{name}/cmdline", "rb") as command:
                    if str(self.var).encode() in environ.read() + command.read():
                        found.append(name)
            except OSError:
                continue
        return found

    def reset(self):
        subprocess.run([lab.ROOT / "tools/run", "reset"], env=self.env, check=True)


@pytest.fixture
def run(tmp_path):
    made = Run(tmp_path / "var")
    yield made
    if made.child and made.child.poll() is None:
        made.interrupt()
    made.reset()


def page(domain):
    return httpx.get(f"http://127.0.0.1:{PORT}/", headers={"Host": f"{domain}:{PORT}"}, follow_redirects=False,
                     timeout=30 * lab.PATIENCE)


def test_two_domains_are_served_and_found_again(run):
    first = run.start().login()
    for domain in ("kea.localhost", "weka.localhost"):
        assert f"http://{domain}:{PORT}" in "".join(run.lines)
        assert page(domain).status_code in (200, 303)
    assert page("other.localhost").status_code == 421
    status, words = run.interrupt()
    assert status == 0 and "stopped" in words
    assert run.left() == []

    assert run.start().login() == first
    assert page("kea.localhost").status_code in (200, 303)
    assert (run.var / "login").stat().st_mode & 0o777 == 0o600
    run.interrupt()
    run.reset()
    assert not run.var.exists()


def test_a_daemon_that_dies_stops_everything(run):
    run.start()
    [server] = [pid for pid in run.left()
                if os.path.basename(os.readlink(f"/proc/{pid}/exe")) == "rookery-server"]
    os.kill(int(server), signal.SIGKILL)
    words = run.child.stderr.read()
    assert run.child.wait(30 * lab.PATIENCE) == 1
    assert "rookery-server ended by itself" in words
    assert run.left() == []


def test_a_second_one_beside_it_is_refused(run):
    run.start()
    again = subprocess.run([lab.ROOT / "tools/run"], env=run.env, text=True, capture_output=True, check=False)
    assert again.returncode == 1 and "runs already" in again.stderr

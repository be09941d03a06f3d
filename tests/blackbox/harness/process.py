# SPDX-License-Identifier: AGPL-3.0-or-later
"""A daemon as a child process: started until it says READY=1, stopped with a check of how it ended.

Whatever a sanitizer says in a log fails the test that owns the process."""

import re
import select
import signal
import socket
import subprocess
import time

from . import lab

SANITIZER = re.compile(r"(ERROR|WARNING): \w+Sanitizer|runtime error:|SUMMARY: \w+Sanitizer")
running = []  # for the report of a failed test


class Broken(AssertionError):
    """A program did what it must never do."""


def check_log(name, text):
    found = SANITIZER.search(text)
    if found:
        raise Broken(f"{name}: {text[found.start():][:4000]}")


class Daemon:
    """argv is run with env; its log is a file in directory. Use start() and stop(), or kill()."""

    def __init__(self, argv, env, directory):
        self.argv, self.env = [str(arg) for arg in argv], env
        self.name = self.argv[0].rsplit("/", 1)[-1]
        self.directory = directory
        self.log_path = directory / f"{self.name}.log"
        self.notify_path = directory / f"{self.name}.notify"
        self.child = None

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def spawn(self, **options):
        """Starts it without waiting."""
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(self.argv, env=self.env, cwd=lab.ROOT, stdout=log, stderr=log,
                                          stdin=subprocess.DEVNULL, **options)
        running.append(self)
        return self

    def start(self, timeout=10, **options):
        """Starts it and waits until it is ready (sd_notify(3))."""
        self.env = dict(self.env, NOTIFY_SOCKET=str(self.notify_path))
        with self._manager() as manager:
            self.spawn(**options)
            self._wait_word(manager, b"READY=1", timeout)
        return self

    def _manager(self):
        """The service manager's ear. It is there only while somebody listens: a full one blocks who speaks."""
        self.notify_path.unlink(missing_ok=True)
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        manager.bind(str(self.notify_path))
        return manager

    def _wait_word(self, manager, word, timeout):
        until = time.monotonic() + timeout * lab.PATIENCE
        while time.monotonic() < until:
            status = self.child.poll()
            if select.select([manager], [], [], 0.05)[0]:
                if word in manager.recv(4096):
                    return
            elif status is not None:
                self._forget()
                raise Broken(f"{self.name} ended with {status}: {self.log()[-4000:]}")
        self.kill()
        raise Broken(f"{self.name} did not say {word} within {timeout * lab.PATIENCE} s: {self.log()[-4000:]}")

    def is_alive(self):
        return self.child is not None and self.child.poll() is None

    def signal(self, number):
        self.child.send_signal(number)

    def wait(self, timeout=30):
        """Its exit status; it must end by itself."""
        try:
            return self.child.wait(timeout * lab.PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Broken(f"{self.name} did not end within {timeout * lab.PATIENCE} s: {self.log()[-4000:]}") from None

    def begin_stop(self):
        """SIGTERM; returns when it took notice. stop() has to follow."""
        with self._manager() as manager:
            self.signal(signal.SIGTERM)
            self._wait_word(manager, b"STOPPING=1", 30)

    def stop(self):
        """SIGTERM; it must drain and end with status 0."""
        if self.child is None:
            return
        if self.is_alive():
            self.signal(signal.SIGTERM)  # a second one changes nothing
        status = self.wait()
        self._forget()
        check_log(self.name, self.log())
        if status != 0:
            raise Broken(f"{self.name} ended with {status}: {self.log()[-4000:]}")

    def kill(self):
        """SIGKILL, as a power cut would."""
        if self.child is None:
            return
        self.child.kill()
        self.child.wait()
        self._forget()
        check_log(self.name, self.log())

    def _forget(self):
        self.child = None
        if self in running:
            running.remove(self)

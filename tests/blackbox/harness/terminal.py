# SPDX-License-Identifier: AGPL-3.0-or-later
"""A program on a terminal of its own, as somebody before a screen or a serial line has it."""

import os
import pty
import select
import signal
import time

from . import lab


class Terminal:
    """Runs a program; what it shows is read until a text is there, what is typed ends with Enter."""

    def __init__(self, *argv, env):
        self.shown = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execve(argv[0], [str(word) for word in argv], env)

    def read(self, timeout):
        ready, _, _ = select.select([self.fd], [], [], timeout)
        if not ready:
            return False
        try:
            got = os.read(self.fd, 65536)
        except OSError:  # the other end is closed
            return False
        self.shown += got.decode(errors="replace").replace("\r\n", "\n")
        return bool(got)

    def wait_for(self, text, timeout=30):
        """All that was shown up to and with the text, which is taken away from what is read next."""
        until = time.monotonic() + timeout * lab.PATIENCE
        while text not in self.shown:
            assert time.monotonic() < until, f"{text!r} is not shown: {self.shown[-3000:]}"
            self.read(0.2)
        seen, _, self.shown = self.shown.partition(text)
        return seen + text

    def type(self, line):
        os.write(self.fd, (line + "\n").encode())

    def keys(self, data):
        os.write(self.fd, data)

    def is_alive(self):
        return os.waitpid(self.pid, os.WNOHANG) == (0, 0)

    def close(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A systemd-journald of a test's own, in a mount namespace with a /run of its own, and programs whose standard error it
is. Run as a program it becomes one of these."""

import json
import os
import socket
import subprocess
import sys
import time

JOURNALD = "/usr/lib/systemd/systemd-journald"
START = f"""mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/journal/streams /run/log/journal &&
chmod 755 /run /run/systemd /run/systemd/journal && exec {JOURNALD}"""
READY = "/run/systemd/journal/stdout"


class Journal:
    def __init__(self):
        self.child = subprocess.Popen(["unshare", "--mount", "sh", "-c", START], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while not self.has_socket():
            assert self.child.poll() is None and time.monotonic() < until, "journald does not start"
            time.sleep(0.01)

    def has_socket(self):
        # Another namespace's /run is seen through the process that is in it.
        root = f"/proc/{self.child.pid}/root"
        return os.path.exists(root + READY) and not os.path.samefile(root + "/run", "/run")

    def enter(self, *argv):
        return ["nsenter", f"--mount=/proc/{self.child.pid}/ns/mnt", "--", *map(str, argv)]

    def wrap(self, *argv, stream=""):
        """argv with its standard error in the journal; stream: another JOURNAL_STREAM than the true one."""
        return self.enter("/usr/bin/python3", __file__, stream, *argv)

    def entries(self, *matches):
        """What journalctl finds, as objects, oldest first."""
        done = subprocess.run(self.enter("journalctl", "--sync"), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        done = subprocess.run(self.enter("journalctl", "--output=json", "--no-pager", "--quiet", *matches),
                              capture_output=True, text=True, check=False)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def close(self):
        self.child.terminate()
        self.child.wait()


def main(stream, *argv):
    """As systemd does it (sd_journal_stream_fd(3)): identifier, unit, priority, levels, and where else it goes."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.connect(READY)
        line.sendall(b"plain\n\n6\n1\n0\n0\n0\n")
        os.dup2(line.fileno(), 2)
        st = os.fstat(line.fileno())
    os.execve(argv[0], argv, {**os.environ, "JOURNAL_STREAM": stream or f"{st.st_dev}:{st.st_ino}"})


if __name__ == "__main__":
    main(*sys.argv[1:])

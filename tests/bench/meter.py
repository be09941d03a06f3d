# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a piece of work cost: processor time of our processes and of their PostgreSQL backends."""

import contextlib
import os
import pathlib
import re
import subprocess

BACKENDS = ("postgres: rookery_server", "postgres: rookery_stator")


# Without the vector instructions that some processors have for long numbers and others do not.
PLAIN = {"OPENSSL_ia32cap": ":~0x200000"}


def rsa_rate(**environment):
    """RSA-2048 signatures in a second of one core, as openssl measures them."""
    done = subprocess.run(["openssl", "speed", "-mr", "-seconds", "1", "rsa2048"], text=True, check=True,
                          capture_output=True, env={**os.environ, **environment})
    [row] = [line for line in done.stdout.splitlines() if line.startswith("+F2:")]
    first = float(row.split(":")[3])
    return first if first > 1 else 1 / first  # some versions say how long one takes


def cpu(pid):
    """Seconds of processor time that all threads of a process have used."""
    total = 0
    for path in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with contextlib.suppress(OSError):
            total += int(path.read_text().split()[0])
    return total / 1e9


MAPPING = re.compile(r"^[0-9a-f]+-[0-9a-f]+ \S+ ([0-9a-f]+) (\S+ \d+)", re.ASCII)


def resident(pids):
    """Bytes of memory that these processes have together: their own pages, and once what they share of files, which
    is mostly the texts of libraries."""
    own, shared = 0, {}
    for pid in pids:
        for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
            name, _, value = line.partition(":")
            if found := MAPPING.match(line):
                key = found.groups()
            elif name == "Rss":
                size = int(value.split()[0])
            elif name == "Anonymous":
                anonymous = int(value.split()[0])
                own += anonymous
                shared[key] = max(shared.get(key, 0), size - anonymous)
    return (own + sum(shared.values())) * 1024


def backends():
    """Processes of PostgreSQL that work for our programs, by the title that they give themselves."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if path.read_text(errors="replace").startswith(BACKENDS):
                found.append(int(path.parent.name))
    return found


class Meter:
    """with Meter(pids) as used: ...; then used.ours, used.database and used.total are seconds."""

    def __init__(self, pids):
        self.pids = list(pids)
        self.before = {}
        self.ours = self.database = 0

    @property
    def total(self):
        return self.ours + self.database

    def __enter__(self):
        self.before = {pid: cpu(pid) for pid in [*self.pids, *backends()]}
        return self

    def __exit__(self, *_):
        self.ours = sum(cpu(pid) - self.before[pid] for pid in self.pids)
        self.database = sum(cpu(pid) - self.before.get(pid, 0) for pid in backends())

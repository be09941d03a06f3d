# SPDX-License-Identifier: AGPL-3.0-or-later
"""Real https in front of sites and programs: names of the lab, each proxied to a local port."""

import subprocess

from . import lab


class TlsFront:
    """routes: {"kea.test": 8080, ...}; all names must have the same address. record: a directory for what is said,
    which harness/recording.py reads. A context manager."""

    def __init__(self, routes, record=None):
        addresses = {lab.address(name) for name in routes}
        assert len(addresses) == 1, f"these names have several addresses: {routes}"
        self.address = addresses.pop()
        argv = [lab.ROOT / "tests/lab/tls_front.py", "--listen", f"{self.address}:443"]
        argv += ["--record", record] if record else []
        for name, port in routes.items():
            certificate, key = lab.certificate(name)
            argv.append(f"{name}=127.0.0.1:{port}:{certificate}:{key}")
        self.child = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True)
        assert self.child.stdout.readline() == "ready\n", "the TLS front does not start"

    def close(self):
        self.child.terminate()
        self.child.wait()
        self.child.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

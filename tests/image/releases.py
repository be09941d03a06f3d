# SPDX-License-Identifier: AGPL-3.0-or-later
"""Versions of the image: built with a key of the tests' own, signed, and served as an operator would find them."""

import functools
import http.server
import os
import shutil
import subprocess
import threading

from machine import ROOT, run

OUT = ROOT / "build/image/out"
# What is for nobody else lies in folders of the tests' own; a build's log outlives the run.
RELEASE = ROOT / "build/image/release-of-tests"
LOGS = ROOT / "build/image/test-logs"
PORT = 18000
ADDRESS = f"http://10.0.2.2:{PORT}"

# A version whose schema is newer than what the one before it knows, which has to work on it when it is gone back to.
GROWTH = (
    "insert into schema_migrations (version, name) values (9001, 'expand_it') on conflict do nothing",
    "alter table posts add column if not exists later text not null default 'x'",
    "alter table follows add column if not exists later text not null default 'x'",
)
PSQL = "/usr/lib/postgresql/17/bin/psql -Xq -v ON_ERROR_STOP=1 -U rookery_owner -d rookery"
GROWN = {
    "usr/lib/systemd/system/rookery-migrate.service.d/grown.conf":
        f"[Service]\nExecStartPost={PSQL}" + "".join(f' -c "{statement}"' for statement in GROWTH) + "\n",
}

# A version whose server does not start, and which gives up on itself sooner than a real one.
BROKEN = {
    "usr/lib/systemd/system/rookery-server.service.d/broken.conf": "[Service]\nExecStart=\nExecStart=/bin/false\n",
    "usr/lib/systemd/system/rookery-healthy.service.d/sooner.conf": "[Service]\nEnvironment=PATIENCE=30\n",
}


class Key:
    """Of gpg. Those who have the public half believe what the secret one signs."""

    def __init__(self, home):
        self.home = home
        self.public = home / "public.gpg"
        if not self.public.exists():
            home.mkdir(parents=True)
            home.chmod(0o700)
            self.gpg("--passphrase", "", "--quick-generate-key", "releases@rookery.example", "rsa3072", "sign")
            self.gpg("--output", self.public, "--export", "releases@rookery.example")

    @property
    def environment(self):
        return dict(os.environ, GNUPGHOME=str(self.home))

    def gpg(self, *args):
        run("gpg", "--batch", "--quiet", *args, env=self.environment)

    def close(self):
        run("gpgconf", "--kill", "all", env=self.environment)


def build(version, key, files=None):
    """The image of that version; one that is there already when REUSE is set, for whoever works on the tests."""
    made = OUT / f"rookery_{version}.raw"
    if os.environ.get("REUSE") and made.exists():
        return made
    extra = ROOT / "build/image/extra-of-tests"
    shutil.rmtree(extra, ignore_errors=True)
    for name, text in (files or {}).items():
        path = extra / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    extra.mkdir(parents=True, exist_ok=True)
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"build-{version}.log"
    with log.open("w") as file:
        done = subprocess.run([ROOT / "image/build", version], stdout=file, stderr=subprocess.STDOUT, check=False,
                              env=dict(os.environ, UPDATE_KEY=str(key.public), UPDATE_URL=ADDRESS, EXTRA=str(extra)))
    assert done.returncode == 0, log.read_text(errors="replace")[-3000:]
    return made


def publish(version, key):
    """Signs it and puts it where the machine looks, beside those that are there."""
    run(ROOT / "image/release", "--updates", "--into", RELEASE, "--key", "releases@rookery.example", version,
        env=key.environment)


class Shop:
    """Serves what was published."""

    def __init__(self):
        RELEASE.mkdir(parents=True, exist_ok=True)
        handler = functools.partial(Quiet, directory=str(RELEASE))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

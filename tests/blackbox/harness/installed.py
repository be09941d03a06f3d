# SPDX-License-Identifier: AGPL-3.0-or-later
"""What make install puts where, and what its units say."""

import os
import pathlib
import re
import subprocess

from . import lab

PREFIX = "usr"
PROGRAMS = {"rookery", "rookery-media", "rookery-server", "rookery-stator"}
SERVICES = {"rookery-server.service", "rookery-stator@.service", "rookery-courier.service",
            "rookery-migrate.service", "rookery-doctor.service", "rookery-backup-key.service",
            "rookery-backup-prepare.service", "rookery-backup.service", "rookery-backup-media.service",
            "rookery-backup-verify.service", "rookery-backup-configuration@.service", "rookery-notify@.service",
            "rookery-operator.service", "rookery-secrets.service"}
UNITS = SERVICES | {"rookery.target", "rookery.slice", "rookery-server.socket", "rookery-server-admin.socket",
                    "rookery-courier.socket", "rookery-doctor.timer", "rookery-backup.timer",
                    "rookery-backup-media.timer", "rookery-backup-verify.timer", "rookery-backup-configuration.socket"}
FILES = {f"{PREFIX}/bin/{name}" for name in PROGRAMS} | {f"{PREFIX}/lib/systemd/system/{name}" for name in UNITS} | {
    f"{PREFIX}/lib/sysusers.d/rookery.conf",
    f"{PREFIX}/lib/tmpfiles.d/rookery.conf",
    f"{PREFIX}/share/bash-completion/completions/rookery",
    "etc/rookery/rookery.conf",
}


def make(*args):
    done = subprocess.run(["make", f"VARIANT={lab.VARIANT}", *args], cwd=lab.ROOT, text=True, capture_output=True,
                          check=False, env={**os.environ, "MAKEFLAGS": "", "MFLAGS": ""})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def install(destination):
    make("install", f"DESTDIR={destination}", f"prefix=/{PREFIX}")
    return destination


def unit(destination, name):
    return destination / PREFIX / "lib/systemd/system" / name


def settings(path, key):
    """Every value of a setting in a unit, in its order."""
    return re.findall(rf"^{re.escape(key)}=(.*)$", pathlib.Path(path).read_text(), re.MULTILINE)


def pages():
    return sorted(lab.ROOT.glob("man/*.[1-8]"))

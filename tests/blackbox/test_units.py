# SPDX-License-Identifier: AGPL-3.0-or-later
"""The units: that systemd can read them, how far they shut their services in, that no secret is in a file, and that
the programs work under the filters that they ask for. Nothing here needs a systemd that runs."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from harness import installed, lab, media
from harness.api import Api
from harness.installed import PREFIX, SERVICES, UNITS, settings

EXPOSURE = 1.5  # systemd-analyze security
FILTERED = ["rookery-server.service", "rookery-stator@.service", "rookery-doctor.service"]


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return installed.install(tmp_path_factory.mktemp("root"))


@pytest.fixture(scope="module")
def units(root, tmp_path_factory):
    """Copies whose programs are where they were installed, so that systemd finds them; templates also with a name."""
    directory = tmp_path_factory.mktemp("units")
    for name in UNITS:
        text = installed.unit(root, name).read_text()
        text = text.replace(f"ExecStart=/{PREFIX}/bin", f"ExecStart={root}/{PREFIX}/bin")
        for each in {name, name.replace("@.", "@1.")}:
            (directory / each).write_text(text)
    return directory


def analyze(units, *args):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is missing")
    return subprocess.run(["systemd-analyze", *args], text=True, capture_output=True, check=False,
                          env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"})


def test_nothing_is_left_to_fill_in(root):
    for name in UNITS:
        assert "@bindir@" not in installed.unit(root, name).read_text()
        assert "@sandbox@" not in installed.unit(root, name).read_text()


@pytest.mark.parametrize("name", sorted(UNITS))
def test_a_unit_can_be_read(units, name):
    done = analyze(units, "verify", "--man=no", str(units / name.replace("@.", "@1.")))
    assert [line for line in done.stderr.splitlines() if "rookery" in line] == []


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_services_are_shut_in(units, name):
    done = analyze(units, "security", "--offline=yes", "--no-pager", f"--threshold={EXPOSURE * 10:.0f}",
                   str(units / name.replace("@.", "@1.")))
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_each_directive_that_is_missing_is_explained(units, name):
    """By its name, in a comment of the unit."""
    path = units / name.replace("@.", "@1.")
    done = analyze(units, "security", "--offline=yes", "--no-pager", "--json=short", str(path))
    comments = "".join(line for line in path.read_text().splitlines() if line.startswith("#"))
    missing = {entry["name"].split("=")[0] for entry in json.loads(done.stdout)
               if float(entry["exposure"] or 0) > 0 and not entry["set"]}
    assert [directive for directive in sorted(missing) if f"{directive}=" not in comments] == []


def test_users_are_declared_for_every_unit(root):
    lines = (root / PREFIX / "lib/sysusers.d/rookery.conf").read_text().splitlines()
    declared = {line.split()[1] for line in lines if line.startswith(("u ", "g "))}
    used = {value for name in UNITS for key in ("User", "Group", "SocketGroup", "SupplementaryGroups")
            for value in settings(installed.unit(root, name), key)}
    assert used - declared <= {"www-data", "postgres", "systemd-journal"}


def test_the_target_starts_every_part(root):
    wanted = {name for value in settings(installed.unit(root, "rookery.target"), "Wants") for name in value.split()}
    # The schema comes with the daemons, the courier with its socket, the checks with their timer, a letter by
    # what failed.
    brought = {"rookery-migrate.service", "rookery-notify@1.service", "rookery-courier.service",
               "rookery-doctor.service", *(name.replace("@.", "@1.") for name in UNITS
                                           if name.startswith("rookery-backup") and not name.endswith(".timer"))}
    parts = {name.replace("@.", "@1.") for name in UNITS if not name.endswith((".slice", ".target"))}
    assert wanted == parts - brought


def test_every_service_has_the_limits_of_the_slice(root):
    assert {name for name in SERVICES if settings(installed.unit(root, name), "Slice") != ["rookery.slice"]} == set()
    for key in ("MemoryHigh", "MemoryMax", "TasksMax"):
        assert settings(installed.unit(root, "rookery.slice"), key)


def test_daemons_are_watched_and_keep_their_sockets(root):
    for name in ("rookery-server.service", "rookery-stator@.service", "rookery-courier.service"):
        assert settings(installed.unit(root, name), "Type") == ["notify"]
        assert settings(installed.unit(root, name), "WatchdogSec")
    for name, service in (("http", "server"), ("admin", "server"), ("courier", "courier")):
        found = [unit for unit in UNITS if settings(installed.unit(root, unit), "FileDescriptorName") == [name]]
        assert [settings(installed.unit(root, unit), "Service") for unit in found] == [[f"rookery-{service}.service"]]


def test_the_schema_is_there_before_the_daemons(root):
    for name in ("rookery-server.service", "rookery-stator@.service"):
        assert "rookery-migrate.service" in settings(installed.unit(root, name), "After")[0].split()
        assert "rookery-migrate.service" in settings(installed.unit(root, name), "Wants")[0].split()


def test_a_decoder_without_memory_ends_alone(root):
    """Decoders are children of these: systemd would end the whole service with one of them."""
    for name in ("rookery-server.service", "rookery-stator@.service", "rookery-doctor.service"):
        assert settings(installed.unit(root, name), "OOMPolicy") == ["continue"]


def test_no_secret_is_in_a_file(root):
    """Those that there are come as credentials; the sample sets nothing, and no unit sets them by environment."""
    for name in UNITS:
        assert not any(word in value.lower() for value in settings(installed.unit(root, name), "Environment")
                       for word in ("secret", "password", "database"))
    for name in SERVICES - {"rookery-courier.service", "rookery-backup-key.service", "rookery-backup-prepare.service",
                            "rookery-secrets.service", "rookery-backup-configuration@.service"}:
        assert any(value.startswith("database:") for value in settings(installed.unit(root, name), "LoadCredential"))
    # A source without a slash may be missing.
    assert not any("/" in value for name in SERVICES
                   for value in settings(installed.unit(root, name), "LoadCredential"))


def under(unit, *argv):
    return ["/usr/bin/env", f"PYTHONPATH={lab.ROOT / 'tests/blackbox'}", sys.executable, "-m", "harness.unit_exec",
            str(unit), *map(str, argv)]


@pytest.fixture(scope="module", autouse=True)
def filters():
    if lab.VARIANT != "plain":
        pytest.skip("sanitizers call what no filter knows")


@pytest.mark.parametrize("name", FILTERED)
def test_the_media_worker_shuts_itself_in_under_a_unit(root, name):
    done = subprocess.run(under(installed.unit(root, name), lab.PROGRAMS / "rookery-media", "--check"), cwd=lab.ROOT,
                          text=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (0, "ok\n"), done.stderr


def test_the_filters_are_there(root):
    """Or the tests beside this one would say nothing."""
    unit = installed.unit(root, "rookery-server.service")
    done = subprocess.run(under(unit, "/usr/bin/unshare", "--user", "/usr/bin/true"), cwd=lab.ROOT, text=True,
                          capture_output=True, check=False)
    assert done.returncode != 0 and "not permitted" in done.stderr


def test_the_doctor_sees_the_machine_under_its_unit(root, site):
    """What its unit takes from it is no fault of the machine."""
    done = subprocess.run(under(installed.unit(root, "rookery-doctor.service"), lab.PROGRAMS / "rookery", "doctor",
                                "--json"), cwd=lab.ROOT, env=site.environment(), text=True, capture_output=True,
                          check=False)
    said = {found["check"]: found for found in json.loads(done.stdout)["findings"]}
    assert "advice" not in said["time"], said["time"]
    assert said["memory"]["says"].endswith("MiB are available"), said["memory"]


def test_programs_work_under_their_units(root, site):
    """Server, courier and stator as their units filter them: a picture is decoded, a post goes its way."""
    site.server.argv = under(installed.unit(root, "rookery-server.service"), *site.server.argv)
    site.restart()
    for name, start in (("rookery-courier.service", site.stator.start_courier),
                        ("rookery-stator@.service", site.stator.start)):
        site.stator.wrap = lambda *argv, name=name: under(installed.unit(root, name), *argv)
        start()
    ruru = Api(site)
    entity = media.ready(ruru, media.read("tagged.webp"))
    assert entity["meta"]["original"]["width"] == 64
    site.stator.settle()

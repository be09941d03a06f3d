# SPDX-License-Identifier: AGPL-3.0-or-later
"""make install: every file in its place, units that systemd can read, manual pages without faults."""

import os
import pathlib
import shutil
import subprocess

import pytest

from harness import lab

PREFIX = "usr"
PROGRAMS = {"rookery", "rookery-media", "rookery-server", "rookery-stator"}
UNITS = {"rookery.target", "rookery-server.socket", "rookery-server-admin.socket", "rookery-server.service",
         "rookery-stator.service", "rookery-courier.socket", "rookery-courier.service",
         "rookery-migrate.service"}
OWN = {f"{PREFIX}/bin/{name}" for name in PROGRAMS} | {f"{PREFIX}/lib/systemd/system/{name}" for name in UNITS} | {
    f"{PREFIX}/lib/sysusers.d/rookery.conf",
    f"{PREFIX}/lib/tmpfiles.d/rookery.conf",
    f"{PREFIX}/share/bash-completion/completions/rookery",
    "etc/rookery/rookery.conf",
}
EXPOSURE = 20  # systemd-analyze security, of 100; what is left is the network


def make(*args):
    done = subprocess.run(["make", f"VARIANT={lab.VARIANT}", *args], cwd=lab.ROOT, text=True, capture_output=True,
                          check=False, env={**os.environ, "MAKEFLAGS": "", "MFLAGS": ""})
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    destination = tmp_path_factory.mktemp("destination")
    make("install", f"DESTDIR={destination}", f"prefix=/{PREFIX}")
    return destination


def files(root):
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def documents():
    return {"LICENSE", "rookery.conf", *(path.name for path in lab.ROOT.glob("*.md")),
            *(path.name for path in lab.ROOT.glob("docs/*.md"))}


def pages():
    return sorted(lab.ROOT.glob("man/*.[1-8]"))


def test_every_file_is_in_its_place(installed):
    wanted = OWN | {f"{PREFIX}/share/doc/rookery/{name}" for name in documents()}
    wanted |= {f"{PREFIX}/share/man/man{page.suffix[1:]}/{page.name}" for page in pages()}
    assert files(installed) == wanted


def test_modes(installed):
    for name in files(installed):
        mode = (installed / name).stat().st_mode & 0o777
        assert mode == (0o755 if pathlib.Path(name).name in PROGRAMS and "/bin/" in name else 0o644), name


def test_an_existing_configuration_stays(installed):
    configuration = installed / "etc/rookery/rookery.conf"
    sample = configuration.read_text()
    configuration.write_text("log_level = \"debug\";\n")
    make("install", f"DESTDIR={installed}", f"prefix=/{PREFIX}")
    assert configuration.read_text() == "log_level = \"debug\";\n"
    configuration.write_text(sample)


def test_the_sample_names_every_option_and_changes_nothing(installed):
    sample = (installed / "etc/rookery/rookery.conf").read_text()
    usage = subprocess.run([lab.PROGRAMS / "rookery-stator", "--help"], text=True, check=True,
                           stdout=subprocess.PIPE).stdout
    options = [line.split("=")[0].strip(" -") for line in usage.splitlines() if line.startswith("  --")]
    assert len(options) > 10
    for option in options:
        assert f"# {option} = " in sample
    assert all(line.startswith("#") or not line for line in sample.splitlines())


def test_completion_is_a_script(installed):
    script = installed / f"{PREFIX}/share/bash-completion/completions/rookery"
    subprocess.run(["bash", "-n", script], check=True)
    assert "domain" in script.read_text()


def run_analyze(installed, *args):
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is missing")
    path = f"{installed}/{PREFIX}/lib/systemd/system:"
    return subprocess.run(["systemd-analyze", *args], text=True, capture_output=True, check=False,
                          env={**os.environ, "SYSTEMD_UNIT_PATH": path})


@pytest.fixture
def units(installed, tmp_path):
    """Copies whose programs are where they were installed, so that systemd finds them."""
    for name in UNITS:
        text = (installed / f"{PREFIX}/lib/systemd/system" / name).read_text()
        assert "@bindir@" not in text, name
        (tmp_path / name).write_text(text.replace(f"ExecStart=/{PREFIX}/bin", f"ExecStart={installed}/{PREFIX}/bin"))
    return tmp_path


def test_units_can_be_read(installed, units):
    done = run_analyze(installed, "verify", "--man=no", *sorted(str(units / name) for name in UNITS))
    words = [line for line in done.stderr.splitlines() if "rookery" in line]
    assert words == []


@pytest.mark.parametrize("name", sorted(name for name in UNITS if name.endswith(".service")))
def test_services_are_shut_in(installed, units, name):
    done = run_analyze(installed, "security", "--offline=yes", "--no-pager", f"--threshold={EXPOSURE}",
                       str(units / name))
    if "Unknown" in done.stderr or "unrecognized option" in done.stderr:
        pytest.skip("this systemd-analyze judges running units only")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr


def test_users_are_declared_for_every_unit(installed):
    declared = {line.split()[1] for line in
                (installed / f"{PREFIX}/lib/sysusers.d/rookery.conf").read_text().splitlines()
                if line.startswith("u ")}
    used = {line.split("=")[1] for name in UNITS
            for line in (installed / f"{PREFIX}/lib/systemd/system" / name).read_text().splitlines()
            if line.startswith(("User=", "Group=", "SocketGroup="))}
    assert used - declared <= {"www-data"}


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_manual_pages_have_no_faults(page):
    if not shutil.which("mandoc"):
        pytest.skip("mandoc is missing")
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], text=True, capture_output=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr

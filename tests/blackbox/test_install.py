# SPDX-License-Identifier: AGPL-3.0-or-later
"""make install: every file in its place, a sample that changes nothing, manual pages without faults."""

import pathlib
import shutil
import subprocess

import pytest

from harness import lab
from harness.installed import FILES, PREFIX, PROGRAMS, install, pages

@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    return install(tmp_path_factory.mktemp("destination"))


def files(root):
    return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}


def documents():
    return {"LICENSE", "rookery.conf", *(path.name for path in lab.ROOT.glob("*.md")),
            *(path.name for path in lab.ROOT.glob("docs/*.md"))}


def test_every_file_is_in_its_place(installed):
    wanted = FILES | {f"{PREFIX}/share/doc/rookery/{name}" for name in documents()}
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
    install(installed)
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


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_manual_pages_have_no_faults(page):
    if not shutil.which("mandoc"):
        pytest.skip("mandoc is missing")
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", page], text=True, capture_output=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr

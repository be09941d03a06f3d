# SPDX-License-Identifier: AGPL-3.0-or-later
"""make deb: the package has what make install puts in place, and no word of Debian's checker against it."""

import re
import shutil
import subprocess

import pytest

from harness import lab
from harness.installed import FILES, make, pages


@pytest.fixture(scope="module")
def package():
    if not shutil.which("dh"):
        pytest.skip("debhelper is missing")
    make("deb")
    found = list((lab.ROOT / "build/deb").glob("*.deb"))
    assert len(found) == 1
    return found[0]


def say(*argv):
    done = subprocess.run([str(arg) for arg in argv], text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def control(package, field):
    return say("dpkg-deb", "--field", package, field).strip()


@pytest.fixture(scope="module")
def contents(package):
    lines = [line.split(None, 5) for line in say("dpkg-deb", "--contents", package).splitlines()]
    return {words[5].removeprefix("./"): words for words in lines if not words[5].endswith("/")}


def test_everything_is_in_it(contents):
    wanted = FILES | {f"usr/share/man/man{page.suffix[1:]}/{page.name}.gz" for page in pages()}
    assert wanted - set(contents) == set()
    extra = {name for name in contents if not name.startswith("usr/share/doc/rookery/")} - wanted
    assert extra == {"usr/share/lintian/overrides/rookery"}


def test_files_are_roots(contents):
    assert {words[1] for words in contents.values()} == {"root/root"}
    assert {words[0] for words in contents.values()} == {"-rwxr-xr-x", "-rw-r--r--"}


def test_the_configuration_is_the_operators(package):
    assert say("dpkg-deb", "--info", package, "conffiles").split() == ["/etc/rookery/rookery.conf"]


def test_version_and_libraries(package):
    version = re.search(r"^VERSION := (.*)$", (lab.ROOT / "Makefile").read_text(), re.MULTILINE)[1]
    assert control(package, "Version") == version
    depends = control(package, "Depends")
    assert all(library in depends for library in ("libpq5", "libmicrohttpd12", "libvips42", "libsystemd0", "systemd"))


def test_what_it_is_built_from_is_what_the_tree_is_built_from():
    build = (lab.ROOT / "packages/debian-12").read_text().split("# build\n")[1].split("#")[0].split()
    fields = (lab.ROOT / "debian/control").read_text().split("Standards-Version")[0]
    named = set(re.findall(r"^ ([\w.+-]+)", fields, re.MULTILINE))
    assert named - {"debhelper-compat"} == set(build) - {"gcc", "make"}


@pytest.mark.parametrize("script", ("postinst", "prerm", "postrm"))
def test_scripts_can_be_read(package, script, tmp_path):
    (tmp_path / script).write_text(say("dpkg-deb", "--info", package, script))
    say("sh", "-n", tmp_path / script)


def test_it_unpacks_into_a_root_of_its_own(package, contents, tmp_path):
    say("dpkg-deb", "--extract", package, tmp_path)
    assert say(tmp_path / "usr/bin/rookery", "--version").startswith("rookery ")
    assert all((tmp_path / name).is_file() for name in contents)


def test_debians_checker_has_nothing_to_say(package):
    if not shutil.which("lintian"):
        pytest.skip("lintian is missing")
    say("lintian", "--allow-root", "--fail-on", "error,warning", package)

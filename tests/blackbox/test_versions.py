# SPDX-License-Identifier: AGPL-3.0-or-later
"""Versions of the appliance: what its script makes of the names on the boot partition, with programs that stand in for
systemd's, and what the operator is told. And which image make release and make boot take."""

import json
import os
import shutil
import subprocess

import pytest

from harness import lab

IMAGE = lab.ROOT / "image"
SCRIPT = IMAGE / "extra/usr/lib/rookery/update"
FALL_BACK = IMAGE / "extra/usr/lib/rookery/fall-back"
COUNTED = "sys/firmware/efi/efivars/LoaderBootCountPath-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

PROGRAMS = {
    # systemd-sysupdate, by way of systemd-run: what there is stands in a file.
    "systemd-run": """
echo "systemd-run $*" >>$HERE/asked
for last; do :; done
case $last in
check-new) [ -e $HERE/offer ] || exit 1
    cat $HERE/offer ;;
update) rm -f $ROOT/boot/EFI/Linux/rookery_v2*; touch $ROOT/boot/EFI/Linux/rookery_v3+3-0.efi ;;
esac
""",
    "systemctl": 'echo "systemctl $*" >>$HERE/asked',
    "rookery": """
echo "rookery $*" >>$HERE/asked
[ "$1" != schema ] || cat $HERE/schema
""",
}


class Appliance:
    def __init__(self, folder):
        self.folder, self.root = folder, folder / "root"
        self.kernels = self.root / "boot/EFI/Linux"
        self.place = self.root / "var/lib/rookery/versions"
        for directory in (self.kernels, self.place, folder / "bin", self.root / "run", self.root / "etc",
                          self.root / "usr/lib/rookery", self.root / "usr/lib/systemd"):
            directory.mkdir(parents=True)
        for name, text in PROGRAMS.items():
            program = folder / "bin" / name
            program.write_text(f"#!/bin/sh\nHERE={folder}\n{text}\n")
            program.chmod(0o755)
        shutil.copytree(IMAGE / "extra/usr/lib/rookery/transfers", self.root / "usr/lib/rookery/transfers")
        (self.root / "usr/lib/systemd/import-pubring.gpg").write_text("key")
        (self.root / "usr/lib/rookery/update-source").write_text("https://releases.example/rookery/\n")
        self.offer(None)
        self.schema(known=70, oldest=0)

    def runs(self, version, *kernels):
        (self.root / "etc/os-release").write_text(f"IMAGE_VERSION={version}\n")
        for kernel in self.kernels.iterdir():
            kernel.unlink()
        for name in kernels:
            (self.kernels / f"rookery_{name}.efi").touch()

    def offer(self, version):
        (self.folder / "offer").write_text('{"available":%s}\n' % (f'"{version}"' if version else "null"))

    def schema(self, **members):
        (self.folder / "schema").write_text("".join(f"{name}: {value}\n" for name, value in members.items()))

    def knows(self, version, schema):
        (self.place / f"{version}.schema").write_text(f"{schema}\n")

    def run(self, *args, script=SCRIPT):
        env = {"ROOT": str(self.root), "PATH": f"{self.folder}/bin:{os.environ['PATH']}"}
        return subprocess.run(["sh", script, *args], env=env, text=True, capture_output=True, check=False)

    def do(self, *args):
        """Its answer."""
        done = self.run(*args)
        assert done.returncode == 0, done.stdout + done.stderr
        return dict(line.split(" ", 1) for line in done.stdout.splitlines())

    def refuses(self, *args, status=4):
        """Why; nothing was changed."""
        before = self.names()
        done = self.run(*args)
        assert (done.returncode, self.names()) == (status, before), done.stdout + done.stderr
        return done.stdout.removeprefix("error ")

    def names(self):
        return sorted(path.stem.removeprefix("rookery_") for path in self.kernels.iterdir())

    def state(self):
        return dict(line.split(" ", 1) for line in (self.place / "state").read_text().splitlines())

    def asked(self):
        path = self.folder / "asked"
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def machine(tmp_path):
    if os.geteuid():
        pytest.skip("the script wants root")
    return Appliance(tmp_path)


def test_a_version_that_never_ran_is_taken_back(machine):
    for waiting in ("v2+3-0", "v2+3"):
        machine.runs("v1", "v1", waiting)
        assert machine.do("rollback") == {"running": "v1", "taken_back": "v2", "next": "this version goes on"}
        assert machine.names() == ["v1"]
        assert machine.state() == {"running": "v1"}
    assert "no other version" in machine.refuses("rollback")


def test_one_that_is_on_trial_elsewhere_is_taken_back_as_well(machine):
    """It ran, and somebody chose this one in the menu of the boot loader."""
    machine.runs("v1", "v1", "v2+1-2")
    assert machine.do("rollback")["taken_back"] == "v2"
    assert machine.names() == ["v1", "v2+0-1"]
    assert machine.state()["left"] == "v2"


def test_the_operator_goes_back_and_forward(machine):
    machine.runs("v2", "v1", "v2")
    assert machine.do("rollback")["installed"] == "v1"
    assert machine.names() == ["v1", "v2+0-1"]
    assert machine.state()["next"] == "v1"
    assert machine.do("rollback")["installed"] == "v1"  # once more changes nothing
    machine.runs("v1", "v1", "v2+0-1")
    machine.do("note")
    assert machine.state()["left"] == "v2"
    assert machine.do("rollback")["installed"] == "v2"
    assert machine.names() == ["v1", "v2+3-0"]
    assert machine.state()["next"] == "v2"
    machine.knows("v2", 70)  # it ran before, so it is not thrown away
    assert machine.do("rollback")["taken_back"] == "v2"
    assert machine.names() == ["v1", "v2+0-1"]
    # That it was left once says nothing when it fails then.
    machine.do("rollback")
    machine.runs("v1", "v1", "v2+0-3")
    machine.do("note")
    assert machine.state()["failed"] == "v2"
    assert "did not work" in machine.refuses("rollback")


def test_going_back_within_the_trial_lasts(machine):
    """systemd-bless-boot would call the version good that was left: its name is one that it looks for."""
    machine.runs("v2", "v1", "v2+2-1")
    assert machine.do("rollback")["installed"] == "v1"
    assert machine.names() == ["v1", "v2+0-1"]
    assert "systemctl stop systemd-bless-boot.service" in machine.asked()


def test_no_update_while_a_version_is_on_trial(machine):
    machine.offer("v3")
    for trial in ("v2+2-1", "v2+0-3"):
        machine.runs("v2", "v1", trial)
        assert "v2 is on trial" in machine.refuses("install")
    machine.do("rollback")
    assert "v2 was left for v1" in machine.refuses("install")
    assert not any(line.endswith("update") for line in machine.asked())
    machine.runs("v2", "v2+2-1")  # nothing that worked is written over
    assert machine.do("install")["installed"] == "v3"
    machine.runs("v1", "v1", "v2+0-1")
    assert machine.do("install") == {"running": "v1", "installed": "v3",
                                     "next": "it runs from the next start on: systemctl reboot"}
    assert machine.names() == ["v1", "v3+3-0"]
    assert machine.state()["next"] == "v3"


def test_what_the_source_has_is_told_every_day(machine):
    machine.runs("v1", "v1")
    machine.offer("v2")
    assert machine.do("check") == {"source": "https://releases.example/rookery/", "running": "v1", "available": "v2"}
    assert machine.state() == {"running": "v1", "offered": "v2"}
    machine.runs("v1", "v1", "v2+3-0")
    machine.do("note")
    assert "offered" not in machine.state()
    machine.runs("v1", "v1")
    machine.offer(None)
    assert "available" not in machine.do("check")
    assert "offered" not in machine.state()
    (machine.folder / "offer").unlink()
    assert "could not be read" in machine.refuses("check", status=1)


def test_a_directory_is_shown_to_who_reads_it(machine, tmp_path):
    """Wherever it is: the service that reads strangers' bytes has a /tmp of its own."""
    machine.runs("v1", "v1")
    machine.offer("v2")
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    for source in (shelf, f"file://{shelf}"):
        assert machine.do("check", str(source))["source"] == f"file://{shelf}"
        assert f" --property=BindReadOnlyPaths={shelf} " in machine.asked()[-1]
    assert not (machine.place / "state").exists()  # nobody is told of other sources every day
    machine.do("check")
    assert "BindReadOnlyPaths" not in machine.asked()[-1]
    for source in (shelf / "none", "/tmp/a:b", "releases.example", "/tmp/a b"):
        machine.refuses("check", str(source), status=2)


def test_the_schema_serves_the_other_version(machine):
    machine.runs("v3", "v1", "v3")
    machine.do("note")
    assert machine.state()["keep"] == "unknown"
    assert "stays" in machine.do("contract")["next"]
    machine.knows("v1", 61)
    machine.knows("v0", 60)
    machine.do("note")
    assert machine.state()["keep"] == "61"
    assert (machine.place / "v3.schema").read_text() == "70\n" and not (machine.place / "v0.schema").exists()
    machine.do("contract")
    assert machine.asked()[-1] == "rookery migrate --contract --keep=61"
    # One that did not work is not gone back to, nor is one that is still to come.
    for other in ("v2+0-3", "v4+3-0"):
        machine.runs("v3", "v3", other)
        machine.do("note")
        machine.do("contract")
        assert machine.asked()[-1] == "rookery migrate --contract"
    (machine.place / "state").unlink()
    machine.refuses("contract", status=1)


def test_a_version_that_lacks_its_schema_is_not_gone_back_to(machine):
    machine.runs("v2", "v1", "v2")
    machine.knows("v1", 61)
    machine.schema(known=70, version=71, oldest=62)
    assert "it knows schema 61, and 62 is needed" in machine.refuses("rollback")
    machine.schema(known=70, version=71, oldest=61)
    assert machine.do("rollback")["installed"] == "v1"
    machine.runs("v2", "v1", "v2")
    machine.schema(known=70, database="away")  # which may be why somebody goes back
    assert machine.do("rollback")["installed"] == "v1"


def test_a_trial_that_fails_is_tried_again(machine):
    for counted, kernels, again in ((True, ["v1", "v2+2-1"], True), (True, ["v2+2-1", "v1+0-3"], False),
                                    (False, ["v1", "v2"], False)):
        machine.runs("v2", *kernels)
        flag = machine.root / COUNTED
        flag.parent.mkdir(parents=True, exist_ok=True)
        flag.unlink(missing_ok=True)
        if counted:
            flag.touch()
        (machine.folder / "asked").unlink(missing_ok=True)
        assert machine.run(script=FALL_BACK).returncode == 0
        assert ("systemctl reboot" in machine.asked()) == again
        assert machine.asked()[0].startswith("systemctl list-units --failed")  # so that the journal has it


def test_the_operator_is_told(site, tmp_path):
    state = tmp_path / "state"
    site.options["versions_path"] = str(state)

    def told():
        findings = site.run("rookery", "doctor", "--json")
        shown = site.run("rookery", "status", "--screen", "--json")
        return ([(one["says"], "advice" in one) for one in json.loads(findings.stdout)["findings"]
                 if one["check"] == "version"],
                json.loads(shown.stdout).get("versions"), site.run("rookery", "status", "--screen").stdout)

    assert told()[:2] == ([], None)
    state.write_text("running v1\n")
    assert told()[:2] == ([("v1 runs, and nothing newer is known of", False)], {"running": "v1"})
    state.write_text("running v1\nfailed v2\noffered v3\nkeep 61\n")
    findings, versions, people = told()
    assert findings == [("v2 did not work and was left", True), ("v3 is there, v1 runs", True)]
    assert versions == {"running": "v1", "failed": "v2", "offered": "v3"}
    assert "v2 did not work and was left: rookery doctor\n" in people and "v3 is there: rookery update\n" in people
    state.write_text("running v1\nleft v2\n")
    assert "v2 was left; it comes back by: rookery rollback\n" in told()[2]


def test_the_newest_image_is_none_of_the_tests(tmp_path):
    """Theirs trust another key, and one of them is broken on purpose."""
    tree, bin_path = tmp_path / "tree", tmp_path / "bin"
    out = tree / "build/image/out"
    for directory in (out, bin_path, tree / "image"):
        directory.mkdir(parents=True)
    for name in ("release", "boot"):
        shutil.copy(IMAGE / name, tree / "image")
    for time, version in enumerate(("20261129120000", "20261130120000", "test3")):
        for end in ("efi", "raw", "id.root.raw", "id.verity.raw", "manifest", "packages"):
            path = out / f"rookery_{version}.{end}"
            path.write_text(version)
            os.utime(path, (time, time))
    for name in ("qemu-system-x86_64", "qemu-img"):
        program = bin_path / name
        program.write_text(f'#!/bin/sh\necho "{name} $*" >>{tmp_path}/asked\n')
        program.chmod(0o755)

    def run(*argv):
        return subprocess.run([tree / "image" / argv[0], *argv[1:]], text=True, capture_output=True, check=False,
                              env={**os.environ, "PATH": f"{bin_path}:{os.environ['PATH']}"})

    done = run("release", "--updates")
    assert done.returncode == 0, done.stderr
    assert {path.name.split(".")[0].split("_")[1] for path in (tree / "build/image/release").glob("rookery_*")} == {
        "20261130120000"}
    assert run("release", "--updates", "--into", tmp_path / "theirs", "test3").returncode == 0
    assert (tmp_path / "theirs/rookery_test3.efi").exists() and (tmp_path / "theirs/SHA256SUMS").exists()
    assert not (tree / "build/image/release/rookery_test3.efi").exists()
    run("boot", "--disk", tmp_path / "disk")
    assert f"{out}/rookery_20261130120000.raw" in (tmp_path / "asked").read_text().splitlines()[0]
    for path in out.glob("rookery_2*"):
        path.unlink()
    assert "no such image" in run("release").stderr


# What image/build calls, but for git and what every system has: mkosi makes three files, and two packages.
BUILDERS = {
    "apt-get": "[ $1 != indextargets ] || cat $HERE/sources",
    "mmdebstrap": "mkdir -p $HERE/tree/build/image/tools/work",
    "df": "echo Avail; echo 99999M",
    "unshare": """
case "$*" in
*mkosi*) for end in raw efi manifest; do echo x >$HERE/tree/build/image/out/rookery_$(cat $HERE/version).$end; done ;;
esac
""",
    "chroot": "cat >/dev/null; echo bash 5.2; echo dash 0.5",
    "rsync": "true",
}


@pytest.fixture
def builder(tmp_path):
    """A tree with one commit, made in the morning of New Zealand, and what builds an image of it."""
    if os.geteuid():
        pytest.skip("an image is built by root")
    tree = tmp_path / "tree"
    for directory in (tree / "image", tree / "build/image/tools", tmp_path / "bin", tree / "packages"):
        directory.mkdir(parents=True)
    shutil.copy(IMAGE / "build", tree / "image")
    (tree / "packages/debian-13").write_text("# build\ngcc\n")
    for name, text in BUILDERS.items():
        program = tmp_path / "bin" / name
        program.write_text(f"#!/bin/sh\nHERE={tmp_path}\n{text}\n")
        program.chmod(0o755)
    (tmp_path / "version").write_text("20261128211500")
    env = {**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "TZ": "Pacific/Auckland",
           "GIT_COMMITTER_DATE": "2026-11-29T10:15:00+1300"}
    for argv in (["init", "-q"], ["add", "image"],
                 ["-c", "user.name=x", "-c", "user.email=x@x.example", "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *argv], cwd=tree, env=env, check=True)

    def build(*sources, **more):
        (tmp_path / "sources").write_text("".join(f"{one}\n" for one in sources))
        done = subprocess.run([tree / "image/build"], env={**env, **more}, text=True, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return done
    return build


def test_a_build_says_what_it_made(builder):
    main, security = "http://archive.example/debian/", "http://archive.example/debian-security/"
    done = builder(main, security)
    assert "rookery_20261128211500" in done.stderr and "WITHOUT" not in done.stderr
    assert done.stdout.splitlines()[-1] == "2 packages: build/image/out/rookery_20261128211500.packages"
    assert "2\trookery_20261128211500.raw" in done.stdout.splitlines() and "bash 5.2" not in done.stdout
    assert "bash 5.2" in builder(main, security, LIST="yes").stdout
    assert "WITHOUT" in builder(main).stderr

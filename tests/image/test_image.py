# SPDX-License-Identifier: AGPL-3.0-or-later
"""The image, built and booted: what an operator and a visitor find. One machine for all, since a boot under
software emulation takes minutes; tests stand in the order of its life."""

import os
import pathlib
import shutil
import ssl

import pytest

from machine import ROOT, Authority, Machine, run, settings_of, wait_for


@pytest.fixture(scope="module")
def image():
    if os.geteuid():
        pytest.skip("building an image needs root")
    built = os.environ.get("IMAGE")
    if built:
        return pathlib.Path(built)
    run(ROOT / "image/build", "test")
    return ROOT / "build/image/out/rookery_test.raw"


@pytest.fixture(scope="module")
def folder():
    folder = pathlib.Path(ROOT / "build/image/test")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


@pytest.fixture(scope="module")
def authority(folder):
    authority = Authority(folder, http=18081, https=18443)
    yield authority
    authority.stop()


@pytest.fixture(scope="module")
def machine(image, folder, authority):
    machine = Machine(folder, image, settings_of(authority, domain="kea.example"))
    machine.boot()
    yield machine
    machine.destroy()


def page(machine, authority, name):
    """The log-in page, however long the certificate takes."""
    def answer():
        try:
            return machine.get(name, "/auth/login/", authority.root())
        except (ssl.SSLError, ConnectionError):
            return None
    return wait_for(answer, 300)


def test_the_first_boot_leaves_a_whole_machine(machine):
    assert machine.say("hostname") == "host.example"
    assert machine.say("systemctl --failed --plain --no-legend") == ""
    assert [d["state"] for d in machine.tell("rookery domain list")["domains"]] == ["active"]


def test_the_root_is_read_only_and_verified(machine):
    assert machine.try_ssh("touch /usr/bin/new").returncode
    assert "roothash=" in machine.say("cat /proc/cmdline")
    assert machine.say("findmnt --noheadings --output SOURCE /") == "/dev/mapper/root"
    labels = machine.say("lsblk --noheadings --list --output PARTLABEL").split()
    assert labels.count("_empty") == 2 and "rookery-var" in labels


def test_no_secret_is_in_the_image(machine):
    machine.say("test -s /etc/ssh/ssh_host_ed25519_key && test -s /etc/machine-id")
    below = machine.say("mount --mkdir -o ro /dev/mapper/root /run/below 2>/dev/null; ls /run/below/etc/ssh; "
                        "cat /run/below/etc/machine-id 2>/dev/null; umount /run/below")
    assert "ssh_host" not in below
    assert machine.say("cat /etc/machine-id") not in below


def test_a_domain_gets_its_certificate_at_its_first_visit(machine, authority):
    status, text, certificate = page(machine, authority, "kea.example")
    assert status == 200 and "<form" in text
    assert ("DNS", "kea.example") in certificate["subjectAltName"]


def test_a_name_that_nobody_added_gets_none(machine, authority):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        machine.get("stranger.example", "/", authority.root())
    assert "stranger.example" not in authority.said()


def test_a_second_domain_is_added_with_one_command_each(machine, authority):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        machine.get("weka.example", "/", authority.root())
    machine.say("rookery domain add weka.example")
    machine.say("rookery domain verify weka.example --by=operator && rookery domain activate weka.example")
    status, text, _ = page(machine, authority, "weka.example")
    assert status == 200 and "weka.example" in text


def test_nothing_is_lost_when_it_is_switched_off(machine, authority):
    def state():
        return (machine.say("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"), machine.say("cat /etc/machine-id"),
                machine.tell("rookery domain list"))
    before = state()
    certificate = page(machine, authority, "kea.example")[2]["serialNumber"]
    machine.shut_down()
    machine.boot()
    assert state() == before
    assert page(machine, authority, "kea.example")[2]["serialNumber"] == certificate
    assert machine.say("systemctl --failed --plain --no-legend") == ""

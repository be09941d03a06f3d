# SPDX-License-Identifier: AGPL-3.0-or-later
"""rookery domain certificate: a certificate of one's own for a name, where the proxy is the appliance's."""

import datetime
import os
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness import lab

NOW = datetime.datetime.utcnow()
DAY = datetime.timedelta(days=1)


def pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def make(folder, *names, begins=-DAY, ends=30 * DAY, key=None):
    """Files of a certificate and of its key."""
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of my own")])
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(NOW + begins).not_valid_after(NOW + ends)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), False)
            .sign(key, hashes.SHA256()))
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(pem(key))
    return chain, secret


@pytest.fixture
def proxy(site, tmp_path, monkeypatch):
    """Where the proxy's configuration is, and a service manager that says what the file "refuses" says."""
    folder, programs = tmp_path / "caddy", tmp_path / "bin"
    folder.mkdir()
    programs.mkdir()
    program = programs / "systemctl"
    program.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/asked\n[ ! -e {tmp_path}/refuses ] || '
                       "{ echo no good; exit 1; }\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return folder


def files(folder):
    return {str(one.relative_to(folder)): one.read_text() for one in folder.rglob("*") if one.is_file()}


def run(site, folder, *args, name="kea.test"):
    return site.run("rookery", "domain", "certificate", name, f"--directory={folder}", *map(str, args))


def test_its_own_and_automatic_again(site, proxy, tmp_path):
    chain, key = make(tmp_path, "kea.test", "www.kea.test")
    said = site.rookery("domain", "certificate", "kea.test", f"--directory={proxy}", f"--cert={chain}", f"--key={key}")
    assert said["automatic"] is False and "An authority of my own" in said["issuer"]
    made = files(proxy)
    assert set(made) == {"sites.d/kea.test.conf", "certificates/kea.test.crt", "certificates/kea.test.key"}
    assert made["certificates/kea.test.key"] == key.read_text()
    assert (proxy / "certificates/kea.test.key").stat().st_mode & 0o007 == 0
    site_file = made["sites.d/kea.test.conf"]
    assert site_file.splitlines()[1] == "kea.test {" and f"tls {proxy}/certificates/kea.test.crt" in site_file
    assert (tmp_path / "asked").read_text() == "reload caddy.service\n"
    # Another in its place, and then none.
    chain, key = make(tmp_path, "kea.test", ends=60 * DAY)
    assert run(site, proxy, f"--cert={chain}", f"--key={key}").returncode == 0
    assert files(proxy)["certificates/kea.test.crt"] == chain.read_text() and len(files(proxy)) == 3
    assert run(site, proxy, "--remove").returncode == 0
    assert files(proxy) == {}
    assert run(site, proxy, "--remove").returncode == 3
    assert {"domain.certificate", "domain.certificate_remove"} <= {
        row["action"] for row in site.sql("select action from audit_log")}


def test_what_is_not_fit_changes_nothing(site, proxy, tmp_path):
    chain, key = make(tmp_path, "kea.test")
    assert run(site, proxy, f"--cert={chain}", f"--key={key}").returncode == 0
    before = files(proxy)
    other = tmp_path / "other"
    other.mkdir()
    for why, name, more in (("other names", "weka.test", {}), ("not good yet", "kea.test", {"begins": DAY}),
                            ("has ended", "kea.test", {"begins": -3 * DAY, "ends": -DAY})):
        bad, its = make(other, name, **more)
        done = run(site, proxy, f"--cert={bad}", f"--key={its}")
        assert done.returncode == 2 and why in done.stderr, (why, done.stderr)
    _, stranger = make(other, "kea.test")
    done = run(site, proxy, f"--cert={chain}", f"--key={stranger}")
    assert done.returncode == 2 and "another certificate" in done.stderr
    for args in ((f"--cert={key}", f"--key={key}"), (f"--cert={chain}", f"--key={chain}"), (f"--cert={chain}",),
                 (f"--cert={other}/none", f"--key={key}"), ()):
        assert run(site, proxy, *args).returncode == 2, args
    sealed = tmp_path / "sealed.pem"
    sealed.write_bytes(ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")))
    assert "without a passphrase" in run(site, proxy, f"--cert={chain}", f"--key={sealed}").stderr
    assert run(site, proxy, f"--cert={chain}", f"--key={key}", name="nothing.test").returncode == 3
    assert files(proxy) == before


def test_what_the_proxy_refuses_is_put_back(site, proxy, tmp_path):
    chain, key = make(tmp_path, "kea.test")
    (tmp_path / "refuses").touch()
    done = run(site, proxy, f"--cert={chain}", f"--key={key}")
    assert done.returncode == 1 and "no good" in done.stderr and files(proxy) == {}
    (tmp_path / "refuses").unlink()
    assert run(site, proxy, f"--cert={chain}", f"--key={key}").returncode == 0
    before = files(proxy)
    (tmp_path / "refuses").touch()
    other, its = make(tmp_path, "kea.test")
    assert run(site, proxy, f"--cert={other}", f"--key={its}").returncode == 1
    assert run(site, proxy, "--remove").returncode == 1
    assert files(proxy) == before


INODES = 64


@pytest.fixture
def small(proxy):
    """The same on a disk with room for a few files, and how many more of them there may be."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=4m,nr_inodes={INODES}", "tmpfs", proxy], check=True)

    def leave(count):
        for one in proxy.glob("filler*"):
            one.unlink()
        for i in range(os.statvfs(proxy).f_ffree - count):
            (proxy / f"filler{i}").touch()

    yield leave
    subprocess.run(["umount", proxy], check=True)


def test_a_full_disk_takes_nothing_away(site, proxy, small, tmp_path):
    """Wherever it is full: before anything is kept, between, or when all is kept and nothing can be put."""
    chain, key = make(tmp_path, "kea.test")
    assert run(site, proxy, f"--cert={chain}", f"--key={key}").returncode == 0
    before = files(proxy)
    other, its = make(tmp_path, "kea.test")
    for room in range(4):
        small(room)
        done = run(site, proxy, f"--cert={other}", f"--key={its}")
        assert done.returncode == 2 and "No space left" in done.stderr, (room, done.stderr)
        found = {name: text for name, text in files(proxy).items() if not name.startswith("filler")}
        assert found == before, (room, set(found))
    small(4)
    assert run(site, proxy, f"--cert={other}", f"--key={its}").returncode == 0
    assert files(proxy)["certificates/kea.test.key"] == its.read_text()


def test_a_domain_that_ends_here_leaves_no_key(site, proxy, tmp_path):
    site.rookery("domain", "add", "tui.test", "--service-name=social.tui.test", "--active")
    site.rookery("domain", "add", "moa.test", "--active")
    chain, key = make(tmp_path, "tui.test", "social.tui.test", "moa.test")
    for name in ("tui.test", "social.tui.test", "moa.test"):
        assert run(site, proxy, f"--cert={chain}", f"--key={key}", name=name).returncode == 0
    where = f"--directory={proxy}"
    site.rookery("domain", "move-out", "moa.test", f"--output={tmp_path}/moa.tar", where)
    assert "sites.d/moa.test.conf" in files(proxy), "it may come back"
    site.rookery("domain", "move-out", "moa.test", "--final", "--yes", where)
    assert not [name for name in files(proxy) if "moa.test" in name]
    (tmp_path / "asked").unlink()
    site.rookery("domain", "delete", "tui.test", "--yes", where)
    assert files(proxy) == {} and "reload caddy.service" in (tmp_path / "asked").read_text()
    # Who had none is not told of it, and no proxy is reloaded.
    (tmp_path / "asked").unlink()
    site.rookery("domain", "delete", "kea.test", "--yes", where)
    assert not (tmp_path / "asked").exists()


def test_a_wildcard_is_for_names_below(site, proxy, tmp_path):
    site.rookery("domain", "add", "tui.test", "--service-name=social.tui.test", "--active")
    chain, key = make(tmp_path, "*.tui.test")
    assert run(site, proxy, f"--cert={chain}", f"--key={key}", name="tui.test").returncode == 2
    assert run(site, proxy, f"--cert={chain}", f"--key={key}", name="social.tui.test").returncode == 0
    assert "sites.d/social.tui.test.conf" in files(proxy)


def test_the_image_knows_where_they_are():
    assert "import /etc/caddy/sites.d/*.conf" in (lab.ROOT / "image/extra/etc/caddy/Caddyfile").read_text()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What rookery domain show and the doctor say of a name's certificate: while it is good, and why there is none."""

import datetime
import json
import subprocess

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from harness import lab

NOW = datetime.datetime.utcnow()
DAY = datetime.timedelta(days=1)


def give(folder, name, age, left):
    """A certificate of the lab's authority in the middle of its life, in days."""
    authority = x509.load_pem_x509_certificate((lab.directory() / "ca.crt").read_bytes())
    signer = serialization.load_pem_private_key((lab.directory() / "ca.key").read_bytes(), None)
    key = ec.generate_private_key(ec.SECP256R1())
    made = (x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(authority.subject).public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(NOW - age * DAY).not_valid_after(NOW + left * DAY)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False).sign(signer, hashes.SHA256()))
    paths = folder / "shown.crt", folder / "shown.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                           serialization.NoEncryption()))
    return paths


def findings(site):
    said = json.loads(site.run("rookery", "doctor", "--json").stdout)["findings"]
    return [one for one in said if one["check"] == "certificate" and one["says"].startswith("kea.test: good until")]


@pytest.mark.parametrize("age, left, late", [
    (355, 10, True),  # of one's own: nobody renews it, and people need time
    (345, 20, False),
    (61, 29, False),  # of the proxy: renewed since a third of its life
    (77, 13, True),
    (4, 2, False),  # of an authority that gives them for days
    (5, 1, True),
])
def test_what_ends_soon_is_said_in_time(site, tls_front, tmp_path, monkeypatch, age, left, late):
    monkeypatch.setattr(lab, "certificate", lambda name: give(tmp_path, name, age, left))
    tls_front({"kea.test": site.port})
    [seen] = site.rookery("domain", "show", "kea.test")["names"]
    assert seen["certificate"] == "" and ("ends soon" in seen["todo"]) == late
    [found] = findings(site)
    assert found["well"] != late and ("advice" in found) == late


def said(level="error", **members):
    return json.dumps({"level": level, "ts": 1795923373.38, "logger": "tls.obtain", **members}, separators=(",", ":"))


REASON = ("authorization failed: HTTP 400 urn:ietf:params:acme:error:connection - 192.0.2.7: Fetching "
          "http://kea.test/.well-known/acme-challenge/x: Connection refused")
LEFT = "[kea.test] solving challenges: kea.test: no solvers available for remaining challenges"
LOG = {  # the newest line first, as it is asked for
    "reason": [said(msg="will retry", error=f"[kea.test] Obtain: {LEFT}"),
               said(msg="could not get certificate from issuer", identifier="kea.test", error=LEFT),
               said(msg="validating authorization", identifier="other.kea.test", error="of another name"),
               said(msg="validating authorization", identifier="kea.test", error=REASON),
               said(msg="challenge failed", identifier="kea.test", error="older")],
    "left alone": [said(msg="could not get certificate from issuer", identifier="kea.test", error=LEFT)],
    "mended": [said(level="info", msg="certificate obtained successfully", identifier="kea.test"),
               said(msg="validating authorization", identifier="kea.test", error=REASON)],
    "renewed": [said(level="info", msg="certificate renewed successfully", identifier="kea.test"),
                said(msg="validating authorization", identifier="kea.test", error=REASON)],
    "no lines": [],
    "no json": ["kea.test", "{", "[]", '"identifier":"kea.test"', '{"identifier":"kea.test","error":7}'],
}


def show(site, tmp_path, lines):
    """On a machine with systemd, as far as the command sees: its journal has these lines."""
    folder = tmp_path / "bin"
    folder.mkdir(exist_ok=True)
    (tmp_path / "lines").write_text("".join(f"{line}\n" for line in lines))
    fake = folder / "journalctl"
    fake.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{tmp_path}/argv\nexec cat {tmp_path}/lines\n')
    fake.chmod(0o755)
    script = 'mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system && exec "$@"'
    env = {**site.environment(database=site.database.conninfo), "PATH": f"{folder}:/usr/bin:/bin"}
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", lab.PROGRAMS / "rookery", "domain", "show",
                           "kea.test", "--json"], env=env, text=True, capture_output=True, check=True,
                          timeout=60 * lab.PATIENCE)
    [seen] = json.loads(done.stdout)["names"]
    return seen["last_error"]


def test_the_authority_says_why_there_is_none(site, tmp_path):
    wanted = {"reason": REASON, "left alone": LEFT, "mended": "", "renewed": "", "no lines": "", "no json": ""}
    for what, lines in LOG.items():
        assert show(site, tmp_path, lines) == wanted[what], what
    argv = (tmp_path / "argv").read_text().splitlines()
    assert {"--unit=caddy.service", "--reverse", "--since=-7d", '--grep="identifier":"kea.test"'} <= set(argv)
    assert len(show(site, tmp_path, [said(identifier="kea.test", error="x" * 9999)])) <= 500


def test_where_there_is_no_journal_nothing_is_known(site):
    [seen] = site.rookery("domain", "show", "kea.test")["names"]
    assert seen["last_error"] == ""


def test_the_proxy_writes_what_is_read():
    """The image's proxy says to the journal what is looked for there, in the form that is read."""
    text = (lab.ROOT / "image/extra/etc/caddy/Caddyfile").read_text()
    assert "output stderr\n\t\tformat json\n" in text

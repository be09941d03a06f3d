# SPDX-License-Identifier: AGPL-3.0-or-later
"""The lab that tools/lab made around this process: its names, its certificates, its programs."""

import functools
import os
import pathlib
import socket
import ssl
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[3]
VARIANT = os.environ.get("VARIANT", "plain")
PROGRAMS = ROOT / "build" / VARIANT
# How much slower programs are under the sanitizers: large numbers of things are divided by this.
SLOWNESS = {"plain": 1, "asan": 4, "tsan": 10}.get(VARIANT, 1)
# Limits of time are for an idle machine and are multiplied by this. Nothing waits for one but what
# fails, so it is generous: the machine may be slow and have other things to do.
PATIENCE = 4 + 2 * SLOWNESS


def directory():
    """The lab's scratch directory, which goes away with the lab."""
    return pathlib.Path(os.environ["ROOKERY_LAB"])


def is_inside():
    return "ROOKERY_LAB" in os.environ


def address(name):
    """The one IPv4 address that a name of the lab has."""
    return socket.gethostbyname(name)


def _openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True)


@functools.lru_cache(maxsize=None)
def certificate(*names, days=7):
    """Paths of a certificate for exactly these names, by the lab's authority, and of its key.

    days may be negative: then it has expired already."""
    lab = directory()
    stem = lab / f"{names[0]}-{len(names)}-{days}"
    key, request, made = (stem.with_name(stem.name + end) for end in (".key", ".csr", ".crt"))
    extensions = stem.with_name(stem.name + ".ext")
    extensions.write_text("basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
                          "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
                          "subjectAltName=" + ",".join(f"DNS:{name}" for name in names) + "\n")
    _openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-batch",
             "-subj", f"/CN={names[0]}", "-keyout", key, "-out", request)
    _openssl("x509", "-req", "-in", request, "-CA", lab / "ca.crt", "-CAkey", lab / "ca.key",
             "-set_serial", str(int.from_bytes(os.urandom(8), "big")), "-days", str(days),
             "-extfile", extensions, "-out", made)
    return made, key


def server_context(*names):
    """TLS for a server that has these names."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(*names))
    return context


def client_context():
    """TLS for a client that trusts the lab's authority alone, as strict as the newest clients."""
    context = ssl.create_default_context(cafile=directory() / "ca.crt")
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context

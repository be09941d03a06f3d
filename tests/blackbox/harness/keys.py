# SPDX-License-Identifier: AGPL-3.0-or-later
"""RSA keys of scripted actors. Making one is slow, so a pool is kept in build/ between runs."""

import itertools

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from . import lab

numbers = itertools.count()
POOL = lab.ROOT / "build" / "test-keys"


def _make(path, bits):
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())
    path.parent.mkdir(parents=True, exist_ok=True)
    # Another test process may write the same one: whoever renames last wins, and both are whole.
    half = path.with_name(f"{path.name}.{next(numbers)}.{id(key)}")
    half.write_bytes(text)
    half.rename(path)
    return key


def new(bits=2048):
    """A key that no other caller in this process has."""
    path = POOL / f"{bits}-{next(numbers)}.pem"
    if not path.exists():
        return _make(path, bits)
    return serialization.load_pem_private_key(path.read_bytes(), None)


def public_pem(key):
    return key.public_key().public_bytes(serialization.Encoding.PEM,
                                         serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def load_public(pem):
    return serialization.load_pem_public_key(pem.encode())


def load_private_der(der):
    return serialization.load_der_private_key(bytes(der), None)


def private_der(key):
    return key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def public_der(key):
    return key.public_key().public_bytes(serialization.Encoding.DER,
                                         serialization.PublicFormat.SubjectPublicKeyInfo)


def private_pem(key):
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption()).decode()

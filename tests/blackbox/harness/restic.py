# SPDX-License-Identifier: AGPL-3.0-or-later
"""A repository of restic that opens at once. restic makes a key from the passphrase at a cost that stops guessing, half
a second of computing whenever a command opens the repository: tests open it hundreds of times and hide nothing."""

import base64
import functools
import hashlib
import json
import os
import shutil
import subprocess

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305

from . import lab

CHEAP = {"N": 2, "r": 1, "p": 1}  # of scrypt


class _Key:
    """What a passphrase is made into: AES-256 in counter mode with Poly1305-AES (restic's design, "Encryption")."""

    def __init__(self, passphrase, salt, cost):
        made = hashlib.scrypt(passphrase.encode(), salt=salt, n=cost["N"], r=cost["r"], p=cost["p"],
                              maxmem=1 << 30, dklen=64)
        self.cipher, self.mac, self.point = made[:32], made[32:48], made[48:]

    def _crypt(self, nonce, data):
        return Cipher(algorithms.AES(self.cipher), modes.CTR(nonce)).encryptor().update(data)

    def _tag(self, nonce, data):
        pad = Cipher(algorithms.AES(self.mac), modes.ECB()).encryptor().update(nonce)
        return Poly1305.generate_tag(self.point + pad, data)

    def open(self, sealed):
        nonce, data, tag = sealed[:16], sealed[16:-16], sealed[-16:]
        assert self._tag(nonce, data) == tag
        return self._crypt(nonce, data)

    def seal(self, text):
        nonce = os.urandom(16)
        data = self._crypt(nonce, text)
        return nonce + data + self._tag(nonce, data)


def _cheapen(path, passphrase):
    """The key in a file of keys/ is wrapped anew; a file is named by its digest."""
    key = json.loads(path.read_text())
    salt = base64.b64decode(key["salt"])
    master = _Key(passphrase, salt, key).open(base64.b64decode(key["data"]))
    key.update(CHEAP, data=base64.b64encode(_Key(passphrase, salt, CHEAP).seal(master)).decode())
    text = json.dumps(key).encode()
    made = path.with_name(hashlib.sha256(text).hexdigest())
    made.write_bytes(text)
    shutil.copystat(path, made)
    path.unlink()


@functools.lru_cache(maxsize=None)
def _prepared(passphrase):
    made = lab.directory() / f"restic-{hashlib.sha256(passphrase.encode()).hexdigest()[:8]}"
    subprocess.run(["restic", "--no-cache", "--quiet", "--repo", made, "init"], check=True,
                   env={**os.environ, "RESTIC_PASSWORD": passphrase})
    [key] = (made / "keys").iterdir()
    _cheapen(key, passphrase)
    return made


def repository(place, passphrase, owner):
    """A new one in a directory that is not there yet, as restic init makes it."""
    shutil.copytree(_prepared(passphrase), place)
    subprocess.run(["chown", "-R", f"{owner}:{owner}", place], check=True)

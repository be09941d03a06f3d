# SPDX-License-Identifier: AGPL-3.0-or-later
"""Second factors made by code that is not ours: codes of a program (RFC 6238), and an authenticator (WebAuthn) whose
every part can be made wrong."""

import base64
import hashlib
import hmac
import json
import struct
import time

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

PRESENT, VERIFIED, KEY = 0x01, 0x04, 0x40
STEP = 30


def totp(secret, shift=0):
    """The code of this interval, or of one that is shift intervals later."""
    key = base64.b32decode(secret.replace(" ", ""))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // STEP + shift), "sha1").digest()
    cut = mac[-1] & 15
    return f"{(struct.unpack('>I', mac[cut:cut + 4])[0] & 0x7fffffff) % 10**6:06}"


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def data(words):
    return base64.urlsafe_b64decode(words + "=" * (-len(words) % 4))


def cbor(value):
    """As much of CBOR (RFC 8949) as a COSE key needs."""
    def head(kind, n):
        if n < 24:
            return bytes([kind << 5 | n])
        return bytes([kind << 5 | 24, n]) if n < 256 else bytes([kind << 5 | 25]) + struct.pack(">H", n)

    if isinstance(value, dict):
        return head(5, len(value)) + b"".join(cbor(k) + cbor(v) for k, v in value.items())
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    return head(0, value) if value >= 0 else head(1, -1 - value)


class Authenticator:
    """One key: ES256, EdDSA or RS256."""

    def __init__(self, algorithm="ES256"):
        self.algorithm, self.count = algorithm, 0
        self.id = hashlib.sha256(str(time.time_ns()).encode()).digest()
        self.handle = b""
        if algorithm == "ES256":
            self.key = ec.generate_private_key(ec.SECP256R1())
        elif algorithm == "EdDSA":
            self.key = ed25519.Ed25519PrivateKey.generate()
        else:
            self.key = rsa.generate_private_key(65537, 2048)

    def cose(self):
        public = self.key.public_key()
        if self.algorithm == "ES256":
            point = public.public_numbers()
            return {1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32, "big"), -3: point.y.to_bytes(32, "big")}
        if self.algorithm == "EdDSA":
            raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
            return {1: 1, 3: -8, -1: 6, -2: raw}
        numbers = public.public_numbers()
        return {1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")}

    def sign(self, message):
        if self.algorithm == "ES256":
            return self.key.sign(message, ec.ECDSA(hashes.SHA256()))
        if self.algorithm == "EdDSA":
            return self.key.sign(message)
        return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def head(self, rp, flags, count):
        return hashlib.sha256(rp.encode()).digest() + struct.pack(">BI", flags, count)

    def client_data(self, kind, challenge, origin, **more):
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False,
                           **more}).encode()

    def create(self, form, rp=None, origin=None, flags=PRESENT | VERIFIED | KEY, challenge=None,
               kind="webauthn.create"):
        """Fields that a form of a page gets; form: its data attributes."""
        rp = rp or form["data-rp"]
        self.handle = data(form["data-handle"])
        made = self.head(rp, flags, self.count) + bytes(16) + struct.pack(">H", len(self.id)) + self.id
        return {"id": text(self.id), "authenticator_data": text(made + cbor(self.cose())),
                "client_data": text(self.client_data(kind, challenge or form["data-challenge"],
                                                     origin or f"https://{form['data-rp']}"))}

    def get(self, form, rp=None, origin=None, flags=PRESENT | VERIFIED, challenge=None, count=None,
            kind="webauthn.get", handle=None, **more):
        self.count = self.count + 1 if count is None else count
        made = self.head(rp or form["data-rp"], flags, self.count)
        challenge = form["data-challenge"] if challenge is None else challenge
        said = self.client_data(kind, challenge, origin or f"https://{form['data-rp']}",
                                **more)
        return {"id": text(self.id), "authenticator_data": text(made), "client_data": text(said),
                "signature": text(self.sign(made + hashlib.sha256(said).digest())),
                "user_handle": text(self.handle if handle is None else handle)}

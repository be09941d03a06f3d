# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is on the other end of Web Push: a program that subscribes and reads what came, written from
RFC 8188, RFC 8291, RFC 8292 and the drafts before them."""

import base64
import itertools
import json
import os
import re
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

numbers = itertools.count(1)


def encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _point(key):
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _derive(salt, secret, info, length):
    return HKDF(hashes.SHA256(), length, salt, info).derive(secret)


class Receiver:
    """A program with a key pair, whose address is at a scripted peer. path: where."""

    def __init__(self, peer, path=None):
        self.peer = peer
        self.path = path or f"/push/{next(numbers)}"
        self.endpoint = peer.origin + self.path
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.auth = os.urandom(16)
        peer.answer(self.path, method="POST", status=201)

    def subscription(self, **more):
        """As a program sends it."""
        return {"endpoint": self.endpoint,
                "keys": {"p256dh": encode(_point(self.key.public_key())), "auth": encode(self.auth)}, **more}

    def came(self, accepted=True):
        return [one for one in self.peer.requests("POST", self.path) if not accepted or one.status == 201]

    def messages(self, server_key):
        """What the messages say; each is checked to be from who has this key."""
        return [self.read(one.request, server_key) for one in self.came()]

    def read(self, request, server_key):
        headers = {name.lower(): value for name, value in request.headers.items()}
        assert 0 < int(headers["ttl"]) <= 172800
        if headers["content-encoding"] == "aes128gcm":
            token, key = re.fullmatch(r"vapid t=([\w.-]+), k=([\w-]+)", headers["authorization"]).groups()
            text = self._read_final(request.body)
        else:
            assert headers["content-encoding"] == "aesgcm"
            [token] = re.fullmatch(r"WebPush ([\w.-]+)", headers["authorization"]).groups()
            point, key = re.fullmatch(r"dh=([\w-]+);p256ecdsa=([\w-]+)", headers["crypto-key"]).groups()
            [salt] = re.fullmatch(r"salt=([\w-]+)", headers["encryption"]).groups()
            text = self._read_draft(request.body, decode(point), decode(salt))
        assert decode(key) == decode(server_key.rstrip("="))
        self._check_token(token, decode(key))
        return json.loads(text)

    def _agree(self, point):
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        return self.key.exchange(ec.ECDH(), theirs), _point(self.key.public_key())

    def _read_final(self, body):
        salt, size, length = body[:16], struct.unpack(">I", body[16:20])[0], body[20]
        point, record = body[21:21 + length], body[21 + length:]
        assert length == 65 and len(record) <= size
        secret, mine = self._agree(point)
        ikm = _derive(self.auth, secret, b"WebPush: info\0" + mine + point, 32)
        key = _derive(salt, ikm, b"Content-Encoding: aes128gcm\0", 16)
        nonce = _derive(salt, ikm, b"Content-Encoding: nonce\0", 12)
        text = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert text[-1:] == b"\2"
        return text[:-1]

    def _read_draft(self, body, point, salt):
        secret, mine = self._agree(point)
        ikm = _derive(self.auth, secret, b"Content-Encoding: auth\0", 32)
        context = b"P-256\0" + struct.pack(">H", 65) + mine + struct.pack(">H", 65) + point
        key = _derive(salt, ikm, b"Content-Encoding: aesgcm\0" + context, 16)
        nonce = _derive(salt, ikm, b"Content-Encoding: nonce\0" + context, 12)
        text = AESGCM(key).decrypt(nonce, body, None)
        [padding] = struct.unpack(">H", text[:2])
        return text[2 + padding:]

    def _check_token(self, token, point):
        signed, _, signature = token.rpartition(".")
        raw = decode(signature)
        der = utils.encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        key.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
        head, claims = (json.loads(decode(part)) for part in signed.split("."))
        assert head["alg"] == "ES256" and claims["aud"] == self.peer.origin and claims["sub"].startswith("https://")

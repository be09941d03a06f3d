# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pictures, films and sounds for tests (tests/golden/media), and looks into the files that come of them,
with nothing but the standard library."""

import re
import struct
import time
import zlib

from . import lab

FILES = lab.ROOT / "tests" / "golden" / "media"
# What the tagged fixtures tell of their maker, and the GPS tags' own name.
SECRETS = (b"Secret", b"Exif\0\0", b"http://ns.adobe.com/xap", b"8BIM", b"52.5200")


def read(name):
    return (FILES / name).read_bytes()


def _chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, colour=(200, 100, 50), rows=None):
    """A PNG picture of one colour; rows: that many rows are there, whatever the header says."""
    data = zlib.compress((b"\0" + bytes(colour) * width) * (height if rows is None else rows), 9)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def secrets_in(data):
    return [secret for secret in SECRETS if secret in data]


def size(data):
    """Width and height by the header of a JPEG, PNG, GIF or WebP file."""
    if data.startswith(b"\x89PNG"):
        return struct.unpack(">II", data[16:24])
    if data.startswith(b"GIF8"):
        return struct.unpack("<HH", data[6:10])
    if data[8:12] == b"WEBP":
        if data[12:16] == b"VP8 ":
            return tuple(n & 0x3FFF for n in struct.unpack("<HH", data[26:30]))
        if data[12:16] == b"VP8L":
            bits = struct.unpack("<I", data[21:25])[0]
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        return tuple(int.from_bytes(data[at:at + 3], "little") + 1 for at in (24, 27))
    at = 2
    while data[at + 1] not in (0xC0, 0xC1, 0xC2):
        at += 2 + struct.unpack(">H", data[at + 2:at + 4])[0]
    height, width = struct.unpack(">HH", data[at + 5:at + 9])
    return width, height


def frames(gif):
    return len(re.findall(rb"\x21\xf9\x04.{4}\x00\x2c", gif, re.DOTALL))


def upload(api, data, name="file.bin", version=2, **fields):
    """The answer to an upload."""
    files = {"file": (name, data, "application/octet-stream")}
    if "thumbnail" in fields:
        files["thumbnail"] = ("thumbnail", fields.pop("thumbnail"), "application/octet-stream")
    return api.ask("POST", f"/api/v{version}/media", files=files, data=fields)


def ready(api, data, **more):
    """An upload that was worked on at once."""
    answer = upload(api, data, version=1, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def wait_ready(api, media_id, timeout=30):
    """As clients do: asks until it is there."""
    until = time.monotonic() + timeout * lab.PATIENCE
    while time.monotonic() < until:
        answer = api.ask("GET", f"/api/v1/media/{media_id}")
        if answer.status_code != 206:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"{media_id} is still worked on")

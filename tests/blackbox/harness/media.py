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


def box(kind, body):
    return struct.pack(">I", 8 + len(body)) + kind + body


def _samples_track(handler, coding, samples, at):
    """A track of an MP4 whose samples, one in a chunk, stand at that place behind one another."""
    places, offset = b"", at
    for sample in samples:
        places += struct.pack(">I", offset)
        offset += len(sample)
    table = (box(b"stsd", struct.pack(">II", 0, 1) + box(coding, bytes(6) + b"\0\1" + bytes(60)))
             + box(b"stts", struct.pack(">IIII", 0, 1, len(samples), 250))
             + box(b"stsc", struct.pack(">IIIII", 0, 1, 1, 1, 1))
             + box(b"stsz", struct.pack(f">III{len(samples)}I", 0, 0, len(samples), *map(len, samples)))
             + box(b"stco", struct.pack(">II", 0, len(samples)) + places))
    media = (box(b"mdhd", struct.pack(">IIIIIHH", 0, 0, 0, 1000, 1000, 0x55C4, 0))
             + box(b"hdlr", struct.pack(">II4s", 0, 0, handler) + bytes(13))
             + box(b"minf", box(b"nmhd", bytes(4)) + box(b"stbl", table)))
    head = struct.pack(">IIIIII", 7, 0, 0, 9, 0, 1000) + bytes(60)
    return box(b"trak", box(b"tkhd", head) + box(b"mdia", media))


def mp4_with_places(data):
    """An MP4 whose moov stands last, with all that cameras write of where they were: tracks of places
    beside the film, texts, XMP, and what hides in boxes that players skip."""
    moov = data.index(b"moov") - 4
    samples = [b"+52.5200+013.4050/" + bytes([65 + n]) for n in range(3)]
    said = (box(b"udta", box(b"\xa9xyz", b"\0\x12\x15\xc7+52.5200+013.4050/")
                + box(b"loci", bytes(6) + b"52.5200\0" + bytes(40))) + box(b"gps ", b"52.5200"))
    rest = b"".join((box(b"uuid", bytes(16) + b"<exif:GPSLatitude>52.5200"), box(b"free", b"52.5200"),
                     box(b"xyz0", b"52.5200")))
    at = moov + 8
    inner = data[moov + 8:] + said
    tracks = b"".join(_samples_track(handler, coding, samples, at) for handler, coding in (
        (b"meta", b"gpmd"), (b"camm", b"camm"), (b"sbtl", b"tx3g"), (b"text", b"text")))
    return data[:moov] + box(b"mdat", b"".join(samples)) + box(b"moov", inner + tracks) + rest


def element(kind, body):
    return kind + (len(body) | 1 << 56).to_bytes(8, "big") + body


def webm_with_places(data):
    """A WebM file with a track of places beside the film, tags, an attachment and chapters."""
    segment = data.index(b"\x18\x53\x80\x67")
    inner = data[segment + 12:]
    tracks = inner.rindex(b"\x16\x54\xae\x6b")  # the first is in the list of places
    size = 1 + (8 - inner[tracks + 4].bit_length())
    end = tracks + 4 + size + (int.from_bytes(inner[tracks + 4:tracks + 4 + size], "big")
                               & (1 << 7 * size) - 1)
    entry = element(b"\xae", b"\xd7\x81\x05" b"\x73\xc5\x81\x05" b"\x83\x81\x21"
                    + element(b"\x86", b"D_WEBVTT/METADATA") + element(b"\x53\x6e", b"at 52.5200"))
    block = b"\x85\0\0\x80" + b"+52.5200+013.4050/"
    cluster = element(b"\x1f\x43\xb6\x75", b"\xe7\x81\0" + element(b"\xa3", block)
                      + element(b"\xa0", element(b"\xa1", block)))
    place = element(b"\x45\xa3", b"LOCATION") + element(b"\x44\x87", b"52.5200")
    tag = element(b"\x73\x73", element(b"\x67\xc8", place))
    more = (element(b"\x12\x54\xc3\x67", tag)
            + element(b"\x19\x41\xa4\x69", element(b"\x61\xa7", element(b"\x46\x6e", b"52.5200.gpx")))
            + element(b"\x10\x43\xa7\x70", element(b"\x45\xb9", b"52.5200")))
    inner = (inner[:tracks] + element(b"\x16\x54\xae\x6b", inner[tracks + 4 + size:end] + entry)
             + inner[end:] + cluster + more)
    return data[:segment] + element(b"\x18\x53\x80\x67", inner)


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

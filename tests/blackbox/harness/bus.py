# SPDX-License-Identifier: AGPL-3.0-or-later
"""A system bus with a systemd behind it, as far as the programs ask: D-Bus (its specification, "Message Protocol"),
little endian. Units are given as {name: {property: number, or None where systemd counts nothing}}."""

import contextlib
import fnmatch
import socket
import struct
import threading

CALL, RETURN, ERROR = 1, 2, 3
PATH, MEMBER, ERROR_NAME, REPLY_SERIAL, SIGNATURE = 1, 3, 4, 5, 8
NOTHING = 2 ** 64 - 1  # systemd's word for it


class Writer:
    def __init__(self):
        self.data = b""

    def align(self, size):
        self.data += bytes(-len(self.data) % size)

    def number(self, form, value):
        self.align(struct.calcsize(form))
        self.data += struct.pack("<" + form, value)

    def text(self, value):
        self.number("I", len(value.encode()))
        self.data += value.encode() + b"\0"

    def signature(self, value):
        self.data += bytes([len(value)]) + value.encode() + b"\0"

    def variant(self, kind, value):
        self.signature(kind)
        {"t": lambda: self.number("Q", value), "u": lambda: self.number("I", value),
         "b": lambda: self.number("I", value), "s": lambda: self.text(value), "o": lambda: self.text(value),
         "g": lambda: self.signature(value)}[kind]()


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def align(self, size):
        self.at += -self.at % size

    def number(self, form):
        size = struct.calcsize(form)
        self.align(size)
        self.at += size
        return struct.unpack_from("<" + form, self.data, self.at - size)[0]

    def text(self):
        size = self.number("I")
        self.at += size + 1
        return self.data[self.at - size - 1:self.at - 1].decode()

    def signature(self):
        size = self.data[self.at]
        self.at += size + 2
        return self.data[self.at - size - 1:self.at - 1].decode()

    def texts(self):
        end = self.number("I") + self.at
        found = []
        while self.at < end:
            found.append(self.text())
        return found

    def fields(self):
        end = self.number("I") + self.at
        found = {}
        while self.at < end:
            self.align(8)
            code = self.number("B")
            kind = self.signature()
            found[code] = self.number("I") if kind == "u" else self.signature() if kind == "g" else self.text()
        self.align(8)
        return found


def message(kind, serial, reply_to, body=b"", signature="", error=""):
    """One of the bus, which the first call of each connection gave no name worth keeping."""
    fields = Writer()
    for code, form, value in ((REPLY_SERIAL, "u", reply_to), (ERROR_NAME, "s", error), (SIGNATURE, "g", signature)):
        if value:
            fields.align(8)
            fields.number("B", code)
            fields.variant(form, value)
    head = struct.pack("<cBBBIII", b"l", kind, 0, 1, len(body), serial, len(fields.data)) + fields.data
    return head + bytes(-len(head) % 8) + body


class Bus:
    def __init__(self, directory, units):
        self.units, self.asked = units, []
        self.silent = False  # takes questions, and answers none
        self.address = directory / "bus"
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(self.address))
        self.listener.listen()
        self.lines = []
        threading.Thread(target=self.accept, daemon=True).start()

    def environment(self):
        return {"DBUS_SYSTEM_BUS_ADDRESS": f"unix:path={self.address}"}

    def accept(self):
        with contextlib.suppress(OSError):
            while True:
                line = self.listener.accept()[0]
                self.lines.append(line)
                threading.Thread(target=self.serve, args=(line.makefile("rwb"),), daemon=True).start()

    def serve(self, line):
        with contextlib.suppress(OSError, struct.error):
            self.authenticate(line)
            for serial in range(1, 10000):
                head = line.read(16)
                size, asked, n = struct.unpack_from("<III", head, 4)
                fields = Reader(head + line.read(n + -n % 8), 12).fields()
                answer = self.answer(fields, Reader(line.read(size)))
                if self.silent:
                    continue
                body, signature = answer or (b"", "")
                kind, error = (RETURN, "") if answer else (ERROR, "org.freedesktop.DBus.Error.UnknownObject")
                line.write(message(kind, serial, asked, body, signature, error))
                line.flush()

    @staticmethod
    def authenticate(line):
        """Everybody is let in, whoever they say that they are."""
        line.read(1)
        while (word := line.readline().strip()) != b"BEGIN":
            line.write({b"AUTH EXTERNAL": b"DATA", b"NEGOTIATE_UNIX_FD": b"AGREE_UNIX_FD"}.get(word, b"OK " + b"0" * 32)
                       + b"\r\n")
            line.flush()

    def answer(self, fields, body):
        self.asked.append(fields[MEMBER])
        out = Writer()
        if fields[MEMBER] == "Hello":
            out.text(":1.1")
            return out.data, "s"
        if fields[MEMBER] == "ListUnitsByPatterns":
            body.texts()
            self.list_units(out, body.texts())
            return out.data, "a(ssssssouso)"
        if fields[MEMBER] == "Get":
            body.text()
            return self.get(out, fields[PATH], body.text())
        return None

    def list_units(self, out, patterns):
        rows = Writer()
        for name in self.units:
            if any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns):
                rows.align(8)
                for text in (name, "Words", "loaded", "active", "running", "", f"/unit/{name.encode().hex()}"):
                    rows.text(text)
                rows.number("I", 0)
                rows.text("")
                rows.text("/")
        # Rows are aligned to eight bytes, which their length does not count.
        out.number("I", len(rows.data))
        out.align(8)
        out.data += rows.data

    def get(self, out, path, name):
        if not path.startswith("/unit/"):
            out.variant(*{"NFailedUnits": ("u", 3), "NTPSynchronized": ("b", 1)}[name])
            return out.data, "v"
        unit = self.units[bytes.fromhex(path.split("/")[2]).decode()]
        if name not in unit:
            return None
        out.variant("u" if name == "NRestarts" else "t", NOTHING if unit[name] is None else unit[name])
        return out.data, "v"

    def close(self):
        for line in [self.listener, *self.lines]:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

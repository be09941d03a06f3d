# SPDX-License-Identifier: AGPL-3.0-or-later
"""Readers of streams: a small WebSocket (RFC 6455) and server-sent events, on plain sockets, so that a
test sees every frame and can break every rule."""

import base64
import hashlib
import json
import os
import socket
import struct
import urllib.parse

from . import lab

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Ended(Exception):
    """The server ended the stream; code: what its close frame said, None without one."""

    def __init__(self, code=None):
        super().__init__(code)
        self.code = code


class Connection:
    """A request that asked for a stream, and its answer."""

    def __init__(self, site, domain, path, headers=(), address="203.0.113.7", timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", site.port), timeout=timeout * lab.PATIENCE)
        self.buffer = b""
        lines = [f"GET {path} HTTP/1.1", f"Host: {domain}", "X-Forwarded-Proto: https",
                 f"X-Forwarded-For: {address}", *headers]
        self.socket.sendall("\r\n".join([*lines, "", ""]).encode())
        head = self.until(b"\r\n\r\n").decode().split("\r\n")
        self.status = int(head[0].split()[1])
        self.headers = {name.lower(): value.strip() for name, _, value in
                        (line.partition(":") for line in head[1:] if line)}

    def read(self):
        try:
            more = self.socket.recv(65536)
        except ConnectionError:
            more = b""
        if not more:
            raise Ended()
        self.buffer += more

    def until(self, mark):
        while mark not in self.buffer:
            self.read()
        found, _, self.buffer = self.buffer.partition(mark)
        return found

    def exactly(self, n):
        while len(self.buffer) < n:
            self.read()
        found, self.buffer = self.buffer[:n], self.buffer[n:]
        return found

    def body(self):
        """Of an answer that is no stream."""
        return json.loads(self.exactly(int(self.headers["content-length"])))

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


class Reader(Connection):
    """What both kinds of streams have: events."""

    def event(self):
        raise NotImplementedError

    def next(self, name=None):
        """The next event, which must have that name: its payload, read."""
        event, payload = self.event()
        assert name in (None, event), (event, payload)
        return payload

    def ended(self):
        """Reads to the end; the code of the close frame, or None."""
        try:
            while True:
                self.event()
        except Ended as end:
            return end.code


def _payload(event, text):
    return text if event == "delete" or text is None else json.loads(text)


class Events(Reader):
    """Server-sent events: Events(site, "kea.test", "/user", token)."""

    def __init__(self, site, domain, channel, token=None, **more):
        headers = [f"Authorization: Bearer {token}"] if token else []
        super().__init__(site, domain, "/api/v1/streaming" + channel, headers, **more)
        self.thumps = 0

    def event(self):
        """The next one; comments, which stand alone on their lines, are counted."""
        said = []
        while not said:
            lines = self.until(b"\n\n").decode().split("\n")
            said = [line for line in lines if not line.startswith(":")]
            self.thumps += len(lines) - len(said)
        fields = dict(line.split(": ", 1) for line in said)
        return fields["event"], _payload(fields["event"], fields["data"])


class Live(Connection):
    """What an open page hears: Live(site, "kea.test", "home", cookie)."""

    def __init__(self, site, domain, name, cookie=None, after=None, headers=(), **more):
        lines = [f"Cookie: session={cookie}"] if cookie else []
        asked = "" if after is None else f"?after={after}"
        super().__init__(site, domain, f"/live/{name}{asked}", [*lines, *headers], **more)

    def news(self):
        """The next word, which is always the same."""
        said = []
        while not said:
            said = [line for line in self.until(b"\n\n").decode().split("\n") if not line.startswith(":")]
        assert said == ["data: news"], said

    def rest(self):
        """Reads to the end; how often it said that there are news."""
        told = 0
        try:
            while True:
                self.news()
                told += 1
        except Ended:
            return told


class WebSocket(Reader):
    """WebSocket(site, "kea.test", token, stream="user"); how: where the token stands."""

    def __init__(self, site, domain, token=None, how="query", path="/api/v1/streaming", headers=(),
                 address="203.0.113.7", timeout=20, **query):
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ["Connection: keep-alive, Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                 f"Sec-WebSocket-Key: {key}", *headers]
        if token and how == "query":
            query["access_token"] = token
        elif token:
            name = {"header": "Authorization: Bearer", "protocol": "Sec-WebSocket-Protocol:"}[how]
            lines.append(f"{name} {token}")
        asked = f"?{urllib.parse.urlencode(query)}" if query else ""
        super().__init__(site, domain, path + asked, lines, address=address, timeout=timeout)
        self.streams = None
        self.pings = 0
        self.answers_pings = True
        if self.status == 101:
            wanted = base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()
            assert self.headers["sec-websocket-accept"] == wanted
            assert self.headers["upgrade"].lower() == "websocket"

    def send_frame(self, opcode, data=b"", masked=True, fin=True):
        head = bytes([(0x80 if fin else 0) | opcode])
        bit = 0x80 if masked else 0
        if len(data) < 126:
            head += bytes([bit | len(data)])
        elif len(data) < 65536:
            head += bytes([bit | 126]) + struct.pack(">H", len(data))
        else:
            head += bytes([bit | 127]) + struct.pack(">Q", len(data))
        mask = os.urandom(4) if masked else b""
        if masked:
            data = bytes(byte ^ mask[n % 4] for n, byte in enumerate(data))
        self.socket.sendall(head + mask + data)

    def say(self, **message):
        self.send_frame(TEXT, json.dumps(message).encode())

    def frame(self):
        first, second = self.exactly(2)
        assert first & 0x70 == 0 and second & 0x80 == 0, "a server's frames have no mask and no extension"
        n = second & 0x7f
        if n == 126:
            [n] = struct.unpack(">H", self.exactly(2))
        elif n == 127:
            [n] = struct.unpack(">Q", self.exactly(8))
        return first & 0x0f, self.exactly(n)

    def message(self):
        """The next text, read; pings are answered on the way."""
        while True:
            opcode, data = self.frame()
            if opcode == TEXT:
                return json.loads(data)
            if opcode == CLOSE:
                raise Ended(struct.unpack(">H", data[:2])[0] if data else None)
            if opcode == PING:
                self.pings += 1
                if self.answers_pings:
                    self.send_frame(PONG, data)

    def event(self):
        said = self.message()
        assert "event" in said, said
        self.streams = said["stream"]
        return said["event"], _payload(said["event"], said.get("payload"))

    def subscribe(self, stream, **more):
        """Subscribes, and comes back when the server has done it: it works on one message after the other."""
        self.say(type="subscribe", stream=stream, **more)
        self.fence()

    def unsubscribe(self, stream, **more):
        self.say(type="unsubscribe", stream=stream, **more)
        self.fence()

    def fence(self):
        self.say(type="fence")
        said = self.message()
        assert said["status"] == 400 and "error" in said, said

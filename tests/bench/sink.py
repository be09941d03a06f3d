# SPDX-License-Identifier: AGPL-3.0-or-later
"""Inboxes on many host names that accept everything at once: python3 sink.py HOST...

Prints "ready", then for each request the moment of its first byte (the monotonic clock, which all
processes of a machine share). With CERTIFICATE and KEY in the environment it speaks TLS on port 443
and ends each connection after its answer; else plain http on port 80, connections kept."""

import asyncio
import os
import socket
import ssl
import sys
import time

KEPT = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
CLOSED = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class Inbox(asyncio.Protocol):
    def __init__(self, closes):
        self.closes = closes
        self.bytes = b""
        self.first = 0.0
        self.transport = None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if not self.bytes:
            self.first = time.monotonic()
        self.bytes += data
        while self._take():
            print(self.first, flush=True)
            self.transport.write(CLOSED if self.closes else KEPT)
            if self.closes:
                self.transport.close()
                return

    def _take(self):
        """Drops one whole request from what came."""
        head, end, rest = self.bytes.partition(b"\r\n\r\n")
        if not end:
            return False
        length = 0
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        if len(rest) < length:
            return False
        self.bytes = rest[length:]
        return True


async def main(hosts):
    tls = None
    if "CERTIFICATE" in os.environ:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(os.environ["CERTIFICATE"], os.environ["KEY"])
    loop = asyncio.get_running_loop()
    for host in hosts:
        await loop.create_server(lambda: Inbox(bool(tls)), socket.gethostbyname(host), 443 if tls else 80,
                                 ssl=tls, backlog=512)
    print("ready", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))

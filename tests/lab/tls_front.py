#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""A TLS front for tests: one listening address, a certificate per name (chosen by SNI), each name
proxied to a local port with the X-Forwarded-* headers that a real front sets.

    tls_front.py --listen 10.7.0.1:443 kea.test=127.0.0.1:8080:kea.crt:kea.key ...

Requests are read as far as their framing, because headers are added to each request of a connection;
answers are passed through as they come. With --record DIRECTORY each connection leaves two files there: N.asked with
the heads of its requests, N.said with all that was answered. Prints "ready" when it listens."""

import argparse
import asyncio
import contextlib
import itertools
import pathlib
import ssl
import sys

HEAD_LIMIT = 64 * 1024
CHUNK = 64 * 1024


class Malformed(Exception):
    pass


def parse_head(head):
    """Request line and headers as (name, value) pairs of bytes."""
    first, *rest = head.rstrip(b"\r\n").split(b"\r\n")
    headers = []
    for line in rest:
        name, colon, value = line.partition(b":")
        if not colon:
            raise Malformed(line)
        headers.append((name, value.strip()))
    return first, headers


def find(headers, wanted):
    return next((value for name, value in headers if name.lower() == wanted), None)


def forward_head(first, headers, client, name):
    """The head as the back end gets it: whatever a stranger said about forwarding is dropped."""
    kept = [(key, value) for key, value in headers
            if not key.lower().startswith(b"x-forwarded-") and key.lower() != b"forwarded"]
    kept += [(b"X-Forwarded-For", client.encode()), (b"X-Forwarded-Proto", b"https"),
             (b"X-Forwarded-Host", find(headers, b"host") or name.encode())]
    return b"\r\n".join([first, *(key + b": " + value for key, value in kept), b"", b""])


async def copy_exactly(reader, writer, size):
    while size > 0:
        data = await reader.read(min(size, CHUNK))
        if not data:
            raise Malformed("body ended early")
        writer.write(data)
        await writer.drain()
        size -= len(data)


async def copy_chunked(reader, writer):
    while True:
        line = await reader.readuntil(b"\r\n")
        writer.write(line)
        size = int(line.split(b";")[0], 16)
        if size == 0:
            break
        await copy_exactly(reader, writer, size + 2)
    while True:
        line = await reader.readuntil(b"\r\n")
        writer.write(line)
        if line == b"\r\n":
            break
    await writer.drain()


async def copy_all(reader, writer, note=None):
    while data := await reader.read(CHUNK):
        if note:
            note(data)
        writer.write(data)
        await writer.drain()


async def copy_requests(reader, writer, client, name, note):
    while True:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as end:
            if end.partial:
                raise Malformed("head ended early") from None
            return
        first, headers = parse_head(head)
        note(head)
        writer.write(forward_head(first, headers, client, name))
        await writer.drain()
        if find(headers, b"upgrade"):
            await copy_all(reader, writer)
            return
        if b"chunked" in (find(headers, b"transfer-encoding") or b"").lower():
            await copy_chunked(reader, writer)
        else:
            await copy_exactly(reader, writer, int(find(headers, b"content-length") or 0))


class Front:
    def __init__(self, routes, directory=None):
        self.routes = routes
        self.directory = directory
        self.numbers = itertools.count(1)
        self.contexts = {}
        for name, (_, _, certificate, key) in routes.items():
            self.contexts[name] = self._context(certificate, key)

    @staticmethod
    def _context(certificate, key):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        context.set_alpn_protocols(["http/1.1"])
        return context

    def first_context(self):
        """The context that connections start with; the name that they ask for changes it."""
        first = next(iter(self.contexts.values()))
        first.sni_callback = self._choose
        return first

    def _choose(self, connection, name, _context):
        chosen = self.contexts.get(name)
        if chosen is None:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        connection.context = chosen
        connection.rookery_name = name
        return None

    @contextlib.contextmanager
    def notes(self):
        """What notes the requests of a connection, and what its answers."""
        if self.directory is None:
            yield lambda head: None, None
            return
        number = next(self.numbers)
        with open(self.directory / f"{number}.asked", "wb", buffering=0) as asked, \
                open(self.directory / f"{number}.said", "wb", buffering=0) as said:
            yield asked.write, said.write

    async def serve(self, reader, writer):
        with self.notes() as (asked, said):
            await self.pass_on(reader, writer, asked, said)

    async def pass_on(self, reader, writer, asked, said):
        connection = writer.get_extra_info("ssl_object")
        name = getattr(connection, "rookery_name", None) or next(iter(self.routes))
        host, port, _, _ = self.routes[name]
        client = writer.get_extra_info("peername")[0]
        try:
            back_reader, back_writer = await asyncio.open_connection(host, port, limit=HEAD_LIMIT)
        except OSError:
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            writer.close()
            return
        there = asyncio.create_task(copy_requests(reader, back_writer, client, name, asked))
        back = asyncio.create_task(copy_all(back_reader, writer, said))
        await asyncio.wait([there, back], return_when=asyncio.FIRST_COMPLETED)
        if not back.done() and not there.exception():
            # The client will ask nothing more; what was asked is still answered.
            back_writer.write_eof()
            await asyncio.wait([back], timeout=30)
        for task in (there, back):
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
        back_writer.close()
        writer.close()


def route(text):
    name, _, rest = text.partition("=")
    host, port, certificate, key = rest.split(":")
    return name, (host, int(port), certificate, key)


async def main():
    parser = argparse.ArgumentParser(description="TLS front for tests")
    parser.add_argument("--listen", required=True, metavar="ADDRESS:PORT")
    parser.add_argument("--record", type=pathlib.Path, metavar="DIRECTORY")
    parser.add_argument("routes", nargs="+", type=route, metavar="NAME=HOST:PORT:CERT:KEY")
    args = parser.parse_args()
    front = Front(dict(args.routes), args.record)
    address, _, port = args.listen.rpartition(":")
    server = await asyncio.start_server(front.serve, address, int(port), limit=HEAD_LIMIT, backlog=512,
                                        ssl=front.first_context())
    print("ready", flush=True)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
    sys.exit(0)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A DNS server with one answer to everything, and programs that ask it."""

import socketserver
import struct
import threading


class _Answer(socketserver.BaseRequestHandler):
    def handle(self):
        question, socket = self.request
        self.server.asked.append(question)
        if self.server.says is None:
            return
        code, texts = self.server.says
        head = question[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(texts), 0, 0)
        records = b""
        for strings in texts:
            data = b"".join(bytes([len(part)]) + part.encode() for part in strings)
            records += struct.pack("!HHHIH", 0xc00c, 16, 1, 60, len(data)) + data
        end = question.index(b"\0", 12) + 5
        socket.sendto(head + question[12:end] + records, self.client_address)


class Resolver(socketserver.UDPServer):
    """says: (code, texts, each a list of strings), or None, nothing at all; under: before the argv of who asks it.
    A context manager."""

    def __init__(self, directory):
        super().__init__(("10.7.0.53", 53), _Answer)
        self.says, self.asked = (3, []), []
        file = directory / "resolv.conf"
        file.write_text("nameserver 10.7.0.53\noptions timeout:3 attempts:2\n")
        self.under = ["unshare", "-m", "sh", "-c", f'mount --bind {file} /etc/resolv.conf && exec "$@"', "sh"]
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.shutdown()
        self.thread.join()
        self.server_close()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Requests on kept connections, several at once. It is no measure of speed: what is measured is the
processor time of who answers."""

import collections
import socket
import threading

FORWARDED = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}


def request(method, host, path, headers=(), body=b""):
    """The bytes of a request as a TLS front would pass it on."""
    fields = {"Host": host, **FORWARDED, **dict(headers)}
    if body:
        fields["Content-Length"] = str(len(body))
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.bytes = b""

    def _more(self):
        piece = self.socket.recv(262144)
        if not piece:
            raise ConnectionError("the connection ended in the middle")
        self.bytes += piece

    def exchange(self, raw):
        """Status and body."""
        self.socket.sendall(raw)
        while b"\r\n\r\n" not in self.bytes:
            self._more()
        head, _, self.bytes = self.bytes.partition(b"\r\n\r\n")
        length = 0
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        while len(self.bytes) < length:
            self._more()
        body, self.bytes = self.bytes[:length], self.bytes[length:]
        return int(head.split(b" ", 2)[1]), body

    def close(self):
        self.socket.close()


def run(port, requests, connections=8):
    """Sends all requests, spread over connections; gives the number of each status."""
    waiting = collections.deque(requests)
    statuses = collections.Counter()
    faults = []

    def work():
        connection = Connection(port)
        try:
            while True:
                statuses[connection.exchange(waiting.popleft())[0]] += 1
        except IndexError:
            pass
        except OSError as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return statuses

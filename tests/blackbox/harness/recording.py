# SPDX-License-Identifier: AGPL-3.0-or-later
"""What programs asked and were answered, as tests/lab/tls_front.py recorded it."""

import dataclasses
import email
import http.client
import io
import json
from urllib.parse import parse_qs, urlsplit


@dataclasses.dataclass(frozen=True)
class Exchange:
    """A request, and its answer: whole says whether it ended; a stream that was left did not."""
    host: str
    method: str
    target: str
    agent: str
    status: int
    headers: dict
    body: bytes
    whole: bool

    @property
    def path(self):
        return urlsplit(self.target).path

    @property
    def query(self):
        return parse_qs(urlsplit(self.target).query)

    @property
    def text(self):
        return self.body.decode(errors="replace")

    @property
    def status_code(self):
        return self.status

    def json(self):
        return json.loads(self.body)


class _Said:
    """All answers of a connection, in the form that http.client reads from: it must not read ahead."""

    def __init__(self, data):
        self.stream = io.BytesIO(data)

    def makefile(self, *_args, **_more):
        return self

    def close(self):
        """There are more answers behind this one."""

    def __getattr__(self, name):
        return getattr(self.stream, name)


def _requests(data):
    for head in data.split(b"\r\n\r\n")[:-1]:
        first, _, rest = head.decode(errors="replace").partition("\r\n")
        method, target, _ = first.split(" ", 2)
        headers = email.message_from_string(rest)
        yield headers.get("Host", ""), method, target, headers.get("User-Agent", "")


def _answer(said, method):
    answer = http.client.HTTPResponse(said, method=method)
    answer.begin()
    headers = {name.lower(): value for name, value in answer.getheaders()}
    if answer.status == 101:
        return answer.status, headers, said.read(), False
    try:
        return answer.status, headers, answer.read(), True
    except http.client.IncompleteRead as end:
        return answer.status, headers, end.partial, False


def exchanges(directory):
    """All of them, connection by connection; a request that nobody answered is left out."""
    found = []
    for path in sorted(directory.glob("*.asked")):
        said = _Said(path.with_suffix(".said").read_bytes())
        for host, method, target, agent in _requests(path.read_bytes()):
            try:
                found.append(Exchange(host, method, target, agent, *_answer(said, method)))
            except (http.client.BadStatusLine, http.client.IncompleteRead, ValueError):
                break
    return found

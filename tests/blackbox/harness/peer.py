# SPDX-License-Identifier: AGPL-3.0-or-later
"""A scripted fediverse server: actors with keys, documents, inboxes that record, failures on order.

It has a name of the lab (peer1.test ...) and its own address there, so it listens on the port that
its URLs do not name. Nothing is decided for the test: what arrived is recorded as it came, and the
test says what to check."""

import contextlib
import dataclasses
import fnmatch
import http.server
import json
import socket
import struct
import threading
import time
from urllib.parse import parse_qs, urlsplit

import httpx

from . import activity, keys, lab, signature

ACTIVITY = "application/activity+json"


@dataclasses.dataclass
class Answer:
    """What a request gets. delay: seconds before it; gate: not before the test sets this event; silent: never,
    until the peer is closed;
    cut: the connection ends after half of the body; reset: it is reset instead of an answer;
    times: how often (None: always)."""

    status: int = 200
    body: object = b""
    headers: dict = dataclasses.field(default_factory=dict)
    delay: float = 0
    gate: threading.Event | None = None
    silent: bool = False
    cut: bool = False
    reset: bool = False
    times: int | None = None


@dataclasses.dataclass
class Received:
    """A request that came, and the status that it got (None while there is none), with the moments."""

    request: signature.Request
    at: float
    status: int | None = None
    answered: float | None = None

    @property
    def method(self):
        return self.request.method

    @property
    def path(self):
        return urlsplit(self.request.url).path

    @property
    def json(self):
        return json.loads(self.request.body)

    def verify(self, site):
        """Checks the signature with the key that the site publishes for it."""
        return signature.verify(self.request, lambda key_id: site_key(site, key_id))


def site_key(site, key_id):
    """The public key of that id, from a document of the site's."""
    document = site.object(key_id.split("#")[0])
    key = document.get("publicKey", document)
    assert key["id"] == key_id, (key["id"], key_id)
    return keys.load_public(key["publicKeyPem"])


class Actor:
    """An actor of a peer. Its document is built when it is asked for; overrides replace members."""

    def __init__(self, peer, name, kind="Person", key=None, **overrides):
        self.peer, self.name, self.kind = peer, name, kind
        self.id = f"{peer.origin}/users/{name}"
        self.key = key or keys.new()
        self.key_id = f"{self.id}#main-key"
        self.inbox = f"{self.id}/inbox"
        self.shared_inbox = f"{peer.origin}/inbox"
        self.overrides = overrides

    @property
    def handle(self):
        return f"{self.name}@{self.peer.authority}"

    def document(self):
        made = {
            "@context": activity.CONTEXT, "id": self.id, "type": self.kind,
            "preferredUsername": self.name, "name": self.name.title(), "summary": "",
            "url": f"{self.peer.origin}/@{self.name}", "inbox": self.inbox, "outbox": f"{self.id}/outbox",
            "followers": f"{self.id}/followers", "following": f"{self.id}/following",
            "endpoints": {"sharedInbox": self.shared_inbox},
            "publicKey": {"id": self.key_id, "owner": self.id, "publicKeyPem": keys.public_pem(self.key)},
        }
        made.update(self.overrides)
        return {name: value for name, value in made.items() if value is not None}

    def webfinger(self):
        return {"subject": f"acct:{self.handle}", "aliases": [self.id],
                "links": [{"rel": "self", "type": ACTIVITY, "href": self.id}]}

    def rotate_key(self):
        self.key = keys.new()

    def signed(self, method, url, body=None, form="cavage", headers=None, **how):
        """A signed request (signature.sign takes how), which the test may spoil before it sends it."""
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        first = {"Accept": ACTIVITY} if method == "GET" else {"Content-Type": ACTIVITY}
        request = signature.Request(method, url, {**first, **(headers or {})}, raw)
        how.setdefault("key", self.key)
        how.setdefault("key_id", self.key_id)
        return signature.sign(request, form=form, **how)

    def send(self, site, inbox, thing, form="cavage", **how):
        """Delivers an activity; gives the site's answer."""
        return send(site, self.signed("POST", inbox, thing, form, **how))

    def fetch(self, site, url, form="cavage", **how):
        """A signed GET."""
        return send(site, self.signed("GET", url, None, form, **how))


def send(site, request):
    """Sends a request to a site as it stands, its signature included."""
    return site.request(request.method, request.url, headers=request.headers,
                        content=request.body or None)


class Peer:
    """Use as a context manager, or close() it. port: another than its scheme's."""

    def __init__(self, name, tls=False, port=None):
        self.name, self.tls = name, tls
        usual = 443 if tls else 80
        self.port = port or usual
        self.authority = name if self.port == usual else f"{name}:{self.port}"
        self.origin = f"{'https' if tls else 'http'}://{self.authority}"
        self.actors, self.documents, self.rules = {}, {}, []
        self.received = []
        self.changed = threading.Condition()
        self.closing = threading.Event()
        self.server = None
        self.open()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def open(self):
        """Listens; again after close(), with everything that it knew."""
        self.closing.clear()
        self.server = _Server(self)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        """Refuses connections from now on and ends those that are open."""
        self.closing.set()
        if self.server:
            self.server.shutdown()
            self.server.server_close()
            self.server.close_connections()
            self.server = None

    @staticmethod
    def https():
        """A client for other servers of the lab, which trusts its authority."""
        return httpx.Client(verify=lab.client_context(), timeout=30 * lab.PATIENCE)

    # What it serves

    def actor(self, name="ana", **more):
        self.actors[name] = Actor(self, name, **more)
        return self.actors[name]

    def publish(self, thing, media_type=ACTIVITY):
        """Serves an object at its id (a dict, or bytes with url and media type); gives it back."""
        self.documents[urlsplit(thing["id"]).path] = (json.dumps(thing).encode(), media_type)
        return thing

    def serve(self, path, body, media_type="text/html"):
        self.documents[path] = (body.encode() if isinstance(body, str) else body, media_type)

    def withdraw(self, thing):
        """What was published is 404 from now on."""
        del self.documents[urlsplit(activity.id_of(thing)).path]

    def answer(self, pattern, method=None, **answer):
        """The next requests for paths like that get this Answer, before anything else. The rule that
        was added last goes first."""
        rule = (pattern, method, Answer(**answer))
        with self.changed:
            self.rules.insert(0, rule)
        return rule

    def forget(self, rule):
        with self.changed:
            self.rules.remove(rule)

    # What came

    def requests(self, method=None, path="*"):
        with self.changed:
            return [one for one in self.received if method in (None, one.method)
                    and fnmatch.fnmatchcase(one.path, path)]

    def inbox(self, kind=None, accepted=True):
        """Requests that brought activities of that type, by default only those answered with 2xx."""
        found = [one for one in self.requests("POST")
                 if not accepted or (one.status and 200 <= one.status < 300)]
        return [one for one in found if kind is None or one.json.get("type") == kind]

    def activities(self, kind=None):
        return [one.json for one in self.inbox(kind)]

    def clear(self):
        with self.changed:
            self.received.clear()

    def wait(self, condition, timeout=10):
        """Until condition() is true of what came; gives its value. For daemons that run meanwhile."""
        until = time.monotonic() + timeout * lab.PATIENCE
        while True:
            value = condition()
            left = until - time.monotonic()
            if value or left <= 0:
                assert value, f"{self.name} got only {[(r.method, r.path) for r in self.received]}"
                return value
            with self.changed:
                self.changed.wait(min(left, 0.2))

    # How it answers

    def record(self, received):
        with self.changed:
            self.received.append(received)
            self.changed.notify_all()

    def finish(self, received, status):
        with self.changed:
            received.status, received.answered = status, time.monotonic()
            self.changed.notify_all()

    def _ruled(self, method, path):
        with self.changed:
            for rule in self.rules:
                pattern, wanted, answer = rule
                if wanted not in (None, method) or not fnmatch.fnmatchcase(path, pattern):
                    continue
                if answer.times is not None:
                    answer.times -= 1
                    if answer.times == 0:
                        self.rules.remove(rule)
                return answer
        return None

    def answer_for(self, received):
        return self._ruled(received.method, received.path) or self._usual(received)

    def _usual(self, received):
        path = received.path
        if received.method == "POST":
            return Answer(202) if path == "/inbox" or self._actor_at(path, "/inbox") else Answer(404)
        if path in self.documents:
            body, media_type = self.documents[path]
            return Answer(body=body, headers={"Content-Type": media_type})
        if path == "/.well-known/webfinger":
            return self._webfinger(received)
        actor = self._actor_at(path)
        if actor:
            return _json(actor.document())
        for end in ("followers", "following", "outbox"):
            actor = self._actor_at(path, f"/{end}")
            if actor:
                return _json({"@context": activity.CONTEXT, "id": f"{actor.id}/{end}",
                              "type": "OrderedCollection", "totalItems": 0, "orderedItems": []})
        return Answer(404)

    def _actor_at(self, path, end=""):
        if not path.startswith("/users/") or not path.endswith(end):
            return None
        return self.actors.get(path[len("/users/"):len(path) - len(end)])

    def _webfinger(self, received):
        resource = parse_qs(urlsplit(received.request.url).query).get("resource", [""])[0]
        for actor in self.actors.values():
            if resource in (f"acct:{actor.handle}", actor.id):
                return _json(actor.webfinger(), "application/jrd+json")
        return Answer(404)


def _json(value, media_type=ACTIVITY):
    return Answer(body=json.dumps(value).encode(), headers={"Content-Type": media_type})


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 512

    def __init__(self, peer):
        self.peer = peer
        self.connections = set()
        super().__init__((lab.address(peer.name), peer.port), _Handler)
        self.context = lab.server_context(peer.name) if peer.tls else None

    def get_request(self):
        connection, address = super().get_request()
        if self.context:
            # The handshake happens in the connection's own thread, at its first read.
            connection = self.context.wrap_socket(connection, server_side=True,
                                                  do_handshake_on_connect=False)
        self.connections.add(connection)
        return connection, address

    def shutdown_request(self, request):
        self.connections.discard(request)
        super().shutdown_request(request)

    def close_connections(self):
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request, client_address):
        """A client that goes away in the middle is no news here."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format, *args):  # pylint: disable=redefined-builtin
        pass

    def version_string(self):
        return "scripted-peer"

    def _body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _handle(self):
        peer = self.server.peer
        body = self._body()
        url = f"{'https' if peer.tls else 'http'}://{self.headers.get('Host', '')}{self.path}"
        received = Received(signature.Request(self.command, url, dict(self.headers.items()), body),
                            time.monotonic())
        peer.record(received)
        answer = peer.answer_for(received)
        if answer.silent:
            peer.closing.wait()
        elif answer.delay:
            peer.closing.wait(answer.delay)
        while answer.gate and not answer.gate.wait(0.02) and not peer.closing.is_set():
            pass
        if answer.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if peer.closing.is_set() or answer.reset:
            self.close_connection = True
            return
        # Before the answer leaves: whoever reads it may look at once.
        peer.finish(received, answer.status)
        self._reply(answer)

    def _reply(self, answer):
        body = answer.body.encode() if isinstance(answer.body, str) else answer.body
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body[:len(body) // 2] if answer.cut else body)
        if answer.cut:
            self.close_connection = True

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _handle


class SilentHosts:
    """Names that accept connections and never answer."""

    def __init__(self, names, port=80):
        self.sockets = []
        self.accepted = []
        for name in names:
            listener = socket.create_server((lab.address(name), port), backlog=128)
            self.sockets.append(listener)
            threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def _accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                self.accepted.append(listener.accept()[0])

    def close(self):
        for one in [*self.sockets, *self.accepted]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

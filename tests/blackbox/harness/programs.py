# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fediverse servers that nobody of this project wrote, each behind real https under its lab name."""

import functools
import hashlib
import itertools
import json
import os
import re
import shutil
import subprocess
import time

import httpx

from . import lab
from .front import TlsFront
from .wait import wait_for

ports = itertools.count(9100)
PEERS = lab.ROOT / "tests" / "peers"


@functools.lru_cache(maxsize=None)
def node():
    """The Node that the lock file pins where npm has one for this machine, otherwise the machine's."""
    pinned = sorted(PEERS.glob("node_modules/node-linux-*/bin/node"))
    return str(pinned[0]) if pinned else shutil.which("node")


def read_json(path):
    """What a program wrote there; None while it is writing, or when it has taken it away."""
    try:
        return json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return None


def read_all(paths):
    return [found for found in map(read_json, paths) if found is not None]


class _Program:
    """A child process on a local port with a TLS front for its names, and its log in a file."""

    def __init__(self, names, directory, port):
        self.names, self.directory, self.port = names, directory, port
        self.child = self.front = None
        self.log_path = directory / "log"

    def _spawn(self, argv):
        with open(self.log_path, "ab") as log:
            self.child = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=log, cwd=lab.ROOT, text=True)
        if self.front is None:
            self.front = TlsFront({name: self.port for name in self.names})

    def log(self):
        return self.log_path.read_text(errors="replace")

    def close(self):
        if self.child:
            self.child.kill()
            self.child.wait()
            self.child.stdout.close()
            self.child = None
        if self.front:
            self.front.close()
            self.front = None


class Fedify(_Program):
    """tests/peers/fedify_peer.mjs. first_knock: rfc9421 or draft-cavage-http-signatures-12."""

    def __init__(self, directory, name="fedify.test", actors=("frida",), first_knock="rfc9421", queue=False):
        super().__init__([name], directory, next(ports))
        self.name = name
        argv = [node(), PEERS / "fedify_peer.mjs", "--listen", f"127.0.0.1:{self.port}",
                "--origin", f"https://{name}", "--actors", ",".join(actors), "--first-knock", first_knock]
        self._spawn(argv + (["--queue"] if queue else []))
        assert self.child.stdout.readline() == "ready\n", self.log()
        self.control = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60 * lab.PATIENCE)

    def do(self, command, actor=None, **parameters):
        """Has an actor do something; the commands stand in the program. Raises when it failed."""
        body = {"do": command, **({"actor": actor} if actor else {}), **parameters}
        answer = self.control.post("/control", json=body)
        assert answer.status_code == 200, f"{command}: {answer.json()['error']}"
        return answer.json()

    def received(self, kind=None):
        found = self.control.get("/control/inbox").json()
        return [one for one in found if kind in (None, one.get("type"))]

    def state(self):
        return self.control.get("/control/state").json()

    def handle(self, actor="frida"):
        return f"{actor}@{self.name}"

    def id(self, actor="frida"):
        return f"https://{self.name}/users/{actor}"

    def close(self):
        self.control.close()
        super().close()


class Snac(_Program):
    """Debian's snac2 with some users; tests/peers/get_snac fetches it."""

    def __init__(self, directory, name="snac.test", users=("tara",)):
        super().__init__([name], directory, next(ports))
        self.name = name
        self.data = directory / "snac"
        self.program = subprocess.run([PEERS / "get_snac"], check=True, text=True,
                                      stdout=subprocess.PIPE).stdout.strip()
        self._run("init", stdin=f"127.0.0.1\n{self.port}\n{name}\n\nadmin@{name}\n")
        self.passwords = {}
        for user in users:
            self.passwords[user] = re.search(r"password is (\S+)", self._run("adduser", user))[1]
        self.start()

    def _run(self, command, *args, stdin=""):
        done = subprocess.run([self.program, command, self.data, *args], input=stdin, text=True, check=False,
                              capture_output=True, timeout=60 * lab.PATIENCE)
        assert done.returncode == 0, f"snac {command}: {done.stdout[-1000:]} {done.stderr[-1000:]}"
        return done.stdout + done.stderr

    def start(self):
        self._spawn([self.program, "httpd", self.data])
        wait_for(self._answers, what="the start of snac")

    def _answers(self):
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/", headers={"Host": self.name},
                             timeout=30 * lab.PATIENCE).status_code
        except httpx.TransportError:
            return None

    def do(self, command, user, *args):
        """snac COMMAND BASEDIR USER ...: follow, note, boost, unboost, ping and the others. The
        running server sends what it queued."""
        return self._run(command, user, *args)

    def press(self, action, user, post, actor):
        """The buttons of its pages: Like, Unlike, Boost, Unboost, Delete and the others."""
        self.send(user, "action", action=action, id=post, actor=actor)

    def send(self, user, form, **fields):
        """A form of its pages: action, note."""
        answer = httpx.post(f"http://127.0.0.1:{self.port}/{user}/admin/{form}", data=fields,
                            headers={"Host": self.name}, auth=(user, self.passwords[user]), timeout=30 * lab.PATIENCE)
        assert answer.status_code in (200, 303), (form, fields, answer.status_code, answer.text[:500])

    def _object(self, uri, end):
        name = hashlib.md5(uri.encode()).hexdigest()
        return self.data / "object" / name[:2] / (name + end)

    def _index(self, uri, kind):
        """Ids of those who did it, as snac hashes them."""
        path = self._object(uri, f"_{kind}.idx")
        return path.read_text().split() if path.exists() else []

    def replace_key(self, user, private_pem, public_pem):
        """snac keeps a copy of its own actors too, which has the old one."""
        (self.data / "user" / user / "key.json").write_text(json.dumps({"secret": private_pem, "public": public_pem}))
        self._object(self.id(user), ".json").unlink(missing_ok=True)

    def make_old(self, uri):
        """As if it had fetched this a week ago."""
        week_ago = time.time() - 7 * 86400
        os.utime(self._object(uri, ".json"), (week_ago, week_ago))

    def likes(self, uri, actor):
        return hashlib.md5(actor.encode()).hexdigest() in self._index(uri, "l")

    def boosts(self, uri, actor):
        return hashlib.md5(actor.encode()).hexdigest() in self._index(uri, "a")

    def followers(self, user="tara"):
        """Ids of actors."""
        found = (self.data / "user" / user / "followers").glob("*.json")
        return sorted(one["id"] for one in read_all(found))

    def following(self, user="tara"):
        """Whom it follows, as it keeps them once they accepted."""
        found = (self.data / "user" / user / "following").glob("*.json")
        return [one for one in read_all(found) if one["type"] == "Accept"]

    def objects(self, kind=None):
        """All that it stored, ours and its own."""
        found = read_all((self.data / "object").glob("*/*.json"))
        return [one for one in found if kind in (None, one.get("type"))]

    def handle(self, user="tara"):
        return f"{user}@{self.name}"

    def id(self, user="tara"):
        return f"https://{self.name}/{user}"

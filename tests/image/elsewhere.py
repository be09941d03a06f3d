# SPDX-License-Identifier: AGPL-3.0-or-later
"""Another server of the fediverse, on this host: the scripted peer of the black-box tests. The machine is told
where its name leads and whom it believes, by the settings that an operator has for that."""

import json
import os
import sys

from machine import ROOT, run, wait_for

sys.path.insert(0, str(ROOT / "tests/blackbox"))

from harness import activity, lab  # noqa: E402  pylint: disable=wrong-import-position
from harness.mail import MailServer  # noqa: E402  pylint: disable=wrong-import-position
from harness.peer import Peer  # noqa: E402  pylint: disable=wrong-import-position

NAME = "peer.example"
HOST = "10.0.2.2"  # this host, as the machine sees it


def open_peer(folder):
    """On this host's loopback, at the port that its addresses do not name."""
    os.environ["ROOKERY_LAB"] = str(folder)
    lab.address = lambda _name: "127.0.0.1"
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
        "-subj", "/CN=Authority of peers", "-addext", "keyUsage=critical,keyCertSign,cRLSign", "-keyout",
        folder / "ca.key", "-out", folder / "ca.crt")
    return Peer(NAME, tls=True)


def open_post():
    """A mail server, where open_peer() was before."""
    return MailServer(name=HOST)


def introduce(machine, names, *authorities):
    """Certificates of these authorities count on the machine, it finds the peer here and its own names at itself."""
    machine.put("/etc/rookery/authorities.pem", "".join(authorities))
    machine.say(f"echo '{HOST} {NAME}' >>/etc/hosts; echo '127.0.0.1 {' '.join(names)}' >>/etc/hosts")
    machine.say("printf 'ca_file = \"/etc/rookery/authorities.pem\";\\n"
                f"fetch_allow = \"{HOST}:443 {HOST}:14000 127.0.0.1:443\";\\n' >>/etc/rookery/rookery.conf")
    machine.say("systemctl restart rookery-server rookery-courier rookery-stator@1")


def befriend(site, peer, actor, robin):
    """The actor follows somebody of the machine, who accepts it; both sign what they say."""
    follow = activity.follow(actor, robin)
    assert actor.send(site, f"{robin}inbox/", follow).status_code == 202
    accept = wait_for(lambda: [one for one in peer.inbox("Accept") if one.json["object"]["id"] == follow["id"]], 300)[0]
    assert accept.verify(site).key_id == f"{robin}#main-key"
    assert actor.id in json.dumps(site.object(f"{robin}followers/?page=1"))


class Site:
    """The machine as Actor.send() and Received.verify() of the harness know a site."""

    def __init__(self, machine, root):
        self.machine, self.root = machine, root

    def request(self, method, url, headers=None, content=None):
        return self.machine.request(method, url, self.root, headers or {}, content or b"")

    def object(self, uri):
        answer = self.request("GET", uri, {"Accept": "application/activity+json"})
        assert answer.status_code == 200, (uri, answer.status_code, answer.text[:500])
        return answer.json()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A machine under QEMU that runs the image, and what stands around it: a certificate authority with a
resolver of its own. Everything is on loopback; the guest reaches this host as 10.0.2.2."""

import base64
import contextlib
import dataclasses
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 1500  # seconds for a boot under software emulation on a busy machine
PROGRAMS = ("qemu-system-x86_64", "qemu-img", "swtpm", "pebble", "pebble-challtestsrv", "gpg", "zstd", "mkfs.vfat",
            "mcopy", "ssh", "openssl", "psql")
ROOM = 11000  # MB: what is built once, three versions, their releases, disks of machines
MEMORY = 3000  # MB: a machine's, and what stands around it

# What the console says at a start of the kernel, and when what runs was found to work.
STARTED = b"Linux version "
COMPLETE = b"systemd[1]: Reached target boot-complete.target"

READY = ("curl -fsS --unix-socket /run/rookery/admin.sock http://localhost/readyz && "
         "systemctl is-active rookery-stator@1 && systemctl is-active caddy && ! test -e /etc/rookery/first-domain")


def run(*argv, **options):
    done = subprocess.run([str(arg) for arg in argv], text=True, capture_output=True, check=False, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def lacking():
    """Why no image can be built and booted on this host, or None."""
    done = subprocess.run([ROOT / "image/build", "--check"], text=True, capture_output=True, check=False)
    if done.returncode:
        return done.stderr.strip()
    programs = [name for name in PROGRAMS if not shutil.which(name)]
    if programs:
        return f"not installed: {' '.join(programs)} (tools/packages install image)"
    place = ROOT / "build/image"
    room = int(run("du", "-sm", place).split()[0]) + (shutil.disk_usage(place).free >> 20)
    if room < ROOM:
        return f"{ROOM} MB are needed below build/image, and {room} are there"
    memory = int(re.search(r"MemAvailable: *([0-9]+)", pathlib.Path("/proc/meminfo").read_text())[1]) >> 10
    return f"{MEMORY} MB of memory are needed, and {memory} are there" if memory < MEMORY else None


def wait_for(what, seconds=PATIENCE, pause=3):
    """What a function gives, once it gives something; None and OSError mean: not yet."""
    end = time.monotonic() + seconds
    while True:
        try:
            found = what()
        except (OSError, subprocess.SubprocessError):
            found = None
        if found:
            return found
        assert time.monotonic() < end, f"waited in vain for {what.__name__}"
        time.sleep(pause)


class Line:
    """A port of this host that leads to another one, until it is cut."""

    def __init__(self, port, to):
        self.port, self.to = port, to
        self.ends = []
        self.mend()

    def mend(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        with contextlib.suppress(OSError):
            while True:
                here = listener.accept()[0]
                there = socket.create_connection(("127.0.0.1", self.to))
                self.ends += [here, there]
                for one, other in ((here, there), (there, here)):
                    threading.Thread(target=self.carry, args=(one, other), daemon=True).start()

    @staticmethod
    def carry(one, other):
        with contextlib.suppress(OSError):
            while piece := one.recv(65536):
                other.sendall(piece)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_RDWR)

    def cut(self):
        for one in [self.listener, *self.ends]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self.ends.clear()


class Authority:
    """Debian's pebble, an ACME server for tests: it connects to the names' web servers as Let's Encrypt
    would, at the ports that lead into the guest. It is reached over a line that can be cut."""

    def __init__(self, folder, http, https):
        self.folder = folder
        self.log = (folder / "pebble.log").open("w")
        self.program = subprocess.Popen([ROOT / "image/authority", folder, f"{http},{https},14001,15000,8053"],
                                        stdout=self.log, stderr=self.log)
        wait_for(self.ask_root, 60, 0.5)
        self.root = self.ask_root()
        self.line = Line(14000, 14001)

    def ask_root(self):
        """The certificate that those it gives are signed by; made anew at each of its starts."""
        context = ssl.create_default_context(cafile=str(self.folder / "root.pem"))
        with urllib.request.urlopen("https://127.0.0.1:15000/roots/0", context=context, timeout=5) as answer:
            return answer.read().decode()

    def said(self):
        return (self.folder / "pebble.log").read_text()

    def stop(self):
        self.program.terminate()
        self.program.wait()
        self.line.cut()


@dataclasses.dataclass
class Page:
    status_code: int
    headers: dict
    content: bytes
    certificate: dict

    @property
    def text(self):
        return self.content.decode(errors="replace")

    def json(self):
        return json.loads(self.content)


class Machine:
    """The image on a disk of its own, told its settings by a credential, or as a cloud would do it, by a volume. Its
    serial console is in the log beside the disk. ready: a command that succeeds when all is up."""

    https, http, ssh_port, database = 18443, 18081, 12222, 15433

    def __init__(self, folder, image, settings, cloud=False, data=None,  # pylint: disable=too-many-arguments
                 ready=READY, tpm=False):
        folder.mkdir(exist_ok=True)
        self.folder, self.image, self.ready = folder, image, ready
        self.disk = folder / "disk.qcow2"
        self.console = folder / "console.log"
        self.key = folder / "operator"
        # Addresses of sockets are short, and the folder's may be long.
        self.control = pathlib.Path(tempfile.mkdtemp(prefix="rookery-")) / "ssh"
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.key)
        public = self.key.with_suffix(".pub").read_text().strip()
        settings = f"key = {public}\n{settings}"
        self.source = self.make_volume(settings) if cloud else self.make_settings(settings)
        self.source += ["--data", data] if data else []
        self.source += ["--tpm"] if tpm else []
        self.program = self.door = None
        self.complete, self.next_look = 1, 0

    def make_settings(self, text):
        path = self.folder / "settings"
        path.write_text(text)
        return ["--settings", path]

    def make_volume(self, text):
        """As NoCloud of cloud-init has it."""
        volume, data = self.folder / "cidata.img", self.folder / "user-data"
        data.write_text(f"#rookery\n{text}")
        volume.write_bytes(bytes(1 << 20))
        run("mkfs.vfat", "-n", "CIDATA", volume)
        run("mcopy", "-i", volume, data, "::user-data")
        return ["--volume", volume]

    @property
    def way(self):
        return ["ssh", "-p", str(self.ssh_port), "-i", self.key, "-o", "StrictHostKeyChecking=no", "-o",
                "UserKnownHostsFile=/dev/null", "-o", "ConnectTimeout=30", "-o", "LogLevel=ERROR", "-o",
                f"ControlPath={self.control}", "root@127.0.0.1"]

    def open_door(self):
        """A log-in that stays, through which commands go: one of their own takes each some seconds there."""
        self.door = subprocess.Popen([*self.way, "-M", "-N"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL)
        wait_for(self.control.exists, 120, 0.2)

    def close_door(self):
        if self.door:
            self.door.terminate()
            self.door.wait()
        self.door = None

    def start(self):
        with self.console.open("ab") as log:
            self.program = subprocess.Popen(
                [ROOT / "image/boot", "--disk", self.disk, *self.source, "--ports",
                 f"{self.https},{self.http},{self.ssh_port},{self.database}", "--kernel",
                 "systemd.journald.forward_to_console=1", self.image],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def boot(self):
        self.start()
        self.next_look = time.monotonic() + 60
        wait_for(self.is_ready)
        self.open_door()

    def is_ready(self):
        """Asked for often. A log-in takes from the machine what it needs to come up, so there is none until the console
        says that all is well, but one a minute in case that is overlooked."""
        assert self.program.poll() is None, self.console.read_text(errors="replace")[-3000:]
        if self.count(COMPLETE) < self.complete and time.monotonic() < self.next_look:
            return False
        self.next_look = time.monotonic() + 60
        return self.try_ssh(self.ready).returncode == 0

    def try_ssh(self, command):
        return subprocess.run([*self.way, command], text=True, capture_output=True, check=False, timeout=600)

    def say(self, command):
        done = self.try_ssh(command)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout.strip()

    def put(self, path, text):
        """Writes a file on the machine."""
        self.say(f"base64 -d >{path} <<'END'\n{base64.b64encode(text.encode()).decode()}\nEND")

    def tell(self, command):
        """Its answer. A database that is starved lets commands say "later", which is when they are tried again."""
        def answer():
            done = self.try_ssh(f"{command} --json")
            if '"code":"later"' in done.stdout:
                return None
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
            return json.loads(done.stdout)
        return wait_for(answer, 300)

    def restart(self, boots=1):
        """Until it is ready again, after so many starts of the kernel."""
        seen = self.count(STARTED) + boots
        self.complete = self.count(COMPLETE) + 1
        self.try_ssh("systemctl reboot")
        self.close_door()
        wait_for(lambda: self.count(STARTED) >= seen)
        self.next_look = time.monotonic() + 60
        wait_for(self.is_ready)
        self.open_door()

    def count(self, words):
        return self.console.read_bytes().count(words)

    def destroy(self):
        self.close_door()
        if self.program and self.program.poll() is None:
            self.program.kill()  # image/boot became QEMU
            self.program.wait()
        shutil.rmtree(self.control.parent, ignore_errors=True)

    def request(self, method, url, root, headers=(), content=b"", timeout=120):  # pylint: disable=too-many-arguments
        """The status, the headers, the body and the certificate that a program gets which trusts root and finds
        every name at this machine."""
        parts = urllib.parse.urlsplit(url)
        context = ssl.create_default_context(cadata=root)
        with socket.create_connection(("127.0.0.1", self.https), timeout=timeout) as plain:
            with context.wrap_socket(plain, server_hostname=parts.hostname) as tls:
                connection = http.client.HTTPConnection(parts.netloc)
                connection.sock = tls
                target = parts.path + (f"?{parts.query}" if parts.query else "")
                connection.request(method, target, content or None, dict(headers))
                answer = connection.getresponse()
                return Page(answer.status, dict(answer.headers), answer.read(), tls.getpeercert())

    def get(self, name, path, root, timeout=120):
        return self.request("GET", f"https://{name}{path}", root, timeout=timeout)


def settings_of(authority, **others):
    values = {"host": "host.example", "email": "operator@example.org", "acme": "https://10.0.2.2:14000/dir",
              "acme_root": base64.b64encode((authority.folder / "root.pem").read_bytes()).decode()} | others
    return "".join(f"{name} = {value}\n" for name, value in values.items())

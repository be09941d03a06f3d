# SPDX-License-Identifier: AGPL-3.0-or-later
"""One installation: server, stator and command line on one database, and clients that speak to it.

Clients use the world's URLs (https://kea.test/...) and take the part of the TLS front: their
transport carries a request to the server's own address with the headers that a front adds."""

import itertools
import json
import subprocess
import time

import httpx

from . import lab, options
from .process import Broken, Daemon, check_log

ports = itertools.count(8080)


class Front(httpx.BaseTransport):
    """What a reverse proxy does to a request: Host is kept, X-Forwarded-* say where it came from."""

    def __init__(self, port, client_address="203.0.113.7", **transport_options):
        self.port = port
        self.client_address = client_address
        # It speaks plain http alone; loading the certificates of the world would cost each request 20 ms.
        self.inner = httpx.HTTPTransport(verify=False, **transport_options)

    def handle_request(self, request):
        scheme, host = request.url.scheme, request.headers["host"]
        forwarded = {"X-Forwarded-For": self.client_address, "X-Forwarded-Proto": scheme,
                     "X-Forwarded-Host": host}
        for name, value in forwarded.items():
            request.headers.setdefault(name, value)
        url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        # A request of its own: cookies belong to the address that the client asked for.
        return self.inner.handle_request(httpx.Request(request.method, url, headers=request.headers,
                                                       stream=request.stream, extensions=request.extensions))

    def close(self):
        self.inner.close()


class Stator:
    """The stators of a site: run to the end of what is due, or as daemons, with a courier or without."""

    def __init__(self, site):
        self.site = site
        self.daemons = []
        self.courier = None
        self.wrap = lambda *argv: argv  # how a daemon is called

    @property
    def daemon(self):
        """The one that was started last."""
        return self.daemons[-1] if self.daemons else None

    def drain(self, timeout=30):
        """Runs rookery-stator --once: returns when nothing is due any more."""
        done = self.site.run("rookery-stator", "--once", timeout=timeout)
        if done.returncode != 0:
            raise Broken(f"rookery-stator --once ended with {done.returncode}: {done.stderr[-4000:]}")
        return done

    def settle(self, timeout=10):
        """Until the running daemon has nothing to do that is due; far quicker than drain()."""
        until = time.monotonic() + timeout * lab.PATIENCE
        quiet = 0
        # Twice, since a row may fall due between the moment that a look is for and the look itself.
        while quiet < 2:
            left = self.site.sql("select t.name, c.state, c.ready, c.locked from stator_types t, "
                                 "stator_count(t.name) c where c.ready + c.locked > 0")
            quiet = 0 if left else quiet + 1
            if time.monotonic() > until or not self.daemon.is_alive():
                raise Broken(f"still to do after {timeout} s: {left}: {self.daemon.log()[-2000:]}")
            time.sleep(0.01)

    def _daemon(self, *args, **more):
        directory = self.site.directory / f"stator{next(self.site.numbers)}"
        directory.mkdir()
        return Daemon(self.wrap(lab.PROGRAMS / "rookery-stator", *args), self.site.environment(**more), directory)

    def start(self, **more):
        """One more stator."""
        self.daemons.append(self._daemon(**more))
        return self.daemon.start()

    def start_courier(self):
        """From now on stators leave their deliveries to a courier."""
        self.site.options["courier"] = f"@rookery-courier-{self.site.port}"
        self.courier = self._daemon("--courier")
        return self.courier.start()

    def stop(self):
        for daemon in [*self.daemons, self.courier]:
            if daemon:
                daemon.stop()

    def kill(self):
        self.daemon.kill()


class Site:
    """more: options that differ from harness.options.defaults."""

    def __init__(self, database, directory, **more):
        self.database = database
        self.directory = directory
        self.numbers = itertools.count(1)
        self.port = next(ports)
        self.admin_path = directory / "admin.sock"
        self.options = options.defaults(database.conninfo, f"127.0.0.1:{self.port}", self.admin_path)
        self.media = directory / "media"
        self.media.mkdir(exist_ok=True)
        self.options["media_path"] = str(self.media)
        self.options.update(more)
        self.server = Daemon([lab.PROGRAMS / "rookery-server"], self.environment(), directory)
        self.stator = Stator(self)
        self.clients = []

    def environment(self, **more):
        return options.environment({**self.options, **more})

    def start(self):
        self.server.start()
        return self

    def stop(self):
        for client in self.clients:
            client.close()
        self.clients.clear()
        self.stator.stop()
        self.server.stop()
        self.database.close()

    def restart(self):
        self.server.stop()
        self.server.start()

    def client(self, domain, scheme="https", client_address="203.0.113.7", local_address=None, **more):
        """A client whose base is a domain; local_address is where it connects from."""
        front = Front(self.port, client_address, local_address=local_address)
        client = httpx.Client(base_url=f"{scheme}://{domain}", transport=front,
                              timeout=30 * lab.PATIENCE, **more)
        self.clients.append(client)
        return client

    def admin(self):
        """A client of the private socket."""
        client = httpx.Client(base_url="http://admin", timeout=30 * lab.PATIENCE,
                              transport=httpx.HTTPTransport(verify=False, uds=str(self.admin_path)))
        self.clients.append(client)
        return client

    def get(self, url, **more):
        """One GET of a whole URL of any of this site's domains."""
        return self.request("GET", url, **more)

    def request(self, method, url, **more):
        with httpx.Client(transport=Front(self.port), timeout=30 * lab.PATIENCE) as client:
            return client.request(method, url, **more)

    def object(self, url):
        """An ActivityPub document of this site."""
        answer = self.get(url, headers={"Accept": "application/activity+json"})
        assert answer.status_code == 200, (url, answer.status_code, answer.text[:500])
        return answer.json()

    def run(self, program, *args, stdin=None, timeout=30):
        """Runs one of our programs to its end."""
        argv = [str(lab.PROGRAMS / program), *map(str, args)]
        try:
            done = subprocess.run(argv, env=self.environment(), cwd=lab.ROOT, input=stdin or "", text=True,
                                  capture_output=True, timeout=timeout * lab.PATIENCE, check=False)
        except subprocess.TimeoutExpired as late:
            words = (late.stderr or b"").decode(errors="replace")
            raise Broken(f"{program} {args} took more than {timeout} s: {words[-4000:]}") from None
        check_log(program, done.stderr)
        return done

    def rookery(self, *args, stdin=None):
        """Runs rookery ... --json, which must work, and gives what it says."""
        done = self.run("rookery", *args, "--json", stdin=stdin)
        if done.returncode != 0:
            raise Broken(f"rookery {' '.join(map(str, args))}: {done.returncode}: {done.stderr[-2000:]}"
                         f"{done.stdout[-2000:]}")
        return json.loads(done.stdout) if done.stdout.strip() else None

    def sql(self, statement, *args):
        return self.database.sql(statement, *args)

    def value(self, statement, *args):
        return self.database.value(statement, *args)

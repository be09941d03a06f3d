# SPDX-License-Identifier: AGPL-3.0-or-later
"""Fixtures of all tests in Python."""

import functools
import subprocess

import pytest

from . import lab, options, process
from .cluster import Cluster
from .front import TlsFront
from .peer import Peer, SilentHosts
from .site import Site

PASSWORD = "correct horse battery staple"
DOMAINS = ("kea.test", "weka.test")
# Log-ins of a furnished site, and the identities that each holds.
USERS = {
    "ruru@example.org": ("ruru@kea.test", "ruru@weka.test"),
    "toroa@example.org": ("toroa@kea.test",),
}


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    config.addinivalue_line("markers", "options(**options): of the site fixture, instead of the usual ones")
    if not lab.is_inside():
        raise pytest.UsageError("run it as: tools/lab /usr/bin/python3 -m pytest ...")
    # Short, for sockets' addresses.
    config.option.basetemp = config.option.basetemp or lab.directory() / "t"


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport():
    """A failed test shows the end of the log of every daemon that runs."""
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for daemon in process.running:
            report.sections.append((f"Captured stderr {daemon.name}", daemon.log()[-8000:]))


def _rookery(conninfo, *args, stdin=""):
    done = subprocess.run([lab.PROGRAMS / "rookery", *args], input=stdin, text=True, cwd=lab.ROOT,
                          env=options.environment({"database": conninfo}), capture_output=True, check=False)
    process.check_log("rookery", done.stderr)
    assert done.returncode == 0, f"rookery {' '.join(args)}: {done.stderr[-2000:]}"


def _furnish(conninfo):
    """DOMAINS active, and USERS with their identities."""
    for domain in DOMAINS:
        _rookery(conninfo, "domain", "add", domain, "--active")
    for email, handles in USERS.items():
        _rookery(conninfo, "user", "add", email, "--password-stdin", stdin=PASSWORD + "\n")
        for handle in handles:
            _rookery(conninfo, "identity", "add", handle, "--user", email)


@functools.lru_cache(maxsize=None)
def furnished_cluster():
    """The directory of a cluster with the same in its database rookery, stopped: who needs one of his own copies it."""
    made = Cluster(lab.directory() / "furnished")
    made.start(fast=False)
    _rookery(made.conninfo("rookery"), "migrate")
    _furnish(made.conninfo("rookery"))
    made.stop()
    return made.directory.resolve()


@pytest.fixture(scope="session")
def cluster():
    """The private PostgreSQL cluster of this test process."""
    made = Cluster(lab.directory() / "postgres")
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def template(cluster):
    """Name of a database with the schema and nothing in it."""
    database = cluster.create("template_empty")
    _rookery(database.conninfo, "migrate")
    return database.name


@pytest.fixture(scope="session")
def furnished(cluster, template):
    """Name of a database with DOMAINS active for a year and USERS with their identities."""
    database = cluster.create("template_site", template)
    _furnish(database.conninfo)
    # They are served for long: what waits may be as old as a test says.
    with database.connect() as session:
        session.execute("update domains set state_changed = now() - interval '1 year'")
    return database.name


def _database(cluster, template):
    made = cluster.create_numbered(template)
    yield made
    made.drop()


@pytest.fixture
def database(cluster, template):
    """A database of this test's own: the schema and nothing in it."""
    yield from _database(cluster, template)


@pytest.fixture
def furnished_database(cluster, furnished):
    """A database of this test's own with tenants, users and identities."""
    yield from _database(cluster, furnished)


@pytest.fixture(scope="module")
def module_database(cluster, furnished):
    yield from _database(cluster, furnished)


def _new_site(request, database, directory):
    marker = request.node.get_closest_marker("options")
    return Site(database, directory, **(marker.kwargs if marker else {}))


def _site(request, database, directory):
    made = _new_site(request, database, directory)
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture
def site(request, furnished_database, tmp_path):
    """A running server with tenants, users and identities, for this test alone. Options that differ
    from the usual ones come by a mark: @pytest.mark.options(trusted_proxy="")."""
    yield from _site(request, furnished_database, tmp_path)


@pytest.fixture
def quiet_site(request, furnished_database, tmp_path):
    """A site whose server and stators the test starts, if it needs any; what its identities wait for is done."""
    made = _new_site(request, furnished_database, tmp_path)
    made.stator.drain()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture(scope="module")
def shared_site(request, module_database, tmp_path_factory):
    """The same, shared by the tests of a module that only read or that stay out of each other's way."""
    yield from _site(request, module_database, tmp_path_factory.mktemp("site"))


@pytest.fixture
def peers():
    """Makes scripted peers: peers("peer1.test", tls=True). They are closed after the test."""
    made = []

    def make(name="peer1.test", **more):
        made.append(Peer(name, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def peer(peers):
    """One scripted peer, http://peer1.test."""
    return peers()


@pytest.fixture
def silent_hosts():
    """Makes hosts that accept connections and never answer: silent_hosts(["peer20.test", ...])."""
    made = []

    def make(names, **more):
        made.append(SilentHosts(names, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def tls_front():
    """Puts real https before local ports: tls_front({"kea.test": site.port})."""
    made = []

    def make(routes):
        made.append(TlsFront(routes))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture
def programs(tmp_path):
    """Starts independent servers: programs(Fedify, actors=["frida"]), programs(Snac)."""
    made = []

    def make(kind, **more):
        directory = tmp_path / f"program{len(made)}"
        directory.mkdir()
        made.append(kind(directory, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()

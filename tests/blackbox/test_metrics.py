# SPDX-License-Identifier: AGPL-3.0-or-later
"""Metrics for Prometheus, and the records of what tenants use."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import textwrap
import time

import psycopg
import pytest

from harness import lab, media, work
from harness.api import Api
from harness.bus import Bus
from harness.prometheus import Metrics
from harness.site import Site
from harness.wait import wait_for
from harness.world import world_of


def scrape(site, path="/metrics"):
    answer = site.admin().get(path)
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    return Metrics(answer.text)


def check_with_promtool(text):
    """Prometheus' own judge, where it is installed."""
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_requests_by_class_and_status(site):
    before = scrape(site)
    ruru = Api(site)
    for url in ("https://kea.test/about/", "https://kea.test/nowhere/", "https://kea.test/.well-known/nodeinfo",
                "https://nobody.test/", "https://console.test/login/"):
        site.get(url, headers={"Accept": "text/html"})
    ruru.get("/api/v1/timelines/home")
    site.request("POST", "https://kea.test/inbox/", content=b"{}")
    assert media.upload(ruru, media.png(5, 5)).status_code in (200, 202)
    after = scrape(site)

    def more(name, **labels):
        return after.sum(name, **labels) - before.sum(name, **labels)

    requests = "rookery_http_requests_total"
    assert more(requests, **{"class": "page", "status": "200"}) == 1
    assert more(requests, **{"class": "other", "status": "404"}) == 1
    assert more(requests, **{"class": "other", "status": "421"}) == 1
    assert more(requests, **{"class": "federation", "status": "200"}) == 1
    assert more(requests, **{"class": "inbox"}) == 1 and more(requests, **{"class": "api"}) == 2
    assert more(requests, **{"class": "console", "status": "200"}) == 1
    assert more("rookery_http_request_duration_seconds_count", **{"class": "api"}) == 2
    assert more("rookery_http_request_duration_seconds_sum", **{"class": "api"}) > 0
    assert after.value("rookery_http_requests_in_flight") == 1  # this one
    assert more("rookery_statements_total") > 5 and more("rookery_database_connects_total") >= 0
    assert more("rookery_media_decoded_total") >= 1 and more("rookery_media_stored_bytes_total") > 0
    assert after.value("rookery_up") == 1 and after.value("rookery_build_info") == 1


def test_the_installation(site):
    for world in world_of(site):
        world.follower(world.ruru)
        Api(site).post("/api/v1/statuses", status="counted")
        world.settle()
        world.peer.wait(lambda: world.peer.inbox("Create"))
        site.stator.stop()
        work.deliveries(site, [world.peer], count=3)
        text = site.admin().get("/metrics").text
        check_with_promtool(text)
        seen = Metrics(text)
        assert seen.value("rookery_queue_rows", type="delivery", state="waiting", standing="ready") == 3
        assert seen.value("rookery_queue_oldest_seconds", type="delivery", state="waiting") >= 0
        assert seen.value("rookery_stator_attempts_total", type="delivery", state="waiting", result="ok") >= 2
        assert seen.value("rookery_stator_attempt_seconds_total", type="delivery", state="waiting") > 0
        assert seen.value("rookery_stator_fetches_total", result="2xx") >= 2
        for name in ("rookery_database_size_bytes", "rookery_database_connections", "rookery_disk_size_bytes",
                     "rookery_disk_available_bytes"):
            assert all(number > 0 for _, number in seen.samples(name)) and seen.samples(name), name
        for name in ("process_resident_memory_bytes", "process_open_fds", "rookery_machine_memory_bytes",
                     "rookery_machine_memory_free_bytes"):
            assert seen.value(name) > 0, name
        assert 0 <= time.time() - seen.value("process_start_time_seconds") < 3600 * lab.PATIENCE
        assert seen.value("process_open_fds") < seen.value("process_max_fds")
        assert seen.value("rookery_machine_load_ratio") >= 0
        assert seen.value("rookery_breakers_open") == 0 and seen.value("rookery_disk_level") == 0
        assert seen.value("rookery_tenants") == 2 and seen.value("rookery_maintenance") == 0
        # Attempts only grow: from stator to stator, and when statistics of minutes are forgotten.
        site.sql("delete from stator_stats")
        site.stator.drain()
        again = scrape(site)
        assert again.value("rookery_stator_attempts_total", type="delivery", state="waiting", result="ok") == \
            seen.value("rookery_stator_attempts_total", type="delivery", state="waiting", result="ok") + 3
        own = scrape(site, "/metrics/process")
        assert own.value("rookery_build_info") == 1 and not own.samples("rookery_queue_rows")


UNITS = {
    "rookery-server.service": {"MemoryCurrent": 50000000, "CPUUsageNSec": 12000000034, "NRestarts": 0},
    "rookery-stator@1.service": {"MemoryCurrent": 30000000, "CPUUsageNSec": 1500000000, "NRestarts": 2},
    "rookery-stator@2.service": {"MemoryCurrent": None, "CPUUsageNSec": None, "NRestarts": 0},
    "rookery-stator@a\\x2db.service": {"MemoryCurrent": 1, "CPUUsageNSec": 1, "NRestarts": 1},
    "postgresql@15-main.service": {"MemoryCurrent": 70000000, "CPUUsageNSec": 0, "NRestarts": 0},
    "ssh.service": {"MemoryCurrent": 1, "CPUUsageNSec": 1, "NRestarts": 1},
}


@pytest.fixture
def bus(site, tmp_path):
    made = Bus(tmp_path, dict(UNITS))
    site.server.env = {**site.environment(), **made.environment()}
    site.restart()
    yield made
    made.close()


def test_each_service_of_the_machine(site, bus):
    """Of each stator, beside the server and what they stand on; of every machine, since each has its own."""
    for path in ("/metrics", "/metrics/process"):
        text = site.admin().get(path).text
        check_with_promtool(text)
        seen = Metrics(text)

        def of(name):
            return {labels["unit"]: number for labels, number in seen.samples(f"rookery_unit_{name}")}

        assert of("memory_bytes") == {"rookery-server": 50000000, "rookery-stator@1": 30000000,
                                      "postgresql@15-main": 70000000}
        assert of("cpu_seconds_total") == {"rookery-server": 12.000000034, "rookery-stator@1": 1.5,
                                           "postgresql@15-main": 0}
        assert of("restarts_total") == {"rookery-server": 0, "rookery-stator@1": 2, "rookery-stator@2": 0,
                                        "postgresql@15-main": 0}
        assert seen.value("rookery_machine_failed_units") == 3
        assert seen.value("rookery_machine_time_synchronised") == 1


def test_no_more_services_than_a_few_dozen(site, bus):
    """However many somebody starts, the numbers stay few."""
    bus.units.update({f"rookery-stator@{number}.service": UNITS["rookery-server.service"] for number in range(3, 99)})
    assert len(scrape(site).samples("rookery_unit_memory_bytes")) == 63  # and one of which nobody knows it
    assert len(scrape(site).samples("rookery_unit_restarts_total")) == 64


def test_what_nobody_knows_is_left_out(site, bus):
    bus.units.clear()
    assert not [name for name, _ in scrape(site) if name.startswith("rookery_unit_")]
    # One that ended since it was listed.
    bus.units["rookery-server.service"] = {}
    seen = scrape(site)
    assert not seen.samples("rookery_unit_memory_bytes") and seen.value("rookery_machine_failed_units") == 3
    bus.silent = True
    bus.asked.clear()
    seen = scrape(site)
    assert bus.asked == ["Hello"], "scrapers wait for ten seconds, and nobody else for what does not answer"
    assert seen.value("rookery_up") == 1 and not seen.samples("rookery_machine_failed_units")
    bus.close()
    assert scrape(site).value("rookery_up") == 1


def test_without_a_database(site, cluster):
    site.get("https://kea.test/about/")
    site.database.close()
    cluster.stop()
    try:
        seen = scrape(site)
        assert seen.value("rookery_up") == 0 and seen.samples("rookery_http_requests_total")
        assert not seen.samples("rookery_queue_rows")
    finally:
        cluster.start()


@contextlib.contextmanager
def frozen(site):
    """The server's sessions of PostgreSQL stand still: nothing is refused, and nothing is answered."""
    rows = site.sql("select pid from pg_stat_activity"
                    " where usename = 'rookery_server' and datname = current_database()")
    for row in rows:
        os.kill(row["pid"], signal.SIGSTOP)
    try:
        yield
    finally:
        for row in rows:
            os.kill(row["pid"], signal.SIGCONT)


def test_with_a_database_that_hangs(site):
    """Scrapers are told, and hold none of the few connections."""
    assert scrape(site).value("rookery_up") == 1
    with frozen(site):
        begun = time.monotonic()
        seen = scrape(site)
        assert time.monotonic() - begun < 9 * lab.PATIENCE
        assert seen.value("rookery_up") == 0 and seen.samples("rookery_http_requests_total")
        assert not seen.samples("rookery_queue_rows")
    wait_for(lambda: scrape(site).value("rookery_up") == 1, what="the database")


def test_with_a_table_that_hangs(site):
    """It answers, and what is asked of it takes for ever."""
    with site.database.connect() as session, session.transaction():
        session.execute("lock table stator_workers in access exclusive mode")
        begun = time.monotonic()
        assert scrape(site).value("rookery_up") == 0
        assert time.monotonic() - begun < 9 * lab.PATIENCE
    wait_for(lambda: scrape(site).value("rookery_up") == 1, what="the table")


def test_health_needs_no_database(site, cluster):
    site.database.close()
    cluster.stop()
    try:
        assert site.admin().get("/healthz").text == "ok\n"
        assert site.admin().get("/readyz").status_code == 503
    finally:
        cluster.start()


@pytest.mark.options(metrics_tenants=1)
def test_tenants_are_named_up_to_a_limit(site):
    site.rookery("domain", "add", "tui.test", "--active")
    wait_for(lambda: site.get("https://tui.test/about/").status_code == 200, what="the new tenant")
    for _ in range(5):
        site.get("https://weka.test/about/")
    site.restart()  # which tells what was counted
    site.rookery("domain", "usage", "weka.test")
    seen = scrape(site)
    for name in ("members", "posts", "media_bytes", "requests", "queue_rows"):
        assert {labels["tenant"] for labels, _ in seen.samples(f"rookery_tenant_{name}")} == {"weka.test", "other"}
    assert seen.value("rookery_tenant_requests", tenant="weka.test") == 5


def test_what_a_tenant_used(site):
    ruru = Api(site)
    for number in range(3):
        ruru.post("/api/v1/statuses", status=f"post {number}")
    media.ready(ruru, media.png(8, 8))
    site.restart()
    said = site.rookery("domain", "usage", "kea.test")
    assert said["periods"] == [] and said["name"] == "kea.test"
    present = said["present"]
    assert (present["members"], present["posts"]) == (1, 3)
    assert present["requests"] >= 4 and present["media_bytes"] > 0
    assert re.fullmatch(r"20\d\d-\d\d", present["month"])
    weka = site.rookery("domain", "usage", "weka.test")["present"]
    assert (weka["members"], weka["posts"], weka["requests"], weka["media_bytes"]) == (0, 0, 0, 0)
    assert site.run("rookery", "domain", "usage", "nobody.test").returncode == 3


def month_ago(site):
    """Turns the clock back by what is stored: all of it happened two months ago."""
    site.sql("update domains set created = created - interval '2 months'")
    site.sql("update posts set published = published - interval '2 months'")
    site.sql("update usage_members set month = date_trunc('month', month - interval '2 months')")
    site.sql("update usage_requests set day = date_trunc('month', day - interval '2 months')")
    site.sql("update sessions set last_seen = last_seen - interval '2 months'")
    site.sql("update tokens set last_used = last_used - interval '2 months'")


def test_records_of_past_months_do_not_change(site):
    ruru = Api(site)
    first = ruru.post("/api/v1/statuses", status="one")
    ruru.post("/api/v1/statuses", status="two")
    site.restart()
    site.rookery("domain", "usage", "kea.test")
    month_ago(site)
    last, before = site.rookery("domain", "usage", "kea.test")["periods"]
    assert (before["members"], before["posts"], before["agrees"]) == (1, 2, True) and before["requests"] >= 2
    assert (last["members"], last["posts"], last["requests"]) == (0, 0, 0)
    ruru.delete(f"/api/v1/statuses/{first['id']}")
    site.sql("delete from posts where object_uri = %s", first["uri"])
    _, again = site.rookery("domain", "usage", "kea.test")["periods"]
    assert {**again, "agrees": True, "posts_counted_now": 2} == before
    assert (again["agrees"], again["posts_counted_now"]) == (False, 1)
    # Not even the superuser gets at them by accident.
    for statement in ("update usage_periods set posts = 0", "delete from usage_periods", "truncate usage_periods"):
        with pytest.raises(psycopg.errors.IntegrityConstraintViolation):
            site.sql(statement)
    assert len(site.rookery("domain", "usage", "kea.test")["periods"]) == 2


def test_requests_are_told_again_when_the_database_was_away(site, cluster):
    site.get("https://kea.test/about/")
    site.database.close()
    cluster.stop("--immediate")
    cluster.start()
    wait_for(lambda: site.get("https://kea.test/about/").status_code == 200, what="the database")
    site.server.stop()
    counted = site.value("select sum(requests) from usage_requests")
    assert counted >= 2
    site.server.start()


class Slow:
    """A request whose body comes later."""

    def __init__(self, site):
        self.socket = socket.create_connection(("127.0.0.1", site.port))
        self.socket.settimeout(30 * lab.PATIENCE)
        self.socket.sendall(b"POST /api/v1/apps HTTP/1.1\r\nHost: kea.test\r\nX-Forwarded-Proto: https\r\n"
                            b"Connection: close\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n")

    def finish(self):
        self.socket.sendall(b"{}")
        assert self.socket.recv(4096).startswith(b"HTTP/1.1 ")
        self.socket.close()


@pytest.mark.options(server_threads=8)
@pytest.mark.parametrize("hanging", [0, 1])
def test_what_is_answered_at_the_end_is_counted(site, hanging):
    """By whichever thread, and when a request that does not end makes an end of all."""
    total = "select coalesce(sum(requests), 0)::int from usage_requests"
    site.restart()
    before = site.value(total)
    slow = [Slow(site) for _ in range(12)]
    wait_for(lambda: scrape(site, "/metrics/process").value("rookery_http_requests_in_flight") == 13, what="requests")
    site.server.begin_stop()
    for each in slow[hanging:]:
        time.sleep(0.1)
        each.finish()
    site.server.stop()
    assert site.value(total) - before == 12 - hanging
    assert ("requests did not end in time" in site.server.log()) == bool(hanging)
    slow[0].socket.close()
    site.server.start()


def test_no_server_tells_of_another_tenant_than_it_may(furnished_database, tmp_path):
    """The functions that cross the walls give sums alone, and to those who need them."""
    made = Site(furnished_database, tmp_path)
    for role, function, may in [("rookery_server", "usage_tenants(5)", True),
                                ("rookery_server", "usage_refresh()", False),
                                ("rookery_server", "usage_derive(1, '2026-01-01')", False),
                                ("rookery_stator", "usage_tenants(5)", False),
                                ("rookery_stator", "usage_refresh()", True)]:
        with made.database.connect(role) as session:
            try:
                session.execute(f"select * from {function}")
                done = True
            except psycopg.errors.InsufficientPrivilege:
                done = False
        assert done == may, (role, function)
    made.database.close()


def blocks(page):
    """What stands indented in a page of the documentation, by its first word."""
    found = re.findall(r"(?:^    .*\n(?:(?=    |\n    ).*\n)*)+", page, re.MULTILINE)
    texts = [textwrap.dedent(text) for text in found]
    return {text.split()[0]: text for text in texts}


def test_alarms_are_about_numbers_that_there_are(site, tmp_path):
    """Of docs/prometheus.md; and Prometheus' own judge reads them, where it is installed."""
    page = (lab.ROOT / "docs/prometheus.md").read_text()
    there = site.admin().get("/metrics").text + (lab.ROOT / "lib/model/backup.c").read_text() + \
        (lab.ROOT / "server/metrics_machine.c").read_text()
    rules = blocks(page)["groups:"]
    names = set(re.findall(r"\b(?:rookery|process)_[a-z_]+", " ".join(re.findall(r"expr: (.*)", rules))))
    assert len(names) > 12 and {name for name in names if f"{name}" not in there} == set()
    if shutil.which("promtool"):
        for verb, first, name in (("rules", "groups:", "rules.yml"), ("config", "scrape_configs:", "prometheus.yml")):
            (tmp_path / name).write_text(blocks(page)[first])
            done = subprocess.run(["promtool", "check", verb, *(["--syntax-only"] if verb == "config" else []),
                                   tmp_path / name], text=True, capture_output=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr

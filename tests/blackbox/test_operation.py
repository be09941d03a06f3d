# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the operator sees of an installation: the doctor and the status."""

import http.server
import json
import threading

import pytest

from harness import lab
from harness.wait import wait_for


def findings(answer):
    """The findings of each check."""
    found = {}
    for each in answer["findings"]:
        found.setdefault(each["check"], []).append(each)
    return found


def doctor(site):
    done = site.run("rookery", "doctor", "--json", timeout=60)
    return done.returncode, findings(json.loads(done.stdout))


def wrong(found):
    return {check for check, all_of_it in found.items() if not all(each["well"] for each in all_of_it)}


def test_every_finding_says_what_to_do(site, tls_front):
    tls_front({"kea.test": site.port, "weka.test": site.port})
    site.stator.start()
    site.options["acme_directory"] = "https://kea.test/about/"
    code, found = doctor(site)
    assert (code, wrong(found)) == (0, set())
    assert {"server", "disk", "memory", "time", "kernel", "database", "clock", "roles", "grants", "stator", "work",
            "failing", "media", "mail", "acme", "dns", "webfinger", "proxy", "certificate"} <= set(found)
    assert "takes files and gives them back" in str(found["media"])
    assert len(found["proxy"]) == 2 and "by https from 10.7." in str(found["proxy"])
    assert "answers 200" in found["acme"][0]["says"]
    text = site.run("rookery", "doctor", timeout=60).stdout
    assert "ok    proxy: kea.test" in text and "WRONG" not in text


def test_machines_that_work_on_one_database_share_files(site, tmp_path):
    def told():
        return [one["says"] for one in doctor(site)[1].get("sharing", [])]

    site.sql("insert into stator_workers (name) values ('one:1'), ('one:2')")
    assert told() == []
    site.sql("insert into stator_workers (name, seen) values ('old:1', now() - interval '1 hour'), ('two:1', now())")
    assert told() == ["2 machines work here, and each has a media_path"]
    site.options["media_s3"] = "https://peer7.test/bucket"
    assert told() == []


def test_what_is_wrong_is_found(site, tls_front):
    """A proxy that is not believed, no stator, no store, no mail server, walls that somebody tore down."""
    tls_front({"kea.test": site.port, "weka.test": site.port})
    site.server.stop()
    site.options["trusted_proxy"] = ""
    site.server.env = site.environment(NOTIFY_SOCKET=None)
    site.server.env["ROOKERY_TRUSTED_PROXY"] = ""
    site.server.start()
    site.options.update(acme_directory="https://nobody.test/", media_path="/nonexistent",
                        smtp_server="smtp+plain://127.0.0.1:9", mail_from="post@kea.test")
    site.sql("alter table drafts no force row level security")
    code, found = doctor(site)
    assert code == 1
    assert wrong(found) == {"proxy", "stator", "media", "disk", "mail", "grants"}
    assert "trusted_proxy" in found["proxy"][0]["advice"]
    assert "drafts: row-level security spares the owner" in found["grants"][0]["says"]
    assert any("Connection refused" in each["says"] for each in found["mail"])
    assert found["acme"][0]["well"] and found["acme"][0]["advice"]
    assert all(each.get("advice") for each in sum(found.values(), []) if not each["well"])


class Echo(http.server.BaseHTTPRequestHandler):
    """A server behind a proxy that passes on what a stranger says of its address."""

    def do_GET(self):
        body = json.dumps({"address": self.server.says(self.headers), "scheme": "https"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.mark.parametrize("address, advice", [
    ("192.0.2.7", "lets clients invent their address"), ("unix", "passes no X-Forwarded-For")])
def test_a_proxy_that_is_too_trusting(site, tls_front, address, advice):
    with http.server.HTTPServer(("127.0.0.1", 0), Echo) as server:
        server.says = lambda headers: address
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tls_front({"kea.test": server.server_port, "weka.test": server.server_port})
        _, found = doctor(site)
        server.shutdown()
    assert all(not each["well"] and advice in each["advice"] for each in found["proxy"])


def test_the_status_is_one_screen(site):
    done = site.run("rookery", "status", "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 1 and said["stators"] == 0
    site.stator.start()
    site.sql("insert into hashtags (name, state, state_next_attempt) values ('kiwi', 'outdated', now() + '1 day')")
    said = wait_for(lambda: json.loads(site.run("rookery", "status", "--json").stdout), what="a status")
    assert said["stators"] == 1 and said["server"] == "serves" and said["tenants"] == {"active": 2}
    assert said["database"]["connections"] > 0 and said["database"]["mib"] > 0
    assert {"volume", "path", "percent_used", "mib_left", "level"} == set(said["disks"][0])
    assert [each for each in said["queue"] if each["type"] == "hashtag" and each["waiting"] == 1]
    text = site.run("rookery", "status").stdout
    assert len(text.splitlines()) < 50 and "server: serves" in text


def test_the_status_has_backups_versions_and_what_rests(site, tmp_path):
    said = json.loads(site.run("rookery", "status", "--json").stdout)
    assert "backups" not in said and "versions" not in said and said["paused"] == []
    site.rookery("stator", "pause", "delivery")
    site.rookery("stator", "pause", "hashtag", "outdated")
    site.sql("insert into backups (kind, result, finished) values ('dump', 'done', now() - interval '2 hours')")
    site.options["backup_repository"] = str(tmp_path)
    (tmp_path / "state").write_text("running v1\noffered v2\n")
    site.options["versions_path"] = str(tmp_path / "state")
    done = site.run("rookery", "status", "--json")
    said = json.loads(done.stdout)
    assert [(one["type"], one["state"]) for one in said["paused"]] == [("delivery", ""), ("hashtag", "outdated")]
    assert 7200 <= said["backups"]["seconds_since_backup"] < 7200 + 600
    assert said["backups"]["seconds_since_drill"] is None and done.returncode == 1
    assert said["versions"] == {"running": "v1", "offered": "v2"}


def test_the_status_without_a_database(site):
    site.options["database"] = "host=/nonexistent dbname=rookery"
    done = site.run("rookery", "status", "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 1 and "no connection" in said["database_error"] and said["disks"]
    assert str(lab.ROOT) not in said["database_error"]

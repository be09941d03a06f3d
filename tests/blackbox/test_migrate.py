# SPDX-License-Identifier: AGPL-3.0-or-later
"""The schema in two phases: what a newer version added is no news to the one before, which can be gone back to; what
took something away is. And the appliance's commands, where there is no appliance."""

import json

from harness.api import Api
from harness.wait import wait_for

# As tests/image does it to a version that is gone back to.
NEWER = ["insert into schema_migrations (version, name, oldest) values (9001, 'expand_it', 0)",
         *(f"alter table {name} add column later text not null default 'x'"
           for name in ("domains", "posts", "follows"))]
NEWEST = "insert into schema_migrations (version, name, oldest) values (9002, 'contract_it', 9001)"


def migrate(site, *args):
    return site.run("rookery", "migrate", *args, "--json")


def test_a_server_works_on_a_schema_that_grew(site):
    for statement in NEWER:
        site.sql(statement)
    done = migrate(site)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"applied": [], "version": 9001, "waiting": 0}
    site.restart()
    site.rookery("domain", "add", "later.test", "--active")
    wait_for(lambda: site.client("later.test").get("/auth/login/").status_code == 200)
    assert site.admin().get("/readyz").status_code == 200
    ruru, other = Api(site), Api(site, "ruru@weka.test")
    other.post(f"/api/v1/accounts/{ruru.id}/follow")
    post = ruru.post("/api/v1/statuses", status="hello")
    site.stator.drain()
    assert [one["content"] for one in other.get("/api/v1/timelines/home")] == [post["content"]]
    assert site.value("select count(*) from posts where later = 'x'") == 1


def test_a_server_refuses_a_schema_that_lacks_what_it_needs(site):
    for statement in NEWER:
        site.sql(statement)
    site.sql(NEWEST)
    done = migrate(site)
    assert done.returncode == 4 and "install the newer program" in done.stdout
    site.stop()
    done = site.run("rookery", "doctor", "--local", "--json")
    assert [f["advice"] for f in json.loads(done.stdout)["findings"] if f["check"] == "schema"] \
        == ["the database is newer than these programs: install their newer version"]


def test_what_another_version_needs_is_kept(site):
    """Before anything was taken away from it; the number is what such a version says that it knows."""
    said = json.loads(site.run("rookery", "schema", "--json").stdout)
    assert said["known"] == said["version"] > said["oldest"] and said["database"] == "ready"
    for statement in [*NEWER, NEWEST]:
        site.sql(statement)
    said = json.loads(site.run("rookery", "schema", "--json").stdout)
    assert said["known"] < said["oldest"] == 9001 and said["version"] == 9002
    done = site.run("rookery", "migrate", "--contract", "--keep=x", "--json")
    assert done.returncode == 2 and "takes a number" in done.stdout


def test_it_says_what_it_knows_without_a_database(site, monkeypatch):
    given = site.environment(database="host=/nonexistent dbname=rookery")
    monkeypatch.setattr(site, "environment", lambda **_more: given)
    done = site.run("rookery", "schema", "--json")
    said = json.loads(done.stdout)
    assert done.returncode == 1 and said["known"] > 0 and "nonexistent" in said["database"]


def test_there_are_no_versions_without_an_appliance(site):
    for command in (["update"], ["update", "--check"], ["update", "--from=/nowhere"], ["rollback"]):
        done = site.run("rookery", *command, "--json")
        assert done.returncode == 1
        assert "the system's packages" in json.loads(done.stdout)["error"]["message"]

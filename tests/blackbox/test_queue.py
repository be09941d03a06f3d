# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an operator does with the work of stators by state and tenant: see it, let it rest, try again, give up."""

import json

import pytest

from harness import work
from harness.site import Site

KEA, WEKA = "ruru@kea.test", "ruru@weka.test"
CONFLICT, USAGE, NOT_FOUND = 4, 2, 3


@pytest.fixture
def site(furnished_database, tmp_path):
    """Tenants without a server, whose own work is done."""
    made = Site(furnished_database, tmp_path)
    made.stator.drain()
    try:
        yield made
    finally:
        made.stop()


@pytest.fixture
def both(site, peer):
    """Two deliveries of each tenant."""
    return {handle: work.deliveries(site, [peer], 2, handle) for handle in (KEA, WEKA)}


def listed(site, *words):
    return {int(row["id"]) for row in site.rookery("stator", "list", "delivery", *words)["rows"]}


def stand(site, ids):
    return {row["state"] for row in site.sql("select state from deliveries where id = any(%s)", ids)}


def fail(site, ids):
    site.sql("update deliveries set state_attempts = 3, state_error = 'timeout', "
             "state_next_attempt = now() + interval '1 hour' where id = any(%s)", ids)


def test_rows_are_listed_with_what_names_them(site, both):
    fail(site, both[KEA][:1])
    rows = site.rookery("stator", "list", "delivery")["rows"]
    assert {int(row["id"]) for row in rows} == {*both[KEA], *both[WEKA]}
    assert int(rows[-1]["id"]) == both[KEA][0]  # that last which is due last
    row = rows[-1]
    assert (row["tenant"], row["state"], row["attempts"], row["last_error"]) == ("kea.test", "waiting", 3, "timeout")
    assert row["next_attempt"] > rows[0]["next_attempt"]
    assert site.rookery("stator", "explain", "delivery", row["id"])["attempts"] == 3
    assert listed(site, "waiting", "--tenant=weka.test") == set(both[WEKA])
    assert listed(site, "--failing") == set(both[KEA][:1])
    assert listed(site, "--failing", "--tenant=weka.test") == set()
    assert len(listed(site, "--limit=3")) == 3
    for words, status in ((["bird"], USAGE), (["delivery", "sent"], USAGE), (["delivery", "--limit=0"], USAGE),
                          (["delivery", "--tenant=nobody.test"], NOT_FOUND)):
        assert site.run("rookery", "stator", "list", *words).returncode == status


def test_the_work_of_one_tenant_rests(site, both):
    paused = site.rookery("stator", "pause", "delivery", "waiting", "--tenant=kea.test")["paused"]
    assert [(one["type"], one["state"], one["tenant"]) for one in paused] == [("delivery", "waiting", "kea.test")]
    site.stator.drain()
    assert stand(site, both[KEA]) == {"waiting"} and stand(site, both[WEKA]) == {"sent"}
    assert site.run("rookery", "stator", "resume", "delivery", "waiting").returncode == CONFLICT
    assert site.rookery("stator", "resume", "delivery", "waiting", "--tenant=kea.test")["paused"] == []
    site.stator.drain()
    assert stand(site, both[KEA]) == {"sent"}


def test_a_pause_of_all_and_of_one_stand_beside_each_other(site, both):
    site.rookery("stator", "pause", "delivery")
    site.rookery("stator", "pause", "delivery", "--tenant=kea.test")
    assert len(site.rookery("stator", "pause", "delivery", "--tenant=kea.test")["paused"]) == 2
    site.rookery("stator", "resume", "delivery")
    site.stator.drain()
    assert stand(site, both[KEA]) == {"waiting"} and stand(site, both[WEKA]) == {"sent"}
    assert site.value("select string_agg(action, ' ' order by id) from audit_log where action like 'stator.%%'") == \
        "stator.pause stator.pause stator.resume"


def test_every_type_knows_how(site):
    """The claim that asks whose a row is, of each type and state."""
    domain = site.value("select id from domains where name = 'kea.test'")
    for row in site.sql("select name, relation, automatic, domain_expression from stator_types"):
        site.sql("insert into stator_pauses (type, domain_id) values (%s, %s)", row["name"], domain)
        site.sql(f"update {row['relation']} set state_next_attempt = now(), state = %s", row["automatic"][0])
        claimed = site.sql("select * from stator_claim(%s, 'one:1', -1, '{}', 100000, 100000, '1 minute')", row["name"])
        assert domain not in [one["domain_id"] for one in claimed]
        left = site.sql(f"select {row['domain_expression']} as domain from {row['relation']} r "
                        "where state_locked_by is null")
        assert {one["domain"] for one in left} <= {domain}, row["name"]


def test_a_pause_is_not_forgotten(site, both):
    site.rookery("stator", "pause", "delivery")
    site.rookery("stator", "pause", "post", "new", "--tenant=kea.test")
    done = site.run("rookery", "doctor", "--json")
    notes = [(one["says"], one["advice"]) for one in json.loads(done.stdout)["findings"] if one["check"] == "paused"]
    assert [says.split(" is paused since 2")[0] for says, _ in notes] == ["delivery", "post new of kea.test"]
    assert [advice for _, advice in notes] == ["rookery stator resume delivery",
                                               "rookery stator resume post new --tenant=kea.test"]
    status = json.loads(site.run("rookery", "status", "--json").stdout)
    assert [(one["type"], one["tenant"]) for one in status["paused"]] == [("delivery", ""), ("post", "kea.test")]


def test_one_tenant_is_tried_again(site, both):
    fail(site, [*both[KEA], *both[WEKA]])
    site.sql("update servers set retry_after = now() + interval '1 hour'")
    assert site.rookery("stator", "retry", "delivery", "--tenant=kea.test", "--state=waiting")["made_due"] == 2
    assert site.value("select count(*) from servers where retry_after > now()") == 0
    site.stator.drain()
    assert stand(site, both[KEA]) == {"sent"} and stand(site, both[WEKA]) == {"waiting"}
    assert site.run("rookery", "stator", "retry", "delivery", both[WEKA][0], "--tenant=kea.test").returncode == USAGE
    assert site.rookery("stator", "retry", "delivery")["made_due"] == 2


def test_one_tenants_work_is_given_up(site, both):
    assert site.rookery("stator", "drop", "delivery", "waiting", "--tenant=weka.test")["given_up"] == 2
    assert stand(site, both[KEA]) == {"waiting"} and stand(site, both[WEKA]) == {"failed"}
    assert site.run("rookery", "stator", "drop", "delivery", "waiting", both[KEA][0],
                    "--tenant=weka.test").returncode == USAGE


def test_all_are_given_up_however_many(site):
    """More than one statement moves, and people hear how far it is."""
    with site.database.connect() as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("insert into inbox_messages (digest, actor_uri, signer_id, type, domain_ids, body) "
                           "select int4send(n), 'https://far.test/a', (select min(id) from identities), 'Like', '{}', "
                           "'{}' from generate_series(1, 100001) n")
        connection.commit()
    done = site.run("rookery", "stator", "drop", "inbox", "received", "--json")
    assert json.loads(done.stdout)["given_up"] == 100001
    assert done.stderr.splitlines()[0] == "rookery: 10000 given up so far"
    assert site.value("select count(*) from inbox_messages where state = 'received'") == 0
    assert site.value("select detail->>'n' from audit_log where action = 'stator.drop'") == "100001"

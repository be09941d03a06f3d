# SPDX-License-Identifier: AGPL-3.0-or-later
"""What an operator does with the work of stators by state and tenant: see it, let it rest, try again, give up."""

import json

import pytest

from harness import work
from harness.wait import wait_for

KEA, WEKA = "ruru@kea.test", "ruru@weka.test"
CONFLICT, USAGE, NOT_FOUND = 4, 2, 3


@pytest.fixture
def site(quiet_site):
    return quiet_site


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
    types = site.sql("select name, relation, automatic, domain_expression from stator_types order by name = 'domain'")
    for row in types:  # the tenants themselves last: what becomes of them decides about all others
        site.sql("insert into stator_pauses (type, domain_id) values (%s, %s)", row["name"], domain)
        site.sql(f"update {row['relation']} set state_next_attempt = now(), state = %s", row["automatic"][0])
        claimed = site.sql("select * from stator_claim(%s, 'one:1', -1, '{}', 100000, 100000, '1 minute')", row["name"])
        assert domain not in [one["domain_id"] for one in claimed]
        left = site.sql(f"select {row['domain_expression']} as domain from {row['relation']} r "
                        "where state_locked_by is null")
        assert {one["domain"] for one in left} <= {domain}, row["name"]


def walked(site, kind, relation):
    """What a claim takes, and at how many rows it looks by an index."""
    with site.database.connect() as connection, connection.transaction():
        got = connection.execute("select domain_id from stator_claim(%s, 'one:1', -1, '{}', 128, 16, '1 minute')",
                                 [kind]).fetchall()
        [row] = connection.execute("select idx_tup_fetch as n from pg_stat_xact_user_tables where relname = %s",
                                   [relation]).fetchall()
    return {one["domain_id"] for one in got}, row["n"]


@pytest.mark.parametrize("how", [("stator", "pause", "TYPE", "--tenant=kea.test"), ("domain", "suspend", "kea.test")])
@pytest.mark.parametrize("kind, relation", [("delivery", "deliveries"), ("post", "posts"), ("mail", "mails")])
def test_what_rests_is_not_walked_over(site, kind, relation, how):
    places = [(f"far{number}.test", f"http://far{number}.test/inbox") for number in range(3)]
    for handle, count in ((KEA, 1000), (WEKA, 2)):
        work.deliveries(site, places, count, handle)
        [made] = work.post(site, handle)
        domain = work.identity(site, handle)["domain_id"]
        site.sql("insert into posts (domain_id, author_id, object_uri, visibility, content, state, state_lane) "
                 "select domain_id, author_id, object_uri || n, visibility, content, state, state_lane "
                 "from posts, generate_series(2, %s) n where id = %s", count, made)
        site.sql("insert into mails (domain_id, kind, address, message_key, state_lane) "
                 "select %s, 'test', 'a@far.test', n || '.' || %s, %s from generate_series(1, %s) n", domain, domain,
                 domain, count)
    site.sql(f"analyze {relation}")
    site.rookery(*[kind if word == "TYPE" else word for word in how])
    assert walked(site, kind, relation)[0] == {domain} and walked(site, kind, relation)[1] < 100


def test_a_suspended_tenants_work_waits(site, both):
    """However long; nothing of it counts as tried or grows too old, nobody is late with it, and then it goes out."""
    site.rookery("domain", "suspend", "kea.test")
    site.sql("update deliveries set state_changed = now() - interval '30 days' where id = any(%s)", both[KEA])
    site.stator.drain()
    assert stand(site, both[KEA]) == {"waiting"} and stand(site, both[WEKA]) == {"sent"}
    assert site.value("select sum(state_attempts) from deliveries where state = 'waiting'") == 0
    [tally] = [one for one in site.rookery("stator", "status")["states"] if one["type"] == "delivery"]
    assert (tally["ready"], tally["waiting"]) == (0, 2)
    assert "late" in [one["says"] for one in json.loads(site.run("rookery", "doctor", "--json").stdout)["findings"]
                      if one["check"] == "work"][0]
    site.rookery("domain", "resume", "kea.test")
    site.stator.drain()
    assert stand(site, both[KEA]) == {"sent"}


def test_what_is_claimed_in_between_waits_and_is_no_attempt(site, both):
    """The stator knows the tenant as suspended when the database does not any more."""
    site.rookery("domain", "suspend", "kea.test")
    site.stator.start()
    wait_for(lambda: stand(site, both[WEKA]) == {"sent"})
    with site.database.connect() as quiet:
        quiet.execute("set session_replication_role = replica")
        quiet.execute("update domains set state = 'active', state_next_attempt = now() + interval '1 day'")
    wait_for(lambda: site.value("select count(*) from deliveries where state = 'waiting' and state_locked_by <> '' "
                                "and state_next_attempt < now() + interval '70 seconds'") == 2)
    assert site.value("select sum(state_attempts) from deliveries") == 0
    site.sql("notify domains")

    def goes_out():
        site.sql("update deliveries set state_locked_by = null, state_next_attempt = now() where state = 'waiting'")
        return stand(site, both[KEA]) == {"sent"}

    wait_for(goes_out)


def test_who_was_suspended_has_its_time_again(site, both):
    """From when it is served; who was served all the time has not."""
    site.rookery("domain", "suspend", "kea.test")
    site.rookery("domain", "resume", "kea.test")
    site.sql("update deliveries set state_changed = now() - interval '30 days', state_next_attempt = now() + "
             "interval '1 hour'")
    site.stator.drain()
    assert stand(site, both[KEA]) == {"waiting"} and stand(site, both[WEKA]) == {"failed"}
    site.sql("update domains set state_changed = now() - interval '8 days'")
    site.stator.drain()
    assert stand(site, both[KEA]) == {"failed"}


def test_what_others_wrote_does_not_wait_for_a_suspended_tenant(site, peer):
    """Where another tenant may read it as well."""
    ana = work.remote(site, peer)
    made = site.value("insert into posts (author_id, object_uri, visibility, content, state) values "
                      "(%s, 'https://far.test/p/1', 'followers', 'hello', 'new') returning id", ana)
    domains = [row["id"] for row in site.sql("select id from domains order by id")]
    site.sql("insert into post_audience (post_id, domain_id) select %s, unnest(%s::bigint[])", made, domains)
    site.rookery("domain", "suspend", "kea.test")
    site.stator.drain()
    assert site.value("select state from posts where id = %s", made) == "fanned_out"


def test_it_says_why_nothing_happens(site, both):
    def next_of(handle):
        return site.rookery("stator", "explain", "delivery", both[handle][0])["next"]

    assert next_of(KEA).startswith("it is due")
    site.rookery("stator", "pause", "delivery", "waiting", "--tenant=kea.test")
    words = next_of(KEA)
    assert words.startswith("delivery waiting of kea.test is paused since 20") and "on the command line" in words
    assert words.endswith("rookery stator resume delivery waiting --tenant=kea.test")
    assert next_of(WEKA).startswith("it is due")
    site.sql("update stator_pauses set user_id = (select id from users order by id limit 1)")
    assert ", by ruru@example.org; it" in next_of(KEA)
    site.rookery("stator", "pause", "delivery")
    assert next_of(WEKA).endswith("it goes on after: rookery stator resume delivery")
    site.rookery("domain", "suspend", "weka.test")
    site.rookery("stator", "resume", "delivery")
    words = next_of(WEKA)
    assert words.startswith("its community weka.test is suspended since 20")
    assert words.endswith("rookery domain resume weka.test")


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

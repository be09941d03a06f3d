# SPDX-License-Identifier: AGPL-3.0-or-later
"""The engine: what is claimed in which order, what becomes of rows when stators come and go, and what
an answer means for a delivery."""

import threading
import time

import pytest

from harness import work
from harness.wait import wait_for

KEA, WEKA = "ruru@kea.test", "ruru@weka.test"


@pytest.fixture
def site(quiet_site):
    return quiet_site


@pytest.fixture
def hosts(peers):
    """Makes n peers."""
    return lambda n: [peers(f"peer{number}.test") for number in range(1, n + 1)]


def states(site, table="deliveries"):
    """How many rows are in which state."""
    rows = site.sql(f"select state, count(*) from {table} group by state")
    return {row["state"]: row["count"] for row in rows}


def delivery(site, number):
    [row] = site.sql("select *, extract(epoch from state_next_attempt - now())::float8 as due_in from deliveries "
                     "where id = %s", number)
    return row


def forget_breakers(site):
    site.sql("update servers set retry_after = null, failures = 0")


class Sweeps:
    """Counts how often a stator looked for hashtags, which nobody tells it of here: that is a sweep."""

    def __init__(self, site):
        self.site = site
        site.sql("create sequence sweeps")
        site.sql("alter function stator_claim_hashtag rename to stator_claim_hashtag_unseen")
        site.sql("create function stator_claim_hashtag(text, bigint, bigint[], bigint, bigint, interval) "
                 "returns setof stator_job language plpgsql set search_path = public as $$ begin "
                 "perform nextval('sweeps'); "
                 "return query select * from stator_claim_hashtag_unseen($1, $2, $3, $4, $5, $6); end $$")
        site.sql("grant usage on sequence sweeps to public")

    def count(self):
        return self.site.value("select case when is_called then last_value else 0 end from sweeps")

    def has_none(self, what):
        """Whether what() gets done without one. A slow machine may take long enough for one to come by chance."""
        before = self.count()
        what()
        return self.count() == before


# From the row to the answer

def test_once_works_until_nothing_is_due(site, peer):
    """A post becomes an activity, that a delivery, that a request, in one run."""
    work.follow(site, work.remote(site, peer), KEA)
    work.post(site, KEA, count=3)
    site.stator.drain()
    assert states(site, "posts") == {"fanned_out": 3} and states(site) == {"sent": 3}
    assert len({one["id"] for one in peer.activities("Create")}) == len(peer.inbox()) == 3


def test_a_delivery_is_signed_with_the_actors_key(site, peer):
    site.start()
    work.deliveries(site, [peer])
    site.stator.drain()
    [got] = peer.inbox("Create")
    assert got.verify(site).key_id == f"{work.identity(site, KEA)['actor_uri']}#main-key"
    assert got.request.header("content-type") == "application/activity+json"


def test_shared_inboxes_get_one_copy(site, peer):
    """However many followers are behind them."""
    for name in ("ana", "ben", "cai"):
        work.follow(site, work.remote(site, peer, name), KEA)
    work.post(site, KEA)
    site.stator.drain()
    assert [one.path for one in peer.inbox()] == ["/inbox"]


# Order

def claim(site, kind="delivery", worker="test:1", after=-1, busy=(), limit=10, per_lane=16):
    rows = site.sql("select * from stator_claim(%s, %s, %s, %s, %s, %s, interval '1 minute')", kind, worker, after,
                    list(busy), limit, per_lane)
    return [(row["id"], row["lane"]) for row in rows]


def test_the_oldest_of_a_lane_are_claimed_first(site):
    ids = work.deliveries(site, [("far.test", "http://far.test/inbox")], count=60)
    site.sql("update deliveries set state_next_attempt = now() - make_interval(secs => (id * 7919) % 600 + 1)")
    oldest = [row["id"] for row in site.sql("select id from deliveries order by state_next_attempt")]
    got = [number for number, _ in claim(site, limit=20, per_lane=20)]
    assert sorted(got) == sorted(oldest[:20]) and set(got) < set(ids)


def test_every_lane_has_its_turn_before_any_has_its_second(site):
    for number in range(5):
        work.deliveries(site, [(f"far{number}.test", f"http://far{number}.test/inbox")], count=20)
    first = claim(site, limit=10)
    assert sorted(lane for _, lane in first) == sorted(2 * sorted({lane for _, lane in first}))
    assert len({lane for _, lane in first}) == 5
    lanes = sorted({lane for _, lane in first})
    behind = claim(site, after=lanes[2], limit=10)
    assert {lane for _, lane in behind} == set(lanes[3:])


def test_servers_that_may_not_be_asked_take_no_place_in_a_claim(site):
    """Three hundred broken ones stand before the healthy one."""
    work.deliveries(site, [(f"dead{number}.test", f"http://dead{number}.test/inbox") for number in range(300)])
    site.sql("update servers set retry_after = now() + interval '1 hour'")
    work.deliveries(site, [("far.test", "http://far.test/inbox"), ("busy.test", "http://busy.test/inbox")])
    busy = work.server(site, "busy.test")
    assert [lane >> 16 for _, lane in claim(site, busy=[busy], limit=100)] == [work.server(site, "far.test")]


def test_a_busy_tenant_does_not_delay_the_others(site):
    """Four hundred posts of one stand before five of another."""
    work.post(site, KEA, count=400)
    few = work.post(site, WEKA, count=5)
    site.stator.drain()
    order = [row["id"] for row in site.sql("select id from posts order by state_changed")]
    assert len(order) == 405
    assert max(order.index(one) for one in few) < 100


def test_few_places_are_shared_by_all_hosts(site, hosts):
    """Two exchanges at once, and more hosts than that: each has its turn, and none is forgotten in its queue."""
    site.options["deliveries"] = 2
    places = hosts(8)
    work.deliveries(site, places, count=6)
    site.stator.drain()
    assert states(site) == {"sent": 48}
    # In the first half of what arrived there is something of everybody.
    arrived = sorted((got.at, one.name) for one in places for got in one.inbox())
    assert {name for _, name in arrived[:24]} == {one.name for one in places}


# Leases

def test_a_row_is_its_workers_until_the_lease_ends(site, peer):
    [held, lost] = work.deliveries(site, [peer], count=2)
    site.sql("update deliveries set state_locked_by = 'dead:1', state_next_attempt = now() + case id when %s "
             "then interval '1 minute' else interval '-1 second' end", held)
    site.stator.drain()
    assert delivery(site, lost)["state"] == "sent"
    assert delivery(site, held)["state"] == "waiting" and delivery(site, held)["state_locked_by"] == "dead:1"
    site.sql("update deliveries set state_next_attempt = now() where id = %s", held)
    site.stator.drain()
    assert states(site) == {"sent": 2} and len(peer.inbox()) == 2


def test_two_stators_share_the_work_and_do_nothing_twice(site, hosts):
    places, gate = hosts(6), threading.Event()
    for one in places:
        one.answer("/inbox", "POST", status=202, gate=gate)
    site.stator.start()
    site.stator.start()
    work.deliveries(site, places, count=60)
    wait_for(lambda: site.value("select count(distinct state_locked_by) from deliveries") == 2)
    gate.set()
    wait_for(lambda: states(site) == {"sent": 360}, 60)
    for one in places:
        assert len(one.inbox()) == 60 == len({got["id"] for got in one.activities()})


def test_a_result_of_somebody_else_does_not_count(site, peer):
    """The row was taken from the worker while it worked."""
    gate = threading.Event()
    peer.answer("/inbox", "POST", status=202, gate=gate)
    [number] = work.deliveries(site, [peer])
    site.stator.start()
    peer.wait(lambda: peer.requests("POST"))
    site.sql("update deliveries set state_locked_by = 'other:1', state_next_attempt = now() + interval '1 hour'")
    gate.set()
    peer.wait(peer.inbox)
    site.stator.stop()
    row = delivery(site, number)
    assert (row["state"], row["state_locked_by"], row["state_attempts"]) == ("waiting", "other:1", 0)


# Coming and going

def test_a_stop_drains_and_gives_the_rest_back(site, peer):
    gate = threading.Event()
    peer.answer("/inbox", "POST", status=202, gate=gate)
    ids = work.deliveries(site, [peer], count=12)
    daemon = site.stator.start()
    peer.wait(lambda: peer.requests("POST"))
    daemon.begin_stop()
    gate.set()
    site.stator.stop()
    assert "sent" in states(site) and len(peer.inbox()) == states(site)["sent"] < 12
    left = [delivery(site, number) for number in ids]
    left = [row for row in left if row["state"] == "waiting"]
    assert left and all(row["state_locked_by"] is None and row["due_in"] <= 0 and row["state_attempts"] == 0
                        for row in left)
    assert "event=exit" not in daemon.log()
    site.stator.drain()
    assert states(site) == {"sent": 12} and len(peer.inbox()) == 12


def test_a_killed_stators_rows_are_free_when_it_is_back(site, peer):
    rule = peer.answer("/inbox", "POST", silent=True)
    work.deliveries(site, [peer], count=5)
    site.stator.start()
    peer.wait(lambda: peer.requests("POST"))
    site.stator.kill()
    assert site.value("select count(*) from deliveries where state_locked_by is not null") > 0
    peer.forget(rule)
    site.stator.drain()
    assert states(site) == {"sent": 5}


def test_a_killed_stators_rows_stay_its_own_for_others(site, peer):
    rule = peer.answer("/inbox", "POST", silent=True)
    work.deliveries(site, [peer], count=5)
    site.stator.start(worker_name="one")
    peer.wait(lambda: peer.requests("POST"))
    site.stator.kill()
    peer.forget(rule)
    site.options["worker_name"] = "two"
    site.stator.drain()
    assert states(site) == {"waiting": 5}
    site.sql("update deliveries set state_next_attempt = now() where state_locked_by = 'one'")
    site.stator.drain()
    assert states(site) == {"sent": 5}


def test_new_work_wakes_the_stator(site, peer):
    """Without a sweep: most of what comes is done before the next one."""
    sweeps = Sweeps(site)
    site.stator.start()

    def deliver():
        before = len(peer.inbox())
        work.deliveries(site, [peer])
        peer.wait(lambda: len(peer.inbox()) == before + 1)

    deliver()
    assert [sweeps.has_none(deliver) for _ in range(9)].count(True) >= 3


def test_what_is_told_while_a_claim_waits_is_heard(site):
    """Also of a type that the round of claims had passed; nothing but a sweep would look at it again."""
    sweeps = Sweeps(site)
    site.stator.start()
    wait_for(sweeps.count)  # it has begun to claim

    def is_waiting():
        return site.value("select count(*) from pg_stat_activity where wait_event_type = 'Lock' "
                          "and query like '%%stator_claim%%' and datname = current_database()")

    def post_meanwhile():
        with site.database.connect() as other, other.transaction():
            other.execute("lock table deliveries in access exclusive mode")
            site.sql("notify stator, 'delivery'")
            wait_for(is_waiting)
            [made] = work.post(site, KEA)
            assert all(is_waiting() for _ in range(20))  # the news are there by now
        wait_for(lambda: site.value("select state from posts where id = %s", made) == "fanned_out")

    assert any(sweeps.has_none(post_meanwhile) for _ in range(20))


def test_the_sweep_finds_what_nobody_told(site, peer):
    site.stator.start()
    wait_for(lambda: site.sql("select name from stator_workers"))
    with site.database.connect() as quiet:
        quiet.execute("set session_replication_role = replica")
        [number] = work.activities(site)
        identity = work.identity(site, KEA)
        quiet.execute("insert into deliveries (domain_id, activity_id, server_id, inbox_uri) values (%s, %s, %s, %s)",
                      (identity["domain_id"], number, work.server(site, peer.authority), f"{peer.origin}/inbox"))
    peer.wait(peer.inbox, 20)


# The clock

def test_what_waited_too_long_is_given_up(site, peer):
    ids = work.deliveries(site, [peer], count=3)
    site.sql("update deliveries set state_changed = now() - interval '8 days', "
             "state_next_attempt = now() + interval '1 day'")
    site.sql("update deliveries set state_locked_by = 'other:1' where id = %s", ids[0])
    site.stator.drain()
    assert states(site) == {"waiting": 1, "failed": 2} and not peer.requests()


def test_what_is_done_is_deleted_after_a_while(site, peer):
    work.deliveries(site, [peer], count=1200)
    site.sql("update deliveries set state = 'sent', state_changed = now() - interval '2 hours' where id % 12 <> 0")
    site.sql("update deliveries set state = 'failed', state_changed = now() - interval '2 hours' "
             "where state = 'waiting'")
    site.sql("update activities set created = now() - interval '2 days'")
    site.stator.drain()
    assert states(site) == {"failed": 100}
    assert site.value("select count(*) from activities") == 100


# What people see

def test_statistics_and_status(site, peer):
    work.deliveries(site, [peer], count=7)
    peer.answer("/inbox", "POST", status=500, times=1)
    before = sum(row["handled"] for row in site.sql("select handled from stator_stats where type = 'delivery'"))
    site.stator.drain()
    [row] = site.sql("select sum(handled)::int as handled, sum(failed)::int as failed, sum(busy) > '0' as busy "
                     "from stator_stats where type = 'delivery' and state = 'waiting'")
    assert (row["handled"] - before, row["failed"], row["busy"]) == (7, 1, True)
    site.stator.start()
    wait_for(lambda: site.sql("select name from stator_workers"))
    said = site.rookery("stator", "status")
    assert [worker["name"] for worker in said["workers"]] == [
        site.value("select name from stator_workers")]
    [waiting] = [one for one in said["states"] if one["type"] == "delivery"]
    assert (waiting["state"], waiting["ready"], waiting["waiting"], waiting["tried_before"]) == ("waiting", 0, 1, 1)
    [hour] = [one for one in said["last_hour"] if (one["type"], one["state"]) == ("delivery", "waiting")]
    assert (hour["handled"], hour["failed"]) == (7, 1)
    site.stator.stop()
    assert site.rookery("stator", "status")["workers"] == []


def test_retry_and_explain(site, peer):
    [number] = work.deliveries(site, [peer])
    peer.answer("/inbox", "POST", status=503, body="come later", times=1)
    site.stator.drain()
    told = site.rookery("stator", "explain", "delivery", number)
    assert (told["state"], told["attempts"], told["locked_by"]) == ("waiting", 1, "")
    assert told["last_error"] == "HTTP status 503: come later"
    assert set(told["may_become"]) >= {"sent", "refused", "failed"} and "next_attempt" in told
    site.stator.drain()
    assert len(peer.requests()) == 1
    assert site.rookery("stator", "retry", "delivery", number)["made_due"] == 1
    site.stator.drain()
    assert site.rookery("stator", "explain", "delivery", number)["state"] == "sent"
    assert site.run("rookery", "stator", "retry", "delivery", number).returncode != 0
    assert site.run("rookery", "stator", "explain", "delivery", number + 1).returncode != 0
    assert "delivery" in site.run("rookery", "stator", "retry", "bird").stderr


def test_a_retry_closes_breakers(site, peer):
    peer.close()
    work.deliveries(site, [peer], count=5)
    site.stator.drain()
    peer.open()
    assert site.rookery("stator", "retry", "delivery")["made_due"] == 1
    site.stator.drain()
    assert states(site) == {"sent": 5}


# Answers

@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_accepted(site, peer, status):
    [number] = work.deliveries(site, [peer])
    peer.answer("/inbox", "POST", status=status, body="" if status == 204 else "thanks")
    site.stator.drain()
    assert delivery(site, number)["state"] == "sent" and len(peer.requests()) == 1


@pytest.mark.parametrize("how", [{"cut": True}, {"headers": {"Content-Encoding": "gzip"}}])
def test_accepted_with_a_broken_body(site, peer, how):
    """It said 202: to send it again would be a second copy."""
    [number] = work.deliveries(site, [peer])
    peer.answer("/inbox", "POST", status=202, body="thanks" * 1000, **how)
    site.stator.drain()
    assert delivery(site, number)["state"] == "sent" and len(peer.requests()) == 1


@pytest.mark.parametrize("status", [400, 404, 405, 406, 410, 413, 415, 422, 451])
def test_refused_for_good(site, peer, status):
    [number] = work.deliveries(site, [peer])
    peer.answer("/inbox", "POST", status=status)
    site.stator.drain()
    site.rookery("stator", "retry", "delivery")
    site.stator.drain()
    assert delivery(site, number)["state"] == "refused" and len(peer.requests()) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308, 408, 425, 429, 500, 502, 503, 504, 599])
def test_tried_again(site, peer, status):
    """A redirect is not followed and not taken for success."""
    [number] = work.deliveries(site, [peer])
    rule = peer.answer("/inbox", "POST", status=status, headers={"Location": f"{peer.origin}/elsewhere"})
    began = time.monotonic()
    site.stator.drain()
    row = delivery(site, number)
    assert (row["state"], row["state_attempts"], row["state_locked_by"]) == ("waiting", 1, None)
    assert 20 < row["due_in"] + time.monotonic() - began and row["due_in"] < 40
    assert str(status) in row["state_error"]
    peer.forget(rule)
    site.rookery("stator", "retry", "delivery")
    site.stator.drain()
    assert delivery(site, number)["state"] == "sent" and [one.path for one in peer.requests()] == ["/inbox"] * 2


def test_delays_grow(site, peer):
    [number] = work.deliveries(site, [peer])
    peer.answer("/inbox", "POST", status=500)
    delays = []
    for _ in range(6):
        site.rookery("stator", "retry", "delivery", number)
        site.stator.drain()
        delays.append(delivery(site, number)["due_in"])
    assert all(1.7 * before < after < 2.8 * before for before, after in zip(delays, delays[1:]))
    site.sql("update deliveries set state_attempts = 200, state_next_attempt = now()")
    forget_breakers(site)
    site.stator.drain()
    assert 10.5 * 3600 < delivery(site, number)["due_in"] < 13.5 * 3600


@pytest.mark.parametrize("status", [429, 503])
def test_a_server_may_say_when(site, peer, status):
    ids = work.deliveries(site, [peer], count=2)
    peer.answer("/inbox", "POST", status=status, headers={"Retry-After": "4000"})
    site.stator.drain()
    tried, untried = sorted((delivery(site, number) for number in ids), key=lambda row: -row["state_attempts"])
    assert 3900 < tried["due_in"] < 4100 and untried["state_attempts"] == 0
    assert len(peer.requests()) == 1
    assert 3900 < site.value("select extract(epoch from retry_after - now())::float8 from servers "
                             "where host = 'peer1.test'") < 4100


def test_a_server_may_not_say_never(site, peer):
    [number] = work.deliveries(site, [peer])
    peer.answer("/inbox", "POST", status=503, headers={"Retry-After": "999999999"})
    site.stator.drain()
    assert 86000 < delivery(site, number)["due_in"] < 87000


@pytest.mark.parametrize("spoil", ["closed", "silent", "address", "name"])
def test_a_server_that_does_not_answer_opens_its_breaker(site, peers, spoil):
    """One attempt; the others wait behind the breaker, without being tried, and other servers go on."""
    dead, well = peers("peer1.test"), peers("peer2.test")
    host = {"address": "private.test", "name": "no.such.test"}.get(spoil, dead.authority)
    ids = work.deliveries(site, [(host, f"http://{host}/inbox")], count=20)
    work.deliveries(site, [well], count=20)
    if spoil == "closed":
        dead.close()
    else:
        dead.answer("/inbox", silent=True)
    site.stator.drain(60)
    rows = [delivery(site, number) for number in ids]
    assert len(well.inbox()) == 20
    if spoil == "address":  # may never be reached
        assert states(site) == {"sent": 20, "refused": 20}
        return
    assert sorted(row["state_attempts"] for row in rows) == [0] * 19 + [1]
    assert all(row["state_locked_by"] is None for row in rows)
    [server] = site.sql("select failures, retry_after > now() as is_open from servers where host = %s", host)
    assert (server["failures"], server["is_open"]) == (1, True)
    site.stator.drain()
    assert sum(delivery(site, number)["state_attempts"] for number in ids) == 1


def test_a_breaker_grows_and_closes(site, peer):
    work.deliveries(site, [peer], count=10)
    peer.close()
    waits = []
    for _ in range(4):
        site.sql("update servers set retry_after = now() where retry_after is not null")
        site.stator.drain()
        waits.append(site.value(
            "select extract(epoch from retry_after - now())::float8 from servers where host = 'peer1.test'"))
    assert all(1.7 * before < after < 2.3 * before for before, after in zip(waits, waits[1:]))
    peer.open()
    site.sql("update servers set retry_after = now() where retry_after is not null")
    site.stator.drain()
    assert states(site) == {"sent": 6, "waiting": 4}  # those that failed have their own time
    assert site.value("select failures = 0 and retry_after is null from servers where host = 'peer1.test'")


def test_errors_open_the_breaker_after_five(site, peer):
    work.deliveries(site, [peer], count=30)
    peer.answer("/inbox", "POST", status=500)
    site.stator.drain()
    assert len(peer.requests()) == 5
    assert site.value("select count(*) from deliveries where state_attempts = 1") == 5


# Signatures

def forms(peer):
    return ["rfc9421" if one.request.header("signature-input") else "cavage" for one in peer.requests()]


def test_the_form_that_worked_is_remembered(site, peers):
    old, new = peers("peer1.test"), peers("peer2.test")
    new.answer("/inbox", "POST", status=401, times=1)
    for _ in range(2):
        work.deliveries(site, [old, new])
        site.stator.drain()
    assert forms(old) == ["cavage", "cavage"] and forms(new) == ["cavage", "rfc9421", "rfc9421"]
    assert states(site) == {"sent": 4}
    new.answer("/inbox", "POST", status=401, times=1)
    work.deliveries(site, [new])
    site.stator.drain()
    assert forms(new)[3:] == ["rfc9421", "cavage"]
    assert site.value("select signature_form from servers where host = 'peer2.test'") == "cavage"


@pytest.mark.parametrize("status", [401, 403])
def test_a_server_that_knows_no_signature_is_left_alone(site, peer, status):
    """Both forms are tried, a few times, and then no more."""
    [number] = work.deliveries(site, [peer])
    peer.answer("/inbox", "POST", status=status)
    for _ in range(8):
        site.stator.drain()
        site.run("rookery", "stator", "retry", "delivery")
    assert delivery(site, number)["state"] == "refused"
    assert forms(peer) == ["cavage", "rfc9421"] * 4


# The courier

def test_deliveries_by_courier(site, hosts):
    places = hosts(3)
    site.stator.start_courier()
    work.deliveries(site, places, count=40)
    places[0].answer("/inbox", "POST", status=500, times=2)
    places[1].answer("/inbox", "POST", status=401, times=1)
    site.stator.drain()
    assert states(site) == {"sent": 118, "waiting": 2}
    assert [len(one.inbox()) for one in places] == [38, 40, 40]
    site.rookery("stator", "retry", "delivery")
    site.stator.drain()
    assert [len({got["id"] for got in one.activities()}) for one in places] == [40] * 3
    assert [len(one.inbox()) for one in places] == [40] * 3


def test_a_new_stator_finds_the_answer_of_a_killed_one(site, peer):
    """The peer accepts after the stator is gone, and sees it once."""
    site.stator.start_courier()
    gate = threading.Event()
    peer.answer("/inbox", "POST", status=202, gate=gate)
    [number] = work.deliveries(site, [peer])
    site.stator.start()
    peer.wait(lambda: peer.requests("POST"))
    site.stator.kill()
    assert not peer.inbox()
    gate.set()
    site.stator.drain()
    assert delivery(site, number)["state"] == "sent" and len(peer.requests("POST")) == 1


def test_without_the_courier_nothing_is_sent_and_nothing_counted(site, peer):
    site.options["courier"] = "@rookery-nobody"
    [number] = work.deliveries(site, [peer])
    site.stator.drain()
    row = delivery(site, number)
    assert (row["state"], row["state_attempts"]) == ("waiting", 0) and not peer.requests()
    assert 0 < row["due_in"] < 3 or row["due_in"] < 0
    site.stator.start_courier()
    site.stator.start()
    peer.wait(peer.inbox)


def test_a_courier_that_stops_ends_what_it_began(site, peer):
    courier, gate = site.stator.start_courier(), threading.Event()
    peer.answer("/inbox", "POST", status=202, gate=gate)
    [number] = work.deliveries(site, [peer])
    site.stator.start()
    peer.wait(lambda: peer.requests("POST"))
    courier.begin_stop()
    gate.set()
    courier.stop()
    wait_for(lambda: delivery(site, number)["state"] == "sent")
    assert len(peer.requests("POST")) == 1


def test_the_courier_needs_a_socket(site):
    site.options.pop("courier", None)
    done = site.run("rookery-stator", "--courier")
    assert done.returncode == 1 and "no_socket" in done.stderr

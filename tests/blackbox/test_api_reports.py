# SPDX-License-Identifier: AGPL-3.0-or-later
"""Complaints: made here, sent to other servers and tenants, told to the staff of the one tenant that they are for."""

import pytest

from harness import activity, news, work
from harness.api import Api
from harness.peer import Peer
from harness.world import World

RURU, TOROA, OTHER = "ruru@kea.test", "toroa@kea.test", "ruru@weka.test"


@pytest.fixture(scope="module")
def world(shared_site):
    with Peer("peer1.test", tls=True) as peer:
        news.grant(shared_site, "toroa@example.org", "kea.test")
        yield World(shared_site, peer)


@pytest.fixture(scope="module")
def site(world):
    return world.site


@pytest.fixture(scope="module")
def ruru(site):
    return Api(site, RURU)


@pytest.fixture(scope="module")
def staff(site):
    return Api(site, TOROA)


def last(site):
    return site.sql("select * from reports order by id desc limit 1")[0]


def test_a_complaint_is_told_to_the_staff(site, ruru, staff):
    far = news.remote(site)
    bad, other = news.post(site, far, "bad"), news.post(site, news.remote(site))
    report = ruru.post("/api/v1/reports", account_id=str(far), status_ids=[str(bad), str(other)], comment="it is bad",
                       category="spam")
    assert report["status_ids"] == [str(bad)] and report["comment"] == "it is bad" and report["category"] == "spam"
    assert report["target_account"]["id"] == str(far)
    assert (report["action_taken"], report["action_taken_at"], report["forwarded"]) == (False, None, False)
    told = staff.get("/api/v1/notifications", **{"types[]": "admin.report"})[0]
    assert told["report"]["id"] == report["id"] and told["account"]["id"] == ruru.id
    [group] = staff.get("/api/v2/notifications", **{"types[]": "admin.report"})["notification_groups"][:1]
    assert group["report"]["id"] == report["id"]
    assert ruru.get("/api/v1/notifications", **{"types[]": "admin.report"}) == []
    # Each complaint is told, though it is by the same person.
    ruru.post("/api/v1/reports", account_id=str(far))
    assert len(staff.get("/api/v1/notifications", **{"types[]": "admin.report"})) == 2


def test_words_as_a_form(ruru, site):
    far = news.remote(site)
    answer = ruru.ask("POST", "/api/v1/reports", data={"account_id": str(far), "rule_ids[]": ["3", "4"]})
    assert answer.json()["category"] == "violation" and answer.json()["rule_ids"] == ["3", "4"]


def test_what_is_no_complaint(site, ruru):
    far = str(news.remote(site))
    ruru.refused(404, "POST", "/api/v1/reports", json={})
    ruru.refused(404, "POST", "/api/v1/reports", json={"account_id": "123"})
    ruru.refused(422, "POST", "/api/v1/reports", json={"account_id": ruru.id})
    ruru.refused(422, "POST", "/api/v1/reports", json={"account_id": far, "category": "dull"})
    ruru.refused(422, "POST", "/api/v1/reports", json={"account_id": far, "comment": "x" * 1001})
    Api(site, "kea.test").refused(401, "POST", "/api/v1/reports", json={"account_id": far})
    Api(site, RURU, ["read", "write:statuses"]).refused(403, "POST", "/api/v1/reports", json={"account_id": far})


@pytest.mark.parametrize("value", ("", "0", "-1", "x", "9" * 30, "%00", "'; drop table posts", "\u202e", "x" * 3000))
def test_hostile_parameters(site, ruru, value):
    for name in ("account_id", "status_ids[]", "comment", "category", "rule_ids[]", "collection_ids[]", "forward",
                 "forward_to_domains[]"):
        ruru.ask("POST", "/api/v1/reports", data={"account_id": str(news.remote(site)), name: value})
    site.sql("delete from throttles")
    site.sql("delete from deliveries")  # to a host that there is not


def test_one_cannot_complain_without_end(site, ruru):
    far = str(news.remote(site))
    for _ in range(100):
        answer = ruru.ask("POST", "/api/v1/reports", json={"account_id": far})
    answer = ruru.ask("POST", "/api/v1/reports", json={"account_id": far})
    assert answer.status_code == 429
    site.sql("delete from throttles")


def test_forwarding(world, site, ruru):
    """The tenant's own actor complains on the other server; who complained here stays here."""
    star = world.followed(world.ruru)
    note = activity.note(star, "so bad")
    world.deliver(star, activity.create(star, note))
    row = world.identity(star.id)
    report = ruru.post("/api/v1/reports", account_id=str(row["id"]), status_ids=[str(world.post(note)["id"])],
                       comment="look at this", forward=True)
    assert report["forwarded"] is True
    world.settle()
    [flag] = world.arrived("Flag")
    assert flag["object"] == [star.id, note["id"]] and flag["content"] == "look at this"
    assert flag["actor"] == "https://kea.test/actor/" and "ruru" not in str({**flag, "object": []})


def test_forwarding_where_it_was_asked_for(world, site, ruru):
    far, answered = news.remote(site, host="far9.test"), world.identity(world.followed(world.ruru).id)
    parent = news.post(site, answered["id"])
    bad = news.post(site, far, in_reply_to_id=parent)
    before = len(world.arrived("Flag"))
    ruru.post("/api/v1/reports", account_id=str(far), status_ids=[str(bad)], forward=True,
              forward_to_domains=[world.peer.authority])
    world.settle()
    assert len(world.arrived("Flag")) == before + 1
    assert site.sql("select from deliveries where inbox_uri like 'https://far9.test/%%'") == []


def test_another_tenant_hears_of_its_own(site, ruru, staff):
    """Forwarded to a neighbour in the installation: its staff gets a complaint of the tenant, not of the person."""
    weka_staff = Api(site, OTHER)
    weka = work.identity(site, OTHER)
    news.grant(site, "ruru@example.org", "weka.test")
    assert site.value("select count(*) from reports where domain_id = %s", weka["domain_id"]) == 0
    ruru.post("/api/v1/reports", account_id=str(weka["id"]), comment="your neighbour")
    assert site.value("select count(*) from reports where domain_id = %s", weka["domain_id"]) == 0
    ruru.post("/api/v1/reports", account_id=str(weka["id"]), comment="your neighbour", forward=True)
    [theirs] = site.sql("select * from reports where domain_id = %s", weka["domain_id"])
    assert theirs["comment"] == "your neighbour" and theirs["source_id"] != int(ruru.id)
    [told] = weka_staff.get("/api/v1/notifications", **{"types[]": "admin.report"})
    assert told["report"]["target_account"]["acct"] == "ruru"
    assert str(theirs["id"]) not in [one["report"]["id"] for one in staff.get(
        "/api/v1/notifications", **{"types[]": "admin.report"})]


def test_those_of_other_servers(world, site, staff):
    complainer = world.actor("complainer")
    staff.post("/api/v1/notifications/clear")
    mine = news.post(site, RURU)
    uri = site.value("select object_uri from posts where id = %s", mine)
    flag = activity.flag(complainer, [world.ruru.uri, uri], "they are rude")
    world.deliver(complainer, flag)
    assert last(site)["comment"] == "they are rude" and last(site)["post_ids"] == [mine]
    told = staff.get("/api/v1/notifications", **{"types[]": "admin.report"})
    assert len(told) == 1 and told[0]["account"]["acct"] == complainer.handle.lstrip("@")
    world.deliver(complainer, {**flag, "content": "again"})
    assert len(staff.get("/api/v1/notifications", **{"types[]": "admin.report"})) == 1


def test_whose_complaints_are_not_heard(world, site):
    complainer = world.actor("complainer")
    site.sql("insert into server_limits (domain_id, host, severity, reject_reports) select id, 'peer1.test', "
             "'none', true from domains where name = 'kea.test'")
    count = "select count(*) from reports"
    before = site.value(count)
    sent = world.deliver(complainer, activity.flag(complainer, [world.ruru.uri], "x"))
    assert world.verdict(sent) == "processed" and site.value(count) == before
    site.sql("delete from server_limits")
    world.deliver(complainer, activity.flag(complainer, [world.ruru.uri], "y"))
    assert site.value(count) == before + 1

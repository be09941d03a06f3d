# SPDX-License-Identifier: AGPL-3.0-or-later
"""Posts for later: kept, moved, withdrawn, and published once, whoever dies when."""

import concurrent.futures
import datetime

import httpx
import pytest

from harness.api import Api
from harness.world import world_of


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(scope="module")
def ruru(world):
    return Api(world.site, "ruru@kea.test")


@pytest.fixture(scope="module")
def toroa(world):
    return Api(world.site, "toroa@kea.test")


def later(minutes=60, days=0):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=minutes, days=days)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def plan(api, text="later", minutes=60, **fields):
    return api.post("/api/v1/statuses", status=text, scheduled_at=later(minutes), **fields)


def fall_due(site, scheduled_id):
    site.sql("update scheduled_posts set due = now(), state_next_attempt = now(), state = state where id = %s",
             int(scheduled_id))


def published(site, text):
    return site.sql("select * from posts where source = %s", text)


def test_a_post_for_later_is_kept_as_it_was_said(world, ruru):
    poll = {"options": ["a", "b"], "expires_in": 600, "multiple": True}
    parent = ruru.post("/api/v1/statuses", status="parent")
    made = plan(ruru, "all of it", spoiler_text="w", visibility="private", language="en", poll=poll,
                in_reply_to_id=parent["id"], quoted_status_id=parent["id"], quote_approval_policy="nobody")
    said = made["params"]
    assert said["text"] == "all of it" and said["spoiler_text"] == "w" and said["visibility"] == "private"
    assert said["poll"] == {**poll, "hide_totals": False} and said["language"] == "en"
    assert said["in_reply_to_id"] == int(parent["id"]) and said["quoted_status_id"] == parent["id"]
    assert said["quote_approval_policy"] == "nobody" and made["media_attachments"] == []
    assert ruru.get(f"/api/v1/scheduled_statuses/{made['id']}") == made
    assert published(world.site, "all of it") == []
    fall_due(world.site, made["id"])
    world.settle()
    [post] = published(world.site, "all of it")
    assert post["visibility"] == "followers" and post["summary"] == "w" and post["type"] == "Question"
    assert post["in_reply_to_id"] == int(parent["id"]) and post["quote_uri"] == parent["uri"]
    shown = ruru.get(f"/api/v1/statuses/{post['id']}")
    assert shown["poll"]["multiple"] is True and shown["application"]["name"] == "Test"
    ruru.refused(404, "GET", f"/api/v1/scheduled_statuses/{made['id']}")


def test_lists_are_the_owners_and_paged(ruru, toroa):
    made = [plan(ruru, f"list {n}")["id"] for n in range(3)]
    listed = [one["id"] for one in ruru.get("/api/v1/scheduled_statuses")]
    assert listed[:3] == made[::-1]
    first = ruru.ask("GET", "/api/v1/scheduled_statuses?limit=2")
    assert [one["id"] for one in first.json()] == listed[:2]
    assert ruru.ask("GET", first.links["next"]["url"]).json()[0]["id"] == listed[2]
    above = ruru.get("/api/v1/scheduled_statuses", min_id=made[0], limit=1)
    assert [one["id"] for one in above] == [made[1]]
    assert toroa.get("/api/v1/scheduled_statuses") == []
    for method, body in (("GET", None), ("PUT", {"scheduled_at": later(99)}), ("DELETE", None)):
        toroa.refused(404, method, f"/api/v1/scheduled_statuses/{made[0]}", json=body)
    for one in made:
        assert ruru.delete(f"/api/v1/scheduled_statuses/{one}") == {}
        ruru.refused(404, "DELETE", f"/api/v1/scheduled_statuses/{one}")


def test_times(world, ruru):
    made = plan(ruru, "moved")
    to = later(120)
    assert ruru.put(f"/api/v1/scheduled_statuses/{made['id']}", scheduled_at=to)["scheduled_at"] == to
    for moment in ("2020-01-01T00:00:00Z", later(1), "tomorrow"):
        ruru.refused(422, "PUT", f"/api/v1/scheduled_statuses/{made['id']}", json={"scheduled_at": moment})
    ruru.refused(422, "POST", "/api/v1/statuses", json={"status": "too soon", "scheduled_at": later(2)})
    ruru.refused(422, "POST", "/api/v1/statuses", json={"status": "", "scheduled_at": later()})
    at_once = ruru.post("/api/v1/statuses", status="past", scheduled_at="2020-01-01T00:00:00Z")
    assert at_once["content"] == "<p>past</p>"
    ruru.delete(f"/api/v1/scheduled_statuses/{made['id']}")
    assert published(world.site, "moved") == []


def test_there_may_be_so_many_for_a_day(world, toroa):
    moment = later(0, days=30)
    for n in range(25):
        toroa.post("/api/v1/statuses", status=f"day {n}", scheduled_at=moment)
    toroa.refused(422, "POST", "/api/v1/statuses", json={"status": "one more", "scheduled_at": moment})
    toroa.post("/api/v1/statuses", status="another day", scheduled_at=later(0, days=32))


def test_what_cannot_appear_is_given_up(world, ruru):
    parent = ruru.post("/api/v1/statuses", status="gone soon")
    made = plan(ruru, "an answer to nothing", in_reply_to_id=parent["id"])
    ruru.delete(f"/api/v1/statuses/{parent['id']}")
    fall_due(world.site, made["id"])
    world.settle()
    assert world.site.value("select state from scheduled_posts where id = %s", int(made["id"])) == "failed"
    assert published(world.site, "an answer to nothing") == []


def test_who_is_deleted_says_nothing_more(site):
    api = Api(site, "toroa@kea.test")
    made = plan(api, "from beyond")
    api.post(f"/api/v1/statuses/{api.post('/api/v1/statuses', status='x')['id']}/bookmark")
    site.rookery("identity", "delete", "toroa@kea.test", "--yes")
    site.stator.drain()
    fall_due(site, made["id"])
    site.stator.drain()
    assert published(site, "from beyond") == []
    for table in ("scheduled_posts", "bookmarks", "idempotency_keys"):
        assert site.sql(f"select 1 from {table}") == [], table


def test_the_same_request_twice_is_one_post_for_later(ruru):
    headers = {"Idempotency-Key": "later, once"}
    body = {"status": "once, later", "scheduled_at": later()}
    first, second = (ruru.ask("POST", "/api/v1/statuses", json=body, headers=headers).json() for _ in range(2))
    assert first["id"] == second["id"] and "params" in second


def test_tokens_and_nonsense(world, ruru):
    made = plan(ruru, "guarded")["id"]
    anybody = Api(world.site, "kea.test")
    reader, writer = (Api(world.site, "ruru@kea.test", [f"{one}:statuses"]) for one in ("read", "write"))
    for method, path, good, bad in (
            ("GET", "/api/v1/scheduled_statuses", reader, writer),
            ("GET", f"/api/v1/scheduled_statuses/{made}", reader, writer),
            ("PUT", f"/api/v1/scheduled_statuses/{made}", writer, reader),
            ("DELETE", f"/api/v1/scheduled_statuses/{made}", writer, reader)):
        anybody.refused(401, method, path)
        bad.refused(403, method, path)
        assert good.ask(method, path).status_code == 200
        other = Api(world.site, "ruru@weka.test")
        assert other.ask(method, path).status_code in (200, 404)
    for asked in ("0", "-1", "x", "99999999999999999999"):
        for method in ("GET", "PUT", "DELETE"):
            ruru.refused(404, method, f"/api/v1/scheduled_statuses/{asked}")


def test_killed_stators_publish_once(site):
    """Stators that die at their work leave rows that others finish, and no post appears twice."""
    api = Api(site, "ruru@kea.test")
    made = [plan(api, f"survivor {n}")["id"] for n in range(20)]
    for round_ in range(4):
        for one in made[round_ * 5:round_ * 5 + 5]:
            fall_due(site, one)
        site.stator.start()
        site.stator.kill()
        site.sql("update scheduled_posts set state_locked_by = null, state_next_attempt = now(), state = state "
                 "where state = 'waiting' and due <= now()")
    site.stator.drain()
    for n in range(20):
        assert len(published(site, f"survivor {n}")) == 1, n


def test_a_killed_server_forgets_no_key(site):
    """Requests whose answers were lost are sent again: whatever the server had done, each gives one post."""
    token = Api(site, "ruru@kea.test").token

    def send(n):
        api = Api(site, "ruru@kea.test", token=token)
        return api.ask("POST", "/api/v1/statuses", json={"status": f"only once {n}"},
                       headers={"Idempotency-Key": f"lost answer {n}"}).json()["id"]

    def try_to_send(n):
        try:
            return send(n)
        except httpx.TransportError:
            return None

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        sent = [pool.submit(try_to_send, n) for n in range(40)]
        while site.value("select count(*) from posts where source like 'only once %%'") < 5:
            assert not all(one.done() for one in sent)
        site.server.kill()
        first = [one.result() for one in sent]
    site.server.start()
    again = [send(n) for n in range(40)]
    assert [one for one in zip(first, again) if one[0] and one[0] != one[1]] == []
    assert site.value("select count(distinct source) from posts where source like 'only once %%'") == 40
    assert site.value("select count(*) from posts where source like 'only once %%'") == 40

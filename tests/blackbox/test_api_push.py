# SPDX-License-Identifier: AGPL-3.0-or-later
"""Web Push: subscriptions of programs, and what reaches their push services."""

import urllib.parse

import pytest

from harness.api import Api, token_for
from harness.peer import Peer
from harness.push import Receiver, encode
from harness.world import world_of

PATH = "/api/v1/push/subscription"
ALERTS = ("mention", "quote", "status", "reblog", "follow", "follow_request", "poll", "favourite", "update",
          "quoted_update", "admin.sign_up", "admin.report")


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(scope="module")
def service():
    with Peer("peer2.test", tls=True) as peer:
        yield peer


@pytest.fixture
def api(world):
    return Api(world.site, "ruru@kea.test")


def subscribe(api, receiver, *alerts, standard=True, policy="all"):
    return api.post(PATH, subscription=receiver.subscription(standard=standard),
                    data={"alerts": {alert: True for alert in alerts}, "policy": policy})


def settle(world):
    world.settle()
    world.site.sql("update pushes set state_next_attempt = now(), state = state where state = 'waiting' and "
                   "state_locked_by is null")
    world.settle()


# Subscriptions


def test_a_subscription_comes_changes_and_goes(api, service):
    receiver = Receiver(service)
    api.refused(404, "GET", PATH)
    api.refused(404, "PUT", PATH, json={"data": {"alerts": {}}})
    made = subscribe(api, receiver, "mention", "favourite")
    assert made["endpoint"] == receiver.endpoint and made["standard"] is True and made["policy"] == "all"
    assert {name for name, on in made["alerts"].items() if on} == {"mention", "favourite"}
    assert set(made["alerts"]) == set(ALERTS)
    assert api.get(PATH) == made
    changed = api.put(PATH, data={"alerts": {"poll": True, "mention": False}, "policy": "follower"})
    assert {name for name, on in changed["alerts"].items() if on} == {"poll"} and changed["policy"] == "follower"
    assert api.delete(PATH) == {} and api.delete(PATH) == {}
    api.refused(404, "GET", PATH)


def test_a_token_has_one_subscription(world, service):
    first, second = Api(world.site, "ruru@kea.test"), Api(world.site, "ruru@kea.test")
    receivers = [Receiver(service) for _ in range(3)]
    subscribe(first, receivers[0], "mention")
    subscribe(second, receivers[1], "mention")
    made = subscribe(first, receivers[2], "poll")
    assert first.get(PATH) == made and second.get(PATH)["endpoint"] == receivers[1].endpoint
    assert made["alerts"]["poll"] and not made["alerts"]["mention"]


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
def test_forms_are_read(api, service, form):
    receiver = Receiver(service)
    keys = receiver.subscription()["keys"]
    fields = {"subscription[endpoint]": receiver.endpoint, "subscription[keys][p256dh]": keys["p256dh"] + "=",
              "subscription[keys][auth]": keys["auth"].replace("-", "+").replace("_", "/") + "==",
              "data[alerts][mention]": "1", "data[alerts][follow]": "true", "data[alerts][poll]": "false",
              "policy": "followed"}
    if form == "urlencoded":
        answer = api.ask("POST", PATH, content=urllib.parse.urlencode(fields),
                         headers={"Content-Type": "application/x-www-form-urlencoded"})
    else:
        answer = api.ask("POST", PATH, files={name: (None, value) for name, value in fields.items()})
    made = answer.json()
    assert answer.status_code == 200, answer.text
    assert {name for name, on in made["alerts"].items() if on} == {"mention", "follow"}
    assert made["standard"] is False and made["policy"] == "followed"


@pytest.mark.parametrize("change", [
    {"endpoint": None}, {"endpoint": ""}, {"endpoint": "nonsense"}, {"endpoint": "ftp://peer2.test/"},
    {"endpoint": "http://example.org/push"}, {"endpoint": "https://127.0.0.1/push"}, {"endpoint": "https://[::1]/push"},
    {"endpoint": "https://169.254.169.254/"}, {"endpoint": "https://example.org:22/"},
    {"endpoint": "https://example.org/" + "x" * 3000}, {"keys": None}, {"keys": {}},
    {"keys": {"p256dh": "x", "auth": encode(bytes(16))}}, {"keys": {"p256dh": encode(b"\4" + bytes(64)), "auth": "AA"}},
    {"keys": {"p256dh": encode(b"\4" + bytes(64)), "auth": encode(bytes(16))}}, {"keys": "x"}, {"keys": ["x"]}])
def test_what_is_no_subscription(api, service, change):
    api.refused(422, "POST", PATH, json={"subscription": {**Receiver(service).subscription(), **change}})
    api.refused(404, "GET", PATH)


def test_a_policy_is_one_of_four(api, service):
    api.refused(422, "POST", PATH, json={"subscription": Receiver(service).subscription(), "data": {"policy": "x"}})
    subscribe(api, Receiver(service), "mention", policy="none")
    api.refused(422, "PUT", PATH, json={"data": {"policy": "some"}})


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_tokens(world, method):
    Api(world.site, "kea.test").refused(401, method, PATH)
    Api(world.site, "kea.test", token=token_for(world.site, "ruru@weka.test")).refused(401, method, PATH)
    Api(world.site, "ruru@kea.test", ["read", "write", "follow"]).refused(403, method, PATH)
    Api(world.site, "kea.test", token=token_for(world.site, "kea.test")).refused(422, method, PATH)


def test_all_tenants_have_one_key(world, service):
    keys = {subscribe(Api(world.site, handle), Receiver(service))["server_key"]
            for handle in ("ruru@kea.test", "toroa@kea.test", "ruru@weka.test")}
    assert len(keys) == 1 and world.site.value("select count(*) from push_keys") == 1


# Pushes


@pytest.mark.parametrize("standard", [True, False])
def test_a_notification_is_pushed_and_read(world, api, service, standard):
    receiver = Receiver(service)
    key = subscribe(api, receiver, "favourite", "mention", standard=standard)["server_key"]
    post = world.ruru.write("something to like")
    world.toroa.react("ruru@kea.test", post["id"], "like")
    world.toroa.write("@ruru <b>hello</b> & good morning " + "x" * 300)
    world.settle()
    notifications = world.site.sql("select id, kind from notifications where identity_id = %s order by id desc limit 2",
                                   world.ruru.id)
    messages = {one["notification_type"]: one for one in receiver.messages(key)}
    assert set(messages) == {"favourite", "mention"}
    assert {one["notification_id"] for one in messages.values()} == {row["id"] for row in notifications}
    liked, mention = messages["favourite"], messages["mention"]
    assert liked["access_token"] == api.token and liked["preferred_locale"] == "en"
    assert (liked["title"], liked["body"]) == ("toroa likes your post", "something to like")
    assert mention["body"].startswith("@ruru <b>hello</b> & good morning xxx") and len(mention["body"]) == 140


def test_a_warning_stands_for_the_text(world, api, service):
    receiver = Receiver(service)
    key = subscribe(api, receiver, "mention")["server_key"]
    world.toroa.write("@ruru the butler did it", summary="spoiler")
    world.settle()
    assert [one["body"] for one in receiver.messages(key)] == ["spoiler"]


def test_alerts_and_policies_are_obeyed(world, api, service):
    quiet, none, followed = (Receiver(service) for _ in range(3))
    apis = [Api(world.site, "ruru@kea.test") for _ in range(3)]
    subscribe(apis[0], quiet, "poll", "favourite")
    subscribe(apis[1], none, "mention", policy="none")
    key = subscribe(apis[2], followed, "mention", policy="followed")["server_key"]
    world.toroa.write("@ruru from nobody's friend")
    world.settle()
    world.ruru.about("toroa@kea.test", "follow")
    world.settle()
    world.toroa.write("@ruru from a friend")
    world.settle()
    assert [one["body"] for one in followed.messages(key)] == ["@ruru from a friend"]
    assert quiet.came(accepted=False) == [] and none.came(accepted=False) == []
    world.ruru.about("toroa@kea.test", "unfollow")
    follower = Receiver(service)
    subscribe(apis[0], follower, "mention", policy="follower")
    world.toroa.write("@ruru from no follower")
    world.settle()
    world.toroa.about("ruru@kea.test", "follow")
    world.toroa.write("@ruru from a follower")
    world.settle()
    assert [one["body"] for one in follower.messages(key)] == ["@ruru from a follower"]
    world.toroa.about("ruru@kea.test", "unfollow")
    world.settle()


def test_another_tenants_doings_stay_there(world, service):
    receivers = {handle: Receiver(service) for handle in ("ruru@kea.test", "ruru@weka.test")}
    for handle, receiver in receivers.items():
        key = subscribe(Api(world.site, handle), receiver, "mention")["server_key"]
    world.toroa.write("@ruru of kea alone")
    world.settle()
    assert receivers["ruru@weka.test"].came(accepted=False) == []
    assert [one["body"] for one in receivers["ruru@kea.test"].messages(key)] == ["@ruru of kea alone"]


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_that_is_gone_is_removed(world, api, service, status):
    receiver = Receiver(service)
    service.answer(receiver.path, status=status)
    subscribe(api, receiver, "mention")
    world.toroa.write("@ruru are you there")
    settle(world)
    api.refused(404, "GET", PATH)
    assert len(receiver.came(accepted=False)) == 1


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_service_is_asked_again(world, api, service, status):
    receiver = Receiver(service)
    service.answer(receiver.path, status=status, headers={"Retry-After": "3600"}, times=1)
    key = subscribe(api, receiver, "mention")["server_key"]
    world.toroa.write("@ruru later then")
    world.settle()
    [row] = world.site.sql("select state, state_next_attempt - now() > interval '50 minutes' as late from pushes "
                           "order by id desc limit 1")
    assert (row["state"], row["late"]) == ("waiting", True)
    settle(world)
    assert [one["body"] for one in receiver.messages(key)] == ["@ruru later then"]


@pytest.mark.parametrize("status", [400, 401, 403, 413])
def test_a_refusal_ends_the_push_alone(world, api, service, status):
    receiver = Receiver(service)
    service.answer(receiver.path, status=status, times=1)
    key = subscribe(api, receiver, "mention")["server_key"]
    world.toroa.write("@ruru not this one")
    settle(world)
    world.toroa.write("@ruru but this one")
    settle(world)
    assert [one["body"] for one in receiver.messages(key)] == ["@ruru but this one"]


def test_a_network_that_fails_is_tried_again(world, api, service):
    receiver = Receiver(service)
    broken = service.answer(receiver.path, reset=True)
    key = subscribe(api, receiver, "mention")["server_key"]
    world.toroa.write("@ruru once more")
    world.settle()
    assert receiver.messages(key) == []
    service.forget(broken)
    settle(world)
    assert [one["body"] for one in receiver.messages(key)] == ["@ruru once more"]


def test_where_a_name_leads_is_judged_when_it_is_sent(world, api):
    with Peer("peer3.test", tls=True) as peer:
        receiver = Receiver(peer)
        receiver.endpoint = "https://private.test/push"
        subscribe(api, receiver, "mention")
    world.toroa.write("@ruru into the house")
    world.settle()
    assert world.site.value("select state from pushes p join push_subscriptions s on s.id = p.subscription_id "
                            "where s.endpoint like 'https://private.test%%'") == "refused"


def test_a_revoked_token_ends_its_subscription(world, service):
    api, receiver = Api(world.site, "ruru@kea.test"), Receiver(service)
    subscribe(api, receiver, "mention")
    world.site.sql("delete from tokens where token_hash = sha256(%s)", api.token.encode())
    world.toroa.write("@ruru nobody hears")
    world.settle()
    assert receiver.came(accepted=False) == []


def test_a_token_at_rest_is_sealed(world, api, service):
    subscribe(api, Receiver(service), "mention")
    for row in world.site.sql("select s::text as line from push_subscriptions s"):
        assert api.token not in row["line"] and api.token.encode().hex() not in row["line"]

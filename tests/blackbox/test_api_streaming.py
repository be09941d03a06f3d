# SPDX-License-Identifier: AGPL-3.0-or-later
"""Streaming: who is told what, over WebSocket and server-sent events."""

import json

import pytest

from harness import activity, work
from harness.api import Api, schema_problems, token_for
from harness.streaming import CLOSE, PING, PONG, TEXT, Events, WebSocket
from harness.world import world_of


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(scope="module")
def tokens(shared_site):
    return {handle: token_for(shared_site, handle) for handle in ("ruru@kea.test", "toroa@kea.test", "ruru@weka.test")}


@pytest.fixture
def opened():
    """Opens readers that are closed after the test."""
    made = []

    def keep(reader):
        made.append(reader)
        return reader

    yield keep
    for reader in made:
        reader.close()


@pytest.fixture
def socket_of(world, tokens, opened):
    def make(handle="ruru@kea.test", stream=None, **more):
        if stream:
            more["stream"] = stream
        made = opened(WebSocket(world.site, handle.partition("@")[2], tokens[handle], **more))
        assert made.status == 101
        return made

    return make


@pytest.fixture
def events_of(world, tokens, opened):
    def make(channel, handle="ruru@kea.test"):
        made = opened(Events(world.site, handle.partition("@")[2], channel, tokens[handle]))
        assert made.status == 200 and made.headers["content-type"] == "text/event-stream"
        return made

    return make


@pytest.fixture
def quiet(world, tokens):
    """After the test, everything that it caused was told: what comes later is the next test's own."""
    yield
    world.settle()
    with WebSocket(world.site, "weka.test", tokens["ruru@weka.test"], stream="hashtag", tag="quiet") as reader:
        author = work.identity(world.site, "ruru@weka.test")
        with world.site.database.connect() as session, session.transaction():
            post = session.execute("insert into posts (domain_id, author_id, object_uri, visibility, state) values "
                                   "(%s, %s, %s || gen_random_uuid(), 'public', 'fanned_out') returning id",
                                   (author["domain_id"], author["id"], author["actor_uri"])).fetchone()["id"]
            session.execute("insert into hashtags (name, state) values ('quiet', 'updated') on conflict do nothing")
            session.execute("insert into post_hashtags (post_id, hashtag_id) select %s, id from hashtags where name = "
                            "'quiet'", (post,))
        assert reader.next("update")["id"] == str(post)


@pytest.fixture(autouse=True)
def each(request):
    """The tests that share a site stay out of each other's way."""
    if "shared_site" in request.fixturenames:
        request.getfixturevalue("quiet")


def assert_status(entity, post):
    assert schema_problems("Status", entity) == []
    assert entity["id"] == str(post["id"])


# Coming in


def test_health(world):
    answer = world.site.client("kea.test").get("/api/v1/streaming/health")
    assert (answer.status_code, answer.text) == (200, "OK")


@pytest.mark.parametrize("path", ["", "/user", "/public", "/public/local", "/hashtag?tag=a", "/list?list=1", "/direct"])
@pytest.mark.parametrize("token", [None, "nonsense"])
def test_a_stream_needs_a_good_token(world, path, token):
    answer = Api(world.site, "kea.test").client.get(
        "/api/v1/streaming" + path, headers={"Authorization": f"Bearer {token}"} if token else {})
    assert answer.status_code == 401 and "error" in answer.json()


def test_a_socket_needs_a_good_token(world, tokens, opened):
    assert opened(WebSocket(world.site, "kea.test", stream="public")).status == 401
    assert opened(WebSocket(world.site, "kea.test", "nonsense", stream="user")).status == 401
    assert opened(WebSocket(world.site, "kea.test", tokens["ruru@weka.test"], stream="user")).status == 401
    assert opened(WebSocket(world.site, "kea.test", token_for(world.site, "kea.test"), stream="user")).status == 422


def test_scopes(world):
    for scopes, channel, status in ((["write"], "/user", 401), (["write"], "/public", 200),
                                    (["read:notifications"], "/user/notification", 200),
                                    (["read:statuses"], "/user/notification", 401), (["read:statuses"], "/direct", 200),
                                    (["read:statuses"], "/user", 200), (["read"], "/user/notification", 200)):
        with Events(world.site, "kea.test", channel, token_for(world.site, "ruru@kea.test", scopes)) as reader:
            assert reader.status == status, (scopes, channel)


def test_what_is_no_stream(world, tokens, opened):
    token = tokens["ruru@kea.test"]
    for channel, status in (("/hashtag", 422), ("/hashtag?tag=", 422), ("/hashtag?tag=%ff", 422), ("/list", 422),
                            ("/list?list=x", 422), ("/list?list=1", 404), ("/nothing", 404), ("/public/nothing", 404),
                            ("/public/local/media/x", 404), ("?stream=nothing", 422), ("", 404)):
        reader = opened(Events(world.site, "kea.test", channel, token))
        assert reader.status == status and reader.body()["error"], channel
    assert opened(WebSocket(world.site, "kea.test", token, stream="nothing")).status == 422


@pytest.mark.parametrize("how", ["query", "header", "protocol"])
def test_where_a_token_may_stand(world, tokens, opened, how):
    token = tokens["ruru@kea.test"]
    reader = opened(WebSocket(world.site, "kea.test", token, how, stream="user"))
    assert reader.status == 101
    assert reader.headers.get("sec-websocket-protocol") == (token if how == "protocol" else None)
    post = world.ruru.write(f"by {how}")
    assert_status(reader.next("update"), post)


def test_only_get_opens_a_stream(world, tokens):
    client = Api(world.site, "kea.test", token=tokens["ruru@kea.test"]).client
    assert client.head("/api/v1/streaming/user").status_code == 405
    assert client.post("/api/v1/streaming/user").status_code in (404, 405)


def test_a_handshake_that_is_none(world, tokens, opened):
    for headers in (["Sec-WebSocket-Key: short"], ["Sec-WebSocket-Version: 8"]):
        replaced = headers[0].partition(":")[0]
        reader = opened(WebSocket(world.site, "kea.test", tokens["ruru@kea.test"], stream="user", headers=headers))
        assert reader.status in (101, 400), replaced


# What is told


def test_home(world, socket_of, events_of):
    sockets = [socket_of(stream="user"), socket_of(path="/api/v1/streaming/user")]
    events = events_of("/user")
    first = world.ruru.write("hello")
    for reader in (*sockets, events):
        assert_status(reader.next("update"), first)
    assert sockets[0].streams == ["user"]
    world.ruru.edit(first, "hello again")
    for reader in (*sockets, events):
        edited = reader.next("status.update")
        assert edited["id"] == str(first["id"]) and "again" in edited["content"]
    world.ruru.delete(first)
    world.settle()
    for reader in (*sockets, events):
        assert reader.next("delete") == str(first["id"])


def test_home_has_those_who_are_followed(world, socket_of):
    star, other = world.followed(world.ruru), world.actor()
    ruru, toroa = socket_of(stream="user"), socket_of("toroa@kea.test", "user")
    world.deliver(star, activity.create(star, activity.note(star, "from afar")))
    entity = ruru.next("update")
    assert "from afar" in entity["content"] and entity["account"]["acct"] == star.handle.lstrip("@")
    world.deliver(other, activity.create(other, activity.note(other, "from nobody's friend")))
    for reader, person in ((ruru, world.ruru), (toroa, world.toroa)):
        mark = person.write("mark")
        assert_status(reader.next("update"), mark)


def test_a_boost_comes_as_one_and_goes(world, socket_of):
    post = world.toroa.write("worth a boost")
    world.ruru.about("toroa@kea.test", "follow")
    world.settle()
    fan = socket_of("ruru@kea.test", "user")
    other = world.weka_ruru.write("of the other tenant")
    world.toroa.react("ruru@weka.test", other["id"], "boost")
    world.settle()
    entity = fan.next("update")
    assert schema_problems("Status", entity) == []
    assert entity["reblog"]["id"] == str(other["id"]) and entity["account"]["acct"] == "toroa"
    world.toroa.react("ruru@weka.test", other["id"], "unboost")
    world.settle()
    assert fan.next("delete") == entity["id"]
    assert post["id"] != other["id"]
    world.ruru.about("toroa@kea.test", "unfollow")
    world.settle()


def test_public_timelines(world, socket_of, events_of):
    star = world.followed(world.ruru)
    every, local, remote, media = (socket_of("toroa@kea.test", name) for name in (
        "public", "public:local", "public:remote", "public:media"))
    events = {name: events_of(f"/public{name}", "toroa@kea.test")
              for name in ("", "/local", "/remote", "?only_media=true")}
    post = world.ruru.write("for all")
    for reader in (every, local, events[""], events["/local"]):
        assert_status(reader.next("update"), post)
    world.ruru.write("an answer to somebody", in_reply_to=str(world.weka_ruru.write("elsewhere")["id"]))
    for reader in (every, remote, events[""], events["/remote"]):
        assert "elsewhere" in reader.next("update")["content"]
    world.ruru.write("not for the public", "unlisted")
    world.ruru.write("for followers", "followers")
    note = activity.note(star, "from afar", attachment=[
        {"type": "Document", "mediaType": "image/png", "url": "https://peer1.test/x.png"}])
    world.deliver(star, activity.create(star, note))
    for reader in (every, remote, media, events[""], events["/remote"], events["?only_media=true"]):
        assert "from afar" in reader.next("update")["content"]
    assert media.streams == ["public:media"]
    world.ruru.delete(post)
    for reader in (every, local, events[""]):
        assert reader.next("delete") == str(post["id"])


def test_hashtags(world, socket_of, events_of):
    star = world.followed(world.ruru)
    birds, local = socket_of(stream="hashtag", tag="Birds"), socket_of(stream="hashtag:local", tag="#birds")
    events, local_events = events_of("/hashtag?tag=birds"), events_of("/hashtag/local?tag=birds")
    post = world.toroa.write("look, #birds")
    for reader in (birds, local, events, local_events):
        assert_status(reader.next("update"), post)
    assert birds.streams == ["hashtag", "birds"]
    world.toroa.write("look, #cats")
    world.toroa.write("look, #birds", "unlisted")
    note = activity.note(star, "birds", tag=[{"type": "Hashtag", "name": "#Birds", "href": "https://peer1.test/t"}])
    world.deliver(star, activity.create(star, note))
    assert "birds" in birds.next("update")["content"] and "birds" in events.next("update")["content"]
    mark = world.toroa.write("more #birds")
    for reader in (local, local_events):
        assert_status(reader.next("update"), mark)


def list_of(world, handle, *members, **more):
    """A list of an identity's with these members; its id."""
    owner = work.identity(world.site, handle)
    made = world.site.value("insert into lists (domain_id, identity_id, title, replies_policy, exclusive) values "
                            "(%s, %s, 'friends', %s, %s) returning id", owner["domain_id"], owner["id"],
                            more.get("replies", "list"), more.get("exclusive", False))
    for member in members:
        world.site.sql("insert into list_accounts (domain_id, list_id, member_id) values (%s, %s, %s)",
                       owner["domain_id"], made, member)
    return made


def test_lists(world, socket_of, events_of, opened, tokens):
    star = world.followed(world.ruru)
    friends = list_of(world, "ruru@kea.test", world.toroa.id, world.identity(star.id)["id"])
    reader, events = socket_of(stream="list", list=friends), events_of(f"/list?list={friends}")
    silent = socket_of(stream="list", list=list_of(world, "ruru@kea.test", world.toroa.id, replies="none"))
    for person in ("ruru@weka.test", "toroa@kea.test"):
        assert opened(WebSocket(world.site, person.partition("@")[2], tokens[person], stream="list", list=friends)
                      ).status == 404
    post = world.toroa.write("of a member")
    for one in (reader, events, silent):
        assert_status(one.next("update"), post)
    assert reader.streams == ["list", str(friends)]
    world.ruru.write("of nobody on it")
    world.toroa.write("for others", "followers")
    world.toroa.write("an answer to somebody else", in_reply_to=str(world.weka_ruru.write("elsewhere")["id"]))
    world.toroa.write("an answer on the list", in_reply_to=str(post["id"]))
    for one in (reader, events, silent):
        assert "on the list" in one.next("update")["content"]
    world.deliver(star, activity.create(star, activity.note(star, "for followers", to=[f"{star.id}/followers"], cc=[])))
    for one in (reader, events):
        assert "for followers" in one.next("update")["content"]
    other = world.weka_ruru.write("to be boosted")
    world.toroa.react("ruru@weka.test", other["id"], "boost")
    for one in (reader, events, silent):
        assert one.next("update")["reblog"]["id"] == str(other["id"])
    world.toroa.edit(post, "of a member, edited")
    for one in (reader, events, silent):
        assert "edited" in one.next("status.update")["content"]
    world.toroa.delete(post)
    for one in (reader, events, silent):
        assert one.next("delete") == str(post["id"])
    world.settle()


def test_filters_are_shown(world, socket_of):
    reader, other = socket_of(stream="public"), socket_of("toroa@kea.test", "public")
    owner = work.identity(world.site, "ruru@kea.test")
    made = world.site.value("insert into filters (domain_id, identity_id, title, contexts) values (%s, %s, 'f', "
                            "'{public}') returning id", owner["domain_id"], owner["id"])
    world.site.sql("insert into filter_keywords (domain_id, filter_id, keyword) values (%s, %s, 'spinach')",
                   owner["domain_id"], made)
    post = world.weka_ruru.write("about spinach")
    seen, unseen = reader.next("update"), other.next("update")
    assert_status(seen, post)
    assert [one["keyword_matches"] for one in seen["filtered"]] == [["spinach"]] and unseen["filtered"] == []
    world.site.sql("delete from filters")


def test_notifications(world, socket_of, events_of, opened):
    user, only = socket_of(stream="user"), socket_of(stream="user:notification")
    events, only_events = events_of("/user"), events_of("/user/notification")
    deaf = opened(WebSocket(world.site, "kea.test", token_for(world.site, "ruru@kea.test", ["read:statuses"]),
                            stream="user"))
    post = world.ruru.write("worth a like")
    for reader in (user, events, deaf):
        assert_status(reader.next("update"), post)
    world.toroa.react("ruru@kea.test", post["id"], "like")
    world.settle()
    for reader in (user, only, events, only_events):
        told = reader.next("notification")
        assert schema_problems("Notification", told) == []
        assert (told["type"], told["account"]["acct"], told["status"]["id"]) == ("favourite", "toroa", str(post["id"]))
    assert only.streams == ["user:notification"]
    mark = world.ruru.write("mark")
    for reader in (user, events, deaf):
        assert_status(reader.next("update"), mark)


def test_what_a_policy_holds_back_is_no_news_until_it_is_merged(world, socket_of):
    api = Api(world.site, "ruru@kea.test")
    api.client.patch("/api/v2/notifications/policy", json={"for_not_following": "filter"})
    reader = socket_of(stream="user:notification")
    world.toroa.write("@ruru held back")
    world.settle()
    [request] = api.get("/api/v1/notifications/requests")
    api.post(f"/api/v1/notifications/requests/{request['id']}/accept")
    assert reader.event() == ("notifications_merged", 1)
    api.client.patch("/api/v2/notifications/policy", json={"for_not_following": "accept"})


def test_changed_filters_are_told(world, socket_of, events_of):
    reader, events, other = socket_of(stream="user"), events_of("/user"), socket_of("toroa@kea.test", "user")
    owner = work.identity(world.site, "ruru@kea.test")
    made = world.site.value("insert into filters (domain_id, identity_id, title, contexts) values (%s, %s, 'f', "
                            "'{home}') returning id", owner["domain_id"], owner["id"])
    assert reader.event() == ("filters_changed", None)
    assert events.until(b"\n") == b":thump"
    assert events.until(b"\n\n") == b"event: filters_changed\ndata: null"
    world.site.sql("insert into filter_keywords (domain_id, filter_id, keyword) values (%s, %s, 'x')",
                   owner["domain_id"], made)
    assert reader.event() == ("filters_changed", None)
    world.site.sql("delete from filters where id = %s", made)
    assert reader.event() == ("filters_changed", None)
    mark = world.toroa.write("mark")
    assert_status(other.next("update"), mark)


def test_conversations(world, socket_of, events_of):
    readers = [socket_of(stream="direct"), events_of("/direct")]
    other = socket_of("toroa@kea.test", "direct")
    world.ruru.about("toroa@kea.test", "follow")
    first = world.toroa.write("@ruru between us", "mentioned")
    world.settle()
    for reader in readers:
        talk = reader.next("conversation")
        assert schema_problems("Conversation", talk) == [] and talk["unread"] is True
        assert talk["last_status"]["id"] == str(first["id"]) and [one["acct"] for one in talk["accounts"]] == ["toroa"]
    assert other.next("conversation")["last_status"]["id"] == str(first["id"])
    second = world.ruru.write("@toroa yes", "mentioned", in_reply_to=str(first["id"]))
    world.settle()
    for reader in readers:
        again = reader.next("conversation")
        assert again["id"] == talk["id"] and again["last_status"]["id"] == str(second["id"])
    world.ruru.about("toroa@kea.test", "unfollow")
    world.settle()


def test_announcements(world, socket_of):
    reader, other = socket_of(stream="user"), socket_of("ruru@weka.test", "user")
    ruru = work.identity(world.site, "ruru@kea.test")
    made = world.site.value("insert into announcements (domain_id, source, content) values (%s, 'hear', '<p>hear</p>') "
                            "returning id", ruru["domain_id"])
    told = reader.next("announcement")
    assert schema_problems("Announcement", told) == [] and (told["id"], told["content"]) == (str(made), "<p>hear</p>")
    api = Api(world.site, "ruru@kea.test")
    api.put(f"/api/v1/announcements/{made}/reactions/🎉")
    assert reader.next("announcement.reaction") == {"name": "🎉", "count": 1, "announcement_id": str(made)}
    api.delete(f"/api/v1/announcements/{made}/reactions/🎉")
    assert reader.next("announcement.reaction")["count"] == 0
    world.site.sql("update announcements set content = '<p>again</p>', updated = now() where id = %s", made)
    assert reader.next("announcement")["content"] == "<p>again</p>"
    world.site.sql("delete from announcements where id = %s", made)
    assert reader.event() == ("announcement.delete", made)
    mark = world.weka_ruru.write("mark")
    assert_status(other.next("update"), mark)


def test_subscriptions_come_and_go(world, socket_of):
    reader = socket_of()
    reader.subscribe("user")
    reader.subscribe("user")
    reader.subscribe("public:local")
    reader.subscribe("hashtag", tag="a")
    post = world.ruru.write("one #a")
    assert sorted((reader.next("update")["id"], *reader.streams) for _ in range(3)) == sorted([
        (str(post["id"]), "user"), (str(post["id"]), "public:local"), (str(post["id"]), "hashtag", "a")])
    reader.unsubscribe("user")
    reader.unsubscribe("hashtag", tag="A")
    post = world.ruru.write("two #a")
    assert_status(reader.next("update"), post)
    assert reader.streams == ["public:local"]
    reader.unsubscribe("public:local")
    reader.unsubscribe("public:local")


@pytest.mark.parametrize("message, status", [
    ({"type": "subscribe"}, 400), ({"type": "subscribe", "stream": "x"}, 400), ({"type": "dance"}, 400),
    ({"type": "subscribe", "stream": "hashtag"}, 400), ({"type": "subscribe", "stream": "list", "list": 7}, 404),
    ({"type": "subscribe", "stream": "list", "list": "7"}, 404), ([], 400), ("user", 400), (None, 400), (7, 400),
    ({"type": {"a": []}, "stream": 5}, 400), ({"type": "subscribe", "stream": "hashtag", "tag": ["a"]}, 400)])
def test_messages_that_ask_for_nothing(socket_of, message, status):
    reader = socket_of()
    reader.send_frame(TEXT, json.dumps(message).encode())
    said = reader.message()
    assert said["status"] == status and said["error"]
    reader.fence()


def test_subscriptions_have_a_limit(socket_of):
    reader = socket_of()
    for n in range(64):
        reader.say(type="subscribe", stream="hashtag", tag=f"tag{n}")
    reader.fence()
    reader.say(type="subscribe", stream="user")
    assert reader.message()["status"] == 413


# Who is not told


def test_another_tenants_events_do_not_arrive(world, socket_of):
    channels = ("user", "public:local", "hashtag:local")
    weka = [socket_of("ruru@weka.test", name, **({"tag": "a"} if "hashtag" in name else {})) for name in channels]
    kea = [socket_of("ruru@kea.test", name, **({"tag": "a"} if "hashtag" in name else {})) for name in channels]
    world.ruru.write("of kea #a")
    world.ruru.write("of kea's members #a", "local")
    world.ruru.write("of kea's followers #a", "followers")
    mark = world.weka_ruru.write("of weka #a")
    for reader in weka:
        assert_status(reader.next("update"), mark)
    for reader in kea:
        assert "of kea" in reader.next("update")["content"]


def test_blocks_and_mutes_are_obeyed(world, socket_of):
    for verb, back in (("block", "unblock"), ("mute", "unmute")):
        world.toroa.about("ruru@weka.test", verb)
        reader = socket_of("toroa@kea.test", "public")
        world.weka_ruru.write(f"against a {verb}")
        mark = world.ruru.write("mark")
        assert_status(reader.next("update"), mark)
        world.toroa.about("ruru@weka.test", back)
        world.settle()


def test_a_blocked_server_is_not_streamed(world, socket_of):
    star = world.followed(world.ruru)
    reader = socket_of("toroa@kea.test", "public")
    elsewhere = socket_of("ruru@weka.test", "public")
    world.site.sql("insert into server_limits (domain_id, host, severity) select id, 'peer1.test', 'limit' "
                   "from domains where name = 'kea.test'")
    world.deliver(star, activity.create(star, activity.note(star, "limited")))
    assert "limited" in elsewhere.next("update")["content"]
    mark = world.ruru.write("mark")
    assert_status(reader.next("update"), mark)
    world.site.sql("delete from server_limits")


# How it ends


def test_a_revoked_token_ends_its_streams(world, opened, socket_of):
    token = token_for(world.site, "ruru@kea.test")
    readers = [opened(WebSocket(world.site, "kea.test", token, stream="user")),
               opened(Events(world.site, "kea.test", "/public", token))]
    other = socket_of(stream="user")
    world.site.sql("delete from tokens where token_hash = sha256(%s)", token.encode())
    assert [reader.ended() for reader in readers] == [1008, None]
    post = world.ruru.write("still here")
    assert_status(other.next("update"), post)


def test_a_ban_ends_streams(world, socket_of):
    reader, other = socket_of("toroa@kea.test", "user"), socket_of(stream="user")
    world.site.sql("update users set banned = true where email = 'toroa@example.org'")
    assert reader.ended() == 1008
    world.site.sql("update users set banned = false where email = 'toroa@example.org'")
    post = world.ruru.write("still here")
    assert_status(other.next("update"), post)


def test_staff_that_stops_somebody_ends_their_streams(world, socket_of):
    reader = socket_of("toroa@kea.test", "user")
    toroa = work.identity(world.site, "toroa@kea.test")
    world.site.sql("insert into identity_limits (domain_id, identity_id, disabled) values (%s, %s, now())",
                   toroa["domain_id"], toroa["id"])
    assert reader.ended() == 1008
    world.site.sql("delete from identity_limits")


def test_a_suspended_tenant_ends_its_streams(world, socket_of):
    weka, kea = socket_of("ruru@weka.test", "public"), socket_of(stream="public")
    world.site.rookery("domain", "suspend", "weka.test", "--reason", "test")
    assert weka.ended() == 1008
    world.site.rookery("domain", "resume", "weka.test")
    world.settle()
    post = world.ruru.write("still here")
    assert_status(kea.next("update"), post)


def test_control_frames(socket_of):
    reader = socket_of(stream="user")
    reader.send_frame(PING, b"are you there")
    assert reader.frame() == (PONG, b"are you there")
    reader.send_frame(CLOSE, b"\x03\xe8")
    assert reader.ended() == 1000


@pytest.mark.parametrize("frame, code", [
    (dict(opcode=TEXT, data=b"{}", masked=False), 1002), (dict(opcode=TEXT, data=b"x" * 5000), 1009),
    (dict(opcode=TEXT, data=b"\xff\xfe"), 1007), (dict(opcode=3, data=b""), 1002), (dict(opcode=0, data=b"x"), 1002),
    (dict(opcode=PING, data=b"x" * 126), 1002), (dict(opcode=PING, data=b"", fin=False), 1002),
    (dict(opcode=CLOSE, data=b"\x00"), 1002)])
def test_frames_that_break_the_protocol_end_it(socket_of, frame, code):
    reader = socket_of(stream="user")
    reader.send_frame(**frame)
    assert reader.ended() in (code, None)


def test_a_message_may_come_in_pieces(world, socket_of):
    reader = socket_of()
    reader.send_frame(TEXT, b'{"type":"subscribe",', fin=False)
    reader.send_frame(PING, b"p")
    reader.send_frame(0, b'"stream":"user"}')
    assert reader.frame() == (PONG, b"p")
    reader.fence()
    post = world.ruru.write("in pieces")
    assert_status(reader.next("update"), post)


def test_a_token_has_so_many_streams(world, opened):
    token = token_for(world.site, "ruru@kea.test")
    for _ in range(16):
        assert opened(Events(world.site, "kea.test", "/public", token)).status == 200
    reader = opened(Events(world.site, "kea.test", "/public", token))
    assert reader.status == 429 and reader.body()["error"]
    assert opened(WebSocket(world.site, "kea.test", token)).status == 429

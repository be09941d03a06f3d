# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notifications of the client API: one by one and in groups, policies and requests, pages without gaps."""

import pytest

from harness import activity, news, work
from harness.api import Api
from harness.peer import Peer
from harness.world import World

RURU, TOROA, OTHER = "ruru@kea.test", "toroa@kea.test", "ruru@weka.test"


@pytest.fixture(scope="module")
def world(shared_site):
    with Peer("peer1.test", tls=True) as peer:
        yield World(shared_site, peer)


@pytest.fixture(scope="module")
def site(world):
    return world.site


@pytest.fixture(scope="module")
def ruru(site):
    return Api(site, RURU)


@pytest.fixture
def clean(site, ruru):
    """ruru with nothing told and no policy."""
    for table in ("notifications", "notification_requests", "notification_policies", "identity_limits"):
        site.sql(f"delete from {table}")
    site.sql("delete from follows where %s::bigint in (source_id, target_id)", int(ruru.id))
    site.sql("delete from blocks")
    return ruru


def ids(answer):
    return [one["id"] for one in answer]


def test_what_happens_is_told(world, clean):
    """The whole way: activities of another server, the stator, the API."""
    post = world.ruru.write("hello there")
    fan = world.follower(world.ruru)
    world.deliver(fan, activity.like(fan, post["object_uri"]))
    world.deliver(fan, activity.announce(fan, post["object_uri"]))
    world.deliver(fan, activity.create(fan, activity.note(
        fan, "hi @ruru", tag=[activity.mention(world.ruru.uri, "@ruru@kea.test")])))
    told = clean.get("/api/v1/notifications")
    assert [one["type"] for one in told] == ["mention", "reblog", "favourite", "follow"]
    assert told[0]["status"]["content"] == "hi @ruru" and told[2]["status"]["id"] == str(post["id"])
    assert {one["account"]["acct"] for one in told} == {fan.handle.lstrip("@")}
    world.deliver(fan, activity.undo(fan, activity.like(fan, post["object_uri"])))
    assert [one["type"] for one in clean.get("/api/v1/notifications")] == ["mention", "reblog", "follow"]


def test_types_accounts_and_pages(site, clean):
    mine, far, other = news.post(site, RURU), news.remote(site), news.remote(site)
    made = [news.tell(site, RURU, "follow", far), news.tell(site, RURU, "like", far, mine),
            news.tell(site, RURU, "like", other, mine), news.tell(site, RURU, "boost", far, mine),
            news.tell(site, RURU, "sign_up", other)]
    made = [str(one) for one in made]
    newest_first = made[::-1]
    assert ids(clean.get("/api/v1/notifications")) == newest_first
    assert ids(clean.get("/api/v1/notifications", **{"types[]": ["favourite", "reblog"]})) == newest_first[1:4]
    assert ids(clean.get("/api/v1/notifications", **{"exclude_types[]": ["favourite", "admin.sign_up"]})) == [
        made[3], made[0]]
    assert clean.get("/api/v1/notifications", **{"types[]": ["no_such_thing"]}) == []
    assert ids(clean.get("/api/v1/notifications", account_id=str(other))) == [made[4], made[2]]
    # Without gaps: a page upward is the one next to its bound.
    assert ids(clean.get("/api/v1/notifications", min_id=made[0], limit=2)) == [made[2], made[1]]
    assert ids(clean.get("/api/v1/notifications", since_id=made[0], limit=2)) == [made[4], made[3]]
    answer = clean.ask("GET", "/api/v1/notifications?limit=2&types[]=favourite&types[]=follow")
    assert ids(answer.json()) == [made[2], made[1]]
    assert "types[]=follow" in answer.links["next"]["url"]
    assert ids(clean.ask("GET", answer.links["next"]["url"]).json()) == [made[0]]
    assert clean.ask("GET", answer.links["prev"]["url"]).json() == []
    assert clean.get(f"/api/v1/notifications/{made[3]}")["type"] == "reblog"


def test_dismissing(site, clean):
    far = news.remote(site)
    made = [news.tell(site, RURU, "like", far, news.post(site, RURU)) for _ in range(5)]
    assert clean.post(f"/api/v1/notifications/{made[0]}/dismiss") == {}
    assert clean.delete(f"/api/v1/notifications/{made[1]}") == {}
    assert clean.delete("/api/v1/notifications/destroy_multiple", ids=[str(made[2])]) == {}
    assert ids(clean.get("/api/v1/notifications")) == [str(made[4]), str(made[3])]
    clean.refused(404, "GET", f"/api/v1/notifications/{made[0]}")
    assert clean.post("/api/v1/notifications/clear") == {}
    assert clean.get("/api/v1/notifications") == []


def test_unread_counts(site, clean):
    far, other, mine = news.remote(site), news.remote(site), news.post(site, RURU)
    for actor in (far, other):
        news.tell(site, RURU, "like", actor, mine)
    news.mention(site, far, RURU)
    assert clean.get("/api/v1/notifications/unread_count") == {"count": 3}
    assert clean.get("/api/v1/notifications/unread_count", limit=2) == {"count": 2}
    assert clean.get("/api/v1/notifications/unread_count", **{"types[]": "mention"}) == {"count": 1}
    assert clean.get("/api/v2/notifications/unread_count") == {"count": 2}
    assert clean.get("/api/v2/notifications/unread_count", **{"grouped_types[]": "reblog"}) == {"count": 3}
    assert clean.get("/api/v2/notifications/unread_count", account_id=str(other)) == {"count": 1}
    site.sql("update notifications set seen = true")
    assert clean.get("/api/v1/notifications/unread_count") == {"count": 0}
    assert clean.get("/api/v2/notifications/unread_count") == {"count": 0}


def test_groups(site, clean):
    """The same event to the same post is one group; anything else stands alone."""
    mine, second = news.post(site, RURU), news.post(site, RURU)
    fans = [news.remote(site) for _ in range(10)]
    likes = [news.tell(site, RURU, "like", fan, mine) for fan in fans]
    boost = news.tell(site, RURU, "boost", fans[0], mine)
    other_like = news.tell(site, RURU, "like", fans[1], second)
    mention = news.mention(site, fans[2], RURU)
    page = clean.get("/api/v2/notifications")
    groups = page["notification_groups"]
    assert [(one["type"], one["notifications_count"], one.get("status_id")) for one in groups] == [
        ("mention", 1, str(mention)), ("favourite", 1, str(second)), ("reblog", 1, str(mine)),
        ("favourite", 10, str(mine))]
    whole = groups[3]
    assert whole["sample_account_ids"] == [str(fan) for fan in fans[::-1][:8]]
    assert whole["most_recent_notification_id"] == likes[-1]
    assert (whole["page_min_id"], whole["page_max_id"]) == (str(likes[0]), str(likes[-1]))
    assert groups[0]["group_key"].startswith("ungrouped-")
    assert {one["id"] for one in page["statuses"]} == {str(mine), str(second), str(mention)}
    assert {one["id"] for one in page["accounts"]} >= set(whole["sample_account_ids"])
    assert "partial_accounts" not in page

    alone = clean.get("/api/v2/notifications", **{"grouped_types[]": ["follow"]})["notification_groups"]
    assert len(alone) == 13 and {one["notifications_count"] for one in alone} == {1}

    part = clean.get("/api/v2/notifications", expand_accounts="partial_avatars")
    full = {one["id"] for one in part["accounts"]}
    assert full == {str(fans[2]), str(fans[1]), str(fans[0]), str(fans[9])}
    assert {one["id"] for one in part["partial_accounts"]} == {str(fan) for fan in fans[3:9]}

    one = clean.get(f"/api/v2/notifications/{whole['group_key']}")
    assert one["notification_groups"][0]["notifications_count"] == 10 and len(one["notification_groups"]) == 1
    assert clean.get(f"/api/v2/notifications/{groups[0]['group_key']}")["notification_groups"][0]["type"] == "mention"
    people = clean.ask("GET", f"/api/v2/notifications/{whole['group_key']}/accounts?limit=3")
    assert ids(people.json()) == [str(fan) for fan in fans[::-1][:3]]
    assert ids(clean.ask("GET", people.links["next"]["url"]).json()) == [str(fan) for fan in fans[::-1][3:6]]
    assert clean.post(f"/api/v2/notifications/{whole['group_key']}/dismiss") == {}
    clean.refused(404, "GET", f"/api/v2/notifications/{whole['group_key']}")
    left = clean.get("/api/v2/notifications")["notification_groups"]
    assert [one["most_recent_notification_id"] for one in left][1:] == [other_like, boost]
    assert clean.post("/api/v2/notifications/clear") == {}
    assert clean.get("/api/v2/notifications") == {"accounts": [], "statuses": [], "notification_groups": []}


def test_pages_of_groups(site, clean):
    """Groups that reach over a page's end come again on the next, with what is there of them."""
    posts = [news.post(site, RURU) for _ in range(3)]
    fans = [news.remote(site) for _ in range(4)]
    rounds = [[news.tell(site, RURU, "like", fan, post) for post in posts] for fan in fans]
    first = clean.ask("GET", "/api/v2/notifications?limit=2")
    groups = first.json()["notification_groups"]
    assert [one["status_id"] for one in groups] == [str(posts[2]), str(posts[1])]
    assert [one["page_min_id"] for one in groups] == [str(rounds[3][2]), str(rounds[3][1])]
    assert [one["notifications_count"] for one in groups] == [4, 4]
    second = clean.ask("GET", first.links["next"]["url"]).json()["notification_groups"]
    assert [one["status_id"] for one in second] == [str(posts[0]), str(posts[2])]
    assert second[1]["page_max_id"] == str(rounds[2][2])
    late = news.tell(site, RURU, "boost", fans[0], posts[0])
    newer = clean.ask("GET", first.links["prev"]["url"]).json()["notification_groups"]
    assert [one["most_recent_notification_id"] for one in newer] == [late]
    upward = clean.get("/api/v2/notifications", min_id=str(rounds[0][0]), limit=1)["notification_groups"]
    assert [(one["status_id"], one["page_min_id"]) for one in upward] == [(str(posts[1]), str(rounds[0][1]))]


def test_a_group_ends_after_half_a_day(site, clean):
    mine = news.post(site, RURU)
    news.tell(site, RURU, "like", news.remote(site), mine)
    site.sql("update notifications set group_key = regexp_replace(group_key, '\\d+$', "
             "(substring(group_key from '\\d+$')::bigint - 12)::text)")
    news.tell(site, RURU, "like", news.remote(site), mine)
    news.tell(site, RURU, "like", news.remote(site), mine)
    counts = [one["notifications_count"] for one in clean.get("/api/v2/notifications")["notification_groups"]]
    assert counts == [2, 1]


def test_pages_cost_the_same_however_full(site, clean):
    mine = news.post(site, RURU)
    paths = ("/api/v1/notifications", "/api/v2/notifications", "/api/v1/notifications/requests")

    def more(count):
        for _ in range(count):
            far = news.remote(site)
            news.tell(site, RURU, "like", far, mine)
            news.mention(site, far, RURU)
            news.mention(site, far, RURU, "mentioned")
        return [news.cost(site, lambda path=path: clean.get(path)) for path in paths]

    assert more(1) == more(12)


def test_policies_hold_back_or_drop(site, clean):
    policy = clean.get("/api/v2/notifications/policy")
    assert policy["for_private_mentions"] == "filter" and policy["for_not_following"] == "accept"
    stranger, fresh, friend = news.remote(site), news.remote(site, published="2026-01-01"), news.remote(site)
    site.sql("update identities set published = now() where id = %s", fresh)
    news.follow(site, int(clean.id), friend)
    changed = clean.patch("/api/v2/notifications/policy", for_not_following="filter", for_new_accounts="drop")
    assert (changed["for_not_following"], changed["for_new_accounts"]) == ("filter", "drop")
    assert clean.patch("/api/v2/notifications/policy", for_bots="drop")["for_not_following"] == "filter"
    for actor in (stranger, fresh, friend):
        news.mention(site, actor, RURU)
    assert [one["account"]["id"] for one in clean.get("/api/v1/notifications")] == [str(friend)]
    both = clean.get("/api/v1/notifications", include_filtered="true")
    assert [one["account"]["id"] for one in both] == [str(friend), str(stranger)]
    assert clean.get("/api/v2/notifications/policy")["summary"] == {
        "pending_requests_count": 1, "pending_notifications_count": 1}
    clean.refused(422, "PATCH", "/api/v2/notifications/policy", json={"for_not_following": "maybe"})


def test_policies_of_the_first_version(clean):
    assert clean.get("/api/v1/notifications/policy")["filter_private_mentions"] is True
    changed = clean.ask("PATCH", "/api/v1/notifications/policy",
                        data={"filter_not_followers": "true", "filter_private_mentions": "0"}).json()
    assert changed["filter_not_followers"] is True and changed["filter_private_mentions"] is False
    assert clean.get("/api/v2/notifications/policy")["for_not_followers"] == "filter"


def test_private_mentions(site, clean):
    """A stranger's is a request; an answer to what one wrote oneself is not."""
    mine = news.post(site, RURU, visibility="mentioned")
    stranger, answers = news.remote(site), news.remote(site)
    news.mention(site, stranger, RURU, "mentioned")
    news.mention(site, answers, RURU, "mentioned", in_reply_to_id=mine)
    assert [one["account"]["id"] for one in clean.get("/api/v1/notifications")] == [str(answers)]


def test_requests(site, clean):
    first, second, third = (news.remote(site) for _ in range(3))
    for actor in (first, second, third):
        last = news.mention(site, actor, RURU, "mentioned")
        last = news.mention(site, actor, RURU, "mentioned")
    assert clean.get("/api/v1/notifications") == []
    requests = clean.get("/api/v1/notifications/requests")
    assert [one["account"]["id"] for one in requests] == [str(third), str(second), str(first)]
    assert requests[0]["notifications_count"] == "2" and requests[0]["last_status"]["id"] == str(last)
    page = clean.ask("GET", "/api/v1/notifications/requests?limit=1")
    assert ids(clean.ask("GET", page.links["next"]["url"]).json()) == [requests[1]["id"]]
    assert clean.get(f"/api/v1/notifications/requests/{requests[0]['id']}")["account"]["id"] == str(third)
    # What one of them sent can be looked at before it is decided.
    assert len(clean.get("/api/v1/notifications", account_id=str(third))) == 2

    assert clean.post(f"/api/v1/notifications/requests/{requests[0]['id']}/accept") == {}
    assert [one["account"]["id"] for one in clean.get("/api/v1/notifications")] == [str(third)] * 2
    news.mention(site, third, RURU, "mentioned")
    assert len(clean.get("/api/v1/notifications")) == 3
    assert clean.get("/api/v1/notifications/requests/merged") == {"merged": True}

    assert clean.post(f"/api/v1/notifications/requests/{requests[1]['id']}/dismiss") == {}
    assert ids(clean.get("/api/v1/notifications/requests")) == [requests[2]["id"]]
    news.mention(site, second, RURU, "mentioned")
    assert len(clean.get("/api/v1/notifications/requests")) == 2
    waiting = ids(clean.get("/api/v1/notifications/requests"))
    assert clean.post("/api/v1/notifications/requests/dismiss", id=waiting) == {}
    assert clean.get("/api/v1/notifications/requests") == []
    news.mention(site, second, RURU, "mentioned")
    waiting = ids(clean.get("/api/v1/notifications/requests"))
    assert clean.post("/api/v1/notifications/requests/accept", id=waiting) == {}
    assert len(clean.get("/api/v1/notifications")) == 4


def test_whom_one_does_not_want_to_hear(site, clean):
    mine, far = news.post(site, RURU), news.remote(site)
    for kind, notifications, told in (("block", True, False), ("mute", True, False), ("mute", False, True)):
        site.sql("delete from blocks")
        site.sql("delete from notifications")
        site.sql("insert into blocks (source_id, target_id, domain_id, uri, kind, notifications, state) values "
                 "(%s, %s, %s, 'https://kea.test/b', %s, %s, 'sent')", int(clean.id), far,
                 work.identity(site, RURU)["domain_id"], kind, notifications)
        news.tell(site, RURU, "like", far, mine)
        assert bool(clean.get("/api/v1/notifications")) == told, kind
    site.sql("delete from blocks")
    news.tell(site, RURU, "like", RURU, mine)
    assert len(clean.get("/api/v1/notifications")) == 1


def test_about_posts_that_are_gone_nothing_is_shown(site, clean):
    gone = news.mention(site, news.remote(site), RURU)
    site.sql("update posts set deleted = now() where id = %s", gone)
    assert clean.get("/api/v1/notifications") == []
    assert clean.get("/api/v2/notifications")["notification_groups"] == []


def test_nobody_elses(site, clean):
    """Neither another identity's of the tenant, nor one's own of another tenant."""
    far, mine = news.remote(site), news.post(site, RURU)
    one = news.tell(site, RURU, "like", far, mine)
    news.mention(site, far, RURU, "mentioned")
    request = clean.get("/api/v1/notifications/requests")[0]["id"]
    key = clean.get("/api/v2/notifications")["notification_groups"][0]["group_key"]
    for stranger in (Api(site, TOROA), Api(site, OTHER)):
        assert stranger.get("/api/v1/notifications") == []
        assert stranger.get("/api/v2/notifications")["notification_groups"] == []
        assert stranger.get("/api/v1/notifications/requests") == []
        for path in (f"/api/v1/notifications/{one}", f"/api/v2/notifications/{key}",
                     f"/api/v2/notifications/ungrouped-{one}", f"/api/v1/notifications/requests/{request}"):
            stranger.refused(404, "GET", path)
        assert stranger.get(f"/api/v2/notifications/{key}/accounts") == []
        stranger.post(f"/api/v1/notifications/{one}/dismiss")
        stranger.post(f"/api/v2/notifications/{key}/dismiss")
        stranger.post("/api/v1/notifications/clear")
        stranger.refused(404, "POST", f"/api/v1/notifications/requests/{request}/accept")
        stranger.post("/api/v1/notifications/requests/dismiss", id=[request])
    assert ids(clean.get("/api/v1/notifications")) == [str(one)]
    assert ids(clean.get("/api/v1/notifications/requests")) == [request]


ROUTES = (("GET", "/api/v1/notifications"), ("GET", "/api/v1/notifications/1"), ("POST", "/api/v1/notifications/clear"),
          ("POST", "/api/v1/notifications/1/dismiss"), ("DELETE", "/api/v1/notifications/1"),
          ("DELETE", "/api/v1/notifications/destroy_multiple"), ("GET", "/api/v1/notifications/unread_count"),
          ("GET", "/api/v2/notifications"), ("GET", "/api/v2/notifications/x"),
          ("POST", "/api/v2/notifications/x/dismiss"),
          ("GET", "/api/v2/notifications/x/accounts"), ("GET", "/api/v2/notifications/unread_count"),
          ("POST", "/api/v2/notifications/clear"), ("GET", "/api/v1/notifications/policy"),
          ("PATCH", "/api/v1/notifications/policy"), ("GET", "/api/v2/notifications/policy"),
          ("PATCH", "/api/v2/notifications/policy"), ("GET", "/api/v1/notifications/requests"),
          ("GET", "/api/v1/notifications/requests/1"), ("POST", "/api/v1/notifications/requests/1/accept"),
          ("POST", "/api/v1/notifications/requests/1/dismiss"), ("POST", "/api/v1/notifications/requests/accept"),
          ("POST", "/api/v1/notifications/requests/dismiss"), ("GET", "/api/v1/notifications/requests/merged"))


def test_tokens_and_scopes(site):
    nobody, short = Api(site, "kea.test"), Api(site, RURU, ["read:accounts", "write:statuses"])
    for method, path in ROUTES:
        nobody.refused(401, method, path)
        short.refused(403, method, path)


@pytest.mark.parametrize("value", ("", "0", "-1", "x", "9" * 30, "1e3", "%00", "'; drop table posts",
                                   "9223372036854775807"))
def test_hostile_parameters(clean, value):
    for method, path in ROUTES:
        for name in ("max_id", "min_id", "since_id", "limit", "types[]", "exclude_types[]", "grouped_types[]",
                     "account_id", "ids[]", "id[]", "expand_accounts", "include_filtered", "for_bots"):
            clean.ask(method, path, params={name: value})
    for path in ("/api/v1/notifications/{}", "/api/v2/notifications/{}", "/api/v2/notifications/ungrouped-{}",
                 "/api/v1/notifications/requests/{}"):
        clean.ask("GET", path.format(value.replace("'", "%27") or "-"))


def test_new_posts_and_edits_are_told_to_who_asked(world, site, clean):
    star, other = world.followed(world.ruru), world.followed(world.ruru)
    site.sql("update follows set notify = true where target_id = %s", world.identity(star.id)["id"])
    clean.post("/api/v1/notifications/clear")
    note, plain = activity.note(star, "news"), activity.note(other, "no news")
    world.deliver(star, activity.create(star, note))
    world.deliver(other, activity.create(other, plain))
    told = clean.get("/api/v1/notifications")
    assert [(one["type"], one["status"]["content"]) for one in told] == [("status", "news")]
    world.ruru.react(other.handle.lstrip("@"), world.post(plain)["id"], "boost")
    world.settle()
    for text in ("better", "best"):
        changed = {**plain, "content": text, "updated": activity.now()}
        world.deliver(other, activity.update(other, changed))
        newest = clean.get("/api/v1/notifications", **{"types[]": "update"})
        assert [one["status"]["content"] for one in newest] == [text]


def test_a_muted_thread_is_silent(site, clean):
    post = news.post(site, RURU)
    site.sql("insert into thread_mutes (domain_id, identity_id, thread_id) values (%s, %s, %s)",
             work.identity(site, RURU)["domain_id"], int(clean.id), post)
    assert news.tell(site, RURU, "like", news.remote(site), post) is None
    site.sql("delete from thread_mutes")
    assert news.tell(site, RURU, "like", news.remote(site), post)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Search of the client API: people, hashtags and posts, by words, operators, handles and addresses."""

import datetime
import itertools
import re

import pytest

from harness import activity, work
from harness.api import Api
from harness.peer import Peer
from harness.world import World

PATH = "/api/v2/search"
numbers = itertools.count(1)


@pytest.fixture(scope="module")
def world(shared_site):
    with Peer("peer1.test", tls=True) as peer:
        made = World(shared_site, peer)
        shared_site.sql("update identities set indexable = true where actor_uri like %s", "https://%/@toroa@kea.test/")
        yield made


@pytest.fixture(scope="module")
def ruru(world):
    return Api(world.site, "ruru@kea.test")


@pytest.fixture(scope="module")
def toroa(world):
    return Api(world.site, "toroa@kea.test")


@pytest.fixture(scope="module")
def stranger(world):
    return Api(world.site, "kea.test")


@pytest.fixture(scope="module")
def weka(world):
    return Api(world.site, "ruru@weka.test")


def write(api, text, **more):
    return api.post("/api/v1/statuses", status=text, **more)["id"]


def posts(api, q, **params):
    return [one["id"] for one in api.get(PATH, q=q, type="statuses", **params)["statuses"]]


def people(api, q, **params):
    return [one["acct"] for one in api.get(PATH, q=q, type="accounts", **params)["accounts"]]


def tags(api, q, **params):
    return [one["name"] for one in api.get(PATH, q=q, type="hashtags", **params)["hashtags"]]


def test_tokens_and_scopes(world, ruru, stranger):
    Api(world.site, "kea.test", token="nonsense").refused(401, "GET", PATH, params={"q": "x"})
    Api(world.site, "ruru@kea.test", ["read:statuses"]).refused(403, "GET", PATH, params={"q": "x"})
    Api(world.site, "ruru@kea.test", ["read:search"]).get(PATH, q="x")
    for more in ({"resolve": "true"}, {"offset": "5", "type": "accounts"}):
        stranger.refused(401, "GET", PATH, params={"q": "x", **more})
    for params in ({}, {"q": " "}):
        assert ruru.client.get(PATH, params=params).status_code in (400, 422)
    assert ruru.client.get("/api/v1/search", params={"q": "x"}).status_code == 404


def test_everything_at_once(world, ruru, toroa):
    post = write(toroa, "a Ruru is an owl #rurus")
    world.settle()
    found = ruru.get(PATH, q="ruru")
    assert "ruru" in [one["acct"] for one in found["accounts"]] and [one["id"] for one in found["statuses"]] == [post]
    assert [one["name"] for one in found["hashtags"]] == ["rurus"]


# Posts


@pytest.fixture(scope="module")
def written(world, ruru, toroa):
    """Posts of somebody who wants to be found, by what they are."""
    made = {
        "plain": write(toroa, "The mountains are running wild"),
        "phrase": write(toroa, "A wild mountain river runs here"),
        "german": write(toroa, "Die wilden Häuser", language="de"),
        "english": write(toroa, "Wonderful houses", language="en-GB"),
        "tagged": write(toroa, "about #wetas"),
        "link": write(toroa, "look at https://example.org/page"),
        "poll": write(toroa, "which do you like", poll={"options": ["feijoa", "kiwifruit"], "expires_in": 3600}),
        "sensitive": write(toroa, "boo", spoiler_text="fantails ahead", sensitive=True),
    }
    made["reply"] = write(toroa, "mountains answer", in_reply_to_id=made["plain"])
    for kind in ("image", "video", "audio"):
        made[kind] = str(work.attached(world.site, "toroa@kea.test", f"{kind}/x", description="with kereru"))
    world.settle()
    return made


@pytest.mark.parametrize("q, names", [
    ("mountains", {"plain", "reply"}), ("MOUNTAINS running", {"plain"}), ('"wild mountain"', {"phrase"}),
    ('"mountain wild"', set()), ("wild -running", {"phrase", "german"}), ('mountains -"running wild"', {"reply"}),
    ("house language:en", {"english"}), ("wonderful", {"english"}), ("haus language:de", {"german"}),
    ("häuser", {"german"}), ("language:de from:toroa", {"german"}), ("#wetas", {"tagged"}), ("#weta", set()),
    ("has:link from:toroa", {"link"}), ("has:poll", {"poll"}), ("feijoa", {"poll"}), ("fantails", {"sensitive"}),
    ("is:sensitive", {"sensitive"}), ("is:reply mountains", {"reply"}), ("mountains -is:reply", {"plain"}),
    ("has:image", {"image"}), ("has:video", {"video"}), ("has:audio", {"audio"}),
    ("has:media", {"image", "video", "audio"}), ("kereru", {"image", "video", "audio"}),
    ("kereru -has:image", {"video", "audio"}),
    ("has:embed", set()), ("has:hats", set()), ("from:nobody mountains", set()), ("mountains -from:toroa", set()),
    ("mountains from:@toroa@kea.test", {"plain", "reply"}), ("before:2020-01-01 mountains", set()),
    ("after:2020-01-01 mountains", {"plain", "reply"}), ("during:2020 mountains", set()),
    ("before:yesterday mountains", set()), ("in:library mountains", set()),
    ("in:public mountains", {"plain", "reply"}), ("-mountains", set()), ("the", {"plain"})])
def test_words_and_operators(ruru, written, q, names):
    by_id = {post: name for name, post in written.items()}
    found = [by_id[post] for post in posts(ruru, q) if post in by_id]
    assert set(found) == names and len(found) == len(names)
    assert [int(written[name]) for name in found] == sorted((int(written[name]) for name in found), reverse=True)


def test_by_day(ruru, written):
    minted = ((int(written["plain"]) >> 22) + 1641020400000) / 1000
    made = datetime.datetime.fromtimestamp(minted, datetime.timezone.utc)
    day, month, before = made.date(), f"{made:%Y-%m}", made.date() - datetime.timedelta(days=1)
    for when in (day, month):
        assert written["plain"] in posts(ruru, f"mountains during:{when}")
    assert written["plain"] in posts(ruru, f"mountains after:{before}") and posts(ruru, f"mountains after:{day}") == []
    assert posts(ruru, f"mountains before:{day}") == [] and posts(ruru, f"mountains during:{before}") == []


def test_who_finds_what(world, ruru, toroa, stranger, weka):
    """Public posts of those who want it; one's own; what one had to do with; never what one may not read."""
    shy = write(ruru, "quagga one")
    quiet = write(toroa, "quagga two", visibility="unlisted")
    private = write(toroa, "quagga three", visibility="private")
    direct = write(toroa, "quagga four @ruru", visibility="direct")
    open_one = write(toroa, "quagga five")
    elsewhere = write(weka, "quagga six")
    world.settle()
    assert set(posts(ruru, "quagga")) == {shy, direct, open_one}
    assert set(posts(toroa, "quagga")) == {quiet, private, direct, open_one}
    assert set(posts(weka, "quagga")) == {open_one, elsewhere}
    assert posts(stranger, "quagga") == []
    assert set(posts(ruru, "quagga in:library")) == {shy, direct}
    ruru.post(f"/api/v1/statuses/{elsewhere}/favourite")
    ruru.post(f"/api/v1/statuses/{quiet}/bookmark")
    assert set(posts(ruru, "quagga in:library")) == {shy, direct, elsewhere, quiet}
    assert posts(ruru, "quagga in:public") == [open_one]
    assert posts(ruru, "quagga", account_id=toroa.id) == [open_one, direct, quiet]
    assert posts(ruru, "quagga from:me") == [shy]
    toroa.post(f"/api/v1/accounts/{ruru.id}/block")
    world.settle()
    assert set(posts(ruru, "quagga")) == {shy, elsewhere}
    toroa.post(f"/api/v1/accounts/{ruru.id}/unblock")
    world.settle()


def test_edited_and_deleted(world, ruru, toroa):
    post = write(toroa, "a dodo")
    world.settle()
    assert posts(ruru, "dodo") == [post]
    toroa.put(f"/api/v1/statuses/{post}", status="a solitaire")
    world.settle()
    assert posts(ruru, "dodo") == [] and posts(ruru, "solitaire") == [post]
    assert toroa.client.delete(f"/api/v1/statuses/{post}").status_code == 200
    assert posts(ruru, "solitaire") == []
    assert world.site.value("select count(*) from post_search where post_id = %s", int(post)) == 0


def test_posts_of_other_servers(world, ruru):
    star = world.followed(world.ruru)
    note = activity.note(star, "<p>far archaeopteryx</p>")
    world.deliver(star, activity.create(star, note))
    post = str(world.post(note)["id"])
    assert posts(ruru, "archaeopteryx") == []
    world.site.sql("update identities set indexable = true where actor_uri = %s", star.id)
    assert posts(ruru, "archaeopteryx") == [post]
    assert posts(ruru, f"archaeopteryx from:{star.handle}") == [post]


def test_posts_are_paged(world, ruru, toroa):
    made = [write(toroa, f"hoiho {n}") for n in range(6)]
    world.settle()
    made.reverse()
    assert posts(ruru, "hoiho") == made and posts(ruru, "hoiho", limit=2) == made[:2]
    assert posts(ruru, "hoiho", limit=2, offset=2) == made[2:4] and posts(ruru, "hoiho", offset=6) == []
    assert posts(ruru, "hoiho", max_id=made[1], limit=2) == made[2:4]
    assert posts(ruru, "hoiho", min_id=made[4]) == made[:4]


def test_old_posts_are_found_behind_new_ones(world, ruru):
    """Some in each of the spans of time that searching goes back by."""
    newest = world.site.value("select snowflake(0)")
    made = [newest - (k << shift) for shift in (20, 42, 46, 50, 54) for k in (1, 2, 3)]
    for post in made:
        work.old_post(world.site, "toroa@kea.test", post, "longago")
    world.settle()
    wanted = [str(post) for post in sorted(made, reverse=True)]
    assert posts(ruru, "longago") == wanted
    assert posts(ruru, "longago", limit=4) == wanted[:4]
    assert posts(ruru, "longago", limit=4, offset=8) == wanted[8:12]
    assert posts(ruru, "longago", max_id=wanted[6], limit=3) == wanted[7:10]
    assert posts(ruru, "longago", min_id=wanted[6]) == wanted[:6]


# People


def test_people(world, ruru, toroa, stranger):
    world.site.sql("update identities set name = 'Grey Warbler' where id = %s", int(toroa.id))
    for words in ("tor", "warb", "warbler grey", "@toroa"):
        assert people(ruru, words) == ["toroa"], words
    assert people(stranger, "grey w") == ["toroa"]
    assert people(ruru, "ruru")[0] == "ruru" and "ruru@weka.test" in people(ruru, "ruru")
    assert people(ruru, "ruru@weka.test")[0] == "ruru@weka.test"
    assert people(ruru, "ruru", limit=1, offset=1) == people(ruru, "ruru")[1:2]
    assert people(ruru, "toroa", following=True) == []
    ruru.post(f"/api/v1/accounts/{toroa.id}/follow")
    world.settle()
    assert people(ruru, "toroa", following=True) == ["toroa"]
    world.site.sql("update identities set discoverable = false where id = %s", int(toroa.id))
    assert people(stranger, "warbler") == [] and people(stranger, "toroa") == ["toroa"]
    assert people(ruru, "warbler") == ["toroa"]
    world.site.sql("update identities set discoverable = true where id = %s", int(toroa.id))
    ruru.post(f"/api/v1/accounts/{toroa.id}/unfollow")
    assert people(ruru, "!!") == [] and people(ruru, "'':* | a") == []


def test_people_of_other_servers_are_asked_for_with_a_token(world, ruru, stranger):
    star = world.actor("petrel")
    assert people(ruru, star.handle) == [] and people(stranger, star.handle) == []
    assert people(ruru, star.handle, resolve=True) == [star.handle.lstrip("@")]
    assert people(stranger, star.handle) == [star.handle.lstrip("@")]
    assert people(ruru, "@nobody@peer1.test", resolve=True) == []
    other = world.actor("shag")
    assert people(ruru, other.id) == [] and people(ruru, other.id, resolve=True) == [other.handle.lstrip("@")]


def test_addresses(world, ruru, toroa, stranger, weka):
    own = write(toroa, "own")
    private = write(toroa, "private", visibility="private")
    world.settle()
    shown = toroa.get(f"/api/v1/statuses/{own}")
    for address in (shown["url"], shown["uri"]):
        assert posts(ruru, address) == [own] and posts(stranger, address) == [own] and posts(weka, address) == [own]
    secret = toroa.get(f"/api/v1/statuses/{private}")
    for api in (ruru, stranger, weka):
        assert posts(api, secret["url"], **({} if api is stranger else {"resolve": True})) == []
    assert people(stranger, "https://kea.test/@toroa") == ["toroa"]
    assert posts(ruru, "https://nowhere.test/x", resolve=True) == []
    assert posts(ruru, shown["url"], offset=1) == []


# Hashtags


def test_hashtags(world, ruru, toroa, stranger):
    write(toroa, "#weka_one #wekatwo")
    write(toroa, "#wekatwo")
    ruru.post("/api/v1/tags/wekaunused/follow")
    world.settle()
    assert tags(stranger, "weka") == ["wekatwo", "weka_one", "wekaunused"] and tags(stranger, "#WEKA_") == ["weka_one"]
    assert tags(stranger, "weka", exclude_unreviewed=True) == ["wekatwo", "weka_one"]
    assert tags(stranger, "wekaunused") == ["wekaunused"]
    assert tags(stranger, "100%") == [] and tags(stranger, "w_ka") == []
    assert tags(ruru, "weka", limit=1, offset=1) == ["weka_one"]
    [found] = ruru.get(PATH, q="wekaunused", type="hashtags")["hashtags"]
    assert found["following"] and len(found["history"]) == 7


def test_the_number_of_statements_does_not_grow(world, ruru, toroa):
    def cost(**params):
        text = world.site.admin().get("/metrics").text
        before = int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1))
        ruru.get(PATH, **params)
        text = world.site.admin().get("/metrics").text
        return int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1)) - before

    for n in range(6):
        write(toroa, f"constancy #constancy{n}")
    world.settle()
    for kind in ("statuses", "hashtags"):
        assert cost(q="constancy", type=kind, limit=1) == cost(q="constancy", type=kind, limit=6), kind


@pytest.mark.parametrize("q", [
    "'", '"', '""', "-", "--", '-"', "from:", "has:", "before:", "during:2024-13-45", "before:99999999999-1-1", "#",
    "# a", "@", "@@", "a:b:c", "\\", "a\\'b", "&|!()<->", "a & !b", ":*", "%", "\U0001f426", "\u202e", "x" * 5000,
    "a " * 500, "-a " * 500, '"' * 500, "from:me " * 50, "#a\\'b:* | #c", "#\u00e4" * 200, "https://", "https://[",
    "acct:x", "a@b@c", "\u0000", "\ufffe", "language:'", "language:en' | 'x", "in:everything x", "from:' or 1=1",
    "language:" + "x" * 3000])
def test_hostile_questions(ruru, stranger, q):
    for api in (ruru, stranger):
        for kind in ({}, {"type": "statuses"}, {"type": "accounts"}, {"type": "hashtags"}, {"type": "x"}):
            assert api.ask("GET", PATH, params={"q": q, **kind}).status_code in (200, 400, 422), q


@pytest.mark.parametrize("value", ["0", "-1", "99999999999999999999", "1e9", "x", "", "1'"])
def test_hostile_parameters(ruru, value):
    for name in ("limit", "offset", "max_id", "min_id", "account_id", "following", "resolve"):
        assert ruru.ask("GET", PATH, params={"q": "kea", name: value}).status_code == 200, name

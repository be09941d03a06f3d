# SPDX-License-Identifier: AGPL-3.0-or-later
"""Hashtags of the client API: what they are, following and featuring them; and what trends on a tenant."""

import itertools
import re
import time

import pytest

from harness import activity, work
from harness.api import Api
from harness.peer import Peer
from harness.world import World

numbers = itertools.count(1)
DAY = 24 * 3600


@pytest.fixture(scope="module")
def world(shared_site):
    with Peer("peer1.test", tls=True) as peer:
        yield World(shared_site, peer)


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


@pytest.fixture
def quiet(world):
    """Nothing trends yet."""
    world.site.sql("update posts set deleted = now() where deleted is null")
    world.site.sql("delete from interactions")
    yield
    world.site.sql("delete from trends")


def write(world, api, text, **more):
    post = api.post("/api/v1/statuses", status=text, **more)["id"]
    world.settle()
    return post


def refresh(world):
    """What the stator counts by the clock, and once when it starts."""
    world.site.stator.drain()


def names(api, path="/api/v1/trends/tags", **params):
    return [one["name"] for one in api.get(path, **params)]


def test_tokens_and_scopes(world, ruru):
    for method, path in (("POST", "/api/v1/tags/kea/follow"), ("POST", "/api/v1/tags/kea/unfollow"),
                         ("POST", "/api/v1/tags/kea/feature"), ("POST", "/api/v1/tags/kea/unfeature"),
                         ("GET", "/api/v1/followed_tags")):
        Api(world.site, "kea.test").refused(401, method, path)
        Api(world.site, "ruru@kea.test", ["push"]).refused(403, method, path)
    for path in ("/api/v1/tags/kea", "/api/v1/trends", "/api/v1/trends/tags", "/api/v1/trends/statuses",
                 "/api/v1/trends/links"):
        Api(world.site, "kea.test").get(path)
        Api(world.site, "kea.test", token="nonsense").refused(401, "GET", path)
    Api(world.site, "ruru@kea.test", ["follow"]).post("/api/v1/tags/kea/unfollow")


def test_a_tag_and_its_week(world, ruru, toroa, stranger, weka):
    for api in (ruru, ruru, toroa):
        write(world, api, f"#Pohutukawa {next(numbers)}")
    tag = ruru.get("/api/v1/tags/POHUTUKAWA")
    assert tag["name"] == "pohutukawa" and tag["url"] == "https://kea.test/tags/pohutukawa/"
    assert not tag["following"] and not tag["featuring"] and int(tag["id"])
    days = [int(one["day"]) for one in tag["history"]]
    assert len(days) == 7 and all(a - b == DAY for a, b in itertools.pairwise(days)) and days[0] % DAY == 0
    # Midnight may have passed in between.
    uses, accounts = (sum(int(one[key]) for one in tag["history"][:2]) for key in ("uses", "accounts"))
    if time.time() - days[0] > 600:
        assert (uses, accounts) == (3, 2)
    assert "following" not in stranger.get("/api/v1/tags/pohutukawa")
    assert sum(int(one["uses"]) for one in weka.get("/api/v1/tags/pohutukawa")["history"]) == 0
    unused = stranger.get("/api/v1/tags/nobodyusedthis")
    assert unused["name"] == "nobodyusedthis" and len(unused["history"]) == 7
    for name in ("two words", "12345", "a-b", "%23", "x" * 200):
        stranger.refused(404, "GET", f"/api/v1/tags/{name}")


def test_days_that_are_over_are_counted_by_the_stator(world, ruru):
    post = write(world, ruru, "#rimu")
    site, yesterday = world.site, int(post) - (DAY * 1000 << 22)
    work.old_post(site, "ruru@kea.test", yesterday, state="fanned_out")
    site.sql("insert into post_hashtags (post_id, hashtag_id) "
             "select %s, hashtag_id from post_hashtags where post_id = %s", yesterday, int(post))
    site.sql("insert into public_timeline (domain_id, channel, post_id) "
             "select domain_id, 0, id from posts where id = %s", yesterday)
    refresh(world)
    history = ruru.get("/api/v1/tags/rimu")["history"]
    assert sum(int(one["uses"]) for one in history) == 2
    assert (history[1]["uses"], history[1]["accounts"]) == ("1", "1") or history[0]["uses"] == "0"


def test_following_brings_posts_home(world, ruru, toroa, weka):
    made = ruru.post("/api/v1/tags/Kahikatea/follow")
    assert made["following"] and made["name"] == "kahikatea" and ruru.get("/api/v1/tags/kahikatea")["following"]
    assert not toroa.get("/api/v1/tags/kahikatea")["following"]
    shown = write(world, toroa, "#kahikatea")
    elsewhere = write(world, weka, "#kahikatea too")
    private = write(world, toroa, "#kahikatea", visibility="unlisted")
    star = world.followed(world.toroa)
    hashtag = {"type": "Hashtag", "name": "#kahikatea", "href": "https://x.test/"}
    note = activity.note(star, "<p>#kahikatea</p>", tag=[hashtag])
    world.deliver(star, activity.create(star, note))
    far = str(world.post(note)["id"])
    home = [one["id"] for one in ruru.get("/api/v1/timelines/home")]
    assert {shown, elsewhere, far} <= set(home) and private not in home
    ruru.post(f"/api/v1/accounts/{toroa.id}/mute")
    world.settle()
    muted = write(world, toroa, "#kahikatea again")
    ruru.post(f"/api/v1/accounts/{toroa.id}/unmute")
    assert not ruru.post("/api/v1/tags/kahikatea/unfollow")["following"]
    late = write(world, toroa, "#kahikatea late")
    assert not {muted, late} & {one["id"] for one in ruru.get("/api/v1/timelines/home")}


def test_followed_tags_are_paged(world, ruru, toroa):
    made = [f"tag{n}" for n in range(5)]
    for name in made:
        ruru.post(f"/api/v1/tags/{name}/follow")
        ruru.post(f"/api/v1/tags/{name}/follow")
    made.reverse()
    answer = ruru.ask("GET", "/api/v1/followed_tags", params={"limit": 2})
    assert [one["name"] for one in answer.json()] == made[:2] and all(one["following"] for one in answer.json())
    older = ruru.ask("GET", answer.links["next"]["url"])
    assert [one["name"] for one in older.json()] == made[2:4]
    newer = ruru.ask("GET", older.links["prev"]["url"])
    assert [one["name"] for one in newer.json()] == made[:2]
    assert toroa.get("/api/v1/followed_tags") == []
    for name in made:
        ruru.post(f"/api/v1/tags/{name}/unfollow")
    assert ruru.get("/api/v1/followed_tags") == []
    ruru.refused(404, "POST", "/api/v1/tags/a b/follow")


def test_featuring(world, ruru, stranger):
    assert ruru.post("/api/v1/tags/totara/feature")["featuring"]
    assert ruru.get("/api/v1/tags/totara")["featuring"]
    assert [one["name"] for one in stranger.get(f"/api/v1/accounts/{ruru.id}/featured_tags")] == ["totara"]
    assert not ruru.post("/api/v1/tags/totara/unfeature")["featuring"]
    write(world, ruru, "#totara and #matai")
    suggested = ruru.get("/api/v1/featured_tags/suggestions")
    assert {"totara", "matai"} <= {one["name"] for one in suggested}
    assert all(len(one["history"]) == 7 for one in suggested)


# Trends


def test_tags_trend_from_two_people_on(world, quiet, ruru, toroa, stranger, weka):
    for _ in range(5):
        write(world, ruru, f"#alone {next(numbers)}")
    for api in (ruru, toroa):
        write(world, api, f"#together {next(numbers)}")
    write(world, ruru, "#boosted")
    liked = write(world, toroa, "#liked")
    ruru.post(f"/api/v1/statuses/{liked}/favourite")
    world.settle()
    refresh(world)
    assert set(names(stranger)) == {"together", "liked"} and names(stranger) == names(stranger, "/api/v1/trends")
    assert names(weka) == [] and names(stranger, limit=1, offset=1) == names(stranger)[1:]
    answer = stranger.ask("GET", "/api/v1/trends/tags", params={"limit": 1})
    assert [one["name"] for one in stranger.ask("GET", answer.links["next"]["url"]).json()] == names(stranger)[1:]


def test_tenants_have_trends_of_their_own(world, quiet, ruru, toroa, weka, stranger):
    elsewhere = write(world, weka, "#wekaonly")
    assert ruru.post(f"/api/v1/statuses/{elsewhere}/favourite")
    for api in (ruru, toroa):
        write(world, api, f"#keaonly {next(numbers)}")
    refresh(world)
    assert names(stranger) == ["keaonly"] and names(weka) == []


def test_statuses_trend_by_those_who_like_and_boost(world, quiet, ruru, toroa, stranger, weka):
    star = world.followed(world.ruru)
    world.site.sql("update identities set discoverable = true where actor_uri = %s", star.id)
    note = activity.note(star, "<p>popular</p>")
    world.deliver(star, activity.create(star, note))
    popular = str(world.post(note)["id"])
    own, once = write(world, ruru, "mine"), write(world, weka, "liked once")
    ruru.post(f"/api/v1/statuses/{popular}/favourite")
    toroa.post(f"/api/v1/statuses/{popular}/reblog")
    ruru.post(f"/api/v1/statuses/{once}/favourite")
    ruru.post(f"/api/v1/statuses/{once}/reblog")
    for verb in ("favourite", "reblog"):
        ruru.post(f"/api/v1/statuses/{own}/{verb}")
    world.settle()
    refresh(world)
    assert [one["id"] for one in stranger.get("/api/v1/trends/statuses")] == [popular]
    assert weka.get("/api/v1/trends/statuses") == []
    ruru.post(f"/api/v1/accounts/{world.identity(star)['id']}/mute")
    world.settle()
    assert ruru.get("/api/v1/trends/statuses") == []
    world.site.sql("update identities set discoverable = false where actor_uri = %s", star.id)
    refresh(world)
    assert stranger.get("/api/v1/trends/statuses") == []


def test_links_trend(world, quiet, ruru, toroa, stranger, weka):
    for api in (ruru, toroa):
        write(world, api, f"read https://news.test/story?a=1&b=2 {next(numbers)}")
    write(world, ruru, "https://news.test/other")
    refresh(world)
    [link] = stranger.get("/api/v1/trends/links")
    assert link["url"] == "https://news.test/story?a=1&b=2" and link["provider_name"] == "news.test"
    assert sum(int(one["accounts"]) for one in link["history"]) == 2
    assert weka.get("/api/v1/trends/links") == []


def test_the_number_of_statements_does_not_grow(world, ruru):
    def cost(path):
        text = world.site.admin().get("/metrics").text
        before = int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1))
        ruru.get(path)
        text = world.site.admin().get("/metrics").text
        return int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1)) - before

    ruru.post("/api/v1/tags/first/follow")
    before = cost("/api/v1/followed_tags")
    for n in range(5):
        ruru.post(f"/api/v1/tags/more{n}/follow")
    assert cost("/api/v1/followed_tags") == before


@pytest.mark.parametrize("value", ["0", "-1", "99999999999999999999", "1e9", "x", "", "1'"])
def test_hostile_parameters(ruru, value):
    for path in ("/api/v1/trends/tags", "/api/v1/trends/statuses", "/api/v1/trends/links", "/api/v1/followed_tags"):
        for name in ("limit", "offset", "max_id", "min_id", "since_id"):
            assert ruru.ask("GET", path, params={name: value}).status_code == 200, (path, name)
    for name in ("%00", "%ff", "%F0%9F%90%A6", "..%2f", "a" * 2000):
        for method, verb in (("GET", ""), ("POST", "/follow"), ("POST", "/unfollow"), ("POST", "/feature")):
            assert ruru.client.request(method, f"/api/v1/tags/{name}{verb}").status_code in (400, 404, 422), name

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Timelines of the client API: what is on which, for whom, and that pages leave no gap and repeat nothing."""

import itertools
import re

import pytest

from harness import activity, work
from harness.api import Api
from harness.peer import Peer
from harness.world import World

numbers = itertools.count(1)
LISTS = ("/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/timelines/tag/kea", "/api/v1/favourites",
         "/api/v1/bookmarks", "/api/v1/timelines/direct")


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


def write(api, text="", **more):
    """A new post; its id."""
    return api.post("/api/v1/statuses", status=text or f"number {next(numbers)}", **more)["id"]


def ids(api, path, **params):
    return [one["id"] for one in api.get(path, **params)]


def follow(api, other):
    api.post(f"/api/v1/accounts/{other.id}/follow")


def walk(api, path, rel="next", between=None, empty=False, **params):
    """Ids of all pages from one to its neighbour, behind an empty one only if told; between is called before each
    further page."""
    found, answer = [], api.ask("GET", path, params=params)
    while answer.json() or (empty and rel in answer.links):
        found.append([one["id"] for one in answer.json()])
        if rel not in answer.links:
            break
        if between:
            between()
        answer = api.ask("GET", answer.links[rel]["url"])
    return found


def flat(pages):
    return [one for page in pages for one in page]


def statements(site):
    text = site.admin().get("/metrics").text
    return int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1))


def cost(site, api, path, **params):
    before = statements(site)
    api.get(path, **params)
    return statements(site) - before


# Whose token


@pytest.mark.parametrize("path", LISTS)
def test_tokens_and_scopes(world, path):
    stranger = Api(world.site, "kea.test")
    status = 200 if "public" in path or "/tag/" in path else 401
    assert stranger.ask("GET", path).status_code == status
    Api(world.site, "kea.test", token="nonsense").refused(401, "GET", path)
    Api(world.site, "ruru@kea.test", ["write"]).refused(403, "GET", path)
    if "timelines" in path:
        Api(world.site, "ruru@kea.test", ["read:statuses"]).get(path)


# Pages


@pytest.fixture(scope="module")
def many(world, ruru):
    """Eleven posts on ruru's home page, the newest first."""
    made = [write(ruru, f"many {n} #manypages") for n in range(11)]
    for one in made:
        ruru.post(f"/api/v1/statuses/{one}/favourite")
        ruru.post(f"/api/v1/statuses/{one}/bookmark")
    world.settle()
    return list(reversed(made))


def paged(world, many):
    """Each kind of list that shows these."""
    me = work.identity(world.site, "ruru@kea.test")["id"]
    return ["/api/v1/timelines/home", "/api/v1/timelines/public?local=true", "/api/v1/timelines/tag/manypages",
            f"/api/v1/accounts/{me}/statuses", "/api/v1/favourites", "/api/v1/bookmarks"]


def test_older_pages_leave_nothing_out(world, ruru, many):
    for path in paged(world, many):
        pages = walk(ruru, path, limit=3)
        assert flat(pages)[:11] == many, path
        assert all(len(page) == 3 for page in pages[:3]), path


def test_newer_pages_are_right_above(world, ruru, many):
    """min_id gives those right above it: from the oldest up, page by page, there is no gap."""
    for path in paged(world, many):
        bottom = walk(ruru, path, limit=3)[3]
        assert bottom[:2] == many[9:], path
        answer = ruru.ask("GET", path, params={"limit": 3, "max_id": ruru.ask("GET", path, params={
            "limit": 9}).links["next"]["url"].rpartition("=")[2]})
        newer = flat(reversed(walk_up(ruru, answer)))
        assert newer[-9:] == many[:9] and len(set(newer)) == len(newer), path


def walk_up(api, answer):
    found = []
    while answer.json() and "prev" in answer.links:
        answer = api.ask("GET", answer.links["prev"]["url"])
        if answer.json():
            found.append([one["id"] for one in answer.json()])
    return found


def test_since_id_gives_the_newest(world, ruru, many):
    bound = many[5]
    for path in ("/api/v1/timelines/home", "/api/v1/timelines/tag/manypages", "/api/v1/timelines/public?local=1"):
        assert ids(ruru, path, since_id=bound, limit=2) == many[:2], path
        assert ids(ruru, path, min_id=bound, limit=2) == many[3:5], path
        assert ids(ruru, path, min_id=bound, max_id=many[3], limit=5) == many[4:5], path


def test_what_comes_meanwhile_is_not_lost_and_moves_nothing(world, ruru, many):
    def arrive():
        write(ruru, f"meanwhile {next(numbers)} #manypages")
        world.settle()

    newest = ids(ruru, "/api/v1/timelines/tag/manypages", limit=1)[0]
    assert flat(walk(ruru, "/api/v1/timelines/tag/manypages", between=arrive, limit=3))[:11] == many
    answer = ruru.ask("GET", "/api/v1/timelines/tag/manypages", params={"min_id": newest, "limit": 2})
    came, after = [one["id"] for one in answer.json()], []
    arrive()
    after = flat(reversed(walk_up(ruru, answer)))
    assert len(set(came + after)) == len(came + after)
    assert sorted(came + after, key=int) == [str(row["post_id"]) for row in world.site.sql(
        "select x.post_id from post_hashtags x join hashtags h on h.id = x.hashtag_id where h.name = 'manypages' and "
        "x.post_id > %s order by 1", int(newest))]


def test_a_full_page_links_on_and_a_short_one_does_not(ruru, many):
    full = ruru.ask("GET", "/api/v1/timelines/tag/manypages?local=true&limit=2")
    assert "local=true" in full.links["next"]["url"] and "limit=2" in full.links["prev"]["url"]
    short = ruru.ask("GET", f"/api/v1/timelines/tag/manypages?max_id={many[-1]}")
    assert short.json() == [] and "link" not in short.headers


# What is on them


def test_home(world, ruru, toroa):
    before = write(toroa, "before the follow")
    world.settle()
    assert before not in ids(ruru, "/api/v1/timelines/home")
    follow(ruru, toroa)
    world.settle()
    own, theirs = write(ruru), write(toroa, visibility="private")
    answer = write(toroa, "to a stranger", in_reply_to_id=write(Api(world.site, "ruru@kea.test")))
    world.settle()
    home = ids(ruru, "/api/v1/timelines/home")
    assert {before, own, theirs, answer} <= set(home)
    assert toroa.client.delete(f"/api/v1/statuses/{theirs}").status_code == 200
    assert theirs not in ids(ruru, "/api/v1/timelines/home")


def test_boosts_come_with_whom_they_are_of(world, ruru, toroa):
    follow(ruru, toroa)
    world.settle()
    star = world.followed(world.toroa)
    note = activity.note(star, "<p>far news</p>")
    world.deliver(star, activity.create(star, note))
    post = world.post(note)
    boost = toroa.post(f"/api/v1/statuses/{post['id']}/reblog")
    world.settle()
    [entry] = [one for one in ruru.get("/api/v1/timelines/home") if one["reblog"]]
    assert entry["id"] == boost["id"] and entry["account"]["acct"] == "toroa"
    assert entry["reblog"]["id"] == str(post["id"]) and entry["reblog"]["account"]["id"] != entry["account"]["id"]
    by = f"/api/v1/accounts/{toroa.id}/statuses"
    assert boost["id"] in ids(ruru, by) and boost["id"] not in ids(ruru, by, exclude_reblogs=True)
    toroa.post(f"/api/v1/statuses/{post['id']}/unreblog")
    world.settle()
    assert boost["id"] not in ids(ruru, "/api/v1/timelines/home") + ids(ruru, by)


def test_public_is_the_tenants_own(world, ruru, stranger, weka):
    mine, theirs = write(ruru), write(weka)
    quiet = write(ruru, visibility="unlisted")
    answer = write(ruru, in_reply_to_id=write(weka))
    thread = write(ruru, in_reply_to_id=mine)
    world.settle()
    local = ids(stranger, "/api/v1/timelines/public", local=True)
    assert {mine, thread} <= set(local) and not {theirs, quiet, answer} & set(local)
    assert theirs in ids(weka, "/api/v1/timelines/public", local=True)
    assert mine not in ids(weka, "/api/v1/timelines/public")
    ruru.post(f"/api/v1/accounts/{weka.id}/follow")
    world.settle()
    followed = write(weka, "seen by a follower next door")
    world.settle()
    assert followed in ids(stranger, "/api/v1/timelines/public")
    assert followed in ids(stranger, "/api/v1/timelines/public", remote=True)
    assert followed not in ids(stranger, "/api/v1/timelines/public", local=True)
    assert mine not in ids(stranger, "/api/v1/timelines/public", remote=True)


def test_public_has_what_comes_from_elsewhere_for_whom_it_came(world, stranger, weka):
    star = world.followed(world.ruru)
    note = activity.note(star, "<p>news</p>")
    world.deliver(star, activity.create(star, note))
    post = str(world.post(note)["id"])
    assert all(post in ids(stranger, "/api/v1/timelines/public", **more) for more in ({}, {"remote": 1}))
    assert post not in ids(weka, "/api/v1/timelines/public")


def test_only_media(world, ruru, stranger):
    bare, shown = write(ruru), str(work.attached(world.site, "ruru@kea.test"))
    world.settle()
    by = f"/api/v1/accounts/{ruru.id}/statuses"
    for path, more in (("/api/v1/timelines/public", {"local": "true"}), (by, {})):
        assert {shown, bare} <= set(ids(stranger, path, **more)), path
        with_media = ids(stranger, path, only_media=True, **more)
        assert shown in with_media and bare not in with_media, path
    assert ids(stranger, by, only_media=True, max_id=shown, limit=1) != [shown]
    assert ids(stranger, by, only_media=True, min_id=str(int(shown) - 1), limit=1) == [shown]


def test_hashtags(world, ruru, toroa, stranger, weka):
    one = write(ruru, "#huia")
    two = write(toroa, "#huia #Moa")
    three = write(weka, "#moa")
    hidden = write(ruru, "#huia", visibility="unlisted")
    world.settle()
    path = "/api/v1/timelines/tag"
    assert ids(stranger, f"{path}/HUIA") == [two, one] and hidden not in ids(ruru, f"{path}/huia")
    assert ids(stranger, f"{path}/huia", **{"any[]": "moa"}) == [three, two, one]
    assert ids(stranger, f"{path}/huia", **{"all[]": "moa"}) == [two]
    assert ids(stranger, f"{path}/huia", **{"none[]": "moa"}) == [one]
    assert ids(stranger, f"{path}/huia", **{"all[]": "neverused"}) == []
    assert ids(stranger, f"{path}/moa", local=True) == [two]
    assert ids(stranger, f"{path}/moa", remote=True) == [three]
    assert ids(weka, f"{path}/moa", local=True) == [three]
    assert ids(stranger, f"{path}/moa", only_media=True) == []
    assert ids(stranger, f"{path}/neverused") == []


def test_of_an_account(world, ruru, toroa, stranger):
    by = f"/api/v1/accounts/{ruru.id}/statuses"
    first = write(ruru, "#pinned one")
    own_answer = write(ruru, in_reply_to_id=first)
    answer = write(ruru, in_reply_to_id=write(toroa))
    private = write(ruru, visibility="private")
    direct = write(ruru, "@toroa psst", visibility="direct")
    ruru.post(f"/api/v1/statuses/{first}/pin")
    world.settle()
    assert {first, own_answer, answer} <= set(ids(stranger, by)) and private not in ids(stranger, by)
    assert {private, direct} <= set(ids(ruru, by)) and direct in ids(toroa, by)
    without = ids(stranger, by, exclude_replies=True)
    assert {first, own_answer} <= set(without) and answer not in without
    assert ids(stranger, by, pinned=True) == [first]
    assert ids(stranger, by, tagged="Pinned") == [first]
    assert ids(stranger, by, tagged="#") == []
    stranger.refused(404, "GET", "/api/v1/accounts/1/statuses")
    stranger.refused(404, "GET", "/api/v1/accounts/nobody/statuses")


def test_blocks_and_mutes(world, ruru, toroa, weka):
    post = write(toroa, "#blocked words")
    world.settle()
    lists = ("/api/v1/timelines/public", "/api/v1/timelines/tag/blocked", "/api/v1/timelines/home")
    follow(ruru, toroa)
    world.settle()
    for verb, back in (("mute", "unmute"), ("block", "unblock")):
        assert all(post in ids(ruru, path) for path in lists[:2])
        ruru.post(f"/api/v1/accounts/{toroa.id}/{verb}")
        world.settle()
        assert not any(post in ids(ruru, path) for path in lists), verb
        ruru.post(f"/api/v1/accounts/{toroa.id}/{back}")
        world.settle()
    toroa.post(f"/api/v1/accounts/{ruru.id}/block")
    world.settle()
    assert not any(post in ids(ruru, path) for path in lists)
    assert ids(ruru, f"/api/v1/accounts/{toroa.id}/statuses") == []
    toroa.post(f"/api/v1/accounts/{ruru.id}/unblock")
    world.settle()


def test_pages_go_on_behind_what_is_left_out(world, ruru, toroa):
    """More than the spare entries of a batch are of somebody muted, and then more than all rounds of a page look at."""
    follow(ruru, toroa)
    world.settle()
    below = [write(ruru, "#behind the noise") for _ in range(3)]
    noise = [write(toroa, "#behind noise") for _ in range(40)]
    above = [write(ruru, "#behind, before the noise") for _ in range(2)]
    world.settle()
    shown = list(reversed(below + above))
    me = ruru.id
    ruru.post(f"/api/v1/accounts/{toroa.id}/mute")
    # What was there stays in the table, as for somebody whom staff suspends.
    world.site.sql("insert into home_timeline (identity_id, entry_id, post_id, domain_id) select %s, id, id, domain_id "
                   "from posts where id = any (%s) on conflict do nothing", me, [int(one) for one in noise])
    for path in ("/api/v1/timelines/home", "/api/v1/timelines/public?local=true", "/api/v1/timelines/tag/behind"):
        assert ids(ruru, path, limit=5)[:5] == shown, path
        assert flat(walk(ruru, path, limit=2))[:5] == shown, path
        assert ids(ruru, path, min_id=below[0], limit=4) == shown[:4], path
        up = ids(ruru, path, min_id=below[1], limit=2)
        assert up == [above[0], below[2]], path
    # A batch of a page of one begins with five entries and doubles: 5 rounds see 155.
    noise += [write(toroa, "#behind more noise") for _ in range(4)]
    world.site.sql("insert into home_timeline (identity_id, entry_id, post_id, domain_id) "
                   "select %s, p.id + n, p.id, p.domain_id from posts p cross join generate_series(1, 400) n "
                   "where p.id = %s on conflict do nothing", me, int(noise[-1]))
    answer = ruru.ask("GET", "/api/v1/timelines/home", params={"limit": 1})
    assert answer.json() == [] and "next" in answer.links and "prev" in answer.links
    assert flat(walk(ruru, "/api/v1/timelines/home", limit=1, empty=True))[:5] == shown
    world.site.sql("delete from home_timeline where post_id = %s", int(noise[-1]))
    ruru.post(f"/api/v1/accounts/{toroa.id}/unmute")
    world.settle()


def test_lists(world, ruru, toroa, weka):
    follow(ruru, toroa)
    world.settle()
    made = ruru.post("/api/v1/lists", title="birds", replies_policy="list")
    path = f"/api/v1/timelines/list/{made['id']}"
    ruru.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[toroa.id])
    theirs, mine = write(toroa), write(ruru)
    to_me = write(toroa, in_reply_to_id=mine)
    to_weka = write(toroa, in_reply_to_id=write(weka))
    world.settle()
    shown = ids(ruru, path)
    assert {theirs, to_me} <= set(shown) and not {mine, to_weka} & set(shown)
    assert flat(walk(ruru, path, limit=2))[:len(shown)] == shown
    assert ids(ruru, path, min_id=theirs, limit=1) == [to_me]
    star = world.followed(world.weka_ruru)
    note = activity.note(star, "<p>boosted for a list</p>")
    world.deliver(star, activity.create(star, note), "https://weka.test/inbox/")
    boost = toroa.post(f"/api/v1/statuses/{world.post(note)['id']}/reblog")["id"]
    assert ids(ruru, path)[0] == boost
    weka.refused(404, "GET", path)
    toroa.refused(404, "GET", path)
    Api(world.site, "ruru@kea.test", ["read:statuses"]).refused(403, "GET", path)


def test_direct(world, ruru, toroa, weka):
    said = write(ruru, "@toroa between us", visibility="direct")
    world.settle()
    assert said in ids(ruru, "/api/v1/timelines/direct") and said in ids(toroa, "/api/v1/timelines/direct")
    assert said not in ids(weka, "/api/v1/timelines/direct")
    assert said not in ids(ruru, "/api/v1/timelines/public") and said not in ids(toroa, "/api/v1/timelines/home")


def test_posts_with_a_link(world, ruru, stranger, weka):
    url = "https://example.org/a?b=1&c=2"
    one, two = write(ruru, f"look: {url}"), write(weka, f"{url} indeed")
    write(ruru, f"not for all {url}", visibility="private")
    world.settle()
    assert ids(stranger, "/api/v1/timelines/link", url=url) == [two, one]
    assert ids(stranger, "/api/v1/timelines/link", url=url, max_id=two) == [one]
    stranger.refused(404, "GET", "/api/v1/timelines/link", params={"url": "https://example.org/other"})
    stranger.refused(404, "GET", "/api/v1/timelines/link")


def test_favourites_and_bookmarks(world, ruru, toroa):
    one, two = write(toroa), write(toroa)
    for post in (two, one):
        ruru.post(f"/api/v1/statuses/{post}/favourite")
        ruru.post(f"/api/v1/statuses/{post}/bookmark")
    world.settle()
    for path, undo in (("/api/v1/favourites", "unfavourite"), ("/api/v1/bookmarks", "unbookmark")):
        answer = ruru.ask("GET", path, params={"limit": 1})
        assert [post["id"] for post in answer.json()] == [one], path
        older = ruru.ask("GET", answer.links["next"]["url"])
        assert [post["id"] for post in older.json()] == [two], path
        assert not {one, two} & set(ids(toroa, path))
        ruru.post(f"/api/v1/statuses/{one}/{undo}")
        world.settle()
        assert ids(ruru, path, limit=1) == [two], path


def test_the_number_of_statements_does_not_grow(world, ruru, many):
    def all_costs(limit):
        # Below what other tests wrote: a page with a boost costs a statement more than one without.
        return {path: cost(world.site, ruru, path, limit=limit, max_id=int(many[0]) + 1) for path in paged(world, many)}

    assert all_costs(2) == all_costs(11)


def test_a_context_costs_the_same_however_long(world, ruru):
    def context_of(answers):
        parent = write(ruru)
        for _ in range(answers):
            write(ruru, in_reply_to_id=parent)
        path = f"/api/v1/statuses/{parent}/context"
        assert len(ruru.get(path)["descendants"]) == answers
        return cost(world.site, ruru, path)

    assert context_of(2) == context_of(9)


@pytest.mark.parametrize("value", ["0", "-1", "99999999999999999999", "1e9", "x", "", "1'", "%00", "\U0001f426"])
def test_hostile_parameters(world, ruru, value):
    for path in (*LISTS, f"/api/v1/accounts/{ruru.id}/statuses", "/api/v1/timelines/link"):
        for name in ("max_id", "min_id", "since_id", "limit", "local", "any[]", "all[]", "tagged", "only_media", "url"):
            assert ruru.ask("GET", path, params={name: value}).status_code in (200, 400, 404, 422), (path, name)
    for path in ("/api/v1/timelines/tag/", "/api/v1/timelines/list/"):
        assert ruru.client.get(path + (value if value != "%00" else "%2500")).status_code in (200, 400, 404), path

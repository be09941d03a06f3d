# SPDX-License-Identifier: AGPL-3.0-or-later
"""What pages that are open hear: that something came, whoever may read it, and nothing of what it is."""

import pytest

from harness import work
from harness.person import Person
from harness.streaming import Live
from harness.world import world_of


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture
def opened(world):
    """Opens streams of somebody's session, each of them closed after the test."""
    made = []

    def keep(who, name="home", domain=None, **more):
        cookie = who.enter().browser.cookies.get("session") if isinstance(who, Person) else who
        made.append(Live(world.site, domain or "kea.test", name, cookie, **more))
        return made[-1]

    yield keep
    for reader in made:
        reader.close()
    world.settle()


@pytest.fixture
def listen(opened):
    def make(who, name="home", **more):
        reader = opened(who, name, domain=who.domain, **more)
        assert reader.status == 200 and reader.headers["content-type"] == "text/event-stream"
        return reader

    return make


def told(reader, who):
    """How often it was told, until its session ends."""
    who.do("/auth/logout/")
    who.token = None
    who.browser.cookies.clear()
    return reader.rest()


# Who may listen


def test_a_session_of_the_tenant_is_needed(world, opened):
    other = world.weka_ruru.enter().browser.cookies.get("session")
    for name in ("home", "local", "notifications"):
        for cookie in (None, "nonsense", other):
            assert opened(cookie, name).status == 401, (name, cookie)
        assert opened(world.ruru, name).status == 200


def test_what_no_page_hears(world, opened):
    for name in ("public", "user", "Home", "home/more"):
        assert opened(world.ruru, name).status == 404, name
    world.ruru.enter()
    assert world.ruru.browser.head("/live/home").status_code == 405
    assert world.ruru.browser.post("/live/home", data=world.ruru.token).status_code == 405


@pytest.mark.parametrize("header", ["Origin: https://weka.test", "Origin: null", "Origin: http://kea.test",
                                    "Sec-Fetch-Site: cross-site", "Sec-Fetch-Site: same-site"])
def test_pages_of_other_sites_hear_nothing(world, opened, header):
    assert opened(world.ruru, headers=[header]).status == 403


def test_a_page_of_our_own_hears(world, opened):
    for header in ("Origin: https://kea.test", "Sec-Fetch-Site: same-origin"):
        reader = opened(world.ruru, headers=[header])
        assert reader.status == 200
        # Scripts of other sites could not read it, if they were let in.
        assert "access-control-allow-origin" not in reader.headers
        assert reader.headers["cache-control"] == "private, no-store"


def test_a_form_says_as_well_where_it_comes_from(world):
    for site, status in (("cross-site", 403), ("same-site", 403), ("same-origin", 303)):
        world.ruru.enter().browser.headers["Sec-Fetch-Site"] = site
        try:
            assert world.ruru.submit("/compose/", text="mine", visibility="public").status_code == status
        finally:
            del world.ruru.browser.headers["Sec-Fetch-Site"]


def test_a_session_has_so_many(world, opened):
    fresh = Person(world.site, "toroa")
    for _ in range(16):
        assert opened(fresh).status == 200
    assert opened(fresh).status == 429
    assert opened(Person(world.site, "toroa")).status == 200, "another session of the same person"


# What is told


def test_posts_and_notifications(world, listen):
    home, local = listen(world.ruru), listen(world.ruru, "local")
    notifications = listen(world.ruru, "notifications")
    post = world.ruru.write("hello")
    home.news()
    local.news()
    world.toroa.react("ruru@kea.test", post["id"], "like")
    world.settle()
    notifications.news()
    # Neither did the page of posts hear of the like, nor that of notifications of the post.
    assert [told(home, world.ruru), local.rest(), notifications.rest()] == [0, 0, 0]


def test_what_one_may_not_read_is_not_told(world, listen):
    world.toroa.about("ruru@weka.test", "block")
    home, local = listen(world.toroa), listen(world.toroa, "local")
    elsewhere = listen(world.weka_ruru, "local")
    world.ruru.write("for followers", "followers")
    world.ruru.write("for somebody", "mentioned")
    world.ruru.write("for those who know where", "unlisted")
    world.weka_ruru.write("of somebody who is blocked")
    world.ruru.write("of this community", "local")
    local.news()
    elsewhere.news()
    assert (told(home, world.toroa), local.rest()) == (0, 0)
    assert told(elsewhere, world.weka_ruru) == 0
    world.toroa.about("ruru@weka.test", "unblock")


def test_a_change_is_no_news(world, listen):
    post = world.ruru.write("once")
    home, local = listen(world.ruru), listen(world.ruru, "local")
    world.ruru.edit(post, "twice")
    world.ruru.delete(post)
    world.settle()
    assert (told(home, world.ruru), local.rest()) == (0, 0)


def test_what_a_filter_hides_is_not_told(world, listen):
    owner = work.identity(world.site, "toroa@kea.test")
    made = world.site.value("insert into filters (domain_id, identity_id, title, contexts, action) values (%s, %s, "
                            "'f', '{public}', 'hide') returning id", owner["domain_id"], owner["id"])
    world.site.sql("insert into filter_keywords (domain_id, filter_id, keyword) values (%s, %s, 'spinach')",
                   owner["domain_id"], made)
    local, other = listen(world.toroa, "local"), listen(world.ruru, "local")
    world.ruru.write("about spinach")
    other.news()
    world.ruru.write("about carrots")
    local.news()
    assert told(local, world.toroa) == 0
    world.site.sql("delete from filters")


@pytest.mark.parametrize("name", ["home", "local"])
def test_what_came_before_the_stream_was_open(world, listen, name):
    before, post = (world.ruru.write(text)["id"] for text in ("before", "after"))
    world.settle()
    assert listen(world.ruru, name, after=before).news() is None
    assert listen(world.ruru, name, after=0).news() is None
    readers = [listen(world.ruru, name, after=post), listen(world.ruru, name, after=2 ** 62), listen(world.ruru, name)]
    told_to = [told(readers[0], world.ruru), *(reader.rest() for reader in readers[1:])]
    assert told_to == [0, 0, 0]


def test_notifications_that_came_before_the_stream_was_open(world, listen):
    post = world.ruru.write("liked")
    before = world.site.value("select coalesce(max(id), 0) from notifications")
    world.toroa.react("ruru@kea.test", post["id"], "like")
    world.settle()
    listen(world.ruru, "notifications", after=before).news()
    last = world.site.value("select max(id) from notifications")
    assert told(listen(world.ruru, "notifications", after=last), world.ruru) == 0


# How it ends


def test_the_end_of_a_session_ends_its_streams_alone(world, listen):
    fresh, other = Person(world.site, "ruru"), listen(world.ruru)
    readers = [listen(fresh, name) for name in ("home", "local", "notifications")]
    fresh.do("/auth/logout/")
    assert [reader.rest() for reader in readers] == [0, 0, 0]
    world.ruru.write("still here")
    other.news()


@pytest.mark.parametrize("end", [
    "delete from sessions where id = %s",
    "update users set banned = true where id = (select user_id from sessions where id = %s)",
    # The row goes on, as somebody else.
    "update sessions s set identity_id = (select i.id from identities i where i.domain_id = s.domain_id and i.id <> "
    "s.identity_id order by i.id limit 1) where s.id = %s"])
def test_what_ends_a_session(world, listen, end):
    fresh = Person(world.site, "toroa")
    reader = listen(fresh, "local")
    session = world.site.value("select max(id) from sessions where identity_id = %s", fresh.id)
    world.site.sql(end, session)
    assert reader.rest() == 0
    world.site.sql("update users set banned = false")


# What the pages say


def test_the_newest_page_says_where_to_listen(world):
    newest = world.ruru.write("newest")["id"]
    world.settle()
    for path, name in (("/home/", "home"), ("/local/", "local")):
        assert f'data-live="/live/{name}?after={newest}"' in world.ruru.get(path).text
        assert "data-live" not in world.ruru.get(path, params={"max_id": newest}).text
    assert 'data-live="/live/notifications?after=' in world.ruru.get("/notifications/").text
    assert "data-live" not in world.site.client("kea.test").get("/local/").text

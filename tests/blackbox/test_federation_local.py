# SPDX-License-Identifier: AGPL-3.0-or-later
"""People of two tenants of one installation and each other: everything works as between two servers,
without a request over the network, and nobody sees more than they would from outside."""

import pytest

from harness.world import world_of


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(scope="module")
def pair(world):
    """toroa of kea.test follows ruru of weka.test."""
    world.toroa.about(world.weka_ruru.handle, "follow")
    world.settle()
    assert world.follow_state(world.toroa.uri, world.weka_ruru.uri) == "accepted"
    return world.toroa, world.weka_ruru


@pytest.fixture(autouse=True)
def nothing_goes_out(world):
    """No test of this module may send or fetch anything."""
    yield
    assert world.site.sql("select 1 from deliveries") == [] and world.peer.requests() == []


def local_post(author, text, visibility="public", **more):
    post = author.write(text, visibility, **more)
    author.site.stator.settle()
    return post


def test_a_follow_across_tenants_is_accepted_told_and_counted(world, pair):
    fan, star = pair
    assert ("follow", "toroa") in star.told()
    counts = {row["username"]: (row["followers_count"], row["following_count"]) for row in world.site.sql(
        "select username, followers_count, following_count from identities where id = any(%s)", [fan.id, star.id])}
    assert counts == {"toroa": (0, 1), "ruru": (1, 0)}
    assert world.site.object(f"{star.uri}followers/?page=1")["orderedItems"] == [fan.uri]


def test_a_locked_account_decides_about_other_tenants_too(world):
    world.site.sql("update identities set locked = true where id = %s", world.toroa.id)
    world.weka_ruru.about(world.toroa.handle, "follow")
    world.settle()
    assert world.follow_state(world.weka_ruru.uri, world.toroa.uri) == "pending_approval"
    post = local_post(world.toroa, "for followers", "followers")
    assert world.weka_ruru.get(f"/@toroa@kea.test/posts/{post['id']}/").status_code == 404
    world.toroa.about(world.weka_ruru.handle, "accept")
    world.settle()
    assert world.follow_state(world.weka_ruru.uri, world.toroa.uri) == "accepted"
    world.weka_ruru.about(world.toroa.handle, "unfollow")
    world.settle()
    assert world.follow_state(world.weka_ruru.uri, world.toroa.uri) == "removed"
    world.site.sql("update identities set locked = false where id = %s", world.toroa.id)


@pytest.mark.parametrize("visibility, at_home", [("public", True), ("unlisted", True), ("followers", True),
                                                 ("mentioned", False), ("local", False)])
def test_a_post_reaches_followers_of_another_tenant(world, pair, visibility, at_home):
    fan, star = pair
    post = local_post(star, f"a word for {visibility}", visibility)
    assert (post["id"] in fan.home()) == at_home and post["id"] in star.home()
    assert world.readers(post) == ({"kea.test"} if visibility == "followers" else set())
    path = f"/@ruru@weka.test/posts/{post['id']}/"
    assert fan.get(path).status_code == (200 if at_home else 404)
    answer = world.ruru.enter().get(path)  # of kea.test, follows nobody
    assert answer.status_code == (200 if visibility in ("public", "unlisted") else 404)
    assert (f"a word for {visibility}" in fan.get("/home/").text) == at_home
    assert f"a word for {visibility}" not in world.site.get("https://kea.test/local/").text


@pytest.mark.parametrize("visibility", ["public", "followers", "mentioned"])
def test_a_mention_across_tenants_is_told_and_readable(world, visibility):
    post = local_post(world.weka_ruru, "come here @ruru@kea.test", visibility)
    assert ("mention", "ruru") in world.ruru.told()
    path = f"/@ruru@weka.test/posts/{post['id']}/"
    assert world.ruru.enter().get(path).status_code == 200
    assert "come here" in world.ruru.get("/notifications/").text
    if visibility != "public":
        world.toroa.enter()
        world.site.sql("delete from home_timeline where post_id = %s and identity_id = %s", post["id"], world.toroa.id)
        if visibility == "mentioned":
            assert world.toroa.get(path).status_code == 404


def test_a_local_mention_goes_to_nobody_elsewhere(world):
    told = world.ruru.told()
    post = local_post(world.weka_ruru, "just us, @ruru@kea.test", "local")
    assert world.ruru.told() == told
    assert world.ruru.enter().get(f"/@ruru@weka.test/posts/{post['id']}/").status_code == 404


def test_likes_boosts_and_replies_across_tenants(world, pair):
    fan, star = pair
    post = local_post(star, "react to me")
    for verb in ("like", "boost"):
        fan.react(star.handle, post["id"], verb)
    world.settle()
    row = world.post(post["object_uri"])
    assert (row["likes_count"], row["boosts_count"]) == (1, 1)
    assert {("like", "toroa"), ("boost", "toroa")} <= set(star.told())
    answer = local_post(fan, "I am here @ruru@weka.test", in_reply_to=str(post["id"]))
    assert world.post(post["object_uri"])["replies_count"] == 1 and ("mention", "toroa") in star.told()
    assert answer["in_reply_to_id"] == post["id"]
    assert "I am here" in star.get(f"/@ruru/posts/{post['id']}/").text
    for verb in ("unlike", "unboost"):
        fan.react(star.handle, post["id"], verb)
    world.settle()
    row = world.post(post["object_uri"])
    assert (row["likes_count"], row["boosts_count"]) == (0, 0)
    assert not {("like", "toroa"), ("boost", "toroa")} & set(star.told())


def test_a_boost_across_tenants_stands_at_home(world, pair):
    fan, star = pair
    post = local_post(world.ruru, "of kea, boosted from weka")
    star.react(world.ruru.handle, post["id"], "boost")
    world.settle()
    assert post["id"] in fan.home()
    star.react(world.ruru.handle, post["id"], "unboost")
    world.settle()
    assert post["id"] not in fan.home()


def test_an_edit_shows_and_a_deletion_clears_everywhere(world, pair):
    fan, star = pair
    post = local_post(star, "first words @ruru@kea.test", "followers")
    path = f"/@ruru@weka.test/posts/{post['id']}/"
    star.edit(post, "better words @ruru@kea.test")
    world.settle()
    assert "better words" in fan.get(path).text
    star.delete(post)
    world.settle()
    assert post["id"] not in fan.home() and post["id"] not in star.home()
    assert world.site.sql("select 1 from notifications where post_id = %s", post["id"]) == []
    assert fan.get(path).status_code == 404
    assert world.post(post["object_uri"])["state"] == "gone"


def test_a_mute_and_a_block_work_across_tenants(world, pair):
    fan, star = pair
    fan.about(star.handle, "mute")
    world.settle()
    assert local_post(star, "muted")["id"] not in fan.home()
    fan.about(star.handle, "unmute")
    star.about(fan.handle, "block")
    world.settle()
    assert world.follow_state(fan.uri, star.uri) == "removed"
    post = local_post(star, "not for the blocked", "followers")
    assert fan.get(f"/@ruru@weka.test/posts/{post['id']}/").status_code == 404
    assert fan.submit(f"/@{star.handle}/follow/").status_code == 403
    star.about(fan.handle, "unblock")
    world.settle()
    fan.about(star.handle, "follow")
    world.settle()
    assert world.follow_state(fan.uri, star.uri) == "accepted"


def test_an_identity_that_is_deleted_leaves_the_other_tenant(world, pair):
    fan, _ = pair
    site = world.site
    site.rookery("identity", "add", "tui@weka.test", "--user", "ruru@example.org")
    fan.about("tui@weka.test", "follow")
    world.settle()
    tui = site.sql("select * from identities where username = 'tui'")[0]
    site.sql("insert into posts (domain_id, author_id, object_uri, visibility, content, state_lane) "
             "values (%s, %s, %s, 'public', 'farewell', %s)", tui["domain_id"], tui["id"],
             tui["actor_uri"] + "posts/1/", tui["domain_id"])
    world.settle()
    post = world.post(tui["actor_uri"] + "posts/1/")
    assert post["id"] in fan.home()
    site.rookery("identity", "delete", "tui@weka.test", "--yes")
    world.settle()
    assert post["id"] not in fan.home() and world.post(post["object_uri"])["content"] == ""
    assert world.follow_state(fan.uri, tui["actor_uri"]) in (None, "removed")

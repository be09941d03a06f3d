# SPDX-License-Identifier: AGPL-3.0-or-later
"""A community moves to another installation with all that is its own, under its old addresses and keys, and those who
follow it on other servers notice nothing; the installation that it left is silent."""

import hashlib

import psycopg
import pytest

from harness import activity, signature
from harness.api import Api
from harness.archive import Archive
from harness.front import TlsFront
from harness.move import Story, run, second_site, settle_in
from harness.peer import Peer, site_key
from harness.person import Person
from harness.wait import wait_for
from harness.world import KEA, World


@pytest.fixture
def elsewhere(cluster, template):
    with second_site(cluster, template) as made:
        yield made


@pytest.fixture
def world(site):
    with Peer("peer1.test", tls=True) as peer:
        yield World(site, peer)


def leave(world, path):
    """The last archive, of a tenant that then answers 503."""
    world.site.rookery("domain", "move-out", "kea.test", f"--output={path}")
    wait_for(lambda: world.site.get(world.ruru.uri).status_code == 503)
    return path


def served(site, uri):
    site.start()
    site.stator.start()
    wait_for(lambda: site.get(uri).status_code == 200)


def final(site):
    assert site.rookery("domain", "move-out", "kea.test", "--final")["state"] == "moved_out"
    wait_for(lambda: site.get(KEA.replace("/inbox/", "/")).status_code == 421)


def check_looks(story, elsewhere):
    """What a program with its old token and a person with the old password find."""
    ruru = Person(elsewhere).log_in()
    api = Api(elsewhere, token=story.api.token)
    assert api.get("/api/v1/accounts/verify_credentials")["id"] == story.api.id
    for post in (story.shown["id"], story.first["id"], story.quiet["id"]):
        assert api.get(f"/api/v1/statuses/{post}")["id"] == str(post)
    there = api.get(f"/api/v1/statuses/{story.shown['id']}")
    assert there["uri"] == story.shown["uri"]
    picture = elsewhere.get(there["media_attachments"][0]["url"])
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert picture.url == story.shown["media_attachments"][0]["url"]
    assert hashlib.sha256(picture.content).hexdigest() in str(picture.url)
    lists = api.get("/api/v1/lists")
    assert [one["title"] for one in lists] == ["Birds"]
    assert [one["acct"] for one in api.get(f"/api/v1/lists/{lists[0]['id']}/accounts")] == [story.star.handle]
    assert [one["last_status"]["content"] for one in api.get("/api/v1/conversations")] == ["<p>a letter</p>"]
    assert "staff" in Person(elsewhere, "toroa").log_in().get("/staff/").text.lower()
    return ruru, api


def check_stubs(story, elsewhere, api):
    """What was named of others comes from their servers."""
    elsewhere.stator.settle()
    marked = api.get("/api/v1/bookmarks")
    assert [(one["uri"], one["content"]) for one in marked] == [(story.of_star["id"], "<p>of a star</p>")]
    assert [one["uri"] for one in api.get("/api/v1/favourites")] == [story.of_star["id"]]
    thread = api.get(f"/api/v1/statuses/{story.answer['id']}/context")
    assert [one["uri"] for one in thread["ancestors"]] == [story.of_star["id"]]


def check_wire(story, elsewhere, ruru, key):
    """Posts go out under the old key, and come in."""
    world = story.world
    world.peer.clear()
    post = ruru.write("from the new house")
    elsewhere.stator.settle()
    arrived = [one for one in world.peer.inbox("Create") if one.json["object"]["id"] == post["object_uri"]]
    assert len(arrived) == 1
    signed = signature.verify(arrived[0].request, lambda key_id: {f"{ruru.uri}#main-key": key}[key_id])
    assert signed.key_id == f"{ruru.uri}#main-key"
    note = activity.note(story.star, "<p>hello in there</p>")
    assert story.star.send(elsewhere, KEA, activity.create(story.star, note)).status_code == 202
    elsewhere.stator.settle()
    found = elsewhere.value("select id from posts where object_uri = %s", note["id"])
    assert found in ruru.home()


def test_a_community_moves_and_nobody_notices(world, elsewhere, tmp_path):
    story = Story(world)
    key = site_key(world.site, f"{world.ruru.uri}#main-key")
    weka = story.of_weka()
    path = leave(world, tmp_path / "kea.tar")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [mark for mark in Story.SECRETS if mark.encode() in Archive(path).raw] == []
    assert b"of a star" not in Archive(path).raw  # a stranger's public words are the stranger's to tell

    said = settle_in(elsewhere, path)
    assert (said["left_out"], said["state"]) == ({}, "pending")
    served(elsewhere, world.ruru.uri)
    before = {"id": story.api.id}
    ruru, api = check_looks(story, elsewhere)
    check_stubs(story, elsewhere, api)
    check_wire(story, elsewhere, ruru, key)
    assert story.of_weka() == weka
    final(world.site)
    assert world.site.sql("select 1 from identity_keys k join identities i on i.id = k.identity_id "
                          "where i.actor_uri = %s", world.ruru.uri) == []
    assert before["id"] == str(ruru.id)


def test_who_stays_goes_on_following(world, elsewhere, tmp_path):
    """One of weka.test follows one of kea.test: after the move posts come over the wire, and answers go."""
    Story(world)
    other = world.weka_ruru
    with TlsFront({"kea.test": world.site.port, "weka.test": world.site.port}):
        path = leave(world, tmp_path / "kea.tar")
        settle_in(elsewhere, path)
        final(world.site)
        served(elsewhere, world.toroa.uri)
    with TlsFront({"kea.test": elsewhere.port, "weka.test": world.site.port}):
        toroa = Person(elsewhere, "toroa").log_in()
        post = toroa.write("are you still there?")
        wait_for(lambda: world.site.sql("select 1 from posts where object_uri = %s", post["object_uri"]))
        there = world.post({"id": post["object_uri"]})
        wait_for(lambda: there["id"] in other.home())
        other.react("toroa@kea.test", there["id"], "like")
        wait_for(lambda: ("like", "ruru") in toroa.told())
        assert world.site.value("select domain_id is null and server_id is not null from identities "
                                "where actor_uri = %s", toroa.uri)
        world.site.stator.settle()
        assert other.write("@toroa@kea.test yes")["state"] in ("new", "fanned_out")
        wait_for(lambda: ("mention", "ruru") in toroa.told())


def test_the_source_signs_nothing_and_its_work_is_done_elsewhere(world, elsewhere, tmp_path):
    fan = world.follower(world.ruru)
    refusing = world.peer.answer("/inbox", method="POST", status=503)
    post = world.ruru.write("nobody takes it yet")
    wait_for(lambda: world.peer.inbox("Create", accepted=False))
    path = leave(world, tmp_path / "kea.tar")
    world.peer.forget(refusing)
    world.peer.clear()
    world.site.sql("update deliveries set state_next_attempt = now(), state_locked_by = null")
    world.site.sql("update servers set retry_after = null, failures = 0")
    world.site.stator.drain()
    assert world.peer.requests("POST") == []
    with world.site.database.connect("rookery_stator") as bound:
        bound.execute("select set_config('rookery.domain', %s, false)",
                      (str(world.site.value("select id from domains where name = 'kea.test'")),))
        assert bound.execute("select * from identity_keys").fetchall() == []

    settle_in(elsewhere, path)
    served(elsewhere, world.ruru.uri)
    wait_for(lambda: [one.json["object"]["id"] for one in world.peer.inbox("Create")] == [post["object_uri"]])
    final(world.site)
    world.peer.clear()
    world.site.stator.drain()
    assert world.peer.requests("POST") == []
    assert fan.handle


def test_a_tenant_that_leaves_is_closed_by_the_database(world, tmp_path):
    leave(world, tmp_path / "kea.tar")
    kea = world.site.value("select id from domains where name = 'kea.test'")
    with world.site.database.connect("rookery_server") as bound:
        bound.execute("select set_config('rookery.domain', %s, false)", (str(kea),))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bound.execute("insert into posts (domain_id, author_id, object_uri) values (%s, %s, 'https://kea.test/x')",
                          (kea, world.ruru.id))
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bound.execute("insert into bookmarks (domain_id, identity_id, post_id) values (%s, %s, 1)",
                          (kea, world.ruru.id))
        assert bound.execute("update identities set name = 'x' where id = %s", (world.ruru.id,)).rowcount == 0
    assert world.site.get("https://weka.test/").status_code == 200


def test_it_can_come_back_before_it_is_final(world, tmp_path):
    fan = world.follower(world.ruru)
    run(world.site, "domain", "move-out", "kea.test", status=2)  # neither writes nor ends
    run(world.site, "domain", "move-out", "kea.test", "--final", status=4)  # nobody has its archive
    run(world.site, "domain", "move-back", "kea.test", status=4)
    leave(world, tmp_path / "kea.tar")
    assert world.site.rookery("domain", "move-back", "kea.test")["state"] == "active"
    wait_for(lambda: world.site.get(world.ruru.uri).status_code == 200)
    post = world.ruru.write("still here")
    world.settle()
    assert [one["object"]["id"] for one in world.arrived("Create", fan.shared_inbox)] == [post["object_uri"]]
    leave(world, tmp_path / "again.tar")
    final(world.site)
    for verb in (("move-back", "kea.test"), ("delete", "kea.test", "--yes"), ("export", "kea.test")):
        run(world.site, "domain", *verb, status=3)  # nobody of that name is here


def test_it_can_move_home_again(world, elsewhere, tmp_path):
    Story(world)
    settle_in(elsewhere, leave(world, tmp_path / "there.tar"))
    final(world.site)
    elsewhere.rookery("domain", "move-out", "kea.test", f"--output={tmp_path / 'back.tar'}")
    settle_in(world.site, tmp_path / "back.tar")
    elsewhere.rookery("domain", "move-out", "kea.test", "--final")
    wait_for(lambda: world.site.get(world.ruru.uri).status_code == 200)
    # The neighbour's follow became a local one again, and posts need no wire.
    toroa = Person(world.site, "toroa").log_in()
    post = toroa.write("home again")
    wait_for(lambda: post["id"] in world.weka_ruru.home())

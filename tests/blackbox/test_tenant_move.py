# SPDX-License-Identifier: AGPL-3.0-or-later
"""A community moves to another installation with all that is its own, under its old addresses and keys, and those who
follow it on other servers notice nothing; the installation that it left is silent."""

import hashlib
import json
import resource
import signal
import subprocess

import psycopg
import pytest

from harness import activity, lab, signature
from harness.api import Api
from harness.archive import Archive
from harness.dns import Resolver
from harness.front import TlsFront
from harness.move import Story, run, second_site, settle_in
from harness.peer import Peer, site_key
from harness.person import Person
from harness.wait import wait_for
from harness.world import KEA, World

FAILED, USAGE, NOT_FOUND, CONFLICT = 1, 2, 3, 4


@pytest.fixture
def elsewhere(cluster, template):
    with second_site(cluster, template) as made:
        yield made


@pytest.fixture
def world(site):
    with Peer("peer1.test", tls=True) as peer:
        yield World(site, peer)


@pytest.fixture
def resolver(tmp_path):
    with Resolver(tmp_path) as made:
        yield made


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
    assert site.rookery("domain", "move-out", "kea.test", "--final", "--yes")["state"] == "moved_out"
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
    run(world.site, "domain", "move-out", "kea.test", status=USAGE)  # neither writes nor ends
    assert "it is served" in run(world.site, "domain", "move-out", "kea.test", "--final", "--yes", status=CONFLICT)
    run(world.site, "domain", "move-back", "kea.test", status=CONFLICT)
    leave(world, tmp_path / "kea.tar")
    assert world.site.rookery("domain", "move-back", "kea.test")["state"] == "active"
    wait_for(lambda: world.site.get(world.ruru.uri).status_code == 200)
    post = world.ruru.write("still here")
    world.settle()
    assert [one["object"]["id"] for one in world.arrived("Create", fan.shared_inbox)] == [post["object_uri"]]
    leave(world, tmp_path / "again.tar")
    final(world.site)
    for verb in (("move-back", "kea.test"), ("delete", "kea.test", "--yes"), ("export", "kea.test")):
        run(world.site, "domain", *verb, status=NOT_FOUND)  # nobody of that name is here


def test_it_can_move_home_again(world, elsewhere, tmp_path):
    Story(world)
    settle_in(elsewhere, leave(world, tmp_path / "there.tar"))
    final(world.site)
    elsewhere.rookery("domain", "move-out", "kea.test", f"--output={tmp_path / 'back.tar'}")
    settle_in(world.site, tmp_path / "back.tar")
    elsewhere.rookery("domain", "move-out", "kea.test", "--final", "--yes")
    wait_for(lambda: world.site.get(world.ruru.uri).status_code == 200)
    # The neighbour's follow became a local one again, and posts need no wire.
    toroa = Person(world.site, "toroa").log_in()
    post = toroa.write("home again")
    wait_for(lambda: post["id"] in world.weka_ruru.home())


# Nothing ends before somebody has all of it

def standing(site):
    return site.sql("select state, left_from, left_archive from domains where name = 'kea.test'")[0]


def refuses_to_end(site, words, *more):
    """--final does not, and the keys are still there."""
    said = run(site, "domain", "move-out", "kea.test", "--final", "--yes", *more, status=CONFLICT)
    assert words in said, said[-500:]
    assert site.value("select count(*) from identity_keys k join identities i on i.id = k.identity_id "
                      "where i.host = 'kea.test'") > 0


def test_the_end_asks_and_comes_in_a_step_of_its_own(world, tmp_path):
    site, path = world.site, tmp_path / "kea.tar"
    run(site, "domain", "move-out", "kea.test", f"--output={path}", "--final", "--yes", status=USAGE)
    assert not path.exists() and standing(site)["state"] == "active"
    leave(world, path)
    assert "say --yes" in run(site, "domain", "move-out", "kea.test", "--final", status=USAGE)
    assert standing(site) == {"state": "leaving", "left_from": "active", "left_archive": "whole"}
    final(site)


def test_a_file_that_cannot_be_made_stops_nobody(world, tmp_path):
    run(world.site, "domain", "move-out", "kea.test", f"--output={tmp_path / 'not/there.tar'}", status=USAGE)
    (tmp_path / "old.tar").write_text("somebody's")
    run(world.site, "domain", "move-out", "kea.test", f"--output={tmp_path / 'old.tar'}", status=USAGE)
    assert standing(world.site)["state"] == "active" and (tmp_path / "old.tar").read_text() == "somebody's"


@pytest.fixture
def large(world):
    """kea.test has more than a pipe, or the disk of below, holds."""
    world.site.sql("insert into posts (domain_id, author_id, object_uri, visibility, content, state) "
                   "select i.domain_id, i.id, i.actor_uri || 'posts/' || n || '/', 'public', "
                   "repeat(md5(n::text) || ' ', 100), 'fanned_out' "
                   "from identities i, generate_series(1, 400) n where i.id = %s", world.ruru.id)
    return world


def no_room(site, path):
    """Files may not be larger than 64 kB: what a full disk does, in another word."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (65536, 65536))
    done = subprocess.run([lab.PROGRAMS / "rookery", "domain", "move-out", "kea.test", f"--output={path}"],
                          env=site.environment(), capture_output=True, text=True, check=False, preexec_fn=limit,
                          restore_signals=False)
    assert not path.exists()  # half an archive is none
    return done


def no_room_in_a_pipe(site, path):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([lab.PROGRAMS / "rookery", "domain", "move-out", "kea.test", "--output=-"],
                              env=site.environment(), stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert "No space left on device" in done.stderr and not path.exists()
    return done


@pytest.mark.parametrize("fails", [no_room, no_room_in_a_pipe])
def test_a_full_disk_ends_nothing(large, tmp_path, fails):
    """The community stands still, and the operator is told so, and what to do."""
    done = fails(large.site, tmp_path / "kea.tar")
    assert done.returncode == FAILED, done.stderr
    assert "the archive cannot be written" in done.stderr
    assert "kea.test is leaving now" in done.stderr and "rookery domain move-back kea.test keeps it" in done.stderr
    assert standing(large.site) == {"state": "leaving", "left_from": "active", "left_archive": "none"}
    refuses_to_end(large.site, "nobody has the archive")
    refuses_to_end(large.site, "nobody has the archive", "--incomplete")
    assert "--output=FILE" in large.site.rookery("domain", "show", "kea.test", "--quick")["next"]
    leave(large, tmp_path / "kea.tar")
    # Nor does an archive from before it came back count, since there is more now.
    large.site.rookery("domain", "move-back", "kea.test")
    with open("/dev/full", "w", encoding="utf-8") as full:
        subprocess.run([lab.PROGRAMS / "rookery", "domain", "move-out", "kea.test", "--output=-"],
                       env=large.site.environment(), stdout=full, stderr=subprocess.DEVNULL, check=False)
    refuses_to_end(large.site, "nobody has the archive")
    leave(large, tmp_path / "again.tar")
    final(large.site)


def test_a_killed_move_ends_nothing(large, elsewhere, tmp_path):
    with subprocess.Popen([lab.PROGRAMS / "rookery", "domain", "move-out", "kea.test", "--output=-"],
                          env=large.site.environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as writer:
        half = writer.stdout.read(70000)
        writer.send_signal(signal.SIGKILL)
    assert standing(large.site)["left_archive"] == "none"
    refuses_to_end(large.site, "nobody has the archive")
    (tmp_path / "half.tar").write_bytes(half)
    assert "ends too early" in run(elsewhere, "domain", "import", tmp_path / "half.tar", status=USAGE)
    assert large.site.rookery("domain", "move-back", "kea.test")["state"] == "active"
    wait_for(lambda: large.site.get(large.ruru.uri).status_code == 200)


def test_what_an_archive_lacks_is_said_and_not_lost_by_mistake(world, tmp_path):
    Story(world)
    site = world.site
    name = site.value("select file from attachments where file <> '' order by id limit 1")
    stored = [path for path in site.directory.rglob(name)]
    kept = stored[0].read_bytes()
    stored[0].unlink()
    said = json.loads(run(site, "domain", "move-out", "kea.test", f"--output={tmp_path / 'kea.tar'}",
                          status=FAILED).partition("\nrookery:")[0])
    assert (said["missing"], said["missing_files"], said["state"]) == (1, [name], "leaving")
    assert "from a backup" in said["advice"] and "lacks files" in said["next"]
    refuses_to_end(site, "lacks files")
    stored[0].write_bytes(kept)
    site.rookery("domain", "move-out", "kea.test", f"--output={tmp_path / 'rows.tar'}", "--without-media")
    refuses_to_end(site, "lacks files")
    said = site.rookery("domain", "move-out", "kea.test", f"--output={tmp_path / 'whole.tar'}")
    assert "missing_files" not in said or said["missing_files"] == []
    assert "--final --yes" in said["next"]
    # One that is whole stays so.
    site.rookery("domain", "move-out", "kea.test", f"--output={tmp_path / 'more.tar'}", "--without-media")
    final(site)


def test_who_cannot_find_a_file_may_leave_without_it(world, tmp_path):
    world.site.rookery("domain", "move-out", "kea.test", f"--output={tmp_path / 'rows.tar'}", "--without-media")
    said = world.site.rookery("domain", "move-out", "kea.test", "--final", "--yes", "--incomplete")
    assert said["state"] == "moved_out"


def test_what_was_suspended_is_suspended_again(world, tmp_path):
    site = world.site
    site.rookery("domain", "suspend", "kea.test", "--reason=spam")
    site.rookery("domain", "move-out", "kea.test", f"--output={tmp_path / 'kea.tar'}")
    assert site.rookery("domain", "show", "kea.test", "--quick")["suspended_reason"] == "spam"
    assert site.rookery("domain", "move-back", "kea.test")["state"] == "suspended"
    assert site.rookery("domain", "show", "kea.test", "--quick")["suspended_reason"] == "spam"
    wait_for(lambda: site.get(world.ruru.uri).status_code == 403)
    assert site.rookery("domain", "resume", "kea.test")["suspended_reason"] == ""
    wait_for(lambda: site.get(world.ruru.uri).status_code == 200)


def test_who_took_the_keys_is_in_the_audit_log(world, tmp_path):
    site = world.site
    site.rookery("domain", "export", "kea.test", f"--output={tmp_path / 'copy.tar'}")
    with open("/dev/full", "w", encoding="utf-8") as full:
        subprocess.run([lab.PROGRAMS / "rookery", "domain", "export", "kea.test", "--output=-", "--without-media"],
                       env=site.environment(), stdout=full, stderr=subprocess.DEVNULL, check=False)
    acts = site.sql("select a.detail from audit_log a join domains d on d.id = a.domain_id "
                    "where a.action = 'domain.export' and d.name = 'kea.test' order by a.id")
    assert [act["detail"] for act in acts] == [{"files": True}, {"files": False}]
    site.rookery("user", "grant", "toroa@example.org", "owner", "kea.test")
    page = world.toroa.enter().get("/staff/audit/").text
    assert page.count("Archive of the community written") >= 2


def test_each_step_says_the_next(world, elsewhere, resolver, tmp_path):
    """Nobody is asked to believe: the name is proved at its new host while the old one still has it."""
    site, path = world.site, tmp_path / "kea.tar"
    said = site.rookery("domain", "move-out", "kea.test", f"--output={path}")
    assert "rookery domain import FILE" in said["next"] and "move-out kea.test --final --yes" in said["next"]
    said = elsewhere.rookery("domain", "import", path)
    assert said["proof"]["txt_name"] == "_rookery.kea.test" and "rookery domain verify kea.test" in said["next"]
    run(elsewhere, "domain", "activate", "kea.test", status=CONFLICT)
    shown = elsewhere.rookery("domain", "show", "kea.test", "--quick")
    assert (shown["proof"], shown["next"]) == (said["proof"], said["next"])
    verify = [*resolver.under, lab.PROGRAMS / "rookery", "domain", "verify", "kea.test", "--by=dns", "--json"]
    resolver.says = (0, [["something else"]])
    assert subprocess.run(verify, env=elsewhere.environment(), capture_output=True, check=False).returncode == FAILED
    resolver.says = (0, [[shown["proof"]["token"]]])
    said = json.loads(subprocess.run(verify, env=elsewhere.environment(), capture_output=True, check=True).stdout)
    assert (said["state"], said["verified_by"], said["next"]) == ("verified", "dns", "rookery domain activate kea.test")
    said = elsewhere.rookery("domain", "activate", "kea.test")
    assert "lead its DNS to this machine" in said["next"] and "move-out kea.test --final --yes" in said["next"]
    served(elsewhere, world.ruru.uri)
    final(site)

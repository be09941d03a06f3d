# SPDX-License-Identifier: AGPL-3.0-or-later
"""The archive of a community: whole, the same when it comes back, small in memory, and nothing that a stranger
writes into one reaches another tenant of the installation that reads it."""

import json
import os
import re
import resource
import signal
import subprocess

import pytest

from harness import lab, work
from harness.archive import Archive
from harness.move import Story, export, run, second_site, settle_in
from harness.peer import Peer
from harness.person import Person
from harness.wait import wait_for
from harness.world import World
from test_isolation import furnish, session

OK, FAILED, USAGE, CONFLICT = 0, 1, 2, 4


@pytest.fixture
def elsewhere(cluster, template):
    with second_site(cluster, template) as made:
        yield made


@pytest.fixture(scope="module")
def story(shared_site):
    with Peer("peer1.test", tls=True) as peer:
        yield Story(World(shared_site, peer))


@pytest.fixture(scope="module")
def packed(story, tmp_path_factory):
    """The archive of the story."""
    path = tmp_path_factory.mktemp("packed") / "kea.tar"
    export(story.world.site, path)
    return path


def nothing_came(site):
    assert site.sql("select 1 from identities where actor_uri like 'https://kea.test/%%'") == []
    assert site.sql("select 1 from posts where object_uri like 'https://kea.test/%%'") == []


# What comes back

def shape(rows):
    """Rows without what is another number elsewhere: as a multiset of what they say."""
    def said(value):
        if isinstance(value, dict):
            return {name: said(one) for name, one in value.items()}
        if isinstance(value, str):
            return re.sub(r' (rel|target)="[^"]*"', "", value)  # markup was sanitised
        return value if not isinstance(value, int) or isinstance(value, bool) else 0
    plain = []
    for row in rows:
        row = {name: said(value) for name, value in row.items() if not name.endswith("_ids") and name != "participants"}
        plain.append(json.dumps(row, sort_keys=True))
    return sorted(plain)


def compare(one, other, kinds, but=()):
    assert {kind: len(one.rows(kind)) for kind in kinds} == {kind: len(other.rows(kind)) for kind in kinds}
    for kind in kinds:
        if kind not in but:
            left, right = shape(one.rows(kind)), shape(other.rows(kind))
            assert [(a, b) for a, b in zip(left, right) if a != b] == [], kind


def test_what_is_exported_elsewhere_is_what_came(story, packed, elsewhere, tmp_path):
    said = settle_in(elsewhere, packed)
    assert said["left_out"] == {}
    export(elsewhere, tmp_path / "again.tar")
    one, other = Archive(packed), Archive(tmp_path / "again.tar")
    kinds = {name.split("/")[1] for name in one.entries if name.startswith("rows/")}
    # The log goes on, and others' posts are still to be fetched.
    compare(one, other, sorted(kinds - {"audit_log"}), but=("other_identities",))
    assert one.files() == other.files() and len(one.files()) == 2
    snowflakes = ("identities", "posts", "follows", "interactions")
    for kind in snowflakes:
        assert [row["id"] for row in one.rows(kind)] == [row["id"] for row in other.rows(kind)], kind
    assert [row["private_der"] for row in one.rows("identity_keys")] == [
        row["private_der"] for row in other.rows("identity_keys")]
    assert story.api.id in {str(row["id"]) for row in other.rows("identities")}


def test_work_stands_in_its_tenants_lane(story, packed, elsewhere):
    """What a life of a community left behind, and what was read from its archive."""
    settle_in(elsewhere, packed)
    sites = (story.world.site, elsewhere)
    assert [work.astray(site) for site in sites] == [[], []]
    sites[0].sql("insert into posts (author_id, object_uri, visibility, state, state_lane) "
                 "select i.id, 'https://far.test/p', 'public', 'stub', d.id from identities i, domains d limit 1")
    sites[0].sql("insert into mails (kind, domain_id, address, message_key, state_lane) "
                 "select 'test', min(id), 'a@far.test', 'k', max(id) from domains")
    assert work.astray(sites[0]) == ["mail"]
    sites[0].sql("delete from mails where message_key = 'k'")
    sites[0].sql("delete from posts where object_uri = 'https://far.test/p'")


@pytest.fixture
def furnished_tables(furnished_database):
    """Rows in every table that a tenant has, of two tenants."""
    owner = session(furnished_database, "rookery_owner")
    for name in ("kea.test", "weka.test"):
        domain = owner.execute("select id from domains where name = %s", (name,)).fetchone()[0]
        identity, uri = owner.execute("select id, actor_uri from identities where domain_id = %s and not is_system "
                                      "order by id limit 1", (domain,)).fetchone()
        furnish(owner, domain, identity, uri)
    # Secrets that nobody sealed, a file that nobody stored, and what is said to be waiting.
    owner.execute("delete from user_totps")
    owner.execute("delete from webhooks")
    owner.execute("update deliveries set state = 'waiting', inbox_uri = 'https://far.test/i'")
    owner.commit()
    owner.close()
    return furnished_database


def test_rows_of_every_table_come_back(furnished_tables, site, elsewhere, tmp_path):
    assert site.database is furnished_tables
    # The file that nobody stored is missing, which is said in every way.
    said = json.loads(run(site, "domain", "export", "kea.test", f"--output={tmp_path / 'kea.tar'}",
                          status=FAILED).partition("\nrookery:")[0])
    assert said["missing"] == len(said["missing_files"]) == 1
    empty = {row["name"] for row in site.sql("select name from archive_tables")} - set(said["rows"])
    assert empty == {"user_totps", "webhooks"}
    came = settle_in(elsewhere, tmp_path / "kea.tar")
    # An emoji is nothing without its picture.
    assert (came["left_out"], came["missing"]) == ({"media": 1, "emojis": 1}, 1)
    export(elsewhere, tmp_path / "again.tar")
    one, other = Archive(tmp_path / "kea.tar"), Archive(tmp_path / "again.tar")
    compare(one, other, sorted(set(said["rows"]) - {"media", "emojis", "audit_log", "other_identities"}),
            but=("attachments", "other_posts"))


def test_sealed_secrets_are_sealed_anew(story, elsewhere, tmp_path):
    site = story.world.site
    hook = Person(site, "toroa").log_in()
    assert hook.submit("/staff/webhooks/", url="https://hook.test/", event="status.created").status_code == 200
    export(site, tmp_path / "kea.tar")
    secret = bytes.fromhex(Archive(tmp_path / "kea.tar").rows("webhooks")[0]["secret"][2:])
    settle_in(elsewhere, tmp_path / "kea.tar")
    here, there = (one.value("select secret from webhooks") for one in (site, elsewhere))
    assert len({bytes(here), bytes(there), secret}) == 3
    export(elsewhere, tmp_path / "again.tar")
    assert bytes.fromhex(Archive(tmp_path / "again.tar").rows("webhooks")[0]["secret"][2:]) == secret
    site.sql("delete from webhooks")


def test_an_archive_goes_through_a_pipe(story, elsewhere, tmp_path):
    site = story.world.site
    rookery = str(lab.PROGRAMS / "rookery")
    with subprocess.Popen([rookery, "domain", "export", "kea.test", "--output=-", "--without-media"],
                          env=site.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as writer:
        done = subprocess.run([rookery, "domain", "import", "-", "--json"], env=elsewhere.environment(),
                              stdin=writer.stdout, capture_output=True, check=False)
        assert b"private keys" in writer.stderr.read()
    assert (writer.returncode, done.returncode) == (OK, OK), done.stderr
    said = json.loads(done.stdout)
    assert (said["files"], said["left_out"]) == (0, {"media": 2})
    assert tmp_path


def test_looking_stores_nothing(packed, elsewhere):
    said = elsewhere.rookery("domain", "import", packed, "--check")
    assert (said["domain"], said["files"]) == ("kea.test", 2)
    assert elsewhere.sql("select 1 from domain_names where name = 'kea.test'") == []


def test_an_archive_is_for_its_owner_alone_and_never_overwritten(story, packed):
    assert packed.stat().st_mode & 0o777 == 0o600
    before = packed.read_bytes()
    run(story.world.site, "domain", "export", "kea.test", f"--output={packed}", status=USAGE)
    assert packed.read_bytes() == before


# Half of it

def test_a_killed_import_leaves_nothing_and_the_next_begins_anew(packed, elsewhere):
    elsewhere.start()
    with subprocess.Popen([lab.PROGRAMS / "rookery", "domain", "import", "-"], env=elsewhere.environment(),
                          stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as reader:
        raw = packed.read_bytes()
        reader.stdin.write(raw[:raw.rindex(b"rows/home_timeline/000001")])
        reader.stdin.flush()
        wait_for(lambda: elsewhere.sql("select 1 from archive_rows where name = 'posts'"))
        reader.send_signal(signal.SIGKILL)
        reader.stdin.close()
    assert elsewhere.value("select state from domains where name = 'kea.test'") == "importing"
    nothing_came(elsewhere)
    assert elsewhere.get("https://kea.test/").status_code == 421
    run(elsewhere, "domain", "activate", "kea.test", status=CONFLICT)
    assert settle_in(elsewhere, packed)["left_out"] == {}
    assert elsewhere.sql("select 1 from archive_imports") == []
    wait_for(lambda: elsewhere.get("https://kea.test/@ruru@kea.test/").status_code == 200)


def test_an_import_can_be_given_up(packed, elsewhere):
    elsewhere.rookery("domain", "import", packed)
    elsewhere.rookery("domain", "delete", "kea.test", "--yes")
    elsewhere.stator.drain()
    assert elsewhere.sql("select 1 from archive_rows") == []
    assert settle_in(elsewhere, packed)["left_out"] == {}


# Much of it

@pytest.fixture
def crowded(site):
    """4,000 posts of 30 kB."""
    site.sql("insert into posts (domain_id, author_id, object_uri, visibility, content, state) select i.domain_id, "
             "i.id, i.actor_uri || 'posts/' || n || '/', 'public', '<p>' || repeat(md5(n::text) || ' ', 900) || "
             "'</p>', 'fanned_out' "
             "from identities i, generate_series(1, 4000) n where i.actor_uri = 'https://kea.test/@ruru@kea.test/'")
    return site


def in_little_memory(site, *args):
    """With 96 MB for all that a program holds, a fifth of what it moves. Sanitizers need more for themselves."""
    def limit():
        resource.setrlimit(resource.RLIMIT_DATA, (96 << 20, 96 << 20))
    done = subprocess.run([lab.PROGRAMS / "rookery", *map(str, args)], env=site.environment(), capture_output=True,
                          check=False, preexec_fn=limit if lab.PROGRAMS.name == "plain" else None)
    assert done.returncode == OK, done.stderr[-2000:]


def test_memory_does_not_grow_with_the_community(crowded, elsewhere, tmp_path):
    path = tmp_path / "kea.tar"
    in_little_memory(crowded, "domain", "export", "kea.test", f"--output={path}")
    assert os.path.getsize(path) > 100 << 20
    in_little_memory(elsewhere, "domain", "import", path)
    elsewhere.rookery("domain", "verify", "kea.test", "--by=operator")
    in_little_memory(elsewhere, "domain", "activate", "kea.test")
    assert elsewhere.value("select count(*) from posts where domain_id is not null") == 4000


@pytest.fixture
def divided(site):
    """30,000 hashtags, and a database that gives every row an entry of its own: more than a list of all would hold."""
    site.sql("insert into hashtags (name, display) select 'tag' || n, 'tag' || n from generate_series(1, 30000) n")
    site.sql("insert into followed_tags (domain_id, identity_id, hashtag_id) select i.domain_id, i.id, h.id "
             "from identities i, hashtags h where i.actor_uri = 'https://kea.test/@ruru@kea.test/'")
    site.sql(site.value("select replace(pg_get_functiondef('archive_fetch()'::regprocedure), '>= 1000', '>= 1')"))
    return site


def test_an_archive_may_have_any_number_of_entries(divided, elsewhere, tmp_path):
    path = tmp_path / "kea.tar"
    in_little_memory(divided, "domain", "export", "kea.test", f"--output={path}")
    archive = Archive(path)
    assert len(archive.names("followed_tags")) == 30000 and archive.end["entries"] > 60000
    in_little_memory(elsewhere, "domain", "import", path)
    elsewhere.rookery("domain", "verify", "kea.test", "--by=operator")
    in_little_memory(elsewhere, "domain", "activate", "kea.test")
    assert elsewhere.value("select count(*) from followed_tags") == 30000


def test_what_was_written_in_the_first_format_is_read(story, packed, elsewhere, tmp_path):
    old = Archive(packed).write(tmp_path / "old.tar", first_format=True)
    assert settle_in(elsewhere, old)["left_out"] == {}
    export(elsewhere, tmp_path / "again.tar")
    one, other = Archive(packed), Archive(tmp_path / "again.tar")
    assert shape(one.rows("posts")) == shape(other.rows("posts")) and one.files() == other.files()
    assert story.api.id in {str(row["id"]) for row in other.rows("identities")}

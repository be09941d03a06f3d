# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a stranger writes into an archive reaches nobody but its own tenant: it is refused, judged or left out."""

import hashlib

import pytest

from harness.api import Api
from harness.archive import Archive
from harness.move import Story, export, run, second_site, settle_in
from harness.peer import Peer
from harness.world import World

USAGE, NOT_FOUND, CONFLICT = 2, 3, 4


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


@pytest.fixture
def archive(packed):
    """The same, to spoil."""
    return Archive(packed)


def nothing_came(site):
    assert site.sql("select 1 from identities where actor_uri like 'https://kea.test/%%'") == []
    assert site.sql("select 1 from posts where object_uri like 'https://kea.test/%%'") == []


def refused(site, path, words, status=1):
    said = run(site, "domain", "import", path, status=status)
    assert words in said, said[-500:]
    nothing_came(site)
    assert site.sql("select 1 from domains where state in ('pending', 'verified')") == []
    known = site.sql("select 1 from domain_names where name = 'kea.test'")
    run(site, "domain", "activate", "kea.test", status=CONFLICT if known else NOT_FOUND)


# What was spoilt

@pytest.mark.parametrize("spoil, words", {
    "cut": (lambda raw: raw[:len(raw) * 2 // 3], "ends too early"),
    "empty": (lambda raw: b"", "ends too early"),
    "no archive": (lambda raw: b"x" * 4096, "a header is none of ours"),
    "another byte in a row": (lambda raw: raw.replace(b"the first", b"the worst", 1), "not what was said of it"),
    "a path": (lambda raw: renamed(raw, b"rows/users/000001.jsonl", b"../../../etc/passwd"), "was said before it"),
    "another's notice": (lambda raw: renamed(raw, b"rows/users/000001.json", b"rows/users/2.json"), "not where it is"),
    "a link": (lambda raw: renamed(raw, b"rows/users/000001.jsonl", None), "a header is none of ours"),
}.values(), ids=lambda value: None)
def test_damage_is_seen(packed, elsewhere, tmp_path, spoil, words):
    path = tmp_path / "spoilt.tar"
    path.write_bytes(spoil(packed.read_bytes()))
    refused(elsewhere, path, words, status=USAGE)


def renamed(raw, name, new):
    """A header with another name, or one that is a link; its sum fits."""
    at = raw.index(name + b"\0")
    head = bytearray(raw[at:at + 512])
    if new is None:
        head[156:157] = b"2"
    else:
        head[0:100] = new.ljust(100, b"\0")
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    return raw[:at] + bytes(head) + raw[at + 512:]


WORDS = [f"word {number}" for number in range(101)]
POLICY = {"id": 1, "title": "everything", "action": "remove", "state": "on", "incoming": True, "unfollowed": True}


def long_row(archive):
    archive.entries["rows/users/000001.jsonl"] = b'{"x": "' + b"x" * (9 << 20) + b'"}\n'


def many_rows(archive):
    archive.entries["rows/users/000001.jsonl"] = b"{}\n" * 1001


def wrong_file(archive):
    name = next(iter(archive.files()))
    archive.entries[f"media/{name}"] = b"\x89PNG\r\n\x1a\n" + b"something else"


def page_as_picture(archive):
    page = b"<script>alert(1)</script>"
    archive.entries[f"media/{hashlib.sha256(page).hexdigest()}.png"] = page


def unnamed_file(archive):
    picture = b"GIF89a" + b"\0" * 40
    archive.entries[f"media/{hashlib.sha256(picture).hexdigest()}.gif"] = picture


@pytest.mark.parametrize("spoil, words, status", [
    (lambda a: a.change("posts", object_uri="https://kakapo.test/@kura@kakapo.test/posts/1/"), "not on a host", 1),
    (lambda a: a.change("posts", object_uri="https://kea.test@evil.test/1"), "not on a host", 1),
    (lambda a: a.change("posts", url="javascript:alert(1)"), "not on a host", 1),
    (lambda a: a.change("identities", actor_uri="https://peer1.test/users/star"), "not on a host", 1),
    (lambda a: a.change("identities", 1, inbox_uri="https://evil.test/inbox"), "not on a host", 1),
    (lambda a: a.change("identity_keys", key_uri="https://peer1.test/users/star#main-key"), "not on a host", 1),
    (lambda a: a.change("identities", 1, username="../admin"), "no user name", 1),
    (lambda a: a.change("identity_keys", private_der="\\x00"), "a key that is none", USAGE),
    (lambda a: a.put("policies", [{**POLICY, "phrases": WORDS}]), "a policy that is none", USAGE),
    (lambda a: a.put("policies", [{**POLICY, "servers": "all"}]), "a policy that is none: servers", USAGE),
    (lambda a: a.put("policies", [{**POLICY, "unfollowed": False}]), "a policy that is none", USAGE),
    (lambda a: a.put("policies", [{**POLICY, "title": ""}]), "a policy that is none", USAGE),
    (lambda a: a.put("policies", [{**POLICY, "title": None, "phrases": WORDS}]), "rows that cannot be", 1),
    (lambda a: a.change("posts", visibility="everybody"), "rows that cannot be", 1),
    (lambda a: a.change("posts", domain_id="x"), "rows that cannot be", 1),
    (long_row, "too large", USAGE), (many_rows, "do not know", USAGE),
    (wrong_file, "not what it is called", USAGE), (page_as_picture, "not what it is called", USAGE),
    (unnamed_file, "no row names", USAGE),
    (lambda a: a.put("domains", [{"id": 1}]), "do not know", USAGE),
    (lambda a: a.put("host_settings", [{"key": "k"}]), "do not know", USAGE),
    (lambda a: a.manifest.update(schema=9999), "newer version", 1),
    (lambda a: a.manifest.update(format=3), "another format", USAGE),
    (lambda a: a.manifest["domain"].update(name="KEA.test"), "not written as names are", USAGE),
    (lambda a: a.manifest["domain"].update(style="@import url(https://evil.test/)"), "", USAGE),
])
def test_what_is_not_the_tenants_is_refused(archive, elsewhere, tmp_path, spoil, words, status):
    spoil(archive)
    refused(elsewhere, archive.write(tmp_path / "evil.tar"), words, status)


def last_entry(archive):
    name = archive.names("home_timeline")[-1]
    return name.removesuffix("l"), name


@pytest.mark.parametrize("lost, words", {
    "an entry": (last_entry, "a part of it is not there"),
    "a file": (lambda a: ("media/" + next(iter(a.files())),), "a part of it is not there"),
    "the end": (lambda a: ("end.json",), "ends too early"),
}.values(), ids=lambda value: None)
def test_what_lost_a_part_is_not_whole(archive, elsewhere, tmp_path, lost, words):
    refused(elsewhere, archive.write(tmp_path / "holed.tar", but=lost(archive)), words, USAGE)


@pytest.mark.parametrize("name", ["kakapo.test"])
def test_nobody_takes_the_place_of_another(archive, elsewhere, tmp_path, name):
    archive.manifest["domain"].update(name=name, service_name=name)
    said = run(elsewhere, "domain", "import", archive.write(tmp_path / "evil.tar"), status=CONFLICT)
    assert "is here already" in said
    archive.manifest["domain"].update(name="kea.test", service_name=name)
    run(elsewhere, "domain", "import", archive.write(tmp_path / "evil.tar"), status=CONFLICT)
    assert elsewhere.value("select count(*) from identities where host = 'kakapo.test'") == 2


# What is taken in another way than it is said, or left out

def test_markup_and_addresses_are_judged(archive, elsewhere, tmp_path):
    archive.change("posts", content="<p onclick=x>hello<script>alert(1)</script></p>")
    archive.change("identities", 1, summary="<img src=x onerror=alert(1)>me", moved_to_uri="javascript:alert(1)",
                   fields=[{"name": "n", "value": "<a href='javascript:alert(1)'>v</a>", "verified_at": "2026-01-01"}])
    archive.change("applications", website="javascript:alert(1)")
    archive.change("users", password="$y$jzzzz$" + "a" * 40)
    settle_in(elsewhere, archive.write(tmp_path / "evil.tar"))
    first = archive.rows("posts")[0]["object_uri"]
    assert elsewhere.value("select content from posts where object_uri = %s", first) == "<p>hello</p>"
    person = elsewhere.sql("select summary, moved_to_uri, fields from identities where actor_uri = %s",
                           archive.rows("identities")[1]["actor_uri"])[0]
    assert (person["summary"], person["moved_to_uri"]) == ("me", "")
    assert person["fields"] == [{"name": "n", "value": "v"}]
    assert elsewhere.value("select website from applications") == ""
    assert elsewhere.value("select password from users where email = %s", archive.rows("users")[0]["email"]) == ""


def test_policies_are_as_if_they_were_typed(archive, elsewhere, tmp_path):
    servers = ["Evil.TEST", "evil.test"]
    rules = [{**POLICY, "id": number, "title": f" rule {number} ", "servers": servers, "domain_id": 1}
             for number in range(1, 121)]
    archive.put("policies", rules)
    archive.write(tmp_path / "evil.tar")
    said = settle_in(elsewhere, tmp_path / "evil.tar")
    rows = elsewhere.sql("select p.title, p.servers, p.state, d.name from policies p "
                         "join domains d on d.id = p.domain_id order by p.id")
    assert len(rows) == 100 and said["left_out"]["policies"] == 20
    assert rows[0] == {"title": "rule 1", "servers": ["evil.test"], "state": "on", "name": "kea.test"}


def test_an_archive_gives_nobody_power_over_others(archive, elsewhere, tmp_path):
    user = archive.rows("users")[0]["id"]
    archive.change("staff_grants", domain_id=None, user_id=user)
    archive.add("domain_settings", domain_id=1, key="media_quota", value=1 << 50, updated="2026-01-01")
    archive.add("domain_settings", domain_id=1, key="max_users", value=1 << 50, updated="2026-01-01")
    archive.add("domain_settings", domain_id=1, key="languages", value="mi", updated="2026-01-01")
    archive.add("users", id=9999, email="KURA@example.org", confirmed="2026-01-01")
    archive.add("identity_users", user_id=9999)
    before = elsewhere.sql("select * from users where email = 'kura@example.org'")
    settle_in(elsewhere, archive.write(tmp_path / "evil.tar"))
    kea = elsewhere.value("select id from domains where name = 'kea.test'")
    assert elsewhere.sql("select distinct domain_id from staff_grants") == [{"domain_id": kea}]
    assert elsewhere.sql("select key from domain_settings where domain_id = %s", kea) == [{"key": "languages"}]
    assert elsewhere.sql("select * from users where email = 'kura@example.org'") == before
    assert elsewhere.value("select confirmed is null from users where email = 'KURA@example.org'")
    assert elsewhere.sql("select 1 from domain_settings where domain_id <> %s", kea) == []


def test_rows_about_people_of_others_are_left_out(archive, elsewhere, tmp_path):
    """An archive cannot say what somebody of another tenant did, wants or was told, nor read what is theirs."""
    kura = elsewhere.sql("select * from identities where username = 'kura'")[0]
    private = elsewhere.value(
        "insert into posts (domain_id, author_id, object_uri, visibility, content, state) values (%s, %s, "
        "'https://kakapo.test/@kura@kakapo.test/posts/7/', 'mentioned', 'secret', 'fanned_out') returning id",
        kura["domain_id"], kura["id"])
    mine = next(row["id"] for row in archive.rows("identities") if row["username"] == "ruru")
    archive.add("other_identities", id=71, actor_uri=kura["actor_uri"], username="kura")
    archive.add("other_identities", id=72, actor_uri="https://kakapo.test/@nobody@kakapo.test/", username="nobody")
    archive.add("other_posts", id=81, author_id=71, object_uri="https://kakapo.test/@kura@kakapo.test/posts/7/")
    archive.add("other_posts", id=82, author_id=71, object_uri="https://kakapo.test/@kura@kakapo.test/posts/8/",
                visibility="mentioned", content="<p>forged</p>")
    archive.add("follows", id=91, source_id=71, target_id=mine, uri="https://kakapo.test/f/1")
    archive.add("blocks", id=92, source_id=71, target_id=mine, uri="https://kakapo.test/b/1", kind="block",
                notifications=True, expires=None, created="2026-01-01", state="new")
    archive.add("interactions", id=93, identity_id=71, uri="https://kakapo.test/l/1", value="")
    archive.add("posts", id=94, author_id=71, object_uri="https://kea.test/forged/")
    archive.add("notifications", id=95, identity_id=71)
    archive.add("lists", id=96, identity_id=71)
    archive.add("identity_preferences", identity_id=71, domain_id=1, visibility="public")
    archive.add("identity_users", identity_id=71)
    archive.add("tokens", id=97, identity_id=71, token_hash="\\x01")
    archive.add("post_audience", post_id=81, domain_id=1)
    archive.add("post_mentions", post_id=81, identity_id=mine)
    said = settle_in(elsewhere, archive.write(tmp_path / "evil.tar"))
    assert said["left_out"] == {"other_identities": 1, "other_posts": 1, **{kind: 1 for kind in (
        "follows", "blocks", "interactions", "posts", "notifications", "lists", "identity_preferences",
        "identity_users", "tokens", "post_audience", "post_mentions")}}
    assert elsewhere.sql("select * from identities where username = 'kura'")[0] == kura
    for table, column in (("follows", "source_id"), ("blocks", "source_id"), ("interactions", "identity_id"),
                          ("notifications", "identity_id"), ("identity_preferences", "identity_id")):
        assert elsewhere.sql(f"select 1 from {table} where {column} = %s", kura["id"]) == [], table
    assert elsewhere.value("select count(*) from identity_users where identity_id = %s", kura["id"]) == 1
    assert elsewhere.sql("select 1 from posts where content like '%%forged%%' or object_uri like '%%forged%%'") == []
    assert elsewhere.sql("select 1 from post_audience where post_id = %s", private) == []


def test_what_is_known_of_strangers_stays(story, archive, elsewhere, tmp_path):
    """Another server's people and posts are what their server says, not what an archive does."""
    star = story.star
    server = elsewhere.value("insert into servers (host) values ('peer1.test') returning id")
    known = elsewhere.value("insert into identities (server_id, actor_uri, username, host, name, inbox_uri, state) "
                            "values (%s, %s, %s, 'peer1.test', 'As known', %s, 'updated') returning id",
                            server, star.id, star.name, star.inbox)
    post = elsewhere.value("insert into posts (author_id, object_uri, visibility, content, state) values (%s, %s, "
                           "'public', '<p>as known</p>', 'fanned_out') returning id", known, story.of_star["id"])
    row = next(one for one in archive.rows("other_identities") if one["actor_uri"] == star.id)
    others = [one for one in archive.rows("other_identities") if one["actor_uri"] != star.id]
    archive.put("other_identities", others + [
        {**row, "username": "forged", "inbox_uri": "https://evil.test/inbox", "name": "forged"},
        {**row, "id": 61, "actor_uri": "https://peer1.test/users/unknown", "username": "unknown",
         "inbox_uri": "https://evil.test/inbox", "shared_inbox_uri": "https://evil.test/inbox"}])
    archive.add("other_posts", id=62, author_id=61, object_uri="https://peer9.test/forged", visibility="mentioned",
                content="<p>forged</p>")
    archive.add("other_posts", id=63, author_id=61, object_uri="https://peer1.test/public", content="<p>forged</p>")
    said = settle_in(elsewhere, archive.write(tmp_path / "evil.tar"))
    assert said["left_out"] == {"other_posts": 1}
    assert elsewhere.sql("select name, inbox_uri, username from identities where id = %s", known) == [
        {"name": "As known", "inbox_uri": star.inbox, "username": star.name}]
    assert elsewhere.value("select content from posts where id = %s", post) == "<p>as known</p>"
    new = elsewhere.sql("select inbox_uri, shared_inbox_uri, host, state from identities where username = 'unknown'")
    assert new == [{"inbox_uri": "", "shared_inbox_uri": "", "host": None, "state": "outdated"}]
    stub = elsewhere.sql("select content, state, deleted is null as seen from posts where object_uri = "
                         "'https://peer1.test/public'")
    assert stub == [{"content": "", "state": "stub", "seen": False}]


def test_who_was_known_as_a_stranger_comes_home(story, packed, elsewhere):
    """kakapo.test knew ruru of kea.test as another server's, followed and liked: that goes on, under the known ids."""
    ruru, kura = story.world.ruru, elsewhere.value("select id from identities where username = 'kura'")
    kakapo = elsewhere.value("select id from domains where name = 'kakapo.test'")
    server = elsewhere.value("insert into servers (host) values ('kea.test') returning id")
    known = elsewhere.value("insert into identities (server_id, actor_uri, username, host, state) values (%s, %s, "
                            "'ruru', 'kea.test', 'updated') returning id", server, ruru.uri)
    post = elsewhere.value("insert into posts (author_id, object_uri, visibility, content, state) "
                           "values (%s, %s, 'public', 'x', "
                           "'fanned_out') returning id", known, story.first["object_uri"])
    elsewhere.sql("insert into follows (source_id, target_id, domain_id, uri, state) values (%s, %s, %s, "
                  "'https://kakapo.test/f/1', 'accepted')", kura, known, kakapo)
    elsewhere.sql("insert into interactions (kind, identity_id, post_id, domain_id, uri, state) values ('like', %s, "
                  "%s, %s, 'https://kakapo.test/l/1', 'fanned_out')", kura, post, kakapo)
    settle_in(elsewhere, packed)
    kea = elsewhere.value("select id from domains where name = 'kea.test'")
    assert elsewhere.sql("select id, domain_id, server_id from identities where actor_uri = %s", ruru.uri) == [
        {"id": known, "domain_id": kea, "server_id": None}]
    there = elsewhere.sql("select id, domain_id, author_id, content = 'x' as old from posts where object_uri = %s",
                          story.first["object_uri"])
    assert there == [{"id": post, "domain_id": kea, "author_id": known, "old": False}]
    assert elsewhere.value("select target_domain_id from follows where source_id = %s", kura) == kea
    assert elsewhere.value("select post_domain_id from interactions where identity_id = %s", kura) == kea
    assert Api(elsewhere.start(), token=story.api.token).get("/api/v1/accounts/verify_credentials")["id"] == str(known)

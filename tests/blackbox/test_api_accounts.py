# SPDX-License-Identifier: AGPL-3.0-or-later
"""Accounts of the client API: how they look, how one finds them, and one's own profile."""

import re
import struct
import zlib

import pytest

from harness import activity, work
from harness.api import Api, schema_problems, specification
from harness.world import world_of


@pytest.fixture(scope="module", name="world")
def fixture_world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(scope="module", name="ruru")
def fixture_ruru(world):
    return Api(world.site, "ruru@kea.test")


@pytest.fixture(scope="module", name="toroa")
def fixture_toroa(world):
    return Api(world.site, "toroa@kea.test")


@pytest.fixture(scope="module", name="weka")
def fixture_weka(world):
    return Api(world.site, "ruru@weka.test")


@pytest.fixture(scope="module", name="nobody")
def fixture_nobody(world):
    return Api(world.site, "kea.test")


def update(api, **fields):
    return api.patch("/api/v1/accounts/update_credentials", **fields)


def accts(found):
    return [one["acct"] for one in found]


def test_an_account_has_every_member_that_programs_read(nobody, ruru):
    found = nobody.get(f"/api/v1/accounts/{ruru.id}")
    described = specification()["components"]["schemas"]["Account"]["properties"]
    missing = set(described) - set(found) - {"moved", "limited", "suspended", "memorial"}
    assert missing == set()
    assert found["avatar"].startswith("https://kea.test/") and found["header"].startswith("https://kea.test/")
    for picture in ("avatar", "header"):
        answer = nobody.client.get(found[picture].removeprefix("https://kea.test"))
        assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT00:00:00\.000Z", found["created_at"])


def test_the_day_of_the_last_post_is_shown(world, nobody, toroa):
    world.toroa.write("private", visibility="followers")
    world.settle()
    assert nobody.get(f"/api/v1/accounts/{toroa.id}")["last_status_at"] is None
    world.toroa.write("hello")
    world.settle()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", nobody.get(f"/api/v1/accounts/{toroa.id}")["last_status_at"])


def test_several_accounts_at_once(nobody, ruru, toroa, weka):
    found = nobody.get("/api/v1/accounts", **{"id[]": [toroa.id, "1", weka.id, "x", ruru.id, toroa.id]})
    assert accts(found) == ["toroa", "ruru@weka.test", "ruru"]
    assert nobody.get("/api/v1/accounts") == []


def test_staff_have_a_role(world, ruru, weka):
    world.site.sql("insert into staff_grants (user_id, domain_id, role) select u.user_id, u.domain_id, 'moderator' "
                   "from identity_users u where u.identity_id = %s", int(ruru.id))
    assert [one["name"] for one in ruru.get(f"/api/v1/accounts/{ruru.id}")["roles"]] == ["Moderator"]
    assert ruru.get("/api/v1/accounts/verify_credentials")["role"]["id"] == "1"
    assert weka.get(f"/api/v1/accounts/{ruru.id}")["roles"] == []
    world.site.sql("update staff_grants set expires = now() - interval '1 day'")
    assert ruru.get(f"/api/v1/accounts/{ruru.id}")["roles"] == []
    assert ruru.get("/api/v1/accounts/verify_credentials")["role"]["id"] == "-99"


def test_where_an_account_moved_is_shown_when_the_new_one_agrees(world, nobody, toroa):
    old = work.remote(world.site, world.peer, "old")
    world.site.sql("update identities set moved_to_uri = %s where id = %s", world.toroa.uri, old)
    assert "moved" not in nobody.get(f"/api/v1/accounts/{old}")
    world.site.sql("update identities set also_known_as = array[%s] where id = %s",
                   f"{world.peer.origin}/users/old", int(toroa.id))
    assert nobody.get(f"/api/v1/accounts/{old}")["moved"]["id"] == toroa.id
    world.site.sql("update identities set also_known_as = '{}' where id = %s", int(toroa.id))


def test_a_limited_server_is_said_to_its_tenant_alone(world, nobody, weka):
    far = work.remote(world.site, world.peer, "limited")
    world.site.sql("insert into server_limits (domain_id, host, severity) select id, 'peer1.test', 'limit' "
                   "from domains where name = 'kea.test'")
    assert nobody.get(f"/api/v1/accounts/{far}")["limited"] is True
    assert "limited" not in weka.get(f"/api/v1/accounts/{far}")
    world.site.sql("delete from server_limits")


@pytest.mark.parametrize("name", ("0", "-1", "1", "x", "9" * 30, "%00", "%F0", "..%2F.."))
def test_what_is_no_account_is_404(nobody, name):
    for tail in ("", "/followers", "/following", "/featured_tags", "/endorsements", "/identity_proofs", "/collections",
                 "/in_collections"):
        assert nobody.ask("GET", f"/api/v1/accounts/{name}{tail}").status_code in (404, 422)


def test_a_deleted_account_is_gone(world, nobody):
    gone = work.remote(world.site, world.peer, "departed")
    world.site.sql("update identities set deleted = now() where id = %s", gone)
    nobody.refused(404, "GET", f"/api/v1/accounts/{gone}")
    nobody.refused(404, "GET", f"/api/v1/accounts/lookup?acct=departed@{world.peer.authority}")


def test_a_deleted_identity_is_forgotten_by_all(world, toroa):
    """What it kept, and what others kept about it."""
    site, toroa_id = world.site, int(toroa.id)
    gone = work.remote(site, world.peer, "forgotten")
    tenant = site.value("select domain_id from identities where id = %s", toroa_id)
    made = site.value("insert into lists (domain_id, identity_id, title) values (%s, %s, 'x') returning id", tenant,
                      toroa_id)
    mine = site.value("insert into featured_collections (domain_id, identity_id, name) values (%s, %s, 'x') "
                      "returning id", tenant, toroa_id)
    site.sql("insert into list_accounts (list_id, member_id, domain_id) values (%s, %s, %s)", made, gone, tenant)
    site.sql("insert into identity_notes (identity_id, target_id, domain_id, note) values (%s, %s, %s, 'x')", toroa_id,
             gone, tenant)
    site.sql("insert into endorsements (identity_id, target_id, domain_id) values (%s, %s, %s)", toroa_id, gone, tenant)
    site.sql("insert into featured_collection_items (collection_id, owner_id, target_id, domain_id) values "
             "(%s, %s, %s, %s)", mine, toroa_id, gone, tenant)
    site.sql("update identities set deleted = now() where id = %s", gone)
    for table, column in (("list_accounts", "member_id"), ("identity_notes", "target_id"),
                          ("endorsements", "target_id"), ("featured_collection_items", "target_id")):
        assert site.sql(f"select 1 from {table} where {column} = %s", gone) == [], table
    assert site.value("select count(*) from lists where id = %s", made) == 1
    site.sql("delete from lists")
    site.sql("delete from featured_collections")


def test_lookup_finds_whom_we_know(nobody, ruru, weka):
    assert nobody.get("/api/v1/accounts/lookup", acct="ruru")["id"] == ruru.id
    assert nobody.get("/api/v1/accounts/lookup", acct="@RURU@weka.test")["id"] == weka.id
    for acct in ("nobody", "nobody@far.test", "", "a b", "@", "x" * 3000, "ruru@", "\x01"):
        nobody.refused(404, "GET", "/api/v1/accounts/lookup", params={"acct": acct})


def test_search_finds_names_that_begin_so(world, ruru, toroa):
    far = work.remote(world.site, world.peer, "toroatai")
    world.site.sql("update identities set name = 'Karoro 100%% sure' where id = %s", far)
    search = "/api/v1/accounts/search"
    assert accts(ruru.get(search, q="toro")) == ["toroa", f"toroatai@{world.peer.authority}"]
    assert accts(ruru.get(search, q="@toroa@pee")) == [f"toroatai@{world.peer.authority}"]
    assert accts(ruru.get(search, q="karoro 100%")) == [f"toroatai@{world.peer.authority}"]
    assert ruru.get(search, q="%") == [] and ruru.get(search, q="_uru") == []
    assert accts(ruru.get(search, q="toro", limit=1)) == ["toroa"]
    assert accts(ruru.get(search, q="toro", limit=1, offset=1)) == [f"toroatai@{world.peer.authority}"]
    assert ruru.get(search, q="toro", following="true") == []
    ruru.post(f"/api/v1/accounts/{toroa.id}/follow")
    assert accts(ruru.get(search, q="toro", following="true")) == ["toroa"]
    ruru.post(f"/api/v1/accounts/{toroa.id}/unfollow")
    for text in ("", " ", "@", "#tag", "\x01", "x" * 5000, "'; --", "https://", "https://nowhere.test/x"):
        assert ruru.get(search, q=text) == []
    assert ruru.ask("GET", search).json() == []


def test_search_by_address_and_by_asking(world, ruru):
    search = "/api/v1/accounts/search"
    assert accts(ruru.get(search, q=world.toroa.uri)) == ["toroa"]
    actor = world.actor("distant")
    world.site.sql("delete from throttles")
    assert ruru.get(search, q=actor.handle) == []
    assert accts(ruru.get(search, q=actor.id, resolve="true")) == [actor.handle.lstrip("@")]
    assert ruru.get(search, q=f"missing@{world.peer.authority}", resolve="true") == []


def test_the_directory_shows_who_wants_to_be_found(world, nobody, ruru):
    directory = "/api/v1/directory"
    far = work.remote(world.site, world.peer, "found")
    world.site.sql("update identities set last_posted = now() where id = %s", far)
    here = accts(nobody.get(directory, local="true"))
    assert sorted(here) == ["ruru", "toroa"]
    everywhere = accts(nobody.get(directory))
    assert f"found@{world.peer.authority}" in everywhere
    assert accts(nobody.get(directory, order="new"))[0] == f"found@{world.peer.authority}"
    assert accts(nobody.get(directory, order="new", local="true")) == ["toroa", "ruru"]
    assert accts(nobody.get(directory, order="new", local="true", limit=1, offset=1)) == ["ruru"]
    world.site.sql("update identities set discoverable = false where id = %s", int(ruru.id))
    assert accts(nobody.get(directory, local="true")) == ["toroa"]
    world.site.sql("update identities set discoverable = true where id = %s", int(ruru.id))
    assert nobody.get(directory, offset="99999999999999999999", limit="-3", order="'") is not None


def test_identity_proofs_are_none(nobody, ruru):
    assert nobody.get(f"/api/v1/accounts/{ruru.id}/identity_proofs") == []


def test_a_profile_is_edited_as_json_form_and_multipart(world, ruru):
    made = update(ruru, display_name="Ruru\nOwl", note="I hoot\n\nat #night with @toroa", locked=True, bot=True,
                  discoverable=True, indexable=True, hide_collections=True,
                  fields_attributes=[{"name": "Site", "value": "https://ruru.example"}, {"name": "", "value": "x"}],
                  attribution_domains=["Example.com", "example.com", "blog.example.org"],
                  source={"privacy": "unlisted", "sensitive": True, "language": "mi", "quote_policy": "followers"})
    assert made["display_name"] == "Ruru Owl" and made["locked"] and made["bot"] and made["hide_collections"]
    assert made["source"]["note"] == "I hoot\n\nat #night with @toroa"
    assert 'class="mention hashtag"' in made["note"] and made["note"].startswith("<p>I hoot</p>")
    assert [(one["name"], one["value"]) for one in made["source"]["fields"]] == [("Site", "https://ruru.example")]
    assert made["fields"][0]["value"].startswith('<a href="https://ruru.example"')
    assert made["source"]["attribution_domains"] == ["example.com", "blog.example.org"]
    source = made["source"]
    assert (source["privacy"], source["sensitive"], source["language"], source["quote_policy"]) == (
        "unlisted", True, "mi", "followers")
    made = ruru.ask("PATCH", "/api/v1/accounts/update_credentials", data={
        "fields_attributes[0][name]": "a", "fields_attributes[0][value]": "1",
        "fields_attributes[1][name]": "b", "fields_attributes[1][value]": "2", "bot": "false"}).json()
    assert [(one["name"], one["value"]) for one in made["source"]["fields"]] == [("a", "1"), ("b", "2")]
    assert made["display_name"] == "Ruru Owl" and not made["bot"] and made["source"]["privacy"] == "unlisted"
    made = ruru.ask("PATCH", "/api/v1/accounts/update_credentials", files={"display_name": (None, "Owl"),
                                                                           "locked": (None, "0")}).json()
    assert made["display_name"] == "Owl" and not made["locked"]
    made = update(ruru, fields_attributes={"0": {"name": "c", "value": "3"}, "7": {"name": "d", "value": "4"}})
    assert [one["name"] for one in made["fields"]] == ["c", "d"]
    assert update(ruru) == made
    world.settle()
    actor = ruru.client.get(world.ruru.uri.removeprefix("https://kea.test"),
                            headers={"Accept": "application/activity+json"}).json()
    assert actor["attributionDomains"] == ["example.com", "blog.example.org"]
    assert actor["name"] == "Owl" and [one["name"] for one in actor["attachment"]] == ["c", "d"]


@pytest.mark.parametrize("fields", (
    {"display_name": "x" * 61}, {"note": "x" * 1001}, {"avatar_description": "x" * 1501},
    {"fields_attributes": [{"name": str(n), "value": "v"} for n in range(7)]},
    {"fields_attributes": [{"name": "x" * 256, "value": "v"}]},
    {"fields_attributes": [{"name": "n", "value": "x" * 256}]},
    {"attribution_domains": ["a b"]}, {"attribution_domains": [f"d{n}.example" for n in range(11)]},
    {"source": {"privacy": "everybody"}}, {"source": {"language": "no language"}},
    {"source": {"quote_policy": "maybe"}}))
def test_what_no_profile_can_have(ruru, fields):
    before = ruru.get("/api/v1/accounts/verify_credentials")
    ruru.refused(422, "PATCH", "/api/v1/accounts/update_credentials", json=fields)
    assert ruru.get("/api/v1/accounts/verify_credentials") == before


@pytest.mark.parametrize("fields", ({"fields_attributes": "x"}, {"fields_attributes": [[]]}, {"source": []},
                                    {"source": {"privacy": {"a": 1}}}, {"locked": []}, {"note": {"x": ["y"]}},
                                    {"fields_attributes": {"x[y]": {"name": "e"}}}))
def test_odd_shapes_are_no_trouble(ruru, fields):
    assert ruru.ask("PATCH", "/api/v1/accounts/update_credentials", json=fields).status_code in (200, 422)


def test_markup_in_a_profile_is_text(ruru):
    made = update(ruru, display_name="<b>x</b>", note="<script>alert(1)</script> & co",
                  fields_attributes=[{"name": "<i>", "value": "<img src=x onerror=y>"}])
    assert "<script" not in made["note"] and "&lt;script" in made["note"]
    assert "<img" not in made["fields"][0]["value"]
    assert made["display_name"] == "<b>x</b>"  # plain text, which programs escape


def test_the_profile_as_its_owner_typed_it(ruru):
    update(ruru, display_name="Ruru", note="I *hoot*", fields_attributes=[{"name": "a", "value": "https://a.example"}])
    found = ruru.get("/api/v1/profile")
    assert (found["id"], found["note"], found["avatar"]) == (ruru.id, "I *hoot*", None)
    assert [(one["name"], one["value"]) for one in found["fields"]] == [("a", "https://a.example")]
    assert schema_problems("Profile", found) == [] and found["featured_tags"] == []
    changed = ruru.patch("/api/v1/profile", show_media=False, show_featured=False, avatar_description="an owl",
                         attribution_domains=["example.net"])
    assert (changed["show_media"], changed["show_media_replies"], changed["show_featured"]) == (False, True, False)
    assert changed["avatar_description"] == "an owl" and changed["attribution_domains"] == ["example.net"]
    shown = ruru.get(f"/api/v1/accounts/{ruru.id}")
    assert shown["show_media"] is False and shown["avatar_description"] == "an owl"
    assert shown["display_name"] == "Ruru"


def test_a_field_is_verified_by_a_link_back(world, ruru):
    site = world.peer.origin
    world.peer.serve("/mine", f'<html><head><link rel="me" href="{world.ruru.uri}"></head></html>')
    world.peer.serve("/theirs", '<a rel="me" href="https://kea.test/@toroa/">somebody else</a>')
    fields = {"mine": f"{site}/mine", "theirs": f"{site}/theirs", "gone": f"{site}/nothing", "text": "https:// no"}
    update(ruru, fields_attributes=[{"name": name, "value": value} for name, value in fields.items()])
    world.settle()
    shown = ruru.get(f"/api/v1/accounts/{ruru.id}")["fields"]
    assert ' rel="me nofollow' in shown[0]["value"] and "rel=" not in shown[3]["value"]
    page = world.ruru.get("/@ruru/").text
    assert page.count('class="badge verified"') == 1
    found = {one["name"]: one["verified_at"] for one in ruru.get(f"/api/v1/accounts/{ruru.id}")["fields"]}
    assert found["mine"] and not (found["theirs"] or found["gone"] or found["text"])
    asked = len(world.peer.requests(path="/mine"))
    kept = update(ruru, display_name="Still", fields_attributes=[{"name": "home", "value": f"{site}/mine"}])
    assert kept["fields"][0]["verified_at"] == found["mine"]
    world.settle()
    assert len(world.peer.requests(path="/mine")) == asked
    other = update(ruru, fields_attributes=[{"name": "mine", "value": f"{site}/moved"}])
    assert other["fields"][0]["verified_at"] is None
    world.settle()


def test_a_follow_alone_has_fields_verified(world, ruru):
    page = world.peer.origin + "/of-followed"
    star = world.actor("followed", attachment=[{"type": "PropertyValue", "name": "mine",
                                                "value": f'<a href="{page}" rel="me">{page}</a>'}])
    world.peer.serve("/of-followed", f'<a rel="me" href="{star.id}">me</a>')
    world.deliver(star, activity.follow(star, world.ruru.uri))
    assert world.peer.requests(path="/of-followed") == []
    ruru.post(f"/api/v1/accounts/{world.identity(star)['id']}/follow")
    world.settle()
    assert len(world.peer.requests(path="/of-followed")) == 1
    assert "verified" in str(world.identity(star)["fields"])


def test_fields_of_others_are_verified_by_ourselves(world, ruru):
    """Only of somebody whom one of ours looks at or follows, only links that show where they lead, once a week."""
    site = world.peer.origin
    star = world.actor("linked")
    pages = {"mine": f"{site}/of-star", "theirs": f"{site}/of-nobody", "hidden": f"{site}/of-star-too"}
    world.peer.serve("/of-star", f'<a rel="me" href="{star.id}">me</a>')
    world.peer.serve("/of-star-too", f'<a rel="me" href="{star.id}">me</a>')
    world.peer.serve("/of-nobody", "<p>nothing</p>")
    shown = {"mine": pages["mine"], "theirs": pages["theirs"], "hidden": "my page"}
    star.overrides["attachment"] = [{"type": "PropertyValue", "name": name, "verified_at": "2020-01-01T00:00:00Z",
                                     "value": f'<a href="{page}" rel="me">{shown[name]}</a>'}
                                    for name, page in pages.items()]

    def fields():
        account = ruru.get(f"/api/v1/accounts/{world.identity(star.id)['id']}")
        return {one["name"]: one["verified_at"] for one in account["fields"]}

    found = ruru.get("/api/v2/search", q=star.handle, resolve="true")["accounts"]
    assert [one["verified_at"] for one in found[0]["fields"]] == [None, None, None]
    fields()
    world.settle()
    verified = fields()
    assert verified["mine"] and verified["theirs"] is None and verified["hidden"] is None
    world.settle()
    assert len(world.peer.requests(path="/of-nobody")) == 1 and world.peer.requests(path="/of-star-too") == []
    # What is told anew stays verified while it is the same.
    star.overrides["summary"] = "changed"
    world.deliver(star, activity.update(star, star.document()))
    assert world.identity(star.id)["summary"] and fields() == verified
    star.overrides["attachment"][0]["value"] = f'<a href="{site}/moved">{site}/moved</a>'
    world.deliver(star, activity.update(star, star.document()))
    assert fields()["mine"] is None


def test_pages_and_programs_edit_the_same_profile(world, ruru):
    update(ruru, note="hello @ruru@weka.test", show_featured=False)
    page = world.ruru.enter().get("/settings/profile/").text
    assert "hello @ruru@weka.test" in page
    world.ruru.do("/settings/profile/", name="From a page", bio="hi", discoverable="on")
    made = ruru.get("/api/v1/accounts/verify_credentials")
    assert (made["display_name"], made["source"]["note"], made["show_featured"]) == ("From a page", "hi", False)
    made = update(ruru, note="hello @ruru@weka.test")
    assert made["source"]["note"] == "hello @ruru@weka.test"


def png(width, height):
    """A picture in one colour."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\x30\x90\x60" * width) * height)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


def test_pictures_are_set_and_taken_away(world, ruru):
    path = "/api/v1/accounts/update_credentials"
    made = ruru.ask("PATCH", path, files={"avatar": ("me.png", png(600, 500), "image/png"),
                                          "header": ("sky.png", png(1600, 500), "image/png"),
                                          "display_name": (None, "Pictured"),
                                          "avatar_description": (None, "green")})
    assert made.status_code == 200, made.text
    made = made.json()
    assert (made["display_name"], made["avatar_description"]) == ("Pictured", "green")
    for picture in ("avatar", "avatar_static", "header", "header_static"):
        assert "/static/" not in made[picture]
        answer = ruru.client.get(made[picture].removeprefix("https://kea.test"))
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("image/"), picture
    profile = ruru.get("/api/v1/profile")
    assert (profile["avatar"], profile["header"]) == (made["avatar"], made["header"])
    world.settle()
    actor = ruru.client.get(world.ruru.uri.removeprefix("https://kea.test"),
                            headers={"Accept": "application/activity+json"}).json()
    assert actor["icon"]["url"] == made["avatar"]
    for wrong in (b"no picture", b"\x89PNG\r\n\x1a\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>"):
        ruru.refused(422, "PATCH", path, files={"avatar": ("x.png", wrong, "image/png")})
    assert ruru.get("/api/v1/profile")["avatar"] == made["avatar"]
    kept = ruru.ask("PATCH", path, files={"avatar": ("", b"", "application/octet-stream")}).json()
    assert kept["avatar"] == made["avatar"]
    bare = ruru.delete("/api/v1/profile/avatar")
    assert "/static/avatar.png" in bare["avatar"] and bare["avatar_description"] == ""
    assert bare["header"] == made["header"]
    assert "/static/header.png" in ruru.delete("/api/v1/profile/header")["header"]
    assert ruru.delete("/api/v1/profile/header")["display_name"] == "Pictured"


def test_preferences_are_what_new_posts_will_be(ruru, toroa):
    update(ruru, source={"privacy": "private", "sensitive": "true", "language": "en"})
    found = ruru.get("/api/v1/preferences")
    assert (found["posting:default:visibility"], found["posting:default:sensitive"],
            found["posting:default:language"]) == ("private", True, "en")
    assert schema_problems("Preferences", found) == []
    other = toroa.get("/api/v1/preferences")
    assert (other["posting:default:visibility"], other["posting:default:language"]) == ("public", None)
    update(ruru, source={"privacy": "public", "sensitive": False, "language": ""})
    assert ruru.get("/api/v1/preferences")["posting:default:language"] is None


SCOPES = (
    ("GET", "/api/v1/accounts/verify_credentials", ("read", "read:accounts", "profile"), ("write", "read:statuses")),
    ("PATCH", "/api/v1/accounts/update_credentials", ("write", "write:accounts"), ("read", "write:statuses")),
    ("GET", "/api/v1/profile", ("profile", "read:accounts"), ("write",)),
    ("PATCH", "/api/v1/profile", ("write:accounts",), ("profile", "read")),
    ("DELETE", "/api/v1/profile/avatar", ("write:accounts",), ("profile", "read")),
    ("DELETE", "/api/v1/profile/header", ("write",), ("profile", "read")),
    ("GET", "/api/v1/accounts/search?q=x", ("read", "read:accounts"), ("read:search", "follow")),
    ("GET", "/api/v1/preferences", ("read", "read:accounts"), ("write", "read:statuses")),
)


@pytest.mark.parametrize("method, path, enough, little", SCOPES, ids=[f"{one[0]} {one[1]}" for one in SCOPES])
def test_scopes(world, nobody, method, path, enough, little):
    for scope in enough:
        assert Api(world.site, "ruru@kea.test", [scope]).ask(method, path).status_code == 200, scope
    for scope in little:
        Api(world.site, "ruru@kea.test", [scope]).refused(403, method, path)
    nobody.refused(401, method, path)


def test_public_routes_want_a_good_token_or_none(world, nobody, ruru):
    for path in (f"/api/v1/accounts/{ruru.id}", "/api/v1/accounts/lookup?acct=ruru", "/api/v1/directory",
                 f"/api/v1/accounts/{ruru.id}/followers", f"/api/v1/accounts/{ruru.id}/featured_tags"):
        assert nobody.ask("GET", path).status_code == 200
        Api(world.site, "ruru@kea.test", ["write"]).refused(403, "GET", path)
        Api(world.site, "kea.test", token="nonsense").refused(401, "GET", path)


def statements(site):
    text = site.admin().get("/metrics").text
    return int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1))


def test_statements_do_not_grow_with_the_page(world, ruru, toroa):
    for n in range(12):
        far = work.remote(world.site, world.peer, f"crowd{n}")
        work.follow(world.site, far, "toroa@kea.test")
        world.site.sql("insert into blocks (source_id, target_id, domain_id, uri, kind, state) select %s, %s, "
                       "domain_id, 'https://b/' || %s::text, 'mute', 'sent' from identities where id = %s",
                       int(ruru.id), far, far, int(ruru.id))
        world.site.sql("insert into endorsements (domain_id, identity_id, target_id) select domain_id, id, %s "
                       "from identities where id = %s", far, int(toroa.id))
    for api, path in ((toroa, f"/api/v1/accounts/{toroa.id}/followers"), (ruru, "/api/v1/mutes"),
                      (toroa, f"/api/v1/accounts/{toroa.id}/endorsements"), (ruru, "/api/v1/directory"),
                      (ruru, "/api/v1/accounts/search?q=crowd"), (toroa, "/api/v1/suggestions")):
        found = {}
        for limit in (2, 10):
            page = path + ("&" if "?" in path else "?") + f"limit={limit}"
            api.get(page)  # the first prepares
            before = statements(world.site)
            assert len(api.get(page)) >= (limit if api is toroa and "accounts" in path else 0)
            found[limit] = statements(world.site) - before
        assert found[2] == found[10] and found[2] <= 8, (path, found)

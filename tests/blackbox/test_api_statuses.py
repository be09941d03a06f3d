# SPDX-License-Identifier: AGPL-3.0-or-later
"""Statuses in the client API: written, shown, changed, deleted, and what people do to them."""

import pytest

from harness import activity
from harness.api import Api
from harness.world import KEA, world_of


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(scope="module")
def ruru(world):
    return Api(world.site, "ruru@kea.test")


@pytest.fixture(scope="module")
def toroa(world):
    return Api(world.site, "toroa@kea.test")


@pytest.fixture(scope="module")
def stranger(world):
    """Somebody of another tenant."""
    return Api(world.site, "ruru@weka.test")


@pytest.fixture(scope="module")
def nobody(world):
    return Api(world.site, "kea.test")


def write(api, text="hello", **fields):
    return api.post("/api/v1/statuses", status=text, **fields)


def test_a_status_is_written_and_shown(world, ruru, nobody, stranger):
    made = write(ruru, "Hello @toroa, see https://example.org/ #Kea", spoiler_text="greeting", language="en")
    assert made["spoiler_text"] == "greeting" and made["sensitive"] is True and made["language"] == "en"
    assert made["visibility"] == "public" and made["application"] == {"name": "Test", "website": None}
    assert [one["acct"] for one in made["mentions"]] == ["toroa"] and made["tags"][0]["name"] == "kea"
    assert made["favourited"] is False and made["pinned"] is False and made["filtered"] == []
    shown = nobody.get(f"/api/v1/statuses/{made['id']}")
    assert shown["content"] == made["content"] and "favourited" not in shown
    assert stranger.get(f"/api/v1/statuses/{made['id']}")["application"] is None
    world.settle()
    assert ("mention", "ruru") in world.toroa.told("mention")


@pytest.mark.parametrize("said, ours, answered", [
    ("public", "public", "public"), ("unlisted", "unlisted", "unlisted"), ("private", "followers", "private"),
    ("direct", "mentioned", "direct"), ("local", "local", "private")])
def test_visibilities(world, ruru, toroa, nobody, stranger, said, ours, answered):
    made = write(ruru, "for some", visibility=said)
    assert made["visibility"] == answered
    assert world.site.value("select visibility from posts where id = %s", int(made["id"])) == ours
    open_to_all = said in ("public", "unlisted")
    for reader in (nobody, stranger):
        status = reader.ask("GET", f"/api/v1/statuses/{made['id']}").status_code
        assert status == (200 if open_to_all else 404)
    neighbour = toroa.ask("GET", f"/api/v1/statuses/{made['id']}").status_code
    assert neighbour == (200 if open_to_all or said == "local" else 404)


def test_local_only_is_a_flag_too(ruru, stranger):
    made = write(ruru, "among us", local_only=True)
    assert made["local_only"] is True
    stranger.refused(404, "GET", f"/api/v1/statuses/{made['id']}")


def test_forms_and_multipart_are_read_like_json(ruru):
    for how in ({"data": {"status": "as form", "sensitive": "true"}}, {"files": {"status": (None, "as multipart")}}):
        assert ruru.client.post("/api/v1/statuses", **how).status_code == 200


@pytest.mark.parametrize("fields, status", [
    ({"status": ""}, 422), ({}, 422), ({"status": "  "}, 422), ({"status": "x" * 5001}, 422),
    ({"status": "x", "visibility": "nonsense"}, 422), ({"status": "x", "media_ids": ["1", "2"]}, 422),
    ({"status": "x", "in_reply_to_id": "1"}, 404), ({"status": "x", "in_reply_to_id": "nonsense"}, 404),
    ({"status": "x", "quoted_status_id": "1"}, 404), ({"status": "x", "quote_approval_policy": "friends"}, 422),
    ({"status": "x", "scheduled_at": "tomorrow"}, 422), ({"status": ["a", "b"]}, 422),
    ({"status": {"a": {"b": 1}}}, 422), ({"status": "x", "poll": {"options": ["one"]}}, 422)])
def test_what_cannot_be_written_says_why(ruru, fields, status):
    ruru.refused(status, "POST", "/api/v1/statuses", json=fields)


def test_addresses_count_as_23_characters(ruru):
    write(ruru, "https://example.org/" + "a" * 6000)
    write(ruru, "x" * 4976 + " https://example.org/" + "a" * 100)
    ruru.refused(422, "POST", "/api/v1/statuses", json={"status": "x" * 4977 + " https://example.org/" + "a" * 100})


def test_an_unknown_language_counts_as_not_said(ruru):
    assert write(ruru, "x", language="nonsense")["language"] is None
    assert write(ruru, "x", language="pt-BR")["language"] == "pt-BR"


def test_a_request_that_comes_twice_gives_one_status(world, ruru, toroa):
    headers = {"Idempotency-Key": "one and the same"}
    first, second = (ruru.ask("POST", "/api/v1/statuses", json={"status": "once"}, headers=headers).json()["id"]
                     for _ in range(2))
    assert first == second
    other = toroa.ask("POST", "/api/v1/statuses", json={"status": "once"}, headers=headers).json()["id"]
    assert other != first
    world.site.sql("update idempotency_keys set created = now() - interval '2 hours'")
    assert ruru.ask("POST", "/api/v1/statuses", json={"status": "once"}, headers=headers).json()["id"] != first


def test_a_thread_is_shown_from_both_ends(ruru, toroa, nobody):
    top = write(ruru, "top")
    middle = write(toroa, "@ruru middle", in_reply_to_id=top["id"])
    last = write(ruru, "last", in_reply_to_id=middle["id"])
    assert middle["in_reply_to_id"] == top["id"] and middle["in_reply_to_account_id"] == ruru.id
    context = nobody.get(f"/api/v1/statuses/{middle['id']}/context")
    assert [one["id"] for one in context["ancestors"]] == [top["id"]]
    assert [one["id"] for one in context["descendants"]] == [last["id"]]


def test_several_are_asked_for_at_once(ruru, nobody):
    made = [write(ruru, f"number {n}")["id"] for n in range(3)]
    hidden = write(ruru, "hidden", visibility="direct")["id"]
    answer = nobody.ask("GET", "/api/v1/statuses", params=[("id[]", one) for one in [*made, hidden, "nonsense"]])
    assert sorted(one["id"] for one in answer.json()) == sorted(made)


def test_an_edit_keeps_what_was_before(world, ruru, nobody):
    made = write(ruru, "first", spoiler_text="old")
    changed = ruru.put(f"/api/v1/statuses/{made['id']}", status="second", spoiler_text="new")
    assert changed["edited_at"] and changed["content"] == "<p>second</p>" and changed["spoiler_text"] == "new"
    ruru.put(f"/api/v1/statuses/{made['id']}", status="third")
    history = nobody.get(f"/api/v1/statuses/{made['id']}/history")
    assert [(one["content"], one["spoiler_text"]) for one in history] == [
        ("<p>first</p>", "old"), ("<p>second</p>", "new"), ("<p>third</p>", "")]
    assert history[0]["created_at"] == made["created_at"] and history[1]["created_at"] == changed["edited_at"]
    source = ruru.get(f"/api/v1/statuses/{made['id']}/source")
    assert source == {"id": made["id"], "text": "third", "spoiler_text": ""}


def test_who_boosted_or_quoted_hears_of_an_edit(world, ruru, toroa, stranger):
    made = write(ruru, "before")
    toroa.post(f"/api/v1/statuses/{made['id']}/reblog")
    write(stranger, "see", quoted_status_id=made["id"])
    world.settle()
    ruru.put(f"/api/v1/statuses/{made['id']}/interaction_policy", quote_approval_policy="followers")
    world.settle()
    assert world.toroa.told("edit") == []
    ruru.put(f"/api/v1/statuses/{made['id']}", status="after")
    world.settle()
    assert world.toroa.told("edit") == [("edit", "ruru")]
    assert world.weka_ruru.told("quoted_edit") == [("quoted_edit", "ruru")]


def test_a_status_is_deleted_and_gives_its_text_back(world, ruru, nobody, toroa):
    made = write(ruru, "to be *written* anew", spoiler_text="w")
    toroa.refused(404, "DELETE", f"/api/v1/statuses/{made['id']}")
    toroa.refused(404, "PUT", f"/api/v1/statuses/{made['id']}", json={"status": "mine"})
    gone = ruru.delete(f"/api/v1/statuses/{made['id']}")
    assert gone["text"] == "to be *written* anew" and gone["spoiler_text"] == "w"
    nobody.refused(404, "GET", f"/api/v1/statuses/{made['id']}")
    ruru.refused(404, "DELETE", f"/api/v1/statuses/{made['id']}")


def test_nothing_of_a_deleted_status_is_left(world, ruru):
    made = write(ruru, "a first word", poll={"options": ["a", "b"], "expires_in": 600})
    ruru.put(f"/api/v1/statuses/{made['id']}", status="a second word", poll={"options": ["a", "c"], "expires_in": 600})
    ruru.delete(f"/api/v1/statuses/{made['id']}")
    for table, key in (("post_edits", "post_id"), ("polls", "id")):
        assert world.site.sql(f"select 1 from {table} where {key} = %s", int(made["id"])) == [], table
    assert world.site.value("select content || source from posts where id = %s", int(made["id"])) == ""


def test_favourites(world, ruru, toroa, nobody):
    made = write(ruru, "like me")
    assert toroa.post(f"/api/v1/statuses/{made['id']}/favourite")["favourites_count"] == 1
    again = toroa.post(f"/api/v1/statuses/{made['id']}/favourite")
    assert again["favourited"] is True and again["favourites_count"] == 1
    assert [one["acct"] for one in nobody.get(f"/api/v1/statuses/{made['id']}/favourited_by")] == ["toroa"]
    world.settle()
    assert ("like", "toroa") in world.ruru.told("like")
    undone = toroa.post(f"/api/v1/statuses/{made['id']}/unfavourite")
    assert undone["favourited"] is False and undone["favourites_count"] == 0
    assert nobody.get(f"/api/v1/statuses/{made['id']}/favourited_by") == []


def test_reblogs(world, ruru, toroa, nobody, stranger):
    made = write(ruru, "boost me")
    boost = toroa.post(f"/api/v1/statuses/{made['id']}/reblog", visibility="unlisted")
    assert boost["reblog"]["id"] == made["id"] and boost["id"] != made["id"]
    assert boost["account"]["acct"] == "toroa" and boost["reblog"]["reblogs_count"] == 1
    shown = nobody.get(f"/api/v1/statuses/{boost['id']}")
    assert shown["reblog"]["id"] == made["id"] and shown["account"]["acct"] == "toroa"
    # A boost's id means its post where something is done to it.
    assert ruru.post(f"/api/v1/statuses/{boost['id']}/favourite")["id"] == made["id"]
    assert [one["acct"] for one in nobody.get(f"/api/v1/statuses/{made['id']}/reblogged_by")] == ["toroa"]
    undone = toroa.post(f"/api/v1/statuses/{made['id']}/unreblog")
    assert undone["id"] == made["id"] and undone["reblogged"] is False and undone["reblogs_count"] == 0
    nobody.refused(404, "GET", f"/api/v1/statuses/{boost['id']}")
    again = toroa.post(f"/api/v1/statuses/{made['id']}/reblog")
    assert toroa.delete(f"/api/v1/statuses/{again['id']}")["reblog"]["id"] == made["id"]
    private = write(ruru, "not for others", visibility="private")
    assert ruru.post(f"/api/v1/statuses/{private['id']}/reblog")["visibility"] == "private"
    stranger.refused(404, "POST", f"/api/v1/statuses/{private['id']}/reblog")
    ruru.refused(422, "POST", f"/api/v1/statuses/{made['id']}/reblog", json={"visibility": "direct"})


def test_who_did_it_is_paged(world, ruru, toroa):
    made = write(ruru, "popular")
    for api in (ruru, toroa):
        api.post(f"/api/v1/statuses/{made['id']}/favourite")
    first = ruru.ask("GET", f"/api/v1/statuses/{made['id']}/favourited_by?limit=1")
    assert [one["acct"] for one in first.json()] == ["toroa"]
    second = ruru.ask("GET", first.links["next"]["url"])
    assert [one["acct"] for one in second.json()] == ["ruru"]


def test_bookmarks_are_between_oneself_and_the_server(world, ruru, toroa):
    made = write(ruru, "keep me")
    assert toroa.post(f"/api/v1/statuses/{made['id']}/bookmark")["bookmarked"] is True
    assert toroa.post(f"/api/v1/statuses/{made['id']}/bookmark")["bookmarked"] is True
    assert ruru.get(f"/api/v1/statuses/{made['id']}")["bookmarked"] is False
    assert toroa.post(f"/api/v1/statuses/{made['id']}/unbookmark")["bookmarked"] is False


def test_a_muted_thread_is_silent(world, ruru, toroa):
    top = write(ruru, "a long thread")
    reply = write(toroa, "@ruru first", in_reply_to_id=top["id"])
    world.settle()
    told = len(world.ruru.told())
    assert ruru.post(f"/api/v1/statuses/{reply['id']}/mute")["muted"] is True
    assert ruru.get(f"/api/v1/statuses/{top['id']}")["muted"] is True
    write(toroa, "@ruru second", in_reply_to_id=reply["id"])
    toroa.post(f"/api/v1/statuses/{top['id']}/favourite")
    world.settle()
    assert len(world.ruru.told()) == told
    assert ruru.post(f"/api/v1/statuses/{top['id']}/unmute")["muted"] is False
    write(toroa, "@ruru third", in_reply_to_id=reply["id"])
    world.settle()
    assert len(world.ruru.told()) == told + 1


def test_five_own_posts_are_pinned(world, ruru, toroa):
    made = [write(ruru, f"pin {n}")["id"] for n in range(6)]
    for one in made[:5]:
        assert ruru.post(f"/api/v1/statuses/{one}/pin")["pinned"] is True
    ruru.refused(422, "POST", f"/api/v1/statuses/{made[5]}/pin")
    toroa.refused(422, "POST", f"/api/v1/statuses/{made[0]}/pin")
    for one in made[:5]:
        assert ruru.post(f"/api/v1/statuses/{one}/unpin")["pinned"] is False
    direct = write(ruru, "not this", visibility="direct")["id"]
    ruru.refused(422, "POST", f"/api/v1/statuses/{direct}/pin")
    # One that is deleted leaves its place to another.
    for one in made[:5]:
        ruru.post(f"/api/v1/statuses/{one}/pin")
        ruru.delete(f"/api/v1/statuses/{one}")
    ruru.post(f"/api/v1/statuses/{made[5]}/pin")
    ruru.post(f"/api/v1/statuses/{made[5]}/unpin")


def test_nobody_translates(ruru):
    made = write(ruru, "kia ora")
    ruru.refused(503, "POST", f"/api/v1/statuses/{made['id']}/translate", json={"lang": "en"})


def test_reactions_are_counted_apart_from_favourites(world, ruru, nobody):
    post = world.ruru.write("react to me")
    uri = post["object_uri"]
    ana, ben, cleo = (world.actor(name) for name in ("ana", "ben", "cleo"))
    picture = {"type": "Emoji", "name": ":parrot:", "id": "https://peer1.test/e/1",
               "icon": {"type": "Image", "url": "https://peer1.test/parrot.png", "mediaType": "image/png"}}
    fire = world.deliver(ana, activity.like(ana, uri, content="\U0001f525"))
    world.deliver(ben, {**activity.like(ben, uri, content="\U0001f525"), "type": "EmojiReact"})
    world.deliver(cleo, {**activity.like(cleo, uri, content=":parrot:", tag=[picture]), "type": "EmojiReact"})
    world.deliver(cleo, activity.like(cleo, uri, content="\u2764"))
    shown = nobody.get(f"/api/v1/statuses/{post['id']}")
    assert shown["favourites_count"] == 1
    assert [(one["name"], one["count"]) for one in shown["reactions"]] == [("\U0001f525", 2), ("parrot", 1)]
    assert shown["reactions"][0]["url"] is None and shown["reactions"][1]["url"].startswith("https://kea.test/")
    world.deliver(ana, activity.undo(ana, fire))
    assert nobody.get(f"/api/v1/statuses/{post['id']}")["reactions"][0]["count"] == 1


def test_people_here_react_too(world, ruru, toroa, stranger, nobody):
    star = world.followed(world.ruru)
    note = activity.note(star, "<p>react</p>")
    world.deliver(star, activity.create(star, note))
    post_id = world.post(note)["id"]
    fire, sheep = "\U0001f525", "\U0001f411"
    shown = ruru.post(f"/api/v1/statuses/{post_id}/react/{fire}")
    assert [(one["name"], one["count"], one["me"]) for one in shown["reactions"]] == [(fire, 1, True)]
    assert stranger.put(f"/api/v1/pleroma/statuses/{post_id}/reactions/{fire}")["reactions"][0]["count"] == 2
    ruru.post(f"/api/v1/statuses/{post_id}/react/{fire}")
    ruru.put(f"/api/v1/pleroma/statuses/{post_id}/reactions/{sheep}")
    world.settle()
    sent = world.arrived("EmojiReact", star.inbox) + world.arrived("EmojiReact", star.shared_inbox)
    assert sorted((one["actor"], one["content"], one["object"]) for one in sent) == sorted([
        (world.ruru.uri, fire, note["id"]), (world.ruru.uri, sheep, note["id"]),
        (world.weka_ruru.uri, fire, note["id"])])
    listed = ruru.get(f"/api/v1/pleroma/statuses/{post_id}/reactions")
    assert [(one["name"], one["count"]) for one in listed] == [(fire, 2), (sheep, 1)]
    assert [one["acct"] for one in listed[0]["accounts"]] == ["ruru"]  # of the other tenant only the number is known
    left = ruru.delete(f"/api/v1/pleroma/statuses/{post_id}/reactions/{fire}")
    assert [(one["name"], one["count"], one["me"]) for one in left["reactions"]] == [(fire, 1, False), (sheep, 1, True)]
    assert ruru.post(f"/api/v1/statuses/{post_id}/unreact/{sheep}")["reactions"][0]["name"] == fire
    world.settle()
    undone = [one["object"] for one in world.arrived("Undo") if one["object"]["type"] == "EmojiReact"]
    assert {one["content"] for one in undone} == {fire, sheep}
    for wrong in ("x", "hello", ":nothing:", "%00", "a" * 300, "1"):
        assert ruru.ask("POST", f"/api/v1/statuses/{post_id}/react/{wrong}").status_code == 422
    nobody.refused(401, "POST", f"/api/v1/statuses/{post_id}/react/{fire}")
    narrow = Api(world.site, "ruru@kea.test", ["read"])
    narrow.refused(403, "PUT", f"/api/v1/pleroma/statuses/{post_id}/reactions/{fire}")
    private = write(toroa, "mine", visibility="direct")["id"]
    ruru.refused(404, "POST", f"/api/v1/statuses/{private}/react/{fire}")


def test_versions_of_remote_posts_are_kept(world, ruru):
    star = world.followed(world.ruru)
    note = activity.note(star, "<p>first</p>")
    world.deliver(star, activity.create(star, note))
    world.deliver(star, activity.update(star, {**note, "content": "<p>second</p>", "updated": activity.now()}))
    post = world.post(note)
    history = ruru.get(f"/api/v1/statuses/{post['id']}/history")
    assert [one["content"] for one in history] == ["<p>first</p>", "<p>second</p>"]
    assert ruru.get(f"/api/v1/statuses/{post['id']}/source")["text"] == "second"


def test_edits_and_pins_are_told_to_followers(world, ruru):
    fan = world.follower(world.ruru)
    made = write(ruru, "seen first")
    world.settle()
    ruru.put(f"/api/v1/statuses/{made['id']}", status="seen second")
    ruru.post(f"/api/v1/statuses/{made['id']}/pin")
    world.settle()
    updates = [one["object"] for one in world.arrived("Update") if one["object"].get("id") == made["uri"]]
    assert updates[-1]["content"] == "<p>seen second</p>" and updates[-1]["updated"]
    assert [one["object"] for one in world.arrived("Add")] == [made["uri"]]
    ruru.post(f"/api/v1/statuses/{made['id']}/unpin")
    world.settle()
    assert [one["object"] for one in world.arrived("Remove")] == [made["uri"]]
    assert fan


ROUTES = [("GET", "", "read:statuses", True), ("PUT", "", "write:statuses", False),
          ("DELETE", "", "write:statuses", False), ("GET", "/context", "read:statuses", True),
          ("GET", "/history", "read:statuses", True), ("GET", "/source", "read:statuses", False),
          ("POST", "/translate", "read:statuses", True), ("GET", "/reblogged_by", "read:accounts", True),
          ("GET", "/favourited_by", "read:accounts", True), ("GET", "/quotes", "read:statuses", True),
          ("PUT", "/interaction_policy", "write:statuses", False),
          ("POST", "/favourite", "write:favourites", False), ("POST", "/unfavourite", "write:favourites", False),
          ("POST", "/reblog", "write:statuses", False), ("POST", "/unreblog", "write:statuses", False),
          ("POST", "/bookmark", "write:bookmarks", False), ("POST", "/unbookmark", "write:bookmarks", False),
          ("POST", "/mute", "write:mutes", False), ("POST", "/unmute", "write:mutes", False),
          ("POST", "/pin", "write:accounts", False), ("POST", "/unpin", "write:accounts", False)]


@pytest.mark.parametrize("method, path, scope, is_open", ROUTES)
def test_tokens_scopes_and_nonsense(world, ruru, nobody, method, path, scope, is_open):
    for asked in ("0", "1", "-1", "99999999999999999999", "nonsense", "%00", "%F0%9F%94%A5"):
        assert ruru.ask(method, f"/api/v1/statuses/{asked}{path}", json={"status": "x"}).status_code in (404, 422)
    private = write(ruru, "mine", visibility="private")["id"]
    narrow = Api(world.site, "ruru@kea.test", ["read:lists"])
    narrow.refused(403, method, f"/api/v1/statuses/{private}{path}", json={})
    nobody.refused(404 if is_open else 401, method, f"/api/v1/statuses/{private}{path}", json={})
    wrong = Api(world.site, "kea.test", token="nonsense")
    wrong.refused(401, method, f"/api/v1/statuses/{private}{path}", json={})
    fitting = Api(world.site, "ruru@weka.test", [scope])
    fitting.refused(404, method, f"/api/v1/statuses/{private}{path}", json={"status": "x"})


def test_a_page_takes_as_many_statements_whatever_is_on_it(world, ruru):
    def statements(ask):
        before = world.site.admin().get("/metrics").text
        ask()
        after = world.site.admin().get("/metrics").text
        return _counter(after) - _counter(before)

    for n in range(12):
        write(ruru, f"line {n} #tag{n}")
    world.settle()
    few = statements(lambda: ruru.client.get("/api/v1/timelines/home?limit=2"))
    many = statements(lambda: ruru.client.get("/api/v1/timelines/home?limit=12"))
    assert few == many


def _counter(text):
    [line] = [one for one in text.splitlines() if one.startswith("rookery_statements_total")]
    return int(float(line.split()[-1]))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""One test for each defect of the predecessor that what we have could have as well, by the numbers of
their list. What cannot be here yet comes with its surface: D3 (announcements), D8 (OAuth), D11 (media
proxy), D30 (push), D31 (private domains), D34 (uploads) and D35 (reports by local users); of D14, D15
and D29 the parts about media, password resets and the client API."""

import json
import re

import pytest

from harness import activity, signature
from harness.activity import PUBLIC
from harness.peer import ACTIVITY, Peer
from harness.wait import wait_for
from harness.world import KEA, WEKA, world_of

AP = {"Accept": ACTIVITY}


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture
def locked(world):
    """toroa decides about followers for the length of a test."""
    world.site.sql("update identities set locked = true where id = %s", world.toroa.id)
    yield world.toroa
    world.site.sql("update identities set locked = false where id = %s", world.toroa.id)


def test_d01_unsigned_activities_change_nothing(world):
    ana = world.actor()
    ours = world.ruru.write("stays")
    for thing in (activity.follow(ana, world.ruru.uri), activity.delete(world.ruru.uri, ours["object_uri"]),
                  activity.update(world.ruru.uri, {"id": world.ruru.uri, "type": "Person", "name": "owned"}),
                  activity.create(world.ruru.uri, activity.note(world.ruru.uri, "forged"))):
        answer = world.site.request("POST", KEA, content=json.dumps(thing), headers={"Content-Type": ACTIVITY})
        assert answer.status_code == 401 and answer.json()["error"]
        assert ana.send(world.site, KEA, {**thing, "actor": world.ruru.uri}).status_code in (400, 401)
    world.settle()
    assert world.follow_state(ana, world.ruru.uri) is None
    assert world.post(ours["object_uri"])["state"] == "fanned_out" and world.identity(world.ruru.uri)["name"] == ""
    assert world.site.sql("select 1 from posts where content like '%%forged%%'") == []


def test_d02_nobody_edits_somebody_else(world):
    post = world.ruru.write("mine")
    before = world.identity(world.ruru.uri)
    for fields in ({}, {"id": str(world.ruru.id)}, {"identity": world.ruru.handle}, {"handle": "ruru"}):
        world.toroa.submit("/settings/profile/", name="owned", bio="owned", **fields)
    assert world.identity(world.ruru.uri)["name"] == before["name"]
    assert world.toroa.submit("/compose/", text="owned", edits=str(post["id"])).status_code == 403
    assert world.toroa.submit(f"/@ruru/posts/{post['id']}/delete/").status_code == 403
    row = world.post(post["object_uri"])
    assert "mine" in row["content"] and row["deleted"] is None


@pytest.mark.parametrize("visibility", ["followers", "mentioned", "local", "unlisted"])
def test_d04_an_edit_makes_no_post_wider(world, visibility):
    post = world.ruru.write("for few", visibility)
    world.ruru.edit(post, "for few still", visibility="public")
    world.settle()
    row = world.post(post["object_uri"])
    assert "still" in row["content"] and row["visibility"] == visibility


def test_d05_a_private_ancestor_is_not_on_the_page_of_a_public_reply(world):
    secret = world.ruru.write("the secret part", "followers")
    reply = world.ruru.write("the open part", "public", in_reply_to=str(secret["id"]))
    fan = world.follower(world.ruru)
    remote = activity.note(fan, "a far part", inReplyTo=secret["object_uri"])
    world.deliver(fan, activity.create(fan, remote))
    path = f"/@{fan.handle}/posts/{world.post(remote)['id']}/"
    for answer in (world.site.get(reply["url"]), world.site.get(reply["object_uri"], headers=AP),
                   world.toroa.enter().get(f"/@ruru/posts/{reply['id']}/"), world.toroa.get(path),
                   world.weka_ruru.enter().get(path)):
        assert answer.status_code == 200 and "secret part" not in answer.text
    assert "secret part" in world.ruru.get(f"/@ruru/posts/{reply['id']}/").text
    assert world.site.get(f"{secret['object_uri']}replies/", headers=AP).status_code == 404


def test_d06_who_waits_for_approval_reads_and_gets_nothing(world, peers, locked):
    ana = world.actor(peer=peers("peer2.test", tls=True))
    world.deliver(ana, activity.follow(ana, locked.uri))
    world.weka_ruru.about(locked.handle, "follow")
    world.settle()
    post = locked.write("for followers", "followers")
    world.settle()
    assert world.arrived(peer=ana.peer) == [] and post["id"] not in world.weka_ruru.home()
    assert ana.fetch(world.site, post["object_uri"]).status_code == 404
    assert world.weka_ruru.get(f"/@toroa@kea.test/posts/{post['id']}/").status_code == 404
    locked.about("ruru@weka.test", "reject")
    world.settle()


def test_d07_a_hashtag_shows_nothing_private(world):
    for visibility in ("followers", "mentioned", "local", "unlisted"):
        world.ruru.write(f"#quiet words for {visibility}", visibility)
    world.ruru.write("#quiet words for all")
    world.settle()
    for page in (world.site.get("https://kea.test/tags/quiet/"), world.toroa.enter().get("/tags/quiet/"),
                 world.weka_ruru.enter().get("/tags/quiet/")):
        assert "words for all" in page.text
        for visibility in ("followers", "mentioned", "local"):
            assert f"words for {visibility}" not in page.text


def test_d09_a_banned_login_is_out_at_once(world):
    site = world.site
    site.rookery("user", "add", "keruru@example.org", "--password-stdin", stdin="correct horse battery staple\n")
    site.rookery("identity", "add", "keruru@kea.test", "--user", "keruru@example.org")
    keruru = type(world.ruru)(site, "keruru")
    assert keruru.enter().get("/home/").status_code == 200
    site.rookery("user", "ban", "keruru@example.org")
    assert keruru.get("/home/").status_code == 303
    assert keruru.submit("/compose/", text="still here", visibility="public").status_code in (303, 401)
    assert site.sql("select 1 from posts where author_id = %s", keruru.id) == []
    again = site.client("kea.test").post("/auth/login/", data={"email": keruru.email,
                                                               "password": "correct horse battery staple"})
    assert again.status_code != 303


@pytest.mark.parametrize("link", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\nscript:alert(1)",
                                  "&#106;avascript:x", "data:text/html,x", "vbscript:x", " javascript:x",
                                  "//evil.test/x", None])
def test_d10_no_strange_link_passes(world, link):
    star = world.followed(world.ruru)
    href = f' href="{link}"' if link is not None else ""
    note = activity.note(star, f"<p><a{href} onclick=\"x()\">click</a><img src=x onerror=y><svg onload=z></p>")
    world.deliver(star, activity.create(star, note))
    post = world.post(note)
    page = world.ruru.get(f"/@{star.handle}/posts/{post['id']}/")
    assert page.status_code == 200 and "click" in post["content"]
    for word in ("javascript:", "onclick", "onerror", "onload", "vbscript", "data:", "href=\"//"):
        assert word not in post["content"].lower().replace("\n", "")


def test_d12_an_object_needs_the_type_of_an_object(world):
    star = world.followed(world.ruru)
    for kind in ("text/html", "application/json", "image/png", "text/plain"):
        note = world.peer.publish(activity.note(star, "an upload"), kind)
        world.deliver(star, activity.announce(star, note))
        assert world.post(note) is None


def test_d13_an_update_needs_the_stored_author(world):
    star, eve = world.followed(world.ruru), world.followed(world.ruru, name="eve")
    note = activity.note(star, "mine")
    world.deliver(star, activity.create(star, note))
    for make in (activity.update, activity.create):
        world.deliver(eve, make(eve, {**note, "content": "owned", "attributedTo": eve.id}))
    row = world.post(note)
    assert (row["content"], row["author_id"]) == ("mine", world.identity(star)["id"])


@pytest.mark.parametrize("visibility", ["followers", "mentioned", "local"])
def test_d14_what_cannot_be_seen_cannot_be_answered_or_liked(world, visibility):
    author = world.ruru if visibility != "local" else world.weka_ruru
    post = author.write("not for toroa", visibility)
    world.settle()
    path = f"/@{author.handle}/posts/{post['id']}/"
    answer = world.toroa.submit("/compose/", text="I saw it", visibility="public", in_reply_to=str(post["id"]))
    assert answer.status_code == 404 or "not for toroa" not in answer.text
    for verb in ("like", "boost"):
        assert world.toroa.submit(f"{path}{verb}/").status_code == 404
    assert world.site.sql("select 1 from posts where in_reply_to_id = %s", post["id"]) == []
    assert world.reactions(post, "like") == world.reactions(post, "boost") == []


def test_d15_log_in_tells_nothing_and_is_throttled(world):
    client = world.site.client("kea.test", client_address="203.0.113.99")
    def attempt(email):
        answer = client.post("/auth/login/", data={"email": email, "password": "wrong"})
        # A passkey's challenge is another one each time, whoever asks.
        return answer.status_code, re.sub(r'data-challenge="[^"]*"', "", answer.text.replace(email, ""))
    assert attempt("ruru@example.org") == attempt("nobody@example.org")
    statuses = [attempt("nobody@example.org")[0] for _ in range(40)]
    assert statuses[-1] == 429
    world.site.sql("delete from throttles")


@pytest.mark.parametrize("status", [301, 302, 307, 408, 429, 500, 502, 503])
def test_d16_only_success_is_success(world, status):
    fan = world.follower(world.ruru)
    rule = world.peer.answer("/inbox", "POST", status=status, headers={"Location": f"{world.peer.origin}/elsewhere"})
    post = world.ruru.write(f"try me with {status}")
    world.settle()
    world.peer.forget(rule)
    delivery = "select d.* from deliveries d join activities a on a.id = d.activity_id where a.uri = %s"
    [row] = world.site.sql(delivery, post["object_uri"] + "#create")
    assert row["state"] == "waiting" and row["state_attempts"] == 1 and str(status) in row["state_error"]
    assert world.peer.requests("POST", "/elsewhere") == []
    world.site.sql("update servers set failures = 0, retry_after = null")
    world.site.sql("update deliveries set state_next_attempt = now(), state = state where id = %s", row["id"])
    wait_for(lambda: world.site.sql(delivery, post["object_uri"] + "#create")[0]["state"] == "sent")
    assert post["object_uri"] in [one["object"]["id"] for one in world.arrived("Create", fan.shared_inbox)]


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_d17_a_refusal_is_not_tried_again(world, status):
    world.follower(world.ruru)
    rule = world.peer.answer("/inbox", "POST", status=status)
    post = world.ruru.write("refused")
    world.settle()
    world.peer.forget(rule)
    [row] = world.site.sql("select d.* from deliveries d join activities a on a.id = d.activity_id where a.uri = %s",
                           post["object_uri"] + "#create")
    assert row["state"] == "refused"


def test_d17_a_401_gets_the_other_form_once_and_few_attempts(world):
    world.follower(world.ruru)
    world.peer.clear()
    rule = world.peer.answer("/inbox", "POST", status=401)
    post = world.ruru.write("who are you?")
    world.settle()
    forms = [one.verify(world.site).form for one in world.peer.requests("POST", "/inbox")]
    assert sorted(forms) == ["cavage", "rfc9421"]
    uri = post["object_uri"] + "#create"
    for _ in range(8):
        world.site.sql("update deliveries set state_next_attempt = now(), state = state where state = 'waiting'")
        world.settle()
    world.peer.forget(rule)
    assert world.site.value("select d.state from deliveries d join activities a on a.id = d.activity_id "
                            "where a.uri = %s", uri) == "refused"
    assert len(world.peer.requests("POST", "/inbox")) <= 2 * 4


def test_d18_the_oldest_is_picked_first_and_once(world):
    site = world.site
    site.stator.stop()
    try:
        site.sql("insert into hashtags (name, state, state_next_attempt) select 'fifo' || n, 'outdated', "
                 "now() - n * interval '1 minute' from generate_series(1, 9) n")
        claim = ("select id from stator_claim('hashtag', %s, -1, '{}', 3, 16, '1 minute')")
        with site.database.connect("rookery_stator") as one, site.database.connect("rookery_stator") as two:
            one.autocommit = False
            first = {row["id"] for row in one.execute(claim, ("one",)).fetchall()}
            meanwhile = {row["id"] for row in two.execute(claim, ("two",)).fetchall()}  # waits for nobody
            one.commit()
            second = {row["id"] for row in two.execute(claim, ("two",)).fetchall()}
        names = {row["id"]: row["name"] for row in site.sql("select id, name from hashtags where name like 'fifo%%'")}
        assert {names[id] for id in first} == {"fifo9", "fifo8", "fifo7"}
        assert {names[id] for id in meanwhile | second} == {"fifo6", "fifo5", "fifo4"}
    finally:
        site.sql("delete from hashtags where name like 'fifo%%'")
        site.stator.start()


def test_d19_each_address_answers_with_its_own_document(world):
    for origin in ("https://kea.test", "https://weka.test"):
        for _ in range(3):
            assert world.site.object(f"{origin}/actor/")["type"] == "Application"
            assert world.site.object(f"{origin}/actor/outbox/")["type"] == "OrderedCollection"


def test_d20_what_has_an_id_can_be_fetched(world):
    star = world.followed(world.ruru)
    [follow] = world.arrived("Follow", star.inbox)
    for uri in (f"{world.ruru.uri}followers/", f"{world.ruru.uri}following/"):
        assert world.site.object(uri)["type"] == "OrderedCollection"
    post = world.ruru.write("has an id")
    world.settle()
    assert world.site.object(follow["id"].split("#")[0])["id"] in (follow["id"], world.ruru.uri)
    assert world.site.object((post["object_uri"] + "#create").split("#")[0])["id"] == post["object_uri"]


def test_d21_query_and_port_are_signed(world):
    inbox = f"{world.peer.origin}/inbox?for=ana%20b&c"
    ana = world.actor("ana", inbox=inbox)
    world.deliver(ana, activity.follow(ana, world.ruru.uri))
    [accept] = [one for one in world.peer.inbox("Accept") if one.request.url == inbox]
    accept.verify(world.site)
    for spoilt in (accept.request.url.replace("?for=ana%20b&c", ""), accept.request.url + "d"):
        accept.request.url = spoilt
        with pytest.raises(signature.BadSignature):
            accept.verify(world.site)


@pytest.mark.options(fetch_allow="10.7.0.0/16:8443")
def test_d21_a_port_is_part_of_the_signed_host(site):
    with Peer("peer4.test", tls=True, port=8443) as peer:
        ana = peer.actor("ana")
        ruru = "https://kea.test/@ruru@kea.test/"
        assert ana.send(site, KEA, activity.follow(ana, ruru)).status_code == 202
        site.stator.drain()
        [accept] = peer.inbox("Accept")
        assert accept.request.header("host") == "peer4.test:8443"
        accept.verify(site)


def test_d22_documents_have_the_shapes_that_others_expect(world):
    star = world.followed(world.ruru)
    post = world.ruru.write(f"one tag #one, one mention @{star.handle}")
    world.settle()
    note, actor = world.site.object(post["object_uri"]), world.site.object(world.ruru.uri)
    assert note["to"] == [PUBLIC] and "as:Public" not in json.dumps(note)
    for name in ("to", "cc", "tag", "attachment"):
        assert isinstance(note[name], list)
    assert isinstance(actor["attachment"], list) and actor["manuallyApprovesFollowers"] is False
    assert {"PropertyValue", "discoverable"} <= set(actor["@context"][-1])


def test_d23_what_is_deleted_says_so_and_stays_taken(world):
    site = world.site
    post = world.ruru.write("gone soon")
    world.ruru.delete(post)
    world.settle()
    assert site.get(post["object_uri"], headers=AP).status_code == 410
    site.rookery("identity", "add", "huia@weka.test")
    site.rookery("identity", "delete", "huia@weka.test", "--yes")
    world.settle()
    for accept in (ACTIVITY, "text/html"):
        assert site.get("https://weka.test/@huia@weka.test/", headers={"Accept": accept}).status_code == 410
    assert site.run("rookery", "identity", "add", "huia@weka.test").returncode == 4
    assert site.run("rookery", "identity", "add", "HUIA@weka.test").returncode != 0


@pytest.mark.parametrize("whose", ["tenant", "host"])
def test_d24_nothing_goes_to_a_blocked_server(world, peers, whose):
    far = world.actor("far", peer=peers("peer3.test", tls=True))
    world.deliver(far, activity.follow(far, world.ruru.uri))
    world.deliver(far, activity.follow(far, world.weka_ruru.uri), WEKA)
    far.peer.clear()
    domain = world.site.value("select id from domains where name = 'kea.test'") if whose == "tenant" else None
    world.site.sql("insert into server_limits (domain_id, host, severity) values (%s, 'peer3.test', 'block')", domain)
    try:
        world.ruru.write(f"hello @{far.handle}")
        theirs = world.weka_ruru.write("from the other tenant")
        world.settle()
        got = [one["object"]["id"] for one in world.arrived("Create", peer=far.peer)]
        assert got == ([theirs["object_uri"]] if whose == "tenant" else [])
    finally:
        world.site.sql("delete from server_limits")


def test_d25_long_and_uncommon_things_are_stored(world):
    star = world.followed(world.ruru)
    things = [activity.note(star, "<h2>long</h2>", type="Article", name="T" * 900),
              activity.note(star, "poll", type="Question", oneOf=[{"name": "o" * 400}, {"name": "p"}]),
              activity.note(star, "file", attachment=[{"type": "Document", "mediaType": "image/png",
                                                       "url": "https://peer1.test/" + "x" * 1900}])]
    for thing in things:
        world.deliver(star, activity.create(star, thing))
        assert world.post(thing)["id"] in world.ruru.home()
    url = world.site.value("select remote_url from attachments where post_id = %s", world.post(things[2])["id"])
    assert len(url) > 1900


def test_d26_nodeinfo_obeys_host(world):
    for name in ("kea.test", "weka.test"):
        links = world.site.get(f"https://{name}/.well-known/nodeinfo").json()["links"]
        assert all(link["href"].startswith(f"https://{name}/") for link in links)


def test_d27_a_local_post_is_for_members_only(world):
    post = world.ruru.write("only for us", "local")
    world.settle()
    path = f"/@ruru@kea.test/posts/{post['id']}/"
    star = world.followed(world.ruru)
    assert star.fetch(world.site, post["object_uri"]).status_code == 404
    for answer in (world.site.get(post["object_uri"]), world.site.get(post["url"]),
                   world.site.get(post["object_uri"], headers=AP),
                   world.weka_ruru.enter().get(path), world.site.get(f"{world.ruru.uri}outbox/?page=1", headers=AP),
                   world.site.get("https://kea.test/@ruru/"), world.site.get("https://kea.test/local/")):
        assert "only for us" not in answer.text
    assert "only for us" in world.toroa.enter().get(path).text


def test_d28_strange_input_is_no_crash(world):
    toroa = world.toroa.enter()
    for path in ("/@ruru/posts/abc/", "/@ruru/posts/-1/", "/@ruru/posts/9999999999999999999999/", "/@ruru/posts/0x10/",
                 "/@%00/", "/@ruru%2f/", "/tags/%ff/", "/search/?q=%00", "/home/?max_id=abc",
                 "/notifications/?max_id=-1", "/compose/?reply_to=abc", "/@ruru@kea.test/followers/?max_id=abc",
                 "/@ruru/posts/1/like/", "/static/../x"):
        for headers in ({}, AP):
            assert toroa.get(path, headers=headers).status_code < 500, path
    assert toroa.submit("/@toroa/follow/").status_code == 400  # oneself
    post = world.ruru.write("like me twice")
    for _ in range(2):
        toroa.react("ruru@kea.test", post["id"], "like")
    assert world.reactions(post, "like") == [toroa.uri]
    for fields in ({"text": ""}, {"text": "x" * 6000}, {"text": "x", "visibility": "everybody"},
                   {"text": "x", "in_reply_to": "abc"}, {"text": "\x00"}, {"text": b"\xff".decode("latin1")}, {}):
        assert toroa.submit("/compose/", **{"visibility": "public", **fields}).status_code < 500, fields


def test_d29_requests_to_follow_are_notifications(world, locked):
    ana = world.actor()
    world.deliver(ana, activity.follow(ana, locked.uri))
    assert ("follow_request", ana.name) in locked.told()
    assert ana.name in locked.enter().get("/notifications/").text.lower()


def test_d32_unreachable_servers_and_actors_are_asked_again_with_growing_pauses(world):
    gone = world.actor("gone")
    world.deliver(gone, activity.follow(gone, world.ruru.uri))
    rule = world.peer.answer(f"/users/{gone.name}", status=500)
    identity = world.identity(gone)["id"]
    pauses = []
    for _ in range(3):
        world.site.sql("update identities set state = 'outdated', state_next_attempt = now() where id = %s", identity)
        world.settle()
        pauses.append(world.site.value("select extract(epoch from state_next_attempt - now())::int from identities "
                                       "where id = %s", identity))
    world.peer.forget(rule)
    assert pauses[0] > 60 and pauses[0] < pauses[1] < pauses[2]
    world.site.sql("update identities set state_next_attempt = now(), state = state where id = %s", identity)
    world.settle()
    assert world.identity(gone)["state"] == "updated"

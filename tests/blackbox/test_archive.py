# SPDX-License-Identifier: AGPL-3.0-or-later
"""Everything that one has, taken away as one file; and posts that are brought along in one, silently."""

import json
import re
import tarfile

import pytest

from harness import media
from harness.api import Api
from harness.account_archive import Account, packed, read, tarred, zeros
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.mail import MailServer
from harness.wait import wait_for

DATA = "/settings/data/"


def enter(site, name="ruru", domain="kea.test"):
    browser = Browser(site, domain)
    browser.log_in(f"{name}@example.org", PASSWORD)
    return browser


def ask(browser, status=303):
    return browser.get(DATA).form("/settings/archive/").press(status=status)


def fetch(browser, status=200):
    """The file that the page leads to."""
    [path] = [link for link in browser.get(DATA).links() if link.startswith("/settings/archive/")]
    answer = browser.client.get(path)
    assert answer.status_code == status, answer.text
    return path, answer


def bring(browser, data, status=303, own="1"):
    return browser.get(DATA).form("/settings/archive/bring/").press(
        own=own, status=status, files={"archive": ("archive.zip", data, "application/zip")})


def work_off(site):
    """As often as it takes: an import looks at its lines from time to time."""
    site.stator.drain()
    site.sql("update imports set state_next_attempt = now() where state = 'running'")
    site.stator.drain()


def brought(site, name="ruru@kea.test"):
    rows = site.sql(
        "select p.*, p.visibility::text as seen, parent.imported_from as parent from posts p "
        "join identities i on i.id = p.author_id left join posts parent on parent.id = p.in_reply_to_id "
        "where i.username || '@' || i.host = %s and p.imported_from <> '' order by p.id", name)
    return {row["imported_from"]: row for row in rows}


def standing(site):
    return site.sql("select state, failure, left_out, source, file from imports order by id desc limit 1")[0]


@pytest.fixture
def letters(site):
    server = MailServer()
    server.use(site)
    yield server
    server.close()


# Away

def test_an_archive_has_everything(site, letters):
    api, toroa = Api(site), Api(site, "toroa@kea.test")
    other = toroa.post("/api/v1/statuses", status="theirs")
    picture = media.ready(api, media.read("tagged.jpg"), description="a bird")
    written = {kind: api.post("/api/v1/statuses", status=f"{kind} words", visibility=kind, **more) for kind, more in {
        "public": {"media_ids[]": picture["id"]}, "unlisted": {}, "private": {}, "direct": {}}.items()}
    api.post(f"/api/v1/statuses/{other['id']}/favourite")
    api.post(f"/api/v1/statuses/{other['id']}/bookmark")
    api.post(f"/api/v1/statuses/{other['id']}/reblog")
    toroa.post("/api/v1/statuses", status="@ruru for you", visibility="direct")
    site.stator.drain()
    ruru = enter(site)
    page = ask(ruru)
    assert "It is being packed" in page.text
    # One at a time, whatever is pressed.
    name, value = ruru.token()
    ruru.send("POST", "/settings/archive/", {name: value}, 422)
    site.stator.drain()
    assert site.value("select count(*) from archives") == 1
    [letter] = letters.take()
    assert "archive" in letter.subject.lower() and letter.link(DATA) == f"https://kea.test{DATA}"
    _, answer = fetch(ruru)
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store" or "no-store" in answer.headers["cache-control"]
    assert answer.headers["content-disposition"].startswith('attachment; filename="archive-ruru-')
    files = read(answer.content)
    actor, outbox = json.loads(files["actor.json"]), json.loads(files["outbox.json"])
    assert actor["id"] == site.value("select actor_uri from identities where username = 'ruru' and host = 'kea.test'")
    assert outbox["type"] == "OrderedCollection"
    mine = {one["object"]["id"]: one for one in outbox["orderedItems"] if one["type"] == "Create"}
    assert set(mine) >= {one["uri"] for one in written.values()}
    assert all(one["actor"] == actor["id"] == one["object"]["attributedTo"] for one in mine.values())
    assert {one["object"] for one in outbox["orderedItems"] if one["type"] == "Announce"} == {other["uri"]}
    [attachment] = mine[written["public"]["uri"]]["object"]["attachment"]
    assert attachment["name"] == "a bird"
    assert files[attachment["url"]] == site.get(picture["url"]).content
    assert other["uri"] in json.loads(files["likes.json"])["orderedItems"]
    assert other["uri"] in json.loads(files["bookmarks.json"])["orderedItems"]
    for table, kind in (("following_accounts.csv", "following"), ("lists.csv", "lists"), ("bookmarks.csv", "bookmarks"),
                        ("muted_accounts.csv", "mutes"), ("blocked_accounts.csv", "blocks"),
                        ("blocked_domains.csv", "domain_blocks")):
        assert files[table].decode() == ruru.client.get(f"/settings/export/{kind}.csv").text
    assert "for you" not in files["outbox.json"].decode()


def test_an_archive_is_its_owners_alone(site):
    ruru, toroa, weka = enter(site), enter(site, "toroa"), enter(site, "ruru", "weka.test")
    ask(ruru)
    site.stator.drain()
    path, _ = fetch(ruru)
    for other in (toroa, weka):
        other.get(path, 404)
    stranger = Browser(site, "kea.test")
    assert stranger.client.get(path).status_code == 303
    ruru.get("/settings/archive/0/", 404)
    ruru.get("/settings/archive/x/", 404)
    name = site.value("select file from archives")
    for domain in ("kea.test", "weka.test"):
        assert site.get(f"https://{domain}/media/{name}").status_code == 404
    # It counts for the tenant, and goes with its owner.
    assert site.value("select uses from media_files where name = %s", name) == 1
    assert site.value("select count(*) from media_uses where name = %s", name) == 1
    site.sql("update identities set deleted = now() where username = 'ruru' and host = 'kea.test'")
    assert site.value("select count(*) from archives") == 0
    assert site.value("select state from media_files where name = %s", name) == "unused"


def test_an_archive_goes_after_some_days(site):
    ruru = enter(site)
    ask(ruru)
    site.stator.drain()
    path, _ = fetch(ruru)
    site.sql("update archives set state_changed = now() - interval '7 days 1 minute'")
    site.stator.drain()
    ruru.get(path, 404)
    assert site.value("select state from media_files order by id desc limit 1") == "unused"
    ask(ruru)
    site.stator.drain()
    fetch(ruru)


def test_no_archive_without_room(site):
    site.rookery("media", "quota", "kea.test", "1")
    ruru = enter(site)
    ask(ruru)
    site.stator.drain()
    assert "could not be packed" in ruru.get(DATA).text and "no room left" in ruru.get(DATA).text
    site.rookery("media", "quota", "kea.test", "1000000000")
    ask(ruru)
    site.stator.drain()
    fetch(ruru)


# Along

def furnish(account):
    first = account.post("<p>Hello <b>old</b> world<script>x()</script></p>", published="2017-04-05T06:07:08Z",
                         tag=[{"type": "Hashtag", "href": "https://old.example/tags/Birds", "name": "#Birds"}])
    reply = account.post("<p>and more</p>", "unlisted", "2017-04-06T00:00:00Z", inReplyTo=first)
    picture = account.post("<p>look</p>", published="2023-02-03T04:05:06Z", summary="birds", sensitive=True, files=[
        ("media_attachments/files/109/1/original/a.jpg", media.read("tagged.jpg"), "a bird & a bee")])
    private = account.post("<p>secret garden</p>", "private", "2024-02-03T04:05:06Z")
    account.post("<p>@x you only</p>", "direct")
    account.boost()
    foreign = account.post("<p>yes!</p>", published="2024-03-03T04:05:06Z", inReplyTo="https://else.example/9",
                           tag=[{"type": "Mention", "href": "https://kea.test/@toroa@kea.test/",
                                 "name": "@toroa@kea.test"}])
    option = {"type": "Note", "name": "green & hot", "replies": {"type": "Collection", "totalItems": 3}}
    poll = account.post("<p>tea?</p>", published="2024-04-03T04:05:06Z", type="Question",
                        endTime="2024-04-04T00:00:00Z", oneOf=[option])
    return first, reply, picture, private, foreign, poll


def check_posts(site, uris):
    """What furnish() wrote is here as it was."""
    first, reply, picture, private, foreign, poll = uris
    posts = brought(site)
    assert set(posts) == set(uris)
    assert [row["published"].strftime("%Y-%m-%dT%H:%M:%SZ") for row in posts.values()] == sorted(
        row["published"].strftime("%Y-%m-%dT%H:%M:%SZ") for row in posts.values())
    assert posts[first]["published"].isoformat().startswith("2017-04-05T06:07:08")
    assert posts[first]["content"].startswith("<p>Hello <b>old</b> world") and "script" not in posts[first]["content"]
    assert posts[first]["language"] == "en"
    assert posts[reply]["parent"] == first and posts[reply]["seen"] == "unlisted"
    assert posts[reply]["in_reply_to_uri"] == posts[first]["object_uri"]
    assert posts[reply]["thread_id"] == posts[first]["id"] and posts[first]["replies_count"] == 1
    assert posts[picture]["sensitive"] and posts[picture]["summary"] == "birds"
    [file] = site.sql("select * from attachments where post_id = %s", posts[picture]["id"])
    assert file["description"] == "a bird & a bee" and file["state"] == "ready" and file["focus_y"] == -0.5
    shown = site.get(f"https://kea.test/media/{file['file']}")
    assert shown.status_code == 200 and media.secrets_in(shown.content) == []
    assert posts[private]["seen"] == "followers"
    assert posts[foreign]["in_reply_to_uri"] == "https://else.example/9" and not posts[foreign]["in_reply_to_id"]
    assert "green &amp; hot (3)" in posts[poll]["content"]
    assert site.value("select h.name from post_hashtags p join hashtags h on h.id = p.hashtag_id "
                      "where p.post_id = %s", posts[first]["id"]) == "birds"
    return posts


@pytest.mark.parametrize("form", ["zip", "tar", "tar in a folder"])
def test_posts_of_mastodon_come_silently(site, peers, form):
    peer = peers("peer1.test", tls=True)
    follower = peer.actor("follower")
    site.sql("insert into follows (source_id, target_id, domain_id, uri, state) select f.id, i.id, i.domain_id, "
             "'https://peer1.test/f', 'accepted' from identities i, identities f where i.username = 'ruru' and "
             "i.host = 'kea.test' and f.username = 'toroa' and f.host = 'kea.test' on conflict do nothing")
    follower.send(site, "https://kea.test/inbox/", {
        "@context": "https://www.w3.org/ns/activitystreams", "id": follower.id + "/f1", "type": "Follow",
        "actor": follower.id, "object": site.value(
            "select actor_uri from identities where username = 'ruru' and host = 'kea.test'")})
    site.stator.drain()
    toroa = Api(site, "toroa@kea.test")
    shown = [post["id"] for post in toroa.get("/api/v1/timelines/home")]
    told, counted = site.value("select count(*) from notifications"), site.value("select count(*) from activities")
    before = Api(site).get("/api/v1/accounts/verify_credentials")["statuses_count"]
    account = Account()
    uris = furnish(account)
    heard = len(peer.inbox())
    ruru = enter(site)
    page = bring(ruru, account.zip() if form == "zip" else account.tar("export/" if "folder" in form else ""))
    assert "being unpacked" in page.text
    work_off(site)
    posts = check_posts(site, uris)
    page = ruru.get(page.path)
    assert "has been worked off" in page.text and account.id in page.text
    assert re.search("2 ?left out", page.text), page.text
    assert standing(site)["left_out"] == 2 and standing(site)["file"] == ""
    assert site.value("select count(*) from import_files") == 0
    # Nobody hears of it, and nothing stands at the top of anything.
    assert len(peer.inbox()) == heard and site.value("select count(*) from activities") == counted
    assert site.value("select count(*) from notifications") == told
    assert [post["id"] for post in toroa.get("/api/v1/timelines/home")] == shown
    assert site.value("select count(*) from cards") == 0
    assert site.value("select count(*) from post_mentions m join posts p on p.id = m.post_id "
                      "where p.imported_from <> ''") == 0
    # They are where their dates put them, and can be read, found and fetched.
    public = posts[uris[0]]
    mine = Api(site)
    listed = [post["id"] for post in mine.get(f"/api/v1/accounts/{mine.id}/statuses", limit=40)]
    assert [one for one in listed if int(one) in {row["id"] for row in posts.values()}] == [
        str(row["id"]) for row in reversed(posts.values())]
    counted = mine.get("/api/v1/accounts/verify_credentials")["statuses_count"]
    assert counted == before + len([row for row in posts.values() if row["seen"] in ("public", "unlisted")])
    found = mine.get("/api/v2/search", q="world", type="statuses")["statuses"]
    assert str(public["id"]) in [post["id"] for post in found]
    thing = site.object(public["object_uri"])
    assert thing["id"] == public["object_uri"] and thing["published"].startswith("2017-04-05T06:07:08")
    assert site.get(posts[uris[3]]["object_uri"], headers={"Accept": "application/activity+json"}).status_code == 404
    assert uris[0] in Browser(site, "kea.test").get(public["url"]).text


def test_twice_is_once(site):
    account = Account()
    uris = furnish(account)
    ruru = enter(site)
    bring(ruru, account.zip())
    work_off(site)
    posts = check_posts(site, uris)
    later = account.post("<p>one more</p>", published="2024-05-03T04:05:06Z", inReplyTo=uris[-1])
    bring(ruru, account.tar())
    work_off(site)
    again = brought(site)
    assert {uri: row["id"] for uri, row in again.items() if uri != later} == {
        uri: row["id"] for uri, row in posts.items()}
    assert again[later]["parent"] == uris[-1]
    assert site.value("select count(*) from attachments where author_id = %s and post_id is null",
                      posts[uris[0]]["author_id"]) == 0
    # What its author deletes does not come back.
    Api(site).delete(f"/api/v1/statuses/{posts[uris[0]]['id']}")
    site.stator.drain()
    bring(ruru, account.zip())
    work_off(site)
    assert brought(site)[uris[0]]["deleted"] and brought(site)[uris[0]]["content"] == ""


def test_killed_half_way(site):
    """Stators that die while they unpack, or while they bring, leave the rest to others."""
    account = Account()
    uris, last = [], None
    for n in range(150):
        files = []
        if n % 10 == 0:
            files = [(f"media_attachments/files/{n}/a.jpg", media.read("tagged.jpg") + bytes([n]), "x")]
        last = account.post(f"<p>post {n}</p>", published=f"2021-01-{1 + n % 28:02}T00:00:{n % 60:02}Z",
                            inReplyTo=last, files=files)
        uris.append(last)
    ruru = enter(site)
    page = bring(ruru, account.zip())
    for step in (1, 40, 60, 80):
        site.stator.start()
        wait_for(lambda step=step: site.value("select count(*) from import_rows where state = 'done'") >= step)
        site.stator.kill()
        for table in ("import_rows", "imports"):
            site.sql(f"update {table} set state_locked_by = null, state_next_attempt = now() where state in "
                     "('waiting', 'running', 'preparing')")
    work_off(site)
    posts = brought(site)
    assert set(posts) == set(uris)
    for uri, parent in zip(uris[1:], uris):
        assert posts[uri]["parent"] == parent
    assert {row["thread_id"] for uri, row in posts.items() if uri != uris[0]} == {posts[uris[0]]["id"]}
    assert site.value("select count(*) from attachments where post_id is not null and author_id = %s",
                      posts[uris[0]]["author_id"]) == 15
    assert "has been worked off" in ruru.get(page.path).text


def test_only_ones_own(site):
    """What another wrote, or says that it is this account's and is not, is left out."""
    account = Account()
    good = account.post("<p>mine</p>")
    vote = {"content": None, "contentMap": None, "name": "a vote", "inReplyTo": "https://old.example/p"}
    for change in ({"attributedTo": "https://old.example/users/other"}, {"id": "https://evil.example/1"},
                   {"type": "Person"}, vote):
        account.post("<p>not mine</p>")
        account.items[-1]["object"].update(change)
    account.post("<p>not mine</p>")
    account.items[-1]["actor"] = "https://old.example/users/other"
    account.items += [5, None, "https://old.example/1", [], {"type": "Create", "actor": account.id, "object": good}]
    ruru = enter(site)
    bring(ruru, account.zip(), 422, own="")
    assert site.value("select count(*) from imports") == 0
    bring(ruru, account.zip())
    work_off(site)
    assert set(brought(site)) == {good} and standing(site)["left_out"] == 10
    # Their own posts here do not come twice either.
    Api(site).post("/api/v1/statuses", status="from here")
    ask(ruru)
    site.stator.drain()
    before = site.value("select count(*) from posts")
    bring(ruru, fetch(ruru)[1].content)
    work_off(site)
    assert site.value("select count(*) from posts") == before


def test_files_that_are_missing_or_none(site):
    account = Account()
    lost = account.post("<p>lost</p>", files=[("media_attachments/files/1/a.jpg", b"", "x")])
    odd = account.post("<p>odd</p>", files=[("media_attachments/files/2/b.jpg", b"no picture", "x")])
    empty = account.post("", files=[("media_attachments/files/3/c.jpg", b"no picture", "x")])
    del account.files["media_attachments/files/1/a.jpg"]
    ruru = enter(site)
    page = bring(ruru, account.zip())
    work_off(site)
    assert set(brought(site)) == {lost, odd}
    page = ruru.get(page.path)
    assert lost in page.text and empty in page.text and "not in the archive" in page.text


def hostile():
    """By name: what makes the bytes, and words of which the page has some; None: it is brought all the same."""
    account = Account()
    account.post("<p>fine</p>")
    members = account.members()
    outbox = members["outbox.json"]

    def link(name, target, kind=tarfile.SYMTYPE):
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, target
        return info

    def with_outbox(text):
        return packed({**members, "outbox.json": text})

    plain = list(members.items())
    deep = b'{"orderedItems":[' + b"[" * 100000 + b"]" * 100000 + b"]}"
    return {
        "paths that lead out": (lambda: tarred([("../../../../tmp/evil", b"x"), ("/etc/evil", b"x"), *plain]), None),
        "links": (lambda: tarred([link("actor.json", "/etc/passwd"), link("outbox.json", "/etc/passwd"),
                          link("x", "actor.json", tarfile.LNKTYPE)]), "no actor.json"),
        "links beside": (lambda: tarred([link("y", "/etc/passwd"), *plain]), None),
        "a device": (lambda: tarred([link("z", "", tarfile.CHRTYPE), *plain]), None),
        "a bomb": (lambda: zeros(2000), "no actor.json|takes more|too much"),
        "many files": (lambda: packed({f"f{n}": b"" for n in range(61000)}), "too many files"),
        "cut": (lambda: account.zip()[:-200][:300], "damaged|no actor.json"),
        "cut tar": (lambda: account.tar()[:-40], "damaged|no archive"),
        "no archive": (lambda: b"PK\x03\x04" + b"x" * 5000, "damaged|no actor.json"),
        "no outbox": (lambda: packed({"actor.json": members["actor.json"]}), "no outbox.json"),
        "no actor": (lambda: packed({"outbox.json": outbox}), "no actor.json"),
        "a bad actor": (lambda: packed({**members, "actor.json": b'{"type":"Note","id":"https://a.example/"}'}),
                        "no actor"),
        "an actor without a name": (lambda: packed({**members, "actor.json": b'{"type":"Person"}'}),
                                    "names no account"),
        "no json": (lambda: with_outbox(b"\xff\xfe\x00"), "cannot be read"),
        "a list that does not end": (lambda: with_outbox(outbox[:-30]), "cannot be read"),
        "a deep list": (lambda: with_outbox(deep), "no posts"),
        "a long item": (lambda: with_outbox(b'{"orderedItems":["' + b"x" * 5000000 + b'"]}'), "no posts"),
        "no list": (lambda: with_outbox(b'{"orderedItems":7}'), "cannot be read"),
        "names in bytes": (lambda: tarred([(b"\xff\xfe".decode("latin-1"), b"x"), ("a\nb", b"x"), *plain]), None),
    }


@pytest.mark.parametrize("name", list(hostile()))
def test_hostile_archives(site, name):
    make, words = hostile()[name]
    data = make()
    ruru = enter(site)
    page = bring(ruru, data)
    work_off(site)
    row = standing(site)
    if words is None:
        assert row["state"] == "done" and len(brought(site)) == 1, row
        return
    assert row["state"] == "failed" and any(one in row["failure"] for one in words.split("|")), row
    assert row["file"] == "" and brought(site) == {}
    text = ruru.get(page.path).text
    assert row["failure"][1:40] in text, text
    assert not [one for one in site.media.rglob("scratch*")]


def test_what_is_refused_at_once(site):
    ruru = enter(site)
    assert "no archive" in bring(ruru, b"just words", 422).text
    assert "no archive" in bring(ruru, b"", 422).text
    data = Account().zip()
    site.rookery("media", "quota", "kea.test", "10")
    assert "no room" in bring(ruru, data, 422).text
    site.rookery("media", "quota", "kea.test", "1000000000")
    ruru.send("POST", "/settings/archive/bring/", {}, 403)
    for _ in range(3):
        bring(ruru, data)
    assert "3 files are being imported" in bring(ruru, data, 422).text
    site.sql("insert into identity_limits (domain_id, identity_id, held) select domain_id, id, now() from identities "
             "where username = 'toroa' and host = 'kea.test'")
    assert "wait for approval" in bring(enter(site, "toroa"), data, 422).text
    page = ruru.get(DATA)
    [first] = [link for link in page.links() if link.startswith("/settings/import/")][-1:]
    ruru.get(first).form(first).press()
    assert site.value("select count(*) from imports where state = 'cancelled' and file = ''") == 1


def words(status):
    return re.sub("<[^>]*>", "", status["content"])


def test_a_round_trip_to_another_community(site):
    api = Api(site)
    picture = media.ready(api, media.read("tagged.jpg"), description="a bird")
    one = api.post("/api/v1/statuses", status="first #words", visibility="public", language="mi")
    two = api.post("/api/v1/statuses", status="second", in_reply_to_id=one["id"], visibility="unlisted")
    three = api.post("/api/v1/statuses", status="third", visibility="private", spoiler_text="careful",
                     **{"media_ids[]": picture["id"]})
    api.post("/api/v1/statuses", status="fourth", visibility="direct")
    site.stator.drain()
    ruru, weka = enter(site), enter(site, "ruru", "weka.test")
    ask(ruru)
    site.stator.drain()
    bring(weka, fetch(ruru)[1].content)
    work_off(site)
    posts = brought(site, "ruru@weka.test")
    there = Api(site, "ruru@weka.test")
    for post, visibility in ((one, "public"), (two, "unlisted"), (three, "private")):
        copy = there.get(f"/api/v1/statuses/{posts[post['uri']]['id']}")
        assert words(copy) == words(post) and copy["created_at"] == post["created_at"]
        assert copy["visibility"] == visibility and copy["spoiler_text"] == post["spoiler_text"]
        assert copy["language"] == post["language"] and copy["uri"].startswith("https://weka.test/")
    assert posts[two["uri"]]["parent"] == one["uri"]
    [copy] = there.get(f"/api/v1/statuses/{posts[three['uri']]['id']}")["media_attachments"]
    assert copy["description"] == "a bird" and copy["url"].startswith("https://weka.test/media/")
    assert len(brought(site, "ruru@kea.test")) == 0

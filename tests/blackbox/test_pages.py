# SPDX-License-Identifier: AGPL-3.0-or-later
"""Pages and forms, as people without scripts use them."""

import re

import pytest

from harness import activity
from harness.browser import ACCEPT, Browser
from harness.fixtures import PASSWORD
from harness.join import stamp
from harness.wait import wait_for

RURU, TOROA = "ruru@example.org", "toroa@example.org"
HOSTILE = "<img src=x onerror=alert(1)>\"'&<script>alert(2)</script>"
PUBLIC_PAGES = ("/", "/about/", "/local/", "/auth/login/", "/auth/signup/", "/search/", "/tags/kea/",
                "/@ruru/", "/@ruru/replies/", "/@ruru/followers/", "/@ruru/following/")
OWN_PAGES = ("/", "/home/", "/local/", "/about/", "/compose/", "/notifications/", "/search/?q=ruru", "/follow/",
             "/settings/profile/", "/settings/sessions/", "/switch/", "/@ruru/", "/@toroa/", "/@toroa/replies/",
             "/@toroa/followers/", "/@ruru@weka.test/", "/tags/kea/")


def enter(site, email, domain="kea.test"):
    browser = Browser(site, domain)
    browser.log_in(email, PASSWORD)
    return browser


@pytest.fixture
def ruru(site):
    return enter(site, RURU)


@pytest.fixture
def toroa(site):
    return enter(site, TOROA)


@pytest.fixture
def stranger(site):
    return Browser(site, "kea.test")


def follow(site, browser, handle):
    """Follows by handle, to the end."""
    browser.get("/follow/", params={"handle": handle}).forms_to("/follow/")[-1].press()
    site.stator.drain()


def statements(site):
    text = site.admin().get("/metrics").text
    return int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1))


# Coming in and going out


def test_public_pages(site, stranger):
    for path in PUBLIC_PAGES:
        page = stranger.get(path)
        assert "Log in" in page.text and "set-cookie" not in page.answer.headers, path


def test_own_pages_need_a_log_in(site, stranger, ruru):
    for path in OWN_PAGES:
        ruru.get(path)
    for path in ("/home/", "/compose/", "/notifications/", "/settings/profile/", "/settings/sessions/", "/switch/"):
        led = stranger.get(path, 303).answer.headers["location"]
        assert led.startswith("/auth/login/?next=%2F"), led
    assert stranger.send("POST", "/compose/", {"text": "x", "visibility": "public"}, 401)
    assert site.value("select count(*) from posts") == 0


def test_log_in_and_out(site, stranger):
    page = stranger.get("/auth/login/", params={"next": "/settings/profile/"})
    wrong = page.form("login/").press(email=RURU, password="not that one", status=422)
    assert wrong.form("login/").fields["email"] == RURU and "wrong" in wrong.text
    assert "not that one" not in wrong.markup
    assert site.value("select count(*) from sessions") == 0
    inside = wrong.form("login/").press(password=PASSWORD)
    assert inside.path == "/settings/profile/"
    assert stranger.log_out().path == "/"
    assert site.value("select count(*) from sessions") == 0
    assert "session" not in stranger.client.cookies


def test_the_cookie(site, stranger):
    form = stranger.get("/auth/login/").form("login/")
    answer = stranger.client.post("/auth/login/", data={**form.fields, "email": RURU, "password": PASSWORD})
    [cookie] = [one for one in answer.headers.get_list("set-cookie") if one.startswith("session=")]
    parts = cookie.split("; ")
    assert set(parts[1:]) == {"Path=/", "Max-Age=2592000", "HttpOnly", "SameSite=Lax", "Secure"}
    assert answer.headers["cache-control"] == "no-store"
    stored = site.sql("select token_hash from sessions")[0]["token_hash"]
    assert parts[0].split("=", 1)[1].encode() not in bytes(stored)


def test_sign_up_by_invite(site, stranger):
    assert stranger.get("/auth/signup/").form("signup/").press(
        username="tui", email="tui@example.org", password=PASSWORD, invite="none", status=404,
        stamp=stamp(site, "kea.test"))
    invite = site.rookery("invite", "add", "kea.test", "--uses=1")
    url = next(value for value in invite.values() if "invite=" in str(value))
    form = stranger.get(url).form("signup/")
    form.fields["stamp"] = stamp(site, "kea.test")
    again = form.press(username="Tui!", email="tui@example.org", password=PASSWORD, status=422).form("signup/")
    assert again.fields["username"] == "Tui!" and again.fields["email"] == "tui@example.org"
    assert again.fields["invite"] == form.fields["invite"]
    short = again.press(username="tui", password="short", status=422)
    assert short.form("signup/").fields["username"] == "tui"
    home = again.press(username="tui", password=PASSWORD)
    assert "@tui@kea.test" in home.text
    assert Browser(site, "kea.test").get("/@tui/").status == 200
    used = Browser(site, "kea.test").get(url)
    assert "invite" in used.text.lower() and used.form("signup/").fields["invite"] == ""


def test_closed_sign_up(site, stranger):
    site.sql("update domains set sign_up = 'closed' where name = 'kea.test'")
    wait_for(lambda: not stranger.get("/auth/signup/").forms_to("signup/"))
    stranger.send("POST", "/auth/signup/", {"username": "tui", "email": "tui@example.org", "password": PASSWORD}, 403)


def test_sessions_end(site, ruru):
    other = enter(site, RURU)
    page = ruru.get("/settings/sessions/")
    assert RURU in page.text and "Firefox on Linux" in page.text
    forms = page.forms_to("settings/sessions/")
    assert len(forms) == 2
    mine = page.text.index("This one") < page.text.rindex("last seen")
    assert mine
    current = site.value("select max(id) from sessions") - 1
    theirs = next(form for form in forms if str(current) not in form.buttons[0].values())
    assert ruru.send("POST", theirs.action, {**theirs.fields, **theirs.buttons[0]}).path == "/settings/sessions/"
    assert other.get("/home/", 303) and ruru.get("/home/")
    # Another's session is none of ours.
    toroa = enter(site, TOROA)
    name, value = ruru.token()
    foreign = site.value("select max(id) from sessions")
    ruru.send("POST", "/settings/sessions/", {name: value, "session": str(foreign)}, 404)
    toroa.get("/home/")
    own = ruru.get("/settings/sessions/").forms_to("settings/sessions/")[0]
    assert ruru.send("POST", own.action, {**own.fields, **own.buttons[0]}).path == "/"
    ruru.get("/home/", 303)


def test_switching_identities_across_domains(site, ruru):
    page = ruru.get("/switch/")
    assert "https://weka.test" in page.answer.headers["content-security-policy"]
    form = next(form for form in page.forms_to("/switch/") if form.buttons)
    answer = ruru.client.post("/switch/", data={**form.fields, **form.buttons[0]})
    assert answer.status_code == 303
    ticket = answer.headers["location"]
    assert ticket.startswith("https://weka.test/auth/ticket/?ticket=")
    there = ruru.get(ticket).form("ticket/").press()
    assert there.url == "https://weka.test/switch/" and "@ruru@weka.test" in there.text
    # A ticket works once, and for its own tenant.
    Browser(site, "weka.test").get(ticket, 404)
    answer = ruru.client.post("/switch/", data={**form.fields, **form.buttons[0]})
    stolen = answer.headers["location"].replace("weka.test", "kea.test")
    Browser(site, "kea.test").get(stolen, 404)
    toroa_id = site.value("select id from identities where username = 'toroa'")
    assert "no such identity" in ruru.send(
        "POST", "/switch/", {**form.fields, "identity": str(toroa_id)}, 404).text


def test_switching_on_the_same_domain(site):
    site.rookery("identity", "add", "kaka@kea.test", f"--user={RURU}")
    ruru = enter(site, RURU)
    kaka = site.value("select id from identities where username = 'kaka'")
    form = next(form for form in ruru.get("/switch/").forms_to("/switch/")
                if str(kaka) in form.buttons[0].values())
    assert ruru.send("POST", form.action, {**form.fields, **form.buttons[0]}).path == "/switch/"
    assert ruru.get("/settings/profile/").text.count("@kaka@kea.test") >= 1
    ruru.compose("as kaka")
    assert site.value("select author_id from posts") == kaka


# Writing


VISIBILITIES = ("public", "unlisted", "followers", "mentioned", "local")
# Who reads what: [author, follower, member of the community, follower elsewhere, stranger]
READERS = {
    "public": (200, 200, 200, 200, 200),
    "unlisted": (200, 200, 200, 200, 200),
    "followers": (200, 200, 404, 200, 404),
    "mentioned": (200, 404, 404, 404, 404),
    "local": (200, 200, 200, 404, 404),
}


def test_each_visibility_has_its_readers(site, ruru, toroa, stranger):
    for name in ("kaka", "weka"):
        site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    site.rookery("identity", "add", "kaka@kea.test", "--user=kaka@example.org")
    site.rookery("identity", "add", "weka@weka.test", "--user=weka@example.org")
    member, elsewhere = enter(site, "kaka@example.org"), enter(site, "weka@example.org", "weka.test")
    follow(site, ruru, "toroa@kea.test")
    follow(site, elsewhere, "@toroa@kea.test")
    posts = {name: toroa.compose(f"for {name}", name) for name in VISIBILITIES}
    site.stator.drain()
    for name, post_id in posts.items():
        path = f"/@toroa/posts/{post_id}/"
        far = f"/@toroa@kea.test/posts/{post_id}/"
        found = [toroa.get(path).status]
        for reader, where in ((ruru, path), (member, path), (elsewhere, far), (stranger, path)):
            found.append(reader.client.get(where).status_code)
        assert tuple(found) == READERS[name], name
    homes = {name: f"for {name}" in ruru.get("/").text for name in VISIBILITIES}
    assert homes == {"public": True, "unlisted": True, "followers": True, "mentioned": False, "local": True}
    homes = {name: f"for {name}" in elsewhere.get("/").text for name in VISIBILITIES}
    assert homes == {"public": True, "unlisted": True, "followers": True, "mentioned": False, "local": False}
    local = {name: f"for {name}" in stranger.get("/local/").text for name in VISIBILITIES}
    assert [name for name, shown in local.items() if shown] == ["public"]
    profile = stranger.get("/@toroa/").text
    assert [name for name in VISIBILITIES if f"for {name}" in profile] == ["public", "unlisted"]


def test_a_warning_covers_the_post(site, toroa, stranger):
    post_id = toroa.compose("the butler", summary="spoiler")
    page = stranger.get("/@toroa/")
    assert ("details", {"class": "warning"}) in page.tags and "spoiler" in page.text
    assert page.markup.index("<summary") < page.markup.index("the butler")
    quoted = re.search(r'<meta name="description" content="([^"]*)"', stranger.get(f"/@toroa/posts/{post_id}/").markup)
    assert quoted.group(1) == "spoiler"


def test_what_is_wrong_comes_back_with_what_was_typed(site, toroa):
    form = toroa.get("/compose/").form("compose/")
    for fields in ({"text": "x" * 5001}, {"text": "  "}, {"text": "for whom", "visibility": "all"},
                   {"text": "to nothing", "in_reply_to": "12345"}):
        fields = {"summary": "careful", "language": "mi", "visibility": "followers", **fields}
        page = toroa.send("POST", "/compose/", {**form.fields, **fields}, 404 if "in_reply_to" in fields else 422)
        again = page.form("compose/").fields
        assert again["text"] == fields["text"] and again["summary"] == "careful" and again["language"] == "mi"
        assert 'role="alert"' in page.markup
    assert site.value("select count(*) from posts") == 0
    toroa.send("POST", "/compose/", {**form.fields, "text": "ä" * 5000, "visibility": "public"})
    toroa.send("POST", "/compose/", {**form.fields, "text": "𓅓" * 5000, "visibility": "public"})
    assert site.value("select count(*) from posts") == 2


def test_lines_and_links(site, toroa):
    post_id = toroa.compose("one\r\ntwo\r\n\r\nthree #Kea @ruru https://example.org/a?b=1&c=2")
    source = site.value("select source from posts")
    assert source.startswith("one\ntwo\n\nthree")
    page = toroa.get(f"/@toroa/posts/{post_id}/")
    assert "https://kea.test/tags/kea/" in page.links() and "https://kea.test/@ruru/" in page.links()
    assert "https://example.org/a?b=1&c=2" in page.links()
    assert post_id in toroa.get("/tags/Kea/").posts()


def test_reply_like_boost_edit_delete(site, ruru, toroa):
    post_id = toroa.compose("a question")
    path = f"/@toroa/posts/{post_id}/"
    site.stator.drain()
    form = ruru.get("/compose/", params={"reply_to": post_id}).form("compose/")
    assert form.fields["text"].strip() == "@toroa@kea.test" and form.fields["visibility"] == "public"
    answer = form.press(text="@toroa an answer")
    assert answer.path.startswith("/@ruru/posts/") and "a question" in answer.text
    site.stator.drain()
    page = toroa.get(path)
    assert "an answer" in page.text and "1 reply" in page.text and 'class="post depth-1"' in page.markup

    for act, other, kind in (("like/", "unlike/", "like"), ("boost/", "unboost/", "boost")):
        done = ruru.get("/local/").forms_to(f"{path}{act}")[0].press()
        assert done.path == "/local/" and done.forms_to(f"{path}{other}")
        assert site.value("select state <> 'undone' from interactions where kind = %s", kind)
        site.stator.drain()
        assert f"1 {kind}" in ruru.get(path).text
        ruru.get(path).forms_to(f"{path}{other}")[0].press()
        site.stator.drain()
        assert f"0 {kind}s" in ruru.get(path).text

    form = toroa.get("/compose/", params={"edit": post_id}).form("compose/")
    assert form.fields["text"] == "a question" and "visibility" not in form.fields
    edited = form.press(text="a better question")
    assert edited.path == path and "a better question" in edited.text and "Edited" in edited.text
    ruru.get("/compose/", 403, params={"edit": post_id})
    name, value = ruru.token()
    ruru.send("POST", "/compose/", {name: value, "text": "mine now", "edits": post_id}, 403)
    ruru.send("POST", f"{path}delete/", {name: value}, 403)
    assert "a better question" in toroa.get(path).text

    gone = toroa.get(path).forms_to(f"{path}delete/")[0].press()
    assert gone.path == "/@toroa/" and "a better question" not in gone.text
    toroa.get(path, 410)
    Browser(site, "kea.test").get(path, 410)


def test_private_posts_cannot_be_boosted(site, toroa, ruru):
    follow(site, ruru, "toroa")
    post_id = toroa.compose("for friends", "followers")
    page = ruru.get(f"/@toroa/posts/{post_id}/")
    assert not page.forms_to("boost/")
    name, value = ruru.token()
    ruru.send("POST", f"/@toroa/posts/{post_id}/boost/", {name: value}, 403)


def test_the_pages_of_a_timeline(site, toroa):
    name, value = toroa.token()
    for n in range(45):
        toroa.send("POST", "/compose/", {name: value, "text": f"post {n}", "visibility": "public", "back": "/"})
    seen, path = [], "/"
    while path:
        page = toroa.get(path)
        seen += page.posts()
        path = next((dict(attributes)["href"] for tag, attributes in page.tags
                     if tag == "a" and attributes.get("rel") == "next"), None)
    assert len(seen) == 45 and seen == sorted(seen, key=int, reverse=True)
    assert seen == [row["id"] for row in site.sql("select id::text from posts order by posts.id desc")]


# People


def test_following_across_tenants(site, ruru, toroa):
    far = enter(site, RURU, "weka.test")
    found = toroa.get("/follow/", params={"handle": "@ruru@weka.test"})
    assert "Is it them?" in found.text
    page = found.form("/@ruru@weka.test/follow/").press()
    assert page.forms_to("/unfollow/")
    site.stator.drain()
    assert "Following" in toroa.get("/@ruru@weka.test/").text
    assert "toroa" in far.get("/@ruru/followers/").text
    notices = far.get("/notifications/")
    assert "follows you" in notices.text and "/@toroa@kea.test/" in notices.links()
    far.compose("from the other side")
    site.stator.drain()
    assert "from the other side" in toroa.get("/").text
    toroa.get("/@ruru@weka.test/").form("/unfollow/").press()
    site.stator.drain()
    assert "toroa" not in far.get("/@ruru/followers/").text
    missing = toroa.get("/follow/", params={"handle": "nobody@kea.test"})
    assert missing.forms_to("/follow/")[0].fields["handle"] == "nobody@kea.test" and 'role="alert"' in missing.markup


def test_requests_are_answered_by_hand(site, ruru, toroa):
    toroa.get("/settings/profile/").form("/settings/profile/").press(locked="1")
    for act, outcome in (("reject/", "Follow"), ("accept/", "Following")):
        follow(site, ruru, "toroa")
        assert "Requested" in ruru.get("/@toroa/").text
        page = toroa.get("/notifications/")
        assert "asks to follow you" in page.text
        page.form(f"/@ruru/{act}").press()
        site.stator.drain()
        assert outcome in ruru.get("/@toroa/").text
    name, value = toroa.token()
    toroa.send("POST", "/@ruru/accept/", {name: value}, 404)


def test_blocks(site, ruru, toroa):
    follow(site, ruru, "toroa")
    post_id = toroa.compose("not for ruru")
    site.stator.drain()
    assert "not for ruru" in ruru.get("/").text
    blocked = toroa.get("/@ruru/").form("/@ruru/block/").press()
    assert "You block this account" in blocked.text
    site.stator.drain()
    assert "not for ruru" not in ruru.get("/").text
    ruru.get(f"/@toroa/posts/{post_id}/", 404)
    name, value = ruru.token()
    ruru.send("POST", "/@toroa/follow/", {name: value}, 403)
    toroa.get("/@ruru/").forms_to("/@ruru/unblock/")[0].press()
    site.stator.drain()
    ruru.get(f"/@toroa/posts/{post_id}/")


def test_notifications_are_seen_once(site, ruru, toroa):
    post_id = toroa.compose("look at this")
    site.stator.drain()
    follow(site, ruru, "toroa")
    ruru.compose("hello @toroa")
    path = f"/@toroa/posts/{post_id}/"
    for act in ("like/", "boost/"):
        ruru.get(path).forms_to(f"{path}{act}")[0].press()
    site.stator.drain()
    assert "new: 4" in toroa.get("/").text
    page = toroa.get("/notifications/")
    for words in ("follows you", "mentioned you", "liked your post", "boosted your post", "look at this"):
        assert words in page.text
    assert page.text.count("(new)") == 4 and "new: 4" not in page.text
    again = toroa.get("/notifications/")
    assert "(new)" not in again.text and "liked your post" in again.text


def test_edit_the_profile(site, ruru):
    form = ruru.get("/settings/profile/").form("/settings/profile/")
    form.press(name="Ruru 🦉", bio="I hoot.\r\nAt night.", field_name_1="Home", field_value_1="https://example.org/",
               field_name_2="Pronouns", field_value_2="they & them", discoverable=None, show_follows=None)
    page = Browser(site, "kea.test").get("/@ruru/")
    assert "Ruru 🦉" in page.text and "I hoot." in page.text and "https://example.org/" in page.links()
    assert "they & them" in page.text and 'content="noindex"' in page.markup
    again = ruru.get("/settings/profile/").form("/settings/profile/").fields
    assert again["name"] == "Ruru 🦉" and again["bio"] == "I hoot.\nAt night."
    assert again["field_name_2"] == "Pronouns" and again["field_value_2"] == "they & them"
    assert "show_follows" not in again and "locked" not in again and "discoverable" not in again
    assert "keeps this list private" in Browser(site, "kea.test").get("/@ruru/followers/").text
    wrong = form.press(name="n" * 61, bio="kept", status=422).form("/settings/profile/").fields
    assert wrong["name"] == "n" * 61 and wrong["bio"] == "kept"


def test_remote_people_are_for_members(site, ruru, stranger, peers):
    peer = peers("peer1.test", tls=True)
    ana = peer.actor("ana", summary="<p>far away</p>")
    note = peer.publish(activity.note(ana, "<p>hello from afar</p>"))
    assert stranger.get("/@ana@peer1.test/", 404)
    found = ruru.get("/search/", params={"q": "@ana@peer1.test"})
    assert "@ana@peer1.test" in found.text
    found = ruru.get("/search/", params={"q": note["id"]})
    assert "hello from afar" in found.text
    post_id = found.posts()[0]
    assert "far away" in ruru.get("/@ana@peer1.test/").text
    assert "hello from afar" in ruru.get(f"/@ana@peer1.test/posts/{post_id}/").text
    assert stranger.get("/@ana@peer1.test/", 302).answer.headers["location"] == f"{peer.origin}/@ana"
    assert stranger.get(f"/@ana@peer1.test/posts/{post_id}/", 302).answer.headers["location"] == note["id"]
    assert stranger.client.head("/@ana@peer1.test/").status_code == 302
    asked = len(peer.received)
    assert stranger.get("/search/", params={"q": "@ben@peer1.test"}) and len(peer.received) == asked
    follow(site, ruru, "@ana@peer1.test")
    assert peer.inbox("Follow")


def test_search(site, ruru, toroa, stranger):
    post_id = toroa.compose("about #Kereru and #kea")
    site.stator.drain()
    assert "toroa" in ruru.get("/search/", params={"q": "tor"}).text
    assert "/tags/kereru/" in stranger.get("/search/", params={"q": "#ker"}).links()
    for address in (f"https://kea.test/@toroa/posts/{post_id}/", f"https://kea.test/@toroa@kea.test/posts/{post_id}/"):
        assert ruru.get("/search/", params={"q": address}).posts() == [post_id]
    assert "Nothing found" in ruru.get("/search/", params={"q": "%_%"}).text
    assert "toroa" in ruru.get("/search/", params={"q": "https://kea.test/@toroa/"}).text


# What strangers try


def test_forms_must_be_ours(site, ruru):
    name, value = ruru.token()
    good = {name: value, "text": "mine", "visibility": "public"}
    other_name, other = enter(site, TOROA).token()
    guess = ("x" if value[0] != "x" else "y") + value[1:]
    for fields in ({**good, name: ""}, {**good, name: guess}, {**good, other_name: other},
                   {"text": "mine", "visibility": "public"}):
        ruru.send("POST", "/compose/", fields, 403)
    for origin in ("https://evil.test", "https://weka.test", "null", "http://kea.test", "https://kea.test.evil.test"):
        ruru.send("POST", "/compose/", good, 403, headers={"Origin": origin})
    for path in ("/auth/logout/", "/switch/", "/@toroa/follow/", "/@toroa/block/",
                 "/settings/profile/", "/settings/sessions/", "/@toroa/posts/1/like/"):
        answer = ruru.client.post(path, data={"back": "/"})
        assert answer.status_code in (403, 404), path
    stranger = Browser(site, "kea.test")
    stranger.send("POST", "/auth/login/", {"email": RURU, "password": PASSWORD}, 403,
                  headers={"Origin": "https://evil.test"})
    assert site.value("select count(*) from posts") == 0 and ruru.get("/home/")
    assert site.value("select count(*) from follows") == 0


ELSEWHERE = ("https://evil.test/", "//evil.test/", "/\\evil.test/", "/\t/evil.test/", "\\\\evil.test", "evil.test",
             "javascript:alert(1)", "/%0d%0aX: y\r\nX: y", "/ä", " //evil.test", "/" + "a" * 4000)


def test_redirects_stay_here(site, toroa, ruru):
    post_id = toroa.compose("like me")
    name, value = ruru.token()
    for place in ELSEWHERE:
        answer = ruru.client.post(f"/@toroa/posts/{post_id}/like/", data={name: value, "back": place})
        assert answer.status_code == 303 and answer.headers["location"] == f"/@toroa/posts/{post_id}/", place
        answer = Browser(site, "kea.test").client.post(
            "/auth/login/", data={"email": TOROA, "password": PASSWORD, "next": place})
        assert answer.status_code == 303 and answer.headers["location"] == "/", place
        form = Browser(site, "kea.test").get("/auth/login/", params={"next": place}).form("login/")
        assert "next" not in form.fields, place
        site.sql("delete from throttles")


def test_hostile_words_are_words(site, ruru, toroa, stranger):
    ruru.get("/settings/profile/").form("/settings/profile/").press(
        name=HOSTILE[:60], bio=HOSTILE, field_name_1=HOSTILE[:60], field_value_1=HOSTILE)
    post_id = ruru.compose(HOSTILE, summary=HOSTILE)
    follow(site, ruru, "toroa")
    site.stator.drain()
    for browser, paths in ((stranger, ("/", "/local/", "/@ruru/", f"/@ruru/posts/{post_id}/")),
                           (toroa, ("/notifications/", "/search/?q=ruru", "/local/", "/@toroa/followers/",
                                    f"/compose/?reply_to={post_id}")),
                           (ruru, ("/", "/settings/profile/", f"/compose/?edit={post_id}"))):
        for path in paths:
            page = browser.get(path)
            assert not [tag for tag, attributes in page.tags if attributes.get("src") == "x"], path
            assert "&lt;img src=x onerror" in page.markup, path
    assert HOSTILE in toroa.get("/local/").text
    for query in (HOSTILE, "\"><b>", "'"):
        page = toroa.get("/search/", params={"q": query})
        assert page.form("/search/").fields["q"] == query
        assert toroa.get("/follow/", params={"handle": query}).form("/follow/").fields["handle"] == query


def test_hostile_actors(site, toroa, peers):
    peer = peers("peer1.test", tls=True)
    evil = peer.actor("evil", summary=f"<p onclick=x>hi</p>{HOSTILE}<a href='javascript:x'>y</a>",
                      url="javascript:alert(1)",
                      icon={"type": "Image", "url": "javascript:alert(1)"},
                      attachment=[{"type": "PropertyValue", "name": HOSTILE, "value": HOSTILE}])
    evil.overrides["name"] = HOSTILE
    note = peer.publish(activity.note(evil, f"<p>note</p>{HOSTILE}", summary=HOSTILE, url="javascript:alert(1)"))
    found = toroa.get("/search/", params={"q": note["id"]})
    for page in (found, toroa.get("/@evil@peer1.test/"), toroa.get(f"/@evil@peer1.test/posts/{found.posts()[0]}/")):
        assert HOSTILE in page.text and "x" not in [attributes.get("src") for _, attributes in page.tags]
    led = Browser(site, "kea.test").get("/@evil@peer1.test/", 302).answer.headers["location"]
    assert led == evil.id


# Trouble


def test_errors_have_pages(site, stranger, ruru):
    for path in ("/nothing/", "/@nobody/", "/@ruru/posts/1/", "/@ruru/posts/x/", "/@__system__/", "/static/none.css",
                 "/@%ff/", "/@ruru@/", "/@0@/"):
        page = stranger.get(path, 404 if path != "/@%ff/" else 400)
        if "static" not in path:
            assert "Back to the start" in page.text, path
    assert ruru.get("/@nobody/", 404).forms_to("logout/")
    site.rookery("identity", "delete", "toroa@kea.test", "--yes")
    for path in ("/@toroa/", "/@toroa/replies/", "/@toroa/followers/"):
        assert "It is gone" in stranger.get(path, 410).text
    answer = stranger.client.post("/about/")
    assert answer.status_code == 405
    assert site.get("https://moa.test/").status_code == 421
    site.rookery("domain", "suspend", "kea.test")
    wait_for(lambda: stranger.client.get("/about/").status_code == 403)
    assert Browser(site, "weka.test").get("/about/")


def test_slashes_are_added(site, stranger):
    assert stranger.get("/about", 301).answer.headers["location"] == "/about/"
    assert stranger.get("/@ruru?x=1", 301).answer.headers["location"] == "/@ruru/?x=1"


def test_assets(site, stranger):
    page = stranger.get("/about/")
    sheets = [attributes["href"] for tag, attributes in page.tags if attributes.get("rel") == "stylesheet"]
    for path in sheets:
        answer = stranger.client.get(path)
        assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/css")
        again = stranger.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304 and not again.content
    assert "immutable" in stranger.client.get(sheets[0]).headers["cache-control"]
    assert "immutable" not in stranger.client.get(sheets[0].split("?")[0]).headers["cache-control"]
    assert stranger.client.get("/robots.txt").text.startswith("User-agent: *")
    icon = stranger.client.get("/favicon.ico")
    assert icon.status_code == 303 and icon.headers["location"].startswith("/static/favicon.svg?v=")


def test_heads_have_no_bodies(site, stranger):
    for path in ("/about/", "/@ruru/", "/theme.css"):
        answer = stranger.client.head(path, headers={"Accept": ACCEPT})
        assert answer.status_code == 200 and answer.content == b""


def test_statements_do_not_grow_with_the_page(site, ruru, toroa, peer):
    """The same number for a page with one thing on it and for one with many."""
    name, value = toroa.token()

    def write(text, **more):
        toroa.send("POST", "/compose/", {name: value, "text": text, "visibility": "public", "back": "/", **more})
        return site.value("select max(id) from posts")

    def act(browser, path):
        token, secret = browser.token()
        browser.send("POST", path, {token: secret, "back": "/about/"})

    follow(site, ruru, "toroa")
    first = write("first #kea @ruru")
    act(ruru, f"/@toroa/posts/{first}/boost/")
    write("answer @ruru", in_reply_to=str(first))
    site.stator.drain()
    paths = ("/", "/local/", "/@toroa/", "/@toroa/replies/", f"/@toroa/posts/{first}/", "/tags/kea/",
             "/notifications/", "/@toroa/followers/", "/about/", "/switch/")
    counts = {}

    def count():
        found = {}
        for path in paths:
            before = statements(site)
            ruru.get(path)
            found[path] = statements(site) - before
        return found

    ruru.get("/notifications/")
    counts = count()
    for n in range(15):
        other = write(f"more {n} #kea @ruru @toroa", in_reply_to=str(first) if n % 2 else "")
        if n < 5:
            act(ruru, f"/@toroa/posts/{other}/boost/")
        actor = peer.actor(f"ana{n}")
        actor.send(site, "https://kea.test/inbox/", activity.follow(actor, "https://kea.test/@toroa@kea.test/"))
    site.stator.drain()
    assert count() == counts
    assert max(counts.values()) <= 34, counts

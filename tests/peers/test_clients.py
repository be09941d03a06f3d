# SPDX-License-Identifier: AGPL-3.0-or-later
"""Programs that people really use, made by others: toot and Mastodon.py (Debian), masto.js and megalodon (npm). Each
registers itself, signs two people up, gets their tokens by the code flow on our pages, and goes through a day of
theirs, on both tenants at once. All that they asked and were answered is recorded: every route that docs/client-api.md
says programs use was asked for by the program that it names, every answer is what Mastodon's description says, and
nothing that is one tenant's own is in an answer of the other."""

import concurrent.futures
import datetime
import html
import json
import os
import re
import struct
import subprocess
import threading
import zlib
from urllib.parse import urlencode, urlsplit

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import mastodon
from harness import lab
from harness.api import check_answer
from harness.contracts import named_routes
from harness.fixtures import DOMAINS, PASSWORD
from harness.join import stamp
from harness.peer import Peer
from harness.person import Person
from harness.programs import PEERS, node, wait_for
from harness.push import Receiver
from harness.recording import exchanges
from installation import Installation, numbers

NATIVE = "urn:ietf:wg:oauth:2.0:oob"
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
INPUT = re.compile(r"<(?:input|button)\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@pytest.fixture(scope="module")
def ours(module_database, tmp_path_factory):
    with Installation(module_database, tmp_path_factory.mktemp("site"), DOMAINS,
                      record=tmp_path_factory.mktemp("record")) as made:
        for domain in DOMAINS:
            made.site.rookery("domain", "set", domain, "sign_up", "open")
        for domain in DOMAINS:
            made.will("open sign-up", lambda name=domain: 'name="username"' in made.site.get(
                f"https://{name}/auth/signup/").text)
        yield made


@pytest.fixture(scope="module")
def push_service():
    with Peer("peer2.test", tls=True) as peer:
        yield peer


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """A PNG of 64 x 48 pixels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + bytes((x * 4, y * 5, 128)[n] for x in range(64) for n in range(3)) for y in range(48))
    path = tmp_path_factory.mktemp("picture") / "bird.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 48, 8, 2, 0, 0, 0))
                     + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))
    return path


def attributes(tag):
    return {name: html.unescape(value) for name, value in ATTRIBUTE.findall(tag)}


def allow(person, url):
    """What somebody does in the browser: opens the address, presses the button that allows, and reads the code."""
    parts = urlsplit(url)
    page = person.get(f"{parts.path}?{parts.query}")
    form = next(one for one in FORM.findall(page.text) if "/oauth/authorize" in one)
    tags = [attributes(one) for one in INPUT.findall(form)]
    fields = {one["name"]: one["value"] for one in tags if one.get("type") == "hidden"}
    pressed = next(one for one in tags if "name" in one and one.get("value") == "allow")
    answer = person.browser.post(attributes(form)["action"], data={**fields, pressed["name"]: pressed["value"]})
    assert answer.status_code in (302, 303), (answer.status_code, answer.text[:2000])
    shown = person.get(answer.headers["location"])
    assert shown.status_code == 200, shown.text[:2000]
    return re.search(r'<textarea id="code"[^>]*>([^<]+)<', shown.text)[1]


def secret_of(domain):
    """The word that is in everything that people of a tenant keep for themselves."""
    return f"zq{domain.partition('.')[0]}qz"


def newcomers(ours, stem):
    """What two people fill in who are not there yet."""
    ours.site.sql("delete from throttles")
    names = [f"{stem}{next(numbers)}" for _ in range(2)]
    return [{"username": name, "email": f"{name}@example.org", "password": PASSWORD} for name in names]


def logged_in(ours, domain, forms):
    return [Person(ours.site, one["username"], domain).log_in() for one in forms]


def on_both(story):
    """Runs a story on both tenants at the same time."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for done in [pool.submit(story, domain) for domain in DOMAINS]:
            done.result()


def run_node(script, *args):
    done = subprocess.run([node(), PEERS / script, *args], cwd=PEERS, text=True, capture_output=True, check=False,
                          timeout=150 * lab.SLOWNESS)
    assert done.returncode == 0, f"{script} {args[0]}: {done.stdout[-1000:]} {done.stderr[-6000:]}"
    return json.loads(done.stdout)


def got_pushed(ours, receiver, who):
    """A message came that an independent reading of RFC 8291 decrypts, and it speaks of them."""
    key = ours.site.get(f"https://{who.domain}/api/v2/instance").json()["configuration"]["vapid"]["public_key"]
    ours.will("a push", receiver.came)
    assert {one["notification_type"] for one in receiver.messages(key)} <= {"mention", "favourite"}


def client_of(ours, domain, form):
    """Mastodon.py signs somebody up, and gets a token of theirs."""
    base, scopes = f"https://{domain}", ["read", "write", "follow", "push"]
    key, secret = mastodon.Mastodon.create_app("Story", api_base_url=base, scopes=scopes)
    client = mastodon.Mastodon(client_id=key, client_secret=secret, api_base_url=base, request_timeout=60)
    client.create_account(form["username"], form["password"], form["email"], agreement=True, scopes=scopes)
    [person] = logged_in(ours, domain, [form])
    client.log_in(code=allow(person, client.auth_request_url(scopes=scopes)), scopes=scopes)
    return client, person


# masto.js

@pytest.fixture(scope="module")
def masto(ours, picture, push_service):
    def story(domain):
        url, forms, receiver = f"https://{domain}", newcomers(ours, "masto"), Receiver(push_service)
        app = run_node("masto_story.mjs", url, "sign-up", json.dumps({"people": forms}))
        people = logged_in(ours, domain, forms)
        asked = urlencode({"response_type": "code", "client_id": app["clientId"], "redirect_uri": NATIVE,
                           "scope": "read write follow push"})
        codes = [allow(one, f"{url}/oauth/authorize?{asked}") for one in people]
        steps = run_node("masto_story.mjs", url, "story", json.dumps(
            {"app": app, "codes": codes, "picture": str(picture), "push": receiver.subscription(),
             "secret": secret_of(domain)}))
        got_pushed(ours, receiver, people[0])
        assert steps[0] == "instance" and steps[-1] == "remove" and len(steps) == 31

    on_both(story)


def test_masto(masto):
    """Both stories came to their end."""


# megalodon

@pytest.fixture(scope="module")
def megalodon(ours, picture, push_service):
    def story(domain):
        url, forms, receiver = f"https://{domain}", newcomers(ours, "mega"), Receiver(push_service)
        app = run_node("megalodon_story.mjs", url, "register", json.dumps({"people": forms}))
        people = logged_in(ours, domain, forms)
        codes = [allow(one, app["url"]) for one in people]
        steps = run_node("megalodon_story.mjs", url, "story", json.dumps(
            {"app": app, "codes": codes, "picture": str(picture), "push": receiver.subscription(),
             "secret": secret_of(domain)}))
        got_pushed(ours, receiver, people[0])
        assert steps[0] == "people" and steps[-1] == "end" and len(steps) == 21

    on_both(story)


def test_megalodon(megalodon):
    """Both stories came to their end."""


# Mastodon.py

class Listener(mastodon.StreamListener):
    def __init__(self):
        self.updates, self.notices, self.open = [], [], threading.Event()

    def on_update(self, status):
        self.updates.append(status.id)

    def on_notification(self, notification):
        self.notices.append(notification.type)

    def handle_heartbeat(self):
        self.open.set()


def ask(client, method, path, **fields):
    """The client's own request, for routes that it has no method for."""
    return client._Mastodon__api_request(method, path, fields, use_json=method != "GET")


def streams_of(client, made):
    """Each stream opens: the first heartbeat comes."""
    generic = client._Mastodon__stream
    opened = (client.stream_public, client.stream_local, client.stream_direct,
              lambda listener, **more: client.stream_hashtag("birds", listener, **more),
              lambda listener, **more: client.stream_hashtag("birds", listener, local=True, **more),
              lambda listener, **more: client.stream_list(made, listener, **more),
              lambda listener, **more: generic("/api/v1/streaming/public/remote", listener, **more),
              lambda listener, **more: generic("/api/v1/streaming/user/notification", listener, **more))
    listeners = [Listener() for _ in opened]
    streams = [start(listener, run_async=True, timeout=60) for start, listener in zip(opened, listeners)]
    for number, listener in enumerate(listeners):
        assert listener.open.wait(60 * lab.SLOWNESS), number
    # It waits for what comes next on a stream that it closes.
    for stream in streams:
        threading.Thread(target=stream.close, daemon=True).start()


def settings_with_mastodon_py(author, picture):
    """What Mastodon.py has no methods for."""
    assert ask(author, "PATCH", "/api/v1/profile", display_name="Ann Thor").display_name == "Ann Thor"
    author.account_update_credentials(avatar=str(picture), header=str(picture))
    for what in ("avatar", "header"):
        ask(author, "DELETE", f"/api/v1/profile/{what}")
    assert ask(author, "GET", "/api/v1/profile").display_name == "Ann Thor"
    policy = ask(author, "PATCH", "/api/v2/notifications/policy", for_new_accounts="accept")
    assert policy.for_new_accounts == "accept"
    made = ask(author, "POST", "/api/v1/collections", name="Birders", description="").collection
    changed = ask(author, "PATCH", f"/api/v1/collections/{made.id}", name="Owlers").collection
    assert changed.name == "Owlers"


def secrets_with_mastodon_py(author, friend, me, other, word):
    """What people keep for themselves."""
    kept = author.status_post(f"followers: {word}", visibility="private")
    wait_for(lambda: kept.id in [one.id for one in friend.timeline_home()], what="the post for followers")
    author.status_post(f"@{other.acct} {word}", visibility="direct")
    wait_for(lambda: any(word in one.last_status.content for one in friend.conversations()), what="the conversation")
    friend.conversations_read(friend.conversations()[0].id)
    friend.account_note_set(me, word)
    made = friend.list_create(word)
    assert friend.list_update(made, "crows").title == "crows" and friend.list(made).title == "crows"
    assert made.id in [one.id for one in friend.lists()]
    friend.list_delete(made)
    caught = friend.filter_create(word, ["home"])
    assert friend.filter(caught).phrase == word and caught.id in [one.id for one in friend.filters()]
    friend.filter_update(caught, phrase="crow", context=["home"])
    friend.filter_delete(caught)


def rest_with_mastodon_py(author, friend, me, other, post):
    """The methods that the day below has no use for, each once."""
    assert [one.id for one in author.account_followers(me)] == [other.id]
    assert [one.id for one in friend.account_following(other)] == [me.id]
    assert friend.account_lookup(me.acct).id == friend.account(me).id == me.id
    assert me.id in [one.id for one in friend.account_search(me.username)]
    assert post.id in [one.id for one in friend.account_statuses(me)]
    friend.account_pin(me)
    assert [one.id for one in friend.endorsements()] == [me.id]
    friend.account_unpin(me)
    assert friend.account_familiar_followers(me)[0].id == me.id
    tag = author.featured_tag_create("birds")
    assert [one.name for one in author.featured_tags()] == ["birds"]
    author.featured_tag_delete(tag)
    friend.domain_block("noise.example")
    assert friend.domain_blocks() == ["noise.example"]
    friend.domain_unblock("noise.example")
    assert author.status_pin(post).pinned and not author.status_unpin(post).pinned
    assert author.status_mute(post).muted and not author.status_unmute(post).muted
    assert [one.id for one in author.status_reblogged_by(post)] == [other.id]
    assert author.status_context(post).descendants and author.status_source(post).text == "Hello #birds"
    changed = author.status_update(post, "Hello again #birds", media_ids=[one.id for one in post.media_attachments])
    assert changed.edited_at and len(author.status_history(post)) == 2
    assert not friend.status_unfavourite(post).favourited and not friend.status_unbookmark(post).bookmarked
    assert not friend.status_unreblog(post).reblogged
    assert post.id in [one.id for one in friend.timeline_hashtag("birds")]
    friend.markers_set(["home"], [post.id])
    assert str(friend.markers_get(["home"]).home.last_read_id) == str(post.id)
    for what in (friend.preferences, friend.announcements, friend.custom_emojis, friend.suggestions, friend.directory,
                 friend.trending_tags, friend.trending_statuses, friend.trending_links, friend.instance_activity,
                 friend.instance_peers, friend.instance_rules, friend.mutes, friend.blocks, friend.follow_requests):
        what()
    author.notifications_clear()
    assert author.notifications() == []


def day_with_mastodon_py(ours, domain, picture, push_service):
    (author, person), (friend, _) = [client_of(ours, domain, one) for one in newcomers(ours, "py")]
    me, other = author.account_verify_credentials(), friend.account_verify_credentials()
    assert author.instance().uri == domain
    friend.account_follow(me.id)
    wait_for(lambda: friend.account_relationships(me.id)[0].following, what="the follow")
    listener = Listener()
    stream = friend.stream_user(listener, run_async=True, timeout=120)
    listener.open.wait(60 * lab.SLOWNESS)
    media = author.media_post(str(picture), description="a bird", focus=(0.5, -0.5))
    post = author.status_post("Hello #birds", media_ids=[media], visibility="public", language="en",
                              spoiler_text="birds", sensitive=True, idempotency_key=f"key-{domain}")
    again = author.status_post("Hello #birds", media_ids=[media], visibility="public", language="en",
                               spoiler_text="birds", sensitive=True, idempotency_key=f"key-{domain}")
    assert again.id == post.id and post.media_attachments[0].meta.focus.x == 0.5
    wait_for(lambda: post.id in listener.updates, what="the stream")
    receiver = Receiver(push_service)
    keys = {"pubkey": receiver.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint),
            "auth": receiver.auth}
    author.push_subscription_set(receiver.endpoint, keys, mention_events=True)
    poll = author.status_post("Which?", poll=author.make_poll(["a", "b"], expires_in=3600)).poll
    friend.poll_vote(poll.id, [0])
    assert friend.poll(poll.id).voted
    friend.status_reply(post, "hello there")
    friend.status_favourite(post)
    friend.status_reblog(post)
    friend.status_bookmark(post)
    wait_for(lambda: {"favourite", "reblog", "mention"} <= {one.type for one in author.notifications()},
             what="the notifications")
    got_pushed(ours, receiver, person)
    assert post.id in [one.id for one in friend.bookmarks()] and post.id in [one.id for one in friend.favourites()]
    assert [one.id for one in author.status_favourited_by(post)] == [other.id]
    paged = author.timeline_public(local=True, limit=1)
    assert paged and author.fetch_next(paged)[0].id < paged[0].id
    made = friend.list_create("friends")
    friend.list_accounts_add(made, [me.id])
    assert post.id in [one.id for one in friend.timeline_list(made)]
    streams_of(friend, made)
    friend.filter_create("bird", ["home"])
    found = friend.search_v2("birds", result_type="hashtags")
    assert "birds" in [one.name for one in found.hashtags]
    later = author.status_post(f"later {secret_of(domain)}", scheduled_at=datetime.datetime.now(datetime.timezone.utc)
                               + datetime.timedelta(hours=1))
    assert later.id in [one.id for one in author.scheduled_statuses()]
    author.scheduled_status_delete(later)
    author.account_update_credentials(display_name="Ann", note="bird", avatar=str(picture),
                                      fields=[("Site", "https://example.org")])
    assert author.account_verify_credentials().avatar.startswith("https://")
    settings_with_mastodon_py(author, picture)
    private, public = friend.push_subscription_generate_keys()
    friend.push_subscription_set("https://push.test/x", public, mention_events=True)
    assert friend.push_subscription().alerts.mention and private
    friend.push_subscription_delete()
    friend.account_mute(me)
    friend.account_unmute(me)
    friend.report(me, comment="no reason")
    secrets_with_mastodon_py(author, friend, me, other, secret_of(domain))
    rest_with_mastodon_py(author, friend, me, other, post)
    author.status_delete(post)
    with pytest.raises(mastodon.MastodonNotFoundError):
        friend.status(post.id)
    threading.Thread(target=stream.close, daemon=True).start()
    friend.revoke_access_token()


@pytest.fixture(scope="module")
def mastodon_py(ours, picture, push_service):
    on_both(lambda domain: day_with_mastodon_py(ours, domain, picture, push_service))


def test_mastodon_py(mastodon_py):
    """Both stories came to their end."""


# toot

class Toot:
    def __init__(self, directory, person):
        self.env = {**os.environ, "XDG_CONFIG_HOME": str(directory), "HOME": str(directory), "NO_COLOR": "1"}
        self.person = person

    def run(self, *args, stdin=""):
        done = subprocess.run(["/usr/bin/toot", *args], env=self.env, input=stdin, text=True, check=False,
                              capture_output=True, timeout=60 * lab.SLOWNESS)
        assert done.returncode == 0 and "Traceback" not in done.stderr, (args, done.stdout[-800:], done.stderr[-3000:])
        return done.stdout

    def log_in(self):
        """It prints an address, and waits for the code that a person brings back."""
        argv = ["/usr/bin/toot", "login", "--instance", self.person.domain]
        with subprocess.Popen(argv, env=self.env, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT) as child:
            said = ""
            while "/oauth/authorize" not in said:
                line = child.stdout.readline()
                assert line, said
                said += line
            code = allow(self.person, re.search(r"https://\S+/oauth/authorize\S*", said)[0])
            rest = child.communicate(f"n\n{code}\n", timeout=60 * lab.SLOWNESS)[0]
        assert child.returncode == 0 and "Successfully logged in" in rest, rest


def sign_up(ours, domain, form):
    """toot has no command for it: the form of the page."""
    browser = ours.site.client(domain, follow_redirects=False)
    page = browser.get("/auth/signup/").text
    shown = next(one for one in FORM.findall(page) if 'name="email"' in one)
    hidden = {one["name"]: one["value"] for one in map(attributes, INPUT.findall(shown)) if one.get("type") == "hidden"}
    answer = browser.post("/auth/signup/", data={**hidden, **form, "stamp": stamp(ours.site, domain)})
    assert answer.status_code == 303, answer.text[-3000:]


def answers_with_toot(ours, first, second, number):
    """Two people and a post of the first."""
    name = first.person.handle.partition("@")[0]
    second.run("follow", f"@{first.person.handle}")
    assert name in second.run("following", second.person.handle)
    assert second.person.handle.partition("@")[0] in first.run("followers", first.person.handle)
    for verb in ("favourite", "reblog", "bookmark"):
        second.run(verb, number)
    for more in (["--public", "--local"], ["--tag", "birds"]):
        assert "Hello from a terminal" in second.run("timeline", *more, "--once", "--no-color")
    assert "Hello from a terminal" in second.run("bookmarks", "--once", "--no-color")
    assert second.person.handle.partition("@")[0] in first.run("reblogged_by", number)
    second.run("post", "indeed", "--reply-to", number)
    assert "indeed" in first.run("thread", number, "--no-color")
    ours.will("the notification", lambda: "favourited" in first.run("notifications", "--no-color"))
    for verb in ("unfavourite", "unreblog", "unbookmark"):
        second.run(verb, number)


def secrets_with_toot(ours, first, second, word):
    first.run("post", f"followers: {word}", "--visibility", "private")
    ours.will("the post for followers", lambda: word in second.run("timeline", "--once", "--no-color"))
    first.run("post", f"@{second.person.handle} {word}", "--visibility", "direct", "--spoiler-text", word)
    ours.will("the mention", lambda: word in second.run("notifications", "--mentions", "--no-color"))
    first.run("post", f"later {word}", "--scheduled-in", "1 day", "--language", "en")


def arrivals_with_toot(ours, domain, directory):
    forms = newcomers(ours, "toot")
    for one in forms:
        sign_up(ours, domain, one)
    both = [Toot(directory / one.handle, one) for one in logged_in(ours, domain, forms)]
    for one in both:
        os.mkdir(one.env["HOME"])
        one.log_in()
        assert one.person.handle.partition("@")[0] in one.run("whoami")
    return both


def day_with_toot(ours, domain, picture, directory):
    first, second = arrivals_with_toot(ours, domain, directory)
    author = first.person
    first.run("post", "Hello from a terminal #birds", "--media", str(picture), "--description", "a bird",
              "--visibility", "public")
    [post] = ours.site.sql("select id from posts where author_id = %s", author.id)
    number = str(post["id"])
    answers_with_toot(ours, first, second, number)
    secrets_with_toot(ours, first, second, secret_of(domain))
    second.run("tags_follow", "birds")
    assert "birds" in second.run("tags_followed")
    second.run("tags_unfollow", "birds")
    for verb in ("mute", "unmute", "unfollow", "block", "unblock"):
        second.run(verb, author.handle)
    assert author.handle.partition("@")[0] in second.run("search", author.handle)
    assert "toot" in second.run("whois", author.handle)
    assert "http" in first.run("upload", str(picture))
    assert domain in first.run("instance") and domain in first.run("auth")
    for verb in ("pin", "unpin", "delete"):
        first.run(verb, number)
    second.run("notifications", "--clear")
    second.run("logout", second.person.handle)


@pytest.fixture(scope="module")
def toot(ours, picture, tmp_path_factory):
    directory = tmp_path_factory.mktemp("toot")
    on_both(lambda domain: day_with_toot(ours, domain, picture, directory))


def test_toot(toot):
    """Both stories came to their end."""


# What they asked and were answered

AGENTS = {"masto.js": "node", "megalodon": "axios/", "Mastodon.py": "mastodonpy", "toot": "toot/"}
BROWSER = "a person's browser"
IN_CONFIDENCE = ("private", "direct")


@pytest.fixture(scope="module")
def recorded(ours, masto, megalodon, mastodon_py, toot):
    """All exchanges with the tenants, of all stories."""
    return [one for one in exchanges(ours.record) if one.host in DOMAINS]


def is_asked(recorded, route):
    """With the answer that the page states; otherwise with a good one, or a stream's first."""
    pattern = re.compile(re.sub(r":\w+", "[^/]+", route.path) + "/?")
    return any(one.method == route.method and one.agent.startswith(AGENTS[route.program])
               and pattern.fullmatch(one.path)
               and (one.status == route.status if route.status else one.status < 400) for one in recorded)


def test_every_route_that_programs_use_is_in_a_story(recorded):
    routes = [one for one in named_routes() if one.program != BROWSER]
    assert len(routes) > 150 and [one for one in routes if not is_asked(recorded, one)] == []


@pytest.mark.parametrize("program", AGENTS)
def test_each_program_asks_of_both_tenants(recorded, program):
    for domain in DOMAINS:
        asked = {(one.method, re.sub(r"\d{5,}", ":id", one.path)) for one in recorded
                 if one.agent.startswith(AGENTS[program]) and one.host == domain and one.status < 400}
        assert len(asked) > 25, asked


def test_answers_are_what_mastodon_describes(recorded):
    for one in recorded:
        if one.path.startswith("/api/") and one.whole:
            check_answer(one.method, one.path, one)


def statuses_in(value):
    """Every status in an answer, however deep."""
    inner = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
    if isinstance(value, dict) and {"visibility", "uri", "in_reply_to_id"} <= value.keys():
        yield value
    for one in inner:
        yield from statuses_in(one)


def documents(recorded, domain):
    for one in recorded:
        if one.host == domain and one.whole and one.headers.get("content-type", "").startswith("application/json"):
            yield one.json()


def confidences(recorded, domain):
    """Ids and addresses of what is not for everybody, and the word that is in it."""
    kept = [one for document in documents(recorded, domain) for one in statuses_in(document)
            if one["visibility"] in IN_CONFIDENCE]
    return {secret_of(domain)} | {one[name] for one in kept for name in ("id", "uri", "url") if one[name]}


@pytest.mark.parametrize("domain, other", [DOMAINS, DOMAINS[::-1]])
def test_nothing_of_one_tenant_is_in_an_answer_of_the_other(recorded, domain, other):
    kept = confidences(recorded, domain)
    assert len(kept) > 12
    own = [one for one in recorded if one.host == domain and secret_of(domain) in one.text]
    assert {one.agent.partition("/")[0] for one in own} >= {"node", "axios", "mastodonpy", "toot"}
    found = re.compile("|".join(map(re.escape, kept)))
    answers = [one for one in recorded if one.host == other and one.text]
    assert len(answers) > 300
    for one in answers:
        assert not found.search(one.text), (one.agent, one.method, one.target, found.search(one.text))

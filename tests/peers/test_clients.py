# SPDX-License-Identifier: AGPL-3.0-or-later
"""Programs that people really use, made by others: toot and Mastodon.py (Debian), masto.js and megalodon (npm). Each
registers itself, gets its tokens by the code flow on our pages, and goes through a day of two people, on both
tenants at once."""

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
from urllib.parse import urlsplit

import pytest

import mastodon
from harness import lab
from harness.fixtures import DOMAINS
from harness.programs import PEERS, node, wait_for
from installation import Installation

NATIVE = "urn:ietf:wg:oauth:2.0:oob"
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
INPUT = re.compile(r"<(?:input|button)\b[^>]*>")
ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@pytest.fixture(scope="module")
def ours(module_database, tmp_path_factory):
    with Installation(module_database, tmp_path_factory.mktemp("site"), DOMAINS) as made:
        yield made


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


def people(ours, domain, stem):
    return ours.newcomer(f"{stem}a", domain), ours.newcomer(f"{stem}b", domain)


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


def client_of(ours, domain, person):
    """Mastodon.py with a token of that person."""
    base = f"https://{domain}"
    key, secret = mastodon.Mastodon.create_app("Story", api_base_url=base, scopes=["read", "write", "follow", "push"])
    client = mastodon.Mastodon(client_id=key, client_secret=secret, api_base_url=base, request_timeout=60)
    code = allow(person, client.auth_request_url(scopes=["read", "write", "follow", "push"]))
    client.log_in(code=code, scopes=["read", "write", "follow", "push"])
    return client


# masto.js

def test_masto(ours, picture):
    def story(domain):
        tokens = [client_of(ours, domain, one).access_token for one in people(ours, domain, "masto")]
        steps = run_node("masto_story.mjs", f"https://{domain}",
                         json.dumps({"author": tokens[0], "friend": tokens[1], "picture": str(picture)}))
        assert steps[0] == "instance" and steps[-1] == "remove" and len(steps) == 16

    on_both(story)


# megalodon

def test_megalodon(ours, picture):
    def story(domain):
        app = run_node("megalodon_story.mjs", f"https://{domain}", "register")
        codes = [allow(one, app["url"]) for one in people(ours, domain, "mega")]
        steps = run_node("megalodon_story.mjs", f"https://{domain}", "story",
                         json.dumps({"app": app, "codes": codes, "picture": str(picture)}))
        assert steps[0] == "people" and steps[-1] == "remove" and len(steps) == 7

    on_both(story)


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


def day_with_mastodon_py(ours, domain, picture):
    author, friend = [client_of(ours, domain, one) for one in people(ours, domain, "py")]
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
    poll = author.status_post("Which?", poll=author.make_poll(["a", "b"], expires_in=3600)).poll
    friend.poll_vote(poll.id, [0])
    assert friend.poll(poll.id).voted
    friend.status_reply(post, "hello there")
    friend.status_favourite(post)
    friend.status_reblog(post)
    friend.status_bookmark(post)
    wait_for(lambda: {"favourite", "reblog", "mention"} <= {one.type for one in author.notifications()},
             what="the notifications")
    assert post.id in [one.id for one in friend.bookmarks()] and post.id in [one.id for one in friend.favourites()]
    assert [one.id for one in author.status_favourited_by(post)] == [other.id]
    paged = author.timeline_public(local=True, limit=1)
    assert paged and author.fetch_next(paged)[0].id < paged[0].id
    made = friend.list_create("friends")
    friend.list_accounts_add(made, [me.id])
    assert post.id in [one.id for one in friend.timeline_list(made)]
    friend.filter_create("bird", ["home"])
    friend.account_note_set(me, "knows birds") if hasattr(friend, "account_note_set") else None
    found = friend.search_v2("birds", result_type="hashtags")
    assert "birds" in [one.name for one in found.hashtags]
    later = author.status_post("later", scheduled_at=datetime.datetime.now(datetime.timezone.utc)
                               + datetime.timedelta(hours=1))
    assert later.id in [one.id for one in author.scheduled_statuses()]
    author.scheduled_status_delete(later)
    author.account_update_credentials(display_name="Ann", note="bird", avatar=str(picture),
                                      fields=[("Site", "https://example.org")])
    assert author.account_verify_credentials().avatar.startswith("https://")
    private, public = friend.push_subscription_generate_keys()
    friend.push_subscription_set("https://push.test/x", public, mention_events=True)
    assert friend.push_subscription().alerts.mention and private
    friend.push_subscription_delete()
    friend.account_mute(me)
    friend.account_unmute(me)
    friend.report(me, comment="no reason")
    author.status_delete(post)
    with pytest.raises(mastodon.MastodonNotFoundError):
        friend.status(post.id)
    stream.close()


def test_mastodon_py(ours, picture):
    on_both(lambda domain: day_with_mastodon_py(ours, domain, picture))


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


def test_toot(ours, picture, tmp_path):
    def story(domain):
        author, friend = people(ours, domain, "toot")
        first, second = (Toot(tmp_path / one.handle, one) for one in (author, friend))
        for one in (first, second):
            os.mkdir(one.env["HOME"])
            one.log_in()
        assert author.handle.partition("@")[0] in first.run("whoami")
        first.run("post", "Hello from a terminal #birds", "--media", str(picture), "--description", "a bird",
                  "--visibility", "public")
        [post] = ours.site.sql("select id from posts where author_id = %s", author.id)
        number = str(post["id"])
        second.run("follow", f"@{author.handle}")
        for verb in ("favourite", "reblog", "bookmark"):
            second.run(verb, number)
        assert "Hello from a terminal" in second.run("timeline", "--public", "--local", "--once", "--no-color")
        assert "Hello from a terminal" in second.run("bookmarks", "--once", "--no-color")
        second.run("post", "indeed", "--reply-to", number)
        assert "indeed" in first.run("thread", number, "--no-color")
        ours.will("the notification", lambda: "favourited" in first.run("notifications", "--no-color"))
        second.run("tags_follow", "birds")
        assert "birds" in second.run("tags_followed")
        for verb in ("mute", "unmute", "block", "unblock"):
            second.run(verb, author.handle)
        assert author.handle.partition("@")[0] in second.run("search", author.handle)
        assert "toot" in second.run("whois", author.handle)
        first.run("instance")
        first.run("pin", number)
        first.run("delete", number)

    on_both(story)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every page that the server has, as everybody who may see it, with scripts and without: nothing that axe-core or
html-validate finds, nothing wider than the screen, nothing in the console, nothing that is said in English alone."""

import html.parser
import json
import re
import subprocess

import pytest

import pages
from harness import lab
from harness.front import TlsFront
from harness.programs import node

pytestmark = pytest.mark.options(development="true")
ORIGINS = {role: "https://console.test" for role in ("operator", "stranger", "newcomer", "founder")}
ROLES = ("visitor", "member", "staff", "operator", "stranger", "newcomer", "founder")


@pytest.fixture(scope="module")
def world(shared_site):
    return pages.World(shared_site)


@pytest.fixture(scope="module")
def walked(world):
    """walked(role, script) -> what was seen of the pages that this role has."""
    def walk(role, script, language=None, patterns=None):
        order = {"origin": ORIGINS.get(role, "https://kea.test"),
                 "cookies": world.cookies[role], "script": script, "language": language,
                 "pages": list(world.addresses(role, patterns or world.patterns[role]).values()),
                 "pictures": None if script else pages.pictures(f"{role}-{language}" if language else role)}
        done = subprocess.run([node(), lab.ROOT / "tests/browser/walk.mjs"], input=json.dumps(order), text=True,
                              capture_output=True, check=False, timeout=600 * lab.PATIENCE)
        assert done.returncode == 0, done.stderr[-4000:]
        return [json.loads(line) for line in done.stdout.splitlines()]

    with TlsFront({"kea.test": world.site.port, "console.test": world.site.port}):
        yield walk


def test_every_page_is_walked(world):
    left = pages.unlisted(pages.routes())
    assert left == [], f"add an address of {left} to SAMPLES in tests/browser/pages.py"
    assert len(world.patterns["visitor"]) > 10 and len(world.patterns["member"]) > 30
    unseen = set(pages.walkable(pages.routes())) - {one for role in ROLES for one in world.patterns[role]}
    assert unseen == set(), "nobody may see these: add a role, or an address in SAMPLES that is there"


def sound(seen):
    """Nothing is wrong on any of these pages."""
    assert [one for one in seen if one["status"] != 200 or not one["heading"]] == []
    wrong = {one["page"]: one["problems"] for one in seen if one["problems"]}
    assert wrong == {}, json.dumps(wrong, indent=1, ensure_ascii=False)
    assert {one["page"]: one["overflow"] for one in seen if one["overflow"]} == {}


@pytest.mark.parametrize("script", [False, True], ids=["without scripts", "with scripts"])
@pytest.mark.parametrize("role", ROLES)
def test_pages_are_sound(world, walked, role, script):
    if world.patterns[role]:
        sound(walked(role, script))


def test_pages_are_sound_from_the_right(world, walked):
    """Written from the right and longer: nothing overflows, and the markup says so."""
    seen = walked("member", False, "en-XB", world.patterns["visitor"])
    sound(seen)
    assert {(one["lang"], one["dir"]) for one in seen} == {("en-XB", "rtl")}


class Said(html.parser.HTMLParser):
    """All words that a page says, but those in another language and those of addresses."""

    SPOKEN = ("aria-label", "title", "placeholder", "alt", "content")
    VOID = set("area base br col hr img input link meta source track wbr".split())

    def __init__(self, text):
        super().__init__()
        self.words, self.open = [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        silent = tag in ("code", "kbd", "svg", "textarea") or "lang" in attributes and tag != "html"
        spoken = [name for name in self.SPOKEN if name != "content" or attributes.get("name") == "description"]
        if not silent and not any(self.open):
            self.words += [attributes[name] for name in spoken if name in attributes]
        if tag not in self.VOID:
            self.open.append(silent)

    def handle_endtag(self, tag):
        if self.open and tag not in self.VOID:
            self.open.pop()

    def handle_data(self, data):
        if not any(self.open):
            self.words.append(data)


# What is the same in every language: names, addresses, what a program calls itself.
NAMES = re.compile(r"https?://\S+|#?@\S+|\S+@\S+|\b(?:ruru|toroa|[Rr]obin|kea\.test|weka\.test|"
                   r"peer1\.test|Rookery|PostgreSQL|libpq|libcurl|OpenSSL|libmicrohttpd|jansson|"
                   r"UTC|Firefox|Linux|Test|Mastodon|RSS|Atom|CSV)\b|"
                   r"\b[\w-]+\.(?:test|example)\b|\d [kMGT]?B\b|"
                   r"\b[a-z]+[._][a-z_.]+\b|\b(?:from|has|before):\S+")


@pytest.mark.usefixtures("walked")  # a look at a community finds it behind TLS
@pytest.mark.parametrize("role", ROLES)
def test_nothing_is_said_in_english_alone(world, role):
    """In a language that is made of the catalogue, no letter of ours is left: what has one is not in the catalogue."""
    browser, wrong = world.browsers[role], {}
    for pattern, address in world.addresses(role, world.patterns[role]).items():
        answer = browser.client.get(address, headers={"Accept-Language": "en-XA"})
        assert answer.status_code == 200 and '<html lang="en-XA" dir="ltr"' in answer.text, address
        left = [words.strip() for words in Said(answer.text).words if re.search("[A-Za-z]{2}", NAMES.sub("", words))]
        if left:
            wrong[pattern] = left
    assert wrong == {}, json.dumps(wrong, indent=1, ensure_ascii=False)


@pytest.mark.parametrize("role", ["member", "staff", "operator"])
def test_no_form_is_taken_without_its_token(world, role):
    """Every form of every page has the session's token, and where it leads nothing happens without it."""
    browser, actions = world.browsers[role], {}
    for address in world.addresses(role, world.patterns[role]).values():
        for form in browser.get(address).forms:
            if form.method == "POST":
                assert form.fields.get("form_token"), (address, form.action)
                actions.setdefault(form.action, form)
    assert len(actions) > 4
    for action, form in actions.items():
        fields = {name: value for name, value in form.fields.items() if name != "form_token"}
        answer = browser.client.post(action, data=fields, headers={"Origin": ORIGINS.get(role, "https://kea.test")})
        assert answer.status_code == 403, (action, answer.status_code)

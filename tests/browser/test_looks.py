# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every template, rendered by tests/browser/preview.c, is sound markup that needs no script: tags
match, ids are unique, inputs have names, forms that change something carry their token."""

import html.parser
import os
import pathlib
import re
import subprocess

import pytest

PREVIEW = os.environ.get("ROOKERY_PREVIEW", f"build/{os.environ.get('VARIANT', 'plain')}/tests/browser/preview")
FEEDS = {"rss", "atom", "sitemap"}
VOID = set("area base br col embed hr img input link meta source track wbr".split())
LABELLED = {"input", "select", "textarea"}


class Page(html.parser.HTMLParser):
    """Collects what the tests ask about; a tag that does not match fails at once."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        element = {"tag": tag, "in": [e["tag"] for e in self.open], "text": "", **dict(attributes)}
        element["nav"] = next((e for e in reversed(self.open) if e["tag"] == "nav"), None)
        if tag == "input" and self.open:
            form = next((e for e in reversed(self.open) if e["tag"] == "form"), None)
            if form:
                form.setdefault("inputs", []).append(element)
        self.elements.append(element)
        if tag == "img":
            self.handle_data(element["alt"])
        if tag not in VOID and not self.in_svg():
            self.open.append(element)

    def handle_endtag(self, tag):
        if tag in ("use", "rect"):
            return
        assert self.open and self.open[-1]["tag"] == tag, f"</{tag}> at {self.getpos()}"
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element["text"] += data

    def in_svg(self):
        return any(e["tag"] == "svg" for e in self.open)

    def all(self, *tags):
        return [e for e in self.elements if e["tag"] in tags]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("preview")
    subprocess.run([PREVIEW, str(folder)], check=True)
    return {p.name: Page(p.read_text()) for p in sorted(folder.glob("*.html"))}


def test_every_page_template_is_previewed(pages):
    templates = {p.stem for p in pathlib.Path("templates").glob("*.html")} - {"layout", "console_layout", "robots"}
    sources = "".join(p.read_text() for p in pathlib.Path("tests/browser").glob("preview*.c"))
    calls = set(re.findall(r"\btpl_(\w+)\(o, &page\)", sources))
    assert templates == calls
    assert len(pages) >= len(templates) - len(FEEDS)


def test_one_tab_is_the_present_one(pages):
    """Of a row of tabs no two are where one is."""
    for name, page in pages.items():
        for nav in (e for e in page.all("nav") if "tabs" in e.get("class", "")):
            current = [e["href"] for e in page.all("a") if e["nav"] is nav and e.get("aria-current")]
            assert len(current) <= 1, (name, current)


def test_landmarks_and_headings(pages):
    for name, page in pages.items():
        assert page.elements[0].get("lang"), name
        assert [len(page.all(tag)) for tag in ("main", "header", "footer", "h1", "title")] == [1] * 5, name
        assert all(e["text"].strip() for e in page.all("h1", "h2", "title")), name
        assert all(e.get("aria-label") for e in page.all("nav")), name


def test_ids_and_references(pages):
    for name, page in pages.items():
        ids = [e["id"] for e in page.elements if "id" in e]
        assert len(ids) == len(set(ids)), name
        for element in page.elements:
            for key in ("for", "aria-labelledby", "aria-describedby"):
                assert set(element.get(key, "").split()) <= set(ids), (name, element)


def test_controls_have_names(pages):
    for name, page in pages.items():
        labels = {e.get("for") for e in page.all("label")}
        for element in page.all(*LABELLED):
            assert (
                element.get("type") == "hidden"
                or element.get("id") in labels
                or "aria-label" in element
                or "label" in element["in"]
            ), (name, element)
        for element in page.all("button", "a", "summary"):
            assert (
                element["text"].strip() or "aria-label" in element or element.get("aria-hidden")
            ), (name, element)


def test_forms_work_and_carry_their_token(pages):
    for name, page in pages.items():
        for form in page.all("form"):
            if form["method"] == "dialog":
                continue
            assert form["action"].startswith("/"), (name, form)
            if form["method"] == "post":
                tokens = [i for i in form.get("inputs", []) if i.get("name") == "form_token"]
                assert len(tokens) == 1 and tokens[0]["value"], (name, form)


def test_nothing_runs_and_nothing_is_styled_inline(pages):
    for name, page in pages.items():
        assert page.all("style", "iframe", "object") == [], name
        assert all(e.get("src", "").startswith("/static/") and not e["text"] for e in page.all("script")), name
        for element in page.elements:
            assert not [k for k in element if k == "style" or k.startswith("on")], (name, element)
            for key in ("href", "src", "action"):
                assert re.match(r"(/(?!/)|#|https?://|mailto:[^?&]+$)", element.get(key, "/")), (name, element)


def test_text_is_escaped(pages):
    assert pages["search_nothing.html"].all("dodo") == []
    assert "<dodo>" in pages["search_nothing.html"].all("main")[0]["text"]
    assert "</textarea>" in pages["edit_profile.html"].all("textarea")[0]["text"]
    [email] = [e for e in pages["login.html"].all("input") if e.get("id") == "email"]
    assert email["value"] == 'ann@"quoted".example'

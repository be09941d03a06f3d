# SPDX-License-Identifier: AGPL-3.0-or-later
"""A browser without scripts: pages, the forms on them, cookies, and what must hold for every page."""

import html.parser
from urllib.parse import urljoin, urlsplit

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
}


class Form:
    """A form as it stands on its page: fields by name, and its buttons."""

    def __init__(self, page, attributes):
        self.page = page
        self.action = attributes.get("action", "")
        self.method = attributes.get("method", "get").upper()
        self.fields = {}
        self.buttons = []

    def press(self, button=None, status=303, files=None, **values):
        """Sends it: with the button that has this value, and other values than the page's. None takes
        a field out. Follows the redirect, or gives the page with that status."""
        fields = {**self.fields, **values}
        if button is not None:
            fields.update(next(one for one in self.buttons if button in one.values()))
        fields = {name: value for name, value in fields.items() if value is not None}
        more = {"files": files} if files else {}
        return self.page.browser.send(self.method, urljoin(self.page.url, self.action), fields, status, **more)


class Page(html.parser.HTMLParser):
    """What came: status, headers, markup, the text that people read, and forms."""

    def __init__(self, browser, answer):
        super().__init__()
        self.browser, self.answer = browser, answer
        self.status, self.url, self.markup = answer.status_code, str(answer.url), answer.text
        self.path = urlsplit(self.url).path
        self.forms, self.tags, self.words = [], [], []
        self.select = self.area = None
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.feed(answer.text)
            self.close()
            self.check()

    def check(self):
        """No markup of a page runs anything; ids are used once, and what names one finds it."""
        ids = [attributes["id"] for _, attributes in self.tags if attributes.get("id")]
        assert len(ids) == len(set(ids)), (self.url, sorted(one for one in ids if ids.count(one) > 1))
        for tag, attributes in self.tags:
            meant = attributes.get("aria-describedby", "").split() + attributes.get("for", "").split()
            if tag == "a" and attributes.get("href", "").startswith("#"):
                meant.append(attributes["href"][1:])
            assert set(meant) <= set(ids), (self.url, tag, attributes)
        for tag, attributes in self.tags:
            assert tag not in ("style", "iframe", "object", "embed", "base"), (self.url, tag)
            assert tag != "script" or dict(attributes).get("src", "").startswith("/static/"), self.url
            for name, value in attributes.items():
                assert not name.startswith("on") and name != "style", (self.url, tag, attributes)
                assert not value.strip().lower().startswith(("javascript:", "data:")), (self.url, tag, attributes)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        form = self.forms[-1] if self.forms else None
        if tag == "form":
            self.forms.append(Form(self, attributes))
        elif form and tag == "input":
            if attributes.get("type") not in ("checkbox", "radio") or "checked" in attributes:
                form.fields[attributes["name"]] = attributes.get("value", "")
        elif form and tag == "button":
            form.buttons.append({attributes["name"]: attributes["value"]} if "name" in attributes else {})
        elif form and tag == "textarea":
            self.area = attributes["name"]
            form.fields[self.area] = ""
        elif form and tag == "select":
            self.select = attributes["name"]
        elif form and tag == "option" and "selected" in attributes:
            form.fields[self.select] = attributes["value"]

    def handle_endtag(self, tag):
        if tag == "textarea":
            self.area = None

    def handle_data(self, data):
        if self.area:
            self.forms[-1].fields[self.area] += data
        self.words.append(data)

    def form(self, end):
        """The one form whose action ends so."""
        found = self.forms_to(end)
        assert len(found) == 1, f"{self.path}: {len(found)} forms to {end}: {[f.action for f in self.forms]}"
        return found[0]

    def form_of(self, path):
        """The one form that leads to a path, whatever its query is."""
        [found] = [form for form in self.forms if urlsplit(form.action).path == path]
        return found

    def forms_to(self, end):
        return [form for form in self.forms if form.action.endswith(end)]

    def links(self):
        return [attributes["href"] for tag, attributes in self.tags if tag == "a" and "href" in attributes]

    def posts(self):
        """Ids of the posts on it, in order."""
        return [attributes["id"][1:] for tag, attributes in self.tags if tag == "article"]


def check(answer):
    """What holds for every answer to a browser."""
    for name, value in HEADERS.items():
        assert answer.headers.get(name) == value, (str(answer.url), name, answer.headers)
    policy = dict((part.split(" ", 1) + [""])[:2] for part in
                  answer.headers["content-security-policy"].split("; "))
    assert policy["default-src"] == "'none'" and policy.get("script-src", "'self'") == "'self'", policy
    assert policy["style-src"] == "'self'" and policy["form-action"].startswith("'self'"), policy


class Browser:
    """One browser on a domain of a site. It goes on to other domains of the site when it is led there."""

    def __init__(self, site, domain, client_address="203.0.113.7"):
        self.site = site
        self.client = site.client(domain, client_address=client_address,
                                  headers={"Accept": ACCEPT, "User-Agent": AGENT})

    def _answer(self, method, url, **more):
        answer = self.client.request(method, url, **more)
        check(answer)
        return answer

    def get(self, path, status=200, **more):
        """A page; redirects are followed unless their status is what is asked for."""
        answer = self._answer("GET", path, **more)
        return self._arrive(answer, status)

    def _arrive(self, answer, status):
        hops = 0
        while answer.status_code in (301, 302, 303) and answer.status_code != status:
            hops += 1
            assert hops < 5, f"redirects without end at {answer.url}"
            answer = self._answer("GET", urljoin(str(answer.url), answer.headers["location"]))
        assert answer.status_code == status, (str(answer.url), answer.status_code, answer.text[-1500:])
        return Page(self, answer)

    def send(self, method, path, fields, status=303, **more):
        """Sends a form. 303: follows it and gives the page that it leads to."""
        if method == "GET":
            return self.get(path, 200 if status == 303 else status, params=fields, **more)
        at = urlsplit(urljoin(str(self.client.base_url), path))
        headers = {"Origin": f"{at.scheme}://{at.netloc}", **more.pop("headers", {})}
        answer = self._answer("POST", path, data=fields, headers=headers, **more)
        if status != 303:
            return self._arrive(answer, status)
        assert answer.status_code == 303, (path, answer.status_code, Page(self, answer).text[-1500:])
        return self._arrive(answer, 200)

    def log_in(self, email, password, status=303, **more):
        return self.get("/auth/login/").form("login/").press(email=email, password=password,
                                                            status=status, **more)

    def log_out(self):
        return self.get("/").form("logout/").press()

    def token(self):
        """The form token of the session, and its field's name."""
        fields = self.get("/settings/sessions/").forms[0].fields
        return next(((name, value) for name, value in fields.items() if "token" in name))

    def compose(self, text, visibility="public", **more):
        """Writes a post; gives its id."""
        before = self.get("/compose/").form("compose/")
        page = before.press(text=text, visibility=visibility, **more)
        return page.path.rstrip("/").rsplit("/", 1)[-1]

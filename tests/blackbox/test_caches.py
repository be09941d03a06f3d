# SPDX-License-Identifier: AGPL-3.0-or-later
"""What caches may keep: every route that answers GET, asked as everybody. What is kept for others is the same for all
of them, and says nothing of who asked."""

import re

import pytest

from harness import news
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.media import png
from test_access import LAST, ROUTES, TABLE, Caller

# What a cache that many share may keep, for how long. Whatever is not here is for nobody but who asked.
SHARED = {
    "max-age=60": {
        "/.well-known/oauth-authorization-server", "/api/v1/custom_emojis", "/api/v1/instance",
        "/api/v1/instance/activity", "/api/v1/instance/peers", "/api/v2/instance", "/.well-known/webfinger",
        "/.well-known/host-meta", "/.well-known/nodeinfo", "/nodeinfo/2.:", "/nodeinfo/2.:/", "/actor/",
        "/actor/outbox/", "/actor/followers/", "/actor/following/", "/actor/collections/featured/",
        "/emojis/:/", "/@:/outbox/", "/@:/collections/featured/", "/@:/features/:/", "/@:/collections/:/",
        "/@:/collections/", "/@:/posts/:/replies/", "/@:/quotes/:/", "/@:/consents/:/", "/@:/followers/",
        "/@:/following/", "/@:/posts/:/", "/@:/", "/custom.css", "/robots.txt", "/sitemap.xml",
        "/manifest.webmanifest", "/@:/feed.rss", "/@:/feed.atom", "/tags/:/feed.rss", "/tags/:/feed.atom",
        "/static/:", "/theme.css", "/favicon.ico"},
    "public, max-age=86400": {"/proxy/:/:", "/proxy/:/:/small"},
    "public, max-age=31536000, immutable": {"/media/:", "/media/:/still", "/static/:"},
}
OWN = {"no-store", "private, no-cache", "private, no-store"}
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"
ACTIVITY = "application/activity+json"


@pytest.fixture(scope="module")
def site(shared_site):
    for name, role in (("chief", "admin"), ("warden", "moderator")):
        shared_site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
        shared_site.rookery("identity", "add", f"{name}@kea.test", "--user", f"{name}@example.org")
        news.grant(shared_site, f"{name}@example.org", "kea.test", role)
    return shared_site


@pytest.fixture(scope="module")
def things(site):
    """What stands for ":" in a pattern, by what stands before it: some of it is for followers alone."""
    ruru = Browser(site, "kea.test")
    ruru.log_in("ruru@example.org", PASSWORD)
    for visibility in ("public", "followers"):
        ruru.compose(f"a {visibility} one #birds", visibility=visibility)
    ruru.get("/compose/").form("compose/").press(text="a picture", files={"file_1": ("a.png", png(8, 8), "image/png")})
    ruru.get("/lists/").form("lists/").press(title="Birds")
    who = site.value("select id from identities where username = 'ruru' order by id limit 1")
    post = site.value("select id from posts where visibility = 'followers' limit 1")
    return [
        (r"/@:/posts/:", [f"/@ruru/posts/{post}", f"/@ruru/posts/{site.value('select min(id) from posts')}"]),
        (r"/@:", ["/@ruru"]), (r"/accounts/:", [f"/accounts/{who}"]), (r"/statuses/:", [f"/statuses/{post}"]),
        (r"/people/:", [f"/people/{who}"]), (r"/tags?/:", ["/tags/birds"]), (r"/static/:", ["/static/style.css"]),
        (r"/lists/:", [f"/lists/{site.value('select id from lists')}"]), (r"/servers/at/:", ["/servers/at/far.test"]),
        (r"nodeinfo/2.:", ["nodeinfo/2.1"]), (r"export/:", ["export/following.csv"]),
        (r"/media/:", [f"/media/{site.value('select file from attachments limit 1')}"]),
    ]


def paths(things, pattern):
    for before, after in things:
        if re.search(before, pattern):
            return [re.sub(before, one, pattern, count=1).replace(":", "1") for one in after]
    return [pattern.replace(":", "1")]


def look(client, path, accept):
    """Status, headers, and the body unless it never ends."""
    with client.stream("GET", path, headers={"Accept": accept}) as answer:
        endless = answer.headers.get("content-type", "").startswith("text/event-stream")
        body = b"" if endless else answer.read()
        return answer.status_code, answer.headers, body


def of_page(pattern, status, headers):
    """What must be true of a page."""
    vary = {one.strip() for one in headers.get("vary", "").split(",")}
    if not {"Cookie", "Accept-Language"} <= vary:
        return f"{pattern}: {status} varies by {vary}"
    return None if headers["cache-control"] == "no-store" else f"{pattern}: a page with {headers['cache-control']}"


def of_shared(pattern, answer, other):
    """What must be true of what others get as well."""
    (status, headers, body), kept = answer, answer[1]["cache-control"]
    if pattern not in SHARED.get(kept, ()):
        return f"{pattern}: {kept}"
    if "set-cookie" in headers:
        return f"{pattern}: a cookie is kept"
    if status >= 400 and kept != "max-age=60":
        return f"{pattern}: {status} is kept for long"
    return None if (status, body) == (other[0], other[2]) else f"{pattern}: another answer for others, yet {kept}"


@pytest.mark.parametrize("role, name", [("anybody", None), ("member", "ruru"), ("moderator", "warden"),
                                        ("admin", "chief")])
def test_nothing_private_is_kept_for_others(site, things, role, name):
    caller, nobody = Caller(site, role, name), Caller(site, "anybody")
    wrong = set()
    for method, pattern in sorted(ROUTES, key=lambda one: (one[1] in LAST, one)):
        route = ROUTES[method, pattern]
        if method != "GET" or TABLE[method, pattern] in ("host", "operator"):
            continue
        token = route["access"].startswith("token")
        for path in paths(things, pattern):
            for accept in (HTML, ACTIVITY):
                site.sql("delete from throttles")
                ask = caller.program if token else caller.browser.client
                answer = look(ask, path, accept)
                status, headers, _ = answer
                assert "cache-control" in headers and status < 500, (path, status)
                if headers.get("content-type", "").startswith("text/html"):
                    wrong.add(of_page(pattern, status, headers))
                elif headers["cache-control"] not in OWN:
                    other = look(nobody.program if token else nobody.browser.client, path, accept)
                    wrong.add(of_shared(pattern, answer, other))
    assert wrong - {None} == set()


def test_what_comes_in_two_forms_says_so(site, things):
    """A page and a document at one address are told apart by caches that keep one of them."""
    client = Caller(site, "anybody").browser.client
    wrong = []
    for method, pattern in ROUTES:
        if method != "GET" or TABLE[method, pattern] in ("host", "operator"):
            continue
        for path in paths(things, pattern):
            one, two = (look(client, path, accept)[1] for accept in (HTML, ACTIVITY))
            kept = {headers["cache-control"] for headers in (one, two)} - OWN
            if kept and one.get("content-type") != two.get("content-type"):
                wrong += [path for headers in (one, two) if "Accept" not in headers.get("vary", "").split(", ")]
    assert wrong == []


def test_assets_are_kept_for_good(site):
    page = Browser(site, "kea.test").get("/about/")
    client = Caller(site, "anybody").browser.client
    found = set(re.findall(r'"(/static/[^"#]+)', page.markup))
    assert len(found) >= 4
    for path in found:
        assert client.get(path).headers["cache-control"] == "public, max-age=31536000, immutable", path
        assert client.get(path.partition("?")[0]).headers["cache-control"] == "max-age=60"
    assert client.get("/static/none").headers["cache-control"] == "no-store"


def test_every_shared_route_is_there():
    assert {pattern for patterns in SHARED.values() for pattern in patterns} <= {pattern for _, pattern in ROUTES}

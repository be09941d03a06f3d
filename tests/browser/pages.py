# SPDX-License-Identifier: AGPL-3.0-or-later
"""Which pages there are, from the server's own list of routes, and an address of each where its pattern has
places (":"). A new page without places is walked as it is; one with places needs a row in SAMPLES."""

import json
import os
import re
import subprocess

from harness import lab, media
from harness.api import Api
from harness.browser import Browser
from harness.factors import totp
from harness.fixtures import PASSWORD

# Pattern: the address, with what the furnished site has in it; None: a page that is none, only a redirect or the
# end of a way that another test goes.
SAMPLES = {
    "/@:/": "/@ruru/",
    "/@:/followers/": "/@ruru/followers/",
    "/@:/following/": "/@ruru/following/",
    "/@:/posts/:/": "/@ruru/posts/{post}/",
    "/@:/posts/:/history/": "/@ruru/posts/{edited}/history/",
    "/@:/replies/": "/@ruru/replies/",
    "/@:/media/": "/@ruru/media/",
    "/@:/lists/": "/@toroa/lists/",
    "/@:/collections/": "/@ruru/collections/",
    "/@:/collections/:/": "/@ruru/collections/{collection}/",
    "/collections/:/": "/collections/{collection}/",
    "/@:/report/": "/@{other}/report/?post={post}",
    "/terms/:/": "/terms/2026-01-01/",
    "/tags/:/": "/tags/%CE%BD%CE%AD%CE%B1/",
    "/lists/:/": "/lists/{list}/",
    "/lists/:/edit/": "/lists/{list}/edit/",
    "/filters/:/": "/filters/{filter}/",
    "/search/": "/search/?q=%CE%BD%CE%AD%CE%B1",
    "/follow/": "/follow/?handle=@toroa",
    "/share": "/share?text=%CE%BD%CE%AD%CE%B1",
    "/authorize_interaction": "/authorize_interaction?uri=acct:toroa@kea.test",
    "/elsewhere/": "/elsewhere/?uri=https://kea.test/@ruru/",
    "/auth/ticket/": None,
    "/settings/": None,
    "/settings/security/totp/picture": None,
    "/settings/identities/:/": "/settings/identities/{own}/",
    "/appeal/": None,  # for who is shut out
    "/auth/change/": None,  # by a letter alone
    "/auth/unsubscribe/": None,
    "/auth/second/": None,  # between a password and a second factor
    "/settings/export/:": None,
    "/settings/archive/:/": None,
    "/settings/import/:/": "/settings/import/{import}/",
    "/settings/import/:/failures.csv": None,
    "/staff/audit.csv": None,
    "/staff/servers/list.csv": None,
    "/staff/reports/:/": "/staff/reports/{report}/",
    "/staff/people/:/": "/staff/people/{person}/",
    "/staff/servers/at/:/": "/staff/servers/at/far.example/",
    "/staff/emoji/of/:/": "/staff/emoji/of/e12/",
    "/staff/announcements/:/": "/staff/announcements/{announcement}/",
    "/staff/rules/:/": "/staff/rules/{rule}/",
    "/staff/posts/:/": "/staff/posts/{post}/",
    "/staff/policies/list.json": None,
    "/staff/policies/at/:/": "/staff/policies/at/{policy}/",
    "/staff/policies/at/:/replay/": "/staff/policies/at/{policy}/replay/",
    "/staff/webhooks/:/": "/staff/webhooks/{webhook}/",
    "/oauth/authorize": "/oauth/authorize?client_id={client}&response_type=code&scope=read&"
                        "redirect_uri=urn%3Aietf%3Awg%3Aoauth%3A2.0%3Aoob",
    "/oauth/authorize/native": None,
    "/tenants/:/": "/tenants/kea.test/?check=1",
    "/policies/:/": "/policies/{floor}/",
    "/login/": None,  # its form is a visitor's
    "/second/": None,  # between a password and a code
    "/work/explain/": "/work/explain/?type=post&id={post}",
}

# Texts of people without a letter of ours, so that what pages say is told from what people wrote.
WORDS = "Νέα από τη φωλιά: 12 ωά. #νέα"


def pictures(name):
    """A folder below ROOKERY_PICTURES for pictures of pages, to be looked at; None when nobody asked for any: painting
    them takes longer than all the rest."""
    place = os.environ.get("ROOKERY_PICTURES")
    return os.path.join(place, name) if place else None


def routes(*sockets):
    """Patterns of all pages that a browser can ask for, in their order."""
    sockets = sockets or ("public", "console")
    done = subprocess.run([lab.PROGRAMS / "rookery-server", "--routes"], text=True, check=True, capture_output=True)
    found = [one for one in json.loads(done.stdout)
             if one["socket"] in sockets and one["surface"] == "page" and "GET" in one["methods"]]
    return list(dict.fromkeys(one["pattern"] for one in found))


def unlisted(patterns):
    """Patterns with places that SAMPLES does not fill."""
    return [one for one in patterns if ":" in one and one not in SAMPLES]


def furnish(site):
    """Something on every page; gives what SAMPLES names."""
    ruru, toroa = Api(site, "ruru@kea.test"), Api(site, "toroa@kea.test")
    picture = media.ready(ruru, media.png(60, 40), description=WORDS)["id"]
    post = ruru.post("/api/v1/statuses", status=WORDS, visibility="public", media_ids=[picture])
    ruru.post("/api/v1/statuses", status=WORDS + " !", spoiler_text="⚠ 1", visibility="unlisted")
    edited = ruru.post("/api/v1/statuses", status=WORDS)
    ruru.put(f"/api/v1/statuses/{edited['id']}", status=WORDS + " 2")
    account = toroa.get("/api/v1/accounts/verify_credentials")["id"]
    ruru.post(f"/api/v1/accounts/{account}/follow")
    toroa.post("/api/v1/statuses", status=f"@ruru@kea.test {WORDS}", in_reply_to_id=post["id"])
    toroa.post("/api/v1/statuses", status=f"@ruru@kea.test {WORDS}", visibility="direct")
    toroa.post(f"/api/v1/statuses/{post['id']}/favourite")
    toroa.post(f"/api/v1/statuses/{post['id']}/bookmark")
    ruru.post(f"/api/v1/statuses/{post['id']}/bookmark")
    ruru.post("/api/v1/statuses", status=WORDS, poll={"options": ["1", "2"], "expires_in": 3600})
    ruru.post("/api/v1/statuses", status=WORDS, scheduled_at="2036-01-01T00:00:00Z")
    made = ruru.post("/api/v1/lists", title="1 2 3")["id"]
    ruru.post(f"/api/v1/lists/{made}/accounts", account_ids=[account])
    kept = ruru.post("/api/v2/filters", title="7", context=["home"], filter_action="warn")["id"]
    ruru.post("/api/v1/tags/νέα/follow")
    client = site.client("kea.test").post("/api/v1/apps", json={
        "client_name": "1", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read"}).json()["client_id"]
    for setting, text in (("privacy_policy", WORDS), ("extended_description", WORDS), ("imprint", WORDS)):
        site.rookery("domain", "set", "kea.test", setting, text)
    ruru.post("/api/v1/reports", account_id=account, comment=WORDS)
    site.run("rookery", "terms", "set", "kea.test", "2026-01-01", stdin=WORDS)
    site.stator.drain()
    site.rookery("emoji", "add", "kea.test", "e12", lab.ROOT / "templates/assets/avatar.png")
    site.rookery("rule", "add", "kea.test", WORDS)
    site.rookery("announcement", "add", "kea.test", WORDS)
    site.sql("insert into policies (domain_id, title, note, action, phrases) select id, %s, %s, 'hold', %s "
             "from domains where name = 'kea.test'", WORDS, WORDS, [WORDS])
    floor = site.value("insert into policies (title, note, action, phrases) values (%s, %s, 'hold', %s) returning id",
                       WORDS, WORDS, [WORDS])
    gathered = ruru.post("/api/v1/collections", name=WORDS)["collection"]["id"]
    return {"post": post["id"], "edited": edited["id"], "collection": gathered, "list": made,
            "filter": kept, "client": client, "person": account,
            "own": ruru.get("/api/v1/accounts/verify_credentials")["id"],
            "policy": site.value("select max(id) from policies where domain_id is not null"), "floor": floor,
            **{noun: site.value(f"select max(id) from {noun}s") for noun in ("report", "rule", "announcement")}}


def walkable(patterns):
    """Those of which there is an address."""
    return [one for one in patterns if SAMPLES.get(one, one) is not None and (one in SAMPLES or ":" not in one)]


class World:
    """A furnished site, who looks at it, and which pages each of them sees."""

    def __init__(self, site):
        self.site = site
        self.names = furnish(site)
        for role in ("moderator", "admin", "owner"):
            site.rookery("user", "grant", "toroa@example.org", role, "kea.test")
        site.rookery("user", "grant", "toroa@example.org", "admin", "host")
        self.browsers = {"visitor": Browser(site, "kea.test"), "member": self._enter("ruru"),
                         "staff": self._enter("toroa")}
        self.cookies = {role: {one.name: one.value for one in browser.client.cookies.jar}
                        for role, browser in self.browsers.items()}
        self.browsers["operator"] = self._operate("toroa")
        self.browsers["founder"], page = self._set_up()
        self._prove(page.form("/setup/operator/").press(email="founder@example.org", password=PASSWORD))
        self.browsers["newcomer"], _ = self._set_up()
        site.rookery("operator", "code")
        self.browsers["stranger"] = Browser(site, "console.test")
        for role in ("operator", "stranger", "newcomer", "founder"):
            self.cookies[role] = {one.name: one.value for one in self.browsers[role].client.cookies.jar}
        page = self.browsers["staff"].get("/staff/webhooks/").form("staff/webhooks/")
        page.press(url="https://peer1.test/hook", event="report.created", status=200)
        self.browsers["member"].get("/settings/data/").form("/settings/data/").press(
            kind="blocks", mode="merge", files={"file": ("b.csv", "@nobody@kea.test\n", "text/csv")})
        site.stator.drain()
        self.names["import"] = site.value("select max(id) from imports")
        self.browsers["member"].get("/compose/").form("/compose/").press("draft", text=WORDS)
        self.names["webhook"] = site.value("select max(id) from webhooks")
        # A walk may take longer than it is believed that it is still the same person.
        site.sql("update sessions set proved = now() + interval '1 day'")
        seen = {role: self._seen(role) for role in self.browsers}
        own = routes("console")
        # A page for all looks another way to members; the staff's own are what is left.
        self.patterns = {"visitor": seen["visitor"], "member": seen["member"],
                         "operator": [one for one in seen["operator"] if one in own and not one.startswith("/setup/")],
                         **{role: [one for one in seen[role] if one.startswith("/setup/")]
                            for role in ("stranger", "newcomer", "founder")},
                         "staff": [one for one in seen["staff"] if one not in seen["member"] + seen["visitor"]]}

    def _enter(self, name):
        browser = Browser(self.site, "kea.test")
        browser.log_in(f"{name}@example.org", PASSWORD)
        return browser

    def _operate(self, name):
        browser = Browser(self.site, "console.test")
        page = browser.get("/login/").form("/login/").press(email=f"{name}@example.org", password=PASSWORD)
        self._prove(page)
        return browser

    @staticmethod
    def _prove(page):
        [secret] = re.findall(r'class="secret">([A-Z2-7 ]+)<', page.markup)
        page.form("/second/").press(code=totp(secret))

    def _set_up(self):
        """Somebody who has just brought the code of the machine's screen."""
        browser = Browser(self.site, "console.test")
        code = self.site.rookery("operator", "code")["code"]
        return browser, browser.get("/setup/").form("/setup/").press(code=code)

    def _seen(self, role):
        answers = {pattern: self.browsers[role].client.get(address).status_code
                   for pattern, address in self.addresses(role, walkable(routes())).items()}
        return [pattern for pattern, status in answers.items() if status == 200]

    def addresses(self, role, patterns):
        """The address of each of these pages for somebody; the staff reports the member and the member the staff."""
        names = {**self.names, "other": "ruru" if role == "staff" else "toroa"}
        return {pattern: SAMPLES.get(pattern, pattern).format(**names) for pattern in patterns}

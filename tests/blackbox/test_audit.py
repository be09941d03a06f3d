# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whatever a tenant's staff does on its pages or by a program stands in the audit log, with who did it and to whom, and
the page of the log says it in words. The routes are those of access.txt: a new one has to say here what it writes."""

import itertools
import re

import pytest

from harness import lab, media, news, work
from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.mail import MailServer

KEA = "kea.test"
LINE = re.compile(r"(POST|PUT|DELETE|PATCH) (/staff/\S*|/api/v1/admin/\S*) (moderator|admin)$")
# These are questions, with more in them than an address holds.
QUESTIONS = {"POST /api/v1/admin/canonical_email_blocks/test", "POST /api/v1/admin/measures",
             "POST /api/v1/admin/dimensions", "POST /api/v1/admin/retention"}
numbers = itertools.count(1)


class Staff:
    """An owner of kea.test with a browser and a program, and what there is to decide about."""

    def __init__(self, site):
        self.site = site
        self.browser = Browser(site, KEA)
        self.browser.log_in("owner@example.org", PASSWORD)
        self.api = Api(site, f"owner@{KEA}")
        self.reporter = Api(site, f"ruru@{KEA}")
        self.domain = site.value("select id from domains where name = %s", KEA)
        self.user = site.value("select id from users where email = 'owner@example.org'")

    def last(self, table, where="true"):
        return self.site.value(f"select id from {table} where {where} order by id desc limit 1")

    def member(self):
        name = f"m{next(numbers)}"
        self.site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
        self.site.rookery("identity", "add", f"{name}@{KEA}", "--user", f"{name}@example.org")
        return work.identity(self.site, f"{name}@{KEA}")["id"]

    def limited(self, what):
        made = self.member()
        self.site.sql(f"insert into identity_limits (domain_id, identity_id, {what}) values (%s, %s, now())",
                      self.domain, made)
        return made

    def report(self, claimed=False, resolved=False):
        made = int(self.reporter.post("/api/v1/reports", account_id=str(self.member()), comment="x")["id"])
        if claimed:
            self.page(f"reports/{made}/claim/")
        if resolved:
            self.page(f"reports/{made}/resolve/")
        return made

    def appeal(self):
        about = self.member()
        self.page(f"people/{about}/act/", action="silence", text="Loud.")
        made = self.last("warnings")
        self.site.sql("insert into appeals (warning_id, domain_id, identity_id, text) "
                      "values (%s, %s, %s, 'I was not.')", made, self.domain, about)
        return made

    def own_post(self):
        return news.post(self.site, f"ruru@{KEA}")

    def far_post(self):
        return news.post(self.site, news.remote(self.site))

    def decided(self, kind):
        made = self.far_post()
        self.page(f"posts/{made}/", kind=kind)
        return made

    def waiting_post(self):
        author = self.limited("held")
        handle = self.site.value("select username from identities where id = %s", author)
        return Api(self.site, f"{handle}@{KEA}").post("/api/v1/statuses", status="slow words")["id"]

    def policy(self):
        self.page("policies/", **POLICY)
        return self.last("policies")

    def made(self, table, path, **fields):
        self.page(path, **fields)
        return self.last(table)

    def page(self, path, files=None, **fields):
        name, value = self.browser.token()
        data = {name: value, **fields}
        answer = self.browser.client.post(f"/staff/{path}", data=data, files=files,
                                          headers={"Origin": f"https://{KEA}"})
        assert answer.status_code in (200, 303), (path, answer.status_code, Browser.__name__, answer.text[-1500:])

    def emoji(self):
        name = f"e{next(numbers)}"
        self.page("emoji/", shortcode=name, files={"picture": ("e.png", media.png(64, 64), "image/png")})
        return name

    def trend(self, kind):
        if kind == "link":
            target = self.site.value("insert into links (url) values (%s) returning id",
                                     f"https://birds.test/{next(numbers)}")
        elif kind == "tag":
            target = self.tag()
        else:
            target = self.own_post()
        self.site.sql("insert into trends (domain_id, kind, target_id, score) values (%s, %s, %s, 5)", self.domain,
                      kind, target)
        return target

    def tag(self):
        return self.site.value("insert into hashtags (name, display) values (%s, %s) returning id",
                               *[f"tag{next(numbers)}"] * 2)


POLICY = {"title": "No giveaways", "state": "on", "action": "hold", "incoming": "1", "phrases": "giveaway"}


def pages(s):
    """Each form of the staff's pages, by its route: what is sent, and what is written down of it."""
    report, person, post, policy = s.report, s.member, s.far_post, s.policy()
    file = s.browser.client.get("/staff/policies/list.json").text
    networks = (f"192.0.2.{n}" for n in itertools.count(1))

    def server(allowed=False, decided=False):
        host = f"h{next(numbers)}.test"
        if allowed:
            s.page(f"servers/at/{host}/", allow="1")
        if decided:
            s.page(f"servers/at/{host}/", severity="limit", reason="", public_comment="")
        return host

    def announcement():
        return s.made("announcements", "announcements/", text="Tea", do="keep")

    def rule():
        return s.made("rules", "rules/", text="Be kind", hint="")

    def hook():
        s.page("webhooks/", url="https://hook.test/", event="report.created", template="")
        return s.last("webhooks")

    limit = {"severity": "limit", "reason": "", "public_comment": ""}
    hook_fields = {"url": "https://hook.test/", "event": "report.created", "template": ""}
    return {
        "reports/:/claim/": [(report(), {}, "report.assign")],
        "reports/:/release/": [(report(claimed=True), {}, "report.unassign")],
        "reports/:/note/": [(report(), {"note": "seen"}, "account.note")],
        "reports/:/act/": [(report(), {"action": "silence", "text": ""}, "account.silence")],
        "reports/:/resolve/": [(report(), {}, "report.resolve")],
        "reports/:/reopen/": [(report(resolved=True), {}, "report.reopen")],
        "reports/:/answer/": [(report(), {"answer": "Done."}, "report.answer")],
        "people/:/act/": [(person(), {"action": action, "text": "x"}, f"account.{action}")
                          for action in ("none", "sensitive", "disable", "silence", "suspend", "hold")],
        "people/:/undo/": [(s.limited(what), {"what": what}, f"account.{done}") for what, done in (
            ("sensitive", "unsensitive"), ("disabled", "enable"), ("silenced", "unsilence"),
            ("suspended", "unsuspend"), ("held", "unhold"))],
        "people/:/note/": [(person(), {"note": "seen"}, "account.note")],
        "people/:/log-out/": [(person(), {}, "account.log_out")],
        "people/:/reset/": [(person(), {}, "account.reset_password")],
        "people/:/delete/": [(s.limited("suspended"), {}, "account.delete")],
        "people/:/role/": [(person(), {"role": "moderator"}, "staff.grant")],
        "sign-ups/": [(None, {"id": str(s.limited("pending")), "do": "approve"}, "account.approve"),
                      (None, {"id": str(s.limited("pending")), "do": "refuse"}, "account.reject")],
        "held/": [(None, {"accept": s.waiting_post()}, "post.accept"),
                  (None, {"refuse": s.waiting_post()}, "post.refuse"),
                  (None, {"show": s.decided("held")}, "post.release"),
                  (None, {"remove": s.decided("held")}, "post.remove")],
        "posts/:/": [(post(), {"kind": "removed"}, "post.remove"), (post(), {"kind": "held"}, "post.hold"),
                     (post(), {"kind": "covered", "words": "Careful"}, "post.cover"),
                     (post(), {"kind": "unlisted"}, "post.unlist"),
                     (s.decided("removed"), {"undo": "removed"}, "post.restore"),
                     (s.decided("covered"), {"undo": "covered"}, "post.uncover"),
                     (s.decided("unlisted"), {"undo": "unlisted"}, "post.list")],
        "posts/:/act/": [(s.own_post(), {"action": "mark_statuses_as_sensitive", "text": ""},
                          "account.mark_statuses_as_sensitive"),
                         (s.own_post(), {"action": "delete_statuses", "text": ""}, "account.delete_statuses")],
        "policies/": [(None, POLICY, "policy.add")],
        "policies/import/": [(None, {"files": {"file": ("p.json", file, "application/json")}}, "policy.add")],
        "policies/at/:/": [(policy, {**POLICY, "state": "off"}, "policy.change"),
                           (s.policy(), {"delete": "1"}, "policy.remove")],
        "appeals/:/": [(s.appeal(), {"do": "accept"}, "appeal.accept"),
                       (s.appeal(), {"do": "refuse"}, "appeal.refuse")],
        "templates/": [(None, {"title": "Rude", "text": "Be polite."}, "template.save"),
                       (None, {"remove": str(s.made("warning_templates", "templates/", title="Spam", text="No."))},
                        "template.remove")],
        "blocks/": [(None, {"what": "spam1.test"}, "email_domain_block.add"),
                    (None, {"remove": str(s.made("email_domain_blocks", "blocks/", what="spam2.test"))},
                     "email_domain_block.remove")],
        "blocks/emails/": [(None, {"what": "evil1@example.org"}, "email_block.add"),
                           (None, {"remove": str(s.made("email_blocks", "blocks/emails/", what="evil2@example.org"))},
                            "email_block.remove")],
        "blocks/networks/": [
            (None, {"what": next(networks), "severity": "sign_up_block", "days": "3"}, "ip_block.add"),
            (None, {"remove": str(s.made("ip_blocks", "blocks/networks/", what=next(networks), severity="sign_up_block",
                                         days="3"))}, "ip_block.remove")],
        "servers/import/": [(None, {"part": "#domain,#severity\nlisted.test,suspend\n", "apply": "1", "rows": "1"},
                             "server_limit.add")],
        "servers/at/:/": [(server(), limit, "server_limit.add"),
                          (server(decided=True), {**limit, "severity": "block"}, "server_limit.change"),
                          (server(decided=True), {"remove": "1"}, "server_limit.remove"),
                          (server(), {"allow": "1"}, "allowed_server.add"),
                          (server(allowed=True), {"disallow": "1"}, "allowed_server.remove")],
        "hashtags/": [(None, {"tag": str(s.tag()), "q": "", "usable": "1"}, "tag.change")],
        "trends/": [(None, {"kind": "link", "id": str(s.trend("link")), "do": "allow"}, "trend.approve"),
                    (None, {"kind": "link", "id": str(s.trend("link")), "do": "refuse"}, "trend.reject")],
        "emoji/": [(None, {"shortcode": "moa", "files": {"picture": ("e.png", media.png(64, 64), "image/png")}},
                    "emoji.add")],
        "emoji/of/:/": [(s.emoji(), {"shortcode": "renamed", "category": ""}, "emoji.change"),
                        (s.emoji(), {"delete": "1"}, "emoji.remove")],
        "announcements/": [(None, {"text": "Tea", "do": "keep"}, "announcement.add")],
        "announcements/:/": [(announcement(), {"text": "Cake", "do": "keep"}, "announcement.change"),
                             (announcement(), {"delete": "1"}, "announcement.remove")],
        "invites/": [(None, {"note": "Miro", "uses": "2", "days": "3"}, "invite.add"),
                     (None, {"withdraw": str(s.made("invites", "invites/", note="", uses="", days=""))},
                      "invite.withdraw")],
        "rules/": [(None, {"text": "Be kind", "hint": ""}, "rule.add"), (None, {"down": str(rule())}, "rule.move")],
        "rules/:/": [(rule(), {"text": "Be kinder", "hint": ""}, "rule.change"),
                     (rule(), {"delete": "1"}, "rule.remove"),
                     (rule(), {"translate": "1", "language": "de", "text": "Sei nett", "hint": ""}, "rule.translate")],
        "texts/": [(None, {"contact_email": "hello@example.org", "languages": "en de"}, "domain.set")],
        "texts/terms/": [(None, {"day": "2199-01-01", "text": "Terms.", "do": "save"}, "terms.set")],
        "signup/": [(None, {"sign_up": "approval", "sign_up_reason": "optional", "show_blocks": "all"}, "domain.set")],
        "branding/": [(None, {"title": "Kea house", "description": "", "accent": "#2f6f5e", "theme": "dark",
                              "do": "save", "visibility": "unlisted", "language": "mi", "quotes": "followers",
                              "footer": ""},
                       "domain.dress")],
        "branding/style/": [(None, {"style": ".card { color: #333333 }"}, "domain.dress")],
        "webhooks/": [(None, hook_fields, "webhook.add")],
        "webhooks/:/": [(hook(), hook_fields, "webhook.change"), (hook(), {"do": "rotate"}, "webhook.rotate"),
                        (hook(), {"do": "delete"}, "webhook.remove")],
        "help/": [(None, {"do": "allow", "role": "moderator", "hours": "2"}, "help.allow"),
                  (None, {"do": "revoke"}, "help.revoke")],
    }


# Done by other tests, with a server that has the picture.
ELSEWHERE = {"emoji/copy/": "test_staff_admin.py::test_an_emoji_of_another_server_is_copied"}


def listed(prefix):
    lines = (LINE.match(line) for line in (lab.ROOT / "tests/blackbox/access.txt").read_text().splitlines())
    return {f"{one[1]} {one[2]}" if prefix == "/api" else one[2].removeprefix("/staff/")
            for one in lines if one and one[2].startswith(prefix)}


@pytest.fixture(scope="module")
def staff(shared_site):
    server = MailServer()
    server.use(shared_site)
    shared_site.restart()
    shared_site.rookery("user", "add", "owner@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    shared_site.rookery("identity", "add", f"owner@{KEA}", "--user", "owner@example.org")
    news.grant(shared_site, "owner@example.org", KEA, "owner")
    yield Staff(shared_site)
    server.close()


def written(staff, act):
    """What an act adds to the log of the tenant by its owner; nobody else's log has it."""
    before = staff.site.value("select coalesce(max(id), 0) from audit_log")
    act()
    return staff.site.sql("select action, subject, user_id, domain_id from audit_log where id > %s order by id", before)


def check(staff, name, act, expected):
    rows = written(staff, act)
    assert expected in [row["action"] for row in rows], (name, rows)
    for row in rows:
        assert (row["user_id"], row["domain_id"]) == (staff.user, staff.domain), (name, row)
        assert row["subject"], (name, row)


def test_each_form_of_the_staff_is_written_down(staff):
    table = pages(staff)
    assert set(table) | set(ELSEWHERE) == listed("/staff/"), "a form of the staff that nobody looked at"
    deeds = set()
    for route, acts in table.items():
        for arg, fields, expected in acts:
            path = route if arg is None else route.replace(":", str(arg), 1)
            check(staff, (route, fields), lambda path=path, fields=fields: staff.page(path, **fields), expected)
            deeds.add(expected)
    # Each is said in words, in the language of who reads.
    for deed in sorted(deeds):
        english = staff.browser.get(f"/staff/audit/?action={deed}").markup
        german = staff.browser.client.get(f"/staff/audit/?action={deed}", headers={"Accept-Language": "de"}).text
        [words, *_] = re.findall(rf'>([^<>]+) <code class="fine">{re.escape(deed)}</code>', english)
        assert "." not in words and words[0].isupper(), deed
        assert f'>{words} <code class="fine">{deed}</code>' not in german, deed


def test_a_rule_that_is_tried_is_written_down(staff):
    made = staff.policy()
    path = f"/staff/policies/at/{made}/replay/"
    check(staff, path, lambda: staff.browser.get(f"{path}?days=7"), "policy.replay")
    assert written(staff, lambda: staff.browser.get(f"{path}?days=91", 422)) == []
    [row] = written(staff, lambda: staff.site.rookery("policy", "replay", KEA, made))
    assert (row["action"], row["subject"], row["user_id"]) == ("policy.replay", str(made), None)


def test_each_act_of_a_program_is_written_down(staff):
    api, report, limited = staff.api, staff.report, staff.limited

    def block(path, **fields):
        return api.post(f"/api/v1/admin/{path}", **fields)["id"]

    table = {
        "DELETE accounts/:": (limited("suspended"), {}, "account.delete"),
        "POST accounts/:/approve": (limited("pending"), {}, "account.approve"),
        "POST accounts/:/reject": (limited("pending"), {}, "account.reject"),
        "POST accounts/:/action": (staff.member(), {"type": "silence"}, "account.silence"),
        "POST accounts/:/enable": (limited("disabled"), {}, "account.enable"),
        "POST accounts/:/unsilence": (limited("silenced"), {}, "account.unsilence"),
        "POST accounts/:/unsuspend": (limited("suspended"), {}, "account.unsuspend"),
        "POST accounts/:/unsensitive": (limited("sensitive"), {}, "account.unsensitive"),
        "PUT reports/:": (report(), {"category": "spam"}, "report.change"),
        "POST reports/:/assign_to_self": (report(), {}, "report.assign"),
        "POST reports/:/unassign": (report(claimed=True), {}, "report.unassign"),
        "POST reports/:/resolve": (report(), {}, "report.resolve"),
        "POST reports/:/reopen": (report(resolved=True), {}, "report.reopen"),
        "POST domain_blocks": (None, {"domain": "p1.test"}, "server_limit.add"),
        "PUT domain_blocks/:": (block("domain_blocks", domain="p2.test"), {"severity": "suspend"},
                                "server_limit.change"),
        "DELETE domain_blocks/:": (block("domain_blocks", domain="p3.test"), {}, "server_limit.remove"),
        "POST domain_allows": (None, {"domain": "p4.test"}, "allowed_server.add"),
        "DELETE domain_allows/:": (block("domain_allows", domain="p5.test"), {}, "allowed_server.remove"),
        "POST email_domain_blocks": (None, {"domain": "p6.test"}, "email_domain_block.add"),
        "DELETE email_domain_blocks/:": (block("email_domain_blocks", domain="p7.test"), {},
                                         "email_domain_block.remove"),
        "POST canonical_email_blocks": (None, {"email": "p8@example.org"}, "email_block.add"),
        "DELETE canonical_email_blocks/:": (block("canonical_email_blocks", email="p9@example.org"), {},
                                            "email_block.remove"),
        "POST ip_blocks": (None, {"ip": "203.0.113.1", "severity": "sign_up_block"}, "ip_block.add"),
        "PUT ip_blocks/:": (block("ip_blocks", ip="203.0.113.2", severity="sign_up_block"),
                            {"severity": "sign_up_requires_approval"}, "ip_block.change"),
        "DELETE ip_blocks/:": (block("ip_blocks", ip="203.0.113.3", severity="sign_up_block"), {}, "ip_block.remove"),
        "PUT tags/:": (staff.tag(), {"trendable": "false"}, "tag.change"),
        **{f"POST trends/{kinds}/:/{verb}": (staff.trend(kind), {}, f"trend.{verb}")
           for kinds, kind in (("tags", "tag"), ("statuses", "post"), ("links", "link"))
           for verb in ("approve", "reject")},
    }
    assert {route.replace(" ", " /api/v1/admin/", 1) for route in table} == listed("/api") - QUESTIONS
    for route, (arg, fields, expected) in table.items():
        method, path = route.split()
        path = f"/api/v1/admin/{path.replace(':', str(arg), 1)}"

        def ask(method=method, path=path, fields=fields):
            answer = api.ask(method, path, json=fields)
            assert answer.status_code == 200, (path, answer.text)

        check(staff, route, ask, expected)

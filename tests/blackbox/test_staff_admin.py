# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a tenant's staff arranges on its pages: on two tenants of one process, without scripts."""

import hashlib
import hmac
import json

import pytest

from harness import media, news
from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.join import stamp
from harness.wait import wait_for

PAGES = ("servers/", "servers/import/", "servers/at/far.test/", "hashtags/", "trends/", "emoji/", "emoji/copy/",
         "announcements/", "invites/", "rules/", "texts/", "texts/terms/", "signup/", "branding/", "webhooks/",
         "usage/")
FORMS = ("servers/import/", "servers/at/far.test/", "hashtags/", "trends/", "emoji/", "emoji/copy/", "announcements/",
         "invites/", "rules/", "texts/", "texts/terms/", "signup/", "branding/", "branding/style/", "webhooks/")


def enter(site, name, domain="kea.test"):
    browser = Browser(site, domain)
    browser.log_in(f"{name}@example.org", PASSWORD)
    return browser


@pytest.fixture(scope="module")
def site(shared_site):
    for name, tenant, role in (("owner", "kea.test", "owner"), ("helper", "kea.test", "moderator"),
                               ("wekaboss", "weka.test", "owner")):
        shared_site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
        shared_site.rookery("identity", "add", f"{name}@{tenant}", "--user", f"{name}@example.org")
        news.grant(shared_site, f"{name}@example.org", tenant, role)
    return shared_site


@pytest.fixture(scope="module")
def owner(site):
    return enter(site, "owner")


@pytest.fixture(scope="module")
def other(site):
    return enter(site, "wekaboss", "weka.test")


@pytest.fixture(scope="module")
def kea(site):
    return site.client("kea.test")


@pytest.fixture(scope="module")
def weka(site):
    return site.client("weka.test")


def send(browser, path, status=303, files=None, **fields):
    name, value = browser.token()
    return browser.send("POST", f"/staff/{path}", {name: value, **fields}, status, files=files)


def audit(site, tenant, action):
    return site.value("select count(*) from audit_log a join domains d on d.id = a.domain_id "
                      "where d.name = %s and a.action = %s", tenant, action)


def test_pages_are_the_staffs_and_want_a_token(site, owner):
    member, helper = enter(site, "toroa"), enter(site, "helper")
    for path in PAGES:
        assert owner.get(f"/staff/{path}").status == 200
        member.get(f"/staff/{path}", 403)
        helper.get(f"/staff/{path}", 200 if path in ("hashtags/", "trends/", "invites/", "usage/") else 403)
    for path in FORMS:
        owner.send("POST", f"/staff/{path}", {"text": "x"}, 403)
        send(member, path, 403)


def test_rules_in_their_order_and_in_other_languages(site, owner, other, kea, weka):
    for text in ("Be kind", "No spam", "Third <b>"):
        send(owner, "rules/", text=text, hint="meant so")
    page = send(owner, "rules/", 422, text="")
    assert "A rule has 1 to 500 characters" in page.text
    rules = kea.get("/api/v1/instance/rules").json()
    assert [rule["text"] for rule in rules] == ["Be kind", "No spam", "Third <b>"]
    send(owner, "rules/", up=rules[1]["id"])
    send(owner, "rules/", up=rules[1]["id"])
    one = f"rules/{rules[0]['id']}/"
    send(owner, one, language="mi", text="Kia atawhai", hint="", translate="1")
    assert "That is no language." in send(owner, one, 422, language="<x>", text="a", translate="1").text
    send(owner, one, text="Be very kind", hint="")
    after = kea.get("/api/v2/instance").json()["rules"]
    assert [rule["text"] for rule in after] == ["No spam", "Be very kind", "Third <b>"]
    assert after[1]["translations"] == {"mi": {"text": "Kia atawhai", "hint": ""}}
    assert weka.get("/api/v1/instance/rules").json() == []
    assert "No spam" not in weka.get("/about/").text and "No spam" in kea.get("/about/").text
    for fields in ({"text": "mine"}, {"delete": "1"}, {"translate": "1", "language": "de", "text": "x"}):
        send(other, one, 404, **fields)
    send(other, "rules/", 404, up=rules[0]["id"])
    send(owner, one, delete="1")
    assert len(kea.get("/api/v1/instance/rules").json()) == 2
    assert audit(site, "kea.test", "rule.change") == 1 and audit(site, "weka.test", "rule.add") == 0


def test_texts_and_terms(site, owner, other, kea, weka):
    texts = {"extended_description": "Birds <script>alert(1)</script>\n\nhttps://birds.test/",
             "privacy_policy": "We keep little", "imprint": "Kea Society",
             "contact_email": "staff@kea.test", "contact_account": "owner",
             "status_url": "", "languages": "en mi"}
    page = send(owner, "texts/", 200, do="preview", **texts)
    assert "Kea Society" in page.text and "alert(1)" in page.text
    assert kea.get("/imprint/").status_code == 404
    page = send(owner, "texts/", 422, **{**texts, "contact_email": "nobody"})
    assert page.form_of("/staff/texts/").fields["imprint"] == "Kea Society"
    assert kea.get("/imprint/").status_code == 404
    send(owner, "texts/", **texts)
    noted = audit(site, "kea.test", "domain.set")
    send(owner, "texts/", **texts)
    assert audit(site, "kea.test", "domain.set") == noted == 6
    assert "Kea Society" in kea.get("/imprint/").text and weka.get("/imprint/").status_code == 404
    assert "<script>" not in kea.get("/about/").text
    assert "We keep little" in kea.get("/api/v1/instance/privacy_policy").json()["content"]
    assert weka.get("/api/v1/instance/privacy_policy").json()["content"] == ""
    assert kea.get("/api/v2/instance").json()["contact"]["account"]["username"] == "owner"
    send(owner, "texts/terms/", day="2020-01-01", text="The first terms")
    send(owner, "texts/terms/", day="2021-01-01", text="The second terms")
    send(owner, "texts/terms/", day="2199-01-01", text="Terms to come")
    page = send(owner, "texts/terms/", 422, day="2020-01-01", text="Otherwise")
    assert "These terms hold already" in page.text
    assert "no such day" not in send(owner, "texts/terms/", 422, day="2020-02-31x", text="x").text
    assert "The second terms" in kea.get("/terms/").text
    assert "The first terms" in kea.get("/terms/2020-01-01/").text
    assert "hold no longer" in kea.get("/terms/2020-01-01/").text
    first = kea.get("/api/v1/instance/terms_of_service/2020-01-01").json()
    assert first["succeeded_by"] == "2021-01-01" and "The first terms" in first["content"]
    assert weka.get("/terms/2020-01-01/").status_code == 404 and kea.get("/terms/x/").status_code == 404
    send(other, "texts/terms/", day="2020-01-01", text="Weka's")
    assert "Weka" not in kea.get("/terms/2020-01-01/").text


def test_looks_of_two_tenants(site, owner, other, kea, weka):
    fields = {"title": "Kea House", "description": "Cheeky birds", "accent": "#ffcc00", "theme": "dark",
              "footer": "Be <i>nice", "visibility": "unlisted", "language": "mi", "quotes": "followers"}
    page = send(owner, "branding/", 200, do="preview", **fields)
    assert "hard to read" in page.text and "#ffcc00" in page.text
    page = send(owner, "branding/", 422, do="save", **{**fields, "accent": "red"})
    assert "A colour looks like" in page.text and page.form_of("/staff/branding/").fields["title"] == "Kea House"
    page = send(owner, "branding/", 422, do="save", files={"icon": ("x.png", b"no picture", "image/png")}, **fields)
    assert "no picture" in page.text
    send(owner, "branding/", do="save", files={"icon": ("x.png", media.png(600, 400), "image/png"),
                                               "banner": ("b.png", media.png(900, 300), "image/png")}, **fields)
    page = owner.get("/staff/branding/")
    assert "The present icon" in page.markup and page.form_of("/staff/branding/").fields["title"] == "Kea House"
    wait_for(lambda: len(kea.get("/manifest.webmanifest").json()["icons"]) == 2, what="the icons")
    wait_for(lambda: "/media/" in kea.get("/api/v2/instance").json()["thumbnail"]["url"], what="the banner")
    icons = kea.get("/manifest.webmanifest").json()["icons"]
    assert [icon["sizes"] for icon in icons] == ["192x192", "512x512"]
    for icon in icons:
        answer = site.get(icon["src"])
        assert answer.status_code == 200 and answer.headers["content-type"] == "image/png"
        assert media.size(answer.content) == tuple(int(n) for n in icon["sizes"].split("x"))
    one, two = kea.get("/about/").text, weka.get("/about/").text
    assert "Kea House" in one and "Be &lt;i&gt;nice" in one and 'class="dark"' in one
    assert "Kea House" not in two and "nice" not in two and 'class="dark"' not in two
    assert kea.get("/theme.css").text != weka.get("/theme.css").text
    instance = kea.get("/api/v2/instance").json()
    assert instance["title"] == "Kea House" and instance["icon"][1]["size"] == "512x512"
    assert "/media/" in instance["thumbnail"]["url"]
    assert "/media/" not in weka.get("/api/v2/instance").json()["thumbnail"]["url"]
    preferences = Api(site, "toroa@kea.test").get("/api/v1/preferences")
    assert preferences["posting:default:visibility"] == "unlisted"
    assert preferences["posting:default:language"] == "mi"
    assert Api(site, "ruru@weka.test").get("/api/v1/preferences")["posting:default:visibility"] == "public"
    send(owner, "branding/", do="save", remove_icon="1", **fields)
    wait_for(lambda: kea.get("/manifest.webmanifest").json()["icons"][0]["sizes"] == "any", what="no icon")


HOSTILE = ("a{background:url(//x.test/)}", "@import '//x.test/';", "a{color:red", "a{position:fixed}",
           "a{color:expression(1)}", "a{color:r\\65 d}", "</style><script>", "a{color:red;}@media all{b{color:red}}",
           "a{--x:url(//x.test/)}", "a{color:red}}b{content:'x'}", "@font-face{src:url(x)}",
           "a{background:image-set(x)}", "a{color:red;behavior:x}", "a[href='\\22']{color:red}", "a{color:re/**/d}",
           "a{color:\"\n}b{position:fixed}\"}")


def test_a_style_sheet_of_its_own_is_judged(owner, kea, weka):
    for style in HOSTILE:
        page = send(owner, "branding/style/", 422, style=style)
        assert "line 1" in page.text or "line 2" in page.text, style
        assert page.form_of("/staff/branding/style/").fields["style"].strip() == style.strip()
    assert kea.get("/custom.css").text == ""
    send(owner, "branding/style/", style="/* mine */\n.brand { color: #123456; }\n"
         "@media (prefers-color-scheme: dark) { .brand, h1 > a:hover { --x: calc(1px + 2%) } }")
    wait_for(lambda: kea.get("/custom.css").text, what="the style sheet")
    answer = kea.get("/custom.css")
    assert answer.headers["content-type"].startswith("text/css") and weka.get("/custom.css").text == ""
    assert answer.text == (".brand{color:#123456;}\n@media (prefers-color-scheme: dark){\n"
                           ".brand, h1 > a:hover{--x:calc(1px + 2%);}\n}\n")
    for path in ("/about/", "/local/", "/home/"):
        assert "/custom.css" in owner.get(path).markup
    for path in ("/staff/branding/", "/settings/profile/"):
        assert "/custom.css" not in owner.get(path).markup
    assert "/custom.css" not in kea.get("/auth/login/").text
    assert "/custom.css" not in weka.get("/about/").text
    send(owner, "branding/style/", style="")
    wait_for(lambda: "/custom.css" not in owner.get("/about/").markup, what="no style sheet")


def test_emoji(site, owner, other, kea, weka):
    def add(status=303, picture=media.png(64, 64), **fields):
        return send(owner, "emoji/", status, files={"picture": ("e.png", picture, "image/png")}, **fields)

    add(shortcode="kea", category="Birds", licence="CC0, by Ana")
    assert "There is an emoji of this name already" in add(409, shortcode="kea", category="").text
    for shortcode in ("a", "<x>", "x" * 65, "naïve"):
        assert "letters, digits and underscores" in add(422, shortcode=shortcode, category="").text
    for picture in (b"<svg onload=alert(1)>", media.png(8, 8)[:30], b"GIF89a" + bytes(20), b"x" * (300 * 1024)):
        add(422, shortcode="bad", category="", picture=picture)
    assert [e["shortcode"] for e in kea.get("/api/v1/custom_emojis").json()] == ["kea"]
    assert weka.get("/api/v1/custom_emojis").json() == []
    send(other, "emoji/of/kea/", 404, shortcode="mine", category="")
    send(other, "emoji/of/kea/", 404, delete="1")
    send(owner, "emoji/of/kea/", shortcode="kea_bird", category="Birds", licence="CC0", hidden="1")
    [emoji] = kea.get("/api/v1/custom_emojis").json()
    assert emoji["shortcode"] == "kea_bird" and not emoji["visible_in_picker"]
    send(owner, "emoji/of/kea_bird/", shortcode="kea_bird", category="", disabled="1")
    assert kea.get("/api/v1/custom_emojis").json() == []
    send(owner, "emoji/of/kea_bird/", delete="1")
    assert owner.get("/staff/emoji/").text.count("kea_bird") == 0
    assert audit(site, "kea.test", "emoji.change") == 2


def test_an_emoji_of_another_server_is_copied(site, owner, peer, kea, weka):
    peer.answer("/e/moa.png", body=media.png(48, 48), headers={"Content-Type": "image/png"})
    peer.answer("/e/gone.png", status=404)
    server = site.value("insert into servers (host) values ('peer1.test') on conflict (host) do update set host = "
                        "excluded.host returning id")
    for code in ("moa", "gone"):
        site.sql("insert into remote_emojis (server_id, shortcode, url) values (%s, %s, %s)", server, code,
                 f"{peer.origin}/e/{code}.png")
    page = owner.get("/staff/emoji/copy/?shortcode=mo")
    assert ":moa:" in page.text and "peer1.test" in page.text and ":gone:" not in page.text
    chosen = site.value("select id from remote_emojis where shortcode = 'moa'")
    gone = site.value("select id from remote_emojis where shortcode = 'gone'")
    send(owner, "emoji/copy/", 422, shortcode="moa", category="")
    assert "answered 404" in send(owner, "emoji/copy/", 502, emoji=gone, shortcode="gone", category="").text
    send(owner, "emoji/copy/", emoji=chosen, shortcode="moa", category="Birds", licence="asked Ana")
    assert [e["shortcode"] for e in kea.get("/api/v1/custom_emojis").json()] == ["moa"]
    assert weka.get("/api/v1/custom_emojis").json() == []
    send(owner, "emoji/of/moa/", delete="1")


def test_announcements(site, owner, other):
    reader = Api(site, "toroa@kea.test")

    def shown():
        return [news["content"] for news in reader.get("/api/v1/announcements")]

    page = send(owner, "announcements/", 200, text="Tea at #noon <b>", do="preview")
    assert "Tea at #noon <b>" in page.text and shown() == []
    send(owner, "announcements/", text="Tea at #noon", do="publish", all_day="1", starts="2199-01-01T10:00",
         ends="2199-01-02T10:00")
    send(owner, "announcements/", text="A draft", do="keep")
    send(owner, "announcements/", text="Soon", do="keep", due="2199-01-01T10:00")
    assert "It ends before" in send(owner, "announcements/", 422, text="x", do="publish", starts="2199-01-02T10:00",
                                    ends="2199-01-01T10:00").text
    assert "This is no time" in send(owner, "announcements/", 422, text="x", do="publish", starts="soon").text
    assert "appeared already" in send(owner, "announcements/", 422, text="x", do="keep", due="2020-01-01T10:00").text
    [news_] = reader.get("/api/v1/announcements")
    assert news_["all_day"] and news_["ends_at"] == "2199-01-02T23:59:59.000Z"
    assert Api(site, "ruru@weka.test").get("/api/v1/announcements") == []
    site.sql("update announcements set due = now() where source = 'Soon'")
    site.stator.drain()
    assert len(shown()) == 2
    soon = site.value("select id from announcements where source = 'Soon'")
    for fields in ({"text": "mine", "do": "publish"}, {"delete": "1"}):
        send(other, f"announcements/{soon}/", 404, **fields)
    other.get(f"/staff/announcements/{soon}/", 404)
    send(owner, f"announcements/{soon}/", text="Later", do="keep")
    assert len(shown()) == 1
    send(owner, f"announcements/{soon}/", text="Later", do="publish")
    assert "Later" in shown()[0]
    send(owner, f"announcements/{soon}/", delete="1")
    assert len(shown()) == 1 and audit(site, "kea.test", "announcement.change") == 2


def test_invitations_and_who_came(site, owner, other, kea):
    send(owner, "signup/", sign_up="invite", min_age="", closed_message="", show_blocks="nobody")
    wait_for(lambda: kea.get("/api/v1/instance").json()["approval_required"] is False, what="the mode")
    page = send(owner, "invites/", note="Miro", uses="2", days="3")
    assert "Miro" in page.text and "2 uses are left" in page.text
    assert "This is a number" in send(owner, "invites/", 422, note="", uses="x", days="").text
    [invite] = site.sql("select id, token from invites order by id desc limit 1")
    stranger = Browser(site, "kea.test", client_address="198.51.100.4")
    stranger.get(f"/auth/signup/?invite={invite['token']}").form("signup/").press(
        username="miro", email="miro@example.org", password=PASSWORD, stamp=stamp(site, "kea.test"),
        agreement="1")
    page = owner.get("/staff/invites/")
    assert "one use is left" in page.text and "Came by it: @miro" in page.text
    send(other, "invites/", 404, withdraw=invite['id'])
    send(owner, "invites/", withdraw=invite['id'])
    assert "Miro" not in owner.get("/staff/invites/").text


def test_who_may_join(site, owner, kea, weka):
    fields = {"min_age": "16", "closed_message": "Come in spring", "show_blocks": "all", "sign_up_reason": "required"}
    send(owner, "signup/", 422, sign_up="perhaps", **fields)
    send(owner, "signup/", 422, sign_up="closed", **{**fields, "min_age": "old"})
    send(owner, "signup/", sign_up="closed", **fields)
    wait_for(lambda: kea.get("/api/v2/instance").json()["registrations"]["message"], what="the mode")
    registrations = kea.get("/api/v2/instance").json()["registrations"]
    assert not registrations["enabled"] and registrations["message"] == "Come in spring"
    assert registrations["min_age"] == 16
    assert weka.get("/api/v2/instance").json()["registrations"]["min_age"] is None
    send(owner, "signup/", sign_up="approval", **fields)
    wait_for(lambda: kea.get("/api/v2/instance").json()["registrations"]["approval_required"], what="the mode")
    send(owner, "signup/", 422, sign_up="approval", **{**fields, "sign_up_reason": "perhaps"})
    assert kea.get("/api/v2/instance").json()["registrations"]["reason_required"] is True
    said = "select count(*) from audit_log where action = 'domain.set' and subject = 'sign_up_reason'"
    before = site.value(said)
    page = send(owner, "signup/", sign_up="approval", **{**fields, "sign_up_reason": "optional"})
    assert page.form_of("/staff/signup/").fields["sign_up_reason"] == "optional"
    assert kea.get("/api/v2/instance").json()["registrations"]["reason_required"] is False
    assert site.value(said) == before + 1


def test_hashtags_and_trends(site, owner, other):
    reader = Api(site, "toroa@kea.test")
    reader.post("/api/v1/statuses", status="#BirdWatch in the hills", visibility="public")
    tag = site.value("select id from hashtags where name = 'birdwatch'")
    page = send(owner, "hashtags/", 422, tag=tag, q="bird", usable="1", display_name="Catwatch")
    assert "Display name must be the name in other letters" in page.text
    send(owner, "hashtags/", tag=tag, q="bird", usable="1", listable="1", display_name="birdWATCH")
    assert "#birdWATCH" in owner.get("/staff/hashtags/?q=bird").text
    assert "#birdWATCH" not in other.get("/staff/hashtags/?q=bird").text
    assert "not looked at yet" not in owner.get("/staff/hashtags/?q=bird").text
    send(owner, "hashtags/", 404, tag="99999999999", q="")
    kea_id = site.value("select id from domains where name = 'kea.test'")
    link = site.value("insert into links (url) values ('https://birds.test/') returning id")
    site.sql("insert into trends (domain_id, kind, target_id, score) values (%s, 'link', %s, 5)", kea_id, link)
    assert "https://birds.test/" in owner.get("/staff/trends/").text
    assert "birds.test" not in other.get("/staff/trends/").text
    send(owner, "trends/", kind="link", id=link, do="refuse")
    assert "refused" in owner.get("/staff/trends/").text
    send(owner, "trends/", 404, kind="link", id="99", do="allow")
    assert audit(site, "kea.test", "trend.reject") == 2


def test_a_server_and_who_says_what_holds(site, owner, other):
    site.sql("insert into server_limits (host, severity) values ('floor.test', 'block')")
    page = owner.get("/staff/servers/at/sub.floor.test/")
    assert "The host of this installation decided this for floor.test" in page.text
    page = send(owner, "servers/at/bad.test/", severity="limit", reason="a note", public_comment="Rude",
                reject_media="1")
    assert "This community decided it." in page.text and page.forms_to("at/bad.test/")[0].fields["reason"] == "a note"
    assert "decided it for bad.test and all below" in owner.get("/staff/servers/at/x.bad.test/").text
    assert "Nobody decided" in other.get("/staff/servers/at/bad.test/").text
    assert "floor.test" in other.get("/staff/servers/at/floor.test/").text
    send(owner, "servers/at/bad.test/", 422, severity="maim", reason="", public_comment="")
    send(other, "servers/at/bad.test/", 404, remove="1")
    owner.get("/staff/servers/at/weka.test/", 404)
    owner.get("/staff/servers/at/no..name/", 404)
    send(owner, "servers/at/bad.test/", remove="1")
    assert "Nobody decided" in owner.get("/staff/servers/at/bad.test/").text
    assert audit(site, "kea.test", "server_limit.remove") == 1


def test_allowed_servers(site, owner, other):
    fields = {"sign_up": "approval", "min_age": "", "closed_message": "", "show_blocks": "nobody"}
    send(owner, "signup/", limited_federation="1", max_users="100", sign_ups_a_day="5", **fields)
    form = owner.get("/staff/signup/").form_of("/staff/signup/")
    assert (form.fields["max_users"], form.fields["sign_ups_a_day"]) == ("100", "5")
    page = owner.get("/staff/servers/at/good.example/")
    assert "allowed servers alone, and this is none" in page.text
    page = send(owner, "servers/at/good.example/", allow="1")
    assert "Nobody decided" in page.text and "Allow it no longer" in page.text
    assert "good.example" in owner.get("/staff/servers/").text
    assert "good.example" not in other.get("/staff/servers/").text
    send(other, "servers/at/good.example/", 404, disallow="1")
    send(owner, "servers/at/good.example/", disallow="1")
    assert "and this is none" in owner.get("/staff/servers/at/good.example/").text
    send(owner, "signup/", **fields)
    assert audit(site, "kea.test", "allowed_server.add") == 1 and audit(site, "weka.test", "allowed_server.add") == 0


def follow_both_ways(site, handle, host):
    """A person of another server, who follows somebody and is followed."""
    server = site.value("insert into servers (host) values (%s) on conflict (host) do update set host = excluded.host "
                        "returning id", host)
    far = site.value("insert into identities (server_id, actor_uri, username, host, inbox_uri, state) values "
                     "(%s, %s, 'ana', %s, %s, 'updated') returning id", server, f"https://{host}/ana", host,
                     f"https://{host}/inbox")
    name, tenant = handle.split("@")
    [one] = site.sql("select id, domain_id from identities where username = %s and host = %s", name, tenant)
    own, domain = one["id"], one["domain_id"]
    site.sql("insert into follows (source_id, target_id, domain_id, uri, state) values (%s, %s, %s, %s, 'accepted')",
             own, far, domain, f"https://{tenant}/f/{far}")
    site.sql("insert into follows (source_id, target_id, target_domain_id, uri, state) values "
             "(%s, %s, %s, %s, 'accepted')", far, own, domain, f"https://{host}/f/{own}")


def test_a_list_is_looked_at_before_it_is_done(site, owner, other):
    follow_both_ways(site, "toroa@kea.test", "spam.example")
    follow_both_ways(site, "ruru@weka.test", "spam.example.org")
    lines = ["#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate",
             "spam.example,suspend,False,False,\"Spam, and \"\"more\"\"\",True",
             "rude.example,silence,TRUE,true,,false", "kea.test,suspend,,,,", "*vil.example,suspend,,,,",
             "not a host,suspend,,,,", "odd.example,maim,,,,", "rude.example,noop,,,,", "left.example,suspend,,,,"]

    def upload(text, **fields):
        return send(owner, "servers/import/", 200, files={"file": ("list.csv", text, "text/csv")}, **fields)

    page = upload("\r\n".join(lines))
    assert "3 new rules" in page.text and "5 lines are wrong" in page.text
    assert "1 followers and 1 followed people would be lost" in page.text and "@ana@spam.example" in page.text
    for words in ("Its name is covered", "a server of this installation", "no name of a server",
                  "severity is not known", "stands in the list before"):
        assert words in page.text, words
    assert site.value("select count(*) from server_limits where domain_id is not null and host like '%.example'") == 0
    form = page.form_of("/staff/servers/import/")
    page = form.press(apply="1", skip="9", status=200)
    assert "2 lines done" in page.text and "left out" in page.text
    rules = [tuple(row.values()) for row in site.sql(
        "select host, severity, reject_media, obfuscate, public_comment from server_limits "
        "where domain_id is not null and host like '%.example' order by host")]
    assert rules == [("rude.example", "limit", True, False, ""),
                     ("spam.example", "block", False, True, 'Spam, and "more"')]
    told = Api(site, "toroa@kea.test").get("/api/v1/notifications", types=["severed_relationships"])
    assert told[0]["event"]["target_name"] == "spam.example"
    assert (told[0]["event"]["followers_count"], told[0]["event"]["following_count"]) == (1, 1)
    assert Api(site, "ruru@weka.test").get("/api/v1/notifications", types=["severed_relationships"]) == []
    exported = owner.client.get("/staff/servers/list.csv")
    assert exported.headers["content-type"].startswith("text/csv")
    assert exported.text.splitlines()[0] == lines[0]
    assert 'spam.example,suspend,false,false,"Spam, and ""more""",true' in exported.text.splitlines()
    assert "spam.example" not in other.client.get("/staff/servers/list.csv").text
    assert "2 stay as they are" in upload(exported.text).text
    page = upload(exported.text, retract="1")
    assert "2 rules go" in page.text
    page.form_of("/staff/servers/import/").press(apply="1", status=200)
    assert site.value("select count(*) from server_limits where domain_id is not null and host like '%.example'") == 0


LISTS = {
    "nothing": (b"", 422), "space": (b"   \n", 422), "too large": (b"x" * 500000, 422),
    "too many": (b"\n".join(b"h%d.example" % n for n in range(3001)), 422), "no text": (b"\xff\xfe\x00", 200),
    "a quote without end": (b'"never closed', 200), "no names": (b"a b,b,c\n" * 20, 200),
    "a heading": (b"#domain\n", 200),
}


@pytest.mark.parametrize("which", LISTS)
def test_lists_that_are_none(owner, which):
    text, status = LISTS[which]
    page = send(owner, "servers/import/", status, files={"file": ("l", text, "text/csv")})
    assert status != 200 or "0 new rules" in page.text


def mac(secret, text):
    return "sha256=" + hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def test_webhooks(site, owner, other, peer):
    page = send(owner, "webhooks/", 422, url="http://127.0.0.1/", event="account.created", template="", enabled="1")
    assert "no address" in page.text
    for url in ("ftp://peer1.test/", "https://[::1]/", "x"):
        send(owner, "webhooks/", 422, url=url, event="report.created", template="")
    page = send(owner, "webhooks/", 422, url=f"{peer.origin}/h", template="")
    assert "Choose what it is to hear of" in page.text
    assert "does not make JSON" in send(owner, "webhooks/", 422, url=f"{peer.origin}/h", event="report.created",
                                        template='{"x": {{event}}').text
    page = send(owner, "webhooks/", 200, url=f"{peer.origin}/hook", template="",
                event=["account.created", "status.created"])
    secret = page.markup.split('<code id="secret">')[1].split("<")[0]
    hook = site.value("select id from webhooks")
    assert secret not in owner.get(f"/staff/webhooks/{hook}/").markup
    peer.answer("/hook", method="POST", status=200)
    site.rookery("identity", "add", "hatch@kea.test", "--user", "toroa@example.org")
    Api(site, "ruru@weka.test").post("/api/v1/statuses", status="not told")
    Api(site, "toroa@kea.test").post("/api/v1/statuses", status="private", visibility="private")
    Api(site, "toroa@kea.test").post("/api/v1/statuses", status="told", visibility="public")
    site.stator.drain()
    calls = peer.requests("POST", "/hook")
    told = [json.loads(call.request.body) for call in calls]
    assert sorted(one["event"] for one in told) == ["account.created", "status.created"]
    assert {one["object"].get("username") for one in told} == {"hatch", None}
    for call in calls:
        assert call.request.header("x-hub-signature") == mac(secret, call.request.body)
        stamped = call.request.header("x-rookery-timestamp").encode() + b"." + call.request.body
        assert call.request.header("x-rookery-signature") == mac(secret, stamped)
    assert len({call.request.header("x-rookery-delivery") for call in calls}) == 2
    assert "delivered (200)" in owner.get(f"/staff/webhooks/{hook}/").text
    for fields in ({"do": "test"}, {"do": "rotate"}, {"do": "delete"}, {"do": "save", "url": f"{peer.origin}/x"}):
        send(other, f"webhooks/{hook}/", 404, **fields)
    other.get(f"/staff/webhooks/{hook}/", 404)


def test_webhooks_try_again_rotate_and_say_it_in_other_words(site, owner, peer):
    send(owner, "webhooks/", 200, url=f"{peer.origin}/again", event="report.created",
         template='{"text": "{{event}} on {{object.domain}} {{object.nothing}}"}')
    hook = site.value("select max(id) from webhooks")
    busy = peer.answer("/again", method="POST", status=503)
    send(owner, f"webhooks/{hook}/", do="test")
    site.stator.drain()
    assert "tried 1 times" in owner.get(f"/staff/webhooks/{hook}/").text
    first = peer.requests("POST", "/again")[-1]
    assert json.loads(first.request.body) == {"text": "test on kea.test null"}
    peer.forget(busy)
    peer.answer("/again", method="POST", status=410)
    page = send(owner, f"webhooks/{hook}/", 200, do="rotate")
    secret = page.markup.split('<code id="secret">')[1].split("<")[0]
    site.sql("update webhook_calls set state_next_attempt = now() where webhook_id = %s", hook)
    site.stator.drain()
    call = peer.requests("POST", "/again")[-1]
    assert call.request.header("x-hub-signature") == mac(secret, call.request.body)
    assert call.request.header("x-rookery-delivery") == first.request.header("x-rookery-delivery")
    assert "refused (410)" in owner.get(f"/staff/webhooks/{hook}/").text
    send(owner, f"webhooks/{hook}/", do="save", url=f"{peer.origin}/again", event="report.created", template="")
    assert "switched off" in send(owner, f"webhooks/{hook}/", 422, do="test").text
    send(owner, f"webhooks/{hook}/", do="delete")
    assert audit(site, "kea.test", "webhook.remove") == 1


def test_usage(owner, other):
    for browser in (owner, other):
        page = browser.get("/staff/usage/")
        assert "of 10GB for media" in page.text or "for media" in page.text
        assert "Week by week" in page.text and "Year by year" in page.text

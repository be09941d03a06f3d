# SPDX-License-Identifier: AGPL-3.0-or-later
"""What each tenant says of itself to programs and people."""

import base64
import re

import pytest

from harness import work
from harness.api import Api
from harness.browser import Browser
from harness.wait import wait_for

RULES = ("Be kind", "No spam")
SETTINGS = {
    "title": "Kea town", "description": "Clever <birds>", "contact_email": "hello@kea.test", "contact_account": "ruru",
    "languages": "en mi", "privacy_policy": "We keep\n\nnothing.", "extended_description": "Long <b>words</b>",
    "status_url": "https://status.kea.test/", "thumbnail_url": "https://kea.test/picture.png",
}


@pytest.fixture(scope="module")
def site(shared_site):
    for text in RULES:
        shared_site.rookery("rule", "add", "kea.test", text, "--hint", f"we mean: {text}")
    for name, value in SETTINGS.items():
        shared_site.rookery("domain", "set", "kea.test", name, value)
    wait_for(lambda: Api(shared_site, "kea.test").get("/api/v1/instance")["short_description"] == "Clever <birds>")
    return shared_site


@pytest.fixture(scope="module")
def kea(site):
    return Api(site, "kea.test")


@pytest.fixture(scope="module")
def weka(site):
    return Api(site, "weka.test")


def test_the_newer_document(site, kea):
    found = kea.get("/api/v2/instance")
    assert (found["domain"], found["title"], found["description"]) == ("kea.test", "Kea town", "Clever <birds>")
    assert found["version"].startswith("4.4.0 (compatible; Rookery ") and found["api_versions"]["mastodon"] >= 6
    assert found["contact"]["email"] == "hello@kea.test" and found["contact"]["account"]["acct"] == "ruru"
    assert [(one["text"], one["hint"]) for one in found["rules"]] == [(text, f"we mean: {text}") for text in RULES]
    configuration = found["configuration"]
    assert configuration["urls"]["streaming"] == "wss://kea.test"
    assert configuration["urls"]["about"] == "https://kea.test/about/"
    assert configuration["urls"]["privacy_policy"] == "https://kea.test/privacy/"
    assert configuration["urls"]["terms_of_service"] is None
    assert configuration["urls"]["status"] == "https://status.kea.test/"
    assert configuration["statuses"]["max_characters"] == 5000 and configuration["translation"] == {"enabled": False}
    assert "image/png" in configuration["media_attachments"]["supported_mime_types"]
    assert len(base64.urlsafe_b64decode(configuration["vapid"]["public_key"])) == 65
    assert configuration["polls"] == {"max_options": 4, "max_characters_per_option": 50, "min_expiration": 300,
                                      "max_expiration": 2629746}
    assert found["languages"] == ["en", "mi"] and found["thumbnail"]["url"] == "https://kea.test/picture.png"
    assert found["registrations"]["enabled"] is False and found["usage"]["users"]["active_month"] >= 0
    assert kea.client.get(found["icon"][0]["src"]).status_code == 200
    streams = configuration["urls"]["streaming"].replace("wss", "https")
    assert kea.client.get(f"{streams}/api/v1/streaming/health").text == "OK"


def test_the_older_document(kea):
    found = kea.get("/api/v1/instance")
    assert (found["uri"], found["title"], found["email"]) == ("kea.test", "Kea town", "hello@kea.test")
    assert found["urls"] == {"streaming_api": "wss://kea.test"} and found["contact_account"]["acct"] == "ruru"
    assert found["stats"]["user_count"] >= 2 and found["stats"]["domain_count"] == 0
    assert found["invites_enabled"] is True and found["registrations"] is False
    assert [one["text"] for one in found["rules"]] == list(RULES)


def test_each_tenant_has_its_own(kea, weka):
    one, other = kea.get("/api/v2/instance"), weka.get("/api/v2/instance")
    for member in ("domain", "title", "description", "rules", "contact", "languages", "thumbnail"):
        assert one[member] != other[member], member
    assert other["configuration"]["urls"]["streaming"] == "wss://weka.test"
    assert other["rules"] == [] == weka.get("/api/v1/instance/rules") and other["contact"]["account"] is None
    assert other["thumbnail"]["url"].startswith("https://weka.test/static/")


def statements(site):
    text = site.admin().get("/metrics").text
    return int(re.search(r"^rookery_statements_total (\d+)$", text, re.MULTILINE)[1])


def test_documents_cost_few_statements(kea, site):
    for path in ("/api/v1/instance", "/api/v2/instance"):
        for _ in range(4):  # each thread of the server counts accounts and posts once
            kea.get(path)
        before = statements(site)
        kea.get(path)
        # Settings, rules, contact, key.
        assert statements(site) - before <= 4, path


def test_documents_are_polled(kea, site):
    for path in ("/api/v1/instance", "/api/v2/instance", "/api/v1/instance/rules"):
        answer = kea.client.get(path)
        again = kea.client.get(path, headers={"If-None-Match": answer.headers["etag"]})
        assert again.status_code == 304 and answer.headers["access-control-allow-origin"] == "*"


def test_rules_come_and_go(site, kea):
    assert [one["text"] for one in kea.get("/api/v1/instance/rules")] == list(RULES)
    made = site.rookery("rule", "add", "kea.test", "Third")
    assert [one["text"] for one in site.rookery("rule", "list", "kea.test")["rules"]] == [*RULES, "Third"]
    assert site.run("rookery", "rule", "remove", "weka.test", str(made["id"])).returncode == 3
    site.rookery("rule", "remove", "kea.test", str(made["id"]))
    assert [one["text"] for one in kea.get("/api/v1/instance/rules")] == list(RULES)


def test_texts(site, kea, weka):
    privacy = kea.get("/api/v1/instance/privacy_policy")
    assert privacy["content"] == "<p>We keep</p><p>nothing.</p>" and privacy["updated_at"]
    assert kea.get("/api/v1/instance/extended_description")["content"] == "<p>Long &lt;b&gt;words&lt;/b&gt;</p>"
    assert weka.get("/api/v1/instance/privacy_policy")["content"] == ""
    page = Browser(site, "kea.test").get("/privacy/")
    assert "nothing." in page.text and "Kea town" in page.text
    Browser(site, "weka.test").get("/privacy/", 404)


def test_terms_hold_from_a_day_on(site, kea, weka):
    kea.refused(404, "GET", "/api/v1/instance/terms_of_service")
    for day, text in (("2020-01-01", "Old"), ("2024-05-06", "New & bold"), ("2999-01-01", "Next")):
        site.run("rookery", "terms", "set", "kea.test", day, stdin=text)
    now = kea.get("/api/v1/instance/terms_of_service")
    assert now == {"effective_date": "2024-05-06", "effective": True, "content": "<p>New &amp; bold</p>",
                   "succeeded_by": "2999-01-01"}
    then = kea.get("/api/v1/instance/terms_of_service/2999-01-01")
    assert (then["effective"], then["succeeded_by"]) == (False, None)
    assert kea.get("/api/v2/instance")["configuration"]["urls"]["terms_of_service"] == "https://kea.test/terms/"
    assert "New & bold" in Browser(site, "kea.test").get("/terms/").text
    for day in ("2021-01-01", "nonsense", "2021-13-45", "0000-00-00", "2021-1-1", "2021-01-01;x"):
        kea.refused(404, "GET", f"/api/v1/instance/terms_of_service/{day}")
    weka.refused(404, "GET", "/api/v1/instance/terms_of_service/2024-05-06")
    site.run("rookery", "terms", "set", "kea.test", "2024-05-06", stdin="")
    assert kea.get("/api/v1/instance/terms_of_service")["effective_date"] == "2020-01-01"


def test_languages(kea):
    found = kea.get("/api/v1/instance/languages")
    assert {"code": "de", "name": "German"} in found and len(found) > 180
    assert kea.ask("GET", "/api/v1/instance/translation_languages").json() == {}


def test_activity(site, kea):
    work.post(site, "ruru@kea.test", 2)
    weeks = kea.get("/api/v1/instance/activity")
    assert len(weeks) == 12 and int(weeks[0]["statuses"]) >= 2 and int(weeks[0]["registrations"]) >= 2
    assert all(isinstance(value, str) for week in weeks for value in week.values())
    assert int(weeks[0]["week"]) - int(weeks[1]["week"]) == 7 * 86400


def test_peers_are_the_tenants_own(site, kea, weka):
    server = work.server(site, "far.test")
    far = site.value("insert into identities (server_id, actor_uri, username, host, state) values "
                     "(%s, 'https://far.test/a', 'far', 'far.test', 'gone') returning id", server)
    work.follow(site, far, "ruru@kea.test")
    assert kea.get("/api/v1/instance/peers") == ["far.test"]
    assert weka.get("/api/v1/instance/peers") == []


def test_blocks_are_shown_to_those_who_may_see_them(site, kea, weka):
    site.sql("insert into server_limits (domain_id, host, severity, reason) select id, 'bad.test', 'block', 'secret' "
             "from domains where name = 'kea.test'")
    site.sql("insert into server_limits (host, severity) values ('worse.test', 'limit')")
    path = "/api/v1/instance/domain_blocks"
    user = Api(site, "ruru@kea.test")
    for whom, may in (("nobody", ()), ("users", (user,)), ("all", (user, kea))):
        site.rookery("domain", "set", "kea.test", "show_blocks", whom)
        for api in (user, kea):
            if api not in may:
                api.refused(404, "GET", path)
                continue
            found = {one["domain"]: one for one in api.get(path)}
            assert set(found) == {"bad.test", "worse.test"} and "secret" not in str(found)
            assert (found["bad.test"]["severity"], found["worse.test"]["severity"]) == ("suspend", "silence")
    weka.refused(404, "GET", path)


def test_pages_say_what_documents_say(site, weka):
    page = Browser(site, "kea.test").get("/about/")
    assert "Long <b>words</b>" in page.text and "/privacy/" in page.links()
    site.rookery("domain", "set", "weka.test", "closed_message", "Full until spring")
    site.rookery("domain", "set", "weka.test", "sign_up", "closed")
    wait_for(lambda: not weka.get("/api/v1/instance")["invites_enabled"])
    page = Browser(site, "weka.test").get("/about/")
    assert "Full until spring" in page.text and "Long" not in page.text and "/privacy/" not in page.links()
    assert weka.get("/api/v2/instance")["registrations"]["message"] == "Full until spring"


def test_rules_are_read_before_one_joins(site):
    stranger = Browser(site, "kea.test")
    assert "Be kind" in stranger.get("/about/").text and "Be kind" in stranger.get("/auth/signup/").text
    assert "Be kind" not in Browser(site, "weka.test").get("/about/").text


@pytest.mark.parametrize("name, value, status", [
    ("contact_email", "x", 2), ("languages", "en xx", 2), ("min_age", "0", 2), ("min_age", "x", 2),
    ("sign_up", "maybe", 2), ("status_url", "javascript:x", 2), ("show_blocks", "some", 2), ("accent", "red", 2),
    ("title", "x" * 501, 2), ("nonsense", "x", 3)])
def test_bad_settings_are_refused(site, name, value, status):
    assert site.run("rookery", "domain", "set", "weka.test", name, value).returncode == status


def test_what_was_set_is_shown_and_unset(site, weka):
    site.rookery("domain", "set", "weka.test", "contact_email", "x@weka.test")
    shown = site.rookery("domain", "settings", "weka.test")
    assert shown["settings"]["contact_email"] == "x@weka.test" and shown["settings"]["languages"] == "en"
    site.rookery("domain", "set", "weka.test", "contact_email", "")
    assert weka.get("/api/v2/instance")["contact"]["email"] == ""
    site.rookery("domain", "set", "weka.test", "accent", "#112233")
    site.rookery("domain", "set", "weka.test", "accent", "")
    assert site.value("select accent from domains where name = 'weka.test'") == "#2f6f5e"


def test_nodeinfo_names_whose_api_it_is(kea):
    for version in ("2.0", "2.1"):
        found = kea.client.get(f"/nodeinfo/{version}").json()
        assert found["metadata"]["upstream"] == {"name": "mastodon"} and found["software"]["name"] == "rookery"


def active_people(site):
    """Counted anew, since a server remembers its numbers for some minutes."""
    site.server.stop()
    site.server.start()
    return site.get("https://kea.test/nodeinfo/2.1").json()["usage"]["users"]["activeMonth"]


def test_who_comes_by_programs_alone_is_active_too(site):
    before = active_people(site)
    Api(site, "toroa@kea.test").get("/api/v1/accounts/verify_credentials")
    assert active_people(site) == before + 1


def test_health(kea, site):
    answer = kea.client.get("/health")
    assert (answer.status_code, answer.text) == (200, "OK") and answer.headers["content-type"].startswith("text/plain")
    assert site.request("GET", "https://unknown.test/health").status_code == 421

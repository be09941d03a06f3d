# SPDX-License-Identifier: AGPL-3.0-or-later
"""The instance administration API: who may, what it does, and that it does it on one tenant alone."""

import hashlib
import re

import pytest

from harness import activity, lab, news, work
from harness.api import Api, token_for
from harness.fixtures import PASSWORD
from harness.peer import Peer
from harness.world import World

RURU, TOROA, OTHER = "ruru@kea.test", "toroa@kea.test", "ruru@weka.test"
TABLE = (lab.ROOT / "server" / "api" / "staff_routes.c").read_text()
ROUTES = [(method, path.replace(":", "1")) for method, path in
          re.findall(r'METHOD_(\w+),\s*"(/api/[^"]+)"', TABLE)]
DECISIONS = ("identity_limits", "server_limits", "allowed_servers", "email_domain_blocks", "email_blocks", "ip_blocks",
             "tag_policies", "trend_reviews", "warnings", "audit_log")


@pytest.fixture(scope="module")
def world(shared_site):
    """ruru owns kea.test; toroa is a plain member there; weka.test has a moderator of its own."""
    with Peer("peer1.test", tls=True) as peer:
        kea = shared_site.value("select id from domains where name = 'kea.test'")
        for name, tenant in (("owner", "kea.test"), ("helper", "kea.test"), ("wekaboss", "weka.test")):
            shared_site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
            shared_site.rookery("identity", "add", f"{name}@{tenant}", "--user", f"{name}@example.org")
        news.grant(shared_site, "owner@example.org", "kea.test", "owner")
        news.grant(shared_site, "helper@example.org", "kea.test", "moderator")
        news.grant(shared_site, "wekaboss@example.org", "weka.test", "owner")
        assert kea
        yield World(shared_site, peer)


@pytest.fixture(scope="module")
def site(world):
    return world.site


@pytest.fixture(scope="module")
def owner(site):
    return Api(site, "owner@kea.test")


@pytest.fixture(scope="module")
def helper(site):
    return Api(site, "helper@kea.test")


@pytest.fixture(scope="module")
def weka(site):
    return Api(site, "wekaboss@weka.test")


@pytest.fixture(autouse=True)
def undecided(site):
    yield
    for table in ("identity_limits", "server_limits", "allowed_servers", "email_domain_blocks", "email_blocks",
                  "ip_blocks", "domain_settings", "throttles"):
        site.sql(f"delete from {table}")


def everything(site):
    return {table: site.sql(f"select * from {table} order by 1, 2") for table in (*DECISIONS, "reports")}


def audited(site):
    return [row["action"] for row in site.sql("select action from audit_log order by id desc limit 3")]


def test_nobody_but_staff(site, weka):
    """All routes as nobody, as a member, as staff of another tenant here and there, and with a short token."""
    report = site.value("insert into reports (domain_id, subject_id, uri) select domain_id, id, 'x' from identities "
                        "where id = %s returning id", work.identity(site, TOROA)["id"])
    block = site.value("insert into server_limits (domain_id, host, severity) select id, 'bad.test', 'limit' "
                       "from domains where name = 'kea.test' returning id")
    before = everything(site)
    assert len(ROUTES) >= 56
    callers = ((Api(site, "kea.test"), (401,)), (Api(site, TOROA), (403,)),
               (Api(site, "kea.test", token=weka.token), (401,)),
               (Api(site, "kea.test", token=token_for(site, "kea.test")), (422, 403)),
               (Api(site, "owner@kea.test", ["read", "write", "follow"]), (403,)),
               (Api(site, OTHER), (403,)))
    for method, path in ROUTES:
        paths = {path, path.replace("/1", f"/{report}"), path.replace("/1", f"/{block}")}
        for caller, statuses in callers:
            for one in paths:
                answer = caller.ask(method, one, json={"type": "suspend", "domain": "evil.test"})
                assert answer.status_code in statuses, (caller.handle, method, one, answer.status_code)
    # A real member of the other tenant's staff, on its own host: this tenant's rows are not there.
    for noun, number in (("reports", report), ("domain_blocks", block)):
        weka.refused(404, "GET", f"/api/v1/admin/{noun}/{number}")
        weka.refused(404, "PUT", f"/api/v1/admin/{noun}/{number}", json={"category": "spam"})
    weka.refused(404, "POST", f"/api/v1/admin/reports/{report}/resolve")
    weka.refused(404, "DELETE", f"/api/v1/admin/domain_blocks/{block}")
    assert weka.get("/api/v1/admin/domain_blocks") == [] == weka.get("/api/v1/admin/reports")
    assert everything(site) == before
    site.sql("delete from reports")


def test_a_moderator_may_less_than_an_owner(helper, owner):
    for path in ("/api/v1/admin/accounts", "/api/v1/admin/reports", "/api/v1/admin/tags"):
        helper.get(path)
    for path in ("/api/v1/admin/domain_blocks", "/api/v1/admin/ip_blocks", "/api/v1/admin/domain_allows"):
        helper.refused(403, "GET", path)
        owner.get(path)


def test_a_grant_that_ended_allows_nothing(site, helper):
    site.sql("update staff_grants set expires = now() - interval '1 second' where role = 'moderator'")
    helper.refused(403, "GET", "/api/v1/admin/accounts")
    site.sql("update staff_grants set expires = null")
    helper.get("/api/v1/admin/accounts")


def test_accounts_are_found(site, owner):
    far = news.remote(site, host="far1.test")
    found = owner.get("/api/v2/admin/accounts", origin="local")
    assert {one["username"] for one in found} == {"ruru", "toroa", "owner", "helper"}
    by_name = {one["username"]: one for one in found}
    assert by_name["owner"]["role"]["name"] == "Owner" and by_name["toroa"]["role"]["name"] == ""
    assert by_name["toroa"]["email"] == "toroa@example.org"
    remote = owner.get("/api/v2/admin/accounts", origin="remote", by_domain="far1.test")
    assert [one["id"] for one in remote] == [str(far)] and remote[0]["domain"] == "far1.test"
    # Somebody of another tenant is as remote as anybody: nothing private is shown.
    foreign = owner.get(f"/api/v1/admin/accounts/{work.identity(site, OTHER)['id']}")
    assert (foreign["email"], foreign["ip"], foreign["ips"]) == ("", None, [])
    assert foreign["username"] not in {one["username"] for one in owner.get(
        "/api/v1/admin/accounts", local="true", username="wekaboss")}
    assert {one["username"] for one in owner.get("/api/v1/admin/accounts", staff="true")} == {"owner", "helper"}
    assert {one["username"] for one in owner.get("/api/v2/admin/accounts", permissions="staff")} == {"owner", "helper"}
    assert [one["username"] for one in owner.get("/api/v1/admin/accounts", email="toroa@")] == ["toroa"]
    assert [one["username"] for one in owner.get("/api/v1/admin/accounts", username="toro")] == ["toroa"]
    first = owner.ask("GET", "/api/v2/admin/accounts?origin=local&limit=3")
    rest = owner.ask("GET", first.links["next"]["url"]).json()
    assert len(first.json()) == 3 and len(rest) == 1
    owner.refused(404, "GET", "/api/v1/admin/accounts/12345")


def test_suspending_a_remote_one(world, site, owner, helper):
    """It is gone from this tenant with all ties, at once, and lives on next door."""
    star = world.followed(world.ruru, world.weka_ruru)
    note = activity.note(star, "seen by both")
    world.deliver(star, activity.create(star, note))
    row, post = world.identity(star.id), world.post(note)
    ruru, other = Api(site, RURU), Api(site, OTHER)
    assert helper.post(f"/api/v1/admin/accounts/{row['id']}/action", type="suspend", text="enough") == {}
    assert audited(site)[0] == "account.suspend"
    ruru.refused(404, "GET", f"/api/v1/statuses/{post['id']}")
    assert ruru.get("/api/v1/timelines/home") == []
    assert other.get(f"/api/v1/statuses/{post['id']}")["content"] == "seen by both"
    assert [one["id"] for one in other.get("/api/v1/timelines/home")] == [str(post["id"])]
    world.settle()
    assert world.follow_state(world.ruru.uri, star.id) in ("undone", "removed")
    assert world.follow_state(world.weka_ruru.uri, star.id) == "accepted"
    [lost] = ruru.get("/api/v1/notifications", **{"types[]": "severed_relationships"})
    assert lost["event"]["type"] == "account_suspension" and lost["event"]["following_count"] == 1
    assert helper.get(f"/api/v1/admin/accounts/{row['id']}")["suspended"] is True
    assert ruru.get(f"/api/v1/accounts/{row['id']}").get("suspended") is True
    assert "suspended" not in other.get(f"/api/v1/accounts/{row['id']}")
    # What it sends to this tenant is not heard.
    mine = news.post(site, RURU)
    uri = site.value("select object_uri from posts where id = %s", mine)
    sent = world.deliver(star, activity.like(star, uri))
    assert world.verdict(sent) == "refused"
    assert [one["id"] for one in helper.get("/api/v2/admin/accounts", status="suspended")] == [str(row["id"])]
    assert helper.post(f"/api/v1/admin/accounts/{row['id']}/unsuspend")["suspended"] is False
    assert audited(site)[0] == "account.unsuspend"
    ruru.get(f"/api/v1/statuses/{post['id']}")


def test_silencing(world, site, helper):
    """Only those who follow it see it; the other tenant does not notice."""
    star = world.followed(world.ruru)
    note = activity.note(star, "quiet please")
    world.deliver(star, activity.create(star, note))
    row = world.identity(star.id)
    toroa, ruru = Api(site, TOROA), Api(site, RURU)

    def public(api):
        return str(world.post(note)["id"]) in [one["id"] for one in api.get("/api/v1/timelines/public")]

    assert public(toroa) and public(Api(site, "kea.test"))
    helper.post(f"/api/v1/admin/accounts/{row['id']}/action", type="silence")
    assert not public(toroa) and not public(Api(site, "kea.test")) and public(ruru)
    assert toroa.get(f"/api/v1/accounts/{row['id']}").get("limited") is True
    # Its mention is a request to whom does not follow it.
    assert news.mention(site, row["id"], TOROA)
    assert row["id"] not in [int(one["account"]["id"]) for one in toroa.get("/api/v1/notifications")]
    assert toroa.get("/api/v1/notifications/requests")[0]["account"]["id"] == str(row["id"])
    assert helper.post(f"/api/v1/admin/accounts/{row['id']}/unsilence")["silenced"] is False
    assert public(toroa)


def test_sensitive(site, helper):
    far = news.remote(site)
    post = news.post(site, far)
    site.sql("insert into attachments (post_id, author_id, media_type, remote_url) values (%s, %s, 'image/png', "
             "'https://far.test/x.png')", post, far)
    ruru, other = Api(site, RURU), Api(site, OTHER)
    assert ruru.get(f"/api/v1/statuses/{post}")["sensitive"] is False
    helper.post(f"/api/v1/admin/accounts/{far}/action", type="sensitive")
    assert ruru.get(f"/api/v1/statuses/{post}")["sensitive"] is True
    assert other.get(f"/api/v1/statuses/{post}")["sensitive"] is False
    assert helper.post(f"/api/v1/admin/accounts/{far}/unsensitive")["sensitized"] is False


def test_disabling_ends_sessions_and_tokens_at_once(world, site, helper):
    toroa = Api(site, TOROA)
    world.toroa.log_in()
    assert world.toroa.get("/notifications/").status_code == 200
    helper.post(f"/api/v1/admin/accounts/{toroa.id}/action", type="disable")
    toroa.refused(401, "GET", "/api/v1/accounts/verify_credentials")
    assert world.toroa.get("/notifications/").status_code == 303
    assert helper.get(f"/api/v1/admin/accounts/{toroa.id}")["disabled"] is True
    # A new token or session is of no use either, until it is enabled again.
    fresh = Api(site, TOROA)
    fresh.refused(401, "GET", "/api/v1/accounts/verify_credentials")
    assert helper.post(f"/api/v1/admin/accounts/{toroa.id}/enable")["disabled"] is False
    fresh.get("/api/v1/accounts/verify_credentials")
    helper.refused(422, "POST", f"/api/v1/admin/accounts/{news.remote(site)}/action", json={"type": "disable"})


def test_suspending_a_local_one_with_a_report(world, site, helper, owner):
    toroa, ruru = Api(site, TOROA), Api(site, RURU)
    bad = news.post(site, TOROA, "bad", "followers")
    other = news.post(site, TOROA, "fine")
    report = site.value("insert into reports (domain_id, subject_id, uri, post_ids, source_id) select domain_id, id, "
                        "'y', %s, %s from identities where id = %s returning id", [bad], int(ruru.id), int(toroa.id))
    shown = helper.get(f"/api/v1/admin/reports/{report}")
    assert [one["id"] for one in shown["statuses"]] == [str(bad)], "staff reads what was reported"
    helper.refused(404, "GET", f"/api/v1/statuses/{news.post(site, TOROA, 'private', 'followers')}")
    helper.post(f"/api/v1/admin/accounts/{toroa.id}/action", type="suspend", report_id=str(report), text="see rule 1")
    done = helper.get(f"/api/v1/admin/reports/{report}")
    assert done["action_taken"] is True and done["action_taken_by_account"]["username"] == "helper"
    assert [one["id"] for one in done["statuses"]] == [str(bad)]
    toroa.refused(401, "GET", "/api/v1/timelines/home")
    ruru.refused(404, "GET", f"/api/v1/statuses/{other}")
    # Not next door.
    assert Api(site, OTHER).get(f"/api/v1/statuses/{other}")["id"] == str(other)
    assert owner.post(f"/api/v1/admin/accounts/{toroa.id}/unsuspend")["suspended"] is False
    told = Api(site, TOROA).get("/api/v1/notifications", **{"types[]": "moderation_warning"})[0]
    assert (told["moderation_warning"]["action"], told["moderation_warning"]["text"]) == ("suspend", "see rule 1")


def test_nobody_acts_on_their_betters(site, helper, owner):
    for whom in (owner, helper):
        helper.refused(403, "POST", f"/api/v1/admin/accounts/{whom.id}/action", json={"type": "suspend"})
    owner.post(f"/api/v1/admin/accounts/{helper.id}/action", type="none", text="well done")
    assert helper.get("/api/v1/notifications")[0]["type"] == "moderation_warning"
    helper.refused(422, "POST", f"/api/v1/admin/accounts/{work.identity(site, RURU)['id']}/action",
                   json={"type": "banish"})
    helper.refused(404, "POST", f"/api/v1/admin/accounts/{work.identity(site, RURU)['id']}/action",
                   json={"type": "none", "report_id": "123"})
    site.sql("delete from identity_limits")


def test_deleting(world, site, owner, helper):
    site.rookery("user", "add", "gone@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    site.rookery("identity", "add", "gone@kea.test", "--user", "gone@example.org")
    gone = Api(site, "gone@kea.test")
    number = gone.id
    owner.refused(403, "DELETE", f"/api/v1/admin/accounts/{number}")
    owner.post(f"/api/v1/admin/accounts/{number}/action", type="suspend")
    helper.refused(403, "DELETE", f"/api/v1/admin/accounts/{number}")
    assert owner.delete(f"/api/v1/admin/accounts/{number}")["username"] == "gone"
    owner.refused(404, "GET", f"/api/v1/admin/accounts/{number}")
    owner.refused(403, "DELETE", f"/api/v1/admin/accounts/{news.remote(site)}")
    world.settle()
    assert site.value("select state from identities where id = %s", int(number)) == "gone"


def sign_up(site, name, email=None, client_address="203.0.113.7", **more):
    application = token_for(site, "kea.test")
    client = site.client("kea.test", client_address=client_address,
                         headers={"Authorization": f"Bearer {application}"})
    return client.post("/api/v1/accounts", json={
        "username": name, "email": email or f"{name}@mail.test", "password": PASSWORD, "agreement": True,
        "locale": "en", **more})


@pytest.fixture
def approval(site):
    """kea.test approves of everybody who joins."""
    site.sql("update domains set sign_up = 'approval' where name = 'kea.test'")
    wait_for_mode(site, True)
    yield
    site.sql("update domains set sign_up = 'open' where name = 'kea.test'")
    wait_for_mode(site, False)


@pytest.fixture
def open_doors(site):
    site.sql("update domains set sign_up = 'open' where name = 'kea.test'")
    wait_for_mode(site, False)


def wait_for_mode(site, approves):
    client = site.client("kea.test")
    # Each thread of the server has the news by its own; several answers in a row come from all of them.
    agreed = 0
    while agreed < 20:
        said = client.get("/api/v2/instance", headers={"Connection": "close"}).json()["registrations"]
        agreed = agreed + 1 if said["enabled"] and said["approval_required"] == approves else 0


def test_joining_with_approval(site, helper, approval):
    answer = sign_up(site, "hopeful", reason="I like birds")
    assert answer.status_code == 200, answer.text
    waiting = Api(site, "kea.test", token=answer.json()["access_token"])
    waiting.refused(401, "GET", "/api/v1/accounts/verify_credentials")
    [one] = helper.get("/api/v2/admin/accounts", status="pending")
    assert (one["username"], one["invite_request"], one["approved"]) == ("hopeful", "I like birds", False)
    told = helper.get("/api/v1/notifications", **{"types[]": "admin.sign_up"})
    assert told[0]["account"]["username"] == "hopeful"
    assert helper.post(f"/api/v1/admin/accounts/{one['id']}/approve")["approved"] is True
    waiting.get("/api/v1/accounts/verify_credentials")
    helper.refused(403, "POST", f"/api/v1/admin/accounts/{one['id']}/approve")
    helper.refused(403, "POST", f"/api/v1/admin/accounts/{one['id']}/reject")
    sign_up(site, "hopeless", reason="Why not")
    [two] = helper.get("/api/v1/admin/accounts", pending="true")
    assert helper.post(f"/api/v1/admin/accounts/{two['id']}/reject")["username"] == "hopeless"
    helper.refused(404, "GET", f"/api/v1/admin/accounts/{two['id']}")


def test_who_may_not_join(site, owner, helper, open_doors):
    block = owner.post("/api/v1/admin/email_domain_blocks", domain="Spam.test")
    assert block["domain"] == "spam.test" and len(block["history"]) == 7
    assert sign_up(site, "one", "x@mx.spam.test").status_code == 403
    [counted] = owner.get("/api/v1/admin/email_domain_blocks")
    assert counted["history"][0]["uses"] == "1" and counted["history"][0]["accounts"] == "1"
    assert owner.get(f"/api/v1/admin/email_domain_blocks/{block['id']}")["domain"] == "spam.test"
    owner.refused(422, "POST", "/api/v1/admin/email_domain_blocks", json={"domain": "spam.test"})

    single = owner.post("/api/v1/admin/canonical_email_blocks", email="Bad.Person+x@Mail.test")
    assert single["canonical_email_hash"] == hashlib.sha256(b"badperson@mail.test").hexdigest()
    assert owner.post("/api/v1/admin/canonical_email_blocks/test", email="badperson@mail.test") == [single]
    assert owner.post("/api/v1/admin/canonical_email_blocks/test", email="good@mail.test") == []
    assert owner.get("/api/v1/admin/canonical_email_blocks") == [single]
    assert owner.get(f"/api/v1/admin/canonical_email_blocks/{single['id']}") == single
    assert sign_up(site, "two", "b.a.d.person@mail.test").status_code == 403
    by_hash = owner.post("/api/v1/admin/canonical_email_blocks", canonical_email_hash="a" * 64)
    owner.refused(422, "POST", "/api/v1/admin/canonical_email_blocks", json={"canonical_email_hash": "xyz"})

    network = owner.post("/api/v1/admin/ip_blocks", ip="198.51.100.7/24", severity="sign_up_block", comment="bots")
    assert network["ip"] == "198.51.100.0/24" and network["expires_at"] is None
    assert sign_up(site, "three", client_address="198.51.100.200").status_code == 403
    changed = owner.put(f"/api/v1/admin/ip_blocks/{network['id']}", severity="sign_up_requires_approval",
                        expires_in="3600")
    assert changed["comment"] == "bots" and changed["expires_at"]
    assert owner.get(f"/api/v1/admin/ip_blocks/{network['id']}") == changed
    assert sign_up(site, "four", client_address="198.51.100.200").status_code == 200
    assert [one["username"] for one in helper.get("/api/v2/admin/accounts", status="pending")] == ["four"]
    owner.put(f"/api/v1/admin/ip_blocks/{network['id']}", severity="no_access")
    there = site.client("kea.test", client_address="198.51.100.9")
    refused = there.post("/auth/login/", data={"email": "toroa@example.org", "password": PASSWORD})
    assert refused.status_code == 403
    assert sign_up(site, "five", client_address="192.0.2.1").status_code == 200
    for path in (f"email_domain_blocks/{block['id']}", f"canonical_email_blocks/{single['id']}",
                 f"canonical_email_blocks/{by_hash['id']}", f"ip_blocks/{network['id']}"):
        assert owner.delete(f"/api/v1/admin/{path}") == {}
        owner.refused(404, "GET", f"/api/v1/admin/{path}")
    assert sign_up(site, "six", "x@spam.test").status_code == 200
    for ip in ("nonsense", "", "1.2.3.4/99"):
        owner.refused(422, "POST", "/api/v1/admin/ip_blocks", json={"ip": ip, "severity": "no_access"})


def test_what_a_neighbour_blocks_does_not_bind(site, weka, open_doors):
    weka.post("/api/v1/admin/email_domain_blocks", domain="mail.test")
    weka.post("/api/v1/admin/ip_blocks", ip="0.0.0.0/0", severity="no_access")
    assert sign_up(site, "free").status_code == 200


def test_domain_blocks_hold_at_once(world, site, owner, weka):
    star = world.followed(world.ruru, world.weka_ruru)
    block = owner.post("/api/v1/admin/domain_blocks", domain=world.peer.authority, severity="suspend",
                       private_comment="why", public_comment="because", obfuscate=True)
    assert block["severity"] == "suspend" and block["private_comment"] == "why" and block["obfuscate"] is True
    assert block["digest"] == hashlib.sha256(world.peer.authority.encode()).hexdigest()
    [lost] = Api(site, RURU).get("/api/v1/notifications", **{"types[]": "severed_relationships", "limit": 1})
    assert lost["event"]["type"] == "domain_block" and lost["event"]["target_name"] == world.peer.authority
    note = activity.note(star, "to whom it may concern")
    world.deliver(star, activity.create(star, note))
    world.deliver(star, activity.create(star, note), "https://weka.test/inbox/")
    post = world.post(note)
    assert post["id"] in world.weka_ruru.home() and post["id"] not in world.ruru.home()
    assert weka.get("/api/v1/admin/domain_blocks") == []
    existing = owner.ask("POST", "/api/v1/admin/domain_blocks", json={"domain": world.peer.authority})
    assert existing.status_code == 422 and existing.json()["existing_domain_block"] == block
    site.rookery("domain", "set", "kea.test", "show_blocks", "all")
    [shown] = Api(site, "kea.test").get("/api/v1/instance/domain_blocks")
    assert (shown["domain"], shown["comment"], shown["digest"]) == ("pe***.**st", "because", block["digest"])
    changed = owner.put(f"/api/v1/admin/domain_blocks/{block['id']}", severity="silence")
    assert changed["severity"] == "silence" and changed["private_comment"] == "why"
    assert owner.get(f"/api/v1/admin/domain_blocks/{block['id']}") == changed
    assert owner.delete(f"/api/v1/admin/domain_blocks/{block['id']}") == {}
    owner.refused(404, "GET", f"/api/v1/admin/domain_blocks/{block['id']}")
    for domain in ("", "no host", "kea.test", "weka.test", "x" * 300):
        owner.refused(422, "POST", "/api/v1/admin/domain_blocks", json={"domain": domain})
    owner.refused(422, "POST", "/api/v1/admin/domain_blocks", json={"domain": "x.test", "severity": "harsh"})


def test_a_list_of_blocks_is_pushed(site, owner):
    """As FediBlockHole does: read all pages, add what is missing, change what differs."""
    wanted = {f"bad{n}.test": severity for n, severity in enumerate(("suspend", "silence", "noop") * 4)}
    for domain, severity in list(wanted.items())[:5]:
        owner.post("/api/v1/admin/domain_blocks", domain=domain, severity="silence" if severity == "suspend" else
                   severity)
    there, path = {}, "/api/v1/admin/domain_blocks?limit=2"
    while path:
        answer = owner.ask("GET", path)
        there.update({one["domain"]: one for one in answer.json()})
        path = answer.links.get("next", {}).get("url")
    assert len(there) == 5
    for domain, severity in wanted.items():
        fields = {"domain": domain, "severity": severity, "reject_media": "true", "reject_reports": "true",
                  "public_comment": "listed", "private_comment": "import", "obfuscate": "false"}
        if domain not in there:
            assert owner.ask("POST", "/api/v1/admin/domain_blocks", data=fields).status_code == 200
        elif there[domain]["severity"] != severity:
            owner.ask("PUT", f"/api/v1/admin/domain_blocks/{there[domain]['id']}", data=fields)
    rules = owner.get("/api/v1/admin/domain_blocks", limit=200)
    assert {one["domain"]: one["severity"] for one in rules} == wanted


def test_media_of_a_server_are_rejected(site, owner):
    far = news.remote(site, host="pictures.test")
    post = news.post(site, far)
    site.sql("insert into attachments (post_id, author_id, media_type, remote_url) values (%s, %s, 'image/png', "
             "'https://pictures.test/x.png')", post, far)
    owner.post("/api/v1/admin/domain_blocks", domain="pictures.test", severity="noop", reject_media=True)
    assert owner.get(f"/api/v1/statuses/{post}")["media_attachments"] == []
    assert len(Api(site, OTHER).get(f"/api/v1/statuses/{post}")["media_attachments"]) == 1


def test_limited_federation(world, site, owner):
    star = world.actor("star")
    site.rookery("domain", "set", "kea.test", "limited_federation", "true")
    follow = activity.follow(star, world.ruru.uri)
    world.deliver(star, follow)
    assert world.follow_state(star.id, world.ruru.uri) is None
    allow = owner.post("/api/v1/admin/domain_allows", domain=world.peer.authority)
    assert owner.get("/api/v1/admin/domain_allows") == [allow]
    assert owner.get(f"/api/v1/admin/domain_allows/{allow['id']}") == allow
    world.deliver(star, {**follow, "id": follow["id"] + "b"})
    assert world.follow_state(star.id, world.ruru.uri) == "accepted"
    assert owner.delete(f"/api/v1/admin/domain_allows/{allow['id']}") == {}
    owner.refused(404, "GET", f"/api/v1/admin/domain_allows/{allow['id']}")


def test_complaints_are_worked_on(site, helper, owner):
    site.sql("delete from reports")
    ruru, far = Api(site, RURU), news.remote(site, host="far7.test")
    made = [ruru.post("/api/v1/reports", account_id=str(far), comment=f"number {n}")["id"] for n in range(3)]
    page = helper.ask("GET", "/api/v1/admin/reports?limit=2")
    assert [one["id"] for one in page.json()] == made[:0:-1]
    assert [one["id"] for one in helper.ask("GET", page.links["next"]["url"]).json()] == made[:1]
    assert len(helper.get("/api/v1/admin/reports", by_target_domain="far7.test")) == 3
    assert helper.get("/api/v1/admin/reports", target_account_id=ruru.id) == []
    assert len(helper.get("/api/v1/admin/reports", account_id=ruru.id)) == 3
    one = helper.get(f"/api/v1/admin/reports/{made[0]}")
    assert one["account"]["username"] == "ruru" and one["target_account"]["id"] == str(far)
    assert helper.post(f"/api/v1/admin/reports/{made[0]}/assign_to_self")["assigned_account"]["username"] == "helper"
    assert owner.post(f"/api/v1/admin/reports/{made[0]}/unassign")["assigned_account"] is None
    assert helper.put(f"/api/v1/admin/reports/{made[0]}", category="spam")["category"] == "spam"
    helper.refused(422, "PUT", f"/api/v1/admin/reports/{made[0]}", json={"category": "odd"})
    assert helper.post(f"/api/v1/admin/reports/{made[0]}/resolve")["action_taken"] is True
    assert [two["id"] for two in helper.get("/api/v1/admin/reports", resolved="true")] == [made[0]]
    assert helper.post(f"/api/v1/admin/reports/{made[0]}/reopen")["action_taken"] is False
    assert audited(site) == ["report.reopen", "report.resolve", "report.change"]


def test_pages_cost_the_same_however_full(site, helper):
    site.sql("delete from reports")
    ruru = Api(site, RURU)

    def more(count):
        for n in range(count):
            far = news.remote(site)
            ruru.post("/api/v1/reports", account_id=str(far), status_ids=[str(news.post(site, far, f"bad {n}"))])
        return [news.cost(site, lambda path=path: helper.get(path)) for path in (
            "/api/v1/admin/reports", "/api/v2/admin/accounts")]

    assert more(1) == more(8)


def test_hashtags_and_trends(site, owner):
    tag = site.value("insert into hashtags (name, display, state) values ('birds', 'Birds', 'updated') returning id")
    kea = site.value("select id from domains where name = 'kea.test'")
    site.sql("insert into trends (domain_id, kind, target_id, score) values (%s, 'tag', %s, 2)", kea, tag)
    assert [one["name"] for one in owner.get("/api/v1/trends/tags")] == ["birds"]
    [shown] = owner.get("/api/v1/admin/trends/tags")
    assert (shown["trendable"], shown["requires_review"], shown["usable"]) == (True, True, True)
    assert owner.post(f"/api/v1/admin/trends/tags/{tag}/reject")["trendable"] is False
    assert owner.get("/api/v1/trends/tags") == []
    assert owner.get("/api/v1/admin/trends/tags")[0]["requires_review"] is False
    assert owner.put(f"/api/v1/admin/tags/{tag}", trendable=True, display_name="BIRDS")["display_name"] == "BIRDS"
    assert [one["name"] for one in owner.get("/api/v1/trends/tags")] == ["birds"]
    owner.refused(422, "PUT", f"/api/v1/admin/tags/{tag}", json={"display_name": "fish"})
    tagged = news.post(site, RURU)
    site.sql("insert into post_hashtags (post_id, hashtag_id) values (%s, %s)", tagged, tag)
    assert [one["id"] for one in owner.get("/api/v1/timelines/tag/birds")] == [str(tagged)]
    assert owner.put(f"/api/v1/admin/tags/{tag}", usable=False, listable=False)["usable"] is False
    assert owner.get("/api/v1/timelines/tag/birds") == []
    assert [one["id"] for one in Api(site, OTHER).get("/api/v1/timelines/tag/birds")] == [str(tagged)]
    assert owner.get("/api/v2/search", q="birds", type="hashtags")["hashtags"] == []
    assert owner.get(f"/api/v1/admin/tags/{tag}")["name"] == "birds"
    assert "birds" in [one["name"] for one in owner.get("/api/v1/admin/tags")]
    post = news.post(site, RURU)
    site.sql("insert into trends (domain_id, kind, target_id, score) values (%s, 'post', %s, 2)", kea, post)
    assert [one["id"] for one in owner.get("/api/v1/admin/trends/statuses")] == [str(post)]
    assert owner.post(f"/api/v1/admin/trends/statuses/{post}/reject") == {}
    assert owner.get("/api/v1/trends/statuses") == []
    assert owner.post(f"/api/v1/admin/trends/statuses/{post}/approve") == {}
    assert owner.get("/api/v1/admin/trends/links") == []
    owner.refused(404, "POST", "/api/v1/admin/trends/links/1/approve")


def test_numbers(site, owner):
    span = {"start_at": "2020-01-01", "end_at": "2020-01-03"}
    keys = ["active_users", "new_users", "interactions", "opened_reports", "resolved_reports", "tag_uses",
            "tag_accounts", "tag_servers", "instance_accounts", "instance_statuses", "instance_reports",
            "instance_follows", "instance_followers", "instance_media_attachments"]
    answer = owner.post("/api/v1/admin/measures", keys=[*keys, "unknown"], tag_uses={"id": "1"},
                        instance_accounts={"domain": "far.test"}, **span)
    assert [one["key"] for one in answer] == keys
    assert [len(one["data"]) for one in answer] == [3] * len(keys)
    site.sql("update identities set created = '2020-01-02' where username = 'toroa'")
    [new] = owner.post("/api/v1/admin/measures", keys=["new_users"], **span)
    assert new["total"] == "1" and [one["value"] for one in new["data"]] == ["0", "1", "0"]
    keys = ["languages", "sources", "servers", "space_usage", "software_versions", "tag_servers", "tag_languages",
            "instance_accounts", "instance_languages"]
    answer = owner.post("/api/v1/admin/dimensions", keys=keys, limit="5", start_at="2020-01-01",
                        end_at="2020-12-31T10:00:00Z")
    assert [one["key"] for one in answer] == keys and answer[4]["data"][0]["key"] == "postgresql"
    days = owner.post("/api/v1/admin/retention", frequency="day", **span)
    assert [len(one["data"]) for one in days] == [3, 2, 1] and days[1]["data"][0]["value"] == "1"
    assert len(owner.post("/api/v1/admin/retention", frequency="month", start_at="2020-01-01",
                          end_at="2020-06-01")) == 6
    for wrong in ({"start_at": "x", "end_at": "y"}, {"start_at": "2020-01-02", "end_at": "2020-01-01"},
                  {"start_at": "0001-01-01", "end_at": "9999-01-01"}, {}):
        for noun in ("measures", "dimensions", "retention"):
            owner.refused(422, "POST", f"/api/v1/admin/{noun}",
                          json={"keys": ["new_users"], "frequency": "day", **wrong})


@pytest.mark.parametrize("value", ("", "0", "-1", "x", "9" * 30, "%00", "'; drop table posts", "\u202e", "1" * 18))
def test_hostile_parameters(owner, value):
    names = ("max_id", "min_id", "limit", "status", "origin", "by_domain", "ip", "username", "domain", "severity",
             "expires_in", "email", "type", "report_id", "category", "keys[]", "start_at", "end_at", "offset",
             "frequency", "display_name", "canonical_email_hash", "text")
    for method, path in ROUTES:
        if method == "GET":
            owner.ask(method, path, params={name: value for name in names})
        else:
            owner.ask(method, path, data={name: value for name in names})
        owner.ask(method, path.replace("/1", f"/{value.replace(chr(39), '') or '-'}"))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What all routes of the client API share: tokens, scopes, errors, pages, scripts of other sites."""

import pytest

from harness.api import Api, token_for
from harness.contracts import called, is_called, named_routes
from harness.world import World
from harness.peer import Peer


@pytest.fixture(scope="module")
def world(shared_site):
    with Peer("peer1.test", tls=True) as peer:
        yield World(shared_site, peer)


def test_a_token_acts_as_its_identity(world):
    api = Api(world.site, "ruru@kea.test")
    me = api.get("/api/v1/accounts/verify_credentials")
    assert (me["id"], me["acct"], me["username"]) == (api.id, "ruru", "ruru")
    assert Api(world.site, "ruru@weka.test").get(f"/api/v1/accounts/{me['id']}")["acct"] == "ruru@kea.test"


@pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer", "Basic eDp5", "Bearer a b", ""])
def test_a_wrong_token_is_401(world, header):
    answer = Api(world.site, "kea.test").client.get("/api/v1/accounts/verify_credentials",
                                                    headers={"Authorization": header})
    assert answer.status_code == 401 and answer.json()["error"] == "The access token is invalid"
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_of_another_tenant_is_none_here(world):
    token = token_for(world.site, "ruru@weka.test")
    stranger = Api(world.site, "kea.test", token=token)
    stranger.refused(401, "GET", "/api/v1/accounts/verify_credentials")


def test_scopes_cover_what_is_below_them(world):
    for scopes, status in ((["read"], 200), (["read:accounts"], 200), (["profile"], 200), (["write"], 403),
                           (["read:statuses"], 403), (["read:account"], 403), ([], 403)):
        api = Api(world.site, "ruru@kea.test", scopes)
        assert api.ask("GET", "/api/v1/accounts/verify_credentials").status_code == status, scopes


def test_an_application_is_nobody(world):
    api = Api(world.site, "kea.test", token=token_for(world.site, "kea.test"))
    api.refused(422, "GET", "/api/v1/accounts/verify_credentials")


def test_a_banned_user_and_a_lost_identity_end_tokens_at_once(world):
    api = Api(world.site, "toroa@kea.test")
    api.get("/api/v1/accounts/verify_credentials")
    world.site.sql("update users set banned = true where email = 'toroa@example.org'")
    api.refused(401, "GET", "/api/v1/accounts/verify_credentials")
    world.site.sql("update users set banned = false where email = 'toroa@example.org'")
    api.get("/api/v1/accounts/verify_credentials")


def test_scripts_of_other_sites_may_ask(world):
    client = Api(world.site, "kea.test").client
    ahead = client.request("OPTIONS", "/api/v1/statuses", headers={
        "Origin": "https://elk.test", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key"})
    assert ahead.status_code == 204 and ahead.headers["access-control-allow-origin"] == "*"
    assert "Idempotency-Key" in ahead.headers["access-control-allow-headers"]
    answer = client.get("/api/v1/accounts/verify_credentials", headers={"Origin": "https://elk.test"})
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "Link" in answer.headers["access-control-expose-headers"]


def test_what_is_not_there_is_404_in_the_surfaces_form(world):
    client = Api(world.site, "kea.test").client
    for path in ("/api/v1/nothing", "/api/v3/instance", "/api/v1/accounts/0", "/api/v1/accounts/x/y/z"):
        answer = client.get(path)
        assert answer.status_code == 404 and answer.json()["error"] == "Record not found", path


def test_a_slash_at_the_end_changes_nothing(world):
    api = Api(world.site, "ruru@kea.test")
    assert api.client.get("/api/v1/accounts/verify_credentials/").status_code == 200


def test_home_is_paged_by_links(world):
    api = Api(world.site, "ruru@kea.test")
    for n in range(5):
        world.ruru.write(f"number {n}")
    world.settle()
    answer = api.ask("GET", "/api/v1/timelines/home?limit=2")
    assert [one["content"] for one in answer.json()] == ["<p>number 4</p>", "<p>number 3</p>"]
    assert api.client.get("/api/v1/timelines/home?limit=2",
                          headers={"If-None-Match": answer.headers["etag"]}).status_code == 304
    older = api.ask("GET", answer.links["next"]["url"])
    assert [one["content"] for one in older.json()] == ["<p>number 2</p>", "<p>number 1</p>"]
    assert "limit=2" in answer.links["next"]["url"] and "min_id=" in answer.links["prev"]["url"]


def test_every_route_that_programs_use_has_a_contract_test():
    """Read from the tests' own text; test_api_oauth.py goes through the pages of the log-in as a browser does."""
    calls = called()
    assert len(calls) > 600
    assert [one for one in named_routes() if not is_called(calls, one)] == [
        one for one in named_routes() if one.path == "/oauth/authorize"]

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people of two installations of ours do to each other's posts by the client API: quotations with
consent that is given and taken back, polls, reactions."""

import pytest

from harness.api import Api
from harness.fixtures import DOMAINS
from installation import Installation, follow_by_handle


@pytest.fixture(scope="module")
def here(module_database, tmp_path_factory):
    with Installation(module_database, tmp_path_factory.mktemp("here"), DOMAINS) as made:
        yield made


@pytest.fixture(scope="module")
def there(cluster, template, tmp_path_factory):
    database = cluster.create("test_another_installation", template)
    with Installation(database, tmp_path_factory.mktemp("there"), ("kakapo.test",), add=True) as made:
        yield made
    database.drop()


@pytest.fixture(scope="module")
def people(here, there):
    """Ann of one side and Bea of the other, who follow each other; their programs."""
    ann, bea = here.newcomer("ann", "kea.test"), there.newcomer("bea", "kakapo.test")
    for follower, side, person in ((ann, here, bea), (bea, there, ann)):
        follow_by_handle(follower, person.handle)
        side.will("the Accept", lambda: side.follow_state(follower.uri, person.uri) == "accepted")
    return Api(here.site, ann.handle), Api(there.site, bea.handle)


def there_is(side, api, uri):
    """The status of a post on the other side, once it is there."""
    row = side.will("the post", lambda: side.post(uri))
    return api.get(f"/api/v1/statuses/{row['id']}")


def test_a_quotation_is_agreed_to_and_taken_back(here, there, people):
    ann, bea = people
    made = ann.post("/api/v1/statuses", status="quote me")
    seen = there_is(there, bea, made["uri"])
    assert seen["quote_approval"] == {"automatic": ["public"], "manual": [], "current_user": "automatic"}
    quoting = bea.post("/api/v1/statuses", status="look", quoted_status_id=seen["id"])

    def state(api, status_id):
        return api.get(f"/api/v1/statuses/{status_id}")["quote"]["state"]

    there.will("the consent", lambda: state(bea, quoting["id"]) == "accepted")
    copy = there_is(here, ann, quoting["uri"])
    here.will("the quotation", lambda: state(ann, copy["id"]) == "accepted")
    assert ann.get(f"/api/v1/statuses/{copy['id']}")["quote"]["quoted_status"]["id"] == made["id"]
    assert ann.get(f"/api/v1/statuses/{made['id']}")["quotes_count"] == 1
    ann.post(f"/api/v1/statuses/{made['id']}/quotes/{copy['id']}/revoke")
    there.will("the end", lambda: state(bea, quoting["id"]) == "revoked")
    assert bea.get(f"/api/v1/statuses/{quoting['id']}")["quote"]["quoted_status"] is None


def test_a_quotation_is_refused(here, there, people):
    ann, bea = people
    made = ann.post("/api/v1/statuses", status="do not", quote_approval_policy="nobody")
    seen = there_is(there, bea, made["uri"])
    assert seen["quote_approval"]["current_user"] == "denied"
    bea.refused(404, "POST", "/api/v1/statuses", json={"status": "look", "quoted_status_id": seen["id"]})
    # The policy was another one when it was read there.
    there.site.sql("update posts set quote_automatic = '{public}' where object_uri = %s", made["uri"])
    quoting = bea.post("/api/v1/statuses", status="look", quoted_status_id=seen["id"])
    there.will("the refusal",
               lambda: bea.get(f"/api/v1/statuses/{quoting['id']}")["quote"]["state"] == "rejected")


def test_a_poll_counts_votes_of_both(here, there, people):
    ann, bea = people
    made = ann.post("/api/v1/statuses", status="which?", poll={"options": ["tea", "coffee"], "expires_in": 3600})
    seen = there_is(there, bea, made["uri"])
    assert [one["title"] for one in seen["poll"]["options"]] == ["tea", "coffee"]
    voted = bea.post(f"/api/v1/polls/{seen['poll']['id']}/votes", choices=[1])
    assert voted["own_votes"] == [1] and voted["votes_count"] == 1
    here.will("the vote", lambda: ann.get(f"/api/v1/polls/{made['id']}")["votes_count"] == 1)
    here.site.sql("update polls set expires = now(), state_next_attempt = now(), state = state where id = %s",
                  int(made["id"]))
    there.will("the end", lambda: bea.get(f"/api/v1/polls/{seen['poll']['id']}")["expired"])
    assert [one["votes_count"] for one in bea.get(f"/api/v1/polls/{seen['poll']['id']}")["options"]] == [0, 1]


def test_reactions_and_edits_arrive(here, there, people):
    ann, bea = people
    made = ann.post("/api/v1/statuses", status="first")
    seen = there_is(there, bea, made["uri"])
    bea.post(f"/api/v1/statuses/{seen['id']}/react/\U0001f525")
    bea.post(f"/api/v1/statuses/{seen['id']}/favourite")
    here.will("both", lambda: (lambda one: one["favourites_count"] == 1 and one["reactions"])(
        ann.get(f"/api/v1/statuses/{made['id']}")))
    ann.put(f"/api/v1/statuses/{made['id']}", status="second")
    there.will("the edit", lambda: bea.get(f"/api/v1/statuses/{seen['id']}")["content"] == "<p>second</p>")
    history = bea.get(f"/api/v1/statuses/{seen['id']}/history")
    assert [one["content"] for one in history] == ["<p>first</p>", "<p>second</p>"]


def test_an_answer_and_a_like_wait_for_consent(here, there, people):
    ann, bea = people
    ask = {"automatic_approval": ["author"], "manual_approval": ["public"]}
    made = ann.post("/api/v1/statuses", status="ask me", interaction_policy={
        "can_reply": ask, "can_favourite": ask, "can_reblog": {"automatic_approval": ["author"]}})
    seen = there_is(there, bea, made["uri"])
    assert bea.ask("POST", f"/api/v1/statuses/{seen['id']}/reblog").status_code == 403
    reply = bea.post("/api/v1/statuses", status="may I?", in_reply_to_id=seen["id"])
    bea.post(f"/api/v1/statuses/{seen['id']}/favourite")
    assert reply["pending_approval"]
    requests = here.will("both requests", lambda: (lambda found: found if len(found) == 2 else None)(
        ann.get("/api/v1/interaction_requests", status_id=made["id"])))
    assert {one["type"] for one in requests} == {"reply", "favourite"}
    nobody, afar = Api(here.site, "kea.test"), Api(there.site, "kakapo.test")
    assert nobody.get(f"/api/v1/statuses/{made['id']}/context")["descendants"] == []
    assert afar.get(f"/api/v1/statuses/{seen['id']}/context")["descendants"] == []
    for one in requests:
        ann.post(f"/api/v1/interaction_requests/{one['id']}/authorize")
    there.will("the consent", lambda: not bea.get(f"/api/v1/statuses/{reply['id']}")["pending_approval"])
    here.will("the like", lambda: nobody.get(f"/api/v1/statuses/{made['id']}")["favourites_count"] == 1)
    [shown] = nobody.get(f"/api/v1/statuses/{made['id']}/context")["descendants"]
    assert shown["uri"] == reply["uri"] and there.site.object(reply["uri"])["replyAuthorization"]
    ann.post(f"/api/v1/statuses/{shown['id']}/reply_consent/revoke")
    there.will("the end", lambda: bea.ask("GET", f"/api/v1/statuses/{reply['id']}").status_code == 404)
    assert nobody.get(f"/api/v1/statuses/{made['id']}/context")["descendants"] == []


def test_a_collection_asks_and_is_left(here, there, people):
    ann, bea = people
    uri = there.value("select actor_uri from identities where id = %s", int(bea.id))
    made = ann.post("/api/v1/collections", name="Friends", account_ids=[str(here.identity(uri))])["collection"]
    path = f"/api/v1/collections/{made['id']}"

    def asked():
        found = bea.get(f"/api/v1/accounts/{bea.id}/in_collections")["collections"]
        return found and found[0]["items"] and found[0]

    seen = there.will("the request", asked)
    assert seen["name"] == "Friends" and seen["uri"] == made["uri"]
    item = f"/api/v1/collections/{seen['id']}/items/{seen['items'][0]['id']}"
    bea.post(f"{item}/accept")
    here.will("the consent", lambda: [one["state"] for one in ann.get(path)["collection"]["items"]] == ["accepted"])
    bea.post(f"{item}/revoke")
    here.will("its end", lambda: ann.get(path)["collection"]["items"] == [])

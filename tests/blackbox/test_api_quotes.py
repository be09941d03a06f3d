# SPDX-License-Identifier: AGPL-3.0-or-later
"""Quotations: shown, asked for, agreed to, refused and taken back (FEP-044f), here and between servers."""

import pytest

from harness import activity
from harness.api import Api
from harness.world import KEA, world_of


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(scope="module")
def ruru(world):
    return Api(world.site, "ruru@kea.test")


@pytest.fixture(scope="module")
def toroa(world):
    return Api(world.site, "toroa@kea.test")


@pytest.fixture(scope="module")
def stranger(world):
    return Api(world.site, "ruru@weka.test")


@pytest.fixture(scope="module")
def nobody(world):
    return Api(world.site, "kea.test")


def write(api, text="hello", **fields):
    return api.post("/api/v1/statuses", status=text, **fields)


def quote(api, status, text="see this", **fields):
    return write(api, text, quoted_status_id=status["id"], **fields)


def quoting_note(actor, uri, **more):
    return activity.note(actor, "<p>see this</p>", quote=uri, **more)


def quote_request(actor, uri, note):
    return {"@context": activity.CONTEXT, "id": f"{actor.id}/requests/{next(activity.numbers)}", "type": "QuoteRequest",
            "actor": actor.id, "object": uri, "instrument": note}


def authorization(actor, note, uri):
    return {"@context": activity.CONTEXT, "id": f"{actor.id}/stamps/{next(activity.numbers)}",
            "type": "QuoteAuthorization", "attributedTo": actor.id, "interactingObject": activity.id_of(note),
            "interactionTarget": uri}


def with_policy(note, automatic=(), manual=()):
    return {**note, "interactionPolicy": {"canQuote": {"automaticApproval": list(automatic),
                                                       "manualApproval": list(manual)}}}


def objects(world, kind, inbox, uri):
    """Objects of that id in activities of that type which came to an inbox."""
    return [one["object"] for one in world.arrived(kind, inbox) if activity.id_of(one["object"]) == uri]


@pytest.mark.parametrize("policy, automatic, other", [
    (None, ["public"], "automatic"), ("public", ["public"], "automatic"), ("followers", ["followers"], "denied"),
    ("nobody", [], "denied")])
def test_who_may_quote_is_the_authors_choice(ruru, toroa, nobody, policy, automatic, other):
    made = write(ruru, "mine", **({"quote_approval_policy": policy} if policy else {}))
    assert made["quote_approval"] == {"automatic": automatic, "manual": [], "current_user": "automatic"}
    assert toroa.get(f"/api/v1/statuses/{made['id']}")["quote_approval"]["current_user"] == other
    assert nobody.get(f"/api/v1/statuses/{made['id']}")["quote_approval"]["current_user"] == "denied"
    answer = toroa.ask("POST", "/api/v1/statuses", json={"status": "x", "quoted_status_id": made["id"]})
    assert answer.status_code == (200 if other == "automatic" else 404)


def test_a_policy_changes(world, ruru, toroa):
    fan = world.follower(world.ruru)
    made = write(ruru, "mine")
    world.settle()
    changed = ruru.put(f"/api/v1/statuses/{made['id']}/interaction_policy", quote_approval_policy="nobody")
    assert changed["quote_approval"]["automatic"] == [] and changed["edited_at"] is None
    toroa.refused(404, "POST", "/api/v1/statuses", json={"status": "x", "quoted_status_id": made["id"]})
    toroa.refused(404, "PUT", f"/api/v1/statuses/{made['id']}/interaction_policy",
                  json={"quote_approval_policy": "public"})
    ruru.refused(422, "PUT", f"/api/v1/statuses/{made['id']}/interaction_policy",
                 json={"quote_approval_policy": "some"})
    world.settle()
    sent = objects(world, "Update", fan.shared_inbox, made["uri"])
    assert sent[-1]["interactionPolicy"]["canQuote"]["automaticApproval"] == [world.ruru.uri]
    # An edit keeps it.
    assert ruru.put(f"/api/v1/statuses/{made['id']}", status="still")["quote_approval"]["automatic"] == []


def test_a_quotation_shows_the_post(world, ruru, toroa, stranger, nobody):
    made = write(ruru, "worth reading")
    quoting = quote(toroa, made)
    assert quoting["quote"]["state"] == "accepted"
    assert quoting["quote"]["quoted_status"]["id"] == made["id"]
    assert "quote-inline" in quoting["content"] and made["url"] in quoting["content"]
    world.settle()
    assert ("quote", "toroa") in world.ruru.told("quote")
    shown = nobody.get(f"/api/v1/statuses/{made['id']}")
    assert shown["quotes_count"] == 1
    assert [one["id"] for one in nobody.get(f"/api/v1/statuses/{made['id']}/quotes")] == [quoting["id"]]
    # One in a quoted post is only named.
    outer = quote(stranger, quoting, "see who sees this")
    inner = outer["quote"]["quoted_status"]
    assert inner["id"] == quoting["id"] and inner["quote"] == {"state": "accepted", "quoted_status_id": made["id"]}
    # A boost's id means its post.
    boost = toroa.post(f"/api/v1/statuses/{made['id']}/reblog")
    assert quote(toroa, boost)["quote"]["quoted_status"]["id"] == made["id"]


def test_a_page_shows_what_is_quoted(world, ruru, toroa):
    made = write(ruru, "a word worth quoting")
    quoting = quote(toroa, made)
    page = world.ruru.enter().get(f"/@toroa/posts/{quoting['id']}/").text
    assert '<blockquote class="quoted"' in page and "a word worth quoting" in page
    ruru.post(f"/api/v1/statuses/{made['id']}/quotes/{quoting['id']}/revoke")
    assert "a word worth quoting" not in world.ruru.get(f"/@toroa/posts/{quoting['id']}/").text


def test_private_posts_are_quoted_by_their_author_alone_and_not_wider(ruru, toroa, nobody):
    made = write(ruru, "for followers", visibility="private")
    toroa.refused(404, "POST", "/api/v1/statuses", json={"status": "x", "quoted_status_id": made["id"]})
    assert quote(ruru, made)["visibility"] == "private"
    direct = write(ruru, "for some", visibility="direct")
    ruru.refused(404, "POST", "/api/v1/statuses", json={"status": "x", "quoted_status_id": direct["id"]})


def test_what_is_quoted_is_shown_to_those_who_may_read_it(world, ruru, toroa):
    made = write(ruru, "before the block")
    quoting = quote(toroa, made)
    world.ruru.about("toroa@kea.test", "block")
    shown = toroa.get(f"/api/v1/statuses/{quoting['id']}")
    assert shown["quote"] == {"state": "unauthorized", "quoted_status": None}
    world.ruru.about("toroa@kea.test", "unblock")
    world.settle()
    ruru.delete(f"/api/v1/statuses/{made['id']}")
    assert toroa.get(f"/api/v1/statuses/{quoting['id']}")["quote"] == {"state": "deleted", "quoted_status": None}
    toroa.delete(f"/api/v1/statuses/{quoting['id']}")


def test_whom_one_does_not_want_to_see_stands_behind_a_word(world, ruru, toroa, stranger):
    made = write(ruru, "loud")
    quoting = quote(stranger, made)
    for verb, state in (("mute", "muted_account"), ("block", "blocked_account")):
        world.toroa.about("ruru@kea.test", verb)
        shown = toroa.get(f"/api/v1/statuses/{quoting['id']}")["quote"]
        assert shown["state"] == state and shown["quoted_status"]["id"] == made["id"]
        assert "loud" not in world.toroa.get(f"/@ruru@weka.test/posts/{quoting['id']}/").text
        world.toroa.about("ruru@kea.test", f"un{verb}")
    assert toroa.get(f"/api/v1/statuses/{quoting['id']}")["quote"]["state"] == "accepted"


def test_an_author_takes_consent_back(world, ruru, toroa, stranger, nobody):
    made = write(ruru, "quoted here")
    for api in (toroa, stranger):
        quoting = quote(api, made)
        world.settle()
        path = f"/api/v1/statuses/{made['id']}/quotes/{quoting['id']}/revoke"
        toroa.refused(403, "POST", path)
        nobody.refused(401, "POST", path)
        revoked = ruru.post(path)
        assert revoked["id"] == quoting["id"] and revoked["quote"] == {"state": "revoked", "quoted_status": None}
        ruru.refused(404, "POST", path)
        world.settle()
        assert api.get(f"/api/v1/statuses/{quoting['id']}")["quote"]["state"] == "revoked"
    shown = nobody.get(f"/api/v1/statuses/{made['id']}")
    assert shown["quotes_count"] == 0 and nobody.get(f"/api/v1/statuses/{made['id']}/quotes") == []


def test_a_deleted_quotation_counts_no_more(world, ruru, toroa, nobody):
    made = write(ruru, "quoted once")
    quoting = quote(toroa, made)
    world.settle()
    toroa.delete(f"/api/v1/statuses/{quoting['id']}")
    world.settle()
    assert nobody.get(f"/api/v1/statuses/{made['id']}")["quotes_count"] == 0


def test_our_quotation_asks_a_remote_author(world, ruru, nobody):
    star, fan = world.followed(world.ruru), world.follower(world.ruru)
    note = with_policy(activity.note(star, "<p>quote me</p>"), [activity.PUBLIC])
    world.deliver(star, activity.create(star, note))
    post = world.post(note)
    assert ruru.get(f"/api/v1/statuses/{post['id']}")["quote_approval"]["current_user"] == "automatic"
    quoting = write(ruru, "look", quoted_status_id=str(post["id"]))
    assert quoting["quote"] == {"state": "pending", "quoted_status": None}
    world.settle()
    [asked] = world.arrived("QuoteRequest", star.inbox)
    assert asked["object"] == note["id"] and asked["instrument"]["id"] == quoting["uri"]
    assert asked["instrument"]["quote"] == note["id"]
    [sent] = objects(world, "Create", fan.shared_inbox, quoting["uri"])
    assert sent["quote"] == sent["quoteUrl"] == sent["_misskey_quote"] == note["id"]
    assert "quoteAuthorization" not in sent
    # Somebody else cannot agree, nor can the author with somebody else's word.
    ben, stamp = world.actor("ben"), f"{star.id}/stamps/1"
    for who, result in ((ben, f"{ben.id}/stamps/1"), (star, "https://peer2.test/stamps/1"), (star, None)):
        world.deliver(who, activity.accept(who, asked["id"], result=result))
        assert ruru.get(f"/api/v1/statuses/{quoting['id']}")["quote"]["state"] == "pending"
    world.deliver(star, activity.accept(star, {"id": asked["id"], "type": "QuoteRequest", "actor": world.ruru.uri,
                                               "object": note["id"], "instrument": quoting["uri"]}, result=stamp))
    shown = nobody.get(f"/api/v1/statuses/{quoting['id']}")
    assert shown["quote"]["state"] == "accepted" and shown["quote"]["quoted_status"]["id"] == str(post["id"])
    assert nobody.get(f"/api/v1/statuses/{post['id']}")["quotes_count"] == 1
    [update] = objects(world, "Update", fan.shared_inbox, quoting["uri"])
    assert update["quoteAuthorization"] == stamp and "updated" not in update
    # It is taken back by a Delete of the authorization, by its owner alone.
    gone = {"id": stamp, "type": "QuoteAuthorization"}
    for who, state in ((ben, "accepted"), (star, "revoked")):
        world.deliver(who, {**activity.delete(who, stamp), "object": gone})
        assert nobody.get(f"/api/v1/statuses/{quoting['id']}")["quote"]["state"] == state


def test_a_refusal(world, ruru):
    star = world.followed(world.ruru)
    note = with_policy(activity.note(star, "<p>perhaps</p>"), manual=[activity.PUBLIC])
    world.deliver(star, activity.create(star, note))
    post = world.post(note)
    assert ruru.get(f"/api/v1/statuses/{post['id']}")["quote_approval"] == {
        "automatic": [], "manual": ["public"], "current_user": "manual"}
    quoting = write(ruru, "look", quoted_status_id=str(post["id"]))
    world.settle()
    [asked] = world.arrived("QuoteRequest", star.inbox)
    world.deliver(star, activity.reject(star, asked["id"]))
    assert ruru.get(f"/api/v1/statuses/{quoting['id']}")["quote"] == {"state": "rejected", "quoted_status": None}


def test_posts_without_a_policy_are_not_quoted(world, ruru):
    star = world.followed(world.ruru)
    note = activity.note(star, "<p>nothing said</p>")
    world.deliver(star, activity.create(star, note))
    ruru.refused(404, "POST", "/api/v1/statuses",
                 json={"status": "x", "quoted_status_id": str(world.post(note)["id"])})


@pytest.mark.parametrize("policy, verb", [("public", "Accept"), ("nobody", "Reject")])
def test_a_request_is_answered_by_the_authors_policy(world, ruru, nobody, policy, verb):
    fan = world.follower(world.ruru)
    made = write(ruru, f"quote me: {policy}", quote_approval_policy=policy)
    note = quoting_note(fan, made["uri"])
    world.peer.publish(note)
    request = world.deliver(fan, quote_request(fan, made["uri"], note))
    [answer] = [one for one in world.arrived(verb, fan.inbox) if activity.id_of(one["object"]) == request["id"]]
    post = world.post(note)
    state = nobody.get(f"/api/v1/statuses/{post['id']}")["quote"]["state"]
    if verb == "Reject":
        assert state == "rejected" and "result" not in answer
        return
    stamp = world.site.object(answer["result"])
    assert stamp["type"] == "QuoteAuthorization" and stamp["attributedTo"] == world.ruru.uri
    assert stamp["interactingObject"] == note["id"] and stamp["interactionTarget"] == made["uri"]
    assert state == "accepted" and nobody.get(f"/api/v1/statuses/{made['id']}")["quotes_count"] == 1
    assert ("quote", fan.name) in world.ruru.told("quote")
    # Taken back: the stamp is gone, and who quotes is told.
    assert ruru.post(f"/api/v1/statuses/{made['id']}/quotes/{post['id']}/revoke")["quote"]["state"] == "revoked"
    world.settle()
    assert world.site.get(answer["result"], headers={"Accept": "application/activity+json"}).status_code == 404
    assert len(objects(world, "Delete", fan.shared_inbox, answer["result"])) == 1
    again = world.deliver(fan, quote_request(fan, made["uri"], note))
    assert [one for one in world.arrived("Reject", fan.inbox) if activity.id_of(one["object"]) == again["id"]]


def test_requests_that_are_not_to_be_believed(world, ruru):
    ana, ben = world.actor("ana"), world.actor("ben")
    made = write(ruru, "quote me")
    private = write(ruru, "not you", visibility="private")
    foreign = quoting_note(ben, made["uri"])
    other = quoting_note(ana, "https://peer1.test/another")
    for request in (quote_request(ana, made["uri"], foreign), quote_request(ana, made["uri"], other),
                    quote_request(ana, private["uri"], quoting_note(ana, private["uri"])),
                    quote_request(ana, made["uri"], "https://peer2.test/x"), quote_request(ana, made["uri"], {}),
                    quote_request(ana, "https://kea.test/nothing", quoting_note(ana, "https://kea.test/nothing"))):
        world.deliver(ana, request)
        assert world.verdict(request) == "refused", request
    assert world.arrived("Accept", ana.inbox) == []


def test_quotations_of_others_need_a_consent_that_stands(world, nobody):
    star = world.followed(world.ruru)
    ana, ben = world.actor("ana"), world.actor("ben")
    target = world.peer.publish(activity.note(ana, "<p>quoted</p>"))

    def received(note):
        world.deliver(star, activity.create(star, note))
        post = world.post(note)
        return nobody.get(f"/api/v1/statuses/{post['id']}")["quote"]["state"]

    assert received(quoting_note(star, target["id"])) == "pending"
    note = quoting_note(star, target["id"])
    good = world.peer.publish(authorization(ana, note, target["id"]))
    assert received({**note, "quoteAuthorization": good["id"]}) == "accepted"
    for wrong in (authorization(ben, note, target["id"]), authorization(ana, target, target["id"]),
                  {**authorization(ana, note, target["id"]), "type": "Note"}):
        another = quoting_note(star, target["id"])
        world.peer.publish(wrong)
        assert received({**another, "quoteAuthorization": wrong["id"]}) == "pending"
    # Oneself needs no consent; and what comes later with an Update counts.
    own = activity.note(star, "<p>mine</p>")
    world.deliver(star, activity.create(star, own))
    assert received(quoting_note(star, own["id"])) == "accepted"
    late = quoting_note(star, target["id"])
    assert received(late) == "pending"
    stamp = world.peer.publish(authorization(ana, late, target["id"]))
    world.deliver(star, activity.update(star, {**late, "quoteAuthorization": stamp["id"]}))
    assert nobody.get(f"/api/v1/statuses/{world.post(late)['id']}")["quote"]["state"] == "accepted"


@pytest.mark.parametrize("member", ["quoteUrl", "quoteUri", "_misskey_quote"])
def test_older_words_for_a_quotation(world, nobody, member):
    star = world.followed(world.ruru)
    own = activity.note(star, "<p>mine</p>")
    world.deliver(star, activity.create(star, own))
    note = activity.note(star, "<p>see</p>", **{member: own["id"]})
    world.deliver(star, activity.create(star, note))
    shown = nobody.get(f"/api/v1/statuses/{world.post(note)['id']}")
    assert shown["quote"]["quoted_status"]["id"] == str(world.post(own)["id"])


def test_the_inbox_names_the_tenant(world):
    """A request for another tenant's post, at this one's inbox, is still answered by that author."""
    weka = Api(world.site, "ruru@weka.test")
    made = write(weka, "of weka")
    fan = world.follower(world.weka_ruru)
    note = quoting_note(fan, made["uri"])
    request = world.deliver(fan, quote_request(fan, made["uri"], note), KEA)
    assert [one["actor"] for one in world.arrived("Accept", fan.inbox)
            if activity.id_of(one["object"]) == request["id"]] == [world.weka_ruru.uri]

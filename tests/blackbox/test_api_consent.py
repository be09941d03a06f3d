# SPDX-License-Identifier: AGPL-3.0-or-later
"""Who may answer, like and boost a post: policies, requests, consents and refusals, here and between servers."""

import pytest

from harness import activity, news
from harness.api import Api
from harness.world import world_of

OPEN = {"always": ["author", "public"], "with_approval": [], "automatic_approval": ["author", "public"],
        "manual_approval": []}
ASK = {"automatic_approval": ["author"], "manual_approval": ["public"]}
NOBODY = {"automatic_approval": ["author"]}
REQUESTS = "/api/v1/interaction_requests"
KINDS = {"reply": ("ReplyRequest", "ReplyAuthorization"), "favourite": ("LikeRequest", "LikeAuthorization"),
         "reblog": ("AnnounceRequest", "AnnounceAuthorization")}
PARTS = {"reply": "can_reply", "favourite": "can_favourite", "reblog": "can_reblog"}


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


def with_policy(api, text="mine", **parts):
    return write(api, text, interaction_policy={PARTS[kind]: rule for kind, rule in parts.items()})


def act(api, kind, status, text="an answer"):
    """Does it; the answer, or the like or boost in the eyes of who did it."""
    if kind == "reply":
        return api.ask("POST", "/api/v1/statuses", json={"status": text, "in_reply_to_id": status["id"]})
    return api.ask("POST", f"/api/v1/statuses/{status['id']}/{'favourite' if kind == 'favourite' else 'reblog'}")


def counts(api, status):
    shown = api.get(f"/api/v1/statuses/{status['id']}")
    return {"reply": shown["replies_count"], "favourite": shown["favourites_count"], "reblog": shown["reblogs_count"]}


def below(api, status):
    return [one["id"] for one in api.get(f"/api/v1/statuses/{status['id']}/context")["descendants"]]


def waiting(api, status):
    return api.get(REQUESTS, status_id=status["id"])


def notices(api, kind):
    """Of a type that Mastodon's contract does not have."""
    answer = api.client.get("/api/v1/notifications", params={"types[]": kind})
    assert answer.status_code == 200, answer.text
    return answer.json()


def thing(actor, kind, uri):
    """What a remote actor does to a post."""
    if kind == "reply":
        return activity.note(actor, "<p>from afar</p>", inReplyTo=uri)
    made = (activity.like if kind == "favourite" else activity.announce)(actor, uri)
    return made


def asking(actor, kind, uri, instrument):
    return {"@context": activity.CONTEXT, "id": f"{actor.id}/asks/{next(activity.numbers)}", "type": KINDS[kind][0],
            "actor": actor.id, "object": uri, "instrument": instrument}


def authorization(actor, kind, instrument, uri, **more):
    return {"@context": activity.CONTEXT, "id": f"{actor.id}/stamps/{next(activity.numbers)}", "type": KINDS[kind][1],
            "attributedTo": actor.id, "interactingObject": instrument, "interactionTarget": uri, **more}


def test_policies_are_shown_chosen_and_changed(ruru, toroa, nobody):
    assert write(ruru)["interaction_policy"] == {"can_favourite": OPEN, "can_reply": OPEN, "can_reblog": OPEN}
    made = with_policy(ruru, reply=ASK, favourite={"always": ["author", "followers"], "with_approval": ["public"]})
    policy = nobody.get(f"/api/v1/statuses/{made['id']}")["interaction_policy"]
    assert policy["can_reply"]["automatic_approval"] == ["author"]
    assert policy["can_reply"]["manual_approval"] == policy["can_reply"]["with_approval"] == ["public"]
    assert policy["can_favourite"]["always"] == ["author", "followers"] and policy["can_reblog"] == OPEN
    # An edit keeps it, an edit that says another changes it.
    assert ruru.put(f"/api/v1/statuses/{made['id']}", status="still")["interaction_policy"] == policy
    changed = ruru.put(f"/api/v1/statuses/{made['id']}/interaction_policy",
                       interaction_policy={"can_reply": NOBODY})
    assert changed["interaction_policy"]["can_reply"]["manual_approval"] == []
    assert changed["quote_approval"] == made["quote_approval"]
    ruru.refused(422, "POST", "/api/v1/statuses",
                 json={"status": "x", "interaction_policy": {"can_reply": {"always": ["friends"]}}})
    toroa.refused(404, "PUT", f"/api/v1/statuses/{made['id']}/interaction_policy",
                  json={"interaction_policy": {"can_reply": OPEN}})


def test_defaults_by_visibility(world, ruru, toroa):
    everybody = {"can_favourite": OPEN, "can_reply": OPEN, "can_reblog": OPEN}
    path = "/api/v1/interaction_policies/defaults"
    assert toroa.get(path) == {name: everybody for name in ("public", "unlisted", "private", "direct")}
    set_to = toroa.patch(path, public={"can_reply": {"automatic_approval": ["author", "mentioned"]}})
    assert set_to["public"]["can_reply"]["automatic_approval"] == ["author", "mentioned"]
    assert set_to["unlisted"] == everybody == ruru.get(path)["public"]
    assert write(toroa)["interaction_policy"] == set_to["public"]
    assert write(toroa, visibility="unlisted")["interaction_policy"] == everybody
    toroa.refused(422, "PATCH", path, json={"public": {"can_reply": {"always": ["x"]}}})
    assert toroa.patch(path)["public"] == everybody


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_not_allowed_is_refused(world, ruru, stranger, nobody, kind):
    made = with_policy(ruru, **{kind: NOBODY})
    assert act(stranger, kind, made).status_code == 403
    assert act(ruru, kind, made).status_code == 200
    ana = world.actor("ana")
    world.settle()
    mine = counts(nobody, made)
    instrument = thing(ana, kind, made["uri"])
    world.deliver(ana, activity.create(ana, instrument) if kind == "reply" else instrument)
    world.settle()
    assert counts(nobody, made) == mine and waiting(ruru, made) == []
    assert len(below(ruru, made)) == (1 if kind == "reply" else 0)
    request = world.deliver(ana, asking(ana, kind, made["uri"], instrument))
    assert [one for one in world.arrived("Reject", ana.inbox) if activity.id_of(one["object"]) == request["id"]]
    assert world.arrived("Accept", ana.inbox) == []


def test_followers_followed_and_mentioned(world, ruru, toroa, stranger):
    rule = {"automatic_approval": ["author", "followers"]}
    closed = with_policy(ruru, reply=rule)
    assert act(stranger, "reply", closed).status_code == 403
    stranger.post(f"/api/v1/accounts/{stranger.get('/api/v1/accounts/lookup', acct='ruru@kea.test')['id']}/follow")
    world.settle()
    assert act(stranger, "reply", closed).status_code == 200
    followed = with_policy(ruru, reply={"automatic_approval": ["author", "following"]})
    assert act(toroa, "reply", followed).status_code == 403
    ruru.post(f"/api/v1/accounts/{toroa.id}/follow")
    world.settle()
    assert act(toroa, "reply", followed).status_code == 200
    spoken = with_policy(ruru, "hello @toroa", reply=NOBODY)
    assert act(toroa, "reply", spoken).status_code == 200
    assert act(stranger, "reply", spoken).status_code == 403
    ruru.post(f"/api/v1/accounts/{toroa.id}/unfollow")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("verb", ["authorize", "reject"])
def test_by_hand_between_tenants(world, ruru, stranger, toroa, nobody, kind, verb):
    """Pending: seen by who did it and who decides, and by nobody else."""
    made = with_policy(ruru, f"ask me {kind} {verb}", **{kind: ASK})
    before = counts(nobody, made)
    answer = act(stranger, kind, made, f"may I {verb}")
    assert answer.status_code == 200
    world.settle()
    assert counts(nobody, made) == before and counts(stranger, made) == before
    [request] = waiting(ruru, made)
    assert request["type"] == kind and request["status"]["id"] == made["id"] and request["accepted_at"] is None
    assert request["account"]["acct"] == "ruru@weka.test"
    assert waiting(stranger, made) == waiting(toroa, made) == []
    for other in (stranger, toroa):
        other.refused(404, "GET", f"{REQUESTS}/{request['id']}")
        other.refused(404, "POST", f"{REQUESTS}/{request['id']}/authorize")
    if kind == "reply":
        reply = answer.json()
        assert reply["pending_approval"] and request["reply"]["id"] == reply["id"]
        assert below(ruru, made) == below(stranger, made) == [reply["id"]]
        assert below(nobody, made) == below(toroa, made) == []
        nobody.refused(404, "GET", f"/api/v1/statuses/{reply['id']}")
        toroa.refused(404, "POST", f"/api/v1/statuses/{reply['id']}/reblog")
        assert world.site.get(reply["uri"], headers={"Accept": "application/activity+json"}).status_code == 404
    elif kind == "favourite":
        assert stranger.get(f"/api/v1/statuses/{made['id']}")["favourited"]
    types = [one["type"] for one in notices(ruru, f"pending.{kind}")]
    assert types and set(types) == {f"pending.{kind}"}
    assert not [one for one in ruru.get("/api/v1/notifications") if one["type"].startswith("pending.")]
    decided = ruru.post(f"{REQUESTS}/{request['id']}/{verb}")
    assert bool(decided["accepted_at"]) == (verb == "authorize") and bool(decided["rejected_at"]) == (verb == "reject")
    ruru.refused(404, "POST", f"{REQUESTS}/{request['id']}/authorize")
    world.settle()
    assert waiting(ruru, made) == [] and ruru.get(f"{REQUESTS}/{request['id']}")["id"] == request["id"]
    gained = {name: n - before[name] for name, n in counts(nobody, made).items()}
    assert gained == {name: int(name == kind and verb == "authorize") for name in KINDS}
    if kind == "reply":
        assert below(nobody, made) == ([reply["id"]] if verb == "authorize" else [])
        assert stranger.get(f"/api/v1/statuses/{reply['id']}")["pending_approval"] is False
    elif verb == "reject":
        assert not stranger.get(f"/api/v1/statuses/{made['id']}")["favourited"]
        assert act(stranger, kind, made).status_code == 403


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("polite", [True, False])
def test_a_remote_wish_waits_is_granted_and_taken_back(world, ruru, nobody, kind, polite):
    fan = world.follower(world.ruru)
    made = with_policy(ruru, f"from afar {kind} {polite}", **{kind: ASK})
    world.settle()
    instrument = thing(fan, kind, made["uri"])
    uri = activity.id_of(instrument)
    world.peer.publish(instrument)
    plain = activity.create(fan, instrument) if kind == "reply" else instrument
    sent = world.deliver(fan, asking(fan, kind, made["uri"], instrument) if polite else plain)
    assert counts(nobody, made)[kind] == 0 and below(nobody, made) == []
    # Brought again, by others, or fetched: it stays where it is.
    world.deliver(fan, {**plain, "id": f"{plain['id']}-again"} if kind == "reply" else plain)
    if kind == "reply":
        ben = world.actor("ben")
        world.deliver(ben, activity.announce(ben, uri))
        assert nobody.get("/api/v2/search", q=uri)["statuses"] == []
    assert counts(nobody, made)[kind] == 0 and below(nobody, made) == []
    [request] = waiting(ruru, made)
    ruru.post(f"{REQUESTS}/{request['id']}/authorize")
    world.settle()
    [accept] = [one for one in world.arrived("Accept", fan.inbox)
                if activity.id_of(one["object"]) == (sent["id"] if polite else uri)]
    stamp = world.site.object(accept["result"])
    assert stamp["type"] == KINDS[kind][1] and stamp["attributedTo"] == world.ruru.uri
    assert (stamp["interactingObject"], stamp["interactionTarget"]) == (uri, made["uri"])
    assert counts(nobody, made)[kind] == 1
    if kind != "reply":
        return
    [reply] = below(nobody, made)
    nobody.refused(401, "POST", f"/api/v1/statuses/{reply}/reply_consent/revoke")
    ruru.post(f"/api/v1/statuses/{reply}/reply_consent/revoke")
    ruru.refused(404, "POST", f"/api/v1/statuses/{reply}/reply_consent/revoke")
    world.settle()
    assert world.site.get(accept["result"], headers={"Accept": "application/activity+json"}).status_code == 404
    assert [one for one in world.arrived("Delete", fan.shared_inbox)
            if activity.id_of(one["object"]) == accept["result"]]
    # What was taken back does not come again.
    for again in ({**plain, "id": f"{plain['id']}-after"}, asking(fan, kind, made["uri"], instrument)):
        world.deliver(fan, again)
    world.settle()
    assert below(nobody, made) == [] and waiting(ruru, made) == [] and counts(nobody, made)[kind] == 0


def test_a_remote_wish_is_refused(world, ruru, nobody):
    ana = world.actor("ana")
    made = with_policy(ruru, "no likes", favourite=ASK)
    like = activity.like(ana, made["uri"])
    world.deliver(ana, like)
    [request] = waiting(ruru, made)
    ruru.post(f"{REQUESTS}/{request['id']}/reject")
    world.settle()
    assert [one for one in world.arrived("Reject", ana.inbox) if one["object"] == like["id"]]
    for again in (activity.like(ana, made["uri"]), activity.undo(ana, like), like,
                  {**activity.like(ana, made["uri"]), "content": "🦜"}):
        world.deliver(ana, again)
    world.settle()
    assert counts(nobody, made)["favourite"] == 0 and waiting(ruru, made) == []


def test_a_wish_that_is_taken_back_waits_no_more(world, ruru, stranger):
    made = with_policy(ruru, "patience", favourite=ASK)
    act(stranger, "favourite", made)
    world.settle()
    [_] = waiting(ruru, made)
    assert not stranger.post(f"/api/v1/statuses/{made['id']}/unfavourite")["favourited"]
    world.settle()
    assert waiting(ruru, made) == []


@pytest.mark.parametrize("kind", KINDS)
def test_we_ask_elsewhere_and_believe_what_its_host_shows(world, ruru, nobody, kind):
    star = world.followed(world.ruru)
    fan = world.follower(world.ruru)
    part = {"reply": "canReply", "favourite": "canLike", "reblog": "canAnnounce"}[kind]
    note = {**activity.note(star, "<p>ask me</p>"),
            "interactionPolicy": {part: {"automaticApproval": [star.id], "manualApproval": [activity.PUBLIC]}}}
    world.peer.publish(note)
    world.deliver(star, activity.create(star, note))
    post = {"id": str(world.post(note)["id"])}
    answer = act(ruru, kind, post, "may I?")
    assert answer.status_code == 200
    world.settle()
    [asked] = world.arrived(KINDS[kind][0], star.inbox)
    instrument = activity.id_of(asked["instrument"])
    assert asked["object"] == note["id"]
    kinds = {"reply": "Create", "favourite": "Like", "reblog": "Announce"}

    def sent():
        return [one for box in (star.inbox, fan.shared_inbox) for one in world.arrived(kinds[kind], box)
                if instrument in (one["id"], activity.id_of(one["object"]))]

    assert sent() == []
    ben = world.actor("ben")
    good = authorization(star, kind, instrument, note["id"])
    bad = [authorization(star, kind, instrument, f"{star.id}/notes/other"),
           authorization(star, kind, f"{instrument}x", note["id"]),
           authorization(star, kind, instrument, note["id"], attributedTo=ben.id),
           authorization(star, kind, instrument, note["id"], type="QuoteAuthorization"),
           authorization(star, kind, instrument, note["id"], type="Note")]
    for one in (*bad, good):
        world.peer.publish(one)
    elsewhere = {"Create": lambda: below(nobody, post)}.get(kinds[kind], lambda: counts(nobody, post)[kind] or [])
    for who, result in [(ben, good["id"]), *[(star, one["id"]) for one in bad], (star, f"{star.id}/stamps/none"),
                        (star, "https://peer2.test/stamps/1"), (star, None)]:
        world.deliver(who, activity.accept(who, asked["id"], result=result))
        assert elsewhere() == [], result
    world.deliver(star, activity.accept(star, asked["id"], result=good["id"]))
    world.settle()
    assert elsewhere()
    carrier = sent()[-1]["object"] if kind == "reply" else sent()[-1]
    name = {"reply": "replyAuthorization", "favourite": "likeAuthorization", "reblog": "announceAuthorization"}[kind]
    assert carrier[name] == good["id"]
    # Taken back, by its owner alone.
    for who, stands in ((ben, True), (star, False)):
        world.deliver(who, {**activity.delete(who, good["id"]), "object": {"id": good["id"], "type": KINDS[kind][1]}})
        world.settle()
        assert bool(elsewhere()) == stands
    if kind == "reply":
        assert [one for one in world.arrived("Delete", fan.shared_inbox) if activity.id_of(one["object"]) == instrument]


def test_what_others_forbid_is_not_done(world, ruru):
    star = world.followed(world.ruru)
    note = {**activity.note(star, "<p>leave me</p>"),
            "interactionPolicy": {"canReply": {"always": [star.id], "approvalRequired": []},
                                  "canLike": {"always": [star.id], "approvalRequired": [activity.PUBLIC]}}}
    world.deliver(star, activity.create(star, note))
    post = {"id": str(world.post(note)["id"])}
    assert act(ruru, "reply", post).status_code == 403
    assert act(ruru, "reblog", post).status_code == 200
    answer = act(ruru, "favourite", post)
    assert answer.status_code == 200 and answer.json()["favourites_count"] == 0
    world.settle()
    [asked] = world.arrived("LikeRequest", star.inbox)
    world.deliver(star, activity.reject(star, asked["id"]))
    # What was never sent is not taken back.
    assert world.arrived("Like", star.inbox) == world.arrived("Undo", star.inbox) == []
    assert act(ruru, "favourite", post).status_code == 403


def test_policies_are_published(world, ruru):
    fan = world.follower(world.ruru)
    made = with_policy(ruru, "said", reply={"automatic_approval": ["author", "followers"],
                                            "manual_approval": ["public"]})
    world.settle()
    [note] = [one["object"] for one in world.arrived("Create", fan.shared_inbox) if one["object"]["id"] == made["uri"]]
    rule = note["interactionPolicy"]["canReply"]
    assert rule["automaticApproval"] == rule["always"] == [f"{world.ruru.uri}followers/", world.ruru.uri]
    assert rule["manualApproval"] == rule["approvalRequired"] == [activity.PUBLIC]
    assert "canLike" not in note["interactionPolicy"]


def test_requests_that_are_not_to_be_believed(world, ruru):
    ana, ben = world.actor("ana"), world.actor("ben")
    made = with_policy(ruru, "mine", reply=ASK, favourite=ASK)
    private = write(ruru, "not you", visibility="private")
    for request in (asking(ana, "reply", made["uri"], thing(ben, "reply", made["uri"])),
                    asking(ana, "reply", made["uri"], thing(ana, "reply", "https://peer1.test/other")),
                    asking(ana, "favourite", made["uri"], thing(ben, "favourite", made["uri"])),
                    asking(ana, "favourite", made["uri"], thing(ana, "favourite", private["uri"])),
                    asking(ana, "favourite", private["uri"], thing(ana, "favourite", private["uri"])),
                    asking(ana, "reply", made["uri"], {}),
                    asking(ana, "reply", "https://kea.test/nothing", thing(ana, "reply", "https://kea.test/nothing"))):
        world.deliver(ana, request)
        assert world.verdict(request) == "refused", request
    assert waiting(ruru, made) == []


def test_quotes_by_hand(world, ruru, stranger, nobody):
    fan = world.follower(world.ruru)
    made = write(ruru, "ask before quoting", quote_approval_policy="ask")
    assert made["quote_approval"] == {"automatic": [], "manual": ["public"], "current_user": "automatic"}
    assert stranger.get(f"/api/v1/statuses/{made['id']}")["quote_approval"]["current_user"] == "manual"
    quoting = write(stranger, "see", quoted_status_id=made["id"])
    note = activity.note(fan, "<p>see this</p>", quote=made["uri"])
    world.peer.publish(note)
    request = world.deliver(fan, {"@context": activity.CONTEXT, "id": f"{fan.id}/asks/{next(activity.numbers)}",
                                  "type": "QuoteRequest", "actor": fan.id, "object": made["uri"], "instrument": note})
    world.settle()
    state = lambda: nobody.get(f"/api/v1/statuses/{quoting['id']}")["quote"]["state"]
    assert state() == "pending" and not nobody.get(f"/api/v1/statuses/{made['id']}")["quotes_count"]
    far, near = waiting(ruru, made)
    assert (far["type"], near["type"], near["quote"]["id"]) == ("quote", "quote", quoting["id"])
    assert ("pending_quote", "ruru") in world.ruru.told("pending_quote")
    stranger.refused(404, "POST", f"{REQUESTS}/{near['id']}/authorize")
    ruru.post(f"{REQUESTS}/{near['id']}/authorize")
    ruru.post(f"{REQUESTS}/{far['id']}/reject")
    world.settle()
    assert state() == "accepted" and waiting(ruru, made) == []
    assert [one for one in world.arrived("Reject", fan.inbox) if activity.id_of(one["object"]) == request["id"]]
    assert nobody.get(f"/api/v1/statuses/{made['id']}")["quotes_count"] == 1
    assert world.site.object(quoting["uri"])["quoteAuthorization"]


def test_reactions_are_told_to_those_that_ask(world, ruru, toroa):
    ana = world.actor("ana")
    made = write(ruru, "react to this")
    world.deliver(ana, {**activity.like(ana, made["uri"]), "content": "🦜"})
    toroa.post(f"/api/v1/statuses/{made['id']}/react/🦜")
    world.settle()
    told = notices(ruru, "pleroma:emoji_reaction")
    assert {(one["type"], one["account"]["username"]) for one in told if one["status"]["id"] == made["id"]} == {
        ("pleroma:emoji_reaction", ana.name), ("pleroma:emoji_reaction", "toroa")}
    assert "pleroma:emoji_reaction" not in {one["type"] for one in ruru.get("/api/v1/notifications")}
    assert "reacted to your post" in world.ruru.enter().get("/notifications/").text
    toroa.post(f"/api/v1/statuses/{made['id']}/unreact/🦜")
    world.settle()
    left = notices(ruru, "pleroma:emoji_reaction")
    assert [one["account"]["username"] for one in left if one["status"]["id"] == made["id"]] == [ana.name]


def test_a_boost_for_followers_is_theirs(world, ruru, toroa, nobody):
    star = world.followed(world.ruru)
    made = write(toroa, "boost me quietly")
    boost = {**activity.announce(star, made["uri"]), "to": [f"{star.id}/followers"], "cc": [world.toroa.uri]}
    world.deliver(star, boost)
    world.settle()
    [shown] = [one for one in ruru.get("/api/v1/timelines/home")
               if one["reblog"] and one["reblog"]["id"] == made["id"]]
    account = shown["account"]["id"]
    statuses = f"/api/v1/accounts/{account}/statuses"
    assert shown["id"] in [one["id"] for one in ruru.get(statuses)]
    for other in (toroa, nobody):
        assert shown["id"] not in [one["id"] for one in other.get(statuses)]
        other.refused(404, "GET", f"/api/v1/statuses/{shown['id']}")
    assert account not in [one["id"] for one in nobody.get(f"/api/v1/statuses/{made['id']}/reblogged_by")]
    assert account in [one["id"] for one in ruru.get(f"/api/v1/statuses/{made['id']}/reblogged_by")]


def test_a_suspended_account_is_told_of(world, toroa):
    fan = world.follower(world.toroa)
    document = world.site.object(world.toroa.uri)
    assert document["name"] and "suspended" not in document
    news.grant(world.site, "ruru@example.org", "kea.test", "owner")
    owner = Api(world.site, "ruru@kea.test")
    owner.post(f"/api/v1/admin/accounts/{toroa.id}/action", type="suspend", text="enough")
    world.settle()
    sent = [one["object"] for one in world.arrived("Update", fan.shared_inbox) if one["actor"] == world.toroa.uri]
    assert sent[-1]["suspended"] is True and sent[-1]["id"] == world.toroa.uri and not sent[-1]["attachment"]
    assert world.site.object(world.toroa.uri)["suspended"] is True
    owner.post(f"/api/v1/admin/accounts/{toroa.id}/unsuspend")
    world.settle()
    after = [one["object"] for one in world.arrived("Update", fan.shared_inbox) if one["actor"] == world.toroa.uri]
    assert len(after) == len(sent) + 1 and "suspended" not in after[-1] and after[-1]["name"] == document["name"]

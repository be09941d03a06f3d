# SPDX-License-Identifier: AGPL-3.0-or-later
"""Collections of accounts between servers (FEP-7aa9): asked for, agreed to, refused and taken back; what others say
of theirs, and what they only claim."""

import pytest

from harness import activity
from harness.api import Api
from harness.world import world_of

POLICY = {"canFeature": {"automaticApproval": [activity.PUBLIC]}}


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


@pytest.fixture(name="ruru")
def fixture_ruru(world):
    world.site.sql("delete from featured_collections")
    world.site.sql("update identities set discoverable = true where domain_id is not null and not is_system")
    return Api(world.site, "ruru@kea.test")


@pytest.fixture(name="nobody")
def fixture_nobody(world):
    return Api(world.site, "kea.test")


def stamp_of(target, collection, **more):
    return {"@context": activity.CONTEXT, "id": f"{target.id}/stamps/{next(activity.numbers)}",
            "type": "FeatureAuthorization", "interactingObject": activity.id_of(collection),
            "interactionTarget": target.id, **more}


def item_of(collection, target, stamp):
    return {"id": f"{activity.id_of(collection)}/items/{next(activity.numbers)}", "type": "FeaturedItem",
            "featuredObject": activity.id_of(target), "featuredObjectType": "Person",
            "featureAuthorization": activity.id_of(stamp)}


def collection_of(owner, *items, **more):
    return {"@context": activity.CONTEXT, "id": f"{owner.id}/featured/{next(activity.numbers)}",
            "type": "FeaturedCollection", "attributedTo": owner.id, "name": "Cute cats", "summary": "Cats &amp; more",
            "topic": {"type": "Hashtag", "name": "#cats"}, "discoverable": True, "totalItems": len(items),
            "orderedItems": list(items), **more}


def add(owner, thing, target, kind="Add"):
    return {"@context": activity.CONTEXT, "id": f"{owner.id}/adds/{next(activity.numbers)}", "type": kind,
            "actor": owner.id, "object": thing, "target": target, "to": [activity.PUBLIC]}


def request_of(owner, target, collection):
    return {"@context": activity.CONTEXT, "id": f"{owner.id}/requests/{next(activity.numbers)}",
            "type": "FeatureRequest", "actor": owner.id, "object": target, "instrument": activity.id_of(collection)}


def met(world, actor, ruru):
    """The id of an actor that is known here."""
    world.follow(world.ruru, actor)
    return str(world.identity(actor)["id"])


def names(api, identity):
    return [one["name"] for one in api.get(f"/api/v1/accounts/{identity}/collections")["collections"]]


def members(api, collection):
    return [one["account_id"] for one in collection_in(api, collection)["items"]]


def collection_in(api, collection):
    return api.get(f"/api/v1/collections/{collection}")["collection"]


def test_a_remote_account_is_asked_and_others_hear_of_it(world, ruru, nobody):
    fan = world.follower(world.ruru)
    star = world.actor("star", interactionPolicy=POLICY)
    far = met(world, star, ruru)
    made = ruru.post("/api/v1/collections", name="Stars", description="of the sky", tag_name="sky",
                     account_ids=[far])["collection"]
    world.settle()
    assert [one["state"] for one in made["items"]] == ["pending"]
    [told] = [one for one in world.arrived("Add", fan.shared_inbox) if activity.id_of(one["object"]) == made["uri"]]
    assert told["target"] == world.ruru.uri + "collections/" and told["object"]["orderedItems"] == []
    assert told["object"]["name"] == "Stars" and told["object"]["topic"]["name"] == "#sky"
    [asked] = world.arrived("FeatureRequest", star.inbox)
    assert asked["object"] == star.id and asked["instrument"] == made["uri"]
    # Others cannot agree, nor can the account with what is no consent to this.
    ben = world.actor("ben")
    other = world.peer.publish(stamp_of(star, "https://kea.test/@ruru@kea.test/collections/999999/"))
    bens = world.peer.publish(stamp_of(ben, made["uri"]))
    for who, result in ((ben, bens["id"]), (star, other["id"]), (star, bens["id"]), (star, None),
                        (star, f"{star.id}/stamps/none")):
        world.deliver(who, activity.accept(who, asked["id"], result=result))
        assert members(nobody, made["id"]) == []
    stamp = world.peer.publish(stamp_of(star, made["uri"]))
    world.deliver(star, activity.accept(star, asked["id"], result=stamp["id"]))
    assert members(nobody, made["id"]) == [far]
    [added] = [one for one in world.arrived("Add", fan.shared_inbox) if one["target"] == made["uri"]]
    assert added["object"]["featuredObject"] == star.id and added["object"]["featureAuthorization"] == stamp["id"]
    shown = world.site.object(made["uri"])
    assert shown["type"] == "FeaturedCollection" and shown["attributedTo"] == world.ruru.uri
    assert [one["featureAuthorization"] for one in shown["orderedItems"]] == [stamp["id"]]
    index = world.site.object(world.site.object(world.ruru.uri)["featuredCollections"])
    assert index["orderedItems"] == [made["uri"]]
    # An edit, and the end.
    ruru.patch(f"/api/v1/collections/{made['id']}", name="Suns")
    world.settle()
    [update] = [one["object"] for one in world.arrived("Update", fan.shared_inbox)
                if activity.id_of(one["object"]) == made["uri"]]
    assert update["name"] == "Suns" and len(update["orderedItems"]) == 1
    # It is taken back by who gave it alone, and the same consent counts no more.
    for who, left in ((ben, [far]), (star, [])):
        gone = {"id": stamp["id"], "type": "FeatureAuthorization"}
        world.deliver(who, {**activity.delete(who, stamp["id"]), "object": gone})
        assert members(nobody, made["id"]) == left
    assert [one["target"] for one in world.arrived("Remove", fan.shared_inbox)] == [made["uri"]]
    world.deliver(star, activity.accept(star, asked["id"], result=stamp["id"]))
    assert members(nobody, made["id"]) == [] and world.site.object(made["uri"])["orderedItems"] == []
    ruru.delete(f"/api/v1/collections/{made['id']}")
    world.settle()
    assert world.arrived("Remove", fan.shared_inbox)[-1]["object"] == made["uri"]


def test_a_refusal_and_accounts_without_a_policy(world, ruru, nobody):
    star, mute = world.actor("star", interactionPolicy=POLICY), world.actor("mute")
    itself = world.actor("self")
    itself = world.actor("self", interactionPolicy={"canFeature": {"automaticApproval": [itself.id]}})
    far = met(world, star, ruru)
    made = ruru.post("/api/v1/collections", name="x", account_ids=[far])["collection"]
    ruru.refused(422, "POST", f"/api/v1/collections/{made['id']}/items", json={"account_id": met(world, mute, ruru)})
    world.settle()
    [asked] = world.arrived("FeatureRequest", star.inbox)
    world.deliver(star, activity.reject(star, asked["id"]))
    assert collection_in(ruru, made["id"])["items"] == []
    stamp = world.peer.publish(stamp_of(star, made["uri"]))
    world.deliver(star, activity.accept(star, asked["id"], result=stamp["id"]))
    assert members(nobody, made["id"]) == []


def test_we_are_asked_and_leave(world, ruru, nobody):
    owner = world.actor("owner")
    collection = world.peer.publish(collection_of(owner))
    request = world.deliver(owner, request_of(owner, world.ruru.uri, collection))
    [answer] = [one for one in world.arrived("Accept", owner.inbox) if activity.id_of(one["object"]) == request["id"]]
    stamp = world.site.object(answer["result"])
    assert stamp["type"] == "FeatureAuthorization" and stamp["interactingObject"] == collection["id"]
    assert stamp["interactionTarget"] == world.ruru.uri
    [shown] = nobody.get(f"/api/v1/accounts/{ruru.id}/in_collections")["collections"]
    assert shown["name"] == "Cute cats" and shown["uri"] == collection["id"] and shown["local"] is False
    assert shown["description"] == "Cats & more" and shown["tag"]["name"] == "cats"
    # It leaves for good: the document is gone, the owner hears it, and asking again helps nothing.
    [item] = shown["items"]
    ruru.post(f"/api/v1/collections/{shown['id']}/items/{item['id']}/revoke")
    world.settle()
    assert answer["result"] in [activity.id_of(one["object"]) for one in world.arrived("Delete")]
    assert world.site.get(answer["result"], headers={"Accept": "application/activity+json"}).status_code == 404
    again = world.deliver(owner, request_of(owner, world.ruru.uri, collection))
    assert [activity.id_of(one["object"]) for one in world.arrived("Reject", owner.inbox)] == [again["id"]]
    # The owner claims it all the same.
    claim = item_of(collection, world.ruru.uri, answer["result"])
    world.deliver(owner, activity.update(owner, {**collection, "orderedItems": [claim]}))
    world.deliver(owner, add(owner, claim, collection["id"]))
    assert members(nobody, shown["id"]) == []


def test_who_does_not_want_to_be_found_is_asked(world, ruru):
    world.site.sql("update identities set discoverable = false where id = %s", int(ruru.id))
    policy = world.site.object(world.ruru.uri)["interactionPolicy"]["canFeature"]
    assert policy == {"automaticApproval": [world.ruru.uri], "manualApproval": [activity.PUBLIC]}
    owner = world.actor("owner")
    collection = world.peer.publish(collection_of(owner))
    request = world.deliver(owner, request_of(owner, world.ruru.uri, collection))
    assert world.arrived("Accept", owner.inbox) == []
    [shown] = ruru.get(f"/api/v1/accounts/{ruru.id}/in_collections")["collections"]
    ruru.post(f"/api/v1/collections/{shown['id']}/items/{shown['items'][0]['id']}/accept")
    world.settle()
    assert [activity.id_of(one["object"]) for one in world.arrived("Accept", owner.inbox)] == [request["id"]]


def test_who_is_blocked_or_asks_for_anothers_gets_no_consent(world, ruru, nobody):
    owner, thief = world.actor("owner"), world.actor("thief")
    collection = world.peer.publish(collection_of(owner))
    asked = world.deliver(thief, request_of(thief, world.ruru.uri, collection))
    assert world.verdict(asked) == "refused"
    met(world, owner, ruru)
    world.ruru.about(owner.handle, "block")
    world.deliver(owner, request_of(owner, world.ruru.uri, collection))
    assert world.arrived("Accept", owner.inbox) == world.arrived("Accept", thief.inbox) == []
    assert nobody.get(f"/api/v1/accounts/{ruru.id}/in_collections")["collections"] == []
    world.ruru.about(owner.handle, "unblock")


def test_remote_collections_are_shown_with_those_who_consented(world, ruru, nobody):
    owner = world.followed(world.ruru)
    ana, ben = world.actor("ana"), world.actor("ben")
    collection = collection_of(owner)
    good, wrong = stamp_of(ana, collection), stamp_of(ben, collection, interactionTarget=ana.id)
    for one in (good, wrong):
        world.peer.publish(one)
    ours = item_of(collection, world.ruru.uri, f"{world.ruru.uri}features/1/")
    items = [item_of(collection, ana, good), item_of(collection, ben, wrong), ours,
             item_of(collection, ana, f"{owner.id}/stamps/x")]
    collection = {**collection, "orderedItems": items}
    world.deliver(owner, add(owner, collection, f"{owner.id}/featured"))
    whose = world.identity(owner)["id"]
    [shown] = nobody.get(f"/api/v1/accounts/{whose}/collections")["collections"]
    anas = str(world.identity(ana)["id"])
    assert shown["name"] == "Cute cats" and [one["account_id"] for one in shown["items"]] == [anas]
    page = world.ruru.enter().get(f"/@{owner.handle.lstrip('@')}/collections/").text
    assert "Cute cats" in page and ana.name in page and ben.name not in page and "Cats &amp; more" in page
    assert "Cute cats" in world.ruru.get(f"/@{owner.handle.lstrip('@')}/collections/{shown['id']}/").text
    # One more, one less.
    late = world.peer.publish(stamp_of(ben, collection))
    item = item_of(collection, ben, late)
    world.deliver(owner, add(owner, item, collection["id"]))
    assert members(nobody, shown["id"]) == [anas, str(world.identity(ben)["id"])]
    world.deliver(owner, add(owner, item["id"], collection["id"], "Remove"))
    assert members(nobody, shown["id"]) == [anas]
    # Consent that is taken back is not had again by sending the same once more.
    gone = {"id": good["id"], "type": "FeatureAuthorization"}
    world.deliver(ana, {**activity.delete(ana, good["id"]), "object": gone})
    assert members(nobody, shown["id"]) == []
    world.deliver(owner, activity.update(owner, {**collection, "name": "Cats", "orderedItems": items[:1]}))
    assert collection_in(nobody, shown["id"])["name"] == "Cats" and members(nobody, shown["id"]) == []
    # Others do not change it.
    for who in (ana, world.followed(world.ruru)):
        world.deliver(who, activity.update(who, {**collection, "name": "Dogs"}))
        world.deliver(who, activity.update(who, {**collection, "name": "Dogs", "attributedTo": who.id}))
        world.deliver(who, add(who, collection["id"], f"{owner.id}/featured", "Remove"))
        world.deliver(who, activity.delete(who, collection["id"]))
        world.deliver(who, add(who, item, collection["id"]))
        assert collection_in(nobody, shown["id"])["name"] == "Cats" and members(nobody, shown["id"]) == []
    world.deliver(owner, add(owner, collection["id"], f"{owner.id}/featured", "Remove"))
    nobody.refused(404, "GET", f"/api/v1/collections/{shown['id']}")


def test_what_concerns_nobody_here_and_too_much_is_not_kept(world, ruru, nobody):
    stranger, owner = world.actor("stranger"), world.followed(world.ruru)
    world.deliver(stranger, add(stranger, collection_of(stranger), f"{stranger.id}/featured"))
    assert names(nobody, world.identity(stranger)["id"]) == []
    whose = world.identity(owner)["id"]
    world.site.sql("insert into featured_collections (identity_id, uri, name, discoverable) "
                   "select %s, %s || n, 'c' || n, true from generate_series(1, 29) n", whose, owner.id + "/old/")
    for count in (30, 30):
        world.deliver(owner, add(owner, collection_of(owner), f"{owner.id}/featured"))
        assert world.site.value("select count(*) from featured_collections where identity_id = %s", whose) == count
    hidden = collection_of(owner, discoverable=False, id=f"{owner.id}/old/1", name="hidden")
    world.deliver(owner, activity.update(owner, hidden))
    assert "hidden" not in names(nobody, whose) and "c1" not in names(nobody, whose)

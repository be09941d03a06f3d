# SPDX-License-Identifier: AGPL-3.0-or-later
"""Our own installation twice: two databases, two servers, two stators that run all the time, and
nothing between them but https. Every test runs in both directions with people of its own: "us" does
something, "them" is the other side."""

import collections
import json

import httpx
import pytest

from harness import activity, keys, lab, signature
from harness.fixtures import DOMAINS
from installation import Installation, follow_by_handle

OTHER_DOMAINS = ("kakapo.test", "kokako.test")
GONE = ("undone", "gone")
ENDED = ("undone", "removed", None)
Pair = collections.namedtuple("Pair", "us them ann bea")


@pytest.fixture(scope="module")
def here(module_database, tmp_path_factory):
    with Installation(module_database, tmp_path_factory.mktemp("here"), DOMAINS) as made:
        yield made


@pytest.fixture(scope="module")
def there(cluster, template, tmp_path_factory):
    database = cluster.create("test_other_installation", template)
    with Installation(database, tmp_path_factory.mktemp("there"), OTHER_DOMAINS, add=True) as made:
        yield made
    database.drop()


@pytest.fixture(params=("kea to kakapo", "kakapo to kea"))
def pair(request, here, there):
    """Ann of one side, Bea of the other, who never met."""
    us, them = (here, there) if request.param.startswith("kea") else (there, here)
    return Pair(us, them, us.newcomer("ann", us.names[0]), them.newcomer("bea", them.names[0]))


def follows(follower, side, person, other):
    """One of a side follows one of the other side, and knows that it was accepted."""
    follow_by_handle(follower, person.handle)
    side.will("the Accept", lambda: side.follow_state(follower.uri, person.uri) == "accepted")
    # The other one notes it when the Accept is on its way.
    other.will("the note of that", lambda: other.follow_state(follower.uri, person.uri) == "accepted")


@pytest.fixture
def followed(pair):
    """The same, and Bea follows Ann."""
    follows(pair.bea, pair.them, pair.ann, pair.us)
    return pair


@pytest.fixture
def friends(followed):
    """The same, and Ann follows Bea as well."""
    follows(followed.ann, followed.us, followed.bea, followed.them)
    return followed


def arrives(side, post):
    """The row of a post on the other side, once it was shown to everybody whom it is for."""
    def condition():
        row = side.post(post["object_uri"])
        return row if row and row["state"] == "fanned_out" else None
    return side.will("the post", condition)


def page(person, author, post):
    return person.get(f"/@{author.handle}/posts/{post['id']}/")


def words(answer):
    """What stands on a page, its title left out."""
    return answer.text.partition("<main")[2]


def followers_count(side, person):
    return side.value("select followers_count from identities where actor_uri = %s", person.uri)


def test_follow_and_its_end(followed):
    us, them, ann, bea = followed
    assert [("follow", bea.name)] == ann.told()
    us.will("the number", lambda: followers_count(us, ann) == 1)
    listed = httpx.get(f"{ann.uri}followers/?page=1", headers={"Accept": "application/activity+json"},
                       verify=lab.client_context()).json()
    assert listed["orderedItems"] == [bea.uri]
    bea.about(ann.handle, "unfollow")
    us.will("the Undo", lambda: us.follow_state(bea.uri, ann.uri) in ENDED)
    us.will("the number", lambda: followers_count(us, ann) == 0)
    us.will("the silence", lambda: ann.told() == [])
    follows(bea, them, ann, us)


def test_a_locked_account_decides(pair):
    us, them, ann, bea = pair
    ann.do("/settings/profile/", name="Ann", bio="", locked="1", show_follows="1")
    follow_by_handle(bea, ann.handle)
    us.will("the request", lambda: ann.told() == [("follow_request", bea.name)])
    us.will("its state", lambda: us.follow_state(bea.uri, ann.uri) == "pending_approval")
    # Theirs notes that it was sent when the answer to that is written.
    them.will("the wait", lambda: them.follow_state(bea.uri, ann.uri) == "pending_approval")
    ann.about(bea.handle, "reject")
    them.will("the Reject", lambda: them.follow_state(bea.uri, ann.uri) in ("rejecting", *ENDED))
    us.will("the silence", lambda: ann.told() == [])

    them.will("the end", lambda: them.follow_state(bea.uri, ann.uri) == "removed")
    bea.about(ann.handle, "follow")
    us.will("the second request", lambda: us.follow_state(bea.uri, ann.uri) == "pending_approval")
    ann.about(bea.handle, "accept")
    them.will("the Accept", lambda: them.follow_state(bea.uri, ann.uri) == "accepted")

    ann.about(bea.handle, "reject")
    them.will("the late Reject", lambda: them.follow_state(bea.uri, ann.uri) == "removed")
    assert us.follow_state(bea.uri, ann.uri) in ("rejecting", "removed")


@pytest.mark.parametrize("visibility, strangers, followers", (
    ("public", 200, True), ("unlisted", 200, True), ("followers", 404, True), ("mentioned", 404, False)))
def test_posts_are_for_whom_they_are_meant(followed, visibility, strangers, followers):
    us, them, ann, bea = followed
    carl = them.newcomer("carl", them.names[1])
    dora = them.newcomer("dora", them.names[0])
    follows(carl, them, ann, us)
    post = ann.write(f"Hello @{bea.handle} <there> & all #{visibility}", visibility, summary="a greeting")
    row = arrives(them, post)
    assert (row["visibility"], row["summary"], row["sensitive"]) == (visibility, "a greeting", True)
    assert "&lt;there&gt; &amp; all" in row["content"]
    them.will("the mention", lambda: bea.told() == [("mention", ann.name)])
    assert row["id"] in bea.home()
    assert (row["id"] in carl.home()) == followers
    assert page(bea, ann, row).status_code == 200
    assert page(carl, ann, row).status_code == (200 if followers else 404)
    assert page(dora, ann, row).status_code == strangers
    assert row["id"] not in dora.home()


def test_what_is_local_stays(followed):
    us, them, ann, bea = followed
    local = ann.write(f"@{bea.handle} For us alone", "local")
    arrives(them, ann.write("For everybody"))
    assert them.post(local["object_uri"]) is None
    assert us.value("select count(*) from activities where body like %s", f"%{local['object_uri']}%") == 0
    fetched = httpx.get(local["object_uri"], headers={"Accept": "application/activity+json"},
                        verify=lab.client_context())
    assert fetched.status_code == 404


@pytest.mark.parametrize("visibility", ("public", "followers", "mentioned"))
def test_edits_and_deletions_follow(followed, visibility):
    us, them, ann, bea = followed
    post = ann.write(f"@{bea.handle} first", visibility)
    row = arrives(them, post)
    ann.edit(post, f"@{bea.handle} second")
    them.will("the edit", lambda: "second" in them.post(post["object_uri"])["content"])
    assert "second" in page(bea, ann, row).text
    ann.delete(post)
    them.will("the deletion", lambda: them.post(post["object_uri"])["state"] == "gone")
    assert them.post(post["object_uri"])["content"] == ""
    assert row["id"] not in bea.home() and bea.told("mention") == []
    assert page(bea, ann, row).status_code in (404, 410)
    if visibility == "public":
        gone = httpx.get(post["object_uri"], headers={"Accept": "application/activity+json"},
                         verify=lab.client_context())
        assert (gone.status_code, gone.json()["type"]) == (410, "Tombstone")


def test_a_thread_is_fetched_from_its_end(pair):
    us, them, ann, bea = pair
    posts = [ann.write("part 1 of the thread")]
    for part in (2, 3):
        posts.append(ann.write(f"part {part} of the thread", in_reply_to=str(posts[-1]["id"])))
    posts.append(ann.write(f"@{bea.handle} part 4 of the thread", in_reply_to=str(posts[-1]["id"])))
    row = arrives(them, posts[-1])
    them.will("the mention", lambda: bea.told() == [("mention", ann.name)])
    them.will("the parents", lambda: words(page(bea, ann, row)).count("of the thread") == 4)
    text = words(page(bea, ann, row))
    places = [text.index(f"part {part} of the thread") for part in (1, 2, 3, 4)]
    assert places == sorted(places)

    answer = bea.write(f"@{ann.handle} I see", in_reply_to=str(row["id"]))
    came = arrives(us, answer)
    assert came["in_reply_to_id"] == posts[-1]["id"]
    assert ("mention", bea.name) in ann.told()
    us.will("the number of replies", lambda: us.post(posts[-1]["object_uri"])["replies_count"] == 1)
    listed = httpx.get(f"{posts[-1]['object_uri']}replies/?page=1", verify=lab.client_context(),
                       headers={"Accept": "application/activity+json"}).json()
    assert listed["items"] == [answer["object_uri"]]


def test_a_post_is_found_by_its_address(pair):
    us, them, ann, bea = pair
    post = ann.write("Nobody was told of this")
    assert "Nobody was told of this" in bea.get("/search/", params={"q": post["object_uri"]}).text
    assert them.post(post["object_uri"])
    hidden = ann.write("And of this even less", "followers")
    assert "even less" not in bea.get("/search/", params={"q": hidden["object_uri"]}).text


def test_likes_and_boosts_and_their_end(followed):
    us, them, ann, bea = followed
    post = ann.write("Please like and share")
    uri = post["object_uri"]
    row = arrives(them, post)
    for verb, kind in (("like", "like"), ("boost", "boost")):
        bea.react(ann.handle, row["id"], verb)
        us.will(kind, lambda: us.reaction_state(kind, bea.uri, uri) == "fanned_out")
        us.will("the number", lambda: us.post(uri)[f"{kind}s_count"] == 1)
        assert (kind, bea.name) in ann.told()
        bea.react(ann.handle, row["id"], f"un{verb}")
        us.will(f"the end of the {kind}", lambda: us.reaction_state(kind, bea.uri, uri) in GONE)
        us.will("the number", lambda: us.post(uri)[f"{kind}s_count"] == 0)
        assert ann.told(kind) == []
        bea.react(ann.handle, row["id"], verb)
        us.will(f"the second {kind}", lambda: us.reaction_state(kind, bea.uri, uri) == "fanned_out")


def test_a_boost_brings_a_post_of_a_stranger(followed):
    us, them, ann, bea = followed
    stranger = us.newcomer("eve", us.names[1])
    post = stranger.write("Hardly ever seen")
    ann.react(stranger.handle, post["id"], "boost")
    them.will("the post", lambda: them.post(post["object_uri"]))
    row = them.post(post["object_uri"])
    them.will("the boost on the home page", lambda: row["id"] in bea.home())
    shown = bea.get("/home/").text
    assert "Hardly ever seen" in shown and ann.name in shown
    ann.react(stranger.handle, post["id"], "unboost")
    them.will("the end of the boost", lambda: row["id"] not in bea.home())
    assert them.post(post["object_uri"])["deleted"] is None


def test_pins_and_their_end(followed):
    us, them, ann, bea = followed
    post = ann.write("The best that I ever wrote")
    uri = post["object_uri"]
    arrives(them, post)
    us.site.sql(
        "insert into interactions (kind, identity_id, post_id, domain_id, post_domain_id, uri, state_lane) "
        "select 'pin', author_id, id, domain_id, domain_id, object_uri || '#pin', domain_id from posts "
        "where object_uri = %s", uri)
    them.will("the Add", lambda: them.reaction_state("pin", ann.uri, uri) == "fanned_out")
    featured = httpx.get(f"{ann.uri}collections/featured/", verify=lab.client_context()).json()
    assert featured["orderedItems"] == [uri]
    assert "The best that I ever wrote" in bea.get(f"/@{ann.handle}/").text
    us.site.sql("update interactions set state = 'undone', state_next_attempt = now() where kind = 'pin' and "
                "post_id = %s", post["id"])
    them.will("the Remove", lambda: them.reaction_state("pin", ann.uri, uri) in GONE)


def test_a_block_ends_what_was_between_two(friends):
    us, them, ann, bea = friends
    post = arrives(them, ann.write("Before the quarrel"))
    ann.about(bea.handle, "block")
    for side in (us, them):
        for source, target in ((ann, bea), (bea, ann)):
            side.will("the end of the follows", lambda: side.follow_state(source.uri, target.uri) in ENDED)
    them.will("the Block", lambda: them.value(
        "select state from blocks where source_id = %s and target_id = %s", them.identity(ann.uri), bea.id) == "sent")
    them.will("the empty place", lambda: post["id"] not in bea.home())
    assert bea.submit(f"/@{ann.handle}/follow/").status_code == 403
    assert page(bea, ann, post).status_code == 404
    ann.about(bea.handle, "unblock")
    them.will("the Undo", lambda: them.value(
        "select state from blocks where source_id = %s and target_id = %s", them.identity(ann.uri), bea.id)
        in ("undone", "removed"))
    them.will("the end of the follow", lambda: them.follow_state(bea.uri, ann.uri) == "removed")
    follows(bea, them, ann, us)


def signed_post(side, person, inbox, body):
    """POSTs an activity as somebody of a side would; for what has no page."""
    [key] = side.site.sql("select key_uri, private_der from identity_keys where identity_id = %s and retired is null",
                          person.id)
    request = signature.sign(
        signature.Request("POST", inbox, {"Content-Type": "application/activity+json"}, json.dumps(body).encode()),
        keys.load_private_der(key["private_der"]), key["key_uri"])
    return httpx.post(inbox, headers=request.headers, content=request.body, verify=lab.client_context())


def test_a_complaint_is_kept_for_the_staff(pair):
    us, them, ann, bea = pair
    post = bea.write("Something that hurts")
    flag = activity.flag(ann.uri, [bea.uri, post["object_uri"]], "<p>This <b>hurts</b></p>")
    assert signed_post(us, ann, f"https://{bea.domain}/inbox/", flag).status_code == 202
    report = them.will("the report", lambda: them.site.sql("select * from reports where uri = %s", flag["id"]))[0]
    assert (report["subject_id"], report["post_ids"]) == (bea.id, [post["id"]])
    assert report["comment"].strip() == "This hurts"
    assert report["source_id"] == them.identity(ann.uri)
    assert report["domain_id"] == them.value("select id from domains where name = %s", bea.domain)


def test_profiles_change(followed):
    us, them, ann, bea = followed
    ann.do("/settings/profile/", name="Ann the Great", bio="I knit.\nA lot.", field_name_1="Web",
           field_value_1="https://example.org/ann", discoverable="1", show_follows="1", locked="1")
    row = them.will("the new name", lambda: them.site.sql(
        "select * from identities where actor_uri = %s and name = 'Ann the Great'", ann.uri))[0]
    assert "I knit." in row["summary"] and row["locked"]
    assert row["fields"][0]["name"] == "Web" and "https://example.org/ann" in row["fields"][0]["value"]
    shown = bea.get(f"/@{ann.handle}/").text
    assert "Ann the Great" in shown and "I knit." in shown


def test_a_deleted_account_leaves_nothing(friends):
    us, them, ann, bea = friends
    post = arrives(them, ann.write(f"@{bea.handle} The last words"))
    bea.react(ann.handle, post["id"], "like")
    us.will("the like", lambda: us.reaction_state("like", bea.uri, post["object_uri"]) == "fanned_out")
    hers = bea.write("To be liked")
    row = arrives(us, hers)
    ann.react(bea.handle, row["id"], "like")
    them.will("the like", lambda: them.post(hers["object_uri"])["likes_count"] == 1)

    fred = us.newcomer("fred", us.names[1])
    near = fred.write("To be liked from near")
    ann.react(fred.handle, near["id"], "like")
    ann.about(fred.handle, "follow")
    us.will("the like next door", lambda: us.post(near["object_uri"])["likes_count"] == 1)
    us.will("the follow next door", lambda: followers_count(us, fred) == 1)

    us.site.rookery("identity", "delete", ann.handle, "--yes")
    them.will("the Delete", lambda: them.value("select state from identities where actor_uri = %s", ann.uri) == "gone")
    assert them.post(post["object_uri"])["content"] == ""
    assert post["id"] not in bea.home() and bea.told() == []
    for source, target in ((ann, bea), (bea, ann)):
        assert them.follow_state(source.uri, target.uri) in ENDED
    them.will("the number of likes", lambda: them.post(hers["object_uri"])["likes_count"] == 0)
    for side, person in ((them, bea), (us, fred)):
        side.will("the number of followers", lambda: followers_count(side, person) == 0)
    us.will("the number of likes next door", lambda: us.post(near["object_uri"])["likes_count"] == 0)
    assert bea.get(f"/@{ann.handle}/").status_code == 410
    gone = httpx.get(ann.uri, headers={"Accept": "application/activity+json"}, verify=lab.client_context())
    assert gone.status_code == 410


def test_two_domains_on_each_side_at_once(followed):
    us, them, ann, bea = followed
    carl = them.newcomer("carl", them.names[1])
    follows(carl, them, ann, us)
    post = ann.write(f"@{bea.handle} @{carl.handle} Hello, both of you", "followers")
    row = arrives(them, post)
    for person in (bea, carl):
        them.will("the post on the home page", lambda: row["id"] in person.home())
        assert person.told() == [("mention", ann.name)]
        person.react(ann.handle, row["id"], "like")
    us.will("both likes", lambda: us.post(post["object_uri"])["likes_count"] == 2)
    answer = carl.write(f"@{ann.handle} @{bea.handle} Hello, you", "mentioned", in_reply_to=str(row["id"]))
    came = arrives(us, answer)
    assert came["visibility"] == "mentioned" and came["in_reply_to_id"] == post["id"]
    them.will("the answer on the next domain", lambda: ("mention", carl.name) in bea.told())
    assert page(bea, carl, answer).status_code == 200
    carl.delete(answer)
    us.will("the deletion", lambda: us.post(answer["object_uri"])["state"] == "gone")


def test_a_new_key_is_believed(followed):
    us, them, ann, bea = followed
    key = keys.new()
    us.site.sql("update identity_keys set private_der = %s where identity_id = %s", keys.private_der(key), ann.id)
    us.site.sql("update public_keys set public_der = %s where identity_id = %s", keys.public_der(key), ann.id)
    arrives(them, ann.write("Signed with the new key"))
    assert "event=inbox_refused" not in them.site.server.log()

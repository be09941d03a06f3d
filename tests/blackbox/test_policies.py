# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rules that a tenant declares about posts: what each condition and each action does, that it does so for this tenant
alone and before anybody sees the post, what a rule would have done, and how communities share rules."""

import json

import pytest

from harness import activity, news, work
from harness.api import Api, token_for
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.streaming import WebSocket
from harness.wait import wait_for
from harness.world import KEA, WEKA, world_of

RURU, WEKA_RURU = "ruru@kea.test", "ruru@weka.test"


@pytest.fixture(scope="module")
def world(shared_site):
    for name, domain, role in (("warden", "kea.test", "admin"), ("helper", "kea.test", "moderator"),
                               ("keeper", "weka.test", "admin")):
        shared_site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
        shared_site.rookery("identity", "add", f"{name}@{domain}", "--user", f"{name}@example.org")
        news.grant(shared_site, f"{name}@example.org", domain, role)
    yield from world_of(shared_site)


def enter(world, name, domain="kea.test"):
    browser = Browser(world.site, domain)
    browser.log_in(f"{name}@example.org", PASSWORD)
    return browser


@pytest.fixture(scope="module")
def warden(world):
    return enter(world, "warden")


@pytest.fixture(scope="module")
def star(world):
    return world.followed(world.ruru, world.weka_ruru)


@pytest.fixture(autouse=True)
def clean(world):
    """Rules of one test judge nothing of another's."""
    yield
    world.site.sql("delete from policies")
    known(world)


def known(world):
    """Every process knows the rules as they are now: they stand in its snapshot, which a change makes it load again."""
    kea = work.identity(world.site, RURU)["domain_id"]
    mark = f"mark{world.site.value('select count(*) from audit_log')}"
    world.site.sql("update domains set description = %s where id = %s", mark, kea)
    client = world.site.client("kea.test")
    wait_for(lambda: mark in client.get("/api/v2/instance").text, what="the server's snapshot")
    # Another stator knows them from its start on.
    world.site.stator.stop()
    world.site.stator.start()


def rule(world, warden, action="hold", state="on", **fields):
    """A rule as the form makes it; gives its id."""
    name, value = warden.token()
    data = {name: value, "title": f"rule to {action}", "state": state, "action": action, **fields}
    if not {"incoming", "own"} & set(fields):
        data["incoming"] = "1"
    page = warden.send("POST", "/staff/policies/", data)
    made = int(str(page.answer.headers.get("location", page.answer.url)).split("/at/")[1].split("/")[0])
    known(world)
    return made


def send(world, actor, text="hello", inboxes=(KEA, WEKA), **more):
    note = activity.note(actor, f"<p>{text}</p>", **more)
    create = activity.create(actor, note)
    for inbox in inboxes:
        world.deliver(actor, create, inbox)
    return world.post(note)


def decided(world, post, domain="kea.test"):
    return {row["kind"] for row in world.site.sql(
        "select x.kind from post_decisions x join domains d on d.id = x.domain_id where x.post_id = %s and d.name = %s",
        post["id"], domain)}


def sees(world, post, handle=RURU):
    return Api(world.site, handle).ask("GET", f"/api/v1/statuses/{post['id']}").status_code == 200


def queue_send(warden, **fields):
    name, value = warden.token()
    return warden.send("POST", "/staff/held/", {name: value, **fields})


def test_a_held_post_is_seen_by_nobody_until_staff_lets_it_appear(world, warden, star):
    rule(world, warden, phrases="giveaway")
    with WebSocket(world.site, "kea.test", token_for(world.site, RURU), stream="user") as kea, \
            WebSocket(world.site, "weka.test", token_for(world.site, WEKA_RURU), stream="user") as weka:
        post = send(world, star, "a GiveAway for you", tag=[activity.mention(world.ruru.uri),
                                                           activity.mention(world.weka_ruru.uri)])
        # The neighbours have it at once.
        assert {weka.event()[0] for _ in range(2)} == {"update", "notification"}
        assert sees(world, post, WEKA_RURU) and post["id"] in world.weka_ruru.home()
        # Here there is nothing of it.
        assert not sees(world, post) and post["id"] not in world.ruru.home()
        assert ("mention", star.name) not in world.ruru.told()
        assert decided(world, post) == {"held"} and not decided(world, post, "weka.test")
        queue = warden.get("/staff/held/")
        assert "a GiveAway for you" in queue.text and "rule to hold" in queue.text
        assert "a GiveAway" not in enter(world, "keeper", "weka.test").get("/staff/held/").text
        queue_send(warden, show=str(post["id"]))
        assert {kea.event()[0] for _ in range(2)} == {"update", "notification"}
    assert sees(world, post) and post["id"] in world.ruru.home()
    assert world.ruru.told("mention").count(("mention", star.name)) == 1
    assert world.weka_ruru.told("mention").count(("mention", star.name)) == 1


def test_what_waits_can_be_removed_instead(world, warden, star):
    rule(world, warden, phrases="giveaway")
    post = send(world, star, "giveaway")
    queue_send(warden, remove=str(post["id"]))
    assert decided(world, post) == {"removed"} and not sees(world, post) and sees(world, post, WEKA_RURU)
    assert "Nothing waits here." in warden.get("/staff/held/").text
    name, value = warden.token()
    warden.send("POST", f"/staff/posts/{post['id']}/", {name: value, "undo": "removed"})
    assert sees(world, post)


def test_other_actions(world, warden, star):
    rule(world, warden, "cover", phrases="spider", words="Spiders")
    rule(world, warden, "unlist", phrases="shouting")
    rule(world, warden, "remove", phrases="awful")
    rule(world, warden, "report", phrases="odd")
    post = send(world, star, "a spider")
    assert Api(world.site, RURU).get(f"/api/v1/statuses/{post['id']}")["spoiler_text"] == "Spiders"
    assert Api(world.site, WEKA_RURU).get(f"/api/v1/statuses/{post['id']}")["spoiler_text"] == ""
    post = send(world, star, "shouting")
    for handle, there in ((RURU, False), (WEKA_RURU, True)):
        api = Api(world.site, handle)
        assert (str(post["id"]) in [one["id"] for one in api.get("/api/v1/timelines/public")]) == there
        assert str(post["id"]) in [one["id"] for one in api.get("/api/v1/timelines/home")]
    post = send(world, star, "awful")
    assert not sees(world, post) and sees(world, post, WEKA_RURU)
    # A case for each author, to which their later posts come.
    posts = [send(world, star, f"odd {n}") for n in range(3)]
    other = world.followed(world.ruru)
    alone = send(world, other, "odd as well")
    cases = world.site.sql("select id, subject_id, post_ids, comment, source_id from reports order by id desc limit 2")
    assert [case["post_ids"] for case in cases] == [[alone["id"]], [one["id"] for one in posts]]
    assert sees(world, alone) and {case["comment"] for case in cases} == {"rule to report"}
    assert "rule to report" in warden.get(f"/staff/reports/{cases[0]['id']}/").text
    assert Api(world.site, "warden@kea.test").get(f"/api/v1/admin/reports/{cases[0]['id']}")["statuses"]


CONDITIONS = {
    "servers": ({"servers": "peer1.test"}, {}, True),
    "another server": ({"servers": "eer1.test\nfar.test"}, {}, False),
    "phrases": ({"phrases": "Free MONEY", "whole_words": "1"}, {"text": "free money!"}, True),
    "no whole word": ({"phrases": "money", "whole_words": "1"}, {"text": "moneyed"}, False),
    "parts of words": ({"phrases": "money"}, {"text": "moneyed"}, True),
    "in the warning": ({"phrases": "money"}, {"summary": "about money"}, True),
    "mentions": ({"mentions": "3"}, {"tag": [activity.mention(f"https://else.test/{n}") for n in range(3)]}, True),
    "few mentions": ({"mentions": "3"}, {"tag": [activity.mention("https://else.test/1")]}, False),
    "links": ({"links": "spam.test"}, {"text": '<a href="https://buy.spam.test/x">x</a>'}, True),
    "other links": ({"links": "spam.test"}, {"text": '<a href="https://notspam.test/x">x</a>'}, False),
    "media": ({"media": "1"}, {"attachment": [{"type": "Image", "mediaType": "image/png",
                                               "url": "https://peer1.test/x.png"}]}, True),
    "no media": ({"media": "1"}, {}, False),
    "hashtags": ({"hashtags": "#Crypto"}, {"tag": [{"type": "Hashtag", "name": "#cRYPTO", "href": "https://x.test/"}]},
                 True),
    "other hashtags": ({"hashtags": "crypto"}, {"tag": [{"type": "Hashtag", "name": "#cryptozoology",
                                                         "href": "https://x.test/"}]}, False),
    "languages": ({"languages": "de"}, {"contentMap": {"de-AT": "<p>servus</p>"}}, True),
    "other languages": ({"languages": "de\nfr"}, {"contentMap": {"en": "<p>hello</p>"}}, False),
    "known for short": ({"younger_days": "7"}, {}, True),
    "followed by somebody": ({"unfollowed": "1"}, {}, False),
    "all have to hold": ({"phrases": "hello", "media": "1"}, {}, False),
    "both hold": ({"phrases": "hello", "servers": "peer1.test"}, {}, True),
}


@pytest.mark.parametrize("case", CONDITIONS)
def test_conditions(world, warden, star, case):
    fields, how, fits = CONDITIONS[case]
    rule(world, warden, **fields)
    post = send(world, star, **{"text": "hello", **how})
    assert decided(world, post) == ({"held"} if fits else set())


def test_conditions_about_people(world, warden, star):
    rule(world, warden, unfollowed="1")
    stranger = world.actor("stranger")
    mention = [activity.mention(world.ruru.uri)]
    assert decided(world, send(world, stranger, tag=mention)) == {"held"}
    # The neighbours follow star, too, but that is not it: here somebody does.
    assert decided(world, send(world, star, tag=mention)) == set()
    world.site.sql("delete from policies")
    rule(world, warden, stranger="1")
    ours = world.ruru.write("what do you think?")
    theirs = world.weka_ruru.write("and you?")
    world.settle()
    for author, answered, fits in ((stranger, ours, True), (star, ours, False), (stranger, theirs, False)):
        post = send(world, author, "I think", inReplyTo=answered["object_uri"], tag=mention)
        assert decided(world, post) == ({"held"} if fits else set()), (author.name, answered["object_uri"])
    world.site.sql("delete from policies")
    rule(world, warden, younger_days="7")
    world.site.sql("update identities set created = now() - interval '8 days' where actor_uri = %s", star.id)
    assert decided(world, send(world, star)) == set()
    world.site.sql("update identities set created = now() where actor_uri = %s", star.id)


def test_drafts_and_rules_that_are_off_do_nothing(world, warden, star):
    for state in ("draft", "off"):
        rule(world, warden, state=state, phrases="hello")
    assert decided(world, send(world, star, "hello")) == set()


def test_private_posts_are_looked_at_only_when_the_rule_says_so(world, warden, star):
    made = rule(world, warden, phrases="psst")
    direct = {"to": [world.ruru.uri], "cc": [], "tag": [activity.mention(world.ruru.uri)]}
    assert decided(world, send(world, star, "psst", (KEA,), **direct)) == set()
    world.site.sql("update policies set private = true where id = %s", made)
    known(world)
    post = send(world, star, "psst again", (KEA,), **direct)
    assert decided(world, post) == {"held"} and not sees(world, post)
    assert "psst again" in warden.get("/staff/held/").text
    queue_send(warden, show=str(post["id"]))
    assert sees(world, post) and ("mention", star.name) in world.ruru.told()
    conversations = Api(world.site, RURU).get("/api/v1/conversations")
    assert str(post["id"]) in [one["last_status"]["id"] for one in conversations if one["last_status"]]


def test_an_edit_is_judged_again(world, warden, star):
    rule(world, warden, phrases="giveaway")
    note = activity.note(star, "<p>nice weather</p>")
    for inbox in (KEA, WEKA):
        world.deliver(star, activity.create(star, note), inbox)
    post = world.post(note)
    assert sees(world, post)
    note = {**note, "content": "<p>giveaway</p>", "updated": activity.now()}
    for inbox in (KEA, WEKA):
        world.deliver(star, activity.update(star, note), inbox)
    assert not sees(world, post) and sees(world, post, WEKA_RURU)
    assert post["id"] not in [row["post_id"] for row in world.site.sql(
        "select t.post_id from public_timeline t join domains d on d.id = t.domain_id where d.name = 'kea.test'")]
    # What staff let appear stays, until it is edited once more.
    queue_send(warden, show=str(post["id"]))
    assert sees(world, post)


def test_a_post_that_is_fetched_is_judged(world, warden, star):
    rule(world, warden, phrases="giveaway")
    note = star.peer.publish(activity.note(star, "<p>giveaway, found by its address</p>"))
    found = Api(world.site, RURU).get("/api/v2/search", q=note["id"], resolve="true", type="statuses")
    assert found["statuses"] == []
    post = world.post(note)
    assert decided(world, post) == {"held"}
    found = Api(world.site, WEKA_RURU).get("/api/v2/search", q=note["id"], resolve="true", type="statuses")
    assert [one["id"] for one in found["statuses"]] == [str(post["id"])]


def test_posts_of_neighbours(world, warden):
    rule(world, warden, phrases="giveaway")
    post = Api(world.site, WEKA_RURU).post("/api/v1/statuses", status="giveaway next door @ruru@kea.test")
    row = world.site.sql("select * from posts where id = %s", int(post["id"]))[0]
    assert decided(world, row) == {"held"} and sees(world, row, WEKA_RURU)
    world.settle()
    assert not sees(world, row) and ("mention", "ruru") not in world.ruru.told()[-1:]
    private = Api(world.site, WEKA_RURU).post("/api/v1/statuses", status="giveaway @ruru@kea.test", visibility="direct")
    world.settle()
    assert decided(world, {"id": int(private["id"])}) == set()
    world.site.sql("update policies set private = true")
    known(world)
    private = Api(world.site, WEKA_RURU).post("/api/v1/statuses", status="giveaway 2 @ruru@kea.test",
                                              visibility="direct")
    world.settle()
    assert decided(world, {"id": int(private["id"])}) == {"held"} and not sees(world, private)


def own_post(world, **fields):
    return Api(world.site, RURU).ask("POST", "/api/v1/statuses", json=fields)


def test_own_people_are_told(world, warden):
    rule(world, warden, "remove", own="1", phrases="forbidden", words="We do not talk about this.")
    rule(world, warden, "cover", own="1", phrases="spider", words="Spiders")
    rule(world, warden, "unlist", own="1", phrases="shouting")
    rule(world, warden, "report", own="1", phrases="odd")
    refused = own_post(world, status="forbidden fruit")
    assert refused.status_code == 422 and "We do not talk about this." in refused.json()["error"]
    page = enter(world, "ruru")
    name, value = page.token()
    shown = page.send("POST", "/compose/", {name: value, "text": "forbidden fruit", "visibility": "public"}, 422)
    assert "We do not talk about this." in shown.text and "forbidden fruit" in shown.answer.text
    covered = own_post(world, status="a spider").json()
    assert (covered["spoiler_text"], covered["sensitive"]) == ("Spiders", True)
    assert own_post(world, status="shouting").json()["visibility"] == "unlisted"
    strikes = world.site.sql("select action, text from warnings w join identities i on i.id = w.identity_id where "
                             "i.username = 'ruru' order by w.id desc limit 2")
    assert [(one["action"], one["text"]) for one in strikes] == [
        ("none", ""), ("mark_statuses_as_sensitive", "Spiders")]
    odd = own_post(world, status="odd").json()
    assert world.site.value("select count(*) from reports where post_ids @> array[%s::bigint]", int(odd["id"])) == 1
    assert own_post(world, status="quite fine").status_code == 200
    # An edit cannot say what a post could not.
    fine = own_post(world, status="fine").json()
    edited = Api(world.site, RURU).ask("PUT", f"/api/v1/statuses/{fine['id']}", json={"status": "forbidden"})
    assert edited.status_code == 422
    # Rules about own people are none about others.
    assert world.site.value("select count(*) from post_decisions x join policies p on p.id = x.policy_id") == 0


def test_own_posts_wait_in_the_same_queue(world, warden):
    rule(world, warden, own="1", phrases="giveaway")
    world.follower(world.ruru)
    post = own_post(world, status="my giveaway").json()
    world.settle()
    assert not sees(world, post, "toroa@kea.test") and sees(world, post, RURU)
    assert not [one for one in world.arrived("Create") if "my giveaway" in json.dumps(one)]
    queue = warden.get("/staff/held/")
    assert "my giveaway" in queue.text and "rule to hold" in queue.text
    quoting = own_post(world, status="giveaway", quoted_status_id=own_post(world, status="quote me").json()["id"])
    assert quoting.status_code == 422
    queue_send(warden, accept=post["id"])
    world.settle()
    assert sees(world, post, "toroa@kea.test")
    assert len([one for one in world.arrived("Create") if "my giveaway" in json.dumps(one)]) == 1


# Rules of the host

def floor(world, action="remove", state="on", incoming=True, own=False, words="", **when):
    """A rule for all tenants, as the command line takes it in; gives its id."""
    document = {"rookery-policies": 1, "policies": [{"title": f"host's {action}", "action": action, "words": words,
                                                     "incoming": incoming, "own": own, "when": when}]}
    done = world.site.run("rookery", "policy", "import", stdin=json.dumps(document))
    assert done.returncode == 0, done.stderr
    made = world.site.value("select max(id) from policies where domain_id is null")
    world.site.rookery("policy", "set", str(made), state)
    known(world)
    return made


def test_a_rule_of_the_host_holds_for_all_and_nobody_loosens_it(world, warden, star):
    made = floor(world, phrases=["lottery"])
    rule(world, warden, "cover", phrases="lottery")
    told = world.ruru.told("mention")
    post = send(world, star, "the lottery", tag=[activity.mention(world.ruru.uri)])
    assert "removed" in decided(world, post) and decided(world, post, "weka.test") == {"removed"}
    assert not sees(world, post) and not sees(world, post, WEKA_RURU)
    assert post["id"] not in world.ruru.home() and world.ruru.told("mention") == told
    # Seen by staff, and no more than seen.
    assert "host's remove" in warden.get("/staff/policies/").text
    page = warden.get(f"/staff/policies/at/{made}/")
    assert "lottery" in page.markup and not page.forms_to(f"/staff/policies/at/{made}/")
    name, value = warden.token()
    for fields in ({"delete": "1"}, {"title": "x", "state": "off", "action": "hold", "incoming": "1", "media": "1"}):
        warden.send("POST", f"/staff/policies/at/{made}/", {name: value, **fields}, 404)
    answer = warden.send("POST", f"/staff/posts/{post['id']}/", {name: value, "undo": "removed"}, 403)
    assert "The host of this installation decided this." in answer.text
    # To decide the same again does not make it the tenant's to take back.
    warden.send("POST", f"/staff/posts/{post['id']}/", {name: value, "kind": "removed"})
    warden.send("POST", f"/staff/posts/{post['id']}/", {name: value, "undo": "removed"}, 403)
    # Who wrote a rule for all takes it back for all.
    world.site.rookery("policy", "set", str(made), "off")
    assert "host's remove" not in warden.get("/staff/policies/").text
    warden.send("POST", f"/staff/posts/{post['id']}/", {name: value, "undo": "removed"})
    assert sees(world, post) and not sees(world, post, WEKA_RURU)
    assert [row["action"] for row in world.site.sql("select action from audit_log where domain_id is null and "
            "subject = %s order by id", str(made))] == ["policy.add", "policy.change", "policy.change"]


def test_what_the_host_holds_each_tenant_decides_about(world, warden, star):
    floor(world, "hold", phrases=["perhaps"])
    post = send(world, star, "perhaps so")
    assert decided(world, post) == decided(world, post, "weka.test") == {"held"}
    queue_send(warden, show=str(post["id"]))
    assert sees(world, post) and not sees(world, post, WEKA_RURU)


def test_rules_of_the_host_judge_own_posts_and_those_of_neighbours(world, warden):
    floor(world, incoming=False, own=True, phrases=["casino"], words="No casinos on this host.")
    answer = own_post(world, status="my casino")
    assert answer.status_code == 422 and "No casinos on this host." in answer.text
    assert Api(world.site, WEKA_RURU).ask("POST", "/api/v1/statuses", json={"status": "casino"}).status_code == 422
    floor(world, "unlist", phrases=["roulette"])
    neighbour = Api(world.site, WEKA_RURU).post("/api/v1/statuses", status="roulette")
    world.settle()
    assert decided(world, {"id": int(neighbour["id"])}) == {"unlisted"}
    assert decided(world, {"id": int(neighbour["id"])}, "weka.test") == set()


def test_a_rule_of_the_host_looks_at_the_ties_of_each_tenant(world, warden):
    known_here = world.followed(world.ruru)
    floor(world, "cover", unfollowed=True, phrases=["hello"], words="Stranger")
    post = send(world, known_here, "hello there")
    assert decided(world, post) == set() and decided(world, post, "weka.test") == {"covered"}


def test_the_command_line_shows_and_removes_rules_of_the_host(world, warden):
    made = floor(world, "report", state="draft", links=["bad.test"])
    [row] = world.site.rookery("policy", "list", "host")["policies"]
    assert (row["id"], row["state"], row["action"]) == (made, "draft", "report")
    assert world.site.rookery("policy", "show", "host", made)["when"] == {"links": ["bad.test"]}
    assert world.site.rookery("policy", "replay", "kea.test", made)["complete"] is True
    mine = rule(world, warden, media="1")
    for arguments, status in ((("set", str(made), "perhaps"), 1), (("set", str(mine), "off"), 3),
                              (("remove", str(mine)), 3), (("remove", "x"), 2), (("replay", "host", str(made)), 2)):
        done = world.site.run("rookery", "policy", *arguments)
        assert done.returncode == status, (arguments, done.returncode, done.stderr)
    world.site.rookery("policy", "remove", made)
    assert world.site.rookery("policy", "list", "host")["policies"] == []


# Trying a rule

def test_a_draft_is_tried_on_what_is_stored(world, warden, star):
    fitting = [send(world, star, f"kiwifruit {n}") for n in range(3)]
    send(world, star, "apples")
    private = send(world, star, "kiwifruit in private", (KEA,), to=[world.ruru.uri], cc=[],
                   tag=[activity.mention(world.ruru.uri)])
    made = rule(world, warden, state="draft", phrases="kiwifruit")
    page = warden.get(f"/staff/policies/at/{made}/replay/?days=7")
    for n in range(3):
        assert f"kiwifruit {n}" in page.text
    assert "apples" not in page.text and "in private" not in page.text
    assert all(sees(world, one) and decided(world, one) == set() for one in fitting)
    # Private ones count, but are opened to nobody who may not read them.
    world.site.sql("update policies set private = true where id = %s", made)
    page = warden.get(f"/staff/policies/at/{made}/replay/?days=7")
    assert "in private" not in page.text and "It also fits 1 that you may not read." in page.text
    # Beyond the days, and days that cannot be.
    world.site.sql("update policies set younger_days = 1 where id = %s", made)
    world.site.sql("update identities set created = now() - interval '2 days' where actor_uri = %s", star.id)
    assert "It fits none of these." in warden.get(f"/staff/policies/at/{made}/replay/").text
    for days in ("0", "91"):
        assert "Between 1 and 90 days." in warden.get(f"/staff/policies/at/{made}/replay/?days={days}", 422).text
    warden.get(f"/staff/policies/at/{made}/replay/?days=x&max_id=-1")
    assert private and not sees(world, private, WEKA_RURU)


def test_trying_goes_step_by_step(world, warden, star):
    author = world.identity(star.id)["id"]
    world.site.sql("insert into posts (author_id, object_uri, visibility, content, state) select %s, "
                   "'https://peer1.test/many/' || n, 'public', '<p>many ' || n || '</p>', 'fanned_out' "
                   "from generate_series(1, 90) n", author)
    made = rule(world, warden, state="draft", phrases="many")
    path, seen, pages = f"/staff/policies/at/{made}/replay/?days=1", set(), 0
    while path:
        page = warden.get(path)
        seen |= {link for link in page.links() if link.startswith("/staff/posts/")}
        path = next((link for link in page.links() if "max_id=" in link), None)
        pages += 1
    assert (len(seen), pages) == (90, 3)


def test_the_command_line_tries_as_well(world, warden, star):
    post = send(world, star, "feijoa")
    made = rule(world, warden, state="draft", phrases="feijoa")
    rules = world.site.rookery("policy", "list", "kea.test")["policies"]
    assert [(one["id"], one["state"], one["action"]) for one in rules] == [(made, "draft", "hold")]
    shown = world.site.rookery("policy", "show", "kea.test", made)
    assert shown["when"]["phrases"] == ["feijoa"]
    tried = world.site.rookery("policy", "replay", "kea.test", made, "--days=3")
    assert [one["id"] for one in tried["matches"]] == [post["id"]] and tried["looked_at"] >= 1 and tried["complete"]
    assert decided(world, post) == set()
    for words, status in ((("show", "weka.test", str(made)), 3), (("show", "kea.test", "x"), 2),
                          (("replay", "kea.test", str(made), "--days=91"), 1), (("list", "nobody.test"), 3)):
        assert world.site.run("rookery", "policy", *words).returncode == status, words


# The pages

def test_rules_are_written_changed_and_deleted(world, warden):
    made = rule(world, warden, state="draft", phrases="one\n\n  two \none", servers="*.Spam.Test\nbücher.test")
    page = warden.get(f"/staff/policies/at/{made}/")
    form = page.forms_to(f"at/{made}/")[0]
    assert form.fields["phrases"].split() == ["one", "two"]
    assert form.fields["servers"].split() == ["spam.test", "xn--bcher-kva.test"]
    form.press(title="better", state="on", phrases="three", incoming="1", action="cover", words="Hm")
    row = world.site.sql("select * from policies where id = %s", made)[0]
    assert (row["title"], row["state"], row["phrases"], row["words"]) == ("better", "on", ["three"], "Hm")
    assert "better" in warden.get("/staff/policies/").text
    name, value = warden.token()
    warden.send("POST", f"/staff/policies/at/{made}/", {name: value, "delete": "1"})
    warden.get(f"/staff/policies/at/{made}/", 404)
    log = [row["action"] for row in world.site.sql("select action from audit_log where action like 'policy.%%' and "
                                                   "subject = %s order by id", str(made))]
    assert log == ["policy.add", "policy.change", "policy.remove"]


WRONG = {
    "no condition": ({}, "A rule needs a condition."),
    "no name": ({"title": " ", "media": "1"}, "A rule needs a name."),
    "a long word": ({"phrases": "x" * 201}, "An entry is too long."),
    "many words": ({"phrases": "\n".join(f"word{n}" for n in range(101))}, "There are too many entries."),
    "very many words": ({"phrases": "\n".join(f"word{n}" for n in range(5000))}, "There are too many entries."),
    "no host": ({"servers": "not a host"}, "that is no host."),
    "no language": ({"languages": "klingon!"}, "that is no language."),
    "many days": ({"younger_days": "1001"}, "Between 0 and 1000."),
    "no number": ({"mentions": "three"}, "Between 0 and 1000."),
    "negative": ({"mentions": "-1"}, "Between 0 and 1000."),
    "long words": ({"media": "1", "words": "x" * 501}, "At most 500 characters."),
    "another action": ({"media": "1", "action": "explode"}, "There is no such action."),
    "another state": ({"media": "1", "state": "maybe"}, "There is no such state."),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_a_rule_cannot_be(world, warden, case):
    fields, words = WRONG[case]
    name, value = warden.token()
    data = {name: value, "title": "wrong", "state": "on", "action": "hold", "incoming": "1", **fields}
    page = warden.send("POST", "/staff/policies/", data, 422)
    assert words.rstrip(".").lower() in page.text.lower(), page.text[-1500:]
    assert not world.site.sql("select from policies")


def test_a_tenant_has_so_many_rules(world, warden):
    world.site.sql("insert into policies (domain_id, title, action, media) select %s, 'r' || n, 'hold', true from "
                   "generate_series(1, 100) n", work.identity(world.site, RURU)["domain_id"])
    name, value = warden.token()
    data = {name: value, "title": "more", "state": "on", "action": "hold", "incoming": "1", "media": "1"}
    assert "There are 100 rules already." in warden.send("POST", "/staff/policies/", data, 422).text


def test_rules_are_shared(world, warden):
    rule(world, warden, phrases="one\ntwo", servers="spam.test", mentions="5", note="why")
    rule(world, warden, "cover", state="draft", media="1", words="Pictures", own="1")
    file = warden.get("/staff/policies/list.json").answer
    assert file.headers["content-type"] == "application/json"
    document = file.json()
    assert document["rookery-policies"] == 1 and len(document["policies"]) == 2
    assert "state" not in document["policies"][0] and document["policies"][0]["when"]["mentions"] == 5
    keeper = enter(world, "keeper", "weka.test")

    def take_in(text, status=303):
        name, value = keeper.token()
        return keeper.send("POST", "/staff/policies/import/", {name: value}, status,
                           files={"file": ("policies.json", text, "application/json")})

    take_in(file.content)
    rows = world.site.sql("select p.* from policies p join domains d on d.id = p.domain_id where d.name = 'weka.test' "
                          "order by p.id")
    assert [(row["state"], row["action"], row["phrases"], row["words"]) for row in rows] == [
        ("draft", "hold", ["one", "two"], ""), ("draft", "cover", [], "Pictures")]
    assert keeper.get("/staff/policies/list.json").answer.json() == document
    whole = {"title": "t", "action": "hold", "incoming": True, "when": {"media": True}}
    for policies in ([], [{}], [{**whole, "when": {}}], [{**whole, "surprise": 1}], [{**whole, "when": {"moon": True}}],
                     [{**whole, "when": {"phrases": "x"}}], [{**whole, "when": {"phrases": [1]}}],
                     [{**whole, "when": {"phrases": ["x" * 300]}}], [{**whole, "state": "on"}], [whole] * 101, ["x"]):
        take_in(json.dumps({"rookery-policies": 1, "policies": policies}).encode(), 422)
    for text in (b"", b"[]", b"{", b'{"rookery-policies": 2}', b"\xff\xfe", b"[" * 10000, b" " * 300000):
        take_in(text, 422)
    assert world.site.value("select count(*) from policies") == 4


def test_pages_are_for_those_who_may(world, warden):
    made = rule(world, warden, state="draft", media="1")
    for browser, status in ((enter(world, "helper"), 403), (enter(world, "ruru"), 403),
                            (enter(world, "keeper", "weka.test"), 404)):
        for path in (f"/staff/policies/at/{made}/", f"/staff/policies/at/{made}/replay/"):
            browser.get(path, status)
        name, value = browser.token()
        browser.send("POST", f"/staff/policies/at/{made}/", {name: value, "delete": "1"}, status)
    assert world.site.value("select count(*) from policies where id = %s", made) == 1
    assert "/staff/policies/" not in enter(world, "helper").get("/staff/").links()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What a tenant decides about posts of others: it holds there alone, everywhere there, and is undone."""

import pytest

from harness import activity, news
from harness.api import Api, token_for
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.person import Person
from harness.streaming import WebSocket
from harness.world import KEA, WEKA, world_of

RURU, WEKA_RURU = "ruru@kea.test", "ruru@weka.test"


@pytest.fixture(scope="module")
def world(shared_site):
    for name, domain, role in (("warden", "kea.test", "admin"), ("keeper", "weka.test", "admin")):
        shared_site.rookery("user", "add", f"{name}@example.org", "--password-stdin", stdin=PASSWORD + "\n")
        shared_site.rookery("identity", "add", f"{name}@{domain}", "--user", f"{name}@example.org")
        news.grant(shared_site, f"{name}@example.org", domain, role)
    yield from world_of(shared_site)


@pytest.fixture(scope="module")
def warden(world):
    browser = Browser(world.site, "kea.test")
    browser.log_in("warden@example.org", PASSWORD)
    return browser


@pytest.fixture(scope="module")
def star(world):
    """Somebody elsewhere whom people of both tenants follow."""
    return world.followed(world.ruru, world.weka_ruru)


def send(world, star, text="hello", inboxes=(KEA, WEKA), **more):
    """A public post that both tenants got; gives its row."""
    note = activity.note(star, f"<p>{text}</p>", **more)
    create = activity.create(star, note)
    for inbox in inboxes:
        world.deliver(star, create, inbox)
    return world.post(note)


def decide(browser, post, kind, status=303, **more):
    name, value = browser.token()
    return browser.send("POST", f"/staff/posts/{post['id']}/", {name: value, "kind": kind, **more}, status)


def undo(browser, post, kind, status=303):
    return decide(browser, post, "", status, undo=kind)


def ids(statuses):
    return [one["id"] for one in statuses]


def look(world, post, star, handle):
    """Where somebody comes across a post: the names of the places."""
    name, _, domain = handle.partition("@")
    api, person = Api(world.site, handle), Person(world.site, name, domain).enter()
    number = str(post["id"])
    account = api.get("/api/v1/accounts/lookup", acct=star.handle.lstrip("@"))["id"]
    places = {
        "home": number in ids(api.get("/api/v1/timelines/home")),
        "public": number in ids(api.get("/api/v1/timelines/public")),
        "tag": number in ids(api.get("/api/v1/timelines/tag/kakapo")),
        "profile": number in ids(api.get(f"/api/v1/accounts/{account}/statuses")),
        "status": api.ask("GET", f"/api/v1/statuses/{number}").status_code == 200,
        "search": number in ids(api.get("/api/v2/search", q=post["object_uri"], type="statuses")["statuses"]),
        "notifications": number in [(one.get("status") or {}).get("id") for one in api.get("/api/v1/notifications")],
        "page": person.get(f"/@{star.handle.lstrip('@')}/posts/{number}/").status_code == 200,
    }
    return {place for place, seen in places.items() if seen}


ALL = {"home", "public", "tag", "profile", "status", "search", "notifications", "page"}


def tagged(world, star, text="a kakapo"):
    tags = [activity.mention(world.ruru.uri), activity.mention(world.weka_ruru.uri),
            {"type": "Hashtag", "name": "#kakapo", "href": "https://peer1.test/tags/kakapo"}]
    return send(world, star, text, tag=tags)


def test_what_is_removed_is_gone_on_one_tenant_alone(world, warden, star):
    post = tagged(world, star)
    assert look(world, post, star, RURU) == ALL == look(world, post, star, WEKA_RURU)
    answer = world.ruru.enter() and Api(world.site, RURU).post("/api/v1/statuses", status="why?",
                                                               in_reply_to_id=str(post["id"]))
    decide(warden, post, "removed", reason="not here")
    assert look(world, post, star, RURU) == set()
    assert look(world, post, star, WEKA_RURU) == ALL
    # Staff itself sees it where it works, and nowhere else.
    assert look(world, post, star, "warden@kea.test") == set()
    page = warden.get(f"/staff/posts/{post['id']}/")
    assert "a kakapo" in page.text and "not here" in page.text and "Removed here" in page.text
    # The thread goes on without it; nobody does anything with it.
    context = Api(world.site, RURU).get(f"/api/v1/statuses/{answer['id']}/context")
    assert context["ancestors"] == []
    for verb in ("favourite", "reblog", "bookmark"):
        Api(world.site, RURU).refused(404, "POST", f"/api/v1/statuses/{post['id']}/{verb}")
    # The other tenant's staff knows nothing of it.
    keeper = Browser(world.site, "weka.test")
    keeper.log_in("keeper@example.org", PASSWORD)
    assert "Removed here" not in keeper.get(f"/staff/posts/{post['id']}/").text
    undo(keeper, post, "removed", 404)
    # It is undone, and both are in the log.
    undo(warden, post, "removed")
    assert look(world, post, star, RURU) == ALL
    log = [row["action"] for row in world.site.sql("select action from audit_log where subject = %s order by id",
                                                   str(post["id"]))]
    assert log == ["post.remove", "post.restore"]


def test_what_is_covered_has_the_words_of_the_tenant(world, warden, star):
    post = send(world, star, "a spider", summary="careful")
    decide(warden, post, "covered", words="Spiders")
    shown = Api(world.site, RURU).get(f"/api/v1/statuses/{post['id']}")
    assert (shown["sensitive"], shown["spoiler_text"]) == (True, "Spiders (careful)")
    assert "Spiders (careful)" in world.ruru.enter().get("/").text
    other = Api(world.site, WEKA_RURU).get(f"/api/v1/statuses/{post['id']}")
    assert (other["sensitive"], other["spoiler_text"]) == (False, "careful")
    decide(warden, post, "covered", words="Eight legs")
    assert Api(world.site, RURU).get(f"/api/v1/statuses/{post['id']}")["spoiler_text"] == "Eight legs (careful)"
    undo(warden, post, "covered")
    assert Api(world.site, RURU).get(f"/api/v1/statuses/{post['id']}")["spoiler_text"] == "careful"


def test_what_is_unlisted_stays_with_followers(world, warden, star):
    post = tagged(world, star)
    decide(warden, post, "unlisted")
    assert ALL - look(world, post, star, RURU) == {"public", "tag"}
    assert look(world, post, star, WEKA_RURU) == ALL
    undo(warden, post, "unlisted")
    assert look(world, post, star, RURU) == ALL


def test_what_is_held_later_waits_in_the_queue(world, warden, star):
    post = tagged(world, star)
    decide(warden, post, "held")
    assert look(world, post, star, RURU) == set() and look(world, post, star, WEKA_RURU) == ALL
    queue = warden.get("/staff/held/")
    assert "a kakapo" in queue.text
    name, value = warden.token()
    warden.send("POST", "/staff/held/", {name: value, "show": str(post["id"])})
    assert look(world, post, star, RURU) == ALL
    assert "Nothing waits here." in warden.get("/staff/held/").text


def test_nobody_is_told_of_what_is_removed(world, warden, star):
    post = send(world, star, "first")
    decide(warden, post, "removed")
    before = world.ruru.told()
    note = {"id": post["object_uri"], **activity.note(star, "<p>again</p>", tag=[activity.mention(world.ruru.uri)])}
    note["id"] = post["object_uri"]
    world.deliver(star, activity.update(star, note))
    assert world.ruru.told() == before
    assert look(world, post, star, RURU) == set()
    decide(warden, post, "removed")  # again changes nothing


def test_a_boost_brings_nothing_that_was_removed(world, warden, star):
    post = send(world, star, "boost me")
    decide(warden, post, "removed")
    booster = world.followed(world.toroa, world.weka_ruru)
    announce = activity.announce(booster, post["object_uri"])
    for inbox in (KEA, WEKA):
        world.deliver(booster, announce, inbox)
    assert post["id"] not in world.toroa.home()
    undo(warden, post, "removed")
    assert post["id"] in world.toroa.home()


def test_streams_bring_nothing_that_was_removed(world, warden, star):
    post = send(world, star, "streamed")
    decide(warden, post, "removed")
    with WebSocket(world.site, "kea.test", token_for(world.site, RURU), stream="user") as kea, \
            WebSocket(world.site, "weka.test", token_for(world.site, WEKA_RURU), stream="user") as weka:
        note = activity.note(star, "<p>streamed, better</p>")
        note["id"] = post["object_uri"]
        world.deliver(star, activity.update(star, note))
        assert weka.event()[0] == "status.update"
        marker = send(world, star, "the next")
        name, payload = kea.event()
        assert (name, payload["id"]) == ("update", str(marker["id"]))


def test_a_neighbour_is_somebody_else(world, warden):
    """A post of the other tenant is one of others; one's own people are told why."""
    theirs = Api(world.site, WEKA_RURU).post("/api/v1/statuses", status="next door")
    world.settle()
    decide(warden, theirs, "removed")
    Api(world.site, RURU).refused(404, "GET", f"/api/v1/statuses/{theirs['id']}")
    assert Api(world.site, WEKA_RURU).get(f"/api/v1/statuses/{theirs['id']}")["id"] == theirs["id"]
    ours = Api(world.site, RURU).post("/api/v1/statuses", status="at home")
    page = decide(warden, ours, "removed", 422)
    assert "is a member" in page.text
    page = warden.get(f"/staff/posts/{ours['id']}/")
    page.form("act/").press(action="delete_statuses", text="not like this")
    world.settle()
    assert Api(world.site, RURU).ask("GET", f"/api/v1/statuses/{ours['id']}").status_code in (404, 410)
    assert world.site.value("select count(*) from warnings where post_ids @> array[%s::bigint]", int(ours["id"])) == 1


def test_the_case_of_a_report_decides_about_its_posts(world, warden, star):
    post, other = send(world, star, "reported"), send(world, star, "also")
    author = post["author_id"]
    report = Api(world.site, RURU).post("/api/v1/reports", account_id=str(author), comment="look",
                                        status_ids=[str(post["id"]), str(other["id"])])
    staff = Api(world.site, "warden@kea.test")
    staff.post(f"/api/v1/admin/accounts/{author}/action", type="mark_statuses_as_sensitive", report_id=report["id"])
    for one in (post, other):
        assert Api(world.site, RURU).get(f"/api/v1/statuses/{one['id']}")["sensitive"] is True
        assert Api(world.site, WEKA_RURU).get(f"/api/v1/statuses/{one['id']}")["sensitive"] is False
    staff.post(f"/api/v1/admin/reports/{report['id']}/reopen")
    warden.get(f"/staff/reports/{report['id']}/").form("act/").press(action="delete_statuses")
    for one in (post, other):
        Api(world.site, RURU).refused(404, "GET", f"/api/v1/statuses/{one['id']}")
        Api(world.site, WEKA_RURU).get(f"/api/v1/statuses/{one['id']}")
    # The case still shows what it was about.
    assert "reported" in warden.get(f"/staff/reports/{report['id']}/").text
    shown = staff.get(f"/api/v1/admin/reports/{report['id']}")
    assert sorted(ids(shown["statuses"])) == sorted([str(post["id"]), str(other["id"])])
    # Nobody elsewhere is told why.
    assert world.site.value("select count(*) from mails m where m.identity_id = %s", author) == 0


def test_only_staff_decides_and_only_with_its_token(world, warden, star):
    post = send(world, star, "guarded")
    ruru = Browser(world.site, "kea.test")
    ruru.log_in("ruru@example.org", PASSWORD)
    ruru.get(f"/staff/posts/{post['id']}/", 403)
    decide(ruru, post, "removed", 403)
    warden.send("POST", f"/staff/posts/{post['id']}/", {"kind": "removed"}, 403)
    place = f"/@{star.handle.lstrip('@')}/posts/{post['id']}/"
    assert f"/staff/posts/{post['id']}/" in warden.get(place).links()
    assert f"/staff/posts/{post['id']}/" not in ruru.get(place).links()
    for kind in ("", "deleted", "x" * 500):
        decide(warden, post, kind, 422)
    decide(warden, post, "covered", 422, words="x" * 501)
    decide(warden, post, "removed", 422, reason="x" * 501)
    undo(warden, post, "held", 404)
    decide(warden, {"id": 12345}, "removed", 404)
    assert not world.site.sql("select from post_decisions where post_id = %s", post["id"])


def test_a_private_post_is_not_opened_by_deciding(world, warden, star):
    note = activity.note(star, "<p>between us</p>", to=[world.ruru.uri], cc=[], tag=[activity.mention(world.ruru.uri)])
    world.deliver(star, activity.create(star, note))
    post = world.post(note)
    decide(warden, post, "removed", 404)
    warden.get(f"/staff/posts/{post['id']}/", 404)


def test_a_page_costs_as_many_statements_as_before(world, warden, star):
    posts = [send(world, star, f"counted {n}") for n in range(6)]
    api = Api(world.site, RURU)

    def cost(limit):
        return news.cost(world.site, lambda: api.get("/api/v1/timelines/home", limit=str(limit)))

    cost(6)
    plain = cost(6)
    for post in posts[:3]:
        decide(warden, post, "covered", words="counted")
    assert cost(6) == plain == cost(2)

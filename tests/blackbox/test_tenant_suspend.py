# SPDX-License-Identifier: AGPL-3.0-or-later
"""A community is suspended and resumed, and a second installation follows it: whoever asks meanwhile hears 403 and not
410, which would end what others know of it; afterwards nobody was lost, and what waited arrives."""

import pytest

from harness import activity
from harness.api import Api
from harness.front import TlsFront
from harness.move import second_site
from harness.peer import Peer
from harness.person import Person
from harness.wait import wait_for
from harness.world import KEA, World

LD = {"Accept": 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'}


@pytest.fixture
def elsewhere(cluster, template):
    with second_site(cluster, template) as made:
        made.start()
        made.stator.start()
        yield made


@pytest.fixture
def world(site):
    with Peer("peer1.test", tls=True) as peer:
        yield World(site, peer)


def try_again(site):
    """What waits is due now."""
    site.sql("update deliveries set state_next_attempt = now(), state_locked_by = null where state = 'waiting'")
    site.sql("update servers set retry_after = null, failures = 0")


def knows(site, person, post):
    rows = site.sql("select id from posts where object_uri = %s", post["object_uri"])
    return bool(rows) and rows[0]["id"] in person.home()


def follow(kura, ruru):
    kura.enter().get("/search/", params={"q": "ruru@kea.test"})
    kura.about("ruru@kea.test", "follow")
    for site in (kura.site, ruru.site):
        wait_for(lambda site=site: bonds(site) == [("accepted",)])


def bonds(site):
    """States of kura's following of ruru, as an installation has them."""
    return [tuple(row.values()) for row in site.sql(
        "select f.state from follows f join identities s on s.id = f.source_id join identities t on t.id = f.target_id "
        "where s.username = 'kura' and t.username = 'ruru'")]


def counts(ruru, kura):
    said = [Api(ruru.site, "ruru@kea.test").get("/api/v1/accounts/verify_credentials")["followers_count"],
            Api(kura.site, "kura@kakapo.test").get("/api/v1/accounts/verify_credentials")["following_count"],
            ruru.site.get(f"{ruru.uri}followers/", headers=LD).json()["totalItems"]]
    return said


def check_closed(world, post):
    """Everybody, everywhere, 403."""
    site, stranger = world.site, world.actor()
    for url in (world.ruru.uri, f"{world.ruru.uri}followers/", post["object_uri"], "https://kea.test/",
                "https://kea.test/.well-known/webfinger?resource=acct:ruru@kea.test",
                "https://kea.test/api/v2/instance"):
        for headers in (LD, {}):
            assert site.get(url, headers=headers).status_code == 403, url
    note = activity.note(stranger, "<p>is anybody there?</p>")
    assert stranger.send(site, KEA, activity.create(stranger, note)).status_code == 403
    assert site.get("https://weka.test/").status_code == 200


def test_a_suspended_community_loses_nobody(world, elsewhere):
    site, ruru, kura = world.site, world.ruru, Person(elsewhere, "kura", "kakapo.test")
    with TlsFront({"kea.test": site.port, "weka.test": site.port}):
        with TlsFront({"kakapo.test": elsewhere.port}):
            follow(kura, ruru)
            first = ruru.write("before")
            wait_for(lambda: knows(elsewhere, kura, first))
        before = counts(ruru, kura)
        assert before == [1, 1, 1]
        waits = ruru.write("on its way")
        wait_for(lambda: site.sql("select 1 from deliveries where state = 'waiting' and state_attempts > 0"))

        site.rookery("domain", "suspend", "kea.test")
        wait_for(lambda: site.get(ruru.uri).status_code == 403)
        check_closed(world, first)
        # The other server speaks to it, and looks what became of its people; it believes nothing from a 403.
        there = elsewhere.value("select id from posts where object_uri = %s", first["object_uri"])
        kura.react("ruru@kea.test", there, "like")
        elsewhere.sql("update identities set state = 'outdated', state_next_attempt = now() where actor_uri = %s",
                      ruru.uri)
        wait_for(lambda: elsewhere.sql("select 1 from deliveries where state = 'waiting' and state_attempts > 0"))
        elsewhere.stator.settle()
        assert elsewhere.sql("select deleted, state from identities where actor_uri = %s and deleted is not null",
                             ruru.uri) == []
        assert bonds(elsewhere) == bonds(site) == [("accepted",)]

        site.rookery("domain", "resume", "kea.test")
        wait_for(lambda: site.get(ruru.uri).status_code == 200)
        with TlsFront({"kakapo.test": elsewhere.port}):
            for one in (site, elsewhere):
                try_again(one)
            wait_for(lambda: knows(elsewhere, kura, waits))
            wait_for(lambda: ("like", "kura") in ruru.told())
            after = ruru.write("after")
            wait_for(lambda: knows(elsewhere, kura, after))
            assert counts(ruru, kura) == before and bonds(elsewhere) == bonds(site) == [("accepted",)]

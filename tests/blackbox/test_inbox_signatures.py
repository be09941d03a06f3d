# SPDX-License-Identifier: AGPL-3.0-or-later
"""Whom an inbox believes. What is signed by its actor is taken, in every form that servers use;
anything else is refused with a reason before a row of any table changes."""

import dataclasses
import hashlib
import itertools
import json
import resource
import time
from urllib.parse import urlsplit

import pytest

from harness import activity, keys, lab, signature
from harness.peer import ACTIVITY, Peer, send
from harness.person import Person

KEA, WEKA = "https://kea.test/inbox/", "https://weka.test/inbox/"
OURS = "https://kea.test/@ruru@kea.test/"
numbers = itertools.count(1)
# Counters that a refused request may leave, and what the stator says of itself.
ASIDE = ("throttles", "stator_workers", "stator_stats")


@pytest.fixture(scope="module")
def site(shared_site):
    return shared_site


def _peer(name):
    made = Peer(name, tls=True)
    yield made
    made.close()


@pytest.fixture(scope="module")
def home():
    yield from _peer("peer1.test")


@pytest.fixture(scope="module")
def elsewhere():
    yield from _peer("peer2.test")


@pytest.fixture(scope="module")
def ana(site, home):
    """An actor whose key the site knows."""
    made = home.actor("ana")
    assert made.send(site, KEA, activity.like(made, f"{OURS}posts/1/")).status_code == 202
    site.stator.drain()
    return made


@pytest.fixture(scope="module")
def ben(home):
    return home.actor("ben")


@pytest.fixture(scope="module")
def eve(site, elsewhere):
    """Of another host, and known too."""
    made = elsewhere.actor("eve")
    assert made.send(site, KEA, activity.like(made, f"{OURS}posts/1/")).status_code == 202
    site.stator.drain()
    return made


def rows(site):
    """Number and digest of the rows of every table but those aside; when a document was fetched is no matter."""
    tables = [row["name"] for row in site.sql("select relname as name from pg_class where relkind = 'r' and "
                                              "relnamespace = 'public'::regnamespace")]
    return {name: site.sql(f"select count(*), md5(string_agg((to_jsonb(t) - 'fetched' - 'state_next_attempt')::text, "
                           f"'' order by (to_jsonb(t) - 'fetched' - 'state_next_attempt')::text)) from {name} t")[0]
            for name in sorted(tables) if name not in ASIDE}


def follow(actor):
    return activity.follow(actor, OURS)


def is_stored(site, thing):
    digest = hashlib.sha256(json.dumps(thing).encode()).digest()
    return site.value("select count(*) from inbox_messages where digest = %s", digest) == 1


def fetches(peer, actor):
    return len(peer.requests("GET", urlsplit(actor.id).path))


# Taken

@pytest.mark.parametrize("form", signature.FORMS)
@pytest.mark.parametrize("inbox", [KEA, WEKA, f"{OURS}inbox/", "https://kea.test/actor/inbox/", f"{KEA}?a=b%20c&d"])
def test_every_form_is_taken_at_every_inbox(site, ana, form, inbox):
    thing = follow(ana)
    answer = ana.send(site, inbox, thing, form)
    assert answer.status_code == 202, answer.text
    assert is_stored(site, thing)


def test_a_signature_with_a_port_in_host_is_taken(site, ana):
    thing = follow(ana)
    request = ana.signed("POST", "https://kea.test:443/inbox/", thing)
    assert site.request("POST", KEA, headers=request.headers, content=request.body).status_code == 202
    assert is_stored(site, thing)


def test_an_unknown_actor_is_fetched_once(site, home):
    nora = home.actor("nora")
    for _ in range(3):
        assert nora.send(site, KEA, follow(nora)).status_code == 202
    assert fetches(home, nora) == 1
    row = site.sql("select * from identities where actor_uri = %s", nora.id)[0]
    assert (row["host"], row["username"]) == ("peer1.test", "nora")
    document = home.requests("GET", "/users/nora")[0]
    assert document.verify(site).key_id == "https://kea.test/actor/#main-key"


def test_a_key_in_a_document_of_its_own_is_taken(site, home):
    """Some servers name the key by an address that is not the actor's with a fragment."""
    kim = home.actor("kim")
    kim.key_id = f"{home.origin}/keys/kim"
    home.publish({"@context": activity.CONTEXT, "id": kim.key_id, "type": "Key", "owner": kim.id,
                  "publicKeyPem": keys.public_pem(kim.key)})
    assert kim.send(site, KEA, follow(kim)).status_code == 202


@pytest.mark.parametrize("form", signature.FORMS)
def test_a_rotated_key_is_fetched_once_and_taken(site, home, form):
    lea = home.actor(f"lea{form}")
    assert lea.send(site, KEA, follow(lea), form).status_code == 202
    old = lea.key
    lea.rotate_key()
    home.clear()
    thing = follow(lea)
    assert lea.send(site, KEA, thing, form).status_code == 202
    assert is_stored(site, thing) and fetches(home, lea) == 1
    assert lea.send(site, KEA, follow(lea), form).status_code == 202
    assert fetches(home, lea) == 1
    assert lea.send(site, KEA, follow(lea), form, key=old).status_code == 401


def test_a_key_under_a_new_id_replaces_the_old_one(site, home):
    max_ = home.actor("max")
    assert max_.send(site, KEA, follow(max_)).status_code == 202
    old, old_id = max_.key, max_.key_id
    max_.rotate_key()
    max_.key_id = f"{max_.id}#second-key"
    assert max_.send(site, KEA, follow(max_)).status_code == 202
    assert max_.send(site, KEA, follow(max_), key=old, key_id=old_id).status_code == 401


def test_a_replay_is_answered_like_the_first_and_does_nothing(site, home):
    pia = home.actor("pia")
    thing = follow(pia)
    request = pia.signed("POST", KEA, thing)
    assert send(site, request).status_code == 202
    site.stator.drain()
    follows = "select state from follows where source_id = (select id from identities where actor_uri = %s)"
    assert site.value(follows, pia.id) == "accepted"
    site.sql("update follows set state = 'removed' where source_id = (select id from identities where actor_uri = %s)",
             pia.id)
    before = rows(site)
    assert send(site, request).status_code == 202
    assert rows(site) == before
    site.stator.drain()
    assert site.value(follows, pia.id) == "removed"


@pytest.mark.parametrize("inbox", ["https://kea.test/@nobody@kea.test/inbox/",
                                   "https://kea.test/@ruru@weka.test/inbox/"])
def test_nobody_has_no_inbox(site, ana, inbox):
    before = rows(site)
    assert ana.send(site, inbox, follow(ana)).status_code == 404
    assert rows(site) == before


# Refused

@dataclasses.dataclass
class Case:
    """Who may be needed to spoil a request."""

    ana: object
    ben: object
    eve: object
    form: str

    def signed(self, url=KEA, thing=None, by=None, **how):
        by = by or self.ana
        return by.signed("POST", url, thing or follow(self.ana), self.form, **how)


def _sent_to(request, url):
    """The same request, sent to another address under whose name it was not signed."""
    return dataclasses.replace(request, url=url).with_headers(Host=urlsplit(url).netloc)


def _without(names, form):
    usual = {"cavage": signature.CAVAGE, "hs2019": signature.HS2019, "rfc9421": signature.RFC9421}[form]
    return [name for name in usual if name not in names]


def _altered_signature(request):
    value = request.header("Signature")
    at = value.rindex("A") if "A" in value[-200:] else len(value) - 20
    return request.with_headers(Signature=value[:at] + ("B" if value[at] != "B" else "C") + value[at + 1:])


SPOILT = {
    "unsigned": lambda c: c.signed().with_headers(Signature=None, Signature_Input=None),
    "no signature but its input": lambda c: c.signed().with_headers(Signature=None),
    "garbage": lambda c: c.signed().with_headers(Signature="garbage", Signature_Input=None),
    "empty": lambda c: c.signed().with_headers(Signature="", Signature_Input=None),
    "one letter of the signature": lambda c: _altered_signature(c.signed()),
    "two hours old": lambda c: c.signed(at=time.time() - 7200),
    "from the future": lambda c: c.signed(at=time.time() + 1200),
    "another digest": lambda c: c.signed(digest="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    "digest not signed": lambda c: c.signed(names=_without(("digest", "content-digest"), c.form)),
    "digest gone": lambda c: c.signed().with_headers(Digest=None, Content_Digest=None),
    "host not signed": lambda c: c.signed(names=_without(("host", "@authority", "@target-uri"), c.form)),
    "target not signed": lambda c: c.signed(names=_without(
        ("(request-target)", "@path", "@target-uri", "@request-target"), c.form)),
    "another body": lambda c: dataclasses.replace(c.signed(), body=json.dumps(follow(c.ana)).encode()),
    "another path": lambda c: _sent_to(c.signed(), f"{OURS}inbox/"),
    "a query added": lambda c: _sent_to(c.signed(), f"{KEA}?a=b"),
    "another query": lambda c: _sent_to(c.signed(f"{KEA}?a=b"), f"{KEA}?a=c"),
    "query cut": lambda c: _sent_to(c.signed(f"{KEA}?a=b"), KEA),
    "another host": lambda c: _sent_to(c.signed(), WEKA),
    "another port": lambda c: _sent_to(c.signed("https://kea.test:8443/inbox/"), KEA),
    "another method": lambda c: dataclasses.replace(
        c.ana.signed("PUT", KEA, follow(c.ana), c.form), method="POST"),
    "key of another host": lambda c: c.signed(by=c.eve),
    "key of another actor of the host": lambda c: c.signed(by=c.ben),
    "signed by another key": lambda c: c.signed(key=c.eve.key),
    "key id of nobody": lambda c: c.signed(key_id=f"{c.ana.id}#no-such-key"),
    "key id is no address": lambda c: c.signed(key_id="ana"),
    "key id of ours": lambda c: c.signed(key_id=f"{OURS}#main-key"),
    "an unknown algorithm": lambda c: c.signed(algorithm="rsa-md5"),
    "in the name of a local actor": lambda c: c.signed(thing=activity.follow(OURS, "https://kea.test/@toroa@kea.test/"),
                                                       key_id=f"{OURS}#main-key"),
    "in the name of an actor elsewhere": lambda c: c.signed(thing=follow(c.eve)),
}


@pytest.mark.parametrize("form", signature.FORMS)
@pytest.mark.parametrize("what", SPOILT)
def test_what_is_not_the_actors_own_changes_nothing(site, ana, ben, eve, form, what):
    before = rows(site)
    site.sql("delete from throttles")
    answer = send(site, SPOILT[what](Case(ana, ben, eve, form)))
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    assert answer.json()["code"] == "unauthorized" and len(answer.json()["error"]) > 10
    assert rows(site) == before


def test_an_expired_signature_is_refused(site, ana):
    before = rows(site)
    answer = ana.send(site, KEA, follow(ana), "hs2019", at=time.time() - 400)
    assert answer.status_code == 401 and "expired" in answer.json()["error"]
    assert rows(site) == before


def test_forged_signatures_cost_few_fetches(site, home, eve):
    """Whoever cannot sign cannot make us ask the actor's server again and again."""
    ole = home.actor("ole")
    assert ole.send(site, KEA, follow(ole)).status_code == 202
    home.clear()
    for _ in range(12):
        assert ole.send(site, KEA, follow(ole), key=eve.key).status_code == 401
    assert fetches(home, ole) <= 6
    assert ole.send(site, KEA, follow(ole)).status_code == 202


@pytest.mark.parametrize("status", [404, 410, 500])
def test_an_actor_that_cannot_be_had_is_not_believed(site, home, status):
    una = home.actor(f"una{status}")
    home.answer(urlsplit(una.id).path, status=status)
    before = rows(site)
    answer = una.send(site, KEA, follow(una))
    assert answer.status_code == (503 if status == 500 else 401), answer.text
    assert rows(site) == before


@pytest.mark.parametrize("what", ["key of another owner", "document of another id", "no key", "html", "foreign inbox"])
def test_documents_that_contradict_themselves_are_not_believed(site, home, elsewhere, eve, what):
    ugo = home.actor(f"ugo{next(numbers)}")
    if what == "key of another owner":
        ugo.overrides["publicKey"] = {**ugo.document()["publicKey"], "owner": eve.id}
    if what == "document of another id":
        ugo.overrides["id"] = eve.id
    if what == "no key":
        ugo.overrides["publicKey"] = None
    if what == "html":
        home.serve(urlsplit(ugo.id).path, json.dumps(ugo.document()), "text/html")
    if what == "foreign inbox":
        ugo.overrides["followers"] = f"{eve.id}/followers"
    answer = ugo.send(site, KEA, follow(ugo))
    assert answer.status_code == 401, answer.text
    assert site.sql("select 1 from identities where actor_uri = %s and username like 'ugo%%'", eve.id) == []
    assert site.sql("select 1 from inbox_messages where actor_uri = %s", ugo.id) == []


def test_two_fields_of_one_name_are_refused(site, ana):
    request = ana.signed("POST", KEA, follow(ana))
    before = rows(site)
    for name in ("Date", "Digest", "Content-Type"):
        headers = [*request.headers.items(), (name, request.header(name))]
        answer = site.request("POST", KEA, headers=headers, content=request.body)
        assert answer.status_code in (400, 401), (name, answer.text)
    assert rows(site) == before


# Deleted actors

def test_a_delete_of_somebody_unknown_is_taken_without_asking(site, home, ana):
    zoe = home.actor("zoe")
    before = rows(site)
    answer = zoe.send(site, KEA, activity.delete(zoe, zoe))
    assert answer.status_code == 202
    assert fetches(home, zoe) == 0 and rows(site) == before


def test_a_deleted_actor_is_not_believed_any_more(site, home):
    yan = home.actor("yan")
    assert yan.send(site, KEA, follow(yan)).status_code == 202
    home.answer(urlsplit(yan.id).path, status=410)
    assert yan.send(site, KEA, activity.delete(yan, yan)).status_code == 202
    site.stator.drain()
    assert site.value("select deleted is not null from identities where actor_uri = %s", yan.id)
    before = rows(site)
    assert yan.send(site, KEA, follow(yan)).status_code == 401
    assert yan.send(site, KEA, activity.delete(yan, yan)).status_code == 202  # again: nothing to do
    assert rows(site) == before


def test_nobody_deletes_somebody_else(site, ana, ben, eve):
    for thief in (ben, eve):
        assert thief.send(site, KEA, {**activity.delete(ana, ana), "actor": thief.id,
                                      "id": f"{thief.id}/deletes/{next(numbers)}"}).status_code == 202
    site.stator.drain()
    assert site.value("select deleted is null from identities where actor_uri = %s", ana.id)


# Blocked servers

@pytest.mark.parametrize("whose, host", [("tenant", "peer3.test"), ("host", "peer3.test"), ("host", "test")])
def test_a_blocked_server_is_answered_and_nothing_else(site, peers, whose, host):
    mal = peers("peer3.test", tls=True).actor("mal")
    domain = site.value("select id from domains where name = 'kea.test'") if whose == "tenant" else None
    site.sql("insert into server_limits (domain_id, host, severity) values (%s, %s, 'block')", domain, host)
    try:
        before = rows(site)
        thing = follow(mal)
        assert mal.send(site, KEA, thing).status_code == 202
        assert mal.peer.requests() == [] and rows(site) == before
        assert mal.send(site, WEKA, thing).status_code == 202
        assert is_stored(site, thing) == (whose == "tenant")  # what one tenant blocks still reaches another
    finally:
        site.sql("delete from server_limits")


# Bodies

def test_a_body_over_the_limit_is_refused_before_it_is_read(site, ana):
    before = rows(site)
    body = json.dumps(activity.create(ana, activity.note(ana, "x" * 300_000))).encode()
    answer = ana.send(site, KEA, body)
    assert answer.status_code == 413
    request = ana.signed("POST", KEA, body)
    chunks = iter([body[:150_000], body[150_000:]])
    assert site.request("POST", KEA, headers=request.headers, content=chunks).status_code == 413
    assert rows(site) == before


def _deep(n):
    return b'{"a":' * n + b"1" + b"}" * n


@pytest.mark.parametrize("body", [
    b"", b"{", b"hello", b"[]", b"null", b"{}", b'{"type":"Follow"}', b"\xff\xfe{}", _deep(5000), b"[" * 100_000,
    b'{"type":"Follow","actor":1,"object":2}',
    b'{"type":"Follow","actor":"javascript:alert(1)","object":"https://kea.test/"}',
    b'{"actor":"https://peer1.test/users/ana","object":"https://kea.test/"}',
    b'{"type":"Follow","actor":"https://peer1.test/users/ana"}',
    b'{"type":"Follow","id":"https://peer2.test/1","actor":"https://peer1.test/users/ana",'
    b'"object":"https://kea.test/"}',
], ids=lambda body: body[:60].decode(errors="replace") + f" ({len(body)})")
def test_what_is_no_activity_is_refused(site, ana, body):
    before = rows(site)
    answer = ana.send(site, KEA, body)
    assert answer.status_code in (400, 401), answer.text
    assert answer.json()["error"]
    assert rows(site) == before


def seconds_of_children():
    """What the programs that ended needed of a processor, however busy the machine was."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def test_huge_lists_are_cut_and_cost_little(site, ana):
    many = [f"https://far{n}.test/" for n in range(3000)]
    note = activity.note(ana, "to all", to=[OURS, *many[:1500]], cc=many[1500:],
                         tag=[{"type": "Mention", "href": OURS}] * 400)
    assert ana.send(site, KEA, activity.create(ana, note)).status_code == 202
    began = seconds_of_children()
    site.stator.drain()
    assert seconds_of_children() - began < 5 * lab.SLOWNESS
    assert site.value("select count(*) from posts where object_uri = %s", note["id"]) == 1
    assert site.value("select count(*) from servers where host like 'far%%'") == 0


# Signed GETs

def test_a_signed_get_shows_what_its_signer_may_read(site, home, ana, eve):
    ruru = Person(site)
    fay = home.actor("fay")
    assert fay.send(site, KEA, follow(fay)).status_code == 202
    site.stator.drain()
    post = ruru.write("for those who follow", "followers")
    for form in signature.FORMS:
        answer = fay.fetch(site, post["object_uri"], form)
        assert answer.status_code == 200 and answer.json()["id"] == post["object_uri"], answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert eve.fetch(site, post["object_uri"], form).status_code == 404
        forged = fay.fetch(site, post["object_uri"], form, key=eve.key)
        assert forged.status_code == 401 and "for those" not in forged.text
    assert site.get(post["object_uri"], headers={"Accept": ACTIVITY}).status_code == 404

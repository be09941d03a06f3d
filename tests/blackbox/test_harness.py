# SPDX-License-Identifier: AGPL-3.0-or-later
"""The harness itself, without our programs: what it signs it verifies, and a peer does as it is told."""

import time

import httpx
import pytest

from harness import activity, keys, lab, signature
from harness.front import TlsFront
from harness.peer import ACTIVITY
from harness.signature import BadSignature, Request

TIMES = 1_790_000_000


@pytest.fixture(scope="module")
def key():
    return keys.new()


def signed(key, form, **how):
    request = Request("POST", "https://kea.test/inbox/?a=b", {"Content-Type": ACTIVITY}, b'{"type":"Ping"}')
    return signature.sign(request, key, "https://peer1.test/users/ana#main-key", form, at=TIMES, **how)


def verify(key, request):
    return signature.verify(request, lambda key_id: key.public_key(), clock=lambda: TIMES)


@pytest.mark.parametrize("form", signature.FORMS)
def test_own_signatures_verify(key, form):
    found = verify(key, signed(key, form))
    assert found.form == form
    assert found.key_id == "https://peer1.test/users/ana#main-key"


SPOILT = {
    "body": {"body": b'{"type":"Pong"}'},
    "target": {"url": "https://kea.test/inbox/?a=c"},
    "host": {"url": "https://weka.test/inbox/?a=b"},
    "method": {"method": "PUT"},
}


@pytest.mark.parametrize("form", signature.FORMS)
@pytest.mark.parametrize("what", SPOILT)
def test_spoilt_requests_do_not_verify(key, form, what):
    request = signed(key, form)
    for name, value in SPOILT[what].items():
        setattr(request, name, value)
    if what == "host":
        request = request.with_headers(Host="weka.test")
    with pytest.raises(BadSignature):
        verify(key, request)


@pytest.mark.parametrize("form", signature.FORMS)
def test_another_key_does_not_verify(key, form):
    with pytest.raises(BadSignature):
        verify(keys.new(), signed(key, form))


@pytest.mark.parametrize("form", signature.FORMS)
def test_an_old_date_does_not_verify(key, form):
    with pytest.raises(BadSignature):
        signature.verify(signed(key, form), lambda key_id: key.public_key())


def test_a_peer_serves_its_actor_and_webfinger(peer):
    ana = peer.actor("ana", summary="hello")
    document = httpx.get(ana.id).json()
    assert document["summary"] == "hello"
    assert document["publicKey"]["publicKeyPem"].startswith("-----BEGIN PUBLIC KEY-----")
    found = httpx.get(f"{peer.origin}/.well-known/webfinger", params={"resource": f"acct:{ana.handle}"})
    assert found.json()["links"][0]["href"] == ana.id
    assert httpx.get(f"{peer.origin}/users/nobody").status_code == 404
    assert httpx.get(f"{ana.id}/followers").json()["totalItems"] == 0


@pytest.mark.parametrize("form", signature.FORMS)
@pytest.mark.parametrize("tls", [False, True])
def test_a_peer_records_what_arrives_and_it_verifies(peers, form, tls):
    one, other = peers("peer1.test", tls=tls), peers("peer2.test", tls=tls)
    ana, ben = one.actor("ana"), other.actor("ben")
    sent = activity.create(ana, activity.note(ana, "<p>hello</p>", cc=[ben.id]))
    request = ana.signed("POST", ben.inbox, sent, form)
    with one.https() as client:
        assert client.post(request.url, headers=request.headers, content=request.body).status_code == 202
    [arrived] = other.inbox("Create")
    assert arrived.json == sent and arrived.path == "/users/ben/inbox"
    assert signature.verify(arrived.request, lambda key_id: ana.key.public_key()).form == form


def test_failures_come_as_ordered(peer):
    peer.actor("ana")
    peer.answer("/inbox", "POST", status=503, headers={"Retry-After": "7"}, times=2)
    answers = [httpx.post(f"{peer.origin}/inbox", json={"type": "Ping"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 202]
    assert answers[0].headers["retry-after"] == "7"
    assert len(peer.inbox()) == 1 and len(peer.inbox(accepted=False)) == 3


def test_delay_silence_and_half_a_body(peer):
    rule = peer.answer("/slow", delay=0.3)
    before = time.monotonic()
    assert httpx.get(f"{peer.origin}/slow").status_code == 200
    assert time.monotonic() - before > 0.25
    peer.forget(rule)
    peer.answer("/slow", silent=True)
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{peer.origin}/slow", timeout=httpx.Timeout(30, read=0.3))
    peer.answer("/half", body="x" * 1000, cut=True)
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(f"{peer.origin}/half")


def test_a_closed_peer_refuses_and_opens_again(peer):
    ana = peer.actor("ana")
    peer.close()
    with pytest.raises(httpx.ConnectError):
        httpx.get(ana.id)
    peer.open()
    assert httpx.get(ana.id).status_code == 200


def test_silent_hosts_accept_and_say_nothing(silent_hosts):
    silent_hosts([f"peer{n}.test" for n in range(20, 80)])
    with pytest.raises(httpx.ReadTimeout):
        httpx.get("http://peer79.test/", timeout=httpx.Timeout(30, read=0.2))


def test_published_objects_come_and_go(peer):
    ana = peer.actor("ana")
    thing = peer.publish(activity.note(ana, "hello"))
    assert httpx.get(thing["id"]).json() == thing
    peer.withdraw(thing)
    assert httpx.get(thing["id"]).status_code == 404


def test_databases_are_made_from_templates(cluster):
    first = cluster.create_numbered("template1")
    first.sql("create table birds (name text)")
    first.sql("insert into birds values (%s)", "kea")
    first.close()
    second = cluster.create_numbered(first.name)
    assert second.value("select name from birds") == "kea"
    assert second.connect("rookery_server").execute("select current_user").fetchone() == {
        "current_user": "rookery_server"}
    second.drop()
    first.drop()


def test_the_tls_front_chooses_by_name_and_says_who_asked(peers):
    back = {name: peers("loopback.test", port=port) for name, port in (("kea.test", 8301), ("weka.test", 8302))}
    routes = {name: peer.port for name, peer in back.items()}
    with TlsFront(routes), httpx.Client(verify=lab.client_context()) as client:
        for name, peer in back.items():
            peer.serve("/hello", name)
            for _ in range(2):  # on one connection
                answer = client.get(f"https://{name}/hello", headers={"X-Forwarded-For": "192.0.2.1"})
                assert answer.text == name
            assert client.post(f"https://{name}/inbox", content=iter([b"{}", b" "])).status_code == 202
            seen = peer.requests(path="/hello")[-1].request
            assert seen.header("host") == name and seen.header("x-forwarded-proto") == "https"
            assert seen.header("x-forwarded-for").startswith("10.7.")
            assert peer.requests("POST")[-1].request.body == b"{} "
        with pytest.raises(httpx.ConnectError):
            client.get("https://moa.test/")

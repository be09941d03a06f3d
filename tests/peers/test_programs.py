# SPDX-License-Identifier: AGPL-3.0-or-later
"""The independent servers among themselves and with the scripted peer, without our programs: what
fails here is not Rookery's fault. Also holds the harness's own signatures against theirs."""

import pytest

from harness import activity, keys, signature
from harness.programs import Fedify, Snac
from harness.wait import wait_for

FIRST_KNOCKS = {"rfc9421": "rfc9421", "draft-cavage-http-signatures-12": "cavage"}


def test_fedify_follows_fedify(programs):
    one = programs(Fedify)
    other = programs(Fedify, name="fedify2.test", actors=["otto"])
    one.do("follow", to=f"@{other.handle('otto')}")
    assert one.received("Accept")
    assert other.state()["otto"]["followers"] == [one.id()]
    other.do("note", to="followers", content="<p>hello</p>")
    assert one.received("Create")[0]["object"]["content"] == "<p>hello</p>"


@pytest.mark.parametrize("first_knock", FIRST_KNOCKS)
def test_fedify_signs_in_the_form_that_was_chosen(programs, peers, first_knock):
    peer = peers("peer1.test", tls=True)
    ana = peer.actor("ana")
    fedify = programs(Fedify, first_knock=first_knock)
    fedify.do("follow", to=f"@{ana.handle}")
    [arrived] = peer.inbox("Follow")
    document = fedify.do("lookup", name=fedify.id())["document"]
    found = signature.verify(arrived.request,
                             lambda key_id: keys.load_public(document["publicKey"]["publicKeyPem"]))
    assert found.form == FIRST_KNOCKS[first_knock]
    assert found.key_id == f"{fedify.id()}#main-key"


@pytest.mark.parametrize("form", signature.FORMS)
def test_fedify_accepts_what_the_harness_signs(programs, peers, form):
    peer = peers("peer1.test", tls=True)
    ana = peer.actor("ana")
    fedify = programs(Fedify)
    inbox = f"{fedify.id()}/inbox"

    with peer.https() as client:
        request = ana.signed("POST", inbox, activity.follow(ana, fedify.id()), form)
        sent = client.post(inbox, headers=request.headers, content=request.body)
    assert sent.status_code == 202, sent.text
    assert peer.inbox("Accept")
    assert fedify.state()["frida"]["followers"] == [ana.id]


def test_snac_and_fedify_follow_each_other(programs):
    # snac2 answers 202 before it checks a signature, knows the older form only, sends an Accept before it
    # notes the follower, and looks into its queue every two seconds or so.
    snac, fedify = programs(Snac), programs(Fedify, first_knock="draft-cavage-http-signatures-12")
    fedify.do("follow", to=f"@{snac.handle()}")
    wait_for(lambda: fedify.received("Accept"), what="snac's Accept")
    wait_for(lambda: snac.followers() == [fedify.id()], what="snac's note of the follower")
    snac.do("follow", "tara", fedify.id())
    wait_for(lambda: fedify.state()["frida"]["followers"] == [snac.id()], what="snac's Follow")
    wait_for(snac.following, what="Fedify's Accept")
    snac.do("note", "tara", "hello from snac")
    wait_for(lambda: fedify.received("Create"), what="snac's note")
    fedify.do("note", to="followers", content="<p>hello from Fedify</p>")
    wait_for(lambda: [one for one in snac.objects("Note") if "Fedify" in one["content"]],
             what="Fedify's note")

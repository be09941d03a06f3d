# SPDX-License-Identifier: AGPL-3.0-or-later
"""How other servers find us: WebFinger, host-meta, NodeInfo, actors and their collections, for each
tenant of one installation its own, and what an address answers when nothing (any more) is there."""

import xml.etree.ElementTree

import pytest

from harness.activity import PUBLIC, follow
from harness.peer import ACTIVITY
from harness.person import Person
from harness.wait import wait_for

KEA, WEKA = "https://kea.test", "https://weka.test"
RURU = f"{KEA}/@ruru@kea.test/"
AP = {"Accept": ACTIVITY}
LD = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


@pytest.fixture(scope="module")
def site(shared_site):
    return shared_site


@pytest.fixture(scope="module")
def ruru(site):
    return Person(site)


def finger(site, resource, domain="kea.test"):
    return site.client(domain).get("/.well-known/webfinger", params={"resource": resource})


# WebFinger

@pytest.mark.parametrize("resource", [
    "acct:ruru@kea.test", "acct:RURU@KEA.test", "acct:@ruru@kea.test", RURU,
    f"{KEA}/@ruru/", f"{KEA}/@ruru",
])
def test_webfinger_leads_to_the_actor(site, resource):
    answer = finger(site, resource)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/jrd+json")
    assert answer.headers["access-control-allow-origin"] == "*"
    document = answer.json()
    assert document["subject"] == "acct:ruru@kea.test"
    assert RURU in document["aliases"]
    links = {link["rel"]: link for link in document["links"]}
    assert (links["self"]["type"], links["self"]["href"]) == (ACTIVITY, RURU)
    page = links["http://webfinger.net/rel/profile-page"]
    assert page["type"] == "text/html" and site.get(page["href"]).status_code == 200
    assert "{uri}" in links["http://ostatus.org/schema/1.0/subscribe"]["template"]


@pytest.mark.parametrize("resource, domain", [
    ("acct:nobody@kea.test", "kea.test"),
    ("acct:ruru@moa.test", "kea.test"),
    ("acct:toroa@weka.test", "weka.test"),  # toroa lives on kea.test alone
    ("acct:toroa@kea.test", "weka.test"),
    (f"{KEA}/@toroa@kea.test/", "weka.test"),
    (f"{KEA}/@nobody@kea.test/", "kea.test"),
    ("https://moa.test/users/ruru", "kea.test"),
])
def test_webfinger_knows_nobody_else(site, resource, domain):
    answer = finger(site, resource, domain)
    assert answer.status_code == 404, answer.text
    assert answer.json()["code"] == "not_found" and "ruru@" not in answer.text.replace(resource, "")


def test_both_tenants_have_the_same_name_for_different_actors(site):
    ours, theirs = (finger(site, f"acct:ruru@{name}", name).json() for name in ("kea.test", "weka.test"))
    assert ours["links"][1]["href"] == RURU
    assert theirs["links"][1]["href"] == f"{WEKA}/@ruru@weka.test/"


@pytest.mark.parametrize("query", ["", "?resource=", "?rel=self", "?resource=acct:ruru",
                                   "?resource=acct:a%20b@kea.test",
                                   "?resource=acct:%ff@kea.test", "?resource=acct:@kea.test"])
def test_webfinger_without_a_usable_resource_is_a_bad_request(site, query):
    answer = site.get(f"{KEA}/.well-known/webfinger{query}")
    assert answer.status_code == 400 and answer.json()["code"] == "invalid", answer.text


def test_host_meta_leads_to_webfinger(site):
    for origin in (KEA, WEKA):
        answer = site.get(f"{origin}/.well-known/host-meta")
        assert answer.headers["content-type"].startswith("application/xrd+xml")
        [link] = xml.etree.ElementTree.fromstring(answer.text)
        assert link.get("template") == f"{origin}/.well-known/webfinger?resource={{uri}}"


# NodeInfo

def nodeinfo(site, origin, version="2.1"):
    links = {link["rel"]: link["href"] for link in site.get(f"{origin}/.well-known/nodeinfo").json()["links"]}
    href = links[f"http://nodeinfo.diaspora.software/ns/schema/{version}"]
    assert href.startswith(f"{origin}/")
    return site.get(href)


@pytest.mark.parametrize("version", ["2.0", "2.1"])
def test_nodeinfo_is_each_tenants_own(site, version):
    people = {}
    for origin in (KEA, WEKA):
        answer = nodeinfo(site, origin, version)
        assert f"ns/schema/{version}#" in answer.headers["content-type"]
        document = answer.json()
        assert document["version"] == version and document["protocols"] == ["activitypub"]
        assert document["software"]["name"] == "rookery" and document["openRegistrations"] is False
        assert document["services"] == {"inbound": [], "outbound": []}
        people[origin] = document["usage"]["users"]["total"]
    assert people == {KEA: 2, WEKA: 1}


def test_nodeinfo_of_another_version_is_not_there(site):
    assert site.get(f"{KEA}/nodeinfo/2.7").status_code == 404


# Actors

def test_an_actor_says_what_others_need(site):
    actor = site.object(RURU)
    assert "https://www.w3.org/ns/activitystreams" in actor["@context"]
    assert "https://w3id.org/security/v1" in actor["@context"]
    terms = actor["@context"][-1]
    for term in ("PropertyValue", "discoverable", "manuallyApprovesFollowers", "featured", "movedTo", "alsoKnownAs"):
        assert term in terms
    assert actor["id"] == RURU and actor["type"] == "Person"
    assert actor["preferredUsername"] == "ruru" and actor["manuallyApprovesFollowers"] is False
    for name in ("inbox", "outbox", "followers", "following", "featured"):
        assert actor[name].startswith(RURU)
    assert actor["endpoints"]["sharedInbox"] == f"{KEA}/inbox/"
    assert actor["alsoKnownAs"] == [] and actor["attachment"] == []
    assert actor["publicKey"]["id"] == f"{RURU}#main-key" and actor["publicKey"]["owner"] == RURU
    assert actor["publicKey"]["publicKeyPem"].startswith("-----BEGIN PUBLIC KEY-----")


def test_an_edited_profile_shows_in_the_document(site):
    toroa = Person(site, "toroa")
    toroa.do("/settings/profile/", name="Toroa <i>", bio="Flies <far> & wide https://example.org/",
             field_name_1="Home", field_value_1="the sea", locked="1", discoverable="1")
    actor = site.object(toroa.uri)
    assert actor["name"] == "Toroa <i>"
    assert "&lt;far&gt; &amp; wide" in actor["summary"] and 'href="https://example.org/"' in actor["summary"]
    assert actor["manuallyApprovesFollowers"] is True and actor["discoverable"] is True
    [field] = actor["attachment"]
    assert (field["type"], field["name"]) == ("PropertyValue", "Home") and "the sea" in field["value"]


def test_the_system_actor_of_each_tenant_is_not_its_outbox(site):
    for origin in (KEA, WEKA):
        for _ in range(2):
            actor, outbox = site.object(f"{origin}/actor/"), site.object(f"{origin}/actor/outbox/")
            assert actor["type"] == "Application" and actor["id"] == f"{origin}/actor/"
            assert outbox["type"] == "OrderedCollection" and outbox["id"] == f"{origin}/actor/outbox/"
            assert actor["outbox"] == outbox["id"]
            assert actor["publicKey"]["id"] == f"{origin}/actor/#main-key"
    assert site.object(f"{KEA}/actor/")["publicKey"]["publicKeyPem"] != \
        site.object(f"{WEKA}/actor/")["publicKey"]["publicKeyPem"]


# Collections

def add_follower(site, n, target):
    """A remote follower, straight into the database."""
    server = site.value("insert into servers (host, state_next_attempt) values (%s, now() + interval '1 day') "
                        "on conflict (host) do update set host = excluded.host returning id", "far.test")
    one = site.value("insert into identities (server_id, actor_uri, username, host, state_next_attempt) values "
                     "(%s, %s, %s, 'far.test', now() + interval '1 day') returning id", server, f"https://far.test/{n}",
                     f"far{n}")
    site.sql("insert into follows (source_id, target_id, target_domain_id, uri, state) select %s, i.id, i.domain_id, "
             "%s, 'accepted' from identities i where i.id = %s", one, f"https://far.test/{n}/follow", target.id)


@pytest.mark.parametrize("accept", [ACTIVITY, LD])
@pytest.mark.parametrize("name", ["followers", "following"])
def test_follow_collections_have_activitypub_types(site, ruru, name, accept):
    answer = site.get(f"{RURU}{name}/", headers={"Accept": accept})
    assert answer.headers["content-type"].startswith(ACTIVITY)
    assert answer.json()["type"] == "OrderedCollection" and answer.json()["id"] == f"{RURU}{name}/"


def test_followers_are_listed_by_pages_and_hidden_when_wished(site, ruru):
    for n in range(25):
        add_follower(site, n, ruru)
    site.sql("select identity_recount(%s)", ruru.id)
    collection = site.object(f"{RURU}followers/")
    assert collection["totalItems"] == 25
    page = site.object(collection["first"])
    assert page["type"] == "OrderedCollectionPage" and page["partOf"] == collection["id"]
    rest = site.object(page["next"])
    members = page["orderedItems"] + rest["orderedItems"]
    assert sorted(members) == sorted(f"https://far.test/{n}" for n in range(25)) and "next" not in rest

    site.sql("update identities set show_follows = false where id = %s", ruru.id)
    hidden = site.object(f"{RURU}followers/")
    assert hidden["totalItems"] == 25 and "first" not in hidden
    assert "far.test" not in site.get(f"{RURU}followers/?page=1", headers=AP).text
    site.sql("update identities set show_follows = true where id = %s", ruru.id)


def test_outbox_has_public_posts_in_their_activities(site, ruru):
    posts = {kind: ruru.write(f"a word for {kind}", kind) for kind in
             ("public", "unlisted", "followers", "mentioned", "local")}
    site.stator.drain()
    outbox = site.object(f"{RURU}outbox/")
    assert outbox["type"] == "OrderedCollection" and outbox["totalItems"] == 2
    page = site.object(outbox["first"])
    assert [item["object"]["id"] for item in page["orderedItems"]] == [
        posts["unlisted"]["object_uri"], posts["public"]["object_uri"]]
    public = page["orderedItems"][1]
    assert public["type"] == "Create" and public["actor"] == RURU
    assert public["to"] == [PUBLIC] and public["cc"] == [f"{RURU}followers/"]
    assert page["orderedItems"][0]["cc"] == [PUBLIC]


def test_featured_lists_pinned_posts(site, ruru):
    post = ruru.write("this one stays on top")
    site.sql("insert into interactions (kind, identity_id, post_id, domain_id, post_domain_id, uri, state) "
             "select 'pin', author_id, id, domain_id, domain_id, object_uri || '#pin', 'fanned_out' from posts "
             "where id = %s", post["id"])
    featured = site.object(site.object(RURU)["featured"])
    assert featured["type"] == "OrderedCollection" and featured["totalItems"] == 1
    assert featured["orderedItems"] == [post["object_uri"]]


def test_a_post_has_lists_and_the_full_public_uri(site, ruru):
    first = ruru.write("a #Lovely day")
    answer = ruru.write("indeed", in_reply_to=str(first["id"]))
    site.stator.drain()
    note = site.object(first["object_uri"])
    assert note["type"] == "Note" and note["attributedTo"] == RURU
    assert note["to"] == [PUBLIC] and note["cc"] == [f"{RURU}followers/"]
    assert note["attachment"] == [] and [tag["name"] for tag in note["tag"]] == ["#lovely"]
    replies = site.object(note["replies"]["id"])
    assert replies["totalItems"] == 1
    assert site.object(replies["first"])["items"] == [answer["object_uri"]]
    assert site.object(answer["object_uri"])["inReplyTo"] == first["object_uri"]


# Which representation

@pytest.mark.parametrize("accept, is_activity", [
    (ACTIVITY, True), (LD, True), ("application/json", True),
    (f"{ACTIVITY}, text/html;q=0.5", True),
    ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", False),
    ("text/html", False), ("*/*", False), (None, False),
    (f"text/html, {ACTIVITY};q=0.1", False),
])
def test_accept_chooses_and_vary_says_so(site, accept, is_activity):
    answer = site.get(RURU, headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(ACTIVITY if is_activity else "text/html")
    assert "accept" in answer.headers["vary"].lower()


def test_an_etag_spares_the_second_answer(site):
    first = site.get(RURU, headers=AP)
    again = site.get(RURU, headers={**AP, "If-None-Match": first.headers["etag"]})
    assert again.status_code == 304 and again.content == b"" and "accept" in again.headers["vary"].lower()
    assert site.get(RURU, headers={**AP, "If-None-Match": '"other"'}).status_code == 200


def test_head_is_get_without_a_body(site):
    head, whole = (site.request(method, RURU, headers=AP) for method in ("HEAD", "GET"))
    assert head.status_code == 200 and head.content == b""
    for name in ("content-type", "content-length", "etag", "vary"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.parametrize("path, there", [
    ("/@ruru@kea.test", "/@ruru@kea.test/"), ("/@ruru@kea.test/outbox?page=1", "/@ruru@kea.test/outbox/?page=1"),
    ("/actor", "/actor/"),
])
def test_who_leaves_out_the_last_slash_is_led_there(site, path, there):
    answer = site.get(KEA + path, headers=AP)
    assert answer.status_code == 301 and answer.headers["location"] == there


def test_a_post_without_the_slash_is_not_redirected(site):
    assert site.request("POST", f"{KEA}/inbox", content=b"{}").status_code == 404


# What is not there

@pytest.mark.parametrize("path", [
    "/@nobody@kea.test/", "/@ruru@weka.test/", "/@ruru@kea.test/posts/1/", "/@ruru@kea.test/posts/x/",
    "/@ruru@kea.test/posts/99999999999999999999999/", "/@toroa@kea.test/nothing/", "/@%ff@kea.test/",
    "/@nobody@kea.test/followers/", "/@__system__@kea.test/x/",
])
def test_nothing_is_404_in_json(site, path):
    answer = site.get(KEA + path, headers=AP)
    assert answer.status_code in (404, 400), answer.text
    assert answer.headers["content-type"].startswith("application/json") and "error" in answer.json()


def test_a_post_belongs_to_the_author_in_its_address(site, ruru):
    post = ruru.write("mine")
    assert site.get(f"{KEA}/@toroa@kea.test/posts/{post['id']}/", headers=AP).status_code == 404
    assert site.get(f"{WEKA}/@ruru@weka.test/posts/{post['id']}/", headers=AP).status_code == 404


def test_a_deleted_post_is_a_tombstone(site, ruru):
    post = ruru.write("soon gone")
    ruru.delete(post)
    for _ in range(2):
        answer = site.get(post["object_uri"], headers=AP)
        assert answer.status_code == 410 and answer.json()["type"] == "Tombstone"
        assert answer.json()["id"] == post["object_uri"] and "soon gone" not in answer.text
        assert site.get(post["object_uri"]).status_code == 410
        site.stator.drain()


@pytest.mark.parametrize("visibility", ["followers", "mentioned", "local"])
def test_a_private_post_is_not_there_before_and_after_it_is_deleted(site, ruru, visibility):
    post = ruru.write("a secret", visibility)
    assert site.get(post["object_uri"], headers=AP).status_code == 404
    ruru.delete(post)
    site.stator.drain()
    assert site.get(post["object_uri"], headers=AP).status_code == 404


def test_a_deleted_identity_is_gone_for_good(site):
    site.rookery("identity", "add", "moa@kea.test")
    uri = f"{KEA}/@moa@kea.test/"
    assert site.object(uri)["preferredUsername"] == "moa"
    site.rookery("identity", "delete", "moa@kea.test", "--yes")
    for _ in range(2):
        for path in ("", "outbox/", "followers/"):
            assert site.get(uri + path, headers=AP).status_code == 410
        answer = site.get(uri, headers=AP)
        assert answer.json().get("type") == "Tombstone" and answer.json()["id"] == uri
        assert finger(site, "acct:moa@kea.test").status_code == 410
        site.stator.drain()
    again = site.run("rookery", "identity", "add", "moa@kea.test")
    assert again.returncode == 4, again.stderr


@pytest.mark.parametrize("host", ["moa.test", "kea.test.moa.test", "127.0.0.1", "kea.test:8443", ""])
def test_an_unknown_host_is_misdirected(site, host):
    for path in ("/", "/.well-known/nodeinfo", "/@ruru@kea.test/", "/inbox/"):
        answer = site.request("GET", KEA + path, headers={**AP, "Host": host})
        assert answer.status_code in (421, 400), (path, answer.status_code)
        assert "kea" not in answer.text.replace(host, "") and "Kea" not in answer.text


@pytest.mark.parametrize("host", ["KEA.test", "kea.test:443"])
def test_a_host_in_other_letters_or_with_the_usual_port_is_the_same(site, host):
    assert site.request("GET", RURU, headers={**AP, "Host": host}).json()["id"] == RURU


def test_a_suspended_tenant_is_forbidden_and_never_gone(site, ruru):
    post = ruru.write("a word before the silence")
    site.rookery("domain", "suspend", "kea.test", "--reason=a test")
    addresses = [RURU, post["object_uri"], f"{KEA}/", f"{KEA}/.well-known/webfinger?resource=acct:ruru@kea.test",
                 f"{KEA}/.well-known/nodeinfo", f"{KEA}/actor/"]
    try:
        wait_for(lambda: site.get(RURU, headers=AP).status_code == 403, what="the suspension")
        for address in addresses:
            answer = site.get(address, headers=AP)
            assert answer.status_code == 403, (address, answer.status_code)
            assert "a test" not in answer.text
        assert site.request("POST", f"{KEA}/inbox/", content=b"{}").status_code == 403
        assert site.get(f"{WEKA}/@ruru@weka.test/", headers=AP).status_code == 200
    finally:
        site.rookery("domain", "resume", "kea.test")
    wait_for(lambda: site.get(RURU, headers=AP).status_code == 200, what="its end")


# Handles on one name, pages and actors on another

def test_a_split_domain_has_handles_on_one_name_and_actors_on_the_other(site, peers):
    site.rookery("domain", "add", "kiwi.test", "--service-name=tui.test", "--active")
    site.rookery("identity", "add", "pukeko@kiwi.test")
    wait_for(lambda: site.get("https://tui.test/.well-known/nodeinfo").status_code == 200, what="the new tenant")
    uri = "https://tui.test/@pukeko@kiwi.test/"
    for domain in ("kiwi.test", "tui.test"):
        for resource in ("acct:pukeko@kiwi.test", "acct:pukeko@tui.test", uri):
            document = finger(site, resource, domain).json()
            assert document["subject"] == "acct:pukeko@kiwi.test" and document["links"][1]["href"] == uri
        assert "https://tui.test/" in site.get(f"https://{domain}/.well-known/host-meta").text
    actor = site.object(uri)
    assert actor["id"] == uri and actor["inbox"] == f"{uri}inbox/"
    ana = peers("peer1.test", tls=True).actor("ana")
    assert ana.send(site, actor["endpoints"]["sharedInbox"], follow(ana, uri)).status_code == 202
    site.stator.drain()
    [accept] = ana.peer.inbox("Accept")
    assert accept.verify(site).key_id == f"{uri}#main-key" and accept.json["actor"] == uri
    assert finger(site, "acct:ruru@kea.test", "kiwi.test").status_code == 404

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Rows for stators to work on, made by SQL: what a test needs of the past costs it nothing."""

import itertools
import json

from . import activity

numbers = itertools.count(1)


def server(site, host):
    """The row of another server, which is not asked what it is."""
    return site.value("insert into servers (host, state, state_next_attempt) values "
                      "(%s, 'updated', now() + interval '1 day') on conflict (host) do update set host = excluded.host "
                      "returning id", host)


def identity(site, handle):
    """A local identity: id, domain_id, actor_uri."""
    name, _, host = handle.partition("@")
    [row] = site.sql("select i.id, i.domain_id, i.actor_uri from identities i join domains d on d.id = i.domain_id "
                     "where i.username = %s and d.name = %s", name, host)
    return row


def activities(site, count=1, handle="ruru@kea.test"):
    """Ids of new activities, each a Create of a small note, with the id that peers see in their uri."""
    actor = identity(site, handle)
    bodies = []
    for _ in range(count):
        note = activity.note(actor["actor_uri"], "hello")
        uri = f"{actor['actor_uri']}#create/{next(numbers)}"
        bodies.append((uri, json.dumps({**activity.create(actor["actor_uri"], note), "id": uri})))
    rows = site.sql("insert into activities (domain_id, identity_id, uri, type, body) "
                    "select %s, %s, uri, 'Create', body from unnest(%s::text[], %s::text[]) a (uri, body) "
                    "returning id", actor["domain_id"], actor["id"], [uri for uri, _ in bodies],
                    [body for _, body in bodies])
    return [row["id"] for row in rows]


def deliveries(site, inboxes, count=1, handle="ruru@kea.test"):
    """Ids of count deliveries to each inbox: (host, url) pairs or peers, whose shared inbox is meant."""
    actor = identity(site, handle)
    places = [(server(site, place[0]), place[1]) if isinstance(place, tuple)
              else (server(site, place.authority), f"{place.origin}/inbox") for place in inboxes]
    rows = site.sql("with given as (select %s::bigint as domain, %s::bigint[] as activities, %s::bigint[] as servers, "
                    "%s::text[] as urls) "
                    "insert into deliveries (domain_id, activity_id, server_id, inbox_uri, state_lane) "
                    "select domain, a, s, u, (s << 16) | (domain & 65535) from given, unnest(activities) a, "
                    "unnest(servers, urls) i (s, u) order by a returning id",
                    actor["domain_id"], activities(site, count, handle), [place[0] for place in places],
                    [place[1] for place in places])
    return [row["id"] for row in rows]


def remote(site, peer, name="ana"):
    """A remote identity as if it had been fetched; its id."""
    return site.value("insert into identities (server_id, actor_uri, username, host, inbox_uri, shared_inbox_uri, "
                      "state, state_next_attempt) values (%s, %s, %s, %s, %s, %s, 'updated', now() + interval '1 day') "
                      "returning id", server(site, peer.authority), f"{peer.origin}/users/{name}", name,
                      peer.authority, f"{peer.origin}/users/{name}/inbox", f"{peer.origin}/inbox")


def follow(site, source, handle):
    """A remote identity follows a local one."""
    target = identity(site, handle)
    site.sql("insert into follows (source_id, target_id, target_domain_id, uri, state) values "
             "(%s, %s, %s, %s, 'accepted')", source, target["id"], target["domain_id"], f"https://far.test/f/{source}")


def post(site, handle, count=1):
    """Ids of new posts that wait for their fan-out."""
    author = identity(site, handle)
    return [site.value("insert into posts (domain_id, author_id, object_uri, visibility, content, state, "
                       "state_lane) values (%s, %s, %s, 'public', 'hello', 'new', %s) returning id",
                       author["domain_id"], author["id"], f"{author['actor_uri']}posts/t{next(numbers)}/",
                       author["domain_id"]) for _ in range(count)]


def attached(site, handle, media_type="image/png", text="attached", description=""):
    """Id of a new post with a medium, made at once, so that no stator sees it without."""
    author = identity(site, handle)
    return site.value(
        "with made as (insert into posts (domain_id, author_id, object_uri, visibility, content, state, state_lane) "
        "values (%s, %s, %s, 'public', %s, 'new', %s) returning id, domain_id, author_id), "
        "a as (insert into attachments (post_id, domain_id, author_id, media_type, remote_url, description) "
        "select id, domain_id, author_id, %s, 'https://kea.test/medium', %s from made) select id from made",
        author["domain_id"], author["id"], f"{author['actor_uri']}posts/t{next(numbers)}/", text,
        author["domain_id"], media_type, description)


def old_post(site, handle, post_id, text="old", state="new"):
    """A post with an id of the past, published when that was minted."""
    author = identity(site, handle)
    site.sql(
        "insert into posts (id, domain_id, author_id, object_uri, visibility, content, state, state_lane, published) "
        "values (%s, %s, %s, %s, 'public', %s, %s, %s, to_timestamp(((%s::bigint >> 22) + 1641020400000) / 1000.0))",
        post_id, author["domain_id"], author["id"], f"{author['actor_uri']}posts/t{next(numbers)}/", text, state,
        author["domain_id"], post_id)


def astray(site):
    """Types with rows that stand in the lane of another tenant, where lanes are said to have rows of one alone: these
    would wait for that one."""
    types = site.sql("select name, relation, lane_tenant as bits, domain_expression as domain from stator_types "
                     "where lane_tenant is not null")
    return [one["name"] for one in types if site.value(
        "select count(*) from (select r.state_lane & {bits} as lane, {domain} as domain from {relation} r) r "
        "where lane <> (domain & {bits}) and lane in (select id & {bits} from domains)".format(**one))]

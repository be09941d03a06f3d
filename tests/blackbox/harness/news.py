# SPDX-License-Identifier: AGPL-3.0-or-later
"""Notifications and what they are about, made by SQL through the function that makes all of them; staff; and counting
what a page costs."""

import itertools
import re

from . import work

numbers = itertools.count(1)


def remote(site, name=None, host="far.test", **columns):
    """Id of a remote identity that was met a year ago; columns: others than the usual ones."""
    name = name or f"far{next(numbers)}"
    made = site.value(
        "insert into identities (server_id, actor_uri, username, host, inbox_uri, shared_inbox_uri, published, state, "
        "state_next_attempt) values (%s, %s, %s, %s, %s, %s, now() - interval '1 year', 'updated', "
        "now() + interval '1 day') returning id", work.server(site, host), f"https://{host}/users/{name}", name, host,
        f"https://{host}/users/{name}/inbox", f"https://{host}/inbox")
    for column, value in columns.items():
        site.sql(f"update identities set {column} = %s where id = %s", value, made)
    return made


def post(site, author, content="hello", visibility="public", **columns):
    """Id of a post that was fanned out long ago; author: a handle of ours, or a remote identity's id."""
    local = work.identity(site, author) if isinstance(author, str) else {"id": author, "domain_id": None}
    made = site.value(
        "insert into posts (domain_id, author_id, object_uri, visibility, content, state) values (%s, %s, %s, %s, %s, "
        "'fanned_out') returning id", local["domain_id"], local["id"], f"https://posts.test/{next(numbers)}",
        visibility, f"<p>{content}</p>")
    if visibility not in ("public", "unlisted") and not local["domain_id"]:
        site.sql("insert into post_audience (post_id, domain_id) select %s, id from domains", made)
    for column, value in columns.items():
        site.sql(f"update posts set {column} = %s where id = %s", value, made)
    return made


def mention(site, author, handle, visibility="public", **columns):
    """Id of a post that mentions somebody here, who is told of it."""
    made = post(site, author, "hello you", visibility, **columns)
    site.sql("insert into post_mentions (post_id, identity_id) values (%s, %s)", made,
             work.identity(site, handle)["id"])
    tell(site, handle, "mention", author, made)
    return made


def tell(site, handle, kind, actor, about=None, subject=None):
    """Id of the notification; None when somebody is not to be told. actor: an id, or a handle of ours."""
    whom = work.identity(site, handle)
    actor = work.identity(site, actor)["id"] if isinstance(actor, str) else actor
    site.sql("select set_config('rookery.domain', %s, false)", str(whom["domain_id"]))
    rows = site.sql("select id from notification_add(%s, %s, %s, %s, %s)", whom["id"], kind, actor, about, subject)
    return rows[0]["id"] if rows else None


def follow(site, source, target):
    """An accepted follow between two ids, old enough to count for everything."""
    site.sql("insert into follows (source_id, target_id, domain_id, target_domain_id, uri, state, created) select "
             "s.id, t.id, s.domain_id, t.domain_id, %s, 'accepted', now() - interval '1 year' from identities s, "
             "identities t where s.id = %s and t.id = %s", f"https://follows.test/{next(numbers)}", source, target)


def grant(site, email, domain, role="moderator"):
    """Makes somebody staff of a tenant."""
    site.sql("insert into staff_grants (user_id, domain_id, role) select u.id, d.id, %s from users u, domains d where "
             "u.email = %s and d.name = %s", role, email, domain)


def statements(site):
    text = site.admin().get("/metrics").text
    return int(re.search(r"^rookery_statements_total (\d+)$", text, re.M).group(1))


def cost(site, ask):
    """Statements that something costs."""
    before = statements(site)
    ask()
    return statements(site) - before

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tenants are kept apart by the database itself: what a role bound to one tenant can reach of
another is nothing, whatever the statement. These tests use the roles of the daemons and plain SQL."""

import re

import psycopg
import pytest

SCOPES = ("tenant", "edge", "audience", "neutral", "host")
OF_LOG_INS = ("users", "user_totps", "recovery_codes")
BOUND_ROLES = ("rookery_server", "rookery_stator")


def session(database, role):
    """A transaction at a time, rows as tuples."""
    connection = database.connect(role)
    connection.autocommit = False
    connection.row_factory = psycopg.rows.tuple_row
    return connection


@pytest.fixture
def world(furnished_database):
    """Two tenants with rows in every table that is theirs, made by the owner."""
    database = furnished_database
    owner = session(database, "rookery_owner")
    kea, weka = (owner.execute("select id from domains where name = %s", (name,)).fetchone()[0]
                 for name in ("kea.test", "weka.test"))
    people = {domain: owner.execute("select id, actor_uri from identities where domain_id = %s and not is_system "
                                    "order by id limit 1", (domain,)).fetchone() for domain in (kea, weka)}
    for domain, (identity, uri) in people.items():
        furnish(owner, domain, identity, uri)
    owner.commit()
    yield database, owner, kea, weka
    owner.close()


def furnish(owner, domain, identity, uri):
    """One row in each table of a tenant, private wherever something can be."""
    def run(statement, **values):
        return owner.execute(statement, {"domain": domain, "identity": identity, "uri": uri, **values})

    user = run("select user_id from identity_users where identity_id = %(identity)s").fetchone()[0]
    server = run("insert into servers (host) values (%(host)s) returning id", host=f"far{domain}.test").fetchone()[0]
    far = run("insert into identities (server_id, actor_uri, username, host, state) values "
              "(%(server)s, %(far)s, 'far', %(host)s, 'gone') returning id",
              server=server, far=f"https://far{domain}.test/a", host=f"far{domain}.test").fetchone()[0]
    post = run("insert into posts (domain_id, author_id, object_uri, visibility, content, state) values "
               "(%(domain)s, %(identity)s, %(uri)s || 'posts/secret/', 'followers', 'secret', 'fanned_out') "
               "returning id").fetchone()[0]
    private = run("insert into posts (author_id, object_uri, visibility, content, state) values "
                  "(%(far)s, %(at)s, 'mentioned', 'secret', 'fanned_out') returning id",
                  far=far, at=f"https://far{domain}.test/p").fetchone()[0]
    run("insert into post_audience (post_id, domain_id) values (%(private)s, %(domain)s)", private=private)
    for one in (post, private):
        run("insert into post_mentions (post_id, identity_id) values (%(one)s, %(far)s)", one=one, far=far)
        run("insert into attachments (post_id, domain_id, author_id) values (%(one)s, "
            "(select domain_id from posts where id = %(one)s), %(far)s)", one=one, far=far)
        tag = run("insert into hashtags (name, state) values (%(name)s, 'updated') returning id",
                  name=f"tag{domain}{one}").fetchone()[0]
        run("insert into post_hashtags (post_id, hashtag_id) values (%(one)s, %(tag)s)", one=one, tag=tag)
    run("insert into domain_settings (domain_id, key, value) values (%(domain)s, 'k', '1')")
    run("insert into staff_grants (user_id, domain_id, role) values (%(user)s, %(domain)s, 'owner')", user=user)
    run("insert into audit_log (domain_id, action, subject) values (%(domain)s, 'a.b', 's')")
    run("insert into server_limits (domain_id, host, severity) values (%(domain)s, 'bad.test', 'block')")
    run("insert into help_consents (domain_id, role, expires) values (%(domain)s, 'admin', now() + interval '1 hour')")
    run("insert into help_visits (domain_id, user_id, name) values (%(domain)s, %(user)s, 'n')", user=user)
    run("insert into invites (domain_id, token) values (%(domain)s, 't' || %(domain)s)")
    run("insert into sessions (domain_id, user_id, identity_id, token_hash, csrf_token, expires) values "
        "(%(domain)s, %(user)s, %(identity)s, %(hash)s, 'c', now() + interval '1 day')", user=user,
        hash=f"s{domain}".encode())
    run("insert into session_handoffs (domain_id, user_id, identity_id, token_hash, expires) values "
        "(%(domain)s, %(user)s, %(identity)s, %(hash)s, now() + interval '1 day')", user=user,
        hash=f"h{domain}".encode())
    application = run("insert into applications (domain_id, client_id, client_secret_hash, name, redirect_uris, "
                      "scopes) values (%(domain)s, 'c' || %(domain)s, '', 'n', '{}', '{}') returning id").fetchone()[0]
    token = run("insert into tokens (domain_id, application_id, token_hash, scopes) values "
                "(%(domain)s, %(application)s, %(hash)s, '{}') returning id", application=application,
                hash=f"t{domain}".encode()).fetchone()[0]
    run("insert into oauth_codes (code_hash, domain_id, application_id, user_id, identity_id, redirect_uri, scopes, "
        "expires) values (%(hash)s, %(domain)s, %(application)s, %(user)s, %(identity)s, 'x', '{}', now())",
        application=application, user=user, hash=f"c{domain}".encode())
    run("insert into rules (domain_id, text) values (%(domain)s, 'r' || %(domain)s)")
    run("insert into terms (domain_id, effective, text) values (%(domain)s, '2026-01-01', 't' || %(domain)s)")
    run("insert into follows (source_id, target_id, domain_id, uri, state) values "
        "(%(identity)s, %(far)s, %(domain)s, %(uri)s || 'follow/x', 'accepted')", far=far)
    run("insert into blocks (source_id, target_id, domain_id, uri, kind, state) values "
        "(%(identity)s, %(far)s, %(domain)s, %(uri)s || 'block/x', 'block', 'sent')", far=far)
    run("insert into interactions (kind, identity_id, post_id, domain_id, post_domain_id, uri, state) values "
        "('like', %(identity)s, %(post)s, %(domain)s, %(domain)s, %(uri)s || 'like/x', 'fanned_out')", post=post)
    run("insert into bookmarks (domain_id, identity_id, post_id) values (%(domain)s, %(identity)s, %(post)s)",
        post=post)
    run("insert into thread_mutes (domain_id, identity_id, thread_id) values (%(domain)s, %(identity)s, %(post)s)",
        post=post)
    run("insert into scheduled_posts (domain_id, identity_id, draft, due, state) values "
        "(%(domain)s, %(identity)s, '{}', now(), 'withdrawn')")
    brought = run("insert into imports (domain_id, identity_id, kind, overwrite, state) values "
                  "(%(domain)s, %(identity)s, 'blocks', false, 'done') returning id").fetchone()[0]
    run("insert into import_rows (domain_id, import_id, line, state) values (%(domain)s, %(brought)s, 'l', 'done')",
        brought=brought)
    run("insert into archives (domain_id, identity_id, state) values (%(domain)s, %(identity)s, 'ready')")
    run("insert into media_files (name, media_type, size) values (%(name)s, 'image/png', 1)",
        name=f"{domain + 4096:064x}.png")
    run("insert into import_files (import_id, domain_id, file) values (%(brought)s, %(domain)s, %(name)s)",
        brought=brought,
        name=f"{domain + 4096:064x}.png")
    run("insert into moves (domain_id, identity_id, target_id, state) values "
        "(%(domain)s, %(identity)s, %(far)s, 'moved')", far=far)
    run("insert into drafts (domain_id, identity_id, draft) values (%(domain)s, %(identity)s, '{}')")
    run("insert into idempotency_keys (domain_id, identity_id, key) values (%(domain)s, %(identity)s, 'k')")
    run("insert into form_submissions (domain_id, key) values (%(domain)s, 'k')")
    run("insert into polls (id, domain_id, options, votes, state) values "
        "(%(post)s, %(domain)s, '{a}', '{0}', 'closed')", post=post)
    run("insert into post_edits (post_id, domain_id, content, summary, sensitive, written) values "
        "(%(post)s, %(domain)s, 'secret', '', false, now())", post=post)
    run("insert into quotes (post_id, post_uri, author_id, domain_id, quoted_uri, state) values "
        "(%(post)s, %(uri)s || 'q', %(identity)s, %(domain)s, 'https://far.test/q', 'pending')", post=post)
    run("insert into home_timeline (identity_id, entry_id, post_id, domain_id) values "
        "(%(identity)s, %(post)s, %(post)s, %(domain)s)", post=post)
    run("insert into notifications (domain_id, identity_id, kind, actor_id) values "
        "(%(domain)s, %(identity)s, 'follow', %(far)s)", far=far)
    run("insert into identity_preferences (identity_id, domain_id) values (%(identity)s, %(domain)s)")
    made = run("insert into lists (domain_id, identity_id, title) values (%(domain)s, %(identity)s, 'l' || %(domain)s) "
               "returning id").fetchone()[0]
    run("insert into list_accounts (list_id, member_id, domain_id) values (%(made)s, %(far)s, %(domain)s)",
        made=made, far=far)
    run("insert into identity_notes (identity_id, target_id, domain_id, note) values "
        "(%(identity)s, %(far)s, %(domain)s, 'n')", far=far)
    run("insert into identity_domain_blocks (identity_id, domain_id, host) values (%(identity)s, %(domain)s, 'b.test')")
    run("insert into featured_tags (domain_id, identity_id, hashtag_id) values (%(domain)s, %(identity)s, %(tag)s)",
        tag=tag)
    run("insert into endorsements (domain_id, identity_id, target_id) values (%(domain)s, %(identity)s, %(far)s)",
        far=far)
    run("insert into markers (identity_id, timeline, domain_id, last_read_id) values "
        "(%(identity)s, 'home', %(domain)s, 1)")
    run("insert into suggestion_dismissals (identity_id, target_id, domain_id) values "
        "(%(identity)s, %(far)s, %(domain)s)", far=far)
    collection = run("insert into featured_collections (domain_id, identity_id, name) values "
                     "(%(domain)s, %(identity)s, 'c') returning id").fetchone()[0]
    run("insert into featured_collection_items (collection_id, owner_id, target_id, domain_id) values "
        "(%(collection)s, %(identity)s, %(far)s, %(domain)s)", collection=collection, far=far)
    run("insert into media_files (name, media_type, size) values (%(file)s, 'image/png', 1)", file=f"{domain:064x}.png")
    run("update attachments set file = %(file)s where post_id = %(post)s", file=f"{domain:064x}.png", post=post)
    run("insert into post_decisions (domain_id, post_id, kind) values (%(domain)s, %(private)s, 'held')",
        private=private)
    run("insert into policies (domain_id, title, action, unfollowed) values "
        "(%(domain)s, 'p' || %(domain)s, 'hold', true)")
    furnish_timelines(run, post)
    furnish_push(run, token, far)
    run("insert into interaction_defaults (domain_id, identity_id, visibility) values "
        "(%(domain)s, %(identity)s, 'public')")
    run("insert into consents (kind, actor_id, object_id, owner_id, owner_domain_id, uri, state) values "
        "('like', %(far)s, %(post)s, %(identity)s, %(domain)s, 'https://far.test/like/' || %(domain)s, 'accepted')",
        far=far, post=post)
    run("insert into notification_policies (domain_id, identity_id) values (%(domain)s, %(identity)s)")
    run("insert into notification_requests (domain_id, identity_id, actor_id) values "
        "(%(domain)s, %(identity)s, %(far)s)", far=far)
    run("insert into identity_limits (domain_id, identity_id) values (%(domain)s, %(far)s)", far=far)
    file = f"{domain:064x}.png"
    run("insert into media_files (name, media_type, size) values (%(file)s, 'image/png', 10) "
        "on conflict do nothing", file=file)
    run("insert into emojis (domain_id, shortcode, file, file_static, media_type) values "
        "(%(domain)s, 'kea', %(file)s, %(file)s, 'image/png')", file=file)
    run("insert into reports (domain_id, subject_id) values (%(domain)s, %(identity)s)")
    furnish_usage(run)
    furnish_mail(run, user, f"m{domain}".encode())
    furnish_moderation(run, far)
    furnish_factors(run, user)
    activity = run("insert into activities (domain_id, identity_id, uri, type, body) values "
                   "(%(domain)s, %(identity)s, %(uri)s || 'x', 'Create', '{}') returning id").fetchone()[0]
    run("insert into deliveries (domain_id, activity_id, server_id, inbox_uri, state) values "
        "(%(domain)s, %(activity)s, %(server)s, 'https://far.test/i', 'sent')", activity=activity, server=server)


def furnish_usage(run):
    run("insert into usage_members (domain_id, month, identity_id) values (%(domain)s, '2026-01-01', %(identity)s)")
    run("insert into usage_requests (domain_id, day) values (%(domain)s, '2026-01-01')")
    run("insert into usage_present (domain_id, month, members, posts, media_bytes, requests, waiting) values "
        "(%(domain)s, '2026-01-01', 1, 1, 1, 1, 1)")
    run("insert into usage_periods (domain_id, month, members, posts, media_bytes, requests) values "
        "(%(domain)s, '2026-01-01', 1, 1, 1, 1)")


def furnish_push(run, token, far):
    """A reader of streams, a push subscription and a push."""
    run("insert into stream_servers (name) values ('s') on conflict do nothing")
    run("insert into stream_readers (identity_id, server, domain_id) values (%(identity)s, 's', %(domain)s)")
    subscription = run("insert into push_subscriptions (domain_id, token_id, identity_id, endpoint, point, auth, "
                       "sealed_token) values (%(domain)s, %(token)s, %(identity)s, 'https://push.test/', %(point)s, "
                       "%(auth)s, '') returning id", token=token, point=bytes(65), auth=bytes(16)).fetchone()[0]
    notification = run("insert into notifications (domain_id, identity_id, kind, actor_id) values "
                       "(%(domain)s, %(identity)s, 'poll', %(far)s) returning id", far=far).fetchone()[0]
    run("insert into pushes (domain_id, subscription_id, notification_id, state) values "
        "(%(domain)s, %(subscription)s, %(notification)s, 'sent')", subscription=subscription,
        notification=notification)


def furnish_mail(run, user, token):
    """A letter, its link, a wish and a place."""
    run("insert into mails (domain_id, kind, user_id, address, message_key, state) values "
        "(%(domain)s, 'reset', %(user)s, 'a@example.org', 'k', 'sent')", user=user)
    run("insert into mail_links (domain_id, user_id, purpose, address, token_hash, expires) values "
        "(%(domain)s, %(user)s, 'reset', 'a@example.org', %(token)s, now())", user=user, token=token)
    run("insert into mail_wishes (user_id, domain_id) values (%(user)s, %(domain)s)", user=user)
    run("insert into log_in_places (user_id, place, domain_id) values (%(user)s, 'p', %(domain)s)", user=user)


def furnish_timelines(run, post):
    """What people read by."""
    made = run("insert into filters (domain_id, identity_id, title, contexts) values "
               "(%(domain)s, %(identity)s, 't', '{home}') returning id").fetchone()[0]
    run("insert into filter_keywords (domain_id, filter_id, keyword) values (%(domain)s, %(made)s, 'k')", made=made)
    run("insert into filter_statuses (domain_id, filter_id, post_id) values (%(domain)s, %(made)s, %(post)s)",
        made=made, post=post)
    tag = run("insert into hashtags (name, state) values ('read' || %(domain)s, 'updated') returning id").fetchone()[0]
    run("insert into followed_tags (domain_id, identity_id, hashtag_id) values (%(domain)s, %(identity)s, %(tag)s)",
        tag=tag)
    run("insert into hashtag_days (domain_id, hashtag_id, day, uses, accounts) values "
        "(%(domain)s, %(tag)s, now(), 1, 1)", tag=tag)
    run("insert into trends (domain_id, kind, target_id, score) values (%(domain)s, 'tag', %(tag)s, 2)", tag=tag)
    talk = run("insert into conversations (domain_id, identity_id, last_post_id, participants) values "
               "(%(domain)s, %(identity)s, %(post)s, '{}') returning id", post=post).fetchone()[0]
    run("insert into conversation_posts (domain_id, identity_id, post_id, conversation_id) values "
        "(%(domain)s, %(identity)s, %(post)s, %(talk)s)", post=post, talk=talk)
    run("insert into public_timeline (domain_id, channel, post_id) values (%(domain)s, 0, %(post)s)", post=post)
    link = run("insert into links (url) values ('https://far.test/' || %(domain)s) returning id").fetchone()[0]
    run("insert into post_links (post_id, link_id) values (%(post)s, %(link)s)", post=post, link=link)
    run("insert into post_search (post_id, document) values (%(post)s, 'secret')", post=post)


def furnish_moderation(run, far):
    announcement = run("insert into announcements (domain_id, source, content) values (%(domain)s, 's', 'c') "
                       "returning id").fetchone()[0]
    for table in ("announcement_dismissals (announcement_id, identity_id, domain_id) values (%(announcement)s, "
                  "%(identity)s, %(domain)s)", "announcement_reactions (announcement_id, identity_id, domain_id, name) "
                  "values (%(announcement)s, %(identity)s, %(domain)s, 'x')"):
        run(f"insert into {table}", announcement=announcement)
    warning = run("insert into warnings (domain_id, identity_id, action) values (%(domain)s, %(far)s, 'none') "
                  "returning id", far=far).fetchone()[0]
    run("insert into appeals (domain_id, warning_id, identity_id, text) values (%(domain)s, %(warning)s, "
        "%(identity)s, 't')", warning=warning)
    run("insert into warning_templates (domain_id, title, text) values (%(domain)s, 't', 't')")
    run("insert into case_events (domain_id, subject_id, kind) values (%(domain)s, %(far)s, 'note')", far=far)
    report = run("insert into reports (domain_id, subject_id, uri) values (%(domain)s, %(far)s, 'notice') returning id",
                 far=far).fetchone()[0]
    run("insert into notices (report_id, domain_id, name, email, address, law) values "
        "(%(report)s, %(domain)s, 'n', 'e', 'a', 'l')", report=report)
    run("insert into sign_up_addresses (identity_id, domain_id, address) values "
        "(%(identity)s, %(domain)s, '192.0.2.1')")
    held = run("insert into posts (domain_id, author_id, object_uri, visibility, content, state) values "
               "(%(domain)s, %(identity)s, %(uri)s || 'posts/held/', 'held', 'secret', 'held') "
               "returning id").fetchone()[0]
    run("insert into held_posts (post_id, domain_id, visibility) values (%(held)s, %(domain)s, 'public')", held=held)
    run("insert into severances (domain_id, identity_id, kind, target, followers, following) values "
        "(%(domain)s, %(identity)s, 'domain_block', 't', 1, 1)")
    run("insert into allowed_servers (domain_id, host) values (%(domain)s, 'good.test')")
    block = run("insert into email_domain_blocks (domain_id, host) values (%(domain)s, 'mail.test') "
                "returning id").fetchone()[0]
    run("insert into email_domain_block_days (domain_id, block_id, day, uses, addresses) values "
        "(%(domain)s, %(block)s, now(), 1, '{}')", block=block)
    run("insert into email_blocks (domain_id, hash) values (%(domain)s, repeat('a', 64))")
    run("insert into ip_blocks (domain_id, range, severity) values (%(domain)s, '10.0.0.0/8', 'no_access')")
    run("insert into tag_policies (domain_id, hashtag_id) select %(domain)s, min(id) from hashtags")
    hook = run("insert into webhooks (domain_id, url, events, secret) values "
               "(%(domain)s, 'https://hook.test/', '{}', '') returning id").fetchone()[0]
    run("insert into webhook_calls (domain_id, webhook_id, event, state) values (%(domain)s, %(hook)s, 'test', 'sent')",
        hook=hook)
    run("insert into rule_translations (rule_id, domain_id, language, text) "
        "select min(id), %(domain)s, 'mi', 't' from rules where domain_id = %(domain)s")
    run("insert into invite_uses (identity_id, invite_id, domain_id) "
        "select %(identity)s, min(id), %(domain)s from invites where domain_id = %(domain)s")
    run("insert into trend_reviews (domain_id, kind, target_id, allowed) values (%(domain)s, 'tag', 1, false)")


def furnish_factors(run, user):
    run("insert into user_totps (user_id, secret) values (%(user)s, 's') on conflict do nothing", user=user)
    run("insert into recovery_codes (user_id, code_hash) values (%(user)s, 'h') on conflict do nothing", user=user)
    run("insert into passkeys (domain_id, user_id, credential_id, algorithm, public_key, sign_count, name) values "
        "(%(domain)s, %(user)s, 'c', -7, 'k', 0, 'n')", user=user)
    run("insert into spent_challenges (domain_id, challenge, expires) values (%(domain)s, 'c', now())")
    run("insert into identity_invitations (identity_id, guest_id, domain_id, role, expires) values "
        "(%(identity)s, %(identity)s, %(domain)s, 'member', now())")


def scopes(owner):
    """Scope of each table, as its comment begins."""
    rows = owner.execute("select c.relname, coalesce(obj_description(c.oid), '') from pg_class c "
                         "where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'").fetchall()
    return {name: (re.match(r"\[(\w+)\]", comment) or [None, None])[1] for name, comment in rows}


def bind(connection, domain):
    connection.execute("select set_config('rookery.domain', %s, true)", (str(domain or ""),))


def test_every_table_and_column_has_a_comment(world):
    _, owner, _, _ = world
    assert {name: scope for name, scope in scopes(owner).items() if scope not in SCOPES} == {}
    bare = owner.execute("select c.relname || '.' || a.attname from pg_attribute a join pg_class c "
                         "on c.oid = a.attrelid where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' "
                         "and a.attnum > 0 and not a.attisdropped "
                         "and col_description(c.oid, a.attnum) is null").fetchall()
    assert bare == []


def test_tables_of_tenants_force_row_security(world):
    _, owner, _, _ = world
    guarded = {name for name, in owner.execute(
        "select relname from pg_class where relrowsecurity and relforcerowsecurity").fetchall()}
    wanted = {name for name, scope in scopes(owner).items() if scope in ("tenant", "edge", "audience")}
    assert wanted - guarded == set()


def test_every_table_with_a_domain_belongs_to_somebody(world):
    _, owner, _, _ = world
    with_domain = {name for name, in owner.execute(
        "select distinct c.relname from pg_attribute a join pg_class c on c.oid = a.attrelid where "
        "a.attname = 'domain_id' and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace").fetchall()}
    neutral = {name for name, scope in scopes(owner).items() if scope in ("neutral", "host")}
    assert with_domain & neutral == {"domain_names", "identities", "archive_imports", "archive_rows", "archive_media",
                                     "archive_ids", "stator_pauses"}


@pytest.mark.parametrize("role", BOUND_ROLES)
def test_nothing_of_another_tenant_is_read(world, role):
    """Every table of a tenant has a row of both; a bound role sees its own and none of the other's."""
    database, owner, kea, weka = world
    tables = sorted(name for name, scope in scopes(owner).items() if scope in ("tenant", "edge", "audience"))
    with session(database, role) as bound:
        for table in tables:
            if table in OF_LOG_INS and role == "rookery_stator":
                continue  # may not be read at all
            seen = {}
            for domain in (kea, weka, None):
                bind(bound, domain)
                seen[domain] = {row[0] for row in bound.execute(f"select {table}::text from {table}").fetchall()}
                bound.rollback()
            rows = {row[0] for row in owner.execute(f"select {table}::text from {table}").fetchall()}
            assert seen[None] == set(), table
            assert seen[kea] and seen[weka], table
            shared = seen[kea] & seen[weka]
            # A log-in with a home on both, and what hangs on it, is the one thing that both may see.
            assert shared == set() or table in OF_LOG_INS, table
            assert seen[kea] | seen[weka] <= rows, table


# What stays where it is when a tenant moves, docs/tenant-archive.md says why.
STAY = {"post_links", "recovery_codes", "oauth_codes", "sessions", "session_handoffs", "spent_challenges",
        "form_submissions", "idempotency_keys", "media_uses", "media_usage", "hashtag_days", "trends", "trend_reviews",
        "stream_readers", "pushes", "push_subscriptions", "log_in_places", "mails", "mail_links", "help_consents",
        "help_visits", "webhook_calls", "imports", "import_rows", "import_files", "archives",
        "post_decisions", "usage_members", "usage_periods", "usage_present", "usage_requests"}


def test_every_table_of_tenants_moves_or_stays(world):
    """A new table has to say what becomes of its rows when their tenant moves."""
    _, owner, _, _ = world
    theirs = {name for name, scope in scopes(owner).items() if scope in ("tenant", "edge", "audience")}
    moving = {name for name, in owner.execute("select distinct relation from archive_tables").fetchall()}
    assert moving & STAY == set()
    assert theirs - moving == STAY


def test_who_moves_a_tenant_sees_it_alone(world):
    """Whoever writes the archive reads nothing of another tenant, whatever the statement, and changes nothing."""
    database, owner, kea, weka = world
    granted = {name for name, in owner.execute(
        "select distinct table_name from information_schema.role_table_grants where grantee = 'rookery_mover' "
        "and privilege_type = 'SELECT'").fetchall()}
    scope = scopes(owner)
    open_to_all = {name for name in granted if scope[name] == "neutral"} - {"identities"}
    assert open_to_all == {"archive_tables", "domains", "domain_names", "media_files", "hashtags", "public_keys"}
    with session(database, "rookery_host") as bound:
        for table in sorted(granted - open_to_all - {name for name in granted if scope[name] == "host"}):
            seen = {}
            for domain in (kea, weka, None):
                bound.execute("set local role rookery_mover")
                bind(bound, domain)
                seen[domain] = {row[0] for row in bound.execute(f"select {table}::text from {table}").fetchall()}
                bound.rollback()
            assert seen[None] == set(), table
            assert seen[kea] and seen[weka], table
            assert seen[kea] & seen[weka] == set() or table in OF_LOG_INS, table
        for statement in ("update posts set content = 'x'", "delete from posts", "select * from host_settings",
                          "select * from push_keys", "update users set password = ''", "select * from sessions"):
            bound.execute("set local role rookery_mover")
            bind(bound, kea)
            try:
                assert bound.execute(statement).rowcount == 0, statement
            except psycopg.errors.InsufficientPrivilege:
                pass
            bound.rollback()
        bound.execute("set local role rookery_mover")
        bind(bound, kea)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bound.execute("insert into invites (domain_id, token) values (%s, 'mine')", (weka,))


@pytest.mark.parametrize("role", BOUND_ROLES)
def test_nothing_of_another_tenant_is_written(world, role):
    database, owner, kea, weka = world
    with session(database, role) as bound:
        for table in ("invites", "sessions", "home_timeline", "notifications", "identity_keys", "activities"):
            bind(bound, kea)
            changed = bound.execute(f"delete from {table} where domain_id = %s", (weka,)).rowcount
            assert changed == 0, table
            bound.rollback()
        bind(bound, kea)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bound.execute("insert into invites (domain_id, token) values (%s, 'mine')", (weka,))
        bound.rollback()
        bind(bound, kea)
        assert bound.execute("update identities set name = 'x' where domain_id = %s", (weka,)).rowcount == 0
        assert bound.execute("update posts set content = 'x' where domain_id = %s", (weka,)).rowcount == 0
        bound.rollback()


def test_unbound_roles_mint_nothing_for_a_tenant(world):
    database, _, kea, _ = world
    with session(database, "rookery_server") as bound:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bound.execute("insert into identities (domain_id, actor_uri, username) values "
                          "(%s, 'https://x/', 'x')", (kea,))


@pytest.mark.parametrize("statement", (
    "update domains set state = 'active'",
    "insert into domain_names (name, domain_id) values ('mine.test', 1)",
    "select * from stator_claim('post', 'me', -1, '{}', 10, 10, '1 minute')",
    "delete from audit_log",
    "delete from case_events",
    "update case_events set text = ''",
    "insert into host_settings (key, value) values ('k', '1')",
    "create table mine (id int)",
    "alter table posts disable row level security",
))
def test_the_server_may_not(world, statement):
    database, _, kea, _ = world
    with session(database, "rookery_server") as bound:
        bind(bound, kea)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            bound.execute(statement)


def test_graphs_and_partial_indexes_agree(world):
    """What stator_types calls automatic is what the indexes cover."""
    _, owner, _, _ = world
    for name, relation, automatic in owner.execute("select name, relation, automatic from stator_types").fetchall():
        definition = owner.execute("select indexdef from pg_indexes where indexname = %s",
                                   (relation + "_due",)).fetchone()
        assert definition, name
        assert set(re.findall(r"'(\w+)'::text", definition[0])) == set(automatic), name

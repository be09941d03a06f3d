-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Remote servers, identities and the relations between them; log-in sessions and applications.

create table servers (
    id bigint generated always as identity primary key,
    host text not null unique check (host = lower(host)),
    software text not null default '',
    version text not null default '',
    nodeinfo jsonb,
    signature_form text not null default 'cavage' check (signature_form in ('cavage', 'rfc9421')),
    failures integer not null default 0,
    retry_after timestamptz,
    last_success timestamptz,
    last_failure timestamptz,
    created timestamptz not null default now(),
    state text not null default 'outdated' check (state in ('outdated', 'updated', 'unreachable')),
    like state_row including defaults including comments
);
comment on table servers is '[neutral] Other servers of the fediverse, one row a host.';
comment on column servers.id is 'Id.';
comment on column servers.host is 'Host name in lower case, with :port when it is not the default.';
comment on column servers.software is 'What it runs, by its NodeInfo.';
comment on column servers.version is 'Version, by its NodeInfo.';
comment on column servers.nodeinfo is 'Its NodeInfo document.';
comment on column servers.signature_form is 'The form of HTTP signature that it accepted last.';
comment on column servers.failures is 'Exchanges that failed since the last success.';
comment on column servers.retry_after is 'Circuit breaker: nothing is sent before then; null: closed.';
comment on column servers.last_success is 'When an exchange last worked.';
comment on column servers.last_failure is 'When an exchange last failed.';
comment on column servers.created is 'When it was first heard of.';
create index servers_breaker on servers (retry_after) where retry_after is not null;

create table server_limits (
    id bigint generated always as identity primary key,
    domain_id bigint references domains (id) on delete cascade,
    host text not null check (host = lower(host)),
    severity text not null check (severity in ('limit', 'block')),
    reason text not null default '',
    created timestamptz not null default now(),
    unique nulls not distinct (domain_id, host)
);
comment on table server_limits is '[tenant] Servers that a tenant limits or blocks, subdomains included; rows without a domain are the host''s floor.';
comment on column server_limits.id is 'Id.';
comment on column server_limits.domain_id is 'The tenant; null: host floor, which no tenant may loosen.';
comment on column server_limits.host is 'Host name; its subdomains are meant as well.';
comment on column server_limits.severity is 'limit: not shown to those who do not follow; block: nothing goes in or out.';
comment on column server_limits.reason is 'Private note.';
comment on column server_limits.created is 'When it was set.';
create index server_limits_host on server_limits (host);

create table identities (
    id bigint primary key default snowflake(2),
    domain_id bigint references domains (id),
    server_id bigint references servers (id),
    actor_uri text not null unique check (length(actor_uri) <= 2048),
    actor_type text not null default 'Person'
        check (actor_type in ('Person', 'Service', 'Application', 'Group', 'Organization')),
    username text not null,
    username_key text not null generated always as (lower(username)) stored,
    host text,
    is_system boolean not null default false,
    name text not null default '',
    summary text not null default '',
    url text not null default '',
    inbox_uri text not null default '',
    shared_inbox_uri text not null default '',
    outbox_uri text not null default '',
    followers_uri text not null default '',
    following_uri text not null default '',
    featured_uri text not null default '',
    icon_uri text not null default '',
    image_uri text not null default '',
    fields jsonb not null default '[]',
    also_known_as text[] not null default '{}',
    moved_to_uri text not null default '',
    locked boolean not null default false,
    discoverable boolean not null default true,
    indexable boolean not null default false,
    show_follows boolean not null default true,
    followers_count bigint not null default 0,
    following_count bigint not null default 0,
    posts_count bigint not null default 0,
    published timestamptz,
    created timestamptz not null default now(),
    fetched timestamptz,
    edited timestamptz,
    deleted timestamptz,
    state text not null default 'outdated'
        check (state in ('outdated', 'updated', 'edited', 'deleted', 'gone', 'unreachable')),
    like state_row including defaults including comments,
    check (domain_id is null or server_id is null)
);
comment on table identities is '[neutral] Actors, local and remote: what they publish of themselves. Only its own tenant may write a local one.';
comment on column identities.id is 'Snowflake of kind 2.';
comment on column identities.domain_id is 'The tenant of a local identity; null: remote.';
comment on column identities.server_id is 'The server of a remote identity; null: local.';
comment on column identities.actor_uri is 'Its id in ActivityPub; permanent, stored whole, never parsed for a name.';
comment on column identities.actor_type is 'ActivityStreams actor type.';
comment on column identities.username is 'preferredUsername, case as given.';
comment on column identities.username_key is 'For look-up, in lower case.';
comment on column identities.host is 'Domain of the handle; null: not confirmed by WebFinger, or lost to another actor.';
comment on column identities.is_system is 'The tenant''s own actor, which signs its fetches.';
comment on column identities.name is 'Display name, plain text.';
comment on column identities.summary is 'Biography, sanitised HTML.';
comment on column identities.url is 'Page for people.';
comment on column identities.inbox_uri is 'Where activities for it go.';
comment on column identities.shared_inbox_uri is 'Inbox of its whole server; empty: none.';
comment on column identities.outbox_uri is 'Collection of its posts.';
comment on column identities.followers_uri is 'Collection of its followers; stands for them in to and cc.';
comment on column identities.following_uri is 'Collection of those it follows.';
comment on column identities.featured_uri is 'Collection of pinned posts.';
comment on column identities.icon_uri is 'Avatar as its server names it; empty: none.';
comment on column identities.image_uri is 'Banner as its server names it; empty: none.';
comment on column identities.fields is 'Profile fields, list of {name, value}; values are sanitised HTML.';
comment on column identities.also_known_as is 'Actor URIs that it says it is as well.';
comment on column identities.moved_to_uri is 'Where it moved to; empty: nowhere.';
comment on column identities.locked is 'Approves its followers by hand.';
comment on column identities.discoverable is 'Wants to be found in directories.';
comment on column identities.indexable is 'Wants its public posts in full-text search.';
comment on column identities.show_follows is 'Shows whom it follows and who follows it.';
comment on column identities.followers_count is 'Accepted followers: counted here for a local one, as told for a remote one.';
comment on column identities.following_count is 'Accepted follows, likewise.';
comment on column identities.posts_count is 'Posts, likewise.';
comment on column identities.published is 'When the account says it began.';
comment on column identities.created is 'When the row was made.';
comment on column identities.fetched is 'When the actor document was last fetched; null: never.';
comment on column identities.edited is 'When the profile of a local identity was last edited.';
comment on column identities.deleted is 'When it was deleted; the row stays, so that nobody takes the name again.';
create unique index identities_handle on identities (host, username_key) where host is not null;
create unique index identities_system on identities (domain_id) where is_system;
create index identities_domain on identities (domain_id) where domain_id is not null;
create index identities_server on identities (server_id) where server_id is not null;
create index identities_followers_uri on identities (followers_uri) where followers_uri <> '';

create table identity_keys (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id),
    identity_id bigint not null references identities (id),
    key_uri text not null unique,
    private_der bytea not null,
    created timestamptz not null default now(),
    retired timestamptz
);
comment on table identity_keys is '[tenant] Private keys of local identities.';
comment on column identity_keys.id is 'Id.';
comment on column identity_keys.domain_id is 'The tenant.';
comment on column identity_keys.identity_id is 'Whose key.';
comment on column identity_keys.key_uri is 'keyId in signatures.';
comment on column identity_keys.private_der is 'PKCS#8 DER.';
comment on column identity_keys.created is 'When it was made.';
comment on column identity_keys.retired is 'When it was replaced; null: in use.';
create unique index identity_keys_current on identity_keys (identity_id) where retired is null;

create table public_keys (
    key_uri text primary key,
    identity_id bigint not null references identities (id) on delete cascade,
    public_der bytea not null,
    fetched timestamptz not null default now()
);
comment on table public_keys is '[neutral] Public keys of all known actors, by the URI that signatures name.';
comment on column public_keys.key_uri is 'keyId.';
comment on column public_keys.identity_id is 'Whose key.';
comment on column public_keys.public_der is 'SubjectPublicKeyInfo DER.';
comment on column public_keys.fetched is 'When it was last seen in the actor document.';
create index public_keys_identity on public_keys (identity_id);

create table identity_users (
    identity_id bigint not null references identities (id),
    user_id bigint not null references users (id) on delete cascade,
    domain_id bigint not null references domains (id),
    created timestamptz not null default now(),
    primary key (identity_id, user_id)
);
comment on table identity_users is '[tenant] Which log-ins hold which identities; an identity may be shared.';
comment on column identity_users.identity_id is 'The identity.';
comment on column identity_users.user_id is 'A log-in that may act as it.';
comment on column identity_users.domain_id is 'The identity''s tenant.';
comment on column identity_users.created is 'Since when.';
create index identity_users_user on identity_users (user_id, domain_id);

create table invites (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    token text not null unique,
    note text not null default '',
    uses_left integer check (uses_left >= 0),
    expires timestamptz,
    created_by bigint references users (id) on delete set null,
    created timestamptz not null default now()
);
comment on table invites is '[tenant] Invitations to make an account.';
comment on column invites.id is 'Id.';
comment on column invites.domain_id is 'The tenant.';
comment on column invites.token is 'What the link carries.';
comment on column invites.note is 'For whom; private.';
comment on column invites.uses_left is 'How often it may still be used; null: without limit.';
comment on column invites.expires is 'When it ends; null: never.';
comment on column invites.created_by is 'Who made it; null: the operator.';
comment on column invites.created is 'When it was made.';
create index invites_domain on invites (domain_id);

create table sessions (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    user_id bigint not null references users (id) on delete cascade,
    identity_id bigint not null references identities (id),
    token_hash bytea not null unique,
    csrf_token text not null,
    user_agent text not null default '',
    address text not null default '',
    created timestamptz not null default now(),
    last_seen timestamptz not null default now(),
    expires timestamptz not null
);
comment on table sessions is '[tenant] Log-ins of browsers; deleting the row ends it.';
comment on column sessions.id is 'Id, for the owner''s list.';
comment on column sessions.domain_id is 'The tenant whose pages it is for.';
comment on column sessions.user_id is 'Who logged in.';
comment on column sessions.identity_id is 'Whom they act as now.';
comment on column sessions.token_hash is 'SHA-256 of the cookie.';
comment on column sessions.csrf_token is 'What every form has to carry.';
comment on column sessions.user_agent is 'Browser as it names itself, for the owner''s list.';
comment on column sessions.address is 'Network address at log-in, for the owner''s list.';
comment on column sessions.created is 'When it began.';
comment on column sessions.last_seen is 'Last use, to within some minutes.';
comment on column sessions.expires is 'When it ends by itself.';
create index sessions_user on sessions (user_id, domain_id);

create table session_handoffs (
    token_hash bytea primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    user_id bigint not null references users (id) on delete cascade,
    identity_id bigint not null references identities (id),
    expires timestamptz not null
);
comment on table session_handoffs is '[tenant] One-time tickets that carry a log-in to the pages of another tenant of the installation.';
comment on column session_handoffs.token_hash is 'SHA-256 of the ticket.';
comment on column session_handoffs.domain_id is 'The tenant that it leads to.';
comment on column session_handoffs.user_id is 'Who.';
comment on column session_handoffs.identity_id is 'Whom they will act as there.';
comment on column session_handoffs.expires is 'A minute after it was made.';

create table applications (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    client_id text not null unique,
    client_secret_hash bytea not null,
    name text not null,
    website text not null default '',
    redirect_uris text[] not null,
    scopes text[] not null,
    created timestamptz not null default now()
);
comment on table applications is '[tenant] Programs registered to use the client API.';
comment on column applications.id is 'Id.';
comment on column applications.domain_id is 'The tenant.';
comment on column applications.client_id is 'Public name of the client.';
comment on column applications.client_secret_hash is 'SHA-256 of its secret.';
comment on column applications.name is 'Name for people.';
comment on column applications.website is 'Its page; empty: none.';
comment on column applications.redirect_uris is 'Where codes may be sent; compared exactly.';
comment on column applications.scopes is 'What it may ask for at most.';
comment on column applications.created is 'When it was registered.';

create table tokens (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    application_id bigint not null references applications (id) on delete cascade,
    user_id bigint references users (id) on delete cascade,
    identity_id bigint references identities (id),
    token_hash bytea not null unique,
    scopes text[] not null,
    created timestamptz not null default now(),
    last_used timestamptz
);
comment on table tokens is '[tenant] Access tokens of the client API; deleting the row revokes.';
comment on column tokens.id is 'Id, for the owner''s list.';
comment on column tokens.domain_id is 'The tenant.';
comment on column tokens.application_id is 'The program that holds it.';
comment on column tokens.user_id is 'Who granted it; null: the program itself.';
comment on column tokens.identity_id is 'Whom it acts as; null: nobody.';
comment on column tokens.token_hash is 'SHA-256 of the token.';
comment on column tokens.scopes is 'What it may do.';
comment on column tokens.created is 'When it was granted.';
comment on column tokens.last_used is 'Last use, to within a day.';
create index tokens_identity on tokens (identity_id);

create table follows (
    id bigint primary key default snowflake(4),
    source_id bigint not null references identities (id),
    target_id bigint not null references identities (id),
    domain_id bigint references domains (id),
    target_domain_id bigint references domains (id),
    uri text not null unique,
    boosts boolean not null default true,
    created timestamptz not null default now(),
    state text not null default 'unrequested'
        check (state in ('unrequested', 'pending_approval', 'accepting', 'accepted', 'rejecting', 'undone', 'removed')),
    like state_row including defaults including comments,
    unique (source_id, target_id),
    check (source_id <> target_id)
);
comment on table follows is '[edge] Who follows whom.';
comment on column follows.id is 'Snowflake of kind 4.';
comment on column follows.source_id is 'The follower.';
comment on column follows.target_id is 'Who is followed.';
comment on column follows.domain_id is 'Tenant of a local follower.';
comment on column follows.target_domain_id is 'Tenant of a local target.';
comment on column follows.uri is 'Id of the Follow activity.';
comment on column follows.boosts is 'Wants the target''s boosts as well.';
comment on column follows.created is 'When it was asked for.';
create index follows_target on follows (target_id, state);

create table blocks (
    id bigint generated always as identity primary key,
    source_id bigint not null references identities (id),
    target_id bigint not null references identities (id),
    domain_id bigint references domains (id),
    target_domain_id bigint references domains (id),
    uri text not null unique,
    kind text not null check (kind in ('block', 'mute')),
    notifications boolean not null default true,
    expires timestamptz,
    created timestamptz not null default now(),
    state text not null default 'new' check (state in ('new', 'sent', 'expiring', 'undone', 'removed')),
    like state_row including defaults including comments,
    unique (source_id, target_id, kind),
    check (source_id <> target_id)
);
comment on table blocks is '[edge] Who blocks or mutes whom.';
comment on column blocks.id is 'Id.';
comment on column blocks.source_id is 'Who blocks.';
comment on column blocks.target_id is 'Who is blocked.';
comment on column blocks.domain_id is 'Tenant of a local source.';
comment on column blocks.target_domain_id is 'Tenant of a local target.';
comment on column blocks.uri is 'Id of the Block activity.';
comment on column blocks.kind is 'block: neither sees the other; mute: the source does not see the target.';
comment on column blocks.notifications is 'A mute hides notifications as well.';
comment on column blocks.expires is 'When a mute ends; null: never.';
comment on column blocks.created is 'When it was set.';
create index blocks_target on blocks (target_id);

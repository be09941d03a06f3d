-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Posts, what hangs on them, and what people see of them.

create type post_visibility as enum ('public', 'unlisted', 'followers', 'mentioned', 'local');
comment on type post_visibility is 'Whom a post is for; local: the members of its tenant only.';

create table posts (
    id bigint primary key default snowflake(0),
    domain_id bigint references domains (id),
    author_id bigint not null references identities (id),
    object_uri text not null unique check (length(object_uri) <= 2048),
    url text not null default '',
    type text not null default 'Note'
        check (type in ('Note', 'Article', 'Question', 'Page', 'Video', 'Image', 'Event', 'Audio')),
    visibility post_visibility not null,
    content text not null default '',
    source text not null default '',
    summary text not null default '',
    sensitive boolean not null default false,
    language text not null default '',
    in_reply_to_uri text not null default '',
    in_reply_to_id bigint,
    detail jsonb not null default '{}',
    replies_count bigint not null default 0,
    boosts_count bigint not null default 0,
    likes_count bigint not null default 0,
    published timestamptz not null default now(),
    edited timestamptz,
    created timestamptz not null default now(),
    deleted timestamptz,
    state text not null default 'new'
        check (state in ('new', 'fanned_out', 'edited', 'deleted', 'gone')),
    like state_row including defaults including comments
);
comment on table posts is '[audience] Posts, local and remote. Public and unlisted ones may be read by all tenants; others by their own and those in post_audience.';
comment on column posts.id is 'Snowflake of kind 0.';
comment on column posts.domain_id is 'The tenant of a local post; null: remote.';
comment on column posts.author_id is 'Who wrote it.';
comment on column posts.object_uri is 'Its id in ActivityPub.';
comment on column posts.url is 'Page for people.';
comment on column posts.type is 'ActivityStreams object type.';
comment on column posts.visibility is 'Whom it is for.';
comment on column posts.content is 'Sanitised HTML.';
comment on column posts.source is 'What a local author typed, plain text.';
comment on column posts.summary is 'Content warning, plain text; empty: none.';
comment on column posts.sensitive is 'Attachments are hidden until asked for.';
comment on column posts.language is 'BCP 47; empty: not said.';
comment on column posts.in_reply_to_uri is 'The parent''s id; empty: none.';
comment on column posts.in_reply_to_id is 'The parent, when it is here.';
comment on column posts.detail is 'What only its type has: poll, title, times of an event.';
comment on column posts.replies_count is 'Replies known here.';
comment on column posts.boosts_count is 'Boosts known here.';
comment on column posts.likes_count is 'Likes known here.';
comment on column posts.published is 'When its author published it.';
comment on column posts.edited is 'When it was last edited; null: never.';
comment on column posts.created is 'When the row was made.';
comment on column posts.deleted is 'When it was deleted: the row stays a while as a tombstone.';
create index posts_author on posts (author_id, id desc);
create index posts_in_reply_to on posts (in_reply_to_id) where in_reply_to_id is not null;
create index posts_in_reply_to_uri on posts (in_reply_to_uri)
    where in_reply_to_id is null and in_reply_to_uri <> '';
create index posts_local on posts (domain_id, id desc) where domain_id is not null;

create table post_audience (
    post_id bigint not null references posts (id) on delete cascade deferrable initially deferred,
    domain_id bigint not null references domains (id) on delete cascade,
    primary key (post_id, domain_id)
);
comment on table post_audience is '[tenant] Tenants that a post which is not public reached: by a follower or a mention there.';
comment on column post_audience.post_id is 'The post. Deferred: the row has to be there before the post can be read back.';
comment on column post_audience.domain_id is 'A tenant that may read it.';

create table post_mentions (
    post_id bigint not null references posts (id) on delete cascade,
    identity_id bigint not null references identities (id),
    primary key (post_id, identity_id)
);
comment on table post_mentions is '[audience] Who is mentioned in, or addressed by, a post.';
comment on column post_mentions.post_id is 'The post.';
comment on column post_mentions.identity_id is 'Who is mentioned.';
create index post_mentions_identity on post_mentions (identity_id, post_id desc);

create table hashtags (
    id bigint generated always as identity primary key,
    name text not null unique check (length(name) between 1 and 100),
    display text not null default '',
    posts_count bigint not null default 0,
    last_used timestamptz,
    created timestamptz not null default now(),
    state text not null default 'outdated' check (state in ('outdated', 'updated')),
    like state_row including defaults including comments
);
comment on table hashtags is '[neutral] Hashtags, one row a tag.';
comment on column hashtags.id is 'Id.';
comment on column hashtags.name is 'Without #, case-folded.';
comment on column hashtags.display is 'As first written.';
comment on column hashtags.posts_count is 'Public posts here that carry it.';
comment on column hashtags.last_used is 'Newest of these.';
comment on column hashtags.created is 'When it was first seen.';

create table post_hashtags (
    post_id bigint not null references posts (id) on delete cascade,
    hashtag_id bigint not null references hashtags (id),
    primary key (hashtag_id, post_id)
);
comment on table post_hashtags is '[audience] Hashtags of a post.';
comment on column post_hashtags.post_id is 'The post.';
comment on column post_hashtags.hashtag_id is 'The hashtag.';
create index post_hashtags_post on post_hashtags (post_id);

create table attachments (
    id bigint generated always as identity primary key,
    domain_id bigint references domains (id),
    post_id bigint references posts (id) on delete cascade,
    author_id bigint not null references identities (id),
    place integer not null default 0,
    media_type text not null default 'application/octet-stream',
    remote_url text not null default '',
    file text not null default '',
    thumbnail text not null default '',
    description text not null default '',
    width integer not null default 0,
    height integer not null default 0,
    focus_x double precision not null default 0,
    focus_y double precision not null default 0,
    blurhash text not null default '',
    created timestamptz not null default now()
);
comment on table attachments is '[audience] Media of posts. A local one without a post is its tenant''s.';
comment on column attachments.id is 'Id.';
comment on column attachments.domain_id is 'The tenant of a local one; null: remote.';
comment on column attachments.post_id is 'The post; null: uploaded and not used yet.';
comment on column attachments.author_id is 'Who attached it.';
comment on column attachments.place is 'Order within the post.';
comment on column attachments.media_type is 'Media type.';
comment on column attachments.remote_url is 'Where a remote one is.';
comment on column attachments.file is 'Where a local one is stored; empty: nowhere.';
comment on column attachments.thumbnail is 'Where its small form is stored; empty: none.';
comment on column attachments.description is 'Text for those who do not see it.';
comment on column attachments.width is 'Pixels; 0: unknown.';
comment on column attachments.height is 'Pixels; 0: unknown.';
comment on column attachments.focus_x is 'Focal point, -1 to 1.';
comment on column attachments.focus_y is 'Focal point, -1 to 1.';
comment on column attachments.blurhash is 'Placeholder; empty: none.';
comment on column attachments.created is 'When the row was made.';
create index attachments_post on attachments (post_id, place);

create table interactions (
    id bigint primary key default snowflake(1),
    kind text not null check (kind in ('like', 'boost', 'pin', 'vote')),
    identity_id bigint not null references identities (id),
    post_id bigint not null references posts (id) on delete cascade,
    domain_id bigint references domains (id),
    post_domain_id bigint references domains (id),
    uri text not null unique check (length(uri) <= 2048),
    value text not null default '',
    published timestamptz not null default now(),
    created timestamptz not null default now(),
    state text not null default 'new' check (state in ('new', 'fanned_out', 'undone', 'gone')),
    like state_row including defaults including comments,
    unique (identity_id, post_id, kind, value)
);
comment on table interactions is '[edge] Likes, boosts, pins and votes.';
comment on column interactions.id is 'Snowflake of kind 1.';
comment on column interactions.kind is 'like, boost, pin or vote.';
comment on column interactions.identity_id is 'Who.';
comment on column interactions.post_id is 'Which post.';
comment on column interactions.domain_id is 'Tenant of a local actor.';
comment on column interactions.post_domain_id is 'Tenant of a local post.';
comment on column interactions.uri is 'Id of the activity.';
comment on column interactions.value is 'A vote''s option; else empty.';
comment on column interactions.published is 'When it was done.';
comment on column interactions.created is 'When the row was made.';
create index interactions_post on interactions (post_id, kind);
create index interactions_identity on interactions (identity_id, kind, id desc);

create table home_timeline (
    identity_id bigint not null,
    entry_id bigint not null,
    post_id bigint not null references posts (id) on delete cascade,
    domain_id bigint not null,
    primary key (identity_id, entry_id)
);
comment on table home_timeline is '[tenant] What stands on whose home page; as narrow as can be, and without keys to what never goes: identities and tenants stay as tombstones.';
comment on column home_timeline.identity_id is 'Whose.';
comment on column home_timeline.entry_id is 'The post''s id, or that of the boost that brought it.';
comment on column home_timeline.post_id is 'The post.';
comment on column home_timeline.domain_id is 'The tenant.';
create index home_timeline_post on home_timeline (post_id, identity_id);

create table notifications (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    kind text not null check (kind in ('mention', 'follow', 'follow_request', 'like', 'boost', 'poll', 'edit', 'report')),
    actor_id bigint not null references identities (id),
    post_id bigint references posts (id) on delete cascade,
    created timestamptz not null default now(),
    seen boolean not null default false,
    unique nulls not distinct (identity_id, kind, actor_id, post_id)
);
comment on table notifications is '[tenant] What happened to an identity.';
comment on column notifications.id is 'Order of events.';
comment on column notifications.domain_id is 'The tenant.';
comment on column notifications.identity_id is 'Whom it tells.';
comment on column notifications.kind is 'What happened.';
comment on column notifications.actor_id is 'Who did it.';
comment on column notifications.post_id is 'To or with which post; null: none.';
comment on column notifications.created is 'When.';
comment on column notifications.seen is 'Was on a page since.';
create index notifications_owner on notifications (identity_id, id desc);
create index notifications_post on notifications (post_id) where post_id is not null;

create table reports (
    id bigint primary key default snowflake(3),
    domain_id bigint not null references domains (id) on delete cascade,
    uri text not null default '',
    source_id bigint references identities (id),
    subject_id bigint not null references identities (id),
    post_ids bigint[] not null default '{}',
    comment text not null default '',
    resolved timestamptz,
    created timestamptz not null default now(),
    unique (domain_id, uri, subject_id)
);
comment on table reports is '[tenant] Complaints about a tenant''s identities and posts.';
comment on column reports.id is 'Snowflake of kind 3.';
comment on column reports.domain_id is 'The tenant that has to deal with it.';
comment on column reports.uri is 'Id of the Flag activity.';
comment on column reports.source_id is 'Who complains; a server''s own actor when it hides who.';
comment on column reports.subject_id is 'About whom.';
comment on column reports.post_ids is 'About which posts.';
comment on column reports.comment is 'What they say, plain text.';
comment on column reports.resolved is 'When it was dealt with; null: open.';
comment on column reports.created is 'When it came.';

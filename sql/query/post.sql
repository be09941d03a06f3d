-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A post that the viewer (0: anybody) may read.
-- name: post_by_id :one post
select p.id, p.domain_id, p.author_id, p.object_uri, p.url, p.type, p.visibility, p.content, p.source, p.summary,
    p.sensitive, p.language, p.in_reply_to_uri, p.in_reply_to_id, p.detail, p.replies_count, p.boosts_count,
    p.likes_count, p.published, p.edited, p.created, p.deleted, p.state
from posts p
where p.id = :id
    and post_is_readable(p, :viewer);

-- The same by its URI.
-- name: post_by_uri :one post
select p.id, p.domain_id, p.author_id, p.object_uri, p.url, p.type, p.visibility, p.content, p.source, p.summary,
    p.sensitive, p.language, p.in_reply_to_uri, p.in_reply_to_id, p.detail, p.replies_count, p.boosts_count,
    p.likes_count, p.published, p.edited, p.created, p.deleted, p.state
from posts p
where p.object_uri = :uri
    and post_is_readable(p, :viewer);

-- Several posts that the viewer may read, in no order.
-- name: post_by_ids :many post
select p.id, p.domain_id, p.author_id, p.object_uri, p.url, p.type, p.visibility, p.content, p.source, p.summary,
    p.sensitive, p.language, p.in_reply_to_uri, p.in_reply_to_id, p.detail, p.replies_count, p.boosts_count,
    p.likes_count, p.published, p.edited, p.created, p.deleted, p.state
from posts p
where p.id = any (:ids)
    and post_is_readable(p, :viewer);

-- A post for its state machine, whoever may read it.
-- name: post_for_job :one post
select p.id, p.domain_id, p.author_id, p.object_uri, p.url, p.type, p.visibility, p.content, p.source, p.summary,
    p.sensitive, p.language, p.in_reply_to_uri, p.in_reply_to_id, p.detail, p.replies_count, p.boosts_count,
    p.likes_count, p.published, p.edited, p.created, p.deleted, p.state
from posts p
where p.id = :id;

-- A deleted post that everybody could read.
-- name: post_tombstone :one post_tombstone
select p.id, p.object_uri, p.type, p.deleted
from posts p
where (p.id = :id or p.object_uri = :uri)
    and p.deleted is not null
    and p.visibility in ('public', 'unlisted');

-- Whether a URI is stored, whoever may read it.
-- name: post_find :one post_found
select id as "id!", author_id as "author_id!", domain_id as "domain_id?", visibility as "visibility!", state as "state!"
from post_find(:uri);

-- A new id for a post.
-- name: post_mint :one post_id
select snowflake(0) as "id!";

-- Stores a local post of an identity.
-- name: post_write :exec
insert into posts (id, domain_id, author_id, object_uri, url, visibility, content, source, summary, sensitive, language,
    in_reply_to_uri, in_reply_to_id, state_lane)
select :id, i.domain_id, i.id, i.actor_uri || 'posts/' || :id::bigint || '/', i.url || 'posts/' || :id::bigint || '/',
    :visibility::text::post_visibility, :content, :source, :summary, :sensitive, :language, :in_reply_to_uri,
    :in_reply_to_id?, i.domain_id
from identities i
where i.id = :author_id;

-- Changes an own post.
-- name: post_rewrite :exec
update posts
set content = :content,
    source = :source,
    summary = :summary,
    sensitive = :sensitive,
    language = :language,
    edited = now(),
    state = 'edited',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and deleted is null;

-- Makes a tombstone of a post: what it said is gone at once.
-- name: post_bury :exec
update posts
set content = '',
    source = '',
    summary = '',
    detail = '{}',
    deleted = now(),
    state = 'deleted',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and deleted is null;

-- What hung on a deleted post.
-- name: post_strip :exec
with attached as (
    delete from attachments where post_id = :id
), mentioned as (
    delete from post_mentions where post_id = :id
)
delete from post_hashtags where post_id = :id;

-- Removes a post from the home pages and notifications of the present tenant.
-- name: post_unlist :exec
with told as (
    delete from notifications where post_id = :id
)
delete from home_timeline where post_id = :id;

-- Mentions of a post, exactly these.
-- name: post_set_mentions :exec
with gone as (
    delete from post_mentions where post_id = :id and identity_id <> all (:identity_ids)
)
insert into post_mentions (post_id, identity_id)
select :id, m.id
from unnest(:identity_ids::bigint[]) m (id)
on conflict do nothing;

-- The present tenant may read a post.
-- name: post_admit :exec
insert into post_audience (post_id, domain_id)
values (:id, :domain_id)
on conflict do nothing;

-- Mentions of several posts.
-- name: post_mentions :many post_mention
select m.post_id, m.identity_id
from post_mentions m
where m.post_id = any (:ids)
order by m.post_id, m.identity_id;

-- Authors of the parents of several posts.
-- name: post_parents :many post_parent
select p.id, parent.author_id
from posts p
join posts parent on parent.id = p.in_reply_to_id
where p.id = any (:ids);

-- Ids of the parents of a post, nearest first.
-- name: post_ancestors :many post_id
with recursive up as (
    select p.in_reply_to_id as id, 1 as depth
    from posts p
    where p.id = :id and p.in_reply_to_id is not null
    union all
    select p.in_reply_to_id, up.depth + 1
    from up
    join posts p on p.id = up.id
    where p.in_reply_to_id is not null and up.depth < :limit
)
select id as "id!" from up order by depth;

-- Ids of the replies below a post, each thread together.
-- name: post_descendants :many post_id
with recursive down as (
    select p.id, array[p.id] as path
    from posts p
    where p.in_reply_to_id = :id
    union all
    select p.id, down.path || p.id
    from down
    join posts p on p.in_reply_to_id = down.id
    where array_length(down.path, 1) < 20
)
select id as "id!" from down order by path limit :limit;

-- Public replies to a post, oldest first, for its collection.
-- name: post_replies :many post_uri
select p.id, p.object_uri
from posts p
where p.in_reply_to_id = :id
    and p.visibility in ('public', 'unlisted')
    and p.deleted is null
    and p.id > :min_id
order by p.id
limit :limit;

-- Replies that came before their parent.
-- name: post_adopt :exec
update posts
set in_reply_to_id = :id
where in_reply_to_uri = :uri
    and in_reply_to_uri <> ''
    and in_reply_to_id is null;

-- Tenants of local people whom a post mentions.
-- name: post_mention_domains :many domain_number
select distinct i.domain_id as "domain_id!"
from post_mentions m
join identities i on i.id = m.identity_id
where m.post_id = :id
    and i.domain_id is not null;

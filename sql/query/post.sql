-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A post that the viewer (0: anybody) may read.
-- name: post_by_id :one post
select p.id, p.domain_id, p.author_id, p.object_uri, p.url, p.type, p.visibility, p.content, p.source, p.summary,
    p.sensitive, p.language, p.in_reply_to_uri, p.in_reply_to_id, p.detail, p.replies_count, p.boosts_count,
    p.likes_count, p.published, p.edited, p.created, p.deleted, p.state, p.state_changed, p.application_id,
    coalesce(p.thread_id, p.id) as "thread_id!", p.quote_uri, p.quote_automatic, p.quote_manual, p.quotes_count,
    p.reactions_count, p.card_id
from posts p
where p.id = :id
    and post_is_readable(p, :viewer);

-- The same by its URI.
-- name: post_by_uri :one post
select p.id, p.domain_id, p.author_id, p.object_uri, p.url, p.type, p.visibility, p.content, p.source, p.summary,
    p.sensitive, p.language, p.in_reply_to_uri, p.in_reply_to_id, p.detail, p.replies_count, p.boosts_count,
    p.likes_count, p.published, p.edited, p.created, p.deleted, p.state, p.state_changed, p.application_id,
    coalesce(p.thread_id, p.id) as "thread_id!", p.quote_uri, p.quote_automatic, p.quote_manual, p.quotes_count,
    p.reactions_count, p.card_id
from posts p
where p.object_uri = :uri
    and post_is_readable(p, :viewer);

-- Several posts that the viewer may read, in no order.
-- name: post_by_ids :many post
select p.id, p.domain_id, p.author_id, p.object_uri, p.url, p.type, p.visibility, p.content, p.source, p.summary,
    p.sensitive, p.language, p.in_reply_to_uri, p.in_reply_to_id, p.detail, p.replies_count, p.boosts_count,
    p.likes_count, p.published, p.edited, p.created, p.deleted, p.state, p.state_changed, p.application_id,
    coalesce(p.thread_id, p.id) as "thread_id!", p.quote_uri, p.quote_automatic, p.quote_manual, p.quotes_count,
    p.reactions_count, p.card_id
from posts p
where p.id = any (array(select posts_readable(:ids, :viewer)));

-- A post for its state machine, whoever may read it.
-- name: post_for_job :one post
select p.id, p.domain_id, p.author_id, p.object_uri, p.url, p.type, p.visibility, p.content, p.source, p.summary,
    p.sensitive, p.language, p.in_reply_to_uri, p.in_reply_to_id, p.detail, p.replies_count, p.boosts_count,
    p.likes_count, p.published, p.edited, p.created, p.deleted, p.state, p.state_changed, p.application_id,
    coalesce(p.thread_id, p.id) as "thread_id!", p.quote_uri, p.quote_automatic, p.quote_manual, p.quotes_count,
    p.reactions_count, p.card_id
from posts p
where p.id = :id;

-- A deleted post that everybody could read.
-- name: post_tombstone :one post_tombstone
select p.id, p.object_uri, p.type, p.deleted
from posts p
where (p.id = :id or p.object_uri = :uri)
    and p.deleted is not null
    and p.state <> 'stub'
    and p.visibility in ('public', 'unlisted');

-- Whether a URI is stored, whoever may read it.
-- name: post_find :one post_found
select id as "id!", author_id as "author_id!", domain_id as "domain_id?", visibility as "visibility!", state as "state!",
    thread_id as "thread_id!"
from post_find(:uri);

-- A new id for a post.
-- name: post_mint :one post_id
select snowflake(0) as "id!";

-- The same for a local author, and whether that one moved to another account.
-- name: post_mint_of :one post_minted
select snowflake(0) as "id!",
    exists (select from identities i where i.id = :author_id and i.moved_to_uri <> '') as "moved!";

-- Stores a local post of an identity.
-- name: post_write :exec
with written as (
    insert into posts (id, domain_id, author_id, object_uri, url, type, visibility, content, source, summary, sensitive,
        language, in_reply_to_uri, in_reply_to_id, thread_id, application_id, quote_uri, quote_automatic, quote_manual,
        state, state_lane)
    select :id, i.domain_id, i.id, i.actor_uri || 'posts/' || :id::bigint || '/', i.url || 'posts/' || :id::bigint || '/',
        :type, case when l.held is not null or :held then 'held' else :visibility::text::post_visibility end, :content, :source,
        :summary, :sensitive, :language, :in_reply_to_uri, :in_reply_to_id?, :thread_id?, :application_id?, :quote_uri,
        :quote_automatic, :quote_manual, case when l.held is not null or :held then 'held' else 'new' end, i.domain_id
    from identities i
    left join identity_limits l on l.identity_id = i.id and l.domain_id = i.domain_id
    where i.id = :author_id
    returning id, domain_id, visibility
)
insert into held_posts (post_id, domain_id, visibility, policy_id)
select w.id, w.domain_id, :visibility::text::post_visibility, :policy_id?
from written w
where w.visibility = 'held';

-- What an identity may do with the quotations of a post: automatic, manual, denied or unknown, for several posts.
-- name: post_quotable :many post_quotable
select p.id,
    case
        when p.author_id = :viewer then
            case when p.visibility in ('public', 'unlisted', 'followers') then 'automatic' else 'denied' end
        when :viewer::bigint = 0 or p.visibility not in ('public', 'unlisted') then 'denied'
        when 'public' = any (p.quote_automatic)
            or ('followers' = any (p.quote_automatic) and k.follows)
            or ('following' = any (p.quote_automatic) and k.followed) then 'automatic'
        when 'public' = any (p.quote_manual)
            or ('followers' = any (p.quote_manual) and k.follows)
            or ('following' = any (p.quote_manual) and k.followed) then 'manual'
        when 'other' = any (p.quote_automatic || p.quote_manual) then 'unknown'
        else 'denied'
    end as "allowed!"
from posts p
cross join lateral (
    select
        exists (
            select from follows f
            where f.source_id = :viewer and f.target_id = p.author_id and f.state in ('accepting', 'accepted')) as follows,
        exists (
            select from follows f
            where f.source_id = p.author_id and f.target_id = :viewer and f.state in ('accepting', 'accepted')) as followed
) k
where p.id = any (:ids);

-- Changes who may quote an own post; other servers are told.
-- name: post_set_quote_policy :exec
update posts
set quote_automatic = :automatic,
    quote_manual = :manual,
    state = case when state = 'new' then 'new' else 'edited' end,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and deleted is null;

-- Tells other servers what an own post looks like now, though its author did not edit it.
-- name: post_republish :exec
update posts
set state = 'edited',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and domain_id is not null
    and deleted is null
    and consent = ''
    and state = 'fanned_out';

-- Keeps the present version of a post beside the one that comes.
-- name: post_keep_version :exec
insert into post_edits (post_id, domain_id, content, summary, sensitive, attachment_ids, options, written)
select p.id, p.domain_id, p.content, p.summary, p.sensitive,
    array(select a.id from attachments a where a.post_id = p.id order by a.place, a.id),
    coalesce((select o.options from polls o where o.id = p.id), '{}'), coalesce(p.edited, p.published)
from posts p
where p.id = :id;

-- Earlier versions of a post, oldest first.
-- name: post_versions :many post_version
select id, content, summary, sensitive, attachment_ids, options, written
from post_edits
where post_id = :id
order by id;

-- Programs that posts were written with.
-- name: post_applications :many post_application
select id, name, website
from applications
where id = any (:ids);

-- Changes an own post.
-- name: post_rewrite :exec
update posts
set type = :type,
    content = :content,
    source = :source,
    summary = :summary,
    sensitive = :sensitive,
    language = :language,
    quote_automatic = :quote_automatic,
    quote_manual = :quote_manual,
    edited = now(),
    state = case when visibility = 'held' then 'held' else 'edited' end,
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
), asked as (
    delete from polls where id = :id
), kept as (
    delete from post_edits where post_id = :id
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
    and p.consent = ''
    and p.deleted is null
    and p.id > :min_id
    and posts_put_away(array[p.id]) = '{}'
order by p.id
limit :limit;

-- Replies that came before their parent; their threads become its thread. One that was brought along from elsewhere
-- answers nobody here: no policy of the parent's author was asked.
-- name: post_adopt :exec
with adopted as (
    update posts
    set in_reply_to_id = :id
    where in_reply_to_uri = :uri
        and in_reply_to_uri <> ''
        and in_reply_to_id is null
        and imported_from = ''
    returning id
)
select post_thread_adopt(array_agg(a.id), :id)::text
from adopted a
having count(*) > 0;

-- Tenants of local people whom a post mentions.
-- name: post_mention_domains :many domain_number
select distinct i.domain_id as "domain_id!"
from post_mentions m
join identities i on i.id = m.identity_id
where m.post_id = :id
    and i.domain_id is not null;

-- The media of a post are uploads again.
-- name: post_release_media :exec
update attachments
set post_id = null,
    state = 'unattached',
    state_changed = now()
where post_id = :post_id
    and domain_id is not null;

-- Media that were kept for a post which is not to be are uploads again.
-- name: post_let_go_media :exec
update attachments
set state = 'unattached',
    state_changed = now()
where id = any (:ids)
    and author_id = :author_id
    and post_id is null
    and state = 'ready';

-- Media of versions of a post, as far as they are there still.
-- name: post_version_media :many attachment
select a.id, a.post_id, a.domain_id, a.media_type, a.remote_url, a.file, a.thumbnail, a.description, a.width, a.height,
    a.size, a.duration, a.thumbnail_width, a.thumbnail_height, a.focus_x, a.focus_y, a.blurhash, a.colour, a.state, a.source,
    a.failure
from attachments a
where a.id = any (:ids)
    and a.author_id = :author_id;

-- Changes what an own medium in a post says of itself; null keeps.
-- name: post_describe_media :exec
update attachments
set description = coalesce(:description?, description),
    focus_x = case when :has_focus then :focus_x else focus_x end,
    focus_y = case when :has_focus then :focus_y else focus_y end
where id = :id
    and author_id = :author_id;

-- Tenants of those who boosted or quoted a post, as far as the present one may know.
-- name: post_sharer_domains :many domain_number
select i.domain_id as "domain_id!"
from interactions i
where i.post_id = :id
    and i.kind = 'boost'
    and i.domain_id is not null
    and i.state in ('new', 'fanned_out')
union
select q.domain_id
from quotes q
where q.quoted_id = :id
    and q.domain_id is not null
    and q.state in ('accepting', 'accepted');

-- Where its author brought a post from.
-- name: post_origin :one post_origin
select imported_from
from posts
where id = :id;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- What the tenant counts of itself, for NodeInfo.
-- name: domain_usage :one domain_usage
select
    (select count(*) from identities i where i.domain_id = :domain_id and i.deleted is null and not i.is_system) as "users!",
    (select count(*) from (
        select s.user_id from sessions s where s.domain_id = :domain_id and s.last_seen > now() - interval '30 days'
        union
        select t.user_id from tokens t
        where t.domain_id = :domain_id and t.user_id is not null and t.last_used > now() - interval '30 days') m) as "active_month!",
    (select count(*) from (
        select s.user_id from sessions s where s.domain_id = :domain_id and s.last_seen > now() - interval '180 days'
        union
        select t.user_id from tokens t
        where t.domain_id = :domain_id and t.user_id is not null and t.last_used > now() - interval '180 days') h) as "active_half_year!",
    (select coalesce(sum(i.posts_count), 0)::bigint from identities i where i.domain_id = :domain_id and i.deleted is null) as "posts!";

-- Public posts of an identity for its outbox, newest first.
-- name: outbox_posts :many post_id
select p.id
from posts p
where p.author_id = :author_id
    and p.id < :max_id
    and p.visibility in ('public', 'unlisted')
    and p.consent = ''
    and p.deleted is null
order by p.id desc
limit :limit;

-- Actor URIs of accepted followers, newest first.
-- name: collection_followers :many collection_member
select f.id, i.actor_uri
from follows f
join identities i on i.id = f.source_id
where f.target_id = :identity_id
    and f.state in ('accepting', 'accepted')
    and f.id < :max_id
order by f.id desc
limit :limit;

-- Actor URIs of those whom an identity follows, newest first.
-- name: collection_following :many collection_member
select f.id, i.actor_uri
from follows f
join identities i on i.id = f.target_id
where f.source_id = :identity_id
    and f.state in ('accepting', 'accepted')
    and f.id < :max_id
order by f.id desc
limit :limit;

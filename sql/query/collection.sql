-- SPDX-License-Identifier: AGPL-3.0-or-later

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

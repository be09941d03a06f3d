-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Whom an identity follows, and how.
-- name: export_following :many export_follow
select i.username, coalesce(i.host, s.host, '') as "host!", f.boosts, f.notify, f.languages
from follows f
join identities i on i.id = f.target_id
left join servers s on s.id = i.server_id
where f.source_id = :identity_id
    and f.state in ('accepting', 'accepted')
order by f.id
limit :limit;

-- Who follows an identity.
-- name: export_followers :many export_handle
select i.username, coalesce(i.host, s.host, '') as "host!"
from follows f
join identities i on i.id = f.source_id
left join servers s on s.id = i.server_id
where f.target_id = :identity_id
    and f.state in ('accepting', 'accepted')
order by f.id
limit :limit;

-- Whom an identity blocks or mutes.
-- name: export_blocks :many export_block
select i.username, coalesce(i.host, s.host, '') as "host!", b.notifications
from blocks b
join identities i on i.id = b.target_id
left join servers s on s.id = i.server_id
where b.source_id = :identity_id
    and b.kind = :kind
    and b.state in ('new', 'sent', 'expiring')
order by b.id
limit :limit;

-- Who is on which list of an identity.
-- name: export_lists :many export_member
select l.title, i.username, coalesce(i.host, s.host, '') as "host!"
from lists l
join list_accounts a on a.list_id = l.id
join identities i on i.id = a.member_id
left join servers s on s.id = i.server_id
where l.identity_id = :identity_id
    and l.domain_id = :domain_id
order by l.id, i.username_key, i.id
limit :limit;

-- Domains that an identity blocks.
-- name: export_domains :many export_line
select host as line
from identity_domain_blocks
where identity_id = :identity_id
    and domain_id = :domain_id
order by id
limit :limit;

-- Addresses of the posts that an identity keeps.
-- name: export_bookmarks :many export_line
select p.object_uri as line
from bookmarks b
join posts p on p.id = b.post_id
where b.identity_id = :identity_id
    and b.domain_id = :domain_id
    and p.deleted is null
order by b.id
limit :limit;

-- How many of each there are.
-- name: export_counts :one export_counts
select
    (select count(*) from follows where source_id = :identity_id and state in ('accepting', 'accepted')) as "following!",
    (select count(*) from follows where target_id = :identity_id and state in ('accepting', 'accepted')) as "followers!",
    (select count(*) from lists where identity_id = :identity_id) as "lists!",
    (select count(*) from blocks where source_id = :identity_id and kind = 'block' and state in ('new', 'sent', 'expiring'))
        as "blocks!",
    (select count(*) from blocks where source_id = :identity_id and kind = 'mute' and state in ('new', 'sent', 'expiring'))
        as "mutes!",
    (select count(*) from identity_domain_blocks where identity_id = :identity_id) as "domain_blocks!",
    (select count(*) from bookmarks where identity_id = :identity_id) as "bookmarks!",
    (select count(*) from filters where identity_id = :identity_id) as "filters!";

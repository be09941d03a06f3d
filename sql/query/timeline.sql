-- SPDX-License-Identifier: AGPL-3.0-or-later

-- The home page of an identity, newest first.
-- name: timeline_home :many timeline
select h.entry_id, h.post_id, b.identity_id as "booster_id?"
from home_timeline h
join posts p on p.id = h.post_id
left join interactions b on b.id = h.entry_id and h.entry_id <> h.post_id
where h.identity_id = :identity_id
    and h.entry_id < :max_id
    and h.entry_id > :since_id
    and p.deleted is null
    and not identity_is_hidden(:identity_id, p.author_id)
order by h.entry_id desc
limit :limit;

-- Top-level posts of the present tenant's identities, newest first.
-- name: timeline_local :many timeline
select p.id as entry_id, p.id as post_id, null::bigint as "booster_id?"
from posts p
where p.domain_id = :domain_id
    and p.id < :max_id
    and p.id > :since_id
    and p.visibility in ('public', 'local')
    and p.in_reply_to_uri = ''
    and post_is_readable(p, :viewer)
    and not identity_is_hidden(:viewer, p.author_id)
order by p.id desc
limit :limit;

-- Posts and boosts of one identity, newest first.
-- name: timeline_author :many timeline
select entry_id as "entry_id!", post_id as "post_id!", booster_id as "booster_id?"
from (
    (select p.id as entry_id, p.id as post_id, null::bigint as booster_id
     from posts p
     where p.author_id = :author_id
        and p.id < :max_id
        and p.id > :since_id
        and (:with_replies or p.in_reply_to_uri = '')
        and post_is_readable(p, :viewer)
     order by p.id desc
     limit :limit)
    union all
    (select i.id, i.post_id, i.identity_id
     from interactions i
     join posts p on p.id = i.post_id
     where i.identity_id = :author_id
        and i.kind = 'boost'
        and i.state in ('new', 'fanned_out')
        and i.id < :max_id
        and i.id > :since_id
        and post_is_readable(p, :viewer)
     order by i.id desc
     limit :limit)
) both_kinds
order by entry_id desc
limit :limit;

-- Pinned posts of an identity, last pinned first.
-- name: timeline_pinned :many timeline
select p.id as entry_id, p.id as post_id, null::bigint as "booster_id?"
from interactions i
join posts p on p.id = i.post_id
where i.identity_id = :author_id
    and i.kind = 'pin'
    and i.state in ('new', 'fanned_out')
    and post_is_readable(p, :viewer)
order by i.id desc
limit 10;

-- Public posts with a hashtag, newest first.
-- name: timeline_hashtag :many timeline
select p.id as entry_id, p.id as post_id, null::bigint as "booster_id?"
from hashtags h
join post_hashtags ph on ph.hashtag_id = h.id
join posts p on p.id = ph.post_id
where h.name = :name
    and ph.post_id < :max_id
    and ph.post_id > :since_id
    and p.visibility = 'public'
    and post_is_readable(p, :viewer)
    and not identity_is_hidden(:viewer, p.author_id)
order by ph.post_id desc
limit :limit;

-- Puts a post on the home pages of its author's followers on the present tenant. A reply only where the follower
-- knows whom it answers.
-- name: timeline_add_post :exec
insert into home_timeline (identity_id, entry_id, post_id, domain_id)
select f.source_id, p.id, p.id, f.domain_id
from posts p
join follows f on f.target_id = p.author_id
left join posts parent on parent.id = p.in_reply_to_id
where p.id = :post_id
    and f.domain_id = :domain_id
    and f.state in ('accepting', 'accepted')
    and (p.visibility in ('public', 'unlisted', 'followers')
        or (p.visibility = 'local' and p.domain_id = f.domain_id)
        or exists (select from post_mentions m where m.post_id = p.id and m.identity_id = f.source_id))
    and (p.in_reply_to_uri = ''
        or parent.author_id = p.author_id
        or parent.author_id = f.source_id
        or exists (
            select from follows k
            where k.source_id = f.source_id and k.target_id = parent.author_id and k.state in ('accepting', 'accepted')))
    and (f.languages = '{}' or p.language = '' or split_part(p.language, '-', 1) = any (f.languages))
    and not identity_is_off_home(f.source_id, p.author_id)
    and not identity_is_hidden(f.source_id, p.author_id)
on conflict do nothing;

-- Puts a post on its author's own home page.
-- name: timeline_add_own :exec
insert into home_timeline (identity_id, entry_id, post_id, domain_id)
values (:identity_id, :post_id, :post_id, :domain_id)
on conflict do nothing;

-- Puts a boost on the home pages of the booster's followers on the present tenant, unless the post is there already.
-- name: timeline_add_boost :exec
insert into home_timeline (identity_id, entry_id, post_id, domain_id)
select f.source_id, :interaction_id, p.id, f.domain_id
from posts p
join follows f on f.target_id = :booster_id
where p.id = :post_id
    and f.domain_id = :domain_id
    and f.state in ('accepting', 'accepted')
    and f.boosts
    and (f.languages = '{}' or p.language = '' or split_part(p.language, '-', 1) = any (f.languages))
    and not identity_is_off_home(f.source_id, :booster_id)
    and post_is_readable(p, f.source_id)
    and not identity_is_hidden(f.source_id, p.author_id)
    and not exists (select from home_timeline h where h.post_id = p.id and h.identity_id = f.source_id)
on conflict do nothing;

-- Takes a boost off the home pages of the present tenant.
-- name: timeline_remove_boost :exec
delete from home_timeline
where post_id = :post_id
    and entry_id = :interaction_id;

-- The newest posts of somebody just followed.
-- name: timeline_fill :exec
insert into home_timeline (identity_id, entry_id, post_id, domain_id)
select i.id, p.id, p.id, i.domain_id
from identities i
cross join lateral (
    select p.id
    from posts p
    where p.author_id = :author_id
        and p.in_reply_to_uri = ''
        and post_is_readable(p, i.id)
    order by p.id desc
    limit 20
) p
where i.id = :identity_id
    and not identity_is_off_home(:identity_id, :author_id)
on conflict do nothing;

-- Takes posts and boosts of an author off somebody's home page.
-- name: timeline_clear :exec
delete from home_timeline h
using posts p
where h.identity_id = :identity_id
    and p.id = h.post_id
    and (p.author_id = :author_id
        or exists (select from interactions b where b.id = h.entry_id and b.identity_id = :author_id));

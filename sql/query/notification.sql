-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Tells an identity once, as its policy, its blocks and mutes and the tenant's staff want it. No row: it is not told.
-- name: notification_add :one notification_told
select id as "id!", filtered as "filtered!"
from notification_add(:identity_id, :kind, :actor_id, nullif(:post_id::bigint, 0), nullif(:subject_id::bigint, 0));

-- Tells those of the present tenant who asked to be told of an author's new posts; how many of them.
-- name: notification_tell_new :one told_people
select count(n.id) as "n!"
from posts p
join follows f on f.target_id = p.author_id
cross join lateral notification_add(f.source_id, 'status', p.author_id, p.id, null) n
where p.id = :post_id
    and f.domain_id = :domain_id
    and f.notify
    and f.state in ('accepting', 'accepted')
    and p.in_reply_to_uri = ''
    and post_is_readable(p, f.source_id)
    and not exists (select from post_mentions m where m.post_id = p.id and m.identity_id = f.source_id);

-- Tells those of the present tenant who boosted or quoted a post that it was edited; how many of them.
-- name: notification_tell_edited :one told_people
select count(n.id) as "n!"
from posts p
cross join lateral (
    select i.identity_id, 'edit' as kind
    from interactions i
    where i.post_id = p.id
        and i.kind = 'boost'
        and i.state in ('new', 'fanned_out')
        and i.domain_id = :domain_id
    union
    select q.author_id, 'quoted_edit'
    from quotes x
    join posts q on q.id = x.post_id
    where x.quoted_id = p.id
        and x.state = 'accepted'
        and q.domain_id = :domain_id
) t
cross join lateral notification_add(t.identity_id, t.kind, p.author_id, p.id, null) n
where p.id = :post_id
    and post_is_readable(p, t.identity_id);

-- Takes a notification back.
-- name: notification_remove :exec
delete from notifications
where identity_id = :identity_id
    and kind = :kind
    and actor_id = :actor_id
    and post_id is not distinct from nullif(:post_id::bigint, 0);

-- Of an identity, between two ids. No kinds: all but some. Without an actor: of all.
-- name: notification_list :many notification both
select id, kind, actor_id, post_id, subject_id, group_key, created, seen, filtered
from notifications
where identity_id = :identity_id
    and id < :max_id
    and id > :min_id
    and (:all_kinds or kind = any (:kinds))
    and kind <> all (:without)
    and (:actor_id::bigint = 0 or actor_id = :actor_id)
    and (:with_filtered or not filtered)
order by id desc
limit :limit;

-- One of an identity.
-- name: notification_by_id :one notification
select id, kind, actor_id, post_id, subject_id, group_key, created, seen, filtered
from notifications
where identity_id = :identity_id
    and id = :id;

-- The newest groups of an identity, or, upward, those next to the lower id. Kinds that are not to be grouped stand alone.
-- A group is counted as a whole; its page's ids are those between the page's ends.
-- name: notification_groups :many notification_group
with recursive walk as (
    (select *
     from (
        (select n.id, n.kind, n.post_id, n.subject_id, n.created,
            case when n.group_key <> '' and n.kind = any (:grouped::text[]) then n.group_key
                else 'ungrouped-' || n.id end as key
         from notifications n
         where not :upward
            and n.identity_id = :identity_id
            and n.id < :max_id
            and n.id > :min_id
            and (:all_kinds or n.kind = any (:kinds))
            and n.kind <> all (:without)
            and (:actor_id::bigint = 0 or n.actor_id = :actor_id)
            and (:with_filtered or not n.filtered)
         order by n.id desc
         limit 1)
        union all
        (select n.id, n.kind, n.post_id, n.subject_id, n.created,
            case when n.group_key <> '' and n.kind = any (:grouped) then n.group_key
                else 'ungrouped-' || n.id end
         from notifications n
         where :upward
            and n.identity_id = :identity_id
            and n.id < :max_id
            and n.id > :min_id
            and (:all_kinds or n.kind = any (:kinds))
            and n.kind <> all (:without)
            and (:actor_id::bigint = 0 or n.actor_id = :actor_id)
            and (:with_filtered or not n.filtered)
         order by n.id
         limit 1)
     ) first cross join lateral (select array[first.key] as keys, 1 as place) start)
    union all
    select next.id, next.kind, next.post_id, next.subject_id, next.created, next.key, walk.keys || next.key, walk.place + 1
    from walk cross join lateral (
        (select n.id, n.kind, n.post_id, n.subject_id, n.created, k.key
         from notifications n
         cross join lateral (
            select case when n.group_key <> '' and n.kind = any (:grouped) then n.group_key
                else 'ungrouped-' || n.id end as key) k
         where not :upward
            and n.identity_id = :identity_id
            and n.id < walk.id
            and n.id > :min_id
            and (:all_kinds or n.kind = any (:kinds))
            and n.kind <> all (:without)
            and (:actor_id::bigint = 0 or n.actor_id = :actor_id)
            and (:with_filtered or not n.filtered)
            and k.key <> all (walk.keys)
         order by n.id desc
         limit 1)
        union all
        (select n.id, n.kind, n.post_id, n.subject_id, n.created, k.key
         from notifications n
         cross join lateral (
            select case when n.group_key <> '' and n.kind = any (:grouped) then n.group_key
                else 'ungrouped-' || n.id end as key) k
         where :upward
            and n.identity_id = :identity_id
            and n.id > walk.id
            and n.id < :max_id
            and (:all_kinds or n.kind = any (:kinds))
            and n.kind <> all (:without)
            and (:actor_id::bigint = 0 or n.actor_id = :actor_id)
            and (:with_filtered or not n.filtered)
            and k.key <> all (walk.keys)
         order by n.id
         limit 1)
    ) next
    where walk.place < :limit
), page as (
    select case when :upward or count(*) < :limit then :min_id::bigint + 1 else min(w.id) end as lowest,
        case when :upward then max(w.id) else :max_id::bigint - 1 end as highest
    from walk w
)
select w.key as "key!", w.kind as "kind!", w.post_id, w.subject_id, w.id as "id!",
    case when g.n > 0 then g.n else 1 end as "n!",
    coalesce(g.newest, w.id) as "newest!",
    coalesce(g.page_min, w.id) as "page_min!",
    coalesce(g.page_max, w.id) as "page_max!",
    coalesce(g.latest, w.created) as "latest!",
    coalesce(g.actors, array(select o.actor_id from notifications o where o.id = w.id)) as "actors!"
from walk w
cross join page p
cross join lateral (
    select count(*) as n, max(m.id) as newest,
        min(m.id) filter (where m.id >= p.lowest) as page_min,
        max(m.id) filter (where m.id <= p.highest) as page_max,
        max(m.created) filter (where m.id <= p.highest) as latest,
        (array_agg(m.actor_id order by m.id desc))[1:8] as actors
    from notifications m
    where m.identity_id = :identity_id
        and m.group_key = w.key
        and m.group_key <> ''
        and not m.filtered
) g
order by "page_max!" desc;

-- One group of an identity, with the newest of its members; a key that stands alone is that of one id.
-- name: notification_group :one notification_group
select :key as "key!", max(n.kind) as "kind!", max(n.post_id) as post_id, max(n.subject_id) as subject_id, max(n.id) as "id!",
    count(*) as "n!", max(n.id) as "newest!", min(n.id) as "page_min!", max(n.id) as "page_max!", max(n.created) as "latest!",
    (array_agg(n.actor_id order by n.id desc))[1:8] as "actors!"
from notifications n
where n.identity_id = :identity_id
    and ((:id::bigint <> 0 and n.id = :id) or (:id = 0 and n.group_key = :key and n.group_key <> ''))
having count(*) > 0;

-- Who is in a group, newest first.
-- name: notification_group_actors :many notification_actor
select n.id, n.actor_id
from notifications n
where n.identity_id = :identity_id
    and ((:id::bigint <> 0 and n.id = :id) or (:id = 0 and n.group_key = :key and n.group_key <> ''))
    and n.id < :max_id
    and n.id > :min_id
order by n.id desc
limit :limit;

-- Drops a group.
-- name: notification_dismiss_group :exec
delete from notifications n
where n.identity_id = :identity_id
    and ((:id::bigint <> 0 and n.id = :id) or (:id = 0 and n.group_key = :key and n.group_key <> ''));

-- Drops some of an identity's.
-- name: notification_dismiss :exec
delete from notifications
where identity_id = :identity_id
    and id = any (:ids);

-- Drops all.
-- name: notification_clear :exec
delete from notifications
where identity_id = :identity_id;

-- How many are not seen, on a page or by a program that sets its marker, up to a limit.
-- name: notification_unseen :one notification_count
select count(*) as "n!"
from (
    select from notifications n
    where n.identity_id = :identity_id
        and not n.seen
        and n.id > coalesce((
            select m.last_read_id from markers m
            where m.identity_id = :identity_id and m.timeline = 'notifications'), 0)
        and not n.filtered
        and (:all_kinds or n.kind = any (:kinds))
        and n.kind <> all (:without)
        and (:actor_id::bigint = 0 or n.actor_id = :actor_id)
    limit :limit
) unseen;

-- The same in groups.
-- name: notification_unseen_groups :one notification_count
select count(*) as "n!"
from (
    select distinct case when n.group_key <> '' and n.kind = any (:grouped::text[]) then n.group_key
        else 'ungrouped-' || n.id end
    from (
        select u.id, u.kind, u.group_key
        from notifications u
        where u.identity_id = :identity_id
            and not u.seen
            and u.id > coalesce((
                select m.last_read_id from markers m
                where m.identity_id = :identity_id and m.timeline = 'notifications'), 0)
            and not u.filtered
            and (:all_kinds or u.kind = any (:kinds))
            and u.kind <> all (:without)
            and (:actor_id::bigint = 0 or u.actor_id = :actor_id)
        order by u.id desc
        limit 2000
    ) n
    limit :limit
) unseen;

-- All up to an id are seen.
-- name: notification_mark_seen :exec
update notifications
set seen = true
where identity_id = :identity_id
    and id <= :id
    and not seen;

-- Whose notifications an identity wants, with what waits for its decision.
-- name: notification_policy :one notification_policy
select coalesce(p.not_following, 'accept') as "not_following!", coalesce(p.not_followers, 'accept') as "not_followers!",
    coalesce(p.new_accounts, 'accept') as "new_accounts!", coalesce(p.private_mentions, 'filter') as "private_mentions!",
    coalesce(p.limited_accounts, 'filter') as "limited_accounts!", coalesce(p.bots, 'accept') as "bots!",
    (select count(*) from notification_requests r where r.identity_id = o.id and not r.accepted) as "requests!",
    (select count(*) from notifications n where n.identity_id = o.id and n.filtered) as "notifications!"
from (select :identity_id::bigint as id) o
left join notification_policies p on p.identity_id = o.id;

-- Changes it.
-- name: notification_policy_set :exec
insert into notification_policies (identity_id, domain_id, not_following, not_followers, new_accounts, private_mentions,
    limited_accounts, bots)
values (:identity_id, :domain_id, :not_following, :not_followers, :new_accounts, :private_mentions, :limited_accounts,
    :bots)
on conflict (identity_id) do update
set not_following = excluded.not_following,
    not_followers = excluded.not_followers,
    new_accounts = excluded.new_accounts,
    private_mentions = excluded.private_mentions,
    limited_accounts = excluded.limited_accounts,
    bots = excluded.bots;

-- Who waits for a decision, between two ids.
-- name: notification_request_list :many notification_request both
select r.id, r.actor_id, r.last_post_id, r.created, r.updated,
    (select count(*) from (
        select from notifications n
        where n.identity_id = r.identity_id and n.actor_id = r.actor_id and n.filtered limit 100) held) as "n!"
from notification_requests r
where r.identity_id = :identity_id
    and r.id < :max_id
    and r.id > :min_id
    and not r.accepted
order by r.id desc
limit :limit;

-- One of them.
-- name: notification_request_by_id :one notification_request
select r.id, r.actor_id, r.last_post_id, r.created, r.updated,
    (select count(*) from (
        select from notifications n
        where n.identity_id = r.identity_id and n.actor_id = r.actor_id and n.filtered limit 100) held) as "n!"
from notification_requests r
where r.identity_id = :identity_id
    and r.id = :id
    and not r.accepted;

-- From these the owner wants all from now on, and what was held back.
-- name: notification_request_accept :exec
with accepted as (
    update notification_requests r
    set accepted = true
    where r.identity_id = :identity_id
        and r.id = any (:ids)
        and not r.accepted
    returning r.actor_id
), released as (
    update notifications n
    set filtered = false
    from accepted a
    where n.identity_id = :identity_id
        and n.actor_id = a.actor_id
        and n.filtered
)
select actor_id::text as "done?"
from accepted;

-- What these sent is dropped, until they send more.
-- name: notification_request_dismiss :exec
with dismissed as (
    delete from notification_requests r
    where r.identity_id = :identity_id
        and r.id = any (:ids)
        and not r.accepted
    returning r.actor_id
), dropped as (
    delete from notifications n
    using dismissed d
    where n.identity_id = :identity_id
        and n.actor_id = d.actor_id
        and n.filtered
)
select actor_id::text as "done?"
from dismissed;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- This server has readers; those that gave no sign of life for long have none.
-- name: stream_server_seen :exec
with gone as (
    delete from stream_servers
    where seen < now() - interval '5 minutes'
        and name <> :name
)
insert into stream_servers (name)
values (:name)
on conflict (name) do update
set seen = now();

-- It has none any more.
-- name: stream_server_gone :exec
delete from stream_servers
where name = :name;

-- An identity of the present tenant reads from now on.
-- name: stream_reader_add :exec
insert into stream_readers (identity_id, server, domain_id)
values (:identity_id, :server, :domain_id)
on conflict do nothing;

-- It does not any more.
-- name: stream_reader_remove :exec
delete from stream_readers
where identity_id = :identity_id
    and server = :server;

-- Which of these tokens of the present tenant are still good, and whose they are.
-- name: stream_tokens :many stream_grant
select t.id, t.identity_id as "identity_id!"
from tokens t
join users u on u.id = t.user_id
join identities i on i.id = t.identity_id
where t.id = any (:ids)
    and not u.banned
    and i.deleted is null
    and identity_may_act(t.identity_id)
    and exists (
        select from identity_users iu
        where iu.identity_id = t.identity_id
            and iu.user_id = t.user_id);

-- The same of sessions, judged as session_by_token does.
-- name: stream_sessions :many stream_grant
select s.id, s.identity_id as "identity_id!"
from sessions s
join users u on u.id = s.user_id
where s.id = any (:ids)
    and s.expires > now()
    and not s.waiting
    and not u.banned
    and user_may_act_as(s.user_id, s.identity_id);

-- Which of these viewers a post is shown to, of its author and of who boosted it (0: nobody); and whether it means more
-- to one than to the others: it is theirs, they did something with it, or they have filters.
-- name: stream_viewers :many stream_viewer
select v.id as "id!",
    (p.author_id = v.id
        or exists (select from interactions x where x.post_id = p.id and x.identity_id = v.id)
        or exists (select from filters f where f.identity_id = v.id)) as "is_special!"
from posts p
cross join unnest(:viewers::bigint[]) v (id)
where p.id = :post_id
    and post_is_readable(p, v.id)
    and not identity_is_hidden(v.id, p.author_id)
    and (:booster_id::bigint = 0 or not identity_is_hidden(v.id, :booster_id));

-- A list of an identity's own.
-- name: stream_list :one stream_list
select id
from lists
where id = :id
    and identity_id = :identity_id;

-- Which of these lists a post comes to, because its author, or who boosts it, is a member. Replies as the list wants them.
-- name: stream_lists :many stream_list
select l.id
from posts p
join list_accounts a on a.member_id = :member_id
join lists l on l.id = a.list_id
left join posts parent on parent.id = p.in_reply_to_id
where p.id = :post_id
    and l.id = any (:ids)
    and (p.in_reply_to_uri = ''
        or p.author_id <> :member_id
        or parent.author_id in (p.author_id, l.identity_id)
        or (l.replies_policy = 'list' and exists (
            select from list_accounts b where b.list_id = l.id and b.member_id = parent.author_id))
        or (l.replies_policy = 'followed' and exists (
            select from follows f
            where f.source_id = l.identity_id
                and f.target_id = parent.author_id
                and f.state in ('accepting', 'accepted'))));

-- How many people reacted to an announcement with an emoji; no row for an announcement that is gone.
-- name: stream_reaction_count :one stream_count
select (select count(*) from announcement_reactions r where r.announcement_id = a.id and r.name = :name) as "n!"
from announcements a
where a.id = :id;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Lists of an identity in the order in which they were made.
-- name: list_all :many list
select id, title, replies_policy, exclusive
from lists
where identity_id = :identity_id
    and domain_id = :domain_id
order by id;

-- One of them.
-- name: list_get :one list
select id, title, replies_policy, exclusive
from lists
where id = :id
    and identity_id = :identity_id
    and domain_id = :domain_id;

-- Those that somebody is on.
-- name: list_with :many list
select l.id, l.title, l.replies_policy, l.exclusive
from lists l
join list_accounts a on a.list_id = l.id
where l.identity_id = :identity_id
    and l.domain_id = :domain_id
    and a.member_id = :member_id
order by l.id;

-- A new list of an identity that has fewer than so many.
-- name: list_create :many list
insert into lists (domain_id, identity_id, title, replies_policy, exclusive)
select :domain_id, :identity_id, :title, :replies_policy, :exclusive
where (select count(*) from lists l where l.identity_id = :identity_id) < :most
returning id, title, replies_policy, exclusive;

-- Changes a list.
-- name: list_set :exec
update lists
set title = :title,
    replies_policy = :replies_policy,
    exclusive = :exclusive
where id = :id
    and identity_id = :identity_id
    and domain_id = :domain_id;

-- Forgets a list.
-- name: list_delete :exec
delete from lists
where id = :id
    and identity_id = :identity_id
    and domain_id = :domain_id;

-- Puts identities on a list, all of them or, when something speaks against one, none: its owner has to follow them or
-- to have asked to, none may be on it already, and there has to be room.
-- name: list_add :one list_added
with asked as (
    select distinct u.id
    from unnest(:member_ids::bigint[]) u (id)
), followed as (
    select a.id
    from asked a
    where a.id = :identity_id
        or exists (
            select from follows f
            where f.source_id = :identity_id
                and f.target_id = a.id
                and f.state in ('unrequested', 'pending_approval', 'accepting', 'accepted'))
), present as (
    select m.member_id
    from list_accounts m
    where m.list_id = :list_id
), made as (
    insert into list_accounts (list_id, member_id, domain_id)
    select :list_id, f.id, :domain_id
    from followed f
    where (select count(*) from followed) = (select count(*) from asked)
        and not exists (select from asked a join present p on p.member_id = a.id)
        and (select count(*) from asked) + (select count(*) from present) <= :most
    on conflict do nothing
    returning 1
)
select (select count(*) from asked) as "asked!",
    (select count(*) from followed) as "followed!",
    (select count(*) from asked a join present p on p.member_id = a.id) as "present!",
    (select count(*) from made) as "made!";

-- Takes identities off a list.
-- name: list_remove :exec
delete from list_accounts
where list_id = :list_id
    and domain_id = :domain_id
    and member_id = any (:member_ids);

-- Takes what members of an exclusive list wrote or boosted off its owner's home page.
-- name: list_clear_home :exec
delete from home_timeline h
using posts p, list_accounts a, lists l
where l.id = :list_id
    and l.identity_id = :identity_id
    and l.exclusive
    and a.list_id = l.id
    and h.identity_id = l.identity_id
    and p.id = h.post_id
    and ((p.author_id = a.member_id and h.entry_id = h.post_id)
        or exists (select from interactions b where b.id = h.entry_id and b.identity_id = a.member_id));

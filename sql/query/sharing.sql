-- SPDX-License-Identifier: AGPL-3.0-or-later

-- How many identities a log-in owns on a tenant; others that make one at the same time wait.
-- name: sharing_count :one sharing_count
select (select count(*) from identity_users iu join identities i on i.id = iu.identity_id
        where iu.user_id = u.id and iu.domain_id = :domain_id and iu.role = 'owner' and i.deleted is null) as "n!"
from users u
where u.id = :user_id
for update;

-- What a log-in is to an identity.
-- name: sharing_role :one sharing_role
select role
from identity_users
where identity_id = :identity_id
    and user_id = :user_id
    and domain_id = :domain_id;

-- Who holds an identity: each log-in with the first other identity by which people know it here.
-- name: sharing_holders :many sharing_holder
select iu.user_id, iu.role, iu.created, o.id as "known_as?"
from identity_users iu
left join lateral (
    select i.id
    from identity_users other
    join identities i on i.id = other.identity_id
    where other.user_id = iu.user_id
        and other.domain_id = iu.domain_id
        and other.identity_id <> iu.identity_id
        and i.deleted is null
    order by (other.role = 'owner') desc, other.created, i.id
    limit 1
) o on true
where iu.identity_id = :identity_id
    and iu.domain_id = :domain_id
order by iu.created, iu.user_id
limit 50;

-- Who was asked and did not answer.
-- name: sharing_asked :many sharing_invitation
select identity_id, guest_id, role, created, expires
from identity_invitations
where identity_id = :identity_id
    and domain_id = :domain_id
    and expires > now()
order by created, guest_id
limit 50;

-- What the log-in was asked: by the identities that it owns.
-- name: sharing_offers :many sharing_invitation
select v.identity_id, v.guest_id, v.role, v.created, v.expires
from identity_invitations v
join identity_users iu on iu.identity_id = v.guest_id and iu.user_id = :user_id and iu.role = 'owner'
join identities i on i.id = v.identity_id and i.deleted is null
where v.domain_id = :domain_id
    and v.expires > now()
order by v.created
limit 50;

-- Asks somebody; again: anew. None when they hold it already, or too many were asked.
-- name: sharing_ask :exec
insert into identity_invitations (identity_id, guest_id, domain_id, role, invited_by, expires)
select :identity_id, :guest_id, :domain_id, :role, :invited_by, now() + :lifetime::interval
where (select count(*) from identity_invitations v where v.identity_id = :identity_id)
        + (select count(*) from identity_users iu where iu.identity_id = :identity_id) < :limit
    and not exists (
        select from identity_users g
        join identity_users h on h.user_id = g.user_id and h.identity_id = :identity_id
        where g.identity_id = :guest_id and g.role = 'owner')
on conflict (identity_id, guest_id) do update
set role = excluded.role,
    invited_by = excluded.invited_by,
    expires = excluded.expires;

-- Takes an invitation back, or declines it.
-- name: sharing_withdraw :exec
delete from identity_invitations
where identity_id = :identity_id
    and guest_id = :guest_id
    and domain_id = :domain_id;

-- Accepts one that was meant for the log-in.
-- name: sharing_accept :exec
with taken as (
    delete from identity_invitations v
    using identity_users g
    where v.identity_id = :identity_id
        and v.guest_id = :guest_id
        and v.domain_id = :domain_id
        and v.expires > now()
        and g.identity_id = v.guest_id
        and g.user_id = :user_id
        and g.role = 'owner'
    returning v.identity_id, v.domain_id, v.role
)
insert into identity_users (identity_id, user_id, domain_id, role)
select t.identity_id, :user_id, t.domain_id, t.role
from taken t
on conflict do nothing;

-- Takes an identity from a log-in, with what acts as it; an identity keeps one owner.
-- name: sharing_remove :exec
with kept as (
    select from identity_users o
    where o.identity_id = :identity_id
        and o.role = 'owner'
        and o.user_id <> :user_id
    for update
), gone as (
    delete from identity_users iu
    where iu.identity_id = :identity_id
        and iu.user_id = :user_id
        and iu.domain_id = :domain_id
        and exists (select from kept)
    returning iu.user_id
), ended as (
    delete from sessions s
    where s.identity_id = :identity_id
        and s.user_id in (select user_id from gone)
), revoked as (
    delete from tokens t
    where t.identity_id = :identity_id
        and t.user_id in (select user_id from gone)
)
select user_id
from gone;

-- Another identity of the log-in on the tenant, for a session that loses its own.
-- name: sharing_other :one sharing_other
select iu.identity_id
from identity_users iu
where iu.user_id = :user_id
    and iu.domain_id = :domain_id
    and iu.identity_id <> :identity_id
    and user_may_act_as(iu.user_id, iu.identity_id)
order by iu.created, iu.identity_id
limit 1;

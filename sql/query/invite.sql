-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A new invitation; without uses or an end, it has no limit of that kind.
-- name: invite_add :one invite
insert into invites (domain_id, token, note, uses_left, expires, created_by)
values (:domain_id, :token, :note, :uses?, :expires?, :created_by?)
returning id, token, note, uses_left, uses_left is null as "unlimited!", expires, created_by, created;

-- An invitation that can still be used.
-- name: invite_by_token :one invite
select id, token, note, uses_left, uses_left is null as "unlimited!", expires, created_by, created
from invites
where domain_id = :domain_id
    and token = :token
    and (uses_left is null or uses_left > 0)
    and (expires is null or expires > now());

-- Takes one use.
-- name: invite_take :exec
update invites
set uses_left = uses_left - 1
where domain_id = :domain_id
    and token = :token
    and (uses_left is null or uses_left > 0)
    and (expires is null or expires > now());

-- All invitations of a tenant, newest first.
-- name: invite_list :many invite
select id, token, note, uses_left, uses_left is null as "unlimited!", expires, created_by, created
from invites
where domain_id = :domain_id
order by id desc
limit :limit;

-- Withdraws an invitation.
-- name: invite_remove :exec
delete from invites
where domain_id = :domain_id
    and id = :id;

-- Somebody came by an invitation.
-- name: invite_use :exec
insert into invite_uses (identity_id, invite_id, domain_id)
select :identity_id, i.id, i.domain_id
from invites i
where i.domain_id = :domain_id
    and i.token = :token
on conflict do nothing;

-- Who came by invitations of the tenant, last first.
-- name: invite_uses :many invite_used
select u.invite_id, u.identity_id, u.created
from invite_uses u
where u.domain_id = :domain_id
order by u.created desc
limit 500;

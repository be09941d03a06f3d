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

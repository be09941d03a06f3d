-- SPDX-License-Identifier: AGPL-3.0-or-later

-- One log-in.
-- name: user_by_id :one user
select id, email, confirmed, banned, created
from users
where id = :id;

-- Log-ins of an address: the one to whom it belongs first.
-- name: user_by_email :many user
select id, email, confirmed, banned, created
from users
where email_key = lower(:email)
order by confirmed is null, id
limit 20;

-- All log-ins, or those that hold an identity or a grant on a tenant.
-- name: user_list :many user
select u.id, u.email, u.confirmed, u.banned, u.created
from users u
where :domain_id::bigint = 0
    or exists (select from identity_users iu where iu.user_id = u.id and iu.domain_id = :domain_id)
    or exists (select from staff_grants g where g.user_id = u.id and g.domain_id = :domain_id)
order by u.id
limit :limit;

-- A new log-in on the operator's word.
-- name: user_add :one user_id
insert into users (email, password, confirmed)
values (:email, :password, case when :confirmed::boolean then now() end)
returning id;

-- A new log-in by its own sign-up, before its tenant can see it.
-- name: user_create :one user_id
select user_create(:email, :password) as "id!";

-- Log-ins of an address anywhere, for joining a second tenant.
-- name: user_candidates :many user_candidate
select id as "id!", password as "password!"
from user_candidates(:email);

-- All identities of a log-in that is at home on this tenant, and whether it is of the tenant's staff.
-- name: user_homes :many user_home
select identity_id as "identity_id!", domain_id as "domain_id!",
    exists (
        select from staff_grants g
        where g.user_id = :user_id
            and (g.domain_id is null or g.domain_id = current_domain())
            and (g.expires is null or g.expires > now())) as "staff!"
from user_homes(:user_id);

-- Deletes log-ins that have held no identity for long.
-- name: user_forget :exec
select users_forget();

-- Another password; it ends all sessions but one of this tenant's.
-- name: user_set_password :exec
with ended as (
    delete from sessions
    where user_id = :id
        and id <> :keep_session_id
)
update users
set password = :password
where id = :id;

-- Locks a log-in out, or lets it in again.
-- name: user_ban :exec
with ended as (
    delete from sessions
    where user_id = :id
        and :banned
), revoked as (
    delete from tokens
    where user_id = :id
        and :banned
)
update users
set banned = :banned
where id = :id;

-- What a log-in may do beyond its own account.
-- name: staff_grant :exec
insert into staff_grants (user_id, domain_id, role, granted_by, expires)
values (:user_id, :domain_id?, :role, :granted_by?, :expires?)
on conflict (user_id, domain_id, role) do update
set granted_by = excluded.granted_by,
    expires = excluded.expires;

-- ... no longer.
-- name: staff_revoke :exec
delete from staff_grants
where user_id = :user_id
    and domain_id is not distinct from :domain_id?
    and role = :role;

-- Grants of a log-in on any tenant; of the installation's, first.
-- name: staff_of_user :many staff
select g.user_id, g.domain_id, g.role, g.created, g.expires
from staff_grants g
where g.user_id = :user_id
    and (g.expires is null or g.expires > now())
order by g.domain_id nulls first, g.role;

-- How pages look to a log-in.
-- name: user_set_looks :exec
update users
set language = :language,
    theme = :theme,
    text_size = :text_size,
    still = :still,
    shortcuts = :shortcuts
where id = :id;

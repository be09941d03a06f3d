-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A new program.
-- name: application_add :one application_id
insert into applications (domain_id, client_id, client_secret_hash, name, website, redirect_uris, scopes)
values (:domain_id, :client_id, :client_secret_hash, :name, :website, :redirect_uris, :scopes)
returning id;

-- A program by the name that it has for programs.
-- name: application_by_client :one application
select id, client_id, client_secret_hash, name, website, redirect_uris, scopes, created
from applications
where client_id = :client_id
    and domain_id = :domain_id;

-- A program by its id.
-- name: application_by_id :one application
select id, client_id, client_secret_hash, name, website, redirect_uris, scopes, created
from applications
where id = :id
    and domain_id = :domain_id;

-- Removes programs of a tenant that nobody granted anything to for a while, with what they got for themselves.
-- name: application_prune :exec
delete from applications a
where a.domain_id = :domain_id
    and a.created < now() - :age::interval
    and not exists (
        select from tokens t
        where t.application_id = a.id
            and (t.user_id is not null or coalesce(t.last_used, t.created) > now() - :age::interval))
    and not exists (
        select from oauth_codes o
        where o.application_id = a.id
            and o.expires > now());

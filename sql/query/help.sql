-- SPDX-License-Identifier: AGPL-3.0-or-later

-- The live consent of a tenant.
-- name: help_get :one help_consent
select h.role, h.created, h.expires
from help_consents h
where h.domain_id = :domain_id
    and h.expires > now();

-- Allows operators to help for a while.
-- name: help_allow :exec
insert into help_consents (domain_id, role, given_by, expires)
values (:domain_id, :role, :given_by?, now() + :lifetime::interval)
on conflict (domain_id) do update
set role = excluded.role,
    given_by = excluded.given_by,
    created = now(),
    expires = excluded.expires;

-- Takes the word back; who helped has no role and no session any more.
-- name: help_revoke :exec
with grants as (
    delete from staff_grants g
    using help_visits v
    where v.domain_id = :domain_id and g.domain_id = v.domain_id and g.user_id = v.user_id and g.expires is not null
), ended as (
    delete from sessions s
    using help_visits v, identities i
    where v.domain_id = :domain_id and s.domain_id = v.domain_id and s.user_id = v.user_id
        and i.id = s.identity_id and i.is_system
)
delete from help_consents
where domain_id = :domain_id;

-- Operators who helped.
-- name: help_visits :many help_visit
select name, created
from help_visits
where domain_id = :domain_id
order by created desc
limit 50;

-- An operator comes to help: their role lasts as long as the consent, and the ticket leads in. Nothing without a consent.
-- name: help_enter :many help_entered
with consent as (
    select h.domain_id, h.role, h.given_by, h.expires, i.id as identity_id
    from help_consents h
    join identities i on i.domain_id = h.domain_id and i.is_system
    where h.domain_id = :domain_id and h.expires > now()
), visit as (
    insert into help_visits (domain_id, user_id, name)
    select c.domain_id, :user_id, :name
    from consent c
    on conflict (domain_id, user_id) do update
    set name = excluded.name
), granted as (
    insert into staff_grants as g (user_id, domain_id, role, granted_by, expires)
    select :user_id, c.domain_id, c.role, c.given_by, c.expires
    from consent c
    on conflict (user_id, domain_id, role) do update
    set expires = case when g.expires is null then null else excluded.expires end
)
insert into session_handoffs (token_hash, domain_id, user_id, identity_id, strong, expires)
select :token_hash, c.domain_id, :user_id, c.identity_id, true, now() + interval '1 minute'
from consent c
returning domain_id;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- How much waits for the present tenant's staff.
-- name: staff_waiting :one staff_waiting
select
    (select count(*) from reports r where r.domain_id = :domain_id and r.resolved is null) as "reports!",
    (select count(*) from identity_limits l where l.domain_id = :domain_id and l.pending is not null) as "sign_ups!",
    (select count(*) from held_posts h join posts p on p.id = h.post_id and p.deleted is null
        where h.domain_id = :domain_id)
        + (select count(*) from post_decisions d join posts p on p.id = d.post_id and p.deleted is null
            where d.domain_id = :domain_id and d.kind = 'held') as "held!",
    (select count(*) from appeals a where a.domain_id = :domain_id and a.accepted is null) as "appeals!";

-- How the present tenant does: all members, and the last seven days.
-- name: staff_numbers :one staff_numbers
select
    (select count(*) from identities i
        where i.domain_id = :domain_id and not i.is_system and i.deleted is null) as "members!",
    (select count(*) from identities i
        where i.domain_id = :domain_id and not i.is_system and i.created > now() - interval '7 days') as "joined!",
    (select count(distinct p.author_id) from posts p
        where p.domain_id = :domain_id and p.created > now() - interval '7 days') as "active!",
    (select count(*) from posts p
        where p.domain_id = :domain_id and p.created > now() - interval '7 days') as "posts!",
    (select count(*) from reports r
        where r.domain_id = :domain_id and r.created > now() - interval '7 days') as "reports!";

-- From where somebody joined the present tenant.
-- name: sign_up_address_add :exec
insert into sign_up_addresses (identity_id, domain_id, address)
values (:identity_id, :domain_id, :address)
on conflict do nothing;

-- Forgets from where people joined long ago, on all tenants.
-- name: sign_up_addresses_forget :exec
select sign_up_addresses_forget();

-- What was done on the present tenant, newest first: by whom (a handle, or empty for all), what (its beginning), to whom.
-- name: staff_audit :many staff_audit
select a.id, a.action, a.subject, a.detail::text as "detail!", a.created,
    coalesce((
        select i.username from identity_users iu join identities i on i.id = iu.identity_id
        where iu.user_id = a.user_id and iu.domain_id = :domain_id
        order by iu.created, i.id
        limit 1), '') as "who!",
    coalesce((
        select v.name from help_visits v
        where v.user_id = a.user_id and v.domain_id = :domain_id), '') as "helper!"
from audit_log a
where a.domain_id = :domain_id
    and (:max_id::bigint = 0 or a.id < :max_id)
    and (:action::text = '' or starts_with(a.action, :action))
    and (:subject::text = '' or position(lower(:subject) in lower(a.subject)) > 0)
    and (:who::text = '' or exists (
        select from identity_users iu
        join identities i on i.id = iu.identity_id
        where iu.user_id = a.user_id and iu.domain_id = :domain_id and i.username_key = lower(:who)))
order by a.id desc
limit :limit;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- All tenants in order of their ids, for the snapshot that every process keeps.
-- name: domain_list :many domain
select d.id, d.name, d.service_name, d.title, d.description, d.accent, d.sign_up, d.federated, d.verify_token,
    d.verified, d.verified_by, d.suspended_reason, d.created, d.state, d.icon, d.icon_small, d.banner, d.style, d.footer, d.theme,
    (select i.id from identities i where i.domain_id = d.id and i.is_system) as system_identity_id,
    domain_language(d.id) as "language!",
    p.has_privacy as "has_privacy!", p.has_imprint as "has_imprint!", p.terms_since as "terms_since!"
from domains d
cross join lateral domain_papers(d.id) p
order by d.id;

-- All host names of tenants, in bytewise order.
-- name: domain_names :many domain_name
select name, domain_id
from domain_names
order by name collate "C";

-- One tenant.
-- name: domain_by_id :one domain
select d.id, d.name, d.service_name, d.title, d.description, d.accent, d.sign_up, d.federated, d.verify_token,
    d.verified, d.verified_by, d.suspended_reason, d.created, d.state, d.icon, d.icon_small, d.banner, d.style, d.footer, d.theme,
    (select i.id from identities i where i.domain_id = d.id and i.is_system) as system_identity_id,
    domain_language(d.id) as "language!",
    p.has_privacy as "has_privacy!", p.has_imprint as "has_imprint!", p.terms_since as "terms_since!"
from domains d
cross join lateral domain_papers(d.id) p
where d.id = :id;

-- The tenant that a host name leads to.
-- name: domain_by_name :one domain
select d.id, d.name, d.service_name, d.title, d.description, d.accent, d.sign_up, d.federated, d.verify_token,
    d.verified, d.verified_by, d.suspended_reason, d.created, d.state, d.icon, d.icon_small, d.banner, d.style, d.footer, d.theme,
    (select i.id from identities i where i.domain_id = d.id and i.is_system) as system_identity_id,
    domain_language(d.id) as "language!",
    p.has_privacy as "has_privacy!", p.has_imprint as "has_imprint!", p.terms_since as "terms_since!"
from domains d
cross join lateral domain_papers(d.id) p
where d.id = (select n.domain_id from domain_names n where n.name = :name);

-- Frees names of tenants that were deleted before anybody was at home there.
-- name: domain_free_names :exec
delete from domain_names n
using domains d
where n.name in (:name, :service_name)
    and d.id = n.domain_id
    and d.state = 'deleted'
    and not exists (select from identities i where i.domain_id = d.id);

-- A new tenant with its host names, neither proved nor served.
-- name: domain_add :one domain_id
with made as (
    insert into domains (name, service_name, title, sign_up, verify_token, state_next_attempt)
    values (:name, :service_name, :title, :sign_up, :verify_token, now() + :wait::interval)
    returning id, name, service_name
), names as (
    insert into domain_names (name, domain_id)
    select distinct n.name, made.id
    from made cross join lateral unnest(array[made.name, made.service_name]) n (name)
)
select id
from made;

-- Moves a tenant along an edge of its life, if it still stands where the edge begins.
-- name: domain_move :exec
update domains
set state = :to,
    suspended_reason = :reason,
    left_from = case when :to = 'leaving' then state else '' end,
    left_archive = 'none',
    state_changed = now(),
    state_next_attempt = now() + :wait::interval,
    state_attempts = 0,
    state_locked_by = null,
    state_error = ''
where id = :id
    and state = :from;

-- Where a tenant that is leaving came from, and how much of it an archive has.
-- name: domain_leaving :one domain_leaving
select left_from, left_archive
from domains
where id = :id;

-- An archive of a tenant that is leaving was written; one that is whole stays so, for nothing of it changes any more.
-- name: domain_archived :exec
update domains
set left_archive = case when left_archive = 'whole' then left_archive else :archive end
where id = :id
    and state = 'leaving';

-- Its ownership is proved.
-- name: domain_prove :exec
update domains
set verified = now(),
    verified_by = :by
where id = :id;

-- Deletes all identities of a tenant, as identity_mark_deleted does one.
-- name: domain_delete_identities :exec
update identities
set deleted = now(),
    name = '',
    summary = '',
    icon_uri = '',
    image_uri = '',
    fields = '[]',
    state = 'deleted',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where domain_id = :domain_id
    and deleted is null;

-- What is left to be told to others of a tenant that is being deleted.
-- name: domain_deletion_left :one domain_deletion
select
    (select count(*) from identities i where i.domain_id = :domain_id and i.state <> 'gone') as "identities!",
    (select count(*) from deliveries d where d.domain_id = :domain_id and d.state = 'waiting') as "deliveries!";

-- Takes from a deleted tenant what only a living one needs.
-- name: domain_clear :exec
with ended as (
    delete from sessions where domain_id = :domain_id
), revoked as (
    delete from tokens where domain_id = :domain_id
), programs as (
    delete from applications where domain_id = :domain_id
), withdrawn as (
    delete from invites where domain_id = :domain_id
), ruled as (
    delete from rules where domain_id = :domain_id
), hooked as (
    delete from webhooks where domain_id = :domain_id
), undressed as (
    update domains set icon = '', icon_small = '', banner = '', style = '', footer = '' where id = :domain_id
), worded as (
    delete from terms where domain_id = :domain_id
), staff as (
    delete from staff_grants where domain_id = :domain_id
), held as (
    delete from identity_users where domain_id = :domain_id
), keys as (
    delete from identity_keys where domain_id = :domain_id
)
delete from domain_settings
where domain_id = :domain_id;

-- Sets how the pages of a tenant look.
-- name: domain_dress :exec
update domains
set icon = :icon,
    icon_small = :icon_small,
    banner = :banner,
    style = :style,
    footer = :footer,
    theme = :theme
where id = :id;

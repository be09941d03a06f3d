-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Stores an activity once; the one that is there stays as it is.
-- name: activity_store :one activity_id
with stored as (
    insert into activities (domain_id, identity_id, uri, type, body)
    values (:domain_id, :identity_id, :uri, :type, :body)
    on conflict (uri) do nothing
    returning id
)
select id as "id!" from stored
union all
select id from activities where uri = :uri
limit 1;

-- A delivery for each inbox behind the accepted remote followers of an identity. Servers that the tenant or the host
-- blocks get none.
-- name: activity_to_followers :exec
insert into deliveries (domain_id, activity_id, server_id, inbox_uri, state_lane)
select distinct :domain_id::bigint, :activity_id::bigint, i.server_id,
    case when i.shared_inbox_uri = '' then i.inbox_uri else i.shared_inbox_uri end,
    (i.server_id << 16) | (:domain_id & 65535)
from follows f
join identities i on i.id = f.source_id
join servers s on s.id = i.server_id
where f.target_id = :identity_id
    and f.state in ('accepting', 'accepted')
    and i.inbox_uri <> ''
    and i.deleted is null
    and not server_is_blocked(s.host)
    and not identity_is_suspended(i.id)
on conflict do nothing;

-- A delivery for each inbox of these remote identities, the shared one or their own.
-- name: activity_to_identities :exec
insert into deliveries (domain_id, activity_id, server_id, inbox_uri, state_lane)
select distinct :domain_id::bigint, :activity_id::bigint, i.server_id,
    case when :personal or i.shared_inbox_uri = '' then i.inbox_uri else i.shared_inbox_uri end,
    (i.server_id << 16) | (:domain_id & 65535)
from identities i
join servers s on s.id = i.server_id
where i.id = any (:ids)
    and i.inbox_uri <> ''
    and i.deleted is null
    and not server_is_blocked(s.host)
    and not identity_is_suspended(i.id)
on conflict do nothing;

-- What a delivery needs: the bytes, the key that signs, and what is known of the server.
-- name: delivery_by_id :one delivery
select d.id, d.inbox_uri, d.server_id, a.identity_id, a.body, a.type, k.key_uri, k.private_der,
    s.host, s.signature_form, s.failures, s.last_success
from deliveries d
join activities a on a.id = d.activity_id
join identity_keys k on k.identity_id = a.identity_id and k.retired is null
join servers s on s.id = d.server_id
where d.id = :id;

-- Activities whose deliveries are all done and gone.
-- name: activity_prune :exec
delete from activities a
where a.created < now() - interval '1 day'
    and not exists (select from deliveries d where d.activity_id = a.id);

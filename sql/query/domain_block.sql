-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Domains that an identity blocks, newest first; with min_id the oldest above it.
-- name: domain_block_page :many domain_block
select id as "id!", host as "host!"
from (
    (select d.id, d.host
     from identity_domain_blocks d
     where d.identity_id = :identity_id
        and d.id < :max_id
        and d.id > :since_id
        and :min_id::bigint = 0
     order by d.id desc
     limit :limit)
    union all
    (select d.id, d.host
     from identity_domain_blocks d
     where d.identity_id = :identity_id
        and d.id < :max_id
        and d.id > :min_id
        and :min_id::bigint <> 0
     order by d.id
     limit :limit)
) page
order by id desc;

-- Blocks a domain for an identity that blocks fewer than so many.
-- name: domain_block_add :exec
insert into identity_domain_blocks (identity_id, domain_id, host)
select :identity_id, :domain_id, :host
where (select count(*) from identity_domain_blocks d where d.identity_id = :identity_id) < :most
on conflict (identity_id, host) do update
set host = excluded.host;

-- No longer.
-- name: domain_block_remove :exec
delete from identity_domain_blocks
where identity_id = :identity_id
    and domain_id = :domain_id
    and host = :host;

-- Ends follows both ways between an identity and everybody of a domain, and tells it when it lost some.
-- name: domain_block_end_follows :many domain_block_told
with mine as (
    select f.id, case when f.source_id = :identity_id then f.target_id else f.source_id end as other_id
    from follows f
    where (f.source_id = :identity_id or f.target_id = :identity_id)
        and f.state in ('unrequested', 'pending_approval', 'accepting', 'accepted')
), ended as (
    update follows f
    set state = case when f.source_id = :identity_id then 'undone' else 'rejecting' end,
        state_changed = now(),
        state_next_attempt = now(),
        state_attempts = 0,
        state_locked_by = null
    from mine m
    join identities i on i.id = m.other_id
    left join servers s on s.id = i.server_id
    where f.id = m.id
        and :host in (i.host, s.host)
    returning f.source_id = :identity_id as outward
), lost as (
    insert into severances (domain_id, identity_id, kind, target, followers, following)
    select :domain_id, :identity_id, 'user_domain_block', :host, count(*) filter (where not e.outward),
        count(*) filter (where e.outward)
    from ended e
    having count(*) > 0
    returning id
)
select n.id as "id!"
from lost l
cross join lateral notification_add(:identity_id, 'severed', :identity_id, null, l.id) n;

-- Takes notifications of everybody of a domain away from an identity.
-- name: domain_block_clear :exec
delete from notifications n
using identities i
left join servers s on s.id = i.server_id
where n.identity_id = :identity_id
    and i.id = n.actor_id
    and :host in (i.host, s.host);

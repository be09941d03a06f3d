-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Whom an identity may want to follow: first those that many of those follow whom it followed last, then the most
-- followed of its tenant. None that it follows, hides or said no to, none that does not want to be found.
-- name: suggestion_list :many suggestion
with circle as (
    select g.target_id as id, count(*) as common
    from (
        select f.target_id
        from follows f
        where f.source_id = :identity_id
            and f.state in ('accepting', 'accepted')
        order by f.id desc
        limit 100
    ) mine
    cross join lateral (
        select f.target_id
        from follows f
        where f.source_id = mine.target_id
            and f.state in ('accepting', 'accepted')
        order by f.id desc
        limit 50
    ) g
    group by g.target_id
), neighbours as (
    select i.id
    from identities i
    where i.domain_id = :domain_id
        and i.discoverable
        and i.deleted is null
        and not i.is_system
    order by i.last_posted desc nulls last, i.id desc
    limit 200
), candidates as (
    select id, max(common) as common
    from (
        select id, common from circle
        union all
        select id, 0 from neighbours
    ) both_kinds
    group by id
)
select i.id, c.common > 0 as "friends!"
from candidates c
join identities i on i.id = c.id
where i.id <> :identity_id
    and i.discoverable
    and i.deleted is null
    and not i.is_system
    and i.moved_to_uri = ''
    and not exists (
        select from follows f
        where f.source_id = :identity_id
            and f.target_id = i.id
            and f.state in ('unrequested', 'pending_approval', 'accepting', 'accepted'))
    and not exists (
        select from suggestion_dismissals d
        where d.identity_id = :identity_id
            and d.target_id = i.id)
    and not identity_is_hidden(:identity_id, i.id)
order by c.common desc, i.followers_count desc, i.id
limit :limit;

-- It does not want this one to be suggested.
-- name: suggestion_dismiss :exec
insert into suggestion_dismissals (identity_id, target_id, domain_id)
select :identity_id, i.id, :domain_id
from identities i
where i.id = :target_id
on conflict do nothing;

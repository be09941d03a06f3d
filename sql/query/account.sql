-- SPDX-License-Identifier: AGPL-3.0-or-later

-- What lists of identities show beside their rows, as the present tenant sees them: the strongest role among its
-- staff, whether it limits their server, and where they moved when the new one says the same.
-- name: account_extras :many account_extra
select i.id,
    coalesce((
        select g.role
        from identity_users u
        join staff_grants g on g.user_id = u.user_id
        where u.identity_id = i.id
            and g.domain_id = :domain_id
            and (g.expires is null or g.expires > now())
        order by array_position('{owner,admin,moderator}', g.role)
        limit 1), '') as "role!",
    server_is_limited(s.host) as "limited!",
    m.id as "moved_id?"
from identities i
left join servers s on s.id = i.server_id
left join identities m on i.moved_to_uri <> '' and m.actor_uri = i.moved_to_uri and i.actor_uri = any (m.also_known_as)
where i.id = any (:ids);

-- How many wait for an identity's approval.
-- name: account_requests_count :one account_count
select count(*) as "count!"
from follows
where target_id = :identity_id
    and state = 'pending_approval';

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Who runs a tenant: the first identity there of each of its owners and admins.
-- name: page_staff :many staff_identity
select min(iu.identity_id) as "identity_id!"
from staff_grants g
join identity_users iu on iu.user_id = g.user_id and iu.domain_id = g.domain_id
where g.domain_id = :domain_id
    and g.role in ('owner', 'admin')
    and (g.expires is null or g.expires > now())
group by g.user_id
order by min(g.id)
limit 20;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- How much waits for the present tenant's staff.
-- name: staff_waiting :one staff_waiting
select
    (select count(*) from reports r where r.domain_id = :domain_id and r.resolved is null) as "reports!",
    (select count(*) from identity_limits l where l.domain_id = :domain_id and l.pending is not null) as "sign_ups!";

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

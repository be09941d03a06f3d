-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Adds requests of tenants to the present day.
-- name: usage_count :one usage_done
select usage_count(:ids, :counts)::text as "done!";

-- Counts anew, and closes months that are over.
-- name: usage_refresh :one usage_closed
select usage_refresh() as "n!";

-- The present month of those tenants that are asked for most, and of all others together.
-- name: usage_tenants :many usage_tenant
select name as "name!", members as "members!", posts as "posts!", media_bytes as "media_bytes!", requests as "requests!",
    waiting as "waiting!"
from usage_tenants(:limit);

-- Months of a tenant that are over, newest first, with what they would be if they were counted now.
-- name: usage_periods :many usage_period
select to_char(p.month, 'YYYY-MM') as "month!", p.members, p.posts, p.media_bytes, p.requests, p.closed,
    u.members as "members_now!", u.posts as "posts_now!", u.requests as "requests_now!"
from usage_periods p
cross join lateral usage_derive(p.domain_id, p.month) u
where p.domain_id = :domain_id
order by p.month desc;

-- The month of a tenant that is under way.
-- name: usage_present :many usage_month
select to_char(month, 'YYYY-MM') as "month!", members, posts, media_bytes, requests, waiting, updated
from usage_present
where domain_id = :domain_id;

-- How much stands in each automatic state of each type.
-- name: queue_numbers :many queue_number
select type as "type!", state as "state!", ready as "ready!", waiting as "waiting!", locked as "locked!",
    failing as "failing!", oldest
from queue_numbers();

-- Adds to what all stators did.
-- name: totals_add :exec
insert into totals as t (kind, label, result, n, busy)
values (:kind, :label, :result, :n, :busy)
on conflict (kind, label, result) do update
set n = t.n + excluded.n,
    busy = t.busy + excluded.busy;

-- What they did since the beginning.
-- name: totals_list :many total
select kind, label, result, n, busy
from totals
order by kind, label, result;

-- Other servers that are left alone for a while, and the age of what was written ahead and archived last.
-- name: house_numbers :one house_number
select (select count(*) from servers where retry_after > now()) as "breakers!",
    (select failed_count from pg_stat_archiver) as "archive_failures!",
    (select last_archived_time from pg_stat_archiver) as "archived?",
    current_setting('archive_mode') <> 'off' as "archives!";

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Claims rows of a type that are due: round-robin over lanes behind the one named, but for the busy ones.
-- name: stator_claim :many stator_job
select id as "id!", domain_id as "domain_id?", lane as "lane!", state as "state!", state_changed as "state_changed!",
    attempts as "attempts!", trace as "trace?"
from stator_claim(:type, :worker, :after, :busy, :limit, :per_lane, :lease);

-- Writes results of rows that the worker still holds; an empty state keeps the present one. Says how many it held.
-- name: stator_finish :one stator_number
select stator_finish(:type, :worker, :ids, :claimed, :states, :next, :errors) as "n!";

-- Renews the lease of rows; with no time, gives them back.
-- name: stator_renew :one stator_number
select stator_lease(:type, :worker, :ids, :lease) as "n!";

-- Gives back all rows that the worker holds but those that it knows of.
-- name: stator_release :one stator_number
select stator_release(:type, :worker, :known) as "n!";

-- Moves rows that stayed in a state for too long.
-- name: stator_expire :one stator_number
select stator_expire(:type, :state, :age, :to, :limit) as "n!";

-- Deletes rows that rested for long enough.
-- name: stator_prune :one stator_number
select stator_prune(:type, :state, :age, :limit) as "n!";

-- Makes a row due at once.
-- name: stator_retry_one :one stator_number
select stator_retry_one(:type, :id) as "n!";

-- Where a row stands.
-- name: stator_explain :one stator_standing
select id as "id!", state as "state!", state_changed as "state_changed!", next_attempt as "next_attempt!",
    attempts as "attempts!", locked_by as "locked_by!", error as "error!", lane as "lane!", automatic as "automatic!",
    trace as "trace?"
from stator_explain(:type, :id);

-- How many rows of a type stand in each automatic state.
-- name: stator_count :many stator_tally
select state as "state!", ready as "ready!", waiting as "waiting!", locked as "locked!", failing as "failing!", oldest
from stator_count(:type)
order by state;

-- A sign of life, with what was handled since the last.
-- name: stator_worker_seen :exec
insert into stator_workers as w (name, handled)
values (:name, :handled)
on conflict (name) do update
set seen = now(),
    started = case when :is_start then now() else w.started end,
    handled = case when :is_start then 0 else w.handled end + excluded.handled;

-- Forgets a worker that stops.
-- name: stator_worker_gone :exec
delete from stator_workers
where name = :name or seen < now() - interval '1 day';

-- The running stators.
-- name: stator_worker_list :many stator_worker
select name, started, seen, handled
from stator_workers
order by name;

-- Adds to the statistics of the present minute.
-- name: stator_stats_add :exec
insert into stator_stats as s (type, state, minute, handled, failed, busy)
values (:type, :state, date_trunc('minute', now()), :handled, :failed, :busy)
on conflict (type, state, minute) do update
set handled = s.handled + excluded.handled,
    failed = s.failed + excluded.failed,
    busy = s.busy + excluded.busy;

-- What was handled in the last hour, by type and state.
-- name: stator_stats_hour :many stator_stat
select type, state, sum(handled)::bigint as "handled!", sum(failed)::bigint as "failed!", sum(busy) as "busy!"
from stator_stats
where minute > now() - interval '1 hour'
group by type, state
order by type, state;

-- Drops statistics older than a week and signatures older than the window in which they could be replayed.
-- name: stator_tidy :exec
with stats as (
    delete from stator_stats where minute < now() - interval '7 days'
), signatures as (
    delete from seen_signatures where received < now() - interval '1 day'
)
delete from throttles where resets < now() - interval '1 hour';

-- Rows that one unit of work made, or what followed from it.
-- name: stator_trace :many stator_traced
select type as "type!", id as "id!", state as "state!", changed as "changed!", attempts as "attempts!", error as "error!"
from stator_trace(:trace);

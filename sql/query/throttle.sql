-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Counts one hit and says how many there were in the window.
-- name: throttle_hit :one throttle
insert into throttles as t (key, hits, resets)
values (:key, 1, now() + :window::interval)
on conflict (key) do update
set hits = case when t.resets <= now() then 1 else t.hits + 1 end,
    resets = case when t.resets <= now() then excluded.resets else t.resets end
returning hits, resets;

-- Forgets the hits, after a success.
-- name: throttle_forget :exec
delete from throttles
where key = :key;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Asks for the replies to a remote post, unless that was done a short while ago.
-- name: thread_start :exec
insert into thread_fetches as t (id)
select p.id
from posts p
where p.id = :id
    and p.domain_id is null
    and p.visibility in ('public', 'unlisted')
    and p.deleted is null
on conflict (id) do update
set state = 'running',
    replies = 0,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where t.state = 'finished'
    and t.state_changed < now() - interval '15 minutes';

-- How far it is.
-- name: thread_by_id :one thread
select id, replies, state
from thread_fetches
where id = :id;

-- One more reply came.
-- name: thread_found :exec
update thread_fetches
set replies = replies + 1
where id = :id;

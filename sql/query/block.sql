-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A local identity blocks or mutes another; again: anew.
-- name: block_add :exec
insert into blocks as b (source_id, target_id, domain_id, target_domain_id, uri, kind, notifications, expires, state_lane)
select s.id, t.id, s.domain_id, t.domain_id, s.actor_uri || '#' || :kind || '/' || snowflake(4), :kind, :notifications,
    :expires?, s.domain_id
from identities s, identities t
where s.id = :source_id
    and t.id = :target_id
on conflict (source_id, target_id, kind) do update
set notifications = excluded.notifications,
    expires = excluded.expires,
    uri = case when b.state in ('undone', 'removed') then excluded.uri else b.uri end,
    state = 'new',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null;

-- A remote identity blocks a local one.
-- name: block_receive :exec
insert into blocks as b (source_id, target_id, domain_id, target_domain_id, uri, kind, state_lane)
values (:source_id, :target_id, null, :target_domain_id, :uri, 'block', :target_domain_id)
on conflict (source_id, target_id, kind) do update
set uri = excluded.uri,
    state = 'new',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null;

-- Ends a block or mute.
-- name: block_remove :exec
update blocks
set state = 'undone',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where source_id = :source_id
    and target_id = :target_id
    and kind = :kind
    and state in ('new', 'sent', 'expiring');

-- Takes a block back by its URI; only its own actor can.
-- name: block_remove_uri :exec
update blocks
set state = 'undone',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where source_id = :source_id
    and uri = :uri
    and kind = 'block'
    and state in ('new', 'sent');

-- One block for its state machine.
-- name: block_by_id :one block
select id, source_id, target_id, domain_id, target_domain_id, uri, kind, notifications, expires, state
from blocks
where id = :id;

-- Ends follows both ways.
-- name: block_end_follows :exec
update follows
set state = case when source_id = :source_id and domain_id is not null then 'undone' else 'rejecting' end,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where ((source_id = :source_id and target_id = :target_id) or (source_id = :target_id and target_id = :source_id))
    and state in ('unrequested', 'pending_approval', 'accepting', 'accepted');

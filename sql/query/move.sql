-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Other accounts that a local identity says are its own.
-- name: move_set_aliases :exec
update identities
set also_known_as = :uris,
    edited = now(),
    state = 'edited',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and domain_id = :domain_id
    and deleted is null;

-- Where a local identity moved; empty: it is here.
-- name: move_set_target :exec
update identities
set moved_to_uri = :uri,
    edited = now(),
    state = 'edited',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and domain_id = :domain_id
    and deleted is null;

-- A move of an identity, when none was made since a time.
-- name: move_add :many move_id
insert into moves (domain_id, identity_id, target_id, state_lane)
select :domain_id, :identity_id, :target_id, :domain_id
where not exists (select from moves m where m.identity_id = :identity_id and m.created > :since)
returning id;

-- When an identity moved last.
-- name: move_last :many move_last
select created
from moves
where identity_id = :identity_id
order by created desc
limit 1;

-- Nobody else is to follow a move of an identity.
-- name: move_undo :exec
update moves
set state = 'undone',
    state_changed = now(),
    state_locked_by = null
where identity_id = :identity_id
    and state = 'moving';

-- One for its state machine.
-- name: move_for_job :one move
select id, identity_id, target_id, created, state
from moves
where id = :id;

-- Local followers of an identity, as far as the present tenant sees them, from one on.
-- name: move_followers :many move_follower
select f.source_id, f.domain_id as "domain_id!", f.boosts, f.notify, f.languages
from follows f
where f.target_id = :target_id
    and f.source_id > :after
    and f.domain_id is not null
    and f.state in ('accepting', 'accepted')
order by f.source_id
limit :limit;

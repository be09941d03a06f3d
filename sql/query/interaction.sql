-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A local identity likes, boosts, pins or votes; again after it was undone: anew.
-- name: interaction_add :exec
insert into interactions as x (id, kind, identity_id, post_id, domain_id, post_domain_id, uri, value, state_lane)
select n.id, :kind, i.id, p.id, i.domain_id, p.domain_id, i.actor_uri || '#' || :kind || '/' || n.id, :value, i.domain_id
from (select snowflake(1) as id) n, identities i, posts p
where i.id = :identity_id
    and p.id = :post_id
on conflict (identity_id, post_id, kind, value) do update
set id = excluded.id,
    uri = excluded.uri,
    published = now(),
    state = 'new',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where x.state in ('undone', 'gone');

-- A remote identity did.
-- name: interaction_receive :exec
insert into interactions as x (kind, identity_id, post_id, domain_id, post_domain_id, uri, value, published, state_lane)
select :kind, :identity_id, p.id, null, p.domain_id, :uri, :value, :published, coalesce(p.domain_id, 0)
from posts p
where p.id = :post_id
on conflict (identity_id, post_id, kind, value) do update
set uri = excluded.uri,
    published = excluded.published,
    state = 'new',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where x.state in ('undone', 'gone');

-- Takes one back.
-- name: interaction_remove :exec
update interactions
set state = 'undone',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where identity_id = :identity_id
    and post_id = :post_id
    and kind = :kind
    and state in ('new', 'fanned_out');

-- Takes one back by its URI; only its own actor can.
-- name: interaction_remove_uri :exec
update interactions
set state = 'undone',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where identity_id = :identity_id
    and uri = :uri
    and state in ('new', 'fanned_out');

-- One for its state machine.
-- name: interaction_by_id :one interaction
select id, kind, identity_id, post_id, domain_id, post_domain_id, uri, value, published, state
from interactions
where id = :id;

-- Which of these posts a viewer liked or boosted.
-- name: interaction_of_viewer :many viewer_interaction
select post_id, kind
from interactions
where identity_id = :identity_id
    and post_id = any (:post_ids)
    and kind in ('like', 'boost')
    and state in ('new', 'fanned_out');

-- How many posts an identity has pinned.
-- name: interaction_count_pins :one interaction_count
select count(*) as "n!"
from interactions
where identity_id = :identity_id
    and kind = 'pin'
    and state in ('new', 'fanned_out');

-- Counts likes, boosts and replies of a post anew.
-- name: post_recount :exec
select post_recount(:post_id)::text as "done?";

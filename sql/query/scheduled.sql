-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A post for later.
-- name: scheduled_add :one scheduled_id
insert into scheduled_posts (domain_id, identity_id, application_id, draft, attachment_ids, due, state_next_attempt, state_lane)
values (:domain_id, :identity_id, :application_id?, :draft, :attachment_ids, :due, :due, :domain_id)
returning id;

-- What an identity has for later, last made first.
-- name: scheduled_list :many scheduled
select id, identity_id, application_id, draft, attachment_ids, due, post_id, state
from scheduled_posts
where identity_id = :identity_id
    and state = 'waiting'
    and id < :max_id
    and id > :since_id
order by id desc
limit :limit;

-- The same from below, so that no gap is left.
-- name: scheduled_list_from :many scheduled
select id, identity_id, application_id, draft, attachment_ids, due, post_id, state
from scheduled_posts
where identity_id = :identity_id
    and state = 'waiting'
    and id < :max_id
    and id > :min_id
order by id
limit :limit;

-- One of an identity's.
-- name: scheduled_by_id :one scheduled
select id, identity_id, application_id, draft, attachment_ids, due, post_id, state
from scheduled_posts
where id = :id
    and identity_id = :identity_id
    and state = 'waiting';

-- One for its state machine.
-- name: scheduled_for_job :one scheduled
select id, identity_id, application_id, draft, attachment_ids, due, post_id, state
from scheduled_posts
where id = :id;

-- Whether somebody may still write posts on the present tenant.
-- name: scheduled_author :one scheduled_author
select i.deleted is null and identity_may_act(i.id) as "may_write!"
from identities i
where i.id = :id;

-- How many an identity has, and how many of these fall due on the day of a time.
-- name: scheduled_counts :one scheduled_counts
select count(*) as "n!", count(*) filter (where due >= date_trunc('day', :due::timestamptz)
    and due < date_trunc('day', :due::timestamptz) + interval '1 day') as "that_day!"
from scheduled_posts
where identity_id = :identity_id
    and state = 'waiting';

-- Another time.
-- name: scheduled_move :exec
update scheduled_posts
set due = :due,
    state_changed = now(),
    state_next_attempt = :due,
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and identity_id = :identity_id
    and state = 'waiting';

-- It is not to appear.
-- name: scheduled_withdraw :exec
update scheduled_posts
set state = 'withdrawn',
    state_changed = now(),
    state_locked_by = null
where id = :id
    and identity_id = :identity_id
    and state = 'waiting';

-- It appeared: in the transaction that wrote the post, and only once.
-- name: scheduled_publish :exec
update scheduled_posts
set state = 'published',
    post_id = :post_id,
    state_changed = now(),
    state_locked_by = null
where id = :id
    and state = 'waiting';

-- Takes a request's key: 0 rows when somebody has it since less than an hour.
-- name: idempotency_take :exec
insert into idempotency_keys as k (identity_id, key, domain_id, post_id, scheduled_id)
values (:identity_id, :key, :domain_id, :post_id?, :scheduled_id?)
on conflict (identity_id, key) do update
set post_id = excluded.post_id,
    scheduled_id = excluded.scheduled_id,
    created = now()
where k.created < now() - interval '1 hour';

-- What came of a request with this key.
-- name: idempotency_find :one idempotency
select post_id, scheduled_id
from idempotency_keys
where identity_id = :identity_id
    and key = :key
    and created > now() - interval '1 hour';

-- Forgets the keys of the present tenant that are new again.
-- name: idempotency_prune :exec
delete from idempotency_keys
where created < now() - interval '1 hour';

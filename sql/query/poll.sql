-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Polls of several posts.
-- name: poll_by_ids :many poll
select id, domain_id, multiple, hide_totals, options, votes, coalesce(voters_count, -1) as "voters_count!", expires,
    changed, state
from polls
where id = any (:ids);

-- One poll.
-- name: poll_by_id :one poll
select id, domain_id, multiple, hide_totals, options, votes, coalesce(voters_count, -1) as "voters_count!", expires,
    changed, state
from polls
where id = :id;

-- Stores the poll of a local post.
-- name: poll_write :exec
insert into polls (id, domain_id, multiple, hide_totals, options, votes, voters_count, expires, state_next_attempt, state_lane)
values (:id, :domain_id, :multiple, :hide_totals, :options, array_fill(0::bigint, array[cardinality(:options::text[])]), 0,
    :expires, :expires, :domain_id)
on conflict (id) do nothing;

-- Changes the poll of a local post: with other options, all votes are gone.
-- name: poll_rewrite :exec
with voided as (
    delete from interactions i
    using polls o
    where o.id = :id
        and o.options <> :options::text[]
        and i.post_id = o.id
        and i.kind = 'vote'
)
update polls
set multiple = :multiple,
    hide_totals = :hide_totals,
    votes = case when options = :options::text[] then votes
        else array_fill(0::bigint, array[cardinality(:options::text[])]) end,
    voters_count = case when options = :options::text[] then voters_count else 0 end,
    options = :options,
    expires = :expires,
    state = 'open',
    state_changed = now(),
    state_next_attempt = :expires,
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and domain_id is not null;

-- A post has no poll any more.
-- name: poll_remove :exec
delete from polls
where id = :id;

-- Stores what a remote server says of a poll.
-- name: poll_store :exec
insert into polls as o (id, multiple, options, votes, voters_count, expires, state, state_next_attempt)
values (:id, :multiple, :options, :votes, nullif(:voters_count::bigint, -1), :expires?::timestamptz, case when :closed then 'closed' else 'open' end,
    coalesce(:expires?::timestamptz, now() + interval '100 years'))
on conflict (id) do update
set multiple = excluded.multiple,
    options = excluded.options,
    votes = excluded.votes,
    voters_count = excluded.voters_count,
    expires = excluded.expires,
    state = case when o.state = 'open' and :closed then 'closing' else o.state end,
    state_changed = case when o.state = 'open' then now() else o.state_changed end,
    state_next_attempt = case when o.state <> 'open' then o.state_next_attempt when :closed then now()
        else excluded.state_next_attempt end,
    state_locked_by = case when o.state <> 'open' then o.state_locked_by end
where o.domain_id is null;

-- Nobody else votes in this poll until the transaction ends.
-- name: poll_lock :exec
select poll_lock(:id)::text as "done?";

-- Counts the votes of a local poll.
-- name: poll_recount :exec
select poll_recount(:id)::text as "done?";

-- Adds own votes to what is known of a remote poll.
-- name: poll_add_votes :exec
select poll_add_votes(:id, :options, :is_first)::text as "done?";

-- Other servers know of all votes up to now.
-- name: poll_told :exec
update polls
set changed = null
where id = :id;

-- Tenants with people who voted.
-- name: poll_voter_domains :many domain_number
select poll_voter_domains(:id) as "domain_id!";

-- People of the present tenant who voted.
-- name: poll_voters_here :many identity_id
select distinct i.identity_id as "id!"
from interactions i
where i.post_id = :id
    and i.kind = 'vote'
    and i.domain_id = current_domain()
    and i.state in ('new', 'fanned_out');

-- Remote identities that voted.
-- name: poll_far_voters :many identity_id
select poll_far_voters(:id) as "id!";

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A local identity asks to follow another; asked before and ended: asks anew. Who is of the same tenant and approves
-- nobody by hand is followed at once; what another tenant and its people do not want, only that tenant may look up.
-- name: follow_request :exec
insert into follows as f (id, source_id, target_id, domain_id, target_domain_id, uri, boosts, notify, languages, state,
    state_lane)
select n.id, s.id, t.id, s.domain_id, t.domain_id, s.actor_uri || '#follow/' || n.id, :boosts, :notify, :languages,
    case when t.domain_id = s.domain_id and not t.locked then 'accepting' else 'unrequested' end, s.domain_id
from (select snowflake(4) as id) n, identities s, identities t
where s.id = :source_id
    and t.id = :target_id
on conflict (source_id, target_id) do update
set uri = excluded.uri,
    boosts = excluded.boosts,
    notify = excluded.notify,
    languages = excluded.languages,
    state = excluded.state,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where f.state in ('undone', 'rejecting', 'removed');

-- Changes how a follow is wanted.
-- name: follow_set :exec
update follows
set boosts = :boosts,
    notify = :notify,
    languages = :languages
where source_id = :source_id
    and target_id = :target_id
    and domain_id = :domain_id;

-- A remote identity asks to follow a local one. What was accepted is answered again, since the peer may have lost the
-- answer; what waits goes on waiting.
-- name: follow_receive :exec
insert into follows as f (source_id, target_id, domain_id, target_domain_id, uri, state_lane)
values (:source_id, :target_id, null, :target_domain_id, :uri, :target_domain_id)
on conflict (source_id, target_id) do update
set uri = excluded.uri,
    state = case when f.state in ('accepting', 'accepted') then 'accepting' else 'unrequested' end,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where f.state <> 'pending_approval' or f.uri <> excluded.uri;

-- Moves a follow from one of these states to another. Says whether there was one.
-- name: follow_move :exec
update follows
set state = :state,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where source_id = :source_id
    and target_id = :target_id
    and state = any (:from);

-- One follow for its state machine.
-- name: follow_by_id :one follow
select id, source_id, target_id, domain_id, target_domain_id, uri, boosts, notify, languages, created, state
from follows
where id = :id;

-- The follow between two identities.
-- name: follow_between :one follow
select id, source_id, target_id, domain_id, target_domain_id, uri, boosts, notify, languages, created, state
from follows
where source_id = :source_id
    and target_id = :target_id
    and state not in ('undone', 'rejecting', 'removed');

-- The follow of an activity's URI.
-- name: follow_by_uri :one follow
select id, source_id, target_id, domain_id, target_domain_id, uri, boosts, notify, languages, created, state
from follows
where uri = :uri;

-- Accepted followers of an identity, newest first.
-- name: follow_followers :many follow_page
select f.id, f.source_id as identity_id
from follows f
where f.target_id = :identity_id
    and f.state in ('accepting', 'accepted')
    and f.id < :max_id
order by f.id desc
limit :limit;

-- Those whom an identity follows, newest first.
-- name: follow_following :many follow_page
select f.id, f.target_id as identity_id
from follows f
where f.source_id = :identity_id
    and f.state in ('accepting', 'accepted')
    and f.id < :max_id
order by f.id desc
limit :limit;

-- Follows, blocks and all else between an identity and others.
-- name: follow_relation :many relation
select o.id as "other_id!",
    coalesce(f.state, '') as "following!",
    coalesce(f.boosts, false) as "boosts!",
    coalesce(f.notify, false) as "notify!",
    coalesce(f.languages, '{}') as "languages!",
    coalesce(g.state, '') as "followed_by!",
    exists (select from blocks b where b.source_id = :identity_id and b.target_id = o.id and b.kind = 'block'
        and b.state in ('new', 'sent')) as "blocking!",
    exists (select from blocks b where b.source_id = o.id and b.target_id = :identity_id and b.kind = 'block'
        and b.state in ('new', 'sent')) as "blocked_by!",
    m.id is not null as "muting!",
    coalesce(m.notifications, false) as "muting_notifications!",
    m.expires as "mute_expires?",
    identity_blocks_domain(:identity_id, o.id) as "domain_blocking!",
    identity_is_suspended(o.id) as "suspended!",
    exists (select from endorsements e where e.identity_id = :identity_id and e.target_id = o.id) as "endorsed!",
    coalesce(n.note, '') as "note!"
from unnest(:other_ids::bigint[]) o (id)
left join follows f on f.source_id = :identity_id and f.target_id = o.id
left join follows g on g.source_id = o.id and g.target_id = :identity_id
left join blocks m on m.source_id = :identity_id and m.target_id = o.id and m.kind = 'mute'
    and m.state in ('new', 'sent', 'expiring') and (m.expires is null or m.expires > now())
left join identity_notes n on n.identity_id = :identity_id and n.target_id = o.id;

-- Counts followers, follows and posts of a local identity anew.
-- name: identity_recount :exec
select identity_recount(:id)::text as "done?";

-- Tenants with accepted followers of an identity.
-- name: follower_domains :many domain_number
select d as "domain_id!"
from follower_domains(:identity_id) d;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Who could log in here by an address, each with their first identity on this tenant.
-- name: session_candidates :many session_candidate
select u.id as user_id, u.password, h.identity_id as "identity_id!"
from users u
cross join lateral (
    select iu.identity_id
    from identity_users iu
    join identities i on i.id = iu.identity_id
    where iu.user_id = u.id
        and iu.domain_id = :domain_id
        and i.deleted is null
    order by identity_may_act(i.id) desc, iu.created, iu.identity_id
    limit 1
) h
where u.email_key = lower(:email)
    and not u.banned
order by u.confirmed is null, u.id
limit 5;

-- A new session.
-- name: session_add :one session_id
insert into sessions (domain_id, user_id, identity_id, token_hash, csrf_token, user_agent, address, waiting, strong,
    proved, expires)
values (:domain_id, :user_id, :identity_id, :token_hash, :csrf_token, :user_agent, :address, :waiting, :strong,
    case when :proved::boolean then now() end, now() + :lifetime::interval)
returning id;

-- Whether somebody whose password was right has to prove more here.
-- name: session_asks :one session_ask
select user_has_factor(:user_id) as "more!";

-- A session that waits for its second factor goes on under a new cookie.
-- name: session_pass :exec
update sessions
set waiting = false,
    strong = true,
    proved = now(),
    token_hash = :token_hash,
    csrf_token = :csrf_token,
    expires = now() + :lifetime::interval
where id = :id
    and domain_id = :domain_id
    and waiting;

-- Its person proved who they are again; strong: by a second factor.
-- name: session_prove :exec
update sessions
set proved = now(),
    strong = strong or :strong
where id = :id
    and domain_id = :domain_id;

-- The waiting session of a cookie.
-- name: session_waiting :one session_waiting
select s.id, s.user_id, s.identity_id, s.csrf_token
from sessions s
join users u on u.id = s.user_id
where s.token_hash = :token_hash
    and s.domain_id = :domain_id
    and s.waiting
    and s.expires > now()
    and not u.banned
    and (user_may_act_as(s.user_id, s.identity_id) or user_is_shut_out(s.user_id, s.identity_id));

-- The live session of a cookie: a ban, a deleted identity or one that was taken away ends it at once.
-- name: session_by_token :one session
select s.id, s.user_id, s.identity_id, s.csrf_token, s.user_agent, s.address, s.created, s.last_seen, s.expires,
    u.language, u.theme, u.text_size, u.still, u.shortcuts, s.strong, s.proved, user_lacks_factor(s.user_id) as "lacks_factor!",
    user_helps(s.user_id, s.identity_id) as "helps!"
from sessions s
join users u on u.id = s.user_id
where s.token_hash = :token_hash
    and s.domain_id = :domain_id
    and s.expires > now()
    and not s.waiting
    and not u.banned
    and user_may_act_as(s.user_id, s.identity_id);

-- The session of a cookie by which nothing can be done but to read why one was shut out, and to appeal.
-- name: session_shut_out :one session_shut_out
select s.id, s.user_id, s.identity_id, s.csrf_token
from sessions s
join users u on u.id = s.user_id
where s.token_hash = :token_hash
    and s.domain_id = :domain_id
    and s.expires > now()
    and not s.waiting
    and not u.banned
    and user_is_shut_out(s.user_id, s.identity_id);

-- It was used.
-- name: session_touch :exec
update sessions
set last_seen = now()
where id = :id;

-- Live sessions of a log-in on a tenant, newest first.
-- name: session_list :many session
select s.id, s.user_id, s.identity_id, s.csrf_token, s.user_agent, s.address, s.created, s.last_seen, s.expires,
    u.language, u.theme, u.text_size, u.still, u.shortcuts, s.strong, s.proved, false as "lacks_factor!",
    false as "helps!"
from sessions s
join users u on u.id = s.user_id
where s.user_id = :user_id
    and s.domain_id = :domain_id
    and s.expires > now()
    and not s.waiting
order by s.last_seen desc, s.id desc
limit 200;

-- Ends a session.
-- name: session_end :exec
delete from sessions
where id = :id
    and domain_id = :domain_id;

-- Ends a session of one's own.
-- name: session_revoke :exec
delete from sessions
where id = :id
    and domain_id = :domain_id
    and user_id = :user_id;

-- Acts as another identity of the same log-in on the same tenant from now on.
-- name: session_switch :exec
update sessions
set identity_id = :identity_id
where id = :id
    and domain_id = :domain_id
    and user_may_act_as(sessions.user_id, :identity_id);

-- A ticket to another tenant where the same log-in holds an identity.
-- name: handoff_create :one handoff
select handoff_create(:token_hash, :user_id, :identity_id, :strong) as "made!";

-- Whom a ticket lets somebody act as; it stays.
-- name: handoff_look :one handoff_look
select identity_id
from session_handoffs
where token_hash = :token_hash
    and domain_id = :domain_id
    and expires > now();

-- Takes a ticket: it works once.
-- name: handoff_take :one handoff_owner
delete from session_handoffs
where token_hash = :token_hash
    and domain_id = :domain_id
    and expires > now()
returning user_id, identity_id, strong;

-- Removes what ended by itself on a tenant.
-- name: session_forget :exec
with tickets as (
    delete from session_handoffs
    where domain_id = :domain_id
        and expires <= now()
), challenges as (
    delete from spent_challenges
    where domain_id = :domain_id
        and expires <= now()
), invitations as (
    delete from identity_invitations
    where domain_id = :domain_id
        and expires <= now()
)
delete from sessions
where domain_id = :domain_id
    and expires <= now();

-- Removes sessions that ended by themselves.
-- name: session_prune :exec
delete from sessions
where user_id = :user_id
    and domain_id = :domain_id
    and expires <= now();

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
    order by iu.created, iu.identity_id
    limit 1
) h
where u.email_key = lower(:email)
    and not u.banned
order by u.confirmed is null, u.id
limit 5;

-- A new session.
-- name: session_add :one session_id
insert into sessions (domain_id, user_id, identity_id, token_hash, csrf_token, user_agent, address, expires)
values (:domain_id, :user_id, :identity_id, :token_hash, :csrf_token, :user_agent, :address,
    now() + :lifetime::interval)
returning id;

-- The live session of a cookie: a ban, a deleted identity or one that was taken away ends it at once.
-- name: session_by_token :one session
select s.id, s.user_id, s.identity_id, s.csrf_token, s.user_agent, s.address, s.created, s.last_seen, s.expires,
    u.language, u.theme, u.text_size, u.still, u.shortcuts
from sessions s
join users u on u.id = s.user_id
join identities i on i.id = s.identity_id
join identity_users iu on iu.identity_id = s.identity_id and iu.user_id = s.user_id
where s.token_hash = :token_hash
    and s.domain_id = :domain_id
    and s.expires > now()
    and not u.banned
    and i.deleted is null
    and identity_may_act(i.id);

-- It was used.
-- name: session_touch :exec
update sessions
set last_seen = now()
where id = :id;

-- Live sessions of a log-in on a tenant, newest first.
-- name: session_list :many session
select s.id, s.user_id, s.identity_id, s.csrf_token, s.user_agent, s.address, s.created, s.last_seen, s.expires,
    u.language, u.theme, u.text_size, u.still, u.shortcuts
from sessions s
join users u on u.id = s.user_id
where s.user_id = :user_id
    and s.domain_id = :domain_id
    and s.expires > now()
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
    and exists (
        select from identity_users iu
        where iu.identity_id = :identity_id
            and iu.user_id = sessions.user_id
            and iu.domain_id = sessions.domain_id);

-- A ticket to another tenant where the same log-in holds an identity.
-- name: handoff_create :one handoff
select handoff_create(:token_hash, :user_id, :identity_id) as "made!";

-- Takes a ticket: it works once.
-- name: handoff_take :one handoff_owner
delete from session_handoffs
where token_hash = :token_hash
    and domain_id = :domain_id
    and expires > now()
returning user_id, identity_id;

-- Removes what ended by itself on a tenant.
-- name: session_forget :exec
with tickets as (
    delete from session_handoffs
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

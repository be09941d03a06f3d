-- SPDX-License-Identifier: AGPL-3.0-or-later

-- The live token of the client API with this hash: a ban, a deleted identity or one that was taken away ends it at
-- once. Without a user it is its application's own.
-- name: token_by_hash :one token
select t.id, t.application_id, t.user_id, t.identity_id, t.scopes, t.last_used,
    t.user_id is not null and identity_awaits_confirmation(t.identity_id) as "awaits!"
from tokens t
left join users u on u.id = t.user_id
where t.token_hash = :token_hash
    and t.domain_id = :domain_id
    and (t.user_id is null
        or (not u.banned
            and (user_may_act_as(t.user_id, t.identity_id)
                or (identity_awaits_confirmation(t.identity_id)
                    and exists (
                        select from identity_users iu
                        where iu.identity_id = t.identity_id
                            and iu.user_id = t.user_id)))));

-- It was used.
-- name: token_touch :exec
update tokens
set last_used = now()
where id = :id
    and domain_id = :domain_id;

-- A new token: of a person (user and identity), or of the application alone.
-- name: token_add :one token_made
insert into tokens (domain_id, application_id, user_id, identity_id, token_hash, scopes, user_agent)
values (:domain_id, :application_id, :user_id?, :identity_id?, :token_hash, :scopes, :user_agent)
returning id, created;

-- Ends a token.
-- name: token_end :exec
delete from tokens
where id = :id
    and domain_id = :domain_id;

-- Whose a token is, whether or not it may be used.
-- name: token_holder :one token_holder
select id, application_id
from tokens
where token_hash = :token_hash
    and domain_id = :domain_id;

-- Tokens that a log-in granted on a tenant, with the programs that hold them: the last granted first.
-- name: token_list :many token_grant
select t.id, a.name, a.website, i.username, t.scopes, t.user_agent, t.created, t.last_used
from tokens t
join applications a on a.id = t.application_id
join identities i on i.id = t.identity_id
where t.user_id = :user_id
    and t.domain_id = :domain_id
order by t.created desc, t.id desc
limit 200;

-- Ends a token that one granted.
-- name: token_revoke :exec
delete from tokens
where id = :id
    and domain_id = :domain_id
    and user_id = :user_id;

-- Ends tokens of applications alone that were not used for a while.
-- name: token_prune :exec
delete from tokens
where domain_id = :domain_id
    and user_id is null
    and coalesce(last_used, created) < now() - :age::interval;

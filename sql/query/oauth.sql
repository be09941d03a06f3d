-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A code for an application, if the person holds the identity on this tenant.
-- name: oauth_code_add :exec
insert into oauth_codes (code_hash, domain_id, application_id, user_id, identity_id, redirect_uri, scopes, challenge,
    expires)
select :code_hash, iu.domain_id, :application_id, iu.user_id, iu.identity_id, :redirect_uri, :scopes, :challenge,
    now() + :lifetime::interval
from identity_users iu
where iu.identity_id = :identity_id
    and iu.user_id = :user_id
    and iu.domain_id = :domain_id
    and user_may_act_as(iu.user_id, iu.identity_id);

-- A code, which no other transaction redeems meanwhile.
-- name: oauth_code_lock :one oauth_code
select application_id, user_id, identity_id, redirect_uri, scopes, challenge, coalesce(token_id, 0) as "token_id!",
    expires
from oauth_codes
where code_hash = :code_hash
    and domain_id = :domain_id
for update;

-- It was redeemed for a token.
-- name: oauth_code_use :exec
update oauth_codes
set token_id = :token_id
where code_hash = :code_hash
    and domain_id = :domain_id;

-- Removes codes of a tenant whose second use would tell nothing any more.
-- name: oauth_code_prune :exec
delete from oauth_codes
where domain_id = :domain_id
    and expires < now() - :age::interval;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- The live token of the client API with this hash: a ban, a deleted identity or one that was taken away ends it at
-- once. Without a user it is its application's own.
-- name: token_by_hash :one token
select t.id, t.application_id, t.user_id, t.identity_id, t.scopes, t.last_used
from tokens t
left join users u on u.id = t.user_id
left join identities i on i.id = t.identity_id
where t.token_hash = :token_hash
    and t.domain_id = :domain_id
    and (t.user_id is null
        or (not u.banned
            and i.deleted is null
            and exists (
                select from identity_users iu
                where iu.identity_id = t.identity_id
                    and iu.user_id = t.user_id)));

-- It was used.
-- name: token_touch :exec
update tokens
set last_used = now()
where id = :id
    and domain_id = :domain_id;

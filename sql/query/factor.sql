-- SPDX-License-Identifier: AGPL-3.0-or-later

-- What a log-in has beside its password on a tenant (0, for the host role: on all).
-- name: factor_standing :one factor_standing
select
    (select t.confirmed from user_totps t where t.user_id = :user_id) as "totp?",
    (select count(*) from passkeys k where k.user_id = :user_id and (:domain_id::bigint = 0 or k.domain_id = :domain_id))
        as "passkeys!",
    (select count(*) from recovery_codes r where r.user_id = :user_id) as "codes!";

-- The stored password of a log-in.
-- name: factor_password :one factor_password
select u.password, u.email
from users u
where u.id = :user_id;

-- The secret of a log-in's program, whether or not it counts yet.
-- name: totp_get :one totp
select secret, confirmed, last_step
from user_totps
where user_id = :user_id;

-- A new secret that does not count yet; one that counts stays.
-- name: totp_offer :exec
insert into user_totps as t (user_id, secret)
values (:user_id, :secret)
on conflict (user_id) do update
set secret = excluded.secret,
    created = now()
where t.confirmed is null;

-- Takes a code's interval, once, and no older one after it; confirm: from now on it counts.
-- name: totp_take :exec
update user_totps
set last_step = :step,
    confirmed = coalesce(confirmed, case when :confirm::boolean then now() end)
where user_id = :user_id
    and last_step < :step
    and (confirmed is not null or :confirm::boolean);

-- Forgets the secret.
-- name: totp_remove :exec
delete from user_totps
where user_id = :user_id;

-- Codes on paper in place of those that there were.
-- name: recovery_drop :exec
delete from recovery_codes
where user_id = :user_id;

-- ... the new ones.
-- name: recovery_add :exec
insert into recovery_codes (user_id, code_hash)
select :user_id, h
from unnest(:hashes::bytea[]) h;

-- Takes one, once.
-- name: recovery_take :exec
delete from recovery_codes
where user_id = :user_id
    and code_hash = :hash;

-- Takes all factors of a log-in away, on the operator's word, and ends its sessions.
-- name: factor_reset :exec
with totp as (
    delete from user_totps where user_id = :user_id
), codes as (
    delete from recovery_codes where user_id = :user_id
), keys as (
    delete from passkeys where user_id = :user_id
), own as (
    delete from operator_passkeys where user_id = :user_id
)
delete from sessions
where user_id = :user_id;

-- Whether a log-in is staff here, has to have a second factor and has none.
-- name: factor_lack :one factor_lack
select user_lacks_factor(:user_id) as "lacks!";

-- Passkeys of a log-in on a tenant, oldest first.
-- name: passkey_list :many passkey
select id, user_id, credential_id, algorithm, public_key, sign_count, name, created, last_used
from passkeys
where user_id = :user_id
    and domain_id = :domain_id
order by id
limit 50;

-- The passkey that an authenticator names, with whom its owner acts as first.
-- name: passkey_find :one passkey_found
select k.id, k.user_id, k.algorithm, k.public_key, k.sign_count, h.identity_id as "identity_id!"
from passkeys k
join users u on u.id = k.user_id
cross join lateral (
    select iu.identity_id
    from identity_users iu
    where iu.user_id = k.user_id
        and iu.domain_id = k.domain_id
        and user_may_act_as(iu.user_id, iu.identity_id)
    order by iu.created, iu.identity_id
    limit 1
) h
where k.domain_id = :domain_id
    and k.credential_id = :credential_id
    and not u.banned;

-- A new passkey; none when the tenant knows it already, or when there are enough.
-- name: passkey_add :exec
insert into passkeys (domain_id, user_id, credential_id, algorithm, public_key, sign_count, name)
select :domain_id, :user_id, :credential_id, :algorithm, :public_key, :sign_count, :name
where (select count(*) from passkeys k where k.user_id = :user_id and k.domain_id = :domain_id) < :limit
on conflict do nothing;

-- It was used: a counter that the authenticator keeps has to have grown.
-- name: passkey_use :exec
update passkeys
set sign_count = :sign_count,
    last_used = now()
where id = :id
    and domain_id = :domain_id
    and (sign_count < :sign_count or (sign_count = 0 and :sign_count = 0));

-- Removes one of one's own.
-- name: passkey_remove :exec
delete from passkeys
where id = :id
    and user_id = :user_id
    and domain_id = :domain_id;

-- Spends a challenge, once.
-- name: challenge_spend :exec
insert into spent_challenges (domain_id, challenge, expires)
values (:domain_id, :challenge, :expires)
on conflict do nothing;

-- The same on the console, which is no tenant.
-- name: operator_passkey_list :many passkey
select id, user_id, credential_id, algorithm, public_key, sign_count, name, created, last_used
from operator_passkeys
where user_id = :user_id
order by id
limit 50;

-- ... the one that an authenticator names.
-- name: operator_passkey_find :one passkey_found
select k.id, k.user_id, k.algorithm, k.public_key, k.sign_count, 0::bigint as "identity_id!"
from operator_passkeys k
join users u on u.id = k.user_id
where k.credential_id = :credential_id
    and not u.banned
    and exists (
        select from staff_grants g
        where g.user_id = u.id and g.domain_id is null and g.role in ('owner', 'admin')
            and (g.expires is null or g.expires > now()));

-- ... a new one.
-- name: operator_passkey_add :exec
insert into operator_passkeys (user_id, credential_id, algorithm, public_key, sign_count, name)
select :user_id, :credential_id, :algorithm, :public_key, :sign_count, :name
where (select count(*) from operator_passkeys k where k.user_id = :user_id) < :limit
on conflict do nothing;

-- ... it was used.
-- name: operator_passkey_use :exec
update operator_passkeys
set sign_count = :sign_count,
    last_used = now()
where id = :id
    and (sign_count < :sign_count or (sign_count = 0 and :sign_count = 0));

-- ... removes one, but not the last proof that there is.
-- name: operator_passkey_remove :exec
delete from operator_passkeys
where id = :id
    and user_id = :user_id
    and (exists (select from user_totps t where t.user_id = :user_id and t.confirmed is not null)
        or (select count(*) from operator_passkeys k where k.user_id = :user_id) > 1);

-- ... spends a challenge, once, and forgets those that are too old.
-- name: operator_challenge_spend :exec
with old as (
    delete from operator_challenges where expires <= now()
)
insert into operator_challenges (challenge, expires)
values (:challenge, :expires)
on conflict do nothing;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- The key pair by which push services know this installation.
-- name: push_key :one push_key
select private_der, point
from push_keys;

-- Keeps a new key pair, unless there is one.
-- name: push_key_store :exec
insert into push_keys (private_der, point)
values (:private_der, :point)
on conflict do nothing;

-- A subscription in place of the token's former one.
-- name: push_subscribe :one push_subscription
insert into push_subscriptions (domain_id, token_id, identity_id, endpoint, point, auth, standard, alerts, policy,
    sealed_token)
values (:domain_id, :token_id, :identity_id, :endpoint, :point, :auth, :standard, :alerts, :policy, :sealed_token)
on conflict (token_id) do update
set endpoint = excluded.endpoint,
    point = excluded.point,
    auth = excluded.auth,
    standard = excluded.standard,
    alerts = excluded.alerts,
    policy = excluded.policy,
    sealed_token = excluded.sealed_token,
    created = now()
returning id, endpoint, standard, alerts, policy;

-- That of a token.
-- name: push_subscription_of_token :one push_subscription
select id, endpoint, standard, alerts, policy
from push_subscriptions
where token_id = :token_id
    and domain_id = :domain_id;

-- Changes what it wants.
-- name: push_subscription_change :one push_subscription
update push_subscriptions
set alerts = :alerts,
    policy = :policy
where token_id = :token_id
    and domain_id = :domain_id
returning id, endpoint, standard, alerts, policy;

-- Ends it.
-- name: push_unsubscribe :exec
delete from push_subscriptions
where token_id = :token_id
    and domain_id = :domain_id;

-- What a push needs: where to, about what, by whom.
-- name: push_for_job :one push
select p.id, p.created, p.notification_id, s.id as subscription_id, s.endpoint, s.point, s.auth, s.standard,
    s.sealed_token, n.identity_id, push_alert(n.kind) as "alert!", n.actor_id, n.post_id, k.private_der as vapid_der,
    k.point as vapid_point
from pushes p
join push_subscriptions s on s.id = p.subscription_id
join notifications n on n.id = p.notification_id
cross join push_keys k
where p.id = :id;

-- The push service knows a subscription no more.
-- name: push_subscription_gone :exec
delete from push_subscriptions
where id = :id;

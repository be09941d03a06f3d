-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Webhooks of a tenant, in their order.
-- name: webhook_list :many webhook
select w.id, w.url, w.events, w.secret, w.template, w.enabled, w.created
from webhooks w
where w.domain_id = :domain_id
order by w.id
limit 100;

-- One of them.
-- name: webhook_by_id :one webhook
select w.id, w.url, w.events, w.secret, w.template, w.enabled, w.created
from webhooks w
where w.domain_id = :domain_id
    and w.id = :id;

-- A new one, where there are fewer than so many.
-- name: webhook_add :one webhook_id
insert into webhooks (domain_id, url, events, secret, template)
select :domain_id, :url, :events, :secret, :template
where (select count(*) from webhooks w where w.domain_id = :domain_id) < :most
returning id;

-- Changes one.
-- name: webhook_change :exec
update webhooks
set url = :url,
    events = :events,
    template = :template,
    enabled = :enabled
where domain_id = :domain_id
    and id = :id;

-- Gives one another secret.
-- name: webhook_rotate :exec
update webhooks
set secret = :secret
where domain_id = :domain_id
    and id = :id;

-- Takes one away.
-- name: webhook_remove :exec
delete from webhooks
where domain_id = :domain_id
    and id = :id;

-- Tells one something now: a test.
-- name: webhook_test :exec
insert into webhook_calls (domain_id, webhook_id, event, state_lane)
select w.domain_id, w.id, 'test', w.domain_id
from webhooks w
where w.domain_id = :domain_id
    and w.id = :id
    and (select count(*) from webhook_calls k where k.webhook_id = w.id and k.event = 'test' and k.state = 'waiting') < 5;

-- What one was told last.
-- name: webhook_calls :many webhook_call
select k.id, k.event, k.status, k.created, k.state, k.state_changed, k.state_attempts, k.state_error
from webhook_calls k
where k.domain_id = :domain_id
    and k.webhook_id = :webhook_id
order by k.id desc
limit 20;

-- What a call needs.
-- name: webhook_for_job :one webhook_job
select k.id, k.event, k.subject_id, k.created, w.id as webhook_id, w.url, w.secret, w.template, w.enabled
from webhook_calls k
join webhooks w on w.id = k.webhook_id
where k.id = :id;

-- What the receiver answered.
-- name: webhook_answered :exec
update webhook_calls
set status = :status
where id = :id;

-- A complaint, as it is told.
-- name: webhook_report :one webhook_report
select r.id, r.category, r.comment, r.forwarded, r.created, r.resolved, r.source_id, r.subject_id,
    coalesce(array_length(r.post_ids, 1), 0)::bigint as "posts!"
from reports r
where r.domain_id = :domain_id
    and r.id = :id;

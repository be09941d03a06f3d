-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Decisions about an identity (0: about all), or only those whose appeal waits, newest first.
-- name: strike_list :many strike
select w.id, w.identity_id, w.action, w.text, w.report_id, w.post_ids, w.rule_ids, w.undone, w.created,
    case
        when a.warning_id is null then ''
        when a.accepted is null then 'waiting'
        when a.accepted then 'accepted'
        else 'refused'
    end as "appeal!",
    coalesce(a.text, '') as "appeal_text!",
    a.created as "appealed?",
    a.decided as "decided?"
from warnings w
left join appeals a on a.warning_id = w.id
where w.domain_id = :domain_id
    and (:identity_id::bigint = 0 or w.identity_id = :identity_id)
    and (not :waiting::boolean or (a.warning_id is not null and a.accepted is null))
    and w.id < :max_id
order by w.id desc
limit :limit;

-- One of them.
-- name: strike_by_id :one strike
select w.id, w.identity_id, w.action, w.text, w.report_id, w.post_ids, w.rule_ids, w.undone, w.created,
    case
        when a.warning_id is null then ''
        when a.accepted is null then 'waiting'
        when a.accepted then 'accepted'
        else 'refused'
    end as "appeal!",
    coalesce(a.text, '') as "appeal_text!",
    a.created as "appealed?",
    a.decided as "decided?"
from warnings w
left join appeals a on a.warning_id = w.id
where w.domain_id = :domain_id
    and w.id = :id;

-- Somebody appeals against a decision about them, once.
-- name: strike_appeal :exec
insert into appeals (warning_id, domain_id, identity_id, text)
select w.id, w.domain_id, w.identity_id, :text
from warnings w
where w.id = :id
    and w.domain_id = :domain_id
    and w.identity_id = :identity_id
    and w.undone is null
    and w.created > :since
on conflict do nothing;

-- Staff decides about an appeal that waits.
-- name: strike_decide :exec
with decided as (
    update appeals
    set accepted = :accepted,
        decided_by_id = :by_id,
        decided = now()
    where warning_id = :id
        and domain_id = :domain_id
        and accepted is null
    returning warning_id
)
update warnings w
set undone = case when :accepted then now() end
from decided d
where w.id = d.warning_id;

-- Texts that staff often sends.
-- name: warning_template_list :many warning_template
select id, title, text
from warning_templates
where domain_id = :domain_id
order by title, id
limit 200;

-- A new one.
-- name: warning_template_add :exec
insert into warning_templates (domain_id, title, text)
values (:domain_id, :title, :text);

-- Another text.
-- name: warning_template_change :exec
update warning_templates
set title = :title,
    text = :text
where id = :id
    and domain_id = :domain_id;

-- One less.
-- name: warning_template_remove :exec
delete from warning_templates
where id = :id
    and domain_id = :domain_id;

-- Posts of the present tenant by an author: which of some there are.
-- name: strike_posts :many post_id
select p.id
from posts p
where p.id = any (:ids)
    and p.author_id = :author_id
    and p.domain_id = :domain_id
    and p.deleted is null
order by p.id;

-- Media of these posts of the present tenant count as sensitive, or no longer.
-- name: strike_set_sensitive :exec
update posts
set sensitive = :on,
    edited = now(),
    state = case when visibility = 'held' then 'held' else 'edited' end,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = any (:ids)
    and domain_id = :domain_id
    and deleted is null;

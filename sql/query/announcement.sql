-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Announcements of a tenant that did not end, newest first, and whether somebody has read them.
-- name: announcement_current :many announcement
select a.id, a.source, a.content, a.starts, a.ends, a.all_day, a.published, a.updated, a.shown, a.due,
    exists (
        select from announcement_dismissals d
        where d.announcement_id = a.id and d.identity_id = :identity_id) as "read!"
from announcements a
where a.domain_id = :domain_id
    and a.shown
    and (a.ends is null or a.ends > now())
    and (:with_dismissed or not exists (
        select from announcement_dismissals d
        where d.announcement_id = a.id and d.identity_id = :identity_id))
order by a.id desc
limit :limit;

-- All of a tenant, newest first.
-- name: announcement_all :many announcement
select a.id, a.source, a.content, a.starts, a.ends, a.all_day, a.published, a.updated, a.shown, a.due, false as "read!"
from announcements a
where a.domain_id = :domain_id
order by a.id desc
limit :limit;

-- One that did not end.
-- name: announcement_by_id :one announcement
select a.id, a.source, a.content, a.starts, a.ends, a.all_day, a.published, a.updated, a.shown, a.due, false as "read!"
from announcements a
where a.domain_id = :domain_id
    and a.id = :id
    and a.shown
    and (a.ends is null or a.ends > now());

-- A new one.
-- name: announcement_add :one announcement
insert into announcements (domain_id, source, content, starts, ends, all_day, shown, due)
values (:domain_id, :source, :content, :starts?, :ends?, :all_day, :shown, :due?)
returning id, source, content, starts, ends, all_day, published, updated, shown, due, false as "read!";

-- One of a tenant, shown or not.
-- name: announcement_any :one announcement
select a.id, a.source, a.content, a.starts, a.ends, a.all_day, a.published, a.updated, a.shown, a.due, false as "read!"
from announcements a
where a.domain_id = :domain_id
    and a.id = :id;

-- Changes one. One that is shown now is as new as it is then.
-- name: announcement_change :exec
update announcements
set source = :source,
    content = :content,
    starts = :starts?,
    ends = :ends?,
    all_day = :all_day,
    published = case when :shown and not shown then now() else published end,
    shown = :shown,
    due = :due?,
    updated = now()
where domain_id = :domain_id
    and id = :id;

-- Shows those of all tenants whose time has come.
-- name: announcement_publish :exec
select announcements_publish()::text as "done?";

-- Takes one away.
-- name: announcement_remove :exec
delete from announcements
where domain_id = :domain_id
    and id = :id;

-- Somebody has read it.
-- name: announcement_dismiss :exec
insert into announcement_dismissals (announcement_id, identity_id, domain_id)
values (:id, :identity_id, :domain_id)
on conflict do nothing;

-- What people think of these, each emoji in the order of its first use.
-- name: announcement_reactions :many announcement_reaction
select r.announcement_id, r.name, count(*) as "n!", bool_or(r.identity_id = :identity_id) as "own!"
from announcement_reactions r
where r.announcement_id = any (:ids)
group by r.announcement_id, r.name
order by r.announcement_id, min(r.created), r.name;

-- Somebody reacts, unless there are as many different emoji as may be. Says whether it is there then.
-- name: announcement_react :one announcement_reacted
with added as (
    insert into announcement_reactions (announcement_id, name, identity_id, domain_id)
    select :id, :name, :identity_id, :domain_id
    where exists (select from announcement_reactions where announcement_id = :id and name = :name)
        or (select count(distinct name) from announcement_reactions where announcement_id = :id) < :limit
    on conflict do nothing
    returning 1
)
select exists (select from added)
    or exists (
        select from announcement_reactions
        where announcement_id = :id and name = :name and identity_id = :identity_id) as "there!";

-- ... and no longer.
-- name: announcement_unreact :exec
delete from announcement_reactions
where announcement_id = :id
    and name = :name
    and identity_id = :identity_id;

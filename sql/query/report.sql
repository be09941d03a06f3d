-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Stores a complaint that came from elsewhere, once.
-- name: report_store :one report_id
insert into reports (domain_id, uri, source_id, subject_id, post_ids, comment)
values (:domain_id, :uri, :source_id, :subject_id, :post_ids, :comment)
on conflict do nothing
returning id;

-- Stores a complaint of somebody here. Its posts are those of the subject among the given that the source may read.
-- name: report_add :one report
insert into reports (id, domain_id, uri, source_id, subject_id, post_ids, comment, category, rule_ids, collection_ids,
    forwarded)
select n.id, :domain_id, :origin::text || '/reports/' || n.id, :source_id, :subject_id,
    array(
        select p.id
        from posts p
        where p.id = any (:post_ids)
            and p.author_id = :subject_id
            and post_is_readable(p, :source_id)
        order by p.id),
    :comment, :category, :rule_ids, :collection_ids, :forwarded
from (select snowflake(3) as id) n
returning id, uri, source_id, subject_id, post_ids, comment, category, rule_ids, collection_ids, forwarded,
    report_holder(reports) as "assigned_id?", assigned_until, resolved, resolved_by_id, answer, answered, created, updated;

-- One of the present tenant.
-- name: report_by_id :one report
select id, uri, source_id, subject_id, post_ids, comment, category, rule_ids, collection_ids, forwarded,
    report_holder(reports) as "assigned_id?", assigned_until, resolved, resolved_by_id, answer, answered, created, updated
from reports
where id = :id
    and domain_id = :domain_id;

-- Several of the present tenant.
-- name: report_by_ids :many report
select id, uri, source_id, subject_id, post_ids, comment, category, rule_ids, collection_ids, forwarded,
    report_holder(reports) as "assigned_id?", assigned_until, resolved, resolved_by_id, answer, answered, created, updated
from reports
where id = any (:ids)
    and domain_id = :domain_id;

-- Those of a tenant that are open or dealt with, by whom, about whom or about whose server (empty: all); that somebody of
-- the staff deals with (0: all, below 0: nobody does); of a category; from here, from elsewhere or by a notice.
-- name: report_list :many report both
select r.id, r.uri, r.source_id, r.subject_id, r.post_ids, r.comment, r.category, r.rule_ids, r.collection_ids,
    r.forwarded, report_holder(r) as "assigned_id?", r.assigned_until, r.resolved, r.resolved_by_id, r.answer, r.answered,
    r.created, r.updated
from reports r
where r.domain_id = :domain_id
    and r.id < :max_id
    and r.id > :min_id
    and (r.resolved is not null) = :resolved
    and (:source_id::bigint = 0 or r.source_id = :source_id)
    and (:subject_id::bigint = 0 or r.subject_id = :subject_id)
    and (:host::text = '' or exists (
        select from identities i
        left join servers s on s.id = i.server_id
        where i.id = r.subject_id and coalesce(s.host, i.host) = :host))
    and (:holder_id::bigint = 0 or coalesce(report_holder(r), -1) = :holder_id)
    and (:category::text = '' or r.category = :category)
    and case :origin::text
        when '' then true
        when 'notice' then r.source_id is null
        when 'local' then exists (select from identities o where o.id = r.source_id and o.domain_id = :domain_id)
        else exists (select from identities o where o.id = r.source_id and o.domain_id is distinct from :domain_id)
    end
order by r.id desc
limit :limit;

-- Changes what it is about.
-- name: report_change :exec
with done as (
    update reports
    set category = :category,
        rule_ids = :rule_ids,
        updated = now()
    where id = :id
        and domain_id = :domain_id
    returning id, subject_id
)
insert into case_events (domain_id, report_id, subject_id, identity_id, kind, text)
select :domain_id, d.id, d.subject_id, :by_id, 'change', :category
from done d;

-- Somebody of the staff deals with it until some time, unless another one does.
-- name: report_claim :exec
with done as (
    update reports r
    set assigned_id = :by_id,
        assigned_until = :until,
        updated = now()
    where r.id = :id
        and r.domain_id = :domain_id
        and coalesce(report_holder(r), :by_id) = :by_id
    returning r.id, r.subject_id
)
insert into case_events (domain_id, report_id, subject_id, identity_id, kind)
select :domain_id, d.id, d.subject_id, :by_id, 'claim'
from done d;

-- Nobody deals with it.
-- name: report_release :exec
with done as (
    update reports
    set assigned_id = null,
        assigned_until = null,
        updated = now()
    where id = :id
        and domain_id = :domain_id
    returning id, subject_id
)
insert into case_events (domain_id, report_id, subject_id, identity_id, kind)
select :domain_id, d.id, d.subject_id, :by_id, 'release'
from done d;

-- It was dealt with, or has to be again.
-- name: report_resolve :exec
with done as (
    update reports
    set resolved = case when :done then coalesce(resolved, now()) end,
        resolved_by_id = case when :done then coalesce(resolved_by_id, :by_id) end,
        updated = now()
    where id = :id
        and domain_id = :domain_id
    returning id, subject_id
)
insert into case_events (domain_id, report_id, subject_id, identity_id, kind)
select :domain_id, d.id, d.subject_id, :by_id, case when :done then 'resolve' else 'reopen' end
from done d;

-- Who complained is told something.
-- name: report_answer :exec
with done as (
    update reports
    set answer = :answer,
        answered = now(),
        updated = now()
    where id = :id
        and domain_id = :domain_id
    returning id, subject_id
)
insert into case_events (domain_id, report_id, subject_id, identity_id, kind, text)
select :domain_id, d.id, d.subject_id, :by_id, 'answer', :answer
from done d;

-- One of somebody without an account.
-- name: report_add_notice :one report_id
with made as (
    insert into reports (id, domain_id, uri, subject_id, post_ids, comment, category)
    select n.id, :domain_id, :origin::text || '/reports/' || n.id, :subject_id,
        array(select p.id from posts p where p.id = any (:post_ids) and p.author_id = :subject_id), :comment, 'legal'
    from (select snowflake(3) as id) n
    returning id
), kept as (
    insert into notices (report_id, domain_id, name, email, address, law)
    select m.id, :domain_id, :name, :email, :address, :law
    from made m
)
select id as "id!" from made;

-- Who complained without an account.
-- name: report_notice :one report_notice
select report_id, name, email, address, law, created
from notices
where report_id = :report_id
    and domain_id = :domain_id;

-- What the acting identity complained about, newest first.
-- name: report_list_own :many own_report
select r.id, r.subject_id, r.comment, r.category, r.resolved, r.answer, r.answered, r.created
from reports r
where r.domain_id = :domain_id
    and r.source_id = :source_id
    and r.id < :max_id
order by r.id desc
limit :limit;

-- Tells the staff of the present tenant; how many of their identities.
-- name: report_tell_staff :one told_staff
select count(n.id) as "n!"
from (
    select distinct iu.identity_id
    from staff_grants g
    join identity_users iu on iu.user_id = g.user_id and iu.domain_id = g.domain_id
    join identities i on i.id = iu.identity_id and i.deleted is null
    where g.domain_id = :domain_id
        and (g.expires is null or g.expires > now())
) s
cross join lateral notification_add(s.identity_id, :kind, :actor_id, null, nullif(:subject_id::bigint, 0)) n;

-- Whom a forwarded complaint goes to beside its subject: those whom the posts answer, on some servers.
-- name: report_bystanders :many identity_id
select distinct a.id
from posts p
join posts parent on parent.id = p.in_reply_to_id
join identities a on a.id = parent.author_id
join servers s on s.id = a.server_id
where p.id = any (:post_ids)
    and s.host = any (:hosts);

-- What posts are called elsewhere.
-- name: report_post_uris :many report_post
select object_uri as uri
from posts
where id = any (:ids)
order by id;

-- What staff did about somebody.
-- name: warning_add :one warning
insert into warnings (domain_id, identity_id, action, text, report_id, post_ids, rule_ids)
values (:domain_id, :identity_id, :action, :text, :report_id?, :post_ids, :rule_ids)
returning id, identity_id, action, text, report_id, post_ids, created;

-- Several, for those that they are about.
-- name: warning_by_ids :many warning
select id, identity_id, action, text, report_id, post_ids, created
from warnings
where id = any (:ids)
    and domain_id = :domain_id;

-- Follows that identities lost.
-- name: severance_by_ids :many severance
select id, identity_id, kind, target, followers, following, created
from severances
where id = any (:ids)
    and domain_id = :domain_id;

-- What an address is of that the present tenant knows: a post or a person, by its id or by its page.
-- name: report_target :one report_target
select x.identity_id as "identity_id!", x.post_id as "post_id?"
from (
    select p.author_id as identity_id, p.id as post_id
    from posts p
    where p.deleted is null
        and (p.object_uri = :url or p.object_uri = :url || '/' or p.url = :url or p.url = :url || '/')
    union all
    select i.id, null
    from identities i
    where i.deleted is null
        and not i.is_system
        and (i.actor_uri = :url or i.actor_uri = :url || '/' or i.url = :url or i.url = :url || '/')
) x
order by x.post_id nulls last
limit 1;

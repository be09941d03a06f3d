-- SPDX-License-Identifier: AGPL-3.0-or-later

-- The present tenant decides about a post; again changes the words, but not those of the host's floor.
-- name: post_decide :exec
insert into post_decisions as d (domain_id, post_id, kind, words, reason, identity_id, policy_id)
values (:domain_id, :post_id, :kind, :words, :reason, :identity_id?, :policy_id?)
on conflict (domain_id, post_id, kind) do update
set words = excluded.words,
    reason = excluded.reason,
    identity_id = excluded.identity_id,
    policy_id = excluded.policy_id,
    created = now()
where not exists (select from policies p where p.id = d.policy_id and p.domain_id is null);

-- A policy decides about a post, where staff did not before.
-- name: post_decide_by_policy :exec
insert into post_decisions (domain_id, post_id, kind, words, reason, policy_id)
select :domain_id, :post_id, :kind, :words, :reason, :policy_id
where :kind <> 'held'
    or not exists (
        select from post_decisions d
        where d.domain_id = :domain_id and d.post_id = :post_id and d.kind = 'removed')
on conflict do nothing;

-- It takes a decision back; of those of the host's floor, as long as the rule is on, only that a post waits for staff.
-- name: post_undecide :exec
delete from post_decisions d
where d.domain_id = :domain_id
    and d.post_id = :post_id
    and d.kind = :kind
    and (d.kind = 'held'
        or not exists (select from policies p where p.id = d.policy_id and p.domain_id is null));

-- Whether a decision is there, which then is the floor's.
-- name: post_decided :one post_decided
select exists (
    select from post_decisions
    where domain_id = :domain_id and post_id = :post_id and kind = :kind) as "there!";

-- What it decided about a post.
-- name: post_decisions :many post_decision
select kind, words, reason, identity_id, policy_id, created
from post_decisions
where domain_id = :domain_id
    and post_id = :post_id
order by kind;

-- Which of these posts, of others and not deleted, the present tenant can decide about.
-- name: post_decidable :many post_id
select p.id
from posts p
where p.id = any (:ids)
    and p.author_id = :author_id
    and p.domain_id is distinct from :domain_id
    and p.deleted is null
order by p.id;

-- Tenants that removed or hold a post.
-- name: post_putting_away :many domain_number
select d as "domain_id!"
from post_putting_away(:post_id) d;

-- Takes from the present tenant's people what they were told of a post.
-- name: post_untell :exec
delete from notifications
where domain_id = :domain_id
    and post_id = :post_id;

-- Posts of which media, or all, are covered here: by a decision about them, or about their author.
-- name: post_covered :many post_covered
select d.post_id as "post_id!", d.words as "words!"
from post_decisions d
where d.domain_id = :domain_id
    and d.post_id = any (:ids)
    and d.kind = 'covered'
union all
select p.id, ''
from posts p
join identity_limits l on l.identity_id = p.author_id and l.domain_id = :domain_id and l.sensitive is not null
where p.id = any (:ids);

-- Several posts that are before the viewer as staff, in no order.
-- name: posts_before_staff :many post
select p.id, p.domain_id, p.author_id, p.object_uri, p.url, p.type, p.visibility, p.content, p.source, p.summary,
    p.sensitive, p.language, p.in_reply_to_uri, p.in_reply_to_id, p.detail, p.replies_count, p.boosts_count,
    p.likes_count, p.published, p.edited, p.created, p.deleted, p.state, p.state_changed, p.application_id,
    coalesce(p.thread_id, p.id) as "thread_id!", p.quote_uri, p.quote_automatic, p.quote_manual, p.quotes_count,
    p.reactions_count, p.card_id
from posts p
where p.id = any (array(select posts_before_staff(:ids, :viewer)));

-- Posts that wait for the present tenant's staff, newest first: of its own people, and of others.
-- name: held_queue :many held_queue
select post_id as "post_id!", is_local as "is_local!", created as "created!", reason as "reason!", by_policy as "by_policy!"
from (
    (select h.post_id, true as is_local, h.created, coalesce(r.title, '') as reason,
        h.policy_id is not null as by_policy
     from held_posts h
     join posts p on p.id = h.post_id and p.deleted is null
     left join policies r on r.id = h.policy_id and (r.domain_id = h.domain_id or r.domain_id is null)
     where h.domain_id = :domain_id
        and h.post_id < :max_id
     order by h.post_id desc
     limit :limit)
    union all
    (select d.post_id, false, d.created, d.reason, d.policy_id is not null
     from post_decisions d
     join posts p on p.id = d.post_id and p.deleted is null
     where d.domain_id = :domain_id
        and d.kind = 'held'
        and d.post_id < :max_id
     order by d.post_id desc
     limit :limit)
) both_kinds
order by post_id desc
limit :limit;

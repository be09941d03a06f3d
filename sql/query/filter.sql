-- SPDX-License-Identifier: AGPL-3.0-or-later

-- What the filters of an identity look for that apply now: each keyword, and those of these posts that one has.
-- name: filter_rules :many filter_rule
select f.id, f.title, f.contexts, f.action, f.expires, r.keyword as "keyword!", r.whole_word as "whole_word!",
    r.post_id as "post_id?"
from filters f
cross join lateral (
    select k.keyword, k.whole_word, null::bigint as post_id
    from filter_keywords k
    where k.filter_id = f.id
    union all
    select '', false, s.post_id
    from filter_statuses s
    where s.filter_id = f.id
        and s.post_id = any (:post_ids)
) r
where f.identity_id = :identity_id
    and (f.expires is null or f.expires > now())
order by f.id;

-- Filters of an identity, also those that ended.
-- name: filter_of :many filter
select id, title, contexts, action, expires
from filters
where identity_id = :identity_id
order by id;

-- One of them.
-- name: filter_by_id :one filter
select id, title, contexts, action, expires
from filters
where identity_id = :identity_id
    and id = :id;

-- A new filter.
-- name: filter_insert :one filter_id
insert into filters (domain_id, identity_id, title, contexts, action, expires)
values (:domain_id, :identity_id, :title, :contexts, :action, :expires?)
returning id;

-- Changes one.
-- name: filter_update :exec
update filters
set title = :title,
    contexts = :contexts,
    action = :action,
    expires = :expires?
where identity_id = :identity_id
    and id = :id;

-- Deletes one with all that it has.
-- name: filter_delete :exec
delete from filters
where identity_id = :identity_id
    and id = :id;

-- Deletes one that has nothing left.
-- name: filter_delete_empty :exec
delete from filters f
where f.identity_id = :identity_id
    and f.id = :id
    and not exists (select from filter_keywords k where k.filter_id = f.id)
    and not exists (select from filter_statuses s where s.filter_id = f.id);

-- Keywords of several filters.
-- name: filter_keywords_of :many filter_keyword
select id, filter_id, keyword, whole_word
from filter_keywords
where filter_id = any (:filter_ids)
order by filter_id, id;

-- One of them.
-- name: filter_keyword_by_id :one filter_keyword
select k.id, k.filter_id, k.keyword, k.whole_word
from filter_keywords k
join filters f on f.id = k.filter_id
where f.identity_id = :identity_id
    and k.id = :id;

-- A new keyword.
-- name: filter_keyword_insert :one filter_id
insert into filter_keywords (domain_id, filter_id, keyword, whole_word)
values (:domain_id, :filter_id, :keyword, :whole_word)
returning id;

-- Changes one.
-- name: filter_keyword_update :exec
update filter_keywords
set keyword = :keyword,
    whole_word = :whole_word
where filter_id = :filter_id
    and id = :id;

-- Deletes one.
-- name: filter_keyword_delete :exec
delete from filter_keywords
where filter_id = :filter_id
    and id = :id;

-- Posts of several filters.
-- name: filter_statuses_of :many filter_status
select id, filter_id, post_id
from filter_statuses
where filter_id = any (:filter_ids)
order by filter_id, id;

-- One of those of an identity.
-- name: filter_status_by_id :one filter_status
select s.id, s.filter_id, s.post_id
from filter_statuses s
join filters f on f.id = s.filter_id
where f.identity_id = :identity_id
    and s.id = :id;

-- A filter has a post; again is the same.
-- name: filter_status_insert :one filter_id
insert into filter_statuses as s (domain_id, filter_id, post_id)
values (:domain_id, :filter_id, :post_id)
on conflict (filter_id, post_id) do update set post_id = s.post_id
returning id;

-- It has it no longer.
-- name: filter_status_delete :exec
delete from filter_statuses
where filter_id = :filter_id
    and id = :id;

-- How much the filters of an identity have.
-- name: filter_count :one filter_count
select count(*) as "filters!",
    (select count(*) from filter_keywords k join filters o on o.id = k.filter_id where o.identity_id = :identity_id) as "keywords!",
    (select count(*) from filter_statuses s join filters o on o.id = s.filter_id where o.identity_id = :identity_id) as "posts!"
from filters f
where f.identity_id = :identity_id;

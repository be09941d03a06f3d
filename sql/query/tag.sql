-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Tenants with people who follow a hashtag of a post.
-- name: tag_follower_domains :many domain_number
select d as "domain_id!"
from hashtag_follower_domains(:post_id) d;

-- Hashtags of these names that are here.
-- name: tag_by_names :many tag
select h.id, h.name, h.display, h.posts_count, h.id as "entry_id!"
from hashtags h
where h.name = any (:names);

-- Hashtags that an identity follows, last followed first; entries are the follows.
-- name: tag_followed :many tag both
select h.id, h.name, h.display, h.posts_count, f.id as "entry_id!"
from followed_tags f
join hashtags h on h.id = f.hashtag_id
where f.identity_id = :identity_id
    and f.id < :max_id
    and f.id > :min_id
order by f.id desc
limit :limit;

-- Hashtags that trend on the present tenant, best first.
-- name: tag_trending :many tag
select h.id, h.name, h.display, h.posts_count, h.id as "entry_id!"
from trends t
join hashtags h on h.id = t.target_id
where t.domain_id = :domain_id
    and t.kind = 'tag'
    and trend_is_allowed('tag', h.id)
order by t.score desc, t.target_id desc
limit :limit
offset :offset;

-- Hashtags that begin with a text, the most used first.
-- name: tag_search :many tag
select h.id, h.name, h.display, h.posts_count, h.id as "entry_id!"
from hashtags h
where h.name like :pattern
    and (h.posts_count > 0 or not :used)
    and tag_is_listable(h.id)
order by h.name <> :exact, h.posts_count desc, h.name
limit :limit
offset :offset;

-- How often these hashtags were used on the tenant's public timeline, by day, for a week: days that are over were counted,
-- today is counted now.
-- name: tag_history :many tag_day
select d.hashtag_id as "hashtag_id!", d.day as "day!", d.uses as "uses!", d.accounts as "accounts!"
from hashtag_days d
where d.domain_id = :domain_id
    and d.hashtag_id = any (:ids)
    and d.day > now() - interval '7 days'
    and d.day < date_trunc('day', now(), 'UTC')
union all
select x.hashtag_id, date_trunc('day', now(), 'UTC'), count(*), count(distinct p.author_id)
from post_hashtags x
join posts p on p.id = x.post_id
where x.hashtag_id = any (:ids)
    and x.post_id >= id_at(date_trunc('day', now(), 'UTC'))
    and exists (
        select from public_timeline t
        where t.domain_id = :domain_id and t.channel in (0, 1) and t.post_id = x.post_id)
group by x.hashtag_id;

-- Which of these hashtags an identity follows, and which it features.
-- name: tag_of_viewer :many tag_viewer
select o.id as "hashtag_id!",
    exists (select from followed_tags f where f.identity_id = :identity_id and f.hashtag_id = o.id) as "following!",
    exists (select from featured_tags f where f.identity_id = :identity_id and f.hashtag_id = o.id) as "featuring!"
from unnest(:ids::bigint[]) o (id);

-- An identity follows a hashtag.
-- name: tag_follow :exec
insert into followed_tags (domain_id, identity_id, hashtag_id)
select i.domain_id, i.id, h.id
from identities i
cross join hashtags h
where i.id = :identity_id
    and h.name = :name
on conflict do nothing;

-- It does so no longer.
-- name: tag_unfollow :exec
delete from followed_tags f
using hashtags h
where f.identity_id = :identity_id
    and h.id = f.hashtag_id
    and h.name = :name;

-- How many hashtags an identity follows.
-- name: tag_count_follows :one tag_count
select count(*) as "n!"
from followed_tags
where identity_id = :identity_id;

-- A link that somebody here posted.
-- name: link_by_url :one link
select id, url
from links
where url = :url;

-- Links that trend on the present tenant, best first.
-- name: link_trending :many link
select l.id, l.url
from trends t
join links l on l.id = t.target_id
where t.domain_id = :domain_id
    and t.kind = 'link'
    and trend_is_allowed('link', l.id)
order by t.score desc, t.target_id desc
limit :limit
offset :offset;

-- How often these links were posted on the tenant's public timeline, by day, for a week.
-- name: link_history :many link_day
select x.link_id as "link_id!", date_trunc('day', p.published, 'UTC') as "day!", count(*) as "uses!",
    count(distinct p.author_id) as "accounts!"
from post_links x
join posts p on p.id = x.post_id
where x.link_id = any (:ids)
    and x.post_id >= id_at(date_trunc('day', now(), 'UTC') - interval '6 days')
    and exists (
        select from public_timeline t
        where t.domain_id = :domain_id and t.channel in (0, 1) and t.post_id = x.post_id)
group by 1, 2;

-- Counts the trends of the present tenant anew.
-- name: trends_refresh :exec
select trends_refresh()::text as "done?";

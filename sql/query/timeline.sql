-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Pages: entries between min_id and max_id, both excluded, as many as limit from whichever end. They are raw: whoever
-- reads them judges, as a set, whom the viewer does not see (author_id; null: nobody, and booster_id) and which posts
-- it may not read. Only what would fill pages in vain, posts that are deleted or not for all, is kept out here.

-- The home page of an identity.
-- name: timeline_home :many timeline both
select h.entry_id, h.post_id, b.identity_id as "booster_id?", p.author_id as "author_id?"
from home_timeline h
join posts p on p.id = h.post_id
left join interactions b on b.id = h.entry_id and h.entry_id <> h.post_id
where h.identity_id = :identity_id
    and h.entry_id < :max_id
    and h.entry_id > :min_id
    and p.deleted is null
order by h.entry_id desc
limit :limit;

-- The public timeline of the present tenant, by channels of public_timeline.
-- name: timeline_public :many timeline both
select t.post_id as "entry_id!", t.post_id as "post_id!", null::bigint as "booster_id?", t.author_id as "author_id?"
from unnest(:channels::bigint[]) c (channel)
cross join lateral (
    select t.post_id, p.author_id
    from public_timeline t
    join posts p on p.id = t.post_id
    where t.domain_id = :domain_id
        and t.channel = c.channel
        and t.post_id < :max_id
        and t.post_id > :min_id
        and p.deleted is null
        and (p.visibility = 'public' or post_is_readable(p, :viewer))
    order by t.post_id desc
    limit :limit
) t
order by t.post_id desc
limit :limit;

-- Posts and boosts of one identity; only those with a hashtag, when its name is given.
-- name: timeline_author :many timeline both
select entry_id as "entry_id!", post_id as "post_id!", booster_id as "booster_id?", author_id as "author_id?"
from (
    (select p.id as entry_id, p.id as post_id, null::bigint as booster_id, null::bigint as author_id
     from posts p
     where p.author_id = :author_id
        and p.id < :max_id
        and p.id > :min_id
        and (:with_replies or p.in_reply_to_uri = '' or exists (
            select from posts q where q.id = p.in_reply_to_id and q.author_id = p.author_id))
        and (:tag = '' or exists (
            select from post_hashtags x join hashtags h on h.id = x.hashtag_id where x.post_id = p.id and h.name = :tag))
        and p.deleted is null
        and (p.visibility in ('public', 'unlisted') or post_is_readable(p, :viewer))
     order by p.id desc
     limit :limit)
    union all
    (select i.id, i.post_id, i.identity_id, p.author_id
     from interactions i
     join posts p on p.id = i.post_id
     where :with_boosts
        and i.identity_id = :author_id
        and i.kind = 'boost'
        and i.state in ('new', 'fanned_out')
        and i.id < :max_id
        and i.id > :min_id
        and (:tag = '' or exists (
            select from post_hashtags x join hashtags h on h.id = x.hashtag_id where x.post_id = p.id and h.name = :tag))
        and (i.visibility <> 'followers' or i.identity_id = :viewer or exists (
            select from follows f
            where f.source_id = :viewer and f.target_id = i.identity_id and f.state in ('accepting', 'accepted')))
        and p.deleted is null
        and (p.visibility in ('public', 'unlisted') or post_is_readable(p, :viewer))
     order by i.id desc
     limit :limit)
) both_kinds
order by entry_id desc
limit :limit;

-- Posts of one identity that have media.
-- name: timeline_author_media :many timeline both
select a.post_id as "entry_id!", a.post_id as "post_id!", null::bigint as "booster_id?", null::bigint as "author_id?"
from attachments a
where a.author_id = :author_id
    and a.post_id < :max_id
    and a.post_id > :min_id
    and exists (
        select from posts p
        where p.id = a.post_id
            and p.author_id = :author_id
            and (:with_replies or p.in_reply_to_uri = '' or exists (
                select from posts q where q.id = p.in_reply_to_id and q.author_id = p.author_id))
            and (:tag = '' or exists (
                select from post_hashtags x join hashtags h on h.id = x.hashtag_id where x.post_id = p.id and h.name = :tag))
            and p.deleted is null
            and (p.visibility in ('public', 'unlisted') or post_is_readable(p, :viewer)))
group by a.post_id
order by a.post_id desc
limit :limit;

-- Pinned posts of an identity, last pinned first.
-- name: timeline_pinned :many timeline
select p.id as entry_id, p.id as post_id, null::bigint as "booster_id?", null::bigint as "author_id?"
from interactions i
join posts p on p.id = i.post_id
where i.identity_id = :author_id
    and i.kind = 'pin'
    and i.state in ('new', 'fanned_out')
    and post_is_readable(p, :viewer)
order by i.id desc
limit 10;

-- Public posts with one of these hashtags, all of those and none of the others; of the tenant's own people, of all
-- others, or with media.
-- name: timeline_hashtag :many timeline both
select t.post_id as "entry_id!", t.post_id as "post_id!", null::bigint as "booster_id?", t.author_id as "author_id?"
from hashtags h
cross join lateral (
    select x.post_id, p.author_id
    from post_hashtags x
    join posts p on p.id = x.post_id
    where x.hashtag_id = h.id
        and x.post_id < :max_id
        and x.post_id > :min_id
        and p.visibility = 'public'
        and (not :local or p.domain_id = :domain_id)
        and (not :remote or p.domain_id is distinct from :domain_id)
        and (not :only_media or exists (select from attachments a where a.post_id = p.id))
        and (cardinality(:all_of::text[]) = 0 or cardinality(:all_of) = (
            select count(*) from post_hashtags y join hashtags o on o.id = y.hashtag_id
            where y.post_id = p.id and o.name = any (:all_of)))
        and (cardinality(:none_of::text[]) = 0 or not exists (
            select from post_hashtags y join hashtags o on o.id = y.hashtag_id
            where y.post_id = p.id and o.name = any (:none_of)))
        and p.deleted is null
        and not exists (
            select from post_decisions d where d.domain_id = :domain_id and d.post_id = p.id and d.kind = 'unlisted')
    order by x.post_id desc
    limit :limit
) t
where h.name = any (:any_of)
    and tag_is_usable(h.id)
group by t.post_id, t.author_id
order by t.post_id desc
limit :limit;

-- Public posts that link to an address.
-- name: timeline_link :many timeline both
select p.id as entry_id, p.id as post_id, null::bigint as "booster_id?", p.author_id as "author_id?"
from links l
join post_links x on x.link_id = l.id
join posts p on p.id = x.post_id
where l.url = :url
    and x.post_id < :max_id
    and x.post_id > :min_id
    and p.visibility = 'public'
    and p.deleted is null
    and not exists (
        select from post_decisions d where d.domain_id = :domain_id and d.post_id = p.id and d.kind = 'unlisted')
order by x.post_id desc
limit :limit;

-- Posts for mentioned people alone that an identity wrote or got.
-- name: timeline_direct :many timeline both
select p.id as entry_id, p.id as post_id, null::bigint as "booster_id?", p.author_id as "author_id?"
from conversation_posts x
join posts p on p.id = x.post_id
where x.identity_id = :identity_id
    and x.post_id < :max_id
    and x.post_id > :min_id
    and p.deleted is null
order by x.post_id desc
limit :limit;

-- Posts and boosts of those on a list of an identity; answers to others by the list's policy. A member's post is not there
-- once more because another member boosted it.
-- name: timeline_list :many timeline both
select e.entry_id as "entry_id!", e.post_id as "post_id!", e.booster_id as "booster_id?", e.author_id as "author_id?"
from lists l
join list_accounts a on a.list_id = l.id
cross join lateral (
    (select p.id as entry_id, p.id as post_id, null::bigint as booster_id, p.author_id
     from posts p
     left join posts parent on parent.id = p.in_reply_to_id
     where p.author_id = a.member_id
        and p.id < :max_id
        and p.id > :min_id
        and p.visibility <> 'mentioned'
        and (p.in_reply_to_uri = ''
            or parent.author_id = p.author_id
            or parent.author_id = l.identity_id
            or (l.replies_policy = 'list' and exists (
                select from list_accounts o where o.list_id = l.id and o.member_id = parent.author_id))
            or (l.replies_policy = 'followed' and exists (
                select from follows f
                where f.source_id = l.identity_id and f.target_id = parent.author_id and f.state in ('accepting', 'accepted'))))
        and p.deleted is null
        and (p.visibility in ('public', 'unlisted') or post_is_readable(p, l.identity_id))
     order by p.id desc
     limit :limit)
    union all
    (select i.id, i.post_id, i.identity_id, p.author_id
     from interactions i
     join posts p on p.id = i.post_id
     where i.identity_id = a.member_id
        and i.kind = 'boost'
        and i.state in ('new', 'fanned_out')
        and i.id < :max_id
        and i.id > :min_id
        and exists (
            select from follows f
            where f.source_id = l.identity_id and f.target_id = a.member_id and f.boosts
                and (i.visibility <> 'followers' or f.state in ('accepting', 'accepted')))
        and not exists (select from list_accounts o where o.list_id = l.id and o.member_id = p.author_id)
        and p.deleted is null
        and (p.visibility in ('public', 'unlisted') or post_is_readable(p, l.identity_id))
     order by i.id desc
     limit :limit)
) e
where l.id = :list_id
    and l.identity_id = :identity_id
order by e.entry_id desc
limit :limit;

-- What an identity keeps; entries are the bookmarks.
-- name: timeline_bookmarked :many timeline both
select b.id as entry_id, p.id as post_id, null::bigint as "booster_id?", null::bigint as "author_id?"
from bookmarks b
join posts p on p.id = b.post_id
where b.identity_id = :identity_id
    and b.id < :max_id
    and b.id > :min_id
    and p.deleted is null
order by b.id desc
limit :limit;

-- What an identity likes; entries are the likes.
-- name: timeline_liked :many timeline both
select i.id as entry_id, p.id as post_id, null::bigint as "booster_id?", null::bigint as "author_id?"
from interactions i
join posts p on p.id = i.post_id
where i.identity_id = :identity_id
    and i.kind = 'like'
    and i.state in ('new', 'fanned_out')
    and i.id < :max_id
    and i.id > :min_id
    and p.deleted is null
order by i.id desc
limit :limit;

-- What trends on the present tenant.
-- name: timeline_trending :many timeline
select p.id as entry_id, p.id as post_id, null::bigint as "booster_id?", null::bigint as "author_id?"
from trends t
join posts p on p.id = t.target_id
where t.domain_id = :domain_id
    and t.kind = 'post'
    and trend_is_allowed('post', p.id)
    and p.visibility = 'public'
    and not exists (
        select from post_decisions d where d.domain_id = t.domain_id and d.post_id = p.id and d.kind = 'unlisted')
    and post_is_readable(p, :viewer)
    and not identity_is_hidden(:viewer, p.author_id)
order by t.score desc, t.target_id desc
limit :limit
offset :offset;

-- Of identities those whom lists leave out for a viewer; one may come twice.
-- name: timeline_hidden :many hidden_identity
select h as "id!"
from identities_hidden(:viewer, :ids) h;

-- Puts a post on the home pages of its author's followers on the present tenant. A reply only where the follower
-- knows whom it answers.
-- name: timeline_add_post :exec
insert into home_timeline (identity_id, entry_id, post_id, domain_id)
select f.source_id, p.id, p.id, f.domain_id
from posts p
join follows f on f.target_id = p.author_id
left join posts parent on parent.id = p.in_reply_to_id
where p.id = :post_id
    and f.domain_id = :domain_id
    and f.state in ('accepting', 'accepted')
    and (p.visibility in ('public', 'unlisted', 'followers')
        or (p.visibility = 'local' and p.domain_id = f.domain_id)
        or exists (select from post_mentions m where m.post_id = p.id and m.identity_id = f.source_id))
    and (p.in_reply_to_uri = ''
        or parent.author_id = p.author_id
        or parent.author_id = f.source_id
        or exists (
            select from follows k
            where k.source_id = f.source_id and k.target_id = parent.author_id and k.state in ('accepting', 'accepted')))
    and (f.languages = '{}' or p.language = '' or f.languages && array[p.language, split_part(p.language, '-', 1)])
    and not exists (select from home_exclusions x where x.identity_id = f.source_id and x.member_id = p.author_id)
    and not identity_is_hidden(f.source_id, p.author_id)
on conflict do nothing;

-- Puts a public post on the home pages of those on the present tenant who follow one of its hashtags.
-- name: timeline_add_tagged :exec
insert into home_timeline (identity_id, entry_id, post_id, domain_id)
select distinct f.identity_id, p.id, p.id, f.domain_id
from posts p
join post_hashtags x on x.post_id = p.id
join followed_tags f on f.hashtag_id = x.hashtag_id
where p.id = :post_id
    and p.visibility = 'public'
    and f.domain_id = :domain_id
    and post_is_readable(p, f.identity_id)
    and not identity_is_hidden(f.identity_id, p.author_id)
    and not exists (select from home_exclusions x where x.identity_id = f.identity_id and x.member_id = p.author_id)
    and not exists (select from home_timeline h where h.post_id = p.id and h.identity_id = f.identity_id)
    and not exists (
        select from post_decisions d where d.domain_id = :domain_id and d.post_id = p.id and d.kind = 'unlisted')
on conflict do nothing;

-- Puts a post on the public timeline of the present tenant, where it is no answer to somebody else; with media, also on
-- that of media, and no longer when it has none.
-- name: timeline_add_public :exec
with bare as (
    delete from public_timeline t
    where t.domain_id = :domain_id
        and t.post_id = :post_id
        and t.channel >= 2
        and not exists (select from attachments a where a.post_id = t.post_id)
)
insert into public_timeline (domain_id, channel, post_id)
select :domain_id, (p.domain_id is distinct from :domain_id)::integer + k.media, p.id
from posts p
left join posts parent on parent.id = p.in_reply_to_id
cross join (values (0), (2)) k (media)
where p.id = :post_id
    and p.deleted is null
    and (p.visibility = 'public' or (p.visibility = 'local' and p.domain_id = :domain_id))
    and (p.in_reply_to_uri = '' or parent.author_id = p.author_id)
    and (k.media = 0 or exists (select from attachments a where a.post_id = p.id))
    and not exists (
        select from post_decisions d
        where d.domain_id = :domain_id and d.post_id = p.id and d.kind in ('removed', 'held', 'unlisted'))
on conflict do nothing;

-- Puts a post on its author's own home page.
-- name: timeline_add_own :exec
insert into home_timeline (identity_id, entry_id, post_id, domain_id)
values (:identity_id, :post_id, :post_id, :domain_id)
on conflict do nothing;

-- Puts a boost on the home pages of the booster's followers on the present tenant, unless the post is there already.
-- name: timeline_add_boost :exec
insert into home_timeline (identity_id, entry_id, post_id, domain_id)
select f.source_id, :interaction_id, p.id, f.domain_id
from posts p
join follows f on f.target_id = :booster_id
where p.id = :post_id
    and f.domain_id = :domain_id
    and f.state in ('accepting', 'accepted')
    and f.boosts
    and (f.languages = '{}' or p.language = '' or f.languages && array[p.language, split_part(p.language, '-', 1)])
    and not exists (select from home_exclusions x where x.identity_id = f.source_id and x.member_id = :booster_id)
    and post_is_readable(p, f.source_id)
    and not identity_is_hidden(f.source_id, p.author_id)
    and not exists (select from home_timeline h where h.post_id = p.id and h.identity_id = f.source_id)
on conflict do nothing;

-- Puts a post that was held on the home pages of followers of those who boosted it meanwhile, once on each.
-- name: timeline_add_boosts :exec
insert into home_timeline (identity_id, entry_id, post_id, domain_id)
select distinct on (f.source_id) f.source_id, b.id, p.id, f.domain_id
from posts p
join interactions b on b.post_id = p.id and b.kind = 'boost' and b.state in ('new', 'fanned_out')
join follows f on f.target_id = b.identity_id
where p.id = :post_id
    and f.domain_id = :domain_id
    and f.state in ('accepting', 'accepted')
    and f.boosts
    and b.visibility <> 'followers'
    and (f.languages = '{}' or p.language = '' or f.languages && array[p.language, split_part(p.language, '-', 1)])
    and not exists (select from home_exclusions x where x.identity_id = f.source_id and x.member_id = b.identity_id)
    and post_is_readable(p, f.source_id)
    and not identity_is_hidden(f.source_id, p.author_id)
    and not exists (select from home_timeline h where h.post_id = p.id and h.identity_id = f.source_id)
order by f.source_id, b.id
on conflict do nothing;

-- Takes a post off the present tenant's public timeline.
-- name: timeline_remove_public :exec
delete from public_timeline
where domain_id = :domain_id
    and post_id = :post_id;

-- Takes a boost off the home pages of the present tenant.
-- name: timeline_remove_boost :exec
delete from home_timeline
where post_id = :post_id
    and entry_id = :interaction_id;

-- The newest posts of somebody just followed.
-- name: timeline_fill :exec
insert into home_timeline (identity_id, entry_id, post_id, domain_id)
select i.id, p.id, p.id, i.domain_id
from identities i
cross join lateral (
    select p.id
    from posts p
    where p.author_id = :author_id
        and p.in_reply_to_uri = ''
        and post_is_readable(p, i.id)
    order by p.id desc
    limit 20
) p
where i.id = :identity_id
    and not exists (select from home_exclusions x where x.identity_id = :identity_id and x.member_id = :author_id)
on conflict do nothing;

-- Takes posts and boosts of an author off somebody's home page.
-- name: timeline_clear :exec
delete from home_timeline h
using posts p
where h.identity_id = :identity_id
    and p.id = h.post_id
    and (p.author_id = :author_id
        or exists (select from interactions b where b.id = h.entry_id and b.identity_id = :author_id));

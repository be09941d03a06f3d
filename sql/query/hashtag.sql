-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Makes the tags that are new.
-- name: hashtag_make :exec
insert into hashtags (name, display)
select t.name, t.display
from unnest(:names::text[], :displays::text[]) t (name, display)
on conflict (name) do nothing;

-- Forgets tags of a post that are not among these.
-- name: hashtag_unset :exec
delete from post_hashtags ph
using hashtags h
where ph.post_id = :post_id
    and h.id = ph.hashtag_id
    and h.name <> all (:names);

-- Puts these tags on a post.
-- name: hashtag_set :exec
insert into post_hashtags (post_id, hashtag_id)
select :post_id, h.id
from hashtags h
where h.name = any (:names)
on conflict do nothing;

-- Has these tags counted again.
-- name: hashtag_outdate :exec
update hashtags
set state = 'outdated',
    state_changed = now(),
    state_next_attempt = now()
where name = any (:names)
    and state = 'updated';

-- Counts the public posts of a tag.
-- name: hashtag_count :exec
update hashtags h
set posts_count = n.posts,
    last_used = n.newest
from (
    select count(*) as posts, max(p.published) as newest
    from post_hashtags ph
    join posts p on p.id = ph.post_id
    where ph.hashtag_id = :id
        and p.visibility = 'public'
        and p.deleted is null
) n
where h.id = :id;

-- Tags of several posts.
-- name: hashtag_of_posts :many post_hashtag
select ph.post_id, h.name
from post_hashtags ph
join hashtags h on h.id = ph.hashtag_id
where ph.post_id = any (:post_ids)
order by ph.post_id, h.name;

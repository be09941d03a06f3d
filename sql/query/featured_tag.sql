-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Hashtags that an identity features, those that it uses most first.
-- name: featured_tag_list :many featured_tag
select id as "id!", name as "name!", posts_count as "posts_count!", last_posted
from featured_tags_of(:identity_id);

-- Features a hashtag that is stored, when the identity features fewer than so many. Again: nothing happens.
-- name: featured_tag_add :exec
insert into featured_tags (domain_id, identity_id, hashtag_id)
select :domain_id, :identity_id, h.id
from hashtags h
where h.name = :name
    and ((select count(*) from featured_tags t where t.identity_id = :identity_id) < :most
        or exists (select from featured_tags t where t.identity_id = :identity_id and t.hashtag_id = h.id))
on conflict (identity_id, hashtag_id) do update
set domain_id = excluded.domain_id;

-- ... no longer.
-- name: featured_tag_remove :exec
delete from featured_tags
where id = :id
    and identity_id = :identity_id
    and domain_id = :domain_id;

-- The same by the hashtag's name.
-- name: featured_tag_remove_name :exec
delete from featured_tags t
using hashtags h
where h.name = :name
    and t.hashtag_id = h.id
    and t.identity_id = :identity_id
    and t.domain_id = :domain_id;

-- Hashtags that an identity used most in its newest posts, without those that it features.
-- name: featured_tag_suggestions :many tag_suggestion
select h.id, h.name
from (
    select p.id
    from posts p
    where p.author_id = :identity_id
        and p.visibility in ('public', 'unlisted')
        and p.deleted is null
    order by p.id desc
    limit 400
) p
join post_hashtags ph on ph.post_id = p.id
join hashtags h on h.id = ph.hashtag_id
where not exists (
    select from featured_tags t
    where t.identity_id = :identity_id
        and t.hashtag_id = h.id)
group by h.id
order by count(*) desc, h.name
limit 10;

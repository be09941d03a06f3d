-- SPDX-License-Identifier: AGPL-3.0-or-later

-- The card of a page, made when there is none; one that is old is looked at again.
-- name: card_of_url :one card_id
insert into cards as k (url)
values (:url)
on conflict (url) do update
set state = case when k.state <> 'new' and k.state_changed < now() - interval '14 days' then 'new' else k.state end,
    state_next_attempt = case when k.state <> 'new' and k.state_changed < now() - interval '14 days' then now()
        else k.state_next_attempt end,
    state_changed = case when k.state <> 'new' and k.state_changed < now() - interval '14 days' then now()
        else k.state_changed end
returning k.id;

-- The card of a post, unless it has media or quotes.
-- name: card_set :exec
update posts p
set card_id = case when p.quote_uri <> '' or exists (select from attachments a where a.post_id = p.id) then null
    else :card_id?::bigint end
where p.id = :post_id
    and p.card_id is distinct from :card_id?::bigint;

-- Cards of several posts that have something to show.
-- name: card_of_posts :many card
select p.id as "post_id!", k.url, k.title, k.description, k.language, k.kind, k.site, k.site_url, k.author, k.author_url,
    k.embed_url, k.image_url, k.image_text, k.width, k.height, k.published, k.creator_id
from posts p
join cards k on k.id = p.card_id
where p.id = any (:ids)
    and k.title <> '';

-- The page of a card, for its state machine.
-- name: card_for_job :one card_url
select url
from cards
where id = :id;

-- What a page says of itself.
-- name: card_fill :exec
update cards
set title = :title,
    description = :description,
    language = :language,
    site = :site,
    author = :author,
    kind = :kind,
    site_url = :site_url,
    author_url = :author_url,
    embed_url = :embed_url,
    creator_id = :creator_id?::bigint,
    image_url = :image_url,
    image_text = :image_text,
    width = :width,
    height = :height,
    published = :published?
where id = :id;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A new id for a quotation.
-- name: quote_mint :one quote_id
select snowflake(5) as "id!";

-- Notes that a post quotes another; what is noted already stays.
-- name: quote_add :exec
insert into quotes (id, post_id, post_uri, author_id, domain_id, quoted_id, quoted_uri, quoted_author_id,
    quoted_domain_id, request_uri, authorization_uri, state, state_lane)
values (:id, :post_id?, :post_uri, :author_id, :domain_id?, :quoted_id?, :quoted_uri, :quoted_author_id?,
    :quoted_domain_id?, :request_uri, :authorization_uri, :state, coalesce(nullif(:domain_id::bigint, 0), :quoted_domain_id, 0))
on conflict (post_uri) do nothing;

-- Quotations by several posts.
-- name: quote_of_posts :many quote_shown
select id, coalesce(post_id, 0) as "post_id!", post_uri, author_id, domain_id, quoted_id, quoted_uri, quoted_author_id,
    quoted_domain_id, request_uri, authorization_uri, created, state,
    coalesce((select p.deleted is not null from posts p where p.id = quotes.quoted_id), quotes.quoted_id is null)
        as "is_gone!"
from quotes
where post_id = any (:ids);

-- One quotation.
-- name: quote_by_id :one quote
select id, coalesce(post_id, 0) as "post_id!", post_uri, author_id, domain_id, quoted_id, quoted_uri, quoted_author_id,
    quoted_domain_id, request_uri, authorization_uri, created, state
from quotes
where id = :id;

-- The quotation by a post, by the post's id in ActivityPub.
-- name: quote_by_uri :one quote
select id, coalesce(post_id, 0) as "post_id!", post_uri, author_id, domain_id, quoted_id, quoted_uri, quoted_author_id,
    quoted_domain_id, request_uri, authorization_uri, created, state
from quotes
where post_uri = :uri;

-- The quotation that was asked for by this activity.
-- name: quote_by_request :one quote
select id, coalesce(post_id, 0) as "post_id!", post_uri, author_id, domain_id, quoted_id, quoted_uri, quoted_author_id,
    quoted_domain_id, request_uri, authorization_uri, created, state
from quotes
where request_uri = :uri
    and request_uri <> '';

-- Quotations that stand on this authorization.
-- name: quote_by_authorization :many quote
select id, coalesce(post_id, 0) as "post_id!", post_uri, author_id, domain_id, quoted_id, quoted_uri, quoted_author_id,
    quoted_domain_id, request_uri, authorization_uri, created, state
from quotes
where authorization_uri = :uri
    and authorization_uri <> '';

-- Another state, from one of these; the stator goes on from there.
-- name: quote_move :exec
update quotes
set state = :state,
    authorization_uri = :authorization_uri,
    request_uri = case when :request_uri = '' then request_uri else :request_uri end,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and state = any (:from);

-- The post that quotes is here now.
-- name: quote_set_post :exec
update quotes
set post_id = :post_id
where id = :id
    and post_id is null;

-- What is quoted is here now.
-- name: quote_set_quoted :exec
update quotes
set quoted_id = :quoted_id,
    quoted_author_id = :quoted_author_id,
    quoted_domain_id = :quoted_domain_id?
where id = :id;

-- What a remote post quotes changed: it is judged anew.
-- name: quote_forget :exec
delete from quotes
where post_id = :post_id
    and quoted_uri <> :quoted_uri;

-- Posts that quote a post with its author's consent, last first.
-- name: quote_posts :many quote_post
select q.id as quote_id, p.id
from quotes q
join posts p on p.id = q.post_id
where q.quoted_id = :post_id
    and q.state in ('accepting', 'accepted')
    and p.id < :max_id
    and p.id > :since_id
    and post_is_readable(p, :viewer)
    and not identity_is_hidden(:viewer, p.author_id)
order by p.id desc
limit :limit;

-- The quotation of one post by another.
-- name: quote_between :one quote
select id, coalesce(post_id, 0) as "post_id!", post_uri, author_id, domain_id, quoted_id, quoted_uri, quoted_author_id,
    quoted_domain_id, request_uri, authorization_uri, created, state
from quotes
where post_id = :post_id
    and quoted_id = :quoted_id;

-- Authors whom a viewer blocked or muted, alone or with their server: their posts are quoted behind a word.
-- name: quote_veiled :many quote_veil
select b.target_id as "author_id!", case b.kind when 'block' then 'blocked_account' else 'muted_account' end as "state!"
from blocks b
where b.source_id = :viewer
    and b.target_id = any (:author_ids)
    and b.state in ('new', 'sent', 'expiring')
    and (b.expires is null or b.expires > now())
union all
select i.id, 'blocked_domain'
from identities i
where i.id = any (:author_ids)
    and identity_blocks_domain(:viewer, i.id);

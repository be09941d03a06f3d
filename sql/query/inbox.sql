-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Stores an activity; says whether it is new to the tenant, or a replay.
-- name: inbox_store :one inbox_stored
select inbox_store(:fingerprint, :digest, :actor_uri, :signer_id, :type, :domain_id, :body, :lane) as "is_new!";

-- One activity for its processing.
-- name: inbox_by_id :one inbox
select id, actor_uri, signer_id, type, domain_ids, body, received
from inbox_messages
where id = :id;

-- Local identities of these URIs.
-- name: identity_local_by_uris :many identity_local
select id, domain_id as "domain_id!", actor_uri
from identities
where actor_uri = any (:uris)
    and domain_id is not null
    and deleted is null;

-- Identities of these URIs that are known here.
-- name: identity_ids_by_uris :many identity_id
select id
from identities
where actor_uri = any (:uris)
    and deleted is null;

-- Posts of these URIs by one author.
-- name: post_ids_by_uris :many post_id
select p.id
from posts p
where p.object_uri = any (:uris)
    and p.author_id = :author_id
    and p.deleted is null;

-- Stores a remote post.
-- name: post_store :exec
insert into posts (id, author_id, object_uri, url, type, visibility, content, summary, sensitive, language,
    in_reply_to_uri, in_reply_to_id, thread_id, detail, quote_uri, quote_automatic, quote_manual, published, edited,
    state_lane)
values (:id, :author_id, :object_uri, :url, :type, :visibility::text::post_visibility, :content, :summary, :sensitive,
    :language, :in_reply_to_uri, :in_reply_to_id?, :thread_id?, :detail, :quote_uri, :quote_automatic, :quote_manual,
    :published, :edited?, 0);

-- Changes a remote post; one of another author, or a local one, never.
-- name: post_restore :exec
update posts
set url = :url,
    type = :type,
    content = :content,
    summary = :summary,
    sensitive = :sensitive,
    language = :language,
    detail = :detail,
    quote_uri = :quote_uri,
    quote_automatic = :quote_automatic,
    quote_manual = :quote_manual,
    edited = coalesce(:edited?, edited),
    state = case when state = 'fanned_out' and :edited? is not null then 'edited' else state end,
    state_changed = case when :edited? is null then state_changed else now() end,
    state_next_attempt = case when :edited? is null then state_next_attempt else now() end,
    state_locked_by = case when :edited? is null then state_locked_by end
where id = :id
    and author_id = :author_id
    and domain_id is null
    and deleted is null;

-- What the server of a stub shows of it.
-- name: post_revive :exec
update posts
set url = :url,
    type = :type,
    visibility = :visibility::text::post_visibility,
    content = :content,
    summary = :summary,
    sensitive = :sensitive,
    language = :language,
    in_reply_to_uri = :in_reply_to_uri,
    in_reply_to_id = :in_reply_to_id?,
    thread_id = :thread_id?,
    detail = :detail,
    quote_uri = :quote_uri,
    quote_automatic = :quote_automatic,
    quote_manual = :quote_manual,
    published = :published,
    edited = :edited?,
    deleted = null
where id = :id
    and author_id = :author_id
    and state = 'stub';

-- Replaces the attachments of a remote post.
-- name: post_clear_attachments :exec
delete from attachments
where post_id = :post_id
    and domain_id is null;

-- One attachment of a remote post.
-- name: post_add_attachment :exec
insert into attachments (post_id, author_id, place, media_type, remote_url, description, width, height, focus_x, focus_y,
    blurhash)
values (:post_id, :author_id, :place, :media_type, :remote_url, :description, :width, :height, :focus_x, :focus_y,
    :blurhash);

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Conversations of an identity, those with the newest posts first; pages by these posts.
-- name: conversation_page :many conversation both
select c.id, c.last_post_id, c.participants, c.unread
from conversations c
where c.identity_id = :identity_id
    and c.last_post_id < :max_id
    and c.last_post_id > :min_id
order by c.last_post_id desc
limit :limit;

-- One of them.
-- name: conversation_by_id :one conversation
select c.id, c.last_post_id, c.participants, c.unread
from conversations c
where c.identity_id = :identity_id
    and c.id = :id;

-- Says that one was read, or was not.
-- name: conversation_mark :exec
update conversations
set unread = :unread
where identity_id = :identity_id
    and id = :id;

-- Forgets one.
-- name: conversation_delete :exec
delete from conversations
where identity_id = :identity_id
    and id = :id;

-- Puts a post for mentioned people into the conversations of those on the present tenant.
-- name: conversation_add :exec
select conversation_add(:post_id)::text as "done?";

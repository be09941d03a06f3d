-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- The usual forms.

-- One post; E_NOT_FOUND when there is none.
-- name: post_by_id :one post
select id, author_id, content, data, tags, created
from post
where id = :id;

-- The newest posts of an author
-- before a moment.
-- name: post_list :many post
select
	id, author_id, content, -- the text
	data, tags, created
from post
/* a comment with :no_parameter
   /* nested */ and ; */
where author_id = :author_id
	and created < coalesce(:before?, 'infinity'::timestamptz)
order by id desc
limit :limit;

-- Counts and flags: "!" and "?" overrule what the catalogue says.
-- name: post_facts :one
select count(*) as "total!",
	max(id) as newest,
	bool_and(content <> '') as "written?"
from post
where author_id = :author_id;

-- Stores a post; gives the number of rows.
-- name: post_insert :exec
insert into post (id, author_id, content, data, tags)
values (:id, :author_id, :content, :data?, :tags);

-- Touches nothing.
-- name: post_nothing :exec
select pg_notify('post', 'it''s :nothing; ' || E'\';:no' || $$ :no; $$ || $q$ :no $$ $q$);

-- With the author, who may be gone.
-- name: post_author :many
select post.id, author.handle, author.mood as "mood!"
from post
left join author on author.id = post.author_id
where post.id = any(:ids) and mood = :mood and content like '%"\%';

-- Two rows of one name.
-- name: first_post :one post
select id, content from post;

-- They differ.
-- name: other_post :one post
select id, tags as content from post;

-- No columns at all.
-- name: delete_post :one post
delete from post where id = :id;

-- Reserved.
-- name: reserved_posts :one
select id as "default" from post;

-- Has no name of its own.
-- name: unnamed_posts :one
select 1;

-- Twice.
-- name: double_posts :one
select id, id from post;

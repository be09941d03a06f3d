-- A parameter that C cannot have.
-- name: reserved_param :exec
delete from post where id = :register;

-- name: no_prose :exec
delete from post;

-- Named twice.
-- name: no_prose :exec
delete from post;

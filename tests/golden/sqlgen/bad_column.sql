-- A misspelt column.
-- name: bad_column :one
select id,
	contents
from post
where id = :id;

-- Others are checked all the same.
-- name: bad_table :one
select id from posts;

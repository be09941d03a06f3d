-- Neither one nor many.
-- name: some_posts :some
select id from post;

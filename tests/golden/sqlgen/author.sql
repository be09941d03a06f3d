-- The newest post of an author; its row struct comes first here.
-- name: author_post :one post
select id, author_id, content, data, tags, created
from post
where author_id = :author_id
order by id desc
limit 1;

-- Posts of an author in both directions: only "desc" as a word turns.
-- name: author_page :many author_page both
select id, content as description
from post
where author_id = :author_id
    and id < :max_id
    and id > :min_id
order by id desc
limit :limit;

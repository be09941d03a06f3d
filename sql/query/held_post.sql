-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Posts of the present tenant that wait for staff, newest first.
-- name: held_post_list :many held_post
select h.post_id, h.visibility::text as "visibility!", h.created
from held_posts h
join posts p on p.id = h.post_id and p.deleted is null
where h.domain_id = :domain_id
    and h.post_id < :max_id
order by h.post_id desc
limit :limit;

-- One that waits.
-- name: held_post_by_id :one held_author
select p.author_id
from held_posts h
join posts p on p.id = h.post_id and p.deleted is null
where h.domain_id = :domain_id
    and h.post_id = :post_id;

-- A post appears as if it were new.
-- name: held_post_accept :exec
with let as (
    delete from held_posts
    where post_id = :post_id
        and domain_id = :domain_id
    returning post_id, visibility
)
update posts p
set visibility = l.visibility,
    state = 'new',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
from let l
where p.id = l.post_id
    and p.deleted is null;

-- A post never appears: nobody elsewhere has to hear of its end.
-- name: held_post_refuse :exec
with refused as (
    delete from held_posts
    where post_id = :post_id
        and domain_id = :domain_id
    returning post_id
)
update posts p
set content = '',
    source = '',
    summary = '',
    detail = '{}',
    deleted = now(),
    state = 'gone',
    state_changed = now(),
    state_attempts = 0,
    state_locked_by = null
from refused r
where p.id = r.post_id;

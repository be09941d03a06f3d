-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A new code; those that ended are forgotten, and of those that are good the newest few stay.
-- name: setup_code_add :exec
with ended as (
    delete from setup_codes
    where expires <= now()
        or id not in (select id from setup_codes order by id desc limit 7)
)
insert into setup_codes (code_hash, expires)
values (:code_hash, now() + :lifetime::interval);

-- Whether a code is still good.
-- name: setup_code_get :one setup_code
select exists (
    select from setup_codes
    where code_hash = :code_hash
        and expires > now()
        and tries < :tries) as "good!";

-- Takes the code, once, and all others with it.
-- name: setup_code_take :many setup_code_taken
with taken as (
    select id from setup_codes
    where code_hash = :code_hash
        and expires > now()
        and tries < :tries
    for update
)
delete from setup_codes
where exists (select from taken)
returning id;

-- A wrong code counts against all.
-- name: setup_code_miss :exec
update setup_codes
set tries = tries + 1;

-- No code opens anything any more.
-- name: setup_codes_end :exec
delete from setup_codes;

-- Whether anybody may set up, and whether there is an operator at all.
-- name: setup_standing :one setup_standing
select exists (select from setup_codes where expires > now() and tries < :tries) as "has_code!",
    exists (select from setup_visits where expires > now()) as "has_visit!",
    exists (
        select from staff_grants g
        join users u on u.id = g.user_id
        where g.domain_id is null and g.role in ('owner', 'admin') and not u.banned
            and (g.expires is null or g.expires > now())) as "has_operator!";

-- A browser that brought a code; set-ups that ended are forgotten, and one without a log-in gives way.
-- name: setup_visit_add :exec
with ended as (
    delete from setup_visits
    where expires <= now()
        or user_id is null
)
insert into setup_visits (token_hash, address, expires)
values (:token_hash, :address, now() + :lifetime::interval);

-- The one of a cookie.
-- name: setup_visit_get :one setup_visit
select v.id, v.user_id as "user_id?", v.made_id as "domain_id?"
from setup_visits v
where v.token_hash = :token_hash
    and v.expires > now();

-- The one of an operator.
-- name: setup_visit_of :one setup_visit
select v.id, v.user_id as "user_id?", v.made_id as "domain_id?"
from setup_visits v
where v.user_id = :user_id
    and v.expires > now()
order by v.id desc
limit 1;

-- It made the operator's log-in.
-- name: setup_visit_keep_user :exec
update setup_visits
set user_id = :user_id
where id = :id
    and user_id is null;

-- It made a community.
-- name: setup_visit_keep_domain :exec
update setup_visits
set made_id = :domain_id
where id = :id;

-- It is done.
-- name: setup_visit_end :exec
delete from setup_visits
where id = :id
    or user_id = :user_id;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Takes a submission for who works on it: 0 rows when somebody has it. Whoever had it for a minute
-- without an end died.
-- name: submission_take :exec
insert into form_submissions as s (domain_id, key)
values (:domain_id, :key)
on conflict (domain_id, key) do update
set location = null,
    created = now()
where s.created < now() - interval '1 hour'
    or s.location is null and s.created < now() - interval '1 minute';

-- What came of a submission so far.
-- name: submission_find :one submission
select location
from form_submissions
where domain_id = :domain_id
    and key = :key;

-- Says where a submission led to.
-- name: submission_end :exec
update form_submissions
set location = :location
where domain_id = :domain_id
    and key = :key;

-- A submission that came to nothing may be sent again.
-- name: submission_drop :exec
delete from form_submissions
where domain_id = :domain_id
    and key = :key;

-- Forgets the old ones of the present tenant.
-- name: submission_prune :exec
delete from form_submissions
where created < now() - interval '1 hour';

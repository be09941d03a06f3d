-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Writes down who did what to whom.
-- name: audit_add :exec
insert into audit_log (domain_id, user_id, action, subject, detail)
values (:domain_id?, :user_id?, :action, :subject, :detail);

-- What was done on a tenant, or by the operator to the installation, newest first.
-- name: audit_list :many audit
select id, domain_id, user_id, action, subject, detail, created
from audit_log
where domain_id is not distinct from :domain_id?
    and (:max_id::bigint = 0 or id < :max_id)
order by id desc
limit :limit;

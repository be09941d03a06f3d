-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Writes down who did what to whom.
-- name: audit_add :exec
insert into audit_log (domain_id, user_id, action, subject, detail)
values (:domain_id?, :user_id?, :action, :subject, :detail);

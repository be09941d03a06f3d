-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Something that the staff did in a case, or about somebody in general.
-- name: dossier_add :exec
insert into case_events (domain_id, report_id, subject_id, identity_id, kind, text)
values (:domain_id, :report_id?, :subject_id, :identity_id?, :kind, :text);

-- All that happened in a case, oldest first.
-- name: dossier_list :many dossier_entry
select id, report_id, subject_id, identity_id, kind, text, created
from case_events
where domain_id = :domain_id
    and report_id = :report_id
order by id
limit 200;

-- What staff noted about somebody, in whichever case, newest first.
-- name: dossier_notes :many dossier_entry
select id, report_id, subject_id, identity_id, kind, text, created
from case_events
where domain_id = :domain_id
    and subject_id = :subject_id
    and kind = 'note'
order by id desc
limit 50;

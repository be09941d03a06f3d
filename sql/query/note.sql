-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Writes a private note on somebody.
-- name: note_set :exec
insert into identity_notes (identity_id, target_id, domain_id, note)
values (:identity_id, :target_id, :domain_id, :note)
on conflict (identity_id, target_id) do update
set note = excluded.note,
    changed = now();

-- Takes it away.
-- name: note_remove :exec
delete from identity_notes
where identity_id = :identity_id
    and target_id = :target_id
    and domain_id = :domain_id;

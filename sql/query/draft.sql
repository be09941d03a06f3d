-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A new draft of an identity that has fewer than so many.
-- name: draft_add :many draft_id
insert into drafts (domain_id, identity_id, draft, attachment_ids, due)
select :domain_id, :identity_id, :draft, :attachment_ids, :due
where (select count(*) from drafts d where d.identity_id = :identity_id) < :most
returning id;

-- Writes a draft anew.
-- name: draft_set :many draft_id
update drafts
set draft = :draft,
    attachment_ids = :attachment_ids,
    due = :due,
    written = now()
where id = :id
    and identity_id = :identity_id
returning id;

-- Drafts of an identity, last written first.
-- name: draft_list :many draft
select id, draft, attachment_ids, due, written
from drafts
where identity_id = :identity_id
order by written desc, id desc
limit :limit;

-- One of them.
-- name: draft_by_id :one draft
select id, draft, attachment_ids, due, written
from drafts
where id = :id
    and identity_id = :identity_id;

-- Forgets one.
-- name: draft_delete :exec
delete from drafts
where id = :id
    and identity_id = :identity_id;

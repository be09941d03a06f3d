-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- A tenant that leaves goes back to where it came from, and ends here only when somebody has all of it.
alter table domains
    add column left_from text not null default '' check (left_from in ('', 'active', 'suspended')),
    add column left_archive text not null default 'none' check (left_archive in ('none', 'part', 'whole'));
comment on column domains.left_from is 'The state that it began to leave from; empty for one that is not leaving.';
comment on column domains.left_archive is 'How much of it an archive has that was written since it began to leave.';

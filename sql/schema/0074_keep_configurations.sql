-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- A machine's own configuration is backed up as well.

alter table backups drop constraint backups_kind_check;
alter table backups add constraint backups_kind_check
    check (kind in ('full', 'differential', 'dump', 'media', 'configuration', 'verify', 'restore', 'key', 'log'));
comment on column backups.kind is 'What was done: a base backup (full or differential), a dump, files of media, a machine''s configuration, a drill, a restore; key: the passphrase was shown; log: pieces of the database''s log were given up.';

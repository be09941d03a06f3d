-- SPDX-License-Identifier: AGPL-3.0-or-later

-- One that is begun. What was running before and did not end was killed.
-- name: backup_begin :one backup_id
with killed as (
    update backups
    set result = 'failed',
        finished = now(),
        message = 'it did not end'
    where result = 'running'
        and (kind = 'verify') = (:kind = 'verify')
)
insert into backups (kind)
values (:kind)
returning id;

-- How one ended.
-- name: backup_end :exec
update backups
set finished = now(),
    result = :result,
    kind = :kind,
    size = :size,
    label = :label,
    message = :message
where id = :id;

-- A drill found this one whole.
-- name: backup_verified :exec
update backups
set verified = now()
where label = :label
    and result = 'done'
    and kind in ('full', 'differential', 'dump');

-- The last ones, newest first.
-- name: backup_list :many backup
select id, kind, started, finished, result, size, label, message, verified
from backups
where kind <> 'key'
order by started desc, id desc
limit :limit;

-- Lets go of rows whose time is over.
-- name: backup_forget :exec
delete from backups
where started < now() - interval '400 days'
    and kind <> 'key';

-- How backups stand: the last that worked of each sort, and the last drill, whatever it found.
-- name: backup_standing :one backup_standing
select max(b.finished) filter (where b.kind in ('full', 'differential', 'dump') and b.result = 'done') as last_backup,
    max(b.finished) filter (where b.kind = 'media' and b.result = 'done') as last_media,
    max(b.finished) filter (where b.kind = 'verify' and b.result = 'done') as last_verify,
    max(b.finished) filter (where b.kind = 'verify' and b.result = 'failed') as failed_verify,
    max(b.finished) filter (where b.kind in ('full', 'differential', 'dump') and b.result = 'failed') as failed_backup,
    max(b.finished) filter (where b.kind = 'restore' and b.result = 'done') as last_restore,
    max(b.finished) filter (where b.kind = 'key') as key_shown,
    coalesce((
        select l.size
        from backups l
        where l.kind in ('full', 'differential', 'dump')
            and l.result = 'done'
        order by l.finished desc
        limit 1), 0) as "size!",
    coalesce((
        select l.message
        from backups l
        where l.result = 'failed'
        order by l.finished desc
        limit 1), '') as "message!"
from backups b;

-- How the archive of the log stands, in this cluster. Where none is kept, archiving is off.
-- name: backup_archive :one backup_archive
select current_setting('archive_mode') <> 'off' as "archiving!",
    a.last_archived_time as archived,
    a.last_failed_time as failed
from pg_stat_archiver a;

-- Counts of all rows, and the position in the log at which they are true.
-- name: backup_mark :one backup_mark
select backup_mark(:tries) as "mark!";

-- The same for a dump, which takes this snapshot over.
-- name: backup_snapshot :one backup_snapshot
select pg_export_snapshot() as "snapshot!", backup_counts() as "rows!";

-- Counts of all rows of a cluster that nobody writes to.
-- name: backup_counts :one backup_counts
select backup_counts() as "rows!";

-- Files that have to be there, by name.
-- name: backup_files :many backup_file
select f.name, f.size, f.media_type
from media_files f
where f.state = 'kept'
    and f.name > :after
order by f.name
limit :limit;

-- Files that are in the store, by name: those that nothing names since less than an hour as well, which a state of a
-- while ago may name.
-- name: backup_stored :many backup_file
select f.name, f.size, f.media_type
from media_files f
where f.state in ('kept', 'unused')
    and f.name > :after
order by f.name
limit :limit;

-- Lets go of files that a restore could not bring back.
-- name: media_lose :one media_lost
select media_lose(:names) as "n!";

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- One that is begun. What had the same turn before and did not end was killed.
-- name: backup_begin :one backup_id
with killed as (
    update backups
    set result = 'failed',
        finished = now(),
        message = 'it did not end'
    where result = 'running'
        and kind = any (:same_turn)
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

-- In a database that was restored: the backup that it is from is in it as one that runs. It ended well, or nobody could
-- have restored it. What else ran at that moment has no end in this history, and is not a failure either.
-- name: backup_settle :exec
with origin as (
    update backups
    set result = 'done',
        kind = :kind,
        finished = :finished,
        size = :size,
        label = :label
    where id = (
        select b.id
        from backups b
        where b.result = 'running'
            and b.kind in ('full', 'differential', 'dump')
            and b.started <= :finished
        order by b.started desc
        limit 1)
    returning id
)
delete from backups b
where b.result = 'running'
    and not exists (
        select
        from origin o
        where o.id = b.id);

-- A piece of the log was given up. Those that are given up between two backups are one row.
-- name: backup_give_up :exec
with more as (
    update backups b
    set finished = now(),
        size = b.size + :size,
        message = :message
    where b.id = (
        select l.id
        from backups l
        where l.kind = 'log'
            and l.started > coalesce((
                select max(f.finished)
                from backups f
                where f.kind in ('full', 'differential')
                    and f.result = 'done'), '-infinity')
        order by l.started desc
        limit 1)
    returning b.id
)
insert into backups (kind, result, finished, size, message)
select 'log', 'failed', now(), :size, :message
where not exists (
    select
    from more);

-- Takes the turn of that name for as long as this transaction is open; when another machine has it, waits or does without.
-- name: backup_lock :one backup_lock
select case
        when :wait then pg_advisory_xact_lock(l.key)::text is not null
        else pg_try_advisory_xact_lock(l.key)
    end as "is_ours!"
from (
    select hashtextextended('backup: ' || :turn, 0) as key
    offset 0) l;

-- A drill found this one whole.
-- name: backup_verified :exec
update backups
set verified = now()
where label = :label
    and result = 'done'
    and kind in ('full', 'differential', 'dump');

-- The snapshot of files that belongs to that backup of the database: of the first run that began when it was done.
-- name: backup_files_of :many backup_label
select f.label
from backups b
join backups f on f.started >= b.finished
where b.label = :label
    and b.result = 'done'
    and b.kind in ('full', 'differential', 'dump')
    and f.kind = 'media'
    and f.result = 'done'
    and f.label <> ''
order by f.started
limit 1;

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

-- How backups stand: the last that worked of each sort, and the last that failed, with why; and whether the database is on
-- another machine than who asks, who has the same address as it, or comes by a socket, where it is not.
-- name: backup_standing :one backup_standing
with worked as (
    select b.kind, max(b.finished) as finished
    from backups b
    where b.result = 'done'
    group by b.kind
), base as (
    select b.kind, b.finished, b.size
    from backups b
    where b.kind in ('full', 'differential', 'dump')
        and b.result = 'done'
    order by b.finished desc
    limit 1
), failed as (
    select distinct on (f.sort) f.sort, f.finished, f.message
    from (
        select case when b.kind in ('full', 'differential', 'dump') then 'database' else b.kind end as sort, b.finished,
            b.message
        from backups b
        where b.result = 'failed') f
    order by f.sort, f.finished desc
)
select (select b.finished from base b) as last_backup,
    (select w.finished from worked w where w.kind = 'media') as last_media,
    (select w.finished from worked w where w.kind = 'configuration') as last_configuration,
    (select w.finished from worked w where w.kind = 'verify') as last_verify,
    (select w.finished from worked w where w.kind = 'restore') as last_restore,
    (select w.finished from worked w where w.kind = 'key') as key_shown,
    (select f.finished from failed f where f.sort = 'database') as failed_backup,
    (select f.finished from failed f where f.sort = 'media') as failed_media,
    (select f.finished from failed f where f.sort = 'configuration') as failed_configuration,
    (select f.finished from failed f where f.sort = 'verify') as failed_verify,
    (select f.finished from failed f where f.sort = 'log') as log_lost,
    coalesce((select f.message from failed f where f.sort = 'database'), '') as "why_backup!",
    coalesce((select f.message from failed f where f.sort = 'media'), '') as "why_media!",
    coalesce((select f.message from failed f where f.sort = 'configuration'), '') as "why_configuration!",
    coalesce((select f.message from failed f where f.sort = 'verify'), '') as "why_verify!",
    coalesce((select f.message from failed f where f.sort = 'log'), '') as "why_log!",
    coalesce((select b.kind from base b), '') as "kind!",
    coalesce((select b.size from base b), 0) as "size!",
    exists (select from backups b where b.kind <> 'key') as "is_kept!",
    coalesce(inet_client_addr() <> inet_server_addr(), false) as "is_elsewhere!";

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
select x.snapshot as "snapshot!", backup_rows(x.tally) as "rows!", x.tally as "tally!"
from (
    select pg_export_snapshot() as snapshot, backup_tally() as tally
    offset 0) x;

-- Counts of all rows of a cluster that nobody writes to.
-- name: backup_counts :one backup_counts
select backup_counts() as "rows!";

-- The same with digests, by table and by tenant.
-- name: backup_tally :one backup_tally
select backup_tally() as "tally!";

-- What a drill found of a tenant.
-- name: backup_judge :exec
insert into backup_tenants as t (id, rows, compared, whole, verified)
select d.id, :rows, now(), :whole, case when :whole then now() end
from domains d
where d.name = :name
on conflict (id) do update
set rows = excluded.rows,
    compared = excluded.compared,
    whole = excluded.whole,
    verified = coalesce(excluded.verified, t.verified);

-- What the last drills found of tenants, by name those that are asked for most.
-- name: backup_tenants :many backup_tenant
select name as "name!", rows as "rows!", whole as "whole!", verified
from backup_tenants(:limit);

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

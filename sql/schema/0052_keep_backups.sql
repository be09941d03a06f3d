-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What was backed up when, and whether it was restored in a drill. The backups themselves are in a repository elsewhere;
-- these rows tell the doctor, the metrics and the console how old they are.

create table backups (
    id bigint generated always as identity primary key,
    kind text not null check (kind in ('full', 'differential', 'dump', 'media', 'verify', 'restore', 'key')),
    started timestamptz not null default now(),
    finished timestamptz,
    result text not null default 'running' check (result in ('running', 'done', 'failed')),
    size bigint not null default 0 check (size >= 0),
    label text not null default '' check (length(label) <= 200),
    message text not null default '' check (length(message) <= 2000),
    verified timestamptz
);
comment on table backups is '[host] Backups, drills and restores as they were made, and when the passphrase was shown.';
comment on column backups.id is 'Id.';
comment on column backups.kind is 'What was done: a base backup (full or differential), a dump, files of media, a drill, a restore; key: the passphrase was shown.';
comment on column backups.started is 'When it began.';
comment on column backups.finished is 'When it ended; null: it runs, or was killed.';
comment on column backups.result is 'How it ended.';
comment on column backups.size is 'Bytes that it read.';
comment on column backups.label is 'Its name in the repository.';
comment on column backups.message is 'What went wrong, or what a drill found.';
comment on column backups.verified is 'When a drill restored it and found it whole; null: not yet.';
create index backups_started on backups (started);
revoke all on backups from rookery_server, rookery_stator, rookery_host;
grant select on backups to rookery_server;
grant select, insert, update on backups to rookery_host;
-- Old rows say nothing any more.
grant delete on backups to rookery_host;

-- The rows of every table, as the calling statement sees them all: it is stable, so that all counts are of one moment.
create function backup_counts() returns jsonb
language plpgsql stable security definer set search_path = public
as $$
declare
    counts jsonb := '{}';
    t record;
    n bigint;
begin
    for t in select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r' order by relname
    loop
        execute format('select count(*) from %I', t.relname) into n;
        counts := counts || jsonb_build_object(t.relname, n);
    end loop;
    return counts;
end
$$;
comment on function backup_counts is 'Rows by table, of all tenants, for the host role.';

-- A look of its own at who is writing, while the calling statement keeps what it saw at its beginning.
create function backup_present() returns text
language plpgsql volatile
as $$
begin
    return (select pg_current_snapshot()::text);
end
$$;
comment on function backup_present is 'The snapshot of this very moment.';

-- What a drill compares. The moment is one at which nobody was writing: no transaction was open when the statement began,
-- and none had begun when the position in the log was read. So the state at that position is just what was counted. On a
-- machine that never has such a moment the counts may be off by what was written meanwhile; exact says so.
create function backup_mark(p_tries integer) returns jsonb
language plpgsql volatile security definer set search_path = public
as $$
declare
    m record;
begin
    for i in 1 .. p_tries loop
        select s.at, s.lsn, s.quiet, case when s.quiet or i = p_tries then backup_counts() end as rows
        into m
        from (
            select clock_timestamp() as at, pg_current_wal_insert_lsn() as lsn,
                pg_snapshot_xmin(pg_current_snapshot()) = pg_snapshot_xmax(pg_current_snapshot())
                    and pg_current_snapshot()::text = backup_present() as quiet
            offset 0) s;
        exit when m.rows is not null;
        perform pg_sleep(0.02);
    end loop;
    return jsonb_build_object('lsn', m.lsn, 'exact', m.quiet, 'database', current_database(), 'rows', m.rows,
        'taken', to_char(m.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
end
$$;
comment on function backup_mark is 'Counts of all rows, and the position in the log at which they are true.';

-- What a restore could not bring back: nothing names these files any more, so that no page shows a hole. Media of other
-- servers are fetched again when somebody looks at them.
create function media_lose(p_names text[]) returns bigint
language plpgsql volatile security definer set search_path = public
as $$
declare
    lost bigint;
begin
    delete from media_remote where file = any (p_names) or preview = any (p_names);
    delete from emojis where file = any (p_names) or file_static = any (p_names);
    delete from attachments where file = any (p_names) or source = any (p_names);
    update attachments
    set thumbnail = case when media_type like 'image/%' then file else '' end
    where thumbnail = any (p_names);
    update identities set icon_file = '', icon_static = '' where icon_file = any (p_names) or icon_static = any (p_names);
    update identities set image_file = '', image_static = '' where image_file = any (p_names) or image_static = any (p_names);
    update domains set icon = '', icon_small = '' where icon = any (p_names) or icon_small = any (p_names);
    update domains set banner = '' where banner = any (p_names);
    select count(*) into lost from media_files where name = any (p_names) and state = 'kept';
    if lost > 0 then
        raise exception 'something names % of these files still', lost;
    end if;
    update media_files set state = 'gone', state_changed = now(), state_next_attempt = now(), state_locked_by = null
    where name = any (p_names);
    get diagnostics lost = row_count;
    return lost;
end
$$;
comment on function media_lose is 'Lets go of files that are not in the store any more; how many there were.';

revoke execute on function backup_counts, backup_present, backup_mark, media_lose from public;
grant execute on function backup_counts, backup_mark, media_lose to rookery_host;

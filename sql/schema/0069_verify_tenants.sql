-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- A drill compares what is in the rows as well, and answers for each tenant; what of the database's log was given up is
-- known to whoever asks how backups stand.

alter table backups drop constraint backups_kind_check;
alter table backups add constraint backups_kind_check
    check (kind in ('full', 'differential', 'dump', 'media', 'verify', 'restore', 'key', 'log'));
comment on column backups.kind is 'What was done: a base backup (full or differential), a dump, files of media, a drill, a restore; key: the passphrase was shown; log: pieces of the database''s log were given up.';

create table backup_tenants (
    id bigint primary key references domains (id) on delete cascade,
    rows bigint not null check (rows >= 0),
    compared timestamptz not null,
    whole boolean not null,
    verified timestamptz
);
comment on table backup_tenants is '[host] What the last drill found of each tenant.';
comment on column backup_tenants.id is 'The tenant: as in domains.';
comment on column backup_tenants.rows is 'Rows of it that were compared.';
comment on column backup_tenants.compared is 'When a drill last compared them.';
comment on column backup_tenants.whole is 'Whether they were what was counted when the backup was made.';
comment on column backup_tenants.verified is 'When they last were; null: never.';
revoke all on backup_tenants from rookery_server, rookery_stator, rookery_host;
grant select, insert, update on backup_tenants to rookery_host;

-- Tables whose rows come out of a backup: what is unlogged is empty after a restore.
create or replace function backup_counts() returns jsonb
language plpgsql stable security definer set search_path = public
as $$
declare
    counts jsonb := '{}';
    t record;
    n bigint;
begin
    for t in
        select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r' and relpersistence = 'p'
        order by relname
    loop
        execute format('select count(*) from %I', t.relname) into n;
        counts := counts || jsonb_build_object(t.relname, n);
    end loop;
    return counts;
end
$$;

-- One statement over all tables, so that all of it is of one moment. A digest is the sum of those of the rows, which does
-- not depend on their order; a row's is of its text, for which everything is set that could make it another one elsewhere.
-- What the host notes about a tenant is not the tenant's.
create function backup_tally() returns jsonb
language plpgsql stable security definer
set search_path = public
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set bytea_output = 'hex'
set extra_float_digits = 1
as $$
declare
    parts text;
    tally jsonb;
begin
    select string_agg(format(
            'select %L::text as relation, %s as domain_id, count(*) as n, sum(hashtextextended(t::text, 0)) as digest
            from %I t group by 2',
            c.relname, case when a.attnum is null or obj_description(c.oid, 'pg_class') like '[host]%'
                then 'null::bigint' else 't.domain_id' end, c.relname), ' union all ')
    into parts
    from pg_class c
    left join pg_attribute a on a.attrelid = c.oid and a.attname = 'domain_id' and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relpersistence = 'p';
    execute format('with parts as materialized (%s)
        select jsonb_build_object(
            ''tables'', (
                select jsonb_object_agg(c.relname,
                    jsonb_build_array(coalesce(p.n, 0), coalesce(p.digest, 0)::text))
                from pg_class c
                left join (select relation, sum(n) as n, sum(digest) as digest from parts group by 1) p
                    on p.relation = c.relname
                where c.relnamespace = ''public''::regnamespace and c.relkind = ''r'' and c.relpersistence = ''p''),
            ''tenants'', (
                select coalesce(jsonb_object_agg(d.name,
                    jsonb_build_array(coalesce(p.n, 0), coalesce(p.digest, 0)::text)), ''{}'')
                from domains d
                left join (select domain_id, sum(n) as n, sum(digest) as digest from parts group by 1) p
                    on p.domain_id = d.id))', parts)
    into tally;
    return tally;
end
$$;
comment on function backup_tally is 'Rows and a digest of them by table and by tenant, for the host role.';

create function backup_rows(p_tally jsonb) returns jsonb
language sql immutable
as $$
    select jsonb_object_agg(t.key, t.value -> 0)
    from jsonb_each(p_tally -> 'tables') t
$$;
comment on function backup_rows is 'The counts of a tally alone, by table.';

create or replace function backup_mark(p_tries integer) returns jsonb
language plpgsql volatile security definer set search_path = public
as $$
declare
    m record;
begin
    for i in 1 .. p_tries loop
        select s.at, s.lsn, s.quiet, case when s.quiet or i = p_tries then backup_tally() end as tally
        into m
        from (
            select clock_timestamp() as at, pg_current_wal_insert_lsn() as lsn,
                pg_snapshot_xmin(pg_current_snapshot()) = pg_snapshot_xmax(pg_current_snapshot())
                    and pg_current_snapshot()::text = backup_present() as quiet
            offset 0) s;
        exit when m.tally is not null;
        perform pg_sleep(0.02);
    end loop;
    return jsonb_build_object('lsn', m.lsn, 'exact', m.quiet, 'database', current_database(),
        'rows', backup_rows(m.tally), 'tally', m.tally,
        'taken', to_char(m.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'));
end
$$;

-- Those with most requests by name, the others together: what is said of them is the worst that is true of one.
create function backup_tenants(p_limit bigint)
returns table (name text, rows bigint, whole boolean, verified timestamptz)
language sql stable security definer set search_path = public
as $$
    select case when r.place <= p_limit then r.name else 'other' end, sum(r.rows)::bigint, bool_and(r.whole),
        case when bool_and(r.verified is not null) then min(r.verified) end
    from (
        select d.name, t.rows, t.whole, t.verified,
            row_number() over (order by coalesce(u.requests, 0) desc, d.id) as place
        from backup_tenants t
        join domains d on d.id = t.id
        left join usage_present u on u.domain_id = d.id) r
    group by 1
$$;
comment on function backup_tenants is 'What the last drills found of tenants.';

revoke execute on function backup_tally, backup_rows, backup_tenants from public;
grant execute on function backup_tally, backup_rows to rookery_host;
grant execute on function backup_tenants to rookery_host, rookery_server;

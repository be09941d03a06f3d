-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What is counted: work of all stators for the metrics, and what each tenant uses, by month, for who bills it.

create table totals (
    kind text not null,
    label text not null,
    result text not null default '',
    n bigint not null default 0,
    busy interval not null default '0',
    primary key (kind, label, result)
);
comment on table totals is '[neutral] What the stators of this installation did since its beginning; only grows.';
comment on column totals.kind is '"attempt", or "fetch".';
comment on column totals.label is 'Of an attempt the type and the state; of a fetch nothing.';
comment on column totals.result is 'What came of it.';
comment on column totals.n is 'How many.';
comment on column totals.busy is 'Time spent in them.';
revoke insert, update, delete on totals from rookery_server;
revoke delete on totals from rookery_stator, rookery_host;

create table usage_members (
    domain_id bigint not null references domains (id) on delete cascade,
    month date not null check (month = date_trunc('month', month)),
    identity_id bigint not null references identities (id) on delete cascade,
    primary key (domain_id, month, identity_id)
);
comment on table usage_members is '[tenant] Which members were there in a month, at all; forgotten a year later.';
comment on column usage_members.domain_id is 'The tenant.';
comment on column usage_members.month is 'First day of the month (UTC).';
comment on column usage_members.identity_id is 'Who.';
create index usage_members_identity on usage_members (identity_id);

create table usage_requests (
    domain_id bigint not null references domains (id) on delete cascade,
    day date not null,
    requests bigint not null default 0,
    primary key (domain_id, day)
);
comment on table usage_requests is '[tenant] Requests by day.';
comment on column usage_requests.domain_id is 'The tenant.';
comment on column usage_requests.day is 'The day (UTC).';
comment on column usage_requests.requests is 'How many were answered.';

create table usage_present (
    domain_id bigint primary key references domains (id) on delete cascade,
    month date not null,
    members bigint not null,
    posts bigint not null,
    media_bytes bigint not null,
    requests bigint not null,
    waiting bigint not null,
    updated timestamptz not null default now()
);
comment on table usage_present is '[tenant] The month that is under way, some minutes old at most.';
comment on column usage_present.domain_id is 'The tenant.';
comment on column usage_present.month is 'First day of the month.';
comment on column usage_present.members is 'Members that were there since.';
comment on column usage_present.posts is 'Posts that they wrote since.';
comment on column usage_present.media_bytes is 'Bytes of stored media.';
comment on column usage_present.requests is 'Requests since.';
comment on column usage_present.waiting is 'Work of stators that is under way or to come.';
comment on column usage_present.updated is 'When it was counted.';

create table usage_periods (
    domain_id bigint not null references domains (id),
    month date not null check (month = date_trunc('month', month)),
    members bigint not null,
    posts bigint not null,
    media_bytes bigint not null,
    requests bigint not null,
    closed timestamptz not null default now(),
    primary key (domain_id, month)
);
comment on table usage_periods is '[tenant] Months that are over, as they were counted once. No row ever changes.';
comment on column usage_periods.domain_id is 'The tenant.';
comment on column usage_periods.month is 'First day of the month.';
comment on column usage_periods.members is 'Members that were there.';
comment on column usage_periods.posts is 'Posts that they wrote and had not deleted at its end.';
comment on column usage_periods.media_bytes is 'Bytes of stored media at its end.';
comment on column usage_periods.requests is 'Requests.';
comment on column usage_periods.closed is 'When it was counted.';

select table_protect('usage_members'), table_protect('usage_requests'), table_protect('usage_present'),
    table_protect('usage_periods');
revoke insert, update, delete on usage_members, usage_requests, usage_present, usage_periods
    from rookery_server, rookery_stator, rookery_host;

create function usage_periods_stay() returns trigger
language plpgsql
as $$
begin
    raise exception 'records of past months do not change' using errcode = 'integrity_constraint_violation';
end
$$;
comment on function usage_periods_stay() is 'Refuses any change, by whomever.';
create trigger usage_periods_stay before update or delete on usage_periods
    for each row execute function usage_periods_stay();
create trigger usage_periods_stay_all before truncate on usage_periods
    for each statement execute function usage_periods_stay();

-- The rows that count as written in a month are those of their authors' own date: ids would say when they came here.
create function usage_derive(p_domain_id bigint, p_month date, out members bigint, out posts bigint, out requests bigint)
language sql stable security definer set search_path = public
as $$
    select
        (select count(*) from usage_members m where m.domain_id = p_domain_id and m.month = p_month),
        (select count(*) from posts p where p.domain_id = p_domain_id
            and p.published >= p_month::timestamp at time zone 'UTC'
            and p.published < (p_month + interval '1 month') at time zone 'UTC'),
        (select coalesce(sum(r.requests), 0)::bigint from usage_requests r where r.domain_id = p_domain_id
            and r.day >= p_month and r.day < p_month + interval '1 month')
$$;
comment on function usage_derive(bigint, date) is 'What can be counted again of a month.';

create function usage_count(p_ids bigint[], p_counts bigint[]) returns void
language sql security definer set search_path = public
as $$
    insert into usage_requests as u (domain_id, day, requests)
    select d.id, (now() at time zone 'UTC')::date, sum(c.n)
    from unnest(p_ids, p_counts) c (id, n)
    join domains d on d.id = c.id
    group by d.id
    on conflict (domain_id, day) do update set requests = u.requests + excluded.requests
$$;
comment on function usage_count(bigint[], bigint[]) is 'Adds requests of tenants to the present day.';

create function usage_waiting() returns table (domain_id bigint, n bigint)
language plpgsql stable security definer set search_path = public
as $$
declare
    t text;
begin
    for t in select name from stator_types loop
        return query select c.domain_id, sum(c.n)::bigint from stator_count_tenants(t) c
            where c.domain_id is not null group by 1;
    end loop;
end
$$;
comment on function usage_waiting() is 'Work of stators, by tenant and type.';

-- Members of the month are noted while their sessions still say so.
create function usage_refresh() returns bigint
language plpgsql security definer set search_path = public
as $$
declare
    this_month date := date_trunc('month', now() at time zone 'UTC')::date;
    n bigint;
begin
    if not pg_try_advisory_xact_lock(hashtext('usage_refresh')) then
        return 0;
    end if;
    insert into usage_members (domain_id, month, identity_id)
    select i.domain_id, this_month, i.id
    from (
        select s.identity_id from sessions s where s.last_seen >= this_month::timestamp at time zone 'UTC'
        union
        select k.identity_id from tokens k where k.last_used >= this_month::timestamp at time zone 'UTC') seen
    join identities i on i.id = seen.identity_id
    where i.domain_id is not null and not i.is_system
    on conflict do nothing;
    insert into usage_periods (domain_id, month, members, posts, media_bytes, requests)
    select d.id, m.month::date, u.members, u.posts, coalesce(b.bytes, 0), u.requests
    from domains d
    cross join lateral generate_series(
        greatest(date_trunc('month', d.created at time zone 'UTC'), this_month - interval '12 months'),
        this_month - interval '1 month', interval '1 month') m (month)
    cross join lateral usage_derive(d.id, m.month::date) u
    left join media_usage b on b.domain_id = d.id
    where not exists (select from usage_periods p where p.domain_id = d.id and p.month = m.month::date)
    on conflict do nothing;
    get diagnostics n = row_count;
    insert into usage_present as p (domain_id, month, members, posts, media_bytes, requests, waiting)
    select d.id, this_month, u.members, u.posts, coalesce(b.bytes, 0), u.requests, coalesce(w.n, 0)
    from domains d
    cross join lateral usage_derive(d.id, this_month) u
    left join media_usage b on b.domain_id = d.id
    left join (select x.domain_id, sum(x.n)::bigint as n from usage_waiting() x group by 1) w on w.domain_id = d.id
    where d.state not in ('pending', 'deleted')
    on conflict (domain_id) do update
    set month = excluded.month, members = excluded.members, posts = excluded.posts,
        media_bytes = excluded.media_bytes, requests = excluded.requests, waiting = excluded.waiting, updated = now();
    delete from usage_members where month < this_month - interval '12 months';
    delete from usage_requests where day < this_month - interval '24 months';
    return n;
end
$$;
comment on function usage_refresh() is 'Notes who was there, closes months that are over, counts the present one. Says how many were closed.';

create function usage_tenants(p_limit bigint)
returns table (name text, members bigint, posts bigint, media_bytes bigint, requests bigint, waiting bigint)
language sql stable security definer set search_path = public
as $$
    with ranked as (
        select d.name, u.*, row_number() over (order by u.requests desc, d.id) as rank
        from usage_present u
        join domains d on d.id = u.domain_id)
    select case when rank <= p_limit then ranked.name else 'other' end, sum(ranked.members)::bigint, sum(ranked.posts)::bigint,
        sum(ranked.media_bytes)::bigint, sum(ranked.requests)::bigint, sum(ranked.waiting)::bigint
    from ranked
    group by 1
    order by 1
$$;
comment on function usage_tenants(bigint) is 'The present month of those tenants that are asked for most, and of all others together.';

create function queue_numbers()
returns table (type text, state text, ready bigint, waiting bigint, locked bigint, failing bigint, oldest timestamptz)
language plpgsql stable security definer set search_path = public
as $$
declare
    t text;
begin
    for t in select name from stator_types order by name loop
        return query select t, c.state, c.ready, c.waiting, c.locked, c.failing, c.oldest from stator_count(t) c;
    end loop;
end
$$;
comment on function queue_numbers() is 'How much stands in each automatic state of each type.';

revoke execute on function usage_derive(bigint, date), usage_count(bigint[], bigint[]), usage_waiting(), usage_refresh(),
    usage_tenants(bigint), queue_numbers(), usage_periods_stay() from public;
grant execute on function usage_derive(bigint, date) to rookery_host;
grant execute on function usage_count(bigint[], bigint[]), usage_tenants(bigint), queue_numbers() to rookery_server, rookery_host;
grant execute on function usage_refresh() to rookery_stator, rookery_host;

-- What followed from one unit of work: a look through all tables, for operators.
create function stator_trace(p_trace bigint)
returns table (type text, id bigint, state text, changed timestamptz, attempts bigint, error text)
language plpgsql stable security definer set search_path = public
as $$
declare
    t stator_types;
begin
    for t in select * from stator_types order by name loop
        return query execute format(
            'select %L::text, r.id, r.state, r.state_changed, r.state_attempts::bigint, r.state_error
             from %I r where r.state_trace = $1 order by r.id limit 1000', t.name, t.relation) using p_trace;
    end loop;
end
$$;
comment on function stator_trace(bigint) is 'Rows that one unit of work made, or what followed from it.';
revoke execute on function stator_trace(bigint) from public;
grant execute on function stator_trace(bigint) to rookery_host;

-- The extension may be missing, so that no statement can name it. What is not ours to read has no text there.
create function slow_statements(p_limit bigint)
returns table (statement text, calls bigint, mean_ms double precision, total_ms double precision)
language plpgsql stable
set search_path = public
as $$
begin
    if to_regclass('public.pg_stat_statements') is null then
        return;
    end if;
    return query execute
        'select left(regexp_replace(s.query, ''\s+'', '' '', ''g''), 200), s.calls, s.mean_exec_time, s.total_exec_time
         from pg_stat_statements s join pg_database d on d.oid = s.dbid and d.datname = current_database()
         where s.query ~* ''^\s*(select|insert|update|delete|with)\s''
         order by s.total_exec_time desc limit $1' using p_limit;
end
$$;
comment on function slow_statements(bigint) is 'Statements that cost most, with places for their values, if pg_stat_statements is there.';
revoke execute on function slow_statements(bigint) from public;
grant execute on function slow_statements(bigint) to rookery_host;

-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- The stator's way to rows of all tenants. state_next_attempt is when a row is due; while a worker holds the row
-- (state_locked_by) it is the end of the worker's lease, so that a dead worker's rows fall due by themselves.
-- state_lane says whose turn it is: the tenant's or the server's number; of a delivery, the server's << 16 | the tenant's
-- lowest 16 bits.

create table stator_types (
    name text primary key,
    relation text not null unique,
    automatic text[] not null,
    domain_expression text not null
);
comment on table stator_types is '[neutral] The tables that stators work on.';
comment on column stator_types.name is 'The type: the name of its graph.';
comment on column stator_types.relation is 'Its table.';
comment on column stator_types.automatic is 'States that a stator works on; the partial index covers these.';
comment on column stator_types.domain_expression is 'The tenant that a job for the row r runs under; 0: none.';
insert into stator_types (name, relation, automatic, domain_expression) values
    ('domain', 'domains', '{pending,active,deleting}', 'r.id'),
    ('server', 'servers', '{outdated,updated,unreachable}', '0::bigint'),
    ('identity', 'identities', '{outdated,updated,edited,deleted,unreachable}', 'coalesce(r.domain_id, 0)'),
    ('follow', 'follows', '{unrequested,accepting,rejecting,undone}', 'coalesce(r.domain_id, r.target_domain_id, 0)'),
    ('block', 'blocks', '{new,expiring,undone}', 'coalesce(r.domain_id, r.target_domain_id, 0)'),
    ('post', 'posts', '{new,edited,deleted,stub}', 'coalesce(r.domain_id,
        (select min(a.domain_id) from post_audience a where a.post_id = r.id), 0)'),
    ('interaction', 'interactions', '{new,undone}', 'coalesce(r.domain_id, r.post_domain_id, 0)'),
    ('hashtag', 'hashtags', '{outdated}', '0::bigint'),
    ('delivery', 'deliveries', '{waiting}', 'r.domain_id'),
    ('inbox', 'inbox_messages', '{received}', '0::bigint');

create table stator_workers (
    name text primary key,
    started timestamptz not null default now(),
    seen timestamptz not null default now(),
    handled bigint not null default 0
);
comment on table stator_workers is '[neutral] Running stators.';
comment on column stator_workers.name is 'host:instance, as in state_locked_by.';
comment on column stator_workers.started is 'When it started.';
comment on column stator_workers.seen is 'Its last sign of life.';
comment on column stator_workers.handled is 'Attempts since it started.';

create table stator_stats (
    type text not null,
    state text not null,
    minute timestamptz not null,
    handled bigint not null default 0,
    failed bigint not null default 0,
    busy interval not null default '0',
    primary key (type, state, minute)
);
comment on table stator_stats is '[neutral] What stators did, by minute.';
comment on column stator_stats.type is 'Type of object.';
comment on column stator_stats.state is 'State that was worked on.';
comment on column stator_stats.minute is 'Start of the minute.';
comment on column stator_stats.handled is 'Attempts.';
comment on column stator_stats.failed is 'Attempts that ended in an error.';
comment on column stator_stats.busy is 'Time spent in them.';

create table stator_pauses (
    type text not null references stator_types (name),
    state text not null default '',
    since timestamptz not null default now(),
    user_id bigint,
    primary key (type, state)
);
comment on table stator_pauses is '[host] Work that stators leave alone until it is resumed.';
comment on column stator_pauses.type is 'Type of object.';
comment on column stator_pauses.state is 'State that rests; empty: all of them.';
comment on column stator_pauses.since is 'When it was paused.';
comment on column stator_pauses.user_id is 'The operator who did; null: on the command line.';

create type stator_job as (
    id bigint, domain_id bigint, lane bigint, state text, state_changed timestamptz, attempts bigint, trace bigint
);
comment on type stator_job is 'A row that a worker holds.';
create type stator_standing as (
    id bigint, state text, state_changed timestamptz, next_attempt timestamptz, attempts bigint, locked_by text,
    error text, lane bigint, automatic boolean, trace bigint
);
comment on type stator_standing is 'Where a row stands, for people.';
create type stator_tally as (
    state text, ready bigint, waiting bigint, locked bigint, failing bigint, oldest timestamptz
);
comment on type stator_tally is 'How many rows of a type stand in a state.';

create function stator_wake() returns trigger
language plpgsql
as $$
begin
    perform pg_notify('stator', tg_argv[0]);
    return null;
end
$$;
comment on function stator_wake() is 'Tells stators that rows of a type fell due.';

-- For each type: the indexes over rows that a worker may pick, the wake-up, and the functions that reach across
-- tenants. They are plpgsql, so that each session plans them once. stator_make_doors() then makes one door for each
-- verb, which takes the type's name. A later migration that adds a type calls both.
create function stator_add_type(p_name text) returns void
language plpgsql
as $outer$
declare
    t stator_types;
    states text;
begin
    for t in select * from stator_types where name = p_name loop
        select string_agg(quote_literal(s), ', ') into states from unnest(t.automatic) s;

        execute format('create index %1$I on %2$I (state_lane, state_next_attempt) where state in (%3$s)',
            t.relation || '_lane', t.relation, states);
        execute format('create index %1$I on %2$I (state_next_attempt) where state in (%3$s)',
            t.relation || '_due', t.relation, states);
        execute format('create index %1$I on %2$I (state, state_changed)', t.relation || '_state', t.relation);
        execute format('create trigger %1$I after insert on %2$I for each row
            when (new.state in (%3$s) and new.state_next_attempt <= now())
            execute function stator_wake(%4$L)', t.relation || '_wake_new', t.relation, states, t.name);
        execute format('create trigger %1$I after update of state on %2$I for each row
            when (new.state in (%3$s) and new.state_next_attempt <= now())
            execute function stator_wake(%4$L)', t.relation || '_wake', t.relation, states, t.name);

        -- Round-robin: the lanes that have due work, from p_after on, and of each its oldest rows; nothing of what rests.
        execute format($f$
            create function %1$I(p_worker text, p_after bigint, p_busy bigint[], p_limit bigint, p_per_lane bigint,
                p_lease interval)
            returns setof stator_job
            language plpgsql set search_path = public
            as $b$
            declare
                resting constant text[] := array(select p.state from stator_pauses p where p.type = %5$L);
            begin
                if '' = any (resting) or not exists (
                    select from %2$I r where r.state <> all (resting) and r.state in (%3$s) and r.state_next_attempt <= now())
                then
                    return;
                end if;
                return query
                with recursive lanes as (
                    (select r.state_lane as lane, r.state_next_attempt as due,
                        (r.state_next_attempt <= now() and (r.state_lane >> 16) <> all (p_busy))::integer as found
                     from %2$I r where r.state <> all (resting) and r.state in (%3$s) and r.state_lane > p_after
                     order by r.state_lane, r.state_next_attempt limit 1)
                    union all
                    select n.lane, n.due, l.found + (n.due <= now() and (n.lane >> 16) <> all (p_busy))::integer
                    from lanes l cross join lateral (
                        select r.state_lane as lane, r.state_next_attempt as due
                        from %2$I r where r.state <> all (resting) and r.state in (%3$s) and r.state_lane > l.lane
                        order by r.state_lane, r.state_next_attempt limit 1) n
                    where l.found < p_limit
                ), picked as (
                    select p.id, row_number() over (partition by l.lane order by p.state_next_attempt) as place
                    from lanes l cross join lateral (
                        select r.id, r.state_next_attempt from %2$I r
                        where r.state <> all (resting) and r.state in (%3$s) and r.state_lane = l.lane and r.state_next_attempt <= now()
                        order by r.state_next_attempt limit p_per_lane for update skip locked) p
                    where l.due <= now() and (l.lane >> 16) <> all (p_busy)
                ), chosen as (
                    select picked.id from picked order by picked.place limit p_limit
                )
                update %2$I r
                set state_locked_by = p_worker, state_next_attempt = now() + p_lease
                from chosen where r.id = chosen.id
                returning r.id, %4$s, r.state_lane, r.state, r.state_changed, r.state_attempts::bigint, r.state_trace;
            end
            $b$ $f$, 'stator_claim_' || t.name, t.relation, states, t.domain_expression, t.name);

        -- Writes results of rows that the worker still holds; an empty state keeps the present one. What others moved
        -- meanwhile stays as they left it and falls due, even when the same worker claimed it again. There is no index over
        -- who holds what: it would be full of dead entries, and look better than the key all the same.
        execute format($f$
            create function %1$I(p_worker text, p_ids bigint[], p_claimed timestamptz[], p_states text[],
                p_next timestamptz[], p_errors text[])
            returns bigint
            language plpgsql set search_path = public
            as $b$
            declare
                n bigint;
            begin
                update %2$I r
                set state = case when d.state = '' then r.state else d.state end,
                    state_changed = case when d.state = '' then r.state_changed else now() end,
                    state_attempts = case when d.state = '' then r.state_attempts + 1 else 0 end,
                    state_next_attempt = d.next,
                    state_locked_by = null,
                    state_error = d.error
                from unnest(p_ids, p_claimed, p_states, p_next, p_errors) d (id, claimed, state, next, error)
                where r.id = d.id and r.state_locked_by = p_worker and r.state_changed = d.claimed;
                get diagnostics n = row_count;
                if n < cardinality(p_ids) then
                    update %2$I r
                    set state = r.state, state_next_attempt = now(), state_locked_by = null
                    from unnest(p_ids, p_claimed) d (id, claimed)
                    where r.id = d.id and r.state_locked_by = p_worker and r.state_changed <> d.claimed;
                end if;
                return n;
            end
            $b$ $f$, 'stator_finish_' || t.name, t.relation);

        -- Renews the worker's lease of these rows; with no time, gives them back. What is given back before its first
        -- attempt takes its old place in the lane.
        execute format($f$
            create function %1$I(p_worker text, p_ids bigint[], p_lease interval)
            returns bigint
            language plpgsql set search_path = public
            as $b$
            declare
                n bigint;
            begin
                update %2$I r
                set state_next_attempt = case
                        when p_lease = '0' and r.state_attempts = 0 then least(r.state_changed, now())
                        else now() + p_lease
                    end,
                    state_locked_by = case when p_lease > '0' then r.state_locked_by end
                where r.state_locked_by = p_worker and r.id = any (p_ids);
                get diagnostics n = row_count;
                return n;
            end
            $b$ $f$, 'stator_lease_' || t.name, t.relation);

        -- Gives back all rows of the worker but those that it knows of.
        execute format($f$
            create function %1$I(p_worker text, p_known bigint[])
            returns bigint
            language plpgsql set search_path = public
            as $b$
            begin
                return %2$I(p_worker, array(select r.id from %3$I r
                    where r.state in (%4$s) and r.state_locked_by = p_worker and r.id <> all (p_known)), interval '0');
            end
            $b$ $f$, 'stator_release_' || t.name, 'stator_lease_' || t.name, t.relation, states);

        -- Moves rows that made no progress in a state for too long; nobody may hold them.
        execute format($f$
            create function %1$I(p_state text, p_age interval, p_to text, p_limit bigint)
            returns bigint
            language plpgsql set search_path = public
            as $b$
            declare
                n bigint;
            begin
                update %2$I r
                set state = p_to, state_changed = now(), state_next_attempt = now(), state_attempts = 0
                from (
                    select o.id from %2$I o
                    where o.state = p_state and o.state_changed < now() - p_age and o.state_locked_by is null
                    order by o.state_changed
                    limit p_limit for update skip locked
                ) old
                where r.id = old.id;
                get diagnostics n = row_count;
                return n;
            end
            $b$ $f$, 'stator_timeout_' || t.name, t.relation);

        -- Deletes rows that stayed in a state of rest for long enough.
        execute format($f$
            create function %1$I(p_state text, p_age interval, p_limit bigint)
            returns bigint
            language plpgsql set search_path = public
            as $b$
            declare
                n bigint;
            begin
                delete from %2$I r using (
                    select o.id from %2$I o
                    where o.state = p_state and o.state not in (%3$s) and o.state_changed < now() - p_age
                    order by o.state_changed
                    limit p_limit for update skip locked
                ) old
                where r.id = old.id;
                get diagnostics n = row_count;
                return n;
            end
            $b$ $f$, 'stator_prune_' || t.name, t.relation, states);

        -- Makes rows due at once: one, or all that failed before (p_id null). Of deliveries the breaker closes too, since
        -- nothing would be tried else.
        execute format($f$
            create function %1$I(p_id bigint)
            returns bigint
            language plpgsql set search_path = public
            as $b$
            declare
                n bigint;
            begin
                update %2$I r
                set state_next_attempt = now(), state = r.state
                where r.state in (%3$s) and r.state_locked_by is null
                    and (r.id = p_id or (p_id is null and r.state_attempts > 0));
                get diagnostics n = row_count;
                %4$s
                return n;
            end
            $b$ $f$, 'stator_retry_' || t.name, t.relation, states,
            case when t.name = 'delivery' then
                'update servers s set retry_after = null
                 where s.retry_after > now() and exists (
                     select from deliveries d
                     where d.server_id = s.id and d.state = ''waiting'' and (p_id is null or d.id = p_id));'
                else '' end);

        -- Where one row stands.
        execute format($f$
            create function %1$I(p_id bigint)
            returns setof stator_standing
            language plpgsql stable set search_path = public
            as $b$
            begin
                return query
                select r.id, r.state, r.state_changed, r.state_next_attempt, r.state_attempts::bigint,
                    coalesce(r.state_locked_by, ''), r.state_error, r.state_lane, r.state in (%3$s),
                    r.state_trace
                from %2$I r where r.id = p_id;
            end
            $b$ $f$, 'stator_explain_' || t.name, t.relation, states);

        -- Ready, waiting and locked rows by state, and the oldest that is due.
        execute format($f$
            create function %1$I()
            returns setof stator_tally
            language plpgsql stable set search_path = public
            as $b$
            begin
                return query
                select r.state,
                    count(*) filter (where r.state_locked_by is null and r.state_next_attempt <= now()),
                    count(*) filter (where r.state_locked_by is null and r.state_next_attempt > now()),
                    count(*) filter (where r.state_locked_by is not null),
                    count(*) filter (where r.state_attempts > 0),
                    min(r.state_next_attempt) filter (where r.state_locked_by is null and r.state_next_attempt <= now())
                from %2$I r where r.state in (%3$s)
                group by r.state;
            end
            $b$ $f$, 'stator_count_' || t.name, t.relation, states);

        execute format('comment on column %I.state is %L', t.relation, format('Where it stands in the graph "%s".', t.name));
    end loop;
end
$outer$;
comment on function stator_add_type is 'Makes indexes, wake-ups and functions of a type that stands in stator_types.';

create function stator_make_doors() returns void
language plpgsql
as $outer$
declare
    verbs constant text[][] := array[
        array['claim', 'p_worker text, p_after bigint, p_busy bigint[], p_limit bigint, p_per_lane bigint, p_lease interval',
            'p_worker, p_after, p_busy, p_limit, p_per_lane, p_lease', 'stator_job'],
        array['finish', 'p_worker text, p_ids bigint[], p_claimed timestamptz[], p_states text[], p_next timestamptz[], p_errors text[]',
            'p_worker, p_ids, p_claimed, p_states, p_next, p_errors', 'bigint'],
        array['lease', 'p_worker text, p_ids bigint[], p_lease interval', 'p_worker, p_ids, p_lease', 'bigint'],
        array['release', 'p_worker text, p_known bigint[]', 'p_worker, p_known', 'bigint'],
        array['timeout', 'p_state text, p_age interval, p_to text, p_limit bigint', 'p_state, p_age, p_to, p_limit', 'bigint'],
        array['prune', 'p_state text, p_age interval, p_limit bigint', 'p_state, p_age, p_limit', 'bigint'],
        array['retry', 'p_id bigint', 'p_id', 'bigint'],
        array['explain', 'p_id bigint', 'p_id', 'stator_standing'],
        array['count', '', '', 'stator_tally']];
    branches text;
begin
    for i in 1 .. array_length(verbs, 1) loop
        select string_agg(format(
            case when verbs[i][4] = 'bigint' then 'when %L then return %I(%s);'
                 else 'when %L then return query select * from %I(%s);' end,
            name, 'stator_' || verbs[i][1] || '_' || name,
            -- Servers whose breaker is open are busy for all stators.
            case when verbs[i][1] = 'claim' and name = 'delivery'
                then replace(verbs[i][3], 'p_busy', 'p_busy || array(select s.id from servers s where s.retry_after > now())')
                else verbs[i][3] end), E'\n' order by name)
        into branches from stator_types;
        -- Losing a claim or a lease costs nothing, so these need not wait for the disk.
        execute format($f$
            create or replace function %1$I(%2$s) returns %3$s
            language plpgsql security definer set search_path = public
            as $b$
            begin
                %4$s
                case p_type
                %5$s
                end case;
                %6$s
            end
            $b$ $f$, 'stator_' || verbs[i][1], concat_ws(', ', 'p_type text', nullif(verbs[i][2], '')),
            case when verbs[i][4] = 'bigint' then 'bigint' else 'setof ' || verbs[i][4] end,
            case when verbs[i][1] in ('claim', 'lease', 'release')
                -- A claim that a crash forgets is found again; one that a new primary does not know would be made twice.
                then $s$if current_setting('synchronous_standby_names') = '' then
                    perform set_config('synchronous_commit', 'off', true);
                end if;$s$ else '' end,
            branches,
            case when verbs[i][4] = 'bigint' then '' else 'return;' end);
    end loop;
end
$outer$;
comment on function stator_make_doors is 'Makes the functions that choose a type''s own by its name.';

select stator_add_type(name) from stator_types;
select stator_make_doors();
comment on function stator_claim is 'Rows of a type that are due, for a worker, until its lease ends.';
comment on function stator_finish is 'Results of rows that a worker holds.';
comment on function stator_lease is 'Renews leases, or gives rows back.';
comment on function stator_release is 'Gives back what a worker holds and does not know of.';
comment on function stator_timeout is 'Moves rows that made no progress for too long.';
comment on function stator_prune is 'Deletes rows at rest.';
comment on function stator_retry is 'Makes rows due at once.';
comment on function stator_explain is 'Where one row stands.';
comment on function stator_count is 'How many rows stand where.';

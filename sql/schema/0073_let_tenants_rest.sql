-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- The work of a tenant that is not served rests like work that an operator paused: it is not claimed, does not count as
-- tried and does not grow old, and costs claims nothing, however much it is.

create function tenant_waits(p_state text) returns boolean
language sql immutable
as $$ select p_state in ('importing', 'pending', 'verified', 'suspended', 'leaving') $$;
comment on function tenant_waits is
    'Whether a tenant in this state is silent until it is served (again). One that moved out or was deleted never is.';

alter table stator_types add column lane_tenant bigint;
comment on column stator_types.lane_tenant is
    'The bits of a row''s lane that are its tenant''s number, where a lane has rows of one tenant alone; null: it may not.';
update stator_types set lane_tenant = 65535 where name in ('delivery', 'post');
update stator_types set lane_tenant = -1
where name in ('follow', 'block', 'interaction', 'attachment', 'push', 'poll', 'quote', 'consent', 'scheduled', 'mail',
    'webhook', 'import', 'import_row', 'archive', 'move');

-- A post of others is worked on in a tenant that it reached: in one that is served, if there is one.
update stator_types
set domain_expression = 'coalesce(r.domain_id, (select a.domain_id from post_audience a join domains d on d.id = a.domain_id
    where a.post_id = r.id order by tenant_waits(d.state), a.domain_id limit 1), 0)'
where name in ('post', 'poll');

-- A post of others that stands in its server's lane must not stand in that of the tenant which has the same number.
create function post_leave_lane() returns trigger
language plpgsql
as $$
begin
    new.state_lane := new.state_lane << 16;
    return new;
end
$$;
comment on function post_leave_lane is 'Lanes of servers lie above those of tenants, as those of deliveries do.';
create trigger posts_leave_lane before insert or update of domain_id, state on posts for each row
    when (new.domain_id is null and new.state_lane between 1 and 65535)
    execute function post_leave_lane();
update posts set state_lane = state_lane << 16
where domain_id is null and state_lane between 1 and 65535 and state in ('new', 'edited', 'deleted', 'stub');

-- What rests, state by state; no tenant: that of all.
create function stator_rests(p_type text) returns table (state text, domain_id bigint)
language sql stable
as $$
    select s.state, p.domain_id
    from stator_pauses p
    join stator_types t on t.name = p.type
    cross join unnest(t.automatic) s (state)
    where p.type = p_type and p.state in ('', s.state)
    union
    select s.state, d.id
    from domains d
    join stator_types t on t.name = p_type and t.name <> 'domain'
    cross join unnest(t.automatic) s (state)
    where tenant_waits(d.state)
$$;
comment on function stator_rests is 'Work of a type that stators leave alone, because it is paused or its tenant is not served.';

-- The same for a statement: states that rest, tenants with all of the type, and the rest as 'tenant state'.
create function stator_rest(p_type text, out resting text[], out whole bigint[], out held text[])
language plpgsql stable set search_path = public
as $$
begin
    if exists (select from stator_pauses p where p.type = p_type) or exists (select from domains d where tenant_waits(d.state)) then
        with tenants as (
            select w.domain_id, array_agg(w.state) as states, array_agg(w.state) @> min(t.automatic) as is_whole
            from stator_rests(p_type) w
            join stator_types t on t.name = p_type
            group by w.domain_id
        )
        select (select n.states from tenants n where n.domain_id is null),
            array_agg(n.domain_id) filter (where n.domain_id is not null and n.is_whole),
            (select array_agg(n.domain_id || ' ' || s.state) from tenants n cross join unnest(n.states) s (state)
             where n.domain_id is not null and not n.is_whole)
        into resting, whole, held
        from tenants n;
    end if;
    resting := coalesce(resting, '{}');
    whole := coalesce(whole, '{}');
    held := coalesce(held, '{}');
end
$$;
comment on function stator_rest is 'What stators leave alone of a type, as sets.';

-- The claim of each type: round-robin over the lanes that have due work, from p_after on, and of each its oldest rows;
-- nothing of what rests. The bounds are such that no plan looks for a lane's rows among all that are due, where what
-- rests comes first. Lanes of tenants that rest are passed by, whatever is in them. Only where a lane does not say
-- whose it is, or some states of a tenant rest and others do not, a second statement looks at whose each row is.
create or replace function stator_make_claim(p_name text) returns void
language plpgsql
as $outer$
declare
    claim constant text := $s$
                return query
                with recursive lanes as (
                    select p_after as lane, null::timestamptz as due, 0 as found
                    union all
                    select n.lane, n.due,
                        l.found + (n.due <= now() and (n.lane >> 16) <> all (p_busy) and %5$s <> all (closed))::integer
                    from lanes l cross join lateral (
                        select r.state_lane as lane, r.state_next_attempt as due
                        from %1$I r where r.state <> all (resting) and r.state in (%2$s)%4$s and r.state_lane > l.lane
                        order by r.state_lane, r.state_next_attempt limit 1) n
                    where l.found < p_limit
                ), picked as (
                    select p.id, row_number() over (partition by n.lane order by p.state_next_attempt) as place
                    from lanes n cross join lateral (
                        select r.id, r.state_next_attempt from %1$I r
                        where r.state <> all (resting) and r.state in (%2$s)%4$s
                            and (r.state_lane, r.state_next_attempt) between (n.lane, '-infinity'::timestamptz) and (n.lane, now())
                        order by r.state_lane, r.state_next_attempt limit p_per_lane for update skip locked) p
                    where n.due <= now() and (n.lane >> 16) <> all (p_busy) and %5$s <> all (closed)
                ), chosen as (
                    select picked.id from picked order by picked.place limit p_limit
                )
                update %1$I r
                set state_locked_by = p_worker, state_next_attempt = now() + p_lease
                from chosen where r.id = chosen.id
                returning r.id, %3$s, r.state_lane, r.state, r.state_changed, r.state_attempts::bigint, r.state_trace;$s$;
    t stator_types;
    states text;
    tenant_of_lane text;
begin
    select * into strict t from stator_types s where s.name = p_name;
    select string_agg(quote_literal(s), ', ') into states from unnest(t.automatic) s;
    tenant_of_lane := case when t.lane_tenant is null then '0' else format('(n.lane & %s)', t.lane_tenant) end;
    execute format($f$
            create or replace function %1$I(p_worker text, p_after bigint, p_busy bigint[], p_limit bigint,
                p_per_lane bigint, p_lease interval)
            returns setof stator_job
            language plpgsql set search_path = public
            as $b$
            declare
                resting text[];
                away bigint[]; -- tenants
                held text[]; -- "tenant state"
                closed bigint[] := '{}'; -- of lanes
            begin
                select s.resting, s.whole, s.held into resting, away, held from stator_rest(%3$L) s;
                if resting @> %4$L or not exists (
                    select from %2$I r where r.state <> all (resting) and r.state in (%5$s) and r.state_next_attempt <= now())
                then
                    return;
                end if;
                %6$s
                if away = '{}' and held = '{}' then
                    %7$s
                else
                    %8$s
                end if;
            end
            $b$ $f$, 'stator_claim_' || t.name, t.relation, t.name, t.automatic, states,
        -- A lane is nobody's in particular when two tenants have these bits.
        case when t.lane_tenant is not null then format(
            $c$if away <> '{}'%s then
                    closed := array(select w & %s from unnest(away) w);
                    away := '{}';
                end if;$c$,
            case when t.lane_tenant > 0
                then format(' and not exists (select from domains d where d.id > %s)', t.lane_tenant) else '' end,
            t.lane_tenant) else '' end,
        format(claim, t.relation, states, t.domain_expression, '', tenant_of_lane),
        format(claim, t.relation, states, t.domain_expression,
            format(' and %1$s <> all (away) and (%1$s)::text || '' '' || r.state <> all (held)', t.domain_expression),
            tenant_of_lane));
end
$outer$;
comment on function stator_make_claim is 'Makes the claim of a type that stands in stator_types.';
select stator_make_claim(name) from stator_types;

-- What rests is not ready, and nobody is late with it.
create or replace function stator_count(p_type text) returns setof stator_tally
language plpgsql security definer set search_path = public
as $$
declare
    t stator_types;
    rest record;
begin
    select * into strict t from stator_types s where s.name = p_type;
    select * into rest from stator_rest(p_type);
    return query execute format('
        select r.state,
            count(*) filter (where r.state_locked_by is null and r.is_due),
            count(*) filter (where r.state_locked_by is null and not r.is_due),
            count(*) filter (where r.state_locked_by is not null),
            count(*) filter (where r.state_attempts > 0),
            min(r.state_next_attempt) filter (where r.state_locked_by is null and r.is_due)
        from (
            select r.state, r.state_locked_by, r.state_attempts, r.state_next_attempt,
                r.state_next_attempt <= now() and r.state <> all ($2)
                    and ($3 = ''{}'' or %1$s <> all ($3))
                    and ($4 = ''{}'' or (%1$s)::text || '' '' || r.state <> all ($4)) as is_due
            from %2$I r where r.state = any ($1)) r
        group by r.state', t.domain_expression, t.relation) using t.automatic, rest.resting, rest.whole, rest.held;
end
$$;

-- Moves rows that made no progress in a state for too long, since their tenant is served; nobody may hold them.
create function stator_expire(p_type text, p_state text, p_age interval, p_to text, p_limit bigint) returns bigint
language plpgsql security definer set search_path = public
as $$
declare
    t stator_types;
    n bigint;
begin
    select * into strict t from stator_types s where s.name = p_type;
    execute format('update %2$I u set state = $2, state_changed = now(), state_next_attempt = now(), state_attempts = 0
        from (
            select r.id from %2$I r
            where r.state = $1 and r.state_changed < now() - $3 and r.state_locked_by is null
                and not exists (
                    select from domains d
                    where d.id = %1$s and (tenant_waits(d.state) or d.state_changed > now() - $3))
            order by r.state_changed
            limit $4 for update of r skip locked
        ) old
        where u.id = old.id', t.domain_expression, t.relation) using p_state, p_to, p_age, p_limit;
    get diagnostics n = row_count;
    return n;
end
$$;
comment on function stator_expire is 'Moves rows that made no progress for too long while their tenant was served.';

-- Makes one row due at once; of a delivery the breaker closes too, since nothing would be tried else.
create function stator_retry_one(p_type text, p_id bigint) returns bigint
language plpgsql security definer set search_path = public
as $$
declare
    t stator_types;
    n bigint;
begin
    select * into strict t from stator_types s where s.name = p_type;
    execute format('update %I r set state_next_attempt = now(), state = r.state
        where r.id = $1 and r.state = any ($2) and r.state_locked_by is null', t.relation) using p_id, t.automatic;
    get diagnostics n = row_count;
    if p_type = 'delivery' then
        update servers s set retry_after = null
        where s.retry_after > now() and s.id = (select d.server_id from deliveries d where d.id = p_id and d.state = 'waiting');
    end if;
    return n;
end
$$;
comment on function stator_retry_one is 'Makes one row due at once, for the host role.';

-- What a row waits for that somebody decided: pauses, and its tenant when that is not served.
create function stator_rest_of(p_type text, p_id bigint)
returns table (state text, domain_id bigint, since timestamptz, user_id bigint, tenant_state text)
language plpgsql stable
as $$
declare
    t stator_types;
begin
    select * into strict t from stator_types s where s.name = p_type;
    return query execute format('
        with job as (select r.state, %1$s as domain_id from %2$I r where r.id = $1)
        select p.state, p.domain_id, p.since, p.user_id, ''''
        from stator_pauses p
        join job j on p.state in ('''', j.state) and coalesce(p.domain_id, j.domain_id) = j.domain_id
        where p.type = $2
        union all
        select '''', d.id, d.state_changed, (
                select a.user_id from audit_log a
                where a.domain_id = d.id and a.action = ''domain.suspend'' and d.state = ''suspended''
                order by a.id desc limit 1), d.state
        from domains d
        join job j on d.id = j.domain_id
        where $2 <> ''domain'' and tenant_waits(d.state)', t.domain_expression, t.relation) using p_id, p_type;
end
$$;
comment on function stator_rest_of is 'Why stators leave a row alone, for the host role; no row: they do not.';

-- As they are now: what reaches rows one by one or of all types needs no functions of each.
create or replace function stator_add_type(p_name text) returns void
language plpgsql
as $$
declare
    verb text;
begin
    perform stator_add_parts(p_name);
    foreach verb in array '{timeout,retry,count}'::text[] loop
        execute format('drop routine %I', 'stator_' || verb || '_' || p_name);
    end loop;
    perform stator_make_claim(p_name);
end
$$;

create or replace function stator_make_doors() returns void
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
        array['prune', 'p_state text, p_age interval, p_limit bigint', 'p_state, p_age, p_limit', 'bigint'],
        array['explain', 'p_id bigint', 'p_id', 'stator_standing']];
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

do $$
declare
    t text;
begin
    for t in select name from stator_types loop
        execute format('drop function %I', 'stator_count_' || t);
    end loop;
end
$$;

revoke execute on function tenant_waits, stator_rests, stator_rest, stator_expire, stator_retry_one, stator_rest_of from public;
grant execute on function tenant_waits to rookery_server, rookery_stator, rookery_host;
grant execute on function stator_expire to rookery_stator;
grant execute on function stator_retry_one, stator_rest_of to rookery_host;

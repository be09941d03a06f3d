-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What an operator does with the work of one tenant: see it, let it rest, try it again, give it up.

alter table stator_pauses
    add column domain_id bigint references domains (id) on delete cascade,
    drop constraint stator_pauses_pkey,
    add unique nulls not distinct (type, state, domain_id);
comment on column stator_pauses.domain_id is 'The tenant whose work rests; null: that of all.';

-- The claim of each type: round-robin over the lanes that have due work, from p_after on, and of each its oldest rows;
-- nothing of what rests. Whose a row is may take a look at another table, and a lane does not say it, so there are two
-- statements: the one that asks is used, and planned, only while some tenant's work of the type rests.
create function stator_make_claim(p_name text) returns void
language plpgsql
as $outer$
declare
    claim constant text := $s$
                return query
                with recursive lanes as (
                    (select r.state_lane as lane, r.state_next_attempt as due,
                        (r.state_next_attempt <= now() and (r.state_lane >> 16) <> all (p_busy))::integer as found
                     from %1$I r where r.state <> all (resting) and r.state in (%2$s)%4$s and r.state_lane > p_after
                     order by r.state_lane, r.state_next_attempt limit 1)
                    union all
                    select n.lane, n.due, l.found + (n.due <= now() and (n.lane >> 16) <> all (p_busy))::integer
                    from lanes l cross join lateral (
                        select r.state_lane as lane, r.state_next_attempt as due
                        from %1$I r where r.state <> all (resting) and r.state in (%2$s)%4$s and r.state_lane > l.lane
                        order by r.state_lane, r.state_next_attempt limit 1) n
                    where l.found < p_limit
                ), picked as (
                    select p.id, row_number() over (partition by l.lane order by p.state_next_attempt) as place
                    from lanes l cross join lateral (
                        select r.id, r.state_next_attempt from %1$I r
                        where r.state <> all (resting) and r.state in (%2$s)%4$s and r.state_lane = l.lane
                            and r.state_next_attempt <= now()
                        order by r.state_next_attempt limit p_per_lane for update skip locked) p
                    where l.due <= now() and (l.lane >> 16) <> all (p_busy)
                ), chosen as (
                    select picked.id from picked order by picked.place limit p_limit
                )
                update %1$I r
                set state_locked_by = p_worker, state_next_attempt = now() + p_lease
                from chosen where r.id = chosen.id
                returning r.id, %3$s, r.state_lane, r.state, r.state_changed, r.state_attempts::bigint, r.state_trace;$s$;
    t stator_types;
    states text;
begin
    select * into strict t from stator_types s where s.name = p_name;
    select string_agg(quote_literal(s), ', ') into states from unnest(t.automatic) s;
    execute format($f$
            create or replace function %1$I(p_worker text, p_after bigint, p_busy bigint[], p_limit bigint,
                p_per_lane bigint, p_lease interval)
            returns setof stator_job
            language plpgsql set search_path = public
            as $b$
            declare
                resting text[];
                held text[]; -- "tenant state"
            begin
                select coalesce(array_agg(p.state) filter (where p.domain_id is null), '{}'),
                    coalesce(array_agg(p.domain_id || ' ' || s) filter (where p.domain_id is not null and p.state in ('', s)), '{}')
                into resting, held
                from stator_pauses p cross join unnest(%4$L::text[]) s
                where p.type = %3$L;
                if '' = any (resting) or not exists (
                    select from %2$I r where r.state <> all (resting) and r.state in (%5$s) and r.state_next_attempt <= now())
                then
                    return;
                end if;
                if held = '{}' then
                    %6$s
                else
                    %7$s
                end if;
            end
            $b$ $f$, 'stator_claim_' || t.name, t.relation, t.name, t.automatic, states,
        format(claim, t.relation, states, t.domain_expression, ''),
        format(claim, t.relation, states, t.domain_expression,
            format(' and (%s)::text || '' '' || r.state <> all (held)', t.domain_expression)));
end
$outer$;
comment on function stator_make_claim is 'Makes the claim of a type that stands in stator_types.';

alter function stator_add_type rename to stator_add_parts;
comment on function stator_add_parts is 'Makes indexes, wake-ups and functions of a type, all but its claim as it is now.';
create function stator_add_type(p_name text) returns void
language plpgsql
as $$
begin
    perform stator_add_parts(p_name);
    perform stator_make_claim(p_name);
end
$$;
comment on function stator_add_type is 'Makes indexes, wake-ups and functions of a type that stands in stator_types.';
select stator_make_claim(name) from stator_types;

-- The rows of a type in the states that stators work on, those first that are due first.
create function stator_list(p_type text, p_state text, p_domain_id bigint, p_failing boolean, p_limit bigint)
returns table (id bigint, domain_id bigint, state text, attempts bigint, next_attempt timestamptz, locked_by text,
    error text)
language plpgsql stable
as $$
declare
    t stator_types;
    states text;
begin
    select * into strict t from stator_types s where s.name = p_type;
    select string_agg(quote_literal(s), ', ') into states from unnest(t.automatic) s where p_state in ('', s);
    return query execute format('select r.id, nullif(%1$s, 0), r.state, r.state_attempts::bigint, r.state_next_attempt,
            coalesce(r.state_locked_by, ''''), r.state_error
        from %2$I r
        where r.state in (%3$s) and ($1 is null or %1$s = $1) and (not $2 or r.state_attempts > 0)
        order by r.state_next_attempt, r.id
        limit $3', t.domain_expression, t.relation, states) using p_domain_id, p_failing, p_limit;
end
$$;
comment on function stator_list is 'Rows that stators work on, of one state or tenant or of all, for the host role.';

-- Makes due at once what was tried before, as stator_retry() does with all of a type.
create function stator_retry_part(p_type text, p_state text, p_domain_id bigint) returns bigint
language plpgsql security definer set search_path = public
as $$
declare
    t stator_types;
    n bigint;
begin
    select * into strict t from stator_types s where s.name = p_type;
    execute format('update %I r set state_next_attempt = now(), state = r.state
        where r.state = any ($1) and ($2 = '''' or r.state = $2) and r.state_locked_by is null and r.state_attempts > 0
            and ($3 is null or %s = $3)', t.relation, t.domain_expression) using t.automatic, p_state, p_domain_id;
    get diagnostics n = row_count;
    if p_type = 'delivery' then
        update servers s set retry_after = null
        where s.retry_after > now() and exists (
            select from deliveries d
            where d.server_id = s.id and d.state = 'waiting' and (p_domain_id is null or d.domain_id = p_domain_id));
    end if;
    return n;
end
$$;
comment on function stator_retry_part is 'Makes due what was tried before, of one state or tenant or of all, for the host role.';

-- Rows give up, as time would let them: so many at once.
create function stator_drop_part(p_type text, p_state text, p_to text, p_domain_id bigint, p_limit bigint) returns bigint
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
            where r.state = $1 and r.state_locked_by is null and ($3 is null or %1$s = $3)
            order by r.state_changed
            limit $4 for update of r skip locked
        ) old
        where u.id = old.id', t.domain_expression, t.relation) using p_state, p_to, p_domain_id, p_limit;
    get diagnostics n = row_count;
    return n;
end
$$;
comment on function stator_drop_part is
    'Moves rows that nobody works on into the state that follows a time-out, of one tenant or of all, for the host role.';

revoke execute on function stator_make_claim, stator_add_type, stator_list, stator_retry_part, stator_drop_part from public;
grant execute on function stator_list, stator_retry_part, stator_drop_part to rookery_host;

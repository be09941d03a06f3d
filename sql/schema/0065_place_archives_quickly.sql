-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What came with an archive is new to the planner, which took it for a handful of rows and compared each with each: 20,000
-- posts took minutes. Now it is told.

-- Only the owner of a table may; the order is always the same, so that two archives wait for each other and no more.
create function archive_analyze(p_rows boolean) returns void
language plpgsql security definer set search_path = public
as $$
begin
    if p_rows then
        analyze archive_rows;
    end if;
    analyze archive_ids;
end
$$;
comment on function archive_analyze is 'Lets the planner know how much of an archive there is.';
revoke execute on function archive_analyze(boolean) from public;
grant execute on function archive_analyze(boolean) to rookery_mover, rookery_host;

-- As in 0055, and looks again when many ids came.
create or replace function archive_place() returns table (name text, came bigint, placed bigint)
language plpgsql set search_path = public
as $$
#variable_conflict use_column
declare
    e archive_tables;
begin
    perform set_config('statement_timeout', '0', true);
    perform archive_analyze(true);
    for e in select * from archive_tables t order by t.place loop
        name := e.name;
        select count(*) into came from archive_rows a where a.domain_id = current_domain() and a.name = e.name;
        continue when came = 0;
        perform archive_map(e.name);
        if came > 100 and e.ids <> '' then
            perform archive_analyze(false);
        end if;
        placed := case e.name
            when 'media' then (select count(*) from archive_media f where f.domain_id = current_domain())
            when 'hashtags' then archive_place_hashtags()
            when 'other_identities' then archive_place_identities()
            when 'other_posts' then archive_place_posts()
            else archive_place_rows(e.name) end;
        if came > 100 and e.name in ('hashtags', 'other_identities', 'other_posts') then
            perform archive_analyze(false);
        end if;
        -- Posts of others are placed behind the tenant's, which may answer them.
        if e.name in ('identities', 'posts') then
            perform archive_adopt();
        end if;
        return next;
    end loop;
end
$$;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- The database's clock and version.
-- name: house_database :one house_database
select clock_timestamp() as "clock!", current_setting('server_version') as "version!";

-- The roles of the programs, with whether one could pass by row-level security.
-- name: house_roles :many house_role
select rolname as name, rolcanlogin as may_log_in, rolsuper or rolbypassrls as "mighty!"
from pg_roles
where rolname in ('rookery_server', 'rookery_stator', 'rookery_host')
order by rolname;

-- What of the walls between tenants is not as it was made.
-- name: house_faults :many house_fault
select c.relname::text as "relation!",
    case when not c.relrowsecurity then 'row-level security is off'
        when not c.relforcerowsecurity then 'row-level security spares the owner'
        when pg_get_userbyid(c.relowner) <> 'rookery_owner' then 'it belongs to ' || pg_get_userbyid(c.relowner)
        else 'no policy binds it to a tenant' end as "fault!"
from pg_class c
where c.relnamespace = 'public'::regnamespace
    and c.relkind in ('r', 'p')
    and obj_description(c.oid, 'pg_class') ~ '^\[(tenant|edge|audience)\]'
    and (not c.relrowsecurity
        or not c.relforcerowsecurity
        or pg_get_userbyid(c.relowner) <> 'rookery_owner'
        or not exists (select from pg_policy p where p.polrelid = c.oid))
order by c.relname
limit 100;

-- How many tenants stand where.
-- name: house_tenants :many house_tenant_state
select state, count(*) as "n!"
from domains
group by state
order by state;

-- Statements that cost most, without any value.
-- name: slow_statements :many slow_statement
select statement as "statement!", calls as "calls!", mean_ms as "mean_ms!", total_ms as "total_ms!"
from slow_statements(:limit);

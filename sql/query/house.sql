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

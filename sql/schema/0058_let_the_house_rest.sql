-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Maintenance: a row of host_settings, which every process has in its snapshot of tenants.

create trigger host_settings_changed after insert or delete or update on host_settings
    for each statement execute function domains_changed();

-- Room on a disk that is nearly full.

create function media_files_hurry(p_age interval) returns bigint
language plpgsql security definer
set search_path = public
as $$
declare
    n bigint;
begin
    update media_files
    set state_next_attempt = now()
    where state = 'unused'
        and state_changed < now() - p_age
        and state_next_attempt > now()
        and state_locked_by is null;
    get diagnostics n = row_count;
    return n;
end
$$;
comment on function media_files_hurry(interval) is 'Removes files that nothing has referred to for that long, without the usual wait. Says how many.';
revoke execute on function media_files_hurry(interval) from public;
grant execute on function media_files_hurry(interval) to rookery_stator, rookery_host;

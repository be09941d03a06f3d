-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What the console says of backups. The table of them may be missing: then none was ever made.

create function backup_last() returns table (kind text, finished timestamptz, verified timestamptz)
language plpgsql stable
as $$
begin
    if to_regclass('public.backups') is null then
        return;
    end if;
    return query execute
        'select b.kind, b.finished, b.verified from backups b
        where b.result = ''done'' and b.finished is not null and b.kind in (''full'', ''differential'', ''dump'')
        order by b.finished desc limit 1';
end
$$;
comment on function backup_last is 'The last backup of the database that was finished; no row: there is none yet.';
revoke execute on function backup_last from public;
grant execute on function backup_last to rookery_host;

-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What a restore could not bring back is let go of by everything that names a file: archives as well, those that people
-- asked for, those that they brought, and those of tenants.

create or replace function media_lose(p_names text[]) returns bigint
language plpgsql volatile security definer set search_path = public
as $$
declare
    lost bigint;
begin
    delete from media_remote where file = any (p_names) or preview = any (p_names);
    delete from emojis where file = any (p_names) or file_static = any (p_names);
    delete from attachments where file = any (p_names) or source = any (p_names);
    update attachments
    set thumbnail = case when media_type like 'image/%' then file else '' end
    where thumbnail = any (p_names);
    update identities
    set icon_file = '', icon_static = ''
    where icon_file = any (p_names) or icon_static = any (p_names);
    update identities
    set image_file = '', image_static = ''
    where image_file = any (p_names) or image_static = any (p_names);
    update domains set icon = '', icon_small = '' where icon = any (p_names) or icon_small = any (p_names);
    update domains set banner = '' where banner = any (p_names);
    -- Who asked for it may ask again, since one that failed does not count.
    update archives
    set file = '', size = 0, failure = 'there is no such archive', state = 'failed', state_changed = now(),
        state_locked_by = null
    where file = any (p_names);
    -- It has the file until it is unpacked.
    update imports
    set file = '', failure = 'there is no such archive', state = 'failed', state_changed = now(), state_locked_by = null
    where file = any (p_names);
    -- The posts that wait for these, of people and of tenants, come without them.
    delete from import_files where file = any (p_names);
    delete from archive_media where name = any (p_names);
    select count(*) into lost from media_files where name = any (p_names) and state = 'kept';
    if lost > 0 then
        raise exception 'something names % of these files still', lost;
    end if;
    update media_files set state = 'gone', state_changed = now(), state_next_attempt = now(), state_locked_by = null
    where name = any (p_names);
    get diagnostics lost = row_count;
    return lost;
end
$$;

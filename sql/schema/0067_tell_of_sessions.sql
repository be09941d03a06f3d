-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Pages that are open hear of news as programs do (docs/streams.md); what ends a session ends their streams.

create function stream_tell_session() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if exists (select from stream_readers r where r.identity_id = old.identity_id) then
        perform stream_tell('access', null, '{}');
    end if;
    return null;
end
$$;
comment on function stream_tell_session is 'A session ended, or acts as somebody else.';
create trigger sessions_tell after delete on sessions
    for each row execute function stream_tell_session();
create trigger sessions_tell_switch after update of identity_id on sessions
    for each row when (old.identity_id is distinct from new.identity_id) execute function stream_tell_session();

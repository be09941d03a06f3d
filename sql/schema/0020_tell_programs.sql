-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What 0009 tells programs of notifications, now that a policy may hold some back; and what it tells them of filters
-- and conversations.

create or replace function stream_tell_notifications() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if not exists (select from stream_readers) then
        return null;
    end if;
    perform stream_tell('notification', g.domain_id, jsonb_build_object('ids', g.ids, 'to', g.owners))
    from (
        select n.domain_id, jsonb_agg(n.id) as ids, jsonb_agg(n.identity_id) as owners
        from (
            select a.id, a.domain_id, a.identity_id, (row_number() over ()) / 150 as part
            from added a
            where not a.filtered
                and exists (select from stream_readers r where r.identity_id = a.identity_id)
        ) n
        group by n.domain_id, n.part
    ) g;
    return null;
end
$$;

-- For triggers that have the owner in the row, one event each; PostgreSQL sends equal ones of a transaction once.
create function stream_tell_owner() returns trigger
language plpgsql security definer set search_path = public
as $$
declare
    changed record := coalesce(new, old);
begin
    if exists (select from stream_readers r where r.identity_id = changed.identity_id) then
        perform stream_tell(tg_argv[0], changed.domain_id, jsonb_build_object('to', jsonb_build_array(changed.identity_id)));
    end if;
    return null;
end
$$;
comment on function stream_tell_owner is 'Something that one identity alone sees changed; the argument is the event.';
create trigger notifications_merged after update of filtered on notifications
    for each row when (old.filtered and not new.filtered) execute function stream_tell_owner('merged');
create trigger filters_tell after insert or update or delete on filters
    for each row execute function stream_tell_owner('filters');

create function stream_tell_filter_part() returns trigger
language plpgsql security definer set search_path = public
as $$
declare
    changed record := coalesce(new, old);
begin
    perform stream_tell('filters', f.domain_id, jsonb_build_object('to', jsonb_build_array(f.identity_id)))
    from filters f
    where f.id = changed.filter_id
        and exists (select from stream_readers r where r.identity_id = f.identity_id);
    return null;
end
$$;
comment on function stream_tell_filter_part is 'A filter''s words or posts changed.';
create trigger filter_keywords_tell after insert or update or delete on filter_keywords
    for each row execute function stream_tell_filter_part();
create trigger filter_statuses_tell after insert or delete on filter_statuses
    for each row execute function stream_tell_filter_part();

create function stream_tell_conversation() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if exists (select from stream_readers r where r.identity_id = new.identity_id) then
        perform stream_tell('conversation', new.domain_id,
            jsonb_build_object('ids', jsonb_build_array(new.id), 'to', jsonb_build_array(new.identity_id)));
    end if;
    return null;
end
$$;
comment on function stream_tell_conversation is 'A conversation got a post.';
create trigger conversations_tell after insert or update of last_post_id on conversations
    for each row execute function stream_tell_conversation();

create trigger identity_limits_tell after insert or update or delete on identity_limits
    for each statement execute function stream_tell_access();

create or replace function push_alert(p_kind text) returns text
language sql immutable
as $$
    select case p_kind when 'like' then 'favourite' when 'boost' then 'reblog' when 'edit' then 'update'
        when 'report' then 'admin.report' when 'sign_up' then 'admin.sign_up' when 'quoted_edit' then 'quoted_update'
        else p_kind end
$$;

create or replace function push_notifications() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    insert into pushes (domain_id, subscription_id, notification_id, state_lane)
    select n.domain_id, s.id, n.id, n.domain_id
    from added n
    join push_subscriptions s on s.identity_id = n.identity_id
    where not n.filtered
        and push_alert(n.kind) = any (s.alerts)
        and case s.policy
            when 'all' then true
            when 'followed' then exists (
                select from follows f
                where f.source_id = n.identity_id and f.target_id = n.actor_id and f.state in ('accepting', 'accepted'))
            when 'follower' then exists (
                select from follows f
                where f.source_id = n.actor_id and f.target_id = n.identity_id and f.state in ('accepting', 'accepted'))
            else false
        end
    on conflict do nothing;
    return null;
end
$$;

create function stream_tell_announcement() returns trigger
language plpgsql security definer set search_path = public
as $$
declare
    changed record := coalesce(new, old);
begin
    if exists (select from stream_readers r where r.domain_id = changed.domain_id) then
        perform stream_tell(case tg_op when 'DELETE' then 'unannounce' else 'announce' end, changed.domain_id,
            jsonb_build_object('id', changed.id));
    end if;
    return null;
end
$$;
comment on function stream_tell_announcement is 'An announcement was made, changed or taken back.';
create trigger announcements_tell after insert or update or delete on announcements
    for each row execute function stream_tell_announcement();

create function stream_tell_reaction() returns trigger
language plpgsql security definer set search_path = public
as $$
declare
    changed record := coalesce(new, old);
begin
    if exists (select from stream_readers r where r.domain_id = changed.domain_id) then
        perform stream_tell('reaction', changed.domain_id,
            jsonb_build_object('id', changed.announcement_id, 'name', changed.name));
    end if;
    return null;
end
$$;
comment on function stream_tell_reaction is 'Somebody reacted to an announcement, or took that back.';
create trigger announcement_reactions_tell after insert or delete on announcement_reactions
    for each row execute function stream_tell_reaction();

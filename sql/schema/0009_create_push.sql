-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What is told to programs without being asked for: streams (one NOTIFY "streams" for each statement that changed what
-- somebody reads now, written by triggers in the same transaction), and Web Push.

-- Who reads now. Nothing is notified for others, so that a tenant without readers pays nothing.

create unlogged table stream_servers (
    name text primary key,
    seen timestamptz not null default now()
);
comment on table stream_servers is '[neutral] Servers that have readers of streams.';
comment on column stream_servers.name is 'Name that a server gives itself when it starts.';
comment on column stream_servers.seen is 'Its last sign of life; its readers are forgotten some minutes later.';

create unlogged table stream_readers (
    identity_id bigint not null references identities (id),
    server text not null references stream_servers (name) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    primary key (identity_id, server)
);
comment on table stream_readers is '[tenant] Identities that read a stream now.';
comment on column stream_readers.identity_id is 'Who.';
comment on column stream_readers.server is 'Where they are connected.';
comment on column stream_readers.domain_id is 'The tenant.';
create index stream_readers_server on stream_readers (server);
create index stream_readers_domain on stream_readers (domain_id);
select table_protect('stream_readers');

create function stream_tell(p_event text, p_domain_id bigint, p_detail jsonb) returns void
language plpgsql
as $$
begin
    perform pg_notify('streams', (jsonb_build_object('event', p_event, 'domain', p_domain_id) || p_detail)::text);
end
$$;
comment on function stream_tell is 'An event for the servers that have readers: a few ids, never what they stand for.';

-- A payload of NOTIFY ends at 8000 bytes, so readers are named some hundred at a time.
create function stream_tell_home() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    -- Filling a page with somebody's older posts is no news.
    if not exists (select from stream_readers)
        or (select count(distinct n.entry_id) from added n) <> 1
    then
        return null;
    end if;
    perform stream_tell('home', g.domain_id, jsonb_build_object('post', g.post_id, 'entry', g.entry_id, 'to', g.ids))
    from (
        select n.domain_id, n.post_id, n.entry_id, jsonb_agg(n.identity_id) as ids
        from (
            select a.*, (row_number() over ()) / 300 as part
            from added a
            where exists (select from stream_readers r where r.identity_id = a.identity_id)
        ) n
        group by n.domain_id, n.post_id, n.entry_id, n.part
    ) g;
    return null;
end
$$;
comment on function stream_tell_home is 'A post or boost came to home pages.';
create trigger home_timeline_tell after insert on home_timeline
    referencing new table as added
    for each statement execute function stream_tell_home();

create function stream_tell_unhome() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if not exists (select from stream_readers) then
        return null;
    end if;
    perform stream_tell('unhome', g.domain_id, jsonb_build_object('entry', g.entry_id, 'to', g.ids))
    from (
        select o.domain_id, o.entry_id, jsonb_agg(o.identity_id) as ids
        from (
            select d.*, (row_number() over ()) / 300 as part
            from removed d
            left join posts p on p.id = d.post_id
            left join interactions b on b.id = d.entry_id and d.entry_id <> d.post_id
            -- What was taken off because of an unfollow or a block is still there.
            where (p.id is null or p.deleted is not null
                    or (d.entry_id <> d.post_id and coalesce(b.state, 'gone') in ('undone', 'gone')))
                and exists (select from stream_readers r where r.identity_id = d.identity_id)
        ) o
        group by o.domain_id, o.entry_id, o.part
    ) g;
    return null;
end
$$;
comment on function stream_tell_unhome is 'A post or boost that is gone left home pages.';
create trigger home_timeline_untell after delete on home_timeline
    referencing old table as removed
    for each statement execute function stream_tell_unhome();

create function stream_tell_notifications() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if not exists (select from stream_readers) then
        return null;
    end if;
    perform stream_tell('notification', g.domain_id, jsonb_build_object('ids', g.ids))
    from (
        select n.domain_id, jsonb_agg(n.id) as ids
        from (
            select a.id, a.domain_id, (row_number() over ()) / 300 as part
            from added a
            where exists (select from stream_readers r where r.identity_id = a.identity_id)
        ) n
        group by n.domain_id, n.part
    ) g;
    return null;
end
$$;
comment on function stream_tell_notifications is 'Identities were notified.';
create trigger notifications_tell after insert on notifications
    referencing new table as added
    for each statement execute function stream_tell_notifications();

-- Posts that everybody may read, or all members of their tenant. What is older came in to complete a thread.
create function stream_tell_post() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if exists (
        select from stream_readers r where new.visibility = 'public' or r.domain_id = new.domain_id)
    then
        perform stream_tell('post', case when new.visibility = 'local' then new.domain_id end,
            jsonb_build_object('post', new.id));
    end if;
    return null;
end
$$;
comment on function stream_tell_post is 'A post was published.';
create trigger posts_tell after insert on posts
    for each row
    when (new.visibility in ('public', 'local') and new.deleted is null
        and (new.domain_id is not null or new.published > now() - interval '6 hours'))
    execute function stream_tell_post();

create function stream_tell_post_change() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if not exists (select from stream_readers) then
        return null;
    end if;
    if new.visibility in ('public', 'local') then
        perform stream_tell(case when new.deleted is null then 'edit' else 'unpost' end,
            case when new.visibility = 'local' then new.domain_id end, jsonb_build_object('post', new.id));
    end if;
    -- Of a deleted post, the rows of home pages tell when they go.
    if new.deleted is null then
        perform stream_tell('home_edit', g.domain_id, jsonb_build_object('post', new.id, 'to', g.ids))
        from (
            select r.domain_id, jsonb_agg(distinct r.identity_id) as ids
            from (
                select h.*, (row_number() over ()) / 300 as part
                from home_timeline h
                where h.post_id = new.id
                    and exists (select from stream_readers s where s.identity_id = h.identity_id)
            ) r
            group by r.domain_id, r.part
        ) g;
    end if;
    return null;
end
$$;
comment on function stream_tell_post_change is 'A post was edited or deleted.';
create trigger posts_tell_change after update of edited, deleted on posts
    for each row
    when (old.edited is distinct from new.edited or old.deleted is distinct from new.deleted)
    execute function stream_tell_post_change();

-- Whatever takes a token away makes servers ask again which of theirs are good.
create function stream_tell_access() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if exists (select from stream_readers) then
        perform stream_tell('access', null, '{}');
    end if;
    return null;
end
$$;
comment on function stream_tell_access is 'Somebody lost a token, an identity or their log-in.';
create trigger tokens_tell after delete or update of scopes, user_id, identity_id on tokens
    for each statement execute function stream_tell_access();
create trigger users_tell after update of banned on users
    for each statement execute function stream_tell_access();
create trigger identities_tell after update of deleted on identities
    for each row when (old.deleted is distinct from new.deleted) execute function stream_tell_access();
create trigger identity_users_tell after delete on identity_users
    for each statement execute function stream_tell_access();

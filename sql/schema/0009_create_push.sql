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
    perform stream_tell('notification', g.domain_id, jsonb_build_object('ids', g.ids, 'to', g.owners))
    from (
        select n.domain_id, jsonb_agg(n.id) as ids, jsonb_agg(n.identity_id) as owners
        from (
            select a.id, a.domain_id, a.identity_id, (row_number() over ()) / 150 as part
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

-- Posts that come to public timelines, hashtags or lists. What is older came in to complete a thread.
create function stream_tell_post() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if exists (
        select from stream_readers r where new.visibility <> 'local' or r.domain_id = new.domain_id)
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
    when (new.visibility <> 'mentioned' and new.deleted is null
        and (new.domain_id is not null or new.published > now() - interval '6 hours'))
    execute function stream_tell_post();

create function stream_tell_boost() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if exists (select from stream_readers) then
        perform stream_tell('boost', null, jsonb_build_object('post', new.post_id, 'entry', new.id));
    end if;
    return null;
end
$$;
comment on function stream_tell_boost is 'A post was boosted, which comes to lists.';
create trigger interactions_tell after insert or update of id on interactions
    for each row
    when (new.kind = 'boost' and (new.domain_id is not null or new.published > now() - interval '6 hours'))
    execute function stream_tell_boost();

create function stream_tell_post_change() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if not exists (select from stream_readers) then
        return null;
    end if;
    if new.visibility <> 'mentioned' then
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

-- Web Push. A notification becomes a push for each of its owner's subscriptions that wants it, in the same transaction.

create table push_keys (
    id boolean primary key default true check (id),
    private_der bytea not null,
    point bytea not null check (length(point) = 65),
    created timestamptz not null default now()
);
comment on table push_keys is '[host] The key pair by which push services know this installation (VAPID, RFC 8292): one row, made at first need.';
comment on column push_keys.id is 'True: there is one.';
comment on column push_keys.private_der is 'PKCS#8. Tokens in push_subscriptions are sealed with a key that follows from it.';
comment on column push_keys.point is 'The public key, an uncompressed point.';
comment on column push_keys.created is 'When it was made.';
revoke update, delete on push_keys from rookery_server, rookery_stator;

create table push_subscriptions (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    token_id bigint not null unique references tokens (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    endpoint text not null check (length(endpoint) <= 2048),
    point bytea not null check (length(point) = 65),
    auth bytea not null check (length(auth) = 16),
    standard boolean not null default false,
    alerts text[] not null default '{}',
    policy text not null default 'all' check (policy in ('all', 'followed', 'follower', 'none')),
    sealed_token bytea not null,
    created timestamptz not null default now()
);
comment on table push_subscriptions is '[tenant] Where a program wants to be told of notifications, one for each token.';
comment on column push_subscriptions.id is 'Id.';
comment on column push_subscriptions.domain_id is 'The tenant.';
comment on column push_subscriptions.token_id is 'The token that it was made with; it goes with it.';
comment on column push_subscriptions.identity_id is 'Whose notifications.';
comment on column push_subscriptions.endpoint is 'Address at the push service.';
comment on column push_subscriptions.point is 'The receiver''s public key (p256dh).';
comment on column push_subscriptions.auth is 'The secret that the receiver shares with us.';
comment on column push_subscriptions.standard is 'Messages as RFC 8291 has them, not in the draft''s encoding.';
comment on column push_subscriptions.alerts is 'Types of notifications that are wanted, in the API''s words.';
comment on column push_subscriptions.policy is 'Whose doings are wanted: of all, of those the owner follows, of followers, of nobody.';
comment on column push_subscriptions.sealed_token is 'The token itself, sealed: apps find by it which of their accounts a message is for.';
comment on column push_subscriptions.created is 'When it was made.';
create index push_subscriptions_identity on push_subscriptions (identity_id);
select table_protect('push_subscriptions');

create table pushes (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    subscription_id bigint not null references push_subscriptions (id) on delete cascade,
    notification_id bigint not null references notifications (id) on delete cascade,
    created timestamptz not null default now(),
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'refused', 'failed')),
    like state_row including defaults including comments,
    unique (notification_id, subscription_id)
);
comment on table pushes is '[tenant] Notifications on their way to push services.';
comment on column pushes.id is 'Id.';
comment on column pushes.domain_id is 'The tenant.';
comment on column pushes.subscription_id is 'Where to.';
comment on column pushes.notification_id is 'What about.';
comment on column pushes.created is 'When the row was made.';
create index pushes_subscription on pushes (subscription_id);
select table_protect('pushes');
insert into stator_types (name, relation, automatic, domain_expression) values
    ('push', 'pushes', '{waiting}', 'r.domain_id');
select stator_add_type('push');
select stator_make_doors();

create function push_alert(p_kind text) returns text
language sql immutable
as $$
    select case p_kind when 'like' then 'favourite' when 'boost' then 'reblog' when 'edit' then 'update'
        when 'report' then 'admin.report' else p_kind end
$$;
comment on function push_alert is 'A kind of notification in the words of the client API.';
grant execute on function push_alert(text) to rookery_server, rookery_stator, rookery_host;

create function push_notifications() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    insert into pushes (domain_id, subscription_id, notification_id, state_lane)
    select n.domain_id, s.id, n.id, n.domain_id
    from added n
    join push_subscriptions s on s.identity_id = n.identity_id
    where push_alert(n.kind) = any (s.alerts)
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
comment on function push_notifications is 'Pushes for subscriptions that want these notifications.';
create trigger notifications_push after insert on notifications
    referencing new table as added
    for each statement execute function push_notifications();

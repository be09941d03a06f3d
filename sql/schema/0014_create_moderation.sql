-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What people are told, and what they do not want to be told; emoji and announcements of a tenant; complaints, and what
-- its staff does about them. Whatever staff decides about somebody is an edge of its own tenant, never a property of
-- the row that all tenants share.

-- Staff's decisions about identities.

create table identity_limits (
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    sensitive timestamptz,
    disabled timestamptz,
    silenced timestamptz,
    suspended timestamptz,
    primary key (domain_id, identity_id)
);
comment on table identity_limits is '[tenant] What a tenant''s staff decided about identities, local or remote; nothing of it binds another tenant.';
comment on column identity_limits.domain_id is 'The tenant.';
comment on column identity_limits.identity_id is 'About whom.';
comment on column identity_limits.sensitive is 'Its media count as sensitive since; null: no.';
comment on column identity_limits.disabled is 'Nobody can act as it since; null: no. Local ones only.';
comment on column identity_limits.silenced is 'Shown only to those who follow it since; null: no.';
comment on column identity_limits.suspended is 'Neither shown nor heard since; null: no.';
create index identity_limits_identity on identity_limits (identity_id);
select table_protect('identity_limits');

create function identity_is_suspended(p_identity bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (
        select from identity_limits l
        where l.domain_id = current_domain() and l.identity_id = p_identity and l.suspended is not null);
end
$$;
comment on function identity_is_suspended is 'Whether the present tenant neither shows nor hears an identity.';

create function identity_is_silenced(p_identity bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (
            select from identity_limits l
            where l.domain_id = current_domain() and l.identity_id = p_identity and l.silenced is not null)
        or exists (
            select from identities i
            join servers s on s.id = i.server_id
            where i.id = p_identity and server_is_limited(s.host));
end
$$;
comment on function identity_is_silenced is 'Whether the present tenant shows an identity only to those who follow it: by itself, or by its server.';

create function identity_may_act(p_identity bigint) returns boolean
language plpgsql stable
as $$
begin
    return not exists (
        select from identity_limits l
        where l.domain_id = current_domain() and l.identity_id = p_identity
            and (l.disabled is not null or l.suspended is not null));
end
$$;
comment on function identity_may_act is 'Whether sessions and tokens of a local identity work: not when staff disabled or suspended it.';
grant execute on function identity_is_suspended, identity_is_silenced, identity_may_act
    to rookery_server, rookery_stator, rookery_host;

-- As in 0006, and nobody reads what the tenant suspended but its author.
create or replace function post_is_readable(p posts, p_viewer bigint) returns boolean
language plpgsql stable
as $$
begin
    if p.deleted is not null then
        return false;
    end if;
    if p.author_id = p_viewer then
        return true;
    end if;
    if identity_is_suspended(p.author_id) then
        return false;
    end if;
    if p_viewer = 0 then
        return p.visibility in ('public', 'unlisted');
    end if;
    if exists (
        select from blocks b
        where b.source_id = p.author_id and b.target_id = p_viewer and b.kind = 'block' and b.state in ('new', 'sent'))
    then
        return false;
    end if;
    if p.visibility in ('public', 'unlisted') then
        return true;
    end if;
    return (p.visibility = 'local' and exists (
            select from identities i where i.id = p_viewer and i.domain_id = p.domain_id))
        or (p.visibility = 'followers' and exists (
            select from follows f
            where f.source_id = p_viewer and f.target_id = p.author_id and f.state in ('accepting', 'accepted')))
        or exists (
            select from post_mentions m where m.post_id = p.id and m.identity_id = p_viewer);
end
$$;

-- As in 0006, and lists leave out whom the tenant suspended, and, but for followers, whom it silenced.
create or replace function identity_is_hidden(p_viewer bigint, p_author bigint) returns boolean
language plpgsql stable
as $$
begin
    if p_viewer = p_author then
        return false;
    end if;
    if identity_is_suspended(p_author) then
        return true;
    end if;
    if identity_is_silenced(p_author) and not exists (
        select from follows f
        where f.source_id = p_viewer and f.target_id = p_author and f.state in ('accepting', 'accepted'))
    then
        return true;
    end if;
    return p_viewer <> 0 and exists (
        select from blocks b
        where (b.source_id = p_viewer and b.target_id = p_author and b.state in ('new', 'sent', 'expiring'))
            or (b.source_id = p_author and b.target_id = p_viewer and b.kind = 'block' and b.state in ('new', 'sent')));
end
$$;

-- Notifications.

alter table notifications
    drop constraint notifications_kind_check,
    add constraint notifications_kind_check check (kind in ('mention', 'status', 'boost', 'follow', 'follow_request', 'like',
        'poll', 'edit', 'report', 'sign_up', 'severed', 'warning', 'quote', 'quoted_edit')),
    drop constraint notifications_identity_id_kind_actor_id_post_id_key,
    add column subject_id bigint,
    add column group_key text collate "C" not null default '',
    add column filtered boolean not null default false,
    add constraint notifications_once unique nulls not distinct (identity_id, kind, actor_id, post_id, subject_id);
comment on column notifications.subject_id is 'The report, severance or warning that it tells of; null: none.';
comment on column notifications.group_key is 'What it is shown together with; empty: nothing.';
comment on column notifications.filtered is 'Held back by the owner''s policy: a request by its actor is shown instead.';
create index notifications_group on notifications (identity_id, group_key, id desc) where group_key <> '';
create index notifications_filtered on notifications (identity_id, actor_id, id desc) where filtered;
create index notifications_unseen on notifications (identity_id, id desc) where not seen;

-- As in 0009, and what a policy holds back is no news.
create or replace function stream_tell_notifications() returns trigger
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
            where not a.filtered and exists (select from stream_readers r where r.identity_id = a.identity_id)
        ) n
        group by n.domain_id, n.part
    ) g;
    return null;
end
$$;

create table notification_policies (
    identity_id bigint primary key references identities (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    not_following text not null default 'accept' check (not_following in ('accept', 'filter', 'drop')),
    not_followers text not null default 'accept' check (not_followers in ('accept', 'filter', 'drop')),
    new_accounts text not null default 'accept' check (new_accounts in ('accept', 'filter', 'drop')),
    private_mentions text not null default 'filter' check (private_mentions in ('accept', 'filter', 'drop')),
    limited_accounts text not null default 'filter' check (limited_accounts in ('accept', 'filter', 'drop')),
    bots text not null default 'accept' check (bots in ('accept', 'filter', 'drop'))
);
comment on table notification_policies is '[tenant] Whose notifications an identity wants at once, later or never.';
comment on column notification_policies.identity_id is 'Whose policy.';
comment on column notification_policies.domain_id is 'The tenant.';
comment on column notification_policies.not_following is 'From whom it does not follow.';
comment on column notification_policies.not_followers is 'From whom does not follow it, or since less than three days.';
comment on column notification_policies.new_accounts is 'From accounts younger than 30 days.';
comment on column notification_policies.private_mentions is 'Private mentions that answer nothing of its own, from whom it does not follow.';
comment on column notification_policies.limited_accounts is 'From whom staff silenced.';
comment on column notification_policies.bots is 'From programs.';

create table notification_requests (
    id bigint primary key default snowflake(1),
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    actor_id bigint not null references identities (id) on delete cascade,
    last_post_id bigint,
    accepted boolean not null default false,
    created timestamptz not null default now(),
    updated timestamptz not null default now(),
    unique (identity_id, actor_id)
);
comment on table notification_requests is '[tenant] Whose notifications wait for a decision, and who may always send them.';
comment on column notification_requests.id is 'Snowflake of kind 1: the newest came first last.';
comment on column notification_requests.domain_id is 'The tenant.';
comment on column notification_requests.identity_id is 'Who decides.';
comment on column notification_requests.actor_id is 'About whom.';
comment on column notification_requests.last_post_id is 'The newest post that it was about.';
comment on column notification_requests.accepted is 'Decided: no policy holds this actor back.';
comment on column notification_requests.created is 'When the first notification was held back.';
comment on column notification_requests.updated is 'When the last one was.';
select table_protect('notification_policies'), table_protect('notification_requests');

-- What becomes of a notification: accept, filter or drop. A row of the policy that says more wins.
create function notification_verdict(p_identity bigint, p_kind text, p_actor bigint, p_post bigint) returns text
language plpgsql stable
as $$
declare
    p notification_policies;
    actor identities;
    is_followed boolean;
    verdicts text[];
begin
    if p_kind not in ('mention', 'boost', 'follow', 'follow_request', 'like', 'quote') then
        return 'accept';
    end if;
    if exists (
        select from notification_requests r
        where r.identity_id = p_identity and r.actor_id = p_actor and r.accepted)
    then
        return 'accept';
    end if;
    select * into p from notification_policies n where n.identity_id = p_identity;
    select * into actor from identities i where i.id = p_actor;
    is_followed := exists (
        select from follows f
        where f.source_id = p_identity and f.target_id = p_actor and f.state in ('accepting', 'accepted'));
    verdicts := array[
        case when not is_followed then coalesce(p.not_following, 'accept') end,
        case when coalesce(p.not_followers, 'accept') <> 'accept' and not exists (
                select from follows f
                where f.source_id = p_actor and f.target_id = p_identity and f.state in ('accepting', 'accepted')
                    and f.created < now() - interval '3 days')
            then p.not_followers end,
        case when coalesce(actor.published, actor.created) > now() - interval '30 days' and not is_followed
            then coalesce(p.new_accounts, 'accept') end,
        case when actor.actor_type in ('Service', 'Application') and not is_followed then coalesce(p.bots, 'accept') end,
        case when p_kind = 'mention' and not is_followed and exists (
                select from posts m
                left join posts parent on parent.id = m.in_reply_to_id
                where m.id = p_post and m.visibility = 'mentioned'
                    and parent.author_id is distinct from p_identity)
            then coalesce(p.private_mentions, 'filter') end,
        case when not is_followed and identity_is_silenced(p_actor) then coalesce(p.limited_accounts, 'filter') end];
    return case
        when 'drop' = any (verdicts) then 'drop'
        when 'filter' = any (verdicts) then 'filter'
        else 'accept'
    end;
end
$$;
comment on function notification_verdict is 'What an identity''s policy makes of a notification: accept, filter or drop.';

-- The key of what is shown together: the same event to the same post within half a day of the group's first.
create function notification_group_key(p_identity bigint, p_kind text, p_post bigint) returns text
language plpgsql stable
as $$
declare
    hour constant bigint := extract(epoch from now())::bigint / 3600;
    prefix text;
    found_key text;
begin
    if p_kind not in ('like', 'boost', 'follow', 'sign_up') then
        return '';
    end if;
    prefix := p_kind || coalesce('-' || p_post, '');
    select n.group_key into found_key
    from notifications n
    where n.identity_id = p_identity and n.kind = p_kind and n.post_id is not distinct from p_post
        and n.group_key > prefix || '-' and n.group_key < prefix || '.'
        and substr(n.group_key, length(prefix) + 2)::bigint > hour - 12
    order by n.id desc
    limit 1;
    return coalesce(found_key, prefix || '-' || hour);
end
$$;
comment on function notification_group_key is 'The key of the group that a new notification joins; empty: none.';

-- The one place where somebody is told: nothing of oneself, nor of whom the owner or the tenant does not want to hear.
create function notification_add(p_identity bigint, p_kind text, p_actor bigint, p_post bigint, p_subject bigint)
returns table (id bigint, filtered boolean)
language plpgsql
as $$
declare
    verdict text;
begin
    if p_actor = p_identity and p_kind not in ('poll', 'severed', 'warning') then
        return;
    end if;
    if p_actor <> p_identity and (identity_is_suspended(p_actor) or exists (
        select from blocks b
        where (b.source_id = p_identity and b.target_id = p_actor
                and ((b.kind = 'block' and b.state in ('new', 'sent'))
                    or (b.kind = 'mute' and b.notifications and b.state in ('new', 'sent', 'expiring'))))
            or (b.source_id = p_actor and b.target_id = p_identity and b.kind = 'block' and b.state in ('new', 'sent'))))
    then
        return;
    end if;
    verdict := notification_verdict(p_identity, p_kind, p_actor, p_post);
    if verdict = 'drop' then
        return;
    end if;
    return query
    insert into notifications as n (domain_id, identity_id, kind, actor_id, post_id, subject_id, group_key, filtered)
    select i.domain_id, i.id, p_kind, p_actor, p_post, p_subject,
        case when verdict = 'accept' then notification_group_key(p_identity, p_kind, p_post) else '' end,
        verdict = 'filter'
    from identities i
    where i.id = p_identity and i.domain_id = current_domain()
    on conflict do nothing
    returning n.id, n.filtered;
    if found and verdict = 'filter' then
        insert into notification_requests as r (domain_id, identity_id, actor_id, last_post_id)
        values (current_domain(), p_identity, p_actor, p_post)
        on conflict (identity_id, actor_id) do update
        set updated = now(), last_post_id = coalesce(excluded.last_post_id, r.last_post_id);
    end if;
end
$$;
comment on function notification_add is 'Tells an identity of the present tenant, once for the same event; no row when it is not to be told.';
grant execute on function notification_verdict, notification_group_key, notification_add
    to rookery_server, rookery_stator, rookery_host;

-- Custom emoji.

create table emojis (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    shortcode text not null check (shortcode ~ '^[A-Za-z0-9_]{2,64}$'),
    category text not null default '',
    visible boolean not null default true,
    disabled boolean not null default false,
    file text not null,
    file_static text not null,
    media_type text not null,
    created timestamptz not null default now(),
    updated timestamptz not null default now(),
    unique (domain_id, shortcode)
);
comment on table emojis is '[tenant] Emoji that a tenant offers its people.';
comment on column emojis.id is 'Id.';
comment on column emojis.domain_id is 'The tenant.';
comment on column emojis.shortcode is 'What is typed between two colons.';
comment on column emojis.category is 'Heading in pickers; empty: none.';
comment on column emojis.visible is 'Pickers show it.';
comment on column emojis.disabled is 'Its shortcode is mere text.';
comment on column emojis.file is 'The picture.';
comment on column emojis.file_static is 'Its form without motion; the same for one that does not move.';
comment on column emojis.media_type is 'Media type of the picture.';
comment on column emojis.created is 'When it was added.';
comment on column emojis.updated is 'When its picture last changed.';
select table_protect('emojis');

create table remote_emojis (
    id bigint generated always as identity primary key,
    server_id bigint not null references servers (id) on delete cascade,
    shortcode text not null check (length(shortcode) between 1 and 100),
    uri text not null default '' check (length(uri) <= 2048),
    url text not null check (length(url) <= 2048),
    media_type text not null default '',
    created timestamptz not null default now(),
    updated timestamptz not null default now(),
    unique (server_id, shortcode)
);
comment on table remote_emojis is '[neutral] Emoji of other servers, as the tags of their posts and actors name them.';
comment on column remote_emojis.id is 'Id.';
comment on column remote_emojis.server_id is 'Whose.';
comment on column remote_emojis.shortcode is 'What stands between two colons.';
comment on column remote_emojis.uri is 'Its id in ActivityPub; empty: none.';
comment on column remote_emojis.url is 'Where its picture is.';
comment on column remote_emojis.media_type is 'Media type as said; empty: not said.';
comment on column remote_emojis.created is 'When it was first seen.';
comment on column remote_emojis.updated is 'When another picture was last seen for it.';

-- What people of any tenant write is shown with the emoji of theirs: the pictures are public.
create function emojis_find(p_domains bigint[], p_servers bigint[], p_shortcodes text[])
returns table (id bigint, domain_id bigint, server_id bigint, shortcode text, category text, visible boolean, file text,
    file_static text, url text, media_type text, updated timestamptz)
language plpgsql security definer set search_path = public stable
as $$
begin
    return query
    select e.id, e.domain_id, 0::bigint, e.shortcode, e.category, e.visible, e.file, e.file_static, ''::text, e.media_type,
        e.updated
    from unnest(p_domains, p_shortcodes) w (domain, code)
    join emojis e on e.domain_id = w.domain and e.shortcode = w.code
    where not e.disabled
    union all
    select r.id, 0::bigint, r.server_id, r.shortcode, ''::text, false, ''::text, ''::text, r.url, r.media_type, r.updated
    from unnest(p_servers, p_shortcodes) w (server, code)
    join remote_emojis r on r.server_id = w.server and r.shortcode = w.code;
end
$$;
comment on function emojis_find is 'Emoji by where they are from, a tenant or a server (0: neither), and by shortcode.';
grant execute on function emojis_find to rookery_server, rookery_stator, rookery_host;

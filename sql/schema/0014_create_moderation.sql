-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What people are told, and what they do not want to be told; emoji and announcements of a tenant; complaints, and what
-- its staff does about them. Whatever staff decides about somebody is an edge of its own tenant, never a property of
-- the row that all tenants share. It is longer than most because what staff decides, and what people are told of it, hang
-- together in one transaction.

-- Staff's decisions about identities.

create table identity_limits (
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    sensitive timestamptz,
    disabled timestamptz,
    silenced timestamptz,
    suspended timestamptz,
    pending timestamptz,
    reason text not null default '',
    primary key (domain_id, identity_id)
);
comment on table identity_limits is '[tenant] What a tenant''s staff decided about identities, local or remote; nothing of it binds another tenant.';
comment on column identity_limits.domain_id is 'The tenant.';
comment on column identity_limits.identity_id is 'About whom.';
comment on column identity_limits.sensitive is 'Its media count as sensitive since; null: no.';
comment on column identity_limits.disabled is 'Nobody can act as it since; null: no. Local ones only.';
comment on column identity_limits.silenced is 'Shown only to those who follow it since; null: no.';
comment on column identity_limits.suspended is 'Neither shown nor heard since; null: no.';
comment on column identity_limits.pending is 'Waits for staff''s approval since, and nobody can act as it; null: no.';
comment on column identity_limits.reason is 'Why somebody who waits wants to join.';
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
            and (l.disabled is not null or l.suspended is not null or l.pending is not null));
end
$$;
comment on function identity_may_act is 'Whether sessions and tokens of a local identity work: not when staff disabled, suspended or did not approve it.';
grant execute on function identity_is_suspended, identity_is_silenced, identity_may_act
    to rookery_server, rookery_stator, rookery_host;

-- Staff judges what was reported to its tenant.
create index reports_posts on reports using gin (post_ids);
create function post_is_before_staff(p_post bigint, p_viewer bigint) returns boolean
language plpgsql stable
as $$
begin
    return p_viewer <> 0
        and exists (
            select from identity_users u
            join staff_grants g on g.user_id = u.user_id and g.domain_id = u.domain_id
            where u.identity_id = p_viewer and u.domain_id = current_domain() and (g.expires is null or g.expires > now()))
        and exists (
            select from reports r where r.domain_id = current_domain() and r.post_ids @> array[p_post]);
end
$$;
comment on function post_is_before_staff is 'Whether a viewer is staff of the present tenant, and the post was reported to it.';
grant execute on function post_is_before_staff to rookery_server, rookery_stator, rookery_host;

-- As in 0006, and nobody reads what the tenant suspended but its author; staff reads what was reported to it.
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
    if p_viewer = 0 then
        return p.visibility in ('public', 'unlisted') and not exists (
            select from identity_limits l
            where l.domain_id = current_domain() and l.identity_id = p.author_id and l.suspended is not null);
    end if;
    if exists (
            select from blocks b
            where b.source_id = p.author_id and b.target_id = p_viewer and b.kind = 'block' and b.state in ('new', 'sent'))
        or exists (
            select from identity_limits l
            where l.domain_id = current_domain() and l.identity_id = p.author_id and l.suspended is not null)
    then
        return post_is_before_staff(p.id, p_viewer);
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
            select from post_mentions m where m.post_id = p.id and m.identity_id = p_viewer)
        or post_is_before_staff(p.id, p_viewer);
end
$$;

-- As in 0011, and lists leave out whom the tenant suspended, and, but for followers, whom it silenced.
create or replace function identity_is_hidden(p_viewer bigint, p_author bigint) returns boolean
language plpgsql stable
as $$
begin
    return p_viewer <> p_author and (
        -- One statement, whose parts are asked only as long as the ones before do not answer.
        (p_viewer <> 0 and exists (
            select from blocks b
            where (b.source_id = p_viewer and b.target_id = p_author and b.state in ('new', 'sent', 'expiring')
                    and (b.expires is null or b.expires > now()))
                or (b.source_id = p_author and b.target_id = p_viewer and b.kind = 'block'
                    and b.state in ('new', 'sent'))))
        or exists (
            select from identity_limits l
            where l.domain_id = current_domain() and l.identity_id = p_author
                and (l.suspended is not null or (l.silenced is not null and not exists (
                    select from follows f
                    where f.source_id = p_viewer and f.target_id = p_author and f.state in ('accepting', 'accepted')))))
        or (exists (select from server_limits x where x.severity = 'limit')
            and identity_is_silenced(p_author) and not exists (
                select from follows f
                where f.source_id = p_viewer and f.target_id = p_author and f.state in ('accepting', 'accepted')))
        or (exists (select from identity_domain_blocks d where d.identity_id = p_viewer)
            and identity_blocks_domain(p_viewer, p_author)));
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
                    or (b.kind = 'mute' and b.notifications and b.state in ('new', 'sent', 'expiring')
                        and (b.expires is null or b.expires > now()))))
            or (b.source_id = p_actor and b.target_id = p_identity and b.kind = 'block' and b.state in ('new', 'sent')))
        or (exists (select from identity_domain_blocks d where d.identity_id = p_identity)
            and identity_blocks_domain(p_identity, p_actor)))
    then
        return;
    end if;
    if thread_is_muted(p_identity, p_post) or posts_put_away(array[p_post]) <> '{}' then
        return;
    end if;
    verdict := notification_verdict(p_identity, p_kind, p_actor, p_post);
    if verdict = 'drop' then
        return;
    end if;
    -- A later edit takes the place of the one that was told before.
    if p_kind in ('edit', 'quoted_edit') then
        delete from notifications o
        where o.identity_id = p_identity and o.kind = p_kind and o.actor_id = p_actor and o.post_id = p_post;
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
create trigger emojis_media after insert or delete or update of file, file_static on emojis for each row
    execute function media_refer('domain_id', 'file', 'file_static');

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

-- Who signs up waits for staff's approval.
alter table domains
    drop constraint domains_sign_up_check,
    add constraint domains_sign_up_check check (sign_up in ('closed', 'invite', 'approval', 'open'));

-- Announcements.

create table announcements (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    source text not null check (length(source) between 1 and 10000),
    content text not null,
    starts timestamptz,
    ends timestamptz,
    all_day boolean not null default false,
    published timestamptz not null default now(),
    updated timestamptz not null default now(),
    check (starts is null or ends is null or starts <= ends)
);
comment on table announcements is '[tenant] What a tenant''s staff tells all its people.';
comment on column announcements.id is 'Id.';
comment on column announcements.domain_id is 'The tenant.';
comment on column announcements.source is 'As it was typed, plain text.';
comment on column announcements.content is 'The same as HTML.';
comment on column announcements.starts is 'When what it is about begins; null: not said.';
comment on column announcements.ends is 'When that ends, and the announcement with it; null: open.';
comment on column announcements.all_day is 'These are days, the time does not count.';
comment on column announcements.published is 'When it was made.';
comment on column announcements.updated is 'When it was last changed.';
create index announcements_domain on announcements (domain_id, id);

create table announcement_dismissals (
    announcement_id bigint not null references announcements (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    primary key (announcement_id, identity_id)
);
comment on table announcement_dismissals is '[tenant] Who has read an announcement.';
comment on column announcement_dismissals.announcement_id is 'The announcement.';
comment on column announcement_dismissals.identity_id is 'Who.';
comment on column announcement_dismissals.domain_id is 'The tenant.';

create table announcement_reactions (
    announcement_id bigint not null references announcements (id) on delete cascade,
    name text not null check (length(name) between 1 and 64),
    identity_id bigint not null references identities (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    created timestamptz not null default now(),
    primary key (announcement_id, name, identity_id)
);
comment on table announcement_reactions is '[tenant] What people think of an announcement, as emoji.';
comment on column announcement_reactions.announcement_id is 'The announcement.';
comment on column announcement_reactions.name is 'An emoji, or the shortcode of one of the tenant''s.';
comment on column announcement_reactions.identity_id is 'Who.';
comment on column announcement_reactions.domain_id is 'The tenant.';
comment on column announcement_reactions.created is 'When.';
select table_protect('announcements'), table_protect('announcement_dismissals'), table_protect('announcement_reactions');

-- Complaints and what staff does.

alter table reports
    add column category text not null default 'other' check (category in ('spam', 'legal', 'violation', 'other')),
    add column rule_ids bigint[] not null default '{}',
    add column collection_ids bigint[] not null default '{}',
    add column forwarded boolean not null default false,
    add column assigned_id bigint references identities (id) on delete set null,
    add column resolved_by_id bigint references identities (id) on delete set null,
    add column updated timestamptz not null default now();
comment on column reports.category is 'What is complained about.';
comment on column reports.rule_ids is 'Rules of the tenant that were broken.';
comment on column reports.collection_ids is 'About which collections.';
comment on column reports.forwarded is 'It was sent on to the server of whom it is about.';
comment on column reports.assigned_id is 'Which of the staff deals with it; null: nobody.';
comment on column reports.resolved_by_id is 'Which of the staff dealt with it; null: nobody yet.';
comment on column reports.updated is 'When it last changed.';
create index reports_domain on reports (domain_id, id desc);
create index reports_subject on reports (subject_id);

create table warnings (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    action text not null check (action in ('none', 'sensitive', 'disable', 'silence', 'suspend')),
    text text not null default '',
    report_id bigint references reports (id) on delete set null,
    post_ids bigint[] not null default '{}',
    created timestamptz not null default now()
);
comment on table warnings is '[tenant] What staff did about an identity, and what it was told of it.';
comment on column warnings.id is 'Id.';
comment on column warnings.domain_id is 'The tenant.';
comment on column warnings.identity_id is 'About whom.';
comment on column warnings.action is 'What was done.';
comment on column warnings.text is 'What was said, plain text.';
comment on column warnings.report_id is 'Because of which complaint; null: none.';
comment on column warnings.post_ids is 'Because of which posts.';
comment on column warnings.created is 'When.';
create index warnings_identity on warnings (identity_id, id desc);

create table severances (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    kind text not null check (kind in ('domain_block', 'user_domain_block', 'account_suspension')),
    target text not null,
    followers bigint not null,
    following bigint not null,
    created timestamptz not null default now()
);
comment on table severances is '[tenant] Follows that an identity lost by what somebody else decided.';
comment on column severances.id is 'Id.';
comment on column severances.domain_id is 'The tenant.';
comment on column severances.identity_id is 'Who lost them.';
comment on column severances.kind is 'By what.';
comment on column severances.target is 'The server or the handle that was blocked.';
comment on column severances.followers is 'Followers that were lost.';
comment on column severances.following is 'Followed ones that were lost.';
comment on column severances.created is 'When.';
create index severances_identity on severances (identity_id, id desc);
select table_protect('warnings'), table_protect('severances');

-- Ends all follows between the present tenant's identities and these, and tells who lost some.
create function follows_sever(p_identities bigint[], p_kind text, p_target text) returns bigint
language plpgsql
as $$
declare
    n bigint := 0;
    lost record;
begin
    for lost in
        with ended as (
            update follows f
            set state = case when f.domain_id = current_domain() then 'undone' else 'rejecting' end,
                state_changed = now(), state_next_attempt = now(), state_attempts = 0, state_locked_by = null
            where f.state in ('unrequested', 'pending_approval', 'accepting', 'accepted')
                and ((f.domain_id = current_domain() and f.target_id = any (p_identities))
                    or (f.target_domain_id = current_domain() and f.source_id = any (p_identities)))
            returning f.source_id, f.target_id, f.domain_id = current_domain() as outward
        ), told as (
            insert into severances (domain_id, identity_id, kind, target, followers, following)
            select current_domain(), case when e.outward then e.source_id else e.target_id end, p_kind, p_target,
                count(*) filter (where not e.outward), count(*) filter (where e.outward)
            from ended e
            group by 2
            returning id, identity_id
        )
        select t.id, t.identity_id from told t
    loop
        perform notification_add(lost.identity_id, 'severed', lost.identity_id, null, lost.id);
        n := n + 1;
    end loop;
    return n;
end
$$;
comment on function follows_sever is 'Ends follows with identities that the present tenant wants nothing of; how many of its own lost some.';
grant execute on function follows_sever to rookery_server, rookery_stator, rookery_host;

-- Servers.

alter table server_limits
    drop constraint server_limits_severity_check,
    add constraint server_limits_severity_check check (severity in ('none', 'limit', 'block')),
    add column reject_media boolean not null default false,
    add column reject_reports boolean not null default false,
    add column public_comment text not null default '',
    add column obfuscate boolean not null default false;
comment on column server_limits.severity is 'none: only what the other columns say; limit: not shown to those who do not follow; block: nothing goes in or out.';
comment on column server_limits.reject_media is 'Media of its posts are not shown.';
comment on column server_limits.reject_reports is 'Its complaints are not heard.';
comment on column server_limits.public_comment is 'What everybody may know of the reason.';
comment on column server_limits.obfuscate is 'Its name is shown in part only.';

create table allowed_servers (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    host text not null check (host = lower(host)),
    created timestamptz not null default now(),
    unique (domain_id, host)
);
comment on table allowed_servers is '[tenant] Servers, subdomains included, that a tenant speaks to when it speaks to no others: see limited_federation().';
comment on column allowed_servers.id is 'Id.';
comment on column allowed_servers.domain_id is 'The tenant.';
comment on column allowed_servers.host is 'Host name.';
comment on column allowed_servers.created is 'When it was allowed.';
select table_protect('allowed_servers');

create function limited_federation() returns boolean
language plpgsql stable
as $$
begin
    return exists (
        select from domain_settings s
        where s.domain_id = current_domain() and s.key = 'limited_federation' and s.value in ('true', '"true"'));
end
$$;
comment on function limited_federation is 'Whether the present tenant speaks to allowed servers alone, by its setting limited_federation.';

-- As in 0006, and with limited federation whatever is not allowed.
create or replace function server_is_blocked(p_host text) returns boolean
language plpgsql stable
as $$
declare
    chain constant text[] := host_chain(p_host);
begin
    return exists (
            select from server_limits l
            where l.severity = 'block'
                and (l.domain_id is null or l.domain_id = current_domain())
                and l.host = any (chain))
        or (limited_federation() and not exists (
            select from allowed_servers a
            where a.domain_id = current_domain() and a.host = any (chain)));
end
$$;

create or replace function blocking_domains(p_hosts text[]) returns setof bigint
language sql security definer set search_path = public stable
as $$
    select distinct l.domain_id from server_limits l
    where l.host = any (p_hosts) and l.severity = 'block' and l.domain_id is not null
    union
    select s.domain_id from domain_settings s
    where s.key = 'limited_federation' and s.value in ('true', '"true"') and not exists (
        select from allowed_servers a where a.domain_id = s.domain_id and a.host = any (p_hosts))
$$;

create function server_rejects_media(p_server bigint) returns boolean
language plpgsql stable
as $$
begin
    return p_server is not null and exists (
        select from servers s
        join server_limits l on l.host = any (host_chain(s.host))
        where s.id = p_server and l.reject_media and (l.domain_id is null or l.domain_id = current_domain()));
end
$$;
comment on function server_rejects_media is 'Whether the present tenant shows no media of a server.';
grant execute on function limited_federation, server_rejects_media to rookery_server, rookery_stator, rookery_host;

-- Who may not join.

create table email_domain_blocks (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    host text not null check (host = lower(host)),
    created timestamptz not null default now(),
    unique (domain_id, host)
);
comment on table email_domain_blocks is '[tenant] Nobody joins with an e-mail address there, subdomains included.';
comment on column email_domain_blocks.id is 'Id.';
comment on column email_domain_blocks.domain_id is 'The tenant.';
comment on column email_domain_blocks.host is 'Host name behind the @.';
comment on column email_domain_blocks.created is 'When it was set.';

create table email_domain_block_days (
    block_id bigint not null references email_domain_blocks (id) on delete cascade,
    day date not null,
    domain_id bigint not null references domains (id) on delete cascade,
    uses bigint not null,
    addresses text[] not null,
    primary key (block_id, day)
);
comment on table email_domain_block_days is '[tenant] How often somebody tried all the same.';
comment on column email_domain_block_days.block_id is 'The block.';
comment on column email_domain_block_days.day is 'The day (UTC).';
comment on column email_domain_block_days.domain_id is 'The tenant.';
comment on column email_domain_block_days.uses is 'Tries.';
comment on column email_domain_block_days.addresses is 'Hashes of the network addresses that tried, each once, some hundred at most.';

create table email_blocks (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    hash text not null check (hash ~ '^[0-9a-f]{64}$'),
    created timestamptz not null default now(),
    unique (domain_id, hash)
);
comment on table email_blocks is '[tenant] E-mail addresses that nobody joins with.';
comment on column email_blocks.id is 'Id.';
comment on column email_blocks.domain_id is 'The tenant.';
comment on column email_blocks.hash is 'SHA-256 of the canonical form: lower case, without dots and without what is behind a +.';
comment on column email_blocks.created is 'When it was set.';

create table ip_blocks (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    range cidr not null,
    severity text not null check (severity in ('sign_up_requires_approval', 'sign_up_block', 'no_access')),
    comment text not null default '',
    expires timestamptz,
    created timestamptz not null default now(),
    unique (domain_id, range)
);
comment on table ip_blocks is '[tenant] Networks from which nobody joins, or not without approval, or logs in.';
comment on column ip_blocks.id is 'Id.';
comment on column ip_blocks.domain_id is 'The tenant.';
comment on column ip_blocks.range is 'The network.';
comment on column ip_blocks.severity is 'What is not allowed; no_access: neither to join nor to log in.';
comment on column ip_blocks.comment is 'Private note.';
comment on column ip_blocks.expires is 'When it ends; null: never.';
comment on column ip_blocks.created is 'When it was set.';
select table_protect('email_domain_blocks'), table_protect('email_domain_block_days'), table_protect('email_blocks'),
    table_protect('ip_blocks');

-- Hashtags and trends.

create table tag_policies (
    domain_id bigint not null references domains (id) on delete cascade,
    hashtag_id bigint not null references hashtags (id) on delete cascade,
    usable boolean not null default true,
    listable boolean not null default true,
    display text not null default '',
    primary key (domain_id, hashtag_id)
);
comment on table tag_policies is '[tenant] What staff decided about hashtags.';
comment on column tag_policies.domain_id is 'The tenant.';
comment on column tag_policies.hashtag_id is 'The hashtag.';
comment on column tag_policies.usable is 'Its page shows posts.';
comment on column tag_policies.listable is 'Searches and suggestions show it.';
comment on column tag_policies.display is 'How it is written; empty: as the first wrote it.';

create table trend_reviews (
    domain_id bigint not null references domains (id) on delete cascade,
    kind text not null check (kind in ('tag', 'post', 'link')),
    target_id bigint not null,
    allowed boolean not null,
    reviewed timestamptz not null default now(),
    primary key (domain_id, kind, target_id)
);
comment on table trend_reviews is '[tenant] Whether staff wants something among the trends.';
comment on column trend_reviews.domain_id is 'The tenant.';
comment on column trend_reviews.kind is 'tag, post or link.';
comment on column trend_reviews.target_id is 'Which.';
comment on column trend_reviews.allowed is 'It may be shown.';
comment on column trend_reviews.reviewed is 'When that was decided.';
select table_protect('tag_policies'), table_protect('trend_reviews');

create function tag_is_usable(p_hashtag bigint) returns boolean
language plpgsql stable
as $$
begin
    return not exists (
        select from tag_policies t
        where t.domain_id = current_domain() and t.hashtag_id = p_hashtag and not t.usable);
end
$$;
comment on function tag_is_usable is 'Whether the present tenant''s page of a hashtag shows posts.';

create function tag_is_listable(p_hashtag bigint) returns boolean
language plpgsql stable
as $$
begin
    return not exists (
        select from tag_policies t
        where t.domain_id = current_domain() and t.hashtag_id = p_hashtag and not t.listable);
end
$$;
comment on function tag_is_listable is 'Whether the present tenant''s searches show a hashtag.';
grant execute on function tag_is_usable, tag_is_listable to rookery_server, rookery_stator, rookery_host;

create function trend_is_allowed(p_kind text, p_target bigint) returns boolean
language plpgsql stable
as $$
begin
    return not exists (
        select from trend_reviews r
        where r.domain_id = current_domain() and r.kind = p_kind and r.target_id = p_target and not r.allowed);
end
$$;
comment on function trend_is_allowed is 'Whether the present tenant''s staff did not take something from its trends.';
grant execute on function trend_is_allowed to rookery_server, rookery_stator, rookery_host;

-- Numbers for staff. Days are those of UTC; what a key does not know gives no row.

create function admin_measure(p_key text, p_from date, p_to date, p_tag bigint, p_host text)
returns table (day date, value bigint)
language plpgsql stable
as $$
begin
    return query
    with days as (
        select d::date as day, d::date::timestamp at time zone 'UTC' as begins,
            (d::date + 1)::timestamp at time zone 'UTC' as ends
        from generate_series(p_from, p_to, interval '1 day') d
    )
    select d.day, case p_key
        when 'active_users' then (
            select count(distinct x.author) from (
                select p.author_id as author from posts p
                where p.domain_id = current_domain() and p.created >= d.begins and p.created < d.ends
                union
                select i.identity_id from interactions i
                where i.domain_id = current_domain() and i.created >= d.begins and i.created < d.ends) x)
        when 'new_users' then (
            select count(*) from identities i
            where i.domain_id = current_domain() and not i.is_system and i.created >= d.begins and i.created < d.ends)
        when 'interactions' then (
            select count(*) from interactions i
            where i.domain_id = current_domain() and i.kind in ('like', 'boost') and i.created >= d.begins and i.created < d.ends)
        when 'opened_reports' then (
            select count(*) from reports r
            where r.domain_id = current_domain() and r.created >= d.begins and r.created < d.ends)
        when 'resolved_reports' then (
            select count(*) from reports r
            where r.domain_id = current_domain() and r.resolved >= d.begins and r.resolved < d.ends)
        when 'tag_uses' then (
            select count(*) from post_hashtags h join posts p on p.id = h.post_id
            where h.hashtag_id = p_tag and p.visibility = 'public' and p.created >= d.begins and p.created < d.ends)
        when 'tag_accounts' then (
            select count(distinct p.author_id) from post_hashtags h join posts p on p.id = h.post_id
            where h.hashtag_id = p_tag and p.visibility = 'public' and p.created >= d.begins and p.created < d.ends)
        when 'tag_servers' then (
            select count(distinct coalesce(i.host, '')) from post_hashtags h join posts p on p.id = h.post_id
            join identities i on i.id = p.author_id
            where h.hashtag_id = p_tag and p.visibility = 'public' and p.created >= d.begins and p.created < d.ends)
        when 'instance_accounts' then (
            select count(*) from identities i join servers s on s.id = i.server_id
            where s.host = p_host and i.created >= d.begins and i.created < d.ends)
        when 'instance_statuses' then (
            select count(*) from posts p join identities i on i.id = p.author_id join servers s on s.id = i.server_id
            where s.host = p_host and p.visibility in ('public', 'unlisted') and p.created >= d.begins and p.created < d.ends)
        when 'instance_reports' then (
            select count(*) from reports r join identities i on i.id = r.subject_id join servers s on s.id = i.server_id
            where r.domain_id = current_domain() and s.host = p_host and r.created >= d.begins and r.created < d.ends)
        when 'instance_follows' then (
            select count(*) from follows f join identities i on i.id = f.target_id join servers s on s.id = i.server_id
            where f.domain_id = current_domain() and s.host = p_host and f.state in ('accepting', 'accepted')
                and f.created >= d.begins and f.created < d.ends)
        when 'instance_followers' then (
            select count(*) from follows f join identities i on i.id = f.source_id join servers s on s.id = i.server_id
            where f.target_domain_id = current_domain() and s.host = p_host and f.state in ('accepting', 'accepted')
                and f.created >= d.begins and f.created < d.ends)
        when 'instance_media_attachments' then (
            select count(*) from attachments a join identities i on i.id = a.author_id join servers s on s.id = i.server_id
            where s.host = p_host and a.created >= d.begins and a.created < d.ends)
    end
    from days d
    where p_key in ('active_users', 'new_users', 'interactions', 'opened_reports', 'resolved_reports', 'tag_uses',
        'tag_accounts', 'tag_servers', 'instance_accounts', 'instance_statuses', 'instance_reports', 'instance_follows',
        'instance_followers', 'instance_media_attachments')
    order by d.day;
end
$$;
comment on function admin_measure is 'A number of the present tenant for each of some days.';

create function admin_dimension(p_key text, p_from date, p_to date, p_limit bigint, p_tag bigint, p_host text)
returns table (key text, label text, value text, unit text)
language plpgsql stable
as $$
declare
    begins constant timestamptz := p_from::timestamp at time zone 'UTC';
    ends constant timestamptz := (p_to + 1)::timestamp at time zone 'UTC';
begin
    return query
    select x.k, x.k, x.n::text, null::text
    from (
        select coalesce(nullif(p.language, ''), 'und') as k, count(distinct p.author_id) as n
        from posts p
        where p_key = 'languages' and p.domain_id = current_domain() and p.created >= begins and p.created < ends
        group by 1
        union all
        select a.name, count(distinct t.identity_id)
        from tokens t join applications a on a.id = t.application_id
        where p_key = 'sources' and t.domain_id = current_domain() and t.identity_id is not null
            and t.created >= begins and t.created < ends
        group by 1
        union all
        select coalesce(s.host, i.host, ''), count(*)
        from public_timeline l join posts p on p.id = l.post_id join identities i on i.id = p.author_id
        left join servers s on s.id = i.server_id
        where p_key = 'servers' and l.domain_id = current_domain() and l.channel in (0, 1)
            and l.post_id >= id_at(begins) and l.post_id < id_at(ends)
        group by 1
        union all
        select coalesce(s.host, i.host, ''), count(*)
        from post_hashtags h join posts p on p.id = h.post_id join identities i on i.id = p.author_id
        left join servers s on s.id = i.server_id
        where p_key = 'tag_servers' and h.hashtag_id = p_tag and p.visibility = 'public' and p.created >= begins and p.created < ends
        group by 1
        union all
        select coalesce(nullif(p.language, ''), 'und'), count(*)
        from post_hashtags h join posts p on p.id = h.post_id
        where p_key = 'tag_languages' and h.hashtag_id = p_tag and p.visibility = 'public' and p.created >= begins and p.created < ends
        group by 1
        union all
        select i.username, count(*)
        from follows f join identities i on i.id = f.target_id join servers s on s.id = i.server_id
        where p_key = 'instance_accounts' and s.host = p_host and f.domain_id = current_domain()
            and f.state in ('accepting', 'accepted')
        group by 1
        union all
        select coalesce(nullif(p.language, ''), 'und'), count(*)
        from posts p join identities i on i.id = p.author_id join servers s on s.id = i.server_id
        where p_key = 'instance_languages' and s.host = p_host and p.visibility in ('public', 'unlisted')
            and p.created >= begins and p.created < ends
        group by 1
    ) x
    order by x.n desc, x.k
    limit p_limit;
    return query
    select 'media', 'Media', u.bytes::text, 'bytes'
    from media_usage u
    where p_key = 'space_usage' and u.domain_id = current_domain();
    return query
    select 'postgresql', 'PostgreSQL', current_setting('server_version'), null::text
    where p_key = 'software_versions';
end
$$;
comment on function admin_dimension is 'What is most among something of the present tenant''s.';

-- How many of those who came in a period did something in it and in later ones.
create function admin_retention(p_from date, p_to date, p_step text)
returns table (period date, later date, value bigint, cohort bigint)
language plpgsql stable
as $$
begin
    return query
    with periods as (
        select d::date as day, d::timestamp at time zone 'UTC' as begins, (d + ('1 ' || p_step)::interval)::timestamp at time zone 'UTC' as ends
        from generate_series(date_trunc(p_step, p_from::timestamp), date_trunc(p_step, p_to::timestamp), ('1 ' || p_step)::interval) d
    ), came as (
        select p.day, i.id
        from periods p
        join identities i on i.domain_id = current_domain() and not i.is_system and i.created >= p.begins and i.created < p.ends
    ), active as (
        select distinct p.day, x.author_id
        from periods p
        join posts x on x.domain_id = current_domain() and x.created >= p.begins and x.created < p.ends
        union
        select distinct p.day, x.identity_id
        from periods p
        join interactions x on x.domain_id = current_domain() and x.created >= p.begins and x.created < p.ends
    )
    select a.day, b.day,
        count(distinct c.id) filter (where b.day = a.day
            or exists (select from active v where v.day = b.day and v.author_id = c.id)),
        count(distinct c.id)
    from periods a
    join periods b on b.day >= a.day
    left join came c on c.day = a.day
    group by a.day, b.day
    order by a.day, b.day;
end
$$;
comment on function admin_retention is 'Of those who joined the present tenant in a period, how many were there later.';
grant execute on function admin_measure, admin_dimension, admin_retention to rookery_server, rookery_host;

-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What a tenant's administration arranges by itself: how its pages look, rules in several languages, announcements for later,
-- who came by which invitation, and webhooks that tell other programs what happens.

-- Looks. They stand in the tenant's record, because every page and every process needs them before it asks anything.

alter table domains
    add column icon text not null default '',
    add column icon_small text not null default '',
    add column banner text not null default '',
    add column style text not null default '' check (length(style) <= 16384),
    add column footer text not null default '' check (length(footer) <= 1000),
    add column theme text not null default 'auto' check (theme in ('auto', 'light', 'dark'));
comment on column domains.icon is 'Its icon, 512 pixels square; empty: none.';
comment on column domains.icon_small is 'The same with 192 pixels.';
comment on column domains.banner is 'Picture of the community; empty: none.';
comment on column domains.style is 'Style sheet of its own, as it was judged when it was set.';
comment on column domains.footer is 'What stands at the foot of its pages, plain text.';
comment on column domains.theme is 'How pages look to who did not choose.';
grant update (icon, icon_small, banner, style, footer, theme) on domains to rookery_server;
create trigger domains_media after update of icon, icon_small, banner on domains for each row
    execute function media_refer('id', 'icon', 'icon_small', 'banner');
drop trigger domains_changed on domains;
create trigger domains_changed after insert or delete or update
    of name, service_name, title, description, accent, sign_up, federated, verified, suspended_reason, state, icon, icon_small,
        banner, style, footer, theme on domains
    for each statement execute function domains_changed();

-- Rules in other languages.

create table rule_translations (
    rule_id bigint not null references rules (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    language text not null check (language ~ '^[a-zA-Z0-9-]{2,35}$'),
    text text not null check (length(text) between 1 and 500),
    hint text not null default '' check (length(hint) <= 2000),
    primary key (rule_id, language)
);
comment on table rule_translations is '[tenant] Rules of a community in other languages than its first.';
comment on column rule_translations.rule_id is 'The rule.';
comment on column rule_translations.domain_id is 'The tenant.';
comment on column rule_translations.language is 'BCP 47.';
comment on column rule_translations.text is 'The rule, plain text.';
comment on column rule_translations.hint is 'What is meant by it, plain text; may be empty.';
create index rule_translations_domain on rule_translations (domain_id);
select table_protect('rule_translations');
grant select, insert, update, delete on rule_translations to rookery_server, rookery_stator, rookery_host;

-- Announcements that are not shown yet, or no more.

alter table announcements
    add column shown boolean not null default true,
    add column due timestamptz;
comment on column announcements.shown is 'People see it.';
comment on column announcements.due is 'When it is to be shown by itself; null: when staff says so.';
create index announcements_due on announcements (due) where due is not null;

create or replace function stream_tell_announcement() returns trigger
language plpgsql security definer set search_path = public
as $$
declare
    changed record := coalesce(new, old);
    was constant boolean := tg_op <> 'INSERT' and old.shown;
    becomes constant boolean := tg_op <> 'DELETE' and new.shown;
begin
    if (was or becomes) and exists (select from stream_readers r where r.domain_id = changed.domain_id) then
        perform stream_tell(case when becomes then 'announce' else 'unannounce' end, changed.domain_id,
            jsonb_build_object('id', changed.id));
    end if;
    return null;
end
$$;

create function announcements_publish() returns void
language sql security definer set search_path = public
as $$
    update announcements
    set shown = true, published = now(), updated = now(), due = null
    where due <= now()
$$;
comment on function announcements_publish is 'Shows the announcements of all tenants whose time has come.';
grant execute on function announcements_publish() to rookery_stator;

-- Who came by an invitation.

create table invite_uses (
    identity_id bigint primary key references identities (id) on delete cascade,
    invite_id bigint not null references invites (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    created timestamptz not null default now()
);
comment on table invite_uses is '[tenant] Which invitation somebody came by.';
comment on column invite_uses.identity_id is 'Who came.';
comment on column invite_uses.invite_id is 'By which one.';
comment on column invite_uses.domain_id is 'The tenant.';
comment on column invite_uses.created is 'When.';
create index invite_uses_invite on invite_uses (invite_id);
select table_protect('invite_uses');
grant select, insert, update, delete on invite_uses to rookery_server, rookery_stator, rookery_host;

-- Where a picture was copied from, and what its maker allows.

alter table emojis add column licence text not null default '' check (length(licence) <= 500);
comment on column emojis.licence is 'Where it is from, and what may be done with it; plain text, may be empty.';

-- Webhooks.

create table webhooks (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    url text not null check (length(url) between 1 and 2048),
    events text[] not null,
    secret bytea not null,
    template text not null default '' check (length(template) <= 10000),
    enabled boolean not null default true,
    created timestamptz not null default now()
);
comment on table webhooks is '[tenant] Programs that want to hear what happens on a tenant.';
comment on column webhooks.id is 'Id.';
comment on column webhooks.domain_id is 'The tenant.';
comment on column webhooks.url is 'Where they are told.';
comment on column webhooks.events is 'What they hear of: webhook_events of lib/model/webhook.c.';
comment on column webhooks.secret is 'Key of the signatures, sealed with a key of the host.';
comment on column webhooks.template is 'What is said instead of the usual document; empty: that one.';
comment on column webhooks.enabled is 'They are told at present.';
comment on column webhooks.created is 'When it was made.';
create index webhooks_domain on webhooks (domain_id);
select table_protect('webhooks');
grant select, insert, update, delete on webhooks to rookery_server, rookery_stator, rookery_host;

create table webhook_calls (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    webhook_id bigint not null references webhooks (id) on delete cascade,
    event text not null,
    subject_id bigint,
    status integer not null default 0,
    created timestamptz not null default now(),
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'refused', 'failed')),
    like state_row including defaults including comments
);
comment on table webhook_calls is '[tenant] What webhooks are told, and what came of it.';
comment on column webhook_calls.id is 'Id; the receiver sees it, and knows by it what came twice.';
comment on column webhook_calls.domain_id is 'The tenant.';
comment on column webhook_calls.webhook_id is 'Whom.';
comment on column webhook_calls.event is 'What happened.';
comment on column webhook_calls.subject_id is 'The identity, report or post that it is about; null: nothing, it is a test.';
comment on column webhook_calls.status is 'What the receiver answered last; 0: nothing yet.';
comment on column webhook_calls.created is 'When it happened.';
create index webhook_calls_webhook on webhook_calls (webhook_id, id desc);
select table_protect('webhook_calls');
grant select, insert, update, delete on webhook_calls to rookery_server, rookery_stator, rookery_host;
insert into stator_types (name, relation, automatic, domain_expression) values
    ('webhook', 'webhook_calls', '{waiting}', 'r.domain_id');
select stator_add_type('webhook');
select stator_make_doors();

create function webhook_tell(p_domain bigint, p_event text, p_subject bigint) returns void
language sql security definer set search_path = public
as $$
    insert into webhook_calls (domain_id, webhook_id, event, subject_id, state_lane)
    select w.domain_id, w.id, p_event, p_subject, w.domain_id
    from webhooks w
    where w.domain_id = p_domain and w.enabled and p_event = any (w.events)
$$;
comment on function webhook_tell is 'Something happened on a tenant that its webhooks may want to hear of.';

create function webhook_tell_account() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    perform webhook_tell(new.domain_id, 'account.created', new.id);
    return null;
end
$$;
comment on function webhook_tell_account is 'Somebody joined a tenant.';
create trigger identities_webhook after insert on identities for each row
    when (new.domain_id is not null and not new.is_system)
    execute function webhook_tell_account();

create function webhook_tell_approval() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if exists (select from identities i where i.id = new.identity_id and i.domain_id = new.domain_id and i.deleted is null) then
        perform webhook_tell(new.domain_id, 'account.approved', new.identity_id);
    end if;
    return null;
end
$$;
comment on function webhook_tell_approval is 'Staff let somebody in.';
create trigger identity_limits_webhook after update of pending on identity_limits for each row
    when (old.pending is not null and new.pending is null)
    execute function webhook_tell_approval();

create function webhook_tell_report() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    perform webhook_tell(new.domain_id, case tg_op when 'INSERT' then 'report.created' else 'report.updated' end, new.id);
    return null;
end
$$;
comment on function webhook_tell_report is 'Somebody complained, or a complaint was settled or opened again.';
create trigger reports_webhook after insert on reports for each row
    execute function webhook_tell_report();
create trigger reports_webhook_change after update of resolved on reports for each row
    when (old.resolved is distinct from new.resolved)
    execute function webhook_tell_report();

create function webhook_tell_post() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    perform webhook_tell(new.domain_id, case tg_op when 'INSERT' then 'status.created' else 'status.updated' end, new.id);
    return null;
end
$$;
comment on function webhook_tell_post is 'Somebody of a tenant wrote something public, or changed it.';
create trigger posts_webhook after insert on posts for each row
    when (new.domain_id is not null and new.visibility = 'public')
    execute function webhook_tell_post();
create trigger posts_webhook_edit after update of edited on posts for each row
    when (new.domain_id is not null and new.visibility = 'public' and new.deleted is null
        and new.edited is distinct from old.edited)
    execute function webhook_tell_post();

-- As in 0014, and followers from other servers, who have no tenant, are counted as lost as well.
create or replace function follows_sever(p_identities bigint[], p_kind text, p_target text) returns bigint
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
            returning f.source_id, f.target_id, f.domain_id is not distinct from current_domain() as outward
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

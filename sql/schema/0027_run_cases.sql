-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What the staff of a tenant works with: cases with a claim that expires and a history that nobody changes, posts that
-- wait for its approval, statements of reasons that can be appealed against, and notices of people without an account.

-- Reports.

alter table reports
    add column assigned_until timestamptz,
    add column answer text not null default '',
    add column answered timestamptz;
comment on column reports.assigned_until is 'Until when the claim of assigned_id holds; null: for as long as it stands.';
comment on column reports.answer is 'What who complained was told, plain text.';
comment on column reports.answered is 'When they were; null: not yet.';

create function report_holder(r reports) returns bigint
language plpgsql stable
as $$
begin
    return case when r.assigned_until is null or r.assigned_until > now() then r.assigned_id end;
end
$$;
comment on function report_holder is 'Who of the staff deals with a report: a claim that expired is none.';

create table case_events (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    report_id bigint,
    subject_id bigint not null,
    identity_id bigint,
    kind text not null check (kind in ('note', 'claim', 'release', 'change', 'act', 'undo', 'resolve', 'reopen', 'answer',
        'appeal', 'decide')),
    text text not null default '',
    created timestamptz not null default now()
);
comment on table case_events is '[tenant] What the staff did in a case and noted about somebody; append-only.';
comment on column case_events.id is 'Order of events.';
comment on column case_events.domain_id is 'The tenant.';
comment on column case_events.report_id is 'Of which report; null: about somebody in general.';
comment on column case_events.subject_id is 'About whom.';
comment on column case_events.identity_id is 'Who of the staff; null: nobody, or the one whom it is about.';
comment on column case_events.kind is 'What.';
comment on column case_events.text is 'More of it, plain text.';
comment on column case_events.created is 'When.';
create index case_events_report on case_events (report_id, id);
create index case_events_subject on case_events (domain_id, subject_id, id);
select table_protect('case_events');
revoke update, delete, truncate on case_events, audit_log from rookery_server, rookery_stator, rookery_host;

create table notices (
    report_id bigint primary key references reports (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    name text not null,
    email text not null,
    address text not null,
    law text not null,
    created timestamptz not null default now()
);
comment on table notices is '[tenant] Who complained without an account (Regulation (EU) 2022/2065, article 16).';
comment on column notices.report_id is 'The report that it became.';
comment on column notices.domain_id is 'The tenant.';
comment on column notices.name is 'Who, as they say.';
comment on column notices.email is 'Where they are answered.';
comment on column notices.address is 'The addresses of what it is about, as typed.';
comment on column notices.law is 'Which law is broken, as they say.';
comment on column notices.created is 'When it came.';
create index notices_domain on notices (domain_id);
select table_protect('notices');

-- Decisions.

alter table identity_limits add column held timestamptz;
comment on column identity_limits.held is 'What it posts waits for staff''s approval since; null: no. Local ones only.';

alter table warnings
    drop constraint warnings_action_check,
    add constraint warnings_action_check check (action in ('none', 'sensitive', 'disable', 'silence', 'suspend', 'hold',
        'delete_statuses', 'mark_statuses_as_sensitive')),
    add column rule_ids bigint[] not null default '{}',
    add column undone timestamptz;
comment on column warnings.rule_ids is 'Which rules of the tenant were broken.';
comment on column warnings.undone is 'When staff took it back; null: it stands.';
create index warnings_domain on warnings (domain_id, id desc);

create table appeals (
    warning_id bigint primary key references warnings (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    text text not null,
    accepted boolean,
    decided_by_id bigint references identities (id) on delete set null,
    decided timestamptz,
    created timestamptz not null default now()
);
comment on table appeals is '[tenant] What people say against a decision about them, once for each.';
comment on column appeals.warning_id is 'Against which.';
comment on column appeals.domain_id is 'The tenant.';
comment on column appeals.identity_id is 'Whose.';
comment on column appeals.text is 'What they say, plain text.';
comment on column appeals.accepted is 'Whether staff took the decision back; null: not decided yet.';
comment on column appeals.decided_by_id is 'Who of the staff decided.';
comment on column appeals.decided is 'When; null: not yet.';
comment on column appeals.created is 'When it came.';
create index appeals_domain on appeals (domain_id, warning_id desc);
select table_protect('appeals');

create table warning_templates (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    title text not null,
    text text not null
);
comment on table warning_templates is '[tenant] Texts that staff often sends.';
comment on column warning_templates.id is 'Id.';
comment on column warning_templates.domain_id is 'The tenant.';
comment on column warning_templates.title is 'What staff knows it by.';
comment on column warning_templates.text is 'The text, plain.';
create index warning_templates_domain on warning_templates (domain_id);
select table_protect('warning_templates');

create table sign_up_addresses (
    identity_id bigint primary key references identities (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    address text not null,
    created timestamptz not null default now()
);
comment on table sign_up_addresses is '[tenant] From which network address people joined; kept for a time.';
comment on column sign_up_addresses.identity_id is 'Who joined.';
comment on column sign_up_addresses.domain_id is 'The tenant.';
comment on column sign_up_addresses.address is 'From where.';
comment on column sign_up_addresses.created is 'When.';
create index sign_up_addresses_created on sign_up_addresses (created);
select table_protect('sign_up_addresses');

create function sign_up_addresses_forget() returns void
language plpgsql security definer set search_path = public
as $$
begin
    delete from sign_up_addresses where created < now() - interval '90 days';
end
$$;
comment on function sign_up_addresses_forget is 'Forgets from where people joined more than 90 days ago, on all tenants.';
revoke all on function sign_up_addresses_forget() from public;
grant execute on function sign_up_addresses_forget() to rookery_stator, rookery_host;

-- Posts that wait. They have a visibility of their own, so that no list shows one, and keep the one that they are to have.

alter type post_visibility add value 'held';

alter table posts
    drop constraint posts_state_check,
    add constraint posts_state_check check (state in ('new', 'fanned_out', 'edited', 'deleted', 'gone', 'held', 'stub'));

create table held_posts (
    post_id bigint primary key references posts (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    visibility post_visibility not null,
    created timestamptz not null default now()
);
comment on table held_posts is '[tenant] Posts that nobody but their author and staff sees until staff accepted them.';
comment on column held_posts.post_id is 'The post, whose visibility is held.';
comment on column held_posts.domain_id is 'The tenant.';
comment on column held_posts.visibility is 'The visibility that it is to have.';
comment on column held_posts.created is 'Since when it waits.';
create index held_posts_domain on held_posts (domain_id, post_id desc);
select table_protect('held_posts');

-- As in 0014, and what waits for approval.
create or replace function post_is_before_staff(p_post bigint, p_viewer bigint) returns boolean
language plpgsql stable
as $$
begin
    return p_viewer <> 0
        and exists (
            select from identity_users u
            join staff_grants g on g.user_id = u.user_id and g.domain_id = u.domain_id
            where u.identity_id = p_viewer and u.domain_id = current_domain() and (g.expires is null or g.expires > now()))
        and (exists (
                select from reports r where r.domain_id = current_domain() and r.post_ids @> array[p_post])
            or exists (
                select from held_posts h where h.domain_id = current_domain() and h.post_id = p_post));
end
$$;
comment on function post_is_before_staff is 'Whether a viewer is staff of the present tenant, and the post was reported to it or waits for its approval.';

-- As in 0021, and what is held is for nobody but staff.
create or replace function post_is_for(p posts, p_viewer bigint) returns boolean
language plpgsql stable
as $$
begin
    if p.visibility in ('public', 'unlisted') then
        return true;
    end if;
    if p.visibility = 'held' then
        return post_is_before_staff(p.id, p_viewer);
    end if;
    return p_viewer <> 0 and (
        (p.visibility = 'local' and exists (
            select from identities i where i.id = p_viewer and i.domain_id = p.domain_id))
        or (p.visibility = 'followers' and exists (
            select from follows f
            where f.source_id = p_viewer and f.target_id = p.author_id and f.state in ('accepting', 'accepted')))
        or exists (
            select from post_mentions m where m.post_id = p.id and m.identity_id = p_viewer)
        or post_is_before_staff(p.id, p_viewer));
end
$$;

revoke all on function report_holder(reports) from public;
grant execute on function report_holder(reports) to rookery_server, rookery_stator, rookery_host;

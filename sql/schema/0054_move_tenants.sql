-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- A tenant's archive: what goes into it and back, and who may read and write it. The role rookery_mover reads what is one
-- tenant's own, bound by row-level security to it, and puts in what is one tenant's own; it changes nothing else. The
-- command line takes the role for a transaction. What is of others goes as a stub: its address, and no more.
-- docs/tenant-archive.md has the whole.

do $$
begin
    if not exists (select from pg_roles where rolname = 'rookery_mover') then
        create role rookery_mover;
    end if;
    if not pg_has_role('rookery_host', 'rookery_mover', 'member') then
        grant rookery_mover to rookery_host;
    end if;
end
$$;
grant usage on schema public to rookery_mover;

-- A tenant that is moving writes nothing more. The tables of what its people do are closed for the daemons, whatever
-- they know of its state; what others send is kept out by the programs, for it may be for others as well.
create function domain_may_write() returns boolean
language sql stable security definer set search_path = public
as $$
    select coalesce((select d.state not in ('importing', 'leaving', 'moved_out') from domains d where d.id = current_domain()), true)
$$;
comment on function domain_may_write is 'Whether the present tenant is at home here: not on its way in, out, or gone.';

do $$
declare
    t text;
begin
    foreach t in array '{activities,deliveries,applications,tokens,sessions,bookmarks,lists,list_accounts,filters,
        filter_keywords,filter_statuses,drafts,scheduled_posts,invites,identity_users,identity_notes,identity_preferences,
        domain_settings,rules,terms,announcements,emojis,staff_grants,identity_limits,warnings,reports,webhooks,markers,
        followed_tags,featured_tags,endorsements,thread_mutes,identity_domain_blocks}'::text[] loop
        execute format('create policy moving on %I as restrictive for insert to rookery_server, rookery_stator
            with check ((select domain_may_write()))', t);
        execute format('create policy moving_on on %I as restrictive for update to rookery_server, rookery_stator
            using ((select domain_may_write()))', t);
        execute format('create policy moving_off on %I as restrictive for delete to rookery_server, rookery_stator
            using ((select domain_may_write()))', t);
    end loop;
    foreach t in array '{posts,interactions,follows,blocks,attachments,identities}'::text[] loop
        execute format('create policy moving on %I as restrictive for insert to rookery_server, rookery_stator
            with check (domain_id is null or (select domain_may_write()))', t);
        execute format('create policy moving_on on %I as restrictive for update to rookery_server, rookery_stator
            using (domain_id is null or (select domain_may_write()))', t);
        execute format('create policy moving_off on %I as restrictive for delete to rookery_server, rookery_stator
            using (domain_id is null or (select domain_may_write()))', t);
    end loop;
end
$$;
-- Nor does it sign: its keys are out of sight.
create policy moving on identity_keys as restrictive to rookery_server, rookery_stator
    using ((select domain_may_write())) with check ((select domain_may_write()));

create table archive_tables (
    name text primary key,
    place integer not null unique,
    relation text not null,
    ids text not null default '' check (ids in ('', 'kept', 'new')),
    pick text not null default 'true',
    accepts text not null default 'true',
    leaves text[] not null default '{}',
    refs jsonb not null default '{}',
    loose text[] not null default '{}',
    expressions jsonb not null default '{}',
    own text[] not null default '{}',
    judged jsonb not null default '{}'
);
comment on table archive_tables is '[neutral] What a tenant''s archive has: a row for each kind of rows in it.';
comment on column archive_tables.name is 'How the archive calls them; refs of others speak of them so.';
comment on column archive_tables.place is 'Their turn: what is referred to comes before what refers.';
comment on column archive_tables.relation is 'Their table; it is r in the expressions. Empty: they are made by functions.';
comment on column archive_tables.ids is 'kept: clients know the id, so it stays where it is free; new: it is another one; empty: there is none.';
comment on column archive_tables.pick is 'Which rows go, of those that the mover may see.';
comment on column archive_tables.accepts is 'Which rows are taken; {column} is the id here behind a reference.';
comment on column archive_tables.leaves is 'Columns that stay behind.';
comment on column archive_tables.refs is 'Columns with ids of other rows: of which kind; with ! of those that the archive may write about.';
comment on column archive_tables.loose is 'References that become null when what they name was not taken; else the row is left out.';
comment on column archive_tables.expressions is 'Columns with a value that is found here.';
comment on column archive_tables.own is 'Columns with addresses that have to be on the tenant''s own hosts.';
comment on column archive_tables.judged is 'Columns that the program judges before they are stored: html, fields, web, password, key, seal.';
revoke insert, update, delete on archive_tables from rookery_server, rookery_stator, rookery_host;
grant select on archive_tables to rookery_mover;

insert into archive_tables (place, name, relation, ids, pick, accepts, leaves, refs, loose, expressions, own, judged) values
    (10, 'media', '', '', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{}'),
    (20, 'hashtags', '', '', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{}'),
    (30, 'users', 'users', 'new', 'true', 'true', '{alone}', '{}', '{}',
        '{"confirmed": "case when archive_email_is_free(r.email) then r.confirmed end"}', '{}', '{"password": "password"}'),
    (40, 'identities', 'identities', 'kept', 'r.domain_id = current_domain()', 'true', '{}',
        '{"icon_file": "file", "icon_static": "file", "image_file": "file", "image_static": "file"}', '{}',
        '{"host": "(select d.name from domains d where d.id = current_domain())", "server_id": "null::bigint"}',
        '{actor_uri,url,inbox_uri,shared_inbox_uri,outbox_uri,followers_uri,following_uri,featured_uri}',
        '{"summary": "html", "fields": "fields", "icon_uri": "web", "image_uri": "web", "moved_to_uri": "web"}'),
    (50, 'other_identities', '', '', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{}'),
    (60, 'identity_keys', 'identity_keys', 'new', 'true', 'true', '{}', '{"identity_id": "identities!"}', '{}', '{}', '{key_uri}',
        '{"private_der": "key"}'),
    (70, 'public_keys', 'public_keys', '', 'exists (select from identity_keys k where k.key_uri = r.key_uri)', 'true', '{}',
        '{"identity_id": "identities!"}', '{}', '{}', '{key_uri}', '{}'),
    (80, 'identity_users', 'identity_users', '', 'true', 'true', '{}', '{"identity_id": "identities!", "user_id": "users"}', '{}',
        '{}', '{}', '{}'),
    (90, 'staff_grants', 'staff_grants', 'new', 'true', 'true', '{}', '{"user_id": "users", "granted_by": "users"}',
        '{granted_by}', '{}', '{}', '{}'),
    (100, 'user_totps', 'user_totps', '', 'true', 'true', '{}', '{"user_id": "users"}', '{}', '{}', '{}', '{"secret": "seal_code"}'),
    (110, 'passkeys', 'passkeys', 'new', 'true', 'true', '{}', '{"user_id": "users"}', '{}', '{}', '{}', '{}'),
    (120, 'domain_settings', 'domain_settings', '', $x$r.key not in ('media_quota', 'max_users')$x$,
        $x$r.key not in ('media_quota', 'max_users')$x$, '{}', '{}', '{}', '{}', '{}', '{}'),
    (130, 'rules', 'rules', 'new', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{}'),
    (140, 'rule_translations', 'rule_translations', '', 'true', 'true', '{}', '{"rule_id": "rules"}', '{}', '{}', '{}', '{}'),
    (150, 'terms', 'terms', '', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{}'),
    (160, 'invites', 'invites', 'new', 'true', 'true', '{}', '{"created_by": "users"}', '{created_by}', '{}', '{}', '{}'),
    (170, 'invite_uses', 'invite_uses', '', 'true', 'true', '{}', '{"identity_id": "identities!", "invite_id": "invites"}', '{}',
        '{}', '{}', '{}'),
    (180, 'emojis', 'emojis', 'new', 'true', $x$exists (select from archive_media f where f.domain_id = current_domain() and f.name = r.file)$x$,
        '{}', '{"file": "file", "file_static": "file"}', '{}', '{}', '{}', '{}'),
    (190, 'announcements', 'announcements', 'new', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{"content": "html"}'),
    (200, 'announcement_dismissals', 'announcement_dismissals', '', 'true', 'true', '{}',
        '{"announcement_id": "announcements", "identity_id": "identities!"}', '{}', '{}', '{}', '{}'),
    (210, 'announcement_reactions', 'announcement_reactions', '', 'true', 'true', '{}',
        '{"announcement_id": "announcements", "identity_id": "identities!"}', '{}', '{}', '{}', '{}'),
    (220, 'server_limits', 'server_limits', 'new', 'r.domain_id = current_domain()', 'true', '{}', '{}', '{}', '{}', '{}', '{}'),
    (230, 'allowed_servers', 'allowed_servers', 'new', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{}'),
    (240, 'email_domain_blocks', 'email_domain_blocks', 'new', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{}'),
    (250, 'email_domain_block_days', 'email_domain_block_days', '', 'true', 'true', '{}', '{"block_id": "email_domain_blocks"}',
        '{}', '{}', '{}', '{}'),
    (260, 'email_blocks', 'email_blocks', 'new', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{}'),
    (270, 'ip_blocks', 'ip_blocks', 'new', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{}'),
    (280, 'sign_up_addresses', 'sign_up_addresses', '', 'true', 'true', '{}', '{"identity_id": "identities!"}', '{}', '{}', '{}',
        '{}'),
    (290, 'tag_policies', 'tag_policies', '', 'true', 'true', '{}', '{"hashtag_id": "hashtags"}', '{}', '{}', '{}', '{}'),
    (300, 'warning_templates', 'warning_templates', 'new', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{}'),
    (310, 'webhooks', 'webhooks', 'new', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{"url": "web", "secret": "seal_hook"}'),
    (320, 'mail_wishes', 'mail_wishes', '', 'true', 'true', '{}', '{"user_id": "users"}', '{}', '{}', '{}', '{}'),
    (330, 'applications', 'applications', 'new', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{"website": "web"}'),
    (340, 'tokens', 'tokens', 'new', 'true', 'true', '{}',
        '{"application_id": "applications", "user_id": "users", "identity_id": "identities!"}', '{}', '{}', '{}', '{}'),
    (350, 'identity_preferences', 'identity_preferences', '', 'true', 'true', '{}', '{"identity_id": "identities!"}', '{}', '{}',
        '{}', '{}'),
    (360, 'interaction_defaults', 'interaction_defaults', '', 'true', 'true', '{}', '{"identity_id": "identities!"}', '{}', '{}',
        '{}', '{}'),
    (370, 'notification_policies', 'notification_policies', '', 'true', 'true', '{}', '{"identity_id": "identities!"}', '{}', '{}',
        '{}', '{}'),
    (380, 'identity_limits', 'identity_limits', '', 'true', 'true', '{}', '{"identity_id": "identities"}', '{}', '{}', '{}', '{}'),
    (390, 'identity_notes', 'identity_notes', '', 'true', 'true', '{}',
        '{"identity_id": "identities!", "target_id": "identities"}', '{}', '{}', '{}', '{}'),
    (400, 'identity_domain_blocks', 'identity_domain_blocks', 'new', 'true', 'true', '{}', '{"identity_id": "identities!"}', '{}',
        '{}', '{}', '{}'),
    (410, 'identity_invitations', 'identity_invitations', '', 'true', 'true', '{}',
        '{"identity_id": "identities!", "guest_id": "identities!", "invited_by": "users"}', '{invited_by}', '{}', '{}', '{}'),
    (420, 'severances', 'severances', 'new', 'true', 'true', '{}', '{"identity_id": "identities!"}', '{}', '{}', '{}', '{}'),
    (430, 'moves', 'moves', 'new', 'true', 'true', '{}', '{"identity_id": "identities!", "target_id": "identities"}', '{}', '{}',
        '{}', '{}'),
    (440, 'follows', 'follows', 'kept', 'true', 'archive_may_act({source_id})', '{}',
        '{"source_id": "identities", "target_id": "identities"}', '{}',
        '{"domain_id": "archive_tenant_of({source_id})", "target_domain_id": "archive_tenant_of({target_id})"}', '{}', '{}'),
    (450, 'blocks', 'blocks', 'new', 'true', 'archive_may_act({source_id})', '{}',
        '{"source_id": "identities", "target_id": "identities"}', '{}',
        '{"domain_id": "archive_tenant_of({source_id})", "target_domain_id": "archive_tenant_of({target_id})"}', '{}', '{}'),
    (460, 'lists', 'lists', 'new', 'true', 'true', '{}', '{"identity_id": "identities!"}', '{}', '{}', '{}', '{}'),
    (470, 'list_accounts', 'list_accounts', 'new', 'true', 'true', '{}', '{"list_id": "lists", "member_id": "identities"}', '{}',
        '{}', '{}', '{}'),
    (480, 'endorsements', 'endorsements', 'new', 'true', 'true', '{}',
        '{"identity_id": "identities!", "target_id": "identities"}', '{}', '{}', '{}', '{}'),
    (490, 'featured_tags', 'featured_tags', 'new', 'true', 'true', '{}',
        '{"identity_id": "identities!", "hashtag_id": "hashtags"}', '{}', '{}', '{}', '{}'),
    (500, 'followed_tags', 'followed_tags', 'new', 'true', 'true', '{}',
        '{"identity_id": "identities!", "hashtag_id": "hashtags"}', '{}', '{}', '{}', '{}'),
    (510, 'suggestion_dismissals', 'suggestion_dismissals', '', 'true', 'true', '{}',
        '{"identity_id": "identities!", "target_id": "identities"}', '{}', '{}', '{}', '{}'),
    (520, 'posts', 'posts', 'kept', 'r.domain_id = current_domain()', 'true', '{card_id}',
        '{"author_id": "identities!", "in_reply_to_id": "posts", "thread_id": "posts", "application_id": "applications"}',
        '{in_reply_to_id,thread_id,application_id}', '{}', '{object_uri,url}', '{"content": "html"}'),
    (515, 'other_posts', '', '', 'true', 'true', '{}', '{}', '{}', '{}', '{}', '{}'),
    (540, 'post_audience', 'post_audience', '', 'true', 'true', '{}', '{"post_id": "posts!"}', '{}', '{}', '{}', '{}'),
    (550, 'post_mentions', 'post_mentions', '', 'true', 'true', '{}', '{"post_id": "posts!", "identity_id": "identities"}', '{}',
        '{}', '{}', '{}'),
    (560, 'post_hashtags', 'post_hashtags', '', 'true', 'true', '{}', '{"post_id": "posts!", "hashtag_id": "hashtags"}', '{}',
        '{}', '{}', '{}'),
    (570, 'post_search', 'post_search', '', 'true', 'true', '{}', '{"post_id": "posts!"}', '{}', '{}', '{}', '{}'),
    (580, 'polls', 'polls', '', 'true', 'true', '{}', '{"id": "posts!"}', '{}', '{"domain_id": "archive_tenant_of_post({id})"}', '{}',
        '{}'),
    (590, 'attachments', 'attachments', 'new', $x$r.state in ('unattached', 'ready')$x$, 'true', '{source}',
        '{"post_id": "posts!", "author_id": "identities", "file": "file", "thumbnail": "file"}', '{}',
        '{"domain_id": "case when {post_id} is null then current_domain() else archive_tenant_of_post({post_id}) end"}', '{}',
        '{"remote_url": "web"}'),
    (600, 'post_edits', 'post_edits', 'new', 'true', 'true', '{}', '{"post_id": "posts!", "attachment_ids": "attachments"}', '{}',
        '{"domain_id": "archive_tenant_of_post({post_id})"}', '{}', '{"content": "html"}'),
    (610, 'held_posts', 'held_posts', '', 'true', 'true', '{}', '{"post_id": "posts!"}', '{}', '{}', '{}', '{}'),
    (620, 'interactions', 'interactions', 'kept', 'true', 'archive_may_act({identity_id})', '{}',
        '{"identity_id": "identities", "post_id": "posts"}', '{}',
        '{"domain_id": "archive_tenant_of({identity_id})", "post_domain_id": "archive_tenant_of_post({post_id})"}', '{}',
        '{"picture_url": "web"}'),
    (630, 'quotes', 'quotes', 'kept', 'true', 'archive_may_act({author_id})', '{}',
        '{"post_id": "posts", "author_id": "identities", "quoted_id": "posts", "quoted_author_id": "identities"}', '{}',
        '{"domain_id": "archive_tenant_of({author_id})", "quoted_domain_id": "archive_tenant_of({quoted_author_id})"}', '{}', '{}'),
    (640, 'consents', 'consents', 'kept', 'true', 'archive_may_act({actor_id})', '{}',
        '{"actor_id": "identities", "object_id": "posts", "owner_id": "identities", "reply_id": "posts"}', '{}',
        '{"domain_id": "archive_tenant_of({actor_id})", "owner_domain_id": "archive_tenant_of({owner_id})"}', '{}', '{}'),
    (650, 'featured_collections', 'featured_collections', 'new', 'true', 'true', '{}',
        '{"identity_id": "identities!", "hashtag_id": "hashtags"}', '{hashtag_id}', '{}', '{uri,url}', '{}'),
    (660, 'featured_collection_items', 'featured_collection_items', 'new',
        'exists (select from featured_collections f where f.id = r.collection_id)', 'archive_may_act({owner_id})', '{}',
        '{"collection_id": "featured_collections", "owner_id": "identities!", "target_id": "identities"}', '{}',
        '{"domain_id": "archive_tenant_of({owner_id})", "target_domain_id": "archive_tenant_of({target_id})"}', '{}', '{}'),
    (670, 'bookmarks', 'bookmarks', 'new', 'true', 'true', '{}', '{"identity_id": "identities!", "post_id": "posts"}', '{}', '{}',
        '{}', '{}'),
    (680, 'thread_mutes', 'thread_mutes', '', 'true', 'true', '{}', '{"identity_id": "identities!", "thread_id": "posts"}', '{}',
        '{}', '{}', '{}'),
    (690, 'filters', 'filters', 'new', 'true', 'true', '{}', '{"identity_id": "identities!"}', '{}', '{}', '{}', '{}'),
    (700, 'filter_keywords', 'filter_keywords', 'new', 'true', 'true', '{}', '{"filter_id": "filters"}', '{}', '{}', '{}', '{}'),
    (710, 'filter_statuses', 'filter_statuses', 'new', 'true', 'true', '{}', '{"filter_id": "filters", "post_id": "posts"}', '{}',
        '{}', '{}', '{}'),
    (720, 'drafts', 'drafts', 'new', 'true', 'true', '{}', '{"identity_id": "identities!", "attachment_ids": "attachments"}', '{}',
        '{}', '{}', '{}'),
    (730, 'scheduled_posts', 'scheduled_posts', 'new', 'true', 'true', '{}',
        '{"identity_id": "identities!", "application_id": "applications", "post_id": "posts", "attachment_ids": "attachments"}',
        '{application_id,post_id}', '{}', '{}', '{}'),
    (740, 'conversations', 'conversations', 'new', 'true', 'true', '{}',
        '{"identity_id": "identities!", "last_post_id": "posts", "participants": "identities"}', '{}', '{}', '{}', '{}'),
    (750, 'conversation_posts', 'conversation_posts', '', 'true', 'true', '{}',
        '{"identity_id": "identities!", "post_id": "posts", "conversation_id": "conversations"}', '{}', '{}', '{}', '{}'),
    (760, 'reports', 'reports', 'kept', 'true', 'true', '{}',
        '{"source_id": "identities", "subject_id": "identities", "post_ids": "posts", "rule_ids": "rules",
            "collection_ids": "featured_collections", "assigned_id": "identities!", "resolved_by_id": "identities!"}',
        '{source_id,assigned_id,resolved_by_id}', '{}', '{}', '{}'),
    (770, 'notices', 'notices', '', 'true', 'true', '{}', '{"report_id": "reports"}', '{}', '{}', '{}', '{}'),
    (780, 'case_events', 'case_events', 'new', 'true', 'true', '{}',
        '{"report_id": "reports", "subject_id": "identities", "identity_id": "identities!"}', '{identity_id}', '{}', '{}', '{}'),
    (790, 'warnings', 'warnings', 'new', 'true', 'true', '{}',
        '{"identity_id": "identities", "report_id": "reports", "post_ids": "posts", "rule_ids": "rules"}', '{report_id}', '{}', '{}',
        '{}'),
    (800, 'appeals', 'appeals', '', 'true', 'true', '{}',
        '{"warning_id": "warnings", "identity_id": "identities!", "decided_by_id": "identities!"}', '{decided_by_id}', '{}', '{}',
        '{}'),
    (810, 'notification_requests', 'notification_requests', 'kept', 'true', 'true', '{}',
        '{"identity_id": "identities!", "actor_id": "identities", "last_post_id": "posts"}', '{last_post_id}', '{}', '{}', '{}'),
    (820, 'notifications', 'notifications', 'new', 'true', 'true', '{}',
        '{"identity_id": "identities!", "actor_id": "identities", "post_id": "posts"}', '{}',
        $x${"subject_id": "(select m.here from archive_ids m where m.domain_id = current_domain() and m.there = r.subject_id and m.name = case r.kind when 'admin.report' then 'reports' when 'severed_relationships' then 'severances' when 'moderation_warning' then 'warnings' end)"}$x$,
        '{}', '{}'),
    (830, 'markers', 'markers', '', 'true', 'true', '{}', '{"identity_id": "identities!"}', '{}',
        $x${"last_read_id": "case r.timeline when 'notifications' then coalesce((select max(m.here) from archive_ids m where m.domain_id = current_domain() and m.name = 'notifications' and m.there <= r.last_read_id), 0) else r.last_read_id end"}$x$,
        '{}', '{}'),
    (840, 'public_timeline', 'public_timeline', '',
        'exists (select from posts p where p.id = r.post_id and p.domain_id = current_domain())', 'true', '{}', '{"post_id": "posts!"}',
        '{}', '{}', '{}', '{}'),
    (850, 'home_timeline', 'home_timeline', '',
        $x$r.entry_id = r.post_id and (exists (select from posts p where p.id = r.post_id)
            or exists (select from archive_known k where k.name = 'posts' and k.id = r.post_id))$x$, 'true', '{}',
        '{"identity_id": "identities!", "entry_id": "posts", "post_id": "posts"}', '{}', '{}', '{}', '{}'),
    (860, 'audit_log', 'audit_log', 'new', 'true', 'true', '{}', '{"user_id": "users"}', '{user_id}', '{}', '{}', '{}'),
    (870, 'activities', 'activities', 'new',
        $x$exists (select from deliveries d where d.activity_id = r.id and d.state = 'waiting')$x$, 'true', '{}',
        '{"identity_id": "identities!"}', '{}', '{}', '{uri}', '{}'),
    (880, 'deliveries', 'deliveries', 'new', $x$r.state = 'waiting'$x$, $x$r.state = 'waiting' and archive_server_of(r.inbox_uri) is not null$x$,
        '{}', '{"activity_id": "activities"}', '{}',
        '{"server_id": "archive_server_of(r.inbox_uri)", "state_lane": "(archive_server_of(r.inbox_uri) << 16) | (current_domain() & 65535)"}',
        '{}', '{"inbox_uri": "web"}');

-- What comes in, before its tenant is served.

create table archive_imports (
    domain_id bigint primary key references domains (id) on delete cascade,
    run text not null,
    manifest jsonb not null,
    complete boolean not null default false,
    created timestamptz not null default now()
);
comment on table archive_imports is '[host] Archives that are being read, or wait for their tenant to be activated.';
comment on column archive_imports.domain_id is 'The tenant.';
comment on column archive_imports.run is 'The run that reads it: another one takes over, and this one ends.';
comment on column archive_imports.manifest is 'What the archive says of itself.';
comment on column archive_imports.complete is 'All of it is here.';
comment on column archive_imports.created is 'When the run began.';

create table archive_rows (
    domain_id bigint not null references archive_imports (domain_id) on delete cascade,
    name text not null references archive_tables (name),
    number bigint not null,
    row jsonb not null,
    primary key (domain_id, name, number)
);
comment on table archive_rows is '[host] Rows of an archive on their way in.';
comment on column archive_rows.domain_id is 'The tenant.';
comment on column archive_rows.name is 'Of what kind.';
comment on column archive_rows.number is 'Their order.';
comment on column archive_rows.row is 'As they left, and judged.';

create table archive_media (
    domain_id bigint not null references archive_imports (domain_id) on delete cascade,
    name text not null,
    primary key (domain_id, name)
);
comment on table archive_media is '[host] Files of an archive that came with it.';
comment on column archive_media.domain_id is 'The tenant.';
comment on column archive_media.name is 'The file, which its digest was compared with.';
create trigger archive_media_files after insert or delete on archive_media for each row execute function media_refer('', 'name');

create table archive_ids (
    domain_id bigint not null references archive_imports (domain_id) on delete cascade,
    name text not null,
    there bigint not null,
    here bigint not null,
    own boolean not null,
    primary key (domain_id, name, there)
);
comment on table archive_ids is '[host] Which row here is which row of the archive.';
comment on column archive_ids.domain_id is 'The tenant.';
comment on column archive_ids.name is 'Of what kind.';
comment on column archive_ids.there is 'Its id in the archive.';
comment on column archive_ids.here is 'Its id here.';
comment on column archive_ids.own is 'The archive may write about it: it is the tenant''s, or came with it.';

do $$
declare
    t text;
begin
    foreach t in array '{archive_imports,archive_rows,archive_media,archive_ids}'::text[] loop
        execute format('revoke all on %I from rookery_server, rookery_stator', t);
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy host on %I to rookery_owner, rookery_host using (true) with check (true)', t);
        execute format('create policy mover on %I for select to rookery_mover using (domain_id = current_domain())', t);
        execute format('grant select on %I to rookery_mover', t);
    end loop;
end
$$;

create function archive_host(p_uri text) returns text
language sql immutable
as $$ select lower(substring(p_uri from '^https?://([^/?#]+)')) $$;
comment on function archive_host is 'The host of an address, with its port; null: it has none.';

create function archive_is_own(p_uri text) returns boolean
language sql stable security definer set search_path = public
as $$
    select exists (select from domain_names n where n.domain_id = current_domain() and n.name = archive_host(p_uri))
$$;
comment on function archive_is_own is 'Whether an address is on a host of the present tenant.';

create function archive_tenant_of(p_identity_id bigint) returns bigint
language sql stable security definer set search_path = public
as $$ select i.domain_id from identities i where i.id = p_identity_id $$;
comment on function archive_tenant_of is 'The tenant of an identity; null: it is remote.';

create function archive_tenant_of_post(p_post_id bigint) returns bigint
language sql stable security definer set search_path = public
as $$ select p.domain_id from posts p where p.id = p_post_id $$;
comment on function archive_tenant_of_post is 'The tenant of a post; null: it is remote.';

create function archive_may_act(p_identity_id bigint) returns boolean
language sql stable security definer set search_path = public
as $$ select coalesce(archive_tenant_of(p_identity_id), current_domain()) = current_domain() $$;
comment on function archive_may_act is 'Whether an archive may say what an identity did: not one of another tenant, whose acts are known here.';

create function archive_server_of(p_uri text) returns bigint
language sql stable security definer set search_path = public
as $$ select s.id from servers s where s.host = archive_host(p_uri) $$;
comment on function archive_server_of is 'The server of an address.';

create function archive_email_is_free(p_email text) returns boolean
language sql stable security definer set search_path = public
as $$ select not exists (select from users u where u.email_key = lower(p_email) and u.confirmed is not null) $$;
comment on function archive_email_is_free is 'Whether an address may count as proved: it is nobody''s here.';

-- What the mover may see and put in. Of neutral tables it reads those that say nothing of anybody.
do $$
declare
    t text;
begin
    for t in select distinct a.relation from archive_tables a where a.relation <> '' loop
        execute format('grant select, insert on %I to rookery_mover', t);
        if exists (select from pg_attribute c where c.attrelid = t::regclass and c.attname = 'domain_id' and c.attnotnull) then
            execute format('create policy mover on %I to rookery_mover
                using (domain_id = current_domain()) with check (domain_id = current_domain())', t);
        end if;
    end loop;
    foreach t in array '{staff_grants,server_limits,audit_log,identities,featured_collections}'::text[] loop
        execute format('create policy mover on %I to rookery_mover
            using (domain_id = current_domain()) with check (domain_id = current_domain())', t);
    end loop;
    foreach t in array '{follows,blocks,featured_collection_items}'::text[] loop
        execute format('create policy mover on %I to rookery_mover
            using (domain_id = current_domain() or target_domain_id = current_domain())
            with check (domain_id = current_domain() or target_domain_id = current_domain())', t);
    end loop;
    foreach t in array '{post_mentions,post_hashtags,post_search}'::text[] loop
        execute format('create policy mover on %1$I to rookery_mover
            using (exists (select from posts p where p.id = %1$I.post_id))
            with check (exists (select from posts p where p.id = %1$I.post_id))', t);
    end loop;
end
$$;
create policy mover on users to rookery_mover
    using (exists (
            select from identity_users iu where iu.user_id = users.id and iu.domain_id = current_domain())
        or exists (
            select from staff_grants g where g.user_id = users.id and g.domain_id = current_domain()))
    with check (true);
create policy mover on user_totps to rookery_mover
    using (exists (select from users u where u.id = user_totps.user_id))
    with check (exists (select from users u where u.id = user_totps.user_id));
create policy mover on interactions to rookery_mover
    using (domain_id = current_domain() or post_domain_id = current_domain())
    with check (domain_id = current_domain() or post_domain_id = current_domain());
create policy mover on quotes to rookery_mover
    using (domain_id = current_domain() or quoted_domain_id = current_domain())
    with check (domain_id = current_domain() or quoted_domain_id = current_domain());
create policy mover on consents to rookery_mover
    using (domain_id = current_domain() or owner_domain_id = current_domain())
    with check (domain_id = current_domain() or owner_domain_id = current_domain());
create policy mover on posts for select to rookery_mover
    using (domain_id = current_domain()
        or exists (select from post_audience a where a.post_id = posts.id and a.domain_id = current_domain())
        or (domain_id is null and archive_is_own(object_uri)));
create policy mover_adds on posts for insert to rookery_mover
    with check (domain_id = current_domain());
create policy mover on polls to rookery_mover
    using (exists (select from posts p where p.id = polls.id))
    with check (domain_id = current_domain());
create policy mover on attachments to rookery_mover
    using (domain_id = current_domain() or (domain_id is null and exists (
        select from posts p where p.id = attachments.post_id and p.domain_id is null)))
    with check (domain_id = current_domain() or (domain_id is null and exists (
        select from posts p where p.id = attachments.post_id and p.domain_id is null)));
create policy mover on post_edits to rookery_mover
    using (domain_id = current_domain()) with check (domain_id = current_domain());

-- What was known here as another server's becomes the tenant's: the addresses are its own, and that they are was proved.
grant update on identities, posts to rookery_mover;
create policy mover_sees on identities for select to rookery_mover
    using (domain_id is null and archive_is_own(actor_uri));
create policy mover_adopts on identities for update to rookery_mover
    using (domain_id is null and archive_is_own(actor_uri)) with check (domain_id = current_domain());
create policy mover_adopts on posts for update to rookery_mover
    using (domain_id is null and archive_is_own(object_uri)) with check (domain_id = current_domain());

grant select on domains, domain_names, media_files, media_uses, hashtags to rookery_mover;
create policy mover on media_uses for select to rookery_mover using (domain_id = current_domain());
grant usage on all sequences in schema public to rookery_mover;

-- What comes with an archive is no news: nobody is told, asked, or pushed to.
do $$
declare
    g record;
    guard constant text := 'current_user <> ''rookery_mover''';
    text_of text;
begin
    for g in
        select t.oid, t.tgname, c.relname, pg_get_triggerdef(t.oid) as definition
        from pg_trigger t
        join pg_class c on c.oid = t.tgrelid
        join pg_proc f on f.oid = t.tgfoid
        where not t.tgisinternal and c.relnamespace = 'public'::regnamespace
            and c.relname in (select relation from archive_tables)
            and f.proname ~ '^(stream_tell|webhook_tell|push_notifications|posts_ask|posts_note|interactions_ask|interactions_note)'
    loop
        if g.definition ~ ' WHEN \(' then
            text_of := regexp_replace(g.definition, ' WHEN \((.*)\) EXECUTE FUNCTION ', ' WHEN ((' || guard || ') AND (\1)) EXECUTE FUNCTION ');
        else
            text_of := replace(g.definition, ' EXECUTE FUNCTION ', ' WHEN (' || guard || ') EXECUTE FUNCTION ');
        end if;
        execute format('drop trigger %I on %I', g.tgname, g.relname);
        execute text_of;
    end loop;
end
$$;
create trigger identities_files_new after insert on identities for each row
    when (new.icon_file <> '' or new.icon_static <> '' or new.image_file <> '' or new.image_static <> '')
    execute function media_refer('domain_id', 'icon_file', 'icon_static', 'image_file', 'image_static');

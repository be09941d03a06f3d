-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Posts that somebody begins and goes on with.

create table drafts (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    draft jsonb not null,
    attachment_ids bigint[] not null default '{}',
    due text not null default '' check (length(due) <= 40),
    written timestamptz not null default now()
);
comment on table drafts is '[tenant] Posts that somebody began and wants to go on with.';
comment on column drafts.id is 'Id.';
comment on column drafts.domain_id is 'The tenant.';
comment on column drafts.identity_id is 'Whose.';
comment on column drafts.draft is 'What was typed: post_draft_write() of lib/model/draft.c.';
comment on column drafts.attachment_ids is 'Its uploads, which are kept for it.';
comment on column drafts.due is 'When it is to appear, as typed.';
comment on column drafts.written is 'When it was saved last.';
create index drafts_identity on drafts (identity_id, written desc);
create index drafts_domain on drafts (domain_id);
select table_protect('drafts');
grant select, insert, update, delete on drafts to rookery_server, rookery_stator, rookery_host;

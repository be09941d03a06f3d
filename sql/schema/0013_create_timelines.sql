-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What people read by: filters, followed hashtags, conversations, public timelines, trends and full-text search.

create table filters (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    title text not null,
    contexts text[] not null check (contexts <@ '{home,notifications,public,thread,account}' and cardinality(contexts) > 0),
    action text not null default 'warn' check (action in ('warn', 'hide', 'blur')),
    expires timestamptz,
    created timestamptz not null default now()
);
comment on table filters is '[tenant] What an identity does not want to read, or not without a warning.';
comment on column filters.id is 'Id.';
comment on column filters.domain_id is 'The tenant.';
comment on column filters.identity_id is 'Whose.';
comment on column filters.title is 'Name.';
comment on column filters.contexts is 'Where it applies: home, notifications, public, thread, account.';
comment on column filters.action is 'warn: shown behind a warning; hide: not shown; blur: without its media.';
comment on column filters.expires is 'When it ends; null: never.';
comment on column filters.created is 'When it was made.';
create index filters_identity on filters (identity_id, id);

create table filter_keywords (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    filter_id bigint not null references filters (id) on delete cascade,
    keyword text not null,
    whole_word boolean not null default true
);
comment on table filter_keywords is '[tenant] Words that a filter looks for.';
comment on column filter_keywords.id is 'Id.';
comment on column filter_keywords.domain_id is 'The tenant.';
comment on column filter_keywords.filter_id is 'The filter.';
comment on column filter_keywords.keyword is 'Word or phrase, whatever its case.';
comment on column filter_keywords.whole_word is 'Not as a part of a longer word.';
create index filter_keywords_filter on filter_keywords (filter_id, id);

create table filter_statuses (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    filter_id bigint not null references filters (id) on delete cascade,
    post_id bigint not null references posts (id) on delete cascade,
    unique (filter_id, post_id)
);
comment on table filter_statuses is '[tenant] Posts that a filter has, whatever they say.';
comment on column filter_statuses.id is 'Id.';
comment on column filter_statuses.domain_id is 'The tenant.';
comment on column filter_statuses.filter_id is 'The filter.';
comment on column filter_statuses.post_id is 'The post.';
create index filter_statuses_post on filter_statuses (post_id);
select table_protect('filters'), table_protect('filter_keywords'), table_protect('filter_statuses');

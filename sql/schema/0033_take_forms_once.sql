-- SPDX-License-Identifier: AGPL-3.0-or-later
-- A form that is sent twice does once what it does.

create table form_submissions (
    domain_id bigint not null references domains (id) on delete cascade,
    key bytea not null,
    location text,
    created timestamptz not null default now(),
    primary key (domain_id, key)
);
comment on table form_submissions is '[tenant] Forms that create something, as they were sent: the same one again leads to what came of it.';
comment on column form_submissions.domain_id is 'The tenant.';
comment on column form_submissions.key is 'SHA-256 of where it was sent, the token of the form and all that was typed.';
comment on column form_submissions.location is 'The path that it led to; null: it is still being worked on.';
comment on column form_submissions.created is 'When; an hour later it is forgotten.';
create index form_submissions_created on form_submissions (created);
select table_protect('form_submissions');
grant select, insert, update, delete on form_submissions to rookery_server;
grant select, delete on form_submissions to rookery_stator;

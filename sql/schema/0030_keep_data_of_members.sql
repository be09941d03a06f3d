-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What members take with them and bring along.

create table imports (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    kind text not null,
    overwrite boolean not null,
    created timestamptz not null default now(),
    state text not null default 'preparing'
        check (state in ('preparing', 'running', 'done', 'failed', 'cancelled')),
    like state_row including defaults including comments
);
comment on table imports is '[tenant] Files that people brought, to have done what their lines say.';
comment on column imports.id is 'Id.';
comment on column imports.domain_id is 'The tenant.';
comment on column imports.identity_id is 'Whose.';
comment on column imports.kind is 'What its lines are: a name from the table in lib/model/import.c.';
comment on column imports.overwrite is 'What was there and is not in the file goes.';
comment on column imports.created is 'When it came.';
create index imports_identity on imports (identity_id, id desc);
create index imports_domain on imports (domain_id);
select table_protect('imports');

create table import_rows (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    import_id bigint not null references imports (id) on delete cascade,
    line text not null,
    error text not null default '',
    state text not null default 'waiting' check (state in ('waiting', 'done', 'failed', 'cancelled')),
    like state_row including defaults including comments
);
comment on table import_rows is '[tenant] Lines of imports, each done once.';
comment on column import_rows.id is 'Id, in the order of the file.';
comment on column import_rows.domain_id is 'The tenant.';
comment on column import_rows.import_id is 'The import.';
comment on column import_rows.line is 'The line in the columns of its kind (CSV), as it can be given back.';
comment on column import_rows.error is 'Why it could not be done, plain text; empty: no reason is known.';
create index import_rows_import on import_rows (import_id, id);
create index import_rows_domain on import_rows (domain_id);
select table_protect('import_rows');

grant select, insert, update, delete on imports, import_rows to rookery_server, rookery_stator, rookery_host;

insert into stator_types (name, relation, automatic, domain_expression) values
    ('import', 'imports', '{preparing,running}', 'r.domain_id'),
    ('import_row', 'import_rows', '{waiting}', 'r.domain_id');
select stator_add_type('import');
select stator_add_type('import_row');
select stator_make_doors();

create table moves (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    target_id bigint not null references identities (id) on delete cascade,
    created timestamptz not null default now(),
    state text not null default 'moving' check (state in ('moving', 'moved', 'undone')),
    like state_row including defaults including comments
);
comment on table moves is '[tenant] Local identities that moved to another account.';
comment on column moves.id is 'Id.';
comment on column moves.domain_id is 'The tenant.';
comment on column moves.identity_id is 'Who moved.';
comment on column moves.target_id is 'The new account.';
comment on column moves.created is 'When; the next is allowed some weeks later.';
create index moves_identity on moves (identity_id, created);
create index moves_domain on moves (domain_id);
create index moves_target on moves (target_id);
select table_protect('moves');
grant select, insert, update, delete on moves to rookery_server, rookery_stator, rookery_host;

insert into stator_types (name, relation, automatic, domain_expression) values
    ('move', 'moves', '{moving}', 'r.domain_id');
select stator_add_type('move');
select stator_make_doors();

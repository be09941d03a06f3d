-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- The first hour of an operator: a code that the machine's own screen shows opens the set-up under the console's name,
-- once. The host role alone has anything to do with it.

create table setup_codes (
    id bigint generated always as identity primary key,
    code_hash bytea not null unique,
    tries bigint not null default 0,
    created timestamptz not null default now(),
    expires timestamptz not null
);
comment on table setup_codes is '[host] Codes that open the set-up. All of them end with the first that is used.';
comment on column setup_codes.id is 'Id.';
comment on column setup_codes.code_hash is 'SHA-256 of the code as it is compared: without spaces, in capitals.';
comment on column setup_codes.tries is 'Wrong codes that were typed while it was good.';
comment on column setup_codes.created is 'When it was shown.';
comment on column setup_codes.expires is 'Until when it is good.';

create table setup_visits (
    id bigint generated always as identity primary key,
    token_hash bytea not null unique,
    user_id bigint references users (id) on delete cascade,
    made_id bigint references domains (id) on delete set null,
    address text not null,
    created timestamptz not null default now(),
    expires timestamptz not null
);
comment on table setup_visits is '[host] Set-ups under way, each by one browser that brought a code.';
comment on column setup_visits.id is 'Id.';
comment on column setup_visits.token_hash is 'SHA-256 of the browser''s cookie.';
comment on column setup_visits.user_id is 'The operator''s log-in that it made; null: not yet.';
comment on column setup_visits.made_id is 'The community that it made; null: not yet.';
comment on column setup_visits.address is 'Where the browser came from.';
comment on column setup_visits.created is 'When the code was typed.';
comment on column setup_visits.expires is 'When it ends by itself.';
create index setup_visits_user on setup_visits (user_id);
create index setup_visits_made on setup_visits (made_id);

revoke all on setup_codes, setup_visits from public, rookery_server, rookery_stator;
grant select, insert, update, delete on setup_codes, setup_visits to rookery_host;

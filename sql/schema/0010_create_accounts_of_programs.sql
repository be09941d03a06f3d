-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What programs ask of a community before and after they get a token: its rules and terms, and what keeps the lists of
-- tokens and applications short.

create index tokens_user on tokens (user_id, domain_id) where user_id is not null;
create index tokens_application on tokens (application_id);
create index oauth_codes_application on oauth_codes (application_id);
create index applications_domain on applications (domain_id, created);

create function snowflake_at(p_time timestamptz) returns bigint
language sql immutable parallel safe
as $$ select greatest(0, floor(extract(epoch from p_time) * 1000)::bigint - 1641020400000) << 22 $$;
comment on function snowflake_at is 'The smallest id that could be minted at a time.';
grant execute on function snowflake_at(timestamptz) to rookery_server, rookery_stator, rookery_host;

create table rules (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    text text not null check (length(text) between 1 and 500),
    hint text not null default '' check (length(hint) <= 2000),
    position integer not null default 0,
    created timestamptz not null default now()
);
comment on table rules is '[tenant] Rules of a community, as its people read them before they join.';
comment on column rules.id is 'Id; reports name it.';
comment on column rules.domain_id is 'The tenant.';
comment on column rules.text is 'The rule, plain text.';
comment on column rules.hint is 'What is meant by it, plain text; may be empty.';
comment on column rules.position is 'Order in the list, smallest first; then by id.';
comment on column rules.created is 'When it was made.';
create index rules_domain on rules (domain_id, position, id);
select table_protect('rules');

create table terms (
    domain_id bigint not null references domains (id) on delete cascade,
    effective date not null,
    text text not null,
    created timestamptz not null default now(),
    primary key (domain_id, effective)
);
comment on table terms is '[tenant] Terms of service of a community, each version from a day on.';
comment on column terms.domain_id is 'The tenant.';
comment on column terms.effective is 'The day from which it holds, until the next version does.';
comment on column terms.text is 'Plain text; an empty line parts paragraphs.';
comment on column terms.created is 'When it was written.';
select table_protect('terms');

grant select, insert, update, delete on rules, terms to rookery_server, rookery_stator, rookery_host;

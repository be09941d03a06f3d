-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Tenants, people and what belongs to them. Each table's comment begins with its scope, which the isolation tests
-- read: [tenant] rows of one domain only; [edge] rows between two identities, for the tenants of both; [audience]
-- posts and what hangs on them, for those that may see the post; [neutral] stored once for all; [host] of the
-- installation, not for tenants.
--
-- Roles: rookery_owner owns and migrates; rookery_server and rookery_stator are bound by row-level security;
-- rookery_host is the operator's command line and console.

-- The tenant that this transaction works for, or null. Every policy asks here.
create function current_domain() returns bigint
language sql stable parallel safe
as $$ select nullif(current_setting('rookery.domain', true), '')::bigint $$;
comment on function current_domain() is 'The tenant that row-level security binds this transaction to; null for none.';

create sequence snowflake_counter cycle maxvalue 524287 minvalue 0;
comment on sequence snowflake_counter is 'The 19 bits that keep ids of one millisecond apart.';

create function snowflake(kind integer) returns bigint
language sql volatile
as $$
    select (((extract(epoch from clock_timestamp()) * 1000)::bigint - 1641020400000) << 22)
        | (nextval('snowflake_counter') << 3)
        | kind
$$;
comment on function snowflake(integer) is 'A new time-ordered id; kinds: 0 post, 1 interaction, 2 identity, 3 report, 4 follow.';

-- What every table with a state has beside the state itself; see 0005.
create table state_row (
    state_changed timestamptz not null default now(),
    state_next_attempt timestamptz not null default now(),
    state_attempts integer not null default 0,
    state_locked_by text,
    state_error text not null default '',
    state_lane bigint not null default 0,
    state_trace bigint default nullif(current_setting('rookery.trace', true), '')::bigint
);
comment on table state_row is '[neutral] Has no rows: the columns that tables with a state are made like.';
comment on column state_row.state_changed is 'When the state was entered.';
comment on column state_row.state_next_attempt is 'When it is due; while locked, the end of the lease.';
comment on column state_row.state_attempts is 'Attempts in this state without progress.';
comment on column state_row.state_locked_by is 'The worker that holds it; null: nobody.';
comment on column state_row.state_error is 'Why the last attempt made no progress; short.';
comment on column state_row.state_trace is 'The unit of work that made it, which logs name in hexadecimal: a request, or what followed from one.';
comment on column state_row.state_lane is 'Whose turn it is: work is claimed round-robin over lanes.';

create table host_settings (
    key text primary key,
    value jsonb not null,
    updated timestamptz not null default now()
);
comment on table host_settings is '[host] Settings of the installation that differ from their defaults.';
comment on column host_settings.key is 'Name from the table of settings.';
comment on column host_settings.value is 'Value as JSON.';
comment on column host_settings.updated is 'When it was last written.';

create table domains (
    id bigint generated always as identity primary key,
    name text not null,
    service_name text not null,
    title text not null default '',
    description text not null default '',
    accent text not null default '#2f6f5e' check (accent ~ '^#[0-9a-f]{6}$'),
    sign_up text not null default 'invite' check (sign_up in ('closed', 'invite', 'open')),
    federated boolean not null default false,
    verify_token text not null,
    verified timestamptz,
    verified_by text check (verified_by in ('dns', 'http', 'operator')),
    suspended_reason text not null default '',
    created timestamptz not null default now(),
    state text not null default 'pending'
        check (state in ('importing', 'pending', 'verified', 'active', 'suspended', 'leaving', 'moved_out', 'deleting', 'deleted')),
    like state_row including defaults including comments,
    check (name = lower(name) and service_name = lower(service_name))
);
comment on table domains is '[neutral] The tenants: public facts that the server needs before it knows whom a request is for.';
comment on column domains.id is 'What tenant-owned rows carry as domain_id.';
comment on column domains.name is 'Handle domain: @name@example.org. ASCII (IDNA), lower case.';
comment on column domains.service_name is 'Where pages, actors and inboxes are served; equals name unless split. With :port only in development.';
comment on column domains.title is 'Name of the community; empty: the domain.';
comment on column domains.description is 'What the community says of itself, plain text.';
comment on column domains.accent is 'Accent colour of its pages.';
comment on column domains.sign_up is 'Who may make an account.';
comment on column domains.federated is 'An identity of it has federated: names are immutable from then on.';
comment on column domains.verify_token is 'What the TXT record or the HTTP proof has to show.';
comment on column domains.verified is 'When ownership was last proved.';
comment on column domains.verified_by is 'How ownership was proved.';
comment on column domains.suspended_reason is 'For the operator; shown to nobody else.';
comment on column domains.created is 'When it was added.';

create table domain_names (
    name text primary key check (name = lower(name)),
    domain_id bigint not null references domains (id) on delete cascade
);
comment on table domain_names is '[neutral] Every host name that leads to a tenant: unique over handle and service domains alike.';
comment on column domain_names.name is 'Host name in lower case, with :port only in development.';
comment on column domain_names.domain_id is 'The tenant.';
create index domain_names_domain on domain_names (domain_id);

create table domain_settings (
    domain_id bigint not null references domains (id) on delete cascade,
    key text not null,
    value jsonb not null,
    updated timestamptz not null default now(),
    primary key (domain_id, key)
);
comment on table domain_settings is '[tenant] Settings of a tenant that differ from the host''s.';
comment on column domain_settings.domain_id is 'The tenant.';
comment on column domain_settings.key is 'Name from the table of settings.';
comment on column domain_settings.value is 'Value as JSON.';
comment on column domain_settings.updated is 'When it was last written.';

create table users (
    id bigint generated always as identity primary key,
    email text not null check (length(email) between 3 and 254),
    email_key text not null generated always as (lower(email)) stored,
    confirmed timestamptz,
    password text not null default '',
    banned boolean not null default false,
    alone timestamptz default now(),
    created timestamptz not null default now()
);
comment on table users is '[tenant] Log-ins of people. A tenant sees those that hold an identity or a grant on it.';
comment on column users.id is 'Id, never shown to the world.';
comment on column users.email is 'E-mail address as given.';
comment on column users.email_key is 'For look-up, in lower case. Unique among confirmed addresses only, so that sign-up reveals nothing.';
comment on column users.confirmed is 'When the address proved to be theirs; null: not yet.';
comment on column users.password is 'yescrypt hash; empty: cannot log in.';
comment on column users.banned is 'May not log in; sessions and tokens are void at once.';
comment on column users.alone is 'Since when it holds no identity, and is forgotten after a month of that; null: it holds one.';
comment on column users.created is 'When the account was made.';
create index users_email on users (email_key);
create index users_alone on users (alone) where alone is not null;
create unique index users_email_confirmed on users (email_key) where confirmed is not null;

create table staff_grants (
    id bigint generated always as identity primary key,
    user_id bigint not null references users (id) on delete cascade,
    domain_id bigint references domains (id) on delete cascade,
    role text not null check (role in ('owner', 'admin', 'moderator')),
    granted_by bigint references users (id) on delete set null,
    created timestamptz not null default now(),
    expires timestamptz,
    unique nulls not distinct (user_id, domain_id, role)
);
comment on table staff_grants is '[tenant] What a user may do beyond their own account, on one tenant.';
comment on column staff_grants.id is 'Id.';
comment on column staff_grants.user_id is 'Who.';
comment on column staff_grants.domain_id is 'Where; null: the whole installation.';
comment on column staff_grants.role is 'owner, admin or moderator.';
comment on column staff_grants.granted_by is 'Who granted it; null: the operator.';
comment on column staff_grants.created is 'When it was granted.';
comment on column staff_grants.expires is 'When it ends; null: open.';
create index staff_grants_domain on staff_grants (domain_id);

create table throttles (
    key text primary key,
    hits integer not null,
    resets timestamptz not null
);
comment on table throttles is '[host] Counters of log-in attempts and the like, by a keyed hash of what is counted.';
comment on column throttles.key is 'What is counted: purpose and hash of account or address.';
comment on column throttles.hits is 'Hits in the present window.';
comment on column throttles.resets is 'End of the present window.';

create table audit_log (
    id bigint generated always as identity primary key,
    domain_id bigint references domains (id) on delete cascade,
    user_id bigint,
    action text not null,
    subject text not null,
    detail jsonb not null default '{}',
    created timestamptz not null default now()
);
comment on table audit_log is '[tenant] Who did what to whom; append-only. Rows without a domain are the operator''s.';
comment on column audit_log.id is 'Order of events.';
comment on column audit_log.domain_id is 'The tenant that it concerns; null: the installation.';
comment on column audit_log.user_id is 'Who; null: the operator''s command line.';
comment on column audit_log.action is 'What, as noun.verb.';
comment on column audit_log.subject is 'To whom or what: a handle, a domain, an id.';
comment on column audit_log.detail is 'More, as JSON.';
comment on column audit_log.created is 'When.';
create index audit_log_domain on audit_log (domain_id, id);

create function domains_changed() returns trigger
language plpgsql
as $$
begin
    perform pg_notify('domains', '');
    return null;
end
$$;
comment on function domains_changed() is 'Tells every process to load its snapshot of tenants again.';
create trigger domains_changed after insert or delete or update
    of name, service_name, title, description, accent, sign_up, federated, verified, suspended_reason, state on domains
    for each statement execute function domains_changed();
create trigger domain_names_changed after insert or delete or update on domain_names
    for each statement execute function domains_changed();

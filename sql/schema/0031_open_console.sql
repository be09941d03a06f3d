-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- The host's console: who is logged in there, what work rests, and how far an operator may help a tenant. Operators are
-- those with a grant on the whole installation (staff_grants without a domain) as its admin or owner.

create table operator_sessions (
    id bigint generated always as identity primary key,
    user_id bigint not null references users (id) on delete cascade,
    token_hash bytea not null unique,
    csrf_token text not null,
    address text not null,
    user_agent text not null,
    strong boolean not null default false,
    created timestamptz not null default now(),
    expires timestamptz not null
);
comment on table operator_sessions is '[host] Log-ins on the console. They are worth nothing on a tenant, as sessions there are worth nothing here.';
comment on column operator_sessions.id is 'Id.';
comment on column operator_sessions.user_id is 'Whose.';
comment on column operator_sessions.token_hash is 'SHA-256 of the cookie.';
comment on column operator_sessions.csrf_token is 'Of forms.';
comment on column operator_sessions.address is 'Where it came from.';
comment on column operator_sessions.user_agent is 'The browser as it names itself.';
comment on column operator_sessions.strong is 'A second factor proved it; until then it opens only the page that asks for one.';
comment on column operator_sessions.created is 'When the password was typed.';
comment on column operator_sessions.expires is 'When it ends by itself.';
create index operator_sessions_user on operator_sessions (user_id);

-- Only the host role has anything to do with them.
revoke all on operator_sessions, stator_pauses from rookery_server, rookery_stator;
grant select, insert, update, delete on operator_sessions, stator_pauses to rookery_host;
-- What operators did stays written, for themselves as well.
revoke update, delete on audit_log from rookery_host;

create table help_consents (
    domain_id bigint primary key references domains (id) on delete cascade,
    role text not null check (role in ('moderator', 'admin')),
    given_by bigint references users (id) on delete set null,
    created timestamptz not null default now(),
    expires timestamptz not null
);
comment on table help_consents is '[tenant] An administrator''s word that the host''s operators may help on their tenant for a while.';
comment on column help_consents.domain_id is 'The tenant.';
comment on column help_consents.role is 'What they may act as.';
comment on column help_consents.given_by is 'Who allowed it.';
comment on column help_consents.created is 'When.';
comment on column help_consents.expires is 'Until when.';
select table_protect('help_consents');

create table help_visits (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    user_id bigint not null references users (id) on delete cascade,
    name text not null,
    created timestamptz not null default now(),
    unique (domain_id, user_id)
);
comment on table help_visits is '[tenant] Operators who helped on a tenant, by name, so that its audit log can say who did what.';
comment on column help_visits.id is 'Id.';
comment on column help_visits.domain_id is 'The tenant.';
comment on column help_visits.user_id is 'The operator''s log-in.';
comment on column help_visits.name is 'The operator''s address, as the tenant''s staff sees it.';
comment on column help_visits.created is 'When they came first.';
create index help_visits_user on help_visits (user_id);
select table_protect('help_visits');
grant select, insert, update, delete on help_consents, help_visits to rookery_server, rookery_host;
revoke insert, update, delete on help_visits from rookery_server;
revoke insert, update, delete on help_consents, help_visits from rookery_stator;

-- Whether somebody is on the present tenant as a helper: only while the consent lasts.
create function user_helps(p_user_id bigint, p_identity_id bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (
        select from help_visits v
        join help_consents h on h.domain_id = v.domain_id and h.expires > now()
        join identities i on i.id = p_identity_id and i.domain_id = v.domain_id and i.is_system
        where v.user_id = p_user_id and v.domain_id = current_domain());
end
$$;
comment on function user_helps is 'Whether a log-in acts as the present tenant''s system actor because its staff asked the operators for help.';

create or replace function user_may_act_as(p_user_id bigint, p_identity_id bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (
            select from identity_users iu
            join identities i on i.id = iu.identity_id
            where iu.user_id = p_user_id and iu.identity_id = p_identity_id and iu.domain_id = current_domain()
                and i.deleted is null and identity_may_act(i.id))
        or user_helps(p_user_id, p_identity_id);
end
$$;
revoke execute on function user_helps from public;
grant execute on function user_helps to rookery_server, rookery_host;

-- A helper's log-in is seen on the tenant while it helps, without being at home there.
create policy helper on users for select to rookery_server
    using (exists (
        select from help_visits v where v.user_id = users.id and v.domain_id = current_domain()));

-- How much of a type stands where, by tenant.
create function stator_count_tenants(p_type text)
returns table (domain_id bigint, state text, n bigint)
language plpgsql stable
as $$
declare
    t stator_types;
begin
    select * into strict t from stator_types s where s.name = p_type;
    return query execute format('select d.domain_id, d.state, count(*) from (
        select nullif(%s, 0) as domain_id, r.state from %I r where r.state = any ($1)) d group by 1, 2 order by 3 desc limit 200',
        t.domain_expression, t.relation) using t.automatic;
end
$$;
comment on function stator_count_tenants is 'Rows of a type in its automatic states by tenant, for the host role.';
revoke execute on function stator_count_tenants from public;
grant execute on function stator_count_tenants to rookery_host;

-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What proves a log-in beside its password, and who shares an identity. Passkeys belong to a tenant, because a browser
-- gives them out to one host name only; codes of a program and codes on paper belong to the log-in on all tenants.

create table user_totps (
    user_id bigint primary key references users (id) on delete cascade,
    secret bytea not null,
    confirmed timestamptz,
    last_step bigint not null default 0,
    created timestamptz not null default now()
);
comment on table user_totps is '[tenant] The secret by which a log-in''s program makes codes (RFC 6238). A tenant sees those of its log-ins.';
comment on column user_totps.user_id is 'Whose.';
comment on column user_totps.secret is 'Sealed, as tokens of push subscriptions are.';
comment on column user_totps.confirmed is 'When a code showed that the program has it; null: it does not count yet.';
comment on column user_totps.last_step is 'The interval of the last code that was taken: none of it or before is taken again.';
comment on column user_totps.created is 'When it was made.';

create table recovery_codes (
    user_id bigint not null references users (id) on delete cascade,
    code_hash bytea not null,
    created timestamptz not null default now(),
    primary key (user_id, code_hash)
);
comment on table recovery_codes is '[tenant] Codes on paper that stand for a second factor, each once; a used one is deleted. A tenant sees those of its log-ins.';
comment on column recovery_codes.user_id is 'Whose.';
comment on column recovery_codes.code_hash is 'HMAC-SHA-256 of the code.';
comment on column recovery_codes.created is 'When it was made.';

do $$
declare
    t text;
begin
    foreach t in array '{user_totps,recovery_codes}'::text[] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy host on %I to rookery_owner, rookery_host using (true) with check (true)', t);
        -- Whoever sees the log-in: the policy of users is asked.
        execute format('create policy tenant on %I to rookery_server
            using (exists (select from users u where u.id = user_id))
            with check (exists (select from users u where u.id = user_id))', t);
        execute format('revoke all on %I from rookery_stator', t);
        execute format('grant select, insert, update, delete on %I to rookery_server, rookery_host', t);
    end loop;
end
$$;

create table passkeys (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    user_id bigint not null references users (id) on delete cascade,
    credential_id bytea not null check (length(credential_id) between 1 and 1023),
    algorithm integer not null check (algorithm in (-7, -8, -257)),
    public_key bytea not null,
    sign_count bigint not null,
    name text not null check (length(name) between 1 and 60),
    created timestamptz not null default now(),
    last_used timestamptz,
    unique (domain_id, credential_id)
);
comment on table passkeys is '[tenant] Keys of authenticators (WebAuthn) by which a log-in proves itself on one tenant''s pages.';
comment on column passkeys.id is 'Id.';
comment on column passkeys.domain_id is 'The tenant: the key is bound to its host name.';
comment on column passkeys.user_id is 'Whose.';
comment on column passkeys.credential_id is 'What the authenticator calls it.';
comment on column passkeys.algorithm is 'COSE: -7 ES256, -8 EdDSA, -257 RS256.';
comment on column passkeys.public_key is 'Raw: x and y, the point, or modulus and exponent.';
comment on column passkeys.sign_count is 'The authenticator''s counter at the last use; 0: it has none.';
comment on column passkeys.name is 'As its owner calls it.';
comment on column passkeys.created is 'When it was added.';
comment on column passkeys.last_used is 'When it last proved anything; null: never.';
create index passkeys_user on passkeys (user_id, domain_id);
select table_protect('passkeys');

create table spent_challenges (
    domain_id bigint not null references domains (id) on delete cascade,
    challenge bytea not null,
    expires timestamptz not null,
    primary key (domain_id, challenge)
);
comment on table spent_challenges is '[tenant] Challenges that were answered: none is answered twice. Those that were not are stored nowhere.';
comment on column spent_challenges.domain_id is 'The tenant.';
comment on column spent_challenges.challenge is 'The challenge.';
comment on column spent_challenges.expires is 'When it is too old anyway.';
create index spent_challenges_expires on spent_challenges (domain_id, expires);
select table_protect('spent_challenges');

alter table sessions
    add column waiting boolean not null default false,
    add column strong boolean not null default false,
    add column proved timestamptz;
comment on column sessions.waiting is 'The password was right and the second factor is still to come: it opens nothing.';
comment on column sessions.strong is 'A second factor or a passkey proved it.';
comment on column sessions.proved is 'When its person last typed the password or used a passkey; null: it came by a ticket.';
alter table session_handoffs add column strong boolean not null default false;
comment on column session_handoffs.strong is 'The session that it comes from was proved by a second factor.';

drop function handoff_create(bytea, bigint, bigint);
create function handoff_create(p_token_hash bytea, p_user_id bigint, p_identity_id bigint, p_strong boolean) returns boolean
language sql security definer set search_path = public
as $$
    with made as (
        insert into session_handoffs (token_hash, domain_id, user_id, identity_id, strong, expires)
        select p_token_hash, iu.domain_id, iu.user_id, iu.identity_id, p_strong, now() + interval '1 minute'
        from identity_users iu
        where iu.user_id = p_user_id and iu.identity_id = p_identity_id
            and exists (select from identity_users here where here.user_id = p_user_id and here.domain_id = current_domain())
        returning 1
    )
    select exists (select from made)
$$;
comment on function handoff_create is 'A ticket to another tenant where the same log-in holds an identity.';
revoke execute on function handoff_create from public;
grant execute on function handoff_create to rookery_server, rookery_host;

create function user_has_factor(p_user_id bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (select from user_totps t where t.user_id = p_user_id and t.confirmed is not null)
        or exists (select from passkeys k where k.user_id = p_user_id and k.domain_id = current_domain());
end
$$;
comment on function user_has_factor is 'Whether a log-in has to prove more than its password on the present tenant.';

create function user_lacks_factor(p_user_id bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (
            select from domain_settings s
            where s.domain_id = current_domain() and s.key = 'staff_second_factor' and s.value #>> '{}' = 'true')
        and exists (
            select from staff_grants g
            where g.user_id = p_user_id and g.domain_id = current_domain() and (g.expires is null or g.expires > now()))
        and not user_has_factor(p_user_id);
end
$$;
comment on function user_lacks_factor is 'Whether a log-in is staff of the present tenant, which asks its staff for a second factor, and has none.';

-- Who may act as whom: the one place that knows.
create function user_may_act_as(p_user_id bigint, p_identity_id bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (
        select from identity_users iu
        join identities i on i.id = iu.identity_id
        where iu.user_id = p_user_id and iu.identity_id = p_identity_id and iu.domain_id = current_domain()
            and i.deleted is null and identity_may_act(i.id));
end
$$;
comment on function user_may_act_as is 'Whether a log-in may act as an identity of the present tenant: sessions, tokens and codes ask here.';
revoke execute on function user_has_factor, user_lacks_factor, user_may_act_as from public;
grant execute on function user_has_factor, user_lacks_factor, user_may_act_as to rookery_server, rookery_host;
grant execute on function user_may_act_as to rookery_stator;

-- Identities that several log-ins hold.

alter table identity_users add column role text not null default 'owner' check (role in ('owner', 'member'));
comment on column identity_users.role is 'An owner decides who else holds it; a member acts as it.';

create table identity_invitations (
    identity_id bigint not null references identities (id) on delete cascade,
    guest_id bigint not null references identities (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    role text not null check (role in ('owner', 'member')),
    invited_by bigint references users (id) on delete set null,
    created timestamptz not null default now(),
    expires timestamptz not null,
    primary key (identity_id, guest_id)
);
comment on table identity_invitations is '[tenant] Who was asked to share an identity and did not answer yet.';
comment on column identity_invitations.identity_id is 'The identity that is shared.';
comment on column identity_invitations.guest_id is 'An identity of the one who is asked: the log-in that owns it may accept.';
comment on column identity_invitations.domain_id is 'The tenant of both.';
comment on column identity_invitations.role is 'What they become.';
comment on column identity_invitations.invited_by is 'The log-in that asked.';
comment on column identity_invitations.created is 'When they were asked.';
comment on column identity_invitations.expires is 'When the question ends.';
create index identity_invitations_guest on identity_invitations (guest_id);
select table_protect('identity_invitations');
grant select, insert, update, delete on passkeys, spent_challenges, identity_invitations
    to rookery_server, rookery_stator, rookery_host;

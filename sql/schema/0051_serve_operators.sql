-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What operators have on the console: how old the last backup is, one row that gives up, passkeys.
--
-- The table of backups may be missing: then none was ever made.

create function backup_last() returns table (kind text, finished timestamptz, verified timestamptz)
language plpgsql stable
as $$
begin
    if to_regclass('public.backups') is null then
        return;
    end if;
    return query execute
        'select b.kind, b.finished, b.verified from backups b
        where b.result = ''done'' and b.finished is not null and b.kind in (''full'', ''differential'', ''dump'')
        order by b.finished desc limit 1';
end
$$;
comment on function backup_last is 'The last backup of the database that was finished; no row: there is none yet.';
revoke execute on function backup_last from public;
grant execute on function backup_last to rookery_host;

-- One row gives up, as time would let it, when it still stands where the operator saw it.
create function stator_drop_one(p_type text, p_id bigint, p_state text, p_to text) returns bigint
language plpgsql security definer set search_path = public
as $$
declare
    t stator_types;
    n bigint;
begin
    select * into strict t from stator_types s where s.name = p_type;
    execute format('update %I set state = $1, state_changed = now(), state_next_attempt = now(), state_attempts = 0
        where id = $2 and state = $3 and state_locked_by is null', t.relation) using p_to, p_id, p_state;
    get diagnostics n = row_count;
    return n;
end
$$;
comment on function stator_drop_one is 'Moves one row that nobody works on into the state that follows a time-out, for the host role.';
revoke execute on function stator_drop_one from public;
grant execute on function stator_drop_one to rookery_host;

create table operator_passkeys (
    id bigint generated always as identity primary key,
    user_id bigint not null references users (id) on delete cascade,
    credential_id bytea not null unique check (length(credential_id) between 1 and 1023),
    algorithm integer not null check (algorithm in (-7, -8, -257)),
    public_key bytea not null,
    sign_count bigint not null,
    name text not null check (length(name) between 1 and 60),
    created timestamptz not null default now(),
    last_used timestamptz
);
comment on table operator_passkeys is '[host] Keys of authenticators (WebAuthn) by which an operator proves itself on the console. They are worth nothing on a tenant.';
comment on column operator_passkeys.id is 'Id.';
comment on column operator_passkeys.user_id is 'Whose.';
comment on column operator_passkeys.credential_id is 'What the authenticator calls it.';
comment on column operator_passkeys.algorithm is 'COSE: -7 ES256, -8 EdDSA, -257 RS256.';
comment on column operator_passkeys.public_key is 'Raw: x and y, the point, or modulus and exponent.';
comment on column operator_passkeys.sign_count is 'The authenticator''s counter at the last use; 0: it has none.';
comment on column operator_passkeys.name is 'As its owner calls it.';
comment on column operator_passkeys.created is 'When it was added.';
comment on column operator_passkeys.last_used is 'When it last proved anything; null: never.';
create index operator_passkeys_user on operator_passkeys (user_id);

create table operator_challenges (
    challenge bytea primary key,
    expires timestamptz not null
);
comment on table operator_challenges is '[host] Challenges that were answered on the console: none is answered twice.';
comment on column operator_challenges.challenge is 'The challenge.';
comment on column operator_challenges.expires is 'When it is too old anyway.';
create index operator_challenges_expires on operator_challenges (expires);

revoke all on operator_passkeys, operator_challenges from public, rookery_server, rookery_stator;
grant select, insert, update, delete on operator_passkeys, operator_challenges to rookery_host;

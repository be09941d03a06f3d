-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What programs need that act for people: one-time codes by which they get their tokens.

-- Functions are for those that they are granted to.
alter default privileges revoke execute on functions from public;

create function table_protect(p_table text) returns void
language plpgsql
as $$
begin
    execute format('alter table %I enable row level security', p_table);
    execute format('alter table %I force row level security', p_table);
    execute format('create policy host on %I to rookery_owner, rookery_host using (true) with check (true)', p_table);
    execute format('create policy tenant on %I to rookery_server, rookery_stator
        using (domain_id = current_domain()) with check (domain_id = current_domain())', p_table);
end
$$;
comment on function table_protect is 'Row-level security of a table whose rows belong to the tenant in domain_id.';
revoke execute on function table_protect(text) from public;

alter table tokens add column user_agent text not null default '';
comment on column tokens.user_agent is 'Program as it named itself when it got the token.';

create table oauth_codes (
    code_hash bytea primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    application_id bigint not null references applications (id) on delete cascade,
    user_id bigint not null references users (id) on delete cascade,
    identity_id bigint not null references identities (id),
    redirect_uri text not null,
    scopes text[] not null,
    challenge text not null default '',
    token_id bigint references tokens (id) on delete cascade,
    expires timestamptz not null
);
comment on table oauth_codes is '[tenant] Codes that a person granted to an application, each good for one token.';
comment on column oauth_codes.code_hash is 'SHA-256 of the code.';
comment on column oauth_codes.domain_id is 'The tenant.';
comment on column oauth_codes.application_id is 'Who may redeem it.';
comment on column oauth_codes.user_id is 'Who granted it.';
comment on column oauth_codes.identity_id is 'Whom the token will act as.';
comment on column oauth_codes.redirect_uri is 'Where it was sent; the redeemer has to say the same.';
comment on column oauth_codes.scopes is 'What was granted.';
comment on column oauth_codes.challenge is 'PKCE code challenge (S256, RFC 7636); empty: none.';
comment on column oauth_codes.token_id is 'The token that it was redeemed for: a second use revokes that.';
comment on column oauth_codes.expires is 'Some minutes after it was made.';
create index oauth_codes_expires on oauth_codes (expires);
select table_protect('oauth_codes');

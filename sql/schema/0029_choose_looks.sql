-- SPDX-License-Identifier: AGPL-3.0-or-later
-- How pages look to a person: language, colours, size, motion, keys.

alter table users
    add column language text not null default '' check (length(language) <= 35),
    add column theme text not null default 'auto' check (theme in ('auto', 'light', 'dark', 'contrast')),
    add column text_size text not null default 'medium' check (text_size in ('medium', 'large', 'largest')),
    add column still boolean not null default false,
    add column shortcuts boolean not null default true;
comment on column users.language is 'Of pages, BCP 47; empty: what the browser asks for.';
comment on column users.theme is 'Colours of pages; auto: what the system has.';
comment on column users.text_size is 'Size of the text of pages.';
comment on column users.still is 'Nothing on pages may move.';
comment on column users.shortcuts is 'Single keys do something on pages.';

-- The language of a tenant's pages for those who ask for none: the first that it says it speaks.
create function domain_language(p_domain_id bigint) returns text
language sql security definer set search_path = public stable
as $$
    select coalesce((select split_part(btrim(s.value #>> '{}'), ' ', 1) from domain_settings s
        where s.domain_id = p_domain_id and s.key = 'languages'), '')
$$;
comment on function domain_language is 'The first language of a tenant, for the snapshot of all tenants; empty: not said.';
revoke execute on function domain_language(bigint) from public;
grant execute on function domain_language(bigint) to rookery_server, rookery_stator, rookery_host;

create trigger domain_settings_changed after insert or update or delete on domain_settings
    for each statement execute function domains_changed();

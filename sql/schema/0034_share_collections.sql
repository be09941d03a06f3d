-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Collections of accounts between servers (FEP-7aa9): those of remote owners are kept beside ours, with the consent of
-- each who is in them; members elsewhere are asked. Rows without a tenant are written by the functions here alone.

alter table identities add column featurable boolean not null default false;
comment on column identities.featurable is 'Of a remote one: its policy lets somebody put it into a collection, or ask.';

alter table featured_collections
    alter column domain_id drop not null,
    add column uri text unique check (length(uri) <= 2048),
    add column url text not null default '' check (length(url) <= 2048);
comment on column featured_collections.domain_id is 'The tenant; null: the owner is remote.';
comment on column featured_collections.uri is 'Id of a remote one; null: ours, whose id is made of the owner''s and this one''s.';
comment on column featured_collections.url is 'Page of a remote one; empty: none.';

alter table featured_collection_items
    alter column domain_id drop not null,
    drop column status,
    add column uri text not null default '' check (length(uri) <= 2048),
    add column request_uri text not null default '' check (length(request_uri) <= 2048),
    add column authorization_uri text not null default '' check (length(authorization_uri) <= 2048),
    add column state text not null default 'pending'
        check (state in ('new', 'pending', 'accepting', 'accepted', 'rejecting', 'rejected', 'revoking', 'revoked')),
    add column status text generated always as (case state
        when 'new' then 'pending' when 'accepting' then 'accepted' when 'rejecting' then 'rejected'
        when 'revoking' then 'revoked' else state end) stored,
    add column state_changed timestamptz not null default now(),
    add column state_next_attempt timestamptz not null default now(),
    add column state_attempts integer not null default 0,
    add column state_locked_by text,
    add column state_error text not null default '',
    add column state_lane bigint not null default 0,
    add column state_trace bigint default nullif(current_setting('rookery.trace', true), '')::bigint;
comment on column featured_collection_items.domain_id is 'The collection''s tenant; null: its owner is remote.';
comment on column featured_collection_items.target_domain_id is 'Tenant of a local target; null: it is remote.';
comment on column featured_collection_items.uri is 'Id of the item of a remote collection; empty: not said, or ours.';
comment on column featured_collection_items.request_uri is 'Id of the activity that asked for consent; empty: none.';
comment on column featured_collection_items.authorization_uri is 'Id of a remote target''s consent; empty: none.';
comment on column featured_collection_items.status is 'The same for programs: pending, accepted, rejected or revoked.';
comment on column featured_collection_items.state_changed is 'When the state was entered.';
comment on column featured_collection_items.state_next_attempt is 'When it is due; while locked, the end of the lease.';
comment on column featured_collection_items.state_attempts is 'Attempts in this state without progress.';
comment on column featured_collection_items.state_locked_by is 'The worker that holds it; null: nobody.';
comment on column featured_collection_items.state_error is 'Why the last attempt made no progress; short.';
comment on column featured_collection_items.state_trace is 'The unit of work that made it, which logs name in hexadecimal.';
comment on column featured_collection_items.state_lane is 'Whose turn it is: work is claimed round-robin over lanes.';
create index featured_collection_items_request on featured_collection_items (request_uri) where request_uri <> '';
create index featured_collection_items_authorization on featured_collection_items (authorization_uri)
    where authorization_uri <> '';

-- What a remote owner says of a collection; null when it has too many, or the id is somebody else's.
create function featured_collection_store(p_owner bigint, p_uri text, p_url text, p_name text, p_description text,
    p_language text, p_sensitive boolean, p_discoverable boolean, p_tag text, p_created timestamptz, p_most bigint)
returns bigint
language plpgsql security definer set search_path = public
as $$
declare
    stored bigint;
begin
    perform from identities i where i.id = p_owner and i.domain_id is null and i.deleted is null for no key update;
    if not found then
        return null;
    end if;
    update featured_collections c
    set url = p_url, name = p_name, description = p_description, language = p_language, sensitive = p_sensitive,
        discoverable = p_discoverable, hashtag_id = (select h.id from hashtags h where h.name = p_tag), updated = now()
    where c.uri = p_uri and c.identity_id = p_owner
    returning c.id into stored;
    if stored is null and (select count(*) from featured_collections c where c.identity_id = p_owner) < p_most then
        insert into featured_collections (identity_id, uri, url, name, description, language, sensitive, discoverable,
            hashtag_id, created)
        values (p_owner, p_uri, p_url, p_name, p_description, p_language, p_sensitive, p_discoverable,
            (select h.id from hashtags h where h.name = p_tag), coalesce(p_created, now()))
        on conflict (uri) do nothing
        returning id into stored;
    end if;
    return stored;
end
$$;
comment on function featured_collection_store is 'Keeps a collection of a remote owner; its id.';

-- Remote targets only, whose consent is looked at; consents that were refused or taken back are not looked at again. Of
-- local targets we know ourselves.
create function featured_collection_store_items(p_id bigint, p_targets bigint[], p_uris text[], p_authorizations text[],
    p_whole boolean, p_most bigint)
returns void
language plpgsql security definer set search_path = public
as $$
begin
    update featured_collection_items i
    set uri = n.uri
    from unnest(p_targets, p_uris) n (target, uri)
    where i.collection_id = p_id and i.domain_id is null and i.target_id = n.target and i.target_domain_id is not null;
    if p_whole then
        -- An own one that was never listed may just not be listed yet.
        delete from featured_collection_items i
        where i.collection_id = p_id and i.domain_id is null and i.target_id <> all (p_targets)
            and i.status in ('pending', 'accepted') and (i.target_domain_id is null or i.uri <> '');
    end if;
    insert into featured_collection_items as i (collection_id, owner_id, target_id, uri, authorization_uri, state, state_lane)
    select c.id, c.identity_id, t.id, n.uri, n.stamp, 'new', coalesce(t.server_id, 0)
    from featured_collections c
    cross join unnest(p_targets, p_uris, p_authorizations) with ordinality n (target, uri, stamp, place)
    join identities t on t.id = n.target
    where c.id = p_id and c.domain_id is null and t.domain_id is null and t.deleted is null
        and (select count(*) from featured_collection_items o where o.collection_id = p_id) + n.place <= p_most * 2
    on conflict (collection_id, target_id) do update
    set uri = excluded.uri, authorization_uri = excluded.authorization_uri, state = 'new', state_changed = now(),
        state_next_attempt = now(), state_attempts = 0, state_locked_by = null
    where i.authorization_uri <> excluded.authorization_uri;
end
$$;
comment on function featured_collection_store_items is 'Keeps who is in a collection of a remote owner.';

-- A collection of a remote owner's, or one of its items; whether there was one. Who left for good is remembered.
create function featured_collection_forget(p_owner bigint, p_uri text, p_item boolean) returns boolean
language plpgsql security definer set search_path = public
as $$
begin
    if p_item then
        delete from featured_collection_items i
        where i.owner_id = p_owner and i.domain_id is null and i.uri = p_uri and i.uri <> ''
            and i.status in ('pending', 'accepted');
    else
        delete from featured_collections c where c.identity_id = p_owner and c.domain_id is null and c.uri = p_uri;
    end if;
    return found;
end
$$;
comment on function featured_collection_forget is 'Forgets a collection of a remote owner, or an item of one.';

create function featured_collection_withdraw(p_target bigint, p_authorization text) returns boolean
language plpgsql security definer set search_path = public
as $$
begin
    update featured_collection_items i
    set state = case when i.domain_id is null then 'revoked' else 'revoking' end, state_changed = now(),
        state_next_attempt = now(), state_attempts = 0, state_locked_by = null
    where i.target_id = p_target and i.target_domain_id is null and i.authorization_uri = p_authorization
        and p_authorization <> '' and i.state in ('new', 'pending', 'accepting', 'accepted');
    return found;
end
$$;
comment on function featured_collection_withdraw is 'A remote target takes its consent back, wherever it stands.';

create function featured_collection_item_find(p_id bigint) returns setof featured_collection_items
language sql security definer set search_path = public stable
as $$
    select * from featured_collection_items where id = p_id
$$;
comment on function featured_collection_item_find is 'An item, for who works on it.';

create function featured_collection_find_uri(p_uri text) returns setof featured_collections
language sql security definer set search_path = public stable
as $$
    select * from featured_collections where uri = p_uri
$$;
comment on function featured_collection_find_uri is 'A collection of a remote owner.';

do $$
declare
    f text;
begin
    foreach f in array array['featured_collection_store', 'featured_collection_store_items', 'featured_collection_forget',
        'featured_collection_withdraw', 'featured_collection_item_find', 'featured_collection_find_uri']
    loop
        execute format('revoke execute on function %I from public', f);
        execute format('grant execute on function %I to rookery_server, rookery_stator, rookery_host', f);
    end loop;
end
$$;

insert into stator_types (name, relation, automatic, domain_expression) values
    ('featuring', 'featured_collection_items', '{new,accepting,rejecting,revoking}',
        'coalesce(r.domain_id, r.target_domain_id, 0)');
select stator_add_type('featuring');
select stator_make_doors();

-- A like or boost of ours that was refused while it waited was told to nobody: there is nothing to take back.
create or replace function consent_follow() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if new.state in ('accepting', 'accepted') and old.state not in ('accepting', 'accepted') then
        update posts
        set consent = '', state = 'new', state_changed = now(), state_next_attempt = now(), state_attempts = 0,
            state_locked_by = null
        where id = new.reply_id and consent <> '' and deleted is null;
        update interactions
        set state = 'new', state_changed = now(), state_next_attempt = now(), state_attempts = 0, state_locked_by = null
        where uri = new.uri and identity_id = new.actor_id and state = 'pending';
    elsif new.state in ('rejecting', 'rejected') and old.state in ('new', 'pending') then
        update posts set consent = 'refused' where id = new.reply_id and consent = 'pending';
    elsif old.state in ('accepting', 'accepted') and new.state not in ('accepting', 'accepted') then
        -- What everybody saw is taken back everywhere.
        update posts
        set content = '', source = '', summary = '', detail = '{}', deleted = now(), state = 'deleted', state_changed = now(),
            state_next_attempt = now(), state_attempts = 0, state_locked_by = null
        where id = new.reply_id and deleted is null;
    end if;
    if new.state in ('rejecting', 'rejected', 'revoking', 'revoked') and old.state not in ('rejecting', 'rejected', 'revoking', 'revoked') then
        update interactions
        set state = case when state = 'pending' and domain_id is not null then 'gone' else 'undone' end,
            state_changed = now(), state_next_attempt = now(), state_attempts = 0, state_locked_by = null
        where uri = new.uri and identity_id = new.actor_id and state in ('new', 'pending', 'fanned_out');
    end if;
    return null;
end
$$;

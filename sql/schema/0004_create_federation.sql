-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What goes out to and comes in from other servers.

create table activities (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id),
    identity_id bigint not null references identities (id),
    uri text not null unique,
    type text not null,
    body text not null,
    created timestamptz not null default now()
);
comment on table activities is '[tenant] Activities of local identities, serialised once for all their deliveries.';
comment on column activities.id is 'Id.';
comment on column activities.domain_id is 'The tenant.';
comment on column activities.identity_id is 'The actor, whose key signs.';
comment on column activities.uri is 'Id of the activity.';
comment on column activities.type is 'ActivityStreams type.';
comment on column activities.body is 'The bytes that are sent.';
comment on column activities.created is 'When it was made.';
create index activities_created on activities (created);

create table deliveries (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id),
    activity_id bigint not null references activities (id) on delete cascade,
    server_id bigint not null references servers (id),
    inbox_uri text not null check (length(inbox_uri) <= 2048),
    state text not null default 'waiting' check (state in ('waiting', 'sent', 'refused', 'failed')),
    like state_row including defaults including comments,
    unique (activity_id, inbox_uri)
);
comment on table deliveries is '[tenant] One activity to one inbox, however many followers are behind it.';
comment on column deliveries.id is 'Id.';
comment on column deliveries.domain_id is 'The tenant.';
comment on column deliveries.activity_id is 'What is sent.';
comment on column deliveries.server_id is 'The server that it goes to.';
comment on column deliveries.inbox_uri is 'Where it is posted.';
create index deliveries_server on deliveries (server_id) where state = 'waiting';

create table inbox_messages (
    id bigint generated always as identity primary key,
    digest bytea not null unique,
    actor_uri text not null,
    signer_id bigint not null references identities (id) on delete cascade,
    type text not null,
    domain_ids bigint[] not null,
    body text not null,
    received timestamptz not null default now(),
    state text not null default 'received' check (state in ('received', 'processed', 'refused')),
    like state_row including defaults including comments
);
comment on table inbox_messages is '[neutral] Activities that came in with a valid signature; the same bytes for several tenants are one row.';
comment on column inbox_messages.id is 'Order of arrival.';
comment on column inbox_messages.digest is 'SHA-256 of the body.';
comment on column inbox_messages.actor_uri is 'Who did it: the signer.';
comment on column inbox_messages.signer_id is 'The identity whose key signed.';
comment on column inbox_messages.type is 'ActivityStreams type.';
comment on column inbox_messages.domain_ids is 'Tenants whose inboxes it came to.';
comment on column inbox_messages.body is 'The document as it came.';
comment on column inbox_messages.received is 'When it first came.';

create unlogged table seen_signatures (
    fingerprint bytea primary key,
    received timestamptz not null default now()
);
comment on table seen_signatures is '[neutral] Signatures of the last hours: one seen again is a replay and does nothing.';
comment on column seen_signatures.fingerprint is 'SHA-256 of the signature, the receiving tenant included.';
comment on column seen_signatures.received is 'When it came.';
create index seen_signatures_received on seen_signatures (received);

-- Stores an activity and says whether it is new to this tenant; a replay of the same signature changes nothing.
-- A body that was processed before is examined again, since peers repeat a Follow whose Accept they lost.
create function inbox_store(
    p_fingerprint bytea, p_digest bytea, p_actor_uri text, p_signer_id bigint, p_type text, p_domain_id bigint,
    p_body text, p_lane bigint)
returns boolean
language plpgsql
as $$
begin
    insert into seen_signatures (fingerprint) values (p_fingerprint) on conflict do nothing;
    if not found then
        return false;
    end if;
    insert into inbox_messages (digest, actor_uri, signer_id, type, domain_ids, body, state_lane)
    values (p_digest, p_actor_uri, p_signer_id, p_type, array[p_domain_id], p_body, p_lane)
    on conflict (digest) do update
    set domain_ids = case
            when p_domain_id = any (inbox_messages.domain_ids) then inbox_messages.domain_ids
            else inbox_messages.domain_ids || p_domain_id
        end,
        state = 'received',
        state_changed = now(),
        state_next_attempt = now(),
        state_attempts = 0,
        state_locked_by = null;
    return true;
end
$$;
comment on function inbox_store is 'Stores one received activity; false for a replay.';

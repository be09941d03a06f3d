-- SPDX-License-Identifier: AGPL-3.0-or-later

-- One identity by its id.
-- name: identity_by_id :one identity
select id, domain_id, server_id, actor_uri, actor_type, username, host, is_system, name, summary, url, inbox_uri,
    shared_inbox_uri, outbox_uri, followers_uri, following_uri, featured_uri, icon_uri, image_uri, fields,
    also_known_as, moved_to_uri, locked, discoverable, indexable, show_follows, followers_count, following_count,
    posts_count, last_posted, summary_text, icon_description, image_description, show_media, show_media_replies,
    show_featured, attribution_domains, published, created, fetched, edited, deleted, state
from identities
where id = :id;

-- Several identities by their ids, for the second query of a page.
-- name: identity_by_ids :many identity
select id, domain_id, server_id, actor_uri, actor_type, username, host, is_system, name, summary, url, inbox_uri,
    shared_inbox_uri, outbox_uri, followers_uri, following_uri, featured_uri, icon_uri, image_uri, fields,
    also_known_as, moved_to_uri, locked, discoverable, indexable, show_follows, followers_count, following_count,
    posts_count, last_posted, summary_text, icon_description, image_description, show_media, show_media_replies,
    show_featured, attribution_domains, published, created, fetched, edited, deleted, state
from identities
where id = any (:ids);

-- The identity of an actor URI.
-- name: identity_by_uri :one identity
select id, domain_id, server_id, actor_uri, actor_type, username, host, is_system, name, summary, url, inbox_uri,
    shared_inbox_uri, outbox_uri, followers_uri, following_uri, featured_uri, icon_uri, image_uri, fields,
    also_known_as, moved_to_uri, locked, discoverable, indexable, show_follows, followers_count, following_count,
    posts_count, last_posted, summary_text, icon_description, image_description, show_media, show_media_replies,
    show_featured, attribution_domains, published, created, fetched, edited, deleted, state
from identities
where actor_uri = :uri;

-- The identity of a handle; username_key is in lower case.
-- name: identity_by_handle :one identity
select id, domain_id, server_id, actor_uri, actor_type, username, host, is_system, name, summary, url, inbox_uri,
    shared_inbox_uri, outbox_uri, followers_uri, following_uri, featured_uri, icon_uri, image_uri, fields,
    also_known_as, moved_to_uri, locked, discoverable, indexable, show_follows, followers_count, following_count,
    posts_count, last_posted, summary_text, icon_description, image_description, show_media, show_media_replies,
    show_featured, attribution_domains, published, created, fetched, edited, deleted, state
from identities
where host = :host
    and username_key = :username_key;

-- Identities of the present tenant, oldest first.
-- name: identity_list :many identity
select id, domain_id, server_id, actor_uri, actor_type, username, host, is_system, name, summary, url, inbox_uri,
    shared_inbox_uri, outbox_uri, followers_uri, following_uri, featured_uri, icon_uri, image_uri, fields,
    also_known_as, moved_to_uri, locked, discoverable, indexable, show_follows, followers_count, following_count,
    posts_count, last_posted, summary_text, icon_description, image_description, show_media, show_media_replies,
    show_featured, attribution_domains, published, created, fetched, edited, deleted, state
from identities
where domain_id = :domain_id
    and not is_system
order by id
limit :limit;

-- Identities that a log-in holds on the present tenant.
-- name: identity_of_user :many identity
select id, domain_id, server_id, actor_uri, actor_type, username, host, is_system, name, summary, url, inbox_uri,
    shared_inbox_uri, outbox_uri, followers_uri, following_uri, featured_uri, icon_uri, image_uri, fields,
    also_known_as, moved_to_uri, locked, discoverable, indexable, show_follows, followers_count, following_count,
    posts_count, last_posted, summary_text, icon_description, image_description, show_media, show_media_replies,
    show_featured, attribution_domains, published, created, fetched, edited, deleted, state
from identities
where id in (select iu.identity_id from identity_users iu where iu.user_id = :user_id)
    and deleted is null
order by id;

-- A new local identity of a tenant, which is served at an origin; the system actor lives at actor/.
-- name: identity_create :one identity_id
insert into identities (domain_id, actor_type, username, host, is_system, actor_uri, url, inbox_uri, shared_inbox_uri,
    outbox_uri, followers_uri, following_uri, featured_uri, published, discoverable, locked, state, state_next_attempt,
    state_lane)
select :domain_id, :actor_type, :username, :host, :is_system, a.uri, :url, a.uri || 'inbox/', :origin::text || '/inbox/',
    a.uri || 'outbox/', a.uri || 'followers/', a.uri || 'following/', a.uri || 'collections/featured/', now(),
    not :is_system, :is_system, 'updated', now() + interval '7 days', :domain_id
from (select :actor_uri::text as uri) a
returning id;

-- A key pair of a local identity.
-- name: identity_add_key :exec
with public_half as (
    insert into public_keys (key_uri, identity_id, public_der)
    values (:key_uri, :identity_id, :public_der)
)
insert into identity_keys (domain_id, identity_id, key_uri, private_der)
values (:domain_id, :identity_id, :key_uri, :private_der);

-- Who may act as an identity.
-- name: identity_add_user :exec
insert into identity_users (identity_id, user_id, domain_id)
values (:identity_id, :user_id, :domain_id)
on conflict do nothing;

-- The key that signs for a local identity.
-- name: identity_key :one identity_key
select key_uri, private_der
from identity_keys
where identity_id = :identity_id
    and retired is null;

-- The public key by its URI, with its owner's state.
-- name: public_key :one public_key
select k.key_uri, k.identity_id, k.public_der, k.fetched, i.deleted
from public_keys k
join identities i on i.id = k.identity_id
where k.key_uri = :key_uri;

-- Public keys of an identity.
-- name: public_keys_of :many public_key
select k.key_uri, k.identity_id, k.public_der, k.fetched, i.deleted
from public_keys k
join identities i on i.id = k.identity_id
where k.identity_id = :identity_id
order by k.key_uri;

-- Gives up a handle that another remote actor has now.
-- name: identity_yield_handle :exec
update identities
set host = null
where host = :host
    and username_key = lower(:username)
    and actor_uri <> :actor_uri
    and domain_id is null;

-- Stores what a remote actor says of itself. Local ones are never touched.
-- name: identity_store :one identity_id
insert into identities as i (server_id, actor_uri, actor_type, username, host, name, summary, url, inbox_uri,
    shared_inbox_uri, outbox_uri, followers_uri, following_uri, featured_uri, icon_uri, image_uri, fields, also_known_as,
    moved_to_uri, attribution_domains, locked, discoverable, indexable, featurable, published, fetched, state, state_next_attempt,
    state_lane)
values (:server_id, :actor_uri, :actor_type, :username, :host?, :name, :summary, :url, :inbox_uri, :shared_inbox_uri,
    :outbox_uri, :followers_uri, :following_uri, :featured_uri, :icon_uri, :image_uri, :fields, :also_known_as,
    :moved_to_uri, :attribution_domains, :locked, :discoverable, :indexable, :featurable, :published?, now(), 'updated',
    now() + interval '7 days', :server_id)
on conflict (actor_uri) do update
set actor_type = excluded.actor_type,
    username = excluded.username,
    host = coalesce(excluded.host, i.host),
    name = excluded.name,
    summary = excluded.summary,
    url = excluded.url,
    inbox_uri = excluded.inbox_uri,
    shared_inbox_uri = excluded.shared_inbox_uri,
    outbox_uri = excluded.outbox_uri,
    followers_uri = excluded.followers_uri,
    following_uri = excluded.following_uri,
    featured_uri = excluded.featured_uri,
    icon_uri = excluded.icon_uri,
    image_uri = excluded.image_uri,
    fields = fields_kept(i.fields, excluded.fields),
    fields_checked = case when fields_kept(i.fields, excluded.fields) = i.fields then i.fields_checked end,
    attribution_domains = excluded.attribution_domains,
    also_known_as = excluded.also_known_as,
    moved_to_uri = excluded.moved_to_uri,
    locked = excluded.locked,
    discoverable = excluded.discoverable,
    indexable = excluded.indexable,
    featurable = excluded.featurable,
    published = excluded.published,
    fetched = now()
where i.domain_id is null
    and i.deleted is null
returning id;

-- Exactly these keys are the actor's.
-- name: identity_store_keys :exec
with gone as (
    delete from public_keys
    where identity_id = :identity_id
        and key_uri <> all (:key_uris)
)
insert into public_keys as k (key_uri, identity_id, public_der)
select n.uri, :identity_id, n.der
from unnest(:key_uris::text[], :ders::bytea[]) n (uri, der)
on conflict (key_uri) do update
set public_der = excluded.public_der,
    fetched = now()
where k.identity_id = excluded.identity_id;

-- Marks a remote identity whose server says 410, or a local one that its owner deletes.
-- name: identity_mark_deleted :exec
update identities
set deleted = now(),
    name = '',
    summary = '',
    icon_uri = '',
    image_uri = '',
    summary_text = '',
    icon_description = '',
    image_description = '',
    attribution_domains = '{}',
    fields = '[]',
    state = 'deleted',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and deleted is null;

-- Ends everything that a deleted identity wrote, did and followed, on all tenants.
-- name: identity_bury :exec
select identity_bury(:id)::text as "done?";

-- Takes a deleted identity from its log-ins.
-- name: identity_remove_users :exec
with ended as (
    delete from sessions where identity_id = :id
), revoked as (
    delete from tokens where identity_id = :id
)
delete from identity_users
where identity_id = :id;

-- Whether anybody here has to do with a remote identity.
-- name: identity_is_wanted :one identity_wanted
select identity_is_wanted(:id) as "wanted!";

-- A local profile is edited.
-- name: identity_edit :exec
update identities
set name = :name,
    actor_type = case when actor_type not in ('Person', 'Service') then actor_type when :bot then 'Service' else 'Person' end,
    summary = :summary,
    summary_text = :summary_text,
    fields = :fields,
    icon_description = :icon_description,
    image_description = :image_description,
    attribution_domains = :attribution_domains,
    locked = :locked,
    discoverable = :discoverable,
    indexable = :indexable,
    show_follows = :show_follows,
    show_media = :show_media,
    show_media_replies = :show_media_replies,
    show_featured = :show_featured,
    edited = now(),
    state = 'edited',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and domain_id = :domain_id
    and deleted is null;

-- Fields of a profile that were verified, unless it was edited meanwhile.
-- name: identity_set_verified :exec
update identities
set fields = :fields
where id = :id
    and domain_id is not distinct from :domain_id?::bigint
    and fields = :before;

-- Somebody looks at a remote profile or follows it: addresses in its fields are to be looked at, when that was not
-- done for a week.
-- name: identity_look :exec
update identities
set state = 'edited',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and domain_id is null
    and deleted is null
    and state = 'updated'
    and (fields_checked is null or fields_checked < now() - interval '7 days')
    and fields @? '$[*] ? (!exists (@.verified) && @.value like_regex "https://")';

-- The addresses in the fields of a remote profile were looked at.
-- name: identity_fields_checked :exec
update identities
set fields_checked = now()
where id = :id
    and domain_id is null;

-- A tenant whose names are known to others cannot change them any more.
-- name: domain_has_federated :exec
update domains
set federated = true
where id = :id
    and not federated;

-- Tells other servers what a local identity looks like now, though it did not edit itself.
-- name: identity_republish :exec
update identities
set state = 'edited',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and domain_id is not null
    and deleted is null
    and state in ('outdated', 'updated', 'edited');

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- One collection, of whichever tenant.
-- name: featured_collection_get :one featured_collection
select c.id as "id!", coalesce(c.domain_id, 0) as "domain_id!", c.identity_id as "identity_id!",
    o.actor_uri as "owner_uri!", coalesce(c.uri, o.actor_uri || 'collections/' || c.id || '/') as "uri!", c.url as "url!",
    c.name as "name!", c.description as "description!", c.language as "language!", c.sensitive as "sensitive!",
    c.discoverable as "discoverable!", coalesce(h.name, '') as "tag!", c.created as "created!", c.updated as "updated!"
from featured_collection_find(:id) c
join identities o on o.id = c.identity_id and o.deleted is null
left join hashtags h on h.id = c.hashtag_id;

-- Collections of an identity, newest first: for others those that are discoverable.
-- name: featured_collection_list :many featured_collection
select c.id as "id!", coalesce(c.domain_id, 0) as "domain_id!", c.identity_id as "identity_id!",
    o.actor_uri as "owner_uri!", coalesce(c.uri, o.actor_uri || 'collections/' || c.id || '/') as "uri!", c.url as "url!",
    c.name as "name!", c.description as "description!", c.language as "language!", c.sensitive as "sensitive!",
    c.discoverable as "discoverable!", coalesce(h.name, '') as "tag!", c.created as "created!", c.updated as "updated!"
from featured_collections_of(:identity_id) c
join identities o on o.id = c.identity_id and o.deleted is null
left join hashtags h on h.id = c.hashtag_id
where c.discoverable or c.identity_id = :viewer
order by c.id desc
limit :limit
offset :offset;

-- Collections that an identity is in, newest first: for others than it and the owner those that are discoverable, for
-- itself also those that it is asked to be in.
-- name: featured_collection_with :many featured_collection
select c.id as "id!", coalesce(c.domain_id, 0) as "domain_id!", c.identity_id as "identity_id!",
    o.actor_uri as "owner_uri!", coalesce(c.uri, o.actor_uri || 'collections/' || c.id || '/') as "uri!", c.url as "url!",
    c.name as "name!", c.description as "description!", c.language as "language!", c.sensitive as "sensitive!",
    c.discoverable as "discoverable!", coalesce(h.name, '') as "tag!", c.created as "created!", c.updated as "updated!"
from featured_collections_with(:identity_id, :viewer::bigint = :identity_id) c
join identities o on o.id = c.identity_id and o.deleted is null
left join hashtags h on h.id = c.hashtag_id
where (c.discoverable or :viewer in (c.identity_id, :identity_id))
    and not identity_is_hidden(:viewer, c.identity_id)
order by c.id desc
limit :limit
offset :offset;

-- Who is in collections, in the order in which they were put there: who has not answered yet is seen by the owner and by
-- themselves; nobody sees whom they hide.
-- name: featured_collection_items :many featured_collection_item
select i.id as "id!", i.collection_id as "collection_id!", i.target_id as "target_id!", i.status as "status!",
    i.created as "created!"
from featured_collection_items_of(:ids) i
join identities t on t.id = i.target_id and t.deleted is null
where (i.status = 'accepted' or (i.status = 'pending' and :viewer in (i.owner_id, i.target_id)))
    and not identity_is_hidden(:viewer, i.target_id)
order by i.id;

-- A new collection of an identity that has fewer than so many.
-- name: featured_collection_create :many featured_collection_id
insert into featured_collections (domain_id, identity_id, name, description, language, sensitive, discoverable, hashtag_id)
select :domain_id, :identity_id, :name, :description, :language, :sensitive, :discoverable,
    (select h.id from hashtags h where h.name = :tag)
where (select count(*) from featured_collections c where c.identity_id = :identity_id) < :most
returning id;

-- Changes a collection.
-- name: featured_collection_set :exec
update featured_collections
set name = :name,
    description = :description,
    language = :language,
    sensitive = :sensitive,
    discoverable = :discoverable,
    hashtag_id = (select h.id from hashtags h where h.name = :tag),
    updated = now()
where id = :id
    and identity_id = :identity_id
    and domain_id = :domain_id;

-- Forgets a collection.
-- name: featured_collection_delete :exec
delete from featured_collections
where id = :id
    and identity_id = :identity_id
    and domain_id = :domain_id;

-- Puts identities into a collection, while there is room: who wants to be found has consented, others are asked. Who is
-- in it already, or does not want to be, is passed over.
-- name: featured_collection_add :many featured_collection_item
with made as (
    insert into featured_collection_items (collection_id, owner_id, target_id, domain_id, target_domain_id, state, state_lane)
    select c.id, c.identity_id, t.id, c.domain_id, t.domain_id,
        case when t.domain_id is null then 'new' when t.discoverable then 'accepting' else 'pending' end, c.domain_id
    from featured_collections c
    cross join unnest(:target_ids::bigint[]) with ordinality a (id, place)
    join identities t on t.id = a.id
    where c.id = :id
        and c.identity_id = :identity_id
        and (t.domain_id is not null or t.featurable)
        and t.deleted is null
        and not t.is_system
        and not exists (
            select from blocks b
            where b.source_id = t.id and b.target_id = c.identity_id and b.kind = 'block' and b.state in ('new', 'sent'))
        and (select count(*) from featured_collection_items i where i.collection_id = c.id and i.status in ('pending', 'accepted'))
            + cardinality(:target_ids) <= :most
    order by a.place
    on conflict do nothing
    returning id, collection_id, target_id, status, created
)
select id, collection_id, target_id, status, created from made;

-- Takes somebody out of a collection of its owner's.
-- name: featured_collection_remove :exec
delete from featured_collection_items
where id = :id
    and collection_id = :collection_id
    and owner_id = :identity_id
    and domain_id = :domain_id;

-- Somebody consents to being in a collection.
-- name: featured_collection_accept :exec
update featured_collection_items
set state = case when state = 'accepted' then state else 'accepting' end,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and collection_id = :collection_id
    and target_id = :identity_id
    and status in ('pending', 'accepted');

-- Somebody does not want to be in it, for good.
-- name: featured_collection_revoke :exec
update featured_collection_items
set state = case when status = 'pending' then 'rejecting' else 'revoking' end,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and collection_id = :collection_id
    and target_id = :identity_id
    and status in ('pending', 'accepted');

-- The members of a collection that consented, with where their consent stands: what is published.
-- name: featured_collection_published :many featured_member
select i.id as "id!", t.actor_uri as "actor_uri!", t.actor_type as "actor_type!", t.id as "target_id!",
    case when t.domain_id is null then i.authorization_uri else t.actor_uri || 'features/' || i.id || '/' end
        as "authorization_uri!",
    i.created as "created!"
from featured_collection_items_of(array[:id::bigint]) i
join identities t on t.id = i.target_id and t.deleted is null
where i.status = 'accepted'
order by i.id;

-- One item, with what its collection and both ends are.
-- name: featured_collection_item :one featuring
select i.id as "id!", i.collection_id as "collection_id!", i.owner_id as "owner_id!", i.target_id as "target_id!",
    coalesce(i.domain_id, 0) as "domain_id!", coalesce(i.target_domain_id, 0) as "target_domain_id!",
    i.status as "status!", i.request_uri as "request_uri!", i.authorization_uri as "authorization_uri!",
    coalesce(c.uri, o.actor_uri || 'collections/' || c.id || '/') as "collection_uri!"
from featured_collection_item_find(:id) i
join featured_collection_find(i.collection_id) c on true
join identities o on o.id = i.owner_id;

-- A collection of a remote owner by its id in ActivityPub.
-- name: featured_collection_by_uri :one featured_collection_owner
select c.id as "id!", c.identity_id as "identity_id!"
from featured_collection_find_uri(:uri) c;

-- Keeps one of a remote owner; 0: it cannot be kept.
-- name: featured_collection_store :one featured_collection_id
select coalesce(featured_collection_store(:owner_id, :uri, :url, :name, :description, :language, :sensitive, :discoverable,
    :tag, :created?, :most), 0) as "id!";

-- Keeps who is in it.
-- name: featured_collection_store_items :exec
select featured_collection_store_items(:id, :target_ids, :uris, :authorizations, :whole, :most);

-- Forgets one of a remote owner, or an item of one.
-- name: featured_collection_forget :one featured_found
select featured_collection_forget(:owner_id, :uri, :is_item) as "is_found!";

-- A remote target takes its consent back.
-- name: featured_collection_withdraw :one featured_found
select featured_collection_withdraw(:target_id, :uri) as "is_found!";

-- A remote owner asks a local identity; what it asked before stays as it was decided.
-- name: featured_collection_ask :one featured_collection_id
insert into featured_collection_items as i (collection_id, owner_id, target_id, target_domain_id, request_uri, state, state_lane)
values (:collection_id, :owner_id, :target_id, :target_domain_id, :request_uri, :state, :target_domain_id)
on conflict (collection_id, target_id) do update
set request_uri = excluded.request_uri,
    state = case i.status when 'accepted' then 'accepting' when 'pending' then excluded.state else 'rejecting' end,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
returning id;

-- Our requests by the id of what asked.
-- name: featured_collection_by_request :one featuring_id
select id, target_id, state
from featured_collection_items
where request_uri = :uri
    and request_uri <> ''
    and domain_id is not null;

-- Notes what asked.
-- name: featured_collection_set_request :exec
update featured_collection_items
set request_uri = :uri
where id = :id
    and domain_id is not null;

-- A remote target answers.
-- name: featured_collection_answered :exec
update featured_collection_items
set state = :state,
    authorization_uri = :authorization_uri,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and state = any (:from);

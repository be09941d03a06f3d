-- SPDX-License-Identifier: AGPL-3.0-or-later

-- One collection, of whichever tenant.
-- name: featured_collection_get :one featured_collection
select c.id as "id!", c.domain_id as "domain_id!", c.identity_id as "identity_id!", o.actor_uri as "owner_uri!",
    c.name as "name!", c.description as "description!", c.language as "language!", c.sensitive as "sensitive!",
    c.discoverable as "discoverable!", coalesce(h.name, '') as "tag!", c.created as "created!", c.updated as "updated!"
from featured_collection_find(:id) c
join identities o on o.id = c.identity_id and o.deleted is null
left join hashtags h on h.id = c.hashtag_id;

-- Collections of an identity, newest first: for others those that are discoverable.
-- name: featured_collection_list :many featured_collection
select c.id as "id!", c.domain_id as "domain_id!", c.identity_id as "identity_id!", o.actor_uri as "owner_uri!",
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
select c.id as "id!", c.domain_id as "domain_id!", c.identity_id as "identity_id!", o.actor_uri as "owner_uri!",
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
    insert into featured_collection_items (collection_id, owner_id, target_id, domain_id, target_domain_id, status)
    select c.id, c.identity_id, t.id, c.domain_id, t.domain_id,
        case when t.discoverable then 'accepted' else 'pending' end
    from featured_collections c
    cross join unnest(:target_ids::bigint[]) with ordinality a (id, place)
    join identities t on t.id = a.id
    where c.id = :id
        and c.identity_id = :identity_id
        and t.domain_id is not null
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
set status = 'accepted'
where id = :id
    and collection_id = :collection_id
    and target_id = :identity_id
    and status in ('pending', 'accepted');

-- Somebody does not want to be in it, for good.
-- name: featured_collection_revoke :exec
update featured_collection_items
set status = case when status = 'pending' then 'rejected' else 'revoked' end
where id = :id
    and collection_id = :collection_id
    and target_id = :identity_id
    and status in ('pending', 'accepted');

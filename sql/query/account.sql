-- SPDX-License-Identifier: AGPL-3.0-or-later

-- What lists of identities show beside their rows, as the present tenant sees them: the strongest role among its
-- staff, whether it limits or suspended them, and where they moved when the new one says the same.
-- name: account_extras :many account_extra
select i.id,
    coalesce((
        select g.role
        from identity_users u
        join staff_grants g on g.user_id = u.user_id
        where u.identity_id = i.id
            and g.domain_id = :domain_id
            and (g.expires is null or g.expires > now())
        order by array_position('{owner,admin,moderator}', g.role)
        limit 1), '') as "role!",
    i.id = any (array(select identities_silenced(:ids))) as "limited!",
    identity_is_suspended(i.id) as "suspended!",
    m.id as "moved_id?"
from identities i
left join identities m on i.moved_to_uri <> '' and m.actor_uri = i.moved_to_uri and i.actor_uri = any (m.also_known_as)
where i.id = any (:ids);

-- How many wait for an identity's approval.
-- name: account_requests_count :one account_count
select count(*) as "count!"
from follows
where target_id = :identity_id
    and state = 'pending_approval';

-- Accepted followers of an identity without those that a viewer (0: nobody) does not see, newest first; with min_id the
-- oldest above it.
-- name: account_followers :many account_page
select id as "id!", identity_id as "identity_id!", expires as "expires?"
from (
    (select f.id, f.source_id as identity_id, null::timestamptz as expires
     from follows f
     where f.target_id = :identity_id
        and f.state in ('accepting', 'accepted')
        and not identity_is_hidden(:viewer, f.source_id)
        and f.id < :max_id
        and f.id > :since_id
        and :min_id::bigint = 0
     order by f.id desc
     limit :limit)
    union all
    (select f.id, f.source_id as identity_id, null::timestamptz as expires
     from follows f
     where f.target_id = :identity_id
        and f.state in ('accepting', 'accepted')
        and not identity_is_hidden(:viewer, f.source_id)
        and f.id < :max_id
        and f.id > :min_id
        and :min_id::bigint <> 0
     order by f.id
     limit :limit)
) page
order by id desc;

-- Those whom an identity follows, likewise.
-- name: account_following :many account_page
select id as "id!", identity_id as "identity_id!", expires as "expires?"
from (
    (select f.id, f.target_id as identity_id, null::timestamptz as expires
     from follows f
     where f.source_id = :identity_id
        and f.state in ('accepting', 'accepted')
        and not identity_is_hidden(:viewer, f.target_id)
        and f.id < :max_id
        and f.id > :since_id
        and :min_id::bigint = 0
     order by f.id desc
     limit :limit)
    union all
    (select f.id, f.target_id as identity_id, null::timestamptz as expires
     from follows f
     where f.source_id = :identity_id
        and f.state in ('accepting', 'accepted')
        and not identity_is_hidden(:viewer, f.target_id)
        and f.id < :max_id
        and f.id > :min_id
        and :min_id::bigint <> 0
     order by f.id
     limit :limit)
) page
order by id desc;

-- Those who wait for an identity's approval.
-- name: account_requests :many account_page
select id as "id!", identity_id as "identity_id!", expires as "expires?"
from (
    (select f.id, f.source_id as identity_id, null::timestamptz as expires
     from follows f
     where f.target_id = :identity_id
        and f.state = 'pending_approval'
        and f.id < :max_id
        and f.id > :since_id
        and :min_id::bigint = 0
     order by f.id desc
     limit :limit)
    union all
    (select f.id, f.source_id as identity_id, null::timestamptz as expires
     from follows f
     where f.target_id = :identity_id
        and f.state = 'pending_approval'
        and f.id < :max_id
        and f.id > :min_id
        and :min_id::bigint <> 0
     order by f.id
     limit :limit)
) page
order by id desc;

-- Whom an identity blocks, or mutes.
-- name: account_blocks :many account_page
select id as "id!", identity_id as "identity_id!", expires as "expires?"
from (
    (select b.id, b.target_id as identity_id, b.expires
     from blocks b
     where b.source_id = :identity_id
        and b.kind = :kind
        and b.state in ('new', 'sent', 'expiring')
        and (b.expires is null or b.expires > now())
        and b.id < :max_id
        and b.id > :since_id
        and :min_id::bigint = 0
     order by b.id desc
     limit :limit)
    union all
    (select b.id, b.target_id as identity_id, b.expires
     from blocks b
     where b.source_id = :identity_id
        and b.kind = :kind
        and b.state in ('new', 'sent', 'expiring')
        and (b.expires is null or b.expires > now())
        and b.id < :max_id
        and b.id > :min_id
        and :min_id::bigint <> 0
     order by b.id
     limit :limit)
) page
order by id desc;

-- Who is on a list.
-- name: account_members :many account_page
select id as "id!", identity_id as "identity_id!", expires as "expires?"
from (
    (select a.id, a.member_id as identity_id, null::timestamptz as expires
     from list_accounts a
     where a.list_id = :list_id
        and a.id < :max_id
        and a.id > :since_id
        and :min_id::bigint = 0
     order by a.id desc
     limit :limit)
    union all
    (select a.id, a.member_id as identity_id, null::timestamptz as expires
     from list_accounts a
     where a.list_id = :list_id
        and a.id < :max_id
        and a.id > :min_id
        and :min_id::bigint <> 0
     order by a.id
     limit :limit)
) page
order by id desc;

-- Whom an identity shows on its page.
-- name: account_endorsed :many account_page
select id as "id!", identity_id as "identity_id!", expires as "expires?"
from (
    (select e.id, e.target_id as identity_id, null::timestamptz as expires
     from endorsements_of(:identity_id) e
     where true
        and e.id < :max_id
        and e.id > :since_id
        and :min_id::bigint = 0
     order by e.id desc
     limit :limit)
    union all
    (select e.id, e.target_id as identity_id, null::timestamptz as expires
     from endorsements_of(:identity_id) e
     where true
        and e.id < :max_id
        and e.id > :min_id
        and :min_id::bigint <> 0
     order by e.id
     limit :limit)
) page
order by id desc;

-- Identities that want to be found, most recently active first.
-- name: account_directory_active :many account_id
select i.id
from identities i
where i.discoverable
    and i.deleted is null
    and not i.is_system
    and i.moved_to_uri = ''
    and i.last_posted is not null
    and not identity_is_hidden(:viewer, i.id)
order by i.last_posted desc nulls last, i.id desc
limit :limit
offset :offset;

-- The same of the present tenant alone.
-- name: account_directory_active_here :many account_id
select i.id
from identities i
where i.domain_id = :domain_id
    and i.discoverable
    and i.deleted is null
    and not i.is_system
    and i.moved_to_uri = ''
    and not identity_is_hidden(:viewer, i.id)
order by i.last_posted desc nulls last, i.id desc
limit :limit
offset :offset;

-- Identities that want to be found, those first that came here last.
-- name: account_directory_new :many account_id
select i.id
from identities i
where i.discoverable
    and i.deleted is null
    and not i.is_system
    and i.moved_to_uri = ''
    and not identity_is_hidden(:viewer, i.id)
order by i.id desc
limit :limit
offset :offset;

-- The same of the present tenant alone.
-- name: account_directory_new_here :many account_id
select i.id
from identities i
where i.domain_id = :domain_id
    and i.discoverable
    and i.deleted is null
    and not i.is_system
    and i.moved_to_uri = ''
    and not identity_is_hidden(:viewer, i.id)
order by i.id desc
limit :limit
offset :offset;

-- Identities whose user name or display name begins with some text; with a host only user names of hosts that begin with
-- it. First those whose name is the whole text, then those that the viewer follows, then local ones, then those with more
-- followers. Of very many that begin so, only some are looked at: a longer text finds the others.
-- name: account_search :many account_id
with found as (
    (select i.id
     from identities i
     where i.username_key like :pattern
        and (:host = '' or i.host like :host)
     limit 500)
    union
    (select i.id
     from identities i
     where :host = ''
        and lower(i.name) like :pattern
     limit 500)
    union
    (select i.id
     from follows f
     join identities i on i.id = f.target_id
     where f.source_id = :viewer
        and f.state in ('accepting', 'accepted')
        and (i.username_key like :pattern or (:host = '' and lower(i.name) like :pattern))
        and (:host = '' or i.host like :host)
     limit 500)
)
select i.id
from found
join identities i on i.id = found.id
left join follows f on f.source_id = :viewer and f.target_id = i.id and f.state in ('accepting', 'accepted')
where i.deleted is null
    and not i.is_system
    and (not :following or f.id is not null)
order by i.username_key <> :name, f.id is null, i.domain_id is distinct from :domain_id, i.followers_count desc, i.id
limit :limit
offset :offset;

-- Of each of these identities, followers whom the viewer follows as well; nothing of those that hide their followers.
-- name: account_familiar :many account_familiar
select o.id as "target_id!", f.source_id as identity_id
from unnest(:ids::bigint[]) o (id)
join identities i on i.id = o.id and i.show_follows
join follows f on f.target_id = o.id and f.state in ('accepting', 'accepted')
join follows g on g.target_id = f.source_id and g.source_id = :viewer and g.state in ('accepting', 'accepted')
where f.source_id <> :viewer
order by o.id, f.id desc
limit 400;

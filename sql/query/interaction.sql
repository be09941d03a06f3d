-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A local identity likes, boosts, pins or votes; again after it was undone: anew.
-- name: interaction_add :exec
insert into interactions as x (id, kind, identity_id, post_id, domain_id, post_domain_id, uri, value, picture_url,
    visibility, state_lane)
select n.id, :kind, i.id, p.id, i.domain_id, p.domain_id, i.actor_uri || '#' || :kind || '/' || n.id, :value,
    :picture_url, :visibility, i.domain_id
from (select snowflake(1) as id) n, identities i, posts p
where i.id = :identity_id
    and p.id = :post_id
on conflict (identity_id, post_id, kind, value) do update
set id = excluded.id,
    uri = excluded.uri,
    visibility = excluded.visibility,
    published = now(),
    state = 'new',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where x.state in ('undone', 'gone');

-- A remote identity did.
-- name: interaction_receive :exec
insert into interactions as x (kind, identity_id, post_id, domain_id, post_domain_id, uri, value, picture_url, visibility,
    published, state_lane)
select :kind, :identity_id, p.id, null, p.domain_id, :uri, :value, :picture_url, :visibility, :published,
    coalesce(p.domain_id, 0)
from posts p
where p.id = :post_id
on conflict (identity_id, post_id, kind, value) do update
set uri = excluded.uri,
    visibility = excluded.visibility,
    published = excluded.published,
    state = 'new',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where x.state in ('undone', 'gone');

-- Takes one back.
-- name: interaction_remove :exec
update interactions
set state = 'undone',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where identity_id = :identity_id
    and post_id = :post_id
    and kind = :kind
    and state in ('new', 'pending', 'fanned_out');

-- Takes one reaction back.
-- name: interaction_unreact :exec
update interactions
set state = 'undone',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where identity_id = :identity_id
    and post_id = :post_id
    and kind = 'reaction'
    and value = :value
    and state in ('new', 'pending', 'fanned_out');

-- Takes one back by its URI; only its own actor can.
-- name: interaction_remove_uri :exec
update interactions
set state = 'undone',
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where identity_id = :identity_id
    and uri = :uri
    and state in ('new', 'pending', 'fanned_out');

-- One for its state machine.
-- name: interaction_by_id :one interaction
select id, kind, identity_id, post_id, domain_id, post_domain_id, uri, value, picture_url, visibility, published, state
from interactions
where id = :id;

-- A boost as such, for who may know of it: its id stands for it in the client API.
-- name: interaction_boost :one interaction
select id, kind, identity_id, post_id, domain_id, post_domain_id, uri, value, picture_url, visibility, published, state
from interactions
where id = :id
    and kind = 'boost'
    and state in ('new', 'fanned_out')
    and (visibility <> 'followers' or identity_id = :viewer or exists (
        select from follows f
        where f.source_id = :viewer and f.target_id = interactions.identity_id and f.state in ('accepting', 'accepted')));

-- The boost of a post by an identity.
-- name: interaction_boost_of :one interaction
select id, kind, identity_id, post_id, domain_id, post_domain_id, uri, value, picture_url, visibility, published, state
from interactions
where identity_id = :identity_id
    and post_id = :post_id
    and kind = 'boost'
    and state in ('new', 'fanned_out');

-- What a viewer did to these posts, keeps of them, and mutes; of votes also for which option.
-- name: interaction_of_viewer :many viewer_interaction
select i.post_id as "post_id!", i.kind as "kind!", i.value as "value!"
from interactions i
where i.identity_id = :identity_id
    and i.post_id = any (:post_ids)
    and i.state in ('new', 'pending', 'fanned_out')
union all
select b.post_id, 'bookmark', ''
from bookmarks b
where b.identity_id = :identity_id
    and b.post_id = any (:post_ids)
union all
select p.id, 'mute', ''
from posts p
join thread_mutes m on m.thread_id = coalesce(p.thread_id, p.id)
where p.id = any (:post_ids)
    and m.identity_id = :identity_id;

-- Reactions to these posts, the most frequent first.
-- name: interaction_reactions :many post_reaction
select post_id as "post_id!", name as "name!", picture_url as "picture_url!", count as "count!", me as "me!"
from post_reactions(:post_ids, :viewer);

-- Who liked or boosted a post, as far as the present tenant may know, last first.
-- name: interaction_people :many interaction_person
select i.id, i.identity_id
from interactions i
join identities who on who.id = i.identity_id
where i.post_id = :post_id
    and i.kind = :kind
    and i.state in ('new', 'fanned_out')
    and i.id < :max_id
    and i.id > :since_id
    and who.deleted is null
    and (i.visibility <> 'followers' or i.identity_id = :viewer or exists (
        select from follows f
        where f.source_id = :viewer and f.target_id = i.identity_id and f.state in ('accepting', 'accepted')))
    and not identity_is_hidden(:viewer, i.identity_id)
order by i.id desc
limit :limit;

-- Who reacted to a post and how, as far as the present tenant may know.
-- name: interaction_reactors :many interaction_reactor
select i.value, i.identity_id
from interactions i
join identities who on who.id = i.identity_id
where i.post_id = :post_id
    and i.kind = 'reaction'
    and i.state in ('new', 'fanned_out')
    and who.deleted is null
    and not identity_is_hidden(:viewer, i.identity_id)
order by i.id
limit :limit;

-- How many reactions an identity gave to a post.
-- name: interaction_count_reactions :one interaction_count
select count(*) as "n!"
from interactions
where identity_id = :identity_id
    and post_id = :post_id
    and kind = 'reaction'
    and state in ('new', 'fanned_out');

-- Votes of an identity in a poll.
-- name: interaction_votes :many interaction_vote
select value
from interactions
where identity_id = :identity_id
    and post_id = :post_id
    and kind = 'vote'
    and state in ('new', 'fanned_out');

-- How many posts an identity has pinned.
-- name: interaction_count_pins :one interaction_count
select count(*) as "n!"
from interactions i
join posts p on p.id = i.post_id
where i.identity_id = :identity_id
    and i.kind = 'pin'
    and i.state in ('new', 'fanned_out')
    and p.deleted is null;

-- Counts likes, boosts and replies of a post anew.
-- name: post_recount :exec
select post_recount(:post_id)::text as "done?";

-- Keeps a post for later.
-- name: bookmark_add :exec
insert into bookmarks (domain_id, identity_id, post_id)
select i.domain_id, i.id, :post_id
from identities i
where i.id = :identity_id
on conflict do nothing;

-- Lets go of it.
-- name: bookmark_remove :exec
delete from bookmarks
where identity_id = :identity_id
    and post_id = :post_id;

-- No more notifications about a thread.
-- name: thread_mute :exec
insert into thread_mutes (domain_id, identity_id, thread_id)
select i.domain_id, i.id, :thread_id
from identities i
where i.id = :identity_id
on conflict do nothing;

-- Notifications again.
-- name: thread_unmute :exec
delete from thread_mutes
where identity_id = :identity_id
    and thread_id = :thread_id;

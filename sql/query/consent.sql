-- SPDX-License-Identifier: AGPL-3.0-or-later

-- What a post's policy says of a reply, like, reaction or boost: automatic, manual or denied.
-- name: consent_judge :one consent_verdict
select consent_judge(:post_id, :kind, :actor_id) as "verdict!";

-- The policies of several posts.
-- name: consent_policies :many consent_policy
select p.id, p.reply_automatic, p.reply_manual, p.like_automatic, p.like_manual, p.boost_automatic, p.boost_manual,
    p.consent,
    coalesce((
        select c.owner_id from consents c
        where c.reply_id = p.id and c.state in ('accepting', 'accepted')), 0) as "granted_by!"
from posts p
where p.id = any (:ids);

-- The policy of a post from now on.
-- name: consent_set_policy :exec
update posts
set reply_automatic = :reply_automatic,
    reply_manual = :reply_manual,
    like_automatic = :like_automatic,
    like_manual = :like_manual,
    boost_automatic = :boost_automatic,
    boost_manual = :boost_manual
where id = :id
    and deleted is null;

-- Policies of new posts of an identity, where it chose some.
-- name: consent_defaults :many consent_default
select d.visibility, d.reply_automatic, d.reply_manual, d.like_automatic, d.like_manual, d.boost_automatic, d.boost_manual
from interaction_defaults d
where d.identity_id = :identity_id
order by d.visibility;

-- Chooses one.
-- name: consent_set_default :exec
insert into interaction_defaults (identity_id, visibility, domain_id, reply_automatic, reply_manual, like_automatic,
    like_manual, boost_automatic, boost_manual)
select i.id, :visibility::text::post_visibility, i.domain_id, :reply_automatic, :reply_manual, :like_automatic,
    :like_manual, :boost_automatic, :boost_manual
from identities i
where i.id = :identity_id
on conflict (identity_id, visibility) do update
set reply_automatic = excluded.reply_automatic,
    reply_manual = excluded.reply_manual,
    like_automatic = excluded.like_automatic,
    like_manual = excluded.like_manual,
    boost_automatic = excluded.boost_automatic,
    boost_manual = excluded.boost_manual;

-- Everybody may again.
-- name: consent_unset_default :exec
delete from interaction_defaults
where identity_id = :identity_id
    and visibility = :visibility::text::post_visibility;

-- One.
-- name: consent_by_id :one consent
select id, kind, actor_id, domain_id, object_id, owner_id, owner_domain_id, coalesce(reply_id, 0) as "reply_id!", uri,
    request_uri, authorization_uri, created, state, state_changed
from consents
where id = :id;

-- By the id of the answer, or of the activity.
-- name: consent_by_uri :one consent
select id, kind, actor_id, domain_id, object_id, owner_id, owner_domain_id, coalesce(reply_id, 0) as "reply_id!", uri,
    request_uri, authorization_uri, created, state, state_changed
from consents
where uri = :uri;

-- By what asked for it, or by what it is for.
-- name: consent_by_request :one consent
select id, kind, actor_id, domain_id, object_id, owner_id, owner_domain_id, coalesce(reply_id, 0) as "reply_id!", uri,
    request_uri, authorization_uri, created, state, state_changed
from consents
where (request_uri = :uri and request_uri <> '')
    or uri = :uri
limit 1;

-- By its authorization.
-- name: consent_by_authorization :one consent
select id, kind, actor_id, domain_id, object_id, owner_id, owner_domain_id, coalesce(reply_id, 0) as "reply_id!", uri,
    request_uri, authorization_uri, created, state, state_changed
from consents
where authorization_uri = :uri
    and authorization_uri <> ''
limit 1;

-- Notes one for what was asked for and did not need to be, or cannot be.
-- name: consent_add :exec
insert into consents (kind, actor_id, domain_id, object_id, owner_id, owner_domain_id, reply_id, uri, request_uri, state,
    state_lane)
select :kind, :actor_id, null, p.id, p.author_id, p.domain_id, nullif(:reply_id::bigint, 0), :uri, :request_uri, 'pending',
    coalesce(p.domain_id, 0)
from posts p
where p.id = :object_id
on conflict (uri) do nothing;

-- Another state, from one of these; the stator goes on from there.
-- name: consent_move :exec
update consents
set state = :state,
    authorization_uri = :authorization_uri,
    request_uri = case when :request_uri = '' then request_uri else :request_uri end,
    state_changed = now(),
    state_next_attempt = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and state = any (:from);

-- What waits for an identity's decision, newest first, quotations among it; of one post, or of all.
-- name: consent_waiting :many consent_waiting
select w.id as "id!", w.kind as "kind!", w.actor_id as "actor_id!", w.object_id as "object_id!", w.post_id as "post_id!",
    w.uri as "uri!", w.created as "created!", w.state as "state!", w.state_changed as "state_changed!"
from (
    select c.id, c.kind, c.actor_id, c.object_id, coalesce(c.reply_id, 0) as post_id, c.uri, c.created, c.state,
        c.state_changed
    from consents c
    where c.owner_id = :owner_id
        and c.state in ('new', 'pending')
    union all
    select q.id, 'quote', q.author_id, q.quoted_id, coalesce(q.post_id, 0), q.post_uri, q.created, q.state, q.state_changed
    from quotes q
    where q.quoted_author_id = :owner_id
        and q.quoted_id is not null
        and q.state = 'pending'
        and (q.request_uri <> '' or q.domain_id is not null)
) w
where w.id < :max_id
    and w.id > :min_id
    and w.kind = any (:kinds)
    and (:object_id::bigint = 0 or w.object_id = :object_id)
    and not identity_is_hidden(:owner_id, w.actor_id)
order by w.id desc
limit :limit;

-- One that an identity decides or decided about.
-- name: consent_owned :one consent_waiting
select w.id as "id!", w.kind as "kind!", w.actor_id as "actor_id!", w.object_id as "object_id!", w.post_id as "post_id!",
    w.uri as "uri!", w.created as "created!", w.state as "state!", w.state_changed as "state_changed!"
from (
    select c.id, c.kind, c.actor_id, c.object_id, coalesce(c.reply_id, 0) as post_id, c.uri, c.created, c.state,
        c.state_changed
    from consents c
    where c.owner_id = :owner_id
        and c.id = :id
    union all
    select q.id, 'quote', q.author_id, q.quoted_id, coalesce(q.post_id, 0), q.post_uri, q.created, q.state, q.state_changed
    from quotes q
    where q.quoted_author_id = :owner_id
        and q.quoted_id is not null
        and q.id = :id
) w;

-- The consents of the answers among several posts.
-- name: consent_of_replies :many consent
select id, kind, actor_id, domain_id, object_id, owner_id, owner_domain_id, coalesce(reply_id, 0) as "reply_id!", uri,
    request_uri, authorization_uri, created, state, state_changed
from consents
where reply_id = any (:ids);

-- What asks for it.
-- name: consent_set_request :exec
update consents
set request_uri = :request_uri
where id = :id;

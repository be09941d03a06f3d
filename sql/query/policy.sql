-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Policies of the present tenant, oldest first; 0: of the host's floor.
-- name: policy_list :many policy
select id, domain_id as "domain_id?", title, note, state, action, words, incoming, own, private, servers, younger_days, unfollowed, phrases,
    whole_words, mentions, links, media, hashtags, languages, stranger, created, updated
from policies
where (domain_id = :domain_id or (domain_id is null and :domain_id = 0))
order by id
limit :limit;

-- The host's, as tenants see them: those that are in use, oldest first.
-- name: policy_floor :many policy
select id, domain_id as "domain_id?", title, note, state, action, words, incoming, own, private, servers, younger_days, unfollowed,
    phrases, whole_words, mentions, links, media, hashtags, languages, stranger, created, updated
from policies
where domain_id is null
    and state = 'on'
order by id
limit :limit;

-- One of them, or of the host's floor.
-- name: policy_by_id :one policy
select id, domain_id as "domain_id?", title, note, state, action, words, incoming, own, private, servers, younger_days, unfollowed, phrases,
    whole_words, mentions, links, media, hashtags, languages, stranger, created, updated
from policies
where (domain_id = :domain_id or domain_id is null)
    and id = :id;

-- Those of the host and of all tenants that are in use, the host's first, by tenant, for the snapshot that every process keeps.
-- name: policies_in_force :many policy
select id as "id!", domain_id as "domain_id?", title as "title!", note as "note!", state as "state!", action as "action!",
    words as "words!", incoming as "incoming!", own as "own!", private as "private!", servers as "servers!",
    younger_days as "younger_days!", unfollowed as "unfollowed!", phrases as "phrases!", whole_words as "whole_words!",
    mentions as "mentions!", links as "links!", media as "media!", hashtags as "hashtags!", languages as "languages!",
    stranger as "stranger!", created as "created!", updated as "updated!"
from policies_in_force();

-- How many the present tenant has; 0: the host.
-- name: policy_count :one policy_number
select count(*) as "n!"
from policies
where (domain_id = :domain_id or (domain_id is null and :domain_id = 0));

-- A new one.
-- name: policy_add :one policy_id
insert into policies (domain_id, title, note, state, action, words, incoming, own, private, servers, younger_days, unfollowed,
    phrases, whole_words, mentions, links, media, hashtags, languages, stranger)
values (:domain_id?, :title, :note, :state, :action, :words, :incoming, :own, :private, :servers, :younger_days, :unfollowed,
    :phrases, :whole_words, :mentions, :links, :media, :hashtags, :languages, :stranger)
returning id;

-- Other conditions, another action.
-- name: policy_change :exec
update policies
set title = :title,
    note = :note,
    state = :state,
    action = :action,
    words = :words,
    incoming = :incoming,
    own = :own,
    private = :private,
    servers = :servers,
    younger_days = :younger_days,
    unfollowed = :unfollowed,
    phrases = :phrases,
    whole_words = :whole_words,
    mentions = :mentions,
    links = :links,
    media = :media,
    hashtags = :hashtags,
    languages = :languages,
    stranger = :stranger,
    updated = now()
where (domain_id = :domain_id or (domain_id is null and :domain_id = 0))
    and id = :id;

-- One less; what it did stands.
-- name: policy_remove :exec
delete from policies
where (domain_id = :domain_id or (domain_id is null and :domain_id = 0))
    and id = :id;

-- What policies look at of stored posts.
-- name: policy_subjects :many policy_subject
select p.id as "id!", p.domain_id as "domain_id?", p.author_id as "author_id!", p.visibility::text as "visibility!",
    p.content as "content!", p.summary as "summary!", p.language as "language!", p.created as "created!",
    coalesce(a.host, d.service_name, '') as "host!", a.created as "author_since!",
    greatest((select count(*) from post_mentions m where m.post_id = p.id),
        case when jsonb_typeof(p.detail -> 'mentions') = 'number' then (p.detail ->> 'mentions')::bigint else 0 end)
        as "mentions!",
    array(select h.name from post_hashtags x join hashtags h on h.id = x.hashtag_id where x.post_id = p.id) as "hashtags!",
    array(select t.description from attachments t where t.post_id = p.id order by t.place, t.id limit 16) as "media!",
    coalesce((select o.options from polls o where o.id = p.id), '{}') as "options!",
    coalesce(parent.author_id, 0) as "answered_id!"
from posts p
join identities a on a.id = p.author_id
left join domains d on d.id = a.domain_id
left join posts parent on parent.id = p.in_reply_to_id
where p.id = any (:ids)
    and p.deleted is null
order by p.id desc;

-- Whether somebody of the present tenant follows an author; and whether who is answered is of it, and does not.
-- name: policy_ties :one policy_ties
select
    exists (
        select from follows f
        where f.target_id = :author_id and f.domain_id = :domain_id and f.state in ('accepting', 'accepted')) as "followed!",
    exists (select from identities i where i.id = :answered_id and i.domain_id = :domain_id)
        and not exists (
            select from follows f
            where f.source_id = :answered_id and f.target_id = :author_id and f.state in ('accepting', 'accepted'))
        as "stranger!";

-- Posts that a policy of the present tenant could have judged, newest first.
-- name: policy_candidates :many post_id
select p.id
from posts p
where p.id < :max_id
    and p.id > id_at(:since)
    and p.deleted is null
    and ((:incoming and p.domain_id is distinct from :domain_id) or (:own and p.domain_id = :domain_id))
    and (p.visibility in ('public', 'unlisted')
        or (:private and p.visibility <> 'held' and (p.domain_id = :domain_id or exists (
            select from post_audience x where x.post_id = p.id and x.domain_id = :domain_id))))
order by p.id desc
limit :limit;

-- A post for one of the cases that a policy keeps about each author: the open one, as long as it has room.
-- name: policy_add_to_case :exec
update reports
set post_ids = post_ids || :post_id::bigint
where domain_id = :domain_id
    and policy_id = :policy_id
    and subject_id = :subject_id
    and resolved is null
    and cardinality(post_ids) < 50
    and not post_ids @> array[:post_id::bigint];

-- A case of a policy's own, by the tenant's own actor.
-- name: policy_open_case :one report_id
insert into reports (id, domain_id, uri, source_id, subject_id, post_ids, comment, category, policy_id)
select n.id, :domain_id, :origin::text || '/reports/' || n.id, :source_id?, :subject_id, array[:post_id::bigint],
    :comment, 'other', :policy_id
from (select snowflake(3) as id) n
where not exists (
    select from reports r
    where r.domain_id = :domain_id and r.policy_id = :policy_id and r.subject_id = :subject_id and r.resolved is null)
returning id;

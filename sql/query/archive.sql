-- SPDX-License-Identifier: AGPL-3.0-or-later

-- An archive for an identity that has none.
-- name: archive_add :many archive_id
insert into archives (domain_id, identity_id, state_lane)
values (:domain_id, :identity_id, :domain_id)
on conflict (identity_id) where state <> 'failed' do nothing
returning id;

-- The latest of an identity.
-- name: archive_latest :one archive
select id, identity_id, state, file, size, total, done, missing, failure, created, state_changed
from archives
where identity_id = :identity_id
order by id desc
limit 1;

-- One that its owner may have.
-- name: archive_own :one archive
select id, identity_id, state, file, size, total, done, missing, failure, created, state_changed
from archives
where id = :id
    and identity_id = :identity_id
    and state = 'ready'
    and file <> '';

-- One for its state machine.
-- name: archive_for_job :one archive
select id, identity_id, state, file, size, total, done, missing, failure, created, state_changed
from archives
where id = :id;

-- How far it is.
-- name: archive_progress :exec
update archives
set done = :done,
    total = :total
where id = :id;

-- It is packed.
-- name: archive_finish :exec
update archives
set file = :file,
    size = :size,
    missing = :missing,
    done = total
where id = :id;

-- Why there is none.
-- name: archive_explain :exec
update archives
set failure = :failure
where id = :id;

-- How much an identity has to be packed.
-- name: archive_counts :one archive_counts
select (select count(*) from posts where author_id = :identity_id and deleted is null) as "posts!",
    (select count(*) from attachments
        where author_id = :identity_id and post_id is not null and file <> '') as "files!";

-- Its posts, oldest first.
-- name: archive_posts :many post
select p.id, p.domain_id, p.author_id, p.object_uri, p.url, p.type, p.visibility, p.content, p.source, p.summary,
    p.sensitive, p.language, p.in_reply_to_uri, p.in_reply_to_id, p.detail, p.replies_count, p.boosts_count,
    p.likes_count, p.published, p.edited, p.created, p.deleted, p.state, p.state_changed, p.application_id,
    coalesce(p.thread_id, p.id) as "thread_id!", p.quote_uri, p.quote_automatic, p.quote_manual, p.quotes_count,
    p.reactions_count, p.card_id
from posts p
where p.author_id = :identity_id
    and p.deleted is null
    and p.id > :after
order by p.id
limit :limit;

-- What it boosted, oldest first, as far as it may still read that.
-- name: archive_boosts :many archive_boost
select i.id, i.uri, i.published, p.object_uri
from interactions i
join posts p on p.id = i.post_id
where i.identity_id = :identity_id
    and i.kind = 'boost'
    and i.state in ('new', 'fanned_out')
    and i.id > :after
    and post_is_readable(p, :identity_id)
order by i.id
limit :limit;

-- What it likes, oldest first, likewise.
-- name: archive_likes :many archive_mark
select i.id, p.object_uri
from interactions i
join posts p on p.id = i.post_id
where i.identity_id = :identity_id
    and i.kind = 'like'
    and i.state in ('new', 'fanned_out')
    and i.id > :after
    and post_is_readable(p, :identity_id)
order by i.id
limit :limit;

-- What it keeps, oldest first, likewise.
-- name: archive_bookmarks :many archive_mark
select b.id, p.object_uri
from bookmarks b
join posts p on p.id = b.post_id
where b.identity_id = :identity_id
    and b.id > :after
    and post_is_readable(p, :identity_id)
order by b.id
limit :limit;

-- Files in its posts, each once.
-- name: archive_files :many archive_file
select distinct a.file, a.media_type, a.size
from attachments a
where a.author_id = :identity_id
    and a.post_id is not null
    and a.file <> ''
    and a.file > :after
order by a.file
limit :limit;

-- Where its portraits are stored.
-- name: archive_portraits :one archive_portraits
select icon_file, image_file
from identities
where id = :identity_id;

-- Letters to those who hold its identity: it is there.
-- name: archive_tell :exec
select archive_tell(:id, :message_key)::text as "done?";

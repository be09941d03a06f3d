-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Announces a file before its bytes are stored; whether they are stored already. One that is just being removed is not
-- to be had for a moment (no row).
-- name: media_file_announce :one media_file_known
insert into media_files as f (name, media_type, size, state_next_attempt)
values (:name, :media_type, :size, now() + interval '1 hour')
on conflict (name) do update
set state = case when f.state = 'kept' then 'kept' else 'unused' end,
    state_changed = case when f.state = 'kept' then f.state_changed else now() end,
    state_next_attempt = now() + interval '1 hour',
    state_attempts = 0,
    state_locked_by = null
where f.state <> 'removing'
returning f.uses > 0 as "is_stored!";

-- A file that the present tenant refers to and shows; archives are their owners' alone.
-- name: media_file_of_tenant :one media_file
select f.id, f.name, f.media_type, f.size
from media_uses u
join media_files f on f.name = u.name
where u.domain_id = :domain_id
    and u.name = :name
    and f.media_type ~ '^(image|video|audio)/';

-- The form without motion of an avatar or header of the present tenant.
-- name: media_still :one media_still
select i.icon_static as "name!"
from identities i
where i.icon_file = :name
    and i.icon_static <> ''
    and i.domain_id = :domain_id
union all
select i.image_static
from identities i
where i.image_file = :name
    and i.image_static <> ''
    and i.domain_id = :domain_id
limit 1;

-- A file for its state machine.
-- name: media_file_for_job :one media_file
select f.id, f.name, f.media_type, f.size
from media_files f
where f.id = :id;

-- What a tenant uses, and may use.
-- name: media_quota :one media_quota
select coalesce((select u.bytes from media_usage u where u.domain_id = :domain_id), 0) as "bytes!",
    coalesce((select u.files from media_usage u where u.domain_id = :domain_id), 0) as "files!",
    coalesce(
        (select (s.value #>> '{}')::bigint from domain_settings s where s.domain_id = :domain_id and s.key = 'media_quota'),
        (select (h.value #>> '{}')::bigint from host_settings h where h.key = 'media_quota'),
        :otherwise::bigint) as "quota!";

-- Sets the quota of a tenant.
-- name: media_quota_set :exec
insert into domain_settings (domain_id, key, value)
values (:domain_id, 'media_quota', to_jsonb(:bytes::bigint))
on conflict (domain_id, key) do update set value = excluded.value, updated = now();

-- What all tenants use, and what a recount gives.
-- name: media_usage_list :many media_usage
select d.name, coalesce(u.files, 0) as "files!", coalesce(u.bytes, 0) as "bytes!", r.files as "counted_files!",
    r.bytes as "counted_bytes!"
from domains d
left join media_usage u on u.domain_id = d.id
cross join lateral (
    select count(*) as files, coalesce(sum(f.size), 0)::bigint as bytes
    from media_uses m join media_files f on f.name = m.name
    where m.domain_id = d.id) r
order by d.name;

-- What is stored in all.
-- name: media_tally :one media_tally
select t.files as "files!", t.bytes as "bytes!", t.unused as "idle!", t.remote as "remote!",
    t.remote_bytes as "remote_bytes!"
from media_tally() t;

-- A secret of the host, made at its first need.
-- name: host_key :one host_key
select host_key(:name) as "secret!";

-- An upload that waits to be worked on, by the stator not before some time.
-- name: attachment_create :one attachment_id
insert into attachments (domain_id, author_id, media_type, source, description, focus_x, focus_y, state, state_lane,
    state_next_attempt)
values (:domain_id, :author_id, :media_type, :source, :description, :focus_x, :focus_y, 'new', :domain_id,
    now() + :wait::interval)
returning id;

-- An upload of an identity that no post has yet.
-- name: attachment_own :one attachment
select a.id, a.post_id, a.domain_id, a.media_type, a.remote_url, a.file, a.thumbnail, a.description, a.width, a.height,
    a.size, a.duration, a.thumbnail_width, a.thumbnail_height, a.focus_x, a.focus_y, a.blurhash, a.colour, a.state, a.source,
    a.failure
from attachments a
where a.id = :id
    and a.author_id = :author_id
    and a.domain_id = :domain_id
    and a.post_id is null;

-- Several uploads of an identity, with or without a post.
-- name: attachment_own_many :many attachment
select a.id, a.post_id, a.domain_id, a.media_type, a.remote_url, a.file, a.thumbnail, a.description, a.width, a.height,
    a.size, a.duration, a.thumbnail_width, a.thumbnail_height, a.focus_x, a.focus_y, a.blurhash, a.colour, a.state, a.source,
    a.failure
from attachments a
where a.id = any (:ids)
    and a.author_id = :author_id
    and a.domain_id = :domain_id;

-- An upload for its state machine.
-- name: attachment_for_job :one attachment
select a.id, a.post_id, a.domain_id, a.media_type, a.remote_url, a.file, a.thumbnail, a.description, a.width, a.height,
    a.size, a.duration, a.thumbnail_width, a.thumbnail_height, a.focus_x, a.focus_y, a.blurhash, a.colour, a.state, a.source,
    a.failure
from attachments a
where a.id = :id;

-- Attachments of several posts, in order, without those of servers whose media the tenant rejects.
-- name: post_attachments :many attachment
select a.id, a.post_id, a.domain_id, a.media_type, a.remote_url, a.file, a.thumbnail, a.description, a.width, a.height,
    a.size, a.duration, a.thumbnail_width, a.thumbnail_height, a.focus_x, a.focus_y, a.blurhash, a.colour, a.state, a.source,
    a.failure
from attachments a
where a.post_id = any (:ids)
    and (a.domain_id is not null
        or not server_rejects_media((select i.server_id from identities i where i.id = a.author_id)))
order by a.post_id, a.place, a.id;

-- What came of an upload. A small form that its owner gave stays.
-- name: attachment_fill :exec
update attachments
set media_type = :media_type,
    file = :file,
    thumbnail = case when thumbnail = '' then :thumbnail else thumbnail end,
    thumbnail_width = case when thumbnail = '' then :thumbnail_width else thumbnail_width end,
    thumbnail_height = case when thumbnail = '' then :thumbnail_height else thumbnail_height end,
    source = '',
    width = :width,
    height = :height,
    size = :size,
    duration = :duration,
    blurhash = :blurhash,
    colour = :colour
where id = :id
    and state = 'new';

-- It was worked on outside of the state machine.
-- name: attachment_finish :exec
update attachments
set state = 'unattached',
    state_changed = now(),
    state_attempts = 0,
    state_locked_by = null
where id = :id
    and state = 'new';

-- Why an upload cannot be worked on; its bytes are let go.
-- name: attachment_fail :exec
update attachments
set source = '',
    failure = :failure
where id = :id
    and state = 'new';

-- Describes an upload that no post has yet.
-- name: attachment_describe :exec
update attachments
set description = :description,
    focus_x = :focus_x,
    focus_y = :focus_y
where id = :id
    and post_id is null;

-- The small form that its owner gave to an upload.
-- name: attachment_set_thumbnail :exec
update attachments
set thumbnail = :thumbnail,
    thumbnail_width = :width,
    thumbnail_height = :height,
    blurhash = :blurhash,
    colour = :colour
where id = :id
    and post_id is null;

-- Forgets an upload that no post has yet.
-- name: attachment_delete :exec
delete from attachments
where id = :id
    and author_id = :author_id
    and post_id is null;

-- Uploads are taken into a post (or, without one, kept for later) in this order.
-- name: attachment_attach :exec
update attachments a
set post_id = :post_id?,
    place = o.place,
    state = 'ready',
    state_changed = now(),
    state_next_attempt = now()
from unnest(:ids::bigint[]) with ordinality o (id, place)
where a.id = o.id
    and a.author_id = :author_id
    and (a.post_id is null or a.post_id = :post_id?)
    and a.state in ('unattached', 'ready');

-- Those that an edited post no longer has.
-- name: attachment_detach :exec
delete from attachments
where post_id = :post_id
    and author_id = :author_id
    and id <> all (:ids);

-- The pictures of a local identity.
-- name: identity_set_icon :exec
update identities
set icon_file = :file,
    icon_static = :file_static,
    icon_uri = :uri
where id = :id;

-- The same for its banner.
-- name: identity_set_image :exec
update identities
set image_file = :file,
    image_static = :file_static,
    image_uri = :uri
where id = :id;

-- A medium of another server that was fetched, or could not be.
-- name: media_remote_by_url :one media_remote
select r.id, r.url, r.media_type, r.file, r.preview, r.size, r.failures, r.retry_after, r.last_used
from media_remote r
where r.url = :url;

-- Notes what was fetched.
-- name: media_remote_store :exec
insert into media_remote as r (url, media_type, file, preview, size)
values (:url, :media_type, :file, :preview, :size)
on conflict (url) do update
set media_type = excluded.media_type,
    file = excluded.file,
    preview = excluded.preview,
    size = excluded.size,
    failures = 0,
    retry_after = null,
    fetched = now(),
    last_used = now();

-- Notes that it could not be fetched: it is tried again later and later, at last once a day.
-- name: media_remote_fail :exec
insert into media_remote as r (url, failures, retry_after)
values (:url, 1, now() + interval '1 minute')
on conflict (url) do update
set failures = r.failures + 1,
    retry_after = now() + least(interval '1 minute' * (2 ^ least(r.failures, 12)), interval '1 day')
where r.file = '';

-- It was used.
-- name: media_remote_touch :exec
update media_remote
set last_used = now()
where id = :id;

-- Lets go of what was not used for longest, until the rest fits; of what failed, all that is old.
-- name: media_remote_evict :exec
with ranked as (
    select r.id, sum(r.size) over (order by r.last_used desc, r.id desc) as up_to
    from media_remote r
    where r.file <> ''
), over as (
    select id from ranked where up_to > :limit::bigint
    union all
    select id from media_remote where file = '' and last_used < now() - interval '7 days'
)
delete from media_remote r
using over
where r.id = over.id;

-- Lets files go that nothing has referred to for some time, without the usual wait.
-- name: media_file_hurry :one media_hurry
select media_files_hurry(:age::interval) as "n!";

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Emoji by where they are from, a tenant or a server (0: neither), and by shortcode.
-- name: emoji_find :many emoji
select id as "id!", domain_id as "domain_id!", server_id as "server_id!", shortcode as "shortcode!",
    category as "category!", visible as "visible!", false as "disabled!", file as "file!", file_static as "file_static!",
    url as "url!", media_type as "media_type!", updated as "updated!", '' as "licence!"
from emojis_find(:domain_ids, :server_ids, :shortcodes);

-- Those of the present tenant; with_disabled: also those that are mere text now.
-- name: emoji_list :many emoji
select id, domain_id, 0::bigint as "server_id!", shortcode, category, visible, disabled, file, file_static, '' as "url!",
    media_type, updated, licence
from emojis
where domain_id = :domain_id
    and (:with_disabled or not disabled)
order by category, shortcode
limit :limit;

-- One of the present tenant by its shortcode.
-- name: emoji_by_shortcode :one emoji
select id, domain_id, 0::bigint as "server_id!", shortcode, category, visible, disabled, file, file_static, '' as "url!",
    media_type, updated, licence
from emojis
where domain_id = :domain_id
    and shortcode = :shortcode;

-- One of the present tenant that is in use, by its id.
-- name: emoji_by_id :one emoji
select id, domain_id, 0::bigint as "server_id!", shortcode, category, visible, disabled, file, file_static, '' as "url!",
    media_type, updated, licence
from emojis
where domain_id = :domain_id
    and id = :id
    and not disabled;

-- A new one, or another picture for one that is there.
-- name: emoji_put :exec
insert into emojis (domain_id, shortcode, category, visible, file, file_static, media_type, licence)
values (:domain_id, :shortcode, :category, :visible, :file, :file_static, :media_type, :licence)
on conflict (domain_id, shortcode) do update
set category = excluded.category,
    visible = excluded.visible,
    disabled = false,
    file = excluded.file,
    file_static = excluded.file_static,
    media_type = excluded.media_type,
    licence = excluded.licence,
    updated = now();

-- Changes what is said of one.
-- name: emoji_change :exec
update emojis
set shortcode = :shortcode,
    category = :category,
    visible = :visible,
    disabled = :disabled,
    licence = :licence,
    updated = now()
where domain_id = :domain_id
    and id = :id;

-- Emoji of other servers by the beginning of their shortcode and of their server's name, those seen last first.
-- name: emoji_remote_search :many remote_emoji
select e.id, e.shortcode, e.url, s.host
from remote_emojis e
join servers s on s.id = e.server_id
where e.shortcode like :shortcode::text || '%'
    and s.host like :host::text || '%'
    and not server_is_blocked(s.host)
order by e.updated desc, e.id desc
limit :limit;

-- One of them.
-- name: emoji_remote_by_id :one remote_emoji
select e.id, e.shortcode, e.url, s.host
from remote_emojis e
join servers s on s.id = e.server_id
where e.id = :id
    and not server_is_blocked(s.host);

-- Removes one.
-- name: emoji_remove :exec
delete from emojis
where domain_id = :domain_id
    and shortcode = :shortcode;

-- What another server says of its own emoji.
-- name: emoji_learn :exec
insert into remote_emojis as e (server_id, shortcode, uri, url, media_type)
select distinct on (n.shortcode) :server_id::bigint, n.shortcode, n.uri, n.url, n.media_type
from unnest(:shortcodes::text[], :uris::text[], :urls::text[], :media_types::text[]) n (shortcode, uri, url, media_type)
order by n.shortcode
on conflict (server_id, shortcode) do update
set uri = excluded.uri,
    url = excluded.url,
    media_type = excluded.media_type,
    updated = now()
where e.url <> excluded.url;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- How far an identity has read these timelines.
-- name: marker_get :many marker
select timeline, last_read_id, version, updated
from markers
where identity_id = :identity_id
    and domain_id = :domain_id
    and timeline = any (:timelines)
order by timeline;

-- Notes how far it has read one; version 0: whatever was noted, else only over that version. No row: it is another.
-- name: marker_set :many marker
insert into markers as m (identity_id, timeline, domain_id, last_read_id)
select :identity_id, :timeline, :domain_id, :last_read_id
where :version::bigint = 0
    or exists (select from markers o where o.identity_id = :identity_id and o.timeline = :timeline)
on conflict (identity_id, timeline) do update
set last_read_id = excluded.last_read_id,
    version = m.version + 1,
    updated = now()
where :version::bigint in (0, m.version)
returning timeline, last_read_id, version, updated;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Tells an identity once; blocks and mutes of its own are obeyed.
-- name: notification_add :exec
insert into notifications (domain_id, identity_id, kind, actor_id, post_id)
select i.domain_id, i.id, :kind, :actor_id, nullif(:post_id::bigint, 0)
from identities i
where i.id = :identity_id
    and i.domain_id = current_domain()
    and not exists (
        select from blocks b
        where b.source_id = i.id
            and b.target_id = :actor_id
            and ((b.kind = 'block' and b.state in ('new', 'sent'))
                or (b.kind = 'mute' and b.notifications and b.state in ('new', 'sent', 'expiring'))))
on conflict do nothing;

-- Takes a notification back.
-- name: notification_remove :exec
delete from notifications
where identity_id = :identity_id
    and kind = :kind
    and actor_id = :actor_id
    and post_id is not distinct from nullif(:post_id::bigint, 0);

-- Of an identity, newest first, between two ids.
-- name: notification_list :many notification
select id, kind, actor_id, post_id, created, seen
from notifications
where identity_id = :identity_id
    and id < :max_id
    and id > :min_id
order by id desc
limit :limit;

-- How many are not seen, up to a hundred.
-- name: notification_unseen :one notification_count
select count(*) as "n!"
from (
    select from notifications
    where identity_id = :identity_id
        and not seen
    limit 100
) unseen;

-- All are seen.
-- name: notification_mark_seen :exec
update notifications
set seen = true
where identity_id = :identity_id
    and not seen;

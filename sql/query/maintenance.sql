-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Whether the installation rests.
-- name: maintenance_get :many maintenance
select coalesce(value ->> 'message', '') as "message!", (value ->> 'until')::timestamptz as "until?",
    (value ->> 'since')::timestamptz as "since!"
from host_settings
where key = 'maintenance';

-- Lets it rest, or says anew until when and why.
-- name: maintenance_begin :exec
insert into host_settings (key, value)
values ('maintenance', jsonb_build_object('message', :message::text, 'until', :until?::timestamptz, 'since', now()))
on conflict (key) do update
set value = host_settings.value || jsonb_build_object('message', :message::text, 'until', :until?::timestamptz),
    updated = now();

-- Ends its rest.
-- name: maintenance_end :exec
delete from host_settings
where key = 'maintenance';

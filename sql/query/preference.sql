-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Preferences of an identity; the tenant's when it never set any, and else everybody's.
-- name: preference_get :one preference
select coalesce(p.visibility::text, d.visibility, 'public') as "visibility!",
    coalesce(p.sensitive, false) as "sensitive!",
    coalesce(p.language, d.language, '') as "language!",
    coalesce(p.quote_policy, d.quote_policy, 'public') as "quote_policy!",
    coalesce(p.expand_media, 'default') as "expand_media!",
    coalesce(p.expand_spoilers, false) as "expand_spoilers!",
    coalesce(p.autoplay, false) as "autoplay!"
from (select :identity_id::bigint as id) o
left join identity_preferences p on p.identity_id = o.id and p.domain_id = :domain_id
cross join lateral (
    select max(s.value #>> '{}') filter (where s.key = 'post_visibility') as visibility,
        max(s.value #>> '{}') filter (where s.key = 'post_language') as language,
        max(s.value #>> '{}') filter (where s.key = 'post_quotes') as quote_policy
    from domain_settings s
    where s.domain_id = :domain_id
        and s.key in ('post_visibility', 'post_language', 'post_quotes')) d;

-- Sets how new posts of an identity are to be.
-- name: preference_set :exec
insert into identity_preferences (identity_id, domain_id, visibility, sensitive, language, quote_policy)
values (:identity_id, :domain_id, :visibility, :sensitive, :language, :quote_policy)
on conflict (identity_id) do update
set visibility = excluded.visibility,
    sensitive = excluded.sensitive,
    language = excluded.language,
    quote_policy = excluded.quote_policy;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- What the filters of an identity look for that apply now: each keyword, and those of these posts that one has.
-- name: filter_rules :many filter_rule
select f.id, f.title, f.contexts, f.action, f.expires, r.keyword as "keyword!", r.whole_word as "whole_word!",
    r.post_id as "post_id?"
from filters f
cross join lateral (
    select k.keyword, k.whole_word, null::bigint as post_id
    from filter_keywords k
    where k.filter_id = f.id
    union all
    select '', false, s.post_id
    from filter_statuses s
    where s.filter_id = f.id
        and s.post_id = any (:post_ids)
) r
where f.identity_id = :identity_id
    and (f.expires is null or f.expires > now())
order by f.id;

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- Puts a post into full-text search.
-- name: search_index :exec
select post_index(:post_id, :text, :has_link)::text as "done?";

-- Links of a public post, exactly these.
-- name: search_set_links :exec
with made as (
    insert into links (url)
    select u from unnest(:urls::text[]) u
    on conflict (url) do update set url = excluded.url
    returning id
), gone as (
    delete from post_links where post_id = :post_id and link_id not in (select id from made)
)
insert into post_links (post_id, link_id)
select :post_id, id from made
on conflict do nothing;

-- Ids of posts that somebody may find, newest first.
-- name: search_posts :many search_id
select s as "id!"
from search_posts(search_query(:terms, :no_terms, :marks, :no_marks, :language), :viewer, :author_id, :library, :public,
    :max_id, :min_id, :limit) s;

-- Accounts by the beginnings of words of their names: the one that is called so, then those that the viewer follows, the
-- tenant's own, and those with many followers.
-- name: search_accounts :many search_id
with found as materialized (
    select i.id
    from identities i
    where identity_document(i.username, i.name, i.host) @@ :words::text::tsquery
        and i.deleted is null
        and not i.is_system
    limit 2000
)
select i.id
from found
join identities i on i.id = found.id
left join follows f on f.source_id = :viewer and f.target_id = i.id and f.state in ('accepting', 'accepted')
where (f.id is not null or (not :following and (i.discoverable or i.username_key = :exact)))
    and not identity_is_hidden(:viewer, i.id)
order by i.username_key <> :exact, f.id is null, i.domain_id is distinct from :domain_id, i.followers_count desc, i.id
limit :limit
offset :offset;

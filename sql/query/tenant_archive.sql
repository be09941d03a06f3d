-- SPDX-License-Identifier: AGPL-3.0-or-later

-- From here to the end of the transaction the statements are those of the mover, who sees one tenant alone.
-- name: archive_be_mover :one archive_role
select set_config('role', 'rookery_mover', true) as "role!";

-- Those of the operator again.
-- name: archive_be_host :one archive_role
select set_config('role', 'none', true) as "role!";

-- Whoever reads an archive for long may do so.
-- name: archive_be_patient :one archive_role
select set_config('statement_timeout', '0', true) || set_config('idle_in_transaction_session_timeout', '0', true) as "role!";

-- The kinds of rows of an archive, in their order, and which of their columns have to be judged.
-- name: archive_kinds :many archive_kind
select name, relation, judged
from archive_tables
order by place;

-- Finds out what of others an archive has to name.
-- name: archive_begin :one archive_begun
select archive_begin() is not null as "begun!";

-- Begins to read the rows of a kind.
-- name: archive_open :one archive_begun
select archive_open(:name) as "begun!";

-- The next rows of it; none: there are no more.
-- name: archive_fetch :one archive_lines
select archive_fetch() as "lines!";

-- How a tenant looks and calls itself, as JSON.
-- name: archive_domain :one archive_domain
select jsonb_build_object('name', d.name, 'service_name', d.service_name, 'title', d.title, 'description', d.description,
    'accent', d.accent, 'sign_up', d.sign_up, 'created', d.created, 'icon', d.icon, 'icon_small', d.icon_small, 'banner', d.banner,
    'style', d.style, 'footer', d.footer, 'theme', d.theme) as "document!"
from domains d
where d.id = :id;

-- The end of what is under way in the database, and the beginning of what still is.
-- name: archive_horizon :one archive_horizon
select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as "newest!",
    pg_snapshot_xmin(pg_current_snapshot())::text::bigint as "oldest!";

-- A run begins to read an archive.
-- name: archive_import_add :exec
insert into archive_imports (domain_id, run, manifest)
values (:domain_id, :run, :manifest);

-- What stands in an archive's manifest of a tenant that is on its way in; complete: all of it is here.
-- name: archive_import :one archive_import
select run, manifest, complete
from archive_imports
where domain_id = :domain_id;

-- Rows of one kind as they came, and what was judged of them. None is stored when another run took over.
-- name: archive_stage :exec
insert into archive_rows (domain_id, name, number, row)
select i.domain_id, :name, :first::bigint + l.place, l.line::jsonb || (:patches::text[])[l.place]::jsonb
from archive_imports i
cross join lateral unnest(:lines::text[]) with ordinality l (line, place)
where i.domain_id = :domain_id
    and i.run = :run;

-- A file came with an archive.
-- name: archive_media_add :exec
insert into archive_media (domain_id, name)
select i.domain_id, :name
from archive_imports i
where i.domain_id = :domain_id
    and i.run = :run
on conflict do nothing;

-- Whether rows of an archive name a file.
-- name: archive_media_is_named :one archive_named
select exists (
    select from archive_rows r
    where r.domain_id = :domain_id
        and r.name = 'media'
        and r.row ->> 'name' = :file
        and r.row ->> 'media_type' = :media_type) as "named!";

-- Why an archive cannot be the present tenant's; empty: it can.
-- name: archive_check :one archive_word
select archive_check() as "word!";

-- Puts in all that came.
-- name: archive_place :many archive_placed
select name as "name!", came as "came!", placed as "placed!"
from archive_place();

-- All of an archive is here.
-- name: archive_import_complete :exec
update archive_imports
set complete = true
where domain_id = :domain_id
    and run = :run;

-- A tenant looks as its archive says; it has federated.
-- name: archive_dress :exec
update domains d
set title = m.manifest #>> '{domain,title}',
    description = m.manifest #>> '{domain,description}',
    accent = m.manifest #>> '{domain,accent}',
    sign_up = m.manifest #>> '{domain,sign_up}',
    icon = coalesce((select f.name from archive_media f where f.domain_id = d.id and f.name = m.manifest #>> '{domain,icon}'), ''),
    icon_small = coalesce((select f.name from archive_media f
        where f.domain_id = d.id and f.name = m.manifest #>> '{domain,icon_small}'), ''),
    banner = coalesce((select f.name from archive_media f where f.domain_id = d.id and f.name = m.manifest #>> '{domain,banner}'), ''),
    style = m.manifest #>> '{domain,style}',
    footer = m.manifest #>> '{domain,footer}',
    theme = m.manifest #>> '{domain,theme}',
    federated = true
from archive_imports m
where m.domain_id = d.id
    and d.id = :id;

-- An archive that was put in is forgotten.
-- name: archive_import_end :exec
delete from archive_imports
where domain_id = :domain_id;

-- Whether anybody is at home on a tenant.
-- name: archive_is_empty :one archive_empty
select not exists (select from identities i where i.domain_id = :domain_id) as "empty!";

-- Makes a tenant that moved out one of other servers for all who stay.
-- name: domain_release :exec
select domain_release(:domain_id);

-- SPDX-License-Identifier: AGPL-3.0-or-later

-- A new import of an identity that has fewer than so many under way.
-- name: import_add :many import_id
insert into imports (domain_id, identity_id, kind, overwrite, file, state_lane)
select :domain_id, :identity_id, :kind, :overwrite, :file, :domain_id
where (
    select count(*)
    from imports i
    where i.identity_id = :identity_id
        and i.state in ('preparing', 'running')
        and (i.file <> ''
            or exists (select from import_rows r where r.import_id = i.id and r.state = 'waiting'))) < :most
returning id;

-- Its lines, in their order.
-- name: import_add_rows :exec
insert into import_rows (domain_id, import_id, line, state_lane)
select :domain_id, :import_id, l.line, :domain_id
from unnest(:lines::text[]) with ordinality l (line, n)
order by l.n;

-- The latest imports of an identity, and how far they are.
-- name: import_list :many import
select i.id, i.identity_id, i.kind, i.overwrite, i.created, i.state, i.source, i.left_out,
    i.failure, t.waiting as "waiting!", t.done as "done!",
    t.failed as "failed!"
from (
    select *
    from imports
    where identity_id = :identity_id
    order by id desc
    limit :limit) i
cross join lateral (
    select count(*) filter (where r.state = 'waiting') as waiting, count(*) filter (where r.state = 'done') as done,
        count(*) filter (where r.state = 'failed') as failed
    from import_rows r
    where r.import_id = i.id) t
order by i.id desc;

-- One of them.
-- name: import_by_id :one import
select i.id, i.identity_id, i.kind, i.overwrite, i.created, i.state, i.source, i.left_out,
    i.failure, t.waiting as "waiting!", t.done as "done!",
    t.failed as "failed!"
from imports i
cross join lateral (
    select count(*) filter (where r.state = 'waiting') as waiting, count(*) filter (where r.state = 'done') as done,
        count(*) filter (where r.state = 'failed') as failed
    from import_rows r
    where r.import_id = i.id) t
where i.id = :id
    and i.identity_id = :identity_id;

-- One for its state machine.
-- name: import_for_job :one import_job
select i.id, i.identity_id, i.kind, i.overwrite, i.state, i.file,
    exists (select from import_rows r where r.import_id = i.id and r.state = 'waiting') as "waiting!"
from imports i
where i.id = :id;

-- All lines of an import.
-- name: import_lines :many import_line
select id, line, error
from import_rows
where import_id = :import_id
order by id;

-- Those that could not be done, and those of which a part could not.
-- name: import_failures :many import_line
select id, line, error
from import_rows
where import_id = :import_id
    and (state = 'failed' or (state = 'done' and error <> ''))
order by id
limit :limit;

-- One line for its state machine.
-- name: import_row_for_job :one import_row
select r.id, r.line, r.state, i.kind, i.overwrite, i.identity_id, i.state as import_state,
    x.deleted is null and identity_may_act(x.id) as "may_act!"
from import_rows r
join imports i on i.id = r.import_id
join identities x on x.id = i.identity_id
where r.id = :id;

-- Why a line could not be done.
-- name: import_row_explain :exec
update import_rows
set error = :error
where id = :id
    and state = 'waiting';

-- Nothing more is to be done of an import.
-- name: import_cancel :exec
with stopped as (
    update imports
    set state = 'cancelled',
        file = '',
        state_changed = now(),
        state_locked_by = null
    where id = :id
        and identity_id = :identity_id
        and state in ('preparing', 'running')
    returning id
), unneeded as (
    delete from import_files f using stopped s where f.import_id = s.id
)
update import_rows r
set state = 'cancelled',
    state_changed = now(),
    state_locked_by = null
from stopped s
where r.import_id = s.id
    and r.state = 'waiting';

-- Whom an identity follows and none of these handles is.
-- name: import_stale_follows :many import_stale
select f.target_id as "id!"
from follows f
join identities i on i.id = f.target_id
left join servers s on s.id = i.server_id
where f.source_id = :identity_id
    and f.state in ('unrequested', 'pending_approval', 'accepting', 'accepted')
    and not exists (
        select from unnest(:handles::text[]) h (handle)
        where h.handle = i.username_key || '@' || coalesce(i.host, s.host, ''));

-- Whom an identity blocks or mutes and none of these handles is.
-- name: import_stale_blocks :many import_stale
select b.target_id as "id!"
from blocks b
join identities i on i.id = b.target_id
left join servers s on s.id = i.server_id
where b.source_id = :identity_id
    and b.kind = :kind
    and b.state in ('new', 'sent', 'expiring')
    and not exists (
        select from unnest(:handles::text[]) h (handle)
        where h.handle = i.username_key || '@' || coalesce(i.host, s.host, ''));

-- Domains that an identity no longer blocks: all but these.
-- name: import_clear_domains :exec
delete from identity_domain_blocks d
where d.identity_id = :identity_id
    and d.domain_id = :domain_id
    and not exists (select from unnest(:hosts::text[]) h (host) where h.host = d.host);

-- Bookmarks that an identity no longer has: all but those of these posts.
-- name: import_clear_bookmarks :exec
delete from bookmarks b
using posts p
where b.identity_id = :identity_id
    and b.domain_id = :domain_id
    and p.id = b.post_id
    and not exists (select from unnest(:uris::text[]) u (uri) where u.uri = p.object_uri);

-- Lists that an identity no longer has: all but those with these titles.
-- name: import_clear_lists :exec
delete from lists l
where l.identity_id = :identity_id
    and l.domain_id = :domain_id
    and not exists (select from unnest(:titles::text[]) t (title) where t.title = l.title);

-- Who is no longer on a list of an identity: all but these, each named by the title of a list and a handle.
-- name: import_clear_members :exec
delete from list_accounts a
using lists l, identities i
left join servers s on s.id = i.server_id
where l.identity_id = :identity_id
    and l.domain_id = :domain_id
    and a.list_id = l.id
    and i.id = a.member_id
    and not exists (
        select from unnest(:titles::text[], :handles::text[]) m (title, handle)
        where m.title = l.title and m.handle = i.username_key || '@' || coalesce(i.host, s.host, ''));

-- Filters that an identity no longer has: all but those with these titles.
-- name: import_clear_filters :exec
delete from filters f
where f.identity_id = :identity_id
    and f.domain_id = :domain_id
    and not exists (select from unnest(:titles::text[]) t (title) where t.title = f.title);

-- Why nothing of an import can be done. What it came with goes.
-- name: import_explain :exec
update imports
set failure = :failure,
    file = ''
where id = :id;

-- Forgets what an earlier attempt to unpack an archive made.
-- name: import_forget_rows :exec
with unneeded as (
    delete from import_files where import_id = :import_id
)
delete from import_rows where import_id = :import_id;

-- Files that lines of an import need, unless it was cancelled meanwhile.
-- name: import_add_files :exec
insert into import_files (import_id, domain_id, file)
select i.id, i.domain_id, f.file
from imports i
cross join unnest(:files::text[]) f (file)
where i.id = :import_id
    and i.state = 'preparing'
on conflict do nothing;

-- They are in posts now, or in nothing.
-- name: import_drop_files :exec
delete from import_files where import_id = :import_id;

-- An archive was unpacked.
-- name: import_unpacked :exec
update imports
set source = :source,
    left_out = :left_out,
    file = ''
where id = :id;

-- One post at a time of one author: an answer and what it answers would miss each other else.
-- name: import_turn :exec
select pg_advisory_xact_lock(hashtextextended('imported posts', :identity_id))::text as "done?";

-- Whether a post of an archive is here: brought before, or written here.
-- name: import_post_known :one import_known
select exists (
    select from posts where author_id = :author_id and imported_from = :uri)
    or exists (select from posts where author_id = :author_id and object_uri = :uri) as "known!";

-- A post that its author brought along. None when it is here already.
-- name: import_post_add :many import_post
with made as materialized (
    select snowflake_dated(0, :published) as id
)
insert into posts (id, domain_id, author_id, object_uri, url, type, visibility, content, source, summary, sensitive,
    language, in_reply_to_uri, in_reply_to_id, thread_id, imported_from, published, created, edited, quote_automatic,
    state,
    state_lane)
select m.id, i.domain_id, i.id, i.actor_uri || 'posts/' || m.id || '/', i.url || 'posts/' || m.id || '/', 'Note',
    :visibility::text::post_visibility, :content, :source, :summary, :sensitive, :language,
    coalesce(parent.object_uri, :in_reply_to_uri), parent.id, coalesce(parent.thread_id, parent.id), :imported_from,
    :published, :published, :edited?,
    case when :visibility in ('public', 'unlisted') then array['public'] else '{}' end, 'fanned_out', i.domain_id
from identities i
cross join made m
left join posts parent on parent.author_id = i.id and parent.imported_from = :in_reply_to_uri
    and :in_reply_to_uri <> '' and parent.deleted is null
where i.id = :author_id
    and not exists (select from posts p where p.author_id = i.id and p.object_uri = :imported_from)
on conflict (author_id, imported_from) where imported_from <> '' do nothing
returning id, object_uri, coalesce(in_reply_to_id, 0) as "in_reply_to_id!";

-- Answers that were brought along before what they answer.
-- name: import_post_adopt :exec
with adopted as (
    update posts
    set in_reply_to_id = :id,
        in_reply_to_uri = :uri
    where author_id = :author_id
        and in_reply_to_uri = :imported_from
        and in_reply_to_id is null
        and imported_from <> ''
    returning id
)
select post_thread_adopt(array_agg(a.id), :id)::text
from adopted a
having count(*) > 0;

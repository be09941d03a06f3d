-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Archives: all that an identity has, as one file; and posts that it brought along in one.

create table archives (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    file text not null default '',
    size bigint not null default 0,
    total bigint not null default 0,
    done bigint not null default 0,
    missing bigint not null default 0,
    failure text not null default '',
    created timestamptz not null default now(),
    state text not null default 'packing' check (state in ('packing', 'ready', 'failed')),
    like state_row including defaults including comments
);
comment on table archives is '[tenant] Archives of identities that they asked for. A row goes when its time is over, and its file with it.';
comment on column archives.id is 'Id.';
comment on column archives.domain_id is 'The tenant.';
comment on column archives.identity_id is 'Whose.';
comment on column archives.file is 'Where it is stored; empty: it is not packed yet.';
comment on column archives.size is 'Bytes of it.';
comment on column archives.total is 'Posts and files that are to be in it; 0: not known yet.';
comment on column archives.done is 'How many of them are.';
comment on column archives.missing is 'Files that could not be had, or found no room in it.';
comment on column archives.failure is 'Why there is none, plain text; empty: nothing failed.';
comment on column archives.created is 'When it was asked for; the next is allowed some days later.';
create unique index archives_identity on archives (identity_id) where state <> 'failed';
create index archives_owner on archives (identity_id, id desc);
create index archives_domain on archives (domain_id);
select table_protect('archives');

create trigger archives_file_new after insert on archives for each row
    when (new.file <> '')
    execute function media_refer('domain_id', 'file');
create trigger archives_file after update of file on archives for each row
    execute function media_refer('domain_id', 'file');
create trigger archives_file_gone after delete on archives for each row
    when (old.file <> '')
    execute function media_refer('domain_id', 'file');

create function archive_tell(p_archive_id bigint, p_key text) returns void
language sql security definer set search_path = public
as $$
    insert into mails (domain_id, kind, user_id, identity_id, address, message_key, state_lane)
    select a.domain_id, 'archive', u.id, a.identity_id, u.email, p_key || row_number() over (order by u.id), a.domain_id
    from archives a
    join identity_users iu on iu.identity_id = a.identity_id and iu.domain_id = a.domain_id
    join users u on u.id = iu.user_id and u.confirmed is not null and not u.banned
    where a.id = p_archive_id
        and a.domain_id = current_domain()
$$;
comment on function archive_tell is 'Letters to those who hold the identity of an archive: it is there.';

-- An archive that was brought is unpacked first: its posts become lines, its pictures files that these lines need.

alter table imports
    add column file text not null default '',
    add column source text not null default '',
    add column left_out bigint not null default 0,
    add column failure text not null default '';
comment on column imports.file is 'The archive as it came; empty: it was unpacked, or there is none.';
comment on column imports.source is 'The account that the archive is of (URI); empty: not known yet, or no archive.';
comment on column imports.left_out is 'What is in the archive and is not brought along: boosts, letters to single people, what others wrote.';
comment on column imports.failure is 'Why nothing of it could be done, plain text; empty: it could.';

create trigger imports_file_new after insert on imports for each row
    when (new.file <> '')
    execute function media_refer('domain_id', 'file');
create trigger imports_file after update of file on imports for each row
    execute function media_refer('domain_id', 'file');
create trigger imports_file_gone after delete on imports for each row
    when (old.file <> '')
    execute function media_refer('domain_id', 'file');

create table import_files (
    import_id bigint not null references imports (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    file text not null,
    primary key (import_id, file)
);
comment on table import_files is '[tenant] Files from archives that are not in posts yet. They may tell more than their author wants, and are shown to nobody.';
comment on column import_files.import_id is 'The import.';
comment on column import_files.domain_id is 'The tenant.';
comment on column import_files.file is 'Where it is stored.';
create index import_files_domain on import_files (domain_id);
select table_protect('import_files');
create trigger import_files_new after insert on import_files for each row
    execute function media_refer('', 'file');
create trigger import_files_gone after delete on import_files for each row
    execute function media_refer('', 'file');

-- Posts that came that way. They stand where their dates put them, and nobody is told of them.

alter table posts
    add column imported_from text not null default '' check (length(imported_from) <= 2048);
comment on column posts.imported_from is 'The id that it had where its author brought it from; empty: it was written here. Nobody is told of such a post.';
create unique index posts_imported on posts (author_id, imported_from) where imported_from <> '';

create function snowflake_dated(p_kind integer, p_at timestamptz) returns bigint
language sql volatile
as $$
    select greatest(
        case
            when t.since >= 86400000 then t.since
            else greatest(0, floor((t.since + 694335600000) * (86400000.0::double precision / 694422000000)))::bigint
        end << 22
        | (nextval('snowflake_counter') << 3)
        | p_kind, 1)
    from (select (extract(epoch from p_at) * 1000)::bigint - 1641020400000 as since) t
$$;
comment on function snowflake_dated is 'An id of that time. Ids begin with 2022: the years from 2000 until then share its first day, in their order.';

drop trigger posts_tell on posts;
create trigger posts_tell after insert on posts
    for each row
    when (new.visibility <> 'mentioned' and new.deleted is null and new.consent = '' and new.imported_from = ''
        and (new.domain_id is not null or new.published > now() - interval '6 hours'))
    execute function stream_tell_post();
drop trigger posts_webhook on posts;
create trigger posts_webhook after insert on posts for each row
    when (new.domain_id is not null and new.visibility = 'public' and new.imported_from = '')
    execute function webhook_tell_post();

create function identity_forget_archives() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    delete from archives where identity_id = new.id;
    delete from imports where identity_id = new.id;
    return null;
end
$$;
comment on function identity_forget_archives is 'What an identity that was deleted took with it or brought along.';
create trigger identities_forget_archives after update of deleted on identities for each row
    when (new.deleted is not null and old.deleted is null)
    execute function identity_forget_archives();

revoke execute on function archive_tell from public;
grant execute on function archive_tell to rookery_stator;
grant execute on function snowflake_dated to rookery_server, rookery_stator, rookery_host;
grant select, insert, update, delete on archives to rookery_server, rookery_stator, rookery_host;
grant select, insert, delete on import_files to rookery_server, rookery_stator, rookery_host;

insert into stator_types (name, relation, automatic, domain_expression) values
    ('archive', 'archives', '{packing}', 'r.domain_id');
select stator_add_type('archive');
select stator_make_doors();

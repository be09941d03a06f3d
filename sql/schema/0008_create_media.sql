-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Files: which bytes are stored, who refers to them, how much of its quota a tenant uses, and the cache of remote media.
-- A column that names a file gets the trigger media_refer(); nothing else counts, so nothing can be counted wrongly.

create table media_files (
    id bigint generated always as identity primary key,
    name text not null unique check (name ~ '^[0-9a-f]{64}\.[a-z0-9]{2,5}$'),
    media_type text not null,
    size bigint not null check (size >= 0),
    uses bigint not null default 0 check (uses >= 0),
    created timestamptz not null default now(),
    state text not null default 'unused' check (state in ('unused', 'kept', 'removing', 'gone')),
    like state_row including defaults including comments
);
comment on table media_files is '[neutral] Stored files, one row for the same bytes whoever refers to them.';
comment on column media_files.id is 'Id.';
comment on column media_files.name is 'SHA-256 of the bytes in hexadecimal, and the ending of their type: where they are stored.';
comment on column media_files.media_type is 'Media type, by the bytes.';
comment on column media_files.size is 'Bytes.';
comment on column media_files.uses is 'Columns of rows that name it.';
comment on column media_files.created is 'When the row was made.';

create table media_uses (
    domain_id bigint not null references domains (id) on delete cascade,
    name text not null references media_files (name),
    uses bigint not null check (uses >= 0),
    primary key (domain_id, name)
);
comment on table media_uses is '[tenant] Files that a tenant refers to: these are served under its name, and count for its quota.';
comment on column media_uses.domain_id is 'The tenant.';
comment on column media_uses.name is 'The file.';
comment on column media_uses.uses is 'Columns of its rows that name it.';
create index media_uses_name on media_uses (name);

create table media_usage (
    domain_id bigint primary key references domains (id) on delete cascade,
    files bigint not null default 0,
    bytes bigint not null default 0
);
comment on table media_usage is '[tenant] What a tenant uses of its quota: the sum over its rows in media_uses.';
comment on column media_usage.domain_id is 'The tenant.';
comment on column media_usage.files is 'Files.';
comment on column media_usage.bytes is 'Bytes of them.';
select table_protect('media_uses'), table_protect('media_usage');

create table media_remote (
    id bigint generated always as identity primary key,
    url text not null unique check (length(url) <= 2048),
    media_type text not null default '',
    file text not null default '',
    preview text not null default '',
    size bigint not null default 0,
    failures integer not null default 0,
    retry_after timestamptz,
    fetched timestamptz not null default now(),
    last_used timestamptz not null default now()
);
comment on table media_remote is '[neutral] Cache of the media of other servers, one row an address; the least recently used go first.';
comment on column media_remote.id is 'Id.';
comment on column media_remote.url is 'Where it was fetched from.';
comment on column media_remote.media_type is 'Media type of the file, by its bytes.';
comment on column media_remote.file is 'The file; empty: it could not be had.';
comment on column media_remote.preview is 'Its small form; empty: none.';
comment on column media_remote.size is 'Bytes of both.';
comment on column media_remote.failures is 'Attempts since the last that worked.';
comment on column media_remote.retry_after is 'When one that failed may be tried again; null: it is here.';
comment on column media_remote.fetched is 'When it was last fetched.';
comment on column media_remote.last_used is 'Last use, to within an hour.';
create index media_remote_used on media_remote (last_used);

create table host_keys (
    name text primary key,
    secret bytea not null,
    created timestamptz not null default now()
);
comment on table host_keys is '[host] Secrets that the programs of this installation share, each made at its first need.';
comment on column host_keys.name is 'What it is for.';
comment on column host_keys.secret is 'Random bytes.';
comment on column host_keys.created is 'When it was made.';

alter table attachments
    add column source text not null default '',
    add column size bigint not null default 0,
    add column duration double precision not null default 0,
    add column thumbnail_width integer not null default 0,
    add column thumbnail_height integer not null default 0,
    add column colour text not null default '',
    add column failure text not null default '',
    add column state text not null default 'ready' check (state in ('new', 'unattached', 'ready', 'failed')),
    add column state_changed timestamptz not null default now(),
    add column state_next_attempt timestamptz not null default now(),
    add column state_attempts integer not null default 0,
    add column state_locked_by text,
    add column state_error text not null default '',
    add column state_lane bigint not null default 0,
    add column state_trace bigint default nullif(current_setting('rookery.trace', true), '')::bigint;
comment on column attachments.source is 'The upload as it came, which nobody is shown; empty: it was worked on.';
comment on column attachments.size is 'Bytes of a local one.';
comment on column attachments.duration is 'Seconds; 0: not known, or a picture.';
comment on column attachments.thumbnail_width is 'Pixels of the small form; 0: none.';
comment on column attachments.thumbnail_height is 'Pixels of the small form; 0: none.';
comment on column attachments.colour is 'Average colour, #rrggbb; empty: none.';
comment on column attachments.failure is 'Why it could not be worked on; empty: it could.';
comment on column attachments.state_changed is 'When the state was entered.';
comment on column attachments.state_next_attempt is 'When it is due; while locked, the end of the lease.';
comment on column attachments.state_attempts is 'Attempts in this state without progress.';
comment on column attachments.state_locked_by is 'The worker that holds it; null: nobody.';
comment on column attachments.state_error is 'Why the last attempt made no progress; short.';
comment on column attachments.state_trace is 'The unit of work that made it, which logs name in hexadecimal.';
comment on column attachments.state_lane is 'Whose turn it is: the tenant''s.';
create index attachments_author on attachments (author_id, id) where post_id is null;

alter table identities
    add column icon_file text not null default '',
    add column icon_static text not null default '',
    add column image_file text not null default '',
    add column image_static text not null default '';
comment on column identities.icon_file is 'Avatar of a local identity; empty: none.';
comment on column identities.icon_static is 'Its form without motion, when it moves; else empty.';
comment on column identities.image_file is 'Banner of a local identity; empty: none.';
comment on column identities.image_static is 'Its form without motion, when it moves; else empty.';
create index identities_icon_file on identities (icon_file) where icon_static <> '';
create index identities_image_file on identities (image_file) where image_static <> '';

-- Counting. A file that nobody names any more stays for an hour, in case that somebody stores the same bytes again.

create function media_count(p_domain_id bigint, p_name text, p_by bigint) returns void
language plpgsql set search_path = public
as $$
declare
    f media_files;
    here bigint;
begin
    if coalesce(p_name, '') = '' then
        return;
    end if;
    update media_files
    set uses = uses + p_by
    where name = p_name
    returning * into f;
    if not found then
        raise foreign_key_violation using message = 'there is no file ' || p_name;
    end if;
    if p_by > 0 and f.state in ('removing', 'gone') then
        raise serialization_failure using message = 'the file is being removed';
    end if;
    if (f.uses > 0) <> (f.state = 'kept') and f.state in ('kept', 'unused') then
        update media_files
        set state = case when f.uses > 0 then 'kept' else 'unused' end, state_changed = now(), state_attempts = 0,
            state_next_attempt = now() + interval '1 hour', state_locked_by = null
        where id = f.id;
    end if;
    if p_domain_id is null then
        return;
    end if;
    insert into media_uses as u (domain_id, name, uses) values (p_domain_id, p_name, greatest(p_by, 0))
    on conflict (domain_id, name) do update set uses = u.uses + p_by
    returning uses into here;
    if here = 0 then
        delete from media_uses where domain_id = p_domain_id and name = p_name;
    end if;
    if here = greatest(p_by, 0) then
        insert into media_usage as u (domain_id, files, bytes) values (p_domain_id, greatest(p_by, 0), greatest(p_by, 0) * f.size)
        on conflict (domain_id) do update set files = u.files + p_by, bytes = u.bytes + p_by * f.size;
    end if;
end
$$;
comment on function media_count is 'One column more (1) or fewer (-1) names a file, for a tenant or (null) for the host.';

create function media_refer() returns trigger
language plpgsql security definer set search_path = public
as $$
declare
    before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) else '{}' end;
    after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) else '{}' end;
    whose text := tg_argv[0];
    place text;
begin
    for i in 1 .. tg_nargs - 1 loop
        place := tg_argv[i];
        if before ->> place is distinct from after ->> place then
            perform media_count((after ->> whose)::bigint, after ->> place, 1);
            perform media_count((before ->> whose)::bigint, before ->> place, -1);
        end if;
    end loop;
    return null;
end
$$;
comment on function media_refer is 'Counts the files that columns of a row name. Arguments: the column with the tenant (empty: none), then these columns.';

create trigger attachments_files_new after insert on attachments for each row
    when (new.file <> '' or new.thumbnail <> '')
    execute function media_refer('domain_id', 'file', 'thumbnail');
create trigger attachments_files after update of file, thumbnail on attachments for each row
    execute function media_refer('domain_id', 'file', 'thumbnail');
create trigger attachments_files_gone after delete on attachments for each row
    when (old.file <> '' or old.thumbnail <> '')
    execute function media_refer('domain_id', 'file', 'thumbnail');
create trigger attachments_source_new after insert on attachments for each row
    when (new.source <> '')
    execute function media_refer('', 'source');
create trigger attachments_source after update of source on attachments for each row
    execute function media_refer('', 'source');
create trigger attachments_source_gone after delete on attachments for each row
    when (old.source <> '')
    execute function media_refer('', 'source');
create trigger identities_files after update of icon_file, icon_static, image_file, image_static on identities for each row
    execute function media_refer('domain_id', 'icon_file', 'icon_static', 'image_file', 'image_static');
create trigger media_remote_files after insert or update of file, preview or delete on media_remote for each row
    execute function media_refer('', 'file', 'preview');

create function host_key(p_name text) returns bytea
language plpgsql security definer set search_path = public
as $$
declare
    found bytea;
begin
    select secret into found from host_keys where name = p_name;
    if found is null then
        insert into host_keys (name, secret)
        values (p_name, sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')))
        on conflict do nothing;
        select secret into found from host_keys where name = p_name;
    end if;
    return found;
end
$$;
comment on function host_key is 'The secret of that name, made when there is none.';

create function media_tally() returns table (files bigint, bytes bigint, unused bigint, remote bigint, remote_bytes bigint)
language sql stable security definer set search_path = public
as $$
    select count(*), coalesce(sum(f.size), 0)::bigint, count(*) filter (where f.state <> 'kept'),
        (select count(*) from media_remote where file <> ''), (select coalesce(sum(size), 0)::bigint from media_remote)
    from media_files f
    where f.state <> 'gone'
$$;
comment on function media_tally is 'What is stored in all, and what of it is the cache of remote media.';

insert into stator_types (name, relation, automatic, domain_expression) values
    ('attachment', 'attachments', '{new}', 'coalesce(r.domain_id, 0)'),
    ('media_file', 'media_files', '{unused,removing}', '0::bigint');
select stator_add_type('attachment'), stator_add_type('media_file');
select stator_make_doors();

grant execute on function host_key, media_tally to rookery_server, rookery_stator, rookery_host;
revoke all on host_keys from rookery_server, rookery_stator, rookery_host;
revoke insert, update, delete on media_uses, media_usage from rookery_server, rookery_stator, rookery_host;

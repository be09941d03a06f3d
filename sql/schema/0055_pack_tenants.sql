-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- How a tenant's archive is written and taken in. archive_begin(), archive_open() and archive_fetch() run as rookery_mover,
-- which sees the tenant's rows alone; what else an archive may tell of others, two functions say. archive_check() refuses
-- what claims to be somebody else's, archive_place() puts in what came, as rookery_mover again.

-- Out.

create function archive_other_identity(p_id bigint) returns jsonb
language sql stable security definer set search_path = public
as $$
    select jsonb_build_object('id', i.id, 'actor_uri', i.actor_uri, 'actor_type', i.actor_type, 'username', i.username,
        'inbox_uri', i.inbox_uri, 'shared_inbox_uri', i.shared_inbox_uri, 'followers_uri', i.followers_uri)
    from identities i
    where i.id = p_id and i.domain_id is distinct from current_domain() and not i.is_system
$$;
comment on function archive_other_identity is 'What an archive says of an identity that is not the tenant''s: where it is.';

create function archive_other_post(p_id bigint) returns jsonb
language sql stable security definer set search_path = public
as $$
    select case
            when p.visibility in ('public', 'unlisted') then
                jsonb_build_object('id', p.id, 'object_uri', p.object_uri, 'author_id', p.author_id, 'published', p.published)
            when exists (select from post_audience a where a.post_id = p.id and a.domain_id = current_domain()) then
                jsonb_build_object('id', p.id, 'object_uri', p.object_uri, 'author_id', p.author_id, 'published', p.published,
                    'url', p.url, 'type', p.type, 'visibility', p.visibility, 'content', p.content, 'summary', p.summary,
                    'sensitive', p.sensitive, 'language', p.language, 'in_reply_to_uri', p.in_reply_to_uri, 'edited', p.edited)
        end
    from posts p
    where p.id = p_id and p.domain_id is distinct from current_domain() and (p.deleted is null or p.state = 'stub')
$$;
comment on function archive_other_post is 'What an archive says of a post that is not the tenant''s: its address; all of one that was sent to it and is not for everybody.';

create function archive_post_author(p_id bigint) returns bigint
language sql stable security definer set search_path = public
as $$ select p.author_id from posts p where p.id = p_id and archive_other_post(p_id) is not null $$;
comment on function archive_post_author is 'The author of a post that an archive speaks of.';

-- The identities, posts and hashtags that the tenant's rows refer to and that are not its own, in archive_known.
create function archive_begin() returns void
language plpgsql set search_path = public
as $$
declare
    e archive_tables;
    f record;
begin
    perform set_config('synchronize_seqscans', 'off', true), set_config('max_parallel_workers_per_gather', '0', true),
        set_config('statement_timeout', '0', true);
    create temporary table archive_known (name text, id bigint, primary key (name, id)) on commit drop;
    for e in select * from archive_tables where relation <> '' and name <> 'home_timeline' order by place loop
        for f in
            select r.key as field, rtrim(r.value #>> '{}', '!') as kind, t.typcategory = 'A' as many
            from jsonb_each(e.refs) r
            join pg_attribute c on c.attrelid = e.relation::regclass and c.attname = r.key
            join pg_type t on t.oid = c.atttypid
            where rtrim(r.value #>> '{}', '!') in ('identities', 'posts', 'hashtags')
        loop
            execute format('insert into archive_known select distinct %L, v.id from %I r cross join lateral %s
                where (%s) and v.id is not null on conflict do nothing', f.kind, e.relation,
                case when f.many then format('unnest(r.%I) v (id)', f.field) else format('(values (r.%I)) v (id)', f.field) end,
                e.pick);
        end loop;
    end loop;
    delete from archive_known k where k.name = 'posts' and exists (
        select from posts p where p.id = k.id and p.domain_id = current_domain());
    insert into archive_known
    select distinct 'identities', archive_post_author(k.id) from archive_known k
    where k.name = 'posts' and archive_post_author(k.id) is not null
    on conflict do nothing;
    delete from archive_known k where k.name = 'identities' and exists (
        select from identities i where i.id = k.id and i.domain_id = current_domain());
    analyze archive_known;
end
$$;
comment on function archive_begin is 'Finds out what of others an archive has to name.';

create function archive_open(p_name text) returns boolean
language plpgsql set search_path = public
as $$
declare
    rows refcursor := 'archive_rows_out';
    e archive_tables;
begin
    select * into strict e from archive_tables where name = p_name;
    if e.name = 'media' then
        open rows for select jsonb_build_object('name', f.name, 'media_type', f.media_type, 'size', f.size)::text
            from media_files f where exists (select from media_uses u where u.name = f.name and u.domain_id = current_domain())
                and f.media_type <> 'application/zip'
            order by f.name;
    elsif e.name = 'hashtags' then
        open rows for select jsonb_build_object('id', h.id, 'name', h.name, 'display', h.display)::text
            from archive_known k join hashtags h on h.id = k.id where k.name = 'hashtags' order by h.id;
    elsif e.name = 'other_identities' then
        open rows for select archive_other_identity(k.id)::text from archive_known k
            where k.name = 'identities' and archive_other_identity(k.id) is not null order by k.id;
    elsif e.name = 'other_posts' then
        open rows for select archive_other_post(k.id)::text from archive_known k
            where k.name = 'posts' and archive_other_post(k.id) is not null order by k.id;
    else
        open rows for execute format('select x.line from (
                select (to_jsonb(r) - %L::text[])::text as line, to_jsonb(r) -> ''id'' as id from %I r where %s) x
            order by x.id, x.line',
            e.leaves || '{state_attempts,state_locked_by,state_error,state_lane,domain_id,target_domain_id,post_domain_id,
                quoted_domain_id,owner_domain_id}'::text[], e.relation, e.pick);
    end if;
    return true;
end
$$;
comment on function archive_open is 'Begins to read the rows of a kind.';

create function archive_fetch() returns text[]
language plpgsql set search_path = public
as $$
declare
    rows refcursor := 'archive_rows_out';
    line text;
    lines text[] := '{}';
    size bigint := 0;
begin
    loop
        fetch rows into line;
        exit when not found;
        lines := lines || line;
        size := size + octet_length(line);
        exit when size > 500000 or cardinality(lines) >= 1000;
    end loop;
    if cardinality(lines) = 0 then
        close rows;
    end if;
    return lines;
end
$$;
comment on function archive_fetch is 'The next rows, at most a megabyte or little more; none: there are no more.';

-- In.

create function archive_check() returns text
language plpgsql stable set search_path = public
as $$
declare
    e archive_tables;
    field text;
    found_at bigint;
begin
    for e in select * from archive_tables order by place loop
        foreach field in array e.own loop
            select a.number into found_at from archive_rows a
            where a.domain_id = current_domain() and a.name = e.name and coalesce(a.row ->> field, '') <> ''
                and not archive_is_own(a.row ->> field)
            limit 1;
            if found then
                return format('%s, row %s: %s is not on a host of this domain', e.name, found_at, field);
            end if;
        end loop;
    end loop;
    select a.number into found_at from archive_rows a
    where a.domain_id = current_domain() and a.name = 'identities'
        and (a.row ->> 'username') !~ '^[A-Za-z0-9_]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?$'
    limit 1;
    if found then
        return format('identities, row %s: this is no user name', found_at);
    end if;
    return '';
end
$$;
comment on function archive_check is 'Why an archive cannot be the present tenant''s; empty: it can.';

-- Which rows are here, and which are made. Clients know snowflakes: they stay, unless somebody else has one, or it says that
-- it was made tomorrow.
create function archive_map(p_name text) returns void
language plpgsql security definer set search_path = public
as $$
declare
    e archive_tables;
    known text;
begin
    select * into strict e from archive_tables where name = p_name;
    if e.ids = 'kept' then
        known := case p_name
            when 'identities' then '(select x.id from identities x where x.actor_uri = a.row ->> ''actor_uri'' and x.domain_id is null)'
            when 'posts' then '(select x.id from posts x where x.object_uri = a.row ->> ''object_uri'' and x.domain_id is null)'
            else 'null::bigint' end;
        execute format('insert into archive_ids (domain_id, name, there, here, own)
            select a.domain_id, a.name, v.id, coalesce(%s, case
                when v.id <= 0 or v.id >= snowflake(0) or exists (select from %I x where x.id = v.id) then snowflake((v.id & 7)::integer)
                else v.id end), true
            from archive_rows a cross join lateral (select (a.row ->> ''id'')::bigint as id) v
            where a.domain_id = current_domain() and a.name = %L and v.id is not null
            order by a.number
            on conflict do nothing', known, e.relation, p_name);
    elsif e.ids = 'new' then
        execute format('insert into archive_ids (domain_id, name, there, here, own)
            select s.domain_id, s.name, s.id, nextval(pg_get_serial_sequence(%L, ''id'')), true
            from (select distinct a.domain_id, a.name, (a.row ->> ''id'')::bigint as id from archive_rows a
                where a.domain_id = current_domain() and a.name = %L and a.row ->> ''id'' is not null order by 3) s
            on conflict do nothing', e.relation, p_name);
    end if;
end
$$;
comment on function archive_map is 'Finds the ids here of an archive''s rows of a kind.';

create function archive_place_hashtags() returns bigint
language plpgsql security definer set search_path = public
as $$
declare
    n bigint;
begin
    insert into hashtags (name, display)
    select distinct on (a.row ->> 'name') a.row ->> 'name',
        case when lower(a.row ->> 'display') = a.row ->> 'name' then a.row ->> 'display' else '' end
    from archive_rows a
    where a.domain_id = current_domain() and a.name = 'hashtags' and (a.row ->> 'name') ~ '^[^\s#<>&"]{1,100}$'
        and a.row ->> 'name' = lower(a.row ->> 'name')
    on conflict do nothing;
    insert into archive_ids (domain_id, name, there, here, own)
    select a.domain_id, a.name, (a.row ->> 'id')::bigint, h.id, false
    from archive_rows a
    join hashtags h on h.name = a.row ->> 'name'
    where a.domain_id = current_domain() and a.name = 'hashtags'
    on conflict do nothing;
    get diagnostics n = row_count;
    return n;
end
$$;
comment on function archive_place_hashtags is 'Finds or makes the hashtags that an archive names.';

-- Of others an archive says only where they are, and on their own host at that; their servers say the rest. Whoever
-- is known here stays as they are.
create function archive_place_identities() returns bigint
language plpgsql security definer set search_path = public
as $$
declare
    n bigint;
begin
    insert into servers (host)
    select distinct archive_host(u.uri)
    from archive_rows a
    cross join lateral (values (a.row ->> 'actor_uri'), (a.row ->> 'inbox_uri')) u (uri)
    where a.domain_id = current_domain() and a.name in ('other_identities', 'deliveries') and archive_host(u.uri) ~ '^[a-z0-9._:-]{1,255}$'
    on conflict do nothing;
    insert into identities (server_id, actor_uri, actor_type, username, inbox_uri, shared_inbox_uri, followers_uri, state, state_lane)
    select distinct on (v.uri) s.id, v.uri, 'Person', left(a.row ->> 'username', 100),
        case when archive_host(a.row ->> 'inbox_uri') = s.host then a.row ->> 'inbox_uri' else '' end,
        case when archive_host(a.row ->> 'shared_inbox_uri') = s.host then a.row ->> 'shared_inbox_uri' else '' end,
        case when archive_host(a.row ->> 'followers_uri') = s.host then a.row ->> 'followers_uri' else '' end,
        'outdated', s.id
    from archive_rows a
    cross join lateral (select a.row ->> 'actor_uri' as uri) v
    join servers s on s.host = archive_host(v.uri)
    where a.domain_id = current_domain() and a.name = 'other_identities' and length(v.uri) <= 2048
        and not exists (select from domain_names d where d.name = s.host)
    on conflict do nothing;
    insert into archive_ids (domain_id, name, there, here, own)
    select a.domain_id, 'identities', (a.row ->> 'id')::bigint, i.id, false
    from archive_rows a
    join identities i on i.actor_uri = a.row ->> 'actor_uri'
    where a.domain_id = current_domain() and a.name = 'other_identities' and i.domain_id is distinct from current_domain()
        and not archive_is_own(i.actor_uri)
    on conflict do nothing;
    get diagnostics n = row_count;
    return n;
end
$$;
comment on function archive_place_identities is 'Finds the identities of others that an archive names, or makes stubs that are fetched.';

-- What was for few came from somebody's server once and cannot be asked for again: it is taken, for the tenant alone.
create function archive_place_posts() returns bigint
language plpgsql security definer set search_path = public
as $$
declare
    n bigint;
begin
    with made as (
        insert into posts (author_id, object_uri, url, type, visibility, content, summary, sensitive, language, in_reply_to_uri,
            published, edited, deleted, state, state_lane)
        select distinct on (v.uri) i.id, v.uri, case when f.full and archive_host(a.row ->> 'url') = archive_host(v.uri) then a.row ->> 'url' else '' end,
            case when f.full then left(a.row ->> 'type', 40) else 'Note' end,
            case when f.full then (a.row ->> 'visibility')::post_visibility else 'public' end,
            case when f.full then a.row ->> 'content' else '' end, case when f.full then a.row ->> 'summary' else '' end,
            f.full and (a.row ->> 'sensitive')::boolean, case when f.full then left(a.row ->> 'language', 35) else '' end,
            case when f.full then left(a.row ->> 'in_reply_to_uri', 2048) else '' end,
            least((a.row ->> 'published')::timestamptz, now()), case when f.full then (a.row ->> 'edited')::timestamptz end,
            case when f.full then null else now() end, case when f.full then 'fanned_out' else 'stub' end, coalesce(i.server_id, 0)
        from archive_rows a
        cross join lateral (select a.row ->> 'object_uri' as uri) v
        cross join lateral (select coalesce(a.row ->> 'visibility', '') in ('followers', 'mentioned') as full) f
        join archive_ids m on m.domain_id = a.domain_id and m.name = 'identities' and m.there = (a.row ->> 'author_id')::bigint
        join identities i on i.id = m.here
        where a.domain_id = current_domain() and a.name = 'other_posts' and length(v.uri) <= 2048 and i.domain_id is null
            and archive_host(v.uri) = archive_host(i.actor_uri)
            and not exists (select from domain_names d where d.name = archive_host(v.uri))
        on conflict do nothing
        returning id, object_uri, visibility
    )
    insert into archive_ids (domain_id, name, there, here, own)
    select a.domain_id, 'posts', (a.row ->> 'id')::bigint, made.id, made.visibility not in ('public', 'unlisted')
    from archive_rows a
    join made on made.object_uri = a.row ->> 'object_uri'
    where a.domain_id = current_domain() and a.name = 'other_posts'
    on conflict do nothing;
    insert into archive_ids (domain_id, name, there, here, own)
    select a.domain_id, 'posts', (a.row ->> 'id')::bigint, p.id, false
    from archive_rows a
    join posts p on p.object_uri = a.row ->> 'object_uri'
    where a.domain_id = current_domain() and a.name = 'other_posts' and p.domain_id is distinct from current_domain()
        and not archive_is_own(p.object_uri)
    on conflict do nothing;
    select count(*) into n
    from archive_rows a
    join archive_ids m on m.domain_id = a.domain_id and m.name = 'posts' and m.there = (a.row ->> 'id')::bigint
    where a.domain_id = current_domain() and a.name = 'other_posts';
    return n;
end
$$;
comment on function archive_place_posts is 'Finds the posts of others that an archive names, or makes stubs that are fetched.';

-- What hung on a remote identity or post now hangs on the tenant's.
create function archive_adopt() returns void
language plpgsql security definer set search_path = public
as $$
declare
    tenant constant bigint := current_domain();
begin
    update follows f set domain_id = tenant from identities i
    where i.domain_id = tenant and f.source_id = i.id and f.domain_id is null;
    update follows f set target_domain_id = tenant from identities i
    where i.domain_id = tenant and f.target_id = i.id and f.target_domain_id is null;
    update blocks b set domain_id = tenant from identities i
    where i.domain_id = tenant and b.source_id = i.id and b.domain_id is null;
    update blocks b set target_domain_id = tenant from identities i
    where i.domain_id = tenant and b.target_id = i.id and b.target_domain_id is null;
    update interactions n set domain_id = tenant from identities i
    where i.domain_id = tenant and n.identity_id = i.id and n.domain_id is null;
    update interactions n set post_domain_id = tenant from archive_ids m
    where m.domain_id = tenant and m.name = 'posts' and m.own and n.post_id = m.here and n.post_domain_id is null
        and archive_tenant_of_post(m.here) = tenant;
    update quotes q set domain_id = tenant from identities i
    where i.domain_id = tenant and q.author_id = i.id and q.domain_id is null;
    update quotes q set quoted_domain_id = tenant from identities i
    where i.domain_id = tenant and q.quoted_author_id = i.id and q.quoted_domain_id is null;
    update consents n set domain_id = tenant from identities i
    where i.domain_id = tenant and n.actor_id = i.id and n.domain_id is null;
    update consents n set owner_domain_id = tenant from identities i
    where i.domain_id = tenant and n.owner_id = i.id and n.owner_domain_id is null;
    delete from featured_collections f using identities i
    where i.domain_id = tenant and f.identity_id = i.id and f.domain_id is null;
    delete from attachments t using posts p where p.domain_id = tenant and t.post_id = p.id and t.domain_id is null;
    delete from post_edits t using posts p where p.domain_id = tenant and t.post_id = p.id and t.domain_id is null;
    delete from polls t using posts p where p.domain_id = tenant and t.id = p.id and t.domain_id is null;
    update posts p set in_reply_to_id = o.id, thread_id = coalesce(o.thread_id, o.id)
    from archive_ids m, posts o
    where m.domain_id = tenant and m.name = 'posts' and m.own and p.id = m.here and p.domain_id is null
        and p.in_reply_to_id is null and p.in_reply_to_uri <> '' and o.object_uri = p.in_reply_to_uri and o.domain_id = tenant;
    delete from thread_fetches t using posts p where p.domain_id = tenant and t.id = p.id;
end
$$;
comment on function archive_adopt is 'Makes the edges of what was known here as another server''s the tenant''s.';

-- One kind of rows. The statement is made of the catalogue and of the row of archive_tables.
create function archive_place_rows(p_name text) returns bigint
language plpgsql set search_path = public
as $$
declare
    e archive_tables;
    c record;
    kind text;
    value text;
    columns text := '';
    selected text := '';
    joins text := '';
    wanted text := '';
    updates text := '';
    accepts text;
    present text[];
    n bigint;
begin
    select * into strict e from archive_tables where name = p_name;
    accepts := e.accepts;
    select array_agg(k) into present from (
        select jsonb_object_keys((select a.row from archive_rows a
            where a.domain_id = current_domain() and a.name = p_name order by a.number limit 1)) as k) s;
    if present is null then
        return 0;
    end if;
    for c in
        select a.attname as name, t.typcategory = 'A' as many, a.attnum as place
        from pg_attribute a join pg_type t on t.oid = a.atttypid
        where a.attrelid = e.relation::regclass and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
        order by a.attnum
    loop
        kind := e.refs ->> c.name;
        if c.name = 'id' and e.ids <> '' then
            joins := joins || format(' join archive_ids mi on mi.domain_id = current_domain() and mi.name = %L and mi.there = r.id', e.name);
            value := 'mi.here';
        elsif e.expressions ? c.name then
            value := e.expressions ->> c.name;
        elsif c.name = 'domain_id' then
            value := 'current_domain()';
        elsif c.name = 'state_lane' then
            value := 'current_domain()';
        elsif c.name = any ('{state_attempts,state_locked_by,state_error}'::text[]) or c.name = any (e.leaves)
            or c.name <> all (present) then
            continue;
        elsif kind = 'file' then
            value := format('coalesce((select f.name from archive_media f where f.domain_id = current_domain() and f.name = r.%I), '''')', c.name);
        elsif kind is not null and c.many then
            value := format('coalesce((select array_agg(m.here order by u.place) from unnest(r.%I) with ordinality u (there, place)
                join archive_ids m on m.domain_id = current_domain() and m.name = %L and m.there = u.there), ''{}'')',
                c.name, rtrim(kind, '!'));
        elsif kind is not null then
            joins := joins || format(' left join archive_ids m%1$s on m%1$s.domain_id = current_domain() and m%1$s.name = %2$L
                and m%1$s.there = r.%3$I %4$s', c.place, rtrim(kind, '!'), c.name,
                case when kind like '%!' then format('and m%s.own', c.place) else '' end);
            value := format('m%s.here', c.place);
            if c.name <> all (e.loose) then
                wanted := wanted || format(' and (r.%I is null or m%s.here is not null)', c.name, c.place);
            end if;
        else
            value := format('r.%I', c.name);
        end if;
        columns := columns || format(', %I', c.name);
        selected := selected || ', ' || value;
        if c.name <> 'id' then
            updates := updates || format(', %1$I = excluded.%1$I', c.name);
        end if;
    end loop;
    -- {column}: the id here behind it.
    for c in select a.attname as name, a.attnum as place from pg_attribute a
        where a.attrelid = e.relation::regclass and a.attnum > 0 and e.refs ? a.attname
    loop
        selected := replace(selected, '{' || c.name || '}', format('m%s.here', c.place));
        accepts := replace(accepts, '{' || c.name || '}', format('m%s.here', c.place));
    end loop;
    execute format('insert into %1$I (%2$s) overriding system value select %3$s
        from archive_rows a cross join lateral jsonb_populate_record(null::%1$I, a.row) r %4$s
        where a.domain_id = current_domain() and a.name = %5$L and (%6$s) %7$s
        order by a.number on conflict %8$s', e.relation, substr(columns, 3), substr(selected, 3), joins, e.name, accepts, wanted,
        case p_name
            when 'identities' then '(actor_uri) do update set ' || substr(updates, 3) || ' where identities.domain_id is null'
            when 'posts' then '(object_uri) do update set ' || substr(updates, 3) || ' where posts.domain_id is null'
            else 'do nothing' end);
    get diagnostics n = row_count;
    return n;
end
$$;
comment on function archive_place_rows is 'Puts in the rows of one kind; how many.';

create function archive_place() returns table (name text, came bigint, placed bigint)
language plpgsql set search_path = public
as $$
#variable_conflict use_column
declare
    e archive_tables;
begin
    perform set_config('statement_timeout', '0', true);
    for e in select * from archive_tables t order by t.place loop
        name := e.name;
        select count(*) into came from archive_rows a where a.domain_id = current_domain() and a.name = e.name;
        continue when came = 0;
        perform archive_map(e.name);
        placed := case e.name
            when 'media' then (select count(*) from archive_media f where f.domain_id = current_domain())
            when 'hashtags' then archive_place_hashtags()
            when 'other_identities' then archive_place_identities()
            when 'other_posts' then archive_place_posts()
            else archive_place_rows(e.name) end;
        -- Posts of others are placed behind the tenant's, which may answer them.
        if e.name in ('identities', 'posts') then
            perform archive_adopt();
        end if;
        return next;
    end loop;
end
$$;
comment on function archive_place is 'Puts in all that came, as the mover and bound to the tenant.';

do $$
declare
    f text;
begin
    for f in
        select p.oid::regprocedure::text from pg_proc p
        where p.pronamespace = 'public'::regnamespace and p.proname like 'archive\_%'
    loop
        execute format('revoke execute on function %s from public', f);
        execute format('grant execute on function %s to rookery_mover, rookery_host', f);
    end loop;
end
$$;
grant execute on function current_domain(), snowflake(integer) to rookery_mover;
revoke execute on function domain_may_write() from public;
grant execute on function domain_may_write() to rookery_server, rookery_stator, rookery_host;

-- A tenant that is served elsewhere is another server's from now on, for all others here: who follows its people goes on to
-- follow them, what everybody could read stays, and what was its own alone is forgotten, its keys first.
create function domain_release(p_domain_id bigint) returns void
language plpgsql security definer set search_path = public
as $$
#variable_conflict use_variable
declare
    t text;
    f record;
    server bigint;
    origin text;
    people bigint[] := array(select iu.user_id from identity_users iu where iu.domain_id = p_domain_id);
begin
    perform set_config('statement_timeout', '0', true);
    select substring(i.actor_uri from '^https?://[^/]+') into origin from identities i where i.domain_id = p_domain_id limit 1;
    insert into servers (host) select d.service_name from domains d where d.id = p_domain_id on conflict do nothing;
    select s.id into server from servers s join domains d on d.service_name = s.host where d.id = p_domain_id;

    -- What is between two belongs to the other one now; what is between nobody of here, to nobody.
    for f in
        select * from (values ('follows', 'domain_id', 'target_domain_id'), ('blocks', 'domain_id', 'target_domain_id'),
            ('interactions', 'domain_id', 'post_domain_id'), ('quotes', 'domain_id', 'quoted_domain_id'),
            ('consents', 'domain_id', 'owner_domain_id'), ('featured_collection_items', 'domain_id', 'target_domain_id'))
            e (name, one, other)
    loop
        execute format('delete from %1$I where (%2$I = $1 and coalesce(%3$I, $1) = $1) or (%3$I = $1 and %2$I is null)',
            f.name, f.one, f.other) using p_domain_id;
        execute format('update %1$I set %2$I = null where %2$I = $1', f.name, f.one) using p_domain_id;
        execute format('update %1$I set %2$I = null where %2$I = $1', f.name, f.other) using p_domain_id;
    end loop;

    delete from deliveries where domain_id = p_domain_id;
    for t in
        select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attname = 'domain_id'
            and obj_description(c.oid) like '[tenant]%' and c.relname not in ('media_uses', 'media_usage', 'audit_log')
        order by c.relname = 'applications', c.relname
    loop
        execute format('delete from %I where domain_id = $1', t) using p_domain_id;
    end loop;
    delete from users u
    where u.id = any (people)
        and not exists (select from identity_users iu where iu.user_id = u.id)
        and not exists (select from staff_grants g where g.user_id = u.id);

    delete from attachments a where a.domain_id = p_domain_id and a.post_id is null;
    delete from post_edits e where e.domain_id = p_domain_id;
    delete from posts p
    where p.domain_id = p_domain_id and p.visibility not in ('public', 'unlisted')
        and not exists (select from post_audience a where a.post_id = p.id);
    update polls p set domain_id = null where p.domain_id = p_domain_id;
    update attachments a
    set remote_url = origin || '/media/' || a.file, file = '', thumbnail = '', domain_id = null
    where a.domain_id = p_domain_id;
    update posts p
    set domain_id = null, source = '', application_id = null, state_lane = server, state_locked_by = null,
        state = case when p.state in ('new', 'edited', 'held') then 'fanned_out' when p.state = 'deleted' then 'gone' else p.state end
    where p.domain_id = p_domain_id;
    update identities i
    set domain_id = null, server_id = server, is_system = false,
        icon_uri = case when i.icon_file = '' then '' else origin || '/media/' || i.icon_file end,
        image_uri = case when i.image_file = '' then '' else origin || '/media/' || i.image_file end,
        icon_file = '', icon_static = '', image_file = '', image_static = '',
        state = case when i.deleted is null then 'outdated' else 'gone' end, state_changed = now(), state_attempts = 0,
        state_next_attempt = now() + interval '1 day', state_lane = server, state_locked_by = null
    where i.domain_id = p_domain_id;
    delete from domain_names n where n.domain_id = p_domain_id;
    update domains d set icon = '', icon_small = '', banner = '', style = '', footer = '' where d.id = p_domain_id;
end
$$;
comment on function domain_release is 'Makes a tenant that moved out one of other servers for all who stay.';
revoke execute on function domain_release(bigint) from public;
grant execute on function domain_release(bigint) to rookery_host;

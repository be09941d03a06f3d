-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Pages judge whom they show as a set: each rule on people stands in the function that takes many, and the one that
-- takes one asks it.

create function hosts_limited(p_hosts text[]) returns setof text
language plpgsql stable
as $$
begin
    return query
    select h.host
    from unnest(p_hosts) h (host)
    where exists (
        select from server_limits l
        where l.severity = 'limit'
            and (l.domain_id is null or l.domain_id = current_domain())
            and l.host = any (host_chain(h.host)));
end
$$;
comment on function hosts_limited is 'Of servers those that the host''s floor or the present tenant limits, or a domain above them.';

create or replace function server_is_limited(p_host text) returns boolean
language plpgsql stable
as $$
begin
    return p_host is not null and exists (select from hosts_limited(array[p_host]));
end
$$;

create function identities_silenced(p_identities bigint[]) returns setof bigint
language plpgsql stable
as $$
begin
    return query
    select l.identity_id
    from identity_limits l
    where l.domain_id = current_domain() and l.identity_id = any (p_identities) and l.silenced is not null;
    if exists (
        select from server_limits l
        where l.severity = 'limit' and (l.domain_id is null or l.domain_id = current_domain()))
    then
        return query
        with people as materialized (
            select i.id, s.host
            from identities i
            join servers s on s.id = i.server_id
            where i.id = any (p_identities)
        )
        select p.id
        from people p
        where p.host in (select hosts_limited(array(select distinct o.host from people o)));
    end if;
end
$$;
comment on function identities_silenced is 'Of identities those that the present tenant shows only to those who follow them: by themselves, or by their server. One may come twice.';

create or replace function identity_is_silenced(p_identity bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (select from identities_silenced(array[p_identity]));
end
$$;

-- Whom the tenant suspended or, but for followers, silenced; whom the viewer blocks or mutes, or whose domain it blocks;
-- who blocks the viewer.
create function identities_hidden(p_viewer bigint, p_identities bigint[]) returns setof bigint
language plpgsql stable
as $$
declare
    others bigint[] := array_remove(p_identities, p_viewer);
begin
    return query
    select l.identity_id
    from identity_limits l
    where l.domain_id = current_domain() and l.identity_id = any (others) and l.suspended is not null
    union all
    select s.id
    from identities_silenced(others) s (id)
    where not exists (
        select from follows f
        where f.source_id = p_viewer and f.target_id = s.id and f.state in ('accepting', 'accepted'));
    if p_viewer = 0 then
        return;
    end if;
    return query
    select b.target_id
    from blocks b
    where b.source_id = p_viewer and b.target_id = any (others) and b.state in ('new', 'sent', 'expiring')
        and (b.expires is null or b.expires > now())
    union all
    select b.source_id
    from blocks b
    where b.source_id = any (others) and b.target_id = p_viewer and b.kind = 'block' and b.state in ('new', 'sent');
    if exists (select from identity_domain_blocks d where d.identity_id = p_viewer) then
        return query
        select o.id from unnest(others) o (id) where identity_blocks_domain(p_viewer, o.id);
    end if;
end
$$;
comment on function identities_hidden is 'Of identities those whom lists leave out for a viewer (0: anybody). One may come twice.';

create or replace function identity_is_hidden(p_viewer bigint, p_author bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (select from identities_hidden(p_viewer, array[p_author]));
end
$$;

-- Posts. The three parts of the rule: whose posts a viewer reads none of, for whom a post of all others is, and, over
-- both, what post_is_readable() says of one post and posts_readable() of many.

create function authors_closed(p_viewer bigint, p_authors bigint[]) returns bigint[]
language plpgsql stable
as $$
begin
    return array(
        select l.identity_id
        from identity_limits l
        where l.domain_id = current_domain() and l.identity_id = any (p_authors) and l.suspended is not null
        union all
        select b.source_id
        from blocks b
        where p_viewer <> 0 and b.source_id = any (p_authors) and b.target_id = p_viewer and b.kind = 'block'
            and b.state in ('new', 'sent'));
end
$$;
comment on function authors_closed is 'Of authors those of whom a viewer (0: anybody) reads nothing: suspended by the present tenant, or blocking the viewer.';

create function post_is_for(p posts, p_viewer bigint) returns boolean
language plpgsql stable
as $$
begin
    if p.visibility in ('public', 'unlisted') then
        return true;
    end if;
    return p_viewer <> 0 and (
        (p.visibility = 'local' and exists (
            select from identities i where i.id = p_viewer and i.domain_id = p.domain_id))
        or (p.visibility = 'followers' and exists (
            select from follows f
            where f.source_id = p_viewer and f.target_id = p.author_id and f.state in ('accepting', 'accepted')))
        or exists (
            select from post_mentions m where m.post_id = p.id and m.identity_id = p_viewer)
        or post_is_before_staff(p.id, p_viewer));
end
$$;
comment on function post_is_for is 'Whether the visibility of a post of somebody else lets a viewer (0: anybody) read it.';

create or replace function post_is_readable(p posts, p_viewer bigint) returns boolean
language plpgsql stable
as $$
begin
    if p.deleted is not null then
        return false;
    end if;
    if p.author_id = p_viewer then
        return true;
    end if;
    if authors_closed(p_viewer, array[p.author_id]) <> '{}' then
        return post_is_before_staff(p.id, p_viewer);
    end if;
    return post_is_for(p, p_viewer);
end
$$;

create function posts_readable(p_ids bigint[], p_viewer bigint) returns setof bigint
language plpgsql stable rows 20
as $$
declare
    closed constant bigint[] := authors_closed(p_viewer, array(
        select p.author_id from posts p where p.id = any (p_ids) and p.author_id <> p_viewer));
begin
    return query
    select p.id
    from posts p
    where p.id = any (p_ids)
        and p.deleted is null
        and (p.author_id = p_viewer
            or case when p.author_id = any (closed) then post_is_before_staff(p.id, p_viewer)
                else p.visibility in ('public', 'unlisted') or post_is_for(p, p_viewer) end);
end
$$;
comment on function posts_readable is 'Of posts those that post_is_readable() lets an identity (0: anybody) read, judged as a set.';

-- The rule stands in the one query that asks for it.
drop function quote_is_allowed(posts, bigint);

do $$
declare
    f regprocedure;
begin
    foreach f in array array['hosts_limited(text[])', 'identities_silenced(bigint[])',
        'identities_hidden(bigint, bigint[])', 'authors_closed(bigint, bigint[])', 'post_is_for(posts, bigint)',
        'posts_readable(bigint[], bigint)']::regprocedure[]
    loop
        execute format('revoke all on function %s from public', f);
        execute format('grant execute on function %s to rookery_server, rookery_stator, rookery_host', f);
    end loop;
end
$$;

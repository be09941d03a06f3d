-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Who may do what. The server and the stator are bound by policies that ask current_domain(); the owner and the host
-- role see all. Whatever has no policy here is neutral, and says so in its comment.

do $$
declare
    r text;
begin
    foreach r in array '{rookery_server,rookery_stator,rookery_host}'::text[] loop
        if not exists (select from pg_roles where rolname = r) then
            execute format('create role %I login', r);
        end if;
        execute format('grant usage on schema public to %I', r);
        execute format('grant select, insert, update, delete on all tables in schema public to %I', r);
        execute format('grant usage on all sequences in schema public to %I', r);
        execute format('alter default privileges in schema public grant select, insert, update, delete on tables to %I', r);
        execute format('alter default privileges in schema public grant usage on sequences to %I', r);
    end loop;
end
$$;

-- What the server has no business with.
revoke insert, update, delete on host_settings, domains, domain_names, stator_types from rookery_server, rookery_stator;
revoke update, delete on audit_log from rookery_server, rookery_stator;
revoke select on users from rookery_stator;
grant update on domains to rookery_stator;
grant update (title, description, accent, sign_up, federated) on domains to rookery_server;
revoke all on all functions in schema public from public;
grant execute on function current_domain(), snowflake(integer), stator_wake(), domains_changed() to rookery_server, rookery_stator, rookery_host;
grant execute on function inbox_store to rookery_server;
grant execute on function stator_claim, stator_finish, stator_lease, stator_release, stator_timeout, stator_prune, stator_retry,
    stator_explain, stator_count to rookery_stator, rookery_host;

-- The owner and the host role see all rows, the owner also inside of security-definer functions.
do $$
declare
    t text;
begin
    for t in
        select c.relname from pg_class c
        where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
            and obj_description(c.oid) ~ '^\[(tenant|edge|audience)\]'
    loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy host on %I to rookery_owner, rookery_host using (true) with check (true)', t);
    end loop;
end
$$;

-- Rows of one tenant.
do $$
declare
    t text;
begin
    foreach t in array '{domain_settings,identity_keys,identity_users,invites,sessions,session_handoffs,applications,
        tokens,post_audience,home_timeline,notifications,reports,activities,deliveries,audit_log}'::text[] loop
        execute format('create policy tenant on %I to rookery_server, rookery_stator
            using (domain_id = current_domain()) with check (domain_id = current_domain())', t);
    end loop;
end
$$;

create policy tenant on staff_grants to rookery_server, rookery_stator
    using (domain_id = current_domain()) with check (domain_id = current_domain());
-- The host's floor is to be obeyed, so it may be read.
create policy tenant on server_limits to rookery_server, rookery_stator
    using (domain_id = current_domain()) with check (domain_id = current_domain());
create policy floor on server_limits for select to rookery_server, rookery_stator
    using (domain_id is null);

create policy tenant on users to rookery_server
    using (exists (
            select from identity_users iu where iu.user_id = users.id and iu.domain_id = current_domain())
        or exists (
            select from staff_grants g where g.user_id = users.id and g.domain_id = current_domain()));

-- Rows between two identities belong to the tenants of both; what is remote on both sides, to all.
create policy tenant on follows to rookery_server, rookery_stator
    using (domain_id = current_domain() or target_domain_id = current_domain())
    with check (domain_id = current_domain() or target_domain_id = current_domain());
create policy tenant on blocks to rookery_server, rookery_stator
    using (domain_id = current_domain() or target_domain_id = current_domain())
    with check (domain_id = current_domain() or target_domain_id = current_domain());
create policy tenant on interactions to rookery_server, rookery_stator
    using (domain_id = current_domain() or post_domain_id = current_domain()
        or (domain_id is null and post_domain_id is null))
    with check (domain_id = current_domain() or post_domain_id = current_domain()
        or (domain_id is null and post_domain_id is null));
-- Boosts and pins are public acts.
create policy shown on interactions for select to rookery_server, rookery_stator
    using (kind in ('boost', 'pin'));

-- Posts: public ones are for all to read, others for their tenant and for those that they reached.
create policy audience on posts for select to rookery_server, rookery_stator
    using (visibility in ('public', 'unlisted')
        or domain_id = current_domain()
        or exists (select from post_audience a where a.post_id = posts.id and a.domain_id = current_domain()));
create policy writing on posts for insert to rookery_server, rookery_stator
    with check (domain_id is null or domain_id = current_domain());
create policy editing on posts for update to rookery_server, rookery_stator
    using (domain_id is null or domain_id = current_domain())
    with check (domain_id is null or domain_id = current_domain());
create policy deleting on posts for delete to rookery_server, rookery_stator
    using (domain_id is null or domain_id = current_domain());

-- What hangs on a post is for those that may read the post.
create policy audience on post_mentions to rookery_server, rookery_stator
    using (exists (select from posts p where p.id = post_mentions.post_id))
    with check (exists (
        select from posts p where p.id = post_mentions.post_id
            and (p.domain_id is null or p.domain_id = current_domain())));
create policy audience on post_hashtags to rookery_server, rookery_stator
    using (exists (select from posts p where p.id = post_hashtags.post_id))
    with check (exists (
        select from posts p where p.id = post_hashtags.post_id
            and (p.domain_id is null or p.domain_id = current_domain())));
create policy audience on attachments for select to rookery_server, rookery_stator
    using (domain_id = current_domain()
        or exists (select from posts p where p.id = attachments.post_id));
create policy writing on attachments to rookery_server, rookery_stator
    using (domain_id = current_domain() or (domain_id is null and exists (
        select from posts p where p.id = attachments.post_id)))
    with check (domain_id is null or domain_id = current_domain());

-- Identities are public, but only their own tenant writes local ones.
alter table identities enable row level security;
alter table identities force row level security;
create policy host on identities to rookery_owner, rookery_host using (true) with check (true);
create policy reading on identities for select to rookery_server, rookery_stator using (true);
create policy writing on identities for insert to rookery_server, rookery_stator
    with check (domain_id is null or domain_id = current_domain());
create policy editing on identities for update to rookery_server, rookery_stator
    using (domain_id is null or domain_id = current_domain())
    with check (domain_id is null or domain_id = current_domain());
create policy deleting on identities for delete to rookery_server, rookery_stator
    using (domain_id is null or domain_id = current_domain());

-- Functions that PostgreSQL cannot inline are plpgsql: a session plans these once, those in sql at every call.

create function host_chain(p_host text) returns text[]
language plpgsql immutable
as $$
declare
    rest text := split_part(p_host, ':', 1);
    chain text[] := array[rest];
begin
    while position('.' in rest) > 0 loop
        rest := substr(rest, position('.' in rest) + 1);
        chain := chain || rest;
    end loop;
    return chain;
end
$$;
comment on function host_chain is 'A host name, without its port, and the domains above it: what a rule for one of them means.';
grant execute on function host_chain(text) to rookery_server, rookery_stator, rookery_host;

create function server_is_blocked(p_host text) returns boolean
language plpgsql stable
as $$
begin
    return exists (
        select from server_limits l
        where l.severity = 'block'
            and (l.domain_id is null or l.domain_id = current_domain())
            and l.host = any (host_chain(p_host)));
end
$$;
comment on function server_is_blocked is 'Whether the host''s floor or the present tenant blocks a server or a domain above it.';
grant execute on function server_is_blocked(text) to rookery_server, rookery_stator, rookery_host;

-- Who may read a post: the one place that knows. p_viewer is an identity, local or remote; 0: nobody in particular.
create function post_is_readable(p posts, p_viewer bigint) returns boolean
language plpgsql stable
as $$
begin
    if p.deleted is not null then
        return false;
    end if;
    if p.author_id = p_viewer then
        return true;
    end if;
    if p_viewer = 0 then
        return p.visibility in ('public', 'unlisted');
    end if;
    if exists (
        select from blocks b
        where b.source_id = p.author_id and b.target_id = p_viewer and b.kind = 'block' and b.state in ('new', 'sent'))
    then
        return false;
    end if;
    if p.visibility in ('public', 'unlisted') then
        return true;
    end if;
    return (p.visibility = 'local' and exists (
            select from identities i where i.id = p_viewer and i.domain_id = p.domain_id))
        or (p.visibility = 'followers' and exists (
            select from follows f
            where f.source_id = p_viewer and f.target_id = p.author_id and f.state in ('accepting', 'accepted')))
        or exists (
            select from post_mentions m where m.post_id = p.id and m.identity_id = p_viewer);
end
$$;
comment on function post_is_readable is 'Whether an identity (0: anybody) may read a post; every page and every document asks here.';
grant execute on function post_is_readable to rookery_server, rookery_stator, rookery_host;

-- Whose posts a viewer does not want, or may not, see: blocks either way, and mutes.
create function identity_is_hidden(p_viewer bigint, p_author bigint) returns boolean
language plpgsql stable
as $$
begin
    return p_viewer <> 0 and p_viewer <> p_author and exists (
        select from blocks b
        where (b.source_id = p_viewer and b.target_id = p_author and b.state in ('new', 'sent', 'expiring'))
            or (b.source_id = p_author and b.target_id = p_viewer and b.kind = 'block' and b.state in ('new', 'sent')));
end
$$;
comment on function identity_is_hidden is 'Whether lists leave an author out for a viewer.';
grant execute on function identity_is_hidden(bigint, bigint) to rookery_server, rookery_stator, rookery_host;

-- Narrow doors through the walls, each for one purpose.

create function user_create(p_email text, p_password text) returns bigint
language sql security definer set search_path = public
as $$ insert into users (email, password) values (p_email, p_password) returning id $$;
comment on function user_create is 'A new log-in, before it holds an identity by which its tenant sees it.';

create function user_candidates(p_email text) returns table (id bigint, password text)
language sql security definer set search_path = public stable
as $$ select u.id, u.password from users u where u.email_key = lower(p_email) and not u.banned order by u.id limit 5 $$;
comment on function user_candidates is 'Log-ins of this address anywhere, so that one person can join a second tenant with the same password.';

create function users_end_sessions() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    delete from sessions s where s.user_id = new.id and s.domain_id is distinct from current_domain();
    return null;
end
$$;
comment on function users_end_sessions is 'Another password ends the sessions on all other tenants; which may stay on this one, its page knows.';
create trigger users_password after update of password on users for each row
    when (new.password <> old.password) execute function users_end_sessions();

create function users_count_homes() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if tg_op = 'INSERT' then
        update users u set alone = null where u.id = new.user_id and u.alone is not null;
    else
        update users u set alone = now()
        where u.id = old.user_id and not exists (select from identity_users iu where iu.user_id = u.id);
    end if;
    return null;
end
$$;
comment on function users_count_homes is 'Notes which log-ins hold no identity any more.';
create trigger identity_users_homes after insert or delete on identity_users for each row
    execute function users_count_homes();

create function users_forget() returns void
language sql security definer set search_path = public
as $$
    delete from users u
    where u.alone < now() - interval '30 days'
        and not exists (select from staff_grants g where g.user_id = u.id)
$$;
comment on function users_forget is 'Deletes log-ins that held no identity for a month, and no office.';
revoke execute on function users_end_sessions(), users_count_homes(), users_forget() from public;
grant execute on function users_forget() to rookery_stator;

create function user_homes(p_user_id bigint)
returns table (identity_id bigint, domain_id bigint)
language plpgsql security definer set search_path = public stable
as $$
begin
    return query
    select iu.identity_id, iu.domain_id
    from identity_users iu
    where iu.user_id = p_user_id
        and exists (select from identity_users here where here.user_id = p_user_id and here.domain_id = current_domain())
    order by iu.domain_id, iu.identity_id;
end
$$;
comment on function user_homes is 'All identities of a log-in that is at home on this tenant, for the switcher.';

create function handoff_create(p_token_hash bytea, p_user_id bigint, p_identity_id bigint) returns boolean
language sql security definer set search_path = public
as $$
    with made as (
        insert into session_handoffs (token_hash, domain_id, user_id, identity_id, expires)
        select p_token_hash, iu.domain_id, iu.user_id, iu.identity_id, now() + interval '1 minute'
        from identity_users iu
        where iu.user_id = p_user_id and iu.identity_id = p_identity_id
            and exists (select from identity_users here where here.user_id = p_user_id and here.domain_id = current_domain())
        returning 1
    )
    select exists (select from made)
$$;
comment on function handoff_create is 'A ticket to another tenant where the same log-in holds an identity.';

create function post_find(p_object_uri text)
returns table (id bigint, author_id bigint, domain_id bigint, visibility post_visibility, state text)
language plpgsql security definer set search_path = public stable
as $$
begin
    return query
    select p.id, p.author_id, p.domain_id, p.visibility, p.state from posts p where p.object_uri = p_object_uri;
end
$$;
comment on function post_find is 'Whether a URI is stored, whoever may read it: storing asks this, showing never.';

create function follower_domains(p_identity_id bigint) returns setof bigint
language plpgsql security definer set search_path = public stable
as $$
begin
    return query
    select distinct f.domain_id from follows f
    where f.target_id = p_identity_id and f.state in ('accepting', 'accepted') and f.domain_id is not null;
end
$$;
comment on function follower_domains is 'Tenants with accepted followers of an identity: where its posts have to go.';

create function blocking_domains(p_hosts text[]) returns setof bigint
language sql security definer set search_path = public stable
as $$
    select distinct l.domain_id from server_limits l
    where l.host = any (p_hosts) and l.severity = 'block' and l.domain_id is not null
$$;
comment on function blocking_domains is 'Tenants that block a server: what comes from it passes them by.';

create function post_recount(p_post_id bigint) returns void
language plpgsql security definer set search_path = public
as $$
begin
    update posts p
    set replies_count = (select count(*) from posts r where r.in_reply_to_id = p.id and r.deleted is null
            and r.visibility in ('public', 'unlisted')),
        likes_count = (select count(*) from interactions i where i.post_id = p.id and i.kind = 'like'
            and i.state in ('new', 'fanned_out')),
        boosts_count = (select count(*) from interactions i where i.post_id = p.id and i.kind = 'boost'
            and i.state in ('new', 'fanned_out'))
    where p.id = p_post_id;
end
$$;
comment on function post_recount is 'Counts replies, likes and boosts of a post over all tenants.';

create function identity_recount(p_identity_id bigint) returns void
language plpgsql security definer set search_path = public
as $$
begin
    update identities i
    set followers_count = (select count(*) from follows f where f.target_id = i.id and f.state in ('accepting', 'accepted')),
        following_count = (select count(*) from follows f where f.source_id = i.id and f.state in ('accepting', 'accepted')),
        posts_count = (select count(*) from posts p where p.author_id = i.id and p.deleted is null
            and p.visibility in ('public', 'unlisted'))
    where i.id = p_identity_id and i.domain_id is not null;
end
$$;
comment on function identity_recount is 'Counts followers, follows and posts of a local identity over all tenants.';

create function identity_bury(p_identity_id bigint) returns void
language sql security definer set search_path = public
as $$
    update posts
    set content = '', source = '', summary = '', detail = '{}', deleted = coalesce(deleted, now()), state = 'gone',
        state_changed = now(), state_locked_by = null
    where author_id = p_identity_id and state <> 'gone';
    delete from attachments a using posts p where p.author_id = p_identity_id and a.post_id = p.id;
    delete from post_hashtags h using posts p where p.author_id = p_identity_id and h.post_id = p.id;
    delete from home_timeline h using posts p where p.author_id = p_identity_id and h.post_id = p.id;
    delete from notifications where actor_id = p_identity_id or identity_id = p_identity_id;
    delete from home_timeline where identity_id = p_identity_id;
    update interactions
    set state = 'undone', state_changed = now(), state_next_attempt = now(), state_locked_by = null
    where identity_id = p_identity_id and domain_id is null and state in ('new', 'fanned_out');
    update interactions
    set state = 'gone', state_changed = now(), state_locked_by = null
    where identity_id = p_identity_id and domain_id is not null and state <> 'gone';
    select post_recount(x.post_id)
    from (select distinct post_id from interactions where identity_id = p_identity_id and domain_id is not null) x;
    update follows
    set state = 'removed', state_changed = now(), state_locked_by = null
    where (source_id = p_identity_id or target_id = p_identity_id) and state <> 'removed';
    select identity_recount(o.id)
    from (
        select target_id as id from follows where source_id = p_identity_id
        union
        select source_id from follows where target_id = p_identity_id
    ) o;
    delete from blocks where source_id = p_identity_id or target_id = p_identity_id
$$;
comment on function identity_bury is 'Ends everything that a deleted identity wrote, did and followed, on all tenants.';
grant execute on function identity_bury(bigint) to rookery_stator, rookery_host;

create function identity_is_wanted(p_identity_id bigint) returns boolean
language plpgsql security definer set search_path = public stable
as $$
begin
    return exists (select from follows f where f.target_id = p_identity_id or f.source_id = p_identity_id)
        or exists (select from post_mentions m where m.identity_id = p_identity_id)
        or exists (select from posts p where p.author_id = p_identity_id);
end
$$;
comment on function identity_is_wanted is 'Whether anybody here has to do with a remote identity: others are not refreshed.';

grant execute on function user_create(text, text), user_candidates(text), user_homes(bigint),
    handoff_create(bytea, bigint, bigint) to rookery_server, rookery_host;
grant execute on function post_find(text), follower_domains(bigint), blocking_domains(text[]), post_recount(bigint), identity_recount(bigint),
    identity_is_wanted(bigint) to rookery_server, rookery_stator, rookery_host;

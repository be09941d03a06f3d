-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What a tenant decides about posts of others: an edge of its own, never a property of the row that all tenants share.

create table post_decisions (
    domain_id bigint not null references domains (id) on delete cascade,
    post_id bigint not null references posts (id) on delete cascade,
    kind text not null check (kind in ('removed', 'held', 'covered', 'unlisted')),
    words text not null default '',
    reason text not null default '',
    identity_id bigint references identities (id) on delete set null,
    policy_id bigint,
    created timestamptz not null default now(),
    primary key (domain_id, post_id, kind)
);
comment on table post_decisions is '[tenant] What a tenant decided about posts of others; nothing of it binds another tenant, and it is undone by deleting it.';
comment on column post_decisions.domain_id is 'The tenant.';
comment on column post_decisions.post_id is 'About which post.';
comment on column post_decisions.kind is 'removed or held: nobody here sees it; covered: behind the tenant''s words; unlisted: in no public timeline.';
comment on column post_decisions.words is 'The content warning of one that is covered; empty: its media alone are.';
comment on column post_decisions.reason is 'Why, for staff, plain text.';
comment on column post_decisions.identity_id is 'Who of the staff; null: a policy, or somebody who is gone.';
comment on column post_decisions.policy_id is 'Which policy; null: staff. Of one that is gone, its number stays.';
comment on column post_decisions.created is 'When.';
create index post_decisions_post on post_decisions (post_id);
create index post_decisions_held on post_decisions (domain_id, post_id desc) where kind = 'held';
select table_protect('post_decisions');

create function posts_put_away(p_ids bigint[]) returns bigint[]
language plpgsql stable
as $$
begin
    return array(
        select d.post_id
        from post_decisions d
        where d.domain_id = current_domain() and d.post_id = any (p_ids) and d.kind in ('removed', 'held'));
end
$$;
comment on function posts_put_away is 'Of posts those that nobody of the present tenant sees, because it removed them or holds them.';

create function post_putting_away(p_post_id bigint) returns setof bigint
language plpgsql stable security definer set search_path = public
as $$
begin
    return query
    select d.domain_id from post_decisions d where d.post_id = p_post_id and d.kind in ('removed', 'held');
end
$$;
comment on function post_putting_away is 'Tenants that removed or hold a post: its fan-out passes them by.';

-- As in 0027, and what the tenant removed or holds.
create or replace function post_is_before_staff(p_post bigint, p_viewer bigint) returns boolean
language plpgsql stable
as $$
begin
    return p_viewer <> 0
        and exists (
            select from identity_users u
            join staff_grants g on g.user_id = u.user_id and g.domain_id = u.domain_id
            where u.identity_id = p_viewer and u.domain_id = current_domain() and (g.expires is null or g.expires > now()))
        and (exists (
                select from reports r where r.domain_id = current_domain() and r.post_ids @> array[p_post])
            or exists (
                select from held_posts h where h.domain_id = current_domain() and h.post_id = p_post)
            or posts_put_away(array[p_post]) <> '{}');
end
$$;
comment on function post_is_before_staff is 'Whether a viewer is staff of the present tenant, and the post was reported to it, waits for its approval, or was removed by it.';

-- As in 0022, and what the present tenant removed or holds is for nobody but its author. Staff finds it where it works
-- (posts_before_staff).
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
    if posts_put_away(array[p.id]) <> '{}' then
        return false;
    end if;
    if p.consent <> '' and not post_waits_for(p, p_viewer) then
        return false;
    end if;
    if authors_closed(p_viewer, array[p.author_id]) <> '{}' then
        return post_is_before_staff(p.id, p_viewer);
    end if;
    return post_is_for(p, p_viewer);
end
$$;

create or replace function posts_readable(p_ids bigint[], p_viewer bigint) returns setof bigint
language plpgsql stable rows 20
as $$
declare
    closed constant bigint[] := authors_closed(p_viewer, array(
        select p.author_id from posts p where p.id = any (p_ids) and p.author_id <> p_viewer));
    away constant bigint[] := posts_put_away(p_ids);
begin
    return query
    select p.id
    from posts p
    where p.id = any (p_ids)
        and p.deleted is null
        and (p.author_id = p_viewer
            or (p.id <> all (away)
                and (p.consent = '' or post_waits_for(p, p_viewer))
                and case when p.author_id = any (closed) then post_is_before_staff(p.id, p_viewer)
                    else p.visibility in ('public', 'unlisted') or post_is_for(p, p_viewer) end));
end
$$;

create function posts_before_staff(p_ids bigint[], p_viewer bigint) returns setof bigint
language plpgsql stable rows 20
as $$
begin
    return query
    select r from posts_readable(p_ids, p_viewer) r
    union
    select p.id from posts p where p.id = any (p_ids) and p.deleted is null and post_is_before_staff(p.id, p_viewer);
end
$$;
comment on function posts_before_staff is 'Of posts those that a viewer may read, and those that are before staff, when it is some.';

-- Staff lets a post appear that was held.
grant execute on function conversation_add(bigint) to rookery_server;

do $$
declare
    f regprocedure;
begin
    foreach f in array array['posts_put_away(bigint[])', 'post_putting_away(bigint)',
        'posts_before_staff(bigint[], bigint)']::regprocedure[]
    loop
        execute format('revoke all on function %s from public', f);
        execute format('grant execute on function %s to rookery_server, rookery_stator, rookery_host', f);
    end loop;
end
$$;

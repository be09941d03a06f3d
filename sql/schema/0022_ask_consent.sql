-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- Who may answer, like, boost and quote a post: at once, when its author agrees, or not at all. What a policy says is
-- decided here, in triggers of what it is about, so that no way into the database goes around it.

alter table posts
    add column reply_automatic text[] not null default '{public}',
    add column reply_manual text[] not null default '{}',
    add column like_automatic text[] not null default '{public}',
    add column like_manual text[] not null default '{}',
    add column boost_automatic text[] not null default '{public}',
    add column boost_manual text[] not null default '{}',
    add column consent text not null default '' check (consent in ('', 'pending', 'refused')),
    drop constraint posts_state_check,
    add constraint posts_state_check check (state in ('new', 'held', 'fanned_out', 'edited', 'deleted', 'gone', 'stub'));
comment on column posts.reply_automatic is 'Who may answer it without asking: public, followers, following, mentioned, or other.';
comment on column posts.reply_manual is 'Who may answer it when its author agrees; likewise.';
comment on column posts.like_automatic is 'Who may like it and react to it without asking.';
comment on column posts.like_manual is 'Who may when its author agrees.';
comment on column posts.boost_automatic is 'Who may boost it without asking.';
comment on column posts.boost_manual is 'Who may when its author agrees.';
comment on column posts.consent is 'Of an answer: pending or refused by the author of what it answers; empty: not needed, or given.';

alter table interactions
    drop constraint interactions_state_check,
    add constraint interactions_state_check check (state in ('new', 'pending', 'fanned_out', 'undone', 'gone'));

alter table identity_preferences
    drop constraint identity_preferences_quote_policy_check,
    add constraint identity_preferences_quote_policy_check check (quote_policy in ('public', 'followers', 'nobody', 'ask'));

create table interaction_defaults (
    identity_id bigint not null references identities (id) on delete cascade,
    visibility post_visibility not null,
    domain_id bigint not null references domains (id) on delete cascade,
    reply_automatic text[] not null default '{public}',
    reply_manual text[] not null default '{}',
    like_automatic text[] not null default '{public}',
    like_manual text[] not null default '{}',
    boost_automatic text[] not null default '{public}',
    boost_manual text[] not null default '{}',
    primary key (identity_id, visibility)
);
comment on table interaction_defaults is '[tenant] Policies of new posts of an identity, by their visibility. No row: everybody may.';
comment on column interaction_defaults.identity_id is 'Whose.';
comment on column interaction_defaults.visibility is 'Of the posts.';
comment on column interaction_defaults.domain_id is 'The tenant.';
comment on column interaction_defaults.reply_automatic is 'As in posts.';
comment on column interaction_defaults.reply_manual is 'As in posts.';
comment on column interaction_defaults.like_automatic is 'As in posts.';
comment on column interaction_defaults.like_manual is 'As in posts.';
comment on column interaction_defaults.boost_automatic is 'As in posts.';
comment on column interaction_defaults.boost_manual is 'As in posts.';
select table_protect('interaction_defaults');
grant select, insert, update, delete on interaction_defaults to rookery_server, rookery_stator, rookery_host;

create table consents (
    id bigint primary key default snowflake(6),
    kind text not null check (kind in ('reply', 'like', 'boost')),
    actor_id bigint not null references identities (id),
    domain_id bigint references domains (id),
    object_id bigint not null references posts (id) on delete cascade,
    owner_id bigint not null references identities (id),
    owner_domain_id bigint references domains (id),
    reply_id bigint references posts (id) on delete cascade,
    uri text not null unique check (length(uri) <= 2048),
    request_uri text not null default '' check (length(request_uri) <= 2048),
    authorization_uri text not null default '' check (length(authorization_uri) <= 2048),
    created timestamptz not null default now(),
    state text not null default 'new'
        check (state in ('new', 'pending', 'accepting', 'accepted', 'rejecting', 'rejected', 'revoking', 'revoked')),
    like state_row including defaults including comments
);
comment on table consents is '[edge] Answers, likes and boosts that wait for the consent of a post''s author, have it, or were refused.';
comment on column consents.id is 'Snowflake of kind 6.';
comment on column consents.kind is 'reply, like (or reaction) or boost.';
comment on column consents.actor_id is 'Who answers, likes or boosts.';
comment on column consents.domain_id is 'Its tenant; null: remote.';
comment on column consents.object_id is 'The post that it is about.';
comment on column consents.owner_id is 'Who wrote that, and decides.';
comment on column consents.owner_domain_id is 'Its tenant; null: remote.';
comment on column consents.reply_id is 'The answer; null: it is a like or a boost.';
comment on column consents.uri is 'Id of the answer, or of the activity.';
comment on column consents.request_uri is 'Id of the activity that asked; empty: none, it just came.';
comment on column consents.authorization_uri is 'Id of the authorization; empty: none.';
comment on column consents.created is 'When the row was made.';
create index consents_owner on consents (owner_id, id desc) where state in ('new', 'pending');
create index consents_object on consents (object_id, actor_id);
create index consents_request on consents (request_uri) where request_uri <> '';
create index consents_authorization on consents (authorization_uri) where authorization_uri <> '';
create index consents_reply on consents (reply_id) where reply_id is not null;
alter table consents enable row level security;
alter table consents force row level security;
create policy host on consents to rookery_owner, rookery_host using (true) with check (true);
create policy tenant on consents to rookery_server, rookery_stator
    using (domain_id = current_domain() or owner_domain_id = current_domain())
    with check (domain_id = current_domain() or owner_domain_id = current_domain());
grant select, insert, update, delete on consents to rookery_server, rookery_stator, rookery_host;

-- Verdicts

create function consent_covers(p_words text[], p posts, p_actor bigint) returns boolean
language sql stable
as $$
    select 'public' = any (p_words)
        or ('mentioned' = any (p_words) and exists (
            select from post_mentions m where m.post_id = p.id and m.identity_id = p_actor))
        or ('followers' = any (p_words) and exists (
            select from follows f
            where f.source_id = p_actor and f.target_id = p.author_id and f.state in ('accepting', 'accepted')))
        or ('following' = any (p_words) and exists (
            select from follows f
            where f.source_id = p.author_id and f.target_id = p_actor and f.state in ('accepting', 'accepted')))
$$;
comment on function consent_covers is 'Whether an identity is among those that the words of a post''s policy mean.';

create function consent_verdict(p_post bigint, p_kind text, p_actor bigint) returns text
language plpgsql security definer set search_path = public stable
as $$
declare
    p posts;
    automatic text[];
    manual text[];
begin
    select * into p from posts where id = p_post;
    automatic := case p_kind when 'reply' then p.reply_automatic when 'boost' then p.boost_automatic else p.like_automatic end;
    manual := case p_kind when 'reply' then p.reply_manual when 'boost' then p.boost_manual else p.like_manual end;
    if p.id is null or p.author_id = p_actor or automatic = '{public}' then
        return 'automatic';
    end if;
    -- Who is spoken to may answer.
    if consent_covers(automatic, p, p_actor) or (p_kind = 'reply' and consent_covers('{mentioned}', p, p_actor)) then
        return 'automatic';
    end if;
    -- Whom words of others mean that we cannot read, their server knows.
    if consent_covers(manual, p, p_actor) or 'other' = any (automatic || manual) then
        return 'manual';
    end if;
    return 'denied';
end
$$;
comment on function consent_verdict is 'What a post''s policy says of a reply, like, reaction or boost by an identity: automatic, manual or denied.';

-- What was refused by hand stays refused, and nobody makes others wade through heaps of requests.
create function consent_judge(p_post bigint, p_kind text, p_actor bigint) returns text
language plpgsql security definer set search_path = public stable
as $$
declare
    verdict constant text := consent_verdict(p_post, p_kind, p_actor);
begin
    if p_kind <> 'reply' and exists (
        select from consents r
        where r.object_id = p_post and r.actor_id = p_actor and r.kind = p_kind
            and r.state in ('rejecting', 'rejected', 'revoking', 'revoked'))
    then
        return 'denied';
    end if;
    if verdict = 'manual' and (
        select count(*) >= 40
        from (
            select from consents r
            where r.owner_id = (select p.author_id from posts p where p.id = p_post) and r.actor_id = p_actor
                and r.state in ('new', 'pending')
            limit 40) open)
    then
        return 'denied';
    end if;
    return verdict;
end
$$;
comment on function consent_judge is 'The same, with what was decided before: the one place where a policy is enforced.';

create function consent_kind(p_kind text) returns text
language sql immutable
as $$
    select case p_kind when 'reaction' then 'like' else p_kind end
$$;
comment on function consent_kind is 'The part of a policy that an interaction falls under.';

create function posts_ask_consent() returns trigger
language plpgsql security definer set search_path = public
as $$
declare
    parent posts;
begin
    select * into parent from posts where id = new.in_reply_to_id;
    if parent.id is null or parent.author_id = new.author_id or (parent.domain_id is null and new.domain_id is null) then
        return new;
    end if;
    new.consent := case consent_judge(parent.id, 'reply', new.author_id)
        when 'manual' then 'pending' when 'denied' then 'refused' else '' end;
    return new;
end
$$;
comment on function posts_ask_consent is 'What a policy says of an answer.';
create trigger posts_ask before insert on posts
    for each row when (new.in_reply_to_id is not null) execute function posts_ask_consent();
create trigger posts_ask_late before update of in_reply_to_id on posts
    for each row when (old.in_reply_to_id is null and new.in_reply_to_id is not null and new.deleted is null)
    execute function posts_ask_consent();

create function posts_note_consent() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    insert into consents (kind, actor_id, domain_id, object_id, owner_id, owner_domain_id, reply_id, uri, state_lane)
    select 'reply', new.author_id, new.domain_id, p.id, p.author_id, p.domain_id, new.id, new.object_uri,
        coalesce(p.domain_id, new.domain_id, 0)
    from posts p
    where p.id = new.in_reply_to_id
    on conflict (uri) do nothing;
    return null;
end
$$;
comment on function posts_note_consent is 'An answer waits for consent.';
-- What waits for staff of its own tenant is asked for when they let it pass.
create trigger posts_note after insert on posts
    for each row when (new.consent = 'pending' and new.visibility::text <> 'held') execute function posts_note_consent();
create trigger posts_note_passed after update of visibility on posts
    for each row when (old.visibility <> new.visibility and new.consent = 'pending' and new.visibility::text <> 'held')
    execute function posts_note_consent();
create trigger posts_note_late after update of in_reply_to_id on posts
    for each row when (old.in_reply_to_id is null and new.consent = 'pending') execute function posts_note_consent();

create function interactions_ask_consent() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if new.domain_id is null and new.post_domain_id is null then
        return new;
    end if;
    case consent_judge(new.post_id, consent_kind(new.kind), new.identity_id)
    when 'manual' then
        new.state := 'pending';
    when 'denied' then
        return null;
    else
        null;
    end case;
    return new;
end
$$;
comment on function interactions_ask_consent is 'What a policy says of a like, reaction or boost: what is denied is not stored.';
create trigger interactions_ask before insert on interactions
    for each row when (new.kind in ('like', 'boost', 'reaction')) execute function interactions_ask_consent();
create trigger interactions_ask_again before update of state on interactions
    for each row when (new.kind in ('like', 'boost', 'reaction') and new.state = 'new' and old.state in ('undone', 'gone'))
    execute function interactions_ask_consent();

create function interactions_note_consent() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if new.state = 'pending' then
        insert into consents (kind, actor_id, domain_id, object_id, owner_id, owner_domain_id, uri, state_lane)
        select consent_kind(new.kind), new.identity_id, new.domain_id, p.id, p.author_id, p.domain_id, new.uri,
            coalesce(p.domain_id, new.domain_id, 0)
        from posts p
        where p.id = new.post_id
        on conflict (uri) do nothing;
    else
        delete from consents r
        where r.uri = new.uri and r.state in ('new', 'pending', 'accepting', 'accepted');
    end if;
    return null;
end
$$;
comment on function interactions_note_consent is 'A like, reaction or boost waits for consent, or was taken back.';
create trigger interactions_note after insert on interactions
    for each row when (new.state = 'pending') execute function interactions_note_consent();
create trigger interactions_note_again after update of state on interactions
    for each row when (new.state in ('pending', 'undone') and new.state <> old.state) execute function interactions_note_consent();

-- What follows of a decision, on whichever tenant the rows are.
create function consent_follow() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if new.state in ('accepting', 'accepted') and old.state not in ('accepting', 'accepted') then
        update posts
        set consent = '', state = 'new', state_changed = now(), state_next_attempt = now(), state_attempts = 0,
            state_locked_by = null
        where id = new.reply_id and consent <> '' and deleted is null;
        update interactions
        set state = 'new', state_changed = now(), state_next_attempt = now(), state_attempts = 0, state_locked_by = null
        where uri = new.uri and identity_id = new.actor_id and state = 'pending';
    elsif new.state in ('rejecting', 'rejected') and old.state in ('new', 'pending') then
        update posts set consent = 'refused' where id = new.reply_id and consent = 'pending';
    elsif old.state in ('accepting', 'accepted') and new.state not in ('accepting', 'accepted') then
        -- What everybody saw is taken back everywhere.
        update posts
        set content = '', source = '', summary = '', detail = '{}', deleted = now(), state = 'deleted', state_changed = now(),
            state_next_attempt = now(), state_attempts = 0, state_locked_by = null
        where id = new.reply_id and deleted is null;
    end if;
    if new.state in ('rejecting', 'rejected', 'revoking', 'revoked') and old.state not in ('rejecting', 'rejected', 'revoking', 'revoked') then
        update interactions
        set state = 'undone', state_changed = now(), state_next_attempt = now(), state_attempts = 0, state_locked_by = null
        where uri = new.uri and identity_id = new.actor_id and state in ('new', 'pending', 'fanned_out');
    end if;
    return null;
end
$$;
comment on function consent_follow is 'What becomes of an answer, like or boost whose consent was given, refused or taken back.';
create trigger consents_follow after update of state on consents
    for each row when (new.state <> old.state) execute function consent_follow();

-- Reading

-- What waits for consent is its author's and that of who decides; what was refused, its author's alone.
create function post_waits_for(p posts, p_viewer bigint) returns boolean
language plpgsql stable
as $$
begin
    return p.consent = 'pending' and p_viewer <> 0
        and exists (select from posts o where o.id = p.in_reply_to_id and o.author_id = p_viewer);
end
$$;
comment on function post_waits_for is 'Whether the viewer decides about an answer that waits for consent.';

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
begin
    return query
    select p.id
    from posts p
    where p.id = any (p_ids)
        and p.deleted is null
        and (p.author_id = p_viewer
            or ((p.consent = '' or post_waits_for(p, p_viewer))
                and case when p.author_id = any (closed) then post_is_before_staff(p.id, p_viewer)
                    else p.visibility in ('public', 'unlisted') or post_is_for(p, p_viewer) end));
end
$$;

create or replace function post_recount(p_post_id bigint) returns void
language plpgsql security definer set search_path = public
as $$
begin
    update posts p
    set replies_count = (select count(*) from posts r where r.in_reply_to_id = p.id and r.deleted is null
            and r.consent = '' and r.visibility in ('public', 'unlisted')),
        likes_count = (select count(*) from interactions i where i.post_id = p.id and i.kind = 'like'
            and i.state in ('new', 'fanned_out')),
        boosts_count = (select count(*) from interactions i where i.post_id = p.id and i.kind = 'boost'
            and i.state in ('new', 'fanned_out')),
        reactions_count = (select count(*) from interactions i where i.post_id = p.id and i.kind = 'reaction'
            and i.state in ('new', 'fanned_out')),
        quotes_count = (select count(*) from quotes q join posts s on s.id = q.post_id where q.quoted_id = p.id
            and q.state in ('accepting', 'accepted') and s.deleted is null)
    where p.id = p_post_id;
end
$$;

drop trigger posts_tell on posts;
create trigger posts_tell after insert on posts
    for each row
    when (new.visibility <> 'mentioned' and new.deleted is null and new.consent = ''
        and (new.domain_id is not null or new.published > now() - interval '6 hours'))
    execute function stream_tell_post();
create trigger posts_tell_late after update of consent on posts
    for each row
    when (old.consent <> '' and new.consent = '' and new.visibility <> 'mentioned' and new.deleted is null)
    execute function stream_tell_post();
drop trigger interactions_tell on interactions;
create trigger interactions_tell after insert or update of id on interactions
    for each row
    when (new.kind = 'boost' and new.state = 'new'
        and (new.domain_id is not null or new.published > now() - interval '6 hours'))
    execute function stream_tell_boost();

-- Notifications of requests and reactions. Programs that do not ask for these types do not get them.

alter table notifications
    drop constraint notifications_kind_check,
    add constraint notifications_kind_check check (kind in ('mention', 'status', 'boost', 'follow', 'follow_request', 'like',
        'poll', 'edit', 'report', 'sign_up', 'severed', 'warning', 'quote', 'quoted_edit', 'reaction', 'pending_reply',
        'pending_like', 'pending_boost', 'pending_quote'));

create function notification_is_rare(p_kind text) returns boolean
language sql immutable
as $$
    select p_kind in ('reaction', 'pending_reply', 'pending_like', 'pending_boost', 'pending_quote')
$$;
comment on function notification_is_rare is 'Kinds that programs know which ask for them, and no others.';

create or replace function stream_tell_notifications() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    if not exists (select from stream_readers) then
        return null;
    end if;
    perform stream_tell('notification', g.domain_id, jsonb_build_object('ids', g.ids, 'to', g.owners))
    from (
        select n.domain_id, jsonb_agg(n.id) as ids, jsonb_agg(n.identity_id) as owners
        from (
            select a.id, a.domain_id, a.identity_id, (row_number() over ()) / 150 as part
            from added a
            where not a.filtered
                and not notification_is_rare(a.kind)
                and exists (select from stream_readers r where r.identity_id = a.identity_id)
        ) n
        group by n.domain_id, n.part
    ) g;
    return null;
end
$$;

grant execute on function consent_covers, consent_verdict, consent_judge, consent_kind, post_waits_for, notification_is_rare
    to rookery_server, rookery_stator, rookery_host;

insert into stator_types (name, relation, automatic, domain_expression) values
    ('consent', 'consents', '{new,accepting,rejecting,revoking}',
        'coalesce(r.owner_domain_id, r.domain_id, 0)');
select stator_add_type('consent');
select stator_make_doors();

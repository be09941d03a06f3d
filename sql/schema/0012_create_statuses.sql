-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What people do with posts beyond writing them: polls, quotations, versions, bookmarks, reactions, muted threads, posts
-- for later, and requests that came twice.

alter table posts
    add column application_id bigint references applications (id) on delete set null,
    add column thread_id bigint,
    add column quote_uri text not null default '' check (length(quote_uri) <= 2048),
    add column quote_automatic text[] not null default '{}',
    add column quote_manual text[] not null default '{}',
    add column quotes_count bigint not null default 0,
    add column reactions_count bigint not null default 0;
comment on column posts.application_id is 'The program that a local post was written with; null: a page of ours, or one that is gone.';
comment on column posts.thread_id is 'The oldest post of its thread that is here; null: itself.';
comment on column posts.quote_uri is 'What it quotes (FEP-044f); empty: nothing.';
comment on column posts.quote_automatic is 'Who may quote it without asking: public, followers, following, or other.';
comment on column posts.quote_manual is 'Who may quote it when its author agrees; likewise.';
comment on column posts.quotes_count is 'Accepted quotations known here.';
comment on column posts.reactions_count is 'Reactions known here.';
create index posts_thread on posts (thread_id) where thread_id is not null;
create index posts_application on posts (application_id) where application_id is not null;

-- Polls

create table polls (
    id bigint primary key references posts (id) on delete cascade,
    domain_id bigint references domains (id),
    multiple boolean not null default false,
    hide_totals boolean not null default false,
    options text[] not null,
    votes bigint[] not null,
    voters_count bigint,
    expires timestamptz,
    changed timestamptz,
    state text not null default 'open' check (state in ('open', 'closing', 'closed')),
    like state_row including defaults including comments,
    check (cardinality(options) = cardinality(votes))
);
comment on table polls is '[audience] Polls, local and remote, one to a post of type Question.';
comment on column polls.id is 'The post.';
comment on column polls.domain_id is 'The tenant of a local one; null: remote.';
comment on column polls.multiple is 'Several options may be chosen.';
comment on column polls.hide_totals is 'Counts are shown when it is closed.';
comment on column polls.options is 'What there is to choose from; no two alike.';
comment on column polls.votes is 'Votes by option.';
comment on column polls.voters_count is 'People who voted; null: its server does not say.';
comment on column polls.expires is 'When it closes; null: never.';
comment on column polls.changed is 'First vote that other servers were not told of yet; null: none.';

-- Votes come from all tenants and from nowhere, and a poll's tenant may see none of the rows of another's voters.
create function poll_lock(p_id bigint) returns void
language plpgsql security definer set search_path = public
as $$
begin
    perform from polls where id = p_id for update;
end
$$;
comment on function poll_lock is 'Votes in one poll come one after the other.';

create function poll_recount(p_id bigint) returns void
language plpgsql security definer set search_path = public
as $$
begin
    update polls p
    set votes = array(
            select (select count(*) from interactions i where i.post_id = p.id and i.kind = 'vote' and i.value = o.name
                and i.state in ('new', 'fanned_out'))
            from unnest(p.options) with ordinality o (name, place) order by o.place),
        voters_count = (select count(distinct i.identity_id) from interactions i where i.post_id = p.id
            and i.kind = 'vote' and i.state in ('new', 'fanned_out')),
        changed = coalesce(p.changed, now()),
        state_next_attempt = case when p.state = 'open' and p.state_locked_by is null
            then least(p.state_next_attempt, now() + interval '2 minutes') else p.state_next_attempt end
    where p.id = p_id and p.domain_id is not null;
end
$$;
comment on function poll_recount is 'Counts the votes of a local poll over all tenants; other servers are told within minutes.';

create function poll_add_votes(p_id bigint, p_options text[], p_first boolean) returns void
language plpgsql security definer set search_path = public
as $$
begin
    update polls p
    set votes = array(
            select p.votes[o.place] + (o.name = any (p_options))::integer
            from unnest(p.options) with ordinality o (name, place) order by o.place),
        voters_count = p.voters_count + p_first::integer
    where p.id = p_id and p.domain_id is null;
end
$$;
comment on function poll_add_votes is 'Counts our own votes in a remote poll until its server says how many there are.';

create function poll_voter_domains(p_id bigint) returns setof bigint
language plpgsql security definer set search_path = public stable
as $$
begin
    return query
    select distinct i.domain_id from interactions i
    where i.post_id = p_id and i.kind = 'vote' and i.domain_id is not null and i.state in ('new', 'fanned_out');
end
$$;
comment on function poll_voter_domains is 'Tenants with people who voted: where the end of a poll is told.';

create function poll_far_voters(p_id bigint) returns setof bigint
language plpgsql security definer set search_path = public stable
as $$
begin
    return query
    select distinct i.identity_id from interactions i
    where i.post_id = p_id and i.kind = 'vote' and i.domain_id is null and i.state in ('new', 'fanned_out');
end
$$;
comment on function poll_far_voters is 'Remote identities that voted: whom an update of the poll is sent to.';

-- Quotations (FEP-044f)

create table quotes (
    id bigint primary key default snowflake(5),
    post_id bigint unique references posts (id) on delete cascade,
    post_uri text not null unique check (length(post_uri) <= 2048),
    author_id bigint not null references identities (id),
    domain_id bigint references domains (id),
    quoted_id bigint references posts (id) on delete set null,
    quoted_uri text not null check (length(quoted_uri) <= 2048),
    quoted_author_id bigint references identities (id),
    quoted_domain_id bigint references domains (id),
    request_uri text not null default '',
    authorization_uri text not null default '' check (length(authorization_uri) <= 2048),
    created timestamptz not null default now(),
    state text not null default 'new'
        check (state in ('new', 'pending', 'accepting', 'accepted', 'rejecting', 'rejected', 'revoking', 'revoked')),
    like state_row including defaults including comments
);
comment on table quotes is '[audience] Who quotes whom, and whether the quoted author agreed.';
comment on column quotes.id is 'Snowflake of kind 5.';
comment on column quotes.post_id is 'The post that quotes; null: asked for, and not here yet.';
comment on column quotes.post_uri is 'Its id.';
comment on column quotes.author_id is 'Who wrote it.';
comment on column quotes.domain_id is 'Its tenant; null: remote.';
comment on column quotes.quoted_id is 'What is quoted; null: not here.';
comment on column quotes.quoted_uri is 'Its id.';
comment on column quotes.quoted_author_id is 'Who wrote that; null: not known yet.';
comment on column quotes.quoted_domain_id is 'Its tenant; null: remote, or not known yet.';
comment on column quotes.request_uri is 'Id of the QuoteRequest; empty: none.';
comment on column quotes.authorization_uri is 'Id of the QuoteAuthorization; empty: none.';
comment on column quotes.created is 'When the row was made.';
create index quotes_quoted on quotes (quoted_id, post_id desc) where quoted_id is not null;
create index quotes_request on quotes (request_uri) where request_uri <> '';
create index quotes_authorization on quotes (authorization_uri) where authorization_uri <> '';

-- Versions

create table post_edits (
    id bigint generated always as identity primary key,
    post_id bigint not null references posts (id) on delete cascade,
    domain_id bigint references domains (id),
    content text not null,
    summary text not null,
    sensitive boolean not null,
    attachment_ids bigint[] not null default '{}',
    options text[] not null default '{}',
    written timestamptz not null
);
comment on table post_edits is '[audience] Earlier versions of posts.';
comment on column post_edits.id is 'Order of versions.';
comment on column post_edits.post_id is 'The post.';
comment on column post_edits.domain_id is 'The tenant of a local post; null: remote.';
comment on column post_edits.content is 'Sanitised HTML.';
comment on column post_edits.summary is 'Content warning.';
comment on column post_edits.sensitive is 'Attachments were hidden.';
comment on column post_edits.attachment_ids is 'Its media, in order; what was let go of is not there any more.';
comment on column post_edits.options is 'Of its poll.';
comment on column post_edits.written is 'When this version came.';
create index post_edits_post on post_edits (post_id, id);

-- What hangs on a post is for those that may read the post.
do $$
declare
    t text;
begin
    foreach t in array '{polls,post_edits,quotes}'::text[] loop
        execute format('alter table %I enable row level security', t);
        execute format('alter table %I force row level security', t);
        execute format('create policy host on %I to rookery_owner, rookery_host using (true) with check (true)', t);
    end loop;
end
$$;
create policy audience on polls for select to rookery_server, rookery_stator
    using (domain_id = current_domain() or exists (select from posts p where p.id = polls.id));
create policy writing on polls to rookery_server, rookery_stator
    using (domain_id = current_domain() or (domain_id is null and exists (select from posts p where p.id = polls.id)))
    with check (domain_id is null or domain_id = current_domain());
create policy audience on post_edits for select to rookery_server, rookery_stator
    using (domain_id = current_domain() or exists (select from posts p where p.id = post_edits.post_id));
create policy writing on post_edits to rookery_server, rookery_stator
    using (domain_id = current_domain() or (domain_id is null and exists (select from posts p where p.id = post_edits.post_id)))
    with check (domain_id is null or domain_id = current_domain());
create policy audience on quotes for select to rookery_server, rookery_stator
    using (domain_id = current_domain() or quoted_domain_id = current_domain()
        or exists (select from posts p where p.id = quotes.post_id));
create policy writing on quotes to rookery_server, rookery_stator
    using (domain_id = current_domain() or quoted_domain_id = current_domain()
        or (domain_id is null and quoted_domain_id is null and exists (select from posts p where p.id = quotes.post_id)))
    with check (domain_id = current_domain() or quoted_domain_id = current_domain()
        or (domain_id is null and quoted_domain_id is null));

-- Replies that are elsewhere

create table thread_fetches (
    id bigint primary key references posts (id) on delete cascade,
    replies bigint not null default 0,
    state text not null default 'running' check (state in ('running', 'finished')),
    like state_row including defaults including comments
);
comment on table thread_fetches is '[neutral] Remote public posts whose replies were asked for at their servers.';
comment on column thread_fetches.id is 'The post.';
comment on column thread_fetches.replies is 'Replies that came of it and were not here.';

-- Links that are shown as cards

create table cards (
    id bigint generated always as identity primary key,
    url text not null unique check (length(url) <= 2048),
    title text not null default '',
    description text not null default '',
    language text not null default '',
    site text not null default '',
    author text not null default '',
    image_url text not null default '' check (length(image_url) <= 2048),
    image_text text not null default '',
    width integer not null default 0,
    height integer not null default 0,
    published timestamptz,
    created timestamptz not null default now(),
    state text not null default 'new' check (state in ('new', 'shown', 'bare')),
    like state_row including defaults including comments
);
comment on table cards is '[neutral] Pages that posts link to, as they describe themselves.';
comment on column cards.id is 'Id.';
comment on column cards.url is 'The page.';
comment on column cards.title is 'Its title.';
comment on column cards.description is 'What it is about.';
comment on column cards.language is 'BCP 47; empty: not said.';
comment on column cards.site is 'Name of the site.';
comment on column cards.author is 'Who wrote it.';
comment on column cards.image_url is 'Picture that stands for it; empty: none.';
comment on column cards.image_text is 'Its description.';
comment on column cards.width is 'Pixels of it; 0: not said.';
comment on column cards.height is 'Pixels of it; 0: not said.';
comment on column cards.published is 'When it was published; null: not said.';
comment on column cards.created is 'When the row was made.';

alter table posts add column card_id bigint references cards (id) on delete set null;
comment on column posts.card_id is 'The link that is shown as a card; null: none.';
create index posts_card on posts (card_id) where card_id is not null;

-- What an identity keeps to itself

create table bookmarks (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id),
    post_id bigint not null references posts (id) on delete cascade,
    created timestamptz not null default now(),
    unique (identity_id, post_id)
);
comment on table bookmarks is '[tenant] Posts that somebody keeps for later; nobody is told.';
comment on column bookmarks.id is 'Order in which they were kept.';
comment on column bookmarks.domain_id is 'The tenant.';
comment on column bookmarks.identity_id is 'Who keeps it.';
comment on column bookmarks.post_id is 'The post.';
comment on column bookmarks.created is 'When.';
create index bookmarks_owner on bookmarks (identity_id, id desc);
create index bookmarks_post on bookmarks (post_id);

create table thread_mutes (
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id),
    thread_id bigint not null,
    created timestamptz not null default now(),
    primary key (identity_id, thread_id)
);
comment on table thread_mutes is '[tenant] Threads of which somebody wants no notifications.';
comment on column thread_mutes.domain_id is 'The tenant.';
comment on column thread_mutes.identity_id is 'Who.';
comment on column thread_mutes.thread_id is 'The thread, as in posts.thread_id.';
comment on column thread_mutes.created is 'When.';

create table scheduled_posts (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id),
    application_id bigint references applications (id) on delete set null,
    draft jsonb not null,
    attachment_ids bigint[] not null default '{}',
    due timestamptz not null,
    post_id bigint,
    created timestamptz not null default now(),
    state text not null default 'waiting' check (state in ('waiting', 'published', 'failed', 'withdrawn')),
    like state_row including defaults including comments
);
comment on table scheduled_posts is '[tenant] Posts that are to appear later.';
comment on column scheduled_posts.id is 'Id.';
comment on column scheduled_posts.domain_id is 'The tenant.';
comment on column scheduled_posts.identity_id is 'Who wrote it.';
comment on column scheduled_posts.application_id is 'With which program; null: none, or one that is gone.';
comment on column scheduled_posts.draft is 'What was asked for.';
comment on column scheduled_posts.attachment_ids is 'Its media.';
comment on column scheduled_posts.due is 'When it is to appear.';
comment on column scheduled_posts.post_id is 'The post that came of it.';
comment on column scheduled_posts.created is 'When the row was made.';
create index scheduled_posts_owner on scheduled_posts (identity_id, id desc);

create table idempotency_keys (
    identity_id bigint not null references identities (id),
    key bytea not null,
    domain_id bigint not null references domains (id) on delete cascade,
    post_id bigint,
    scheduled_id bigint,
    created timestamptz not null default now(),
    primary key (identity_id, key)
);
comment on table idempotency_keys is '[tenant] Requests for a post that may come again: the same key gives the same post.';
comment on column idempotency_keys.identity_id is 'Who asked.';
comment on column idempotency_keys.key is 'SHA-256 of the program and the key that it sent.';
comment on column idempotency_keys.domain_id is 'The tenant.';
comment on column idempotency_keys.post_id is 'What came of it; null: a post for later.';
comment on column idempotency_keys.scheduled_id is 'The post for later; null: none.';
comment on column idempotency_keys.created is 'When; an hour later the key is new again.';
create index idempotency_keys_created on idempotency_keys (created);

select table_protect(t) from unnest('{bookmarks,thread_mutes,scheduled_posts,idempotency_keys}'::text[]) t;

-- Reactions are interactions with a word or a picture.
alter table interactions
    drop constraint interactions_kind_check,
    add constraint interactions_kind_check check (kind in ('like', 'boost', 'pin', 'vote', 'reaction')),
    add column picture_url text not null default '' check (length(picture_url) <= 2048),
    add column visibility text not null default 'public' check (visibility in ('public', 'unlisted', 'followers'));
comment on column interactions.kind is 'like, boost, pin, vote or reaction.';
comment on column interactions.value is 'A vote''s option, a reaction''s emoji or its name; else empty.';
comment on column interactions.picture_url is 'Of a reaction that is a picture; else empty.';
comment on column interactions.visibility is 'Whom a boost is for.';

drop function post_find(text);
create function post_find(p_object_uri text)
returns table (id bigint, author_id bigint, domain_id bigint, visibility post_visibility, state text, thread_id bigint)
language plpgsql security definer set search_path = public stable
as $$
begin
    return query
    select p.id, p.author_id, p.domain_id, p.visibility, p.state, coalesce(p.thread_id, p.id)
    from posts p where p.object_uri = p_object_uri;
end
$$;
comment on function post_find is 'Whether a URI is stored, whoever may read it: storing asks this, showing never.';
grant execute on function post_find(text) to rookery_server, rookery_stator, rookery_host;

create or replace function post_recount(p_post_id bigint) returns void
language plpgsql security definer set search_path = public
as $$
begin
    update posts p
    set replies_count = (select count(*) from posts r where r.in_reply_to_id = p.id and r.deleted is null
            and r.visibility in ('public', 'unlisted')),
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
comment on function post_recount is 'Counts replies, likes, boosts, reactions and quotations of a post over all tenants.';

create function post_reactions(p_ids bigint[], p_viewer bigint)
returns table (post_id bigint, name text, picture_url text, count bigint, me boolean)
language plpgsql security definer set search_path = public stable
as $$
begin
    return query
    select i.post_id, i.value, max(i.picture_url), count(*), bool_or(i.identity_id = p_viewer)
    from interactions i
    where i.post_id = any (p_ids) and i.kind = 'reaction' and i.state in ('new', 'fanned_out')
    group by i.post_id, i.value
    order by i.post_id, count(*) desc, min(i.id);
end
$$;
comment on function post_reactions is 'How often each reaction was given to posts; who gave it stays with their tenants.';

create function post_thread_adopt(p_from bigint[], p_to bigint) returns void
language plpgsql security definer set search_path = public
as $$
declare
    root bigint := (select coalesce(p.thread_id, p.id) from posts p where p.id = p_to);
begin
    update posts set thread_id = root where (thread_id = any (p_from) or id = any (p_from)) and id <> root;
    update thread_mutes m set thread_id = root
    where m.thread_id = any (p_from)
        and not exists (select from thread_mutes o where o.identity_id = m.identity_id and o.thread_id = root);
end
$$;
comment on function post_thread_adopt is 'Threads whose missing beginning came belong to it, on all tenants.';

create function thread_is_muted(p_identity_id bigint, p_post_id bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (
        select from posts p
        join thread_mutes m on m.thread_id = coalesce(p.thread_id, p.id)
        where p.id = p_post_id and m.identity_id = p_identity_id);
end
$$;
comment on function thread_is_muted is 'Whether an identity wants no notifications about a post''s thread.';

create function quote_is_allowed(p posts, p_author bigint) returns text
language plpgsql stable
as $$
begin
    if p.author_id = p_author then
        return case when p.visibility in ('public', 'unlisted', 'followers') then 'automatic' else 'denied' end;
    end if;
    if p_author = 0 or p.visibility not in ('public', 'unlisted') then
        return 'denied';
    end if;
    if 'public' = any (p.quote_automatic) then
        return 'automatic';
    end if;
    if ('followers' = any (p.quote_automatic) and exists (
            select from follows f
            where f.source_id = p_author and f.target_id = p.author_id and f.state in ('accepting', 'accepted')))
        or ('following' = any (p.quote_automatic) and exists (
            select from follows f
            where f.source_id = p.author_id and f.target_id = p_author and f.state in ('accepting', 'accepted'))) then
        return 'automatic';
    end if;
    if 'public' = any (p.quote_manual)
        or ('followers' = any (p.quote_manual) and exists (
            select from follows f
            where f.source_id = p_author and f.target_id = p.author_id and f.state in ('accepting', 'accepted')))
        or ('following' = any (p.quote_manual) and exists (
            select from follows f
            where f.source_id = p.author_id and f.target_id = p_author and f.state in ('accepting', 'accepted'))) then
        return 'manual';
    end if;
    return case when 'other' = any (p.quote_automatic || p.quote_manual) then 'unknown' else 'denied' end;
end
$$;
comment on function quote_is_allowed is 'What happens when an identity quotes a post: automatic, manual, denied, or unknown.';

-- What is deleted leaves nothing behind of what it said, nor a deleted identity of what it kept to itself.
create function post_forget_parts() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    delete from post_edits where post_id = new.id;
    delete from polls where id = new.id;
    return null;
end
$$;
comment on function post_forget_parts is 'Versions and poll of a post that was deleted.';
create trigger posts_forget_parts after update of deleted on posts for each row
    when (new.deleted is not null and old.deleted is null) execute function post_forget_parts();

create function identity_forget_keepings() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    delete from bookmarks where identity_id = new.id;
    delete from thread_mutes where identity_id = new.id;
    delete from scheduled_posts where identity_id = new.id;
    delete from idempotency_keys where identity_id = new.id;
    return null;
end
$$;
comment on function identity_forget_keepings is 'What an identity that was deleted kept to itself.';
create trigger identities_forget_keepings after update of deleted on identities for each row
    when (new.deleted is not null and old.deleted is null) execute function identity_forget_keepings();

grant execute on function poll_lock(bigint), poll_recount(bigint), poll_add_votes(bigint, text[], boolean),
    post_reactions(bigint[], bigint), thread_is_muted(bigint, bigint), quote_is_allowed(posts, bigint),
    post_thread_adopt(bigint[], bigint)
    to rookery_server, rookery_stator, rookery_host;
grant execute on function poll_voter_domains(bigint), poll_far_voters(bigint) to rookery_stator, rookery_host;

insert into stator_types (name, relation, automatic, domain_expression) values
    ('poll', 'polls', '{open,closing}', 'coalesce(r.domain_id,
        (select min(a.domain_id) from post_audience a where a.post_id = r.id), 0)'),
    ('quote', 'quotes', '{new,accepting,rejecting,revoking}', 'coalesce(r.domain_id, r.quoted_domain_id, 0)'),
    ('scheduled', 'scheduled_posts', '{waiting}', 'r.domain_id'),
    ('thread', 'thread_fetches', '{running}', '0::bigint'),
    ('card', 'cards', '{new}', '0::bigint');
select stator_add_type('poll'), stator_add_type('quote'), stator_add_type('scheduled'), stator_add_type('thread'),
    stator_add_type('card');
select stator_make_doors();

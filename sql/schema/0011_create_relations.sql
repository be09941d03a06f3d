-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What an identity keeps about others and about itself: lists, notes, blocked domains, featured hashtags and
-- identities, markers, preferences, collections. What the world may see of it crosses the walls of tenants by
-- functions, each with one purpose.

-- Follows as their owner wants them; pages of followers by the follow's id.
alter table follows add column notify boolean not null default false;
comment on column follows.notify is 'Wants to be told of each new post of the target.';
alter table follows add column languages text[] not null default '{}';
comment on column follows.languages is 'Wants only posts in these languages (BCP 47); empty: all.';
create index follows_of_target on follows (target_id, id desc) where state in ('accepting', 'accepted');
create index follows_of_source on follows (source_id, id desc) where state in ('accepting', 'accepted');
create index blocks_of_source on blocks (source_id, kind, id desc);

-- What profiles show beyond 0002.
alter table identities add column last_posted timestamptz;
comment on column identities.last_posted is 'Day of the newest public or unlisted post known here; null: none.';
alter table identities add column summary_text text not null default '';
comment on column identities.summary_text is 'Biography as a local owner typed it; empty: not known.';
alter table identities add column icon_description text not null default '';
comment on column identities.icon_description is 'Avatar in words; empty: none.';
alter table identities add column image_description text not null default '';
comment on column identities.image_description is 'Banner in words; empty: none.';
alter table identities add column show_media boolean not null default true;
comment on column identities.show_media is 'Its page has a tab with media.';
alter table identities add column show_media_replies boolean not null default true;
comment on column identities.show_media_replies is 'That tab shows media of replies as well.';
alter table identities add column show_featured boolean not null default true;
comment on column identities.show_featured is 'Its page has a tab with what it features.';
alter table identities add column attribution_domains text[] not null default '{}';
comment on column identities.attribution_domains is 'Sites that may name it as the author of their pages.';

-- Directories and look-ups by the beginning of a name.
create index identities_active on identities (last_posted desc nulls last, id desc)
    where discoverable and deleted is null and not is_system;
create index identities_active_here on identities (domain_id, last_posted desc nulls last, id desc)
    where domain_id is not null and discoverable and deleted is null and not is_system;
create index identities_new_here on identities (domain_id, id desc)
    where domain_id is not null and discoverable and deleted is null and not is_system;
create index identities_username on identities (username_key text_pattern_ops);
create index identities_name on identities (lower(name) text_pattern_ops);

create function post_marks_author() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    update identities i
    set last_posted = date_trunc('day', new.published, 'UTC')
    where i.id = new.author_id
        and (i.last_posted is null or i.last_posted < date_trunc('day', new.published, 'UTC'))
        and new.published <= now() + interval '1 day';
    return null;
end
$$;
comment on function post_marks_author is 'Keeps the day of an author''s newest post; writes once a day at most.';
create trigger post_marks_author after insert on posts
    for each row when (new.visibility in ('public', 'unlisted')) execute function post_marks_author();

create table identity_preferences (
    identity_id bigint primary key references identities (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    visibility post_visibility not null default 'public',
    sensitive boolean not null default false,
    language text not null default '',
    quote_policy text not null default 'public' check (quote_policy in ('public', 'followers', 'nobody')),
    expand_media text not null default 'default' check (expand_media in ('default', 'show_all', 'hide_all')),
    expand_spoilers boolean not null default false,
    autoplay boolean not null default false
);
comment on table identity_preferences is '[tenant] How new posts of an identity are to be, and how it reads. No row: the defaults.';
comment on column identity_preferences.identity_id is 'Whose.';
comment on column identity_preferences.domain_id is 'The tenant.';
comment on column identity_preferences.visibility is 'Of new posts.';
comment on column identity_preferences.sensitive is 'New attachments are hidden until asked for.';
comment on column identity_preferences.language is 'Of new posts, BCP 47; empty: not said.';
comment on column identity_preferences.quote_policy is 'Who may quote new posts.';
comment on column identity_preferences.expand_media is 'Which attachments programs show at once.';
comment on column identity_preferences.expand_spoilers is 'Programs open content warnings at once.';
comment on column identity_preferences.autoplay is 'Programs play moving pictures at once.';
select table_protect('identity_preferences');

create table lists (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    title text not null,
    replies_policy text not null default 'list' check (replies_policy in ('followed', 'list', 'none')),
    exclusive boolean not null default false,
    created timestamptz not null default now()
);
comment on table lists is '[tenant] Lists that an identity reads some of those in that it follows.';
comment on column lists.id is 'Id.';
comment on column lists.domain_id is 'The tenant.';
comment on column lists.identity_id is 'Whose.';
comment on column lists.title is 'Name.';
comment on column lists.replies_policy is 'Which replies it shows: to anybody its owner follows, to members, none.';
comment on column lists.exclusive is 'Posts of members are not on the home page.';
comment on column lists.created is 'When it was made.';
create index lists_identity on lists (identity_id, id);
select table_protect('lists');

create table list_accounts (
    id bigint generated always as identity primary key,
    list_id bigint not null references lists (id) on delete cascade,
    member_id bigint not null references identities (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    unique (list_id, member_id)
);
comment on table list_accounts is '[tenant] Who is on a list; the owner follows each, or has asked to.';
comment on column list_accounts.id is 'Order in which they were put there.';
comment on column list_accounts.list_id is 'The list.';
comment on column list_accounts.member_id is 'Who.';
comment on column list_accounts.domain_id is 'The list''s tenant.';
create index list_accounts_page on list_accounts (list_id, id desc);
create index list_accounts_member on list_accounts (member_id);
select table_protect('list_accounts');

-- A view, so that fan-out can join it as a whole.
create view home_exclusions with (security_invoker = true) as
select l.identity_id, a.member_id
from lists l
join list_accounts a on a.list_id = l.id
where l.exclusive;
comment on view home_exclusions is 'Whose posts and boosts exclusive lists keep off the home pages of their owners.';

create table identity_notes (
    identity_id bigint not null references identities (id) on delete cascade,
    target_id bigint not null references identities (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    note text not null check (length(note) between 1 and 2000),
    changed timestamptz not null default now(),
    primary key (identity_id, target_id)
);
comment on table identity_notes is '[tenant] Private notes of an identity on others.';
comment on column identity_notes.identity_id is 'Whose.';
comment on column identity_notes.target_id is 'On whom.';
comment on column identity_notes.domain_id is 'The tenant.';
comment on column identity_notes.note is 'Plain text.';
comment on column identity_notes.changed is 'When it was last written.';
select table_protect('identity_notes');

create table identity_domain_blocks (
    id bigint generated always as identity primary key,
    identity_id bigint not null references identities (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    host text not null check (host = lower(host) and length(host) between 1 and 253),
    created timestamptz not null default now(),
    unique (identity_id, host)
);
comment on table identity_domain_blocks is '[tenant] Domains that an identity wants to see nobody of.';
comment on column identity_domain_blocks.id is 'Order in which they were blocked.';
comment on column identity_domain_blocks.identity_id is 'Whose.';
comment on column identity_domain_blocks.domain_id is 'The tenant.';
comment on column identity_domain_blocks.host is 'Domain of handles, or host of a server; ASCII, lower case.';
comment on column identity_domain_blocks.created is 'When it was set.';
create index identity_domain_blocks_page on identity_domain_blocks (identity_id, id desc);
select table_protect('identity_domain_blocks');

create function identity_blocks_domain(p_viewer bigint, p_author bigint) returns boolean
language plpgsql stable
as $$
begin
    return exists (
        select from identities i
        left join servers s on s.id = i.server_id
        join identity_domain_blocks d on d.identity_id = p_viewer and d.host in (i.host, s.host)
        where i.id = p_author);
end
$$;
comment on function identity_blocks_domain is 'Whether an identity blocks the domain of another.';
grant execute on function identity_blocks_domain(bigint, bigint) to rookery_server, rookery_stator, rookery_host;

create or replace function identity_is_hidden(p_viewer bigint, p_author bigint) returns boolean
language plpgsql stable
as $$
begin
    return p_viewer <> 0 and p_viewer <> p_author and (exists (
        select from blocks b
        where (b.source_id = p_viewer and b.target_id = p_author and b.state in ('new', 'sent', 'expiring')
                and (b.expires is null or b.expires > now()))
            or (b.source_id = p_author and b.target_id = p_viewer and b.kind = 'block' and b.state in ('new', 'sent')))
        or (exists (select from identity_domain_blocks d where d.identity_id = p_viewer)
            and identity_blocks_domain(p_viewer, p_author)));
end
$$;

create table featured_tags (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    hashtag_id bigint not null references hashtags (id),
    created timestamptz not null default now(),
    unique (identity_id, hashtag_id)
);
comment on table featured_tags is '[tenant] Hashtags that an identity shows on its page; featured_tags_of() shows them to all.';
comment on column featured_tags.id is 'Id.';
comment on column featured_tags.domain_id is 'The tenant.';
comment on column featured_tags.identity_id is 'Whose.';
comment on column featured_tags.hashtag_id is 'Which.';
comment on column featured_tags.created is 'Since when.';
select table_protect('featured_tags');

create function featured_tags_of(p_identity_id bigint)
returns table (id bigint, hashtag_id bigint, name text, posts_count bigint, last_posted timestamptz)
language plpgsql security definer set search_path = public stable
as $$
begin
    return query
    select t.id, t.hashtag_id, h.name, p.n, p.last
    from featured_tags t
    join hashtags h on h.id = t.hashtag_id
    cross join lateral (
        select count(*) as n, max(p.published) as last
        from post_hashtags ph
        join posts p on p.id = ph.post_id
        where ph.hashtag_id = t.hashtag_id
            and p.author_id = p_identity_id
            and p.visibility in ('public', 'unlisted')
            and p.deleted is null
    ) p
    where t.identity_id = p_identity_id
    order by p.n desc, t.id;
end
$$;
comment on function featured_tags_of is 'Hashtags that an identity features, to whichever tenant asks, with what it wrote under them.';
grant execute on function featured_tags_of(bigint) to rookery_server, rookery_stator, rookery_host;

create table endorsements (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    target_id bigint not null references identities (id) on delete cascade,
    created timestamptz not null default now(),
    unique (identity_id, target_id)
);
comment on table endorsements is '[tenant] Identities that an identity shows on its page; endorsements_of() shows them to all.';
comment on column endorsements.id is 'Order in which they were chosen.';
comment on column endorsements.domain_id is 'The tenant.';
comment on column endorsements.identity_id is 'Whose page.';
comment on column endorsements.target_id is 'Who is shown.';
comment on column endorsements.created is 'Since when.';
create index endorsements_target on endorsements (target_id);
select table_protect('endorsements');

create function endorsements_of(p_identity_id bigint)
returns table (id bigint, target_id bigint)
language plpgsql security definer set search_path = public stable
as $$
begin
    return query
    select e.id, e.target_id from endorsements e where e.identity_id = p_identity_id;
end
$$;
comment on function endorsements_of is 'Identities that an identity features, to whichever tenant asks.';
grant execute on function endorsements_of(bigint) to rookery_server, rookery_stator, rookery_host;

-- Lists and endorsements have whom their owner follows, whichever side ended it.
create function follow_ended() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    delete from list_accounts a using lists l
    where l.id = a.list_id and l.identity_id = new.source_id and a.member_id = new.target_id;
    delete from endorsements e where e.identity_id = new.source_id and e.target_id = new.target_id;
    return null;
end
$$;
comment on function follow_ended is 'Takes whom an identity follows no longer off its lists.';
create trigger follow_ended after update of state on follows
    for each row when (new.state in ('undone', 'rejecting', 'removed')
        and old.state not in ('undone', 'rejecting', 'removed'))
    execute function follow_ended();

create table markers (
    identity_id bigint not null references identities (id) on delete cascade,
    timeline text not null check (timeline in ('home', 'notifications')),
    domain_id bigint not null references domains (id) on delete cascade,
    last_read_id bigint not null,
    version integer not null default 1,
    updated timestamptz not null default now(),
    primary key (identity_id, timeline)
);
comment on table markers is '[tenant] How far an identity has read.';
comment on column markers.identity_id is 'Whose.';
comment on column markers.timeline is 'Of what.';
comment on column markers.domain_id is 'The tenant.';
comment on column markers.last_read_id is 'Newest entry that was read.';
comment on column markers.version is 'Counts writes, so that two programs do not undo each other''s.';
comment on column markers.updated is 'When it was last written.';
select table_protect('markers');

create table suggestion_dismissals (
    identity_id bigint not null references identities (id) on delete cascade,
    target_id bigint not null references identities (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    created timestamptz not null default now(),
    primary key (identity_id, target_id)
);
comment on table suggestion_dismissals is '[tenant] Whom an identity does not want to be suggested.';
comment on column suggestion_dismissals.identity_id is 'Whose.';
comment on column suggestion_dismissals.target_id is 'Who.';
comment on column suggestion_dismissals.domain_id is 'The tenant.';
comment on column suggestion_dismissals.created is 'When it was said.';
select table_protect('suggestion_dismissals');

create table featured_collections (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    name text not null,
    description text not null default '',
    language text not null default '',
    sensitive boolean not null default false,
    discoverable boolean not null default false,
    hashtag_id bigint references hashtags (id),
    created timestamptz not null default now(),
    updated timestamptz not null default now()
);
comment on table featured_collections is '[tenant] Identities that an identity gathers under a name (FEP-7aa9); featured_collections_of() and its like show them to all.';
comment on column featured_collections.id is 'Id.';
comment on column featured_collections.domain_id is 'The tenant.';
comment on column featured_collections.identity_id is 'Whose.';
comment on column featured_collections.name is 'Name, plain text.';
comment on column featured_collections.description is 'What it is about, plain text.';
comment on column featured_collections.language is 'Of name and description, BCP 47; empty: not said.';
comment on column featured_collections.sensitive is 'Is shown with a warning.';
comment on column featured_collections.discoverable is 'Is shown in lists of its owner''s collections.';
comment on column featured_collections.hashtag_id is 'Its topic; null: none.';
comment on column featured_collections.created is 'When it was made.';
comment on column featured_collections.updated is 'When it or what is in it last changed.';
create index featured_collections_identity on featured_collections (identity_id, id);
select table_protect('featured_collections');

create table featured_collection_items (
    id bigint generated always as identity primary key,
    collection_id bigint not null references featured_collections (id) on delete cascade,
    owner_id bigint not null references identities (id) on delete cascade,
    target_id bigint not null references identities (id) on delete cascade,
    domain_id bigint not null references domains (id) on delete cascade,
    target_domain_id bigint references domains (id),
    status text not null default 'pending' check (status in ('pending', 'accepted', 'rejected', 'revoked')),
    created timestamptz not null default now(),
    unique (collection_id, target_id)
);
comment on table featured_collection_items is '[edge] Who is in a collection, with their consent.';
comment on column featured_collection_items.id is 'Order in which they were put there.';
comment on column featured_collection_items.collection_id is 'The collection.';
comment on column featured_collection_items.owner_id is 'Whose collection it is.';
comment on column featured_collection_items.target_id is 'Who is in it.';
comment on column featured_collection_items.domain_id is 'The collection''s tenant.';
comment on column featured_collection_items.target_domain_id is 'Tenant of a local target.';
comment on column featured_collection_items.status is 'pending: the target has not answered; rejected, revoked: it does not want to be, or no longer.';
comment on column featured_collection_items.created is 'When they were put there.';
create index featured_collection_items_target on featured_collection_items (target_id);
alter table featured_collection_items enable row level security;
alter table featured_collection_items force row level security;
create policy host on featured_collection_items to rookery_owner, rookery_host using (true) with check (true);
create policy tenant on featured_collection_items to rookery_server, rookery_stator
    using (domain_id = current_domain() or target_domain_id = current_domain())
    with check (domain_id = current_domain() or target_domain_id = current_domain());

create function server_is_limited(p_host text) returns boolean
language plpgsql stable
as $$
begin
    return p_host is not null and exists (
        select from server_limits l
        where l.severity = 'limit'
            and (l.domain_id is null or l.domain_id = current_domain())
            and l.host = any (host_chain(p_host)));
end
$$;
comment on function server_is_limited is 'Whether the host''s floor or the present tenant limits a server or a domain above it.';
grant execute on function server_is_limited(text) to rookery_server, rookery_stator, rookery_host;

-- Collections are for all to see: rows leave their tenant by these.
create function featured_collection_find(p_id bigint) returns setof featured_collections
language plpgsql security definer set search_path = public stable
as $$
begin
    return query select c.* from featured_collections c where c.id = p_id;
end
$$;
comment on function featured_collection_find is 'A collection, to whichever tenant asks.';

create function featured_collections_of(p_identity_id bigint) returns setof featured_collections
language plpgsql security definer set search_path = public stable
as $$
begin
    return query select c.* from featured_collections c where c.identity_id = p_identity_id;
end
$$;
comment on function featured_collections_of is 'Collections of an identity, to whichever tenant asks.';

create function featured_collections_with(p_identity_id bigint, p_pending boolean) returns setof featured_collections
language plpgsql security definer set search_path = public stable
as $$
begin
    return query
    select c.*
    from featured_collection_items i
    join featured_collections c on c.id = i.collection_id
    where i.target_id = p_identity_id and (i.status = 'accepted' or (p_pending and i.status = 'pending'));
end
$$;
comment on function featured_collections_with is 'Collections that an identity is in, or is asked to be in, to whichever tenant asks.';

create function featured_collection_items_of(p_ids bigint[]) returns setof featured_collection_items
language plpgsql security definer set search_path = public stable
as $$
begin
    return query select i.* from featured_collection_items i where i.collection_id = any (p_ids);
end
$$;
comment on function featured_collection_items_of is 'What is in collections, to whichever tenant asks.';
grant execute on function featured_collection_find(bigint), featured_collections_of(bigint),
    featured_collections_with(bigint, boolean), featured_collection_items_of(bigint[]) to rookery_server, rookery_stator, rookery_host;

-- What a deleted identity kept, and what others kept about it, goes at once; the row itself stays as a tombstone.
create function identity_forget() returns trigger
language plpgsql security definer set search_path = public
as $$
begin
    delete from lists where identity_id = new.id;
    delete from list_accounts where member_id = new.id;
    delete from identity_notes where new.id in (identity_id, target_id);
    delete from identity_domain_blocks where identity_id = new.id;
    delete from identity_preferences where identity_id = new.id;
    delete from featured_tags where identity_id = new.id;
    delete from endorsements where new.id in (identity_id, target_id);
    delete from markers where identity_id = new.id;
    delete from suggestion_dismissals where new.id in (identity_id, target_id);
    delete from featured_collections where identity_id = new.id;
    delete from featured_collection_items where target_id = new.id;
    return null;
end
$$;
comment on function identity_forget is 'Deletes what an identity kept and what was kept about it.';
create index identity_notes_target on identity_notes (target_id);
create index suggestion_dismissals_target on suggestion_dismissals (target_id);
create trigger identities_forget after update of deleted on identities
    for each row when (old.deleted is null and new.deleted is not null) execute function identity_forget();

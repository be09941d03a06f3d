-- SPDX-License-Identifier: AGPL-3.0-or-later
--
-- What people read by: filters, followed hashtags, conversations, public timelines, trends and full-text search. It is
-- longer than most, because what a post leaves in all of these comes and goes with it.

create table filters (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    title text not null,
    contexts text[] not null check (contexts <@ '{home,notifications,public,thread,account}' and cardinality(contexts) > 0),
    action text not null default 'warn' check (action in ('warn', 'hide', 'blur')),
    expires timestamptz,
    created timestamptz not null default now()
);
comment on table filters is '[tenant] What an identity does not want to read, or not without a warning.';
comment on column filters.id is 'Id.';
comment on column filters.domain_id is 'The tenant.';
comment on column filters.identity_id is 'Whose.';
comment on column filters.title is 'Name.';
comment on column filters.contexts is 'Where it applies: home, notifications, public, thread, account.';
comment on column filters.action is 'warn: shown behind a warning; hide: not shown; blur: without its media.';
comment on column filters.expires is 'When it ends; null: never.';
comment on column filters.created is 'When it was made.';
create index filters_identity on filters (identity_id, id);

create table filter_keywords (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    filter_id bigint not null references filters (id) on delete cascade,
    keyword text not null,
    whole_word boolean not null default true
);
comment on table filter_keywords is '[tenant] Words that a filter looks for.';
comment on column filter_keywords.id is 'Id.';
comment on column filter_keywords.domain_id is 'The tenant.';
comment on column filter_keywords.filter_id is 'The filter.';
comment on column filter_keywords.keyword is 'Word or phrase, whatever its case.';
comment on column filter_keywords.whole_word is 'Not as a part of a longer word.';
create index filter_keywords_filter on filter_keywords (filter_id, id);

create table filter_statuses (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    filter_id bigint not null references filters (id) on delete cascade,
    post_id bigint not null references posts (id) on delete cascade,
    unique (filter_id, post_id)
);
comment on table filter_statuses is '[tenant] Posts that a filter has, whatever they say.';
comment on column filter_statuses.id is 'Id.';
comment on column filter_statuses.domain_id is 'The tenant.';
comment on column filter_statuses.filter_id is 'The filter.';
comment on column filter_statuses.post_id is 'The post.';
create index filter_statuses_post on filter_statuses (post_id);
select table_protect('filters'), table_protect('filter_keywords'), table_protect('filter_statuses');

-- Public timelines. A row for each channel that a post is on, so that every choice of a reader is a range of the key.

create table public_timeline (
    domain_id bigint not null references domains (id) on delete cascade,
    channel bigint not null check (channel between 0 and 3),
    post_id bigint not null references posts (id) on delete cascade,
    primary key (domain_id, channel, post_id)
);
comment on table public_timeline is '[tenant] Public posts that were written here, or that somebody here follows the author of.';
comment on column public_timeline.domain_id is 'The tenant.';
comment on column public_timeline.channel is '0: of the tenant''s own people; 1: of others; 2 and 3: the same, those with media.';
comment on column public_timeline.post_id is 'The post.';
create index public_timeline_post on public_timeline (post_id);
select table_protect('public_timeline');

-- Media of an author in order, and likes of a tenant in order.
create index attachments_author_post on attachments (author_id, post_id desc) where post_id is not null;
create index interactions_domain on interactions (domain_id, id) where domain_id is not null;

-- Followed hashtags

create table followed_tags (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    hashtag_id bigint not null references hashtags (id),
    created timestamptz not null default now(),
    unique (identity_id, hashtag_id)
);
comment on table followed_tags is '[tenant] Hashtags whose public posts somebody wants on their home page.';
comment on column followed_tags.id is 'Order in which they were followed.';
comment on column followed_tags.domain_id is 'The tenant.';
comment on column followed_tags.identity_id is 'Who.';
comment on column followed_tags.hashtag_id is 'Which.';
comment on column followed_tags.created is 'Since when.';
create index followed_tags_page on followed_tags (identity_id, id desc);
create index followed_tags_hashtag on followed_tags (hashtag_id, domain_id);
select table_protect('followed_tags');

create function hashtag_follower_domains(p_post_id bigint) returns setof bigint
language plpgsql security definer set search_path = public stable
as $$
begin
    return query
    select distinct f.domain_id from post_hashtags h
    join followed_tags f on f.hashtag_id = h.hashtag_id
    where h.post_id = p_post_id;
end
$$;
comment on function hashtag_follower_domains is 'Tenants with people who follow a hashtag of a post: where it has to go.';
grant execute on function hashtag_follower_domains(bigint) to rookery_stator;

-- Conversations

create table conversations (
    id bigint generated always as identity primary key,
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    last_post_id bigint not null,
    participants bigint[] not null,
    unread boolean not null default false
);
comment on table conversations is '[tenant] Threads of posts for mentioned people alone, as one of them sees it.';
comment on column conversations.id is 'Id.';
comment on column conversations.domain_id is 'The tenant.';
comment on column conversations.identity_id is 'Whose.';
comment on column conversations.last_post_id is 'The newest post of it.';
comment on column conversations.participants is 'All others who wrote or were mentioned.';
comment on column conversations.unread is 'Something came since it was read.';
create index conversations_page on conversations (identity_id, last_post_id desc);

create table conversation_posts (
    domain_id bigint not null references domains (id) on delete cascade,
    identity_id bigint not null references identities (id) on delete cascade,
    post_id bigint not null references posts (id) on delete cascade,
    conversation_id bigint not null references conversations (id) on delete cascade,
    primary key (identity_id, post_id)
);
comment on table conversation_posts is '[tenant] Posts of a conversation.';
comment on column conversation_posts.domain_id is 'The tenant.';
comment on column conversation_posts.identity_id is 'Whose conversation it is.';
comment on column conversation_posts.post_id is 'The post.';
comment on column conversation_posts.conversation_id is 'The conversation.';
create index conversation_posts_page on conversation_posts (conversation_id, post_id desc);
create index conversation_posts_post on conversation_posts (post_id);
select table_protect('conversations'), table_protect('conversation_posts');

-- For each of the present tenant's people whom a post is for, once: it goes where its parent is, or begins anew.
create function conversation_add(p_post_id bigint) returns void
language plpgsql
as $$
declare
    p posts;
    people bigint[];
    member bigint;
    place bigint;
begin
    select * into p from posts where id = p_post_id and visibility = 'mentioned' and deleted is null;
    if not found then
        return;
    end if;
    people := array(select p.author_id union select m.identity_id from post_mentions m where m.post_id = p.id);
    for member in
        select i.id from identities i
        where i.id = any (people) and i.domain_id = current_domain() and not identity_is_hidden(i.id, p.author_id)
            and not exists (select from conversation_posts c where c.identity_id = i.id and c.post_id = p.id)
    loop
        select c.conversation_id into place
        from conversation_posts c
        where c.identity_id = member and c.post_id = p.in_reply_to_id;
        if place is null then
            insert into conversations (domain_id, identity_id, last_post_id, participants)
            values (current_domain(), member, p.id, '{}')
            returning id into place;
        end if;
        insert into conversation_posts (domain_id, identity_id, post_id, conversation_id)
        values (current_domain(), member, p.id, place);
        update conversations c
        set last_post_id = greatest(c.last_post_id, p.id),
            participants = array(select x from unnest(c.participants || people) x where x <> member group by x order by x),
            unread = p.author_id <> member
        where c.id = place;
    end loop;
end
$$;
comment on function conversation_add is 'Puts a post for mentioned people into the conversations of those on the present tenant.';

grant execute on function conversation_add(bigint) to rookery_stator;

-- Links

create table links (
    id bigint generated always as identity primary key,
    url text not null unique check (length(url) between 1 and 2048),
    created timestamptz not null default now()
);
comment on table links is '[neutral] Addresses that public posts link to.';
comment on column links.id is 'Id.';
comment on column links.url is 'The address.';
comment on column links.created is 'When it was first seen.';

create table post_links (
    post_id bigint not null references posts (id) on delete cascade,
    link_id bigint not null references links (id) on delete cascade,
    primary key (link_id, post_id)
);
comment on table post_links is '[audience] Links of a public post.';
comment on column post_links.post_id is 'The post.';
comment on column post_links.link_id is 'The link.';
create index post_links_post on post_links (post_id);
alter table post_links enable row level security;
alter table post_links force row level security;
create policy host on post_links to rookery_owner, rookery_host using (true) with check (true);
create policy audience on post_links to rookery_server, rookery_stator
    using (exists (select from posts p where p.id = post_links.post_id))
    with check (exists (
        select from posts p where p.id = post_links.post_id
            and (p.domain_id is null or p.domain_id = current_domain())));

-- Trends

create table hashtag_days (
    domain_id bigint not null references domains (id) on delete cascade,
    hashtag_id bigint not null references hashtags (id) on delete cascade,
    day timestamptz not null,
    uses bigint not null,
    accounts bigint not null,
    primary key (domain_id, hashtag_id, day)
);
comment on table hashtag_days is '[tenant] How often a hashtag was used on a tenant''s public timeline, on days that are over.';
comment on column hashtag_days.domain_id is 'The tenant.';
comment on column hashtag_days.hashtag_id is 'The hashtag.';
comment on column hashtag_days.day is 'Midnight (UTC) that the day begins with.';
comment on column hashtag_days.uses is 'Posts.';
comment on column hashtag_days.accounts is 'Authors of them.';

create table trends (
    domain_id bigint not null references domains (id) on delete cascade,
    kind text not null check (kind in ('tag', 'post', 'link')),
    target_id bigint not null,
    score double precision not null,
    primary key (domain_id, kind, target_id)
);
comment on table trends is '[tenant] What a tenant''s people write, boost and like these days, as counted a moment ago.';
comment on column trends.domain_id is 'The tenant.';
comment on column trends.kind is 'tag, post or link.';
comment on column trends.target_id is 'Which.';
comment on column trends.score is 'How many people lately; each counts once, and less by the day.';
select table_protect('hashtag_days'), table_protect('trends');

create function id_at(p_time timestamptz) returns bigint
language sql immutable
as $$ select greatest(((extract(epoch from p_time) * 1000)::bigint - 1641020400000) << 22, 0) $$;
comment on function id_at is 'The smallest id that could be minted then.';
grant execute on function id_at(timestamptz) to rookery_server, rookery_stator, rookery_host;

-- An act is one person of the tenant's and one public post of somebody who wants to be found: wrote, boosted or liked it.
-- Something trends from two people on, and one person counts once for it, so nobody makes a trend alone.
create function trends_refresh() returns void
language plpgsql
as $$
begin
    if not pg_try_advisory_xact_lock(hashtext('trends'), current_domain()::integer) then
        return;
    end if;
    delete from trends where domain_id = current_domain();
    with written as (
        select p.id as post_id, p.author_id as actor_id, p.published as done
        from posts p
        where p.domain_id = current_domain() and p.id > id_at(now() - interval '3 days')
    ), acts as materialized (
        select w.post_id, w.actor_id, w.done, p.author_id
        from (
            select post_id, actor_id, done from written
            union all
            select i.post_id, i.identity_id, i.published
            from interactions i
            where i.domain_id = current_domain() and i.id > id_at(now() - interval '3 days')
                and i.kind in ('boost', 'like') and i.state in ('new', 'fanned_out')
        ) w
        join posts p on p.id = w.post_id and p.visibility = 'public' and p.deleted is null
        join identities a on a.id = p.author_id and a.discoverable and a.deleted is null
    ), weights as (
        select 'tag' as kind, h.hashtag_id as target_id, a.actor_id, max(a.done) as done
        from acts a join post_hashtags h on h.post_id = a.post_id
        group by 2, 3
        union all
        select 'link', l.link_id, a.actor_id, max(a.done)
        from acts a join post_links l on l.post_id = a.post_id
        group by 2, 3
        union all
        select 'post', a.post_id, a.actor_id, max(a.done)
        from acts a where a.actor_id <> a.author_id
        group by 2, 3
    ), scores as (
        select kind, target_id, sum(exp(-extract(epoch from now() - done) / 86400)) as score
        from weights
        group by kind, target_id
        having count(*) >= 2
    ), ranked as (
        select kind, target_id, score, row_number() over (partition by kind order by score desc, target_id desc) as place
        from scores
    )
    insert into trends (domain_id, kind, target_id, score)
    select current_domain(), kind, target_id, score from ranked where place <= 100;

    insert into hashtag_days as d (domain_id, hashtag_id, day, uses, accounts)
    select current_domain(), h.hashtag_id, date_trunc('day', now(), 'UTC') - interval '1 day', count(*), count(distinct p.author_id)
    from public_timeline t
    join post_hashtags h on h.post_id = t.post_id
    join posts p on p.id = t.post_id
    where t.domain_id = current_domain() and t.channel in (0, 1)
        and t.post_id >= id_at(date_trunc('day', now(), 'UTC') - interval '1 day')
        and t.post_id < id_at(date_trunc('day', now(), 'UTC'))
    group by h.hashtag_id
    on conflict (domain_id, hashtag_id, day) do update set uses = excluded.uses, accounts = excluded.accounts;
    delete from hashtag_days where domain_id = current_domain() and day < now() - interval '8 days';
end
$$;
comment on function trends_refresh is 'Counts the present tenant''s trends anew, and yesterday''s hashtags; one at a time.';
grant execute on function trends_refresh() to rookery_stator;

-- Full-text search. The document has the words of a post in their forms by its language, and marks: lexemes that no text
-- has, because they begin with '#'. Its configuration (#c:english), who wrote it (#a7), what it has (#h:media) and is (#i:reply), its language (#g:en), its
-- hashtags (#n:kea), and when it was written, in spans of several sizes (#t42:...): so every question is one for the index
-- alone, and the newest answers are found span by span, however many there are in all.

create table post_search (
    post_id bigint primary key references posts (id) on delete cascade,
    document tsvector not null
);
comment on table post_search is '[audience] Words of posts for full-text search; apart, so that posts stay narrow.';
comment on column post_search.post_id is 'The post.';
comment on column post_search.document is 'Its words and marks.';
create index post_search_document on post_search using gin (document) with (fastupdate = off);
alter table post_search enable row level security;
alter table post_search force row level security;
create policy host on post_search to rookery_owner, rookery_host using (true) with check (true);
create policy audience on post_search for select to rookery_server, rookery_stator
    using (exists (select from posts p where p.id = post_search.post_id));

create table search_configurations (
    name text primary key
);
comment on table search_configurations is '[neutral] Text search configurations that posts here are indexed by.';
comment on column search_configurations.name is 'Of PostgreSQL''s.';
insert into search_configurations (name) values ('simple');

create function search_configuration(p_language text) returns text
language sql immutable
as $$
    select coalesce((
        select n.name
        from (values ('ar', 'arabic'), ('hy', 'armenian'), ('eu', 'basque'), ('ca', 'catalan'), ('da', 'danish'),
            ('nl', 'dutch'), ('en', 'english'), ('fi', 'finnish'), ('fr', 'french'), ('de', 'german'), ('el', 'greek'),
            ('hi', 'hindi'), ('hu', 'hungarian'), ('id', 'indonesian'), ('ga', 'irish'), ('it', 'italian'),
            ('lt', 'lithuanian'), ('ne', 'nepali'), ('no', 'norwegian'), ('nb', 'norwegian'), ('nn', 'norwegian'),
            ('pt', 'portuguese'), ('ro', 'romanian'), ('ru', 'russian'), ('sr', 'serbian'), ('es', 'spanish'),
            ('sv', 'swedish'), ('ta', 'tamil'), ('tr', 'turkish'), ('yi', 'yiddish')) n (code, name)
        where n.code = split_part(lower(p_language), '-', 1)), 'simple')
$$;
comment on function search_configuration is 'The configuration for a language (BCP 47); simple for all that PostgreSQL has none for.';

create function search_spans() returns integer[]
language sql immutable
as $$ select '{42,45,48,51,54,57,60}'::integer[] $$;
comment on function search_spans is 'Sizes of the spans of time by which posts are found, as bits of ids: a quarter of an hour, and always eight times as long.';

create function post_index(p_post_id bigint, p_text text, p_has_link boolean) returns void
language plpgsql security definer set search_path = public
as $$
declare
    p posts;
    marks text[];
    words text := p_text;
begin
    select * into p from posts where id = p_post_id and deleted is null;
    if not found then
        return;
    end if;
    select p_text || E'\n' || array_to_string(o.options, E'\n') into words from polls o where o.id = p_post_id;
    words := coalesce(words, p_text);
    marks := array['#t', '#a' || p.author_id, '#c:' || search_configuration(p.language)]
        || array(select '#t' || s || ':' || (p.id >> s) from unnest(search_spans()) s)
        || array(select '#n:' || h.name from post_hashtags x join hashtags h on h.id = x.hashtag_id where x.post_id = p.id)
        || array(select distinct '#h:' || split_part(a.media_type, '/', 1) from attachments a
            where a.post_id = p.id and a.media_type ~ '^(image|video|audio)/')
        || array(select m.mark from (values
            ('#h:media', exists (select from attachments a where a.post_id = p.id)),
            ('#h:poll', p.type = 'Question'),
            ('#h:link', p_has_link),
            ('#h:embed', p.quote_uri <> ''),
            ('#i:reply', p.in_reply_to_uri <> ''),
            ('#i:sensitive', p.sensitive),
            ('#g:' || split_part(lower(p.language), '-', 1), p.language <> '')) m (mark, is_so) where m.is_so);
    insert into search_configurations (name) values (search_configuration(p.language)) on conflict do nothing;
    insert into post_search as s (post_id, document)
    values (p.id, to_tsvector(search_configuration(p.language)::regconfig, words) || array_to_tsvector(marks))
    on conflict (post_id) do update set document = excluded.document;
end
$$;
comment on function post_index is 'Puts a post into full-text search, whoever may read it: searching asks who may.';

grant execute on function post_index(bigint, text, boolean) to rookery_stator;

create function search_mark(p_mark text) returns tsquery
language sql immutable
as $$ select ('''' || replace(replace(p_mark, '\', '\\'), '''', '''''') || '''')::tsquery $$;
comment on function search_mark is 'A mark as something to look for, whatever stands in it.';
grant execute on function search_mark(text) to rookery_server;

-- Words and phrases in the forms of each configuration: a document has those of one.
create function search_query(p_terms text[], p_no_terms text[], p_marks text[], p_no_marks text[], p_language text)
returns tsquery
language plpgsql stable set client_min_messages = warning
as $$
declare
    configuration text;
    term text;
    form tsquery;
    one tsquery;
    own tsquery;
    forms tsquery[] := '{}';
    owners tsquery[] := '{}';
    place integer;
    whole tsquery := ''::tsquery;
begin
    for configuration in
        select c.name from search_configurations c
        where p_language = '' or c.name in (search_configuration(p_language), 'simple')
        order by c.name
    loop
        one := ''::tsquery;
        foreach term in array p_terms loop
            one := one && phraseto_tsquery(configuration::regconfig, term);
        end loop;
        if numnode(one) = 0 and cardinality(p_terms) > 0 then
            continue;
        end if;
        foreach term in array p_no_terms loop
            form := phraseto_tsquery(configuration::regconfig, term);
            one := case when numnode(form) > 0 then one && !!form else one end;
        end loop;
        own := search_mark('#c:' || configuration);
        place := array_position(forms, one);
        if numnode(one) > 0 and place is null then
            forms := array_append(forms, one);
            owners := array_append(owners, own);
        elsif numnode(one) > 0 then
            owners[place] := owners[place] || own;
        end if;
    end loop;
    for place in 1 .. cardinality(forms) loop
        whole := whole || (forms[place] && owners[place]);
    end loop;
    if numnode(whole) = 0 and cardinality(p_terms) > 0 then
        return null;
    end if;
    foreach term in array p_marks loop
        whole := whole && search_mark(term);
    end loop;
    foreach term in array p_no_marks loop
        whole := whole && !!search_mark(term);
    end loop;
    return whole;
end
$$;
comment on function search_query is 'What to ask the index for; null when no word of it can be found.';

-- What a person may find: public posts of those who want to be found, one's own, and what one had to do with, as far as
-- post_is_readable() lets them; and of all that only what the present tenant may see.
create function search_is_library(p posts, p_viewer bigint) returns boolean
language plpgsql stable
as $$
begin
    return p.author_id = p_viewer
        or exists (select from interactions i where i.identity_id = p_viewer and i.post_id = p.id and i.state in ('new', 'fanned_out'))
        or exists (select from bookmarks b where b.identity_id = p_viewer and b.post_id = p.id)
        or exists (select from post_mentions m where m.identity_id = p_viewer and m.post_id = p.id);
end
$$;
comment on function search_is_library is 'Whether somebody wrote a post, did something with it, keeps it, or is mentioned in it.';

create function search_may_find(p_id bigint, p_viewer bigint, p_author_id bigint, p_library boolean, p_public boolean)
returns boolean
language plpgsql stable
as $$
begin
    return exists (
        select from posts p
        join identities a on a.id = p.author_id
        where p.id = p_id
            and (p_author_id = 0 or p.author_id = p_author_id)
            and (p.visibility in ('public', 'unlisted') or p.domain_id = current_domain() or exists (
                select from post_audience d where d.post_id = p.id and d.domain_id = current_domain()))
            and case
                when not p_library and p.visibility = 'public' and a.indexable then true
                else not p_public and search_is_library(p, p_viewer)
            end
            and post_is_readable(p, p_viewer)
            and not identity_is_hidden(p_viewer, p.author_id));
end
$$;
comment on function search_may_find is 'Whether somebody of the present tenant finds a post whose words fit.';

-- Through one's own things, newest first, by portions: a question that many posts answer ends with the first.
create function search_library(p_query tsquery, p_viewer bigint, p_author_id bigint, p_max_id bigint, p_min_id bigint,
    p_limit bigint)
returns setof bigint
language plpgsql stable security definer set search_path = public
as $$
declare
    portion constant integer := 1000;
    bound bigint := p_max_id;
    ids bigint[];
    candidate bigint;
    n bigint := 0;
begin
    loop
        ids := array(
            select x.id
            from (
                (select p.id from posts p where p.author_id = p_viewer and p.id < bound and p.id > p_min_id
                 order by p.id desc limit portion)
                union
                (select i.post_id from interactions i where i.identity_id = p_viewer and i.post_id < bound and i.post_id > p_min_id
                 order by i.post_id desc limit portion)
                union
                (select k.post_id from bookmarks k where k.identity_id = p_viewer and k.post_id < bound and k.post_id > p_min_id
                 order by k.post_id desc limit portion)
                union
                (select m.post_id from post_mentions m where m.identity_id = p_viewer and m.post_id < bound and m.post_id > p_min_id
                 order by m.post_id desc limit portion)
            ) x
            order by x.id desc
            limit portion);
        exit when cardinality(ids) = 0;
        for candidate in
            select s.post_id from post_search s where s.post_id = any (ids) and s.document @@ p_query order by s.post_id desc
        loop
            if search_may_find(candidate, p_viewer, p_author_id, true, false) then
                return next candidate;
                n := n + 1;
                if n >= p_limit then
                    return;
                end if;
            end if;
        end loop;
        bound := ids[cardinality(ids)];
    end loop;
end
$$;
comment on function search_library is 'Ids of posts among those that somebody had to do with, newest first.';

-- Back through time, span by span. The next span is as long as what was found so far lets expect few enough in it, and at
-- most a size longer than the one before.
create function search_posts(p_query tsquery, p_viewer bigint, p_author_id bigint, p_library boolean, p_public boolean,
    p_max_id bigint, p_min_id bigint, p_limit bigint)
returns setof bigint
language plpgsql stable security definer set search_path = public
as $$
declare
    sizes constant integer[] := search_spans();
    few constant bigint := greatest(8 * p_limit, 100);
    start constant bigint := least(p_max_id, id_at(now() + interval '1 hour'));
    bound bigint := start;
    place integer := 1;
    span integer;
    candidate bigint;
    matched bigint := 0;
    n bigint := 0;
begin
    if p_query is null then
        return;
    end if;
    if p_library then
        return query select * from search_library(p_query, p_viewer, p_author_id, p_max_id, p_min_id, p_limit);
        return;
    end if;
    while bound > p_min_id + 1 and bound > 0 loop
        span := sizes[place];
        for candidate in
            with found as materialized (
                select s.post_id
                from post_search s
                where s.document @@ (p_query && case
                    when span is null then search_mark('#t') else search_mark('#t' || span || ':' || ((bound - 1) >> span)) end)
            )
            select f.post_id from found f where f.post_id < bound and f.post_id > p_min_id order by f.post_id desc
        loop
            matched := matched + 1;
            if search_may_find(candidate, p_viewer, p_author_id, false, p_public) then
                return next candidate;
                n := n + 1;
                if n >= p_limit then
                    return;
                end if;
            end if;
        end loop;
        exit when span is null;
        bound := ((bound - 1) >> span) << span;
        place := place + 1;
        while place > 1 and (matched + 1.0) / (start - bound) * power(2, coalesce(sizes[place], 63)) > few loop
            place := place - 1;
        end loop;
    end loop;
end
$$;
comment on function search_posts is 'Ids of posts that somebody of the present tenant may find, newest first.';
grant execute on function search_configuration(text), search_query(text[], text[], text[], text[], text),
    search_posts(tsquery, bigint, bigint, boolean, boolean, bigint, bigint, bigint) to rookery_server;

-- Accounts by words of their names, and by the beginnings of such words.
create function identity_document(p_username text, p_name text, p_host text) returns tsvector
language sql immutable
as $$ select to_tsvector('simple', left(p_username, 100) || ' ' || left(p_name, 200) || ' ' || coalesce(p_host, '')) $$;
comment on function identity_document is 'What an account is found by.';
create index identities_search on identities using gin (identity_document(username, name, host)) where deleted is null and not is_system;
grant execute on function identity_document(text, text, text) to rookery_server, rookery_stator, rookery_host;
create index hashtags_prefix on hashtags (name text_pattern_ops);

-- Whatever deletes a post, a person or the end of an account, what people read by has it no longer from that moment on.
create function post_forget() returns trigger
language plpgsql security definer set search_path = public
as $$
declare
    place bigint;
    newest bigint;
begin
    delete from post_search where post_id = new.id;
    delete from post_links where post_id = new.id;
    delete from public_timeline where post_id = new.id;
    for place in delete from conversation_posts where post_id = new.id returning conversation_id loop
        select max(c.post_id) into newest from conversation_posts c where c.conversation_id = place;
        if newest is null then
            delete from conversations where id = place;
        else
            update conversations set last_post_id = newest where id = place;
        end if;
    end loop;
    return null;
end
$$;
comment on function post_forget is 'Takes a deleted post out of search, links, public timelines and conversations of all tenants.';
create trigger posts_forget after update of deleted on posts
    for each row when (old.deleted is null and new.deleted is not null) execute function post_forget();

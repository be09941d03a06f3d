# SPDX-License-Identifier: AGPL-3.0-or-later
"""Many people and many posts, written into a World. Words of posts are as frequent as in natural texts (the
n-th has one n-th of the first's share), authors write over two years, one of two wants to be found. Triggers are
off meanwhile; what they would have made is made here."""

REMOTE = 2000  # authors

FURNITURE = f"""
set session_replication_role = replica;
insert into servers (host, state) select 'far' || n || '.test', 'updated' from generate_series(1, 50) n;
insert into identities (server_id, actor_uri, username, host, name, indexable, state, state_next_attempt)
select s.id, 'https://' || s.host || '/u/' || n, 'bird' || n, s.host, 'Bird ' || md5(n::text), n % 2 = 0, 'updated',
    now() + interval '1 year'
from generate_series(1, {REMOTE}) n join servers s on s.host = 'far' || (n % 50 + 1) || '.test';
insert into follows (source_id, target_id, domain_id, uri, state)
select {{ruru}}, id, {{kea}}, 'follow/' || id, 'accepted' from identities where username like 'bird%';
insert into hashtags (name, posts_count, state) select 'tag' || n, 1, 'updated' from generate_series(1, 1000) n;
insert into lists (domain_id, identity_id, title) values ({{kea}}, {{ruru}}, 'birds');
insert into list_accounts (list_id, member_id, domain_id)
select l.id, i.id, {{kea}} from lists l, identities i where i.username ~ '^bird[0-9]{{{{2}}}}$';
insert into search_configurations (name) values ('english') on conflict do nothing;
"""
LOCAL = """
set session_replication_role = replica;
with made as (
    insert into identities (domain_id, actor_uri, username, host, name, state, state_next_attempt, state_lane)
    select {kea}, 'https://kea.test/@local' || n || '@kea.test/', 'local' || n, 'kea.test', 'Local ' || md5(n::text),
        'updated', now() + interval '1 year', {kea} from generate_series(1, {users}) n
    returning id, username)
, logins as (
    insert into users (email, password) select username || '@example.org', '' from made returning id, email)
insert into identity_users (user_id, identity_id, domain_id)
select u.id, m.id, {kea} from made m join logins u on u.email = m.username || '@example.org';
insert into follows (source_id, target_id, domain_id, uri, state)
select i.id, {ruru}, {kea}, 'https://kea.test/follow/' || i.id, 'accepted'
from identities i where username like 'local%';
"""
# A share of the posts is by people of the domain, when it has any.
POSTS = """
set session_replication_role = replica;
create temp table fresh as
select id_at(now() - random() * interval '730 days') + (n::bigint << 3) as id,
    case when cardinality(locals.ids) > 0 and n % 5 = 0
        then locals.ids[1 + floor(random() * cardinality(locals.ids))]
        else birds.ids[1 + floor(random() * cardinality(birds.ids))] end as author_id,
    cardinality(locals.ids) > 0 and n % 5 = 0 as local,
    (select string_agg('word' || floor(exp(random() * ln(50000)) + 0 * (m + n))::text, ' ')
     from generate_series(1, 20) m) as text,
    'tag' || floor(exp(random() * ln(1000)))::text as tag, random() < 0.1 as media
from generate_series(1, {count}) n,
    (select array_agg(id) as ids from identities where username like 'bird%') birds,
    (select coalesce(array_agg(id), '{{}}') as ids from identities where username like 'local%') locals;
insert into posts (id, domain_id, author_id, object_uri, url, visibility, content, language, state, published)
select id, case when local then {kea} end, author_id, 'https://far.test/' || id, 'https://far.test/' || id, 'public',
    '<p>' || text || '</p>', 'en', 'fanned_out', to_timestamp(((id >> 22) + 1641020400000) / 1000.0) from fresh;
insert into post_search (post_id, document)
select id, to_tsvector('english', text)
    || array_to_tsvector(array['#t', '#a' || author_id, '#c:english', '#g:en', '#n:' || tag]
    || case when media then array['#h:media', '#h:image'] else '{{}}' end
    || array(select '#t' || s || ':' || (id >> s) from unnest(search_spans()) s))
from fresh order by id;
insert into attachments (post_id, author_id, media_type) select id, author_id, 'image/png' from fresh where media;
insert into post_hashtags (post_id, hashtag_id) select f.id, h.id from fresh f join hashtags h on h.name = f.tag;
insert into public_timeline (domain_id, channel, post_id) select {kea}, case when local then 0 else 1 end, id
from fresh order by id;
insert into public_timeline (domain_id, channel, post_id) select {kea}, 3, id from fresh where media order by id;
insert into home_timeline (identity_id, entry_id, post_id, domain_id)
select {ruru}, id, id, {kea} from fresh order by id;
insert into interactions (kind, identity_id, post_id, domain_id, uri, state)
select 'like', {ruru}, id, {kea}, 'like/' || id, 'fanned_out' from fresh where random() < 0.01;
update identities i set posts_count = n
from (select author_id, count(*) as n from fresh group by 1) f where id = author_id;
drop table fresh;
"""


class Crowd:
    """What was written into a world so far."""

    def __init__(self, world, users=0):
        self.world, self.posts = world, 0
        self._write(FURNITURE)
        if users:
            self._write(LOCAL, users=users)

    def grow(self, posts):
        """Until there are so many posts."""
        self._write(POSTS, count=posts - self.posts)
        self.world.sql("vacuum analyze")
        self.posts = posts

    def _write(self, statement, **more):
        self.world.sql(statement.format(ruru=self.world.ruru, kea=self.world.kea, **more))

# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long reading takes as posts grow: timelines, lists of one person, and search, one request after the other.

    tools/lab /usr/bin/python3 tests/bench/reading.py [POSTS...]

For each number of posts (100000 when none is said) it prints milliseconds of the median and of the slowest
twentieth, with those of a request that reads next to nothing beside it. Words of posts are as frequent as in
natural texts (the n-th has one n-th of the first's share), authors write over two years, one of two wants to
be found. Each kind of question asks for words of another rank each time."""

import pathlib
import random
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))

from harness.api import Api  # noqa: E402  pylint: disable=wrong-import-position

from world import World  # noqa: E402  pylint: disable=wrong-import-position

ROUNDS = 60
FURNITURE = """
set session_replication_role = replica;
insert into servers (host, state) select 'far' || n || '.test', 'updated' from generate_series(1, 50) n;
insert into identities (server_id, actor_uri, username, host, name, indexable, state, state_next_attempt)
select s.id, 'https://' || s.host || '/u/' || n, 'bird' || n, s.host, 'Bird ' || md5(n::text), n % 2 = 0, 'updated',
    now() + interval '1 year'
from generate_series(1, 2000) n join servers s on s.host = 'far' || (n % 50 + 1) || '.test';
insert into follows (source_id, target_id, domain_id, uri, state)
select {ruru}, id, {kea}, 'follow/' || id, 'accepted' from identities where username like 'bird%';
insert into hashtags (name, posts_count, state) select 'tag' || n, 1, 'updated' from generate_series(1, 1000) n;
insert into lists (domain_id, identity_id, title) values ({kea}, {ruru}, 'birds');
insert into list_accounts (list_id, member_id, domain_id)
select l.id, i.id, {kea} from lists l, identities i where i.username ~ '^bird[0-9]{{2}}$';
insert into search_configurations (name) values ('english') on conflict do nothing;
"""
POSTS = """
set session_replication_role = replica;
create temp table fresh as
select id_at(now() - random() * interval '730 days') + (n::bigint << 3) as id,
    birds.ids[1 + floor(random() * 2000)] as author_id,
    (select string_agg('word' || floor(exp(random() * ln(50000)) + 0 * (m + n))::text, ' ')
     from generate_series(1, 20) m) as text,
    'tag' || floor(exp(random() * ln(1000)))::text as tag, random() < 0.1 as media
from generate_series(1, {count}) n,
    (select array_agg(id) as ids from identities where username like 'bird%') birds;
insert into posts (id, author_id, object_uri, visibility, content, language, state, published)
select id, author_id, 'https://far.test/' || id, 'public', '<p>' || text || '</p>', 'en', 'fanned_out',
    to_timestamp(((id >> 22) + 1641020400000) / 1000.0) from fresh;
insert into post_search (post_id, document)
select id, to_tsvector('english', text)
    || array_to_tsvector(array['#t', '#a' || author_id, '#c:english', '#g:en', '#n:' || tag]
    || case when media then array['#h:media', '#h:image'] else '{{}}' end
    || array(select '#t' || s || ':' || (id >> s) from unnest(search_spans()) s))
from fresh order by id;
insert into attachments (post_id, author_id, media_type) select id, author_id, 'image/png' from fresh where media;
insert into post_hashtags (post_id, hashtag_id) select f.id, h.id from fresh f join hashtags h on h.name = f.tag;
insert into public_timeline (domain_id, channel, post_id) select {kea}, 1, id from fresh order by id;
insert into public_timeline (domain_id, channel, post_id) select {kea}, 3, id from fresh where media order by id;
insert into home_timeline (identity_id, entry_id, post_id, domain_id)
select {ruru}, id, id, {kea} from fresh order by id;
insert into interactions (kind, identity_id, post_id, domain_id, uri, state)
select 'like', {ruru}, id, {kea}, 'like/' || id, 'fanned_out' from fresh where random() < 0.01;
drop table fresh;
"""


def word(most=20000):
    return f"word{int(random.random() * most) + 1}"


def common():
    return f"word{random.randrange(1, 20)}"


def questions(number):
    """Paths with their parameters, made anew for each request."""
    bird = number("select id from identities where username = 'bird77'")
    deep = number("select id from posts where domain_id is null order by id limit 1 offset 5000")
    birds = number("select id from lists")
    timelines = {
        "home": ("/api/v1/timelines/home", {}), "home, deep": ("/api/v1/timelines/home", {"max_id": deep}),
        "home, upward": ("/api/v1/timelines/home", {"min_id": deep}), "public": ("/api/v1/timelines/public", {}),
        "public, media, upward": ("/api/v1/timelines/public", {"only_media": 1, "min_id": deep}),
        "local (few)": ("/api/v1/timelines/public", {"local": 1}),
        "hashtag": ("/api/v1/timelines/tag/tag3", {}),
        "hashtag, media": ("/api/v1/timelines/tag/tag3", {"only_media": 1}),
        "list of 90": (f"/api/v1/timelines/list/{birds}", {}), "account": (f"/api/v1/accounts/{bird}/statuses", {}),
        "account, media": (f"/api/v1/accounts/{bird}/statuses", {"only_media": 1}),
        "favourites": ("/api/v1/favourites", {}),
    }
    asked = {
        "a word": word, "a common word": common, "two words": lambda: f"{common()} {word(200)}",
        "a phrase": lambda: f'"{common()} {common()}"', "a word and not": lambda: f"{word(500)} -{common()}",
        "from, has": lambda: f"from:bird{random.randrange(1, 2000)}@far1.test has:image",
        "no such word": lambda: f"nothing{random.random()}", "in my library": lambda: f"{word(500)} in:library",
        "before a date": lambda: f"{word(2000)} before:2025-06-01",
    }
    for name, (path, params) in timelines.items():
        yield name, lambda path=path, params=params: (path, params)
    for name, make in asked.items():
        yield f"search: {name}", lambda make=make: ("/api/v2/search", {"q": make(), "type": "statuses"})
    yield "search: accounts", lambda: ("/api/v2/search", {"q": f"bird{random.randrange(1, 200)}", "type": "accounts"})
    yield "search: hashtags", lambda: ("/api/v2/search", {"q": f"tag{random.randrange(1, 100)}", "type": "hashtags"})


def measure(api, make):
    taken = []
    for _ in range(ROUNDS):
        path, params = make()
        begun = time.perf_counter()
        answer = api.client.get(path, params=params)
        taken.append((time.perf_counter() - begun) * 1000)
        assert answer.status_code == 200, (path, answer.text[:500])
    taken.sort()
    return taken[len(taken) // 2], taken[len(taken) * 95 // 100]


def main():
    wanted = [int(one) for one in sys.argv[1:]] or [100_000]
    world = World()
    names = {"ruru": world.ruru, "kea": world.kea}
    try:
        world.sql(FURNITURE.format(**names))
        there = 0
        for count in sorted(wanted):
            world.sql(POSTS.format(count=count - there, **names))
            world.sql("vacuum analyze")
            there = count
            api = Api(world.site, "ruru@kea.test")
            print(f"{count} posts{'':22}median   p95 (ms)", flush=True)
            for name, make in [("next to nothing", lambda: ("/api/v1/trends/links", {})), *questions(world.value)]:
                measure(api, make) if name == "next to nothing" else None
                median, slow = measure(api, make)
                print(f"  {name:28} {median:8.1f} {slow:8.1f}", flush=True)
    finally:
        world.close()


if __name__ == "__main__":
    main()

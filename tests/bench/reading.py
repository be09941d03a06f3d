# SPDX-License-Identifier: AGPL-3.0-or-later
"""How long reading takes as posts grow: timelines, lists of one person, and search, one request after the other.

    tools/lab --disk /usr/bin/python3 tests/bench/reading.py [POSTS...]

For each number of posts (100000 when none is said) it prints milliseconds of the median and of the slowest
twentieth, with those of a request that reads next to nothing beside it. Each kind of question asks for words of
another rank each time."""

import pathlib
import random
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "blackbox"))

from harness.api import Api  # noqa: E402  pylint: disable=wrong-import-position

from crowd import Crowd  # noqa: E402  pylint: disable=wrong-import-position
from world import World  # noqa: E402  pylint: disable=wrong-import-position

ROUNDS = 60


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
    try:
        crowd = Crowd(world)
        for count in sorted(wanted):
            crowd.grow(count)
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

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Every route of the client API with nonsense, with nobody, and with what is another tenant's: nothing breaks, and
nothing of the other tenant is shown."""

import random
import re

import pytest

from harness import lab
from harness.api import Api

SECRET = "zq-only-at-weka-qz"
TABLES = ("server/api/routes.c", "server/api/staff_routes.c")
ROW = re.compile(r'\{\s*((?:METHOD_\w+(?:\s*\|\s*)?)+),\s*"(/api/[^"]+)"')
# The name of a statement, which says what is inside.
INNER = re.compile(r"\w+: (no such row|\d+ rows)")
NONSENSE = ("0", "-1", "x", "9223372036854775807", "9223372036854775808", "1e3", "%00", "%ff", "..", "a" * 300,
            "%F0%9F%90%A6", "' or 1=1 --", "<script>")
NAMES = ("limit", "max_id", "min_id", "since_id", "offset", "q", "id[]", "ids[]", "account_id", "status_ids[]",
         "types[]", "timeline[]", "url", "acct", "status", "media_ids[]", "poll[options][]", "poll[expires_in]",
         "scheduled_at", "visibility", "language", "context[]", "keywords_attributes[][keyword]", "expires_in",
         "domain", "hashtag", "choices[]", "title", "name", "comment", "duration", "data[policy]",
         "subscription[endpoint]", "text", "type", "severity", "focus", "in_reply_to_id", "quoted_status_id",
         "account_ids[]", "home[last_read_id]", "resolve")


def routes():
    found = set()
    for table in TABLES:
        for methods, pattern in ROW.findall((lab.ROOT / table).read_text(encoding="utf-8")):
            found |= {(method, pattern) for method in re.findall(r"METHOD_(\w+)", methods)}
    # Streams do not end.
    return sorted(one for one in found if "/streaming" not in one[1] or one[1].endswith("/health"))


ROUTES = routes()


def path_with(pattern, values):
    return re.sub(":", lambda _: next(values), pattern)


def forever(values):
    while True:
        yield random.choice(values)


def harmless(answer, method, path):
    assert answer.status_code < 500 or answer.status_code == 503, (method, path, answer.status_code, answer.text[:500])
    if answer.status_code >= 400:
        said = answer.json()["error"]
        assert said and not INNER.match(said), (method, path, answer.text[:500])
    assert SECRET not in answer.text, (method, path, answer.text[:2000])


@pytest.fixture(scope="module")
def theirs(shared_site):
    """Ids of what weka keeps for itself: a post for members, a secret one, a list, a filter, a report."""
    weka = Api(shared_site, "ruru@weka.test")
    local = weka.post("/api/v1/statuses", status=f"{SECRET} local", visibility="local")
    direct = weka.post("/api/v1/statuses", status=f"{SECRET} direct", visibility="direct")
    private = weka.post("/api/v1/statuses", status=f"{SECRET} private", visibility="private")
    poll = weka.post("/api/v1/statuses", status=f"{SECRET} poll", visibility="direct",
                     poll={"options": [SECRET, "other"], "expires_in": 3600})
    later = weka.post("/api/v1/statuses", status=f"{SECRET} later", scheduled_at="2099-01-01T00:00:00Z")
    made = [weka.post("/api/v1/lists", title=SECRET), weka.post("/api/v2/filters", title=SECRET, context=["home"],
                                                                keywords_attributes=[{"keyword": SECRET}])]
    return [one["id"] for one in (local, direct, private, poll, later, *made)]


def test_there_are_routes():
    assert len(ROUTES) > 240 and ("POST", "/api/v1/statuses") in ROUTES


@pytest.mark.parametrize("who", ["ruru@kea.test", "kea.test"])
def test_nonsense_breaks_nothing(shared_site, theirs, who):
    random.seed(f"nonsense {who}")
    client = Api(shared_site, who).client
    for method, pattern in ROUTES:
        for kind in ("params", random.choice(("json", "data"))):
            fields = {random.choice(NAMES): random.choice(NONSENSE) for _ in range(6)}
            path = path_with(pattern, forever(NONSENSE)).replace("/..", "/x")
            harmless(client.request(method, path, **{kind: fields}), method, path)


def test_what_is_another_tenants_is_not_there(shared_site, theirs):
    """Each of them in every place of every path, and as every parameter; of oneself nothing is at stake."""
    client = Api(shared_site, "toroa@kea.test").client
    for method, pattern in ROUTES:
        for number in theirs:
            path = path_with(pattern, forever([number]))
            fields = {name: number for name in ("id", "account_id", "in_reply_to_id", "quoted_status_id", "max_id")}
            harmless(client.request(method, path, params=fields), method, path)
            if ":" not in pattern:
                break
    assert client.get("/api/v1/accounts/verify_credentials").status_code == 200
    kept = "select count(*) from posts where source like %s and deleted is null"
    assert shared_site.value(kept, f"{SECRET}%") == 4

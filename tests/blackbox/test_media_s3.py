# SPDX-License-Identifier: AGPL-3.0-or-later
"""Files in an S3-compatible store instead of a directory."""

import pytest

from harness import account_archive, media
from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.objects import ObjectStore
from harness.site import Site


@pytest.fixture(scope="module")
def objects():
    made = ObjectStore("peer7.test")
    yield made
    made.close()


@pytest.fixture(scope="module")
def s3_site(objects, module_database, tmp_path_factory):
    made = Site(module_database, tmp_path_factory.mktemp("site"), **objects.options())
    try:
        yield made.start()
    finally:
        made.stop()


def test_uploads_go_there_and_come_back(s3_site, objects):
    ruru = Api(s3_site)
    entity = media.ready(ruru, media.read("tagged.jpg"))
    assert objects.problems == []
    name = entity["url"].rsplit("/", 1)[1]
    assert objects.types[f"/bucket/{name}"] == "image/jpeg"
    answer = s3_site.get(entity["url"])
    assert (answer.status_code, answer.content) == (200, objects.objects[f"/bucket/{name}"])
    assert media.secrets_in(answer.content) == []
    part = s3_site.get(entity["url"], headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, answer.content[5:10])
    assert list(s3_site.media.rglob("*")) == []  # nothing stays here


def test_a_large_one_too(s3_site, objects):
    data = media.read("film.mp4") + (3 << 20).to_bytes(4, "big") + b"free" + bytes((3 << 20) - 8)
    entity = media.ready(Api(s3_site), data)
    assert objects.problems == []
    assert len(s3_site.get(entity["url"]).content) == len(data)


def test_what_nobody_refers_to_is_removed_there(s3_site, objects):
    ruru = Api(s3_site)
    entity = media.ready(ruru, media.png(33, 44))
    path = "/bucket/" + entity["url"].rsplit("/", 1)[1]
    assert path in objects.objects
    ruru.delete(f"/api/v1/media/{entity['id']}")
    s3_site.sql("update media_files set state_next_attempt = now() where state = 'unused'")
    s3_site.stator.drain()
    assert path not in objects.objects and objects.problems == []


def test_a_store_that_is_away(s3_site, objects):
    ruru = Api(s3_site)
    objects.broken = True
    answer = media.upload(ruru, media.png(7, 7, (9, 0, 9)))
    assert answer.status_code == 503 and "retry-after" in answer.headers
    objects.broken = False
    entity = media.upload(ruru, media.read("film.mp4")).json()
    objects.broken = True
    s3_site.stator.drain()
    assert ruru.ask("GET", f"/api/v1/media/{entity['id']}").status_code == 206
    objects.broken = False
    s3_site.sql("update attachments set state_next_attempt = now() where state = 'new'")
    s3_site.stator.drain()
    assert ruru.ask("GET", f"/api/v1/media/{entity['id']}").status_code == 200


def test_a_wrong_secret_is_told(s3_site, objects):
    s3_site.options["media_s3_secret"] = "wrong"
    done = s3_site.run("rookery", "doctor", "--json")
    del s3_site.options["media_s3_secret"]
    assert "403" in done.stdout and any("signature is wrong" in problem for problem in objects.problems)
    objects.problems.clear()


def test_readers_can_be_sent_there(objects, module_database, tmp_path):
    site = Site(module_database, tmp_path, **objects.options(), media_public_url="https://files.example")
    try:
        site.start()
        entity = media.ready(Api(site), media.png(12, 13))
        answer = site.get(entity["url"])
        assert answer.status_code == 302
        assert answer.headers["location"] == "https://files.example/" + entity["url"].rsplit("/", 1)[1]
        assert "img-src 'self' https://files.example;" in site.get("https://kea.test/about/").headers[
            "content-security-policy"]
    finally:
        site.server.stop()


def bring_and_take(site, objects):
    ruru = Browser(site, "kea.test")
    ruru.log_in("ruru@example.org", PASSWORD)
    ruru.get("/settings/data/").form("/settings/archive/").press()
    site.stator.drain()
    [path] = [link for link in ruru.get("/settings/data/").links() if link.startswith("/settings/archive/")]
    taken = ruru.client.get(path).content
    assert "outbox.json" in account_archive.read(taken) and objects.problems == []
    assert taken in objects.objects.values()
    account = account_archive.Account()
    post = account.post("<p>old</p>", files=[("media_attachments/files/1/a.jpg", media.read("tagged.jpg"), "x")])
    ruru.get("/settings/data/").form("/settings/archive/bring/").press(
        own="1", files={"archive": ("a.zip", account.zip(), "application/zip")})
    site.stator.drain()
    [row] = site.sql("select id from posts where imported_from = %s", post)
    assert site.value("select count(*) from attachments where post_id = %s and state = 'ready'", row["id"]) == 1
    assert objects.problems == [] and list(site.media.rglob("*")) == []


def test_archives_go_there_and_come_back(objects, module_database, tmp_path):
    """One that is taken away, which nobody else gets at, and one that is brought along."""
    site = Site(module_database, tmp_path, **objects.options())
    try:
        bring_and_take(site.start(), objects)
    finally:
        site.stop()

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Uploads by the client API: what comes of each kind of file, who may do what with it, and what it costs
the tenant."""

import contextlib
import signal
import socket

import pytest

from harness import media
from harness.api import Api
from harness.programs import wait_for


@pytest.fixture(scope="module")
def ruru(shared_site):
    return Api(shared_site)


@pytest.fixture(scope="module")
def toroa(shared_site):
    return Api(shared_site, "toroa@kea.test")


@pytest.fixture(scope="module")
def weka(shared_site):
    return Api(shared_site, "ruru@weka.test")


def fetched(site, url):
    answer = site.get(url)
    assert answer.status_code == 200, (url, answer.status_code, answer.text)
    return answer


@pytest.mark.parametrize("name, kind, shown, width, height", (
    ("plain.jpg", "image", "image/jpeg", 64, 48),
    ("tagged.jpg", "image", "image/jpeg", 64, 48),
    ("turned.jpg", "image", "image/jpeg", 48, 64),
    ("tagged.png", "image", "image/png", 64, 48),
    ("tagged.webp", "image", "image/webp", 64, 48),
    ("tagged.avif", "image", "image/jpeg", 64, 48),
    ("tagged.heic", "image", "image/jpeg", 64, 48),
    ("moving.gif", "image", "image/gif", 48, 32),
))
def test_a_picture_comes_out_clean(shared_site, ruru, name, kind, shown, width, height):
    """Upright, in a form that every browser shows, without a word about its maker, with a preview."""
    data = media.read(name)
    entity = media.ready(ruru, data, description="Four quarters")
    assert (entity["type"], entity["description"]) == (kind, "Four quarters")
    original = entity["meta"]["original"]
    assert (original["width"], original["height"]) == (width, height)
    assert original["size"] == f"{width}x{height}" and original["aspect"] == pytest.approx(width / height)
    assert 6 <= len(entity["blurhash"]) <= 40
    answer = fetched(shared_site, entity["url"])
    assert answer.headers["content-type"] == shown
    assert media.size(answer.content) == (width, height)
    assert media.secrets_in(answer.content) == []
    preview = fetched(shared_site, entity["preview_url"])
    assert preview.headers["content-type"] == "image/webp"
    small = entity["meta"]["small"]
    assert media.size(preview.content) == (small["width"], small["height"])
    assert media.secrets_in(preview.content) == []


def test_a_gif_keeps_moving(shared_site, ruru):
    entity = media.ready(ruru, media.read("moving.gif"))
    assert media.frames(fetched(shared_site, entity["url"]).content) == 3


@pytest.mark.parametrize("name, kind, shown, width, height, has_cover", (
    ("film.mp4", "video", "video/mp4", 64, 48, True),
    ("turned.mov", "video", "video/quicktime", 48, 64, True),
    ("film.webm", "video", "video/webm", 64, 48, True),
    ("tone.webm", "audio", "audio/webm", 0, 0, False),
    ("cover.mp3", "audio", "audio/mpeg", 0, 0, True),
    ("cover.flac", "audio", "audio/flac", 0, 0, True),
    ("cover.m4a", "audio", "audio/mp4", 0, 0, True),
    ("vorbis.ogg", "audio", "audio/ogg", 0, 0, False),
    ("opus.ogg", "audio", "audio/ogg", 0, 0, False),
    ("tone.wav", "audio", "audio/wav", 0, 0, False),
))
def test_film_and_sound_pass(shared_site, ruru, name, kind, shown, width, height, has_cover):
    data = media.read(name)
    entity = media.ready(ruru, data)
    assert entity["type"] == kind
    original = entity["meta"]["original"]
    assert (original.get("width", 0), original.get("height", 0)) == (width, height)
    assert original["duration"] == pytest.approx(1, abs=0.1)
    assert bool(entity["preview_url"]) == has_cover
    answer = fetched(shared_site, entity["url"])
    assert answer.headers["content-type"] == shown
    assert len(answer.content) == len(data)
    if kind == "video":
        assert media.secrets_in(answer.content) == []


@pytest.mark.parametrize("name", ("film-h264.mp4", "film-hevc.mp4", "film-vp9.webm", "film-av1.webm"))
def test_a_film_shows_one_of_its_pictures(shared_site, ruru, name):
    entity = media.ready(ruru, media.read(name))
    small = entity["meta"]["small"]
    preview = fetched(shared_site, entity["preview_url"])
    assert preview.headers["content-type"] == "image/webp"
    assert media.size(preview.content) == (small["width"], small["height"]) == (64, 48)
    assert entity["blurhash"]


@pytest.mark.parametrize("name, with_places", (("film-h264.mp4", media.mp4_with_places),
                                               ("film-vp9.webm", media.webm_with_places)))
def test_a_film_does_not_tell_where_it_was_taken(shared_site, ruru, name, with_places):
    """Tracks of places, tags and attachments are emptied where they stand, and the film plays as before."""
    data = with_places(media.read(name))
    assert data.count(b"52.5200") > 5
    entity = media.ready(ruru, data)
    kept = fetched(shared_site, entity["url"]).content
    assert len(kept) == len(data)
    assert b"52.5200" not in kept and b"013.4050" not in kept and b"GPS" not in kept
    again = media.ready(ruru, kept)
    assert fetched(shared_site, again["url"]).content == kept
    assert again["blurhash"] == entity["blurhash"] == media.ready(ruru, media.read(name))["blurhash"]


def test_a_gif_has_a_still_preview(shared_site, ruru):
    entity = media.ready(ruru, media.read("moving.gif"))
    preview = fetched(shared_site, entity["preview_url"])
    assert preview.headers["content-type"] == "image/webp"
    assert b"ANIM" not in preview.content


def test_a_later_upload_is_worked_on_by_the_stator(shared_site, ruru):
    answer = media.upload(ruru, media.read("film.mp4"), description="later", focus="0.5,-0.25")
    assert answer.status_code == 202
    entity = answer.json()
    assert entity["url"] is None and entity["type"] == "video"
    assert ruru.ask("GET", f"/api/v1/media/{entity['id']}").status_code == 206
    shared_site.stator.drain()
    done = ruru.ask("GET", f"/api/v1/media/{entity['id']}")
    assert done.status_code == 200
    assert fetched(shared_site, done.json()["url"]).headers["content-type"] == "video/mp4"
    # The upload as it came is nobody's to see.
    assert shared_site.value("select source from attachments where id = %s", int(entity["id"])) == ""


def test_a_killed_stator_loses_nothing(shared_site, ruru):
    """Whatever it was doing: the row is the truth, and the next one goes on from it."""
    entities = [media.upload(ruru, media.png(900 + n, 700, (n, 2, 3))).json() for n in range(6)]
    daemon = shared_site.stator.start()
    wait_for(lambda: shared_site.value("select count(*) from attachments where state_locked_by is not null "
                                       "or state = 'unattached'"), what="work")
    daemon.signal(signal.SIGKILL)
    daemon.child.wait()
    daemon.kill()
    shared_site.stator.daemons.remove(daemon)
    shared_site.sql("update attachments set state_next_attempt = now() where state = 'new'")
    shared_site.stator.drain()
    for entity in entities:
        assert ruru.ask("GET", f"/api/v1/media/{entity['id']}").status_code == 200
    usage(shared_site, "kea.test")


def test_words_and_focus_change_until_it_is_posted(ruru):
    entity = media.ready(ruru, media.png(10, 10, (1, 2, 3)))
    path = f"/api/v1/media/{entity['id']}"
    changed = ruru.put(path, description="A kākāpō", focus="-1.5,0.5")
    assert changed["description"] == "A kākāpō"
    assert changed["meta"]["focus"] == {"x": -1, "y": 0.5}
    assert ruru.put(path, description="Another")["meta"]["focus"] == {"x": -1, "y": 0.5}
    assert ruru.ask("GET", path).json()["description"] == "Another"


def test_a_film_gets_a_picture(shared_site, ruru):
    entity = media.ready(ruru, media.read("film.mp4"), thumbnail=media.png(800, 400))
    assert entity["meta"]["small"]["width"] == 400
    assert media.size(fetched(shared_site, entity["preview_url"]).content) == (400, 200)
    answer = ruru.ask("PUT", f"/api/v1/media/{entity['id']}", files={"thumbnail": ("t", media.png(50, 20))})
    assert answer.json()["meta"]["small"]["size"] == "50x20"


@pytest.mark.parametrize("data", (
    b"", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html><script>alert(1)</script>",
    b"%PDF-1.4 ...", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"RIFF\0\0\0\0WEBP",
    media.read("tagged.heic")[:400], media.read("film.mp4")[:600], media.png(64, 64)[:60],
    b"fLaC" + bytes(60), b"ID3" + bytes(100), b"\x1a\x45\xdf\xa3" + b"\x42\x82\x84webm" + bytes(90),
), ids=range(15))
def test_what_is_no_picture_is_refused(ruru, data):
    answer = media.upload(ruru, data, version=1)
    assert answer.status_code == 422, answer.text
    assert ruru.site.value("select count(*) from attachments where state = 'new'") == 0


def test_a_broken_file_fails_later_too(shared_site, ruru):
    entity = media.upload(ruru, media.read("film.mp4")[:600]).json()
    shared_site.stator.drain()
    assert "cannot be read" in ruru.refused(422, "GET", f"/api/v1/media/{entity['id']}")


@pytest.mark.parametrize("fields", (
    {"description": "x" * 1501}, {"focus": "1"}, {"focus": "a,b"}, {"focus": "nan,0"}, {"focus": "1e999,0"},
), ids=str)
def test_nonsense_is_refused(ruru, fields):
    assert media.upload(ruru, media.png(4, 4), version=1, **fields).status_code == 422


def test_description_at_its_limit(ruru):
    assert len(media.ready(ruru, media.png(4, 4), description="é" * 1500)["description"]) == 1500


def test_hostile_multipart(ruru):
    """Bodies that are no form, or break off, are told so and break nothing."""
    for kind, body in (("multipart/form-data", b"x"), ("multipart/form-data; boundary=", b"x"),
                       ("multipart/form-data; boundary=b", b""), ("multipart/form-data; boundary=b", b"--b\r\n"),
                       ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--"),
                       ("multipart/form-data; boundary=b",
                        b"--b\r\nContent-Disposition: form-data; name=file; filename=x\r\n\r\n" + media.png(3, 3)),
                       ("multipart/form-data; boundary=" + "b" * 300, b"--b"), ("image/png", media.png(3, 3)),
                       ("application/json", b'{"file":"x"}'), ("application/json", b"{")):
        answer = ruru.ask("POST", "/api/v1/media", content=body, headers={"Content-Type": kind})
        assert answer.status_code in (400, 422), (kind, body[:30], answer.status_code)


@pytest.mark.parametrize("method, path", (
    ("POST", "/api/v1/media"), ("POST", "/api/v2/media"), ("GET", "/api/v1/media/1"), ("PUT", "/api/v1/media/1"),
    ("DELETE", "/api/v1/media/1"),
))
def test_only_with_a_token_of_that_scope(shared_site, method, path):
    files = {"files": {"file": ("x", media.png(2, 2))}} if method == "POST" else {}
    Api(shared_site, "kea.test").refused(401, method, path, **files)
    Api(shared_site, token="wrong").refused(401, method, path, **files)
    Api(shared_site, scopes=("read", "write:statuses")).refused(403, method, path, **files)


def test_a_large_body_needs_a_token_before_it_is_read(shared_site):
    """A stranger is sent away with not a byte of the file taken."""
    taken = []

    def body():
        for _ in range(400):
            taken.append(1)
            yield bytes(65536)

    for headers in ({}, {"Authorization": "Bearer wrong"}):
        client = shared_site.client("kea.test", headers=headers)
        try:
            answer = client.post("/api/v2/media", content=body(), headers={
                "Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(400 * 65536)})
            assert answer.status_code == 401
        except OSError:
            pass  # it was closed while we sent
        except Exception as error:  # what httpx makes of that
            assert "Write" in type(error).__name__ or "Remote" in type(error).__name__, error


def test_a_large_film_passes_through_a_file(shared_site, ruru):
    """Larger than what is kept in memory; the padding is a box that players skip."""
    data = media.read("film.mp4") + (6 << 20).to_bytes(4, "big") + b"free" + bytes((6 << 20) - 8)
    entity = media.ready(ruru, data)
    answer = fetched(shared_site, entity["url"])
    assert len(answer.content) == len(data)
    assert list(shared_site.media.glob("scratch*")) == []


def test_few_large_bodies_at_once(ruru):
    """Their files would fill the disk; who comes then is asked to come again."""
    head = (f"POST /api/v2/media HTTP/1.1\r\nHost: kea.test\r\nAuthorization: Bearer {ruru.token}\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 50000000\r\n"
            "Expect: 100-continue\r\n\r\n").encode()
    answers = []
    with contextlib.ExitStack() as stack:
        for _ in range(17):  # eight for each of the server's two threads
            bare = stack.enter_context(socket.create_connection(("127.0.0.1", ruru.site.port)))
            bare.sendall(head)
            answers.append(bare.recv(4096))
    refused = [answer for answer in answers if answer.startswith(b"HTTP/1.1 503")]
    assert refused and all(b"Retry-After: " in answer for answer in refused)
    assert all(answer.startswith((b"HTTP/1.1 503", b"HTTP/1.1 100")) for answer in answers)
    wait_for(lambda: media.upload(ruru, media.png(3, 3) + bytes(2 << 20)).status_code in (200, 202),
             what="room for more")


def test_too_large_is_refused(ruru):
    padded = media.png(4, 4) + bytes(17 << 20)
    assert media.upload(ruru, padded, version=1).status_code == 422
    with socket.create_connection(("127.0.0.1", ruru.site.port)) as bare:
        bare.sendall(b"POST /api/v2/media HTTP/1.1\r\nHost: kea.test\r\nAuthorization: Bearer "
                     + ruru.token.encode() + b"\r\nContent-Length: 2147483648\r\n\r\n")
        assert bare.recv(12) == b"HTTP/1.1 413"


def test_only_its_owner_sees_an_upload(ruru, toroa, weka):
    path = f"/api/v1/media/{media.ready(ruru, media.png(5, 6))['id']}"
    for other in (toroa, weka):
        other.refused(404, "GET", path)
        other.refused(404, "PUT", path, json={"description": "mine"})
        other.refused(404, "DELETE", path)
    assert ruru.ask("GET", path).status_code == 200
    for nonsense in ("0", "-1", "x", "99999999999999999999", "%00"):
        assert ruru.ask("GET", f"/api/v1/media/{nonsense}").status_code in (404, 422)


def usage(site, domain):
    """What the counters of a tenant say, and what a recount says: they are the same."""
    counted = {one["name"]: one for one in site.rookery("media", "status")["tenants"]}[domain]
    assert (counted["files"], counted["bytes"]) == (counted["counted_files"], counted["counted_bytes"])
    return counted["bytes"]


def test_deleting_frees_the_file_and_the_quota(shared_site, ruru):
    before = usage(shared_site, "kea.test")
    entity = media.ready(ruru, media.png(77, 33, (9, 9, 9)))
    assert usage(shared_site, "kea.test") > before
    name = entity["url"].rsplit("/", 1)[1]
    ruru.delete(f"/api/v1/media/{entity['id']}")
    assert usage(shared_site, "kea.test") == before
    assert shared_site.get(entity["url"]).status_code == 404
    assert list(shared_site.media.rglob(name)) != []
    shared_site.database.sql("update media_files set state_next_attempt = now() where state = 'unused'")
    shared_site.stator.drain()
    assert list(shared_site.media.rglob(name)) == []
    assert shared_site.value("select state from media_files where name = %s", name) == "gone"
    # The same bytes may come again.
    again = media.ready(ruru, media.png(77, 33, (9, 9, 9)))
    assert again["url"] == entity["url"] and shared_site.get(again["url"]).status_code == 200


def test_two_tenants_store_the_same_bytes_once(shared_site, ruru, weka):
    data = media.png(123, 45, (3, 5, 7))
    here, there = media.ready(ruru, data), media.ready(weka, data)
    name = here["url"].rsplit("/", 1)[1]
    assert there["url"] == f"https://weka.test/media/{name}"
    assert len(list(shared_site.media.rglob(name))) == 1
    ruru.delete(f"/api/v1/media/{here['id']}")
    assert shared_site.get(here["url"]).status_code == 404
    assert shared_site.get(there["url"]).status_code == 200


def test_over_quota(shared_site, weka):
    used = usage(shared_site, "weka.test")
    shared_site.rookery("media", "quota", "weka.test", str(used + 100))
    answer = media.upload(weka, media.png(200, 200) + bytes(200))
    assert answer.status_code == 422
    assert answer.json()["code"] == "over_quota"
    assert usage(shared_site, "weka.test") == used
    shared_site.rookery("media", "quota", "weka.test", str(1 << 30))
    assert media.upload(weka, media.png(200, 200)).status_code == 200


def test_a_picture_is_ready_at_once(shared_site, ruru):
    answer = media.upload(ruru, media.png(120, 90, (7, 8, 9)), description="now", focus="0.5,-0.25")
    assert answer.status_code == 200
    assert answer.json()["meta"]["focus"] == {"x": 0.5, "y": -0.25}
    assert media.size(fetched(shared_site, answer.json()["url"]).content) == (120, 90)


def test_unused_uploads_go_after_a_day(shared_site, ruru):
    entity = media.ready(ruru, media.png(31, 32))
    shared_site.database.sql("update attachments set state_changed = now() - interval '25 hours' where id = %s",
                             int(entity["id"]))
    shared_site.stator.drain()
    assert shared_site.value("select count(*) from attachments where id = %s", int(entity["id"])) == 0
    usage(shared_site, "kea.test")


def test_parts_of_a_file(shared_site, ruru):
    url = media.ready(ruru, media.read("film.webm"))["url"]
    whole = fetched(shared_site, url)
    data = whole.content
    assert whole.headers["accept-ranges"] == "bytes"
    assert "immutable" in whole.headers["cache-control"]
    assert whole.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in whole.headers["content-security-policy"]
    for asked, first, last in (("0-9", 0, 9), ("100-", 100, len(data) - 1), ("-5", len(data) - 5, len(data) - 1),
                               ("8000-99999999", 8000, len(data) - 1), ("0-0", 0, 0), ("-99999999", 0, len(data) - 1)):
        answer = shared_site.get(url, headers={"Range": f"bytes={asked}"})
        assert answer.status_code == 206, asked
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{len(data)}"
        assert answer.content == data[first:last + 1]
    for asked in (f"{len(data)}-", "99999999-", "5-2", "-0"):
        answer = shared_site.get(url, headers={"Range": f"bytes={asked}"})
        assert answer.status_code == 416, asked
        assert answer.headers["content-range"] == f"bytes */{len(data)}"
    for asked in ("bytes=0-1,5-6", "bytes=x", "lines=1-2", "bytes=--1", "bytes=-", "bytes=18446744073709551616-"):
        answer = shared_site.get(url, headers={"Range": asked})
        assert (answer.status_code, answer.content) == (200, data), asked
    head = shared_site.request("HEAD", url)
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(data)), b"")
    tag = whole.headers["etag"]
    assert shared_site.get(url, headers={"If-None-Match": tag}).status_code == 304
    assert shared_site.get(url, headers={"Range": "bytes=0-1", "If-Range": '"other"'}).status_code == 200
    assert shared_site.get(url, headers={"Range": "bytes=0-1", "If-Range": tag}).status_code == 206


def test_only_what_a_tenant_refers_to_is_served(shared_site, ruru):
    url = media.ready(ruru, media.png(41, 42))["url"]
    name = url.rsplit("/", 1)[1]
    for path in (f"https://weka.test/media/{name}", "https://kea.test/media/..%2f..%2fetc%2fpasswd",
                 f"https://kea.test/media/{name[:-4]}.jpg", f"https://kea.test/media/{'0' * 64}.png",
                 f"https://kea.test/media/{name}/still", "https://kea.test/media/x",
                 f"https://kea.test/media/{name}%00"):
        assert shared_site.get(path).status_code in (400, 404), path

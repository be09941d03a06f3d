# SPDX-License-Identifier: AGPL-3.0-or-later
"""Media of other servers: shown through the signed proxy, stored once for all tenants, and let go when
nobody looks; attachments in what is sent to other servers."""

import base64
import re

import pytest

from harness import activity, media
from harness.api import Api
from harness.world import world_of


@pytest.fixture(scope="module")
def world(shared_site):
    yield from world_of(shared_site)


def note_with(world, *attachments, people=()):
    """A note from afar with attachments, and its id here."""
    star = world.followed(*(people or (world.ruru,)))
    note = activity.note(star, "look", attachment=list(attachments))
    world.deliver(star, activity.create(star, note))
    return note, str(world.post(note)["id"])


def picture(world, path, data, media_type="image/png", **more):
    world.peer.serve(path, data, media_type)
    return {"type": "Document", "mediaType": media_type, "url": world.peer.origin + path, **more}


def shown(world, post, handle="ruru@kea.test"):
    return Api(world.site, handle).get(f"/api/v1/statuses/{post}")["media_attachments"]


def asked(world, path):
    return len(world.peer.requests("GET", path))


def test_a_picture_from_afar_is_shown_by_us(world):
    given = picture(world, "/p/1.jpg", media.read("tagged.jpg"), "image/jpeg", name="Quarters", width=64, height=48,
                    blurhash="LlMF%n00%#MwS|WCWEM{R*bbWBbH", focalPoint=[0.25, -0.5])
    _, post = note_with(world, given)
    [entity] = shown(world, post)
    assert entity["remote_url"] == given["url"]
    assert entity["url"].startswith("https://kea.test/proxy/") and entity["preview_url"] == entity["url"] + "/small"
    assert (entity["description"], entity["blurhash"]) == ("Quarters", given["blurhash"])
    assert entity["meta"]["focus"] == {"x": 0.25, "y": -0.5}
    assert entity["meta"]["original"]["size"] == "64x48"
    assert asked(world, "/p/1.jpg") == 0
    answer = world.site.get(entity["url"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert media.secrets_in(answer.content) == [] and media.size(answer.content) == (64, 48)
    small = world.site.get(entity["preview_url"])
    assert (small.status_code, small.headers["content-type"]) == (200, "image/webp")
    assert asked(world, "/p/1.jpg") == 1
    part = world.site.get(entity["url"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, answer.content[:4])


def test_three_tenants_see_one_file(world):
    """The same picture by three posts for two tenants and through the pages of each: fetched and stored once."""
    given = picture(world, "/p/same.png", media.png(60, 61))
    _, post = note_with(world, given, people=(world.ruru, world.weka_ruru))
    _, other = note_with(world, given)
    urls = {entity["url"] for handle in ("ruru@kea.test", "toroa@kea.test", "ruru@weka.test")
            for which in (post, other) for entity in shown(world, which, handle)}
    assert len(urls) == 2  # one for each tenant
    assert {world.site.get(url).status_code for url in urls} == {200}
    assert asked(world, "/p/same.png") == 1
    assert world.site.value("select count(*) from media_remote where url = %s", given["url"]) == 1
    name = world.site.value("select file from media_remote where url = %s", given["url"])
    assert len(list(world.site.media.rglob(name))) == 1
    assert world.site.value("select count(*) from media_uses where name = %s", name) == 0


def encoded(url):
    return base64.urlsafe_b64encode(url.encode()).decode().rstrip("=")


def test_never_an_open_proxy(world):
    given = picture(world, "/p/mine.png", media.png(20, 21))
    _, post = note_with(world, given)
    [entity] = shown(world, post)
    signature, text = re.fullmatch(r"https://kea.test/proxy/([^/]+)/([^/]+)", entity["url"]).groups()
    assert text == encoded(given["url"])
    world.peer.serve("/p/other.png", media.png(5, 5), "image/png")
    other = encoded(world.peer.origin + "/p/other.png")
    flipped = signature[:-2] + ("A" if signature[-2] != "A" else "B") + signature[-1]
    for path in (f"{signature}/{other}", f"{flipped}/{text}", f"A/{text}", f"{signature}/{text}A", f"{signature}/%00",
                 f"{signature}x/{text}", f"{signature[:-1]}/{text}", f"{signature}/{encoded('file:///etc/passwd')}",
                 f"x/{other}/small", f"{signature}/{text}/large", f"{'A' * 22}/{'A' * 4000}"):
        assert world.site.get(f"https://kea.test/proxy/{path}").status_code in (400, 404), path
    # What one tenant signed is not for another.
    assert world.site.get(f"https://weka.test/proxy/{signature}/{text}").status_code == 404
    assert asked(world, "/p/other.png") == 0
    assert world.site.get(entity["url"]).status_code == 200


@pytest.mark.parametrize("kind, data", (
    ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
    ("image/png", b"<html><script>alert(1)</script></html>"),
    ("image/jpeg", b"%PDF-1.4"), ("image/png", b""), ("image/png", media.png(100, 100, rows=3)),
), ids=("svg", "html", "pdf", "nothing", "broken"))
def test_what_is_no_picture_is_not_passed_on(world, kind, data):
    path = f"/bad/{len(data)}"
    given = picture(world, path, data, "image/png")
    world.peer.serve(path, data, kind)
    _, post = note_with(world, given)
    [entity] = shown(world, post)
    for _ in range(3):
        assert world.site.get(entity["url"]).status_code in (404, 422)
    # It is left alone for a while.
    assert asked(world, path) == 1
    assert world.site.value("select failures from media_remote where url = %s", given["url"]) == 1


def test_svg_is_a_link_and_no_picture(world):
    given = picture(world, "/p/x.svg", b"<svg/>", "image/svg+xml")
    _, post = note_with(world, given)
    [entity] = shown(world, post)
    assert (entity["type"], entity["url"], entity["preview_url"]) == ("unknown", given["url"], None)


def test_addresses_inside_are_not_fetched(world):
    """The guard of all fetching stands before the proxy's as well."""
    given = {"type": "Document", "mediaType": "image/png", "url": "http://127.0.0.1:5432/x.png"}
    _, post = note_with(world, given)
    [entity] = shown(world, post)
    assert world.site.get(entity["url"]).status_code in (403, 404)


def test_a_film_from_afar_plays_in_parts(world):
    given = picture(world, "/p/film.webm", media.read("film.webm"), "video/webm")
    _, post = note_with(world, given)
    [entity] = shown(world, post)
    assert entity["type"] == "video"
    answer = world.site.get(entity["url"], headers={"Range": "bytes=10-19"})
    assert (answer.status_code, answer.headers["content-type"]) == (206, "video/webm")
    assert answer.content == media.read("film.webm")[10:20]
    preview = world.site.get(entity["preview_url"])
    assert (preview.status_code, preview.headers["content-type"]) == (200, "image/webp")
    assert media.size(preview.content) == (64, 48)


def test_the_least_used_goes_first(world):
    site = world.site
    site.sql("delete from media_remote")
    entities = []
    for n in range(3):
        # A megabyte of what does not compress, behind the end of the picture's own data: a film.
        data = media.read("film.webm") + bytes(600_000)
        _, post = note_with(world, picture(world, f"/p/old{n}.webm", data + bytes([n]), "video/webm"))
        entities.append(shown(world, post)[0])
        assert site.get(entities[-1]["url"]).status_code == 200
        site.sql("update media_remote set last_used = now() - interval '1 day' * %s where url = %s", 9 - n,
                 entities[-1]["remote_url"])
    site.options["media_cache_size"] = 1
    assert site.rookery("media", "status")["remote"] == 3
    assert site.rookery("media", "prune")["evicted"] == 2
    left = [row["url"] for row in site.sql("select url from media_remote")]
    assert left == [entities[2]["remote_url"]]
    assert site.rookery("media", "status")["remote_bytes"] <= 1 << 20
    del site.options["media_cache_size"]
    # It comes again when it is looked at.
    assert site.get(entities[0]["url"]).status_code == 200
    assert asked(world, "/p/old0.webm") == 2


def test_faces_pass_through_us(world):
    world.peer.serve("/face.png", media.png(30, 30), "image/png")
    star = world.actor("face", icon={"type": "Image", "url": world.peer.origin + "/face.png"},
                       image={"type": "Image", "url": world.peer.origin + "/face.png"})
    world.follow(world.ruru, star)
    account = Api(world.site).get("/api/v1/accounts/" + str(
        world.site.value("select id from identities where actor_uri = %s", star.id)))
    for member in ("avatar", "avatar_static", "header", "header_static"):
        assert account[member].startswith("https://kea.test/proxy/"), member
        assert world.site.get(account[member]).status_code == 200
    page = world.ruru.enter().get(f"/@{star.handle.lstrip('@')}/")
    assert account["avatar"] in page.text and world.peer.origin + "/face.png" not in page.text
    assert "img-src 'self' ;" in page.headers["content-security-policy"]


def own_post_with(world, entity, text="with a picture"):
    """A post of ours that has an upload: its row."""
    post = world.ruru.write(text)
    world.site.sql("update attachments set post_id = %s, state = 'ready' where id = %s", post["id"], int(entity["id"]))
    return post


def test_ours_is_told_to_others(world):
    ruru = Api(world.site)
    entity = media.ready(ruru, media.read("turned.jpg"), description="Quarters", focus="0.5,-1")
    post = own_post_with(world, entity)
    [attached] = world.site.object(post["object_uri"])["attachment"]
    assert attached == {"type": "Document", "mediaType": "image/jpeg", "url": entity["url"], "name": "Quarters",
                        "blurhash": entity["blurhash"], "width": 48, "height": 64, "focalPoint": [0.5, -1]}
    # Another tenant of ours shows it under its own name, and asks nobody for it.
    [there] = shown(world, post["id"], "ruru@weka.test")
    assert there["url"].startswith("https://weka.test/proxy/")
    answer = world.site.get(there["url"])
    assert (answer.status_code, answer.content) == (200, world.site.get(entity["url"]).content)
    assert world.site.get(there["preview_url"]).status_code == 200
    assert world.site.value("select count(*) from media_remote where url = %s", entity["url"]) == 0
    # With the post the file goes.
    world.ruru.delete(post)
    world.settle()
    assert world.site.get(entity["url"]).status_code == 404
    assert world.site.value("select count(*) from attachments where id = %s", int(entity["id"])) == 0
    for tenant in world.site.rookery("media", "status")["tenants"]:
        assert (tenant["files"], tenant["bytes"]) == (tenant["counted_files"], tenant["counted_bytes"])

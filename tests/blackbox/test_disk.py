# SPDX-License-Identifier: AGPL-3.0-or-later
"""A disk that becomes full, on a small file system of memory: what is refused when, and that it ends by itself."""

import subprocess

import pytest

from harness import activity, media
from harness.api import Api
from harness.site import Site
from harness.wait import wait_for
from harness.world import world_of

MIB = 1 << 20
SIZE = 64  # MiB


class Disk:
    """A file system of its own, below the media of a site."""

    def __init__(self, path):
        self.path = path
        path.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE}m", "tmpfs", path], check=True)

    def fill(self, percent):
        """Until it is that full, by a file of nobody's."""
        ballast = self.path / "ballast"
        others = sum(each.stat().st_blocks * 512 for each in self.path.rglob("*")
                     if each.is_file() and each != ballast)
        size = SIZE * MIB * percent // 100 - others
        with open(ballast, "wb") as file:
            file.write(bytes(max(size, 0)))

    def close(self):
        subprocess.run(["umount", "-l", self.path], check=True)


@pytest.fixture
def site(furnished_database, tmp_path):
    disk = Disk(tmp_path / "disk")
    made = Site(furnished_database, tmp_path, media_path=str(disk.path), disk_interval=1, disk_warn=50,
                disk_refuse=70, disk_read_only=90)
    made.disk = disk
    try:
        yield made.start()
    finally:
        made.stop()
        disk.close()


def upload(person, colour):
    return media.upload(person, media.png(7, 7, colour)).status_code


def write(person, text="hello"):
    return person.ask("POST", "/api/v1/statuses", data={"status": text})


def level(site):
    found = [line for line in site.server.log().splitlines() if "event=disk" in line]
    return found[-1].split("level=")[1].split()[0] if found else "well"


def becomes(site, wanted, percent):
    site.disk.fill(percent)
    wait_for(lambda: level(site) == wanted, what=f"the level {wanted}")


def test_step_by_step_and_back(site):
    ruru = Api(site)
    assert upload(ruru, (1, 1, 1)) in (200, 202) and write(ruru).status_code == 200

    becomes(site, "warn", 60)
    assert upload(ruru, (2, 2, 2)) in (200, 202)
    done = site.run("rookery", "doctor")
    assert "note  disk: media on" in done.stdout and "make room or enlarge it" in done.stdout

    becomes(site, "refuse", 75)
    refused = media.upload(ruru, media.png(7, 7, (3, 3, 3)))
    assert refused.status_code == 503 and "no room for files" in refused.json()["error"]
    assert "retry-after" in refused.headers
    assert write(ruru, "text is small").status_code == 200
    done = site.run("rookery", "doctor")
    assert done.returncode == 1 and "WRONG disk: media on" in done.stdout
    assert site.run("rookery", "status").returncode == 1

    becomes(site, "read-only", 95)
    refused = write(ruru, "too much")
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "300")
    assert "can only be read" in refused.json()["error"]
    inbox = site.request("POST", "https://kea.test/inbox/", content=b"{}",
                         headers={"Content-Type": "application/activity+json"})
    assert (inbox.status_code, inbox.headers["retry-after"]) == (503, "300")
    assert site.get("https://kea.test/about/").status_code == 200
    assert ruru.ask("GET", "/api/v1/timelines/home").status_code == 200
    page = site.request("POST", "https://kea.test/auth/login/", headers={"Accept": "text/html"})
    assert page.status_code == 503 and "can only be read" in page.text

    becomes(site, "refuse", 75)
    assert write(ruru, "again").status_code == 200 and upload(ruru, (4, 4, 4)) == 503
    becomes(site, "well", 10)
    assert upload(ruru, (5, 5, 5)) in (200, 202)


def test_stators_rest_but_for_what_makes_room(site):
    site.stator.drain()
    site.disk.fill(95)
    site.sql("insert into hashtags (name, state) values ('kiwi', 'outdated')")
    unused = media.png(9, 9, (8, 8, 8))
    site.sql("insert into media_files (name, media_type, size, state) values (repeat('ab', 32) || '.png', 'image/png', "
             "%s, 'removing')", len(unused))
    site.stator.drain()
    assert site.value("select state from hashtags where name = 'kiwi'") == "outdated"
    assert site.value("select state from media_files where name like 'abab%%'") == "gone"
    site.stator.start()
    site.disk.fill(10)
    wait_for(lambda: site.value("select state from hashtags where name = 'kiwi'") == "updated",
             what="the work that waited for room")


def test_copies_make_room(site):
    """Pictures of other servers are not fetched, and those that are there go by halves, at once."""
    for world in world_of(site):
        star = world.followed(world.ruru)
        for number in range(4):
            world.peer.serve(f"/p/{number}.png", media.png(50, 50, (number, 0, 0)), "image/png")
        notes = [activity.note(star, "look", attachment=[
            {"type": "Document", "mediaType": "image/png", "url": f"{world.peer.origin}/p/{number}.png"}])
            for number in range(4)]
        for note in notes:
            world.deliver(star, activity.create(star, note))
        urls = [Api(site).get(f"/api/v1/statuses/{world.post(note)['id']}")["media_attachments"][0]["url"]
                for note in notes]
        assert [site.get(url).status_code for url in urls[:3]] == [200, 200, 200]
        becomes(site, "refuse", 80)
        assert site.get(urls[3]).status_code == 503
        assert len(world.peer.requests("GET", "/p/3.png")) == 0
        site.stator.drain()
        left = site.value("select count(*) from media_remote where file <> ''")
        assert left < 3
        # What nobody has needed for a moment goes without the hour that it usually has.
        site.sql("update media_files set state_changed = state_changed - interval '2 minutes' where state = 'unused'")
        site.rookery("media", "prune")
        site.stator.drain()
        assert site.value("select count(*) from media_files where state = 'gone'") >= 3 - left
        becomes(site, "well", 10)
        assert site.get(urls[3]).status_code == 200

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Backups of files that are in an S3 store: each is fetched once, all of them are in every snapshot, and they come
back into the store. With the real restic."""

import hashlib
import json
import re

import pytest

from harness import media
from harness.api import Api
from harness.backup import Vaulted
from harness.objects import ObjectStore

NAME = re.compile(r"/[0-9a-f]{64}\.[a-z0-9]+$")
LOT = 1000  # files that are fetched at a time


@pytest.fixture
def objects():
    made = ObjectStore("peer7.test")
    yield made
    made.close()


@pytest.fixture
def vault(objects):
    made = Vaulted(**objects.options())
    try:
        yield made.start(archive=False)
    finally:
        made.close()


def scratch(vault):
    return f"--scratch={vault.scratch}"


def picture(site, *size):
    return media.ready(Api(site), media.png(*size))


def fetched(objects):
    """Names of objects that were read since the last call, each as often as it was."""
    names = sorted(path.rsplit("/", 1)[1] for method, path in objects.requests if method == "GET")
    objects.requests.clear()
    return names


def back_up(vault, *args):
    said = vault.run("backup", *args, scratch(vault))
    assert list(vault.scratch.iterdir()) == []
    return said


def stored(vault, snapshot):
    return {line.rsplit("/", 1)[1] for line in vault.restic("ls", snapshot).splitlines()
            if NAME.search(line)}


def names(objects):
    return {path.rsplit("/", 1)[1] for path in objects.objects}


def test_each_file_is_fetched_once_and_all_come_back(vault, objects):
    site = vault.serve()
    first = picture(site, 30, 20)
    Api(site).post("/api/v1/statuses", status="before", media_ids=[first["id"]])
    fetched(objects)
    made = back_up(vault)
    had = names(objects)
    assert had == stored(vault, made["media"]) and set(fetched(objects)) == had

    second = picture(site, 31, 21)
    fetched(objects)
    made = back_up(vault, "--media")
    new = names(objects) - had
    assert new and set(fetched(objects)) == new
    assert stored(vault, made["media"]) == had | new
    back_up(vault)
    assert fetched(objects) == []
    assert vault.findings("--all") == []
    assert fetched(objects) == []  # the drill looks at the repository alone

    was = dict(objects.objects)
    types = dict(objects.types)
    vault.halt()
    objects.objects.clear()
    objects.types.clear()
    said = vault.run("restore", "--yes", scratch(vault))
    assert said["lost_files"] == 0 and list(vault.scratch.iterdir()) == []
    assert (objects.objects, objects.types) == (was, types) and objects.problems == []
    site = vault.serve()
    for entity in (first, second):
        assert site.get(entity["url"]).status_code == 200


def test_only_what_is_missing_is_put_back(vault, objects):
    site = vault.serve()
    urls = [picture(site, size, 20)["url"] for size in (30, 31, 32)]
    back_up(vault)
    vault.halt()
    gone = [f"/bucket/{url.rsplit('/', 1)[1]}" for url in urls[:2]]
    was = objects.objects.pop(gone[0])
    objects.objects[gone[1]] = objects.objects[gone[1]][:-1]
    objects.requests.clear()
    vault.run("restore", "--yes", scratch(vault))
    assert objects.objects[gone[0]] == was
    assert sorted(path for method, path in objects.requests if method == "PUT") == sorted(gone)


def test_a_store_that_is_away_has_not_lost_its_files(vault, objects):
    site = vault.serve()
    entity = picture(site, 30, 20)
    back_up(vault)
    vault.halt()
    objects.broken = True
    done = vault.attempt("restore", "--yes", scratch(vault), "--json")
    assert done.returncode != 0 and "503" in done.stderr
    assert vault.attempt("backup", "--media", scratch(vault)).returncode == 0  # there is nothing new to fetch
    objects.broken = False
    assert vault.run("restore", "--yes", scratch(vault))["lost_files"] == 0
    assert vault.serve().get(entity["url"]).status_code == 200


def test_what_was_fetched_before_it_went_away_is_fetched_once(vault, objects):
    site = vault.serve()
    for size in (30, 31, 32):
        picture(site, size, 20)
    fetched(objects)
    away = sorted(objects.objects)[-1]
    kept = objects.objects[away]
    answer = objects.answer

    def refusing(method, path, headers, body):
        return (503, b"<Error>SlowDown</Error>") if (method, path) == ("GET", away) else answer(
            method, path, headers, body)

    objects.answer = refusing
    done = vault.attempt("backup", "--media", scratch(vault), "--json")
    assert done.returncode == 5 and "503" in done.stderr and list(vault.scratch.iterdir()) == []
    assert vault.run("backup", "list")["backups"][0]["result"] == "failed"
    objects.answer = answer
    fetched(objects)
    back_up(vault, "--media")
    assert fetched(objects) == [away.rsplit("/", 1)[1]]
    assert kept == objects.objects[away]
    assert vault.restic("snapshots", "--tag", "media-part", "--json").strip() in ("null", "[]")


def test_a_drill_finds_what_was_not_to_be_had(vault, objects):
    site = vault.serve()
    gone, changed = (picture(site, size, size)["url"].rsplit("/", 1)[1] for size in (21, 22))
    del objects.objects[f"/bucket/{gone}"]
    objects.objects[f"/bucket/{changed}"] = b"x" * len(objects.objects[f"/bucket/{changed}"])
    back_up(vault)
    found = sorted(says for check, says in vault.findings("--all") if check == "files")
    assert [f"{name} is not in the backup" for name in sorted((gone, changed))] == [
        says for says in found if "is not in" in says]


def lose_bytes(vault):
    """All bytes of files go from the repository, which knows it; the trees with their names stay."""
    for index in vault.restic("list", "index").split():
        for pack in json.loads(vault.restic("cat", "index", index))["packs"]:
            if all(blob["type"] == "data" for blob in pack["blobs"]):
                (vault.repository / "media" / "data" / pack["id"][:2] / pack["id"]).unlink()
    vault.restic("rebuild-index")


def test_a_hole_is_never_stored(vault, objects):
    """The repository loses the bytes of files that it knew: they are fetched anew."""
    site = vault.serve()
    picture(site, 30, 20)
    back_up(vault, "--media")
    lose_bytes(vault)
    picture(site, 31, 21)
    fetched(objects)
    done = vault.attempt("backup", "--media", scratch(vault), "--json")
    assert done.returncode == 0 and "fetching all of them" in done.stderr, done.stderr
    assert set(fetched(objects)) == names(objects)
    back_up(vault)
    assert fetched(objects) == []
    assert [says for check, says in vault.findings("--all") if check == "files"] == []


def test_somebody_else_keeps_them(vault, objects):
    site = vault.serve()
    picture(site, 30, 20)
    fetched(objects)
    vault.options["backup_media"] = False
    said = back_up(vault)
    assert said["media"] == "" and fetched(objects) == []
    assert vault.findings() == []
    vault.halt()
    objects.objects.clear()
    assert vault.run("restore", "--yes")["lost_files"] == 0 and objects.objects == {}


def test_more_than_there_is_room_for_at_a_time(vault, objects):
    """Some are stored, and stand as holes while the next are fetched."""
    with vault.cluster.connect("rookery") as session:
        for number in range(LOT + 7):
            body = f"file {number}".encode()
            name = f"{hashlib.sha256(body).hexdigest()}.mp3"
            objects.objects[f"/bucket/{name}"] = body
            session.execute("insert into media_files (name, media_type, size, state, uses) values "
                            "(%s, 'audio/mpeg', %s, 'kept', 1)", (name, len(body)))
    made = back_up(vault)
    assert fetched(objects) == sorted(names(objects))
    assert len(stored(vault, made["media"])) == LOT + 7
    assert vault.findings("--all") == []

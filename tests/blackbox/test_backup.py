# SPDX-License-Identifier: AGPL-3.0-or-later
"""Backups: made, restored to a minute and from nothing, tried in a drill that finds what is wrong, and let
go of. With the real pgBackRest, restic and PostgreSQL."""

import datetime
import pathlib
import shutil
import time

import pytest

from harness import media
from harness.api import Api
from harness.backup import PASSPHRASE, Vaulted


def vaulted(archive=True, **more):
    made = Vaulted(**more)
    try:
        yield made.start(archive)
    finally:
        made.close()


@pytest.fixture
def vault():
    yield from vaulted()


@pytest.fixture
def dumped():
    yield from vaulted(archive=False)


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def files(vault):
    return {path.name for path in vault.media.rglob("*.*")}


def write(site, text, **more):
    return Api(site).post("/api/v1/statuses", status=text, **more)


def picture(site, *size):
    return media.ready(Api(site), media.png(*size))


def texts(vault):
    with vault.cluster.connect("rookery") as session:
        return {row["content"] for row in session.execute("select content from posts").fetchall()}


def test_back_to_a_minute_and_back_from_nothing(vault):
    site = vault.serve()
    first = picture(site, 30, 20)
    write(site, "before", media_ids=[first["id"]])
    made = vault.run("backup")
    assert made["kind"] == "full" and made["exact"] and made["media"]
    write(site, "between", media_ids=[picture(site, 31, 21)["id"]])
    vault.run("backup", "--media")
    then, counts, had = now(), vault.count(), files(vault)
    time.sleep(0.01)
    write(site, "after")
    site.sql("delete from posts where content like '%before%'")
    vault.run("backup")
    vault.halt()

    said = vault.run("restore", "--yes", f"--at={then.isoformat()}")
    assert said["as_of"] <= then.isoformat().replace("+00:00", "Z") and said["lost_files"] == 0
    assert pathlib.Path(said["old_database"]).is_dir()
    assert any("between" in text for text in texts(vault)) and not any("after" in text for text in texts(vault))
    assert vault.count() == counts

    # The whole machine is lost but the repository and the passphrase.
    shutil.rmtree(said["old_database"])
    vault.cluster.stop()
    shutil.rmtree(vault.data)
    shutil.rmtree(vault.place / "run")
    for path in vault.media.iterdir():
        shutil.rmtree(path)
    said = vault.run("restore", "--yes", f"--at={then.isoformat()}")
    assert vault.count() == counts and files(vault) == had and said["lost_files"] == 0
    site = vault.serve()
    assert site.get(first["url"]).status_code == 200
    assert vault.run("backup")["kind"] in ("full", "differential")
    assert vault.findings() == []

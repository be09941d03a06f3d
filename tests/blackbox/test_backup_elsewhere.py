# SPDX-License-Identifier: AGPL-3.0-or-later
"""Backups that go to a store of objects and to an SFTP server."""

import shutil

import pytest

from harness import media
from harness.api import Api
from harness.backup import Vaulted
from harness.bucket import Bucket
from harness.sftp import SftpServer


@pytest.fixture
def bucket():
    made = Bucket("peer8.test")
    yield made
    made.close()


@pytest.fixture
def vault():
    made = Vaulted()
    yield made
    made.close()


def furnish(vault):
    site = vault.serve()
    api = Api(site)
    first = media.ready(api, media.png(30, 20))
    api.post("/api/v1/statuses", status="before", media_ids=[first["id"]])
    return first


def lose_files(vault):
    for path in vault.media.iterdir():
        shutil.rmtree(path)


def test_a_store_of_objects(vault, bucket):
    vault.options.update(bucket.options())
    vault.secret("backup_s3_secret", bucket.secret)
    vault.start()
    first = furnish(vault)
    vault.run("backup")
    assert vault.findings("--all") == []
    counts = vault.count()
    vault.halt()
    vault.cluster.stop()
    shutil.rmtree(vault.data)
    lose_files(vault)
    vault.run("restore", "--yes")
    assert vault.count() == counts
    assert vault.serve().get(first["url"]).status_code == 200
    assert bucket.problems == []
    assert not any(bucket.secret in path.read_text(errors="replace") for path in vault.place.rglob("*")
                   if path.is_file() and path.parent.name not in ("run", "secrets"))
    vault.secret("backup_s3_secret", "wrong")
    done = vault.attempt("backup", "--json")
    assert done.returncode != 0 and bucket.problems


def test_an_sftp_server(vault):
    """A dump and files: Debian 12's pgBackRest does not speak SFTP, and says so before anything is done."""
    place = vault.place / "ssh"
    place.mkdir()
    server = SftpServer("peer9.test", place, port=2222)
    try:
        vault.options.update(server.options(vault.repository))
        vault.secret("backup_ssh_key", server.client_key)
        vault.start(archive=False)
        first = furnish(vault)
        vault.run("backup")
        counts = vault.count()
        assert vault.findings() == []
        vault.halt()
        lose_files(vault)
        vault.run("restore", "--yes")
        assert vault.count() == counts
        assert vault.serve().get(first["url"]).status_code == 200
        # Somebody else's key is somebody else.
        done = vault.attempt("backup", "--json", backup_ssh_host_key=server.host_key[:-8] + "AAAAAAAA")
        assert done.returncode != 0
    finally:
        server.close()

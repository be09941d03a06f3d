# SPDX-License-Identifier: AGPL-3.0-or-later
"""Each role reaches the database by a credential of its own, when it has one."""

import pytest

from harness.browser import Browser

STRANGERS = {"database": "rookery_server_by_credential", "database_host": "rookery_host_by_credential"}


def users(site):
    """Who the server is, before the database."""
    Browser(site, "kea.test").get("/about/")
    Browser(site, "console.test").get("/login/").form("/login/").press(email="nobody@example.org", password="x",
                                                                     status=422)
    return {row["usename"] for row in site.sql(
        "select distinct usename::text from pg_stat_activity where application_name like 'rookery-server %' "
        "and datname = current_database()")}


@pytest.fixture
def credentials(site, tmp_path):
    """As systemd passes them: of roles that are told from the usual ones by their names alone."""
    directory = tmp_path / "credentials"
    directory.mkdir()
    for name, role in STRANGERS.items():
        site.sql(f"create role {role} login in role {role.removesuffix('_by_credential')}")
        (directory / name).write_text(f"{site.database.conninfo} user={role}\n")
    yield directory
    site.server.stop()
    for role in STRANGERS.values():
        site.sql(f"drop role {role}")


def test_the_console_has_its_own(site, credentials):
    assert users(site) == {"rookery_server", "rookery_host"}
    site.server.stop()
    site.server.env = {**site.environment(), "CREDENTIALS_DIRECTORY": str(credentials)}
    site.server.start()
    assert users(site) == set(STRANGERS.values())
    # Without one it goes by that of the server's.
    (credentials / "database_host").unlink()
    (credentials / "database").write_text(f"{site.database.conninfo}\n")
    site.restart()
    assert users(site) == {"rookery_server", "rookery_host"}


def test_one_that_cannot_be_read_is_not_passed_over(site, tmp_path):
    (tmp_path / "database_host").mkdir()
    site.server.stop()
    site.server.env = {**site.environment(), "CREDENTIALS_DIRECTORY": str(tmp_path)}
    site.server.spawn()
    assert site.server.child.wait(60) != 0
    site.server.env = site.environment()
    site.server.start()

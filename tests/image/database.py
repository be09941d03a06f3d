# SPDX-License-Identifier: AGPL-3.0-or-later
"""A PostgreSQL of this host, for a machine that has none: it is reached over TLS, by passwords."""

import shutil

from machine import ROOT, run

PORT = 15432
ROLES = ("server", "stator", "owner", "host")
SETTINGS = f"""
listen_addresses = '127.0.0.1'
port = {PORT}
ssl = on
ssl_cert_file = 'server.pem'
ssl_key_file = 'server.key'
"""


class Database:
    def __init__(self, folder, certificate, key):
        self.place = folder / "postgres"
        run(ROOT / "tools/cluster", "start", self.place, "--fast")
        statements = [f"alter role rookery_{role} password '{self.password(role)}'" for role in ROLES]
        run("psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo(), "-c", "; ".join(statements))
        run(ROOT / "tools/cluster", "stop", self.place)
        data = self.place / "data"
        for path, name in ((certificate, "server.pem"), (key, "server.key")):
            shutil.copy(path, data / name)
            shutil.chown(data / name, "postgres", "postgres")
            (data / name).chmod(0o600)
        with (data / "postgresql.conf").open("a") as file:
            file.write(SETTINGS)
        (data / "pg_hba.conf").write_text("local all all trust\nhostssl rookery all 127.0.0.1/32 scram-sha-256\n")
        run(ROOT / "tools/cluster", "start", self.place)

    def conninfo(self):
        return run(ROOT / "tools/cluster", "conninfo", self.place, "rookery", "postgres").strip()

    @staticmethod
    def password(role):
        return f"secret of {role}"

    def settings(self):
        """Lines of a machine's settings that lead here, as it sees this host."""
        return "".join(f"credential.rookery.database.{role} = host=10.0.2.2 port={PORT} dbname=rookery sslmode=require "
                       f"password='{self.password(role)}'\n" for role in ROLES)

    def value(self, statement):
        return run("psql", "-XAtqc", statement, "-d", f"{self.conninfo()} port={PORT}").strip()

    def close(self):
        run(ROOT / "tools/cluster", "remove", self.place)

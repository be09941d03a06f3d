# SPDX-License-Identifier: AGPL-3.0-or-later
"""A PostgreSQL of this host, for a machine that has none: it is reached over TLS, by passwords."""

import base64
import shutil
import subprocess

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


def take(settings, folder):
    """How this host connects by what a machine with a database says to others: a function of a role, and of what
    differs from that, which gives the words of a connection."""
    found = dict(line.split(" = ", 1) for line in settings.splitlines() if not line.startswith("#"))
    authority = folder / "database.pem"
    authority.write_bytes(base64.b64decode(found["database_ca"]))

    def conninfo(role, port, **changes):
        words = dict(word.split("=", 1) for word in found[f"credential.rookery.database.{role}"].split())
        words |= {"user": f"rookery_{role}", "hostaddr": "127.0.0.1", "port": port, "sslrootcert": authority} | changes
        return " ".join(f"{name}={value}" for name, value in words.items())
    return conninfo


def query(conninfo, statement):
    """What psql says, and whether it was content."""
    done = subprocess.run(["psql", "-XAtqc", statement, "-d", conninfo], text=True, capture_output=True, check=False)
    return done.returncode == 0, (done.stdout or done.stderr).strip()


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

    def settings(self, authority):
        """Lines of a machine's settings that lead here, as it sees this host."""
        ca = base64.b64encode(authority.read_bytes()).decode()
        return f"role = app\ndatabase_ca = {ca}\n" + "".join(
            f"credential.rookery.database.{role} = host=10.0.2.2 port={PORT} dbname=rookery sslmode=verify-full "
            f"sslrootcert=/etc/rookery/database-ca.pem password='{self.password(role)}'\n" for role in ROLES)

    def value(self, statement):
        return run("psql", "-XAtqc", statement, "-d", f"{self.conninfo()} port={PORT}").strip()

    def close(self):
        run(ROOT / "tools/cluster", "remove", self.place)

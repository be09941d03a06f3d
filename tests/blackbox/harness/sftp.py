# SPDX-License-Identifier: AGPL-3.0-or-later
"""OpenSSH's server in the lab, for one user and for SFTP alone."""

import pathlib
import subprocess

from . import lab
from .wait import wait_for

CONFIGURATION = """\
Port {port}
ListenAddress {address}
HostKey {place}/host_key
AuthorizedKeysFile {place}/authorized
PidFile {place}/pid
StrictModes no
UsePAM yes
PasswordAuthentication no
AllowUsers {user}
Subsystem sftp internal-sftp
ForceCommand internal-sftp
"""


class SftpServer:
    """Files as the user that is given, who owns them."""

    def __init__(self, name, place, user="postgres", port=22):
        self.name, self.place, self.user, self.port = name, pathlib.Path(place), user, port
        for key in ("host_key", "client_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.place / key], check=True)
        (self.place / "authorized").write_text((self.place / "client_key.pub").read_text())
        pathlib.Path("/run/sshd").mkdir(exist_ok=True)
        configuration = self.place / "sshd_config"
        configuration.write_text(CONFIGURATION.format(port=port, address=lab.address(name), place=self.place,
                                                      user=user))
        self.log = open(self.place / "sshd.log", "wb")  # pylint: disable=consider-using-with
        self.child = subprocess.Popen(["/usr/sbin/sshd", "-D", "-e", "-f", configuration], stderr=self.log)
        wait_for((self.place / "pid").exists, what="sshd")

    @property
    def host_key(self):
        return " ".join((self.place / "host_key.pub").read_text().split()[:2])

    @property
    def client_key(self):
        return (self.place / "client_key").read_text()

    def options(self, directory):
        """Of an installation that is backed up here."""
        port = "" if self.port == 22 else f":{self.port}"
        return {"backup_repository": f"sftp://{self.user}@{self.name}{port}{directory}",
                "backup_ssh_host_key": self.host_key}

    def close(self):
        self.child.terminate()
        self.child.wait()
        self.log.close()

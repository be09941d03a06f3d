# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the image does when it starts for the first time: its scripts, run on directories that stand in for a
machine."""

import base64
import contextlib
import hashlib
import http.server
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import threading
import time

import pytest

from harness import lab

SCRIPTS = lab.ROOT / "image/extra/usr/lib/rookery"
KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF0lnKe0nKqvIqpQ0q1X8sDLhV0fGvkyGq9nSUP0OxHk"
OTHER_KEY = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBE0="
PEM = base64.b64encode(b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n").decode()

# What was asked of these is written down; a volume is a directory.
FAKES = {
    "chown": "", "hostnamectl": 'echo "$2" >"$ROOT/etc/hostname"', "systemctl": "", "networkctl": "",
    "mount": 'cp -r "$3/." "$4"', "umount": 'find "$1" -mindepth 1 -delete',
    # The proxy's hash, and what it says of an address that is none.
    "caddy": 'case $1 in hash-password) echo "\\$2a\\$14\\$/$(sha256sum | cut -c -52)" ;; '
             'validate) ! grep -qE "remote_ip (.*/99|1\\.2\\.3)$" "$5" ;; esac',
}


class Machine:
    def __init__(self, folder):
        self.root, self.bin, self.credentials = folder / "root", folder / "bin", folder / "credentials"
        for place in ("etc/rookery", "etc/credstore", "efi", "dev/disk/by-label", "usr/lib/systemd"):
            (self.root / place).mkdir(parents=True)
        for place in (self.bin, self.credentials):
            place.mkdir()
        self.conf = self.root / "etc/rookery/rookery.conf"
        self.conf.write_text('backup_cluster = "/var/lib/postgresql/17/main";\nlog_level = "info";\n')
        self.asked = folder / "asked"
        for name, does in FAKES.items():
            self.fake(self.bin / name, does)
        self.fake(self.root / "usr/lib/systemd/systemd-networkd-wait-online", "")
        (self.bin / "rookery").symlink_to(lab.PROGRAMS / "rookery")

    def fake(self, path, does):
        path.unlink(missing_ok=True)
        path.write_text(f'#!/bin/sh\necho "{path.name} $*" >>{shlex.quote(str(self.asked))}\n{does}\n')
        path.chmod(0o755)

    def run(self, script, *argv, **environment):
        given = {"PATH": f"{self.bin}:/usr/bin:/bin", "ROOT": str(self.root), **environment}
        return subprocess.run(["sh", SCRIPTS / script, *map(str, argv)], text=True, capture_output=True, check=False,
                              env=given)

    def boot(self, cloud="http://127.0.0.1:9"):
        """Of one that found its settings no more is asked (ConditionPathExists= of the unit)."""
        if not self.file("rookery/first-boot.done").exists():
            return self.run("first-boot", self.root, cloud, CREDENTIALS_DIRECTORY=str(self.credentials))
        return None

    def file(self, name):
        return self.root / "etc" / name

    def text(self, name):
        return self.file(name).read_text() if self.file(name).exists() else ""

    def notices(self):
        return self.text("rookery/notices/settings").splitlines()

    def take(self, *lines):
        """Boots with these settings, by a credential; what it says of them."""
        (self.credentials / "rookery.settings").write_text("\n".join(lines) + "\n")
        done = self.boot()
        assert done.returncode == 0, done.stderr
        return self.notices()


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_settings_are_taken(machine):
    assert machine.take("# mine", "host = host.example", f"key = {KEY} me@home", f"key = {OTHER_KEY}",
                        "email = me@example.org", "domain = birds.example", 'conf.console_host = "c.example"',
                        "credential.rookery.smtp_password = a b\\nc",
                        "credential.rookery.database.host = host=db.example", "postgres.max_connections = 400") == []
    assert machine.text("hostname") == "host.example\n"
    assert machine.text("rookery/operator.keys") == f"{KEY} me@home\n{OTHER_KEY}\n"
    assert "email me@example.org\n" in machine.text("caddy/global.d/settings.conf")
    assert machine.text("rookery/first-domain") == "birds.example\n"
    assert machine.text("credstore/rookery.smtp_password") == "a b\\nc"
    assert machine.file("credstore/rookery.smtp_password").stat().st_mode & 0o777 == 0o600
    assert machine.text("credstore/rookery.database.host") == "host=db.example"
    assert machine.text("rookery/postgres.options") == "max_connections=400\n"
    assert 'console_host = "c.example";\n' in machine.conf.read_text()
    assert machine.file("rookery/first-boot.done").exists() and machine.text("rookery/role") == "all\n"


def test_every_setting_is_in_the_documentation():
    names = " ".join(re.findall(r'^names="(?:\$names )?(.*)"$', (SCRIPTS / "first-boot").read_text(), re.M)).split()
    table = re.findall(r"^\| (`.*?) \|", (lab.ROOT / "docs/appliance.md").read_text(), re.M)
    told = {name for cell in table for name in re.findall("`([a-z_]+)`", cell)}
    assert len(names) > 15 and set(names) - told == set()


def test_a_mistake_is_told_and_the_rest_is_taken(machine):
    """What was misspelt is named with its line, never with its value."""
    notices = machine.take("hostname = host.example", f"ssh_key = {KEY}", f"key = {KEY}", "key = AAAAB3 me", "nonsense",
                           "email = me example.org", "host = a b", f"acme_root = {PEM}", "database_ca = ???",
                           "conf.smtp_sever = 5", "conf.http_threads = many", "conf.log_level = \"debug\";",
                           "postgres.work_mem = 4 MB", "domain = birds.example", "domain = fish.example")
    for words in ("line 1: there is no setting hostname", "line 2: there is no setting ssh_key", "line 5 is no",
                  "AAAAB3 me", "email:", "host:", "conf.smtp_sever: there is no option", "conf.http_threads:",
                  "postgres.work_mem:", "line 15: domain counts once"):
        assert [one for one in notices if words in one], (words, notices)
    assert KEY in machine.text("rookery/operator.keys").splitlines()
    assert machine.text("rookery/first-domain") == "birds.example\n" and machine.text("hostname") == ""
    assert machine.conf.read_text().endswith('log_level = "debug";\n') and "sever" not in machine.conf.read_text()
    assert machine.text("caddy/acme-root.pem").startswith("-----BEGIN")
    assert machine.file("rookery/first-boot.done").exists()


def test_whoever_misspells_the_role_gets_in_and_is_asked_again(machine):
    (machine.credentials / "rookery.settings").write_text(f"role = databse\nhost = db.example\nkey = {KEY}\n")
    done = machine.boot()
    assert done.returncode == 1 and "databse" in machine.notices()[0] and "databse" in done.stderr
    assert machine.text("rookery/operator.keys") == KEY + "\n" and machine.text("hostname") == "db.example\n"
    assert not machine.file("rookery/first-boot.done").exists()
    assert machine.take("role = database", f"key = {KEY}") == []
    assert machine.file("rookery/database-is-offered").exists()


def test_a_broken_certificate_does_not_lock_out(machine):
    notices = machine.take("role = app", "database_ca = LS0t!", f"key = {KEY}")
    assert len(notices) == 1 and "database_ca" in notices[0]
    assert machine.text("rookery/operator.keys") == KEY + "\n"
    assert machine.file("rookery/database-is-elsewhere").exists()
    assert "backup_cluster" not in machine.conf.read_text() and not machine.file("rookery/database-ca.pem").exists()


def test_lines_end_as_other_systems_end_them(machine):
    text = f"host = host.example\r\nkey = {KEY}\r\nconf.smtp_server = \"smtp://mail.example:587\";\r\n"
    (machine.root / "efi/rookery.settings").write_bytes(b"\xef\xbb\xbf" + text.encode())
    machine.boot()
    assert machine.notices() == [] and machine.text("hostname") == "host.example\n"
    assert machine.text("rookery/operator.keys") == KEY + "\n"
    assert machine.conf.read_text().endswith('smtp_server = "smtp://mail.example:587";\n')


def test_the_doctor_looks_at_the_authority_of_the_settings(machine):
    assert machine.take("acme = https://ca.example/dir", "email = a@b.example") == []
    assert "acme_ca https://ca.example/dir\n" in machine.text("caddy/global.d/settings.conf")
    assert 'acme_directory = "https://ca.example/dir";\n' in machine.conf.read_text()


def hash_of(line):
    return "$2a$14$/" + hashlib.sha256(line.encode()).hexdigest()[:52]


SCRAPERS = ("metrics = 10.0.0.7", "metrics = 2001:db8::/64")


def test_numbers_are_for_those_who_are_named(machine):
    """What the proxy would refuse is told, since it would refuse all else with it."""
    notices = machine.take(*SCRAPERS, "metrics = 1.2.3", "metrics = 10.0.0.0/99", "metrics = prometheus.example",
                           "metrics = 10.0.0.9 {")
    assert [one.split('"')[:2] for one in notices] == [
        ["metrics: ", value] for value in ("1.2.3", "10.0.0.0/99", "prometheus.example", "10.0.0.9 {")]
    site, password = machine.text("caddy/sites.d/metrics.conf"), machine.text("rookery/metrics.password")
    assert "\t\tremote_ip 10.0.0.7 2001:db8::/64\n\t\tpath /metrics /metrics/process\n" in site
    assert len(password) == 49 and f"\t\t\tprometheus {hash_of(password)}\n" in site
    for name, mode in (("rookery/metrics.password", 0o600), ("caddy/sites.d/metrics.conf", 0o640)):
        assert machine.file(name).stat().st_mode & 0o777 == mode
    assert f"chown root:caddy {machine.file('caddy/sites.d/metrics.conf')}\n" in machine.asked.read_text()


def test_numbers_may_have_a_password_of_ones_own(machine):
    file = machine.root / "efi/rookery.settings"
    file.write_text("\n".join([*SCRAPERS, "metrics_password = hidden-$2|&twelve"]) + "\n")
    machine.boot()
    assert machine.notices() == [] and machine.text("rookery/metrics.password") == "hidden-$2|&twelve\n"
    assert hash_of("hidden-$2|&twelve\n") in machine.text("caddy/sites.d/metrics.conf")
    left = file.read_text()
    assert "hidden" not in left and SCRAPERS[1] in left


def test_a_password_that_cannot_be_one_is_not_shown(machine):
    notices = machine.take(*SCRAPERS, "metrics_password = short")
    assert len(notices) == 1 and notices[0].startswith("metrics_password: ") and "short" not in notices[0]
    assert len(machine.text("rookery/metrics.password")) == 49


def test_nobody_who_is_not_named_gets_numbers(machine):
    assert machine.take("metrics_password = twelve-letters", f"key = {KEY}") == []
    assert not machine.file("caddy/sites.d").exists() and not machine.file("rookery/metrics.password").exists()


def test_a_database_alone_has_no_numbers(machine):
    [notice] = machine.take("role = database", *SCRAPERS)
    assert notice.startswith("metrics: ") and not machine.file("caddy/sites.d").exists()


def test_a_proxy_that_makes_no_hash_costs_the_numbers_alone(machine):
    machine.fake(machine.bin / "caddy", "[ $1 = validate ]")
    [notice] = machine.take(*SCRAPERS, "domain = birds.example")
    assert notice.startswith("metrics: ") and not machine.file("caddy/sites.d").exists()
    assert machine.text("rookery/first-domain") == "birds.example\n"


def test_the_proxy_reads_what_is_written_for_it(machine):
    """The true one, where it is installed."""
    proxy = shutil.which("caddy")
    if not proxy:
        return
    (machine.bin / "caddy").unlink()
    notices = machine.take(*SCRAPERS, "metrics = 10.0.0.0/99", "email = me@example.org")
    assert len(notices) == 1 and "10.0.0.0/99" in notices[0]
    file = machine.root / "Caddyfile"
    file.write_text((lab.ROOT / "image/extra/etc/caddy/Caddyfile").read_text()
                    .replace("/etc/caddy/", f"{machine.file('caddy')}/"))
    done = subprocess.run([proxy, "adapt", "--validate", "--config", file], env={"HOME": str(machine.root)},
                          text=True, capture_output=True, check=False)
    assert done.returncode == 0 and '":9180"' in done.stdout and '"prometheus"' in done.stdout, done.stderr


def test_secrets_do_not_stay_on_the_boot_partition(machine):
    file = machine.root / "efi/rookery.settings"
    file.write_text(f"\ufeffcredential.rookery.a = hidden\nhost = host.example\n"
                    f"  credential.rookery.smtp_password = hidden\ncertificate_key = {PEM}\n"
                    f"key = {KEY}\n")
    machine.boot()
    assert machine.text("credstore/rookery.smtp_password") == "hidden"
    left = file.read_text()
    assert "hidden" not in left and PEM not in left and "host = host.example\n" in left and KEY in left
    assert [one.name for one in file.parent.iterdir()] == ["rookery.settings"]


def test_a_network_without_dhcp(machine):
    assert machine.take("address = 192.0.2.7/24", "address = 2001:db8::7/64", "gateway = 192.0.2.1",
                        "gateway = fe80::1", "dns = 192.0.2.53", "dns = 2001:db8::53") == []
    text = machine.text("systemd/network/70-settings.network")
    for line in ("Address=192.0.2.7/24", "Address=2001:db8::7/64", "DNS=192.0.2.53", "DNS=2001:db8::53"):
        assert line in text.split("[Route]")[0].splitlines()
    assert [part.split() for part in text.split("[Route]\n")[1:]] == [
        ["GatewayOnLink=yes", "Gateway=192.0.2.1"], ["GatewayOnLink=yes", "Gateway=fe80::1"]]
    assert "DHCP=yes" not in text and "networkctl reload" in machine.asked.read_text()


def test_addresses_that_are_none_are_told(machine):
    notices = machine.take("address = 192.0.2.7", "gateway = router", "dns = 192.0.2.53")
    assert [one.split(":")[0] for one in notices] == ["address", "gateway"]
    assert "DHCP=yes\nDNS=192.0.2.53\n" in machine.text("systemd/network/70-settings.network")


# Volumes and clouds

def volume(machine, label, **files):
    for name, text in files.items():
        path = machine.root / "dev/disk/by-label" / label / name.replace("__", "/").replace("DASH", "-")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_volume_with_settings_and_a_key_beside(machine):
    volume(machine, "CIDATA", userDASHdata="#rookery\r\nhost = host.example\r\n",
           metaDASHdata=f"public-keys:\n  - {KEY} panel\n")
    assert "settings from a volume" in machine.boot().stdout
    assert machine.text("hostname") == "host.example\n" and machine.text("rookery/operator.keys") == KEY + "\n"


def test_a_volume_of_somebody_else_is_not_taken(machine):
    volume(machine, "config-2", openstack__latest__user_data=f"#cloud-config\nkey = {KEY}\n")
    assert "no settings yet" in machine.boot().stdout
    assert not machine.file("rookery/operator.keys").exists() and not machine.file("rookery/first-boot.done").exists()


@contextlib.contextmanager
def cloud(pages, token=None, header=None):
    """Answers as a cloud does: pages by path; a token to ask for, or a header to bring."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self, status, body=b""):
            asked.append((self.command, self.path, status))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_PUT(self):  # pylint: disable=invalid-name
            if token and self.path == token[0] and self.headers[token[1]]:
                return self.answer(200, b"secret-token==")
            return self.answer(405)

        def do_GET(self):  # pylint: disable=invalid-name
            if token and self.headers[token[2]] != "secret-token==":
                return self.answer(401)
            if header and self.headers[header[0]] != header[1]:
                return self.answer(400)
            body = pages.get(self.path)
            return self.answer(404) if body is None else self.answer(200, body.encode())

        def log_message(self, *_):  # pylint: disable=arguments-differ
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


SETTINGS = "#rookery\nhost = host.example\n"
CODED = base64.b64encode(SETTINGS.encode()).decode()
AZURE = "/metadata/instance/compute/{}?api-version=2021-01-01&format=text"
ATTRIBUTES = "/computeMetadata/v1/{}/attributes/{}"
CLOUDS = {
    "Amazon": ({"/latest/user-data": SETTINGS, "/latest/meta-data/public-keys/0/openssh-key": KEY + " mine\n"},
               {"token": ("/latest/api/token", "X-aws-ec2-metadata-token-ttl-seconds", "X-aws-ec2-metadata-token")}),
    "like Amazon": ({"/latest/user-data": SETTINGS, "/latest/meta-data/public-keys/0/openssh-key": KEY}, {}),
    "Google": ({ATTRIBUTES.format("instance", "user-data"): SETTINGS,
                ATTRIBUTES.format("project", "ssh-keys"): f"me:{KEY} me\n"
                f'x:{OTHER_KEY} google-ssh {{"userName":"x","expireOn":"2026-01-01T00:00:00+0000"}}\n'},
               {"header": ("Metadata-Flavor", "Google")}),
    "Azure": ({AZURE.format("userData"): CODED, AZURE.format("publicKeys/0/keyData"): KEY + "\r\n"},
              {"header": ("Metadata", "true")}),
    "Hetzner": ({"/hetzner/v1/userdata": SETTINGS, "/hetzner/v1/metadata/public-keys": f'["{KEY} me"]'}, {}),
    "DigitalOcean": ({"/metadata/v1/user-data": SETTINGS, "/metadata/v1/public-keys": KEY}, {}),
    "OpenStack": ({"/openstack/latest/user_data": SETTINGS,
                   "/openstack/latest/meta_data.json": f'{{"uuid": "1", "public_keys": {{"me": "{KEY} me\\n"}}, '
                   f'"keys": [{{"data": "{KEY} me", "name": "me"}}]}}'}, {}),
    "Oracle": ({"/opc/v2/instance/metadata/user_data": CODED, "/opc/v2/instance/metadata/ssh_authorized_keys": KEY},
               {"header": ("Authorization", "Bearer Oracle")}),
    "Akamai": ({"/v1/user-data": CODED, "/v1/ssh-keys": f"users.root: {KEY}\n"},
               {"token": ("/v1/token", "Metadata-Token-Expiry-Seconds", "Metadata-Token")}),
}


@pytest.mark.parametrize("name", CLOUDS)
def test_a_cloud_tells_settings_and_the_key_that_was_picked(machine, name):
    pages, guard = CLOUDS[name]
    with cloud(pages, **guard) as (base, _):
        said = machine.boot(base).stdout
    assert f"a cloud answers: {name}\n" in said and "settings from the cloud" in said
    assert machine.text("hostname") == "host.example\n" and machine.text("rookery/operator.keys") == KEY + "\n"
    assert machine.file("rookery/first-boot.done").exists() and machine.notices() == []


def test_a_key_of_the_settings_counts_alone(machine):
    pages = {"/hetzner/v1/userdata": f"{SETTINGS}key = {OTHER_KEY}\n", "/hetzner/v1/metadata/public-keys": KEY}
    with cloud(pages) as (base, _):
        machine.boot(base)
    assert machine.text("rookery/operator.keys") == OTHER_KEY + "\n"


def test_a_key_without_settings_lets_in_and_the_search_goes_on(machine):
    with cloud({"/metadata/v1/public-keys": KEY, "/metadata/v1/user-data": "#!/bin/sh\nreboot\n"}) as (base, _):
        assert "no settings yet" in machine.boot(base).stdout
    assert machine.text("rookery/operator.keys") == KEY + "\n" and not machine.file("rookery/first-boot.done").exists()
    # What the operator has there stays.
    with cloud({"/metadata/v1/public-keys": OTHER_KEY}) as (base, _):
        machine.boot(base)
    assert machine.text("rookery/operator.keys") == KEY + "\n"


def test_a_cloud_that_says_too_much_says_nothing(machine):
    with cloud({"/latest/user-data": SETTINGS + "#" * 70000}) as (base, _):
        assert "no settings yet" in machine.boot(base).stdout
    assert machine.text("hostname") == ""


def test_who_brought_settings_asks_no_cloud(machine):
    """Somebody in the network could answer in its place."""
    with cloud({"/metadata/v1/public-keys": KEY}) as (base, asked):
        (machine.credentials / "rookery.settings").write_text("host = host.example\n")
        machine.boot(base)
    assert asked == [] and not machine.file("rookery/operator.keys").exists()


def test_whoever_is_in_no_cloud_learns_it_soon(machine):
    begun = time.monotonic()
    assert "no settings yet" in machine.boot("http://127.0.0.1:9").stdout
    assert time.monotonic() - begun < 5 * lab.PATIENCE


# The end of the search

@pytest.mark.parametrize("operators, domains, ends", [
    ("[]", "[]", False), ('[{"id":1}]', "[]", True), ("[]", '[{"name":"birds.example"}]', True)])
def test_nobody_tells_anything_to_a_machine_that_is_somebodys(machine, operators, domains, ends):
    machine.fake(machine.bin / "rookery", f"case $1 in operator) echo '{{\"operators\":{operators}}}' ;;\n"
                 f"domain) echo '{{\"domains\":{domains}}}' ;; esac")
    assert machine.run("first-boot-end", machine.root).returncode == 0
    volume(machine, "CIDATA", userDASHdata=f"#rookery\nkey = {KEY}\n")
    machine.boot()
    assert machine.file("rookery/operator.keys").exists() == (not ends)
    assert ("stop rookery-first-boot-end.timer" in machine.asked.read_text()) == ends


def test_a_database_that_is_away_ends_no_search(machine):
    machine.fake(machine.bin / "rookery", "exit 5")
    assert machine.run("first-boot-end", machine.root).returncode == 0
    assert not machine.file("rookery/first-boot.done").exists()


def test_the_answers_are_those_of_the_program(site, machine):
    """What first-boot-end looks for in them."""
    site.rookery("user", "add", "keeper@example.org")
    site.rookery("operator", "add", "keeper@example.org")
    environment = {**site.environment(), "PATH": f"{machine.bin}:/usr/bin:/bin"}
    subprocess.run(["sh", SCRIPTS / "first-boot-end", machine.root], check=True, env=environment)
    assert machine.file("rookery/first-boot.done").exists()


# The first domain

@pytest.mark.parametrize("status, is_tried_again", [(2, False), (4, False), (1, True), (5, True)])
def test_a_first_domain_that_cannot_be_one_is_told(machine, status, is_tried_again):
    machine.file("rookery/first-domain").write_text("not a name\n")
    machine.fake(machine.bin / "rookery", "case $2 in list) echo '{\"domains\":[]}' ;;\n"
                 f"add) echo 'rookery: no such name' >&2; exit {status} ;; esac")
    done = machine.run("first-domain", machine.root)
    assert (done.returncode != 0) == is_tried_again == machine.file("rookery/first-domain").exists()
    told = machine.text("rookery/notices/first-domain")
    assert ("not a name" in told and "no such name" in told) == (not is_tried_again)


def test_a_first_domain_is_added(site, machine):
    environment = {**site.environment(), "PATH": f"{machine.bin}:/usr/bin:/bin"}
    for name in ("first.example", "first.example", "-x-"):
        machine.file("rookery/first-domain").write_text(f"{name}\n")
        subprocess.run(["sh", SCRIPTS / "first-domain", machine.root], check=True, env=environment)
    domains = {one["name"]: one["state"] for one in site.rookery("domain", "list")["domains"]}
    assert domains["first.example"] == "active" and "-x-" not in domains
    assert "-x-" in machine.text("rookery/notices/first-domain")


def test_a_database_that_is_away_fails_the_first_domain_and_it_is_tried_again():
    unit = (lab.ROOT / "image/extra/usr/lib/systemd/system/rookery-first-domain.service").read_text()
    assert "Wants=rookery-migrate.service\n" in unit and "\nRequires=" not in unit and "\nRestart=on-failure\n" in unit


# Beside

def test_a_database_is_not_made_inside_of_another_thing(machine):
    data, bin_path = machine.root / "main", machine.root / "bin"
    bin_path.mkdir()
    machine.fake(bin_path / "initdb", 'mkdir "${1#--pgdata=}"; touch "${1#--pgdata=}/PG_VERSION"')
    data.mkdir()
    (data / "base").write_text("")
    done = machine.run("database-prepare", bin_path, bin_path, PGDATA=str(data))
    assert done.returncode == 1 and "PG_VERSION" in done.stdout and os.listdir(data) == ["base"]
    (data / "base").unlink()
    assert machine.run("database-prepare", bin_path, bin_path, PGDATA=str(data)).returncode == 0
    assert (bin_path / "options").read_text().startswith("-c listen_addresses= ")
    assert (data / "PG_VERSION").exists() and not (machine.root / "main.new").exists()


def test_without_a_certificate_there_is_no_set_up_and_all_else(machine):
    place, site = machine.root / "caddy", machine.root / "setup.caddy"
    site.write_text("")
    machine.fake(machine.bin / "openssl", "exit 1")
    assert machine.run("setup-certificate", place, site).returncode != 0
    assert list((place / "sites.d").iterdir()) == []
    (machine.bin / "openssl").unlink()
    for _ in range(2):
        assert machine.run("setup-certificate", place, site).returncode == 0
    assert (place / "sites.d/setup.conf").resolve() == site.resolve()
    assert (place / "setup.key").stat().st_size and (place / "setup.crt").stat().st_size
    # One of before, whose disk was full while it was made.
    (place / "setup.crt").write_text("")
    machine.fake(machine.bin / "openssl", "exit 1")
    assert machine.run("setup-certificate", place, site).returncode != 0 and list((place / "sites.d").iterdir()) == []
    unit = (lab.ROOT / "image/extra/usr/lib/systemd/system/caddy.service").read_text()
    assert "ExecStartPre=-/usr/lib/rookery/setup-certificate\n" in unit


def test_a_key_is_added_by_hand(machine):
    keys = machine.root / "keys"
    for _ in range(2):
        assert machine.run("operator-key", f"{KEY} me", keys).returncode == 0
    assert machine.run("operator-key", "AAAA me", keys).returncode == 1
    assert keys.read_text() == f"{KEY} me\n"


def test_the_journal_is_kept():
    image = lab.ROOT / "image/extra/usr/lib"
    assert "d /var/log/journal 2755 root systemd-journal\n" in (image / "tmpfiles.d/rookery-image.conf").read_text()
    lines = (image / "systemd/journald.conf.d/rookery.conf").read_text().splitlines()
    assert "Storage=persistent" in lines and any(line.startswith("SystemMaxUse=") for line in lines)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The image, built and booted: what an operator and a visitor find. One machine for all, since a boot under
software emulation takes minutes; tests stand in the order of its life, so this file is longer than others."""

import http.client
import json
import re
import shutil
import ssl

import pytest

import elsewhere
from elsewhere import activity
import releases
from database import Database, query, take
from machine import ROOT, Authority, Machine, lacking, run, settings_of, wait_for

DOMAINS = ["kea.example", "weka.example", "tui.example"]
ROBIN = "https://kea.example/@robin@kea.example/"

# All that runs for long: nothing else is in the image that anybody could talk to.
DAEMONS = {
    "postgresql.service", "caddy.service", "rookery-server.service", "rookery-courier.service",
    "rookery-stator@1.service", "rookery-console@tty1.service", "rookery-console@ttyS0.service", "ssh.service",
    "dbus-broker.service", "systemd-journald.service", "systemd-logind.service", "systemd-networkd.service",
    "systemd-resolved.service", "systemd-timesyncd.service", "systemd-udevd.service", "user@0.service",
}
# Started when they are asked, and gone half a minute later.
HELPERS = {"systemd-hostnamed.service", "systemd-timedated.service", "systemd-localed.service"}


@pytest.fixture(scope="module")
def key():
    if reason := lacking():
        pytest.skip(reason)
    key = releases.Key(ROOT / "build/image/test-key")
    yield key
    key.close()


@pytest.fixture(scope="module")
def image(key):
    return releases.build("test1", key)


@pytest.fixture(scope="module")
def folder(key):  # pylint: disable=unused-argument
    folder = ROOT / "build/image/test"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def make_disk(folder):
    """One that outlives a machine."""
    disk = folder / "backup.img"
    with disk.open("wb") as file:
        file.truncate(1 << 30)
    run("mkfs.ext4", "-q", "-L", "backup", disk)
    return disk


@pytest.fixture(scope="module")
def authority(folder):
    authority = Authority(folder, http=18081, https=18443)
    yield authority
    authority.stop()


@pytest.fixture(scope="module")
def machine(image, folder, authority):
    settings = settings_of(authority, domain="kea.example", metrics="10.0.2.15")
    machine = Machine(folder, image, settings, data=make_disk(folder))
    machine.boot()
    yield machine
    machine.destroy()


@pytest.fixture(scope="module")
def shop():
    shutil.rmtree(releases.RELEASE, ignore_errors=True)
    shop = releases.Shop()
    yield shop
    shop.close()


@pytest.fixture(scope="module")
def peer(folder):
    with elsewhere.open_peer(folder) as peer:
        yield peer


def page(machine, authority, name):
    """The log-in page, however long the certificate takes."""
    def answer():
        return machine.get(name, "/auth/login/", authority.root)
    return wait_for(answer, 300)


def refuses(machine, authority, name):
    """Whether a visitor gets no certificate for the name."""
    try:
        machine.get(name, "/", authority.root)
    except (ssl.SSLError, ConnectionError):
        return True
    return False


def test_the_first_boot_leaves_a_whole_machine(machine):
    assert machine.say("hostname") == "host.example"
    assert machine.say("systemctl --failed --plain --no-legend") == ""
    assert [d["state"] for d in machine.tell("rookery domain list")["domains"]] == ["active"]


def test_nothing_else_runs(machine):
    """What one-shot services do at the moment is not running, for systemd."""
    units = machine.say("systemctl list-units --type=service --state=running --plain --no-legend --no-pager")
    assert {line.split()[0] for line in units.splitlines()} - DAEMONS - HELPERS == set()


def test_the_root_is_read_only_and_verified(machine):
    assert machine.try_ssh("touch /usr/bin/new").returncode
    assert "roothash=" in machine.say("cat /proc/cmdline")
    assert machine.say("findmnt --noheadings --output SOURCE /") == "/dev/mapper/root"
    labels = machine.say("lsblk --noheadings --list --output PARTLABEL").split()
    assert labels.count("_empty") == 2 and "rookery-var" in labels


def test_the_settings_were_taken_without_a_mistake(machine):
    assert machine.say("ls -A /etc/rookery/notices") == ""
    assert 'acme_directory = "https://10.0.2.2:14000/dir";' in machine.say("cat /etc/rookery/rookery.conf")
    shown = machine.tell("rookery status --screen")
    assert shown["notices"] == [] and shown["failed"] == [] and shown["console"] == "https://host.example"
    assert {one["kind"] for one in shown["ssh"]} >= {"(ED25519)"}


def test_no_settings_are_looked_for_where_there_is_a_community(machine):
    machine.say("rm /etc/rookery/first-boot.done && systemctl start rookery-first-boot-end")
    machine.say("test -e /etc/rookery/first-boot.done")


def test_no_secret_is_in_the_image(machine):
    machine.say("test -s /etc/ssh/ssh_host_ed25519_key && test -s /etc/machine-id")
    below = machine.say("unshare --mount sh -c 'umount --lazy /etc && ls /etc/ssh && cat /etc/machine-id'")
    assert "ssh_host" not in below
    assert machine.say("cat /etc/machine-id") not in below
    private = machine.say("grep -rl 'PRIVATE KEY' /etc/ssl /usr/lib /usr/share --include=*.key --include=*.pem || true")
    assert private == ""


def test_secrets_are_encrypted_at_the_first_boot(machine):
    """By a key of the disk: this machine has no TPM. The passphrase of backups was made there."""
    stored = {one["name"]: one["stored"] for one in machine.tell("rookery secret list")["secrets"]}
    assert stored["backup_passphrase"] == "sealed by a key of the disk"
    assert machine.say("ls -A /etc/credstore") == ""
    machine.say("rookery secret show backup_passphrase | grep -E '^[a-z0-9]{5}(-[a-z0-9]{5}){7}$'")


def test_a_service_is_given_what_was_set(machine):
    """And a file that the operator put there goes before it, until the next start."""
    machine.say("echo hush | rookery secret set smtp_password && systemctl restart rookery-stator@1")
    assert given(machine) == "hush"
    machine.put("/etc/credstore/rookery.smtp_password", "plain")
    machine.say("systemctl restart rookery-stator@1")
    assert given(machine) == "plain"
    machine.say("systemctl restart rookery-secrets && systemctl restart rookery-stator@1")
    assert given(machine) == "plain" and machine.say("ls -A /etc/credstore") == ""
    machine.say("rookery secret remove smtp_password --yes && systemctl restart rookery-stator@1")
    assert machine.say("ls -A /run/credentials/rookery-stator@1.service 2>/dev/null || true") == ""


def given(machine):
    return machine.say("cat /run/credentials/rookery-stator@1.service/smtp_password")


def test_what_serves_strangers_is_shut_in(machine):
    for unit, most in (("rookery-server", 15), ("rookery-stator@1", 15), ("rookery-courier", 15), ("caddy", 25),
                       ("postgresql", 25)):
        machine.say(f"systemd-analyze security --no-pager --threshold={most} {unit}.service")


def test_a_domain_gets_its_certificate_at_its_first_visit(machine, authority):
    found = page(machine, authority, "kea.example")
    assert found.status_code == 200 and "<form" in found.text
    assert ("DNS", "kea.example") in found.certificate["subjectAltName"]
    assert found.headers["Strict-Transport-Security"].startswith("max-age=")
    assert 'h3=":443"' in found.headers["Alt-Svc"]


def test_the_set_up_is_at_bare_addresses_while_there_is_a_code(machine):
    ask = "curl -ksS --output /dev/null --write-out '%{http_code}' https://10.0.2.15:8443/setup/"
    machine.say("rookery operator code")
    assert machine.say(ask) == "200"
    subject = machine.say("openssl s_client -connect 10.0.2.15:8443 </dev/null 2>/dev/null | grep ^subject")
    assert "Set-up of Rookery" in subject


def test_who_comes_without_tls_is_sent_to_it(machine):
    connection = http.client.HTTPConnection("127.0.0.1", machine.http, timeout=60)
    connection.request("GET", "/about?x=1", headers={"Host": "kea.example"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (308, "https://kea.example/about?x=1")


def test_a_name_that_nobody_added_gets_no_certificate(machine, authority):
    assert refuses(machine, authority, "stranger.example")
    machine.say("rookery domain add claimed.example")
    assert refuses(machine, authority, "claimed.example")
    assert "stranger.example" not in authority.said() and "claimed.example" not in authority.said()


def test_a_second_domain_is_added_with_one_command(machine, authority):
    assert refuses(machine, authority, "weka.example")
    machine.say("rookery domain add weka.example --active")
    found = page(machine, authority, "weka.example")
    assert found.status_code == 200 and "weka.example" in found.text
    assert ("DNS", "weka.example") in found.certificate["subjectAltName"]


def status(machine, *curl):
    """What curl says inside of an answer, or why there is none."""
    done = machine.try_ssh("curl -ksS --max-time 60 --output /dev/null --write-out '%{http_version} %{http_code}' "
                           + " ".join(f"'{word}'" for word in curl))
    return done.stdout.strip() if done.returncode == 0 else done.returncode


REFUSED = 7  # curl's word for it


def test_the_question_for_certificates_is_this_machines_alone(machine):
    """The server's private socket knows more, and nobody else comes as far as this."""
    assert status(machine, "http://127.0.0.1:8009/certificate?look=1&domain=kea.example") == "1.1 200"
    assert status(machine, "http://127.0.0.1:8009/certificate?look=1&domain=stranger.example") == "1.1 404"
    for path in ("/metrics", "/metrics/process", "/healthz", "/readyz", "/certificate/../metrics", "/"):
        assert status(machine, "--path-as-is", f"http://127.0.0.1:8009{path}") == "1.1 404", path
    assert status(machine, "http://10.0.2.15:8009/certificate?look=1&domain=kea.example") == REFUSED
    assert status(machine, "http://10.0.2.15:8009/metrics") == REFUSED
    assert status(machine, "--header", "Host: 127.0.0.1:8009", "http://10.0.2.15/metrics") == "1.1 308"


CLOSED = 52  # likewise: there was no answer


def test_numbers_are_for_those_who_are_named_and_know_the_password(machine):
    """The settings name the machine's own address, and not the one by which it speaks to itself."""
    password = machine.say("cat /etc/rookery/metrics.password")

    def ask(path, *words, address="10.0.2.15"):
        return status(machine, "--http1.1", "--path-as-is", "--resolve", f"host.example:9180:{address}", *words,
                      f"https://host.example:9180{path}")

    log_in = ["--user", f"prometheus:{password}"]
    wait_for(lambda: ask("/metrics", *log_in) == "1.1 200", 300)
    assert ask("/metrics/process", *log_in) == "1.1 200"
    assert ask("/metrics") == ask("/metrics", "--user", "prometheus:guessed") == "1.1 401"
    for path in ("/", "/certificate?look=1&domain=kea.example", "/metrics/../certificate", "/healthz"):
        assert ask(path, *log_in) == CLOSED, path
    assert ask("/metrics", *log_in, address="127.0.0.1") == CLOSED
    assert ask("/metrics", *log_in, "--header", "X-Forwarded-For: 10.0.2.15", address="127.0.0.1") == CLOSED
    names = machine.say("openssl s_client -connect 10.0.2.15:9180 -servername host.example </dev/null 2>/dev/null | "
                        "openssl x509 -noout -ext subjectAltName")
    assert "DNS:host.example" in names
    assert machine.say("stat --format '%a %U %G' /etc/rookery/metrics.password /etc/caddy/sites.d/metrics.conf") == \
        "600 root root\n640 root caddy"
    assert password not in machine.say("cat /etc/caddy/sites.d/metrics.conf")


def test_the_server_knows_what_each_service_takes(machine):
    """Shut in as it is, the service manager tells it."""
    text = machine.say("curl -fsS --unix-socket /run/rookery/admin.sock http://admin/metrics")
    for unit in ("rookery-server", "rookery-stator@1", "rookery-courier", "caddy", "postgresql"):
        assert re.search(rf'^rookery_unit_memory_bytes{{unit="{unit}"}} [1-9]', text, re.M), unit
        assert re.search(rf'^rookery_unit_cpu_seconds_total{{unit="{unit}"}} [0-9]', text, re.M), unit
    assert "\nrookery_machine_failed_units 0\n" in text


def test_each_version_of_http_is_spoken(machine):
    for option, version in (("--http1.1", "1.1"), ("--http2", "2"), ("--http3-only", "3")):
        said = status(machine, option, "--resolve", "kea.example:443:10.0.2.15", "https://kea.example/auth/login/")
        assert said == f"{version} 200", option


def serial(machine, name):
    """Of the certificate that a visitor is shown."""
    return machine.say(f"openssl s_client -connect 10.0.2.15:443 -servername {name} </dev/null 2>/dev/null | "
                       "openssl x509 -noout -serial")


def test_a_certificate_of_ones_own_and_the_automatic_one_again(machine):
    before = serial(machine, "weka.example")
    place = machine.say("mktemp --directory")
    machine.say("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj /CN=weka.example "
                "-set_serial 0x4b4541 -addext subjectAltName=DNS:weka.example "
                f"-keyout {place}/own.key -out {place}/own.crt")
    made = machine.tell(f"rookery domain certificate weka.example --cert={place}/own.crt --key={place}/own.key")
    assert made["automatic"] is False
    assert serial(machine, "weka.example") == "serial=4B4541"
    assert serial(machine, "kea.example") not in (before, "serial=4B4541")
    assert machine.say("stat --format '%a %U %G' /etc/caddy/certificates/weka.example.key") == "640 root caddy"
    assert machine.tell("rookery domain certificate weka.example --remove")["automatic"] is True
    assert serial(machine, "weka.example") == before
    assert machine.say("ls -A /etc/caddy/certificates") == ""
    machine.say(f"rm -r {place}")


def why(machine, name):
    return machine.tell(f"rookery domain show {name}")["names"][0]["last_error"]


def test_an_authority_that_fails_stops_nobody_else(machine, authority):
    authority.line.cut()
    machine.say("rookery domain add tui.example --active")
    with pytest.raises(OSError):
        machine.get("tui.example", "/", authority.root, timeout=20)
    for name in ("kea.example", "weka.example"):
        assert machine.get(name, "/auth/login/", authority.root).status_code == 200
    assert "10.0.2.2:14000" in wait_for(lambda: why(machine, "tui.example"), 300)
    assert "10.0.2.2:14000" in machine.say("rookery logs --lines=2000")
    authority.line.mend()
    assert page(machine, authority, "tui.example").status_code == 200
    wait_for(lambda: why(machine, "tui.example") == "", 60)


def test_a_peer_and_a_member_exchange_signed_activities(machine, authority, peer, folder):
    elsewhere.introduce(machine, DOMAINS, authority.root, (folder / "ca.crt").read_text(),
                        (folder / "root.pem").read_text())
    machine.say("rookery user add robin@example.org && rookery identity add robin@kea.example --user robin@example.org")
    elsewhere.befriend(elsewhere.Site(machine, authority.root), peer, peer.actor("ana"), ROBIN)


def test_the_doctor_finds_nothing(machine):
    """Domains are looked at from outside: each is asked for over TLS by its name."""
    found = machine.tell("rookery doctor")["findings"]
    assert [finding for finding in found if not finding["well"]] == []
    assert {name for name in DOMAINS if name in json.dumps(found)} == set(DOMAINS)


def test_the_daily_doctor_sees_as_much(machine):
    """Its unit shuts it in, and what it cannot see is no fault of the machine. Who knows of the clock is started by the
    first question."""
    corrected = machine.say("timedatectl show -p NTPSynchronized --value").strip() == "yes"
    machine.say("systemctl start rookery-doctor.service")
    said = machine.say("journalctl -b -o cat -u rookery-doctor.service")
    assert "MiB are available" in said and "nobody knows how much there is" not in said
    assert ("nothing synchronises the clock" in said) != corrected


@pytest.fixture
def post(peer):  # pylint: disable=unused-argument
    post = elsewhere.open_post()
    yield post
    post.close()


def test_operators_get_a_letter_when_the_checks_fail(machine, post):
    """Of the unit that failed, by systemd's word: a community's name leads nowhere."""
    conf = "/etc/rookery/rookery.conf"
    machine.say(f"cp -p {conf} {conf}.kept && printf '%s = \"%s\";\\n' smtp_server {post.url} "
                f"mail_from post@kea.example >>{conf}")
    machine.say("rookery operator add robin@example.org && rookery domain add lost.example --active")
    assert machine.try_ssh("systemctl start rookery-doctor.service").returncode
    letter = wait_for(lambda: post.letters[:1], 300)[0]
    assert letter.to == "robin@example.org" and "rookery-doctor: dns" in letter.subject
    assert "lost.example" not in letter.text
    wait_for(lambda: machine.say("systemctl list-jobs --no-legend") == "", 120)
    machine.say(f"mv {conf}.kept {conf} && rookery domain suspend lost.example && systemctl reset-failed")


# Backups

@pytest.fixture(scope="module")
def backed_up():
    return []


PASSPHRASE = "kakapo-kiwi-tui-weka-moa-hihi"
REPOSITORY = 'backup_repository = "/var/lib/rookery/backup";'


def mount_backups(machine):
    place = "/var/lib/rookery/backup"
    machine.say(f"echo '/dev/disk/by-label/backup {place} ext4 nofail,nodev,nosuid,noexec' >>/etc/fstab")
    machine.say(f"systemctl daemon-reload && mount {place} && chown postgres: {place}")
    machine.say("systemctl restart rookery-backup-prepare")


def ask_database(machine, statement):
    return machine.say(f'runuser -u postgres -- psql -XAtc "{statement}" rookery')


def people(machine):
    """What a restore has to bring back: who is there, who follows whom, what was written, and keys."""
    return (machine.tell("rookery domain list"), machine.tell("rookery user list"), [
        ask_database(machine, statement) for statement in (
            "select count(*) from follows",
            "select string_agg(md5(object_uri || content), ' ' order by id) from posts",
            "select string_agg(md5(private_der::text), ' ' order by id) from identity_keys")])


def archive_all(machine):
    """The database's log up to now is in the repository."""
    segment = ask_database(machine, "select pg_walfile_name(pg_switch_wal())")
    wait_for(lambda: ask_database(machine, "select last_archived_wal from pg_stat_archiver") >= segment, 300)


def test_a_backup_is_made_on_another_disk(machine):
    machine.say(f"echo '{REPOSITORY}' >>/etc/rookery/rookery.conf")
    machine.put("/etc/credstore/rookery.backup_passphrase", PASSPHRASE)
    mount_backups(machine)
    machine.say("systemctl start rookery-backup")
    made = {row["kind"]: row["result"] for row in machine.tell("rookery backup list")["backups"]}
    assert made["configuration"] == "done" and set(made.values()) == {"done"}, "root's part handed it over"
    assert machine.say("systemctl --failed --plain --no-legend") == ""


# Versions

def state(machine):
    """What may never be lost."""
    return [machine.say(command) for command in (
        "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub", "cat /etc/machine-id",
        "rookery secret show backup_passphrase", "psql -XAtc 'select count(*) from follows' rookery "
        "--username=rookery_host")] + [machine.tell("rookery domain list")]


def version(machine):
    return machine.say(". /etc/os-release; echo $IMAGE_VERSION")


def kernels(machine):
    return machine.say("ls /boot/EFI/Linux").split()


def test_a_release_of_somebody_else_is_refused(machine, key, shop, folder):
    releases.build("test2", key, releases.GROWN)
    stranger = releases.Key(folder / "stranger")
    releases.publish("test2", stranger)
    stranger.close()
    done = machine.try_ssh(f"rookery update --from={releases.ADDRESS} --json")
    assert done.returncode == 1, done.stdout + done.stderr
    assert machine.say("lsblk --noheadings --list --output PARTLABEL").split().count("_empty") == 2
    assert kernels(machine) == ["rookery_test1.efi"]


def versions(machine):
    """What the screen says of them."""
    return machine.tell("rookery status --screen")["versions"]


def test_the_operator_is_told_of_a_newer_version(machine, key, shop):
    """It looks where the image was built to look."""
    releases.publish("test2", key)
    assert versions(machine) == {"running": "test1"}
    machine.say("systemctl is-active rookery-update-check.timer && systemctl start rookery-update-check.service")
    assert versions(machine) == {"running": "test1", "offered": "test2"}
    assert "test2 is there" in machine.say("rookery doctor || true")
    found = machine.tell("rookery update --check")
    assert (found["source"], found["running"], found["available"]) == (releases.ADDRESS, "test1", "test2")
    assert kernels(machine) == ["rookery_test1.efi"]


def test_versions_may_come_from_a_directory(machine, shop):
    """Wherever it is: who reads it has a /tmp of its own. Looking needs the list alone."""
    machine.say(f"mkdir /tmp/shelf && cd /tmp/shelf && curl -fsS -O {releases.ADDRESS}/SHA256SUMS "
                f"-O {releases.ADDRESS}/SHA256SUMS.gpg")
    assert machine.tell("rookery update --check --from=/tmp/shelf")["available"] == "test2"


def test_an_update_stands_beside_the_version_that_runs(machine, shop):
    assert machine.tell("rookery update")["installed"] == "test2"
    assert versions(machine) == {"running": "test1", "next": "test2"}
    # And may be taken back; most of it stays for when it is wanted again.
    assert machine.tell("rookery rollback")["taken_back"] == "test2"
    assert kernels(machine) == ["rookery_test1.efi"]
    assert machine.tell("rookery update")["installed"] == "test2"
    assert kernels(machine) == ["rookery_test1.efi", "rookery_test2+3-0.efi"]
    assert {"rookery_test1", "rookery_test2"} <= set(
        machine.say("lsblk --noheadings --list --output PARTLABEL").split())


def test_it_runs_from_the_next_start_on_and_nothing_is_lost(machine, authority):
    before = state(machine)
    certificate = page(machine, authority, "kea.example").certificate["serialNumber"]
    machine.restart()
    assert version(machine) == "test2"
    assert state(machine) == before
    # What was said before it is there.
    assert len(re.findall(r"^ *-?[0-9]+ [0-9a-f]{32} ", machine.say("journalctl --list-boots --no-pager"), re.M)) > 1
    assert machine.say("stat --format '%a %U %G' /var/log/journal") == "2755 root systemd-journal"
    assert page(machine, authority, "kea.example").certificate["serialNumber"] == certificate
    wait_for(lambda: "rookery_test2.efi" in kernels(machine))
    assert machine.say("systemctl --failed --plain --no-legend") == ""
    assert machine.say("journalctl --boot=-1 --quiet --no-pager --lines=1 --unit=rookery-server")
    # What the version before needs of the schema stays while it can be gone back to.
    schema = machine.tell("rookery schema")
    assert schema["version"] == 9001 and schema["oldest"] <= schema["known"] < 9001
    written = machine.say("cat /var/lib/rookery/versions/state").splitlines()
    assert written == ["running test2", "worked test1", f"keep {schema['known']}"]
    machine.say("systemctl start rookery-contract")


def test_the_operator_goes_back(machine):
    before = state(machine)
    assert machine.tell("rookery rollback")["installed"] == "test1"
    machine.restart()
    assert version(machine) == "test1"
    assert state(machine) == before
    assert versions(machine) == {"running": "test1", "left": "test2"}


def test_the_version_before_works_on_the_newer_schema(machine, authority, peer, backed_up):
    site, bea = elsewhere.Site(machine, authority.root), peer.actor("bea")
    assert machine.tell("rookery schema")["version"] == 9001
    elsewhere.befriend(site, peer, bea, ROBIN)
    note = activity.note(bea, "hello", tag=[activity.mention(ROBIN)])
    assert bea.send(site, f"{ROBIN}inbox/", activity.create(bea, note)).status_code == 202
    stored = f"select later from posts where object_uri = '{note['id']}'"
    assert wait_for(lambda: ask_database(machine, stored), 300) == "x"
    backed_up.append(people(machine))
    # One more thing comes to be after a moment that is told by it.
    backed_up.append(machine.say("sleep 2; date --utc +%Y-%m-%dT%H:%M:%SZ; sleep 2"))
    machine.say("rookery user add later@example.org")
    backed_up.append(people(machine))
    archive_all(machine)


def test_a_version_that_was_left_may_come_again(machine):
    """It is on trial as at first, and taken back as well."""
    assert machine.tell("rookery rollback")["installed"] == "test2"
    assert kernels(machine) == ["rookery_test1.efi", "rookery_test2+3-0.efi"]
    assert machine.tell("rookery rollback")["taken_back"] == "test2"
    assert kernels(machine) == ["rookery_test1.efi", "rookery_test2+0-1.efi"]


def test_a_version_that_does_not_work_is_left_by_itself(machine, key, shop):
    """It has one try here instead of three, since each takes minutes."""
    before = state(machine)
    releases.build("test3", key, releases.BROKEN)
    releases.publish("test3", key)
    assert machine.tell(f"rookery update --from={releases.ADDRESS}")["installed"] == "test3"
    assert kernels(machine) == ["rookery_test1.efi", "rookery_test3+3-0.efi"]
    machine.say("cd /boot/EFI/Linux && mv rookery_test3+3-0.efi rookery_test3+1-2.efi")
    machine.restart(boots=2)
    assert version(machine) == "test1"
    assert kernels(machine) == ["rookery_test1.efi", "rookery_test3+0-3.efi"]
    assert state(machine) == before
    assert versions(machine) == {"running": "test1", "failed": "test3"}
    assert "test3 did not work" in machine.say("rookery doctor || true")
    assert "rookery-healthy" in machine.say("journalctl --boot=-1 --quiet --no-pager --unit=rookery-fall-back")
    done = machine.try_ssh("rookery rollback --json")
    assert done.returncode == 4 and "did not work" in done.stdout


# Another machine

def test_a_machine_may_have_its_settings_from_a_volume_and_its_database_elsewhere(machine, image, folder):
    machine.destroy()
    database = Database(folder, folder / "acme.pem", folder / "acme.key")
    other = Machine(folder / "other", image, "host = app.example\ndomain = moa.example\n"
                    + database.settings(folder / "root.pem"), cloud=True)
    try:
        other.boot()
        assert other.say("hostname") == "app.example"
        assert "settings from a volume" in other.say("journalctl --no-pager --unit rookery-first-boot")
        assert other.try_ssh("systemctl is-active postgresql").stdout.strip() == "inactive"
        assert other.say("systemctl --failed --plain --no-legend") == ""
        assert database.value("select name from domains") == "moa.example"
        # Its four passwords are on no disk as they are.
        assert other.say("ls -A /etc/credstore") == "" and "secret of" not in other.say("cat /etc/rookery/sealed/*")
        assert [one["name"] for one in other.tell("rookery domain list")["domains"]] == ["moa.example"]
        # The console has a role of its own, with a password of its own.
        other.say("rookery operator code")
        assert other.say("curl -sS -o /dev/null -w '%{http_code}' --unix-socket /run/rookery/http.sock "
                         "http://app.example/setup/") == "200"
    finally:
        other.destroy()
        database.close()


def test_a_machine_may_be_the_database_of_others(machine, image, folder):
    machine.destroy()
    other = Machine(folder / "database", image, "host = db.example\nrole = database\npostgres.max_connections = 300\n",
                    ready="systemctl is-active rookery-healthy")
    try:
        other.boot()
        assert other.say("systemctl --failed --plain --no-legend") == ""
        assert other.say("systemctl list-units --state=active --plain --no-legend 'rookery-server*' 'rookery-courier*' "
                         "'rookery-stator*' caddy") == ""
        conninfo, port = take(other.say("/usr/lib/rookery/app-settings"), folder), other.database
        for role in ("owner", "server", "stator", "host"):
            assert query(conninfo(role, port), "select current_user") == (True, f"rookery_{role}"), role
        assert query(conninfo("host", port), "select count(*) from domains") == (True, "0")
        assert query(conninfo("server", port), "show max_connections") == (True, "300")
        for changes, objection in (({"sslmode": "disable"}, "no pg_hba.conf entry"),
                                   ({"password": "guessed"}, "password authentication failed"),
                                   ({"host": "other.example"}, "does not match host name"),
                                   ({"user": "postgres"}, "no pg_hba.conf entry")):
            content, words = query(conninfo("host", port, **changes), "select 1")
            assert not content and objection in words
    finally:
        other.destroy()


def test_a_backup_is_restored_onto_a_new_machine(machine, image, folder, backed_up):
    machine.destroy()
    settings = f"credential.rookery.backup_passphrase = {PASSPHRASE}\nconf.{REPOSITORY.rstrip(';')}\n"
    other = Machine(folder / "restored", image, settings, cloud=True, data=folder / "backup.img", tpm=True)
    try:
        other.boot()
        stored = {one["name"]: one["stored"] for one in other.tell("rookery secret list")["secrets"]}
        assert stored["backup_passphrase"] == "sealed by the TPM"
        mount_backups(other)
        assert "acme_directory" not in other.say("grep -v '^#' /etc/rookery/rookery.conf")
        said = other.tell("rookery restore configuration --yes")
        put = {row["file"] for row in said["files"] if row["state"].startswith("was put in place")}
        assert {"/etc/rookery/rookery.conf", "/etc/caddy/acme-root.pem"} <= put
        assert 'acme_directory = "https://10.0.2.2:14000/dir";' in other.say("cat /etc/rookery/rookery.conf")
        assert other.say("stat --format '%a %U %G' /etc/caddy/acme-root.pem") == "640 root caddy"
        other.say("test -e /etc/rookery/rookery.conf.before")
        before, moment, last = backed_up
        assert before != last
        for at, state_then in (("", last), (f"--at={moment}", before)):
            other.say(f"rookery restore --yes {at}")
            wait_for(other.is_ready)
            assert people(other) == state_then, "what came after the backup stands in the log"
        assert other.say("systemctl --failed --plain --no-legend") == ""
    finally:
        other.destroy()

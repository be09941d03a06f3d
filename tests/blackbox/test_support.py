# SPDX-License-Identifier: AGPL-3.0-or-later
"""The file for who helps: what it has, and by attack, what is not in it."""

import json
import stat

from harness import activity, work
from harness.api import Api
from harness.world import world_of

MARKERS = ("kakapomarker", "secretaddress@example.org", "ruru@example.org", "toroa@kea.test", "203.0.113.7",
           "198.51.100.77", "2001:db8::77", "hunter2hunter2", "kea.test", "weka.test", "peer1.test", "s3secretmarker",
           "AKIAMARKERMARKER1234", "ruru")
REQUEST = 'req=0123456789abcdef span_id=0123456789abcdef '
JOB = 'req=0123456789abcdef span_id=00000000000000ff parent_span_id=0123456789abcdef event=job '
LINES = f"""<6>{REQUEST}domain=1 event=request method=POST route="/api/v1/statuses" status=200 ms=3
<4>event=mail message="kakapomarker said ruru@example.org"
<3>{JOB}type=post id=7 state=new error=-5 message="q: kakapomarker" ruru=1 type=kakapo
<4>event=disk volume=media percent=91 level=warn was=well actor=https://peer1.test/users/ruru
<4>event=x reason="from 198.51.100.77 or 2001:db8::77" why="x" type=kakapomarker@x
kakapomarker without any form, hunter2hunter2
<6>event=login type=password state="a" error="token 9f86d081884c7d659a2feaa0c55ad015" id=secretaddress@example.org
"""


def bundle(site, path):
    said = site.rookery("support", f"--output={path}")
    assert said["file"] == str(path) and said["bytes"] == path.stat().st_size
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    return json.loads(path.read_text())


def test_what_is_in_it(site, tmp_path):
    site.stator.start()
    site.options["log_files"] = str(site.server.log_path)
    made = bundle(site, tmp_path / "support.json")
    assert {"made", "versions", "settings", "status", "doctor", "tables", "slow_statements", "logs"} == set(made)
    assert made["versions"]["schema"] > 50 and made["versions"]["rookery"]
    assert made["settings"]["log_level"] == "debug" and made["settings"]["server_threads"] == 2
    assert made["settings"]["database"] == "(set)" and made["settings"]["smtp_password"] == "(as usual)"
    assert made["status"]["tenants"] == {"active": 2} and made["status"]["stators"] == 1
    assert {"server", "database", "roles"} <= {each["check"] for each in made["doctor"]}
    assert "posts" in {each["name"] for each in made["tables"]}
    assert any("event=start threads=2" in each["line"] for each in made["logs"])
    # One that is there is nobody's to write over.
    assert site.run("rookery", "support", f"--output={tmp_path / 'support.json'}").returncode == 4


def test_nothing_private_is_in_it(site, tmp_path):
    for world in world_of(site):
        world.follower(world.ruru)
        Api(site).post("/api/v1/statuses", status="kakapomarker for @toroa@kea.test", visibility="direct")
        fan = world.actor("ruru")
        world.deliver(fan, activity.create(fan, activity.note(fan, "kakapomarker", to=[world.ruru.uri])))
        site.stator.stop()
    # Rows that fail with what others said, an unreachable mail server, secrets in the settings.
    work.deliveries(site, [("peer1.test", "https://peer1.test/kakapomarker")])
    site.sql("update deliveries set state_error = 'kakapomarker ruru@example.org 198.51.100.77', state_attempts = 3, "
             "state_next_attempt = now() - interval '1 hour' where state = 'waiting'")
    site.sql("update domains set state_error = 'kakapomarker at kea.test from 198.51.100.77'")
    site.sql("update domains set title = 'kakapomarker', description = 'kakapomarker'")
    log = tmp_path / "own.log"
    log.write_text(LINES)
    site.options.update(log_files=f"{log} {site.server.log_path}", media_s3_key="AKIAMARKERMARKER1234",
                        media_s3_secret="s3secretmarker", smtp_password="hunter2hunter2",
                        smtp_server="smtp+plain://198.51.100.77:25", smtp_user="secretaddress@example.org",
                        mail_from="secretaddress@example.org", trusted_proxy="198.51.100.77",
                        worker_name="kakapomarker")
    made = bundle(site, tmp_path / "support.json")
    text = json.dumps(made)
    assert [marker for marker in MARKERS if marker in text] == []
    assert "kakapo" not in text and "9f86d081884c7d659a2feaa0c55ad015" not in text
    # What helps is there all the same.
    lines = [each["line"] for each in made["logs"]]
    assert f'{REQUEST}event=request method=POST route="/api/v1/statuses" status=200 ms=3' in lines
    assert f"{JOB}type=post id=7 state=new error=-5" in lines
    assert any(not each["well"] for each in made["doctor"])


def test_without_a_database(site, tmp_path):
    site.options["database"] = "host=198.51.100.77 dbname=kakapomarker"
    made = bundle(site, tmp_path / "support.json")
    assert made["database"] == "does not answer" and made["versions"]["schema"] > 50
    assert "kakapomarker" not in json.dumps(made) and "198.51.100.77" not in json.dumps(made)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""The installation rests: nobody gets at anything but a page that says so, nothing is sent, no restart ends it."""

import re
import socket

from harness import lab
from harness.api import Api
from harness.browser import Browser
from harness.factors import totp
from harness.fixtures import PASSWORD
from harness.site import Site
from harness.streaming import WebSocket
from harness.wait import wait_for

PAGE = {"Accept": "text/html"}


def rests(site, url="https://kea.test/about/"):
    return site.get(url, headers=PAGE).status_code == 503


def begin(site, *options):
    answer = site.rookery("maintenance", "on", *options)
    wait_for(lambda: rests(site), what="the notice of maintenance")
    return answer


def end(site):
    assert site.rookery("maintenance", "off") == {"maintenance": False}
    wait_for(lambda: not rests(site), what="the end of maintenance")


def upload_begun(site, person):
    """The answer to the head of a large upload, whose body does not come."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=30 * lab.PATIENCE) as connection:
        connection.sendall(f"POST /api/v2/media HTTP/1.1\r\nHost: kea.test\r\nAuthorization: Bearer {person.token}\r\n"
                           "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 8000000\r\n\r\n".encode()
                           + bytes(100000))
        return int(connection.recv(100).split()[1])


def test_all_doors_say_so(site):
    ruru = Api(site)
    about = site.get("https://kea.test/about/", headers=PAGE).text
    said = begin(site, "--message=Wir bauen um <b>.", "--until=2099-01-01T18:00:00+01:00")
    assert said["maintenance"] is True and said["until"] == "2099-01-01T17:00:00.000Z"
    page = site.get("https://kea.test/about/", headers=PAGE)
    assert int(page.headers["retry-after"]) == 86400 and page.headers["cache-control"] == "no-store"
    assert "We will be back" in page.text and "Wir bauen um &lt;b&gt;." in page.text and "2099-01-01T17:00" in page.text
    assert 'lang="de"' in site.get("https://kea.test/", headers={**PAGE, "Accept-Language": "de"}).text
    # In the look of the tenant, whose style sheets are still there.
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', page.text)
    assert sheets and set(sheets) <= set(re.findall(r'href="([^"]+)"', about))
    for sheet in sheets:
        assert site.get(f"https://kea.test{sheet.replace('&amp;', '&')}").status_code == 200
    for method, url, headers in [
            ("GET", "https://kea.test/api/v1/timelines/public", {}), ("GET", "https://kea.test/nowhere/", PAGE),
            ("GET", "https://weka.test/@ruru@weka.test/", {"Accept": "application/activity+json"}),
            ("POST", "https://kea.test/inbox/", {}), ("POST", "https://kea.test/auth/login/", PAGE),
            ("GET", "https://kea.test/.well-known/webfinger?resource=acct:ruru@kea.test", {})]:
        answer = site.request(method, url, headers=headers)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "86400"), (method, url)
        if "/api/" in url or "activity" in str(headers):
            assert "Wir bauen um" in answer.json()["error"]
    assert upload_begun(site, ruru) == 503
    assert site.get("https://kea.test/health").status_code == 200
    assert site.get("https://console.test/login/").status_code == 200
    assert site.admin().get("/readyz").status_code == 200
    end(site)
    assert ruru.post("/api/v1/statuses", status="back")["content"] == "<p>back</p>"


def test_it_survives_a_restart_and_reaches_all_servers(site, database, tmp_path):
    directory = tmp_path / "other"
    directory.mkdir()
    other = Site(site.database, directory)
    try:
        other.start()
        begin(site)
        wait_for(lambda: rests(other), what="the notice of maintenance at the other server")
        site.restart()
        assert rests(site)
        assert "maintenance: yes" in site.run("rookery", "status").stdout
        text = site.run("rookery", "doctor").stdout
        assert "note  maintenance" in text and "rookery maintenance off" in text
        end(site)
        wait_for(lambda: not rests(other), what="the end at the other server")
    finally:
        other.server.stop()
        for client in other.clients:
            client.close()


def test_nothing_is_sent_meanwhile(site):
    site.stator.drain()
    begin(site)
    site.sql("insert into hashtags (name, state) values ('kiwi', 'outdated')")
    site.stator.drain()
    assert site.value("select state from hashtags where name = 'kiwi'") == "outdated"
    daemon = site.stator.start()
    end(site)
    wait_for(lambda: site.value("select state from hashtags where name = 'kiwi'") == "updated",
             what="the work that waited")
    begin(site)
    site.sql("insert into hashtags (name, state) values ('weka', 'outdated')")
    site.restart()
    assert daemon.is_alive() and site.value("select state from hashtags where name = 'weka'") == "outdated"
    end(site)
    wait_for(lambda: site.value("select state from hashtags where name = 'weka'") == "updated",
             what="the work that waited again")


def test_streams_end(site):
    ruru = Api(site)
    with WebSocket(site, "kea.test", ruru.token, stream="user") as stream:
        stream.fence()
        begin(site)
        assert stream.ended()


def test_what_may_be_said(site):
    for wrong in (["--until=tomorrow"], ["--until=2001-01-01T00:00:00Z"], ["--message=" + "x" * 501]):
        assert site.run("rookery", "maintenance", "on", *wrong).returncode == 2
    assert site.run("rookery", "maintenance", "off").returncode == 4
    assert site.rookery("maintenance", "show") == {"maintenance": False}
    begin(site)
    first = site.rookery("maintenance", "show")["since"]
    assert site.rookery("maintenance", "on", "--message=more")["since"] == first
    acts = site.sql("select action from audit_log where domain_id is null order by id")
    assert [row["action"] for row in acts][-2:] == ["maintenance.begin"] * 2


def test_operators_see_it(site):
    site.rookery("operator", "add", "ruru@example.org")
    browser = Browser(site, "console.test")
    page = browser.get("/login/").form("/login/").press(email="ruru@example.org", password=PASSWORD)
    secret = re.search(r'<code class="secret">([A-Z2-7 ]+)</code>', page.markup)[1]
    page = page.form("/second/").press(code=totp(secret))
    assert "The installation rests" not in page.text
    begin(site)
    assert "The installation rests" in browser.get("/tenants/").text
    end(site)
    assert "The installation rests" not in browser.get("/tenants/").text

# SPDX-License-Identifier: AGPL-3.0-or-later
"""What members take away as files and bring as files, in the columns that Mastodon writes."""

import csv
import io

import pytest

from harness import activity
from harness.api import Api
from harness.browser import Browser
from harness.fixtures import PASSWORD
from harness.wait import wait_for

KINDS = ("following", "followers", "lists", "blocks", "mutes", "domain_blocks", "bookmarks", "filters")


def enter(site, name="ruru", domain="kea.test"):
    browser = Browser(site, domain)
    browser.log_in(f"{name}@example.org", PASSWORD)
    return browser


def export(browser, kind):
    answer = browser.client.get(f"/settings/export/{kind}.csv")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/csv"), answer.text
    assert answer.headers["content-disposition"].startswith("attachment; filename="), answer.headers
    assert "no-store" in answer.headers["cache-control"]
    return answer.text


def bring(browser, kind, text, mode="merge", status=303):
    data = text if isinstance(text, bytes) else text.encode()
    return browser.get("/settings/data/").form("/settings/data/").press(
        kind=kind, mode=mode, status=status, files={"file": ("f.csv", data, "text/csv")})


def cells(text):
    return list(csv.reader(io.StringIO(text)))


def states(site, page):
    """How many lines of an import are in which state."""
    number = page.path.rstrip("/").rsplit("/", 1)[-1]
    return {row["state"]: row["n"] for row in site.sql(
        "select state, count(*) as n from import_rows where import_id = %s group by state", int(number))}


@pytest.fixture
def peer(peers):
    return peers("peer1.test", tls=True)


@pytest.fixture
def far(peer):
    return [peer.actor(f"far{n}") for n in range(4)]


def handles(actors):
    return [one.handle.lstrip("@") for one in actors]


def following(site, name="ruru@kea.test"):
    rows = site.sql("select t.username, f.boosts, f.notify, f.languages from follows f join identities t on "
                    "t.id = f.target_id join identities s on s.id = f.source_id where s.username || '@' || s.host = %s "
                    "and f.state in ('unrequested', 'pending_approval', 'accepting', 'accepted')", name)
    return {row["username"]: (row["boosts"], row["notify"], row["languages"]) for row in rows}


def test_following_as_mastodon_writes_it(site, peer, far):
    ruru = enter(site)
    one, two, three, _ = handles(far)
    text = ("Account address,Show boosts,Notify on new posts,Languages\r\n"
            f"{one},true,false,\r\n{two},false,true,\"de, en\"\r\n{three},true,false,\r\n"
            "toroa@kea.test,true,false,\r\n")
    page = bring(ruru, "following", text)
    assert "Under way" not in page.text and "Look again" in page.text and "4" in page.text
    site.stator.drain()
    assert following(site) == {"far0": (True, False, []), "far1": (False, True, ["de", "en"]),
                               "far2": (True, False, []), "toroa": (True, False, [])}
    assert len(peer.inbox("Follow")) == 3
    for actor in far[:3]:
        follow = next(one.json for one in peer.inbox("Follow") if one.json["object"] == actor.id)
        actor.send(site, "https://kea.test/inbox/", activity.accept(actor, follow))
    site.stator.drain()
    assert ruru.get(page.path).text.count("The file has been worked off") == 1
    written = export(ruru, "following")
    assert sorted(cells(written)) == sorted([row for row in cells(text)])
    # An old file: no columns beside the address, no heading; and what it leaves out goes.
    bring(ruru, "following", f"{one}\n", "overwrite")
    site.stator.drain()
    assert list(following(site)) == ["far0"]
    bring(ruru, "following", written, "overwrite")
    site.stator.drain()
    assert following(site)["far1"] == (False, True, ["de", "en"]) and len(following(site)) == 4


def test_every_kind_comes_back(site, far):
    """What one identity takes away another brings, and takes away the same."""
    ruru, weka = enter(site), enter(site, "ruru", "weka.test")
    one, two, three, four = handles(far)
    api = Api(site, "toroa@kea.test")
    post = api.post("/api/v1/statuses", status="kept")["uri"]
    files = {
        "following": "Account address,Show boosts,Notify on new posts,Languages\ntoroa@kea.test,false,true,\n",
        "lists": f"=Birds,toroa@kea.test\n\"of, \"\"prey\"\"\",toroa@kea.test\n=Birds,{one}\n",
        "blocks": f"{two}\n{three}\n",
        "mutes": f"Account address,Hide notifications\n{three},true\n{four},false\n",
        "domain_blocks": "bad.example\nworse.example\n",
        "bookmarks": f"{post}\n",
        "filters": "Title,Contexts,Action,Expires,Words,Parts of words\n"
                   "-1+1,home public,hide,,\"egg\nshell, hard\",cracked\n",
    }
    for kind, text in files.items():
        page = bring(ruru, kind, text)
        site.stator.drain()
        assert set(states(site, page)) == {"done"}, (kind, page.text)
    for kind, text in files.items():
        written = export(ruru, kind)
        if kind == "following":  # lists followed who is on them, and nobody answered
            assert cells(written) == cells(text)
        else:
            assert sorted(cells(written)) == sorted(cells(text)), kind
        page = bring(weka, kind, written)
        site.stator.drain()
        assert set(states(site, page)) == {"done"}, (kind, ruru.get(page.path).text)
        assert sorted(cells(export(weka, kind))) == sorted(cells(written)), kind
    assert export(api_browser := enter(site, "toroa"), "followers").splitlines()[0] == "Account address"
    assert sorted(export(api_browser, "followers").split()[2:]) == ["ruru@kea.test", "ruru@weka.test"]
    # Again: nothing is there twice, and overwriting with less leaves the rest.
    for kind, text in files.items():
        bring(ruru, kind, text)
        site.stator.drain()
        assert sorted(cells(export(ruru, kind))) == sorted(cells(text)), kind
    less = {"lists": f"=Birds,{one}\n", "blocks": f"{two}\n", "mutes": f"{four},false\n",
            "domain_blocks": "worse.example\n", "bookmarks": "https://kea.test/nothing\n",
            "filters": "Title,Contexts,Action\nother,home,warn\n"}
    for kind, text in less.items():
        bring(ruru, kind, text, "overwrite")
        site.stator.drain()
    assert cells(export(ruru, "lists")) == [["=Birds", one]]
    assert export(ruru, "blocks") == f"{two}\n" and cells(export(ruru, "mutes"))[1:] == [[four, "false"]]
    assert export(ruru, "domain_blocks") == "worse.example\n" and export(ruru, "bookmarks") == ""
    assert [row[0] for row in cells(export(ruru, "filters"))[1:]] == ["other"]


def test_failures_come_back_as_a_file(site, far):
    ruru = enter(site)
    page = bring(ruru, "following", "Account address,Show boosts\n"
                 f"nobody@kea.test,false\nruru@kea.test,true\n{handles(far)[0]},true\n\"not a, handle\",true\n")
    site.stator.drain()
    assert states(site, page) == {"done": 1, "failed": 3}
    page = ruru.get(page.path)
    assert "3 failed" in page.text and "nobody@kea.test" in page.text and "Nobody can follow themselves" in page.text
    failures = ruru.client.get(f"{page.path}failures.csv").text
    assert cells(failures) == [["Account address", "Show boosts", "Notify on new posts", "Languages"],
                               ["nobody@kea.test", "false", "", ""], ["ruru@kea.test", "true", "", ""],
                               ["not a, handle", "true", "", ""]]
    again = bring(ruru, "following", failures)
    site.stator.drain()
    assert states(site, again) == {"failed": 3}


def test_a_server_that_is_away_is_asked_again(site, peer, far):
    ruru = enter(site)
    rule = peer.answer("/.well-known/webfinger*", status=503)
    page = bring(ruru, "blocks", handles(far)[0] + "\n")
    site.stator.drain()
    assert states(site, page) == {"waiting": 1} and "Look again" in ruru.get(page.path).text
    peer.forget(rule)
    site.sql("update import_rows set state_next_attempt = now()")
    site.sql("update servers set retry_after = null")
    site.stator.drain()
    assert states(site, page) == {"done": 1}


def test_cancelled(site, far):
    ruru = enter(site)
    page = bring(ruru, "blocks", "\n".join(handles(far)))
    assert "was cancelled" in page.form(page.path).press().text
    site.stator.drain()
    assert states(site, page) == {"cancelled": 4} and export(ruru, "blocks") == ""
    for _ in range(4):
        page = bring(ruru, "blocks", "toroa@kea.test\n")
        page.form(page.path).press()
    for _ in range(3):
        page = bring(ruru, "blocks", "toroa@kea.test\n")
    assert "being imported already" in bring(ruru, "blocks", "toroa@kea.test\n", status=422).text


def test_what_is_no_file(site):
    ruru = enter(site)
    many = "".join(f"a{n}@far.example\n" for n in range(100000))
    for text, what in (("", "Nothing stands in the file"), (b"\xff\xfe", "no text in UTF-8"),
                       ("a\0b", "no text in UTF-8"),
                       (many, "at most 20000 lines"), ("a" * 200000, "too long"), ("\n\n,\n", "Nothing stands")):
        page = bring(ruru, "mutes", text, "overwrite", 422)
        assert what in page.text, (what, page.text)
        assert any(tag == "option" and "selected" in attributes and attributes["value"] == "mutes"
                   for tag, attributes in page.tags)
    bring(ruru, "x", "a@b.example\n", status=422)
    bring(ruru, "followers", "a@b.example\n", status=422)
    assert "at most 4 MiB" in bring(ruru, "blocks", "a@b.example\n" * 400000, status=422).text
    ruru.send("POST", "/settings/data/", {"kind": "blocks", "mode": "merge"}, 403)
    assert site.value("select count(*) from imports") == 0
    for name in ("x.csv", "following", "following.json", "..%2ffollowing.csv"):
        assert ruru.client.get(f"/settings/export/{name}").status_code == 404


def test_imports_and_exports_are_ones_own(site):
    ruru, toroa, weka = enter(site), enter(site, "toroa"), enter(site, "ruru", "weka.test")
    page = bring(ruru, "domain_blocks", "secret.example\n")
    site.stator.drain()
    name, value = toroa.token()
    for other in (toroa, weka):
        other.get(page.path, 404)
        assert other.client.get(f"{page.path}failures.csv").status_code == 404
        assert "secret.example" not in export(other, "domain_blocks")
    toroa.send("POST", page.path, {name: value}, 404)
    ruru.send("POST", page.path, {}, 403)
    stranger = Browser(site, "kea.test")
    for kind in KINDS:
        assert stranger.client.get(f"/settings/export/{kind}.csv").status_code == 303
    for number in ("0", "x", "-1", "99999999999999999999"):
        ruru.get(f"/settings/import/{number}/", 404)


def test_one_chooses_to_whom_it_goes(site):
    """Somebody with identities here and on another community: the page says whose it is, and leads to the others'."""
    browser = enter(site)
    site.rookery("identity", "add", "second@kea.test", "--user", "ruru@example.org")
    page = browser.get("/settings/data/")
    assert "about @ruru@kea.test" in page.text and "It goes to @ruru@kea.test." in page.text

    def switch(page, handle):
        name, host = handle.split("@")
        target = site.value("select id from identities where username = %s and host = %s", name, host)
        return next(form for form in page.forms_to("/switch/") if any(
            str(target) == button.get("identity") for button in form.buttons)).press(button=str(target))

    stale = page.form("/settings/data/")
    page = switch(page, "second@kea.test")
    assert page.path == "/settings/data/" and "It goes to @second@kea.test." in page.text
    # A page from before brings nothing to whom it did not name.
    file = {"file": ("f.csv", b"weka.test\n", "text/csv")}
    refused = stale.press(kind="domain_blocks", files=file, status=409)
    assert "act as another identity" in refused.text and "It goes to @second@kea.test." in refused.text
    assert site.value("select count(*) from imports") == 0
    bring(browser, "domain_blocks", "weka.test\n")
    assert site.value("select i.username from imports m join identities i on i.id = m.identity_id") == "second"
    page = switch(browser.get("/settings/data/"), "ruru@weka.test").form("ticket/").press()
    assert page.url == "https://weka.test/settings/data/" and "It goes to @ruru@weka.test." in page.text


def test_killed_stators_do_nothing_twice(site):
    """Stators that die in the middle leave lines that others do; each line is done, and nothing is there twice."""
    ruru = enter(site)
    hosts = [f"h{n}.example" for n in range(300)]
    page = bring(ruru, "domain_blocks", "\n".join(hosts))
    filters = bring(ruru, "filters", "".join(f"f{n},home,warn,,w{n}\n" for n in range(60)))
    for _ in range(6):
        before = site.value("select count(*) from import_rows where state = 'done'")
        site.stator.start()
        wait_for(lambda before=before: before == 360 or site.value(
            "select count(*) from import_rows where state = 'done'") > before)
        site.stator.kill()
        site.sql("update import_rows set state_locked_by = null, state_next_attempt = now() where state = 'waiting'")
        site.sql("update imports set state_locked_by = null, state_next_attempt = now() where state = 'running'")
    site.stator.drain()
    assert states(site, page) == {"done": 300} and states(site, filters) == {"done": 60}
    assert sorted(export(ruru, "domain_blocks").split()) == sorted(hosts)
    assert site.value("select count(*) from filters") == site.value("select count(distinct title) from filters") == 60
    assert site.value("select count(*) from filter_keywords") == 60

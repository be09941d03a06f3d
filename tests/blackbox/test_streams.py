# SPDX-License-Identifier: AGPL-3.0-or-later
"""Streams as a service: memory, time, restarts, readers that do not read. Each test has a site of its own."""

import pathlib
import resource
import socket as socket_module
import time

import pytest

from harness import lab
from harness.api import token_for
from harness.site import Site
from harness.streaming import PING, PONG, Ended, Events, WebSocket


def idle_streams(site, token, n):
    """n streams that nobody says anything on, half of each kind, of many addresses."""
    made = []
    for number in range(n):
        address = f"203.0.{number % 200}.{number // 200}"
        if number % 2:
            made.append(Events(site, "kea.test", "/public", token(number), address=address))
        else:
            made.append(WebSocket(site, "kea.test", token(number), stream="user", address=address))
        assert made[-1].status in (101, 200)
    return made


def wait_for(condition):
    until = time.monotonic() + 20 * lab.SLOWNESS
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def memory_of(process):
    """Bytes that belong to the process alone."""
    lines = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def tell(site, *readers):
    """A post that all of them hear of."""
    post = site.value("insert into posts (domain_id, author_id, object_uri, visibility, content, state) select "
                      "i.domain_id, i.id, i.actor_uri || gen_random_uuid(), 'public', 'hello', 'fanned_out' from "
                      "identities i where i.actor_uri = 'https://kea.test/@ruru@kea.test/' returning id")
    for reader in readers:
        assert reader.next("update")["id"] == str(post)


def test_thousands_of_idle_streams_need_little_memory(site):
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    issued = [token_for(site, "ruru@kea.test") for _ in range(128)]
    warm = idle_streams(site, lambda n: issued[n], 64)
    before = memory_of(site.server.child.pid)
    readers = idle_streams(site, lambda n: issued[n % 128], 1900)
    grown = (memory_of(site.server.child.pid) - before) / len(readers)
    print(f"{grown:.0f} bytes for a stream")
    assert lab.VARIANT != "plain" or grown < 20 * 1024
    # And all of them hear.
    tell(site, *(reader for reader in (*warm, *readers) if isinstance(reader, Events)))
    site.server.stop()
    assert {reader.ended() for reader in (*warm, *readers)} == {None, 1001}


def test_a_restart_ends_streams_with_a_word_and_is_quick(site):
    token = token_for(site, "ruru@kea.test")
    socket, events = WebSocket(site, "kea.test", token, stream="user"), Events(site, "kea.test", "/user", token)
    assert site.value("select count(*) from stream_readers") == 1
    site.restart()
    assert (socket.ended(), events.ended()) == (1001, None)
    assert site.value("select count(*) from stream_readers") == 0
    assert WebSocket(site, "kea.test", token, stream="user").status == 101


def test_who_does_not_read_is_given_up(site):
    token = token_for(site, "ruru@kea.test")
    stalled, reader = (WebSocket(site, "kea.test", token, stream="public") for _ in range(2))
    stalled.socket.setsockopt(socket_module.SOL_SOCKET, socket_module.SO_RCVBUF, 4096)
    [author] = site.sql("select id, domain_id, actor_uri from identities where actor_uri like %s", "%@ruru@kea.test/")
    for n in range(80):
        site.sql("insert into posts (domain_id, author_id, object_uri, visibility, content, state) values "
                 "(%s, %s, %s, 'public', %s, 'fanned_out')", author["domain_id"], author["id"],
                 f"{author['actor_uri']}posts/{n}/", "x" * 20000)
        assert len(reader.next("update")["content"]) == 20000
    # What the kernel had taken is there, and then the end without a word.
    read = 0
    with pytest.raises(Ended):
        while True:
            stalled.next("update")
            read += 1
    assert read < 80


def test_readers_are_forgotten(site):
    token = token_for(site, "ruru@kea.test")
    first, second = (Events(site, "kea.test", "/user", token) for _ in range(2))
    assert site.value("select count(*) from stream_readers") == 1
    first.close()
    second.close()
    wait_for(lambda: site.value("select count(*) from stream_servers") == 0)
    # Nobody reads, so nothing is notified.
    with site.database.connect() as listener:
        listener.execute("listen streams")
        site.sql("update users set banned = false")
        site.sql("select pg_notify('streams', 'the end')")
        assert next(listener.notifies()).payload == "the end"


@pytest.mark.options(stream_heartbeat=1)
def test_idle_streams_show_that_they_live(site):
    token = token_for(site, "ruru@kea.test")
    socket, events = WebSocket(site, "kea.test", token, stream="user"), Events(site, "kea.test", "/user", token)
    deaf = WebSocket(site, "kea.test", token, stream="user")
    deaf.answers_pings = False
    for _ in range(3):
        assert socket.frame() == (PING, b"")
        socket.send_frame(PONG)
    assert deaf.ended() == 1001 and deaf.pings == 1
    for _ in range(2):
        assert events.until(b"\n") == b":thump"


@pytest.mark.options(request_timeout=1, stream_heartbeat=3)
def test_a_stream_outlives_the_time_of_a_request(site):
    token = token_for(site, "ruru@kea.test")
    socket, events = WebSocket(site, "kea.test", token, stream="user"), Events(site, "kea.test", "/user", token)
    assert socket.frame()[0] == PING
    assert events.until(b"\n") == b":thump" and events.until(b"\n") == b":thump"


def test_streams_end_when_something_may_have_been_missed(site):
    token = token_for(site, "ruru@kea.test")
    socket, events = WebSocket(site, "kea.test", token, stream="user"), Events(site, "kea.test", "/user", token)
    site.sql("select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen%%streams%%'")
    assert (socket.ended(), events.ended()) == (1001, None)
    again = Events(site, "kea.test", "/public", token)
    assert again.status == 200
    tell(site, again)


def test_each_server_tells_its_own_readers(site, tmp_path):
    token = token_for(site, "ruru@kea.test")
    (tmp_path / "other").mkdir()
    other = Site(site.database, tmp_path / "other")
    other.server.start()
    try:
        readers = [Events(one, "kea.test", "/public", token) for one in (site, other)]
        assert site.value("select count(*) from stream_readers") == 2
        tell(site, *readers)
        other.server.kill()
        assert readers[1].ended() is None
        # The dead one's readers are forgotten some minutes later.
        site.sql("update stream_servers set seen = now() - interval '6 minutes'")
        Events(site, "weka.test", "/public", token_for(site, "ruru@weka.test"))
        tell(site, readers[0])
    finally:
        other.server.kill()


def test_an_address_has_so_many_streams(site):
    tokens = [token_for(site, "ruru@kea.test") for _ in range(17)]
    readers = [Events(site, "kea.test", "/public", tokens[n // 16], address=f"2001:db8:0:1::{n + 1:x}")
               for n in range(256)]
    assert {reader.status for reader in readers} == {200}
    assert Events(site, "kea.test", "/public", tokens[16], address="2001:db8:0:1:ffff::1").status == 429
    assert Events(site, "kea.test", "/public", tokens[16], address="2001:db8:0:2::1").status == 200
    for reader in readers[:8]:
        reader.close()
    wait_for(lambda: Events(site, "kea.test", "/public", tokens[16], address="2001:db8:0:1:ffff::1").status == 200)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A whole installation as the world sees it: server, a stator that runs all the time, real https."""

import contextlib
import itertools

from harness.fixtures import PASSWORD
from harness.front import TlsFront
from harness.person import Person
from harness.site import Site
from harness.wait import wait_for

numbers = itertools.count(1)
running = []  # installations, for what they have to say when something does not happen


class Installation:
    """names: the domains of the database, which all have one address in the lab; add: they are not there
    yet; record: a directory for what comes in over https, and its answers."""

    def __init__(self, database, directory, names, add=False, record=None):
        self.site = Site(database, directory)
        self.names, self.add, self.record = names, add, record
        self.front = None

    def __enter__(self):
        with contextlib.ExitStack() as started:
            started.callback(self.site.stop)
            for name in self.names if self.add else ():
                self.site.rookery("domain", "add", name, "--active")
            self.site.start()
            self.front = started.enter_context(TlsFront({name: self.site.port for name in self.names}, self.record))
            self.site.stator.start()
            running.append(self)
            started.callback(running.remove, self)
            self.stop = started.pop_all().close
        return self

    def __exit__(self, *_):
        self.stop()

    def person(self, name, domain):
        return Person(self.site, name, domain).log_in()

    def newcomer(self, name, domain):
        """Somebody new, whose name begins so, with a log-in of their own."""
        name = f"{name}{next(numbers)}"
        email = f"{name}@example.org"
        self.site.rookery("user", "add", email, "--password-stdin", stdin=PASSWORD + "\n")
        self.site.rookery("identity", "add", f"{name}@{domain}", "--user", email)
        return self.person(name, domain)

    def value(self, statement, *args):
        """The one value of the first row; None without a row."""
        rows = self.site.sql(statement, *args)
        return next(iter(rows[0].values())) if rows else None

    def identity(self, uri):
        """Id of whoever bears a URI."""
        return self.value("select id from identities where actor_uri = %s", uri)

    def post(self, uri):
        """Row of a post."""
        rows = self.site.sql("select * from posts where object_uri = %s", uri)
        return rows[0] if rows else None

    def follow_state(self, source, target):
        """By the URIs of the two; None: there is no follow."""
        return self.value(
            "select f.state from follows f join identities s on s.id = f.source_id join identities t on "
            "t.id = f.target_id where s.actor_uri = %s and t.actor_uri = %s", source, target)

    def reaction_state(self, kind, uri, post_uri):
        """Where the like, boost or pin of a post by somebody stands; None: there is none."""
        return self.value(
            "select x.state from interactions x join identities i on i.id = x.identity_id join posts p on "
            "p.id = x.post_id where x.kind = %s and i.actor_uri = %s and p.object_uri = %s", kind, uri, post_uri)

    def will(self, what, condition, timeout=15):
        """Waits for a condition and gives its value; in vain, says what stands still anywhere."""
        try:
            return wait_for(condition, timeout, what)
        except AssertionError:
            trouble = {one.names: one.trouble() for one in running}
            raise AssertionError(f"{what} did not happen at {self.names}: {trouble}") from None

    def trouble(self):
        """What stands still here, and why."""
        return self.site.sql(
            "select 'inbox' as what, type || ' ' || left(body, 600) as which, state, state_error from inbox_messages "
            "where state_error <> '' or state = 'received' union all "
            "select 'delivery', a.type || ' to ' || d.inbox_uri, d.state, d.state_error from deliveries d "
            "join activities a on a.id = d.activity_id where d.state <> 'sent' union all "
            "select 'follow', uri, state, state_error from follows where state_error <> '' union all "
            "select 'post', object_uri, state, state_error from posts where state not in ('fanned_out', 'gone') "
            "union all "
            "select 'interaction', uri, state, state_error from interactions where state_error <> ''")


def follow_by_handle(person, handle):
    """As people do it: the handle is asked for, the one that was found is followed."""
    found = person.get("/follow/", params={"handle": handle})
    assert f'action="/@{handle}/follow/"' in found.text, found.text[-3000:]
    person.about(handle, "follow")

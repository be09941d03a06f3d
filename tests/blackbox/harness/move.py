# SPDX-License-Identifier: AGPL-3.0-or-later
"""Two installations, and a community that moves from one to the other."""

import contextlib
import pathlib
import tempfile

from . import activity, lab, media
from .api import Api
from .fixtures import PASSWORD
from .site import Site


@contextlib.contextmanager
def second_site(cluster, template):
    """An installation with a tenant of its own, kakapo.test, and kura there. A socket's path has to be short."""
    database = cluster.create_numbered(template)
    directory = pathlib.Path(tempfile.mkdtemp(prefix="other-", dir=lab.directory()))
    made = Site(database, directory)
    made.rookery("domain", "add", "kakapo.test", "--active")
    made.rookery("user", "add", "kura@example.org", "--password-stdin", stdin=PASSWORD + "\n")
    made.rookery("identity", "add", "kura@kakapo.test", "--user", "kura@example.org")
    try:
        yield made
    finally:
        made.stop()
        database.drop()


def run(site, *args, status=0):
    """The command line with a status that it must have; gives what it said."""
    done = site.run("rookery", *args, "--json")
    assert done.returncode == status, (args, done.returncode, done.stdout[-1000:], done.stderr[-3000:])
    return done.stdout + done.stderr


def export(site, path, *more, name="kea.test"):
    return site.rookery("domain", "export", name, f"--output={path}", *more)


def settle_in(site, path):
    """Imported, proved by the operator's word, active; gives what the import said."""
    said = site.rookery("domain", "import", path)
    site.rookery("domain", "verify", "kea.test", "--by=operator")
    site.rookery("domain", "activate", "kea.test")
    return said


class Story:
    """kea.test with posts, files, friends, a letter and a program; weka.test beside it with things of its own."""

    SECRETS = ("MARKWEKAPUBLIC", "MARKWEKAPRIVATE", "MARKWEKADRAFT", "MARKWEKANOTE")

    def __init__(self, world):
        self.world = world
        site, ruru = world.site, world.ruru
        self.fan = world.follower(ruru, world.toroa)
        self.star = world.followed(ruru)
        self.api = Api(site, "ruru@kea.test")
        self.first = ruru.write("the first #moving post")
        self.picture = media.png(30, 20)
        self.shown = self.api.post("/api/v1/statuses", status="look",
                                   media_ids=[media.ready(self.api, self.picture)["id"]])
        self.quiet = ruru.write("for followers only", visibility="followers")
        self.of_star = self.sent(activity.note(self.star, "<p>of a star</p>"))
        self.letter = self.sent(activity.note(self.star, "<p>a letter</p>", to=ruru.uri, cc=[],
                                              tag=[activity.mention(ruru.uri)]))
        seen = world.post(self.of_star)
        ruru.react(self.star.handle, seen["id"], "like")
        self.answer = self.api.post("/api/v1/statuses", status="an answer", in_reply_to_id=str(seen["id"]))
        self.api.post(f"/api/v1/statuses/{seen['id']}/bookmark")
        world.toroa.react(ruru.handle, self.first["id"], "boost")
        made = self.api.post("/api/v1/lists", title="Birds")
        self.api.post(f"/api/v1/lists/{made['id']}/accounts", account_ids=[str(world.identity(self.star.id)["id"])])
        site.rookery("user", "grant", "toroa@example.org", "owner", "kea.test")
        self.furnish_weka(world.weka_ruru)
        world.settle()

    def sent(self, note):
        """A post of the star's, which its server shows to whoever asks."""
        self.world.deliver(self.star, activity.create(self.star, note))
        self.world.peer.publish(note)
        return note

    def furnish_weka(self, other):
        site = self.world.site
        other.write("MARKWEKAPUBLIC")
        other.write("MARKWEKAPRIVATE", visibility="followers")
        other.about("toroa@kea.test", "follow")
        site.sql("insert into drafts (domain_id, identity_id, draft) "
                 "select domain_id, id, '{\"t\": \"MARKWEKADRAFT\"}' "
                 "from identities where id = %s", other.id)
        site.sql("insert into identity_notes (identity_id, target_id, domain_id, note) select id, %s, domain_id, "
                 "'MARKWEKANOTE' from identities where id = %s", self.world.ruru.id, other.id)

    def of_weka(self):
        """All that weka.test has, table by table."""
        site = self.world.site
        tables = [row["relname"] for row in site.sql(
            "select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid where a.attname = 'domain_id' "
            "and c.relkind = 'r' and obj_description(c.oid) ~ '^.(tenant|audience|neutral)' "
            "and c.relname <> 'domain_names' order by 1")]
        return {table: site.sql(f"select * from {table} where domain_id = (select id from domains where name = "
                                f"'weka.test') order by {table}::text") for table in tables}

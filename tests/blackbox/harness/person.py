# SPDX-License-Identifier: AGPL-3.0-or-later
"""Somebody with a browser: logs in to one tenant and fills in its forms, as the pages offer them."""

import re

from .fixtures import PASSWORD

HIDDEN = re.compile(r'<input type="hidden" name="(\w*token)" value="([^"]*)"')


class Person:
    """A log-in on one domain of a site, acting as the identity that it holds there."""

    def __init__(self, site, name="ruru", domain="kea.test", email=None):
        self.site, self.name, self.domain = site, name, domain
        self.email = email or f"{name}@example.org"
        self.handle = f"{name}@{domain}"
        self.uri = f"https://{domain}/@{self.handle}/"
        self.id = site.value("select id from identities where actor_uri = %s", self.uri)
        self.browser = site.client(domain, follow_redirects=False)
        self.token = None

    def log_in(self):
        answer = self.browser.post("/auth/login/", data={"email": self.email, "password": PASSWORD})
        assert answer.status_code == 303, (answer.status_code, answer.text[:2000])
        self.token = dict([HIDDEN.search(self.browser.get("/compose/").text).groups()])
        return self

    def enter(self):
        """Logs in, when that was not done yet."""
        return self if self.token else self.log_in()

    def get(self, path, **more):
        return self.browser.get(path, **more)

    def submit(self, path, **fields):
        """Sends a form; gives the answer, whatever it is."""
        self.enter()
        return self.browser.post(path, data={**self.token, **fields})

    def do(self, path, **fields):
        """Sends a form that must be taken."""
        answer = self.submit(path, **fields)
        assert answer.status_code == 303, (path, answer.status_code, answer.text[-2000:])
        return answer

    def _last(self):
        return self.site.sql("select * from posts where author_id = %s order by id desc limit 1", self.id)[0]

    def write(self, text, visibility="public", **more):
        """A new post; gives its row."""
        self.do("/compose/", text=text, visibility=visibility, **more)
        return self._last()

    def edit(self, post, text, **more):
        self.do("/compose/", text=text, edits=str(post["id"]), **more)

    def delete(self, post):
        self.do(f"/@{self.name}/posts/{post['id']}/delete/")

    def about(self, handle, verb):
        """follow, unfollow, accept, reject, block, unblock, mute, unmute: somebody."""
        self.do(f"/@{handle}/{verb}/")

    def react(self, handle, post_id, verb):
        """like, unlike, boost, unboost: a post of somebody's."""
        self.do(f"/@{handle}/posts/{post_id}/{verb}/")

    def home(self):
        """Ids of the posts on their home page, newest first."""
        return [row["post_id"] for row in self.site.sql(
            "select post_id from home_timeline where identity_id = %s order by entry_id desc", self.id)]

    def told(self, kind=None):
        """Kinds of their notifications with the names of who caused them, oldest first."""
        rows = self.site.sql("select n.kind, i.username, n.post_id from notifications n join identities i on i.id = "
                             "n.actor_id where n.identity_id = %s order by n.id", self.id)
        return [(row["kind"], row["username"]) for row in rows if kind in (None, row["kind"])]

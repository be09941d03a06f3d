# SPDX-License-Identifier: AGPL-3.0-or-later
"""A mail server that takes letters, or does not, as the test says; and letters, read as strictly as Python can."""

import email
import email.header
import email.policy
import email.utils
import html.parser
import itertools
import re
import ssl

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from . import lab
from .wait import wait_for

HOST = "peer30.test"
ports = itertools.count(2500)


class _Links(html.parser.HTMLParser):
    def __init__(self, markup):
        super().__init__()
        self.hrefs = []
        self.feed(markup)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.hrefs.append(dict(attrs)["href"])


class Letter:
    """One that came. Every defect that Python's parser knows is an error."""

    def __init__(self, envelope):
        self.sender, self.recipients = envelope.mail_from, envelope.rcpt_tos
        self.source = envelope.content
        self.parsed = email.message_from_bytes(self.source, policy=email.policy.SMTP.clone(raise_on_defect=True))
        lines = self.source.split(b"\r\n")
        assert not any(b"\n" in line or b"\r" in line for line in lines), "a line does not end with CR LF"
        assert max(map(len, lines)) <= 998
        self.source.decode("ascii")
        for part in self.parsed.walk():
            assert not part.defects, part.defects
        for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Auto-Submitted"):
            assert len(self.parsed.get_all(name, [])) == 1, (name, self.parsed.items())
        assert self.parsed["Auto-Submitted"] == "auto-generated"
        assert self.parsed.get_content_type() == "multipart/alternative"
        plain, markup = self.parsed.iter_parts()
        assert (plain.get_content_type(), markup.get_content_type()) == ("text/plain", "text/html")
        self.text, self.markup = (part.get_content().replace("\r\n", "\n") for part in (plain, markup))
        self.links = _Links(self.markup).hrefs
        for link in self.links:
            assert link in self.text, f"{link} is not in the plain text"

    @property
    def subject(self):
        return str(self.parsed["Subject"])

    @property
    def to(self):
        [found] = self.parsed["To"].addresses
        return found.addr_spec

    @property
    def origin(self):
        # The newer parser of Python puts spaces between encoded words of a name (RFC 2047, 6.2).
        name, address = email.utils.parseaddr(email.message_from_bytes(self.source)["From"])
        return str(email.header.make_header(email.header.decode_header(name))), address

    @property
    def id(self):
        return str(self.parsed["Message-ID"])

    def link(self, path):
        """The one link whose path begins so."""
        [found] = {link for link in self.links if re.match(r"https://[^/]+" + re.escape(path), link)}
        return found


class MailServer:
    """tls: None, "starttls" or "smtps". answers: what the next letters get instead of 250. certified: the name in
    its certificate, if not its own."""

    def __init__(self, tls=None, users=None, name=HOST, certified=None):
        self.letters, self.answers, self.refused_logins = [], [], 0
        self.users, self.tls, self.name = users, tls, name
        self.port = next(ports)
        context = None
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*lab.certificate(certified or name))
        more = {}
        if users is not None:
            more.update(authenticator=self.authenticate, auth_required=True, auth_require_tls=bool(tls))
        if tls == "starttls":
            more.update(tls_context=context, require_starttls=True)
        self.controller = Controller(self, hostname=lab.address(name), port=self.port, **more,
                                     **({"ssl_context": context} if tls == "smtps" else {}))
        if tls == "smtps":
            self.controller.SMTP_kwargs["auth_require_tls"] = False
        self.controller.start()

    def authenticate(self, _server, _session, _envelope, mechanism, data):
        good = mechanism in ("PLAIN", "LOGIN") and self.users.get(data.login.decode()) == data.password.decode()
        self.refused_logins += not good
        return AuthResult(success=good)

    async def handle_DATA(self, _server, _session, envelope):
        if self.answers:
            return self.answers.pop(0)
        self.letters.append(Letter(envelope))
        return "250 taken"

    @property
    def url(self):
        return f"{ {'smtps': 'smtps', 'starttls': 'smtp', None: 'smtp+plain'}[self.tls]}://{self.name}:{self.port}"

    def options(self, **more):
        return {"smtp_server": self.url, "mail_from": "rookery@mail.test", **more}

    def use(self, site, **more):
        """From now on the programs of a site send their letters here."""
        site.options.update(self.options(**more))
        site.server.env = site.environment()
        site.restart()

    def take(self, n=1):
        """The next letters, which must come, and no more of them."""
        wait_for(lambda: len(self.letters) >= n, what=f"{n} letters")
        assert len(self.letters) == n, [letter.subject for letter in self.letters]
        taken, self.letters[:] = list(self.letters), []
        return taken

    def close(self):
        self.controller.stop()



# SPDX-License-Identifier: AGPL-3.0-or-later
"""A program that uses OAuth as an app does: it registers, sends a browser to be let in, and redeems codes."""

import base64
import hashlib
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

from .api import Api
from .browser import Browser
from .fixtures import PASSWORD

REDIRECT = "https://app.test/callback?from=kea"
OOB = "urn:ietf:wg:oauth:2.0:oob"


def challenge_of(verifier):
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def answer_of(answer, redirect=REDIRECT):
    """What an answer that leads to the program's redirect address brings, as single values."""
    assert answer.status_code == 303, (answer.status_code, answer.text[:1500])
    location = answer.headers["location"]
    assert location.startswith(redirect), location
    return {name: values[0] for name, values in parse_qs(urlsplit(location).query, keep_blank_values=True).items()}


class Program:
    """One application of a tenant."""

    def __init__(self, site, domain="kea.test", scopes="read write follow push", redirects=(REDIRECT, OOB), **more):
        self.site, self.domain, self.scopes, self.redirects = site, domain, scopes, list(redirects)
        self.api = Api(site, domain)
        self.entity = self.api.post("/api/v1/apps", client_name="Program", scopes=scopes,
                                    redirect_uris=self.redirects, **more)
        self.id, self.secret = self.entity["client_id"], self.entity["client_secret"]
        self.verifier = secrets.token_urlsafe(48)

    def address(self, **changes):
        """Where it leads a browser; None takes a parameter away."""
        asked = {"response_type": "code", "client_id": self.id, "redirect_uri": self.redirects[0], "scope": self.scopes,
                 "state": "s & t", "code_challenge": challenge_of(self.verifier), "code_challenge_method": "S256",
                 **changes}
        return "/oauth/authorize?" + urlencode({name: value for name, value in asked.items() if value is not None})

    def browser(self, name="ruru"):
        """Somebody's browser, logged in to the program's tenant."""
        browser = Browser(self.site, self.domain)
        browser.log_in(f"{name}@example.org", PASSWORD)
        return browser

    def decide(self, browser, decision="allow", address=None, **fields):
        """What a browser's answer to the page brings to the program."""
        address = address or self.address()
        form = browser.get(address).form_of("/oauth/authorize")
        answer = browser.client.post(form.action, data={**form.fields, "decision": decision, **fields})
        return answer

    def code(self, browser, **changes):
        redirect = changes.get("redirect_uri", self.redirects[0])
        return answer_of(self.decide(browser, address=self.address(**changes)), redirect)["code"]

    def ask_token(self, **changes):
        """Any answer of the token endpoint."""
        asked = {"grant_type": "authorization_code", "client_id": self.id, "client_secret": self.secret,
                 "redirect_uri": self.redirects[0], "code_verifier": self.verifier, **changes}
        return self.api.ask("POST", "/oauth/token",
                            data={name: value for name, value in asked.items() if value is not None})

    def token(self, **changes):
        answer = self.ask_token(**changes)
        assert answer.status_code == 200, answer.text
        assert answer.headers["cache-control"] == "no-store"
        return answer.json()

    def refused(self, status, error, **changes):
        answer = self.ask_token(**changes)
        assert (answer.status_code, answer.json()["error"]) == (status, error), (answer.status_code, answer.text)
        assert answer.json()["error_description"]
        return answer

    def let_in(self, name="ruru", **changes):
        """The whole way; gives the client API with the token."""
        code = self.code(self.browser(name), **changes)
        token = self.token(code=code, redirect_uri=changes.get("redirect_uri", self.redirects[0]))
        return Api(self.site, self.domain, token=token["access_token"])

    def own_token(self, scope="read"):
        """The client API with the program's own token."""
        token = self.token(grant_type="client_credentials", scope=scope, redirect_uri=None, code_verifier=None)
        return Api(self.site, self.domain, token=token["access_token"])

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A program that speaks the client API for one identity, and checks every answer that it gets against
Mastodon's OpenAPI description (tests/vectors/mastodon-api)."""

import functools
import hashlib
import json
import re
import secrets

import jsonschema

from . import lab, work

SPECIFICATION = lab.ROOT / "tests" / "vectors" / "mastodon-api" / "openapi-4.7.0-structure.json"
ALL_SCOPES = ("read", "write", "follow", "push", "profile", "admin:read", "admin:write")

# Where a real Mastodon differs from the description, or where it leaves open what we decided: pointers into its
# schemas, and what stands there instead.
# A quotation fits two of the schemas that it must fit one of.
QUOTE = {"anyOf": [{"$ref": "#/components/schemas/Quote"}, {"$ref": "#/components/schemas/ShallowQuote"},
                   {"type": "null"}]}
AMENDMENTS = {
    ("Status", "quote"): QUOTE,
    ("StatusEdit", "quote"): QUOTE,
    ("WebPushSubscription", "id"): {"type": ["string", "integer"]},
}

# Routes that the description leaves out though it has the schema of their answers, or where it has one thing for the
# list; [...]: a list of these.
ADDITIONS = {
    "/api/v1/filters": {"get": ["V1Filter"]},
    "/api/v1/notifications/policy": {"get": "V1NotificationPolicy", "patch": "V1NotificationPolicy"},
    "/api/v1/admin/accounts": {"get": ["AdminAccount"]},
    "/api/v2/admin/accounts": {"get": ["AdminAccount"]},
    "/api/v1/admin/accounts/{id}": {"get": "AdminAccount", "delete": "AdminAccount"},
    **{f"/api/v1/admin/accounts/{{id}}/{verb}": {"post": "AdminAccount"}
       for verb in ("approve", "reject", "enable", "unsilence", "unsuspend", "unsensitive")},
    "/api/v1/admin/reports": {"get": ["AdminReport"]},
    "/api/v1/admin/reports/{id}": {"get": "AdminReport", "put": "AdminReport"},
    **{f"/api/v1/admin/reports/{{id}}/{verb}": {"post": "AdminReport"}
       for verb in ("assign_to_self", "unassign", "resolve", "reopen")},
    **{f"/api/v1/admin/{noun}": {"get": [schema], "post": schema} for noun, schema in (
        ("domain_blocks", "AdminDomainBlock"), ("domain_allows", "AdminDomainAllow"),
        ("ip_blocks", "AdminIpBlock"), ("email_domain_blocks", "AdminEmailDomainBlock"),
        ("canonical_email_blocks", "AdminCanonicalEmailBlock"))},
    **{f"/api/v1/admin/{noun}/{{id}}": {"get": schema, "put": schema} for noun, schema in (
        ("domain_blocks", "AdminDomainBlock"), ("domain_allows", "AdminDomainAllow"),
        ("ip_blocks", "AdminIpBlock"), ("email_domain_blocks", "AdminEmailDomainBlock"),
        ("canonical_email_blocks", "AdminCanonicalEmailBlock"), ("tags", "AdminTag"))},
    "/api/v1/admin/canonical_email_blocks/test": {"post": ["AdminCanonicalEmailBlock"]},
    "/api/v1/admin/tags": {"get": ["AdminTag"]},
    "/api/v1/admin/trends/tags": {"get": ["AdminTag"]},
    "/api/v1/admin/trends/statuses": {"get": ["Status"]},
    "/api/v1/admin/trends/links": {"get": ["TrendsLink"]},
    "/api/v1/admin/measures": {"post": ["AdminMeasure"]},
    "/api/v1/admin/dimensions": {"post": ["AdminDimension"]},
    "/api/v1/admin/retention": {"post": ["AdminCohort"]},
}


def _described(schema):
    reference = {"$ref": f"#/components/schemas/{schema[0] if isinstance(schema, list) else schema}"}
    shape = {"type": "array", "items": reference} if isinstance(schema, list) else reference
    return {"responses": {"200": {"content": {"application/json": {"schema": shape}}}}}


@functools.cache
def specification():
    document = json.loads(SPECIFICATION.read_text())
    for (schema, member), instead in AMENDMENTS.items():
        document["components"]["schemas"][schema]["properties"][member] = instead
    for path, methods in ADDITIONS.items():
        described = {method: _described(schema) for method, schema in methods.items()}
        document["paths"].setdefault(path, {}).update(described)
    return document


@functools.cache
def _routes():
    found = []
    for path, methods in specification()["paths"].items():
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)) + "/?$")
        found.append((path.count("{"), pattern, path, methods))
    return sorted(found, key=lambda one: one[0])


def operation_of(method, path):
    """The description of a route by the path that was asked; None when there is none."""
    for _, pattern, _, methods in _routes():
        if pattern.match(path) and method.lower() in methods:
            return methods[method.lower()]
    return None


def schema_problems(schema, document):
    """What is wrong with a document, by the description's schema of that name."""
    whole = {"$ref": f"#/components/schemas/{schema}"} if isinstance(schema, str) else schema
    validator = jsonschema.Draft202012Validator({**whole, "components": specification()["components"]})
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
            for error in validator.iter_errors(document)]


def check_answer(method, path, answer):
    """Fails when an answer is not what the description says of its route and status."""
    operation = operation_of(method, path)
    if operation is None:
        return
    said = operation["responses"].get(str(answer.status_code), {})
    schema = said.get("content", {}).get("application/json", {}).get("schema")
    if schema is None or answer.status_code in (401, 403, 404, 422, 429, 503):
        assert answer.status_code < 400 or "error" in answer.json(), (path, answer.status_code, answer.text[:500])
        return
    assert answer.headers["content-type"].startswith("application/json"), (path, answer.headers)
    problems = schema_problems(schema, answer.json())
    assert problems == [], (method, path, problems[:5], answer.text[:1500])


def token_for(site, handle, scopes=ALL_SCOPES):
    """A token that acts as an identity ("ruru@kea.test"), or as an application of a tenant alone ("kea.test")."""
    token = secrets.token_urlsafe(32)
    name, _, domain = handle.rpartition("@")
    tenant = site.value("select id from domains where name = %s", domain)
    application = site.value(
        "insert into applications (domain_id, client_id, client_secret_hash, name, redirect_uris, scopes) values "
        "(%s, %s, '', 'Test', %s, %s) returning id", tenant, secrets.token_urlsafe(16),
        ["urn:ietf:wg:oauth:2.0:oob"], list(scopes))
    identity = work.identity(site, handle)["id"] if name else None
    user = site.value("select user_id from identity_users where identity_id = %s", identity) if name else None
    site.value("insert into tokens (domain_id, application_id, user_id, identity_id, token_hash, scopes) values "
               "(%s, %s, %s, %s, %s, %s) returning id", tenant, application, user, identity,
               hashlib.sha256(token.encode()).digest(), list(scopes))
    return token


class Api:
    """The client API of one tenant for one identity; handle "kea.test" alone: without anybody's token."""

    def __init__(self, site, handle="ruru@kea.test", scopes=ALL_SCOPES, token=None):
        self.site, self.handle = site, handle
        self.domain = handle.rpartition("@")[2]
        self.token = token or (token_for(site, handle, scopes) if "@" in handle else None)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        self.client = site.client(self.domain, headers=headers)

    @property
    def id(self):
        return str(work.identity(self.site, self.handle)["id"])

    def ask(self, method, path, **more):
        """Any answer, checked against the description."""
        answer = self.client.request(method, path, **more)
        assert answer.status_code < 500 or answer.status_code == 503, (method, path, answer.status_code, answer.text)
        check_answer(method, path.partition("?")[0], answer)
        return answer

    def _good(self, method, path, **more):
        answer = self.ask(method, path, **more)
        assert answer.status_code in (200, 202), (method, path, answer.status_code, answer.text[:2000])
        return answer.json()

    def get(self, path, **params):
        return self._good("GET", path, params=params or None)

    def post(self, path, **fields):
        return self._good("POST", path, json=fields)

    def put(self, path, **fields):
        return self._good("PUT", path, json=fields)

    def patch(self, path, **fields):
        return self._good("PATCH", path, json=fields)

    def delete(self, path, **fields):
        return self._good("DELETE", path, json=fields or None)

    def refused(self, status, method, path, **more):
        """An answer that must have this status and say why."""
        answer = self.ask(method, path, **more)
        assert answer.status_code == status, (method, path, answer.status_code, answer.text[:2000])
        return answer.json()["error"]

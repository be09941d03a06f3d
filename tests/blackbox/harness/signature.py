# SPDX-License-Identifier: AGPL-3.0-or-later
"""HTTP signatures in both forms, made and checked: draft-cavage-http-signatures-12 and RFC 9421.

Written from the two documents for the tests, and sharing nothing with the code under test."""

import base64
import dataclasses
import email.utils
import hashlib
import re
import time
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256

CAVAGE = ("(request-target)", "host", "date", "digest")
HS2019 = ("(request-target)", "(created)", "(expires)", "host", "date", "digest")
RFC9421 = ("@method", "@target-uri", "@authority", "host", "date", "content-digest")
FORMS = ("cavage", "hs2019", "rfc9421")


class BadSignature(AssertionError):
    pass


@dataclasses.dataclass
class Request:
    """A request as one side sees it: whole URL, header names in any case, body as bytes."""

    method: str
    url: str
    headers: dict
    body: bytes = b""

    def header(self, name):
        """Values joined as RFC 9110 says, or None."""
        found = [value for key, value in self.headers.items() if key.lower() == name.lower()]
        return ", ".join(found) if found else None

    def with_headers(self, **more):
        """A copy; an underscore stands for a hyphen, None removes."""
        new = {name.replace("_", "-"): value for name, value in more.items()}
        gone = {name.lower() for name in new}
        kept = {name: value for name, value in self.headers.items() if name.lower() not in gone}
        kept.update({name: value for name, value in new.items() if value is not None})
        return dataclasses.replace(self, headers=kept)


def _b64(data):
    return base64.b64encode(data).decode()


def _target(url):
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _sign(key, text):
    return _b64(key.sign(text.encode(), padding.PKCS1v15(), SHA256()))


def _cavage_text(request, names, parameters):
    special = {
        "(request-target)": f"{request.method.lower()} {_target(request.url)}",
        "(created)": parameters.get("created"),
        "(expires)": parameters.get("expires"),
    }
    lines = []
    for name in names:
        value = special[name] if name in special else request.header(name)
        if value is None:
            raise BadSignature(f"{name} is signed and missing")
        lines.append(f"{name}: {value}")
    return "\n".join(lines)


def _rfc9421_text(request, names, parameters):
    parts = urlsplit(request.url)
    derived = {
        "@method": request.method.upper(),
        "@target-uri": request.url,
        "@authority": parts.netloc.lower(),
        "@scheme": parts.scheme,
        "@path": parts.path or "/",
        "@query": f"?{parts.query}",
        "@request-target": _target(request.url),
    }
    lines = []
    for name in names:
        value = derived[name] if name.startswith("@") else request.header(name)
        if value is None:
            raise BadSignature(f"{name} is signed and missing")
        lines.append(f'"{name}": {value.strip()}')
    return "\n".join([*lines, f'"@signature-params": {parameters}'])


def sign(request, key, key_id, form="cavage", names=None, at=None, algorithm=None, digest=None):
    """A copy of the request with Host, Date, a digest and the signature.

    names: what is signed, otherwise the usual set of the form; at: the moment (Unix seconds);
    digest: what to claim instead of the body's own digest."""
    at = time.time() if at is None else at
    claimed = _b64(hashlib.sha256(request.body).digest()) if digest is None else digest
    signed = request.with_headers(Host=urlsplit(request.url).netloc,
                                  Date=email.utils.formatdate(at, usegmt=True))
    has_body = bool(request.body) or request.method not in ("GET", "HEAD")
    if form == "rfc9421":
        if has_body:
            signed = signed.with_headers(Content_Digest=f"sha-256=:{claimed}:")
        return _sign_rfc9421(signed, key, key_id, names, int(at), algorithm or "rsa-v1_5-sha256", has_body)
    if has_body:
        signed = signed.with_headers(Digest=f"SHA-256={claimed}")
    if form == "hs2019":
        return _sign_cavage(signed, key, key_id, names or HS2019, algorithm or "hs2019", has_body,
                            {"created": str(int(at)), "expires": str(int(at) + 300)})
    return _sign_cavage(signed, key, key_id, names or CAVAGE, algorithm or "rsa-sha256", has_body, {})


def _sign_cavage(request, key, key_id, names, algorithm, has_body, times):
    names = [name for name in names if has_body or name != "digest"]
    value = f'keyId="{key_id}",algorithm="{algorithm}"'
    value += "".join(f",{name}={at}" for name, at in times.items())
    value += f',headers="{" ".join(names)}"'
    value += f',signature="{_sign(key, _cavage_text(request, names, times))}"'
    return request.with_headers(Signature=value)


def _sign_rfc9421(request, key, key_id, names, at, algorithm, has_body):
    names = [name for name in names or RFC9421 if has_body or name != "content-digest"]
    parameters = "(" + " ".join(f'"{name}"' for name in names) + ")"
    parameters += f';alg="{algorithm}";keyid="{key_id}";created={at}'
    signature = _sign(key, _rfc9421_text(request, names, parameters))
    return request.with_headers(Signature_Input=f"sig1={parameters}", Signature=f"sig1=:{signature}:")


@dataclasses.dataclass
class Verified:
    form: str
    key_id: str
    names: tuple


def _check(key, signature, text):
    try:
        key.verify(base64.b64decode(signature), text.encode(), padding.PKCS1v15(), SHA256())
    except InvalidSignature:
        raise BadSignature(f"does not fit this text:\n{text}") from None


def _check_digest(request, names, name, pattern):
    if not request.body:
        return
    if name not in names:
        raise BadSignature(f"{name} is not signed")
    found = re.search(pattern, request.header(name) or "", re.IGNORECASE)
    if not found or found[1] != _b64(hashlib.sha256(request.body).digest()):
        raise BadSignature(f"{name} is not that of the body: {request.header(name)}")


def _check_date(request, names, clock):
    if "date" not in names:
        return
    age = clock() - email.utils.parsedate_to_datetime(request.header("date")).timestamp()
    if abs(age) > 300:
        raise BadSignature(f"the date is {age:.0f} s away")


def verify(request, key_of, clock=time.time):
    """What was signed by whom; key_of(key_id) gives the public key. Raises BadSignature."""
    if request.header("signature-input"):
        return _verify_rfc9421(request, key_of, clock)
    if request.header("signature"):
        return _verify_cavage(request, key_of, clock)
    raise BadSignature("there is none")


def _verify_cavage(request, key_of, clock):
    parameters = {name: quoted or bare for name, quoted, bare in
                  re.findall(r'(\w+)=(?:"([^"]*)"|(\d+))', request.header("signature"))}
    names = tuple(parameters.get("headers", "date").split())
    for name in ("(request-target)", "host"):
        if name not in names:
            raise BadSignature(f"{name} is not signed")
    _check_digest(request, names, "digest", r"sha-256=([^,\s]+)")
    _check_date(request, names, clock)
    _check(key_of(parameters["keyId"]), parameters["signature"], _cavage_text(request, names, parameters))
    form = "hs2019" if parameters.get("algorithm") == "hs2019" else "cavage"
    return Verified(form, parameters["keyId"], names)


def _verify_rfc9421(request, key_of, clock):
    found = re.fullmatch(r"(\w+)=(\(([^)]*)\)(.*))", request.header("signature-input"))
    signature = found and re.search(rf"\b{found[1]}=:([^:]+):", request.header("signature") or "")
    if not signature:
        raise BadSignature("Signature-Input and Signature do not belong together")
    names = tuple(re.findall(r'"([^"]+)"', found[3]))
    if "@method" not in names or not {"@target-uri", "@path", "@request-target"} & set(names):
        raise BadSignature(f"method and target are not signed: {names}")
    _check_digest(request, names, "content-digest", r"sha-256=:([^:]+):")
    _check_date(request, names, clock)
    key_id = re.search(r'keyid="([^"]+)"', found[4])[1]
    _check(key_of(key_id), signature[1], _rfc9421_text(request, names, found[2]))
    return Verified("rfc9421", key_id, names)

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A small S3-compatible store of objects that checks the signature (AWS version 4) of every request by
its own reading of the specification."""

import hashlib
import hmac
import http.server
import re
import threading
from urllib.parse import quote, unquote, urlsplit

from . import lab

FORM = re.compile(r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/s3/aws4_request, ?SignedHeaders=([^,]+), ?"
                  r"Signature=([0-9a-f]{64})$")


def _mac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class ObjectStore:
    """Objects by path. problems: what was wrong with requests that were refused."""

    tls = False

    def __init__(self, name, key="AKTEST", secret="s3cr3t/+key", region="eu-test-1"):
        self.name, self.key, self.secret, self.region = name, key, secret, region
        self.objects, self.types, self.problems, self.requests = {}, {}, [], []
        self.heads = []  # of the requests
        self.broken = False
        store = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format, *args):  # pylint: disable=redefined-builtin
                pass

            def _answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                status, answer, *headers = store.answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                for field, value in (headers[0] if headers else {}).items():
                    self.send_header(field, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(answer)

            do_GET = do_PUT = do_DELETE = do_HEAD = do_POST = _answer  # pylint: disable=invalid-name

        self.server = http.server.ThreadingHTTPServer((lab.address(name), 443 if self.tls else 80), Handler)
        if self.tls:
            self.server.socket = lab.server_context(name).wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def options(self):
        """Of a site that stores its files here."""
        return {"media_s3": f"http://{self.name}/bucket", "media_s3_key": self.key, "media_s3_secret": self.secret,
                "media_s3_region": self.region, "media_s3_allow": "10.7.0.0/16:80"}

    def _problem(self, method, path, headers, body):
        found = FORM.match(headers.get("Authorization", ""))
        if not found:
            return f"no signature: {headers.get('Authorization')}"
        key, date, region, signed, signature = found.groups()
        if (key, region) != (self.key, self.region):
            return f"another key or region: {key} {region}"
        digest = headers.get("x-amz-content-sha256", "")
        if digest != hashlib.sha256(body).hexdigest() and not (self.tls and digest == "UNSIGNED-PAYLOAD"):
            return f"the body is not {digest}"
        names = signed.split(";")
        if names != sorted(names) or not {"host", "x-amz-date"} <= set(names):
            return f"signed headers: {signed}"
        stamp = headers["x-amz-date"]
        if not stamp.startswith(date):
            return f"the dates differ: {stamp} {date}"
        split = urlsplit(path)
        canonical = "\n".join([
            method, quote(unquote(split.path), safe="/-_.~"), split.query,
            *[f"{name}:{' '.join((headers.get(name) or '').split())}" for name in names], "", signed, digest])
        scope = f"{date}/{region}/s3/aws4_request"
        text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        secret = _mac(_mac(_mac(_mac(b"AWS4" + self.secret.encode(), date), region), "s3"), "aws4_request")
        if not hmac.compare_digest(_mac(secret, text).hex(), signature):
            return f"the signature is wrong for:\n{canonical}"
        return None

    def answer(self, method, path, headers, body):
        self.requests.append((method, path))
        self.heads.append(dict(headers.items()))
        if self.broken:
            return 503, b"<Error>SlowDown</Error>"
        problem = self._problem(method, path, headers, body)
        if problem:
            self.problems.append(problem)
            return 403, b"<Error>SignatureDoesNotMatch</Error>"
        if method == "PUT":
            self.objects[path], self.types[path] = body, headers.get("Content-Type")
            return 200, b""
        if method == "DELETE":
            self.objects.pop(path, None)
            return 204, b""
        return (200, self.objects[path]) if path in self.objects else (404, b"<Error>NoSuchKey</Error>")

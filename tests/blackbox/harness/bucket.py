# SPDX-License-Identifier: AGPL-3.0-or-later
"""A bucket behind TLS with as much of S3 as pgBackRest and restic use: lists, parts of objects, uploads in
parts, and many removed at once. Signatures are checked as in harness.objects."""

import email.utils
import hashlib
import itertools
import re
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

from .objects import ObjectStore

PAGE = 100  # keys of one answer, few so that there are several
XML = '<?xml version="1.0" encoding="UTF-8"?>'
WHEN = "2026-11-28T12:00:00.000Z"


def etag(body):
    return f'"{hashlib.md5(body).hexdigest()}"'


class Bucket(ObjectStore):
    """Objects by their path, which begins with the bucket."""

    tls = True

    def __init__(self, name, **more):
        super().__init__(name, **more)
        self.uploads, self.numbers = {}, itertools.count(1)

    def options(self):
        """Of an installation that is backed up here."""
        return {"backup_repository": f"https://{self.name}/bucket/backup", "backup_s3_key": self.key,
                "backup_s3_region": self.region, "backup_s3_path_style": True}

    def answer(self, method, path, headers, body):
        self.requests.append((method, path))
        problem = self._problem(method, path, headers, body)
        if problem:
            self.problems.append(problem)
            return 403, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
        split = urlsplit(path)
        name, query = unquote(split.path), parse_qs(split.query, keep_blank_values=True)
        if name.strip("/") == "bucket":
            return self._bucket(method, query, body)
        if "uploads" in query or "uploadId" in query:
            return self._parts(method, name, query, body)
        return self._object(method, name, headers, body)

    def _bucket(self, method, query, body):
        if method == "HEAD":
            return 200, b""
        if method == "POST" and "delete" in query:
            for key in re.findall(r"<Key>(.*?)</Key>", body.decode()):
                self.objects.pop(f"/bucket/{key}", None)
            return 200, f"{XML}<DeleteResult></DeleteResult>".encode()
        if "location" in query:
            return 200, f"{XML}<LocationConstraint>{self.region}</LocationConstraint>".encode()
        return self._list(query)

    def _list(self, query):
        def first(name):
            return query.get(name, [""])[0]

        prefix, delimiter, after = first("prefix"), first("delimiter"), first("continuation-token")
        found = {}
        for path, content in sorted(self.objects.items()):
            key = path[len("/bucket/"):]
            if not key.startswith(prefix):
                continue
            end = key.find(delimiter, len(prefix)) if delimiter else -1
            if end >= 0:
                found[key[:end + 1]] = None
            else:
                found[key] = content
        names = [name for name in sorted(found) if name > after]
        page, more = names[:PAGE], len(names) > PAGE
        rows = "".join(
            f"<CommonPrefixes><Prefix>{escape(name)}</Prefix></CommonPrefixes>" if found[name] is None else
            f"<Contents><Key>{escape(name)}</Key><LastModified>{WHEN}</LastModified><ETag>{etag(found[name])}</ETag>"
            f"<Size>{len(found[name])}</Size></Contents>" for name in page)
        token = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
        return 200, (f"{XML}<ListBucketResult><Name>bucket</Name><IsTruncated>{str(more).lower()}</IsTruncated>"
                     f"{token}{rows}</ListBucketResult>").encode()

    def _parts(self, method, name, query, body):
        if method == "POST" and "uploads" in query:
            number = str(next(self.numbers))
            self.uploads[number] = {}
            return 200, (f"{XML}<InitiateMultipartUploadResult><UploadId>{number}</UploadId>"
                         "</InitiateMultipartUploadResult>").encode()
        number = query["uploadId"][0]
        if method == "PUT":
            self.uploads[number][int(query["partNumber"][0])] = body
            return 200, b"", {"ETag": etag(body)}
        parts = self.uploads.pop(number)
        if method == "POST":
            self.objects[name] = b"".join(parts[part] for part in sorted(parts))
            return 200, (f"{XML}<CompleteMultipartUploadResult><ETag>{etag(self.objects[name])}</ETag>"
                         "</CompleteMultipartUploadResult>").encode()
        return 204, b""

    def _object(self, method, name, headers, body):
        if method == "PUT":
            self.objects[name] = body
            return 200, b"", {"ETag": etag(body)}
        if method == "DELETE":
            self.objects.pop(name, None)
            return 204, b""
        if name not in self.objects:
            return 404, b"<Error><Code>NoSuchKey</Code></Error>"
        content = self.objects[name]
        more = {"ETag": etag(content), "Last-Modified": email.utils.formatdate(usegmt=True)}
        wanted = re.match(r"bytes=(\d+)-(\d*)$", headers.get("Range") or "")
        if not wanted:
            return 200, content, more
        start, end = int(wanted[1]), int(wanted[2] or len(content) - 1)
        more["Content-Range"] = f"bytes {start}-{min(end, len(content) - 1)}/{len(content)}"
        return 206, content[start:end + 1], more

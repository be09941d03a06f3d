# SPDX-License-Identifier: AGPL-3.0-or-later
"""Archives as Mastodon makes them of an account: ZIP files now, TAR files with gzip until a while ago."""

import gzip
import io
import json
import tarfile
import zipfile

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


class Account:
    """An account elsewhere and what it wrote; a file of its archive each for actor, outbox and media."""

    def __init__(self, host="old.example", name="kiwi"):
        self.id = f"https://{host}/users/{name}"
        self.items, self.files = [], {}

    def actor(self):
        return {"@context": ["https://www.w3.org/ns/activitystreams"], "id": self.id, "type": "Person",
                "preferredUsername": "kiwi", "inbox": f"{self.id}/inbox", "outbox": "outbox.json",
                "followers": f"{self.id}/followers", "likes": "likes.json", "bookmarks": "bookmarks.json"}

    def post(self, content, visibility="public", published="2019-05-04T10:11:12Z", files=(), **more):
        """Adds a post and gives its id. files: name in the archive, bytes, description."""
        uri = f"{self.id}/statuses/{100000 + len(self.items)}"
        followers = f"{self.id}/followers"
        to, cc = {"public": ([PUBLIC], [followers]), "unlisted": ([followers], [PUBLIC]),
                  "private": ([followers], []), "direct": (["https://else.example/users/x"], [])}[visibility]
        attachments = []
        for name, data, description in files:
            self.files[name] = data
            attachments.append({"type": "Document", "mediaType": "image/jpeg", "url": f"/{name}",
                                "name": description, "focalPoint": [0.25, -0.5], "blurhash": "x"})
        thing = {"id": uri, "type": "Note", "summary": None, "inReplyTo": None, "published": published, "url": uri,
                 "attributedTo": self.id, "to": to, "cc": cc, "sensitive": False, "content": content,
                 "contentMap": {"en": content}, "attachment": attachments, "tag": [],
                 "replies": {"id": f"{uri}/replies", "type": "Collection"}, **more}
        self.items.append({"id": f"{uri}/activity", "type": "Create", "actor": self.id, "published": published,
                           "to": to, "cc": cc, "object": thing})
        return uri

    def boost(self, uri="https://else.example/1"):
        self.items.append({"id": f"{self.id}/statuses/{len(self.items)}/activity", "type": "Announce",
                           "actor": self.id, "published": "2020-01-01T00:00:00Z", "to": [PUBLIC], "cc": [],
                           "object": uri})

    def members(self):
        outbox = {"@context": "https://www.w3.org/ns/activitystreams", "id": "outbox.json",
                  "type": "OrderedCollection", "totalItems": len(self.items), "orderedItems": self.items}
        return {"actor.json": json.dumps(self.actor()).encode(), "outbox.json": json.dumps(outbox).encode(),
                **self.files}

    def zip(self):
        return packed(self.members())

    def tar(self, folder=""):
        return tarred([(folder + name, data) for name, data in self.members().items()])


def packed(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in members.items():
            made.writestr(name, data)
    return out.getvalue()


def tarred(members):
    """members: name and bytes, or a whole TarInfo."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz", format=tarfile.GNU_FORMAT) as made:
        for one in members:
            if isinstance(one, tarfile.TarInfo):
                made.addfile(one)
                continue
            info = tarfile.TarInfo(one[0])
            info.size = len(one[1])
            made.addfile(info, io.BytesIO(one[1]))
    return out.getvalue()


def zeros(megabytes):
    """A TAR with gzip that holds so much of nothing."""
    out = io.BytesIO()
    with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1) as zipped:
        info = tarfile.TarInfo("actor.json")
        info.size = megabytes << 20
        zipped.write(info.tobuf())
        for _ in range(megabytes):
            zipped.write(bytes(1 << 20))
        zipped.write(bytes(1024))
    return out.getvalue()


def read(data):
    """The members of a ZIP file by their names."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        return {info.filename: opened.read(info) for info in opened.infolist()}

# SPDX-License-Identifier: AGPL-3.0-or-later
"""A domain's archive as a test sees it: what is in it, and the same with something changed, whole again."""

import hashlib
import io
import json
import tarfile


class Archive:
    """Entries by their names, in their order. What is said of them is made anew when it is written."""

    def __init__(self, path):
        self.raw = path.read_bytes()
        with tarfile.open(fileobj=io.BytesIO(self.raw)) as tar:
            self.entries = {one.name: tar.extractfile(one).read() for one in tar}
        self.manifest = json.loads(self.entries.pop("manifest.json"))
        self.end = json.loads(self.entries.pop("end.json"))
        self.notices = [json.loads(self.entries.pop(name)) for name in list(self.entries)
                        if name.startswith("rows/") and name.endswith(".json")]

    def names(self, kind):
        return [name for name in self.entries if name.startswith(f"rows/{kind}/")]

    def rows(self, kind):
        return [json.loads(line) for name in self.names(kind) for line in self.entries[name].splitlines()]

    def files(self):
        return {name.removeprefix("media/"): data for name, data in self.entries.items() if name.startswith("media/")}

    def put(self, kind, rows):
        """Other rows of a kind, in one entry; where none were they stand at the end."""
        for name in self.names(kind)[1:]:
            del self.entries[name]
        text = "".join(json.dumps(row) + "\n" for row in rows).encode()
        files = {name: self.entries.pop(name) for name in list(self.entries) if name.startswith("media/")}
        self.entries[f"rows/{kind}/000001.jsonl"] = text
        self.entries.update(files)
        return self

    def change(self, kind, number=0, /, **columns):
        """One row of a kind with other columns."""
        rows = self.rows(kind)
        rows[number].update(columns)
        return self.put(kind, rows)

    def add(self, kind, /, **columns):
        """One more row, like the first but for these columns."""
        rows = self.rows(kind)
        return self.put(kind, rows + [{**(rows[0] if rows else {}), **columns}])

    def _notices(self):
        return {name: {"name": name, "kind": name.split("/")[1], "rows": data.count(b"\n"), "size": len(data),
                       "sha256": hashlib.sha256(data).hexdigest()}
                for name, data in self.entries.items() if name.startswith("rows/")}

    def _whole(self):
        """All of it as it is written now."""
        yield "manifest.json", json.dumps(self.manifest).encode()
        notices = self._notices()
        for name, data in self.entries.items():
            if name in notices:
                yield name.removesuffix("l"), json.dumps(notices[name]).encode()
            yield name, data
        yield "end.json", json.dumps({**self.end, "entries": len(notices), "files": len(self.files())}).encode()

    def _first_format(self):
        """The manifest says it of all, and nothing stands at the end."""
        manifest = {**self.manifest, "format": 1, "entries": [*self._notices().values()]}
        yield "manifest.json", json.dumps(manifest).encode()
        yield from self.entries.items()

    def write(self, path, first_format=False, but=()):
        """Whole again, but for entries that are left out."""
        with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as tar:
            for name, data in self._first_format() if first_format else self._whole():
                if name not in but:
                    head = tarfile.TarInfo(name)
                    head.size = len(data)
                    tar.addfile(head, io.BytesIO(data))
        return path

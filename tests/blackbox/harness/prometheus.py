# SPDX-License-Identifier: AGPL-3.0-or-later
"""Prometheus' text format (version 0.0.4), read more strictly than Prometheus does."""

import re

NAME = re.compile(r"[a-z_:][a-z0-9_:]*")
SAMPLE = re.compile(r'([a-z_:][a-z0-9_:]*)'
                    r'(?:\{((?:[a-z_][a-z0-9_]*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (-?[0-9.]+|\+Inf)')
LABEL = re.compile(r'([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
UNITS = ("_seconds", "_bytes", "_total", "_ratio", "_info")


class Metrics(dict):
    """{(name, ((label, value), ...)): number}"""

    def __init__(self, text):
        super().__init__()
        self.types, self.helps, self.closed = {}, {}, set()
        assert text.endswith("\n")
        for line in text.splitlines():
            self._line(line)
        for name, kind in self.types.items():
            assert (kind == "counter") == name.endswith("_total"), name
            assert "_total_" not in name and "_ms" not in name and "milli" not in name, name
            if kind == "histogram":
                self._histogram(name)

    def _line(self, line):
        if line.startswith("# HELP "):
            _, _, name, words = line.split(" ", 3)
            assert NAME.fullmatch(name) and words and name not in self.helps, line
            self.helps[name] = words
            return
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert kind in ("counter", "gauge", "histogram") and name in self.helps and name not in self.types, line
            self.closed.update(self.types)
            self.types[name] = kind
            return
        match = SAMPLE.fullmatch(line)
        assert match, line
        name, labels, number = match.groups()
        family = name if name in self.types else re.sub("_(bucket|sum|count)$", "", name)
        assert family in self.types and family not in self.closed, f"out of its family: {line}"
        key = (name, tuple(LABEL.findall(labels or "")))
        assert key not in self, f"twice: {line}"
        self[key] = float(number)
        assert self.types[family] == "gauge" or self[key] >= 0, line

    def _histogram(self, name):
        series = {}
        for (sample, labels), number in self.items():
            if sample == f"{name}_bucket":
                rest = tuple(pair for pair in labels if pair[0] != "le")
                series.setdefault(rest, []).append((float(dict(labels)["le"].replace("+Inf", "inf")), number))
        assert series
        for rest, buckets in series.items():
            assert buckets == sorted(buckets) and [n for _, n in buckets] == sorted(n for _, n in buckets), rest
            assert buckets[-1][0] == float("inf") and buckets[-1][1] == self[(f"{name}_count", rest)]
            assert (f"{name}_sum", rest) in self

    def value(self, name, **labels):
        """Of the one sample that has these labels among its own."""
        found = self.samples(name, **labels)
        assert len(found) == 1, (name, labels, found)
        return found[0][1]

    def samples(self, name, **labels):
        return [(dict(has), number) for (sample, has), number in self.items()
                if sample == name and labels.items() <= dict(has).items()]

    def sum(self, name, **labels):
        return sum(number for _, number in self.samples(name, **labels))

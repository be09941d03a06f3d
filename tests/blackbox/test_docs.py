# SPDX-License-Identifier: AGPL-3.0-or-later
"""What the documents name is there: paths, functions, make targets, state machines."""

import functools
import re
import subprocess

import pytest

from harness import lab

PAGES = ["README.md", "CONTRIBUTING.md", "FEDERATION.md", "docs/install.md", "docs/stator.md"]
ROOMS = ("lib", "server", "stator", "provisioning", "sql", "templates", "tools", "systemd", "man", "docs", "tests",
         "packages", "make")
ELSEWHERE = {"assert()"}


def read(page):
    return (lab.ROOT / page).read_text(encoding="utf-8")


def words(page):
    """What stands in backticks."""
    return set(re.findall(r"`([^`\n]+)`", read(page)))


@functools.lru_cache(maxsize=None)
def code():
    found = [path.read_text(encoding="utf-8") for room in ("lib", "server", "stator", "provisioning", "sql", "tests")
             for end in ("c", "h", "sql", "py") for path in (lab.ROOT / room).rglob(f"*.{end}")
             if "node_modules" not in path.parts]
    return "\n".join(found)


@pytest.mark.parametrize("page", PAGES)
def test_paths_are_there(page):
    gone = []
    for word in words(page):
        path = word.split(" ")[0]
        if path.split("/")[0] in ROOMS and "/" in path and not re.search(r"[<>*:]|NNNN|_<", path):
            if not (lab.ROOT / path).exists():
                gone.append(word)
    assert gone == []


@pytest.mark.parametrize("page", PAGES)
def test_functions_are_there(page):
    named = {word for word in words(page) if re.fullmatch(r"[a-z]\w+\(\)", word)} - ELSEWHERE
    gone = [word for word in named if not re.search(rf"\b{word[:-2]}\(", code())]
    assert gone == []


def test_make_has_every_target_of_the_readme():
    section = read("README.md").split("## What make can do")[1].split("\n## ")[0]
    makefiles = "\n".join(path.read_text(encoding="utf-8") for path in
                          [lab.ROOT / "Makefile", *sorted((lab.ROOT / "make").glob("*.mk"))])
    targets = re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
    assert "check" in targets
    assert [name for name in targets if not re.search(rf"^{name}\b.*:(?!=)", makefiles, re.MULTILINE)] == []


def test_state_machines_are_drawn_as_they_are():
    done = subprocess.run([lab.ROOT / "tools/docs", lab.PROGRAMS / "rookery-stator", "check"], text=True,
                          capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_room_is_on_the_map():
    rows = re.findall(r"^\| ((?:`[\w/]+` ?)+)\|", read("README.md"), re.MULTILINE)
    named = {word for row in rows for word in re.findall(r"`([\w/]+)`", row)}
    for room in [f"lib/{path.name}" for path in (lab.ROOT / "lib").iterdir() if path.is_dir()]:
        assert room in named, room


def is_served(routes, method, path):
    """Whether a table of routes has a row for a documented one; ':' stands for any segment."""
    asked = [":" if part.startswith(":") else part for part in path.split("/")]
    return any(method == one and len(pattern) == len(asked)
               and all(there in (part, ":") for part, there in zip(asked, pattern)) for one, pattern in routes)


def test_the_page_of_the_client_api_tells_what_is_served():
    tables = "\n".join(path.read_text(encoding="utf-8") for path in (lab.ROOT / "server").glob("*/*.c"))
    routes = [(method, pattern.split("/")) for methods, pattern in
              re.findall(r'\{\s*((?:METHOD_\w+(?:\s*\|\s*)?)+),\s*"([^"]+)"', tables)
              for method in re.findall(r"METHOD_(\w+)", methods)]
    rows = re.findall(r"^\| [\w/]+ \| (.*) \| (.*) \|$", read("docs/client-api.md"), re.MULTILINE)[1:]
    named = [re.findall(r"(\w+) `([^`]+)`", cell) for row in rows for cell in row]
    served, missing = sum(named[::2], []), sum(named[1::2], [])
    assert len(served) > 200 and len(served) + len(missing) == 263
    assert [one for one in served if not is_served(routes, *one)] == []
    assert [one for one in missing if is_served(routes, *one)] == []

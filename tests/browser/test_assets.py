# SPDX-License-Identifier: AGPL-3.0-or-later
"""What every page loads is small, has one direction of its own (that of the writing), and is all used."""

import pathlib
import re

ASSETS = pathlib.Path("templates/assets")
STYLE = (ASSETS / "style.css").read_text()
RULES = re.sub(r"/\*.*?\*/", "", STYLE, flags=re.DOTALL)
# What means left or right whichever way people write.
PHYSICAL = re.compile(r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right)[\w-]*|left|right|inset)\s*:|"
                      r"(?:text-align|float|clear)\s*:\s*(?:left|right)|border-(?:top|bottom)-(?:left|right)-radius")


def test_size():
    assert len(STYLE.encode()) < 40 * 1024
    scripts = list(ASSETS.glob("*.js"))
    assert ASSETS / "app.js" in scripts
    assert all(len(path.read_bytes()) < 15 * 1024 for path in scripts)


def test_style_knows_no_left_and_no_right():
    wrong = [found.group() for found in PHYSICAL.finditer(RULES) if "inset: 0;" not in RULES[found.start():][:9]]
    assert wrong == []
    assert PHYSICAL.search("margin-left: 1px") and PHYSICAL.search("text-align: right")
    assert not PHYSICAL.search("margin-inline: 1px") and not PHYSICAL.search("text-align: start")


def test_style_asks_for_what_people_need():
    for need in ("prefers-color-scheme: dark", "prefers-contrast: more", "prefers-reduced-motion", "forced-colors",
                 "@media print", ":focus-visible", ":root.contrast", ":root.still"):
        assert need in RULES, need
    assert "url(http" not in RULES and "@import" not in RULES


def test_every_icon_is_drawn():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (ASSETS / "icons.svg").read_text()))
    pages = "".join(path.read_text() for path in pathlib.Path("templates").rglob("*.html"))
    used = set(re.findall(r'part/icon\("([\w-]+)"\)', pages)) | {"logo"}
    assert used <= drawn

# SPDX-License-Identifier: AGPL-3.0-or-later
"""Catalogues of texts: what a translation may be, what is refused, and that a missing one is counted and English."""

import pathlib
import re
import shutil
import subprocess

import pytest

TEXTS = pathlib.Path("templates/text")
HEADER = ('msgid ""\nmsgstr ""\n"Language: xx\\n"\n"X-Language-Name: Xx\\n"\n'
          '"Plural-Forms: nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);\\n"\n')


@pytest.fixture
def compiled(tmp_path):
    """compiled(entries) -> what tplgen made of one page with three texts, and of this translation."""
    (tmp_path / "text").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "text/en.txt").write_text("hello = Hello {0}\nbye = Good bye\nn#one = {0} egg\nn#other = {0} eggs\n")
    (tmp_path / "page.html").write_text('{% args const char *x %}\n<p>{% t "hello", x %} {% t "bye" %} '
                                        '{% tn "n", 3 %}</p>\n')

    def compile_with(entries, status=0, header=HEADER):
        (tmp_path / "text/xx.po").write_text(header + entries)
        done = subprocess.run(["build/tools/tplgen", tmp_path / "out", tmp_path / "page.html", tmp_path / "text/xx.po"],
                              capture_output=True, text=True, check=False)
        assert done.returncode == status, done.stderr
        return done.stderr if status else ((tmp_path / "out/catalogues.txt").read_text(),
                                           (tmp_path / "out/templates.c").read_text())

    return compile_with


def entry(key, english, text):
    return f'\nmsgctxt "{key}"\nmsgid "{english}"\nmsgstr "{text}"\n'


def test_what_is_missing_is_counted_and_english(compiled):
    counts, code = compiled(entry("hello", "Hello {0}", "Kia ora {0}"))
    assert counts == "xx 1 of 3\n"
    assert "Kia ora" in code and '"Good bye"' in code


@pytest.mark.parametrize("text", ["Haere ra {0} {1}", "Haere ra", "{1} haere"])
def test_values_are_those_of_the_english_text(compiled, text):
    assert "says other values" in compiled(entry("hello", "Hello {0}", text), 1)


def test_unknown_keys_are_refused(compiled):
    assert 'no text \\"' not in compiled(entry("bye", "Good bye", "x"))[1]
    assert 'en.txt has no text "nobody"' in compiled(entry("nobody", "x", "y"), 1)


def test_what_the_english_text_was_before_is_no_translation(compiled):
    assert compiled(entry("bye", "Farewell", "Haere ra"))[0] == "xx 0 of 3\n"
    assert compiled("\n#, fuzzy" + entry("bye", "Good bye", "Haere ra"))[0] == "xx 0 of 3\n"


def test_forms_follow_the_language(compiled):
    forms = ('\nmsgctxt "n"\nmsgid "{0} egg"\nmsgid_plural "{0} eggs"\nmsgstr[0] "one {0}"\nmsgstr[1] "two {0}"\n'
             'msgstr[2] "many {0}"\n')
    counts, code = compiled(forms)
    assert counts == "xx 1 of 3\n"
    assert "n==1 ? 0 : n==2 ? 1 : 2" in code and "two " in code


@pytest.mark.parametrize("forms", ["nplurals=2; plural=system(n);", "nplurals=9; plural=n;", ""])
def test_forms_are_an_expression_and_nothing_else(compiled, forms):
    header = HEADER.replace("nplurals=3; plural=(n==1 ? 0 : n==2 ? 1 : 2);", forms)
    assert "Plural-Forms" in compiled("", 1, header)


@pytest.mark.parametrize("path", sorted(TEXTS.glob("*.po")), ids=lambda path: path.stem)
def test_files_are_good_gettext(path, tmp_path):
    assert shutil.which("msgfmt"), "gettext is missing"
    done = subprocess.run(["msgfmt", "--check", "-o", tmp_path / "x.mo", path], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    assert f"Language: {path.stem}" in path.read_text()


def test_texts_for_programs_are_said():
    """Keys that begin with "form." or "say." are no template's: C code names them, or says the English words."""
    sources = "".join(path.read_text() for room in ("server", "lib", "stator")
                      for path in pathlib.Path(room).rglob("*.c"))
    flat = re.sub(r'"\s*\n\s*"', "", sources)
    unsaid = []
    for line in (TEXTS / "en.txt").read_text().splitlines():
        key, _, text = (part.strip() for part in line.partition("="))
        if not key.startswith(("say.", "form.")) or re.match(r"form\.(month|short)\.\d", key):
            continue
        name = "TEXT_" + re.sub(r"\W", "_", key).upper()
        words = max(re.split(r"\{\d\}", text.rstrip(".")), key=len).strip()
        if name not in sources and (key.startswith("form.") or not (words[1:12] in flat or words[-9:] in flat)):
            unsaid.append(key)
    assert unsaid == []

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


# What no page shows: other servers and programs read it, or the command line says it.
UNSEEN = {
    "other servers": {"inbox*", "*_ap", "post_remote", "quote_work", "featured_collection_remote", "identity_verify",
                      "identity_remote", "card", "media_remote"},
    "programs": {"oauth", "scope", "application", "push", "idempotency", "marker", "featured_collection",
                 "featured_tag", "endorsement", "notification_policy", "qr"},
    "operators and logs": {"user", "sharing", "webhook_document", "mail_text", "server", "limit", "operator", "queue"},
}
UNSEEN_TEXTS = {
    "of the client API": {"Account has already been taken.", "Type is not included in the list.",
                          "Canonical email hash is invalid.", "Name is not a recognized emoji.",
                          "There are {} different reactions already.", "{} reactions are enough.",
                          "A follow has at most {} languages.", "At most {} domains may name somebody.",
                          "{} is no domain.", "That is no policy for quotes.", "Its author may not write any more.",
                          "No tenant is active that could sign a fetch.", "There is no setting {}.",
                          "The webhook is switched off.", "The file is just being removed."},
    "of the command line": {
        "Nobody has the archive of {}: write it with rookery domain move-out {} --output=FILE.",
        "The archive of {} lacks files, which end with it here: write a whole one, or say --incomplete."},
    "made of others": {"{}.", "Say {}.", "{}: {}.", "{} has at most {} characters."},
}
WORDS = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
CONDITION = r'(?:[^;?"]*(?:"[^"]*"[^;?"]*)?\?\s*)?'
FAIL = re.compile(r"\b(?:fail\(\s*c,\s*\w+,|refuse\(c,|wrong\(line[^,;]*,\s*STR\()\s*" + CONDITION + WORDS +
                  r"(?::\s*" + WORDS + ")?")


def sentence(literals):
    """As server/web/form.c words what fail() was given, with {} for its values."""
    words = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"')
    words = words.removeprefix("Validation failed: ")
    words = re.sub(r"%(?:\.\*)?(?:ll|l|z)?[sdu]", "{}", words)
    return words[:1].upper() + words[1:] + ("" if words[-1:] in ".?!" else ".")


def test_whatever_fails_on_a_page_has_a_translation():
    said = {re.sub(r"\{\d\}", "{}", line.partition("=")[2].strip())
            for line in (TEXTS / "en.txt").read_text().splitlines() if line.startswith("say.")}
    unseen = set().union(*UNSEEN_TEXTS.values())
    lacking = set()
    for path in (*pathlib.Path("lib/model").glob("*.c"), *pathlib.Path("server/web").glob("*.c")):
        if any(path.match(f"{name}.c") for names in UNSEEN.values() for name in names):
            continue
        for found in FAIL.finditer(re.sub(r'"\s*\n\s*"', "", path.read_text())):
            for literals in filter(None, found.groups()):
                text = sentence(literals)
                if text not in said | unseen and not re.match(r"[A-Z]\w+_\w+: ", text):
                    lacking.add(f"{path}: {text}")
    assert sorted(lacking) == []


def test_words_of_tables_have_a_translation():
    """Tables of C code hold English words, which titled() and text_word() look up."""
    texts = {line.partition("=")[2].strip() for line in (TEXTS / "en.txt").read_text().splitlines()}
    for path, table in (("staff.c", "staff_sections"), ("staff.c", "groups"), ("staff.c", "done_words"),
                        ("staff_view.c", "words"), ("console.c", "sections"), ("console.c", "words")):
        [rows] = re.findall(r"\b%s(?:\[\w*\])? = \{(.*?)\n\t?\};" % table, pathlib.Path("server/web", path).read_text(),
                            re.DOTALL)
        words = re.findall(r'"([^"]*)"', rows)
        shown = [word for word in words if word[:1].isupper()]
        assert shown and set(shown) <= texts, (path, table, sorted(set(shown) - texts))

"""What a change reaches, by names and by files, and from where git says that it changed."""

from functools import partial

import pytest

from tools.scope import Scope, changed_since_main, scope_of, text_before

HELPER, DOUBLE = "snippets/part/helper.py", "snippets/part/double.py"
BOTH = [f"docs/{language}/part/double.md" for language in ("en", "zh")]
TEST = "tests/part/test_double.py"


def scope(book) -> Scope:
    changed, against = changed_since_main(book.root)
    return scope_of(changed, book.root, partial(text_before, book.root, against))


def test_what_was_committed_and_what_was_not_has_changed(book):
    assert changed_since_main(book.root) == ([], "main")
    book.edit(DOUBLE, "shown(5)", "shown(6)")
    book.git("commit", "--quiet", "--all", "--message=Six")
    book.edit(BOTH[0], "The result", "This")
    book.write("docs/en/新.md", "New.")
    assert changed_since_main(book.root) == ([BOTH[0], "docs/en/新.md", DOUBLE], "main")


def test_what_main_has_got_meanwhile_is_no_change(book):
    book.git("switch", "--quiet", "main")
    book.edit(DOUBLE, "shown(5)", "shown(6)")
    book.git("commit", "--quiet", "--all", "--message=Six")
    book.git("switch", "--quiet", "work")
    assert changed_since_main(book.root) == ([], "main")


def test_a_forks_upstream_comes_before_its_own_main(book):
    book.git("update-ref", "refs/remotes/upstream/main", "main")
    assert changed_since_main(book.root) == ([], "upstream/main")


def test_without_main_or_git_nothing_can_be_told(book, monkeypatch):
    book.git("branch", "--quiet", "--delete", "--force", "main")
    assert changed_since_main(book.root) == (None, "")
    monkeypatch.setenv("PATH", "")
    assert changed_since_main(book.root) == (None, "")


def test_a_page_reaches_its_twin_and_no_snippet(book):
    book.edit(BOTH[0], "The result", "This")
    found = scope(book)
    assert (found.snippets, found.pages, found.tests) == ([], BOTH, [])


def test_an_experiment_reaches_its_pages_and_its_tests(book):
    book.edit(DOUBLE, "shown(5)", "shown(6)")
    found = scope(book)
    assert (found.snippets, found.pages, found.tests) == (["part/double.py"], BOTH, [TEST])
    assert found.python == [DOUBLE]


@pytest.mark.parametrize("old, new", [("FACTOR * x", "x + x"), ("FACTOR = 2", "FACTOR = 3")])
def test_a_function_reaches_those_who_import_it(book, old, new):
    book.edit(HELPER, old, new)
    found = scope(book)
    assert found.snippets == ["part/double.py", "part/helper.py"]
    assert (found.pages, found.tests) == (BOTH, [TEST])


def test_an_experiment_reaches_none_of_those_who_import_its_module(book):
    import_from_double = "part.double import shown"
    book.edit("snippets/part/triple.py", "part.helper import thrice", import_from_double)
    book.git("commit", "--quiet", "--all", "--message=Import")
    book.git("branch", "--quiet", "--force", "main", "work")
    book.edit(DOUBLE, "shown(5)", "shown(6)")
    assert scope(book).snippets == ["part/double.py"]


def test_a_comment_reaches_nobody_else(book):
    book.edit(HELPER, "FACTOR = 2", "FACTOR = 2  # of twice")
    assert scope(book).snippets == ["part/helper.py"]


@pytest.mark.parametrize(
    "path, old, new",
    [
        (HELPER, "FACTOR = 2", "FACTOR = 2\nprint(FACTOR)"),
        (HELPER, "def twice", "def twice("),
        ("snippets/part/triple.py", "import thrice", "import thrice, twice"),
    ],
)  # fmt: skip
def test_what_can_change_everything_reaches_all(book, path, old, new):
    book.edit(HELPER, "FACTOR * x", "x + x")
    book.edit(path, old, new)
    assert {"part/double.py", "part/triple.py"} <= set(scope(book).snippets)
    assert len(scope(book).pages) == 4 and len(scope(book).tests) == 2


def test_a_name_is_followed_through_a_module_between(book):
    book.write("snippets/part/middle.py", "from snippets.part import helper\n\n\n"
               "def four(x):\n    return helper.twice(2 * x)\n\n\ndef none():\n    return 0\n")
    for topic, name in (("double", "four"), ("triple", "none")):
        path = f"snippets/part/{topic}.py"
        book.edit(path, f"part.helper import {'twice' if topic == 'double' else 'thrice'}",
                  f"part.middle import {name}")  # fmt: skip
    book.git("add", ".")
    book.git("commit", "--quiet", "--message=Between")
    book.git("branch", "--quiet", "--force", "main", "work")
    book.edit(HELPER, "3 * x", "x + x + x")
    reached = scope(book).snippets
    assert "part/middle.py" in reached and "part/double.py" in reached
    assert "part/triple.py" not in reached


def test_a_test_that_imports_what_changed_is_run(book):
    book.write("tests/part/test_helper.py", "from snippets.part.helper import twice\n")
    book.write("tests/part/test_other.py", "from snippets.part.helper import thrice\n")
    book.git("add", ".")
    book.git("commit", "--quiet", "--message=Tests")
    book.git("branch", "--quiet", "--force", "main", "work")
    book.edit(HELPER, "FACTOR * x", "x + x")
    assert scope(book).tests == [TEST, "tests/part/test_helper.py"]


def test_the_shared_fixtures_reach_all_tests_and_the_ledger_its_own(book):
    book.edit("tests/conftest.py", "max_examples=60", "max_examples=6")
    assert scope(book).tests == ["tests"]
    assert not scope(book).ledger
    book.write("ledger/words.yml", "[]\n")
    assert scope(book).ledger

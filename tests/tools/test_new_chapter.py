"""A new chapter is whole at once, and a bad name changes nothing."""

import difflib
import os
import shutil
import subprocess
import sys

import pytest

from tools.new_chapter import Refused, lay_down
from weave import loom
from weave.chapters import collect
from weave.check import check_book, unfinished


@pytest.fixture(scope="module")
def copy(root, tmp_path_factory):
    """The book, to add chapters to."""
    book = tmp_path_factory.mktemp("book")
    for name in ("docs", "snippets", "tests"):
        shutil.copytree(root / name, book / name, ignore=shutil.ignore_patterns("__pycache__"))
    for file in (*root.glob("mkdocs*.yml"), *root.glob("*.md"), root / "pyproject.toml"):
        shutil.copy(file, book)
    for name in ("exercises", "ledger", "overrides", "weave", "tools"):
        (book / name).symlink_to(root / name)
    return book


def contents(book):
    kept = {".weave", "__pycache__", ".hypothesis"}
    files = (file for file in sorted(book.rglob("*.*")) if kept.isdisjoint(file.parts))
    files = (file for file in files if file.is_file())
    return {file.relative_to(book).as_posix(): file.read_bytes() for file in files}


@pytest.mark.parametrize(("part", "name"), [
    ("mechanics", "my-topic"), ("why-matmul/beyond", "own-way"), ("reference", "more"),
])  # fmt: skip
def test_a_new_chapter_is_right_in_every_respect(copy, root, part, name, monkeypatch):
    monkeypatch.delenv("CI", raising=False)
    before, known = contents(copy), check_book(copy)
    paths = lay_down(copy, part, name)
    assert check_book(copy) == known == check_book(root)
    pages = {path for path in paths if path.endswith(".md")}  # and those that list it
    assert len(pages) == 4 and pages <= {problem.path for problem in unfinished(copy)}
    monkeypatch.setenv("CI", "true")
    assert pages <= {problem.path for problem in check_book(copy)}
    snippets = [p.removeprefix("snippets/") for p in paths if p.startswith("snippets/")]
    assert len(snippets) == 2 and set(snippets) <= collect(copy).keys()
    woven = loom.weave(copy, dict.fromkeys(snippets))
    assert woven.problems == [] and len(woven.records) == 2
    after = contents(copy)
    assert {file for file in after if after[file] != before.get(file)} == set(paths)
    for file in before.keys() & set(paths):  # lines were added, and nothing else
        changes = list(difflib.ndiff(*(x[file].decode().splitlines() for x in (before, after))))
        added = [line for line in changes if line.startswith("+ ")]
        assert not [line for line in changes if line.startswith("- ")] and len(added) <= 3, added


def test_its_tests_pass_and_notice_a_fault(copy):
    paths = lay_down(copy, "foundations", "two-orders")
    tests = [path for path in paths if path.startswith("tests/")]
    command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", *tests]
    environment = os.environ | {"PYTHONPATH": str(copy)}
    run = {"cwd": copy, "env": environment, "capture_output": True, "text": True, "check": False}
    done = subprocess.run(command, **run)
    assert done.returncode == 0 and "3 passed" in done.stdout, done.stdout
    snippet = copy / "snippets/foundations/two_orders.py"
    snippet.write_text(snippet.read_text().replace("a @ b - b @ a", "a @ b + b @ a"))
    done = subprocess.run(command, **run)
    assert "test_commutator_against_einsum" in done.stdout and done.returncode == 1


def test_the_lines_stand_behind_the_parts_last(copy):
    lay_down(copy, "language", "last-words")
    nav = (copy / "mkdocs.en.yml").read_text(encoding="utf-8").splitlines()
    place = nav.index("      - language/last-words.md")
    assert nav[place - 1].startswith("      - language/") and "inner-outer" not in nav[place - 1]
    assert nav[place + 1].startswith("  - ")
    opener = (copy / "docs/zh/language/index.md").read_text(encoding="utf-8")
    assert "    ```\n\n[Last words](last-words.md)\n:   " in opener  # behind the last one's drawing


@pytest.mark.parametrize(("part", "name", "said"), [
    ("mechanics", "My-Topic", "lower-case words with hyphens, such as my-topic"),
    ("mechanics", "my_topic", "lower-case words with hyphens"),
    ("mechanics", "../x", "lower-case words with hyphens"),
    ("mechanics", "", "lower-case words with hyphens"),
    ("mechanics", "rounding", "there is a snippets/mechanics/rounding.py already"),
    ("mechanics", "random", "Python has a module or a word of that name"),
    ("mechanics", "lambda", "Python has a module or a word of that name"),
    ("mechanics", "index", "has a meaning of its own"),
    ("mechanic", "my-topic", "no part `mechanic`: choose one of foundations, inner-outer"),
    ("", "my-topic", "there is no part ``"),
])  # fmt: skip
def test_a_bad_name_is_refused_and_changes_nothing(copy, part, name, said):
    before = contents(copy)
    with pytest.raises(Refused) as refused:
        lay_down(copy, part, name)
    assert said in str(refused.value) and "\n" not in str(refused.value)
    assert contents(copy) == before


def test_the_command_says_it_in_one_line(root):
    command = [sys.executable, root / "tools/new_chapter.py", "mechanics", "Rounding"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.startswith("new chapter: `Rounding`") and done.stderr.count("\n") == 1

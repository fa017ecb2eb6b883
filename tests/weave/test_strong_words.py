"""Words that claim much need something beside them that could show it."""

import pytest

from weave.check import check_book
from weave.clean import Clean
from weave.edition import read_edition
from weave.strong_words import WORDS, check_words

from .conftest import REPOSITORY

FRONT = "---\ntitle: A\ndescription: B\n---\n# A { #a }\n\n"
BARE = {
    "always": "First.\n\nIt is\nalways so. Really.\n",
    "in an item": "- See [this](a.md).\n- It always is.\n",
    "in a row": "| a | b |\n| - | - |\n| always | $x$ |\n| never | x |\n",
    "in a box": '!!! note "A"\n    It always is.\n',
    "after the evidence": "So $x = 1$.\n\nIt always is.\n",
    "Usually": "Usually it does. Does it?\n",
    "faster": "This one is faster.\n",
    "often": "It often is.\n",
    "通常": "先说一句。通常如此。\n",
    "一定": "这样一定行。\n",
}
SHOWN = {
    "value": "It is always {{ a.b.c:.1f}}.\n",
    "formula": "It is always $x$.\n",
    "code": "It is always `x`.\n",
    "reference": "It always is[^a].\n\n[^a]: A. Always, “Never”.\n",
    "link": "It always is, see [there](a.md).\n",
    "the same paragraph": "So $x = 1$.\nIt always is.\n",
    "run below": "It always is:\n\n```snippet\na/b.py:c\n```\n",
    "run above": "```snippet\na/b.py:c\n```\n\nIt always is.\n",
    "solution": 'Show that it always is.\n\n??? success "Solution"\n    Text.\n',
    "heading": "## It always is { #always }\n",
    "lead": "It always is.\n{ .lead }\n",
    "question": "Is it always so?\n",
    "quotation": "They say “it always is”.\n",
    "summary": "## What holds { #what-holds }\n\n| it is | always |\n| - | - |\n| so | never |\n",
    "how often": "How often does it? Count how often it does, twice as often.\n",
    "一定程度": "有一定程度的差别。\n",
}
ENTRY = "- page: {0}/index\n  says: {1}\n  why: It is so.\n"


@pytest.fixture
def found(book):
    def find(text: str, reviewed: str = "") -> list[str]:
        language = "en" if text.isascii() or "“" in text else "zh"
        for name in ("zh", "en"):
            book.write(f"docs/{name}/index.md", FRONT + text * (name == language))
        if reviewed:
            book.write(WORDS, reviewed.encode())
        editions = [read_edition(book.root, name, "") for name in ("zh", "en")]
        return [str(problem) for problem in check_words(book.root, editions, Clean(book.root))]

    return find


@pytest.mark.parametrize("name", BARE)
def test_a_strong_word_beside_nothing_is_found(found, name):
    (problem,) = found(BARE[name])
    lines = (FRONT + BARE[name]).split("\n")
    word = {"after the evidence": "always"}.get(name, name.split()[-1])
    word = {"item": "always", "row": "never", "box": "always"}.get(word, word)
    line = next(i for i, line in enumerate(lines, 1) if word in line and "#" not in line)
    language = "en" if name.isascii() else "zh"
    assert problem.startswith(f"docs/{language}/index.md:{line}: `{word}` beside nothing")


@pytest.mark.parametrize("name", SHOWN)
def test_a_strong_word_beside_what_shows_it_passes(found, name):
    assert found(SHOWN[name]) == []


def test_a_sentence_that_somebody_has_read_passes(found):
    assert found("It always\nis. Yes.\n", ENTRY.format("en", "It always is.")) == []
    assert found("**Why?** 通常如此。\n", ENTRY.format("zh", "通常如此。")) == []


def test_an_entry_whose_sentence_is_gone_is_stale(found):
    stale = f"{WORDS}:1: stale: en/index has no such bare sentence"
    assert found("It is.\n", ENTRY.format("en", "It always is.")) == [stale]
    assert found("It always is $x$.\n", ENTRY.format("en", "It always is $x$.")) == [stale]
    assert len(found("It never is.\n", ENTRY.format("en", "It always is."))) == 2


def test_bad_entries_are_said(found):
    assert found("It is.\n", "page: en/index\n") == [f"{WORDS}:1: the file is no list"]
    lacks = f"{WORDS}:1: an entry lacks `why`"
    assert lacks in found("It is.\n", "- page: en/index\n  says: x\n")


def test_the_books_check_includes_it(book):
    book.write("docs/en/index.md", FRONT + "It always is.\n")
    assert any("`always` beside nothing" in str(problem) for problem in check_book(book.root))


def test_the_book_claims_nothing_beside_nothing(tmp_path):
    editions = [read_edition(REPOSITORY, name, "") for name in ("zh", "en")]
    assert list(check_words(REPOSITORY, editions, Clean(tmp_path))) == []

"""The ledger of claims: each mistake in it, planted alone, is found where it can be mended."""

from typing import NamedTuple

import pytest

from weave.check import check_book

CHAPTER = """\
---
title: Products
description: Two products.
---
# Products { #products }

Text.[^horn2013]

## Outer { #outer }

```snippet
part/topic.py:outer
```

!!! wrong "Wrong"
    “An outer product scales columns.” Source 004 §2 · test `tests/part/test_topic.py::test_rank`

[^horn2013]: R. A. Horn, C. R. Johnson, *Matrix Analysis*, 2013.
"""
SNIPPET = """\
def inner(a, b):
    return sum(a * b)


if __name__ == "__main__":
    # --8<-- [start:outer]
    rank = 1
    # --8<-- [end:outer]
"""
SOURCE = """\
title: {zh: 两种积, en: Two products}
sections:
  - {id: 1, zh: 开头, en: Start, page: part/topic#products}
  - id: 2
    zh: 外积
    en: Outer product
    page: [part/topic#products, part/topic#outer]
blocks:
  - {id: C1, zh: 外积, en: Outer product, snippet: part/topic.py:outer, page: part/topic#outer}
  - {id: E1, zh: 内积, en: Inner product, kind: formula, page: part/topic#products}
"""
CLAIMS = """\
- id: 004-01
  section: 1
  verdict: correct
  zh: 内积 $a\\cdot b$ 是一个数。
  en: The inner product $a\\cdot b$ is one number.
  page: part/topic#products
  references: horn2013
- id: 004-02
  section: [1, 2]
  verdict: wrong
  zh: 外积
    缩放列。
  en: >
    An outer product
    scales columns.
  holds:
    zh: 秩是 {{ part.topic.rank }}。
    en: Its rank is {{ part.topic.rank }}.
  page: [part/topic#outer, part/topic#products]
  tests: [tests/part/test_topic.py::test_rank]
- id: 004-03
  section: 2
  verdict: opinion
  zh: 外积更美。
  en: Outer products are nicer.
  page: part/topic#outer
"""
MAP, LIST, PAGE = "ledger/sources/004.yml", "ledger/claims/004.yml", "docs/en/part/topic.md"
FILES = {
    "mkdocs.yml": "nav: [index.md, part/topic.md]\n",
    "mkdocs.en.yml": "nav: [index.md, part/topic.md]\n",
    "docs/zh/part/topic.md": CHAPTER.replace("Source", "来源"),
    PAGE: CHAPTER,
    "snippets/part/topic.py": SNIPPET,
    "tests/part/test_topic.py": "def test_rank():\n    assert 1 == 1\n",
    MAP: SOURCE,
    LIST: CLAIMS,
}


@pytest.fixture
def small(book):
    for path, text in FILES.items():
        book.write(path, text.encode())
    return book


def problems(book) -> list[str]:
    return [str(problem) for problem in check_book(book.root)]


def test_a_ledger_without_a_mistake(small):
    assert problems(small) == []


class Plant(NamedTuple):
    """An edit, and the problem that it must cause: text on its line, part of the message."""

    file: str
    old: str
    new: str
    on: str
    says: str
    more: int = 0  # other problems that the same mistake causes


PLANTS = {
    "bad YAML": Plant(LIST, "en: The inner", "en: [The inner", "  page: part", "bad YAML"),
    "no list": Plant(LIST, CLAIMS, "id: 004-01\n", "id", "the file is no list"),
    "no mapping": Plant(LIST, CLAIMS, "- 004-01\n", "- 004", "a claim is no mapping"),
    "empty file": Plant(LIST, CLAIMS, "# none\n", "#", "the file is empty"),
    "unknown field": Plant(
        LIST, "  references: h", "  reference: h", "  reference:", "mean `references`?", 1
    ),
    "field twice": Plant(
        LIST,
        "  verdict: opinion\n",
        "  verdict: opinion\n  verdict: dated\n",
        "  verdict: dated",
        "a claim has `verdict` twice",
    ),
    "missing field": Plant(LIST, "  verdict: opinion\n", "", "id: 004-03", "lacks `verdict`", 1),
    "no text": Plant(LIST, "zh: 外积更美。", "zh:", "  zh:\n", "`zh` is not a text"),
    "one language": Plant(
        LIST, "  en: Outer products are nicer.\n", "", "id: 004-03", "lacks `en`"
    ),
    "one language of what holds": Plant(
        LIST, "    en: Its rank is {{ part.topic.rank }}.\n", "", "    zh: 秩", "`holds` lacks `en`"
    ),
    "id of another source": Plant(
        LIST, "id: 004-03", "id: 003-03", "id: 003-03", "not of the form `004-03`"
    ),
    "id twice": Plant(
        LIST, "id: 004-03", "id: 004-02", "id: 004-02\n  section: 2", "is already on line 8"
    ),
    "gap in the numbers": Plant(
        LIST, "id: 004-03", "id: 004-04", "id: 004-04", "`004-04` stands where `004-03` is to come"
    ),
    "unknown verdict": Plant(LIST, "opinion", "opinoin", "opinoin", "did you mean `opinion`?"),
    "unknown section": Plant(
        LIST, "section: 2\n", "section: 3\n", "section: 3", "the source's map has no section `3`"
    ),
    "unknown page": Plant(
        LIST,
        "nicer.\n  page: part/topic#",
        "nicer.\n  page: part/topics#",
        "part/topics",
        "there is no docs/en/part/topics.md; did you mean `part/topic`?",
        1,
    ),
    "unknown heading": Plant(
        LIST,
        "nicer.\n  page: part/topic#outer",
        "nicer.\n  page: part/topic#outre",
        "outre",
        "docs/en/part/topic.md has no heading `#outre`; did you mean `outer`?",
        1,
    ),
    "page without a heading": Plant(
        LIST,
        "nicer.\n  page: part/topic#outer",
        "nicer.\n  page: part/topic",
        "page: part/topic\n",
        "write `part/page#heading`",
        1,
    ),
    "unknown test file": Plant(
        LIST, "test_topic.py", "test_topics.py", "test_topics", "mean `tests/part/test_topic.py`?"
    ),
    "unknown test": Plant(LIST, "::test_rank", "::test_ranks", "test_ranks", "mean `test_rank`?"),
    "file instead of a test": Plant(LIST, "::test_rank", "", "tests: [", "has no test ``"),
    "unknown reference": Plant(
        LIST,
        "horn2013",
        "horn2012",
        "horn2012",
        "docs/en/part/topic.md; did you mean `horn2013`?",
        1,
    ),
    "no evidence": Plant(
        LIST, "  references: horn2013\n", "", "id: 004-01", "no test or reference"
    ),
    "nothing that holds": Plant(
        LIST, "verdict: opinion", "verdict: dated", "id: 004-03", "does not say what `holds`"
    ),
    "link in a text": Plant(
        LIST, "products are nicer", "[products](a.md) are nicer", "[products]", "no link can stand"
    ),
    "bad formula": Plant(
        LIST, "product $a\\cdot", "product $a\\cdto", "\\cdto", "formula `a\\cdto b`", 1
    ),
    "formula of one language": Plant(
        LIST, "product $a\\cdot b$", "product", "  en: The inner", "no formula `a\\cdot b` here"
    ),
    "value of one language": Plant(
        LIST, "Its rank is {{ part.topic.rank }}", "It has a rank", "en: It has", "no value"
    ),
    "bad value": Plant(
        LIST, "is {{ part.topic.rank }}", "is {{ rank }}", "en: Its", "not a value", 1
    ),
    "source without sections": Plant(MAP, "sections:", "section:", "title", "lacks `sections`", 7),
    "section twice": Plant(MAP, "id: 1,", "id: 2,", "- id: 2", "the section `2` is on line 3", 2),
    "section without a page": Plant(
        MAP, "page: part/topic#products}\n  - id: 2", "page: []}\n  - id: 2", "- {id: 1", "no page"
    ),
    "section on a page that is not there": Plant(
        MAP,
        "en: Start, page: part/topic#",
        "en: Start, page: topic#",
        "en: Start",
        "mean `part/topic`?",
        1,
    ),
    "block without a snippet": Plant(
        MAP, "snippet: part/topic.py:outer, ", "", "id: C1", "`C1` names no snippet"
    ),
    "unknown kind of block": Plant(
        MAP, "kind: formula", "kind: formulas", "kind:", "mean `formula`?"
    ),
    "unknown snippet": Plant(
        MAP, "topic.py:", "topics.py:", "id: C1", "did you mean `part/topic.py`?"
    ),
    "unknown region": Plant(MAP, "topic.py:outer", "topic.py:outre", "id: C1", "mean `outer`?"),
    "snippet that is not shown": Plant(
        MAP,
        "topic.py:outer",
        "topic.py:inner",
        "id: C1",
        "no page of `C1` shows `part/topic.py:inner`",
    ),
    "section that a box cites": Plant(
        PAGE, "Source 004 §2", "Source 004 §1, §3", "    “An outer", "004.yml has no section `3`"
    ),
}


@pytest.mark.parametrize("name", PLANTS)
def test_the_planted_mistake_is_found(small, name):
    plant = PLANTS[name]
    text = FILES[plant.file]
    assert text.count(plant.old) == 1
    small.write(plant.file, (text := text.replace(plant.old, plant.new)).encode())
    line = text.partition(plant.on)[0].count("\n") + 1
    found = problems(small)
    start = f"{plant.file}:{line}: "
    assert [p for p in found if p.startswith(start) and plant.says in p], found
    assert len(found) == 1 + plant.more, found


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("004-02", None),
        ("004-01", "004-01 is wrong here, correct in ledger/claims/004.yml:3"),
        ("004-04", "the ledger has no claim 004-04; did you mean"),
        ("003-01", None),  # a source that is not entered yet
    ],
)
def test_a_box_that_names_a_claim_says_what_the_ledger_says(small, named, says):
    small.write(PAGE, CHAPTER.replace("Source 004 §2", f"Source 004 §2, {named}").encode())
    line = CHAPTER.partition("!!!")[0].count("\n") + 1
    found = problems(small)
    assert len(found) == bool(says)
    assert all(p.startswith(f"{PAGE}:{line}: {says}") for p in found), found


def test_only_judged_claims_cite(small):
    text = CHAPTER.replace("!!! wrong", "!!! note").replace("Text.", "Source 004 §9, 004-77.")
    for language in ("zh", "en"):
        small.write(f"docs/{language}/part/topic.md", text.encode())
    assert problems(small) == []


def test_a_file_is_named_after_its_source(small):
    small.write("ledger/claims/notes.yml", "[]\n")
    assert problems(small) == [
        "ledger/claims/notes.yml:1: the file is not named after a source, as `004.yml` is"
    ]


def test_claims_without_a_map_have_no_sections(small):
    (small.root / MAP).unlink()
    assert len([p for p in problems(small) if "the source's map has no section" in p]) == 4

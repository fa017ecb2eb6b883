"""The ledger of claims: each mistake in it, planted alone, is found where it can be mended."""

import re
from typing import NamedTuple

import markdown
import pytest

from weave import loom
from weave.chapters import collect
from weave.check import check_book
from weave.context import Context
from weave.edition import read_edition
from weave.ledger import read_ledger
from weave.ledger_texts import check_values
from weave.shelf import Shelf

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
REFERENCE = """\
---
title: Ledger
description: What is claimed.
---
# Ledger { #ledger }

```claim-counts
004
```

```ledger
```

```source-map
```
"""
MAP, LIST, PAGE = "ledger/sources/004.yml", "ledger/claims/004.yml", "docs/en/part/topic.md"
FILES = {
    "mkdocs.yml": "nav: [index.md, part/topic.md]\n",
    "mkdocs.en.yml": "nav: [index.md, part/topic.md]\n",
    "docs/zh/reference/claims.md": REFERENCE,
    "docs/en/reference/claims.md": REFERENCE,
    "docs/zh/reference/source-map.md": REFERENCE,
    "docs/en/reference/source-map.md": REFERENCE,
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
    "box that the ledger judges otherwise": Plant(
        PAGE, "!!! wrong", "!!! dated", "!!! dated", "claims of 004 §2: opinion, wrong", 2
    ),
    "box that another verdict names": Plant(
        PAGE, '"Wrong"', '"Correct"', "!!! wrong", "a box of type wrong is called `Correct`"
    ),
    "section that a box cites": Plant(
        PAGE, "Source 004 §2", "Source 004 §1, §3", "    “An outer", "004.yml has no section `3`"
    ),
}


VIEW = "docs/en/reference/claims.md"
PLANTS |= {
    "view of an unknown source": Plant(
        VIEW, "claim-counts\n004", "claim-counts\n005", "```claim", "did you mean `004`?", 1
    ),
    "view of one language": Plant(
        VIEW, "```source-map\n```\n", "", "```ledger", "no view `source-map` here, as there is at"
    ),
    "no ledger where links lead": Plant(
        VIEW, "```ledger\n", "```claim-counts\n", "---", "here belongs a `ledger` fence", 1
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


@pytest.fixture
def shown(small):
    """What a page of the book shows, in English."""
    records = loom.weave(small.root, {"part/topic.py": None}).records
    pages = read_edition(small.root, "en", "").pages

    def convert(page: str, link: str = "", above: str = "") -> str:
        shelf = Shelf(read_ledger(small.root), "en", pages, small.root, records, link)
        context = Context(small.root, "en", f"docs/en/{page}.md", records=records, shelf=shelf)
        html = markdown.markdown(
            above + pages[f"{page}.md"].body,
            extensions=["admonition", "attr_list", "footnotes", "pymdownx.superfences",
                        "toc", "weave.markdown"],
            extension_configs={"weave.markdown": {"context": context}},
        )  # fmt: skip
        assert not context.problems
        return html

    return convert


def text_of(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_claim_is_shown_with_its_verdict_evidence_and_links(shown):
    html = shown("reference/claims")
    (claim,) = re.findall(r'<div class="admonition claim wrong" id="c004-02">.*?</div>', html)
    assert "Wrong An outer product scales columns. What holds: Its rank is 1." in text_of(claim)
    for address in ("#c004-02", "../source-map/#s004-1", "../source-map/#s004-2",
                    "../../part/topic/#products", "../../part/topic/#outer"):  # fmt: skip
        assert f'href="{address}"' in claim
    assert "tests/part/test_topic.py::test_rank" in claim.replace("<wbr>", "")
    (first,) = re.findall(r'<div class="admonition claim correct" id="c004-01">.*?</div>', html)
    assert '<a href="../../part/topic/#fn:horn2013">R. A. Horn</a>' in first
    assert "<math" in first and html.count('class="admonition claim') == 3


def test_files_are_links_where_the_repository_is_known(shown):
    html = shown("reference/claims", "https://example.org/blob/main/{path}")
    assert 'href="https://example.org/blob/main/tests/part/test_topic.py"' in html
    assert 'href="https://example.org/blob/main/snippets/part/topic.py"' in html
    assert "https://" not in shown("reference/claims")


def test_claims_are_counted(shown):
    table = shown("reference/claims").partition("<table>")[2].partition("</table>")[0]
    assert text_of(table) == (
        "Source Correct Imprecise Wrong Dated Opinion Total 004 Two products 1 0 1 0 1 3"
    )
    assert '<a href="./?source=004&amp;verdict=wrong">1</a>' in table


def test_the_source_map_leads_to_pages_snippets_and_claims(shown):
    html = shown("reference/source-map")
    rows = [text_of(row) for row in re.findall(r"<tr>.*?</tr>", html)]
    assert "§2 Outer product Products › Outer 2" in rows
    assert any(row.endswith("Outer product part/ topic.py :outer Products › Outer") for row in rows)
    assert 'href="../claims/#c004-02">2</a>' in html and 'id="s004-2"' in html


def test_a_page_ends_with_what_it_mirrors_and_settles(shown):
    html = shown("part/topic")
    body, _, note = html.partition('<details class="page-claims" data-search-exclude>')
    assert 'class="footnote"' in body and note.endswith("</details>")
    assert "Sources and claims source 004 §1, §2 · 3 claims" in text_of(note)
    for claim in ("correct", "wrong", "opinion"):
        assert f'<span class="verdict">{claim.capitalize()}</span>' in note
    assert 'href="../../reference/claims/#c004-03"' in note
    assert "page-claims" not in shown("reference/claims")


def test_titles_in_the_contents_are_without_what_the_page_settles(shown):
    contents = shown("part/topic", above="[TOC]\n\n").partition("</div>")[0]
    assert text_of(contents).split() == ["Products", "Outer"]


def test_a_box_links_to_the_sections_that_it_cites(shown):
    link = '<a href="../../reference/source-map/#s004-2">§2</a>'
    assert f"Source 004 {link} · test" in shown("part/topic")


def test_a_value_that_no_run_gives_is_found(small):
    small.write(LIST, CLAIMS.replace("topic.rank", "topic.rnak").encode())
    records = loom.weave(small.root, {"part/topic.py": None}).records
    said = [str(x) for x in check_values(read_ledger(small.root), small.root, records)]
    assert [s for s in said if s.startswith(f"{LIST}:17: ") and "did you mean `rank`?" in s]
    assert len(said) == 2


def test_a_snippet_that_only_the_ledger_shows_is_run(small):
    small.write("snippets/part/other.py", "rank = 1\n")
    assert "part/other.py" not in collect(small.root)
    small.write(LIST, CLAIMS.replace("topic.rank", "other.rank").encode())
    assert "part/other.py" in collect(small.root)

"""A part's page shows a drawing of each of its chapters: its own, small, without words."""

import re
from types import SimpleNamespace

import markdown
import pytest

from weave.chapters import named
from weave.check import check_book
from weave.context import Context
from weave.edition import read_editions
from weave.glance import targets
from weave.shelf import Shelf
from weave.structure import read_chapter

from .conftest import REPOSITORY

FRONT = "---\ntitle: T\ndescription: D.\n---\n# T { #t }\n\n"
LIST = """\
[Topic](topic.md)
:   What it is about.

    ```drawing
    part/topic.py:picture
    ```

[Another](topic.md)
:   And that.

    ```drawing
    part/topic.py:picture
    ```
"""
CHAPTER = """\
```snippet
part/topic.py:picture
figures:
  - alt: {}
    caption: A caption
    labels: {{line: a line}}
```
"""
LAB = """\
# %% [markdown]
# ---
# title: L
# description: D.
# ---
# # L { #l }

# %%
n = 7

# %% [markdown]
# ```cell
# figures:
#   - alt: A bar of {{ cells.n }}
#     caption: C
# ```
"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path id="ID-a" d="M0 0"/>'
    '<use href="#ID-a"/><text x="1">\ue000line\ue001<tspan>2</tspan></text><text /></svg>'
)
ALT = {"zh": "一条线", "en": "A line of {{ part.topic.length:.1f }} & more"}


@pytest.fixture
def part(book):
    """A part with one chapter."""
    book.snippet("length = 2.0\n")
    for language, alt in ALT.items():
        book.write(f"docs/{language}/part/index.md", FRONT + LIST)
        book.write(f"docs/{language}/part/topic.md", FRONT + CHAPTER.format(alt))
    return book


def context(book, language: str = "en", record: bool = True) -> Context:
    editions = {edition.language: edition for edition in read_editions(book.root, ("zh", "en"))}
    region = SimpleNamespace(figures=[SVG], output="")
    run = SimpleNamespace(regions={"picture": region}, values={"length": 2.0}, others={}, path="p")
    records = {"part/topic.py": run} if record else {}
    shelf = Shelf(language=language, pages=editions[language].pages, root=book.root)
    path = f"docs/{language}/part/index.md"
    return Context(book.root, language, path, records=records, shelf=shelf)


def convert(given: Context) -> str:
    body = given.shelf.pages["part/index.md"].body
    extensions = ["attr_list", "def_list", "pymdownx.superfences", "weave.markdown"]
    options = {"weave.markdown": {"context": given}}
    return markdown.markdown(body, extensions=extensions, extension_configs=options)


def test_the_drawing_is_that_of_the_record_without_its_words(part):
    shown = convert(context(part))
    first, second = re.findall(r'<dd>\s*<p>.*?</p>\s*<div class="glance">(<svg.*?</svg>)', shown)
    assert "<text" not in shown and "line\ue001" not in shown
    assert 'd="M0 0"' in first and 'href="#figure1-a"' in first and 'href="#figure2-a"' in second


def test_what_is_to_be_seen_is_told_in_the_language_of_the_page(part):
    assert 'aria-label="A line of 2.0 &amp; more"' in convert(context(part))
    assert 'aria-label="一条线"' in convert(context(part, "zh"))


def test_values_of_a_lab_are_its_own(part):
    part.write("docs/en/part/lab.py", LAB)
    fence = "[Lab](lab.py)\n:   It.\n\n    ```drawing\n    docs/part/lab.py:cell-1\n    ```\n"
    part.write("docs/en/part/index.md", FRONT + fence)
    given = context(part)
    region = SimpleNamespace(figures=[SVG], output="")
    run = SimpleNamespace(regions={"cell-1": region}, values={"n": 7}, others={}, path="p")
    given.records["docs/part/lab.py"] = run
    assert 'aria-label="A bar of 7"' in convert(given) and given.problems == []


def test_a_chapter_that_has_not_run_has_no_drawing(part):
    given = context(part, record=False)
    shown = convert(given)
    assert "glance" not in shown and "What it is about." in shown and given.problems == []


def test_the_page_is_made_again_when_the_drawing_or_its_description_changes(part):
    shelf = context(part).shelf
    page = shelf.pages["part/index.md"]
    assert "part/topic.py" in named(page, part.root)  # whose record's digest the kept page bears
    before = shelf.shown_on("part/index.md", page)
    assert "part.topic.length" in before  # so that the value's record counts as well
    part.write("docs/en/part/topic.md", FRONT + CHAPTER.format("Another line"))
    assert context(part).shelf.shown_on("part/index.md", page) != before


def test_a_drawing_that_no_chapter_shows_is_found(part):
    part.write("docs/en/part/index.md", FRONT + LIST.replace("picture", "pictrue", 1))
    said = "docs/en/part/index.md:10: no chapter shows a figure of `part/topic.py:pictrue`; did you"
    assert [p for p in map(str, check_book(part.root)) if p.startswith(said)]
    part.write("docs/en/part/index.md", FRONT + LIST)
    assert not [p for p in map(str, check_book(part.root)) if "drawing" in p or "a figure of" in p]


def test_both_languages_show_the_same_drawing(part):
    part.write("docs/en/part/index.md", FRONT + LIST.rpartition("    ```drawing")[0])
    assert [p for p in map(str, check_book(part.root)) if "`drawing part/topic.py:picture`" in p]


def test_every_chapter_has_its_own_drawing_on_its_parts_page():
    parts = ("foundations", "why-matmul", "mechanics", "language", "inner-outer", "labs")
    for part in parts:
        folder = f"docs/en/{part}"
        page = read_chapter(f"{folder}/index.md", REPOSITORY)
        chapters = [link.target for link in page.links if re.search(r"\.(md|py)$", link.target)]
        assert len(chapters) >= 4 and len(chapters) == len(targets(page))
        for name, target in zip(chapters, targets(page), strict=True):
            shown = read_chapter(f"{folder}/{name}", REPOSITORY).snippets
            assert target in [fence.target for fence in shown if fence.options.get("figures")]

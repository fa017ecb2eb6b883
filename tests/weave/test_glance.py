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
  - alt: A line
    caption: A caption
    labels: {line: a line}
```
"""
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path id="ID-a" d="M0 0"/>'
    '<use href="#ID-a"/><text x="1">\ue000line\ue001<tspan>2</tspan></text><text /></svg>'
)


@pytest.fixture
def part(book):
    """A part with one chapter."""
    book.snippet("length = 2\n")
    for language in ("zh", "en"):
        book.write(f"docs/{language}/part/index.md", FRONT + LIST)
        book.write(f"docs/{language}/part/topic.md", FRONT + CHAPTER)
    return book


def context(book, record: bool = True) -> Context:
    editions = {edition.language: edition for edition in read_editions(book.root, ("zh", "en"))}
    region = SimpleNamespace(figures=[SVG], output="")
    run = SimpleNamespace(regions={"picture": region}, values={}, others={}, path="p")
    records = {"part/topic.py": run} if record else {}
    shelf = Shelf(language="en", pages=editions["en"].pages, root=book.root)
    return Context(book.root, "en", "docs/en/part/index.md", records=records, shelf=shelf)


def convert(given: Context) -> str:
    body = given.shelf.pages["part/index.md"].body
    extensions = ["attr_list", "def_list", "pymdownx.superfences", "weave.markdown"]
    options = {"weave.markdown": {"context": given}}
    return markdown.markdown(body, extensions=extensions, extension_configs=options)


def test_the_drawing_is_that_of_the_record_without_its_words(part):
    shown = convert(context(part))
    box = r'<dd>\s*<p>.*?</p>\s*<div class="glance" aria-hidden="true">(<svg.*?</svg>)</div>'
    first, second = re.findall(box, shown)
    assert "<text" not in shown and "line\ue001" not in shown
    assert 'd="M0 0"' in first and 'href="#figure1-a"' in first and 'href="#figure2-a"' in second


def test_a_chapter_that_has_not_run_has_no_drawing(part):
    given = context(part, record=False)
    shown = convert(given)
    assert "glance" not in shown and "What it is about." in shown and given.problems == []


def test_the_page_is_made_again_when_the_drawing_changes(part):
    page = context(part).shelf.pages["part/index.md"]
    assert "part/topic.py" in named(page, part.root)  # whose record's digest the kept page bears


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

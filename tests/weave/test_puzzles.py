"""A chapter that has puzzles says so below the heading of its exercises."""

import markdown
import pytest

from weave.check import check_book
from weave.context import Context
from weave.edition import read_edition
from weave.puzzles import by_page, check_puzzles, read_puzzles
from weave.shelf import Shelf
from weave.structure import parse_chapter

PUZZLE = """\
CHAPTER = "part/topic"
TITLE = {{"zh": "{0}一", "en": "{0} <one>"}}
TASK = {{"zh": "做", "en": "Do."}}
{1}


def {2}():
    pass
"""
PAGE = """\
# Title {{ #top }}

## Before {{ #before }}

## Last {{ #{} }}

### 1. One {{ #first }}
"""


@pytest.fixture
def small(book):
    """A small book with two puzzles for one of its pages."""
    book.write("exercises/part/alpha.py", PUZZLE.format("A", 'EXERCISE = "first"', "alpha"))
    book.write("exercises/part/beta.py", PUZZLE.format("B", "", "beta"))
    book.write("exercises/part/_not.py", "no puzzle")
    return book


def shown(book, language: str, page: str = "part/topic", section: str = "exercises") -> str:
    shelf = Shelf(language=language, root=book.root, puzzles=by_page(book.root))
    context = Context(book.root, language, f"docs/{language}/{page}.md", shelf=shelf)
    config = {"weave.markdown": {"context": context}}
    extensions = ["attr_list", "weave.markdown"]
    html = markdown.markdown(PAGE.format(section), extensions=extensions, extension_configs=config)
    assert not context.problems
    return html


@pytest.mark.parametrize(("language", "open_", "close"), [("zh", "“", "”"), ("en", "“", "”")])
def test_the_line_stands_below_the_exercises(small, language, open_, close):
    html = shown(small, language)
    before, line, after = html.partition('<p class="puzzles" data-search-exclude>')
    assert line and before.endswith('<h2 id="exercises">Last</h2>')
    line, _, after = after.partition("</p>")
    assert after.startswith('\n<h3 id="first">')
    title = {"zh": "A一", "en": "A &lt;one&gt;"}[language]
    assert f'{open_}<a href="#first">{title}</a>{close}' in line
    assert open_ + {"zh": "B一", "en": "B &lt;one&gt;"}[language] + close in line
    command = f'python -m exercises part/topic <span class="glued">--lang {language}</span>'
    assert f"<code>{command}</code>" in line
    assert '<a href="../../reference/run-it-yourself/#puzzles">' in line


def test_other_pages_and_sections_say_nothing(small):
    assert "puzzles" not in shown(small, "en", page="part/other")
    assert "puzzles" not in shown(small, "en", section="end")
    assert by_page(small.root / "docs") == {}


def test_a_page_is_made_again_when_its_puzzles_change(small):
    def state(page: str) -> str:
        chapter = read_edition(small.root, "en", "").pages["index.md"]
        return Shelf(puzzles=by_page(small.root)).shown_on(page, chapter)

    before, other = state("part/topic.md"), state("part/other.md")
    small.write("exercises/part/beta.py", PUZZLE.format("C", "", "beta"))
    assert state("part/topic.md") != before
    assert state("part/other.md") == other


def test_files_that_are_no_puzzles(small):
    """All at once, each with its line; the others go on."""
    small.write("exercises/part/torn.py", "CHAPTER = (\n")
    small.write("exercises/part/bare.py", 'CHAPTER = "part/topic"\n')
    small.write("exercises/part/made.py", '"""Doc."""\nCHAPTER = "part" + "/topic"\n')
    small.write("exercises/part/named.py", PUZZLE.format("D", "", "otherwise"))
    found, problems = read_puzzles(small.root)
    assert [puzzle.name for puzzle in found] == ["alpha", "beta"]
    told = {problem.path.split("/")[-1]: str(problem) for problem in problems}
    assert told["torn.py"].startswith("exercises/part/torn.py:1: '(' was never closed")
    assert told["bare.py"].endswith("bare.py:1: gives no TITLE, TASK")
    assert "made.py:2: CHAPTER is computed" in told["made.py"]
    assert "named.py:1: has no function `named`" in told["named.py"]


def test_chapters_and_exercises_that_are_not_there(small):
    def told(page: str) -> list[str]:
        pages = {"part/topic.md": parse_chapter(page.encode(), "docs/en/part/topic.md")}
        return [str(problem) for problem in check_puzzles(small.root, pages)]

    assert told(PAGE.format("exercises")) == []
    (section, _) = told(PAGE.format("end"))
    assert section.startswith("exercises/part/alpha.py:1: the page `part/topic` has no section `ex")
    (exercise,) = told(PAGE.format("exercises").replace("#first", "#fist"))
    assert exercise.endswith("has no exercise `first`; did you mean `fist`?")
    small.write("exercises/part/beta.py", PUZZLE.format("B", "", "beta").replace("topic", "topics"))
    (page,) = told(PAGE.format("exercises"))
    assert page.endswith("beta.py:1: no page `part/topics`; did you mean `part/topic`?")
    assert page.partition(";")[0] in [str(problem) for problem in check_book(small.root)]

"""The ways through the book: each mistake in their list is found, and pages show where they go."""

import pytest

from weave.check import check_book
from weave.edition import read_edition
from weave.reading_paths import PATHS, check_reading_paths, read_reading_paths
from weave.reading_paths_page import paths_list, steps
from weave.shelf import Shelf

from .conftest import REPOSITORY

PAGE = "---\ntitle: Page {0}\ndescription: A page.\n---\n# {0} {{ #top }}\n\nText.\n"
HOME = PAGE.format("home") + "\n```paths\n```\n"
GIVEN = """\
# Paths.
- id: speed
  title: {zh: 快, en: Speed & more}
  says: {zh: 一句话。, en: One sentence.}
  pages:
    - part/a
    - part/b
- id: slow-walk
  title: {zh: 慢, en: Slow}
  says: {zh: 一句话。, en: One sentence.}
  pages: [part/b, reference/list]
"""
NAMES = ("part/index", "part/a", "part/b", "reference/list")


@pytest.fixture
def walked(book):
    for language in ("zh", "en"):
        book.write(f"docs/{language}/index.md", HOME)
        for name in NAMES:
            book.write(f"docs/{language}/{name}.md", PAGE.format(name))
    book.write(PATHS, GIVEN)
    return book


def problems(book) -> list[str]:
    said = map(str, check_book(book.root))
    return [line for line in said if "path" in line.partition(" ")[0] + line.partition(" ")[2]]


def test_paths_without_a_mistake(walked):
    assert problems(walked) == []


def test_a_book_may_have_no_paths(book):
    assert problems(book) == []


PLANTS = {  # file, old, new, the place where the problem is found, what it says
    "no such page": (PATHS, "- part/a", "- part/q", f"{PATHS}:6", "there is no docs/zh/part/q.md"),
    "a page in one language": ("docs/en/part/a.md", None, None, f"{PATHS}:6", "no docs/en/part/a"),
    "a page twice": (PATHS, "[part/b, ref", "[part/b, part/b, ref", f"{PATHS}:11", "on line 11"),
    "a page twice below": (PATHS, "- part/b", "- part/b\n    - part/a", f"{PATHS}:8", "on line 6"),
    "an id twice": (PATHS, "slow-walk", "speed", f"{PATHS}:8", "`speed` is already on line 2"),
    "a bad id": (PATHS, "slow-walk", "Slow walk", f"{PATHS}:8", "not of the form"),
    "no title": (PATHS, "{zh: 慢, en: Slow}", "{zh: 慢}", f"{PATHS}:9", "`title` lacks `en`"),
    "no pages": (PATHS, "  pages: [part/b, reference/list]\n", "", f"{PATHS}:8", "lacks `pages`"),
    "no list": (PATHS, GIVEN, "id: speed\n", f"{PATHS}:1", "the file is no list"),
    "a chapter that no path has": (
        PATHS, "    - part/a\n", "", "docs/zh/part/a.md:1", f"enter the page in {PATHS}"),
    "not shown": ("docs/en/index.md", "```paths", "```text", "docs/en/index.md:1", "`paths` fence"),
}  # fmt: skip


@pytest.mark.parametrize("plant", PLANTS)
def test_each_mistake_is_named_with_its_line(walked, plant):
    file, old, new, place, message = PLANTS[plant]
    if old is None:
        (walked.root / file).unlink()
    else:
        text = (walked.root / file).read_text(encoding="utf-8")
        assert old in text
        walked.write(file, text.replace(old, new))
    found = list(map(str, check_book(walked.root)))
    assert any(said.startswith(f"{place}:") and message in said for said in found), found


def test_a_draft_needs_no_path(walked):
    text = PAGE.format("c").replace("---\n#", "draft: true\n---\n#")
    for language in ("zh", "en"):
        walked.write(f"docs/{language}/part/c.md", text)
    assert problems(walked) == []


@pytest.fixture
def shelf(walked) -> Shelf:
    pages = read_edition(walked.root, "en", "").pages
    return Shelf(pages=pages, root=walked.root, paths=read_reading_paths(walked.root)[0])


def test_a_page_knows_its_place_on_each_path(shelf):
    first, second = steps(shelf, "part/b")
    assert first == ("speed", "Speed & more", 2, 2, "../../#path-speed", "", "")
    assert second[:4] == ("slow-walk", "Slow", 1, 2)
    assert second[5:] == ("../../reference/list/?path=slow-walk", "Page reference/list")
    assert steps(shelf, "part/index") == []


def test_the_list_leads_along_each_path(shelf):
    shown = paths_list(shelf, "index")
    assert '<dt id="path-speed"><a href="part/a/?path=speed">Speed &amp; more</a></dt>' in shown
    ordered = '<ol><li><a href="part/b/?path=slow-walk">Page part/b</a></li>'
    assert f"<summary>2 pages</summary>{ordered}" in shown


def test_a_page_is_made_again_when_a_path_over_it_changes(walked, shelf):
    def shown(page: str) -> str:
        given = Shelf(pages=shelf.pages, root=walked.root, paths=read_reading_paths(walked.root)[0])
        return given.shown_on(page, shelf.pages[page])

    before = {page: shown(page) for page in shelf.pages}
    walked.write(PATHS, GIVEN.replace("[part/b, reference/list]", "[reference/list, part/b]"))
    changed = {page for page in shelf.pages if shown(page) != before[page]}
    assert changed == {"index.md", "part/b.md", "reference/list.md"}


def test_the_books_own_paths_are_without_a_mistake():
    editions = [read_edition(REPOSITORY, *place) for place in (("zh", ""), ("en", "en/"))]
    assert list(check_reading_paths(REPOSITORY, editions)) == []
    assert len(read_reading_paths(REPOSITORY)[0]) >= 4

"""What pages show of the ways through the book.

A `paths` fence lists them. A page on a path has a line that leads to the next page, hidden until
its reader has taken that path: `overrides/assets/js/book.js` shows it.
"""

import html
from typing import NamedTuple

from weave.edition import page_named
from weave.reading_paths import HOME, ReadingPath
from weave.shelf import Shelf, href

COUNT = {"zh": "{} 页", "en": "{} pages"}


class Step(NamedTuple):
    """Where a page stands on a path, and where the path leads from there."""

    path: str
    title: str
    number: int
    count: int
    start: str  # address of the path's place in the list
    next: str  # address of the next page; empty on the last
    next_title: str


def steps(shelf: Shelf, page: str) -> list[Step]:
    """The page's place on each path that it is on."""
    found = []
    for path in shelf.paths:
        if page in path.pages:
            number, count = path.pages.index(page) + 1, len(path.pages)
            start, then = href(page, HOME, anchor(path)), path.pages[number:][:1]
            ahead = [on_path(path, page, other) for other in then] or [""]
            place = path.id, path.title.get(shelf.language, ""), number, count, start
            found.append(Step(*place, *ahead, "".join(title(shelf, other) for other in then)))
    return found


def paths_list(shelf: Shelf, here: str) -> str:
    """HTML of all paths, each with its pages, folded."""
    return f'<dl class="paths">{"".join(entry(shelf, here, path) for path in shelf.paths)}</dl>'


def entry(shelf: Shelf, here: str, path: ReadingPath) -> str:
    links = [f'<a href="{on_path(path, here, page)}">{{}}</a>' for page in path.pages]
    items = "".join(f"<li>{link.format(html.escape(title(shelf, page)))}</li>"
                    for link, page in zip(links, path.pages, strict=True))  # fmt: skip
    name = html.escape(path.title.get(shelf.language, ""))
    start = links[0].format(name) if links else name
    says = shelf.inline(path.says.get(shelf.language, ""))
    count = COUNT[shelf.language].format(len(path.pages))
    folded = f"<details><summary>{count}</summary><ol>{items}</ol></details>"
    return f'<dt id="{anchor(path)}">{start}</dt><dd>{says}{folded}</dd>'


def anchor(path: ReadingPath) -> str:
    return f"path-{path.id}"


def on_path(path: ReadingPath, here: str, page: str) -> str:
    """The address of a page for a reader who is on the path."""
    return f"{href(here, page)}?path={path.id}"


def title(shelf: Shelf, page: str) -> str:
    chapter = page_named(shelf.pages, page)
    return str(chapter.meta.get("title", page)) if chapter else page

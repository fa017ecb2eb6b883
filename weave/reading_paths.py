"""Ways through the book for different readers: they stand in `ledger/paths.yml`."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

from weave.edition import Edition, name_of, page_named
from weave.ledger import Sheet, Text, compose, line_of
from weave.problems import Problem, did_you_mean

PATHS = "ledger/paths.yml"
HOME = "index"
OUTSIDE = ("reference/",)  # looked up, not read through
FIELDS = {"id": Sheet.text, "title": Sheet.both, "says": Sheet.both, "pages": Sheet.texts}


class ReadingPath(NamedTuple):
    id: Text
    title: dict[str, Text]
    says: dict[str, Text]
    pages: list[Text]  # part/page


def read_reading_paths(root: Path) -> tuple[list[ReadingPath], list[Problem]]:
    """The paths, and what is wrong with the file; a book without it has neither."""
    file, sheet = root / PATHS, Sheet(PATHS, [])
    node = compose(file, sheet) if file.is_file() else None
    if isinstance(node, yaml.SequenceNode):
        given = [sheet.fields(item, "a path", FIELDS) for item in node.value]
        return [ReadingPath(**fields) for fields in given if fields], sheet.problems
    if node:
        sheet.complain(line_of(node), "the file is no list")
    return [], sheet.problems


def check_reading_paths(root: Path, editions: list[Edition]) -> Iterator[Problem]:
    """Each path leads over pages that every language has, and each chapter is on a path."""
    paths, problems = read_reading_paths(root)
    yield from problems
    seen: dict[str, int] = {}
    for path in paths:
        if not re.fullmatch(r"[a-z]+(-[a-z]+)*", path.id):
            message = f"the id `{path.id}` is not of the form `some-words`"
            yield Problem(PATHS, path.id.line, message)
        if first := seen.get(path.id):
            yield Problem(PATHS, path.id.line, f"the path `{path.id}` is already on line {first}")
        seen.setdefault(path.id, path.id.line)
        yield from check_pages(path, editions)
    if not paths:
        return
    walked = {str(page) for path in paths for page in path.pages}
    for edition in editions:
        home = edition.pages.get(f"{HOME}.md")
        if not (home and "paths" in [view.kind for view in home.views]):
            message = "the paths are not shown: here belongs a `paths` fence"
            yield Problem(f"{edition.folder}/{HOME}.md", 1, message)
        for page, chapter in edition.pages.items():
            if is_chapter(page) and not chapter.draft and name_of(page) not in walked:
                yield Problem(chapter.path, 1, f"no path leads here: enter the page in {PATHS}")


def check_pages(path: ReadingPath, editions: list[Edition]) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for page in path.pages:
        for edition in editions:
            if not page_named(edition.shown, page):
                hint = did_you_mean(page, map(name_of, edition.shown))
                message = f"there is no {edition.folder}/{page}.md{hint}"
                yield Problem(PATHS, page.line, message)
        if first := seen.get(page):
            yield Problem(PATHS, page.line, f"`{page}` is already on line {first} of this path")
        seen.setdefault(page, page.line)


def is_chapter(page: str) -> bool:
    """Whether a file is read through: neither an opening page nor one to look things up in."""
    return name_of(page).rpartition("/")[2] != HOME and not page.startswith(OUTSIDE)

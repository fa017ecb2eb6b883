"""CONTRIBUTING as a page of the book: a `guide` fence shows its text, so that neither can differ.

In both languages, headings have their ids from the English ones. A link to a file leads to the
repository where its address is known, and else only names the file.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from weave.compare import Part, Side, compare
from weave.edition import Edition
from weave.problems import Problem
from weave.structure import Chapter, read_chapter

GUIDES = {"zh": "CONTRIBUTING.zh.md", "en": "CONTRIBUTING.md"}
OPENING = 4  # lines: the title and the way to the other language, each with an empty line below
LINK = re.compile(r"\[(?P<text>[^\[\]]*)\]\((?P<path>(?!\w+:|#)[^()\s]+)\)")


def read_guides(root: Path) -> dict[str, Chapter]:
    """The guides that there are, by their languages."""
    there = {language: name for language, name in GUIDES.items() if (root / name).is_file()}
    return {language: read_chapter(name, root) for language, name in there.items()}


def guide_lines(root: Path, language: str, link: str) -> list[str]:
    """Markdown of the guide below its opening; `link` is a file's address, with {path}."""
    guides = read_guides(root)
    if language not in guides or "en" not in guides:
        return []  # `check_guides` says so
    chapter = guides[language]
    lines = with_links(chapter, link)
    for heading, name in zip(chapter.headings, ids(guides["en"]), strict=False):
        lines[heading.line - 1] += f" {{ #{name} }}"
    return lines[OPENING:]


def ids(english: Chapter) -> list[str]:
    """The ids of all headings, made of the English words."""
    return [re.sub(r"[^a-z0-9]+", "-", h.text.lower()).strip("-") for h in english.headings]


def with_links(chapter: Chapter, link: str) -> list[str]:
    """The guide's lines, with the links to files as a page can have them."""
    lines = chapter.body.split("\n")
    for number, shown in enumerate(chapter.prose.split("\n")):  # where code hides no link
        for found in reversed([*LINK.finditer(shown)]):
            line, path = lines[number], found["path"]
            text = line[found.start("text") : found.end("text")]
            new = f"[{text}]({link.format(path=path)})" if link else f"`{path}`"
            lines[number] = line[: found.start()] + new + line[found.end() :]
    return lines


def check_guides(root: Path, editions: list[Edition]) -> Iterator[Problem]:
    """What is wrong in the guides, between them, and on the pages that show them."""
    guides = read_guides(root)
    for edition in editions:
        for chapter in edition.pages.values():
            for view in chapter.views:
                if view.kind == "guide" and not guides.keys() >= {edition.language, "en"}:
                    name = GUIDES.get(edition.language, GUIDES["en"])
                    yield Problem(chapter.path, view.line, f"there is no {name} to be shown here")
    for language, chapter in guides.items():
        yield from chapter.problems
        yield from check_opening(chapter, guides.keys() - {language})
        yield from check_files(chapter, root)
    if "en" in guides:
        counted = Counter(ids(guides["en"]))
        for heading, name in zip(guides["en"].headings, ids(guides["en"]), strict=True):
            if counted[name] > 1:
                message = f"two headings have the id `{name}`: say one of them otherwise"
                yield Problem(guides["en"].path, heading.line, message)
    if len(guides) == len(GUIDES):
        yield from compare("heading", *(Side(c.path, 1, headings(c)) for c in guides.values()))


def check_opening(chapter: Chapter, others: set[str]) -> Iterator[Problem]:
    """The page has a title of its own, and the theme leads to the other language."""
    lines = chapter.body.split("\n")
    titled = [heading.line for heading in chapter.headings if heading.level == 1] == [1]
    leads = all(f"({GUIDES[other]})" in "".join(lines[2:3]) for other in others)
    if not titled or not leads or any(lines[1:OPENING:2]):
        message = "begin with the title, an empty line, a line that links the other language, and"
        yield Problem(chapter.path, 1, f"{message} an empty line: the page leaves these four out")


def check_files(chapter: Chapter, root: Path) -> Iterator[Problem]:
    for number, line in enumerate(chapter.prose.split("\n"), 1):
        for found in LINK.finditer(line):
            path = posixpath.normpath(found["path"])
            if path.startswith("..") or not (root / path).exists():
                yield Problem(chapter.path, number, f"there is no file {found['path']} to link to")


def headings(chapter: Chapter) -> list[Part]:
    return [Part(h.level, f"`{'#' * h.level} {h.text}`", h.line) for h in chapter.headings]

"""One language's pages, and where a link on them leads."""

import os
import posixpath
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import unquote

from weave.inline import Link
from weave.problems import did_you_mean
from weave.structure import Chapter, read_chapter

SCHEME = re.compile(r"([A-Za-z][\w+.-]*):")
SCHEMES = ("https", "http", "mailto")


@dataclass(frozen=True)
class Edition:
    """Pages and files by their paths below ``docs/<language>``."""

    language: str
    prefix: str  # where the site serves them: "" or "en/"
    files: frozenset[str]
    pages: dict[str, Chapter]
    theme: frozenset[str]  # files that the theme's overrides put beside them
    awaited: dict[str, Chapter] = field(default_factory=dict)  # still in another language only

    @property
    def folder(self) -> str:
        return f"docs/{self.language}"

    @property
    def shown(self) -> dict[str, Chapter]:
        """The chapter behind every page that the site has: a notice stands for an awaited one."""
        return self.awaited | self.pages

    def addresses(self) -> dict[str, Chapter | None]:
        """All that the site serves of this edition, with the chapter where it is a page."""
        copied = (self.files | self.theme) - self.pages.keys()
        served = {self.prefix + file: None for file in copied}
        pages = {self.prefix + address(page): chapter for page, chapter in self.shown.items()}
        return served | {path.rstrip("/"): chapter for path, chapter in pages.items()}


def read_editions(root: Path, languages: Iterable[str]) -> list[Edition]:
    """Every language's edition, each with the pages that it awaits.

    The first language is the site's root; the others live in folders of their names.
    """
    editions = [
        read_edition(root, language, f"{language}/" if i else "")
        for i, language in enumerate(languages)
    ]
    return [replace(edition, awaited=awaited(edition, editions)) for edition in editions]


def awaited(edition: Edition, editions: list[Edition]) -> dict[str, Chapter]:
    """Chapters of the other editions that wait for a twin in this one; labs do not wait."""
    return {
        page: chapter
        for other in editions
        for page, chapter in other.pages.items()
        if chapter.waits and page.endswith(".md") and page not in edition.pages
    }


def read_edition(root: Path, language: str, prefix: str) -> Edition:
    folder = root / "docs" / language
    files = files_below(folder)
    paths = sorted(file for file in files if file.endswith((".md", ".py")))
    pages = {path: read_chapter(f"docs/{language}/{path}", root) for path in paths}
    return Edition(language, prefix, files, pages, files_below(root / "overrides"))


def files_below(folder: Path) -> frozenset[str]:
    start = len(str(folder)) + 1
    return frozenset(
        posixpath.join(place[start:].replace(os.sep, "/"), name)
        for place, _, names in os.walk(folder)
        for name in names
    )


def address(page: str) -> str:
    """The folder that MkDocs makes of a page: ``a/b.md`` is served as ``a/b/``."""
    return re.sub(r"(^|/)index/$", r"\1", name_of(page) + "/")


def name_of(page: str) -> str:
    """A page as the ledger names it: ``a/b`` for the chapter ``a/b.md`` or the lab ``a/b.py``."""
    return page.removesuffix(".md").removesuffix(".py")


def page_named(pages: Mapping[str, Chapter], name: str) -> Chapter | None:
    return pages.get(f"{name}.md") or pages.get(f"{name}.py")


def check_link(link: Link, page: str, edition: Edition, served: dict) -> str | None:
    """What is wrong with a link on a page, if anything."""
    if scheme := SCHEME.match(link.target):
        known = scheme[1].lower() in SCHEMES
        return (
            None
            if known
            else f"`{link.target}` has an unknown scheme" + did_you_mean(scheme[1], SCHEMES)
        )
    if not link.target:
        return f"the link `{link.alt}` leads nowhere" if link.alt or link.raw else None
    if link.target.startswith("/"):
        return f"`{link.target}` is absolute: it breaks under another base path; make it relative"
    path, _, anchor = unquote(link.target).partition("#")
    path = path.partition("?")[0]
    if link.raw:
        return check_served(link.target, path, anchor, edition.prefix + address(page), served)
    return check_file(link.target, path, anchor, page, edition)


def check_file(target: str, path: str, anchor: str, page: str, edition: Edition) -> str | None:
    """A Markdown link names a file below the edition's folder, relative to the page's file."""
    here = posixpath.dirname(page)
    goal = posixpath.normpath(posixpath.join(here, path)) if path else page
    if goal not in edition.files | edition.awaited.keys():
        names = {posixpath.relpath(file, here or "."): file for file in edition.files}
        for name, file in names.items():
            if file.lower() == goal.lower():
                return f"wrong case in `{target}`: the file is `{name}`"
        near = did_you_mean(path, names)
        return f"dead link `{target}`: there is no {edition.folder}/{goal}{near}"
    return check_anchor(target, anchor, edition.shown.get(goal))


def check_served(target: str, path: str, anchor: str, base: str, served: dict) -> str | None:
    """HTML is served as it stands: its links name addresses, relative to the page's own."""
    goal = posixpath.normpath(posixpath.join(base, path) or ".") if path else base.rstrip("/")
    goal = "" if goal == "." else goal
    if goal not in served:
        near = did_you_mean(path, (posixpath.relpath(a or ".", base or ".") for a in served))
        return f"dead link `{target}` in HTML: the site has no `{goal}`{near}"
    return check_anchor(target, anchor, served[goal])


def check_anchor(target: str, anchor: str, chapter: Chapter | None) -> str | None:
    ids = {mark.name for mark in chapter.ids} if chapter else set()
    if not anchor or not chapter or anchor in ids:
        return None
    return f"dead anchor `{target}`: {chapter.path} has no id `{anchor}`{did_you_mean(anchor, ids)}"

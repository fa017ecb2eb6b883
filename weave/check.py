"""Check the book: all that is wrong in the chapters and between the languages.

``python -m weave.check`` prints it; ``python -m weave.check site`` also what is wrong in the
built site, ``--sources FOLDER`` also what is copied from the source documents.
"""

import argparse
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from weave.clean import Clean
from weave.edition import Edition, check_link, read_editions
from weave.fences import Snippet
from weave.inline import Mark
from weave.glance import check_drawings
from weave.glossary_check import check_glossary
from weave.guide import check_guides
from weave.ledger import Ledger, read_ledger
from weave.ledger_check import check_ledger
from weave.links import check_site
from weave.names import check_names
from weave.nav import check_nav, compare_navs, read_nav
from weave.numerals_check import check_numerals
from weave.parity import compare_chapters
from weave.problems import Problem, did_you_mean
from weave.puzzles import check_puzzles
from weave.reading_paths import check_reading_paths
from weave.strong_words import check_words
from weave.reference_check import check_references
from weave.runs import read_runs
from weave.structure import Chapter
from weave.twins import drifts, read_twins, told
from weave.typography import check_typography

ASCII_ID = re.compile(r"[A-Za-z][\w-]*", re.ASCII)
SNIPPET_OPTIONS = ("code", "figures", "interactive", "raises")
INTERACTIVE = Path(__file__).resolve().parent.parent / "overrides/assets/js/figures"
FIGURE_OPTIONS = ("alt", "caption", "labels")
DRAFT = "a draft: finish it, then take `draft: true` out of the front matter"
# What `tools/new_chapter.py` leaves to be written on a part's opening page.
BLANKS = {"zh": "一句话：读者能在这一章得到什么。", "en": "One sentence: what a reader finds here."}
BLANK = "say here in a sentence what the chapter is about"


def check_book(
    root: Path,
    languages: tuple[str, ...] = ("zh", "en"),
    ledger: Ledger | None = None,
    editions: list[Edition] | None = None,
) -> list[Problem]:
    """Everything that is wrong in the chapters and between the languages, in order of place.

    The first language is the site's root and has ``mkdocs.yml``; the others ``mkdocs.<it>.yml``.
    A ``ledger`` and ``editions`` that have been read already are not read again.
    """
    editions = editions or read_editions(root, languages)
    served = {path: page for edition in editions for path, page in edition.addresses().items()}
    problems = []
    for edition in editions:
        if not edition.pages:
            problems.append(Problem(edition.folder, 1, "there is no page"))
        for page, chapter in edition.pages.items():
            problems += chapter.problems
            problems += check_page(chapter)
            for link in chapter.links:
                if message := check_link(link, page, edition, served):
                    problems.append(Problem(chapter.path, link.line, message))
    clean = Clean(root)
    for edition in editions:
        problems += check_drawings(edition.pages, edition.shown)
    for other in editions[1:]:
        problems += compare_editions(editions[0], other, clean)
    problems += check_ledger(ledger or read_ledger(root), root, editions)
    problems += check_glossary(root, editions, clean)
    problems += check_names(root, editions)
    problems += check_reading_paths(root, editions)
    problems += read_runs(root)[1]
    problems += check_guides(root, editions)
    for edition in editions:
        problems += check_puzzles(root, edition.shown)
    problems += check_typography(root, clean)
    problems += check_words(root, editions, clean)
    problems += read_twins(root)[1]
    problems += check_references(root, editions)
    problems += check_numerals(root, editions, clean)
    clean.write()
    return sorted({*problems, *check_navs(root, editions)})


def check_page(chapter: Chapter) -> Iterator[Problem]:
    """What can be wrong in one page alone."""
    for name in ("title", "description"):
        if not chapter.meta.get(name):
            yield Problem(chapter.path, 1, f"the front matter gives no {name}")
    for name, value in (("twin", "wanted"), ("draft", True)):
        if chapter.meta.get(name, value) != value:
            message = f"`{name}` can only be `{str(value).lower()}`; or leave it out"
            yield Problem(chapter.path, 1, message)
    if chapter.draft and os.environ.get("CI"):
        yield Problem(chapter.path, 1, f"{DRAFT}; a draft is not merged")
    if os.environ.get("CI"):
        yield from blanks(chapter)
    for heading in chapter.headings:
        if not ASCII_ID.fullmatch(heading.id):
            wrong = f"the id `{heading.id}` is not ASCII" if heading.id else "no id"
            message = f"{wrong} on the heading `{heading.text}`; end it with `{{ #some-words }}`"
            yield Problem(chapter.path, heading.line, message)
    yield from repeated(chapter, "id", chapter.ids)
    yield from repeated(chapter, "footnote", chapter.footnotes_defined)
    for snippet in chapter.snippets:
        for message in check_options(snippet):
            yield Problem(chapter.path, snippet.line, message)
    for link in chapter.links:
        if link.image and not link.alt:
            yield Problem(chapter.path, link.line, f"the image `{link.target}` has no alt text")


def blanks(chapter: Chapter) -> Iterator[Problem]:
    left = tuple(blank for blank in BLANKS.values() if blank in chapter.prose)
    for number, line in enumerate(chapter.prose.split("\n") if left else (), 1):
        if line.endswith(left):
            yield Problem(chapter.path, number, BLANK)


def repeated(chapter: Chapter, kind: str, marks: list[Mark]) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for name, line in sorted(marks, key=lambda mark: mark.line):
        if name in first:
            message = f"the {kind} `{name}` is already on line {first[name]}"
            yield Problem(chapter.path, line, message)
        first.setdefault(name, line)


def check_options(snippet: Snippet) -> Iterator[str]:
    """Unknown options, and figures without their texts."""
    for name in snippet.options.keys() - set(SNIPPET_OPTIONS):
        yield f"a snippet has no option `{name}`{did_you_mean(str(name), SNIPPET_OPTIONS)}"
    figures = snippet.options.get("figures", [])
    if name := snippet.options.get("interactive"):
        known = sorted({file.stem for file in INTERACTIVE.glob("*.js")} - {"figure"})
        if name not in known:
            yield f"no interactive figure `{name}`{did_you_mean(str(name), known)}"
        if not isinstance(figures, list) or len(figures) != 1:
            yield f"`interactive: {name}` stands in place of one figure; describe it in `figures`"
    if not isinstance(figures, list) or not all(isinstance(figure, dict) for figure in figures):
        yield "`figures` is a list with `alt` and `caption` for each figure"
        return
    for number, figure in enumerate(figures, 1):
        for name in ("alt", "caption"):
            if not str(figure.get(name) or "").strip():
                yield f"figure {number} of `{snippet.target}` has no {name}"
        for name in figure.keys() - set(FIGURE_OPTIONS):
            yield f"a figure has no option `{name}`{did_you_mean(str(name), FIGURE_OPTIONS)}"


def compare_editions(ours: Edition, theirs: Edition, clean: Clean) -> Iterator[Problem]:
    """Pages without a twin, and the differences between those that have one."""
    yield from check_twins(ours, theirs)
    yield from check_twins(theirs, ours)
    for page in ours.pages.keys() & theirs.pages.keys():
        one, other = ours.pages[page], theirs.pages[page]
        texts = one.path, one.digest, other.path, other.digest
        yield from clean.findings("parity", texts, lambda: compare_chapters(one, other))


def check_twins(ours: Edition, theirs: Edition) -> Iterator[Problem]:
    for page, chapter in ours.pages.items():
        twin = f"{theirs.folder}/{page}"
        if page not in theirs.shown:
            guess = did_you_mean(page, theirs.pages.keys() - ours.pages.keys())
            message = f"there is no {twin}{guess}; `twin: wanted` says that it is still to come"
            yield Problem(chapter.path, 1, message)
        if page in theirs.pages and chapter.waits:
            yield Problem(chapter.path, 1, f"`twin: wanted`, but there is {twin}")


def unfinished(root: Path, editions: list[Edition] | None = None) -> list[Problem]:
    """What is no mistake but remains to be done: twins, drafts, and what they leave blank."""
    editions = editions or read_editions(root, ("zh", "en"))
    found = [
        Problem(chapter.path, 1, f"`twin: wanted`: {edition.folder}/{page} is still to be written")
        for edition in editions
        for page, chapter in edition.awaited.items()
    ]
    for chapter in (c for edition in editions for c in edition.pages.values()):
        if chapter.draft and not os.environ.get("CI"):  # there it is a problem
            found.append(Problem(chapter.path, 1, DRAFT))
        found += blanks(chapter)
    return sorted(found)


def check_navs(root: Path, editions: list[Edition]) -> Iterator[Problem]:
    navs = []
    for edition in editions:
        name = f"mkdocs.{edition.language}.yml" if edition.prefix else "mkdocs.yml"
        nav, problems = read_nav(name, root)
        yield from problems
        yield from check_nav(nav, edition.shown.keys(), edition.folder)
        navs.append(nav)
    for nav in navs[1:]:
        yield from compare_navs(navs[0], nav)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m weave.check", description=__doc__)
    parser.add_argument("site", nargs="*", type=Path, help="a built site, to check its links")
    parser.add_argument("--sources", type=Path, help="their folder, to find what is copied")
    given = parser.parse_args()
    problems = check_book(Path())
    for site in given.site:
        problems += check_site(site)
    if given.sources:
        from weave.borrowed import check_borrowed, read_sources  # no build needs it

        problems += check_borrowed(Path(), read_sources(given.sources))
    print(*problems, sep="\n", end="\n" if problems else "")
    remarks = (*map(str, unfinished(Path())), *map(told, drifts(Path())))
    for remark in remarks:
        print(f"note: {remark}", file=sys.stderr)
    return bool(problems)


if __name__ == "__main__":
    sys.exit(main())

"""Check the ledger: by itself, and against the pages, tests and snippets that it names.

A check yields what is wrong as lines and messages."""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from weave.boxes import CLAIM, check_boxes, check_verdicts
from weave.edition import Edition, name_of, page_named
from weave.fences import LISTS
from weave.ledger import (
    CORRECTED, KINDS, TESTED, VERDICTS, Block, Claim, Ledger, Map, Section, Text,
)  # fmt: skip
from weave.ledger_texts import all_texts, check_texts
from weave.problems import Problem, did_you_mean
from weave.shelf import CLAIMS, MAP
from weave.shelf import VERDICTS as WORDS
from weave.source import Source, SourceError
from weave.structure import Chapter
from weave.values import modules

TEST = re.compile(r"^def (test_\w+)\(", re.MULTILINE)
Found = Iterator[tuple[int, str]]  # lines and messages


def check_ledger(ledger: Ledger, root: Path, editions: list[Edition]) -> Iterator[Problem]:
    """Everything that is wrong in the ledger, and what the pages' boxes say against it."""
    yield from ledger.problems
    book = Book(root, editions)
    for source in ledger.maps.values():
        for line, message in book.check_map(source):
            yield Problem(source.path, line, message)
    for number, claims in ledger.claims.items():
        path = f"ledger/claims/{number}.yml"
        for line, message in check_numbers(number, claims):
            yield Problem(path, line, message)
        for claim in claims:
            for line, message in book.check_claim(claim, ledger.sections(number)):
                yield Problem(path, line, message)
    for path, texts in all_texts(ledger):
        yield from check_texts(path, texts)
    for edition in editions:
        for chapter in edition.pages.values():
            verdicts = check_verdicts(chapter, ledger, WORDS[edition.language])
            wrong = *check_boxes(chapter, ledger), *verdicts, *check_views(chapter, ledger)
            for line, message in wrong:
                yield Problem(chapter.path, line, message)
        for page, kind in ((CLAIMS, "ledger"), (MAP, "source-map")):
            chapter = edition.pages.get(f"{page}.md")
            if ledger.maps and not (chapter and (kind, "") in [view[:2] for view in chapter.views]):
                message = f"the ledger is linked to from all pages: here belongs a `{kind}` fence"
                yield Problem(f"{edition.folder}/{page}.md", 1, message)


def check_views(chapter: Chapter, ledger: Ledger) -> Found:
    for view in chapter.views:
        if view.kind in LISTS and view.source and view.source not in ledger.maps:
            hint = did_you_mean(view.source, ledger.maps)
            yield view.line, f"the ledger has no source `{view.source}`{hint}"


def check_numbers(number: str, claims: list[Claim]) -> Found:
    """Claims are numbered through, from 01."""
    last, seen = 0, {}
    for name in (claim.id for claim in claims):
        match = CLAIM.fullmatch(name)
        if not match or match[1] != number:
            yield name.line, f"the id `{name}` is not of the form `{number}-{last + 1:02d}`"
            continue
        if name in seen:
            yield name.line, f"the id `{name}` is already on line {seen[name]}"
        elif int(name[4:]) != last + 1:
            yield name.line, f"`{name}` stands where `{number}-{last + 1:02d}` is to come"
        seen.setdefault(name, name.line)
        last = int(name[4:])


class Book:
    """What the ledger can name: pages, tests and snippets."""

    def __init__(self, root: Path, editions: list[Edition]):
        self.root, self.editions = root, editions

    def check_map(self, source: Map) -> Found:
        for records in (source.sections, source.blocks):
            seen: dict[str, int] = {}
            for record in records:
                if record.id in seen:
                    kind = type(record).__name__.lower()
                    yield record.id.line, f"the {kind} `{record.id}` is on line {seen[record.id]}"
                seen.setdefault(record.id, record.id.line)
                yield from self.check_pages(record)
        for block in source.blocks:
            yield from self.check_block(block)

    def check_pages(self, record: Claim | Section | Block) -> Found:
        """Each page that a record names, and its heading, in every language."""
        if not record.page:
            yield record.id.line, f"`{record.id}` names no page"
        for place in record.page:
            page, _, heading = place.partition("#")
            for edition in self.editions:
                chapter = page_named(edition.shown, page)
                if not chapter:
                    pages = [name_of(path) for path in edition.shown]
                    hint = did_you_mean(page, pages)
                    yield place.line, f"there is no {edition.folder}/{page}.md{hint}"
                elif heading not in (ids := {heading.id for heading in chapter.headings}):
                    hint = did_you_mean(heading, ids) or "; write `part/page#heading`"
                    yield place.line, f"{chapter.path} has no heading `#{heading}`{hint}"

    def chapters(self, record: Claim | Block, edition: Edition) -> list[Chapter]:
        names = sorted({place.partition("#")[0] for place in record.page})
        return [chapter for name in names if (chapter := page_named(edition.shown, name))]

    def check_block(self, block: Block) -> Found:
        if block.kind not in KINDS:
            yield block.kind.line, f"unknown kind `{block.kind}`{did_you_mean(block.kind, KINDS)}"
        if block.kind == "code" and not block.snippet:
            yield block.id.line, f"`{block.id}` names no snippet"
        for target in block.snippet:
            if message := self.snippet_fault(target):
                yield target.line, message
                continue
            for edition in self.editions:
                shown = {s.target for c in self.chapters(block, edition) for s in c.snippets}
                if target not in shown:
                    hint = did_you_mean(target, shown)
                    yield target.line, f"no page of `{block.id}` shows `{target}`{hint}"
                    break

    def snippet_fault(self, target: Text) -> str | None:
        path, _, name = target.partition(":")
        if not (self.root / "snippets" / path).is_file():
            return f"no snippet snippets/{path}{did_you_mean(path, modules(self.root))}"
        known = self.shown_of(path)
        if known is None or name in known:
            return None
        return f"snippets/{path} has no region or definition `{name}`{did_you_mean(name, known)}"

    @cache
    def shown_of(self, path: str) -> set[str] | None:
        """The regions and definitions of a snippet; None if it cannot be read: the loom says so."""
        source = Source(self.root, path)
        try:
            return {*source.regions, *source.definitions}
        except (SyntaxError, SourceError, UnicodeDecodeError):
            return None

    @cache
    def tests_of(self, path: str) -> list[str]:
        return TEST.findall((self.root / path).read_text(encoding="utf-8"))

    def check_claim(self, claim: Claim, sections: Iterable[str]) -> Found:
        yield from self.check_pages(claim)
        if claim.verdict not in VERDICTS:
            hint = did_you_mean(claim.verdict, VERDICTS)
            yield claim.verdict.line, f"unknown verdict `{claim.verdict}`{hint}"
        if claim.verdict in CORRECTED and not claim.holds:
            yield claim.id.line, f"`{claim.id}` is {claim.verdict}, but does not say what `holds`"
        if claim.verdict in TESTED and not (claim.tests or claim.references):
            yield claim.id.line, f"`{claim.id}` is {claim.verdict}, but names no test or reference"
        for section in claim.section:
            if section not in sections:
                hint = did_you_mean(section, sections)
                yield section.line, f"the source's map has no section `{section}`{hint}"
        for test in claim.tests:
            if message := self.test_fault(test):
                yield test.line, message
        for edition in self.editions:
            chapters = self.chapters(claim, edition)
            notes = {mark.name for chapter in chapters for mark in chapter.footnotes_used}
            for key in claim.references:
                if key not in notes:
                    hint = did_you_mean(key, notes)
                    pages = ", ".join(chapter.path for chapter in chapters)
                    yield key.line, f"no footnote `[^{key}]` on {pages or 'any page'}{hint}"

    def test_fault(self, test: Text) -> str | None:
        path, _, name = test.partition("::")
        if not (self.root / path).is_file():
            known = (p.relative_to(self.root).as_posix() for p in self.root.glob("tests/**/*.py"))
            return f"there is no {path}{did_you_mean(path, known)}"
        known = self.tests_of(path)
        if name in known:
            return None
        return f"{path} has no test `{name}`{did_you_mean(name, known)}"

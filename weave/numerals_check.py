"""Check that no number is typed that a run could have computed.

What no rule of `numeral_rules` lets stand is listed in `ledger/numerals.yml`, by page and phrase,
with its kind; `ledger/README.md` says which kinds there are.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple

import yaml

from weave.clean import Clean
from weave.edition import Edition, name_of
from weave.fences import hide_spans
from weave.glossary_check import NOTE
from weave.inline import AUTOLINK, FORMULA, TAG, VALUE, overwrite
from weave.ledger import Sheet, Text, compose
from weave.numeral_rules import Place, rule_for, significant
from weave.numerals import Numeral, numerals
from weave.problems import Problem, did_you_mean
from weave.source import Source, SourceError
from weave.structure import Chapter

LIST = "ledger/numerals.yml"
KINDS = ("given", "setting", "exact", "bound", "literature", "picture")
LITERAL = re.compile(
    r"(?<![\w.])(\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)(?:\s?\*\*\s?(\d\d?))?", re.ASCII
)
FORMAT = re.compile(r":[<>^ +]?\d[\d.,]*[a-z%]?\}")  # how a number is printed
REMEDY = f"`{{}}` is typed: show the value of a run, or say in {LIST} why it needs none"
TARGET = re.compile(r"\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
ATTRIBUTES = re.compile(r"\{:?\s*[.#][^{}\n]*\}")
UNREAD = (VALUE, TARGET, ATTRIBUTES, NOTE, TAG, AUTOLINK)


class Entry(NamedTuple):
    """Phrases of one page, in each language, with numerals that need no run."""

    page: Text
    kind: Text
    zh: list[Text] = []
    en: list[Text] = []
    test: Text = Text("")


FIELDS = {"page": Sheet.text, "kind": Sheet.text, "zh": Sheet.texts, "en": Sheet.texts}
FIELDS["test"] = Sheet.text
OPTIONAL = ("zh", "en", "test")


class Found(NamedTuple):
    """A numeral that no rule lets stand."""

    numeral: Numeral
    drawn: bool  # in a figure's texts
    cited: bool  # in a paragraph or row with a reference


class Page(NamedTuple):
    path: str
    language: str
    text: str  # all that the author wrote for readers
    fences: tuple[tuple[int, int], ...]  # first and last lines
    shown: frozenset[float]  # the numbers in the code that the page shows
    run: frozenset[float]  # and in all of the modules that it comes from


def check_numerals(root: Path, editions: list[Edition], clean: Clean) -> Iterator[Problem]:
    """Numerals that neither a rule nor the list lets stand, and entries that match none."""
    entries, problems = read_list(root)
    yield from problems
    code = Code(root)
    for edition in editions:
        listed = defaultdict(list)
        for entry in entries:
            for phrase in getattr(entry, edition.language):
                listed[entry.page].append((entry, phrase))
        for name, chapter in edition.pages.items():
            phrases = listed[name_of(name)]
            looked_at = chapter.path, chapter.digest, *code.digests(chapter), str(phrases)
            find = partial(check_page, chapter, edition.language, code, phrases)
            yield from clean.findings("numerals", looked_at, find)
    pages = {name_of(name) for edition in editions for name in edition.pages}
    for entry in entries:
        if entry.page not in pages:
            message = f"there is no page {entry.page}{did_you_mean(entry.page, pages)}"
            yield Problem(LIST, entry.page.line, message)


def read_page(chapter: Chapter, language: str, code: "Code") -> Page:
    fences = tuple((snippet.line, snippet.end) for snippet in chapter.snippets)
    return Page(chapter.path, language, typed_text(chapter), fences, *code.numbers(chapter))


def check_page(
    chapter: Chapter, language: str, code: "Code", listed: list[tuple[Entry, Text]]
) -> Iterator[Problem]:
    page = read_page(chapter, language, code)
    path, flat = page.path, page.text.replace("\n", " ")
    found, covered = unruled(page), set()
    for entry, phrase in listed:
        start, count = flat.find(phrase), flat.count(phrase)
        meant = [item for item in found if start <= item.numeral.start < start + len(phrase)]
        if count != 1:
            message = f"`{phrase}` stands {count} times in {path}, not once"
            yield Problem(LIST, phrase.line, message)
        elif not meant:
            message = f"`{phrase}` in {path} needs no entry: take it out"
            yield Problem(LIST, phrase.line, message)
        for item in meant:
            covered.add(item)
            if message := misfit(entry, item, page):
                yield Problem(LIST, phrase.line, f"`{phrase}` in {path} {message}")
    for item in found:
        if item not in covered:
            line = page.text.count("\n", 0, item.numeral.start) + 1
            yield Problem(path, line, REMEDY.format(item.numeral.text))


def misfit(entry: Entry, item: Found, page: Page) -> str | None:
    """What speaks against an entry's kind for a numeral that it covers."""
    number = item.numeral
    if entry.kind == "literature" and not item.cited:
        return "has no reference in its paragraph"
    if entry.kind == "setting" and not page.run & {number.value, round(100 * number.value, 9)}:
        return f"is no setting: no module of the page's snippets says {number.value:g}"
    if entry.kind == "picture" and not item.drawn:
        return "is not in the text of a figure"
    if entry.kind == "picture" and significant(number.value) > (3 if number.value >= 10 else 2):
        return "has more digits than one can read off a picture"
    return None


def typed_text(chapter: Chapter) -> str:
    """All that the author wrote for readers, line for line; values, code, addresses blanked."""
    lines = chapter.prose.split("\n")
    for number, text in enumerate(chapter.meta.values(), 1):
        lines[number] = "" if isinstance(text, dict) else str(text)  # settings are for no reader
    body = chapter.body.split("\n")
    skipped = len(lines) - len(body)
    for snippet in chapter.snippets:
        options = slice(snippet.line + 1, snippet.end - 1)
        written = "\n".join(body[options.start - skipped : options.stop - skipped])
        lines[options] = hide_spans(written).split("\n") if written else []
    text = "\n".join(lines)
    for pattern in UNREAD:
        text = pattern.sub(lambda match: overwrite(match[0], "·"), text)
    return text


def unruled(page: Page) -> list[Found]:
    formulas = [match.span() for match in FORMULA.finditer(page.text)]
    found = []
    for numeral in numerals(page.text, page.language):
        first, last = formulas[bisect_left(formulas, (numeral.start,)) - 1] if formulas else (0, 0)
        inside = first < numeral.start < last
        place = Place(page.text, numeral, (first, last) if inside else None, page.shown)
        if not rule_for(place):
            line = page.text.count("\n", 0, numeral.start) + 1
            drawn = any(first < line < last for first, last in page.fences)
            found.append(Found(numeral, drawn, "[^" in place.paragraph))
    return found


class Code:
    """The numbers that stand in the snippets' code, read once for all pages."""

    def __init__(self, root: Path):
        self.source = cache(lambda path: Source(root, path))
        self.shown, self.whole = cache(self.shown), cache(self.whole)

    def numbers(self, chapter: Chapter) -> tuple[frozenset[float], frozenset[float]]:
        targets = [snippet.target for snippet in chapter.snippets]
        paths = {target.partition(":")[0] for target in targets}
        return (
            frozenset().union(*map(self.shown, targets)),
            frozenset().union(*map(self.whole, paths)),
        )

    def digests(self, chapter: Chapter) -> list[str]:
        """Of the modules that the page's snippets come from."""
        paths = {snippet.target.partition(":")[0] for snippet in chapter.snippets}
        return [self.digest(path) for path in sorted(paths)]

    def digest(self, path: str) -> str:
        with suppress(OSError, UnicodeDecodeError):
            return self.source(path).digest
        return ""

    def shown(self, target: str) -> frozenset[float]:
        path, _, name = target.partition(":")
        with suppress(OSError, SyntaxError, SourceError, KeyError, UnicodeDecodeError):
            return literals(self.source(path).code(name))
        return frozenset()  # the loom says what is wrong

    def whole(self, path: str) -> frozenset[float]:
        with suppress(OSError, UnicodeDecodeError):
            return literals(self.source(path).text)
        return frozenset()


def literals(code: str) -> frozenset[float]:
    found = LITERAL.findall(FORMAT.sub("}", code))
    return frozenset(float(number) ** int(power or 1) for number, power in found)


def read_list(root: Path) -> tuple[list[Entry], list[Problem]]:
    """The entries, and what is wrong with them in themselves. A book may do without a list."""
    problems: list[Problem] = []
    if not (root / LIST).is_file():
        return [], problems
    sheet, entries = Sheet(LIST, problems), []
    node = compose(root / LIST, sheet)
    if node and not isinstance(node, yaml.SequenceNode):
        sheet.complain(1, "the file is no list")
    for item in node.value if isinstance(node, yaml.SequenceNode) else []:
        if fields := sheet.fields(item, "an entry", FIELDS, OPTIONAL):
            entries.append(Entry(**fields))
    for entry in entries:
        if entry.kind not in KINDS:
            hint = did_you_mean(entry.kind, KINDS)
            sheet.complain(entry.kind.line, f"`{entry.kind}` is no kind of numeral{hint}")
        if (entry.kind == "bound") != bool(entry.test):
            sheet.complain(entry.kind.line, "a `bound`, and it alone, names the `test` that holds")
        file, _, name = entry.test.partition("::")
        if name and not holds_test(root / file, name):
            sheet.complain(entry.test.line, f"there is no test `{entry.test}`")
    return entries, problems


def holds_test(file: Path, name: str) -> bool:
    with suppress(OSError):
        return f"def {name}(" in file.read_text(encoding="utf-8")
    return False

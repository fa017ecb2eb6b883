"""Words that claim much, such as 'always', 'usually' and 'faster', and what stands beside them.

A program cannot tell whether a claim holds. It can tell whether anything near could show it: a
value, a formula, code, a reference or a link in the same paragraph, or a run right beside it.
Where nothing does, somebody reads the sentence, and `ledger/words.yml` says why it may stand.
"""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import yaml

from weave.clean import Clean
from weave.edition import Edition, name_of
from weave.glossary_check import QUOTED
from weave.inline import blank
from weave.ledger import Sheet, Text, compose, line_of
from weave.problems import Problem
from weave.structure import FOOTNOTE, HEADING, Chapter

WORDS = "ledger/words.yml"
STRONG = {
    "zh": re.compile(
        "总是|通常|往往|永远|一定(?![程量的数区范条间半])|更快|最快|从不|从来|必然|必定|绝不|大多|一般都"
    ),
    "en": re.compile(
        r"\b(?:always|never|usually|(?<!how )(?<!as )often|generally|typically|mostly"
        r"|fast(?:er|est))\b",
        re.IGNORECASE,
    ),
}
EVIDENCE = re.compile(r"\{\{ |\$|__|\[\^|\]\(|\]\[|<a ")
ITEM = re.compile(r" *(?:[-*+]|\d+\.|\|) ?")
SENTENCE = re.compile(r"(?:[^。？！.?!|]|[.?!](?![\s*]|$))+[。？！.?!]?", re.DOTALL)
FIELDS = {"page": Sheet.text, "says": Sheet.text, "why": Sheet.text}


class Block(NamedTuple):
    """A paragraph, an item of a list or a row of a table."""

    line: int
    text: str


class Reviewed(NamedTuple):
    """A sentence that somebody has read, and why it may stand."""

    page: Text  # zh/part/topic
    says: Text
    why: Text


def check_words(root: Path, editions: list[Edition], clean: Clean) -> Iterator[Problem]:
    """Sentences that claim much beside nothing, unless they are reviewed; and what is stale."""
    reviewed, problems = read_reviewed(root)
    yield from problems
    known = {(entry.page, entry.says): entry for entry in reviewed}
    found = set()
    for edition in editions:
        for page, chapter in edition.pages.items():
            name = f"{edition.language}/{name_of(page)}"
            looked_at, find = (name, chapter.digest), partial(bare, chapter, edition.language)
            for line, word, sentence in clean.findings("words", looked_at, find):
                found.add((name, sentence))
                if (name, sentence) not in known:
                    message = (
                        f"`{word}` beside nothing that shows it: give a value, a reference or a "
                        f"link in this paragraph, say less, or enter it in {WORDS}: `{sentence}`"
                    )
                    yield Problem(chapter.path, line, message)
    for entry in (known[key] for key in known.keys() - found):
        yield Problem(WORDS, entry.page.line, f"stale: {entry.page} has no such bare sentence")


def read_reviewed(root: Path) -> tuple[list[Reviewed], list[Problem]]:
    file, sheet = root / WORDS, Sheet(WORDS, [])
    node = compose(file, sheet) if file.is_file() else None
    if node and not isinstance(node, yaml.SequenceNode):
        sheet.complain(line_of(node), "the file is no list")
        return [], sheet.problems
    items = (sheet.fields(item, "an entry", FIELDS) for item in (node.value if node else ()))
    return [Reviewed(**given) for given in items if given], sheet.problems


def bare(chapter: Chapter, language: str) -> Iterator[tuple[int, str, str]]:
    """Line, word and sentence of each strong word beside nothing that could show it."""
    for block in claims(chapter):
        for sentence in SENTENCE.finditer(block.text):
            said = " ".join(sentence[0].split()).lstrip("* ")
            if match := STRONG[language].search(blank(QUOTED, sentence[0])):
                if said[-1] not in "？?":
                    line = block.line + block.text.count("\n", 0, sentence.start() + match.start())
                    yield line, match[0], said


def claims(chapter: Chapter) -> Iterator[Block]:
    """The blocks that claim something and have nothing to show for it.

    A heading and a lead announce what the page then shows; the table at a page's end gives the
    condition in its next cell.
    """
    summary = next((h.line for h in chapter.headings if h.id == "what-holds"), None)
    after = [h.line for h in chapter.headings if summary and h.line > summary]
    runs = {line for s in (*chapter.snippets, *chapter.views) for line in (s.line - 1, s.end + 1)}
    lines = chapter.prose.split("\n")
    for block in blocks(lines):
        first, last = block.line, block.line + block.text.count("\n")
        in_summary = summary and summary < first < (after or [len(lines) + 1])[0]
        row = block.text.lstrip().startswith("|")
        announces = HEADING.match(block.text) or ".lead" in block.text
        beside = runs & {first - 1, last + 1} or opens_box(lines, last)
        if not (announces or beside or (row and in_summary) or FOOTNOTE.match(block.text)):
            if not EVIDENCE.search(block.text):
                yield block


def blocks(lines: list[str]) -> Iterator[Block]:
    start = 0
    for i, line in enumerate([*lines, ""]):
        ends = not line.strip() or ITEM.match(line) or HEADING.match(line)
        if ends or HEADING.match(lines[i - 1]):
            if "".join(lines[start:i]).strip():
                yield Block(start + 1, "\n".join(lines[start:i]))
            start = i if line.strip() else i + 1


def opens_box(lines: list[str], last: int) -> bool:
    """Whether a folded solution follows line ``last``."""
    following = [line.strip() for line in lines[last : last + 2] if line.strip()]
    return bool(following) and following[0].startswith("???")

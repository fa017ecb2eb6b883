"""A page's Markdown as notebooks understand it: no values, boxes, footnotes or attributes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from weave.context import Context
from weave.edition import SCHEME
from weave.inline import FOOTNOTE_MARK, FORMULA, IMAGE, LINK, VALUE
from weave.reference_text import citation
from weave.references import cites
from weave.structure import ATTRIBUTES, FOOTNOTE, HEADING, ID, Chapter
from weave.values import ValueProblem, resolve

BOX = re.compile(r'(?P<indent> *)(?P<marker>!!!|\?\?\?\+?) [\w -]*?(?: *"(?P<title>.*)")?$')
ONLY_ATTRIBUTES = re.compile(r"\s*\{:?\s*[.#][^{}]*\}\s*$")
Line = tuple[int, str]  # with its number in the chapter's file


def filled(chapter: Chapter, text: str, context: Context, link: Callable[[str], str]) -> list[str]:
    """The page's lines with values, references, links and marks of notes in their places."""
    prose, shelf = chapter.prose, context.shelf
    spans = [match.span() for match in FORMULA.finditer(prose)]
    notes = numbered(chapter)
    edits = [
        (cite.start, cite.end, citation(shelf.references[cite.key], shelf.language))
        for cite in cites(chapter) if cite.key in shelf.references
    ]  # fmt: skip
    for match in VALUE.finditer(prose):
        tex = any(first < match.start() < last for first, last in spans)
        edits.append((*match.span(), value(match, context, tex)))
    for match in FOOTNOTE_MARK.finditer(prose):
        edits.append((*match.span(), f"<sup>{notes.get(match[1], match[1])}</sup>"))
    for match in (*LINK.finditer(prose), *IMAGE.finditer(prose)):
        if (target := match["target"]) and not SCHEME.match(target):
            edits.append((*match.span("target"), link(target)))
    lines = text.split("\n")
    for start, end, shown in sorted(set(edits), reverse=True):
        number = prose.count("\n", 0, start)
        column = start - (prose.rfind("\n", 0, start) + 1)
        line = lines[number]
        lines[number] = line[:column] + shown + line[column + end - start :]
    return lines


def value(match: re.Match, context: Context, tex: bool) -> str:
    given = context.root, context.records, match, context.language, tex, context.lab
    try:
        return resolve(*given) or "?"
    except ValueProblem:  # the page says so
        return "?"


def numbered(chapter: Chapter) -> dict[str, int]:
    """The page's notes in the order in which it uses them."""
    marks = sorted(chapter.footnotes_used, key=lambda mark: mark.line)
    return {name: i for i, name in enumerate(dict.fromkeys(mark.name for mark in marks), 1)}


def notes(chapter: Chapter, lines: list[str], context: Context) -> str:
    """What the notes say, as a numbered list."""
    shelf = context.shelf
    defined = [(line, match) for line in lines if (match := FOOTNOTE.match(line))]
    own = {match[1]: line[match.end() :].strip() for line, match in defined}
    said = []
    for name in numbered(chapter):
        known = shelf.references.get(name)
        said.append(own.get(name) or known and f"{citation(known, shelf.language)}." or name)
    return "\n".join(f"{i}. {text}" for i, text in enumerate(said, 1))


@dataclass
class Text:
    """Gathers the Markdown between two cells of code."""

    prose: list[str]  # the chapter's
    fences: dict[int, int]  # first and last line of what is woven; none of it is text
    lines: list[str] = field(default_factory=list)

    def walk(self, lines: list[Line]) -> Iterator[int]:
        """Take up the lines; stop at each woven fence to give its first line."""
        i = 0
        while i < len(lines):
            number, line = lines[i]
            if number in self.fences:
                yield number
                while i < len(lines) and lines[i][0] <= self.fences[number]:
                    i += 1
                continue
            if match := self.box(number, line):
                inner = list(body(lines[i + 1 :], len(match["indent"]) + 4))
                yield from self.open(match, inner)
                i += len(inner)
            else:
                self.take(number, line)
            i += 1

    def box(self, number: int, line: str) -> re.Match | None:
        return BOX.match(line) if BOX.match(self.prose[number - 1]) else None

    def open(self, match: re.Match, inner: list[Line]) -> Iterator[int]:
        """A box as a quotation; one that can be opened, or holds code, without a frame."""
        title = f"**{match['title'] or ''}**"
        if match["marker"] == "!!!" and not any(number in self.fences for number, _ in inner):
            quoted = Text(self.prose, {})
            list(quoted.walk(inner))
            self.lines += ["", *(f"> {line}".rstrip() for line in [title, "", *quoted.lines]), ""]
        else:
            self.lines += ["", title, ""]
            yield from self.walk(inner)
            self.lines.append("")

    def take(self, number: int, line: str) -> None:
        prose = self.prose[number - 1]
        if prose.strip() and (ONLY_ATTRIBUTES.match(line) or FOOTNOTE.match(line)):
            return
        if prose.strip() and HEADING.match(line):
            found = ATTRIBUTES.search(line)
            given = found and ID.search(found[0])
            self.lines += [f'<a id="{given[1]}"></a>', ""] if given else []
            line = ATTRIBUTES.sub("", line)
        self.lines.append(line)

    def flush(self) -> str:
        """The text so far; what stood deeper, in an item of a list, is drawn to the left."""
        lines, self.lines = self.lines, []
        while lines and not lines[0].strip():
            lines.pop(0)
        depth = len(lines[0]) - len(lines[0].lstrip()) if lines else 0
        shown = []
        for line in lines:
            indent = len(line) - len(line.lstrip())
            depth = min(depth, indent) if line.strip() else depth
            shown.append(line[depth:])
        return re.sub(r"\n{3,}", "\n\n", "\n".join(shown)).strip("\n")


def body(lines: list[Line], depth: int) -> Iterator[Line]:
    """What belongs to a box: the lines below it that are indented, drawn to the left."""
    last = 0
    for i, (_, line) in enumerate(lines, 1):
        if line.strip() and len(line) - len(line.lstrip()) < depth:
            break
        last = i
    yield from ((number, line[depth:]) for number, line in lines[:last])

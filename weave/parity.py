"""Compare two languages' editions: what one has and the other lacks."""

import difflib
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from weave.fences import Snippet
from weave.inline import VALUE, Formula
from weave.problems import Problem
from weave.structure import Chapter

WORDS = re.compile(r"\\text(?:bf|it|rm|sf|tt|normal)?\s*\{(?:[^{}]|\{[^{}]*\})*\}")
SYMBOL = re.compile(r"(\\[A-Za-z]+|\w)( '| [_^] (\\[A-Za-z]+|\w|\{[^{}]*\}))*")  # spaced tokens
TOKEN = re.compile(r"\\[A-Za-z]+|\S")


class Part(NamedTuple):
    """One thing on a page: what both languages must share, how to show it, where it stands."""

    key: object
    shown: str
    line: int
    loose: bool = False  # there or not is what counts, not how often


class Side(NamedTuple):
    """One language's parts of a kind; ``line`` is where a missing one is to be added."""

    path: str
    line: int
    parts: list[Part]


def compare_chapters(ours: Chapter, theirs: Chapter) -> Iterator[Problem]:
    """All differences between two languages' versions of one page, section by section."""
    for kind, read in PAGE_WIDE.items():
        sides = (Side(chapter.path, 1, read(chapter)) for chapter in (ours, theirs))
        yield from compare(kind, *sides)
    sections = matching_sections(ours, theirs)
    for kind, read in BY_SECTION.items():
        left = by_section(read(ours), [line for line, _ in sections])
        right = by_section(read(theirs), [line for _, line in sections])
        for our_line, their_line in sections:
            one = Side(ours.path, our_line, left[our_line])
            other = Side(theirs.path, their_line, right[their_line])
            yield from compare(kind, one, other)


def matching_sections(ours: Chapter, theirs: Chapter) -> list[tuple[int, int]]:
    """Lines of the headings under which both pages say the same; 0 for what precedes them all."""
    left = {heading.id: heading.line for heading in reversed(ours.headings)}
    right = {heading.id: heading.line for heading in reversed(theirs.headings)}
    pairs = [(0, 0)] + [(left[name], right[name]) for name in left if name in right]
    misnamed = sorted(line for name, line in left.items() if name not in right)
    others = sorted(line for name, line in right.items() if name not in left)
    if len(misnamed) == len(others):
        pairs += zip(misnamed, others, strict=True)
    return pairs


def by_section(parts: list[Part], lines: list[int]) -> dict[int, list[Part]]:
    """The parts under each of the headings that stand on ``lines``, by line.

    What stands under a heading that the other page lacks counts to the one above it.
    """
    starts = sorted(lines)
    sections = defaultdict(list)
    for part in sorted(parts, key=lambda part: part.line):
        sections[starts[bisect_right(starts, part.line) - 1]].append(part)
    return sections


def compare(kind: str, ours: Side, theirs: Side) -> Iterator[Problem]:
    """What the two sides do not share: in order for what stands in order, else as a multiset."""
    if [part.key for part in ours.parts] == [part.key for part in theirs.parts]:
        return
    mine, yours = Counter(p.key for p in ours.parts), Counter(p.key for p in theirs.parts)
    if mine == yours:
        if kind in ORDERED:
            yield from compare_order(kind, ours, theirs)
        return
    left, right = surplus(ours.parts, yours), surplus(theirs.parts, mine)
    loose = 0.0 if len(left) == len(right) else 0.6
    for part in left:
        names = {other.shown: other for other in right}
        if close := difflib.get_close_matches(part.shown, names, n=1, cutoff=loose):
            other = names[close[0]]
            right.remove(other)
            message = f"{kind} {other.shown} stands where {ours.path}:{part.line} has {part.shown}"
            yield Problem(theirs.path, other.line, message)
        else:
            yield missing(kind, part, ours, theirs)
    for part in right:
        yield missing(kind, part, theirs, ours)


def compare_order(kind: str, ours: Side, theirs: Side) -> Iterator[Problem]:
    """The first place at which the same parts come in another order."""
    for part, other in zip(ours.parts, theirs.parts, strict=True):
        if part.key != other.key:
            message = f"another order: {kind} {other.shown} comes where {ours.path}:{part.line}"
            yield Problem(theirs.path, other.line, f"{message} has {part.shown}")
            return


def surplus(parts: list[Part], others: Counter) -> list[Part]:
    """The parts beyond those that the other side has, too."""
    spare, left = Counter(others), []
    for part in parts:
        if spare[part.key]:
            spare[part.key] -= 1
        elif not (part.loose and part.key in others):
            left.append(part)
    return left


def missing(kind: str, part: Part, source: Side, target: Side) -> Problem:
    """Where the part belongs: behind the nearest part before it that both sides have."""
    lines = {other.key: other.line for other in target.parts}
    before = [p for p in source.parts if p.line < part.line and p.key in lines]
    line = lines[before[-1].key] if before else max(target.line, 1)
    message = f"no {kind} {part.shown} here, as there is at {source.path}:{part.line}"
    return Problem(target.path, line, message)


def heading_parts(chapter: Chapter) -> list[Part]:
    return [
        Part(h[:2], f"`{'#' * h.level} {f'{{ #{h.id} }}' if h.id else h.text}`", h.line)
        for h in chapter.headings
    ]


def footnote_parts(chapter: Chapter) -> list[Part]:
    return [Part(mark.name, f"`[^{mark.name}]`", mark.line) for mark in chapter.footnotes_defined]


def meta_parts(chapter: Chapter) -> list[Part]:
    return [Part(name, f"`{name}`", 1) for name in chapter.meta if name != "twin"]


def snippet_parts(chapter: Chapter) -> list[Part]:
    return [Part(key := snippet_key(s), f"`{', '.join(key)}`", s.line) for s in chapter.snippets]


def snippet_key(snippet: Snippet) -> tuple[str, ...]:
    """What both languages share of a fence: all but the figures' texts."""
    shared = {name: value for name, value in snippet.options.items() if name != "figures"}
    if isinstance(figures := snippet.options.get("figures"), list):
        shared["figures"] = len(figures)
    return (snippet.target, *(f"{name}: {value}" for name, value in sorted(shared.items(), key=str)))


def value_parts(chapter: Chapter) -> list[Part]:
    return [
        Part((v.reference, plain_format(v.format)), f"`{{{{ {v.reference}:{v.format} }}}}`", v.line)
        for v in chapter.values
    ]


def plain_format(given: str) -> str:
    """The magnitudes (亿 or billion) differ in length between languages: one for all."""
    return "big" if given.startswith("big") else given


def formula_parts(chapter: Chapter) -> list[Part]:
    """A lone symbol is a word of the sentence: how often it comes is a matter of style."""
    parts = []
    for formula in chapter.formulas:
        key, shown = formula_key(formula), f"`{' '.join(formula.tex.split())}`"
        parts.append(Part(key, shown, formula.line, loose=bool(SYMBOL.fullmatch(key[1]))))
    return parts


def formula_key(formula: Formula) -> tuple[bool, str]:
    """A formula without its words, its spaces, and the punctuation of the sentence around it."""

    def plain(value: re.Match) -> str:
        return f"{value['name']}{value['items']}:{plain_format(value['format'] or '')}"

    tokens = TOKEN.findall(WORDS.sub(r"\\text{}", VALUE.sub(plain, formula.tex)))
    return formula.display, " ".join(tokens).rstrip(" ,.;，。；")


def link_parts(chapter: Chapter) -> list[Part]:
    return [Part(x.target, f"`{x.target}`", x.line) for x in chapter.links if not x.image]


def image_parts(chapter: Chapter) -> list[Part]:
    return [Part(x.target, f"`{x.target}`", x.line) for x in chapter.links if x.image]


def admonition_parts(chapter: Chapter) -> list[Part]:
    return [Part(x.type, f"`{x.type}`", x.line) for x in chapter.admonitions]


def table_parts(chapter: Chapter) -> list[Part]:
    return [Part(x[:2], f"`{x.rows} rows × {x.columns} columns`", x.line) for x in chapter.tables]


PAGE_WIDE = {"heading": heading_parts, "footnote": footnote_parts, "front matter": meta_parts}
BY_SECTION = {
    "snippet": snippet_parts,
    "value": value_parts,
    "formula": formula_parts,
    "link to": link_parts,
    "image": image_parts,
    "admonition": admonition_parts,
    "table": table_parts,
}
ORDERED = {"heading", "snippet", "admonition", "table", "nav entry"}

"""What the two languages' versions of a page must share, and where they differ."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator

from weave.compare import Part, Side, compare
from weave.fences import Snippet
from weave.inline import VALUE, Formula
from weave.problems import Problem
from weave.structure import Chapter

WORDS = re.compile(r"\\text(?:bf|it|rm|sf|tt|normal)?\s*\{(?:[^{}]|\{[^{}]*\})*\}")
SYMBOL = re.compile(r"(\\[A-Za-z]+|\w)( '| [_^] (\\[A-Za-z]+|\w|\{[^{}]*\}))*")  # spaced tokens
STATE = ("twin", "draft")  # in front matter: how far one language is
TOKEN = re.compile(r"\\[A-Za-z]+|\S")


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


def heading_parts(chapter: Chapter) -> list[Part]:
    return [
        Part(h[:2], f"`{'#' * h.level} {f'{{ #{h.id} }}' if h.id else h.text}`", h.line)
        for h in chapter.headings
    ]


def footnote_parts(chapter: Chapter) -> list[Part]:
    """The page's own notes, and the references that it cites, each once."""
    notes = {mark.name for mark in chapter.footnotes_defined}
    first = {mark.name: mark for mark in reversed(chapter.footnotes_used)}
    cited = [mark for name, mark in first.items() if name not in notes]
    marks = [*chapter.footnotes_defined, *cited]
    return [Part(mark.name, f"`[^{mark.name}]`", mark.line) for mark in marks]


def meta_parts(chapter: Chapter) -> list[Part]:
    return [Part(name, f"`{name}`", 1) for name in chapter.meta if name not in STATE]


def snippet_parts(chapter: Chapter) -> list[Part]:
    return [Part(key := snippet_key(s), f"`{', '.join(key)}`", s.line) for s in chapter.snippets]


def view_parts(chapter: Chapter) -> list[Part]:
    return [Part(x[:2], f"`{f'{x.kind} {x.source}'.strip()}`", x.line) for x in chapter.views]


def snippet_key(snippet: Snippet) -> tuple[str, ...]:
    """What both languages share of a fence: all but the figures' texts."""
    shared = {name: value for name, value in snippet.options.items() if name != "figures"}
    if isinstance(figures := snippet.options.get("figures"), list):
        shared["figures"] = len(figures)
    return (
        snippet.target,
        *(f"{name}: {value}" for name, value in sorted(shared.items(), key=str)),
    )


def code_parts(chapter: Chapter) -> list[Part]:
    return [Part(name, f"`{name.strip()}`", line) for name, line in chapter.code]


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
    "line of code": code_parts,
    "view": view_parts,
    "value": value_parts,
    "formula": formula_parts,
    "link to": link_parts,
    "image": image_parts,
    "admonition": admonition_parts,
    "table": table_parts,
}

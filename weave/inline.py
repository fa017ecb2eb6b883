"""Values, formulas, links, footnote marks and ids in a piece of Markdown whose code is blanked."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from weave.problems import Problem

# Each pattern begins with the character that it seeks and looks behind that, which is far quicker
# than to look behind every character of a page.

# The book's own notation: {{ part.module.name[item]:format }}. TeX writes {{ without a space.
VALUE = re.compile(
    r"\{\{ (?P<name>[A-Za-z_]\w*(?:\.\w+)+)(?P<items>(?:\[[^\[\]{}]+\])*)"
    r"(?::(?P<format>[^{}]*?))?\s*\}\}"
)
# As pymdownx.arithmatex reads them; a formula never crosses a blank line.
FORMULA = re.compile(
    r"\$(?<![\\$]\$)(?:\$(?P<display>(?:\\.|[^\\\n]|\n(?!\s*\n))+?)\$\$"
    r"|(?![\s$])(?P<inline>(?:[^\\$\n]++|\\.|\n(?!\s*\n))+)(?<!\s)\$)",
    re.DOTALL,
)
BAD_FORMULA = re.compile(r"\$(?<!\\\$)\$|\\(?<!\\\\)(?:\(|\[|begin\{)")
DEFINITION = re.compile(r"^[ ]*\[(?!\^)([^\[\]]+)\]:\s*<?([^\s<>]+)>?.*$", re.MULTILINE)
TEXT = r"\[(?<!\\\[)(?!\^)(?P<text>[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*)\]"
TARGET = r"(?P<target><[^<>\n]*>|(?:[^\s()<>]|\([^\s()]*\))*)(?:\s+(?:\"[^\"]*\"|'[^']*'))?"
LINK = re.compile(rf"{TEXT}(?:\(\s*{TARGET}\s*\)|\[(?!\^)(?P<reference>[^\[\]]*)\]|)")
IMAGE = re.compile(rf"!(?<!\\!){LINK.pattern}")
AUTOLINK = re.compile(r"<((?:https?|mailto):[^\s<>]+)>")
TAG = re.compile(r"<(?P<name>[A-Za-z][\w-]*)(?P<rest>\s[^<>]*)>")
ATTRIBUTE = re.compile(r"\s([a-z]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))")
FOOTNOTE_MARK = re.compile(r"\[\^(?:(?<=\S\[\^)|(?![^\]\n]*\]:))([^\]\n]*)\]")
OPENER = re.compile(r"\s*(#|!!!|\?\?\?|===)")  # the text of a block can follow without a blank line
ID = re.compile(r"\{:?(?:[^{}\n]*\s)?#([^\s{}.#]+)[^{}\n]*\}")


class Value(NamedTuple):
    reference: str  # part.module.name[item]
    format: str
    line: int


class Formula(NamedTuple):
    tex: str
    display: bool
    line: int


class Link(NamedTuple):
    target: str
    image: bool
    alt: str
    raw: bool  # written as HTML, which MkDocs leaves as it stands
    line: int


class Mark(NamedTuple):
    name: str
    line: int


@dataclass
class Inline:
    """What stands inside the lines of a chapter. Lines count from 1 in the file on disk."""

    path: str
    values: list[Value] = field(default_factory=list)
    formulas: list[Formula] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    footnotes_used: list[Mark] = field(default_factory=list)
    ids: list[Mark] = field(default_factory=list)  # all that a link can name
    problems: list[Problem] = field(default_factory=list)

    def complain(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.path, line, message))


def in_formula(text: str, match: re.Match) -> bool:
    return any(m.start() < match.start() < m.end() for m in FORMULA.finditer(text))


def blank(pattern: re.Pattern, text: str) -> str:
    """The text with every match overwritten; lines and offsets stay as they were."""
    return pattern.sub(lambda match: overwrite(match[0]), text)


def overwrite(text: str, filler: str = " ") -> str:
    return "\n".join(filler * len(line) for line in text.split("\n"))


def read_inline(text: str, first: int, found: Inline) -> None:
    """Add what stands in ``text``, whose first line is line ``first`` of the file, to ``found``."""

    def line(offset: int) -> int:
        return first + text.count("\n", 0, offset)

    for start in (match.start() for match in re.finditer(r"\{\{ ", text)):
        if match := VALUE.match(text, start):
            reference = match["name"] + match["items"]
            found.values.append(Value(reference, match["format"] or "", line(start)))
        else:
            shown = text[start:].split("\n")[0][:40]
            wanted = "{{ part.module.name:format }}"
            found.complain(line(start), f"not a value: `{shown}`; write `{wanted}`")

    def take_formula(match: re.Match) -> str:
        tex, number = match["display"] or match["inline"], line(match.start())
        found.formulas.append(Formula(tex.strip(), bool(match["display"]), number))
        if match["display"] and not stands_alone(text, match):
            found.complain(number, "a display formula needs a blank line before and after it")
        return overwrite(match[0])

    rest = blank(VALUE, FORMULA.sub(take_formula, text))
    for match in BAD_FORMULA.finditer(rest):
        message = f"`{match[0]}` is no formula here: write `$…$`, or `$$…$$` without blank lines"
        found.complain(line(match.start()), message)
    for match in FOOTNOTE_MARK.finditer(rest):
        found.footnotes_used.append(Mark(match[1], line(match.start())))
    found.ids += [Mark(match[1], line(match.start())) for match in ID.finditer(rest)]
    read_links(rest, text, line, found)
    read_tags(rest, line, found)


def stands_alone(text: str, match: re.Match) -> bool:
    """Whether a display formula is a block of its own, or opens the body of a container."""
    before = text[: match.start()].rsplit("\n", 2)[-2:]
    after = text[match.end() :].split("\n", 2)
    above = before[-2].strip() if len(before) > 1 else ""
    below = after[1].strip() if len(after) > 1 else ""
    alone = not (before[-1].strip() or after[0].strip() or below)
    return alone and (not above or bool(OPENER.match(above)))


def read_links(text: str, original: str, line: Callable[[int], int], found: Inline) -> None:
    """Links and images in Markdown's notations; ``original`` still has the formulas in them."""

    def name(reference: str) -> str:
        return " ".join(reference.lower().split())

    defined = {name(match[1]): match[2] for match in DEFINITION.finditer(text)}
    text = blank(DEFINITION, text)
    for pattern, image in ((IMAGE, True), (LINK, False)):
        start = 0
        while match := pattern.search(text, start):
            start, target = match.end(), match["target"]
            if target is None:
                reference = name(match["reference"] or match["text"])
                target = defined.get(reference)
            if target is not None:
                alt = original[match.start("text") : match.end("text")].strip()
                link = Link(target.strip("<>"), image, alt, False, line(match.start()))
                found.links.append(link)
                continue
            start = match.start() + 1  # only brackets: there may be links inside
            if match["reference"] is not None:
                found.complain(line(match.start()), f"no line defines the link `[{reference}]`")
        text = blank(IMAGE, text)  # so that the second round sees a link around an image
    for match in AUTOLINK.finditer(text):
        found.links.append(Link(match[1], False, "", False, line(match.start())))


def read_tags(text: str, line: Callable[[int], int], found: Inline) -> None:
    """Links, images and ids that are written as HTML."""
    for tag in TAG.finditer(text):
        number = line(tag.start())
        attributes = {m[1]: m[2] or m[3] or m[4] or "" for m in ATTRIBUTE.finditer(tag["rest"])}
        if "id" in attributes:
            found.ids.append(Mark(attributes["id"], number))
        for target in (attributes[key] for key in ("href", "src") if key in attributes):
            alt = attributes.get("alt", "")
            image = tag["name"] == "img"
            found.links.append(Link(html.unescape(target), image, alt, True, number))

"""What browsers are sent of the book's own style sheet and scripts, and of the theme's templates.

In the repository they are there to be read; on the site comments and blanks would only weigh on
every reader's first visit.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from weave.kept import recall

GAP = r"(?:\s|/\*[^*]*\*+(?:[^/*][^*]*\*+)*/)"  # blanks and comments
STYLE = re.compile(
    rf'(?P<string>"(?:\\.|[^"\\])*")|{GAP}*(?P<mark>[{{}};,]){GAP}*|(?P<blank>{GAP}+)'
)
BLANKS_COUNT = ("pre", "script", "style", "textarea")
AS_IT_IS = re.compile("(" + "|".join(rf"<{x}\b.*?</{x}>" for x in BLANKS_COUNT) + ")", re.DOTALL)
COMMENT_LINE = re.compile(r"^\s*//.*\n", re.MULTILINE)


def style(text: str) -> str:
    """A style sheet without comments, and without blanks where none is needed."""

    def kept(match: re.Match) -> str:
        return match["string"] or match["mark"] or " "

    return STYLE.sub(kept, text).strip()


def script(text: str) -> str:
    """A script without the lines that are comments."""
    return COMMENT_LINE.sub("", text)


def page(html: str) -> str:
    """A page without the indentation of its templates."""
    pieces = AS_IT_IS.split(html)
    pieces[::2] = map(unindented, pieces[::2])
    return "".join(pieces)


def unindented(text: str) -> str:
    """The text without blanks beside line ends, and without empty lines."""
    if "\n" not in text:
        return text
    first, *lines, last = text.split("\n")
    return "\n".join([first.rstrip(), *filter(None, map(str.strip, lines)), last.lstrip()])


KINDS = {".css": style, ".js": script}


@dataclass
class Sent:
    text: str


def squeeze(ours: Path, site: Path, kept: Path) -> None:
    """Write each style sheet and script of a folder of ours to its place in the site."""
    for file in sorted(file for file in ours.rglob("*") if file.suffix in KINDS):
        name = file.relative_to(ours)
        put(site / name, file.read_text(encoding="utf-8"), KINDS[file.suffix], kept)


def put(place: Path, text: str, change: Callable[[str], str], kept: Path) -> None:
    """Write what comes of a text to a place in the site; it is kept from build to build."""
    data = change.__name__.encode() + text.encode()
    sent = recall(kept / f"{place.name}.json", data, Sent, lambda: Sent(change(text)))
    place.write_text(sent.text, encoding="utf-8", newline="\n")

"""Read a chapter into its structure, each part with its line.

Line by line, and by the rules of the Markdown extensions that the book uses: the tree that
Python-Markdown builds has no line numbers.
"""

import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from weave.fences import Snippet, View, hide_spans, read_yaml, take_fences
from weave.inline import ID, OPENER, Inline, Mark, read_inline
from weave.kept import recall
from weave.percent import as_markdown, code_cells, is_lab

HEADING = re.compile(r"(?: {4})*(?P<marks>#{1,6})(?P<text>.*?)#*$")
UNDERLINE = re.compile(r"\s*(?P<marks>=+|-+)$")
ATTRIBUTES = re.compile(r"\s+\{:?[^{}]*\}$")
ADMONITION = re.compile(r'\s*(?P<marker>!!!|\?\?\?\+?) ?(?P<type>[\w-]+(?: +[\w-]+)*)(?: +".*")?$')
DELIMITERS = re.compile(r"\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?$")
FOOTNOTE = re.compile(r"\s*\[\^([^\]]*)\]:")


class Heading(NamedTuple):
    level: int
    id: str  # empty where none is written
    text: str
    line: int


class Admonition(NamedTuple):
    type: str  # with its marker: "!!! wrong", "??? success"
    line: int


class Table(NamedTuple):
    rows: int  # below the header
    columns: int
    line: int


@dataclass
class Chapter(Inline):
    """What a chapter consists of."""

    digest: str = field(default="", compare=False)  # of the file's bytes
    meta: dict = field(default_factory=dict)
    body: str = ""
    prose: str = ""  # the whole file, line for line and column for column, with code blanked
    headings: list[Heading] = field(default_factory=list)
    snippets: list[Snippet] = field(default_factory=list)
    code: list[Mark] = field(default_factory=list)  # of a lab, line by line
    views: list[View] = field(default_factory=list)
    admonitions: list[Admonition] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    footnotes_defined: list[Mark] = field(default_factory=list)
    footnotes: dict[str, str] = field(default_factory=dict)  # what each says, on its first line

    @property
    def waits(self) -> bool:
        """Whether the page says that it has no twin yet."""
        return self.meta.get("twin") == "wanted"

    @property
    def draft(self) -> bool:
        """Whether the page says that it is not finished."""
        return self.meta.get("draft") is True


def read_chapter(path: Path | str, root: Path = Path()) -> Chapter:
    """Read ``root / path``; problems name ``path``. What is wrong never stops the reading."""
    return kept_chapter((root / path).read_bytes(), Path(path).as_posix(), root)


@lru_cache(maxsize=2000)
def kept_chapter(data: bytes, path: str, root: Path) -> Chapter:
    """The structure of a chapter's bytes, from an earlier build or read now."""
    place = root / ".weave" / "chapters" / f"{path}.json"
    return recall(place, path.encode() + data, Chapter, lambda: parse_chapter(data, path))


def parse_chapter(data: bytes, path: str) -> Chapter:
    """The structure of a chapter's bytes."""
    chapter = Chapter(path, digest=hashlib.sha256(data).hexdigest())
    text = decode(data, chapter)
    if is_lab(path):
        lines = text.split("\n")
        for first, last in code_cells(lines).values():
            marked = [Mark(line, i) for i, line in enumerate(lines[first - 2 : last], first - 1)]
            chapter.code += [mark for mark in marked if mark.name.strip()]
        text = as_markdown(text, path, chapter.complain)
    return fill(chapter, text)


def chapter_of(lines: list[str], path: str, root: Path) -> Chapter:
    """The structure of a page's Markdown, in which front matter is empty lines.

    Nearly always it is a chapter that has been read already.
    """
    text = "\n".join(lines)
    with suppress(OSError):
        chapter = read_chapter(path, root)
        above = chapter.prose.count("\n") - chapter.body.count("\n")
        if shown_lines("\n" * above + chapter.body) == shown_lines(text):
            return chapter
    return fill(Chapter(path), text)


def shown_lines(text: str) -> list[str]:
    """The lines, but for blanks that mean nothing: at their ends, and below them all."""
    return [line.expandtabs(4).rstrip() for line in text.rstrip().split("\n")]


def fill(chapter: Chapter, text: str) -> Chapter:
    lines = [line.expandtabs(4).rstrip() for line in text.split("\n")]
    start = read_front_matter(lines, chapter)
    chapter.body = "\n".join(text.split("\n")[start:])
    lines[:start] = [""] * start
    for fence in take_fences(lines, chapter):
        (chapter.snippets if isinstance(fence, Snippet) else chapter.views).append(fence)
    chapter.prose = prose = hide_spans("\n".join(lines))
    read_inline(prose, 1, chapter)
    read_blocks([line.rstrip() for line in prose.split("\n")], lines, chapter)
    return chapter


def decode(data: bytes, chapter: Chapter) -> str:
    """The text with plain line ends; bytes that are no text become problems."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text, at = data.decode("utf-8-sig", errors="replace"), error.start
        at += 3 * data.startswith(b"\xef\xbb\xbf")  # the codec counts from behind the mark
        line = 1 + len(re.findall(rb"\r\n?|\n", data[:at]))
        chapter.complain(line, f"not UTF-8: byte 0x{data[at]:02x} at offset {at}")
    text = re.sub(r"\r\n?", "\n", text)
    for match in re.finditer("\0", text):
        chapter.complain(1 + text.count("\n", 0, match.start()), "a NUL character")
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def read_front_matter(lines: list[str], chapter: Chapter) -> int:
    """Read what stands between ``---`` lines at the top; return the index of the line after."""
    if lines[0] != "---":
        return 0
    end = next((i for i, line in enumerate(lines[1:], 1) if line in ("---", "...")), None)
    if end is None:
        chapter.complain(1, "the front matter has no closing `---`")
        return 1
    _, chapter.meta = read_yaml("\n".join(lines[1:end]), 2, "front matter", chapter)
    return end + 1


def read_blocks(prose: list[str], lines: list[str], chapter: Chapter) -> None:
    """Headings, admonitions, tables and footnotes; ``lines`` still has the code spans in them."""
    for i, line in enumerate(prose):
        above = prose[i - 1] if i else ""
        if match := HEADING.match(line):
            text = lines[i][match.start("text") : match.end("text")]
            add_heading(len(match["marks"]), text, i + 1, chapter)
        elif (match := UNDERLINE.match(line)) and starts_block(prose, i - 1):
            add_heading(1 if "=" in match["marks"] else 2, lines[i - 1], i, chapter)
        elif line.lstrip().startswith(("!!!", "???")):
            add_admonition(line, i + 1, chapter)
        elif "|" in line and "|" in above and DELIMITERS.match(line):
            add_table(prose, i, chapter)
        elif match := FOOTNOTE.match(line):
            chapter.footnotes_defined.append(Mark(match[1], i + 1))
            chapter.footnotes[match[1]] = line[match.end() :].strip()


def starts_block(prose: list[str], i: int) -> bool:
    """Whether line ``i`` is text that begins a block."""
    if i < 0 or not prose[i] or HEADING.match(prose[i]):
        return False
    return not i or not prose[i - 1] or bool(OPENER.match(prose[i - 1]))


def add_heading(level: int, text: str, line: int, chapter: Chapter) -> None:
    attributes = ATTRIBUTES.search(text)
    given = ID.search(attributes[0]) if attributes else None
    name = given[1] if given else ""
    chapter.headings.append(Heading(level, name, ATTRIBUTES.sub("", text).strip(), line))


def add_admonition(line: str, number: int, chapter: Chapter) -> None:
    if match := ADMONITION.match(line):
        chapter.admonitions.append(Admonition(f"{match['marker']} {match['type']}", number))
    else:
        wanted = f'{line.strip()[:3]} type "title"'
        chapter.complain(number, f"not an admonition: `{line.strip()}`; write `{wanted}`")


def add_table(prose: list[str], i: int, chapter: Chapter) -> None:
    """The table whose delimiter row is line ``i``."""
    columns = count_cells(prose[i - 1])
    end = next((j for j in range(i, len(prose)) if not prose[j].strip()), len(prose))
    chapter.tables.append(Table(end - i - 1, columns, i))
    if not starts_block(prose, i - 1):
        chapter.complain(i, "a table needs a blank line above it")
    for j in range(i, end):
        if (cells := count_cells(prose[j])) != columns:
            message = f"this row of the table has {cells} cells, its header {columns}"
            chapter.complain(j + 1, message)


def count_cells(row: str) -> int:
    inner = row.strip().removeprefix("|").removesuffix("|")
    return len(re.findall(r"(?<!\\)\|", inner)) + 1

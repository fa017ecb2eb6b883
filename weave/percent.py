"""Labs as files: notebooks in jupytext's percent format, read line for line as Markdown.

A cell begins with ``# %%`` (code) or ``# %% [markdown]``. Markdown stands in comments, and so does
the front matter above the first cell: the file is a plain script that runs.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import NamedTuple

MARKER = re.compile(r"# %%(.*)$")
SHOWN = re.compile(r"# %% (docs/\S+:cell-\d+)$")  # where the page shows a code cell
PROSE = re.compile(r"#(?: (.*))?$")


class Cell(NamedTuple):
    """Lines count from 1; what stands above the first marker is Markdown with its marker at 0."""

    code: bool
    marker: int
    last: int


def is_lab(path: str) -> bool:
    return path.startswith("docs/") and path.endswith(".py")


def lab_of(path: str) -> str:
    """What a lab is called in every language: ``docs/zh/labs/x.py`` -> ``docs/labs/x.py``."""
    top, _, *rest = PurePosixPath(path).parts
    return "/".join([top, *rest])


def cells(lines: list[str]) -> Iterator[Cell]:
    markers = [i for i, line in enumerate(lines, 1) if MARKER.match(line)]
    for marker, after in zip([0, *markers], [*markers, len(lines) + 1], strict=True):
        kind = MARKER.match(lines[marker - 1])[1].strip() if marker else "[markdown]"
        yield Cell(kind != "[markdown]", marker, after - 1)


def code_cells(lines: list[str]) -> dict[str, tuple[int, int]]:
    """First and last line of the code in each cell, by the cell's name."""
    found = [cell for cell in cells(lines) if cell.code]
    return {f"cell-{i}": (cell.marker + 1, cell.last) for i, cell in enumerate(found, 1)}


def page_text(text: str, path: str) -> str:
    """The Markdown of any page."""
    return as_markdown(text, path, lambda line, message: None) if is_lab(path) else text


def as_markdown(text: str, path: str, complain: Callable[[int, str], None]) -> str:
    """The page that a lab is, on the same lines; its code gives way to the names of its cells."""
    lines = text.split("\n")
    shown = [""] * len(lines)
    number = 0
    for cell in cells(lines):
        if cell.code:
            number += 1
            shown[cell.marker - 1] = f"# %% {lab_of(path)}:cell-{number}"
            if lines[cell.marker - 1].strip() != "# %%":
                complain(cell.marker, "a cell begins with `# %%` or `# %% [markdown]`, no more")
            continue
        for i in range(cell.marker, cell.last):
            if match := PROSE.match(lines[i].rstrip()):
                shown[i] = match[1] or ""
            elif lines[i].strip():
                complain(i + 1, "code in a Markdown cell: begin the line with `# `, or a code cell")
    if not number:
        complain(1, "a lab without a code cell: write `# %%` above its code")
    return "\n".join(shown)

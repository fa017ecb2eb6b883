"""A reader's run beside a recorded one, cell by cell, and what may lie behind a large gap."""
import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from snippets.labs.lab import Cell
from snippets.labs.reasons import reasons
from snippets.labs.records import Record
from snippets.labs.timing import Spread

LARGE = 1.5  # times as long: a gap that asks for a reason

# The sentences, by language.
WORDS = json.loads(Path(__file__).with_name("words.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Row:
    """One cell in two runs."""

    mine: Cell
    theirs: Cell
    seconds: tuple[Spread, Spread] | None  # None where one of the two is an error
    ratio: float  # of the medians; NaN likewise

    @property
    def large(self) -> bool:
        return bool(self.seconds) and not 1 / LARGE < self.ratio < LARGE


def join(mine: Record, theirs: Record) -> list[Row]:
    """The cells that both runs have, in the order of mine."""
    return [row(mine, theirs, key) for key in mine.cells if key in theirs.cells]


def row(mine: Record, theirs: Record, key: str) -> Row:
    cells = mine.cells[key], theirs.cells[key]
    if any(cell.error for cell in cells):
        return Row(*cells, None, float("nan"))
    ours, others = mine.seconds(key), theirs.seconds(key)
    return Row(*cells, (ours, others), ours.median / others.median)


def table(mine: Record, theirs: Record, rows: list[Row], language: str) -> str:
    """All of the comparison as text."""
    words = WORDS[language]
    head = [words["cell"], words["yours"], words["other"], words["ratio"]]
    lines = [
        words["mine"].format(mine.device, mine.date),
        words["theirs"].format(theirs.device, theirs.date, theirs.commit),
        "",
        *aligned([head, *(shown(row, words) for row in rows)]),
        "",
    ]
    if alone := sorted(set(mine.cells) ^ set(theirs.cells)):
        lines.append(words["alone"].format(words["stop"].join(alone)))
    lines += explained(mine, theirs, rows, language) if rows else [words["none"]]
    return "\n".join(lines)


def shown(row: Row, words: dict[str, str]) -> list[str]:
    key = row.mine.key
    if not row.seconds:
        return [key, words["error"].format((row.mine.error or row.theirs.error)[:40]), "", ""]
    return [key, *map(told, row.seconds), f"{row.ratio:.2f}"]


def told(seconds: Spread) -> str:
    """A time with its tenths, in a unit that suits it."""
    unit, scale = next(
        (pair for pair in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)) if seconds.median >= pair[1]),
        ("ns", 1e-9),
    )
    middle, low, high = (f"{value / scale:.3g}" for value in seconds)
    return f"{middle} {unit} [{low}..{high}]"


def aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    padded = [map(pad, row, widths) for row in rows]
    return ["  ".join(cells).rstrip() for cells in padded]


def pad(text: str, columns: int) -> str:
    return text + " " * (columns - width(text))


def width(text: str) -> int:
    """Columns of a terminal; Chinese characters take two."""
    return sum(1 + (unicodedata.east_asian_width(letter) in "WF") for letter in text)


def explained(mine: Record, theirs: Record, rows: list[Row], language: str) -> Iterator[str]:
    """How many gaps there are, and the likely reasons for each side's."""
    words = WORDS[language]
    large = [row for row in rows if row.large]
    if not large:
        yield words["close"].format(LARGE)
        return
    yield words["gap"].format(LARGE, len(large))
    sides = [
        (mine, theirs, [(row.mine, row.theirs) for row in large if row.ratio > 1]),
        (theirs, mine, [(row.theirs, row.mine) for row in large if row.ratio < 1]),
    ]
    for slow, fast, pairs in sides:
        if pairs:
            keys = words["stop"].join(cell.key for cell, _ in pairs)
            name = words["yours" if slow is mine else "other"]
            yield words["longer"].format(name) + keys
            why = [words[code].format(*said) for code, *said in reasons(slow, fast, pairs)]
            yield words["likely"] + " ".join(why) if why else words["unknown"]


def plot(mine: Record, theirs: Record, rows: Iterable[Row], file: Path) -> None:
    """Each cell's ratio as a point, and as a bar how far the samples of mine would move it."""
    import matplotlib

    matplotlib.use("agg")
    import matplotlib.pyplot as plt

    from snippets.palette import INK, SOFT

    measured = [row for row in rows if row.seconds]
    fig, ax = plt.subplots(figsize=(7.2, 1.2 + 0.28 * len(measured)))
    for place, row in enumerate(measured):
        ours, others = row.seconds
        ends = [ours.low / others.high, ours.high / others.low]
        ax.plot(ends, [place, place], color=SOFT, linewidth=3, solid_capstyle="butt")
        ax.plot([row.ratio], [place], "o", color=INK)
    ax.axvline(1, color=SOFT, linestyle="--")
    ax.set_xscale("log")
    ax.set_yticks(range(len(measured)), [row.mine.key for row in measured])
    ax.set_ylim(len(measured) - 0.5, -0.5)
    ax.set_xlabel(f"{mine.device} / {theirs.device}")
    fig.savefig(file, bbox_inches="tight")
    plt.close(fig)



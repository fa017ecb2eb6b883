"""A reader's run beside a recorded one, cell by cell, and what may lie behind a large gap."""
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from snippets.labs.lab import Cell
from snippets.labs.reasons import reasons
from snippets.labs.records import Record
from snippets.labs.timing import Spread

LARGE = 1.5  # times as long: a gap that asks for a reason

WORDS = {
    "zh": {
        "mine": "你的：{}，{}", "theirs": "对照：{}，{}，提交 {}", "cell": "项目",
        "yours": "你的", "other": "对照", "ratio": "你的/对照", "error": "未测：{}",
        "alone": "只有一方测过：{}", "none": "没有两边都测过的项目",
        "close": "相差都不到 {} 倍。", "gap": "有 {1} 项相差 {0} 倍以上。",
        "longer": "{}较慢：", "likely": "可能的原因：", "unknown": "记录里看不出原因。",
        "pinned": "环境变量 {} 让矩阵库只用为别的处理器写的内核。",
        "narrow": "矩阵库选了 {} 的内核，向量 {} 位；另一台用的是 {} 位。",
        "unused": "处理器有 AVX-512，矩阵库却没有用上。",
        "power": "显卡到了功率上限（{} W），降了频。",
        "cap": "显卡的功率上限低一些：{} W，另一台是 {} W。",
        "cache": "最后一级缓存只有 {}，数据放不下；另一台有 {}，放得下。",
        "busy": "机器当时还忙着别的：实际过去的时间是 CPU 时间的 {} 倍。",
        "version": "{} 的版本不同：{} 与 {}。", "stop": "、",
    },
    "en": {
        "mine": "yours: {}, {}", "theirs": "other: {}, {}, commit {}", "cell": "cell",
        "yours": "yours", "other": "other", "ratio": "yours/other", "error": "not measured: {}",
        "alone": "in one run only: {}", "none": "no cell was measured in both runs",
        "close": "No two differ {}-fold.", "gap": "{1} differ {0}-fold or more.",
        "longer": "{} takes longer: ", "likely": "Likely reasons: ",
        "unknown": "The records do not tell why.",
        "pinned": "The environment variable {} pins the library to another processor's kernels.",
        "narrow": "The library chose kernels for {}, with vectors of {} bits; the other has {}.",
        "unused": "The processor has AVX-512, but the library does not use it.",
        "power": "The GPU met its power limit ({} W) and lowered its clock.",
        "cap": "The GPU's power limit is lower: {} W, against {} W.",
        "cache": "The last cache has only {}, too little for the data; the other has {}.",
        "busy": "The machine was busy: wall time was {} times CPU time.",
        "version": "Another version of {}: {} and {}.", "stop": ", ",
    },
}  # fmt: skip


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



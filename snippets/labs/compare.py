"""A reader's run beside a recorded one, cell by cell, and what may lie behind a large gap."""
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from snippets.labs.lab import Cell
from snippets.labs.records import Record
from snippets.labs.timing import Spread

LARGE = 1.5  # times as long: a gap that asks for a reason
BUSY = 1.2  # wall time over CPU time
PINS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR",
        "NPY_DISABLE_CPU_FEATURES", "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA")  # fmt: skip
# Bits of the vectors that OpenBLAS's kernels for a processor use.
BITS = {"Prescott": 128, "Core2": 128, "Nehalem": 128, "Sandybridge": 256, "Haswell": 256,
        "Zen": 256, "SkylakeX": 512, "Cooperlake": 512, "Sapphirerapids": 512}  # fmt: skip
POWER_BITS = 0x4 | 0x80  # of NVIDIA's reasons to lower the clocks: power cap, power brake

WORDS = {
    "zh": {
        "mine": "你的：{}，{}", "theirs": "对照：{}，{}，提交 {}", "cell": "项目",
        "yours": "你的", "other": "对照", "ratio": "你的/对照", "error": "未测：{}",
        "alone": "只在一方有：{}", "none": "没有两边都测过的项目",
        "close": "相差都不到 {} 倍。", "gap": "相差 {} 倍以上的有 {} 项。",
        "longer": "{} 较慢：", "likely": "可能的原因：", "unknown": "记录里看不出原因。",
        "pinned": "环境变量 {} 把矩阵库钉死在别的处理器的内核上。",
        "narrow": "矩阵库选了 {} 的内核，向量 {} 位；另一台用的是 {} 位。",
        "unused": "处理器有 AVX-512，矩阵库却没有用上。",
        "power": "显卡碰到了功率上限，降了频（上限 {} W）。",
        "cap": "显卡的功率上限低一些：{} W，另一台是 {} W。",
        "cache": "最后一级缓存只有 {}，数据放不下；另一台有 {}，放得下。",
        "busy": "机器在忙别的：墙上时间是 CPU 时间的 {} 倍。",
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


# Why one run may be slower than the other; each gives the name of a sentence, and what is in it

Pairs = list[tuple[Cell, Cell]]  # the slow run's cell and the fast one's


def reasons(slow: Record, fast: Record, pairs: Pairs) -> list[tuple]:
    looked_at = (pinned, narrow, power, cache, busy, version)
    return [reason for look in looked_at for reason in look(slow.data, fast.data, pairs)]


def pinned(slow: dict, fast: dict, pairs: Pairs) -> Iterator[tuple]:
    for name in PINS:
        value = slow["environment"].get(name)
        if value and value != fast["environment"].get(name):
            yield "pinned", f"{name}={value}"


def narrow(slow: dict, fast: dict, pairs: Pairs) -> Iterator[tuple]:
    chosen, others = (core(record["machine"]["blas"]) for record in (slow, fast))
    if chosen and others and BITS[chosen] < BITS[others]:
        yield "narrow", chosen, BITS[chosen], BITS[others]
        if BITS[chosen] < 512 and "avx512f" in slow["machine"]["simd"]:
            yield ("unused",)


def core(libraries: list[dict]) -> str | None:
    """For which processor's kernels OpenBLAS decided."""
    return next((found["core"] for found in libraries if found["core"] in BITS), None)


def power(slow: dict, fast: dict, pairs: Pairs) -> Iterator[tuple]:
    states = [record["state"]["after"].get("gpu", {}) for record in (slow, fast)]
    limits = [number(state.get("power.limit")) for state in states]
    if bits(states[0].get("clocks_throttle_reasons.active", "0")) & POWER_BITS:
        yield "power", states[0].get("power.limit", "?")
    if limits[0] and limits[1] and limits[0] < 0.95 * limits[1]:
        yield "cap", *(f"{limit:.0f}" for limit in limits)


def number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:  # nvidia-smi says [N/A] of what it cannot tell
        return None


def bits(text: str) -> int:
    try:
        return int(text, 16)
    except ValueError:
        return 0


def cache(slow: dict, fast: dict, pairs: Pairs) -> Iterator[tuple]:
    small, large = (last_cache(record["machine"]) for record in (slow, fast))
    if any(small < (cell.bytes or 0) <= large for cell, _ in pairs):
        yield "cache", *(f"{size / 2**20:.3g} MiB" for size in (small, large))


def last_cache(machine: dict) -> int:
    """Bytes of the cache that is nearest to the memory."""
    gpu = machine.get("gpu")
    return gpu.get("L2", 0) if gpu else max(machine["caches"].values(), default=0)


def busy(slow: dict, fast: dict, pairs: Pairs) -> Iterator[tuple]:
    """Of the processor: who waits for a GPU may sleep meanwhile."""
    found = slow["state"]["wall_per_cpu"]
    if found > BUSY and any(cell.clock in ("cpu", "wall") for cell, _ in pairs):
        yield "busy", f"{found:.1f}"


def version(slow: dict, fast: dict, pairs: Pairs) -> Iterator[tuple]:
    for name, mine in slow["versions"].items():
        theirs = fast["versions"].get(name, mine)
        if mine.split(".")[:2] != theirs.split(".")[:2]:
            yield "version", name, mine, theirs


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



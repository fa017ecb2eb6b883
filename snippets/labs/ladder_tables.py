"""What the page of the ladder shows of recorded runs, all computed from their samples."""
from collections.abc import Callable, Iterable, Iterator

from snippets.labs.compare import told
from snippets.labs.cpu_ladder import LAB, LOOP_SIZES, SHAPES, TILE_SIZES
from snippets.labs.records import Record, banner

LADDER = [  # key, bits of a number
    *((f"python-240/{name}", 64) for name in ("literal", "sums")),
    *((f"numpy-240/{name}", 64) for name in ("dots", "column axpy", "row axpy", "outers")),
    *((f"numpy-240/{name}", 64) for name in ("gemvs", "blocks of 48", "matmul")),
    *((f"numpy-240/{name}", 32) for name in ("matmul32", "tile32")),
]
MARK = 0.95  # of the rate of `@`, for a kernel of our own
Lines = Callable[[Record], Iterable[str]]


def last_of_each(runs: list[Record]) -> list[Record]:
    """The newest run of each device; `runs` are in the order of their dates."""
    return list({run.folder: run for run in runs}.values())


def newest(runs: list[Record]) -> Record | None:
    return max(runs, key=lambda run: run.data["date"], default=None)


def report(runs: list[Record], lines: Lines) -> str:
    """A banner and lines for each run; without runs, the banner says so."""
    parts = ["\n".join([*banner(run).split("; "), *lines(run)]) for run in runs]
    return "\n\n".join(parts) or banner(None)


def has(run: Record, key: str) -> bool:
    return key in run.cells and not run.cells[key].error


def times(group: str, base: str) -> Lines:
    """Of each cell of a group: seconds, and how many times those of `base`."""

    def lines(run: Record) -> Iterator[str]:
        for key, cell in run.cells.items():
            if key.partition("/")[0] == group:
                yield f"{key.partition('/')[2]:18} {cell.error or compared(run, key)}"

    def compared(run: Record, key: str) -> str:
        found = run.ratio(key, f"{group}/{base}")
        ratio = f"{found.median:6.1f} [{found.low:.1f}..{found.high:.1f}]"
        return f"{told(run.seconds(key)):25} {ratio}"

    return lines


def loop_lines(run: Record) -> Iterator[str]:
    """Two compiled loops at each order: how large b is, both rates, and the ratio of the times."""
    rows = []
    for n in (512, *LOOP_SIZES):
        keys = f"compiled-{n}/ikj", f"compiled-{n}/blocked"
        if all(has(run, key) for key in keys):
            plain, blocked = (run.rate(key) / 1e9 for key in keys)
            ratio = run.ratio(*reversed(keys)).median
            rows.append(f"{n:5} {4 * n**2 >> 20:4} MiB {plain:7.1f} {blocked:9.1f} {ratio:14.2f}")
    if rows:
        yield f"{'n':>5} {'b':>8} {'ikj':>7} {'blocked':>9}  (GFLOP/s)  blocked / ikj"
        yield from rows


def peak_of(run: Record) -> tuple[str, float]:
    """The greatest rate of float32 that the run saw, and of what: registers, or a product."""
    keys = [key for key in ("numpy-240/peak32", "roofline/2048^3") if has(run, key)]
    best = max(keys, key=run.rate)
    return best, run.rate(best)


def ladder(run: Record) -> Iterator[tuple[str, float, float]]:
    """Of each rung: its key, its rate, and its share of the peak of its own type."""
    peak = peak_of(run)[1]
    for key, bits in LADDER:
        if has(run, key):
            yield key, run.rate(key), run.rate(key) / (peak * 32 / bits)


def ladder_lines(run: Record) -> Iterator[str]:
    for key, rate, share in ladder(run):
        yield f"{key:24} {rate / 1e9:10.3f} GFLOP/s  {share:8.3%} of the peak"
    key, rate = peak_of(run)
    yield f"{key:24} {rate / 1e9:10.3f} GFLOP/s  is the peak of float32"
    found = run.ratio("numpy-240/control", "numpy-240/matmul")
    yield f"matmul / itself: {found.median:.2f} [{found.low:.2f}..{found.high:.2f}]"


def roofs(run: Record) -> Iterator[tuple[str, float, float, float]]:
    """Of each shape: operations per byte, the rate that the roof predicts, the rate measured.

    The roof is the lower of two: the run's fastest product, and what the memory can feed
    (Williams, Waterman, Patterson, Roofline, CACM 52(4), 2009).
    """
    read = run.cells["roofline/read"].bytes / run.seconds("roofline/read").median
    top = max(run.rate(f"roofline/{name}") for name in SHAPES)
    for name in SHAPES:
        cell = run.cells[f"roofline/{name}"]
        intensity = cell.flop / cell.bytes
        yield name, intensity, min(top, intensity * read), run.rate(cell.key)


def roof_lines(run: Record) -> Iterator[str]:
    yield f"{'':12} FLOP/B  predicted  measured  share  (GFLOP/s)"
    for name, intensity, predicted, rate in roofs(run):
        share = rate / predicted
        yield f"{name:12} {intensity:6.1f} {predicted / 1e9:10.1f} {rate / 1e9:9.1f} {share:6.2f}"


def against_matmul(run: Record, rung: str) -> dict[int, float]:
    """By order of the matrices, the rate of "tiles" or "packed" as a share of that of `@`."""
    return {
        n: 1 / run.ratio(f"tile-{n}/{rung}", f"tile-{n}/matmul").median
        for n in TILE_SIZES
        if has(run, f"tile-{n}/{rung}")
    }


def tile_lines(run: Record) -> Iterator[str]:
    shares = {(rung, n): share for rung in ("tiles", "packed")
              for n, share in against_matmul(run, rung).items()}  # fmt: skip
    for (rung, n), share in shares.items():
        yield f"{rung:6} n={n:<5} {share:4.0%} of @"
    if shares:
        best = max(shares, key=shares.get)
        short = MARK - shares[best]
        verdict = (
            f"short of {MARK:.0%} by {100 * short:.0f} points" if short > 0
            else f"the mark of {MARK:.0%} is reached"
        )  # fmt: skip
        yield f"best: {best[0]}, n={best[1]}, {shares[best]:.0%} of @; {verdict}"


def ordering_lines(run: Record) -> Iterator[str]:
    for ordering in LAB.orderings:
        if found := ordering.ratio(run.cells):
            seen = f"{found.median:.3g} [{found.low:.3g}..{found.high:.3g}]"
            yield f"{seen:26} {ordering}"


def thread_lines(run: Record) -> Iterator[str]:
    """By the wall: how many times as fast all threads are as one."""
    for key, cell in run.cells.items():
        if key.startswith("threads/"):
            one = key.partition(" on ")[0] + " on 1"
            name = key.partition("/")[2]
            found = run.ratio(one, key)
            yield f"{name:18} {told(run.seconds(key)):25} {found.median:5.2f} x as fast as one"

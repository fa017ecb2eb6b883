"""What the datasheets promise, and what a recorded run reached of it."""
import re
from collections.abc import Iterator
from dataclasses import dataclass

from snippets.labs.lab import Cell
from snippets.labs.records import Record, banner, load_all
from snippets.labs.timing import Spread

SPARSE = 2  # datasheets count the products that 2:4 sparsity skips


@dataclass(frozen=True)
class Peak:
    """Dense products at the datasheet's clock, in 10^12 operations a second; memory in 10^9 bytes.

    `source` is the footnote of the page.
    """

    name: str
    device: str  # a pattern of the names that the driver gives
    tflops: dict[str, float]
    memory: float
    source: str


def hopper(fp32: float, tf32: float, half: float, fp8: float) -> dict[str, float]:
    """From the columns of the datasheet, which for tensor cores count sparse products."""
    tensor = {"tf32": tf32, "bf16": half, "fp16": half, "fp8": fp8}
    return {"fp32": fp32} | {name: rate / SPARSE for name, rate in tensor.items()}


AMPERE = {"fp32": 19.5, "tf32": 156.0, "bf16": 312.0, "fp16": 312.0}
PEAKS = (
    Peak("A100 SXM 40 GB", r"A100-SXM4-40GB", AMPERE, 1555, "nvidiaa100"),
    Peak("A100 SXM 80 GB", r"A100-SXM4-80GB", AMPERE, 2039, "nvidiaa100"),
    Peak("H100 PCIe", r"H100 PCIe", hopper(51, 756, 1513, 3026), 2000, "nvidiah100"),
    Peak("H100 SXM", r"H100 80GB HBM3", hopper(67, 989, 1979, 3958), 3350, "nvidiah100"),
    Peak("H200 SXM", r"H200$", hopper(67, 989, 1979, 3958), 4800, "nvidiah200"),
)


def peak_of(device: str) -> Peak | None:
    """The datasheet of a device, by the name that its driver gives; None where we have none."""
    return next((peak for peak in PEAKS if re.search(peak.device, device)), None)


def roof(intensity: float, tflops: float, gigabytes: float) -> float:
    """Attainable TFLOP/s at so many operations a byte (Williams et al. 2009)."""
    return min(tflops, intensity * gigabytes / 1e3)


def ridge(tflops: float, gigabytes: float) -> float:
    """Operations a byte from which on the arithmetic limits, not the memory."""
    return tflops * 1e3 / gigabytes


def precision_of(key: str) -> str | None:
    """The precision that a cell's name holds: precisions/bf16-8192 -> bf16"""
    names = key.partition("/")[2].split("-")
    return next((name for name in names if name in ("fp32", "tf32", "bf16", "fp16", "fp8")), None)


@dataclass(frozen=True)
class Row:
    """A line of a table: seconds of one call; TFLOP/s; shares of the peak and of the best."""

    name: str
    seconds: Spread
    rate: float | None
    of_peak: float | None
    of_best: float | None
    rel_err: float | None


def rows(run: Record, group: str) -> Iterator[Row]:
    """All cells of a group that have samples, in the order in which they were recorded."""
    peak, best = peak_of(run.device), best_rates(run)
    for key, cell in run.cells.items():
        if cell.error or not key.startswith(f"{group}/"):
            continue
        precision, rate = precision_of(key), cell.flop and run.rate(key) / 1e12
        promised = peak and peak.tflops.get(precision or "")
        yield Row(
            key.partition("/")[2],
            run.seconds(key),
            rate,
            rate / promised if rate and promised else None,
            rate / best[precision] if rate and precision else None,
            cell.rel_err,
        )


def best_rates(run: Record) -> dict[str | None, float]:
    """The highest TFLOP/s of the run, for each precision."""
    found: dict[str | None, float] = {}
    for key, cell in run.cells.items():
        if cell.flop and not cell.error:
            name = precision_of(key)
            found[name] = max(found.get(name, 0.0), run.rate(key) / 1e12)
    return found


def failed(run: Record, group: str) -> Iterator[Cell]:
    """The cells of a group that could not be measured."""
    return (cell for key, cell in run.cells.items() if key.startswith(f"{group}/") and cell.error)


def table(run: Record, group: str) -> str:
    """A group of a run as text; numbers that do not exist are dashes."""
    head = f"{'':24}{'ms':>9}{'p10..p90':>19}{'TFLOP/s':>9}{'peak':>6}{'best':>6}{'error':>8}"
    lines = [head]
    for row in rows(run, group):
        middle, low, high = (1e3 * seconds for seconds in row.seconds)
        error = f"{row.rel_err:.0e}" if row.rel_err is not None else "-"
        lines.append(
            f"{row.name:24}{middle:9.4g}{f'{low:.3g}..{high:.3g}':>19}"
            f"{number(row.rate, '.3g'):>9}{number(row.of_peak, '.0%'):>6}"
            f"{number(row.of_best, '.0%'):>6}{error:>8}"
        )
    lines += [f"{cell.key.partition('/')[2]:24}{cell.error[:56]}" for cell in failed(run, group)]
    return "\n".join(lines)


def number(value: float | None, form: str) -> str:
    return "-" if value is None else format(value, form)


def gpu_runs() -> list[Record]:
    """The recorded runs of the lab on a GPU; its fallback on a CPU is not one."""
    return [run for run in load_all("gpu-matmul") if "gpu" in run.data["machine"]]


def show(group: str) -> None:
    """Print a group of every recorded run, or that there is none."""
    for run in gpu_runs():
        print(banner(run), table(run, group), sep="\n")
    if not gpu_runs():
        print(banner(None))


def thin(run: Record) -> Iterator[tuple[str, float, float, float]]:
    """Thin products: name, operations a byte, TFLOP/s under the measured roof, TFLOP/s found.

    The roof is made of the run's own copy and its own best product of that precision.
    """
    copy = run.cells.get("thin/copy")
    if copy is None or copy.error:
        return
    copied = copy.bytes / run.seconds("thin/copy").median / 1e9
    for key, cell in run.cells.items():
        if key.startswith("thin/") and cell.flop and not cell.error:
            intensity = cell.flop / cell.bytes
            limit = roof(intensity, best_rates(run)[precision_of(key)], copied)
            yield key.partition("/")[2], intensity, limit, run.rate(key) / 1e12


def square(run: Record, n: int) -> float | None:
    """GFLOP/s of a run in fp32 at size n; None where it was not measured."""
    key = f"precisions/fp32-{n}"
    return run.rate(key) / 1e9 if key in run.cells and not run.cells[key].error else None


def share_of_library(run: Record) -> float | None:
    """Of the library's rate that our tuned kernel reaches at 8192 in bf16; None if not measured."""
    names = ("autotuned", "library")
    ours, library = (run.cells.get(f"kernels/{name}-bf16-8192") for name in names)
    if not (ours and library) or ours.error or library.error:
        return None
    return run.ratio(library.key, ours.key).median

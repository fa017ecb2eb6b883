"""Why one run may be slower than another: what their records say, and nothing else.

Each reason is the name of a sentence (`compare.WORDS`) and what is put into it.
"""
from collections.abc import Iterator

from snippets.labs.lab import Cell
from snippets.labs.records import Record

BUSY = 1.2  # wall time over CPU time
PINS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE", "MKL_ENABLE_INSTRUCTIONS", "MKL_CBWR",
        "NPY_DISABLE_CPU_FEATURES", "ATEN_CPU_CAPABILITY", "ONEDNN_MAX_CPU_ISA")  # fmt: skip
# Bits of the vectors that OpenBLAS's kernels for a processor use.
BITS = {"Prescott": 128, "Core2": 128, "Nehalem": 128, "Sandybridge": 256, "Haswell": 256,
        "Zen": 256, "SkylakeX": 512, "Cooperlake": 512, "Sapphirerapids": 512}  # fmt: skip
POWER_BITS = 0x4 | 0x80  # of NVIDIA's reasons to lower the clocks: power cap, power brake
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
    limits = [number(record["state"]["after"].get("gpu", {}).get("power.limit"))
              for record in (slow, fast)]  # fmt: skip
    states = [state.get("gpu", {}) for state in slow["state"]["during"]]
    if any(bits(s.get("clocks_throttle_reasons.active", "")) & POWER_BITS for s in states):
        yield "power", f"{limits[0] or 0:.0f}"
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

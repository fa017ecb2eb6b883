"""What the page on layout shows of recorded runs, beside what the simulator predicted."""
from collections.abc import Iterator

from snippets.labs.ladder_tables import has, report
from snippets.labs.records import Record
from snippets.labs.timing import CONTROL


def beside(runs: list[Record], group: str, base: str, predicted: dict[str, float]) -> str:
    """Of each cell of a group, how many times the misses of `base`, and how many times its time.

    A run that has neither is passed over; without runs, the predictions stand alone.
    """
    lines = [f"  {name:20} {value:6.2f}" for name, value in predicted.items()]
    if lines:
        lines = [f"{'simulated misses':22} {base} = 1", *lines, ""]
    found = [run for run in runs if has(run, f"{group}/{base}")]
    return "\n".join([*lines, report(found, lambda run: measured(run, group, base))])


def measured(run: Record, group: str, base: str) -> Iterator[str]:
    yield f"{'CPU time':22} {base} = 1"
    for key in keys(run, group):
        found = run.ratio(key, f"{group}/{base}")
        yield f"  {name_of(key):20} {found.median:6.2f} [{found.low:.2f}..{found.high:.2f}]"


def each(run: Record, group: str, numbers: int) -> dict[str, float]:
    """Nanoseconds for each of the numbers that the cells of a group touch."""
    return {name_of(key): run.seconds(key).median / numbers * 1e9 for key in keys(run, group)}


def keys(run: Record, group: str) -> list[str]:
    return [key for key in run.cells if key.startswith(f"{group}/") and has(run, key)]


def name_of(key: str) -> str:
    name = key.partition("/")[2]
    return "the base again" if name == CONTROL else name

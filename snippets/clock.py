"""CPU clock for the timed snippets: what a computation costs, whoever else uses the machine."""
from statistics import median
from time import process_time_ns
from typing import Callable


def cpu_times(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of each work, one list per name.

    The works take turns, so that a machine that slows down slows all of them. The clock counts
    this process alone (all its threads together) and stands still while it waits.
    """
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            start = process_time_ns()
            work()
            times[name].append((process_time_ns() - start) / 1e9)
    return times


def cpu_medians(works: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median CPU seconds of each work."""
    return {name: median(times) for name, times in cpu_times(works, rounds).items()}

"""A lab: groups of cells to measure, and the orderings that are claimed of them."""
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf
from time import perf_counter

from snippets.labs.timing import Call, Spread, measure, ratio


@dataclass(frozen=True)
class Work:
    """Something to time, and what is known of it: operations, bytes that it has to move, error."""

    call: Call
    flop: float | None = None
    bytes: float | None = None
    rel_err: Callable[[], float] | None = None


@dataclass
class Cell:
    """What was measured: seconds of one call, a sample a round; or why it could not be."""

    key: str
    samples: list[float] = field(default_factory=list)
    clock: str = "cpu"
    calls: int = 1  # in one sample
    flop: float | None = None
    bytes: float | None = None
    rel_err: float | None = None
    error: str | None = None


Measurement = Callable[[int], Iterable[Cell]]  # of so many rounds


@dataclass(frozen=True)
class Group:
    """Cells that are measured in the same rounds, so that they can be compared."""

    name: str
    measurement: Measurement
    quick: bool

    def run(self, rounds: int) -> list[Cell]:
        cells = list(self.measurement(rounds))
        for cell in cells:
            cell.key = f"{self.name}/{cell.key}"
        return cells


@dataclass(frozen=True)
class Ordering:
    """The slower cell takes more than `margin` times as long as the faster, and less than `limit`.

    Two cells that take the same time have a margin below 1 and a limit above it. `reversed_on`
    names the machines (folders of runs/) on which it is otherwise, and says why; so must the page.
    """

    faster: str
    slower: str
    margin: float
    note: str = ""
    limit: float = inf
    reversed_on: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.group != self.slower.partition("/")[0]:
            raise ValueError(
                f"'{self.slower}' and '{self.faster}' are of two groups: cells that were not "
                "measured in the same rounds cannot be compared"
            )

    @property
    def group(self) -> str:
        return self.faster.partition("/")[0]

    def ratio(self, cells: dict[str, Cell]) -> Spread | None:
        """How many times as long the slower takes; None where one of the two has no samples."""
        pair = [cells.get(self.slower), cells.get(self.faster)]
        if not all(cell and cell.samples for cell in pair):
            return None
        return ratio(*(cell.samples for cell in pair))

    def holds(self, found: Spread) -> bool:
        return self.margin < found.median < self.limit

    def __str__(self) -> str:
        limit = f" < {self.limit:g}" if self.limit < inf else ""
        return f"{self.slower} / {self.faster} > {self.margin:g}{limit}"


class Lab:
    """Named as its page is; `device` says on what it measures, asked only when it does."""

    def __init__(
        self,
        name: str,
        orderings: Iterable[Ordering] = (),
        rounds: int = 9,
        device: Callable[[], str] = lambda: "cpu",
    ) -> None:
        self.name, self.orderings = name, list(orderings)
        self.rounds, self.device = rounds, device
        self.groups: dict[str, Group] = {}

    def group(self, name: str, quick: bool = False) -> Callable[[Measurement], Measurement]:
        """Add a function that measures to the lab; the tests run those that are quick."""

        def add(measurement: Measurement) -> Measurement:
            self.groups[name] = Group(name, measurement, quick)
            return measurement

        return add

    def chosen(self, quick: bool) -> list[Group]:
        return [group for group in self.groups.values() if group.quick or not quick]

    def run(self, quick: bool = False, say: Callable[[str], None] = lambda line: None):
        """Measure all groups, or the quick ones; say how far it is."""
        cells, groups = [], self.chosen(quick)
        for number, group in enumerate(groups, 1):
            say(f"[{number}/{len(groups)}] {group.name}")
            start = perf_counter()
            cells += group.run(self.rounds)
            say(f"[{number}/{len(groups)}] {group.name}: {perf_counter() - start:.1f} s")
        return cells


def cells(works: dict[str, Work | Call], rounds: int, **options) -> list[Cell]:
    """Measure works against each other; `options` are those of `measure`.

    A work that cannot be done here, for want of a data type, say, is a cell with the error.
    """
    known = {name: w if isinstance(w, Work) else Work(w) for name, w in works.items()}
    found = {name: attempt(name, work) for name, work in known.items()}
    able = {name: work.call for name, work in known.items() if not found[name].error}
    timing = measure(able, rounds=rounds, **options)
    for name in able:
        found[name].samples = timing.samples[name]
        found[name].calls, found[name].clock = timing.calls[name], timing.clock
    return list(found.values())


def attempt(name: str, work: Work) -> Cell:
    """Do the work once; the cell without its samples, or with the error."""
    cell = Cell(name, flop=work.flop, bytes=work.bytes)
    try:
        work.call()
        cell.rel_err = work.rel_err() if work.rel_err else None
    except (RuntimeError, TypeError, ValueError, NotImplementedError, MemoryError) as fault:
        cell.error = " ".join(f"{type(fault).__name__}: {fault}".split())[:200]
    return cell

"""Whether the orderings that a lab claims hold: here, and on the runs that are recorded."""
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from threadpoolctl import threadpool_limits

from snippets.labs.lab import Cell, Lab, Ordering
from snippets.labs.records import Record
from snippets.labs.timing import Spread


@dataclass(frozen=True)
class Failure:
    ordering: Ordering
    found: Spread

    def __str__(self) -> str:
        found, note = self.found, self.ordering.note
        seen = f"{found.median:.3g} [{found.low:.3g}..{found.high:.3g}]"
        return f"{self.ordering}: found {seen}{f' ({note})' if note else ''}"


def failures(orderings: Iterable[Ordering], measured: Iterable[Cell]) -> list[Failure]:
    """The orderings that the cells contradict; those of which a cell is missing are passed over."""
    by_key = {cell.key: cell for cell in measured}
    found = [(ordering, ordering.ratio(by_key)) for ordering in orderings]
    return [Failure(o, seen) for o, seen in found if seen and not o.holds(seen)]


def failures_here(lab: Lab, rounds: int = 5) -> list[Failure]:
    """The lab's orderings that do not hold on this machine, of those that can be told quickly.

    What fails is measured again, and once more if need be, each time in twice as many rounds: a
    neighbour on the same core can spoil a few. Libraries get one thread.
    """
    with threadpool_limits(1):
        measured = [cell for group in lab.chosen(quick=True) for cell in group.run(rounds)]
        found = failures(lab.orderings, measured)
        for more in (2 * rounds, 4 * rounds):
            groups = dict.fromkeys(failure.ordering.group for failure in found)
            again = [cell for name in groups for cell in lab.groups[name].run(more)]
            found = failures([failure.ordering for failure in found], again)
    return found


def contradictions(lab: Lab, records: list[Record]) -> Iterator[str]:
    """What the recorded runs have against the lab's orderings, and against their exceptions."""
    for record in records:
        excused = [o for o in lab.orderings if record.folder in o.reversed_on]
        rest = [o for o in lab.orderings if o not in excused]
        for failure in failures(rest, record.cells.values()):
            yield f"{record.file}: {failure}"
    for ordering in lab.orderings:
        told = {record.folder: ordering.ratio(record.cells) for record in records}
        if records and not any(told.values()):
            yield f"{ordering}: no run has both cells"
        for folder in ordering.reversed_on:
            if not told.get(folder) or ordering.holds(told[folder]):
                yield f"{ordering}: not reversed on {folder}, as it says"

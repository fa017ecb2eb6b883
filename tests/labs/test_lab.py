"""Groups are measured together; what cannot be done is told."""
import pytest

from snippets.labs.lab import Cell, Lab, Work, cells
from snippets.labs.timing import HostClock


class Ticks:
    """A clock that moves only by what the works say they cost."""

    def __init__(self) -> None:
        self.now = 0.0
        self.clock = HostClock("ticks", self.read)

    def read(self) -> float:
        self.now += 1e-9
        return self.now

    def work(self, *seconds: float):
        waiting = iter(seconds)

        def call() -> None:
            self.now += next(waiting, seconds[-1])

        return call


@pytest.fixture
def ticks():
    return Ticks()


def toy(ticks: Ticks, orderings=(), **groups):
    lab = Lab("toy", orderings, rounds=3)
    for name, works in groups.items():

        @lab.group(name, quick=name != "slow")
        def measurement(rounds: int, works=works):
            return cells(works, rounds, clock=ticks.clock)

    return lab


def test_cells_are_named_by_their_group(ticks):
    lab = toy(ticks, a={"x": ticks.work(1.0)}, b={"x": ticks.work(2.0)})
    assert {cell.key: len(cell.samples) for cell in lab.run()} == {"a/x": 3, "b/x": 3}


def test_quick_leaves_out_the_rest_and_says_how_far_it_is(ticks):
    said = []
    lab = toy(ticks, slow={"x": ticks.work(1.0)}, b={"x": ticks.work(2.0)})
    assert [cell.key for cell in lab.run(quick=True, say=said.append)] == ["b/x"]
    assert said[0] == "[1/1] b" and said[1].startswith("[1/1] b: ")


def test_what_is_known_of_a_work_is_kept(ticks):
    work = Work(ticks.work(2.0), flop=6.0, bytes=8.0, rel_err=lambda: 1e-7)
    (cell,) = cells({"x": work}, 4, clock=ticks.clock)
    assert (cell.flop, cell.bytes, cell.rel_err, cell.clock) == (6.0, 8.0, 1e-7, "ticks")
    assert cell.samples == pytest.approx([2.0] * 4)


def test_what_cannot_be_done_here_is_a_cell_with_the_error(ticks):
    def unsupported() -> None:
        raise RuntimeError("no fp8\n  on this device")

    found = cells({"fp8": unsupported, "x": ticks.work(1.0)}, 2, clock=ticks.clock)
    assert found[0] == Cell("fp8", error="RuntimeError: no fp8 on this device")
    assert len(found[1].samples) == 2 and not found[1].error


def test_a_fault_of_the_lab_itself_is_not_hidden(ticks):
    with pytest.raises(NameError):
        cells({"x": lambda: undefined}, 2, clock=ticks.clock)  # noqa: F821

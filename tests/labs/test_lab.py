"""Groups are measured together; what cannot be done is told; orderings are held or reported."""
from math import inf

import pytest

from snippets.labs.lab import (
    Cell, Lab, Ordering, Work, cells, failures, failures_here,
)  # fmt: skip
from snippets.labs.timing import CONTROL, HostClock, Spread, with_control


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


# Orderings


def test_an_ordering_is_of_one_group():
    with pytest.raises(ValueError, match="'b/y' and 'a/x' are of two groups"):
        Ordering("a/x", "b/y", 2)


def measured(slower: list[float], faster: list[float]) -> list[Cell]:
    return [Cell("a/slow", slower), Cell("a/fast", faster)]


def test_failures_say_by_how_much():
    ordering = Ordering("a/fast", "a/slow", 2, note="caches")
    (failure,) = failures([ordering], measured([1.5, 3.0, 1.6], [1.0, 1.0, 1.0]))
    assert failure.found == Spread(1.6, 1.5, 3.0)
    assert str(failure) == "a/slow / a/fast > 2: found 1.6 [1.5..3] (caches)"
    assert not failures([ordering], measured([2.5, 1.0, 2.6], [1.0, 1.0, 1.0]))


def test_equal_cells_have_a_limit():
    ordering = Ordering("a/fast", "a/slow", 0.8, limit=1.25)
    assert str(ordering) == "a/slow / a/fast > 0.8 < 1.25"
    assert not failures([ordering], measured([1.1], [1.0]))
    assert failures([ordering], measured([1.3], [1.0]))
    assert failures([ordering], measured([0.7], [1.0]))


@pytest.mark.parametrize("missing", [[], [Cell("a/slow", error="no")]])
def test_an_ordering_without_its_cells_says_nothing(missing):
    ordering = Ordering("a/fast", "a/slow", 2)
    cells = [Cell("a/fast", [1.0]), *missing]
    assert ordering.ratio({cell.key: cell for cell in cells}) is None
    assert not failures([ordering], cells)


def test_what_fails_here_is_measured_once_more(ticks):
    # Slow to begin with: one warming call, one to find the number of calls, five rounds of one.
    once = {"fast": ticks.work(1.0), "slow": ticks.work(*[1.5] * 5, 3.0)}
    lab = toy(ticks, [Ordering("a/fast", "a/slow", 2)], a=once)
    assert failures(lab.orderings, lab.groups["a"].run(3))
    once["slow"] = ticks.work(*[1.5] * 7, 3.0)
    assert not failures_here(lab, rounds=5)
    once["slow"] = ticks.work(1.5)
    (failure,) = failures_here(lab, rounds=5)
    assert failure.found.median == pytest.approx(1.5)


def test_only_what_failed_is_measured_again(ticks):
    runs = []
    lab = Lab("toy", [Ordering("a/x", "a/y", 2), Ordering("b/x", "b/y", 2)])
    for name, slow in (("a", 3.0), ("b", 1.0), ("c", 1.0)):

        @lab.group(name, quick=True)
        def measurement(rounds: int, name=name, slow=slow):
            runs.append((name, rounds))
            return cells({"x": ticks.work(1.0), "y": ticks.work(slow)}, rounds, clock=ticks.clock)

    assert [str(failure.ordering) for failure in failures_here(lab, 3)] == ["b/y / b/x > 2"]
    assert runs == [("a", 3), ("b", 3), ("c", 3), ("b", 6)]


def test_control_is_held_like_any_other(ticks):
    works = with_control({"x": ticks.work(1.0)}, "x")
    lab = toy(ticks, [Ordering("a/x", f"a/{CONTROL}", 0.8, limit=1.25)], a=works)
    assert not failures_here(lab, 3)
    assert lab.orderings[0].limit < inf

"""The orderings of all labs, on the recorded runs and on this machine; and that breaches show."""
import importlib
import re
from math import inf
from pathlib import Path

import pytest

from snippets.labs.lab import Cell, Lab, Ordering, cells
from snippets.labs.orderings import contradictions, failures, failures_here
from snippets.labs.records import Record, load_all
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


def test_what_fails_here_is_measured_again(ticks):
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
    assert runs == [("a", 3), ("b", 3), ("c", 3), ("b", 6), ("b", 12)]


def test_control_is_held_like_any_other(ticks):
    works = with_control({"x": ticks.work(1.0)}, "x")
    lab = toy(ticks, [Ordering("a/x", f"a/{CONTROL}", 0.8, limit=1.25)], a=works)
    assert not failures_here(lab, 3)
    assert lab.orderings[0].limit < inf


# On recorded runs


def run(folder: str, slower: float, faster: float = 1.0) -> Record:
    cells = [{"key": "a/slow", "samples": [slower]}, {"key": "a/fast", "samples": [faster]}]
    data = {"lab": "toy", "machine": {"device": folder}, "cells": cells}
    return Record(Path("runs") / folder / "x.json", data)


def claims(**reversed_on: str) -> Lab:
    return Lab("toy", [Ordering("a/fast", "a/slow", 2, reversed_on=reversed_on)])


def test_every_record_counts():
    found = list(contradictions(claims(), [run("xeon", 3.0), run("epyc", 1.5)]))
    assert found == ["runs/epyc/x.json: a/slow / a/fast > 2: found 1.5 [1.5..1.5]"]
    assert not list(contradictions(claims(), [run("xeon", 3.0)]))


def test_a_machine_may_reverse_an_ordering_and_then_has_to():
    lab = claims(epyc="its caches are larger")
    assert not list(contradictions(lab, [run("xeon", 3.0), run("epyc", 1.5)]))
    (stale,) = contradictions(lab, [run("xeon", 3.0), run("epyc", 3.0)])
    assert stale == "a/slow / a/fast > 2: not reversed on epyc, as it says"
    assert list(contradictions(lab, [run("xeon", 3.0)])) == [stale]


def test_an_ordering_that_no_run_can_show():
    lab = Lab("toy", [Ordering("a/fast", "a/slower", 2)])
    assert list(contradictions(lab, [run("xeon", 3.0)])) == [
        "a/slower / a/fast > 2: no run has both cells"
    ]


# The book's labs


def labs(root: Path) -> dict[str, Lab]:
    modules = [file.stem for file in sorted((root / "snippets/labs").glob("[a-z]*.py"))
               if re.search(r"^LAB = ", file.read_text(encoding="utf-8"), re.M)]  # fmt: skip
    return {name: importlib.import_module(f"snippets.labs.{name}").LAB for name in modules}


def test_labs_are_named_as_their_modules(root):
    for module, lab in labs(root).items():
        assert lab.name == module.replace("_", "-")
        known = set(lab.groups)
        assert {ordering.group for ordering in lab.orderings} <= known


def test_orderings_hold_on_every_recorded_run(root):
    known = labs(root)
    assert {record.lab for record in load_all()} <= {lab.name for lab in known.values()}
    found = [line for lab in known.values() for line in contradictions(lab, load_all(lab.name))]
    assert not found, "\n".join(found)


def test_a_page_says_on_which_machine_an_ordering_is_reversed(root):
    devices = {record.folder: record.device for record in load_all()}
    for lab in labs(root).values():
        for ordering in lab.orderings:
            for folder in ordering.reversed_on:
                for language in ("zh", "en"):
                    (page,) = (root / "docs" / language / "labs").glob(f"{lab.name}.*")
                    assert devices[folder] in page.read_text(encoding="utf-8"), (page, ordering)


def test_orderings_hold_on_this_machine(root):
    found = [
        f"{lab.name}: {failure}"
        for lab in labs(root).values()
        if lab.device() == "cpu"
        for failure in failures_here(lab)
    ]
    assert not found, "\n".join(found)

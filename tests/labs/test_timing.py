"""The clock counts work, not waiting; works take turns; a device is waited for."""
import gc
import sys
import time
from itertools import pairwise
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.labs.fake_stream import FakeStream
from snippets.labs.timing import (
    CONTROL, CPU, STEPS, EventClock, HostClock, Spread, calls_per_sample, clock_of,
    cpu_medians, measure, ratio, smallest_step, spread, with_control,
)  # fmt: skip
from weave.source import Source

SECONDS = st.lists(st.floats(1e-6, 1e3), min_size=1, max_size=20)


def busy(seconds: float) -> None:
    """Use up this much CPU time."""
    start = time.process_time()
    while time.process_time() - start < seconds:
        pass


class Ticks:
    """A clock that stands still but for what the works add to it."""

    def __init__(self) -> None:
        self.now = 0.0

    def work(self, seconds: float):
        def call() -> None:
            self.now += seconds

        return call

    def clock(self) -> HostClock:
        # Reading it costs a little, as with every clock; else it would never take a step.
        return HostClock("ticks", lambda: self.read())

    def read(self) -> float:
        self.now += 1e-7
        return self.now


def log(calls: list[str], name: str, ticks: Ticks):
    def call() -> None:
        calls.append(name)
        ticks.now += 1.0

    return call


def rounds_of(calls: list[str], count: int, works: int) -> list[list[str]]:
    last = calls[-count * works :]
    return [last[i : i + works] for i in range(0, len(last), works)]


def test_works_take_turns_in_an_order_drawn_anew():
    calls, ticks = [], Ticks()
    works = {name: log(calls, name, ticks) for name in "abcd"}
    timing = measure(works, rounds=8, clock=ticks.clock())
    rounds = rounds_of(calls, 8, 4)
    assert all(sorted(order) == list("abcd") for order in rounds)
    assert any(a != b for a, b in pairwise(rounds))
    assert {name: len(samples) for name, samples in timing.samples.items()} == dict.fromkeys(
        "abcd", 8
    )
    again = []
    works = {name: log(again, name, ticks) for name in "abcd"}
    measure(works, rounds=8, clock=ticks.clock())
    assert again == calls


def test_a_work_is_warm_before_its_first_sample():
    ticks, lengths = Ticks(), iter([5.0])
    cold = lambda: ticks.work(next(lengths, 1.0))()  # noqa: E731
    assert measure({"cold": cold}, rounds=4, clock=ticks.clock()).samples["cold"] == pytest.approx(
        [1.0] * 4, rel=1e-6
    )


def test_warm_up_lasts_as_long_as_asked():
    calls, ticks = [], Ticks()
    measure({"a": log(calls, "a", ticks)}, rounds=2, clock=ticks.clock(), warm_up=20.0)
    assert len(calls) >= 22


@given(st.floats(1e-7, 1e-2), st.floats(1e-3, 1e-1))
def test_samples_are_long_enough(seconds, at_least):
    ticks = Ticks()
    calls = calls_per_sample(ticks.work(seconds), ticks.clock(), at_least)
    assert calls * seconds >= at_least - 1e-6
    assert calls == 1 or calls * seconds < 12 * at_least + 1e-6


@given(st.floats(1e-6, 1e-2))
def test_a_sample_is_the_seconds_of_one_call(seconds):
    ticks = Ticks()
    timing = measure({"a": ticks.work(seconds)}, rounds=3, clock=ticks.clock())
    assert timing.samples["a"] == pytest.approx([seconds] * 3, rel=1e-3)


def test_what_empties_the_cache_comes_before_each_sample_and_is_not_counted():
    calls, ticks = [], Ticks()
    works = {name: log(calls, name, ticks) for name in "ab"}
    timing = measure(works, rounds=3, clock=ticks.clock(), before_each=log(calls, "-", ticks))
    assert calls[-12::2] == ["-"] * 6
    assert timing.calls == {"a": 1, "b": 1}
    assert timing.samples["a"] == pytest.approx([1.0] * 3, rel=1e-6)


def test_a_single_call_must_be_long_enough_to_be_told():
    ticks = Ticks()
    message = "one call of 'small' takes .* the ticks clock needs .*: give it more to do"
    with pytest.raises(ValueError, match=message):
        measure({"small": ticks.work(1e-7)}, clock=ticks.clock(), before_each=lambda: None)


def test_the_step_of_a_clock():
    step = smallest_step(time.process_time)
    assert 0 < step < 0.1
    assert CPU.step() == step and STEPS * step < 2


def test_waiting_costs_no_cpu_time_and_shows_in_the_ratio_of_the_clocks():
    # The bounds below are on CPU time, which another program's load does not stretch.
    works = {"sleep": lambda: time.sleep(0.02) or busy(0.002), "busy": lambda: busy(0.03)}
    timing = measure(works, rounds=3)
    seconds = timing.medians()
    assert 0.002 <= seconds["sleep"] < 0.01 and 0.03 <= seconds["busy"] < 0.06
    assert timing.wall_per_cpu > 1.3


def test_median_of_an_uneven_work():
    lengths = iter([0.06, 0.06, 0.002, 0.002])
    assert cpu_medians({"uneven": lambda: busy(next(lengths))}, rounds=3)["uneven"] < 0.03


def test_agrees_with_torchs_benchmark_given_the_same_clock():
    from torch.utils.benchmark import Timer

    work = "sum(range(20000))"
    timer = Timer(work, timer=time.process_time)
    works = {"sum": lambda: sum(range(20000))}
    # In turns, since a busy neighbour on the core slows down whoever has his turn then.
    pairs = [(cpu_medians(works, rounds=1)["sum"], timer.timeit(10).median) for _ in range(11)]
    assert 0.6 < median(ours / theirs for ours, theirs in pairs) < 1.6


def test_no_garbage_is_collected_meanwhile():
    seen = []
    measure({"a": lambda: seen.append(gc.isenabled()) or busy(0.002)}, rounds=3)
    assert seen[-3:] == [False] * 3 and gc.isenabled()


def test_the_collector_is_back_after_an_error():
    tries = iter([0.002, 0.002])
    with pytest.raises(StopIteration):
        measure({"a": lambda: busy(next(tries))}, rounds=3)
    assert gc.isenabled()


# Comparing


def test_a_work_against_itself():
    ticks = Ticks()
    timing = measure(with_control({"a": ticks.work(1.0)}, "a"), rounds=5, clock=ticks.clock())
    assert timing.ratio(CONTROL, "a") == pytest.approx((1, 1, 1), rel=1e-6)


@given(SECONDS, st.floats(1.5, 9))
def test_drift_leaves_ratios_alone(seconds, factor):
    """However much the machine changes between rounds, both sides of a ratio change with it."""
    assert ratio([factor * s for s in seconds], seconds) == pytest.approx([factor] * 3)


def test_ratio_takes_its_rounds_in_pairs():
    assert ratio([2.0, 8.0, 3.0], [1.0, 2.0, 3.0]) == Spread(2.0, 1.0, 4.0)
    with pytest.raises(ValueError):
        ratio([1.0, 2.0], [1.0])


def test_spread_is_the_median_and_the_tenths():
    assert spread([float(i) for i in range(11, 0, -1)]) == Spread(6.0, 2.0, 10.0)
    assert spread([3.0]) == Spread(3.0, 3.0, 3.0)


# A device that works on while the host goes ahead


@pytest.fixture(scope="module")
def stream():
    return FakeStream()


def launches(stream: FakeStream, seconds: float):
    return {"work": lambda: stream.launch(lambda: time.sleep(seconds))}


def test_who_forgets_to_wait_times_the_launch(stream):
    naive = HostClock("host", time.perf_counter)
    works = launches(stream, 0.01)
    timing = measure(works, rounds=5, clock=naive, at_least=0)
    assert min(timing.samples["work"]) < 0.2 * 0.01
    stream.synchronize()


def test_events_and_a_host_that_waits_agree(stream):
    works = launches(stream, 0.01)
    waits = HostClock("host", time.perf_counter, stream.synchronize)
    by_host = measure(works, rounds=5, clock=waits)
    by_events = measure(works, rounds=5, clock=EventClock(stream.event))
    assert min(by_host.samples["work"]) >= 0.0099 and min(by_events.samples["work"]) >= 0.0099
    # Nobody's load makes a sleep shorter, so the least of each is the sleep.
    assert min(by_events.samples["work"]) / min(by_host.samples["work"]) < 2


def test_events_around_many_calls_give_the_seconds_of_one(stream):
    clock = EventClock(stream.event)
    timing = measure(launches(stream, 1e-4), rounds=5, clock=clock, at_least=2e-2)
    assert timing.calls["work"] > 3
    assert 1e-4 <= min(timing.samples["work"]) < 2e-3
    stream.synchronize()


def test_events_do_not_make_the_device_wait(stream):
    """All samples are in the queue before the first is read."""
    ahead = []

    def call() -> None:
        stream.launch(lambda: time.sleep(0.03))
        ahead.append(sum(not done.done() for done in stream.launched))

    measure({"work": call}, rounds=6, clock=EventClock(stream.event))
    assert ahead[-1] > ahead[-6] >= 1
    stream.synchronize()


def test_events_leave_out_what_empties_the_cache(stream):
    flush = lambda: stream.launch(lambda: time.sleep(0.05))  # noqa: E731
    works = launches(stream, 0.005)
    timing = measure(works, rounds=3, clock=EventClock(stream.event), before_each=flush)
    assert 0.0049 <= min(timing.samples["work"]) < 0.05


def test_an_error_on_the_device_shows_when_it_is_waited_for(stream):
    stream.launch(lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        stream.synchronize()
    stream.synchronize()


def test_the_clock_needs_no_torch(monkeypatch, root):
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    assert clock_of("cpu") is CPU
    assert Source(root, "labs/timing.py").dependencies[1] == set()
    assert Source(root, "labs/command.py").dependencies[1] == {
        "jsonschema", "matplotlib", "threadpoolctl"
    }  # fmt: skip


def test_clock_of_a_device_with_and_without_events(monkeypatch, stream):
    import torch

    monkeypatch.setattr(torch, "Event", lambda device, enable_timing: stream.event())
    clock = clock_of("cuda")
    assert clock.name == "event"
    assert min(measure(launches(stream, 0.005), rounds=2, clock=clock).samples["work"]) >= 0.0049
    stream.synchronize()

    class Unsupported:
        def record(self) -> None:
            raise RuntimeError("no events here")

    monkeypatch.setattr(torch, "Event", lambda device, enable_timing: Unsupported())
    monkeypatch.setattr(torch.accelerator, "synchronize", stream.synchronize)
    clock = clock_of("other")
    assert clock.name == "host"
    assert min(measure(launches(stream, 0.005), rounds=2, clock=clock).samples["work"]) >= 0.0049

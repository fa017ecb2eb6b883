"""The clock of the book: what a computation costs, measured so that it can be believed.

`measure` warms up, makes each sample long against the clock's step, lets the works take turns in
an order that is drawn anew each round, and keeps every sample. Works of one call are compared
round by round (`ratio`), so that a machine that slows down slows both sides of a ratio.

On the CPU the clock is `process_time`: it counts the work of this process, all its threads
together, and stands still while somebody else has the processor. On a GPU, where a call returns
before its work is done, a pair of events on the device's own queue is read (`clock_of`).

`torch.utils.benchmark` serves for one statement by itself: it waits for the device, sets the
number of threads and warns of a wide spread, and given `timer=time.process_time` it agrees with
this module. But it finishes one statement before it begins the next, reads its timer on the host,
and lets nothing happen between two calls, such as emptying a cache.
"""
import gc
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from math import ceil, inf
from random import Random
from statistics import median, quantiles
from typing import NamedTuple, Protocol

Call = Callable[[], object]
CONTROL = "control"  # the name under which a work stands for the second time
STEPS = 20  # of the clock that a sample has to last
COLD = 50  # times as long as later calls the first one can take


class Clock(Protocol):
    """`start` makes the calls; what it returns gives the seconds of one, once they are done."""

    name: str

    def start(self, call: Call, calls: int) -> Callable[[], float]: ...

    def step(self) -> float: ...


def nothing() -> None:
    """What there is to wait for on a CPU."""


@dataclass(frozen=True)
class HostClock:
    """A clock of the host; `wait` returns when the device has done all that it was given."""

    name: str
    now: Callable[[], float]
    wait: Call = nothing

    def start(self, call: Call, calls: int) -> Callable[[], float]:
        self.wait()
        begin = self.now()
        for _ in range(calls):
            call()
        self.wait()
        seconds = (self.now() - begin) / calls
        return lambda: seconds

    def step(self) -> float:
        return smallest_step(self.now)


@dataclass(frozen=True)
class EventClock:
    """Times that the device notes in its own queue; nobody waits until a time is read."""

    event: Callable[[], "Event"]
    name: str = "event"

    def start(self, call: Call, calls: int) -> Callable[[], float]:
        first, last = self.event(), self.event()
        first.record()
        for _ in range(calls):
            call()
        last.record()

        def read() -> float:
            last.synchronize()
            return first.elapsed_time(last) / 1e3 / calls

        return read

    def step(self) -> float:
        return 1e-6  # CUDA promises half of that


class Event(Protocol):
    """What `torch.Event(enable_timing=True)` can do; times are in milliseconds."""

    def record(self) -> None: ...

    def synchronize(self) -> None: ...

    def elapsed_time(self, later: "Event") -> float: ...


@cache
def smallest_step(now: Callable[[], float]) -> float:
    """Seconds between two readings that differ, at the least of five tries."""
    steps = []
    for _ in range(5):
        first = later = now()
        while later == first:
            later = now()
        steps.append(later - first)
    return min(steps)


CPU = HostClock("cpu", time.process_time)
WALL = HostClock("wall", time.perf_counter)


def clock_of(device: str) -> Clock:
    """The CPU clock, or a device's events; the host's clock, after waiting, where it has none."""
    if device == "cpu":
        return CPU
    torch = sys.modules["torch"]  # there, since the works use it; pages without it need it not

    def event() -> Event:
        return torch.Event(device, enable_timing=True)

    try:
        event().record()
    except (RuntimeError, NotImplementedError):
        return HostClock("host", time.perf_counter, torch.accelerator.synchronize)
    return EventClock(event)


class Spread(NamedTuple):
    """A middle and how far the samples lie around it."""

    median: float
    low: float
    high: float


@dataclass(frozen=True)
class Timing:
    """Seconds of one call of each work, a sample a round."""

    samples: dict[str, list[float]]
    calls: dict[str, int]  # in one sample
    clock: str
    wall_per_cpu: float  # near 1 on a quiet machine, for works of one thread

    def medians(self) -> dict[str, float]:
        return {name: median(samples) for name, samples in self.samples.items()}

    def ratio(self, slower: str, faster: str) -> Spread:
        """How many times as long one work takes, round by round: median, least and most."""
        return ratio(self.samples[slower], self.samples[faster])


def measure(
    works: dict[str, Call],
    *,
    rounds: int = 9,
    clock: Clock = CPU,
    at_least: float = 1e-3,
    warm_up: float = 0.0,
    before_each: Call | None = None,
    seed: int = 0,
) -> Timing:
    """Measure works against each other.

    A sample is as many calls as last `at_least` seconds; before the first one, a work is called
    once, and for `warm_up` seconds. `before_each` is called ahead of each sample and not counted:
    it empties a cache, say. A sample is then a single call, for a second one would find the cache
    full. Raises ValueError where such a sample is too short for the clock.
    """
    calls = {}
    for name, work in works.items():
        calls[name] = calls_per_sample(work, clock, at_least, warm_up)
        if before_each:
            calls[name] = single_call(name, work, clock, before_each)
    order, random = list(works), Random(seed)
    reads: dict[str, list[Callable[[], float]]] = {name: [] for name in works}
    wall, cpu = time.perf_counter(), time.process_time()
    with no_collection():
        for _ in range(rounds):
            random.shuffle(order)
            for name in order:
                if before_each:
                    before_each()
                reads[name].append(clock.start(works[name], calls[name]))
    samples = {name: [read() for read in waiting] for name, waiting in reads.items()}
    used = time.process_time() - cpu
    busy = (time.perf_counter() - wall) / used if used else inf
    return Timing(samples, calls, clock.name, busy)


@contextmanager
def no_collection() -> Iterator[None]:
    """No garbage collection meanwhile: it would hit one work and be due to all."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def calls_per_sample(work: Call, clock: Clock, at_least: float, warm_up: float = 0.0) -> int:
    """How many calls last as long as a sample should; they warm the work up."""
    at_least = max(at_least, STEPS * clock.step())
    calls, spent = 1, clock.start(work, 1)()
    if spent > max(COLD * at_least, warm_up):  # one call is long enough, even when warm
        return 1
    while True:
        seconds = clock.start(work, calls)() * calls
        spent += seconds
        if seconds >= at_least and spent >= warm_up:
            return calls
        if seconds < at_least:
            wanted = 1.2 * at_least / seconds if seconds > 0 else inf
            calls = ceil(calls * min(10, wanted))


def single_call(name: str, work: Call, clock: Clock, before_each: Call) -> int:
    """1, if the clock can tell how long one call takes."""
    before_each()
    seconds, least = clock.start(work, 1)(), STEPS * clock.step()
    if seconds < least:
        raise ValueError(
            f"one call of '{name}' takes {seconds:.1e} s, the {clock.name} clock needs "
            f"{least:.1e} s: give it more to do"
        )
    return 1


def with_control(works: dict[str, Call], name: str) -> dict[str, Call]:
    """The works, and one of them again: how far its ratio to itself is from 1 is the noise."""
    return works | {CONTROL: works[name]}


def cpu_medians(works: dict[str, Call], rounds: int) -> dict[str, float]:
    """Median CPU seconds of each work."""
    return measure(works, rounds=rounds).medians()


def ratio(slower: list[float], faster: list[float]) -> Spread:
    """Median, least and most of the ratios of two works that were measured in the same rounds."""
    ratios = [a / b for a, b in zip(slower, faster, strict=True)]
    return Spread(median(ratios), min(ratios), max(ratios))


def spread(samples: list[float]) -> Spread:
    """Median, and the tenth and ninetieth percentile."""
    if len(samples) == 1:
        return Spread(*samples * 3)
    tenths = quantiles(samples, n=10, method="inclusive")
    return Spread(median(samples), tenths[0], tenths[-1])

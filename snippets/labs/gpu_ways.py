"""One call, timed in six ways, on any device that takes work in a queue and does it later."""
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from snippets.labs.fake_stream import FakeStream
from snippets.labs.lab import Cell
from snippets.labs.timing import Call, Clock, EventClock, HostClock

MANY = 20  # calls between two looks at the clock
Read = Callable[[], float]  # seconds of one call, once it is done


@dataclass(frozen=True)
class Device:
    """What timing needs of a device: its clock, how to wait for it, how to empty its cache."""

    clock: Clock
    wait: Call
    flush: Call


def ways(device: Device, call: Call, graph: Call | None) -> dict[str, Callable[[], Read]]:
    """Six ways to time `call`; `graph` makes the device do it MANY times at one request."""
    wall = HostClock("wall", time.perf_counter)
    host = HostClock("host", time.perf_counter, device.wait)

    def cold() -> Read:
        device.flush()
        return device.clock.start(call, 1)

    def replayed() -> Read:
        read = device.clock.start(graph, 1)
        return lambda: read() / MANY

    found = {
        "launch": lambda: wall.start(call, MANY),  # wrong: nobody waits
        "sync-each": lambda: host.start(call, 1),
        "sync-once": lambda: host.start(call, MANY),
        "events": lambda: device.clock.start(call, 1),
        "events-cold": cold,
    }
    return found | ({"graph": replayed} if graph else {})


def take_turns(device: Device, found: dict[str, Callable[[], Read]], rounds: int) -> list[Cell]:
    """A sample of each way a round, in an order drawn anew; nothing is left over for the next."""
    order, random = list(found), Random(0)
    samples: dict[str, list[float]] = {name: [] for name in found}
    for number in range(rounds + 1):
        random.shuffle(order)
        for name in order:
            seconds = found[name]()()
            device.wait()
            if number:  # the first round warms up
                samples[name].append(seconds)
    clocks = {"launch": "wall", "sync-each": "host", "sync-once": "host"}
    return [
        Cell(name, samples[name], clocks.get(name, device.clock.name), calls=calls_of(name))
        for name in found
    ]


def calls_of(way: str) -> int:
    return MANY if way in ("launch", "sync-once", "graph") else 1


def fake(seconds: float) -> tuple[Device, Call, Call]:
    """A device made of a thread, a call that keeps it busy for so long, and MANY such calls."""
    stream = FakeStream()

    def call() -> None:
        stream.launch(lambda: time.sleep(seconds))

    def graph() -> None:
        stream.launch(lambda: time.sleep(MANY * seconds))

    device = Device(EventClock(stream.event), stream.synchronize, lambda: None)
    return device, call, graph

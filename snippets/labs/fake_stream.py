"""A device made of a thread, with which timing goes wrong as it does with a GPU, on any machine."""
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor


class FakeStream:
    """It takes work in a queue, and does it in order, later."""

    def __init__(self) -> None:
        self.queue = ThreadPoolExecutor(max_workers=1)
        self.launched: list[Future] = []

    def launch(self, work: Callable[[], object]) -> Future:
        """Give the device work; returns at once."""
        self.launched.append(self.queue.submit(work))
        return self.launched[-1]

    def synchronize(self) -> None:
        """Wait until all is done; what went wrong in the meantime is raised here, as on a GPU."""
        waiting, self.launched = self.launched, []
        for done in waiting:
            done.result()

    def event(self) -> "FakeEvent":
        return FakeEvent(self)


class FakeEvent:
    """A mark in a fake stream's queue, which notes when the work before it was done."""

    def __init__(self, stream: FakeStream) -> None:
        self.stream = stream
        self.passed: Future | None = None

    def record(self) -> None:
        self.passed = self.stream.launch(time.perf_counter)

    def synchronize(self) -> None:
        self.passed.result()

    def elapsed_time(self, later: "FakeEvent") -> float:
        return (later.passed.result() - self.passed.result()) * 1e3

"""A product measured in processes of their own, each with its own variables for the library.

A library reads such variables when it is loaded, so each setting needs a process. The processes
stay, and take turns: a sample here, a sample there.
"""
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from random import Random

import numpy as np
from threadpoolctl import threadpool_info

from snippets.labs.timing import CPU, WALL, measure

ROOT = Path(__file__).resolve().parents[2]
CLOCKS = {clock.name: clock for clock in (CPU, WALL)}


class Worker:
    """A process that multiplies; `core` is the kernel that its library chose, "" if unknown."""

    def __init__(self, variables: dict[str, str]):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "snippets.labs.worker"],
            env=os.environ | variables, cwd=ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.core = self.process.stdout.readline().strip()

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *fault: object) -> None:
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def sample(self, n: int, clock: str) -> float:
        """Seconds of one float32 product of order n."""
        print(n, clock, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())


def in_turn(
    settings: dict[str, dict[str, str]], n: int, rounds: int, clock: str = CPU.name
) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Samples, and the kernel, for each of the settings (variables of a process)."""
    order, random = list(settings), Random(0)
    samples: dict[str, list[float]] = {name: [] for name in settings}
    with ExitStack() as stack:
        workers = {name: stack.enter_context(Worker(settings[name])) for name in settings}
        for _ in range(rounds):
            random.shuffle(order)
            for name in order:
                samples[name].append(workers[name].sample(n, clock))
        return samples, {name: worker.core for name, worker in workers.items()}


def serve() -> None:
    """Say which kernel was chosen; then, for each line with an order and a clock, a sample."""
    cores = [blas.get("architecture") for blas in threadpool_info() if blas["user_api"] == "blas"]
    print(*filter(None, cores[:1]), flush=True)
    matrices: dict[int, np.ndarray] = {}
    for line in sys.stdin:
        n, clock = line.split()
        a = matrices.setdefault(int(n), random_matrix(int(n)))
        timing = measure({"product": lambda a=a: a @ a}, rounds=1, clock=CLOCKS[clock])
        print(timing.samples["product"][0], flush=True)


def random_matrix(n: int) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((n, n)).astype(np.float32)


if __name__ == "__main__":
    serve()

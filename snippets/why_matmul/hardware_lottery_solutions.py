"""Solutions to the exercises on operations, words moved, and recurrences."""

import numpy as np

from snippets.mechanics.cache_layout import Cache, misses, triple_loop
from snippets.why_matmul.hardware_lottery import (
    Machine,
    multiply,
    recur,
    stationary,
    transform,
)


def least_room(addresses: list[int], most: int) -> int:
    """Fewest words of fast memory with which at most `most` are fetched.

    A larger LRU memory never fetches more, so halving the range finds it.
    """
    low, high = 1, len(addresses)
    while low < high:
        middle = (low + high) // 2
        if misses(addresses, Cache(middle, line_bytes=8)) <= most:
            high = middle
        else:
            low = middle + 1
    return low


def scan_max(a: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, int]:
    """h[t] = max(h[t-1] + a[t], x[t]) for all t, and the rounds: log2(steps).

    Two steps are again one such step: (a1 + a2, max(x1 + a2, x2)).
    """
    rounds, reach = 0, 1
    while reach < len(x):
        joined = np.maximum(x[:-reach] + a[reach:], x[reach:])
        x = np.concatenate([x[:reach], joined])
        a = np.concatenate([a[:reach], a[:-reach] + a[reach:]])
        rounds, reach = rounds + 1, 2 * reach
    return x, rounds


def prefix_sums(x: np.ndarray) -> np.ndarray:
    """Running sums of side² numbers by products of side x side matrices."""
    side = int(len(x) ** 0.5)
    rows = x.reshape(side, side)
    ones = np.ones((side, side), x.dtype)
    within = rows @ np.triu(ones)
    before = np.tril(ones, -1) @ rows @ ones  # sums of all earlier rows
    return (within + before).ravel()


if __name__ == "__main__":
    # --8<-- [start:room]
    n = 18
    room = {}
    for t in (3, 6):
        formula = n**2 + 2 * n**3 // t
        room[t] = [least_room(list(triple_loop("ijk", n, t)), formula),
                   least_room(list(stationary(n, t)), formula)]
        print(t, room[t], [4 * t * t + t, t * t + 3 * t + 1])
    # --8<-- [end:room]

    # --8<-- [start:batch]
    by_batch = {}
    for batch in (1, 4, 8):
        machine = Machine(words=512)  # W alone has 576 words
        recur(machine, 24, steps=8, batch=batch)
        by_batch[batch] = machine.intensity
        print(f"batch {batch}: {by_batch[batch]:4.1f} operations per word")
    # --8<-- [end:batch]

    # --8<-- [start:balance]
    gain = {}
    for name, run in (("product", lambda m: multiply(m, 48)),
                      ("Hadamard", lambda m: transform(m, 12))):
        small, large = Machine(16), Machine(256)
        run(small)
        run(large)
        gain[name] = large.intensity / small.intensity
        print(f"{name:8} {small.intensity:.2f} -> {large.intensity:.2f}")
    # --8<-- [end:balance]

    # --8<-- [start:tropical]
    rng = np.random.default_rng(0)
    a, x = rng.integers(-5, 3, size=256), rng.integers(-9, 10, size=256)
    h, one_by_one = -10**6, []
    for add, at_least in zip(a, x, strict=True):
        h = max(h + add, at_least)
        one_by_one.append(h)
    found, tropical_rounds = scan_max(a, x)
    tropical_same = np.array_equal(found, one_by_one)
    print(f"{len(x)} steps in {tropical_rounds} rounds: {tropical_same}")
    # --8<-- [end:tropical]

    # --8<-- [start:prefix]
    x = rng.integers(-99, 100, size=1024)
    prefix_same = np.array_equal(prefix_sums(x), np.cumsum(x))
    used, needed = 3 * 2 * 32**3, len(x) - 1
    print(prefix_same, f"{used:,} operations for {needed:,} additions")
    # --8<-- [end:prefix]
    wasted = used / needed

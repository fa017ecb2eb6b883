"""Solutions to the exercises of the chapter on life after the matrix product."""
from math import comb

import numpy as np
import torch

from snippets.why_matmul.beyond.after_matmul import LEDGER, Butterfly, Tables, by_adding
from snippets.why_matmul.verification import accuracy, fit, hadamard, posters


def min_plus(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The matrix product with min for + and + for *."""
    return (a[:, :, None] + b).min(1)


def as_hadamard(n: int) -> Butterfly:
    """A butterfly of one layer that is the Hadamard matrix over sqrt(n)."""
    net = Butterfly(depth=1, n=n)
    for stage, partner in enumerate(net.partners):
        lower = torch.arange(n) < partner
        net.weights.data[0, stage, 0] = torch.where(lower, 1.0, -1.0) / 2**0.5
        net.weights.data[0, stage, 1] = 1 / 2**0.5
    return net


def chance(k1: int, n1: int, k2: int, n2: int) -> float:
    """How often a gap as large, one way or the other, comes by chance.

    k1 of n1 and k2 of n2 claims hold; which claims hold is dealt out at
    random (Fisher's exact test).
    """
    held, total = k1 + k2, n1 + n2
    found = abs(k1 / n1 - k2 / n2)
    ways = 0
    for k in range(max(0, held - n2), min(held, n1) + 1):
        if abs(k / n1 - (held - k) / n2) >= found - 1e-12:
            ways += comb(n1, k) * comb(n2, held - k)
    return ways / comb(total, held)


if __name__ == "__main__":
    # --8<-- [start:butterfly]
    with torch.no_grad():
        made = as_hadamard(64).layer(torch.eye(64), 0)
    gap = (made - hadamard(64)).abs().max().item()
    print("Hadamard from a butterfly:", gap < 1e-6)
    # --8<-- [end:butterfly]

    # --8<-- [start:paths]
    rng = np.random.default_rng(0)
    steps = np.where(rng.random((8, 8)) < 0.35, rng.integers(1, 10, (8, 8)), np.inf)
    np.fill_diagonal(steps, 0)
    power, products = steps, 0
    while not np.array_equal(longer := min_plus(power, power), power):
        power, products = longer, products + 1
    direct, least = steps[0, 1:], power[0, 1:]
    print("one step ", *(f"{d:3.0f}" for d in direct))
    print("any steps", *(f"{d:3.0f}" for d in least), f"  products: {products}")
    # --8<-- [end:paths]

    # --8<-- [start:addresses]
    torch.set_num_threads(1)
    torch.manual_seed(0)
    (x, y), (x_test, y_test) = (posters(n, rng) for n in (4000, 2000))
    by_bits = {}
    for width in (1, 2, 4, 6):
        groups = torch.stack([torch.randperm(64)[:width] for _ in range(64)])
        net = fit(Tables(groups), x, y)
        by_bits[width] = accuracy(net, x_test, y_test)
        print(f"{width} bits: {net.rows.numel():6} numbers, {by_bits[width]:.2f}")
    # --8<-- [end:addresses]

    # --8<-- [start:offset]
    a, b = rng.lognormal(size=(2, 100_000)).astype(np.float32)
    worst = {}
    for offset in (0, 200_000, 400_000, 580_000):
        raised = by_adding(a, b).view(np.int32) + offset
        error = raised.view(np.float32) / (a * b) - 1
        worst[offset] = float(np.abs(error).max())
        print(f"offset {offset:6}  from {error.min():+.1%} to {error.max():+.1%}")
    delta = offset / 2**23  # what the last offset adds to the fraction
    lowest = 8 / (3 - delta) ** 2 - 1
    print(f"by formula     from {lowest:+.1%} to {delta:+.1%}")
    # --8<-- [end:offset]

    # --8<-- [start:chances]
    def held(topic: str) -> tuple[int, int]:
        verdicts = LEDGER[topic]
        return len(verdicts["correct"]), sum(map(len, verdicts.values()))

    by_chance = {}
    for one, two in (("graphs", "quantum"), ("rules", "continual")):
        by_chance[one] = chance(*held(one), *held(two))
        print(f"{one}, {two}: {by_chance[one]:.3f}")
    # --8<-- [end:chances]

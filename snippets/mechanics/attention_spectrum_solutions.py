"""Solutions to the exercises on the spectrum of attention."""

from __future__ import annotations

import numpy as np

from snippets.mechanics.attention_as_product import causal_mask, softmax
from snippets.mechanics.attention_spectrum import (
    effective_ranks,
    energies,
    train,
    untrained,
)


def shuffled_ranks(
    a: np.ndarray, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the effective ranks of a with each row shuffled, sorted.

    Every row keeps its weights, so the trace stays; what goes is which key gets
    which weight.
    """
    ranks = [
        effective_ranks(rng.permuted(a, axis=1))["entropy"]
        for _ in range(draws)
    ]
    return np.sort(ranks)


def keys_used(a: np.ndarray) -> np.ndarray:
    """Return for each query 1 / (sum of its squared weights)."""
    return 1 / (a**2).sum(axis=1)


def prefix_mean(n: int) -> np.ndarray:
    """Return causal attention with equal scores: row i averages the first i."""
    return softmax(causal_mask(n))


def rank_of_values(a: np.ndarray) -> float:
    """Return exp of the entropy of the singular values (Roy and Vetterli)."""
    p = np.linalg.svd(a, compute_uv=False)
    p = p[p > 0] / p.sum()
    return float(np.exp(-(p * np.log(p)).sum()))


if __name__ == "__main__":
    # --8<-- [start:report]
    rng = np.random.default_rng(0)
    n = 16
    start, previous, _ = train([(i - 1) % n for i in range(n)])
    _, block, _ = train([i - i % 4 for i in range(n)])
    report = {}
    for name, a in [
        ("untrained", start),
        ("block", block),
        ("previous", previous),
    ]:
        chance = shuffled_ranks(a, 200, rng)
        report[name] = [
            energies(a).sum(),
            effective_ranks(a)["entropy"],
            chance[5],
            chance[-6],
        ]
        print(
            f"{name:9} trace {report[name][0]:5.1f}   rank {report[name][1]:5.1f}   "
            f"rows shuffled {report[name][2]:4.1f} to {report[name][3]:4.1f}"
        )
    # --8<-- [end:report]

    # --8<-- [start:keys]
    a = untrained(64, 64, 1.0, rng)
    used = keys_used(a)
    print(
        f"trace {energies(a).sum():.3f}   sum of 1 / keys {(1 / used).sum():.3f}"
    )
    print(f"keys used by a query: {used.min():.1f} to {used.max():.1f} of 64")
    # --8<-- [end:keys]
    fewest, most = used.min(), used.max()

    # --8<-- [start:causal]
    for n in (4, 16, 64):
        a = prefix_mean(n)
        harmonic = (1 / np.arange(1, n + 1)).sum()
        print(
            f"n = {n:2}   rank {np.linalg.matrix_rank(a):2}   "
            f"effective rank {effective_ranks(a)['entropy']:.2f}   "
            f"trace {energies(a).sum():.3f}   1 + 1/2 + ... {harmonic:.3f}"
        )
    # --8<-- [end:causal]
    causal_rank, causal_effective = (
        int(np.linalg.matrix_rank(a)),
        effective_ranks(a)["entropy"],
    )

    # --8<-- [start:disagree]
    m = 100
    shares = np.r_[0.5, np.full(m, 0.5 / m)]
    apart = effective_ranks(np.diag(np.sqrt(shares)))
    print({name: round(value, 2) for name, value in apart.items()})
    # --8<-- [end:disagree]

    # --8<-- [start:values]
    rng = np.random.default_rng(1)
    for scale in (0.5, 1.0, 2.0):
        a = untrained(64, 64, scale, rng)
        squares, values = effective_ranks(a)["entropy"], rank_of_values(a)
        print(
            f"scale {scale}   squares {squares:5.1f}   values {values:5.1f}"
        )
    # --8<-- [end:values]

"""Solutions to the exercises of the chapter on message passing."""

from __future__ import annotations

from itertools import combinations, permutations

import numpy as np

from snippets.why_matmul.beyond.graphs import (
    cycles,
    deepen,
    energy,
    looks,
    normalised,
    world,
)

Array = np.ndarray


def independent_maps(n: int, indices: int) -> int:
    """How many linearly independent tensors stay the same however the n nodes
    are renumbered, if each of their indices runs over the nodes.

    The average of P x ... x P over all permutation matrices P projects onto
    them, and the trace of a projection is its rank.
    """
    orders = np.array(list(permutations(range(n))))
    traces = (orders == np.arange(n)).sum(axis=1)
    return round(np.mean(traces.astype(float) ** indices))


def sample_mean(rng: np.random.Generator, values: Array, k: int, times: int) -> Array:
    """Means (times,) of k entries of values (m,), drawn without putting back."""
    keys = rng.random((times, len(values)))
    return values[np.argsort(keys, axis=1)[:, :k]].mean(axis=1)


def all_graphs(n: int) -> list[Array]:
    """One 0/1 matrix for every graph on n nodes, up to renumbering."""
    pairs = list(combinations(range(n), 2))
    codes = np.arange(2 ** len(pairs))[:, None]
    bits = ((codes >> np.arange(len(pairs))) & 1).astype(float)
    smallest = np.full(len(bits), np.inf)
    for order in permutations(range(n)):
        worth = np.zeros((n, n))
        for at, (i, j) in enumerate(pairs):
            worth[[order[i], order[j]], [order[j], order[i]]] = 2.0**at
        moved = bits @ np.array([worth[pair] for pair in pairs])
        smallest = np.minimum(smallest, moved)
    graphs = []
    for code in np.unique(smallest).astype(int):
        a = np.zeros((n, n), dtype=int)
        for (i, j), bit in zip(pairs, bits[code], strict=True):
            a[i, j] = a[j, i] = int(bit)
        graphs.append(a)
    return graphs


def random_layers(rng: np.random.Generator, a: Array, x: Array, depth: int) -> Array:
    """Features after this many layers relu(A_hat H W), each with a new He-scaled W."""
    h, a_hat = x, normalised(a)
    for _ in range(depth):
        w = rng.normal(size=(h.shape[1], h.shape[1])) * np.sqrt(2 / h.shape[1])
        h = np.maximum(a_hat @ h @ w, 0)
    return h


def first_difference(a: Array, b: Array) -> int:
    """The least k with tr(a^k) != tr(b^k); 0 if there is none up to k = n.

    a, b (n, n) are 0/1 matrices; integers throughout.
    """
    power_a, power_b = np.eye(len(a), dtype=int), np.eye(len(b), dtype=int)
    for k in range(1, len(a) + 1):
        power_a, power_b = power_a @ a, power_b @ b
        if np.trace(power_a) != np.trace(power_b):
            return k
    return 0


if __name__ == "__main__":
    # --8<-- [start:maps]
    maps = {n: [independent_maps(n, k) for k in (2, 4)] for n in (4, 5, 6)}
    for n, (nodes, pairs) in maps.items():
        print(f"n = {n}: nodes to nodes {nodes}, matrices to matrices {pairs}")
    # --8<-- [end:maps]

    # --8<-- [start:sampling]
    rng = np.random.default_rng(0)
    values = rng.normal(size=50)
    spread = {}
    for k in (1, 5, 10, 25, 50):
        errors = sample_mean(rng, values, k, times=4000) - values.mean()
        exact = values.std() * np.sqrt((50 - k) / (k * 49))
        spread[k] = float(np.sqrt((errors**2).mean()))
        print(f"k = {k:2}  error {spread[k]:.2f}  formula {exact:.2f}")
    # --8<-- [end:sampling]

    # --8<-- [start:six]
    found = {n: all_graphs(n) for n in (4, 5, 6)}
    graphs = {n: len(several) for n, several in found.items()}
    colours = {n: len(set(looks(several))) for n, several in found.items()}
    for n in found:
        print(f"n = {n}: graphs {graphs[n]}, told apart {colours[n]}")
    # --8<-- [end:six]

    # --8<-- [start:random]
    kept = {1: [], 8: [], 64: []}
    for seed in range(20):
        a, x, _, _ = world(seed)
        for depth, energies in kept.items():
            h = random_layers(np.random.default_rng(seed), a, x, depth)
            plain = deepen(normalised(a), x, depth)
            energies.append(energy(a, h) / energy(a, plain))
    ratio = {depth: float(np.median(values)) for depth, values in kept.items()}
    print(*(f"depth {depth}: {r:.0e} " for depth, r in ratio.items()))
    # --8<-- [end:random]

    # --8<-- [start:rings]
    split = {"8": (4, 4), "9": (4, 5), "12": (5, 7)}
    first, same_colours = {}, True
    for n, parts in split.items():
        one, two = cycles(int(n)), cycles(*parts)
        first[n] = first_difference(one, two)
        same_colours = same_colours and len(set(looks([one, two]))) == 1
        print(f"ring of {n} against {parts}: first at k = {first[n]}")
    print("same colours:", same_colours)
    # --8<-- [end:rings]

"""Message passing: one sparse product, what it is good for and what it cannot see."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations_with_replacement

import matplotlib.pyplot as plt
import numpy as np

from snippets.palette import ACCENT, INK, LINE, SOFT, A

Array = np.ndarray


def normalised(a: Array) -> Array:
    """D^(-1/2) (A + I) D^(-1/2) for a symmetric 0/1 matrix `a` (n, n) without loops.

    D holds the row sums of A + I. Kipf and Welling 2017.
    """
    looped = a + np.eye(len(a))
    root = np.sqrt(looped.sum(axis=1))
    return looped / np.outer(root, root)


def pass_messages(
    edges: Iterable[tuple[int, int]], x: Array
) -> tuple[Array, int]:
    """Send each node's row of x (n, d) along each edge, both ways, and to itself.

    Messages are divided by the roots of both ends' degrees, loops counted.
    Returns the sums that arrive and the number of messages.
    """
    both_ways = [(i, j) for pair in edges for i, j in (pair, pair[::-1])]
    both_ways += [(i, i) for i in range(len(x))]
    degree = np.bincount([i for i, _ in both_ways])
    arrived = np.zeros_like(x)
    for i, j in both_ways:
        arrived[i] += x[j] / np.sqrt(degree[i] * degree[j])
    return arrived, len(both_ways)


def block_model(rng: np.random.Generator, labels: Array, same: float, other: float) -> Array:
    """A random symmetric 0/1 matrix (n, n): an edge with probability `same` between
    nodes of one label and `other` between two. Holland et al. 1983."""
    chance = np.where(labels[:, None] == labels, same, other)
    upper = np.triu(rng.random(chance.shape) < chance, 1)
    return (upper | upper.T).astype(float)


def readout(x: Array, labels: Array, seen: Array) -> float:
    """Accuracy on the nodes not seen, of a linear map fitted to those that are.

    x (n, d) is centred and scaled column by column, the map has a bias and is the
    least-squares fit of one-hot labels with a penalty of 1 on its squared weights.
    """
    scale = np.maximum(x.std(axis=0), 1e-300)
    x = np.hstack([(x - x.mean(axis=0)) / scale, np.ones((len(x), 1))])
    target = np.eye(labels.max() + 1)[labels]
    fitted = x[seen]
    w = np.linalg.solve(fitted.T @ fitted + np.eye(x.shape[1]), fitted.T @ target[seen])
    right = (x @ w).argmax(axis=1) == labels
    return float(right[~seen].mean())


def whitened(x: Array) -> Array:
    """Orthogonal columns of length sqrt(n) that span the centred columns of x (n, d).

    A readout of these gives every direction the same weight, however small it is in
    x; for an invertible m, x and x @ m differ only by a rotation. Needs n > d.
    """
    return np.linalg.svd(x - x.mean(axis=0), full_matrices=False)[0] * np.sqrt(len(x))


def energy(a: Array, x: Array) -> float:
    """The relative Dirichlet energy tr(X' (I - A_hat) X) / |X|^2, between 0 and 2.

    Half the sum over both directions of each edge of |x_i / r_i - x_j / r_j|^2,
    where r is the root of the degree with the loop. 0 where both ends always agree.
    """
    y = x / np.sqrt(a.sum(axis=1, keepdims=True) + 1)
    i, j = np.nonzero(a)
    return float(((y[i] - y[j]) ** 2).sum() / 2 / (x**2).sum())


def deepen(a_hat: Array, x: Array, depth: int, keep: float = 0, start: float = 0) -> Array:
    """Features after this many layers H -> (1 - keep - start) A_hat H + keep H + start X.

    `keep` weighs a skip from the layer before, `start` one from the input x.
    """
    h = x
    for _ in range(depth):
        h = (1 - keep - start) * (a_hat @ h) + keep * h + start * x
    return h


def world(seed: int, same: float = 0.08, other: float = 0.01) -> tuple[Array, ...]:
    """A graph of 3 x 100 nodes, features (300, 16), labels, and which 60 are seen.

    Features are half a random mean of the label's plus standard normal noise.
    """
    rng = np.random.default_rng(seed)
    labels = np.repeat([0, 1, 2], 100)
    a = block_model(rng, labels, same, other)
    x = 0.5 * rng.normal(size=(3, 16))[labels] + rng.normal(size=(300, 16))
    seen = np.zeros(300, dtype=bool)
    seen[rng.permutation(300)[:60]] = True
    return a, x, labels, seen


def refine(a: Array) -> Array:
    """The final colours (n,) of colour refinement on a 0/1 matrix `a` (n, n).

    All nodes start alike; a node's next colour is its own and how many
    neighbours it has of each. Weisfeiler and Leman 1968, in one dimension.
    """
    colours = np.zeros(len(a), dtype=int)
    while True:
        one_hot = np.eye(colours.max() + 1)[colours]
        rows = np.hstack([one_hot, a.astype(float) @ one_hot])
        finer = np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)
        if finer.max() == colours.max():
            return colours
        colours = finer


def side_by_side(graphs: list[Array]) -> Array:
    """One matrix with the given ones as blocks on its diagonal: no edge between them."""
    total = sum(map(len, graphs))
    union, at = np.zeros((total, total), dtype=int), 0
    for a in graphs:
        union[at : at + len(a), at : at + len(a)] = a
        at += len(a)
    return union


def looks(graphs: list[Array]) -> list[tuple[int, ...]]:
    """For each graph the sorted final colours of its nodes, comparable across graphs."""
    colours = refine(side_by_side(graphs))
    ends = np.cumsum([len(a) for a in graphs])
    return [tuple(sorted(part.tolist())) for part in np.split(colours, ends[:-1])]


def cycles(*lengths: int) -> Array:
    """The 0/1 matrix of rings with these many nodes, each 3 or more, side by side."""
    rings = [np.roll(np.eye(n, dtype=int), 1, axis=1) for n in lengths]
    return side_by_side([ring + ring.T for ring in rings])


def summed_network(a: Array, weights: list[Array]) -> Array:
    """One vector for a graph: all nodes start with ones, a layer is
    relu((A + I) H W), and the rows are added up at the end. Xu et al. 2019."""
    h = np.ones((len(a), len(weights[0])))
    for w in weights:
        h = np.maximum((a + np.eye(len(a))) @ h @ w, 0)
    return h.sum(axis=0)


def in_time(snapshots: list[Array]) -> Array:
    """Who can have heard from whom: (i, j) is 1 if j's message can be at i.

    In each snapshot (n, n), in order, a message stays or crosses one edge.
    """
    heard = np.eye(len(snapshots[0]), dtype=int)
    for a in snapshots:
        heard = ((a + np.eye(len(a))) @ heard > 0).astype(int)
    return heard


if __name__ == "__main__":
    # --8<-- [start:product]
    a, x, labels, seen = world(seed=0)
    a_hat = normalised(a)
    edges = np.argwhere(np.triu(a)).tolist()
    arrived, messages = pass_messages(edges, x)
    equal = np.allclose(arrived, a_hat @ x, rtol=0, atol=1e-13)
    share = messages / a.size
    print("nodes", len(a), " edges", len(edges), " messages", messages)
    print("loop equals product:", equal)
    print(f"entries of the matrix used: {share:.1%}")
    # --8<-- [end:product]

    # --8<-- [start:spy]
    fig, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.6))
    shuffled = np.random.default_rng(1).permutation(len(a))
    for ax, order in ((left, np.arange(len(a))), (right, shuffled)):
        i, j = np.nonzero(a_hat[np.ix_(order, order)])
        gap = np.full(len(i), np.nan)
        dashes = np.stack([j - 0.7, j + 0.7, gap], axis=1).ravel()
        ax.plot(dashes, np.repeat(i, 3), color=A, lw=1, solid_capstyle="butt")
        ax.set(xlim=(-2, 302), ylim=(302, -2), aspect="equal", xticks=[], yticks=[])
    left.set_xlabel("sorted by label")
    right.set_xlabel("numbered at random")
    plt.show()
    # --8<-- [end:spy]

    # --8<-- [start:relabel]
    rng = np.random.default_rng(0)
    p = np.eye(300)[rng.permutation(300)]
    dense = rng.normal(size=(300, 300))
    follows = np.allclose(normalised(p @ a @ p.T) @ (p @ x), p @ (a_hat @ x))
    dense_follows = np.allclose(dense @ (p @ x), p @ (dense @ x))
    print("messages follow the new numbers:", follows)
    print("a dense matrix does:", dense_follows)
    # --8<-- [end:relabel]

    # --8<-- [start:crowds]
    crowds = [
        np.bincount(crowd, minlength=3)
        for size in range(1, 5)
        for crowd in combinations_with_replacement(range(3), size)
    ]
    told = {
        "max": len({tuple(c > 0) for c in crowds}),
        "mean": len({tuple((c / c.sum()).round(9)) for c in crowds}),
        "sum": len({tuple(c) for c in crowds}),
        "sum of 1, 2, 3": len({int(c @ [1, 2, 3]) for c in crowds}),
        "sum of 1, 5, 25": len({int(c @ [1, 5, 25]) for c in crowds}),
    }
    print("crowds:", len(crowds))
    for name, kinds in told.items():
        print(f"{name:16}{kinds:3}")
    # --8<-- [end:crowds]

    # --8<-- [start:help]
    chances = {"alike": (0.08, 0.01), "random": (0.03, 0.03)}
    chances["unlike"] = (0, 0.05)
    accuracy, factor = {}, {}
    for kind, (same, other) in chances.items():
        runs = []
        for seed in range(20):
            a, x, labels, seen = world(seed, same, other)
            one = normalised(a) @ x
            two = normalised(a) @ one
            both = np.hstack([x, one])
            others = a @ x / np.maximum(a.sum(axis=1, keepdims=True), 1)
            inputs = {"no edges": x, "one": one, "two": two}
            inputs |= {"both": both, "others": others}
            runs.append([readout(h, labels, seen) for h in inputs.values()])
        mean = np.mean(runs, axis=0).tolist()
        accuracy[kind] = dict(zip(inputs, mean, strict=True))
        factor[kind] = (same - other) / (same + 2 * other)
        row = accuracy[kind].items()
        print(f"{kind:7}", *(f" {name} {v:.2f}" for name, v in row))
    # --8<-- [end:help]

    # --8<-- [start:reach]
    a, x, labels, seen = world(seed=0)
    reached, steps = np.eye(300), []
    for _ in range(5):
        steps.append(float((reached > 0).sum(axis=1).mean()))
        reached = (a + np.eye(300)) @ reached
    print("nodes behind one output, by depth:", [round(s) for s in steps])
    # --8<-- [end:reach]

    # --8<-- [start:depth]
    a_hat = normalised(a)
    depths = (0, 1, 2, 4, 8, 16, 32, 64, 128)
    left = {k: energy(a, deepen(a_hat, x, k)) for k in depths}
    second = np.sort(np.abs(np.linalg.eigvalsh(a_hat)))[-2]
    decay = (left[128] / left[64]) ** (1 / 64)
    print("depth ", *(f"{k:6}" for k in depths))
    print("energy", *(f"{left[k]:6.0e}" for k in depths))
    print(f"per layer {decay:.3f}")
    squared = second**2
    print(f"second eigenvalue squared {squared:.3f}")
    apart = {k: float(np.sqrt(left[k])) for k in (64, 128)}
    # --8<-- [end:depth]

    # --8<-- [start:stored]
    readouts = ("scaled", "float64", "float32", "float16")
    runs = {name: [] for name in readouts}
    for seed in range(20):
        a, x, labels, seen = world(seed)
        deep = [deepen(normalised(a), x, k) for k in depths]
        runs["scaled"].append([readout(h, labels, seen) for h in deep])
        for dtype in readouts[1:]:
            kept = [whitened(h.astype(dtype).astype(float)) for h in deep]
            runs[dtype].append([readout(h, labels, seen) for h in kept])
    print("depth   ", *(f"{k:4}" for k in depths))
    by_depth = {}
    for name in readouts:
        mean = np.mean(runs[name], axis=0).tolist()
        by_depth[name] = dict(zip(depths, mean, strict=True))
        print(f"{name:8}", *(f"{v:.2f}" for v in mean))
    # --8<-- [end:stored]

    # --8<-- [start:skips]
    skips = {"plain": (0, 0), "keep": (0.5, 0), "start": (0, 0.1)}
    end = {}
    for name, (keep, start) in skips.items():
        runs = []
        for seed in range(20):
            a, x, labels, seen = world(seed)
            h = deepen(normalised(a), x, 64, keep, start)
            runs.append((energy(a, h), readout(h, labels, seen)))
        energies, scores = np.transpose(runs)
        end[name] = {"energy": np.median(energies), "accuracy": scores.mean()}
        numbers = end[name].values()
        print("{:6} energy {:.0e}  accuracy {:.2f}".format(name, *numbers))
    stays = 0.1 / (1 - 0.9 * second)  # of the second eigenvector, with start
    # --8<-- [end:skips]

    # --8<-- [start:energy_picture]
    a, x, labels, seen = world(seed=0)
    a_hat = normalised(a)
    along = np.array([0, 1, 2, 4, 8, 16, 32, 48, 64])
    fig, ax = plt.subplots(figsize=(6.4, 3.0))
    for (name, weights), style in zip(skips.items(), ("-", "--", ":"), strict=True):
        curve = [energy(a, deepen(a_hat, x, k, *weights)) for k in along]
        ax.semilogy(along, curve, color=INK, ls=style)
        ax.text(65.5, curve[-1], name, va="center", color=INK)
    slope = left[8] * second ** (2.0 * along - 16)
    ax.semilogy(along, slope, color=ACCENT, ls="-", lw=1)
    ax.text(44, 1e-11, "slope", ha="right", color=ACCENT)
    ax.set(xlim=(0, 75), xticks=[0, 16, 32, 48, 64], yticks=[1e-12, 1e-8, 1e-4, 1])
    ax.set_xlabel("layers")
    ax.set_ylabel("relative energy")
    plt.show()
    # --8<-- [end:energy_picture]

    # --8<-- [start:stored_picture]
    fig, ax = plt.subplots(figsize=(6.4, 2.9))
    looks_of = {"scaled": (SOFT, "-."), "float64": (INK, "-"),
                "float32": (INK, "--"), "float16": (INK, ":")}
    places = {"scaled": (5.7, 0.6), "float64": (8.1, 0.98),
              "float32": (7.35, 0.84), "float16": (6.34, 0.84)}
    for name, (color, style) in looks_of.items():
        ax.plot(list(by_depth[name].values()), color=color, ls=style)
        side = "right" if name == "scaled" else "left"
        ax.text(*places[name], name, color=color, ha=side, va="center")
    ax.set_xticks(range(len(depths)), depths)
    ax.set(xlim=(0, 9.2), ylim=(0.25, 1.03), yticks=[0.5, 0.75, 1])
    ax.axhline(1 / 3, color=LINE, lw=0.8)
    ax.set_xlabel("layers")
    ax.set_ylabel("accuracy")
    plt.show()
    # --8<-- [end:stored_picture]

    # --8<-- [start:blind]
    hexagon, triangles = cycles(6), cycles(3, 3)
    rng = np.random.default_rng(0)
    weights = list(rng.normal(size=(5, 8, 8)))
    outputs = [summed_network(g, weights) for g in (hexagon, triangles)]
    told_apart = not np.allclose(*outputs)
    colours = looks([hexagon, triangles])
    closed = [int(np.trace(g @ g @ g)) for g in (hexagon, triangles)]
    print("told apart by the network:", told_apart)
    print("told apart by colours:", colours[0] != colours[1])
    print("closed walks of three steps:", closed)
    # --8<-- [end:blind]

    # --8<-- [start:blind_picture]
    fig, (left_ax, right_ax) = plt.subplots(1, 2, figsize=(5.8, 2.4))
    turn = np.pi * np.arange(6) / 3
    ring = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    corner = np.pi * np.arange(3) * 2 / 3 + np.pi / 2
    tri = 0.75 * np.stack([np.cos(corner), np.sin(corner)], axis=1)
    pair = np.vstack([tri - [0.8, 0.1], tri + [0.8, -0.1]])
    for ax, g, at in ((left_ax, hexagon, ring), (right_ax, triangles, pair)):
        for u, v in np.argwhere(np.triu(g)):
            ax.plot(*at[[u, v]].T, color=SOFT, ls="-", lw=1.2)
        ax.plot(*at.T, "o", color=INK, ms=7)
        ax.set(aspect="equal", xlim=(-1.7, 1.7), ylim=(-1.15, 1.15))
        ax.axis("off")
    plt.show()
    # --8<-- [end:blind_picture]

    # --8<-- [start:time]
    rng = np.random.default_rng(0)
    days = [block_model(rng, np.zeros(40, int), 1 / 40, 0) for _ in range(5)]
    ever = (sum(days) > 0).astype(float)
    forward, backward = in_time(days), in_time(days[::-1])
    static = in_time([ever] * 5)
    heard = {"static": static, "in time": forward, "reversed": backward}
    heard = {name: float(who.mean()) for name, who in heard.items()}
    mirrored = np.array_equal(forward.T, backward)
    print(*(f"{name} {v:.0%} " for name, v in heard.items()))
    print("reversed is the transpose:", mirrored)
    # --8<-- [end:time]

"""What the spectrum of an attention matrix says, before training and after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from snippets.mechanics.attention_as_product import scores, softmax


def energies(a: np.ndarray) -> np.ndarray:
    """Return the eigenvalues of a @ a.T, largest first."""
    return np.linalg.svd(a, compute_uv=False) ** 2


def effective_ranks(a: np.ndarray) -> dict[str, float]:
    """Count in three ways how many directions carry the energy of a.

    With p the energies divided by their sum: exp of the entropy of p (Roy and
    Vetterli 2007 do so with singular values, not their squares), the
    participation ratio 1 / sum(p**2), and the stable rank 1 / max(p).
    """
    energy = energies(a)
    p = energy[energy > 0] / energy.sum()
    return {
        "entropy": float(np.exp(-(p * np.log(p)).sum())),
        "participation": float(1 / (p**2).sum()),
        "stable": float(1 / p.max()),
    }


def directions_for(a: np.ndarray, share: float) -> int:
    """Return how many leading directions hold this share of the energy of a."""
    held = np.cumsum(energies(a))
    return int(np.argmax(held >= share * held[-1])) + 1


def truncated(a: np.ndarray, k: int) -> np.ndarray:
    """Return the matrix of rank k that is nearest to a."""
    u, s, vt = np.linalg.svd(a)
    return (u[:, :k] * s[:k]) @ vt[:k]


def centred(a: np.ndarray) -> np.ndarray:
    """Take the uniform pattern 1/n away from a, (n, n) with rows that sum to 1."""
    return a - 1 / a.shape[1]


def untrained(
    n: int, d: int, scale: float, rng: np.random.Generator
) -> np.ndarray:
    """Attention of n random tokens of width d, random W_Q, W_K, scores * scale."""
    x = rng.standard_normal((n, d))
    w_q, w_k = rng.standard_normal((2, d, d)) / np.sqrt(d)
    return softmax(scale * scores(x @ w_q, x @ w_k))


def train(
    source: Sequence[int], steps: int = 150, d: int = 32, words: int = 8
) -> tuple[np.ndarray, np.ndarray, float]:
    """Train one attention head to repeat, at place i, the word of place source[i].

    Returns the attention matrix of one text before and after training, and the
    share of words that the trained head gets right on fresh texts.
    """
    torch.manual_seed(0)
    n, source = len(source), torch.tensor(source)
    shapes = [(words, d), (n, d), (d, d), (d, d), (d, words)]
    parameters = [torch.randn(shape, dtype=torch.float64) for shape in shapes]
    for weight in parameters[2:]:
        weight /= d**0.5
    word, place, w_q, w_k, w_v = (p.requires_grad_() for p in parameters)

    def head(texts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = word[texts] + place
        a = torch.softmax(x @ w_q @ (x @ w_k).mT / d**0.5, dim=-1)
        return a, a @ x @ w_v

    fresh = torch.randint(words, (200, n))
    before = head(fresh)[0][0].detach().numpy()
    for _ in range(steps):
        texts = torch.randint(words, (32, n))
        guess = head(texts)[1].flatten(0, 1)
        loss = cross_entropy(guess, texts[:, source].flatten())
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient in zip(parameters, gradients, strict=True):
                parameter -= gradient  # descent at rate 1
    with torch.no_grad():
        after, guess = head(fresh)
    right = (guess.argmax(-1) == fresh[:, source]).double().mean()
    return before, after[0].numpy(), right.item()


def spread(x: np.ndarray) -> float:
    """Return how far the rows of x differ: 0 if they are all alike, at most 1."""
    return float(np.linalg.norm(x - x.mean(axis=0)) / np.linalg.norm(x))


def spread_by_depth(
    skip: float,
    branch: float,
    layers: int,
    rng: np.random.Generator,
    n: int = 32,
) -> list[float]:
    """Send n tokens of width n through layers skip * x + branch * attention(x).

    Weights are random; each attention first scales every token to mean square 1
    (RMSNorm without weights). Returns the spread before and after every layer.
    """
    x = rng.standard_normal((n, n))
    spreads = [spread(x)]
    for _ in range(layers):
        z = x / np.sqrt((x**2).mean(axis=1, keepdims=True))
        w_q, w_k, w_v = rng.standard_normal((3, n, n)) / np.sqrt(n)
        x = skip * x + branch * softmax(scores(z @ w_q, z @ w_k)) @ z @ w_v
        spreads.append(spread(x))
    return spreads


if __name__ == "__main__":
    # --8<-- [start:trace]
    a = np.array([[0.8, 0.2, 0.0], [0.5, 0.5, 0.0], [0.0, 0.1, 0.9]])
    print(a @ a.T)
    print(
        f"trace {np.trace(a @ a.T):.2f}   squares {(a**2).sum():.2f}   "
        f"eigenvalues {np.linalg.eigvalsh(a @ a.T).sum():.2f}"
    )
    # --8<-- [end:trace]
    small_trace = float((a**2).sum())
    alike, unlike = (a @ a.T)[0, 1:]

    # --8<-- [start:patterns]
    n = 16
    rng = np.random.default_rng(0)
    patterns = {
        "uniform": np.full((n, n), 1 / n),
        "diagonal": np.eye(n),
        "sink": np.eye(n)[np.zeros(n, int)],
        "untrained": untrained(n, 64, 1.0, rng),
    }
    total, ranks = {}, {}
    print("              trace   entropy   participation   stable")
    for name, a in patterns.items():
        total[name], ranks[name] = energies(a).sum(), effective_ranks(a)
        print(
            f"{name:10} {total[name]:8.2f}",
            *(f"{r:11.2f}" for r in ranks[name].values()),
        )
    # --8<-- [end:patterns]

    # --8<-- [start:patterns_picture]
    import matplotlib.pyplot as plt
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    from snippets.palette import INK, SOFT, A

    def draw(axes, a: np.ndarray) -> None:
        """A square for each weight, its area the weight; keys go across."""
        corners = np.array([[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]])
        centres = np.stack(np.indices(a.shape)[::-1], axis=-1)[..., None, :]
        squares = centres + np.sqrt(a)[..., None, None] * corners
        path = Path.make_compound_path_from_polys(squares.reshape(-1, 4, 2))
        axes.add_patch(PathPatch(path, color=A, linewidth=0))
        axes.set(xlim=(-1, len(a)), ylim=(len(a), -1), aspect="equal")
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_visible(False)

    figure, grid = plt.subplots(
        2, 4, height_ratios=[3, 1.4], figsize=(5.8, 2.7)
    )
    for (top, bottom), (name, a) in zip(grid.T, patterns.items(), strict=True):
        draw(top, a)
        top.text(7.5, -1.6, name, ha="center", va="bottom", color=INK)
        bottom.bar(range(n), energies(a) / energies(a).sum(), color=INK)
        bottom.set(ylim=(0, 1), xticks=[0, n - 1], yticks=[0, 1])
        bottom.set_xticklabels(["1", str(n)])
        bottom.set_yticklabels(["0", "1"] if bottom is grid[1, 0] else [])
    grid[0, 0].set_ylabel("query")
    grid[1, 0].set_ylabel("share")
    plt.show()
    # --8<-- [end:patterns_picture]

    # --8<-- [start:baseline]
    n, d = 64, 64
    scales = 2.0 ** np.arange(-3, 4)
    raw, without, shuffled, energy = {}, {}, {}, {}
    for scale in scales:
        a = untrained(n, d, scale, np.random.default_rng(1))
        same_weights = np.random.default_rng(2).permuted(a, axis=1)
        energy[scale] = energies(a).sum()
        raw[scale] = effective_ranks(a)["entropy"]
        without[scale] = effective_ranks(centred(a))["entropy"]
        shuffled[scale] = effective_ranks(same_weights)["entropy"]
        print(
            f"scale {scale:5}   trace {energy[scale]:5.2f}   "
            f"effective rank {raw[scale]:5.2f}   centred {without[scale]:5.2f}   "
            f"shuffled {shuffled[scale]:5.2f}"
        )
    # --8<-- [end:baseline]
    low, base = float(raw[0.5]), float(raw[1.0])
    low_centred, base_centred = float(without[0.5]), float(without[1.0])
    low_shuffled, base_shuffled = float(shuffled[0.5]), float(shuffled[1.0])
    low_energy = float(energy[0.5])
    sharp, sharp_shuffled = float(raw[8.0]), float(shuffled[8.0])

    # --8<-- [start:baseline_picture]
    figure, axes = plt.subplots()
    for curve, style, colour in [
        (raw, "-", INK),
        (without, "--", SOFT),
        (shuffled, ":", SOFT),
    ]:
        axes.plot(scales, curve.values(), linestyle=style, color=colour)
    axes.text(0.13, without[0.125] + 2.5, "centred", color=SOFT)
    axes.text(0.75, 6.2, "as it is", color=INK, ha="left")
    axes.text(8, shuffled[8.0] + 1.5, "rows shuffled", color=SOFT, ha="right")
    axes.set_xscale("log", base=2)
    axes.set_xticks([0.125, 1, 8], ["1/8", "1", "8"])
    axes.set(
        ylim=(0, 48),
        yticks=[1, 16, 32, 48],
        xlabel="scale of the scores",
        ylabel="effective rank",
    )
    plt.show()
    # --8<-- [end:baseline_picture]

    # --8<-- [start:centring]
    a = untrained(n, d, 0.5, np.random.default_rng(1))
    before, after = energies(a), energies(centred(a))
    print(f"energy {before.sum():.3f}, centred {after.sum():.3f}")
    print(
        f"share of the largest eigenvalue {before[0] / before.sum():.3f}, "
        f"centred {after[0] / after.sum():.3f}"
    )
    # --8<-- [end:centring]
    removed = float(before.sum() - after.sum())
    top_share, top_share_centred = (e[0] / e.sum() for e in (before, after))

    # --8<-- [start:tasks]
    n = 16
    tasks = {
        "first": [0] * n,
        "block": [i - i % 4 for i in range(n)],
        "previous": [(i - 1) % n for i in range(n)],
    }
    trained, task_rank, correct = {}, {}, {}
    for name, source in tasks.items():
        start, trained[name], correct[name] = train(source)
        task_rank[name] = effective_ranks(trained[name])["entropy"]
        print(
            f"{name:9} right {correct[name]:4.0%}   "
            f"places asked for {len(set(source)):2}   "
            f"effective rank {task_rank[name]:4.1f}"
        )
    start_rank = effective_ranks(start)["entropy"]
    print(f"untrained effective rank {start_rank:4.1f}")
    # --8<-- [end:tasks]

    # --8<-- [start:tasks_picture]
    figure, row = plt.subplots(1, 4, figsize=(5.8, 1.8))
    shown = {"untrained": start, **trained}
    for axes, (name, a) in zip(row, shown.items(), strict=True):
        draw(axes, a)
        axes.text(7.5, -1.6, name, ha="center", va="bottom", color=INK)
    plt.show()
    # --8<-- [end:tasks_picture]

    # --8<-- [start:tail]
    needed, lost = {}, {}
    for name, a in shown.items():
        needed[name] = directions_for(a, 0.9)
        lost[name] = energies(a - truncated(a, 4)).sum() / energies(a).sum()
        tail = energies(a)[4:].sum() / energies(a).sum()
        print(
            f"{name:10} directions for 90%: {needed[name]:2}   "
            f"lost with 4: {lost[name]:.2f}   eigenvalues left out: {tail:.2f}"
        )
    # --8<-- [end:tail]

    # --8<-- [start:sides]
    sink = np.array([[1, 0, 0, 0]] * 4)
    print(sink @ sink.T)
    print(sink.T @ sink)
    # --8<-- [end:sides]

    # --8<-- [start:sides_trained]
    rows, _, columns = np.linalg.svd(trained["first"])
    query_side, key_side = abs(rows[:, 0]), abs(columns[0])
    print("queries", query_side.round(2))
    print("keys   ", key_side.round(2))
    # --8<-- [end:sides_trained]

    # --8<-- [start:blind]
    a = trained["previous"]
    mixed_up = a[:, rng.permutation(n)]
    same_spectrum = np.allclose(energies(mixed_up), energies(a))
    looks_elsewhere = (mixed_up.argmax(axis=1) != a.argmax(axis=1)).mean()
    print(
        f"same spectrum: {same_spectrum}   "
        f"queries that look elsewhere: {looks_elsewhere:.0%}"
    )
    # --8<-- [end:blind]

    # --8<-- [start:collapse]
    layers = 24
    kinds = {
        "no_skip": (0, 1),
        "skip": (1, 1),
        "small_branch": (1, layers**-0.5),
    }
    depth = {}
    for name, (skip, branch) in kinds.items():
        runs = [
            spread_by_depth(skip, branch, layers, np.random.default_rng(s))
            for s in range(9)
        ]
        depth[name] = np.median(runs, axis=0)
        first = "  ".join(f"{value:7.2g}" for value in depth[name][:5])
        print(f"{name:12} {first}   layer {layers}: {depth[name][-1]:.2f}")
    # --8<-- [end:collapse]
    alone = [float(value) for value in depth["no_skip"][:5]]
    exponent_growth = float(np.log(alone[4]) / np.log(alone[3]))
    skip_end = float(depth["skip"][-1])
    branch_end = float(depth["small_branch"][-1])

    # --8<-- [start:collapse_picture]
    figure, axes = plt.subplots()
    axes.plot(depth["no_skip"], color=INK)
    axes.plot(depth["skip"], color=SOFT, linestyle="--")
    axes.plot(depth["small_branch"], color=SOFT, linestyle=":")
    axes.text(3.5, 0.04, "attention alone", color=INK)
    axes.text(12, depth["skip"][12] + 0.05, "with a skip", color=SOFT)
    axes.text(
        24, 0.9, "skip and smaller branch", color=SOFT, ha="right", va="top"
    )
    axes.set(
        ylim=(0, 1.05),
        yticks=[0, 0.5, 1],
        xticks=[0, 4, 12, 24],
        xlabel="layer",
        ylabel="spread",
    )
    plt.show()
    # --8<-- [end:collapse_picture]

"""Attention, layer after layer: averages, skips, tokens that gather."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from snippets.mechanics.attention_as_product import attention, scores, softmax
from snippets.mechanics.attention_spectrum import spread

Array = np.ndarray


def mixing(a: Array) -> float:
    """The least factor t with range(a @ v) <= t * range(v) for every v.

    `a` (n, n) has non-negative rows that sum to 1. Half the largest distance of
    two rows: Dobrushin's coefficient of ergodicity.
    """
    apart = np.abs(a[:, None] - a[None]).sum(axis=2)
    return float(apart.max() / 2)


def stationary(a: Array) -> Array:
    """The weights p that sum to 1 with p @ a = p; a (n, n) has only one p."""
    n = len(a)
    equations = np.vstack([a.T - np.eye(n), np.ones(n)])
    return np.linalg.lstsq(equations, np.eye(n + 1)[n])[0]


def on_sphere(x: Array) -> Array:
    """Scale every row to length 1."""
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def move(
    x: Array, beta: float, w_v: Array | None = None, step: float = 0.1
) -> Array:
    """One layer with a skip: step towards the weighted mean, back to length 1.

    Tokens x (n, d) are rows of length 1, and queries and keys as they are; the
    values are x @ w_v, or x. Geshkovski et al. 2025, with steps for time.
    """
    values = x if w_v is None else x @ w_v
    return on_sphere(x + step * softmax(beta * x @ x.T) @ values)


def clusters(x: Array, cosine: float = 0.99) -> int:
    """Count groups of unit vectors, joined wherever two are this close."""
    near = x @ x.T > cosine
    for _ in range(len(x).bit_length()):  # paths through twice as many tokens
        near = near @ near
    return len(np.unique(near, axis=0))


def circle(angles: Array) -> Array:
    """The points of the unit circle at these angles, (n, 2)."""
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def meeting_time(beta: float, start: float, end: float) -> float:
    """Time in which two equal clusters come from angle start to angle end."""
    angle = np.geomspace(end, start, 4001)
    slowness = (1 + np.exp(beta * (1 - np.cos(angle)))) / (2 * np.sin(angle))
    return float(np.trapezoid(slowness * angle, np.log(angle)))


def growth(k: Array, beta: float) -> Array:
    """Rate at which a ripple with k crests grows on an even circle of tokens.

    k^2 I_k(beta) / (beta I_0(beta)), the Bessel functions I taken as means.
    """
    u = np.linspace(0, 2 * np.pi, 512, endpoint=False)
    weights = softmax(beta * np.cos(u)[None])[0]
    return k**2 / beta * (np.cos(np.outer(k, u)) @ weights)


def depth_profile(
    skip: float,
    activation: Callable[[Array], Array] | None,
    layers: int,
    seed: int,
    n: int = 32,
) -> list[float]:
    """Spread of n random tokens after every layer of attention and an MLP.

    Each half reads tokens of mean square 1, has fresh random weights, and is
    added to skip * x. Without an activation there is no MLP.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, n))
    spreads = [spread(x)]
    for _ in range(layers):
        w_q, w_k, w_v, w_1, w_2 = rng.standard_normal((5, n, n)) / np.sqrt(n)
        z = on_sphere(x) * np.sqrt(n)
        x = skip * x + attention(z @ w_q, z @ w_k, z @ w_v)
        if activation is not None:
            z = on_sphere(x) * np.sqrt(n)
            x = skip * x + activation(z @ w_1) @ w_2
        spreads.append(spread(x))
    return spreads


if __name__ == "__main__":
    # --8<-- [start:walk]
    rng = np.random.default_rng(0)
    n = 8
    q, k = rng.standard_normal((2, n, 4))
    a = softmax(2 * scores(q, k))
    v = rng.standard_normal(n)  # one number for each token

    path = [v]
    for _ in range(12):
        path.append(a @ path[-1])
    factor = mixing(a)
    for layer in (0, 1, 2, 4, 8):
        print(
            f"layer {layer}   range {np.ptp(path[layer]):.4f}   "
            f"bound {factor**layer * np.ptp(v):.4f}"
        )
    p = stationary(a)
    print("p", p.round(2))
    print(f"p @ v {p @ v:.4f}   layer 12 {path[-1].min():.4f}")
    # --8<-- [end:walk]
    shrink = float(np.ptp(path[8]) / np.ptp(path[4])) ** 0.25
    width = float(np.ptp(2 * scores(q, k), axis=1).max())
    second = float(np.sort(np.abs(np.linalg.eigvals(a)))[-2])
    common = float(p @ v)
    plain_mean = float(v.mean())
    heaviest, lightest = float(p.max()), float(p.min())
    from_scores = 1 - np.exp(-width)

    # --8<-- [start:walk_picture]
    import matplotlib.pyplot as plt

    from snippets.palette import ACCENT, INK, LINE, SOFT

    below = {"ha": "right", "va": "top"}
    figure, axes = plt.subplots(figsize=(6.4, 2.9))
    axes.plot(path, color=INK, linewidth=1, linestyle="-")
    axes.axhline(common, color=ACCENT, linewidth=1, linestyle="--")
    axes.axhline(plain_mean, color=SOFT, linewidth=1, linestyle=":")
    axes.text(12, common - 0.08, "weighted mean", color=ACCENT, **below)
    axes.text(12, plain_mean + 0.06, "plain mean", color=SOFT, ha="right")
    axes.set(xlabel="layer", ylabel="value", xticks=[0, 4, 8, 12])
    plt.show()
    # --8<-- [end:walk_picture]

    # --8<-- [start:alternate]
    f = np.array([[1, 0, 0], [1, 0, 0], [0, 1, 0]])
    g = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 1]])
    for name, product in [("ff", f @ f), ("gg", g @ g), ("fg", f @ g)]:
        print(name, product.tolist())
    kept, alone = {}, {}
    for sharpness in (2, 4, 8, 16):
        soft_f, soft_g = softmax(sharpness * f), softmax(sharpness * g)
        turns = np.linalg.matrix_power(soft_f @ soft_g, 10)
        kept[sharpness] = mixing(turns)
        alone[sharpness] = max(
            mixing(np.linalg.matrix_power(soft, 20))
            for soft in (soft_f, soft_g)
        )
        print(
            f"sharpness {sharpness:2}   left after 20 layers: "
            f"in turns {kept[sharpness]:.4f}   "
            f"one alone under 1e-9: {alone[sharpness] < 1e-9}"
        )
    # --8<-- [end:alternate]

    # --8<-- [start:values]
    n, d, layers = 32, 8, 200
    kinds = {
        "I": (0, 1),
        "random": (1, 0),
        "shifted": (1, -2),
        "-I": (0, -1),
    }
    left = {}
    for name, (scale, shift) in kinds.items():
        tops, ends = [], []
        for seed in range(5):
            rng = np.random.default_rng(seed)
            x = on_sphere(rng.standard_normal((n, d)))
            noise = rng.standard_normal((d, d)) / np.sqrt(d)
            w_v = scale * noise + shift * np.eye(d)
            tops.append(np.linalg.eigvals(w_v).real.max())
            for _ in range(layers):
                x = move(x, 1, w_v)
            ends.append(spread(x))
        left[name] = [float(min(ends)), float(max(ends))]
        print(
            f"{name:8} largest real part {min(tops):5.2f} to "
            f"{max(tops):5.2f}   spread {min(ends):.1g} to {max(ends):.1g}"
        )
    # --8<-- [end:values]

    # --8<-- [start:mlp]
    kinds = {
        "attention": (0, None),
        "relu": (0, lambda z: np.maximum(z, 0)),
        "steep": (0, lambda z: np.tanh(30 * z)),
        "skip": (1, None),
        "skip_relu": (1, lambda z: np.maximum(z, 0)),
    }
    fourth, last, gone = {}, {}, {}
    for name, (skip, activation) in kinds.items():
        runs = [depth_profile(skip, activation, 12, seed) for seed in range(9)]
        middle = np.median(runs, axis=0)
        fourth[name], last[name] = middle[4], middle[12]
        gone[name] = sum(run[12] < 1e-6 for run in runs)
        print(
            f"{name:9}",
            *(f"{middle[layer]:7.2g}" for layer in (1, 2, 3, 4)),
            f"   layer 12 under 1e-6: {gone[name]} of 9",
        )
    # --8<-- [end:mlp]

    # --8<-- [start:gather]
    depths = (0, 20, 60, 200, 2000)
    rng = np.random.default_rng(2)
    angles = rng.uniform(0, 2 * np.pi, 32)
    paths, groups = {}, {}
    for beta in (1, 9):
        x = circle(angles)
        paths[beta] = [x]
        for _ in range(max(depths)):
            x = move(x, beta)
            paths[beta].append(x)
        groups[beta] = {depth: clusters(paths[beta][depth]) for depth in depths}
        print(f"beta {beta}   clusters at layer {groups[beta]}")
    # --8<-- [end:gather]

    # --8<-- [start:circle_picture]
    figure, grid = plt.subplots(2, 4, figsize=(6.4, 3.5))
    outline = circle(np.linspace(0, 2 * np.pi, 181))
    for row, beta in zip(grid, paths, strict=True):
        for axes, depth in zip(row, (0, 20, 60, 2000), strict=True):
            axes.plot(*outline.T, color=LINE, linewidth=1, linestyle="-")
            axes.plot(*paths[beta][depth].T, ".", color=INK, markersize=7)
            axes.set(xlim=(-1.2, 1.2), ylim=(-1.2, 1.2), aspect="equal")
            axes.set_axis_off()
            if beta == 1:
                axes.text(0, 1.25, str(depth), ha="center", color=SOFT)
        row[0].text(-1.6, 0, f"$\\beta={beta}$", ha="right", va="center")
    grid[0, 0].text(-1.6, 1.25, "layer", ha="right", color=SOFT)
    plt.show()
    # --8<-- [end:circle_picture]

    # --8<-- [start:angles_picture]
    cuts = {1: -0.18, 9: 0.02}  # angles are drawn from here on
    figure, pair = plt.subplots(1, 2, figsize=(6.8, 2.8), sharey=True)
    for axes, beta in zip(pair, paths, strict=True):
        x = np.array(paths[beta][:601])
        turned = np.unwrap(np.arctan2(x[..., 1], x[..., 0]), axis=0)
        turned += np.where(turned[0] < cuts[beta] * np.pi, 2 * np.pi, 0)
        axes.plot(turned / np.pi, color=INK, linewidth=0.8, linestyle="-")
        axes.set_xscale("symlog", linthresh=10)
        axes.set_xticks([0, 10, 100, 600], ["0", "10", "100", "600"])
        axes.minorticks_off()
        axes.text(600, 2.25, f"$\\beta={beta}$", ha="right", va="top")
        axes.set(xlabel="layer", ylim=(-0.2, 2.3), yticks=[0, 1, 2])
    pair[0].set_yticklabels(["0", "$\\pi$", "$2\\pi$"])
    pair[0].set_ylabel("angle")
    plt.show()
    # --8<-- [end:angles_picture]

    # --8<-- [start:sphere]
    x = on_sphere(np.random.default_rng(0).standard_normal((32, 3)))
    stages = {}
    for layer in range(4001):
        if layer in (0, 100, 400, 1000, 4000):
            stages[layer] = clusters(x)
        x = move(x, 4)
    print("clusters at layer", stages)
    # --8<-- [end:sphere]

    # --8<-- [start:meeting]
    step, start, end = 0.1, np.pi / 2, 0.1
    met, gaps = {}, {}
    for beta in (0, 2, 4, 6, 8):
        x = circle(np.array([0, 0, 0, start, start, start]))
        gaps[beta] = [start]
        while gaps[beta][-1] > end:
            x = move(x, beta, step=step)
            gaps[beta].append(float(np.arccos(x[0] @ x[-1])))
        met[beta] = len(gaps[beta]) - 1
    expected = {
        beta: meeting_time(beta, start, end) * (1 + step) / step
        for beta in (0, 2, 4, 6, 8, 12, 16)
    }
    for beta, layers in expected.items():
        print(
            f"beta {beta:2}   layers {met.get(beta, '-'):>5}   "
            f"from the integral {layers:11,.0f}"
        )
    # --8<-- [end:meeting]

    # --8<-- [start:meeting_picture]
    figure, axes = plt.subplots(figsize=(6.4, 3))
    for beta, gap in gaps.items():
        axes.plot(range(1, len(gap)), gap[1:], color=INK, linestyle="-")
        half = int(np.argmax(np.array(gap) < start / 2))
        axes.text(half * 0.82, start / 2, str(beta), ha="right")
    axes.set_xscale("log")
    axes.set_xticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    axes.minorticks_off()
    axes.set(ylim=(0, 1.7), yticks=[0, np.pi / 2], xlabel="layer")
    axes.set_yticklabels(["0", "$\\pi/2$"])
    axes.set_ylabel("angle")
    plt.show()
    # --8<-- [end:meeting_picture]

    # --8<-- [start:temperature]
    n, layers = 64, 200
    crests = np.arange(1, 25)
    even = np.linspace(0, 2 * np.pi, n, endpoint=False)
    predicted, counted = {}, {}
    for beta in (2, 4, 8, 16, 32):
        predicted[beta] = int(crests[growth(crests, beta).argmax()])
        ends = {"even": [], "random": []}
        for seed in range(5):
            rng = np.random.default_rng(seed)
            starts = {
                "even": even + 0.01 * rng.standard_normal(n),
                "random": rng.uniform(0, 2 * np.pi, n),
            }
            for name, angles in starts.items():
                x = circle(angles)
                for _ in range(layers):
                    x = move(x, beta)
                ends[name].append(clusters(x))
        counted[beta] = ends
        print(
            f"beta {beta:2}   fastest {predicted[beta]}   "
            f"almost even {ends['even']}   random {ends['random']}"
        )
    # --8<-- [end:temperature]

    # --8<-- [start:growth_picture]
    figure, axes = plt.subplots(figsize=(6.4, 2.9))
    shown = np.arange(1, 15)
    for beta in (2, 8, 32):
        rates = growth(shown, beta)
        best = rates.argmax()
        axes.plot(shown, rates, color=SOFT, linewidth=1, linestyle="-")
        axes.plot(shown, rates, ".", color=INK)
        axes.plot(shown[best], rates[best], "o", color=ACCENT)
        axes.text(
            shown[best], rates[best] + 0.04, f"$\\beta={beta}$", ha="center"
        )
    axes.set(ylim=(0, 0.85), yticks=[0, 0.4, 0.8], xticks=[1, 2, 4, 8, 12])
    axes.set(xlabel="crests", ylabel="rate")
    plt.show()
    # --8<-- [end:growth_picture]

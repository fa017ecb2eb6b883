"""Norms: how large, how strongly penalised, how easily misled, and how far a matrix stretches."""

from itertools import combinations

import numpy as np

from snippets.palette import INK, LINE, SOFT, B, C


def p_size(x: np.ndarray, p: float) -> np.ndarray:
    """(|x₁|ᵖ + … + |xₙ|ᵖ)^(1/p), along the last axis; no norm for p < 1."""
    return np.sum(np.abs(x) ** p, axis=-1) ** (1 / p)


def l1(x: np.ndarray) -> np.ndarray:
    """Sum of the absolute values, along the last axis."""
    return np.sum(np.abs(x), axis=-1)


def l2(x: np.ndarray) -> np.ndarray:
    """Length in the sense of Pythagoras, along the last axis."""
    return np.sqrt(np.sum(x**2, axis=-1))


def largest(x: np.ndarray) -> np.ndarray:
    """Largest absolute value, along the last axis."""
    return np.max(np.abs(x), axis=-1)


def non_zeros(x: np.ndarray) -> np.ndarray:
    """How many entries are not zero, along the last axis."""
    return np.sum(x != 0, axis=-1)


def soft_threshold(a: np.ndarray, strength: float) -> np.ndarray:
    """The w that minimises (w - a)² / 2 + strength · |w|, for each entry of `a`.

    It pulls `a` towards zero by `strength` and stops at zero.
    """
    return np.sign(a) * np.maximum(np.abs(a) - strength, 0.0)


def shrink(a: np.ndarray, strength: float) -> np.ndarray:
    """The w that minimises (w - a)² / 2 + strength · w² / 2, for each entry of `a`."""
    return a / (1 + strength)


def ridge(x: np.ndarray, y: np.ndarray, strength: float) -> np.ndarray:
    """Weights that minimise |y - x w|² / 2 + strength · |w|² / 2, by solving the equations.

    `x` has shape (samples, features), `y` (samples,).
    """
    return np.linalg.solve(x.T @ x + strength * np.eye(x.shape[1]), x.T @ y)


def lasso(x: np.ndarray, y: np.ndarray, strength: float,
          steps: int) -> np.ndarray:
    """Weights that minimise |y - x w|² / 2 + strength · |w|₁.

    Each step follows the slope of the error, then applies the threshold:
    ISTA, see Beck and Teboulle 2009.
    """
    rate = 1 / np.linalg.norm(x, 2) ** 2
    w = np.zeros(x.shape[1])
    for _ in range(steps):
        w = soft_threshold(w - rate * x.T @ (x @ w - y), rate * strength)
    return w


def lasso_by_slope(x: np.ndarray, y: np.ndarray, strength: float, steps: int) -> np.ndarray:
    """The same task by plain descent: the penalty's slope is the sign of each weight."""
    rate = 1 / np.linalg.norm(x, 2) ** 2
    w = np.zeros(x.shape[1])
    for _ in range(steps):
        w = w - rate * (x.T @ (x @ w - y) + strength * np.sign(w))
    return w


def polynomial(t: np.ndarray, degree: int) -> np.ndarray:
    """Columns 1, t, t², …, of shape (len(t), degree + 1)."""
    return t[:, None] ** np.arange(degree + 1)


def least_squares_line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and height of the line with the least sum of squared vertical errors."""
    rows = np.stack([x, np.ones(len(x))], axis=1)
    slope, height = np.linalg.lstsq(rows, y, rcond=None)[0]
    return float(slope), float(height)


def least_absolute_line(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and height of the line with the least sum of absolute vertical errors.

    Some best line passes through two of the points, so all pairs are tried.
    """
    def error(line):
        return np.abs(line[0] * x + line[1] - y).sum()

    lines = []
    for i, j in combinations(range(len(x)), 2):
        if x[i] != x[j]:
            slope = (y[j] - y[i]) / (x[j] - x[i])
            lines.append((float(slope), float(y[i] - slope * x[i])))
    return min(lines, key=error)


def directions(count: int) -> np.ndarray:
    """`count` unit vectors of the plane, evenly spread, in columns (2, count)."""
    angle = 2 * np.pi * np.arange(count) / count
    return np.stack([np.cos(angle), np.sin(angle)])


def queens(n: int, placed: tuple[int, ...] = ()) -> int:
    """Ways to put n queens on an n × n board, none attacking another.

    `placed` holds the columns chosen in the first rows.
    """
    if len(placed) == n:
        return 1
    row = len(placed)
    safe = (c for c in range(n)
            if all(c != q and abs(c - q) != row - r
                   for r, q in enumerate(placed)))
    return sum(queens(n, placed + (c,)) for c in safe)


if __name__ == "__main__":
    import matplotlib.pyplot as plt
    import torch

    from snippets.palette import ACCENT

    # --8<-- [start:rulers]
    x = np.array([3.0, -4.0])  # 3 blocks east, 4 blocks south
    print("L1:     ", l1(x))
    print("L2:     ", l2(x))
    print("largest:", largest(x))
    print("numpy:  ", [float(np.linalg.norm(x, p)) for p in (1, 2, np.inf)])
    # --8<-- [end:rulers]
    walk, flight, king = float(l1(x)), float(l2(x)), float(largest(x))

    # --8<-- [start:rulers_picture]
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 3.1))
    paths = ([(0, 0), (3, 0), (3, -4)], [(0, 0), (3, -4)],
             [(0, 0), (1, -1), (2, -2), (3, -3), (3, -4)])
    for ax, path, ruler in zip(axes, paths, (l1, l2, largest), strict=True):
        for k in range(5):
            ax.plot([k, k], [-4, 0], "-", color=LINE, linewidth=1)
            ax.plot([0, 4], [-k, -k], "-", color=LINE, linewidth=1)
        ax.plot(*np.array(path).T, "-", color=INK, linewidth=2)
        ax.plot(*np.array(path[1:-1] or [path[0]]).T, "o", color=INK, markersize=4)
        ax.plot([0, 3], [0, -4], "o", color=ACCENT, markersize=6)
        ax.text(2, 0.35, f"{ruler(x):.0f}", fontsize=13, ha="center")
        ax.set(aspect="equal", xlim=(-0.4, 4.4), ylim=(-4.5, 1))
        ax.set_axis_off()
    plt.show()
    # --8<-- [end:rulers_picture]

    # --8<-- [start:larger]
    rulers = {"L1": l1, "L2": l2, "largest": largest}
    flat, tall = np.array([3.0, 3.0]), np.array([4.5, 0.0])
    for name, ruler in rulers.items():
        a, b = ruler(flat), ruler(tall)
        larger = "flat" if a > b else "tall"
        print(f"{name:8} flat {a:.2f}  tall {b:.2f}  larger: {larger}")
    # --8<-- [end:larger]

    # --8<-- [start:balls]
    angle = np.linspace(0, 2 * np.pi, 721)
    arrows = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    shapes = rulers | {"p = 1/2": lambda v: p_size(v, 0.5)}
    figure, axes = plt.subplots(1, 4, figsize=(7.2, 2.3))
    for ax, (name, ruler) in zip(axes, shapes.items(), strict=True):
        edge = arrows / ruler(arrows)[:, None]  # shrunk or stretched to size 1
        ax.fill(*edge.T, facecolor=SOFT, alpha=0.15)
        ax.plot(*edge.T, "-", color=INK, linewidth=1.6)
        ax.axhline(0, color=LINE, linewidth=1, zorder=0)
        ax.axvline(0, color=LINE, linewidth=1, zorder=0)
        ax.text(0, 1.22, name, fontsize=11, ha="center")
        ax.set(aspect="equal", xlim=(-1.2, 1.2), ylim=(-1.2, 1.5))
        ax.set_axis_off()
    axes[3].plot([1, 0], [0, 1], "--", color=ACCENT, linewidth=1.2)
    axes[3].plot(0.5, 0.5, "o", color=ACCENT, markersize=5)
    plt.show()
    # --8<-- [end:balls]

    # --8<-- [start:rules]
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((2, 1000, 3))
    candidates = rulers | {"p = 1/2": lambda v: p_size(v, 0.5),
                           "non-zeros": non_zeros}
    detours = {}  # how often going straight to x + y is longer than via x
    for name, ruler in candidates.items():
        detours[name] = int(np.sum(ruler(x + y) > ruler(x) + ruler(y) + 1e-12))
        scales = bool(np.allclose(ruler(2 * x), 2 * ruler(x)))
        print(f"{name:9} shorter by a detour: {detours[name]:3}"
              f"  2x has twice the size: {scales}")
    # --8<-- [end:rules]

    # --8<-- [start:turn]
    x = np.array([1.0, 0.0])
    turn = np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2)  # by 45 degrees
    for name, ruler in rulers.items():
        print(f"{name:8} before {ruler(x):.2f}, after {ruler(turn @ x):.2f}")
    # --8<-- [end:turn]
    turned_l1 = float(l1(turn @ x))

    # --8<-- [start:sparsity]
    sparse, dense = np.array([10.0, 0, 0, 0]), np.array([0.1, 0.1, 0.1, 0.1])
    vectors = {"sparse": sparse, "dense": dense, "100 dense": 100 * dense}
    for name, v in vectors.items():
        a, b = l1(v), l2(v)
        print(f"{name:10} L1 {a:5.1f}  L2 {b:5.1f}"
              f"  non-zeros {non_zeros(v)}  L1/L2 {a / b:.1f}")
    # --8<-- [end:sparsity]
    sparse_l1, dense_l1 = float(l1(sparse)), float(l1(dense))

    # --8<-- [start:one_weight]
    grid = np.linspace(-3, 3, 600_001)  # every candidate w, in steps of 1e-5
    for a in (0.4, 1.5):
        fit = (grid - a) ** 2 / 2
        with_l1 = grid[np.argmin(fit + 1.0 * np.abs(grid))]
        with_l2 = grid[np.argmin(fit + 1.0 * grid**2 / 2)]
        print(f"a = {a}: by trying {with_l1:.3f} {with_l2:.3f}, "
              f"by formula {soft_threshold(a, 1.0):.3f} {shrink(a, 1.0):.3f}")
    # --8<-- [end:one_weight]

    # --8<-- [start:one_weight_picture]
    a = np.linspace(-3, 3, 601)
    figure, ax = plt.subplots(figsize=(5.8, 3.2))
    ax.plot(a, a, ":", color=SOFT, linewidth=1.4)
    ax.plot(a, shrink(a, 1.0), "--", color=SOFT, linewidth=1.8)
    ax.plot(a, soft_threshold(a, 1.0), "-", color=INK, linewidth=2)
    ax.plot([-1, 1], [0, 0], "-", color=ACCENT, linewidth=3)
    ax.text(3.08, 3.0, "no penalty", fontsize=10, va="center")
    ax.text(3.08, 2.1, "L1", fontsize=10, va="center")
    ax.text(3.08, 1.4, "squared L2", fontsize=10, va="center")
    ax.set(xticks=[-3, -1, 0, 1, 3], yticks=[-2, 0, 2], xlabel="$a$", ylabel="$w$")
    plt.show()
    # --8<-- [end:one_weight_picture]

    # --8<-- [start:corner]
    target, bowl = np.array([0.5, 1.6]), np.array([[1.0, 0.3], [0.3, 1.0]])
    figure, axes = plt.subplots(1, 2, figsize=(7.0, 3.3))
    across, up = np.meshgrid(np.linspace(-1.5, 2.2, 400), np.linspace(-1.4, 2.6, 400))
    offset = np.stack([across, up], axis=-1) - target
    loss = np.einsum("...i,ij,...j->...", offset, bowl, offset)
    meeting = {}
    for ax, (name, ruler) in zip(axes, (("L1", l1), ("L2", l2)), strict=True):
        edge = arrows / ruler(arrows)[:, None]
        height = np.einsum("ki,ij,kj->k", edge - target, bowl, edge - target)
        meeting[name] = edge[np.argmin(height)].round(2).tolist()
        ax.contour(across, up, loss, levels=[0.25 * height.min(), height.min()], colors=SOFT,
                   linewidths=1)
        ax.fill(*edge.T, facecolor=SOFT, alpha=0.15)
        ax.plot(*edge.T, "-", color=INK, linewidth=1.6)
        ax.plot(*edge[np.argmin(height)], "o", color=ACCENT, markersize=7)
        ax.plot(*target, "+", color=INK, markersize=9)
        ax.axhline(0, color=LINE, linewidth=1, zorder=0)
        ax.axvline(0, color=LINE, linewidth=1, zorder=0)
        ax.text(-1.4, 2.3, name, fontsize=11)
        ax.set(aspect="equal", xlim=(-1.5, 2.2), ylim=(-1.4, 2.6))
        ax.set_axis_off()
    plt.show()
    # --8<-- [end:corner]

    # --8<-- [start:sparse_fit]
    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 100))  # 60 samples, 100 features
    truth = np.zeros(100)
    truth[:5] = [3, -2, 2, -3, 2.5]  # only five features matter
    y = x @ truth + 0.1 * rng.standard_normal(60)

    weights = {"ridge": ridge(x, y, 5.0),
               "L1, slope": lasso_by_slope(x, y, 5.0, steps=2000),
               "L1, threshold": lasso(x, y, 5.0, steps=2000)}
    nonzero = {name: int(non_zeros(w)) for name, w in weights.items()}
    for name, w in weights.items():
        print(f"{name:13} non-zero weights: {nonzero[name]:3}"
              f"   above 0.05: {np.sum(np.abs(w) > 0.05):3}")
    print("found the five:", np.flatnonzero(weights["L1, threshold"]).tolist())
    # --8<-- [end:sparse_fit]
    small = {name: int(np.sum(np.abs(w) > 0.05)) for name, w in weights.items()}

    # --8<-- [start:overfit]
    rng = np.random.default_rng(0)

    def wave(t):
        return np.sin(2.5 * t)

    t = np.linspace(-1, 1, 15)
    t_new = np.linspace(-0.95, 0.95, 200)  # points not trained on

    def errors(y, strength):
        w = ridge(polynomial(t, 12), y, strength)
        at_old, at_new = polynomial(t, 12) @ w, polynomial(t_new, 12) @ w
        return np.mean((at_old - y) ** 2), np.mean((at_new - wave(t_new)) ** 2)

    many = wave(t) + 0.3 * rng.standard_normal((200, 15))  # 200 sets of data
    y = many[0]
    error = {}
    for strength in (0.0, 1e-4, 1e-2, 1.0, 1e2, 1e4):
        old, new = errors(y, strength)
        error[strength] = float(new)
        print(f"strength {strength:5.0e}: trained {old:6.4f}, new {new:.2g}")
    on_new = np.array([[errors(ys, strength)[1] for strength in (0.0, 1e-2, 1e4)]
                       for ys in many])
    valleys = int(np.sum(on_new.argmin(axis=1) == 1))
    print("middle strength best:", valleys, "of", len(many))
    # --8<-- [end:overfit]

    # --8<-- [start:overfit_picture]
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.5), sharey=True)
    for ax, strength in zip(axes, (0.0, 1e-2, 1e4), strict=True):
        w = ridge(polynomial(t, 12), y, strength)
        ax.plot(t_new, wave(t_new), ":", color=SOFT, linewidth=1.4)
        ax.plot(t_new, polynomial(t_new, 12) @ w, "-", color=INK, linewidth=1.8)
        ax.plot(t, y, "o", color=SOFT, markersize=4)
        ax.text(0, 2.6, f"{strength:g}", fontsize=11, ha="center")
        ax.set(xticks=[], yticks=[], ylim=(-2.3, 2.5))
    plt.show()
    # --8<-- [end:overfit_picture]

    # --8<-- [start:decay]
    def train(optimiser, **options):
        w = torch.ones(2, dtype=torch.float64, requires_grad=True)
        step = optimiser([w], lr=0.02, **options)
        for k in range(200):  # a loss whose slopes only swing to and fro
            w.grad = torch.tensor([0.01, 10.0]).double() * (-1) ** k
            step.step()
        return w.detach().numpy()

    left = {"Adam, L2 in the loss": train(torch.optim.Adam, weight_decay=0.1),
            "AdamW, decay": train(torch.optim.AdamW, weight_decay=0.1)}
    for name, w in left.items():
        print(f"{name:21} quiet weight {w[0]:.2f}, noisy weight {w[1]:.2f}")
    # --8<-- [end:decay]
    adam, adamw = left["Adam, L2 in the loss"].tolist(), left["AdamW, decay"].tolist()

    # --8<-- [start:centre]
    values = np.append(np.linspace(-1, 1, 100), 1000.0)  # one slip of the pen
    mean, median = float(np.mean(values)), float(np.median(values))
    tried = np.linspace(-2, 20, 2201)
    gaps = tried[:, None] - values
    by_squares, by_sizes = tried[np.argmin(l2(gaps))], tried[np.argmin(l1(gaps))]
    print(f"least sum of squares at {by_squares:5.2f}, mean   {mean:.2f}")
    print(f"least absolute sum at   {by_sizes:5.2f}, median {median:.2f}")
    # --8<-- [end:centre]

    # --8<-- [start:outliers]
    rng = np.random.default_rng(1)
    x = np.linspace(0, 10, 40)
    clean = 2 * x + 1 + 0.2 * rng.standard_normal(40)
    high, far = clean.copy(), x.copy()
    high[-4:] += 40  # four wrong y
    far[:4] = 60  # four wrong x

    slopes = {}
    for name, (a, b) in {"clean": (x, clean), "wrong y": (x, high),
                         "wrong x": (far, clean)}.items():
        slopes[name] = [fit(a, b)[0]
                        for fit in (least_squares_line, least_absolute_line)]
        print(f"{name:8} slope: squares {slopes[name][0]:5.2f},"
              f" absolute {slopes[name][1]:5.2f}")
    # --8<-- [end:outliers]

    # --8<-- [start:outliers_picture]
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.1))
    for ax, name, (a, b) in ((axes[0], "wrong y", (x, high)),
                             (axes[1], "wrong x", (far, clean))):
        ends = np.array([0, a.max()])
        for fit, style in ((least_squares_line, "--"), (least_absolute_line, "-")):
            slope, height = fit(a, b)
            ax.plot(ends, slope * ends + height, style, color=INK, linewidth=1.6)
        wrong = (b != clean) | (a != x)
        ax.plot(a[~wrong], b[~wrong], "o", color=SOFT, markersize=3)
        ax.plot(a[wrong], b[wrong], "o", color=ACCENT, markersize=5)
        ax.set(xticks=[], yticks=[], xlabel=name)
    plt.show()
    # --8<-- [end:outliers_picture]

    # --8<-- [start:crowd]
    crowded = {}
    for wrong in (4, 8, 12):
        high = clean.copy()
        high[-wrong:] += 40  # all at one end
        crowded[wrong] = least_absolute_line(x, high)[0]
        print(f"{wrong:2} wrong y of 40: slope {crowded[wrong]:.1f}")
    # --8<-- [end:crowd]

    # --8<-- [start:stretch]
    W = np.array([[1.0, 0.8], [0.0, 1.0]])
    tried = directions(3600)
    lengths = np.linalg.norm(W @ tried, axis=0)
    print(f"stretch: least {lengths.min():.3f}, most {lengths.max():.3f}")
    print(f"numpy norm(W, 2):        {np.linalg.norm(W, 2):.3f}")
    print(f"all entries as a vector: {np.sqrt(np.sum(W**2)):.3f}")
    print(f"numpy norm(W):           {np.linalg.norm(W):.3f}")
    # --8<-- [end:stretch]
    most, least = float(lengths.max()), float(lengths.min())
    frobenius = float(np.linalg.norm(W))

    # --8<-- [start:stretch_picture]
    figure, axes = plt.subplots(1, 3, figsize=(7.2, 2.8))
    for ax, name, p in zip(axes, ("L2", "L1", "largest"), (2, 1, np.inf), strict=True):
        edge = (arrows / rulers[name](arrows)[:, None]).T
        image = W @ edge
        farthest = np.argmax(rulers[name](image.T))
        size = np.linalg.norm(W, p)
        ax.plot(*edge, "-", color=B, linewidth=1.4)
        ax.plot(*image, "-", color=C, linewidth=1.8)
        ax.plot(*(size * edge), ":", color=SOFT, linewidth=1.2)
        ax.plot(*image[:, farthest], "o", color=ACCENT, markersize=6)
        ax.text(0, 2.05, name, fontsize=11, ha="center")
        ax.set(aspect="equal", xlim=(-2.1, 2.1), ylim=(-2.1, 2.4))
        ax.set_axis_off()
    plt.show()
    # --8<-- [end:stretch_picture]

    # --8<-- [start:sums]
    W = np.array([[1.0, -2.0], [3.0, 4.0]])
    print("norm(W, 1):  ", np.linalg.norm(W, 1), " column sums:", l1(W.T))
    print("norm(W, inf):", np.linalg.norm(W, np.inf), " row sums:", l1(W))
    print("all entries: ", l1(W.ravel()))
    # --8<-- [end:sums]

    # --8<-- [start:identity]
    for n in (4, 100):
        eye, one = np.eye(n), np.outer(np.ones(n), np.ones(n)) / n
        for name, M in (("identity", eye), ("rank one", one)):
            print(f"{name} {n:3}: frobenius {np.linalg.norm(M):4.1f},"
                  f" spectral {np.linalg.norm(M, 2):.1f}")
    # --8<-- [end:identity]

    # --8<-- [start:chain]
    ones = np.ones((2, 2))
    for name, p in (("spectral", 2), ("frobenius", "fro")):
        one, two = np.linalg.norm(ones, p), np.linalg.norm(ones @ ones, p)
        print(f"{name:13} {one:.1f}, of the square {two:.1f},"
              f" bound {one * one:.1f}")
    one, two = ones.max(), (ones @ ones).max()
    print(f"largest entry {one:.1f}, of the square {two:.1f}, bound {one * one:.1f}")
    # --8<-- [end:chain]

    # --8<-- [start:board]
    ways = [queens(n) for n in range(4, 9)]
    print("4 to 8 queens:", ways)
    # --8<-- [end:board]
    eight_queens = ways[-1]

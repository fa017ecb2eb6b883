"""Dropout as multiplication by a random diagonal matrix: moments, ridge, matrices, averages.

p is the chance to be dropped. A mask D is diagonal; its entries are independent, 0 with
chance p and otherwise 1 (plain) or 1 / (1 - p) (inverted, the convention of torch).
Where every mask is tried, n entries make 2**n masks.
"""

from collections.abc import Callable

import numpy as np

Array = np.ndarray


def moments(p: float, inverted: bool) -> tuple[float, float]:
    """Mean and variance of one diagonal entry of D."""
    if inverted:
        return 1.0, p / (1 - p)
    return 1 - p, p * (1 - p)


def all_masks(n: int, p: float) -> tuple[Array, Array]:
    """Every 0/1 mask of n entries, (2**n, n), and its chance, (2**n,)."""
    kept = np.arange(2**n)[:, None] >> np.arange(n) & 1
    return kept.astype(float), np.prod(np.where(kept, 1 - p, p), axis=1)


def covariance_after(
    mean: Array, cov: Array, p: float, inverted: bool
) -> Array:
    """Covariance of D x; x has this mean, (n,), and covariance, (n, n)."""
    m, v = moments(p, inverted)
    squares = np.diag(cov) + mean**2  # E[x_i^2]
    return m**2 * cov + v * np.diag(squares)


def enumerated(points: Array, p: float, inverted: bool) -> tuple[Array, Array]:
    """Mean and covariance of D x over every row x of points and every mask, exactly.

    points: (rows, n), each row equally likely.
    """
    masks, chance = all_masks(points.shape[1], p)
    if inverted:
        masks = masks / (1 - p)
    dropped = (points[:, None, :] * masks).reshape(-1, points.shape[1])
    weight = np.tile(chance, len(points)) / len(points)
    mean = weight @ dropped
    centred = dropped - mean
    return mean, centred.T * weight @ centred


def noise_of_product(w: Array, x: Array, p: float, connect: bool) -> Array:
    """Covariance of the next product's outputs for one x, over all masks, inverted.

    w: (m, n), x: (n,). Dropout masks x; with connect each entry of w has a mask of its own
    (DropConnect, Wan et al. 2013).
    """
    masks, chance = all_masks(w.size if connect else len(x), p)
    masks = masks.reshape(-1, *w.shape) if connect else masks[:, None, :]
    y = (masks / (1 - p) * w) @ x
    y -= chance @ y
    return y.T * chance @ y


def dropout_loss(x: Array, y: Array, w: Array, p: float) -> float:
    """Mean of |y - (masked x) w|^2 over all masks, one per row, inverted.

    x: (rows, n), y: (rows,), w: (n,).
    """
    masks, chance = all_masks(x.shape[1], p)
    guesses = x * w @ masks.T / (1 - p)  # (rows, masks)
    return float(((y[:, None] - guesses) ** 2 @ chance).sum())


def ridge_loss(x: Array, y: Array, w: Array, p: float) -> float:
    """The same without masks: squared error plus p / (1 - p) sum_j w_j^2 |x_j|^2.

    Srivastava et al. (2014), section 9.1.
    """
    penalty = (x**2).sum(axis=0) @ w**2
    return float(((y - x @ w) ** 2).sum() + p / (1 - p) * penalty)


def dropout_regression(x: Array, y: Array, p: float) -> Array:
    """The w that makes `dropout_loss` least."""
    gram = x.T @ x
    penalty = p / (1 - p) * np.diag(np.diag(gram))
    return np.linalg.solve(gram + penalty, x.T @ y)


def dropout_descent(
    x: Array, y: Array, p: float, rate: float, steps: int, rng: np.random.Generator
) -> Array:
    """Gradient descent with fresh masks at each step; the mean w of the last half."""
    w, total = np.zeros(x.shape[1]), np.zeros(x.shape[1])
    for step in range(steps):
        seen = x * (rng.random(x.shape) >= p) / (1 - p)
        w -= rate * seen.T @ (seen @ w - y) / len(x)
        total += w * (step >= steps // 2)
    return total / ((steps + 1) // 2)


def logistic_penalty(x: Array, w: Array, p: float) -> tuple[float, float]:
    """What dropout of x, (n,), adds to the logistic loss: over all masks, and to second order.

    The loss is log(1 + e^z) - label * z with z = w x; the second term is linear and its mean
    does not change. Second order: Wager, Wang and Liang (2013).
    """
    masks, chance = all_masks(len(x), p)
    z = w @ x
    exact = chance @ np.logaddexp(0, masks / (1 - p) @ (w * x)) - np.logaddexp(0, z)
    slope = 1 / (1 + np.exp(-z))
    return float(exact), float(slope * (1 - slope) / 2 * p / (1 - p) * (w * x) @ (w * x))


def mean_output(f: Callable, n: int, p: float) -> Array:
    """Mean of f over all inverted masks of n entries, (outputs,).

    f: (masks, n) to (masks, outputs).
    """
    masks, chance = all_masks(n, p)
    return chance @ f(masks / (1 - p))


def excess_error(x: Array, noise: Array, truth: Array, p: float) -> float:
    """Test error above the noise after fitting x truth + noise, new rows from N(0, I)."""
    gap = dropout_regression(x, x @ truth + noise, p) - truth
    return float(gap @ gap)


def spread_over_masks(w: Array, p: float) -> float:
    """Standard deviation of w D x over masks, inverted; root mean square over x from N(0, I)."""
    return float(np.sqrt(moments(p, True)[1]) * np.linalg.norm(w))


if __name__ == "__main__":
    import matplotlib.pyplot as plt
    import torch
    from torch.nn import functional as F

    from snippets.palette import ACCENT, INK, LINE, SOFT, B, C

    # --8<-- [start:mask]
    x = np.array([3.0, 1, 2, 4])
    D = np.diag([1.0, 0, 1, 1])
    print("D @ x      ", D @ x)
    print("d * x      ", np.diag(D) * x)

    ones = torch.ones(1000)
    print("torch train", F.dropout(ones, 0.2).unique().tolist())
    same = torch.equal(F.dropout(ones, 0.2, training=False), ones)
    print("torch eval is identity:", same)
    # --8<-- [end:mask]
    torch_values = F.dropout(ones, 0.2).unique().tolist()

    # --8<-- [start:average]
    masks, chance = all_masks(4, p=0.25)
    print("masks         ", len(masks), "  chances add to", chance.sum())
    print("mean, plain   ", chance @ (masks * x))
    print("mean, inverted", chance @ (masks * x / 0.75))
    # --8<-- [end:average]
    mask_count = len(masks)

    # --8<-- [start:noise]
    x = np.array([1.0, 2, 4])
    masks, chance = all_masks(3, p=0.2)
    seen = masks * x / 0.8
    variance = chance @ (seen - chance @ seen) ** 2
    print("x       ", x)
    print("variance", variance.round(9))
    print("sd      ", np.sqrt(variance).round(9))
    # --8<-- [end:noise]
    noise_variance, noise_sd = variance.tolist(), np.sqrt(variance).tolist()

    # --8<-- [start:covariance]
    rng = np.random.default_rng(0)
    points = rng.integers(-4, 9, (10, 4)).astype(float)
    mean, cov = points.mean(axis=0), np.cov(points.T, bias=True)
    worst = 0.0
    for p in (0.1, 0.5, 0.8):
        for inverted in (False, True):
            exact = enumerated(points, p, inverted)[1]
            formula = covariance_after(mean, cov, p, inverted)
            worst = max(worst, np.abs(exact - formula).max())
    cases = len(points) * 2 ** points.shape[1]
    print(f"{cases} cases each, formula exact: {worst < 1e-12}")
    # --8<-- [end:covariance]
    formula_exact = bool(worst < 1e-12)

    # --8<-- [start:wrong]
    no_mean, other, sampled = {}, {}, {}
    many = points[rng.integers(0, len(points), 200_000)]
    for p in (0.1, 0.5, 0.8):
        right = covariance_after(mean, cov, p, inverted=True)
        seen = many * (rng.random(many.shape) >= p) / (1 - p)
        tries = {
            "sampled": np.cov(seen.T),
            "no mean": covariance_after(0 * mean, cov, p, inverted=True),
            "plain": covariance_after(mean, cov, p, inverted=False),
        }
        size = np.linalg.norm(right)
        gap = {k: np.linalg.norm(c - right) / size for k, c in tries.items()}
        print(f"p {p}", *(f"  {k} {g:6.1%}" for k, g in gap.items()))
        sampled[p], no_mean[p], other[p] = (float(g) for g in gap.values())
    # --8<-- [end:wrong]

    # --8<-- [start:cloud]
    rng = np.random.default_rng(1)
    mu, sigma = np.array([2.0, 1.5]), np.array([[1, 0.8], [0.8, 1]])
    cloud = rng.multivariate_normal(mu, sigma, 400)
    kept = rng.random(cloud.shape) >= 0.5
    turn = np.linspace(0, 2 * np.pi, 100)
    circle = np.array([np.cos(turn), np.sin(turn)])
    plain, inverse = (
        covariance_after(mu, sigma, 0.5, inverted) for inverted in (False, True)
    )
    panels = (
        ("before", cloud, mu, sigma, B),
        ("plain", cloud * kept, mu / 2, plain, C),
        ("inverted", cloud * kept * 2, mu, inverse, C),
    )
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.9), sharex=True, sharey=True)
    for ax, (name, dots, centre, c, colour) in zip(axes, panels, strict=True):
        ax.plot(*dots.T, "o", color=colour, ms=2, alpha=0.5, mew=0)
        ring = centre[:, None] + 2 * np.linalg.cholesky(c) @ circle
        ax.plot(*ring, color=INK, lw=1.6)
        ax.plot(*centre, "+", color=INK, ms=8, mew=1.6)
        ax.text(-3, 9.4, name, color=INK)
        ax.set(xlim=(-3.2, 10.8), ylim=(-4, 10.4), xticks=[0, 5], yticks=[0, 5])
        ax.set_aspect("equal")
    plt.show()
    # --8<-- [end:cloud]

    # --8<-- [start:correlation]
    rho, shrunk = 0.8, {}
    sigma = np.array([[1, rho], [rho, 1]])
    for mean_size in (0, 1, 3):
        row = []
        for p in (0.1, 0.5, 0.9):
            c = covariance_after(np.full(2, float(mean_size)), sigma, p, True)
            row.append(float(c[0, 1] / c[0, 0]))
        print(f"mean {mean_size}", *(f"  {r:.3f}" for r in row))
        shrunk[mean_size] = row
    # --8<-- [end:correlation]

    # --8<-- [start:copies]
    rng = np.random.default_rng(2)
    feature, extra = rng.standard_normal((2, 50))
    y = 6 * feature + 2 * extra
    error_per_copy = {}
    for k in (1, 2, 3):
        x = np.column_stack([feature] * k + [extra])
        w = dropout_regression(x, y, 0.5)
        loss = dropout_loss(x, y, w, 0.5) / len(y)
        print(f"{k} copies   w", w.round(2), f"  loss {loss:.2f}")
        error_per_copy[k] = float(loss)
    # --8<-- [end:copies]

    # --8<-- [start:ridge]
    rng = np.random.default_rng(3)
    x = rng.standard_normal((40, 5)) * [1, 2, 1, 1, 3]
    y = x @ [3, -1, 2, 0, 0.5] + 2 * rng.standard_normal(40)
    w = rng.standard_normal(5)
    masked = dropout_loss(x, y, w, 0.3)
    penalised = ridge_loss(x, y, w, 0.3)
    print(f"all masks {masked:.6f}   penalty {penalised:.6f}")
    # --8<-- [end:ridge]

    # --8<-- [start:descent]
    found = {}
    for p in (0.2, 0.5, 0.8):
        exact = dropout_regression(x, y, p)
        rng = np.random.default_rng(4)
        found[p] = dropout_descent(x, y, p, 0.01, 8000, rng)
        gap = np.linalg.norm(found[p] - exact) / np.linalg.norm(exact)
        print(f"p {p}  solved", exact.round(2), "  within 5%:", gap < 0.05)
    # --8<-- [end:descent]
    descent_close = all(
        np.linalg.norm(found[p] - dropout_regression(x, y, p))
        < 0.05 * np.linalg.norm(dropout_regression(x, y, p))
        for p in found
    )

    # --8<-- [start:descent_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    grid = np.linspace(0, 0.95, 96)
    paths = np.array([dropout_regression(x, y, p) for p in grid])
    ax.axhline(0, color=LINE, lw=1)
    ax.plot(grid, paths, color=INK, lw=1.6, ls="-")
    for p, w in found.items():
        ax.plot([p] * 5, w, "o", color=ACCENT, ms=5)
    ax.text(0.83, 1.75, "descent with masks", color=ACCENT, ha="left")
    ax.text(0.3, 2.65, "solved", color=INK)
    ax.set(xlim=(0, 1.12), xticks=[0, 0.2, 0.5, 0.8, 1])
    ax.set_yticks([-1, 0, 1, 2, 3])
    ax.set_xlabel("p")
    ax.set_ylabel("weights")
    plt.show()
    # --8<-- [end:descent_picture]

    # --8<-- [start:units]
    def ridge(x, y):
        return np.linalg.solve(x.T @ x + 40 * np.eye(5), x.T @ y)

    def by_dropout(x, y):
        return dropout_regression(x, y, 0.5)

    changed = {}
    finer = x * [1000, 1, 1, 1, 1]  # metres become millimetres
    for name, fit in (("ridge", ridge), ("dropout", by_dropout)):
        before, after = x @ fit(x, y), finer @ fit(finer, y)
        changed[name] = float(np.abs(after - before).max())
        print(f"{name:7}   predictions move by {changed[name]:.3f}")
    # --8<-- [end:units]

    # --8<-- [start:logistic]
    rng = np.random.default_rng(5)
    x, w = rng.standard_normal((2, 10))
    quotient = {}
    for size in (0.1, 1, 10):
        for p in (0.1, 0.5):
            exact, second = logistic_penalty(x, size * w, p)
            quotient[f"{size}, {p}"] = exact / second
            both = f"exact {exact:.2g}   second order {second:.2g}"
            print(f"w x {size:3}  p {p}   {both}")
    # --8<-- [end:logistic]

    # --8<-- [start:matrix]
    rng = np.random.default_rng(6)
    X = np.ones((6, 8))  # 6 tokens, 8 features, rank 1
    M = (rng.random(X.shape) >= 0.5).astype(float)
    token, feature = M[:, 0], M[0]
    made = {
        "entries  M * X": M * X,
        "tokens   D @ X": np.diag(token) @ X,
        "features X @ D": X @ np.diag(feature),
    }
    ranks = [int(np.linalg.matrix_rank(x)) for x in made.values()]
    for name, rank in zip(made, ranks, strict=True):
        print(f"{name}   rank {rank}")
    long = np.diag(M.ravel()) @ X.ravel()
    print("one long vector:", np.array_equal(long, (M * X).ravel()))
    # --8<-- [end:matrix]

    # --8<-- [start:matrix_picture]
    names = ("entries", "tokens", "features")
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.2))
    grey = rng.uniform(0.35, 1, (12, 16))
    kept = (rng.random(grey.shape) >= 0.4).astype(float)
    shapes = (kept, kept[:, :1] + 0 * kept, kept[:1] + 0 * kept)
    for ax, name, mask in zip(axes, names, shapes, strict=True):
        ax.imshow(grey * mask, cmap="Greys", vmin=0, vmax=1, aspect="auto")
        ax.set_xlabel(name)
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set(visible=True, color=SOFT)
    plt.show()
    # --8<-- [end:matrix_picture]

    # --8<-- [start:window]
    window_sd, shared_sd = {}, {}
    for k in (1, 4, 9):
        window = np.ones(k)
        masks, chance = all_masks(k, 0.5)
        own = (masks / 0.5 * window).mean(axis=1)
        window_sd[k] = float(np.sqrt(chance @ (own - 1) ** 2))
        masks, chance = all_masks(1, 0.5)
        one = (masks / 0.5 * window).mean(axis=1)
        shared_sd[k] = float(np.sqrt(chance @ (one - 1) ** 2))
        both = f"own {window_sd[k]:.3f}   shared {shared_sd[k]:.3f}"
        print(f"window {k}   {both}")
    # --8<-- [end:window]

    # --8<-- [start:next_product]
    rng = np.random.default_rng(7)
    W, x = rng.integers(-3, 4, (3, 4)), np.array([1.0, 2, -1, 3])
    for name, connect in (("dropout", False), ("dropconnect", True)):
        print(name)
        print(noise_of_product(W, x, 0.5, connect).round(9))
    print("W diag(x^2) W^T")  # v = 1 at p = 0.5
    print(W * x**2 @ W.T)
    # --8<-- [end:next_product]

    # --8<-- [start:ensemble]
    rng = np.random.default_rng(8)
    W1, W2, W3 = rng.standard_normal((3, 6, 6))
    x, p = rng.standard_normal(6), 0.5

    def relu(z):
        return np.maximum(z, 0)

    def linear(d):  # three matrices, masks on both hidden layers
        return (W1 @ x * d[:, :6] @ W2.T * d[:, 6:]) @ W3.T

    def after(d):  # one hidden layer, mask after its ReLU
        return (relu(W1 @ x) * d) @ W2.T

    def before(d):  # mask on the input, ReLU behind it
        return relu((x * d) @ W1.T) @ W2.T

    def both(d):  # two hidden layers, a mask after each ReLU
        return (relu((relu(W1 @ x) * d[:, :6]) @ W2.T) * d[:, 6:]) @ W3.T

    ensemble_gap = {}
    nets = {"linear": linear, "after": after, "before": before, "both": both}
    for name, f in nets.items():
        n = 12 if name in ("linear", "both") else 6
        scaled = f(np.ones((1, n)))[0]
        gap = np.linalg.norm(mean_output(f, n, p) - scaled)
        gap /= np.linalg.norm(scaled)
        shown = "0" if gap < 1e-12 else f"{gap:.2f}"
        print(f"{name:6}  {2**n:4} masks   gap {shown}")
        ensemble_gap[name] = float(gap)
    # --8<-- [end:ensemble]

    # --8<-- [start:softmax]
    def softmax(z):
        e = np.exp(z)
        return e / e.sum(axis=-1, keepdims=True)

    def classify(d):
        return softmax((x * d) @ W1.T)

    scaled = classify(np.ones((1, 6)))[0]
    arithmetic = mean_output(classify, 6, p)
    geometric = np.exp(mean_output(lambda d: np.log(classify(d)), 6, p))
    geometric /= geometric.sum()
    for q in (scaled, arithmetic, geometric):
        print(q.round(3))
    # --8<-- [end:softmax]
    geometric_gap = float(np.abs(geometric - scaled).max())
    arithmetic_gap = float(np.abs(arithmetic - scaled).max())

    # --8<-- [start:helps]
    truth, grid = np.full(10, 0.5), np.linspace(0, 0.9, 91)
    error = {}
    for rows in (15, 50, 500):
        rng, total = np.random.default_rng(9), 0.0
        for _ in range(60):
            x = rng.standard_normal((rows, 10))
            noise = rng.standard_normal(rows)
            total += np.array([excess_error(x, noise, truth, p) for p in grid])
        error[rows] = total / total[0]
        best = grid[error[rows].argmin()]
        half = error[rows][50]  # p = 0.5
        print(f"{rows:3} rows   best p {best:.2f}   at p 0.5: {half:.2g} times")
    # --8<-- [end:helps]
    best_p = {rows: float(grid[e.argmin()]) for rows, e in error.items()}
    at_half = {rows: float(e[50]) for rows, e in error.items()}

    # --8<-- [start:helps_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.2))
    ax.axhline(1, color=LINE, lw=1.2)
    styles = {15: (ACCENT, "-"), 50: (SOFT, "--"), 500: (INK, "-")}
    for rows, (colour, style) in styles.items():
        ax.plot(grid, error[rows], color=colour, ls=style, lw=2)
        ax.plot(best_p[rows], error[rows].min(), "o", color=colour, ms=5)
    ax.text(0.5, 0.36, "15 rows", color=ACCENT)
    ax.text(0.62, 1.5, "50 rows", color=SOFT)
    ax.text(0.2, 8, "500 rows", color=INK, ha="right")
    ax.set(yscale="log", ylim=(0.1, 30), xticks=[0, 0.3, 0.6, 0.9])
    ax.set_yticks([0.1, 1, 10], ["0.1", "1", "10"])
    ax.set_xlabel("p")
    ax.set_ylabel("error")
    plt.show()
    # --8<-- [end:helps_picture]

    # --8<-- [start:spread]
    rng = np.random.default_rng(10)
    masks, redrawn = {"half": {}, "best": {}}, {"half": {}, "best": {}}
    for rows in (15, 50, 500):
        for name, p in ("half", 0.5), ("best", 4 / (rows + 4)):
            fits = []
            for _ in range(60):
                x = rng.standard_normal((rows, 10))
                y = x @ truth + rng.standard_normal(rows)
                fits.append(dropout_regression(x, y, p))
            masks[name][rows] = np.mean([spread_over_masks(w, p) for w in fits])
            redrawn[name][rows] = np.sqrt(np.var(fits, axis=0).sum())
            print(f"{rows:3} rows   p {p:.3f}   over masks {masks[name][rows]:.2f}"
                  f"   over training sets {redrawn[name][rows]:.2f}")
    # --8<-- [end:spread]

"""Solutions to the exercises on dropout."""

import numpy as np

from snippets.language.dropout import all_masks, moments

Array = np.ndarray


def cleaned(mean: Array, cov: Array, p: float) -> tuple[Array, Array]:
    """Mean and covariance before inverted dropout, from those after it."""
    v = moments(p, inverted=True)[1]
    before = cov.copy()
    np.fill_diagonal(before, (np.diag(cov) - v * mean**2) / (1 + v))
    return mean, before


def row_sum_sd(row: Array, p: float) -> float:
    """Standard deviation of the sum of a row of attention weights after inverted dropout."""
    return float(np.sqrt(p / (1 - p) * row @ row))


def gaussian_softplus(x: Array, w: Array, p: float) -> float:
    """Mean of log(1 + e^z), z = sum_j w_j x_j g_j, g_j from N(1, p / (1 - p)).

    z is Gaussian, so a Gauss-Hermite sum in one dimension is enough.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    sd = np.sqrt(p / (1 - p) * (w * x) @ (w * x))
    return float(weights @ np.logaddexp(0, w @ x + sd * nodes) / weights.sum())


def variance_ratio(mean: float, variance: float, p: float) -> float:
    """Variance with inverted dropout over variance without it."""
    return 1 + p / (1 - p) * (1 + mean**2 / variance)


def best_drop(rows: int, noise: float, truth: Array) -> float:
    """The p of least expected test error if x^T x = rows * I and noise is its variance."""
    v = len(truth) * noise / (rows * truth @ truth)
    return float(v / (1 + v))


if __name__ == "__main__":
    import torch

    from snippets.language.dropout import enumerated, excess_error

    # --8<-- [start:twice]
    x = np.array([3.0, 1, 2])
    a, chance_a = all_masks(3, 0.2)
    b, chance_b = all_masks(3, 0.5)
    both = (a[:, None] * b).reshape(-1, 3)
    chance = np.outer(chance_a, chance_b).ravel()
    single, chance_once = all_masks(3, 1 - 0.8 * 0.5)
    for mask, c in zip(single, chance_once, strict=True):
        found = chance[(both == mask).all(axis=1)].sum()
        print(mask.astype(int), f"  once {c:.3f}   twice {found:.3f}")
    # --8<-- [end:twice]
    once = 1 - 0.8 * 0.5

    # --8<-- [start:clean]
    rng = np.random.default_rng(0)
    points = rng.integers(-4, 9, (12, 3)).astype(float)
    mean, cov = cleaned(*enumerated(points, 0.3, True), 0.3)
    print("mean back:", np.allclose(mean, points.mean(axis=0)))
    print("covariance back:", np.allclose(cov, np.cov(points.T, bias=True)))
    # --8<-- [end:clean]
    recovered = bool(np.allclose(cov, np.cov(points.T, bias=True)))

    # --8<-- [start:attention]
    rows = {
        "even": np.full(8, 1 / 8),
        "half": np.array([0.5] + [0.5 / 7] * 7),
        "one": np.eye(8)[0],
    }
    masks, chance = all_masks(8, 0.1)
    sum_sd = {}
    for name, row in rows.items():
        sums = masks / 0.9 @ row
        sum_sd[name] = row_sum_sd(row, 0.1)
        tried = np.sqrt(chance @ (sums - chance @ sums) ** 2)
        print(f"{name}   masks {tried:.3f}   formula {sum_sd[name]:.3f}")
    # --8<-- [end:attention]

    # --8<-- [start:gaussian]
    w, x, p = np.array([1.0, -2, 0.5]), np.array([2.0, 1, 2]), 0.5
    masks, chance = all_masks(3, p)
    z = masks / (1 - p) @ (w * x)
    v = p / (1 - p)
    spread = v * (w * x) @ (w * x)
    centre = w @ x
    square = {
        "masks": chance @ (3 - z) ** 2,
        "gauss": (3 - centre) ** 2 + spread,
    }
    logistic = {
        "masks": chance @ np.logaddexp(0, z),
        "gauss": gaussian_softplus(x, w, p),
    }
    for name in square:
        s, g = square[name], logistic[name]
        print(f"{name}   squared {s:.4f}   logistic {g:.4f}")
    # --8<-- [end:gaussian]
    logistic = {k: float(g) for k, g in logistic.items()}

    # --8<-- [start:norm]
    torch.manual_seed(0)
    x = torch.relu(torch.randn(100_000, 1))
    norm = torch.nn.BatchNorm1d(1, affine=False, momentum=None)
    norm(torch.nn.functional.dropout(x, 0.5))  # training: sees the masks
    norm.eval()
    measured = norm(x).var().item()  # evaluation: no masks
    mean, second = 1 / np.sqrt(2 * np.pi), 0.5
    ratio = variance_ratio(mean, second - mean**2, 0.5)
    print(f"in evaluation {measured:.2f}   formula {1 / ratio:.2f}")
    # --8<-- [end:norm]
    ratio = float(ratio)

    # --8<-- [start:best]
    truth, grid = np.full(10, 0.5), np.linspace(0, 0.4, 41)
    predicted, found = {}, {}
    for size in (15, 50, 500):
        rng, total = np.random.default_rng(1), 0.0
        for _ in range(60):
            x = rng.standard_normal((size, 10))
            noise = rng.standard_normal(size)
            total += np.array([excess_error(x, noise, truth, p) for p in grid])
        predicted[size] = best_drop(size, 1.0, truth)
        found[size] = float(grid[total.argmin()])
        print(f"{size:3} rows   formula {predicted[size]:.2f}", end="")
        print(f"   found {found[size]:.2f}")
    # --8<-- [end:best]

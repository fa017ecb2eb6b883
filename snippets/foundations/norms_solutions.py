"""Solutions to the exercises on norms."""

import numpy as np

from snippets.foundations.norms import l1, l2, largest, lasso


def best_centre(values: np.ndarray, name: str) -> float:
    """The one number nearest to all `values` in the norm `name`: "L1", "L2" or "largest"."""
    if name == "L1":
        return float(np.median(values))
    if name == "L2":
        return float(np.mean(values))
    return float((values.min() + values.max()) / 2)


def most_stretched_sign(w: np.ndarray) -> np.ndarray:
    """A vector of entries ±1 that `w` makes largest, measured by the largest entry.

    It copies the signs of the row whose absolute values have the largest sum.
    """
    row = w[np.argmax(l1(w))]
    return np.where(row < 0, -1.0, 1.0)


def penalties(w: np.ndarray) -> tuple[float, float]:
    """The two penalties of weights `w`: sum of absolute values, sum of squares."""
    return float(l1(w)), float(l2(w) ** 2)


if __name__ == "__main__":
    # --8<-- [start:centres]
    values = np.array([1.0, 2.0, 3.0, 4.0, 20.0])
    tried = np.linspace(0, 21, 2101)
    gaps = tried[:, None] - values
    for name, ruler in (("L1", l1), ("L2", l2), ("largest", largest)):
        found = tried[np.argmin(ruler(gaps))]
        print(f"{name:8} tried {found:5.2f}  formula {best_centre(values, name):5.2f}")
    # --8<-- [end:centres]

    # --8<-- [start:ratio]
    rng = np.random.default_rng(0)
    ratio = {}
    for n in (10, 1000, 100_000):
        x = rng.standard_normal(n)
        ratio[n] = float(l1(x) / l2(x))
        print(f"n = {n:6}: l1/l2 {ratio[n]:6.1f}, root of n {np.sqrt(n):6.1f}, "
              f"quotient {ratio[n] / np.sqrt(n):.2f}")
    # --8<-- [end:ratio]

    # --8<-- [start:squares]
    W = np.array([[3.0, 0.0, 4.0], [0.0, 5.0, 0.0]])
    singular = np.linalg.svd(W, compute_uv=False)
    print("singular values:", singular.round(6).tolist())
    print("sum of their squares:", round(float(np.sum(singular**2)), 6),
          " of the entries':", float(np.sum(W**2)))
    # --8<-- [end:squares]

    # --8<-- [start:signs]
    W = np.array([[1.0, -2.0, 0.5], [3.0, 4.0, -1.0]])
    best = most_stretched_sign(W)
    print("x:", best.tolist(), "  W @ x:", (W @ best).tolist())
    print("largest:", float(largest(W @ best)), "  norm(W, inf):",
          float(np.linalg.norm(W, np.inf)))
    # --8<-- [end:signs]

    # --8<-- [start:twins]
    for w in ([2.0, 0.0], [1.0, 1.0], [0.5, 1.5]):
        absolute, squared = penalties(np.array(w))
        print(f"{w}: absolute {absolute:.1f}, squares {squared:.1f}")

    x = np.random.default_rng(0).standard_normal((30, 1))
    w = lasso(np.hstack([x, x]), 2 * x[:, 0], 1.0, steps=500)
    print("lasso on two equal columns:", w.round(2).tolist())
    # --8<-- [end:twins]

"""Solutions to the exercises on Jordan blocks."""

from itertools import product

import numpy as np

from snippets.language.jordan import jordan

Array = np.ndarray


def peak_step(value: float) -> int:
    """The first k at which k value^(k-1) is largest, for 0 < value < 1.

    One more step multiplies by (1 + 1/k) value, which is above 1 as long as
    k < value / (1 - value).
    """
    return int(np.ceil(np.round(value / (1 - value), 9)))


def horner(coefficients: list[float], w: Array) -> Array:
    """The polynomial of a matrix, highest coefficient first."""
    result = np.zeros_like(w)
    for c in coefficients:
        result = result @ w + c * np.eye(len(w))
    return result


def is_defective(a: int, b: int, c: int, d: int) -> bool:
    """Whether [[a, b], [c, d]] has one eigenvalue and only one direction for it."""
    double = (a - d) ** 2 + 4 * b * c == 0
    return double and not (b == 0 and c == 0)


def defective_share(limit: int) -> float:
    """Share of defective matrices among those with whole entries from -limit to limit."""
    entries = range(-limit, limit + 1)
    return sum(is_defective(*m) for m in product(entries, repeat=4)) / len(entries) ** 4


if __name__ == "__main__":
    # --8<-- [start:peak]
    found = {}
    for value in (0.5, 0.9, 0.99, 0.999):
        k = np.arange(5000)
        hump = k * value ** (k - 1.0)
        top = int(np.argmax(hump > hump.max() * (1 - 1e-9)))
        print(f"{value:<6} peak {top:4}   rule {peak_step(value):4}")
        found[f"v{value}"] = top
    # --8<-- [end:peak]

    # --8<-- [start:cube]
    N = np.eye(3, k=1)
    k, value = 7, 0.8
    by_hand = value**k * np.eye(3) + k * value ** (k - 1) * N
    by_hand += k * (k - 1) / 2 * value ** (k - 2) * N @ N
    power = np.linalg.matrix_power(jordan(value, 3), k)
    print("equal:", np.allclose(by_hand, power))
    print("N cubed:", (N @ N @ N).any())
    # --8<-- [end:cube]

    # --8<-- [start:derivative]
    x = 1.5
    p = horner([2, 0, -3, 1], jordan(x, 2))  # 2 x^3 - 3 x + 1
    print(p)
    print("value", 2 * x**3 - 3 * x + 1, "  derivative", 6 * x**2 - 3)
    # --8<-- [end:derivative]
    slope = float(p[0, 1])

    # --8<-- [start:integers]
    shares = {}
    for limit in (1, 2, 5, 10):
        shares[limit] = defective_share(limit)
        print(f"entries up to {limit:2}   defective {shares[limit]:.2%}")
    # --8<-- [end:integers]

    # --8<-- [start:unstable]
    value = 0.99
    for size in (1, 2, 4):
        e = (1 - value) ** size
        w = jordan(value, size)
        w[-1, 0] += e
        top = abs(np.linalg.eigvals(w)).max()
        print(f"size {size}   change {e:.0e}   radius {top:.6f}")
    # --8<-- [end:unstable]
    smallest_change = float(e)

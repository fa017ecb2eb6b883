"""Solutions to the exercises of the chapter on Strassen's algorithm."""
from itertools import product

import numpy as np

from snippets.labs.timing import cpu_medians
from snippets.mechanics.strassen import (
    U, V, W, count, quarters, relative_error, strassen, strassen_operations,
)

MACHINE_BOUND = True  # one exercise prints CPU times


def winograd(a: np.ndarray, b: np.ndarray, leaf: int) -> np.ndarray:
    """Winograd's variant: seven products, but 15 additions instead of 18."""
    if len(a) <= leaf:
        return a @ b
    a11, a12, a21, a22 = quarters(a)
    b11, b12, b21, b22 = quarters(b)
    s1 = a21 + a22
    s2 = s1 - a11
    t1 = b12 - b11
    t2 = b22 - t1
    p1 = winograd(a11, b11, leaf)
    p5 = winograd(s1, t1, leaf)
    u2 = p1 + winograd(s2, t2, leaf)
    u3 = u2 + winograd(a11 - a21, b22 - b12, leaf)
    c = np.empty_like(a)
    c11, c12, c21, c22 = quarters(c)
    c11[:] = p1 + winograd(a12, b21, leaf)
    c12[:] = u2 + p5 + winograd(a12 - s2, b22, leaf)
    c21[:] = u3 - winograd(a22, t2 - b21, leaf)
    c22[:] = u3 + p5
    return c


def brent_violations(u: np.ndarray, v: np.ndarray, w: np.ndarray) -> int:
    """How many equations sum_r u[r, i] v[r, j] w[r, k] = t[i, j, k] fail.

    t is 1 where block i of A times block j of B belongs to block k of C.
    """
    wanted = np.zeros((4, 4, 4), dtype=int)
    for i, k, j in product((0, 1), repeat=3):
        wanted[2 * i + k, 2 * k + j, 2 * i + j] = 1
    return int((np.einsum("ri,rj,rk->ijk", u, v, w) != wanted).sum())


def row_scaled(a: np.ndarray, b: np.ndarray, leaf: int) -> np.ndarray:
    """strassen() after bringing the rows of a to one size by powers of two."""
    exponents = np.frexp(np.abs(a).max(axis=1, keepdims=True))[1]
    return np.ldexp(strassen(np.ldexp(a, -exponents), b, leaf), exponents)


def padded(a: np.ndarray, b: np.ndarray, levels: int) -> np.ndarray:
    """a @ b for any order n: zeros fill up to the next multiple of 2^levels."""
    n = len(a)
    leaf = -(-n // 2**levels)  # rounded up
    wider = ((0, leaf * 2**levels - n),) * 2
    return strassen(np.pad(a, wider), np.pad(b, wider), leaf)[:n, :n]


if __name__ == "__main__":
    rng = np.random.default_rng(0)

    # --8<-- [start:leaf]
    leaves = [2**k for k in range(11)]
    best_by_count = min(leaves, key=lambda leaf: strassen_operations(1024, leaf))
    a, b = rng.normal(size=(2, 1024, 1024)).astype(np.float32)
    works = {
        str(leaf): lambda leaf=leaf: strassen(a, b, leaf) for leaf in leaves[7:]
    }
    leaf_seconds = cpu_medians(works, rounds=3)
    best_by_clock = int(min(leaf_seconds, key=leaf_seconds.get))
    print("fewest operations: leaf", best_by_count)
    for leaf, s in leaf_seconds.items():
        print(f"leaf {leaf:4}  CPU time {s / leaf_seconds['1024']:.1f}")
    # --8<-- [end:leaf]

    # --8<-- [start:variants]
    winograd_counts = {2**k: count(winograd, 2**k, leaf=1) for k in range(1, 5)}
    print(winograd_counts)
    print([(7**k, 5 * (7**k - 4**k)) for k in range(1, 5)])
    a, b = rng.normal(size=(2, 256, 256)).astype(np.float32)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    variant_error = {
        p.__name__: relative_error(p(a, b, 8), exact) for p in (strassen, winograd)
    }
    print({name: f"{e:.0e}" for name, e in variant_error.items()})
    # --8<-- [end:variants]

    # --8<-- [start:tensor]
    print(np.hstack([U, V, W]))  # a row for each product: U, V and W abreast
    violated = brent_violations(U, V, W)
    print("violated of 64:", violated)
    flips = []
    for r, i in np.argwhere(U):
        broken = U.copy()
        broken[r, i] *= -1
        flips.append(brent_violations(broken, V, W))
    print("after flipping one sign of U:", sorted(flips))
    # --8<-- [end:tensor]

    # --8<-- [start:rescue]
    a, b = rng.normal(size=(2, 128, 128)).astype(np.float32)
    a[:64] *= 1e-6
    exact = a.astype(np.float64) @ b.astype(np.float64)
    rescue = {}
    for multiply in (strassen, row_scaled):
        name = multiply.__name__
        rescue[name] = relative_error(multiply(a, b, 64)[:64], exact[:64])
        print(f"{name:10} upper half {rescue[name]:.0e}")
    # --8<-- [end:rescue]

    # --8<-- [start:padding]
    a, b = rng.integers(-9, 10, size=(2, 100, 100))
    padded_equal = np.array_equal(padded(a, b, levels=3), a @ b)
    print("order 100, three levels, equal:", padded_equal)
    school = 2 * 1025**3 - 1025**2
    to_power = strassen_operations(2048, 8) / school
    to_multiple = strassen_operations(1032, 129) / school
    print(f"order 1025: padded to 2048 {to_power:.2f}, to 1032 {to_multiple:.2f}")
    # --8<-- [end:padding]

    # --8<-- [start:int8]
    a = rng.integers(-127, 128, size=(512, 512))
    a11, a12, a21, a22 = quarters(a)
    sums = a11 + a22
    outside = float(((sums < -128) | (sums > 127)).mean())
    deepest = int(np.abs(sums).max())
    print(f"entries of a11 + a22 outside int8: {outside:.0%}, largest {deepest}")
    # --8<-- [end:int8]

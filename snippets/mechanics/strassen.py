"""Strassen's seven products: what they save, and what they cost."""
import tracemalloc
from typing import Callable

import matplotlib.pyplot as plt
import numpy as np

from snippets.labs.timing import cpu_medians
from snippets.palette import ACCENT, A, B, INK, LINE, PAPER

MACHINE_BOUND = True  # two regions print CPU times

Product = Callable[..., np.ndarray]


def quarters(m: np.ndarray) -> tuple[np.ndarray, ...]:
    """The four blocks of a matrix of even order, as views, row by row."""
    h = len(m) // 2
    return m[:h, :h], m[:h, h:], m[h:, :h], m[h:, h:]


def classical(a: np.ndarray, b: np.ndarray, leaf: int) -> np.ndarray:
    """a @ b by blocks: eight half-size products, down to blocks of order leaf.

    a and b are square, their order is leaf times a power of two.
    """
    if len(a) <= leaf:
        return a @ b
    a11, a12, a21, a22 = quarters(a)
    b11, b12, b21, b22 = quarters(b)
    c = np.empty_like(a)
    c11, c12, c21, c22 = quarters(c)
    c11[:] = classical(a11, b11, leaf) + classical(a12, b21, leaf)
    c12[:] = classical(a11, b12, leaf) + classical(a12, b22, leaf)
    c21[:] = classical(a21, b11, leaf) + classical(a22, b21, leaf)
    c22[:] = classical(a21, b12, leaf) + classical(a22, b22, leaf)
    return c


def strassen(a: np.ndarray, b: np.ndarray, leaf: int) -> np.ndarray:
    """a @ b with seven half-size products, down to blocks of order leaf.

    a and b are square, their order is leaf times a power of two.
    """
    if len(a) <= leaf:
        return a @ b
    a11, a12, a21, a22 = quarters(a)
    b11, b12, b21, b22 = quarters(b)
    m1 = strassen(a11 + a22, b11 + b22, leaf)
    m2 = strassen(a21 + a22, b11, leaf)
    m3 = strassen(a11, b12 - b22, leaf)
    m4 = strassen(a22, b21 - b11, leaf)
    m5 = strassen(a11 + a12, b22, leaf)
    m6 = strassen(a21 - a11, b11 + b12, leaf)
    m7 = strassen(a12 - a22, b21 + b22, leaf)
    c = np.empty_like(a)
    c11, c12, c21, c22 = quarters(c)
    c11[:] = m1 + m4 - m5 + m7
    c12[:] = m3 + m5
    c21[:] = m2 + m4
    c22[:] = m1 - m2 + m3 + m6
    return c


class Counted:
    """A number that counts what is done with numbers of its kind."""

    multiplications = 0
    additions = 0

    def __init__(self, value: int):
        self.value = value

    def __mul__(self, other: "Counted") -> "Counted":
        Counted.multiplications += 1
        return Counted(self.value * other.value)

    def __add__(self, other: "Counted") -> "Counted":
        Counted.additions += 1
        return Counted(self.value + other.value)

    def __sub__(self, other: "Counted") -> "Counted":
        Counted.additions += 1
        return Counted(self.value - other.value)


def count(product: Product, n: int, leaf: int) -> tuple[int, int]:
    """(multiplications, additions) of product on two n x n matrices."""
    ones = np.array([[Counted(1) for _ in range(n)] for _ in range(n)])
    Counted.multiplications = Counted.additions = 0
    product(ones, ones, leaf)
    return Counted.multiplications, Counted.additions


def strassen_operations(n: int, leaf: int) -> int:
    """7^k leaf products and 6 (7^k - 4^k) leaf^2 additions, all counted."""
    levels = (n // leaf).bit_length() - 1
    leaf_product = 2 * leaf**3 - leaf**2
    return 7**levels * leaf_product + 6 * (7**levels - 4**levels) * leaf**2


def share_of_classical(n: int, leaf: int) -> float:
    """Operations of strassen() over the 2 n^3 - n^2 of the school method."""
    return strassen_operations(n, leaf) / (2 * n**3 - n**2)


def peak_memory(work: Callable[[], object]) -> int:
    """Most bytes that work() holds at once, its result included."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def relative_error(product: np.ndarray, exact: np.ndarray) -> float:
    """Largest error of an entry, over the largest entry."""
    return float(np.abs(product - exact).max() / np.abs(exact).max())


def bound_factor(n: int, leaf: int) -> float:
    """No entry is off by more than this times u max|a| max|b|, up to order u^2.

    Higham (2002), theorem 23.2. With leaf = n the factor is n^2.
    """
    return (n / leaf) ** np.log2(12) * (leaf**2 + 5 * leaf) - 5 * n


# The same algorithm as three matrices: m_r = (U[r] . a)(V[r] . b) and c = W^T m,
# with the blocks in the order 11, 12, 21, 22.
U = np.array([[1, 0, 0, 1], [0, 0, 1, 1], [1, 0, 0, 0], [0, 0, 0, 1],
              [1, 1, 0, 0], [-1, 0, 1, 0], [0, 1, 0, -1]])
V = np.array([[1, 0, 0, 1], [1, 0, 0, 0], [0, 1, 0, -1], [-1, 0, 1, 0],
              [0, 0, 0, 1], [1, 1, 0, 0], [0, 0, 1, 1]])
W = np.array([[1, 0, 0, 1], [0, 0, 1, -1], [0, 1, 0, 1], [1, 0, 1, 0],
              [-1, 1, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0]])


if __name__ == "__main__":
    # --8<-- [start:check]
    rng = np.random.default_rng(0)
    a, b = rng.integers(-9, 10, size=(2, 64, 64))
    equal = np.array_equal(strassen(a, b, leaf=1), a @ b)
    print("equal to a @ b on integers:", equal)
    # --8<-- [end:check]

    # --8<-- [start:picture]
    terms = np.einsum("ri,rj->rij", U, V)  # terms[r, i, j]: sign of a_i b_j in m_r
    blocks = np.einsum("rk,rij->kij", W, terms)  # the same for the four blocks of C
    left_over = int((blocks != 0).sum())  # terms that do not cancel
    corners = (11, 12, 21, 22)
    names = [f"m_{r}" for r in range(1, 8)] + [f"c_{{{k}}}" for k in corners]
    fig, axes = plt.subplots(3, 4, figsize=(7.2, 5.6))
    axes[1, 3].axis("off")
    for ax, signs, name in zip(np.delete(axes.flat, 7), [*terms, *blocks], names, strict=True):
        for i, j in np.argwhere(signs):
            face, edge = (INK, PAPER) if signs[i, j] > 0 else (PAPER, INK)
            ax.add_patch(plt.Rectangle((j, 3 - i), 1, 1, fc=face, ec=edge))
        for k in range(5):
            ax.plot([0, 4], [k, k], [k, k], [0, 4], color=LINE, ls="-", lw=0.8, zorder=0)
        ax.text(2, 4.4, f"${name}$", ha="center", color=INK)
        ax.set(xlim=(-1, 4.1), ylim=(-1, 5), aspect="equal")
        ax.axis("off")
    for k, corner in enumerate(corners):
        place = {"ha": "center", "va": "center", "size": 8}
        axes[0, 0].text(-0.6, 3.5 - k, f"$a_{{{corner}}}$", color=A, **place)
        axes[0, 0].text(0.5 + k, -0.6, f"$b_{{{corner}}}$", color=B, **place)
    plt.show()
    # --8<-- [end:picture]

    # --8<-- [start:counts]
    counted = {}
    for k in range(6):
        counted[k] = (*count(classical, 2**k, leaf=1), *count(strassen, 2**k, leaf=1))
        row = "n = {:2}   classical {:5} {:5}   Strassen {:5} {:5}"
        print(row.format(2**k, *counted[k]))
    as_predicted = all(
        counted[k] == (8**k, 8**k - 4**k, 7**k, 6 * (7**k - 4**k)) for k in counted
    )
    print("8^k, 8^k - 4^k, 7^k, 6 (7^k - 4^k):", as_predicted)
    # --8<-- [end:counts]

    # --8<-- [start:operations]
    orders = [2**k for k in range(1, 15)]
    ratio = {
        leaf: {n: share_of_classical(n, leaf) for n in orders if n >= leaf}
        for leaf in (1, 8)
    }
    first_win = min(n for n in orders if ratio[1][n] < 1)
    one_level = min(n for n in orders if share_of_classical(n, leaf=n // 2) < 1)
    print("down to single numbers, fewer operations from n =", first_win)
    print("a single level, fewer operations from n =", one_level)
    for n in (64, 1024, 16384):
        print(f"n = {n:5}  leaf 1: {ratio[1][n]:.2f}  leaf 8: {ratio[8][n]:.2f}")
    # --8<-- [end:operations]

    # --8<-- [start:operations_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.4))
    ax.axhline(1, color=LINE, lw=0.8)
    for leaf, style in ((1, "-"), (8, "--")):
        ax.plot(list(ratio[leaf]), list(ratio[leaf].values()), color=INK, ls=style)
        ax.text(orders[-1] * 1.15, ratio[leaf][orders[-1]], f"leaf {leaf}", va="center", color=INK)
    ax.plot([first_win], [ratio[1][first_win]], "o", color=ACCENT)
    ax.text(first_win * 1.2, ratio[1][first_win] + 0.12, "first win", color=ACCENT)
    ax.set_xscale("log", base=2)
    ax.set(xlim=(2, orders[-1] * 4), ylim=(0, 3), yticks=[0, 1, 2])
    ax.set_xticks([2, 16, 128, 1024, 16384], ["2", "16", "128", "1024", "16384"])
    ax.set_xlabel("$n$")
    ax.set_ylabel("operations, classical = 1")
    plt.show()
    # --8<-- [end:operations_picture]

    # --8<-- [start:memory]
    n = 512
    a, b = rng.normal(size=(2, n, n))
    memory = {"a @ b": peak_memory(lambda: a @ b) / a.nbytes}
    for level in range(1, 5):
        leaf = n >> level
        eight = peak_memory(lambda: classical(a, b, leaf)) / a.nbytes
        seven = peak_memory(lambda: strassen(a, b, leaf)) / a.nbytes
        memory |= {f"classical {level}": eight, f"strassen {level}": seven}
        print(f"levels {level}  classical {eight:.2f} n^2  strassen {seven:.2f} n^2",
              f" operations {share_of_classical(n, leaf):.2f}")
    # --8<-- [end:memory]

    # --8<-- [start:error]
    n, levels = 256, range(6)
    a, b = rng.normal(size=(2, 4, n, n)).astype(np.float32)  # four pairs
    exact = a.astype(np.float64) @ b.astype(np.float64)
    error = {"classical": [], "strassen": []}
    for level in levels:
        for product in (classical, strassen):
            error[product.__name__].append(np.mean([
                relative_error(product(x, y, n >> level), c)
                for x, y, c in zip(a, b, exact, strict=True)
            ]).item())
    for name, by_level in error.items():
        print(f"{name:9}", " ".join(f"{e:.0e}" for e in by_level))
    growth = (error["strassen"][5] / error["strassen"][0]) ** (1 / 5)
    bound_growth = (bound_factor(n, n >> 5) / bound_factor(n, n)) ** (1 / 5)
    print(f"Strassen, per level: {growth:.1f}, bound {bound_growth:.1f}")
    error_ratio = error["strassen"][5] / error["classical"][5]
    # --8<-- [end:error]

    # --8<-- [start:error_picture]
    fig, ax = plt.subplots(figsize=(7.2, 3.4))
    for name, style in (("strassen", "-"), ("classical", "--")):
        ax.semilogy(levels, error[name], color=INK, ls=style, marker="o", ms=4)
        ax.text(5.15, error[name][5], name, va="center", color=INK)
    ax.set(xlim=(-0.1, 6.1), xticks=list(levels))
    ax.set_xlabel("levels")
    ax.set_ylabel("relative error")
    plt.show()
    # --8<-- [end:error_picture]

    # --8<-- [start:scaled]
    n, h = 128, 64
    a, b = rng.normal(size=(2, n, n)).astype(np.float32)
    a[:h] *= 1e-6  # the upper half of A is small, and so is that of C
    exact = a.astype(np.float64) @ b.astype(np.float64)
    parts = {"whole": np.s_[:, :], "c11": np.s_[:h, :h], "c12": np.s_[:h, h:]}
    off = {}
    for name, c in {"matmul": a @ b, "strassen": strassen(a, b, h)}.items():
        off[name] = {k: relative_error(c[s], exact[s]) for k, s in parts.items()}
        print(f"{name:8}", *(f"  {k} {e:.0e}" for k, e in off[name].items()))
    # --8<-- [end:scaled]

    # --8<-- [start:clock]
    times_of_matmul = {}
    for n in (256, 512, 1024):
        a, b = rng.normal(size=(2, n, n)).astype(np.float32)
        works = {
            "matmul": lambda: a @ b,
            "classical": lambda: classical(a, b, n // 2),
            "strassen": lambda: strassen(a, b, n // 2),
        }
        seconds = cpu_medians(works, rounds=9)
        ratios = {name: s / seconds["matmul"] for name, s in seconds.items()}
        times_of_matmul[n] = ratios
        print(f"n = {n:4}", *(f"  {name} {t:.2f}" for name, t in ratios.items()))
    # --8<-- [end:clock]

    # --8<-- [start:integers]
    gain = {}
    for n in (240, 256):
        a, b = rng.integers(-9, 10, size=(2, n, n))
        works = {
            "matmul": lambda: a @ b,
            "classical": lambda: classical(a, b, n // 4),
            "strassen": lambda: strassen(a, b, n // 4),
        }
        seconds = cpu_medians(works, rounds=5)
        gain[n] = seconds["strassen"] / seconds["matmul"]
        print(f"n = {n}", *(f"  {k} {1e3 * s:.0f} ms" for k, s in seconds.items()))
    products_left = (7 / 8) ** 2
    print(f"products left {products_left:.2f}")
    print(f"time left {gain[240]:.2f} and {gain[256]:.2f}")
    # --8<-- [end:integers]

"""Inner, outer, entry-wise and Kronecker products, told apart by their shapes and ranks."""

import matplotlib.pyplot as plt
import numpy as np
import torch

from snippets.foundations.elementwise_reduce_dot import bare, draw_matrix
from snippets.palette import ACCENT, INK, LINE, PAPER, SOFT, A, B, C

Array = np.ndarray


def outer(u: Array, v: Array) -> Array:
    """The table u_i v_j of two vectors: shape (len(u), len(v))."""
    return np.array([[x * y for y in v] for x in u])


def hadamard(a: Array, b: Array) -> Array:
    """Entry times entry. Raises ValueError unless the shapes are equal."""
    if a.shape != b.shape:
        raise ValueError(f"shapes differ: {a.shape} and {b.shape}")
    return a * b


def kronecker(a: Array, b: Array) -> Array:
    """Every entry of the matrix a, times the whole matrix b: (m p, n q)."""
    return np.block([[x * b for x in row] for row in a])


def rank_one_factors(table: Array) -> tuple[Array, Array]:
    """A column u and a row v whose outer product is the table.

    They are read off the column and the row through the largest entry.
    Raises ValueError unless the table has rank one.
    """
    i, j = np.unravel_index(np.abs(table).argmax(), table.shape)
    pivot = table[i, j]
    if pivot == 0:
        raise ValueError("rank 0")
    u, v = table[:, j], table[i] / pivot
    if not np.allclose(outer(u, v), table):
        raise ValueError("rank above 1")
    return u, v


def patches(image: Array, height: int, width: int) -> Array:
    """Every window of the image: shape (rows, columns, height, width)."""
    return np.lib.stride_tricks.sliding_window_view(image, (height, width))


if __name__ == "__main__":
    # --8<-- [start:table]
    a, b = np.array([1, 2, 3]), np.array([4, 5, 6])
    table = outer(a, b)
    print(table)
    print("diagonal:", np.diag(table), "  a * b:", a * b)
    print("diagonal added:", np.trace(table), "  a @ b:", a @ b)
    print("all nine added:", table.sum(), "  sums:", a.sum(), "*", b.sum())
    # --8<-- [end:table]
    corresponding, each_with_each = int(a @ b), int(table.sum())

    # --8<-- [start:table_picture]
    figure, ax = plt.subplots(figsize=(5.8, 3.4))
    draw_matrix(ax, a[:, None], 0.6, 1.6, A)
    draw_matrix(ax, b[None], 2.1, 0.2, B)
    draw_matrix(ax, table, 2.1, 1.6, C, lit=np.eye(3, dtype=bool))
    arrow = {"arrowstyle": "->", "color": ACCENT, "lw": 1.4}
    ax.annotate("", (5.9, 5.4), (5.2, 4.7), arrowprops=arrow)
    ax.text(6.1, 5.6, str(corresponding), color=ACCENT, fontsize=14, va="center")
    ax.text(5.5, 2.1, "all nine", color=SOFT, va="center")
    ax.text(5.5, 2.8, str(each_with_each), color=SOFT, fontsize=14, va="center")
    bare(ax, 7.6, 6)
    plt.show()
    # --8<-- [end:table_picture]

    # --8<-- [start:orientations]
    def lying(x):
        return x[None, :]  # one row

    def standing(x):
        return x[:, None]  # one column

    for left, right in ((lying(a), standing(b)), (standing(a), lying(b))):
        product = left @ right
        print(left.shape, "@", right.shape, "->", product.tolist())

    c = np.array([10, 20])
    print("lengths 3 and 2:", (standing(a) @ lying(c)).tolist())
    try:
        lying(a) @ standing(c)
    except ValueError:
        print(lying(a).shape, "@", standing(c).shape, "-> ValueError")
    print("a.T is no column:", a.T.shape, " a @ b.T:", a @ b.T)
    # --8<-- [end:orientations]

    # --8<-- [start:between]
    rng = np.random.default_rng(0)
    left, right = rng.integers(-3, 4, (2, 3)), rng.integers(-3, 4, (3, 4))
    dots = [[row @ column for column in right.T] for row in left]
    tables = [outer(left[:, k], right[k]) for k in range(3)]
    print("2 * 4 inner products:", np.array_equal(dots, left @ right))
    print("sum of 3 outer products:", np.array_equal(sum(tables), left @ right))
    # --8<-- [end:between]

    # --8<-- [start:frobenius]
    P, Q = np.array([[1, 2], [3, 4]]), np.array([[5, 6], [7, 8]])
    print("entries     ", (P * Q).sum())
    print("laid out    ", P.ravel() @ Q.ravel(), np.vdot(P, Q))
    print("trace       ", np.trace(P.T @ Q))
    print("np.inner    ", np.inner(P, Q).tolist())
    print("P @ Q.T     ", (P @ Q.T).tolist())
    # --8<-- [end:frobenius]
    matrix_inner = int(np.vdot(P, Q))

    # --8<-- [start:layer]
    x = np.array([1, 0, 2, -1])  # four inputs
    W = rng.integers(-3, 4, (4, 3))  # three outputs
    print("x @ W      ", (x @ W).tolist())
    print("three dots ", [int(x @ column) for column in W.T])
    X = rng.integers(-3, 4, (5, 4))  # five samples
    print(X.shape, "@", W.shape, "->", (X @ W).shape, "inner products")
    # --8<-- [end:layer]

    # --8<-- [start:rank_one]
    u, v = np.array([1, 2, -1, 3]), np.array([2, 0, 5])
    T = outer(u, v)
    print(T)
    print("rank", np.linalg.matrix_rank(T))
    # --8<-- [end:rank_one]
    rank_of_table = int(np.linalg.matrix_rank(T))

    # --8<-- [start:recover]
    column, row = rank_one_factors(T)
    print("column", column, " row", row)
    print("same table:", np.array_equal(outer(column, row), T))
    spoiled = T.copy()
    spoiled[0, 0] += 1
    print("one entry changed, rank", np.linalg.matrix_rank(spoiled))
    try:
        rank_one_factors(spoiled)
    except ValueError as error:
        print("ValueError:", error)
    n = 1000
    print(f"{n} by {n}: {n * n:,} numbers or {n + n:,}")
    # --8<-- [end:recover]
    table_numbers, factor_numbers = n * n, n + n

    # --8<-- [start:collapse]
    u, v = np.array([2.0, 1.0]), np.array([0.8, -0.6])
    M = outer(u, v)
    points = rng.uniform(-1, 1, (60, 2))
    images = points @ M.T  # each row is M x
    scores = points @ v  # each number is v . x
    print("M x = u (v . x):", np.allclose(images, outer(scores, u)))
    print("rank of all images:", np.linalg.matrix_rank(images))
    # --8<-- [end:collapse]

    # --8<-- [start:collapse_picture]
    figure, axes = plt.subplots(1, 2, figsize=(6.8, 3))
    for ax, cloud, colour in zip(axes, (points, images), (B, C), strict=True):
        ax.axhline(0, color=LINE, lw=0.8, zorder=0)
        ax.axvline(0, color=LINE, lw=0.8, zorder=0)
        ax.plot(*cloud.T, "o", color=colour, markersize=3.5)
        ax.set(aspect="equal", xticks=[], yticks=[])
    for level in np.arange(-1.2, 1.3, 0.3):  # where v . x is the same
        start, along = level * v, np.array([0.6, 0.8])
        ends = start + np.outer([-2, 2], along)
        axes[0].plot(*ends.T, "-", color=SOFT, lw=0.6, zorder=0)
    axes[0].set(xlim=(-1.3, 1.3), ylim=(-1.3, 1.3))
    axes[1].set(xlim=(-3, 3), ylim=(-3, 3))
    sides = {"$v$": (0.12, 0.1), "$u$": (0.1, -0.75)}
    for ax, vector, name in ((axes[0], v, "$v$"), (axes[1], u, "$u$")):
        arrow = {"arrowstyle": "-|>", "color": A, "lw": 2}
        ax.annotate("", vector, (0, 0), arrowprops=arrow)
        box = {"fc": PAPER, "ec": "none", "pad": 1}
        ax.text(*(vector + sides[name]), name, color=A, fontsize=14, bbox=box)
    plt.show()
    # --8<-- [end:collapse_picture]

    # --8<-- [start:three_things]
    a, b = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 10]]), np.array([1, 10, 100])
    scaled = a * b
    print(scaled)
    print("a * b == a @ diag(b):", np.array_equal(scaled, a @ np.diag(b)))
    print("np.outer(a, b):", np.outer(a, b).shape)
    ranks = {
        "a": np.linalg.matrix_rank(a),
        "columns scaled": np.linalg.matrix_rank(scaled),
        "outer product": np.linalg.matrix_rank(outer(a[:, 0], b)),
    }
    for name, rank in ranks.items():
        print(f"rank {rank}: {name}")
    try:
        hadamard(a, b)
    except ValueError as error:
        print("hadamard:", error)
    spread = outer(np.ones(3, int), b)
    print("hadamard with a table:", np.array_equal(hadamard(a, spread), scaled))
    # --8<-- [end:three_things]

    # --8<-- [start:three_picture]
    e = np.array([[2, 1, 0], [0, 3, 1], [1, 1, 2]])
    figure, axes = plt.subplots(3, 1, figsize=(6, 6.4))
    at = (1, 2)  # the entry that is lit on the right
    rows = {
        "outer": (a[:, :1], (1, 0), b[None], (0, 2), outer(a[:, 0], b)),
        "columns": (a, at, b[None], (0, 2), scaled),
        "entries": (a, at, e, at, hadamard(a, e)),
    }
    for ax, (name, (left, l_at, right, r_at, result)) in zip(axes, rows.items(), strict=True):
        draw_matrix(ax, left, 5.4 - left.shape[1], 0, A, lit=l_at)
        draw_matrix(ax, right, 6.4, 1.5 - right.shape[0] / 2, B, lit=r_at)
        draw_matrix(ax, result, 10.5, 0, C, lit=at)
        ax.text(9.9, 1.5, "=", ha="center", va="center", fontsize=15)
        ax.text(-0.6, 1.5, name, va="center")
        bare(ax, 13.6, 3)
        ax.set_xlim(-0.7, 13.7)
    plt.show()
    # --8<-- [end:three_picture]

    # --8<-- [start:kron]
    a, b = np.array([[1, 2, 0], [3, 0, 1]]), np.array([[1, 2], [3, 4]])
    K = kronecker(a, b)
    print(K)
    print("np.kron agrees:", np.array_equal(K, np.kron(a, b)))
    flat = np.outer(a, b)  # lays both matrices out first
    same = np.array_equal(np.sort(K.ravel()), np.sort(flat.ravel()))
    print("kron", K.shape, " np.outer", flat.shape, " same numbers:", same)
    print("ranks", *(np.linalg.matrix_rank(m) for m in (a, b, K, flat)))
    # --8<-- [end:kron]

    # --8<-- [start:kron_picture]
    figure, ax = plt.subplots(figsize=(7, 2.8))
    draw_matrix(ax, a, 0, 1.1, A, lit=(1, 0))
    draw_matrix(ax, b, 4, 1.1, B)
    for i, j in np.ndindex(a.shape):
        lit = np.full(b.shape, (i, j) == (1, 0))
        draw_matrix(ax, a[i, j] * b, 7.2 + 2.2 * j, 2.2 * i, C, lit=lit)
    ax.text(3.5, 2.1, "$\\otimes$", ha="center", va="center", fontsize=15)
    ax.text(6.6, 2.1, "=", ha="center", va="center", fontsize=15)
    bare(ax, 13.7, 4.2)
    plt.show()
    # --8<-- [end:kron_picture]

    # --8<-- [start:kron_apply]
    Z = rng.integers(-3, 4, (3, 2))
    by_table = K @ Z.ravel()
    by_factors = (a @ Z @ b.T).ravel()
    print("K @ z == a Z b.T:", np.array_equal(by_table, by_factors))
    n = 64
    print(f"n = {n}: {n**4:,} or {2 * n**3:,} multiplications")
    # --8<-- [end:kron_apply]
    kron_products, factor_products = n**4, 2 * n**3

    # --8<-- [start:cross]
    a, b = np.array([1, 2, 3]), np.array([4, 5, 6])
    turned = outer(a, b) - outer(b, a)
    print(turned)
    print("np.cross(a, b)", np.cross(a, b))
    print("read off      ", turned[1, 2], turned[2, 0], turned[0, 1])
    print("dot with a, b ", np.cross(a, b) @ a, np.cross(a, b) @ b)
    # --8<-- [end:cross]

    # --8<-- [start:window]
    image = np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]])
    kernel = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    print("inner product of the window and the kernel:", np.vdot(image, kernel))
    down, across = np.array([1, 2, 1]), np.array([1, 0, -1])
    same = np.array_equal(outer(down, across), kernel)
    print("kernel is an outer product:", same)

    pixels = torch.from_numpy(rng.integers(0, 10, (1, 1, 6, 6))).double()
    windows = patches(pixels[0, 0].numpy(), 3, 3)
    dots = [[np.vdot(window, kernel) for window in row] for row in windows]
    filters = torch.from_numpy(kernel).double()[None, None]
    by_torch = torch.nn.functional.conv2d(pixels, filters)[0, 0]
    print("conv2d is one per window:", np.array_equal(by_torch, dots))
    blocks = pixels.reshape(3, 2, 3, 2)
    by_torch = torch.nn.functional.max_pool2d(pixels, 2)[0, 0]
    print("max_pool2d:", torch.equal(blocks.amax(dim=(1, 3)), by_torch))
    # --8<-- [end:window]
    window_value = int(np.vdot(image, kernel))

    # --8<-- [start:window_picture]
    figure, axes = plt.subplots(2, 1, figsize=(5.8, 4.6))
    draw_matrix(axes[0], kernel, 0, 0, A)
    draw_matrix(axes[0], image, 3.8, 0, B)
    draw_matrix(axes[0], np.array([[window_value]]), 7.8, 1, C)
    draw_matrix(axes[1], down[:, None], 2, 0, A)
    draw_matrix(axes[1], across[None], 3.8, 1, B)
    draw_matrix(axes[1], kernel, 7.8, 0, C)
    for ax, mark in zip(axes, ("$\\cdot$", "@"), strict=True):
        ax.text(3.4, 1.5, mark, ha="center", va="center", fontsize=16, color=INK)
        ax.text(7.3, 1.5, "=", ha="center", va="center", fontsize=15)
        bare(ax, 10.9, 3)
    plt.show()
    # --8<-- [end:window_picture]

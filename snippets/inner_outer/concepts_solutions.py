"""Solutions to the exercises on inner and outer products."""

import numpy as np

from snippets.inner_outer.concepts import kronecker, outer

Array = np.ndarray


def outer_sum(matrix: Array) -> list[tuple[Array, Array]]:
    """Columns and rows whose outer products add up to the matrix, as few as its rank.

    From the singular value decomposition, the singular values in the columns.
    """
    left, sizes, right = np.linalg.svd(matrix)
    rank = np.linalg.matrix_rank(matrix)
    return [(left[:, k] * sizes[k], right[k]) for k in range(rank)]


def kronecker_apply(a: Array, b: Array, x: Array) -> Array:
    """kronecker(a, b) @ x for a vector x, without making the large matrix."""
    return (a @ x.reshape(a.shape[1], b.shape[1]) @ b.T).ravel()


if __name__ == "__main__":
    # --8<-- [start:times_table]
    digits = np.arange(1, 10)
    times = outer(digits, digits)
    print("rank", np.linalg.matrix_rank(times))
    print("all entries:", times.sum(), digits.sum() ** 2)
    print("diagonal:", np.trace(times), (digits**2).sum())
    # --8<-- [end:times_table]
    table_total, diagonal_total = int(times.sum()), int(np.trace(times))

    # --8<-- [start:chain]
    rng = np.random.default_rng(0)
    u, v, w, z = rng.integers(-3, 4, (4, 5))
    both = outer(u, v) @ outer(w, z)
    same = np.array_equal(both, (v @ w) * outer(u, z))
    print("v . w =", v @ w, " (u v')(w z') = (v . w) u z':", same)
    M = outer([1, 2], [3, 1])
    print("v . u =", np.dot([3, 1], [1, 2]))
    fourth = np.linalg.matrix_power(M, 4)
    print("M^4 = 5^3 M:", np.array_equal(fourth, 5**3 * M))
    # --8<-- [end:chain]

    # --8<-- [start:normalise]
    links = np.array([[0, 1, 1, 1], [1, 0, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0]])
    s = links.sum(axis=1) ** -0.5
    by_three = np.diag(s) @ links @ np.diag(s)
    print("D A D = A * (s s'):", np.allclose(by_three, links * np.outer(s, s)))
    print(np.round(links * np.outer(s, s), 2))
    # --8<-- [end:normalise]

    # --8<-- [start:kernels]
    kernels = {
        "Sobel": np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]]),
        "mean": np.full((3, 3), 1 / 9),
        "Laplace": np.array([[0, 1, 0], [1, -4, 1], [0, 1, 0]]),
    }
    pieces = {}
    for name, kernel in kernels.items():
        parts = outer_sum(kernel)
        same = np.allclose(sum(np.outer(u, v) for u, v in parts), kernel)
        pieces[name] = len(parts)
        print(f"{name:8} outer products: {len(parts)}  same: {same}")
    # --8<-- [end:kernels]

    # --8<-- [start:apply]
    a, b = rng.integers(-3, 4, (3, 4)), rng.integers(-3, 4, (2, 5))
    x = rng.integers(-3, 4, 20)
    large = kronecker(a, b)
    print(large.shape, np.array_equal(large @ x, kronecker_apply(a, b, x)))
    in_full = large.size
    in_turn = 3 * 4 * 5 + 3 * 5 * 2
    print("multiplications:", in_full, "or", in_turn)
    # --8<-- [end:apply]

"""The rungs of the ladder that need nothing but Python and NumPy: one product, many ways.

Lists are rows of numbers; arrays have shapes (m, k) and (k, n) and give (m, n).
"""
from operator import mul

import numpy as np

Rows = list[list[float]]


def literal(a: Rows, b: Rows) -> Rows:
    """The definition, written down: three loops, one entry at a time."""
    c = [[0.0] * len(b[0]) for _ in a]
    for i in range(len(a)):
        for j in range(len(b[0])):
            for k in range(len(b)):
                c[i][j] += a[i][k] * b[k][j]
    return c


def sums(a: Rows, b: Rows) -> Rows:
    """The innermost loop runs in C, but still number by number."""
    columns = list(zip(*b, strict=True))
    return [[sum(map(mul, row, column)) for column in columns] for row in a]


def elements(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The literal loops on arrays: each index makes an object."""
    c = np.zeros((len(a), b.shape[1]), a.dtype)
    for i in range(len(a)):
        for j in range(b.shape[1]):
            for k in range(len(b)):
                c[i, j] += a[i, k] * b[k, j]
    return c


def dots(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A row times a column for each entry."""
    c = np.empty((len(a), b.shape[1]), a.dtype)
    for i in range(len(a)):
        for j in range(b.shape[1]):
            c[i, j] = a[i] @ b[:, j]
    return c


def row_axpy(a: np.ndarray, b: np.ndarray, order="C") -> np.ndarray:
    """Rows of b, scaled, added to a row of c; c is stored in `order`.

    One such step is called axpy: a times x plus y.
    """
    c = np.zeros((len(a), b.shape[1]), a.dtype, order)
    for i in range(len(a)):
        for k in range(len(b)):
            c[i] += a[i, k] * b[k]
    return c


def column_axpy(a: np.ndarray, b: np.ndarray, order="C") -> np.ndarray:
    """Columns of a, scaled, added to a column of c; c is stored in `order`."""
    c = np.zeros((len(a), b.shape[1]), a.dtype, order)
    for j in range(b.shape[1]):
        for k in range(len(b)):
            c[:, j] += a[:, k] * b[k, j]
    return c


def outers(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """A column of a times a row of b: a whole matrix for each k."""
    c = np.zeros((len(a), b.shape[1]), a.dtype)
    for k in range(len(b)):
        c += np.outer(a[:, k], b[k])
    return c


def gemvs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Each row times the whole of b (gemv: matrix times vector)."""
    c = np.empty((len(a), b.shape[1]), a.dtype)
    for i in range(len(a)):
        c[i] = a[i] @ b
    return c


def blocks(a: np.ndarray, b: np.ndarray, size: int) -> np.ndarray:
    """Squares of `size` rows, multiplied by `@`; smaller at the edges."""
    c = np.zeros((len(a), b.shape[1]), a.dtype)
    for i in range(0, len(a), size):
        for j in range(0, b.shape[1], size):
            for k in range(0, len(b), size):
                left = a[i : i + size, k : k + size]
                right = b[k : k + size, j : j + size]
                c[i : i + size, j : j + size] += left @ right
    return c

"""Plain loops that numba compiles. Without numba they are slow Python, and say the same.

c, a, b are C-ordered arrays of shapes (m, n), (m, k), (k, n); c begins with zeros.
"""
import importlib
from collections.abc import Callable

import numpy as np


def ijk(c: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """Inside, a row of a and a column of b: the stride is a whole row."""
    for i in range(a.shape[0]):
        for j in range(b.shape[1]):
            for k in range(a.shape[1]):
                c[i, j] += a[i, k] * b[k, j]


def ikj(c: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """Inside, a row of b and a row of c, number after number."""
    for i in range(a.shape[0]):
        for k in range(a.shape[1]):
            for j in range(b.shape[1]):
                c[i, j] += a[i, k] * b[k, j]


def jki(c: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """Inside, a column of a and one of c: two strides of a whole row."""
    for j in range(b.shape[1]):
        for k in range(a.shape[1]):
            for i in range(a.shape[0]):
                c[i, j] += a[i, k] * b[k, j]


def blocked(c: np.ndarray, a: np.ndarray, b: np.ndarray) -> None:
    """As ikj, on 64 rows and 256 columns of b at a time: 64 KiB."""
    for k0 in range(0, a.shape[1], 64):
        for j0 in range(0, b.shape[1], 256):
            for i in range(a.shape[0]):
                total = c[i, j0 : j0 + 256]
                for k in range(k0, min(k0 + 64, a.shape[1])):
                    row = b[k, j0 : j0 + 256]
                    for j in range(len(row)):
                        total[j] += a[i, k] * row[j]


LOOPS = {"ijk": ijk, "ikj": ikj, "jki": jki, "blocked": blocked}


def product(name: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """One of `LOOPS` as a function of two matrices, compiled when it is first called.

    The call raises RuntimeError where numba is missing.
    """

    def multiply(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        nonlocal loops
        loops = loops or compile_loops(name)
        c = np.zeros((len(a), b.shape[1]), a.dtype)
        loops(c, a, b)
        return c

    loops = None
    return multiply


def compile_loops(name: str) -> Callable:
    try:
        numba = importlib.import_module("numba")
    except ImportError as fault:
        raise RuntimeError(
            "numba is not installed: pip install -r requirements-labs.txt"
        ) from fault
    return numba.njit(LOOPS[name])

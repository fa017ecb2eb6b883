"""Solutions to the exercises of 'Architecture is a pattern in a matrix'."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import numpy as np

from snippets.language.structure import (
    convolution,
    nearest_convolution,
    shift_patterns,
)
from snippets.mechanics.convolution_as_product import (
    image_operator,
    is_toeplitz,
)

MACHINE_BOUND = True  # one exercise prints times

# A kernel of three as a polynomial: its values at 0, 1, -1, and its leading coefficient.
# Halved at 1 and -1, where each product is used twice.
KERNEL = np.array([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
INPUT = np.array([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
OUTPUT = np.array([[1, 1, 1, 0], [0, 1, -1, -1]])


def two_outputs(kernel: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Slide a kernel of three over four inputs: two outputs, four products.

    The algorithm F(2, 3) of Winograd, after Lavin and Gray (2016).
    """
    return OUTPUT @ ((KERNEL @ kernel) * (INPUT @ x))


def toeplitz_by_chance(
    settings: Iterable[tuple[int, int, int, int]],
) -> list[tuple[int, int, int, int]]:
    """Return those (n, K, S, P) whose matrix is Toeplitz although S > 1.

    Matrices of one row or column do not count. The weights are distinct
    powers of 2, so that no two entries agree by their value.
    """
    found = []
    for n, size, stride, padding in settings:
        if stride > 1 and size <= n + 2 * padding:
            w = convolution(2.0 ** np.arange(size), n, stride, padding)
            if min(w.shape) > 1 and is_toeplitz(w):
                found.append((n, size, stride, padding))
    return found


def traffic(n: int, kernel: int) -> dict[str, tuple[int, int]]:
    """Count (numbers moved, multiplications) for n outputs from n inputs.

    Each operand is read once from memory and each result written once. The
    window matrix of im2col is written and read again.
    """
    return {
        "dense": (n * n + n + n, n * n),
        "im2col": (n + 2 * n * kernel + kernel + n, n * kernel),
        "direct": (n + kernel + n, n * kernel),
    }


def reach(layers: int, kernel: int) -> int:
    """Return how many inputs one output of a stack of convolutions sees."""
    n = 2 * layers * kernel
    pulse = np.ones(kernel)
    stack = np.eye(n)
    for _ in range(layers):
        stack = convolution(pulse, len(stack)) @ stack
    return np.count_nonzero(stack[0])


def blocks(w: np.ndarray, height: int, width: int) -> np.ndarray:
    """Cut w into tiles; shape (rows, columns, height, width)."""
    rows, columns = w.shape[0] // height, w.shape[1] // width
    return w.reshape(rows, height, columns, width).swapaxes(1, 2)


def mirrored_mean(w: np.ndarray) -> np.ndarray:
    """Average w with its mirror image, input and output reversed."""
    return (w + w[::-1, ::-1]) / 2


if __name__ == "__main__":
    # --8<-- [start:chance]
    settings = list(product(range(2, 13), range(1, 6), (1, 2, 3), range(4)))
    found = toeplitz_by_chance(settings)
    print("settings", len(settings), " Toeplitz with S > 1:", len(found))
    print("with padding 0:", sum(padding == 0 for *_, padding in found))
    for n, size, stride, padding in found:
        w = convolution(2.0 ** np.arange(size), n, stride, padding)
        print(f"n = {n}, K = {size}, S = {stride}, P = {padding}:",
              w.astype(int).tolist())
    # --8<-- [end:chance]

    # --8<-- [start:bytes]
    from snippets.labs.timing import cpu_medians

    n, size = 4096, 9
    for name, (moved, multiplied) in traffic(n, size).items():
        print(f"{name:7} {4 * moved:11,} bytes"
              f" {multiplied:11,} multiplications")

    rng = np.random.default_rng(0)
    kernel = rng.standard_normal(size, dtype=np.float32)
    x = rng.standard_normal(n, dtype=np.float32)
    w = np.zeros((n - size + 1, n), np.float32)
    for t, weight in enumerate(kernel):
        np.fill_diagonal(w[:, t:], weight)
    times = cpu_medians(
        {
            "dense": lambda: w @ x,
            "im2col": lambda: np.ascontiguousarray(
                np.lib.stride_tricks.sliding_window_view(x, size)
            ) @ kernel,
            "direct": lambda: np.correlate(x, kernel, "valid"),
        },
        rounds=9,
    )
    for name, seconds in times.items():
        print(f"{name:7} {seconds * 1e6:8.0f} microseconds")
    # --8<-- [end:bytes]
    moved = {name: count for name, (count, _) in traffic(n, size).items()}
    dense_bytes, direct_bytes = 4 * moved["dense"], 4 * moved["direct"]
    im2col_more = moved["im2col"] / moved["direct"]
    slower = times["dense"] / times["direct"]

    # --8<-- [start:stack]
    for layers in (1, 2, 4, 8):
        print(f"{layers} layers: sees {reach(layers, 3):2} inputs,"
              f" has {3 * layers:2} weights")
    # --8<-- [end:stack]
    layers_for_64 = next(k for k in range(1, 64) if reach(k, 3) >= 64)

    # --8<-- [start:plane]
    kernel = rng.standard_normal((3, 3))
    w = image_operator(kernel, 6, 7).to_dense().numpy()
    tiles = blocks(w, 5, 7)  # one tile: row of the output, row of the input
    print("matrix", w.shape, " tiles", tiles.shape[:2], "of", tiles.shape[2:])
    repeat = np.array_equal(tiles[1:, 1:], tiles[:-1, :-1])
    print("tiles equal along diagonals:", repeat)
    print("every tile Toeplitz:", all(map(is_toeplitz, tiles.reshape(-1, 5, 7))))
    print("whole matrix Toeplitz:", is_toeplitz(w))
    # --8<-- [end:plane]

    # --8<-- [start:mirror]
    w = rng.standard_normal((8, 8))
    patterns = shift_patterns(8, 5, padding=2)
    both = nearest_convolution(mirrored_mean(w), patterns)
    x = rng.standard_normal(8)
    follows = np.allclose(both @ x[::-1], (both @ x)[::-1])
    print("reversed in, reversed out:", follows)
    print("kernel", both[3, 1:6].round(3))
    # --8<-- [end:mirror]

    # --8<-- [start:winograd]
    kernel, x = rng.integers(-9, 10, 3), rng.integers(-9, 10, 4)
    print("four products", two_outputs(kernel, x))
    print("six products ", np.correlate(x, kernel, "valid"))
    kernel, x = rng.integers(-9, 10, (3, 3)), rng.integers(-9, 10, (4, 4))
    products = (KERNEL @ kernel @ KERNEL.T) * (INPUT @ x @ INPUT.T)
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3))
    direct = np.einsum("ijkl,kl", windows, kernel)
    print("image:", products.size, "products, not", direct.size * kernel.size)
    print("equal:", np.array_equal(OUTPUT @ products @ OUTPUT.T, direct))
    # --8<-- [end:winograd]

"""Solutions to the exercises of the ladder."""
from collections.abc import Callable, Iterator

import numpy as np


def columns_at_the_ridge(rows: int, ridge: float) -> float:
    """The c with which (rows, rows) times (rows, c) leaves the slope.

    ridge: operations per byte where slope and flat part of the roof meet,
    below rows / 4. In float32.
    """
    return 2 * rows * ridge / (rows - 4 * ridge)


def tile_shapes(registers: int) -> Iterator[tuple[float, int, int]]:
    """Loads per multiply-add, rows, vectors of all tiles; fewest loads first.

    In registers: the sums, a row of vectors of b, one number of a.
    """
    fits = [
        (rows, vectors)
        for rows in range(1, registers)
        for vectors in range(1, registers)
        if rows * vectors + vectors + 1 <= registers
    ]
    yield from sorted(((r + v) / (r * v), r, v) for r, v in fits)


def exact_length(bits: int) -> int:
    """Longest inner dimension at which sums of int8 products fit `bits`."""
    return 2**bits // 128**2


def orders(sizes: tuple[int, ...]) -> Iterator[tuple[int, str]]:
    """Multiplications of each way to put parentheses; factors A, B, C, ...

    Factor number f has sizes[f] rows and sizes[f + 1] columns.
    """

    def ways(first: int, last: int) -> Iterator[tuple[int, str]]:
        if first == last:
            yield 0, chr(ord("A") + first)
        for cut in range(first, last):
            here = sizes[first] * sizes[cut + 1] * sizes[last + 1]
            for left, left_name in ways(first, cut):
                for right, right_name in ways(cut + 1, last):
                    yield left + right + here, f"({left_name}{right_name})"

    yield from ways(0, len(sizes) - 2)


def padded(
    product: Callable, a: np.ndarray, b: np.ndarray, step: int
) -> np.ndarray:
    """The product of squares of any order, by one for multiples of `step`."""
    n = len(a)
    more = -n % step
    wide = [np.pad(x, (0, more)) for x in (a, b)]
    return product(*wide)[:n, :n]


if __name__ == "__main__":
    # --8<-- [start:ridge]
    thick = columns_at_the_ridge(4096, 20.0)
    print(f"{thick:.1f} columns")
    # --8<-- [end:ridge]

    # --8<-- [start:shapes]
    for registers in (16, 32):
        for loads, rows, vectors in list(tile_shapes(registers))[:3]:
            print(f"{registers} registers: {rows} x {vectors}, {loads:.2f} loads")
    ours = (8 + 3) / (8 * 3)
    print(f"8 x 3: {ours:.2f} loads")
    # --8<-- [end:shapes]

    # --8<-- [start:int8]
    k = exact_length(24)
    a = np.full((1, k), -128, np.int8)
    wrapped = int((a @ a.T)[0, 0])
    exact = int((a.astype(np.float32) @ a.T.astype(np.float32))[0, 0])
    print(f"k = {k}: int8 {wrapped}, by float32 {exact}")
    # --8<-- [end:int8]

    # --8<-- [start:chain]
    found = sorted(orders((10, 1000, 10, 1000, 1)))
    for work, name in found:
        print(f"{name:12} {work:9,}")
    # --8<-- [end:chain]

    # --8<-- [start:fill]
    rng = np.random.default_rng(0)
    a, b = rng.integers(-9, 10, (2, 100, 100)).astype(np.float32)
    same = np.array_equal(padded(np.matmul, a, b, 48), a @ b)
    more_work = (144 / 100) ** 3
    print(f"same: {same}, work: {more_work:.2f} x")
    # --8<-- [end:fill]

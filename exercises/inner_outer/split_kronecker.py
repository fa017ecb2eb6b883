"""From a Kronecker product back to its factors."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "inner-outer/concepts"
TITLE = {"zh": "拆开克罗内克积", "en": "Take a Kronecker product apart"}
TASK = {
    "zh": """
`table` 是 `np.kron(a, b)`：`a` 的每个元素，都换成它乘以整个 `b`。已知 `a` 的形状是 `shape`。
返回一对矩阵 `(a, b)`，使 `np.kron(a, b)` 等于 `table`。`a` 放大、`b` 缩小同样的倍数，积不变，
所以答案不止一个，哪一个都行。
""",
    "en": """
`table` is `np.kron(a, b)`: each entry of `a` replaced by that entry times the whole of `b`. The
shape of `a` is known to be `shape`. Return a pair `(a, b)` for which `np.kron(a, b)` is `table`.
Scale `a` up and `b` down by the same factor, and the product stays: there is more than one answer,
and any of them will do.
""",
}


def split_kronecker(table: np.ndarray, shape: tuple) -> tuple:
    m, n = shape
    p, q = table.shape[0] // m, table.shape[1] // n
    flat = table.reshape(m, p, n, q).swapaxes(1, 2).reshape(m * n, p * q)
    row, column = np.unravel_index(np.abs(flat).argmax(), flat.shape)
    a, b = flat[:, column], flat[row] / flat[row, column]
    return a.reshape(m, n), b.reshape(p, q)


def ask(answer, a, b):
    table = np.kron(a, b)
    got = answer(table, a.shape)
    expect(type(got).__name__, "tuple")
    expect(len(got), 2)
    expect([np.shape(factor) for factor in got], [a.shape, b.shape])
    with np.errstate(invalid="ignore"):
        expect(np.kron(*got), table)


def drawn(rng, *shape):
    return rng.integers(1, 6, shape).astype(float)


@hint(
    zh="`a` 只有一列时，`table` 是几块叠起来的，每块都是 `b` 的若干倍。两个因子的大小要配得上",
    en="where `a` has one column, `table` is a pile of blocks, each so many times `b`. The sizes "
    "of the two factors should fit together",
)
def a_pile_of_blocks(answer, rng):
    ask(answer, drawn(rng, 2, 1), drawn(rng, 1, 2))


@hint(
    zh="左右相邻的块，在 `table` 的同一行里交替出现，不能照着行一段段切",
    en="blocks that stand side by side take turns within a row of `table`, so they cannot be cut "
    "off it one row after another",
)
def side_by_side(answer, rng):
    ask(answer, drawn(rng, 2, 3), drawn(rng, 2, 2))


@hint(
    zh="`a` 或 `b` 的左上角可以是 0，元素之和也可以是 0。拿哪一个数来除才稳妥？",
    en="`a` or `b` may have a 0 in the upper left corner, and entries that add up to 0. Which "
    "number is safe to divide by?",
)
def zeros_in_the_corner(answer, rng):
    a, b = drawn(rng, 2, 2), drawn(rng, 2, 2)
    a[0] = [0, 3]
    b[:] = [[0, -2], [4, -2]]
    ask(answer, a, b)


@wrong(a_pile_of_blocks)
def both_unscaled(table, shape):
    m, n = shape
    p, q = table.shape[0] // m, table.shape[1] // n
    blocks = table.reshape(m, p, n, q)
    return blocks[:, 0, :, 0], blocks[0, :, 0, :]


@wrong(side_by_side)
def cut_row_by_row(table, shape):
    m, n = shape
    p, q = table.shape[0] // m, table.shape[1] // n
    flat = table.reshape(m * n, p * q)
    row, column = np.unravel_index(np.abs(flat).argmax(), flat.shape)
    return flat[:, column].reshape(m, n), (flat[row] / flat[row, column]).reshape(p, q)


@wrong(zeros_in_the_corner)
def by_the_upper_left(table, shape):
    m, n = shape
    p, q = table.shape[0] // m, table.shape[1] // n
    blocks = table.reshape(m, p, n, q)
    with np.errstate(all="ignore"):
        return blocks[:, 0, :, 0], blocks[0, :, 0, :] / blocks[0, 0, 0, 0]


@wrong(zeros_in_the_corner)
def by_sums(table, shape):
    m, n = shape
    p, q = table.shape[0] // m, table.shape[1] // n
    blocks = table.reshape(m, p, n, q)
    with np.errstate(all="ignore"):
        return blocks.sum(axis=(1, 3)), blocks.sum(axis=(0, 2)) / blocks.sum()

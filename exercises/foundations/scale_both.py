"""A diagonal matrix on either side of a product, without building one."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "foundations/products"
EXERCISE = "exercise-scale"
TITLE = {"zh": "行的倍数，列的倍数", "en": "Scale the rows, scale the columns"}
TASK = {
    "zh": """
`left` 有 n 个数，`m` 是 n×k 的矩阵，`right` 有 k 个数。
返回 `np.diag(left) @ m @ np.diag(right)`，但不造对角矩阵，也不做矩阵乘法。
""",
    "en": """
`left` holds n numbers, `m` is an n×k matrix, `right` holds k numbers.
Return `np.diag(left) @ m @ np.diag(right)` without a diagonal matrix and without a matrix product.
""",
}
WITHOUT = ("@", "diag", "matmul", "dot", "einsum", "for")


def scale_both(left: np.ndarray, m: np.ndarray, right: np.ndarray) -> np.ndarray:
    return left[:, None] * m * right


@hint(
    zh="`right` 全为 1 时，第 i 行应当整行乘上 `left[i]`",
    en="with ones in `right`, row i should be multiplied by `left[i]` throughout",
)
def left_scales_rows(answer, rng):
    left, m = rng.integers(1, 9, 3), rng.integers(1, 9, (3, 3))
    expect(answer(left, m, np.ones(3)), np.diag(left) @ m)


@hint(
    zh="`left` 全为 1 时，第 j 列应当整列乘上 `right[j]`",
    en="with ones in `left`, column j should be multiplied by `right[j]` throughout",
)
def right_scales_columns(answer, rng):
    m, right = rng.integers(1, 9, (3, 3)), rng.integers(1, 9, 3)
    expect(answer(np.ones(3), m, right), m @ np.diag(right))


@hint(
    zh="矩阵不是方的，也要对",
    en="it should be right for matrices that are not square, too",
)
def any_shape(answer, rng):
    n, k = rng.integers(1, 6, 2)
    left, m, right = rng.normal(size=n), rng.normal(size=(n, k)), rng.normal(size=k)
    expect(answer(left, m, right), np.diag(left) @ m @ np.diag(right))


@wrong(left_scales_rows)
def both_as_rows(left, m, right):
    return left * m * right


@wrong(right_scales_columns)
def both_as_columns(left, m, right):
    return left[:, None] * m * right[:, None]


@wrong(any_shape)
def columns_of_as_many_as_rows(left, m, right):
    return left[:, None] * m * right[: len(left)]


@wrong("without")
def builds_the_matrices(left, m, right):
    return np.diag(left) @ m @ np.diag(right)

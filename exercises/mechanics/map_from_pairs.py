"""A matrix from what it does to a few points."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/geometry"
EXERCISE = "exercise-images"
TITLE = {"zh": "看像识矩阵", "en": "Know a matrix by its images"}
TASK = {
    "zh": """
`x` 与 `y` 都是 n×n 的矩阵，一行一个点。矩阵 `w` 把 `x` 的每一行送到 `y` 的同一行：
把行写成列向量，就是 `w @ x[i] == y[i]`。`x` 可逆。返回 `w`。
""",
    "en": """
`x` and `y` are n×n matrices, a point to a row. A matrix `w` takes each row of `x` to the same row
of `y`: as a column vector, `w @ x[i] == y[i]`. `x` has an inverse. Return `w`.
""",
}


def map_from_pairs(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.linalg.solve(x, y).T


def independent_points(rng, n):
    return rng.integers(-3, 4, (n, n)) + 10 * np.eye(n)


@hint(
    zh="`x` 是单位阵时，`y` 的第 i 行就是 `w` 的第 i 列",
    en="where `x` is the identity, row i of `y` is column i of `w`",
)
def from_the_axes(answer, rng):
    w = rng.integers(-5, 6, (2, 2))
    expect(answer(np.eye(2), w.T), w)


@hint(
    zh="`w @ x[i]` 应当等于 `y[i]`，每一行都是",
    en="`w @ x[i]` should be `y[i]` for every row",
)
def images_agree(answer, rng):
    x, w = independent_points(rng, 2), rng.integers(-5, 6, (2, 2))
    expect(answer(x, x @ w.T), w)


@hint(
    zh="不止两维，几维都应当对",
    en="not in two dimensions only, but in any number of them",
)
def any_dimension(answer, rng):
    n = int(rng.integers(1, 6))
    x, w = independent_points(rng, n), rng.normal(size=(n, n))
    expect(answer(x, x @ w.T), w)


@wrong(from_the_axes)
def not_transposed(x, y):
    return np.linalg.solve(x, y)


@wrong(images_agree)
def inverse_on_the_other_side(x, y):
    return (y @ np.linalg.inv(x)).T


@wrong(images_agree)
def inverse_transposed_twice(x, y):
    return y.T @ np.linalg.inv(x)


@wrong(any_dimension)
def by_the_formula_for_two(x, y):
    (a, b), (c, d) = x[:2, :2]
    return (np.array([[d, -b], [-c, a]]) / (a * d - b * c) @ y[:2, :2]).T

"""All eigenvalues are 1, and it is far from the identity."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/residuals"
EXERCISE = "exercise-shift"
TITLE = {"zh": "特征值全是 1 的骗局", "en": "All eigenvalues 1, and yet"}
TASK = {
    "zh": """
造一个 n×n 的矩阵 `w`（n 不小于 2），使 I + W 的特征值全是 1，却有一个单位向量，
经过 I + W 挪动的距离不小于 `reach`。返回 `w`。
""",
    "en": """
Make an n×n matrix `w`, n being at least 2, such that all eigenvalues of I + W are 1, and yet I + W
moves some unit vector by `reach` or more. Return `w`.
""",
}


def false_identity(n: int, reach: float) -> np.ndarray:
    w = np.zeros((n, n))
    w[0, -1] = reach
    return w


@hint(
    zh="形状应当是 n×n，I + W 的特征值全是 1，也就是 `w` 的特征值全是 0",
    en="the shape should be n×n, and all eigenvalues of I + W 1, that is, all those of `w` 0",
)
def eigenvalues_are_one(answer, rng):
    n, reach = int(rng.integers(2, 6)), float(rng.integers(2, 100))
    w = answer(n, reach)
    expect(np.shape(w), (n, n))
    size = max(1.0, np.abs(w).max())
    expect(np.linalg.matrix_power(np.asarray(w) / size, n), np.zeros((n, n)), 1e-9)


@hint(
    zh="应当有一个单位向量挪动得不少于 `reach`",
    en="some unit vector should be moved by `reach` or more",
)
def moves_far(answer, rng):
    n, reach = int(rng.integers(2, 6)), float(rng.integers(2, 100))
    assert np.linalg.norm(answer(n, reach), 2) >= reach * (1 - 1e-9)


@wrong(eigenvalues_are_one)
def stretches_along_an_axis(n, reach):
    return np.diag([reach] + [0.0] * (n - 1))


@wrong(eigenvalues_are_one)
def symmetric_corner(n, reach):
    w = np.zeros((n, n))
    w[0, -1] = w[-1, 0] = reach
    return w


@wrong(moves_far)
def nothing_at_all(n, reach):
    return np.zeros((n, n))


@wrong(moves_far)
def spread_too_thin(n, reach):
    return np.triu(np.full((n, n), reach / n), 1)

"""The spectral norm by power iteration."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/gradients"
EXERCISE = "exercise-steps"
TITLE = {"zh": "一来一回，越拉越准", "en": "There and back, ever closer"}
TASK = {
    "zh": """
`w` 至多把单位向量拉到几倍长？从 `start` 出发，反复乘矩阵，使误差不到百万分之一。
（题里的矩阵，第二大的倍数不超过最大的一半。）
""",
    "en": """
By how many times can `w` lengthen a unit vector? Begin with `start` and multiply by matrices again
and again, until the error is below one millionth. (Of the matrices asked about, the second largest
factor is at most half of the largest.)
""",
}
WITHOUT = ("svd", "svdvals", "norm", "eig", "eigh", "eigvals", "eigvalsh", "matrix_norm")


def longest_stretch(w: np.ndarray, start: np.ndarray) -> float:
    v = start
    for _ in range(50):
        v = w.T @ (w @ v)
        v = v / np.sqrt(v @ v)
    return np.sqrt((w @ v) @ (w @ v))


def with_factors(rng, factors, columns):
    left, _ = np.linalg.qr(rng.normal(size=(len(factors), len(factors))))
    right, _ = np.linalg.qr(rng.normal(size=(columns, columns)))
    return left * factors @ right[: len(factors)]


@hint(
    zh="对角矩阵拉得最长的倍数，是对角线上绝对值最大的数",
    en="the most a diagonal matrix lengthens by is the largest of its numbers in absolute value",
)
def diagonal(answer, rng):
    w = np.diag(rng.permutation([-4.0, 2.0, 1.0]))
    expect(answer(w, np.ones(3)), 4.0)


@hint(
    zh="不对称的矩阵只往前乘，找到的是另一样东西：回来要乘什么？",
    en="going forward only, a matrix that is not symmetric leads to something else: by what should "
    "the way back multiply?",
)
def not_symmetric(answer, rng):
    w = np.array([[0.0, float(rng.integers(2, 6))], [0.0, 0.0]]) + np.array([[0, 0], [1.0, 0]])
    expect(answer(w, np.array([1.0, 1.0])), float(np.linalg.norm(w, 2)))


@hint(
    zh="乘得越多，向量不该越长，也不该越短，否则迟早溢出",
    en="however often it is multiplied, the vector should neither grow nor shrink without end",
)
def stays_in_range(answer, rng):
    size = 10.0 ** float(rng.choice([-8, 8]))
    w = with_factors(rng, size * np.array([2.0, 1.0, 0.3]), 3)
    expect(answer(w, rng.normal(size=3)) / size, 2.0)


@hint(
    zh="矩阵不必是方的",
    en="the matrix need not be square",
)
def not_square(answer, rng):
    w = with_factors(rng, np.array([3.0, 1.5]), 4)
    expect(answer(w, rng.normal(size=4)), 3.0)


@wrong(diagonal)
def the_square_of_it(w, start):
    v = start
    for _ in range(50):
        v = w.T @ (w @ v)
        v = v / np.sqrt(v @ v)
    return v @ w.T @ (w @ v)


@wrong(not_symmetric)
def forward_only(w, start):
    v = start
    for _ in range(200):
        v = w @ v
        v = v / np.sqrt(v @ v)
    return np.sqrt((w @ v) @ (w @ v))


@wrong(stays_in_range)
def never_normalised(w, start):
    v = start
    for _ in range(30):
        v = w.T @ (w @ v)
    return np.sqrt((w @ v) @ (w @ v) / (v @ v))


@wrong(not_square)
def the_way_back_first(w, start):
    v = start
    for _ in range(50):
        v = w @ (w.T @ v)
        v = v / np.sqrt(v @ v)
    return np.sqrt((w.T @ v) @ (w.T @ v))

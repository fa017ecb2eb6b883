"""The rotation nearest to a matrix, reflections left out."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/orthogonality"
TITLE = {"zh": "最近的旋转", "en": "The nearest rotation"}
TASK = {
    "zh": """
正交矩阵分两种：行列式为 1 的是旋转，为 -1 的带一次镜像。返回离方阵 `w` 最近的旋转，
远近按各元素之差的平方和来量。`w` 可逆，行列式可正可负。
""",
    "en": """
There are two kinds of orthogonal matrices: rotations, of determinant 1, and those with a
reflection, of determinant -1. Return the rotation nearest to the square matrix `w`, by the sum of
the squared differences of their entries. `w` has an inverse; its determinant may have either sign.
""",
}


def nearest_rotation(w: np.ndarray) -> np.ndarray:
    u, s, vh = np.linalg.svd(w)
    u[:, -1] *= np.sign(np.linalg.det(u @ vh))
    return u @ vh


def drawn(rng, n, sign):
    """A matrix whose determinant has this sign, its singular values well apart."""
    u, v = (np.linalg.qr(rng.normal(size=(n, n)))[0] for _ in range(2))
    w = u * np.array([3.0, 1.5, 0.6])[:n] @ v
    w[0] *= sign * np.sign(np.linalg.det(w))
    return w


def in_the_plane(w):
    """The rotation by the best angle, from the derivative by the angle."""
    angle = np.arctan2(w[1, 0] - w[0, 1], w[0, 0] + w[1, 1])
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@hint(
    zh="返回的列应当长度为 1、两两垂直",
    en="the columns that are returned should have length 1 and be perpendicular",
)
def perpendicular_columns(answer, rng):
    q = answer(drawn(rng, 2, 1))
    expect(np.shape(q), (2, 2))
    expect(q.T @ q, np.eye(2))


@hint(
    zh="`w` 的行列式为正时，最近的正交矩阵就是旋转：各奇异值都换成 1，奇异方向不动，哪一列也不偏袒",
    en="where the determinant of `w` is positive, the nearest orthogonal matrix is a rotation: "
    "singular values become 1 and singular directions stay. No column is favoured",
)
def nearest_of_all(answer, rng):
    w = drawn(rng, 2, 1)
    expect(answer(w), in_the_plane(w))


@hint(
    zh="`w` 的行列式为负时，返回的行列式也应当是 1",
    en="where the determinant of `w` is negative, that of the answer should be 1 all the same",
)
def no_reflection(answer, rng):
    expect(np.linalg.det(answer(drawn(rng, 3, -1))), 1.0)


@hint(
    zh="总得有一个方向翻过来。翻哪一个，离 `w` 远得最少？",
    en="one direction has to be flipped. Which one adds least to the distance from `w`?",
)
def the_cheapest_flip(answer, rng):
    flat, solid = drawn(rng, 2, -1), drawn(rng, 3, -1)
    expect(answer(flat), in_the_plane(flat))
    s = np.linalg.svd(solid, compute_uv=False)
    expect(np.sum((answer(solid) - solid) ** 2), sum((s - [1, 1, -1]) ** 2))


@wrong(perpendicular_columns)
def only_the_determinant(w):
    return w / np.abs(np.linalg.det(w)) ** (1 / len(w))


@wrong(nearest_of_all)
def one_column_after_another(w):
    q, r = np.linalg.qr(w)
    return q * np.sign(np.diag(r))


@wrong(no_reflection)
def nearest_orthogonal(w):
    u, s, vh = np.linalg.svd(w)
    return u @ vh


@wrong(the_cheapest_flip)
def flips_the_first(w):
    u, s, vh = np.linalg.svd(w)
    u[:, 0] *= np.sign(np.linalg.det(u @ vh))
    return u @ vh


@wrong(the_cheapest_flip)
def flips_a_column_of_the_result(w):
    u, s, vh = np.linalg.svd(w)
    q = u @ vh
    q[:, -1] *= np.sign(np.linalg.det(q))
    return q

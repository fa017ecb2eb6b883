"""How parallel arrows are, without comparing every two."""

import itertools

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/word-geometry"
TITLE = {"zh": "箭头有多平行", "en": "How parallel are the arrows?"}
TASK = {
    "zh": """
`arrows` 每行是一支箭头，例如从一个词指向另一个词。返回每两支不同箭头的夹角余弦，取平均。
箭头可以有一百万支，两两列成一张表放不下，所以不要循环，也不要矩阵乘法。
""",
    "en": """
Each row of `arrows` is an arrow, such as from one word to another. Return the mean cosine over all
pairs of different arrows. There may be a million of them, too many for a table of pairs, so use no
loop and no matrix product.
""",
}
WITHOUT = ("for", "while", "@", "matmul", "dot", "inner", "einsum", "tensordot", "corrcoef", "vdot")


def mean_cosine(arrows: np.ndarray) -> float:
    n = len(arrows)
    units = arrows / np.linalg.norm(arrows, axis=1, keepdims=True)
    return (np.sum(units.sum(axis=0) ** 2) - n) / (n * (n - 1))


def over_all_pairs(arrows):
    cosines = [
        a @ b / np.sqrt((a @ a) * (b @ b)) for a, b in itertools.combinations(arrows, 2)
    ]  # fmt: skip
    return np.mean(cosines)


@hint(
    zh="两支长度为 1 的箭头，平均就是它们的余弦：垂直得 0，反向得 -1。自己跟自己不算一对",
    en="for two arrows of length 1 it is their cosine: 0 if perpendicular, -1 if opposite. An "
    "arrow and itself are no pair",
)
def two_of_length_one(answer, rng):
    arrows = np.array([[1.0, 0], [0, 1], [-1, 0]])[[0, rng.integers(1, 3)]]
    expect(answer(arrows), over_all_pairs(arrows))


@hint(
    zh="余弦只看方向，长短不该有影响",
    en="a cosine is about directions, and lengths should have no influence",
)
def any_length(answer, rng):
    arrows = rng.integers(1, 9, (2, 2)) * [[1.0, 1], [-1, 1]]
    expect(answer(arrows), over_all_pairs(arrows))


@hint(
    zh="许多支时，每两支都要算到。把它们首尾相接，总和有多长，与两两的点积有什么关系？",
    en="with many, every two should count. Laid end to end, how long is their sum, and what has it "
    "to do with the dot products of every two?",
)
def many_arrows(answer, rng):
    arrows = rng.normal(size=(int(rng.integers(3, 30)), 4)) + [1, 0, 0, 0]
    expect(answer(arrows), over_all_pairs(arrows))


@wrong(two_of_length_one)
def each_with_itself_too(arrows):
    units = arrows / np.linalg.norm(arrows, axis=1, keepdims=True)
    return np.sum(units.mean(axis=0) ** 2)


@wrong(two_of_length_one)
def with_the_mean_arrow(arrows):
    units = arrows / np.linalg.norm(arrows, axis=1, keepdims=True)
    middle = units.mean(axis=0)
    return np.mean(np.sum(units * middle, axis=1)) / max(np.linalg.norm(middle), 1e-9)


@wrong(any_length)
def lengths_left_in(arrows):
    n = len(arrows)
    return (np.sum(arrows.sum(axis=0) ** 2) - n) / (n * (n - 1))


@wrong(many_arrows)
def neighbours_only(arrows):
    units = arrows / np.linalg.norm(arrows, axis=1, keepdims=True)
    return np.mean(np.sum(units[1:] * units[:-1], axis=1))


@wrong(many_arrows)
def half_of_the_pairs(arrows):
    n = len(arrows)
    units = arrows / np.linalg.norm(arrows, axis=1, keepdims=True)
    return (np.sum(units.sum(axis=0) ** 2) - n) / 2 / (n - 1)

"""The vector that a matrix stretches most, measured by the largest entry."""

import itertools

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "foundations/norms"
EXERCISE = "exercise-signs"
TITLE = {"zh": "拉得最狠的一组正负号", "en": "The signs that are stretched most"}
TASK = {
    "zh": """
长度都以绝对值最大的元素来量。返回一个向量 `x`，元素全是 1 或 -1，使 `w @ x` 尽可能长。
不要逐一试遍所有的 `x`。
""",
    "en": """
Lengths are measured by the entry that is largest in absolute value. Return a vector `x`, all of its
entries 1 or -1, for which `w @ x` is as long as it can be. Do not try all possible `x`.
""",
}
WITHOUT = ("product", "for", "while")


def worst_signs(w: np.ndarray) -> np.ndarray:
    row = w[np.abs(w).sum(axis=1).argmax()]
    return np.where(row < 0, -1, 1)


def longest(w):
    """Found by trying them all."""
    tried = itertools.product((-1, 1), repeat=w.shape[1])
    return max(np.abs(w @ np.array(x)).max() for x in tried)


@hint(
    zh="只有一行时，每一项都该往同一个方向加",
    en="with one row, every term should add in the same direction",
)
def one_row(answer, rng):
    w = rng.choice([-4, -3, -2, 2, 3, 4], (1, 4))
    x = answer(w)
    expect(np.shape(x), (4,))
    expect(np.abs(w @ x).max(), longest(w))


@hint(
    zh="有好几行时，该照着哪一行来定？最大的那个数不一定在那一行",
    en="with several rows, which of them decides? Not always the one with the largest number",
)
def the_right_row(answer, rng):
    w = rng.choice([-4, -3, -2, 2, 3, 4], (3, 4))
    w[rng.integers(3)] = [9, 1, -1, 1]
    expect(np.abs(w @ answer(w)).max(), longest(w))


@hint(
    zh="矩阵里有 0 时，`x` 的元素也应当全是 1 或 -1",
    en="where the matrix has zeros, the entries of `x` should still all be 1 or -1",
)
def ones_everywhere(answer, rng):
    w = rng.integers(-3, 4, (3, 5)) * (rng.random((3, 5)) < 0.5)
    x = answer(w)
    expect(np.abs(x), np.ones(5))
    expect(np.abs(w @ x).max(), longest(w))


@wrong(one_row)
def all_ones(w):
    return np.ones(w.shape[1])


@wrong(the_right_row)
def row_of_the_largest_number(w):
    return np.where(w[np.abs(w).max(axis=1).argmax()] < 0, -1, 1)


@wrong(the_right_row)
def row_of_the_largest_sum(w):
    return np.where(w[w.sum(axis=1).argmax()] < 0, -1, 1)


@wrong(ones_everywhere)
def sign_of_the_row(w):
    return np.sign(w[np.abs(w).sum(axis=1).argmax()])

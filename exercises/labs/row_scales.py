"""A scale for each row, so that small rows survive in few bits."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "labs/gpu-matmul"
EXERCISE = "exercise-scales"
TITLE = {"zh": "一行一把尺子", "en": "A scale for each row"}
TASK = {
    "zh": """
fp8 里最大的数是 `largest`。返回形状为 (n, 1) 的 `scales`，使 `a / scales` 每一行绝对值最大的数
恰好是 `largest`。全是 0 的行，系数取 1。
""",
    "en": """
The largest number in fp8 is `largest`. Return `scales` of shape (n, 1) such that in each row of
`a / scales` the number that is largest in absolute value is just `largest`. A row of zeros gets 1.
""",
}
WITHOUT = ("for",)


def row_scales(a: np.ndarray, largest: float) -> np.ndarray:
    top = np.abs(a).max(axis=1, keepdims=True)
    return np.where(top == 0, 1.0, top / largest)


def tops(a, scales):
    return np.abs(a / scales).max(axis=1)


@hint(
    zh="一行一个系数，形状应当是 (n, 1)",
    en="one scale to a row, in the shape (n, 1)",
)
def one_to_a_row(answer, rng):
    expect(np.shape(answer(rng.integers(1, 9, (3, 2)), 4.0)), (3, 1))


@hint(
    zh="除以系数以后，每一行最大的数都应当是 `largest`，各行悬殊也一样",
    en="divided by its scale, every row should have `largest` for its largest number, however "
    "different the rows are",
)
def rows_reach_the_top(answer, rng):
    a = rng.integers(1, 9, (3, 4)) * np.array([[1.0], [1e6], [1e-3]])
    expect(tops(a, answer(a, 448.0)), np.full(3, 448.0))


@hint(
    zh="量的是绝对值：最大的可能是个负数",
    en="it is the absolute value that counts: the largest may be a negative number",
)
def negative_numbers(answer, rng):
    a = rng.integers(1, 5, (2, 3)).astype(float)
    a[:, rng.integers(3)] = [-9, -8]
    expect(tops(a, answer(a, 448.0)), np.full(2, 448.0))


@hint(
    zh="全是 0 的行，系数应当是 1",
    en="a row of zeros should have a scale of 1",
)
def rows_of_zeros(answer, rng):
    a = np.array([[0.0, 0.0], [3.0, -6.0]])
    expect(answer(a, 2.0), np.array([[1.0], [3.0]]))


@wrong(one_to_a_row)
def for_columns(a, largest):
    return np.abs(a).max(axis=0, keepdims=True) / largest


@wrong(rows_reach_the_top)
def one_for_all(a, largest):
    return np.full((len(a), 1), np.abs(a).max() / largest)


@wrong(rows_reach_the_top)
def the_other_way_round(a, largest):
    top = np.abs(a).max(axis=1, keepdims=True)
    return np.where(top == 0, 1.0, largest / np.where(top == 0, 1, top))


@wrong(negative_numbers)
def largest_number(a, largest):
    top = a.max(axis=1, keepdims=True)
    return np.where(top == 0, 1.0, top / largest)


@wrong(rows_of_zeros)
def zero_scales(a, largest):
    return np.abs(a).max(axis=1, keepdims=True) / largest

"""Overlapping windows of a vector as a view."""

import numpy as np
from numpy.lib.stride_tricks import as_strided

from exercises.properties import expect, hint, wrong

CHAPTER = "foundations/scalars-to-tensors"
EXERCISE = "exercise-windows"
TITLE = {"zh": "不复制的窗口", "en": "Windows without a copy"}
TASK = {
    "zh": """
返回一个矩阵，每行是向量 `x` 里相邻的 `width` 个数，逐行后移一个，但不许复制 `x`。
`as_strided(x, shape, strides)` 给出内存上的视图，步长以字节计；`x.strides` 是 `x` 自己的步长。
""",
    "en": """
Return a matrix whose rows are the runs of `width` neighbours in the vector `x`, each one further on
than the row above, without copying `x`.
`as_strided(x, shape, strides)` is a view of its memory, with strides in bytes; those of `x` itself
are `x.strides`.
""",
}
WITHOUT = ("sliding_window_view",)


def sliding_windows(x: np.ndarray, width: int) -> np.ndarray:
    (step,) = x.strides
    return as_strided(x, (len(x) - width + 1, width), (step, step))


@hint(
    zh="从 0 数到 5，每行三个数，第 i 行应当从 i 开始，最后一行以 5 结尾",
    en="for 0 to 5 in threes, row i should begin with i, and the last row end with 5",
)
def rows_of_neighbours(answer, rng):
    memory = np.arange(60)  # so that strides that are too long still read cells of ours
    expect(answer.function(memory[:6], 3), np.array([memory[i : i + 3] for i in range(4)]))


@hint(
    zh="宽度可以是 1，也可以与 `x` 一样长",
    en="the width may be 1, or as long as `x`",
)
def any_width(answer, rng):
    memory = rng.normal(size=200)
    x, width = memory[:9], int(rng.choice([1, 2, 4, 9]))
    expect(answer.function(x, width), np.array([x[i : i + width] for i in range(10 - width)]))


@hint(
    zh="`x` 不一定一格挨一格，也不一定每格 8 字节，例如隔一个取一个的切片",
    en="`x` need not fill its memory, nor have 8 bytes to a number; it may be a slice of every "
    "other one",
)
def slices_too(answer, rng):
    for dtype in (np.float64, np.int16):
        x = np.arange(100).astype(dtype)[10:40:2]
        expect(answer.function(x, 4), np.array([x[i : i + 4] for i in range(12)]))


@hint(
    zh="结果应当是视图：改 `x` 的一个数，窗口里也跟着变",
    en="the result should be a view: change a number of `x`, and it changes in the windows",
)
def it_is_a_view(answer, rng):
    x = np.arange(8.0)
    windows = answer.function(x, 3)
    x[2] = -1
    assert (np.asarray(windows) == -1).sum() == 3


@wrong(rows_of_neighbours)
def side_by_side(x, width):
    (step,) = x.strides
    return as_strided(x, (len(x) - width + 1, width), (width * step, step))


@wrong(rows_of_neighbours)
def one_window_short(x, width):
    (step,) = x.strides
    return as_strided(x, (len(x) - width, width), (step, step))


@wrong(any_width)
def always_three(x, width):
    (step,) = x.strides
    return as_strided(x, (len(x) - 2, 3), (step, step))


@wrong(slices_too)
def eight_bytes(x, width):
    return as_strided(x, (len(x) - width + 1, width), (8, 8))


@wrong(slices_too)
def the_size_of_a_number(x, width):
    return as_strided(x, (len(x) - width + 1, width), (x.itemsize, x.itemsize))


@wrong(it_is_a_view)
def a_copy(x, width):
    return np.array([x[i : i + width] for i in range(len(x) - width + 1)])

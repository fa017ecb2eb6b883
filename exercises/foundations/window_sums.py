"""Sums over sliding windows from running totals."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "foundations/elementwise-reduce-dot"
EXERCISE = "exercise-windows"
TITLE = {"zh": "前缀和之差", "en": "Differences of running totals"}
TASK = {
    "zh": """
返回向量 `x` 里每 `width` 个相邻数之和，第一个是 `x[0]` 到 `x[width - 1]`。
用 `np.cumsum`，窗口再宽，每个窗口也只减一次。
""",
    "en": """
Return the sums of every `width` neighbours in the vector `x`; the first is over `x[0]` to
`x[width - 1]`. Use `np.cumsum`: one subtraction a window, however wide.
""",
}
WITHOUT = ("for", "while", "convolve", "correlate", "sliding_window_view", "sum", "@", "dot")


def window_sums(x: np.ndarray, width: int) -> np.ndarray:
    totals = np.cumsum(np.concatenate([[0], x]))
    return totals[width:] - totals[:-width]


def added_up(x, width):
    return np.array([x[i : i + width].sum() for i in range(len(x) - width + 1)])


@hint(
    zh="n 个数里，宽为 `width` 的窗口有几个？第一个窗口在不在？",
    en="how many windows of `width` do n numbers have? Is the first one there?",
)
def as_many_as_windows(answer, rng):
    x = rng.integers(1, 9, 6)
    got = answer(x, 3)
    expect(np.shape(got), (4,))
    expect(got[0], x[:3].sum())


@hint(
    zh="每个窗口的和都应当对上",
    en="every window should have its sum",
)
def each_sum(answer, rng):
    x = rng.integers(1, 9, 8)
    expect(answer(x, 3), added_up(x, 3))


@hint(
    zh="宽度为 1，或与 `x` 一样长，也应当对",
    en="a width of 1, or one as long as `x`, should work as well",
)
def extreme_widths(answer, rng):
    x = rng.integers(-9, 9, 7)
    for width in (1, 2, 7):
        expect(answer(x, width), added_up(x, width))


@wrong(as_many_as_windows)
def loses_the_first_window(x, width):
    totals = np.cumsum(x)
    return totals[width:] - totals[:-width]


@wrong(as_many_as_windows)
def totals_of_the_beginning(x, width):
    return np.cumsum(x)[width - 1 :] - np.cumsum(x)[0]


@wrong(each_sum)
def subtracts_one_too_late(x, width):
    totals = np.cumsum(x)
    rest = totals[width:] - totals[1 : len(x) - width + 1]
    return np.concatenate([totals[width - 1 : width], rest])


@wrong(extreme_widths)
def in_threes(x, width):
    totals = np.cumsum(np.concatenate([[0], x]))
    return totals[3:] - totals[:-3]

"""Two convolutions in a row are one, with a longer kernel."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/structure"
TITLE = {"zh": "两层并作一层", "en": "Two layers in one"}
TASK = {
    "zh": """
卷积层不翻转核，也不补零：第 m 个输出是 `kernel[t] * x[m + t]` 对 t 求和。
`first` 和 `second` 是两层的核，`x` 先过 `first`，再过 `second`，中间没有激活函数。
返回一个核，用它一层就能得到同样的输出。
""",
    "en": """
A convolutional layer neither turns its kernel nor pads: output m is the sum over t of
`kernel[t] * x[m + t]`. `first` and `second` are the kernels of two layers; `x` goes through `first`
and then through `second`, with no activation in between. Return the one kernel that gives the same
outputs in a single layer.
""",
}
WITHOUT = ("convolve", "correlate", "polymul")


def merged_kernel(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    merged = np.zeros(len(first) + len(second) - 1)
    for place, weight in enumerate(second):
        merged[place : place + len(first)] += weight * first
    return merged


def layer(kernel, x):
    return np.array([kernel @ x[m : m + len(kernel)] for m in range(len(x) - len(kernel) + 1)])


@hint(
    zh="`second` 只有一个数时，第二层不过是乘上这个数",
    en="where `second` is a single number, the second layer does no more than multiply by it",
)
def one_weight(answer, rng):
    first, weight = rng.integers(1, 9, 3), int(rng.integers(2, 9))
    expect(answer(first, np.array([weight])), weight * first)


@hint(
    zh="两层合起来，一个输出看得到几个输入？核就该有多少个数",
    en="through both layers, how many inputs does an output see? The kernel has as many numbers",
)
def as_far_as_both(answer, rng):
    first, second = rng.integers(1, 9, 3), rng.integers(1, 9, int(rng.integers(2, 5)))
    expect(np.shape(answer(first, second)), (len(first) + len(second) - 1,))


@hint(
    zh="每个输出都应当与先后过两层的相同。两个核都不翻转，合起来的也不翻转",
    en="each output should be that of the two layers. Neither kernel is turned round, and the "
    "merged one is not either",
)
def same_outputs(answer, rng):
    first, second = rng.integers(-4, 5, 2), rng.integers(-4, 5, int(rng.integers(2, 4)))
    second[0], second[-1] = 1, 3
    x = rng.integers(-9, 10, 9)
    expect(layer(answer(first, second), x), layer(second, layer(first, x)))


@wrong(one_weight)
def added_together(first, second):
    added = np.zeros(max(len(first), len(second)))
    added[: len(first)] += first
    added[: len(second)] += second
    return added


@wrong(as_far_as_both)
def cut_to_the_first(first, second):
    merged = np.zeros(len(first))
    for place, weight in enumerate(second[: len(first)]):
        merged[place:] += weight * first[: len(first) - place]
    return merged


@wrong(same_outputs)
def second_turned_round(first, second):
    merged = np.zeros(len(first) + len(second) - 1)
    for place, weight in enumerate(second[::-1]):
        merged[place : place + len(first)] += weight * first
    return merged

"""A dilated kernel as an ordinary one."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/convolution-as-product"
EXERCISE = "exercise-dilation"
TITLE = {"zh": "把核撑开", "en": "Spread the kernel"}
TASK = {
    "zh": """
空洞卷积每隔 `dilation` 格取一个数：第 m 个输出是 `kernel[j] * x[m + j * dilation]` 对 j 求和。
返回一个普通的核，用它做普通的卷积（间隔为 1）结果相同。越短越好。
""",
    "en": """
A dilated convolution takes one number in every `dilation`: output m is the sum over j of
`kernel[j] * x[m + j * dilation]`. Return an ordinary kernel that gives the same in an ordinary
convolution, with a dilation of 1. Make it as short as possible.
""",
}


def spread_kernel(kernel: np.ndarray, dilation: int) -> np.ndarray:
    spread = np.zeros((len(kernel) - 1) * dilation + 1)
    spread[::dilation] = kernel
    return spread


def dilated(x, kernel, dilation):
    reach = (len(kernel) - 1) * dilation
    outputs = range(len(x) - reach)
    return np.array([sum(k * x[m + j * dilation] for j, k in enumerate(kernel)) for m in outputs])


@hint(
    zh="`dilation` 是 1 时，核不该变",
    en="with a `dilation` of 1 the kernel should stay as it is",
)
def nothing_to_spread(answer, rng):
    kernel = rng.integers(1, 9, 3)
    expect(answer(kernel, 1), kernel)


@hint(
    zh="k 个数之间只有 k - 1 处空当，首尾都不必垫：输出的个数应当对得上",
    en="k numbers have k - 1 gaps between them and need nothing before or behind: the number of "
    "outputs should be right",
)
def as_many_outputs(answer, rng):
    kernel, dilation, x = rng.integers(1, 9, 3), int(rng.integers(2, 4)), np.zeros(12)
    got = np.convolve(x, answer(kernel, dilation), "valid")
    expect(len(got), len(dilated(x, kernel, dilation)))


@hint(
    zh="每个输出都应当与空洞卷积的相同",
    en="every output should be that of the dilated convolution",
)
def same_outputs(answer, rng):
    kernel, dilation = rng.normal(size=int(rng.integers(1, 5))), int(rng.integers(1, 4))
    x = rng.normal(size=16)
    got = np.correlate(x, answer(kernel, dilation), "valid")
    expect(got, dilated(x, kernel, dilation))


@wrong(nothing_to_spread)
def one_hole_more(kernel, dilation):
    spread = np.zeros((len(kernel) - 1) * (dilation + 1) + 1)
    spread[:: dilation + 1] = kernel
    return spread


@wrong(as_many_outputs)
def holes_at_the_end(kernel, dilation):
    spread = np.zeros(len(kernel) * dilation)
    spread[::dilation] = kernel
    return spread


@wrong(same_outputs)
def repeated_instead(kernel, dilation):
    return np.repeat(kernel, dilation)[: (len(kernel) - 1) * dilation + 1]


@wrong(same_outputs)
def filled_by_interpolation(kernel, dilation):
    places = np.arange((len(kernel) - 1) * dilation + 1)
    return np.interp(places, np.arange(len(kernel)) * dilation, kernel)

"""How large the branches of many residual layers may be."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/residuals"
EXERCISE = "exercise-gain"
TITLE = {"zh": "只许涨这么多", "en": "This much and no more"}
TASK = {
    "zh": """
残差层把 x 变成 x + Wx，W 是随机的，分支的增益为 g：平均来说，|Wx|² 是 |x|² 的 g² 倍，
而 Wx 与 x 正交。经过 `layers` 层，信号的长度（平方平均后开方）恰好变成 `factor` 倍，
`factor` 大于 1。返回 g。
""",
    "en": """
A residual layer turns x into x + Wx, with a random W whose gain is g: on average |Wx|² is g² times
|x|², and Wx is orthogonal to x. After `layers` layers the signal's length, the root of its mean
square, has become exactly `factor` times as large, `factor` being above 1. Return g.
""",
}


def branch_gain(layers: int, factor: float) -> float:
    return np.sqrt(factor ** (2 / layers) - 1)


def grown(gain, layers):
    square = 1.0
    for _ in range(layers):
        square += gain**2 * square
    return np.sqrt(square)


@hint(
    zh="只有一层时画个直角三角形：两条直角边是 1 和 g，斜边是 `factor`",
    en="for one layer draw a right triangle: 1 and g on either side of the right angle, and "
    "`factor` opposite",
)
def one_layer(answer, rng):
    factor = float(rng.integers(2, 7))
    expect(grown(answer(1, factor), 1), factor)


@hint(
    zh="有许多层时，每层乘上同样的倍数，乘完应当恰好是 `factor`",
    en="with many layers, each multiplies by the same, and all together should give `factor`",
)
def many_layers(answer, rng):
    layers, factor = int(rng.integers(2, 200)), float(rng.uniform(1.1, 9))
    expect(grown(answer(layers, factor), layers), factor)


@wrong(one_layer)
def lengths_add(layers, factor):
    return factor ** (1 / layers) - 1


@wrong(one_layer)
def forgets_the_square(layers, factor):
    return np.sqrt(factor ** (1 / layers) - 1)


@wrong(many_layers)
def shares_it_out(layers, factor):
    return np.sqrt((factor**2 - 1) / layers)

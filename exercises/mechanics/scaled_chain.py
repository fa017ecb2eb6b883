"""A long product whose range is kept aside as a power of two."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/rounding"
EXERCISE = "exercise-scaled"
TITLE = {"zh": "把量级记在一边", "en": "Keep the magnitude aside"}
TASK = {
    "zh": """
`factors` 是一列 float32 方阵。返回它们的乘积，写成 `(matrix, exponent)`：乘积等于 `matrix` 乘以
2 的 `exponent` 次方，`exponent` 是整数，`matrix` 里绝对值最大的元素不小于 1/2、小于 1。
全程用 float32；链再长也不溢出，缩放本身不许有舍入。
""",
    "en": """
`factors` is a list of square float32 matrices. Return their product as `(matrix, exponent)`: the
product is `matrix` times 2 to the power of `exponent`, an integer, and the largest entry of
`matrix` in absolute value is at least 1/2 and below 1. Stay in float32. However long the chain,
nothing may overflow or vanish, and the scaling must not round.
""",
}
WITHOUT = ("float64", "double", "longdouble", "astype")


def scaled_chain(factors: list) -> tuple:
    product, exponent = np.eye(len(factors[0]), dtype=np.float32), 0
    for factor in factors:
        product = product @ factor
        power = int(np.frexp(np.abs(product).max())[1])
        product, exponent = np.ldexp(product, -power), exponent + power
    return product, exponent


def chain(rng, length, size):
    return [(size * rng.normal(size=(3, 3))).astype(np.float32) for _ in range(length)]


@hint(
    zh="只有一个因子时，`matrix` 乘回 2 的 `exponent` 次方，应当与它分毫不差",
    en="with one factor, `matrix` times 2 to the power of `exponent` should be that factor to the "
    "last bit",
)
def one_factor_exactly(answer, rng):
    (factor,) = chain(rng, 1, 100)
    matrix, exponent = answer([factor])
    expect(matrix.astype(np.float64) * 2.0**exponent, factor.astype(np.float64), 0)


@hint(
    zh="`matrix` 里绝对值最大的元素应当不小于 1/2、小于 1",
    en="the largest entry of `matrix` in absolute value should be at least 1/2 and below 1",
)
def in_range(answer, rng):
    matrix, _ = answer(chain(rng, 2, 10.0 ** rng.integers(-3, 4)))
    assert 0.5 <= np.abs(matrix).max() < 1


@hint(
    zh="几个因子相乘，次序不能变",
    en="several factors should be multiplied in their order",
)
def in_order(answer, rng):
    factors = chain(rng, 3, 1)
    matrix, exponent = answer(factors)
    expect(matrix * 2.0**exponent, factors[0] @ factors[1] @ factors[2], 1e-4)


@hint(
    zh="六十个因子的乘积，float32 早就装不下了，结果仍应当是对的",
    en="the product of sixty factors is far out of float32's range, and should still be right",
)
def long_chains(answer, rng):
    factors = chain(rng, 60, 10.0 ** float(rng.choice([-3, 3])))
    matrix, exponent = answer(factors)
    exact = factors[0].astype(np.float64)
    for factor in factors[1:]:
        exact = exact @ factor
    size = np.abs(exact).max()
    expect(matrix * (2.0**exponent / size), exact / size, 1e-3)


@wrong(one_factor_exactly)
def divides_by_the_largest(factors):
    product, exponent = np.eye(len(factors[0]), dtype=np.float32), 0
    for factor in factors:
        product = product @ factor
        largest = np.abs(product).max()
        product, exponent = product / largest, exponent + round(float(np.log2(largest)))
    return product, exponent


@wrong(in_range)
def rounds_the_logarithm(factors):
    product, exponent = np.eye(len(factors[0]), dtype=np.float32), 0
    for factor in factors:
        product = product @ factor
        power = round(float(np.log2(np.abs(product).max())))
        product, exponent = np.ldexp(product, -power), exponent + power
    return product, exponent


@wrong(in_range)
def never_scales(factors):
    product = factors[0]
    for factor in factors[1:]:
        product = product @ factor
    return product, 0


@wrong(in_order)
def from_the_other_side(factors):
    product, exponent = np.eye(len(factors[0]), dtype=np.float32), 0
    for factor in factors:
        product = factor @ product
        power = int(np.frexp(np.abs(product).max())[1])
        product, exponent = np.ldexp(product, -power), exponent + power
    return product, exponent


@wrong(long_chains)
def scales_at_the_end(factors):
    product = factors[0]
    for factor in factors[1:]:
        product = product @ factor
    power = int(np.frexp(np.abs(product).max())[1])
    return np.ldexp(product, -power), power

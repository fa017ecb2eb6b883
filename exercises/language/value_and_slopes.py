"""A Jordan block, put into a polynomial, differentiates it."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/jordan"
EXERCISE = "exercise-derivative"
TITLE = {"zh": "不求导的导数", "en": "Derivatives without differentiating"}
TASK = {
    "zh": """
`coefficients` 是一个多项式的系数，从最高次到常数。返回三个数的数组：它在 `x` 处的值、
一阶导数、二阶导数。不许对系数求导，也不许用差商：把一个若尔当块代进多项式，从结果里读出来。
若尔当块的对角线上全是同一个数，紧挨着的上一条斜线上全是 1。
""",
    "en": """
`coefficients` are those of a polynomial, from the highest power to the constant. Return an array of
three numbers: its value at `x`, its first and its second derivative. Do not differentiate the
coefficients, and take no differences: put a Jordan block into the polynomial and read them off. A
Jordan block has one number all along its diagonal and ones just above the diagonal.
""",
}
WITHOUT = ("polyder", "polyval", "poly1d", "Polynomial", "deriv", "gradient", "diff")


def value_and_slopes(coefficients: list, x: float) -> np.ndarray:
    block, total = x * np.eye(3) + np.eye(3, k=1), np.zeros((3, 3))
    for coefficient in coefficients:
        total = total @ block + coefficient * np.eye(3)
    return total[0] * [1, 1, 2]


def differentiated(coefficients, x):
    return np.array([np.polyval(np.polyder(coefficients, order), x) for order in range(3)])


def polynomial(rng, degree):
    return [int(number) for number in rng.integers(1, 9, degree + 1)]


@hint(
    zh="一次式的斜率就是一次项的系数。代入矩阵时，常数项变成它乘单位阵，不是每个元素都加上它",
    en="the slope of a straight line is its first coefficient. Where a matrix goes in, a constant "
    "becomes that many times the identity, and is not added to every entry",
)
def straight_lines(answer, rng):
    coefficients, x = polynomial(rng, 1), float(rng.integers(2, 9))
    expect(answer(coefficients, x), differentiated(coefficients, x))


@hint(
    zh="二次式的二阶导数，是二次项系数的两倍",
    en="the second derivative of a parabola is twice its first coefficient",
)
def parabolas(answer, rng):
    coefficients = polynomial(rng, 2)
    expect(answer(coefficients, 2.0), differentiated(coefficients, 2.0))


@hint(
    zh="次数更高、`x` 是负数或小数，也应当对",
    en="it should be right for higher powers, and for an `x` that is negative or a fraction",
)
def any_degree(answer, rng):
    coefficients, x = polynomial(rng, int(rng.integers(3, 8))), float(rng.uniform(-1.5, -0.5))
    expect(answer(coefficients, x), differentiated(coefficients, x))


@wrong(straight_lines)
def constant_in_every_entry(coefficients, x):
    block, total = x * np.eye(3) + np.eye(3, k=1), np.zeros((3, 3))
    for coefficient in coefficients:
        total = total @ block + coefficient
    return total[0] * [1, 1, 2]


@wrong(straight_lines)
def entry_by_entry(coefficients, x):
    block, total = x * np.eye(3) + np.eye(3, k=1), np.zeros((3, 3))
    for coefficient in coefficients:
        total = total * block + coefficient * np.eye(3)
    return total[0] * [1, 1, 2]


@wrong(straight_lines)
def constant_first(coefficients, x):
    block, total = x * np.eye(3) + np.eye(3, k=1), np.zeros((3, 3))
    for coefficient in coefficients[::-1]:
        total = total @ block + coefficient * np.eye(3)
    return total[0] * [1, 1, 2]


@wrong(parabolas)
def corner_as_it_stands(coefficients, x):
    block, total = x * np.eye(3) + np.eye(3, k=1), np.zeros((3, 3))
    for coefficient in coefficients:
        total = total @ block + coefficient * np.eye(3)
    return total[0]


@wrong(parabolas)
def block_of_order_two(coefficients, x):
    block, total = x * np.eye(2) + np.eye(2, k=1), np.zeros((2, 2))
    for coefficient in coefficients:
        total = total @ block + coefficient * np.eye(2)
    return np.append(total[0], 0.0)


@wrong(any_degree)
def up_to_the_square(coefficients, x):
    block = x * np.eye(3) + np.eye(3, k=1)
    a, b, c = ([0, 0, *coefficients])[-3:]
    return (a * block @ block + b * block + c * np.eye(3))[0] * [1, 1, 2]

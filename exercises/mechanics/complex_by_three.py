"""Strassen's idea at its smallest: a product less for a few more sums."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/strassen"
TITLE = {"zh": "四次乘法省一次", "en": "Three products for four"}
TASK = {
    "zh": """
两个复数矩阵 a + bi 与 c + di，照课本要做四次实数矩阵乘法。只用三次 `@`，返回乘积的实部
和虚部 `(real, imaginary)`。加减随便用。
""",
    "en": """
The product of two complex matrices a + bi and c + di takes four real matrix products by the
schoolbook. Use `@` three times only, and return the real and the imaginary part of the product,
`(real, imaginary)`. Add and subtract as you like.
""",
}
WITHOUT = ("complex", "matmul", "dot", "einsum", "tensordot", "inner", "concatenate", "block",
           "stack", "vstack", "hstack", "for")  # fmt: skip


def complex_by_three(a: np.ndarray, b: np.ndarray, c: np.ndarray, d: np.ndarray) -> tuple:
    first, second = a @ c, b @ d
    return first - second, (a + b) @ (c + d) - first - second


class Counted(np.ndarray):
    """An array that counts the products it takes part in."""

    products = 0

    def __matmul__(self, other):
        Counted.products += 1
        return np.asarray(self).__matmul__(np.asarray(other)).view(Counted)


def four(rng, n):
    return [rng.integers(-9, 10, (n, n)) for _ in range(4)]


def parts(a, b, c, d):
    product = (a + 1j * b) @ (c + 1j * d)
    return product.real, product.imag


@hint(
    zh="先对 1×1 的：实部是 ac - bd，虚部是 ad + bc",
    en="for 1×1 first: the real part is ac - bd, the imaginary part ad + bc",
)
def single_numbers(answer, rng):
    given = four(rng, 1)
    expect(answer(*given), parts(*given))


@hint(
    zh="矩阵相乘不能交换：a、b 应当总在左边",
    en="matrices do not commute: a and b should always be on the left",
)
def order_matters(answer, rng):
    given = four(rng, 2)
    expect(answer(*given), parts(*given))


@hint(
    zh="`@` 只许用三次：虚部的两项能不能从一个更大的乘积里减出来？",
    en="`@` should be used three times: can the two terms of the imaginary part be had from one "
    "larger product, by subtraction?",
)
def three_products(answer, rng):
    given = [array.view(Counted) for array in four(rng, 2)]
    Counted.products = 0
    answer(*given)
    assert Counted.products <= 3


@wrong(single_numbers)
def forgets_to_subtract(a, b, c, d):
    return a @ c - b @ d, (a + b) @ (c + d)


@wrong(order_matters)
def on_either_side(a, b, c, d):
    first, second = a @ c, b @ d
    return first - second, (c + d) @ (a + b) - first - second


@wrong(order_matters)
def entry_by_entry(a, b, c, d):
    return a * c - b * d, a * d + b * c


@wrong(three_products)
def by_the_schoolbook(a, b, c, d):
    return a @ c - b @ d, a @ d + b @ c

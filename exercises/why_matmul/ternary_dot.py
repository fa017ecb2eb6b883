"""A dot product of ternary vectors by counting bits."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/beyond/after-matmul"
TITLE = {"zh": "数一数就是内积", "en": "An inner product by counting"}
TASK = {
    "zh": """
一个向量的各个数只取 -1、0、1，用两个非负整数来存：`plus` 的第 i 位是 1，表示第 i 个数是 1；
`minus` 的第 i 位是 1，表示它是 -1；两处都是 0，它就是 0。`a` 和 `b` 都是这样一对 `(plus, minus)`。
返回两个向量的内积。不许循环，也用不着乘法：Python 的整数能按位运算，多长都行。
""",
    "en": """
The entries of a vector are -1, 0 or 1, and it is stored in two integers, none of them negative: bit
i of `plus` is 1 where entry i is 1, bit i of `minus` is 1 where entry i is -1, and where both are 0
the entry is 0. Both `a` and `b` are pairs `(plus, minus)` of this kind. Return the inner product of
the two vectors, without a loop; nor does it take multiplications. The bitwise operations of
Python's integers work at any length.
""",
}
WITHOUT = ("for", "while", "map")


def ternary_dot(a: tuple, b: tuple) -> int:
    same = (a[0] & b[0]) | (a[1] & b[1])
    opposite = (a[0] & b[1]) | (a[1] & b[0])
    return same.bit_count() - opposite.bit_count()


def stored(values):
    bits = [sum(1 << i for i, v in enumerate(values) if v == sign) for sign in (1, -1)]
    return tuple(bits)


def ask(answer, u, v):
    expect(answer(stored(u), stored(v)), int(u @ v))


@hint(
    zh="都没有 -1 时，内积就是两边同为 1 的位置有几个",
    en="where neither has a -1, the inner product is the number of places at which both are 1",
)
def ones_and_zeros(answer, rng):
    ask(answer, rng.integers(0, 2, 5), rng.integers(0, 2, 5))


@hint(
    zh="-1 乘 -1 是 1，-1 乘 1 是 -1：四种情形各数一遍",
    en="-1 times -1 is 1 and -1 times 1 is -1: there are four cases to count",
)
def signs(answer, rng):
    ask(answer, rng.choice([-1, 1], 5), rng.choice([-1, 1], 5))
    ask(answer, np.array([1, -1]), np.array([-1, -1]))


@hint(
    zh="有一边是 0 的位置，不加也不减；向量可以很长",
    en="a place at which either is 0 adds nothing and takes nothing away; vectors may be long",
)
def zeros_and_signs(answer, rng):
    ask(answer, np.array([1, -1, 0]), np.array([0, 1, -1]))
    ask(answer, rng.integers(-1, 2, 200), rng.integers(-1, 2, 200))


@wrong(ones_and_zeros)
def number_of_places(a, b):
    return (a[0] | a[1] | b[0] | b[1]).bit_count()


@wrong(ones_and_zeros)
def as_plain_integers(a, b):
    return a[0] & b[0]


@wrong(ones_and_zeros)
def as_if_without_zeros(a, b):
    places = (a[0] | a[1]).bit_length()
    return places - 2 * (a[0] ^ b[0]).bit_count()


@wrong(signs)
def only_equal_signs(a, b):
    return (a[0] & b[0]).bit_count() + (a[1] & b[1]).bit_count()


@wrong(signs)
def two_minuses_forgotten(a, b):
    return (a[0] & b[0]).bit_count() - ((a[0] & b[1]) | (a[1] & b[0])).bit_count()


@wrong(zeros_and_signs)
def where_signs_differ(a, b):
    same = (a[0] & b[0]) | (a[1] & b[1])
    return same.bit_count() - (a[1] ^ b[1]).bit_count()

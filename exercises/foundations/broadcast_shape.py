"""The rule of broadcasting as a function."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "foundations/broadcasting"
EXERCISE = "exercise-shapes"
TITLE = {"zh": "两个形状配得上吗", "en": "Do two shapes go together?"}
TASK = {
    "zh": """
`a` 和 `b` 是两个张量的形状，即整数元组。返回两者相加所得的形状（元组）；
加不了就返回字符串 `"error"`。不要真去造张量。
""",
    "en": """
`a` and `b` are the shapes of two tensors, tuples of integers. Return the shape of their sum, a
tuple, or the string `"error"` where they cannot be added. Do not make any tensors.
""",
}
WITHOUT = ("broadcast_shapes", "broadcast", "zeros", "ones", "empty")


def broadcast_shape(a: tuple, b: tuple) -> tuple | str:
    length = max(len(a), len(b))
    a = (1,) * (length - len(a)) + a
    b = (1,) * (length - len(b)) + b
    if any(m != n and 1 not in (m, n) for m, n in zip(a, b)):
        return "error"
    return tuple(n if m == 1 else m for m, n in zip(a, b))


def by_numpy(a, b):
    try:
        return np.broadcast_shapes(a, b)
    except ValueError:
        return "error"


@hint(
    zh="轴数相同、长度相同或有一个是 1 时，先弄对这一种",
    en="begin with the simplest case: equally many axes, each equal or 1 on one side",
)
def ones_are_stretched(answer, rng):
    shape = rng.integers(2, 6, 3)
    a, b = (np.where(rng.random(3) < 0.4, 1, shape) for _ in range(2))
    a, b = tuple(a.tolist()), tuple(b.tolist())
    expect(answer(a, b), by_numpy(a, b))


@hint(
    zh="轴数不同时，从右边对齐，缺的轴当作 1",
    en="where one has fewer axes, align on the right; a missing axis counts as 1",
)
def aligned_on_the_right(answer, rng):
    a = tuple(rng.integers(2, 6, 4).tolist())
    b = a[int(rng.integers(1, 4)) :]
    for one, other in ((a, b), (b, a), (a, ())):
        expect(answer(one, other), by_numpy(one, other))


@hint(
    zh="长度不同、又都不是 1 的轴，应当返回 `'error'`",
    en="axes that differ, neither of them 1, should give `'error'`",
)
def others_are_errors(answer, rng):
    a, b = (tuple(rng.integers(1, 4, rng.integers(1, 4)).tolist()) for _ in range(2))
    for one, other in ((a, b), ((2, 4), (4, 2)), ((3,), (3, 6)), ((4, 2, 3), (4, 1))):
        expect(answer(one, other), by_numpy(one, other))


@hint(
    zh="轴的长度可以是 0；它遇上 1，得几？",
    en="a length may be 0: what does 1 against 0 give?",
)
def empty_axes(answer, rng):
    for a, b in (((1,), (7, 0)), ((0,), (1,)), ((0, 3), (2, 3))):
        expect(answer(a, b), by_numpy(a, b))


@wrong(ones_are_stretched)
def only_equal_shapes(a, b):
    return a if a == b else "error"


@wrong(aligned_on_the_right)
def aligned_on_the_left(a, b):
    length = max(len(a), len(b))
    a, b = a + (1,) * (length - len(a)), b + (1,) * (length - len(b))
    if any(m != n and 1 not in (m, n) for m, n in zip(a, b)):
        return "error"
    return tuple(max(m, n) for m, n in zip(a, b))


@wrong(others_are_errors)
def stretches_divisors(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    if any(0 in (m, n) and m != n or m and n and m % n and n % m for m, n in zip(a, b)):
        return "error"
    return tuple(max(m, n) for m, n in zip(a, b))


@wrong(empty_axes)
def takes_the_larger(a, b):
    length = max(len(a), len(b))
    a, b = (1,) * (length - len(a)) + a, (1,) * (length - len(b)) + b
    if any(m != n and 1 not in (m, n) for m, n in zip(a, b)):
        return "error"
    return tuple(max(m, n) for m, n in zip(a, b))

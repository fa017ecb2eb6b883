"""Kahan's sum: hand the error of each addition on to the next."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/rounding"
EXERCISE = "exercise-compensated"
TITLE = {"zh": "16 位里加不丢", "en": "A sum in 16 bits that loses nothing"}
TASK = {
    "zh": """
`values` 是 float16 的一维数组。逐个相加，每一步都只用 float16，返回一个 float16 数。
普通的累加到 2048 就加不动 1 了。记下每次加法丢掉的零头，下一次补回去。
""",
    "en": """
`values` is a vector of float16. Add them up one by one, every step in float16, and return a float16
number. A plain total stalls at 2048: adding 1 does nothing. Keep what each addition loses, and put
it back with the next.
""",
}
WITHOUT = ("float32", "float64", "float", "double", "longdouble", "sum", "fsum", "cumsum", "dtype")


def compensated_sum(values: np.ndarray) -> np.float16:
    total = lost = np.float16(0)
    for value in values:
        wanted = value - lost
        reached = total + wanted
        lost = (reached - total) - wanted
        total = reached
    return total


@hint(
    zh="几个小整数相加没有舍入，和应当分毫不差",
    en="a few small integers need no rounding: their sum should be exact",
)
def small_integers(answer, rng):
    values = rng.integers(-20, 20, 6)
    expect(answer(values.astype(np.float16)), values.sum(), 0)


@hint(
    zh="结果应当仍是 float16，不要换更宽的类型",
    en="the result should still be float16, no wider type",
)
def stays_in_16_bits(answer, rng):
    assert answer(rng.random(4).astype(np.float16)).dtype == np.float16


@hint(
    zh="加到 2048 之后，和还得往上走：补回去的是不是丢掉的那一份，方向对不对？",
    en="beyond 2048 the total should go on growing: is what you put back what was lost, and the "
    "right way round?",
)
def does_not_stall(answer, rng):
    count = int(rng.integers(3000, 4000))
    assert abs(float(answer(np.ones(count, np.float16))) - count) <= 4


@hint(
    zh="负数也有零头：和是很大的负数、后面都是小正数，同样不能丢",
    en="negative numbers have their change, too: small positive ones after a large negative one "
    "should not be lost",
)
def both_signs(answer, rng):
    values = np.concatenate([[4000], -rng.integers(1, 3, 500)])
    for signed in (values, -values):
        assert abs(float(answer(signed.astype(np.float16))) - signed.sum()) <= 4


@wrong(does_not_stall)
def plain_total(values):
    total = np.float16(0)
    for value in values:
        total = total + value
    return total


@wrong(does_not_stall)
def change_with_the_wrong_sign(values):
    total = lost = np.float16(0)
    for value in values:
        wanted = value + lost
        reached = total + wanted
        lost = (reached - total) - wanted
        total = reached
    return total


@wrong(small_integers)
def adds_the_change_after_all(values):
    total = lost = np.float16(0)
    for value in values:
        reached = total + value
        lost = lost + (reached - total)
        total = reached
    return total + lost


@wrong(both_signs)
def compares_without_absolute_values(values):
    total = lost = np.float16(0)
    for value in values:
        reached = total + value
        larger, smaller = (total, value) if total >= value else (value, total)
        lost = lost + ((larger - reached) + smaller)
        total = reached
    return total + lost


@wrong(stays_in_16_bits)
def in_more_bits(values):
    total = 0.0
    for value in values.tolist():
        total += value
    return np.asarray(total)

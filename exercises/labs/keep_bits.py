"""Round numbers to so many significant bits."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "labs/gpu-matmul"
EXERCISE = "exercise-tf32"
TITLE = {"zh": "只留这么多位", "en": "Keep so many bits"}
TASK = {
    "zh": """
把数组 `x` 的每个数舍入到 `bits` 个有效二进制位，取最近的那一个；恰在正中时取哪边都行。
不管指数的范围。float16 与 TF32 都是 11 位，bfloat16 是 8 位。
""",
    "en": """
Round every number of the array `x` to `bits` significant binary digits, to the nearest; where it is
just in between, either will do. Do not mind the range of exponents. float16 and TF32 have 11 bits,
bfloat16 has 8.
""",
}
WITHOUT = ("float16", "half", "astype", "view", "for")


def keep_bits(x: np.ndarray, bits: int) -> np.ndarray:
    fraction, exponent = np.frexp(x)
    return np.ldexp(np.round(np.ldexp(fraction, bits)), exponent - bits)


@hint(
    zh="放得下的数应当原样不动：3 位放得下 5，也放得下 0.625 和 0",
    en="numbers that fit should stay as they are: 3 bits hold 5, and 0.625 and 0 as well",
)
def those_that_fit_stay(answer, rng):
    x = rng.integers(4, 8, 4) * 2.0 ** rng.integers(-9, 9, 4)
    x[rng.integers(4)] = 0
    expect(answer(x, 3) / np.maximum(x, 1e-9), x / np.maximum(x, 1e-9), 0)


@hint(
    zh="应当舍入到最近的，而不是截断：3 位时 4.9 应当变成 5",
    en="it should round to the nearest and not cut off: with 3 bits, 4.9 should become 5",
)
def to_the_nearest(answer, rng):
    whole, near = rng.integers(4, 8, 4), rng.uniform(-0.4, 0.4, 4)
    near[whole == 4] = abs(near[whole == 4])  # below 4 the bits are worth less
    expect(answer(whole + near, 3), whole.astype(float))


@hint(
    zh="负数也一样",
    en="negative numbers are rounded likewise",
)
def negative_numbers(answer, rng):
    x = np.array([-4.9, -6.2, 5.1])
    expect(answer(x, 3), np.array([-5.0, -6.0, 5.0]))


@hint(
    zh="有效位从每个数自己的最高位数起：在 float16 的范围里，留 11 位就是换成 float16 再换回来",
    en="significant bits are counted from each number's own leading bit: within its range, 11 bits "
    "are what float16 keeps",
)
def as_float16_does(answer, rng):
    x = rng.uniform(1, 9, 50) * rng.choice([-1, 1], 50) * 10.0 ** rng.integers(-3, 4, 50)
    expect(answer(x, 11) / x, x.astype(np.float16).astype(np.float64) / x, 1e-12)


@wrong(those_that_fit_stay)
def one_bit_short(x, bits):
    fraction, exponent = np.frexp(x)
    return np.ldexp(np.round(np.ldexp(fraction, bits - 1)), exponent - bits + 1)


@wrong(to_the_nearest)
def cut_off(x, bits):
    fraction, exponent = np.frexp(x)
    return np.ldexp(np.trunc(np.ldexp(fraction, bits)), exponent - bits)


@wrong(negative_numbers)
def half_added_and_cut(x, bits):
    fraction, exponent = np.frexp(x)
    return np.ldexp(np.trunc(np.ldexp(fraction, bits) + 0.5), exponent - bits)


@wrong(those_that_fit_stay)
def bits_after_the_point(x, bits):
    return np.round(x * 2.0**bits) / 2.0**bits


@wrong(as_float16_does)
def same_step_for_all(x, bits):
    exponent = np.frexp(x)[1].max() if bits > 3 else np.frexp(x)[1]
    return np.ldexp(np.round(np.ldexp(x, bits - exponent)), exponent - bits)

"""The largest step with which Euler's method does not blow up."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/beyond/neural-ode"
TITLE = {"zh": "一步最多迈多大", "en": "How large a step?"}
TASK = {
    "zh": """
方程 z' = W z，W 是实方阵，特征值的实部都小于 0，所以不论从哪里出发，真正的解都趋于 0。
欧拉法每步把 z 变成 z + h W z，步子大了，本该缩小的就会越走越大。
`eigenvalues` 是 W 的特征值，可以是复数。返回步长的界限：h 比它小，走下去总趋于 0；
比它大，就有起点会走到无穷远。
""",
    "en": """
In the equation z' = W z, W is a real square matrix whose eigenvalues have real parts below 0, so
the true solution tends to 0 from wherever it starts. Euler's method turns z into z + h W z in each
step, and if the step is too large, what should shrink will grow. `eigenvalues` are those of W and
may be complex. Return the limit for h: below it, all goes to 0 in the long run; above it, there are
starts from which it goes to infinity.
""",
}


def largest_euler_step(eigenvalues: np.ndarray) -> float:
    return np.min(-2 * eigenvalues.real / np.abs(eigenvalues) ** 2)


def by_halving(eigenvalues):
    """The step at which the slowest factor |1 + h·eigenvalue| passes 1."""
    low, high = 0.0, 1e4
    for _ in range(60):
        middle = (low + high) / 2
        stable = np.abs(1 + middle * eigenvalues).max() < 1
        low, high = (middle, high) if stable else (low, middle)
    return low


@hint(
    zh="只有一个实特征值时，每一步乘上同一个数：它可以是负的，但不能太负",
    en="with one real eigenvalue every step multiplies by the same number, which may be negative, "
    "but not too much so",
)
def one_direction(answer, rng):
    eigenvalues = -rng.integers(1, 9, 1) * 1.0
    expect(answer(eigenvalues), by_halving(eigenvalues))


@hint(
    zh="几个方向一起走，只要有一个越走越大，就全垮了：哪一个最先？",
    en="several directions take the same step, and one that grows is one too many: which comes "
    "first?",
)
def several_directions(answer, rng):
    eigenvalues = -rng.permutation([0.5, 2, 7, 30.0])
    expect(answer(eigenvalues), by_halving(eigenvalues))


@hint(
    zh="复的特征值让 z 一边转一边缩。每一步乘的那个复数，离原点多远？转得越快，步子就得越小",
    en="a complex eigenvalue turns z while it shrinks. How far from the origin is the complex "
    "number by which a step multiplies? The faster it turns, the smaller the step has to be",
)
def turning(answer, rng):
    for real, turn in ((-1, 3), (-0.1, 2), (-5, 1)):
        pair = real + turn * rng.uniform(0.8, 1.2) * np.array([1j, -1j])
        expect(answer(pair), by_halving(pair))
    mixed = np.array([-3.0, -0.5 + 4j, -0.5 - 4j, -10])
    expect(answer(mixed), by_halving(mixed))


@wrong(one_direction)
def no_change_of_sign(eigenvalues):
    return np.min(-1 / eigenvalues.real)


@wrong(several_directions)
def the_slowest(eigenvalues):
    return 2 / np.abs(eigenvalues).min()


@wrong(several_directions)
def on_average(eigenvalues):
    return 2 / np.abs(eigenvalues).mean()


@wrong(turning)
def by_absolute_values(eigenvalues):
    return 2 / np.abs(eigenvalues).max()


@wrong(turning)
def by_real_parts(eigenvalues):
    return 2 / -eigenvalues.real.min()

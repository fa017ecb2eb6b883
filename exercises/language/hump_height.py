"""How high the powers of a matrix rise before they vanish."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/two-rulers"
TITLE = {"zh": "涨到多高才回落", "en": "How high before it falls?"}
TASK = {
    "zh": """
`w` 的特征值绝对值都小于 1，它的幂最后归零，路上却可能先涨。把单位阵、`w`、`w @ w`……
一个个看过去，返回它们的谱范数（最大的奇异值）里最大的那个。峰来得再晚也要找到，而且必须停得下来。
""",
    "en": """
All eigenvalues of `w` are below 1 in absolute value, so its powers vanish in the end, but they may
grow before. Look at the identity, `w`, `w @ w` and so on, and return the largest of their spectral
norms (largest singular values). Find the peak however late it comes, and know when to stop.
""",
}


def hump_height(w: np.ndarray) -> float:
    power, highest = w, 1.0
    while (norm := np.linalg.norm(power, 2)) >= 1:
        power, highest = power @ w, max(highest, norm)
    return highest


def block(value, corner):
    return np.array([[value, corner], [0, value]])


def by_many_powers(w, steps):
    powers = np.array([np.linalg.matrix_power(w, k) for k in range(steps)])
    return np.linalg.svd(powers, compute_uv=False).max()


@hint(
    zh="从第一步起就一直缩短的矩阵，最高的是出发处的单位阵，范数是 1",
    en="where a matrix shrinks all from the first step on, the identity at the start is the "
    "highest, with a norm of 1",
)
def no_hump(answer, rng):
    expect(answer(np.diag(rng.integers(1, 9, 2) / 10)), 1.0)


@hint(
    zh="第一步之后还可能接着涨；量的是最大的奇异值，不是特征值，也不是元素的平方和",
    en="it may go on growing after the first step; measure by the largest singular value, not by "
    "eigenvalues or by the sum of squares",
)
def a_few_steps(answer, rng):
    w = block(0.8, float(rng.integers(1, 9)))
    expect(answer(w), by_many_powers(w, 30))


@hint(
    zh="特征值接近 1 时，峰可以来得很晚",
    en="where eigenvalues are close to 1, the peak can be late",
)
def a_late_peak(answer, rng):
    w = block(0.97, float(rng.uniform(0.5, 1)))
    expect(answer(w), by_many_powers(w, 60))


@hint(
    zh="范数可以先落再涨，落下一步还不能停。落到多低，往后就再也不会更高？",
    en="norms may fall and rise again, so one fall is not the end. How low must one be for none "
    "after it to be higher than those before?",
)
def down_and_up_again(answer, rng):
    w = np.zeros((4, 4))
    w[:2, :2] = [[0, rng.integers(4, 8)], [0.1, 0]]
    w[2:, 2:] = block(0.97, 1)
    expect(answer(w), by_many_powers(w, 60))


@wrong(no_hump)
def starts_with_the_first_step(w):
    power, highest = w, np.linalg.norm(w, 2)
    for _ in range(100):
        power, highest = power @ w, max(highest, np.linalg.norm(power, 2))
    return highest


@wrong(a_few_steps)
def first_step_only(w):
    return max(1.0, np.linalg.norm(w, 2))


@wrong(a_few_steps)
def by_eigenvalues(w):
    return max(1.0, np.abs(np.linalg.eigvals(w)).max())


@wrong(a_few_steps)
def root_of_the_sum_of_squares(w):
    power, highest = w, 1.0
    while np.linalg.norm(power) >= 1:
        power, highest = power @ w, max(highest, np.linalg.norm(power))
    return highest


@wrong(a_late_peak)
def twenty_steps(w):
    powers = [np.linalg.matrix_power(w, k) for k in range(20)]
    return max(np.linalg.norm(power, 2) for power in powers)


@wrong(down_and_up_again)
def stops_at_the_first_fall(w):
    power, highest = w, 1.0
    while (norm := np.linalg.norm(power, 2)) > highest:
        power, highest = power @ w, norm
    return highest

"""Three ways to count the directions that carry a matrix's energy."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/attention-spectrum"
EXERCISE = "exercise-values"
TITLE = {"zh": "三种数法", "en": "Three ways of counting"}
TASK = {
    "zh": """
矩阵 `a` 在一个奇异方向上的能量，是奇异值的平方；除以总能量，就是这个方向的份额 p。
返回三个数：最大份额的倒数；份额平方和的倒数；e 的 H 次方，H 是份额的熵，即 -p ln p 之和。
""",
    "en": """
The energy of a matrix `a` in a singular direction is the square of the singular value; divided by
all the energy it is this direction's share p. Return three numbers: 1 over the largest share; 1
over the sum of the squared shares; and e to the power of their entropy, the sum of -p ln p.
""",
}


def direction_counts(a: np.ndarray) -> tuple:
    energy = np.linalg.svd(a, compute_uv=False) ** 2
    p = energy[energy > 0] / energy.sum()
    return 1 / p.max(), 1 / (p**2).sum(), np.exp(-(p * np.log(p)).sum())


@hint(
    zh="各方向的能量一样大时，三种数法都应当数出 n 个方向",
    en="where all directions have the same energy, all three should count n directions",
)
def equal_energies(answer, rng):
    n = int(rng.integers(2, 5))
    size = float(rng.integers(2, 6))
    expect(answer(size * np.eye(n)), (n, n, n))


@hint(
    zh="能量是奇异值的平方，不是奇异值",
    en="energies are the squares of the singular values, not the values",
)
def squares_of_the_values(answer, rng):
    a = np.diag([3.0, 4.0]) if rng.random() < 0.5 else np.array([[0.0, 3.0], [4.0, 0.0]])
    expect(answer(a)[:2], (1 / 0.64, 1 / (0.64**2 + 0.36**2)))


@hint(
    zh="份额不等时，三个数应当从小到大，熵数出来的最多",
    en="with unequal shares the three should ascend, the entropy counting most",
)
def all_three(answer, rng):
    energy = rng.integers(1, 9, 4)
    turn, _ = np.linalg.qr(rng.normal(size=(4, 4)))
    p = energy / energy.sum()
    right = (1 / p.max(), 1 / (p @ p), np.prod(p**-p))
    expect(answer(turn @ np.diag(energy**0.5)), right)


@hint(
    zh="有的方向能量是零：0 乘 ln 0 应当算作 0",
    en="some directions have no energy at all: 0 times ln 0 should count as 0",
)
def nothing_in_some(answer, rng):
    expect(answer(np.diag([5.0, 0.0, 5.0])), (2, 2, 2))


@wrong(equal_energies)
def energies_for_shares(a):
    p = np.linalg.svd(a, compute_uv=False) ** 2
    return 1 / p.max(), 1 / (p**2).sum(), np.exp(-(p * np.log(p)).sum())


@wrong(squares_of_the_values)
def values_for_energies(a):
    s = np.linalg.svd(a, compute_uv=False)
    p = s[s > 0] / s.sum()
    return 1 / p.max(), 1 / (p**2).sum(), np.exp(-(p * np.log(p)).sum())


@wrong(all_three)
def counts_for_the_entropy(a):
    energy = np.linalg.svd(a, compute_uv=False) ** 2
    p = energy / energy.sum()
    return 1 / p.max(), 1 / (p**2).sum(), float(np.linalg.matrix_rank(a))


@wrong(nothing_in_some)
def logarithm_of_zero(a):
    energy = np.linalg.svd(a, compute_uv=False) ** 2
    p = energy / energy.sum()
    with np.errstate(all="ignore"):
        return 1 / p.max(), 1 / (p**2).sum(), np.exp(-(p * np.log(p)).sum())

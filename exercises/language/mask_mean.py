"""The mean of a function over all masks of dropout."""

import itertools

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/dropout"
TITLE = {"zh": "一张不漏地平均", "en": "The mean over every mask"}
TASK = {
    "zh": """
Dropout 把向量 `x` 的每个数以概率 `p` 置零，各数互相独立，留下的数乘 1/(1-p)。
`f` 把一个向量变成一个数。返回 `f` 的期望值，要精确的：不抽样，
把留与丢的每一种组合（掩码）都试一遍。
""",
    "en": """
Dropout sets each number of the vector `x` to zero with probability `p`, independently, and
multiplies those it keeps by 1/(1-p). `f` makes a number of a vector. Return the expected value of
`f`, exactly: draw nothing, and try every mask, that is, every choice of what is kept.
""",
}
WITHOUT = ("random", "default_rng", "rand", "randn", "binomial")


def mask_mean(f, x: np.ndarray, p: float) -> float:
    total = 0.0
    for mask in itertools.product((0, 1), repeat=len(x)):
        chance = np.prod([1 - p if kept else p for kept in mask])
        total += chance * f(np.array(mask) * x / (1 - p))
    return total


def total_of(x):
    return x.sum()


def square_of_the_sum(x):
    return x.sum() ** 2


@hint(
    zh="`f` 若只是求和，期望就等于不做 Dropout 的和",
    en="where `f` does no more than add up, the expected value is the sum without dropout",
)
def sums_stay(answer, rng):
    x = rng.integers(1, 9, 3).astype(float)
    expect(answer(total_of, x, 0.5), x.sum())


@hint(
    zh="`f` 里有平方，期望就不等于 `f(x)`：该先代入每张掩码，再平均",
    en="where `f` squares, the expected value is not `f(x)`: put each mask in, then average",
)
def squares_grow(answer, rng):
    x = rng.integers(1, 9, 3).astype(float)
    expect(answer(square_of_the_sum, x, 0.5), x.sum() ** 2 + (x**2).sum())


@hint(
    zh="`p` 不是一半时，各张掩码的概率不相等。`p` 是丢掉的概率，不是留下的",
    en="where `p` is not one half, masks are not equally likely. And `p` is the probability of "
    "being dropped, not of being kept",
)
def unequal_chances(answer, rng):
    x, p = rng.integers(1, 9, 3).astype(float), float(rng.choice([0.1, 0.2, 0.8]))
    expect(answer(total_of, x, p), x.sum())
    expect(answer(square_of_the_sum, x, p), x.sum() ** 2 + p / (1 - p) * (x**2).sum())


@wrong(sums_stay)
def kept_as_they_are(f, x, p):
    masks = np.array(list(itertools.product((0, 1), repeat=len(x))))
    return sum(p ** (1 - m).sum() * (1 - p) ** m.sum() * f(m * x) for m in masks)


@wrong(squares_grow)
def mean_first(f, x, p):
    return f(x)


@wrong(squares_grow)
def one_at_a_time(f, x, p):
    masks = [np.ones(len(x)) - unit for unit in np.eye(len(x))]
    return np.mean([f(m * x / m.mean()) for m in masks])


@wrong(unequal_chances)
def all_alike(f, x, p):
    masks = np.array(list(itertools.product((0, 1), repeat=len(x))))
    return np.mean([f(m * x / (1 - p)) for m in masks])


@wrong(unequal_chances)
def chance_of_being_kept(f, x, p):
    masks = np.array(list(itertools.product((0, 1), repeat=len(x))))
    return sum(p ** m.sum() * (1 - p) ** (1 - m).sum() * f(m * x / (1 - p)) for m in masks)

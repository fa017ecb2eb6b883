"""What dropout does to the covariance if whole groups are dropped."""

import itertools

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/dropout"
TITLE = {"zh": "整组一起丢", "en": "Dropped in groups"}
TASK = {
    "zh": """
x 是随机向量，均值 `mean`，协方差 `covariance`。Dropout 以概率 `p` 把数置零，留下的乘 1/(1-p)。
`groups` 里编号相同的几个数要么一起留，要么一起丢，就像一个通道里的像素；编号不同的互相独立，
掩码与 x 也独立。返回 Dropout 之后的协方差。
""",
    "en": """
x is a random vector with mean `mean` and covariance `covariance`. Dropout sets numbers to zero with
probability `p` and multiplies those it keeps by 1/(1-p). Those with the same entry in `groups` are
kept or dropped together, like the pixels of a channel; different groups are independent of each
other, and masks are independent of x. Return the covariance after dropout.
""",
}


def grouped_covariance(
    mean: np.ndarray, covariance: np.ndarray, groups: np.ndarray, p: float
) -> np.ndarray:
    together = groups[:, None] == groups
    return covariance + p / (1 - p) * together * (covariance + np.outer(mean, mean))


def by_all_masks(points, groups, p):
    """Of equally likely points, each under every mask of groups."""
    values, weights = [], []
    for kept in itertools.product((0, 1), repeat=int(groups.max()) + 1):
        mask = np.array(kept)[groups] / (1 - p)
        values.append(points * mask)
        weights.append(np.prod([1 - p if one else p for one in kept]) / len(points))
    rows = np.concatenate(values)
    return np.cov(rows.T, aweights=np.repeat(weights, len(points)), ddof=0)


def ask(answer, points, groups, p):
    mean, covariance = points.mean(axis=0), np.cov(points.T, ddof=0)
    expect(answer(mean, covariance, groups, p), by_all_masks(points, groups, p))


def balanced(rng, n):
    """Points with mean zero."""
    half = rng.integers(-3, 4, (4, n))
    return np.concatenate([half, -half]).astype(float)


@hint(
    zh="均值为零、各丢各的：不在对角线上的不变，对角线上的方差乘 1/(1-p)",
    en="with mean zero and everyone dropped alone: off the diagonal nothing changes, on it the "
    "variances are multiplied by 1/(1-p)",
)
def alone_and_centred(answer, rng):
    ask(answer, balanced(rng, 2), np.arange(2), 0.5)


@hint(
    zh="均值不为零时，丢掉一个数，连它的均值也一起丢，方差会更大",
    en="where the mean is not zero, a number that is dropped drops its mean as well, and the "
    "variance is larger",
)
def alone_with_a_mean(answer, rng):
    ask(answer, balanced(rng, 2) + rng.integers(1, 5, 2), np.arange(2), 0.5)


@hint(
    zh="同一组的两个数一起丢，就一起跳动，噪声也添进它们的协方差里",
    en="two of a group are dropped together and jump together, so the noise enters their "
    "covariance, too",
)
def in_one_group(answer, rng):
    ask(answer, balanced(rng, 2) + rng.integers(1, 5, 2), np.array([0, 0]), 0.5)


@hint(
    zh="`p` 不是一半、有好几组，也应当对",
    en="it should be right for several groups, and where `p` is not one half",
)
def several_groups(answer, rng):
    points = balanced(rng, 4) + rng.integers(1, 5, 4)
    ask(answer, points, np.array([0, 1, 0, 2]), float(rng.choice([0.1, 0.2, 0.8])))


@wrong(alone_and_centred)
def shrinks_like_the_plain_kind(mean, covariance, groups, p):
    together = groups[:, None] == groups
    second = covariance + np.outer(mean, mean)
    return (1 - p) ** 2 * covariance + p * (1 - p) * together * second


@wrong(alone_with_a_mean)
def without_the_mean(mean, covariance, groups, p):
    return covariance + p / (1 - p) * (groups[:, None] == groups) * covariance


@wrong(in_one_group)
def diagonal_only(mean, covariance, groups, p):
    second = covariance + np.outer(mean, mean)
    return covariance + p / (1 - p) * np.diag(np.diag(second))


@wrong(in_one_group)
def mean_on_the_diagonal_only(mean, covariance, groups, p):
    together = groups[:, None] == groups
    return covariance + p / (1 - p) * (together * covariance + np.diag(mean**2))


@wrong(several_groups)
def variance_of_a_half(mean, covariance, groups, p):
    together = groups[:, None] == groups
    return covariance + 4 * p * (1 - p) * together * (covariance + np.outer(mean, mean))

"""Limit the length of the whole gradient, and keep its direction."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/gradients"
EXERCISE = "exercise-clipping"
TITLE = {"zh": "拴住，但不转向", "en": "Hold it, do not turn it"}
TASK = {
    "zh": """
`gradients` 是各层梯度的列表，形状可以不同。把它们合起来看作一个很长的向量。
它的长度超过 `limit`，就整体缩短到 `limit`，方向不变；否则原样返回。返回同样形状的列表。
""",
    "en": """
`gradients` is a list of the layers' gradients, of any shapes. Take them together as one long
vector. If its length exceeds `limit`, shorten the whole to `limit` without turning it; else
return it as it is. Return a list of the same shapes.
""",
}


def clip_together(gradients: list, limit: float) -> list:
    length = np.sqrt(sum((gradient**2).sum() for gradient in gradients))
    return [gradient * min(1, limit / length) for gradient in gradients]


def some(rng):
    return [rng.integers(1, 9, shape).astype(float) for shape in ((2,), (2, 2), (1,))]


def length_of(gradients):
    return float(np.linalg.norm(np.concatenate([g.ravel() for g in gradients])))


@hint(
    zh="没有超过 `limit`，就不该动它，也不该把它拉长",
    en="what does not exceed `limit` should be left alone, and not be lengthened either",
)
def short_ones_stay(answer, rng):
    gradients = some(rng)
    limit = length_of(gradients) * float(rng.integers(2, 5))
    expect(answer(gradients, limit), gradients)


@hint(
    zh="超过 `limit`，全部合起来的长度应当恰好是 `limit`",
    en="of what exceeds `limit`, the length of all together should come out as `limit`",
)
def long_ones_reach_the_limit(answer, rng):
    got = answer(some(rng), 1.0)
    expect([np.shape(g) for g in got], [(2,), (2, 2), (1,)])
    expect(length_of(got), 1.0)


@hint(
    zh="方向不该变：所有的数应当缩小同样的倍数",
    en="the direction should stay: all numbers should shrink by the same factor",
)
def direction_stays(answer, rng):
    gradients = some(rng)
    got, length = answer(gradients, 1.0), length_of(gradients)
    expect(got, [gradient / length for gradient in gradients])


@wrong(short_ones_stay)
def always_of_length_limit(gradients, limit):
    length = np.sqrt(sum((gradient**2).sum() for gradient in gradients))
    return [gradient * limit / length for gradient in gradients]


@wrong(long_ones_reach_the_limit)
def each_layer_by_itself(gradients, limit):
    return [g * min(1, limit / np.linalg.norm(g)) for g in gradients]


@wrong(long_ones_reach_the_limit)
def each_number_by_itself(gradients, limit):
    return [np.clip(gradient, -limit, limit) for gradient in gradients]


@wrong(long_ones_reach_the_limit)
def lengths_added(gradients, limit):
    length = sum(np.linalg.norm(gradient) for gradient in gradients)
    return [gradient * min(1, limit / length) for gradient in gradients]


@wrong(direction_stays)
def equal_shares(gradients, limit):
    length = np.sqrt(sum((gradient**2).sum() for gradient in gradients))
    share = limit / len(gradients) ** 0.5
    return [g * (share / np.linalg.norm(g) if length > limit else 1) for g in gradients]

"""Attention over keys that come one at a time."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/attention-as-product"
EXERCISE = "exercise-blocks"
TITLE = {"zh": "只看一遍", "en": "In one pass"}
TASK = {
    "zh": """
`stream` 依次给出 `(score, value)`：一个键的分数，和它的值（向量）。只能从头到尾走一遍。
以分数的 softmax 为权重，返回这些值的加权和。不要把它们都存下来；分数可以很大，`exp` 不能溢出。
""",
    "en": """
`stream` gives `(score, value)` one after another: the score of a key, and its value, a vector. It
can be gone through once. Return the sum of the values, weighted by the softmax of the scores. Do
not store them all; scores may be large, and `exp` must not overflow.
""",
}


def one_pass(stream) -> np.ndarray:
    top, weights, total = -np.inf, 0.0, 0.0
    for score, value in stream:
        higher = max(top, score)
        shrink, weight = np.exp(top - higher), np.exp(score - higher)
        weights, total = weights * shrink + weight, total * shrink + weight * value
        top = higher
    return total / weights


class Stream:
    """Pairs that can be gone through once."""

    def __init__(self, scores, values):
        self.pairs = list(zip(scores, values))[::-1]

    def __iter__(self):
        return self

    def __next__(self):
        if not self.pairs:
            raise StopIteration
        return self.pairs.pop()

    def __repr__(self):
        scores = [round(float(score), 1) for score, _ in reversed(self.pairs)]
        return f"<stream, scores {scores}>"


def attended(scores, values):
    weights = np.exp(scores - np.max(scores))
    return weights @ values / weights.sum()


def ask(answer, scores, rng):
    values = rng.integers(0, 9, (len(scores), 2)).astype(float)
    expect(answer(Stream(scores, values)), attended(scores, values))


@hint(
    zh="只有一个键时，它的权重是 1",
    en="with one key its weight is 1",
)
def one_key(answer, rng):
    ask(answer, rng.uniform(-2, 2, 1), rng)


@hint(
    zh="分数从大到小来，权重之比是 `exp` 之比，权重之和应当是 1",
    en="with scores in descending order: weights go like `exp` of the scores, and add up to 1",
)
def descending_scores(answer, rng):
    ask(answer, -np.sort(-rng.uniform(-2, 2, 4)), rng)


@hint(
    zh="来了更大的分数，先前累计的每一样都该跟着缩小",
    en="when a larger score comes, all that has been added up so far should shrink with it",
)
def rising_scores(answer, rng):
    ask(answer, np.sort(rng.uniform(-2, 2, 5)), rng)


@hint(
    zh="分数上千时，只该减去见过的最大分数再取 `exp`",
    en="where scores are in the thousands, take `exp` of what is left after the largest so far",
)
def large_scores(answer, rng):
    ask(answer, rng.uniform(-1, 1, 5) + np.array([0, 500, 1000, 2000, 2000]), rng)


@wrong(one_key)
def never_divided(stream):
    return sum(np.exp(score) * value for score, value in stream)


@wrong(descending_scores)
def plain_mean(stream):
    values = [value for _, value in stream]
    return sum(values) / len(values)


@wrong(rising_scores)
def nothing_shrinks(stream):
    top, weights, total = -np.inf, 0.0, 0.0
    for score, value in stream:
        top = max(top, score)
        weight = np.exp(score - top)
        weights, total = weights + weight, total + weight * value
    return total / weights


@wrong(rising_scores)
def only_the_weights_shrink(stream):
    top, weights, total = -np.inf, 0.0, 0.0
    for score, value in stream:
        higher = max(top, score)
        weight = np.exp(score - higher)
        weights = weights * np.exp(top - higher) + weight
        total = total + weight * value
        top = higher
    return total / weights


@wrong(large_scores)
def shifted_by_the_first(stream):
    weights, total, first = 0.0, 0.0, None
    for score, value in stream:
        first = score if first is None else first
        with np.errstate(all="ignore"):
            weight = np.exp(score - first)
            weights, total = weights + weight, total + weight * value
    return total / weights

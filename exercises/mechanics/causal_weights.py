"""Attention that does not look ahead."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/attention-as-product"
TITLE = {"zh": "不许往后看", "en": "No looking ahead"}
TASK = {
    "zh": """
`scores[i, j]` 是第 i 个词的查询对第 j 个词的键的分数，形状 (n, n)。每个词只许看自己和前面的词。
返回注意力的权重：每行对看得见的分数取 softmax，看不见的是 0。
""",
    "en": """
`scores[i, j]` is the score of word i's query with word j's key, shape (n, n). Each word may look at
itself and at the words before it. Return the weights of attention: in each row the softmax of the
scores that can be seen, and 0 for the others.
""",
}
WITHOUT = ("for", "while", "softmax")


def causal_weights(scores: np.ndarray) -> np.ndarray:
    seen = np.where(np.tri(len(scores), dtype=bool), scores, -np.inf)
    weights = np.exp(seen - seen.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def row_by_row(scores):
    weights = np.zeros(scores.shape)
    for i, row in enumerate(scores):
        kept = np.exp(row[: i + 1] - row[: i + 1].max())
        weights[i, : i + 1] = kept / kept.sum()
    return weights


@hint(
    zh="第一个词只看得见自己，它的权重应当是 1，后面的都是 0",
    en="the first word sees itself alone: its weight should be 1, and the others 0",
)
def first_word(answer, rng):
    scores = rng.integers(-2, 3, (2, 2)).astype(float)
    expect(answer(scores)[0], np.array([1.0, 0.0]))


@hint(
    zh="每一行的权重加起来应当是 1",
    en="the weights of every row should add up to 1",
)
def rows_add_up(answer, rng):
    expect(answer(rng.integers(-2, 3, (3, 3)).astype(float)).sum(axis=1), np.ones(3))


@hint(
    zh="看得见的权重，比例应当是分数的 `exp` 之比",
    en="weights that are seen should be in the proportion of `exp` of the scores",
)
def softmax_of_the_seen(answer, rng):
    scores = rng.normal(size=(4, 4))
    expect(answer(scores), row_by_row(scores))


@hint(
    zh="看不见的分数再大，也不该有任何影响",
    en="a score that is not seen, however large, should have no say at all",
)
def hidden_scores_have_no_say(answer, rng):
    scores = rng.normal(size=(3, 3)) + np.triu(np.full((3, 3), 1e4), 1)
    expect(answer(scores), row_by_row(scores))


@hint(
    zh="看得见的分数再大，也不该溢出",
    en="a score that is seen, however large, should not overflow",
)
def large_scores(answer, rng):
    scores = rng.normal(size=(3, 3)) + 1e4
    expect(answer(scores), row_by_row(scores))


@wrong(first_word)
def looks_ahead(scores):
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


@wrong(first_word)
def scores_set_to_zero(scores):
    weights = np.exp(np.tril(scores))
    return weights / weights.sum(axis=1, keepdims=True)


@wrong(rows_add_up)
def divided_by_the_largest(scores):
    weights = np.tril(np.exp(scores - scores.max()))
    return weights / weights.max(axis=1, keepdims=True)


@wrong(softmax_of_the_seen)
def shares_without_exp(scores):
    kept = np.tril(scores - scores.min() + 1)
    return kept / kept.sum(axis=1, keepdims=True)


@wrong(hidden_scores_have_no_say)
def masked_after_the_softmax(scores):
    with np.errstate(all="ignore"):
        weights = np.tril(np.exp(scores - scores.max(axis=1, keepdims=True)))
        return weights / weights.sum(axis=1, keepdims=True)


@wrong(large_scores)
def never_shifted(scores):
    with np.errstate(all="ignore"):
        weights = np.where(np.tri(len(scores)) > 0, np.exp(scores), 0)
        return weights / weights.sum(axis=1, keepdims=True)

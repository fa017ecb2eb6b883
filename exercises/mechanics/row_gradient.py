"""The gradient of an embedding table, words repeated."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/embeddings"
EXERCISE = "exercise-repeats"
TITLE = {"zh": "同一个词来了两次", "en": "A word that came twice"}
TASK = {
    "zh": """
查表取出了词表里的第 `ids[0]`、`ids[1]`……行，`g` 的每一行是损失对取出的那一行的梯度。
返回损失对整张表的梯度，形状 (v, d)，v 是词表大小，d 是 `g` 的列数。
""",
    "en": """
A lookup has fetched rows `ids[0]`, `ids[1]` and so on of a table, and each row of `g` is the
gradient of the loss with respect to the row fetched. Return the gradient with respect to the
whole table, of shape (v, d), with v the size of the vocabulary and d the number of columns of
`g`.
""",
}
WITHOUT = ("for", "while")


def row_gradient(ids: np.ndarray, g: np.ndarray, v: int) -> np.ndarray:
    gradient = np.zeros((v, g.shape[1]))
    np.add.at(gradient, ids, g)
    return gradient


def one_by_one(ids, g, v):
    gradient = np.zeros((v, g.shape[1]))
    for word, row in zip(ids, g):
        gradient[word] += row
    return gradient


@hint(
    zh="没有用到的词，梯度应当是零，但仍占一行",
    en="a word that was not used has a gradient of zero, and a row all the same",
)
def unused_rows_are_zero(answer, rng):
    g = rng.integers(1, 9, (1, 3))
    expect(answer(np.array([1]), g, 3), one_by_one([1], g, 3))


@hint(
    zh="词各不相同时，每一行梯度应当回到它自己的词那里",
    en="where words differ, every row of the gradient should go back to its own word",
)
def back_to_their_words(answer, rng):
    ids, g = rng.permutation(4)[:3], rng.integers(1, 9, (3, 2))
    expect(answer(ids, g, 4), one_by_one(ids, g, 4))


@hint(
    zh="一个词取了几次，损失就通过几处依赖它：这几份梯度该怎样合起来？",
    en="the loss depends on a word in as many places as it was fetched: how do these gradients go "
    "together?",
)
def repeated_words(answer, rng):
    ids, g = rng.integers(0, 3, 8), rng.integers(1, 9, (8, 2))
    expect(answer(ids, g, 5), one_by_one(ids, g, 5))


@wrong(unused_rows_are_zero)
def only_what_was_fetched(ids, g, v):
    return g.astype(float)


@wrong(back_to_their_words)
def in_order_of_appearance(ids, g, v):
    gradient = np.zeros((v, g.shape[1]))
    gradient[np.sort(ids)] = g
    return gradient


@wrong(repeated_words)
def plus_equals(ids, g, v):
    gradient = np.zeros((v, g.shape[1]))
    gradient[ids] += g
    return gradient


@wrong(repeated_words)
def averaged(ids, g, v):
    hot = np.eye(v)[ids]
    return hot.T @ g / np.maximum(hot.sum(axis=0), 1)[:, None]

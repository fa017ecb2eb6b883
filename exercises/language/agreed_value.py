"""The number on which averaging tokens agree in the end."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/attention-dynamics"
TITLE = {"zh": "最后听谁的", "en": "Whose number will it be?"}
TASK = {
    "zh": """
每个词带一个数，起初是 `values`。每过一层，各词的数换成所有词的加权平均，权重是 `attention`
的那一行：`values = attention @ values`。各层的 `attention` 都一样，元素全是正数，每行之和为 1。
层数无穷多时，所有词的数都相同，返回它。不要一层一层地算。
""",
    "en": """
Every token has a number, at first those in `values`. In each layer, the number of a token becomes a
mean of all, weighted by its row of `attention`: `values = attention @ values`. All layers have the
same `attention`, whose entries are positive and whose rows sum to 1. After infinitely many layers
all tokens have the same number. Return it, and do not go layer by layer.
""",
}
WITHOUT = ("for", "while", "matrix_power", "range")


def agreed_value(attention: np.ndarray, values: np.ndarray) -> float:
    eigenvalues, vectors = np.linalg.eig(attention.T)
    shares = vectors[:, eigenvalues.real.argmax()].real
    return shares @ values / shares.sum()


def after_many_layers(attention, values):
    for _ in range(300):
        values = attention @ values
    return values[0]


def drawn(rng, n):
    scores = rng.uniform(0.2, 1, (n, n))
    return scores / scores.sum(axis=1, keepdims=True), rng.integers(1, 9, n).astype(float)


@hint(
    zh="各词被看的总量相同时，分量也相同，最后就是普通的平均",
    en="where all are looked at equally much, all have the same say, and it ends at the plain mean",
)
def equal_say(answer, rng):
    share, values = float(rng.uniform(0.2, 0.8)), drawn(rng, 2)[1]
    expect(answer(np.array([[share, 1 - share], [1 - share, share]]), values), values.mean())


@hint(
    zh="各词的分量不必相等，但过一层应当不变：分量与 `attention` 相乘，还是这些分量。谁在左边？",
    en="tokens need not have an equal say, but a layer should leave their shares as they are: "
    "shares times `attention` are the same shares. Which of the two stands on the left?",
)
def unequal_say(answer, rng):
    attention, values = drawn(rng, 2)
    expect(answer(attention, values), after_many_layers(attention, values))


@hint(
    zh="一个词的分量，不光看它被看了多少，还要看是谁在看它",
    en="the say of a token depends on who looks at it, and not only on how much it is looked at",
)
def many_tokens(answer, rng):
    attention, values = drawn(rng, int(rng.integers(3, 6)))
    expect(answer(attention, values), after_many_layers(attention, values))


@wrong(equal_say)
def the_first_token(attention, values):
    return attention[0] @ values


@wrong(equal_say)
def never_divided(attention, values):
    eigenvalues, vectors = np.linalg.eig(attention.T)
    return vectors[:, eigenvalues.real.argmax()].real @ values


@wrong(unequal_say)
def plain_mean(attention, values):
    return values.mean()


@wrong(unequal_say)
def eigenvector_of_the_rows(attention, values):
    eigenvalues, vectors = np.linalg.eig(attention)
    shares = vectors[:, eigenvalues.real.argmax()].real
    return shares @ values / shares.sum()


@wrong(unequal_say)
def how_much_is_looked_at(attention, values):
    return attention.mean(axis=0) @ values


@wrong(many_tokens)
def what_is_not_kept(attention, values):
    shares = 1 / (1 - np.diag(attention))
    return shares @ values / shares.sum()

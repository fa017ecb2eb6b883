"""Gradient descent for a linear model, carried out on inner products alone."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/four-eras"
TITLE = {"zh": "没有权重，也能下降", "en": "Descent without weights"}
TASK = {
    "zh": """
提示里有 n 个点 x_1……x_n 和它们的标签。线性模型的权重 w 从零出发，沿着 (w·x_i - y_i)²/2 对 i 的
平均值走 `steps` 步梯度下降，学习率是 `rate`，然后回答查询 q，答案是 w·q。
可是点和查询都看不见，只看得见内积：`scores[i, j]` 是 x_i·x_j，`query[i]` 是 q·x_i；
`labels[i]` 是标签 y_i。返回同一个答案。
""",
    "en": """
A prompt holds n points x_1 to x_n and their labels. The weights w of a linear model start at zero
and take `steps` steps of gradient descent on the mean over i of (w·x_i - y_i)²/2, with learning
rate `rate`; then the model answers a query q by w·q. You see neither points nor query, only inner
products: `scores[i, j]` is x_i·x_j, and `query[i]` is q·x_i; `labels[i]` is the label y_i. Return
the same answer.
""",
}


def descent_by_scores(
    scores: np.ndarray, labels: np.ndarray, query: np.ndarray, rate: float, steps: int
) -> float:
    answer, left = 0.0, labels
    for _ in range(steps):
        answer += rate * np.mean(query * left)
        left = left - rate * scores @ left / len(labels)
    return answer


def by_weights(x, y, q, rate, steps):
    w = np.zeros(len(q))
    for _ in range(steps):
        w -= rate * x.T @ (x @ w - y) / len(y)
    return w @ q


def ask(answer, x, y, q, rate, steps):
    expect(answer(x @ x.T, y, x @ q, rate, steps), by_weights(x, y, q, rate, steps))


@hint(
    zh="走一步时，答案是标签的加权和，权重由查询的内积来定：从零出发，第一步的梯度里有什么？",
    en="after one step the answer is a weighted sum of labels, with weights from the query's inner "
    "products: what is in the gradient at zero?",
)
def one_step(answer, rng):
    x, y = rng.integers(-2, 3, (3, 2)), rng.integers(1, 5, 3)
    ask(answer, x, y, np.array([1, 2]), 0.3, 1)


@hint(
    zh="走到第二步，各点的标签已经解释了一部分：还差多少，第二步就学多少",
    en="by the second step a part of each point's label is explained already: what is still "
    "missing is what the second step learns from",
)
def two_steps(answer, rng):
    x, y = rng.integers(-2, 3, (3, 2)), rng.integers(1, 5, 3)
    ask(answer, x, y, np.array([1, 2]), 0.3, 2)


@hint(
    zh="每走一步，差的就又少一截，要从上一步剩下的接着算",
    en="what is missing changes with every step: go on from what the last one left",
)
def more_steps(answer, rng):
    x, y = rng.normal(size=(6, 3)), rng.normal(size=6)
    ask(answer, x, y, rng.normal(size=3), 0.5, int(rng.integers(3, 9)))


@wrong(one_step)
def sum_for_mean(scores, labels, query, rate, steps):
    answer, left = 0.0, labels
    for _ in range(steps):
        answer += rate * query @ left
        left = left - rate * scores @ left
    return answer


@wrong(one_step)
def labels_before_answer(scores, labels, query, rate, steps):
    answer, left = 0.0, labels
    for _ in range(steps):
        left = left - rate * scores @ left / len(labels)
        answer += rate * np.mean(query * left)
    return answer


@wrong(two_steps)
def same_step_again(scores, labels, query, rate, steps):
    return steps * rate * np.mean(query * labels)


@wrong(two_steps)
def error_of_the_query(scores, labels, query, rate, steps):
    answer = 0.0
    for _ in range(steps):
        answer += rate * np.mean(query * (labels - answer))
    return answer


@wrong(more_steps)
def always_from_the_labels(scores, labels, query, rate, steps):
    answer, left = 0.0, labels
    for _ in range(steps):
        answer += rate * np.mean(query * left)
        left = labels - rate * scores @ left / len(labels)
    return answer

"""The limit of a deep graph network that keeps some of its start in every layer."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/beyond/graphs"
TITLE = {"zh": "没有尽头的层", "en": "Layers without end"}
TASK = {
    "zh": """
图上有 n 个点，`x` 的每一行是一个点最初的特征。网络从 H = `x` 出发，每一层先传一次消息，
再掺进一份最初的特征，H 变成 `(1 - keep) * a @ H + keep * x`。这里 `a` 是 n×n 的对称矩阵，
特征值都在 -1 与 1 之间，`keep` 大于 0，小于 1。层数越来越多，H 会趋于一个极限。
返回这个极限，不许一层一层去算：`keep` 很小时，要成千上万层才到得了。
""",
    "en": """
A graph has n nodes, and each row of `x` holds the first features of one. A network starts from H =
`x`; each layer passes messages once and then mixes in some of the first features, so that H becomes
`(1 - keep) * a @ H + keep * x`. Here `a` is a symmetric n×n matrix whose eigenvalues lie between -1
and 1, and `keep` is above 0 and below 1. With more and more layers H tends to a limit. Return it,
without going through the layers: if `keep` is small, there are many thousands on the way.
""",
}
WITHOUT = ("for", "while", "matrix_power")


def endless_layers(a: np.ndarray, x: np.ndarray, keep: float) -> np.ndarray:
    return keep * np.linalg.solve(np.eye(len(a)) - (1 - keep) * a, x)


def many_layers(a, x, keep):
    h = x
    for _ in range(int(20 / keep)):
        h = (1 - keep) * a @ h + keep * x
    return h


@hint(
    zh="只有一个点，它又只听自己的，每一层就什么也没变",
    en="where there is one node, which hears itself alone, no layer changes anything",
)
def one_node(answer, rng):
    x = rng.integers(1, 9, (1, 2)) * 1.0
    expect(answer(np.ones((1, 1)), x, 0.25), x)


@hint(
    zh="走到极限，再加一层也不会变。由此能列出 H 的什么方程？",
    en="at the limit another layer changes nothing. Which equation does that give for H?",
)
def any_graph(answer, rng):
    a, x = np.array([[0.2, 0.8], [0.8, 0.2]]), np.diag(rng.integers(1, 9, 2) * 1.0)
    expect(answer(a, x, 0.2), many_layers(a, x, 0.2))
    w = rng.normal(size=(5, 5))
    a, x = (w + w.T) / np.linalg.norm(w + w.T, 2), rng.normal(size=(5, 2))
    expect(answer(a, x, 0.03), many_layers(a, x, 0.03))


@wrong(one_node)
def start_in_full(a, x, keep):
    return np.linalg.solve(np.eye(len(a)) - (1 - keep) * a, x)


@wrong(any_graph)
def keep_for_the_rest(a, x, keep):
    return (1 - keep) * np.linalg.solve(np.eye(len(a)) - keep * a, x)


@wrong(any_graph)
def one_layer(a, x, keep):
    return (1 - keep) * a @ x + keep * x


@wrong(any_graph)
def start_mixed_in_at_the_end(a, x, keep):
    values, vectors = np.linalg.eigh(a)
    settled = vectors[:, values > 1 - 1e-9]
    return (1 - keep) * settled @ (settled.T @ x) + keep * x


@wrong("without")
def as_far_as_it_goes(a, x, keep):
    h = x
    for _ in range(1000):
        h = (1 - keep) * a @ h + keep * x
    return h

"""Take one example back out of a least-squares fit."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/beyond/continual"
TITLE = {"zh": "当它没来过", "en": "As if it had never come"}
TASK = {
    "zh": """
逐个学习的最小二乘记着两样：权重 `w`，使 |w|² 加上各样本的 (y - w·x)²，总和最小；
还有矩阵 `p`，是 I + Σ x xᵀ 的逆，Σ 对学过的全部样本求和。样本学完就扔了。
现在有人要求撤回其中一个样本，它的输入是向量 `x`，答案是 `y`。
返回撤回以后的权重，与从来没有学过它时一模一样。别的样本已经不在手里了。
""",
    "en": """
Least squares, learned one example at a time, keeps two things: the weights `w`, for which |w|²
plus the sum of (y - w·x)² over all examples is least, and the matrix `p`, the inverse of I + Σ x xᵀ
with the sum over the same examples. The examples themselves are thrown away. Now one of them has to
be taken back; its input is the vector `x` and its answer `y`. Return the weights without it,
exactly what they would be if it had never come. The other examples are no longer at hand.
""",
}


def unlearn(w: np.ndarray, p: np.ndarray, x: np.ndarray, y: float) -> np.ndarray:
    gain = p @ x / (1 - x @ p @ x)
    return w - gain * (y - w @ x)


def learned(inputs, answers):
    p = np.linalg.inv(np.eye(inputs.shape[1]) + inputs.T @ inputs)
    return p @ inputs.T @ answers, p


@hint(
    zh="只学过这一个样本，撤回以后权重应当全是 0",
    en="if it was the only example, all weights should be 0 without it",
)
def the_only_one(answer, rng):
    x, y = rng.integers(1, 4, 2), float(rng.integers(1, 9))
    w, p = learned(x[None], np.array([y]))
    expect(answer(w, p, x, y), np.zeros(2))


@hint(
    zh="学过别的样本时，剩下的应当恰好是它们自己学出来的：该沿哪个方向改，由 `p` 来定",
    en="with other examples, what remains should be exactly what these give by themselves: in "
    "which direction to change is for `p` to say",
)
def one_of_several(answer, rng):
    inputs, answers = rng.integers(-2, 3, (4, 2)) + [0, 1], rng.integers(-5, 6, 4)
    w, p = learned(inputs, answers)
    without, _ = learned(inputs[1:], answers[1:])
    expect(answer(w, p, inputs[0], answers[0]), without)


@wrong(one_of_several)
def learned_with_the_opposite_answer(w, p, x, y):
    gain = p @ x / (1 + x @ p @ x)
    return w + gain * (-y - w @ x)


@wrong(the_only_one)
def learning_run_backwards(w, p, x, y):
    gain = p @ x / (1 + x @ p @ x)
    return w - gain * (y - w @ x)


@wrong(the_only_one)
def its_share_of_the_sum(w, p, x, y):
    return w - p @ x * (y - w @ x)


@wrong(one_of_several)
def a_gradient_step_back(w, p, x, y):
    return w - x * (y - w @ x)


@wrong(one_of_several)
def its_term_left_out(w, p, x, y):
    return w - p @ x * y

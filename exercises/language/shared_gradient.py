"""The gradient of a weight that is used in many places."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/structure"
TITLE = {"zh": "共用权重的梯度", "en": "The gradient of a shared weight"}
TASK = {
    "zh": """
卷积层有 `count` 个权重 w，不补零，步长是 `stride`：第 m 个输出是 `w[t] * x[m * stride + t]`
对 t 求和。`g[m]` 是损失对第 m 个输出的导数。返回损失对各个权重的导数。
""",
    "en": """
A convolutional layer has `count` weights w, a stride of `stride` and no padding: output m is the
sum over t of `w[t] * x[m * stride + t]`. `g[m]` is the derivative of the loss by output m. Return
the derivatives of the loss by the weights.
""",
}


def shared_gradient(x: np.ndarray, g: np.ndarray, count: int, stride: int) -> np.ndarray:
    windows = [x[m * stride : m * stride + count] for m in range(len(g))]
    return g @ np.array(windows)


def by_differences(x, g, count, stride):
    """The loss is linear in the weights: change one of them by 1."""

    def loss(w):
        outputs = [w @ x[m * stride : m * stride + count] for m in range(len(g))]
        return g @ np.array(outputs)

    return np.array([loss(np.eye(count)[t]) for t in range(count)])


def inputs(rng, outputs, count, stride):
    return rng.integers(1, 9, (outputs - 1) * stride + count)


@hint(
    zh="只有一个输出时，权重 t 乘的是 `x[t]`，导数是 `g[0] * x[t]`",
    en="with one output, weight t multiplies `x[t]`, and its derivative is `g[0] * x[t]`",
)
def one_output(answer, rng):
    x, g = inputs(rng, 1, 3, 1), rng.integers(2, 9, 1)
    expect(answer(x, g, 3, 1), g[0] * x)


@hint(
    zh="每个输出都用到这个权重：一动它，所有输出一起动，损失的变化是各处变化之和",
    en="each output uses the weight: move it, and all of them move, and the loss by all their "
    "changes together",
)
def many_outputs(answer, rng):
    x, g = inputs(rng, 4, 3, 1), rng.integers(-4, 5, 4)
    expect(answer(x, g, 3, 1), by_differences(x, g, 3, 1))


@hint(
    zh="步长大于 1 时，相邻两个输出的窗口隔着 `stride` 个数",
    en="with a stride above 1, the windows of neighbouring outputs are `stride` numbers apart",
)
def long_strides(answer, rng):
    count, stride = int(rng.integers(1, 5)), int(rng.integers(2, 4))
    x, g = inputs(rng, 4, count, stride), rng.integers(1, 5, 4)
    expect(answer(x, g, count, stride), by_differences(x, g, count, stride))


@wrong(one_output)
def without_the_inputs(x, g, count, stride):
    return np.convolve(g, np.ones(count))


@wrong(many_outputs)
def mean_over_outputs(x, g, count, stride):
    windows = [x[m * stride : m * stride + count] for m in range(len(g))]
    return g @ np.array(windows) / len(g)


@wrong(many_outputs)
def turned_round(x, g, count, stride):
    windows = [x[m * stride : m * stride + count] for m in range(len(g))]
    return g[::-1] @ np.array(windows)


@wrong(long_strides)
def stride_of_one(x, g, count, stride):
    return g @ np.array([x[m : m + count] for m in range(len(g))])

"""How many multiplications the way back through dense layers takes."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "inner-outer/background"
TITLE = {"zh": "往回走要乘多少次", "en": "Multiplications on the way back"}
TASK = {
    "zh": """
`widths` 是一串宽度，相邻两个之间是一层全连接，没有偏置；一批有 `batch` 个样本。往回走时，每一层用
一次矩阵乘法求自己权重的梯度，再用一次把误差传给前一层的输出；第一层前面是数据，不必再传。
返回做完这些矩阵乘法，数与数一共要相乘多少次。
""",
    "en": """
`widths` is a list of widths, with a dense layer without bias between each two neighbours; a batch
has `batch` samples. On the way back, each layer takes one matrix product for the gradient of its
weights and one more to pass the error on to the output of the layer before; before the first layer
is the data, and it passes nothing on. Return how many multiplications of numbers these matrix
products take together.
""",
}


def way_back_products(batch: int, widths: list) -> int:
    forward = [batch * n * m for n, m in zip(widths, widths[1:])]
    return 2 * sum(forward) - forward[0]


def by_doing_it(batch, widths):
    """Run the way back, and count at every product."""
    count = 0

    def product(a, b):
        nonlocal count
        count += a.shape[0] * a.shape[1] * b.shape[1]
        return a @ b

    inputs = [np.ones((batch, width)) for width in widths]
    error = np.ones((batch, widths[-1]))
    for place in reversed(range(len(widths) - 1)):
        gradient = product(inputs[place].T, error)
        if place:
            error = product(error, np.ones(gradient.shape).T)
    return count


@hint(
    zh="只有一层时，只求权重的梯度：权重有多少个，每个样本就乘多少次",
    en="with one layer there is the gradient of the weights only: for each sample as many "
    "multiplications as there are weights",
)
def one_layer(answer, rng):
    batch, widths = int(rng.integers(2, 9)), [int(width) for width in rng.integers(2, 9, 2)]
    expect(answer(batch, widths), by_doing_it(batch, widths))


@hint(
    zh="有两层时，后一层做两次矩阵乘法，前一层做一次",
    en="of two layers, the later one takes two matrix products, the earlier one takes one",
)
def two_layers(answer, rng):
    batch, widths = int(rng.integers(2, 5)), [int(width) for width in rng.permutation(9)[:3] + 2]
    expect(answer(batch, widths), by_doing_it(batch, widths))


@hint(
    zh="层数更多时，不必传误差的仍只有第一层",
    en="with more layers, it is still the first one alone that passes nothing on",
)
def many_layers(answer, rng):
    batch = int(rng.integers(1, 4))
    widths = [int(width) for width in rng.permutation(9)[: int(rng.integers(4, 7))] + 2]
    expect(answer(batch, widths), by_doing_it(batch, widths))


@wrong(one_layer)
def exactly_twice(batch, widths):
    return 2 * sum(batch * n * m for n, m in zip(widths, widths[1:]))


@wrong(one_layer)
def without_the_batch(batch, widths):
    forward = [n * m for n, m in zip(widths, widths[1:])]
    return 2 * sum(forward) - forward[0]


@wrong(two_layers)
def as_many_as_forward(batch, widths):
    return sum(batch * n * m for n, m in zip(widths, widths[1:]))


@wrong(two_layers)
def last_layer_passes_nothing_on(batch, widths):
    forward = [batch * n * m for n, m in zip(widths, widths[1:])]
    return 2 * sum(forward) - forward[-1]


@wrong(many_layers)
def only_the_last_takes_two(batch, widths):
    forward = [batch * n * m for n, m in zip(widths, widths[1:])]
    return sum(forward) + (forward[-1] if len(forward) > 1 else 0)

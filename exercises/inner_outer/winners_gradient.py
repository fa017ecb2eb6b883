"""The way back through maximum pooling."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "inner-outer/algorithms"
TITLE = {"zh": "梯度归赢家", "en": "All to the winner"}
TASK = {
    "zh": """
最大池化把 `image` 切成 `size` × `size` 的块，互不重叠，每块留下最大的数；边长总能整除，
块里没有并列的最大。`g` 是损失对池化结果的导数，形状与池化结果相同。
返回损失对 `image` 的导数，形状与 `image` 相同。
""",
    "en": """
Maximum pooling cuts `image` into blocks of `size` × `size` that do not overlap, and keeps the
largest number of each. Blocks fit exactly, and no two numbers tie for the largest of a block. `g`
is the derivative of the loss by what pooling gives, and has its shape. Return the derivative of the
loss by `image`, in the shape of `image`.
""",
}


def winners_gradient(image: np.ndarray, size: int, g: np.ndarray) -> np.ndarray:
    rows, columns = g.shape
    top = image.reshape(rows, size, columns, size).max(axis=(1, 3))
    block = np.ones((size, size))
    return np.kron(g, block) * (image == np.kron(top, block))


def by_nudging(image, size, g):
    """Raise one number at a time, too little to change any winner."""

    def loss(x):
        total = 0.0
        for p in range(g.shape[0]):
            for q in range(g.shape[1]):
                total += g[p, q] * x[p * size : (p + 1) * size, q * size : (q + 1) * size].max()
        return total

    change = np.zeros(image.shape)
    for place in np.ndindex(image.shape):
        nudged = image.astype(float)
        nudged[place] += 0.5
        change[place] = 2 * (loss(nudged) - loss(image))
    return change


def drawn(rng, rows, columns, size):
    shape = rows * size, columns * size
    image = rng.permutation(rows * columns * size**2).reshape(shape) + 1
    return image, size, rng.integers(1, 9, (rows, columns)).astype(float)


@hint(
    zh="只有一块时，只有最大的数动一动才会改变结果，它拿走全部导数，其余是 0",
    en="with one block, only a change of the largest number changes the result; it gets the whole "
    "derivative, and the others 0",
)
def one_block(answer, rng):
    case = drawn(rng, 1, 1, 2)
    expect(answer(*case), by_nudging(*case))


@hint(
    zh="有好几块时，每块各有赢家，各拿自己那块的导数",
    en="with several blocks, each has a winner of its own, which gets the derivative of its block",
)
def several_blocks(answer, rng):
    case = drawn(rng, 2, int(rng.integers(2, 4)), int(rng.integers(2, 4)))
    expect(answer(*case), by_nudging(*case))


@hint(
    zh="全是负数的块也有最大的数",
    en="a block of negative numbers has a largest one, too",
)
def negative_numbers(answer, rng):
    image, size, g = drawn(rng, 1, 2, 2)
    expect(answer(image - 20, size, g), by_nudging(image - 20, size, g))


@wrong(one_block)
def a_share_for_all(image, size, g):
    return np.kron(g, np.ones((size, size))) / size**2


@wrong(one_block)
def all_of_it_for_all(image, size, g):
    return np.kron(g, np.ones((size, size)))


@wrong(one_block)
def times_the_winner(image, size, g):
    rows, columns = g.shape
    top = image.reshape(rows, size, columns, size).max(axis=(1, 3))
    block = np.ones((size, size))
    return np.kron(g, block) * image * (image == np.kron(top, block))


@wrong(several_blocks)
def largest_of_the_image(image, size, g):
    return np.kron(g, np.ones((size, size))) * (image == image.max())


@wrong(several_blocks)
def cut_row_by_row(image, size, g):
    blocks = image.reshape(-1, size * size)
    winners = blocks == blocks.max(axis=1, keepdims=True)
    return (winners * g.reshape(-1, 1)).reshape(image.shape)


@wrong(negative_numbers)
def nothing_below_zero(image, size, g):
    rows, columns = g.shape
    top = image.reshape(rows, size, columns, size).max(axis=(1, 3), initial=0)
    block = np.ones((size, size))
    return np.kron(g, block) * (image == np.kron(top, block))

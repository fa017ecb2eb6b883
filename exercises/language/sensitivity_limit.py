"""A bound on how sensitive a network of residual blocks can be."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/spectral-normalisation"
TITLE = {"zh": "最多有多灵敏", "en": "How sensitive at most?"}
TASK = {
    "zh": """
网络是一串残差块，每块把 x 变成 x + F(x)。`blocks` 里每块是一列矩阵：F 先乘第一个，过激活函数，
再乘第二个，如此下去，最后一个矩阵之后没有激活函数。激活函数最多把两个数的距离拉到 `slope` 倍。
两个输入相距 1，整个网络的输出最多相距多少？返回由各矩阵的谱范数（最大的奇异值）算出的上界。
""",
    "en": """
A network is a row of residual blocks, each turning x into x + F(x). In `blocks` each is a list of
matrices: F multiplies by the first, applies the activation, multiplies by the second, and so on,
with no activation after the last matrix. The activation takes two numbers at most `slope` times as
far apart. For two inputs at a distance of 1, how far apart can the outputs of the network be?
Return the bound that follows from the spectral norms of the matrices, their largest singular
values.
""",
}


def sensitivity_limit(blocks: list, slope: float) -> float:
    limit = 1.0
    for block in blocks:
        norms = [np.linalg.norm(w, 2) for w in block]
        limit *= 1 + np.prod(norms) * slope ** (len(block) - 1)
    return limit


def stretching(rng, size):
    """A matrix that stretches by `size` at most, and the other way by less."""
    u, v = (np.linalg.qr(rng.normal(size=(2, 2)))[0] for _ in range(2))
    return u * [size, size / 2] @ v


@hint(
    zh="一块、一个矩阵：x 自己带来 1，F 最多再添上矩阵的谱范数",
    en="one block of one matrix: x itself brings 1, and F adds the spectral norm at most",
)
def one_matrix(answer, rng):
    size = float(rng.integers(2, 6))
    expect(answer([[stretching(rng, size)]], 1.0), 1 + size)


@hint(
    zh="F 里的矩阵和激活函数一个接一个，各自的倍数相乘；k 个矩阵之间有 k - 1 次激活",
    en="within F, matrices and activations come one after another and their factors multiply; "
    "between k matrices are k - 1 activations",
)
def one_block(answer, rng):
    a, b, slope = float(rng.integers(2, 5)), float(rng.integers(2, 5)), 1.5
    block = [stretching(rng, a), stretching(rng, b)]
    expect(answer([block], slope), 1 + slope * a * b)
    expect(answer([[*block, np.eye(2)]], slope), 1 + slope**2 * a * b)


@hint(
    zh="一块的输出是下一块的输入，各块的倍数相乘；没有块时，输出就是输入",
    en="what one block puts out goes into the next, so the factors of blocks multiply; and with no "
    "block at all, the output is the input",
)
def several_blocks(answer, rng):
    sizes = [float(size) for size in rng.integers(1, 5, int(rng.integers(2, 4)))]
    blocks = [[stretching(rng, size)] for size in sizes]
    expect(answer(blocks, 1.2), np.prod([1 + size for size in sizes]))
    expect(answer([], 1.2), 1.0)


@wrong(one_matrix)
def branches_only(blocks, slope):
    limit = 1.0
    for block in blocks:
        norms = [np.linalg.norm(w, 2) for w in block]
        limit *= np.prod(norms) * slope ** (len(block) - 1)
    return limit


@wrong(one_matrix)
def sum_of_squares(blocks, slope):
    limit = 1.0
    for block in blocks:
        norms = [np.linalg.norm(w) for w in block]
        limit *= 1 + np.prod(norms) * slope ** (len(block) - 1)
    return limit


@wrong(one_block)
def an_activation_after_the_last(blocks, slope):
    limit = 1.0
    for block in blocks:
        norms = [slope * np.linalg.norm(w, 2) for w in block]
        limit *= 1 + np.prod(norms)
    return limit


@wrong(one_block)
def every_matrix_a_block(blocks, slope):
    norms = [np.linalg.norm(w, 2) for block in blocks for w in block]
    return np.prod([1 + norm for norm in norms])


@wrong(several_blocks)
def blocks_are_added(blocks, slope):
    branches = [np.prod([np.linalg.norm(w, 2) for w in block]) for block in blocks]
    slopes = [slope ** (len(block) - 1) for block in blocks]
    return 1 + np.dot(branches, slopes)

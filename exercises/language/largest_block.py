"""The order of the largest Jordan block, from ranks."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/jordan"
TITLE = {"zh": "最大的一块有多大", "en": "How large is the largest block?"}
TASK = {
    "zh": """
m 阶的若尔当块，对角线上全是同一个数，紧挨着的上一条斜线上全是 1。任何方阵换一组合适的基，
都能化成这样的块沿对角线排开，这就是它的若尔当标准形。`w` 是不大的方阵，元素是整数。
返回它的特征值 `value` 的若尔当块里，最大的是几阶；`value` 若不是特征值，返回 0。
""",
    "en": """
A Jordan block of order m has one number all along its diagonal and ones just above the diagonal. In
a suitable basis any square matrix is a row of such blocks along the diagonal, its Jordan form. `w`
is a small square matrix of whole numbers. Return the order of the largest Jordan block that it has
for the eigenvalue `value`, or 0 if `value` is no eigenvalue.
""",
}


def largest_block(w: np.ndarray, value: int) -> int:
    shifted = w - value * np.eye(len(w))
    power, order = np.eye(len(w)), 0
    while np.linalg.matrix_rank(power @ shifted) < np.linalg.matrix_rank(power):
        power, order = power @ shifted, order + 1
    return order


def with_blocks(rng, blocks, hidden=True):
    """A matrix of whole numbers with these blocks, each (eigenvalue, order)."""
    n = sum(order for _, order in blocks)
    form, start = np.zeros((n, n)), 0
    for value, order in blocks:
        block = value * np.eye(order) + np.eye(order, k=1)
        form[start : start + order, start : start + order] = block
        start += order
    basis = np.eye(n) + hidden * np.triu(rng.integers(-1, 2, (n, n)), 1)
    return np.rint(basis @ form @ np.linalg.inv(basis)).astype(int)


@hint(
    zh="整个矩阵就是一个若尔当块时，答案是它的阶数",
    en="a matrix that is one Jordan block: the answer is its order",
)
def one_block(answer, rng):
    value, order = int(rng.integers(-2, 3)), int(rng.integers(2, 4))
    expect(answer(with_blocks(rng, [(value, order)], hidden=False), value), order)


@hint(
    zh="同一个特征值可以有好几块。特征值重几次、特征向量缺几个，都定不下最大的一块",
    en="an eigenvalue may have several blocks. Neither how often it is repeated nor how many "
    "eigenvectors are missing settles how large the largest is",
)
def several_blocks(answer, rng):
    for orders in ([2, 2], [3, 1], [1, 1], [2, 1]):
        w = with_blocks(rng, [(1, order) for order in orders])
        expect(answer(w, 1), orders[0])


@hint(
    zh="别的特征值也有块，不要算进来",
    en="other eigenvalues have blocks, too, and those should not count",
)
def other_eigenvalues(answer, rng):
    order = int(rng.integers(1, 3))
    expect(answer(with_blocks(rng, [(2, order), (0, 3)]), 2), order)


@hint(
    zh="`value` 不是特征值时，一块也没有",
    en="where `value` is no eigenvalue there is no block at all",
)
def no_eigenvalue(answer, rng):
    expect(answer(with_blocks(rng, [(1, 2)]), int(rng.integers(2, 5))), 0)


@wrong(one_block)
def number_of_blocks(w, value):
    return len(w) - int(np.linalg.matrix_rank(w - value * np.eye(len(w))))


@wrong(several_blocks)
def as_often_as_it_is_repeated(w, value):
    shifted = w - value * np.eye(len(w))
    return len(w) - int(np.linalg.matrix_rank(np.linalg.matrix_power(shifted, len(w))))


@wrong(several_blocks)
def missing_eigenvectors_and_one(w, value):
    shifted = w - value * np.eye(len(w))
    repeated = len(w) - np.linalg.matrix_rank(np.linalg.matrix_power(shifted, len(w)))
    eigenvectors = len(w) - np.linalg.matrix_rank(shifted)
    return int(repeated - eigenvectors + 1)


@wrong(other_eigenvalues)
def until_nothing_is_left(w, value):
    shifted = w - value * np.eye(len(w), dtype=int)
    for order in range(1, len(w) + 1):
        if not np.linalg.matrix_power(shifted, order).any():
            return order
    return len(w) if np.linalg.matrix_rank(shifted) < len(w) else 0


@wrong(no_eigenvalue)
def one_at_least(w, value):
    power = shifted = w - value * np.eye(len(w))
    order = 1
    while np.linalg.matrix_rank(power @ shifted) < np.linalg.matrix_rank(power):
        power, order = power @ shifted, order + 1
    return order

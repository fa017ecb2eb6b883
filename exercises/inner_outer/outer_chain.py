"""A product of many outer products."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "inner-outer/concepts"
EXERCISE = "exercise-chain"
TITLE = {"zh": "一串外积", "en": "A chain of outer products"}
TASK = {
    "zh": """
u 和 v 各有 k 行，各行一样长。第 i 行的 u 与第 i 行的 v 做外积，得一张表；把 k 张表依次做矩阵乘法，
返回结果。不造中间的表：不用矩阵乘法，也不用循环。
""",
    "en": """
u and v have k rows each, all of one length. Row i of u and row i of v have an outer product, a
table; return the matrix product of the k tables in order. Build none of the tables between: use no
matrix product and no loop.
""",
}
WITHOUT = ("@", "for", "while", "matmul", "dot", "multi_dot", "reduce", "einsum", "matrix_power")


def outer_chain(u: np.ndarray, v: np.ndarray) -> np.ndarray:
    between = np.sum(v[:-1] * u[1:], axis=1)
    return np.prod(between) * np.outer(u[0], v[-1])


def one_by_one(u, v):
    product = np.eye(u.shape[1])
    for left, right in zip(u, v, strict=True):
        product = product @ (left[:, None] * right)
    return product


def drawn(rng, k):
    return rng.integers(1, 5, (k, 2)), rng.integers(1, 5, (k, 2))


@hint(
    zh="只有一张表时，就是那个外积",
    en="with one table, it is that outer product",
)
def one_table(answer, rng):
    u, v = drawn(rng, 1)
    expect(answer(u, v), one_by_one(u, v))


@hint(
    zh="两张表相乘，挪一挪括号，中间夹着一个数：是谁和谁的内积？剩下的又是谁和谁的外积？",
    en="move the brackets in a product of two tables, and there is a number in the middle: the "
    "inner product of which two? And whose outer product is left?",
)
def two_tables(answer, rng):
    u, v = drawn(rng, 2)
    expect(answer(u, v), one_by_one(u, v))


@hint(
    zh="k 张表之间夹着 k - 1 个数，全都要乘上",
    en="between k tables are k - 1 numbers, and all of them multiply",
)
def many_tables(answer, rng):
    u, v = drawn(rng, int(rng.integers(3, 6)))
    expect(answer(u, v), one_by_one(u, v))


@wrong(one_table)
def inner_product_of_each_pair(u, v):
    return np.prod(np.sum(u * v, axis=1)) * np.outer(u[0], v[-1])


@wrong(one_table)
def inner_product_instead(u, v):
    return np.sum(u * v)


@wrong(two_tables)
def the_other_way_round(u, v):
    return np.prod(np.sum(u[:-1] * v[1:], axis=1)) * np.outer(u[-1], v[0])


@wrong(two_tables)
def entry_by_entry(u, v):
    return np.outer(np.prod(u, axis=0), np.prod(v, axis=0))


@wrong(many_tables)
def added_not_multiplied(u, v):
    between = np.sum(v[:-1] * u[1:], axis=1)
    return (np.sum(between) if len(between) else 1) * np.outer(u[0], v[-1])

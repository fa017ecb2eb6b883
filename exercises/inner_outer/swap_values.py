"""Exchange what a memory of outer products holds under two keys."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "inner-outer/faq"
TITLE = {"zh": "两条记忆对调", "en": "Exchange two memories"}
TASK = {
    "zh": """
`memory` 是许多外积之和：每一对键 k、值 v，写进去的是 `np.outer(v, k)`。所有的键两两垂直，
长度不一定是 1。用键 k 读，得 `memory @ k / (k @ k)`。
返回一张新表：用 `first` 读出原来 `second` 的值，用 `second` 读出原来 `first` 的值，别的照旧。
""",
    "en": """
`memory` is a sum of outer products: for each pair of a key k and a value v, `np.outer(v, k)` was
written. All keys are at right angles to one another, of any length. Read with key k, it gives
`memory @ k / (k @ k)`. Return a new table from which `first` reads what `second` read before,
`second` reads what `first` read, and every other key what it always did.
""",
}


def swap_values(memory: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    gap = memory @ second / (second @ second) - memory @ first / (first @ first)
    return memory + np.outer(gap, first) - np.outer(gap, second)


def read(memory, key):
    return memory @ key / (key @ key)


def written(keys, values):
    return sum(v[:, None] * k for k, v in zip(keys, values, strict=True))


@hint(
    zh="键是坐标轴时，每个键占一列，对调就是换列：旧的要去掉，新的要写进去",
    en="with keys along the axes each has a column, and to exchange is to swap columns: the old "
    "values go, the new ones come",
)
def columns_swapped(answer, rng):
    values = rng.permutation(9)[:4].reshape(2, 2).astype(float)
    keys = np.eye(2)
    expect(answer(written(keys, values), *keys), written(keys[::-1], values))


@hint(
    zh="键不一定是坐标轴，长度也不一定是 1：写进去的外积，读出来要除以键的长度的平方",
    en="keys need not be axes, nor of length 1: what an outer product writes is read divided by "
    "the squared length of its key",
)
def keys_of_any_length(answer, rng):
    keys = np.array([[1.0, 2], [-2, 1]]) * rng.integers(1, 4, (2, 1))
    values = rng.permutation(9)[:4].reshape(2, 2).astype(float)
    memory = answer(written(keys, values), *keys)
    expect(read(memory, keys[0]), values[1])
    expect(read(memory, keys[1]), values[0])


@hint(
    zh="别的键读出来的，应当与原来一样",
    en="what other keys read should be what it was",
)
def others_stay(answer, rng):
    keys = np.array([[1.0, 1, 1], [1, -1, 0], [1, 1, -2]])
    values = rng.permutation(9)[:6].reshape(3, 2).astype(float)
    memory = answer(written(keys, values), keys[0], keys[1])
    expect(read(memory, keys[0]), values[1])
    expect(read(memory, keys[2]), values[2])


@wrong(columns_swapped)
def added_on_top(memory, first, second):
    old_first = memory @ first / (first @ first)
    old_second = memory @ second / (second @ second)
    return memory + np.outer(old_second, first) + np.outer(old_first, second)


@wrong(columns_swapped)
def one_after_the_other(memory, first, second):
    memory = memory + np.outer((memory @ second - memory @ first) / (first @ first), first)
    return memory + np.outer((memory @ first - memory @ second) / (second @ second), second)


@wrong(columns_swapped)
def keys_on_the_left(memory, first, second):
    gap = memory @ second / (second @ second) - memory @ first / (first @ first)
    return memory + np.outer(first, gap) - np.outer(second, gap)


@wrong(keys_of_any_length)
def as_if_of_length_one(memory, first, second):
    gap = memory @ second - memory @ first
    return memory + np.outer(gap, first) - np.outer(gap, second)


@wrong(others_stay)
def a_table_of_these_two(memory, first, second):
    old_first = memory @ first / (first @ first)
    old_second = memory @ second / (second @ second)
    return np.outer(old_second, first) + np.outer(old_first, second)

"""From a cell of memory back to the index."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "foundations/scalars-to-tensors"
EXERCISE = "exercise-index"
TITLE = {"zh": "这一格住着谁", "en": "Who lives in this cell?"}
TASK = {
    "zh": """
形状为 `shape` 的张量按行摆进内存：最后一根轴走一步，内存里走一格。返回第 `cell` 格的下标，
一个整数元组，每根轴一个数。
""",
    "en": """
A tensor of shape `shape` lies in memory row by row: one step along the last axis is one cell.
Return the index that lives in cell number `cell`, a tuple with one integer for each axis.
""",
}
WITHOUT = ("unravel_index", "ndindex", "argwhere", "nonzero", "where")


def index_at(shape: tuple, cell: int) -> tuple:
    index = []
    for length in reversed(shape):
        index.append(cell % length)
        cell //= length
    return tuple(reversed(index))


def by_numpy(shape, cell):
    return tuple(int(i) for i in np.unravel_index(cell, shape))


@hint(
    zh="一根轴时，下标就是格号，仍写成元组",
    en="with one axis the index is the number of the cell, still in a tuple",
)
def one_axis(answer, rng):
    cell = int(rng.integers(1, 7))
    expect(answer((7,), cell), (cell,))


@hint(
    zh="两根轴时，从第 0 格起先走完一行，再到下一行",
    en="with two axes, the cells go along one row first and then to the next",
)
def rows_first(answer, rng):
    shape = (3, 5)
    cell = int(rng.integers(1, 14))
    expect(answer(shape, cell), by_numpy(shape, cell))


@hint(
    zh="轴再多，规律也一样：每根轴的下标都小于它的长度",
    en="with more axes it goes on like that: along each axis the index is below its length",
)
def any_axes(answer, rng):
    shape = tuple(rng.integers(1, 4, rng.integers(3, 5)).tolist())
    for cell in range(int(np.prod(shape))):
        expect(answer(shape, cell), by_numpy(shape, cell))


@wrong(one_axis)
def a_list_instead(shape, cell):
    index = []
    for length in reversed(shape):
        index.insert(0, cell % length)
        cell //= length
    return index


@wrong(rows_first)
def from_the_first_axis(shape, cell):
    index = []
    for length in shape:
        index.append(cell % length)
        cell //= length
    return tuple(index)


@wrong(rows_first)
def last_axis_first(shape, cell):
    index = []
    for length in reversed(shape):
        index.append(cell % length)
        cell //= length
    return tuple(index)


@wrong(any_axes)
def rows_and_columns_only(shape, cell):
    columns = shape[-1]
    index = (cell // columns, cell % columns)
    return (0,) * (len(shape) - 2) + index if len(shape) > 1 else (cell,)

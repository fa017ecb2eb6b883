"""What several inputs do together and no fewer of them do: the cross difference of any order."""

from itertools import product

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/mixing-dimensions"
TITLE = {"zh": "缺一个都不行的那一份", "en": "What it takes all of them for"}
TASK = {
    "zh": """
有 k 个输入，每个可以不动，也可以动一下。数组 `values` 有 k 个轴，每个轴上有两格，下标 0 是不动，
下标 1 是动了；例如三个输入时，`values[0, 1, 1]` 是动了后两个的输出。
输出的变化里，有一份要 k 个一起动才有。k 为 1 时，它就是动与不动之差；k 为 2 时，
是两个一起动的变化，超出各自单独动的变化之和的部分；k 为 3 时，还要扣去每一对特有的那一份，
那是其余的不动时量出来的；更多时依此类推。返回这一份是多少。
""",
    "en": """
Each of k inputs can be left alone or changed. The array `values` has k axes of length 2, where 0
is left alone and 1 is changed; with three inputs, `values[0, 1, 1]` is the output with the last two
changed. How much of the change in the output takes all k of them? For k = 1 it is the difference
that the one makes; for k = 2, what both do beyond the sum of what each does alone; for k = 3 the
share peculiar to each pair, with the other left alone, is taken off as well, and so on. Return that
number.
""",
}


def joint_effect(values: np.ndarray) -> float:
    while values.ndim:
        values = values[1] - values[0]
    return values


def outputs(effects):
    """The output for each group of changes: the effects of all groups within it, added up."""
    groups = [*product((0, 1), repeat=effects.ndim)]
    total = np.zeros_like(effects)
    for group in groups:
        within = [g for g in groups if all(a <= b for a, b in zip(g, group))]
        total[group] = sum(effects[g] for g in within)
    return total


def ask(answer, rng, inputs):
    effects = rng.integers(1, 9, (2,) * inputs)
    expect(answer(outputs(effects)), effects[(1,) * inputs])


@hint(
    zh="只有一个输入：动了以后，比不动大多少？",
    en="one input: by how much is the output larger once it is changed?",
)
def one_input(answer, rng):
    ask(answer, rng, 1)


@hint(
    zh="两个输入：各自单独动的效果要扣掉，不动时的输出不能重复扣",
    en="two inputs: take off what each does alone, and mind that the output without any change is "
    "not taken off twice",
)
def two_inputs(answer, rng):
    ask(answer, rng, 2)


@hint(
    zh="第三个不动时，前两个有一份共同的效果；第三个动了，这一份变了多少？再多的输入也可以这样问",
    en="with the third left alone, the first two have an effect that takes both. How much does it "
    "change when the third is changed? The same can be asked of any further input",
)
def more_inputs(answer, rng):
    for inputs in (3, 4, 5):
        ask(answer, rng, inputs)


@wrong(one_input)
def all_changed(values):
    return values[(1,) * values.ndim]


@wrong(one_input)
def plus_where_none_is_changed(values):
    return sum((-1) ** sum(group) * values[group] for group in np.ndindex(values.shape))


@wrong(two_inputs)
def all_against_none(values):
    return values[(1,) * values.ndim] - values[(0,) * values.ndim]


@wrong(two_inputs)
def nothing_taken_off_twice(values):
    alone = [values[tuple(row)] for row in np.eye(values.ndim, dtype=int)]
    none = values[(0,) * values.ndim]
    return values[(1,) * values.ndim] - (sum(alone) if values.ndim > 1 else none)


@wrong(more_inputs)
def only_single_ones_taken_off(values):
    k, none = values.ndim, values[(0,) * values.ndim]
    alone = [values[tuple(row)] - none for row in np.eye(k, dtype=int)]
    return values[(1,) * k] - none - (sum(alone) if k > 1 else 0)


@wrong(more_inputs)
def mixed_second_differences(values):
    while values.ndim > 2:
        values = values[0]
    while values.ndim:
        values = values[1] - values[0]
    return values

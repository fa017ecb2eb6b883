"""Two steps of a recurrence with limits are one step of the same kind."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/hardware-lottery"
TITLE = {"zh": "有上下限，也能两步并一步", "en": "Two bounded steps in one"}
TASK = {
    "zh": """
递推的一步写成元组 `(add, low, high)`，`low` 不大于 `high`：状态先加上 `add`；加完若不到 `low`，
就改成 `low`，若超过 `high`，就改成 `high`。先走 `first` 再走 `second`，不论从哪里出发，
都相当于只走这样的一步。返回这一步，也写成三个数的元组，下限同样不大于上限。
""",
    "en": """
A step of a recurrence is a tuple `(add, low, high)`, with `low` no larger than `high`: it adds
`add` to the state; what is then below `low` becomes `low`, and what is above `high` becomes `high`.
Taking `first` and then `second` is the same, from wherever one starts, as taking a single step of
this kind. Return that step, a tuple of three numbers again, its lower limit no larger than its
upper one.
""",
}


def joined_step(first: tuple, second: tuple) -> tuple:
    add, low, high = second
    bounds = (min(max(bound + add, low), high) for bound in first[1:])
    return first[0] + add, *bounds


def taken(step, state):
    add, low, high = step
    return np.minimum(np.maximum(state + add, low), high)


def ask(answer, first, second):
    joined, states = answer(first, second), np.arange(-40, 41)
    expect(len(joined), 3)
    assert joined[1] <= joined[2]
    expect(taken(joined, states), taken(second, taken(first, states)))


def whole(rng, low, high, size=None):
    return rng.integers(low, high, size).tolist()


@hint(
    zh="两步的上下限相同，第二步又加 0 时，合起来的上下限不变，加的数相加",
    en="where both have the same limits and the second adds 0, the limits stay and what is added "
    "adds up",
)
def same_limits(answer, rng):
    low, high = -whole(rng, 3, 9), whole(rng, 3, 9)
    ask(answer, (whole(rng, 1, 5), low, high), (0, low, high))


@hint(
    zh="第一步的上下限，到了第二步会怎样？状态停在下限上时，接着走第二步看看",
    en="what becomes of the limits of the first step in the second? Let the state rest at its "
    "lower limit and take the second step from there",
)
def limits_move(answer, rng):
    a, b = whole(rng, 1, 9, 2)
    ask(answer, (a, 0, 6), (b, b + 2, b + 8))
    ask(answer, (-a, 0, 6), (-b, -b - 2, 4 - b))


@hint(
    zh="两个范围可以完全错开：不论从哪里出发，最后都停在同一个数上，是哪一个？合起来的下限仍不能大于上限",
    en="the two ranges may lie apart: from wherever one starts, one ends at the same number. "
    "Which? The lower limit has to stay no larger than the upper one",
)
def ranges_apart(answer, rng):
    a, b = whole(rng, 1, 9, 2)
    ask(answer, (a, 0, 4), (b, 20, 25))
    ask(answer, (-a, 0, 4), (-b, -25, -20))


@wrong(same_limits)
def forgets_the_first_add(first, second):
    return second[0], max(first[1], second[1]), min(first[2], second[2])


@wrong(limits_move)
def limits_stay(first, second):
    return first[0] + second[0], max(first[1], second[1]), min(first[2], second[2])


@wrong(same_limits)
def second_before_first(first, second):
    add, low, high = first
    bounds = (min(max(bound + add, low), high) for bound in second[1:])
    return second[0] + add, *bounds


@wrong(limits_move)
def limits_of_the_second(first, second):
    return first[0] + second[0], *second[1:]


@wrong(ranges_apart)
def what_both_allow(first, second):
    add, low, high = second
    return first[0] + add, max(first[1] + add, low), min(first[2] + add, high)


@wrong(ranges_apart)
def exchanged_where_crossed(first, second):
    add, low, high = second
    bounds = max(first[1] + add, low), min(first[2] + add, high)
    return first[0] + add, min(bounds), max(bounds)

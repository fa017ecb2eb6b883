"""The way back through a scale and a shift that were broadcast."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "foundations/broadcasting"
EXERCISE = "exercise-backward"
TITLE = {"zh": "撑开了几行，就加回几行", "en": "What was stretched is added up"}
TASK = {
    "zh": """
前向是 `y = x * s + t`：`x` 的形状是 (n, d)，`s` 与 `t` 是 (d,)，撑开到每一行。`g` 是损失对 `y`
的梯度，形状 (n, d)。返回损失对 `x`、`s`、`t` 的梯度，按这个次序排成元组。
""",
    "en": """
Forward it was `y = x * s + t`: `x` has the shape (n, d), `s` and `t` have (d,) and were stretched
to every row. `g` is the gradient of the loss with respect to `y`, of shape (n, d). Return the
gradients with respect to `x`, `s` and `t`, in this order, as a tuple.
""",
}
WITHOUT = ("torch", "backward", "grad")


def scale_shift_backward(g: np.ndarray, x: np.ndarray, s: np.ndarray) -> tuple:
    return g * s, (g * x).sum(axis=0), g.sum(axis=0)


def by_moving(g, x, s):
    """Move each number by 1: the loss is linear in it, so this is no approximation."""
    parts = [x, s, np.zeros_like(s)]
    gradients = []
    for i, part in enumerate(parts):
        moved = np.zeros_like(part)
        for place in np.ndindex(part.shape):
            step = np.zeros_like(part)
            step[place] = 1
            x_, s_, t_ = (p + step if j == i else p for j, p in enumerate(parts))
            moved[place] = (g * (x_ * s_ + t_ - x * s)).sum()
        gradients.append(moved)
    return gradients


def example(rng, n, d):
    shapes = ((n, d), (n, d), d)
    return tuple(rng.integers(1, 9, shape).astype(float) for shape in shapes)


@hint(
    zh="每份梯度的形状，应当与它对应的量相同",
    en="each gradient should have the shape of what it belongs to",
)
def shapes_of_the_leaves(answer, rng):
    got = answer(*example(rng, 2, 3))
    expect([np.shape(part) for part in got], [(2, 3), (3,), (3,)])


@hint(
    zh="`x` 没有撑开，`x` 的每个数动一点，`y` 的那个数动几倍？",
    en="`x` was not stretched: if one of its numbers moves, by how many times as much does that of "
    "`y`?",
)
def of_x(answer, rng):
    given = example(rng, 2, 3)
    expect(answer(*given)[0], by_moving(*given)[0])


@hint(
    zh="`t` 的一个数加到了每一行，它动一点，每行都动：这些梯度该怎样合起来？",
    en="a number of `t` was added to every row, and all rows move with it: how do their gradients "
    "go together?",
)
def of_t(answer, rng):
    given = example(rng, 3, 2)
    expect(answer(*given)[2], by_moving(*given)[2])


@hint(
    zh="`s` 也撑开到每一行，而且乘的是那一行的 `x`",
    en="`s` was stretched to every row as well, and multiplied by the `x` of that row",
)
def of_s(answer, rng):
    given = example(rng, 3, 2)
    expect(answer(*given)[1], by_moving(*given)[1])


@wrong(shapes_of_the_leaves)
def not_added_up(g, x, s):
    return g * s, g * x, g


@wrong(shapes_of_the_leaves)
def along_the_wrong_axis(g, x, s):
    return g * s, (g * x).sum(axis=1), g.sum(axis=1)


@wrong(of_x)
def x_unscaled(g, x, s):
    return g, (g * x).sum(axis=0), g.sum(axis=0)


@wrong(of_t)
def averaged(g, x, s):
    return g * s, (g * x).mean(axis=0), g.mean(axis=0)


@wrong(of_s)
def the_sums_multiplied(g, x, s):
    return g * s, g.sum(axis=0) * x.sum(axis=0), g.sum(axis=0)

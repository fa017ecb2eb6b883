"""A network of ReLU units, written down, that joins given points."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "foundations/describing-the-world"
EXERCISE = "exercise-polyline"
TITLE = {"zh": "折线的配比", "en": "The weights of a zigzag"}
TASK = {
    "zh": """
`t` 从小到大，有 k+1 个时刻，`y` 是各时刻的高度。返回 k 个数 `w`，使网络
    f(x) = y[0] + w[0] relu(x - t[0]) + ... + w[k-1] relu(x - t[k-1])
在 `t[0]` 与 `t[-1]` 之间恰是连接这些点的折线。
""",
    "en": """
`t` holds k+1 ascending times and `y` the height at each. Return k numbers `w` such that the network
    f(x) = y[0] + w[0] relu(x - t[0]) + ... + w[k-1] relu(x - t[k-1])
joins the points by straight lines between `t[0]` and `t[-1]`.
""",
}


def polyline(t: np.ndarray, y: np.ndarray) -> np.ndarray:
    slopes = np.diff(y) / np.diff(t)
    return np.diff(slopes, prepend=0)


def network(t, y, w, x):
    return y[0] + np.maximum(x[:, None] - t[: len(w)], 0) @ w


@hint(
    zh="只有两个点时，一个单元就该画出过这两点的直线",
    en="with two points, one unit should draw the line through them",
)
def one_piece(answer, rng):
    t, y = np.array([0.0, rng.integers(2, 5)]), rng.integers(0, 9, 2).astype(float)
    w = answer(t, y)
    expect(np.shape(w), (1,))
    expect(network(t, y, w, t), y)


@hint(
    zh="时刻相隔都是 1，折线应当经过每个点：过了弯，前面的单元还开着",
    en="with times 1 apart it should pass through every point: beyond a bend, the earlier units "
    "are still on",
)
def even_times(answer, rng):
    t, y = np.arange(4.0), rng.integers(0, 9, 4).astype(float)
    w = answer(t, y)
    expect(np.shape(w), (3,))
    expect(network(t, y, w, t), y)


@hint(
    zh="时刻相隔不等，折线也应当经过每个点，各点之间是直的",
    en="with uneven times it should pass through every point as well, straight in between",
)
def uneven_times(answer, rng):
    t, y = np.cumsum(rng.integers(1, 4, 6)).astype(float), rng.normal(size=6)
    x = np.linspace(t[0], t[-1], 50)
    expect(network(t, y, answer(t, y), x), np.interp(x, t, y))


@wrong(one_piece)
def differences_for_slopes(t, y):
    return np.diff(np.diff(y), prepend=0)


@wrong(one_piece)
def a_unit_for_every_point(t, y):
    slopes = np.diff(y) / np.diff(t)
    return np.diff(slopes, prepend=0, append=0)


@wrong(even_times)
def slopes_themselves(t, y):
    return np.diff(y) / np.diff(t)


@wrong(uneven_times)
def the_first_step_for_all(t, y):
    return np.diff(np.diff(y) / (t[1] - t[0]), prepend=0)

"""Padding by reflection is a matrix."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/convolution-as-product"
EXERCISE = "exercise-reflect"
TITLE = {"zh": "镜子也是矩阵", "en": "A mirror is a matrix"}
TASK = {
    "zh": """
反射填充像照镜子：x0, x1, x2, ... 前面补 2 个数，就成了 x2, x1, x0, x1, x2, ...，后面也一样。
返回一个矩阵 P，对任何长为 `n` 的向量 x，`P @ x` 都是两头各补 `p` 个数的结果，`p` 小于 `n`。
""",
    "en": """
Padding by reflection is like a mirror: with 2 numbers put before it, x0, x1, x2, ... becomes
x2, x1, x0, x1, x2, ..., and likewise at the end. Return a matrix P such that for every vector x of
length `n`, `P @ x` has `p` numbers put at either end; `p` is below `n`.
""",
}
WITHOUT = ("pad", "for")


def reflection_matrix(n: int, p: int) -> np.ndarray:
    places = np.abs(np.arange(-p, n + p))
    return np.eye(n)[np.minimum(places, 2 * (n - 1) - places)]


@hint(
    zh="不补的时候（`p` 是 0），就是单位阵",
    en="with nothing to put there, `p` being 0, it should be the identity",
)
def nothing_to_pad(answer, rng):
    n = int(rng.integers(1, 5))
    expect(answer(n, 0), np.eye(n))


@hint(
    zh="中间的 n 行应当原样留下 x，前后各多 `p` 行",
    en="the n rows in the middle should leave x as it is, with `p` more at either end",
)
def middle_stays(answer, rng):
    n, p = int(rng.integers(3, 6)), int(rng.integers(1, 3))
    got = answer(n, p)
    expect(np.shape(got), (n + 2 * p, n))
    expect(got[p : p + n], np.eye(n))


@hint(
    zh="前面补的：镜子立在 x0 上，x0 自己不重复，挨着它的是 x1",
    en="before it: the mirror stands on x0, which is not repeated, so next to it comes x1",
)
def at_the_beginning(answer, rng):
    x, p = rng.integers(1, 99, 5), int(rng.integers(1, 5))
    expect((answer(5, p) @ x)[:p], np.pad(x, p, mode="reflect")[:p])


@hint(
    zh="后面补的：镜子立在最后一个数上，它也不重复",
    en="at the end: the mirror stands on the last number, which is not repeated either",
)
def at_the_end(answer, rng):
    n = int(rng.integers(2, 8))
    x, p = rng.normal(size=n), int(rng.integers(1, n))
    expect(answer(n, p) @ x, np.pad(x, p, mode="reflect"))


@wrong(nothing_to_pad)
def the_last_p_rows(n, p):
    eye = np.eye(n)
    return np.vstack([eye[1 : p + 1][::-1], eye, eye[-p:][::-1]])


@wrong(middle_stays)
def at_the_end_only(n, p):
    places = np.arange(n + 2 * p)
    return np.eye(n)[np.minimum(places, np.abs(2 * (n - 1) - places))]


@wrong(at_the_beginning)
def edge_repeated(n, p):
    places = np.arange(-p, n + p)
    places = np.where(places < 0, -places - 1, places)
    return np.eye(n)[np.where(places >= n, 2 * n - 1 - places, places)]


@wrong(at_the_beginning)
def round_the_corner(n, p):
    return np.eye(n)[np.arange(-p, n + p) % n]


@wrong(at_the_end)
def last_number_repeated(n, p):
    places = np.abs(np.arange(-p, n + p))
    return np.eye(n)[np.where(places >= n, 2 * n - 1 - places, places)]

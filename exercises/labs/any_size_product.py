"""A kernel that takes whole tiles only, made to serve any shape."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "labs/cpu-ladder"
EXERCISE = "ex-padded"
TITLE = {"zh": "凑成整块再乘", "en": "Fill up to whole tiles"}
TASK = {
    "zh": """
`multiply(a, b)` 是个很快的矩阵乘法，可是只收边长都是 `tile` 的倍数的矩阵，别的一概报错。
用它写出对任何形状都对的乘法：`a` 是 (m, k)，`b` 是 (k, n)，返回 `a @ b`。
""",
    "en": """
`multiply(a, b)` is a fast matrix product, but it takes only matrices whose sides are multiples of
`tile`, and raises for all others. Use it to write a product for any shapes: `a` is (m, k), `b` is
(k, n); return `a @ b`.
""",
}
WITHOUT = ("@", "matmul", "dot", "einsum", "inner", "tensordot", "sum")


def any_size_product(a: np.ndarray, b: np.ndarray, tile: int, multiply) -> np.ndarray:
    (m, k), n = a.shape, b.shape[1]
    whole = np.pad(a, ((0, -m % tile), (0, -k % tile)))
    other = np.pad(b, ((0, -k % tile), (0, -n % tile)))
    return multiply(whole, other)[:m, :n]


def of_whole_tiles(tile):
    def multiply(a, b):
        if any(length % tile for length in (*a.shape, *b.shape)):
            raise ValueError(f"sides {a.shape} and {b.shape} are not multiples of {tile}")
        return a @ b

    return multiply


def ask(answer, rng, tile, m, k, n):
    a, b = rng.integers(1, 9, (m, k)), rng.integers(1, 9, (k, n))
    expect(answer(a, b, tile, of_whole_tiles(tile)), a @ b)


@hint(
    zh="本来就是整块的，直接乘就对",
    en="whole tiles can be multiplied as they are",
)
def whole_tiles(answer, rng):
    ask(answer, rng, 2, 2, 4, 2)


@hint(
    zh="结果的形状应当是 (m, n)：添的行列要裁掉，原有的不能少",
    en="the result should have the shape (m, n): what was added is cut off, and nothing else",
)
def outer_sides(answer, rng):
    ask(answer, rng, 3, int(rng.choice([1, 2, 4])), 3, int(rng.choice([2, 5])))


@hint(
    zh="相加的那一边（长 k）也要凑整，添上的不该改变任何一个和",
    en="the side that is summed over, of length k, needs filling up too, with what changes no sum",
)
def inner_side(answer, rng):
    ask(answer, rng, 4, int(rng.integers(1, 7)), int(rng.choice([1, 2, 3, 5])), 4)


@wrong(whole_tiles)
def always_one_tile_more(a, b, tile, multiply):
    (m, k), n = a.shape, b.shape[1]
    whole = np.pad(a, ((0, tile - m % tile), (0, tile - k % tile)))
    return multiply(whole, np.pad(b, ((0, tile - k % tile), (0, tile - n % tile))))


@wrong(outer_sides)
def not_cut_off(a, b, tile, multiply):
    (m, k), n = a.shape, b.shape[1]
    whole = np.pad(a, ((0, -m % tile), (0, -k % tile)))
    return multiply(whole, np.pad(b, ((0, -k % tile), (0, -n % tile))))


@wrong(outer_sides)
def drops_the_rest(a, b, tile, multiply):
    m, k, n = (length - length % tile for length in (*a.shape, b.shape[1]))
    return multiply(a[:m, :k], b[:k, :n])


@wrong(inner_side)
def filled_with_ones(a, b, tile, multiply):
    (m, k), n = a.shape, b.shape[1]
    whole = np.pad(a, ((0, -m % tile), (0, -k % tile)), constant_values=1)
    other = np.pad(b, ((0, -k % tile), (0, -n % tile)), constant_values=1)
    return multiply(whole, other)[:m, :n]


@wrong(inner_side)
def inner_rest_dropped(a, b, tile, multiply):
    (m, k), n = a.shape, b.shape[1]
    k -= k % tile
    whole = np.pad(a[:, :k], ((0, -m % tile), (0, 0)))
    return multiply(whole, np.pad(b[:k], ((0, 0), (0, -n % tile))))[:m, :n]

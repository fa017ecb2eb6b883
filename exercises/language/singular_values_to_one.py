"""The nearest matrix with orthonormal columns, by products alone."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/orthogonality"
TITLE = {"zh": "只用乘法，列列垂直", "en": "Perpendicular by products alone"}
TASK = {
    "zh": """
把 W 换成 1.5 W - 0.5 W Wᵀ W，再换，再换：介于 0 与 √3 之间的奇异值都走到 1，奇异方向不变。
`w` 里的数可大可小，列数不超过行数，各列线性无关，最小的奇异值不小于最大的千分之一。
返回各奇异值都到了 1 的矩阵，它的列长为 1、两两垂直，误差不超过百万分之一。
""",
    "en": """
Replace W by 1.5 W - 0.5 W Wᵀ W, again and again: singular values between 0 and √3 all go to 1, and
singular directions stay. The numbers in `w` may be large or small. It has no more columns than
rows, they are independent, and the smallest singular value is at least a thousandth of the largest.
Return the matrix in which all singular values have become 1, to within one millionth: its columns
have length 1 and are perpendicular.
""",
}
WITHOUT = ("svd", "svdvals", "qr", "inv", "pinv", "solve", "lstsq", "eig", "eigh", "polar")


def singular_values_to_one(w: np.ndarray) -> np.ndarray:
    w = w / np.sqrt(np.sum(w * w))
    for _ in range(40):
        w = 1.5 * w - 0.5 * w @ w.T @ w
    return w


def with_values(rng, rows, values):
    u, v = (np.linalg.qr(rng.normal(size=(n, len(values))))[0] for n in (rows, len(values)))
    return u * np.array(values) @ v.T


def ask(answer, w):
    u, _, vh = np.linalg.svd(w, full_matrices=False)
    expect(answer(w), u @ vh, 1e-6)


@hint(
    zh="奇异值已经接近 1 时，走几步就到；一步还不够",
    en="where singular values are close to 1 a few steps are enough, but one is not",
)
def nearly_there(answer, rng):
    ask(answer, with_values(rng, 3, rng.uniform(0.7, 1.2, 2)))


@hint(
    zh="奇异值超过 √3 时就走远了，所以要先缩小。拿什么来除，才保证最大的奇异值不超过 √3？",
    en="from beyond √3 it goes astray, so scale down first. By what, for the largest singular "
    "value to be below √3 for certain?",
)
def large_numbers(answer, rng):
    ask(answer, with_values(rng, 3, [300, rng.uniform(200, 300)]))
    ask(answer, np.full((8, 3), 5.0) + 0.5 * rng.normal(size=(8, 3)))


@hint(
    zh="小的奇异值每步只长到 1.5 倍：从千分之一走到 1 要多少步？",
    en="a small singular value only grows by 1.5 in a step: how many does it take from a "
    "thousandth?",
)
def small_values(answer, rng):
    ask(answer, with_values(rng, 5, [1, 0.1, 0.001]))


@wrong(nearly_there)
def a_single_step(w):
    w = w / np.sqrt(np.sum(w * w))
    return 1.5 * w - 0.5 * w @ w.T @ w


@wrong(nearly_there)
def columns_to_length_one(w):
    return w / np.sqrt(np.sum(w * w, axis=0))


@wrong(nearly_there)
def scaled_back(w):
    size = np.sqrt(np.sum(w * w))
    w = w / size
    for _ in range(40):
        w = 1.5 * w - 0.5 * w @ w.T @ w
    return w * size


@wrong(large_numbers)
def not_scaled(w):
    with np.errstate(all="ignore"):
        for _ in range(40):
            w = 1.5 * w - 0.5 * w @ w.T @ w
    return w


@wrong(large_numbers)
def by_the_largest_entry(w):
    w = w / np.abs(w).max()
    with np.errstate(all="ignore"):
        for _ in range(40):
            w = 1.5 * w - 0.5 * w @ w.T @ w
    return w


@wrong(small_values)
def fifteen_steps(w):
    w = w / np.sqrt(np.sum(w * w))
    for _ in range(15):
        w = 1.5 * w - 0.5 * w @ w.T @ w
    return w

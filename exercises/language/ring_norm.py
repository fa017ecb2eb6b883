"""How much a convolution on a ring can amplify."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "language/spectral-normalisation"
TITLE = {"zh": "环上最多放大几倍", "en": "The most that a ring amplifies"}
TASK = {
    "zh": """
卷积在一个有 `n` 个位置的环上做：第 m 个输出是 `kernel[t] * x[(m + t) % n]` 对 t 求和，
核不长于 n。它最多能把向量拉长到几倍？不要造出 n×n 的矩阵。
""",
    "en": """
A convolution goes round a ring of `n` places: output m is the sum over t of
`kernel[t] * x[(m + t) % n]`, with a kernel no longer than n. How many times as long can it make a
vector, at most? Do not build the n×n matrix.
""",
}
WITHOUT = ("svd", "svdvals", "norm", "eig", "eigvals", "eigh", "eigvalsh", "cond", "circulant")


def ring_norm(kernel: np.ndarray, n: int) -> float:
    return np.abs(np.fft.fft(kernel, n)).max()


def matrix(kernel, n):
    places = np.arange(n)
    w = np.zeros((n, n))
    for t, weight in enumerate(kernel):
        w[places, (places + t) % n] += weight
    return w


def ask(answer, kernel, n):
    expect(answer(kernel, n), np.linalg.norm(matrix(kernel, n), 2))


@hint(
    zh="核只有一个数时，每个向量都乘上它，长度乘它的绝对值",
    en="where the kernel is a single number, each vector is multiplied by it, and lengths by its "
    "absolute value",
)
def one_weight(answer, rng):
    ask(answer, -rng.integers(2, 9, 1), int(rng.integers(2, 6)))


@hint(
    zh="拉得最长的，是环上的某一个波。把各种频率都看一遍，处处相等的向量也算一种",
    en="it is a wave round the ring that is stretched most. Look at every frequency, the constant "
    "vector among them",
)
def every_frequency(answer, rng):
    for kernel in ([1, 2, 3], [3, 1, -2], [1, -3, 1], [2, 2, -1]):
        ask(answer, np.array(kernel) * int(rng.integers(1, 3)), 3)


@hint(
    zh="环比核长时，绕环正好合拢的波有 `n` 种：比核里的数多，可也只有这么多",
    en="on a ring longer than the kernel, `n` waves fit round it: more than the kernel has "
    "numbers, and no others",
)
def a_longer_ring(answer, rng):
    ask(answer, rng.integers(-4, 5, 3), int(rng.integers(5, 8)))


@wrong(one_weight)
def largest_real_part(kernel, n):
    return np.fft.fft(kernel, n).real.max()


@wrong(every_frequency)
def root_of_the_squares(kernel, n):
    return np.sqrt(np.sum(kernel**2))


@wrong(every_frequency)
def sum_of_sizes(kernel, n):
    return np.abs(kernel).sum()


@wrong(every_frequency)
def constant_vector_only(kernel, n):
    return abs(kernel.sum())


@wrong(a_longer_ring)
def as_many_as_the_kernel(kernel, n):
    return np.abs(np.fft.fft(kernel)).max()


@wrong(a_longer_ring)
def between_the_waves(kernel, n):
    return np.abs(np.fft.fft(kernel, n if n == len(kernel) else 4096)).max()

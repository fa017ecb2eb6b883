"""How many stops of a sliding window cover each place."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "inner-outer/convolution-code"
TITLE = {"zh": "每格盖过几次", "en": "How often is each place covered?"}
TASK = {
    "zh": """
一行 `n` 格，长为 `k` 的窗口从左端一格一格滑到右端，不伸出去；`k` 不大于 `n`。
返回一个长为 `n` 的整数数组：每一格先后被窗口盖过几次。不用循环，也不用卷积函数。
""",
    "en": """
In a row of `n` places a window of length `k` slides from the left end to the right, place by place,
and never sticks out; `k` is at most `n`. Return an array of `n` integers: how many stops of the
window cover each place. Use no loop and no function that convolves.
""",
}
WITHOUT = ("for", "while", "convolve", "correlate", "sliding_window_view", "fftconvolve")


def times_covered(n: int, k: int) -> np.ndarray:
    left = np.arange(1, n + 1)
    return np.minimum(np.minimum(left, left[::-1]), min(k, n - k + 1))


def by_sliding(n, k):
    count = np.zeros(n, int)
    for start in range(n - k + 1):
        count[start : start + k] += 1
    return count


@hint(
    zh="窗口只有一格长时，每格盖过一次",
    en="a window of length 1 covers each place once",
)
def single_places(answer, rng):
    n = int(rng.integers(2, 7))
    expect(answer(n, 1), np.ones(n, int))


@hint(
    zh="窗口比较短时，中间的格子盖过 k 次，靠近两端的少一些：最靠边的只有一次",
    en="where the window is short, places in the middle are covered k times, and those near the "
    "ends less often: the outermost just once",
)
def short_windows(answer, rng):
    n = int(rng.integers(7, 10))
    expect(answer(n, 3), by_sliding(n, 3))


@hint(
    zh="窗口一共停几个地方？哪一格盖过的次数，也不会比这更多",
    en="at how many places does the window stop? No place is covered more often than that",
)
def long_windows(answer, rng):
    n = int(rng.integers(4, 10))
    k = n - int(rng.integers(0, n // 2))
    expect(answer(n, k), by_sliding(n, k))


@wrong(single_places)
def counted_from_zero(n, k):
    left = np.arange(n)
    return np.minimum(np.minimum(left, left[::-1]), min(k, n - k + 1))


@wrong(short_windows)
def the_same_everywhere(n, k):
    return np.full(n, k)


@wrong(short_windows)
def left_end_only(n, k):
    return np.minimum(np.arange(1, n + 1), k)


@wrong(long_windows)
def no_matter_how_many_stops(n, k):
    left = np.arange(1, n + 1)
    return np.minimum(np.minimum(left, left[::-1]), k)


@wrong(long_windows)
def one_stop_short(n, k):
    left = np.arange(1, n + 1)
    return np.minimum(np.minimum(left, left[::-1]), min(k, n - k))

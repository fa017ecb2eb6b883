"""Which part of a program is worth making faster."""

import numpy as np

from exercises.properties import expect, hint, wrong

CHAPTER = "inner-outer/faq"
TITLE = {"zh": "先改哪一段", "en": "Which part first?"}
TASK = {
    "zh": """
程序分几段，一段接一段地运行，`times[i]` 是第 i 段的时间。第 i 段能提速到 `factors[i]` 倍；
倍数若是无穷大，这一段就不再花时间。只来得及改一段：改哪一段，整个程序最快？返回它的编号。
""",
    "en": """
A program runs part after part, and `times[i]` is the time of part i. Part i can be made
`factors[i]` times as fast, where infinity means that it takes no more time at all. There is time to
improve one of them only: with which one does the whole become fastest? Return its number.
""",
}


def part_to_speed_up(times: np.ndarray, factors: np.ndarray) -> int:
    return int(np.argmax(times - times / factors))


def by_trying(times, factors):
    totals = []
    for i in range(len(times)):
        improved = [t / f if i == j else t for j, (t, f) in enumerate(zip(times, factors))]
        totals.append(sum(improved))
    return totals.index(min(totals))


@hint(
    zh="各段能快的倍数相同时，该改最费时间的一段",
    en="where all can be made faster by the same factor, it is the part that takes longest",
)
def equal_factors(answer, rng):
    times = rng.permutation(9)[:3] + 1.0
    expect(answer(times, np.full(3, 4.0)), int(times.argmax()))


@hint(
    zh="各段时间相同时，该改倍数最大的一段；无穷大也算",
    en="where all take equally long, it is the one with the largest factor; infinity counts, too",
)
def equal_times(answer, rng):
    factors = rng.permutation([2.0, 5, np.inf])
    expect(answer(np.full(3, 6.0), factors), int(factors.argmax()))


@hint(
    zh="两样都不同时，比的是省下多少时间：倍数再大，省下的也不会超过这一段原来的时间",
    en="where both differ, compare the time that is saved: however large the factor, no part saves "
    "more than it took",
)
def time_saved(answer, rng):
    for times, factors in (([50, 30, 20], [1.5, 4, 100]), ([10, 4, 5], [1.5, 8, 2])):
        order = rng.permutation(3)
        case = np.array(times, float)[order], np.array(factors, float)[order]
        expect(answer(*case), by_trying(*case))


@wrong(equal_factors)
def largest_factor(times, factors):
    return int(np.argmax(factors))


@wrong(equal_factors)
def shortest_in_the_end(times, factors):
    return int(np.argmin(times / factors))


@wrong(equal_times)
def longest_part(times, factors):
    return int(np.argmax(times))


@wrong(time_saved)
def time_by_factor(times, factors):
    return int(np.argmax(times * factors))


@wrong(time_saved)
def time_by_what_the_factor_adds(times, factors):
    return int(np.argmax(times * (factors - 1)))

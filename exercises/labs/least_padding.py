"""Lines to add to a row so that a column reaches all sets of a cache."""

from exercises.properties import expect, hint, wrong

CHAPTER = "labs/cache-layout"
EXERCISE = "ex-padding"
TITLE = {"zh": "垫几行才用得上每一组", "en": "Pad until every set is used"}
TASK = {
    "zh": """
矩阵按行存放，一行占 `length` 个缓存行。缓存有 `sets` 组，第 i 个缓存行只能放进第 `i % sets` 组。
沿一列往下走，每次跨过一整行矩阵，可能总是落进那几组。每行末尾至少垫几个缓存行，
才能把所有的组都用上？返回这个数，可以是 0。
""",
    "en": """
A matrix is stored by rows, each `length` cache lines long. The cache has `sets` sets, and line i
can go into set `i % sets` only. Going down a column steps over a whole row each time, and may
fall into the same few sets over and over. How many lines must each row be padded with, at least,
for a column to reach every set? Return that number, which may be 0.
""",
}


def least_padding(length: int, sets: int) -> int:
    extra = 0
    while len({row * (length + extra) % sets for row in range(sets)}) < sets:
        extra += 1
    return extra


def reached(length, sets):
    """The sets that a long column falls into, counted step by step."""
    line, seen = 0, set()
    while line % sets not in seen:
        seen.add(line % sets)
        line += length
    return len(seen)


def by_trying(length, sets):
    return next(extra for extra in range(sets) if reached(length + extra, sets) == sets)


@hint(
    zh="已经用得上所有的组，就不必垫",
    en="where all sets are reached already, nothing needs padding",
)
def nothing_needed(answer, rng):
    expect(answer(int(rng.integers(0, 50)) * 2 + 1, 64), 0)


@hint(
    zh="64 组，一行占 64 个缓存行：一列全落在同一组。垫多少才分得开？",
    en="64 sets, rows of 64 lines: a column stays within one set. How much padding spreads it out?",
)
def powers_of_two(answer, rng):
    sets = 2 ** int(rng.integers(3, 8))
    length = 2 * int(rng.integers(1, 100))
    extra = answer(length, sets)
    assert reached(length + extra, sets) == sets
    expect(extra, by_trying(length, sets))


@hint(
    zh="组数不一定是 2 的幂，例如 12 组：与组数有公因数，就有组用不上",
    en="the sets need not be a power of two; take 12: with a common factor, some are never reached",
)
def other_numbers_of_sets(answer, rng):
    for sets in (12, 15, int(rng.integers(2, 50))):
        length = int(rng.integers(1, 100))
        expect(answer(length, sets), by_trying(length, sets))


@wrong(nothing_needed)
def always_one(length, sets):
    return 1


@wrong(nothing_needed)
def up_to_a_multiple(length, sets):
    return -length % sets


@wrong(powers_of_two)
def one_line_if_a_multiple(length, sets):
    return int(length % sets == 0)


@wrong(other_numbers_of_sets)
def made_odd(length, sets):
    return int(length % 2 == 0)

"""How many rounds of additions a sum takes with a limited number of adders."""

import math
from functools import cache

from exercises.properties import expect, hint, wrong

CHAPTER = "why-matmul/what-fusion-buys"
TITLE = {"zh": "加法器不够用", "en": "Not enough adders"}
TASK = {
    "zh": """
矩阵乘积的一个元素，是 `count` 个乘积之和，乘积都已算好。`adders` 个加法器同时开工，
每一轮各能把两个数加成一个，这一轮的和到下一轮才能再用。只剩一个数，就加完了。
至少要几轮？`count` 与 `adders` 都不小于 1。
""",
    "en": """
An entry of a matrix product is the sum of `count` products. The products are there already, and
there are `adders` adders; in every round each of them can turn two numbers into one, all at the
same time, and what comes out can be used from the next round on. The sum is done when a single
number is left. How many rounds does it take at least?
Both `count` and `adders` are at least 1.
""",
}


def rounds_to_sum(count: int, adders: int) -> int:
    rounds = 0
    while count > 1:
        count -= min(adders, count // 2)
        rounds += 1
    return rounds


@cache
def by_all_plans(count, adders):
    """The fewest rounds, whatever number of adders each uses."""
    if count == 1:
        return 0
    pairs = range(1, min(adders, count // 2) + 1)
    return 1 + min(by_all_plans(count - used, adders) for used in pairs)


@hint(
    zh="只有一个加法器时，每一轮只少一个数",
    en="with a single adder, each round leaves one number fewer",
)
def one_adder(answer, rng):
    for count in (1, int(rng.integers(2, 9))):
        expect(answer(count, 1), count - 1)


@hint(
    zh="加法器多得用不完时，每一轮能两两配对，落单的一个等下一轮",
    en="with more adders than one can use, all numbers pair up in each round, and one left over "
    "waits for the next",
)
def plenty_of_adders(answer, rng):
    for count in (8, 9, int(rng.integers(5, 40))):
        expect(answer(count, 100), by_all_plans(count, 100))


@hint(
    zh="开头数多，加法器不够；后来数少了，加法器又用不满。两种时候，各能少几个数？",
    en="at first there are more pairs than adders, later more adders than pairs. How many numbers "
    "fewer does a round leave in either case?",
)
def some_adders(answer, rng):
    for count, adders in ((20, 3), (9, 4), (int(rng.integers(10, 40)), int(rng.integers(2, 6)))):
        expect(answer(count, adders), by_all_plans(count, adders))


@wrong(one_adder)
def as_if_without_limit(count, adders):
    return math.ceil(math.log2(count))


@wrong(one_adder)
def share_of_the_numbers(count, adders):
    return math.ceil(count / adders)


@wrong(plenty_of_adders)
def share_of_the_additions(count, adders):
    return math.ceil((count - 1) / adders)


@wrong(plenty_of_adders)
def forgets_the_odd_one(count, adders):
    rounds = 0
    while count > 1:
        count -= min(adders, (count + 1) // 2)
        rounds += 1
    return rounds


@wrong(some_adders)
def larger_of_both(count, adders):
    return max(math.ceil((count - 1) / adders), math.ceil(math.log2(count)))


@wrong(some_adders)
def formula_rounded_down(count, adders):
    busy = max(0, (count - 2 * adders) // adders)
    return busy + math.ceil(math.log2(count - busy * adders))

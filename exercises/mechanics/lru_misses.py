"""Count the misses of a cache that throws out what has rested longest."""

from collections import OrderedDict

from exercises.properties import expect, hint, wrong

CHAPTER = "mechanics/cache-layout"
EXERCISE = "exercise-cliff"
TITLE = {"zh": "谁最久没有用过", "en": "Who has rested longest?"}
TASK = {
    "zh": """
缓存放得下 `places` 个缓存行，开始是空的。程序依次用到 `lines` 里的各行。要用的行不在缓存里，
就是一次未命中，得把它取来；放满了，就先赶走最久没有用过的一行。返回未命中的次数。
""",
    "en": """
A cache has room for `places` lines and begins empty. A program uses the lines in `lines` one
after another. Where one is not in the cache, that is a miss, and it is fetched; if there is no
room left, the line that has not been used for the longest time is thrown out first. Return the
number of misses.
""",
}


def lru_misses(lines: list, places: int) -> int:
    held, misses = [], 0  # what has rested longest stands first
    for line in lines:
        if line in held:
            held.remove(line)
        else:
            misses += 1
            held = held[-(places - 1) :] if places > 1 else []
        held.append(line)
    return misses


def by_dictionary(lines, places):
    held, misses = OrderedDict(), 0
    for line in lines:
        misses += line not in held
        held[line] = True
        held.move_to_end(line)
        if len(held) > places:
            held.popitem(last=False)
    return misses


@hint(
    zh="放得下所有的行时，每行只在第一次用到时未命中",
    en="where there is room for all lines, each misses the first time only",
)
def room_for_all(answer, rng):
    lines = rng.integers(0, 4, 8).tolist()
    expect(answer(lines, 4), len(set(lines)))


@hint(
    zh="绕着圈走，只少一个位置，就次次未命中：要用的总是刚被赶走的",
    en="going round with one place too few, everything misses: what is needed has just been thrown "
    "out",
)
def round_and_round(answer, rng):
    count = int(rng.integers(2, 5))
    expect(answer([*range(count)] * 3, count - 1), 3 * count)


@hint(
    zh="命中也算用过：刚用过的，不该先赶走",
    en="a hit is a use as well: what has just been used should not be thrown out first",
)
def hits_count_as_use(answer, rng):
    for lines, places in (([0, 1, 0, 2, 0], 2), (rng.integers(0, 6, 40).tolist(), 3)):
        expect(answer(lines, places), by_dictionary(lines, places))


@wrong(room_for_all)
def counts_the_hits(lines, places):
    held, hits = [], 0
    for line in lines:
        if line in held:
            hits += 1
            held.remove(line)
        held = [*held, line][-places:]
    return hits


@wrong(round_and_round)
def throws_out_the_newest(lines, places):
    held, misses = [], 0
    for line in lines:
        if line not in held:
            misses += 1
            held = [*held[: places - 1], line]
    return misses


@wrong(round_and_round)
def one_place_too_many(lines, places):
    held, misses = [], 0
    for line in lines:
        misses += line not in held
        held = [*(other for other in held if other != line), line][-places - 1 :]
    return misses


@wrong(hits_count_as_use)
def first_in_first_out(lines, places):
    held, misses = [], 0
    for line in lines:
        if line not in held:
            misses += 1
            held = [*held, line][-places:]
    return misses

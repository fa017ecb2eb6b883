"""Solutions to the exercises of the lab on layout."""
from collections.abc import Iterator
from math import gcd

import numpy as np

from snippets.labs.cache_walks import copy, down, every
from snippets.mechanics.cache_layout import Cache, misses


def lines_per_number(stride: int, line_bytes: int) -> float:
    """Lines fetched for each number, `stride` bytes from one to the next."""
    return min(1, stride / line_bytes)


def sets_reached(length: int, sets: int) -> int:
    """Sets that a column can use, with rows of `length` float64, 8 to a line."""
    return sets // gcd(length // 8, sets)


def drawn(entries: int, count: int) -> Iterator[int]:
    """Addresses of 8-byte entries, each drawn at random from all."""
    yield from (8 * np.random.default_rng(0).integers(0, entries, count)).tolist()


def whole_records(order: list[int], count: int, apart: bool) -> Iterator[int]:
    """Addresses of all eight float32 fields, record after record."""
    for record in order:
        for field in range(8):
            yield 4 * (field * count + record if apart else 8 * record + field)


def halved(rows: range, columns: range, n: int) -> Iterator[int]:
    """Addresses of a transposition that halves the longer side to the end."""
    if len(rows) == len(columns) == 1:
        i, j = rows[0], columns[0]
        yield 4 * (i * n + j)
        yield 4 * (n * n + j * n + i)
    elif len(rows) >= len(columns):
        middle = len(rows) // 2
        yield from halved(rows[:middle], columns, n)
        yield from halved(rows[middle:], columns, n)
    else:
        middle = len(columns) // 2
        yield from halved(rows, columns[:middle], n)
        yield from halved(rows, columns[middle:], n)


if __name__ == "__main__":
    # --8<-- [start:longer_lines]
    knee = {}
    for line in (32, 64, 128):
        counts = [misses(every(stride, 1024), Cache(64, line_bytes=line))
                  for stride in (16, 32, 64, 128, 256)]
        knee[line] = (16, 32, 64, 128, 256)[counts.index(1024)]
        print(line, [count / 1024 for count in counts])
    # --8<-- [end:longer_lines]

    # --8<-- [start:padding]
    padded = {}
    for length in (512, 520, 528, 544, 576):
        padded[length] = misses(down(512, 16, length), Cache(ways=8, sets=64))
        print(length, sets_reached(length, 64), padded[length])
    # --8<-- [end:padding]

    # --8<-- [start:draws]
    entries, room = 8192, 512  # 64 KiB in 1024 lines, and room for 512 of them
    cache = Cache(room)
    before = misses(drawn(entries, 20_000), cache)
    share = (misses(drawn(entries, 40_000), cache) - before) / 40_000
    formula = 1 - room / (entries / 8)
    print(f"share missed {share:.2f}   1 - S/L = {formula:.2f}")
    # --8<-- [end:draws]

    # --8<-- [start:at_random]
    count = 2048
    order = np.random.default_rng(0).permutation(count).tolist()
    at_random = {}
    for apart in (False, True):
        touched = whole_records(order, count, apart)
        at_random[apart] = misses(touched, Cache(64)) / count
        print("apart   " if apart else "together", f"{at_random[apart]:.1f}")
    # --8<-- [end:at_random]

    # --8<-- [start:halves]
    n = 128
    found = {}
    for line in (32, 64, 128):
        found[line] = {
            str(tile): misses(copy(n, tile, True), Cache(80, line_bytes=line))
            for tile in (8, 16, 32)
        }
        recursive = halved(range(n), range(n), n)
        found[line]["halves"] = misses(recursive, Cache(80, line_bytes=line))
        print(line, found[line], "at least", 2 * n * n * 4 // line)
    # --8<-- [end:halves]

"""Which addresses the works of the lab cache-layout touch, on a smaller scale."""
from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from snippets.mechanics.cache_layout import Cache, misses


def small() -> Cache:
    """64 lines of 64 bytes, in 8 sets of 8: a first-level cache, made small."""
    return Cache(ways=8, sets=8)


def every(stride: int, count: int) -> Iterator[int]:
    """So many numbers, `stride` bytes from one to the next."""
    yield from range(0, count * stride, stride)


def steady_misses(addresses: Iterable[int], times: int, cache: Cache) -> int:
    """Misses of the last of several passes, when the cache holds what it can."""
    addresses = list(addresses)
    before = misses(addresses * (times - 1), cache)
    return misses(addresses, cache) - before


def hops(following: Sequence[int], count: int) -> Iterator[int]:
    """Addresses that a chase reads, 8 bytes an entry."""
    at = 0
    for _ in range(count):
        yield 8 * at
        at = following[at]


def down(rows: int, columns: int, length: int) -> Iterator[int]:
    """Column by column through float64 numbers whose rows are `length` numbers apart."""
    for j, i in product(range(columns), range(rows)):
        yield 8 * (i * length + j)


def copy(n: int, tile: int, transposed: bool) -> Iterator[int]:
    """Addresses that a copy of a float32 matrix touches, tile by tile; the copy follows it."""
    for top, left in product(range(0, n, tile), repeat=2):
        for i, j in product(range(top, min(top + tile, n)), range(left, min(left + tile, n))):
            yield 4 * (i * n + j)
            yield 4 * (n * n + (j * n + i if transposed else i * n + j))


def fields(count: int, used: int, apart: bool) -> Iterator[int]:
    """Addresses of the first fields of records that have eight, each a float32.

    Record after record where the fields of one stand together, else field after field.
    """
    if apart:
        for field, record in product(range(used), range(count)):
            yield 4 * (field * count + record)
    else:
        for record, field in product(range(count), range(used)):
            yield 4 * (8 * record + field)


def share_missed(following: Sequence[int], count: int, cache: Cache) -> float:
    """Share of the hops that miss, once the cache has seen as many."""
    way = list(hops(following, 2 * count))
    before = misses(way[:count], cache)
    return (misses(way[count:], cache) - before) / count

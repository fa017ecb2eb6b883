"""Solutions to the exercises of the chapter on memory layout."""
from collections.abc import Iterator
from itertools import product

import torch

from snippets.labs.timing import cpu_medians
from snippets.mechanics.cache_layout import (
    Cache, by_slices, misses, stored_as, triple_loop, walk,
)

MACHINE_BOUND = True  # two regions print CPU times


def tile_prediction(n: int, tile: int) -> int:
    """Misses of the tiled product, order ikj, if only the tiles at work are kept.

    Each of the (n / tile)^3 steps brings a tile of B and one of C; a tile of A
    serves a whole row of steps. Four must fit: three at work, one arriving.
    """
    return 2 * (n // tile) ** 3 * tile * tile // 8 + n * n // 8


def transpose(n: int, tile: int) -> Iterator[int]:
    """Addresses that out[j, i] = m[i, j] touches, float64; out follows m."""
    for top, left in product(range(0, n, tile), repeat=2):
        for i, j in product(range(top, top + tile), range(left, left + tile)):
            yield 8 * (i * n + j)
            yield 8 * (n * n + j * n + i)


if __name__ == "__main__":
    # --8<-- [start:cliff]
    cliff = {}
    for lines in (126, 127, 128, 129):
        cliff[lines] = misses(walk(128, by_row=False, itemsize=4), Cache(lines))
        print(lines, cliff[lines])
    by_itemsize = {}
    for itemsize in (1, 2, 4, 8):
        down = misses(walk(128, by_row=False, itemsize=itemsize), Cache(64))
        along = misses(walk(128, by_row=True, itemsize=itemsize), Cache(64))
        by_itemsize[itemsize] = down // along
        print(f"{itemsize} bytes: down / along = {by_itemsize[itemsize]}")
    # --8<-- [end:cliff]

    # --8<-- [start:tile]
    simulated, formula = {}, {}
    for tile in (2, 4, 8, 16):
        simulated[tile] = misses(triple_loop("ikj", 32, tile), Cache(32))
        formula[tile] = tile_prediction(32, tile)
        print(f"tile {tile:2} simulated {simulated[tile]} formula {formula[tile]}")
    # --8<-- [end:tile]

    # --8<-- [start:flip]
    transposed = {}
    for tile in (1, 2, 4, 8, 16, 64):
        transposed[tile] = misses(transpose(64, tile), Cache(32))
    print(transposed, "at least", 2 * 64 * 64 // 8)
    # --8<-- [end:flip]

    # --8<-- [start:heads]
    tokens, heads, width = 512, 64, 16
    head_misses, head_ratio = {}, {}
    x = torch.ones(heads, tokens, width)
    weight = torch.ones(heads, width, width)
    # B is the head, M the token, K the feature: a projection leaves "MBK".
    works = {
        order: lambda view=stored_as(x, order): torch.bmm(view, weight)
        for order in ("BMK", "MBK", "MKB")
    }
    seconds = cpu_medians(works, rounds=9)
    for order in works:
        head_misses[order] = misses(by_slices(order, 32, 64, 16), Cache(64))  # in small
        head_ratio[order] = seconds[order] / seconds["BMK"]
        print(f"{order}  misses {head_misses[order]:5}  time {head_ratio[order]:.1f}")
    # --8<-- [end:heads]

    # --8<-- [start:copy]
    with_copy = {}
    for batch, side in ((256, 32), (240, 64)):
        y = torch.ones(batch, side, side)
        bad = stored_as(y, "MKB")
        works = {
            "as it lies": lambda: torch.bmm(bad, y),
            "copy first": lambda: torch.bmm(bad.contiguous(), y),
        }
        seconds = cpu_medians(works, rounds=15)
        with_copy[side] = seconds["copy first"] / seconds["as it lies"]
        print(f"{batch} x {side} x {side}  copy first: {with_copy[side]:.2f} of the time")
    # --8<-- [end:copy]

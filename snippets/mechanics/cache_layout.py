"""How data lie in memory: a simulated cache predicts, the clock confirms."""
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice, permutations, product

import matplotlib.pyplot as plt
import numpy as np
import torch

from snippets.labs.timing import cpu_medians
from snippets.palette import A, B, C, INK, LINE, SOFT

MACHINE_BOUND = True  # several regions print CPU times


class Cache:
    """A cache that keeps the lines used last (LRU).

    It has sets * ways lines of line_bytes each. A line may stand only in the
    set given by its number modulo sets; with one set, anywhere.
    """

    def __init__(self, ways: int, sets: int = 1, line_bytes: int = 64):
        self.ways, self.line_bytes = ways, line_bytes
        self.sets = [OrderedDict() for _ in range(sets)]  # oldest line first
        self.misses = 0

    def touch(self, address: int) -> None:
        """Read or write the byte at address: a miss unless its line is here."""
        line = address // self.line_bytes
        held = self.sets[line % len(self.sets)]
        if line in held:
            held.move_to_end(line)
            return
        self.misses += 1
        held[line] = None
        if len(held) > self.ways:
            held.popitem(last=False)


def misses(addresses: Iterable[int], cache: Cache) -> int:
    """Misses of an empty cache on a sequence of byte addresses."""
    for address in addresses:
        cache.touch(address)
    return cache.misses


def walk(n: int, by_row: bool, itemsize: int) -> Iterator[int]:
    """Addresses of an n x n matrix, stored by rows, read by rows or columns."""
    for outer, inner in product(range(n), repeat=2):
        i, j = (outer, inner) if by_row else (inner, outer)
        yield itemsize * (i * n + j)


def indices(order: str, n: int, tile: int) -> Iterator[tuple[int, int, int]]:
    """All (i, j, k) below n, tile by tile, the last letter of order fastest."""
    i, j, k = (order.index(letter) for letter in "ijk")
    for corner in product(range(0, n, tile), repeat=3):
        spans = [range(start, min(start + tile, n)) for start in corner]
        for step in product(*spans):
            yield step[i], step[j], step[k]


def triple_loop(
    order: str, n: int, tile: int = 0, b_by_columns: bool = False
) -> Iterator[int]:
    """Addresses that c[i, j] += a[i, k] * b[k, j] touches, 8 bytes an entry.

    order, such as "ikj", names the loops from the outside in; a tile cuts all
    three. a, b, c follow each other in memory, by rows (b by columns if asked).
    """
    for i, j, k in indices(order, n, tile or n):
        yield 8 * (i * n + k)
        yield 8 * (n * n + (j * n + k if b_by_columns else k * n + j))
        yield 8 * (2 * n * n + i * n + j)


def by_slices(order: str, batch: int, rows: int, columns: int) -> Iterator[int]:
    """Addresses of a float32 (B, M, K) tensor, read matrix by matrix.

    order is that of its memory: in "MKB" the batch index runs fastest.
    """
    size = {"B": batch, "M": rows, "K": columns}
    stride = {letter: 4 for letter in order}
    for at, letter in enumerate(order):
        for later in order[at + 1 :]:
            stride[letter] *= size[later]
    for b, m, k in product(range(batch), range(rows), range(columns)):
        yield b * stride["B"] + m * stride["M"] + k * stride["K"]


def stored_as(x: torch.Tensor, order: str) -> torch.Tensor:
    """The same (B, M, K) tensor, its memory in another order, such as "MKB"."""
    there = ["BMK".index(letter) for letter in order]
    back = [order.index(letter) for letter in "BMK"]
    return x.permute(there).contiguous().permute(back)


if __name__ == "__main__":
    # --8<-- [start:walks]
    n = 128  # float32: 16 entries to a line of 64 bytes
    walk_misses = {}
    for lines in (64, 128):
        walk_misses[lines] = {
            "rows": misses(walk(n, by_row=True, itemsize=4), Cache(lines)),
            "columns": misses(walk(n, by_row=False, itemsize=4), Cache(lines)),
        }
        print(f"cache of {lines:3} lines:", walk_misses[lines])
    # --8<-- [end:walks]

    # --8<-- [start:walk_picture]
    fig, axes = plt.subplots(1, 2, figsize=(7.2, 3.2))
    for ax, name in zip(axes, ("along rows", "down columns"), strict=True):
        for i, j in product(range(8), repeat=2):
            ax.add_patch(plt.Rectangle((j, 7 - i), 1, 1, fc="none", ec=LINE))
        for i, j in product(range(8), (0, 4)):  # a line holds four entries here
            ax.add_patch(plt.Rectangle((j, 7 - i), 4, 1, fc="none", ec=SOFT, lw=1.5))
        for turn in range(8):
            path = [(0.5, 7.5 - turn), (7.5, 7.5 - turn)]
            if name == "down columns":
                path = [(turn + 0.5, 7.5), (turn + 0.5, 0.5)]
            ax.annotate("", path[1], path[0], arrowprops={"arrowstyle": "->", "color": INK})
        ax.text(4, -0.7, name, ha="center", va="center", color=INK)
        ax.set(xlim=(-0.1, 8.1), ylim=(-1.2, 8.1), aspect="equal")
        ax.axis("off")
    plt.show()
    # --8<-- [end:walk_picture]

    # --8<-- [start:shuffled]
    rng = np.random.default_rng(0)
    order_ratio = {}
    for name, size, repeats in (("4 KiB", 2**10, 256), ("16 MiB", 2**22, 1)):
        x = np.ones(size, np.float32)
        ordered, shuffled = np.arange(size), rng.permutation(size)
        works = {
            "ordered": lambda: [x.take(ordered) for _ in range(repeats)],
            "shuffled": lambda: [x.take(shuffled) for _ in range(repeats)],
        }
        seconds = cpu_medians(works, rounds=7)
        order_ratio[name] = seconds["shuffled"] / seconds["ordered"]
        print(f"{name:6}  shuffled / ordered: {order_ratio[name]:.1f}")
    # --8<-- [end:shuffled]

    # --8<-- [start:loops]
    n = 32  # float64: a matrix takes 128 lines, the cache has room for 32
    loop_misses = {}
    for order in ("ikj", "kij", "ijk", "jik", "kji", "jki"):
        loop_misses[order] = misses(triple_loop(order, n), Cache(32))
        print(order, loop_misses[order])
    # --8<-- [end:loops]

    # --8<-- [start:loops_picture]
    fig, axes = plt.subplots(3, 3, figsize=(7.2, 6.4))
    # Where the innermost loop leads in each matrix, as (row step, column step).
    moves = {"k": ((0, 1), (1, 0), (0, 0)), "j": ((0, 0), (0, 1), (0, 1)),
             "i": ((1, 0), (0, 0), (1, 0))}
    orders = {"k": r"$ijk,\ jik$", "j": r"$ikj,\ kij$", "i": r"$jki,\ kji$"}
    for row, fastest in zip(axes, "jki", strict=True):
        row[0].text(-2.4, 3, orders[fastest], ha="center", va="center", color=INK)
        parts = zip(row, "ABC", (A, B, C), moves[fastest], strict=True)
        for ax, name, colour, (down, right) in parts:
            for i, j in product(range(6), repeat=2):
                touched = (j == 2 or right) and (i == 2 or down)
                face = colour if touched else "none"
                ax.add_patch(plt.Rectangle((j, 5 - i), 1, 1, fc=face, ec=LINE, alpha=0.9))
            ax.text(3, 6.5, f"${name}$", ha="center", color=colour)
            ax.set(xlim=(-0.1, 6.1), ylim=(-0.1, 7.2), aspect="equal")
            ax.axis("off")
    plt.show()
    # --8<-- [end:loops_picture]

    # --8<-- [start:small]
    order, steps = 8, 150  # so many multiply-adds of 8**3; four entries to a line
    missed, held = {}, {}
    for loops in ("ikj", "ijk", "jki"):
        cache = Cache(8, line_bytes=32)
        missed[loops] = misses(islice(triple_loop(loops, order), 3 * steps), cache)
        held[loops] = [4 * line + place for line in cache.sets[0] for place in range(4)]
        print(f"{loops}  room for 8, after {steps} of {order**3}: {missed[loops]}")

    tight, enough, room = 10, 11, {}
    for lines in (tight, enough):
        room[lines] = {loops: misses(triple_loop(loops, order), Cache(lines, line_bytes=32))
                       for loops in ("ikj", "ijk")}
        print(f"room for {lines}, all {order**3}:", room[lines])
    # --8<-- [end:small]
    small = {"order": order, "entries": 4, "lines": 8, "steps": steps, "all": order**3}

    # --8<-- [start:small_picture]
    fig, axes = plt.subplots(1, 3, figsize=(7.2, 2.9))
    for ax, (loops, entries) in zip(axes, held.items(), strict=True):
        for entry in range(3 * order**2):
            matrix, row, column = np.unravel_index(entry, (3, order, order))
            x, y = ((0, 9), (9, 0), (9, 9))[matrix]  # A below B's left, C where they meet
            ax.add_patch(plt.Rectangle(
                (x + column, -y - row - 1), 1, 1, ec=LINE, lw=0.5,
                fc=(A, B, C)[matrix] if entry in entries else "none"))
            if column % 4 == 0:
                ax.add_patch(plt.Rectangle((x + column, -y - row - 1), 4, 1, fc="none",
                                           ec=SOFT, lw=0.7))
        ax.text(4, -3, f"${loops}$", ha="center", color=INK)
        ax.text(4, -5.4, f"{missed[loops]}", ha="center", color=INK)
        ax.set(xlim=(-0.2, 17.2), ylim=(-17.2, 0.2), aspect="equal")
        ax.axis("off")
    plt.show()
    # --8<-- [end:small_picture]

    # --8<-- [start:by_columns]
    b_by_columns = misses(triple_loop("ijk", n, b_by_columns=True), Cache(32))
    print("ijk, B stored by columns:", b_by_columns)
    # --8<-- [end:by_columns]

    # --8<-- [start:tiles]
    tile_misses = {}
    for tile in (1, 2, 4, 8, 16, 32):
        tile_misses[tile] = misses(triple_loop("ikj", n, tile), Cache(32))
        print(f"tile {tile:2}  {tile_misses[tile]:5}")
    least = 3 * n * n // 8  # every line of A, B and C once
    print("at least", least)
    # --8<-- [end:tiles]

    # --8<-- [start:misses_picture]
    bars = {"tile 8": tile_misses[8]} | {f"${o}$": count for o, count in loop_misses.items()}
    fig, ax = plt.subplots(figsize=(7.2, 3.4))
    ax.barh(list(bars), list(bars.values()), height=0.6, color=SOFT)
    for place, count in enumerate(bars.values()):
        ax.text(count + 800, place, f"{count:,}", va="center", color=INK)
    ax.invert_yaxis()
    ax.set(xlim=(0, 78_000), xticks=[])
    ax.spines["bottom"].set_visible(False)
    ax.tick_params(left=False)
    plt.show()
    # --8<-- [end:misses_picture]

    # --8<-- [start:conflicts]
    level1 = {"ways": 8, "sets": 64}  # 32 KiB: room for 512 lines
    conflict_misses, works = {}, {}
    for n in (504, 512):
        down = walk(n, by_row=False, itemsize=8)
        conflict_misses[n] = misses(down, Cache(**level1))
        b = rng.integers(-9, 10, size=(n, n))
        a, by_columns = b[:16], np.asfortranarray(b)
        works[n, "rows"] = partial(a.dot, b)  # a plain loop, no BLAS
        works[n, "columns"] = partial(a.dot, by_columns)
    seconds = cpu_medians(works, rounds=9)
    nanoseconds = {n: {} for n in conflict_misses}
    for n, name in works:
        nanoseconds[n][name] = 1e9 * seconds[n, name] / (16 * n * n)
    for n, count in conflict_misses.items():
        print(f"n = {n}   misses {count:6}"
              f"   ns, B by rows {nanoseconds[n]['rows']:.2f}"
              f"   B by columns {nanoseconds[n]['columns']:.2f}")
    # --8<-- [end:conflicts]

    # --8<-- [start:blas]
    n = 512
    a, b = rng.normal(size=(2, n, n)).astype(np.float32)
    by_columns = np.asfortranarray(b)  # equal to b, stored by columns
    scattered = np.empty((2 * n, 2 * n), np.float32)[::2, ::2]
    scattered[:] = b  # in every other row and column of a larger array
    works = {
        "by rows": lambda: a @ b,
        "by columns": lambda: a @ by_columns,
        "scattered": lambda: a @ scattered,
    }
    seconds = cpu_medians(works, rounds=15)
    blas_ratio = {name: s / seconds["by rows"] for name, s in seconds.items()}
    for name, ratio in blas_ratio.items():
        print(f"{name:10} {ratio:.2f}")
    # --8<-- [end:blas]

    # --8<-- [start:batched]
    x, y = torch.ones(256, 64, 64), torch.ones(256, 64, 64)
    layouts = {"".join(o): stored_as(x, "".join(o)) for o in permutations("BMK")}
    places = {o: by_slices(o, 64, 16, 16) for o in layouts}  # in small
    # The control, every other column of a wider tensor: no stride of 1 either.
    layouts["control"] = torch.ones(256, 64, 128)[:, :, ::2]
    places["control"] = (2 * place for place in by_slices("BMK", 64, 16, 16))
    works = {o: lambda view=view: torch.bmm(view, y) for o, view in layouts.items()}
    seconds = cpu_medians(works, rounds=15)
    slice_misses, strides, bmm_ratio = {}, {}, {}
    for o, view in layouts.items():
        slice_misses[o] = misses(places[o], Cache(64))
        strides[o] = view.stride()
        bmm_ratio[o] = seconds[o] / seconds["BMK"]
        print(f"{o:7} misses {slice_misses[o]:5}  bmm {bmm_ratio[o]:.1f}", strides[o])
    # --8<-- [end:batched]

    # --8<-- [start:rest]
    n = 256
    a, b = rng.normal(size=(2, n, n))
    works = {
        "BLAS": lambda: a @ b,
        "plain loop": lambda: np.einsum("ik,kj->ij", a, b),
    }
    seconds = cpu_medians(works, rounds=9)
    beyond_layout = seconds["plain loop"] / seconds["BLAS"]
    print(f"plain loop / BLAS: {beyond_layout:.1f}")
    # --8<-- [end:rest]

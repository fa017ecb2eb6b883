"""The simulated cache counts exactly; the CPU clock agrees with its orderings."""
from collections import deque
from itertools import permutations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.mechanics.cache_layout import (
    Cache, by_slices, indices, misses, stored_as, triple_loop, walk,
)

NAME = "mechanics/cache_layout"
traces = st.lists(st.integers(0, 2_000), max_size=200)


def stack_distance_misses(trace: list[int], ways: int, sets: int, line_bytes: int) -> int:
    """LRU by its definition: a hit if fewer than ways other lines of the set came in between."""
    recent = [deque() for _ in range(sets)]
    count = 0
    for address in trace:
        line = address // line_bytes
        stack = recent[line % sets]
        if line not in list(stack)[:ways]:
            count += 1
        if line in stack:
            stack.remove(line)
        stack.appendleft(line)
    return count


@given(traces, st.integers(1, 8), st.integers(1, 4), st.sampled_from([16, 64]))
def test_misses_by_the_definition_of_lru(trace, ways, sets, line_bytes):
    expected = stack_distance_misses(trace, ways, sets, line_bytes)
    assert misses(trace, Cache(ways, sets, line_bytes)) == expected


@given(traces, st.integers(1, 8))
def test_a_larger_lru_cache_never_misses_more(trace, ways):
    assert misses(trace, Cache(ways + 1)) <= misses(trace, Cache(ways))


def test_a_line_is_64_bytes_and_counting_goes_on():
    cache = Cache(ways=2)
    assert misses([0, 63, 64, 0, 128, 64], cache) == 4
    assert misses([64], cache) == 4


def test_sets_keep_lines_apart():
    assert misses([0, 128, 0, 128], Cache(ways=1, sets=2)) == 4  # lines 0 and 2: the same set
    assert misses([0, 64, 0, 64], Cache(ways=1, sets=2)) == 2


@pytest.mark.parametrize("itemsize", [1, 4, 8])
def test_walk_is_the_order_of_numpy(itemsize):
    places = itemsize * np.arange(16).reshape(4, 4)
    assert list(walk(4, True, itemsize)) == places.ravel().tolist()
    assert list(walk(4, False, itemsize)) == places.T.ravel().tolist()


def test_walks_by_formula(woven):
    n = 128
    assert woven(NAME).values["walk_misses"] == {
        "64": {"rows": n * n // 16, "columns": n * n},
        "128": {"rows": n * n // 16, "columns": n * n // 16},
    }


@given(st.sampled_from([*map("".join, permutations("ijk"))]), st.integers(1, 6), st.integers(1, 7))
def test_indices_visit_everything_once(order, n, tile):
    visited = list(indices(order, n, tile))
    assert sorted(visited) == sorted(np.ndindex(n, n, n))


def test_indices_follow_the_order():
    assert list(indices("ikj", 2, 2))[:3] == [(0, 0, 0), (0, 1, 0), (0, 0, 1)]
    tiled = list(indices("jki", 4, 2))
    assert {max(step) for step in tiled[:8]} == {0, 1}  # the first block
    assert tiled[8] == (2, 0, 0)  # i runs fastest over the blocks, too


def test_triple_loop_touches_three_matrices():
    n = 3
    a, b, c = (8 * (np.arange(9) + 9 * which).reshape(3, 3) for which in range(3))
    for stored, by_columns in ((b, False), (b.T, True)):
        expected = []
        for i in range(n):
            for j in range(n):
                for k in range(n):
                    at_b = b.ravel()[j * n + k] if by_columns else stored[k, j]
                    expected += [a[i, k], at_b, c[i, j]]
        assert list(triple_loop("ijk", n, b_by_columns=by_columns)) == expected
    assert list(triple_loop("ijk", n)) == list(triple_loop("ijk", n, b_by_columns=False))
    assert sorted(triple_loop("kji", n, tile=2)) == sorted(triple_loop("ijk", n))


def test_loop_orders_by_formula(woven):
    n, matrix = 32, 32 * 32 // 8  # a matrix is 128 lines, a column touches n of them
    assert woven(NAME).values["loop_misses"] == {
        "ikj": 2 * matrix + n * matrix,  # B swept for each i
        "kij": matrix + n * n + n * matrix,  # C swept for each k, A down its columns
        "ijk": n**3 + 2 * matrix,  # every entry of B
        "jik": n**3 + n * matrix + n * n,  # besides, A swept for each j, C down its columns
        "kji": 2 * n**3 + matrix,  # every entry of A and C
        "jki": 2 * n**3 + n * n,
    }
    assert woven(NAME).values["b_by_columns"] == 2 * matrix + n * matrix


def test_tiles(woven):
    counts = woven(NAME).values["tile_misses"]
    least = woven(NAME).values["least"]
    assert counts["1"] == counts["32"] == woven(NAME).values["loop_misses"]["ikj"]
    assert min(counts, key=counts.get) == "8" and least == 384
    assert counts["8"] == 3 * least == 2 * 32**3 // 64 + 32 * 32 // 8
    assert misses(triple_loop("ikj", 32, 8), Cache(31)) > counts["8"]  # it takes room for four


def test_conflicts_are_predicted(woven):
    assert woven(NAME).values["conflict_misses"] == {"504": 504 * 504 // 8, "512": 512 * 512}
    assert misses(walk(512, False, 8), Cache(ways=512)) == 512 * 512 // 8  # no sets: no trap
    lines = [address // 64 for address in walk(512, False, 8)][:512]
    assert len({line % 64 for line in lines}) == 1
    padded = (j * 8 + i * (4096 + 64) for j in range(512) for i in range(512))
    assert misses(padded, Cache(ways=8, sets=64)) == 512 * 512 // 8  # a line of padding


@given(st.permutations("BMK"), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_slices_and_strides_are_those_of_torch(order, batch, rows, columns):
    order = "".join(order)
    x = torch.arange(batch * rows * columns, dtype=torch.float32).reshape(batch, rows, columns)
    view = stored_as(x, order)
    assert torch.equal(view, x)
    memory = view.untyped_storage()
    places = list(by_slices(order, batch, rows, columns))
    assert sorted(places) == list(range(0, len(memory), 4))
    flat = torch.tensor(memory, dtype=torch.uint8).view(torch.float32)
    assert [flat[place // 4].item() for place in places] == x.ravel().tolist()


def test_layouts_predicted(woven):
    values = woven(NAME).values
    assert values["slice_misses"] == {
        order: 16_384 if order.endswith("B") else 1_024
        for order in map("".join, permutations("BMK"))
    } | {"control": 2_048}
    assert values["strides"]["MKB"] == [1, 16384, 256] and values["strides"]["BMK"] == [4096, 64, 1]


@pytest.mark.parametrize(("sequences", "copies"), [(1, 0), (2, 2)])
def test_matmul_copies_heads_of_several_sequences(sequences, copies):
    heads = torch.ones(sequences, 64, 8, 16).transpose(1, 2)  # memory: sequence, token, head
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profile:
        heads @ heads.mT
    assert sum(event.name == "aten::clone" for event in profile.events()) == copies


def test_in_small_the_orders_differ_too(woven):
    values = woven(NAME).values
    small, missed = values["small"], values["missed"]
    n, size = small["order"], small["entries"]
    for loops, count in missed.items():
        trace = list(triple_loop(loops, n))[: 3 * small["steps"]]
        assert count == stack_distance_misses(trace, small["lines"], 1, 8 * size)
    assert missed["ikj"] < missed["ijk"] < missed["jki"] and small["all"] == n**3
    column, row = n, n // size  # lines of B and of A that ijk comes back to, and one of C
    assert values["enough"] == column + row + 1 == values["tight"] + 1
    tight, enough = values["room"].values()
    assert enough["ijk"] == enough["ikj"] == tight["ikj"] < tight["ijk"] / 3


# The clock: medians of CPU time from the page's own run, on one thread. The margins are far
# below what was measured on several machines.


def test_order_matters_only_outside_the_cache(woven):
    ratio = woven(NAME).values["order_ratio"]
    assert ratio["16 MiB"] > 1.5 and ratio["4 KiB"] < 0.75 * ratio["16 MiB"]
    assert 0.5 < ratio["4 KiB"] < 1.8


def test_plain_loop_prefers_columns_at_the_power_of_two(woven):
    near, power = woven(NAME).values["nanoseconds"].values()
    assert power["rows"] > 1.5 * power["columns"]
    assert power["rows"] > 1.3 * near["rows"]


def test_blas_does_not_care(woven):
    ratio = woven(NAME).values["blas_ratio"]
    assert 0.5 < ratio["by columns"] < 2 and ratio["scattered"] < 2.5


def test_batch_index_last_is_dear(woven):
    ratio = dict(woven(NAME).values["bmm_ratio"])
    control = ratio.pop("control")
    dear = min(r for order, r in ratio.items() if order.endswith("B"))
    cheap = max(r for order, r in ratio.items() if not order.endswith("B"))
    assert dear > 1.4 * cheap and control > 1.15 * cheap  # a Zen 4: 1.8 and 1.4


def test_blas_beats_a_loop_with_a_good_layout(woven):
    assert woven(NAME).values["beyond_layout"] > 1.8

"""The works do what they are timed for; walks touch what they say; predictions by formula."""
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.labs import cache_layout as lab
from snippets.labs import cache_tables, cache_walks
from snippets.labs.records import Record, banner
from snippets.mechanics.cache_layout import Cache, by_slices, misses

sizes = st.integers(1, 9)


# What is timed


@settings(max_examples=15)
@given(sizes, sizes, st.sampled_from("CF"))
def test_sums_along_and_down(rows, columns, order):
    x = np.asarray(np.arange(rows * columns).reshape(rows, columns), order=order)
    np.testing.assert_array_equal(lab.along_rows(x), x.sum(axis=1))
    np.testing.assert_array_equal(lab.down_columns(x), x.sum(axis=0))


@pytest.mark.parametrize("dtype", ["int8", "float32", "float64"])
@pytest.mark.parametrize("stride", lab.STRIDES)
def test_numbers_stand_so_many_bytes_apart(dtype, stride):
    x = lab.apart(10, dtype, stride)
    assert x.shape == (10,) and x.strides == (stride,) and x.dtype == dtype


def test_adding_is_in_place():
    x = np.zeros(9)
    lab.adding(x[::4])()
    assert x.tolist() == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    y = np.zeros((2, 3))
    lab.column_by_column(y[:, :2])()
    assert y.tolist() == [[1, 1, 0]] * 2


def test_columns_are_taken_one_by_one(monkeypatch):
    taken = []
    monkeypatch.setattr(lab, "adding", lambda column: lambda: taken.append(column.tolist()))
    lab.column_by_column(np.array([[1, 2], [3, 4], [5, 6]]))()
    assert taken == [[1, 3, 5], [2, 4, 6]]


def test_products_are_made_as_often_as_asked():
    class Counted:
        def __init__(self):
            self.seen = []

        def dot(self, other):
            self.seen.append(other)

    x = Counted()
    lab.products(x, "y", 3)()
    assert x.seen == ["y"] * 3


def test_every_size_is_read_equally_often():
    found = {cell.key: cell.bytes for cell in lab.LAB.groups["read-64MiB"].run(1)}
    assert set(found.values()) == {2**26} and len(found) == 5


@settings(max_examples=15)
@given(st.integers(1, 200))
def test_a_cycle_passes_every_place_once(entries):
    for following in (lab.cycle(entries, np.random.default_rng(entries)), lab.in_order(entries)):
        seen, at = [], 0
        for _ in range(entries):
            seen.append(at)
            at = following[at]
        assert at == 0 and sorted(seen) == list(range(entries))
    assert lab.in_order(4).tolist() == [1, 2, 3, 0]


def test_a_cycle_is_in_no_order():
    following = lab.cycle(1000, np.random.default_rng(0))
    near = sum(abs(there - here) < 8 for here, there in enumerate(following))
    assert near < 50


def test_a_chase_goes_on():
    chase = lab.Chase(lab.in_order(10), hops=4)
    found = []
    for _ in range(3):
        chase()
        found.append(chase.at)
    assert found == [4, 8, 2]


@settings(max_examples=20)
@given(sizes, sizes, st.integers(1, 12))
def test_transposition_in_tiles(rows, columns, tile):
    x = np.arange(rows * columns).reshape(rows, columns)
    out = np.full((columns, rows), -1)
    lab.transpose(out, x, tile)
    np.testing.assert_array_equal(out, x.T)


@pytest.mark.parametrize("order", lab.ORDERS)
def test_a_batch_in_another_order_is_the_same_batch(order):
    x = np.arange(24).reshape(2, 3, 4)
    stored = lab.stored_as(x, order)
    np.testing.assert_array_equal(stored, x)
    densest = "BMK".index(order[2])
    assert stored.strides[densest] == x.itemsize
    assert np.argmax(stored.strides) == "BMK".index(order[0])


def test_operands_have_the_sizes_that_the_flags_need():
    a, b, wide = lab.operands(8)
    assert a.shape == b.shape == (8, 8) and wide.shape == (16, 16)
    assert {x.dtype for x in (a, b, wide)} == {np.dtype(np.float32)}


# What is predicted


def test_walks_list_addresses():
    assert list(cache_walks.every(24, 3)) == [0, 24, 48]
    assert list(cache_walks.hops([2, 0, 1], 4)) == [0, 16, 8, 0]
    assert list(cache_walks.down(2, 2, 5)) == [0, 40, 8, 48]
    assert list(cache_walks.fields(2, 1, apart=False)) == [0, 32]
    assert list(cache_walks.fields(2, 2, apart=False)) == [0, 4, 32, 36]
    assert list(cache_walks.fields(2, 2, apart=True)) == [0, 4, 8, 12]


@settings(max_examples=15)
@given(st.integers(1, 7), st.integers(1, 9), st.booleans())
def test_a_copy_reads_and_writes_every_number_once(n, tile, transposed):
    found = list(cache_walks.copy(n, tile, transposed))
    pairs = {read // 4: write // 4 - n * n for read, write in zip(found[::2], found[1::2])}
    expected = np.arange(n * n).reshape(n, n)
    expected = (expected.T if transposed else expected).ravel()
    assert len(found) == 2 * n * n
    for read in range(n * n):
        assert expected[pairs[read]] == read


@pytest.mark.parametrize("stride", lab.STRIDES)
def test_strides_by_formula(stride):
    found = misses(cache_walks.every(stride, 1024), cache_walks.small())
    assert found == 1024 * min(stride, 64) // 64


def test_the_small_cache_is_an_eighth_of_32_kib():
    cache = cache_walks.small()
    assert len(cache.sets) * cache.ways * cache.line_bytes * 8 == 32 * 1024


@pytest.mark.parametrize(("lines", "expected"), [(1, 0), (64, 0), (65, 65), (100, 100)])
def test_steady_misses_jump_when_the_data_no_longer_fit(lines, expected):
    passes = cache_walks.steady_misses(cache_walks.every(64, lines), 3, Cache(64))
    assert passes == expected


def test_steady_misses_count_the_last_pass_alone():
    assert cache_walks.steady_misses(range(0, 640, 64), 1, Cache(64)) == 10


def test_a_chase_misses_what_has_no_room():
    def share(kib: float) -> float:
        following = lab.cycle(int(kib * 128), np.random.default_rng(0))
        return cache_walks.share_missed(following, 2000, Cache(64))

    assert share(2) == share(4) == 0
    assert 0.4 < share(8) < 0.6
    assert share(64) > 0.9
    following = lab.in_order(64 * 128)
    assert cache_walks.share_missed(following, 2000, Cache(64)) == 1 / 8


def test_one_set_holds_eight_lines_of_a_column():
    def column(length: int) -> int:
        return misses(cache_walks.down(64, 16, length), cache_walks.small())

    assert column(512) == column(4096) == 64 * 16
    assert column(520) == column(4104) == 64 * 2


def test_tiles_use_lines_up():
    def copies(tile: int, transposed: bool = True) -> int:
        return misses(cache_walks.copy(128, tile, transposed), Cache(64))

    least = 2 * 128 * 128 // 16
    assert copies(128, transposed=False) == copies(16) == least
    assert copies(16, transposed=False) == least
    assert copies(128) == 128 * 128 + 128 * 128 // 16


def test_tiles_meet_in_one_set_at_a_power_of_two():
    def share(n: int, cache: Cache) -> float:
        return misses(cache_walks.copy(n, 16, True), cache) * 16 / (2 * n * n)

    assert share(128, cache_walks.small()) == 8.5
    assert share(128, Cache(64)) == share(144, cache_walks.small()) == 1


def test_a_field_by_itself_takes_an_eighth_of_the_lines():
    def records(used: int, apart: bool) -> int:
        return misses(cache_walks.fields(512, used, apart), Cache(64))

    assert records(1, False) == 8 * records(1, True) == 256
    assert records(8, False) == records(8, True) == 256


def test_the_batch_index_last_is_predicted_to_be_dear():
    found = {o: misses(by_slices(o, 64, 16, 16), Cache(64)) for o in lab.ORDERS}
    assert found["MKB"] == found["KMB"] == 16 * found["BMK"]
    assert found["BKM"] == found["MBK"] == found["KBM"] == found["BMK"]


# What a page shows of a record


@pytest.fixture
def run(data) -> Record:
    device = {"device": "Abacus", "cpu": "Abacus"}
    entries = [("g/x", 2e-6), ("g/y", 6e-6), ("g/control", 2e-6), ("gg/z", 1.0)]
    shown = [{"key": key, "samples": [s] * 3} for key, s in entries]
    shown.append({"key": "g/broken", "error": "no"})
    data |= {"machine": data["machine"] | device, "cells": shown}
    return Record(Path("runs/abacus/x.json"), data)


def test_prediction_beside_measurement(run):
    lines = cache_tables.beside([run], "g", "x", {"x": 1, "y": 16}).splitlines()
    assert [line.split() for line in lines] == [
        ["simulated", "misses", "x", "=", "1"],
        ["x", "1.00"],
        ["y", "16.00"],
        [],
        *(line.split() for line in banner(run).split("; ")),
        ["CPU", "time", "x", "=", "1"],
        ["x", "1.00", "[1.00..1.00]"],
        ["y", "3.00", "[3.00..3.00]"],
        ["the", "base", "again", "1.00", "[1.00..1.00]"],
    ]


@pytest.mark.parametrize("group", ["other", None])
def test_without_a_run_the_prediction_stands_alone(run, group):
    table = cache_tables.beside([run] if group else [], group or "g", "x", {"y": 16})
    assert table.splitlines()[-2:] == ["", "no run recorded yet"]
    assert "16.0" in table and "CPU" not in table


def test_time_for_each_number(run):
    assert cache_tables.each(run, "g", 2000) == pytest.approx(
        {"x": 1, "y": 3, "the base again": 1}
    )


def test_groups_have_the_cells_of_the_orderings():
    names = {key for o in lab.LAB.orderings for key in (o.faster, o.slower)}
    groups = {key.partition("/")[0] for key in names}
    assert groups <= set(lab.LAB.groups) and all(g.quick for g in lab.LAB.groups.values())
    small = {"view-1024", "flags-512", "apart-512", "gather-65536"}
    for group in small:
        found = {cell.key: cell for cell in lab.LAB.groups[group].run(1)}
        assert {key for key in names if key.startswith(f"{group}/")} <= set(found)
        assert not any(cell.error for cell in found.values())


def test_without_a_prediction_there_is_only_the_measurement(run):
    table = cache_tables.beside([run, run], "g", "x", {})
    where = "\n".join(banner(run).split("; "))
    assert table.startswith(where) and "simulated" not in table
    assert table.count(where) == 2

"""The rungs multiply; the tables of a record are computed as they say; records obey the roof."""
import shutil
import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.labs import compiled, cpu_ladder, ladder_tables, rungs, tile, worker
from snippets.labs.cpu_ladder import LAB, LOOP_SIZES, SHAPES, TILE_SIZES
from snippets.labs.records import Record, banner, load_all

needs_compiler = pytest.mark.skipif(
    not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="no C compiler here"
)
shapes = st.tuples(*[st.integers(1, 6)] * 3)


def integers(m: int, k: int, n: int, dtype=np.float64) -> tuple[np.ndarray, np.ndarray]:
    """Matrices whose product is exact in any order of summation."""
    rng = np.random.default_rng(m * 100 + k * 10 + n)
    return rng.integers(-9, 10, (m, k)).astype(dtype), rng.integers(-9, 10, (k, n)).astype(dtype)


# Rungs


@settings(max_examples=20)
@given(shapes)
def test_every_rung_is_the_product(shape):
    a, b = integers(*shape)
    exact = np.einsum("ik,kj->ij", a, b)
    for rung in (rungs.literal, rungs.sums):
        assert rung(a.tolist(), b.tolist()) == exact.tolist()
    for rung in (rungs.elements, rungs.dots, rungs.outers, rungs.gemvs):
        np.testing.assert_array_equal(rung(a, b), exact, strict=True)


@settings(max_examples=20)
@given(shapes, st.sampled_from("CF"))
def test_axpys_fill_a_matrix_of_the_order_asked_for(shape, order):
    a, b = (np.asarray(x, order=order) for x in integers(*shape))
    for rung in (rungs.row_axpy, rungs.column_axpy):
        c = rung(a, b, order)
        np.testing.assert_array_equal(c, a @ b)
        assert c.flags[f"{order}_CONTIGUOUS"]


@settings(max_examples=20)
@given(shapes, st.integers(1, 7))
def test_blocks_may_end_anywhere(shape, size):
    a, b = integers(*shape)
    np.testing.assert_array_equal(rungs.blocks(a, b, size), a @ b)


@pytest.mark.parametrize("name", compiled.LOOPS)
@pytest.mark.parametrize("shape", [(3, 2, 5), (2, 65, 3), (2, 3, 257)])
def test_plain_loops(name, shape):
    a, b = integers(*shape)
    c = np.zeros((len(a), b.shape[1]))
    compiled.LOOPS[name](c, a, b)
    np.testing.assert_array_equal(c, a @ b)


def test_loops_are_compiled_once(monkeypatch):
    seen = []
    numba = types.SimpleNamespace(njit=lambda loops: seen.append(loops) or loops)
    monkeypatch.setitem(sys.modules, "numba", numba)
    a, b = integers(4, 3, 5)
    multiply = compiled.product("jki")
    assert not seen
    for _ in range(2):
        np.testing.assert_array_equal(multiply(a, b), a @ b)
    assert seen == [compiled.jki]


def test_without_numba_a_cell_says_how_to_get_it(monkeypatch, root):
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr(cpu_ladder, "operands", lambda *shape: integers(8, 8, 8))
    cells = LAB.groups["compiled-512"].run(1)
    message = "RuntimeError: numba is not installed: pip install -r requirements-labs.txt"
    assert [cell.error for cell in cells] == [message] * 4 + [None]
    assert "numba==" in (root / "requirements-labs.txt").read_text()


# The tile


@needs_compiler
@pytest.mark.parametrize("function", [tile.tiles, tile.packed])
@pytest.mark.parametrize("n", [48, 96, 144])
def test_tiles(function, n):
    a, b = integers(n, n, n, np.float32)
    np.testing.assert_array_equal(function(a, b), a @ b, strict=True)


@needs_compiler
def test_tiles_round_as_float32_does():
    a, b = np.random.default_rng(0).standard_normal((2, 192, 192)).astype(np.float32)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    bound = 192 * 2.0**-24 * np.abs(a).astype(np.float64) @ np.abs(b)
    assert (np.abs(tile.tiles(a, b) - exact) <= bound).all()


@needs_compiler
@pytest.mark.skipif(tile.platform.machine() not in tile.X86, reason="the processors are x86")
@pytest.mark.parametrize(("processor", "shape"), [
    ("-march=x86-64", (6, 8, 128)),
    ("-march=sandybridge", (6, 16, 256)),
])  # fmt: skip
def test_tiles_of_older_processors(processor, shape):
    built = tile.build(processor)
    assert tile.shape_of(built) == shape
    a, b = integers(96, 96, 96, np.float32)
    for function in (built.tiles, built.packed):
        np.testing.assert_array_equal(tile.call(function, a, b), a @ b)


@needs_compiler
def test_peak_counts_what_it_does():
    rows, columns, bits = tile.shape()
    assert 48 % rows == 48 % columns == 0
    chains = rows * columns * 32 // bits
    assert tile.peak_flop(1000) == 1000 * chains * 2 * bits / 32
    # Each chain ends near the fixed point of x / 2 + 1.
    assert tile.peak(1000) == pytest.approx(2 * chains)


@needs_compiler
@pytest.mark.parametrize("left", [(47, 47), (72, 72), (48, 96), (96, 96)])
@pytest.mark.parametrize("right", [(47, 47), (72, 72), (96, 48), (48, 48)])
def test_the_tile_refuses_what_it_would_get_wrong(left, right):
    a, b = np.zeros(left, np.float32), np.zeros(right, np.float32)
    with pytest.raises(ValueError, match="whose order 48 divides"):
        tile.tiles(a, b)


def test_without_a_compiler_cells_say_so(monkeypatch):
    monkeypatch.setattr(tile.shutil, "which", lambda name: None)
    tile.library.cache_clear(), tile.shape.cache_clear()
    with pytest.raises(RuntimeError, match="no C compiler here"):
        tile.shape()
    cells = {cell.key: cell.error for cell in LAB.groups["tile-192"].run(1)}
    assert cells["tile-192/matmul"] is None
    assert "no C compiler here" in cells["tile-192/tiles"]
    assert cpu_ladder.peak().flop is None


def test_a_compiler_that_fails_is_quoted(monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "no such option")
    monkeypatch.setattr(tile, "compiler", lambda: "cc")
    monkeypatch.setattr(tile.subprocess, "run", lambda *a, **k: failed)
    with pytest.raises(RuntimeError, match="cc cannot build the tile: no such option"):
        tile.build("-march=native")


# Workers


def test_workers_take_turns_and_end():
    samples, cores = worker.in_turn({"a": {}, "b": {"OPENBLAS_CORETYPE": "Nehalem"}}, 16, 3)
    assert {name: len(found) for name, found in samples.items()} == {"a": 3, "b": 3}
    assert all(0 < seconds < 60 for found in samples.values() for seconds in found)
    if not cpu_ladder.no_core_types():
        assert cores["b"].lower() == "nehalem"


def test_kernels_are_compared_on_one_thread(monkeypatch):
    """Whatever the tests were started with: a second thread waits by spinning, and is counted."""
    asked = {}

    def in_turn(settings, n, rounds):
        asked.update(settings)
        return dict.fromkeys(settings, []), dict.fromkeys(settings, "")

    monkeypatch.setattr(cpu_ladder, "no_core_types", lambda: None)
    monkeypatch.setattr(cpu_ladder, "in_turn", in_turn)
    LAB.groups["simd-512"].run(1)
    assert len(asked) == 5
    assert all(variables["OPENBLAS_NUM_THREADS"] == "1" for variables in asked.values())


def test_a_kernel_that_was_not_taken_is_no_measurement():
    assert cpu_ladder.simd_cell("Haswell", [1.0], "haswell").samples == [1.0]
    assert "OpenBLAS took Zen" in cpu_ladder.simd_cell("Haswell", [1.0], "Zen").error


def test_core_types_are_for_openblas_on_x86(monkeypatch):
    monkeypatch.setattr(cpu_ladder, "threadpool_info", list)
    monkeypatch.setattr(cpu_ladder.platform, "machine", lambda: "x86_64")
    assert "not OpenBLAS" in cpu_ladder.no_core_types()
    monkeypatch.setattr(cpu_ladder.platform, "machine", lambda: "arm64")
    cells = LAB.groups["simd-512"].run(1)
    assert len(cells) == 5 and all("x86" in cell.error for cell in cells)


# Groups


def test_operations_are_counted():
    work = cpu_ladder.multiply(np.matmul, *integers(3, 4, 5))
    assert work.flop == sum(2 for _ in np.ndindex(3, 4, 5))
    thin = cpu_ladder.once_through_memory(8, 4, 2)
    assert thin.flop == 2 * 8 * 4 * 2 and thin.bytes == 4 * (8 * 4 + 4 * 2 + 8 * 2)
    assert SHAPES["256^3"][0] ** 3 == np.prod(SHAPES["1 column"])  # an ordering says so


def test_integers_by_way_of_float64():
    a, b = integers(7, 300, 5, np.int64)
    np.testing.assert_array_equal(cpu_ladder.by_float64(a, b), a @ b, strict=True)


def test_all_data_types_agree_on_small_integers(monkeypatch):
    products = {}

    def keep(function, a, b):
        products[a.dtype.name, function.__name__] = function(a, b)
        return lambda: None

    monkeypatch.setattr(cpu_ladder, "multiply", keep)
    LAB.groups["dtypes-256"].run(1)
    exact = products["int64", "matmul"]
    assert len(products) == 7
    for name, product in products.items():
        np.testing.assert_allclose(product, exact, rtol=1e-3 if name[0] == "float16" else 0)


def test_order_of_the_ladder_is_that_of_its_cells():
    for key, bits in ladder_tables.LADDER:
        assert key.split("/")[0] in LAB.groups and bits == (32 if key.endswith("32") else 64)


# What a page shows of a record


def entry(key: str, seconds: float, **more) -> dict:
    return {"key": key, "samples": [seconds] * 3, **more}


def doctored() -> Record:
    cells = [entry(f"roofline/{name}", 1.0, flop=2e9, bytes=1e9) for name in SHAPES]
    cells[0] |= {"flop": 100e9, "bytes": 1e9}
    cells.append(entry("roofline/read", 1.0, bytes=10e9))
    cells.append(entry("python-240/literal", 1.0, flop=1e9))
    cells.append(entry("numpy-240/matmul32", 1.0, flop=50e9))
    for n, seconds in ((192, 2.0), (384, 0.5)):
        cells += [entry(f"tile-{n}/tiles", seconds), entry(f"tile-{n}/matmul", 1.0)]
    cells.append({"key": "tile-768/tiles", "error": "no C compiler here"})
    return Record(Path("x.json"), {"cells": cells})


def test_rates_of_loops_stand_beside_their_ratio():
    run = doctored()
    run.data["cells"] += [
        entry("compiled-1536/ikj", 0.5, flop=6e9), entry("compiled-1536/blocked", 1.0, flop=6e9),
        {"key": "compiled-3072/ikj", "error": "no numba here"},
        entry("compiled-3072/blocked", 1.0, flop=6e9),
    ]  # fmt: skip
    assert list(ladder_tables.loop_lines(run))[1:] == [
        " 1536    9 MiB    12.0       6.0           2.00"
    ]
    assert not list(ladder_tables.loop_lines(doctored()))


def test_blocks_pay_once_the_plain_loop_has_slowed_down_and_cost_while_it_has_not():
    paid = {}
    for run in load_all("cpu-ladder"):
        orders = [n for n in (512, *LOOP_SIZES) if ladder_tables.has(run, f"compiled-{n}/blocked")]
        rates = [run.rate(f"compiled-{n}/ikj") for n in orders]
        for n, before, rate in zip(orders[1:], rates[:-1], rates[1:], strict=True):
            ratio = run.ratio(f"compiled-{n}/blocked", f"compiled-{n}/ikj").median
            if rate < before / 2:
                assert ratio < 1, (run.file, n)
            if rate > 0.9 * before:
                assert ratio > 1, (run.file, n)
            paid.setdefault(n, set()).add(ratio < 1)
    assert paid[1536] == {True, False}, "the page says that the records do not agree"


def test_peak_is_of_registers_where_there_is_a_compiler():
    run = doctored()
    assert ladder_tables.peak_of(run) == ("roofline/2048^3", 100e9)
    run.data["cells"].append(entry("numpy-240/peak32", 1.0, flop=125e9))
    assert ladder_tables.peak_of(doctored_with(run)) == ("numpy-240/peak32", 125e9)


def doctored_with(run: Record) -> Record:
    return Record(run.file, run.data)


def test_shares_of_the_peak_of_each_type():
    assert list(ladder_tables.ladder(doctored())) == [
        ("python-240/literal", 1e9, 1 / 50),
        ("numpy-240/matmul32", 50e9, 1 / 2),
    ]


def test_the_roof_is_the_lower_of_two():
    found = {name: rest for name, *rest in ladder_tables.roofs(doctored())}
    assert found["2048^3"] == [100, 100e9, 100e9]
    assert found["1 column"] == [2, 20e9, 2e9]
    assert list(found) == list(SHAPES)


def test_shares_of_matmul():
    assert ladder_tables.against_matmul(doctored(), "tiles") == {192: 0.5, 384: 2.0}
    assert ladder_tables.against_matmul(doctored(), "packed") == {}
    assert set(TILE_SIZES) >= {192, 384, 768}


def test_no_recorded_shape_breaks_the_roof():
    for run in load_all("cpu-ladder"):
        for name, _, predicted, measured in ladder_tables.roofs(run):
            assert measured <= 1.15 * predicted, (run.file, name)


def test_a_few_columns_cost_nearly_what_two_do():
    for run in load_all("cpu-ladder"):
        assert run.ratio("roofline/8 columns", "roofline/2 columns").median < 1.6, run.file


def test_verdict_is_of_the_best_size():
    lines = list(ladder_tables.tile_lines(doctored()))
    assert lines[-1] == "best: tiles, n=384, 200% of @; the mark of 95% is reached"
    run = doctored()
    run.data["cells"][-3]["samples"] = [2.5, 2.5, 2.5]
    run.data["cells"][-2]["samples"] = [2.0, 2.0, 2.0]
    assert list(ladder_tables.tile_lines(run))[-1] == (
        "best: tiles, n=384, 80% of @; short of 95% by 15 points"
    )


def test_tables_of_a_group(data):
    run = Record(Path("x.json"), data)
    text = ladder_tables.report([run], ladder_tables.times("a", "fast"))
    assert text.splitlines() == [
        *banner(run).split("; "),
        "fast               20 us [12..28]               1.0 [1.0..1.0]",
        "slow               300 us [220..540]           20.0 [10.0..30.0]",
        "fp8                RuntimeError: no fp8 here",
    ]


def test_without_runs_the_page_says_so(data):
    assert ladder_tables.report([], ladder_tables.ladder_lines) == "no run recorded yet"
    assert ladder_tables.newest([]) is None
    older, newer = Record(Path("a"), data), Record(Path("b"), data | {"date": "2027-01-01T00:00Z"})
    assert ladder_tables.newest([newer, older]) is newer
    assert ladder_tables.last_of_each([older, newer]) == [newer]


def test_orderings_are_told_beside_what_was_found():
    run = doctored()
    run.data["cells"] += [entry("small/n=4", 1.0), entry("small/n=16", 1.5)]
    assert list(ladder_tables.ordering_lines(run)) == [
        "1.5 [1.5..1.5]             small/n=16 / small/n=4 > 0.6 < 8"
    ]


def test_threads_are_compared_with_one():
    run = doctored()
    run.data["cells"] += [entry("threads/64 on 1", 3.0), entry("threads/64 on 4", 1.0)]
    lines = list(ladder_tables.thread_lines(run))
    assert [line.split("  ")[-1].strip() for line in lines] == [
        "1.00 x as fast as one", "3.00 x as fast as one",
    ]  # fmt: skip

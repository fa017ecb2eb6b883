"""Triton kernels without a GPU: interpreted, and compiled for one that is not there.

Triton is an extra. Where it is missing the tests of the kernels are skipped, and say so; the
order of the tiles is tested everywhere.
"""
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.labs import gpu_kernels
from snippets.labs.gpu_kernels import elsewhere, order, product, tiles_read, why_not

needs_triton = pytest.mark.skipif(
    gpu_kernels.triton is None,
    reason="triton is not installed (pip install -r requirements-labs.txt): no kernel was run",
)
COUNTS = st.integers(1, 12)


# The order of the tiles


@given(rows=COUNTS, columns=COUNTS, group=st.integers(1, 14))
def test_each_tile_once(rows, columns, group):
    found = order(rows, columns, group)
    assert sorted(found) == [(row, column) for row in range(rows) for column in range(columns)]


@given(rows=COUNTS, columns=COUNTS)
def test_a_group_of_one_row_reads_in_rows(rows, columns):
    assert order(rows, columns, 1) == sorted(order(rows, columns, 5))


@given(rows=COUNTS, columns=COUNTS, group=st.integers(1, 14))
def test_a_group_goes_down_before_it_goes_right(rows, columns, group):
    found = order(rows, columns, group)
    keys = [(row // group, column, row) for row, column in found]
    assert keys == sorted(keys)


def test_nine_tiles_of_nine_by_nine():
    """The count of Triton's tutorial on matrix products: 90 tiles against 54."""
    assert tiles_read(order(9, 9, 1)[:9], 9) == 90
    assert tiles_read(order(9, 9, 3)[:9], 9) == 54


def test_a_square_of_tiles_reads_least():
    counts = {g: tiles_read(order(16, 16, g)[:64], 16) for g in (1, 2, 4, 8, 16)}
    assert counts == {1: 320, 2: 320, 4: 320, 8: 256, 16: 320}


# What a kernel is asked for


def test_what_keeps_kernels_from_running(monkeypatch):
    monkeypatch.setattr(gpu_kernels, "INTERPRETED", False)
    monkeypatch.setattr(gpu_kernels, "triton", object())
    assert why_not("mps") == "Triton has no backend for mps"
    assert why_not("cuda") == ""
    monkeypatch.setattr(gpu_kernels, "triton", None)
    assert why_not("cuda") == "triton is not installed: pip install -r requirements-labs.txt"
    with pytest.raises(RuntimeError, match="triton is not installed"):
        product(torch.ones(2, 2), torch.ones(2, 2), "tiled")


def test_shapes_have_to_fit(monkeypatch):
    monkeypatch.setattr(gpu_kernels, "why_not", lambda device: "")
    with pytest.raises(ValueError, match="inner sizes differ: 3 and 2"):
        product(torch.ones(2, 3), torch.ones(2, 4), "tiled")


def test_a_process_that_fails_says_why():
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        elsewhere("1 / 0")


# In Triton's interpreter

# More than results of these dtypes are rounded by, and less than any lost product would cost.
UNIT = {"float32": 2.0**-21, "float16": 2.0**-10, "bfloat16": 2.0**-7}
SHAPES = {
    "naive": [(1, 1, 1), (3, 140, 4)],
    "tiled": [(1, 1, 1), (37, 19, 53), (130, 70, 150)],
    "grouped": [(1, 1, 1), (37, 19, 53), (600, 33, 70)],  # 10 tiles down: two groups
    "tensor": [(1, 1, 1), (37, 19, 53), (130, 150, 70)],
}


@needs_triton
def test_kernels_multiply():
    cases = [(step, dtype, *shape) for step in SHAPES for dtype in UNIT for shape in SHAPES[step]]
    found = elsewhere(f"errors({cases})", TRITON_INTERPRET="1")
    wrong = [(case, error) for case, error in zip(cases, found, strict=True)
             if not error < UNIT[case[1]]]  # fmt: skip
    assert not wrong


# Compiled for a GPU that is not there

CASES = {
    ("tensor", "bfloat16", 90): "wgmma",
    ("tensor", "float16", 80): "mma",
    ("tensor", "float32", 80): "mma",  # as TF32
    ("tiled", "bfloat16", 90): "fma",
    ("grouped", "float32", 80): "fma",
    ("naive", "bfloat16", 90): "fma",
}


@needs_triton
def test_tensor_cores_are_asked_for_where_they_should_be():
    found = elsewhere(f"[instructions(*case) for case in {list(CASES)}]")
    for (case, expected), counts in zip(CASES.items(), found, strict=True):
        assert counts[expected] > 0, case
        assert not any(count for name, count in counts.items() if name != expected), case

"""Exercises of the lab gpu-matmul: TF32, rows that keep tensor cores busy, groups, scales."""
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.labs.gpu_kernels import order, tiles_read
from snippets.labs.gpu_matmul_solutions import (
    best_group, fp8_error, possible, rows_to_be_busy, to_tf32,
)  # fmt: skip

NUMBERS = st.floats(-(2.0**99), 2.0**99, width=32).filter(lambda x: x == 0 or abs(x) > 2.0**-99)


@given(x=NUMBERS)
def test_tf32_keeps_eleven_bits(x):
    kept = float(to_tf32(torch.tensor([x]))[0])
    significand, _ = math.frexp(kept)
    assert (significand * 2**11).is_integer()
    assert abs(kept - x) <= 2.0**-11 * abs(x)


def test_tf32_leaves_what_fits():
    x = torch.tensor([1.0, 1 + 2.0**-10, -3.5, 0.0, 2.0**100])
    assert to_tf32(x).equal(x)
    assert float(to_tf32(torch.tensor([1 + 2.0**-11]))[0]) == 1 + 2.0**-10


def test_tf32_errs_as_fp16_does(woven):
    errors = woven("labs/gpu_matmul_solutions").values["tf32_errors"]
    assert errors["tf32"] == pytest.approx(errors["fp16"], rel=0.1)
    assert 100 * errors["fp32"] < errors["tf32"] < errors["bf16"] / 4


@given(tflops=st.floats(10, 2000), gigabytes=st.floats(500, 8000), size=st.sampled_from([1, 2, 4]))
def test_the_least_rows_that_keep_it_busy(tflops, gigabytes, size):
    n = 8192

    def busy(m: int) -> bool:
        intensity = 2 * m * n * n / (size * (2 * m * n + n * n))
        return intensity * gigabytes / 1e3 >= tflops * (1 - 1e-9)

    m = rows_to_be_busy(tflops, gigabytes, n, size)
    assert busy(m) and (m == 1 or not busy(m - 1) or m * 1e-9 > 1)


def test_a_small_matrix_never_does():
    with pytest.raises(ValueError, match="64 columns never reach"):
        rows_to_be_busy(989, 3350, 64)


def test_more_memory_bandwidth_needs_fewer_rows(woven):
    busy = woven("labs/gpu_matmul_solutions").values["busy"]
    assert busy["H200"] < busy["H100 80GB HBM3"]


@given(tiles=st.integers(1, 12), at_once=st.integers(1, 40))
def test_no_other_group_reads_less(tiles, at_once):
    group, counts = best_group(tiles, at_once)
    reads = {g: tiles_read(order(tiles, tiles, g)[:at_once], tiles) for g in counts}
    assert counts == reads and reads[group] == min(reads.values())


def test_a_square_lies_between_the_two_best_groups():
    group, counts = best_group(64, 132)
    assert group < math.sqrt(132) < group + 1
    assert counts[group] == counts[group + 1] < min(counts[group - 1], counts[group + 2])


def test_a_large_row_costs_the_small_ones_all(woven):
    values = woven("labs/gpu_matmul_solutions").values
    assert values["lost"] > 0.9 and values["kept"] < 0.04
    x = torch.randn(4, 256)
    x[0] *= 1e6
    assert fp8_error(x, by_row=False)[0] < 0.04


def test_what_no_device_can_have_done():
    assert not possible(8192, 0.9, 989.5)
    assert possible(8192, 1.2, 989.5)


def test_the_claimed_time(woven):
    values = woven("labs/gpu_matmul_solutions").values
    assert values["least"] == pytest.approx(2 * 8192**3 / 989.5e12 * 1e3)
    per_cycle = 528 * 1024
    faster = 2 * 8192**3 / (per_cycle * 1.98e9) * 1e3
    assert values["at_plain_clock"] == pytest.approx(faster, rel=1e-3)
    assert 0.9 < values["at_plain_clock"] < values["least"]

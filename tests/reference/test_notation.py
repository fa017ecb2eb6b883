"""The meanings given on the page of notation are those of NumPy and PyTorch."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from snippets.mechanics.strassen import Counted
from snippets.reference.notation import machine_epsilon, operations, softmax

NAME = "reference/notation"
TYPES = (torch.float64, torch.float32, torch.float16, torch.bfloat16)
SMALL = st.integers(1, 6)


@pytest.mark.parametrize("dtype", TYPES)
def test_epsilon_is_the_step_above_one(dtype):
    one = torch.ones((), dtype=dtype)
    above = torch.nextafter(one, 2 * one)
    assert machine_epsilon(dtype) == (above - one).item() == torch.finfo(dtype).eps


@given(rows=SMALL, columns=SMALL, seed=st.integers(0, 2**32 - 1))
@settings(max_examples=20)
def test_softmax_is_pytorchs(rows, columns, seed):
    scores = 50 * np.random.default_rng(seed).standard_normal((rows, columns))
    assert np.allclose(softmax(scores), torch.softmax(torch.from_numpy(scores), dim=-1))


def test_softmax_survives_large_scores():
    assert np.allclose(softmax(np.array([1e4, 1e4])), [0.5, 0.5])


@given(m=SMALL, k=SMALL, n=SMALL)
@settings(max_examples=20)
def test_operations_are_those_of_numbers_that_count(m, k, n):
    left = np.array([[Counted(1) for _ in range(k)] for _ in range(m)])
    right = np.array([[Counted(1) for _ in range(n)] for _ in range(k)])
    Counted.multiplications = Counted.additions = 0
    left @ right
    found = operations(m, k, n)
    assert found["multiplications"] == found["multiply-adds"] == Counted.multiplications
    done = Counted.multiplications + Counted.additions
    assert found["without the first addition"] == done


@given(m=SMALL, k=SMALL, n=SMALL)
@settings(max_examples=10)
def test_pytorch_counts_two_for_a_multiply_add(m, k, n):
    with FlopCounterMode(display=False) as counter:
        torch.empty(m, k, device="meta") @ torch.empty(k, n, device="meta")
    assert operations(m, k, n)["two for a multiply-add"] == counter.get_total_flops()


def test_samples_may_be_rows_or_columns(woven):
    output = woven(NAME).regions["shapes"].output
    assert output.count("True") == 3 and "False" not in output
    assert list(woven(NAME).values["batch_shape"]) == [8, 12, 5, 7]


def test_five_products(woven):
    output = woven(NAME).regions["products"].output
    table = "[[0, 1, 0, 2], [1, 0, 2, 0], [0, 3, 0, 4], [3, 0, 4, 0]]"
    wanted = ("[[2, 1], [4, 3]]", "[[0, 2], [3, 0]]", " 14\n", "[[4, 5], [8, 10], [12, 15]]", table)
    for line, result in zip(output.splitlines(keepends=True), wanted, strict=True):
        assert result in line


def test_four_rulers_by_hand(woven):
    """M M^T is [[25, 20], [20, 25]], with eigenvalues 45 and 5."""
    values = woven(NAME).values
    wanted = (math.sqrt(45), math.sqrt(50), 5, 3)
    assert list(values["ruler"].values()) == pytest.approx(wanted)
    assert values["largest"] == pytest.approx(math.sqrt(45))
    assert values["smallest"] == pytest.approx(math.sqrt(5))
    assert values["rank"] == 2 and values["length"] == 5


def test_types_on_the_page(woven):
    values = woven(NAME).values
    assert list(values["bits"].values()) == [53, 24, 11, 8]
    assert woven(NAME).regions["epsilon"].output.count("True") == len(TYPES)


def test_a_common_shift_leaves_softmax_alone(woven):
    assert woven(NAME).values["shift_changes"] == 0


def test_two_conventions_differ_by_the_first_addition(woven):
    values = woven(NAME).values
    assert values["by_torch"] == values["counts"]["two for a multiply-add"]
    assert values["missing"] == pytest.approx(1 / 512)

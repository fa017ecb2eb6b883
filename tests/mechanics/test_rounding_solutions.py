"""The solutions to the exercises of the chapter on rounding and parentheses."""

import math
from fractions import Fraction

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.mechanics.rounding_solutions import (
    chain_product,
    compensated_sum,
    largest_exact_entry,
    scaled_chain_product,
    tilt,
)

PAGE = "mechanics/rounding_solutions"


@pytest.fixture
def values(woven):
    return woven(PAGE).values


def test_share_of_triples(values):
    assert 0.10 < values["sums_differ"] < 0.25
    assert 0.25 < values["products_differ"] < 0.45


def test_rounded_sums_against_exact_ones():
    """Each of the two sums is within two roundings of the exact sum."""
    torch.manual_seed(0)
    for x, y, z in torch.rand(200, 3):
        exact = sum(Fraction(number.item()) for number in (x, y, z))
        for total in ((x + y) + z, x + (y + z)):
            assert abs(Fraction(total.item()) - exact) <= 2.1 * 2.0**-24 * exact


@given(n=st.integers(1, 9000))
def test_largest_exact_entry(n):
    m = largest_exact_entry(n)
    assert n**2 * m**3 <= 2**24 < n**2 * (m + 1) ** 3


def test_integer_limits(values):
    assert values["limits"]["32"] == 25 and values["limits"]["4096"] == 1
    assert values["limits"]["8192"] == 0 and values["all_equal"] is True


@given(seed=st.integers(0, 10**6), half=st.integers(1, 10), angle=st.floats(0, math.pi))
def test_tilt_turns_every_vector_by_the_angle(seed, half, angle):
    torch.manual_seed(seed)
    r, x = tilt(2 * half, angle), torch.randn(2 * half, dtype=torch.float64)
    torch.testing.assert_close(r.T @ r, torch.eye(2 * half, dtype=torch.float64))
    assert (x @ r @ x / (x @ x)).item() == pytest.approx(math.cos(angle), abs=1e-9)


def test_tilting_removes_the_gap(values):
    gaps, angles = values["tilted_gaps"], values["angles"]
    assert gaps[0] < 1e-5 and gaps[-1] > 1e-3
    assert gaps[-1] == pytest.approx(values["aligned_gap"], rel=0.5)
    assert angles[0] == 1 and angles[-1] == pytest.approx(1e-4)
    assert gaps[6] > 5 * gaps[3] > 5 * gaps[1]  # 1e-3 rad, 3e-2 rad, 0.3 rad


@given(seed=st.integers(0, 10**6), size=st.integers(1, 300))
def test_compensated_sum(seed, size):
    """Kahan: relative error at most about 2u for terms of one sign, whatever their number."""
    torch.manual_seed(seed)
    terms = torch.rand(size, dtype=torch.float16)
    exact = terms.double().sum().item()
    allowed = 3 * 2.0**-11 * exact
    assert abs(compensated_sum(terms).item() - exact) <= allowed


def test_compensated_sums_do_not_stall(woven, values):
    output = woven(PAGE).regions["compensated"].output
    assert "bfloat16: 4096" in output and "float16: 4096" in output
    assert values["kahan_tenths"] == pytest.approx(values["exact_tenths"], rel=1e-3)


def test_scaling_keeps_what_underflowed(values):
    assert values["plain_error"] == 1 and values["scaled_error"] < 1e-5
    assert values["exponent"] < -200


@given(seed=st.integers(0, 10**6), length=st.integers(1, 8), size=st.integers(-3, 3))
def test_scaling_changes_no_digit(seed, length, size):
    torch.manual_seed(seed)
    factors = [torch.randn(6, 6) * 10.0**size for _ in range(length)]
    matrix, exponent = scaled_chain_product(factors)
    assert torch.equal(torch.ldexp(matrix, torch.tensor(exponent)), chain_product(factors))
    assert length == 1 or 0.5 <= matrix.abs().max() < 1


def test_savings(values):
    assert values["savings"] == pytest.approx([64, 2176, 2048.5])

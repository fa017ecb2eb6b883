"""Strassen's algorithm is right; its operations, memory and errors are what the page says."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.mechanics.strassen import (
    Counted, U, V, W, bound_factor, classical, count, peak_memory, quarters, relative_error,
    share_of_classical, strassen, strassen_operations,
)

NAME = "mechanics/strassen"
UNIT = 2.0**-24  # unit roundoff of float32


@st.composite
def integer_pairs(draw):
    """Two integer matrices of order leaf * 2^levels, and the leaf."""
    leaf, levels = draw(st.integers(1, 5)), draw(st.integers(0, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    return (*rng.integers(-99, 100, size=(2, leaf << levels, leaf << levels)), leaf)


@pytest.mark.parametrize("product", [strassen, classical])
@given(case=integer_pairs())
def test_exact_on_integers(product, case):
    a, b, leaf = case
    assert np.array_equal(product(a, b, leaf), a @ b)


def test_exact_in_modular_arithmetic():
    # int64 wraps around: additions and products stay right modulo 2^64.
    a, b = np.random.default_rng(0).integers(2**62, size=(2, 8, 8))
    assert np.array_equal(strassen(a, b, 1), a @ b)


def test_quarters_are_views_in_reading_order():
    m = np.arange(16).reshape(4, 4)
    assert [block[0, 0] for block in quarters(m)] == [0, 2, 8, 10]
    assert all(block.shape == (2, 2) and np.shares_memory(block, m) for block in quarters(m))


@pytest.mark.parametrize("k", range(5))
def test_operations_counted(k):
    assert count(classical, 2**k, 1) == (8**k, 8**k - 4**k)
    assert count(strassen, 2**k, 1) == (7**k, 6 * (7**k - 4**k))


@pytest.mark.parametrize(("n", "leaf"), [(4, 4), (8, 2), (8, 4), (12, 3), (16, 4)])
def test_formula_counts_what_the_run_does(n, leaf):
    assert strassen_operations(n, leaf) == sum(count(strassen, n, leaf))
    a_at_b = sum(count(classical, n, n))
    assert share_of_classical(n, leaf) == pytest.approx(sum(count(strassen, n, leaf)) / a_at_b)


def test_counted_numbers_compute():
    total = Counted(2) * Counted(5) + Counted(4) - Counted(1)
    assert total.value == 13


def test_page_counts(woven):
    values = woven(NAME).values
    assert values["equal"] is True and values["as_predicted"] is True
    assert values["counted"]["5"] == [32_768, 31_744, 16_807, 94_698]
    assert values["left_over"] == 8


def test_first_order_with_fewer_operations(woven):
    values = woven(NAME).values
    assert values["first_win"] == 1024 and values["one_level"] == 16


def test_share_crosses_one():
    assert share_of_classical(512, 1) > 1 > share_of_classical(1024, 1)
    assert share_of_classical(14, 7) > 1 > share_of_classical(16, 8)


def test_deeper_levels_need_fewer_operations():
    shares = [share_of_classical(512, 512 >> level) for level in range(5)]
    assert shares[0] == 1 and all(a > b for a, b in zip(shares, shares[1:]))


def test_three_matrices_are_the_same_algorithm():
    a, b = np.random.default_rng(0).integers(-9, 10, size=(2, 4))
    c = W.T @ ((U @ a) * (V @ b))
    assert np.array_equal(c.reshape(2, 2), a.reshape(2, 2) @ b.reshape(2, 2))


def test_peak_memory_counts_bytes_held_at_once():
    megabyte = 1_000_000
    assert peak_memory(lambda: np.ones(megabyte, np.int8)) == pytest.approx(megabyte, rel=0.01)

    def one_after_the_other():
        for _ in range(3):
            np.ones(megabyte, np.int8)

    assert peak_memory(one_after_the_other) == pytest.approx(megabyte, rel=0.01)
    together = peak_memory(lambda: [np.ones(megabyte, np.int8) for _ in range(3)])
    assert together == pytest.approx(3 * megabyte, rel=0.01)


def test_memory(woven):
    memory = woven(NAME).values["memory"]
    assert memory["a @ b"] == pytest.approx(1, abs=0.01)
    assert 1.5 < memory["classical 1"] < memory["classical 4"] < 1.9
    for level in range(1, 5):  # deeper recursion saves operations at the same peak
        assert memory[f"strassen {level}"] == pytest.approx(3, abs=0.02)


def test_relative_error():
    exact = np.array([[1.0, -4.0]])
    assert relative_error(exact + [[0.5, -0.25]], exact) == 0.125
    assert relative_error(-exact, exact) == 2


def test_errors_by_level(woven):
    error = woven(NAME).values["error"]
    assert all(a < b for a, b in zip(error["strassen"][1:], error["strassen"][2:]))
    assert error["strassen"][5] > 4 * error["strassen"][0]
    assert error["classical"][5] < error["classical"][0]
    assert 1.3 < woven(NAME).values["growth"] < 2.5


@pytest.mark.parametrize("seed", range(3))
def test_error_stays_below_the_normwise_bound(seed):
    n, leaf = 128, 8
    a, b = np.random.default_rng(seed).normal(size=(2, n, n)).astype(np.float32)
    exact = a.astype(np.float64) @ b.astype(np.float64)
    bound = bound_factor(n, leaf) * UNIT * np.abs(a).max() * np.abs(b).max()
    assert np.abs(strassen(a, b, leaf) - exact).max() < 0.01 * bound


def test_bound_factor():
    assert bound_factor(128, 128) == 128**2
    # The recurrence it solves, up to lower order: one level costs a factor 12.
    for n in (16, 64, 256):
        above, below = bound_factor(2 * n, 8) + 10 * n, bound_factor(n, 8) + 5 * n
        assert above / below == pytest.approx(12)
    assert bound_factor(256, 8) == pytest.approx(12**5 * 104 - 5 * 256)


def test_badly_scaled_rows(woven):
    values = woven(NAME).values
    assert max(values["off"]["matmul"].values()) < 5e-6
    assert values["off"]["strassen"]["c11"] > 1e-3
    assert values["off"]["strassen"]["whole"] < 5e-6 > values["off"]["strassen"]["c12"]


def test_clock_values_are_ratios(woven):
    values = woven(NAME).values
    assert list(values["times_of_matmul"]) == ["256", "512", "1024"]
    assert all(ratio["matmul"] == 1 for ratio in values["times_of_matmul"].values())
    assert values["products_left"] == 49 / 64


def test_one_level_gains_less_than_the_count_promises(woven):
    # Seven eighths of the products at order 256; the margin covers any tuned BLAS.
    assert woven(NAME).values["times_of_matmul"]["256"]["strassen"] > 0.95

"""The solved exercises of the chapter on Strassen's algorithm."""
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.mechanics.strassen import U, V, W, count, relative_error, strassen_operations
from snippets.mechanics.strassen_solutions import (
    brent_violations, padded, row_scaled, winograd,
)

NAME = "mechanics/strassen_solutions"
seeds = st.integers(0, 2**32 - 1)


def test_best_leaf_by_count(woven):
    assert woven(NAME).values["best_by_count"] == 8
    counts = {leaf: strassen_operations(1024, leaf) for leaf in (4, 8, 16)}
    assert counts[8] < counts[4] and counts[8] < counts[16]
    assert str(woven(NAME).values["best_by_clock"]) in woven(NAME).values["leaf_seconds"]


@given(seeds, st.integers(1, 4), st.integers(0, 3))
def test_winograd_is_exact_on_integers(seed, leaf, levels):
    a, b = np.random.default_rng(seed).integers(-9, 10, size=(2, leaf << levels, leaf << levels))
    assert np.array_equal(winograd(a, b, leaf), a @ b)


@pytest.mark.parametrize("k", range(1, 5))
def test_winograd_counts(k):
    assert count(winograd, 2**k, 1) == (7**k, 5 * (7**k - 4**k))


def test_winograd_counts_on_the_page(woven):
    assert woven(NAME).values["winograd_counts"]["16"] == [7**4, 5 * (7**4 - 4**4)]


def test_winograd_pays_in_accuracy(woven):
    error = woven(NAME).values["variant_error"]
    assert 1e-7 < error["strassen"] < error["winograd"] < 1e-3


def test_flipping_a_sign_breaks_the_algorithm(woven):
    assert woven(NAME).values["violated"] == 0
    assert len(woven(NAME).values["flips"]) == 12 and min(woven(NAME).values["flips"]) > 0


def test_brent_equations():
    assert brent_violations(U, V, W) == 0
    eight = np.eye(8, dtype=int)  # the classical algorithm: one product for each pair of blocks
    u, v, w = (eight[:, :4] * 0 for _ in range(3))
    for r in range(8):
        row, inner, column = r >> 2, r >> 1 & 1, r & 1
        u[r, 2 * row + inner] = v[r, 2 * inner + column] = w[r, 2 * row + column] = 1
    assert brent_violations(u, v, w) == 0
    assert brent_violations(u[:7], v[:7], w[:7]) == 1


@given(seeds)
def test_row_scaling_saves_small_rows(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, 32, 32)).astype(np.float32)
    a *= np.logspace(-8, 8, 32, dtype=np.float32)[rng.permutation(32), None]
    exact = a.astype(np.float64) @ b.astype(np.float64)
    product = row_scaled(a, b, 16)
    assert max(relative_error(x, y) for x, y in zip(product, exact)) < 2e-5


def test_rescue(woven):
    rescue = woven(NAME).values["rescue"]
    assert rescue["strassen"] > 1e-3 and rescue["row_scaled"] < 5e-6


@given(seeds, st.integers(1, 30), st.integers(0, 3))
def test_padding_takes_any_order(seed, n, levels):
    a, b = np.random.default_rng(seed).integers(-9, 10, size=(2, n, n))
    assert np.array_equal(padded(a, b, levels), a @ b)


def test_padding_costs(woven):
    values = woven(NAME).values
    assert values["padded_equal"] is True
    assert values["to_power"] > 3 and values["to_multiple"] < 0.75


def test_sums_need_a_ninth_bit(woven):
    values = woven(NAME).values
    assert 0.2 < values["outside"] < 0.3 and 127 < values["deepest"] <= 254

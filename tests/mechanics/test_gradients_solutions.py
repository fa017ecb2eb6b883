"""Solutions to the exercises on gradients."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.mechanics.gradients import gaussian, norm_bound, orthogonal, unit_vector
from snippets.mechanics.gradients_solutions import (
    aligned_chain,
    clip,
    descend,
    imbalance,
    largest_and_smallest,
    layer_gradient_ratio,
    relu_square_ratio,
    steps_counted,
    steps_predicted,
    top_pair,
)

seeds = st.integers(0, 2**32 - 1)


def values(woven):
    return woven("mechanics/gradients_solutions").values


@pytest.mark.parametrize("tolerance", [1e-5, 1e-8])
@pytest.mark.parametrize("r", [0.5, 0.8, 0.95, 0.99])
def test_prediction_is_the_count(r, tolerance):
    assert abs(steps_counted(r, tolerance) - steps_predicted(r, tolerance)) <= 1.01


def test_slow_case_needs_half_the_guess(woven):
    v = values(woven)
    assert v["counted"]["r0.999"] == pytest.approx(1726, abs=2)
    assert v["guessed"]["r0.999"] > 1.9 * v["counted"]["r0.999"]


@given(seeds, st.integers(2, 6))
def test_top_pair(seed, n):
    rng = np.random.default_rng(seed)
    u, v = orthogonal(rng, 2, n)
    s = np.linspace(2, 1, n)
    w = u * s @ v.T
    sigma, left, right = top_pair(w, 400, unit_vector(rng, n))
    assert sigma == pytest.approx(2, rel=1e-6)
    np.testing.assert_allclose(w @ right, sigma * left, atol=1e-9)
    assert abs(left[:, 0] @ u[:, 0]) == pytest.approx(1, abs=1e-4)
    assert abs(right[:, 0] @ v[:, 0]) == pytest.approx(1, abs=1e-4)


def test_deflation_finds_the_second(woven):
    v = values(woven)
    assert v["first"] == pytest.approx(3, abs=1e-6)
    assert v["second"] == pytest.approx(2, abs=1e-6)


@given(seeds)
def test_orthogonal_layers_get_equal_gradients(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((2, 8, 20))
    assert layer_gradient_ratio(orthogonal(rng, 12, 8), x, y) == pytest.approx(1, rel=1e-9)
    assert layer_gradient_ratio(gaussian(rng, 30, 8), x, y) > 1.5


def test_imbalance_of_orthogonal_layers_is_zero():
    w = orthogonal(np.random.default_rng(0), 5, 6)
    assert imbalance(w).shape == (4, 6, 6)
    assert np.abs(imbalance(w)).max() < 1e-13
    a, b = gaussian(np.random.default_rng(1), 2, 3)
    np.testing.assert_allclose(imbalance(np.array([a, b]))[0], b.T @ b - a @ a.T, atol=1e-13)


def test_balance_drifts_in_proportion_to_the_rate(woven):
    v = values(woven)
    assert 1.7 < v["halving"] < 2.3
    assert 1.7 < v["drift"][1] / v["drift"][2] < 2.3


def test_exponents(woven):
    v = values(woven)
    assert v["slope_smallest"] == pytest.approx(-0.878, abs=0.08)
    assert v["theory"][0] + 0.008 < v["slope_largest"] < 0.03


def test_largest_and_smallest_of_one_layer():
    rows = largest_and_smallest(np.random.default_rng(3), 4, 2, 3)
    w = gaussian(np.random.default_rng(3), 6, 4).reshape(2, 3, 4, 4)
    s = np.linalg.svd(w[1] @ w[0], compute_uv=False)
    np.testing.assert_allclose(rows[1], np.log10([s[:, 0], s[:, -1]]).mean(axis=1), atol=1e-12)
    assert rows.shape == (2, 2)


@pytest.mark.parametrize("gain", [0.7, 1.0, 2.0])
def test_relu_keeps_half_the_square(gain):
    ratio = relu_square_ratio(np.random.default_rng(4), 32, gain, 3000)
    assert ratio == pytest.approx(gain**2 / 2, rel=0.05)


@given(st.integers(1, 20), st.integers(2, 6), st.floats(0.5, 3))
def test_aligned_chain_attains_the_bound(depth, n, norm):
    chain = aligned_chain(depth, n, norm)
    product = np.eye(n)
    for w in chain:
        product = w @ product
    np.testing.assert_allclose(np.linalg.norm(chain, 2, axis=(1, 2)), norm)
    assert np.linalg.norm(product, 2) == pytest.approx(norm_bound(chain)[-1])
    assert norm_bound(chain)[-1] == pytest.approx(norm**depth)


def test_exchanging_two_neighbours_leaves_nothing(woven):
    v = values(woven)
    assert v["attained"] == v["bound"] == 2.0**50
    assert v["left"] == 0


@given(seeds, st.floats(0.01, 10))
def test_clip(seed, limit):
    gradients = list(np.random.default_rng(seed).standard_normal((3, 2, 2)))
    clipped = clip(gradients, limit)
    before, after = (np.linalg.norm(np.ravel(g)) for g in (gradients, clipped))
    assert after == pytest.approx(min(before, limit))
    np.testing.assert_allclose(np.array(clipped) * before, np.array(gradients) * after, atol=1e-9)


def test_descend_steps_by_rate_times_gradient():
    w = np.array([[[3.0]]])
    losses = descend(w, np.ones((1, 1)), np.zeros((1, 1)), 0.5, np.inf, 3)
    assert losses == pytest.approx([9, 2.25, 0.5625])
    assert descend(w, np.ones((1, 1)), np.zeros((1, 1)), 0.5, 1.0, 3) == pytest.approx(
        [9, 6.25, 4]
    )
    two = descend(w, np.ones((1, 2)), np.zeros((1, 2)), 0.5, np.inf, 2)
    assert two == pytest.approx([9, 2.25])
    assert w[0, 0, 0] == 3


def test_clipping_rescues_an_exploding_run(woven):
    v = values(woven)
    assert v["free_steps"] < 10
    assert np.isnan(v["free"][-1])
    assert v["held_start"] > 100
    assert v["held_end"] < 0.5 * v["zero_loss"]

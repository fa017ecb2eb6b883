"""Solutions to the exercises on residual layers and near-identity recurrences."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.mechanics.gradients import gaussian, orthogonal, unit_vector
from snippets.mechanics.residuals import lengths_along, recall, residual_layers
from snippets.mechanics.residuals_solutions import (
    gain_for_growth,
    median_horizon,
    nilpotent,
    predicted_horizon,
    recall_by_fit,
    run_reservoir,
    symmetric_with,
    train_rotation,
)

seeds = st.integers(0, 2**32 - 1)


def values(woven):
    return woven("mechanics/residuals_solutions").values


@given(seeds, st.lists(st.floats(-3, 3), min_size=1, max_size=7))
def test_symmetric_with(seed, eigenvalues):
    w = symmetric_with(np.random.default_rng(seed), np.array(eigenvalues))
    np.testing.assert_allclose(w, w.T, atol=1e-12)
    np.testing.assert_allclose(np.linalg.eigvalsh(w), sorted(eigenvalues), atol=1e-10)
    assert np.linalg.norm(w, 2) == pytest.approx(max(map(abs, eigenvalues)), abs=1e-10)


@given(st.integers(2, 8), st.floats(0.1, 100))
def test_nilpotent(n, size):
    w = nilpotent(n, size)
    assert np.linalg.norm(w, 2) == pytest.approx(size)
    assert np.linalg.matrix_power(w, n - 1).any()
    assert not np.linalg.matrix_power(w, n).any()


def test_symmetry_makes_eigenvalues_honest(woven):
    v = values(woven)
    assert v["moved"]["symmetric"] == pytest.approx(v["radius"]["symmetric"])
    assert v["radius"]["nilpotent"] == 0
    assert v["moved"]["nilpotent"] == pytest.approx(50)


def test_predicted_horizon_solves_its_equation():
    """The series sum t^(2j) / j!^2 is factor^2 there."""
    for factor in (1.5, 2.0, 10.0):
        t = predicted_horizon(factor)
        terms = np.cumprod([1.0, *((t / j) ** 2 for j in range(1, 60))])
        assert np.sqrt(terms.sum()) == pytest.approx(factor, rel=1e-3)


def test_root_mean_square_follows_the_bessel_function():
    rng = np.random.default_rng(0)
    squares = [
        lengths_along([np.eye(64) + 0.02 * gaussian(rng, 1, 64)[0]] * 100, unit_vector(rng, 64))[-1]
        ** 2
        for _ in range(100)
    ]
    assert np.mean(squares) == pytest.approx(np.i0(4.0), rel=0.25)


def test_horizon_times_eps_is_constant(woven):
    v = values(woven)
    scaled = list(v["scaled"].values())
    assert max(scaled) / min(scaled) < 1.6
    assert v["t_star"] == pytest.approx(1.38, abs=0.05)
    assert np.median(scaled) == pytest.approx(v["t_star"], rel=0.3)
    assert median_horizon(np.random.default_rng(1), 0.05, 32, 5) in range(15, 60)


def test_turning_makes_room(woven):
    """The gradient is the same 0.99^k at every angle; what is remembered is not."""
    v = values(woven)["recalled"]
    assert v["a0"] == pytest.approx(1, abs=0.01)
    assert v["a0"] < v["a0.01"] < v["a0.1"] < v["a0.3"] < v["a1"] <= 40
    assert v["a1"] > 39


@given(st.floats(1.1, 100), st.integers(1, 200))
def test_gain_for_growth(growth, depth):
    gain = gain_for_growth(growth, depth)
    assert (1 + gain**2) ** (depth / 2) == pytest.approx(growth, rel=1e-9)


def test_gain_gives_the_growth(woven):
    v = values(woven)
    assert v["gain"] == pytest.approx(0.118, abs=0.001)
    assert 1.3 < v["growth"] < 3
    rng, gain = np.random.default_rng(2), gain_for_growth(3, 20)
    squares = [
        lengths_along(residual_layers(rng, 20, 32, gain), unit_vector(rng, 32))[-1] ** 2
        for _ in range(100)
    ]
    assert np.mean(squares) == pytest.approx(9, rel=0.25)


def test_exponential_keeps_orthogonality(woven):
    v = values(woven)
    assert v["deviation"] < 1e-12
    assert v["last_loss"] < 0.2 * v["first_loss"]


def test_train_rotation_descends():
    torch.manual_seed(0)
    x, y = torch.randn(2, 3, 10, dtype=torch.float64)
    losses, w = train_rotation(x, y, depth=2, steps=30, rate=0.05)
    assert len(losses) == 30
    assert (np.diff(losses) < 0).all()
    assert w.shape == (2, 3, 3)
    assert np.linalg.det(w) == pytest.approx([1, 1])


def test_run_reservoir():
    w, u = np.array([[0.0, 1.0], [0.5, 0.0]]), np.array([[1.0], [0.0]])
    expected = [[2, 0], [3, 1], [1, 1.5]]
    np.testing.assert_allclose(run_reservoir(w, u, np.array([2.0, 3.0, 0.0])), expected)


def test_recall_by_fit_finds_what_is_there():
    rng = np.random.default_rng(3)
    signal = rng.standard_normal(4000)
    states = np.stack([np.roll(signal, 2), rng.standard_normal(4000)], axis=1)
    assert recall_by_fit(states, signal, 2) == pytest.approx((1, 1), abs=1e-3)
    assert recall_by_fit(states, signal, 3) == pytest.approx((0, 0), abs=0.01)


def test_fit_on_one_half_flatters_itself(woven):
    v = values(woven)
    assert v["unseen"] < v["seen"]
    assert v["seen"] == pytest.approx(v["exact"], abs=0.1)
    assert v["unseen"] == pytest.approx(v["exact"], abs=0.1)


def test_turning_reservoir_agrees_with_the_fit():
    rng = np.random.default_rng(4)
    w, u = 0.9 * orthogonal(rng, 1, 4)[0], unit_vector(rng, 4)
    signal = rng.standard_normal(40_000)
    states = run_reservoir(w, u, signal)
    states /= np.sqrt((states**2).mean())
    states += 0.1 * rng.standard_normal(states.shape)
    for k in (0, 3):
        expected = recall(w, u, 5, 0.1)[k]
        assert recall_by_fit(states, signal, k)[1] == pytest.approx(expected, abs=0.03)

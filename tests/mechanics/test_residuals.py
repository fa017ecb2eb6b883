"""Residual layers and near-identity recurrences: functions against references, and the runs."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.mechanics.gradients import gaussian, orthogonal, unit_vector
from snippets.mechanics.residuals import (
    antisymmetric,
    block,
    block_jacobian,
    first_sign_batch,
    horizon,
    lengths_along,
    orthogonality_error,
    recall,
    residual_layers,
    rotation,
    set_distance,
    spectral_radius,
    train_blocks,
    train_recurrences,
)

seeds = st.integers(0, 2**32 - 1)
TORCH = {"relu": torch.relu, "tanh": torch.tanh}


def values(woven):
    return woven("mechanics/residuals").values


# the functions


@given(seeds, st.integers(1, 8))
def test_the_identity_shifts_every_eigenvalue(seed, n):
    w = np.random.default_rng(seed).standard_normal((n, n)) / n
    shifted = np.linalg.eigvals(np.eye(n) + w)
    assert set_distance(shifted, 1 + np.linalg.eigvals(w)) < 1e-6
    values, vectors = np.linalg.eig(w)
    np.testing.assert_allclose((np.eye(n) + w) @ vectors, (1 + values) * vectors, atol=1e-10)


def test_set_distance():
    a, b = np.array([0, 1, 1j]), np.array([0.5, 0, 1j])
    assert set_distance(a, b) == pytest.approx(0.5)
    assert set_distance(np.array([0.0]), np.array([0.0, 3.0])) == pytest.approx(3)
    assert set_distance(np.array([0.0, 3.0]), np.array([0.0])) == pytest.approx(3)
    assert set_distance(a, a[::-1]) == 0


@given(seeds, st.integers(1, 8))
def test_spectral_radius(seed, n):
    w = np.random.default_rng(seed).standard_normal((n, n))
    expected = torch.linalg.eigvals(torch.tensor(w)).abs().max().item()
    assert spectral_radius(w) == pytest.approx(expected, rel=1e-6)


def test_spectral_radius_takes_the_absolute_value():
    assert spectral_radius(np.array([[0.0, -3.0], [3.0, 0.0]])) == pytest.approx(3)
    assert spectral_radius(np.diag([1.0, -2.0])) == pytest.approx(2)


@given(seeds, st.integers(1, 4), st.integers(1, 6))
def test_orthogonality_error(seed, depth, n):
    rng = np.random.default_rng(seed)
    assert orthogonality_error(orthogonal(rng, depth, n)) < 1e-12
    w = gaussian(rng, depth, n)
    expected = np.mean([np.sqrt(((m.T @ m - np.eye(n)) ** 2).sum()) for m in w])
    assert orthogonality_error(w) == pytest.approx(expected)
    assert orthogonality_error(w[0]) == pytest.approx(
        np.sqrt(((w[0].T @ w[0] - np.eye(n)) ** 2).sum())
    )


@given(seeds, st.integers(1, 5), st.integers(1, 5))
def test_lengths_along(seed, depth, n):
    rng = np.random.default_rng(seed)
    w, x = gaussian(rng, depth, n), 7 * unit_vector(rng, n)
    found = lengths_along(w, x)
    assert len(found) == depth + 1
    assert found[0] == 1
    end = x
    for m in w:
        end = m @ end
    assert found[-1] == pytest.approx(np.linalg.norm(end) / 7)


def test_residual_layers():
    layers = residual_layers(np.random.default_rng(0), 2000, 8, 0.5)
    assert layers.shape == (2000, 8, 8)
    np.testing.assert_allclose(layers.mean(axis=0), np.eye(8), atol=0.03)
    assert (layers - np.eye(8)).var() * 8 == pytest.approx(0.25, rel=0.03)


@given(seeds, st.integers(1, 6))
def test_block_jacobian_equals_autograd(seed, n):
    """x + F(x) has the Jacobian I + W2 D W1, and D belongs to it."""
    rng = np.random.default_rng(seed)
    h, w1, w2 = rng.standard_normal((n, 1)), *gaussian(rng, 2, n)
    first, second = torch.tensor(w1), torch.tensor(w2)

    def by_torch(t):
        return t + second @ torch.relu(first @ t)

    np.testing.assert_allclose(block(h, w1, w2), by_torch(torch.tensor(h)), atol=1e-12)
    jacobian = torch.autograd.functional.jacobian(by_torch, torch.tensor(h)).reshape(n, n)
    np.testing.assert_allclose(block_jacobian(h, w1, w2), jacobian, atol=1e-12)


@given(seeds, st.integers(1, 8), st.floats(-5, 5))
def test_rotation_is_the_matrix_exponential(seed, n, t):
    k = antisymmetric(np.random.default_rng(seed), n)
    np.testing.assert_array_equal(k.T, -k)
    expected = torch.linalg.matrix_exp(torch.tensor(t * k))
    np.testing.assert_allclose(rotation(k, t), expected, atol=1e-10)
    np.testing.assert_allclose(rotation(k, t).T @ rotation(k, t), np.eye(n), atol=1e-12)


def test_antisymmetric_has_entries_of_variance_one_over_n():
    k = antisymmetric(np.random.default_rng(0), 200)
    assert k[np.triu_indices(200, 1)].var() * 200 == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize(
    "lengths, expected",
    [([1, 1.5, 2.5], 2), ([1, 0.6, 0.4, 9], 2), ([1, 2, 0.5], None), ([3], 0)],
)
def test_horizon(lengths, expected):
    assert horizon(np.array(lengths), 2) == expected


def simulated_recall(w, u, delays, noise, steps=60_000):
    """R^2 of a least-squares reading in a long run, by hand."""
    rng = np.random.default_rng(0)
    signal = rng.standard_normal(steps)
    h, states = np.zeros(len(w)), np.zeros((steps, len(w)))
    for t, x in enumerate(signal):
        h = w @ h + u[:, 0] * x
        states[t] = h
    states = states[500:] / np.sqrt((states[500:] ** 2).mean())
    states += noise * rng.standard_normal(states.shape)
    scores = []
    for k in range(delays):
        past = signal[500 - k : steps - k]
        fit, *_ = np.linalg.lstsq(states, past, rcond=None)
        scores.append(1 - ((states @ fit - past) ** 2).mean() / past.var())
    return scores


@pytest.mark.parametrize("kind", ["identity", "orthogonal", "gaussian"])
def test_recall_equals_a_long_simulation(kind):
    rng = np.random.default_rng(1)
    w = {
        "identity": 0.9 * np.eye(5),
        "orthogonal": 0.95 * orthogonal(rng, 1, 5)[0],
        "gaussian": gaussian(rng, 1, 5, 0.7)[0],
    }[kind]
    u = unit_vector(rng, 5)
    found = recall(w, u, 6, 0.3)
    np.testing.assert_allclose(found, simulated_recall(w, u, 6, 0.3), atol=0.02)


def test_recall_of_the_identity_is_known():
    """One number is kept: over all delays the shares add up to 1, not to n."""
    u = unit_vector(np.random.default_rng(2), 7)
    found = recall(0.99 * np.eye(7), u, 2000, 1e-3)
    np.testing.assert_allclose(found[:50], (1 - 0.99**2) * 0.99 ** (2 * np.arange(50)), rtol=1e-4)
    assert found.sum() == pytest.approx(1, abs=1e-4)


@given(seeds, st.integers(2, 8))
def test_recall_is_a_share(seed, n):
    rng = np.random.default_rng(seed)
    found = recall(0.9 * orthogonal(rng, 1, n)[0], unit_vector(rng, n), 30, 0.01)
    assert (found > -1e-12).all() and (found <= 1 + 1e-9).all()
    assert found.sum() <= n + 1e-6


def test_first_sign_batch():
    generator = torch.Generator().manual_seed(0)
    x, labels = first_sign_batch(generator, 30, 2000, 0.3)
    assert x.shape == (30, 2000) and labels.shape == (2000,)
    assert torch.equal(labels, (x[0] > 0).float())
    assert 0.45 < labels.mean() < 0.55
    assert x[0].std().item() == pytest.approx(1, rel=0.05)
    assert x[1:].std().item() == pytest.approx(0.3, rel=0.02)


def test_recurrence_learns_a_task_without_delay():
    """With one input there is nothing to remember: any start must learn the sign."""
    starts = np.array([np.eye(4), 0.5 * np.eye(4)])
    losses, accuracy = train_recurrences(starts, "tanh", noise=1.0, length=1, steps=150, seed=1)
    assert losses.shape == accuracy.shape == (2,)
    assert (accuracy > 0.95).all()
    assert (losses < 0.4).all()


def test_recurrences_are_trained_apart():
    rng = np.random.default_rng(3)
    starts = gaussian(rng, 3, 6)
    together, _ = train_recurrences(starts, "tanh", 0.3, length=5, steps=10, seed=2)
    alone, _ = train_recurrences(starts[1:2], "tanh", 0.3, length=5, steps=10, seed=2)
    assert together[1] == pytest.approx(alone[0], rel=1e-4)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_an_untrained_recurrence_computes_as_described(activation):
    w = gaussian(np.random.default_rng(8), 1, 6)[0]
    losses, accuracy = train_recurrences(w[None], activation, 0.3, length=4, steps=0, seed=5)

    generator = torch.Generator().manual_seed(5)
    u, readout = torch.randn(2, 6, 1, generator=generator) / np.sqrt(6)
    x, labels = first_sign_batch(generator, 4, 500, 0.3)
    h = torch.zeros(6, 500)
    for value in x:
        h = TORCH[activation](torch.tensor(w, dtype=torch.float32) @ h + u * value)
    logits = (readout.T @ h)[0]
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels)
    assert losses[0] == pytest.approx(loss.item(), rel=1e-4)
    right = ((logits > 0) == (labels > 0)).float().mean().item()
    assert accuracy[0] == pytest.approx(right, abs=0.005)


def test_an_unrolled_recurrence_is_the_loop():
    """The same W at every step: h_3 = W^2 u x_1 + W u x_2 + u x_3 for a linear recurrence."""
    rng = np.random.default_rng(4)
    w, u, x = gaussian(rng, 1, 5)[0], unit_vector(rng, 5), rng.standard_normal(3)
    h = np.zeros((5, 1))
    for value in x:
        h = w @ h + u * value
    unrolled = w @ w @ u * x[0] + w @ u * x[1] + u * x[2]
    np.testing.assert_allclose(h, unrolled, atol=1e-12)


def test_train_blocks_starts_as_described():
    generator = torch.Generator().manual_seed(5)
    x, y = torch.randn(64, 50, generator=generator), torch.randn(64, 50, generator=generator)
    skips, gains = np.array([0, 1, 1]), np.array([1.0, 0.3, 0.0])
    losses, before, after = train_blocks(skips, gains, 6, x, y, 0)
    assert losses.shape == (1, 3)
    np.testing.assert_allclose(before, [1, 0.3, 0], atol=0.08)
    np.testing.assert_array_equal(before, after)
    assert losses[0, 2] == pytest.approx(((x - y) ** 2).mean().item(), rel=1e-5)
    losses, before, after = train_blocks(skips, gains, 6, x, y, 30)
    assert losses.shape == (31, 3)
    assert (losses[-1] < losses[0]).all()
    assert after[2] > before[2] == 0


def test_train_blocks_computes_skip_plus_branch():
    generator = torch.Generator().manual_seed(0)
    (first,), (second,) = torch.randn(2, 1, 3, 3, generator=generator) / np.sqrt(3)
    x, y = torch.eye(3), torch.ones(3, 3)
    out = 0.5 * x + 0.7 * second @ torch.relu(np.sqrt(2) * first @ x)
    losses, _, _ = train_blocks(np.array([0.5]), np.array([0.7]), 1, x, y, 0)
    assert losses[0, 0] == pytest.approx(((out - y) ** 2).mean().item(), rel=1e-5)


# the runs


def test_training_loses_orthogonality(woven):
    v = values(woven)
    assert v["error_before"] < 1e-12
    assert v["error_after"] > 0.1
    assert v["loss_after"] < 0.1 * v["loss_before"]


def test_shift(woven):
    v = values(woven)
    assert v["low"] == pytest.approx(-0.1) and v["high"] == pytest.approx(0.3)
    assert v["shift_error"] < 1e-12
    assert 0.2 < v["plain_radius"] < 0.4
    assert 0.6 < v["residual_low"] < v["residual_high"] < 1.4


def test_small_entries_large_eigenvalues(woven):
    v = values(woven)
    for n in (16, 144, 576):
        assert v["radii"][f"n{n}"] == pytest.approx(0.05 * n**0.5, rel=0.35)
    assert v["radii"]["n576"] > 1.1
    assert v["even"] == pytest.approx(1, abs=1e-6)


def test_eigenvalues_near_one_are_not_near_identity(woven):
    """Both eigenvalues are 1, and a unit vector moves by 100: the norm of W says how far."""
    v = values(woven)
    assert v["moved"] == 100
    rng = np.random.default_rng(6)
    w = gaussian(rng, 1, 6)[0]
    moves = [np.linalg.norm(w @ unit_vector(rng, 6)) for _ in range(5000)]
    assert 0.8 * np.linalg.norm(w, 2) < max(moves) <= np.linalg.norm(w, 2) * (1 + 1e-12)


def test_eigenvalues_of_factors_do_not_decide_a_product(woven):
    v = values(woven)
    a = np.array([[0.0, 2.0], [0.0, 0.0]])
    assert spectral_radius(a) == spectral_radius(a.T) == 0
    assert v["product_radius"] == pytest.approx(4)


def test_eigenvalues_decide_the_long_run_not_the_way(woven):
    v = values(woven)
    assert 35 < v["peak_length"] < 42
    assert v["peak"] in range(7, 13)
    assert v["end_length"] < 1e-8


def test_eigenvalues_of_one_do_not_decide():
    """A shear has the eigenvalues 1 and 1, and each step moves e2 on by as much again."""
    shear = np.array([[1.0, 100.0], [0.0, 1.0]])
    assert spectral_radius(shear) == 1
    moved = np.linalg.matrix_power(shear, 50) @ [0, 1] - [0, 1]
    np.testing.assert_allclose(moved, [5000, 0])


def test_growth_with_depth(woven):
    v = values(woven)
    assert 1e6 < v["growth_one"] < 1e9
    assert 3 < v["growth_third"] < 25
    assert 1 < v["growth_root"] < 3
    assert 0.9 < v["growth_inverse"] < 1.1


@pytest.mark.parametrize("gain, depth", [(1.0, 10), (0.3, 40)])
def test_growth_law(gain, depth):
    """The mean square grows by 1 + g^2 per layer."""
    rng = np.random.default_rng(7)
    squares = [
        lengths_along(residual_layers(rng, depth, 32, gain), unit_vector(rng, 32))[-1] ** 2
        for _ in range(200)
    ]
    assert np.mean(squares) == pytest.approx((1 + gain**2) ** depth, rel=0.3)


def test_a_residual_layer_can_lose_a_direction(woven):
    assert values(woven)["what_is_left"] < 1e-12


def test_the_mask_belongs_to_the_jacobian(woven):
    v = values(woven)
    assert v["mask_error"] < 1e-6
    assert v["no_mask_error"] > 0.05


def test_depth_needs_skip_and_scale(woven):
    """50 blocks: without a skip slow, with a branch of gain 1 useless, with 1/sqrt L trained."""
    v = values(woven)
    assert v["loss_root"] < 0.3 * v["loss_plain"]
    assert v["loss_zero"] < 0.3 * v["loss_plain"]
    assert v["loss_one"] > 1e4


def test_branches_stay_as_small_as_they_start(woven):
    v = values(woven)
    assert v["branch_one"] > 0.5
    assert 0.05 < v["branch_root"] < 0.3
    assert 0.01 < v["branch_zero"] < 0.2


def test_near_identity_has_a_horizon(woven):
    v = values(woven)
    assert 0.5 < v["after_100"] < 3
    assert v["after_1000"] > 100
    for eps in (0.1, 0.01, 0.001):
        assert 0.6 < eps * v["leaves"][f"e{eps}"] < 3
    assert abs(v["turning_end"] - 1) < 1e-9


def test_near_identity_recurrence_learns(woven):
    """ReLU: only I + 0.01 A learns. tanh: all but the one whose gradient vanishes."""
    relu, tanh = (values(woven)["accuracy"][name] for name in ("relu", "tanh"))
    assert relu[0] > 0.8
    assert max(relu[1:]) < 0.7
    assert min(tanh[:3]) > 0.8
    assert tanh[1] > tanh[0]
    assert tanh[3] < 0.65


def test_near_identity_drowns_in_distraction():
    """With noise as large as the first number, I + 0.01 A with ReLU does no better than a guess."""
    rng = np.random.default_rng(8)
    start = np.eye(32) + 0.01 * gaussian(rng, 1, 32)
    _, accuracy = train_recurrences(start, "relu", noise=1.0)
    assert accuracy[0] < 0.65


def test_more_noise_less_memory():
    rng = np.random.default_rng(9)
    w, u = 0.99 * orthogonal(rng, 1, 40)[0], unit_vector(rng, 40)
    totals = [recall(w, u, 800, noise).sum() for noise in (0.01, 0.1, 0.5)]
    assert 40 > totals[0] > totals[1] + 1 > totals[2] + 2


def test_euler_steps_of_an_antisymmetric_matrix_grow():
    """|(1 + i eps kappa)| is about 1 + (eps kappa)^2 / 2: a horizon of order 1 / eps^2."""
    kappa, eps = 2.0, 0.01
    step = np.eye(2) + eps * kappa * np.array([[0.0, 1.0], [-1.0, 0.0]])
    lengths = lengths_along([step] * 1000, np.array([[1.0], [0.0]]))
    np.testing.assert_allclose(lengths[1] - 1, (eps * kappa) ** 2 / 2, rtol=1e-3)
    assert lengths[-1] == pytest.approx(np.exp(1000 * (eps * kappa) ** 2 / 2), rel=1e-3)


def test_gradient_is_not_memory(woven):
    v = values(woven)["capacity"]
    assert v["identity"] == pytest.approx(1, abs=0.01)
    assert v["near"] < 10
    assert 39 < v["orthogonal"] <= 40
    assert 15 < v["gaussian"] < 35
    assert values(woven)["identity_best"] < 0.03

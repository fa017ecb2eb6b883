"""The identity to the rescue: definitions against references, and each claim of the chapter."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.language.identity_to_the_rescue import (
    branch_jacobian,
    descend,
    expected_mean_stretch,
    forward,
    mean_stretch,
    mirrored_jacobian,
    product_values,
    relu_recurrence_jacobian,
    spectrum_end,
    train,
    turns,
)
from snippets.mechanics.gradients import gaussian, orthogonal
from snippets.mechanics.residuals import residual_layers, spectral_radius

PAGE = "language/identity_to_the_rescue"
seeds = st.integers(0, 10_000).map(np.random.default_rng)
sizes = st.integers(2, 6)


@pytest.fixture(scope="module")
def values(woven):
    return woven(PAGE).values


# Volume


@given(seeds, sizes)
def test_mean_stretch_is_the_geometric_mean(rng, n):
    w = rng.standard_normal((n, n))
    assert mean_stretch(w) == pytest.approx(np.exp(np.log(np.linalg.svd(w)[1]).mean()))


@pytest.mark.parametrize("gain", [0.2, 0.9, 1.3, 2.0, 5.0])
def test_expected_mean_stretch_is_the_mean_over_a_disc(gain):
    radius = gain * np.sqrt((np.arange(1500) + 0.5) / 1500)
    angle = 2 * np.pi * (np.arange(1500) + 0.5) / 1500
    z = radius[:, None] * np.exp(1j * angle)
    mean = np.log(abs(1 + z)).mean()
    assert expected_mean_stretch(gain) == pytest.approx(np.exp(mean), abs=2e-3)


def test_volume_is_kept_up_to_gain_one(values):
    for gain in ("0.3", "1.0", "2.0"):
        assert values["beside"][gain] == pytest.approx(values["expected"][gain], rel=0.01)
    assert values["expected"]["1.0"] == 1 < values["expected"]["2.0"]
    assert values["alone"]["1.0"] == pytest.approx(np.exp(-0.5), rel=0.03)
    assert values["ends"]["1.0"][0] < 0.05 and values["ends"]["1.0"][1] > 2.4
    assert values["ends"]["0.3"][0] > 0.5


@given(seeds, sizes)
@settings(max_examples=30)
def test_the_identity_moves_every_eigenvalue_by_one(rng, n):
    """Claim: eigenvalues of I + W are 1 + lambda; small lambda, near 1."""
    w = rng.standard_normal((n, n))
    w *= 0.01 / spectral_radius(w)
    eigenvalues, vectors = np.linalg.eig(w)
    assert np.allclose((np.eye(n) + w) @ vectors, vectors * (1 + eigenvalues), atol=1e-10)
    assert abs(np.linalg.eigvals(np.eye(n) + w) - 1).max() <= 0.01 + 1e-8


def test_small_entries_are_small_against_root_n(values):
    """Claim: very small random weights give eigenvalues near zero."""
    assert values["entry"] < 0.06
    assert values["entry"] ** 2 * values["width"] == pytest.approx(1)
    rng = np.random.default_rng(1)
    small, large = (spectral_radius(0.06 * rng.standard_normal((n, n))) for n in (9, 144))
    assert small < 0.35 and 0.6 < large < 0.9


# Products


@given(seeds, sizes, st.integers(1, 6))
@settings(max_examples=20)
def test_product_values(rng, n, depth):
    factors = rng.standard_normal((depth, n, n))
    product = np.linalg.multi_dot([np.eye(n), *factors[::-1]])
    assert np.allclose(product_values(factors), np.linalg.svd(product)[1])


@pytest.mark.parametrize("c", [0.1, 1.0, 4.0])
def test_spectrum_end_is_the_edge_of_the_law(c):
    """Where x = (1 + z) / z * exp(2 c (z + 1/2)), the inverse of the S-transform, turns."""
    z = np.linspace(1e-3, 40 / np.sqrt(c), 400_000)
    squared = (1 + z) / z * np.exp(2 * c * (z + 0.5))
    assert spectrum_end(c) ** 2 == pytest.approx(squared.min(), rel=1e-4)
    assert spectrum_end(1e-6) == pytest.approx(1, abs=0.01)


def test_the_spectrum_does_not_depend_on_depth(values):
    """Claim: small weights keep the signal perfectly. The total g^2 L decides."""
    for name, close in (("largest", values["limit"]), ("smallest", values["limit_inverse"])):
        assert all(abs(np.log(s / close)) < 0.25 for s in values[name]["1/sqrt L"])
    assert values["limit_ratio"] == pytest.approx(values["limit"] ** 2)
    nearer = values["largest"]["1/L"]
    assert nearer[0] > nearer[1] > nearer[2] and nearer[2] < 1.15
    assert values["smallest"]["1/L"][2] > 0.85
    assert values["largest"]["1"][2] > 1e20


def test_wider_layers_come_closer_to_the_limit():
    rng = np.random.default_rng(0)
    gaps = [
        abs(np.mean([product_values(residual_layers(rng, 36, n, 1 / 6))[0] for _ in range(3)])
            - spectrum_end(1))
        for n in (10, 80)
    ]  # fmt: skip
    assert gaps[1] < 0.5 * gaps[0] and gaps[1] < 0.5


def test_orthogonal_products_keep_every_singular_value(woven):
    """Claims: orthogonal matrices have singular values 1, and so do their products."""
    s = product_values(orthogonal(np.random.default_rng(3), 300, 12))
    assert np.allclose(s, 1, atol=1e-10)
    assert woven(PAGE).regions["fan"].output.count("1.000000 1.000000") == 3


def test_gaussian_products_thin_out_without_exploding(values):
    """Claim: one part of the signal vanishes and another explodes. At gain 1 none explodes."""
    assert values["bottom"][2] < -60 and values["bottom"][0] > -3
    assert max(values["top"]) < 30
    rng = np.random.default_rng(5)
    assert product_values(gaussian(rng, 64, 64, 1.5))[0] > 1e8


# Blocks


@given(seeds, sizes, st.integers(1, 4))
@settings(max_examples=15)
def test_branch_jacobian_equals_autograd(rng, n, depth):
    """Claim: the Jacobian of a residual layer is I + W."""
    x = rng.standard_normal((n, 1))
    w1, w2 = rng.standard_normal((2, depth, n, n))

    def network(h):
        for a, b in zip(torch.tensor(w1), torch.tensor(w2), strict=True):
            h = h + b @ (a @ h).relu()
        return h

    reference = torch.autograd.functional.jacobian(network, torch.tensor(x)[:, 0])
    assert np.allclose(branch_jacobian(x, w1, w2), reference)


def test_blocks_follow_the_linear_spectrum(values):
    for depth in ("8", "32", "128"):
        low, high = values["block_ends"][depth]
        assert abs(np.log(high / values["limit"])) < 0.35
        assert abs(np.log(low * values["limit"])) < 0.35
    assert values["above"]["8"] > values["above"]["32"] > values["above"]["128"]
    assert values["above"]["128"] < 10


# The start


@given(seeds, st.integers(2, 4), st.integers(1, 3))
@settings(max_examples=15)
def test_descend_is_gradient_descent(rng, n, depth):
    weights, target = rng.standard_normal((depth, n, n)), rng.standard_normal((n, n))
    losses, trained = descend(weights, target, 0.01, steps=3)
    mine = torch.tensor(weights, requires_grad=True)
    expected = []
    for _ in range(4):
        product = torch.eye(n, dtype=torch.float64)
        for w in mine:
            product = w @ product
        loss = ((product - torch.tensor(target)) ** 2).sum()
        expected.append(loss.item())
        if len(expected) < 4:
            gradient = torch.autograd.grad(loss / 2, mine)[0]
            mine = (mine - 0.01 * gradient).detach().requires_grad_()
    assert np.allclose(losses, expected) and np.allclose(trained, mine.detach())


@given(seeds, st.integers(1, 5), sizes, st.sampled_from([1, -1]))
@settings(max_examples=30)
def test_turns_are_orthogonal_with_the_sign_asked_for(rng, depth, n, sign):
    weights = turns(rng, depth, n, sign)
    assert weights.shape == (depth, n, n)
    assert np.allclose(weights.mT @ weights, np.eye(n))
    assert np.linalg.det(weights).prod() == pytest.approx(sign)


def test_half_of_the_orthogonal_are_reflections(values):
    """Claim: orthogonal matrices are pure rotations."""
    assert 70 < values["reflections"] < 130


def test_the_start_decides_which_targets_are_reached(values):
    left, thin = values["left"], values["thinnest"]
    reached = {"identity0", "rotation0", "rotation2", "reflection1"}
    for key in left:
        if key in reached:
            assert left[key] < 1e-6 and thin[key] == pytest.approx(0.8, abs=1e-3)
        else:
            assert left[key] > 0.6 and thin[key] < 0.02
    assert left["identity1"] == pytest.approx(0.8**2, abs=0.03)


def test_from_the_identity_each_layer_stays_a_polynomial_in_the_target():
    target = np.array([[0.5, 1.2], [1.2, 0.1]])
    _, trained = descend(np.tile(np.eye(2), (5, 1, 1)), target, 0.02, steps=50)
    for w in trained:
        assert np.allclose(w, w.T) and np.allclose(w @ target, target @ w)
        assert np.allclose(w, trained[0])


def test_one_rate_serves_all_layers_but_not_all_depths(values):
    """Claim: dynamical isometry makes a single learning rate work for all layers."""
    needed = values["steps_needed"]
    assert max(needed["orthogonal"]) <= 6 and len(set(needed["orthogonal"][1:])) == 1
    assert needed["fixed"][0] > needed["fixed"][1] > needed["fixed"][2]
    assert needed["fixed"][3] is None and needed["gaussian"][3] is None
    assert needed["gaussian"][1] > 5 * needed["orthogonal"][1]
    assert values["imbalance"]["orthogonal"] == pytest.approx(1, abs=1e-9)
    assert values["imbalance"]["Gaussian"] > 5


def start_and_target(rng, draw, depth):
    """A start of the section on learning rates, and its target."""
    start, (q,) = draw(rng, depth, 16), orthogonal(rng, 1, 16)
    bend = np.eye(16) + 0.4 * q * np.linspace(-1, 1, 16) @ q.T
    return start, np.linalg.multi_dot([np.eye(16), *start[::-1]]) @ bend


@pytest.mark.parametrize("depth", [16, 64])
def test_no_rate_saves_the_gaussian_start(depth):
    start, target = start_and_target(np.random.default_rng(1), gaussian, depth)
    for rate in (0.02, 0.05, 0.1, 0.2, 0.5, 1):
        losses, _ = descend(start, target, rate / depth, steps=90)
        assert not (losses < 0.01 * losses[0]).any()


@pytest.mark.parametrize("depth", [4, 16])
def test_the_stable_rate_is_below_two_over_depth(values, depth):
    assert values["bend_top"] == pytest.approx(1.4)
    assert values["stable"] == pytest.approx(2 / 1.4**2)
    start, target = start_and_target(np.random.default_rng(2), orthogonal, depth)
    limit = 2 / (depth * 1.4 ** (2 - 2 / depth))
    below, _ = descend(start, target, 0.9 * limit, steps=150)
    above, _ = descend(start, target, 1.1 * limit, steps=150)
    assert below[-1] < 1e-9 * below[0] and above[-1] > 1e-4 * above[0]
    assert 1.1 * limit < 2 / depth


@given(seeds, st.integers(1, 8))
@settings(max_examples=20)
def test_a_step_moves_the_product_by_rate_times_depth(rng, depth):
    n, rate = 4, 1e-7
    weights = orthogonal(rng, depth, n)
    product = np.linalg.multi_dot([np.eye(n), *weights[::-1]])
    target = rng.standard_normal((n, n))
    _, moved = descend(weights, target, rate, steps=1)
    change = np.linalg.multi_dot([np.eye(n), *moved[::-1]]) - product
    assert np.allclose(change, -rate * depth * (product - target), atol=1e-11)


# ReLU


@given(seeds, st.integers(1, 8), sizes)
@settings(max_examples=20)
def test_mirrored_relu_is_an_isometry(rng, depth, n):
    """Claim: all singular values near 1 are called dynamical isometry."""
    v = orthogonal(rng, depth, n)
    x = rng.standard_normal((n, 1))
    jacobian = mirrored_jacobian(np.concatenate([v, -v], axis=-1), x)
    assert np.allclose(jacobian, np.linalg.multi_dot([np.eye(n), *v[::-1]]))


@given(seeds, st.integers(1, 4), sizes)
@settings(max_examples=15)
def test_mirrored_jacobian_equals_autograd(rng, depth, n):
    weights, x = rng.standard_normal((depth, n, 2 * n)), rng.standard_normal((n, 1))
    layers = [torch.tensor(w) for w in weights]
    reference = torch.autograd.functional.jacobian(
        lambda h: forward("mirrored", layers, h[:, None])[:, 0], torch.tensor(x[:, 0])
    )
    assert np.allclose(mirrored_jacobian(weights, x), reference)


def test_plain_relu_is_no_isometry(values):
    """Claim: with orthogonal initialisation the network starts as a perfect isometry."""
    assert values["plain_above"] < 8
    assert values["mirror_low"] == pytest.approx(1, abs=1e-9)
    assert values["mirror_high"] == pytest.approx(1, abs=1e-9)


def test_forward_of_the_three_networks():
    rng = np.random.default_rng(0)
    x, (a, b) = rng.standard_normal((3, 5)), rng.standard_normal((2, 3, 3))
    relu = lambda z: np.maximum(z, 0)  # noqa: E731
    layers, h = [torch.tensor(a), torch.tensor(b)], torch.tensor(x)
    assert np.allclose(forward("plain", layers, h), b @ relu(a @ x))
    assert np.allclose(forward("residual", layers, h), x + b @ relu(a @ x))
    wide = torch.tensor(np.concatenate([a, b], axis=-1))
    assert np.allclose(forward("mirrored", [wide], h), a @ relu(x) + b @ relu(-x))


def test_train_is_gradient_descent():
    rng = np.random.default_rng(0)
    x, y, w = rng.standard_normal((3, 8)), rng.standard_normal((3, 8)), rng.standard_normal((3, 3))
    losses = train("plain", [w], x, y, [0.1, 0.2], steps=2)
    assert losses.shape == (3, 2)
    for column, rate in enumerate((0.1, 0.2)):
        v = w.copy()
        for row in range(3):
            error = v @ x - y
            assert losses[row, column] == pytest.approx((error**2).mean())
            v -= rate * 2 * error @ x.T / error.size


def test_isometry_helps_and_is_not_necessary(values):
    """Claim: we must bring the singular values close to 1."""
    final = values["final"]
    assert final["mirrored"] < final["residual"] < 0.7 * final["plain"]
    assert final["mirrored"] < 0.6 * values["best_linear"]
    assert final["mirrored Gaussian"] > 2 * final["mirrored"]
    assert values["residual_low"] < 0.5 and values["residual_high"] > 2


# Switches


@given(seeds, sizes, st.integers(1, 6))
@settings(max_examples=20)
def test_relu_recurrence_jacobian_equals_autograd(rng, n, steps):
    w, h = rng.standard_normal((n, n)), rng.standard_normal(n)
    inputs = rng.standard_normal((steps, n))

    def network(state):
        for x in torch.tensor(inputs):
            state = (torch.tensor(w) @ state + x).relu()
        return state

    reference = torch.autograd.functional.jacobian(network, torch.tensor(h))
    assert np.allclose(relu_recurrence_jacobian(w, h, inputs), reference)


@given(seeds, sizes, st.integers(1, 20))
@settings(max_examples=30)
def test_switches_commute_with_the_identity(rng, n, steps):
    h, inputs = abs(rng.standard_normal(n)), 0.3 * rng.standard_normal((steps, n))
    jacobian = relu_recurrence_jacobian(np.eye(n), h, inputs)
    always_on = (np.cumsum(inputs, axis=0) + h > 0).all(axis=0)
    assert (jacobian == np.diag(always_on.astype(float))).all()


def test_the_identity_outlives_orthogonal_matrices(values):
    assert values["alive"]["identity"] > 20 > values["alive"]["larger"]
    assert values["alive"]["orthogonal"] == 0
    assert values["strongest"]["orthogonal"] < 1e-9
    assert values["strongest"]["identity"] == 1 < values["strongest"]["larger"]

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import gelu, relu, silu
from torch.nn.utils.parametrizations import spectral_norm

from snippets.language.spectral_normalisation import (
    capped,
    chain_slope,
    clipped,
    convolution_norm,
    divided,
    flat_norm,
    gains,
    gradient_through,
    largest_slope,
    layer_matrix,
    norm_product,
    normalise,
    power_step,
    projected_descent,
    steepest,
)
from snippets.mechanics.geometry import network, random_network

PAGE = "language/spectral_normalisation"
WINDOW = np.array([[-3.0, 3, 3, -3], [-3, -3, 3, 3]])
seeds = st.integers(0, 10_000).map(np.random.default_rng)


def norm(w):
    return np.linalg.norm(w, 2)


def any_matrix(rng):
    return rng.standard_normal(rng.integers(2, 9, 2)) * rng.uniform(0.1, 3)


# Sensitivity and its bound


@settings(max_examples=20)
@given(seeds)
def test_no_vector_is_stretched_by_more_than_the_spectral_norm(rng):
    w = any_matrix(rng)
    x = rng.standard_normal((w.shape[1], 500))
    stretch = np.linalg.norm(w @ x, axis=0) / np.linalg.norm(x, axis=0)
    assert (stretch <= norm(w) * (1 + 1e-12)).all()
    best = np.linalg.svd(w)[2][0]
    assert np.linalg.norm(w @ best) == pytest.approx(norm(w))


@settings(max_examples=20)
@given(seeds)
def test_steepest_piece_is_the_lipschitz_constant(rng):
    layers = random_network([2, 5, 4, 2], rng)
    exact = largest_slope(layers, WINDOW)
    p, q = rng.uniform(-3, 3, (2, 2, 300))
    rise = np.linalg.norm(network(layers, p) - network(layers, q), axis=0)
    assert (rise <= exact * np.linalg.norm(p - q, axis=0) * (1 + 1e-9)).all()
    assert exact <= norm_product(layers) * (1 + 1e-9)


def test_lipschitz_constant_is_attained_on_a_short_step():
    layers = random_network([2, 6, 6, 1], np.random.default_rng(0))
    exact = largest_slope(layers, WINDOW)
    p = np.random.default_rng(1).uniform(-3, 3, (2, 200_000))
    f, d = network(layers, p)[0], 1e-6
    gradient = [(network(layers, p + d * np.eye(2)[:, [k]])[0] - f) / d for k in (0, 1)]
    assert np.linalg.norm(gradient, axis=0).max() == pytest.approx(exact, rel=1e-4)


def test_slope_of_one_layer_is_its_norm():
    assert largest_slope([(np.diag([3.0, 2.0]), np.zeros(2))], WINDOW) == pytest.approx(3)


def test_the_bound_is_loose(woven):
    values = woven(PAGE).values
    assert values["exact"] < values["bound"] / 4
    assert values["farthest"] <= 3
    assert values["looseness"] == pytest.approx(values["bound"] / values["exact"])
    assert values["bound"] == pytest.approx(np.prod(values["norms"]))


def test_a_residual_branch_adds_one():
    rng = np.random.default_rng(0)
    w = divided(m := rng.standard_normal((4, 4)), norm(m))
    assert norm(np.eye(4) + np.outer(w[0], w[0]) / (w[0] @ w[0])) == pytest.approx(2)
    assert 1.05 < norm(np.eye(4) + w) <= 2


# One round is not enough


@given(seeds)
def test_power_step_estimates_from_below_and_improves(rng):
    w, u = any_matrix(rng), None
    u, estimates = rng.standard_normal(len(w)), []
    for _ in range(30):
        estimate, u = power_step(w, u)
        assert np.linalg.norm(u) == pytest.approx(1)
        estimates.append(estimate)
    assert (np.diff(estimates) >= -1e-12).all()
    assert estimates[-1] <= norm(w) * (1 + 1e-12)


def test_power_step_is_a_round_of_torch_plus_a_half():
    """torch takes |W^T u|, half a round before our |W v|, v along W^T u."""
    torch.manual_seed(0)
    layer = spectral_norm(torch.nn.Linear(7, 5, bias=False).double())
    inner = layer.parametrizations.weight
    w = inner.original.detach().numpy()
    theirs, ours = [], []
    for _ in range(4):
        theirs.append((w / layer.weight.detach().numpy())[0, 0])
        u = inner[0]._u.numpy()
        assert theirs[-1] == pytest.approx(np.linalg.norm(w.T @ u))
        ours.append(power_step(w, u)[0])
    interleaved = np.ravel([theirs, ours], order="F")
    assert (np.diff(interleaved) > 0).all()


def test_one_cold_round_leaves_the_norm_above_one(woven):
    values = woven(PAGE).values
    assert values["least_after_one"] > 1.05 and values["worst_after_one"] > 1.5
    after = values["norm_after"]
    assert after["1"] > 1.25 > after["2"] > 1.08 > after["5"] > 1.01 > after["15"] >= 1
    assert values["worst_after_15"] > 1.02


@given(seeds)
def test_an_estimate_from_below_always_leaves_too_much(rng):
    w = any_matrix(rng) * 10
    estimate, _ = power_step(w, rng.standard_normal(len(w)))
    if estimate > 1:
        assert norm(capped(w, estimate)) == pytest.approx(norm(w) / estimate)
    assert norm(divided(w, estimate)) >= 1 - 1e-12


# Three rules


@given(seeds)
def test_rules(rng):
    w = any_matrix(rng)
    sigma = norm(w)
    assert norm(divided(w, sigma)) == pytest.approx(1)
    assert norm(capped(w, sigma)) == pytest.approx(min(1, sigma))
    assert np.allclose(np.linalg.svd(clipped(w))[1], np.minimum(np.linalg.svd(w)[1], 1))
    if sigma <= 1:
        assert np.array_equal(capped(w, sigma), w) and np.allclose(clipped(w), w)


@given(seeds)
def test_clipping_is_nearest_and_capping_is_not(rng):
    w = 3 * rng.standard_normal((4, 4))
    near = np.linalg.norm(w - clipped(w))
    assert near < np.linalg.norm(w - capped(w, norm(w)))
    other = clipped(clipped(w) + 0.2 * rng.standard_normal((4, 4)))
    assert np.linalg.norm(w - other) >= near - 1e-9


def test_torch_lifts_small_matrices_and_the_cap_does_not(woven):
    values = woven(PAGE).values
    assert values["before"] < 0.2
    assert values["after"] == pytest.approx(1, abs=1e-3)
    assert values["size"]["divide"] == pytest.approx(1)
    assert values["sizes"]["small"]["cap"] == pytest.approx(0.1)
    assert values["moves"]["large"]["clip"] < values["moves"]["large"]["cap"]


def test_evaluation_mode_makes_no_rounds():
    torch.manual_seed(0)
    layer = spectral_norm(torch.nn.Linear(30, 40, bias=False)).eval()
    first = layer.weight.clone()
    assert torch.equal(first, layer.weight)
    layer.train()
    assert not torch.equal(first, layer.weight)


# The gradient


@given(seeds)
def test_gradient_equals_autograd_and_is_perpendicular(rng):
    w = any_matrix(rng)
    g = rng.standard_normal(w.shape)
    t = torch.tensor(w, requires_grad=True)
    ((t / torch.linalg.matrix_norm(t, 2)) * torch.tensor(g)).sum().backward()
    ours = gradient_through(w, g)
    assert np.allclose(ours, t.grad.numpy(), rtol=1e-7, atol=1e-9)
    assert abs((ours * w).sum()) < 1e-10 * np.linalg.norm(g)


@given(seeds, st.floats(0.1, 10))
def test_scale_divides_the_gradient(rng, scale):
    w = any_matrix(rng)
    g = rng.standard_normal(w.shape)
    assert np.allclose(gradient_through(scale * w, g) * scale, gradient_through(w, g))


def test_torch_sends_the_gradient_through_the_division():
    torch.manual_seed(0)
    layer = spectral_norm(torch.nn.Linear(6, 5, bias=False).double())
    g = torch.randn(5, 6, dtype=torch.float64)
    for _ in range(300):
        layer.weight
    (layer.weight * g).sum().backward()
    original = layer.parametrizations.weight.original
    ours = gradient_through(original.detach().numpy(), g.numpy())
    assert np.allclose(original.grad.numpy(), ours, atol=1e-5)
    assert abs((original.grad * original).sum().item()) < 1e-12


def test_gradient_run(woven):
    record = woven(PAGE)
    assert record.regions["gradient"].output.count("True") == 2
    assert record.values["gradient_agrees"] is True
    assert "False" not in record.regions["gradient"].output


def test_before_convergence_the_gradient_of_torch_is_perpendicular_too():
    torch.manual_seed(0)
    layer = spectral_norm(torch.nn.Linear(30, 40, bias=False).double())
    weight = layer.weight
    assert norm(weight.detach().numpy()) > 1.001
    (weight * torch.randn(40, 30, dtype=torch.float64)).sum().backward()
    original = layer.parametrizations.weight.original
    assert abs((original.grad * original).sum().item()) < 1e-12


# Training


def test_warm_rounds_hold_the_norm_and_cold_ones_do_not(woven):
    values = woven(PAGE).values
    assert 1.02 < values["worst"]["warm"] < 1.3 < 1.45 < values["worst"]["cold"]
    assert 1 < values["settled"]["warm"] < 1.12 < 1.25 < values["settled"]["cold"]


def test_the_norm_overshoots_while_the_direction_is_stale():
    rng = np.random.default_rng(4)
    target = rng.standard_normal((40, 30))
    target *= 3 / norm(target)
    rng = np.random.default_rng(5)
    w, u = np.zeros((40, 30)), rng.standard_normal(40)
    high, low = [], []
    for step in range(150):
        x = rng.standard_normal((30, 16))
        w -= 0.05 * (w - target) @ x @ x.T / 16
        estimate, u = power_step(w, u)
        overlap = abs(np.linalg.svd(w)[0][:, 0] @ u)
        w = capped(w, estimate)
        if step > 30:
            (high if norm(w) > 1.08 else low).append(overlap)
    assert len(high) > 5 and np.median(high) < 0.6 < 0.8 < np.median(low)


def test_descent_reaches_a_target_inside_the_ball():
    rng = np.random.default_rng(0)
    target = divided(m := rng.standard_normal((5, 4)), 2 * norm(m))
    norms, w = projected_descent(np.zeros((5, 4)), target, 0.2, 400, True, rng)
    assert len(norms) == 400 and norms[-1] == pytest.approx(norm(w))
    assert np.allclose(w, target, atol=1e-6)


def test_a_constraint_shapes_the_weights(woven):
    values = woven(PAGE).values
    rng = np.random.default_rng(0)
    target = divided(m := rng.standard_normal((5, 4)), norm(m) / 3)
    norms, w = projected_descent(np.zeros((5, 4)), target, 0.02, 400, True, rng)
    assert norm(target) == pytest.approx(3) and norms[-50:].max() < 1.05
    assert values["settled"]["warm"] < 3 / 2


# Convolution


@settings(max_examples=20)
@given(seeds, st.integers(1, 3), st.integers(1, 3), st.sampled_from([1, 3, 5]), st.integers(1, 3))
def test_flattened_kernel_and_layer_differ_by_at_most_root_width(rng, ins, outs, width, stride):
    conv = torch.nn.Conv1d(ins, outs, width, stride=stride, padding=width // 2, bias=False)
    kernel = rng.standard_normal((outs, ins, width))
    conv.weight = torch.nn.Parameter(torch.tensor(kernel))
    operator = norm(layer_matrix(conv, ins, 16))
    flat = flat_norm(kernel)
    assert flat * (1 - 1e-9) <= operator <= math.sqrt(-(-width // stride)) * flat * (1 + 1e-9)


@settings(max_examples=20)
@given(seeds, st.integers(1, 3), st.integers(1, 3), st.integers(1, 5))
def test_gains_are_the_singular_values_of_a_circular_layer(rng, ins, outs, width):
    kernel, n = rng.standard_normal((outs, ins, width)), 8
    conv = torch.nn.Conv1d(ins, outs, width, bias=False)
    conv.weight = torch.nn.Parameter(torch.tensor(kernel))

    def circular(x):
        return conv(torch.cat([x, x[..., : width - 1]], dim=-1))

    matrix = layer_matrix(circular, ins, n)
    assert matrix.shape == (outs * n, ins * n)
    x = torch.tensor(rng.standard_normal((1, ins, n)))
    assert np.allclose(matrix @ x.numpy().ravel(), circular(x).detach().numpy().ravel())
    assert gains(kernel, n).shape == (n,)
    assert gains(kernel, n).max() == pytest.approx(norm(matrix))


def test_flat_norm_is_the_one_that_torch_uses():
    torch.manual_seed(0)
    conv = spectral_norm(torch.nn.Conv2d(3, 4, 3, bias=False).double())
    for _ in range(300):
        conv.weight
    assert flat_norm(conv.weight.detach().numpy()) == pytest.approx(1, abs=1e-6)


@settings(max_examples=10)
@given(seeds, st.sampled_from([1, 3, 5]), st.integers(1, 3), st.integers(12, 15))
def test_power_iteration_with_the_convolution_itself(rng, width, stride, n):
    """Any stride, zero padding, and lengths that leave inputs after the last window."""
    kernel, padding = rng.standard_normal((2, 3, width)), width // 2
    conv = torch.nn.Conv1d(3, 2, width, stride=stride, padding=padding, bias=False)
    conv.weight = torch.nn.Parameter(torch.tensor(kernel))
    true = norm(layer_matrix(conv, 3, n))
    few, many = (convolution_norm(kernel, n, stride, padding, r) for r in (2, 2000))
    assert few <= many * (1 + 1e-9) and many <= true * (1 + 1e-9)
    assert many == pytest.approx(true, rel=1e-2)


def test_strided_run(woven):
    values = woven(PAGE).values
    assert values["iterated"]["1"] < values["iterated"]["10"] < values["full"] * (1 + 1e-9)
    assert values["iterated"]["100"] == pytest.approx(values["full"], rel=1e-3)
    assert 1 < values["strided_ratio"] < 3**0.5


def test_normalised_convolution_still_doubles(woven):
    values = woven(PAGE).values
    assert 2.2 < values["operator"] < 5**0.5
    ratios = values["ratios"]
    assert ratios["even"] == pytest.approx(5**0.5)
    assert ratios["difference"] == pytest.approx(2**0.5)
    assert ratios["single"] == pytest.approx(1)
    assert 1.2 < ratios["random, 16"] < 1.7


# Activations


@given(seeds)
def test_relu_and_tanh_never_spread_two_points(rng):
    x, y = torch.tensor(rng.standard_normal((2, 1000)) * 4)
    for f in (relu, torch.tanh):
        assert ((f(x) - f(y)).abs() <= (x - y).abs() + 1e-15).all()


def test_gelu_and_silu_exceed_one(woven):
    values = woven(PAGE).values
    assert values["tops"]["gelu"] == pytest.approx(1.12890, abs=1e-4)
    assert values["tops"]["silu"] == pytest.approx(1.09984, abs=1e-4)
    assert values["tops"]["relu"] == 1 and values["tops"]["tanh"] == pytest.approx(1)
    assert values["chains"]["gelu"] > 10 and values["chains"]["silu"] > 6
    x = torch.tensor([1.4, 1.43], dtype=torch.float64)
    assert (gelu(x[1]) - gelu(x[0])) / 0.03 > 1.12


@pytest.mark.parametrize("f", [gelu, silu, torch.tanh])
def test_chain_multiplies_the_slope(f):
    at, slope = steepest(f)
    assert chain_slope(f, at, 1) == pytest.approx(slope)
    assert chain_slope(f, at, 7) == pytest.approx(slope**7)


def test_steepest_counts_falling_slopes_too():
    assert steepest(lambda x: -3 * torch.tanh(x - 1)) == pytest.approx((1, -3), abs=1e-3)


# A ceiling is no floor


@settings(max_examples=20)
@given(seeds)
def test_normalised_layers_bound_the_slope_by_one(rng):
    layers = random_network([2, 5, 5, 1], rng)
    normed = normalise(layers)
    assert norm_product(normed) == pytest.approx(1)
    assert all(np.array_equal(b, c) for (_, b), (_, c) in zip(layers, normed, strict=True))
    assert largest_slope(normed, WINDOW) <= 1 + 1e-9


def test_normalised_networks_go_flat_with_depth(woven):
    reached = woven(PAGE).values["reached"]
    assert 0.2 < reached["1"] < 0.8
    assert reached["1"] > 1.4 * reached["2"] and reached["2"] > 2 * reached["4"]
    assert reached["8"] < 0.01


def test_other_random_numbers_give_flat_networks_too():
    rng = np.random.default_rng(8)
    medians = {}
    for hidden in (1, 4, 8):
        sample = [normalise(random_network([2, *[6] * hidden, 1], rng)) for _ in range(9)]
        medians[hidden] = np.median([largest_slope(net, WINDOW) for net in sample])
    assert 0.3 < medians[1] < 0.5
    assert medians[8] < medians[4] / 2 < 0.05

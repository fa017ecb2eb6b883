"""Gradients through many layers: the functions against references, the runs with margins."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from snippets.mechanics.gradients import (
    ACTIVATIONS,
    digamma_half,
    gaussian,
    jacobian,
    log_spread,
    newman_exponents,
    norm_bound,
    norms_walking_back,
    one_sided_iteration,
    orthogonal,
    power_iteration,
    pull_back,
    run,
    sigmoid,
    train,
    unit_vector,
    weight_gradients,
    with_spectrum,
)

seeds = st.integers(0, 2**32 - 1)
activations = st.sampled_from(sorted(ACTIVATIONS))
TORCH = {
    "linear": lambda z: z,
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
}


def values(woven):
    return woven("mechanics/gradients").values


def random_network(seed, widths):
    """Weights between layers of these widths."""
    rng = np.random.default_rng(seed)
    pairs = zip(widths[1:], widths, strict=False)
    return rng, [rng.standard_normal((rows, cols)) / np.sqrt(cols) for rows, cols in pairs]


# the functions


@given(seeds, st.integers(1, 6), st.integers(1, 9), st.floats(0.1, 3))
def test_orthogonal_keeps_every_length(seed, depth, n, gain):
    w = orthogonal(np.random.default_rng(seed), depth, n, gain)
    assert w.shape == (depth, n, n)
    np.testing.assert_allclose(w.mT @ w, np.broadcast_to(gain**2 * np.eye(n), w.shape), atol=1e-12)


def test_orthogonal_is_drawn_evenly():
    """Haar measure: the trace has mean 0 and variance 1, the sign of the determinant is fair."""
    w = orthogonal(np.random.default_rng(0), 4000, 5)
    traces = np.trace(w, axis1=1, axis2=2)
    assert abs(traces.mean()) < 0.08
    assert 0.9 < traces.var() < 1.1
    assert 0.45 < (np.linalg.det(w) > 0).mean() < 0.55


@pytest.mark.parametrize("gain", [0.5, 1.0, 2.0])
def test_gaussian_keeps_the_square_on_average(gain):
    rng = np.random.default_rng(0)
    w, x = gaussian(rng, 4000, 12, gain), unit_vector(rng, 12)
    assert w.shape == (4000, 12, 12)
    assert abs(w.mean()) < 0.01
    assert ((w @ x) ** 2).sum(axis=(1, 2)).mean() == pytest.approx(gain**2, rel=0.05)


@given(seeds, st.integers(1, 40))
def test_unit_vector(seed, n):
    v = unit_vector(np.random.default_rng(seed), n)
    assert v.shape == (n, 1)
    assert np.linalg.norm(v) == pytest.approx(1)


@given(hnp.arrays(float, 7, elements=st.floats(-700, 700)))
def test_sigmoid_and_slopes(z):
    np.testing.assert_allclose(sigmoid(z), torch.sigmoid(torch.tensor(z)), rtol=1e-12, atol=1e-15)
    for name, (f, slope) in ACTIVATIONS.items():
        t = torch.tensor(z, requires_grad=True)
        out = TORCH[name](t)
        out.sum().backward()
        np.testing.assert_allclose(f(z), out.detach(), rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(slope(z), t.grad, rtol=1e-9, atol=1e-15)


@given(
    seeds,
    st.lists(st.integers(1, 6), min_size=2, max_size=6),
    st.integers(1, 5),
    activations,
)
def test_backward_equals_autograd(seed, widths, batch, activation):
    """Masks D, transposed weights, and error times input transposed: the whole of backprop."""
    rng, weights = random_network(seed, widths)
    x, delta = rng.standard_normal((widths[0], batch)), rng.standard_normal((widths[-1], batch))
    out, inputs, slopes = run(weights, x, activation)
    errors = pull_back(weights, slopes, delta)

    tensors = [torch.tensor(w, requires_grad=True) for w in weights]
    h = leaf = torch.tensor(x, requires_grad=True)
    for w in tensors[:-1]:
        h = TORCH[activation](w @ h)
    reference = tensors[-1] @ h
    reference.backward(torch.tensor(delta))

    np.testing.assert_allclose(out, reference.detach(), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(errors[-1], leaf.grad, rtol=1e-10, atol=1e-12)
    assert len(errors) == len(weights) + 1
    for gradient, tensor in zip(weight_gradients(errors, inputs), tensors, strict=True):
        np.testing.assert_allclose(gradient, tensor.grad, rtol=1e-10, atol=1e-12)


@given(seeds, st.lists(st.integers(1, 6), min_size=2, max_size=6))
def test_error_needs_the_input(seed, widths):
    """The pulled-back error alone is a column; only times x^T has it the shape of W_1."""
    rng, weights = random_network(seed, widths)
    x, delta = rng.standard_normal((widths[0], 1)), rng.standard_normal((widths[-1], 1))
    _, inputs, slopes = run(weights, x)
    errors = pull_back(weights, slopes, delta)
    chain = np.eye(widths[-1])
    for w in reversed(weights[1:]):
        chain = chain @ w
    np.testing.assert_allclose(errors[-2], chain.T @ delta, rtol=1e-10, atol=1e-12)
    gradient = weight_gradients(errors, inputs)[0]
    assert gradient.shape == weights[0].shape
    np.testing.assert_allclose(gradient, chain.T @ delta @ x.T, rtol=1e-10, atol=1e-12)


@given(seeds, st.integers(2, 5), activations)
def test_stacked_networks_run_apart(seed, n, activation):
    rng = np.random.default_rng(seed)
    stack, x = rng.standard_normal((3, 4, n, n)), rng.standard_normal((n, 6))
    out, inputs, slopes = run(stack, x, activation)
    gradients = weight_gradients(pull_back(stack, slopes, out), inputs)
    for s in range(4):
        alone, inputs_alone, slopes_alone = run(stack[:, s], x, activation)
        errors = pull_back(stack[:, s], slopes_alone, alone)
        np.testing.assert_allclose(out[s], alone, rtol=1e-10, atol=1e-12)
        for all_of_them, one in zip(gradients, weight_gradients(errors, inputs_alone), strict=True):
            np.testing.assert_allclose(all_of_them[s], one, rtol=1e-9, atol=1e-10)


@given(seeds, st.integers(1, 5), st.integers(2, 5), activations)
def test_jacobian_is_the_masked_product(seed, depth, n, activation):
    rng, weights = random_network(seed, [n] * (depth + 1))
    x = rng.standard_normal((n, 1))

    def network(t):
        for w in weights[:-1]:
            t = TORCH[activation](torch.tensor(w) @ t)
        return torch.tensor(weights[-1]) @ t

    reference = torch.autograd.functional.jacobian(network, torch.tensor(x)).reshape(n, n)
    np.testing.assert_allclose(jacobian(weights, x, activation), reference, rtol=1e-9, atol=1e-12)


@given(seeds, st.integers(1, 5), st.integers(1, 6))
def test_forward_and_backward_stretch_alike(seed, depth, n):
    """M and its transpose have the same singular values."""
    _, weights = random_network(seed, [n] * (depth + 1))
    m = jacobian(weights, np.zeros((n, 1)))
    forward, back = (np.linalg.svd(a, compute_uv=False) for a in (m, m.T))
    np.testing.assert_allclose(forward, back, rtol=1e-9, atol=1e-12)


@given(seeds, st.integers(1, 12), st.integers(1, 8), activations)
def test_norms_never_exceed_the_bound(seed, depth, n, activation):
    """All four activations have slopes of at most 1, so the bound holds for each."""
    rng = np.random.default_rng(seed)
    weights = gaussian(rng, depth, n, 1.3)
    x, delta = rng.standard_normal((n, 1)), unit_vector(rng, n)
    norms = norms_walking_back(weights, x, delta, activation)
    bound = norm_bound(weights)
    assert norms[0] == pytest.approx(1)
    assert len(norms) == len(bound) == depth + 1
    assert (norms <= bound * (1 + 1e-12)).all()
    _, _, slopes = run(weights, x, activation)
    errors = pull_back(weights, slopes, delta)
    np.testing.assert_allclose(norms, [np.linalg.norm(e) for e in errors])


@given(seeds, st.integers(1, 6))
def test_bound_multiplies_from_the_output(seed, n):
    weights = gaussian(np.random.default_rng(seed), 3, n)
    s = [np.linalg.svd(w, compute_uv=False)[0] for w in weights]
    expected = [1, s[2], s[2] * s[1], s[2] * s[1] * s[0]]
    np.testing.assert_allclose(norm_bound(weights), expected, rtol=1e-12)


@given(seeds, st.integers(1, 12))
def test_norms_below_one_make_it_vanish(seed, depth):
    """Every norm at most c < 1: the gradient is at most c^L."""
    rng = np.random.default_rng(seed)
    w = gaussian(rng, depth, 6)
    w *= 0.8 / np.linalg.norm(w, 2, axis=(1, 2))[:, None, None]
    norms = norms_walking_back(w, unit_vector(rng, 6), unit_vector(rng, 6))
    assert (norms <= 0.8 ** np.arange(depth + 1) * (1 + 1e-12)).all()


@pytest.mark.parametrize("depth", [10, 1000])
def test_norms_that_creep_towards_one_need_not_make_it_vanish(depth):
    """Layer l has the norm 1 - 1 / (l + 1)^2; the product of them all stays above one half."""
    rng = np.random.default_rng(11)
    norms = 1 - 1 / np.arange(2, depth + 2) ** 2
    w = norms[:, None, None] * orthogonal(rng, depth, 3)
    left = norms_walking_back(w, unit_vector(rng, 3), unit_vector(rng, 3))[-1]
    assert left == pytest.approx((depth + 2) / (2 * depth + 2))
    assert left > 0.5


def test_one_step_back_cancels_little():
    """The terms of W^T e, all taken positive, are only a few times longer than W^T e."""
    rng = np.random.default_rng(12)
    e = unit_vector(rng, 64)
    for w in gaussian(rng, 40, 64, 0.5):
        absolute, e = np.abs(w.T) @ np.abs(e), w.T @ e
        assert 2 < np.linalg.norm(absolute) / np.linalg.norm(e) < 10


@given(seeds, st.integers(2, 8), st.integers(2, 8))
def test_power_iteration_is_a_rising_lower_bound(seed, m, n):
    rng = np.random.default_rng(seed)
    w = rng.standard_normal((m, n))
    estimates = power_iteration(w, 30, rng.standard_normal((n, 1)))
    norm = np.linalg.norm(w, 2)
    assert len(estimates) == 30
    assert (estimates <= norm * (1 + 1e-12)).all()
    assert (np.diff(estimates) >= -1e-12 * norm).all()


def test_power_iteration_by_hand():
    estimates = power_iteration(np.diag([2.0, 1.0]), 2, np.array([[3.0], [3.0]]))
    np.testing.assert_allclose(estimates, [np.sqrt(5 / 2), np.sqrt(65 / 17)])


@pytest.mark.parametrize("r", [0.5, 0.8, 0.9])
def test_power_iteration_finds_the_norm_at_rate_r4(r):
    w = with_spectrum(np.random.default_rng(1), np.array([2.0, 2 * r, 0.3]))
    estimates = power_iteration(w, 100, np.ones((3, 1)))
    assert estimates[-1] == pytest.approx(np.linalg.norm(w, 2), rel=1e-12)
    errors = 1 - estimates / 2
    tail = np.flatnonzero((errors > 1e-11) & (errors < 1e-4))
    ratios = errors[tail][1:] / errors[tail][:-1]
    assert np.median(ratios) == pytest.approx(r**4, rel=0.05)


def test_power_iteration_misses_what_the_start_misses():
    """A start without any part along the top direction never finds it (exact arithmetic)."""
    estimates = power_iteration(np.diag([3.0, 2.0, 1.0]), 40, np.array([[0.0], [1.0], [1.0]]))
    assert estimates[-1] == pytest.approx(2)


def test_one_sided_iteration_gives_the_eigenvalue(woven):
    w = np.array([[1.0, 100.0], [0.0, 0.5]])
    found = one_sided_iteration(w, 100, np.array([[3.0], [4.0]]))
    assert found == pytest.approx(max(abs(np.linalg.eigvals(w))), rel=1e-9)
    assert found < np.linalg.norm(w, 2) / 50
    v = values(woven)
    assert v["wrong"] == pytest.approx(1, abs=1e-6)
    assert v["right"] == pytest.approx(np.linalg.norm(w, 2), rel=1e-9)


@given(seeds, st.lists(st.floats(0, 5), min_size=1, max_size=8))
def test_with_spectrum(seed, s):
    w = with_spectrum(np.random.default_rng(seed), np.array(s))
    found = np.linalg.svd(w, compute_uv=False)
    np.testing.assert_allclose(found, sorted(s, reverse=True), atol=1e-12)


def test_spectral_norm_is_the_largest_singular_value():
    rng = np.random.default_rng(2)
    w = rng.standard_normal((5, 4))
    lengths = [np.linalg.norm(w @ unit_vector(rng, 4)) for _ in range(20_000)]
    top = np.linalg.svd(w, compute_uv=False)[0]
    assert top == pytest.approx(np.linalg.norm(w, 2), rel=1e-12)
    assert 0.98 * top < max(lengths) <= top * (1 + 1e-12)


def test_a_wide_matrix_stretches_some_vector_by_zero():
    w = np.random.default_rng(3).standard_normal((3, 5))
    null = np.linalg.svd(w)[2][-1]
    assert np.linalg.svd(w, compute_uv=False).min() > 0.3
    assert np.linalg.norm(null) == pytest.approx(1)
    assert np.linalg.norm(w @ null) < 1e-12


@given(seeds, st.integers(1, 6), st.integers(1, 7))
def test_log_spread_adds_up_to_the_determinant(seed, depth, n):
    w = gaussian(np.random.default_rng(seed), depth, n)
    found = log_spread(w)
    assert found.shape == (depth, n)
    dets = np.cumsum(np.log10(np.abs(np.linalg.det(w))))
    np.testing.assert_allclose(found.sum(axis=1), dets, atol=1e-8)


def test_log_spread_of_diagonal_matrices_is_exact():
    w = np.array([np.diag([4.0, 2.0, 0.5]), np.diag([2.0, 1.0, 0.1])])
    np.testing.assert_allclose(log_spread(w), np.log10([[4, 2, 0.5], [8, 2, 0.05]]), atol=1e-12)


def test_log_spread_grows_like_the_singular_values():
    rng = np.random.default_rng(4)
    w = gaussian(rng, 8, 6)
    product = np.linalg.multi_dot(w[::-1])
    s = np.log10(np.linalg.svd(product, compute_uv=False))
    assert np.abs(log_spread(w)[-1] - s).max() < 1.5


def test_log_spread_stays_near_the_ends_at_any_depth():
    """The smallest singular value is one over the norm of the inverse, which rounding spares."""
    w = gaussian(np.random.default_rng(6), 40, 16)
    product, inverse = np.eye(16), np.eye(16)
    for layer, found in zip(w, log_spread(w), strict=True):
        product, inverse = layer @ product, inverse @ np.linalg.inv(layer)
        assert found[0] == pytest.approx(np.log10(np.linalg.norm(product, 2)), abs=1)
        assert found[-1] == pytest.approx(-np.log10(np.linalg.norm(inverse, 2)), abs=1)


@pytest.mark.parametrize("k", range(1, 40))
def test_digamma(k):
    expected = torch.digamma(torch.tensor(k / 2, dtype=torch.float64)).item()
    assert digamma_half(k) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("n", [2, 5, 16])
def test_newman_exponents(n):
    """For one layer the mean of ln |diag R| is exact: R's diagonal holds chi variables."""
    expected = newman_exponents(n)
    assert (np.diff(expected) < 0).all()
    w = gaussian(np.random.default_rng(5), 6000, n)
    r = np.linalg.qr(w)[1]
    found = np.log10(np.abs(np.diagonal(r, axis1=1, axis2=2))).mean(axis=0)
    np.testing.assert_allclose(found, expected, atol=0.03)


def test_train_is_gradient_descent():
    rng = np.random.default_rng(6)
    w = gaussian(rng, 3, 4)
    x, y = rng.standard_normal((4, 7)), rng.standard_normal((4, 7))
    rates = np.array([0.01, 0.2])
    stack = np.repeat(w[:, None], 2, axis=1)
    losses, after = train(stack, x, y, rates, "tanh", 5)
    np.testing.assert_array_equal(stack[:, 0], w)
    assert losses.shape == (6, 2)
    for s, rate in enumerate(rates):
        tensors = [torch.tensor(m, requires_grad=True) for m in w]
        optimiser = torch.optim.SGD(tensors, lr=rate)
        for step in range(6):
            h = torch.tanh(tensors[1] @ torch.tanh(tensors[0] @ torch.tensor(x)))
            out = tensors[2] @ h
            error = out - torch.tensor(y)
            assert losses[step, s] == pytest.approx((error**2).mean().item(), rel=1e-10)
            if step < 5:
                optimiser.zero_grad()
                ((error**2).sum() / 2 / 7).backward()
                optimiser.step()
        for mine, theirs in zip(after[:, s], tensors, strict=True):
            np.testing.assert_allclose(mine, theirs.detach(), rtol=1e-9, atol=1e-12)


# the runs


def test_outer_product_shapes(woven):
    v = values(woven)
    assert v["agrees_with_autograd"]
    assert tuple(v["error_shape"]) == (5, 1)
    assert tuple(v["gradient_shape"]) == (5, 4)


def test_bound_grows_and_gradient_does_not(woven):
    """Norms near 2 in every layer, a bound of 10^14, a gradient of about 1."""
    v = values(woven)
    assert 1.8 < v["one_norm"] < 2.2
    assert 13 < v["log_bound"] < 16
    assert -1 < v["log_median"] < 0.5
    assert v["log_gap"] > 13
    assert v["largest_gain"] < 10


@given(seeds, st.sampled_from(["linear", "relu"]), st.floats(0.25, 4))
def test_a_gain_multiplies_every_length_after_k_layers_by_its_kth_power(seed, activation, gain):
    rng = np.random.default_rng(seed)
    w, x, delta = gaussian(rng, 8, 16), unit_vector(rng, 16), unit_vector(rng, 16)
    walk = norms_walking_back(w, x, delta, activation)
    amplified = norms_walking_back(gain * w, x, delta, activation)
    np.testing.assert_allclose(amplified, walk * gain ** np.arange(9), rtol=1e-12)


def test_the_critical_gain_is_near_one_and_near_root_two_with_relu(woven):
    critical = values(woven)["critical"]
    assert np.isclose(critical["linear"], values(woven)["median_gain"] ** (-1 / 50))
    assert 1 < critical["linear"] < 1.03
    assert 1.39 < critical["relu"] < 1.46


def test_norm_two_twice_can_be_zero(woven):
    v = values(woven)
    assert v["toy_square_norm"] == 0
    assert v["toy_transpose_norm"] == 4
    shift = np.array([[0.0, 2.0], [0.0, 0.0]])
    assert np.linalg.norm(shift, 2) == 2


def test_typical_gradient_drifts_down(woven):
    v = values(woven)
    assert v["predicted"] == pytest.approx(-0.17, abs=0.01)
    assert v["measured"] == pytest.approx(v["predicted"], abs=0.15)
    assert 0.3 < v["mean_square"] < 3


def test_gain_decides(woven):
    v = values(woven)
    for gain in (0.5, 0.9, 1.0, 1.1, 2.0):
        assert abs(v["log_gains"][f"g{gain}"] - 50 * np.log10(gain)) < 1.5
    assert v["log_bounds"]["g0.9"] > 10
    assert v["log_gains"]["g0.9"] < -1
    assert v["log_bounds"]["g0.5"] < 0


def test_vanishing_is_exact(woven):
    """float32 and float64 agree on a gradient of 10^-13: nothing was rounded away."""
    v = values(woven)
    assert v["vanished"] < 1e-10
    assert v["precision_gap"] < 1e-5
    assert f"{v['exact']:.3e}" == f"{v['single']:.3e}"


def test_float32_range_ends(woven):
    v = values(woven)
    assert v["norm_after_50"] == 0
    assert 0 < v["entry_after_50"] < 1e-25
    assert v["entry_after_90"] == 0
    assert v["exact_after_90"] > 1e-70


def test_power_rates(woven):
    v = values(woven)
    for r in (0.5, 0.8, 0.9, 0.99):
        assert v["factors"][f"r{r}"] == pytest.approx(r**4, rel=0.1)
    assert v["slowest_error"] > 1e-4


def test_relu_breaks_the_isometry(woven):
    v = values(woven)["log_activation"]
    assert abs(v["linear"]) < 1e-10
    assert -2 < v["tanh"] < -0.3
    assert -9 < v["relu"] < -6.5
    assert abs(v["relu_root2"]) < 1


def test_relu_loses_rank(woven):
    assert values(woven)["relu_rank"] < 32


def test_rectangles_lose_directions(woven):
    v = values(woven)
    assert v["lost_directions"] == 48
    assert 70 < v["reflections"] < 130


def test_product_of_orthogonals_stays_orthogonal(woven):
    assert 1e-6 < values(woven)["float32_drift"] < 1e-3
    product = np.linalg.multi_dot(orthogonal(np.random.default_rng(7), 100, 8))
    np.testing.assert_allclose(product.T @ product, np.eye(8), atol=1e-13)


def test_spread_grows_with_depth(woven):
    v = values(woven)
    assert 8 < v["spread_after_10"] < 14
    assert 25 < v["spread_after_40"] < 45
    assert v["exponent_gap"] < 0.06
    assert 0.8 < v["decades_per_layer"] < 0.9


def test_who_starves(woven):
    """With linear layers all gradients shrink alike; with sigmoids the early ones do."""
    v = values(woven)
    assert 0.1 < v["first_over_last"]["linear"] < 10
    assert v["first_layer"]["linear"] < 1e-4
    assert v["first_over_last"]["sigmoid"] < 1e-9


def test_orthogonal_start_helps_linear_and_tanh_not_relu(woven):
    ends = values(woven)["ends"]
    assert ends["linear_orthogonal"] < 0.1 * ends["linear_gaussian"]
    assert values(woven)["start_gap"] > 10
    assert ends["tanh_orthogonal"] < 0.6 * ends["tanh_gaussian"]
    assert ends["relu_orthogonal"] > 0.7 * ends["relu_gaussian"]
    assert ends["relu_orthogonal"] > 0.7

"""Depth and time: definitions against independent references, and each claim of the chapter."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.language.depth_and_time import (
    distances,
    driven_rate,
    growth_rate,
    linked_chain,
    relu_states,
    spread,
    step_gradients,
    unroll,
    word_rate,
)
from snippets.language.two_rulers import power_norms, spectral_norm
from snippets.mechanics.gradients import orthogonal
from snippets.mechanics.residuals import spectral_radius

PAGE = "language/depth_and_time"
seeds = st.integers(0, 10_000).map(np.random.default_rng)
sizes = st.integers(2, 5)


@pytest.fixture(scope="module")
def values(woven):
    return woven(PAGE).values


# Two chains


@given(seeds, sizes, st.integers(1, 5))
@settings(max_examples=30)
def test_unroll_is_the_recurrence(rng, n, steps):
    weights = rng.standard_normal((steps, n, n))
    inputs = rng.standard_normal((steps, n))
    states = unroll(weights, inputs)
    assert len(states) == steps + 1 and (states[0] == 0).all()
    cell = torch.nn.RNNCell(n, n, bias=False, dtype=torch.float64)
    h = torch.zeros(1, n, dtype=torch.float64)
    with torch.no_grad():
        cell.weight_ih.copy_(torch.eye(n))
        for w, x, state in zip(weights, inputs, states[1:], strict=True):
            cell.weight_hh.copy_(torch.tensor(w))
            h = cell(torch.tensor(x)[None], h)
            assert np.allclose(h[0], state)


@given(seeds, sizes, st.integers(1, 5))
@settings(max_examples=20)
def test_step_gradients_equal_autograd(rng, n, steps):
    """Claim: the gradient goes back through the transposed chain, in depth as in time."""
    weights, inputs = rng.standard_normal((steps, n, n)), rng.standard_normal((steps, n))
    delta = rng.standard_normal(n)
    gradients = step_gradients(weights, unroll(weights, inputs), delta)
    own = [torch.tensor(w, requires_grad=True) for w in weights]
    h = torch.zeros(n, dtype=torch.float64)
    for w, x in zip(own, torch.tensor(inputs), strict=True):
        h = torch.tanh(w @ h + x)
    (h @ torch.tensor(delta)).backward()
    assert len(gradients) == steps
    for mine, w in zip(gradients, own, strict=True):
        assert np.allclose(mine, w.grad)


def test_shared_gradient_is_the_sum(values):
    assert values["sum_is_autograd"] is True


@given(seeds, sizes)
@settings(max_examples=20)
def test_a_linear_network_is_its_product(rng, n):
    """Claim: a deep linear network is W_L ... W_1, its gradient the transposed chain."""
    w1, w2, w3 = rng.standard_normal((3, n, n))
    x, delta = rng.standard_normal((2, n))
    product = w3 @ w2 @ w1
    t = torch.tensor(x, requires_grad=True)
    out = torch.tensor(w3) @ (torch.tensor(w2) @ (torch.tensor(w1) @ t))
    (out @ torch.tensor(delta)).backward()
    assert np.allclose(out.detach(), product @ x)
    assert np.allclose(t.grad, w1.T @ (w2.T @ (w3.T @ delta)))


def test_tanh_makes_the_factors_differ(woven, values):
    """Claim: T steps are the T-th power of W. Without an activation."""
    assert "without tanh a power of W: True" in woven(PAGE).regions["unrolled"].output
    assert values["power_norm"] > 50 * values["jacobian_norm"]


def test_a_power_is_not_a_transpose():
    w = np.array([[0.9, 10.0], [0.0, 0.9]])
    for k in (2, 3, 20):
        assert not np.allclose(np.linalg.matrix_power(w, k), w.T)
        assert np.allclose(np.linalg.matrix_power(w.T, k), np.linalg.matrix_power(w, k).T)


# The same singular values


@given(seeds, sizes, st.integers(1, 6))
@settings(max_examples=30)
def test_linked_chain_has_the_given_singular_values(rng, n, depth):
    sigma = np.sort(rng.uniform(0.5, 2, n))[::-1]
    link = orthogonal(rng, 1, n)[0]
    factors = linked_chain(rng, sigma, depth, link)
    assert factors.shape == (depth, n, n)
    for w in factors:
        assert np.allclose(np.linalg.svd(w)[1], sigma)
    product = np.eye(n)
    for w in factors:
        product = w @ product
    expected = np.linalg.matrix_power(np.diag(sigma) @ link, depth)
    assert np.allclose(np.linalg.svd(product)[1], np.linalg.svd(expected)[1])
    if depth > 1:
        assert not np.allclose(factors[0], factors[1])


def test_same_singular_values_three_fates(values):
    """Claims: singular values of the factors decide; above 1 means explosion."""
    largest, smallest = values["largest"], values["smallest"]
    assert largest["aligned"] == pytest.approx(2**20)
    assert smallest["aligned"] == pytest.approx(2**-20, rel=1e-3)
    assert largest["opposed"] == pytest.approx(1, abs=1e-9)
    assert smallest["opposed"] == pytest.approx(1, abs=1e-9)
    assert 10 < largest["random"] < 1000 and smallest["random"] < 0.1
    assert max(values["sigma"]) == 2
    assert 1 < values["least_top"] and values["most_top"] < 2**20 / 10


@given(seeds, sizes, st.floats(1.01, 2), st.integers(1, 8))
def test_all_singular_values_on_one_side_decide(rng, n, c, depth):
    """Claims: all above 1 explode, all below 1 vanish."""
    up = linked_chain(rng, c * rng.uniform(1, 1.5, n), depth, orthogonal(rng, 1, n)[0])
    down = linked_chain(rng, rng.uniform(0.5, 1, n) / c, depth, orthogonal(rng, 1, n)[0])
    start = rng.standard_normal(n)
    x = y = start
    for grow, shrink in zip(up, down, strict=True):
        x, y = grow @ x, shrink @ y
    length = np.linalg.norm(start)
    assert np.linalg.norm(x) >= c**depth * length * (1 - 1e-9)
    assert np.linalg.norm(y) <= c**-depth * length * (1 + 1e-9)


# Random turns


@given(seeds, sizes)
@settings(max_examples=30)
def test_growth_rate_of_known_chains(rng, n):
    x = rng.standard_normal(n)
    factors = rng.standard_normal((6, n, n))
    end = np.linalg.multi_dot([*factors[::-1], x])
    expected = np.log(np.linalg.norm(end) / np.linalg.norm(x)) / 6
    assert growth_rate(factors, x) == pytest.approx(expected)
    turned = 1.7 * orthogonal(rng, 5, n)
    assert growth_rate(turned, x) == pytest.approx(np.log(1.7))


def test_growth_rate_does_not_overflow():
    rate = growth_rate([np.diag([100.0, 1])] * 400, np.array([1.0, 1]))
    assert rate == pytest.approx(np.log(100), abs=0.01)


@pytest.mark.parametrize(("a", "b"), [(2.0, 0.5), (1.6, 0.2), (3.0, 1.0), (0.7, 0.7)])
def test_the_integral_is_the_log_of_the_mean(a, b):
    angle = 2 * np.pi * (np.arange(20_000) + 0.5) / 20_000
    stretch = np.hypot(a * np.cos(angle), b * np.sin(angle))
    assert np.log(stretch).mean() == pytest.approx(np.log((a + b) / 2), abs=1e-9)


def test_the_mean_decides_in_the_plane(values):
    for name, rate in values["per_layer"].items():
        assert rate == pytest.approx(values["mean"][name], abs=0.02)
    assert values["mean"] == pytest.approx({"grows": 1.25, "stays": 1.0, "dies": 0.9})


# Order


@given(seeds, sizes, st.text("AB", min_size=1, max_size=6))
@settings(max_examples=40)
def test_word_rate(rng, n, word):
    letters = dict(zip("AB", rng.standard_normal((2, n, n)), strict=True))
    product = np.linalg.multi_dot([np.eye(n), *(letters[c] for c in reversed(word)), np.eye(n)])
    radius = abs(np.linalg.eigvals(product)).max()
    assert word_rate(word, letters) == pytest.approx(radius ** (1 / len(word)), rel=1e-6)
    turned = word[1:] + word[0]
    assert word_rate(turned, letters) == pytest.approx(word_rate(word, letters), rel=1e-5)


def test_the_first_letter_is_applied_first():
    """Three letters in the plane: reversing a word with no symmetry changes its radius."""
    rng = np.random.default_rng(3)
    letters = dict(zip("ABC", rng.standard_normal((3, 2, 2)), strict=True))
    product = letters["C"] @ letters["B"] @ letters["A"]
    assert word_rate("ABC", letters) == pytest.approx(spectral_radius(product) ** (1 / 3))
    assert word_rate("ABC", letters) != pytest.approx(word_rate("CBA", letters), rel=1e-3)


def test_order_decides(values):
    """Claim: a radius below 1 makes the signal vanish. Not when matrices alternate."""
    rates = values["per_step"]
    assert rates["1"] == pytest.approx(np.linalg.norm(values["A"], 2))
    assert rates["1"] > rates["2"] > rates["4"] > rates["8"]
    assert rates["2"] > 1.3 and rates["8"] < 0.9
    assert rates["8"] < values["at_random"] < rates["1"]
    assert spectral_radius(np.array(values["A"])) == 0.5
    assert all(word.count("A") == word.count("B") for word in values["words"].values())


# One matrix


def test_a_start_that_shrinks_comes_back(values):
    """Claim: a radius above 1 makes the signal explode. From generic starts, and rounding."""
    assert values["shrank"] and values["came_back"]
    x = np.diag([1.5, 0.5])  # with nothing to round, the start stays special
    assert np.linalg.norm(np.linalg.matrix_power(x, 120) @ [0, 1]) < 1e-30


@given(seeds, sizes)
@settings(max_examples=30)
def test_spread_is_the_sum_over_past_noise(rng, n):
    w = rng.standard_normal((n, n))
    w *= 0.7 / spectral_radius(w)
    covariance, power = np.zeros((n, n)), np.eye(n)
    for _ in range(300):
        covariance += power @ power.T
        power = w @ power
    assert spread(w) == pytest.approx(np.sqrt(np.diag(covariance).mean()))


def test_spread_needs_a_radius_below_one():
    with pytest.raises(ValueError, match="radius"):
        spread(np.eye(3))
    assert spread(0.9 * np.eye(3)) == pytest.approx((1 - 0.81) ** -0.5)


def test_steady_size_is_not_a_matter_of_the_radius(values):
    """Claim: eigenvalues alone decide the long run."""
    size = values["size"]
    assert size["0"] == pytest.approx(2.29, abs=0.01)
    assert size["1"] > 4 * size["0"] and size["10"] > 40 * size["0"]
    assert values["peak"]["10"] == pytest.approx(38.75, abs=0.01)
    for corner in (0, 1, 10):
        assert spectral_radius(np.array([[0.9, corner], [0, 0.9]])) == pytest.approx(0.9)


@given(seeds, sizes)
@settings(max_examples=20)
def test_normal_matrices_need_eigenvalues_only(rng, n):
    q = orthogonal(rng, 1, n)[0]
    eigenvalues = rng.uniform(-0.9, 0.9, n)
    blocks = np.diag(eigenvalues)
    angle = rng.uniform(0, np.pi)  # the first two: a complex pair of the first's size
    blocks[:2, :2] = eigenvalues[0] * np.array(
        [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    )
    sizes_of = np.abs(np.linalg.eigvals(blocks))
    expected = np.sqrt(np.mean(1 / (1 - sizes_of**2)))
    assert spread(q @ blocks @ q.T) == pytest.approx(expected)


# Switches


@given(seeds, sizes, st.integers(1, 5))
@settings(max_examples=20)
def test_relu_states(rng, n, steps):
    w, h = rng.standard_normal((n, n)), rng.standard_normal(n)
    states = relu_states(w, h, steps)
    assert len(states) == steps + 1 and (states[0] == h).all()
    for before, after in zip(states, states[1:], strict=False):
        assert np.allclose(torch.relu(torch.tensor(w @ before)), after)


def test_relu_doubles_at_radius_zero(values):
    """Claim: a radius below 1 makes the signal vanish. Not with ReLU."""
    assert values["after_20"] == 2**20
    assert values["switch_radius"] == pytest.approx(0, abs=1e-6)
    assert values["masked_radius"] == pytest.approx(2)
    w = torch.tensor([[2.0, 4.0], [-1.0, -2.0]])
    assert not (w @ w).any()
    h = torch.tensor([1.0, 0.0], requires_grad=True)
    out = h
    for _ in range(20):
        out = torch.relu(w @ out)
    out[0].backward()
    assert h.grad[0] == 2**20


@given(seeds, sizes)
def test_norm_below_one_always_shrinks(rng, n):
    w = rng.standard_normal((n, n))
    w *= 0.95 / spectral_norm(w)
    d = rng.uniform(0, 1, n)
    assert spectral_norm(d[:, None] * w) <= 0.95 * (1 + 1e-12)
    h, steps = rng.standard_normal(n), 12
    bound = 0.95**steps * np.linalg.norm(h) * (1 + 1e-12)
    assert np.linalg.norm(relu_states(w, h, steps)[-1]) <= bound
    for _ in range(steps):
        h = np.tanh(w @ h)
    assert np.linalg.norm(h) <= bound


# Driven


@given(seeds)
@settings(max_examples=10)
def test_driven_rate_equals_autograd(rng):
    n, steps, skip = 4, 6, 2
    w, inputs = rng.standard_normal((n, n)), rng.standard_normal((steps, n))
    h, v = rng.standard_normal((2, n))
    lengths, v_now, state = [], torch.tensor(v), torch.tensor(h)
    for x in torch.tensor(inputs):
        def step(s, x=x):
            return torch.tanh(torch.tensor(w) @ s + x)

        v_now = torch.autograd.functional.jacobian(step, state) @ v_now
        state = step(state)
        lengths.append(float(v_now.norm()))
    expected = np.log(lengths[-1] / lengths[skip - 1]) / (steps - skip)
    assert driven_rate(w, inputs, h, v, skip) == pytest.approx(expected)


def test_without_input_a_small_radius_sets_the_exponent(values):
    assert values["exponents"]["0.5"][0] == pytest.approx(np.log(0.5), abs=1e-3)


def test_input_decides_the_exponent(values):
    """Claim: a radius above 1 makes the signal explode."""
    for row in values["exponents"].values():
        assert row[0] > row[1] > row[2]
    strong = values["exponents"]["3.0"]
    assert strong[0] > 0.15 and strong[2] < -0.05
    assert values["exponents"]["2.0"][0] > 0.05 > -0.1 > values["exponents"]["2.0"][1]


def test_strong_input_saturates_the_units():
    """Why the exponent falls: the slopes of tanh do."""
    rng = np.random.default_rng(1)
    w, noise = rng.standard_normal((100, 100)), rng.standard_normal((300, 100))
    w *= 3 / spectral_radius(w)
    slopes = []
    for strength in (0, 2, 4):
        states = unroll([w] * 300, strength * noise + 1e-3 * noise)
        slopes.append(np.mean(1 - np.array(states[100:]) ** 2))
    assert slopes[0] > 1.2 * slopes[1] > 1.4 * slopes[2]


@given(seeds)
@settings(max_examples=10)
def test_distances_between_two_runs(rng):
    n, steps = 4, 12
    w = rng.standard_normal((n, n))
    w *= 0.5 / spectral_norm(w)
    inputs, h, other = rng.standard_normal((steps, n)), *rng.standard_normal((2, n))
    apart = distances(w, inputs, h, other)
    assert apart.shape == (steps + 1,) and apart[0] == np.linalg.norm(h - other)
    assert apart[1] == pytest.approx(
        np.linalg.norm(np.tanh(w @ h + inputs[0]) - np.tanh(w @ other + inputs[0]))
    )
    assert (apart[1:] <= 0.5 * apart[:-1]).all()
    assert (distances(w, inputs, h, h) == 0).all()


# Starving and forgetting


def test_depth_starves_every_layer_time_the_early_steps(values):
    """Claim: vanishing gradients make early layers learn slowly."""
    ratio = values["early_over_late"]
    assert 1 / 3 < ratio["depth"] < 3 and ratio["time"] < 1e-5
    every_layer = values["sizes"]["depth"][1:]
    assert values["sizes"]["depth"][0] == 0 and max(every_layer) < 4 * min(every_layer)
    assert max(values["sizes"]["depth"]) < 0.01 < 1 < max(values["sizes"]["time"])


def test_a_shift_register_vanishes_and_remembers(values):
    """Claim: vanishing means short-term memory."""
    assert values["gradient_left"]["shift register"] == 0
    assert values["recalled"]["shift register"] == pytest.approx(40, abs=0.1)
    assert values["gradient_left"]["0.99 identity"] == pytest.approx(0.99**40)
    assert values["recalled"]["0.99 identity"] < 2


def test_a_shift_register_holds_the_last_inputs_exactly():
    n, rng = 6, np.random.default_rng(0)
    register, entry, inputs = np.diag(np.ones(n - 1), 1), np.eye(n)[-1], rng.standard_normal(20)
    h = np.zeros(n)
    for x in inputs:
        h = register @ h + entry * x
    assert (h == inputs[-n:]).all()
    assert power_norms(register, n)[n] == 0 == spectral_radius(register)

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.language.jordan import (
    basis_condition,
    jordan,
    jordan_power,
    momentum_matrix,
    nearly,
    trajectory,
)

PAGE = "language/jordan"
seeds = st.integers(0, 10_000).map(np.random.default_rng)
values = st.floats(-1.1, 1.1)
sizes = st.integers(1, 6)


@given(values, sizes)
def test_a_block_has_one_direction_of_eigenvectors(value, size):
    w = jordan(value, size)
    assert np.array_equal(np.diag(w), np.full(size, value))
    assert np.array_equal(w - value * np.eye(size), np.diag(np.ones(size - 1), 1))
    assert size - np.linalg.matrix_rank(w - value * np.eye(size)) == 1
    assert np.array_equal(w @ np.eye(size)[0], value * np.eye(size)[0])


@given(seeds)
def test_every_vector_off_the_axis_turns(rng):
    x = rng.standard_normal(2)
    y = jordan(0.9, 2) @ x
    assert abs(x[0] * y[1] - x[1] * y[0]) == pytest.approx(x[1] ** 2)


def test_a_repeated_eigenvalue_need_not_be_defective(woven):
    values = woven(PAGE).values
    assert values["eigen_directions"] == 1
    output = woven(PAGE).regions["missing"].output
    assert "eigenvectors 1" in output and "eigenvectors 2" in output
    assert "parallel: True" in output
    assert basis_condition(0.9 * np.eye(2)) == pytest.approx(1)


def test_different_eigenvectors_are_not_yet_enough():
    rng = np.random.default_rng(0)
    w = jordan(0.9, 3)
    w[0, 1] = 0  # two directions: axis 1, axis 2, and every mixture of them
    for _ in range(20):
        a, b = rng.standard_normal(2)
        assert np.allclose(w @ [a, b, 0], 0.9 * np.array([a, b, 0]))
    assert 3 - np.linalg.matrix_rank(w - 0.9 * np.eye(3)) == 2


@given(values, sizes, st.integers(0, 30))
def test_power_formula(value, size, k):
    expected = np.linalg.matrix_power(jordan(value, size), k)
    assert np.allclose(jordan_power(value, size, k), expected, rtol=1e-9, atol=1e-12)


@given(values, st.integers(1, 60))
def test_trajectory_is_k_times_a_power(value, steps):
    path = trajectory(jordan(value, 2), np.array([0.0, 1.0]), steps)
    assert path.shape == (steps + 1, 2)
    k = np.arange(1, steps + 1)
    assert np.allclose(path[1:, 0], k * value ** (k - 1.0), rtol=1e-9, atol=1e-300)
    assert np.allclose(path[:, 1], value ** np.arange(steps + 1.0), rtol=1e-9)


def test_the_peak_is_where_the_logarithm_says(woven):
    v = woven(PAGE).values
    assert v["peak_steps"] == {"v0.9": 9, "v0.99": 99}
    assert v["peaks"]["v0.9"] == pytest.approx(9 * 0.9**8)
    assert v["peaks"]["v0.99"] == pytest.approx(99 * 0.99**98)
    for name, step in v["peak_steps"].items():
        assert 0 < v["guesses"][name] - step < 1
    assert woven(PAGE).regions["hump"].output.count("formula True") == 2


def test_larger_blocks_have_higher_humps(woven):
    tops = woven(PAGE).values["tops"]
    assert tops["1"] == 1
    for m in range(1, 5):
        assert tops[str(m + 1)] > 3 * tops[str(m)]
    values = woven(PAGE).values
    assert 7 < values["least_ratio"] < values["largest_ratio"] < 9
    peak = max(np.linalg.norm(np.linalg.matrix_power(jordan(0.9, 5), k), 2) for k in range(80))
    assert tops["5"] == pytest.approx(peak)


@given(st.integers(2, 6), st.floats(0.2, 1), st.floats(-9, -3))
def test_a_corner_moves_the_eigenvalue_by_a_root(size, value, exponent):
    w = jordan(value, size)
    w[-1, 0] = 10**exponent
    shift = abs(np.linalg.eigvals(w) - value)
    assert np.allclose(shift, 10 ** (exponent / size), rtol=0.02)


def test_other_entries_move_it_less():
    w = jordan(0.5, 2)
    for i, j in ((0, 0), (0, 1), (1, 1)):
        changed = w.copy()
        changed[i, j] += 1e-8
        assert abs(np.linalg.eigvals(changed) - 0.5).max() <= 1.01e-8


def test_a_hidden_block_shows_half_the_digits():
    errors = []
    for seed in range(200):
        v = np.random.default_rng(seed).standard_normal((2, 2))
        w = v @ jordan(0.9, 2) @ np.linalg.inv(v)
        errors.append(abs(np.linalg.eigvals(w) - 0.9).max())
    assert 1e-10 < np.quantile(errors, 0.75) < 1e-6
    assert np.array_equal(np.linalg.eigvals(jordan(0.9, 2)), [0.9, 0.9])


def test_split_run(woven):
    moved = woven(PAGE).values["moved"]
    for size in (2, 4, 8):
        assert moved[str(size)] == pytest.approx(1e-12 ** (1 / size), rel=0.05)
    assert moved["1"] < 2e-12


@given(st.floats(0.3, 0.99), st.floats(1e-3, 0.2))
def test_nearly_defective_has_two_eigenvectors_almost_parallel(value, gap):
    w = nearly(value, gap)
    assert np.allclose(np.sort(np.linalg.eigvals(w)), [value - gap, value])
    a, b = np.array([1, 0]), np.array([1, -gap]) / np.hypot(1, gap)
    assert np.allclose(w @ b, (value - gap) * b)
    expected = np.linalg.cond(np.stack([a, b], axis=1))
    assert basis_condition(w) == pytest.approx(expected, rel=1e-6)


@given(st.floats(0.5, 0.99), st.floats(0.01, 0.2), st.integers(1, 50))
def test_nearly_defective_follows_a_difference_quotient(value, gap, k):
    path = trajectory(nearly(value, gap), np.array([0.0, 1.0]), k)
    quotient = (value**k - (value - gap) ** k) / gap
    assert path[-1, 0] == pytest.approx(quotient, rel=1e-9)


def test_the_hump_stays_when_the_defect_goes(woven):
    v = woven(PAGE).values
    tallest = v["tallest"]
    assert tallest["0.1"] < tallest["0.01"] < tallest["0.001"] < tallest["1e-09"]
    assert tallest["1e-09"] == pytest.approx(99 * 0.99**98, rel=1e-5)
    assert tallest["0.001"] > 0.95 * tallest["1e-09"]
    assert v["widest_basis"] > 1e8
    assert v["none_defective"] is True


@given(seeds)
def test_momentum_matrix_is_torch_sgd(rng):
    import torch

    curvature, rate, beta = rng.uniform(0.1, 2), rng.uniform(0.01, 0.5), rng.uniform(0, 0.95)
    x = torch.tensor([1.0], dtype=torch.float64, requires_grad=True)
    descent = torch.optim.SGD([x], lr=rate, momentum=beta)
    seen = [1.0]
    for _ in range(12):
        descent.zero_grad()
        (curvature * x**2 / 2).sum().backward()
        descent.step()
        seen.append(x.item())
    path = trajectory(momentum_matrix(curvature, rate, beta), np.array([1.0, 1.0]), 12)
    assert np.allclose(path[:, 0], seen)


@given(st.floats(0.001, 0.9))
def test_critical_momentum_is_defective(product):
    beta = (1 - product**0.5) ** 2
    w = momentum_matrix(1.0, product, beta)
    off = w - beta**0.5 * np.eye(2)
    assert np.allclose(off @ off, 0, atol=1e-12)
    assert np.linalg.norm(off) > 0.5
    for other in (beta * 0.9, beta + 0.1 * (1 - beta)):
        radius = abs(np.linalg.eigvals(momentum_matrix(1.0, product, other))).max()
        assert radius > beta**0.5


@given(st.floats(0.1, 2), st.floats(1.5, 50))
def test_the_best_choice_for_a_range_is_defective_at_both_ends(low, ratio):
    ends = np.sqrt([low, low * ratio])
    rate, beta = (2 / ends.sum()) ** 2, (np.diff(ends)[0] / ends.sum()) ** 2
    for h, sign in ((low, 1), (low * ratio, -1)):
        off = momentum_matrix(h, rate, beta) - sign * beta**0.5 * np.eye(2)
        assert np.allclose(off @ off, 0, atol=1e-12) and np.linalg.norm(off) > 0.5
    for h in np.linspace(low, low * ratio, 7)[1:-1]:
        assert abs(np.linalg.eigvals(momentum_matrix(h, rate, beta)).imag).min() > 1e-3
    for r, b in ((rate, beta * 0.9), (rate, beta + 0.1 * (1 - beta)), (rate * 0.9, beta)):
        matrices = [momentum_matrix(h, r, b) for h in (low, low * ratio)]
        assert max(abs(np.linalg.eigvals(m)).max() for m in matrices) > beta**0.5


def test_momentum_run(woven):
    needed, output = woven(PAGE).values["needed"], woven(PAGE).regions["momentum"].output
    assert needed["b0.82"] < needed["b0.81"] - 5
    assert needed["b0.81"] < needed["b0.95"] / 2 < needed["b0.00"] / 2
    assert woven(PAGE).values["critical"] == pytest.approx(0.81)
    assert "rank of W - r I: 1" in output and "its square is zero: True" in output
    assert woven(PAGE).values["by_radius"] == 132 < needed["b0.81"] / 1.15


@given(st.floats(0.01, 0.8), st.integers(0, 60))
def test_critical_momentum_has_a_linear_factor(product, k):
    r = 1 - product**0.5
    path = trajectory(momentum_matrix(1.0, product, r**2), np.ones(2), k)
    assert path[-1, 0] == pytest.approx((1 + (1 - r) * k) * r**k, rel=1e-6, abs=1e-12)

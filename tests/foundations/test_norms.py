import ast
import inspect
from itertools import permutations, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.foundations.norms import (
    directions,
    l1,
    l2,
    largest,
    lasso,
    lasso_by_slope,
    least_absolute_line,
    least_squares_line,
    non_zeros,
    p_size,
    polynomial,
    queens,
    ridge,
    shrink,
    soft_threshold,
)

seeds = st.integers(0, 10_000).map(np.random.default_rng)
NORMS = "foundations/norms"


# Rulers


@given(seeds, st.integers(1, 6))
def test_rulers_are_the_norms_of_numpy(rng, n):
    x = rng.standard_normal((4, n)) * 5
    for ruler, p in ((l1, 1), (l2, 2), (largest, np.inf)):
        assert np.allclose(ruler(x), np.linalg.norm(x, p, axis=1))
    assert np.allclose(p_size(x, 3), np.linalg.norm(x, 3, axis=1))
    assert np.allclose(p_size(x, 100), largest(x), rtol=0.02, atol=0.01)
    x[0, 0], x[-1] = 0, 0
    assert np.array_equal(non_zeros(x), np.count_nonzero(x, axis=1))


def test_rulers_run(woven):
    values = woven(NORMS).values
    assert (values["walk"], values["flight"], values["king"]) == (7, 5, 4)
    winners = [line.split()[-1] for line in woven(NORMS).regions["larger"].output.splitlines()]
    assert winners == ["flat", "tall", "tall"]


@given(seeds, st.integers(1, 5), st.floats(-9, 9))
def test_a_norm_keeps_three_rules(rng, n, k):
    x, y = rng.standard_normal((2, n))
    for ruler in (l1, l2, largest):
        assert ruler(np.zeros(n)) == 0 < ruler(x)
        assert ruler(k * x) == pytest.approx(abs(k) * ruler(x))
        assert ruler(x + y) <= ruler(x) + ruler(y) + 1e-12


def test_exponents_below_one_and_counts_are_no_norms(woven):
    e1, e2 = np.eye(2)
    assert p_size(e1 + e2, 0.5) == pytest.approx(4) and p_size(e1, 0.5) == p_size(e2, 0.5) == 1
    assert non_zeros(2 * e1) == non_zeros(e1) == 1
    detours = woven(NORMS).values["detours"]
    assert detours.pop("p = 1/2") > 100
    assert set(detours.values()) == {0}


@given(seeds)
def test_only_l2_survives_a_turn(rng):
    turn = np.linalg.qr(rng.standard_normal((4, 4)))[0]
    x, w = rng.standard_normal(4), rng.standard_normal((4, 3))
    assert l2(turn @ x) == pytest.approx(l2(x))
    for p in ("fro", 2):
        assert np.linalg.norm(turn @ w, p) == pytest.approx(np.linalg.norm(w, p))
    assert abs(l1(turn @ x) - l1(x)) > 1e-6
    assert abs(largest(turn @ x) - largest(x)) > 1e-6


def test_turn_run(woven):
    assert woven(NORMS).values["turned_l1"] == pytest.approx(np.sqrt(2))


@given(seeds, st.integers(1, 40))
def test_rulers_keep_each_other_in_check(rng, n):
    x, slack = rng.standard_normal(n), 1 + 1e-12
    chain = [largest(x), l2(x), l1(x), np.sqrt(n) * l2(x), n * largest(x)]
    assert all(a <= b * slack for a, b in zip(chain, chain[1:], strict=False))
    ones = np.ones(10_000)
    assert (largest(ones), l2(ones), l1(ones)) == (1, 100, 10_000)


# Sparsity


def test_a_norm_does_not_show_sparsity(woven):
    values = woven(NORMS).values
    assert values["sparse_l1"] == 10 > values["dense_l1"] == pytest.approx(0.4)
    sparse, dense = np.array([10.0, 0, 0, 0]), np.full(4, 0.1)
    for ruler in (l1, l2, largest):
        assert ruler(sparse) > ruler(dense)
        assert ruler(sparse) < ruler(1000 * dense)
    assert non_zeros(sparse) < non_zeros(dense) == non_zeros(1000 * dense)


@given(seeds, st.integers(1, 20), st.floats(0.01, 100))
def test_the_ratio_lies_between_one_and_root_n(rng, n, k):
    x = rng.standard_normal(n)
    ratio = l1(x) / l2(x)
    assert 1 - 1e-12 <= ratio <= np.sqrt(n) + 1e-12
    assert l1(k * x) / l2(k * x) == pytest.approx(ratio)
    assert l1(np.eye(n)[0]) / l2(np.eye(n)[0]) == 1
    assert l1(np.full(n, k)) / l2(np.full(n, k)) == pytest.approx(np.sqrt(n))


# Penalties


@given(st.floats(-4, 4), st.floats(0, 3))
def test_soft_threshold_is_the_best_weight(a, strength):
    tried = np.linspace(-4, 4, 8001)
    fit = (tried - a) ** 2 / 2
    with_l1 = tried[np.argmin(fit + strength * np.abs(tried))]
    with_l2 = tried[np.argmin(fit + strength * tried**2 / 2)]
    assert soft_threshold(np.array(a), strength) == pytest.approx(with_l1, abs=1.1e-3)
    assert shrink(np.array(a), strength) == pytest.approx(with_l2, abs=1.1e-3)
    if abs(a) <= strength:
        assert soft_threshold(np.array(a), strength) == 0


def test_diamond_is_met_at_a_corner(woven):
    meeting = woven(NORMS).values["meeting"]
    assert meeting["L1"] == pytest.approx([0, 1], abs=0.01)
    assert min(np.abs(meeting["L2"])) > 0.1
    assert np.hypot(*meeting["L2"]) == pytest.approx(1, abs=0.01)


def task(rng, samples=30, features=8):
    x = rng.standard_normal((samples, features))
    truth = np.zeros(features)
    truth[:2] = 3, -2
    return x, x @ truth + 0.1 * rng.standard_normal(samples)


@given(seeds, st.floats(0.01, 10))
@settings(max_examples=20)
def test_ridge_is_the_minimum(rng, strength):
    x, y = task(rng)
    w = torch.tensor(ridge(x, y, strength), requires_grad=True)
    residual = torch.from_numpy(y) - torch.from_numpy(x) @ w
    (residual.square().sum() / 2 + strength * w.square().sum() / 2).backward()
    assert np.abs(w.grad.numpy()).max() < 1e-8


@given(seeds, st.floats(0.5, 20))
@settings(max_examples=15)
def test_lasso_meets_the_conditions_of_a_minimum(rng, strength):
    x, y = task(rng)
    w = lasso(x, y, strength, steps=800)
    pull = x.T @ (y - x @ w)
    assert np.allclose(pull[w != 0], strength * np.sign(w[w != 0]), atol=1e-5)
    assert np.all(np.abs(pull[w == 0]) <= strength + 1e-5)
    for other in rng.standard_normal((50, 8)):  # least error of all weights no larger
        other *= l1(w) / l1(other) * rng.uniform(0.5, 1)
        assert l2(y - x @ other) >= l2(y - x @ w) - 1e-6


@given(seeds)
@settings(max_examples=5)
def test_threshold_gives_zeros_and_slope_does_not_on_other_data(rng):
    x, y = task(rng)
    exact, sliding = (f(x, y, 2.0, steps=600) for f in (lasso, lasso_by_slope))
    assert non_zeros(exact) < 8 == non_zeros(sliding)
    assert np.allclose(exact, sliding, atol=0.2)

    w = torch.zeros(8, dtype=torch.float64, requires_grad=True)  # the same through autograd
    descent = torch.optim.SGD([w], lr=1 / np.linalg.norm(x, 2) ** 2)
    for _ in range(200):
        descent.zero_grad()
        residual = torch.from_numpy(x) @ w - torch.from_numpy(y)
        (residual.square().sum() / 2 + 2.0 * w.abs().sum()).backward()
        descent.step()
    assert np.allclose(w.detach().numpy(), exact, atol=0.2)
    assert torch.count_nonzero(w) == 8


def test_threshold_gives_zeros_and_slope_does_not(woven):
    values = woven(NORMS).values
    assert values["nonzero"] == {"ridge": 100, "L1, slope": 100, "L1, threshold": 5}
    assert values["small"]["L1, slope"] == 5 < 50 < values["small"]["ridge"]
    assert "[0, 1, 2, 3, 4]" in woven(NORMS).regions["sparse_fit"].output


@given(st.floats(-2, 2), st.integers(0, 6))
def test_polynomial_columns(t, degree):
    row = polynomial(np.array([t]), degree)
    assert row.shape == (1, degree + 1)
    assert np.allclose(row[0], [t**k for k in range(degree + 1)])


def test_penalty_helps_only_in_the_middle(woven):
    error = list(woven(NORMS).values["error"].values())
    best = int(np.argmin(error))
    assert 0 < best < len(error) - 2
    assert error[0] > 2 * error[best] and error[-1] > 2 * error[0]
    assert woven(NORMS).values["valleys"] > 180


def test_decay_is_the_penalty_under_sgd_but_not_under_adam(woven):
    adam, adamw = woven(NORMS).values["adam"], woven(NORMS).values["adamw"]
    assert adam[1] > 0.8 > 0.1 > abs(adam[0])
    assert adamw[0] == pytest.approx(adamw[1], abs=0.01)
    assert adamw[0] == pytest.approx((1 - 0.02 * 0.1) ** 200, abs=0.05)

    rate, price = 0.1, 0.4
    w = torch.tensor([3.0, -2.0], dtype=torch.float64, requires_grad=True)
    decayed = w.detach().clone()
    descent = torch.optim.SGD([w], lr=rate)
    for slope in (0.7, -0.2, 1.1):
        descent.zero_grad()
        (slope * w.sum() + price * w.square().sum() / 2).backward()  # the penalty in the loss
        descent.step()
        decayed = (1 - rate * price) * decayed - rate * slope  # the decay outside
    assert torch.allclose(w.detach(), decayed, rtol=1e-12)


# Errors


def test_mean_follows_one_outlier_and_median_does_not(woven):
    values = woven(NORMS).values
    assert values["mean"] == pytest.approx(1000 / 101)
    assert abs(values["median"]) < 0.02
    output = woven(NORMS).regions["centre"].output
    assert "9.90, mean   9.90" in output and "0.01, median 0.01" in output


def test_squares_are_better_without_outliers():
    draws = np.random.default_rng(0).standard_normal((4000, 25))
    assert 1.3 * np.var(draws.mean(axis=1)) < np.var(np.median(draws, axis=1))


@given(seeds)
def test_median_follows_the_majority(rng):
    wrong = int(rng.integers(51, 101))
    values = np.append(rng.uniform(-1, 1, 101 - wrong), np.full(wrong, 1000.0))
    assert np.median(values) == 1000
    assert abs(np.median(np.append(rng.uniform(-1, 1, 52), np.full(49, 1000.0)))) <= 1


@given(seeds)
@settings(max_examples=25)
def test_lines_are_the_best_lines(rng):
    x, y = rng.standard_normal((2, 9))
    x[1] = x[0]  # two points above each other must do no harm
    slope, height = least_absolute_line(x, y)
    best = np.abs(slope * x + height - y).sum()
    for _ in range(60):
        a, b = rng.standard_normal(2) * rng.choice([0.01, 0.3, 3])
        assert np.abs((slope + a) * x + height + b - y).sum() >= best - 1e-12
    assert least_squares_line(x, y) == pytest.approx(tuple(np.polyfit(x, y, 1)))


def test_absolute_errors_resist_wrong_y_but_not_wrong_x(woven):
    slopes = woven(NORMS).values["slopes"]
    assert slopes["clean"] == pytest.approx([2, 2], abs=0.05)
    squares, absolute = slopes["wrong y"]
    assert abs(absolute - 2) < 0.05 < 1.5 < abs(squares - 2)
    assert max(slopes["wrong x"]) < 0


def test_a_crowd_at_one_end_breaks_the_line_before_half(woven):
    crowded = woven(NORMS).values["crowded"]
    assert abs(crowded["4"] - 2) < 0.05 and abs(crowded["8"] - 2) < 0.2
    assert crowded["12"] > 6 and 12 < 40 / 2


# Matrices


@given(st.integers(1, 90))
def test_directions_go_round_once(count):
    d = directions(count)
    assert d.shape == (2, count)
    assert np.allclose(np.hypot(*d), 1)
    assert np.allclose(d[:, 0], [1, 0])
    turn = np.arctan2(d[1], d[0]) % (2 * np.pi)
    assert np.allclose(np.diff(turn), 2 * np.pi / count)


@given(seeds)
def test_spectral_norm_is_the_farthest_stretch(rng):
    w = rng.standard_normal((3, 2))
    stretch = l2((w @ directions(3600)).T)
    top = np.linalg.svd(w, compute_uv=False)[0]
    assert stretch.max() == pytest.approx(np.linalg.norm(w, 2), rel=1e-5)
    assert top == pytest.approx(np.linalg.norm(w, 2))
    assert top - 1e-12 <= np.linalg.norm(w) <= np.sqrt(2) * top + 1e-12


def test_stretch_run(woven):
    values = woven(NORMS).values
    w = np.array([[1.0, 0.8], [0.0, 1.0]])
    singular = np.linalg.svd(w, compute_uv=False)
    assert [values["most"], values["least"]] == pytest.approx(singular, rel=1e-5)
    assert values["frobenius"] == pytest.approx(np.sqrt(np.sum(singular**2)))


@given(seeds, st.integers(1, 4))
def test_column_and_row_sums_are_farthest_stretches(rng, n):
    w = rng.standard_normal((3, n))
    assert np.linalg.norm(w, 1) == pytest.approx(max(l1(w @ e) for e in np.eye(n)))
    signs = np.array(list(product((-1.0, 1.0), repeat=n)))
    assert np.linalg.norm(w, np.inf) == pytest.approx(max(largest(w @ s) for s in signs))
    x = rng.standard_normal(n)
    assert l1(w @ x) <= np.linalg.norm(w, 1) * l1(x) + 1e-12
    assert largest(w @ x) <= np.linalg.norm(w, np.inf) * largest(x) + 1e-12


@given(seeds)
def test_norms_of_products(rng):
    a, b = rng.standard_normal((2, 3, 3))
    for p in (2, "fro"):
        assert np.linalg.norm(a @ b, p) <= np.linalg.norm(a, p) * np.linalg.norm(b, p) + 1e-12
    ones = np.ones((2, 2))
    assert (ones @ ones).max() > ones.max() ** 2
    one = np.outer(a[0], b[0])
    assert np.linalg.norm(one, 2) == pytest.approx(np.linalg.norm(one))
    assert np.linalg.norm(np.eye(9)) == 3 == 3 * np.linalg.norm(np.eye(9), 2)


# Queens


def test_queens_need_no_matrix(woven):
    assert woven(NORMS).values["eight_queens"] == 92
    for n in range(1, 7):
        boards = permutations(range(n))
        free = sum(all(abs(p[i] - p[j]) != j - i for i in range(n) for j in range(i + 1, n))
                   for p in boards)
        assert queens(n) == free
    tree = ast.parse(inspect.getsource(queens))
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert "np" not in names and "torch" not in names
    assert not any(isinstance(node, ast.MatMult) for node in ast.walk(tree))

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from snippets.language.dropout import (
    all_masks,
    covariance_after,
    dropout_descent,
    dropout_loss,
    dropout_regression,
    enumerated,
    excess_error,
    logistic_penalty,
    mean_output,
    moments,
    noise_of_product,
    ridge_loss,
    spread_over_masks,
)

PAGE = "language/dropout"
seeds = st.integers(0, 10_000).map(np.random.default_rng)
drops = st.floats(0, 0.9)


def any_points(rng):
    return rng.standard_normal((rng.integers(2, 7), rng.integers(2, 5))) + rng.uniform(-3, 3)


def relu(z):
    return np.maximum(z, 0)


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


# The mask


@given(st.integers(1, 6), drops)
def test_all_masks_are_all_and_their_chances_are_right(n, p):
    masks, chance = all_masks(n, p)
    assert {tuple(m) for m in masks} == set(product((0.0, 1.0), repeat=n))
    assert len(masks) == 2**n and chance.sum() == pytest.approx(1)
    kept = masks.sum(axis=1)
    assert np.allclose(chance, (1 - p) ** kept * p ** (n - kept))


@given(drops, st.booleans())
def test_moments_of_one_entry(p, inverted):
    kept = 1 / (1 - p) if inverted else 1
    mean, variance = moments(p, inverted)
    assert mean == pytest.approx((1 - p) * kept)
    assert variance == pytest.approx((1 - p) * kept**2 - mean**2, abs=1e-12)


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_torch_multiplies_by_zero_or_by_more_than_one(p):
    torch.manual_seed(0)
    x = torch.randn(2000, dtype=torch.float64)
    d = F.dropout(x, p) / x
    assert set(d.round(decimals=9).tolist()) == {0.0, round(1 / (1 - p), 9)}
    assert (d == 0).double().mean().item() == pytest.approx(p, abs=0.04)
    assert torch.equal(F.dropout(x, p, training=False), x)


def test_the_run_shows_torchs_two_values(woven):
    record = woven(PAGE)
    assert record.values["torch_values"] == [0.0, 1.25]
    assert "identity: True" in record.regions["mask"].output


def test_the_way_back_uses_the_same_mask():
    torch.manual_seed(0)
    x = torch.randn(50, requires_grad=True)
    y = F.dropout(x, 0.5)
    g = torch.randn(50)
    y.backward(g)
    assert torch.allclose(x.grad, (y / x).detach() * g)


@given(seeds, drops)
def test_diagonal_matrix_and_elementwise_product_agree(rng, p):
    x = rng.standard_normal(4)
    masks, chance = all_masks(4, p)
    by_matrix = np.array([np.diag(d) @ x for d in masks])
    assert np.array_equal(by_matrix, masks * x)
    assert np.allclose(chance @ by_matrix, (1 - p) * x)


# Covariance


def brute_covariance(points, p, kept):
    """Means over rows and masks one by one, with other loops than the module's."""
    n = points.shape[1]
    first, second = np.zeros(n), np.zeros((n, n))
    for x in points:
        for mask in product((0, 1), repeat=n):
            chance = np.prod([1 - p if k else p for k in mask]) / len(points)
            z = np.array([kept * v if k else 0.0 for k, v in zip(mask, x, strict=True)])
            first += chance * z
            second += chance * np.outer(z, z)
    return first, second - np.outer(first, first)


@settings(max_examples=15)
@given(seeds, drops, st.booleans())
def test_enumeration_is_right(rng, p, inverted):
    points = any_points(rng)
    expected = brute_covariance(points, p, 1 / (1 - p) if inverted else 1)
    for found, reference in zip(enumerated(points, p, inverted), expected, strict=True):
        assert np.allclose(found, reference)


@given(seeds, drops, st.booleans())
def test_covariance_formula_is_exact(rng, p, inverted):
    points = any_points(rng)
    cov = np.cov(points.T, bias=True)
    formula = covariance_after(points.mean(axis=0), cov, p, inverted)
    assert np.allclose(formula, enumerated(points, p, inverted)[1])


@pytest.mark.parametrize("p", [0.1, 0.5, 0.8])
def test_torch_follows_the_inverted_formula(p):
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    points = rng.integers(-4, 9, (10, 4)).astype(float)
    many = torch.from_numpy(points).repeat(20_000, 1)
    measured = np.cov(F.dropout(many, p).numpy().T)
    mean, cov = points.mean(axis=0), np.cov(points.T, bias=True)
    right = covariance_after(mean, cov, p, inverted=True)
    assert np.linalg.norm(measured - right) < 0.03 * np.linalg.norm(right)
    wrong = covariance_after(mean, cov, p, inverted=False)
    assert np.linalg.norm(measured - wrong) > 0.15 * np.linalg.norm(right)


@given(seeds, drops)
def test_plain_is_inverted_scaled_and_only_then_shrinks(rng, p):
    points = any_points(rng)
    mean, cov = points.mean(axis=0), np.cov(points.T, bias=True)
    plain, inverted = (covariance_after(mean, cov, p, i) for i in (False, True))
    assert np.allclose(plain, (1 - p) ** 2 * inverted)
    off = ~np.eye(len(mean), dtype=bool)
    assert np.allclose(inverted[off], cov[off])
    assert (np.diag(inverted) >= np.diag(cov)).all()


def test_plain_masks_can_raise_a_variance():
    """Where (1 - p) mean^2 exceeds the variance."""
    for mean, grows in ((1.3, False), (1.5, True)):
        after = covariance_after(np.array([mean]), np.eye(1), 0.5, inverted=False)
        assert (after[0, 0] > 1) == grows == ((1 - 0.5) * mean**2 > 1)


def test_errors_of_the_run(woven):
    values = woven(PAGE).values
    assert values["formula_exact"] is True and values["cases"] == 160
    for p in ("0.1", "0.5", "0.8"):
        assert values["other"][p] == pytest.approx(1 - (1 - float(p)) ** 2)
        assert values["sampled"][p] < 0.015
        assert values["no_mean"][p] > 3 * values["sampled"][p]
    assert values["no_mean"]["0.5"] > 0.15
    assert max(values["sampled"].values()) == values["sampled"]["0.8"]


@given(seeds, st.floats(0.05, 0.9))
def test_noise_variance_goes_with_the_square_and_sd_with_the_size(rng, p):
    x = rng.standard_normal(3)
    variance = np.diag(enumerated(x[None], p, True)[1])
    assert np.allclose(variance, p / (1 - p) * x**2)
    doubled = np.diag(enumerated(2 * x[None], p, True)[1])
    assert np.allclose(np.sqrt(doubled), 2 * np.sqrt(variance))
    plain = np.diag(enumerated(x[None], p, False)[1])
    assert np.allclose(np.sqrt(plain), np.abs(x) * np.sqrt(p * (1 - p)))


def test_noise_of_the_run(woven):
    values = woven(PAGE).values
    assert values["noise_variance"] == pytest.approx([0.25, 1, 4])
    assert values["noise_sd"] == pytest.approx([0.5, 1, 2])


# Correlation, copies


@given(st.floats(-0.95, 0.95), st.floats(0, 5), drops)
def test_correlation_shrinks_to_no_less_than_a_known_share(rho, mean, p):
    cov = np.array([[1, rho], [rho, 1]])
    after = [covariance_after(np.full(2, mean), cov, p, i) for i in (False, True)]
    shares = [c[0, 1] / c[0, 0] for c in after]
    expected = rho / (1 + p / (1 - p) * (1 + mean**2))
    assert np.allclose(shares, expected)
    if mean == 0:
        assert np.allclose(shares, (1 - p) * rho)
    assert (rho == 0) == (shares[1] == 0)


def test_correlations_of_the_run(woven):
    shrunk = woven(PAGE).values["shrunk"]
    assert shrunk["0"] == pytest.approx([0.72, 0.4, 0.08])
    for mean in ("0", "1", "3"):
        assert 0.8 > shrunk[mean][0] > shrunk[mean][1] > shrunk[mean][2] > 0


@settings(max_examples=20)
@given(seeds, st.floats(0.1, 0.8))
def test_dropout_shares_weight_among_copies_and_likes_copies(rng, p):
    feature, extra, y = rng.standard_normal((3, 20))
    losses = []
    for k in (1, 2, 3):
        x = np.column_stack([feature] * k + [extra])
        w = dropout_regression(x, y, p)
        assert np.allclose(w[:k], w[0])
        losses.append(dropout_loss(x, y, w, p))
    assert losses[0] > losses[1] > losses[2]


def test_copies_of_the_run(woven):
    loss = woven(PAGE).values["error_per_copy"]
    assert loss["1"] > 1.2 * loss["2"] > 1.2 * 1.2 * loss["3"]


# Ridge


@settings(max_examples=30)
@given(seeds, drops)
def test_expected_loss_is_ridge(rng, p):
    x, y, w = rng.standard_normal((6, 4)), rng.standard_normal(6), rng.standard_normal(4)
    assert dropout_loss(x, y, w, p) == pytest.approx(ridge_loss(x, y, w, p))
    by_hand = 0.0
    for row, target in zip(x, y, strict=True):
        for mask in product((0, 1), repeat=4):
            chance = np.prod([1 - p if k else p for k in mask])
            by_hand += chance * (target - sum(row * w * mask) / (1 - p)) ** 2
    assert dropout_loss(x, y, w, p) == pytest.approx(by_hand)


@settings(max_examples=20)
@given(seeds, drops)
def test_solution_is_the_minimum(rng, p):
    x, y = rng.standard_normal((8, 3)), rng.standard_normal(8)
    best = dropout_regression(x, y, p)
    least = dropout_loss(x, y, best, p)
    for _ in range(5):
        step = rng.standard_normal(3) * 0.01
        assert dropout_loss(x, y, best + step, p) > least


@given(seeds, drops)
def test_plain_masks_give_the_same_predictions_at_test_time(rng, p):
    """Minimise E|y - (mask x) u|^2 with 0/1 masks; test with (1 - p) u."""
    x, y = rng.standard_normal((8, 3)), rng.standard_normal(8)
    gram, q = x.T @ x, 1 - p
    u = np.linalg.solve(q**2 * gram + p * q * np.diag(np.diag(gram)), q * x.T @ y)
    assert np.allclose(q * u, dropout_regression(x, y, p))


@given(seeds, st.floats(0.1, 0.8), st.floats(0.01, 100))
def test_units_do_not_matter_to_dropout(rng, p, factor):
    x, y = rng.standard_normal((9, 3)), rng.standard_normal(9)
    finer = x * [factor, 1, 1]
    dropout = [a @ dropout_regression(a, y, p) for a in (x, finer)]
    assert np.allclose(*dropout)


def test_units_of_the_run(woven):
    changed = woven(PAGE).values["changed"]
    assert changed["dropout"] < 1e-10 and changed["ridge"] > 1


def test_descent_without_masks_is_plain_descent():
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((5, 2)), rng.standard_normal(5)
    w, path = np.zeros(2), []
    for _ in range(5):
        w = w - 0.1 * x.T @ (x @ w - y) / 5
        path.append(w)
    for steps in (1, 2, 3, 4, 5):
        found = dropout_descent(x, y, 0.0, 0.1, steps, rng)
        assert np.allclose(found, np.mean(path[steps // 2 : steps], axis=0))


def test_descent_of_the_run(woven):
    assert woven(PAGE).values["descent_close"] is True


def test_descent_with_masks_finds_the_ridge_solution():
    rng = np.random.default_rng(5)
    x = rng.standard_normal((30, 3)) + 2 * rng.standard_normal((30, 1))
    y = x @ [2.0, -1, 1]  # correlated features: not the scale alone, the masks matter
    found = dropout_descent(x, y, 0.5, 0.02, 6000, rng)
    exact = dropout_regression(x, y, 0.5)
    assert np.linalg.norm(found - exact) < 0.05 * np.linalg.norm(exact)
    plain = np.linalg.lstsq(x, y, rcond=None)[0]
    assert np.linalg.norm(found - plain) > 0.3 * np.linalg.norm(exact)


@given(seeds, st.floats(0.05, 0.8), st.sampled_from([0.0, 1.0]))
def test_logistic_penalty_for_either_label(rng, p, label):
    x, w = rng.standard_normal((2, 4))
    masks, chance = all_masks(4, p)
    z, clean = masks / (1 - p) @ (x * w), x @ w
    loss = chance @ (np.log1p(np.exp(z)) - label * z)
    exact, _ = logistic_penalty(x, w, p)
    assert exact == pytest.approx(loss - np.log1p(np.exp(clean)) + label * clean)
    assert exact > 0
    exact, second = logistic_penalty(x, 1e-3 * w, p)
    assert exact == pytest.approx(second, rel=0.01)


def test_logistic_second_order_fails_for_large_weights(woven):
    quotient = woven(PAGE).values["quotient"]
    assert abs(quotient["0.1, 0.1"] - 1) < 0.01 and abs(quotient["0.1, 0.5"] - 1) < 0.01
    assert abs(quotient["1, 0.1"] - 1) > 0.1 and abs(quotient["1, 0.5"] - 1) > 0.1
    assert quotient["10, 0.5"] > 1000


# Matrices


def test_entry_masks_raise_the_rank_and_no_two_sided_product_can(woven):
    assert woven(PAGE).values["ranks"] == [6, 1, 1]
    rng = np.random.default_rng(0)
    ones = np.ones((6, 8))
    for _ in range(20):
        left, right = rng.standard_normal((6, 6)), rng.standard_normal((8, 8))
        assert np.linalg.matrix_rank(left @ ones @ right) <= 1


def test_torchs_channel_dropout_is_a_diagonal_matrix_on_one_side():
    torch.manual_seed(0)
    x = torch.randn(1, 8, 20, dtype=torch.float64)  # channels, positions
    d = F.dropout1d(x, 0.5)[0] / x[0]
    assert torch.equal(d, d[:, :1].expand_as(d)) and len(d.unique()) == 2


@given(seeds, drops)
def test_one_long_vector_is_masked_by_one_diagonal_matrix(rng, p):
    x = rng.standard_normal((3, 4))
    mask = (rng.random((3, 4)) >= p).astype(float)
    assert np.array_equal(np.diag(mask.ravel()) @ x.ravel(), (mask * x).ravel())


def test_a_window_averages_masks_of_its_own_and_not_a_shared_one(woven):
    values = woven(PAGE).values
    assert values["window_sd"] == pytest.approx({"1": 1, "4": 1 / 2, "9": 1 / 3})
    assert values["shared_sd"] == pytest.approx({"1": 1, "4": 1, "9": 1})


@settings(max_examples=15)
@given(seeds, st.floats(0.05, 0.9))
def test_noise_after_the_next_product(rng, p):
    w, x = rng.standard_normal((2, 4)), rng.standard_normal(4)
    formula = p / (1 - p) * w @ np.diag(x**2) @ w.T
    assert np.allclose(noise_of_product(w, x, p, connect=False), formula)
    own = np.diag(np.diag(formula))
    assert np.allclose(noise_of_product(w, x, p, connect=True), own)
    alone = (noise_of_product(w[:1], x, p, connect) for connect in (False, True))
    assert np.array_equal(*alone)


@given(seeds)
def test_dropout_of_an_input_drops_a_column(rng):
    w, x = rng.standard_normal((3, 4)), rng.standard_normal(4)
    d = np.diag(rng.integers(0, 2, 4).astype(float))
    assert np.allclose(w @ (d @ x), (w @ d) @ x)


# Averages


@settings(max_examples=20)
@given(seeds, st.floats(0.05, 0.8))
def test_where_the_scaled_network_is_the_mean_of_all(rng, p):
    w1, w2, w3 = rng.standard_normal((3, 3, 3))
    x = rng.standard_normal(3)

    def linear(d):
        return (x @ w1 * d[:, :3] @ w2 * d[:, 3:]) @ w3

    def after(d):
        return (relu(x @ w1) * d) @ w2

    assert np.allclose(mean_output(linear, 6, p), linear(np.ones((1, 6)))[0])
    assert np.allclose(mean_output(after, 3, p), after(np.ones((1, 3)))[0])


@settings(max_examples=20)
@given(seeds, st.floats(0.05, 0.8))
def test_softmax_takes_the_geometric_mean(rng, p):
    w, x = rng.standard_normal((4, 3)), rng.standard_normal(3)

    def classify(d):
        return softmax((x * d) @ w.T)

    geometric = np.exp(mean_output(lambda d: np.log(classify(d)), 3, p))
    assert np.allclose(geometric / geometric.sum(), classify(np.ones((1, 3)))[0])


@settings(max_examples=20)
@given(seeds, st.floats(0.05, 0.8))
def test_relu_behind_a_mask_has_a_mean_that_is_no_smaller(rng, p):
    w, x = rng.standard_normal((4, 3)), rng.standard_normal(3)

    def hidden(d):
        return relu((x * d) @ w.T)

    assert (mean_output(hidden, 3, p) >= hidden(np.ones((1, 3)))[0] - 1e-12).all()


def test_the_same_mask_used_twice_is_not_averaged_exactly():
    x = np.array([1.0, -2, 3])
    assert np.allclose(mean_output(lambda d: x * d * d, 3, 0.5), x / 0.5)


def test_mean_output_by_hand():
    assert mean_output(lambda d: d**2, 1, 0.75) == pytest.approx([4])


def test_averages_of_the_run(woven):
    values = woven(PAGE).values
    gap = values["ensemble_gap"]
    assert gap["linear"] < 1e-12 and gap["after"] < 1e-12
    assert gap["before"] > 0.2 and gap["both"] > 0.2
    assert values["geometric_gap"] < 1e-12 and values["arithmetic_gap"] > 0.1


# When it helps


@settings(max_examples=5)
@given(seeds, drops)
def test_excess_error_is_test_error_above_the_noise(rng, p):
    x, noise, truth = rng.standard_normal((9, 3)), rng.standard_normal(9), np.ones(3)
    w = dropout_regression(x, x @ truth + noise, p)
    fresh = rng.standard_normal((200_000, 3))
    measured = ((fresh @ (w - truth)) ** 2).mean()
    assert excess_error(x, noise, truth, p) == pytest.approx(measured, rel=0.05)


def test_half_helps_with_few_rows_and_harms_with_many(woven):
    values = woven(PAGE).values
    assert values["at_half"]["15"] < 0.8 < 2 < values["at_half"]["50"]
    assert values["at_half"]["500"] > 10
    best = values["best_p"]
    assert best["15"] > best["50"] + 0.05 and best["50"] > best["500"]


def test_other_draws_give_the_same_order():
    """Half helps at 15 rows and harms at 50 and 500, whatever the seed; only 15 rows vary much."""
    truth, ratios = np.full(10, 0.5), {}
    for rows in (15, 50, 500):
        for seed in range(20, 24):
            rng, total = np.random.default_rng(seed), np.zeros(2)
            for _ in range(60):
                x, noise = rng.standard_normal((rows, 10)), rng.standard_normal(rows)
                total += [excess_error(x, noise, truth, p) for p in (0, 0.5)]
            ratios.setdefault(rows, []).append(total[1] / total[0])
    assert max(ratios[15]) < 0.8 and min(ratios[50]) > 2 and min(ratios[500]) > 10
    spread = {rows: max(r) / min(r) - 1 for rows, r in ratios.items()}
    assert spread[15] > 2 * spread[500]


def test_two_moments_do_not_tell_masks_from_gaussian_noise():
    """Same mean and covariance for every x, other distribution: here the mean of |D x|."""
    p, x = 0.5, 3.0
    masks, chance = all_masks(1, p)
    sizes = chance @ np.abs(masks[:, 0] / (1 - p) * x)
    v = moments(p, True)[1]
    z = np.random.default_rng(0).normal(1, np.sqrt(v), 400_000) * x
    assert z.mean() == pytest.approx(x, rel=0.01)
    assert z.var() == pytest.approx(v * x**2, rel=0.01)
    assert np.abs(z).mean() > 1.1 * sizes


@given(seeds, st.floats(0.05, 0.9))
@settings(max_examples=10)
def test_spread_over_masks(rng, p):
    """Against every mask; N(0, I) is replaced by points with the same second moments."""
    w = rng.standard_normal(3)
    masks, chance = all_masks(3, p)
    points = np.sqrt(3) * np.linalg.qr(rng.standard_normal((3, 3)))[0]
    outputs = (masks / (1 - p) * w) @ points.T
    variances = chance @ outputs**2 - (chance @ outputs) ** 2
    assert spread_over_masks(w, p) == pytest.approx(np.sqrt(variances.mean()))


def test_spread_over_masks_ignores_the_number_of_rows_at_a_fixed_p(woven):
    values = woven(PAGE).values
    masks, redrawn = values["masks"], values["redrawn"]
    assert masks["half"]["500"] > 0.8 * masks["half"]["15"]
    assert redrawn["half"]["500"] < 0.3 * redrawn["half"]["15"]
    assert masks["half"]["500"] > 8 * redrawn["half"]["500"]
    for rows in ("50", "500"):
        assert masks["best"][rows] == pytest.approx(redrawn["best"][rows], rel=0.25)
    assert masks["best"]["15"] < 1.5 * redrawn["best"]["15"]


@given(seeds)
@settings(max_examples=10)
def test_at_the_best_p_both_spreads_agree_for_orthogonal_features(rng):
    """X'X = N I: both are (1 - p) s sqrt(d / N), exactly."""
    rows, d, noise = 40, 3, rng.uniform(0.5, 2)
    x = np.sqrt(rows) * np.linalg.qr(rng.standard_normal((rows, d)))[0]
    truth = rng.standard_normal(d)
    odds = d * noise**2 / (rows * truth @ truth)
    p = odds / (1 + odds)
    solve = np.linalg.solve(x.T @ x + odds * np.diag(np.diag(x.T @ x)), x.T)
    assert np.allclose(solve @ x @ truth, dropout_regression(x, x @ truth, p))
    redrawn = noise * np.sqrt(np.trace(solve @ solve.T))
    assert spread_over_masks(solve @ x @ truth, p) == pytest.approx(redrawn)
    assert redrawn == pytest.approx((1 - p) * noise * np.sqrt(d / rows))

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from snippets.language.dropout import (
    all_masks,
    covariance_after,
    dropout_regression,
    enumerated,
)
from snippets.language.dropout_solutions import (
    best_drop,
    cleaned,
    gaussian_softplus,
    row_sum_sd,
    variance_ratio,
)

SOLUTIONS = "language/dropout_solutions"
seeds = st.integers(0, 10_000).map(np.random.default_rng)
drops = st.floats(0, 0.9)


def test_two_dropouts_in_a_row_are_one(woven):
    record = woven(SOLUTIONS)
    lines = [line.split() for line in record.regions["twice"].output.splitlines()]
    assert len(lines) == 8 and all(line[-1] == line[-3] for line in lines)
    assert record.values["once"] == pytest.approx(0.6)


@given(drops, drops)
def test_the_two_chances_combine(p, r):
    a, chance_a = all_masks(2, p)
    b, chance_b = all_masks(2, r)
    masks, chance = all_masks(2, 1 - (1 - p) * (1 - r))
    for mask, c in zip(masks, chance, strict=True):
        same = (a[:, None] * b == mask).all(axis=2)
        assert np.outer(chance_a, chance_b)[same].sum() == pytest.approx(c)


@given(seeds, drops)
def test_covariance_is_recovered(rng, p):
    points = rng.standard_normal((6, 3)) + rng.uniform(-3, 3)
    mean, cov = cleaned(*enumerated(points, p, True), p)
    assert np.allclose(mean, points.mean(axis=0))
    assert np.allclose(cov, np.cov(points.T, bias=True))


def test_recovery_of_the_run(woven):
    assert woven(SOLUTIONS).values["recovered"] is True


@given(seeds, st.floats(0, 0.8))
def test_row_sums_of_attention(rng, p):
    row = rng.dirichlet(np.ones(6))
    masks, chance = all_masks(6, p)
    sums = masks / (1 - p) @ row
    assert chance @ sums == pytest.approx(1)
    assert row_sum_sd(row, p) == pytest.approx(np.sqrt(chance @ (sums - 1) ** 2), abs=1e-7)


def test_attention_dropout_of_torch_does_not_keep_row_sums():
    torch.manual_seed(0)
    q, k = torch.randn(2, 4000, 8)
    v = torch.ones(4000, 1)  # the output is the sum of the weights
    out = F.scaled_dot_product_attention(q[None, :500], k[None, :8], v[None, :8], dropout_p=0.1)
    assert out.std() > 0.05 and out.mean().item() == pytest.approx(1, abs=0.05)


def test_rows_of_the_run(woven):
    sd = woven(SOLUTIONS).values["sum_sd"]
    assert sd["even"] == pytest.approx(np.sqrt(1 / 9 / 8))
    assert sd["one"] == pytest.approx(1 / 3) and sd["even"] < sd["half"] < sd["one"]


@settings(max_examples=10)
@given(seeds, st.floats(0.05, 0.6))
def test_gaussian_softplus_by_sampling(rng, p):
    x, w = rng.standard_normal((2, 3))
    g = rng.normal(1, np.sqrt(p / (1 - p)), (200_000, 3))
    sampled = np.logaddexp(0, g @ (w * x)).mean()
    assert gaussian_softplus(x, w, p) == pytest.approx(sampled, rel=0.02, abs=0.005)


def test_squared_loss_cannot_tell_the_noises_apart_and_logistic_can(woven):
    values = woven(SOLUTIONS).values
    assert values["square"]["masks"] == pytest.approx(values["square"]["gauss"])
    assert values["logistic"]["masks"] - values["logistic"]["gauss"] > 0.02


@given(st.floats(-3, 3), st.floats(0.1, 5), drops)
def test_variance_ratio_is_the_formula(mean, variance, p):
    after = covariance_after(np.array([mean]), np.array([[variance]]), p, True)[0, 0]
    assert variance_ratio(mean, variance, p) == pytest.approx(after / variance)


def test_batch_norm_in_evaluation_sees_less_variance(woven):
    values = woven(SOLUTIONS).values
    assert values["measured"] == pytest.approx(1 / values["ratio"], rel=0.03)
    assert values["ratio"] > 2.2


@given(seeds, st.floats(0.2, 3), st.integers(20, 200))
def test_best_drop_is_the_minimum_for_orthogonal_features(rng, noise, rows):
    """x^T x = rows * I: the fit is (truth + e) (1 - p), e of variance noise / rows."""
    truth = rng.standard_normal(4)
    best = best_drop(rows, noise, truth)

    def error(p):
        return p**2 * truth @ truth + (1 - p) ** 2 * 4 * noise / rows

    assert error(best) <= min(error(best + 1e-3), error(best - 1e-3))
    x = np.linalg.qr(rng.standard_normal((rows, 4)))[0] * np.sqrt(rows)
    y = x @ truth
    assert np.allclose(dropout_regression(x, y, best), (1 - best) * truth)


def test_best_p_of_the_run(woven):
    values = woven(SOLUTIONS).values
    for rows in ("15", "50", "500"):
        assert values["found"][rows] == pytest.approx(values["predicted"][rows], abs=0.03)

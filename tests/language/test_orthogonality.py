import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.language.orthogonality import (
    column_gradient,
    descend,
    gram_schmidt,
    newton_schulz,
    penalty,
    penalty_gradient,
    polar,
    quintic,
    soft_value,
    step_of_value,
    teacher,
    train_students,
)

PAGE = "language/orthogonality"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


def any_matrix(rng):
    return rng.standard_normal(rng.integers(1, 7, 2)) * rng.uniform(0.2, 2)


def with_values(rng, m, n, s):
    u, v = (np.linalg.qr(rng.standard_normal((k, len(s))))[0] for k in (m, n))
    return u * s @ v.T


# What the penalty measures


@given(seeds)
def test_the_penalty_is_zero_for_orthonormal_columns_and_nothing_else(rng):
    q = np.linalg.qr(rng.standard_normal((6, 4)))[0]
    assert penalty(q) == pytest.approx(0, abs=1e-20)
    assert penalty(q + 0.1 * rng.standard_normal((6, 4))) > 1e-4
    longer = q.copy()
    longer[:, 0] *= 1.1
    assert penalty(longer) == pytest.approx((1.21 - 1) ** 2)
    assert penalty(np.array([[2, 1], [0, 1], [0, 2]])) == 9 + 2 * 4 + 25


@given(seeds)
def test_outputs_come_from_rows(rng):
    """003-84: what an output of y = W x detects is a row of W."""
    w, x = any_matrix(rng), None
    x = rng.standard_normal(w.shape[1])
    assert np.allclose(w @ x, [row @ x for row in w])
    best = w[0] / np.linalg.norm(w[0])
    trials = rng.standard_normal((w.shape[1], 50))
    assert ((w @ (trials / np.linalg.norm(trials, axis=0)))[0] <= (w @ best)[0] + 1e-12).all()


def test_gram_run(woven):
    record = woven(PAGE)
    assert record.values["small_penalty"] == 42
    assert "W x = [17  7 14]   rows times x [17, 7, 14]" in record.regions["gram"].output


@given(seeds)
def test_rows_and_columns_differ_by_a_constant(rng):
    w = any_matrix(rng)
    m, n = w.shape
    assert penalty(w) - penalty(w.T) == pytest.approx(n - m, abs=1e-6 * (1 + penalty(w)))
    assert np.allclose(penalty_gradient(w), penalty_gradient(w.T).T)


@given(seeds)
def test_similar_columns_have_large_entries_in_the_gram_matrix(rng):
    """003-85: apart from lengths, an off-diagonal entry is the cosine."""
    a, b = rng.standard_normal((2, 5))
    w = np.stack([a / np.linalg.norm(a), b / np.linalg.norm(b)], axis=1)
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert penalty(w) == pytest.approx(2 * cosine**2)


# The gradient


@given(seeds)
def test_gradient_equals_autograd(rng):
    w = any_matrix(rng)
    t = torch.tensor(w, requires_grad=True)
    ((t.T @ t - torch.eye(w.shape[1])) ** 2).sum().backward()
    assert np.allclose(penalty_gradient(w), t.grad, atol=1e-10)
    for i in range(w.shape[1]):
        assert np.allclose(column_gradient(w, i), t.grad[:, i], atol=1e-10)


def test_gradient_run(woven):
    assert woven(PAGE).values["gradients_agree"] is True
    assert woven(PAGE).regions["gradient"].output.count("True") == 2
    assert woven(PAGE).values["same_gradient"] is True


@given(seeds, st.floats(0.2, 4))
def test_what_is_subtracted_is_a_projection_only_at_length_one(rng, length):
    """003-88, 003-89: with w_i of length 1 the gradient is 4 |w_j|^2 times the projection."""
    a, b = rng.standard_normal((2, 4))
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    got = column_gradient(np.stack([a, length * b], axis=1), 0)
    assert np.allclose(got, 4 * length**2 * (a @ b) * b)
    alone = column_gradient(length * a[:, None], 0)
    assert np.allclose(alone, 4 * (length**2 - 1) * length * a)


def test_overshoot_run(woven):
    assert woven(PAGE).values["overshoot"] == pytest.approx(9)


# One number at a time


@settings(max_examples=30)
@given(seeds, st.floats(0.01, 0.3))
def test_a_step_moves_singular_values_and_nothing_else(rng, rate):
    s = rng.uniform(0, 1.6, 3)
    u, v = (np.linalg.qr(rng.standard_normal((k, 3)))[0] for k in (5, 4))
    moved = descend(u * s @ v.T, rate, 1)[1]
    assert np.allclose(moved, u * step_of_value(s, rate) @ v.T)


@given(seeds)
def test_one_eighth_is_newton_schulz(rng):
    w = any_matrix(rng)
    assert np.allclose(descend(w, 1 / 8, 1)[1], newton_schulz(w))
    if w.shape[0] > 1:
        assert not np.allclose(descend(w, 1 / 7, 1)[1], newton_schulz(w))


def test_one_eighth_is_the_only_quadratic_step():
    for rate, slope in ((0.02, 0.84), (0.125, 0.0), (0.24, -0.92), (0.3, -1.4)):
        near = (step_of_value(1 + 1e-6, rate) - 1) / 1e-6
        assert near == pytest.approx(slope, abs=1e-4)
    assert step_of_value(1.001, 1 / 8) - 1 == pytest.approx(-1.5e-6, rel=1e-2)


def test_ends(woven):
    assert woven(PAGE).values["ends"] == {
        "s0.01": 1,
        "s0.5": 1,
        "s1.7": 1,
        "s1.74": -1,
        "s2.3": "away",
    }
    for edge, low, high in ((3**0.5, 1, -1), (5**0.5, 0, 9)):
        ends = []
        for s in (edge - 1e-3, edge + 1e-3):
            for _ in range(60):
                s = np.clip(step_of_value(s, 1 / 8), -9, 9)
            ends.append(s)
        if edge < 2:
            assert ends == pytest.approx([low, high])
        else:
            assert abs(ends[0]) == pytest.approx(1) and abs(ends[1]) == high


@settings(max_examples=20)
@given(seeds, st.floats(0.02, 0.24))
def test_descent_ends_at_the_polar_factor(rng, rate):
    edge = (1 + 1 / (4 * rate)) ** 0.5
    s = rng.uniform(0.3, 0.95 * edge, 4)
    w = with_values(rng, 6, 4, s)
    assert np.allclose(descend(w, rate, 600)[-1], polar(w), atol=1e-6)
    s[0] = 1.02 * edge  # one value too large: orthonormal, and elsewhere
    w = with_values(rng, 6, 4, s)
    end = descend(w, rate, 600)[-1]
    assert penalty(end) < 1e-6 and np.linalg.norm(end - polar(w)) == pytest.approx(2)


def test_a_quarter_still_holds_one_and_more_does_not():
    ends = []
    for rate in (0.25, 0.26):
        s = 0.9
        for _ in range(10_000):
            s = step_of_value(s, rate)
        ends.append(abs(s - 1))
    assert ends[0] < 0.01 < 0.05 < ends[1]


def test_rates(woven):
    values = woven(PAGE).values
    apart, errors = values["apart"], values["errors"]
    assert values["same_step"] is True
    assert apart["r0.125"] < 1e-9 and apart["r0.24"] > 1.9
    assert 0.1 < apart["r0.02"] < 1 and apart["r0.05"] < 0.01
    assert errors[7] < 2 * errors[6] ** 2 < 1e-6
    assert 1.5 < values["largest_value"] < 3**0.5
    assert values["done_at"] == 8


def test_large_rates_run_away():
    w = with_values(np.random.default_rng(0), 4, 3, np.array([1.64, 1.0, 0.5]))
    with np.errstate(all="ignore"):
        far = descend(w, 0.3, 60)[-1]
    assert not penalty(far) < 1e-3


# Against Gram-Schmidt


@given(seeds)
def test_polar_is_the_nearest(rng):
    w = with_values(rng, 6, 4, rng.uniform(0.3, 2, 4))
    near = np.linalg.norm(w - polar(w))
    assert penalty(polar(w)) < 1e-18
    assert near <= np.linalg.norm(w - gram_schmidt(w)) + 1e-12
    other = polar(polar(w) + 0.3 * rng.standard_normal(w.shape))
    assert near <= np.linalg.norm(w - other) + 1e-12
    assert np.allclose(np.linalg.eigvalsh(polar(w).T @ w), np.linalg.svd(w)[1][::-1])


@given(seeds)
def test_gram_schmidt_is_qr_with_a_positive_diagonal(rng):
    w = with_values(rng, 6, 4, rng.uniform(0.3, 2, 4))
    q, r = np.linalg.qr(w)
    assert np.allclose(gram_schmidt(w), q * np.sign(np.diag(r)))
    assert np.allclose(gram_schmidt(w)[:, 0], w[:, 0] / np.linalg.norm(w[:, 0]))


@given(seeds)
def test_gram_schmidt_depends_on_the_order_and_the_penalty_does_not(rng):
    w = with_values(rng, 5, 3, rng.uniform(0.3, 1.5, 3))
    order = [2, 0, 1]
    assert np.allclose(polar(w[:, order]), polar(w)[:, order])
    assert np.allclose(descend(w[:, order], 0.05, 9)[-1], descend(w, 0.05, 9)[-1][:, order])
    assert not np.allclose(gram_schmidt(w[:, order]), gram_schmidt(w)[:, order], atol=1e-6)


def test_polar_run(woven):
    record = woven(PAGE)
    to_polar, to_schmidt = record.values["distances"]
    assert to_polar < 0.95 * to_schmidt
    assert record.regions["nearest"].output.count("True") == 2
    assert record.regions["nearest"].output.count("False") == 1


# Wide matrices, and twins


@settings(max_examples=15)
@given(seeds, st.integers(1, 4), st.integers(1, 4))
def test_wide_matrices_stop_at_n_minus_m(rng, m, extra):
    n = m + extra
    w = with_values(rng, m, n, rng.uniform(0.4, 1.5, m))
    end = descend(w, 0.05, 400)[-1]
    assert penalty(end) == pytest.approx(extra)
    assert np.allclose(end @ end.T, np.eye(m), atol=1e-6)
    assert penalty(any_wide := rng.standard_normal((m, n))) >= extra
    assert (np.linalg.norm(end, axis=0) ** 2).sum() == pytest.approx(m)
    assert penalty(any_wide.T) >= 0


def test_wide_run(woven):
    record = woven(PAGE)
    assert record.values["wide_penalty"] == pytest.approx(12)
    assert record.values["drawn_penalties"] == pytest.approx([1, 1, 1], abs=1e-6)
    assert record.regions["wide"].output.count("True") == 3


def test_twins_stay_twins(woven):
    values = woven(PAGE).values
    assert values["twins_equal"] is True
    assert values["twin_penalty"] == pytest.approx(1)


@given(seeds)
def test_a_missing_direction_stays_missing(rng):
    w = with_values(rng, 5, 4, np.array([1.5, 0.8, 0.4]))
    assert np.linalg.matrix_rank(descend(w, 1 / 8, 12)[-1], tol=1e-8) == 3


# Soft and hard


@given(st.floats(0, 3), st.floats(0.01, 200))
def test_soft_value_is_the_minimum(target, strength):
    grid = np.linspace(-4, 4, 4001)
    costs = (grid - target) ** 2 + strength * (grid**2 - 1) ** 2
    s = soft_value(target, strength)
    assert (s - target) ** 2 + strength * (s**2 - 1) ** 2 <= costs.min() + 1e-9
    assert min(1, target) - 1e-6 <= abs(s) <= max(1, target) + 1e-6


def test_soft_gaps_shrink_and_so_do_the_steps(woven):
    gaps, limits = woven(PAGE).values["gaps"], woven(PAGE).values["limits"]
    assert gaps["l100"] * 100 == pytest.approx(0.25, rel=0.02)
    assert gaps["l10"] / gaps["l100"] == pytest.approx(10, rel=0.1)
    assert limits["l100"] == pytest.approx(1 / 404, rel=0.02)
    for strength in (0.1, 1.0, 10.0, 100.0):
        best, limit = soft_value(2.0, strength), limits[f"l{strength:g}"]
        ends = []
        for rate in (0.95 * limit, 1.05 * limit):
            s = best + 1e-4
            for _ in range(400):
                s = np.clip(s - rate * (2 * (s - 2) + 4 * strength * s * (s * s - 1)), -5, 5)
            ends.append(abs(s - best))
        assert ends[0] < 1e-6 < 1e-2 < ends[1]


def test_descent_with_a_loss_finds_the_soft_values():
    rng = np.random.default_rng(0)
    target, w = with_values(rng, 4, 4, np.array([2.0, 1.2, 0.8, 0.3])), None
    w = target.copy()
    for _ in range(4000):
        w = w - 0.02 * (2 * (w - target) + 1.0 * penalty_gradient(w))
    expected = sorted(soft_value(t, 1.0) for t in (2.0, 1.2, 0.8, 0.3))
    assert np.allclose(np.sort(np.linalg.svd(w)[1]), expected, atol=1e-6)


def test_hard_constraints(woven):
    values = woven(PAGE).values
    results = values["results"]
    assert values["best_determinant"] == -1 and len(results) == 6
    assert all(found < 1e-20 for found, _ in results.values())
    for reached in ("projected 0.3-1", "projected 0.8-1", "projected 0.8+1"):
        assert results[reached][1] == pytest.approx(1, abs=1e-6)
    assert results["parametrised-1"][1] == pytest.approx(1, abs=1e-3)
    assert results["parametrised+1"][1] > 1.005
    assert results["projected 0.3+1"][1] > 1.005
    assert values["soft_signs"] == {"l1": -1, "l10": 1}
    assert 1.005 < values["missed"] < 1.1


# Does it help?


@given(seeds, st.floats(0, 0.9))
def test_teacher(rng, correlation):
    t = teacher(correlation, 7, 4, rng)
    gram = t @ t.T
    assert np.allclose(np.diag(gram), 1)
    assert np.allclose(gram[~np.eye(4, dtype=bool)], correlation)


def test_students_learn_and_the_penalty_turns_rows_apart():
    rng = np.random.default_rng(0)
    teachers = np.array([teacher(0.5, 6, 3, rng) for _ in range(3)])
    error, cosine = train_students(teachers, np.array([0, 3.0]), 300, 0.0, steps=200)
    assert error.shape == cosine.shape == (3, 2)
    assert (error[:, 0] < 0.1).all() and (cosine[:, 1] < 0.05).all()
    assert (cosine[:, 0] > 3 * cosine[:, 1]).all() and (error[:, 1] > error[:, 0]).all()
    noisy, _ = train_students(teachers, np.array([0.0]), 300, 5.0, steps=200)
    assert (noisy[:, 0] > error[:, 0]).all()
    fresh, _ = train_students(teachers, np.array([0.0]), 300, 0.0, steps=0)
    assert (fresh > 0.1).all() and (fresh < 10).all()
    faint, _ = train_students(1e-3 * teachers, np.array([0.0]), 300, 0.0, steps=0)
    assert (faint > 2e5).all() and (faint < 5e6).all()  # rows start at a length of about 1


def test_it_helps_where_the_truth_is_orthogonal(woven):
    """003-92: the same penalty helps one teacher and harms the other."""
    values = woven(PAGE).values
    medians, better, overlap = (values[k] for k in ("medians", "better", "overlap"))
    assert better["c0"] >= 9 and better["c0.5"] <= 2 and better["c0.8"] <= 2
    assert medians["c0"][2] < medians["c0"][0]
    assert medians["c0.5"][2] > 1.5 * medians["c0.5"][0]
    assert medians["c0.8"][3] > 5 * medians["c0.8"][0]
    assert all(o[3] < 0.05 < 0.1 < o[0] for o in overlap.values())


# Muon


def test_quintic_is_the_step_of_torch():
    from torch.optim import _muon

    s = np.array([0.9, 0.3, 0.1])
    g = torch.tensor(np.diag(s)).float()
    theirs = torch.diag(_muon._zeropower_via_newtonschulz(g, (3.4445, -4.7750, 2.0315), 5, 1e-7))
    ours = s / np.linalg.norm(s)
    for _ in range(5):
        ours = quintic(ours)
    assert np.allclose(theirs.float().numpy(), ours, atol=0.05)


def test_muon_run(woven):
    values = woven(PAGE).values
    assert values["cubic_low"] < 0.1
    assert 0.6 < values["fast_low"] < 0.75 and 1.05 < values["fast_high"] < 1.25
    assert values["ratio_before"] == pytest.approx(100, rel=0.01)
    assert values["ratio_after"] < 2

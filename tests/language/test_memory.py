import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.language.memory import (
    delay_line,
    explained,
    gated,
    half_life,
    leaky_units,
    modes,
    past_matrix,
    readable,
    recalled,
    ring,
    ring_recalled,
    run_linear,
    traces,
)
from snippets.mechanics.gradients import orthogonal
from snippets.mechanics.residuals import recall

PAGE = "language/memory"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


def stable(rng, n, radius=0.8):
    w = rng.standard_normal((n, n))
    return radius * w / np.abs(np.linalg.eigvals(w)).max()


# The state is a matrix times the past


@given(seeds, st.integers(1, 6), st.integers(1, 9))
def test_the_state_is_a_matrix_times_the_past(rng, n, steps):
    w, u, x = stable(rng, n), rng.standard_normal(n), rng.standard_normal(steps)
    k = past_matrix(w, u, steps)
    assert k.shape == (n, steps)
    assert np.allclose(k[:, -1], np.linalg.matrix_power(w, steps - 1) @ u)
    states = run_linear(w, u, x)
    assert states.shape == (n, steps)
    assert np.allclose(states[:, -1], k @ x[::-1])
    assert np.allclose(states[:, 0], u * x[0])


def test_identity_has_rank_one(woven):
    lines = woven(PAGE).regions["past"].output.splitlines()
    assert [line.split()[-1] for line in lines] == ["1", "4", "4"]
    assert woven(PAGE).values["same_state"] is True
    assert np.linalg.matrix_rank(past_matrix(0.9 * np.eye(5), np.arange(1.0, 6), 30)) == 1


# The budget


@settings(max_examples=25)
@given(seeds, st.integers(2, 6), st.sampled_from([0.03, 0.1, 1.0]))
def test_recalled_is_the_best_linear_reading(rng, n, noise):
    """Against the textbook formula of linear estimation, delay by delay."""
    w, u = stable(rng, n), rng.standard_normal(n)
    k = past_matrix(w, u, 200)
    state = k @ k.T
    read = state + noise**2 * np.trace(state) / n * np.eye(n)
    expected = [column @ np.linalg.solve(read, column) for column in k.T]
    assert np.allclose(recalled(k, noise), expected)
    assert recalled(k, noise).sum() == pytest.approx(modes(k, noise)[0].sum())


@settings(max_examples=15)
@given(seeds, st.integers(2, 6))
def test_recalled_agrees_with_the_other_chapter(rng, n):
    w, u = stable(rng, n), rng.standard_normal(n)
    ours = recalled(past_matrix(w, u, 200), 0.05)[:20]
    assert np.allclose(ours, recall(w, u[:, None], 20, 0.05), atol=1e-8)


@given(seeds, st.integers(1, 6), st.floats(1e-4, 2))
def test_no_state_holds_more_than_its_units(rng, n, noise):
    k = past_matrix(stable(rng, n), rng.standard_normal(n), 150)
    weights, patterns = modes(k, noise)
    assert (weights > 0).all() and (weights < 1).all() and weights.sum() <= n
    assert np.allclose(patterns @ patterns.T, np.eye(n), atol=1e-9)
    louder = modes(k, 2 * noise)[0]
    assert (louder <= weights + 1e-12).all()
    assert np.allclose(modes(7 * k, noise)[0], weights)


@given(seeds, st.integers(1, 5))
def test_without_noise_a_full_rank_holds_exactly_n(rng, n):
    w, u = stable(rng, n), rng.standard_normal(n)
    k = past_matrix(w, u, 200)
    if np.linalg.svd(k)[1][-1] > 1e-4:
        assert recalled(k, 1e-9).sum() == pytest.approx(n, abs=1e-3)


def test_budget_run(woven):
    totals = woven(PAGE).values["totals"]
    assert totals.pop("identity") == pytest.approx(1, abs=1e-6)
    assert all(total == pytest.approx(8, abs=0.005) for total in totals.values())


def test_identity_holds_one_number(woven):
    """003-57, 003-58: nothing vanishes faster than with an orthogonal matrix, and yet."""
    held = woven(PAGE).values["at_percent"]
    assert held["identity"] <= 1 < 7.9 < held["orthogonal"]
    assert 3.5 < held["near identity"] < 5.5
    for fade in (0.9, 0.99):
        k = past_matrix(fade * np.eye(8), np.ones(8) / 8**0.5, 2000)
        turned = past_matrix(fade * orthogonal(np.random.default_rng(1), 1, 8)[0], k[:, 0], 2000)
        assert np.allclose(np.linalg.norm(k, axis=0), np.linalg.norm(turned, axis=0))
        assert modes(k, 1e-3)[0].sum() <= 1 < 5 < modes(turned, 0.01)[0].sum()


def test_noise_takes_the_small_ones(woven):
    values = woven(PAGE).values
    tenth, percent, millionth = (values[f"at_{k}"] for k in ("tenth", "percent", "millionth"))
    assert tenth["near identity"] < percent["near identity"] < 8
    assert 7 < millionth["near identity"] < 7.95
    assert tenth["delay line"] > 7.9


# Near the identity


def test_eigenvalues_stay_within_epsilon(woven):
    away = woven(PAGE).values["away"]
    for key, distance in away.items():
        assert distance == pytest.approx(float(key[1:]) * away["e1"], rel=1e-6)
    rng = np.random.default_rng(0)
    a = rng.standard_normal((6, 6))
    moved = np.sort_complex(np.linalg.eigvals(np.eye(6) + 0.01 * a))
    assert np.allclose(moved, np.sort_complex(1 + 0.01 * np.linalg.eigvals(a)))


@given(seeds, st.integers(1, 60), st.floats(0.001, 0.3))
@settings(max_examples=15)
def test_norm_of_a_keeps_the_gradient_between_two_powers(rng, steps, eps):
    a = rng.standard_normal((4, 4))
    eps = eps / np.linalg.norm(a, 2)
    u = rng.standard_normal(4)
    u /= np.linalg.norm(u)
    back = np.linalg.norm(np.linalg.matrix_power((np.eye(4) + eps * a).T, steps) @ u)
    reach = eps * np.linalg.norm(a, 2)
    assert (1 - reach) ** steps <= back * (1 + 1e-9)
    assert back <= (1 + reach) ** steps * (1 + 1e-9)


def test_limits_run(woven):
    """The limits hold and soon say nothing: at a thousand steps they are far apart."""
    values = woven(PAGE).values
    lower, measured, upper = values["lower"], values["measured"], values["upper"]
    assert all(lower[t] < measured[t] < upper[t] for t in ("10", "100", "1000"))
    assert upper["10"] / lower["10"] < 2 and upper["1000"] / lower["1000"] > 1e12


def test_gradients_reach_further_but_only_so_far(woven):
    values = woven(PAGE).values
    assert values["half_gradient"] < 1e-20
    assert 0.5 < values["grown"]["e0.001"] < 2 and 0.5 < values["grown"]["e0.01"] < 3
    assert values["grown"]["e0.1"] > 1e3


def test_memory_grows_where_the_gradient_stops_holding(woven):
    kept = woven(PAGE).values["kept"]
    assert kept["e0.001"] < 3.5 < kept["e0.01"] < 6 < kept["e0.1"] < kept["e1"] < 20


# A perfect memory without eigenvalues


def test_delay_line_is_perfect_and_nilpotent(woven):
    values = woven(PAGE).values
    assert values["line_eigenvalues"] == 0
    assert 39.9 < values["line_total"] <= 40
    assert values["sent"] == 1 and values["lost"] == 0
    r = recalled(past_matrix(delay_line(5), np.eye(5)[0], 20), 1e-6)
    assert np.allclose(r, np.arange(20) < 5)


def test_delay_line_hands_on():
    assert np.array_equal(delay_line(3) @ [1, 2, 3], [0, 1, 2])
    assert np.array_equal(ring(3) @ [1, 2, 3], [3, 1, 2])


# Fading


@given(st.integers(1, 6), st.floats(0.4, 0.95))
def test_ring_by_formula(n, fade):
    k = past_matrix(fade * ring(n), np.eye(n)[0], 500)
    assert np.allclose(recalled(k, 1e-6)[:30], ring_recalled(n, fade, 30), atol=1e-4)


def test_what_is_not_forgotten_takes_room(woven):
    """The whole budget is spent at any fade; what is left for the last n is not."""
    whole = recalled(past_matrix(0.999 * ring(40), np.eye(40)[0], 20_000), 0.01)
    assert whole.sum() > 39.9 and whole[:40].sum() < 3.5
    values = woven(PAGE).values
    assert values["slow_useful"] == pytest.approx(40 * (1 - 0.999**80), rel=0.02)
    assert values["best_useful"] > 39 > values["fast_useful"] * 2
    assert 0.85 < values["best_fade"] < values["noisy_fade"] < 0.98


# Leaks and gates


@given(st.floats(0.1, 0.98))
def test_one_leaky_unit_holds_one_input(keep):
    r = recalled(past_matrix(np.array([[keep]]), np.ones(1), 1500), 1e-9)
    assert r.sum() == pytest.approx(1)
    assert r[0] == pytest.approx(1 - keep**2)
    assert r[7] == pytest.approx((1 - keep**2) * keep**14)


def test_many_leaky_units_hold_little(woven):
    leaky = woven(PAGE).values["leaky"]
    assert leaky["4"] > 3.8 and leaky["32"] < 9 and leaky["32"] < leaky["8"] + 1.5
    assert woven(PAGE).values["slow_latest"] == pytest.approx(1 - 0.99**2, rel=1e-6)


def test_leaky_units_lose_from_fast_to_slow():
    lost = 1 - np.diag(leaky_units(5, 64))
    assert lost[0] == pytest.approx(1 / 1.25) and lost[-1] == pytest.approx(1 / 64)
    assert np.allclose(lost[1:] / lost[:-1], lost[1] / lost[0])
    assert np.count_nonzero(leaky_units(5, 64)) == 5


@given(st.floats(-2, 9))
def test_half_life(bias):
    keep = 1 / (1 + np.exp(-bias))
    assert keep ** half_life(bias) == pytest.approx(0.5)


@given(seeds)
def test_gate_keeps_the_latest_flagged_number(rng):
    x, flags = rng.standard_normal(40), (rng.random(40) < 0.2).astype(float)
    kept, latest = gated(x, flags), 0.0
    for t in range(40):
        latest = x[t] if flags[t] else latest
        assert kept[t] == latest


def test_no_linear_state_follows_a_gate(woven):
    values = woven(PAGE).values
    assert values["ceiling"] == pytest.approx(1 / 1.8)
    scores = values["scores"]
    assert scores.pop("gated") == pytest.approx(1)
    assert len(scores) == 3 and all(0.5 < score < 0.6 for score in scores.values())


def test_the_ceiling_of_linear_states():
    """Best linear weights on 200 flagged inputs, from exact covariances."""
    p = 0.2
    share = sum((p * (1 - p) ** k) ** 2 / p for k in range(200))
    assert share == pytest.approx(1 / (2 - p))
    rng = np.random.default_rng(0)
    x, flags = rng.standard_normal(40_000), (rng.random(40_000) < p).astype(float)
    past = np.stack([np.roll(x * flags, k) for k in range(30)])[:, 100:]
    target = gated(x, flags)[100:]
    assert explained(past, target) == pytest.approx(1 / (2 - p), abs=0.03)
    assert (past @ target)[3] / len(target) == pytest.approx(p * (1 - p) ** 3, abs=0.02)
    raw = np.stack([np.roll(x, k) for k in range(30)])[:, 100:]
    flagged = np.stack([np.roll(flags, k) for k in range(30)])[:, 100:]
    everything = np.concatenate([past, raw, flagged])
    assert explained(everything, target) < explained(past, target) + 0.01


@given(seeds)
def test_explained(rng):
    states = rng.standard_normal((3, 50))
    assert explained(states, np.array([1, -2, 0.5]) @ states) == pytest.approx(1)
    apart = rng.standard_normal(50)
    apart -= np.linalg.lstsq(states.T, apart)[0] @ states
    assert explained(states, apart) == pytest.approx(0, abs=1e-9)
    assert explained(states[:1], states[0] + apart) == pytest.approx(
        (states[0] @ states[0]) / (states[0] @ states[0] + apart @ apart), rel=1e-6
    )


# Noise at every step


@settings(max_examples=15)
@given(seeds, st.integers(2, 6))
def test_normal_matrices_hold_exactly_one(rng, n):
    q = orthogonal(rng, 1, n)[0]
    normal = q * rng.uniform(-0.9, 0.9, n) @ q.T
    u = rng.standard_normal(n)
    u /= np.linalg.norm(u)
    assert traces(normal, u, 300).sum() == pytest.approx(1)
    assert traces(0.9 * q, u, 300).sum() == pytest.approx(1)


@settings(max_examples=10)
@given(seeds)
def test_traces_by_simulated_covariance(rng):
    n, u = 4, rng.standard_normal(4)
    w = stable(rng, n, 0.6)
    c = np.eye(n)
    for _ in range(200):
        c = w @ c @ w.T + np.eye(n)
    k = past_matrix(w, u, 30)
    assert np.allclose(traces(w, u, 200)[:30], np.diag(k.T @ np.linalg.inv(c) @ k))


def test_inner_noise_run(woven):
    survive = woven(PAGE).values["survive"]
    for name in ("identity", "orthogonal", "symmetric", "rotation"):
        assert survive[name] == pytest.approx(1, abs=1e-6)
    assert survive["delay line"] == pytest.approx(sum(1 / k for k in range(1, 21)))
    assert 17 < survive["line times 3"] < 20
    assert 2 <= woven(PAGE).values["below"] <= 18


# Which memory a task wants


@given(seeds, st.integers(1, 5))
def test_readable_of_one_input_is_its_share(rng, n):
    k = past_matrix(stable(rng, n), rng.standard_normal(n), 60)
    r = recalled(k, 0.1)
    assert readable(k, np.eye(60)[3], 0.1) == pytest.approx(r[3])
    held = rng.standard_normal(n) @ k
    assert readable(k, held, 1e-9) == pytest.approx(1, abs=1e-3)
    assert readable(k, 5 * held, 0.1) == pytest.approx(readable(k, held, 0.1))


def test_the_task_decides(woven):
    """003-61: near the identity one task is solved and the other two are not."""
    found = woven(PAGE).values["found"]
    ago, trend, fading = found["near identity"]
    assert fading > 0.99 and ago < 0.1 and trend < 0.3
    assert found["delay line"][0] > 0.99 and found["delay line"][1] > 0.99
    assert found["delay line"][2] == pytest.approx(1 - 0.95**32, abs=0.01)
    assert max(row[2] for row in found.values()) == fading
    ranked = [name for name, _ in sorted(found.items(), key=lambda item: item[1][0])]
    assert ranked == ["near identity", "leaky units", "orthogonal", "delay line"]

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.beyond.continual import (
    attend,
    best_arm_share,
    delta,
    hebb,
    hopfield_weights,
    lms_step,
    oja,
    rls_step,
    rnn_step,
    settle,
)

PAGE = "why_matmul/beyond/continual"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


# One example at a time


@given(seeds, st.integers(1, 5), st.integers(1, 20), st.floats(0.7, 1.0))
@settings(max_examples=30)
def test_rls_is_ridge_regression(rng, n, count, keep):
    """Example by example equals the discounted batch, with the start as a ridge."""
    x, y, ridge = rng.standard_normal((count, n)), rng.standard_normal(count), rng.uniform(0.5, 3)
    w, p = np.zeros(n), np.eye(n) / ridge
    for example, answer in zip(x, y, strict=True):
        w, p = rls_step(w, p, example, answer, keep)
    weight = keep ** np.arange(count)[::-1]
    normal = (x * weight[:, None]).T @ x + ridge * keep**count * np.eye(n)
    assert np.allclose(w, np.linalg.solve(normal, x.T @ (weight * y)))
    assert np.allclose(p, np.linalg.inv(normal))


def test_rls_forgets_nothing_unless_told():
    w, p, x = np.array([1.0, 2.0]), np.eye(2), np.array([1.0, -1.0])
    for plain, told in zip(rls_step(w, p, x, 3.0), rls_step(w, p, x, 3.0, 1.0), strict=True):
        assert np.array_equal(plain, told)


def test_single_run(woven):
    assert woven(PAGE).values["single_gap"] < 1e-12
    assert "True" in woven(PAGE).regions["single"].output


@given(seeds, st.floats(0.01, 1.0))
def test_lms_is_a_gradient_step(rng, rate):
    w, x, y = rng.standard_normal(4), rng.standard_normal(4), rng.standard_normal()
    weights = torch.tensor(w, requires_grad=True)
    (0.5 * (torch.tensor(x) @ weights - y) ** 2).backward()
    assert np.allclose(lms_step(w, x, y, rate), w - rate * weights.grad.numpy())


def test_drift_run(woven):
    before, after = woven(PAGE).values["before"], woven(PAGE).values["after"]
    updated = [after["RLS keep 0.98"], after["LMS 0.03"]]
    assert all(error < 0.015 for error in updated)
    assert after["frozen"] > 1000 * max(updated)
    assert 100 * max(updated) < after["all the past"] < after["frozen"] / 2
    assert before["all the past"] < before["RLS keep 0.98"] < 0.012


# Fixed weights, changing answers


@given(seeds)
def test_rnn_step_is_torch(rng):
    w, u, h, x = rng.standard_normal((3, 3)), rng.standard_normal(3), rng.standard_normal(3), 0.7
    cell = torch.nn.RNNCell(1, 3, bias=False, dtype=torch.float64)
    with torch.no_grad():
        cell.weight_hh.copy_(torch.tensor(w))
        cell.weight_ih.copy_(torch.tensor(u)[:, None])
        expected = cell(torch.tensor([[x]], dtype=torch.float64), torch.tensor(h)[None])[0]
    assert np.allclose(rnn_step(h, x, w, u), expected.numpy())


@given(seeds, st.integers(1, 6))
def test_attend_is_torch(rng, count):
    query, keys, values = rng.standard_normal(4), *rng.standard_normal((2, count, 4))
    expected = torch.nn.functional.scaled_dot_product_attention(
        torch.tensor(query)[None], torch.tensor(keys), torch.tensor(values)
    )
    assert np.allclose(attend(query, keys, values), expected[0].numpy())


def test_attend_with_large_scores():
    keys = np.array([[2000.0, 0], [0, 0]])
    assert np.allclose(attend(np.array([1.0, 0]), keys, np.array([[3.0], [5]])), [3])


def test_state_run(woven):
    """000-104: same weights, same input, three different answers."""
    values = woven(PAGE).values
    assert values["weights_kept"]
    h = np.tanh(0.5)
    assert values["answers"] == [round(h, 2), round(np.tanh(0.8 * h + 0.5), 2), 0.79]
    assert len(set(values["cached"])) == 3


@given(seeds, st.integers(1, 9), st.floats(0.001, 1))
def test_prompt_is_one_gradient_step(rng, count, rate):
    x, y, question = rng.standard_normal((count, 4)), rng.standard_normal(count), np.ones(4)
    w = torch.zeros(4, dtype=torch.float64, requires_grad=True)
    (0.5 * ((torch.tensor(x) @ w - torch.tensor(y)) ** 2).sum()).backward()
    trained = -rate * w.grad.numpy() @ question
    memory = np.zeros((1, 4))
    for key, value in zip(x, y, strict=True):
        memory = hebb(memory, key, rate * np.array([value]))
    assert memory @ question == pytest.approx(trained)


def test_prompt_run(woven):
    assert woven(PAGE).values["prompt_gap"] < 1e-12


# Local rules


@given(seeds, st.integers(1, 6))
def test_perpendicular_keys_are_recalled_exactly(rng, count):
    keys = np.linalg.qr(rng.standard_normal((6, 6)))[0][:count]
    values = rng.standard_normal((count, 3))
    for rule in (hebb, delta):
        memory = np.zeros((3, 6))
        for key, value in zip(keys, values, strict=True):
            memory = rule(memory, key, value)
        assert np.allclose(memory @ keys.T, values.T)


@given(seeds)
def test_delta_rule_is_lms_in_each_row(rng):
    memory, key, value = rng.standard_normal((3, 4)), rng.standard_normal(4), np.arange(3.0)
    key /= np.linalg.norm(key)
    moved = delta(memory, key, value)
    assert np.allclose(moved @ key, value)
    assert np.allclose(moved[1], lms_step(memory[1], key, value[1], 1.0))


def test_recall_run(woven):
    error = woven(PAGE).values["recall_error"]
    assert 0.4 < error["Hebb"] < 0.65
    assert error["Hebb"] > error["delta once"] > 20 * error["delta 10 times"]
    assert woven(PAGE).values["rewritten"] == {"Hebb": [1, 1], "delta": [0, 1]}


@given(seeds)
def test_oja_keeps_a_direction_of_length_one(rng):
    """An input along w leaves w alone; elsewhere the length changes in second order only."""
    w, x = rng.standard_normal(5), rng.standard_normal(5)
    w /= np.linalg.norm(w)
    assert np.allclose(oja(w, 2 * w, 0.3), w)
    assert abs(np.linalg.norm(oja(w, x, 1e-5)) - 1) < 1e-7
    assert np.allclose(oja(w, x, 0.1) - w, 0.1 * (w @ x) * (x - (w @ x) * w))


def test_oja_finds_the_main_direction(woven):
    values = woven(PAGE).values
    assert 0.99 < values["oja_cosine"] <= 1 and abs(values["oja_length"] - 1) < 0.01


@given(seeds)
def test_hopfield_weights(rng):
    patterns = rng.choice([-1, 1], size=(3, 8))
    weights = hopfield_weights(patterns)
    expected = sum(np.outer(p, p) for p in patterns) / 8
    np.fill_diagonal(expected, 0)
    assert np.allclose(weights, expected)


@given(seeds)
@settings(max_examples=20)
def test_settled_states_are_fixed_and_lower_in_energy(rng):
    weights = hopfield_weights(rng.choice([-1, 1], size=(4, 15)))
    states = rng.choice([-1, 1], size=(6, 15))
    copy, settled = states.copy(), settle(weights, states)
    assert np.array_equal(states, copy)
    fields = settled @ weights
    assert (settled * fields > -1e-9).all()
    energy = [-np.einsum("ki,ij,kj->k", s, weights, s) for s in (states, settled)]
    assert (energy[1] <= energy[0] + 1e-9).all()


def test_settle_takes_a_tie_for_plus_one_and_runs_at_least_a_few_rounds():
    assert settle(np.zeros((2, 2)), np.array([[-1, -1]])).tolist() == [[1, 1]]
    chain = np.eye(4, k=1)  # news travels one unit up per round
    assert settle(chain - np.diag([0, 0, 0, 1]), np.array([[1, 1, 1, 1]]), 1)[0, 2] == 1
    once, more = (settle(chain, np.array([[-1, -1, -1, -1]]), rounds) for rounds in (1, 4))
    assert once.tolist() == [[-1, -1, -1, 1]] and more.tolist() == [[1, 1, 1, 1]]


def test_hopfield_run(woven):
    restored = woven(PAGE).values["restored"]
    assert restored["5"] == restored["15"] == 1
    assert restored["45"] < 0.3 < restored["25"]


# Feedback


def test_bandit_run(woven):
    """000-116: sample averages stop tracking; in a world that stands still they do not lose."""
    shares = woven(PAGE).values["shares"]
    assert shares["constant 0.1, drifting"] > shares["average, drifting"] + 0.08
    assert shares["average, still"] > shares["constant 0.1, still"]


def test_bandit_player_by_hand():
    """The same draws, one run at a time, with estimates kept as lists of rewards."""
    rng = np.random.default_rng(0)
    value, rewards = rng.standard_normal((9, 10)), [[[] for _ in range(10)] for _ in range(9)]
    expected = []
    for _ in range(150):
        value = value + 0.1 * rng.standard_normal((9, 10))
        explore, anywhere = rng.random(9) < 0.1, rng.integers(10, size=9)
        guess = np.array([[np.mean(r) if r else 0 for r in run] for run in rewards])
        arms = [a if e else g.argmax() for e, a, g in zip(explore, anywhere, guess, strict=True)]
        gained = [value[i, arm] for i, arm in enumerate(arms)] + rng.standard_normal(9)
        for i, arm in enumerate(arms):
            rewards[i][arm].append(gained[i])
        expected.append(np.mean(np.array(arms) == value.argmax(axis=1)))
    assert np.allclose(best_arm_share(None, 0.1, steps=150, runs=9), expected)


def test_constant_step_of_one_is_the_last_reward():
    """Rate 1 forgets all but the latest reward, so it ends below a moderate rate."""
    tame, wild = (best_arm_share(rate, 0.0, steps=400, runs=60)[200:].mean() for rate in (0.1, 1.0))
    assert tame > wild + 0.1

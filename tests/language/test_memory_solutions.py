import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.language.memory import delay_line, half_life, modes, past_matrix, recalled, traces
from snippets.language.memory_solutions import bias_for, chain_traces, leak_recalled, unpack

PAGE = "language/memory_solutions"


@given(st.floats(0.1, 0.97))
def test_leak_by_formula(keep):
    k = past_matrix(np.array([[keep]]), np.ones(1), 800)
    assert np.allclose(leak_recalled(keep, 800), recalled(k, 1e-9))
    assert leak_recalled(keep, 800).sum() == pytest.approx(1)


def test_leak_run(woven):
    output = woven(PAGE).regions["one"].output
    assert output.count("True") == 3
    assert woven(PAGE).values["slow_middle"] == 35


@given(st.integers(0, 1000).map(np.random.default_rng))
def test_a_change_of_basis_keeps_the_memory(rng):
    n = 6
    w, u = 0.3 * rng.standard_normal((n, n)), rng.standard_normal(n)
    q = np.linalg.qr(rng.standard_normal((n, n)))[0]
    plain = modes(past_matrix(w, u, 60), 0.1)[0]
    turned = modes(past_matrix(q @ w @ q.T, q @ u, 60), 0.1)[0]
    assert np.allclose(plain, turned)


def test_hidden_run(woven):
    assert woven(PAGE).values["hidden_holds"] > 39.9
    assert "True" in woven(PAGE).regions["hidden"].output


def test_decades_run(woven):
    held = woven(PAGE).values["held"]
    gains = np.diff(held)
    assert (gains > 1.5).all() and (gains < 3).all() and held[-1] < 20


@given(st.floats(0.3, 5000))
def test_bias_and_half_life_are_inverse(steps):
    assert half_life(bias_for(steps)) == pytest.approx(steps)


@settings(max_examples=20)
@given(st.floats(0.5, 4), st.integers(1, 8))
def test_chain_by_formula(gain, n):
    assert np.allclose(chain_traces(gain, n), traces(gain * delay_line(n), np.eye(n)[0], n))


def test_chain_run(woven):
    totals = woven(PAGE).values["totals"]
    assert woven(PAGE).regions["chain"].output.count("True") == 5
    assert totals["g1"] == pytest.approx(sum(1 / k for k in range(1, 21)))
    assert totals["g3"] == pytest.approx(20 * (1 - 1 / 9), rel=0.02)
    assert 19.7 < totals["g10"] < 20


@given(st.lists(st.integers(0, 1), min_size=1, max_size=50))
def test_one_number_holds_fifty_bits(bits):
    h = 0.0
    for bit in bits:
        h = h / 2 + bit
    assert unpack(h, len(bits)) == bits[::-1]


def test_bits_run(woven):
    assert 50 <= woven(PAGE).values["right"] <= 54

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.language.attention_dynamics import (
    circle,
    meeting_time,
    move,
    on_sphere,
    stationary,
)
from snippets.language.attention_dynamics_solutions import meeting_time_unequal, recall
from snippets.mechanics.attention_as_product import attention, causal_mask, scores, softmax

PAGE = "language/attention_dynamics_solutions"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


@given(seeds, st.integers(2, 8), st.integers(2, 4), st.floats(0.1, 4))
def test_row_sums_are_the_weights_and_eigenvalues_are_positive(rng, n, d, beta):
    x = on_sphere(rng.standard_normal((n, d)))
    g = np.exp(beta * x @ x.T)
    a = g / g.sum(axis=1, keepdims=True)
    assert np.allclose(stationary(a), g.sum(axis=1) / g.sum())
    values = np.linalg.eigvals(a)
    assert np.abs(np.imag(values)).max() < 1e-6
    assert -1e-9 < values.real.min() and values.real.max() < 1 + 1e-9


def test_rows_run(woven):
    values = woven(PAGE).values
    assert values["same_weights"] is True and values["imaginary"] < 1e-9 and values["least"] > 0
    assert "positive: True" in woven(PAGE).regions["rows"].output


@given(seeds, st.integers(2, 7))
def test_under_a_causal_mask_the_first_word_takes_all(rng, n):
    q, k = rng.standard_normal((2, n, 3))
    a = softmax(scores(q, k) + causal_mask(n))
    assert np.allclose(stationary(a), np.eye(n)[0], atol=1e-7)
    assert np.allclose(np.sort(np.linalg.eigvals(a).real), np.sort(np.diag(a)), atol=1e-4)


def test_causal_run(woven):
    values = woven(PAGE).values
    shares = values["shares"]
    assert shares["1"] < 0.2 < 0.9 < shares["10"] < 0.999 < shares["50"]
    assert values["slowest"] == pytest.approx(values["second"])


@given(st.floats(0, 6), st.floats(0.5, 2.5))
def test_equal_shares_are_the_case_of_the_chapter(beta, start):
    assert meeting_time_unequal(beta, start, 0.1, 0.5) == pytest.approx(
        meeting_time(beta, start, 0.1), rel=1e-6
    )
    assert meeting_time_unequal(beta, start, 0.1, 0.3) == pytest.approx(
        meeting_time_unequal(beta, start, 0.1, 0.7)
    )


@given(st.floats(0, 6), st.floats(0.5, 2.5), st.integers(1, 4))
def test_unequal_time_is_the_inverse_of_the_speed_of_tokens(beta, start, many):
    step, x = 1e-6, circle(np.array([0.0] * many + [start] * (5 - many)))
    moved = move(x, beta, step=step)
    speed = (start - np.arccos(moved[0] @ moved[-1])) / step
    time = meeting_time_unequal(beta, start, start - 1e-4, many / 5)
    assert time == pytest.approx(1e-4 / speed, rel=2e-3)


def test_unequal_run(woven):
    values = woven(PAGE).values
    for many, layers in values["met"].items():
        assert values["expected"][many] == pytest.approx(layers, rel=0.03)
    assert values["met"]["3"] > values["met"]["4"] > values["met"]["5"]
    assert values["expected"]["3"] == pytest.approx(values["equal_again"])
    assert values["hastened"] > 2
    # most of the motion is the lone token's: its pull to the other side is 5, theirs 1 / 5
    far = np.exp(-6.0)
    assert (5 * far / (1 + 5 * far)) > 10 * (far / (5 + far))


@given(seeds, st.integers(2, 6), st.floats(0.1, 9))
def test_one_step_of_recall_is_attention(rng, d, beta):
    patterns, query = rng.standard_normal((5, d)), rng.standard_normal(d)
    expected = attention(np.sqrt(d) * beta * query[None], patterns, patterns)[0]
    assert np.allclose(recall(query, patterns, beta, 1), expected)
    assert np.allclose(recall(query, patterns, beta, 3), recall(expected, patterns, beta, 2))


def test_frozen_run(woven):
    values = woven(PAGE).values
    assert "attention: True" in woven(PAGE).regions["frozen"].output
    assert values["to_pattern"]["16"] < 0.05 < 0.9 < values["to_mean"]["16"]
    for beta in ("1", "4"):
        assert values["to_mean"][beta] < 0.1 < 0.9 < values["to_pattern"][beta]


def test_twelve_repelling_words_make_an_icosahedron(woven):
    values = woven(PAGE).values
    assert "nearest 0.4472 0.4472" in woven(PAGE).regions["repel"].output
    assert "neighbours [5]" in woven(PAGE).regions["repel"].output
    cosines = np.array(values["x"]) @ np.array(values["x"]).T
    for row in cosines:
        near, far = np.isclose(row, 5**-0.5, atol=1e-4), np.isclose(row, -(5**-0.5), atol=1e-4)
        assert near.sum() == far.sum() == 5
        assert np.isclose(row, -1, atol=1e-4).sum() == 1

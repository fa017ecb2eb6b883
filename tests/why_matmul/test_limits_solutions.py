"""Solutions to the exercises on what one matrix cannot learn."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.why_matmul.limits import learnable, mask, words
from snippets.why_matmul.limits_solutions import (
    crossing,
    fold,
    kolmogorov,
    learn_step,
    multiply,
    solve_mod_2,
)

SOLUTIONS = "why_matmul/limits_solutions"
seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def test_a_crossing_is_found_exactly_where_one_matrix_fails():
    allowed = learnable(words(3), 2)
    for table in range(256):
        answers = ((table >> np.arange(8)) & 1).astype(bool)
        found = crossing(answers)
        assert (found is None) == (table in allowed)
        if found:
            a, b, c, d = (np.array(list(map(int, word))) for word in found)
            assert np.array_equal(a + b, c + d)
            numbers = [int(word[::-1], 2) for word in found]
            assert answers[numbers].tolist() == [True, True, False, False]
    assert int(mask(words(3).sum(axis=1) >= 2)) in allowed


def test_printed_crossings(woven):
    found = woven(SOLUTIONS).values["crossings"]
    assert [name for name, four in found.items() if four is None] == ["at least two"]


def test_one_hot_words_make_everything_learnable(woven):
    values = woven(SOLUTIONS).values
    assert values["words_all"] == 256 and values["bits_all"] == 104


@given(seeds, st.integers(1, 6))
def test_multiply_keeps_its_bound(rng, depth):
    x, y = rng.uniform(size=(2, 40))
    error = multiply(x, y, depth) - x * y
    assert np.abs(error).max() <= 2 * 4.0 ** -(depth + 1) + 1e-12


def test_printed_product_errors_reach_the_bound(woven):
    for depth, error in woven(SOLUTIONS).values["times_error"].items():
        assert error == 2 * 4.0 ** -(int(depth) + 1)


@given(seeds)
def test_kolmogorov_by_its_definition(rng):
    samples = rng.exponential(size=15)
    cumulative = lambda t: 1 - np.exp(-t)  # noqa: E731
    edges = np.concatenate([samples, np.nextafter(samples, -np.inf)])
    expected = max(abs(np.mean(samples <= t) - cumulative(t)) for t in edges)
    assert np.isclose(kolmogorov(samples, cumulative), expected)


def test_distribution_needs_random_input(woven):
    values = woven(SOLUTIONS).values
    near = values["distance"]
    assert near["32"] < 0.03 < near["8"] < near["2"]
    assert len(set(values["one_point"])) == 1


def test_steps_reach_the_parity_that_was_out_of_reach(woven):
    assert woven(SOLUTIONS).values["right"] == 1.0


@given(seeds)
def test_fold_passes_the_state_on(rng):
    x = rng.integers(0, 2, size=(9, 6))
    weigh = lambda pairs: 2 * pairs[:, 0] + pairs[:, 1]  # noqa: E731
    assert np.array_equal(fold(weigh, x), x @ 2 ** np.arange(5, -1, -1))


def test_learn_step_is_exclusive_or():
    assert learn_step(500)(words(2)).tolist() == [0, 1, 1, 0]
    assert learn_step(0)(words(2)).tolist() != [0, 1, 1, 0]


@given(seeds, st.integers(1, 8))
def test_elimination_modulo_2_finds_the_only_answer_or_says_why_not(rng, bits):
    x, secret = rng.integers(0, 2, size=(bits + 3, bits)), rng.integers(0, 2, size=bits)
    before = x.copy()
    fits = (x @ words(bits).T % 2 == (x @ secret % 2)[:, None]).all(axis=0).sum()
    if fits == 1:
        assert np.array_equal(solve_mod_2(x, x @ secret % 2), secret)
        assert np.array_equal(x, before)
    else:
        with pytest.raises(ValueError, match="determined"):
            solve_mod_2(x, x @ secret % 2)


def test_elimination_notices_a_contradiction():
    with pytest.raises(ValueError, match="fits"):
        solve_mod_2(np.array([[1], [1]]), np.array([0, 1]))


def test_a_secret_parity_of_30_bits_is_found_at_once(woven):
    values = woven(SOLUTIONS).values
    assert values["secret_found"] is True and values["examples"] == 50


def test_straight_targets_go_on_outside(woven):
    assert woven(SOLUTIONS).values["off"] < 0.05


def test_bound_of_the_product():
    """Twice one error, less half of two others, each between 0 and e: at most 2e, at least -e."""
    e = 4.0**-3
    assert math.isclose(2 * e, max(2 * a - b / 2 - c / 2
                                   for a in (0, e) for b in (0, e) for c in (0, e)))

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.foundations.norms import l1, l2, largest, lasso
from snippets.foundations.norms_solutions import best_centre, most_stretched_sign, penalties

seeds = st.integers(0, 10_000).map(np.random.default_rng)
SOLUTIONS = "foundations/norms_solutions"


@given(seeds, st.integers(1, 9))
def test_no_other_number_is_nearer(rng, n):
    values = rng.uniform(-5, 5, n)
    tried = np.linspace(-5, 5, 501)
    for name, ruler in (("L1", l1), ("L2", l2), ("largest", largest)):
        best = ruler(values - best_centre(values, name))
        assert best <= ruler(tried[:, None] - values).min() + 1e-12


def test_centres_run(woven):
    for line in woven(SOLUTIONS).regions["centres"].output.splitlines():
        assert line.split()[2] == line.split()[4]


def test_random_ratio_approaches_its_limit(woven):
    ratio = woven(SOLUTIONS).values["ratio"]
    assert ratio["100000"] / np.sqrt(100_000) == pytest.approx(np.sqrt(2 / np.pi), rel=0.01)


@given(seeds)
def test_squared_entries_are_squared_singular_values(rng):
    w = rng.standard_normal((3, 5))
    singular = np.linalg.svd(w, compute_uv=False)
    assert np.sum(singular**2) == pytest.approx(np.linalg.norm(w) ** 2)


@given(seeds, st.integers(1, 5))
def test_signs_of_the_heaviest_row_stretch_most(rng, n):
    w = rng.standard_normal((3, n))
    best = most_stretched_sign(w)
    assert set(np.abs(best)) == {1.0}
    reached = largest(w @ best)
    assert reached == pytest.approx(np.linalg.norm(w, np.inf))
    assert (w @ best).max() == pytest.approx(reached)  # the row's terms are all positive
    assert all(largest(w @ np.array(s)) <= reached + 1e-12 for s in product((-1, 1), repeat=n))


@given(st.floats(0, 2))
def test_l1_has_no_preference_between_twins_and_squares_do(share):
    absolute, squared = penalties(np.array([share, 2 - share]))
    assert absolute == pytest.approx(2)
    assert squared == pytest.approx(2 + 2 * (share - 1) ** 2)


@given(seeds)
@settings(max_examples=10)
def test_lasso_from_zero_divides_equally_between_twins(rng):
    x = rng.standard_normal((20, 1))
    w = lasso(np.hstack([x, x]), 2 * x[:, 0], 1.0, steps=300)
    assert w[0] == pytest.approx(w[1]) and 0.8 < w[0] < 1


def test_squares_and_signs_run(woven):
    assert "50.0  of the entries': 50.0" in woven(SOLUTIONS).regions["squares"].output
    assert "largest: 8.0   norm(W, inf): 8.0" in woven(SOLUTIONS).regions["signs"].output
    assert woven(SOLUTIONS).regions["twins"].output.count("absolute 2.0") == 3
    assert "[0.98, 0.98]" in woven(SOLUTIONS).regions["twins"].output

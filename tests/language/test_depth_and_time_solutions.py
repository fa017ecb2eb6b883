"""Solutions of 'Depth and time': functions against references, and the outcomes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.language.depth_and_time import spread
from snippets.language.depth_and_time_solutions import masked_radius, simulated_spread
from snippets.mechanics.residuals import spectral_radius

PAGE = "language/depth_and_time_solutions"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


@pytest.fixture(scope="module")
def values(woven):
    return woven(PAGE).values


def test_blind_layers(values):
    for sigma in ("1.8", "2.0", "2.2"):
        assert values["rate"][sigma] == pytest.approx(float(sigma) / 2, abs=0.03)


def test_words(values):
    assert values["count"] == 256 and 128 < values["growing"] < 256
    assert values["fastest"] == pytest.approx(values["norm"])
    assert values["slowest"] == pytest.approx(0.5)


def test_high_dimension(values):
    growth = values["growth"]
    assert growth["2"] == pytest.approx(1.25, abs=0.06)
    assert growth["2"] < growth["4"] < growth["16"] < growth["64"] < values["limit"]
    assert growth["64"] > 0.98 * values["limit"]


@given(seeds, st.integers(1, 4))
@settings(max_examples=20)
def test_masked_radius_is_over_principal_submatrices(rng, n):
    w = rng.standard_normal((n, n))
    kept = [[i for i in range(n) if mask >> i & 1] for mask in range(1, 2**n)]
    radii = [abs(np.linalg.eigvals(w[np.ix_(k, k)])).max() for k in kept]
    assert masked_radius(w) == pytest.approx(max(radii), rel=1e-6)
    assert masked_radius(w) >= spectral_radius(w) * (1 - 1e-12)
    assert masked_radius(w + w.T) == pytest.approx(spectral_radius(w + w.T))


def test_masks_raise_the_radius_of_many_but_of_no_symmetric_matrix(values):
    assert values["raised"]["symmetric"] == 0
    assert values["raised"]["Gaussian"] > values["draws"] / 3


def test_simulated_spread_approaches_the_formula(values):
    measured = values["measured"]
    assert measured["5"] < measured["20"] < measured["80"]
    assert measured["80"] == pytest.approx(values["formula"], rel=0.03)
    w = np.array([[0.5, 1.0], [0.0, 0.5]])
    simulated = simulated_spread(np.random.default_rng(0), w, runs=4000, steps=60)
    assert simulated == pytest.approx(spread(w), rel=0.05)
    once = simulated_spread(np.random.default_rng(0), w, runs=4000, steps=1)
    assert once == pytest.approx(1, rel=0.05)

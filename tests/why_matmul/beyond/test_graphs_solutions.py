import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.why_matmul.beyond.graphs import cycles, normalised
from snippets.why_matmul.beyond.graphs_solutions import (
    all_graphs,
    first_difference,
    independent_maps,
    random_layers,
    sample_mean,
)

NAME = "why_matmul/beyond/graphs_solutions"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


@pytest.mark.parametrize("n", [2, 3, 4])
def test_maps_between_nodes_are_the_identity_and_the_sum(n):
    assert independent_maps(n, 2) == 2
    assert independent_maps(n, 1) == 1
    # an independent count: orbits of pairs of nodes under renumbering, 4 indices at once
    patterns = {
        tuple(index.index(i) for i in index)
        for index in np.ndindex(*[n] * 4)
    }
    assert independent_maps(n, 4) == len(patterns)


def test_maps_on_the_page(woven):
    assert set(map(tuple, woven(NAME).values["maps"].values())) == {(2, 15)}


@given(seeds)
@settings(max_examples=20)
def test_sample_mean_of_all_is_the_mean(rng):
    values = rng.normal(size=7)
    assert np.allclose(sample_mean(rng, values, 7, 5), values.mean())
    singles = sample_mean(rng, values, 1, 20)
    assert singles.shape == (20,) and np.isin(singles, values).all()


def test_sampling_is_unbiased_and_follows_the_formula(woven):
    rng = np.random.default_rng(1)
    values = rng.normal(size=20)
    means = sample_mean(rng, values, 4, 20_000)
    assert abs(means.mean() - values.mean()) < 0.02
    assert means.std() == pytest.approx(values.std() * np.sqrt(16 / (4 * 19)), rel=0.05)
    spread = woven(NAME).values["spread"]
    assert spread["50"] < 1e-12 and spread["1"] > 2 * spread["5"] > 2 * spread["10"]


def test_graphs_are_counted_up_to_renumbering(woven):
    # https://oeis.org/A000088
    assert [len(all_graphs(n)) for n in (1, 2, 3, 4)] == [1, 2, 4, 11]
    four = all_graphs(4)
    assert all(np.array_equal(g, g.T) and np.trace(g) == 0 for g in four)
    spectra = {tuple(np.linalg.eigvalsh(g).round(6)) for g in four}
    assert len(spectra) == 11  # on four nodes the eigenvalues tell all graphs apart
    values = woven(NAME).values
    assert values["graphs"] == {"4": 11, "5": 34, "6": 156}


def test_colours_first_fail_on_six_nodes(woven):
    assert woven(NAME).values["colours"] == {"4": 11, "5": 34, "6": 152}


def test_random_layers(woven):
    rng = np.random.default_rng(0)
    a, x = cycles(5), rng.normal(size=(5, 4))
    state = np.random.default_rng(3)
    w = [state.normal(size=(4, 4)) / np.sqrt(2) for _ in range(2)]
    h = normalised(a) @ x @ w[0]
    h = normalised(a) @ (h * (h > 0)) @ w[1]
    assert np.allclose(random_layers(np.random.default_rng(3), a, x, 2), h * (h > 0))
    ratio = woven(NAME).values["ratio"]
    assert ratio["8"] < 0.5 and ratio["64"] < 0.5


def test_rings(woven):
    values = woven(NAME).values
    assert values["first"] == {"8": 4, "9": 4, "12": 5} and values["same_colours"] is True
    assert first_difference(cycles(6), cycles(3, 3)) == 3
    assert first_difference(cycles(3, 4), cycles(4, 3)) == 0
    star = np.zeros((5, 5), dtype=int)
    star[0, 1:] = star[1:, 0] = 1
    square = np.zeros((5, 5), dtype=int)
    square[:4, :4] = cycles(4)
    assert first_difference(star, square) == 0  # the smallest pair with equal spectra

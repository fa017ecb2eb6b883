"""The exercises of the spectral check-up: each solution against a second way of computing it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from snippets.mechanics.attention_spectrum import effective_ranks, energies
from snippets.mechanics.attention_spectrum_solutions import (
    keys_used,
    prefix_mean,
    rank_of_values,
    shuffled_ranks,
)

RUN = "mechanics/attention_spectrum_solutions"
seeds = st.integers(0, 2**32 - 1)


@given(st.integers(2, 8))
def test_shuffling_leaves_a_uniform_matrix_alone_and_breaks_a_sink(n):
    rng = np.random.default_rng(n)
    assert shuffled_ranks(np.full((n, n), 1 / n), 3, rng) == pytest.approx([1, 1, 1])
    ranks = shuffled_ranks(np.eye(n)[np.zeros(n, int)], 40, rng)
    assert len(ranks) == 40 and (np.diff(ranks) >= 0).all()
    assert ranks[-1] > 1.3 and ranks[-1] <= n + 1e-9


def test_shuffling_stays_within_the_row():
    """Rows that differ in sharpness keep it: two one-hot rows in a matrix of uniform ones."""
    a = np.full((4, 4), 0.25)
    a[0] = a[1] = [1, 0, 0, 0]
    ranks = np.unique(shuffled_ranks(a, 60, np.random.default_rng(0)).round(9))
    together, apart = a.copy(), a.copy()
    apart[1] = [0, 1, 0, 0]
    assert ranks == pytest.approx(sorted(effective_ranks(m)["entropy"] for m in (together, apart)))


@given(seeds, st.integers(1, 10))
def test_keys_used(seed, n):
    rng = np.random.default_rng(seed)
    a = rng.dirichlet(np.ones(n), size=n)
    used = keys_used(a)
    assert used.shape == (n,) and (used >= 1 - 1e-9).all() and (used <= n + 1e-9).all()
    assert (1 / used).sum() == pytest.approx(energies(a).sum())
    assert keys_used(np.full((1, n), 1 / n)) == pytest.approx([n])


@given(st.integers(1, 20))
def test_prefix_mean(n):
    x = np.arange(n, dtype=float) ** 2
    assert prefix_mean(n) @ x == pytest.approx(np.cumsum(x) / np.arange(1, n + 1))


@given(seeds, st.integers(2, 10))
def test_values_spread_more_than_squares(seed, n):
    a = np.random.default_rng(seed).standard_normal((n, n))
    assert rank_of_values(a) >= effective_ranks(a)["entropy"] - 1e-9
    assert rank_of_values(np.eye(n)) == pytest.approx(n)
    assert rank_of_values(np.diag([2.0, 1, 1, 0])) == pytest.approx(2**1.5)


def test_report(woven):
    report = woven(RUN).values["report"]
    assert report["untrained"][1] < report["untrained"][2]
    assert report["block"][1] < report["block"][2] and report["previous"][1] > report["previous"][3]
    assert report["block"][0] == pytest.approx(report["previous"][0], abs=1)


def test_spread_of_keys(woven):
    values = woven(RUN).values
    assert 5 < values["fewest"] < values["most"] < 64


def test_causal_rank(woven):
    values = woven(RUN).values
    assert values["causal_rank"] == 64 and values["causal_effective"] < 6


def test_disagreement(woven):
    assert woven(RUN).values["apart"] == pytest.approx(
        {"entropy": 20, "participation": 1 / (0.25 + 0.0025), "stable": 2}
    )


def test_values_and_squares_on_the_page(woven):
    values = woven(RUN).values
    assert values["values"] > 1.3 * values["squares"]

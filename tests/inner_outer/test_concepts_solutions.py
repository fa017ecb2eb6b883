"""The solutions on inner and outer products do what the exercises ask."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.inner_outer.concepts_solutions import kronecker_apply, outer_sum

NAME = "inner_outer/concepts_solutions"
seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(1, 4), st.integers(4, 6), st.integers(4, 6))
@settings(max_examples=30)
def test_as_few_outer_products_as_the_rank(seed, rank, n, m):
    rng = np.random.default_rng(seed)
    matrix = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, m))
    parts = outer_sum(matrix)
    assert len(parts) == rank
    assert np.allclose(sum(np.outer(u, v) for u, v in parts), matrix)


@given(seeds, st.lists(st.integers(1, 5), min_size=4, max_size=4))
@settings(max_examples=30)
def test_kronecker_apply(seed, sizes):
    m, n, p, q = sizes
    rng = np.random.default_rng(seed)
    a, b, x = (rng.integers(-9, 10, s) for s in ((m, n), (p, q), n * q))
    assert np.array_equal(kronecker_apply(a, b, x), np.kron(a, b) @ x)


def test_times_table(woven):
    record = woven(NAME)
    assert record.values["table_total"] == 45**2
    assert record.values["diagonal_total"] == sum(k * k for k in range(1, 10))
    assert "rank 1" in record.regions["times_table"].output


def test_products_of_outer_products(woven):
    output = woven(NAME).regions["chain"].output
    assert output.count("True") == 2 and "v . u = 5" in output
    rng = np.random.default_rng(1)
    u, v, w, z = rng.integers(-9, 10, (4, 5))
    assert v @ w != 0
    assert np.array_equal(np.outer(u, v) @ np.outer(w, z), (v @ w) * np.outer(u, z))


def test_scaling_both_sides(woven):
    assert "True" in woven(NAME).regions["normalise"].output


def test_which_kernels_split(woven):
    assert woven(NAME).values["pieces"] == {"Sobel": 1, "mean": 1, "Laplace": 2}
    assert "False" not in woven(NAME).regions["kernels"].output


def test_multiplications_saved(woven):
    values = woven(NAME).values
    assert values["in_full"] == 6 * 20 and values["in_turn"] == 60 + 30
    assert "(6, 20) True" in woven(NAME).regions["apply"].output

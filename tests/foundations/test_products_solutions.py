"""The solutions do what the exercises ask."""

from itertools import product

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.foundations.products import intensity
from snippets.foundations.products_solutions import walks

NAME = "foundations/products_solutions"
seeds = st.integers(0, 2**32 - 1)


@given(seeds)
def test_a_diagonal_scales_rows_from_the_left_and_columns_from_the_right(seed):
    rng = np.random.default_rng(seed)
    d, e, m = rng.integers(-9, 10, 3), rng.integers(-9, 10, 4), rng.integers(-9, 10, (3, 4))
    assert np.array_equal(np.diag(d) @ m, d[:, None] * m)
    assert np.array_equal(m @ np.diag(e), m * e)


def test_page_scaling(woven):
    assert woven(NAME).regions["scale"].output.strip().endswith("True True")


@given(seeds, st.integers(0, 4))
def test_walks_counted_one_by_one(seed, steps):
    links = torch.from_numpy(np.random.default_rng(seed).integers(0, 2, (3, 3)))
    paths = [path for path in product(range(3), repeat=steps + 1)
             if all(links[i, j] for i, j in zip(path, path[1:]))]
    for start, end in product(range(3), repeat=2):
        count = sum(path[0] == start and path[-1] == end for path in paths)
        assert walks(links, steps)[start, end] == count


def test_page_walks(woven):
    assert woven(NAME).values["in_two"] == 2


def test_einsum_rules(woven):
    assert woven(NAME).values["all_agree"] is True


def test_gradient_is_a_sum_of_outer_products(woven):
    lines = woven(NAME).regions["gradient"].output.splitlines()
    assert len(lines) == 2 and all(line.endswith("True") for line in lines)


@pytest.mark.parametrize("n", [64, 2048])
def test_half_the_limit_at_half_the_order(n, woven):
    assert intensity(n, n // 2) == pytest.approx(n / 8)
    assert woven(NAME).values["half"] == 1024

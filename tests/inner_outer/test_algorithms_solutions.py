"""Solutions of the chapter on algorithms, against torch and numpy."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from snippets.inner_outer.algorithms import pool
from snippets.inner_outer.algorithms_solutions import (
    convolution_gradients,
    corrected_inverse,
    larger,
    max_plus,
    pool_by_relu,
    selection,
)

RUN = "inner_outer/algorithms_solutions"
seeds = st.integers(0, 2**32 - 1)


def test_mean_pooling_is_a_convolution(woven):
    first, second = woven(RUN).regions["mean"].output.splitlines()
    assert first.split(":")[1].strip() == second.split(":")[1].strip()


@given(st.integers(-99, 99), st.integers(-99, 99))
def test_larger(a, b):
    assert larger(np.array(a), np.array(b)) == max(a, b)


def test_a_small_number_drowns(woven):
    assert woven(RUN).values["drowned"] == 0


@given(seeds, st.integers(1, 4), st.integers(1, 4))
def test_both_ways_are_max_pooling(seed, rows, columns):
    image = np.random.default_rng(seed).integers(-9, 10, (2 * rows, 2 * columns))
    expected = pool(image, 2, np.max)
    assert np.array_equal(pool_by_relu(image), expected)
    rows_done = max_plus(selection(2 * rows, 2), image)
    assert np.array_equal(max_plus(selection(2 * columns, 2), rows_done.T).T, expected)


@given(seeds, st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_max_plus_is_the_definition(seed, m, n, q):
    rng = np.random.default_rng(seed)
    p, x = rng.integers(-9, 10, (m, n)), rng.integers(-9, 10, (n, q))
    for i in range(m):
        for j in range(q):
            assert max_plus(p, x)[i, j] == max(p[i, k] + x[k, j] for k in range(n))


def test_selection():
    inf = np.inf
    assert selection(4, 2).tolist() == [[0, 0, -inf, -inf], [-inf, -inf, 0, 0]]


@settings(max_examples=20)
@given(seeds, st.integers(1, 3), st.integers(1, 3))
def test_gradients_are_autograd(seed, p, q):
    rng = np.random.default_rng(seed)
    image, kernel = rng.standard_normal((5, 6)), rng.standard_normal((p, q))
    delta = rng.standard_normal((6 - p, 7 - q))
    pixels = torch.tensor(image, requires_grad=True)
    weights = torch.tensor(kernel, requires_grad=True)
    F.conv2d(pixels[None, None], weights[None, None])[0, 0].backward(torch.tensor(delta))
    in_kernel, in_image = convolution_gradients(image, kernel, delta)
    assert np.allclose(in_kernel, weights.grad) and np.allclose(in_image, pixels.grad)


@settings(max_examples=20)
@given(seeds, st.integers(1, 6))
def test_corrected_inverse(seed, n):
    rng = np.random.default_rng(seed)
    a = rng.uniform(-1, 1, (n, n)) + 2 * n * np.eye(n)
    u, v = rng.uniform(-1, 1, n), rng.uniform(-1, 1, n)
    expected = np.linalg.inv(a + np.outer(u, v))
    assert np.allclose(corrected_inverse(np.linalg.inv(a), u, v), expected)


def test_singular_correction_is_refused():
    with pytest.raises(ZeroDivisionError, match="singular"):
        corrected_inverse(np.eye(2), np.array([1.0, 0]), np.array([-1.0, 0]))


@pytest.mark.parametrize("region", ["relu", "tropical", "inverse"])
def test_run_agrees(woven, region):
    output = woven(RUN).regions[region].output
    assert output.count("True") == 1 and "False" not in output


def test_backward_run(woven):
    assert woven(RUN).regions["backward"].output.count("True") == 2


def test_correction_is_cheaper(woven):
    values = woven(RUN).values
    assert values["multiplied"] * 40 < values["n"] ** 3


def test_loops_take_longer_for_the_same_multiplications(woven):
    values = woven(RUN).values
    assert values["times"]["loops"] > 5 * values["times"]["windows"]
    assert values["times"]["loops"] > 5 * values["times"]["im2col"]
    assert values["copied"] == 9 * 62**2 / 64**2  # nine for each place

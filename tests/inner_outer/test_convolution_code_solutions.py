"""Solutions of the chapter on the published convolution."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from snippets.inner_outer.convolution_code import published, repaired
from snippets.inner_outer.convolution_code_solutions import by_shifts, kernel_of, same

RUN = "inner_outer/convolution_code_solutions"
seeds = st.integers(0, 2**32 - 1)
sides = st.integers(1, 4)


def torch_conv(x: np.ndarray, f: np.ndarray, **how) -> np.ndarray:
    x, f = (torch.tensor(t)[None, None].double() for t in (x, f))
    return F.conv2d(x, f, **how)[0, 0].numpy()


@pytest.mark.filterwarnings("ignore:Using padding")  # torch, on even kernels
@given(seeds, sides, sides)
def test_two_more_ways_are_torch(seed, p, q):
    rng = np.random.default_rng(seed)
    x, f = rng.integers(-9, 10, (6, 7)), rng.integers(-9, 10, (p, q))
    assert np.array_equal(by_shifts(x, f), torch_conv(x, f))
    assert np.array_equal(same(x, f), torch_conv(x, f, padding="same"))


def test_shifts_have_room():
    bright = np.full((3, 3), 200, np.uint8)
    assert by_shifts(bright, np.ones((3, 3), np.uint8)).tolist() == [[1800]]


@given(seeds, sides)
def test_kernel_is_found(seed, size):
    secret = np.random.default_rng(seed).integers(-9, 10, (size, size))
    assert np.array_equal(kernel_of(lambda x: repaired(x, secret), size), secret)


def test_lying_kernel(woven):
    x, f = np.arange(1, 10).reshape(3, 3), np.array([[1, 2, 1], [0, 0, 0], [-1, -2, -1]])
    assert not published(x, f).any() and repaired(x, f).tolist() == [[-24]]
    assert woven(RUN).values["lying_right"] == -24


def test_blur_does_not_blur(woven):
    assert woven(RUN).values["brighter"] is True and woven(RUN).values["factor"] == 48


@pytest.mark.parametrize(("region", "times"), [("shifts", 1), ("keep", 3), ("secret", 1)])
def test_run_agrees(woven, region, times):
    output = woven(RUN).regions[region].output
    assert output.count("True") == times and "False" not in output


def test_source_answers_one_number(woven):
    assert woven(RUN).values["heard"] == 1

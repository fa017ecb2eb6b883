"""The solutions to the exercises on broadcasting."""
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.foundations.broadcasting_solutions import (
    scale_shift_backward, squared_distances, standardise,
)

NAME = "foundations/broadcasting_solutions"


def test_shapes(woven):
    said = [line.split(" -> ")[1] for line in woven(NAME).regions["shapes"].output.splitlines()]
    assert said == ["(2, 3)", "None", "(2, 3)", "(4, 2, 3)", "None", "(7, 0)"]


def test_mask_is_the_lower_triangle(woven):
    assert woven(NAME).values["may_look"] == np.tril(np.ones((5, 5), bool)).tolist()


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.integers(0, 1000))
def test_squared_distances_are_exact_on_integers(n, m, d, seed):
    torch.manual_seed(seed)
    x, y = torch.randint(-99, 99, (n, d)).double(), torch.randint(-99, 99, (m, d)).double()
    for i in range(n):
        for j in range(m):
            assert squared_distances(x, y)[i, j] == ((x[i] - y[j]) ** 2).sum()


def test_expanding_the_square_cancels(woven):
    values = woven(NAME).values
    assert values["exact"] is True and values["subtracted"] == 0.0625
    assert abs(values["expanded"] - 0.0625) > 1 and values["coordinates"] == 8


@settings(max_examples=10)
@given(st.integers(0, 1000))
def test_standardise(seed):
    torch.manual_seed(seed)
    images = 7 - 2 * torch.randn(4, 3, 5, 6, dtype=torch.float64)
    z = standardise(images)
    for c in range(3):
        expected = (images[:, c] - images[:, c].mean()) / images[:, c].std()
        assert torch.allclose(z[:, c], expected)


def test_forgotten_keepdim_is_silent_when_the_width_is_the_channels(woven):
    assert woven(NAME).values["outcome"] == {
        "16": "RuntimeError", "3": "no error, (8, 3, 16, 3)", "1": "no error, (8, 3, 16, 3)"}
    assert woven(NAME).regions["channels"].output.count("True") == 2


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 1000))
def test_backward_by_hand(n, d, seed):
    torch.manual_seed(seed)
    x, gradient = torch.randint(-9, 10, (2, n, d)).double()
    scale, shift = torch.randint(-9, 10, (2, d)).double()
    inputs = [t.clone().requires_grad_() for t in (x, scale, shift)]
    (inputs[0] * inputs[1] + inputs[2]).backward(gradient)
    for ours, leaf in zip(scale_shift_backward(x, scale, gradient), inputs, strict=True):
        assert torch.equal(ours, leaf.grad)


def test_backward_on_the_page(woven):
    assert woven(NAME).values["agree"] == [True, True, True]


def test_keepdim_keeps_four_axes():
    with pytest.raises(RuntimeError):
        torch.rand(2, 3, 4, 5) - torch.rand(2, 3, 4, 5).mean(dim=(0, 2, 3))

"""The solutions to the exercises on shapes, cells, windows, channels and temperatures."""
from math import prod

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.foundations.scalars_to_tensors import position, row_major_strides, share_memory
from snippets.foundations.scalars_to_tensors_solutions import index_at, windows

NAME = "foundations/scalars_to_tensors_solutions"
shapes = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)


def test_shapes(woven):
    said = dict(line.rsplit("  ", 1) for line in woven(NAME).regions["shapes"].output.splitlines())
    shapes = {name.strip(): shape.strip() for name, shape in said.items()}
    assert shapes["x[0]"] == "(3, 4)" and shapes["x[:, 1]"] == "(2, 4)"
    assert shapes["x[:, 1:2]"] == "(2, 1, 4)" and shapes["x[..., None]"] == "(2, 3, 4, 1)"
    assert shapes["x.permute(2, 0, 1)"] == "(4, 2, 3)" and shapes["x[0, 0, 0]"] == "()"


@given(shapes, st.data())
def test_index_at_is_unravel_index(shape, data):
    cell = data.draw(st.integers(0, prod(shape) - 1))
    assert index_at(cell, shape) == tuple(map(int, np.unravel_index(cell, shape)))
    assert position(index_at(cell, shape), row_major_strides(shape)) == cell


def test_cell_17(woven):
    assert woven(NAME).values["found"] == [1, 1, 1]


@given(st.integers(1, 12), st.integers(1, 12), st.integers(1, 3))
def test_windows_are_those_of_unfold_and_share_memory(n, width, step):
    if width > n:
        return
    x = torch.arange(n * step)[::step]
    w = windows(x, width)
    assert torch.equal(w, x.unfold(0, width, 1)) and share_memory(w, x)
    assert w.shape == (n - width + 1, width)


def test_one_write_changes_three_entries(woven):
    assert woven(NAME).values["touched"] == 3


def test_permute_keeps_pixels_and_reshape_does_not(woven):
    right = woven(NAME).values["right"]
    assert right["permute"] == 1 and right["reshape"] < 0.03


def test_ratio_of_temperatures_depends_on_the_zero(woven):
    values = woven(NAME).values
    assert values["celsius"] == 2
    assert values["kelvin"] == pytest.approx(293.15 / 283.15, rel=1e-5)

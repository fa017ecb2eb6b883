"""Shapes, types, strides and views are what the page says they are."""
from itertools import product
from math import degrees, atan2, prod

import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from snippets.foundations.scalars_to_tensors import (
    angle, bare, draw_cells, draw_letter, is_symmetric, position, row_major_strides, share_memory,
)
from snippets.palette import INK, PAPER

NAME = "foundations/scalars_to_tensors"
shapes = st.lists(st.integers(1, 4), max_size=4).map(tuple)


@given(shapes)
def test_strides_are_those_of_torch_and_numpy(shape):
    assert row_major_strides(shape) == torch.zeros(shape).stride()
    in_bytes = np.zeros(shape).strides
    for ours, theirs, length in zip(row_major_strides(shape), in_bytes, shape, strict=True):
        assert 8 * ours == theirs or length == 1  # along one cell, any stride will do


@given(shapes, st.randoms(use_true_random=False))
def test_position_finds_every_entry_after_any_permutation(shape, random):
    axes = list(range(len(shape)))
    random.shuffle(axes)
    x = torch.arange(prod(shape)).reshape(shape).permute(axes)
    strip = torch.arange(prod(shape))
    for index in product(*map(range, x.shape)):
        assert strip[position(index, x.stride())] == x[index]


def test_a_slice_counts_its_cells_from_its_own_start():
    y = torch.arange(12).reshape(3, 4)
    assert y[1:].storage_offset() == y[1:][0, 0] == 4
    for part in (y[1:], y[1:, 2:], y.T[1:, ::2]):
        for index in product(*map(range, part.shape)):
            assert part[index] == part.storage_offset() + position(index, part.stride())


def test_position_needs_one_stride_for_each_index():
    with pytest.raises(ValueError):
        position((1, 2), (1,))


@given(st.integers(-9, 9), st.integers(-9, 9), st.integers(-9, 9), st.integers(-9, 9))
def test_angle_is_that_of_the_plane(a, b, c, d):
    if (a, b) == (0, 0) or (c, d) == (0, 0):
        return
    x, y = torch.tensor([a, b]).double(), torch.tensor([c, d]).double()
    expected = abs(degrees(atan2(a * d - b * c, a * c + b * d)))
    assert angle(x, y) == pytest.approx(expected, abs=1e-5)


@given(st.integers(1, 5), st.integers(0, 10_000))
def test_is_symmetric(n, seed):
    torch.manual_seed(seed)
    a = torch.randint(-9, 9, (n, n)).double()
    assert is_symmetric(a + a.T) and is_symmetric(a @ a.T)
    assert is_symmetric(a) == torch.equal(a, a.T)
    if n > 1:
        off = a + a.T
        off[0, 1] += 0.25
        assert not is_symmetric(off) and not is_symmetric(off, 0.2)
        assert is_symmetric(off, 0.25) and is_symmetric(off, 0.3)


def test_symmetry_needs_a_square_and_a_tolerance(woven):
    assert not is_symmetric(torch.ones(1, 3)) and not is_symmetric(torch.ones(2, 3))
    assert not is_symmetric(torch.ones(3)) and not is_symmetric(torch.ones(2, 2, 2))
    with pytest.raises(RuntimeError):
        torch.ones(2, 3) == torch.ones(2, 3).T
    output = woven(NAME).regions["symmetric"].output
    assert "distances: True" in output and "sums: False True" in output
    assert "one row: False   careless test: True" in output


def test_share_memory():
    x = torch.arange(6)
    assert share_memory(x, x[3:]) and share_memory(x.reshape(2, 3).T, x)
    assert not share_memory(x, x.clone()) and not share_memory(x, torch.arange(6))


def test_a_scalar_is_not_a_vector_of_one_entry(woven):
    scalar, boxed = torch.tensor(3.0), torch.tensor([3.0])
    assert scalar.shape == () and boxed.shape == (1,)
    assert (scalar.ndim, boxed.ndim) == (0, 1)
    assert len(boxed) == 1
    with pytest.raises(TypeError):
        len(scalar)
    output = woven(NAME).regions["scalar"].output
    assert "tensor(3.)   torch.Size([])   axes: 0" in output
    assert "tensor([3.])   torch.Size([1])   axes: 1" in output


def test_a_scalar_has_a_sign():
    low, high = torch.tensor(-3.0), torch.tensor(3.0)
    assert low.shape == high.shape == () and low < 0 < high and low.abs() == high.abs()


def test_class_probabilities_are_a_vector_and_the_loss_a_scalar(woven):
    values = woven(NAME).values
    assert values["classes"] == 3 and sum(values["probabilities"]) == pytest.approx(1)
    assert all(p > 0 for p in values["probabilities"])
    scores = torch.tensor([[2.0, 0.0, 1.0]])
    loss = F.cross_entropy(scores, torch.tensor([0]))
    assert loss.shape == () and values["loss"] == pytest.approx(loss.item())
    # Two classes: one probability says it all.
    assert scores[0, :2].softmax(0)[0] == pytest.approx(torch.sigmoid(scores[0, 0]).item())


def test_arange_prints_with_spaces_and_holds_integers(woven):
    assert repr(torch.arange(4)) == "tensor([0, 1, 2, 3])"
    assert "tensor([0, 1, 2, 3]) torch.int64" in woven(NAME).regions["vector"].output
    assert torch.arange(4).dtype == torch.int64 and torch.arange(4.0).dtype == torch.float32
    with pytest.raises(RuntimeError):
        torch.dot(torch.arange(4), torch.arange(4.0))


def test_length_and_angle_depend_on_the_ruler(woven):
    values = woven(NAME).values
    assert values["lengths"] == {"1": 7, "2": 5, "inf": 4}
    assert values["angle_cm"] > 10 * values["angle_m"] > 0


def test_the_zero_vector_has_no_direction(woven):
    assert "tensor([nan, nan])" in woven(NAME).regions["lengths"].output
    assert np.isnan(angle(torch.zeros(2), torch.ones(2)))


def test_length_is_capacity_not_information(woven):
    values = woven(NAME).values
    assert values["copied_length"] == 1000 and values["needed"] == {"copies": 1, "three": 3}


def test_one_changed_copy_raises_the_rank():
    copies = torch.arange(150.0, 170.0).double().reshape(20, 1).repeat(1, 50)
    copies[0, 0] += 1
    assert torch.linalg.matrix_rank(copies) == 2


def test_a_square_raises_the_rank_and_says_nothing_new():
    x = torch.arange(1.0, 9.0).double()
    assert torch.linalg.matrix_rank(torch.stack([x, x**2], dim=1)) == 2


def test_types(woven):
    values = woven(NAME).values
    assert values["wrapped"] == (200 + 100) % 256
    output = woven(NAME).regions["types"].output
    assert "300.0  in torch.float32" in output
    assert "torch.int64 * torch.float32 -> torch.float32" in output
    assert output.count("RuntimeError") == 2


@pytest.mark.parametrize(("dtype", "size"), [
    (torch.uint8, 1), (torch.int64, 8), (torch.float32, 4),
    (torch.float64, 8), (torch.bfloat16, 2), (torch.bool, 1)])
def test_bytes_of_the_table(dtype, size):
    assert torch.zeros(1, dtype=dtype).element_size() == size


def test_significant_digits_of_the_table():
    assert torch.finfo(torch.float32).eps == 2.0**-23
    assert torch.finfo(torch.float64).eps == 2.0**-52
    assert torch.finfo(torch.bfloat16).eps == 2.0**-7
    assert torch.iinfo(torch.int64).max == 2**63 - 1 and torch.iinfo(torch.int64).min == -(2**63)
    assert torch.tensor(0.5).dtype == torch.float32


def test_matrix(woven):
    values = woven(NAME).values
    assert (values["rows"], values["columns"]) == (2, 3)
    marks = torch.tensor(values["marks"])
    assert all(marks.T[i, j] == marks[j, i] for i in range(3) for j in range(2))


def test_rows_stacked_and_columns_joined_make_one_matrix():
    a = torch.arange(6).reshape(2, 3)
    assert torch.equal(torch.stack([a[0], a[1]]), a)
    assert torch.equal(torch.stack([a[:, 0], a[:, 1], a[:, 2]], dim=1), a)


def test_a_batch_equals_its_samples_one_by_one(woven):
    values = woven(NAME).values
    w, b = np.array(values["W"]), np.array(values["b"])
    for x, y in zip(values["X"], values["batch"], strict=True):
        assert (w @ x + b).tolist() == y
    assert "same numbers: True True" in woven(NAME).regions["layer"].output


def test_a_batch_reuses_every_weight(woven):
    values = woven(NAME).values
    assert values["multiplications"] == values["samples"] * values["weights"] == 24
    counted = {}
    for samples in (1, 2, 64):
        with FlopCounterMode(display=False) as counter:
            torch.ones(samples, 3) @ torch.ones(3, 2)
        counted[samples] = counter.get_total_flops() // 2  # a flop for ×, one for +
    assert counted == {1: 6, 2: 12, 64: 384}


def test_samples_may_stand_in_columns(woven):
    values = woven(NAME).values
    assert np.array_equal(np.transpose(values["in_columns"]), values["batch"])


def test_tensor(woven):
    output = woven(NAME).regions["tensor"].output
    assert "axes: 3   numbers: 24" in output and "x[1, 2, 3]: tensor(23)" in output


def test_a_photo_is_flat_and_a_scan_is_solid(woven):
    output = woven(NAME).regions["image"].output
    assert "photo: torch.Size([5, 6, 8])" in output
    assert "scan:  torch.Size([5, 4, 6, 8])" in output
    with pytest.raises(RuntimeError):
        F.conv3d(torch.rand(3, 8, 10), torch.rand(5, 3, 3, 3, 3))


def test_channels_last_is_refused(woven):
    output = woven(NAME).regions["image"].output
    assert "channels last: torch.Size([8, 10, 3]) RuntimeError" in output
    cube, kernel = torch.rand(3, 3, 3), torch.rand(5, 3, 3, 3)
    silent = F.conv2d(cube.permute(1, 2, 0), kernel)  # no error, another result
    assert not torch.allclose(silent, F.conv2d(cube, kernel))


def test_layers_take_other_inputs_than_vectors(woven):
    with pytest.raises(RuntimeError):
        F.conv2d(torch.rand(9), torch.rand(5, 3, 3, 3))
    assert "words: torch.Size([3, 6])" in woven(NAME).regions["image"].output
    with pytest.raises(RuntimeError):
        F.embedding(torch.rand(3), torch.rand(7, 6))
    assert F.linear(torch.rand(4, 3), torch.rand(2, 3)).shape == (4, 2)


@pytest.mark.parametrize("axes", range(7))
def test_arrays_have_any_number_of_axes(axes):
    x = torch.zeros([2] * axes)
    assert x.ndim == axes and x.numel() == 2**axes


def test_two_kinds_of_vector_of_one_shape(woven):
    output = woven(NAME).regions["units"].output.split("\n")
    assert [line.split()[-1] for line in output[:3]] == ["8.0", "8.0", "80000.0"]
    # A weight counted in hundredths is 100 times as large, its gradient 100 times smaller.
    w = torch.tensor([3.0, 4.0], requires_grad=True)
    (w**2).sum().backward()
    fine = torch.tensor([300.0, 400.0], requires_grad=True)
    ((fine / 100) ** 2).sum().backward()
    assert torch.allclose(fine.grad, w.grad / 100) and fine.shape == fine.grad.shape


def test_reshape_of_a_range_is_a_view(woven):
    x = torch.arange(24)
    assert share_memory(x, x.reshape(2, 3, 4))
    values = woven(NAME).values
    assert values["strides"] == [12, 4, 1] and values["cell"] == 23 and values["everywhere"]


def test_transpose_moves_nothing(woven):
    output = woven(NAME).regions["transpose"].output
    assert "y.T: (4, 3) strides (1, 4)" in output and "same memory: True" in output
    assert row_major_strides((4, 3)) != (1, 4)


def test_views_write_through(woven):
    values = woven(NAME).values
    assert values["scores"] == [[9, 0, 0, 0], [9, 5, 5, 5], [9, 0, 0, 0]]
    assert values["written"] == [9, 5, 5, 5]
    x = torch.zeros(3)
    x[1:].clone()[0] = 7
    tail = x[1:]
    tail = tail + 5  # a new tensor under the old name
    assert x.tolist() == [0, 0, 0] and tail.tolist() == [5, 5]


def test_census_of_views(woven):
    assert woven(NAME).values["is_view"] == {
        "x[1]": True, "x[:, 1:3]": True, "x.T": True, "x.reshape(4, 3)": True,
        "x.T.reshape(12)": False, "x[[0, 2]]": False, "x[x > 5]": False, "x + 0": False,
        "x.clone()": False,
    }
    x = torch.arange(12).reshape(3, 4)
    assert torch.equal(x[[0, 2]], x.as_strided((2, 4), (8, 1)))  # what a view would have been


def test_view_refuses_where_reshape_copies(woven):
    output = woven(NAME).regions["refuses"].output
    assert "x.T.view(12): RuntimeError" in output and "still 0" in output
    dense = torch.arange(12).reshape(3, 4).T.contiguous()
    assert dense.view(12).shape == (12,)


def test_reshape_is_not_a_transpose(woven):
    values = woven(NAME).values
    letter, turned = np.array(values["letter"]), np.array(values["turned"])
    assert np.array_equal(letter.T, turned)
    assert letter.ravel().tolist() == np.ravel(values["refilled"]).tolist()
    assert "False" in woven(NAME).regions["letter"].output
    assert letter.sum() == 14 and letter[0].all() and letter[:, 0].all()


def test_dimension_means_two_things(woven):
    values = woven(NAME).values
    assert values["words"] == {"axes": 2, "row": 3, "rank": 1, "numbers": 15}
    assert (values["vector_axes"], values["vector_length"]) == (1, 4)


def test_dim_and_axis_are_the_same_in_much_of_torch_only():
    x = torch.arange(6).reshape(2, 3)
    assert torch.equal(x.sum(dim=0), x.sum(axis=0))
    with pytest.raises(TypeError):
        F.softmax(x.float(), axis=0)
    with pytest.raises(TypeError):
        x.numpy().sum(dim=0)


def test_cells_are_drawn_row_by_row_from_the_top():
    fig, ax = plt.subplots()
    draw_cells(ax, [[1, 2, 3], [4, 5, 6]], left=2, top=7, face="white", ink="black")
    corners = [tuple(patch.get_xy()) for patch in ax.patches]
    assert corners == [(2, 6), (3, 6), (4, 6), (2, 5), (3, 5), (4, 5)]
    assert all(patch.get_width() == patch.get_height() == 1 for patch in ax.patches)
    assert [text.get_text() for text in ax.texts] == list("123456")
    assert [text.get_position() for text in ax.texts][:2] == [(2.5, 6.5), (3.5, 6.5)]
    assert ax.texts[3].get_position() == (2.5, 5.5)
    draw_cells(ax, [[0]], 0, 0, edge="red")
    assert ax.patches[-1].get_edgecolor() == (1, 0, 0, 1) != ax.patches[0].get_edgecolor()
    plt.close(fig)


def test_a_letter_is_drawn_dark_on_light():
    fig, ax = plt.subplots()
    draw_letter(ax, torch.tensor([[1, 0], [0, 1]]), left=3, top=9)
    dark = [tuple(p.get_xy()) for p in ax.patches if plt.matplotlib.colors.same_color(
        p.get_facecolor(), INK)]
    light = [p for p in ax.patches if plt.matplotlib.colors.same_color(p.get_facecolor(), PAPER)]
    assert dark == [(3, 8), (4, 7)] and len(light) == 2
    bare(ax, (0, 1), (5, 10))
    assert ax.get_xlim() == (0, 5) and ax.get_ylim() == (1, 10) and not ax.axison
    assert ax.get_aspect() == 1
    plt.close(fig)

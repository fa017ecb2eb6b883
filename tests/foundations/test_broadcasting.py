"""The rule of broadcasting, its strides, its traps and its gradient are what the page says."""
import matplotlib.pyplot as plt
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from snippets.foundations.broadcasting import (
    attempt, bare, broadcast_shape, draw_alignment, draw_cells, fit_line, matmul_shape,
    random_shape, stretched_strides, sum_to_shape,
)

NAME = "foundations/broadcasting"
shapes = st.lists(st.integers(0, 3), max_size=4).map(tuple)


@st.composite
def stretchable(draw):
    """A shape, and a larger one to which it stretches."""
    target = tuple(draw(st.lists(st.integers(1, 3), max_size=4)))
    kept = draw(st.integers(0, len(target)))
    shape = tuple(draw(st.sampled_from([1, n])) for n in target[len(target) - kept :])
    return shape, target


@given(shapes, shapes)
def test_broadcast_shape_is_that_of_torch_and_numpy(a, b):
    ours = attempt(broadcast_shape, a, b)
    assert ours == attempt(torch.broadcast_shapes, a, b) == attempt(np.broadcast_shapes, a, b)
    assert ours == attempt(broadcast_shape, b, a)
    if ours is not None:
        assert ours == (torch.ones(a) + torch.ones(b)).shape == (np.ones(a) + np.ones(b)).shape


@given(shapes, shapes, shapes)
def test_three_shapes_in_any_order(a, b, c):
    def both(x, y):
        return None if x is None or y is None else attempt(broadcast_shape, x, y)

    assert both(both(a, b), c) == both(a, both(b, c))


def test_refusal_names_the_two_lengths():
    with pytest.raises(ValueError, match="^4 against 3$"):
        broadcast_shape((3, 4), (3,))
    assert attempt(broadcast_shape, (3, 4), (3,)) is None


def test_a_drawing_aligns_on_the_right_and_marks_what_stretches():
    _, ax = plt.subplots()
    draw_alignment(ax, ((5, 1, 4), (3, 2)))
    rows = {y: [text.get_text() for text in ax.texts if text.get_position()[1] == y]
            for y in (0.9, 0, -1, -2)}
    assert rows[0.9] == ["−3", "−2", "−1"]
    assert rows[0] == ["x", "5", "1 → 3", "4"] and rows[-1] == ["y", "(1) → 5", "3", "2"]
    assert rows[-2] == ["x + y", "5", "3", "✗"]
    assert len(ax.patches) == 2  # one dashed box for each length that stretches
    plt.close()


def test_attempt_lets_other_errors_through():
    with pytest.raises(ZeroDivisionError):
        attempt(lambda a, b: 1 // 0, (), ())


def test_missing_axes_count_as_one(woven):
    assert broadcast_shape((3, 4), (4,)) == broadcast_shape((3, 4), (1, 4)) == (3, 4)
    assert broadcast_shape((), (2, 3)) == (2, 3)
    assert torch.equal(torch.ones(3, 4) + torch.arange(4), torch.ones(3, 4) + torch.arange(4)[None])
    assert woven(NAME).values["not_covered"] > 100


def test_cases_on_the_page(woven):
    said = [line.split(" -> ")[1] for line in woven(NAME).regions["cases"].output.splitlines()]
    assert said == ["(3, 4)", "(3, 4)", "(3, 4)", "None", "(3, 3)", "(5, 3, 4)", "(2, 3)", "None"]


def test_fuzz_on_the_page(woven):
    values = woven(NAME).values
    assert values["disagree"] == values["matmul_disagree"] == 0
    assert values["tried"] == 500 and 20 < values["refused"] < 480
    assert 50 < values["matmul_refused"] < 450 and values["plus_differs"] > 50


def test_random_shapes_are_varied():
    rng = np.random.default_rng(0)
    drawn = [random_shape(rng, 3) for _ in range(300)]
    assert {len(shape) for shape in drawn} == {0, 1, 2, 3}
    lengths = [n for shape in drawn for n in shape]
    assert set(lengths) == {0, 1, 2, 3} and 0.4 < lengths.count(1) / len(lengths) < 0.6


def test_an_empty_axis_is_not_the_maximum(woven):
    values = woven(NAME).values
    assert values["by_rule"] == [3, 0] and values["by_maximum"] == [3, 1]


def test_the_loop_agrees(woven):
    values = woven(NAME).values
    assert values["raised"] == values["by_loop"] == (
        np.array(values["marks"]) + np.array(values["bonus"])).tolist()


@given(stretchable(), st.integers(0, 100))
def test_stretched_strides_read_the_same_numbers(pair, start):
    shape, target = pair
    x = (torch.arange(torch.Size(shape).numel()) + start).reshape(shape)
    strides = stretched_strides(shape, x.stride(), target)
    assert torch.equal(x.as_strided(target, strides), x.expand(target))
    for ours, theirs, length in zip(strides, x.expand(target).stride(), target, strict=True):
        assert ours == theirs or length == 1  # along one cell, any stride will do


def test_a_million_rows_of_four_numbers(woven):
    values = woven(NAME).values
    assert values["stored"] == 4 * 8 and values["apparent"] == 4 * 8 * 1_000_000
    assert stretched_strides((4,), (1,), (1_000_000, 4)) == (0, 1)


def test_writing_to_a_stretched_tensor(woven):
    assert woven(NAME).values["seen"] == [9, 9, 9]
    assert woven(NAME).regions["writing"].output.count("RuntimeError") == 2


def test_differences_of_all_pairs(woven):
    assert woven(NAME).values["growth"] == 1000
    x = torch.rand(5, 2)
    assert (x[:, None] - x).shape == broadcast_shape((5, 1, 2), (1, 5, 2)) == (5, 5, 2)


def test_wrong_loss_of_a_perfect_prediction(woven):
    values = woven(NAME).values
    pairs = [(p - y) ** 2 for p in (1, 2, 3) for y in (1, 2, 3)]
    assert values["wrong_loss"] == pytest.approx(sum(pairs) / 9) and values["right_loss"] == 0


def test_fit_line_finds_least_squares():
    rng = np.random.default_rng(1)
    x = rng.uniform(-1, 1, 30)
    y = 3 * x - 2 + rng.standard_normal(30)
    columns = (torch.tensor(v)[:, None] for v in (x, y))
    slope, intercept, loss = fit_line(*columns, flat_target=False, steps=500)
    assert np.allclose((slope, intercept), np.polyfit(x, y, 1), atol=1e-4)
    assert loss == pytest.approx(np.mean((slope * x + intercept - y) ** 2), abs=1e-6)


def test_fit_line_takes_the_steps_it_is_asked_for():
    x, y = torch.tensor([[1.0]]), torch.tensor([[3.0]])
    # From 0: prediction 0, gradients -6, -6, one step of 0.1.
    assert fit_line(x, y, flat_target=False, steps=1) == pytest.approx((0.6, 0.6, 9.0))


def test_wrong_shapes_train_the_mean(woven):
    values = woven(NAME).values
    assert abs(values["flat_slope"]) < 1e-6 < 1.5 < values["slope"]
    assert values["flat_intercept"] == pytest.approx(values["mean"], abs=1e-6)
    assert values["flat_loss"] == pytest.approx(values["variance"], abs=1e-6)
    x, y = torch.linspace(-1, 1, 9)[:, None].double(), torch.arange(9.0)[:, None].double()
    assert fit_line(x, y, flat_target=True) == pytest.approx((0, 4, y.var(correction=0).item()))
    losses = [fit_line(x, y, True, steps)[2] for steps in (1, 2, 4, 8, 16)]
    assert all(a > b for a, b in zip(losses, losses[1:]))  # it goes down all the same


@given(st.integers(1, 6), st.integers(0, 1000))
def test_the_sum_over_pairs_splits(n, seed):
    p, y = np.random.default_rng(seed).standard_normal((2, n))
    stretched = ((p[:, None] - y) ** 2).mean()
    assert stretched == pytest.approx(((p - y.mean()) ** 2).mean() + y.var())


def test_mse_loss_warns_and_computes(woven):
    output = woven(NAME).regions["warned"].output
    assert "same wrong loss: True" in output and "['UserWarning']" in output


def test_square_matrix_minus_row_means(woven):
    output = woven(NAME).regions["square"].output
    assert "[-9.0, 0.0, 9.0] [0.0, 0.0, 0.0]" in output
    with pytest.raises(RuntimeError):
        torch.ones(3, 4) - torch.ones(3, 4).mean(dim=1)


@given(shapes, shapes, *[st.integers(0, 3)] * 4)
def test_matmul_shape_is_that_of_torch(front_a, front_b, m, k, inner, n):
    a, b = front_a + (m, k), front_b + (inner, n)

    def by_torch(a, b):
        return (torch.ones(a) @ torch.ones(b)).shape

    def by_numpy(a, b):
        return (np.ones(a) @ np.ones(b)).shape

    ours = attempt(matmul_shape, a, b)
    assert ours == attempt(by_torch, a, b) == attempt(by_numpy, a, b)


def test_the_rule_of_plus_does_not_explain_matmul(woven):
    with pytest.raises(ValueError):
        broadcast_shape((3, 3, 2), (2, 4))
    assert matmul_shape((3, 3, 2), (2, 4)) == (3, 3, 4)
    output = woven(NAME).regions["matmul"].output
    assert "the rule of +: None" in output and "our rule of @: (3, 3, 4)" in output


def test_the_contracted_axis_never_stretches():
    assert broadcast_shape((2, 3, 4), (2, 1, 4)) == (2, 3, 4)
    with pytest.raises(ValueError, match="^4 against 1$"):
        matmul_shape((2, 3, 4), (2, 1, 5))
    with pytest.raises(RuntimeError):
        torch.ones(2, 3, 4) @ torch.ones(2, 1, 5)


def test_a_shared_matrix_is_stretched_not_copied(woven):
    assert woven(NAME).values["b_strides"] == [0, 4, 1]
    output = woven(NAME).regions["matmul"].output
    assert output.count(": True") == 2
    b = torch.rand(2, 4)
    assert b.expand(3, 2, 4).data_ptr() == b.data_ptr()


def test_torch_folds_the_batch_into_one_product(woven):
    operations = woven(NAME).values["operations"]
    assert operations["2"].startswith("Mm") and operations["3"].startswith("Bmm")
    for right, used in ((torch.rand(2, 4), "aten.mm"), (torch.rand(3, 2, 4), "aten.bmm")):
        with FlopCounterMode(display=False) as counter:
            torch.rand(3, 3, 2) @ right
        assert [str(op) for op in counter.get_flop_counts()["Global"]] == [used]
    with FlopCounterMode(display=False) as counter:  # transposes, and no gradient
        torch.rand(3, 2, 3).mT @ torch.rand(2, 4)
    assert [str(op) for op in counter.get_flop_counts()["Global"]] == ["aten.bmm"]


def test_empty_holds_numbers_nobody_wrote():
    torch.use_deterministic_algorithms(True)  # marks what nobody wrote as nan
    try:
        product = torch.empty(3, 3, 2) @ torch.empty(2, 4)
    finally:
        torch.use_deterministic_algorithms(False)
    assert product.shape == (3, 3, 4) and product.isnan().all()


def test_vectors_in_matmul_get_an_axis_and_lose_it():
    a, v = torch.rand(3, 5, 4), torch.rand(4)
    assert (a @ v).shape == (3, 5)
    assert torch.allclose(a @ v, (a @ v[:, None])[..., 0])


@given(stretchable(), st.integers(0, 1000))
def test_sum_to_shape_is_the_gradient_of_stretching(pair, seed):
    shape, target = pair
    torch.manual_seed(seed)
    gradient = torch.randint(-9, 10, target).double()
    b = torch.zeros(shape, dtype=torch.float64, requires_grad=True)
    b.expand(target).backward(gradient)
    assert torch.equal(sum_to_shape(gradient, shape), b.grad)


def test_gradient_of_a_bias(woven):
    values = woven(NAME).values
    assert values["gradient"] == [111, 222, 333, 444]
    assert woven(NAME).regions["ones"].output.count("True") == 2
    assert values["bias_gradient"] == {"1": [-2, -2], "32": [-64, -2], "1024": [-2048, -2]}


def test_gradient_is_what_a_nudge_shows():
    weight = torch.tensor([[1.0, 2, 3, 4], [10, 20, 30, 40], [100, 200, 300, 400]])
    nudge = torch.tensor([0.0, 1, 0, 0])
    assert ((torch.zeros(3, 4) + nudge) * weight).sum() == sum_to_shape(weight, (4,))[1]


def test_uses_of_broadcasting(woven):
    output = woven(NAME).regions["uses"].output
    for shape in ("(6, 3)", "(3, 6)", "(8, 3, 32, 32)", "(2, 4, 5, 5)", "(9, 9)"):
        assert shape in output
    samples, bias = torch.rand(6, 3), torch.rand(3)
    assert torch.equal(samples.T + bias[:, None], (samples + bias).T)
    images, scale = torch.rand(2, 3, 4, 5), torch.rand(3)
    scaled = images * scale[:, None, None]
    assert all(torch.equal(scaled[:, c], images[:, c] * scale[c]) for c in range(3))
    with pytest.raises(RuntimeError):
        images * scale
    layer = torch.nn.Linear(5, 1)
    assert layer(torch.rand(3, 5)).shape == (3, 1)
    assert F.mse_loss(torch.ones(3), torch.ones(3)) == 0


def test_cells_show_what_is_stored():
    fig, ax = plt.subplots()
    draw_cells(ax, [[1, 2], [3, 4], [5, 6]], left=1, top=8)
    draw_cells(ax, [[7]], left=4, top=3, stored=False)
    corners = [tuple(patch.get_xy()) for patch in ax.patches]
    assert corners == [(1, 7), (2, 7), (1, 6), (2, 6), (1, 5), (2, 5), (4, 2)]
    assert all(p.get_width() == p.get_height() == 1 for p in ax.patches)
    assert [t.get_text() for t in ax.texts] == list("1234567")
    assert ax.texts[1].get_position() == (2.5, 7.5) and ax.texts[2].get_position() == (1.5, 6.5)
    solid, dashed = ax.patches[0], ax.patches[-1]
    assert solid.get_linestyle() in ("-", "solid") and dashed.get_linestyle() in ("--", "dashed")
    assert solid.get_zorder() > dashed.get_zorder() == ax.texts[-1].get_zorder()
    bare(ax, (0, 1), (5, 10))
    assert ax.get_xlim() == (0, 5) and ax.get_ylim() == (1, 10) and not ax.axison
    plt.close(fig)

"""Entry-wise products, reductions, dot products and cosines are what the page says."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import pyplot as plt

from snippets.foundations.elementwise_reduce_dot import (
    bare,
    cosines,
    count_words,
    dot,
    draw_matrix,
    rarity,
    shape_after,
    unit,
)
from snippets.mechanics.attention_as_product import scores

NAME = "foundations/elementwise_reduce_dot"
numbers = st.lists(st.integers(-99, 99), min_size=1, max_size=6)
seeds = st.integers(0, 2**32 - 1)


def printed(woven, region):
    return woven(NAME).regions[region].output


# `*` against `@`


@given(seeds, st.integers(2, 6))
def test_star_uses_one_pair_and_at_a_row_and_a_column(seed, n):
    p, q = torch.from_numpy(np.random.default_rng(seed).integers(-9, 10, (2, n, n)))
    by_star = torch.tensor([[p[i, j] * q[i, j] for j in range(n)] for i in range(n)])
    by_at = torch.tensor([[sum(p[i, k] * q[k, j] for k in range(n)) for j in range(n)]
                          for i in range(n)])
    assert torch.equal(p * q, by_star) and torch.equal(p @ q, by_at)


def test_star_commutes_and_at_does_not(woven):
    lines = printed(woven, "units").splitlines()
    assert lines[-2].endswith("True") and lines[-1].endswith("False")
    assert "P * Q [[5, 12], [21, 32]]" in printed(woven, "star")
    assert "P @ Q [[19, 22], [43, 50]]" in printed(woven, "star")


def test_star_accepts_shapes_that_differ(woven):
    assert "(3, 1) * (1, 3) -> (3, 3)" in printed(woven, "shapes_meet")
    with pytest.raises(RuntimeError):
        torch.ones(3) * torch.ones(4)


@given(seeds)
def test_star_does_not_mix_positions(seed):
    generator = torch.Generator().manual_seed(seed)
    x, w = torch.randn(2, 5, generator=generator)
    jacobian = torch.autograd.functional.jacobian(lambda x: w * x, x)
    assert torch.equal(jacobian, torch.diag(w))


def test_a_stretched_product_does_mix_positions():
    row = torch.arange(1.0, 4)
    jacobian = torch.autograd.functional.jacobian(lambda x: x[:, None] * row, row)
    assert jacobian[0, 2].tolist() == [3, 0, 0]  # x[0] reaches the place of column 2


def test_page_shows_the_mixing(woven):
    rows = [line.strip(" []") for line in printed(woven, "mixing").splitlines()]
    assert rows[1:5] == ["1 0 0 0", "0 1 0 0", "0 0 1 0", "0 0 0 1"]
    assert rows[6:] == ["1 1 1 1"] * 4


def test_star_works_little_for_each_number_it_moves(woven):
    per_number = woven(NAME).values["per_number"]
    assert per_number["*"]["64"] == per_number["*"]["1024"] == pytest.approx(1 / 3)
    assert per_number["@"]["1024"] == 16 * per_number["@"]["64"] == pytest.approx(1024 / 3)


# Scores


@given(seeds)
def test_a_score_is_the_sum_and_weights_go_into_the_user(seed):
    user, film, h = np.random.default_rng(seed).standard_normal((3, 7))
    assert (user * film).sum() == pytest.approx(user @ film)
    assert h @ (user * film) == pytest.approx((h * user) @ film)
    assert h @ (user * film) == pytest.approx(user @ np.diag(h) @ film)


def test_product_of_vectors_is_no_score_yet(woven):
    values = woven(NAME).values
    assert "entry by entry: [0.0, -1.0, 2.0]" in printed(woven, "score")
    assert values["liking"] == [4, -1, 1]
    assert values["weighted_liking"] == [2, 0, 3]
    out = printed(woven, "gmf").splitlines()
    assert out[0].split(":")[1] == out[1].split(":")[1]


def test_weights_can_be_negative_where_a_square_cannot():
    u, h = torch.tensor([1.0, 2]), torch.tensor([1.0, -1])
    assert u @ u > 0 > h @ (u * u)


# Reductions


@given(st.lists(st.integers(1, 4), min_size=1, max_size=4), st.booleans(), st.data())
def test_shape_after(shape, keepdim, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    expected = torch.ones(shape).sum(dim=axis, keepdim=keepdim).shape
    assert shape_after(tuple(shape), axis, keepdim) == tuple(expected)


def test_shape_after_wants_an_axis_that_exists():
    for keepdim in (False, True):
        with pytest.raises(IndexError):
            shape_after((2, 3), 2, keepdim)


def test_sums_along_the_axes(woven):
    out = printed(woven, "axes")
    assert "[12, 15, 18, 21] (4,)" in out and "[6, 22, 38] (3,)" in out
    assert "keepdim     (3, 1)" in out


def test_keepdim_or_the_wrong_rows(woven):
    assert "keepdim: [1. 1. 1.]" in printed(woven, "keepdim")
    assert "(3, 4) / (3,) RuntimeError" in printed(woven, "keepdim")
    assert all(abs(total - 1) > 0.1 for total in woven(NAME).values["wrong_rows"])


def test_axis_and_dim_and_floats_only(woven):
    out = printed(woven, "names")
    assert out.startswith("True")
    assert "numpy sum(dim=0) -> TypeError" in out and "mean of integers -> RuntimeError" in out


def test_global_average_pooling(woven):
    out = printed(woven, "pool")
    assert "(2, 3, 8, 8) -> (2, 3)" in out and "same as the layer: True" in out


@given(seeds)
def test_a_mean_forgets_the_order(seed):
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 256, (3, 8, 8))
    mixed = rng.permuted(a.reshape(3, 64), axis=1).reshape(a.shape)
    assert np.array_equal(mixed.mean(axis=(1, 2)), a.mean(axis=(1, 2)))


def test_page_shuffles_pixels_without_changing_the_means(woven):
    out = printed(woven, "pool")
    assert "images equal: False" in out and "means equal: True" in out


def test_a_sum_may_keep_the_wrong_direction(woven):
    kept = woven(NAME).values["kept"]
    assert kept["sum"] < 0.1 and kept["PCA"] > 0.9
    assert kept["sum"] + kept["PCA"] == pytest.approx(1, abs=0.02)


@given(seeds, st.integers(1, 6), st.integers(1, 6))
def test_cumsum_keeps_the_shape_and_can_be_undone(seed, n, m):
    a = torch.from_numpy(np.random.default_rng(seed).integers(-9, 10, (n, m)))
    running = a.cumsum(dim=0)
    ones = torch.tril(torch.ones(n, n, dtype=a.dtype))
    assert running.shape == a.shape and torch.equal(running, ones @ a)
    assert torch.equal(torch.diff(running, dim=0, prepend=torch.zeros(1, m, dtype=a.dtype)), a)
    assert torch.equal(running[-1], a.sum(dim=0))


def test_page_cumsum(woven):
    out = printed(woven, "cumsum")
    assert "(5,) -> (5,)" in out and "undone [3.0, 1.0, 4.0, 1.0, 5.0]" in out
    assert "last row = sum: True" in out


# Dot products


@given(numbers, st.randoms())
def test_dot(x, random):
    y = [random.randint(-99, 99) for _ in x]
    assert dot(x, y) == np.dot(x, y) == torch.dot(torch.tensor(x), torch.tensor(y))


def test_dot_wants_equal_lengths():
    with pytest.raises(ValueError):
        dot([1.0, 2.0], [1.0])


def test_four_ways_to_the_same_number(woven):
    assert printed(woven, "four_ways").splitlines()[1] == "12.0 12.0 12.0 12.0"


@given(numbers, st.randoms())
def test_a_column_turns_the_dot_into_a_product_of_sums(x, random):
    y = [random.randint(-99, 99) for _ in x]
    x, column = torch.tensor(x), torch.tensor(y)[:, None]
    assert (x * column).sum() == x.sum() * column.sum()


def test_torch_dot_refuses_four_pairs(woven):
    assert woven(NAME).values["refused"] == 4
    assert "(2, 3, 4) (5, 4, 6) (2, 3, 5, 6)" in printed(woven, "dot_refuses")


def test_attention_scores_are_scaled_dots():
    q, k = np.random.default_rng(0).standard_normal((2, 3, 16))
    assert scores(q, k)[1, 2] == pytest.approx(dot(q[1].tolist(), k[2].tolist()) / 4)


# Cosines


@given(seeds)
def test_unit_rows_have_length_one_and_keep_their_direction(seed):
    x = torch.from_numpy(np.random.default_rng(seed).standard_normal((2, 3, 4)))
    scaled = unit(x)
    assert torch.allclose(scaled.norm(dim=-1), torch.ones(2, 3, dtype=x.dtype))
    assert torch.allclose(scaled * x.norm(dim=-1, keepdim=True), x)


def test_zero_has_no_direction():
    zero, one = torch.zeros(1, 2), torch.ones(1, 2)
    assert torch.nn.functional.cosine_similarity(zero, one).item() == 0
    with pytest.raises(ValueError, match="no direction"):
        unit(torch.tensor([[1.0, 2.0], [0.0, 0.0]]))


@given(seeds)
def test_cosines_agree_with_torch_and_ignore_length(seed):
    x = torch.from_numpy(np.random.default_rng(seed).standard_normal((3, 5)))
    y = torch.from_numpy(np.random.default_rng(seed + 1).standard_normal((4, 5)))
    reference = torch.nn.functional.cosine_similarity(x[:, None], y[None], dim=-1)
    assert torch.allclose(cosines(x, y), reference)
    assert torch.allclose(cosines(3 * x, y / 7), reference)
    assert cosines(x, y).abs().max() <= 1 + 1e-12


def test_dot_and_cosine_rank_differently(woven):
    values = woven(NAME).values
    assert values["by_dot"][0] < values["by_dot"][1]
    assert values["by_cosine"][0] > values["by_cosine"][1]
    assert values["by_cosine"][1] == pytest.approx(math.sqrt(0.5))


def test_a_shift_makes_everything_similar(woven):
    mean = woven(NAME).values["mean_cosine"]
    assert abs(mean["plain"]) < 0.05 and abs(mean["centred"]) < 0.05
    assert mean["plus 3"] == pytest.approx(9 / 10, abs=0.03)


@given(seeds)
def test_rescaled_factors_give_the_same_scores(seed):
    rng = np.random.default_rng(seed)
    users, items = rng.standard_normal((2, 6, 3))
    d = rng.uniform(0.1, 10, 3)
    assert np.allclose((users * d) @ (items / d).T, users @ items.T)


def test_rescaled_factors_give_other_cosines(woven):
    values = woven(NAME).values
    assert "scores equal: True" in printed(woven, "rescale")
    assert values["moved"] > values["item_count"] / 4


# Search


def test_count_words():
    counts = count_words(["b a b", "c"], ["a", "b"])
    assert counts.tolist() == [[1, 2], [0, 0]]


def test_rarity():
    counts = torch.tensor([[1.0, 0, 5], [2, 0, 0], [1, 3, 0], [9, 0, 1]])
    assert rarity(counts).tolist() == pytest.approx([0, math.log(4), math.log(2)])


def test_only_the_weights_put_the_right_text_first(woven):
    values = woven(NAME).values
    rankings, weights = values["rankings"], values["weights"]
    assert weights["the"] == pytest.approx(math.log(4 / 3))  # in three of four texts
    assert weights["fish"] == pytest.approx(math.log(4))  # in one
    assert rankings["dot"][0] == "T2" and rankings["cosine"][0] == "T2"
    assert rankings["dot"][-1] == "T1" and rankings["cosine"][-1] == "T1"
    assert rankings["tf-idf cosine"][0] == "T1"


def test_copies_of_a_text_change_its_dot_alone():
    words = ["cat", "fish", "the"]
    counts = count_words(["the cat", "the cat " * 5, "the fish"], words)
    asked = count_words(["the cat"], words)
    assert (asked @ counts.T)[0, 1] == 5 * (asked @ counts.T)[0, 0]
    assert torch.allclose(cosines(asked, counts)[0, :2], torch.ones(2, dtype=counts.dtype))


# Drawings


def test_draw_matrix_fills_what_is_lit():
    figure, ax = plt.subplots()
    draw_matrix(ax, np.array([[1, 2.5], [3, 4]]), 2, 5, "#0b6aa8", lit=(0, slice(None)))
    dark = [box for box in ax.patches if box.get_facecolor()[2] < 0.9]
    assert {(round(box.get_x()), round(box.get_y())) for box in dark} == {(2, 5), (3, 5)}
    for box, text in zip(ax.patches, ax.texts, strict=True):
        middle = box.get_x() + box.get_width() / 2, box.get_y() + box.get_height() / 2
        assert middle == pytest.approx(text.get_position())
    assert {text.get_position(): text.get_text() for text in ax.texts} == {
        (2.5, 5.5): "1", (3.5, 5.5): "2.5", (2.5, 6.5): "3", (3.5, 6.5): "4",
    }
    inks = {text.get_position()[1]: text.get_color() for text in ax.texts}
    assert inks[5.5] != inks[6.5]
    bare(ax, 4, 7)
    # a small margin on every side, so that no border is cut; y points down
    assert ax.get_xlim() == pytest.approx((-0.1, 4.1))
    assert ax.get_ylim() == pytest.approx((7.1, -0.1))
    plt.close(figure)


def test_draw_matrix_fills_all_without_a_choice():
    figure, ax = plt.subplots()
    draw_matrix(ax, np.eye(3), 0, 0, "#0b6aa8")
    assert all(box.get_facecolor()[2] < 0.9 for box in ax.patches)
    plt.close(figure)

"""Every reading of a product agrees, shapes follow one rule, and batches pay as counted."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.foundations.products import (
    by_columns,
    by_dots,
    by_rows,
    intensity,
    layers,
    product_shape,
)

NAME = "foundations/products"
seeds = st.integers(0, 2**32 - 1)
lengths = st.integers(1, 5)
shapes = st.lists(st.integers(1, 3), max_size=4).map(tuple)


def integers(seed, *sizes):
    rng = np.random.default_rng(seed)
    return [torch.from_numpy(rng.integers(-9, 10, size)) for size in sizes]


def printed(woven, region):
    return woven(NAME).regions[region].output


# Matrix times vector


@given(seeds, lengths, lengths)
def test_mv_is_a_dot_for_each_row(seed, n, k):
    a, x = integers(seed, (n, k), k)
    assert torch.mv(a, x).tolist() == [torch.dot(row, x).item() for row in a]


@given(seeds)
def test_mv_is_linear(seed):
    a, x, z = integers(seed, (3, 4), 4, 4)
    assert torch.equal(torch.mv(a, 3 * x - 2 * z), 3 * torch.mv(a, x) - 2 * torch.mv(a, z))


def test_page_bill(woven):
    assert woven(NAME).values["bill"] == [3 * 2 + 2 * 1 + 5 * 3, 4 * 2 + 3 * 1 + 2 * 3]
    for line in printed(woven, "linear").splitlines():
        left, right = line.replace("] [", "]|[").split("|")
        assert left == right


def test_layer_is_affine(woven):
    answers = [line.split()[-1] for line in printed(woven, "layer").splitlines()[1:]]
    assert answers == ["False", "True", "False"]


@given(seeds, lengths)
def test_a_batch_through_a_layer_is_one_product(seed, batch):
    torch.manual_seed(seed)
    layer, x = torch.nn.Linear(3, 2), torch.randn(batch, 3)
    assert torch.allclose(layer(x), torch.mm(x, layer.weight.T) + layer.bias, atol=1e-6)


# Matrix times matrix


@pytest.mark.parametrize("product", [by_dots, by_columns, by_rows])
@given(seed=seeds, n=lengths, k=lengths, m=lengths)
def test_readings_agree(product, seed, n, k, m):
    a, b = integers(seed, (n, k), (k, m))
    assert torch.equal(product(a, b), a @ b)


@given(seeds, lengths, lengths, lengths)
def test_layers_have_rank_one_and_add_up(seed, n, k, m):
    a, b = integers(seed, (n, k), (k, m))
    parts = layers(a, b)
    assert parts.shape == (k, n, m)
    assert torch.equal(parts.sum(dim=0), a @ b)
    for i, part in enumerate(parts):
        assert torch.equal(part, a[:, i : i + 1] * b[i])
        assert np.linalg.matrix_rank(part.numpy()) <= 1


@given(seeds, lengths, lengths, lengths)
def test_columns_of_a_product_are_matrix_vector_products(seed, n, k, m):
    a, b = integers(seed, (n, k), (k, m))
    columns = [torch.mv(a, b[:, j]) for j in range(m)]
    assert torch.equal(torch.stack(columns, dim=1), torch.mm(a, b))


def test_each_reading_refuses_lengths_that_differ():
    a, b = torch.ones(2, 3), torch.ones(4, 2)
    for product in (by_dots, by_columns, by_rows, layers):
        with pytest.raises((ValueError, RuntimeError)):
            product(a, b)


def test_page_readings_agree(woven):
    rows = [line.split("[[")[1] for line in printed(woven, "readings").splitlines()]
    assert len(rows) == 4 and len(set(rows)) == 1


def test_page_columns_are_customers(woven):
    lines = printed(woven, "bills").splitlines()
    assert lines[0] == "(2, 3) @ (3, 4) -> (2, 4)"
    columns = [line.split("[")[1] for line in lines[-4:]]
    assert columns == ["23, 17]", "13, 8]", "13, 14]", "15, 20]"]


# Shapes


@settings(max_examples=300)
@given(shapes, shapes, st.booleans())
def test_shape_rule_is_torchs(left, right, fit):
    if fit and len(left) and len(right):  # make most pairs fit along the inner axis
        inner = -2 if len(right) > 1 else -1
        left = (*left[:-1], right[inner])
    try:
        expected = tuple((torch.ones(left) @ torch.ones(right)).shape)
    except RuntimeError:
        with pytest.raises(ValueError):
            product_shape(left, right)
    else:
        assert product_shape(left, right) == expected


@pytest.mark.parametrize(("left", "right", "reason"), [
    ((), (3,), "number"), ((3,), (), "number"), ((2, 3), (2, 3), "inner"),
    ((2, 3, 4), (2, 1, 5), "inner"), ((3, 3, 2), (2, 2, 4), "broadcast"),
])
def test_shapes_that_do_not_fit(left, right, reason):
    with pytest.raises(ValueError, match=reason):
        product_shape(left, right)
    with pytest.raises(RuntimeError):
        torch.ones(left) @ torch.ones(right)


def test_page_shapes(woven):
    lines = printed(woven, "fits").splitlines()
    assert lines[0].endswith("(2, 4)") and all("does not fit" in line for line in lines[1:])
    lines = printed(woven, "prefix").splitlines()
    assert all(line.endswith("True") for line in lines[:3])
    assert all(line.endswith("RuntimeError") for line in lines[3:]) and len(lines) == 5


# Batches


def test_intensity_counts():
    # 2 by 2 times 2 by 3: 24 operations; 4 + 6 + 6 numbers of 4 bytes.
    assert intensity(2, 3) == 24 / 64
    assert intensity(2, 3, size=2) == 24 / 32


@given(st.integers(2, 4096), st.integers(1, 4096))
def test_intensity_grows_towards_a_quarter_of_n(n, columns):
    assert intensity(n, columns) < intensity(n, columns + 1) < n / 4
    assert intensity(n, 10**9) == pytest.approx(n / 4, rel=1e-4)


def test_page_intensity(woven):
    per_byte = woven(NAME).values["per_byte"]
    assert per_byte["1"] == pytest.approx(0.5, rel=1e-3)
    assert per_byte["256"] > 200 * per_byte["1"]
    assert woven(NAME).values["limit"] == 512


def test_one_product_beats_many_vectors(woven):
    gain = woven(NAME).values["gain"]
    assert gain["64"] > 1.5 and gain["64"] > gain["2"]


@given(seeds)
def test_batched_product_is_one_mm_per_matrix(seed):
    a, b = integers(seed, (3, 3, 2), (3, 2, 4))
    c = torch.matmul(a, b)
    assert c.shape == (3, 3, 4)
    assert all(torch.equal(c[i], torch.mm(a[i], b[i])) for i in range(3))


def test_page_batch(woven):
    out = printed(woven, "batch")
    assert "(3, 3, 2) @ (3, 2, 4) -> (3, 3, 4)" in out and out.strip().endswith("True")


def test_a_table_of_vectors_is_taken_for_a_matrix(woven):
    lines = printed(woven, "vectors").splitlines()
    assert lines[0].endswith("(3, 3, 4)") and lines[1].endswith("(3, 4) True")


def test_every_call_but_matmul_takes_one_kind(woven):
    accepted = woven(NAME).values["accepted"]
    for place, name in enumerate(("dot", "mv", "mm", "bmm")):
        assert [word == "yes" for word in accepted[name]] == [i == place for i in range(5)]
    assert accepted["matmul"] == ["yes"] * 5


# Heads


def test_mm_refuses_heads_and_matmul_takes_them(woven):
    out = printed(woven, "heads")
    assert out.startswith("mm: RuntimeError") and "-> (2, 4, 6, 6)" in out
    assert out.strip().endswith("equal to 8 mm: True")
    with pytest.raises(RuntimeError):
        torch.mm(torch.ones(2, 4, 6, 8), torch.ones(2, 4, 8, 6))


def test_square_heads_hide_a_missing_transposition(woven):
    out = printed(woven, "forgot")
    assert out.count("(2, 4, 8, 8)") == 2 and out.strip().endswith("equal: False")

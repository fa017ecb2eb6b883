"""The products of the page are told apart by what they compute, their shapes and their ranks."""

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from snippets.inner_outer.concepts import (
    hadamard,
    kronecker,
    outer,
    patches,
    rank_one_factors,
)

NAME = "inner_outer/concepts"
rank = np.linalg.matrix_rank
seeds = st.integers(0, 2**32 - 1)


def integers(seed, *shape):
    return np.random.default_rng(seed).integers(-9, 10, shape)


def printed(woven, region):
    return woven(NAME).regions[region].output


# One table


@given(seeds, st.integers(1, 6))
def test_one_table_holds_three_products(seed, n):
    a, b = integers(seed, 2, n)
    table = outer(a, b)
    assert table.shape == (n, n)
    assert np.array_equal(np.diag(table), a * b)
    assert np.trace(table) == a @ b == sum(x * y for x, y in zip(a, b, strict=True))


@given(seeds, st.integers(1, 6))
def test_all_entries_are_the_product_of_the_sums(seed, n):
    a, b = integers(seed, 2, n)
    assert outer(a, b).sum() == a.sum() * b.sum()


def test_each_with_each_is_no_inner_product(woven):
    values = woven(NAME).values
    assert values["corresponding"] == 1 * 4 + 2 * 5 + 3 * 6
    assert values["each_with_each"] == sum(x * y for x in (1, 2, 3) for y in (4, 5, 6))
    assert values["corresponding"] != values["each_with_each"]


# Rows and columns


@given(seeds, st.integers(1, 5), st.integers(1, 5), st.integers(1, 5))
def test_a_product_is_inner_products_and_outer_products(seed, n, k, m):
    rng = np.random.default_rng(seed)
    left, right = rng.integers(-9, 10, (n, k)), rng.integers(-9, 10, (k, m))
    entries = [[row @ column for column in right.T] for row in left]
    tables = sum(outer(left[:, i], right[i]) for i in range(k))
    assert np.array_equal(left @ right, entries) and np.array_equal(left @ right, tables)


def test_page_turns_vectors(woven):
    output = printed(woven, "orientations")
    assert "(1, 3) @ (3, 1) -> [[32]]" in output
    assert "(1, 3) @ (2, 1) -> ValueError" in output
    assert "[[10, 20], [20, 40], [30, 60]]" in output and "a @ b.T: 32" in output
    assert printed(woven, "between").count("True") == 2


# Inner products of matrices


@given(seeds, st.integers(1, 5), st.integers(1, 5))
def test_inner_product_of_matrices(seed, n, m):
    p, q = integers(seed, 2, n, m)
    by_entries = sum(p[i, j] * q[i, j] for i in range(n) for j in range(m))
    assert by_entries == np.trace(p.T @ q) == np.vdot(p, q)
    assert np.array_equal(np.inner(p, q), p @ q.T)


def test_page_shows_both_inner_products(woven):
    assert woven(NAME).values["matrix_inner"] == 70
    assert printed(woven, "frobenius").count("70") == 4
    assert printed(woven, "frobenius").count("[[17, 23], [39, 53]]") == 2


@given(seeds)
def test_a_layer_is_a_table_of_inner_products(seed):
    torch.manual_seed(seed)
    layer, x = torch.nn.Linear(4, 3).double(), torch.randn(5, 4, dtype=torch.float64)
    dots = torch.stack([torch.stack([row @ w for w in layer.weight]) for row in x])
    assert torch.allclose(layer(x), dots + layer.bias)
    assert not torch.allclose(layer(x), dots)


def test_page_shows_the_layer(woven):
    lines = printed(woven, "layer").splitlines()
    assert lines[0].split("[")[1] == lines[1].split("[")[1]
    assert "-> (5, 3)" in lines[2]


# Rank one


@given(seeds, st.integers(1, 6), st.integers(1, 6))
def test_outer_product_has_rank_one_and_any_lengths(seed, n, m):
    rng = np.random.default_rng(seed)
    u, v = rng.integers(1, 10, n) * rng.choice([-1, 1], n), rng.integers(-9, 10, m)
    table = outer(u, v)
    assert table.shape == (n, m) and np.array_equal(table, np.outer(u, v))
    assert rank(table) == (1 if v.any() else 0)


@given(seeds, st.integers(1, 6), st.integers(1, 6))
def test_factors_are_recovered(seed, n, m):
    rng = np.random.default_rng(seed)
    table = np.outer(rng.standard_normal(n), rng.standard_normal(m))
    u, v = rank_one_factors(table)
    assert (len(u), len(v)) == (n, m) and np.allclose(np.outer(u, v), table)


def test_factors_of_a_table_without_positive_entries():
    u, v = rank_one_factors(np.array([[0.0, -5.0]]))
    assert np.array_equal(np.outer(u, v), [[0, -5]])


@given(seeds)
def test_higher_and_lower_ranks_are_refused(seed):
    table = integers(seed, 3, 4).astype(float)
    assume(rank(table) > 1)
    with pytest.raises(ValueError, match="above 1"):
        rank_one_factors(table)
    with pytest.raises(ValueError, match="rank 0"):
        rank_one_factors(np.zeros((2, 3)))


@given(seeds, st.integers(1, 4))
def test_a_sum_of_outer_products_has_at_most_their_number_as_rank(seed, count):
    rng = np.random.default_rng(seed)
    table = sum(outer(rng.standard_normal(5), rng.standard_normal(6)) for _ in range(count))
    assert rank(table) == count  # for random vectors it is reached


def test_rounded_entries_may_leave_rank_one():
    """In exact arithmetic a 2 by 2 minor of a rounded outer product need not vanish."""
    rng = np.random.default_rng(0)
    table = np.outer(rng.standard_normal(2), rng.standard_normal(2))
    (p, q), (r, s) = [[Fraction(float(x)) for x in row] for row in table]
    assert p * s != q * r and rank(table) == 1


@given(seeds)
def test_outer_product_sends_everything_to_one_line(seed):
    u, v, x = integers(seed, 3, 4)
    assert np.array_equal(outer(u, v) @ x, u * (v @ x))


def test_page_recovers_and_collapses(woven):
    values = woven(NAME).values
    assert values["rank_of_table"] == 1
    assert (values["table_numbers"], values["factor_numbers"]) == (10**6, 2000)
    assert "same table: True" in printed(woven, "recover")
    assert "changed, rank 2" in printed(woven, "recover")
    assert "ValueError: rank above 1" in printed(woven, "recover")
    assert "True" in printed(woven, "collapse") and "images: 1" in printed(woven, "collapse")


@given(seeds)
def test_outer_product_is_linear_in_each_factor(seed):
    u, v, w = integers(seed, 3, 4)
    assert np.array_equal(outer(2 * u, v), 2 * outer(u, v))
    assert np.array_equal(outer(u + w, v), outer(u, v) + outer(w, v))
    assert np.array_equal(outer(u, v + w), outer(u, v) + outer(u, w))


# Scaling columns


@given(seeds, st.integers(1, 5), st.integers(1, 5))
def test_column_scaling_is_no_outer_product(seed, n, m):
    rng = np.random.default_rng(seed)
    a, b = rng.standard_normal((n, m)), rng.uniform(1, 2, m)
    scaled = a * b
    for j in range(m):
        assert np.array_equal(scaled[:, j], a[:, j] * b[j])
    assert np.allclose(scaled, a @ np.diag(b))
    assert np.allclose(scaled, hadamard(a, outer(np.ones(n), b)))
    assert np.allclose(a * b[0], b[0] * a)
    assert rank(scaled) == rank(a) == min(n, m)  # an outer product has 1
    rows = a * rng.uniform(1, 2, n)[:, None]
    assert rows.shape == scaled.shape


def test_hadamard_wants_equal_shapes():
    with pytest.raises(ValueError, match="shapes differ"):
        hadamard(np.ones((3, 3)), np.ones(3))
    with pytest.raises(ValueError, match="shapes differ"):
        hadamard(np.ones((3, 1)), np.ones((1, 3)))
    assert np.array_equal(hadamard(np.arange(4), np.arange(4)), np.arange(4) ** 2)


def test_page_ranks_the_scaled_matrix(woven):
    output = printed(woven, "three_things")
    assert "[[   1   20  300]" in output and output.count("True") == 2
    assert "rank 3: columns scaled" in output and "rank 1: outer product" in output
    assert "hadamard: shapes differ" in output and "(9, 3)" in output


@given(seeds)
def test_rank_of_a_hadamard_product(seed):
    rng = np.random.default_rng(seed)
    left, right = (rng.standard_normal((6, 2)) @ rng.standard_normal((2, 6)) for _ in range(2))
    assert rank(hadamard(left, right)) <= rank(left) * rank(right)


# Kronecker


@given(seeds, st.lists(st.integers(1, 4), min_size=4, max_size=4))
@settings(max_examples=30)
def test_kronecker_product(seed, sizes):
    m, n, p, q = sizes
    rng = np.random.default_rng(seed)
    a, b, z = (rng.integers(-9, 10, s) for s in ((m, n), (p, q), (n, q)))
    large = kronecker(a, b)
    assert large.shape == (m * p, n * q) and np.array_equal(large, np.kron(a, b))
    assert np.array_equal(np.sort(large.ravel()), np.sort(np.outer(a, b).ravel()))
    assert np.array_equal(large @ z.ravel(), (a @ z @ b.T).ravel())
    down = np.kron(b, a) @ z.ravel(order="F")  # the other order of laying out
    assert np.array_equal(down, (a @ z @ b.T).ravel(order="F"))
    assert rank(large) == rank(a) * rank(b)


def test_page_counts_for_kronecker(woven):
    output = printed(woven, "kron")
    assert "agrees: True" in output and "(4, 6)  np.outer (6, 4)" in output
    assert "same numbers: True" in output and "ranks 2 2 4 1" in output
    assert "True" in printed(woven, "kron_apply")
    values = woven(NAME).values
    assert values["kron_products"] == (64 * 64) ** 2
    assert values["factor_products"] == 2 * 64**3


@given(seeds)
def test_cross_product_is_read_off_the_outer_product(seed):
    a, b = integers(seed, 2, 3)
    turned = outer(a, b) - outer(b, a)
    assert np.array_equal(turned, -turned.T)
    assert np.array_equal(np.cross(a, b), [turned[1, 2], turned[2, 0], turned[0, 1]])
    assert np.cross(a, b) @ a == np.cross(a, b) @ b == 0


def test_page_reads_the_cross_product_off(woven):
    lines = printed(woven, "cross").splitlines()
    assert lines[-3].split("[")[1] == "-3  6 -3]" and lines[-2].split()[-3:] == ["-3", "6", "-3"]
    assert lines[-1].endswith("0 0")


# Convolution and pooling


@given(seeds)
@settings(max_examples=30)
def test_convolution_is_inner_products_of_windows(seed):
    rng = np.random.default_rng(seed)
    image, kernel = rng.standard_normal((6, 7)), rng.standard_normal((3, 2))
    windows = patches(image, 3, 2)
    dots = [[np.vdot(window, kernel) for window in row] for row in windows]
    tensors = (torch.from_numpy(x)[None, None] for x in (image, kernel))
    assert np.allclose(dots, torch.nn.functional.conv2d(*tensors)[0, 0])


@given(seeds)
@settings(max_examples=30)
def test_pooling_is_a_reduction(seed):
    """The maximum or the mean of each block; the sum is s * s times the mean."""
    image = np.random.default_rng(seed).standard_normal((6, 6))
    x = torch.from_numpy(image)[None, None]
    blocks = image.reshape(3, 2, 3, 2)
    assert np.array_equal(blocks.max(axis=(1, 3)), torch.nn.functional.max_pool2d(x, 2)[0, 0])
    mean = torch.nn.functional.avg_pool2d(x, 2)[0, 0]
    assert np.allclose(blocks.mean(axis=(1, 3)), mean)
    assert np.allclose(blocks.sum(axis=(1, 3)), 4 * mean)


def test_the_kernel_is_an_outer_product(woven):
    output = printed(woven, "window")
    assert "kernel is an outer product: True" in output and output.count("True") == 3
    assert woven(NAME).values["window_value"] == 1 - 3 + 2 * 4 - 2 * 6 + 7 - 9
    kernel = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    assert rank(kernel) == 1 and np.array_equal(kernel, outer([1, 2, 1], [1, 0, -1]))


def test_a_random_kernel_does_not_split():
    kernels = np.random.default_rng(0).standard_normal((200, 3, 3))
    assert (rank(kernels) == 3).all()


@given(seeds)
@settings(max_examples=20)
def test_weight_gradient_is_an_outer_product(seed):
    torch.manual_seed(seed)
    w, x, target = torch.randn(3, 4, requires_grad=True), torch.randn(4), torch.randn(3)
    ((w @ x - target) ** 2).sum().backward()
    error = 2 * (w.detach() @ x - target)
    assert np.allclose(outer(error.numpy(), x.numpy()), w.grad, atol=1e-5)

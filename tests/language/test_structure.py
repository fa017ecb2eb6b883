"""Structure: the formula, the projections, equivariance, shared gradients, and each claim."""

import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import conv1d, unfold

from snippets.language.structure import (
    convolution,
    energy,
    fit_convolution,
    fit_dense,
    fit_local,
    follows,
    learning_curve,
    local,
    nearest_convolution,
    nearest_local,
    off_diagonal_share,
    shift_patterns,
    shifted_mean,
)
from snippets.mechanics.convolution_as_product import circulant, is_toeplitz

PAGE = "language/structure"
seeds = st.integers(0, 10_000).map(np.random.default_rng)
shapes = st.tuples(
    st.integers(6, 14), st.integers(1, 5), st.integers(1, 3), st.integers(0, 2)
)


@pytest.fixture(scope="module")
def values(woven):
    return woven(PAGE).values


# The three matrices and the formula


@given(seeds, shapes)
@settings(max_examples=30)
def test_formula_is_conv1d(rng, shape):
    n, size, stride, padding = shape
    x, kernel = rng.standard_normal(n), rng.standard_normal(size)
    theirs = conv1d(
        torch.tensor(x)[None], torch.tensor(kernel)[None, None], stride=stride, padding=padding
    )
    w = convolution(kernel, n, stride, padding)
    assert w.shape == ((n + 2 * padding - size) // stride + 1, n)
    assert np.allclose(w @ x, theirs[0].numpy(), atol=1e-13)


def test_formula_over_all_settings(woven, values):
    assert values["count_settings"] == 108
    output = woven(PAGE).regions["formula"].output
    assert "within 1e-14 of conv1d: True" in output
    assert "row by row: 108" in output


def test_formula_shares_its_weights_and_local_does_not(values):
    """Claim: the displayed formula constrains the locally connected matrix. It does not."""
    free = local(np.arange(1.0, 13).reshape(4, 3), 6)
    assert len(np.unique(free[free != 0])) == 12
    tied = convolution(np.array([1.0, 2, 3]), 6)
    assert len(np.unique(tied[tied != 0])) == 3


@given(seeds, shapes)
def test_local_against_unfold(rng, shape):
    """Each output is its own row of weights times its own window of the padded input."""
    n, size, stride, padding = shape
    x = rng.standard_normal(n)
    outputs = (n + 2 * padding - size) // stride + 1
    weights = rng.standard_normal((outputs, size))
    padded = torch.nn.functional.pad(torch.tensor(x), (padding, padding))
    columns = unfold(padded[None, None, None], (1, size), stride=(1, stride))[0].numpy()
    expected = (weights * columns.T).sum(1)
    assert np.allclose(local(weights, n, stride, padding) @ x, expected)


@given(seeds, shapes)
def test_equal_rows_of_weights_make_a_convolution(rng, shape):
    n, size, stride, padding = shape
    kernel = rng.standard_normal(size)
    w = convolution(kernel, n, stride, padding)
    assert np.array_equal(local(np.tile(kernel, (len(w), 1)), n, stride, padding), w)


@given(shapes)
def test_entries_outside_the_window_are_zero(shape):
    n, size, stride, padding = shape
    w = convolution(np.arange(1.0, size + 1), n, stride, padding)
    for m, j in np.ndindex(w.shape):
        t = j - m * stride + padding
        assert w[m, j] == (t + 1 if 0 <= t < size else 0)


def test_parameters(values):
    assert values["distinct"] == {"dense": 3840, "local": 300, "convolution": 5}
    assert values["nonzero"] == {"dense": 3840, "local": 300, "convolution": 300}
    assert values["saved"] == 768


def test_local_is_a_band_not_any_sparse_matrix():
    """The zeros of a locally connected matrix stand in fixed places; a permutation's do not."""
    patterns = shift_patterns(8, 3, padding=1)
    reversal = np.eye(8)[::-1]
    assert np.count_nonzero(reversal) == 8
    assert energy(nearest_local(reversal, patterns), reversal) < 0.3
    band = np.abs(np.subtract.outer(np.arange(8), np.arange(8))) <= 1
    assert np.array_equal(patterns.sum(0) > 0, band)


def test_every_linear_map_is_a_matrix():
    """Claim: multiplying by a matrix is a linear map; conversely basis images give the matrix."""
    rng = np.random.default_rng(0)
    w, x, z = rng.standard_normal((4, 6)), *rng.standard_normal((2, 6))
    assert np.allclose(w @ (2 * x - 3 * z), 2 * (w @ x) - 3 * (w @ z))
    kernel = torch.tensor(rng.standard_normal(3))[None, None]
    columns = [conv1d(e[None], kernel)[0] for e in torch.eye(6, dtype=torch.float64)]
    assert np.allclose(np.stack(columns, axis=1), convolution(kernel[0, 0].numpy(), 6))


# What a pattern can hold


@given(seeds, shapes)
def test_nearest_convolution_is_the_projection(rng, shape):
    n, size, stride, padding = shape
    patterns = shift_patterns(n, size, stride, padding)
    if (patterns.sum((1, 2)) == 0).any():
        return
    w = rng.standard_normal(patterns.shape[1:])
    basis = patterns.reshape(size, -1).T
    expected = basis @ np.linalg.lstsq(basis, w.ravel())[0]
    assert np.allclose(nearest_convolution(w, patterns).ravel(), expected)


@given(seeds)
def test_nearest_local_is_the_projection(rng):
    patterns = shift_patterns(7, 3, padding=1)
    w = rng.standard_normal((7, 7))
    inside = nearest_local(w, patterns)
    assert np.array_equal(nearest_local(inside, patterns), inside)
    assert ((w - inside) * patterns).sum() == 0
    assert energy(inside, w) + energy(w - inside, w) == pytest.approx(1)


def test_what_each_pattern_holds(values):
    held = values["held"]
    assert held["smoothing"] == pytest.approx([1, 1, 1])
    assert held["uneven gain"][0] == pytest.approx(1) and held["uneven gain"][1] < 0.05
    assert held["running sum"][0] == pytest.approx(held["running sum"][1])
    assert held["running sum"][1] < 0.5 and held["running sum"][2] == pytest.approx(1)
    assert max(held["reversal"]) < 0.5 and max(held["random"]) < 0.5
    assert values["free"] == {"dense": 144, "local": 54, "conv": 5, "long": 23}


def test_a_random_matrix_keeps_as_much_as_there_are_free_weights():
    """Claim 003-23: what an architecture leaves of a random matrix, on average over draws."""
    rng, patterns = np.random.default_rng(0), shift_patterns(12, 5, padding=2)
    draws = rng.standard_normal((2000, 12, 12))
    kept = np.mean([energy(nearest_convolution(w, patterns), w) for w in draws])
    assert kept == pytest.approx(5 / 144, rel=0.05)
    windows = np.mean([energy(nearest_local(w, patterns), w) for w in draws])
    assert windows == pytest.approx(54 / 144, rel=0.05)


# Shifts


@given(seeds, st.integers(2, 9))
def test_circulants_follow_every_shift_and_only_they(rng, n):
    x, kernel = rng.standard_normal(n), rng.standard_normal(min(3, n))
    ring = circulant(kernel, n)
    assert all(follows(ring, x, k, k) == n for k in range(n))
    mean = shifted_mean(rng.standard_normal((n, n)))
    assert np.allclose(mean, circulant(mean[:, 0], n))
    assert np.allclose(shifted_mean(ring), ring)


@given(seeds)
def test_shifted_mean_is_the_average_of_the_wrapped_diagonals(rng):
    n = 6
    w = rng.standard_normal((n, n))
    for gap in range(n):
        wrapped = np.mean([w[(j + gap) % n, j] for j in range(n)])
        assert shifted_mean(w)[gap, 0] == pytest.approx(wrapped)


def test_who_follows_a_shift(values):
    assert values["moved"]["dense"] == values["moved"]["local"] == 0
    assert values["moved"]["circular"] == 12
    assert 8 <= values["moved"]["zero padding"] < 12
    assert values["odd"] == 0 and values["even"] == 6


@given(seeds)
def test_without_padding_inner_outputs_follow(rng):
    x, w = rng.standard_normal(12), convolution(rng.standard_normal(3), 12)
    moved = np.concatenate([[5.0], x[:-1]])
    assert np.allclose((w @ moved)[1:], (w @ x)[:-1])


def test_zero_padding_shows_where_the_edge_is():
    answer = convolution(np.ones(3), 8, padding=1) @ np.ones(8)
    assert answer.tolist() == [2, 3, 3, 3, 3, 3, 3, 2]


# Learning


@given(seeds, st.integers(20, 40))
@settings(max_examples=20)
def test_fits_recover_what_they_can_hold(rng, count):
    patterns = shift_patterns(8, 3, padding=1)
    x = rng.standard_normal((count, 8))
    one_kernel = np.tensordot(rng.standard_normal(3), patterns, axes=1)
    free_rows = rng.standard_normal((8, 8)) * patterns.sum(0)
    anything = rng.standard_normal((8, 8))
    assert np.allclose(fit_convolution(x, x @ one_kernel.T, patterns), one_kernel)
    assert np.allclose(fit_local(x, x @ free_rows.T, patterns), free_rows)
    assert np.allclose(fit_dense(x, x @ anything.T), anything)


def test_one_sample_is_enough_for_a_kernel():
    rng = np.random.default_rng(1)
    patterns = shift_patterns(16, 5, padding=2)
    w = np.tensordot(rng.standard_normal(5), patterns, axes=1)
    x = rng.standard_normal((1, 16))
    assert np.allclose(fit_convolution(x, x @ w.T, patterns), w)
    assert energy(fit_dense(x, x @ w.T) - w, w) > 0.5


def test_sharing_buys_samples_and_costs_exceptions(values):
    even_conv, even_dense = values["even_conv"], values["even_dense"]
    assert even_conv[0] < 0.02 < 0.9 < even_dense[0]
    assert even_conv[-1] < values["even_local"][-1] / 5 < even_dense[-1] / 5
    uneven_conv, uneven_local = values["uneven_conv"], values["uneven_local"]
    assert 0.05 < uneven_conv[-1] < 0.1 and uneven_conv[-1] > 100 * uneven_local[-1]
    assert uneven_local[2] > uneven_conv[2] and uneven_local[3] < uneven_conv[3]  # 4 and 8
    assert even_conv[1] < even_dense[-1] < even_conv[0]
    assert even_dense[5] > even_dense[4]  # the bump at 32 samples


def test_a_milder_gain_is_overtaken_later(values):
    patterns = shift_patterns(32, 5, padding=2)
    smooth = np.tensordot([1.0, 2, 3, 2, 1], patterns, axes=1)
    milder = np.linspace(0.9, 1.1, 32)[:, None] * smooth
    errors = learning_curve(milder, patterns, [8, 128], draws=3)
    assert errors["local"][0] > errors["convolution"][0]
    assert errors["local"][1] < errors["convolution"][1]


def test_error_falls_as_parameters_over_equations():
    """With enough samples, error = noise^2 * parameters per output / samples."""
    patterns = shift_patterns(16, 3, padding=1)
    target = np.tensordot([1.0, 2, 1], patterns, axes=1)
    errors = learning_curve(target, patterns, [400], noise=0.2, draws=15)
    per_output = {"dense": 16, "local": patterns.sum() / 16, "convolution": 3 / 16}
    for name, count in per_output.items():
        signal = (target**2).sum() / 16
        expected = 0.04 * signal * count * 16 / 400 / (target**2).sum()
        assert errors[name][0] == pytest.approx(expected, rel=0.6), name


# Gradients


@given(seeds, shapes)
@settings(max_examples=25)
def test_shared_gradient_is_a_sum_along_diagonals(rng, shape):
    n, size, stride, padding = shape
    patterns = shift_patterns(n, size, stride, padding)
    x, g = rng.standard_normal(n), rng.standard_normal(patterns.shape[1])
    kernel = torch.tensor(rng.standard_normal(size), requires_grad=True)
    y = conv1d(torch.tensor(x)[None], kernel[None, None], stride=stride, padding=padding)[0]
    y.backward(torch.tensor(g))
    sums = (patterns * np.outer(g, x)).sum((1, 2))
    assert np.allclose(kernel.grad.numpy(), sums)


def test_gradient_run(woven):
    output = woven(PAGE).regions["gradient"].output.splitlines()
    numbers = {line.split("[")[1] for line in output}
    assert len(output) == 3 and len(numbers) == 1


def test_shared_step_is_larger_by_the_number_of_places(values):
    assert values["places"] == 28
    assert values["left_free"] == pytest.approx(0.9**10, rel=1e-9)
    assert values["left_shared"] == pytest.approx(1.8**10, rel=1e-9)
    padded = shift_patterns(8, 5, padding=2).sum((1, 2))
    assert padded.tolist() == [6, 7, 8, 7, 6]


@given(seeds)
def test_forward_correlates_and_backward_convolves(rng):
    x, g, kernel = rng.standard_normal(9), rng.standard_normal(7), rng.standard_normal(3)
    w = convolution(kernel, 9)
    assert np.allclose(w @ x, np.correlate(x, kernel, "valid"))
    assert not np.allclose(w @ x, np.convolve(x, kernel, "valid"))
    assert np.allclose(convolution(kernel[::-1], 9) @ x, np.convolve(x, kernel, "valid"))
    assert np.allclose(w.T @ g, np.convolve(g, kernel))
    spread = np.zeros(7)
    spread[::2] = g[:4]  # stride 2: zeros between the entries of g
    strided = convolution(kernel, 9, stride=2)
    assert np.allclose(strided.T @ g[:4], np.convolve(spread, kernel))


def test_backward_run(woven):
    output = woven(PAGE).regions["backward"].output
    assert "W x       [14. 20. 26.]" in output and "correlate [14 20 26]" in output
    assert "convolve  [10 16 22]" in output and "convolve  [ 1  2  2 -2 -3]" in output


# Toeplitz


@given(seeds, shapes)
def test_rows_are_shifts_of_one_kernel(rng, shape):
    n, size, stride, padding = shape
    w = convolution(rng.standard_normal(size), n, stride, padding)
    assert np.array_equal(w[1:, stride:], w[:-1, :-stride])
    if stride == 1:
        assert is_toeplitz(w)


def test_products_of_convolutions(woven):
    output = woven(PAGE).regions["toeplitz"].output
    assert "two in one: True" in output
    assert "zero padding: Toeplitz: False  differ at [[0, 0], [15, 15]]" in output
    assert "stride 2: Toeplitz: False  row m+1 is row m moved by 2: True" in output


@given(seeds)
def test_two_convolutions_are_one_longer(rng):
    a, b = rng.standard_normal(3), rng.standard_normal(4)
    both = convolution(b, 12) @ convolution(a, 14)
    assert np.allclose(both, convolution(np.convolve(a, b), 14))


# Cost


def test_cost(values):
    assert values["weights"] == {"dense": 4096**2, "local": 36864, "convolution": 9}
    assert values["products"]["convolution"] == values["products"]["local"] == 36864
    assert values["fewer_products"] == pytest.approx(4096 / 9)


def test_convolution_is_a_matrix_product_after_unfolding():
    """Claim: no GEMM is needed. Unfolding turns a convolution into exactly that."""
    rng = np.random.default_rng(0)
    images, kernels = (torch.tensor(rng.standard_normal(s)) for s in ((2, 3, 8, 8), (4, 3, 3, 3)))
    columns = unfold(images, 3)
    product = kernels.reshape(4, -1) @ columns
    theirs = torch.nn.functional.conv2d(images, kernels)
    assert torch.allclose(product.reshape(theirs.shape), theirs)
    assert columns.numel() > 5 * images.numel() * 36 / 64


# Beyond one matrix


def test_switches_that_are_not_componentwise(values):
    off = values["off"]
    assert off["ReLU"] == off["tanh"] == 0
    assert off["softmax"] > 0.1 and off["layer norm"] > 0.1


@given(seeds)
def test_off_diagonal_share(rng):
    assert off_diagonal_share(np.diag(rng.uniform(1, 2, 4))) == pytest.approx(0, abs=1e-12)
    assert off_diagonal_share(np.array([[0.0, 1], [1, 0]])) == 1
    assert off_diagonal_share(np.array([[1.0, 1], [1, 1]])) == pytest.approx(0.5)


def test_a_linear_map_cannot_do_xor_or_move_the_origin():
    points = np.array(list(itertools.product([0.0, 1.0], repeat=2)))
    labels = np.array([0.0, 1, 1, 0])
    ones = np.column_stack([points, np.ones(4)])
    fitted = ones @ np.linalg.lstsq(ones, labels)[0]
    assert np.allclose(fitted, 0.5)
    assert (np.random.default_rng(0).standard_normal((3, 3)) @ np.zeros(3) == 0).all()


def test_a_matrix_also_mirrors_and_flattens():
    assert np.linalg.det(np.array([[1.0, 0], [0, -1]])) == -1
    flat = np.array([[1.0, 1], [1, 1]]) / 2
    assert np.allclose(flat @ flat, flat) and np.linalg.matrix_rank(flat) == 1

"""Layers, convolutions and pooling against torch and plain definitions."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional as F

from snippets.inner_outer.algorithms import (
    averaging_matrix,
    by_fft,
    by_im2col,
    by_loops,
    by_matrix,
    by_windows,
    dot_table,
    gradients,
    layer,
    multiplications,
    outer_sum,
    pool,
    printed_convolution,
    printed_pooling,
    recurrent,
    ring,
)

RUN = "inner_outer/algorithms"
WAYS = (by_loops, by_windows, by_im2col, by_matrix, by_fft)
seeds = st.integers(0, 2**32 - 1)
few = settings(max_examples=20)


def plane(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(array)[None, None]


# Linear layer


@given(seeds, st.integers(1, 5), st.integers(1, 5), st.integers(1, 5))
def test_linear_layer_is_a_table_of_dots(seed, samples, inputs, units):
    rng = np.random.default_rng(seed)
    x, w = rng.integers(-9, 10, (samples, inputs)), rng.integers(-9, 10, (inputs, units))
    table = dot_table(x, w)
    assert table.shape == (samples, units)
    for s in range(samples):
        for u in range(units):
            assert table[s, u] == sum(x[s, i] * w[i, u] for i in range(inputs))
    assert np.array_equal(table, F.linear(torch.tensor(x), torch.tensor(w.T)))


def test_row_convention(woven):
    """x'W is a row, W'x a column, with the same numbers."""
    output = woven(RUN).regions["row"].output.splitlines()
    assert output == ["x' W (1, 2) [5 1]", "W' x (2, 1) [5 1]"]


def test_batch_equals_torch(woven):
    output = woven(RUN).regions["batch"].output
    assert output.count("True") == 2 and woven(RUN).values["dots"] == 8


def test_without_bias_a_layer_is_stuck_at_zero(woven):
    """No W moves the answer to 0; a fit of Fahrenheit misses 32 there."""
    rng = np.random.default_rng(0)
    assert not (np.zeros((1, 3)) @ rng.standard_normal((3, 4))).any()
    values = woven(RUN).values
    assert values["slope_alone"] > 2.2 and values["worst"] > 30
    assert values["slope"] == pytest.approx(1.8) and values["shift"] == pytest.approx(32)
    assert values["worst_with_bias"] < 1e-9


def test_softmax_is_not_elementwise():
    z = torch.tensor([0.0, 1.0, 2.0], dtype=torch.float64)
    for f, diagonal in ((torch.tanh, True), (lambda v: torch.softmax(v, 0), False)):
        slopes = torch.autograd.functional.jacobian(f, z)
        assert bool((slopes == torch.diag(slopes.diagonal())).all()) is diagonal


# Outer products


@given(seeds, st.integers(1, 5), st.integers(1, 5), st.integers(1, 5))
def test_product_is_a_sum_of_outer_products(seed, m, k, n):
    rng = np.random.default_rng(seed)
    a, b = rng.integers(-9, 10, (m, k)), rng.integers(-9, 10, (k, n))
    total = np.zeros((m, n), int)
    for term in range(k):
        for i in range(m):
            for j in range(n):
                total[i, j] += a[i, term] * b[term, j]
    assert np.array_equal(outer_sum(a, b), total) and np.array_equal(total, a @ b)


def test_outer_sum_wants_as_many_rows_as_columns():
    with pytest.raises(ValueError):
        outer_sum(np.ones((2, 3)), np.ones((2, 2)))


@few
@given(seeds, st.integers(1, 6))
def test_gradients_are_autograd(seed, samples):
    rng = np.random.default_rng(seed)
    x, target = ring(rng, samples)
    params = [rng.standard_normal(s) for s in ((2, 5), (5,), (5, 1), (1,))]
    loss, ours = gradients(x, target, params)
    leaves = [torch.tensor(p, requires_grad=True) for p in params]
    w1, b1, w2, b2 = leaves
    z = torch.tanh(torch.tensor(x) @ w1 + b1) @ w2 + b2
    theirs = F.binary_cross_entropy_with_logits(z, torch.tensor(target))
    theirs.backward()
    assert loss == pytest.approx(theirs.item())
    for g, leaf in zip(ours, leaves, strict=True):
        assert np.allclose(g, leaf.grad, atol=1e-13)


@given(seeds)
def test_ring_labels(seed):
    x, target = ring(np.random.default_rng(seed), 50)
    assert x.shape == (50, 2) and target.shape == (50, 1) and abs(x).max() <= 1
    assert np.array_equal(target[:, 0] == 1, x[:, 0] ** 2 + x[:, 1] ** 2 < 0.49)


def test_ring_fills_the_square():
    x, _ = ring(np.random.default_rng(0), 2000)
    assert (x.min(0) < -0.95).all() and (x.max(0) > 0.95).all()


def test_weight_gradient_is_a_sum_of_outer_products(woven):
    assert "True" in woven(RUN).regions["two_sides"].output
    assert woven(RUN).values["gradient_rank"] == 4
    assert woven(RUN).regions["autograd"].output.count("True") == 4


@few
@given(seeds, st.integers(1, 4))
def test_rank_of_a_step(seed, samples):
    """At most one for each sample; weight decay and sums over steps are not bound by that."""
    rng = np.random.default_rng(seed)
    step = outer_sum(rng.standard_normal((6, samples)), rng.standard_normal((samples, 5)))
    assert np.linalg.matrix_rank(step) == samples
    weights = rng.standard_normal((6, 5))
    another = outer_sum(rng.standard_normal((6, 1)), rng.standard_normal((1, 5)))
    assert np.linalg.matrix_rank(step + 0.1 * weights) == 5
    assert np.linalg.matrix_rank(step + another) == samples + 1


def test_training_by_hand_gradients(woven):
    values = woven(RUN).values
    assert values["final_loss"] < 0.2 * values["loss"]
    assert values["accuracy"] > 0.96 > 0.7 > values["most_frequent"]


@few
@given(seeds, st.integers(1, 5))
def test_recurrent_is_torch(seed, steps):
    rng = np.random.default_rng(seed)
    net = torch.nn.RNN(3, 2).double()
    with torch.no_grad():
        for p in net.parameters():
            p.copy_(torch.tensor(rng.standard_normal(p.shape)))
    x = rng.standard_normal((steps, 3))
    w, u, b_in, b_state = (p.detach().numpy() for p in net.parameters())
    theirs = net(torch.tensor(x))[0].detach().numpy()
    assert np.allclose(recurrent(x, w.T, u.T, b_in + b_state), theirs, atol=1e-12)


def test_recurrent_run(woven):
    assert woven(RUN).values["rnn_agrees"] is True


def test_low_rank_update(woven):
    output = woven(RUN).regions["update"].output
    assert "beside: True" in output and "rank of the update 5" in output
    values = woven(RUN).values
    assert (values["stored_full"], values["stored_low"]) == (600, 250)
    assert values["even_rank"] * (20 + 30) == values["stored_full"]


def test_truncation_is_the_best(woven):
    gap = woven(RUN).values["gap"]
    assert gap["1"] > gap["5"] > 0.5 and gap["20"] < 1e-12
    rng = np.random.default_rng(1)
    m = rng.standard_normal((6, 7))
    left, stretch, right = np.linalg.svd(m, full_matrices=False)
    best = np.linalg.norm(m - outer_sum(left[:, :2] * stretch[:2], right[:2]))
    assert best == pytest.approx(np.sqrt((stretch[2:] ** 2).sum()))
    for _ in range(50):  # no other column space does better
        q = np.linalg.qr(rng.standard_normal((6, 2)))[0]
        assert np.linalg.norm(m - q @ q.T @ m) > best


# Convolution


@few
@given(seeds, st.integers(3, 8), st.integers(3, 8), st.integers(1, 3))
def test_five_ways_are_torch(seed, height, width, size):
    rng = np.random.default_rng(seed)
    image, kernel = rng.standard_normal((height, width)), rng.standard_normal((size, size))
    theirs = F.conv2d(plane(image), plane(kernel))[0, 0].numpy()
    for way in WAYS:
        out = way(image, kernel)
        assert out.shape == theirs.shape and np.allclose(out, theirs, atol=1e-12), way


@few
@given(seeds, st.integers(1, 4), st.integers(1, 4))
def test_oblong_kernels(seed, p, q):
    rng = np.random.default_rng(seed)
    image, kernel = rng.standard_normal((5, 6)), rng.standard_normal((p, q))
    theirs = F.conv2d(plane(image), plane(kernel))[0, 0].numpy()
    for way in (by_loops, by_windows, by_matrix, by_fft):
        assert np.allclose(way(image, kernel), theirs, atol=1e-12), way


def test_five_ways_run(woven):
    output = woven(RUN).regions["five"].output
    assert output.count("True") == 5
    assert max(woven(RUN).values["gaps"].values()) < 1e-12


def test_multiplications_counted():
    for way in (by_loops, by_windows, by_im2col):
        assert multiplications(way, 6, 3) == 4 * 4 * 9
        assert multiplications(way, 5, 2) == 4 * 4 * 4


def test_bill(woven):
    values = woven(RUN).values
    bill = {int(size): products for size, products in values["bill"].items()}
    assert bill == {s: (33 - s) ** 2 * s**2 for s in (3, 5, 9)}
    assert bill[5] < values["fft_bill"] < bill[9]
    assert values["with_zeros"]["3"] == 900 * 1024
    assert values["laid_out"] == values["stored"] == 8100


def test_entrywise_product_needs_equal_shapes(woven):
    """Where the shapes are equal, a convolution is one number: the sum of the nine products."""
    assert "(5,5) (3,3)" in woven(RUN).regions["misfit"].output
    image, kernel = np.arange(1, 10).reshape(3, 3), np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
    entrywise = image * kernel
    assert entrywise.shape == (3, 3) and np.count_nonzero(entrywise) == 6
    assert by_loops(image, kernel).tolist() == [[entrywise.sum()]]


def test_column_scaling_is_no_convolution():
    """The source's own sign scales column j by b_j; no output of it adds two pixels."""
    image, b = np.eye(3) + 1, np.array([1.0, 2.0, 3.0])
    scaled = image @ np.diag(b)
    assert np.array_equal(scaled, image * b) and scaled.shape != by_loops(image, b[None]).shape


@few
@given(seeds, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_layer_is_torch(seed, batch, planes, filters, size):
    rng = np.random.default_rng(seed)
    images = rng.standard_normal((batch, planes, 5, 6))
    kernels = rng.standard_normal((filters, planes, size, 2))
    theirs = F.conv2d(torch.tensor(images), torch.tensor(kernels))
    assert np.allclose(layer(images, kernels), theirs, atol=1e-12)


def test_planes_are_stacked_and_summed(woven):
    values = woven(RUN).values
    assert values["layer_agrees"] is True
    assert "convolutions: True" in woven(RUN).regions["planes"].output
    assert (values["stacked_planes"], values["union_size"]) == (3, 2)


@given(seeds, st.integers(1, 4), st.integers(1, 3), st.integers(4, 9))
def test_printed_formula_is_a_bank_of_one_dimensional_convolutions(seed, size, filters, n):
    rng = np.random.default_rng(seed)
    x, f = rng.integers(-9, 10, n), rng.integers(-9, 10, (size, filters))
    out = printed_convolution(x, f)
    assert out.shape == (n - size + 1, filters)
    for j in range(filters):
        assert np.array_equal(out[:, j], np.convolve(x, f[:, j], "valid"))


def test_flip_changes_the_answer(woven):
    output = woven(RUN).regions["one_index"].output
    assert "convolve [2 2 2 2]  correlate [-2 -2 -2 -2]" in output
    assert "convolve [10 16 22 28]  correlate [14 20 26 32]" in output


# Pooling


@given(seeds, st.integers(1, 4), st.integers(1, 4), st.integers(1, 3))
def test_pooling_is_torch(seed, rows, columns, size):
    image = np.random.default_rng(seed).standard_normal((rows * size, columns * size))
    given_image = plane(image)
    assert np.array_equal(pool(image, size, np.max), F.max_pool2d(given_image, size)[0, 0])
    mean = pool(image, size, np.mean)
    assert np.allclose(mean, F.avg_pool2d(given_image, size)[0, 0])
    assert np.allclose(pool(image, size, np.sum), size**2 * mean)
    p, q = averaging_matrix(rows * size, size), averaging_matrix(columns * size, size)
    assert np.allclose(p @ image @ q.T, mean)


@pytest.mark.parametrize("shape", [(5, 4), (4, 5)])
def test_blocks_must_fit(shape):
    with pytest.raises(ValueError, match=f"2 do not fit {shape[0]} x {shape[1]}"):
        pool(np.zeros(shape), 2, np.max)


def test_three_poolings(woven):
    assert woven(RUN).values["pooled"] == {
        "max": [[5, 7], [13, 15]],
        "mean": [[2.5, 4.5], [10.5, 12.5]],
        "sum": [[10, 18], [42, 50]],
    }


@given(seeds, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3))
def test_printed_pooling_is_a_row_sum(seed, rows, columns, size):
    image = np.random.default_rng(seed).integers(0, 9, (rows * size, columns * size))
    out = printed_pooling(image, size)
    assert out.shape == (rows, columns)
    for i in range(rows):
        assert (out[i] == sum(image[i, k] for k in range(size))).all()


def test_printed_pooling_agrees_with_none(woven):
    assert woven(RUN).values["as_printed_pool"] == [[1, 1], [9, 9]]
    assert woven(RUN).regions["twice"].output.count("agrees in 0 of 4") == 3


def test_mean_is_linear_and_maximum_is_not(woven):
    lines = woven(RUN).regions["linear_or_not"].output.splitlines()
    assert lines[0].endswith("True")
    mean, largest = (line.split("sum of parts") for line in lines[1:])
    assert mean[0].split("sum ")[1].strip() == mean[1].strip()
    assert largest[0].split("sum ")[1].strip() != largest[1].strip()


def test_gradient_reached(woven):
    assert woven(RUN).values["reached"] == {"max": 0.25, "mean": 1.0}


def test_position_is_lost_only_inside_a_window(woven):
    assert woven(RUN).values["changed"] == {"within": 0, "across": 2}
    crowded = np.array([[0, 2, 1, 0], [0, 0, 0, 0]])  # the 2 moves into the block of the 1
    moved = np.roll(crowded, 1, axis=1)
    assert pool(crowded, 2, np.max).tolist() == [[2, 1]]
    assert pool(moved, 2, np.max).tolist() == [[0, 2]]

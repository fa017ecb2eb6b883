"""The convolution matrix against torch, numpy and plain definitions."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from snippets.mechanics.convolution_as_product import (
    circulant,
    conv2d,
    convolution_matrix,
    costs,
    image_operator,
    is_toeplitz,
    output_length,
    windows,
)

RUN = "mechanics/convolution_as_product"
seeds = st.integers(0, 2**32 - 1)


def as_torch(array: np.ndarray, *leading: None) -> torch.Tensor:
    return torch.tensor(np.ascontiguousarray(array))[leading]


@given(seeds, st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.integers(0, 4))
def test_matrix_is_conv1d(seed, n, size, stride, padding):
    rng = np.random.default_rng(seed)
    x, kernel = rng.standard_normal(n), rng.standard_normal(size)
    if size > n + 2 * padding:
        with pytest.raises(ValueError, match=f"kernel of {size}.*{n + 2 * padding}"):
            convolution_matrix(kernel, n, stride, padding)
        return
    w = convolution_matrix(kernel, n, stride, padding)
    theirs = F.conv1d(as_torch(x, None), as_torch(kernel, None, None), None, stride, padding)
    assert w.shape == (output_length(n, size, stride, padding), n)
    assert np.allclose(w @ x, theirs[0])
    back = F.conv_transpose1d(
        theirs[None], as_torch(kernel, None, None), None, stride, padding,
        output_padding=(n + 2 * padding - size) % stride,
    )
    assert np.allclose(w.T @ theirs[0].numpy(), back[0, 0])


@given(seeds, st.integers(8, 14), st.integers(1, 4), st.integers(1, 3))
def test_rows_repeat_after_a_shift_by_the_stride(seed, n, size, stride):
    w = convolution_matrix(np.random.default_rng(seed).standard_normal(size), n, stride)
    assert (w[1:, stride:] == w[:-1, :-stride]).all()
    assert is_toeplitz(w) == (stride == 1)


def test_toeplitz_sees_one_odd_entry():
    w = convolution_matrix(np.array([1.0, 2]), 6)
    assert is_toeplitz(w)
    for i, j in [(0, 0), (4, 5), (2, 2), (0, 5)]:
        odd = w.copy()
        odd[i, j] += 1
        assert is_toeplitz(odd) == ((i, j) == (0, 5))


@given(seeds, st.integers(3, 12), st.integers(1, 3))
def test_matrix_correlates_and_the_flipped_kernel_convolves(seed, n, size):
    rng = np.random.default_rng(seed)
    x, kernel = rng.standard_normal(n), rng.standard_normal(size)
    assert np.allclose(convolution_matrix(kernel, n) @ x, np.correlate(x, kernel, "valid"))
    assert np.allclose(convolution_matrix(kernel[::-1], n) @ x, np.convolve(x, kernel, "valid"))
    full = convolution_matrix(kernel[::-1], n, padding=size - 1)
    assert np.allclose(full @ x, np.convolve(x, kernel))


@given(
    seeds, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2),
    st.integers(3, 7), st.integers(3, 7),
)
def test_windows_and_conv2d_are_torch(seed, channels, size, stride, padding, height, width):
    rng = np.random.default_rng(seed)
    images = rng.standard_normal((2, channels, height, width))
    kernels = rng.standard_normal((4, channels, size, size))
    unfolded = F.unfold(torch.tensor(images), size, padding=padding, stride=stride)
    assert np.allclose(windows(images, size, stride, padding), unfolded)
    theirs = F.conv2d(torch.tensor(images), torch.tensor(kernels), None, stride, padding)
    assert np.allclose(conv2d(images, kernels, stride, padding), theirs)


def test_defaults_are_stride_one_and_no_padding():
    images, kernels = np.random.default_rng(0).standard_normal((2, 1, 1, 5, 5))
    theirs = F.conv2d(torch.tensor(images), torch.tensor(kernels[..., :3, :3]))
    assert np.allclose(conv2d(images, kernels[..., :3, :3]), theirs)
    assert np.allclose(windows(images, 2), F.unfold(torch.tensor(images), 2))
    assert output_length(5, 3) == 3


@given(seeds, st.integers(3, 10), st.integers(1, 3))
def test_circulant_is_circular_convolution(seed, n, size):
    rng = np.random.default_rng(seed)
    x, kernel = rng.standard_normal(n), rng.standard_normal(size)
    w = circulant(kernel, n)
    direct = [sum(kernel[j] * x[(i - j) % n] for j in range(size)) for i in range(n)]
    assert np.allclose(w @ x, direct)
    gains = np.fft.fft(kernel, n)
    assert np.allclose(np.sort(abs(np.linalg.eigvals(w))), np.sort(abs(gains)))
    assert np.linalg.norm(w, 2) == pytest.approx(abs(gains).max())
    for f in range(n):
        wave = np.exp(2j * np.pi * f * np.arange(n) / n)
        assert np.allclose(w @ wave, gains[f] * wave)
        assert np.allclose(w.T @ wave, gains[f].conj() * wave)


@given(seeds, st.integers(3, 9), st.integers(1, 4))
def test_zero_padding_never_beats_the_largest_gain(seed, n, padding):
    kernel = np.random.default_rng(seed).standard_normal(3)
    norm = np.linalg.norm(convolution_matrix(kernel, n, padding=padding), 2)
    assert norm <= abs(np.fft.fft(kernel, 4096)).max() + 1e-4


@given(seeds, st.integers(3, 7), st.integers(3, 7), st.integers(1, 3), st.integers(1, 3))
def test_image_operator_is_conv2d(seed, height, width, rows, columns):
    rng = np.random.default_rng(seed)
    image = rng.standard_normal((height, width))
    kernel = rng.integers(-2, 3, (rows, columns)).astype(float)
    kernel[0, 0] = 1.0
    operator = image_operator(kernel, height, width)
    theirs = F.conv2d(as_torch(image, None, None), as_torch(kernel, None, None))
    assert operator.layout == torch.sparse_coo and operator.dtype == torch.float64
    assert operator.shape == (theirs.numel(), height * width)
    assert operator._nnz() == theirs.numel() * np.count_nonzero(kernel)
    assert torch.allclose(operator @ torch.tensor(image.ravel()), theirs.flatten())


@given(st.integers(2, 30), st.integers(1, 5))
def test_costs_count_a_real_matrix(n, size):
    n, size = max(n, size), 2 * size - 1
    bill = costs(n, size)
    dense_weights, dense_products = bill["dense"]
    assert dense_weights == dense_products == np.ones((n, n)).size
    inside = np.count_nonzero(convolution_matrix(np.ones(size), n, padding=size // 2))
    outside = 2 * sum(min(m, n) for m in range(1, size // 2 + 1))
    assert inside <= bill["local"][1] == bill["convolution"][1] == n * size
    if n >= size:
        assert inside + outside == n * size
    assert bill["local"][0] == n * size and bill["convolution"][0] == size


# What the page says


def test_small_example(woven):
    values = woven(RUN).values
    assert values["by_window"] == [2, 4, 6, 8]


def test_all_settings(woven):
    values = woven(RUN).values
    assert values["settings"] == 108 and values["largest_gap"] < 1e-14
    assert values["stray"] == 0


def test_flip(woven):
    output = woven(RUN).regions["flip"].output.splitlines()
    assert "[14. 20. 26.]" in output[0] and "[14 20 26]" in output[1]
    assert "[10 16 22]" in output[2] and "[10. 16. 22.]" in output[3]


def test_im2col_copies(woven):
    values = woven(RUN).values
    assert values["im2col_gap"] < 1e-13
    assert values["copies"] == {"1": 9, "2": 2.25}


def test_transpose_is_no_inverse(woven):
    output = woven(RUN).regions["transpose"].output
    assert output.count("True") == 2 and woven(RUN).values["inverse"] is False


def test_overlap_is_even_only_if_the_stride_divides_the_kernel(woven):
    assert woven(RUN).regions["overlap"].output.splitlines() == [
        "kernel [1, 1, 1], stride 2: W' 1 = [1 1 2 1 2 1 2 1 2 1 1 0]",
        "kernel [1, 1, 1, 1], stride 2: W' 1 = [1 1 2 2 2 2 2 2 2 2 1 1]",
        "kernel [1, 2, 3, 4], stride 2: W' 1 = [1 2 4 6 4 6 4 6 4 6 3 4]",
    ]


def test_dft_region(woven):
    assert woven(RUN).regions["dft"].output.count("True") == 4


def test_dft_needs_the_circle(woven):
    values = woven(RUN).values
    assert values["commute_padded"] is False
    norm = values["padded_norm"]
    assert norm["4"] == pytest.approx((3 + 5**0.5) / 2)
    assert norm["4"] < norm["16"] < norm["64"] < 3


def test_a_shift_has_other_eigenvalues_on_the_circle(woven):
    values = woven(RUN).values
    assert values["shift_padded"] == 0 and values["shift_round"] == pytest.approx(1)
    padded = convolution_matrix(np.array([1.0, 0, 0]), 8, padding=1)
    on_the_circle = circulant(np.array([0.0, 1]), 8)
    assert (padded @ np.arange(8) == [0, *range(7)]).all()
    assert (on_the_circle @ np.arange(8) == np.roll(np.arange(8), 1)).all()
    assert (np.linalg.matrix_power(padded, 8) == 0).all()
    assert np.allclose(abs(np.linalg.eigvals(on_the_circle)), 1)


def test_edge_filter(woven):
    values = woven(RUN).values
    assert values["stored"] == 6 * 30 * 30 and values["entries"] == 30**2 * 32**2
    assert "equals conv2d: True" in woven(RUN).regions["edges"].output


def test_bill(woven):
    values = woven(RUN).values
    assert values["dense_products"] == 4096**2 and values["convolution_products"] == 9 * 4096
    assert values["fewer_products"] == pytest.approx(4096 / 9)


def test_sharing_sums_the_gradient(woven):
    values = woven(RUN).values
    assert values["along"] == pytest.approx(values["shared_gradient"])

"""The exercises on convolution, each against torch, numpy or a count."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from snippets.mechanics.convolution_as_product import circulant, convolution_matrix
from snippets.mechanics.convolution_as_product_solutions import (
    channel_matrix,
    fft_multiplications,
    padding_matrix,
    spaced,
    unblur,
)

RUN = "mechanics/convolution_as_product_solutions"
seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.integers(1, 4), st.integers(1, 4))
def test_dilation(seed, size, dilation):
    rng = np.random.default_rng(seed)
    x, kernel = torch.tensor(rng.standard_normal(16)), rng.standard_normal(size)
    w = convolution_matrix(spaced(kernel, dilation), 16)
    theirs = F.conv1d(x[None], torch.tensor(kernel)[None, None], dilation=dilation)
    assert np.allclose(w @ x.numpy(), theirs[0])


@given(
    seeds, st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2),
    st.integers(0, 2),
)
def test_channels(seed, filters, channels, size, stride, padding):
    rng = np.random.default_rng(seed)
    x, kernels = rng.standard_normal((channels, 7)), rng.standard_normal((filters, channels, size))
    theirs = F.conv1d(torch.tensor(x)[None], torch.tensor(kernels), None, stride, padding)
    ours = channel_matrix(kernels, 7, stride, padding) @ x.ravel()
    assert np.allclose(ours, theirs.flatten())
    if stride == 1 and padding == 0:
        assert np.allclose(channel_matrix(kernels, 7) @ x.ravel(), theirs.flatten())


@pytest.mark.parametrize(
    ("mode", "torch_mode"), [("reflect", "reflect"), ("edge", "replicate"), ("wrap", "circular")]
)
@pytest.mark.parametrize("padding", [0, 1, 3])
def test_padding(mode, torch_mode, padding):
    x = np.random.default_rng(padding).standard_normal(6)
    theirs = F.pad(torch.tensor(x)[None, None], (padding, padding), mode=torch_mode)
    assert np.allclose(padding_matrix(6, padding, mode) @ x, theirs[0, 0])


@given(seeds, st.integers(3, 20), st.floats(0.05, 0.45))
def test_unblur(seed, n, second):
    x = np.random.default_rng(seed).standard_normal(n)
    kernel = np.array([1 - second, second])
    assert np.allclose(unblur(circulant(kernel, n) @ x, kernel), x)


def test_a_lost_wave_cannot_come_back():
    with pytest.raises(ValueError, match="gain is 0"):
        unblur(np.ones(8), np.array([0.5, 0.5]))
    assert np.allclose(unblur(np.ones(7), np.array([0.5, 0.5])), 1)


def counted_fft(x: list[complex]) -> tuple[list[complex], int]:
    """A radix-2 FFT that counts its complex multiplications."""
    n = len(x)
    if n == 1:
        return x, 0
    (even, first), (odd, second) = counted_fft(x[::2]), counted_fft(x[1::2])
    turned = [np.exp(-2j * np.pi * k / n) * value for k, value in enumerate(odd)]
    even, turned = np.array(even), np.array(turned)
    return [*(even + turned), *(even - turned)], first + second + n // 2


@pytest.mark.parametrize("n", [1, 2, 8, 64])
def test_fft_multiplications(n):
    x = np.random.default_rng(n).standard_normal(n)
    transform, count = counted_fft(list(x))
    assert np.allclose(transform, np.fft.fft(x))
    assert fft_multiplications(n) == 4 * (2 * count + n)


@pytest.mark.parametrize("n", [0, 3, 12, 100])
def test_fft_needs_a_power_of_two(n):
    with pytest.raises(ValueError, match=f"{n} is not a power of 2"):
        fft_multiplications(n)


@pytest.mark.parametrize(
    ("region", "agreements"), [("dilation", 1), ("channels", 1), ("reflect", 1), ("separable", 1)]
)
def test_regions_agree(woven, region, agreements):
    output = woven(RUN).regions[region].output
    assert output.count("True") == agreements and "False" not in output


def test_blur_region(woven):
    first, second = woven(RUN).regions["unblur_run"].output.splitlines()
    assert first.endswith("undone: True") and "gain is 0" in second


def test_break_even(woven):
    assert woven(RUN).values["break_even"] == 4 * (16 + 1)

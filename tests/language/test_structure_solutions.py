import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from snippets.language.structure import convolution, nearest_convolution, shift_patterns
from snippets.language.structure_solutions import (
    INPUT,
    KERNEL,
    OUTPUT,
    blocks,
    mirrored_mean,
    reach,
    toeplitz_by_chance,
    traffic,
    two_outputs,
)
from snippets.mechanics.convolution_as_product import image_operator

SOLUTIONS = "language/structure_solutions"
seeds = st.integers(0, 10_000).map(np.random.default_rng)


def test_only_an_empty_matrix_is_toeplitz_by_chance(woven):
    """The one exception to 'Toeplitz exactly for stride 1' is a matrix of zeros."""
    assert [tuple(found) for found in woven(SOLUTIONS).values["found"]] == [(2, 1, 3, 1)]
    assert not convolution(np.ones(1), 2, 3, 1).any()
    assert toeplitz_by_chance([(9, 3, 1, 0), (9, 3, 2, 0), (4, 3, 2, 0)]) == []


def test_equal_weights_can_be_toeplitz_at_stride_two():
    assert convolution(np.ones(5), 2, 2, 3).tolist() == [[1, 1], [1, 1]]
    assert toeplitz_by_chance([(2, 5, 2, 3)]) == []


def test_traffic(woven):
    table = traffic(4096, 9)
    assert table["dense"] == (4096**2 + 2 * 4096, 4096**2)
    assert table["im2col"] == (2 * 4096 + 2 * 9 * 4096 + 9, 9 * 4096)
    assert table["direct"] == (2 * 4096 + 9, 9 * 4096)
    values = woven(SOLUTIONS).values
    assert values["dense_bytes"] == 4 * table["dense"][0]
    assert values["direct_bytes"] == 4 * table["direct"][0]
    assert 9 < values["im2col_more"] < 11


def test_structure_saves_time(woven):
    """An ordering with a margin: hundreds of times less work, more than ten times less time."""
    assert woven(SOLUTIONS).values["slower"] > 10


@given(st.integers(1, 6), st.integers(1, 5))
def test_reach(layers, kernel):
    assert reach(layers, kernel) == layers * (kernel - 1) + 1


def test_layers_for_64(woven):
    assert woven(SOLUTIONS).values["layers_for_64"] == 32


@given(seeds)
@settings(max_examples=12)
def test_matrix_of_an_image_filter(rng):
    kernel = rng.standard_normal((2, 3))
    w = image_operator(kernel, 4, 5).to_dense().numpy()
    image = rng.standard_normal((4, 5))
    theirs = torch.nn.functional.conv2d(
        torch.tensor(image)[None, None], torch.tensor(kernel)[None, None]
    )
    assert np.allclose((w @ image.ravel()).reshape(3, 3), theirs[0, 0].numpy())
    tiles = blocks(w, 3, 5)
    for row, column in np.ndindex(3, 4):
        inside = 0 <= column - row < 2
        expected = convolution(kernel[column - row], 5) if inside else np.zeros((3, 5))
        assert np.array_equal(tiles[row, column], expected)


def test_plane_run(woven):
    output = woven(SOLUTIONS).regions["plane"].output
    assert "tiles equal along diagonals: True" in output
    assert "every tile Toeplitz: True" in output and "whole matrix Toeplitz: False" in output


@given(seeds)
def test_mirror_symmetry_makes_the_kernel_symmetric(rng):
    w, x = rng.standard_normal((7, 7)), rng.standard_normal(7)
    patterns = shift_patterns(7, 3, padding=1)
    both = nearest_convolution(mirrored_mean(w), patterns)
    assert np.allclose(both @ x[::-1], (both @ x)[::-1])
    assert both[3, 2] == pytest.approx(both[3, 4])
    assert np.allclose(mirrored_mean(mirrored_mean(w)), mirrored_mean(w))


@given(seeds)
def test_four_products_make_two_outputs(rng):
    """Exact for integers: the constants are halves, which binary numbers hold."""
    kernel, x = rng.integers(-99, 100, 3), rng.integers(-99, 100, 4)
    assert np.array_equal(two_outputs(kernel, x), np.correlate(x, kernel, "valid"))
    assert len(KERNEL) == len(INPUT) == OUTPUT.shape[1] == 4


def test_winograd_run(woven):
    output = woven(SOLUTIONS).regions["winograd"].output
    assert "16 products, not 36" in output and "equal: True" in output

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from snippets.mechanics.geometry import block_flops, network, random_network, rotation
from snippets.mechanics.geometry_solutions import (
    deep_parity_network,
    four_bit_parity,
    leaky_piece,
    matrix_from_images,
    parity_network,
    rotation_about,
    shear_stretch,
)

seeds = st.integers(0, 10_000).map(np.random.default_rng)
SOLUTIONS = "mechanics/geometry_solutions"


@given(seeds)
def test_matrix_is_found_from_its_images(rng):
    w, points = rng.standard_normal((3, 2)), rng.standard_normal((2, 2)) + 2 * np.eye(2)
    assert np.allclose(matrix_from_images(points, w @ points) @ points, w @ points)


def test_parallel_points_do_not_determine_a_matrix():
    with pytest.raises(np.linalg.LinAlgError):
        matrix_from_images(np.array([[1.0, 2.0], [1.0, 2.0]]), np.eye(2))


@given(st.floats(0, 50))
def test_shear_stretch_is_the_svd(k):
    measured = np.linalg.svd(np.array([[1.0, k], [0.0, 1.0]]), compute_uv=False)
    assert np.allclose(shear_stretch(k), measured)


def test_unit_shear_stretches_by_the_golden_ratio(woven):
    assert woven(SOLUTIONS).values["golden"] == pytest.approx((1 + 5**0.5) / 2)


@given(seeds, st.floats(-180, 180))
def test_rotation_about_a_point(rng, degrees):
    centre, x = rng.standard_normal((2, 2)) * 3
    moved = rotation_about(centre, degrees) @ np.append(x, 1)
    assert np.allclose(moved, np.append(rotation(degrees) @ (x - centre) + centre, 1))


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_both_parity_networks_are_exact(levels):
    bits = 2**levels
    words = ((np.arange(2**bits)[None, :] >> np.arange(bits)[:, None]) & 1).astype(float)
    odd = words.sum(axis=0) % 2
    assert np.array_equal(network(parity_network(bits), words)[0], odd)
    assert np.array_equal(network(deep_parity_network(levels), words)[0], odd)
    assert sum(len(b) for _, b in parity_network(bits)[:-1]) == bits
    assert sum(len(b) for _, b in deep_parity_network(levels)[:-1]) == 2 * levels


def test_four_bits_need_only_three_units():
    assert np.array_equal(four_bit_parity(np.arange(5)), np.arange(5) % 2)


def test_parity_run(woven):
    output = woven(SOLUTIONS).regions["parity"].output
    assert output.count("True") == 8 and "False" not in output


@given(seeds, st.sampled_from([0.0, 0.01, 0.1, 0.5, 1.0]))
def test_leaky_piece_is_the_jacobian(rng, slope):
    layers, x = random_network([3, 5, 4, 2], rng), rng.standard_normal(3)

    def leaky_network(v):
        for w, b in layers[:-1]:
            z = torch.from_numpy(w) @ v + torch.from_numpy(b)
            v = torch.nn.functional.leaky_relu(z, slope)
        return torch.from_numpy(layers[-1][0]) @ v

    jacobian = torch.autograd.functional.jacobian(leaky_network, torch.from_numpy(x))
    assert np.allclose(leaky_piece(layers, x, slope), jacobian.numpy())


def test_leaky_pieces_keep_full_rank_and_relu_pieces_do_not(woven):
    values = woven(SOLUTIONS).values
    assert values["leaky_rank"] == 5 > values["relu_rank"]


@given(st.integers(1, 40))
def test_attention_meets_weights_at_six_widths(width):
    flops = block_flops(6 * width, width, heads=1)
    assert flops["attention"] == flops["projections"] + flops["mlp"]
